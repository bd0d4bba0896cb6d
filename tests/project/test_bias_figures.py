"""The table of biased nonces: it is that of the record, and what it says can be done again."""

from __future__ import annotations

import bias_figures
import ledger
import pytest

from ecpure.audit import bias


def test_the_page_shows_the_record() -> None:
    """Every form, and at least eight keys of ten fell by the bits that are said."""
    found = ledger.load("bias")
    assert found is not None
    page = bias_figures.PAGE.read_text(encoding="utf-8")
    assert ledger.filled(page, "bias", bias_figures.text(found)) == page
    assert [*found["forms"]] == [words for _, words, _ in bias_figures.FORMS.values()]
    for of_form in found["forms"].values():
        for one in of_form:
            assert min(one["fell"].values()) >= 0.8 * one["trials"] >= 8


def test_it_can_be_measured_again() -> None:
    """A small sample, by each reduction that is there."""
    pytest.importorskip("flint")
    one = bias_figures.measured(bias.BEGINNING, 8, 3)
    assert one["bits"] == 34
    assert {*one["fell"]} == {"ecpure", "python-flint"}
    assert min(one["fell"].values()) >= 2
    assert all(0 < seconds < 60 for seconds in one["seconds"].values())
    words = bias_figures.text({"forms": {"x": [one | {"fell": {"python-flint": 3}}]}, "python": "3", "sources": "ab"})
    assert "| x | 34 | 8 | – | 3 of 3, 0.00" in words
