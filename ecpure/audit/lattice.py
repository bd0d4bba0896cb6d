"""Lattice reduction: of integer rows, to rows that span the same lattice and are nearly as short as can be.

A. K. Lenstra, H. W. Lenstra, L. Lovász, Factoring polynomials with rational coefficients (1982), with the sums of
products exact and the rest in floating point, as in P. Q. Nguyen, D. Stehlé, An LLL algorithm with quadratic complexity
(2009). Every row is an exact combination of those given, whatever is rounded: rounding can only leave it longer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import mul

Rows = list[list[int]]

_DELTA = 0.99
"""How much of a row's part across the rows before it has to be left, for it to stay after them."""
_ETA = 0.501
"""The most that a row may have along one before it; a half, and what rounding takes."""


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
    """Take from a row whatever multiples of those before it make it shorter, and return its `across`."""
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


def _by_flint(rows: Sequence[Sequence[int]]) -> Rows:
    from flint import fmpz_mat  # the extra `lattice`

    return [[*map(int, row)] for row in fmpz_mat([[*row] for row in rows]).lll().tolist()]


def best() -> tuple[str, Callable[[Sequence[Sequence[int]]], Rows]]:
    """Return python-flint's reduction with its name, or, where that is not installed, ours."""
    try:
        import flint  # noqa: F401  # slow to import, and optional
    except ImportError:
        return "ecpure", reduce
    return "python-flint", _by_flint
