"""Files that hold no records: one sentence says what they look like, and what to do."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from recordsamples import CHARGED, KEY, LOGIN, MESSAGE, RECORD, SIGNATURE, TICKET

from ecpure.archives import blocks, keyring
from ecpure.archives.records import Settings
from ecpure.archives.shape import kind_of_record, records_in
from ecpure.archives.source import Source
from ecpure.cli import main
from ecpure.io.streams import Refused

PEM = KEY.public_key.to_pem().encode()
SETTINGS = Settings({})
JSON = json.dumps(RECORD).encode()


def csv(separator: str, head: str | None = None) -> bytes:
    """Return a record as CSV with another separator, and a first line of other names if so given."""
    lines = [head or separator.join(RECORD), separator.join(map(str, RECORD.values()))]
    return "\n".join(lines).encode() + b"\n"


def tar() -> bytes:
    """Return an archive as `tar` makes it, with a file of records in it."""
    packed, octets = io.BytesIO(), JSON + b"\n" + JSON + b"\n"
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("a.jsonl")
        member.size = len(octets)
        archive.addfile(member, io.BytesIO(octets))
    return packed.getvalue()


OTHER = {
    "a.jsonl": (b" [" + JSON + b"]", "a JSON array: write each record on a line of its own, as jq -c '.[]' does"),
    "lines.jsonl": (b"\n[\n" + JSON + b",\n" + JSON + b",\n" + JSON + b"\n]\n", "a JSON array: write each record on a"),
    "dense.jsonl": (b"[" + JSON + b",\n" + JSON + b"]\n", "a JSON array: write each record on a line of its own"),
    "deep.jsonl": (b"[" * 5000 + b"\n" + JSON, "a JSON array: write each record on a line of its own"),
    "commas.jsonl": (JSON + b",\r\n" + JSON, "JSON with a comma after each record: remove the commas, as sed 's/},$/}"),
    "tar.jsonl": (tar(), "a tar archive: unpack it"),
    "tar.csv": (tar(), "a tar archive: unpack it"),
    "a.jsonl.tar.gz": (gzip.compress(tar()), "a tar archive: unpack it"),
    "a.tgz": (gzip.compress(tar()), "a tar archive: unpack it"),
    "b.jsonl": (json.dumps([RECORD], indent=1).encode(), "a JSON array: write each record on a line of its own"),
    "c.jsonl": (json.dumps(RECORD, indent=1).encode(), "JSON with a record on several lines: write each on one"),
    "d.jsonl": (PEM, "PEM: records were expected; a single key or signature is for verify and explain"),
    "e.jsonl": (csv(","), "CSV: give its name the ending .csv, or read records with --read-as csv"),
    "f.jsonl": (csv(";"), "CSV: give its name the ending .csv, or read records with --read-as csv"),
    "s.jsonl": (csv("|"), "CSV with bars instead of commas: save it with commas"),
    "g.jsonl": (b"\x30\x00\x01\n" * 3, "binary data: records in JSON Lines or CSV were expected"),
    "h.jsonl": (b"a word\n" * 10, "text: a JSON object on each line was expected, or CSV in a file whose name ends"),
    "i.jsonl": (gzip.compress(JSON), "gzip: give it the ending .gz"),
    "l.csv": (csv("|"), "CSV with bars instead of commas: save it with commas"),
    "m.csv": (csv(",", "a,b,c"), "CSV without signature among the names in its first line: rename its columns"),
    "sep.csv": (
        b"sep=;\n" + csv(";"),
        "CSV with another line before the names of its columns: delete that line, as sed",
    ),
    "quoted.csv": (b'"sep=;"\r\n' + csv(";"), "CSV with another line before the names of its columns"),
    "comment.csv": (b"# of 2024\n" + csv(","), "CSV with another line before the names of its columns"),
    "cr.csv": (csv(",").replace(b"\n", b"\r"), "lines that end in CR alone: end them in LF, as tr '\\r' '\\n' does"),
    "cr.jsonl": (JSON + b"\r" + JSON + b"\r", "lines that end in CR alone: end them in LF, as tr '\\r' '\\n' does"),
    "single.csv": (csv(",", "'ID','signature'"), "CSV with names in single quotes: use double quotes, or none"),
    "spaces.csv": (csv(";", '"id"; "signature"'), "CSV with spaces before quotes: remove those spaces"),
    "one.csv": (csv(",", '"id"x,"signature"'), "CSV without signature among the names in its first line"),
    "n.csv": (JSON + b"\n", "JSON: if it has an object on each line, read it with --read-as jsonl"),
    "o.csv": (PEM, "PEM: records were expected"),
    "p.csv": (csv(",").decode().encode("utf-16"), "UTF-16: save it as UTF-8"),
    "q.csv": (b"PK\x03\x04\x14", "ZIP, or a spreadsheet: unpack it, or save it as CSV"),
    "r.csv": (b"a" * 300 + b"\n", "CSV without signature among the names in its first line: rename its columns"),
}


@pytest.mark.parametrize("name", OTHER)
def test_a_file_of_something_else(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence with the name of the file and the next step, status 2, and no result."""
    monkeypatch.chdir(tmp_path)
    octets, words = OTHER[name]
    Path(name).write_bytes(octets)
    Path("good.jsonl").write_bytes(JSON + b"\n")
    for command in (["verify-many", name], ["verify-many", "good.jsonl", name], ["audit", name]):
        assert main(command) == 2
        out, said = capsys.readouterr()
        assert out == ""
        assert said.startswith(f"ecpure: {name}: it looks like {words}")
        assert said.count("\n") == 1


def test_what_may_be_an_archive_is_read(tmp_path: Path) -> None:
    """Damaged records are refused one by one, and a record is enough to make an archive of a file."""
    for octets in (
        b"no\n" * 9,
        b"no\n" * 50 + JSON + b"\n",
        b'{"id":\n' * 9,
        b"{" * 9000,
        b'{"a": 5},x}\n' + JSON,
        b'{"a": 5}},\n' + JSON,
        b'"a},\n' + JSON,
        JSON + b"\n" + b"\x00" * 600,
    ):
        path = tmp_path / "records.jsonl"
        path.write_bytes(octets)
        assert next(Source([str(path)], None, SETTINGS)).octets == octets
    path = tmp_path / "records.csv"
    for head in (b"id,message\n", b"signature,a\n", b'"signature","digest"\r\n'):
        path.write_bytes(head + b"1,2\n")
        assert next(Source([str(path)], None, SETTINGS)).columns == head.rstrip(b"\n")


@pytest.mark.parametrize("separator", [";", "\t"])
def test_csv_with_semicolons_or_tabs_is_read(separator: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """As spreadsheets write it where the comma is the decimal sign: records, and keys."""
    path, keys = tmp_path / "records.csv", tmp_path / "keys.csv"
    path.write_bytes(csv(separator))
    keys.write_text(f"id{separator}public_key\nAnn{separator}{RECORD['public_key']}\n", encoding="ascii")
    for command in ("verify-many", "audit"):
        assert main([command, str(path), "--keys", str(keys)]) == 0
    assert '"verdict": "valid", "key": "Ann"' in capfd.readouterr().out


def test_standard_input_and_pipes_are_looked_at_as_they_come(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They cannot be read twice."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"[1]")))
    assert main(["verify-many", "-"]) == 2
    assert capsys.readouterr().err.startswith("ecpure: standard input: it looks like a JSON array: ")


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (PEM, "a key in PEM: put it into a folder as ID.pem, and give the folder"),
        (b"[]", "a JSON array: write each record on a line of its own"),
        (b"id|public_key\n1|02\n", "CSV with bars instead of commas: save it with commas"),
        (b"id;public_key\n1;02\n", "CSV: give its name the ending .csv, or read records with --read-as csv"),
        (b"id,public_key\n1,02\n", "CSV: give its name the ending .csv, or read records with --read-as csv"),
        (b"\x00" * 28, "binary data"),
    ],
)
def test_a_file_that_is_not_a_file_of_keys(tmp_path: Path, octets: bytes, words: str) -> None:
    """It is said of the whole file."""
    path = tmp_path / "keys"
    path.write_bytes(octets)
    with pytest.raises(Refused, match=f"^{re.escape(str(path))}: it looks like {words}"):
        keyring.read(str(path), "secp224k1")


def test_only_the_beginning_of_a_file_says_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty file is looked at as well, and further blocks of keys are not taken for another file."""
    path, empty = tmp_path / "records.jsonl", tmp_path / "empty.jsonl"
    path.write_bytes(JSON + b"\n")
    empty.touch()
    assert [block.source for block in Source([str(path), str(empty), str(path)], None, SETTINGS)] == [0, 2]
    monkeypatch.setattr(blocks, "BLOCK", 1)
    keys = tmp_path / "keys.jsonl"
    keys.write_text("".join(json.dumps({"id": n, "public_key": KEY.public_key.to_pem()}) + "\n" for n in range(3)))
    assert [*keyring.read(str(keys), "secp224k1")] == ["0", "1", "2"]
    stdin = io.TextIOWrapper(io.BytesIO(JSON))
    monkeypatch.setattr("sys.stdin", stdin)
    assert [block.source for block in Source([str(path), "-"], None, SETTINGS)] == [0, 1]


@pytest.mark.parametrize(
    ("octets", "lines", "form", "several"),
    [
        (JSON, 1, "JSON Lines", "records"),
        (b"\n" + JSON + b"\r\n\n" + JSON + b"\nand damage\n", 3, "JSON Lines", "records"),
        (csv(","), 1, "CSV", "records"),
        (csv(";").replace(b"\n", b"\r\n") * 2, 3, "CSV", "records"),
        (b'{"message": {}, "server_nonce": ""}', 1, "JSON Lines", "records"),
        (b'{"message": "", "profile": "rpcn"}', 1, "JSON Lines", "records"),
        (b'{"id": 1, "public_key": "02"}', 1, "JSON Lines", "public keys by their ids"),
        (b"id,public_key\na,02\n", 1, "CSV", "public keys by their ids"),
        (b"signature\ttext\n", 0, "CSV", "records"),
    ],
)
def test_records_are_known_by_their_first_line(octets: bytes, lines: int, form: str, several: str) -> None:
    """The names in it say what the file holds; further lines are counted, and not read."""
    found = records_in(octets)
    assert found is not None
    assert (found.lines, found.form, found.kind.several) == (lines, form, several)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\n",
        PEM,
        b"message\n",
        b"signature\n",
        b"{}",
        b"[]",
        b'"signature, text"',
        b'{"signature": 1}',
        b"\xff\xfe",
    ],
)
def test_what_begins_as_no_records(octets: bytes) -> None:
    """A name alone makes none."""
    assert records_in(octets) is None


def test_a_kind_is_that_of_names() -> None:
    """Of an object or a list of names; text and numbers have none."""
    assert kind_of_record(RECORD) == kind_of_record(list(RECORD)) is not None
    assert [kind_of_record(value) for value in ("signature text", 5, None, [], ["text"])] == [None] * 5


BASE64 = {"signature": b64encode(SIGNATURE.to_der()).decode("ascii")}
IN_BASE64 = {"message": b64encode(MESSAGE).decode("ascii")} | BASE64
SET = r"set signature_encoding to (hex|base64) in each record, as jq -c '\.signature_encoding = \"\1\"' does"

MISTAKEN: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "all in base64": (
        [RECORD | IN_BASE64] * 3,
        "",
        "hex were expected, but these are in base64: .*, or give --encoding",
    ),
    "the signature in base64": ([RECORD | BASE64], "", "hex were expected, but these are in base64"),
    "all in hex": (
        [RECORD],
        "--encoding base64",
        "base64 were expected, but these are in hex: .*, or give --encoding hex",
    ),
    "hex, as no record says": ([RECORD | {"encoding": "base64"}], "", "base64 were expected, but these are in hex"),
    "hex, as one record denies": ([RECORD | {"signature_encoding": "base64"}], "", "base64 were expected"),
    "p1363": ([RECORD | {"signature": SIGNATURE.to_p1363().hex()}], "--format p1363 --encoding base64", "base64 were"),
    "a receipt": ([CHARGED | {"signature_encoding": "base64"}], "--format p1363", "base64 were expected"),
    "receipts": ([{k: v for k, v in CHARGED.items() if k != "profile"}], "--encoding base64 --profile chargepoint", ""),
}


@pytest.mark.parametrize("what", MISTAKEN)
def test_signatures_in_the_other_encoding(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where that is so of each record that the file begins with, one sentence says it of all, and what to do."""
    records, options, words = MISTAKEN[what]
    path = tmp_path / "records.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="ascii")
    for command in ("verify-many", "audit"):
        assert main([command, str(path), *options.split()]) == 2
        out, said = capsys.readouterr()
        assert (out, said.count("\n")) == ("", 1)
        assert re.match(f"ecpure: {re.escape(str(path))}: signatures in {words}", said)
        assert re.search(SET, said)
        has_own = not records[0].keys().isdisjoint(["encoding", "signature_encoding"])
        assert ("or give --encoding" in said) != has_own
    changed = [record | {"signature_encoding": re.findall(SET, said)[0]} for record in records]
    path.write_text("".join(f"{json.dumps(record)}\n" for record in changed), encoding="ascii")
    assert main(["verify-many", str(path), *options.split()]) in (0, 1)
    assert "bad-signature" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "others",
    [
        [RECORD],
        [RECORD | {"signature": "30"}],
        [RECORD | {"signature": 5}],
        [RECORD | BASE64 | {"format": "raw"}],
        [RECORD | BASE64 | {"format": []}],
        [RECORD | BASE64 | {"encoding": "utf-8"}],
        [RECORD | {"encoding": "base64"}],
        [LOGIN],
        [TICKET],
    ],
    ids=[
        "in order",
        "no signature",
        "a number",
        "no format",
        "a list",
        "no encoding",
        "the reverse",
        "login",
        "ticket",
    ],
)
def test_one_record_that_differs_keeps_the_file(others: list[dict[str, Any]], tmp_path: Path) -> None:
    """Then each has its own result; nothing is refused for a line that is not even a record."""
    path = tmp_path / "records.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in [RECORD | BASE64, *others]), encoding="ascii")
    assert main(["verify-many", str(path)]) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"signature": "30"},
        {"signature": 5},
        {"signature": None},
        {"format": "raw"},
        {"format": []},
        {"encoding": "utf-8"},
    ],
    ids=str,
)
def test_most_signatures_in_the_other_encoding(
    other: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A few of which nothing can be said do not keep the file; a line that is not JSON is one of these."""
    path = tmp_path / "records.jsonl"
    clear, unclear = [json.dumps(RECORD | BASE64)] * 3, [json.dumps(RECORD | BASE64 | other), "x"]
    without = json.dumps({name: value for name, value in RECORD.items() if name != "signature"})
    for lines, status in (
        ([*unclear, *clear], 2),
        ([without, *clear], 2),
        ([*unclear, *clear[:2]], 1),
        ([*clear, json.dumps(TICKET)], 1),
        ([*clear, json.dumps(LOGIN)], 1),
    ):
        path.write_text("\n".join(lines), encoding="ascii")
        assert main(["verify-many", str(path)]) == status
        assert ("signatures in hex were expected" in capsys.readouterr().err) == (status == 2)


def test_empty_lines_say_nothing_of_an_encoding(tmp_path: Path) -> None:
    """A file of nothing else is read."""
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"\n\n")
    assert len(list(Source([str(path)], None, SETTINGS))) == 1


def test_every_file_is_looked_at_before_any_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also the second one."""
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_bytes(JSON + b"\n")
    bad.write_text(json.dumps(RECORD | BASE64), encoding="ascii")
    assert main(["verify-many", str(good), str(bad)]) == 2
    out, said = capsys.readouterr()
    assert out == ""
    assert said.startswith(f"ecpure: {bad}: signatures in hex were expected, but these are in base64: ")
