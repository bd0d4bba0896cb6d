"""`ecpure explain`: every reading of a blob, what is wrong with those that nearly fit, and what verifies."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tickets import body, ticket

from ecpure import SECP224K1, SECP256K1, Curve, InvalidEncoding, PrivateKey, Signature, auth, der, streams
from ecpure.cli import main
from ecpure.guesses import Guess, Miss
from ecpure.recognise import guess

D = 0xC0FFEE_0123456789ABCDEF_0123456789ABCDEF_0123456789ABCDEF
KEY = PrivateKey.from_int(D)
PUBLIC = KEY.public_key
KOBLITZ = PrivateKey.from_int(D, curve=SECP256K1)
P, N = SECP224K1.p, SECP224K1.n
MESSAGE = b"pay 5 to Ann\n"
SIGNATURE = KEY.sign(MESSAGE, hash="sha256", low_s=True)
HIGH = Signature(SIGNATURE.r, N - SIGNATURE.s)
WELCOME = {"notice": "Welcome", "nonce": "azRzAi5rm1ry/l0drnz1vw=="}
LOGIN = auth.build_authenticate(
    user_id=1, cookie="HGREqcILTz8blHa/jsUTVTNBJlg=", private_key=KEY, server_nonce=WELCOME["nonce"]
)
RECEIPT = b'{"outlet": 2, "meter_endreading": 86.60, "station_mac": "0024b1000000beef"}'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["explain", *words])
    return status, *capfd.readouterr()


def report(capfd: pytest.CaptureFixture[str], octets: bytes, *words: str) -> dict[str, Any]:
    """Return what `explain --json` prints of a file, after holding its status to it."""
    Path("blob").write_bytes(octets)
    status, out, err = run(capfd, "blob", "--json", *words)
    value: dict[str, Any] = json.loads(out)
    assert (status == 2) == (not value["readings"]) == (err == "ecpure: no reading fits\n")
    return value


def whats(octets: bytes) -> list[str]:
    return [one.what for one in guess(octets) if isinstance(one, Guess)]


def point(curve: Curve, kind: str) -> str:
    return f"a public key: {kind} point (SEC 1 §2.3.3) on {curve.name}"


READINGS: dict[str, tuple[bytes, list[str]]] = {
    "compressed": (PUBLIC.to_bytes(), [point(SECP224K1, "compressed")]),
    "uncompressed": (PUBLIC.to_bytes(compressed=False), [point(SECP224K1, "uncompressed")]),
    "compressed, 256": (KOBLITZ.public_key.to_bytes(), [point(SECP256K1, "compressed")]),
    "uncompressed, 256": (KOBLITZ.public_key.to_bytes(compressed=False), [point(SECP256K1, "uncompressed")]),
    "x and y": (
        PUBLIC.to_bytes(compressed=False)[1:],
        [
            "a signature at 28 + 28 octets, as the exchange writes it",
            "perhaps what sign_secp224k1 reads: a private key and a digest, 28 + 28 octets",
            "x ‖ y of a public key on secp224k1: with 04 before it, a point (SEC 1 §2.3.3)",
        ],
    ),
    "DER": (SIGNATURE.to_der(), ["a signature in DER (RFC 3279 §2.2.3)"]),
    "p1363": (SIGNATURE.to_p1363(), ["a signature in p1363: r ‖ s at 29 + 29 octets, on secp224k1"]),
    "p1363, 256": (
        KOBLITZ.sign(MESSAGE).to_p1363(curve=SECP256K1),
        [
            "a signature in p1363: r ‖ s at 32 + 32 octets, on secp256k1",
            "perhaps a digest: sha512 or sha3_512",
        ],
    ),
    "compact": (
        SIGNATURE.to_compact(),
        [
            "a signature at 28 + 28 octets, as the exchange writes it",
            "perhaps what sign_secp224k1 reads: a private key and a digest, 28 + 28 octets",
        ],
    ),
    "SPKI": (PUBLIC.to_der(), ["a public key, SubjectPublicKeyInfo (RFC 5480 §2) in DER, on secp224k1"]),
    "SPKI, PEM": (
        PUBLIC.to_pem().encode(),
        ["a public key, SubjectPublicKeyInfo (RFC 5480 §2) in PEM, on secp224k1"],
    ),
    "SPKI, 256": (
        KOBLITZ.public_key.to_pem().encode(),
        ["a public key, SubjectPublicKeyInfo (RFC 5480 §2) in PEM, on secp256k1"],
    ),
    "PKCS#8": (KEY.to_der(), ["a private key, PKCS#8 (RFC 5208 §5) in DER, on secp224k1"]),
    "SEC 1": (KEY.to_der("sec1"), ["a private key, SEC 1 (§C.4) in DER, on secp224k1"]),
    "PKCS#8, PEM": (KEY.to_pem().encode(), ["a private key, PKCS#8 (RFC 5208 §5) in PEM, on secp224k1"]),
    "SEC 1, PEM": (KOBLITZ.to_pem("sec1").encode(), ["a private key, SEC 1 (§C.4) in PEM, on secp256k1"]),
    "29 octets": (KEY.to_bytes(), ["perhaps a private key: 29 octets, on secp224k1"]),
    "28 octets": (
        KEY.to_bytes()[1:],
        ["perhaps a private key: 28 octets, on secp224k1", "perhaps a digest: sha224 or sha3_224"],
    ),
    "32 octets": (
        KOBLITZ.to_bytes(),
        ["perhaps a private key: 32 octets, on secp256k1", "perhaps a digest: sha256 or sha3_256"],
    ),
    "16 octets": (bytes(16), ["perhaps a nonce of the exchange's login: 16 octets"]),
    "20 octets": (bytes(20), ["perhaps a cookie of the exchange's login: 20 octets"]),
    "40 octets": (bytes(40), ["perhaps what is signed of the exchange's login: 40 octets"]),
    "48 octets": (bytes(48), ["perhaps a digest: sha384 or sha3_384"]),
    "hex": (b" " + SIGNATURE.to_der().hex().encode() + b"\n", ["hex: a signature in DER (RFC 3279 §2.2.3)"]),
    "base64": (b64encode(SIGNATURE.to_der()) + b"\n", ["base64: a signature in DER (RFC 3279 §2.2.3)"]),
    "base64 of a nonce": (b64encode(bytes(16)), ["base64: perhaps a nonce of the exchange's login: 16 octets"]),
    "login": (json.dumps(LOGIN).encode(), ["the exchange's login message, Authenticate"]),
    "welcome": (json.dumps(WELCOME).encode(), ["the exchange's Welcome"]),
    "receipt": (RECEIPT, ["a ChargePoint receipt"]),
}


@pytest.mark.parametrize("what", READINGS)
def test_every_reading_is_said(capfd: pytest.CaptureFixture[str], what: str) -> None:
    """Each form is recognised, with all that the same octets may be besides; status 0."""
    octets, expected = READINGS[what]
    found = report(capfd, octets)
    assert (found["octets"], [one["what"] for one in found["readings"]]) == (len(octets), expected)
    status, out, err = run(capfd, "blob")
    assert (status, err) == (0, "")
    assert out.startswith(f"{len(octets)} octets\n")
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
    assert out.endswith("  verifies under nothing that was tried\n")
    [refusal] = report(capfd, octets[:40])["refusals"]
    assert (refusal["what"], refusal["octet"]) == ("an RPCN ticket", 4)
    out = run(capfd, "blob")[1]
    assert out.count("octet 4") == 1


def test_where_r_and_s_stand(capfd: pytest.CaptureFixture[str]) -> None:
    """The octets that are said to be r and s are theirs, also of integers longer than any curve's."""
    for r, s in ((SIGNATURE.r, SIGNATURE.s), (1, 1 << 231), (0x80, 0x7F), (1 << 223, 5), (1 << 600, 1 << 1200)):
        octets = Signature(r, s).to_der()
        details = report(capfd, octets)["readings"][0]["details"]
        for value, detail in zip((r, s), details, strict=False):
            first, last = map(int, re.findall(r"\d+", detail))
            assert int.from_bytes(octets[first : last + 1], "big") == value


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        (SIGNATURE, []),
        (HIGH, ["on secp224k1 its s is above n/2; n − s would be as valid"]),
        (
            Signature(5, N),
            ["on secp224k1 it is never valid: r or s is not below n (SEC 1 §4.1.4 step 1)"],
        ),
        (
            Signature(5, SECP256K1.n - 1),
            [
                "on secp224k1 it is never valid: r or s is not below n (SEC 1 §4.1.4 step 1)",
                "on secp256k1 its s is above n/2; n − s would be as valid",
            ],
        ),
    ],
    ids=["low", "high", "n", "256"],
)
def test_the_range_of_a_signature_is_said(
    capfd: pytest.CaptureFixture[str], signature: Signature, words: list[str]
) -> None:
    """On which curve s is high, or the pair can't be valid at all."""
    assert report(capfd, signature.to_der())["readings"][0]["details"][2:] == words


SPKI, SEC1, PKCS8, PAIR = PUBLIC.to_der(), KEY.to_der("sec1"), KEY.to_der(), SIGNATURE.to_der()
UNCOMPRESSED = PUBLIC.to_bytes(compressed=False)
OFF = UNCOMPRESSED[:-1] + bytes([UNCOMPRESSED[-1] ^ 1])

REFUSALS: dict[str, tuple[bytes, str, int | None, str]] = {
    "r with zeros": (bytes.fromhex("30080202000502020102"), "a signature in DER", 4, "X.690 §8.3.2"),
    "s negative": (bytes.fromhex("3006020105020181"), "a signature in DER", 7, "X.690 §8.3.3"),
    "no s": (bytes.fromhex("3003020105"), "a signature in DER", 5, "s (tag 02) was expected"),
    "cut off": (PAIR[:-1], "a signature in DER", len(PAIR) - 1, "X.690 §8.1.1"),
    "longer": (PAIR + b"\n", "a signature in DER", len(PAIR), "octets follow where the end was expected"),
    "indefinite": (b"\x30\x80" + PAIR[2:] + bytes(2), "a signature in DER", 1, "X.690 §10.1"),
    "long length": (b"\x30\x81" + PAIR[1:], "a signature in DER", 1, "X.690 §10.1"),
    "r of 0": (bytes.fromhex("3006020100020105"), "a signature in DER", None, "SEC 1 §4.1.4 step 1"),
    "SPKI, cut": (SPKI[:-1], "a public key, SubjectPublicKeyInfo", len(SPKI) - 1, "X.690 §8.1.1"),
    "SPKI, unused bits": (
        SPKI.replace(b"\x03\x3a\x00", b"\x03\x3a\x01"),
        "a public key, SubjectPublicKeyInfo",
        SPKI.index(b"\x03\x3a\x00") + 2,
        "X.690 §8.6.2",
    ),
    "SPKI, PEM": (
        PUBLIC.to_pem().replace("\nME4w", "\nMU4w").encode(),
        "a public key, SubjectPublicKeyInfo (RFC 5480 §2) in PEM",
        0,
        "a SEQUENCE (tag 30) was expected",
    ),
    "SEC 1, cut": (SEC1[:-1], "a private key, SEC 1 (§C.4) in DER", len(SEC1) - 1, "X.690 §8.1.1"),
    "PKCS#8, inside": (
        PKCS8.replace(b"\x02\x01\x01\x04\x1d", b"\x02\x01\x02\x04\x1d"),
        "a private key, PKCS#8",
        None,
        "version 1 of ECPrivateKey was expected (SEC 1 §C.4)",
    ),
    "PKCS#8, tag inside": (
        PKCS8.replace(b"\x02\x01\x01\x04\x1d", b"\x02\x01\x01\x05\x1d"),
        "a private key, PKCS#8",
        PKCS8.index(b"\x02\x01\x01\x04\x1d") + 3,
        "the private key (tag 04) was expected",
    ),
    "PEM, cut": (KEY.to_pem().encode()[:-5], "PEM (RFC 7468)", None, "RFC 7468 §2"),
    "PEM of another kind": (
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "PEM (RFC 7468)",
        None,
        "this is a certificate",
    ),
    "off the curve": (OFF, point(SECP224K1, "uncompressed"), None, "SEC 1 §2.3.4 step 3.5"),
    "x of p": (b"\x03" + P.to_bytes(28, "big"), point(SECP224K1, "compressed"), 1, "SEC 1 §2.3.6 step 1"),
    "no such x": (b"\x02" + bytes(28), point(SECP224K1, "compressed"), 1, "SEC 1 §2.3.4 step 2.4.1"),
    "y of p": (
        UNCOMPRESSED[:29] + P.to_bytes(28, "big"),
        point(SECP224K1, "uncompressed"),
        29,
        "SEC 1 §2.3.6 step 1",
    ),
    "hybrid": (bytes([6 + UNCOMPRESSED[-1] % 2]) + UNCOMPRESSED[1:], point(SECP224K1, "uncompressed"), 0, "hybrid"),
    "p1363, r of 0": (bytes(57) + b"\x01", "a signature in p1363", 0, "SEC 1 §4.1.4 step 1"),
    "p1363, s of n": (
        (5).to_bytes(29, "big") + N.to_bytes(29, "big"),
        "a signature in p1363",
        29,
        "SEC 1 §4.1.4 step 1",
    ),
    "p1363, r of n": (N.to_bytes(29, "big") * 2, "a signature in p1363", 0, "SEC 1 §4.1.4 step 1"),
    "d of n": (N.to_bytes(29, "big"), "perhaps a private key: 29 octets", None, "SEC 1 §3.2.1"),
    "JSON": (b'{"a": 1, "a": 2}', "JSON", None, "JSON with distinct names was expected"),
    "other JSON": (b'{"a": 1}', "a ChargePoint receipt", None, "one of the fields"),
    "login": (
        json.dumps(LOGIN | {"cookie": "short"}).encode(),
        "the exchange's login message, Authenticate",
        None,
        "cookie: base64 of 20 octets was expected",
    ),
    "welcome": (b'{"notice": "Welcome"}', "the exchange's Welcome", None, "nonce: a str was expected"),
    "hex": (
        PAIR[:-1].hex().encode(),
        "hex: a signature in DER",
        len(PAIR) - 1,
        "X.690 §8.1.1",
    ),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_what_is_wrong_where_and_why(capfd: pytest.CaptureFixture[str], what: str) -> None:
    """What nearly fits is named with the octet, where there is one, and the clause; status 2 if nothing else fits."""
    octets, name, octet, words = REFUSALS[what]
    found = report(capfd, octets)
    refusals = [one for one in found["refusals"] if one["what"].startswith(name)]
    assert [(one["octet"], words in one["reason"]) for one in refusals] == [(octet, True)]
    status, out, _ = run(capfd, "blob")
    place = "" if octet is None else f"octet {octet}: "
    assert f"is not quite {refusals[0]['what']}\n  {place}{refusals[0]['reason']}\n" in out
    assert status == (0 if found["readings"] else 2)


def test_nothing_fits(capfd: pytest.CaptureFixture[str]) -> None:
    """Octets of no form are status 2: the number of octets, and a sentence."""
    for octets, line in (
        (b"", "0 octets\n"),
        (b"x", "1 octet\n"),
        (b"\x30", "1 octet\n"),
        (b"hello there", "11 octets\n"),
        (b"aa" * 13, "26 octets\n"),
    ):
        Path("blob").write_bytes(octets)
        assert run(capfd, "blob") == (2, line, "ecpure: no reading fits\n")
    almost = b64encode(SIGNATURE.to_der() + b"!" * (2 - len(SIGNATURE.to_der()) % 3))
    assert almost.endswith(b"=")
    changed = almost[:-2] + bytes([almost[-2] + 1]) + b"="  # spare bits that are not 0: no base64
    Path("blob").write_bytes(changed)
    assert run(capfd, "blob") == (2, f"{len(changed)} octets\n", "ecpure: no reading fits\n")


# Keys and messages


@pytest.fixture
def files() -> None:
    Path("message").write_bytes(MESSAGE)
    Path("public.pem").write_text(PUBLIC.to_pem())
    Path("koblitz.pem").write_text(KOBLITZ.public_key.to_pem())
    Path("other.pem").write_text(PrivateKey.from_int(D + 1).public_key.to_pem())


TRIED = ("--public-key", "public.pem", "--message", "message")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("hash", ["sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_512"])
@pytest.mark.parametrize("form", ["der", "p1363", "compact", "hex"])
def test_the_hash_and_format_that_verify(capfd: pytest.CaptureFixture[str], hash: str, form: str) -> None:
    """Of all hashes and forms, the one that was used is said, and no other; status 0."""
    signature = KEY.sign(MESSAGE, hash=hash, low_s=True)
    octets = {
        "der": signature.to_der(),
        "hex": signature.to_der().hex().encode(),
        "p1363": signature.to_p1363(),
        "compact": signature.to_compact(),
    }[form]
    held = [words for one in report(capfd, octets, *TRIED)["readings"] for words in one["verifies"]]
    assert held == [f"verifies: {hash} of the message, on secp224k1"]
    status, out, _ = run(capfd, "blob", *TRIED)
    assert status == 0
    assert f"  verifies: {hash} of the message, on secp224k1\n" in out


@pytest.mark.usefixtures("files")
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
@pytest.mark.parametrize(
    ("signed", "given", "words"),
    [
        (b"text\n", b"text", "the message with a line feed after it"),
        (b"text", b"text\n", "the message without its last line feed"),
    ],
)
def test_a_line_feed_too_many_or_too_few(
    capfd: pytest.CaptureFixture[str], signed: bytes, given: bytes, words: str
) -> None:
    """The commonest mistake with messages is found, and named."""
    Path("message").write_bytes(given)
    reading = report(capfd, KEY.sign(signed).to_der(), *TRIED)["readings"][0]
    assert reading["verifies"] == [f"verifies: sha224 of {words}, on secp224k1"]


@pytest.mark.usefixtures("files")
def test_a_digest_that_was_cut_to_224_bits(capfd: pytest.CaptureFixture[str]) -> None:
    """A program that takes 224 bits of a longer digest in place of 225 is found out; nothing else verifies that."""
    digest = hashlib.sha256(MESSAGE).digest()
    octets = KEY.sign_digest(digest[:28]).to_der()
    reading = report(capfd, octets, *TRIED)["readings"][0]
    [words] = reading["verifies"]
    assert words.startswith("verifies: sha256 of the message, on secp224k1, cut to 224 bits: ")
    assert "SEC 1 §4.1.3 step 5" in words
    assert not PUBLIC.verify(Signature.from_der(octets), MESSAGE, hash="sha256")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", ["sha256", "sha512"])
def test_ecpys_signatures_are_found_out(capfd: pytest.CaptureFixture[str], name: str) -> None:
    """ECPy is such a program: what it signs with a longer digest is explained, the hash included."""
    keys, curves = pytest.importorskip("ecpy.keys"), pytest.importorskip("ecpy.curves")
    private = keys.ECPrivateKey(D, curves.Curve.get_curve("secp224k1"))
    signer = pytest.importorskip("ecpy.ecdsa").ECDSA()
    octets = signer.sign_rfc6979(hashlib.new(name, MESSAGE).digest(), private, getattr(hashlib, name))
    [words] = report(capfd, bytes(octets), *TRIED)["readings"][0]["verifies"]
    assert words.startswith(f"verifies: {name} of the message, on secp224k1, cut to 224 bits: ")


@pytest.mark.usefixtures("files")
def test_a_digest_in_place_of_the_message(capfd: pytest.CaptureFixture[str]) -> None:
    """--digest takes what was hashed already; another length is no digest."""
    Path("digest").write_bytes(hashlib.sha256(MESSAGE).digest())
    words = ["--public-key", "public.pem", "--digest", "digest"]
    reading = report(capfd, PAIR, *words)["readings"][0]
    assert reading["verifies"] == ["verifies: the digest (sha256 or sha3_256), on secp224k1"]
    Path("digest").write_bytes(b"short")
    expected = "ecpure: --digest: a file of 28, 32, 48 or 64 octets was expected\n"
    assert run(capfd, "blob", *words) == (2, "", expected)


@pytest.mark.usefixtures("files")
def test_nothing_verifies(capfd: pytest.CaptureFixture[str]) -> None:
    """Under another key, another curve's, over another message, or where there is no signature: status 1."""
    Path("blob").write_bytes(PAIR)
    for key in ("other.pem", "koblitz.pem"):
        status, out, err = run(capfd, "blob", "--public-key", key, "--message", "message")
        assert (status, err) == (1, "")
        assert out.endswith("  verifies under nothing that was tried\n")
    status, out, _ = run(capfd, "blob", "--public-key", "public.pem", "--message", "public.pem")
    assert status == 1
    Path("blob").write_bytes(SIGNATURE.to_p1363())  # of secp224k1's length: not even tried on the other
    assert run(capfd, "blob", "--public-key", "koblitz.pem", "--message", "message")[0] == 1
    status, out, err = run(capfd, "public.pem", *TRIED)
    assert (status, err) == (1, "")
    assert "verifies" not in out
    Path("blob").write_bytes(b"hello")
    assert run(capfd, "blob", *TRIED)[0] == 2


@pytest.mark.usefixtures("files")
def test_a_login_verifies_over_its_40_octets(capfd: pytest.CaptureFixture[str]) -> None:
    """Given what it signs as the message, the signature inside of the JSON is tried as well."""
    message = json.loads(json.dumps(LOGIN))
    _, octets = auth.read_authenticate(message, server_nonce=WELCOME["nonce"])
    Path("message").write_bytes(octets)
    [reading] = report(capfd, json.dumps(message).encode(), *TRIED)["readings"]
    assert reading["verifies"] == ["verifies: sha224 of the message, on secp224k1"]


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--message message", "--public-key: the key that the signature is to verify under was expected"),
        ("--public-key public.pem", "--message or --digest: what the signature is of was expected"),
        (
            "--public-key message --message message",
            "--public-key: a public key in PEM, in DER, or a point's octets, was expected",
        ),
        (
            "--public-key other.der --message message",
            "--public-key: a public key in PEM, in DER, or a point's octets, was expected",
        ),
        (
            "--public-key private.pem --message message",
            "public key: this is a private key; its public key is made by `ecpure pubkey`",
        ),
    ],
)
def test_what_is_missing_is_refused(capfd: pytest.CaptureFixture[str], words: str, sentence: str) -> None:
    """A message without a key, a key without a message, and a key that is none are one sentence each."""
    Path("blob").write_bytes(PAIR)
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
    "29 octets": KEY.to_bytes(),
    "28 octets": KEY.to_bytes()[1:],
    "hex": KEY.to_bytes().hex().encode(),
    "base64": b64encode(KEY.to_bytes()),
    "utility's input": KEY.to_bytes()[1:] + bytes(range(28)),
    "p1363's length": KEY.to_bytes() * 2,
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
    assert re.fullmatch(r"ecpure: what stands on a command line can be read by others, [^\n]+\n", err)
    assert octets.hex() not in out + err


def test_public_hex_is_not_warned_about(capfd: pytest.CaptureFixture[str]) -> None:
    """A point or a signature is no secret; upper case and lower case are hex."""
    status, out, err = run(capfd, PUBLIC.to_bytes().hex().upper())
    assert (status, err) == (0, "")
    assert out.startswith(f"29 octets\nis {point(SECP224K1, 'compressed')}\n")


@pytest.mark.parametrize("blob", ["", "no-such-file", "abc", "0x1234", "12 34", KEY.to_bytes().hex()[:-1]])
def test_what_is_neither_file_nor_hex_is_not_repeated(capfd: pytest.CaptureFixture[str], blob: str) -> None:
    """It may be a secret with a slip in it."""
    expected = "ecpure: explain: a file, or hex digits in pairs, was expected\n"
    assert run(capfd, blob) == (2, "", expected)


def test_a_file_goes_before_hex_and_standard_input(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file whose name is hex is read as a file; - is standard input."""
    Path("abcd").write_bytes(PAIR)
    assert run(capfd, "abcd")[1].startswith(f"{len(PAIR)} octets\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PAIR)))
    assert run(capfd, "-")[1].startswith(f"{len(PAIR)} octets\n")


def test_words_that_the_terminal_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report is text, not binary: also on a terminal, and in any encoding."""

    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    for encoding, expected in (
        ("utf-8", "§ ‖\n".encode()),
        ("latin-1", b"\xa7 \\u2016\n"),
        ("ascii", b"\\xa7 \\u2016\n"),
    ):
        octets = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", Terminal(octets, encoding=encoding))
        streams.write_lines(["§ ‖"])
        assert octets.getvalue() == expected
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(streams.Refused, match="standard output is closed"):
        streams.write_lines(["x"])


@given(
    st.binary(max_size=100)
    | st.binary(max_size=70).map(lambda tail: b"\x30" + tail)
    | st.sampled_from([octets for octets, _ in READINGS.values()]).flatmap(
        lambda octets: st.integers(0, len(octets) - 1).map(
            lambda i: octets[:i] + bytes([octets[i] ^ 1]) + octets[i + 1 :]
        )
    )
)
def test_any_octets_have_readings_or_none(octets: bytes) -> None:
    """There is no exception, and every octet that a refusal names is one that there is, or the end."""
    for one in guess(octets):
        assert one.what
        if isinstance(one, Miss):
            assert one.reason
            assert one.octet is None or 0 <= one.octet <= max(len(octets), 1)


def test_der_says_the_octet_of_every_refusal() -> None:
    """Every refusal of the reader of DER is at the octet that is wrong, counted from the start of the whole."""
    inner = der.element(der.SEQUENCE, der.element(der.OBJECT_IDENTIFIER, b"\x2a\x80\x01"))
    cases: list[tuple[bytes, int, Callable[[der.Reader], object]]] = [
        (inner, 5, lambda reader: reader.object_identifier("x")),
        (der.element(der.SEQUENCE, b"\x06\x01\x80"), 5, lambda reader: reader.object_identifier("x")),
        (der.element(der.SEQUENCE, b"\x06" + b"\x41" + b"\x01" * 65), 4, lambda reader: reader.object_identifier("x")),
        (der.element(der.SEQUENCE, b"\x02\x00"), 4, lambda reader: reader.integer("x")),
        (der.element(der.SEQUENCE, b"\x05\x00\x00"), 5, lambda reader: reader.tags()),
        (der.element(der.SEQUENCE, b"\x05\x00\x00"), 2, lambda reader: reader.end()),
    ]
    for octets, octet, read in cases:
        outer = der.Reader(octets, "x")
        with pytest.raises(InvalidEncoding) as refusal:
            read(outer.inside(der.SEQUENCE, "a SEQUENCE"))
        assert refusal.value.octet == octet
