"""Worker processes: they begin and end as they should; and the pace of a long run."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from functools import partial

import pytest

from ecpure.archives import workers
from ecpure.archives.blocks import BLOCK

UNTRACED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
"""For processes that are killed: they would leave half a record of their coverage."""


def test_a_worker_ends_with_its_parent() -> None:
    """A parent that is killed leaves no process behind: its workers' standard error is closed soon."""
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


def test_a_worker_waits_for_its_parents_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """And then ends at once, whatever it is at."""
    ends: list[int] = []
    monkeypatch.setattr(os, "_exit", ends.append)
    parent = multiprocessing.get_context("spawn").Process(target=abs, args=[0])
    parent.start()
    workers._end_with(parent)
    assert not parent.is_alive()
    assert ends == [1]


def test_a_worker_begins_with_interrupts_waiting() -> None:
    """Until it is one, and ignores them, Ctrl-C would end it with a traceback; the parent's do not wait."""
    blocked = partial(partial, signal.pthread_sigmask, signal.SIG_BLOCK)  # adds no signal, and returns those there are
    with workers.answers(blocked, iter([[], [], []]), 2) as answers:
        assert all(signal.SIGINT in found for found in answers)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_a_system_that_cannot_let_them_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """There, workers do without."""
    monkeypatch.delattr(signal, "pthread_sigmask")
    with workers.answers(partial(partial, abs), iter([-1]), 2) as answers:
        assert list(answers) == [1]


def test_one_job_takes_no_process() -> None:
    """The items are answered in this process, each when it is asked for."""
    with workers.answers(lambda: lambda item: (item, os.getpid()), iter([1, 2]), 1) as answers:
        assert list(answers) == [(1, os.getpid()), (2, os.getpid())]


def test_a_request_to_end_is_an_interrupt_in_its_block_only() -> None:
    """Afterwards, SIGTERM does what it did before."""
    met: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: met.append(number))
    try:
        with pytest.raises(KeyboardInterrupt), workers.ended_is_interrupted():
            os.kill(os.getpid(), signal.SIGTERM)
        assert met == []
        os.kill(os.getpid(), signal.SIGTERM)
        assert met == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


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
