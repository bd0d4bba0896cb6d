"""Lattice reduction: the same lattice, reduced as LLL defines it, and as short as a library's."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from fractions import Fraction
from itertools import islice
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


def by_the_book(rows: Rows) -> Rows:
    """Return the rows reduced by the same steps as `reduce` takes, in exact fractions."""
    basis, place = [[*row] for row in rows], 0
    while place < len(basis):
        across, along = gram_schmidt(basis[: place + 1])
        left, row = [*along[place]], basis[place]
        for before in reversed(range(place)):
            if abs(left[before]) > Fraction(501, 1000):
                count = round(left[before])
                row = [one - count * other for one, other in zip(row, basis[before], strict=True)]
                for other in range(before):
                    left[other] -= count * along[before][other]
        if row != basis[place]:
            basis[place] = row
        elif place and across[place] < (Fraction(99, 100) - along[place][-1] ** 2) * across[place - 1]:
            basis[place - 1 : place + 1] = basis[place], basis[place - 1]
            place -= 1
        else:
            place += 1
    return basis


@pytest.mark.parametrize("size", range(1, 9))
def test_each_step_is_that_of_exact_arithmetic(size: int) -> None:
    """Where numbers are short enough for floating point to be exact, or nearly."""
    rng = random.Random(size)  # the same each time: what is nearly a tie may be rounded to either side
    for _ in range(20):
        rows = random_rows(rng, size, 12)
        assert reduce(rows) == by_the_book(rows)
        rows = [[rng.randrange(-99, 100) for _ in range(size)] for _ in range(size)]
        assert reduce(rows) == by_the_book(rows)


def test_what_is_just_short_enough_stays() -> None:
    """A row of exactly 0.99 of the square of the one before, and one that has exactly 0.501 of it along."""
    assert reduce([[10, 0, 0, 0], [0, 9, 3, 3]]) == [[10, 0, 0, 0], [0, 9, 3, 3]]
    basis = [[31, 5, 3, 2, 1], [16, 1, 0, 0, 0]]
    lattice._shortened(basis, 1, [[0.0, 0.0], [0.0, 0.0]], [1000.0, 0.0])
    assert basis == [[31, 5, 3, 2, 1], [16, 1, 0, 0, 0]]


def test_orthogonal_parts_are_those_of_exact_arithmetic() -> None:
    rng = random.Random()
    rows = [[rng.randrange(-99, 100) for _ in range(7)] for _ in range(6)]
    across, along = gram_schmidt(rows)
    found_along, found_across = lattice._orthogonal(rows)
    assert found_across == pytest.approx([float(one) for one in across])
    assert [len(parts) for parts in found_along] == [*range(6)]
    for parts, exact in zip(found_along, along, strict=True):
        assert parts == pytest.approx([float(one) for one in exact])


def length(counts: Sequence[int], along: Sequence[Sequence[float]], across: Sequence[float], first: int) -> float:
    """Return the square of the length of a sum of rows from `first` on, across the rows before these."""
    end = first + len(counts)
    total = 0.0
    for row in range(first, end):
        part = counts[row - first] + sum(counts[later - first] * along[later][row] for later in range(row + 1, end))
        total += part**2 * across[row]
    return total


@pytest.mark.parametrize(("first", "end"), [(0, 2), (0, 5), (1, 5), (2, 6), (4, 6), (5, 6)])
def test_the_shortest_sum_of_a_block(first: int, end: int) -> None:
    """Of all sums with small counts there is none shorter; none is given if the first row is hardly longer."""
    rng = random.Random()
    for _ in range(12):
        rows = reduce(random_rows(rng, 6, 40))
        rng.shuffle(rows)
        along, across = lattice._orthogonal(rows)
        every = tuples((-2, -1, 0, 1, 2), repeat=end - first)
        least = min(length(one, along, across, first) for one in every if any(one))
        counts = lattice._shortest(along, across, first, end)
        if counts:
            assert len(counts) == end - first
            assert length(counts, along, across, first) <= min(1.000001 * least, 0.990001 * across[first])
            assert [one for one in counts if one][-1] > 0  # of the two signs
        else:
            assert least >= 0.989999 * across[first]


def test_of_two_that_are_equally_short_the_first_is_taken() -> None:
    """A later one has to be shorter."""
    along, across = lattice._orthogonal([[5, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert lattice._shortest(along, across, 0, 3) == [0, 1, 0]
    along, across = lattice._orthogonal([[5, 0, 0], [4, 3, 0], [0, 0, 9]])
    assert lattice._shortest(along, across, 0, 3) == [-1, 1, 0]
    along, across = lattice._orthogonal([[100, 0], [0, 100]])
    assert lattice._shortest(along, across, 0, 2) == []
    along, across = lattice._orthogonal([[10, 0, 0], [0, 7, 7]])
    assert lattice._shortest(along, across, 0, 2) == [0, 1]
    along, across = lattice._orthogonal([[1000, 0], [0, 995]])
    assert lattice._shortest(along, across, 0, 2) == []
    along, across = lattice._orthogonal([[1000, 0], [0, 994]])
    assert lattice._shortest(along, across, 0, 2) == [0, 1]


@pytest.mark.parametrize(
    ("middle", "first"),
    [
        (0.3, [0, 1, -1, 2, -2]),
        (0.5, [0, 1, -1, 2, -2]),
        (0.7, [1, 0, 2, -1, 3]),
        (-0.7, [-1, 0, -2, 1, -3]),
        (2.0, [2, 1, 3, 0, 4]),
        (-3.4, [-3, -4, -2, -5, -1]),
    ],
)
def test_integers_outwards(middle: float, first: list[int]) -> None:
    """The nearest first, and of two as near the lower."""
    assert [*islice(lattice._outwards(middle), 5)] == first


class Recorded:
    """A reduction that changes nothing, or always gives the same answer; it keeps what it was given."""

    def __init__(self, answer: Rows | None = None) -> None:
        self.given: list[Rows] = []
        self._answer = answer

    def __call__(self, rows: Sequence[Sequence[int]]) -> Rows:
        self.given.append([[*row] for row in rows])
        return [[*row] for row in self._answer or rows]


def test_the_shorter_row_replaces_the_last_that_it_has_once() -> None:
    """So the rows span the same; where there is none that it has once, they stay."""
    assert reduce_blocks([[5, 3, 0], [-4, -3, 0], [0, 0, 9]], Recorded()) == [[1, 0, 0], [5, 3, 0], [0, 0, 9]]
    assert reduce_blocks([[9, 0, 0], [0, 5, 3], [0, -4, -3]], Recorded()) == [[0, 1, 0], [0, 5, 3], [9, 0, 0]]
    twice_and_thrice = [[3000, 1], [-2000, 0]]
    assert reduce_blocks(twice_and_thrice, Recorded()) == twice_and_thrice


def test_passes_end_where_nothing_changed_and_are_three_at_most() -> None:
    """A reduction that always gives back what it had first has the same row found in each pass."""
    stubborn, done = Recorded([[5, 0], [0, 1]]), Recorded()
    reduce_blocks([[5, 0], [0, 1]], stubborn)
    assert stubborn.given == [[[5, 0], [0, 1]], *[[[0, 1], [5, 0]]] * 3]
    answers = [[[5, 0], [0, 1]], [[0, 5], [1, 0]]] * 2
    assert reduce_blocks([[5, 0], [0, 1]], lambda _: answers.pop(0)) == [[0, 5], [1, 0]]
    assert not answers
    assert reduce_blocks([[1, 0], [0, 5]], done) == [[1, 0], [0, 5]]
    assert len(done.given) == 1


def test_a_block_has_twelve_rows() -> None:
    """The thirteenth is not looked at from the first, but from the second."""
    rows = [[(5 if row < 12 else 1) * (row == column) for column in range(13)] for row in range(13)]
    seen = Recorded(rows)
    reduce_blocks(rows, seen)
    assert seen.given[1] == [rows[0], rows[12], *rows[1:12]]
    seen = Recorded(rows[1:])
    reduce_blocks(rows[1:], seen)
    assert seen.given[1] == [rows[12], *rows[1:12]]
    rows = [[(1 if row == 15 else 5) * (row == column) for column in range(17)] for row in range(17)]
    seen = Recorded(rows)
    reduce_blocks(rows, seen)
    assert seen.given[1] == [*rows[:4], rows[15], *rows[4:15], rows[16]]


def test_without_a_library_it_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has to be installed."""
    monkeypatch.setitem(sys.modules, "flint", None)
    assert best() == ("ecpure", lattice.reduce)
