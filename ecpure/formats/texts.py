"""Octets written as text: hex and base64, with separators as programs write them."""

from __future__ import annotations

import re
from binascii import a2b_hex
from collections.abc import Callable
from dataclasses import dataclass

from ..rfc4648 import decode_base64, encode_base64


@dataclass(frozen=True, slots=True)
class Text:
    """A way to write octets as text.

    letters: removes separators from a text, and converts another alphabet. decode: returns the octets. Both raise
    `ValueError` for any other text, and for one that has two readings.
    """

    letters: Callable[[str | bytes], bytes]
    decode: Callable[[str | bytes], bytes]
    encode: Callable[[bytes], str]


_BETWEEN = re.compile(rb"[ \t\r\n]*[: \t\r\n][ \t\r\n]*")
_BEFORE = (b"0x", b"0X", b"\\x")
_DASHES = re.compile(rb"[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2})+")
_WORD = 8  # digits of 32 bits, the longest words in dumps


def hex_digits(text: str | bytes) -> bytes:
    r"""Return the hex digits of a text, as `xxd -p`, `od -An -tx1` and `openssl -text` write them: 0x before them,
    white space, and colons between whole octets are removed; as are PostgreSQL's \x, and the dashes between octets of
    .NET's BitConverter. Raises `ValueError`.

    An odd number of digits between colons, or in words as short as a dump's, may be an octet or word without its
    leading zeros: such a text has two readings, and is refused.
    """
    octets = (text.encode("ascii") if isinstance(text, str) else text).strip()
    if _DASHES.fullmatch(octets):
        return octets.replace(b"-", b"")
    digits = octets[2:] if octets[:2] in _BEFORE else octets
    has_colons = b":" in digits
    if has_colons:
        digits = digits.translate(None, b"\r\n").removesuffix(b":")
    pieces = _BETWEEN.split(digits)
    is_odd = len(pieces) > 1 and any(len(piece) % 2 for piece in pieces)
    if (digits and not all(pieces)) or (is_odd and (has_colons or max(map(len, pieces)) <= _WORD)):
        raise ValueError("hex, with whole bytes between its separators, was expected")
    return b"".join(pieces)


def base64_letters(text: str | bytes) -> bytes:
    """Return the base64 of a text in the alphabet of RFC 4648 §4 or §5, padded or not, as that of §4, padded. White
    space is ignored (RFC 2045 §6.8). Raises `ValueError` if the two alphabets are mixed.
    """
    letters = (text.encode("ascii") if isinstance(text, str) else text).translate(None, b" \t\r\n")
    if b"-" in letters or b"_" in letters:
        if b"+" in letters or b"/" in letters:
            raise ValueError("base64 in one alphabet was expected (RFC 4648 §4, §5)")
        letters = letters.translate(_URL_ALPHABET)
    return letters if b"=" in letters else letters + b"=" * (-len(letters) % 4)


_URL_ALPHABET = bytes.maketrans(b"-_", b"+/")


def _from_hex(text: str | bytes) -> bytes:
    try:
        return a2b_hex(text)
    except ValueError:
        return a2b_hex(hex_digits(text))


def _from_base64(text: str | bytes) -> bytes:
    return decode_base64(base64_letters(text))


TEXTS = {
    "hex": Text(hex_digits, _from_hex, bytes.hex),
    "base64": Text(base64_letters, _from_base64, encode_base64),
}


def spelling(name: str, text: bytes) -> str:
    """Return a description of a text that `TEXTS[name]` decodes, such as "hex with colons".

    text: without white space around it. A name that is not in `TEXTS` is returned as it is.
    """
    if name == "base64" and (b"-" in text or b"_" in text):
        name = "base64url"
    lines = " in lines" if name in ("hex", "base64", "base64url") and b"\n" in text else ""
    if name != "hex":
        return name + lines
    signs = {b":": "colons", b"-": "dashes", b" ": "spaces"}
    between = " and ".join(word for sign, word in signs.items() if sign in text.replace(b"\n ", b"\n"))
    prefix = f"{text[:2].decode('ascii').lower()} before it" if text[:2] in _BEFORE else ""
    words = " and ".join(filter(None, [prefix, between]))
    return name + (f" with {words}" if words else "") + lines
