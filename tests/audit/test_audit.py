"""An audit of whole archives: one answer, whatever files, blocks and processes there are."""

from __future__ import annotations

import json
import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from archives import archive, hexes, with_nonce, written
from auditing import D, K

from ecpure.archives import blocks, workers
from ecpure.archives.records import Settings
from ecpure.audit import audit as module
from ecpure.audit.audit import audit
from ecpure.cli import main
from ecpure.io.progress import Progress
from ecpure.io.streams import Refused


def test_several_files_and_processes_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Records are compared across files and blocks, whichever process they were read by."""
    rng = random.Random(9)
    first = [with_nonce(D[0], K[0], b"a"), *(hexes(rng, number) for number in range(30))]
    second = [*(hexes(rng, number) for number in range(30)), with_nonce(D[0], K[0], b"b")]
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for path, records in zip(paths, (first, second), strict=True):
        path.write_bytes(written(records))
    monkeypatch.setattr(blocks, "BLOCK", 1 << 12)
    monkeypatch.setattr(workers, "BLOCK", 1 << 12)
    said = []
    for jobs in ("1", "2"):
        assert main(["audit", *map(str, paths), "--json", "--jobs", jobs]) == 1
        said.append(json.loads(capsys.readouterr().out))
        del said[-1]["run"]["date"]
    assert said[0] == said[1]
    records = said[0]["findings"][0]["records"]
    assert [{name: record[name] for name in ("file", "line")} for record in records] == [
        {"file": str(paths[0]), "line": 1},
        {"file": str(paths[1]), "line": 31},
    ]
    assert main(["audit", *map(str, paths), "--jobs", "1"]) == 1
    assert f'  2 records: "{paths[0]}" line 1, "{paths[1]}" line 31\n' in capsys.readouterr().out


def test_nonces_that_are_messages_are_found_in_one_reading(tmp_path: Path) -> None:
    """In whichever file and block, also of a pipe, which can be read only once."""
    others = [with_nonce(D[0], k, b"other") for k in K]
    weak = [with_nonce(d, int.from_bytes(b"message", "big"), b"message") for d in D[1:]]
    path, pipe = tmp_path / "records", tmp_path / "pipe"
    path.write_bytes(written([*others, *weak]))
    os.mkfifo(pipe)
    keys = {bytes.fromhex(record["public_key"]) for record in weak}
    for name in (path, pipe):
        with ThreadPoolExecutor(1) as writer:
            writer.submit(pipe.write_bytes, path.read_bytes()) if name is pipe else None
            found = audit([str(name)], None, Settings({}), recover=False, jobs=1).findings.of_kind("nonce-is-message")
        assert {key for one in found for key in one.keys} == keys
        assert sorted(one.records[0].line for one in found) == [*range(7, 12)]


def test_what_an_audit_returns(tmp_path: Path) -> None:
    """It has the verdicts on all records, as `verify-many` gives them, and what was found."""
    path = tmp_path / "records"
    path.write_bytes(archive(20) + written([with_nonce(D[0], 1, b"a")]) + b"{\n")
    found = audit([str(path)], None, Settings({}), recover=False, jobs=1)
    assert found.verdicts == {"valid": 19, "does-not-hold": 2, "not-json": 1}
    assert {kind for kind in found.findings.totals if kind != "high-s"} == {"nonce-small"}
    with pytest.raises(Refused, match=r": it looks like JSON: "):
        audit([str(path)], "csv", Settings({}), recover=False, jobs=1)
    path.write_bytes(b"\n")
    with pytest.raises(Refused, match=r"no records to verify: give a file that has some$"):
        audit([str(path)], None, Settings({}), recover=False, jobs=1)


def test_progress_is_said_in_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each block, it is said how many records there were by then."""
    path = tmp_path / "records"
    path.write_bytes(b"{}\n" * 4)
    monkeypatch.setattr(blocks, "BLOCK", 6)
    said: list[str] = []

    class Heard(Progress):
        def advance(self, count: int = 1, note: str | None = None) -> None:
            super().advance(count, note)
            said.append(f"{count}: {note}")

    monkeypatch.setattr(module, "Progress", Heard)
    audit([str(path)], None, Settings({}), recover=False, jobs=1)
    assert [line.split(" records,")[0] for line in said] == [
        *("0: None", "6: 2", "6: 4", "0: comparing all records"),
    ]
