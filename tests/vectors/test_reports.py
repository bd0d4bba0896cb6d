"""Reports on a run: what they count, what they explain, and that their texts break no form."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from smallvectors import content, says, written

from ecpure import vectors
from ecpure.vectors import Outcome, reports
from ecpure.vectors.operations import answer
from ecpure.vectors.reports import Result, Run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path)


def mixed_run(path: Path) -> Run:
    """Return a run with an outcome of every kind."""
    file = vectors.read(str(path))
    kinds = ("agreed", "wrong", "crashed", "timed out", "unsupported", "not run")
    found = [Outcome(file.cases[1], kind, {"id": "x", "result": "valid", "key": "00"}) for kind in kinds]
    found[2] = replace(found[2], answer=None, detail="it ended")
    found[3] = replace(found[3], answer=None)
    return Run([Result("a program", replace(file, not_for_us=Counter({"curve X": 2})), found)], ["f: no"])


def test_the_report_counts_and_explains(path: Path) -> None:
    """Per class and verdict a count, per failure what was expected, what came, and why it matters."""
    run = mixed_run(path)
    assert not run.agreed()
    assert run.verdict() == (
        "a program: 1 of 6 cases agreed; 1 wrong, 1 crashed, 1 timed out, 1 unsupported, 1 not run; not for us: 2 cases"
    )
    ((title, rows),) = reports.tables(run)
    assert title == f"{path}: a program; not for us: 2 cases (curve X)"
    assert rows[0] == ["class", "cases", "agreed", "wrong", "crashed", "timed out", "unsupported", "not run"]
    assert rows[1:] == [["Basic", "6", *"111111"], ["all", "6", *"111111"]]
    wrong, crashed, late = reports.sentences(run)
    assert wrong == (
        "small_test.json#2 (Basic): wrong: another <message> \x00: invalid was expected, came valid key 00. "
        "It must work. Nothing works."
    )
    assert "crashed: another <message> \x00: invalid was expected, came it ended." in crashed
    assert "came nothing" in late


def test_json_has_every_failure(path: Path) -> None:
    """With what was expected and what came, and why its class matters; what agreed is only counted."""
    report = json.loads(json.dumps(reports.as_json(mixed_run(path))))
    assert (report["agreed"], report["errors"]) == (False, ["f: no"])
    [result] = report["results"]
    assert (result["program"], result["file"], result["notForUs"]) == ("a program", str(path), {"curve X": 2})
    assert result["classes"]["all"]["agreed"] == 1
    verdicts = [failure["verdict"] for failure in result["failures"]]
    assert verdicts == ["wrong", "crashed", "timed out", "unsupported", "not run"]
    assert result["failures"][1] == {
        "tcId": 2,
        "flags": ["Basic"],
        "comment": "another <message> \x00",
        "verdict": "crashed",
        "expected": [{"result": "invalid"}],
        "answer": None,
        "detail": "it ended",
        "why": "It must work. Nothing works.",
    }


def test_junit_tells_failures_errors_and_skipped_apart(path: Path) -> None:
    """JUnit's XML is well formed whatever the texts hold, and counts each kind; an unreadable file is an error."""
    root = ElementTree.fromstring(reports.as_junit(mixed_run(path)))
    first, errors = root
    assert (first.get("tests"), first.get("failures"), first.get("errors"), first.get("skipped")) == (
        "6",
        "1",
        "2",
        "2",
    )
    assert [len(case) for case in first] == [0, 1, 1, 1, 1, 1]
    assert "\ufffd" in (first[0].get("name") or "")
    assert (errors.get("name"), errors.get("errors")) == ("files", "1")


def test_html_is_one_page_that_needs_nothing_else(path: Path) -> None:
    """The page holds the verdict and each failure, escaped, and refers to nothing outside of it."""
    page = reports.as_html(mixed_run(path)).decode()
    assert "Not every case agreed." in page
    assert "another &lt;message&gt;" in page
    assert "Not read: f: no" in page
    assert "http" not in page
    assert "src=" not in page
    file = vectors.read(str(path))
    good = reports.as_html(Run([Result("p", file, list(vectors.run(file.cases, answer)))], []))
    assert b"Every case agreed." in good
    assert b"What did not agree" not in good


def test_no_case_is_no_agreement(path: Path) -> None:
    """A run without a case, or with a file that could not be read, has not agreed."""
    file = vectors.read(str(path))
    right = Result("p", file, list(vectors.run(file.cases, answer)))
    assert Run([right], []).agreed()
    assert not Run([right], ["f: no"]).agreed()
    assert not Run([], []).agreed()
    assert not Run([replace(right, outcomes=[])], []).agreed()


def test_a_file_without_a_case_has_no_table(path: Path) -> None:
    """Unless cases of it are not for us, which the title says."""
    file = replace(vectors.read(str(path)), cases=[])
    assert list(reports.tables(Run([Result("p", file, [])], []))) == []
    foreign = replace(file, not_for_us=Counter({"curve X": 2}))
    [(title, rows)] = reports.tables(Run([Result("p", foreign, [])], []))
    assert title.endswith(": p; not for us: 2 cases (curve X)")
    assert rows == [["class", "cases", "agreed"], ["all", "0", "0"]]


def test_a_class_that_fails_is_told_once(path: Path) -> None:
    """For a terminal: why it matters, ten of its cases, and how many more there are."""
    many = content()
    many["testGroups"][0]["tests"] = [{**many["testGroups"][0]["tests"][0], "tcId": n} for n in range(1, 26)]
    many["numberOfTests"] = 25
    path.write_text(json.dumps(many))
    file = vectors.read(str(path))
    why, *cases, more = reports.brief(Run([Result("x", file, list(vectors.run(file.cases, says("invalid"))))], []))
    assert why == "Basic: It must work. Nothing works."
    assert len(cases) == reports.MOST_CASES
    assert all(line.startswith("small_test.json#") and "It must work." not in line for line in cases)
    assert more == "Basic: and 15 more (--json has all)"
    file = replace(file, notes={})  # which may be silent on a class
    run = Run([Result("x", file, list(vectors.run(file.cases[:1], says("invalid"))))], [])
    assert [line.partition(":")[0] for line in reports.brief(run)] == ["small_test.json#1 (Basic)"]
