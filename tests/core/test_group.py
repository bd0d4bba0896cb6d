"""The group law: equal and opposite points, infinity, many sums in lockstep."""

from __future__ import annotations

import random

import pytest

from ecpure import SECP224K1
from ecpure.group import (
    INFINITY,
    Affine,
    add_all,
    add_and_double,
    add_each,
    add_to_each,
    affine_or_none,
    double,
    extend,
    normalise,
    odd_multiples,
    sum_columns,
    times,
    to_affine,
    to_affine_each,
    to_columns,
)


@pytest.mark.parametrize("count", [1, 2, 8, 100])
def test_odd_multiples_are_what_they_are_called(count: int) -> None:
    """Q, 3Q, 5Q … all over one Z, without an inversion on the way."""
    p = SECP224K1.field
    for Q in [SECP224K1.G, 7 * SECP224K1.G, 0xC0FFEE * SECP224K1.G]:
        multiples, Z = odd_multiples(Q.coordinates, count, p)
        found = [affine_or_none(extend((X, Y, Z), p), p) for X, Y in multiples]
        assert found == [((2 * i + 1) * Q).coordinates for i in range(count)]


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
            sum_columns([to_columns([G, G]), to_columns([H, bad])], p)
    with pytest.raises(ZeroDivisionError):
        normalise([(*G, 1), (1, 1, 0)], p)
    with pytest.raises(ValueError, match="zip"):
        add_each([G, G], [H], p)


def test_columns_are_summed() -> None:
    """Each column of many rows has its own sum; of one row, it is that row, and of empty ones there are none."""
    p = SECP224K1.field
    rows = [[(k * SECP224K1.G).coordinates for k in row] for row in ((1, 10, 100), (5, 3, 7), (2, 2, 1000))]
    assert sum_columns(map(to_columns, rows), p) == [(k * SECP224K1.G).coordinates for k in (8, 15, 1107)]
    assert sum_columns([to_columns(rows[0])], p) == rows[0]
    assert sum_columns([to_columns([]), to_columns([])], p) == []


def test_sums_in_place_leave_what_is_added_as_it_was() -> None:
    """P[i] + Q[i] takes the place of P[i], and Q is not touched; nor is P, where a pair has no sum or is missing."""
    p = SECP224K1.field
    G, twice, thrice = ((k * SECP224K1.G).coordinates for k in (1, 2, 3))
    P, Q = to_columns([G, twice]), to_columns([twice, G])
    add_to_each(P, Q, p)
    assert (P, Q) == (to_columns([thrice, thrice]), to_columns([twice, G]))
    for bad, error in (([twice, thrice], ZeroDivisionError), ([twice], ValueError)):
        with pytest.raises(error):
            add_to_each(P, to_columns(bad), p)
        assert P == to_columns([thrice, thrice])


def test_affine_coordinates_of_many_are_reduced() -> None:
    """Each is the point's own, in [0, p); infinity has none."""
    G, p = SECP224K1.G.coordinates, SECP224K1.field
    points = [add_all(INFINITY, [G] * count, p) for count in (1, 2, 3)]
    assert to_affine_each(points, p) == [to_affine(times(count, G, p), p) for count in (1, 2, 3)]
    with pytest.raises(ZeroDivisionError):
        to_affine_each([INFINITY, *points], p)
