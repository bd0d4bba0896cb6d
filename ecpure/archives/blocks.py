"""Files of records: opened, decompressed, and cut into blocks of whole lines or rows, in bounded memory."""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, NamedTuple, Protocol, cast

from ..io.files import shown_name
from ..io.streams import Refused, standard_input
from . import rows

BLOCK = 1 << 19
"""Octets of a block, at most: as many whole lines as fit, or one longer line; in CSV, a row that began before, too."""

LARGEST_LINE = rows.LARGEST
"""Octets of a line without its end. Of a longer line, so much is kept that it is seen to be longer."""

_DICTIONARY = 1 << 27
"""Octets of memory for a decompressor: xz's largest preset uses half of it, and a header may ask for 4 GiB."""

BOM = b"\xef\xbb\xbf"
"""A byte-order mark in UTF-8."""

_EMPTY_LINES = re.compile(rb"(?:[ \t\r]*+\n)*+")

_AROUND = len(BOM + b"\r")  # octets that may be around the text of a line


class Block(NamedTuple):
    """Whole lines of a file, one after the other; of a CSV file, whole rows."""

    source: int
    """The index of the file among those given."""
    first_line: int
    octets: bytes
    columns: bytes | None
    """The first line of a CSV file, which names the fields; the same in all of its blocks."""
    damaged: bool
    """After these lines, the rest of the file cannot be decompressed."""
    position: int
    """Octets of the files, as stored, that have been read so far."""


class _Readable(Protocol):
    def read1(self, size: int, /) -> bytes: ...


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Streams:
    """Concatenated compressed streams. After one ends, only zero padding or another stream may follow.

    (Python's BZ2File and LZMAFile take anything else there for the end, and ignore it.)
    """

    def __init__(self, raw: BinaryIO, begin: Callable[[], _Decompressor]) -> None:
        self._raw, self._begin, self._stream = cast("_Readable", raw), begin, begin()

    def read1(self, size: int, /) -> bytes:
        """Return the next octets, none at the end. Raises `EOFError` if the file ends inside a stream."""
        while True:
            octets = b""
            if self._stream.eof:
                octets = self._stream.unused_data.lstrip(b"\x00")
                while not octets:
                    piece = self._raw.read1(size)
                    if not piece:
                        return b""
                    octets = piece.lstrip(b"\x00")
                self._stream = self._begin()
            elif self._stream.needs_input and not (octets := self._raw.read1(size)):
                raise EOFError
            if found := self._stream.decompress(octets, size):
                return found


def total_octets(paths: Sequence[str]) -> int | None:
    """Return the total size of the files, or None where it is not known. Raises `OSError`."""
    sizes = [os.stat(path) for path in paths if path != "-"]
    known = len(sizes) == len(paths) and all(stat.S_ISREG(size.st_mode) for size in sizes)
    return sum(size.st_size for size in sizes) if known else None


def blocks(paths: Sequence[str], form: str | None) -> Iterator[Block]:
    """Yield the blocks of the files, `-` being standard input, in order.

    form: "csv", "jsonl", or None to decide by each name: CSV if it ends in .csv, in any case, perhaps followed by a
    compression's ending. Only the octets decide where blocks are cut. Raises `OSError`; `Refused` for an unreadable
    compression, and for a quoted field that is open at the end of a line where the next lines do not complete the row.
    """
    before = 0
    for source, path in enumerate(paths):
        name = path.lower()
        stem, ending = os.path.splitext(name)
        is_csv = form == "csv" if form else (stem if ending in _OPENERS else name).endswith(".csv")
        with _raw(path) as raw, _opened(raw, path, ending) as file:
            for block in _blocks_of(file, source, path, is_csv=is_csv):
                yield block._replace(position=before + _position(raw))
            before += _position(raw)


def _blocks_of(file: _Readable, source: int, path: str, *, is_csv: bool) -> Iterator[Block]:
    """Yield the blocks of one file, without positions."""
    columns, line, held, at_beginning = None, 1, b"", True
    for octets, damaged, quotes in _cut(file, path):
        if at_beginning:
            octets = octets.removeprefix(BOM)  # noqa: PLW2901
            if is_csv:
                before, columns, octets = _names_of(octets, path)  # noqa: PLW2901
                line += before
                if columns is None and not damaged:
                    continue
            at_beginning = False
        elif quotes is not None and columns is not None and (held or quotes % 2):
            raise _unfinished(path, line)  # the row may be open where the line was skipped
        if columns is not None and quotes is None:
            octets, held = held + octets, b""  # noqa: PLW2901
            end = _end_of_rows(octets, columns, path, line)
            if not damaged:
                octets, held = octets[:end], octets[end:]  # noqa: PLW2901
        yield Block(source, line, octets, columns, damaged, 0)
        line += octets.count(b"\n") + (octets[-1:] not in (b"", b"\n"))
    if _is_over_lines(held):
        raise _unfinished(path, line)
    if held:
        yield Block(source, line, held, columns, damaged=False, position=0)


def _names_of(octets: bytes, path: str) -> tuple[int, bytes | None, bytes]:
    """Return the first line that is not empty, if there is one, the number of lines up to it, and what is after it."""
    start = cast("re.Match[bytes]", _EMPTY_LINES.match(octets)).end()
    columns, newline, rest = octets[start:].partition(b"\n")
    if len(columns) > LARGEST_LINE:  # the rest of it was skipped
        words = "names of fields were expected in the first line, which ends in LF or CR LF"
        raise Refused(f"{shown_name(path)}: {words}, but it is longer than {LARGEST_LINE} bytes: see whether it is CSV")
    return octets.count(b"\n", 0, start) + len(newline), columns or None, rest


def _end_of_rows(octets: bytes, columns: bytes, path: str, line: int) -> int:
    """Return where the last row ends that is not open. line: the number of the first one. Raises `Refused`."""
    end = len(octets)
    if b'"' in octets:
        _, separator = rows.header(columns)
        for row in rows.split(octets, separator):
            if _is_over_lines(row.octets):
                is_fit = row.is_open or rows.is_whole(row.octets, separator)
                if not is_fit or len(row.octets) > LARGEST_LINE:
                    raise _unfinished(path, line + row.line)
            if row.is_open:
                end -= len(row.octets)
    return end


def _is_over_lines(row: bytes) -> bool:
    return b"\n" in row.rstrip(b"\r\n")


def _unfinished(path: str, line: int) -> Refused:
    words = "a quoted field is open at its end, and the lines after it do not complete the row"
    return Refused(f"{shown_name(path)}: line {line}: {words}: close the field with a quote, or remove its first one")


def _position(raw: BinaryIO) -> int:
    return raw.tell() if raw.seekable() else 0


def _raw(path: str) -> contextlib.AbstractContextManager[BinaryIO]:
    return contextlib.nullcontext(standard_input()) if path == "-" else open(path, "rb")


def _gzip(raw: BinaryIO) -> contextlib.AbstractContextManager[_Readable]:
    import gzip

    return gzip.GzipFile(fileobj=raw)


def _bzip2(raw: BinaryIO) -> contextlib.AbstractContextManager[_Readable]:
    import bz2

    return contextlib.nullcontext(_Streams(raw, bz2.BZ2Decompressor))


def _xz(raw: BinaryIO) -> contextlib.AbstractContextManager[_Readable]:
    import lzma

    return contextlib.nullcontext(_Streams(raw, lambda: lzma.LZMADecompressor(memlimit=_DICTIONARY)))


def _zstandard(raw: BinaryIO) -> contextlib.AbstractContextManager[_Readable]:
    from importlib import import_module

    for name in ("compression.zstd", "backports.zstd"):  # the library's own from Python 3.14 on, and its backport
        with contextlib.suppress(ImportError):
            opened: contextlib.AbstractContextManager[_Readable] = import_module(name).ZstdFile(raw)
            return opened
    raise Refused("reading .zst needs Python 3.14 or the extra zstd (in a clone: pip install '.[zstd]')")


_OPENERS = {".gz": _gzip, ".bz2": _bzip2, ".xz": _xz, ".zst": _zstandard}
_SKIPPABLE = [b"%c\x2a\x4d\x18" % octet for octet in range(0x50, 0x60)]  # frames of Zstandard (RFC 8878 §3.1.2)
_BEGINNINGS = {
    ".gz": ("gzip", [b"\x1f\x8b"]),
    ".bz2": ("bzip2", [b"BZh"]),
    ".xz": ("xz", [b"\xfd7zXZ", b"\x5d\x00\x00"]),  # the second is .lzma's, which lzma reads
    ".zst": ("Zstandard", [b"\x28\xb5\x2f\xfd", *_SKIPPABLE]),
}


def _opened(raw: BinaryIO, path: str, ending: str) -> contextlib.AbstractContextManager[_Readable]:
    """Return the file, decompressed if it is named so. Raises `Refused` if it is something else from the beginning."""
    if ending not in _OPENERS:
        return contextlib.nullcontext(cast("_Readable", raw))
    head = cast("io.BufferedReader", raw).peek()
    if not _begins(head, ending):
        name, _ = _BEGINNINGS[ending]
        for other, (likeness, _) in _BEGINNINGS.items():
            if _begins(head, other):
                raise Refused(f"{path}: it is {likeness}, not {name}: end its name in {other}")
        raise Refused(f"{path}: it is not {name}: remove {ending} from its name")
    return _OPENERS[ending](raw)


def _begins(head: bytes, ending: str) -> bool:
    """Whether a file, if it is longer than this, can be what its ending says."""
    return any(magic.startswith(head[: len(magic)]) for magic in _BEGINNINGS[ending][1])


def _cut(file: _Readable, path: str) -> Iterator[tuple[bytes, bool, int | None]]:
    """Yield the file in pieces of whole lines, each with whether the file is damaged after it: then it is the last.

    A line that is too long comes alone, with the number of quotes in all of it (0 if the file ends in it).
    """
    buffer, ended, damaged = b"", False, False
    kept, quotes = b"", 0  # of a line that is too long
    while not ended:
        piece, damaged = _read(file, path)
        buffer, ended = buffer + piece, not piece
        while kept or len(buffer) >= BLOCK:
            if kept:
                skipped, newline, buffer = buffer.partition(b"\n")
                quotes += skipped.count(b'"')
                if not newline:
                    break
                yield kept, False, quotes
                kept = b""
                continue
            end = buffer.rfind(b"\n", 0, BLOCK) + 1 or buffer.find(b"\n", BLOCK) + 1
            longest = LARGEST_LINE + _AROUND + 1
            if not end and len(buffer) < longest:
                break
            if not end or end > longest:
                kept, buffer = buffer[:longest], buffer[longest:]
                quotes = kept.count(b'"')
            else:
                yield buffer[:end], False, None
                buffer = buffer[end:]
    if kept:
        yield kept, damaged, 0
    elif buffer or damaged:
        yield buffer, damaged, None


def _read(file: _Readable, path: str) -> tuple[bytes, bool]:
    """Return the next octets, none at the end, and whether decompressing failed. Raises `OSError`; `Refused` if it
    needs too much memory.
    """
    try:
        return file.read1(BLOCK), False
    except (EOFError, zlib.error):
        return b"", True
    except OSError as error:
        if error.errno is not None:
            raise
        return b"", True  # how gzip and bz2 report damage
    except Exception as error:  # lzma's and zstd's: these modules are loaded only when needed
        if type(error).__name__ not in ("LZMAError", "ZstdError"):
            raise
        if "memory" in str(error).lower():  # in the messages of both
            limit = f"{_DICTIONARY >> 20} MiB of memory"
            raise Refused(
                f"{path}: decompressing it needs more than {limit}: compress it with xz -9 or zstd -19 at most"
            ) from None
        return b"", True
