"""The report: the same in words as in JSON."""

from __future__ import annotations

import json
import random
from collections import Counter

from archives import hexes
from auditing import Audit

from ecpure import Signature
from ecpure.audit.findings import KINDS, MOST_FINDINGS, MOST_RECORDS, Findings
from ecpure.audit.report import as_json, as_lines

VERDICTS = Counter({"valid": 3, "not-json": 1})


def test_an_honest_archive(audit: Audit) -> None:
    """Nothing is found, and the exit status is 0; high s is a note."""
    rng = random.Random(3)
    records = [hexes(rng, number) for number in range(60)]
    low = [
        record | {"signature": Signature.from_der(bytes.fromhex(record["signature"])).low_s().to_der().hex()}
        for record in records
    ]
    audited = audit(low)
    assert (audited.status, audited.found()) == (0, {})
    assert audited.said == "60 records: 60 valid, 0 invalid, 0 unreadable\nnothing found\n"
    audited = audit(records)
    assert (audited.status, list(audited.found())) == (0, ["high-s"])
    high = sum(record != other for record, other in zip(records, low, strict=True))
    assert audited.report["findings"][0]["count"] == high > MOST_RECORDS
    assert f"{high} records: " in audited.said
    assert f" and {high - MOST_RECORDS} more\n" in audited.said


def some() -> Findings:
    """Return a finding of two keys and two files, and more of a kind than are kept."""
    findings = Findings()
    findings.joint("nonces-common", b"\x02\xaa", b"\x03\xbb").add((1, 7), (0, 12), (0, 3))
    for number in range(MOST_FINDINGS + 1):
        findings.joint("high-s", b"%d" % number).add(*((0, line) for line in range(1, 2 + number)))
    return findings


def test_a_report_in_json() -> None:
    """It has all that is kept, in the order of the kinds, each finding's records in their own order."""
    report = as_json(VERDICTS, some(), ["a", "b"])
    assert json.loads(json.dumps(report)) == report
    assert {name: report[name] for name in ("records", "valid", "invalid", "unreadable", "reasons", "totals")} == {
        "records": 4,
        "valid": 3,
        "invalid": 0,
        "unreadable": 1,
        "reasons": {"not-json": 1},
        "totals": {"nonces-common": 1, "high-s": MOST_FINDINGS + 1},
    }
    assert report["findings"][0] == {
        "kind": "nonces-common",
        "weight": "critical",
        "sentence": KINDS["nonces-common"][1],
        "keys": ["02aa", "03bb"],
        "count": 3,
        "records": [{"file": "a", "line": 3}, {"file": "a", "line": 12}, {"file": "b", "line": 7}],
    }
    assert len(report["findings"]) == 1 + MOST_FINDINGS
    assert as_json(VERDICTS, some(), ["a"])["findings"][1]["records"] == [{"line": 1}]


def test_a_report_in_words() -> None:
    """It begins with the counts, and says how many records and findings it does not show."""
    lines = list(as_lines(VERDICTS, some(), ["a\n", "b"]))
    assert lines[:7] == [
        "4 records: 3 valid, 0 invalid, 1 unreadable",
        "           1 unreadable, not-json: the line is not valid JSON, or has a name twice",
        f"critical: nonces-common: {KINDS['nonces-common'][1]}",
        "  key 02aa",
        "  key 03bb",
        '  3 records: "a\\n" line 3, "a\\n" line 12, "b" line 7',
        f"note: high-s: {KINDS['high-s'][1]}",
    ]
    assert lines[-1] == "note: high-s: 1 more findings of this kind"
    last = ", ".join(f"line {line}" for line in range(1, MOST_RECORDS + 1))
    assert list(as_lines(VERDICTS, some(), ["a"]))[-2] == f"  100 records: {last} and 90 more"
    assert list(as_lines(Counter(valid=1), Findings(), ["a"]))[1:] == ["nothing found"]
