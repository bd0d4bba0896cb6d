"""A program under test as a child process: requests go to its standard input, answers come from its standard output.

Each is one JSON object on one line. The program is asked one thing at a time, and started again when it has ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import IO, NamedTuple, Self, cast

from ..errors import EcpureError
from ..io import strictjson
from . import Message, NotRun

PATIENCE = 10
"""After so many requests in a row without an answer to them, a program is not asked again."""

_LONGEST = 1 << 20  # octets of an answer
_GRACE = 1.0  # seconds that a program which closed its output, and our threads, have to come to an end


class ProgramEnded(EcpureError):
    """The program ended instead of answering."""


class _Child(NamedTuple):
    """A running program, and a thread that keeps the last lines of its standard error."""

    process: subprocess.Popen[bytes]
    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]
    last_lines: deque[bytes]
    listener: threading.Thread


class Command:
    """Put requests to the program that `words` start, each to be answered within `timeout` seconds.

    environment: variables to be set for it besides ours. Use it in a `with` statement, which ends the program.
    """

    def __init__(self, words: Sequence[str], *, timeout: float, environment: dict[str, str] | None = None) -> None:
        self._words = list(words)
        self._timeout = timeout
        self._environment = os.environ | (environment or {})
        self._child: _Child | None = None
        self._unanswered = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def __call__(self, request: Message) -> Message:
        """Return the program's answer, empty where what it wrote is none to the request.

        Raises `TimeoutError`, `ProgramEnded`, `NotRun`; `OSError` if it can't start.
        """
        if self._unanswered >= PATIENCE:
            raise NotRun(f"not asked, after {PATIENCE} requests in a row without an answer")
        self._unanswered += 1
        child = self._child = self._child or _start(self._words, self._environment)
        answers: SimpleQueue[bytes] = SimpleQueue()
        line = json.dumps(request).encode("ascii") + b"\n"
        asker = threading.Thread(target=_exchange, args=(child, line, answers), daemon=True)
        asker.start()  # in a thread, because reading and writing may block for ever
        try:
            answer = answers.get(timeout=self._timeout)
        except Empty:
            self._end(asker)
            raise TimeoutError(f"no answer within {self._timeout:g} s") from None
        except KeyboardInterrupt:  # in the middle of something: a line that is being written has to be ended with it
            self._end(asker)
            raise
        asker.join()
        if not answer.endswith(b"\n") and len(answer) < _LONGEST:
            raise ProgramEnded(self._end())
        try:
            decoded = strictjson.decode_object(answer, "answer")
        except EcpureError:
            decoded = {}
        if decoded.get("id") != request["id"]:
            self._end(asker)  # it lost its way: it is started anew for the next
            return {}
        self._unanswered = 0
        return decoded

    def _end(self, *askers: threading.Thread) -> str:
        """End the program, and return how it ended, with the last line of its standard error."""
        child, self._child = self._child, None
        if child is None:
            return ""
        if not askers:  # it is not in the middle of something: the end of its input lets it go in peace
            with contextlib.suppress(OSError):  # it may have stopped reading before
                child.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(_GRACE)
        by_itself = child.process.poll() is not None
        with contextlib.suppress(OSError):  # its group is gone with it, as a rule
            os.killpg(child.process.pid, signal.SIGKILL)
        status = child.process.wait()
        for thread in (*askers, child.listener):
            thread.join(_GRACE)
        for pipe in (child.stdin, child.stdout, child.stderr):
            with contextlib.suppress(OSError):
                pipe.close()
        how = f"it ended with status {status}" if status >= 0 else f"it was ended by signal {-status}"
        how = how if by_itself else "it closed its output"
        last = next((line.strip() for line in reversed(child.last_lines) if line.strip()), b"")
        return f"{how}: {last.decode('utf-8', 'replace')}" if last else how


def _start(words: list[str], environment: dict[str, str]) -> _Child:
    """Start the program in a group of processes of its own, so that all that it starts can be ended with it."""
    process = subprocess.Popen(  # noqa: S603  # it is what the user asked for, and no shell reads it
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    stdin, stdout, stderr = (cast("IO[bytes]", pipe) for pipe in (process.stdin, process.stdout, process.stderr))
    last_lines: deque[bytes] = deque(maxlen=20)
    listener = threading.Thread(target=_listen, args=(stderr, last_lines), daemon=True)
    listener.start()
    return _Child(process, stdin, stdout, stderr, last_lines, listener)


def _listen(stderr: IO[bytes], last_lines: deque[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError):  # closed while we read
        while line := stderr.readline(1000):
            last_lines.append(line)


def _exchange(child: _Child, line: bytes, answers: SimpleQueue[bytes]) -> None:
    """Write a line, and put into `answers` the one that comes back: one without its end if the program has ended."""
    answer = b""
    with contextlib.suppress(OSError, ValueError):
        child.stdin.write(line)
        child.stdin.flush()
        answer = child.stdout.readline(_LONGEST)
    answers.put(answer)
