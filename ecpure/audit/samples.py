"""Which signatures of a key are examined together for biased nonces, and how much time that may take.

A bias shows only among signatures that all have it: the newest, the oldest, neighbours anywhere between, and some at
random, a few at a time and more at a time. The number of records bounds its cost, not the number of keys.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from ..curve import named
from ..privatekey import PrivateKey
from .bias import BEGINNING, Form, bits, candidates, forms, is_in_blocks
from .exposure import Exposed, Signed
from .lattice import best
from .rows import Rows

SIZES = {"ecpure": (2, 3, 4, 6, 8, 12, 17, 33), "python-flint": (2, 3, 4, 6, 8, 12, 17, 24, 33, 48, 60)}
"""Signatures examined together, by the program that reduces the lattice."""
ROUNDS, ORDERS = 48, 8
"""The most samples of a size; and of all signatures, in different orders."""
SECONDS, SECONDS_PER_RECORD = {"ecpure": 11.5, "python-flint": 10.0}, 25e-6
"""What all samples of an archive may cost, by `_cost`: the larger of these two."""
FEW = 512
"""Up to so many different r of a key, all are candidates; of more, `RUN` neighbours at `PLACES`, and single ones."""
RUN, PLACES = 96, 12
_LEAST = 0.01
"""Seconds below which nothing is spent on a key."""

_LISTED = 100
"""Keys for which the report says one by one what was examined."""


def _cost(reduction: str, form: Form, size: int) -> float:
    """Return seconds that a sample takes (measured on a core of 2020)."""
    if reduction == "ecpure":
        return float(0.55 * (size / 17) ** 3.6 * (1.4 if form.is_free else 1))
    return float(0.001 + 0.4 * (size / 60) ** 3.5 * (2 if form.is_free else 4 if is_in_blocks(form, size) else 1))


class Sample(NamedTuple):
    """Signatures of a key, with different r, that are examined together for nonces of a form."""

    key: bytes
    form: Form
    signed: list[Signed]


class Finder:
    """Returns a sample's private key, or None. curve: its name."""

    def __init__(self, curve: str) -> None:
        self._curve = named(curve)
        _, self._reduce = best()

    def __call__(self, sample: Sample) -> int | None:
        """Return the private key, checked against the public one."""
        for d in candidates(sample.form, sample.signed, self._curve.n, self._reduce):
            if d and PrivateKey.from_int(d, curve=self._curve).public_key.to_bytes() == sample.key:
                return d
        return None


@dataclass
class Examined:
    """What was examined: how many signatures of each key, and down to how many bits of each form."""

    reduction: str
    keys: int = 0
    """Keys with enough signatures for a sample."""
    single: int = 0
    """Keys with only one signature, which cannot show a bias."""
    samples: int = 0
    down_to: Counter[int] = field(default_factory=Counter)
    """How many keys have which fewest bits; 0 if there was no sample."""
    of_each: dict[bytes, tuple[int, dict[Form, int]]] = field(default_factory=dict)
    """For some keys, how many signatures there are, and the fewest bits of each form."""

    def add(self, key: bytes, count: int, found: dict[Form, int]) -> None:
        """Add what was examined of a key."""
        self.keys += 1
        self.down_to[min(found.values(), default=0)] += 1
        if len(self.of_each) < _LISTED:
            self.of_each[key] = count, found


class Samples:
    """Iterates over the samples of an archive, without keys that are exposed by then. n: the order."""

    def __init__(self, rows: Rows, n: int, exposed: Exposed, records: int) -> None:
        self._rows, self._n, self._exposed = rows, n, exposed
        self.examined = Examined(best()[0])
        self._left = max(SECONDS[self.examined.reduction], SECONDS_PER_RECORD * records)

    def __iter__(self) -> Iterator[Sample]:
        """Yield the samples, those of keys with few signatures first: the time they do not need is left for others."""
        keys_left, self.examined.single = self._rows.recurring_keys()
        for key, count in self._rows.keys_by_count():
            share = min(self._left, max(self._left / keys_left, _LEAST))
            keys_left -= 1
            if key not in self._exposed:
                yield from self._of_key(key, count, share)

    def _of_key(self, key: bytes, count: int, seconds: float) -> Iterator[Sample]:
        rng = random.Random(key)  # noqa: S311  # it may be predictable
        runs = self._runs(key, rng) if seconds >= _LEAST else []
        found: dict[Form, int] = {}
        for round_, size in self._order(runs):
            signed = _chosen(runs, round_, size, rng)
            for form in self._forms(signed, is_all=size == len(runs[0])):
                cost = _cost(self.examined.reduction, form, size)
                if key in self._exposed or cost > seconds:
                    continue
                seconds -= cost
                self._left -= cost
                self.examined.samples += 1
                found[form] = min(bits(form, size, self._n), found.get(form, self._n))
                yield Sample(key, form, signed)
        self.examined.add(key, count, found)

    def _runs(self, key: bytes, rng: random.Random) -> list[list[Signed]]:
        """Return runs of signatures of a key, equally long, each with different r: the newest, the oldest, neighbours
        between; and some at random.
        """
        oldest = self._rows.of_key(key, FEW + 1)
        if len(oldest) <= FEW:
            return [oldest]
        first, last = self._rows.places(key)
        starts = [first, *(first + (last - first) * place // PLACES for place in range(1, PLACES))]
        # Where only copies follow, a run is short, and so are all after it.
        neighbours = takewhile(lambda run: len(run) == RUN, (self._rows.of_key(key, RUN, start) for start in starts))
        alone = [one for _ in range(RUN) for one in self._rows.of_key(key, 1, rng.randint(first, last))]
        alone = _different([*alone, *rng.sample(oldest, RUN)])[:RUN]  # among many copies, few that are alone differ
        return [self._rows.of_key(key, RUN, newest=True), *neighbours, alone]

    def _order(self, runs: Sequence[list[Signed]]) -> list[tuple[int, int]]:
        """Return rounds and sizes: each size once, then in an order that spends as much time on each."""
        most = len(runs[0]) if runs else 0
        sizes = {*SIZES[self.examined.reduction], min(most, SIZES[self.examined.reduction][-1])}
        pairs = [
            (round_, size) for size in sizes if 1 < size <= most for round_ in range(ROUNDS if size < most else ORDERS)
        ]

        def spent(pair: tuple[int, int]) -> float:
            return (pair[0] + 1) * _cost(self.examined.reduction, BEGINNING, pair[1])

        return sorted(pairs, key=lambda pair: (pair[0] > 0, spent(pair), pair))

    def _forms(self, signed: Sequence[Signed], *, is_all: bool) -> Iterator[Form]:
        """Yield the forms to try in a sample."""
        is_dear = self.examined.reduction == "ecpure" and len(signed) == SIZES["ecpure"][-1]
        for form in forms(signed, self._n, is_all=is_all):
            if bits(form, len(signed), self._n) < self._n.bit_length() and (form.is_free or not is_dear):
                yield form


def _chosen(runs: Sequence[list[Signed]], round_: int, size: int, rng: random.Random) -> list[Signed]:
    """Return the signatures of a sample: the newest, then alternately random ones and neighbours.

    A sample of all signatures is tried in several orders: reduction may fail in one, and succeed in another.
    """
    if round_ == 0:
        return runs[0][-size:]
    if round_ % 2:
        return rng.sample(runs[-1], size)
    run = runs[(round_ // 2) % len(runs)]
    start = 0 if round_ == len(runs) else rng.randint(0, len(run) - size)
    return run[start : start + size]


def _different(signed: Sequence[Signed]) -> list[Signed]:
    """Return the signatures, one for each r."""
    return [*{one.r: one for one in signed}.values()]
