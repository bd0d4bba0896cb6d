"""Signatures, points and numbers without a frame: what fits, what nearly fits, and at which octet it does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from blobs import HIGH, KEY, KOBLITZ, PUBLIC, READINGS, REFUSALS, SIGNATURE, N, P, a_point

from ecpure import SECP224K1, SECP256K1, InvalidEncoding, Signature, der
from ecpure.explain import readings
from ecpure.explain.readings import HIDDEN, Guess, Miss, missed

Reader = Callable[[bytes], Iterator[Guess | Miss]]

FITTING: list[tuple[Reader, str]] = [
    (readings.point, "compressed"),
    (readings.point, "uncompressed"),
    (readings.point, "compressed, 256"),
    (readings.point, "uncompressed, 256"),
    (readings.pair, "p1363"),
    (readings.pair, "compact"),
    (readings.scalar, "29 bytes"),
    (readings.others, "16 bytes"),
    (readings.others, "20 bytes"),
    (readings.others, "40 bytes"),
    (readings.others, "48 bytes"),
    (readings.signature_in_der, "DER"),
]


@pytest.mark.parametrize(("read", "what"), FITTING, ids=[what for _, what in FITTING])
def test_each_reader_says_what_fits(read: Reader, what: str) -> None:
    """What a form is called is all that its reader says of it, and no other reader has it."""
    octets, expected = READINGS[what]
    assert [one.what for one in read(octets) if isinstance(one, Guess)] == expected
    readers = {reader for reader, _ in FITTING} | {readings.coordinates}
    others = [other for other in readers if other not in (read, readings.signature_in_der)]
    assert not any(isinstance(one, Guess) for other in others for one in other(octets))


NEAR: list[tuple[Reader, str]] = [
    (readings.point, "off the curve"),
    (readings.point, "x of p"),
    (readings.point, "no such x"),
    (readings.point, "y of p"),
    (readings.point, "hybrid"),
    (readings.pair, "p1363, r of 0"),
    (readings.pair, "p1363, s of n"),
    (readings.pair, "p1363, r of n"),
    (readings.scalar, "d of n"),
    (readings.signature_in_der, "r with zeros"),
    (readings.signature_in_der, "r of 0"),
]


@pytest.mark.parametrize(("read", "what"), NEAR, ids=[what for _, what in NEAR])
def test_each_reader_says_what_is_wrong(read: Reader, what: str) -> None:
    """Octets that fail in one respect are one miss, with the octet where there is one, and the clause."""
    octets, name, octet, words = REFUSALS[what]
    [miss] = read(octets)
    assert isinstance(miss, Miss)
    assert (miss.what.startswith(name), miss.octet, words in miss.reason) == (True, octet, True)


def test_octets_of_another_length_are_nothing() -> None:
    """A reader that goes by length or first octet is silent on all others."""
    for read in (readings.point, readings.pair, readings.coordinates, readings.scalar, readings.others):
        for octets in (b"", b"\x02", b"\x05" + PUBLIC.to_bytes(), bytes(200)):
            assert list(read(octets)) == []


@pytest.mark.parametrize(
    "octets", [b"A message as long as r and s together, which is 58 octets.\n"[:58], b"\x02" * 29, b"?" * 29]
)
def test_a_length_alone_makes_nothing_nearly_a_number(octets: bytes) -> None:
    """n has 225 bits: octets with others than these, such as text, are no r, s or d at all."""
    assert list(readings.pair(octets)) == list(readings.scalar(octets)) == []


def test_coordinates_are_a_point_without_its_first_octet() -> None:
    """x ‖ y of either curve is recognised by the equation, and other octets of the length are nothing."""
    for key in (PUBLIC, KOBLITZ.public_key):
        octets = key.to_bytes(compressed=False)[1:]
        [one] = readings.coordinates(octets)
        assert one.what.startswith(f"x ‖ y of a public key on {key.curve.name}: ")
        assert list(readings.coordinates(octets[:-1] + bytes([octets[-1] ^ 1]))) == []


def test_what_begins_as_a_point_is_no_near_private_key() -> None:
    """29 octets are a private key too large only where they do not begin as a compressed point."""
    for first in (2, 3):
        assert list(readings.scalar(bytes([first]) + bytes(28))) == []
    [miss] = readings.scalar(N.to_bytes(29, "big"))
    assert isinstance(miss, Miss)


def test_what_may_be_private_is_marked_and_not_shown() -> None:
    """A number of a private key's length, and the utility's input, are secret; a signature is not."""
    [number] = readings.scalar(KEY.to_bytes())
    assert isinstance(number, Guess)
    assert (number.secret, number.details) == (True, (HIDDEN,))
    signature, both = readings.pair(SIGNATURE.to_compact())
    assert isinstance(signature, Guess)
    assert isinstance(both, Guess)
    assert (signature.secret, both.secret) == (False, True)


def test_a_signature_goes_with_its_curve() -> None:
    """DER belongs to no curve; r ‖ s to that of its length."""
    [der_one] = readings.signature_in_der(SIGNATURE.to_der())
    [raw] = readings.pair(SIGNATURE.to_p1363())
    assert isinstance(der_one, Guess)
    assert isinstance(raw, Guess)
    assert (der_one.signature, der_one.curve) == (SIGNATURE, None)
    assert (raw.signature, raw.curve) == (SIGNATURE, SECP224K1)


def test_the_halves_are_where_they_are_said_to_be() -> None:
    """Each point's and pair's details name the octets of its coordinates."""
    [uncompressed] = readings.point(PUBLIC.to_bytes(compressed=False))
    assert isinstance(uncompressed, Guess)
    assert uncompressed.details == ("x: bytes 1 to 28", "y: bytes 29 to 56")
    for octet, parity in ((2, "even"), (3, "odd")):
        for one in readings.point(bytes([octet]) + P.to_bytes(28, "big")):
            assert one.what == a_point(SECP224K1, "compressed")
        sign = 1 if PUBLIC.to_bytes()[0] == octet else -1
        [compressed] = readings.point((sign * PUBLIC.point).to_bytes())
        assert isinstance(compressed, Guess)
        assert compressed.details == ("x: bytes 1 to 28", f"y: {parity}, by the first byte")
    [raw] = readings.pair(SIGNATURE.to_p1363())
    assert isinstance(raw, Guess)
    assert raw.details == ("r: bytes 0 to 28", "s: bytes 29 to 57")


def test_where_r_and_s_stand() -> None:
    """The octets that are said to be r and s are theirs, also of integers longer than any curve's."""
    for r, s in ((SIGNATURE.r, SIGNATURE.s), (1, 1 << 231), (0x80, 0x7F), (1 << 223, 5), (1 << 600, 1 << 1200)):
        octets = Signature(r, s).to_der()
        [one] = readings.signature_in_der(octets)
        assert isinstance(one, Guess)
        for value, detail in zip((r, s), one.details, strict=False):
            first, last = map(int, re.findall(r"\d+", detail))
            assert int.from_bytes(octets[first : last + 1], "big") == value


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        (SIGNATURE, []),
        (HIGH, ["on secp224k1 its s is above n/2; n − s would be equally valid"]),
        (
            Signature(5, N),
            ["on secp224k1 it is never valid: r or s is not below n (SEC 1 §4.1.4 step 1)"],
        ),
        (
            Signature(5, SECP256K1.n - 1),
            [
                "on secp224k1 it is never valid: r or s is not below n (SEC 1 §4.1.4 step 1)",
                "on secp256k1 its s is above n/2; n − s would be equally valid",
            ],
        ),
    ],
    ids=["low", "high", "n", "256"],
)
def test_the_range_of_a_signature_is_said(signature: Signature, words: list[str]) -> None:
    """On which curve s is high, or the pair can't be valid at all."""
    [one] = readings.signature_in_der(signature.to_der())
    assert isinstance(one, Guess)
    assert list(one.details[2:]) == words


def test_what_is_inside_of_a_text_says_so() -> None:
    """A guess and a miss of what hex says are the same ones, but for the name of the encoding before theirs."""
    [one] = readings.signature_in_der(SIGNATURE.to_der())
    [miss] = readings.signature_in_der(SIGNATURE.to_der()[:-1])
    assert isinstance(one, Guess)
    assert isinstance(miss, Miss)
    assert one.inside("hex") == Guess("hex: a signature in DER (RFC 3279 §2.2.3)", one.details, SIGNATURE)
    assert replace(one, details=("so: openssl pkey",)).inside("base64 in lines").details == (
        "OpenSSL needs the bytes of this text: base64 -d FILE > NEW",
        "so: openssl pkey",
    )
    assert replace(one, details=("so: openssl pkey",)).inside("base64url").details == ("so: openssl pkey",)
    assert miss.inside("base64") == Miss("base64: a signature in DER (RFC 3279 §2.2.3)", miss.reason, miss.octet)


def test_a_miss_takes_the_octet_of_the_refusal() -> None:
    """Unless another is given, which is where the caller knows better."""
    error = InvalidEncoding("x: y", octet=7)
    assert missed("z", error) == Miss("z", str(error), 7)
    assert missed("z", error, 0) == Miss("z", str(error), 0)
    assert missed("z", InvalidEncoding("x: y")).octet is None


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
