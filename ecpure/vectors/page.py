"""The report on a run of vectors as one page of HTML, for a screen of any width and for paper."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape

from .. import __version__
from ..io.streams import printable
from .reports import Result, Run, asked, group, name_of, sentence, table

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --good: #1a7f37; --bad: #cf222e }
@media (prefers-color-scheme: dark) { :root { --good: #4ac26b; --bad: #ff7b72 } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
body, code { overflow-wrap: anywhere }
h1, h2, h3, h4 { line-height: 1.25 }
table { border-collapse: collapse; margin: .5rem 0 1.5rem }
th, td { text-align: right; vertical-align: top; padding: .2rem .8rem; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left; padding-left: 0 }
.text th, .text td { text-align: left }
.counts tr:last-child { font-weight: 600 }
.good { color: var(--good) } .bad { color: var(--bad) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .3rem 0 1.2rem }
dd { margin: 0 } dt { font-weight: 600 }
@media (max-width: 40rem) {
  dl { display: block } dd { margin-bottom: .3rem }
  thead { display: none }
  table, tbody, tr, td { display: block }
  tr { padding: .4rem 0; border-bottom: 1px solid var(--line) }
  td, .text td { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: 0; text-align: right }
  td:first-child { font-weight: 600 }
  td:not(:first-child)::before { content: attr(data-label) }
}
@page { margin: 15mm }
@media print {
  :root { color-scheme: light; --good: #1a7f37; --bad: #cf222e }
  body { font-size: 10pt; max-width: none; margin: 0; padding: 0 }
  h2, h3, h4, h4 + p { break-after: avoid }
  tr, .case { break-inside: avoid }
}
"""


def as_html(run: Run) -> bytes:
    """Return one self-contained page: the verdict, what was run with which program, each failure, a table per file."""
    good = run.agreed()
    every = "Every supported case" if run.lacks_some() else "Every case"
    words = f"{every if good else 'Not every case'} agreed."
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Test vectors: {_text(words)}</title><style>{_STYLE}</style>",
        f'<h1>Test vectors</h1><p class="{"good" if good else "bad"}"><strong>{_text(words)}</strong></p>',
        *(f"<p>{_text(sentence)}.</p>" for sentence in run.verdicts()),
        *(f'<p class="bad">Not read: {_text(error)}</p>' for error in run.errors),
        _list(_facts(run)),
    ]
    failures = [part for result in run.results for part in _failures(result)]
    if failures:
        parts += ["<h2>What did not agree</h2>", *failures]
    parts += ["<h2>Files and classes</h2>", *(part for result in run.results for part in _file(result))]
    if run.foreign:
        rows = [["file", "reason"], *([name_of(file), file.foreign] for file in run.foreign)]
        parts += ["<h2>Not for us</h2>", _table(rows, "text")]
    return "\n".join(parts).encode() + b"\n"


def _facts(run: Run) -> Iterator[tuple[str, str]]:
    """Yield what was run, how, and when."""
    for program in run.programs():
        yield "program", program
        yield "its version", run.versions.get(program) or "not reported"
    if run.of_suite():
        yield "suite", f"that of ecpure {__version__}; each file's SHA-256 is below"
    yield "options", " ".join(run.options) or "none"
    yield "made", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    python = f"{platform.python_implementation()} {platform.python_version()}"
    yield "made by", f"ecpure {__version__}, {python}, {platform.machine()}"


def _failures(result: Result) -> Iterator[str]:
    """Yield a heading for the file, and each class of failures with its cases."""
    classes = result.wrong()
    if classes:
        yield f"<h3>{_text(name_of(result.file))}: {_text(result.program)}</h3>"
    for flags, outcomes in classes.items():
        yield f"<h4>{_text(group(result, flags))}</h4><p>{_text(result.why(flags))}</p>"
        for outcome in outcomes:
            yield f'<div class="case"><p>{_text(sentence(outcome))}</p>{_list(asked(outcome))}</div>'


def _file(result: Result) -> Iterator[str]:
    """Yield the outcomes of a file, class by class, if there are any."""
    if result.outcomes or result.file.not_for_us:
        yield f"<h3>{_text(name_of(result.file))}</h3><p>{_text(result.program)}: {_text(result.summary())}"
        if result.file.sha256:
            yield f"<br>SHA-256 <code>{result.file.sha256}</code>"
        yield f"</p>{_table(table(result), 'counts')}"


def _list(pairs: Iterator[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{_text(name)}</dt><dd><code>{_text(value)}</code></dd>' for name, value in pairs)}</dl>"


def _table(rows: Sequence[Sequence[str]], kind: str) -> str:
    heading, *body = rows
    head = "".join(f"<th>{_text(cell)}</th>" for cell in heading)
    lines = (
        "".join(f'<td data-label="{_text(name)}">{_text(cell)}</td>' for name, cell in zip(heading, row, strict=True))
        for row in body
    )
    filled = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{filled}</tbody></table>'


def _text(text: str) -> str:
    return escape(printable(text))
