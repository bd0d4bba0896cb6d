"""Runs of the `ecpure` command in processes of their own, which are all found by a mark in their environment."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from childpython import UNTRACED
from consoles import PATIENCE

_PROGRAM = """
import fcntl, signal, sys, termios
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    if number not in {ignored}:
        signal.signal(number, signal.SIG_DFL)
    else:
        signal.signal(number, signal.SIG_IGN)
if sys.stdin.isatty():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from ecpure import cli
from ecpure.__main__ import main
from ecpure.archives import blocks, checkpoint, workers
from ecpure.audit import rows
import ecpure.cli.{module}
blocks.BLOCK = workers.BLOCK = {block}
checkpoint._CHECKPOINT_EVERY = rows._COMMIT_EVERY = {every}
print("begun", file=open(sys.argv[1], "w"))
del sys.argv[1]
sys.exit(main())
"""

_SAID_NOW_AND_THEN = re.compile(rb"^ecpure: (verify-many|audit|test vectors): .*\n", re.MULTILINE)


def marked(mark: str) -> list[int]:
    """Return the processes that have this mark in their environment: those that have ended have none."""
    found = []
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if name.isdecimal() and mark.encode("ascii") in Path("/proc", name, "environ").read_bytes():
                found.append(int(name))
    return found


class Run:
    """A run of the command, which has begun. block: octets that it reads at a time. every: seconds between checkpoints.
    ignored: signals that it begins with ignoring.

    Use it in a `with` statement. Its process leads a group, and a session if it has a terminal of its own.
    """

    def __init__(
        self,
        words: Sequence[str],
        folder: Path,
        *,
        block: int = 1 << 15,
        every: float = 0.05,
        terminal: int | None = None,
        ignored: Sequence[signal.Signals] = (),
    ) -> None:
        self.mark = uuid.uuid4().hex
        begun, program = folder / f"{self.mark}.begun", folder / f"{self.mark}.py"
        program.write_text(
            _PROGRAM.format(
                module=words[0].replace("-", "_"), block=block, every=every, ignored=[int(number) for number in ignored]
            ),
            encoding="ascii",
        )
        self.process = subprocess.Popen(
            [sys.executable, str(program), str(begun), *words],
            stdin=subprocess.DEVNULL if terminal is None else terminal,
            stdout=subprocess.DEVNULL if terminal is None else terminal,
            stderr=subprocess.PIPE if terminal is None else terminal,
            start_new_session=True,
            env=UNTRACED | {"ECPURE_TEST_MARK": self.mark, "TERM": "xterm"},
        )
        end = time.monotonic() + PATIENCE
        while not begun.exists() and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.001)
        begun.unlink(missing_ok=True)
        program.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what is left of it, if the test did not."""
        for number in marked(self.mark):
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()

    def workers(self) -> list[int]:
        """Return its other processes."""
        return [number for number in marked(self.mark) if number != self.process.pid]

    def tell(self, number: signal.Signals, *, group: bool = False) -> None:
        """Send it a signal, or its whole group, unless it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number) if group else os.kill(self.process.pid, number)

    def ended(self) -> tuple[int, str]:
        """Wait for its end, check that no process of it is left, and return its status, and what it said at its end."""
        _, said = self.process.communicate(timeout=PATIENCE)
        end = time.monotonic() + PATIENCE
        while marked(self.mark) and time.monotonic() < end:
            time.sleep(0.01)
        assert not marked(self.mark)
        return self.process.returncode, _SAID_NOW_AND_THEN.sub(b"", said or b"").decode()
