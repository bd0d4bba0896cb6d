"""docs/vectors.md: its example in Python gives what stands beneath it, and its two programs are judged as it says.

docs/proofs.md: each test and function that it names exists.
"""

from __future__ import annotations

import doctest
import json
import re
import sys
from pathlib import Path

import pytest
from consoles import Shell, commands

from ecpure import vectors
from ecpure.cli import main
from ecpure.vectors.operations import OPERATIONS, answer
from ecpure.vectors.templates import TEMPLATES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "vectors.md").read_text(encoding="utf-8")


def test_the_example_gives_what_the_page_says() -> None:
    """The example in Python, run."""
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("".join(blocks), {}, "vectors.md", "vectors.md", 0)
    results = doctest.DocTestRunner().run(examples)
    assert results.attempted >= 4
    assert results.failed == 0


def test_the_commands_print_what_the_page_says(tmp_path: Path) -> None:
    """The template as it is, and with a fault, in a folder of its own."""
    assert Shell(tmp_path).follow(commands(PAGE)) == [0, 0, 0, 0]


def test_the_page_has_every_operation_and_template() -> None:
    """In a row of its own each; what the version is asked by is no operation of a case."""
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert set(OPERATIONS) | set(TEMPLATES) | {"version"} == set(rows)


def test_the_lines_of_the_protocol_are_those_of_the_suite() -> None:
    """The page's request is the suite's case of that id, and its answer is the one expected; … stands for zeros."""
    lines = re.findall(r"^[→←] (.*)$", PAGE, re.MULTILINE)
    request, reply = (json.loads(re.sub("0…", "0" * 54, line)) for line in lines)
    path = next(path for path in vectors.shipped() if Path(path).name == request["id"].partition("#")[0])
    case = next(case for case in vectors.read(path).cases if case.id == request["id"])
    assert {"id": case.id, **case.request} == request
    assert {"id": case.id, **answer(request)} == reply


def cut(tmp_path: Path, name: str) -> str:
    """Return the path of a file with every other test of the first groups of one of the suite."""
    content = json.loads((ROOT / "vectors" / "suite" / name).read_text(encoding="ascii"))
    content["testGroups"] = content["testGroups"][:10]
    for group in content["testGroups"]:
        group["tests"] = group["tests"][::2]
    content["numberOfTests"] = sum(len(group["tests"]) for group in content["testGroups"])
    path = tmp_path / name
    path.write_text(json.dumps(content))
    return str(path)


@pytest.mark.parametrize(
    ("program", "form", "verdict"),
    [
        ("python_ecdsa_program.py", "sha256_test", "agreed"),
        ("python_ecdsa_program.py", "sha256_p1363_test", "agreed"),
        pytest.param("openssl_program.py", "sha256_test", "agreed", marks=pytest.mark.openssl),
        pytest.param("openssl_program.py", "sha256_p1363_test", "unsupported", marks=pytest.mark.openssl),
    ],
)
def test_the_example_programs_are_judged(
    program: str, form: str, verdict: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each program agrees on every case in a form that it reads, and says of the others that it does not."""
    command = f"'{sys.executable}' '{ROOT / 'docs' / 'examples' / program}'"
    path = cut(tmp_path, f"ecdsa_secp224k1_{form}.json")
    status = main(["vectors", "--only", "verify", "--json", "--command", command, path])
    (result,) = json.loads(capfd.readouterr().out)["results"]
    counts = {name: count for name, count in result["classes"]["all"].items() if count}
    assert counts == {verdict: json.loads(Path(path).read_text())["numberOfTests"]}
    assert counts[verdict] >= 40
    assert status == (0 if verdict == "agreed" else 1)


def test_the_proofs_that_the_page_names_are_there() -> None:
    """docs/proofs.md: each test and each function in its table exists."""
    page = (ROOT / "docs" / "proofs.md").read_text(encoding="utf-8")
    tests = (ROOT / "tests" / "core" / "test_proofs.py").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)", page))
    assert len(named) >= 13
    assert named <= set(re.findall(r"^def (test_\w+)", tests, re.MULTILINE))
    proofs = set(re.findall(r"\[(\w+)-…\]", page))
    assert proofs <= set(re.findall(r"^def (\w+)\(", tests, re.MULTILINE))
