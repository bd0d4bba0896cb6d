"""Base64 (RFC 4648 §4), strict: padded, on one line, with spare bits 0, so that octets have exactly one encoding."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64


def encode_base64(octets: bytes) -> str:
    """Return the base64 of `octets`, without a line end."""
    return b2a_base64(octets, newline=False).decode("ascii")


def decode_base64(text: str | bytes) -> bytes:
    """Return the octets whose base64 is `text`. Raises `ValueError` for any other text, without the text in it."""
    try:
        octets = a2b_base64(text, strict_mode=True)
        if b2a_base64(octets, newline=False) == (text.encode("ascii") if isinstance(text, str) else text):
            return octets
    except ValueError:
        pass
    raise ValueError("base64 was expected (RFC 4648 §4)")
