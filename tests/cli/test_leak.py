"""`ecpure leak`: its table, its picture, and its statuses."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fakereports import leak_report

from ecpure.cli import main
from ecpure.measure import leak


def test_exit_statuses(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """0 if only the naive signer leaks, 1 if ecpure does, 2 if the test is too weak to see anything."""
    for naive_t, ecpure_t, status in ((-30.0, 1.0, 0), (30.0, -5.0, 1), (1.0, 1.0, 2)):
        report = leak_report(naive_t, ecpure_t)
        monkeypatch.setattr(leak, "run", lambda _, report=report: report)
        assert main(["leak"]) == status
        out, err = capfd.readouterr()
        assert out.splitlines()[1].split()[-2:] == ["75%", "50%"]
        assert ("|t| = 5.0" in err) == (status == 1)
        assert ("not even the naive signer" in err) == (status == 2)


def test_a_real_run_sees_the_naive_signer(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A short run measures all pairs, reports as JSON, and draws a picture that is well formed."""
    picture = tmp_path / "leak.svg"
    assert main(["leak", "--signatures", "300", "--json", "--svg", str(picture)]) in (0, 1, 2)
    report = json.loads(capfd.readouterr().out)
    assert [result["signer"] for result in report["results"]] == ["ecpure"] * 4 + ["naive"] * 2
    assert [result["signatures"] for result in report["results"]] == [300] * 4 + [30] * 2
    for result in report["results"]:
        assert list(result["t"]) == ["100", "99.9", "99", "95", "90", "75", "50"]
        assert sum(result["histogram"]["first"]) > 0
    root = ElementTree.parse(picture).getroot()
    assert root.tag.endswith("svg")
    assert len(ElementTree.tostring(root)) > 5000
