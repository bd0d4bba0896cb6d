"""The leak test: its statistics, its inputs, and that it sees a signer that leaks."""

from __future__ import annotations

import gc
import random
from array import array

import pytest

from ecpure import SECP224K1
from ecpure.io.progress import Progress
from ecpure.measure import leak

N = SECP224K1.n


def samples(first: list[int], second: list[int]) -> leak.Samples:
    """Return the times of both classes, in turn."""
    times = array("Q", [taken for pair in zip(first, second, strict=True) for taken in pair])
    return leak.Samples(times, bytearray([0, 1] * len(first)))


def test_t_of_known_samples() -> None:
    """t is Welch's, its sign that of the first mean less the second; equal samples give 0, and one value nothing."""
    first, second = [10, 12, 14, 16], [20, 22, 24, 26]
    (*_, t) = leak.t_curve(samples(first, second), 100)
    assert t == pytest.approx((13 - 23) / (2 * (20 / 3) / 4) ** 0.5)
    assert leak.t_curve(samples(first, first), 100)[-1] == 0
    assert leak.t_curve(samples([5] * 4, [5] * 4), 100)[-1] == 0
    assert leak.t_curve(samples([1], [2]), 100)[-1] == 0
    slow = [*first, 10_000]
    assert abs(leak.t_curve(samples(slow, [*second, 20]), 75)[-1]) > abs(
        leak.t_curve(samples(slow, [*second, 20]), 100)[-1]
    )


def test_a_machine_that_changes_its_speed_hides_nothing() -> None:
    """Times in proportion to their neighbours' show a difference of 1 in 100 that changes of speed hide."""
    rng = random.Random(7)
    drifting = leak.Samples(array("Q"), bytearray())
    for place in range(2000):
        second, slowness = rng.getrandbits(1), 1 + place / 500
        drifting.times.append(round(slowness * (100_000 + 1000 * second + rng.randrange(1000))))
        drifting.classes.append(second)
    steady = leak.steadied(drifting)
    assert steady.classes == drifting.classes
    assert abs(leak.t_curve(drifting, 100)[-1]) < 2
    assert leak.t_curve(steady, 100)[-1] < -50
    assert max(steady.times) < 1.05 * min(steady.times)


def test_steadied_times() -> None:
    """Each is set against its neighbours, those there are of five on each side, and not against itself."""
    assert list(leak.steadied(samples([100], [50])).times) == [150, 38]
    times = array("Q", [10, *[40] * 5, 80, *[40] * 5, 90])
    assert list(leak.steadied(leak.Samples(times, bytearray(13))).times) == list(times)
    for times in (array("Q", [7]), array("Q", [0, 0, 0])):
        assert leak.steadied(leak.Samples(times, bytearray(len(times)))).times == times


@pytest.mark.parametrize("pair", leak.PAIRS, ids=lambda pair: pair.name)
def test_the_kinds_are_what_they_are_called(pair: leak.Pair) -> None:
    """Every kind gives keys and nonces that sign, in the range, and both kinds of a pair differ."""
    rng = random.Random(5)
    for kind in (pair.first, pair.second):
        for _ in range(20):
            d, e, k = kind(rng)
            assert 1 <= d < N
            assert 1 <= k < N
            assert leak.ecpure((d, e, k)) is not None
            assert leak.naive((d, e, k))
    assert pair.first is not pair.second


def test_properties_of_the_kinds() -> None:
    """Short is at least eight bits short, light and heavy differ in weight, and r·d mod n is short where it says so."""
    rng = random.Random(6)
    assert max(leak._short_nonce(rng)[2].bit_length() for _ in range(50)) <= 217
    assert max(leak._light_nonce(rng)[2].bit_count() for _ in range(50)) < 80
    assert min(leak._heavy_nonce(rng)[2].bit_count() for _ in range(50)) > 150
    d, _, k = leak._short_product(rng)
    x, _ = SECP224K1.base.multiply_secret(k)
    assert (x * d % N).bit_length() <= 161


def test_a_run_measures_both_signers() -> None:
    """ecpure on every pair, the naive signer on two of them; the report has each crop's curve and the histogram."""
    report = leak.run(100)
    assert [result["signer"] for result in report["results"]] == ["ecpure"] * 4 + ["naive"] * 2
    assert [result["pair"] for result in report["results"][:4]] == [pair.name for pair in leak.PAIRS]
    for result in report["results"]:
        assert result["signatures"] == (100 if result["signer"] == "ecpure" else 10)
        assert result["t"] == {crop: curve[-1] for crop, curve in result["curves"].items()}
        assert leak.worst(result) == max(abs(t) for t in result["t"].values())
        counted = sum(result["histogram"]["first"]) + sum(result["histogram"]["second"])
        assert 0.9 * result["signatures"] <= counted <= result["signatures"]


def test_the_slowest_are_in_no_histogram() -> None:
    """It ends at the time that 95 of 100 keep below, and has a width even where all times are equal."""
    found = leak._histogram(samples([*range(100, 150)], [*range(100, 149), 10_000]))
    assert (found["from"], found["to"], sum(found["first"]), sum(found["second"])) == (100, 147, 48, 48)
    found = leak._histogram(samples([7, 7], [7, 7]))
    assert (found["from"], found["to"], found["first"][0], found["second"][0]) == (7, 8, 2, 2)


def test_inputs_are_made_anew_in_random_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are the same inputs, d lengthened, in their places; in which order they are made follows from nothing."""
    made: list[int] = []

    def lengthened(d: int, n: int) -> int:
        made.append(d)
        return d + n

    monkeypatch.setattr(leak, "lengthen", lengthened)
    inputs = [(100 + number, 200 + number, 300 + number) for number in range(50)]
    assert leak._scattered(inputs, random.Random(5)) == [(d + N, e, k) for d, e, k in inputs]
    assert sorted(made) == [d for d, _, _ in inputs] != made


def test_measuring_leaves_the_collector_as_it_was() -> None:
    """The garbage collector is off while times are taken, and on again if it was on before."""
    with Progress(None, "x") as progress:
        gc.disable()
        try:
            leak.measure(lambda _: None, leak.PAIRS[0], 3, progress)
            assert not gc.isenabled()
        finally:
            gc.enable()
        leak.measure(lambda _: None, leak.PAIRS[0], 3, progress)
    assert gc.isenabled()
