"""Octets of every form that `ecpure explain` knows, and such as nearly have one, with what is to be said of them."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode

from certificates import certificate, request
from hexdumps import xxd

from ecpure import SECP224K1, SECP256K1, Curve, PrivateKey, Signature, auth
from ecpure.keyfile import encode_pem

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


def a_point(curve: Curve, kind: str) -> str:
    """Return how a point is called. kind: compressed or uncompressed."""
    return f"a public key: {kind} point (SEC 1 §2.3.3) on {curve.name}"


PRINTED = f"Key: (225 bit)\n{{}}pub:\n    {PUBLIC.to_bytes().hex(':')}\nASN1 OID: secp224k1\n"
READINGS: dict[str, tuple[bytes, list[str]]] = {
    "compressed": (PUBLIC.to_bytes(), [a_point(SECP224K1, "compressed")]),
    "uncompressed": (PUBLIC.to_bytes(compressed=False), [a_point(SECP224K1, "uncompressed")]),
    "compressed, 256": (KOBLITZ.public_key.to_bytes(), [a_point(SECP256K1, "compressed")]),
    "uncompressed, 256": (KOBLITZ.public_key.to_bytes(compressed=False), [a_point(SECP256K1, "uncompressed")]),
    "x and y": (
        PUBLIC.to_bytes(compressed=False)[1:],
        [
            "a signature at 28 + 28 bytes, as the exchange writes it",
            "perhaps what sign_secp224k1 reads: a private key and a digest, 28 + 28 bytes",
            "x ‖ y of a public key on secp224k1: with 04 before it, a point (SEC 1 §2.3.3)",
        ],
    ),
    "DER": (SIGNATURE.to_der(), ["a signature in DER (RFC 3279 §2.2.3)"]),
    "p1363": (SIGNATURE.to_p1363(), ["a signature in p1363: r ‖ s at 29 + 29 bytes, on secp224k1"]),
    "p1363, 256": (
        KOBLITZ.sign(MESSAGE).to_p1363(curve=SECP256K1),
        [
            "a signature in p1363: r ‖ s at 32 + 32 bytes, on secp256k1",
            "perhaps a digest: sha512 or sha3_512",
        ],
    ),
    "compact": (
        SIGNATURE.to_compact(),
        [
            "a signature at 28 + 28 bytes, as the exchange writes it",
            "perhaps what sign_secp224k1 reads: a private key and a digest, 28 + 28 bytes",
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
    "PKCS#8": (KEY.to_der(), ["a private key, PKCS#8 (RFC 5958 §2) in DER, on secp224k1"]),
    "SEC 1": (KEY.to_der("sec1"), ["a private key, SEC 1 (§C.4) in DER, on secp224k1"]),
    "PKCS#8, PEM": (KEY.to_pem().encode(), ["a private key, PKCS#8 (RFC 5958 §2) in PEM, on secp224k1"]),
    "SEC 1, PEM": (KOBLITZ.to_pem("sec1").encode(), ["a private key, SEC 1 (§C.4) in PEM, on secp256k1"]),
    "29 bytes": (KEY.to_bytes(), ["perhaps a private key: 29 bytes, on secp224k1"]),
    "28 bytes": (
        KEY.to_bytes()[1:],
        ["perhaps a private key: 28 bytes, on secp224k1", "perhaps a digest: sha224 or sha3_224"],
    ),
    "32 bytes": (
        KOBLITZ.to_bytes(),
        ["perhaps a private key: 32 bytes, on secp256k1", "perhaps a digest: sha256 or sha3_256"],
    ),
    "16 bytes": (bytes(16), ["perhaps a nonce of the exchange's login: 16 bytes"]),
    "20 bytes": (bytes(20), ["perhaps a cookie of the exchange's login: 20 bytes"]),
    "40 bytes": (bytes(40), ["perhaps what is signed of the exchange's login: 40 bytes"]),
    "48 bytes": (bytes(48), ["perhaps a digest: sha384 or sha3_384"]),
    "hex": (b" " + SIGNATURE.to_der().hex().encode() + b"\n", ["hex: a signature in DER (RFC 3279 §2.2.3)"]),
    "base64": (b64encode(SIGNATURE.to_der()) + b"\n", ["base64: a signature in DER (RFC 3279 §2.2.3)"]),
    "base64 of a nonce": (b64encode(bytes(16)), ["base64: perhaps a nonce of the exchange's login: 16 bytes"]),
    "a key beside its certificate": (
        encode_pem("CERTIFICATE", certificate(PUBLIC)).encode() + KEY.to_pem().encode(),
        [
            "a certificate (RFC 5280 §4.1) in PEM, with a public key on secp224k1",
            "a private key, PKCS#8 (RFC 5958 §2) in PEM, on secp224k1",
        ],
    ),
    "a certificate": (
        certificate(PUBLIC),
        ["a certificate (RFC 5280 §4.1) in DER, with a public key on secp224k1"],
    ),
    "a certificate, PEM": (
        encode_pem("CERTIFICATE", certificate(PUBLIC)).encode(),
        ["a certificate (RFC 5280 §4.1) in PEM, with a public key on secp224k1"],
    ),
    "a request": (
        request(KOBLITZ.public_key),
        ["a certificate request (RFC 2986 §4.1) in DER, with a public key on secp256k1"],
    ),
    "colons": (
        PUBLIC.to_der().hex(":").encode(),
        ["hex with colons: a public key, SubjectPublicKeyInfo (RFC 5480 §2) in DER, on secp224k1"],
    ),
    "one line of PEM": (
        PUBLIC.to_pem().replace("\n", "\\n").encode(),
        ["a public key, SubjectPublicKeyInfo (RFC 5480 §2) in PEM, on secp224k1"],
    ),
    "printed by OpenSSL, private": (
        PRINTED.format(f"priv:\n    {KEY.to_bytes().hex(':')}\n").encode(),
        ["a private key, as openssl pkey -text prints it, on secp224k1"],
    ),
    "printed by OpenSSL, public": (
        PRINTED.format("").encode(),
        ["a public key, as openssl pkey -text prints it, on secp224k1"],
    ),
    "UTF-16": (
        KEY.to_pem().encode("utf-16"),
        ["a private key, PKCS#8 (RFC 5958 §2) in PEM, on secp224k1"],
    ),
    "0x": (b"0x" + SIGNATURE.to_der().hex().encode(), ["hex with 0x before it: a signature in DER (RFC 3279 §2.2.3)"]),
    "base64url": (
        urlsafe_b64encode(b"\x03\xff" * 24),
        ["base64url: perhaps a digest: sha384 or sha3_384"],
    ),
    "a dump of hex": (
        xxd(SIGNATURE.to_der().hex().encode()),
        ["a dump by xxd: hex: a signature in DER (RFC 3279 §2.2.3)"],
    ),
    "PKCS#8, version 1": (
        KEY.to_der().replace(b"\x02\x01\x00", b"\x02\x01\x01", 1),
        ["a private key, PKCS#8 (RFC 5958 §2) in DER, on secp224k1"],
    ),
    "login": (json.dumps(LOGIN).encode(), ["the exchange's login message, Authenticate"]),
    "welcome": (json.dumps(WELCOME).encode(), ["the exchange's Welcome"]),
    "receipt": (RECEIPT, ["a ChargePoint receipt"]),
}
"""What octets are: all that they may be, in order."""

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
        "a certificate or request",
        0,
        "a SEQUENCE (tag 30) was expected",
    ),
    "off the curve": (OFF, a_point(SECP224K1, "uncompressed"), None, "SEC 1 §2.3.4 step 3.5"),
    "x of p": (b"\x03" + P.to_bytes(28, "big"), a_point(SECP224K1, "compressed"), 1, "SEC 1 §2.3.6 step 1"),
    "no such x": (b"\x02" + bytes(28), a_point(SECP224K1, "compressed"), 1, "SEC 1 §2.3.4 step 2.4.1"),
    "y of p": (
        UNCOMPRESSED[:29] + P.to_bytes(28, "big"),
        a_point(SECP224K1, "uncompressed"),
        29,
        "SEC 1 §2.3.6 step 1",
    ),
    "hybrid": (bytes([6 + UNCOMPRESSED[-1] % 2]) + UNCOMPRESSED[1:], a_point(SECP224K1, "uncompressed"), 0, "hybrid"),
    "p1363, r of 0": (bytes(57) + b"\x01", "a signature in p1363", 0, "SEC 1 §4.1.4 step 1"),
    "p1363, s of n": (
        (5).to_bytes(29, "big") + N.to_bytes(29, "big"),
        "a signature in p1363",
        29,
        "SEC 1 §4.1.4 step 1",
    ),
    "p1363, r of n": (N.to_bytes(29, "big") * 2, "a signature in p1363", 0, "SEC 1 §4.1.4 step 1"),
    "d of n": (N.to_bytes(29, "big"), "perhaps a private key: 29 bytes", None, "SEC 1 §3.2.1"),
    "JSON": (b'{"a": 1, "a": 2}', "JSON", None, "JSON, with each name once, was expected"),
    "other receipt": (b'{"outlet": true}', "a ChargePoint receipt", None, "text or a number was expected"),
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
"""What octets nearly are: the beginning of its name, the octet at which they are not, and words of the reason."""
