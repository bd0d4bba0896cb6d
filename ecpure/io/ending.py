"""Ending on signals: Ctrl-C, a request to end, a closed terminal."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time

from ..values import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class Child(Protocol):
        """A process that can be ended, or a group of them."""

        def kill(self) -> object:
            """End it at once; nothing happens if it has ended."""


_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_STATUS = 2  # exit status of a process that ends at once
_GRACE = 1.0  # seconds for the last output, in which further signals are ignored

_told = 0  # signals received in the last block of `interruptible`

children: set[Child] = set()
"""Processes to end with this one, or at the end of the block of `interruptible`."""

unfinished: set[str] = set()
"""Files to remove if the process ends at once: nothing else would ever finish them."""


@contextlib.contextmanager
def interruptible(*, is_last: bool = False) -> Iterator[None]:
    """In this block the first of the signals raises `KeyboardInterrupt`, and a second one ends the process at once.

    is_last: the process ends after the block. Then a signal does not change its status, unless it comes much later.

    A signal that is ignored, as in the background of a shell or under nohup, stays ignored. Outside the main thread,
    where Python handles no signals, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    global _told  # one count for the process
    _told, over = 0, 0.0

    def tell(*_: object) -> None:
        global _told  # noqa: PLW0603  # one count, as above
        nonlocal over
        if over and time.monotonic() < over + _GRACE:
            return
        _told += 1
        if not over:
            if _told == 1:
                raise KeyboardInterrupt
            over = time.monotonic()
            _kill()
            _remove_unfinished()
            with contextlib.suppress(OSError):  # bypasses Python's buffer, which may be in use
                os.write(sys.stderr.fileno() if sys.stderr else -1, b"ecpure: interrupted\n")
        os._exit(_STATUS)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, tell)
        yield
    finally:
        over = time.monotonic()
        _kill()
        if not is_last:
            for number, handler in before.items():
                signal.signal(number, handler)


def _kill() -> None:
    for child in [*children]:
        child.kill()


def _remove_unfinished() -> None:
    for path in [*unfinished]:
        with contextlib.suppress(OSError):
            os.unlink(path)


def end(status: int) -> None:
    """End the process if a signal came in the last block; else ignore signals from now on: it is about to end.

    Python's own exit might wait for a reader of a buffer's rest, or replace the status by SIGINT.
    """
    if _told:
        os._exit(status)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
