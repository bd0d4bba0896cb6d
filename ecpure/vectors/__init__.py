"""Test vectors: the suite that comes with ecpure or other files in its schemas, put to ecpure or to any other program.

A program is any callable from request to answer: ecpure itself (`operations.answer`), a child process
(`process.Command`), or a function of your own. docs/vectors.md describes requests and answers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .schemas import Case, InvalidVectors, Message, VectorFile, read

__all__ = ["Case", "InvalidVectors", "Message", "NotRun", "Outcome", "VectorFile", "find", "read", "run", "shipped"]

Program = Callable[[Message], Message]

AGREED, WRONG, CRASHED, TIMED_OUT, UNSUPPORTED, NOT_RUN = VERDICTS = (
    "agreed",
    "wrong",
    "crashed",
    "timed out",
    "unsupported",
    "not run",
)


class NotRun(Exception):
    """Raised by a program in place of an answer, if it will not be asked any more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: a verdict, the answer if there was one, and what is to be said of it."""

    case: Case
    verdict: str
    answer: Message | None = None
    detail: str = ""


def shipped() -> list[str]:
    """Return the paths of the suite that comes with the package."""
    folder = Path(__file__).parent
    installed = folder / "suite"  # as a wheel has it; in a checkout it lies beside the package
    return find([str(installed if installed.is_dir() else folder.parents[1] / "vectors" / "suite")])


def find(paths: Iterable[str]) -> list[str]:
    """Return the files that `paths` name: a file as it is, a folder's files *_test.json at any depth, sorted.

    Raises `TypeError` for what is no path.
    """
    found: list[str] = []
    for path in map(os.fspath, paths):
        found += sorted(map(str, Path(path).rglob("*_test.json"))) if os.path.isdir(path) else [path]
    return found


def run(cases: Iterable[Case], program: Program) -> Iterator[Outcome]:
    """Yield what comes of each case when it is put to the program.

    A program that raises `TimeoutError` has timed out, `NotRun` was not asked, anything else has crashed. An answer
    agrees if its result and the fields that are expected are right; its other fields are ignored.
    """
    for case in cases:
        try:
            answer = program({"id": case.id, **case.request})
        except TimeoutError as error:
            yield Outcome(case, TIMED_OUT, detail=str(error))
        except NotRun as error:
            yield Outcome(case, NOT_RUN, detail=str(error))
        except Exception as error:  # noqa: BLE001  # whatever the program under test may raise
            yield Outcome(case, CRASHED, detail=f"{type(error).__name__}: {error}")
        else:
            yield _judged(case, answer)


def _judged(case: Case, answer: Any) -> Outcome:
    if not isinstance(answer, dict) or answer.get("result") not in ("valid", "invalid", "unsupported"):
        return Outcome(case, WRONG, detail="no answer of a known form")
    if answer["result"] == "unsupported":
        return Outcome(case, UNSUPPORTED, answer)
    agrees = any(all(name in answer and answer[name] == value for name, value in e.items()) for e in case.expected)
    return Outcome(case, AGREED if agrees else WRONG, answer)
