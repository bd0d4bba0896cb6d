"""Tables of millions of rows of equal length, kept as octets, and searched for fields that recur."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Collection, Iterator
from itertools import groupby
from typing import Any, Generic, NamedTuple, TypeVar

Row = TypeVar("Row", bound=NamedTuple)


class Table(Generic[Row]):
    """Rows in the form of a `struct` without padding, read as a NamedTuple of its fields.

    A field is given by its place. Values are compared by Python's hash of octets, which nobody outside of the process
    can foresee, and in full where that matters: in `groups`.
    """

    def __init__(self, form: struct.Struct, kind: type[Row]) -> None:
        self._form, self._kind = form, kind
        self._chunks: list[bytes] = []
        bounds, end = [], 0
        for letter in _fields(form.format):
            start, end = end, end + struct.calcsize(f">{letter}")
            bounds.append((start, end))
        self._bounds = bounds

    def add(self, octets: bytes) -> None:
        """Add whole rows, as octets."""
        if octets:
            self._chunks.append(octets)

    def __iter__(self) -> Iterator[Row]:
        make: Any = self._kind
        for chunk in self._chunks:
            yield from map(make._make, self._form.iter_unpack(chunk))

    def __len__(self) -> int:
        return sum(map(len, self._chunks)) // self._form.size

    def hashes(self, field: int) -> Iterator[int]:
        """Yield the hash of the field in every row."""
        start, end = self._bounds[field]
        for octets in self._octets():
            yield hash(octets[start:end])

    def frequent(self, field: int, least: int = 2) -> set[int]:
        """Return the hashes of the field that come in so many rows or more."""
        ordered = sorted(array("q", self.hashes(field)))
        return {ordered[i] for i in range(len(ordered) - least + 1) if ordered[i] == ordered[i + least - 1]}

    def groups(self, field: int, hashes: Collection[int]) -> Iterator[tuple[bytes, Iterator[Row]]]:
        """Yield each value of the field that has one of these hashes, with its rows, in the order of their octets."""
        start, end = self._bounds[field]
        chosen = [octets for octets in self._octets() if hash(octets[start:end]) in hashes] if hashes else []
        chosen.sort(key=(lambda octets: (octets[start:end], octets)) if start else None)
        make: Any = self._kind
        for value, rows in groupby(chosen, lambda octets: octets[start:end]):
            yield value, (make._make(self._form.unpack(octets)) for octets in rows)

    def _octets(self) -> Iterator[bytes]:
        size = self._form.size
        for chunk in self._chunks:
            for start in range(0, len(chunk), size):
                yield chunk[start : start + size]


def _fields(form: str) -> list[str]:
    """Return the fields of a big-endian form: a letter each, after the length of octets."""
    fields, digits = [], ""
    for character in form[1:]:
        digits += character
        if not character.isdigit():
            fields.append(digits)
            digits = ""
    return fields
