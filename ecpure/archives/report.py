"""Reports to keep: what a run read, when and how, as JSON; the frame of a page; and the page of `verify-many`.

A page is one file of HTML. It has no script and loads nothing. Text from outside is escaped by `shown`.
"""

from __future__ import annotations

import html
import json
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

from .. import __version__
from ..curve import named
from ..io import files
from ..io.streams import Refused
from .records import Settings
from .verdicts import REASONS, VERDICTS, verdict

Report = Mapping[str, Any]
"""What a report says, ready for `json.dumps`: counts as `summary` gives them, `run`, and perhaps findings."""

TRUST = {
    "keys": "Only the keys in --keys were trusted. If a record has a key of its own that is not among them, it is not "
    "known whose signature it has.",
    "keys-and-records": "The keys in --keys were trusted, and with --trust-record-keys every key in a record. "
    "A valid record with a key of its own proves only that its own key signed it, not whose key that is.",
    "records": "No key was given: each valid record vouched for itself. It proves only that its own key signed "
    "it, not whose key that is.",
}
"""Which keys were trusted."""

_RECOVERED = (
    " With --recover, a key that records without one have in common counts as theirs; it is not known whose it is."
)


# What a run read


class Sources:
    """The files that a run reads, with sizes and hashes as the run begins. keys: the path of --keys, if any.

    Raises `OSError`.
    """

    def __init__(self, paths: Sequence[str], keys: str | None) -> None:
        self._date = datetime.now(UTC)
        self._inputs = [_Source(path) for path in paths]
        self._keys = keys
        paths = [] if keys is None else files.inside(keys) if os.path.isdir(keys) else [keys]
        self._key_files = [_Source(path) for path in paths]

    def facts(self, form: str | None, settings: Settings, **options: bool) -> dict[str, Any]:
        """Return what a report says about the finished run. options: those that are not in `settings`."""
        keys = self._keys and {
            "name": _name(self._keys),
            "count": len(settings.keys),
            "files": [source.facts() for source in self._key_files],
        }
        trusted = "records" if keys is None else "keys-and-records" if settings.trust_record_keys else "keys"
        return {
            "ecpure": __version__,
            "date": self._date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "inputs": [source.facts() for source in self._inputs],
            "keys": keys,
            "trusted": trusted,
            "trust": TRUST[trusted] + (_RECOVERED if options.get("recover") else ""),
            "options": {
                "read_as": form,
                "curve": settings.curve,
                "hash": settings.hash,
                "format": settings.format,
                "encoding": settings.encoding,
                "profile": settings.profile,
                "ignore": sorted(settings.ignored),
                "trust_record_keys": settings.trust_record_keys,
                **options,
            },
        }


class _Source:
    """A file with its hash; standard input and pipes, which can be read only once, have none."""

    def __init__(self, path: str) -> None:
        self._path, self._stamp = path, _stamp(path)
        self._sha256 = None if self._stamp is None else files.digest(path, "sha256").hex()

    def facts(self) -> dict[str, Any]:
        """Return name, size and hash, and `changed` if the file has changed since it was hashed."""
        size = None if self._stamp is None else self._stamp[0]
        changed = {"changed": True} if _stamp(self._path) != self._stamp else {}
        return {"name": _name(self._path), "size": size, "sha256": self._sha256, **changed}


def _name(path: str) -> str:
    return "standard input" if path == "-" else path


def _stamp(path: str) -> tuple[int, ...] | None:
    """Return the size of a regular file, with time and inode to detect a change; None for anything else."""
    if path != "-":
        with suppress(FileNotFoundError):
            found = os.stat(path)
            if stat.S_ISREG(found.st_mode):
                return found.st_size, found.st_mtime_ns, found.st_dev, found.st_ino
    return None


# Text from outside

_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters, signs and marks that show nothing, though Unicode and Python call them printable."""

_MOST_MARKS = 3
"""Marks on one letter that are shown: more would be drawn over other lines."""


def shown(text: str) -> str:
    """Return outside text as HTML: invisible characters are escaped, and its direction affects no other text."""
    if not (text.isascii() and text.isprintable()):
        return f"<bdi>{''.join(_shown_signs(text))}</bdi>"
    return f"<bdi>{html.escape(text)}</bdi>"


def _shown_signs(text: str) -> Iterator[str]:
    marks = _MOST_MARKS  # the first sign has no letter before it
    for sign in text:
        is_mark = unicodedata.category(sign) in ("Mn", "Me")
        marks = marks + 1 if is_mark else 0
        is_variant = "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"
        if sign.isprintable() and sign not in _BLANK and not is_variant and marks <= _MOST_MARKS:
            yield html.escape(sign)
        else:
            yield f"<samp>{ascii(sign)[1:-1]}</samp>"


def identifier(id: str | int | None) -> str:
    """Return a record's id as HTML."""
    return "" if id is None else shown(id if isinstance(id, str) and id else json.dumps(id))


# The page

_STYLE = """
:root { color-scheme: light dark; --page: #fff; --ink: #1b1f24; --soft: #57606a; --line: #c9d1d9; --tint: #f4f6f8;
  --good: #116329; --bad: #a40e26; --warn: #7a4a00; }
@media screen and (prefers-color-scheme: dark) {
  :root { --page: #0d1117; --ink: #e6edf3; --soft: #9da7b1; --line: #3d444d; --tint: #171d25;
    --good: #56d364; --bad: #ff8b82; --warn: #e3b341; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0.5rem 0; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 0.5rem; }
p { margin: 0.5rem 0; max-width: 46rem; }
a { color: inherit; }
dt, .soft { color: var(--soft); }
code, pre, samp { font: 0.875em/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
code, bdi { overflow-wrap: anywhere; }
code.short { white-space: nowrap; }
td code { font-size: 0.8em; }
bdi { white-space: break-spaces; }
pre { margin: 0.5rem 0; padding: 0.5rem; border: 1px solid var(--line); background: var(--tint);
  white-space: pre-wrap; overflow-wrap: anywhere; }
samp { white-space: nowrap; border: 1px solid currentcolor; border-radius: 2px; padding: 0 0.15em; margin: 0 0.1em; }
table { width: 100%; border-collapse: collapse; margin: 0.5rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 1rem 0.3rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); white-space: nowrap; }
td.short { white-space: nowrap; }
td:is([data-is=File], [data-is=Name], [data-is=Id], [data-is=Key], [data-is=Reason]) { min-width: 7.5em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; margin: 0.5rem 0; }
dd { margin: 0; }
article { border-left: 3px solid var(--line); padding-left: 0.75rem; margin: 1rem 0; }
.counts { list-style: none; display: flex; flex-wrap: wrap; gap: 0.5rem; padding: 0; margin: 0.75rem 0; }
.counts li { border: 1px solid var(--line); border-radius: 4px; padding: 0.4rem 0.8rem; background: var(--tint); }
.counts b { display: block; font-size: 1.4rem; line-height: 1.2; }
.valid { color: var(--good); } .invalid, .critical { color: var(--bad); }
.unknown-key, .unreadable, .warning { color: var(--warn); } .none { color: var(--soft); }
.note { color: var(--soft); }
@media (max-width: 40rem) {
  thead { display: none; }
  table, tbody, tr, td { display: block; }
  tr { border: 1px solid var(--line); border-radius: 4px; padding: 0.3rem 0.6rem; margin: 0.5rem 0; }
  td, td.short { position: relative; padding: 0.1rem 0 0.1rem 5rem; border: 0; min-height: 1.7rem; }
  td.short { white-space: normal; }
  td:empty { display: none; }
  td::before { content: attr(data-is); position: absolute; left: 0; color: var(--soft); }
}
@page { size: A4; margin: 15mm; }
@media print {
  :root { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  p { max-width: none; }
  thead { display: table-header-group; }
  tr, li, pre { break-inside: avoid; }
  h2, h3, article p { break-after: avoid; }
}
"""

_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
"""

_PIECES = 500  # lines of the page that are written at once


def page(title: str, run: Report, body: Iterable[str]) -> Iterator[bytes]:
    """Yield the page with this body, in UTF-8, in pieces: it may be larger than memory."""
    time = f"{run['date'][:10]} {run['date'][11:-1]} UTC"
    names = [source["name"] for source in run["inputs"]]
    what = f"<b>{shown(names[0])}</b>" if len(names) == 1 else f"{len(names):,} files"
    when = f'<time datetime="{run["date"]}">{time}</time>'
    made = f'<p class="soft">Report on {what}, made on {when} by ecpure {run["ecpure"]}.</p>\n'
    head = _HEAD.format(title=f"{title}, {run['date'][:10]}", style=_STYLE)
    lines = chain([head, f"<h1>{title}</h1>\n", made], body, ["</body>\n</html>\n"])
    while piece := [*islice(lines, _PIECES)]:
        yield "".join(piece).encode("utf-8")


def heading(text: str, anchor: str) -> str:
    """Return the heading of a section, to which links point by `anchor`."""
    return f'<h2 id="{anchor}">{text}</h2>\n'


def paragraph(text: str) -> str:
    """Return a paragraph of HTML."""
    return f"<p>{text}</p>\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], short: Sequence[str] = ()) -> Iterator[str]:
    """Yield a table of HTML cells; on a phone, each row is a card. short: columns that are not wrapped."""
    yield f"<table>\n<thead><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead>\n<tbody>\n"
    begin = [f'<td{" class=short" if head in short else ""} data-is="{head}">' for head in heads]
    for row in rows:
        yield f"<tr>{''.join(f'{start}{cell}</td>' for start, cell in zip(begin, row, strict=True))}</tr>\n"
    yield "</tbody>\n</table>\n"


def coloured(word: str) -> str:
    """Return a verdict or a weight as HTML."""
    return f'<b class="{word}">{word}</b>'


def code(word: str) -> str:
    """Return a reason, or a kind of finding, as HTML."""
    return f'<code class="short">{word}</code>'


def many(count: int, noun: str) -> str:
    """Return the count with its noun."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def outcome(report: Report) -> Iterator[str]:
    """Yield how many records had which verdict, and why."""
    yield heading("Result", "result") + '<ul class="counts">\n'
    for name in VERDICTS:
        if report[name] or name != "unknown-key":
            yield f'<li class="{name if report[name] else "none"}"><b>{report[name]:,}</b> {name}</li>\n'
    yield "</ul>\n"
    bad, records = report["records"] - report["valid"], many(report["records"], "record")
    yield paragraph(
        f"Of {records}, {bad:,} {'is' if bad == 1 else 'are'} not valid." if bad else f"Of {records}, all are valid."
    )
    if report["reasons"]:
        rows = (
            (f"{count:,}", coloured(verdict(reason)), code(reason), html.escape(REASONS[reason]))
            for reason, count in report["reasons"].items()
        )
        yield from table(["Records", "Verdict", "Reason", "Meaning"], rows, ["Records", "Verdict", "Reason"])


def trust(run: Report) -> Iterator[str]:
    """Yield which keys were trusted."""
    yield heading("Whose keys were trusted", "trust") + paragraph(html.escape(run["trust"]))
    if run["keys"]:
        name, count = shown(run["keys"]["name"]), many(run["keys"]["count"], "key")
        yield paragraph(f'<code>--keys {name}</code> has {count}: see <a href="#keys">files of keys</a>.')


def reading(run: Report) -> Iterator[str]:
    """Yield what was read, and with which options."""
    yield heading("Files of records", "files")
    yield from _sources(run["inputs"])
    yield heading("Options", "options")
    yield paragraph("Hash, format, encoding and profile apply to records that name none.")
    yield "<dl>\n"
    for name, value in run["options"].items():
        yield f"<dt>--{name.replace('_', '-')}</dt><dd>{_option(name, value, run)}</dd>\n"
    yield "</dl>\n"


def _option(name: str, value: str | bool | list[str] | None, run: Report) -> str:
    """Return what an option was, as HTML."""
    match value:
        case str():
            return html.escape(value)
        case bool():
            return "yes" if value else "no"
        case [*fields] if fields:
            return ", ".join(map(shown, fields))
        case _:
            own = f"{named(run['options']['curve']).hash}, the curve's own"
            return {"read_as": "by each file's name", "hash": own}.get(name, "none")


def key_files(run: Report) -> Iterator[str]:
    """Yield the files that the keys came from."""
    if run["keys"]:
        yield heading("Files of keys", "keys")
        yield from _sources(run["keys"]["files"])


def _sources(sources: Sequence[Report]) -> Iterator[str]:
    rows = []
    for source in sources:
        size, sha256 = "not known", "not hashed: it can be read only once"
        if source["sha256"] is not None:
            size, sha256 = f"{source['size']:,} bytes", f"<code>{source['sha256']}</code>"
        if "changed" in source:
            sha256 += f" {coloured('warning')}: the file has changed since; size and hash are from the run's beginning"
        rows.append((shown(source["name"]), size, sha256))
    yield from table(["Name", "Size", "SHA-256"], rows, ["Size"])


# The page of `verify-many`


def as_html(report: Report, results: str) -> Iterator[bytes]:
    """Yield the page on a run. results: the file of its results, which is read line by line. Raises `Refused`."""
    run = report["run"]
    body = chain(
        outcome(report), _unread(report), trust(run), reading(run), _bad_records(report, results), key_files(run)
    )
    return page("Verification report", run, body)


def _unread(report: Report) -> Iterator[str]:
    """Yield how many records could not be verified, and why."""
    yield heading("What was not verified", "unread")
    if not report["unreadable"]:
        yield paragraph("Nothing: every record could be read, and its signature was verified.")
        return
    where = f"In {report['unreadable']:,} of {many(report['records'], 'record')}"
    reasons = listed(reason for reason in report["reasons"] if verdict(reason) == "unreadable")
    yield paragraph(f"{where} nothing could be verified ({reasons}). Nothing is known about their signatures.")
    yield from _rest_of_a_file(report)


def listed(reasons: Iterable[str]) -> str:
    """Return reasons as HTML, in one line."""
    return ", ".join(map(code, reasons))


def _rest_of_a_file(report: Report) -> Iterator[str]:
    if "damaged-input" in report["reasons"]:
        yield paragraph("Files that are damaged may have more records, which could not be counted.")


def _bad_records(report: Report, results: str) -> Iterator[str]:
    """Yield every record that is not valid."""
    if report["records"] == report["valid"]:
        return
    yield heading("Records that are not valid", "records")
    heads = ["Line", "Id", "Verdict", "Reason", "Key"]
    if several := len(report["run"]["inputs"]) > 1:
        heads.insert(0, "File")
    yield paragraph("The key is named as --keys names it, or is the compressed point in hex.")
    rows = (_cells(found, several=several) for found in _not_valid(results))
    yield from table(heads, rows, ["Line", "Verdict"])


def _cells(found: Report, *, several: bool) -> list[str]:
    file = [shown(found["file"])] if several else []
    field = f": {shown(found['field'])}" if "field" in found else ""
    key = shown(found["key"]) if "key" in found else ""
    verdict = coloured(found["verdict"])
    return [*file, str(found["line"]), identifier(found.get("id")), verdict, f"{found['reason']}{field}", key]


def _not_valid(results: str) -> Iterator[Report]:
    """Yield the results that are not "valid". Raises `Refused`."""
    try:
        with open(results, "rb") as file:
            for line in file:
                found = json.loads(line)
                if found["verdict"] != "valid":
                    yield found
    except OSError as error:
        raise Refused(f"{results}: {error.strerror}") from None
