"""Worker processes for long work on many blocks, and the pace of a run.

A worker is a child with two pipes of its own, and is asked one thing at a time. Nothing is shared between workers: one
that dies, or is stopped, spoils only its own answer. A worker whose parent is gone reads the end of its input, and
ends.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import IO, Any, TypeVar, cast

from .. import bulk
from ..errors import EcpureError
from ..io.ending import children
from .blocks import BLOCK

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 3  # items for each worker: one at work, one waiting, one whose answer waits for its turn


class WorkersFailed(EcpureError):
    """A worker process died, or cannot be started. Earlier answers are right."""


@contextlib.contextmanager
def answers(make: Callable[[], Callable[[T], R]], items: Iterator[T], jobs: int) -> Iterator[Iterator[R]]:
    """Yield an iterator over `work(item)` in order, computed by `jobs` processes, or by this one if `jobs` is 1.

    `make` is called once in each process and returns its `work`. Raises what `work` raises, and `WorkersFailed`. No
    worker is left behind, however the block is left.
    """
    if jobs == 1:
        yield map(make(), items)
        return
    free: SimpleQueue[_Worker] = SimpleQueue()
    workers: list[_Worker] = []

    def ask(item: T) -> R:
        worker = free.get()
        try:
            return cast("R", worker.ask(item))
        finally:
            free.put(worker)

    # Threads only wait for their workers: the end of a worker ends them.
    executor = ThreadPoolExecutor(jobs)
    try:
        for _ in range(jobs):
            workers.append(_Worker(make))
            free.put(workers[-1])
        yield _started(bulk.submitted(ask, items, executor, _AHEAD * jobs))
    except MemoryError:
        raise WorkersFailed("out of memory: use --jobs 1") from None
    finally:
        for worker in workers:
            worker.kill()
        executor.shutdown(cancel_futures=True)
        for worker in workers:
            worker.close()


def _started(found: Iterator[R]) -> Iterator[R]:
    """Yield what `found` yields. Raises `WorkersFailed` if the system starts no more threads."""
    try:
        yield from found
    except RuntimeError as error:
        if "new thread" not in str(error):
            raise
        raise WorkersFailed("a thread cannot be started: use --jobs 1") from None


class _Worker:
    """A child process that calls the function returned by `make`."""

    def __init__(self, make: Callable[[], Callable[[Any], Any]]) -> None:
        code = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import serve; serve()"
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # the parent reports errors
                process_group=0,  # the parent handles Ctrl-C, which goes to a whole group
            )
        except OSError as error:
            raise WorkersFailed(f"a worker process cannot be started ({error.strerror}): use --jobs 1") from None
        children.add(self._process)
        self._stdin, self._stdout = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        self._make: Any = make

    def ask(self, item: object) -> object:
        """Return the answer. Raises what the work raised, and `WorkersFailed`."""
        try:
            if self._make is not None:
                pickle.dump(self._make, self._stdin)
                self._make = None
            pickle.dump(item, self._stdin)
            self._stdin.flush()
            answer, error = pickle.load(self._stdout)  # noqa: S301  # our own child's
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            raise WorkersFailed("a worker process died: if memory is short, use --jobs 1") from None
        if error is not None:
            raise error
        return answer

    def kill(self) -> None:
        """End the process. `ask` raises in a thread that waits for its answer."""
        self._process.kill()
        self._process.wait()
        children.discard(self._process)

    def close(self) -> None:
        """Close the pipes, once no thread waits for an answer."""
        self._stdout.close()
        with contextlib.suppress(OSError):  # what was not written goes nowhere
            self._stdin.close()


def serve() -> None:
    """Run as a worker: answer on standard output what standard input asks, until it ends."""
    stdin, stdout = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # so that nothing else that is printed spoils an answer
    with contextlib.suppress(EOFError, OSError):
        make, work = pickle.load(stdin), None  # noqa: S301  # our own parent's
        while True:
            item = pickle.load(stdin)  # noqa: S301
            answer: tuple[Any, Exception | None]
            try:
                work = work or make()
                answer = work(item), None
            except Exception as error:  # noqa: BLE001  # the parent handles it
                answer = None, error
            pickle.dump(answer, stdout)
            stdout.flush()
    os._exit(0)  # without complaints about pipes that nobody reads


def processes(octets: int | None, asked: int | None) -> int:
    """Return how many processes to use for so many octets: 1 for one block, else `asked`, or one per core."""
    return 1 if octets is not None and octets <= BLOCK else asked or cores()


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not a Linux
        return os.cpu_count() or 1


class Pace:
    """Progress of a run: how far it is, how fast, and how long it will take."""

    def __init__(self, total: int | None, octets: int, records: int) -> None:
        self.total = total
        self._octets, self._records, self._started = octets, records, time.monotonic()

    def words(self, octets: int, records: int) -> str:
        """Return it in words. octets, records: so many since the beginning."""
        elapsed = max(time.monotonic() - self._started, 1e-3)
        words = f"{records:,} records, {(records - self._records) / elapsed:,.0f}/s"
        if self.total is not None and octets > self._octets:
            words += f", {elapsed * (self.total - octets) / (octets - self._octets):,.0f} s left"
        return words
