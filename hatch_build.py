"""The package's page on PyPI: its long description and its links, made when the package is built.

The only code of our own in the build: a plugin can rewrite links to an address, but not drop them while there is none.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_PICTURE = re.compile(r"^!\[[^]]*\]\((?!https:)[^)]+\)\n\n", re.MULTILINE)
_LINK = re.compile(r"(!?)\[([^]]+)\]\((?![a-z]+:|#)([^)]+)\)")  # to a file; PyPI's page has the README's headings
_PAGES = {"Documentation": "docs/index.md", "Changelog": "CHANGELOG.md", "Security": "SECURITY.md"}


class ProjectPage(MetadataHookInterface):
    """Sets `readme` and `urls`. pyproject.toml names the project's home on GitHub, or "" while there is none."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set both, with links to the files of the version's tag; without a home there are none."""
        root = Path(self.root)
        readme, changes = ((root / name).read_text(encoding="utf-8") for name in ("README.md", "CHANGELOG.md"))
        home, tag = self.config["home"], f"v{metadata['version']}"
        text = with_links(f"{readme}\n{newest(changes)}", home, tag)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        pages = {name: f"{home}/blob/{tag}/{path}" for name, path in _PAGES.items()}
        metadata["urls"] = {"Source": home, **pages} if home else {}


def newest(changes: str) -> str:
    """Return the changelog's first section: that of the version which is built, released or not yet."""
    title, section = re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", changes, re.MULTILINE | re.DOTALL)[0]
    return f"## Changes: {title}\n{section.rstrip()}\n"


def with_links(text: str, home: str, tag: str) -> str:
    """Return the Markdown with links to the project's files on GitHub, as they are at the tag.

    While `home` is empty, the words of a link stay, and pictures go.
    """
    if not home:
        return _LINK.sub(r"\2", _PICTURE.sub("", text))
    kinds = {"": "blob", "!": "raw"}
    return _LINK.sub(lambda found: f"{found[1]}[{found[2]}]({home}/{kinds[found[1]]}/{tag}/{found[3]})", text)
