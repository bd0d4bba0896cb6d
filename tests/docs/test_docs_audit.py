"""docs/audit-archives.md: its commands print what stands beneath them, and it tells of every finding."""

from __future__ import annotations

import re
from pathlib import Path

from consoles import ROOT, Shell, commands

from ecpure.audit.findings import KINDS

PAGE = (ROOT / "docs" / "audit-archives.md").read_text(encoding="utf-8")


def test_the_commands_print_what_the_page_says(tmp_path: Path) -> None:
    """Of a copy of the files that come along."""
    assert Shell(tmp_path).follow(commands(PAGE)) == [0, 0, 1, 0, 1, 1, 1, 1]


def test_the_page_has_every_finding() -> None:
    """In the order of their weight, which it gives."""
    rows = re.findall(r"^\| `([\w-]+)` \| (\w+) \|", PAGE, re.MULTILINE)
    assert rows == [(kind, weight) for kind, (weight, _) in KINDS.items()]
