"""Receipts and tickets built as their makers build them, signed by OpenSSL's command, read by `verify --profile`."""

from __future__ import annotations

import json
import re
import struct
import subprocess
from pathlib import Path

import pytest
from ecdsa.util import sigdecode_der
from hypothesis import given
from hypothesis import strategies as st
from tickets import body, section, ticket

from ecpure import SECP224K1, InvalidEncoding, PublicKey, Signature, chargepoint, rpcn
from ecpure.cli import main
from ecpure.profiles import PROFILES, Profile, Reading, decode_signature

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


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with key.pem and public.pem, made by OpenSSL on secp224k1, and other.pem, of another key."""
    folder = tmp_path_factory.mktemp("keys")
    for name, public in (("key.pem", "public.pem"), ("other.key.pem", "other.pem")):
        openssl("ecparam", "-name", "secp224k1", "-genkey", "-noout", "-out", str(folder / name))
        openssl("pkey", "-in", str(folder / name), "-pubout", "-out", str(folder / public))
    return folder


def openssl(*words: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *words], input=stdin, capture_output=True, check=True).stdout


def sign(keys: Path, hash: str, message: bytes) -> bytes:
    """Return OpenSSL's signature of the message, in DER."""
    return openssl("dgst", f"-{hash}", "-sign", str(keys / "key.pem"), stdin=message)


def as_compact(der: bytes) -> bytes:
    """Return r ‖ s at 28 octets each, by python-ecdsa's decoder."""
    return b"".join(number.to_bytes(28, "big") for number in sigdecode_der(der, SECP224K1.n))


def public_key(keys: Path) -> PublicKey:
    return PublicKey.from_pem((keys / "public.pem").read_bytes())


def read_or_refused(octets: bytes) -> Reading | InvalidEncoding:
    """Return the reading of a ticket, or the refusal, which says an octet that the ticket has or ends at."""
    refusal: InvalidEncoding | None = None
    try:
        return rpcn.read(octets)
    except InvalidEncoding as error:
        refusal = error
    assert refusal.octet is not None
    assert 0 <= refusal.octet <= len(octets)
    assert f"octet {refusal.octet}: " in str(refusal)
    return refusal


def run(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["verify", *words])
    return status, *capfd.readouterr()


TICKET_FIELDS = {
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


def test_the_profiles() -> None:
    """Each is under its own name, and a module of that name reads it."""
    assert {name: profile.suffix for name, profile in PROFILES.items()} == {"chargepoint": ".sign", "rpcn": None}
    assert all(name == profile.name and profile.title for name, profile in PROFILES.items())


@pytest.mark.parametrize("cookie", [None, b"a cookie", b"\x00\xff"], ids=["none", "text", "binary"])
@pytest.mark.parametrize("form", ["der", "compact"])
def test_a_ticket_signed_by_openssl(keys: Path, capfd: pytest.CaptureFixture[str], form: str, cookie: bytes) -> None:
    """It is valid under the key, in DER as today and at 28 + 28 octets as in the past, and shows what was signed."""
    signed = body(cookie)
    der = sign(keys, "sha224", signed)
    octets = ticket(signed, der if form == "der" else as_compact(der))
    Path("ticket").write_bytes(octets)
    expected = TICKET_FIELDS | {None: {}, b"a cookie": {"cookie": "a cookie"}}.get(cookie, {"cookie": {"hex": "00ff"}})
    expected |= {"key_id": "RPCN", "signature_format": form}

    reading = PROFILES["rpcn"].read(octets)
    assert (reading.fields, reading.hash, reading.message) == (expected, "sha224", signed)
    assert public_key(keys).verify_digest(reading.signature, reading.digest())

    words = ["--profile", "rpcn", "--public-key", str(keys / "public.pem"), "ticket"]
    lines = [f"  {name}: {json.dumps(value)}\n" for name, value in expected.items()]
    assert run(capfd, *words) == (0, "".join(["valid\n", *lines]), "")
    status, out, err = run(capfd, *words, "--json")
    assert (status, json.loads(out), err) == (0, {"valid": True, "fields": expected}, "")
    words[3] = str(keys / "other.pem")
    assert run(capfd, *words) == (1, "".join(["invalid\n", *lines]), "")
    status, out, err = run(capfd, *words, "--json")
    assert (status, json.loads(out), err) == (1, {"valid": False, "fields": expected}, "")


def test_openssl_verifies_the_part_that_is_signed(keys: Path) -> None:
    """The message is the body's section with its own type and length: OpenSSL says so too of the same octets."""
    signed = body()
    reading = rpcn.read(ticket(signed, sign(keys, "sha224", signed)))
    Path("signature").write_bytes(reading.signature.to_der())
    words = ["dgst", "-sha224", "-verify", str(keys / "public.pem"), "-signature", "signature"]
    assert openssl(*words, stdin=reading.message) == b"Verified OK\n"


@pytest.mark.parametrize("form", ["der", "compact"])
def test_no_other_bit_is_valid(keys: Path, form: str) -> None:
    """Whatever single bit of a ticket is another, the ticket is refused, at an octet in it, or invalid."""
    signed = body(b"cookie")
    der = sign(keys, "sha224", signed)
    octets = ticket(signed, der if form == "der" else as_compact(der))
    key = public_key(keys).prepare()
    refused = 0
    for place in range(8 * len(octets)):
        changed = bytearray(octets)
        changed[place // 8] ^= 1 << place % 8
        reading = read_or_refused(bytes(changed))
        if isinstance(reading, InvalidEncoding):
            refused += 1
        else:
            assert not key.verify_digest(reading.signature, reading.digest())
    assert refused > 8 * 60  # types, lengths, version, key id


def test_no_part_of_a_ticket_is_a_ticket(keys: Path) -> None:
    """Cut off anywhere, or with an octet more, it is refused."""
    signed = body()
    octets = ticket(signed, sign(keys, "sha224", signed))
    for length in range(len(octets)):
        with pytest.raises(InvalidEncoding, match=r"^ticket: octet 4:" if length >= 8 else r"^ticket: octet "):
            rpcn.read(octets[:length])
    with pytest.raises(InvalidEncoding, match="octet 4: the length of what follows"):
        rpcn.read(octets + b"\x00")


SOME = Signature(1 << 200, 1 << 201).to_der()
REFUSED: dict[str, tuple[bytes, str]] = {
    "version": (b"\x31" + ticket(body(), SOME)[1:], "octet 0: version 21010000 was expected"),
    "order": (ticket(section(0x3002, b""), SOME), "octet 8: the body: the body \\(type 3000\\) was expected"),
    "no footer": (ticket(body(), SOME, footer=b""), "the octets end before the type of the footer"),
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
    "zeros": (ticket(body(), bytes(56)), r"ticket, signature: octet \d+: r and s of 1 or more"),
    "empty": (ticket(body(), b""), r"ticket, signature: octet \d+: a SEQUENCE \(tag 30\) was expected"),
    "57 octets": (ticket(body(), b"\x01" * 57), r"ticket, signature: octet \d+: a SEQUENCE \(tag 30\) was expected"),
    "DER with zeros after it": (ticket(body(), SOME.ljust(70, b"\0")), r"ticket, signature: octet \d+: octets follow"),
    "r of n": (ticket(body(), Signature(SECP224K1.n, 1).to_der()), r"signature: octet \d+: r and s in \[1, n − 1\]"),
    "serial": (ticket(body(serial=section(8, b"1")), SOME), "octet 14: serial: a length of 20 was expected"),
    "serial type": (ticket(body(serial=section(4, bytes(20))), SOME), "octet 12: serial: a binary section"),
    "user id": (ticket(body(user_id=section(2, bytes(4))), SOME), "user_id: a length of 8 was expected"),
    "name": (ticket(body(online_name=section(4, b"player")), SOME), "online_name: a length of 32 was expected"),
    "name's octets": (ticket(body(online_name=section(4, b"\xff" * 32)), SOME), "octet 84: printable ASCII"),
    "name's inner zero": (ticket(body(domain=section(4, b"u\0n\0")), SOME), "printable ASCII, with zeros after it"),
    "status": (ticket(body(status=b""), SOME), "status: a 32-bit number"),
    "one empty": (ticket(body(end=section(0, b"")), SOME), "the octets end before the type of the second of two"),
    "empty with octets": (ticket(body(end=section(0, b"x") * 2), SOME), "the first of two at the end: a length of 0"),
    "three empties": (ticket(body(end=section(0, b"") * 3), SOME), "the end was expected"),
    "two cookies": (ticket(body(cookie=b"1", end=section(8, b"2") + section(0, b"") * 2), SOME), "an empty section"),
    "odd octet": (ticket(body(end=b"\0"), SOME), "the octets end before the type of the first of two"),
    "too long": (ticket(body(region=struct.pack(">HH", 8, 999)), SOME), "region: it is longer than what it is in"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_ticket_is_refused(keys: Path, capfd: pytest.CaptureFixture[str], what: str) -> None:
    """Each is one sentence with an octet, status 2, and nothing on standard output."""
    octets, words = REFUSED[what]
    with pytest.raises(InvalidEncoding, match=words) as refusal:
        rpcn.read(octets)
    assert refusal.value.octet is not None
    Path("ticket").write_bytes(octets)
    status, out, err = run(capfd, "--profile", "rpcn", "--public-key", str(keys / "public.pem"), "ticket")
    assert (status, out, err) == (2, "", f"ecpure: {refusal.value}\n")


def test_a_signature_with_two_readings_is_refused() -> None:
    """56 octets that are one DER signature and 28 + 28 octets as well: neither is chosen. 55 and 57 are DER."""
    for bits, readable in ((185, True), (193, False), (201, True)):
        der = Signature(1 << 193, 1 << bits).to_der()
        octets = ticket(body(), der)
        if readable:
            assert rpcn.read(octets).fields["signature_format"] == "der"
        else:
            assert len(der) == 56
            with pytest.raises(InvalidEncoding, match="reads as DER and as 28 \\+ 28 octets") as refusal:
                rpcn.read(octets)
            assert octets[refusal.value.octet :] == der
    almost = bytearray(Signature(1 << 193, 1 << 193).to_der())
    almost[4] |= 0x80  # r is negative: no DER, and so it can only be 28 + 28 octets
    assert rpcn.read(ticket(body(), bytes(almost))).fields["signature_format"] == "compact"


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


# ChargePoint


@pytest.mark.parametrize("receipt", [FLAT, BILL], ids=["flat", "bill"])
@pytest.mark.parametrize("indent", [None, 1])
def test_a_receipt_signed_by_openssl(
    keys: Path, capfd: pytest.CaptureFixture[str], receipt: dict[str, object], indent: int | None
) -> None:
    """It is valid under the key, over its octets as they are, and shows its fields with the digits that it has."""
    text = json.dumps(receipt, indent=indent).replace("74.6", "74.600000000000000")
    Path("secrrct").write_text(text)
    Path("secrrct.sign").write_bytes(sign(keys, "sha256", text.encode()))
    words = ["--profile", "chargepoint", "--public-key", str(keys / "public.pem"), "secrrct"]
    status, out, err = run(capfd, *words, "--json")
    assert (status, err) == (0, "")
    fields = json.loads(out)["fields"]
    assert json.loads(out) == {"valid": True, "fields": fields}
    if receipt is FLAT:
        assert fields == FLAT | {
            "meter_startreading": "74.600000000000000",
            "meter_endreading": "86.6",
            "total_energy": "12.0",
        }
    else:
        assert fields == {
            "outlet": 1,
            "meter_startreading": 3078,
            "meter_endreading": 3137,
            "totalAmount": "0.08",
            "currency_code": "EUR",
        }
    lines = "".join(f"  {name}: {json.dumps(value)}\n" for name, value in fields.items())
    assert run(capfd, *words) == (0, f"valid\n{lines}", "")
    Path("secrrct").write_text(text.replace(": 1", ":  1"))  # the same JSON in other octets
    assert run(capfd, *words) == (1, f"invalid\n{lines}", "")
    Path("secrrct").write_text(text)
    words[3] = str(keys / "other.pem")
    assert run(capfd, *words)[0] == 1


def test_the_signature_may_be_elsewhere(keys: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """--signature names it; one of the two may be standard input, and then the other has to be named."""
    text = json.dumps(FLAT).encode()
    Path("receipt").write_bytes(text)
    Path("signature").write_bytes(sign(keys, "sha256", text))
    words = ["--profile", "chargepoint", "--public-key", str(keys / "public.pem")]
    assert run(capfd, *words, "receipt", "--signature", "signature")[0] == 0
    missing = run(capfd, *words, "receipt")
    assert missing == (2, "", "ecpure: receipt.sign: No such file or directory\n")
    expected = "ecpure: --signature: the file of the signature was expected, since FILE is standard input\n"
    assert run(capfd, *words, "-") == (2, "", expected)
    expected = "ecpure: standard input (-) can be only one of the files\n"
    assert run(capfd, *words, "-", "--signature", "-") == (2, "", expected)


RECEIPTS: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"outlet=2", "receipt: JSON with distinct names was expected"),
    "a name twice": (b'{"outlet": 1, "outlet": 2}', "receipt: JSON with distinct names was expected"),
    "a list": (b"[1]", "receipt: a JSON object was expected"),
    "not a receipt": (b'{"a": 1}', "receipt: one of the fields station_mac, .* was expected"),
    "a field in both": (b'{"outlet": 1, "additional_info": {"outlet": 1}}', "receipt: outlet: it is there twice"),
    "no object": (b'{"outlet": 1, "additional_info": 5}', "receipt: additional_info: an object was expected"),
    "true": (b'{"outlet": true}', "receipt: outlet: text or a number was expected"),
    "null": (b'{"outlet": null}', "receipt: outlet: text or a number was expected"),
    "a list inside": (b'{"outlet": [1]}', "receipt: outlet: text or a number was expected"),
}


@pytest.mark.parametrize("what", RECEIPTS)
def test_what_is_no_receipt_is_refused(keys: Path, capfd: pytest.CaptureFixture[str], what: str) -> None:
    """A signature that holds does not help: one sentence, status 2, nothing on standard output."""
    octets, words = RECEIPTS[what]
    signature = sign(keys, "sha256", octets)
    with pytest.raises(InvalidEncoding, match=words) as refusal:
        chargepoint.read(octets, signature)
    Path("secrrct").write_bytes(octets)
    Path("secrrct.sign").write_bytes(signature)
    status, out, err = run(capfd, "--profile", "chargepoint", "--public-key", str(keys / "public.pem"), "secrrct")
    assert (status, out, err) == (2, "", f"ecpure: {refusal.value}\n")


def test_a_receipts_signature_is_der_alone(keys: Path) -> None:
    """Other encodings are refused, and the octet is said."""
    text = json.dumps(FLAT).encode()
    der = sign(keys, "sha256", text)
    for octets in (as_compact(der), der + b"\n", der.hex().encode(), b""):
        with pytest.raises(InvalidEncoding, match=r"^signature: octet \d+: [a-z0-9]") as refusal:
            chargepoint.read(text, octets)
        assert refusal.value.octet is not None
    assert public_key(keys).verify_digest(decode_signature(der, "der", "x"), chargepoint.read(text, der).digest())


def test_text_in_a_receipt_cannot_pretend_to_be_a_line(keys: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What a receipt or ticket holds is shown as JSON writes it: no line ends, no control characters, ASCII."""
    text = json.dumps({"station_mac": "x\nvalid\n\x1b[2J\u202eé"}).encode()
    Path("secrrct").write_bytes(text)
    Path("secrrct.sign").write_bytes(sign(keys, "sha256", text))
    out = run(capfd, "--profile", "chargepoint", "--public-key", str(keys / "public.pem"), "secrrct")[1]
    assert out == 'valid\n  station_mac: "x\\nvalid\\n\\u001b[2J\\u202e\\u00e9"\n'


# The options


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--curve secp256k1", "--curve: --profile rpcn settles that"),
        ("--hash sha256", "--hash: --profile rpcn settles that"),
        ("--digest", "--digest: --profile rpcn settles that"),
        ("--format compact", "--format: --profile rpcn settles that"),
        ("--encoding hex", "--encoding: --profile rpcn settles that"),
        ("--signature x", "--signature: with --profile rpcn it is inside of FILE"),
    ],
)
def test_what_a_profile_settles_cannot_be_asked_for(
    keys: Path, capfd: pytest.CaptureFixture[str], option: str, words: str
) -> None:
    """A contradiction is refused before anything is read."""
    key = str(keys / "public.pem")
    assert run(capfd, "--profile", "rpcn", "--public-key", key, *option.split(), "no such file") == (
        2,
        "",
        f"ecpure: {words}\n",
    )


def test_without_a_profile_the_signature_is_required(keys: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One sentence says so; an unknown profile is a mistake of usage."""
    key = str(keys / "public.pem")
    status, out, err = run(capfd, "--public-key", key, "file")
    assert (status, out) == (2, "")
    assert err == "ecpure: --signature: the file of the signature was expected\n"
    status, out, err = run(capfd, "--public-key", key, "--profile", "other", "file")
    assert (status, out) == (2, "")
    assert re.search(r"--profile: invalid choice \(choose from '?chargepoint'?, '?rpcn'?\)", err)


def test_a_profile_wants_its_files() -> None:
    """A signature beside what has none beside it, and none where there is one, are refused; profiles are values."""
    with pytest.raises(InvalidEncoding, match=r"^rpcn: the signature is inside$"):
        PROFILES["rpcn"].read(b"", b"")
    with pytest.raises(InvalidEncoding, match=r"^chargepoint: the signature is a file of its own \(\.sign\)$"):
        PROFILES["chargepoint"].read(b"")
    text = json.dumps(FLAT).encode()
    assert PROFILES["chargepoint"].read(text, SOME).signature == Signature.from_der(SOME)
    with pytest.raises(AttributeError):
        PROFILES["rpcn"].name = "other"
    assert Profile("rpcn", "", None).read(ticket(body(), SOME)).fields["serial"] == "1"
