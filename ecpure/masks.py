"""Masks: random scalars with their multiples of the base point, which hide a secret scalar while it is multiplied."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .comb import Comb
from .errors import FaultDetected
from .field import random_unit
from .group import INFINITY, Affine, Extended, add_all, to_affine_each
from .integers import modulus

STEPS = 8
"""Random steps of a walk; a power of two, since the lowest bits of a coordinate choose among them."""

USES = 128
"""Masks that a walk gives. A walk is 1 + STEPS secrets: whoever sees more of its uses than that can take one masked
scalar from another until all masks are gone, and what is left is an equation in nonces alone (docs/second-read.md has
how many uses give the key). The end bounds what can be set against each other: uses of one walk, and no others.
"""


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
        """Return (k − u) mod n for a secret k. Raises `FaultDetected` where u and −u do not add up to 0.

        Why not the usual k + t·n with a short random t: on secp224k1 n is 2²²⁴ and a number of 113 bits, so that t·n
        leaves the upper bits of k in the clear, but for a carry: 46 of them if t has 64 bits.
        """
        # X_U·n ≡ 0 is a random multiple of n: without it, the quotient would tell whether k < u.
        hidden = self.U[0] * n
        # The order of the terms matters: hidden is longer than any other, so that no sum on the way is as long as k
        # makes it. `k + self.minus_u` would be.
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
    """`USES` masks: each is the one before and one of eight random steps, which its X chooses.

    One walk serves one thread at a time, in the process that drew it: after a fork, both processes would use the same
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
    """Return a new walk from a random mask, on the comb's point. Raises `FaultDetected` where multiples do not add up.

    All multiples are checked at once: taken from the multiple of the sum of their scalars, they leave infinity. What is
    inverted is the product of their Z³.
    """
    forks = _forks  # before anything is drawn: two processes that come of a fork while drawing share what was drawn
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
"""How many forks lead to this process."""


def _count_fork() -> None:
    global _forks  # noqa: PLW0603  # what happens to the process is kept by the module
    _forks += 1


getattr(os, "register_at_fork", lambda **_: None)(after_in_child=_count_fork)  # Windows has neither
