"""The standard streams, which may be closed, full, or a pipe that nobody reads any more."""

from __future__ import annotations

import os
import sys

from .errors import EcpureError

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from typing import BinaryIO, TextIO


class Refused(EcpureError):
    """A file or stream that cannot be used as it was asked for."""


def standard_input() -> BinaryIO:
    """Return standard input, to read octets from. Raises `Refused` where it is closed."""
    if sys.stdin is None:
        raise Refused("standard input is closed")
    return sys.stdin.buffer


def write_standard_output(octets: bytes) -> None:
    """Write the octets after what was printed before, and flush. Raises `Refused`, also for binary on a terminal."""
    if sys.stdout is None:
        raise Refused("standard output is closed")
    if sys.stdout.isatty() and not octets.isascii():
        raise Refused(
            "binary output on a terminal: write it to a file with -o, or have it in hex where there is a choice"
        )
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
    except OSError as error:
        _silence(sys.stdout)
        raise Refused(f"standard output: {error.strerror}") from None


def write_table(title: str, rows: list[list[str]]) -> None:
    """Write a table, its first row the heading: drawn by rich on a terminal, else in plain lines.

    Without rich, which comes with the extra `cli`, it is plain everywhere.
    """
    if sys.stdout is not None and sys.stdout.isatty():
        try:
            from rich.box import SIMPLE_HEAD  # slow to import, and optional
            from rich.console import Console
            from rich.table import Table
        except ImportError:
            pass
        else:
            heading, *body = rows
            drawn = Table(title=title, title_justify="left", box=SIMPLE_HEAD, show_edge=False, padding=0)
            drawn.add_column(heading[0], no_wrap=True)
            for name in heading[1:]:
                drawn.add_column(name.replace("-", "-\n"), justify="right", min_width=max(map(len, name.split("-"))))
            for row in body:
                drawn.add_row(*row)
            Console().print(drawn)
            return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [title]
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    write_standard_output("".join(f"{line}\n" for line in lines).encode("ascii"))


def say(words: str) -> None:
    """Write a line on standard error, if there is one: that nobody can read it changes nothing else."""
    if sys.stderr is not None:
        try:
            print(words, file=sys.stderr, flush=True)
        except OSError:
            _silence(sys.stderr)


def _silence(stream: TextIO) -> None:
    """Let what is left in the buffer go nowhere: as it ends, the interpreter would try it again, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
