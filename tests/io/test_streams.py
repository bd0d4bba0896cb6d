"""The standard streams: text in any encoding, tables, octets, and streams that are closed, full or broken."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import pytest

from ecpure.io import streams
from ecpure.io.streams import Refused

CTRL_D = b"\x04"

needs_terminal = pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals of its own here")
needs_full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_words_that_the_terminal_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report is text, not binary: also on a terminal, and in any encoding."""
    for encoding, expected in (
        ("utf-8", "§ ‖\n".encode()),
        ("latin-1", b"\xa7 \\u2016\n"),
        ("ascii", b"\\xa7 \\u2016\n"),
    ):
        octets = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", Terminal(octets, encoding=encoding))
        streams.write_lines(["§ ‖"])
        assert octets.getvalue() == expected
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(streams.Refused, match="standard output is closed"):
        streams.write_lines(["x"])


# Tables


@pytest.mark.parametrize("rich", [True, False])
def test_the_table_on_a_terminal(
    rich: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal rich draws the table, where it is installed; else the lines are plain there too."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    if not rich:
        monkeypatch.setitem(sys.modules, "rich.box", None)
    streams.write_table("a title", [["operation", "ecpure"], ["sign", "12.5"]])
    out = capsys.readouterr().out
    assert "a title" in out
    assert "12.5" in out
    assert ("──" in out) == rich


@pytest.mark.parametrize("where", ["terminal", "terminal without rich", "file"])
def test_a_table_gives_no_orders(
    where: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A title or cell from a file is shown as it is: no markup of rich's, no line end, no order to a terminal."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: where != "file")
    if where == "terminal without rich":
        monkeypatch.setitem(sys.modules, "rich.box", None)
    streams.write_table("caf\u00e9 [/x] \x1b[31m", [["flag", "[b]-c"], ["A\x1b[31mB\nall 5 ok", "[red]"]])
    out = capsys.readouterr().out
    assert "caf\u00e9 [/x] \\x1b[31m" in out
    assert "A\\x1b[31mB\\nall 5 ok" in out
    assert "[red]" in out
    assert "[b]-" in out
    assert "\x1b[31m" not in out


def test_a_table_in_an_encoding_that_lacks_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """What standard output cannot hold is written as escapes, and the columns are below each other all the same."""
    octets = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(octets, encoding="ascii"))
    streams.write_table("caf\u00e9", [["flag", "cases"], ["\u00e9", "5"]])
    assert octets.getvalue() == b"caf\\xe9\nflag  cases\n\\xe9      5\n"


# Octets


def test_octets_follow_what_was_printed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Although the one is buffered as text, and the other is not."""
    octets = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(octets, encoding="ascii"))
    print("before", end=" ")
    streams.write_standard_output(b"\xff")
    assert octets.getvalue() == b"before \xff"


def test_only_text_is_written_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Binary output is refused, and nothing of it is written."""
    octets = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", Terminal(octets, encoding="utf-8"))
    with pytest.raises(Refused, match="binary output on a terminal"):
        streams.write_standard_output(b"a\xff")
    streams.write_standard_output(b"hex")
    assert octets.getvalue() == b"hex"


def test_standard_input_is_octets_or_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Started without it, a process has nothing to read."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff")))
    assert streams.standard_input().read() == b"\xff"
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(Refused, match=r"^standard input is closed$"):
        streams.standard_input()


# Streams that cannot be written


def full() -> TextIO:
    return open("/dev/full", "w", encoding="ascii")


def broken() -> TextIO:
    ours, theirs = os.pipe()
    os.close(ours)
    return open(theirs, "w", encoding="ascii")


UNWRITABLE = [
    pytest.param(full, "No space left on device", marks=needs_full, id="full"),
    pytest.param(broken, "Broken pipe", id="broken"),
]


@pytest.mark.parametrize(("opened", "words"), UNWRITABLE)
def test_output_that_cannot_be_written_is_refused_once(
    opened: Callable[[], TextIO], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the system's words; what is left in the buffer then goes nowhere, so that closing it fails no second time."""
    with opened() as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(Refused) as refusal:
            streams.write_standard_output(b"octets")
        assert str(refusal.value) == f"standard output: {words}"
        assert os.fstat(stream.fileno()).st_rdev == os.stat(os.devnull).st_rdev


@pytest.mark.parametrize(("opened", "_"), UNWRITABLE)
def test_a_sentence_that_cannot_be_written_changes_nothing(
    opened: Callable[[], TextIO], _: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program that says it goes on, with a standard error that is full, broken or closed."""
    with opened() as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        streams.say("words")
        assert os.fstat(stream.fileno()).st_rdev == os.stat(os.devnull).st_rdev
    monkeypatch.setattr(sys, "stderr", None)
    streams.say("words")


def test_a_sentence_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file's name that holds a line end or an order to a terminal is escaped."""
    streams.say(f"ecpure: {tmp_path.name}\n\x1b[31m: é")
    assert capsys.readouterr().err == f"ecpure: {tmp_path.name}\\n\\x1b[31m: é\n"


# What is typed on a terminal


@contextlib.contextmanager
def typed(octets: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Standard input is a terminal, on which this was typed; the block is given its descriptor."""
    keyboard, terminal = os.openpty()
    try:
        with open(terminal, encoding="utf-8") as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            os.write(keyboard, octets)
            yield terminal
    finally:
        os.close(keyboard)


@needs_terminal
@pytest.mark.parametrize(
    "text", [b"", b"\n", b"pay 5", b"pay 5\n", b"pay 5\n\npay 6", b"x" * 4000 + b"\n" + b"y" * 4000]
)
def test_one_ctrl_d_ends_what_is_typed(
    text: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a line end as after text without one, however it is read; a word says that it is waited for."""
    with typed(text + CTRL_D, monkeypatch):
        stream = streams.standard_input()
        assert stream.read(1 << 20) == text
        assert stream.read(1) == stream.read() == b""
    with typed(text + CTRL_D, monkeypatch):
        assert list(streams.standard_input("name")) == text.splitlines(keepends=True)
    with typed(text + CTRL_D, monkeypatch):
        stream = streams.standard_input()
        assert b"".join(iter(lambda: stream.read(3), b"")) == text
    word = "reading standard input from the terminal: type it, and end it with Ctrl-D\n"
    assert capsys.readouterr() == ("", f"ecpure: {word}name: {word}ecpure: {word}")


@needs_terminal
def test_a_terminal_that_gives_no_lines_is_read_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """In raw mode Ctrl-D ends nothing; and where there are no modes, Python's own reader is used."""
    with typed(b"", monkeypatch) as terminal:
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "termios", None)
            assert streams.standard_input() is sys.stdin.buffer
        assert streams.standard_input() is not sys.stdin.buffer
        tty.setraw(terminal)
        assert streams.standard_input() is sys.stdin.buffer


def test_no_word_is_said_where_nobody_types(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pipe or a file is read as it is."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x")))
    assert streams.standard_input() is sys.stdin.buffer
    assert capsys.readouterr() == ("", "")
