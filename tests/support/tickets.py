"""RPCN tickets, built by the layout that its server writes: as test data, and with any part another."""

from __future__ import annotations

import struct


def section(kind: int, octets: bytes) -> bytes:
    return struct.pack(">HH", kind, len(octets)) + octets


def body(cookie: bytes | None = None, **changes: bytes) -> bytes:
    """Return the body's section, with other octets for any of its fields."""
    fields = {
        "serial": section(8, b"1".ljust(20, b"\0")),
        "issuer": section(1, struct.pack(">I", 0x33333333)),
        "issued": section(7, struct.pack(">Q", 1_700_000_000_123)),
        "expires": section(7, struct.pack(">Q", 1_700_000_900_123)),
        "user_id": section(2, struct.pack(">Q", 5)),
        "online_name": section(4, b"player".ljust(32, b"\0")),
        "region": section(8, b"br\0\0"),
        "domain": section(4, b"un\0\0"),
        "service_id": section(8, b"UP0001-NPXX00000_00".ljust(24, b"\0")),
        "status": section(1, bytes(4)),
        "cookie": b"" if cookie is None else section(8, cookie),
        "end": section(0, b"") * 2,
    }
    return section(0x3000, b"".join((fields | changes).values()))


def ticket(signed: bytes, signature: bytes, key_id: bytes = b"RPCN", footer: bytes | None = None) -> bytes:
    last = section(0x3002, section(8, key_id) + section(8, signature)) if footer is None else footer
    return struct.pack(">II", 0x21010000, len(signed) + len(last)) + signed + last
