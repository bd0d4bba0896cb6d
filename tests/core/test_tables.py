"""The tables of keys that recur: they stay in their budget, are worth building, and go to those that use them most."""

from __future__ import annotations

import gc
import random
import tracemalloc
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from sys import getsizeof
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multiplying import CURVES, lines_of

from ecpure import SECP224K1, SECP256K1, Curve, Point, PublicKey, tables
from ecpure.comb import Comb
from ecpure.integers import modulus
from ecpure.tables import Tables, comb_octets

BITS = 225  # of secp224k1's order
SMALL = comb_octets(BITS, 3)
"""Octets of the narrowest comb."""
ALONE = 150
"""Sums that u2·Q is worth without a comb."""
REST = 33
"""Sums that the rest of a verification is worth."""


@cache
def keys(count: int, curve: Curve = SECP224K1) -> list[PublicKey]:
    """Return the keys of the private keys 1, 2, 3, …"""
    points = [curve.G]
    while len(points) < count:
        points.append(points[-1] + curve.G)
    return [PublicKey(point) for point in points]


@cache
def places() -> dict[int, int]:
    """Return for each x the number of its key."""
    return {key.x: i for i, key in enumerate(keys(600))}


class Stub(NamedTuple):
    """What stands in for a comb where only its width counts."""

    B: tuple[int, int]
    p: int
    n: int
    width: int


@pytest.fixture
def stubs() -> Iterator[None]:
    """No comb is really built."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "Comb", Stub)
        yield


def rows(width: int) -> int:
    return -(-(BITS + 1) // width)


class Run:
    """Calls for tables, which are checked against all that is promised of them, and their costs, in sums of points."""

    def __init__(self, budget: int) -> None:
        self.tables, self.budget = Tables(budget), budget
        self.built = 0.0
        self.verified = self.without_combs = 0
        self.combs = Counter[int]()
        self.widths: dict[int, int] = {}

    def call(self, counts: dict[int, int]) -> set[int]:
        """Let keys, which are numbers, be used so often each. Return those that have a comb."""
        known, numbers = keys(600), places()
        found = self.tables.for_keys({known[i]: count for i, count in counts.items()})
        for key, comb in found.items():
            assert comb.B == key.point.coordinates  # type: ignore[attr-defined]  # a stub
        asked = {numbers[key.x]: comb.width for key, comb in found.items()}
        held = {numbers[one.key.x]: one for one in self.tables._held}
        assert sum(comb_octets(BITS, one.width) for one in held.values()) == self.tables._spent <= self.budget
        assert all(one.comb is not None and one.comb.width == one.width for one in held.values())
        assert asked == {i: one.width for i, one in held.items() if i in counts}
        for i, one in held.items():
            before = self.widths.get(i, 0)
            if one.width != before:
                assert i in counts
                assert one.uses >= 12
                self.combs[i] += 1
                self.built += 1.5 * rows(one.width) * (1 << one.width - 1)  # measured: 1.2 to 2.2 sums for P and −P
        self.widths = {i: one.width for i, one in held.items()}
        for i, count in counts.items():
            self.verified += count * (REST + (rows(asked[i]) if i in asked else ALONE))
            self.without_combs += count * (REST + ALONE)
        return set(asked)

    def calls(self, order: Sequence[int], block: int = 2048) -> Run:
        """Let keys be used in this order, in blocks."""
        for start in range(0, len(order), block):
            self.call(Counter(order[start : start + block]))
        return self

    @property
    def cost(self) -> float:
        """What it costs, compared with the same without any comb."""
        return (self.built + self.verified) / self.without_combs


# Sizes


def octets_of(comb: Comb) -> int:
    """Return how much memory a comb takes, by its parts."""
    return sum(getsizeof(row) + sum(map(getsizeof, row)) for _, row in comb._rows)


@pytest.mark.parametrize("curve", CURVES, ids=repr)
@pytest.mark.parametrize("width", [3, 4, 7, 10])
def test_a_comb_takes_no_more_memory_than_is_counted(curve: Curve, width: int) -> None:
    """By its parts, which memory's own overhead comes on top of, a comb takes most of what is counted for it."""
    comb = Comb(curve.G.coordinates, curve.field, curve.order, width)
    assert 0.65 < octets_of(comb) / comb_octets(curve.n.bit_length(), width) < 0.95


def test_each_row_of_a_comb_is_counted_once() -> None:
    """Also where the digits end with the order: six bits, of an order of five and the one that an even k needs, are two
    rows of width 3.
    """
    comb = Comb((1, 4), modulus(13), 19, 3)  # on y² = x³ + 2
    assert comb_octets(5, 3) == len(comb._rows) * SMALL // rows(3) == 2 * SMALL // rows(3)


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_no_comb_takes_more_than_four_megabytes(curve: Curve) -> None:
    """However often a key is used, and however large the budget is, its comb grows no further."""
    bits = curve.n.bit_length()
    assert comb_octets(bits, tables._best_width(bits, 10**9, 10**9)) < 4 * 10**6


def test_all_memory_of_tables_is_in_the_budget() -> None:
    """Real combs, as many as a budget has room for, take no more memory than it."""
    budget = 8 * SMALL
    tracemalloc.start()
    shared = Tables(budget)
    assert len(shared.for_keys(dict.fromkeys(keys(20)[1:], 12))) == 8
    before, _ = tracemalloc.get_traced_memory()
    shared.for_keys({keys(20)[0]: 100_000})
    after, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert max(known.width for known in shared._held) == 7
    assert before < 1.1 * budget
    assert after < 1.1 * budget
    assert highest < 1.6 * budget  # the points of a comb, while it is built


def test_room_is_made_before_a_comb_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a comb is built, those that had to go for it, the one it replaces included, are there no more."""
    alive: weakref.WeakSet[Any] = weakref.WeakSet()
    seen: list[list[int]] = []

    class Counted(Comb):
        __slots__ = ("__weakref__",)

        def __init__(self, *arguments: Any) -> None:
            gc.collect()
            seen.append(sorted(comb.width for comb in alive))
            super().__init__(*arguments)
            alive.add(self)

    monkeypatch.setattr(tables, "Comb", Counted)
    a, b, c = keys(3)
    shared = Tables(comb_octets(BITS, 8))
    shared.for_keys({a: 12, b: 12})
    shared.for_keys({c: 60})
    shared.for_keys({c: 4000})
    assert seen == [[], [4], [4, 4], []]


# Widths


def test_the_width_is_the_one_that_makes_for_the_fewest_sums() -> None:
    """Of all widths that are small enough it is the best by the sums that build it and use it; or else the least."""
    found = set()
    for uses in (12, 13, 20, 33, 70, 150, 400, 900, 3000, 10**6):
        for limit in range(3, 11):
            for octets in (comb_octets(BITS, limit), comb_octets(BITS, limit + 1) - 1):
                width = tables._best_width(BITS, uses, octets)
                costs = {w: rows(w) * (uses + 2 ** (w - 1)) for w in range(3, limit + 1)}
                assert costs[width] == min(costs.values())
                found.add(width)
    assert found == {3, 4, 5, 6, 7, 8, 9, 10}
    assert tables._best_width(BITS, 10**6, 0) == tables._best_width(BITS, 10**6, SMALL - 1) == 3


@pytest.mark.usefixtures("stubs")
def test_a_comb_grows_with_the_uses_of_its_key() -> None:
    """It is there from the twelfth use on, and each that follows is wider by two at least."""
    run = Run(10**8)
    found: list[int] = []
    for uses in range(1, 4000):
        run.call({5: 1})
        if run.widths.get(5) not in (None, *found[-1:]):
            found.append(run.widths[5])
            assert len(found) > 1 or uses == 12
    assert found == [4, 6, 8, 10]
    assert run.combs == {5: 4}


@pytest.mark.usefixtures("stubs")
def test_combs_share_the_budget_as_their_keys_share_a_call() -> None:
    """Of two keys, each with half of a call, no comb takes more than half of the budget, and both have one."""
    run = Run(2 * comb_octets(BITS, 6))
    for _ in range(50):
        assert run.call({1: 500, 2: 500}) == {1, 2}
    assert run.widths == {1: 6, 2: 6}
    other = Run(3 * comb_octets(BITS, 6))
    other.call({1: 1000, 2: 12})
    assert other.widths == {1: 7, 2: 3}


@pytest.mark.usefixtures("stubs")
def test_curves_have_sizes_of_their_own() -> None:
    """A comb of secp256k1 has more rows than one of secp224k1, and the same point on another curve is another key."""
    (one,), (other,) = keys(1), keys(1, SECP256K1)
    shared = Tables(10**6)
    assert shared.for_keys({one: 12, other: 12}).keys() == {one, other}
    assert shared._spent == comb_octets(225, 4) + comb_octets(256, 4)
    moduli: list[Any] = [known.comb for known in shared._held]
    assert [comb[1:3] for comb in moduli] == [(curve.p, curve.n) for curve in (SECP224K1, SECP256K1)]


@pytest.mark.usefixtures("stubs")
def test_equal_keys_are_one_key() -> None:
    """What is counted is counted for a point, whatever object holds it."""
    shared = Tables(10**6)
    point = keys(1)[0].point
    for uses in range(1, 20):
        copy = PublicKey(Point(point.x, point.y))
        found = shared.for_keys({copy: 1})
        assert (copy in found) is (uses >= 12)


# Who makes room


@pytest.mark.usefixtures("stubs")
@pytest.mark.parametrize(("uses", "takes"), [(199, False), (200, True)])
def test_a_comb_makes_room_for_one_that_is_used_twice_as_much(uses: int, takes: bool) -> None:
    """It does so if its own key is met in the same call too."""
    run = Run(SMALL)
    run.call({1: 99})
    run.call({1: 1, 2: uses})
    assert run.widths == ({2: 3} if takes else {1: 3})


@pytest.mark.usefixtures("stubs")
@pytest.mark.parametrize(("uses", "takes"), [(14, False), (15, True)])
def test_a_comb_whose_key_is_absent_makes_room_if_that_pays_for_both(uses: int, takes: bool) -> None:
    """Fifteen uses of a comb of width 3 save 74 sums each, and two combs take 554 sums each."""
    run = Run(SMALL)
    run.call({1: 1000})
    run.call({2: uses})
    assert run.widths == ({2: 3} if takes else {1: 3})
    present = Run(SMALL)
    present.call({1: 1000})
    present.call({1: 1, 2: 1000})
    assert present.widths == {1: 3}


@pytest.mark.usefixtures("stubs")
def test_of_the_combs_that_may_go_the_least_used_for_its_size_goes() -> None:
    """Twenty uses of a comb of width 3 are fewer for its size than forty of one of width 4."""
    run = Run(SMALL + comb_octets(BITS, 4))
    run.call({1: 20, 2: 40})
    assert run.widths == {1: 3, 2: 4}
    run.call({3: 100} | dict.fromkeys(range(4, 12), 13))
    assert run.widths == {2: 4, 3: 3}


@pytest.mark.usefixtures("stubs")
def test_a_comb_that_fits_exactly_makes_no_other_go() -> None:
    """Two combs may go for the new one, and one leaves all the room that it needs; the other stays."""
    run = Run(2 * SMALL)
    run.call({1: 30, 2: 40})
    run.call({3: 100} | dict.fromkeys(range(4, 9), 14))
    assert run.widths == {2: 3, 3: 3}


@pytest.mark.usefixtures("stubs")
def test_of_new_keys_the_one_that_is_used_most_comes_first() -> None:
    """Where there is room for one comb, it is that of the key with the most uses, in whatever order the keys are."""
    for counts in ({1: 12, 2: 100}, {2: 100, 1: 12}):
        run = Run(SMALL)
        run.call(counts)
        assert run.widths == {2: 3}


@pytest.mark.usefixtures("stubs")
def test_the_room_for_a_comb_that_comes_back_is_counted_to_the_octet() -> None:
    """A key whose comb was dropped has one again where it just fits, and none where an octet is missing."""
    run = Run(SMALL)
    for call, widths in [({1: 20}, {1: 3}), ({2: 40}, {2: 3}), ({1: 1000}, {1: 3})]:
        run.call(call)
        assert run.widths == widths
    short = Run(2 * SMALL - 1)
    for call, widths in [({1: 20, 3: 20}, {1: 3}), ({2: 40, 4: 40}, {2: 3}), ({1: 12, 5: 12}, {2: 3})]:
        short.call(call)
        assert short.widths == widths


@pytest.mark.usefixtures("stubs")
def test_a_wide_comb_makes_room_for_one_that_makes_more_use_of_each_octet() -> None:
    """What early keys had to themselves is shared out anew when others come that are used as much."""
    run = Run(comb_octets(BITS, 10))
    run.calls([0] * 5000)
    assert run.widths == {0: 10}
    for _ in range(100):
        run.call(dict.fromkeys(range(20), 100))
    assert len(run.widths) == 20
    assert set(run.widths.values()) <= {4, 5}
    assert run.combs[0] <= 5


@pytest.mark.usefixtures("stubs")
def test_no_comb_makes_room_where_that_is_not_enough() -> None:
    """A key that wants more than the combs that it may drop leave room for drops none of them."""
    run = Run(2 * SMALL)
    run.call({1: 500, 2: 500})
    run.call({2: 500})
    assert run.widths == {1: 3, 2: 3}
    run.call({2: 1, 3: 900})  # width 4, for which both would have to go
    assert run.widths == {1: 3, 2: 3}
    run.call({2: 450, 3: 450})  # width 3 is its share
    assert run.widths == {2: 3, 3: 3}


@pytest.mark.usefixtures("stubs")
def test_the_least_used_comb_goes_first_and_no_more_go_than_have_to() -> None:
    """If each of three combs may go for the new one, the one that is used least goes."""
    run = Run(3 * SMALL)
    run.call({1: 40, 2: 30, 3: 50})
    run.call({1: 50, 2: 50, 3: 50, 4: 200, 5: 50, 6: 50})
    assert run.widths == {1: 3, 3: 3, 4: 3}
    absent = Run(3 * SMALL)
    absent.call({1: 400, 2: 300, 3: 500})
    absent.call({4: 100} | dict.fromkeys(range(5, 14), 14))
    assert absent.widths == {1: 3, 3: 3, 4: 3}


@pytest.mark.usefixtures("stubs")
def test_a_key_that_is_met_no_more_is_forgotten_with_its_comb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uses are halved again and again; nothing else is kept of keys of long ago, however many there are."""
    monkeypatch.setattr(tables, "_HALVED_AFTER", 64)
    run = Run(10**6)
    run.call({0: 40})
    run.call({0: 23})
    assert run.tables._known[keys(1)[0]].uses == 63
    run.call({1: 1})
    assert run.tables._known[keys(1)[0]].uses == 63
    run.call({1: 1})  # halved before: after 64 uses
    assert run.tables._known[keys(1)[0]].uses == 31
    assert run.widths.keys() == {0}
    for calls, uses in [([62, 1], 31), ([1], 15)]:  # and then after 64 more
        for count in calls:
            run.call({1: count})
        assert run.tables._known[keys(1)[0]].uses == uses
    for i in range(2, 600):
        run.call({i: 1})
        assert len(run.tables._known) <= 128
    assert run.widths == {}
    assert run.tables._spent == 0


@pytest.mark.usefixtures("stubs")
def test_no_room_at_all_is_no_error() -> None:
    """With a budget below every comb there is none."""
    for budget in (0, SMALL - 1):
        assert Run(budget).call({1: 1000}) == set()
    assert Tables(10**6).for_keys({}) == {}


# What building costs


def robin(count: int, rounds: int) -> list[int]:
    return [*range(count)] * rounds


def ordered(count: int, uses: int) -> list[int]:
    return [i for i in range(count) for _ in range(uses)]


def shuffled(order: Iterable[int]) -> list[int]:
    return random.Random(1).sample(order := [*order], len(order))


def skewed(count: int, uses: int) -> list[int]:
    return random.Random(2).choices(range(count), [1 / (1 + i) for i in range(count)], k=uses)


ORDERS = {
    # an order of keys, the most combs for one of them, what is the most of the cost without combs that is left
    "in turn, all fit": (robin(40, 1000), 1, 0.62),
    "in turn, twice as many as fit": (robin(94, 400), 1, 0.83),
    "in turn, many": (robin(600, 100), 1, 0.99),
    "by chance": (shuffled(robin(200, 200)), 2, 0.94),
    "some much more than others": (skewed(600, 60_000), 3, 0.72),
    "sorted": (ordered(400, 100), 1, 0.51),
    "sorted, long": (ordered(20, 3000), 2, 0.42),
    "two sets that take turns": ((robin(60, 35)[:2048] + [300 + i for i in robin(60, 35)[:2048]]) * 12, 12, 0.87),
    "two sets, one after the other": (robin(60, 600) + [300 + i for i in robin(60, 600)], 2, 0.84),
    "early keys go on": (ordered(5, 4000) + robin(100, 500), 5, 0.77),
    "one hot, others in order": ([j for i in ordered(300, 100) for j in (i, 500)], 2, 0.43),
    "sets that move": ([random.Random(i).randrange(50) + i // 300 for i in range(60_000)], 2, 0.94),
    "twelve uses each": ([start + i for start in range(0, 600, 100) for i in robin(100, 12)] * 8, 2, 0.99),
}


@pytest.mark.usefixtures("stubs")
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("block", [300, 2048])
def test_combs_are_worth_building_in_every_order(order: str, block: int) -> None:
    """Few combs are built for a key, and all together cost less than they save."""
    numbers, most, left = ORDERS[order]
    run = Run(4 << 20).calls(numbers, block)
    assert max(run.combs.values()) <= most
    assert run.cost < left


@pytest.mark.usefixtures("stubs")
@pytest.mark.parametrize("count", [1, 5, 12, 15, 40, 400])
@pytest.mark.parametrize("room", [1, 2, 5, 30])
def test_keys_that_are_met_only_without_a_comb(count: int, room: int) -> None:
    """Who lets keys be used only while they have no comb makes building cost a third of verifying at most."""
    run = Run(room * SMALL)
    for step in range(3000):
        i = step % (room + 10)
        if i not in run.widths:
            run.call({i: count})
    assert run.built < run.without_combs / 3
    assert run.cost < 1.1


counts = st.dictionaries(
    st.integers(0, 12), st.sampled_from([1, 2, 6, 11, 12, 13, 15, 24, 50, 200, 1000]), min_size=1, max_size=6
)


@given(
    calls=st.lists(counts, min_size=1, max_size=8),
    budget=st.sampled_from([1, 2, 3, 5, 10, 30]).map(SMALL.__mul__),
    halved=st.sampled_from([100, 2000, 1 << 14]),
)
@settings(max_examples=60, deadline=None)
def test_building_costs_less_than_half_of_verifying(calls: list[dict[int, int]], budget: int, halved: int) -> None:
    """However calls follow on each other, and are repeated, the budget is kept, and building has its bound."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "Comb", Stub)
        patch.setattr(tables, "_HALVED_AFTER", halved)
        run = Run(budget)
        for _ in range(12):
            for call in calls:
                run.call(call)
        assert run.built < run.without_combs / 2


# Many at once


@pytest.mark.usefixtures("stubs")
def test_the_work_for_many_keys_is_a_few_lines_for_each() -> None:
    """Where the budget is full and every key is worth a comb, steps grow with the keys only, not with the combs."""
    shared = Tables(100 * SMALL)
    known = keys(600)
    shared.for_keys(dict.fromkeys(known, 20))
    assert len(shared._held) == 100
    lines = lines_of(shared.for_keys, dict.fromkeys(known, 1))
    assert len(lines) < 60 * len(known)
    absent = Tables(100 * SMALL)
    absent.for_keys(dict.fromkeys(known[:300], 20))
    assert len(absent._held) == 100
    lines = lines_of(absent.for_keys, dict.fromkeys(known[300:], 12))
    assert len(lines) < 100 * 300


@pytest.mark.usefixtures("stubs")
def test_threads_share_tables() -> None:
    """Uses of no thread are lost, and the budget is kept, in any order of threads."""
    shared = Tables(10 * SMALL)
    known = keys(60)

    def work(first: int) -> None:
        for i in range(200):
            found = shared.for_keys({known[(first + i + j) % 60]: 1 for j in range(5)})
            assert all(comb.B == key.point.coordinates for key, comb in found.items())  # type: ignore[attr-defined]

    with ThreadPoolExecutor(8) as executor:
        list(executor.map(work, range(8)))
    assert sum(one.uses for one in shared._known.values()) == 8 * 200 * 5
    assert sum(one.octets for one in shared._held) == shared._spent <= 10 * SMALL
