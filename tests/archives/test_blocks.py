"""Blocks: files of every kind are cut into whole lines, and damage is the end of one file only."""

from __future__ import annotations

import bz2
import gzip
import importlib.util
import itertools
import lzma
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ecpure.archives import blocks, records
from ecpure.archives.blocks import Block
from ecpure.io.streams import Refused

BLOCK, LARGEST_LINE = 1 << 15, 1 << 16
ZSTD = importlib.util.find_spec("compression") and importlib.util.find_spec("compression.zstd")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut blocks and lines at a sixteenth of their size."""
    monkeypatch.setattr(blocks, "BLOCK", BLOCK)
    for module in (blocks, records):
        monkeypatch.setattr(module, "LARGEST_LINE", LARGEST_LINE)


def pack_zstandard(octets: bytes) -> bytes:
    module = pytest.importorskip("compression.zstd" if ZSTD else "backports.zstd")
    compressed: bytes = module.compress(octets)
    return compressed


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lambda octets: lzma.compress(octets, preset=0),
    ".zst": pack_zstandard,
}


def read_all(*paths: Path, form: str | None = None) -> list[Block]:
    return list(blocks.blocks([str(path) for path in paths], form))


@pytest.mark.parametrize("ending", PACKERS)
def test_files_are_decompressed_by_their_ending(tmp_path: Path, ending: str) -> None:
    """Lines keep their numbers over blocks, and a byte-order mark is no part of the text."""
    lines = [b"%d %s\n" % (number, b"x" * 999) for number in range(200)]
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(PACKERS[ending](b"\xef\xbb\xbf" + b"".join(lines)))
    found = read_all(path)
    assert len(found) > 3
    assert b"".join(block.octets for block in found) == b"".join(lines)
    for block in found:
        assert block.octets.startswith(b"%d " % (block.first_line - 1))
        assert block.octets.endswith(b"\n")
        assert (block.columns, block.damaged) == (None, False)
    assert found[-1].position == path.stat().st_size == blocks.total_octets([str(path)])


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"])
@pytest.mark.parametrize("how", ["cut off", "cut off at once", "flipped"])
def test_a_damaged_compression_is_the_end_of_that_file_alone(tmp_path: Path, ending: str, how: str) -> None:
    """What could be read before is read, the damage is one result, and the next file is read."""
    lines = b"".join(b'"%064x"\n' % (number * 0x9E3779B97F4A7C15**3 % (1 << 255)) for number in range(2000))
    octets = bytearray(PACKERS[ending](lines))
    if how == "cut off":
        del octets[-len(octets) // 10 :]
    elif how == "cut off at once":
        del octets[2:]
    else:
        octets[-5:] = bytes(5)
    path, other = tmp_path / f"a{ending}", tmp_path / "b"
    path.write_bytes(octets)
    other.write_bytes(b"{}\n")
    found = read_all(path, other)
    assert [block.damaged for block in found] == [False] * (len(found) - 2) + [True, False]
    assert (found[-1].source, found[-1].octets) == (1, b"{}\n")
    read = b"".join(block.octets for block in found[:-1])
    assert lines.startswith(read)
    *_, last = records.lines(found[-2])
    assert (last.number, last.reason) == (read.count(b"\n") + 1 + (read[-1:] not in b"\n"), "damaged-input")


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"])
def test_a_file_that_is_not_what_its_ending_says(tmp_path: Path, ending: str) -> None:
    """It is refused before anything is read, with what to do; an empty file is not."""
    path = tmp_path / f"a.jsonl{ending}"
    names = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "Zstandard"}
    for octets in (b"{}\n", b"{", b"not compressed\n" * 99):
        path.write_bytes(octets)
        with pytest.raises(
            Refused, match=f"^{re.escape(str(path))}: it is not {names[ending]}: remove {ending} from its name$"
        ):
            read_all(path)
    for other, name in names.items():
        path.write_bytes(PACKERS[other](b"{}\n"))
        if other == ending:
            assert [block.octets for block in read_all(path)] == [b"{}\n"]
        else:
            words = f"^{re.escape(str(path))}: it is {name}, not {names[ending]}: end its name in {other}$"
            with pytest.raises(Refused, match=words):
                read_all(path)
    path.write_bytes(b"")
    assert b"".join(block.octets for block in read_all(path)) == b""


@pytest.mark.parametrize("padding", [b"", bytes(4), bytes(BLOCK + 4)], ids=["none", "zeros", "many zeros"])
@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"])
def test_a_file_may_be_several_streams(tmp_path: Path, ending: str, padding: bytes) -> None:
    """It is as `cat` makes it, and tools that work in parts; zeros between streams and at the end are padding."""
    if padding and ending == ".zst":
        pytest.skip("its format has no padding")
    path = tmp_path / f"a{ending}"
    path.write_bytes((PACKERS[ending](b"1\n") + padding) * 3)
    assert [(block.octets, block.damaged) for block in read_all(path)] == [(b"1\n" * 3, False)]


@pytest.mark.parametrize("how", ["cut off", "flipped", "something else"])
@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"])
def test_damage_after_the_first_stream_is_not_its_end(tmp_path: Path, ending: str, how: str) -> None:
    """Damage after a whole stream is said, since a part of an archive would otherwise look like the whole of it."""
    stream = PACKERS[ending](b"1\n" * 99)
    second = {"cut off": stream[:-5], "flipped": b"\xff" + stream[1:], "something else": b"hello"}[how]
    path = tmp_path / f"a{ending}"
    path.write_bytes(stream + second)
    *_, last = read_all(path)
    assert last.damaged


@pytest.mark.parametrize("name", ["A.CSV", "A.CSV.GZ", "a.csv.Gz", "A.JSONL.GZ"])
def test_endings_in_capitals_are_endings(tmp_path: Path, name: str) -> None:
    """A name in capitals, as some systems write them, means what it means in small letters."""
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"id,text\n1,m\n") if name.upper().endswith(".GZ") else b"id,text\n1,m\n")
    (block,) = read_all(path)
    assert block.columns == (b"id,text" if "CSV" in name.upper() else None)
    assert block.octets.endswith(b"1,m\n")


def test_enormous_lines_are_skipped(tmp_path: Path) -> None:
    """Of each, a few octets more than a line may have are kept, and the lines around it are whole."""
    limit = LARGEST_LINE
    lines = [b"a\n", b"b" * limit + b"\n", b"c" * (limit + 1) + b"\n", b"d" * (3 * limit) + b"\n", b"e\n"]
    path = tmp_path / "a"
    for last in (b"", b"f" * (2 * limit), b"g\n"):
        path.write_bytes(b"".join(lines) + last)
        found = read_all(path)
        assert max(len(block.octets) for block in found) <= limit + 5
        read = [line for block in found for line in records.lines(block)]
        expected = ["not-json", "not-json", "too-large", "too-large", "not-json"]
        expected += {b"": [], b"g\n": ["not-json"]}.get(last, ["too-large"])
        assert [(line.number, line.reason) for line in read] == list(enumerate(expected, 1))


def test_a_line_that_is_cut_off_is_not_read(tmp_path: Path) -> None:
    """Its kept part is never a record, even if an end of line or a mark is in it where it was cut; one that fits is."""
    record = b'{"id": 1}'.ljust(LARGEST_LINE)
    path, mark = tmp_path / "a", b"\xef\xbb\xbf"
    for line in (record, mark + record + b"\r"):
        path.write_bytes(line + b"\n")
        assert [one.reason for block in read_all(path) for one in records.lines(block)] == [None]
    for before, after in itertools.product((b"", mark), (b" ", b"\r.", b"\r" * 9, b" \r", b"x" * 9)):
        path.write_bytes(before + record + after + b"\n{}\n")
        assert [one.reason for block in read_all(path) for one in records.lines(block)] == ["too-large", None]


def test_csv_files_have_their_first_line_in_every_block(tmp_path: Path) -> None:
    """Every block of a CSV file has the line that names the fields, whether its name or the caller says that it is."""
    path, plain = tmp_path / "a.csv.gz", tmp_path / "b"
    octets = b"\xef\xbb\xbfid,text\r\n" + b"".join(b"%d,%s\r\n" % (number, b"x" * 999) for number in range(60))
    path.write_bytes(gzip.compress(octets))
    plain.write_bytes(octets)
    for found in (read_all(path), read_all(plain, form="csv")):
        assert len(found) == 2
        assert {block.columns for block in found} == {b"id,text\r"}
        assert found[0].first_line == 2
        assert [line.fields["id"] for block in found for line in records.lines(block)] == [*map(str, range(60))]
    assert [block.columns for block in read_all(path, form="jsonl")] == [None, None]
    plain.write_bytes(b"id,text")
    assert [list(records.lines(block)) for block in read_all(plain, form="csv")] == [[]]


@pytest.mark.parametrize("columns", [b",\n", b"id,id\n", b'"\n'], ids=len)
def test_a_first_line_that_names_no_fields(tmp_path: Path, columns: bytes) -> None:
    """The next one is not taken for it, and no line is read by it."""
    path = tmp_path / "a.csv"
    path.write_bytes(columns + b"id,text\n1,m\n")
    found = [line for block in read_all(path) for line in records.lines(block)]
    assert [(line.number, line.reason) for line in found] == [(2, "not-csv"), (3, "not-csv")]


def test_a_first_line_that_is_too_long(tmp_path: Path) -> None:
    """No names are read from its beginning: the file is refused."""
    path = tmp_path / "a.csv"
    columns = b"signature," + b"x" * (LARGEST_LINE - 10)
    path.write_bytes(b"\n" + columns + b"\n1,2\n")
    assert {(block.first_line, block.columns) for block in read_all(path)} == {(3, columns)}
    path.write_bytes(b"\n" + columns + b"x\n1,2\n")
    with pytest.raises(
        Refused, match=rf"^{re.escape(str(path))}: names of fields were .*, but it is longer than 65536 bytes: "
    ):
        read_all(path)


def test_empty_lines_before_the_names_of_fields(tmp_path: Path) -> None:
    """They are skipped, and counted."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf\r\n \t\n\nid,text\r\n\n1,m\n2,m")
    (block,) = read_all(path)
    assert [(line.number, line.fields["id"]) for line in records.lines(block)] == [(6, "1"), (7, "2")]
    for octets in (b"", b"\n", b" \r\n"):
        path.write_bytes(octets)
        assert [line for block in read_all(path) for line in records.lines(block)] == []


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the machine is no damage of the file."""
    path = tmp_path / "a.zst"
    path.write_bytes(b"")
    with pytest.raises(FileNotFoundError):
        read_all(tmp_path / "none")
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    monkeypatch.setitem(sys.modules, "backports.zstd", None)
    with pytest.raises(Refused, match=r"the extra zstd"):
        read_all(path)

    class Failing:
        def __init__(self, error: Exception) -> None:
            self.error = error

        def read1(self, _: int) -> bytes:
            raise self.error

    for error in (OSError(5, "Input/output error"), MemoryError()):
        with pytest.raises(type(error)):
            blocks._read(Failing(error), "a")


@pytest.mark.parametrize("name", ["a.xz", "a.zst"])
def test_a_file_that_takes_much_memory_is_refused(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no damage: the refusal says how to compress. One as the tools make them at most is read."""
    if name == "a.xz":
        monkeypatch.setattr(blocks, "_DICTIONARY", 1 << 22)
        octets, smaller = lzma.compress(b"{}\n", preset=9), lzma.compress(b"{}\n", preset=0)
        limit = 4
    else:
        smaller, limit = pack_zstandard(b"{}\n"), 128
        octets = bytes.fromhex("28b52ffd0090000000")  # a window of 256 MiB
    (tmp_path / name).write_bytes(smaller)
    assert [block.octets for block in read_all(tmp_path / name)] == [b"{}\n"]
    (tmp_path / name).write_bytes(octets)
    words = (
        rf"{name}: decompressing it needs more than {limit} MiB of memory: compress it with xz -9 or zstd -19 at most$"
    )
    with pytest.raises(Refused, match=words):
        read_all(tmp_path / name)


def test_the_octets_of_files_together(tmp_path: Path) -> None:
    """They are known of files only: not of standard input, of a device, or of a pipe."""
    paths = [tmp_path / "a", tmp_path / "b"]
    for length, path in enumerate(paths, 5):
        path.write_bytes(bytes(length))
    names = [str(path) for path in paths]
    assert blocks.total_octets(names) == 11
    assert blocks.total_octets([]) == 0
    for other in ("-", os.devnull):
        assert blocks.total_octets([*names, other]) is None
