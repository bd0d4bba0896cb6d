"""Rows of CSV, as RFC 4180 §2 defines them, and the names of their fields.

A row continues on the next line while a quoted field is open (rule 6). A quote inside a field that is not quoted
(rule 5) makes the row unreadable; such a row ends with its line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

LARGEST = 1 << 20
"""Octets of a row without its line end."""

ENCODINGS = frozenset(["encoding", "message_encoding", "signature_encoding"])
_OTHERS = ["id", "public_key", "message", "text", "digest", "signature", "hash", "format", "profile"]
NAMES = ENCODINGS.union(_OTHERS)
"""Names of fields that a record in CSV can have."""

_SEPARATORS = (",", ";", "\t")

csv.field_size_limit(max(csv.field_size_limit(), LARGEST))  # process-wide: csv has no other way


class Row(NamedTuple):
    """A row without its last line end. line: how many lines are before it."""

    line: int
    octets: bytes
    is_open: bool
    """Whether a quoted field is still open at its end."""


class _Patterns(NamedTuple):
    """Patterns of a row, for one separator. One octet decides each choice in them, so that they take linear time."""

    whole: re.Pattern[bytes]
    open: re.Pattern[bytes]


@lru_cache(maxsize=len(_SEPARATORS))
def _patterns(separator: str) -> _Patterns:
    mark = re.escape(separator.encode("ascii"))
    begun = rb'"(?:[^"]++|"")*+'  # a quoted field but for its closing quote
    plain = rb'[^"\n' + mark + rb"]*+"
    field = rb"(?:" + begun + rb'"|' + plain + rb")"
    before = rb"(?:\xef\xbb\xbf)?+(?:" + field + mark + rb")*+"
    return _Patterns(re.compile(before + field + rb"\r?"), re.compile(before + begun))


def split(octets: bytes, separator: str) -> Iterator[Row]:
    """Yield the rows of these lines, the first of which begins a row. Only the last may be open."""
    is_open = _patterns(separator).open.fullmatch
    first, parts = 0, list[bytes]()
    for number, line in enumerate(octets.split(b"\n")):
        # A row that is open has an odd number of quotes, so most lines need no pattern. A line inside a quoted field is
        # read as if the field began with it.
        if parts:
            goes_on = line.count(b'"') % 2 == 0 and (b'"' not in line or is_open(b'"' + line) is not None)
        else:
            first, goes_on = number, line.count(b'"') % 2 == 1 and is_open(line) is not None
        parts.append(line)
        if not goes_on:
            yield Row(first, b"\n".join(parts), is_open=False)
            parts = []
    if parts:
        yield Row(first, b"\n".join(parts), is_open=True)


def is_whole(row: bytes, separator: str) -> bool:
    """Whether every quote in the row is where RFC 4180 has quotes."""
    return _patterns(separator).whole.fullmatch(row) is not None


def fields(row: bytes, separator: str) -> list[str] | None:
    """Return the fields, None if it is not such a row. Raises `UnicodeDecodeError`."""
    text = row.decode("utf-8")
    try:
        values = next(csv.reader([text], strict=True, delimiter=separator))
    except (csv.Error, StopIteration):
        return None
    # csv takes a quote inside a field that is not quoted for a part of it
    is_row = b'"' not in row or '"' not in "".join(values) or is_whole(row, separator)
    return values if is_row else None


@lru_cache(maxsize=2)
def header(columns: bytes, ignored: frozenset[str] = frozenset()) -> tuple[list[str], str]:
    """Return the names in the first line of a CSV file, none if it is not such a line, and their separator: of comma,
    semicolon and tab the only one that separates names of records or keys, else a comma.

    `NAMES` may be in capitals, and spaces may be around a name. ignored: names that stay as they are.
    """
    line = columns.decode("utf-8", "replace").removesuffix("\r").encode("utf-8")
    readings = {separator: _names(line, separator, ignored) for separator in _SEPARATORS}
    fitting = [separator for separator, names in readings.items() if _begins_records(names)]
    separator = fitting[0] if len(fitting) == 1 else ","
    return readings[separator], separator


def _names(line: bytes, separator: str, ignored: Collection[str]) -> list[str]:
    found = fields(line, separator) or []
    names = [name if name in ignored else _plain(name, found) for name in found]
    return names if len(set(names)) == len(names) else []


def _plain(name: str, names: Collection[str]) -> str:
    """Return the name without spaces around it, and in small letters if it is then known; as it is if that is taken."""
    plain = name.strip()
    if plain.lower() in NAMES:
        plain = plain.lower()
    return name if plain in names else plain


def _begins_records(names: Collection[str]) -> bool:
    return "signature" in names or "message" in names or {"id", "public_key"} <= {*names}
