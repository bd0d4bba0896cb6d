"""Every way a signature, a key or a signed document comes: text, files, receipts, tickets."""
