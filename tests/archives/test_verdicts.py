"""Verdicts: a record's result line, and the counts of a whole archive."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from recordsamples import LOGIN, RECORD, results, without

from ecpure.archives.verdicts import REASONS, Found, require_some, result, summary, summary_lines, verdict
from ecpure.io.streams import Refused


def test_a_field_that_is_missing_or_unknown_is_named() -> None:
    """The name is cut where it is long, and no other reason has one."""
    cases: list[tuple[dict[str, Any], str | None]] = [
        (without("signature"), "signature"),
        (without("message"), "message"),
        (RECORD | {"hsah": "sha256", "x": 1}, "hsah"),
        (RECORD | {'"\ud800' + "x" * 999: 1}, '"\ud800' + "x" * 198),
        (LOGIN | {"hash": "sha224"}, "hash"),
        (RECORD | {"hash": "md5"}, None),
    ]
    for record, name in cases:
        (found,) = results(json.dumps(record).encode("ascii"))
        assert found["verdict"] == "unreadable"
        assert found.get("field") == name


def test_a_result_is_one_line_of_ascii() -> None:
    """Its members come in one order, whatever is in them, and a member without a value is left out."""
    assert result(b"", Found(5, None, None)) == b'{"line": 5, "verdict": "valid"}\n'
    full = Found(5, "\n\u00e9", "unknown-field", {"domain": "\x1b"}, "x\n", "k\u00e9")
    line = result(b'"file": "a", ', full)
    assert line == (
        b'{"file": "a", "line": 5, "id": "\\n\\u00e9", "verdict": "unreadable", "key": "k\\u00e9", '
        b'"reason": "unknown-field", "field": "x\\n", "signed": {"domain": "\\u001b"}}\n'
    )
    assert json.loads(result(b"", Found(1, 0, "out-of-range"))) == {
        "line": 1,
        "id": 0,
        "verdict": "invalid",
        "reason": "out-of-range",
    }


def test_each_reason_makes_one_verdict() -> None:
    """Only a signature that was read is invalid."""
    verdicts = {reason: verdict(reason) for reason in REASONS}
    assert [reason for reason in verdicts if verdicts[reason] == "invalid"] == ["does-not-hold", "out-of-range"]
    assert set(verdicts.values()) == {"invalid", "unknown-key", "unreadable"}
    assert [verdict(one) for one in ("valid", "unknown-key")] == ["valid", "unknown-key"]


def test_the_counts_of_an_archive() -> None:
    """They are the same in words as in JSON, where reasons come in the order of their table."""
    verdicts = Counter({"not-json": 12, "does-not-hold": 300, "valid": 2700})
    assert summary(verdicts) == {
        "records": 3012,
        "valid": 2700,
        "invalid": 300,
        "unknown-key": 0,
        "unreadable": 12,
        "reasons": {"does-not-hold": 300, "not-json": 12},
    }
    assert list(summary(verdicts)["reasons"]) == ["does-not-hold", "not-json"]
    assert list(summary_lines(verdicts, with_keys=True)) == [
        "3,012 records: 2,700 valid, 300 invalid, 12 unreadable",
        "         300 invalid, does-not-hold: the signature does not match this message and key",
        "          12 unreadable, not-json: the line is not valid JSON, or has a name twice",
    ]
    assert list(summary_lines(Counter({"unknown-key": 2}), with_keys=True)) == [
        "2 records: 0 valid, 0 invalid, 2 unknown-key, 0 unreadable",
        f"           2 unknown-key, unknown-key: {REASONS['unknown-key']}",
    ]
    assert list(summary_lines(Counter(valid=1), with_keys=True)) == ["1 record: 1 valid, 0 invalid, 0 unreadable"]
    assert list(summary_lines(Counter(valid=1), with_keys=False))[1:] == [
        "  no --keys were given: each valid record vouched for itself"
    ]
    for reason in ("unknown-key-id", "no-public-key"):
        assert list(summary_lines(Counter({reason: 1}), with_keys=False))[2:] == [
            "  records without a key in them need --keys: a folder or a file of keys by id"
        ]
        assert len([*summary_lines(Counter({reason: 1}), with_keys=True)]) == 2
    assert len([*summary_lines(Counter({"not-json": 1}), with_keys=False)]) == 2
    assert list(summary_lines(Counter(), with_keys=True)) == ["0 records: 0 valid, 0 invalid, 0 unreadable"]


def test_an_archive_without_a_record_is_refused() -> None:
    """That all of its records are valid would be misread."""
    require_some(Counter({"not-json": 1}), ["a"])
    with pytest.raises(Refused, match=r"^a, standard input: no records to verify: give a file that has some$"):
        require_some(Counter(), ["a", "-"])
