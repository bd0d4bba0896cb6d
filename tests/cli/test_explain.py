"""`ecpure explain`: every reading of a blob, what is wrong with those that nearly fit, and what verifies."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from blobs import KEY, KOBLITZ, MESSAGE, PUBLIC, READINGS, REFUSALS, SIGNATURE, D, a_point
from certificates import certificate
from hexdumps import od, xxd
from tickets import body, ticket

from ecpure import SECP224K1, PrivateKey
from ecpure.cli import main
from ecpure.keyfile import encode_pem

PAIR = SIGNATURE.to_der()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


EXPECTED = "a key, a certificate, a signature or a signed document was expected; give what was signed with --message\n"
NEARLY = "the output says what it nearly is, and what is wrong with it\n"


def run(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["explain", *words])
    return status, *capfd.readouterr()


def report(capfd: pytest.CaptureFixture[str], octets: bytes, *words: str) -> dict[str, Any]:
    """Return what `explain --json` prints of a file, after holding its status to it."""
    Path("blob").write_bytes(octets)
    status, out, err = run(capfd, "blob", "--json", *words)
    value: dict[str, Any] = json.loads(out)
    assert (status == 2) == (not value["readings"]) == err.startswith("ecpure: blob: not recognised: ")
    assert (NEARLY in err) == (status == 2 and value["refusals"] != [])
    return value


@pytest.mark.parametrize("what", READINGS)
def test_every_reading_is_said(capfd: pytest.CaptureFixture[str], what: str) -> None:
    """Each form is recognised, with all that the same octets may be besides; status 0."""
    octets, expected = READINGS[what]
    found = report(capfd, octets)
    assert (found["octets"], [one["what"] for one in found["readings"]]) == (len(octets), expected)
    status, out, err = run(capfd, "blob")
    mark = "ecpure: blob: it begins with a byte-order mark, of UTF-16: if a command refuses it, "
    assert (status, err) == (0, f"{mark}save it as UTF-8 without this mark\n" if what == "UTF-16" else "")
    assert out.startswith(f"{len(octets)} bytes\n")
    assert re.findall(r"^is (?!not quite)(.*)$", out, re.MULTILINE) == expected


def test_a_ticket(capfd: pytest.CaptureFixture[str]) -> None:
    """It is shown with its fields, and under its key it verifies by itself."""
    signed = body()
    octets = ticket(signed, KEY.sign(signed).to_der())
    Path("public.pem").write_text(PUBLIC.to_pem())
    [reading] = report(capfd, octets, "--public-key", "public.pem")["readings"]
    assert reading["what"] == "an RPCN ticket"
    assert 'online_name: "player"' in reading["details"]
    assert reading["verifies"] == ["verifies: sha224 of the part that is signed, on secp224k1"]
    assert run(capfd, "blob", "--public-key", "public.pem")[0] == 0
    Path("public.pem").write_text(KOBLITZ.public_key.to_pem())
    status, out, err = run(capfd, "blob", "--public-key", "public.pem")
    assert (status, err) == (1, "")
    assert out.endswith(
        "  verifies under nothing that was tried\n  tried: sha224 of the part that is signed, on secp256k1\n"
    )
    [refusal] = report(capfd, octets[:40])["refusals"]
    assert (refusal["what"], refusal["octet"]) == ("an RPCN ticket", 4)
    out = run(capfd, "blob")[1]
    assert out.count("byte 4") == 1


@pytest.mark.parametrize("what", REFUSALS)
def test_what_is_wrong_where_and_why(capfd: pytest.CaptureFixture[str], what: str) -> None:
    """What nearly fits is named with the octet, where there is one, and the clause; status 2 if nothing else fits."""
    octets, name, octet, words = REFUSALS[what]
    found = report(capfd, octets)
    refusals = [one for one in found["refusals"] if one["what"].startswith(name)]
    assert [(one["octet"], words in one["reason"]) for one in refusals] == [(octet, True)]
    status, out, _ = run(capfd, "blob")
    place = "" if octet is None else f"byte {octet}: "
    assert f"is not quite {refusals[0]['what']}\n  {place}{refusals[0]['reason']}\n" in out
    assert status == (0 if found["readings"] else 2)


def test_nothing_fits(capfd: pytest.CaptureFixture[str]) -> None:
    """Octets of no form are status 2: the number of octets, and a sentence with the file and the next step."""
    for octets, line in (
        (b"x", "1 byte\n"),
        (b"\x30", "1 byte\n"),
        (b"hello there", "11 bytes\n"),
        (b"aa" * 13, "26 bytes\n"),
    ):
        Path("blob").write_bytes(octets)
        assert run(capfd, "blob") == (2, line, f"ecpure: blob: not recognised: {EXPECTED}")
    Path("blob").write_bytes(b"")
    assert run(capfd, "blob") == (2, "0 bytes\n", "ecpure: blob: it is empty: name another file, or write it again\n")
    almost = b64encode(SIGNATURE.to_der() + b"!" * (2 - len(SIGNATURE.to_der()) % 3))
    assert almost.endswith(b"=")
    changed = almost[:-2] + bytes([almost[-2] + 1]) + b"="  # spare bits that are not 0: no base64
    Path("blob").write_bytes(changed)
    assert run(capfd, "blob") == (2, f"{len(changed)} bytes\n", f"ecpure: blob: not recognised: {EXPECTED}")


# Keys and messages


@pytest.fixture
def files() -> None:
    Path("message").write_bytes(MESSAGE)
    Path("public.pem").write_text(PUBLIC.to_pem())
    Path("koblitz.pem").write_text(KOBLITZ.public_key.to_pem())
    Path("other.pem").write_text(PrivateKey.from_int(D + 1).public_key.to_pem())


TRIED = ("--public-key", "public.pem", "--message", "message")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("form", ["der", "p1363", "compact", "hex"])
def test_the_hash_and_format_that_verify(capfd: pytest.CaptureFixture[str], form: str) -> None:
    """The hash that was used is said, in JSON and in lines, and no other; status 0."""
    signature = KEY.sign(MESSAGE, hash="sha3_224", low_s=True)
    octets = {
        "der": signature.to_der(),
        "hex": signature.to_der().hex().encode(),
        "p1363": signature.to_p1363(),
        "compact": signature.to_compact(),
    }[form]
    held = [words for one in report(capfd, octets, *TRIED)["readings"] for words in one["verifies"]]
    assert held == ["verifies: sha3_224 of the message, on secp224k1"]
    status, out, _ = run(capfd, "blob", *TRIED)
    assert status == 0
    assert "  verifies: sha3_224 of the message, on secp224k1\n" in out


@pytest.mark.usefixtures("files")
@pytest.mark.openssl
def test_openssls_signature_is_explained(capfd: pytest.CaptureFixture[str]) -> None:
    """What OpenSSL signed on either curve, with a key in DER or as a point, is found out."""
    for curve, name in (("secp224k1", "sha384"), ("secp256k1", "sha3-256")):
        subprocess.run(["openssl", "ecparam", "-name", curve, "-genkey", "-noout", "-out", "k.pem"], check=True)
        subprocess.run(["openssl", "pkey", "-in", "k.pem", "-pubout", "-outform", "DER", "-out", "p"], check=True)
        subprocess.run(["openssl", "dgst", f"-{name}", "-sign", "k.pem", "-out", "signature", "message"], check=True)
        words = ["signature", "--public-key", "p", "--message", "message"]
        status, out, err = run(capfd, *words)
        assert (status, err) == (0, "")
        assert f"  verifies: {name.replace('-', '_')} of the message, on {curve}\n" in out


@pytest.mark.usefixtures("files")
def test_a_digest_in_place_of_the_message(capfd: pytest.CaptureFixture[str]) -> None:
    """--digest takes what was hashed already; another length is no digest."""
    Path("digest").write_bytes(hashlib.sha256(MESSAGE).digest())
    words = ["--public-key", "public.pem", "--digest", "digest"]
    reading = report(capfd, PAIR, *words)["readings"][0]
    assert reading["verifies"] == ["verifies: the digest (sha256 or sha3_256 or sha512_256), on secp224k1"]
    Path("digest").write_bytes(b"short")
    expected = "ecpure: --digest: digest: a file of 20, 28, 32, 48 or 64 bytes was expected\n"
    assert run(capfd, "blob", *words) == (2, "", expected)


@pytest.mark.usefixtures("files")
def test_a_weak_hash_is_warned_of(capfd: pytest.CaptureFixture[str]) -> None:
    """A signature of SHA-1 verifies, and a word on standard error says what that is worth."""
    Path("blob").write_bytes(KEY.sign_digest(hashlib.sha1(MESSAGE).digest()).to_der())
    status, out, err = run(capfd, "blob", "--public-key", "public.pem", "--message", "message")
    assert status == 0
    assert "verifies: sha1 of the message, on secp224k1\n" in out
    assert err.startswith("ecpure: warning: sha1 is for old signatures only: ")


@pytest.mark.usefixtures("files")
def test_nothing_verifies(capfd: pytest.CaptureFixture[str]) -> None:
    """Under another key, another curve's, over another message, or where there is no signature: status 1."""
    Path("blob").write_bytes(PAIR)
    for key in ("other.pem", "koblitz.pem"):
        status, out, err = run(capfd, "blob", "--public-key", key, "--message", "message")
        assert (status, err) == (1, "")
        assert "\n  verifies under nothing that was tried\n  tried, on secp2" in out
        assert out.splitlines()[-1].startswith("  and of longer digests, as some programs take them: ")
    status, out, _ = run(capfd, "blob", "--public-key", "public.pem", "--message", "public.pem")
    assert status == 1
    Path("blob").write_bytes(SIGNATURE.to_p1363())  # of secp224k1's length: not even tried on the other
    status, out, err = run(capfd, "blob", "--public-key", "koblitz.pem", "--message", "message")
    assert (status, err) == (1, "")
    assert out.endswith("  verifies under nothing that was tried\n  nothing was tried: the key is on secp256k1\n")
    status, out, err = run(capfd, "public.pem", *TRIED)
    assert (status, err) == (1, "")
    assert "verifies" not in out
    Path("blob").write_bytes(b"hello")
    assert run(capfd, "blob", *TRIED)[0] == 2


A_KEY, SAYS = "public key", " says what it is"
NO_KEY = f"{A_KEY}: PEM, DER, or a point's bytes were expected"


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--message message", "--public-key: name the public key to verify the signature with"),
        ("--public-key public.pem", "--message or --digest: name the file that was signed, or its digest"),
        ("--public-key message --message message", f"message: {NO_KEY}; `ecpure explain message`{SAYS}"),
        (
            "--public-key other.der --message message",
            f"other.der: {NO_KEY}; `ecpure explain other.der`{SAYS}",
        ),
        (
            "--public-key public.pem --digest hex",
            "--digest: hex: it looks like hex: decode it with `xxd -r -p FILE NEW`",
        ),
        ("--public-key empty --message message", "empty: public key: it is empty: write the public key again"),
        (
            "--public-key blob --message message",
            f"blob: {A_KEY}: this is a signature: name the file of the {A_KEY}",
        ),
        (
            "--public-key private.pem --message message",
            f"private.pem: {A_KEY}: this is a private key; make its {A_KEY} with `ecpure pubkey private.pem -o NEW`",
        ),
    ],
)
def test_what_is_missing_is_refused(capfd: pytest.CaptureFixture[str], words: str, sentence: str) -> None:
    """A message without a key, a key without a message, and a key that is no key are one sentence each."""
    Path("blob").write_bytes(PAIR)
    Path("empty").touch()
    Path("hex").write_text("5a" * 32)
    Path("private.pem").write_text(PrivateKey.from_int(5).to_pem(), encoding="ascii")
    secp224r1 = PrivateKey.from_int(5).public_key.to_der().replace(b"\x2b\x81\x04\x00\x20", b"\x2b\x81\x04\x00\x21")
    Path("other.der").write_bytes(secp224r1)
    assert run(capfd, "blob", *words.split()) == (2, "", f"ecpure: {sentence}\n")


# Secrets


SECRETS = {
    "PKCS#8": KEY.to_pem().encode(),
    "SEC 1": KEY.to_pem("sec1").encode(),
    "PKCS#8 in DER": KEY.to_der(),
    "SEC 1 in DER": KEY.to_der("sec1"),
    "SEC 1, broken": KEY.to_der("sec1")[:-1],
    "PKCS#8, broken": KEY.to_der().replace(b"\x04\x1d", b"\x05\x1d"),
    "PEM, broken": KEY.to_pem().encode()[:-9],
    "29 bytes": KEY.to_bytes(),
    "28 bytes": KEY.to_bytes()[1:],
    "hex": KEY.to_bytes().hex().encode(),
    "base64": b64encode(KEY.to_bytes()),
    "utility's input": KEY.to_bytes()[1:] + bytes(range(28)),
    "p1363's length": KEY.to_bytes() * 2,
    "JWK": b'{"kty": "EC", "crv": "secp224k1", "d": "%s"}' % urlsafe_b64encode(KEY.to_bytes()),
    "xxd": xxd(KEY.to_bytes()),
    "od": od(KEY.to_der()),
    "beside a certificate": encode_pem("CERTIFICATE", certificate(PUBLIC)).encode() + KEY.to_pem().encode(),
}


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("what", SECRETS)
@pytest.mark.parametrize("words", [(), ("--json",), TRIED], ids=["text", "json", "tried"])
def test_no_private_number_is_shown(capfd: pytest.CaptureFixture[str], what: str, words: tuple[str, ...]) -> None:
    """In no form: neither its hex nor its base64 nor its decimal digits, in words nor in JSON."""
    Path("blob").write_bytes(SECRETS[what])
    _, out, err = run(capfd, "blob", *words)
    shown = (out + err).lower().replace(":", "")
    for start in range(20):
        assert KEY.to_bytes()[1 + start : 9 + start].hex() not in shown
    assert str(D)[:12] not in shown
    assert b64encode(KEY.to_bytes()).decode()[4:16].lower() not in shown
    assert KEY.to_pem().splitlines()[1][:24].lower() not in shown


@pytest.mark.parametrize("octets", [KEY.to_bytes(), KEY.to_bytes()[1:], KEY.to_der(), bytes(27) + b"\1" * 29])
def test_hex_that_may_be_secret_is_warned_about(capfd: pytest.CaptureFixture[str], octets: bytes) -> None:
    """On a command line it is known to others: that is said, and nothing of it is repeated."""
    status, out, err = run(capfd, octets.hex())
    assert status == 0
    assert re.fullmatch(r"ecpure: others can read a command line, [^\n]+ treat it as exposed, [^\n]+\n", err)
    assert octets.hex() not in out + err


def test_public_hex_is_not_warned_about(capfd: pytest.CaptureFixture[str]) -> None:
    """A point or a signature is no secret; upper case and lower case are hex."""
    status, out, err = run(capfd, PUBLIC.to_bytes().hex().upper())
    assert (status, err) == (0, "")
    assert out.startswith(f"29 bytes\nis {a_point(SECP224K1, 'compressed')}\n")


NO_TEXT = "it is not hex, base64, PEM, JSON or a hex dump"
NUMBER = KEY.to_bytes().hex()
NAMES = [
    "",
    " ",
    "no-such-file",
    "abc",
    "signature.der",
    "0x123",
    "a folder/it.sig",
    "s\u00efg",
    "a-name-of-many-letters-for-an-order",
]


@pytest.mark.parametrize("blob", NAMES)
def test_a_file_that_does_not_exist(capfd: pytest.CaptureFixture[str], blob: str) -> None:
    """It is named, and not read as text, even where its letters are base64."""
    expected = f"ecpure: {blob or repr('')}: there is no such file, and {NO_TEXT}\n"
    assert run(capfd, blob) == (2, "", expected)


SLIPS = [
    NUMBER[:-1],
    f"{NUMBER}.",
    f"d={NUMBER}",
    f"0x{NUMBER}g",
    KEY.to_bytes().hex(":")[:-1],
    KEY.to_bytes().hex(" ") + " 0",
]


@pytest.mark.parametrize("blob", [*SLIPS, b64encode(KEY.to_bytes()).decode()[:-2] + "!"])
def test_a_secret_with_a_slip_in_it_is_not_repeated(capfd: pytest.CaptureFixture[str], blob: str) -> None:
    """What may be one is named in no refusal."""
    assert run(capfd, blob) == (2, "", f"ecpure: explain: there is no file with this name, and {NO_TEXT}\n")


def test_a_long_name_without_digits_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    """It is no secret; and neither is a digit beside characters that hex and base64 do not have."""
    for name in ("g" * 4000, "g" * 23 + ".1" + "g" * 22, "g" * 24 + ".1"):
        assert name in run(capfd, name)[2]


def test_a_message_that_is_too_large_has_a_digest(capfd: pytest.CaptureFixture[str]) -> None:
    """What is signed may be larger than a key or signature: its digest is taken in its place."""
    Path("message").write_bytes(bytes((1 << 20) + 1))
    Path("public.pem").write_text(PUBLIC.to_pem())
    Path("blob").write_bytes(PAIR)
    expected = "ecpure: --message: message: a file of at most 1 MiB was expected: give its digest with --digest\n"
    assert run(capfd, "blob", "--public-key", "public.pem", "--message", "message") == (2, "", expected)


def test_what_was_read_as_text_and_is_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """The refusal says so: it may have been a name."""
    words = f"ecpure: not recognised (read as text, since there is no file with this name): {EXPECTED}"
    for blob, octets in (("abcd", 2), ("0x1234", 2), ("12 34", 2), ("two\nlines", 9), ("[5]", 3)):
        assert run(capfd, blob) == (2, f"{octets} bytes\n", words)


DER = "a signature in DER (RFC 3279 §2.2.3)"
JWK = {"kty": "EC", "crv": "secp224k1", "x": "", "y": ""}
TEXTS = {
    "hex": (PAIR.hex(), DER),
    "colons": (PAIR.hex(":"), DER),
    "spaces": (PAIR.hex(" "), DER),
    "0x": (f"0x{PAIR.hex()}", DER),
    "in lines": (f"{PAIR.hex()[:60]}\n{PAIR.hex()[60:]}\n", DER),
    "xxd": (xxd(PAIR).decode(), DER),
    "od": (od(PAIR).decode(), DER),
    "xxd, a line": (xxd(bytes(16)).decode().rstrip(), "perhaps a nonce of the exchange's login: 16 bytes"),
    "base64": (b64encode(PAIR).decode(), f"base64: {DER}"),
    "base64url": (urlsafe_b64encode(PAIR).decode().rstrip("="), f"base64url: {DER}"),
    "base64 in lines": (f"{b64encode(PAIR).decode()[:64]}\n{b64encode(PAIR).decode()[64:]}", f"base64 in lines: {DER}"),
    "a nonce": ("azRzAi5rm1ry/l0drnz1vw==", "base64: perhaps a nonce of the exchange's login: 16 bytes"),
    "PEM": (PUBLIC.to_pem(), "a public key, SubjectPublicKeyInfo (RFC 5480 §2) in PEM, on secp224k1"),
    "PEM on a line": (
        PUBLIC.to_pem().replace("\n", " "),
        "a public key, SubjectPublicKeyInfo (RFC 5480 §2) in PEM, on secp224k1",
    ),
    "OpenSSH": (
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me@till",
        "a public key of OpenSSH: ssh-ed25519",
    ),
    "a JWK": (json.dumps(JWK), "a JWK (RFC 7517): a public key"),
    "a record": ('{"signature": "", "text": ""}', "a file of records, in JSON Lines"),
}


@pytest.mark.parametrize("what", TEXTS)
def test_text_in_place_of_a_file(capfd: pytest.CaptureFixture[str], what: str) -> None:
    """Every way to write octets, and every text that says what it is, can be an argument."""
    text, name = TEXTS[what]
    status, out, err = run(capfd, text)
    assert (status, err) == (0, "")
    assert out.splitlines()[1] == f"is {name}"


def test_a_secret_as_text_is_warned_about(capfd: pytest.CaptureFixture[str]) -> None:
    """In PEM, base64, a JWK or a dump, as in hex."""
    jwk = json.dumps(JWK | {"d": urlsafe_b64encode(KEY.to_bytes()).decode()})
    for blob in (KEY.to_pem(), b64encode(KEY.to_der()).decode(), jwk, xxd(KEY.to_der()).decode()):
        status, out, err = run(capfd, blob)
        assert status == 0
        assert err.startswith("ecpure: others can read a command line")
        assert NUMBER[4:] not in out + err
    for blob in (KEY.to_pem()[:-9], KEY.to_pem("sec1").replace("MG", "M!")):
        status, _, err = run(capfd, blob)
        assert status == 2
        assert err.startswith("ecpure: others can read a command line")


def test_an_archive_that_is_too_large(capfd: pytest.CaptureFixture[str]) -> None:
    """A file of records may be of any size: that it is one is said of its beginning; other files have a limit."""
    line = b'{"signature": "", "text": ""}\n'
    Path("records").write_bytes(line * ((1 << 20) // len(line) + 1))
    words = (
        "records: this is a file of records, in JSON Lines: ecpure verify-many FILE verifies each, ecpure audit FILE"
    )
    status, out, err = run(capfd, "records")
    assert (status, out) == (2, "")
    assert err.startswith(f"ecpure: {words}")
    Path("records").write_bytes(bytes((1 << 20) + 1))
    assert run(capfd, "records") == (2, "", "ecpure: records: a file of at most 1 MiB was expected\n")


def test_standard_input_that_is_too_large(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused, since what was read of it is gone."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bytes((1 << 20) + 1))))
    assert run(capfd, "-") == (2, "", "ecpure: standard input: a file of at most 1 MiB was expected\n")


def test_a_file_goes_before_hex_and_standard_input(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file whose name is hex is read as a file; - is standard input."""
    Path("abcd").write_bytes(PAIR)
    assert run(capfd, "abcd")[1].startswith(f"{len(PAIR)} bytes\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PAIR)))
    assert run(capfd, "-")[1].startswith(f"{len(PAIR)} bytes\n")
