"""Octets in the dumps of `xxd`, `od -tx1` and `hexdump -C`: an offset, octets in hex, perhaps their characters.

Each line's offset has to be the number of octets before it. The characters beside the octets are skipped. Words of
two octets are read as `xxd` writes them; those of `od -x` and `hexdump` depend on the machine, and are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_XXD = re.compile(rb"([0-9a-f]{7,16}): ((?:[0-9a-f]{2}){1,2}(?: (?:[0-9a-f]{2}){1,2})*)(?: | {2,}.*)?", re.IGNORECASE)
_OD = re.compile(rb"([0-9a-f]{6,16}) +([0-9a-f]{2}(?: +[0-9a-f]{2})*) *(?:[|>].*)?", re.IGNORECASE)
_END = re.compile(rb"[0-9a-f]{6,16}", re.IGNORECASE)
_BASES = (8, 16, 10)  # of od's -A and of hexdump


def from_xxd(text: bytes) -> bytes:
    """Return the octets of a dump by `xxd`, with -g1 or without. Raises `ValueError`."""
    return _joined(_columns(_lines(text), _XXD), 16)


def from_od(text: bytes) -> bytes:
    """Return the octets of a dump by `od -tx1` or `hexdump -C`, which end with a line that has only the offset.

    Raises `ValueError`, also if a `*` replaces repeated lines.
    """
    *lines, end = _lines(text)
    if not _END.fullmatch(end):
        raise ValueError("a dump was expected, with the offset of its end")
    columns = [*_columns(lines, _OD), (end, b"")]
    for base in _BASES:
        try:
            return _joined(columns, base)
        except ValueError:
            continue
    raise ValueError("a dump was expected, with every line at its offset")


def _lines(text: bytes) -> list[bytes]:
    return [line.rstrip(b"\r") for line in text.strip(b"\r\n\t ").split(b"\n")]


def _columns(lines: Iterable[bytes], pattern: re.Pattern[bytes]) -> list[tuple[bytes, bytes]]:
    """Return the offset and the hex of each line."""
    found = [pattern.fullmatch(line) for line in lines]
    if not found or not all(found):
        raise ValueError("a dump was expected: an offset and bytes in hex on each line")
    return [(match[1], match[2].replace(b" ", b"")) for match in found if match]


def _joined(columns: Iterable[tuple[bytes, bytes]], base: int) -> bytes:
    octets = bytearray()
    for offset, digits in columns:
        if int(offset, base) != len(octets):
            raise ValueError("a dump was expected, with every line at its offset")
        octets += bytes.fromhex(digits.decode("ascii"))
    return bytes(octets)


DUMPS = {"a dump by xxd": from_xxd, "a dump by od or hexdump": from_od}
"""Decoders by name; they raise `ValueError` for any other text."""
