"""`ecpure audit`: what it refuses, how it ends, and its exit status."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from archives import archive, with_nonce, written
from auditing import D, K

from ecpure.archives import blocks, workers
from ecpure.archives.records import Settings
from ecpure.archives.workers import WorkersFailed
from ecpure.audit import audit
from ecpure.audit.collect import Collector, Seen
from ecpure.audit.conclusions import Conclusions
from ecpure.cli import main
from ecpure.io.streams import Refused


def test_what_cannot_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said in one sentence, and the exit status is 2."""
    path = tmp_path / "records"
    path.write_bytes(archive(3))
    for words, arguments in {
        "for only one file": ["-", "-"],
        "No such file": [str(tmp_path / "none")],
        "Is a directory": [str(tmp_path)],
        "hash: one of": [str(path), "--hash", "md5"],
    }.items():
        assert main(["audit", *arguments]) == 2
        said = capsys.readouterr()
        assert words in said.err
        assert not said.out

    def ended(*_: object) -> None:
        raise WorkersFailed("a worker process died")

    monkeypatch.setattr(workers, "answers", ended)
    assert main(["audit", str(path)]) == 2
    assert capsys.readouterr().err == "ecpure: a worker process died\n"


def test_a_request_to_end_is_an_interrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """SIGTERM ends the workers as Ctrl-C does, and one sentence says so."""
    path = tmp_path / "records"
    path.write_bytes(archive(3))
    monkeypatch.setattr(Collector, "__call__", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        assert main(["audit", str(path)]) == 2
    finally:
        signal.signal(signal.SIGTERM, before)
    assert capsys.readouterr() == ("", "ecpure: interrupted\n")


def test_an_empty_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused, because "all are valid" would be misread."""
    (tmp_path / "none").touch()
    assert main(["audit", str(tmp_path / "none")]) == 2
    assert capsys.readouterr() == (
        "",
        f"ecpure: {tmp_path / 'none'}: no records to verify: give a file that has some\n",
    )


@pytest.mark.parametrize(
    ("records", "status", "weight"),
    [
        ([with_nonce(D[0], K[0], b"a", is_twin=twin) for twin in (False, True)], 0, "note"),
        ([with_nonce(D[number], K[0], b"a") for number in (0, 1)], 1, "warning"),
        ([with_nonce(D[0], 1, b"a")], 1, "critical"),
        ([with_nonce(D[0], K[0], b"a") | {"message": "00"}], 1, None),
    ],
    ids=["note", "warning", "critical", "invalid"],
)
def test_the_exit_status_says_whether_there_is_reason_to_worry(
    tmp_path: Path,
    records: list[dict[str, Any]],
    status: int,
    weight: str | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A finding that weighs more than a note is one, and so is a record that is not valid."""
    path = tmp_path / "records"
    path.write_bytes(written(records))
    assert main(["audit", str(path), "--json"]) == status
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [finding["weight"] for finding in findings if finding["kind"] != "high-s"] == [weight] * (weight is not None)


def test_what_a_run_was_told_is_what_is_audited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The options that describe records reach the settings, and the others reach the audit."""
    met: list[Any] = []
    store = str(tmp_path / "store")

    def told(*arguments: Any, **named: Any) -> Conclusions:
        met.extend([*arguments, named])
        raise Refused("enough")

    monkeypatch.setattr(audit, "audit", told)
    command = "audit a b --read-as csv --curve secp256k1 --hash SHA-512 --format p1363 --encoding base64"
    assert (
        main([*command.split(), "--profile", "rpcn", "--ignore", "y", "--recover", "--jobs", "3", "--store", store])
        == 2
    )
    assert capsys.readouterr() == ("", "ecpure: enough\n")
    settings = Settings({}, False, "secp256k1", "sha512", "p1363", "base64", "rpcn", frozenset(["y"]))
    named = {"recover": True, "jobs": 3, "store": store, "own": None, "weak_hashes": set()}
    assert met == [["a", "b"], "csv", settings, named]


def test_an_interrupted_audit_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --store, the same command reads only the blocks that it had not read, and finds the same."""
    monkeypatch.setattr(blocks, "BLOCK", 300)
    path, store = tmp_path / "records", tmp_path / "store"
    path.write_bytes(written([with_nonce(D[0], K[0], message) for message in (b"a", b"b", b"c", b"d")]))
    read: list[blocks.Block] = []
    collect = Collector.__call__

    def interrupted(self: Collector, block: blocks.Block) -> Seen:
        if len(read) == 2:
            read.append(block)
            raise KeyboardInterrupt
        read.append(block)
        return collect(self, block)

    monkeypatch.setattr(Collector, "__call__", interrupted)
    command = ["audit", str(path), "--jobs", "1"]
    assert main([*command, "--store", str(store)]) == 2
    words = f"ecpure: interrupted: {store} has what was read; run the same command to continue\n"
    assert capsys.readouterr() == ("", words)
    assert main([*command, "--store", str(store)]) == 1
    first = capsys.readouterr()
    assert len(read) == len({block.position for block in read}) + 1
    assert read[3] == read[2]
    assert main(command) == 1
    assert capsys.readouterr() == first
    assert "nonce-reused" in first.out
