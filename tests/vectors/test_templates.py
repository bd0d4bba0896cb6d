"""Programs for a start: each is there with its comments, and where its language is, it answers as it is to."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ecpure import vectors
from ecpure.vectors import Judge
from ecpure.vectors.process import Command
from ecpure.vectors.templates import TEMPLATES, template

JAR = Path("/usr/share/java/bcprov.jar")
ASKED = [
    case
    for path in vectors.shipped()
    for case in vectors.read(path).cases
    if case.request["operation"] in ("verify", "sign")
]
FIRST_OF_CLASS = {(case.file, case.flags): case.id for case in reversed(ASKED)}
CASES = [
    case
    for number, case in enumerate(ASKED)
    if case.request["curve"] == "secp224k1" and (number % 29 == 0 or FIRST_OF_CLASS[case.file, case.flags] == case.id)
]
OTHER_CURVE = [case for case in ASKED if case.request["curve"] == "secp256k1"][::9]


def needs(*programs: str) -> None:
    if missing := [program for program in programs if shutil.which(program) is None]:
        pytest.skip(f"there is no {', '.join(missing)}")


def python(file: Path) -> list[str]:
    if importlib.util.find_spec("ecdsa") is None:
        pytest.skip("there is no python-ecdsa")
    return [sys.executable, str(file)]


def node(file: Path) -> list[str]:
    needs("node")
    return ["node", str(file)]


def java(file: Path) -> list[str]:
    needs("java")
    if not JAR.exists():
        pytest.skip("there is no BouncyCastle (Debian's libbcprov-java)")
    return ["java", "-cp", str(JAR), str(file)]


def built(file: Path, *words: str) -> list[str]:
    """Return the command of what the words build."""
    done = subprocess.run([*words], capture_output=True, text=True, check=False, cwd=file.parent)
    if "openssl/" in done.stderr:
        pytest.skip("there are no headers of OpenSSL")
    assert done.returncode == 0, done.stderr
    return [str(file.parent / "program")]


def c(file: Path) -> list[str]:
    needs("cc")
    return built(file, "cc", "-Wall", "-Wextra", "-Werror", "-o", "program", file.name, "-lcrypto")


def go(file: Path) -> list[str]:
    needs("go")
    return built(file, "go", "build", "-o", "program", file.name)


STARTS: dict[str, tuple[str, Callable[[Path], list[str]]]] = {
    "python": ("program.py", python),
    "node": ("program.mjs", node),
    "java": ("Program.java", java),
    "c": ("program.c", c),
    "go": ("program.go", go),
}
SLOW = dict.fromkeys(["java", "go"], pytest.mark.long)


@pytest.mark.parametrize("language", [pytest.param(one, marks=SLOW.get(one, ())) for one in STARTS])
def test_a_template_answers_as_it_is_to(language: str, tmp_path: Path) -> None:
    """Of the suite's verifying and signing every case, and its version; by RFC 6979 or with nonces of its own. It does
    not take one curve for another.
    """
    name, start = STARTS[language]
    file = tmp_path / name
    file.write_bytes(template(language))
    judge = Judge(any_nonces=b"--nonces any" in template(language).split(b"import", 1)[0])
    with Command(start(file), timeout=60) as program:
        assert program({"id": "v", "operation": "version", "curve": "secp224k1"})["version"]
        assert program({"id": "x", "operation": "multiply", "curve": "secp224k1"})["result"] == "unsupported"
        assert {program({"id": case.id, **case.request})["result"] for case in OTHER_CURVE} == {"unsupported"}
        for outcome in vectors.run(CASES, program, judge):
            # crypto/sha3 is in Go from 1.24 on
            lacks = language == "go" and outcome.case.request["hash"].startswith("sha3_")
            assert outcome.verdict == ("unsupported" if lacks else "agreed"), outcome


@pytest.mark.parametrize("language", TEMPLATES)
def test_a_template_says_how_it_is_run(language: str) -> None:
    """Its first lines have the command, and name what is to be replaced."""
    text = template(language).decode("ascii")
    assert "ecpure vectors --only verify --only sign" in text[:500]
    assert "Replace the" in text[:1200]
