"""The benchmark: what it times, its table, and what it says of programs that are wrong, missing or ended."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from fakereports import RESULT, bench_report

from ecpure.measure import bench, peers

D = bench._D


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each batch be ten calls, by a clock that a slow machine does not hurry."""
    monkeypatch.setattr(bench, "_CALLS", 2)
    monkeypatch.setattr(bench, "_ITEMS", 3)
    monkeypatch.setattr(bench, "_KEYS", 4)
    monkeypatch.setattr(bench, "_MANY", 1)
    ticks = count()
    monkeypatch.setattr(bench, "time", SimpleNamespace(perf_counter=lambda: next(ticks) * 0.6 * bench._BATCH))


@pytest.mark.usefixtures("small")
def test_a_batch_says_how_often_it_did_its_operation() -> None:
    """Ten calls or a multiple, or as many as there are items."""
    done = {operation: batch() for (_, operation), batch in bench._own_batches().items()}
    assert done == {
        "sign": 20,
        "public key": 20,
        "verify, key seen first": 20,
        "verify, prepared key": 20,
        "verify_many, one key": 3,
        "verify_many, key each": 4,
    }


def test_a_time_is_the_median_of_the_rounds_after_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Divided by how often the operation was done; programs take turns in each round."""
    clock, turns = SimpleNamespace(now=0.0), list[str]()
    taken = {"a": iter([99, 1, 4, 2]), "b": iter([99, 30, 10, 20])}

    def batch(name: str, count: int) -> int:
        turns.append(name)
        clock.now += next(taken[name])
        return count

    monkeypatch.setattr(bench, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    found = bench._medians({("a", "sign"): partial(batch, "a", 2), ("b", "sign"): partial(batch, "b", 10)}, 3)
    assert found == {("a", "sign"): 1.0, ("b", "sign"): 2.0}
    assert turns == ["a", "b"] * 4


def test_both_backends_are_in_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a process of its own, with the time that its start takes over that of an interpreter."""
    asked = []

    def python(code: str, backend: str) -> subprocess.CompletedProcess[str]:
        asked.append((backend, code))
        here = {"version": backend, "times": {}, "faults": {}, "missing": []}
        return subprocess.CompletedProcess[str]([], 0, json.dumps(here), "")

    monkeypatch.setattr(bench, "_python", python)
    found = bench.run(rounds=2, with_peers=True)
    assert found["rounds"] == 2
    assert list(found["backends"]) == ["python", "gmpy2"]
    for name, result in found["backends"].items():
        assert result["version"] == name
        assert list(result["start-up"]) == ["import ecpure", "first signature"]
        codes = [code for backend, code in asked if backend == name]
        assert codes[0].endswith("bench.report_here(rounds=2, with_peers=True)")
        assert codes[1:] == list(bench._START_UP.values()) * 3


def test_a_backend_that_cannot_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report gives the one sentence of the process that failed, or says that it was ended."""
    monkeypatch.setattr(bench, "BACKENDS", ("rust",))
    reason = "ECPURE_BACKEND: one of auto, gmpy2, python was expected"
    assert bench.run(rounds=1, with_peers=False)["backends"] == {"rust": {"error": reason}}
    killed = subprocess.CompletedProcess[str]([], -9, "", "")
    monkeypatch.setattr(bench, "_python", lambda *_: killed)
    assert bench.run(rounds=1, with_peers=False)["backends"] == {"rust": {"error": "it was ended"}}


@pytest.mark.usefixtures("small")
def test_without_peers_ecpure_alone_is_timed(capfd: pytest.CaptureFixture[str]) -> None:
    """In this process: ecpure's own operations, and no other program."""
    bench.report_here(rounds=1, with_peers=False)
    result = json.loads(capfd.readouterr().out)
    assert list(result["times"]) == ["ecpure"]
    assert result["times"]["ecpure"].keys() == bench.OPERATIONS.keys()
    assert all(taken > 0 for taken in result["times"]["ecpure"].values())


@pytest.mark.usefixtures("small")
def test_a_peer_is_timed_beside(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """If its answers are right: signing, its public key, and verifying."""
    peer = peers._fastecdsa(D)
    monkeypatch.setattr(peers, "installed", lambda _: ([peer], []))
    bench.report_here(rounds=1, with_peers=True)
    result = json.loads(capfd.readouterr().out)
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
        ("makes a signature that does not hold", replace(peer, r_and_s=lambda _: (1, 2))),
        ("refuses a valid signature", replace(peer, verify=lambda *_: False)),
        ("accepts the signature of another message", replace(peer, verify=lambda *_: True)),
        ("raises RuntimeError", replace(peer, sign=raises)),
    ]
    for fault, other in wrong:
        assert bench._fault(other) == fault
    monkeypatch.setattr(peers, "installed", lambda _: ([wrong[0][1]], ["another"]))
    bench.report_here(rounds=1, with_peers=True)
    result = json.loads(capfd.readouterr().out)
    assert result["faults"] == {peer.name: "computes another public key"}
    assert list(result["times"]) == ["ecpure"]
    assert result["missing"] == ["another"]


def test_the_table_sets_ecpure_beside_each_peer() -> None:
    """A row for each operation: ecpure's time, and each peer's with ecpure's as a part of it."""
    heading, *rows = bench.table(RESULT)
    assert heading == ["operation", "ecpure", "other"]
    assert rows == [[operation, "10.0", "40.0 (0.25)"] for operation in bench.OPERATIONS]
    assert bench.title("python", bench_report(python=RESULT)) == (
        "Backend python, CPython 3, any: microseconds, median of 1 rounds (ecpure's part of it)"
    )


def test_notes_are_sentences() -> None:
    """Versions, the start-up, and peers that are wrong or missing; of a backend without times only the reason."""
    assert bench.notes({"error": "gmpy2 is not installed"}) == ["not measured: gmpy2 is not installed"]
    wrong = RESULT | {"faults": {"third 2": "refuses a valid signature"}, "missing": ["fourth"]}
    start_up = [
        "import ecpure: 1.0 ms over the start of an interpreter",
        "first signature: 20.0 ms over the start of an interpreter",
    ]
    assert bench.notes(wrong) == [
        "beside other 1.0",
        *start_up,
        "third 2 refuses a valid signature, and is not timed",
        "fourth is not installed",
    ]
    lone = RESULT | {"times": {"ecpure": RESULT["times"]["ecpure"]}}
    assert bench.notes(lone) == start_up
