"""The README's examples, run as they are written."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_programs_print_what_the_readme_says() -> None:
    """Every Python example gives the result that stands beneath it."""
    examples = doctest.DocTestParser().get_doctest("".join(blocks("python")), {}, "README", "README.md", 0)
    results = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(examples)
    assert results.attempted >= 15
    assert results.failed == 0


def test_the_commands_print_what_the_readme_says(tmp_path: Path) -> None:
    """Every command line gives exactly the output that stands beneath it, and nothing on standard error."""
    scripts = sysconfig.get_path("scripts")
    environment = os.environ | {"PATH": os.pathsep.join([scripts, os.environ["PATH"]])}
    steps = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(blocks("console")), re.MULTILINE)
    assert len(steps) >= 10
    for command, expected in steps:
        result = subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert (command, result.stdout, result.stderr) == (command, expected, "")
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0


def test_the_readme_names_every_module() -> None:
    """The table of modules is complete."""
    import ecpure

    rows = "".join(line for line in README.splitlines() if line.startswith("| `"))
    for path in Path(ecpure.__file__).parent.glob("*.py"):
        assert path.stem.startswith("__") or f"`{path.stem}`" in rows


@pytest.mark.parametrize(
    "words", ["Nobody free to choose should choose this curve", "have closed", "make demo", "make test"]
)
def test_the_readme_says_what_it_must(words: str) -> None:
    """The warning about the curve and the two commands are there."""
    assert words in re.sub(r"\s+", " ", README)
