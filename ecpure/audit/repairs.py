"""Signatures that are too short for their format, with zero octets put back in every possible place."""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Iterator
from typing import Any

from .. import auth, der
from ..archives.records import Settings, Unreadable, signature_encoding, signature_format
from ..curve import named
from ..errors import EcpureError
from ..formats.texts import TEXTS

_MOST = 6
"""Octets that are put back at most: about one random signature in 2⁴⁸ has as many zeros beyond those that all have."""

Named = dict[str, Any]
"""The fields of a record, by their names."""


def with_zeros(fields: Named, settings: Settings) -> Iterator[Named]:
    """Yield the fields with a signature of full length, for each way to put zeros back.

    Where the two halves are in one string, every place for the border between them is tried; single hex digits may have
    been dropped. In DER, the zero octet is put back that keeps a first bit of 1 from being a sign (X.690 §8.3.3).
    Nothing is yielded for a signature that lacks more than six octets, or is damaged otherwise.

    fields: of a record that is refused for its signature, or as a login.
    """
    if "server_nonce" in fields:
        yield from _login(fields)
        return
    encoding = signature_encoding(fields, settings)
    try:
        letters = TEXTS[encoding].letters(fields["signature"]).decode("ascii")
        form = signature_format(fields, settings)
    except (ValueError, Unreadable):
        return
    digits = letters if encoding == "hex" else decoded(letters, encoding).hex()
    if form == "der":
        found = _der(digits)
    else:
        length = auth.INTEGER_OCTETS if form == "compact" else named(settings.curve).scalar_octets
        found = _halves(digits, 2 * length, 1 if encoding == "hex" else 2)
    for octets in found:
        yield fields | {"signature": TEXTS[encoding].encode(octets)}


def _halves(digits: str, half: int, step: int) -> Iterator[bytes]:
    """Yield r ‖ s for each number of digits, in steps, that r may have lost."""
    missing = 2 * half - len(digits)
    if 0 < missing <= 2 * _MOST:
        for lost in range(0, missing + 1, step):
            r, s = digits[: half - lost], digits[half - lost :]
            octets = decoded(r.rjust(half, "0") + s.rjust(half, "0"), "hex")
            if octets:
                yield octets


def _der(digits: str) -> Iterator[bytes]:
    try:
        outer = der.Reader(decoded(digits, "hex"), "signature")
        pair = outer.inside(der.SEQUENCE, "a SEQUENCE")
        outer.end()
        contents = [pair.contents(der.INTEGER, name) for name in ("r", "s")]
        pair.end()
    except EcpureError:
        return
    if any(octets[:1] >= b"\x80" for octets in contents):
        positive = [b"\x00" + octets if octets[:1] >= b"\x80" else octets for octets in contents]
        yield der.element(der.SEQUENCE, *(der.element(der.INTEGER, octets) for octets in positive))


def _login(fields: Named) -> Iterator[Named]:
    message = fields.get("message")
    pair = message.get("signature") if isinstance(message, dict) else None
    if isinstance(message, dict) and isinstance(pair, list) and len(pair) == 2:
        octets = [decoded(text, "base64") if isinstance(text, str) else b"" for text in pair]
        lengths = [len(part) for part in octets]
        if all(0 < length <= auth.INTEGER_OCTETS for length in lengths) and min(lengths) < auth.INTEGER_OCTETS:
            padded = [TEXTS["base64"].encode(part.rjust(auth.INTEGER_OCTETS, b"\x00")) for part in octets]
            yield fields | {"message": message | {"signature": padded}}


def decoded(text: str, encoding: str) -> bytes:
    """Return the octets, none for text that is not in the encoding; spare bits of base64 may be anything."""
    try:
        return TEXTS["hex"].decode(text) if encoding == "hex" else a2b_base64(text, strict_mode=True)
    except ValueError:
        return b""
