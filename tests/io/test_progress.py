"""How far a run has come: a bar on a terminal, and lines elsewhere."""

from __future__ import annotations

import sys

import pytest

from ecpure.io import progress
from ecpure.io.progress import Progress


@pytest.mark.parametrize("rich", [True, False])
def test_progress_on_a_terminal(
    rich: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal a bar is drawn on standard error by rich; without rich, lines as anywhere else."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "_LINE_EVERY", 0.0)
    if not rich:
        monkeypatch.setitem(sys.modules, "rich", None)
    with Progress(4, "work") as shown:
        shown.advance(2)
        shown.advance(2)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("ecpure: work: 4 of 4" in err) == (not rich)
    assert "work" in err


def test_progress_without_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A line now and then; of a run of unknown length only how much is done; nothing where nobody listens."""
    monkeypatch.setattr(progress, "_LINE_EVERY", 0.0)
    with Progress(None, "work") as shown:
        shown.advance()
    assert capsys.readouterr().err == "ecpure: work: 1\n"
    monkeypatch.setattr(progress, "_LINE_EVERY", 1e9)
    with Progress(2, "work") as shown:
        shown.advance()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys, "stderr", None)
    with Progress(2, "work") as shown:
        shown.advance()


def test_a_note_takes_the_place_of_the_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where what is counted is not what is to be said."""
    monkeypatch.setattr(progress, "_LINE_EVERY", 0.0)
    with Progress(100, "work") as shown:
        shown.advance(30, "5 records")
        shown.advance(30)
    assert capsys.readouterr().err == "ecpure: work: 5 records\necpure: work: 60 of 100\n"
