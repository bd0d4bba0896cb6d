"""Pearson's chi-square test: whether counts fit evenly distributed values."""

from __future__ import annotations

import math
from collections.abc import Sequence


def probability(counts: Sequence[float]) -> float:
    """Return the probability that even chances give counts at least as uneven as these; for an even number of cells.

    χ² = Σ (observed − expected)²/expected, with an odd number ν of degrees of freedom, one less than there are cells:
    Q = erfc(√(χ²/2)) + e^(−χ²/2)·Σ (χ²/2)^(j − 1/2)/Γ(j + 1/2) for j from 1 to (ν − 1)/2
    (Abramowitz and Stegun, 26.4.4). χ² has this distribution if some ten are expected in each cell.
    """
    expected = sum(counts) / len(counts)
    half = sum((count - expected) ** 2 for count in counts) / expected / 2
    if half == 0:
        return 1.0
    terms = ((j - 0.5) * math.log(half) - half - math.lgamma(j + 0.5) for j in range(1, len(counts) // 2))
    return min(1.0, math.erfc(math.sqrt(half)) + math.fsum(map(math.exp, terms)))
