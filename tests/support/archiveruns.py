"""Runs of `ecpure verify-many` on one archive: what is to be said of it, and runs that are interrupted."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from archives import archive

from ecpure.archives import blocks, checkpoint, workers
from ecpure.cli import main
from ecpure.io.progress import Progress

COUNT = 300
BLOCK = 1 << 12
"""Octets of a block in these runs, of which the archive then has more than ten."""


@functools.cache
def octets() -> bytes:
    """Return the archive: every tenth record is invalid."""
    return archive(COUNT)


def expected(count: int = COUNT) -> bytes:
    """Return the results that are to be written on the archive, or on so many records of its copies in a row."""
    keys = [json.loads(line)["public_key"] for line in octets().splitlines()]
    lines = []
    for line in range(count):
        verdict, reason = ("invalid", ', "reason": "does-not-hold"') if line % 10 == 9 else ("valid", "")
        place = line % COUNT
        said = f'"id": {place}, "verdict": "{verdict}", "key": "{keys[place]}"{reason}'
        lines.append(f'{{"line": {line + 1}, {said}}}\n')
    return "".join(lines).encode("ascii")


def in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut files into blocks of some twenty records, and let a state be written after each."""
    monkeypatch.setattr(blocks, "BLOCK", BLOCK)
    monkeypatch.setattr(workers, "BLOCK", BLOCK)
    monkeypatch.setattr(checkpoint, "_CHECKPOINT_EVERY", 0.0)


def interrupting(advance: Callable[[Progress, int, str | None], None]) -> Callable[..., None]:
    """Return an `advance` that is interrupted when the first block is done."""

    def advance_once(progress: Progress, count: int = 1, note: str | None = None) -> None:
        advance(progress, count, note)
        if note:
            raise KeyboardInterrupt

    return advance_once


def interrupt_now(folder: Path, records: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> list[str]:
    """Stop a run after its first block, and return the command that resumes it; its results are `out` in the folder."""
    command = ["verify-many", str(records), "-o", str(folder / "out"), "--jobs", "1", *options]
    with monkeypatch.context() as patch:
        patch.setattr(Progress, "advance", interrupting(Progress.advance))
        assert main(command) == 2
    return [*command, "--resume"]


def refused(command: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Check that the command is refused in these words."""
    assert main(command) == 2
    assert words in capsys.readouterr().err
