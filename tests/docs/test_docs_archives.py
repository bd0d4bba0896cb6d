"""docs/archives.md: its example run as it is written, and its table of reasons compared with the code."""

from __future__ import annotations

import re
from pathlib import Path

from consoles import ROOT, Shell, commands

from ecpure.archives.verdicts import REASONS, verdict

PAGE = (ROOT / "docs" / "archives.md").read_text(encoding="utf-8")


def test_the_commands_print_what_the_page_says(tmp_path: Path) -> None:
    """Of a copy of the files that come along, and of a folder whose records the page's program writes."""
    before, program, after = re.split(r"^```python\n(import json\n.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    shell = Shell(tmp_path)
    assert shell.follow(commands(before)) == [0, 0, 0, 1, 0, *[0] * 8]
    (shell.folder / "letters.py").write_text(program, encoding="ascii")
    assert shell.follow(commands(after)) == [0, 1, 0, 0, 0, 2, 2, 0, 0]


def test_the_table_has_every_reason() -> None:
    """In the order of the code, with its verdict and its meaning."""
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (invalid|unknown-key|unreadable) \| (.*) \|$", PAGE, re.MULTILINE)
    assert rows == [(reason, verdict(reason), text) for reason, text in REASONS.items()]
