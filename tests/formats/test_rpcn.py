"""RPCN's tickets: what is read is what is signed, and no other octets are a ticket."""

from __future__ import annotations

import inspect
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


def refused(octets: bytes) -> str:
    """Return the message with which a ticket is refused."""
    refusal = read_or_refused(octets)
    assert isinstance(refusal, InvalidEncoding)
    return str(refusal)


def test_the_hash_goes_by_name() -> None:
    """A call has to name the hash that it says."""
    assert inspect.signature(rpcn.read).parameters["hash"].kind == inspect.Parameter.KEYWORD_ONLY


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


def test_no_part_of_a_ticket_is_a_ticket() -> None:
    """Cut off anywhere, or with octets more, it is refused, and the message says which length would be right."""
    whole = ticket(body(), SOME)
    for length in range(8):
        name = "version" if length < 4 else "length"
        assert refused(whole[:length]) == f"ticket: byte {length}: the bytes end before the {name}"
    for octets in [*(whole[:length] for length in range(8, len(whole))), whole + b"\x00", whole + bytes(9)]:
        expected = f"ticket: byte 4: the length of what follows, {len(octets) - 8}, was expected"
        assert refused(octets) == expected


ODD = b"br\0"  # a region of three octets: what follows begins at every place from 0 to 3 mod 4
SECTIONS: list[tuple[str, str, int, int | None]] = [
    ("serial", "a binary section (type 8)", 20, 20),
    ("issuer", "a 32-bit number (type 1)", 4, 4),
    ("issued", "a time (type 7)", 8, 8),
    ("expires", "a time (type 7)", 8, 8),
    ("user_id", "a 64-bit number (type 2)", 8, 8),
    ("online_name", "a string (type 4)", 32, 32),
    ("region", "a binary section (type 8)", -1, None),
    ("domain", "a string (type 4)", 4, None),
    ("service_id", "a binary section (type 8)", 24, 24),
    ("status", "a 32-bit number (type 1)", 4, 4),
    ("cookie", "a binary section (type 8)", 6, None),
    ("the first of two at the end", "an empty section (type 0)", 0, 0),
    ("the second of two at the end", "an empty section (type 0)", 0, 0),
]
"""Of each section in a body: its name, what is expected, its length in `ticket`, and that which is expected."""


def sections(region: bytes) -> list[tuple[str, str, int, int, int | None]]:
    """Return SECTIONS, with the octet of the ticket at which each begins and ends."""
    found, start = [], 12
    for name, kind, length, expected in SECTIONS:
        end = start + 4 + (len(region) if name == "region" else length)
        found.append((name, kind, start, end, expected))
        start = end
    return found


REGIONS = pytest.mark.parametrize("region", [b"", b"b", b"br", ODD, b"br\0\0"], ids=len)


def changed(octets: bytes, place: int, value: int) -> bytes:
    """Return the octets with a number of two octets written over some."""
    return octets[:place] + struct.pack(">H", value) + octets[place + 2 :]


@REGIONS
def test_a_section_of_another_type_or_length_is_named(region: bytes) -> None:
    """With what was expected in its place, and the octet of its type or length, wherever in the ticket it is."""
    octets = ticket(body(b"cookie", region=section(8, region)), SOME)
    every = sections(region)
    end = every[-1][3]
    footer = [
        ("the body", "the body (type 3000)", 8, len(octets), None),
        ("the footer", "the footer (type 3002)", end, len(octets), None),
        ("the key id", "a binary section (type 8)", end + 4, len(octets), 4),
        ("the signature", "a binary section (type 8)", end + 12, len(octets), None),
    ]
    for parts, last in ((every, end), (footer, len(octets))):
        for name, kind, start, _, length in parts:
            told = f"ticket: byte {start}: {name}: {kind} was expected"
            if name == "cookie":  # which need not be there
                told = f"ticket: byte {start}: the first of two at the end: an empty section (type 0) was expected"
            assert refused(changed(octets, start, 0x1234)) == told
            if length is None:
                wrong, reason = last - start - 3, "it is longer than its container"
            else:
                wrong, reason = length + 1, f"a length of {length} was expected"
            for value in (wrong, 0xFFFF):
                assert refused(changed(octets, start + 2, value)) == f"ticket: byte {start + 2}: {name}: {reason}"


@REGIONS
def test_a_body_that_is_cut_off_is_refused_where_it_ends(region: bytes) -> None:
    """At every octet: what is missing is named, and nothing is read out of the footer behind it."""
    whole = body(b"cookie", region=section(8, region))[4:]
    for name, _, start, end, _ in sections(region):
        for cut in range(start, end):
            told = f"ticket: byte {start + 2}: {name}: it is longer than its container"
            if cut < start + 4:
                # A cookie need not be there: it begins with the two octets of its type.
                what = "the first of two at the end" if name == "cookie" and cut < start + 2 else name
                told = (
                    f"ticket: byte {cut}: the bytes end before the {'type' if cut < start + 2 else 'length'} of {what}"
                )
            assert refused(ticket(section(0x3000, whole[: cut - 12]), SOME)) == told


def test_one_octet_is_no_cookies_type() -> None:
    """Even if it is 8."""
    told = "ticket: byte 168: the bytes end before the type of the first of two at the end"
    assert refused(ticket(body(region=section(8, ODD), end=b"\x08"), SOME)) == told


def test_a_cookie_of_any_length_is_read() -> None:
    """Also none, and one that is longer than all that is before it."""
    for length in range(256):
        fields = rpcn.read(ticket(body(b"c" * length, region=section(8, ODD)), SOME)).fields
        assert fields["cookie"] == "c" * length


def test_text_is_printable_ascii() -> None:
    """From space to ~: other octets are shown in hex where a field may be binary, and refused in a string."""
    for octet in (1, 0x1F, 0x20, 0x7E, 0x7F, 0x80, 0xFF):
        text = bytes([0x41, octet, 0x41, 0])
        binary = ticket(body(region=section(8, text)), SOME)
        string = ticket(body(domain=section(4, text)), SOME)
        if 0x20 <= octet <= 0x7E:
            assert rpcn.read(binary).fields["region"] == rpcn.read(string).fields["domain"] == f"A{chr(octet)}A"
        else:
            assert rpcn.read(binary).fields["region"] == {"hex": text.hex()}
            assert refused(string) == "ticket: byte 128: printable ASCII, with zeros after it, was expected"


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
    """Hex of either case, with one $ before it and white space anywhere; other octets and texts stay as they are."""
    octets = ticket(body(), SOME)
    text = octets.hex().encode("ascii")
    for written in (
        text,
        text.upper(),
        b"$" + text,
        b"$" + text + b"\r\n",
        text[:60] + b"\n " + text[60:],
        b" " + text,
        b"\n$" + text,
    ):
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
