"""The standard streams, which may be closed, full, or a pipe that nobody reads any more."""

from __future__ import annotations

import os
import sys
import time

from .errors import EcpureError

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, BinaryIO, Self, TextIO


VALID, INVALID, REFUSED = 0, 1, 2  # the exit statuses of every command

_LINE_EVERY = 10.0  # seconds between the lines that say how far a long run has come


class Refused(EcpureError):
    """A file or stream that cannot be used as it was asked for."""


def standard_input() -> BinaryIO:
    """Return standard input, to read octets from. Raises `Refused` where it is closed."""
    if sys.stdin is None:
        raise Refused("standard input is closed")
    return sys.stdin.buffer


def write_standard_output(octets: bytes) -> None:
    """Write the octets after what was printed before, and flush. Raises `Refused`, also for binary on a terminal."""
    if sys.stdout is not None and sys.stdout.isatty() and not octets.isascii():
        raise Refused(
            "binary output on a terminal: write it to a file with -o, or have it in hex where there is a choice"
        )
    _write(octets)


def write_lines(lines: Iterable[str]) -> None:
    """Write lines for people to read, in the encoding of standard output, and what it lacks as escapes."""
    _write("".join(f"{_printable(line)}\n" for line in lines).encode(_encoding(), "backslashreplace"))


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def _printable(line: str) -> str:
    """Return the line, as escapes what is not printable: the name of a file may hold a line's end, or orders to a
    terminal.
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def _write(octets: bytes) -> None:
    if sys.stdout is None:
        raise Refused("standard output is closed")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
    except OSError as error:
        _silence(sys.stdout)
        raise Refused(f"standard output: {error.strerror}") from None


def write_table(title: str, rows: list[list[str]]) -> None:
    """Write a table, its first row the heading: drawn by rich on a terminal, else in plain lines.

    Without rich, which comes with the extra `cli`, it is plain everywhere. What cannot be printed is written as
    escapes.
    """
    title, rows = _encodable(title), [[_encodable(cell) for cell in row] for row in rows]
    if sys.stdout is not None and sys.stdout.isatty():
        try:
            from rich.box import SIMPLE_HEAD  # slow to import, and optional
            from rich.console import Console
            from rich.table import Table
            from rich.text import Text
        except ImportError:
            pass
        else:
            heading, *body = rows
            drawn = Table(title=Text(title), title_justify="left", box=SIMPLE_HEAD, show_edge=False, padding=0)
            drawn.add_column(Text(heading[0]), no_wrap=True)
            for name in heading[1:]:
                width = max(map(len, name.split("-")))
                drawn.add_column(Text(name.replace("-", "-\n")), justify="right", min_width=width)
            for row in body:
                drawn.add_row(*map(Text, row))  # a str would be read as rich's markup
            Console().print(drawn)
            return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [title]
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    write_lines(lines)


def _encodable(text: str) -> str:
    """Return the text, as escapes what is not printable, or not in the encoding of standard output."""
    return _printable(text).encode(_encoding(), "backslashreplace").decode(_encoding())


def say(line: str) -> None:
    """Write a line on standard error, if there is one: that nobody can read it changes nothing else."""
    if sys.stderr is not None:
        try:
            print(_printable(line), file=sys.stderr, flush=True)
        except OSError:
            _silence(sys.stderr)


class Progress:
    """How far a long run has come, on standard error: a bar where that is a terminal and rich is there, else lines.

    Use it in a `with` statement, and call `advance`.
    """

    def __init__(self, total: int | None, what: str) -> None:
        self._total, self._what = total, what
        self._done = 0
        self._bar: Any = None
        self._next_line = time.monotonic() + _LINE_EVERY

    def __enter__(self) -> Self:
        if sys.stderr is not None and sys.stderr.isatty():
            try:
                from rich import progress  # slow to import, and optional
                from rich.console import Console
            except ImportError:
                return self
            columns = (progress.BarColumn(), progress.TextColumn("{task.fields[note]}"), progress.TimeRemainingColumn())
            console = Console(stderr=True)
            self._bar = progress.Progress(progress.TextColumn(self._what), *columns, console=console, transient=True)
            self._bar.start()
            self._bar.add_task(self._what, total=self._total, note="")
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, count: int = 1, note: str | None = None) -> None:
        """Say that `count` more are done, in these words or by their number."""
        self._done += count
        if note is None:
            note = f"{self._done}" + ("" if self._total is None else f" of {self._total}")
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], advance=count, note=note)
        elif (now := time.monotonic()) >= self._next_line:
            self._next_line = now + _LINE_EVERY
            say(f"ecpure: {self._what}: {note}")


def _silence(stream: TextIO) -> None:
    """Let what is left in the buffer go nowhere: as it ends, the interpreter would try it again, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
