"""How far a run has come: a bar on a terminal, and lines elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from ecpure.io import progress
from ecpure.io.progress import Progress


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleQueue[str]]:
    """Let a line be said every few milliseconds, and return what is said."""
    monkeypatch.setattr(progress, "_LINE_EVERY", 0.005)
    said: SimpleQueue[str] = SimpleQueue()
    monkeypatch.setattr(progress, "say", said.put)
    yield said
    for thread in threading.enumerate():
        if "_say_now_and_then" in thread.name:
            thread.join()


def await_line(lines: SimpleQueue[str], line: str) -> None:
    """Wait until this is said. Every line before it is of the same work."""
    while (said := lines.get(timeout=30)) != line:
        assert said.startswith("ecpure: work: ")


@pytest.mark.parametrize("note", [None, "a note"])
def test_progress_on_a_terminal(
    note: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal a bar is drawn on standard error by rich."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with Progress(4, "work") as shown:
        shown.advance(2)
        shown.advance(2, note)
    out, err = capsys.readouterr()
    assert out == ""
    assert "ecpure: work" not in err
    assert "work" in err


@pytest.mark.parametrize("term", [None, "", "dumb", "without rich", "with results"])
def test_a_terminal_that_gets_no_bar(
    term: str | None, lines: SimpleQueue[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where it cannot draw one, rich is not installed, or results are written there, there are lines as elsewhere."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    if term is None:
        monkeypatch.delenv("TERM", raising=False)
    else:
        monkeypatch.setenv("TERM", "xterm" if term.startswith("with") else term)
    if term == "without rich":
        monkeypatch.setitem(sys.modules, "rich", None)
    with Progress(4, "work", bar=term != "with results") as shown:
        shown.advance(4)
        await_line(lines, "ecpure: work: 4 of 4")
    assert capsys.readouterr() == ("", "")


def test_progress_without_a_terminal(lines: SimpleQueue[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A line now and then, though nothing is done; of a run of unknown length only how much is done."""
    with Progress(None, "work") as shown:
        await_line(lines, "ecpure: work: begun")
        await_line(lines, "ecpure: work: begun")
        shown.advance()
        await_line(lines, "ecpure: work: 1")
        shown.advance(1999)
        await_line(lines, "ecpure: work: 2,000")
    monkeypatch.setattr(sys, "stderr", None)
    with Progress(2, "work") as shown:
        shown.advance()


def test_a_short_run_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """The first line comes after ten seconds."""
    assert progress._LINE_EVERY == 10
    with Progress(2, "work") as shown:
        shown.advance()
    assert capsys.readouterr() == ("", "")


def test_a_note_takes_the_place_of_the_number(lines: SimpleQueue[str]) -> None:
    """Where what is counted is not what is to be said."""
    with Progress(100, "work") as shown:
        shown.advance(30, "5 records")
        await_line(lines, "ecpure: work: 5 records")
        shown.advance(30)
        await_line(lines, "ecpure: work: 60 of 100")


def test_a_system_that_starts_no_thread(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """There the work is done all the same, and nothing is shown."""

    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    with Progress(2, "work") as shown:
        shown.advance()
    assert capsys.readouterr() == ("", "")
