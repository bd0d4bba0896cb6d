"""The benchmark: what it times, its table, and what it says of programs that are wrong, missing or ended."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any
from unittest.mock import MagicMock, Mock

import pytest
from fakereports import RESULT, bench_report

from ecpure import bulk
from ecpure.io.progress import Progress
from ecpure.measure import bench, peers

D = bench._D


class Clock:
    """Seconds that pass only when somebody lets them."""

    def __init__(self) -> None:
        self.now = 0.0

    def read(self) -> float:
        return self.now


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be few calls, and two times in a turn, by a clock that a slow machine does not hurry."""
    monkeypatch.setattr(bench, "_CALLS", 2)
    monkeypatch.setattr(bench, "_ITEMS", 3)
    monkeypatch.setattr(bench, "_KEYS", 4)
    monkeypatch.setattr(bench, "_MANY", 1)
    ticks = count()
    monkeypatch.setattr(bench, "_clock", lambda: next(ticks) * 0.6 * bench._TURN)


@pytest.mark.usefixtures("small")
def test_what_is_timed_says_how_many_calls_it_made() -> None:
    """A call for each message, or as many as there are items."""
    done = {operation: calls() for (_, operation), calls in bench._own().items()}
    assert done == {
        "sign": 2,
        "public key": 2,
        "verify, key seen first": 2,
        "verify, prepared key": 2,
        "verify_many, one key": 3,
        "verify_many, key each": 4,
    }


def test_a_turn_is_the_same_calls_again_and_again() -> None:
    """Until it is over, and once at least; each time is divided by the number of calls."""
    clock, done = Clock(), list[str]()

    def call(name: str, seconds: float) -> None:
        done.append(name)
        clock.now += seconds * bench._TURN

    assert bench._turn(bench._each(call, [("a", 0.1), ("b", 0.3)]), clock.read) == pytest.approx(
        [0.2 * bench._TURN] * 3
    )
    assert done == ["a", "b"] * 3
    assert bench._turn(bench._each(call, [("long", 7.0)]), clock.read) == pytest.approx([7 * bench._TURN])


@pytest.mark.usefixtures("small")
def test_a_key_of_many_comes_too_seldom_for_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sets of keys take turns, so that the verdicts of a key each are made without tables in every round."""
    seen = []

    def verify_many(items: list[bulk.Item]) -> list[bool]:
        seen.append([key for key, *_ in items])
        return [True]

    monkeypatch.setattr(bulk, "verify_many", verify_many)
    calls = bench._own()["ecpure", "verify_many, key each"]
    for _ in range(2 * bench._SETS):
        calls()
    once = seen[: bench._SETS]
    assert seen == once * 2
    assert len({key for keys in once for key in keys}) == bench._KEYS * bench._SETS


def test_the_shortest_time_counts_and_a_busy_neighbour_bends_nothing() -> None:
    """Of all turns but those of the first round, by the number of calls; the median stands beside it.

    Programs take turns in each round.
    """
    clock, turns, rounds = Clock(), list[str](), list[float]()
    taken = {"a": iter([1, 4, 90, 2, 80, 70]), "b": iter([5, 30, 10, 20, 99, 98])}

    def calls(name: str, count: int) -> int:
        turns.append(name)
        clock.now += next(taken[name])
        return count

    operations = {("a", "sign"): partial(calls, "a", 2), ("b", "sign"): partial(calls, "b", 10)}
    found = bench._interleaved(operations, 5, lambda: rounds.append(clock.now), clock.read)
    assert found == {("a", "sign"): bench.Taken(1.0, 35.0), ("b", "sign"): bench.Taken(1.0, 3.0)}
    assert turns == ["a", "b"] * 6
    assert len(rounds) == 6


def started(lines: list[str], *, returncode: int = 0, error: str = "") -> Any:
    """Return what stands for `bench._started`: it keeps backends and codes, and its process says these lines."""
    asked = []

    def start(code: str, backend: str, *, stderr: Any, **_: object) -> Any:
        asked.append((backend, code))
        if error:
            stderr.write(error)
        child = MagicMock(stdout=iter(lines), returncode=returncode)
        child.__enter__.return_value = child
        child.wait.return_value = returncode
        return child

    start.asked = asked  # type: ignore[attr-defined]
    return start


def test_both_backends_are_in_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a process of its own, with the time that its start takes over that of an interpreter."""
    here = {"version": "any", "times": {}, "medians": {}, "faults": {}, "missing": []}
    start = started(["{}", "{}", "{}", json.dumps(here)])
    advanced = []
    monkeypatch.setattr(bench, "_started", start)
    monkeypatch.setattr(bench, "_clock_of_children", partial(next, count()))
    monkeypatch.setattr(Progress, "advance", lambda _, count=1: advanced.append(count))
    found = bench.run(rounds=2, with_peers=True)
    assert found["rounds"] == 2
    assert list(found["backends"]) == ["python", "gmpy2"]
    assert sum(advanced) == 2 * 2 * 3
    for name, result in found["backends"].items():
        assert result["version"] == "any"
        assert list(result["start-up"]) == ["import ecpure", "first signature"]
        first, *others = [code for backend, code in start.asked if backend == name]
        assert first.endswith("bench.report_here(rounds=2, with_peers=True)")
        before = {"python": "pass", "gmpy2": "import gmpy2"}[name]
        assert others == [before, *(f"{before}; {code}" for code in bench._START_UP.values())] * 3


@pytest.mark.parametrize(("importing", "more"), [(0.111, 1.0), (0.109, 0.0)])
def test_the_start_of_an_interpreter_is_taken_off(
    monkeypatch: pytest.MonkeyPatch, importing: float, more: float
) -> None:
    """Shortest less shortest, in milliseconds; and nothing where that is less than nothing."""
    clock = Clock()
    seconds = iter([1.0, 1.0, 1.0, 0.110, 0.119, 0.130, 0.150, importing, 0.190])

    def start(*_: object, **__: object) -> Any:
        clock.now += next(seconds)
        return Mock(wait=Mock(return_value=0))

    monkeypatch.setattr(bench, "_clock_of_children", clock.read)
    monkeypatch.setattr(bench, "_started", start)
    progress = Mock()
    assert bench._start_up("gmpy2", 2, progress) == {"import ecpure": more, "first signature": 20.0}
    assert progress.advance.call_count == 3


def test_a_backend_that_cannot_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report gives the one sentence of the process that failed, or says that it was ended."""
    monkeypatch.setattr(bench, "BACKENDS", ("rust",))
    reason = "ECPURE_BACKEND: one of auto, gmpy2, python was expected"
    assert bench.run(rounds=1, with_peers=False)["backends"] == {"rust": {"error": reason}}
    monkeypatch.setattr(bench, "_started", started([], returncode=-9))
    assert bench.run(rounds=1, with_peers=False)["backends"] == {"rust": {"error": "it was ended"}}


def test_who_interrupts_a_run_does_not_wait_for_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is killed, whatever it is doing."""
    child = MagicMock()
    child.__enter__.return_value = child
    child.__exit__.return_value = None
    child.stdout.__iter__.side_effect = KeyboardInterrupt
    monkeypatch.setattr(bench, "_started", lambda *_, **__: child)
    with pytest.raises(KeyboardInterrupt):
        bench.run(rounds=1, with_peers=False)
    child.kill.assert_called_once_with()


def last_line(capfd: pytest.CaptureFixture[str], rounds: int) -> Any:
    """Return the report that was printed, after an empty object for each round and the one to warm up."""
    *before, last = capfd.readouterr().out.splitlines()
    assert before == ["{}"] * (rounds + 1)
    return json.loads(last)


@pytest.mark.usefixtures("small")
def test_without_peers_ecpure_alone_is_timed(capfd: pytest.CaptureFixture[str]) -> None:
    """In this process: ecpure's own operations, and no other program."""
    bench.report_here(rounds=1, with_peers=False)
    result = last_line(capfd, 1)
    assert list(result["times"]) == ["ecpure"]
    assert result["times"]["ecpure"].keys() == bench.OPERATIONS.keys()
    for operation, taken in result["times"]["ecpure"].items():
        assert 0 < taken <= result["medians"]["ecpure"][operation]


@pytest.mark.usefixtures("small")
def test_a_peer_is_timed_beside(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """If its answers are right: signing, its public key, and verifying."""
    peer = peers._fastecdsa(D)
    monkeypatch.setattr(peers, "installed", lambda _: ([peer], []))
    bench.report_here(rounds=1, with_peers=True)
    result = last_line(capfd, 1)
    assert list(result["times"]) == ["ecpure", peer.name]
    assert result["times"][peer.name].keys() == {"sign", "public key", "verify"}
    assert (result["faults"], result["missing"]) == ({}, [])


def raises(*_: object) -> Any:
    raise RuntimeError


@pytest.mark.usefixtures("small")
def test_wrong_answers_are_named(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Each way to be wrong is found, and such a peer is not timed."""
    peer = peers._fastecdsa(D)
    assert bench._fault(peer) is None
    wrong = [
        ("computes another public key", replace(peer, x_and_y=lambda _: (1, 2))),
        ("makes an invalid signature", replace(peer, r_and_s=lambda _: (1, 2))),
        ("refuses a valid signature", replace(peer, verify=lambda *_: False)),
        ("accepts the signature of another message", replace(peer, verify=lambda *_: True)),
        ("raises RuntimeError", replace(peer, sign=raises)),
    ]
    for fault, other in wrong:
        assert bench._fault(other) == fault
    monkeypatch.setattr(peers, "installed", lambda _: ([wrong[0][1]], ["another"]))
    bench.report_here(rounds=1, with_peers=True)
    result = last_line(capfd, 1)
    assert result["faults"] == {peer.name: "computes another public key"}
    assert list(result["times"]) == ["ecpure"]
    assert result["missing"] == ["another"]


def test_the_table_sets_ecpure_beside_each_peer() -> None:
    """Two rows for each operation, shortest times and medians: ecpure's, and each peer's with the ratio."""
    heading, *rows = bench.table(RESULT)
    assert heading == ["operation", "ecpure", "other"]
    assert rows[::2] == [[operation, "10.0", "40.0 (0.25)"] for operation in bench.OPERATIONS]
    assert rows[1::2] == [["  median", "15.0", "50.0 (0.30)"]] * len(bench.OPERATIONS)
    assert bench.title("python", bench_report(python=RESULT)) == (
        "Backend python, CPython 3, any: microseconds, the shortest in 1 round and the median "
        "(in brackets: ecpure / other)"
    )


def test_the_title_counts_rounds_and_explains_only_what_is_there() -> None:
    """Without another program there are no brackets; more than one round are rounds."""
    alone = RESULT | {"times": {"ecpure": RESULT["times"]["ecpure"]}}
    title = bench.title("python", bench_report(python=alone) | {"rounds": 2})
    assert title == "Backend python, CPython 3, any: microseconds, the shortest in 2 rounds and the median"


def test_notes_are_sentences() -> None:
    """Versions, the start-up, and peers that are wrong or missing; of a backend without times only the reason."""
    assert bench.notes({"error": "gmpy2 is not installed"}) == ["not measured: gmpy2 is not installed"]
    wrong = RESULT | {"faults": {"third 2": "refuses a valid signature"}, "missing": ["fourth"]}
    start_up = [
        "import ecpure: 1.0 ms more than the start of an interpreter",
        "first signature: 20.0 ms more than the start of an interpreter",
    ]
    assert bench.notes(wrong) == [
        "compared with other 1.0",
        *start_up,
        "third 2 refuses a valid signature, and is not timed",
        "fourth is not installed",
    ]
    lone = RESULT | {"times": {"ecpure": RESULT["times"]["ecpure"]}}
    assert bench.notes(lone) == start_up
    with_gmpy2 = bench.notes(lone | {"version": "gmpy2 2"})
    assert with_gmpy2[0] == "import ecpure: 1.0 ms more than the start of an interpreter that imports gmpy2"


@pytest.mark.skipif(os.name == "nt", reason="Windows counts a process's time in steps of 1/64 s")
def test_time_in_which_others_have_the_processor_does_not_count() -> None:
    """Operations are timed by what the processor spends on this process, start-up by what it spends on children."""
    assert bench._clock is time.process_time
    before = bench._clock_of_children()
    assert bench._started("pass", "auto").wait() == 0
    assert bench._clock_of_children() > before
