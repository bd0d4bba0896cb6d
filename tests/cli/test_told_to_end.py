"""It ends when told: by which signal, how often, at which moment, in which process; and nothing is left or lost."""

from __future__ import annotations

import contextlib
import os
import pty
import random
import re
import signal
import time
from pathlib import Path
from typing import NamedTuple

import bigarchives
import pytest
from markedruns import Run

from ecpure.cli import main

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
FROM_THE_BEGINNING = "there is no interrupted run to resume: starting from the beginning"
INTERRUPTED = r"ecpure: interrupted(: the (results of|\.part file).*)?"
DIED = r"ecpure: a worker process died: if memory is short, use --jobs 1(: the .*)?"


class Archive(NamedTuple):
    """Records, and what is said of them."""

    path: Path
    results: bytes


def archive(folder: Path, count: int) -> Archive:
    path, out = folder / f"{count}.jsonl", folder / f"{count}.out"
    bigarchives.write(path, count, 20)
    assert main(["verify-many", str(path), "-o", str(out), "--jobs", "1"]) == 0
    return Archive(path, out.read_bytes())


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Return an archive that takes a second."""
    return archive(tmp_path_factory.mktemp("small"), 2_000)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Return an archive that takes some seconds."""
    return archive(tmp_path_factory.mktemp("large"), 10_000)


def words(command: str, records: Archive, folder: Path) -> list[str]:
    return {
        "verify-many": ["verify-many", str(records.path), "-o", str(folder / "out"), "--jobs", "2", "--resume"],
        "audit": ["audit", str(records.path), "--jobs", "2"],
        "vectors": ["vectors"],
    }[command]


def tell(run: Run, rng: random.Random) -> None:
    """Tell the run to end: once or several times, itself or its whole group."""
    for _ in range(rng.choice([1, 1, 2, 3])):
        run.tell(rng.choice(SIGNALS), group=rng.random() < 0.5)
        time.sleep(rng.choice([0, 0, 0.001, 0.01, 0.1]))


def end(run: Run, how: str, rng: random.Random) -> str:
    """Do that to a run, and return what it then says, or nothing if nobody would hear it."""
    if how == "a worker is killed":
        workers = run.workers()
        if not workers:
            return ""
        with contextlib.suppress(ProcessLookupError):
            os.kill(rng.choice(workers), signal.SIGKILL)
        return DIED
    if how == "killed":
        run.tell(signal.SIGKILL, group=rng.random() < 0.5)
        return ""
    if how == "stopped and told":
        run.tell(signal.SIGSTOP, group=rng.random() < 0.5)
        time.sleep(rng.choice([0, 0.1]))
    tell(run, rng)
    run.tell(signal.SIGCONT, group=True)
    return INTERRUPTED


def hold_resumed(records: Archive, folder: Path) -> None:
    """Check that the run, when it is resumed, has the same results as one in one piece, and leaves nothing beside."""
    with Run(words("verify-many", records, folder), folder) as run:
        status, said = run.ended()
    assert status == 0
    assert " valid, 0 invalid, 0 unreadable\n" in said
    assert (folder / "out").read_bytes() == records.results
    left = {path.name for path in folder.iterdir()} - {"out"}
    assert all(name.startswith(".ecpure-") for name in left)  # of a process that was killed when it wrote it


COMMANDS = ["verify-many", "audit", "vectors"]
HOW = ["told", "stopped and told", "killed", "a worker is killed"]


def hold_ended(command: str, how: str, seed: int, records: Archive, folder: Path, longest: float) -> None:
    rng = random.Random(seed)
    with Run(words(command, records, folder), folder) as run:
        time.sleep(random.uniform(0, longest))  # at another moment each time
        expected = end(run, how, rng)
        status, said = run.ended()
    lines = [line for line in said.splitlines() if FROM_THE_BEGINNING not in line]
    assert "Traceback" not in said
    assert all(line.startswith(("ecpure: ", "  ")) for line in lines)
    if status == 2:
        assert re.fullmatch(expected, lines[-1])
        assert len(lines) == 1 or command == "vectors"  # which tells of the cases that it ran
        if command != "vectors":
            assert how != "told" or not [path for path in folder.iterdir() if path.name.startswith(".ecpure-")]
    elif status < 0:  # before the command had begun, as any program ends
        assert how == "killed" or not lines
        assert -status in (SIGNALS if how != "killed" else [signal.SIGKILL])
        assert how == "killed" or not [*folder.iterdir()]
    else:
        assert status == 0 or command == "audit"  # it was done
    if command == "verify-many":
        hold_resumed(records, folder)


@pytest.mark.parametrize(
    ("command", "how"),
    [
        ("verify-many", "told"),
        ("verify-many", "a worker is killed"),
        ("audit", "told"),
        ("vectors", "told"),
        pytest.param("verify-many", "killed", marks=pytest.mark.long),
    ],
)
def test_told_to_end_at_any_moment(command: str, how: str, small: Archive, tmp_path: Path) -> None:
    """It says so on one line, or was done; no process is left; and what was done is not lost."""
    hold_ended(command, how, random.randrange(1 << 32), small, tmp_path, 0.8)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100))
def test_told_to_end_at_a_hundred_moments(seed: int, large: Archive, tmp_path: Path) -> None:
    """In each of the combinations, several times."""
    command, how = COMMANDS[seed % 3], HOW[seed // 3 % 4]
    hold_ended(command, how, seed, large, tmp_path, 3.0)


@pytest.mark.parametrize(
    ("command", "longest"),
    [("verify-many", 0.5), *(pytest.param(command, 2.0, marks=pytest.mark.long) for command in COMMANDS * 5)],
)
def test_a_terminal_that_is_closed(
    command: str, longest: float, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The run ends with it, though there is nobody to tell; a bar that was on it changes nothing."""
    records: Archive = request.getfixturevalue("small" if longest < 1 else "large")
    terminal, own = pty.openpty()
    with Run(words(command, records, tmp_path), tmp_path, terminal=own) as run:
        os.close(own)
        end = time.monotonic() + random.uniform(0, longest)
        os.set_blocking(terminal, False)
        while time.monotonic() < end:  # a terminal reads, or what is written would wait for it
            with contextlib.suppress(OSError):
                os.read(terminal, 1 << 16)
            time.sleep(0.01)
        os.close(terminal)
        status, _ = run.ended()
    assert status in (0, 2, -signal.SIGHUP) or command == "audit"
    if command == "verify-many":
        hold_resumed(records, tmp_path)


@pytest.mark.parametrize("command", ["verify-many", *(pytest.param(one, marks=pytest.mark.long) for one in COMMANDS)])
def test_a_run_that_is_stopped_goes_on_when_it_is_continued(command: str, small: Archive, tmp_path: Path) -> None:
    """Itself, or its whole group, as by Ctrl-Z; and its workers, as by a system that is short of something."""
    with Run(words(command, small, tmp_path), tmp_path) as run:
        for _ in range(3):
            time.sleep(random.uniform(0, 0.2))
            run.tell(signal.SIGSTOP, group=random.random() < 0.5)
            stopped = run.workers()[:1]
            for number in stopped:
                os.kill(number, signal.SIGSTOP)
            time.sleep(random.uniform(0, 0.2))
            run.tell(signal.SIGCONT, group=True)
            for number in stopped:
                os.kill(number, signal.SIGCONT)
        status, said = run.ended()
    assert status == 0 or command == "audit"
    assert "interrupted" not in said.replace(FROM_THE_BEGINNING, "")
    if command == "verify-many":
        assert (tmp_path / "out").read_bytes() == small.results


def test_what_a_shell_had_ignored_stays_ignored(small: Archive, tmp_path: Path) -> None:
    """Under nohup, the end of the terminal does not end the run."""
    with Run(words("verify-many", small, tmp_path), tmp_path, ignored=[signal.SIGHUP]) as run:
        time.sleep(0.2)
        run.tell(signal.SIGHUP, group=True)
        status, _ = run.ended()
    assert status == 0
    assert (tmp_path / "out").read_bytes() == small.results
