"""The findings of an audit as JSON, and as lines for people to read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ..archives.verdicts import summary, summary_lines
from .findings import KINDS, Findings, Place


def as_json(verdicts: Counter[str], findings: Findings, paths: Sequence[str]) -> dict[str, Any]:
    """Return the whole report, ready for `json.dumps`."""
    return {
        **summary(verdicts),
        "totals": {kind: findings.totals[kind] for kind in KINDS if findings.totals[kind]},
        "findings": [
            {
                "kind": finding.kind,
                "weight": KINDS[finding.kind][0],
                "sentence": KINDS[finding.kind][1],
                "keys": [key.hex() for key in finding.keys],
                "count": finding.count,
                "records": [_place(place, paths) for place in sorted(finding.places)],
            }
            for finding in findings
        ],
    }


def as_lines(verdicts: Counter[str], findings: Findings, paths: Sequence[str]) -> Iterator[str]:
    """Yield the whole report for people to read."""
    yield from summary_lines(verdicts)
    for kind, (weight, sentence) in KINDS.items():
        for finding in findings.of_kind(kind):
            yield f"{weight}: {kind}: {sentence}"
            yield from (f"  key {key.hex()}" for key in finding.keys)
            shown = ", ".join(_words(place, paths) for place in sorted(finding.places))
            more = finding.count - len(finding.places)
            records = f"{finding.count:,} record{'s' if finding.count > 1 else ''}: {shown}"
            yield f"  {records}" + (f" and {more:,} more" if more else "")
        if more := findings.more(kind):
            yield f"{weight}: {kind}: {more:,} more findings of this kind"
    if not findings.totals:
        yield "nothing found"


def _place(place: Place, paths: Sequence[str]) -> dict[str, Any]:
    source, line = place
    return {"file": paths[source], "line": line} if len(paths) > 1 else {"line": line}


def _words(place: Place, paths: Sequence[str]) -> str:
    source, line = place
    return f"{json.dumps(paths[source])} line {line}" if len(paths) > 1 else f"line {line}"
