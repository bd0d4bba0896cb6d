"""Receipts and tickets built as their makers build them, and what is neither; keys and signatures by OpenSSL."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest
from ecdsa.util import sigdecode_der
from opensslcommand import WITHOUT, lacks_the_curve
from tickets import body, section, ticket

from ecpure import SECP224K1, PublicKey, Signature

FLAT = {
    "outlet": 2,
    "session_id": 55,
    "station_mac": "0024b1000000beef",
    "driver_info": "00112233445566778899aabbccddeeff",
    "meter_serial": "1234567",
    "meter_startreading": 74.60,
    "meter_endreading": 86.6,
    "total_energy": 12.0,
    "energy_units": "kWh",
    "start_time": 1581763758,
    "end_time": 1581772802,
}
BILL = {
    "company_name": "A&#32;Company",
    "energy": [{"duration": 421, "type": "ENERGY", "units": 0.058999999999999997}],
    "totalAmount": 0.080000000000000002,
    "additional_info": {"outlet": 1, "meter_startreading": 3078, "meter_endreading": 3137, "currency_code": "EUR"},
}

RECEIPTS: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"outlet=2", "receipt: JSON, with each name once, was expected"),
    "a name twice": (b'{"outlet": 1, "outlet": 2}', "receipt: JSON, with each name once, was expected"),
    "a list": (b"[1]", "receipt: a JSON object was expected"),
    "not a receipt": (b'{"a": 1}', "receipt: one of the fields station_mac, .* was expected"),
    "a field in both": (b'{"outlet": 1, "additional_info": {"outlet": 1}}', "receipt: outlet: duplicate field"),
    "no object": (b'{"outlet": 1, "additional_info": 5}', "receipt: additional_info: an object was expected"),
    "true": (b'{"outlet": true}', "receipt: outlet: text or a number was expected"),
    "null": (b'{"outlet": null}', "receipt: outlet: text or a number was expected"),
    "a list inside": (b'{"outlet": [1]}', "receipt: outlet: text or a number was expected"),
}
"""What is no receipt, and what is said of it."""

TICKET_FIELDS: dict[str, object] = {
    "serial": "1",
    "issuer": 0x33333333,
    "issued": "2023-11-14T22:13:20.123Z",
    "expires": "2023-11-14T22:28:20.123Z",
    "user_id": 5,
    "online_name": "player",
    "region": "br",
    "domain": "un",
    "service_id": "UP0001-NPXX00000_00",
    "status": 0,
}
"""What the tickets say."""

SOME = Signature(1 << 200, 1 << 201).to_der()
TICKETS: dict[str, tuple[bytes, str]] = {
    "version": (b"\x31" + ticket(body(), SOME)[1:], "byte 0: version 21010000 was expected"),
    "order": (ticket(section(0x3002, b""), SOME), "byte 8: the body: the body \\(type 3000\\) was expected"),
    "no footer": (ticket(body(), SOME, footer=b""), "the bytes end before the type of the footer"),
    "two footers": (
        ticket(body(), SOME, footer=section(0x3002, section(8, b"RPCN") + section(8, SOME)) * 2),
        "the end",
    ),
    "not signed": (ticket(body(), bytes(56), bytes(4)), "the key id is 0: the ticket is not signed"),
    "other key id": (ticket(body(), SOME, b"q\x9f\x1dJ"), "the key id RPCN was expected"),
    "long key id": (ticket(body(), SOME, b"RPCN\x00"), "the key id: a length of 4 was expected"),
    "no signature": (ticket(body(), SOME, footer=section(0x3002, section(8, b"RPCN"))), "before the type of the sig"),
    "third in footer": (
        ticket(body(), SOME, footer=section(0x3002, section(8, b"RPCN") + section(8, SOME) + section(0, b""))),
        "the end was expected",
    ),
    "28 + 28 bytes": (ticket(body(), bytes(56)), r"ticket, signature: byte \d+: a SEQUENCE \(tag 30\) was expected"),
    "empty": (ticket(body(), b""), r"ticket, signature: byte \d+: a SEQUENCE \(tag 30\) was expected"),
    "57 bytes": (ticket(body(), b"\x01" * 57), r"ticket, signature: byte \d+: a SEQUENCE \(tag 30\) was expected"),
    "DER with zeros after it": (ticket(body(), SOME.ljust(70, b"\0")), r"ticket, signature: byte \d+: octets follow"),
    "r of n": (ticket(body(), Signature(SECP224K1.n, 1).to_der()), r"signature: byte \d+: r and s in \[1, n − 1\]"),
    "serial": (ticket(body(serial=section(8, b"1")), SOME), "byte 14: serial: a length of 20 was expected"),
    "serial type": (ticket(body(serial=section(4, bytes(20))), SOME), "byte 12: serial: a binary section"),
    "user id": (ticket(body(user_id=section(2, bytes(4))), SOME), "user_id: a length of 8 was expected"),
    "name": (ticket(body(online_name=section(4, b"player")), SOME), "online_name: a length of 32 was expected"),
    "name's octets": (ticket(body(online_name=section(4, b"\xff" * 32)), SOME), "byte 84: printable ASCII"),
    "name's inner zero": (ticket(body(domain=section(4, b"u\0n\0")), SOME), "printable ASCII, with zeros after it"),
    "status": (ticket(body(status=b""), SOME), "status: a 32-bit number"),
    "one empty": (ticket(body(end=section(0, b"")), SOME), "the bytes end before the type of the second of two"),
    "empty with octets": (ticket(body(end=section(0, b"x") * 2), SOME), "the first of two at the end: a length of 0"),
    "three empties": (ticket(body(end=section(0, b"") * 3), SOME), "the end was expected"),
    "two cookies": (ticket(body(cookie=b"1", end=section(8, b"2") + section(0, b"") * 2), SOME), "an empty section"),
    "odd octet": (ticket(body(end=b"\0"), SOME), "the bytes end before the type of the first of two"),
    "too long": (ticket(body(region=struct.pack(">HH", 8, 999)), SOME), "region: it is longer than its container"),
}
"""What is no ticket, and what is said of it."""


def openssl(*words: str, stdin: bytes = b"") -> bytes:
    """Run OpenSSL's command and return what it printed."""
    return subprocess.run(["openssl", *words], input=stdin, capture_output=True, check=True).stdout


def make_keys(folder: Path) -> Path:
    """Let OpenSSL make key.pem and public.pem on secp224k1, and other.pem of another key, and return their folder.

    Where it was built without the curve, the test that asks is skipped.
    """
    if lacks_the_curve():
        pytest.skip(WITHOUT)
    for name, public in (("key.pem", "public.pem"), ("other.key.pem", "other.pem")):
        openssl("ecparam", "-name", "secp224k1", "-genkey", "-noout", "-out", str(folder / name))
        openssl("pkey", "-in", str(folder / name), "-pubout", "-out", str(folder / public))
    return folder


def sign(keys: Path, hash: str, message: bytes) -> bytes:
    """Return OpenSSL's signature of the message, in DER."""
    return openssl("dgst", f"-{hash}", "-sign", str(keys / "key.pem"), stdin=message)


def as_compact(der: bytes) -> bytes:
    """Return r ‖ s at 28 octets each, by python-ecdsa's decoder."""
    return b"".join(number.to_bytes(28, "big") for number in sigdecode_der(der, SECP224K1.n))


def public_key(keys: Path) -> PublicKey:
    """Return the key that signs."""
    return PublicKey.from_pem((keys / "public.pem").read_bytes())
