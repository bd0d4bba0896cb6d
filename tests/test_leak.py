"""The leak test: it sees a signer that leaks, draws what it found, and says what it found."""

from __future__ import annotations

import json
import random
from array import array
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ecpure import SECP224K1, leak, leakplot, streams
from ecpure.cli import main

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
    x, _ = SECP224K1.base.multiply(k)
    assert (x * d % N).bit_length() <= 161


def fake(naive_t: float, ecpure_t: float) -> dict[str, Any]:
    """Return a report as `run` gives it."""
    crops = {f"{crop:g}": 0.0 for crop in leak.CROPS}
    bins = {"from": 1000, "to": 2000, "first": [0, 5, 1], "second": [0, 4, 2]}

    def result(signer: str, t: float) -> dict[str, Any]:
        return {
            "signer": signer,
            "pair": "a <pair> of r·d",
            "signatures": 10,
            "t": crops | {"50": t},
            "curves": {crop: [0.0, t] for crop in crops},
            "histogram": bins,
        }

    return {"backend": "python", "runtime": "any", "results": [result("ecpure", ecpure_t), result("naive", naive_t)]}


def test_exit_statuses(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """0 if only the naive signer leaks, 1 if ecpure does, 2 if the test is too weak to see anything."""
    for naive_t, ecpure_t, status in ((-30.0, 1.0, 0), (30.0, -5.0, 1), (1.0, 1.0, 2)):
        report = fake(naive_t, ecpure_t)
        monkeypatch.setattr(leak, "run", lambda _, report=report: report)
        assert main(["leak"]) == status
        out, err = capfd.readouterr()
        assert out.splitlines()[1].split()[-2:] == ["75%", "50%"]
        assert ("|t| = 5.0" in err) == (status == 1)
        assert ("not even the naive signer" in err) == (status == 2)


def test_a_real_run_sees_the_naive_signer(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A short run measures all pairs, reports as JSON, and draws a picture that is well formed."""
    picture = tmp_path / "leak.svg"
    assert main(["leak", "--signatures", "600", "--json", "--svg", str(picture)]) in (0, 1, 2)
    report = json.loads(capfd.readouterr().out)
    assert [result["signer"] for result in report["results"]] == ["ecpure"] * 4 + ["naive"] * 2
    assert [result["signatures"] for result in report["results"]] == [600] * 4 + [60] * 2
    for result in report["results"]:
        assert list(result["t"]) == ["100", "99.9", "99", "95", "90", "75", "50"]
        assert sum(result["histogram"]["first"]) > 0
    root = ElementTree.parse(picture).getroot()
    assert root.tag.endswith("svg")
    assert len(ElementTree.tostring(root)) > 5000


def test_the_picture_escapes_its_texts() -> None:
    """Whatever a name holds, the picture is well formed; an empty histogram is drawn as well."""
    report = fake(1.0, 2.0)
    report["results"][0]["histogram"] = {"from": 0, "to": 1, "first": [0], "second": [0]}
    ElementTree.fromstring(leakplot.draw(report, 4.5))


@pytest.mark.parametrize(("t", "scale"), [(3.0, ["4.5", "0", "−4.5"]), (1131.25, ["1,131.2", "0", "−1,131.2"])])
def test_the_scale_has_numbers_that_can_be_read(t: float, scale: list[str]) -> None:
    """The bound's where it is apart from 0, else the largest |t|'s; and many signatures are written with commas."""
    report = fake(1.0, -t)
    report["results"] = [report["results"][0] | {"signatures": 1_000_000}]
    texts = [
        element.text
        for element in ElementTree.fromstring(leakplot.draw(report, 4.5)).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert texts[1:5] == ["ecpure: a <pair> of r·d; 1,000,000 signatures", *scale]


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
    import gc

    with streams.Progress(None, "x") as progress:
        gc.disable()
        try:
            leak.measure(lambda _: None, leak.PAIRS[0], 3, progress)
            assert not gc.isenabled()
        finally:
            gc.enable()
        leak.measure(lambda _: None, leak.PAIRS[0], 3, progress)
    assert gc.isenabled()
