"""Files as people drop them on the page: receipts, tickets and messages that OpenSSL signed, whole and changed."""

from __future__ import annotations

import bz2
import json
import subprocess
import zipfile
from base64 import b64encode
from pathlib import Path

from packed import tar_of, zip_of
from signeddocuments import FLAT, make_keys, openssl, sign
from tickets import body, ticket

from ecpure import Signature

Files = dict[str, bytes]

RECEIPT = json.dumps(FLAT).encode("ascii")
MESSAGE = b"pay 5 to Ann\n"
STATION = "0024b1000000beef_2.pem"
NAME = '<img src=x onerror="document.title=1">\u202e.json'
"""Of a file, with markup in it, and a turn of the direction of text."""


def make(folder: Path) -> Path:
    """Let OpenSSL make keys on secp224k1 and on P-256, and return their folder."""
    make_keys(folder)
    for name, form in (("p256", "uncompressed"), ("p256c", "compressed")):
        if name == "p256":
            openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(folder / "p256.key.pem"))
        words = ["pkey", "-in", str(folder / "p256.key.pem"), "-pubout", "-ec_conv_form", form]
        (folder / f"{name}.pem").write_bytes(openssl(*words))
    return folder


def sign_p256(folder: Path, message: bytes, hash: str = "sha256") -> bytes:
    return openssl("dgst", f"-{hash}", "-sign", str(folder / "p256.key.pem"), stdin=message)


def verify_p256(*, key: bytes, signature: bytes, message: bytes, hash: str, folder: Path) -> bool:
    """What the browser's WebCrypto does: r ‖ s under a key, by OpenSSL."""
    pair = Signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    paths = [folder / name for name in ("asked.der", "asked.sig")]
    for path, octets in zip(paths, (key, pair.to_der()), strict=True):
        path.write_bytes(octets)
    words = [f"-{hash}", "-verify", str(paths[0]), "-keyform", "DER", "-signature", str(paths[1])]
    return subprocess.run(["openssl", "dgst", *words], input=message, capture_output=True, check=False).returncode == 0


def changed(octets: bytes, old: bytes = b"86.6", new: bytes = b"96.6") -> bytes:
    """Return the octets with one of them another."""
    assert octets.count(old) == 1
    return octets.replace(old, new)


def archived(receipt: bytes, signature: bytes) -> bytes:
    return bz2.compress(tar_of({"secrrct": receipt, "secrrct.sign": signature}))


def chargy(receipt: bytes, signature: bytes) -> bytes:
    session = {"original": b64encode(receipt).decode("ascii"), "signature": signature.hex()}
    context = "https://open.charging.cloud/contexts/CTR+json"
    return json.dumps({"@context": context, "chargingSessions": [session]}).encode("ascii")


def chargy_key(point: bytes, algorithm: object) -> bytes:
    context = "https://open.charging.cloud/contexts/publicKey+json"
    return json.dumps({"@context": context, "algorithm": algorithm, "value": point.hex()}).encode("ascii")


def valid(keys: Path) -> dict[str, tuple[str, Files]]:
    """Return by name of each kind: what a verdict on it is about, and its files, all signed by OpenSSL."""
    public, p256 = ((keys / name).read_bytes() for name in ("public.pem", "p256.pem"))
    signature = sign(keys, "sha256", RECEIPT)
    return {
        "archive": ("receipt", {"receipt.tar.bz2": archived(RECEIPT, signature), "station.pem": public}),
        "pair": ("receipt", {"secrrct": RECEIPT, "secrrct.sign": signature, STATION: public}),
        "chargy": ("receipt", {"bill.chargy": chargy(RECEIPT, signature), "station.pem": public}),
        "ticket": ("ticket", {"ticket": ticket(body(), sign(keys, "sha224", body())), "rpcn.pem": public}),
        "message": ("message", {"a.txt": MESSAGE, "a.txt.sig": sign(keys, "sha384", MESSAGE), "k.pem": public}),
        "p256": ("receipt", {"p256.tar.bz2": archived(RECEIPT, sign_p256(keys, RECEIPT)), "p256.pem": p256}),
    }


def wrong(keys: Path) -> dict[str, Files]:
    """Return the same, with one octet of what was signed changed."""
    files = {name: dict(given) for name, (_, given) in valid(keys).items()}
    signature, other = sign(keys, "sha256", RECEIPT), changed(RECEIPT)
    files["archive"]["receipt.tar.bz2"] = archived(other, signature)
    files["pair"]["secrrct"] = other
    files["chargy"]["bill.chargy"] = chargy(other, signature)
    files["ticket"]["ticket"] = changed(files["ticket"]["ticket"], b"player", b"plaier")
    files["message"]["a.txt"] = changed(MESSAGE, b"5", b"6")
    files["p256"]["p256.tar.bz2"] = archived(other, sign_p256(keys, RECEIPT))
    return files


def hostile() -> Files:
    """Return files that should do no harm, by their names."""
    bomb = bz2.compress(bytes(64 << 20))
    return {
        "bomb.tar.bz2": bomb,
        "nested.zip": zip_of({"a.zip": zip_of({"b.zip": zip_of({"c": b"d"})})}),
        "many.zip": zip_of({str(number): b"" for number in range(1001)}, zipfile.ZIP_STORED),
        "cut.zip": zip_of({"secrrct": RECEIPT})[:-9],
        "broken.tar.bz2": bomb[:20],
        "none.zip": b"no archive",
        "deep.json": b'{"a":' * 100_000,
        NAME: b'{"outlet": "<b>1</b>"}',
        "empty": b"",
    }
