"""What every test of an audit has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from auditing import Audit, Auditor, share_known_nonces


@pytest.fixture(autouse=True)
def known_nonces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the table of known nonces once for all tests."""
    share_known_nonces(monkeypatch)


@pytest.fixture
def audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Audit]:
    """Run the command on records, in words and as JSON; hold that both say the same, and no secret of these tests."""
    auditor = Auditor(tmp_path / "records.jsonl", capsys)
    yield auditor
    auditor.hold_secrets()
