"""The README's examples, run as they are written."""

from __future__ import annotations

import ast
import doctest
import io
import json
import re
import tokenize
from pathlib import Path

import pytest
from consoles import Shell, commands

import ecpure

PACKAGE = Path(ecpure.__file__).parent
CORE = [path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__")]
ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_programs_print_what_the_readme_says() -> None:
    """Every Python example gives the result that stands beneath it."""
    examples = doctest.DocTestParser().get_doctest("".join(blocks("python")), {}, "README", "README.md", 0)
    results = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(examples)
    assert results.attempted >= 15
    assert results.failed == 0


@pytest.mark.openssl
def test_the_commands_print_what_the_readme_says(tmp_path: Path) -> None:
    """Every command line gives exactly the output that stands beneath it."""
    statuses = Shell(tmp_path).follow(commands(README))
    assert len(statuses) >= 10
    assert sum(statuses) == 1
    assert (tmp_path / "demo" / "key.pem").stat().st_mode & 0o077 == 0


def test_the_readme_has_the_ratios_of_the_record() -> None:
    """Those of signing and of an archive under one key, with gmpy2, as `make speed` measured them."""
    record = json.loads((ROOT / "docs" / "evidence" / "speed.json").read_text(encoding="utf-8"))
    times = record["backends"]["gmpy2"]["times"]
    [rust] = [of_each for name, of_each in times.items() if name.startswith("fastecdsa")]
    [c] = [of_each for name, of_each in times.items() if name.startswith("OpenSSL")]
    signing, archive = times["ecpure"]["sign"] / rust["sign"], times["ecpure"]["verify_many, one key"] / c["verify"]
    words = " ".join(README.split())
    assert f"signs in {signing:.0%} of the time that fastecdsa (Rust) takes" in words
    assert f"verifies an archive under one key in {archive:.0%} of OpenSSL's time" in words


def rows() -> str:
    """Return the first column of the README's table of the package."""
    return "".join(line.split("|")[1] for line in README.splitlines() if line.startswith("| `"))


def test_the_readme_names_every_file_of_the_core_and_every_folder() -> None:
    """The table of the package is complete, and names nothing else."""
    folders = {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}
    assert set(re.findall(r"`([^`]+)`", rows())) == {*CORE, *folders}


def lines_of_code(path: Path) -> int:
    """Return how many lines have code, and not only comments or docstrings, in them."""
    source = path.read_text(encoding="utf-8")
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            docstrings |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    blank = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {line for token in tokens if token.type not in blank for line in range(token.start[0], token.end[0] + 1)}
    return len(lines - docstrings)


def test_the_readme_counts_its_lines() -> None:
    """The lines of the core and of the whole package are right to the next hundred."""
    core, whole = [PACKAGE / f"{name}.py" for name in CORE], [*PACKAGE.rglob("*.py")]
    for paths, words in ((core, "the core has about {} lines"), (whole, "the package has about {}.")):
        count = round(sum(map(lines_of_code, paths)), -2)
        assert words.format(f"{count:,}") in re.sub(r"\s+", " ", README)


@pytest.mark.parametrize(
    "words", ["If you have a choice, do not use this curve", "have closed", "make demo", "make test", "docs/"]
)
def test_the_readme_says_what_it_must(words: str) -> None:
    """The warning about the curve and the two commands are there."""
    assert words in re.sub(r"\s+", " ", README)
