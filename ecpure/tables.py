"""Combs for public keys that recur, within a memory budget that goes to the keys that use it most."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from functools import cache
from threading import Lock

from .comb import Comb
from .publickey import PublicKey

_LEAST_USES = 12
"""Signatures under one key from which a comb can pay off."""
_HALVED_AFTER = 1 << 14
"""Signatures after which the use counts of all keys are halved, so that old keys make room and are forgotten."""
_WIDTHS = range(3, 11)
_ENTRY = 128
"""Bytes of memory for an entry: an integer of twice p's length and its place in a list (measured: 103 to 130)."""
_ROW = 144
"""Bytes of memory for a row, without its entries (measured)."""
_OCTETS_PER_SUM = 160
"""Bytes of a comb that are built in the time of one sum (measured). A sum makes two entries, P and −P."""


def comb_octets(bits: int, width: int) -> int:
    """Return the bytes of memory that a comb of this width takes at most, for an order of `bits` bits."""
    return _sums(bits, width) * (_ROW + (_ENTRY << width))


def _sums(bits: int, width: int) -> int:
    """Return the cost of u·Q in sums: with a comb, one per row; without one (width 0), as measured."""
    return -(-(bits + 1) // width) if width else bits * 2 // 3


@cache
def _sizes(bits: int) -> list[int]:
    return [comb_octets(bits, width) for width in _WIDTHS]


def _best_width(bits: int, uses: int, octets: int) -> int:
    """Return the width with the fewest sums for so many uses, including those that build the comb.

    Its comb takes at most `octets` bytes, unless it is the smallest.
    """
    affordable = _WIDTHS[: bisect_right(_sizes(bits), octets) or 1]
    if len(affordable) == 1:
        return affordable[0]
    return min(affordable, key=lambda width: _sums(bits, width) * (uses + (1 << width - 1)))


class _Known:
    """A key that was used recently, how often, and its comb, if it has one."""

    __slots__ = ("bits", "comb", "key", "met", "octets", "uses", "width")

    def __init__(self, key: PublicKey) -> None:
        self.key, self.bits = key, key.curve.n.bit_length()
        self.uses = 0
        self.met = 0  # the number of the last call that used it
        self.comb: Comb | None = None
        self.width = self.octets = 0  # of the comb


class Tables:
    """The combs of keys that recur, in memory that does not exceed the budget. Threads may share it.

    A comb's width is the best for the uses of its key, within the share of the budget that these uses have in a call. A
    comb is dropped for another only if the other is used at least twice as much for its size; or if its own key is not
    used in this call, and what the other saves in this call pays for building both again. So building costs less than
    it saves, whatever the order of the keys, and keys that just take turns do not have combs built again and again.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget  # bytes, as `comb_octets` counts them
        self._spent = 0
        self._known: dict[PublicKey, _Known] = {}
        self._held: list[_Known] = []  # those with a comb
        self._calls = self._uses = 0
        self._lock = Lock()

    def for_keys(self, counts: Mapping[PublicKey, int]) -> dict[PublicKey, Comb]:
        """Return combs for the keys that have or deserve one. counts: how often each is used until the next call."""
        with self._lock:
            if self._uses >= _HALVED_AFTER:
                self._halve()
            self._calls += 1
            here = [(self._meet(key, count), count) for key, count in counts.items()]
            worth = [(known, count) for known, count in here if known.uses >= _LEAST_USES]
            if worth:
                self._share_out(worth)
            return {known.key: known.comb for known, _ in here if known.comb is not None}

    def _meet(self, key: PublicKey, count: int) -> _Known:
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _Known(key)
        known.met = self._calls
        known.uses += count
        self._uses += count
        return known

    def _halve(self) -> None:
        self._uses = 0
        for known in [*self._known.values()]:
            known.uses >>= 1
            if not known.uses:
                self._drop(known)
                del self._known[known.key]

    def _share_out(self, worth: list[tuple[_Known, int]]) -> None:
        """Let the combs of these keys grow, most used first. worth: keys with their uses in this call."""
        total = sum(count for _, count in worth)
        combs = sorted(self._held, key=lambda known: known.uses / known.octets)
        absent = [known for known in combs if known.met != self._calls]
        for known, count in sorted(worth, key=lambda pair: -pair[0].uses):
            width = _best_width(known.bits, known.uses, self._budget * count // total)
            if width >= known.width + 2:
                self._grow(known, width, count, combs, absent)

    def _grow(self, known: _Known, width: int, count: int, combs: list[_Known], absent: list[_Known]) -> None:
        """Give the key a comb of this width, if there is room or other combs have to make it.

        combs: those from before this call, least used for their size first; dropped ones are removed. absent: those
        whose keys are not used in this call.
        """
        octets = comb_octets(known.bits, width)
        room = self._budget - self._spent + known.octets
        dropped: list[_Known] = []
        for other in combs:
            if room >= octets or 2 * other.uses * octets > known.uses * other.octets:
                break
            dropped.append(other)
            room += other.octets
        saved = count * (_sums(known.bits, known.width) - _sums(known.bits, width)) - octets // _OCTETS_PER_SUM
        for other in absent:
            if other.width and other not in dropped:
                saved -= other.octets // _OCTETS_PER_SUM
                if room >= octets or saved < 0:
                    break
                dropped.append(other)
                room += other.octets
        if room >= octets:
            for one in (*dropped, known):
                self._drop(one)
            combs[:] = [one for one in combs if one.width]
            known.comb = Comb(known.key.point.coordinates, known.key.curve.field, known.key.curve.order, width)
            known.width, known.octets = width, octets
            self._held.append(known)
            self._spent += octets

    def _drop(self, known: _Known) -> None:
        """Drop the comb of the key, if it has one."""
        if known.width:
            self._held.remove(known)
            self._spent -= known.octets
            known.comb, known.width, known.octets = None, 0, 0
