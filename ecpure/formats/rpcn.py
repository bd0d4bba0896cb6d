"""RPCN's tickets, which a player of the open PlayStation 3 network shows to a game server.

All integers are big-endian. A ticket is a version (4 octets), the length of the rest (4), and two sections, body
and footer. A section is a type (2), a length (2), and so many octets; in body and footer, these are again sections.
The footer has a key id and the signature: in DER, of the digest of the body, including its type and length. The digest
is SHA-224, unless the server's configuration names another.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime

from ..errors import InvalidEncoding
from .documents import Fields, Reading, decode_signature

VERSION = 0x21010000
KEY_ID = b"RPCN"
HASH = "sha224"

EMPTY, NUMBER, LONG, STRING, TIME, BINARY = 0, 1, 2, 4, 7, 8
BODY, FOOTER = 0x3000, 0x3002

_NAMES = {
    EMPTY: "an empty section",
    NUMBER: "a 32-bit number",
    LONG: "a 64-bit number",
    STRING: "a string",
    TIME: "a time",
    BINARY: "a binary section",
    BODY: "the body",
    FOOTER: "the footer",
}
_LENGTHS = {EMPTY: 0, NUMBER: 4, LONG: 8, TIME: 8}

# Name, type, and length if it is always the same.
_FIELDS: list[tuple[str, int, int | None]] = [
    ("serial", BINARY, 20),
    ("issuer", NUMBER, None),
    ("issued", TIME, None),
    ("expires", TIME, None),
    ("user_id", LONG, None),
    ("online_name", STRING, 32),
    ("region", BINARY, None),
    ("domain", STRING, None),
    ("service_id", BINARY, 24),
    ("status", NUMBER, None),
]

_LATEST = 253402300800000  # milliseconds to the year 10000, which has no date of four digits


_IN_HEX = re.compile(rb"\$?((?:[0-9A-Fa-f]{2})+)")


def unwrapped(octets: bytes) -> bytes:
    """Return the octets of a ticket that is written in hex, as in the logs of game servers, on one line or several,
    with or without a $ before it; return any other octets unchanged.
    """
    found = _IN_HEX.fullmatch(b"".join(octets.split())) if octets[:1] != _FIRST else None
    return octets if found is None else bytes.fromhex(found[1].decode("ascii"))


_FIRST = VERSION.to_bytes(4, "big")[:1]  # octet of a ticket; in hex it begins with "2" or "$"


def read(octets: bytes, *, hash: str = HASH) -> Reading:
    """Return the reading of a ticket. hash: from the server's configuration.

    Its fields are those of the body, by name. A time is text, in UTC, or after the year 9999 a number of milliseconds;
    a binary field is text if it is printable ASCII with zeros after it, else {"hex": its octets}. Raises
    `InvalidEncoding` for any other version, order, type or length of sections, and for a ticket that is not signed.
    """
    ticket = _Sections(octets)
    if ticket.take(4, "the version") != VERSION:
        raise ticket.refusal("version 21010000 was expected", 0)
    if ticket.take(4, "the length") != len(octets) - 8:
        raise ticket.refusal(f"the length of what follows, {len(octets) - 8}, was expected", 4)
    body = ticket.section(BODY, "the body")
    signed = octets[8 : ticket.offset]
    footer = ticket.section(FOOTER, "the footer")
    ticket.end()
    fields: Fields = {}
    for name, kind, length in _FIELDS:
        fields[name] = _SHOW[kind](body.section(kind, name, length))
    if body.next_kind() == BINARY:
        fields["cookie"] = _shown_binary(body.section(BINARY, "cookie"))
    body.section(EMPTY, "the first of two at the end")
    body.section(EMPTY, "the second of two at the end")
    body.end()
    key_id = footer.section(BINARY, "the key id", 4)
    if key_id.octets() == bytes(4):
        raise key_id.refusal("the key id is 0: the ticket is not signed", key_id.offset)
    if key_id.octets() != KEY_ID:
        raise key_id.refusal("the key id RPCN was expected", key_id.offset)
    signature = footer.section(BINARY, "the signature")
    footer.end()
    pair = decode_signature(signature.octets(), "der", "ticket, signature", signature.offset)
    return Reading(pair, signed, hash, fields | {"key_id": KEY_ID.decode("ascii"), "signature_format": "der"})


def is_expired(fields: Fields, at: datetime) -> bool:
    """Whether a ticket with these fields has expired at this time, which has an offset: from `expires` onwards."""
    expires = fields["expires"]  # a number if after the year 9999
    return isinstance(expires, str) and at >= datetime.fromisoformat(expires)


class _Sections:
    """Reads one section after another from `octets[offset:end]`. Every method raises `InvalidEncoding` for anything
    else, with the octet of the ticket.
    """

    def __init__(self, octets: bytes, offset: int = 0, end: int | None = None) -> None:
        self._octets = octets
        self.offset = offset
        self._end = len(octets) if end is None else end

    def refusal(self, reason: str, offset: int) -> InvalidEncoding:
        """Return the exception with the reason and the octet of the ticket."""
        return InvalidEncoding(f"ticket: byte {offset}: {reason}", octet=offset)

    def octets(self) -> bytes:
        """Return all unread octets, without reading them."""
        return self._octets[self.offset : self._end]

    def take(self, count: int, name: str) -> int:
        """Return the next `count` octets as an integer."""
        if self._end - self.offset < count:
            raise self.refusal(f"the bytes end before {name}", self._end)
        self.offset += count
        return int.from_bytes(self._octets[self.offset - count : self.offset], "big")

    def next_kind(self) -> int | None:
        """Return the type of the next section, or None if fewer than two octets are left."""
        return int.from_bytes(self.octets()[:2], "big") if self._end - self.offset >= 2 else None

    def section(self, kind: int, name: str, length: int | None = None) -> _Sections:
        """Return a reader of the next section, which has this type, and this length if it is given."""
        start = self.offset
        if self.take(2, f"the type of {name}") != kind:
            raise self.refusal(f"{name}: {_NAMES[kind]} (type {kind:x}) was expected", start)
        size = self.take(2, f"the length of {name}")
        expected = _LENGTHS.get(kind, length)
        if expected is not None and size != expected:
            raise self.refusal(f"{name}: a length of {expected} was expected", start + 2)
        if size > self._end - self.offset:
            raise self.refusal(f"{name}: it is longer than its container", start + 2)
        inside = _Sections(self._octets, self.offset, self.offset + size)
        self.offset += size
        return inside

    def end(self) -> None:
        """Raise unless nothing is left."""
        if self.offset != self._end:
            raise self.refusal("the end was expected", self.offset)


def _number(section: _Sections) -> int:
    return int.from_bytes(section.octets(), "big")


def _shown_time(section: _Sections) -> str | int:
    value = _number(section)
    if value >= _LATEST:
        return value
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(value // 1000)) + f".{value % 1000:03}Z"


def _text(octets: bytes) -> str | None:
    text = octets.rstrip(b"\x00")
    return text.decode("ascii") if all(0x20 <= octet < 0x7F for octet in text) else None


def _shown_string(section: _Sections) -> str:
    text = _text(section.octets())
    if text is None:
        raise section.refusal("printable ASCII, with zeros after it, was expected", section.offset)
    return text


def _shown_binary(section: _Sections) -> str | dict[str, str]:
    text = _text(section.octets())
    return {"hex": section.octets().hex()} if text is None else text


_SHOW: dict[int, Callable[[_Sections], str | int | dict[str, str]]] = {
    NUMBER: _number,
    LONG: _number,
    STRING: _shown_string,
    TIME: _shown_time,
    BINARY: _shown_binary,
}
