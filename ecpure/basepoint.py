"""Multiples of the base point: the entry point for secret scalars."""

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
"""Widths of the base point's comb, each with the number of uses up to which it is used."""


class BasePoint:
    """The base point B with its comb, which is built on first use, and rebuilt larger once enough uses pay for that.

    The comb's size depends only on how often it has been used. Threads may share it. It cannot be copied or pickled.
    """

    __slots__ = ("_B", "_comb", "_enough_for", "_n", "_p", "_uses", "_walks")

    def __init__(self, B: Affine, p: int, n: int) -> None:
        self._B, self._p, self._n = B, p, n
        self._uses, self._enough_for = 0, -1.0
        self._comb: Comb
        self._walks: list[Walk] = []

    def for_uses(self, uses: int) -> Comb:
        """Return the comb, for `uses` more uses. Raises `FaultDetected` if its table cannot be right."""
        self._uses += uses
        if self._uses > self._enough_for:
            width, enough_for = next(step for step in _GROWTH if self._uses <= step[1])
            comb = Comb(self._B, self._p, self._n, width)
            comb.require_on_curve()
            self._comb, self._enough_for = comb, enough_for
        return self._comb

    def multiply_secret(self, k: int) -> Affine:
        """Return k·B for a secret k, not 0 mod n, by the same sequence of group operations for every k.

        With a random mask u and U = u·B, neither the entries read from the comb nor any coordinate depends on k. Every
        use has a mask of its own: the one before plus a random step (`masks.Walk`); after 128 a new walk is drawn. That
        protects the scalar against an observer of one use. An observer of the reads of several uses in a row can solve
        for it, even when seeing only two of the 23 rows (`masks` has the numbers). Time depends on the length of k, and
        on what the random mask makes of it. Raises `FaultDetected` if a check of masks or table fails,
        `ZeroDivisionError` for k = 0 mod n.
        """
        comb, p = self.for_uses(1), self._p
        walk: Walk | None
        try:
            walk = self._walks.pop()  # no other thread or signal handler can take the same walk
        except IndexError:
            walk = None
        if walk is None or not walk.goes_on():
            try:
                walk = draw(comb, p, self._n)
            except FaultDetected:
                self.renew()  # the table may be wrong
                raise
        mask = walk.next()
        # k·B = U + (k − u)·B
        k_minus_u = mask.subtracted_from(k, self._n)
        self._walks.append(walk)  # after the check: a walk with a wrong mask is not kept
        return to_affine(add_all(mask.U, comb.points(k_minus_u), p), p)

    def renew(self) -> None:
        """Drop the masks and the table, which may have changed in memory, after a caller detected a fault.

        The next use makes them again. The table is not checked first: a wrong one may have all entries on the curve.
        """
        self._walks.clear()
        self._enough_for = -1.0

    def __reduce__(self) -> NoReturn:
        raise TypeError("base point: it cannot be copied or pickled, since its masks are secret")
