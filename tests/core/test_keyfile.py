"""Key containers and PEM, without any other program: what has one reading is read, all else is refused by name."""

from __future__ import annotations

import base64
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ber import indefinite
from hypothesis import given
from hypothesis import strategies as st

from ecpure import (
    SECP224K1,
    SECP256K1,
    Curve,
    EcpureError,
    InvalidCurve,
    InvalidEncoding,
    InvalidKey,
    PrivateKey,
    PublicKey,
    der,
    keyfile,
)

D = 0x1B89EA7FCD22CC059C2673DC24FF40B978307464686560D0AD7561B
P, N = SECP224K1.p, SECP224K1.n
KEY = PrivateKey.from_int(D)
OTHER = PrivateKey.from_int(D + 1)
SEC1, PKCS8, SPKI = KEY.to_der("sec1"), KEY.to_der("pkcs8"), KEY.public_key.to_der()

ALGORITHM = der.element(der.SEQUENCE, der.object_identifier("1.2.840.10045.2.1"), der.object_identifier("1.3.132.0.32"))
CURVE = der.element(0xA0, der.object_identifier("1.3.132.0.32"))
OCTETS = der.element(der.OCTET_STRING, KEY.to_bytes())
POINT = der.bit_string(KEY.public_key.to_bytes(compressed=False))
PUBLIC = der.element(0xA1, POINT)
COMPRESSED = KEY.public_key.to_bytes()
ATTRIBUTES = der.element(0xA0, der.element(der.SEQUENCE, der.object_identifier("1.2.3"), der.element(0x31)))
HYBRID = bytes([6 + KEY.public_key.y % 2]) + KEY.public_key.to_bytes(compressed=False)[1:]

# Every stretch of the secret that would give some of it away: of its octets, in hex and raw, of the number, of base64.
_TEXTS = [KEY.to_bytes().hex(), KEY.to_bytes().hex().upper(), str(D), repr(KEY.to_bytes()[1:])[2:-1]]
_TEXTS += [base64.b64encode(octets[:64]).decode() for octets in (KEY.to_bytes(), SEC1, PKCS8)]
PARTS = [text[i : i + 10] for text in _TEXTS for i in range(len(text) - 9) if text[i : i + 10].strip("0A")]


def refusal(
    read: Callable[[Any], object], given: object, error: type[Exception] = EcpureError, words: str | None = None
) -> Exception:
    """Return the refusal of `given`; check its type and words, and that neither it nor what is behind it shows KEY."""
    with pytest.raises(error, match=words) as caught:
        read(given)
    shown = "".join(traceback.format_exception_only(caught.value)) + repr(caught.value.args)
    behind = caught.value.__cause__ or caught.value.__context__
    shown += "".join(traceback.format_exception(behind)) if behind else ""
    assert not [part for part in PARTS if part in shown]
    return caught.value


def sec1(*parts: bytes, version: int = 1) -> bytes:
    return der.element(der.SEQUENCE, der.integer(version), *parts)


def pkcs8(inner: bytes, *rest: bytes, algorithm: bytes = ALGORITHM, version: int = 0) -> bytes:
    return der.element(der.SEQUENCE, der.integer(version), algorithm, der.element(der.OCTET_STRING, inner), *rest)


def beside(point: bytes) -> bytes:
    """Return [1] of OneAsymmetricKey, whose tag is implicit (RFC 5958 §2)."""
    return der.element(0x81, b"\x00" + point)


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
        sec1(OCTETS, CURVE, der.element(0xA1, der.bit_string(COMPRESSED))),
        pkcs8(SEC1, ATTRIBUTES),
        pkcs8(SEC1, ATTRIBUTES, version=1),
        pkcs8(SEC1, version=1),
        pkcs8(sec1(OCTETS), beside(COMPRESSED), version=1),
        pkcs8(SEC1, ATTRIBUTES, beside(COMPRESSED), version=1),
    ],
    ids=range(12),
)
def test_forms_that_are_read(octets: bytes) -> None:
    """The public key may be absent or compressed; PKCS#8 may name the curve twice, the same both times, may have
    attributes, and in version 1 the public key once more.
    """
    assert PrivateKey.from_der(octets) == KEY


X9_62 = "1.2.840.10045.2.1"
P256 = der.object_identifier("1.2.840.10045.3.1.7")
EXPLICIT = der.element(der.SEQUENCE, der.integer(1))

DATA = der.object_identifier("1.2.840.113549.1.7.1")


def pfx(*ciphers: int) -> bytes:
    """Return the beginning of PKCS#12 (RFC 7292 §4), which names ciphers of its appendix C."""
    named = [der.object_identifier(f"1.2.840.113549.1.12.1.{cipher}") for cipher in ciphers]
    safe = der.element(0xA0, der.element(der.OCTET_STRING, b"".join(named)))
    return der.element(der.SEQUENCE, der.integer(3), der.element(der.SEQUENCE, DATA, safe), ALGORITHM)


PFX = pfx()


@pytest.mark.parametrize("octets", [0, 80, 100, 300, 70_000])
def test_pkcs_12_is_known_by_its_beginning(octets: int) -> None:
    """However long it is, its lengths in short form or in long, of one octet or more; and cut off anywhere after it."""
    data = der.element(der.SEQUENCE, DATA, der.element(0xA0, bytes(octets)))
    long = der.element(der.SEQUENCE, der.integer(3), data)
    assert keyfile.is_pkcs12(long)
    start = long.index(DATA)
    for end in range(start + len(DATA)):
        assert not keyfile.is_pkcs12(long[:end])
    assert keyfile.is_pkcs12(long[: start + len(DATA)])


@pytest.mark.parametrize("tag", [0x04, 0x2F, 0x31, 0xA0])
def test_what_is_no_sequence_is_no_pkcs_12(tag: int) -> None:
    """Neither as a whole, nor in the place of ContentInfo."""
    inner = der.element(tag, DATA)
    assert not keyfile.is_pkcs12(bytes([tag]) + PFX[1:])
    assert not keyfile.is_pkcs12(der.element(der.SEQUENCE, der.integer(3), inner))


@pytest.mark.parametrize(("cipher", "legacy"), [(1, True), (2, True), (3, False), (4, False), (5, True), (6, True)])
def test_of_the_ciphers_of_pkcs_12_openssl_keeps_rc2_and_rc4_apart(cipher: int, legacy: bool) -> None:
    """Of the six of RFC 7292's appendix C these four need the option that the sentence names."""
    reason = refusal(PrivateKey.from_der, pfx(cipher), InvalidKey, "this is PKCS#12")
    assert ("openssl pkcs12 -legacy -in KEY" in str(reason)) is legacy
    assert ("openssl pkcs12 -in KEY" in str(reason)) is not legacy


@pytest.mark.parametrize(("arc", "shown"), [("9" * 28, True), ("9" * 29, False)])
def test_an_unknown_identifier_is_shown_up_to_32_characters(arc: str, shown: bool) -> None:
    """The digits of a private key would be more."""
    oid = f"1.2.{arc}"
    named = f"another curve ({oid})" if shown else "another curve"
    octets = sec1(OCTETS, der.element(0xA0, der.object_identifier(oid)))
    assert f"this is a key on {named}, not" in str(refusal(PrivateKey.from_der, octets, InvalidKey))


@pytest.mark.parametrize(
    ("octets", "wanted"),
    [
        (sec1(OCTETS, CURVE, version=2), "version 1 of EC PRIVATE KEY (SEC 1 §C.4)"),
        (pkcs8(SEC1, version=2), "version 0 or 1 of PKCS#8 (RFC 5958 §2)"),
        (
            der.element(der.SEQUENCE, der.integer(1)),
            "version 0 or 1 of PKCS#8 (RFC 5958 §2) or version 1 of EC PRIVATE KEY (SEC 1 §C.4)",
        ),
    ],
    ids=["sec1", "pkcs8", "neither"],
)
def test_the_version_that_is_asked_for_is_that_of_the_form(octets: bytes, wanted: str) -> None:
    """Of a form that is known by its second element its own versions are named, and of neither form both."""
    assert str(refusal(PrivateKey.from_der, octets, InvalidEncoding)) == f"private key: {wanted} was expected"


REFUSED: list[tuple[bytes, type[EcpureError], str]] = [
    (b"", InvalidEncoding, "SEQUENCE"),
    (b"\x30\x00", InvalidEncoding, "version"),
    (sec1(OCTETS, CURVE, PUBLIC, version=2), InvalidEncoding, "version"),
    (sec1(OCTETS, CURVE, PUBLIC, version=1 << 70), InvalidEncoding, "version"),
    (der.element(der.SEQUENCE, b"\x02\x01\xff", OCTETS, CURVE), InvalidEncoding, "the version is negative"),
    (pkcs8(SEC1, version=3), InvalidEncoding, "version"),
    (pkcs8(sec1(OCTETS, version=0)), InvalidEncoding, "version"),
    (sec1(OCTETS, PUBLIC), InvalidKey, "does not name its curve"),
    (sec1(OCTETS), InvalidKey, "does not name its curve"),
    (sec1(OCTETS, der.element(0xA0, EXPLICIT)), InvalidKey, "explicit parameters.* openssl pkey"),
    (sec1(OCTETS, der.element(0xA0, P256)), InvalidKey, "P-256"),
    (sec1(OCTETS, der.element(0xA0, P256)), InvalidKey, "openssl dgst -sha256 -sign KEY"),
    (sec1(OCTETS, der.element(0xA0, der.object_identifier("1.2.3"))), InvalidKey, r"another curve \(1\.2\.3\), not"),
    (sec1(OCTETS, der.element(0xA0, der.object_identifier("1.2." + "9" * 40))), InvalidKey, "another curve, not"),
    (sec1(OCTETS, der.element(0xA0, der.object_identifier("1.3.132.0.32"), b"\x05\x00")), InvalidEncoding, "follow"),
    (pkcs8(SEC1, algorithm=algorithm(X9_62, P256)), InvalidKey, "P-256"),
    (pkcs8(SEC1, algorithm=algorithm(X9_62, EXPLICIT)), InvalidKey, "explicit parameters.* openssl pkey"),
    (pkcs8(SEC1, algorithm=algorithm(X9_62, b"\x05\x00")), InvalidEncoding, "curve"),
    (pkcs8(SEC1, algorithm=algorithm("1.2.840.113549.1.1.1", b"\x05\x00")), InvalidKey, "RSA"),
    (pkcs8(SEC1, algorithm=algorithm("1.3.101.112", b"")), InvalidKey, "Ed25519"),
    (pkcs8(SEC1, algorithm=algorithm("1.2.3.4", b"")), InvalidKey, "another algorithm"),
    (pkcs8(SEC1, beside(COMPRESSED)), InvalidEncoding, "follow"),
    (pkcs8(SEC1, beside(COMPRESSED), ATTRIBUTES, version=1), InvalidEncoding, "follow"),
    (pkcs8(SEC1, beside(OTHER.public_key.to_bytes()), version=1), InvalidKey, "two different public keys"),
    (pkcs8(sec1(OCTETS), beside(OTHER.public_key.to_bytes()), version=1), InvalidKey, "belongs to another"),
    (pkcs8(SEC1, beside(b"\x00"), version=1), InvalidEncoding, "infinity"),
    (pkcs8(SEC1, beside(HYBRID), version=1), InvalidEncoding, "hybrid.* openssl pkey -in KEY"),
    (pkcs8(SEC1, der.element(0x81, b"\x01"), version=1), InvalidEncoding, "whole octets"),
    (sec1(OCTETS, CURVE, der.element(0xA1, der.bit_string(HYBRID))), InvalidEncoding, "hybrid.* openssl pkey -in KEY"),
    (PFX, InvalidKey, "PKCS#12.* openssl pkcs12 -in .* -nocerts"),
    (indefinite(PFX), InvalidKey, "PKCS#12.* openssl pkcs12 -in .* -nocerts"),
    (pfx(1), InvalidKey, "PKCS#12.* openssl pkcs12 -legacy -in .* -nocerts"),
    (indefinite(pfx(6, 3)), InvalidKey, "PKCS#12.* openssl pkcs12 -legacy -in .* -nocerts"),
    (pfx(3, 4), InvalidKey, "PKCS#12.* openssl pkcs12 -in .* -nocerts"),
    (PFX[:-1], InvalidKey, "PKCS#12.* -nocerts"),
    (der.element(der.SEQUENCE, der.integer(3), ALGORITHM), InvalidEncoding, "version 0 or 1 of PKCS#8"),
    (der.element(der.SEQUENCE, der.integer(2), der.element(der.SEQUENCE, DATA)), InvalidEncoding, "version 0 or 1 of"),
    (pkcs8(SEC1, der.element(0xA1, b"")), InvalidEncoding, "follow"),
    (pkcs8(SEC1 + b"\x00"), InvalidEncoding, "follow"),
    (pkcs8(b""), InvalidEncoding, "ECPrivateKey"),
    (pkcs8(PKCS8), InvalidEncoding, "version 1 of ECPrivateKey"),
    (pkcs8(sec1(OCTETS, der.element(0xA0, P256), PUBLIC)), InvalidKey, "P-256"),
    (
        pkcs8(sec1(OCTETS, PUBLIC), algorithm=algorithm(X9_62, der.object_identifier("1.3.132.0.32") + b"\x05\x00")),
        InvalidEncoding,
        "follow",
    ),
    (sec1(OCTETS, CURVE, der.element(0xA1, der.bit_string(OTHER.public_key.to_bytes()))), InvalidKey, "another"),
    (sec1(OCTETS, CURVE, der.element(0xA1, der.bit_string(b"\x00"))), InvalidEncoding, "infinity"),
    (sec1(OCTETS, CURVE, der.element(0xA1, POINT, POINT)), InvalidEncoding, "follow"),
    (sec1(OCTETS, CURVE, PUBLIC, PUBLIC), InvalidEncoding, "follow"),
    (sec1(OCTETS, PUBLIC, CURVE), InvalidKey, "does not name"),
    (SPKI, InvalidKey, "this is a public key"),
    (der.element(der.SEQUENCE, ALGORITHM, POINT, POINT), InvalidKey, "this is a public key"),
    (der.element(der.SEQUENCE, ALGORITHM, OCTETS, POINT), InvalidKey, "encrypted"),
    (der.element(der.SEQUENCE, ALGORITHM, ATTRIBUTES), InvalidEncoding, "version 0 or 1 of PKCS#8"),
    (der.element(der.SEQUENCE, sec1(), ALGORITHM, POINT), InvalidKey, "certificate"),
    (PrivateKey.from_int(5, curve=SECP256K1).to_der(), InvalidKey, "secp256k1"),
    (PrivateKey.from_int(5, curve=SECP256K1).to_der("sec1"), InvalidKey, "secp256k1"),
]


@pytest.mark.parametrize(("octets", "error", "words"), REFUSED, ids=range(len(REFUSED)))
def test_private_forms_that_are_refused(octets: bytes, error: type[EcpureError], words: str) -> None:
    """Each wrong version, part, curve, order and length has its error and its words."""
    refusal(PrivateKey.from_der, octets, error, words)


@pytest.mark.parametrize(
    ("octets", "error", "words"),
    [
        (b"", InvalidEncoding, "SEQUENCE"),
        (b"\x30\x00", InvalidEncoding, r"AlgorithmIdentifier \(tag 30\) was expected"),
        (der.element(der.SEQUENCE, ALGORITHM, ATTRIBUTES), InvalidEncoding, r"the point \(tag 03\) was expected"),
        (SEC1, InvalidKey, "private key"),
        (PKCS8, InvalidKey, "private key"),
        (SPKI + b"\x00", InvalidEncoding, "follow"),
        (der.element(der.SEQUENCE, ALGORITHM, POINT, POINT), InvalidEncoding, "follow"),
        (der.element(der.SEQUENCE, algorithm(X9_62, P256), POINT), InvalidKey, "P-256"),
        (der.element(der.SEQUENCE, algorithm(X9_62, EXPLICIT), POINT), InvalidKey, "openssl pkey -pubin"),
        (der.element(der.SEQUENCE, ALGORITHM, der.bit_string(b"\x00")), InvalidEncoding, "infinity"),
        (der.element(der.SEQUENCE, ALGORITHM, der.bit_string(HYBRID)), InvalidEncoding, "hybrid.* openssl pkey -pubin"),
        (der.element(der.SEQUENCE, algorithm(X9_62, P256), POINT), InvalidKey, "openssl dgst -sha256 -verify KEY"),
        (PFX, InvalidKey, "PKCS#12.* openssl pkcs12 -in .* -nokeys"),
        (indefinite(pfx(5)), InvalidKey, "PKCS#12.* openssl pkcs12 -legacy -in .* -nokeys"),
        (der.element(der.SEQUENCE, ALGORITHM, OCTETS), InvalidKey, "encrypted"),
        (der.element(der.SEQUENCE, sec1(), ALGORITHM, POINT), InvalidKey, "certificate"),
        (der.element(der.SEQUENCE, algorithm("1.2.840.113549.1.1.1", b"\x05\x00"), POINT), InvalidKey, "RSA"),
        (PrivateKey.from_int(5, curve=SECP256K1).public_key.to_der(), InvalidKey, "secp256k1"),
    ],
    ids=range(18),
)
def test_public_forms_that_are_refused(octets: bytes, error: type[EcpureError], words: str) -> None:
    """Private keys, other kinds, other curves, explicit parameters and infinity have their error and their words."""
    refusal(PublicKey.from_der, octets, error, words)


@pytest.mark.parametrize("count", [0, 30, 57, 58])
def test_private_octets_of_no_length_in_key_files_are_refused(count: int) -> None:
    """Inside of a key file the private key has 29 octets (RFC 5915 §3), or fewer; not none, and not more."""
    private = der.element(der.OCTET_STRING, KEY.to_bytes().rjust(count, b"\x00") if count else b"")
    for octets in (
        sec1(private, CURVE),
        sec1(private, CURVE, PUBLIC),
        pkcs8(sec1(private)),
        pkcs8(sec1(private, CURVE)),
    ):
        refusal(PrivateKey.from_der, octets, InvalidEncoding, "1 to 29 octets")


@pytest.mark.parametrize("d", [1, 255, 256, 1 << 200, (1 << 224) - 1, N - 1])
def test_private_octets_in_key_files_may_lack_leading_zeros(d: int) -> None:
    """Read at every length from the shortest to 29, with the public key beside it; written at 29."""
    key = PrivateKey.from_int(d)
    public = der.element(0xA1, der.bit_string(key.public_key.to_bytes()))
    for count in range((d.bit_length() + 7) // 8, 30):
        private = der.element(der.OCTET_STRING, d.to_bytes(count, "big"))
        for octets in (sec1(private, CURVE, public), pkcs8(sec1(private, public)), pkcs8(sec1(private), version=1)):
            read = PrivateKey.from_der(octets)
            assert read == key
            assert read.to_bytes() == d.to_bytes(29, "big")
            assert read.to_der() == key.to_der()


def test_no_private_octets_but_zeros_are_refused() -> None:
    """A zero at any length is no key."""
    for count in (1, 28, 29):
        private = der.element(der.OCTET_STRING, bytes(count))
        refusal(PrivateKey.from_der, sec1(private, CURVE), InvalidKey, r"\[1, n")


@pytest.mark.parametrize("count", [0, 1, 27, 30, 57])
def test_private_octets_of_other_lengths_are_refused(count: int) -> None:
    """Bare private octets are 29, or 28 as the exchange writes them; the refusal says so, and what to do with fewer."""
    given = KEY.to_bytes().rjust(count, b"\x00")[:count]
    refusal(
        PrivateKey.from_bytes, given, InvalidKey, "28 or 29 octets were expected; pad a shorter key with leading zeros"
    )


def test_private_octets_of_both_lengths_are_read() -> None:
    """29 octets, or 28 of them: the same key where both can say it."""
    short = PrivateKey.from_int(D >> 8)
    assert PrivateKey.from_bytes(short.to_bytes()) == PrivateKey.from_bytes(short.to_bytes()[1:]) == short
    assert len(short.to_bytes()) == 29


@pytest.mark.parametrize("d", [0, N, N + 1, 2 * N - 1, (1 << 232) - 1], ids=["0", "n", "n+1", "2n-1", "ones"])
def test_keys_out_of_range_are_refused_in_every_form(d: int) -> None:
    """0, n and above are no keys, as octets, in SEC 1 and in PKCS#8, with a public key beside them and without."""
    octets = d.to_bytes(29, "big")
    private = der.element(der.OCTET_STRING, octets)
    refusal(PrivateKey.from_bytes, octets, InvalidKey, r"\[1, n")
    for form in (
        sec1(private, CURVE),
        sec1(private, CURVE, PUBLIC),
        pkcs8(sec1(private)),
        pkcs8(sec1(private, PUBLIC)),
    ):
        refusal(PrivateKey.from_der, form, InvalidKey, r"\[1, n")


@pytest.mark.parametrize("d", [1, 2, 255, (1 << 224) - 1, 1 << 224, N - 2, N - 1])
def test_keys_at_the_ends_of_the_range_come_back_in_every_form(d: int) -> None:
    """Short keys keep their leading zero octets, long ones their 225th bit."""
    key = PrivateKey.from_int(d)
    for form in ("sec1", "pkcs8"):
        assert PrivateKey.from_der(key.to_der(form)) == PrivateKey.from_pem(key.to_pem(form)) == key
        assert d.to_bytes(29, "big") in key.to_der(form)
    assert PublicKey.from_der(key.public_key.to_der()) == PublicKey.from_pem(key.public_key.to_pem()) == key.public_key


@pytest.mark.parametrize(
    "octets",
    [COMPRESSED, KEY.public_key.to_bytes(compressed=False)],
    ids=["compressed", "uncompressed"],
)
def test_public_forms_that_are_read(octets: bytes) -> None:
    """A public key file holds the point in either form."""
    assert PublicKey.from_der(der.element(der.SEQUENCE, ALGORITHM, der.bit_string(octets))) == KEY.public_key


@pytest.mark.parametrize("form", ["sec1", "pkcs8"])
def test_another_format_s_name_is_no_format(form: str) -> None:
    """`format` is one of two words, exactly."""
    for name in (form.upper(), "", "der", "spki"):
        with pytest.raises(ValueError, match="pkcs8 or sec1"):
            KEY.to_der(name)  # type: ignore[arg-type]


def flips(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each way of flipping one bit: the offset of its octet, and the octets."""
    for i in range(len(octets)):
        for bit in range(8):
            yield i, octets[:i] + bytes([octets[i] ^ 1 << bit]) + octets[i + 1 :]


def other_lengths(octets: bytes) -> Iterator[bytes]:
    """Yield each truncation, each removal and insertion of an octet, and each octet appended."""
    yield from (octets[:i] for i in range(len(octets)))
    yield from (octets[i:] for i in range(1, len(octets)))
    yield from (octets[:i] + octets[i + 1 :] for i in range(len(octets)))
    yield from (
        octets[:i] + extra + octets[i:] for i in range(len(octets) + 1) for extra in (b"\x00", b"\x30", b"\xff")
    )
    yield from (octets + bytes([extra]) for extra in range(256))


FORMS: dict[str, tuple[bytes, Callable[[bytes], Any]]] = {
    "sec1": (SEC1, PrivateKey.from_der),
    "pkcs8": (PKCS8, PrivateKey.from_der),
    "spki": (SPKI, PublicKey.from_der),
}
ALONE: dict[str, tuple[bytes, Callable[[bytes], Any]]] = {
    "sec1-alone": (sec1(OCTETS, CURVE), PrivateKey.from_der),
    "pkcs8-alone": (pkcs8(sec1(OCTETS)), PrivateKey.from_der),
    "spki-compressed": (der.element(der.SEQUENCE, ALGORITHM, der.bit_string(COMPRESSED)), PublicKey.from_der),
}


@pytest.mark.parametrize(("octets", "read"), FORMS.values(), ids=FORMS)
def test_every_flipped_bit_is_refused(octets: bytes, read: Callable[[bytes], Any]) -> None:
    """A private key stands beside its public one and y beside x, so that no bit of these files is free, but for the
    version of PKCS#8, of which there are two.
    """
    for _, changed in flips(octets):
        if changed == pkcs8(sec1(OCTETS, PUBLIC), version=1):
            assert read(changed) == KEY
        else:
            refusal(read, changed)


@pytest.mark.parametrize(("octets", "read"), (FORMS | ALONE).values(), ids=FORMS | ALONE)
def test_every_other_length_is_refused(octets: bytes, read: Callable[[bytes], Any]) -> None:
    """No truncation, removal, insertion or appended octet is read as anything."""
    for changed in other_lengths(octets):
        if changed != octets:
            refusal(read, changed)


@pytest.mark.parametrize("form", ["sec1-alone", "pkcs8-alone"])
def test_a_flipped_bit_of_a_private_key_alone_is_another_key_or_none(form: str) -> None:
    """Without the public key the 29 private octets are free, within [1, n − 1]; of other bits, PKCS#8's version."""
    octets, read = ALONE[form]
    start = octets.index(KEY.to_bytes())
    others = 0
    for i, changed in flips(octets):
        d = int.from_bytes(changed[start : start + 29], "big")
        if start <= i < start + 29 and 1 <= d < N:
            assert read(changed) == PrivateKey.from_int(d) != KEY
            others += 1
        elif changed == pkcs8(sec1(OCTETS), version=1):
            assert read(changed) == KEY
        else:
            refusal(read, changed)
    assert others == sum(1 <= D ^ 1 << bit < N for bit in range(232)) > 200


def test_a_flipped_bit_of_a_compressed_point_is_another_point_or_none() -> None:
    """The sign's bit gives −Q; a bit of x gives a point where x³ + 5 is a square, half of the time; no other bit is."""
    octets, read = ALONE["spki-compressed"]
    start = len(octets) - 28
    others = 0
    for i, changed in flips(octets):
        x = int.from_bytes(changed[start:], "big")
        if i >= start and x < P and pow(x**3 + 5, (P - 1) // 2, P) == 1:
            assert read(changed).x == x != KEY.public_key.x
            others += 1
        elif i == start - 1 and changed[i] in (2, 3):
            assert read(changed).point == -KEY.public_key.point
        else:
            refusal(read, changed)
    assert 60 < others < 164


@given(data=st.data())
def test_whatever_is_done_to_a_key_file_gives_a_refusal_or_a_key(data: st.DataObject) -> None:
    """Cut and overwritten at will, a key file gives an EcpureError, or a key whose octets, zeros aside, are in it."""
    octets, read = data.draw(st.sampled_from(list((FORMS | ALONE).values())))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(octets)))
        end = data.draw(st.integers(start, min(len(octets), start + 4)))
        octets = octets[:start] + data.draw(st.binary(max_size=4)) + octets[end:]
    try:
        key = read(octets)
    except EcpureError:
        return
    assert key.to_bytes().lstrip(b"\x00") in octets or key.to_bytes(compressed=False) in octets


def test_keys_of_the_other_curve_are_read_where_asked_for() -> None:
    """`curve=SECP256K1` reads what names secp256k1, and refuses what names secp224k1; and the reverse."""
    key = PrivateKey.from_int(5, curve=SECP256K1)
    for text in (key.to_pem("sec1"), key.to_pem("pkcs8")):
        assert PrivateKey.from_pem(text, curve=SECP256K1) == key
        refusal(PrivateKey.from_pem, text, InvalidKey, "a key on secp256k1, not on secp224k1")
    assert PublicKey.from_pem(key.public_key.to_pem(), curve=SECP256K1) == key.public_key
    refusal(PublicKey.from_pem, key.public_key.to_pem(), InvalidKey, "a key on secp256k1, not on secp224k1")
    for octets in (SEC1, PKCS8):
        with pytest.raises(InvalidKey, match="a key on secp224k1, not on secp256k1"):
            PrivateKey.from_der(octets, curve=SECP256K1)
    with pytest.raises(InvalidKey, match="a key on secp224k1, not on secp256k1"):
        PublicKey.from_der(SPKI, curve=SECP256K1)


def test_only_of_curves_that_openssl_names_it_is_said_to_use_them() -> None:
    """A key on P-256 is for OpenSSL; one on a curve that is known by its OID only may be."""
    for oid, sentence in [
        ("1.2.840.10045.3.1.7", r"on prime256v1 \(P-256\), not on secp224k1; OpenSSL verifies with it: openssl dgst"),
        (
            "1.3.132.0.20",
            r"on another curve \(1.3.132.0.20\), .*; OpenSSL, if it has that curve, verifies with it:",
        ),
    ]:
        algorithm = der.element(der.SEQUENCE, der.object_identifier("1.2.840.10045.2.1"), der.object_identifier(oid))
        refusal(PublicKey.from_der, der.element(der.SEQUENCE, algorithm, POINT), InvalidKey, sentence)


def test_a_curve_without_identifier_has_no_key_files() -> None:
    """Key files name their curve; one that has no name of that kind is refused, in writing and in reading."""
    curve = SECP224K1
    nameless = Curve(name="nameless", p=curve.p, b=curve.b, n=curve.n, gx=curve.gx, gy=curve.gy)
    key = PrivateKey.from_int(D, curve=nameless)
    write: list[Callable[[], object]] = [
        lambda: key.to_der("sec1"),
        lambda: key.to_pem("pkcs8"),
        key.public_key.to_der,
        key.public_key.to_pem,
        lambda: PrivateKey.from_der(SEC1, curve=nameless),
        lambda: PrivateKey.from_pem(PEM, curve=nameless),
        lambda: PublicKey.from_der(SPKI, curve=nameless),
    ]
    for act in write:
        refusal(lambda act: act(), act, InvalidCurve, "nameless has no object identifier")
    named = Curve(name="named", p=curve.p, b=curve.b, n=curve.n, gx=curve.gx, gy=curve.gy, oid="1.3.132.0.32")
    assert PrivateKey.from_int(D, curve=named).to_der("sec1") == SEC1


PEM = KEY.to_pem("sec1")
BEGIN, END = "-----BEGIN EC PRIVATE KEY-----\n", "-----END EC PRIVATE KEY-----\n"
PARAMETERS = "-----BEGIN EC PARAMETERS-----\nBgUrgQQAIA==\n-----END EC PARAMETERS-----\n"


def block(label: str, octets: bytes, width: int = 64) -> str:
    """Return a PEM block with lines of this width."""
    text = base64.b64encode(octets).decode("ascii")
    lines = [text[i : i + width] for i in range(0, len(text), width)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def test_pem_is_written_in_lines_of_64_characters() -> None:
    """Each form has its label, base64 in lines of 64 characters, and a line feed at its end (RFC 7468 §2)."""
    assert KEY.to_pem("sec1") == block("EC PRIVATE KEY", SEC1) == PEM
    assert KEY.to_pem() == KEY.to_pem("pkcs8") == block("PRIVATE KEY", PKCS8)
    assert KEY.public_key.to_pem() == block("PUBLIC KEY", SPKI)
    assert {len(line) for line in PEM.splitlines()[1:-2]} == {64}


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        PEM.encode("ascii"),
        bytearray(PEM, "ascii"),
        memoryview(PEM.encode("ascii")),
        PEM.replace("\n", "\r\n"),
        PEM.replace("\n", "\r"),
        PEM.replace("\n", "\r", 1).replace("\n", "\r\n", 1),
        "\ufeff" + PEM,
        ("\ufeff" + PEM).encode("utf-8"),
        PEM.replace("MG", "M G", 1),
        PEM.replace("MG", "M\v\f\tG", 1),
        PEM.rstrip("\n"),
        PEM.replace("\n", "  \n"),
        PEM.replace("\n", "\n\t"),
        "Words about the key: ü\n" + PEM + "and after it\n",
        "Wörter\n".encode("latin-1") + PEM.encode("ascii") + b"\xff\x00",
        PARAMETERS + PEM,
        PEM + PARAMETERS,
        block("EC PRIVATE KEY", SEC1, width=76),
        block("EC PRIVATE KEY", SEC1, width=10_000),
        block("EC PRIVATE KEY", SEC1, width=1),
        PEM.replace("\n", "\n\n"),
        block("EC PRIVATE KEY", sec1(OCTETS, CURVE)),
    ],
    ids=range(23),
)
def test_pem_that_is_read(text: Any) -> None:
    """str and octets, each line end, mixed, a byte-order mark, white space of RFC 7468 within base64, words around the
    block, EC PARAMETERS beside it, lines of another length.
    """
    assert PrivateKey.from_pem(text) == KEY


REFUSED_PEM: list[tuple[str | bytes, type[EcpureError], str]] = [
    ("", InvalidEncoding, "one block"),
    (b"", InvalidEncoding, "one block"),
    ("not PEM", InvalidEncoding, "one block"),
    (b"\xff\xfe\x00binary", InvalidEncoding, "one block"),
    (SEC1, InvalidEncoding, "one block"),
    (PEM.encode("utf-16"), InvalidEncoding, "one block"),
    (PARAMETERS, InvalidEncoding, "one block"),
    (PEM + PEM, InvalidEncoding, "one block"),
    (PEM + KEY.to_pem("pkcs8"), InvalidEncoding, "one block"),
    (PEM + KEY.public_key.to_pem(), InvalidEncoding, "one block"),
    (PEM[: len(PEM) // 2], InvalidEncoding, "no end"),
    (BEGIN, InvalidEncoding, "no end"),
    (PEM.replace("\n", ""), InvalidEncoding, "lines of their own"),
    (PEM.replace("\n", "\\n"), InvalidEncoding, "nested or cut off"),
    (PEM.replace("\n", "\x85"), InvalidEncoding, "nested or cut off"),
    (PEM.replace("\n", "\n\ufeff"), InvalidEncoding, "no end"),
    (PEM.replace("END EC", "END"), InvalidEncoding, "nested or cut off"),
    (PEM.replace("BEGIN EC", "BEGIN"), InvalidEncoding, "nested or cut off"),
    ("-----BEGIN X-----\n" + PEM, InvalidEncoding, "nested or cut off"),
    ("-----BEGIN X-----\n" + PEM + "-----END X-----\n", InvalidEncoding, "nested or cut off"),
    (BEGIN + PEM, InvalidEncoding, "nested or cut off"),
    (PEM + END, InvalidEncoding, "nested or cut off"),
    (END + PEM, InvalidEncoding, "nested or cut off"),
    (PEM.replace("KEY-----\n", "KEY----\n", 1), InvalidEncoding, "nested or cut off"),
    (PEM.replace("\n", " words\n", 1), InvalidEncoding, "nested or cut off"),
    (PEM.replace("M", "!", 1), InvalidEncoding, "base64"),
    (PEM.replace("M", "-", 1), InvalidEncoding, "base64"),
    (PEM.replace("\n", "\nwords\n", 1), InvalidEncoding, "base64"),
    (PEM.replace("\n", "\n=", 1), InvalidEncoding, "base64"),
    (PEM.replace("MG", "M\xa0G", 1), InvalidEncoding, "base64"),
    (PEM.replace("\n-----END", "A\n-----END"), InvalidEncoding, "base64"),
    (PEM.replace("\n-----END", "=\n-----END"), InvalidEncoding, "base64"),
    (PEM.replace("\n-----END", "====\n-----END"), InvalidEncoding, "base64"),
    (BEGIN + END, InvalidEncoding, "base64"),
    (BEGIN + "\n" + END, InvalidEncoding, "base64"),
    (BEGIN + "M\n" + END, InvalidEncoding, "base64"),
    (BEGIN + "MA\n" + END, InvalidEncoding, "base64"),
    (BEGIN + "MA=\n" + END, InvalidEncoding, "base64"),
    (BEGIN + "MB==\n" + END, InvalidEncoding, "base64"),
    (BEGIN + "MAB=\n" + END, InvalidEncoding, "base64"),
    (BEGIN + "=\n" + END, InvalidEncoding, "base64"),
    (BEGIN + "Mé==\n" + END, InvalidEncoding, "base64"),
    (BEGIN + "M\ud800==\n" + END, InvalidEncoding, "base64"),
    ((BEGIN + "M").encode() + b"\xe9==\n" + END.encode(), InvalidEncoding, "base64"),
    (BEGIN + "MA==\n" + END, InvalidEncoding, "the octets end inside"),
    (BEGIN + "MAA=\n" + END, InvalidEncoding, "version"),
    (block("PRIVATE KEY", SEC1), InvalidEncoding, "version"),
    (block("EC PRIVATE KEY", PKCS8), InvalidEncoding, "version"),
    (block("EC PRIVATE KEY", SPKI), InvalidKey, "public key"),
    (block("PRIVATE KEY", SPKI), InvalidKey, "public key"),
    (block("EC PRIVATE KEY", SEC1 + b"\x00"), InvalidEncoding, "follow"),
    (KEY.public_key.to_pem(), InvalidKey, "this is a public key"),
    (block("ENCRYPTED PRIVATE KEY", PKCS8), InvalidKey, "encrypted.* openssl pkey"),
    (PEM.replace("\n", "\nProc-Type: 4,ENCRYPTED\n", 1), InvalidKey, "encrypted.* openssl pkey"),
    (block("CERTIFICATE", SEC1), InvalidKey, "certificate.* openssl x509"),
    (block("CERTIFICATE REQUEST", SEC1), InvalidKey, "request.* openssl req"),
    (block("RSA PRIVATE KEY", SEC1), InvalidKey, "RSA"),
    (block("DSA PRIVATE KEY", SEC1), InvalidKey, "DSA"),
    (block("OPENSSH PRIVATE KEY", SEC1), InvalidKey, "OpenSSH"),
    (block("SOMETHING ELSE", SEC1), InvalidKey, "a PEM block"),
    (block("ec private key", SEC1), InvalidKey, "a PEM block"),
    (block("", SEC1), InvalidKey, "a PEM block"),
]


@pytest.mark.parametrize(("text", "error", "words"), REFUSED_PEM, ids=range(len(REFUSED_PEM)))
def test_pem_that_is_refused(text: str | bytes, error: type[EcpureError], words: str) -> None:
    """No block, several, damaged, nested, of another label, encrypted, or not canonical base64."""
    refusal(PrivateKey.from_pem, text, error, words)


@pytest.mark.parametrize(
    ("label", "octets", "words"),
    [
        ("EC PRIVATE KEY", SEC1, "private key"),
        ("PRIVATE KEY", PKCS8, "private key"),
        ("PUBLIC KEY", SEC1, "private key"),
        ("PUBLIC KEY", PKCS8, "private key"),
        ("ENCRYPTED PRIVATE KEY", PKCS8, "encrypted"),
        ("CERTIFICATE", SPKI, "certificate"),
        ("SOMETHING ELSE", SPKI, "a PEM block PUBLIC KEY was expected"),
    ],
)
def test_other_blocks_are_no_public_key(label: str, octets: bytes, words: str) -> None:
    """Where a public key is wanted, a private one is refused by name, whatever its label, as is any other block."""
    refusal(PublicKey.from_pem, block(label, octets), InvalidKey, words)


@pytest.mark.parametrize(
    ("label", "octets", "wanted", "found"),
    [("PRIVATE KEY", SEC1, "PKCS#8", "SEC 1"), ("EC PRIVATE KEY", PKCS8, "SEC 1", "PKCS#8")],
)
def test_a_block_of_the_other_form_is_refused_in_true_words(label: str, octets: bytes, wanted: str, found: str) -> None:
    """Of the other form's octets under a label, the refusal asks for the form that the label names, not for both."""
    reason = str(refusal(PrivateKey.from_pem, block(label, octets), InvalidEncoding, "version"))
    assert wanted in reason
    assert found not in reason


@pytest.mark.parametrize(("key", "form"), [(PrivateKey, "sec1"), (PrivateKey, "pkcs8"), (PublicKey, "spki")])
def test_every_changed_character_of_pem_is_refused(key: type[PrivateKey | PublicKey], form: str) -> None:
    """No bit flip and no truncation of a PEM text is read, but for the line feed at its end, for white space that is as
    good as a line feed, and for the version of PKCS#8.
    """
    text = {"sec1": PEM, "pkcs8": KEY.to_pem("pkcs8"), "spki": KEY.public_key.to_pem()}[form].encode("ascii")
    whole = key.from_pem(text)
    version_1 = block("PRIVATE KEY", pkcs8(sec1(OCTETS, PUBLIC), version=1)).encode("ascii")
    for place, changed in flips(text):
        is_in_body = b"-" not in text[place - 1 : place + 2] or place == len(text) - 1
        is_space = text[place : place + 1] == b"\n" and changed[place : place + 1] == b"\v" and is_in_body
        if is_space or changed == version_1:
            assert key.from_pem(changed) == whole
        else:
            refusal(key.from_pem, changed)
    for end in range(len(text) - 1):
        refusal(key.from_pem, text[:end])


@given(text=st.text() | st.binary() | st.text("-BEGIND PRIVATEKY\nM=").map(lambda text: f"-----BEGIN {text}"))
def test_any_other_text_is_refused(text: str | bytes) -> None:
    """Text and octets without a key in them raise nothing but the package's own errors."""
    refusal(PrivateKey.from_pem, text)
    refusal(PublicKey.from_pem, text)


@pytest.mark.parametrize("given", [None, 5, ["x"], {}], ids=repr)
def test_other_types_are_type_errors(given: object) -> None:
    """What is neither text nor octets is a TypeError, from every reader; and text is no octets."""
    for read in (PrivateKey.from_pem, PrivateKey.from_der, PublicKey.from_pem, PublicKey.from_der):
        refusal(read, given, TypeError, "bytes were expected")
    for read in (PrivateKey.from_der, PrivateKey.from_bytes, PublicKey.from_der):
        refusal(read, PEM, TypeError, "bytes were expected, not str")


def test_no_refusal_shows_the_key() -> None:
    """Whatever is given in the place of something else, no refusal holds a part of the private key."""
    secret = KEY.to_bytes()
    misplaced: list[tuple[Callable[[Any], object], object]] = [
        (PrivateKey.from_der, PEM.encode("ascii")),
        (PrivateKey.from_der, secret),
        (PrivateKey.from_der, memoryview(SEC1)[:-1]),
        (PrivateKey.from_pem, secret),
        (PrivateKey.from_pem, secret.hex()),
        (PrivateKey.from_pem, f"-----BEGIN {secret.hex()}-----\n"),
        (PrivateKey.from_pem, block(secret.hex(), SEC1)),
        (PrivateKey.from_pem, block(str(D), SEC1)),
        (PrivateKey.from_bytes, b"\xff" + secret),
        (PrivateKey.from_bytes, b"\xff" + secret[1:]),
        (PrivateKey.from_bytes, secret.hex()),
        (PrivateKey.from_int, D + N),
        (PrivateKey.from_int, -D),
        (PrivateKey.from_int, str(D)),
        (PrivateKey.from_int, float(D)),
        (PublicKey.from_bytes, secret),
        (PublicKey.from_bytes, SEC1),
        (PublicKey.from_der, PEM.encode("ascii")),
        (PublicKey.from_pem, secret),
    ]
    for read, misplacement in misplaced:
        refusal(read, misplacement, (EcpureError, TypeError))  # type: ignore[arg-type]


def test_the_search_for_the_key_finds_it() -> None:
    """A refusal that did show a part of the key, itself or through what is behind it, would be caught here."""

    def show(text: str, behind: str) -> None:
        error = InvalidKey(text)
        error.__context__ = ValueError(behind)
        raise error

    for shown in (KEY.to_bytes().hex()[20:32], f"bad key {D}", PEM.splitlines()[1], repr(KEY.to_bytes())):
        with pytest.raises(AssertionError):
            refusal(lambda text: show(text, ""), shown)
        with pytest.raises(AssertionError):
            refusal(lambda text: show("", text), shown)
    refusal(lambda text: show(text, text), "harmless")


@pytest.mark.parametrize("read", [PrivateKey.from_der, PublicKey.from_der])
def test_pkcs_1_is_refused_by_name(read: Callable[[bytes], object]) -> None:
    """A sequence that begins with two integers is an RSA or DSA key of the traditional forms, and is called so."""
    with pytest.raises(InvalidKey, match="RSA or DSA key"):
        read(der.element(der.SEQUENCE, der.integer(0), der.integer(65537), der.integer(3)))
    with pytest.raises(InvalidKey, match="an RSA key"):
        PublicKey.from_pem(keyfile.encode_pem("RSA PUBLIC KEY", der.element(der.SEQUENCE)))
