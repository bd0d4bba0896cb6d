"""Tables of rows: what recurs in a field, and which rows have it."""

from __future__ import annotations

import struct
from typing import NamedTuple

from ecpure.audit.rows import Table


def test_a_table_gives_what_recurs() -> None:
    """By any field, in order, from several chunks."""

    class Pair(NamedTuple):
        a: bytes
        b: int

    table = Table(struct.Struct(">2sI"), Pair)
    table.add(b"")
    table.add(b"bb\0\0\0\2" + b"aa\0\0\0\1")
    table.add(b"bb\0\0\0\1" + b"cc\0\0\0\3")
    assert list(table) == [Pair(b"bb", 2), Pair(b"aa", 1), Pair(b"bb", 1), Pair(b"cc", 3)]
    assert len(table) == 4
    assert {value: list(found) for value, found in table.groups(0, table.frequent(0))} == {
        b"bb": [(b"bb", 1), (b"bb", 2)]
    }
    assert [value for value, _ in table.groups(1, table.frequent(1))] == [b"\0\0\0\1"]
    assert table.frequent(0, 3) == set()
    assert list(table.groups(0, set())) == []
