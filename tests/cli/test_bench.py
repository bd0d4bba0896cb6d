"""`ecpure bench`: its tables, what it says beside them, and its statuses."""

from __future__ import annotations

import json

import pytest
from fakereports import RESULT, bench_report

from ecpure.cli import main
from ecpure.measure import bench


@pytest.mark.long
def test_the_command_measures_every_operation_and_every_peer(capfd: pytest.CaptureFixture[str]) -> None:
    """A real run of one round: every operation of ecpure and of each installed peer has a time, on both backends."""
    assert main(["bench", "--peers", "--rounds", "1", "--json"]) == 0
    out, err = capfd.readouterr()
    measured = json.loads(out)
    assert set(measured["backends"]) == {"python", "gmpy2"}
    for name, result in measured["backends"].items():
        assert result["version"].startswith(name)
        assert result["faults"] == {}
        assert set(result["missing"]) <= {"coincurve"}  # it has no wheel for every interpreter
        programs = [program.split()[0] for program in result["times"]]
        assert programs[:5] == ["ecpure", "fastecdsa", "OpenSSL", "python-ecdsa", "btclib-ecc"]
        assert result["times"]["ecpure"].keys() == bench.OPERATIONS.keys()
        assert all(times.keys() == {"sign", "public key", "verify"} for times in list(result["times"].values())[1:])
        assert all(taken > 0 for times in result["times"].values() for taken in times.values())
        for program, times in result["times"].items():
            assert all(taken <= result["medians"][program][operation] for operation, taken in times.items())
        assert set(result["start-up"]) == {"import ecpure", "first signature"}
    assert "first signature" in err


def test_the_plain_table(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Without a terminal: aligned lines, shortest times and medians, each peer's with the ratio; words on stderr."""
    monkeypatch.setattr(
        bench, "run", lambda **_: bench_report(python=RESULT, gmpy2={"error": "gmpy2 is not installed"})
    )
    assert main(["bench"]) == 0
    out, err = capfd.readouterr()
    title, heading, *rows = out.splitlines()
    assert title.startswith("Backend python, CPython 3, any: microseconds, the shortest in 1 round and the median")
    assert heading.split() == ["operation", "ecpure", "other"]
    shortest, medians = ["10.0", "40.0", "(0.25)"], ["15.0", "50.0", "(0.30)"]
    assert [row.split()[-3:] for row in rows] == [shortest, medians] * len(bench.OPERATIONS)
    assert len({len(line) for line in (heading, *rows)}) == 1
    assert "ecpure: python: compared with other 1.0\n" in err
    assert "ecpure: gmpy2: not measured: gmpy2 is not installed" in err


def test_exit_statuses(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """1 where a peer gives a wrong answer, which is said; 2 where nothing could be measured, or for no rounds."""
    wrong = RESULT | {"faults": {"other 1.0": "refuses a valid signature"}, "missing": ["third"]}
    monkeypatch.setattr(bench, "run", lambda **_: bench_report(python=wrong))
    assert main(["bench", "--peers", "--json"]) == 1
    err = capfd.readouterr().err
    assert "other 1.0 refuses a valid signature, and is not timed" in err
    assert "third is not installed" in err
    monkeypatch.setattr(bench, "run", lambda **_: bench_report(python={"error": "no"}, gmpy2={"error": "no"}))
    assert main(["bench"]) == 2
    assert main(["bench", "--rounds", "0"]) == 2
    assert main(["bench", "--rounds", "many"]) == 2
