"""Lattice reduction: the same lattice, reduced as LLL defines it, and as short as a library's."""

from __future__ import annotations

import random
import sys
from fractions import Fraction
from itertools import product as tuples
from operator import mul

import pytest

from ecpure.audit import lattice
from ecpure.audit.lattice import Rows, best, reduce, reduce_blocks


def product(one: list[int], other: list[int]) -> int:
    return sum(map(mul, one, other))


def gram_schmidt(rows: Rows) -> tuple[list[Fraction], list[list[Fraction]]]:
    """Return, exactly, squares of the lengths across the rows before, and what each has along them."""
    across: list[Fraction] = []
    along: list[list[Fraction]] = []
    for place, row in enumerate(rows):
        parts: list[Fraction] = []
        products: list[Fraction] = []
        for before in range(place):
            products.append(product(row, rows[before]) - sum(map(mul, along[before], products), Fraction(0)))
            parts.append(products[-1] / across[before])
        across.append(product(row, row) - sum(map(mul, parts, products), Fraction(0)))
        along.append(parts)
    return across, along


def determinant(rows: Rows) -> Fraction:
    """Return the square of the lattice's determinant."""
    found = Fraction(1)
    for length in gram_schmidt(rows)[0]:
        found *= length
    return found


def random_rows(rng: random.Random, size: int, bits: int) -> Rows:
    """Return rows as signatures make them: a random one, and moduli."""
    n = rng.getrandbits(bits) | 1 << bits - 1
    moduli = [[n * (row == place) for place in range(size)] for row in range(1, size)]
    return [[1, *(rng.randrange(n) for _ in range(size - 1))], *moduli]


@pytest.mark.parametrize(("size", "bits"), [(1, 8), (2, 225), (5, 20), (8, 225), (12, 256), (9, 450)])
def test_rows_are_reduced(size: int, bits: int) -> None:
    """Exactly: no row has more than a half of another along it, each is long enough across, and they span the same."""
    rng = random.Random()
    rows = random_rows(rng, size, bits)
    before = [[*row] for row in rows]
    found = reduce(rows)
    assert rows == before
    across, along = gram_schmidt(found)
    for place, parts in enumerate(along):
        assert all(abs(part) <= Fraction(51, 100) for part in parts)
        assert not parts or across[place] >= (Fraction(98, 100) - parts[-1] ** 2) * across[place - 1]
    assert determinant(found) == determinant(rows)
    n = rows[-1][-1]
    for row in found:  # each is a combination of those given: its first place says of which
        assert all((x - row[0] * a) % n == 0 for x, a in zip(row, before[0], strict=True)) or size == 1


def test_rows_with_more_places_than_rows() -> None:
    """They span a lattice in a part of the space."""
    found = reduce([[5, 5, 0], [6, 5, 0]])
    assert sorted(sorted(map(abs, row)) for row in found) == [[0, 0, 1], [0, 0, 5]]


def test_rows_are_as_short_as_those_of_a_library() -> None:
    """Of FLINT, in the product of their lengths and in the first of them."""
    pytest.importorskip("flint")
    name, library = best()
    assert name == "python-flint"
    rng = random.Random()
    for _ in range(5):
        rows = random_rows(rng, 12, 225)
        ours, theirs = reduce(rows), library(rows)
        assert determinant(ours) == determinant(theirs)
        assert abs(product(ours[0], ours[0]).bit_length() - product(theirs[0], theirs[0]).bit_length()) <= 2


@pytest.mark.parametrize(("size", "bits"), [(1, 8), (5, 20), (16, 225)])
def test_blocks_span_the_same(size: int, bits: int) -> None:
    """And their first row is no longer than it was."""
    rows = random_rows(random.Random(), size, bits)
    once, further = reduce(rows), reduce_blocks(rows, reduce)
    assert determinant(further) == determinant(once)
    assert product(further[0], further[0]) <= product(once[0], once[0])
    n = rows[-1][-1]
    for row in further:
        assert all((x - row[0] * a) % n == 0 for x, a in zip(row, rows[0], strict=True)) or size == 1


def test_a_block_finds_the_shortest_row() -> None:
    """Of all small sums of six rows, but for a hundredth."""
    rng = random.Random()
    for _ in range(5):
        rows = reduce(random_rows(rng, 6, 60))
        found = reduce_blocks(rows, reduce)
        sums = (
            [sum(map(mul, counts, column)) for column in zip(*rows, strict=True)]
            for counts in tuples((-2, -1, 0, 1, 2), repeat=6)
            if any(counts)
        )
        shortest = min(product(row, row) for row in sums)
        assert product(found[0], found[0]) <= shortest / 0.99


def test_without_a_library_it_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has to be installed."""
    monkeypatch.setitem(sys.modules, "flint", None)
    assert best() == ("ecpure", lattice.reduce)
