"""Many mutants of a module's functions in one process that has collected the tests: a fork for each, and no more.

Before a child runs the tests, the code of the one function that its mutant changes is put in place, wherever that
function is referred to. Mutants that change more than one function, a default or a constant, are left to others; and
so are those that survive here, since what was computed before the fork was computed without the mistake.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import NamedTuple, TypeVar

import pytest

PATIENCE = 40.0
"""Wall-clock time that a child may take, as a multiple of its processor time: a guard against children that wait."""

MEMORY = 3 << 30

Job = TypeVar("Job")


def children(
    jobs: Iterator[Job], workers: int, patience: float, prepare: Callable[[Job, int], object] = lambda _, __: None
) -> Iterator[tuple[Job, int, int | None, float]]:
    """Fork for each job, so many at once, and yield (job, worker, None, 0) in the child, and here, when it has ended,
    (job, worker, its status, the processor time it took). `prepare` is called before the fork.

    A child takes a process group of its own by `limit`; what it leaves behind is ended with it.
    """
    idle = list(range(workers))
    running: dict[int, tuple[Job, int, float]] = {}
    for job in jobs:
        worker = idle.pop()
        prepare(job, worker)
        pid = os.fork()
        if not pid:
            yield job, worker, None, 0.0
            raise RuntimeError("a child goes its own way")
        running[pid] = job, worker, time.monotonic() + patience
        while not idle:
            yield from _ended(running, idle)
    while running:
        yield from _ended(running, idle)


def _ended(running: dict[int, tuple[Job, int, float]], idle: list[int]) -> Iterator[tuple[Job, int, int | None, float]]:
    """Yield what has ended, if anything has; wait a little if nothing has."""
    pid, status, usage = os.wait4(-1, os.WNOHANG)
    if pid:
        job, worker, _ = running.pop(pid)
        _end_group(pid)
        idle.append(worker)
        yield job, worker, status, usage.ru_utime + usage.ru_stime
        return
    time.sleep(0.002)
    for pid, (_, _, until) in running.items():
        if time.monotonic() > until:
            _end_group(pid)


def _end_group(pid: int) -> None:
    """End a child, if it is still there, and whatever it has started and left behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # none is left
        os.killpg(pid, signal.SIGKILL)


def limit(seconds: int) -> None:
    """Limit this process to so much processor time, and to a group of its own."""
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Sprout(NamedTuple):
    """A mutant whose mistake is in the code of one function."""

    name: str
    qualified: str
    code: CodeType


def sprout(name: str, source: str, mutated: str) -> Sprout | None:
    """Return the mutant, or None where it changes anything but one function's code."""
    before, after = (dict(_bodies(compile(text, "mutant", "exec"))) for text in (source, mutated))
    changed = [qualified for qualified in after if before.get(qualified) != after[qualified]]
    if before.keys() != after.keys() or len(changed) != 1 or not after[changed[0]].co_flags & 2:
        return None
    return Sprout(name, changed[0], after[changed[0]])


def _bodies(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    """Yield the code of a module, of its classes and of their functions, each without those that stand in it."""
    if code.co_flags & 2:  # CO_NEWLOCALS: a function; what stands in it is a part of it
        yield code.co_qualname, code
        return
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    yield code.co_qualname, code.replace(co_consts=tuple(c for c in code.co_consts if not isinstance(c, CodeType)))
    for constant in inner:
        yield from _bodies(constant)


def transplant(module: str, mutant: Sprout) -> int:
    """Give every function of this module and name the mutant's code, and return how many there were."""
    found = [
        function
        for function in gc.get_objects()
        if isinstance(function, FunctionType)
        and function.__module__ == module
        and function.__code__.co_qualname == mutant.qualified
    ]
    for function in found:
        function.__code__ = mutant.code
    return len(found)


class Nursery:
    """A plug-in of pytest that runs the tests once for each mutant, in a child of its own, and not in this process.

    What became of each is written to a descriptor, as a line of JSON: name, status as `wait` gives it.
    """

    def __init__(self, module: str, mutants: list[Sprout], workers: int, seconds: int, results: int) -> None:
        self._module = module
        self._mutants = mutants
        self._workers = workers
        self._seconds = seconds
        self._results = results

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        """Return in each child, so that pytest goes on to run the tests there; the nursery itself ends here."""
        for mutant, _, status, _ in children(iter(self._mutants), self._workers, PATIENCE * self._seconds):
            if status is None:
                limit(self._seconds)
                if not transplant(self._module, mutant):
                    os._exit(0)  # it survives, for others to judge
                return
            os.write(self._results, (json.dumps([mutant.name, status]) + "\n").encode("ascii"))
        os._exit(0)
