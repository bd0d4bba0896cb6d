"""The suite under test: programs that are wrong on purpose, each in one step, must each be caught by a case of it."""

from __future__ import annotations

import re
from functools import cache

import broken
import pytest
from faults import BROKEN, STEPS
from right import Program

from ecpure import vectors
from ecpure.vectors.schemas import Case

TABLE = re.compile(r"^\| `(\w+)` \| (.*?) \| (\d+|\*\*none\*\*) \| (.*?) \| (yes|no|–) \|$", re.MULTILINE)
THEIRS = broken.wycheproof()
SHORT = ("accepts_all", "curve_ignored")
"""Programs that every run of the tests puts Wycheproof's cases to."""


@cache
def page() -> str:
    return broken.PAGE.read_text(encoding="utf-8")


def rows() -> dict[str, tuple[str, ...]]:
    """Return the rows of the page by program: its fault, cases, classes, and whether Wycheproof's files catch it."""
    return {name: tuple(cells) for name, *cells in TABLE.findall(page())}


@cache
def suite() -> list[Case]:
    return broken.suite()


@cache
def their_steps() -> dict[str, list[Case]]:
    return broken.by_step(THEIRS)


@cache
def first_caught(name: str) -> Case | None:
    """Return a case of the suite that catches the program, sought first in the classes that the page names."""
    classes = set(rows()[name][2].split(", ")) if name in rows() else set()
    cases = sorted(suite(), key=lambda case: classes.isdisjoint(case.flags))
    return next(broken.catching(BROKEN[name], cases), None)


def caught_by_theirs(name: str) -> list[Case]:
    return list(broken.catching(BROKEN[name], their_steps()[STEPS[name]]))


@pytest.mark.parametrize("every", [50, pytest.param(1, marks=pytest.mark.long)])
def test_the_right_program_agrees_with_every_case(every: int) -> None:
    """What the broken programs are broken from answers all of the suite, and of Wycheproof's files, as expected."""
    cases = [*suite(), *THEIRS][::every]
    verdicts = [outcome.verdict for outcome in vectors.run(cases, Program())]
    assert len(verdicts) == len(cases) >= len(suite()) // every > 0
    assert set(verdicts) == {vectors.AGREED}


@pytest.mark.parametrize("every", [400, pytest.param(20, marks=pytest.mark.long)])
def test_a_program_is_right_where_its_step_is_not_come_to(every: int) -> None:
    """Cases that never come to the step are left out of the count, which loses none that would catch it."""
    cases = suite()[::every]
    reached = broken.by_step(cases)
    for name in ("accepts_all", "nonces_swapped", "curve_ignored"):
        left_out = [case for case in cases if case not in reached[STEPS[name]]]
        assert left_out
        assert not list(broken.catching(BROKEN[name], left_out))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if place % 10 == 0 else pytest.mark.long) for place, name in enumerate(BROKEN)]
)
def test_the_suite_catches(name: str) -> None:
    """Some case of the suite gets another answer than expected from the broken program, or an exception."""
    assert first_caught(name), f"no case catches {name}: {BROKEN[name].__doc__}"


@pytest.mark.skipif(not THEIRS, reason="no Wycheproof vectors: neither beside the project nor in ECPURE_WYCHEPROOF")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SHORT else pytest.mark.long) for name in BROKEN]
)
def test_the_suite_catches_what_wycheproof_catches(name: str) -> None:
    """Whatever Wycheproof's files catch, the suite does; else the message names the class that it lacks."""
    caught = caught_by_theirs(name)
    missing = {f"{', '.join(case.flags)}: {case.comment}" for case in caught}
    assert not caught or first_caught(name), f"the suite lacks cases as Wycheproof's: {'; '.join(sorted(missing))}"
    assert rows()[name][3] == ("yes" if caught else "no" if their_steps()[STEPS[name]] else "–")


@pytest.mark.long
@pytest.mark.skipif(not THEIRS, reason="no Wycheproof vectors: neither beside the project nor in ECPURE_WYCHEPROOF")
def test_the_suite_catches_more() -> None:
    """Some programs come through Wycheproof's verification, and not through the suite's."""
    asked = [name for name in BROKEN if their_steps()[STEPS[name]]]
    assert [name for name in asked if not caught_by_theirs(name) and first_caught(name)]


def test_the_page_names_the_programs() -> None:
    """The table has exactly the programs that there are, in their order, with their faults; the numbers are theirs."""
    assert [(name, row[0]) for name, row in rows().items()] == [(name, BROKEN[name].__doc__) for name in BROKEN]
    assert f"has {len(BROKEN)} programs" in page()
    assert f"of the suite's {len(suite()):,} cases" in page()


@pytest.mark.parametrize("every", [10, pytest.param(1, marks=pytest.mark.long)])
def test_the_page_says_which_are_caught(every: int) -> None:
    """A program has cases in the table if and only if there are some."""
    assert [*rows()] == [*BROKEN]
    for name in [*BROKEN][::every]:
        assert (rows()[name][1] != "**none**") == (first_caught(name) is not None), name
