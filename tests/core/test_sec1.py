"""Octet strings of SEC 1: integers, points, and the leftmost bits of a digest."""

from __future__ import annotations

import pytest
from oracle import Group

from ecpure import SECP224K1, InvalidEncoding
from ecpure.integers import modulus
from ecpure.sec1 import bits2int, decode_point, encode_integer, encode_point, octet_length, right_side

TOYS = [Group(7, 3), Group(13, 2)]


def test_bits2int_takes_the_leftmost_225_bits() -> None:
    """SHA-224 is taken whole, SHA-256 loses 31 bits, SHA-384 159, SHA-512 287: never 224 bits."""
    for length, lost in ((28, 0), (32, 31), (48, 159), (64, 287), (1, 0), (0, 0), (29, 7)):
        octets = bytes(range(200, 200 + 28)) * 3
        octets = octets[:length]
        assert bits2int(octets, 225) == int.from_bytes(octets, "big") >> lost


@pytest.mark.parametrize(
    ("value", "length", "octets"), [(0, 0, ""), (0, 2, "0000"), (1, 3, "000001"), (256, 2, "0100")]
)
def test_integers_are_written_from_the_most_significant_octet_on(value: int, length: int, octets: str) -> None:
    """With as many zeros before as the length asks for, of either backend's integers."""
    assert encode_integer(value, length).hex() == octets
    assert encode_integer(modulus(value), length).hex() == octets


def test_an_integer_that_does_not_fit_is_never_cut() -> None:
    """256^length and above, and negative numbers, raise."""
    for value, length in ((256, 1), (1, 0), (-1, 2)):
        with pytest.raises(OverflowError):
            encode_integer(value, length)


@pytest.mark.parametrize(
    ("value", "length"), [(0, 0), (1, 1), (255, 1), (256, 2), (SECP224K1.p, 28), (SECP224K1.n, 29)]
)
def test_the_octet_length_is_the_least_that_holds_the_value(value: int, length: int) -> None:
    """On secp224k1 a field element has 28 octets, and a scalar 29."""
    assert octet_length(value) == length
    assert encode_integer(value, length).lstrip(b"\x00") == encode_integer(value, length)


@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: f"p={toy.p}")
def test_exactly_the_points_of_the_curve_are_read(toy: Group) -> None:
    """Of all (x, y) of an octet each, in both forms: what is read is written the same, and no other is a point."""
    p = modulus(toy.p)
    points = {point for point in toy.points if point is not None}
    assert {(x, y) for x in range(p) for y in range(p) if y * y % p == right_side(x, toy.b, p)} == points
    found = {False: set[tuple[int, int]](), True: set[tuple[int, int]]()}
    encodings = [bytes([first, x]) for first in (2, 3) for x in range(256)]
    encodings += [bytes([4, x, y]) for x in range(2 * p) for y in range(2 * p)]
    for octets in encodings:
        try:
            x, y = decode_point(octets, toy.b, p)
        except InvalidEncoding:
            continue
        compressed = octets[0] != 4
        assert encode_point(x, y, p, compressed=compressed) == octets
        assert (x, y) not in found[compressed]
        found[compressed].add((int(x), int(y)))
    assert found == {False: points, True: points}


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        ("", "02 or 03 and 1 octets, or 04 and 2 octets, were expected"),
        ("0000", "02 or 03 and 1 octets"),
        ("00", "the point at infinity is refused"),
        ("060101", "the hybrid form"),
        ("07010d", "the hybrid form"),
        ("020101", "02 or 03 and 1 octets"),
        ("0401", "02 or 03 and 1 octets"),
        ("0200", "no point of the curve has this x"),
        ("040102", "not on the curve"),
        ("020d", "a coordinate is not below p"),
        ("040111", "a coordinate is not below p"),
    ],
)
def test_a_refusal_says_what_is_wrong(octets: str, words: str) -> None:
    """Here on y² = x³ + 2 over F₁₃; each sentence names the section of SEC 1."""
    with pytest.raises(InvalidEncoding, match=rf"^point: .*{words}.*SEC 1 §") as refusal:
        decode_point(bytes.fromhex(octets), 2, modulus(13))
    assert refusal.value.octet is None
