"""`make speed`: what it requires, what it says of a run, and what it writes."""

from __future__ import annotations

import json
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import ledger
import pictures
import pytest
import speed
from fakereports import RESULT, bench_report

from ecpure.measure import bench

PEERS = ("fastecdsa 4", "OpenSSL 3", "btclib-ecc 2026")


def report(part: float) -> ledger.Record:
    """Return the report of a run in which ecpure takes this part of every other program's time."""
    times = {
        "ecpure": dict.fromkeys(bench.OPERATIONS, 100 * part),
        **{name: dict.fromkeys(("sign", "public key", "verify"), 100.0) for name in PEERS},
    }
    result = RESULT | {"times": times, "medians": times}
    return bench_report(python=deepcopy(result), gmpy2=deepcopy(result) | {"version": "gmpy2 2"})


def test_the_requirements_are_judged() -> None:
    """The ratio of shortest times, and the start-up: what is at the bound is met, what is above or missing is not."""
    assert speed.missed(report(0.28)) == []
    assert {row[-1] for row in speed.judged(report(0.28))[1:]} == {"yes"}
    assert speed.missed(report(0.281)) == [
        "public key, gmpy2, compared with fastecdsa: 0.281, where at most 0.28 is required",
    ]
    found = report(0.1)
    found["backends"]["gmpy2"]["start-up"]["first signature"] = 25.1
    del found["backends"]["python"]["times"]["OpenSSL 3"]
    assert speed.missed(found)[-1].startswith("first signature, gmpy2")
    without = [one for one in speed.REQUIREMENTS if (one.backend, one.beside) == ("python", "OpenSSL")]
    assert len(speed.missed(found)) == len(without) + 1
    found["backends"]["python"] = {"error": "it was ended"}
    assert ["first signature", "python"] == speed.judged(found)[-2][:2]
    assert speed.judged(found)[-2][-1] == "not measured"
    assert "not measured: it was ended" in speed.text(found)


def test_every_requirement_is_of_an_operation_and_a_peer() -> None:
    """Each operation has one for either backend."""
    assert [(one.operation, one.backend) for one in speed.REQUIREMENTS] == [
        (operation, backend) for operation in bench.OPERATIONS for backend in ("gmpy2", "python")
    ]


@pytest.mark.parametrize(("part", "returncode", "status"), [(0.2, 0, 0), (0.2, 1, 1), (2.0, 0, 1)])
def test_a_run_is_judged_and_written(
    part: float,
    returncode: int,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """1 where a program was wrong, or a requirement is missed; the record, the page and the pictures are written."""
    asked: list[str] = []
    drawn: list[bool] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        asked.append(command[-2])
        return subprocess.CompletedProcess(command, returncode, json.dumps(report(part)).encode())

    page = tmp_path / "speed.md"
    page.write_text("<!-- measured: begin -->\nold\n<!-- measured: end -->\n", encoding="utf-8")
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(speed, "PAGE", page)
    monkeypatch.setattr(ledger, "DOCS", tmp_path)
    monkeypatch.setattr(pictures, "main", lambda: drawn.append(True))
    assert speed.main(["--quick"]) == status
    assert "| sign | gmpy2 | fastecdsa |" in capsys.readouterr().out
    assert "old" in page.read_text(encoding="utf-8")
    assert speed.main([]) == status
    assert asked == ["5", "25"]
    assert drawn == [True]
    assert json.loads((tmp_path / "speed.json").read_text())["sources"] == ledger.sources("speed")
    assert f"| sign | gmpy2 | fastecdsa | {part:.3f} |" in page.read_text(encoding="utf-8")
    assert ("is required" in capsys.readouterr().err) == (part > 1)
