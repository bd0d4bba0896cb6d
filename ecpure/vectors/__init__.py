"""Test vectors: the suite that comes with ecpure or other files in its schemas, put to ecpure or to any other program.

A program is any callable from request to answer: ecpure itself (`operations.answer`), a child process
(`process.Command`), or a function of your own. docs/vectors.md describes requests and answers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from .judging import AGREED, VERDICTS, Judge, NotRun, Outcome
from .schemas import Case, InvalidVectors, Message, VectorFile, read

__all__ = [
    "AGREED",
    "VERDICTS",
    "Case",
    "InvalidVectors",
    "Judge",
    "Message",
    "NotRun",
    "Outcome",
    "VectorFile",
    "find",
    "read",
    "run",
    "shipped",
    "suite",
]

Program = Callable[[Message], Message]


def suite() -> Path:
    """Return the folder of the suite that comes with the package."""
    folder = Path(__file__).parent
    installed = folder / "suite"  # as a wheel has it; in a checkout it lies beside the package
    return installed if installed.is_dir() else folder.parents[1] / "vectors" / "suite"


def shipped() -> list[str]:
    """Return the paths of the suite that comes with the package."""
    return find([str(suite())])


def find(paths: Iterable[str]) -> list[str]:
    """Return the files that `paths` name: a file as it is, a folder's files *_test.json at any depth, sorted.

    Raises `TypeError` for what is no path.
    """
    found: list[str] = []
    for path in map(os.fspath, paths):
        found += sorted(map(str, Path(path).rglob("*_test.json"))) if os.path.isdir(path) else [path]
    return found


def run(cases: Iterable[Case], program: Program, judge: Judge | None = None) -> Iterator[Outcome]:
    """Yield what comes of each case when it is put to the program. judge: of several calls that are one run.

    A program that raises `TimeoutError` has timed out, `NotRun` was not asked, anything else has crashed. An answer
    agrees if its result and the fields that are expected are right, of the same type of JSON; its other fields are
    ignored.
    """
    judge = judge or Judge()
    for case in cases:
        yield judge.outcome(case, partial(program, {"id": case.id, **case.request}))
