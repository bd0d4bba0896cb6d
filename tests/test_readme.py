"""The README's examples, run as they are written."""

from __future__ import annotations

import ast
import doctest
import io
import re
import tokenize
from pathlib import Path

import pytest
from consoles import Shell, commands

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
    """Every command line gives exactly the output that stands beneath it."""
    statuses = Shell(tmp_path).follow(commands(README))
    assert len(statuses) >= 10
    assert sum(statuses) == 1
    assert (tmp_path / "try" / "key.pem").stat().st_mode & 0o077 == 0


def test_the_readme_names_every_module() -> None:
    """The table of modules is complete."""
    import ecpure

    rows = "".join(line for line in README.splitlines() if line.startswith("| `"))
    for path in Path(ecpure.__file__).parent.glob("*.py"):
        assert path.stem.startswith("__") or f"`{path.stem}`" in rows


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
    """To the next hundred: those of the library, and those of the whole package."""
    import ecpure

    package = Path(ecpure.__file__).parent
    upper, _, _ = README.partition("| `inputs`")
    rows = [line.split("|")[1] for line in upper.splitlines() if line.startswith("| `")]
    library = [package / f"{name}.py" for name in re.findall(r"`(\w+)`", "".join(rows))]
    for paths, words in ((library, "have about {} lines"), ([*package.glob("*.py")], "the package has about {}")):
        count = round(sum(map(lines_of_code, paths)), -2)
        assert words.format(f"{count:,}") in re.sub(r"\s+", " ", README)


@pytest.mark.parametrize(
    "words", ["Nobody free to choose should choose this curve", "have closed", "make demo", "make test", "docs/"]
)
def test_the_readme_says_what_it_must(words: str) -> None:
    """The warning about the curve and the two commands are there."""
    assert words in re.sub(r"\s+", " ", README)
