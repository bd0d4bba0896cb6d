"""The table of what other libraries fail at: it counts, names no case, and stands in its page."""

from __future__ import annotations

from pathlib import Path

import peertable
import pytest
from cases import Case
from record import CONFIRMED, CONTRADICTED, FAILED, UNSUPPORTED

PAGE = (Path(__file__).parents[2] / "docs" / "peers.md").read_text(encoding="utf-8")
CASES = [Case("f", number, flags, {}, {}) for number, flags in enumerate([["A", "WrongTag"], ["A"], ["B"]])]
VERDICTS = {
    "one": [CONFIRMED, CONTRADICTED, FAILED],
    "two": [UNSUPPORTED, CONFIRMED, UNSUPPORTED],
    "three": [FAILED, CONFIRMED, CONFIRMED],
}
TABLE = """| class | One 1 | Two 2 | Three 3 |
|---|---:|---:|---:|
| A | 1 of 2 | 0 of 1 | 1 of 2 |
| B | 1 of 1 | – | 0 of 1 |
| WrongTag† | 0 of 1 | – | 1 of 1 |
| all cases | 2 of 3 | 0 of 1 | 1 of 3 |
"""


def test_the_table_counts_by_class() -> None:
    """What was not asked does not count as a failure; a class in which the suite is stricter on purpose is marked."""
    versions = {"one": "One 1", "two": "Two 2", "three": "Three 3"}
    assert peertable.table(versions, CASES, VERDICTS) == TABLE
    right = {"two": [CONFIRMED] * 3}
    assert peertable.table(versions, CASES, right).splitlines()[2:] == ["| all cases | 0 of 3 |"]


def test_the_command_writes_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Between its marks, of the libraries that are there; without any, it says so and leaves the page alone."""
    page = tmp_path / "peers.md"
    page.write_text(f"before\n{peertable.BEGIN}old\n{peertable.END}after\n")
    monkeypatch.setattr(peertable, "PAGE", page)
    monkeypatch.setattr(peertable, "start", lambda: ({}, []))
    assert peertable.main() == 1
    assert "old" in page.read_text()
    monkeypatch.setattr(peertable, "start", lambda: ({"one": "One 1"}, [object()]))
    monkeypatch.setattr(peertable, "ask", lambda _, cases: {"one": [CONFIRMED] * len(cases)})
    assert peertable.main() == 0
    text = page.read_text()
    assert text.startswith(f"before\n{peertable.BEGIN}")
    assert text.endswith(f"{peertable.END}after\n")
    assert "| all cases | 0 of " in text
    assert "old" not in text
    assert "none of the libraries" in capsys.readouterr().err


def test_the_page_has_its_table() -> None:
    """With each library's version, and no number of a case."""
    _, _, rest = PAGE.partition(peertable.BEGIN)
    table, mark, _ = rest.partition(peertable.END)
    assert mark
    assert "python-ecdsa 0." in table
    assert "OpenSSL 3." in table
    assert "#" not in table
