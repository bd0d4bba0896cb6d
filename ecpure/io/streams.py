"""Standard input, output and error, each of which may be closed, full, or a pipe without a reader."""

from __future__ import annotations

import io
import os
import sys

from ..errors import EcpureError
from ..values import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO, TextIO

    from _typeshed import WriteableBuffer


class Refused(EcpureError):
    """A file or stream that cannot be used as requested."""


def standard_input(program: str = "ecpure") -> BinaryIO:
    """Return standard input, to read octets; on a terminal, say that it is read. Raises `Refused` if it is closed.

    program: the name at the beginning of the message on a terminal.
    """
    if sys.stdin is None:
        raise Refused("standard input is closed")
    if not sys.stdin.isatty():
        return sys.stdin.buffer
    end = "Ctrl-Z and Enter" if os.name == "nt" else "Ctrl-D"
    say(f"{program}: reading standard input from the terminal: type it, and end it with {end}")
    descriptor = sys.stdin.fileno()
    return io.BufferedReader(_Typed(descriptor)) if _in_lines(descriptor) else sys.stdin.buffer


def _in_lines(descriptor: int) -> bool:
    """Whether a terminal gives a line at a time (POSIX §11.1.6, canonical mode), the default."""
    try:
        import termios  # POSIX has it, and only a terminal needs it
    except ImportError:
        return False
    return bool(termios.tcgetattr(descriptor)[3] & termios.ICANON)


class _Typed(io.RawIOBase):
    """Input typed on a terminal in canonical mode, up to the first Ctrl-D, even after text without a line end.

    Ctrl-D hands over what was typed since the last line end (POSIX §11.1.9): nothing, or a piece without a line end,
    after which Python's own reader would wait for a second Ctrl-D.
    """

    _LINE = 1 << 16  # octets, more than a terminal's line has: one read gets a whole line

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._line = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer from the line; return 0 at the end, and ever after."""
        if not self._line and not self._ended:
            self._line = os.read(self._descriptor, self._LINE)
            self._ended = not self._line.endswith(b"\n")
        view = memoryview(buffer)
        count = min(len(view), len(self._line))
        view[:count], self._line = self._line[:count], self._line[count:]
        return count


def write_standard_output(octets: bytes) -> None:
    """Write the octets after what was printed before, and flush. Raises `Refused`, also for binary on a terminal."""
    if sys.stdout is not None and sys.stdout.isatty() and not octets.isascii():
        raise Refused("binary output on a terminal: write it to a file with -o, or choose hex where possible")
    _write(octets)


def write_lines(lines: Iterable[str]) -> None:
    """Write lines for people to read, in the encoding of standard output; what it cannot show is escaped."""
    _write("".join(f"{printable(line)}\n" for line in lines).encode(_encoding(), "backslashreplace"))


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def printable(line: str) -> str:
    """Return the line with unprintable characters escaped: a file's name may contain a line end, terminal commands, or
    marks that change the direction of the text after them.
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
    """Write a table whose first row is the heading: drawn by rich on a terminal, else in plain lines.

    Without rich (the extra `cli`), it is always plain. Unprintable characters are escaped.
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
    """Return the text with unprintable characters, and those not in standard output's encoding, escaped."""
    return printable(text).encode(_encoding(), "backslashreplace").decode(_encoding())


def say(line: str) -> None:
    """Write a line on standard error, if it is open; a failure to do so is ignored."""
    if sys.stderr is not None:
        try:
            print(printable(line), file=sys.stderr, flush=True)
        except OSError:
            _silence(sys.stderr)


def _silence(stream: TextIO) -> None:
    """Discard what is left in the buffer: at its end, the interpreter would write it again, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
