"""Pages of docs/: examples run as they are written, pictures are as drawn, and no page is missing from the site."""

from __future__ import annotations

import doctest
import json
import re
from pathlib import Path

import examplefiles
import ledger
import pictures
import pytest
import speed
from consoles import Shell, commands
from examplefiles import FILES

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL)


def hold(name: str, least: int) -> None:
    """Every Python example of the page gives the result that stands beneath it; there are so many at least."""
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks(name, "python")), {}, name, name, 0)
    results = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(examples)
    assert results.attempted >= least
    assert results.failed == 0


@pytest.mark.parametrize(
    ("name", "steps", "statuses_sum", "least"), [("start.md", 26, 7, 22), ("formats.md", 70, 18, 29)]
)
@pytest.mark.openssl
def test_a_page_prints_what_it_says(
    name: str, steps: int, statuses_sum: int, least: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command line gives exactly the output that stands beneath it; programs then run beside its files."""
    shell = Shell(tmp_path)
    statuses = shell.follow(commands(page(name)))
    assert len(statuses) >= steps
    assert sum(statuses) == statuses_sum
    monkeypatch.chdir(shell.folder)
    hold(name, least)


@pytest.mark.parametrize(("name", "least"), [("index.md", 4), ("curve.md", 45)])
def test_every_example_of_a_page_is_right(name: str, least: int) -> None:
    """Every Python example gives the result that stands beneath it."""
    hold(name, least)


@pytest.mark.parametrize("path", [*DOCS.glob("*.md"), DOCS.parent / "README.md"], ids=lambda path: path.name)
def test_the_examples_end_where_doctest_sees_it(path: Path) -> None:
    """An empty line follows each example, so that `python -m doctest PAGE` does not take the fence for output."""
    for block in re.findall(r"^```python\n(>>> .*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        assert block.endswith("\n\n")


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


def test_the_page_in_a_browser_has_the_words_that_are_told() -> None:
    """Every answer and button that docs/page.md names in italics is a text of the page."""
    texts = json.loads((DOCS.parent / "page" / "texts.json").read_text(encoding="utf-8"))["en"]
    named = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", page("page.md"))
    assert len(named) >= 6
    assert set(named) <= set(texts.values())


def test_every_page_is_in_the_site() -> None:
    """The first page's lists have each of the others."""
    lists = "".join(re.findall(r"```\{toctree\}\n(.*?)```", page("index.md"), re.DOTALL))
    listed = set(re.findall(r"^([\w/-]+)$", lists, re.MULTILINE))
    pages = {str(path.relative_to(DOCS).with_suffix("")) for path in DOCS.rglob("*.md")} - {"index"}
    assert pages <= listed


@pytest.mark.parametrize("path", [*DOCS.rglob("*.md")], ids=lambda path: path.name)
def test_links_between_pages_stay_in_the_site(path: Path) -> None:
    """Markdown outside of docs/ is in the site only as the page that includes it, and is linked as that."""
    text = re.sub(r"^%.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    linked = [path.parent / name for name in re.findall(r"\]\(([\w./-]+\.md)(?:#[\w-]+)?\)", text)]
    assert [str(one) for one in linked if not (one.is_file() and one.resolve().is_relative_to(DOCS.resolve()))] == []
