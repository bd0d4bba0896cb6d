"""Random elements, quotients, inverses and square roots."""

from __future__ import annotations

import math

import pytest

from ecpure import SECP224K1, SECP256K1, field
from ecpure.field import divide_blinded, invert_all, random_unit, square_root
from ecpure.integers import invert, modulus

SMALL = [n for n in range(3, 2000) if all(n % q for q in range(2, math.isqrt(n) + 1))]


def test_square_roots_of_every_element_of_small_fields() -> None:
    """A root is found exactly for the squares, in fields of every class mod 8."""
    for p in (3, 5, 7, 11, 13, 17, 29, 31, 37, 41, 73, 89, 97, 193, 257):
        squares = {x * x % p for x in range(p)}
        for a in range(p):
            root = square_root(modulus(a), modulus(p))
            assert (root is not None) == (a in squares)
            assert root is None or root * root % p == a


@pytest.mark.parametrize("p", [SECP224K1.p, SECP256K1.p, 2**224 - 2**96 + 1], ids=["5 mod 8", "3 mod 4", "1 mod 2^96"])
def test_square_roots_in_large_fields(p: int) -> None:
    """Of x² a root is ±x; of a non-square there is none."""
    non_square = next(a for a in range(2, 100) if pow(a, (p - 1) // 2, p) == p - 1)
    for x in (1, 2, 3, p - 1, p // 3):
        square = modulus(x * x % p)
        assert square_root(square, modulus(p)) in (x % p, p - x)
        assert square_root(square * non_square % p, modulus(p)) is None


def test_roots_are_searched_for_only_where_no_formula_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tonelli and Shanks are for p ≡ 1 (mod 8): the fields of both curves have roots by one power."""
    searched: list[int] = []

    def search(a: int, p: int) -> int:
        searched.append(p)
        return next(x for x in range(p) if x * x % p == a)

    monkeypatch.setattr(field, "_tonelli_shanks", search)
    for p in SMALL:
        assert square_root(4, p) in (2 % p, p - 2)
    assert searched == [p for p in SMALL if p % 8 == 1]


def test_inverses_singly_and_together() -> None:
    """a · a⁻¹ = 1 for all, and together as singly; 0 has none, alone or among others."""
    for p in (13, 97, SECP224K1.p):
        m = modulus(p)
        values = [modulus(a) for a in (1, 2, 3, 5, 12, p - 1)]
        assert [a * b % m for a, b in zip(values, invert_all(values, m), strict=True)] == [1] * 6
        assert invert_all(values, m) == [invert(a, m) for a in values]
        for zero in (0, p):
            with pytest.raises(ZeroDivisionError):
                invert(modulus(zero), m)
            with pytest.raises(ZeroDivisionError):
                invert_all([*values, modulus(zero)], m)
    assert invert_all([], modulus(13)) == []


@pytest.mark.parametrize(("m", "count"), [(3, 9), (251, 9), (257, 10), (65521, 10), (65537, 11), (SECP224K1.n, 37)])
def test_units_are_drawn_from_64_bits_more_than_the_modulus_has(
    m: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1 and what so many octets of the system's generator leave mod m − 1: in [1, m − 1]."""
    asked: list[int] = []
    for fill in (0, 1, 0x80, 0xFF):

        def draw(size: int, fill: int = fill) -> bytes:
            asked.append(size)
            return bytes([fill] * size)

        monkeypatch.setattr("ecpure.field.os.urandom", draw)
        assert random_unit(m) == 1 + sum(fill << 8 * place for place in range(count)) % (m - 1)
        assert 1 <= random_unit(modulus(m)) < m
    assert asked == [count] * 8


def test_blinded_quotients_are_quotients_of_what_is_blinded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The result is a/b; what is inverted is another number every time."""
    seen: list[int] = []

    def inverse(a: int, m: int) -> int:
        seen.append(int(a))
        return invert(a, m)

    monkeypatch.setattr(field, "invert", inverse)
    m = modulus(SECP224K1.n)
    for b in (1, 2, SECP224K1.n // 2, SECP224K1.n - 1, SECP224K1.n * 5 + 3):
        assert [b * divide_blinded(0xC0FFEE << 300, modulus(b), m) % m for _ in range(20)] == [
            (0xC0FFEE << 300) % m
        ] * 20
    assert len(set(seen)) == 100
    assert max(seen) < m


@pytest.mark.parametrize(("m", "count"), [(SECP224K1.n, 28), (SECP256K1.n, 31), (257, 1), (255, 0)])
@pytest.mark.parametrize("fill", [0, 1, 5, 0xFF])
def test_what_is_inverted_has_a_factor_of_all_octets_below_the_modulus(
    m: int, count: int, fill: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The factor is 1 more than so many octets of the system's generator; what is inverted is b times that, reduced."""
    inverted: list[int] = []

    def draw(size: int) -> bytes:
        assert size == count
        return bytes([fill]) * size

    def note(a: int, m: int) -> int:
        inverted.append(a)
        return invert(a, m)

    monkeypatch.setattr("ecpure.field.os.urandom", draw)
    monkeypatch.setattr(field, "invert", note)
    assert divide_blinded(5, modulus(7), modulus(m)) == 5 * pow(7, -1, m) % m
    assert inverted == [7 * (1 + int.from_bytes(bytes([fill]) * count, "big")) % m]
