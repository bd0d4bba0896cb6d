"""Test vectors: the suite that comes with ecpure or other files in its schemas, run against ecpure or any program.

A program is any callable from request to answer: ecpure itself (`operations.answer`), a child process
(`process.Command`), or your own function. docs/vectors.md describes requests and answers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from functools import partial
from pathlib import Path

from ..values import require_text
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
    installed = folder / "suite"  # in a wheel; in a checkout it is outside the package
    return installed if installed.is_dir() else folder.parents[1] / "vectors" / "suite"


def shipped() -> list[str]:
    """Return the paths of the suite that comes with the package."""
    return find([str(suite())])


def find(paths: Iterable[str]) -> list[str]:
    """Return the files that `paths` name: a file as it is, and a folder's files *_test.json at any depth, sorted.

    Raises `TypeError` for anything that is not a path, and for one path in place of a list: each character of a text
    would be a path.
    """
    if isinstance(paths, (str, bytes, os.PathLike)):
        raise TypeError(f"paths: a list of paths was expected, not {type(paths).__name__}")
    found: list[str] = []
    for path in (require_text(os.fspath(path), "path") for path in paths):
        found += sorted(map(str, Path(path).rglob("*_test.json"))) if os.path.isdir(path) else [path]
    return found


def ask(program: Program, case: Case) -> Message:
    """Return the program's answer to the case; what it does to its request does not change the case."""
    return program(deepcopy({"id": case.id, **case.request}))


def run(cases: Iterable[Case], program: Program, judge: Judge | None = None) -> Iterator[Outcome]:
    """Yield the outcome of each case when the program answers it. judge: pass the same to all calls that are one run.

    A program that raises `TimeoutError` has timed out, one that raises `NotRun` was not asked, any other exception is a
    crash. An answer agrees if its result and all expected fields are equal, also in JSON type; other fields are
    ignored.
    """
    judge = judge or Judge()
    for case in cases:
        yield judge.outcome(case, partial(ask, program, case))
