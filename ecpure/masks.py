"""Masks: random scalars with their multiples of the base point, which hide a secret scalar while it is multiplied.

What a walk hides from an observer who sees which step each mask took, and l bits of each k − u. A mask is a sum of nine
secrets, the first mask and eight steps, with counts (1, c₁, …, c₈). Uses whose counts are linearly independent, nine at
most, have masks that are jointly uniform: they reveal nothing about their scalars, whatever l. Every further use adds a
relation Σ λᵢ·uᵢ = 0 with small λ, in which the masks cancel: Σ λᵢ·kᵢ is known to l bits, less log₂ Σ|λᵢ|, and N uses
give N − 9 such equations in d. By LLL, in less than half a second, 28 consecutive uses seen at two of the table's 23
rows (l = 14) give the key, or 20 at three rows (l = 24), or 16 at four (l = 34); at one row (l = 4) LLL finds it
neither in 127 uses nor in 250 (tests/evidence/watched_masks.py). An observer who also sees those rows while the walk is
drawn knows the upper bits of every mask.

Ending a walk only limits which uses have relations. An observer of every 16th use sees eight of a walk, which have one
only by chance; if walks did not end, 30 such uses would give the key at two rows.

Rejected alternatives:
- k + t·n, t random. On secp224k1 n is 2²²⁴ plus a number of 113 bits: with t of 64 bits the upper 46 bits of k do not
  change, except for a carry. 113 bits or more hide them, and leave no relation between uses; but then 34 entries of
  the table are read instead of 23, the table is half as large again, and the sum takes 12 µs longer in a signature of
  61 µs (gmpy2), 27 in 125 (plain).
- u, 2u, 4u, …: a doubling takes 9 multiplications and an addition 10, but every mask is the same secret: with d, two
  unknowns instead of ten, and a relation from the second use on.
- A new mask for each use needs a second multiple, whose reads reveal the mask to an observer who sees those of k − u.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from .comb import Comb
from .errors import FaultDetected
from .field import random_unit
from .group import INFINITY, Affine, Extended, add_all, to_affine_each
from .integers import modulus

STEPS = 8
"""Number of a walk's random steps: a power of two, since the lowest bits of a coordinate choose among them."""

USES = 128
"""Number of masks in a walk. Drawing the next walk takes as long as ten multiples."""


class Mask:
    """A random scalar u and its multiple of the base point B, to be used once.

    u, minus_u: ≡ u and ≡ −u mod n, neither reduced. U = u·B, in coordinates with a random Z.
    """

    __slots__ = ("U", "minus_u", "u")

    def __init__(self, u: int, minus_u: int, U: Extended) -> None:
        self.u, self.minus_u, self.U = u, minus_u, U

    def plus(self, step: Step, p: int) -> Mask:
        """Return the mask u + v with its multiple U + V. In a whole walk its numbers grow by at most 8 bits."""
        return Mask(self.u + step.v, self.minus_u + step.minus_v, add_all(self.U, (step.V,), p))

    def subtracted_from(self, k: int, n: int) -> int:
        """Return (k − u) mod n for a secret k. Raises `FaultDetected` if u and −u do not add up to 0."""
        # X_U·n ≡ 0 is a random multiple of n: without it, the quotient would tell whether k < u.
        hidden = self.U[0] * n
        # The order of the terms matters: `hidden` is longer than the others, so the length of no partial sum depends
        # on k. That of `k + self.minus_u` would.
        k_minus_u = (hidden + k + self.minus_u) % n
        if (hidden + k_minus_u + self.u - k) % n:
            raise FaultDetected("mask: it has changed in memory, and the result is withheld; the machine may be faulty")
        return int(k_minus_u)


class Step:
    """What a walk adds to a mask: v, −v mod n, and V = v·B."""

    __slots__ = ("V", "minus_v", "v")

    def __init__(self, v: int, minus_v: int, V: Affine) -> None:
        self.v, self.minus_v, self.V = v, minus_v, V


class Walk:
    """`USES` masks: each is the one before plus one of eight random steps, chosen by the X of the one before.

    A walk is for one thread at a time, in the process that drew it: after a fork, both processes would use the same
    masks.
    """

    __slots__ = ("_forks", "_left", "_mask", "_p", "_steps")

    def __init__(self, mask: Mask, steps: Sequence[Step], p: int, forks: int) -> None:
        self._mask, self._steps, self._p, self._forks, self._left = mask, steps, p, forks, USES

    def goes_on(self) -> bool:
        """Whether the walk has a mask left, and this process drew it."""
        return self._left > 0 and self._forks == _forks

    def next(self) -> Mask:
        """Return the next mask."""
        self._left -= 1
        mask = self._mask
        mask = self._mask = mask.plus(self._steps[mask.U[0] & STEPS - 1], self._p)
        return mask


def draw(comb: Comb, p: int, n: int) -> Walk:
    """Return a new walk from a random mask, on the comb's point. Raises `FaultDetected` if multiples do not add up.

    All multiples are checked at once: the multiple of the sum of their scalars, minus all of them, is infinity. What is
    inverted is the product of their Z³.
    """
    forks = _forks  # before anything is drawn: after a fork while drawing, two processes share what was drawn
    scalars = [random_unit(n) for _ in range(1 + STEPS)]
    multiples = to_affine_each([add_all(INFINITY, comb.points(int(u)), p) for u in scalars], p)
    whole = add_all(INFINITY, comb.points(int(sum(scalars) % n)), p)
    if add_all(whole, [(x, p - y) for x, y in multiples], p)[2]:
        raise FaultDetected("mask: a multiple was wrong, and is withheld; the machine may be faulty")
    u, (x, y), Z = modulus(scalars.pop()), multiples.pop(), random_unit(p)
    ZZ = Z * Z % p
    ZZZ = ZZ * Z % p
    steps = [Step(modulus(v), n - v, V) for v, V in zip(scalars, multiples, strict=True)]
    return Walk(Mask(u, n - u, (x * ZZ % p, y * ZZZ % p, ZZ, ZZZ)), steps, p, forks)


_forks = 0
"""Number of forks between the process that imported this module and this one."""


def _count_fork() -> None:
    global _forks  # noqa: PLW0603  # the module keeps the state of the process
    _forks += 1


getattr(os, "register_at_fork", lambda **_: None)(after_in_child=_count_fork)  # Windows has no forks
