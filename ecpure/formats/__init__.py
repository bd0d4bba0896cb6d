"""Formats of signatures, keys and signed documents: text, files, receipts, tickets."""
