"""Worker processes that end with their parent, and the pace of a long run."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from .. import bulk
from .blocks import BLOCK

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.process import BaseProcess

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 3  # items for each worker: one at work, one waiting, one on its way

_work: Callable[[Any], Any]  # of a worker process


@contextlib.contextmanager
def answers(make: Callable[[], Callable[[T], R]], items: Iterator[T], jobs: int) -> Iterator[Iterator[R]]:
    """Yield an iterator over `work(item)` in order, computed by `jobs` processes, or by this one if `jobs` is 1.

    `make` is called once in each process and returns its `work`. Raises `BrokenExecutor` if a worker dies.
    """
    if jobs == 1:
        yield map(make(), items)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    spawn = get_context("spawn")  # what a fork would take along is nothing a worker needs

    class Executor(ProcessPoolExecutor):
        def submit(self, *words: Any, **named: Any) -> Future[Any]:
            with _interrupts_wait():  # a worker may be started here, and then begins with them waiting too
                return super().submit(*words, **named)

    with Executor(jobs, spawn, _start, (make,)) as executor:
        try:
            yield bulk.submitted(_answer, items, executor, _AHEAD * jobs)
        except BaseException:
            executor.shutdown(cancel_futures=True)
            raise


@contextlib.contextmanager
def _interrupts_wait() -> Iterator[None]:
    """In this block, Ctrl-C waits, where the system can make it wait."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def ended_is_interrupted() -> Iterator[None]:
    """In this block, SIGTERM raises `KeyboardInterrupt`, as Ctrl-C does: what was done is kept, and the workers end."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _start(make: Callable[[], Callable[[T], R]]) -> None:
    """Make this process a worker: Ctrl-C is the parent's to answer, and without the parent there is nothing to do."""
    from multiprocessing import parent_process
    from threading import Thread

    global _work  # noqa: PLW0603  # what a worker of `concurrent.futures` keeps from one task to the next
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _work = make()
    Thread(target=_end_with, args=[parent_process()], daemon=True).start()


def _end_with(process: BaseProcess) -> None:
    process.join()
    os._exit(1)


def _answer(item: Any) -> Any:
    return _work(item)


def processes(octets: int | None, asked: int | None) -> int:
    """Return how many processes are to work on so many octets, or None: one on one block, else what is asked for."""
    return 1 if octets is not None and octets <= BLOCK else asked or cores()


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not a Linux
        return os.cpu_count() or 1


class Pace:
    """How far a run has come, how fast it goes, and how long it will take."""

    def __init__(self, total: int | None, octets: int, records: int) -> None:
        self.total = total
        self._octets, self._records, self._started = octets, records, time.monotonic()

    def words(self, octets: int, records: int) -> str:
        """Return it in words, for so many octets and records from the beginning."""
        elapsed = max(time.monotonic() - self._started, 1e-3)
        words = f"{records:,} records, {(records - self._records) / elapsed:,.0f}/s"
        if self.total is not None and octets > self._octets:
            words += f", {elapsed * (self.total - octets) / (octets - self._octets):,.0f} s left"
        return words
