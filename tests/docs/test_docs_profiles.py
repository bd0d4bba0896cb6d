"""docs/profiles.md: its examples, run as they are written, on a receipt and a ticket made for them."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
from consoles import ROOT, Shell, commands
from examplefiles import FILES

from ecpure.formats.profiles import PROFILES

PAGE = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")


@pytest.mark.openssl
def test_the_commands_print_what_the_page_says(tmp_path: Path) -> None:
    """Of a copy of the files that come along."""
    statuses = Shell(tmp_path).follow(commands(PAGE))
    assert {place: status for place, status in enumerate(statuses) if status} == {
        5: 1,
        10: 2,
        13: 1,
        16: 2,
        19: 2,
        25: 2,
    }


def test_the_program_prints_what_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python example is a doctest, beside the same files."""
    monkeypatch.chdir(FILES)
    program = "".join(re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    test = doctest.DocTestParser().get_doctest(program, {}, "profiles", "profiles.md", 0)
    results = doctest.DocTestRunner().run(test)
    assert (results.attempted, results.failed) == (7, 0)


def test_the_page_has_every_profile() -> None:
    """Each has a section under its name."""
    assert re.findall(r"^## `(\w+)`$", PAGE, re.MULTILINE) == list(PROFILES)
