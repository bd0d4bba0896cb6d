"""The package's page on PyPI: no dead link, whether the project's home is known or not; the changes of the version."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HOME = "https://github.com/OWNER/ecpure"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
pytest.importorskip("hatchling", reason="hatchling is not installed: it comes with the group `dist`")
hatch_build = SimpleNamespace(**run_path(str(ROOT / "hatch_build.py")))


def page(home: str) -> dict[str, Any]:
    """Return what the hook sets, for a home."""
    metadata: dict[str, Any] = {"version": "1.2.3"}
    hatch_build.ProjectPage(str(ROOT), {"home": home}).update(metadata)
    return metadata


def rendered(home: str) -> str:
    """Return the page in HTML, as PyPI's own renderer makes it."""
    pytest.importorskip("comrak", reason="PyPI's renderer is not installed: it comes with the group `house`")
    markdown = pytest.importorskip("readme_renderer.markdown")
    html: str = markdown.render(page(home)["readme"]["text"])
    return html


@pytest.mark.parametrize("home", ["", HOME])
def test_no_link_is_dead(home: str) -> None:
    """What PyPI shows links to its own headings, or below the project's home; without one, only to headings."""
    html = rendered(home)
    links = re.findall(r'(?:href|src)="([^"]*)"', html)
    inside = {link for link in links if link.startswith("#")}
    assert inside
    assert all(f'id="{link[1:]}"' in html for link in inside)
    assert all(home and link.startswith(f"{home}/") for link in links if link not in inside)
    assert (len(links) > len(inside) + 10) == bool(home)
    assert "](" not in re.sub(r"<[^>]+>", "", html)


def test_links_lead_to_files_of_the_tag() -> None:
    """Each link below the home is to a file that the project has, at the version's tag; pictures are raw."""
    text = page(HOME)["readme"]["text"]
    found = re.findall(rf"(!?)\[[^]]+\]\({HOME}/(\w+)/v1\.2\.3/([^)#]+)", text)
    assert len(found) == text.count(f"]({HOME}/") > 20
    assert {(sign, kind) for sign, kind, _ in found} == {("", "blob"), ("!", "raw")}
    assert [path for *_, path in found if not (ROOT / path).is_file()] == []


def test_words_stay_where_links_go() -> None:
    """Without a home a link is its words, over lines too, and a picture is nothing; with one, both are absolute."""
    text = "A [link\nof two](docs/a.md#b), [one](#c), [far](https://example.com/).\n\n![P](p.svg)\n\nEnd.\n"
    bare = "A link\nof two, [one](#c), [far](https://example.com/).\n\nEnd.\n"
    assert hatch_build.with_links(text, "", "v1") == bare
    whole = hatch_build.with_links(text, HOME, "v1")
    assert f"[link\nof two]({HOME}/blob/v1/docs/a.md#b), [one](#c), [far](https://example.com/)" in whole
    assert f"![P]({HOME}/raw/v1/p.svg)" in whole


def test_the_changes_are_those_of_the_newest_section() -> None:
    """Unreleased ones before a release; its own after it; no older ones."""
    older = "## 0.1.0 (2026-01-01)\n\n- old\n"
    assert hatch_build.newest(f"# Changelog\n\n## Unreleased (0.2.0)\n\n### Added\n\n- new\n\n{older}") == (
        "## Changes: Unreleased (0.2.0)\n\n### Added\n\n- new\n"
    )
    assert hatch_build.newest(f"# Changelog\n\n{older}") == "## Changes: 0.1.0 (2026-01-01)\n\n- old\n"
    text = page("")["readme"]["text"]
    assert text.startswith("# ecpure\n")
    assert len(re.findall(r"^## Changes: ", text, re.MULTILINE)) == 1


def test_one_place_names_the_home() -> None:
    """`urls` are made of it, and empty without it; nothing else in pyproject.toml is an address of the project."""
    assert page("")["urls"] == {}
    assert page(HOME)["urls"] == {
        "Source": HOME,
        "Documentation": f"{HOME}/blob/v1.2.3/docs/index.md",
        "Changelog": f"{HOME}/blob/v1.2.3/CHANGELOG.md",
        "Security": f"{HOME}/blob/v1.2.3/SECURITY.md",
    }
    assert all((ROOT / path).is_file() for path in hatch_build._PAGES.values())
    home = PROJECT["tool"]["hatch"]["metadata"]["hooks"]["custom"]["home"]
    assert re.fullmatch(r"(https://github\.com/[\w-]+/[\w-]+)?", home)
    assert "urls" not in PROJECT["project"]
    assert "readme" not in PROJECT["project"]
