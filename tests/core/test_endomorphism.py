"""The endomorphism: β and λ, the halves of a scalar, and its digits."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from multiplying import CURVES, structured

from ecpure import Curve, Point
from ecpure.endomorphism import wnaf
from ecpure.group import affine_or_none, extend, times


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_the_endomorphism_in_lockstep_agrees_with_itself_alone(curve: Curve) -> None:
    """Many k·Q at once, as few as one and as many as share their inversions, are those of one at a time."""
    rng = random.Random(4)
    p = curve.field
    scalars = structured(curve)[::7]
    points = [(rng.randrange(1, curve.n) * curve.G).coordinates for _ in scalars]
    expected = [affine_or_none(times(k, Q, p), p) for k, Q in zip(scalars, points, strict=True)]
    for size in (1, 2, 9, len(scalars)):
        found = []
        for start in range(0, len(scalars), size):
            part = slice(start, start + size)
            found += curve.endomorphism.multiply_each_vartime(scalars[part], points[part])
        assert [affine_or_none(extend(R, p), p) for R in found] == expected
    assert curve.endomorphism.multiply_each_vartime([], []) == []


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_split_halves_are_short(curve: Curve) -> None:
    """Every scalar is k₁ + k₂λ with |k₁|, |k₂| of at most half of n's bits and one: 113 on secp224k1."""
    rng = random.Random(1)
    lambda_ = int(curve.endomorphism.lambda_)
    (a1, b1), (a2, b2) = curve.endomorphism._lattice
    for k in structured(curve) + [rng.randrange(curve.n) for _ in range(2000)]:
        k1, k2 = curve.endomorphism.split(k)
        assert (k1 + k2 * lambda_ - k) % curve.n == 0
        assert max(abs(k1), abs(k2)).bit_length() <= (curve.n.bit_length() + 1) // 2
        assert 2 * abs(k1) <= abs(a1) + abs(a2)  # what is rounded, is rounded to the nearest
        assert 2 * abs(k2) <= abs(b1) + abs(b2)


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
