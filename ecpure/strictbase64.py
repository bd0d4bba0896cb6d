"""Base64 of which each value has one form alone (RFC 4648 §4: padded, in one line, spare bits 0)."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64


def decode(text: str | bytes) -> bytes:
    """Return the octets whose base64 is `text`. Raises `ValueError`."""
    octets = a2b_base64(text, strict_mode=True)
    if b2a_base64(octets, newline=False) != (text.encode("ascii") if isinstance(text, str) else text):
        raise ValueError("base64 in its one form was expected")
    return octets
