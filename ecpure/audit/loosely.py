"""Signatures refused for their encoding, read as loosely as the programs that wrote them do."""

from __future__ import annotations

from collections.abc import Iterator

from .. import auth, der
from ..archives.records import Settings, signature_encoding
from ..curve import named
from ..formats.texts import TEXTS
from ..signature import Signature
from .repairs import Named, decoded


def loosely(fields: Named, settings: Settings) -> Iterator[Named]:
    """Yield the fields with a signature in DER, or a login's at 28 + 28 octets, for each way to read it loosely.

    These are SEQUENCE { r INTEGER, s INTEGER } in BER with lengths of any form (X.690 §8.1.3), superfluous zeros,
    integers that look negative, and anything after it; and two halves of equal length, with an octet before or after
    them. Only verifying shows which of these the signature was.

    fields: of a record that is refused for its signature, or as a login.
    """
    if "server_nonce" in fields:
        yield from _login(fields)
        return
    text = fields.get("signature")
    if "profile" in fields or settings.profile is not None or not isinstance(text, str):
        return  # a profile's signature has its document's form
    encoding = signature_encoding(fields, settings)
    octets = decoded(text, encoding)
    n = named(settings.curve).n
    pairs = {(int.from_bytes(r, "big"), int.from_bytes(s, "big")) for r, s in [*_ber(octets), *_halves(octets)]}
    for r, s in sorted(pairs):
        if 0 < r < n and 0 < s < n:
            yield fields | {"signature": TEXTS[encoding].encode(Signature(r, s).to_der()), "format": "der"}


def _ber(octets: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the contents of the two INTEGERs. The SEQUENCE's own length adds nothing."""
    at, contents = 0, []
    for tag in (der.SEQUENCE, der.INTEGER, der.INTEGER):
        if octets[at : at + 2][:1] != bytes([tag]) or at + 2 > len(octets):
            return
        length, at = _length(octets, at + 1)
        if tag == der.INTEGER:
            contents.append(octets[at : at + length])
            at += length
    r, s = contents
    yield r, s


def _length(octets: bytes, at: int) -> tuple[int, int]:
    """Return the length at this place, 0 for the indefinite form, and where the contents begin."""
    if octets[at] < 0x80:
        return octets[at], at + 1
    after = at + 1 + (octets[at] & 0x7F)
    return int.from_bytes(octets[at + 1 : after], "big"), after


def _halves(octets: bytes) -> Iterator[tuple[bytes, bytes]]:
    for pair in (octets[1:], octets[:-1]) if len(octets) % 2 else (octets,):
        yield pair[: len(pair) // 2], pair[len(pair) // 2 :]


def _login(fields: Named) -> Iterator[Named]:
    message = fields.get("message")
    pair = message.get("signature") if isinstance(message, dict) else None
    if isinstance(message, dict) and isinstance(pair, list) and len(pair) == 2:
        octets = [decoded(text, "base64").lstrip(b"\x00") if isinstance(text, str) else b"" for text in pair]
        if all(0 < len(part) <= auth.INTEGER_OCTETS for part in octets):
            whole = [TEXTS["base64"].encode(part.rjust(auth.INTEGER_OCTETS, b"\x00")) for part in octets]
            if whole != pair:
                yield fields | {"message": message | {"signature": whole}}
