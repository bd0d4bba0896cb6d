"""The formulas reduce what they return, and multiply nothing longer than they have to: a size that grows is a cost."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ecpure import SECP224K1
from ecpure.field import invert_all
from ecpure.group import (
    INFINITY,
    add_all,
    add_and_double,
    double,
    extend,
    normalise,
    odd_multiples,
    sum_of_shifted,
    to_affine,
)

P = SECP224K1.p
BITS = 224
POINTS = [(k * SECP224K1.G).coordinates for k in (1, 2, 3, 0xC0FFEE, SECP224K1.n - 5)]


class Number(int):
    """An integer that has the length of every product it enters noted, and so do its results."""

    __slots__ = ()
    lengths: list[int] = []  # noqa: RUF012  # one list for all

    def __mul__(self, other: int) -> Number:
        product = Number(int(self) * int(other))
        self.lengths.append(product.bit_length())
        return product

    __rmul__ = __mul__

    def __add__(self, other: int) -> Number:
        return Number(int(self) + int(other))

    def __sub__(self, other: int) -> Number:
        return Number(int(self) - int(other))

    def __mod__(self, other: int) -> Number:
        return Number(int(self) % int(other))


def measured(coordinates: Iterable[int]) -> tuple[Number, ...]:
    """Return the coordinates as numbers that are measured."""
    return tuple(Number(int(c)) for c in coordinates)


def require_reduced(coordinates: Iterable[int]) -> None:
    """Check that each is in [0, p − 1]."""
    assert all(0 <= c < P for c in coordinates)


@pytest.fixture(autouse=True)
def _nothing_noted() -> None:
    Number.lengths.clear()


@pytest.mark.parametrize("Z", [1, 2, 7, P - 1])
def test_sizes_in_sums_and_doublings(Z: int) -> None:
    """A product has at most three factors' length: two coordinates, one of them unreduced once."""
    x, y = measured(POINTS[3])
    start = measured((x * Z**2 % P, y * Z**3 % P, Z))
    points = [measured(Q) for Q in POINTS]
    Number.lengths.clear()
    steps = [((points[i][0], points[i][1]), times) for i, times in ((0, 3), (1, 0), (4, 1), (2, 5))]
    jacobian = add_and_double((start[0], start[1], start[2]), steps, P)
    require_reduced(jacobian)
    extended = extend(double(jacobian, 2, P), P)
    require_reduced(extended)
    total = add_all(extended, [(x, y) for x, y in points], P)
    require_reduced(total)
    require_reduced(to_affine(total, P))
    assert len(Number.lengths) > 100
    assert max(Number.lengths) <= 3 * BITS + 6


@pytest.mark.parametrize("Q", POINTS[:2] + POINTS[3:])
def test_sizes_in_tables(Q: tuple[int, int]) -> None:
    """Where a table is made, everything is reduced at once: a product has two factors' length."""
    x, y = measured(Q)
    multiples, Z = odd_multiples((x, y), 8, P)
    require_reduced([Z, *(c for point in multiples for c in point)])
    lengths, Number.lengths[:] = Number.lengths[:], []
    jacobian = [(Number(X), Number(Y), Number(Z)) for X, Y in multiples]
    affine = normalise(jacobian, P)
    require_reduced(c for point in affine for c in point)
    lengths += Number.lengths
    assert len(lengths) > 80
    assert sum(length > 2 * BITS + 2 for length in lengths) <= 3  # of the one doubling


def test_sizes_in_inversions() -> None:
    """Products are reduced one by one."""
    values = measured(x for x, _ in POINTS)
    require_reduced(invert_all(values, P))
    assert max(Number.lengths) <= 2 * BITS


def test_infinity_has_the_coordinates_that_are_named() -> None:
    """Of all that have Z = 0, the formulas give (1, 1, 0): an opposite point met, and an empty sum."""
    (x, y), p = POINTS[3], SECP224K1.field
    assert INFINITY == (1, 1, 0, 0)
    assert add_and_double((x, y, 1), [((x, p - y), 0)], p) == (1, 1, 0)
    assert add_all((x, y, 1, 1), [(x, p - y)], p) == INFINITY
    assert sum_of_shifted([], p) == (1, 1, 0)
