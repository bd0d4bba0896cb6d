"""Multiples of the base point: the door for secret scalars."""

from __future__ import annotations

import math

from .comb import Comb
from .errors import FaultDetected
from .group import Affine, add_all, to_affine
from .masks import Walk, draw
from .values import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

_GROWTH = ((5, 200), (8, 1000), (10, math.inf))
"""Widths of the comb of the base point, and the number of uses up to which each serves."""


class BasePoint:
    """The base point B with its comb, which is built on first use and grows as its uses pay for a larger one.

    The comb's size depends only on how often it was used. Threads may share it. It is never copied or pickled.
    """

    __slots__ = ("_B", "_comb", "_enough_for", "_n", "_p", "_uses", "_walks")

    def __init__(self, B: Affine, p: int, n: int) -> None:
        self._B, self._p, self._n = B, p, n
        self._uses, self._enough_for = 0, -1.0
        self._comb: Comb
        self._walks: list[Walk] = []

    def for_uses(self, uses: int) -> Comb:
        """Return the comb, to be used so many times more. Raises `FaultDetected`."""
        self._uses += uses
        if self._uses > self._enough_for:
            width, enough_for = next(step for step in _GROWTH if self._uses <= step[1])
            comb = Comb(self._B, self._p, self._n, width)
            comb.require_on_curve()
            self._comb, self._enough_for = comb, enough_for
        return self._comb

    def multiply_secret(self, k: int) -> Affine:
        """Return k·B for a secret k, not 0 mod n, by the same sequence of group operations for every k.

        With a random mask u and U = u·B, which entries of the comb are read does not depend on k, and no coordinate
        does. Every use has a mask of its own, by one addition to the one before (`masks.Walk`), or of a new walk after
        128. That protects the scalar against an observer of one use. An observer of the reads of several uses in a row
        can solve for it, even if two of 23 rows are all that is seen (`masks` has the numbers).
        Time depends on the length of k, and on what masks make of it. Raises `FaultDetected` where masks prove wrong,
        `ZeroDivisionError` for k = 0 mod n.
        """
        comb, p = self.for_uses(1), self._p
        walk: Walk | None
        try:
            walk = self._walks.pop()  # no other thread or signal handler can take it as well
        except IndexError:
            walk = None
        if walk is None or not walk.goes_on():
            try:
                walk = draw(comb, p, self._n)
            except FaultDetected:
                self.renew()  # it may be the table that is wrong
                raise
        mask = walk.next()
        # k·B = U + (k − u)·B
        k_minus_u = mask.subtracted_from(k, self._n)
        self._walks.append(walk)  # after the check: a walk whose mask proves wrong does not come back
        return to_affine(add_all(mask.U, comb.points(k_minus_u), p), p)

    def renew(self) -> None:
        """Drop what is stored and may have changed in memory, for a caller who met a fault: the masks and the table.

        The next use makes them anew. A wrong table may have all its entries on the curve, so that none is looked at.
        """
        self._walks.clear()
        self._enough_for = -1.0

    def __reduce__(self) -> NoReturn:
        raise TypeError("base point: never copied or pickled, since its masks are secret")
