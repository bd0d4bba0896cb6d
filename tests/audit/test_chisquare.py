"""The test of whether counts are even: against tables, at its ends, and against chance."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from ecpure.audit.chisquare import probability


@pytest.mark.parametrize(
    ("cells", "chi_square", "expected"),
    [
        (2, 3.841459, 0.05),
        (2, 10.827566, 0.001),
        (4, 7.814728, 0.05),
        (256, 293.247835, 0.05),
        (256, 330.519739, 0.001),
    ],
)
def test_the_probability_is_the_tables_own(cells: int, chi_square: float, expected: float) -> None:
    """Quantiles of χ² as tables print them."""
    side = (chi_square * 50_000 / 2) ** 0.5  # one cell so much above, one so much below its 50,000
    counts: list[float] = [50_000] * cells
    counts[0] += side
    counts[1] -= side
    assert probability(counts) == pytest.approx(expected, rel=1e-4)


def test_the_probability_at_its_ends() -> None:
    """Even counts are no surprise; all in one cell are."""
    assert probability([10] * 256) == 1.0
    assert probability([2560] + [0] * 255) == 0.0


def test_how_often_chance_looks_uneven() -> None:
    """Of 2,000 even archives of the least size, about one in a hundred has a probability below 0.01."""
    rng = random.Random(7)
    below = 0
    for _ in range(2000):
        counts = Counter(rng.randbytes(2560))
        below += probability([counts[cell] for cell in range(256)]) < 0.01
    assert 8 <= below <= 36
