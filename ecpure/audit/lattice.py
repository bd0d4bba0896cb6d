"""Lattice reduction: turns integer rows into rows that span the same lattice and are nearly as short as possible.

A. K. Lenstra, H. W. Lenstra, L. Lovász, Factoring polynomials with rational coefficients (1982), with the sums of
products exact and the rest in floating point, as in P. Q. Nguyen, D. Stehlé, An LLL algorithm with quadratic complexity
(2009). Where that is not short enough, blocks of rows are searched for their shortest combination: C. P. Schnorr,
M. Euchner, Lattice basis reduction: improved practical algorithms and solving subset sum problems (1994). Every row is
an exact combination of those given: rounding can only leave it longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from math import floor
from operator import mul

Rows = list[list[int]]
Reduce = Callable[[Sequence[Sequence[int]]], Rows]

_DELTA = 0.99
"""The Lovász condition's factor: a row stays in place if its part across the rows before it is long enough."""
_ETA = 0.501
"""The most that a row may have along one before it: a half, and room for rounding."""
_BLOCK, _TOURS = 12, 3
"""Rows of a block, and passes over all blocks: more takes longer, and finds hardly more (tried)."""


def reduce(rows: Sequence[Sequence[int]]) -> Rows:
    """Return the rows reduced, short ones first.

    rows: one or more, linearly independent, of less than 2⁴⁸⁰ in each place.
    """
    basis = [[*row] for row in rows]
    across = [0.0] * len(basis)  # squares of the lengths across the rows before
    along = [[0.0] * len(basis) for _ in basis]
    place = 0
    while place < len(basis):
        whole = _shortened(basis, place, along, across)
        across[place] = whole
        if place and whole < (_DELTA - along[place][place - 1] ** 2) * across[place - 1]:
            basis[place - 1], basis[place] = basis[place], basis[place - 1]
            place -= 1
        else:
            place += 1
    return basis


def _shortened(basis: Rows, place: int, along: list[list[float]], across: list[float]) -> float:
    """Subtract from a row those multiples of the rows before it that make it shorter, and return its `across`."""
    while True:
        row, parts, products = basis[place], along[place], [0.0] * place
        for before in range(place):
            product = float(sum(map(mul, row, basis[before]))) - sum(map(mul, along[before][:before], products))
            products[before] = product
            parts[before] = product / across[before]
        left, is_short = parts[:place], True
        for before in reversed(range(place)):
            if abs(left[before]) > _ETA:
                is_short = False
                count = round(left[before])
                row = [one - count * other for one, other in zip(row, basis[before], strict=True)]
                for other in range(before):
                    left[other] -= count * along[before][other]
        if is_short:
            return float(sum(map(mul, row, row)) - sum(map(mul, parts[:place], products)))
        basis[place] = row


def reduce_blocks(rows: Sequence[Sequence[int]], reduce: Reduce) -> Rows:
    """Return the rows reduced further than by `reduce`: the first of a block is about its shortest combination."""
    basis = reduce(rows)
    for _ in range(_TOURS):
        before = basis
        along, across = _orthogonal(basis)
        for first in range(len(basis) - 1):
            counts = _shortest(along, across, first, min(first + _BLOCK, len(basis)))
            block = basis[first : first + len(counts)]
            ones = [row for row, one in zip(block, counts, strict=True) if abs(one) == 1]
            if ones:  # the shorter row replaces the last of them: they span the same
                shorter = [sum(map(mul, counts, column)) for column in zip(*block, strict=True)]
                kept = [row for row in basis[first:] if row is not ones[-1]]
                basis = reduce([*basis[:first], shorter, *kept])
                along, across = _orthogonal(basis)
        if basis is before:
            break
    return basis


def _orthogonal(basis: Rows) -> tuple[list[list[float]], list[float]]:
    """Return each row's parts along those before it, and the square of its length across them."""
    rows = [[*map(float, row)] for row in basis]
    along: list[list[float]] = []
    across: list[float] = []
    for row in rows:
        parts: list[float] = []
        products: list[float] = []
        for other, along_other, across_other in zip(rows, along, across, strict=False):
            products.append(sum(map(mul, row, other)) - sum(map(mul, along_other, products)))
            parts.append(products[-1] / across_other)
        along.append(parts)
        across.append(sum(map(mul, row, row)) - sum(map(mul, parts, products)))
    return along, across


def _shortest(along: list[list[float]], across: list[float], first: int, end: int) -> list[int]:
    """Return each row's multiple in a block's shortest sum; an empty list if the first row is hardly longer."""
    best: list[int] = []
    bound = _DELTA * across[first]
    counts = [0] * (end - first)

    def choose(row: int, spent: float, *, is_zero: bool) -> None:
        """Try the counts of a row, given those of the rows after it, while the sum is below the bound."""
        nonlocal best, bound
        if row < first:
            best, bound = [*counts], spent
            return
        middle = -sum(counts[later - first] * along[later][row] for later in range(row + 1, end))
        tried = count(int(row == first)) if is_zero else _outwards(middle)
        while True:
            counts[row - first] = one = next(tried)
            length = spent + (one - middle) ** 2 * across[row]
            if length >= bound:
                return
            choose(row - 1, length, is_zero=is_zero and one == 0)

    choose(end - 1, 0.0, is_zero=True)
    return best


def _outwards(middle: float) -> Iterator[int]:
    """Yield the integers, the nearest first."""
    below = floor(middle)
    above = below + 1
    while True:
        if middle - below <= above - middle:
            yield below
            below -= 1
        else:
            yield above
            above += 1


def _by_flint(rows: Sequence[Sequence[int]]) -> Rows:
    from flint import fmpz_mat  # the extra `lattice`

    return [[*map(int, row)] for row in fmpz_mat([[*row] for row in rows]).lll().tolist()]


def best() -> tuple[str, Reduce]:
    """Return python-flint's reduction with its name, or ours if that is not installed."""
    try:
        import flint  # noqa: F401  # slow to import, and optional
    except Exception:  # noqa: BLE001  # if memory is short, its import fails in other ways, too
        return "ecpure", reduce
    return "python-flint", _by_flint
