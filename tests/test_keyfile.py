"""Key containers and PEM, without any other program: one form is read, and each other one is refused by name."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import pytest

from ecpure import SECP224K1, SECP256K1, EcpureError, InvalidEncoding, InvalidKey, PrivateKey, PublicKey, der

D = 0x1B89EA7FCD22CC059C2673DC24FF40B978307464686560D0AD7561B
KEY = PrivateKey.from_int(D)
OTHER = PrivateKey.from_int(D + 1)
SEC1, PKCS8, SPKI = KEY.to_der("sec1"), KEY.to_der("pkcs8"), KEY.public_key.to_der()

ALGORITHM = der.element(der.SEQUENCE, der.object_identifier("1.2.840.10045.2.1"), der.object_identifier("1.3.132.0.32"))
CURVE = der.element(0xA0, der.object_identifier("1.3.132.0.32"))
OCTETS = der.element(der.OCTET_STRING, KEY.to_bytes())
POINT = der.bit_string(KEY.public_key.to_bytes(compressed=False))
PUBLIC = der.element(0xA1, POINT)


def sec1(*parts: bytes, version: int = 1) -> bytes:
    return der.element(der.SEQUENCE, der.integer(version), *parts)


def pkcs8(inner: bytes, *rest: bytes, algorithm: bytes = ALGORITHM, version: int = 0) -> bytes:
    return der.element(der.SEQUENCE, der.integer(version), algorithm, der.element(der.OCTET_STRING, inner), *rest)


def algorithm(key: str, curve: bytes) -> bytes:
    return der.element(der.SEQUENCE, der.object_identifier(key), curve)


def test_the_parts_of_these_tests_make_the_package_s_own_forms() -> None:
    """The builders here, given the right parts, give what `to_der` gives."""
    assert sec1(OCTETS, CURVE, PUBLIC) == SEC1
    assert pkcs8(sec1(OCTETS, PUBLIC)) == PKCS8
    assert der.element(der.SEQUENCE, ALGORITHM, POINT) == SPKI


@pytest.mark.parametrize(
    "octets",
    [
        SEC1,
        PKCS8,
        sec1(OCTETS, CURVE),
        pkcs8(sec1(OCTETS)),
        pkcs8(sec1(OCTETS, CURVE)),
        pkcs8(SEC1),
        sec1(OCTETS, CURVE, der.element(0xA1, der.bit_string(KEY.public_key.to_bytes()))),
    ],
    ids=range(7),
)
def test_forms_that_are_read(octets: bytes) -> None:
    """The public key may be absent or compressed; PKCS#8 may name the curve twice, the same both times."""
    assert PrivateKey.from_der(octets) == KEY


X9_62 = "1.2.840.10045.2.1"
P256 = der.object_identifier("1.2.840.10045.3.1.7")
EXPLICIT = der.element(der.SEQUENCE, der.integer(1))

REFUSED: list[tuple[bytes, type[EcpureError], str]] = [
    (b"", InvalidEncoding, "SEQUENCE"),
    (b"\x30\x00", InvalidEncoding, "version"),
    (sec1(OCTETS, CURVE, PUBLIC, version=2), InvalidEncoding, "version"),
    (pkcs8(SEC1, version=3), InvalidEncoding, "version"),
    (pkcs8(sec1(OCTETS, version=0)), InvalidEncoding, "version"),
    (sec1(OCTETS, PUBLIC), InvalidKey, "does not name its curve"),
    (sec1(OCTETS), InvalidKey, "does not name its curve"),
    (sec1(OCTETS, der.element(0xA0, EXPLICIT)), InvalidKey, "explicit parameters.* openssl pkey"),
    (sec1(OCTETS, der.element(0xA0, P256)), InvalidKey, "P-256"),
    (sec1(OCTETS, der.element(0xA0, der.object_identifier("1.2.3"))), InvalidKey, "another curve"),
    (sec1(OCTETS, der.element(0xA0, der.object_identifier("1.3.132.0.32"), b"\x05\x00")), InvalidEncoding, "follow"),
    (pkcs8(SEC1, algorithm=algorithm(X9_62, P256)), InvalidKey, "P-256"),
    (pkcs8(SEC1, algorithm=algorithm(X9_62, EXPLICIT)), InvalidKey, "explicit parameters.* openssl pkey"),
    (pkcs8(SEC1, algorithm=algorithm(X9_62, b"\x05\x00")), InvalidEncoding, "curve"),
    (pkcs8(SEC1, algorithm=algorithm("1.2.840.113549.1.1.1", b"\x05\x00")), InvalidKey, "RSA"),
    (pkcs8(SEC1, algorithm=algorithm("1.3.101.112", b"")), InvalidKey, "Ed25519"),
    (pkcs8(SEC1, algorithm=algorithm("1.2.3.4", b"")), InvalidKey, "another algorithm"),
    (pkcs8(SEC1, der.element(0xA0, b"")), InvalidEncoding, "attributes.* openssl pkey"),
    (pkcs8(SEC1, der.element(0xA1, b"")), InvalidEncoding, "follow"),
    (pkcs8(SEC1 + b"\x00"), InvalidEncoding, "follow"),
    (pkcs8(b""), InvalidEncoding, "ECPrivateKey"),
    (sec1(OCTETS, CURVE, der.element(0xA1, der.bit_string(OTHER.public_key.to_bytes()))), InvalidKey, "another"),
    (sec1(OCTETS, CURVE, der.element(0xA1, der.bit_string(b"\x00"))), InvalidEncoding, "infinity"),
    (sec1(OCTETS, CURVE, der.element(0xA1, POINT, POINT)), InvalidEncoding, "follow"),
    (sec1(OCTETS, CURVE, PUBLIC, PUBLIC), InvalidEncoding, "follow"),
    (sec1(OCTETS, PUBLIC, CURVE), InvalidKey, "does not name"),
    (sec1(der.element(der.OCTET_STRING, bytes(28)), CURVE), InvalidEncoding, "29 octets"),
    (sec1(der.element(der.OCTET_STRING, KEY.to_bytes()[1:]), CURVE), InvalidEncoding, "29 octets"),
    (sec1(der.element(der.OCTET_STRING, b"\x00" + KEY.to_bytes()), CURVE), InvalidEncoding, "29 octets"),
    (sec1(der.element(der.OCTET_STRING, bytes(29)), CURVE), InvalidKey, r"\[1, n"),
    (sec1(der.element(der.OCTET_STRING, SECP224K1.n.to_bytes(29, "big")), CURVE), InvalidKey, r"\[1, n"),
    (SPKI, InvalidKey, "public key, or an encrypted one.* openssl pkey"),
    (PrivateKey.from_int(5, curve=SECP256K1).to_der(), InvalidKey, "secp256k1"),
    (PrivateKey.from_int(5, curve=SECP256K1).to_der("sec1"), InvalidKey, "secp256k1"),
]


@pytest.mark.parametrize(("octets", "error", "words"), REFUSED, ids=range(len(REFUSED)))
def test_private_forms_that_are_refused(octets: bytes, error: type[EcpureError], words: str) -> None:
    """Each wrong version, part, curve, order and length has its error and its words."""
    with pytest.raises(error, match=words):
        PrivateKey.from_der(octets)


@pytest.mark.parametrize(
    ("octets", "error", "words"),
    [
        (b"", InvalidEncoding, "SEQUENCE"),
        (SEC1, InvalidKey, "private key"),
        (PKCS8, InvalidKey, "private key"),
        (SPKI + b"\x00", InvalidEncoding, "follow"),
        (der.element(der.SEQUENCE, ALGORITHM, POINT, POINT), InvalidEncoding, "follow"),
        (der.element(der.SEQUENCE, algorithm(X9_62, P256), POINT), InvalidKey, "P-256"),
        (der.element(der.SEQUENCE, algorithm(X9_62, EXPLICIT), POINT), InvalidKey, "openssl pkey -pubin"),
        (der.element(der.SEQUENCE, ALGORITHM, der.bit_string(b"\x00")), InvalidEncoding, "infinity"),
        (der.element(der.SEQUENCE, ALGORITHM, OCTETS), InvalidEncoding, "tag 03"),
        (der.element(der.SEQUENCE, algorithm("1.2.840.113549.1.1.1", b"\x05\x00"), POINT), InvalidKey, "RSA"),
        (PrivateKey.from_int(5, curve=SECP256K1).public_key.to_der(), InvalidKey, "secp256k1"),
    ],
    ids=range(11),
)
def test_public_forms_that_are_refused(octets: bytes, error: type[EcpureError], words: str) -> None:
    """Private keys, other kinds, other curves, explicit parameters and infinity have their error and their words."""
    with pytest.raises(error, match=words):
        PublicKey.from_der(octets)


@pytest.mark.parametrize(
    ("octets", "read"),
    [(SEC1, PrivateKey.from_der), (PKCS8, PrivateKey.from_der), (SPKI, PublicKey.from_der)],
    ids=["sec1", "pkcs8", "spki"],
)
def test_every_changed_bit_and_length_is_refused(octets: bytes, read: Callable[[bytes], Any]) -> None:
    """No bit flip, truncation, removal or insertion of an octet is read: a private key stands beside its public one."""
    changed = [
        octets[:i] + bytes([octets[i] ^ 1 << bit]) + octets[i + 1 :] for i in range(len(octets)) for bit in range(8)
    ]
    changed += [octets[:i] for i in range(len(octets))]
    changed += [octets[:i] + octets[i + 1 :] for i in range(len(octets))]
    changed += [octets[:i] + b"\x00" + octets[i:] for i in range(len(octets) + 1)]
    for other in changed:
        with pytest.raises(EcpureError):
            read(other)


def test_keys_of_the_other_curve_are_read_where_asked_for() -> None:
    """`curve=SECP256K1` reads what names secp256k1, and refuses what names secp224k1."""
    key = PrivateKey.from_int(5, curve=SECP256K1)
    for text in (key.to_pem("sec1"), key.to_pem("pkcs8")):
        assert PrivateKey.from_pem(text, curve=SECP256K1) == key
    assert PublicKey.from_pem(key.public_key.to_pem(), curve=SECP256K1) == key.public_key
    with pytest.raises(InvalidKey, match="secp224k1"):
        PrivateKey.from_der(SEC1, curve=SECP256K1)


PEM = KEY.to_pem("sec1")
PARAMETERS = "-----BEGIN EC PARAMETERS-----\nBgUrgQQAIA==\n-----END EC PARAMETERS-----\n"


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        PEM.encode("ascii"),
        bytearray(PEM, "ascii"),
        PEM.replace("\n", "\r\n"),
        PEM.rstrip("\n"),
        PEM.replace("\n", "  \n"),
        "Words about the key: ü\n" + PEM + "and after it\n",
        PARAMETERS + PEM,
        PEM.replace("\n", "", 2).replace("-----BEGIN EC PRIVATE KEY-----", "-----BEGIN EC PRIVATE KEY-----\n"),
    ],
    ids=range(9),
)
def test_pem_that_is_read(text: Any) -> None:
    """str and octets, either line end, words around the block, EC PARAMETERS before it, lines of another length."""
    assert PrivateKey.from_pem(text) == KEY


def relabelled(label: str, octets: bytes) -> str:
    """Return the PEM text of SEC1 or PKCS8 under another label."""
    text, old = (KEY.to_pem("pkcs8"), "PRIVATE KEY") if octets == PKCS8 else (PEM, "EC PRIVATE KEY")
    return text.replace(f"BEGIN {old}", f"BEGIN {label}").replace(f"END {old}", f"END {label}")


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", InvalidEncoding, "one block"),
        ("not PEM", InvalidEncoding, "one block"),
        (b"\xff\xfe\x00binary", InvalidEncoding, "one block"),
        (SEC1, InvalidEncoding, "one block"),
        (PARAMETERS, InvalidEncoding, "one block"),
        (PEM + PEM, InvalidEncoding, "one block"),
        (PEM[: len(PEM) // 2], InvalidEncoding, "no end"),
        (PEM.replace("END EC", "END"), InvalidEncoding, "nested or cut off"),
        ("-----BEGIN X-----\n" + PEM, InvalidEncoding, "nested or cut off"),
        ("-----END EC PRIVATE KEY-----\n" + PEM, InvalidEncoding, "nested or cut off"),
        (PEM.replace("M", "!", 1), InvalidEncoding, "base64"),
        (PEM.replace("\n", "\n=", 1), InvalidEncoding, "base64"),
        (PEM.replace("\n-----END", "A\n-----END"), InvalidEncoding, "base64"),
        ("-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----\n", InvalidEncoding, "base64"),
        ("-----BEGIN EC PRIVATE KEY-----\nMB==\n-----END EC PRIVATE KEY-----\n", InvalidEncoding, "base64"),
        ("-----BEGIN EC PRIVATE KEY-----\nMé==\n-----END EC PRIVATE KEY-----\n", InvalidEncoding, "base64"),
        (relabelled("PRIVATE KEY", SEC1), InvalidEncoding, "version"),
        (relabelled("EC PRIVATE KEY", PKCS8), InvalidEncoding, "version"),
        (KEY.public_key.to_pem(), InvalidKey, "public key"),
        (relabelled("ENCRYPTED PRIVATE KEY", PKCS8), InvalidKey, "encrypted.* openssl pkey"),
        (PEM.replace("\n", "\nProc-Type: 4,ENCRYPTED\n", 1), InvalidKey, "encrypted.* openssl pkey"),
        (relabelled("CERTIFICATE", SEC1), InvalidKey, "certificate.* openssl x509"),
        (relabelled("RSA PRIVATE KEY", SEC1), InvalidKey, "RSA"),
        (relabelled("SOMETHING ELSE", SEC1), InvalidKey, "not another"),
    ],
    ids=range(24),
)
def test_pem_that_is_refused(text: str | bytes, error: type[EcpureError], words: str) -> None:
    """No block, several, damaged, nested, of another label, encrypted, or not canonical base64."""
    with pytest.raises(error, match=words):
        PrivateKey.from_pem(text)


def test_a_private_block_is_no_public_key() -> None:
    """Where a public key is wanted, a private one is refused by name, in either form."""
    for text in (KEY.to_pem("sec1"), KEY.to_pem("pkcs8")):
        with pytest.raises(InvalidKey, match="private key"):
            PublicKey.from_pem(text)


def test_no_refusal_shows_the_key() -> None:
    """Neither the exception nor what stands behind it holds a part of the private key."""
    secret, body = KEY.to_bytes(), PEM.splitlines()[1]
    damaged: list[tuple[Callable[[Any], object], Any]] = [
        (PrivateKey.from_pem, PEM[:-40]),
        (PrivateKey.from_pem, PEM + PEM),
        (PrivateKey.from_pem, PEM.replace("END EC", "END")),
        (PrivateKey.from_pem, PEM.replace("M", "!", 1)),
        (PrivateKey.from_pem, PEM.encode("ascii") + b"\xff" + PEM.encode("ascii")),
        (PrivateKey.from_pem, SEC1),
        (PublicKey.from_pem, PEM),
        (PrivateKey.from_der, SEC1[:-1]),
        (PrivateKey.from_der, PEM.encode("ascii")),
        (PublicKey.from_der, PKCS8),
        (PrivateKey.from_bytes, b"\xff" + secret),
        (PrivateKey.from_bytes, b"\xff" + secret[1:]),
        (PrivateKey.from_bytes, PEM),
        (PublicKey.from_bytes, secret),
        (PrivateKey.from_int, D + SECP224K1.n),
    ]
    for read, given in damaged:
        with pytest.raises((EcpureError, TypeError)) as refusal:
            read(given)
        text = "".join(traceback.format_exception_only(refusal.value)) + repr(refusal.value.__context__)
        for part in (secret[4:12].hex(), str(D)[:12], repr(secret[4:12])[2:-1], body[:20]):
            assert part not in text
