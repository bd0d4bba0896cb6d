"""Reports on a run of vectors: for a terminal, as JSON, and as JUnit XML; the HTML report is in `page`.

Unprintable characters in vector files and answers are shown as escapes.
"""

from __future__ import annotations

import json
import os
import platform
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from .. import __version__
from ..io.files import shown_name
from ..io.streams import printable
from . import Outcome, VectorFile, suite
from .judging import AGREED, CRASHED, INTERRUPTED, NOT_RUN, TIMED_OUT, UNSUPPORTED, VERDICTS, WRONG

TOTAL = "all"

_CURVE = "secp224k1"
"""The curve that a program under test is expected to have; it may lack any other."""

MOST_CASES = 3
"""Number of cases of a class that are shown on a terminal."""

_LONGEST = 1000
"""Characters of an answer in a sentence; the longest that the suite expects has 790."""


@dataclass(frozen=True, slots=True)
class Result:
    """The outcomes of one file's cases with one program."""

    program: str
    file: VectorFile
    outcomes: list[Outcome]

    def counts(self) -> dict[str, Counter[str]]:
        """Return how many cases of each class had which verdict; the whole file last, as "all"."""
        counts: dict[str, Counter[str]] = {}
        for outcome in self.outcomes:
            for flag in outcome.case.flags:
                counts.setdefault(flag, Counter())[outcome.verdict] += 1
        whole = Counter(outcome.verdict for outcome in self.outcomes)
        return dict(sorted(counts.items())) | {TOTAL: whole}

    def failures(self) -> Iterator[Outcome]:
        """Yield the outcomes that did not agree, except cases on a second curve that the program does not support."""
        return (outcome for outcome in self.outcomes if outcome.verdict != AGREED and not _is_skipped(outcome))

    def wrong(self) -> dict[tuple[str, ...], list[Outcome]]:
        """Return, by classes, the failures to be shown; cases that were not run are only counted."""
        classes: dict[tuple[str, ...], list[Outcome]] = {}
        for outcome in self.failures():
            if outcome.verdict not in (UNSUPPORTED, NOT_RUN):
                classes.setdefault(outcome.case.flags, []).append(outcome)
        return classes

    def why(self, flags: Sequence[str]) -> str:
        """Return why these classes matter, as the file says."""
        return " ".join(self.file.notes[flag] for flag in flags if flag in self.file.notes)

    def summary(self) -> str:
        """Return the counts of the whole file in words."""
        return _counted(self.counts()[TOTAL]) + _skipped(self.file.not_for_us)


def _is_skipped(outcome: Outcome) -> bool:
    """Whether the case is on a second curve, which the program does not support."""
    return outcome.verdict == UNSUPPORTED and outcome.case.request.get("curve", _CURVE) != _CURVE


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run: results, a sentence for each file that could not be read, whether it was interrupted, the files that
    are not for ecpure, the options it was run with, and by program the version that it reports.
    """

    results: list[Result]
    errors: list[str]
    interrupted: bool = False
    foreign: Sequence[VectorFile] = ()
    options: Sequence[str] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    def agreed(self) -> bool:
        """Whether a case agreed, none failed or was not run, and every file could be read."""
        return (
            not self.errors
            and any(outcome.verdict == AGREED for result in self.results for outcome in result.outcomes)
            and not any(any(result.failures()) for result in self.results)
        )

    def lacks_some(self) -> bool:
        """Whether a program said that it does not support a case."""
        return any(outcome.verdict == UNSUPPORTED for result in self.results for outcome in result.outcomes)

    def programs(self) -> list[str]:
        """Return the programs in order."""
        return [*dict.fromkeys(result.program for result in self.results)]

    def of_suite(self) -> bool:
        """Whether a file belongs to the suite that comes with the package."""
        return any(_is_shipped(result.file.path) for result in self.results)

    def verdicts(self) -> Iterator[str]:
        """Yield the outcome in one sentence for each program."""
        for program in self.programs():
            results = [result for result in self.results if result.program == program]
            counts = sum((result.counts()[TOTAL] for result in results), Counter[str]())
            skipped = sum(sum(result.file.not_for_us.values()) for result in results)
            not_for_us = [_count(skipped, "case")] * bool(skipped)
            not_for_us += [_count(len(self.foreign), "file")] * bool(self.foreign)
            words = f"; not for us: {', '.join(not_for_us)}" if not_for_us else ""
            yield f"{program}: {_counted(counts)}{words}{_why_not_run(results) if counts[NOT_RUN] else ''}"


def _why_not_run(results: Sequence[Result]) -> str:
    """Return why the program was not asked again, and what it did instead of answering the last time; empty if the run
    was interrupted.
    """
    outcomes = [outcome for result in results for outcome in result.outcomes]
    for place, outcome in enumerate(outcomes):
        if outcome.verdict == NOT_RUN and outcome.detail not in ("", INTERRUPTED):
            before = outcomes[place - 1] if place else outcome
            is_silent = before.verdict in (WRONG, CRASHED, TIMED_OUT) and before.answer is None
            return f"; {outcome.detail}" + (f"; the last of these: {before.detail}" if is_silent else "")
    return ""


def name_of(file: VectorFile) -> str:
    """Return the name of a file in a report; for a file of the suite, without the package's folder."""
    return os.path.basename(file.path) if _is_shipped(file.path) else shown_name(file.path)


def _is_shipped(path: str) -> bool:
    return os.path.dirname(path) == str(suite())


def _counted(counts: Counter[str]) -> str:
    others = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS[1:] if counts[verdict])
    return f"{counts[AGREED]} of {counts.total()} cases agreed" + (f"; {others}" if others else "")


def _skipped(not_for_us: Mapping[str, int]) -> str:
    return "".join(f"; not for us: {_count(count, 'case')} ({reason})" for reason, count in sorted(not_for_us.items()))


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'s' * (number != 1)}"


def lines(run: Run) -> Iterator[str]:
    """Yield a line for each program and file, and for each file that is not for ecpure.

    A file without cases of the requested operations has no line.
    """
    several = len(run.programs()) > 1
    for result in run.results:
        if result.outcomes or result.file.not_for_us:
            yield f"{name_of(result.file)}: {f'{result.program}: ' if several else ''}{result.summary()}"
    for file in run.foreign:
        yield f"{name_of(file)}: not for us: {file.foreign}"


def tables(run: Run) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield for each program and file a title and the rows of a table by class, the heading first; and at the end one
    of the files that are not for ecpure, if there are any.

    A file without cases of the requested operations has no table.
    """
    for result in run.results:
        if result.outcomes or result.file.not_for_us:
            yield f"{name_of(result.file)}: {result.program}{_skipped(result.file.not_for_us)}", table(result)
    if run.foreign:
        yield "not for us", [["file", "reason"], *([name_of(file), file.foreign] for file in run.foreign)]


def table(result: Result) -> list[list[str]]:
    """Return the rows of a table by class, the heading first, and the whole file last."""
    counts = result.counts()
    used = [AGREED, *(verdict for verdict in VERDICTS[1:] if counts[TOTAL][verdict])]
    return [
        ["class", "cases", *used],
        *(
            [flag or "(none)", str(of_class.total()), *(str(of_class[verdict]) for verdict in used)]
            for flag, of_class in counts.items()
        ),
    ]


def brief(run: Run) -> Iterator[str]:
    """Yield the lines about failures for a terminal: for each class, why it matters, and its first cases."""
    for result in run.results:
        for flags, outcomes in result.wrong().items():
            yield f"{name_of(result.file)}: {group(result, flags)} {result.why(flags)}".rstrip()
            for outcome in outcomes[:MOST_CASES]:
                yield f"  {sentence(outcome)}"
                yield from (f"    {name}: {value}".rstrip() for name, value in asked(outcome))
            if len(outcomes) > MOST_CASES:
                yield f"  and {len(outcomes) - MOST_CASES} more (--html and --json have all)"


def group(result: Result, flags: tuple[str, ...]) -> str:
    """Return the heading for the failures of these classes: how many of how many cases."""
    failed, total = len(result.wrong()[flags]), sum(outcome.case.flags == flags for outcome in result.outcomes)
    return f"{', '.join(filter(None, flags)) or '(no class)'}: {failed} of {_count(total, 'case')} did not agree."


def sentence(outcome: Outcome) -> str:
    """Return the outcome of a case, and what was expected."""
    case = outcome.case
    comment = f"{case.comment}: " if case.comment else ""
    return f"{case.id}: {outcome.verdict}: {comment}{difference(outcome)}."


def difference(outcome: Outcome) -> str:
    """Return the expected and the actual result."""
    expected = " or ".join(map(_short, outcome.case.expected))
    came = "nothing" if outcome.answer is None else _short(outcome.answer)
    if outcome.detail:
        came = outcome.detail if outcome.answer is None else f"{came}: {outcome.detail}"
    return f"expected {expected}, got {came}"


def asked(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Yield the fields of the request with their values, so that a case can be repeated by hand."""
    for name, value in outcome.case.request.items():
        yield name, value if isinstance(value, str) else json.dumps(value)


def _short(answer: Mapping[str, Any]) -> str:
    """Return an answer in words; of a long one the beginning, and how long it is."""
    words = [str(answer.get("result", "nothing"))]
    for name, value in answer.items():
        if name not in ("id", "result"):
            words.append(f"{name} {value if isinstance(value, str) else json.dumps(value)}")
    text = " ".join(words)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters, of which --json has all)"


def as_json(run: Run) -> dict[str, Any]:
    """Return the whole report as `--json` prints it."""
    return {
        "ecpure": __version__,
        "python": platform.python_version(),
        "suite": __version__ if run.of_suite() else None,
        "options": [*run.options],
        "programs": [{"name": name, "version": run.versions.get(name) or None} for name in run.programs()],
        "agreed": run.agreed(),
        "errors": run.errors,
        "notForUs": [{"file": name_of(file), "reason": file.foreign} for file in run.foreign],
        "results": [
            {
                "program": result.program,
                "file": name_of(result.file),
                "sha256": result.file.sha256,
                "notForUs": dict(result.file.not_for_us),
                "classes": {flag: dict(counts) for flag, counts in result.counts().items()},
                "failures": [
                    {
                        "tcId": outcome.case.number,
                        "flags": outcome.case.flags,
                        "comment": outcome.case.comment,
                        "verdict": outcome.verdict,
                        "request": outcome.case.request,
                        "expected": outcome.case.expected,
                        "answer": outcome.answer,
                        "detail": outcome.detail,
                        "why": result.why(outcome.case.flags),
                    }
                    for outcome in result.failures()
                ],
            }
            for result in run.results
        ],
    }


def as_junit(run: Run) -> bytes:
    """Return JUnit's XML: a wrong answer is a failure, a crash or a time-out an error, what was not run is skipped.

    XML 1.0 allows every printable character.
    """
    root = ElementTree.Element("testsuites")
    for result in run.results:
        suite = ElementTree.SubElement(root, "testsuite", name=printable(f"{result.program}: {name_of(result.file)}"))
        if version := run.versions.get(result.program):
            properties = ElementTree.SubElement(suite, "properties")
            ElementTree.SubElement(properties, "property", name="version", value=printable(version))
        totals: Counter[str] = Counter()
        for outcome in result.outcomes:
            case = outcome.case
            name = printable(f"{case.number}: {case.comment}")
            element = ElementTree.SubElement(suite, "testcase", classname=printable(",".join(case.flags)), name=name)
            if outcome.verdict != AGREED:
                kind = _JUNIT.get(outcome.verdict, "failure")
                totals[kind] += 1
                told = ElementTree.SubElement(
                    element, kind, type=outcome.verdict, message=printable(difference(outcome))
                )
                facts = [result.why(case.flags), *(f"{name}: {value}" for name, value in asked(outcome))]
                told.text = "\n".join(map(printable, facts))
        suite.set("tests", str(len(result.outcomes)))
        for kind, plural in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            suite.set(plural, str(totals[kind]))
    if run.foreign:
        count = str(len(run.foreign))
        suite = ElementTree.SubElement(root, "testsuite", name="not for us", tests=count, skipped=count)
        for file in run.foreign:
            element = ElementTree.SubElement(suite, "testcase", classname="files", name=printable(name_of(file)))
            ElementTree.SubElement(element, "skipped", type="not for us", message=printable(file.foreign))
    for error in run.errors:
        suite = ElementTree.SubElement(root, "testsuite", name="files", tests="1", errors="1")
        element = ElementTree.SubElement(suite, "testcase", classname="files", name=printable(error))
        ElementTree.SubElement(element, "error", type="unreadable", message=printable(error))
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


_JUNIT = {CRASHED: "error", TIMED_OUT: "error", UNSUPPORTED: "skipped", NOT_RUN: "skipped"}
