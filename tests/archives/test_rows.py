"""Rows of CSV: fields over several lines are read as one, however blocks are cut, or the file is refused."""

from __future__ import annotations

import csv
import gzip
import io
import random
from pathlib import Path

import pytest
from recordsamples import KEY, PUBLIC

from ecpure.archives import blocks, records, rows
from ecpure.archives.source import Source
from ecpure.cli import main
from ecpure.io.streams import Refused

HEAD = ["id", "public_key", "text", "signature"]
TEXTS = ["pay 5\nto Ann", "pay 6 to Bob", '"\n"', "\n\n,\n", "a\r\nb", '""', "\n"]
SIZES = (1, 7, 64, 300, 1 << 19)


def table(texts: list[str], separator: str = ",", ends: str = "\n") -> bytes:
    """Return valid records of these texts as CSV."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, lineterminator=ends)
    writer.writerow(HEAD)
    writer.writerows([n, PUBLIC, text, KEY.sign(text.encode("ascii")).to_der().hex()] for n, text in enumerate(texts))
    return written.getvalue().encode("ascii")


def read(path: Path) -> list[tuple[int, str | None, dict[str, object]]]:
    found = [line for block in blocks.blocks([str(path)], "csv") for line in records.lines(block)]
    return [(line.number, line.reason, line.fields) for line in found]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_fields_over_lines_are_read(
    separator: str,
    ends: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each record has the number of its first line and one result, whatever the size of blocks."""
    path = tmp_path / "a.csv"
    path.write_bytes(table(TEXTS, separator, ends))
    answers = set()
    for size in SIZES:
        monkeypatch.setattr(blocks, "BLOCK", size)
        assert [fields["text"] for _, _, fields in read(path)] == TEXTS
        assert [number for number, _, _ in read(path)] == [2, 4, 5, 7, 11, 13, 14]
        assert main(["verify-many", str(path), "--jobs", "1"]) == 0
        answers.add(capsys.readouterr().out)
    assert len(answers) == 1


def test_two_processes_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of several blocks, whose results do not depend on the number of processes; the audit reads it, too."""
    path = tmp_path / "a.csv"
    path.write_bytes(table(["a\n" * 100_000 + str(n) for n in range(4)]))
    assert main(["verify-many", str(path), "--jobs", "2"]) == 0
    found = capsys.readouterr().out
    assert main(["verify-many", str(path), "--jobs", "1"]) == 0
    assert capsys.readouterr().out == found
    assert found.count('"verdict": "valid"') == 4
    assert main(["audit", str(path)]) == 0


def test_a_run_is_resumed_between_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After any number of blocks, the rest is what a run in one piece reads."""
    monkeypatch.setattr(blocks, "BLOCK", 300)
    path, settings = tmp_path / "a.csv", records.Settings({})
    path.write_bytes(table(TEXTS * 3))
    whole = Source([str(path)], None, settings)
    read = [(block, *whole.noted()) for block in whole]
    assert len(read) > 10
    for done, (_, fingerprint, position) in enumerate(read, 1):
        resumed = Source([str(path)], None, settings)
        assert resumed.pass_over(done, fingerprint, "o.part") == position
        assert list(resumed) == [block for block, _, _ in read[done:]]


def test_pieces_of_a_row_are_never_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line inside a quoted field is a part of it, even if it is a valid record by itself."""
    head, row = table(["pay 5"]).splitlines()
    path = tmp_path / "a.csv"
    for broken in (b'"note', b'1,"note', b'1,2,3,"4""', b'x"y"\n"note'):
        path.write_bytes(b"\n".join([head, broken, row, b'end",2,3,4', b""]))
        assert main(["verify-many", str(path)]) == 1
        assert '"valid"' not in capsys.readouterr().out


REFUSED = {
    "never closed": b'1,"2\n3,4,5,6\n3,4,5,6\n',
    "closed too early": b'1,"2\n3,"4,5,6\n3,4,5,6\n',
    "a lost quote": b'"1,2,3,4\n"1","2","3","4"\n"1","2","3","4"\n',
    "too long": b'1,"' + b"x" * 150 + b"\n" + b"y" * 150 + b'",3,4\n3,4,5,6\n',
    "a long line": b'1,"' + b"x" * 300 + b'\n3,4,5,6\n",3,4\n',
    "a quote where it is skipped": b"1," + b"x" * 600 + b',"\n3,4,5,6\n",3,4\n',
    "a long line inside": b'1,"\n' + b"x" * 600 + b'\n3,4,5,6\n",3,4\n',
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_row_that_is_not_completed(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is refused, wherever blocks are cut, with the line in which the row begins; nothing after is read."""
    for module in (blocks, records):
        monkeypatch.setattr(module, "LARGEST_LINE", 256)
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,public_key,text,signature\na,b,c,d\n" + REFUSED[how])
    for size in (1, 20, 200, 256):
        monkeypatch.setattr(blocks, "BLOCK", size)
        seen: list[blocks.Block] = []
        with pytest.raises(Refused) as refusal:
            seen.extend(blocks.blocks([str(path)], None))
        words = "a quoted field is open at its end, and the lines after it do not complete the row: close the field"
        assert str(refusal.value).startswith(f"{path}: line 3: {words}")
        read = [line.fields.get("id") for block in seen for line in records.lines(block)]
        assert read in ([], ["a"])


@pytest.mark.parametrize("size", [1, 40, 256])
def test_what_one_row_alone_can_cost(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged row in one line is one result, and so is the last row of a file that is cut off, in any block."""
    for module in (blocks, records):
        monkeypatch.setattr(module, "LARGEST_LINE", 256)
    monkeypatch.setattr(blocks, "BLOCK", size)
    path = tmp_path / "a.csv"
    for octets, reasons in {
        b'1,2"\n1,2': ["not-csv", None],
        b'1,2" x\n"1",2': ["not-csv", None],
        b'1,"2\n': ["not-csv"],
        b'1,"2\r\n\r\n': ["not-csv"],
        b'1,"2': ["not-csv"],
        b'1,"2""': ["not-csv"],
        b'1,""2"\n1,2': ["not-csv", None],
        b'"' + b"x" * 300 + b'",2\n1,2': ["too-large", None],
        b"1," + b"x" * 300 + b'"x"\n1,2': ["too-large", None],
        b'1,"' + b"x" * 300: ["too-large"],
    }.items():
        path.write_bytes(b"id,signature\n" + octets)
        assert [reason for _, reason, _ in read(path)] == reasons


def test_a_row_in_which_the_compression_ends(tmp_path: Path) -> None:
    """It is one unreadable row, followed by the damage."""
    path = tmp_path / "a.csv.gz"
    octets = b'id,signature\n1,2\n1,"2\n3,4\n' + random.Random(1).randbytes(9999).hex().encode()
    path.write_bytes(gzip.compress(octets)[:-5000])
    found = read(path)
    assert [(number, reason) for number, reason, _ in found] == [(2, None), (3, "not-csv"), (6, "damaged-input")]


def test_the_same_rows_as_the_library() -> None:
    """Of random CSV, and of what it becomes if octets are changed: never other fields, and a row where they agree."""
    rng = random.Random(5)
    agreed = 0
    for _ in range(3000):
        octets = "".join(rng.choice('ab,"\n;') for _ in range(rng.randrange(14))).encode("ascii")
        found = list(rows.split(octets, ","))
        assert b"\n".join(row.octets for row in found) == octets
        assert not any(row.is_open for row in found[:-1])
        assert all(row.line == octets[: octets.index(row.octets)].count(b"\n") for row in found[:1])
        if all(rows.is_whole(row.octets, ",") for row in found):
            agreed += 1
            expected = list(csv.reader(io.StringIO(octets.decode("ascii"), newline=""), strict=True))
            assert [rows.fields(row.octets, ",") for row in found if row.octets] == [row for row in expected if row]
    assert agreed > 500


def test_nothing_depends_on_where_blocks_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of random CSV with lines and rows that are too long: the same lines, and the same refusal."""
    for module in (blocks, records):
        monkeypatch.setattr(module, "LARGEST_LINE", 20)
    rng, path, refused = random.Random(7), tmp_path / "a.csv", 0
    words = ['"', '"', "\n", "\n", ",", "a", "\r\n", "\ufeff", '""', '",', '"\n', "b" * 9, '\n"']
    for _ in range(300):
        octets = "id,signature\n" + "".join(rng.choice(words) for _ in range(rng.randrange(24)))
        path.write_bytes(octets.encode("utf-8"))
        outcomes = []
        for size in (1, 5, 11, 20):
            monkeypatch.setattr(blocks, "BLOCK", size)
            try:
                outcomes.append(str(read(path)))
            except Refused as refusal:
                outcomes.append(str(refusal))
        assert len(set(outcomes)) == 1, octets
        refused += "a quoted field is open" in outcomes[0]
    assert 30 < refused < 270


def test_many_lines_in_a_row_take_linear_time() -> None:
    """Each line is looked at once."""
    (row,) = rows.split(b'"' + b'\n""' * 300_000 + b'"', ",")
    assert not row.is_open
    assert rows.is_whole(row.octets, ",")
    (row,) = rows.split(b'"",' * 300_000 + b'"', ",")
    assert row.is_open
