"""Identifying octets: what they are, and what is wrong with them."""
