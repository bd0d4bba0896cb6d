"""Pages of docs/: examples run as they are written, pictures are as drawn, and no page is missing from the site."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import examplefiles
import ledger
import pictures
import pytest
import speed
from consoles import Shell, commands
from examplefiles import FILES

DOCS = Path(__file__).parents[1] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("name", "least"), [("start.md", 15), ("curve.md", 45)])
def test_the_programs_print_what_the_page_says(name: str, least: int) -> None:
    """Every Python example gives the result that stands beneath it."""
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks(name, "python")), {}, name, name, 0)
    results = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(examples)
    assert results.attempted >= least
    assert results.failed == 0


def test_the_commands_print_what_the_page_says(tmp_path: Path) -> None:
    """Every command line of the first page gives exactly the output that stands beneath it."""
    statuses = Shell(tmp_path).follow(commands(page("start.md")))
    assert len(statuses) >= 12
    assert sum(statuses) == 1


def test_the_files_of_the_examples_are_as_made() -> None:
    """`make examples` would change none, and there is no other."""
    there = {str(path.relative_to(FILES)): path.read_bytes() for path in FILES.rglob("*") if path.is_file()}
    assert there == examplefiles.made()


def test_pictures_are_as_drawn() -> None:
    """`make pictures` would change none."""
    drawn = pictures.drawn()
    assert set(drawn) == {path.name for path in (DOCS / "pictures").glob("*.svg")}
    for name, content in drawn.items():
        assert (DOCS / "pictures" / name).read_text(encoding="utf-8") == content


def test_the_table_of_times_is_that_of_the_record() -> None:
    """And the record has every program beside ecpure, on both backends."""
    report = ledger.load("speed")
    assert report is not None
    assert ledger.filled(page("speed.md"), "measured", speed.text(report)) == page("speed.md")
    assert all(len(result["times"]) == 6 and not result["faults"] for result in report["backends"].values())


def test_every_page_is_in_the_site() -> None:
    """The first page's lists have each of the others."""
    lists = "".join(re.findall(r"```\{toctree\}\n(.*?)```", page("index.md"), re.DOTALL))
    listed = set(re.findall(r"^([\w/-]+)$", lists, re.MULTILINE))
    pages = {str(path.relative_to(DOCS).with_suffix("")) for path in DOCS.rglob("*.md")} - {"index"}
    assert pages <= listed
