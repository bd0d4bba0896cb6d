"""The runner of test vectors: what it reads, what it refuses, and that it tells right from wrong, crash and silence."""

from __future__ import annotations

import copy
import importlib.util
import io
import json
import os
import re
import shlex
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from xml.etree import ElementTree

import pytest

from ecpure import FaultDetected, PrivateKey, answers, backend, programs, reports, streams, suite, vectors
from ecpure.answers import answer
from ecpure.cli import main
from ecpure.multiply import BaseComb
from ecpure.parser import OPERATIONS
from ecpure.programs import Command
from ecpure.reports import Result, Run
from ecpure.vectors import InvalidVectors, Message, Outcome, Program

KEY = PrivateKey.from_int(0xC0FFEE)
SIGNATURE = KEY.sign(b"m")
ECHO = """
import sys, json
for line in sys.stdin:
    print(json.dumps({"id": json.loads(line)["id"], "result": "%s"}), flush=True)
"""


def content() -> dict[str, Any]:
    """Return a small file of three cases: valid, invalid, acceptable."""
    test = {"comment": "", "flags": ["Basic"], "msg": b"m".hex(), "sig": SIGNATURE.to_der().hex()}
    return {
        "algorithm": "ECDSA",
        "schema": "ecdsa_verify_schema_v1.json",
        "numberOfTests": 3,
        "header": [],
        "notes": {"Basic": {"bugType": "BASIC", "description": "It must work.", "effect": "Nothing works."}},
        "testGroups": [
            {
                "type": "EcdsaVerify",
                "publicKey": {
                    "curve": "secp224k1",
                    "uncompressed": KEY.public_key.to_bytes(compressed=False).hex(),
                },
                "sha": "SHA-224",
                "tests": [
                    {"tcId": 1, "result": "valid", **test},
                    {"tcId": 2, "result": "invalid", **test, "msg": "", "comment": "another <message> \x00"},
                    {"tcId": 3, "result": "acceptable", **test},
                ],
            }
        ],
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "small_test.json"
    path.write_text(json.dumps(content()))
    return path


def verdicts(path: Path, program: Program) -> list[str]:
    return [outcome.verdict for outcome in vectors.run(vectors.read(str(path)).cases, program)]


def says(result: str) -> Program:
    return lambda _: {"result": result}


def test_cases_are_requests_and_answers(path: Path) -> None:
    """A file becomes cases with all that a program needs, and what it may answer."""
    file = vectors.read(str(path))
    first, second, third = file.cases
    assert first.request == {
        "operation": "verify",
        "curve": "secp224k1",
        "format": "der",
        "hash": "sha224",
        "public_key": KEY.public_key.to_bytes(compressed=False).hex(),
        "message": "6d",
        "signature": SIGNATURE.to_der().hex(),
    }
    assert (first.id, first.flags, first.comment) == ("small_test.json#1", ("Basic",), "")
    assert first.expected == ({"result": "valid"},)
    assert second.expected == ({"result": "invalid"},)
    assert third.expected == ({"result": "valid"}, {"result": "invalid"})
    assert file.notes == {"Basic": "It must work. Nothing works."}


def test_every_way_to_answer_has_its_verdict(path: Path) -> None:
    """Agreed, wrong, crashed, timed out, unsupported, not run: each is told from the others."""

    def raises(error: Exception) -> Program:
        def program(_: Message) -> Message:
            raise error

        return program

    assert verdicts(path, answer) == ["agreed"] * 3
    assert verdicts(path, says("valid")) == ["agreed", "wrong", "agreed"]
    assert verdicts(path, says("invalid")) == ["wrong", "agreed", "agreed"]
    assert verdicts(path, says("unsupported")) == ["unsupported"] * 3
    assert verdicts(path, says("perhaps")) == ["wrong"] * 3
    no_answer: Any = None
    assert verdicts(path, lambda _: no_answer) == ["wrong"] * 3
    assert verdicts(path, raises(ValueError("x"))) == ["crashed"] * 3
    assert verdicts(path, raises(TimeoutError())) == ["timed out"] * 3
    assert verdicts(path, raises(vectors.NotRun())) == ["not run"] * 3


def test_an_answer_needs_every_field_that_is_expected() -> None:
    """A valid result with a missing or another signature is wrong; fields that nobody asked for do not count."""
    case = vectors.Case("f", 1, ("x",), "", {}, ({"result": "valid", "signature": "00"},))

    def verdict(answered: Message) -> str:
        (outcome,) = vectors.run([case], lambda _: answered)
        return outcome.verdict

    assert verdict({"result": "valid"}) == "wrong"
    assert verdict({"result": "valid", "signature": "01"}) == "wrong"
    assert verdict({"result": "invalid", "signature": "00"}) == "wrong"
    assert verdict({"result": "valid", "signature": "00", "id": "f#1", "more": 1}) == "agreed"


Change = Callable[[dict[str, Any]], Any]
GROUP: Callable[[dict[str, Any]], dict[str, Any]] = lambda c: c["testGroups"][0]  # noqa: E731
TEST: Callable[[dict[str, Any]], dict[str, Any]] = lambda c: c["testGroups"][0]["tests"][1]  # noqa: E731
DAMAGE: list[tuple[Change, str]] = [
    (lambda c: c.update(schema="another_schema_v1.json"), "its schema is unknown"),
    (lambda c: c.update(schema="another_schema_v1.json", algorithm=None), "its schema is unknown"),
    (lambda c: c.update(schema=None), "a schema and testGroups"),
    (lambda c: c.update(testGroups={}), "a schema and testGroups"),
    (lambda c: c.update(testGroups=[]), "it has no case"),
    (lambda c: c.update(testGroups=[1]), "a group with tests"),
    (lambda c: GROUP(c).update(tests=None), "a group with tests"),
    (lambda c: GROUP(c).update(tests=[]), "it has no case"),
    (lambda c: GROUP(c).update(tests=[[]]), "a case without tcId"),
    (lambda c: GROUP(c).update(type="EcdsaP1363Verify"), "case 1: the type of its group"),
    (lambda c: GROUP(c).update(type={"": "EcdsaVerify"}), "case 1: the type of its group"),
    (lambda c: GROUP(c).update(sha=224), "sha: text was expected"),
    (lambda c: GROUP(c).update(publicKey=None), "case 1: publicKey.uncompressed|key.uncompressed"),
    (lambda c: c.update(numberOfTests=2), "numberOfTests is not the number of its cases, 3"),
    (lambda c: c.pop("numberOfTests"), "numberOfTests is not"),
    (lambda c: TEST(c).update(tcId=1), "case 1: there are two"),
    (lambda c: TEST(c).update(tcId=True), "a case without tcId"),
    (lambda c: TEST(c).update(tcId="2"), "a case without tcId"),
    (lambda c: TEST(c).update(result="fine"), "case 2: result: one of valid, invalid, acceptable"),
    (lambda c: TEST(c).pop("result"), "case 2: result"),
    (lambda c: TEST(c).pop("sig"), "case 2: sig: hex was expected"),
    (lambda c: TEST(c).update(sig="0"), "case 2: sig: hex was expected"),
    (lambda c: TEST(c).update(sig="00 00"), "case 2: sig: hex was expected"),
    (lambda c: TEST(c).update(sig=5), "case 2: sig: hex was expected"),
    (lambda c: TEST(c).update(flags="x"), "case 2: flags"),
    (lambda c: TEST(c).update(flags=[1]), "case 2: flags"),
    (lambda c: TEST(c).update(comment=1), "case 2: comment"),
]


@pytest.mark.parametrize("number", range(len(DAMAGE)))
def test_a_damaged_file_is_an_error_that_names_it(number: int, path: Path) -> None:
    """Unknown schema, no cases, a wrong count, a repeated id, an unknown result: the file and the case are named."""
    damage, words = DAMAGE[number]
    damaged = content()
    damage(damaged)
    path.write_text(json.dumps(damaged))
    with pytest.raises(InvalidVectors) as caught:
        vectors.read(str(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("octets", [b"", b"{", b"[]", b"\xff", b'{"a": 1, "a": 1}', b"[" * 100_000, b'{"a": NaN}'])
def test_a_file_that_is_no_json_object_is_an_error(octets: bytes, path: Path) -> None:
    """Damaged, doubled, endless or other JSON is one sentence, and no traceback."""
    path.write_bytes(octets)
    with pytest.raises(InvalidVectors, match="JSON"):
        vectors.read(str(path))


def test_what_is_not_for_us_is_counted(path: Path) -> None:
    """Other curves, hashes and algorithms are no failures, and no cases."""
    for change, reason in [
        (lambda c: GROUP(c)["publicKey"].update(curve="secp256r1"), "curve secp256r1"),
        (lambda c: GROUP(c).update(sha="SHAKE128"), "hash SHAKE128"),
        (lambda c: c.update(algorithm="AES-GCM", schema="aead_test_schema_v1.json"), "algorithm AES-GCM"),
    ]:
        other = content()
        change(other)  # type: ignore[no-untyped-call]
        path.write_text(json.dumps(other))
        file = vectors.read(str(path))
        assert file.cases == []
        assert file.not_for_us == Counter({reason: 3})


def test_older_and_looser_files_are_read(path: Path) -> None:
    """Wycheproof's older schema, its Bitcoin one (low s alone is valid), and cases without flags or notes."""
    older = content()
    older.update(schema="ecdsa_verify_schema.json", notes=None)
    group = GROUP(older)
    group["key"] = group.pop("publicKey")
    for test in group["tests"]:
        del test["flags"], test["comment"]
    path.write_text(json.dumps(older))
    assert verdicts(path, answer) == ["agreed"] * 3
    assert vectors.read(str(path)).cases[0].flags == ("",)
    bitcoin = content()
    bitcoin["schema"] = "ecdsa_bitcoin_verify_schema.json"
    group = GROUP(bitcoin)
    group["type"] = "EcdsaBitcoinVerify"
    low = SIGNATURE.low_s()
    high = type(low)(low.r, KEY.curve.n - low.s)
    for test, signature in zip(group["tests"], (low, high, high), strict=True):
        test.update(msg=b"m".hex(), sig=signature.to_der().hex())
    path.write_text(json.dumps(bitcoin))
    assert verdicts(path, answer) == ["agreed"] * 3


def test_folders_are_searched_for_files_of_that_name(tmp_path: Path) -> None:
    """A folder gives its *_test.json at any depth in order; a file is taken whatever its name."""
    (tmp_path / "b").mkdir()
    for name in ("b/x_test.json", "a_test.json", "a_schema.json"):
        (tmp_path / name).write_text("{}")
    found = [str(tmp_path / "a_test.json"), str(tmp_path / "b/x_test.json")]
    assert vectors.find([str(tmp_path)]) == found
    assert vectors.find([str(tmp_path / "a_schema.json"), "nowhere"]) == [str(tmp_path / "a_schema.json"), "nowhere"]


UNKNOWN: list[dict[str, Any]] = [
    {"operation": "encrypt"},
    {"operation": "verify", "curve": "P-256"},
    {"operation": "verify", "hash": "sha1", "format": "der"},
    {"operation": "verify", "hash": "sha256", "format": "jose", "public_key": ""},
    {"operation": "sign", "hash": "sha1", "private_key": ""},
    {"operation": "recover", "hash": "sha1"},
    {"operation": "decode_key", "key": "", "format": "jwk", "kind": "public"},
    {"operation": "decode_key", "key": "", "format": "der", "kind": "secret"},
]


@pytest.mark.parametrize("request_", UNKNOWN, ids=str)
def test_unknown_requests_are_unsupported(request_: dict[str, Any]) -> None:
    """An operation, curve, hash, format or kind that ecpure does not know is no invalid answer, whatever else is."""
    assert answer({"curve": "secp224k1", **request_}) == {"result": "unsupported"}


def test_a_fault_is_no_answer(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """A computation that went wrong says nothing of the input: it ends serving, and is a crash in a run."""
    sign: dict[str, Any] = {"operation": "sign", "curve": "secp224k1", "hash": "sha224", "low_s": False}
    sign |= {"private_key": KEY.to_bytes().hex(), "message": "", "extra_entropy": ""}
    assert answer(sign)["result"] == "valid"
    monkeypatch.setattr(BaseComb, "multiply", lambda *_: (1, 1))
    with pytest.raises(FaultDetected):
        answer(sign)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(sign).encode())))
    assert main(["vectors", "--serve"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "withheld" in err
    case = vectors.Case("a", 1, (), "", sign, ({"result": "invalid"},))
    [outcome] = vectors.run([case], answer)
    assert outcome.verdict == vectors.CRASHED
    assert outcome.detail.startswith("FaultDetected")


# A program under test


def python(code: str, *, timeout: float = 20) -> Command:
    return Command([sys.executable, "-c", code], timeout=timeout)


def test_a_child_process_is_asked_line_by_line(path: Path) -> None:
    """A program that answers each line is judged by its answers."""
    with python(ECHO % "valid") as program:
        assert verdicts(path, program) == ["agreed", "wrong", "agreed"]
        assert verdicts(path, program) == ["agreed", "wrong", "agreed"]


def outcomes(path: Path, code: str, *, timeout: float = 20) -> list[Outcome]:
    with python(code, timeout=timeout) as program:
        return list(vectors.run(vectors.read(str(path)).cases, program))


def test_a_crash_is_told_with_its_last_words(path: Path) -> None:
    """A program that ends in place of an answer has crashed: its status or signal, and its last line, are reported."""
    for code, words in [
        ("raise SystemExit('gone')", "it ended with status 1: gone"),
        ("import os; os.kill(os.getpid(), 9)", "it was ended by signal 9"),
        ("pass", "it ended with status 0"),
        ("import os, time; os.close(1); time.sleep(60)", "it closed its output"),
    ]:
        for outcome in outcomes(path, code):
            assert (outcome.verdict, outcome.detail) == ("crashed", f"ProgramEnded: {words}")


def test_after_a_crash_the_program_is_started_again(path: Path) -> None:
    """One case that crashes the program spoils no other."""
    code = "import sys, json\nfor line in sys.stdin:\n r = json.loads(line)\n if not r['message']: sys.exit(3)\n"
    code += " print(json.dumps({'id': r['id'], 'result': 'valid'}), flush=True)"
    assert [outcome.verdict for outcome in outcomes(path, code)] == ["agreed", "crashed", "agreed"]


def test_silence_is_a_time_out(path: Path) -> None:
    """A program that does not answer, or does not even read, has timed out, and what it started is ended with it."""
    for code in ("import time; time.sleep(60)", "import subprocess; subprocess.run(['sleep', '60'])"):
        assert [outcome.verdict for outcome in outcomes(path, code, timeout=0.5)] == ["timed out"] * 3
    large = vectors.Case("f", 1, ("x",), "", {"message": "00" * 1_000_000}, ({"result": "valid"},))
    with python("import time; time.sleep(60)", timeout=0.5) as program:
        (outcome,) = vectors.run([large], program)
    assert (outcome.verdict, outcome.detail) == ("timed out", "no answer within 0.5 s")


def test_nonsense_is_a_wrong_answer(path: Path) -> None:
    """Lines that are no JSON, belong to another request, or never end are wrong, not a crash."""
    endless = "import sys\nsys.stdin.readline()\nwhile True: sys.stdout.write('x' * 1000)"
    other = 'import sys\nfor line in sys.stdin: print(\'{"id": 5, "result": "valid"}\', flush=True)'
    for code in ("print('hello')\nimport time; time.sleep(60)", endless, other):
        for outcome in outcomes(path, code):
            assert (outcome.verdict, outcome.detail) == ("wrong", "no answer of a known form")


def test_an_interrupt_ends_the_program_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may not read the line that is being written to it, which then nothing else would end."""

    class Interrupted(SimpleQueue[bytes]):
        def get(self, *_: object, **__: object) -> bytes:
            raise KeyboardInterrupt

    monkeypatch.setattr(programs, "SimpleQueue", Interrupted)
    program = python("import time; time.sleep(60)")
    with pytest.raises(KeyboardInterrupt):
        program({"id": "1", "message": "00" * 1_000_000})
    assert program._child is None


def test_a_program_that_never_answers_is_not_asked_for_ever(path: Path) -> None:
    """After ten requests in a row without an answer the others are reported as not run."""
    case = vectors.read(str(path)).cases[0]
    with python("raise SystemExit(1)") as program:
        found = Counter(outcome.verdict for outcome in vectors.run([case] * 25, program))
    assert found == Counter({"crashed": programs.PATIENCE, "not run": 15})


# Reports


def mixed_run(path: Path) -> Run:
    """Return a run with an outcome of every kind."""
    file = vectors.read(str(path))
    kinds = ("agreed", "wrong", "crashed", "timed out", "unsupported", "not run")
    found = [Outcome(file.cases[1], kind, {"id": "x", "result": "valid", "key": "00"}) for kind in kinds]
    found[2] = found[2]._replace(answer=None, detail="it ended")
    found[3] = found[3]._replace(answer=None)
    return Run([Result("a program", file._replace(not_for_us=Counter({"curve X": 2})), found)], ["f: no"])


def test_the_report_counts_and_explains(path: Path) -> None:
    """Per class and verdict a count, per failure what was expected, what came, and why it matters."""
    run = mixed_run(path)
    assert not run.agreed()
    assert run.verdict() == (
        "a program: 1 of 6 cases agreed; 1 wrong, 1 crashed, 1 timed out, 1 unsupported, 1 not run; 2 not for us"
    )
    ((title, rows),) = reports.tables(run)
    assert title == f"{path}: a program; 2 not for us (curve X)"
    assert rows[0] == ["class", "cases", "agreed", "wrong", "crashed", "timed out", "unsupported", "not run"]
    assert rows[1:] == [["Basic", "6", *"111111"], ["all", "6", *"111111"]]
    wrong, crashed, late = reports.sentences(run)
    assert wrong == (
        "small_test.json#2 (Basic): wrong: another <message> \x00: invalid was expected, came valid key 00. "
        "It must work. Nothing works."
    )
    assert "crashed: another <message> \x00: invalid was expected, came it ended." in crashed
    assert "came nothing" in late


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
    assert not Run([right._replace(outcomes=[])], []).agreed()


# The command


def test_the_command_runs_files_and_reports(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A table on standard output, the verdict on standard error, exit 0 only if all agreed."""
    assert main(["vectors", str(path)]) == 0
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
    assert out.splitlines()[-1].split() == ["all", "3", "2", "1"]
    assert "small_test.json#2 (Basic): wrong" in err
    assert err.endswith(": 2 of 3 cases agreed; 1 wrong\n")
    assert ElementTree.parse(xml).getroot()[0].get("failures") == "1"
    assert page.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("command", ["", "'", "/nowhere/verifier", "no-such-program --x"])
def test_a_program_that_cannot_be_started(command: str, path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It is one sentence and status 2."""
    assert main(["vectors", "--command", command, str(path)]) == 2
    named = f", and {command.split(maxsplit=1)[0]} is none" if len(command) > 1 else ""
    expected = f"ecpure: --command: a program that can be run was expected, with its arguments{named}\n"
    assert capfd.readouterr().err == expected


def test_a_class_that_fails_is_told_once(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Why it matters, ten of its cases, and how many more there are."""
    many = content()
    many["testGroups"][0]["tests"] = [{**many["testGroups"][0]["tests"][0], "tcId": n} for n in range(1, 26)]
    many["numberOfTests"] = 25
    path.write_text(json.dumps(many))
    command = shlex.join([sys.executable, "-c", ECHO % "invalid"])
    assert main(["vectors", "--command", command, str(path)]) == 1
    lines = capfd.readouterr().err.splitlines()
    assert lines[0].startswith("ecpure: Basic: ")
    assert "It must work." in lines[0]
    assert sum("It must work." in line for line in lines) == 1
    assert sum("small_test.json#" in line for line in lines) == reports.MOST_CASES
    assert lines[1 + reports.MOST_CASES] == "ecpure: Basic: and 15 more (--json has all)"
    file = vectors.read(str(path))._replace(notes={})  # which may be silent on a class
    run = Run([Result("x", file, list(vectors.run(file.cases[:1], says("invalid"))))], [])
    assert [line.partition(":")[0] for line in reports.brief(run)] == ["small_test.json#1 (Basic)"]


@pytest.mark.parametrize("option", ["--junit", "--html"])
def test_a_report_that_cannot_be_written_leaves_what_was_found(
    option: str, path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The table and the verdict are said before."""
    assert main(["vectors", option, str(path.parent), str(path)]) == 2
    out, err = capfd.readouterr()
    assert "Basic" in out
    assert "3 of 3 cases agreed\n" in err
    assert err.endswith(f"{path.parent}: Is a directory\n")


def test_an_interrupted_run_is_status_2(
    path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As it is of every other command, after what was not run is said."""

    def interrupted(_: Message) -> Message:
        raise KeyboardInterrupt

    monkeypatch.setattr(suite, "answer", interrupted)
    assert main(["vectors", str(path)]) == 2
    assert capfd.readouterr().err.endswith(": 0 of 3 cases agreed; 3 not run\necpure: interrupted\n")


def test_a_bad_file_is_named_and_the_others_run(path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit 2 for a file that cannot be read; what can be is run and reported all the same."""
    damaged = copy.deepcopy(content())
    damaged["numberOfTests"] = 7
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(damaged))
    assert main(["vectors", str(bad), str(path), str(tmp_path / "absent")]) == 2
    out, err = capfd.readouterr()
    assert out.splitlines()[-1].split() == ["all", "3", "3"]
    assert f"ecpure: {bad}: its numberOfTests" in err
    assert f"ecpure: {tmp_path / 'absent'}: No such file or directory" in err


def test_nothing_to_run_is_an_error(path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A folder without vectors, or an operation that no case has, is no success."""
    (tmp_path / "empty").mkdir()
    assert main(["vectors", str(tmp_path / "empty")]) == 2
    assert main(["vectors", "--only", "sign", str(path)]) == 2
    out, err = capfd.readouterr()
    assert err.count("ecpure: there is no case to run") == 2
    assert out == ""
    assert main(["vectors", "--only", "verify", str(path)]) == 0


def test_an_unknown_operation_is_refused_with_the_list(capfd: pytest.CaptureFixture[str]) -> None:
    """Which the help shows, too, and is that of the program."""
    assert list(OPERATIONS) == list(answers._OPERATIONS)
    assert main(["vectors", "--only", "verfiy"]) == 2
    err = capfd.readouterr().err
    assert "--only: invalid choice (choose from " in err
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
    """It is refused, rather than passed over."""
    assert main(["vectors", "--serve", *words]) == 2
    assert capfd.readouterr().err == "ecpure: --serve: neither files nor reports were expected: it answers requests\n"


def test_an_interrupted_run_reports_what_was_done(path: Path) -> None:
    """After Ctrl-C what is left is not run, for this program and the next, and the report says so."""

    def interrupted(request: Message) -> Message:
        if request["id"].endswith("2"):
            raise KeyboardInterrupt
        return answer(request)

    run = suite.run_all([vectors.read(str(path))], [], {"first": interrupted, "second": answer})
    found = [[outcome.verdict for outcome in result.outcomes] for result in run.results]
    assert found == [["agreed", "not run", "not run"], ["not run"] * 3]
    assert run.results[0].outcomes[1].detail == "interrupted"
    assert not run.agreed()


def test_ecpure_serves_requests(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """`ecpure vectors --serve` answers line by line, and ends with a sentence at a line that is no request."""
    request = {"id": "1", "operation": "square_root", "curve": "secp224k1", "value": "04"}
    lines = json.dumps(request) + "\nno JSON\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    assert main(["vectors", "--serve"]) == 2
    out, err = capfd.readouterr()
    assert json.loads(out) == {"id": "1", "result": "valid", "root": "00" * 27 + "02"}
    assert err == "ecpure: request: JSON with distinct names was expected\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert main(["vectors", "--serve"]) == 0


REQUESTS: dict[str, Any] = {
    "no object": [],
    "no operation": {"curve": "secp224k1"},
    "no curve": {"operation": "verify"},
    "operation of no text": {"operation": {}, "curve": "secp224k1"},
    "curve of no text": {"operation": "verify", "curve": ["secp224k1"]},
    "no value": {"operation": "square_root", "curve": "secp224k1"},
    "value of no text": {"operation": "square_root", "curve": "secp224k1", "value": 4},
    "value of no hex": {"operation": "square_root", "curve": "secp224k1", "value": "0x4"},
    "scalar of no hex": {
        "operation": "multiply",
        "curve": "secp224k1",
        "point": KEY.public_key.to_bytes().hex(),
        "scalar": "-",
    },
    "user of no number": {"operation": "login_key", "curve": "secp224k1", "user_id": "1", "passphrase": ""},
    "user true": {"operation": "login_key", "curve": "secp224k1", "user_id": True, "passphrase": ""},
    "message of no object": {
        "operation": "login_verify",
        "curve": "secp224k1",
        "public_key": KEY.public_key.to_bytes().hex(),
        "message": "",
        "server_nonce": "",
    },
    "an id that is no number of JSON": '{"id": 1e999, "operation": "square_root", "curve": "secp224k1", "value": "04"}',
}


@pytest.mark.parametrize("name", REQUESTS)
def test_what_is_no_request_ends_serving_with_a_sentence(
    name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A line without a field of its operation, or with one of another kind, is refused like a line that is no JSON."""
    request = REQUESTS[name]
    line = request if isinstance(request, str) else json.dumps(request)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line.encode())))
    assert main(["vectors", "--serve"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert re.fullmatch(r"ecpure: request: [\w :]+ was expected\n|ecpure: request: JSON with .* was expected\n", err)


# Progress


@pytest.mark.parametrize("rich", [True, False])
def test_progress_on_a_terminal(
    rich: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal a bar is drawn on standard error by rich; without rich, lines as anywhere else."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(streams, "_LINE_EVERY", 0.0)
    if not rich:
        monkeypatch.setitem(sys.modules, "rich", None)
    with streams.Progress(4, "work") as progress:
        progress.advance(2)
        progress.advance(2)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("ecpure: work: 4 of 4" in err) == (not rich)
    assert "work" in err


def test_progress_without_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A line now and then; of a run of unknown length only how much is done; nothing where nobody listens."""
    monkeypatch.setattr(streams, "_LINE_EVERY", 0.0)
    with streams.Progress(None, "work") as progress:
        progress.advance()
    assert capsys.readouterr().err == "ecpure: work: 1\n"
    monkeypatch.setattr(streams, "_LINE_EVERY", 1e9)
    with streams.Progress(2, "work") as progress:
        progress.advance()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys, "stderr", None)
    with streams.Progress(2, "work") as progress:
        progress.advance()


def test_the_shipped_suite_is_found() -> None:
    """The suite comes with the package: in a wheel inside of it, in a checkout beside it."""
    paths = vectors.shipped()
    assert len(paths) >= 15
    assert all(os.path.basename(path).endswith("_test.json") for path in paths)


def test_the_shipped_suite_passes() -> None:
    """Every case of the suite agrees with ecpure, on the backend at work."""
    counts: Counter[str] = Counter()
    for path in vectors.shipped():
        for outcome in vectors.run(vectors.read(path).cases, answer):
            counts[outcome.verdict] += 1
            assert outcome.verdict == "agreed", (outcome.case.id, outcome.answer, outcome.detail)
    assert counts["agreed"] >= 9000
