"""Reports on a run of vectors: for a terminal, as JSON, as JUnit's XML, and as one page of HTML."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any
from xml.etree import ElementTree

from .. import __version__
from . import AGREED, CRASHED, NOT_RUN, TIMED_OUT, UNSUPPORTED, VERDICTS, Outcome, VectorFile

TOTAL = "all"

MOST_CASES = 10
"""Of a class, so many cases are told on a terminal."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one file's cases, put to one program."""

    program: str
    file: VectorFile
    outcomes: list[Outcome]

    def counts(self) -> dict[str, Counter[str]]:
        """Return how many cases of each class came to which verdict; the whole file last, as "all"."""
        counts: dict[str, Counter[str]] = {}
        for outcome in self.outcomes:
            for flag in outcome.case.flags:
                counts.setdefault(flag, Counter())[outcome.verdict] += 1
        whole = Counter(outcome.verdict for outcome in self.outcomes)
        return dict(sorted(counts.items())) | {TOTAL: whole}

    def failures(self) -> Iterator[Outcome]:
        """Yield what did not agree."""
        return (outcome for outcome in self.outcomes if outcome.verdict != AGREED)

    def wrong(self) -> Iterator[Outcome]:
        """Yield what did not agree and is to be told; what was not run is only counted."""
        return (outcome for outcome in self.failures() if outcome.verdict not in (UNSUPPORTED, NOT_RUN))

    def why(self, outcome: Outcome) -> str:
        """Return why the classes of a case matter, as the file says."""
        return " ".join(self.file.notes[flag] for flag in outcome.case.flags if flag in self.file.notes)


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run: results, a sentence for each file that could not be read, whether it was interrupted, and the files
    that are not for ecpure.
    """

    results: list[Result]
    errors: list[str]
    interrupted: bool = False
    foreign: Sequence[VectorFile] = ()

    def agreed(self) -> bool:
        """Whether there were cases, every one was run and agreed, and every file could be read."""
        return (
            not self.errors
            and any(r.outcomes for r in self.results)
            and not any(any(r.failures()) for r in self.results)
        )

    def verdict(self) -> str:
        """Return the outcome in one sentence for each program."""
        sentences = []
        for program in dict.fromkeys(result.program for result in self.results):
            results = [result for result in self.results if result.program == program]
            counts = sum((result.counts()[TOTAL] for result in results), Counter[str]())
            others = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS[1:] if counts[verdict])
            skipped = sum(sum(result.file.not_for_us.values()) for result in results)
            sentence = f"{program}: {counts[AGREED]} of {counts.total()} cases agreed"
            not_for_us = [_count(skipped, "case")] * bool(skipped)
            not_for_us += [_count(len(self.foreign), "file")] * bool(self.foreign)
            sentences.append(
                sentence
                + (f"; {others}" if others else "")
                + (f"; not for us: {', '.join(not_for_us)}" if not_for_us else "")
            )
        return "\n".join(sentences)


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'s' * (number != 1)}"


def tables(run: Run) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield for each program and file a title and the rows of a table by class, the heading first; and at the end one
    of the files that are not for ecpure, if there are any.

    A file in which no case is of the operations that were asked for has none.
    """
    for result in run.results:
        if not result.outcomes and not result.file.not_for_us:
            continue
        counts = result.counts()
        used = [AGREED, *(verdict for verdict in VERDICTS[1:] if counts[TOTAL][verdict])]
        rows = [["class", "cases", *used]]
        for flag, of_class in counts.items():
            rows.append([flag or "(none)", str(of_class.total()), *(str(of_class[verdict]) for verdict in used)])
        skipped = "".join(
            f"; not for us: {_count(count, 'case')} ({reason})"
            for reason, count in sorted(result.file.not_for_us.items())
        )
        yield f"{result.file.path}: {result.program}{skipped}", rows
    if run.foreign:
        yield "not for us", [["file", "reason"], *([file.path, file.foreign] for file in run.foreign)]


def sentences(run: Run) -> Iterator[str]:
    """Yield what is to be said of each case that went wrong, and why it matters."""
    for result in run.results:
        for outcome in result.wrong():
            yield f"{_sentence(outcome)} {result.why(outcome)}".rstrip()


def brief(run: Run) -> Iterator[str]:
    """Yield the same for a terminal: of each file, why a class matters once, and the first cases of it."""
    for result in run.results:
        classes: dict[tuple[str, ...], list[Outcome]] = {}
        for outcome in result.wrong():
            classes.setdefault(outcome.case.flags, []).append(outcome)
        for flags, outcomes in classes.items():
            if why := result.why(outcomes[0]):
                yield f"{_names(flags)}: {why}"
            yield from map(_sentence, outcomes[:MOST_CASES])
            if len(outcomes) > MOST_CASES:
                yield f"{_names(flags)}: and {len(outcomes) - MOST_CASES} more (--json has all)"


def _sentence(outcome: Outcome) -> str:
    case = outcome.case
    return f"{case.id} ({_names(case.flags)}): {outcome.verdict}: {case.comment}: {_difference(outcome)}."


def _names(flags: tuple[str, ...]) -> str:
    return ", ".join(filter(None, flags))


def _difference(outcome: Outcome) -> str:
    expected = " or ".join(map(_short, outcome.case.expected))
    came = outcome.detail if outcome.answer is None else _short(outcome.answer)
    return f"{expected} was expected, came {came or 'nothing'}"


def _short(answer: dict[str, Any]) -> str:
    words = [
        str(answer.get("result", "nothing")),
        *(f"{k} {v}" for k, v in answer.items() if k not in ("id", "result")),
    ]
    return " ".join(words)[:400]


def as_json(run: Run) -> dict[str, Any]:
    """Return the whole report as `--json` prints it."""
    return {
        "ecpure": __version__,
        "python": platform.python_version(),
        "agreed": run.agreed(),
        "errors": run.errors,
        "notForUs": [{"file": file.path, "reason": file.foreign} for file in run.foreign],
        "results": [
            {
                "program": result.program,
                "file": result.file.path,
                "notForUs": dict(result.file.not_for_us),
                "classes": {flag: dict(counts) for flag, counts in result.counts().items()},
                "failures": [
                    {
                        "tcId": outcome.case.number,
                        "flags": outcome.case.flags,
                        "comment": outcome.case.comment,
                        "verdict": outcome.verdict,
                        "expected": outcome.case.expected,
                        "answer": outcome.answer,
                        "detail": outcome.detail,
                        "why": result.why(outcome),
                    }
                    for outcome in result.failures()
                ],
            }
            for result in run.results
        ],
    }


def as_junit(run: Run) -> bytes:
    """Return JUnit's XML: a wrong answer is a failure, a crash or a time-out an error, what was not run is skipped."""
    root = ElementTree.Element("testsuites")
    for result in run.results:
        suite = ElementTree.SubElement(root, "testsuite", name=_xml(f"{result.program}: {result.file.path}"))
        totals: Counter[str] = Counter()
        for outcome in result.outcomes:
            case = outcome.case
            name = f"{case.number}: {case.comment}"
            element = ElementTree.SubElement(suite, "testcase", classname=_xml(",".join(case.flags)), name=_xml(name))
            if outcome.verdict != AGREED:
                kind = _JUNIT.get(outcome.verdict, "failure")
                totals[kind] += 1
                text = _xml(_difference(outcome))
                ElementTree.SubElement(element, kind, type=outcome.verdict, message=text).text = _xml(
                    result.why(outcome)
                )
        suite.set("tests", str(len(result.outcomes)))
        for kind, plural in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            suite.set(plural, str(totals[kind]))
    if run.foreign:
        count = str(len(run.foreign))
        suite = ElementTree.SubElement(root, "testsuite", name="not for us", tests=count, skipped=count)
        for file in run.foreign:
            element = ElementTree.SubElement(suite, "testcase", classname="files", name=_xml(file.path))
            ElementTree.SubElement(element, "skipped", type="not for us", message=_xml(file.foreign))
    for error in run.errors:
        suite = ElementTree.SubElement(root, "testsuite", name="files", tests="1", errors="1")
        element = ElementTree.SubElement(suite, "testcase", classname="files", name=_xml(error))
        ElementTree.SubElement(element, "error", type="unreadable", message=_xml(error))
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


_JUNIT = {CRASHED: "error", TIMED_OUT: "error", UNSUPPORTED: "skipped", NOT_RUN: "skipped"}


def _xml(text: str) -> str:
    """Return the text with what XML 1.0 can't hold replaced."""
    return "".join(
        c if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "\ufffd"
        for c in text
    )


_STYLE = """
:root { color-scheme: light dark; --line: #8886; --good: #1a7f37; --bad: #cf222e }
@media (prefers-color-scheme: dark) { :root { --good: #4ac26b; --bad: #ff7b72 } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: .5rem 0 1.5rem }
th, td { text-align: right; padding: .2rem .8rem; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left }
tr:last-child td { font-weight: 600 }
.scroll { overflow-x: auto }
.good { color: var(--good) } .bad { color: var(--bad) }
code { overflow-wrap: anywhere }
li { margin-bottom: .6rem }
"""


def as_html(run: Run) -> bytes:
    """Return one page that needs nothing else: the verdict, what was run by what, a table per file, each failure."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    made = f"ecpure {__version__}, {platform.python_implementation()} {platform.python_version()}, {platform.machine()}"
    good = run.agreed()
    words = "Every case agreed." if good else "Not every case agreed."
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Test vectors: {escape(words)}</title><style>{_STYLE}</style>",
        f'<h1>Test vectors</h1><p class="{"good" if good else "bad"}"><strong>{escape(words)}</strong></p>',
        *(f"<p>{escape(sentence)}.</p>" for sentence in run.verdict().splitlines()),
        *(f'<p class="bad">Not read: {escape(error)}</p>' for error in run.errors),
        f"<p>Made {now} by {escape(made)}.</p>",
    ]
    failures = [f"<li>{escape(sentence)}</li>" for sentence in sentences(run)]
    if failures:
        parts.append(f"<h2>What did not agree</h2><ol>{''.join(failures)}</ol>")
    parts.append("<h2>Files and classes</h2>")
    for title, (heading, *rows) in tables(run):
        head = "".join(f"<th>{escape(cell)}</th>" for cell in heading)
        body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        parts.append(
            f'<h3><code>{escape(title)}</code></h3><div class="scroll"><table><tr>{head}</tr>{body}</table></div>'
        )
    return "\n".join(parts).encode("utf-8", "replace") + b"\n"
