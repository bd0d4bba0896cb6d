"""`ecpure leak`: its table, its picture, and its statuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fakereports import leak_report

from ecpure.cli import main
from ecpure.measure import leak


def test_exit_statuses(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """0 if only the naive signer leaks, 1 if ecpure does, 2 if the test is too weak to see anything.

    The last line is the verdict: of the table on standard output, else on standard error.
    """
    for naive_t, ecpure_t, status, words in (
        (-30.0, 1.0, 0, "nothing found: largest |t| 1.0, bound 4.5, 1,000 signatures a pair"),
        (30.0, -5.0, 1, "leak found: largest |t| 5.0, bound 4.5, 1,000 signatures a pair"),
        (1.0, 1.0, 2, "too few signatures to tell: largest |t| 1.0, bound 4.5, 1,000 signatures a pair"),
    ):
        report = leak_report(naive_t, ecpure_t)
        monkeypatch.setattr(leak, "run", lambda _, report=report: report)
        assert main(["leak"]) == status
        out, err = capfd.readouterr()
        assert out.splitlines()[-1] == words
        assert ("|t| = 5.0" in err) == (status == 1)
        assert ("the leak of the naive signer was not detected" in err) == (status == 2)
        assert main(["leak", "--json"]) == status
        out, err = capfd.readouterr()
        assert json.loads(out) == report
        assert err.splitlines()[-1] == f"ecpure: {words}"


@pytest.mark.parametrize("is_terminal", [False, True])
def test_the_table_fits_into_80_columns(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The longest labels and large t among them, every crop's t is there: plain, and drawn by rich."""
    report = leak_report(-1234.5, 4.4)
    results = report["results"] = [
        result | {"label": pair.label} for call in leak.CALLS for pair in call.pairs for result in report["results"]
    ]
    for result in results:
        result["t"] = dict(zip(result["t"], (-99.9, -10.1, -98.7, -0.5, 99.9, 10.0, result["t"]["50"]), strict=True))
    monkeypatch.setattr(leak, "run", lambda _: report)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")  # no bold letters
    assert main(["leak"]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    [heading] = [line.split() for line in lines if line.startswith("signer")]
    assert heading == ["signer:", "classes", "100%", "99.9%", "99%", "95%", "90%", "75%", "50%"]
    rows = [line for line in lines if line.startswith(("ecpure:", "naive:"))]
    assert [row.split()[-7:] for row in rows] == [
        ["-99.9", "-10.1", "-98.7", "-0.5", "99.9", "10.0", "4.4" if row.startswith("ecpure") else "-1234"]
        for row in rows
    ]
    assert len(rows) == len(results)


def test_fewer_than_a_hundred_signatures_are_refused(capfd: pytest.CaptureFixture[str]) -> None:
    """They may all be of neither class."""
    assert main(["leak", "--signatures", "99"]) == 2
    assert "--signatures: a number from 100 to 100000000 was expected" in capfd.readouterr().err


def test_a_real_run_sees_the_naive_signer(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A short run measures all pairs, reports as JSON, and draws a picture that is well formed."""
    picture = tmp_path / "leak.svg"
    assert main(["leak", "--signatures", "300", "--json", "--svg", str(picture)]) in (0, 1, 2)
    report = json.loads(capfd.readouterr().out)
    assert [result["signer"] for result in report["results"]] == ["ecpure"] * 8 + ["naive"] * 6
    assert [result["signatures"] for result in report["results"]] == [300] * 8 + [30, 30, 75, 75, 30, 30]
    for result in report["results"]:
        assert list(result["t"]) == ["100", "99.9", "99", "95", "90", "75", "50"]
        assert sum(result["histogram"]["first"]) > 0
    root = ElementTree.parse(picture).getroot()
    assert root.tag.endswith("svg")
    assert len(ElementTree.tostring(root)) > 5000
