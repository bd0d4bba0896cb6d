"""What `explain` says of files that were misread once, beside the project or where ECPURE_CASES says."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from ecpure.cli import main

FOLDER = Path(os.environ.get("ECPURE_CASES", Path(__file__).parents[3] / "shared" / "cases"))

POINT = "a public key: uncompressed point (SEC 1 §2.3.3) on secp224k1"
DER = "a signature in DER (RFC 3279 §2.2.3)"
SPKI = "a public key, SubjectPublicKeyInfo (RFC 5480 §2) in PEM, on secp224k1"
PKCS8 = "a private key, PKCS#8 (RFC 5958 §2) in PEM, on secp224k1"
CERTIFICATE = "a certificate (RFC 5280 §4.1) in PEM, with a public key on secp224k1"
PKCS12 = "PKCS#12 (RFC 7292 §4), a container of keys and certificates"
LINES = "a file of records, in JSON Lines"

CASES: dict[str, list[str]] = {
    "explain-misreads-text/chargy-like.json": ["JSON: an object of an unknown kind"],
    "explain-misreads-text/container.p12": [PKCS12],
    "explain-misreads-text/key.jwk": ["a JWK (RFC 7517): a public key, on secp224k1"],
    "explain-misreads-text/point-0x.txt": [f"hex with 0x before it: {POINT}"],
    "explain-misreads-text/point.txt": [f"hex with colons: {POINT}"],
    "explain-misreads-text/signature-0x.txt": [f"hex with 0x before it: {DER}"],
    "explain-misreads-text/signature-base64url.txt": [f"base64url: {DER}"],
    "explain-misreads-text/signature-wrapped.txt": [f"base64 in lines: {DER}"],
    "wrapped-text-signature/message": [],
    "wrapped-text-signature/records.jsonl": [LINES],
    "wrapped-text-signature/signature.0x": [f"hex with 0x before it: {DER}"],
    "wrapped-text-signature/signature.base64": [f"base64 in lines: {DER}"],
    "wrapped-text-signature/signature.base64url": [f"base64url: {DER}"],
    "wrapped-text-signature/signature.colons": [f"hex with colons: {DER}"],
    "wrapped-text-signature/signature.der": [DER],
    "wrapped-text-signature/signature.od": [f"hex with spaces in lines: {DER}"],
    "wrapped-text-signature/signature.openssl-base64": [f"base64 in lines: {DER}"],
    "wrapped-text-signature/signature.xxd": [f"hex in lines: {DER}"],
    "keys-as-text/ec-public-key-label.pem": [SPKI],
    "keys-as-text/literal-backslash-n.pem": [SPKI],
    "keys-as-text/one-line.pem": [SPKI],
    "keys-as-text/new-certificate-request.pem": [
        "a certificate request (RFC 2986 §4.1) in PEM, with a public key on secp224k1"
    ],
    "keys-as-text/point.colons": [f"hex with colons: {POINT}"],
    "keys-as-text/point.hex": [f"hex: {POINT}"],
    "keys-as-text/private.base64": [f"base64: {PKCS8.replace('PEM', 'DER')}"],
    "keys-as-text/spki.base64": [f"base64: {SPKI.replace('PEM', 'DER')}"],
    "keys-as-text/spki.hex": [f"hex: {SPKI.replace('PEM', 'DER')}"],
    "keys-as-text/trusted.pem": [CERTIFICATE],
    "keys-as-text/hybrid.pem": [],
    "pem-key-and-certificate/certificate-then-key.pem": [CERTIFICATE, PKCS8],
    "pem-key-and-certificate/from-pkcs12.pem": [CERTIFICATE, PKCS8],
    "pem-key-and-certificate/key-and-public-key.pem": [PKCS8, SPKI],
    "pem-key-and-certificate/key-then-certificate.pem": [PKCS8, CERTIFICATE],
    "pkcs8-version-1/python-ecdsa.pem": [PKCS8],
    "pkcs8-version-1/v0_attr_ku.pem": [PKCS8],
    "pkcs8-version-1/v1_nopub.pem": [PKCS8],
    "pkcs8-version-1/v1_pub.pem": [PKCS8],
    "records-as-other-software-writes-them/array.json": ["records, in a JSON list of 2"],
    "records-as-other-software-writes-them/hash-names.jsonl": [LINES],
    "records-as-other-software-writes-them/key-spki-hex.jsonl": [LINES],
    "records-as-other-software-writes-them/semicolon.csv": ["a file of records, in CSV"],
}


@pytest.mark.parametrize("name", CASES)
def test_each_file_is_what_it_is(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """As a file, and as an argument where it is text; nothing else is nearly one, but for the key in hybrid form."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip("no such case: neither beside the project nor in ECPURE_CASES")
    expected = CASES[name]
    assert main(["explain", str(path)]) == (0 if expected else 2)
    out = capfd.readouterr().out
    assert re.findall(r"^is (?!not quite)(.*)$", out, re.MULTILINE) == expected
    assert ("not quite" in out) == (name == "keys-as-text/hybrid.pem")
    octets = path.read_bytes()
    if expected and octets.isascii():
        assert main(["explain", octets.decode("ascii")]) == 0
        out = capfd.readouterr().out
        inner = [what.partition(": ")[2] if what.startswith("hex") else what for what in expected]
        assert re.findall(r"^is (.*)$", out, re.MULTILINE) == inner


@pytest.mark.skipif(not FOLDER.is_dir(), reason="no cases: neither beside the project nor in ECPURE_CASES")
@pytest.mark.parametrize("name", sorted(name for name in CASES if "wrapped-text-signature/signature" in name))
def test_each_signature_verifies(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever it is written in, it is one of the message, under SHA-256."""
    words = ["--public-key", "public.pem", "--message", "message"]
    folder = (FOLDER / name).parent
    words = [str(folder / word) if not word.startswith("-") else word for word in words]
    assert main(["explain", str(FOLDER / name), *words]) == 0
    assert "  verifies: sha256 of the message, on secp224k1\n" in capfd.readouterr().out
