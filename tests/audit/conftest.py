"""What every test of an audit has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from auditing import Audit, Auditor

from ecpure.audit.rows import Rows


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the rows that a test has made by itself: from Python 3.13 on, leaving them open gives a warning."""
    made: list[Rows] = []
    begin = Rows.__init__

    def noted(rows: Rows, path: str | None, described: dict[str, Any]) -> None:
        begin(rows, path, described)
        made.append(rows)

    monkeypatch.setattr(Rows, "__init__", noted)
    yield
    for rows in made:
        rows._database.close()


@pytest.fixture
def audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Audit]:
    """Run the command on records, in words and as JSON; check that both say the same, and no secret of these tests."""
    auditor = Auditor(tmp_path / "records.jsonl", capsys)
    yield auditor
    auditor.hold_secrets()
