"""What page/worker.js asks of Python: verdicts on files, a small console, and the test vectors."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ecpure

from .check import check

_STEP = 100  # cases between two words of progress


def judge(names: Sequence[str], contents: Sequence[memoryview], answers: Mapping[str, bool | None]) -> str:
    """Return the JSON of `check.check` on files of these names and octets."""
    return json.dumps(check([(name, bytes(octets)) for name, octets in zip(names, contents, strict=True)], answers))


def about() -> str:
    """Return what runs here, as JSON."""
    return json.dumps({"ecpure": ecpure.__version__, "python": sys.version.split()[0]})


def run_vectors(progress: Callable[[int, int], object]) -> str:
    """Run the suite, and return as JSON how many cases there were, and the ids of those that did not agree.

    progress: told how many are done, of how many.
    """
    from ecpure import vectors  # slow to import, and seldom asked for
    from ecpure.vectors.operations import answer

    files = [vectors.read(path) for path in vectors.shipped()]
    total, done, wrong = sum(len(file.cases) for file in files), 0, []
    for file in files:
        for outcome in vectors.run(file.cases, answer):
            done += 1
            if outcome.verdict != vectors.AGREED:
                wrong.append(f"{outcome.case.id}: {outcome.verdict}")
            if done % _STEP == 0 or done == total:
                progress(done, total)
    return json.dumps({"cases": total, "wrong": wrong})


class Console:
    """Runs Python as the interactive interpreter does, statement by statement; names stay from one text to the next."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {"__name__": "__console__"}

    def run(self, text: str) -> str:
        """Return the lines with their output, up to the first exception."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                for statement in ast.parse(text).body:
                    source = "\n".join(text.splitlines()[statement.lineno - 1 : statement.end_lineno])
                    print(">>> " + source.replace("\n", "\n... "))
                    exec(compile(ast.Interactive([statement]), "<console>", "single"), self._names)  # noqa: S102
            except BaseException as error:  # noqa: BLE001  # whatever the user's lines raise, SystemExit included
                print("".join(traceback.format_exception_only(error)), end="")
        return out.getvalue()


console = Console()
