"""Saying what octets are, and what is wrong with them."""
