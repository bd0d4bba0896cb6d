"""Reports on a run: what they count, what they explain, and that their texts break no form."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from smallvectors import content, says, written

from ecpure import __version__, vectors
from ecpure.vectors import VERDICTS, Outcome, reports
from ecpure.vectors.judging import AGREED, CRASHED, NOT_RUN, TIMED_OUT, UNSUPPORTED, WRONG
from ecpure.vectors.operations import answer
from ecpure.vectors.page import as_html
from ecpure.vectors.reports import Result, Run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path)


def mixed_run(path: Path) -> Run:
    """Return a run with an outcome of every kind."""
    file = vectors.read(str(path))
    found = [Outcome(file.cases[1], kind, {"id": "x", "result": "valid", "key": "00", "n": 1}) for kind in VERDICTS]
    found[2] = replace(found[2], detail="not RFC 6979's")
    found[3] = replace(found[3], answer=None, detail="it ended")
    found[4] = replace(found[4], answer=None)
    result = Result("a program", replace(file, not_for_us=Counter({"curve X": 2})), found)
    return Run([result], ["f: no"], options=["--nonces any"], versions={"a program": "1.0"})


@pytest.mark.parametrize(
    ("curve", "kinds", "agreed", "failures"),
    [
        ("secp256k1", [AGREED, UNSUPPORTED], True, 0),
        ("secp256k1", [UNSUPPORTED, UNSUPPORTED], False, 0),
        ("secp256k1", [AGREED, WRONG], False, 1),
        ("secp256k1", [AGREED, NOT_RUN], False, 1),
        ("secp224k1", [AGREED, UNSUPPORTED], False, 1),
    ],
)
def test_a_second_curve_may_be_unsupported(
    path: Path, curve: str, kinds: list[str], agreed: bool, failures: int
) -> None:
    """It is counted and is no failure, unless nothing agreed; a wrong answer is one on either curve."""
    file = vectors.read(str(path))
    cases = [replace(case, request={**case.request, "curve": curve}) for case in file.cases]
    outcomes = [Outcome(case, kind) for case, kind in zip(cases, kinds, strict=False)]
    run = Run([Result("a program", file, outcomes)], [])
    assert (run.agreed(), len(list(run.results[0].failures()))) == (agreed, failures)
    assert sum(run.results[0].counts()["all"].values()) == len(kinds)
    assert len(reports.as_json(run)["results"][0]["failures"]) == failures


@pytest.mark.parametrize(
    ("kinds", "why"),
    [
        ([CRASHED, CRASHED, NOT_RUN], "0 of 3 cases agreed; 2 crashed, 1 not run; said 2; the last of these: said 1"),
        (
            [AGREED, TIMED_OUT, NOT_RUN],
            "1 of 3 cases agreed; 1 timed out, 1 not run; said 2; the last of these: said 1",
        ),
        ([WRONG, WRONG, NOT_RUN], "0 of 3 cases agreed; 2 wrong, 1 not run; said 2; the last of these: said 1"),
        ([CRASHED, AGREED, NOT_RUN], "1 of 3 cases agreed; 1 crashed, 1 not run; said 2"),
        (
            [CRASHED, NOT_RUN, WRONG],
            "0 of 3 cases agreed; 1 wrong, 1 crashed, 1 not run; said 1; the last of these: said 0",
        ),
        ([NOT_RUN, NOT_RUN, NOT_RUN], "0 of 3 cases agreed; 3 not run; said 0"),
        ([CRASHED, CRASHED, CRASHED], "0 of 3 cases agreed; 3 crashed"),
    ],
)
def test_why_cases_were_not_run(path: Path, kinds: list[str], why: str) -> None:
    """What a program that answers no more said last is in the sentence that most people read first."""
    file = vectors.read(str(path))
    outcomes = [Outcome(file.cases[0], kind, detail=f"said {place}") for place, kind in enumerate(kinds)]
    assert list(Run([Result("p", file, outcomes)], []).verdicts()) == [f"p: {why}"]


def test_an_interrupt_is_no_fault_of_the_program(path: Path) -> None:
    """What it said last is then not why cases were not run; a wrong answer was an answer."""
    file = vectors.read(str(path))
    crashed, wrong = Outcome(file.cases[0], CRASHED, detail="gone"), Outcome(file.cases[0], WRONG, {"result": "valid"})
    for outcomes, why in (
        ([crashed, Outcome(file.cases[1], NOT_RUN, detail="interrupted")], "1 crashed, 1 not run"),
        ([wrong, Outcome(file.cases[1], NOT_RUN, detail="not asked")], "1 wrong, 1 not run; not asked"),
    ):
        assert list(Run([Result("p", file, outcomes)], []).verdicts()) == [f"p: 0 of 2 cases agreed; {why}"]


def test_the_report_counts_and_explains(path: Path) -> None:
    """Per file a line, per class a count and why it matters, per failure what was expected, came, and was asked."""
    run = mixed_run(path)
    assert not run.agreed()
    counts = "1 of 7 cases agreed; 1 wrong, 1 other nonce, 1 crashed, 1 timed out, 1 unsupported, 1 not run"
    assert list(run.verdicts()) == [f"a program: {counts}; not for us: 2 cases"]
    assert list(reports.lines(run)) == [f"{path}: {counts}; not for us: 2 cases (curve X)"]
    ((title, rows),) = reports.tables(run)
    assert title == f"{path}: a program; not for us: 2 cases (curve X)"
    assert rows[0] == ["class", "cases", *VERDICTS]
    assert rows[1:] == [["Basic", "7", *"1111111"], ["all", "7", *"1111111"]]
    why, wrong, *asked, more = list(reports.brief(run))
    assert why == f"{path}: Basic: 4 of 7 cases did not agree. It must work. Nothing works."
    expected = "another <message> \x00: expected invalid, got"
    assert wrong == f"  small_test.json#2: wrong: {expected} valid key 00 n 1."
    assert asked[:7] == [
        f"    {name}: {value}".rstrip() for name, value in run.results[0].outcomes[0].case.request.items()
    ]
    assert f"  small_test.json#2: other nonce: {expected} valid key 00 n 1: not RFC 6979's." in asked
    assert f"  small_test.json#2: crashed: {expected} it ended." in asked
    assert more == "  and 1 more (--html and --json have all)"
    assert reports.difference(run.results[0].outcomes[4]) == "expected invalid, got nothing"


def test_json_has_every_failure(path: Path) -> None:
    """With what was asked, expected and answered, and why its class matters; what agreed is only counted."""
    report = json.loads(json.dumps(reports.as_json(mixed_run(path))))
    assert (report["agreed"], report["errors"], report["suite"]) == (False, ["f: no"], None)
    assert report["options"] == ["--nonces any"]
    assert report["programs"] == [{"name": "a program", "version": "1.0"}]
    [result] = report["results"]
    assert (result["program"], result["file"], result["notForUs"]) == ("a program", str(path), {"curve X": 2})
    assert result["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert result["classes"]["all"]["agreed"] == 1
    assert [failure["verdict"] for failure in result["failures"]] == list(VERDICTS[1:])
    assert result["failures"][2] == {
        "tcId": 2,
        "flags": ["Basic"],
        "comment": "another <message> \x00",
        "verdict": "crashed",
        "request": vectors.read(str(path)).cases[1].request,
        "expected": [{"result": "invalid"}],
        "answer": None,
        "detail": "it ended",
        "why": "It must work. Nothing works.",
    }


def test_junit_tells_failures_errors_and_skipped_apart(path: Path) -> None:
    """JUnit's XML is well formed whatever the texts hold, and counts each kind; an unreadable file is an error."""
    root = ElementTree.fromstring(reports.as_junit(mixed_run(path)))
    first, errors = root
    counts = [first.get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["7", "2", "2", "2"]
    version, *cases = first
    assert version[0].attrib == {"name": "version", "value": "1.0"}
    assert [len(case) for case in cases] == [0, 1, 1, 1, 1, 1, 1]
    assert "\\x00" in (cases[0].get("name") or "")
    assert "signature: " in (cases[1][0].text or "")
    assert (errors.get("name"), errors.get("errors")) == ("files", "1")


def test_a_long_answer_is_shortened_for_people(path: Path) -> None:
    """They see its beginning, and how long it was; --json has all of it."""
    file = vectors.read(str(path))
    long = Outcome(file.cases[0], "wrong", {"id": "x", "result": "invalid", "more": "a" * 100_000, "b": [0] * 100_000})
    run = Run([Result("p", file, [long] * 3)], [])
    brief = "\n".join(reports.brief(run))
    assert f"got invalid more {'a' * 987}… (400016 characters, of which --json has all)." in brief
    for text in (brief, as_html(run).decode(), reports.as_junit(run).decode()):
        assert len(text) < 20_000
        assert text.count("(400016 characters") == 3
    failures = reports.as_json(run)["results"][0]["failures"]
    assert [failure["answer"] for failure in failures] == [long.answer] * 3
    whole = replace(long, answer={"result": "invalid", "x": "a" * 990})
    assert reports.difference(whole) == f"expected valid, got invalid x {'a' * 990}"


HOSTILE = "\x1b[2J\x00\u202egnp\u2066\ud800\x9b"
"""Clears a terminal, ends a text in C, turns the direction of what follows, and is no Unicode."""


def test_no_report_has_what_cannot_be_printed(path: Path) -> None:
    """Neither from a file of vectors, its name, a note, an answer or a version: it is shown by its number."""
    file = vectors.read(str(path))
    case = replace(file.cases[0], comment=HOSTILE, flags=(HOSTILE,), request={"message": HOSTILE, HOSTILE: [HOSTILE]})
    outcome = Outcome(case, "wrong", {"result": "valid", HOSTILE: {HOSTILE: HOSTILE}}, HOSTILE)
    name = f"{path}{HOSTILE}"
    of_file = replace(file, path=name, notes={HOSTILE: HOSTILE}, not_for_us=Counter({HOSTILE: 1}))
    run = Run([Result(HOSTILE, of_file, [outcome])], [HOSTILE], False, [replace(of_file, foreign=HOSTILE)])
    run = replace(run, options=[HOSTILE], versions={HOSTILE: HOSTILE})
    for octets in (as_html(run), reports.as_junit(run), json.dumps(reports.as_json(run)).encode()):
        text = octets.decode("utf-8")
        assert not [c for c in text if not c.isprintable() and c not in "\n\t"]
        assert "202egnp" in text


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
    assert list(reports.lines(Run([Result("p", file, [])], []))) == []
    foreign = replace(file, not_for_us=Counter({"curve X": 2}))
    run = Run([Result("p", foreign, [])], [])
    assert list(reports.lines(run)) == [f"{file.path}: 0 of 0 cases agreed; not for us: 2 cases (curve X)"]
    [(title, rows)] = reports.tables(run)
    assert title.endswith(": p; not for us: 2 cases (curve X)")
    assert rows == [["class", "cases", "agreed"], ["all", "0", "0"]]


def test_a_class_that_fails_is_told_once(path: Path) -> None:
    """For a terminal: why it matters, the first of its cases, and how many more there are."""
    many = content()
    many["testGroups"][0]["tests"] = [{**many["testGroups"][0]["tests"][0], "tcId": n} for n in range(1, 26)]
    many["numberOfTests"] = 25
    path.write_text(json.dumps(many))
    file = vectors.read(str(path))
    why, *cases, more = reports.brief(Run([Result("x", file, list(vectors.run(file.cases, says("invalid"))))], []))
    assert why == f"{path}: Basic: 25 of 25 cases did not agree. It must work. Nothing works."
    assert sum("small_test.json#" in line for line in cases) == reports.MOST_CASES
    assert not any("It must work." in line for line in cases)
    assert more == f"  and {25 - reports.MOST_CASES} more (--html and --json have all)"
    silent = replace(file, notes={}, cases=[replace(file.cases[0], flags=("",))])  # on a class, of which there is none
    run = Run([Result("x", silent, list(vectors.run(silent.cases, says("invalid"))))], [])
    heading, case, *_ = reports.brief(run)
    assert heading == f"{path}: (no class): 1 of 1 case did not agree."
    assert case == "  small_test.json#1: wrong: expected valid, got invalid."


def test_a_file_of_the_suite_is_called_by_its_name_alone() -> None:
    """Where the package was installed is not told; and that the suite was run is."""
    path = vectors.shipped()[0]
    file = vectors.read(path)
    run = Run([Result("x", file, list(vectors.run(file.cases[:2], answer)))] * 2, [])
    assert list(reports.lines(run)) == [f"{Path(path).name}: 2 of 2 cases agreed"] * 2
    assert reports.as_json(run)["suite"] == __version__
    assert str(Path(path).parent) not in json.dumps(reports.as_json(run)) + as_html(run).decode()
    both = replace(run, results=[replace(result, program=name) for result, name in zip(run.results, "xy", strict=True)])
    assert next(reports.lines(both)) == f"{Path(path).name}: x: 2 of 2 cases agreed"
    assert reports.name_of(replace(file, path="-")) == "standard input"
