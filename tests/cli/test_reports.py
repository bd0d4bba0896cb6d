"""`verify-many --html` and `audit --html`: a page to file, with the facts of the JSON, written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import random
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from archives import hexes, with_nonce, written
from auditing import D, K
from consoles import ROOT
from reportpages import Page, facts

from ecpure import PrivateKey
from ecpure.archives import report
from ecpure.cli import main
from ecpure.io.progress import Progress

FILES = ROOT / "docs" / "examples" / "files"
needs_full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the examples read, and with nothing to be computed twice."""
    shutil.copytree(FILES, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(line: str) -> int:
    return main(shlex.split(line))


def page(name: str = "page.html") -> Page:
    return Page(Path(name).read_bytes())


def source(name: str) -> dict[str, Any]:
    octets = Path(name).read_bytes()
    return {"name": name, "size": len(octets), "sha256": hashlib.sha256(octets).hexdigest()}


def missing(content: Any, read: Page) -> list[str]:
    return [fact for fact in facts(content) if fact not in read.words]


def test_a_run_of_verify_many_has_its_page() -> None:
    """With the facts of the summary, and every record that is not valid; the exit status is that of the run."""
    command = "verify-many records.jsonl --keys keys -o results --summary summary --html page.html"
    assert run(command) == 1
    summary, read = json.loads(Path("summary").read_bytes()), page()
    assert {name: summary[name] for name in ("records", "valid", "invalid", "unreadable")} == {
        "records": 3,
        "valid": 1,
        "invalid": 1,
        "unreadable": 1,
    }
    assert summary["run"]["inputs"] == [source("records.jsonl")]
    assert summary["run"]["keys"] == {
        "name": "keys",
        "count": 2,
        "files": [source("keys/1.pem"), source("keys/station-1.pem")],
    }
    assert missing(summary, read) == []
    assert read.rows[read.rows.index(["Line", "Id", "Verdict", "Reason", "Key"]) + 1 :][:2] == [
        ["2", "b", "invalid", "does-not-hold", "station-1"],
        ["3", "c", "unreadable", "bad-signature", ""],
    ]
    assert sorted(set(os.listdir()) - set(os.listdir(FILES))) == ["page.html", "results", "summary"]


@pytest.mark.parametrize(
    ("options", "trusted"),
    [("", "records"), ("--keys keys.csv", "keys"), ("--keys keys.csv --trust-record-keys", "keys-and-records")],
)
def test_both_say_whose_keys_were_trusted(folder: Path, options: str, trusted: str) -> None:
    """Without --keys each valid record vouched for itself; with it, a record with a key of its own is not valid."""
    key = PrivateKey.from_int(5).public_key.to_bytes().hex()
    (folder / "keys.csv").write_text(f"id,public_key\nAnn,{key}\n", encoding="ascii")
    (folder / "r").write_bytes(written([with_nonce(D[0], K[0], b"a")]))
    assert run(f"verify-many r -o results --summary summary --html page.html {options}") == (trusted == "keys")
    content = json.loads(Path("summary").read_bytes())
    assert content["run"]["trusted"] == trusted
    assert content["run"]["trust"] in page().words
    assert ("each valid record vouched for itself" in page().words) == (trusted == "records")
    assert ("unknown-key" in page().words) == (trusted == "keys")


def test_standard_input_is_not_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read once, to be verified; the summary and the page say so."""
    octets = Path("records.jsonl").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))
    assert run("verify-many - --keys keys -o results --summary summary --html page.html") == 1
    content = json.loads(Path("summary").read_bytes())
    assert content["records"] == 3
    assert content["run"]["inputs"] == [{"name": "standard input", "size": None, "sha256": None}]
    assert ["standard input", "not known", "not hashed: it can be read only once"] in page().rows


def test_the_page_of_verify_many_needs_a_file_of_results(capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output, a device or a pipe cannot be read again: that is refused, before the work begins."""
    os.mkfifo("pipe")
    for output in ("", "-o -", "-o /dev/null", "-o pipe"):
        assert run(f"verify-many records.jsonl --html page.html {output}") == 2
        out, err = capfd.readouterr()
        assert out == ""
        words = "needs -o with the name of a file: the page is made from the results in it"
        assert err == f"ecpure: --html {words}\n"
    assert not Path("page.html").exists()


def test_a_file_of_results_that_is_there_is_replaced() -> None:
    """And the page is made from the new ones."""
    Path("results").write_text("anything", encoding="ascii")
    assert run("verify-many records.jsonl --keys keys -o results --html page.html") == 1
    assert "Of 3 records, 2 are not valid." in page().words


def test_a_page_may_go_to_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Where nothing else is on it: of verify-many, whose results are in a file, but not of audit."""
    assert run("verify-many records.jsonl --keys keys -o results --html -") == 1
    assert "Verification report" in Page(capfdbinary.readouterr().out).words
    assert run("audit orders.jsonl --html -") == 2
    out, err = capfdbinary.readouterr()
    assert out == b""
    assert b"--html: name a file" in err


def test_an_audit_has_its_page(capfd: pytest.CaptureFixture[str]) -> None:
    """With the facts of its JSON; what is printed, and the exit status, are as without it."""
    command = "audit orders.jsonl logins.jsonl --keys keys"
    assert run(command) == 1
    said = capfd.readouterr()
    assert run(f"{command} --html page.html") == 1
    assert capfd.readouterr() == said
    first = page()
    assert run(f"{command} --json --html page.html") == 1
    content = json.loads(capfd.readouterr().out)
    assert content["run"]["inputs"] == [source("orders.jsonl"), source("logins.jsonl")]
    assert content["run"]["keys"]["files"] == [source("keys/1.pem"), source("keys/station-1.pem")]
    assert content["run"]["options"]["recover"] is False
    (usual,) = [finding for finding in content["findings"] if finding["kind"] == "high-s"]
    content["findings"].remove(usual)
    assert missing(content, page()) == []
    assert f"high-s: {usual['count']} records" in page().words
    time = re.compile(r"\d\d:\d\d:\d\d")
    assert time.sub("", first.words) == time.sub("", page().words)


def test_no_secret_is_on_the_page(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The private key and the nonce that the audit computed are in nothing that it writes, in hex or decimal."""
    (folder / "r").write_bytes(written([with_nonce(D[0], K[0], b"a"), with_nonce(D[0], K[0], b"b", is_twin=True)]))
    assert run("audit r --json --html page.html") == 1
    said = "".join(capfd.readouterr()) + Path("page.html").read_text(encoding="utf-8")
    assert "nonce-reused" in said
    for secret in (D[0], K[0]):
        assert f"{secret:x}" not in said.lower()
        assert str(secret) not in said


def test_what_records_say_is_only_text(folder: Path) -> None:
    """An archive of hostile ids, fields and names makes pages as whole as any other."""
    hostile = "</td><script src=http://x></script>\u202e\ud800\x00"
    record = hexes(random.Random(3), 1) | {"id": hostile}
    (folder / "<i>\u202e.jsonl").write_bytes(written([record | {"message": ""}, record | {hostile: 1}, record, record]))
    shutil.copy("<i>\u202e.jsonl", "again.jsonl")
    assert run("verify-many '<i>\u202e.jsonl' -o results --html page.html") == 1
    seen = r"</td><script src=http://x></script>\u202e\ud800\x00"
    assert ["1", seen, "invalid", "does-not-hold", record["public_key"]] in page().rows
    assert ["2", seen, "unreadable", f"unknown-field: {seen}", ""] in page().rows
    assert run("audit '<i>\u202e.jsonl' again.jsonl --html page.html") == 1
    (repeated,) = [row for row in page().rows if row[:2] == [r"<i>\u202e.jsonl", "3"]]
    assert repeated[2] == seen


@pytest.mark.parametrize("old", [None, "what was there"], ids=["new", "existing"])
@pytest.mark.parametrize("command", ["verify-many records.jsonl -o results", "audit orders.jsonl"])
def test_a_page_is_whole_or_not_there(
    command: str, old: str | None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """On a full disk what was there stays, the sentence names the page, and the results or findings are there."""
    if old is not None:
        Path("page.html").write_text(old, encoding="ascii")
    real = os.replace

    def replace(temporary: str, path: str) -> None:
        if path.endswith(".html"):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(temporary, path)

    monkeypatch.setattr(os, "replace", replace)
    assert run(f"{command} --html page.html") == 2
    out, err = capfd.readouterr()
    assert err.endswith("page.html: No space left on device: make room on it\n")
    assert Path("results").exists() if "results" in command else "nonce-reused" in out
    assert (Path("page.html").read_text(encoding="ascii") if Path("page.html").exists() else None) == old
    assert not [name for name in os.listdir() if name.startswith(".")]


@needs_full
@pytest.mark.parametrize("command", ["verify-many records.jsonl -o results", "audit orders.jsonl"])
def test_a_full_device_is_named(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    """In the system's words."""
    assert run(f"{command} --html /dev/full") == 2
    assert capfd.readouterr().err.endswith("ecpure: /dev/full: No space left on device: make room on it\n")


def test_a_run_that_is_stopped_has_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written when all is verified, by the run that resumes this one, and has everything."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Progress, "advance", interrupt)
        assert run("verify-many records.jsonl --keys keys -o results --html page.html") == 2
        assert run("audit orders.jsonl --html page.html") == 2
    assert not Path("page.html").exists()
    assert run("verify-many records.jsonl --keys keys -o results --html page.html --resume") == 1
    assert "Of 3 records, 2 are not valid." in page().words


@pytest.mark.parametrize(
    "line",
    [
        "verify-many records.jsonl -o results --html records.jsonl",
        "verify-many records.jsonl --keys keys -o results --html keys/1.pem",
        "verify-many records.jsonl -o results --html results.part",
        "verify-many records.jsonl -o results --summary page.html --html page.html",
        "audit orders.jsonl --html orders.jsonl",
    ],
)
def test_a_page_is_not_written_over_another_file(line: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither over one that is read, nor over one that is written."""
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    assert run(line) == 2
    assert "--html: refusing to overwrite" in capfd.readouterr().err
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_a_run_without_a_report_hashes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read once, by what works on them."""

    def hashed(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(report, "Sources", hashed)
    assert run("verify-many records.jsonl -o results") == 1
    assert run("audit orders.jsonl") == 1


@pytest.mark.parametrize("name", ["archives.md", "audit-archives.md"])
def test_the_command_that_the_documentation_shows(name: str) -> None:
    """It makes the page that the section speaks of."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    section = text.partition("## A report to keep\n")[2].partition("\n## ")[0]
    (line,) = re.findall(r"^ecpure (.* --html report\.html)$", section, re.MULTILINE)
    assert run(line) == 1
    assert page("report.html").words
    (picture,) = re.findall(r"!\[.*\]\((pictures/.*\.png)\)", section)
    assert 1000 < (ROOT / "docs" / picture).stat().st_size < 150_000
