"""RPCN's tickets: what is read is what is signed, and no other octets are a ticket."""

from __future__ import annotations

import struct
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signeddocuments import SOME, TICKET_FIELDS, TICKETS, make_keys, openssl, public_key, sign
from tickets import body, section, ticket

from ecpure import InvalidEncoding, Signature
from ecpure.formats import rpcn
from ecpure.formats.documents import Reading


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with key.pem and public.pem, made by OpenSSL on secp224k1, and other.pem, of another key."""
    return make_keys(tmp_path_factory.mktemp("keys"))


def read_or_refused(octets: bytes) -> Reading | InvalidEncoding:
    """Return the reading of a ticket, or the refusal, which says an octet that the ticket has or ends at."""
    refusal: InvalidEncoding | None = None
    try:
        return rpcn.read(octets)
    except InvalidEncoding as error:
        refusal = error
    assert refusal.octet is not None
    assert 0 <= refusal.octet <= len(octets)
    assert f"byte {refusal.octet}: " in str(refusal)
    return refusal


@pytest.mark.parametrize("cookie", [None, b"a cookie", b"\x00\xff"], ids=["none", "text", "binary"])
@pytest.mark.parametrize("hash", ["sha224", "sha256"])
def test_a_ticket_signed_by_openssl(keys: Path, hash: str, cookie: bytes | None) -> None:
    """It is read under the hash of the server's configuration, and what it says was signed by the key."""
    signed = body(cookie)
    octets = ticket(signed, sign(keys, hash, signed))
    expected = TICKET_FIELDS | {None: {}, b"a cookie": {"cookie": "a cookie"}}.get(cookie, {"cookie": {"hex": "00ff"}})
    expected |= {"key_id": "RPCN", "signature_format": "der"}
    reading = rpcn.read(octets, hash=hash)
    assert (reading.fields, reading.hash, reading.message) == (expected, hash, signed)
    assert public_key(keys).verify_digest(reading.signature, reading.digest())


def test_openssl_verifies_the_part_that_is_signed(keys: Path, tmp_path: Path) -> None:
    """The message is the body's section with its own type and length: OpenSSL says so too of the same octets."""
    signed = body()
    reading = rpcn.read(ticket(signed, sign(keys, "sha224", signed)))
    (tmp_path / "signature").write_bytes(reading.signature.to_der())
    words = ["dgst", "-sha224", "-verify", str(keys / "public.pem"), "-signature", str(tmp_path / "signature")]
    assert openssl(*words, stdin=reading.message) == b"Verified OK\n"


@pytest.mark.parametrize("every", [29, pytest.param(1, marks=pytest.mark.long)])
def test_no_other_bit_is_valid(keys: Path, every: int) -> None:
    """Whatever single bit of a ticket is another, the ticket is refused, at an octet in it, or invalid."""
    signed = body(b"cookie")
    octets = ticket(signed, sign(keys, "sha224", signed))
    key = public_key(keys).prepare()
    refused = 0
    for place in range(0, 8 * len(octets), every):
        changed = bytearray(octets)
        changed[place // 8] ^= 1 << place % 8
        reading = read_or_refused(bytes(changed))
        if isinstance(reading, InvalidEncoding):
            refused += 1
        else:
            assert not key.verify_digest(reading.signature, reading.digest())
    assert refused > 8 * 60 // every  # types, lengths, version, key id


def test_no_part_of_a_ticket_is_a_ticket(keys: Path) -> None:
    """Cut off anywhere, or with an octet more, it is refused."""
    signed = body()
    octets = ticket(signed, sign(keys, "sha224", signed))
    for length in range(len(octets)):
        with pytest.raises(InvalidEncoding, match=r"^ticket: byte 4:" if length >= 8 else r"^ticket: byte "):
            rpcn.read(octets[:length])
    with pytest.raises(InvalidEncoding, match="byte 4: the length of what follows"):
        rpcn.read(octets + b"\x00")


@pytest.mark.parametrize("what", TICKETS)
def test_what_is_no_ticket_is_refused(what: str) -> None:
    """It is said what is wrong with it, and at which octet."""
    octets, words = TICKETS[what]
    with pytest.raises(InvalidEncoding, match=words) as refusal:
        rpcn.read(octets)
    assert refusal.value.octet is not None


@pytest.mark.parametrize("bits", [185, 193, 201])
def test_a_signature_is_der_at_any_length(bits: int) -> None:
    """Of 56 octets too: the server never wrote r and s at 28 octets each."""
    der = Signature(1 << 193, 1 << bits).to_der()
    assert rpcn.read(ticket(body(), der)).signature == Signature.from_der(der)
    with pytest.raises(InvalidEncoding, match=r"^ticket, signature: byte \d+: a SEQUENCE \(tag 30\) was expected$"):
        rpcn.read(ticket(body(), Signature(1 << 193, 1 << bits).to_compact()))


def test_what_is_a_ticket_in_hex() -> None:
    """Hex of either case, on lines, with one $ before it; octets of a ticket, and what is no hex, stay as they are."""
    octets = ticket(body(), SOME)
    text = octets.hex().encode("ascii")
    for written in (text, text.upper(), b"$" + text, b"$" + text + b"\r\n", text[:60] + b"\n " + text[60:]):
        assert rpcn.unwrapped(written) == octets
    for other in (octets, b"$$" + text, b"$", b"", text + b"0", text + b"g", b"\x21" + text):
        assert rpcn.unwrapped(other) == other


def test_when_a_ticket_expires() -> None:
    """At the millisecond that it says, in whatever offset the time is; never, if that is after the year 9999."""
    fields = rpcn.read(ticket(body(), SOME)).fields
    moment = datetime.fromisoformat("2023-11-14T23:28:20.123+01:00")
    assert rpcn.is_expired(fields, moment)
    assert not rpcn.is_expired(fields, moment - timedelta(milliseconds=1))
    endless = rpcn.read(ticket(body(expires=section(7, b"\xff" * 8)), SOME)).fields
    assert not rpcn.is_expired(endless, moment)
    for last, has_expired in (("0001-01-01T00:00:00+14:00", False), ("9999-12-31T23:59:59-01:00", True)):
        assert rpcn.is_expired(fields, datetime.fromisoformat(last)) is has_expired


def test_times_are_shown_to_the_end_of_the_calendar() -> None:
    """The last millisecond of the year 9999 is a date; what is later is its number."""
    last = 253402300799999
    octets = ticket(body(issued=section(7, bytes(8)), expires=section(7, struct.pack(">Q", last))), SOME)
    assert [rpcn.read(octets).fields[name] for name in ("issued", "expires")] == [
        "1970-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59.999Z",
    ]
    for value in (last + 1, (1 << 64) - 1):
        octets = ticket(body(issued=section(7, struct.pack(">Q", value))), SOME)
        assert rpcn.read(octets).fields["issued"] == value


@given(st.binary(max_size=400) | st.binary(max_size=300).map(lambda tail: ticket(body(), SOME)[:200] + tail))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    """There is no other exception."""
    reading = read_or_refused(octets)
    assert isinstance(reading, InvalidEncoding) or len(reading.fields) >= 12
