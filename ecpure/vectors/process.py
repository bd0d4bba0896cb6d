"""A program under test as a child process: requests go to its standard input, answers come from its standard output.

Each is one JSON object on one line. The program gets one request at a time, until its input ends. One that ends before
has crashed, and is started again for the next request.
No wait for a pipe is without a time limit: a process that the program started may keep the pipe open for any time.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Self, cast

from ..errors import EcpureError
from ..io import strictjson
from ..io.ending import children
from . import Message, NotRun
from .judging import INTERRUPTED, NoAnswer, beginning

PATIENCE = 10
"""After this many requests in a row without an answer, a program is not asked again."""

_LONGEST = 1 << 20  # octets of an answer
_DEEPEST = 100  # lists and objects inside one another in an answer
_AT_ONCE = 1 << 16  # octets that are read or written at once
_GRACE = 1.0  # seconds that a program has to end after it closed its output, or its input ended
_LOOK = 0.1  # seconds between checks whether the program has ended, or we have to stop
_LAST_LINE = 1000  # octets of the last line of standard error that are reported


class ProgramEnded(EcpureError):
    """The program ended instead of answering."""


class Command:
    """Sends requests to the program that `words` start, each to be answered within `timeout` seconds.

    environment: variables to set for it in addition to ours. Use it in a `with` statement, which ends the program.
    """

    def __init__(self, words: Sequence[str], *, timeout: float, environment: dict[str, str] | None = None) -> None:
        self._words = list(words)
        self._timeout = timeout
        self._environment = os.environ | (environment or {})
        self._child: _Child | None = None
        self._unanswered = 0
        self._answered: object = None  # the id of the last request that the running program answered
        self._is_stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(grace=0 if self._is_stopped else _GRACE)

    def stop(self) -> None:
        """Send no more requests; a call that waits for an answer soon raises `NotRun`. For other threads to call."""
        self._is_stopped = True

    def __call__(self, request: Message) -> Message:
        """Return the program's answer.

        Raises `NoAnswer` for a line that does not answer the request, `TimeoutError`, `ProgramEnded`, `NotRun`;
        `OSError` if it cannot be started.
        """
        if self._unanswered >= PATIENCE:
            raise NotRun(f"not asked, after {PATIENCE} requests in a row without an answer")
        self._unanswered += 1
        line = json.dumps(request).encode("ascii") + b"\n"
        try:
            answer = self._exchange(line)
        except BaseException:  # also an interrupt: the program is in the middle of a request, and has to be ended
            self._end(grace=0)
            raise
        if not answer.endswith(b"\n") and len(answer) < _LONGEST:
            raise ProgramEnded(self._how_it_ended(answer))
        try:
            decoded = _decoded(answer, request["id"], self._answered)
        except NoAnswer:
            self._end(grace=0)  # out of step: it is started again for the next request
            raise
        self._unanswered, self._answered = 0, request["id"]
        return decoded

    def _exchange(self, line: bytes) -> bytes:
        """Write a line, and return the program's next one, without its line end if the program has ended."""
        child = self._child = self._child or _Child(self._words, self._environment)
        child.write(line)
        deadline = time.monotonic() + self._timeout
        while (answer := child.line()) is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no answer within {self._timeout:g} s")
            if self._is_stopped:
                raise NotRun(INTERRUPTED)
            child.turn(min(left, _LOOK))
        return answer

    def _how_it_ended(self, unended: bytes) -> str:
        """Return how the program ended, and why if that can be told. unended: what it wrote without a line end."""
        is_after_an_answer = self._answered is not None
        how = self._end(grace=_GRACE)
        if unended:
            return f"its last line has no line end, {beginning(unended)}: {how}"
        if is_after_an_answer and how.startswith("it ended with status 0"):  # not because of this request, then
            return f"it has to read until its input ends: after an answer, {how}"
        return how

    def _end(self, *, grace: float) -> str:
        """End the program, and return how it ended, with the last line of its standard error."""
        child, self._child, self._answered = self._child, None, None
        return "" if child is None else child.end(grace)


def _decoded(line: bytes, id: object, before: object) -> Message:
    """Return the answer to the request `id`. Raises `NoAnswer`, with the reason and the beginning of the line.

    before: the id of the request before, or None: its second answer arrives as an answer to this request.
    """
    shown = beginning(line.strip())
    if not line.endswith(b"\n"):
        raise NoAnswer(f"a line of {_LONGEST} bytes or more: {shown}")
    if not line.strip():
        raise NoAnswer("an empty line")
    try:
        decoded = strictjson.decode(line, "answer")
    except EcpureError:
        raise NoAnswer(f"a line that is not JSON (with distinct names, without NaN): {shown}") from None
    if not isinstance(decoded, dict):
        raise NoAnswer(f"a line of JSON that is not an object: {shown}")
    answered = decoded.get("id")
    if answered is None:
        raise NoAnswer(f"a line without an id: {shown}")
    if answered != id:
        twice = " (it may have answered the request before twice)" if answered == before else ""
        raise NoAnswer(f"a line with another id{twice}: {shown}")
    if not _fits(decoded):
        raise NoAnswer(f"a line with more than {_DEEPEST} levels of lists and objects: {shown}")
    return decoded


def _fits(value: object, depth: int = _DEEPEST) -> bool:
    """Whether a value of JSON is nested no deeper, so that it can be written again wherever the report is made."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth > 0 and all(_fits(one, depth - 1) for one in inside)


class _Child:
    """A running program. No wait for its pipes is without a time limit.

    It is started in its own session, so that the processes it starts can be ended with it.
    """

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # the user asked for this command, and no shell reads it
            words,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        pipes = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._stdin, self._stdout, self._stderr = (cast("IO[bytes]", pipe) for pipe in pipes)
        self._outgoing, self._incoming, self._told = memoryview(b""), bytearray(), b""
        self._is_over = False
        self._selector = selectors.DefaultSelector()
        for pipe, read in ((self._stdout, self._listen), (self._stderr, self._overhear)):
            self._selector.register(pipe, selectors.EVENT_READ, read)
        for pipe in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(pipe.fileno(), False)
        children.add(self)

    def kill(self) -> None:
        """End the program at once, with the processes that it started."""
        with contextlib.suppress(OSError):  # its group has usually ended with it
            os.killpg(self._process.pid, signal.SIGKILL)

    def write(self, line: bytes) -> None:
        """Schedule a line to be written in the next turns."""
        self._outgoing = memoryview(line)
        self._selector.register(self._stdin, selectors.EVENT_WRITE, self._speak)

    def line(self) -> bytes | None:
        """Return the next line of its output if it is there and our line was written, else None; at the end of the
        output, or if the line is too long, what there is.
        """
        end = self._incoming.find(b"\n") + 1
        if (not end or self._outgoing) and not self._is_over and len(self._incoming) < _LONGEST:
            return None
        end = end or min(len(self._incoming), _LONGEST)
        line = bytes(self._incoming[:end])
        del self._incoming[:end]
        if self._outgoing:
            self._hush()
        return line

    def turn(self, seconds: float) -> None:
        """Write and read what is possible without waiting; if nothing is, wait up to `seconds` until something is."""
        has_ended = self._process.poll() is not None  # checked first, so that its last answer is not missed
        ready = [key for key, _ in self._selector.select(0 if has_ended else seconds)]
        for key in ready:
            key.data()
        self._is_over |= has_ended and not any(key.fileobj is self._stdout for key in ready)

    def _speak(self) -> None:
        try:
            self._outgoing = self._outgoing[os.write(self._stdin.fileno(), self._outgoing[:_AT_ONCE]) :]
        except OSError:  # it no longer reads; it may have answered before
            self._outgoing = memoryview(b"")
        if not self._outgoing:
            self._hush()

    def _hush(self) -> None:
        self._outgoing = memoryview(b"")
        self._selector.unregister(self._stdin)

    def _listen(self) -> None:
        octets = os.read(self._stdout.fileno(), _AT_ONCE)
        self._incoming += octets
        if not octets:
            self._is_over = True
            self._selector.unregister(self._stdout)

    def _overhear(self) -> None:
        octets = os.read(self._stderr.fileno(), _AT_ONCE)
        self._told = (self._told + octets)[-_AT_ONCE:]
        if not octets:
            self._selector.unregister(self._stderr)

    def end(self, grace: float) -> str:
        """Close its input, end it by force after `grace` seconds; return how it ended, and its last line of errors."""
        if self._outgoing:
            self._hush()
        with contextlib.suppress(OSError):  # it may already have stopped reading
            self._stdin.close()
        if self._stdout in self._selector.get_map():
            self._selector.unregister(self._stdout)
        deadline = time.monotonic() + grace
        while self._process.poll() is None and (left := deadline - time.monotonic()) > 0:
            self.turn(min(left, _LOOK / 5))
        is_by_itself = self._process.poll() is not None
        self.kill()
        status = self._process.wait()
        children.discard(self)
        self.turn(0)  # read what is left
        self._selector.close()
        self._stdout.close()
        self._stderr.close()
        how = f"it ended with status {status}" if status >= 0 else f"it was ended by signal {-status}"
        how = how if is_by_itself else "it closed its output"
        lines = [line for line in self._told.splitlines() if line.strip()]
        # Indented lines say where an error was, below the line that says which.
        last = ([line for line in lines if not line[:1].isspace()] or lines or [b""])[-1].strip()
        return f"{how}: {last[-_LAST_LINE:].decode('utf-8', 'replace')}" if last else how
