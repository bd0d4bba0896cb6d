"""Worker processes: they begin and end as they should; and the pace of a long run."""

from __future__ import annotations

import errno
import io
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import pytest
from childpython import UNTRACED
from workerjobs import failing, fails, give, loudly

from ecpure import bulk
from ecpure.archives import workers
from ecpure.archives.blocks import BLOCK
from ecpure.archives.workers import WorkersFailed
from ecpure.io.ending import children
from ecpure.io.streams import Refused


def test_a_worker_ends_with_its_parent() -> None:
    """A parent that is killed leaves no process behind: its workers' processes end."""
    command = [sys.executable, "-m", "ecpure", "verify-many", "-", "--jobs", "2"]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **streams, env=UNTRACED) as child:  # type: ignore[call-overload]
        line = b'{"x": "%b"}\n' % (b"x" * (BLOCK // 4))
        child.stdin.write(line * 30)  # more blocks than are under way at a time
        child.stdin.flush()
        assert b"unknown-field" in child.stdout.readline()  # a worker has answered the first of them
        child.kill()
        child.stderr.read()  # which ends when the last process that could write there has ended
    assert child.returncode == -signal.SIGKILL


def asking(work: Callable[[Any], Any], items: Iterable[Any], jobs: int = 2) -> list[Any]:
    with workers.answers(partial(give, work), iter(items), jobs) as answers:
        return list(answers)


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """See that no worker is left behind, whatever happened."""
    yield
    assert not children


def test_workers_answer_in_order() -> None:
    """Each in a process and a group of its own, so that Ctrl-C is the parent's to answer; what it prints is lost."""
    found = asking(loudly, range(40), 3)
    assert [item for item, _, _ in found] == list(range(40))
    assert os.getpid() not in {process for _, process, _ in found}
    assert len({process for _, process, _ in found}) <= 3
    assert all(leads for _, _, leads in found)


def test_no_item_no_answer() -> None:
    """Workers that were asked nothing end, too."""
    assert asking(abs, []) == []


def test_what_the_work_raises_is_raised() -> None:
    """After the answers before it; and so is what the making of the work raises."""
    with workers.answers(partial(give, fails), iter(range(9)), 2) as answers:
        assert [next(answers), next(answers)] == [0, 1]
        with pytest.raises(Refused, match=r"^two$"):
            next(answers)
    with (
        pytest.raises(Refused, match=r"^cannot be made$"),
        workers.answers(failing, iter([1]), 2) as answers,
    ):
        list(answers)


def test_leaving_ends_the_workers_at_work() -> None:
    """By whatever exception: nobody waits for what they are at."""

    def leave() -> None:
        with workers.answers(partial(give, time.sleep), iter([0, 600, 600, 600]), 2) as answers:
            next(answers)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leave()


@pytest.mark.parametrize("moment", ["before", "while it works"])
def test_a_worker_that_dies(moment: str) -> None:
    """What it was asked has no answer, which is said; what was answered before is right."""
    sleeps = [0, 600, 600] if moment == "while it works" else [0] * 20
    with workers.answers(partial(give, time.sleep), iter(sleeps), 2) as answers:
        assert next(answers) is None
        for child in [*children]:
            child.kill()  # as the system does that is short of memory
        with pytest.raises(WorkersFailed, match=r"^a worker process died: if memory is short, use --jobs 1$"):
            list(answers)


def test_a_worker_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others end, and it is said what to do."""
    popen, left = subprocess.Popen, [1]

    def start(*arguments: Any, **options: Any) -> Any:
        if not left:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        left.pop()
        return popen(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", start)
    words = r"^a worker process cannot be started \(Resource temporarily unavailable\): use --jobs 1$"
    with pytest.raises(WorkersFailed, match=words):
        asking(abs, [1])


def test_a_system_short_of_memory_or_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said what to do; another error is not taken for it."""

    def failing_by(error: Exception) -> Callable[..., Iterator[object]]:
        def submitted(*_: object) -> Iterator[object]:
            raise error
            yield

        return submitted

    for error, words in (
        (MemoryError(), "out of memory: use --jobs 1"),
        (RuntimeError("can't start new thread"), "a thread cannot be started: use --jobs 1"),
    ):
        monkeypatch.setattr(bulk, "submitted", failing_by(error))
        with pytest.raises(WorkersFailed, match=f"^{words}$"):
            asking(abs, [1])
    monkeypatch.setattr(bulk, "submitted", failing_by(RuntimeError("another")))
    with pytest.raises(RuntimeError, match=r"^another$"):
        asking(abs, [1])


class Stream(io.BytesIO):
    """A standard stream in octets."""

    @property
    def buffer(self) -> Stream:
        return self


class Ended(BaseException):
    """The process would have ended with this status."""


def test_to_serve_is_to_answer_until_the_input_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each item has its answer, or the exception that the work raised; then the process ends."""

    def ended(status: int) -> None:
        raise Ended(status)

    out = io.BytesIO()
    monkeypatch.setattr(os, "_exit", ended)
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    monkeypatch.setattr(os, "dup", lambda _: -1)
    monkeypatch.setattr(os, "fdopen", lambda *_: out)
    asked = [pickle.dumps(partial(give, fails)), *map(pickle.dumps, (1, 2, 3))]
    monkeypatch.setattr(sys, "stdin", Stream(b"".join(asked)))
    with pytest.raises(Ended, match=r"^0$"):
        workers.serve()
    out.seek(0)
    found = [pickle.load(out) for _ in range(3)]
    assert [answer for answer, _ in found] == [1, None, 3]
    assert [str(error) for _, error in found] == ["None", "two", "None"]


def test_one_job_takes_no_process() -> None:
    """The items are answered in this process, each when it is asked for."""
    with workers.answers(lambda: lambda item: (item, os.getpid()), iter([1, 2]), 1) as answers:
        assert list(answers) == [(1, os.getpid()), (2, os.getpid())]


def test_one_block_takes_one_process() -> None:
    """What is larger, or of unknown size, takes as many as are asked for, or as there are cores."""
    assert workers.processes(BLOCK, 5) == 1
    assert workers.processes(BLOCK + 1, 5) == workers.processes(None, 5) == 5
    assert workers.processes(BLOCK + 1, None) == workers.processes(None, None) == workers.cores()


def test_the_cores_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are those that the process may use, where the system says so."""
    assert 1 <= workers.cores() <= (os.cpu_count() or 1)
    monkeypatch.delattr(os, "sched_getaffinity")
    assert workers.cores() == (os.cpu_count() or 1)


def test_the_pace_in_words() -> None:
    """The time left is said only where the whole is known."""
    assert " s left" not in workers.Pace(None, 0, 0).words(5, 1)
    assert " s left" in workers.Pace(10, 0, 0).words(5, 1)
    assert workers.Pace(10, 5, 3).words(5, 3).startswith("3 records, 0/s")
