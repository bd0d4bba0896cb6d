"""How far a long run has come, on standard error."""

from __future__ import annotations

import sys
import time
from typing import Any, Self

from .streams import say

_LINE_EVERY = 10.0  # seconds between lines


class Progress:
    """A progress bar if standard error is a terminal and rich is installed, else a line now and then.

    Use it in a `with` statement, and call `advance`.
    """

    def __init__(self, total: int | None, what: str) -> None:
        self._total, self._what = total, what
        self._done = 0
        self._bar: Any = None
        self._next_line = time.monotonic() + _LINE_EVERY

    def __enter__(self) -> Self:
        if sys.stderr is not None and sys.stderr.isatty():
            try:
                from rich import progress  # slow to import, and optional
                from rich.console import Console
            except ImportError:
                return self
            columns = (progress.BarColumn(), progress.TextColumn("{task.fields[note]}"), progress.TimeRemainingColumn())
            console = Console(stderr=True)
            self._bar = progress.Progress(progress.TextColumn(self._what), *columns, console=console, transient=True)
            self._bar.start()
            self._bar.add_task(self._what, total=self._total, note="")
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, count: int = 1, note: str | None = None) -> None:
        """Show that `count` more are done, in the words of `note` or as a number."""
        self._done += count
        if note is None:
            note = f"{self._done}" + ("" if self._total is None else f" of {self._total}")
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], advance=count, note=note)
        elif (now := time.monotonic()) >= self._next_line:
            self._next_line = now + _LINE_EVERY
            say(f"ecpure: {self._what}: {note}")
