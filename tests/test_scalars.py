"""Scalar multiplication on the real curves, with scalars chosen by structure, against doubling and adding."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from ecpure import SECP224K1, SECP256K1, Curve, Point
from ecpure.jacobian import INFINITY, Affine, add, add_all, add_each, double, normalise, times, to_affine
from ecpure.multiply import wnaf

CURVES = [SECP224K1, SECP256K1]


def structured(curve: Curve) -> list[int]:
    """Return scalars that meet table values, carries, window edges and the endomorphism's halves."""
    n, lambda_ = curve.n, int(curve.endomorphism.lambda_)
    near_ends = [*range(66), *range(n - 66, n)]
    powers = [k for bit in range(n.bit_length()) for k in ((1 << bit) - 1, 1 << bit, (1 << bit) + 1)]
    windows = [digit << 8 * row for row in range(28) for digit in (127, 128, 129, 255)]
    around_lambda = [lambda_ + i for i in (-1, 0, 1)] + [n - lambda_ + i for i in (-1, 0, 1)] + [n // 2, n // 2 + 1]
    short_halves = [(k1 + k2 * lambda_) % n for k1 in (-5, -1, 0, 1, 7) for k2 in (-3, -1, 0, 1, 2)]
    return sorted({k % n for k in near_ends + powers + windows + around_lambda + short_halves})


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_comb_and_endomorphism_agree_with_doubling_and_adding(curve: Curve) -> None:
    """k·G by the comb and by the endomorphism is k·G by the definition, for every structured k."""
    G = curve.G.coordinates
    p = curve.field
    for k in structured(curve):
        expected = to_affine(times(k, G, p), p)
        assert k == 0 or curve.comb.multiply(k) == expected
        assert to_affine(curve.endomorphism.multiply(k, G), p) == expected


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_split_halves_are_short(curve: Curve) -> None:
    """Every scalar is k₁ + k₂λ with |k₁|, |k₂| of at most half of n's bits and one: 113 on secp224k1."""
    rng = random.Random(1)
    lambda_ = int(curve.endomorphism.lambda_)
    for k in structured(curve) + [rng.randrange(curve.n) for _ in range(2000)]:
        k1, k2 = curve.endomorphism.split(k)
        assert (k1 + k2 * lambda_ - k) % curve.n == 0
        assert max(abs(k1), abs(k2)).bit_length() <= (curve.n.bit_length() + 1) // 2


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_beta_and_lambda_are_cube_roots_of_unity(curve: Curve) -> None:
    """β² + β + 1 ≡ 0 (mod p), λ² + λ + 1 ≡ 0 (mod n), and λ·G = (βx, y)."""
    beta, lambda_ = int(curve.endomorphism.beta), int(curve.endomorphism.lambda_)
    assert (beta * beta + beta + 1) % curve.p == 0
    assert (lambda_ * lambda_ + lambda_ + 1) % curve.n == 0
    assert lambda_ * curve.G == Point(beta * curve.gx % curve.p, curve.gy, curve=curve)


@pytest.mark.parametrize("width", [2, 3, 4, 5, 8])
def test_wnaf_is_the_number_in_sparse_odd_digits(width: int) -> None:
    """The digits sum to k, are odd and below 2^(width − 1), and stand at least `width` places apart."""
    rng = random.Random(width)
    for k in [*range(-300, 300), *(rng.randrange(-(1 << 120), 1 << 120) for _ in range(300))]:
        digits = wnaf(k, width)
        assert sum(digit << place for place, digit in digits) == k
        assert all(digit % 2 and abs(digit) < 1 << width - 1 for _, digit in digits)
        assert all(b - a >= width for (a, _), (b, _) in pairwise(digits))


def test_comb_reads_one_entry_of_every_row_whatever_the_scalar() -> None:
    """The comb of secp224k1 has 29 rows of 256 points, and each scalar takes one of each: none is skipped."""
    comb = SECP224K1.comb
    rng = random.Random(2)
    for k in [0, 1, 2, SECP224K1.n - 1, 1 << 224, *(rng.randrange(SECP224K1.n) for _ in range(50))]:
        points = comb.points(k)
        assert len(points) == 29
        assert None not in points


def test_sums_that_meet_equal_and_opposite_points() -> None:
    """A sum is right where its rounds meet equal points, opposite points, or pass through infinity."""
    p = SECP224K1.field
    G = SECP224K1.G.coordinates
    multiples = {k: (k * SECP224K1.G).coordinates for k in range(1, 40)}
    multiples |= {-k: (-(k * SECP224K1.G)).coordinates for k in range(1, 40)}
    rng = random.Random(3)
    for _ in range(200):
        scalars = [rng.choice([-3, -2, -1, 1, 2, 3, 7, -7]) for _ in range(rng.randrange(1, 40))]
        expected = (sum(scalars) * SECP224K1.G).affine
        points: list[Affine] = [multiples[k] for k in scalars]
        assert to_affine(add_all(INFINITY, points, p), p) == expected
    balanced = [multiples[k] for k in range(1, 20)] + [multiples[-k] for k in range(1, 20)]
    assert to_affine(add_all(INFINITY, balanced, p), p) is None
    assert to_affine(add_all((*G, 1), balanced, p), p) == G
    assert to_affine(add_all(INFINITY, [], p), p) is None


def test_exceptional_cases_of_the_formulas() -> None:
    """Infinity, equal and opposite points are right in Jacobian doubling and addition, for any Z."""
    p = SECP224K1.field
    G = SECP224K1.G.coordinates
    x, y = G
    twice = (2 * SECP224K1.G).coordinates
    for Z in (1, 2, 5, int(p) - 1):
        scaled = (x * Z**2 % p, y * Z**3 % p, Z)
        assert to_affine(add(scaled, G, p), p) == twice
        assert to_affine(add(scaled, (x, p - y), p), p) is None
        assert to_affine(double(scaled, 1, p), p) == twice
        assert to_affine(double(scaled, 0, p), p) == G
    assert to_affine(add(INFINITY, G, p), p) == G
    assert to_affine(double(INFINITY, 5, p), p) is None


def test_affine_rounds_refuse_equal_and_opposite_points() -> None:
    """`add_each` raises rather than give a wrong sum, and one such pair is enough."""
    p = SECP224K1.field
    G, H = SECP224K1.G.coordinates, (2 * SECP224K1.G).coordinates
    for bad in (G, (G[0], p - G[1])):
        with pytest.raises(ZeroDivisionError):
            add_each([G, G], [H, bad], p)
    with pytest.raises(ZeroDivisionError):
        normalise([(*G, 1), INFINITY], p)
