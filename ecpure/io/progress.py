"""Progress of a long run, on standard error."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import Any, Self

from .streams import say

_LINE_EVERY = 10.0  # seconds between lines


class Progress:
    """A bar if standard error is a terminal that can draw one and rich is installed, else a line every ten seconds.

    total: the final count of `advance`, or None. bar: false if a bar would share its line with other output. Use it in
    a `with` statement, and call `advance`.
    """

    def __init__(self, total: int | None, what: str, *, bar: bool = True) -> None:
        self._total, self._what, self._may_draw = total, what, bar
        self._done = 0
        self._note = "begun"
        self._bar: Any = None
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        self._bar = self._drawn()
        with contextlib.suppress(RuntimeError):  # the system starts no more threads: then nothing is shown
            if self._bar is not None:
                self._bar.add_task(self._what, total=self._total, note="")
                self._bar.start()
            else:  # a thread of its own, since a single step may take longer
                threading.Thread(target=self._say_now_and_then, daemon=True).start()
        return self

    def _drawn(self) -> Any:
        """Return a rich bar, or None if it cannot be drawn."""
        if (
            not self._may_draw
            or sys.stderr is None
            or not sys.stderr.isatty()
            or os.environ.get("TERM") in (None, "", "dumb")
        ):
            return None
        try:
            from rich import progress  # slow to import, and optional
            from rich.console import Console
        except ImportError:
            return None
        columns = (progress.TextColumn(self._what), progress.BarColumn(), progress.TextColumn("{task.fields[note]}"))
        return progress.Progress(*columns, console=Console(stderr=True), transient=True)

    def _say_now_and_then(self) -> None:
        while not self._ended.wait(_LINE_EVERY):
            say(f"ecpure: {self._what}: {self._note}")

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._bar is not None:
            self._bar.stop()

    def advance(self, count: int = 1, note: str | None = None) -> None:
        """Count `count` more as done; `note` says how far it is, by default the number."""
        self._done += count
        if note is None:
            note = f"{self._done:,}" + ("" if self._total is None else f" of {self._total:,}")
        self._note = note
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], advance=count, note=note)
