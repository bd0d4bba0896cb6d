"""`ecpure verify --profile`: receipts and tickets that OpenSSL's command signed, and what is said of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from signeddocuments import (
    BILL,
    FLAT,
    RECEIPTS,
    TICKET_FIELDS,
    TICKETS,
    as_compact,
    make_keys,
    sign,
)
from tickets import body, ticket

from ecpure import InvalidEncoding
from ecpure.cli import main
from ecpure.formats import chargepoint, rpcn


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of its own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with key.pem and public.pem, made by OpenSSL on secp224k1, and other.pem, of another key."""
    return make_keys(tmp_path_factory.mktemp("keys"))


def run(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["verify", *words])
    return status, *capfd.readouterr()


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

    words = ["--profile", "rpcn", "--public-key", str(keys / "public.pem"), "ticket"]
    lines = [f"  {name}: {json.dumps(value)}\n" for name, value in expected.items()]
    assert run(capfd, *words) == (0, "".join(["valid\n", *lines]), "")
    status, out, err = run(capfd, *words, "--json")
    assert (status, json.loads(out), err) == (0, {"valid": True, "fields": expected}, "")
    words[3] = str(keys / "other.pem")
    assert run(capfd, *words) == (1, "".join(["invalid\n", *lines]), "")
    status, out, err = run(capfd, *words, "--json")
    assert (status, json.loads(out), err) == (1, {"valid": False, "fields": expected}, "")


@pytest.mark.parametrize("what", TICKETS)
def test_what_is_no_ticket_is_refused(keys: Path, capfd: pytest.CaptureFixture[str], what: str) -> None:
    """Each is one sentence with an octet, status 2, and nothing on standard output."""
    octets, words = TICKETS[what]
    with pytest.raises(InvalidEncoding, match=words) as refusal:
        rpcn.read(octets)
    Path("ticket").write_bytes(octets)
    status, out, err = run(capfd, "--profile", "rpcn", "--public-key", str(keys / "public.pem"), "ticket")
    assert (status, out, err) == (2, "", f"ecpure: {refusal.value}\n")


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


def test_text_in_a_receipt_cannot_pretend_to_be_a_line(keys: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What a receipt or ticket holds is shown as JSON writes it: no line ends, no control characters, ASCII."""
    text = json.dumps({"station_mac": "x\nvalid\n\x1b[2J\u202eé"}).encode()
    Path("secrrct").write_bytes(text)
    Path("secrrct.sign").write_bytes(sign(keys, "sha256", text))
    out = run(capfd, "--profile", "chargepoint", "--public-key", str(keys / "public.pem"), "secrrct")[1]
    assert out == 'valid\n  station_mac: "x\\nvalid\\n\\u001b[2J\\u202e\\u00e9"\n'


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
