"""Scalar multiplication on the real curves, with scalars chosen by structure, against doubling and adding."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest

from ecpure import SECP224K1, SECP256K1, Curve, Point, signing
from ecpure.affine import Affine, add_each, sum_columns
from ecpure.jacobian import (
    INFINITY,
    add_all,
    add_and_double,
    affine_or_none,
    double,
    extend,
    normalise,
    odd_multiples,
    times,
    to_affine,
)
from ecpure.multiply import BaseComb, Comb, wnaf

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
        expected = affine_or_none(times(k, G, p), p)
        assert k == 0 or curve.base.multiply(k) == expected
        assert affine_or_none(add_all(INFINITY, curve.comb.points(k), p), p) == expected
        assert affine_or_none(curve.endomorphism.multiply(k, G), p) == expected


@pytest.mark.parametrize("width", [1, 2, 3, 5, 6, 7, 9, 10])
def test_combs_of_every_width_agree_and_are_even(width: int) -> None:
    """Whatever the width, a comb gives k·B, from one entry of each of its rows."""
    B = (0xC0FFEE * SECP224K1.G).coordinates
    comb = Comb(B, SECP224K1.field, SECP224K1.order, width)
    rng = random.Random(width)
    for k in [1, 2, SECP224K1.n - 1, 1 << 224, (1 << 224) - 1, *(rng.randrange(1, SECP224K1.n) for _ in range(20))]:
        assert len(comb.points(k)) == -(-226 // width)
        expected = affine_or_none(times(k, B, SECP224K1.field), SECP224K1.field)
        assert affine_or_none(add_all(INFINITY, comb.points(k), SECP224K1.field), SECP224K1.field) == expected


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_the_comb_in_lockstep_reads_what_it_reads_alone(curve: Curve) -> None:
    """Row by row, for many scalars, the comb yields the entries that it gives for each."""
    scalars, comb = structured(curve), curve.comb
    rows = list(comb.rows(scalars))
    assert [list(column) for column in zip(*rows, strict=True)] == [comb.points(k) for k in scalars]
    assert list(comb.rows([])) == [[]] * len(rows)


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
            found += curve.endomorphism.multiply_each(scalars[part], points[part])
        assert [affine_or_none(extend(R, p), p) for R in found] == expected
    assert curve.endomorphism.multiply_each([], []) == []


@pytest.mark.parametrize("count", [1, 2, 8, 100])
def test_odd_multiples_are_what_they_are_called(count: int) -> None:
    """Q, 3Q, 5Q … all over one Z, without an inversion on the way."""
    p = SECP224K1.field
    for Q in [SECP224K1.G, 7 * SECP224K1.G, 0xC0FFEE * SECP224K1.G]:
        multiples, Z = odd_multiples(Q.coordinates, count, p)
        found = [affine_or_none(extend((X, Y, Z), p), p) for X, Y in multiples]
        assert found == [((2 * i + 1) * Q).coordinates for i in range(count)]


def test_the_table_for_G_grows_with_its_uses() -> None:
    """Few uses build a small table, more a larger one, with equal results; one is kept at a time."""
    curve = Curve(name="again", p=SECP224K1.p, b=5, n=SECP224K1.n, gx=SECP224K1.gx, gy=SECP224K1.gy)
    k = 0x1234567 << 100
    expected = affine_or_none(times(k, curve.G.coordinates, curve.field), curve.field)
    sums = []
    for uses in (0, 1, 198, 1, 1, 798, 1, 1, 100_000):
        comb = curve.base.for_uses(uses)
        assert affine_or_none(add_all(INFINITY, comb.points(k), curve.field), curve.field) == expected
        sums.append(len(comb.points(k)))
    assert sums == [46, 46, 46, 46, 29, 29, 29, 23, 23]
    assert curve.comb is curve.comb
    fresh = Curve(name="again", p=SECP224K1.p, b=5, n=SECP224K1.n, gx=SECP224K1.gx, gy=SECP224K1.gy)
    assert {len(fresh.comb.points(k)) for _ in range(200)} == {46}
    assert len(fresh.comb.points(k)) == 29
    signer = Curve(name="again", p=SECP224K1.p, b=5, n=SECP224K1.n, gx=SECP224K1.gx, gy=SECP224K1.gy).base
    assert len(signer.for_uses(199).points(k)) == 46
    signer.multiply(k)
    assert len(signer.for_uses(0).points(k)) == 46
    assert signer.for_uses(0) is signer.for_uses(0)
    signer.multiply(k)
    assert len(signer.for_uses(0).points(k)) == 29
    assert len(BaseComb(curve.G.coordinates, curve.field, curve.order).for_uses(200).points(k)) == 46


def test_every_secret_multiple_has_a_mask_of_its_own() -> None:
    """k·G is right whatever the mask and the length of k; masks never repeat, U = u·G, and its Z is no constant."""
    curve = Curve(name="again", p=SECP224K1.p, b=5, n=SECP224K1.n, gx=SECP224K1.gx, gy=SECP224K1.gy)
    base, p = curve.base, curve.field
    k = 0x1234567 << 100
    expected = affine_or_none(times(k, curve.G.coordinates, p), p)
    masks = []
    for uses in range(250):
        assert base.multiply(k + uses % 3 * curve.n) == expected
        u, minus_u, U, steps, _ = base._walks[0]
        assert (u + minus_u) % curve.n == 0
        assert all(0 <= c < p for c in U)
        masks.append((u, U))
    assert len({u for u, _ in masks}) == len({U[2] for _, U in masks}) == 250
    assert len({(u - v) % curve.n for (u, _), (v, _) in pairwise(masks)}) == 8
    assert all(v - u == steps[U[0] & 7][0] for (u, U), (v, _) in pairwise(masks))
    for u, U in masks[::25]:
        assert affine_or_none(U, p) == affine_or_none(times(int(u), curve.G.coordinates, p), p)


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_lengthened_scalars_have_one_length_and_begin_alike(curve: Curve) -> None:
    """Whatever they are, on both curves: 0, powers of two, n − 1 and numbers beside them."""
    n = curve.n
    edges = [
        0,
        1,
        n // 2,
        n - 2,
        n - 1,
        *(1 << i for i in range(n.bit_length() - 1)),
        *(n - (1 << i) for i in range(200)),
    ]
    lengthened = [signing.lengthen(a, n) for a in edges]
    assert {type(long) for long in lengthened} == {type(curve.order)}
    assert [long % n for long in lengthened] == edges
    assert len({long.bit_length() for long in lengthened}) == 1
    assert len({bin(long)[:15] for long in lengthened}) == 1
    assert lengthened == [(3 * 2**13 + 1) * n + a for a in edges]


def call_traced(trace: Callable[[FrameType, str, object], Any], function: Callable[..., object], *args: object) -> None:
    """Call the function while `trace` is told of every line."""
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*args)
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_what_hides_a_masked_scalar_is_longer_than_it_and_never_the_same(curve: Curve) -> None:
    """A drawn mask is reduced, and a random multiple of n, of U's length, is added before k − u is."""
    n, p = curve.order, curve.field
    u, minus_u, U, steps, _ = curve.base._draw(curve.base.for_uses(1))
    assert u + minus_u == n
    assert all(0 <= c < p for c in U)
    assert [v + minus_v for v, minus_v, _ in steps] == [n] * 8
    hidden: list[int] = []

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code is not BaseComb.multiply.__code__:
            return None
        if event == "return":
            hidden.append(int(frame.f_locals["hidden"]))
        return trace

    for _ in range(20):
        call_traced(trace, curve.base.multiply, 5)
    assert len(set(hidden)) == 20
    assert all(number % n == 0 for number in hidden)
    assert min(hidden).bit_length() > 2 * curve.n.bit_length() - 70


def lines_of(function: Callable[..., object], *arguments: object) -> list[tuple[str, int]]:
    """Return every line of the package that a call executes, in order."""
    lines: list[tuple[str, int]] = []

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if event == "line" and frame.f_globals["__name__"].startswith("ecpure."):  # and not what a collection calls
            lines.append((frame.f_code.co_name, frame.f_lineno))
        return trace

    call_traced(trace, function, *arguments)
    return lines


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_signing_executes_the_same_lines_for_every_secret(curve: Curve) -> None:
    """Whatever d and k are: one loop more, one branch that is taken, would show."""
    rng, n = random.Random(7), curve.n
    curve.base.for_uses(2000)
    curve.base.multiply(5)
    scalars = [1, 2, n // 2, n - 1, 1 << 64, rng.getrandbits(100), *(rng.randrange(1, curve.n) for _ in range(5))]
    taken = {
        tuple(lines_of(signing.sign_with_nonce, curve, signing.lengthen(d, n), 12345, k))
        for d in scalars
        for k in scalars
    }
    assert len(taken) == 1
    assert len(taken.pop()) > 200


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


def test_comb_reads_one_entry_of_every_row_whatever_the_scalar() -> None:
    """A comb of width 8 on secp224k1 has 29 rows, and each scalar takes one entry of each: none is skipped."""
    comb = Comb(SECP224K1.G.coordinates, SECP224K1.field, SECP224K1.order)
    rng = random.Random(2)
    for k in [0, 1, 2, SECP224K1.n - 1, 1 << 224, *(rng.randrange(SECP224K1.n) for _ in range(50))]:
        points = comb.points(k)
        assert len(points) == 29
        assert None not in points


def test_sums_that_meet_equal_and_opposite_points() -> None:
    """A sum is right where it meets equal points, opposite points, or passes through infinity."""
    p = SECP224K1.field
    G = SECP224K1.G.coordinates
    multiples = {k: (k * SECP224K1.G).coordinates for k in range(1, 40)}
    multiples |= {-k: (-(k * SECP224K1.G)).coordinates for k in range(1, 40)}
    rng = random.Random(3)
    for _ in range(200):
        scalars = [rng.choice([-3, -2, -1, 1, 2, 3, 7, -7]) for _ in range(rng.randrange(1, 40))]
        expected = (sum(scalars) * SECP224K1.G).affine
        points: list[Affine] = [multiples[k] for k in scalars]
        assert affine_or_none(add_all(INFINITY, points, p), p) == expected
    balanced = [multiples[k] for k in range(1, 20)] + [multiples[-k] for k in range(1, 20)]
    assert affine_or_none(add_all(INFINITY, balanced, p), p) is None
    assert affine_or_none(add_all((*G, 1, 1), balanced, p), p) == G
    assert affine_or_none(add_all(INFINITY, [], p), p) is None


def test_exceptional_cases_of_the_formulas() -> None:
    """Infinity, equal and opposite points are right in both kinds of coordinates, for any Z."""
    p = SECP224K1.field
    G = SECP224K1.G.coordinates
    x, y = G
    minus_G = (x, p - y)
    twice = (2 * SECP224K1.G).coordinates
    infinity = (1, 1, 0)
    for Z in (1, 2, 5, int(p) - 1):
        scaled = (x * Z**2 % p, y * Z**3 % p, Z)
        for Q, total in ((G, twice), (minus_G, None)):
            assert affine_or_none(extend(add_and_double(scaled, [(Q, 0)], p), p), p) == total
            assert affine_or_none(add_all(extend(scaled, p), [Q], p), p) == total
        assert affine_or_none(extend(double(scaled, 1, p), p), p) == twice
        assert affine_or_none(extend(double(scaled, 0, p), p), p) == G
    assert affine_or_none(extend(add_and_double(infinity, [(G, 0)], p), p), p) == G
    assert affine_or_none(extend(double(infinity, 5, p), p), p) is None
    assert affine_or_none(extend(add_and_double(infinity, [(None, 3), (G, 1)], p), p), p) == twice
    assert affine_or_none(extend(add_and_double((x, y, 1), [(minus_G, 3), (G, 1)], p), p), p) == twice
    with pytest.raises(ZeroDivisionError):
        to_affine(INFINITY, p)
    assert affine_or_none(add_all(INFINITY, [G, minus_G, G, G], p), p) == twice


def test_affine_sums_refuse_equal_and_opposite_points() -> None:
    """In lockstep, one such pair in one round raises, rather than give a wrong sum; infinity is never normalised."""
    p = SECP224K1.field
    G, H = SECP224K1.G.coordinates, (2 * SECP224K1.G).coordinates
    for bad in (G, (G[0], p - G[1])):
        with pytest.raises(ZeroDivisionError):
            add_each([G, G], [H, bad], p)
        with pytest.raises(ZeroDivisionError):
            sum_columns([[G, G], [H, bad]], p)
    with pytest.raises(ZeroDivisionError):
        normalise([(*G, 1), (1, 1, 0)], p)
    with pytest.raises(ValueError, match="zip"):
        add_each([G, G], [H], p)


def test_columns_are_summed() -> None:
    """Each column of many rows has its own sum; of one row, it is that row."""
    p = SECP224K1.field
    rows = [[(k * SECP224K1.G).coordinates for k in row] for row in ((1, 10, 100), (5, 3, 7), (2, 2, 1000))]
    assert sum_columns(rows, p) == [(k * SECP224K1.G).coordinates for k in (8, 15, 1107)]
    assert sum_columns(rows[:1], p) == rows[0]
    assert sum_columns([[], []], p) == []
