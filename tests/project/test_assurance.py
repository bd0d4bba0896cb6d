"""docs/assurance.md: what it names is there, and each claim has a test. docs/audit-guide.md: its targets are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASE = (ROOT / "docs" / "assurance.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "audit-guide.md").read_text(encoding="utf-8")
CLAIMS = re.findall(r"^\| ([A-Z]\d) \| (.+) \| (.+) \|$", CASE, re.MULTILINE)


def test_every_claim_has_what_would_fail() -> None:
    """Each has a number of its own, and names a test at least."""
    numbers = [number for number, _, _ in CLAIMS]
    assert len(numbers) == len(set(numbers)) >= 28
    assert all("tests/" in evidence for _, _, evidence in CLAIMS)


def test_the_claims_that_the_text_speaks_of_are_in_the_table() -> None:
    """And each of the table is of a kind that the text speaks of, or is true for all."""
    spoken = {letter for first in re.findall(r"\(claims ([^)]*)\)", CASE) for letter in re.findall(r"[A-Z]", first)}
    assert spoken == {number[0] for number, _, _ in CLAIMS} - {"P", "M"}


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", CASE))))
def test_every_test_that_is_named_is_there(named: str) -> None:
    """It is a function of its file, and it can fail: it asserts or expects an exception."""
    path, _, name = named.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    (function,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    words = ast.unparse(function)
    assert any(word in words for word in ("assert", "pytest.raises", "check=True", "hold_equal(", "hold_ended("))


def test_every_target_that_is_named_is_in_the_makefile() -> None:
    """In either page."""
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`make ([\w-]+)`", CASE + GUIDE))
    assert len(named) >= 6
    assert named <= targets
