"""`ecpure verify --profile`: receipts and tickets that OpenSSL's command signed, and what is said of them."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest
from signeddocuments import (
    BILL,
    FLAT,
    RECEIPTS,
    TICKET_FIELDS,
    TICKETS,
    make_keys,
    sign,
)
from tickets import body, ticket

from ecpure import InvalidEncoding
from ecpure.cli import main
from ecpure.formats import chargepoint, rpcn

FLAT_LINES = """\
  station: "0024b1000000beef"
  outlet: 2
  session: 55
  driver: "00112233445566778899aabbccddeeff"
  meter: "1234567"
  meter at start: 74.600000000000000 kWh
  meter at end: 86.6 kWh
  energy: 12.0 kWh
  start: 2020-02-15 10:49:18 UTC
  end: 2020-02-15 13:20:02 UTC
"""
BILL_LINES = "  outlet: 1\n  meter at start: 3078\n  meter at end: 3137\n  total: 0.08 EUR\n"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of its own, in English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with key.pem and public.pem, made by OpenSSL on secp224k1, and other.pem, of another key."""
    return make_keys(tmp_path_factory.mktemp("keys"))


def run(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["verify", *words])
    return status, *capfd.readouterr()


@pytest.mark.parametrize("cookie", [None, b"a cookie", b"\x00\xff"], ids=["none", "text", "binary"])
@pytest.mark.parametrize("hash", ["sha224", "sha256"])
def test_a_ticket_signed_by_openssl(keys: Path, capfd: pytest.CaptureFixture[str], hash: str, cookie: bytes) -> None:
    """It is valid under the key and the hash of the server's configuration, and shows what was signed."""
    signed = body(cookie)
    Path("ticket").write_bytes(ticket(signed, sign(keys, hash, signed)))
    expected = TICKET_FIELDS | {None: {}, b"a cookie": {"cookie": "a cookie"}}.get(cookie, {"cookie": {"hex": "00ff"}})
    expected |= {"key_id": "RPCN", "signature_format": "der"}

    words = ["--profile", "rpcn", "--public-key", str(keys / "public.pem"), "ticket", "--hash", hash]
    lines = [f"  {name}: {json.dumps(value)}\n" for name, value in expected.items()]
    assert run(capfd, *words) == (0, "".join(["valid\nexpired\n", *lines]), "")
    status, out, err = run(capfd, *words, "--json")
    assert (status, json.loads(out), err) == (0, {"valid": True, "expired": True, "fields": expected}, "")
    words[3] = str(keys / "other.pem")
    assert run(capfd, *words) == (1, "".join(["invalid\nexpired\n", *lines]), "")
    status, out, err = run(capfd, *words, "--json")
    assert (status, json.loads(out), err) == (1, {"valid": False, "expired": True, "fields": expected}, "")
    del words[5:]
    assert run(capfd, *words)[0] == 1
    words[3] = str(keys / "public.pem")
    assert run(capfd, *words)[0] == (0 if hash == "sha224" else 1)


def test_a_ticket_of_an_old_hash(keys: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The server's configuration may say SHA-1; one sentence warns of it."""
    Path("ticket").write_bytes(ticket(body(), sign(keys, "sha1", body())))
    words = ["--profile", "rpcn", "--public-key", str(keys / "public.pem"), "ticket", "--hash", "SHA-1"]
    status, out, err = run(capfd, *words)
    assert (status, out.partition("\n")[0]) == (0, "valid")
    assert err.startswith("ecpure: warning: sha1 is for old signatures only: ")


@pytest.mark.parametrize("what", TICKETS)
def test_what_is_no_ticket_is_refused(keys: Path, capfd: pytest.CaptureFixture[str], what: str) -> None:
    """Each is one sentence with an octet, status 2, and nothing on standard output."""
    octets, words = TICKETS[what]
    with pytest.raises(InvalidEncoding, match=words) as refusal:
        rpcn.read(octets)
    Path("ticket").write_bytes(octets)
    status, out, err = run(capfd, "--profile", "rpcn", "--public-key", str(keys / "public.pem"), "ticket")
    assert (status, out, err) == (2, "", f"ecpure: ticket: {refusal.value}; `ecpure explain ticket` says what it is\n")


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
    lines = FLAT_LINES if receipt is FLAT else BILL_LINES
    assert run(capfd, *words) == (0, f"valid\n{lines}", "")
    Path("secrrct").write_text(text.replace(": 1", ":  1"))  # the same JSON in other octets
    assert run(capfd, *words) == (1, f"invalid\n{lines}", "")
    Path("secrrct").write_text(text)
    words[3] = str(keys / "other.pem")
    assert run(capfd, *words)[0] == 1


def test_the_signature_may_be_elsewhere(
    keys: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """--signature names it; one of the two may be standard input, and then the other has to be named."""
    text = json.dumps(FLAT).encode()
    Path("receipt").write_bytes(text)
    Path("signature").write_bytes(sign(keys, "sha256", text))
    words = ["--profile", "chargepoint", "--public-key", str(keys / "public.pem")]
    assert run(capfd, *words, "receipt", "--signature", "signature")[0] == 0
    Path("receipt.sign").write_bytes(Path("signature").read_bytes())
    steps = "give receipt, with its signature beside it in receipt.sign or with --signature"
    missing = f"ecpure: receipt.sign: there is no receipt.sign.sign: {steps}\n"
    assert run(capfd, *words, "receipt.sign") == (2, "", missing)
    Path("receipt.sign").unlink()
    assert run(capfd, *words, "receipt") == (2, "", f"ecpure: receipt: there is no receipt.sign: {steps}\n")
    expected = "ecpure: --signature: name the signature file, since FILE is standard input\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert run(capfd, *words, "-") == (2, "", expected)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"PK\x03\x04")))
    damaged = "ecpure: standard input: a ZIP archive that is damaged: download it again\n"
    assert run(capfd, *words, "-") == (2, "", damaged)
    expected = "ecpure: standard input (-) can be used for only one file\n"
    assert run(capfd, *words, "-", "--signature", "-") == (2, "", expected)


@pytest.mark.parametrize("what", RECEIPTS)
def test_what_is_no_receipt_is_refused(keys: Path, capfd: pytest.CaptureFixture[str], what: str) -> None:
    """A valid signature does not help: one sentence, status 2, nothing on standard output."""
    octets, words = RECEIPTS[what]
    signature = sign(keys, "sha256", octets)
    with pytest.raises(InvalidEncoding, match=words) as refusal:
        chargepoint.read(octets, signature)
    Path("secrrct").write_bytes(octets)
    Path("secrrct.sign").write_bytes(signature)
    status, out, err = run(capfd, "--profile", "chargepoint", "--public-key", str(keys / "public.pem"), "secrrct")
    assert (status, out, err) == (
        2,
        "",
        f"ecpure: secrrct: {refusal.value}; `ecpure explain secrrct` says what it is\n",
    )


def test_text_in_a_receipt_cannot_pretend_to_be_a_line(keys: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What a receipt or ticket holds is shown as JSON writes it: no line ends, no control characters, ASCII."""
    text = json.dumps({"station_mac": "x\nvalid\n\x1b[2J\u202eé"}).encode()
    Path("secrrct").write_bytes(text)
    Path("secrrct.sign").write_bytes(sign(keys, "sha256", text))
    out = run(capfd, "--profile", "chargepoint", "--public-key", str(keys / "public.pem"), "secrrct")[1]
    assert out == 'valid\n  station: "x\\nvalid\\n\\u001b[2J\\u202e\\u00e9"\n'


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--curve secp256k1", "--curve: omit it; --profile rpcn determines it"),
        ("--keys .", "--keys: use it only with --profile chargepoint"),
        ("--lang de", "--lang: use it only with --profile chargepoint"),
        ("--digest", "--digest: omit it; --profile rpcn determines it"),
        ("--format compact", "--format: omit it; --profile rpcn determines it"),
        ("--encoding hex", "--encoding: omit it; --profile rpcn determines it"),
        ("--signature x", "--signature: omit it; with --profile rpcn the signature is in FILE"),
    ],
)
def test_what_a_profile_settles_cannot_be_asked_for(
    keys: Path, capfd: pytest.CaptureFixture[str], option: str, words: str
) -> None:
    """A contradiction is refused before anything is read."""
    key = [] if "--keys" in option else ["--public-key", str(keys / "public.pem")]
    assert run(capfd, "--profile", "rpcn", *key, *option.split(), "no such file") == (
        2,
        "",
        f"ecpure: {words}\n",
    )


@pytest.mark.parametrize("before", ["", "$"])
@pytest.mark.parametrize("width", [None, 60])
def test_a_ticket_as_game_servers_log_it(
    keys: Path, capfd: pytest.CaptureFixture[str], before: str, width: int | None
) -> None:
    """Hex, with a $ before it or without, on one line or on several, says what the ticket says."""
    text = before + ticket(body(), sign(keys, "sha224", body())).hex()
    Path("ticket").write_text("\n".join(re.findall(f".{{1,{width or len(text)}}}", text)) + "\n")
    words = ["--profile", "rpcn", "--public-key", str(keys / "public.pem"), "ticket", "--json"]
    status, out, err = run(capfd, *words)
    assert (status, err, json.loads(out)["fields"]["online_name"]) == (0, "", "player")


def test_a_signature_at_28_and_28_octets_is_no_tickets(keys: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The server never wrote one: DER was expected."""
    Path("ticket").write_bytes(ticket(body(), bytes(27) + b"\x01" + bytes(27) + b"\x01"))
    status, out, err = run(capfd, "--profile", "rpcn", "--public-key", str(keys / "public.pem"), "ticket")
    assert (status, out) == (2, "")
    assert "a SEQUENCE (tag 30) was expected" in err


def test_when_a_ticket_expires(keys: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With --at an expired ticket is status 1, though valid; without, the status is the signature's verdict alone."""
    Path("ticket").write_bytes(ticket(body(), sign(keys, "sha224", body())))
    words = ["--profile", "rpcn", "--public-key", str(keys / "public.pem"), "ticket"]
    for at, expected in (
        (["--at", "2023-11-14T22:28:20.122Z"], (0, False)),
        (["--at", "2023-11-14T22:28:20.123Z"], (1, True)),
        (["--at", "2023-11-14T23:28:20+01:00"], (0, False)),
        ([], (0, True)),
    ):
        status, out, err = run(capfd, *words, *at, "--json")
        report = json.loads(out)
        assert (status, report["expired"], report["valid"], err) == (*expected, True, "")
        assert run(capfd, *words, *at)[1].startswith("valid\nexpired\n  " if expected[1] else "valid\n  ")
    words[3] = str(keys / "other.pem")
    assert run(capfd, *words, "--at", "2023-11-14T22:20:00Z")[0] == 1
    for text in ("2023-11-14T22:28:20", "2023-11-14", "now"):
        status, out, err = run(capfd, *words, "--at", text)
        assert (status, out) == (2, "")
        assert "--at: a time with its offset was expected, like 2026-03-01T12:00:00Z" in err
    expected_err = "ecpure: --at: use it only with --profile rpcn\n"
    assert run(capfd, "--public-key", "p", "--at", "2023-11-14T22:20:00Z", "m") == (2, "", expected_err)


def test_without_a_profile_the_signature_is_required(keys: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One sentence says so; an unknown profile is a mistake of usage."""
    key = str(keys / "public.pem")
    status, out, err = run(capfd, "--public-key", key, "file")
    assert (status, out) == (2, "")
    assert err == "ecpure: --signature: name the signature file\n"
    status, out, err = run(capfd, "--public-key", key, "--profile", "other", "file")
    assert (status, out) == (2, "")
    assert re.search(r"--profile: invalid choice \(choose from '?chargepoint'?, '?rpcn'?\)", err)
