"""The independent programs that confirm the suite: the record is this suite's, and verdicts are rightly counted."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import confirm
import pytest
from cases import Case, read
from record import BEGIN, CONFIRMED, CONTRADICTED, END, FAILED, STRICTER, UNSUPPORTED, record, refuted, table, write

VECTORS = Path(__file__).parents[2] / "vectors"
RECORD: dict[str, Any] = json.loads((VECTORS / "confirmed.json").read_text(encoding="ascii"))
FILES = sorted((VECTORS / "suite").iterdir())


def test_the_record_is_of_the_suite() -> None:
    """It has the suite's files, their cases and their classes, and the programs' counts are no more than these."""
    assert list(RECORD["files"]) == [path.name for path in FILES]
    for path in FILES:
        cases, found = list(read(path)), RECORD["files"][path.name]
        classes = {
            flag: sum(flag in case.flags for case in cases) for flag in {flag for case in cases for flag in case.flags}
        }
        assert found["cases"] == len(cases)
        assert {flag: of["cases"] for flag, of in found["classes"].items()} == classes
        for of in (found, *found["classes"].values()):
            assert of["confirmed"].keys() == RECORD["programs"].keys()
            assert all(count is None or 0 <= count <= of["cases"] for count in of["confirmed"].values())
        few = [number for numbers in found["confirmedByFewerThanTwo"].values() for number in numbers]
        assert found["byTwoOrMore"] + len(few) == len(cases)
        assert {case.number for case in cases if case.expected.get("result") == "invalid"} >= {
            number for numbers in found["stricterThan"].values() for number in numbers
        }


def test_what_is_refused_on_purpose_has_its_clause() -> None:
    """The classes that two programs or more take, and the reasons that are given, are the same."""
    taken = {(file, flag) for file, found in RECORD["files"].items() for flag in found["stricterThan"]}
    assert taken == STRICTER.keys()


def test_the_page_has_the_record() -> None:
    """The README's table is made of the record, and its numbers are the suite's."""
    page = (VECTORS / "README.md").read_text(encoding="utf-8")
    assert page.partition(BEGIN)[2].partition(END)[0] == f"\n{table(RECORD)}\n"
    total = sum(found["cases"] for found in RECORD["files"].values())
    assert f"{total:,} cases in {len(FILES)} files" in page


def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **answers: str) -> None:
    """Make programs of these names the only ones; each answers a request by what its code makes of it."""
    monkeypatch.setattr(confirm, "TIMEOUT", 60.0)  # on a slow machine too, who answers does so in time
    commands = {}
    for name, code in answers.items():
        path = tmp_path / f"{name}.py"
        path.write_text(
            "import json, os, sys, time\n"
            "for line in sys.stdin:\n"
            "    request = json.loads(line)\n"
            "    answer = {'id': request['id'], 'result': 'valid', 'version': 'it 1'}\n"
            "    if request['operation'] != 'version':\n"
            f"        {code}\n"
            "    print(json.dumps(answer), flush=True)\n"
        )
        commands[name] = [sys.executable, str(path)]
    monkeypatch.setattr(confirm, "COMMANDS", commands)


def case(number: int, expected: dict[str, Any], flag: str = "A", file: str = "a_test.json") -> Case:
    request = {"id": f"{file}#{number}", "operation": "square_root", "curve": "secp224k1", "number": number}
    return Case(file, number, [flag], request, expected)


def verdicts(cases: list[Case]) -> tuple[dict[str, str], dict[str, list[str]]]:
    versions, oracles = confirm.start()
    return versions, confirm.ask(oracles, cases)


def test_an_answer_has_its_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right result and fields confirm, others contradict, "unsupported" is neither, the rest has failed."""
    program(tmp_path, monkeypatch, one="answer |= request['answer']")
    answers: list[tuple[dict[str, Any], str]] = [
        ({"root": "02", "more": 1}, CONFIRMED),
        ({"root": "03"}, CONTRADICTED),
        ({}, CONTRADICTED),
        ({"result": "invalid"}, CONTRADICTED),
        ({"result": "unsupported"}, UNSUPPORTED),
        ({"result": "error"}, FAILED),
        ({"result": "acceptable"}, FAILED),
        ({"id": "another"}, FAILED),
        ({"root": "02"}, CONFIRMED),
    ]
    cases = [case(number, {"result": "valid", "root": "02"}) for number in range(len(answers))]
    for one, (answer, _) in zip(cases, answers, strict=True):
        one.request["answer"] = answer
    assert verdicts(cases) == ({"one": "it 1"}, {"one": [verdict for _, verdict in answers]})


def test_either_answer_confirms_what_is_acceptable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case whose result is left open is read as one that expects nothing, which a crash is not."""
    path = VECTORS / "suite" / "ecdsa_secp224k1_sign_digest_test.json"
    left_open = [case for case in read(path) if case.flags == ["NoDigest"]]
    assert left_open
    assert all(case.expected == {} for case in left_open)
    program(tmp_path, monkeypatch, one="answer |= request['answer']")
    answers: list[tuple[dict[str, Any], str]] = [
        ({"result": "valid", "signature": "00"}, CONFIRMED),
        ({"result": "invalid"}, CONFIRMED),
        ({"result": "error"}, FAILED),
    ]
    cases = [case(number, {}) for number in range(len(answers))]
    for one, (answer, _) in zip(cases, answers, strict=True):
        one.request["answer"] = answer
    assert verdicts(cases)[1] == {"one": [verdict for _, verdict in answers]}


@pytest.mark.parametrize("code", ["os._exit(3)", "print('{')", "print('[]')", "time.sleep(60)"])
def test_no_answer_is_a_failure(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that ends, talks nonsense or is silent has failed at that case, and is started again for the next."""
    program(tmp_path, monkeypatch, one=f"if request['number'] == 0: {code}")
    monkeypatch.setattr(confirm, "TIMEOUT", 0.5)  # what is asked first after a start has longer
    assert verdicts([case(number, {"result": "valid"}) for number in range(2)])[1] == {"one": [FAILED, CONFIRMED]}


def test_a_program_that_never_answers_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many requests without an answer it is not started again."""
    log = tmp_path / "log"
    program(tmp_path, monkeypatch, one=f"open({str(log)!r}, 'a').write('x'); os._exit(1)")
    monkeypatch.setattr(confirm, "PATIENCE", 3)
    cases = [case(number, {"result": "valid"}) for number in range(6)]
    assert verdicts(cases)[1] == {"one": [FAILED] * 6}
    assert log.read_text() == "xxx"


def test_a_program_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be started, or does not start, is told with its reason and does without."""
    monkeypatch.setattr(
        confirm,
        "COMMANDS",
        {"none": ["/nowhere/oracle"], "broken": [sys.executable, "-c", "raise ImportError('no such library')"]},
    )
    assert confirm.start() == ({}, [])
    none, broken = capsys.readouterr().out.splitlines()
    assert none.startswith("missing: none: ")
    assert broken == "missing: broken: ImportError: no such library"


ROWS = [  # what a case is to be, its class, three verdicts; and whether: fewer than two confirm, two take, wrong
    ("valid", "A", (CONFIRMED, CONFIRMED, CONTRADICTED), (False, False, False)),
    ("valid", "A", (CONFIRMED, CONTRADICTED, CONTRADICTED), (True, False, False)),
    ("valid", "A", (UNSUPPORTED, CONTRADICTED, CONTRADICTED), (True, False, True)),
    ("valid", "A", (FAILED, FAILED, CONTRADICTED), (True, False, False)),
    ("valid", "NotNamed", (FAILED, CONTRADICTED, CONTRADICTED), (True, False, True)),
    ("invalid", "A", (CONFIRMED, CONFIRMED, CONTRADICTED), (False, False, False)),
    ("invalid", "A", (CONFIRMED, CONTRADICTED, CONTRADICTED), (True, True, True)),
    ("invalid", "NotNamed", (UNSUPPORTED, CONTRADICTED, CONTRADICTED), (True, True, False)),
    ("invalid", "NotNamed", (UNSUPPORTED, FAILED, CONTRADICTED), (True, False, False)),
]
KEYS = "secp224k1_key_test.json"  # whose class NotNamed is refused on purpose


def counted() -> tuple[list[Case], dict[str, list[str]]]:
    cases = [case(number, {"result": result}, flag, KEYS) for number, (result, flag, _, _) in enumerate(ROWS, 1)]
    return cases, {name: [row[2][place] for row in ROWS] for place, name in enumerate("xyz")}


def test_verdicts_are_counted() -> None:
    """The record counts what each program confirms, and lists what fewer than two do, and what two take."""
    content = record({"x": "x 1", "y": "y 1", "z": "z 1"}, *counted())
    found = content["files"][KEYS]
    numbers = {
        flag: [[number for number, row in enumerate(ROWS, 1) if row[1] == flag and row[3][which]] for which in (0, 1)]
        for flag in ("A", "NotNamed")
    }
    assert found["confirmedByFewerThanTwo"] == {flag: both[0] for flag, both in numbers.items()}
    assert found["stricterThan"] == {flag: both[1] for flag, both in numbers.items()}
    assert (found["cases"], found["byTwoOrMore"]) == (9, 2)
    assert found["confirmed"] == {"x": 4, "y": 2, "z": 0}
    assert found["classes"]["NotNamed"] == {"cases": 3, "byTwoOrMore": 0, "confirmed": {"x": 0, "y": 0, "z": 0}}


def test_a_program_that_judges_none_of_a_file_has_no_count() -> None:
    """What was not asked of a program is a dash, not a nought."""
    content = record({"x": "x 1"}, [case(1, {"result": "valid"})], {"x": [UNSUPPORTED]})
    assert content["files"]["a_test.json"]["confirmed"] == {"x": None}
    assert "| `a_test.json` | 1 | 0 | – |" in table(content).splitlines()


def test_what_has_to_be_looked_at() -> None:
    """Valid, contradicted by two, confirmed by none; or invalid, taken by two, and of no class with a reason."""
    assert refuted(*counted()) == [f"{KEYS}#{number}" for number, row in enumerate(ROWS, 1) if row[3][2]]


def test_the_record_is_written_between_the_marks(tmp_path: Path) -> None:
    """confirmed.json is written, the page changes only between its marks, and without them it is an error."""
    content = record({"x": "x 1"}, [case(1, {"result": "valid"})], {"x": [CONFIRMED]})
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write(content, tmp_path)
    assert json.loads((tmp_path / "confirmed.json").read_text()) == content
    assert readme.read_text(encoding="utf-8") == f"before\n{BEGIN}\n{table(content)}\n{END}\nafter\n"
    readme.write_text("no marks\n")
    with pytest.raises(ValueError, match="were expected"):
        write(content, tmp_path)


PYTHON = ("python-ecdsa", "btclib-ecc")


@pytest.mark.parametrize(
    "name",
    [pytest.param("secp224k1_login_test.json", marks=pytest.mark.long), "secp224k1_square_root_test.json"],
)
def test_two_libraries_confirm_every_case(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """python-ecdsa and btclib-ecc, each by itself, give every answer that these files expect."""
    monkeypatch.setattr(confirm, "COMMANDS", {oracle: confirm.COMMANDS[oracle] for oracle in PYTHON})
    assert confirm.main([str(VECTORS / "suite" / name)]) == 0
    count = RECORD["files"][name]["cases"]
    assert f"| `{name}` | {count} | {count} | {count} | {count} |" in capsys.readouterr().out


def test_a_wrong_vector_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An answer that two libraries contradict is named, and the exit status is 1."""
    content = json.loads((VECTORS / "suite" / "secp224k1_square_root_test.json").read_text())
    (group,) = content["testGroups"]
    group["tests"][4]["root"] = group["tests"][4]["value"]
    path = tmp_path / "wrong_test.json"
    path.write_text(json.dumps(content))
    monkeypatch.setattr(confirm, "COMMANDS", {oracle: confirm.COMMANDS[oracle] for oracle in PYTHON})
    assert confirm.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == "contradicted by two or more: wrong_test.json#5\n"


def test_no_case_is_an_error(tmp_path: Path) -> None:
    """A folder without vectors is not a folder of confirmed ones."""
    with pytest.raises(SystemExit, match="no case was found"):
        confirm.main([str(tmp_path)])
