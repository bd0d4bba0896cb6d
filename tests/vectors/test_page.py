"""The report in HTML: one page that needs nothing else, cuts nothing, and has what a failure can be repeated with."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from smallvectors import says, written

from ecpure import __version__, vectors
from ecpure.vectors.judging import AGREED, UNSUPPORTED, Outcome
from ecpure.vectors.operations import answer
from ecpure.vectors.page import as_html
from ecpure.vectors.reports import Result, Run


class Texts(HTMLParser):
    """The texts of a page, and how its elements are nested."""

    VOID = ("meta", "br")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[str] = []
        self.labels: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        self.labels += [value or "" for name, value in attrs if name == "data-label"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def run_of(folder: Path, result: str) -> Run:
    file = vectors.read(str(written(folder)))
    foreign = replace(file, path="x_test.json", foreign="schema <x>", cases=[])
    outcomes = list(vectors.run(file.cases, says(result)))
    results = [Result("p", file, outcomes), Result("p", foreign, [])]
    return Run(results, ["f: <no>"], False, [foreign], ["--nonces any"], {"p": "<1.0>"})


def test_html_is_one_page_that_needs_nothing_else(tmp_path: Path) -> None:
    """It holds the verdict, the files with their hashes, options and versions, escaped, and refers to nothing else."""
    run = run_of(tmp_path, "valid")
    page = as_html(run).decode()
    found = Texts(page)
    assert found.open == ["html"]
    assert {"Not every case agreed.", "Not read: f: <no>", "<1.0>", "--nonces any", "schema <x>"} <= {*found.texts}
    assert run.results[0].file.sha256 in found.texts
    assert "http" not in page
    assert "src=" not in page
    assert "suite" not in found.texts


def test_a_failure_can_be_repeated(tmp_path: Path) -> None:
    """Each has all that was asked, uncut, under its class and why that matters."""
    run = run_of(tmp_path, "invalid")
    long = replace(run.results[0].outcomes[0].case, request={"operation": "verify", "message": "5a" * 9000})
    outcomes = [replace(run.results[0].outcomes[0], case=long), *run.results[0].outcomes[1:]]
    texts = Texts(as_html(replace(run, results=[replace(run.results[0], outcomes=outcomes)])).decode()).texts
    assert "Basic: 1 of 3 cases did not agree." in texts
    assert "It must work. Nothing works." in texts
    assert "5a" * 9000 in texts


def test_every_cell_has_its_heading_beside_it(tmp_path: Path) -> None:
    """On a narrow screen, where a table has no heading."""
    labels = Texts(as_html(run_of(tmp_path, "valid")).decode()).labels
    assert labels == ["class", "cases", "agreed", "wrong"] * 2 + ["file", "reason"]


def test_a_good_run_has_no_failures(tmp_path: Path) -> None:
    """And says so; of the suite, its version is named, and a program that tells none has none."""
    file = vectors.read(str(written(tmp_path)))
    texts = Texts(as_html(Run([Result("p", file, list(vectors.run(file.cases, answer)))], [])).decode()).texts
    assert {"Every case agreed.", "not reported", "none"} <= {*texts}
    assert "What did not agree" not in texts
    first, *_ = file.cases
    elsewhere = replace(first, request=first.request | {"curve": "secp256k1"})
    lacking = Result("p", file, [Outcome(first, AGREED), Outcome(elsewhere, UNSUPPORTED)])
    assert "Every supported case agreed." in Texts(as_html(Run([lacking], [])).decode()).texts
    file = vectors.read(vectors.shipped()[0])
    run = Run([Result("p", replace(file, sha256=""), list(vectors.run(file.cases[:1], answer)))], [])
    page = as_html(run).decode()
    assert f"that of ecpure {__version__};" in page
    assert "<code></code>" not in page
