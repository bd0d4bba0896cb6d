"""docs/formats.md, its table of containers: each row is tried, on files of every kind that it names."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
import shutil
import subprocess
import zipfile
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ber import indefinite
from certificates import certificate, request
from consoles import ROOT, Shell
from packed import tar_of, zip_of
from tickets import body, ticket

from ecpure import SECP256K1, PrivateKey, der
from ecpure.keyfile import encode_pem

pytestmark = pytest.mark.openssl

PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("| the file holds | first | then read by |\n|---|---|---|\n")[2].partition("\n\n")[0]
ROWS = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in TABLE.splitlines()]

KEY = PrivateKey.from_int(0xC0FFEE << 160)  # one octet less than the curve's field has
PUBLIC = KEY.public_key
POINT = PUBLIC.to_bytes(compressed=False)
HYBRID = bytes([6 + PUBLIC.y % 2]) + POINT[1:]
MESSAGE = b"pay 5 to Ann\n"
SIGNATURE = KEY.sign(MESSAGE, low_s=True)
RECEIPT = b'{"outlet": 2, "meter_endreading": 86.6}'
SIGNED = {"secrrct": RECEIPT, "secrrct.sign": KEY.sign(RECEIPT, hash="sha256").to_der()}
RECORD = {"public_key": PUBLIC.to_bytes().hex(), "message": MESSAGE.hex(), "signature": SIGNATURE.to_der().hex()}
LINE = json.dumps(RECORD).encode() + b"\n"
CONTEXTS = "https://open.charging.cloud/contexts/"

PEM, SEC1, SPKI = KEY.to_pem().encode(), KEY.to_pem("sec1").encode(), PUBLIC.to_pem().encode()
CERTIFICATE = encode_pem("CERTIFICATE", certificate(PUBLIC)).encode()


def pkcs8(version: int, *after: bytes) -> bytes:
    """Return PKCS#8 of the version (RFC 5958 §2), with these elements at its end."""
    algorithm = der.element(
        der.SEQUENCE, der.object_identifier("1.2.840.10045.2.1"), der.object_identifier("1.3.132.0.32")
    )
    inner = der.element(der.SEQUENCE, der.integer(1), der.element(der.OCTET_STRING, KEY.to_bytes()))
    return der.element(der.SEQUENCE, der.integer(version), algorithm, der.element(der.OCTET_STRING, inner), *after)


def sec1(octets: bytes) -> bytes:
    curve = der.element(0xA0, der.object_identifier("1.3.132.0.32"))
    return der.element(der.SEQUENCE, der.integer(1), der.element(der.OCTET_STRING, octets), curve)


def openssl(line: str, octets: bytes) -> bytes:
    """Return what OpenSSL's command makes of the octets, in a folder with the key and a certificate."""
    return subprocess.run(["openssl", *line.split()], input=octets, capture_output=True, check=True).stdout


def pkcs12(options: str = "") -> bytes:
    made = openssl("req -x509 -key /dev/stdin -subj /CN=till", PEM)
    return openssl(f"pkcs12 -export {options} -passout pass:word", PEM + made)


def text(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")


def csv(separator: str) -> bytes:
    return "".join(f"{separator.join(values)}\n" for values in (RECORD, RECORD.values())).encode()


def records(**changes: Any) -> bytes:
    return json.dumps([RECORD | changes]).encode()


def public_json(**changes: str) -> bytes:
    key = {"@context": f"{CONTEXTS}publicKey+json", "algorithm": "secp224k1", "value": POINT.hex()}
    return json.dumps(key | changes).encode()


def url(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(28, "big")).decode("ascii").rstrip("=")


def named_p256() -> bytes:
    made = openssl("ecparam -name prime256v1 -genkey -noout", b"")
    Path("p256.pem").write_bytes(made)
    Path("p256.signature").write_bytes(openssl("dgst -sha256 -sign p256.pem", MESSAGE))
    return openssl("pkey -pubout", made)


ATTRIBUTES = der.element(0xA0, der.element(der.SEQUENCE, der.object_identifier("2.5.29.15"), der.element(0x31)))
BESIDE = der.element(0x81, b"\0", POINT)
SESSION = {"original": text(RECEIPT), "signature": SIGNED["secrrct.sign"].hex()}

MADE: dict[str, Callable[[], list[bytes]]] = {
    "PKCS#8 or SEC 1, in PEM or DER": lambda: [PEM, SEC1, KEY.to_der(), KEY.to_der("sec1")],
    "the same, its number without leading zeros (OpenSSL 1.0.2, older Java)": lambda: [
        sec1(KEY.to_bytes()[1:]),
        sec1(KEY.to_bytes().lstrip(b"\0")),
    ],
    "PKCS#8 of version 1 (python-ecdsa, BouncyCastle), or with attributes (Windows)": lambda: [
        pkcs8(1),
        pkcs8(1, BESIDE),
        pkcs8(0, ATTRIBUTES),
    ],
    "PEM with line ends CR LF or CR, a byte-order mark, or white space in the base64": lambda: [
        PEM.replace(b"\n", b"\r\n"),
        PEM.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + PEM,
        re.sub(rb"(?m)^(\w{9})", rb"\1 \t", PEM),
    ],
    r"PEM on one line, with `\n` written out, or in UTF-16": lambda: [
        PEM.replace(b"\n", b" "),
        PEM.replace(b"\n", rb"\n"),
        PEM.decode().encode("utf-16"),
    ],
    'a private key with certificates, parameters or "Bag Attributes" beside it': lambda: [
        CERTIFICATE + PEM,
        PEM + CERTIFICATE * 2,
        openssl("ecparam -name secp224k1", b"") + SEC1,
        b"Bag Attributes\n    localKeyID: F8 68\n" + PEM,
    ],
    "PKCS#8 or SEC 1 in hex or base64": lambda: [
        one for octets in (KEY.to_der(), KEY.to_der("sec1")) for one in (octets.hex().encode(), b64encode(octets))
    ],
    "a private key as 28 or 29 raw bytes (nothing in them says that they are a key, so you must)": lambda: [
        KEY.to_bytes(),
        KEY.to_bytes()[1:],
    ],
    "fewer bytes, without leading zeros": lambda: [KEY.to_bytes().lstrip(b"\0")],
    "a private key's bytes in hex": lambda: [KEY.to_bytes().hex().encode(), KEY.to_bytes()[1:].hex().encode()],
    "a private key under a password": lambda: [
        openssl("pkey -aes256 -passout pass:word", PEM),
        openssl("ec -aes256 -passout pass:word", PEM),
        openssl("pkcs8 -topk8 -outform DER -passout pass:word", PEM),
    ],
    "PKCS#12 (.p12, .pfx), also in BER, for its private key": lambda: [
        pkcs12(),
        indefinite(pkcs12()),
        pkcs12("-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1"),
    ],
    "the same in RC2 or RC4 (older Windows, Java)": lambda: [
        pkcs12("-legacy"),
        indefinite(pkcs12("-legacy")),
        pkcs12("-legacy -keypbe PBE-SHA1-RC4-128"),
    ],
    "PKCS#12, for its certificate": lambda: [pkcs12()],
    "a private key with explicit parameters": lambda: [openssl("pkey -ec_param_enc explicit", PEM)],
    "a private key with a point in hybrid form (06 or 07) beside it": lambda: [
        openssl("pkey -ec_conv_form hybrid", PEM)
    ],
    "SPKI, in PEM or DER": lambda: [SPKI, PUBLIC.to_der()],
    "a point, compressed or not, or x ‖ y": lambda: [PUBLIC.to_bytes(), POINT, POINT[1:]],
    "a certificate or a request, in PEM or DER": lambda: [
        CERTIFICATE,
        certificate(PUBLIC),
        encode_pem("NEW CERTIFICATE REQUEST", request(PUBLIC)).encode(),
        request(PUBLIC),
        openssl("req -x509 -key /dev/stdin -subj /CN=till", PEM),
        openssl("req -new -key /dev/stdin -subj /CN=till", PEM),
    ],
    "what `openssl pkey -text` prints, for either key": lambda: [
        openssl("pkey -noout -text", PEM),
        openssl("pkey -pubin -noout -text", SPKI),
    ],
    "SPKI, a point or a certificate in hex (with colons, spaces, line ends, 0x) or base64": lambda: [
        write(octets)
        for octets in (PUBLIC.to_der(), PUBLIC.to_bytes(), POINT, certificate(PUBLIC))
        for write in (
            lambda octets: octets.hex().encode(),
            lambda octets: octets.hex(":").encode(),
            lambda octets: octets.hex(" ", 16).encode() + b"\r\n",
            lambda octets: b"0x" + octets.hex().encode(),
            b64encode,
        )
    ],
    "a public key with explicit parameters": lambda: [openssl("pkey -pubin -pubout -ec_param_enc explicit", SPKI)],
    "SPKI with a point in hybrid form": lambda: [openssl("pkey -pubin -pubout -ec_conv_form hybrid", SPKI)],
    "a point in hybrid form alone": lambda: [HYBRID, HYBRID.hex().encode(), b64encode(HYBRID)],
    "a JSON Web Key (RFC 7517) on secp224k1": lambda: [
        json.dumps({"kty": "EC", "crv": "secp224k1", "x": url(PUBLIC.x), "y": url(PUBLIC.y)}).encode()
    ],
    "a key on secp256k1": lambda: [PrivateKey.from_int(5, curve=SECP256K1).to_pem().encode()],
    "a public key on any other curve": lambda: [named_p256()],
    "a signature in DER": lambda: [SIGNATURE.to_der()],
    "r ‖ s at 29 + 29 bytes": lambda: [SIGNATURE.to_p1363()],
    "r ‖ s at 28 + 28 bytes": lambda: [SIGNATURE.to_compact()],
    "a signature in hex, as xxd, od or OpenSSL write it": lambda: [
        SIGNATURE.to_der().hex("\n", -30).encode() + b"\n",
        b" " + SIGNATURE.to_der().hex(" ").encode() + b"\n",
        SIGNATURE.to_der().hex(":").encode(),
    ],
    "a signature in base64, on one line or several, also in the alphabet for URLs": lambda: [
        b64encode(SIGNATURE.to_der()),
        openssl("base64", SIGNATURE.to_der()),
        urlsafe_b64encode(SIGNATURE.to_der()).rstrip(b"="),
    ],
    "a signature in hex with a byte-order mark, or in UTF-16 (Windows)": lambda: [
        SIGNATURE.to_der().hex().encode(encoding) for encoding in ("utf-8-sig", "utf-16")
    ],
    "a signature in DER with a byte after it (Bitcoin's hash type)": lambda: [SIGNATURE.to_der() + b"\x01"],
    "a receipt, with its signature in FILE.sign": lambda: [RECEIPT],
    "receipts in tar, tar.gz, tar.bz2 or ZIP": lambda: [
        tar_of(SIGNED),
        gzip.compress(tar_of(SIGNED)),
        bz2.compress(tar_of(SIGNED)),
        zip_of(SIGNED, zipfile.ZIP_DEFLATED),
    ],
    "receipts in tar.xz": lambda: [lzma.compress(tar_of(SIGNED))],
    "receipts in tar.zst": lambda: [
        subprocess.run(["zstd", "-c"], input=tar_of(SIGNED), capture_output=True, check=True).stdout
    ],
    "receipts in Chargy's JSON": lambda: [
        json.dumps({"@context": f"{CONTEXTS}CTR+json", "chargingSessions": [SESSION]}).encode(),
        json.dumps(json.loads(RECEIPT) | SESSION).encode(),
    ],
    "a public key in Chargy's JSON": lambda: [
        public_json(),
        public_json(value=PUBLIC.to_der().hex()),
        public_json(value=text(PUBLIC.to_der()), encoding="base64"),
    ],
    "an RPCN ticket, as bytes or in hex": lambda: [
        write(ticket(body(), KEY.sign(body()).to_der()))
        for write in (bytes, lambda octets: octets.hex().encode(), lambda octets: b"$" + octets.hex().encode())
    ],
    "records in JSON Lines, also .gz, .bz2 or .xz": lambda: [
        LINE,
        gzip.compress(LINE),
        bz2.compress(LINE),
        lzma.compress(LINE),
    ],
    "records in CSV with commas, semicolons or tabs": lambda: [csv(","), csv(";"), csv("\t")],
    "records in a JSON array": lambda: [records()],
    "records in JSON, on several lines each": lambda: [json.dumps(RECORD, indent=1).encode() * 2],
    "records that do not say that their signatures are in base64": lambda: [
        json.dumps(RECORD | {"signature": text(SIGNATURE.to_der())}).encode()
    ],
    "records in CSV with bars": lambda: [csv("|")],
    "records in UTF-16": lambda: [LINE.decode().encode("utf-16")],
}
ENDINGS = {b"\x1f\x8b": ".gz", b"BZ": ".bz2", b"\xfd7": ".xz"}
"""By which files of records say how they are compressed."""


def test_the_table_has_a_test_for_each_row() -> None:
    """In its order."""
    assert [holds for holds, _, _ in ROWS] == [*MADE]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a shell in a folder with what the commands name beside FILE."""
    monkeypatch.chdir(tmp_path)
    for name, octets in {"public.pem": SPKI, "message": MESSAGE, **SIGNED, "FILE.sign": SIGNED["secrrct.sign"]}.items():
        Path(name).write_bytes(octets)
    return Shell(tmp_path)


@pytest.mark.long
@pytest.mark.parametrize(("holds", "first", "then"), ROWS, ids=[row[0] for row in ROWS])
def test_a_row(holds: str, first: str, then: str, shell: Shell) -> None:
    """What the first command writes, or FILE itself, is read by the second one; without the first, FILE is refused."""
    first, then = (cell.strip("`").replace("\\|", "|") for cell in (first, then))
    for program in re.findall(r"(?:^|\| )(jq|xz|zstd|xxd|iconv)\b", first):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    for octets in MADE[holds]():
        name = "FILE" + ENDINGS.get(octets[:2], "") * ("verify-many" in then)
        Path(name).write_bytes(octets)
        if first != "–":
            status, said = shell.run(then.replace("NEW", "FILE"))
            assert status == 2, said
            assert run(shell, first)[0] == 0
        status, said = run(shell, then.replace("FILE", name))
        assert status == 0, said
        assert right(said, then)
        for path in (name, "NEW"):
            Path(path).unlink(missing_ok=True)


def run(shell: Shell, command: str) -> tuple[int, str]:
    """Run a command, with the password where it asks for one on the terminal, which is not there."""
    if re.match(r"openssl (pkey -in FILE -out|pkcs12)", command):
        command += " -passin pass:word"
    return shell.run(command)


def right(said: str, command: str) -> bool:
    """Whether a command says what it does of these files."""
    if "secp256k1" in command:
        return said == PrivateKey.from_int(5, curve=SECP256K1).public_key.to_pem()
    if re.match(r"ecpure (pubkey|convert)", command):
        return said.encode() == SPKI
    if "verify-many" in command:
        return '"verdict": "valid"' in said and "1 invalid" not in said
    return said.startswith(("valid", "Verified OK"))
