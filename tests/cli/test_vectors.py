"""`ecpure vectors`: what it runs, what it prints and writes, and with which status it ends."""

from __future__ import annotations

import copy
import importlib.util
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from smallvectors import ECHO, KEY, PYTHON, content, written

from ecpure import backend, vectors
from ecpure.basepoint import BasePoint
from ecpure.cli import main
from ecpure.vectors import batch, reports
from ecpure.vectors.operations import OPERATIONS
from ecpure.vectors.schemas import Message
from ecpure.vectors.templates import TEMPLATES, template


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path)


def test_the_command_runs_files_and_reports(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A line for each file, or a table, on standard output, the verdict on standard error, exit 0 if all agreed."""
    assert main(["vectors", str(path)]) == 0
    out, err = capfd.readouterr()
    assert out == f"{path}: 3 of 3 cases agreed\n"
    assert err == f"ecpure: ecpure ({backend()}): 3 of 3 cases agreed\n"
    assert main(["vectors", "--verbose", str(path)]) == 0
    out, err = capfd.readouterr()
    assert out.splitlines()[1:] == ["class  cases  agreed", "Basic      3       3", "all        3       3"]
    assert err == f"ecpure: ecpure ({backend()}): 3 of 3 cases agreed\n"
    assert main(["vectors", "--json", "--backend", backend(), str(path)]) == 0
    report = json.loads(capfd.readouterr().out)
    assert (report["agreed"], report["results"][0]["failures"]) == (True, [])


def test_both_backends_are_two_programs(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """--backend both runs every case on each; the other backend answers in a process of its own."""
    assert main(["vectors", "--backend", "both", str(path)]) == 0
    err = capfd.readouterr().err
    assert all(f"ecpure ({name}): 3 of 3 cases agreed" in err for name in ("python", "gmpy2"))
    assert main(["vectors", "--backend", "both", "--json", str(path)]) == 0
    report = json.loads(capfd.readouterr().out)
    assert [result["program"] for result in report["results"]] == ["ecpure (python)", "ecpure (gmpy2)"]
    assert report["agreed"]


def test_a_backend_that_is_not_installed(
    path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Asking for it is one sentence and status 2."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert main(["vectors", "--backend", "gmpy2", str(path)]) == 2
    assert capfd.readouterr().err == "ecpure: --backend gmpy2: gmpy2 is not installed (extra: fast)\n"


def test_another_program_is_run_and_judged(path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """--command judges any program; JUnit and HTML are written beside; exit 1 for a wrong answer."""
    script = tmp_path / "verifier.py"
    script.write_text(ECHO % "valid")
    xml, page = tmp_path / "r.xml", tmp_path / "r.html"
    command = f"{sys.executable} '{script}'"
    assert main(["vectors", "--command", command, "--junit", str(xml), "--html", str(page), str(path)]) == 1
    out, err = capfd.readouterr()
    assert out == f"{path}: 2 of 3 cases agreed; 1 wrong\n"
    assert "small_test.json#2: wrong: another <message> \\x00: expected invalid, got valid.\n" in err
    for name in ("public_key: 04", "message:", "signature: 30"):
        assert f"ecpure:     {name}" in err
    assert err.endswith(": 2 of 3 cases agreed; 1 wrong\n")
    assert ElementTree.parse(xml).getroot()[0].get("failures") == "1"
    assert page.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("command", ["", "'", "/nowhere/verifier", "no-such-program --x"])
def test_a_program_that_cannot_be_started(command: str, path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It is one sentence and status 2."""
    assert main(["vectors", "--command", command, str(path)]) == 2
    named = f": {command.split(maxsplit=1)[0]} was not found" if len(command) > 1 else ""
    expected = f"ecpure: --command: a program and its arguments were expected{named}\n"
    assert capfd.readouterr().err == expected


def test_a_class_that_fails_is_told_once(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Why it matters, the first of its cases, and how many more there are."""
    many = content()
    many["testGroups"][0]["tests"] = [{**many["testGroups"][0]["tests"][0], "tcId": n} for n in range(1, 26)]
    many["numberOfTests"] = 25
    path.write_text(json.dumps(many))
    command = shlex.join([*PYTHON, "-c", ECHO % "invalid"])
    assert main(["vectors", "--command", command, str(path)]) == 1
    lines = capfd.readouterr().err.splitlines()
    assert lines[0] == f"ecpure: {path}: Basic: 25 of 25 cases did not agree. It must work. Nothing works."
    assert sum("It must work." in line for line in lines) == 1
    assert sum("small_test.json#" in line for line in lines) == reports.MOST_CASES
    assert lines[-2] == f"ecpure:   and {25 - reports.MOST_CASES} more (--html and --json have all)"


def test_what_was_not_asked_is_told_with_the_reason(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A program that writes a banner gives no answer: after ten of these it is not asked again, and both are said."""
    many = content()
    many["testGroups"][0]["tests"] = [{**many["testGroups"][0]["tests"][0], "tcId": n} for n in range(1, 26)]
    many["numberOfTests"] = 25
    path.write_text(json.dumps(many))
    command = shlex.join(["sh", "-c", "echo ready; sleep 60"])
    assert main(["vectors", "--command", command, str(path)]) == 1
    *_, last = capfd.readouterr().err.splitlines()
    assert last == (
        f"ecpure: {command}: 0 of 25 cases agreed; 9 wrong, 16 not run; not asked, after 10 requests in a row without "
        "an answer; the last of these: a line that is not JSON (with distinct names, without NaN): 'ready'"
    )


@pytest.mark.parametrize("option", ["--junit", "--html"])
def test_a_report_that_cannot_be_written_leaves_what_was_found(
    option: str, path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The lines and the verdict are said before."""
    assert main(["vectors", option, "/dev/full", str(path)]) == 2
    out, err = capfd.readouterr()
    assert "3 of 3 cases agreed\n" in out
    assert "3 of 3 cases agreed\n" in err
    assert err.endswith("/dev/full: No space left on device: make room on it\n")


def test_an_interrupted_run_is_status_2(
    path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As it is of every other command, after what was not run is said."""

    def interrupted(_: Message) -> Message:
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "answer", interrupted)
    assert main(["vectors", str(path)]) == 2
    assert capfd.readouterr().err.endswith(": 0 of 3 cases agreed; 3 not run\necpure: interrupted\n")


def test_ctrl_c_waits_for_nobody(path: Path, tmp_path: Path) -> None:
    """Not for a process that the program put into a session of its own, and which keeps its pipes."""
    pid = tmp_path / "pid"
    orphan = shlex.join([*PYTHON, "-c", "import time; time.sleep(600)"])
    script = f"setsid {orphan} & echo $! > {shlex.quote(str(pid))}.new; mv {pid}.new {pid}; exec sleep 600"
    words = [sys.executable, "-m", "ecpure", "vectors", "--timeout", "600", "--jobs", "2"]
    words += ["--command", shlex.join(["sh", "-c", script]), str(path)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, encoding="utf-8") as command:
        while not pid.exists():
            time.sleep(0.05)
        command.send_signal(signal.SIGINT)
        _, err = command.communicate(timeout=60)
    os.kill(int(pid.read_text()), signal.SIGKILL)
    assert command.returncode == 2
    assert err.endswith("3 not run\necpure: interrupted\n")


def test_a_bad_file_is_named_and_the_others_run(path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit 2 for a file that cannot be read; what can be is run and reported all the same."""
    damaged = copy.deepcopy(content())
    damaged["numberOfTests"] = 7
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(damaged))
    assert main(["vectors", str(bad), str(path), str(tmp_path / "absent")]) == 2
    out, err = capfd.readouterr()
    assert out == f"{path}: 3 of 3 cases agreed\n"
    assert f"ecpure: {bad}: its numberOfTests" in err
    assert f"ecpure: {tmp_path / 'absent'}: No such file or directory" in err


def test_without_a_path_the_shipped_suite_is_run(capfd: pytest.CaptureFixture[str]) -> None:
    """--only chooses among them."""
    assert main(["vectors", "--only", "square_root"]) == 0
    out, err = capfd.readouterr()
    assert re.fullmatch(r"(secp(224|256)k1_square_root_test\.json: (\d+) of \3 cases agreed\n){2}", out)
    assert re.fullmatch(r"ecpure: [^\n]+: (\d+) of \1 cases agreed\n", err)


def test_nothing_to_run_is_an_error(path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A folder without vectors, or an operation that no case has, is no success."""
    (tmp_path / "empty").mkdir()
    assert main(["vectors", str(tmp_path / "empty")]) == 2
    assert main(["vectors", "--only", "sign", str(path)]) == 2
    out, err = capfd.readouterr()
    assert f"ecpure: {tmp_path / 'empty'}: no *_test.json found there: name another folder, or a file\n" in err
    assert "ecpure: there is no case of --only sign to run: name other files or operations\n" in err
    assert out == ""
    assert main(["vectors", "--only", "verify", str(path)]) == 0


def test_files_that_are_not_for_us_do_not_fail_a_folder(
    path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """They are counted, and named with their reason in every report; exit 0, since all that is for us agreed."""
    (tmp_path / "jose_test.json").write_text('{"schema": "json_web_key_schema_v1.json", "testGroups": []}')
    (tmp_path / "other_test.json").write_text("[1, 2]")
    xml, page = tmp_path / "r.xml", tmp_path / "r.html"
    assert main(["vectors", str(tmp_path), "--junit", str(xml), "--html", str(page)]) == 0
    out, err = capfd.readouterr()
    assert err == f"ecpure: ecpure ({backend()}): 3 of 3 cases agreed; not for us: 2 files\n"
    assert out.splitlines()[1:] == [
        f"{tmp_path / 'jose_test.json'}: not for us: schema json_web_key_schema_v1.json",
        f"{tmp_path / 'other_test.json'}: not for us: JSON, but not test vectors",
    ]
    assert main(["vectors", str(tmp_path), "--verbose"]) == 0
    title, heading, first, second = capfd.readouterr().out.splitlines()[-4:]
    assert (title, heading.split()) == ("not for us", ["file", "reason"])
    assert first.split() == [str(tmp_path / "jose_test.json"), "schema", "json_web_key_schema_v1.json"]
    assert second.split(maxsplit=1) == [str(tmp_path / "other_test.json"), "JSON, but not test vectors"]
    suite = ElementTree.parse(xml).getroot()[-1]
    assert (suite.get("name"), suite.get("tests"), suite.get("skipped")) == ("not for us", "2", "2")
    messages = [case[0].get("message") for case in suite]
    assert messages == ["schema json_web_key_schema_v1.json", "JSON, but not test vectors"]
    assert "jose_test.json" in page.read_text()
    assert main(["vectors", str(path), str(tmp_path / "other_test.json"), "--json"]) == 0
    out, err = capfd.readouterr()
    assert err.endswith("; not for us: 1 file\n")
    report = json.loads(out)
    assert report["notForUs"] == [{"file": str(tmp_path / "other_test.json"), "reason": "JSON, but not test vectors"}]
    assert (report["agreed"], len(report["results"])) == (True, 1)


@pytest.mark.usefixtures("path")
def test_nothing_for_us_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One file says its own reason, several how many they are; a file of ours that is damaged fails the others too."""
    other, more = tmp_path / "other_test.json", tmp_path / "more_test.json"
    other.write_text("{}")
    more.write_text("{}")
    expected = "test vectors in a schema of Wycheproof or ecpure were expected\n"
    assert main(["vectors", str(other)]) == 2
    assert f"ecpure: {other}: not for us (JSON, but not test vectors): {expected}" in capfd.readouterr().err
    assert main(["vectors", str(other), str(more)]) == 2
    assert f"ecpure: {other}, {more}: not for us (none of 2 files is): {expected}" in capfd.readouterr().err
    other.write_text(json.dumps({**content(), "schema": "ecdsa_veryfy_schema_v1.json"}))
    assert main(["vectors", str(tmp_path)]) == 2
    assert f"ecpure: {other}: its schema is unknown\n" in capfd.readouterr().err


def test_a_folder_of_wycheproofs_shape_ends_with_0() -> None:
    """A folder with a file of JSON Web tokens, as Wycheproof's own has some."""
    folder = Path(__file__).parents[3] / "shared" / "cases" / "vectors-folder-with-other-schemas" / "testvectors"
    if not folder.is_dir():
        pytest.skip("there are no cases in ../shared")
    assert main(["vectors", str(folder)]) == 0


def test_an_unknown_operation_is_refused_with_the_list(capfd: pytest.CaptureFixture[str]) -> None:
    """Which the help shows, too."""
    assert main(["vectors", "--only", "verfiy"]) == 2
    err = capfd.readouterr().err
    assert "--only: invalid choice: did you mean verify? (choose from " in err
    assert main(["vectors", "--help"]) == 0
    out = " ".join(capfd.readouterr().out.split())
    assert ", ".join(OPERATIONS) in out
    assert all(name in err for name in OPERATIONS)


def test_a_dash_is_standard_input(
    path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As it is for every other command."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    assert main(["vectors", "-"]) == 0
    assert "3 of 3 cases agreed" in capfd.readouterr().err


@pytest.mark.parametrize("words", [["x.json"], ["--only", "sign"], ["--json"], ["--junit", "x"], ["--html", "x"]])
def test_serving_takes_no_files_and_makes_no_reports(words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """It is refused, and not ignored."""
    assert main(["vectors", "--serve", *words]) == 2
    assert capfd.readouterr().err == "ecpure: --serve: cannot be combined with files or reports: it answers requests\n"


@pytest.mark.parametrize("words", [["x.json"], ["--only", "sign"], ["--json"], ["--junit", "x"], ["--html", "x"]])
def test_a_template_is_printed_alone(words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """As it is, for each language; files and reports beside it are refused."""
    for language in TEMPLATES:
        assert main(["vectors", "--template", language]) == 0
        assert capfd.readouterr() == (template(language).decode(), "")
    assert main(["vectors", "--template", "c", *words]) == 2
    expected = "ecpure: --template: cannot be combined with files or reports: it prints a program\n"
    assert capfd.readouterr() == ("", expected)


OWN_NONCES = """
import json, sys
from ecpure import PrivateKey
for line in sys.stdin:
    request = json.loads(line)
    answer = {"result": "unsupported"}
    if request["operation"] == "sign":
        key = PrivateKey.from_bytes(bytes.fromhex(request["private_key"]))
        message, entropy = bytes.fromhex(request["message"]), request["id"].encode()
        signature = key.sign(message, hash=request["hash"], low_s=request["low_s"], extra_entropy=entropy)
        answer = {"result": "valid", "signature": signature.to_p1363().hex()}
    print(json.dumps({"id": request["id"], **answer}), flush=True)
"""
"""A signer whose nonces are not RFC 6979's, and good."""

SMALL_NONCES = OWN_NONCES.replace("signature = ", "signature = small(key, message, request) or ").replace(
    "for line",
    """
import hashlib, secrets
from ecpure import SECP224K1, Signature
def small(key, message, request):
    d, n, k = int.from_bytes(key.to_bytes(), "big"), SECP224K1.n, secrets.randbits(160) + 1
    digest = hashlib.new(request["hash"], message).digest()
    e = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - 225)
    r = (k * SECP224K1.G).x % n
    found = Signature(r, pow(k, -1, n) * (e + r * d) % n)
    return found.low_s() if request["low_s"] else found
for line""",
    1,
)
"""One whose nonces have 160 bits."""


def test_nonces_of_a_program_s_own(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Without --nonces any they are told, and the option named; with it they agree, unless they are too short."""
    suite = json.loads((vectors.suite() / "ecdsa_secp224k1_sign_test.json").read_text())
    for group in suite["testGroups"]:
        group["tests"] = group["tests"][:1]
    suite["numberOfTests"] = len(suite["testGroups"])
    path = tmp_path / "sign_test.json"
    path.write_text(json.dumps(suite))
    command = shlex.join([sys.executable, "-c", OWN_NONCES])
    assert main(["vectors", "--command", command, str(path)]) == 1
    out, err = capfd.readouterr()
    assert re.fullmatch(r".*: 0 of (\d+) cases agreed; \1 other nonce\n", out)
    assert "a valid signature, but not RFC 6979's: use --nonces any" in err
    assert main(["vectors", "--nonces", "any", "--json", "--command", command, str(path)]) == 0
    report = json.loads(capfd.readouterr().out)
    assert [result["file"] for result in report["results"]] == [str(path), "nonces of the run"]
    assert report["options"][0] == "--nonces any"
    command = shlex.join([sys.executable, "-c", SMALL_NONCES])
    assert main(["vectors", "--nonces", "any", "--jobs", "2", "--command", command, str(path)]) == 1
    out, err = capfd.readouterr()
    assert "nonces of the run: 0 of 1 cases agreed; 1 wrong\n" in out
    assert "nonces, or their negatives, lack" in err


def test_new_keys_are_asked_for_if_they_are_named(capfd: pytest.CaptureFixture[str]) -> None:
    """They are in no file; and there need be no case in the files."""
    assert main(["vectors", "--only", "generate"]) == 0
    assert capfd.readouterr().out == (
        f"generate: {batch.KEYS} of {batch.KEYS} cases agreed\nnew keys of the run: 1 of 1 cases agreed\n"
    )


def test_ecpure_serves_requests(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """`ecpure vectors --serve` answers line by line, and ends with a sentence at a line that is no request."""
    request = {"id": "1", "operation": "square_root", "curve": "secp224k1", "value": "04"}
    lines = json.dumps(request) + "\nno JSON\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    assert main(["vectors", "--serve"]) == 2
    out, err = capfd.readouterr()
    assert json.loads(out) == {"id": "1", "result": "valid", "root": "00" * 27 + "02"}
    assert err == "ecpure: request: JSON, with each name once, was expected\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert main(["vectors", "--serve"]) == 0


@pytest.mark.parametrize("request_", [{"curve": "secp224k1"}, {"operation": "verify", "curve": ["secp224k1"]}], ids=str)
def test_what_is_no_request_ends_serving_with_a_sentence(
    request_: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A line without a field of its operation, or with one of another kind, is refused like a line that is no JSON."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(request_).encode())))
    assert main(["vectors", "--serve"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert re.fullmatch(r"ecpure: request: [\w :]+ was expected\n", err)


def test_a_fault_is_no_answer(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """A computation that went wrong says nothing of the input: it ends serving."""
    sign = {"operation": "sign", "curve": "secp224k1", "hash": "sha224", "low_s": False}
    sign |= {"private_key": KEY.to_bytes().hex(), "message": "", "extra_entropy": ""}
    monkeypatch.setattr(BasePoint, "multiply_secret", lambda *_: (1, 1))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(sign).encode())))
    assert main(["vectors", "--serve"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "withheld" in err
