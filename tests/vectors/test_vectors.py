"""Running cases: that right is told from wrong, crash and silence; and the suite that comes with the package."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from smallvectors import says, verdicts, written

from ecpure import vectors
from ecpure.vectors import Program, batch
from ecpure.vectors.operations import answer
from ecpure.vectors.schemas import Message


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path)


def test_every_way_to_answer_has_its_verdict(path: Path) -> None:
    """Agreed, wrong, crashed, timed out, unsupported, not run: each is told from the others."""

    def raises(error: Exception) -> Program:
        def program(_: Message) -> Message:
            raise error

        return program

    assert verdicts(path, answer) == ["agreed"] * 3
    assert verdicts(path, says("valid")) == ["agreed", "wrong", "agreed"]
    assert verdicts(path, says("invalid")) == ["wrong", "agreed", "agreed"]
    assert verdicts(path, says("unsupported")) == ["unsupported"] * 3
    assert verdicts(path, says("perhaps")) == ["wrong"] * 3
    no_answer: Any = None
    assert verdicts(path, lambda _: no_answer) == ["wrong"] * 3
    assert verdicts(path, raises(ValueError("x"))) == ["crashed"] * 3
    assert verdicts(path, raises(TimeoutError())) == ["timed out"] * 3
    assert verdicts(path, raises(vectors.NotRun())) == ["not run"] * 3


def test_an_answer_of_no_known_form_is_wrong_for_a_reason(path: Path) -> None:
    """It is no object, or its result is not a known word: what came is in the outcome."""
    case = vectors.read(str(path)).cases[0]
    answers: list[Any] = [None, {"result": "perhaps"}, {"result": ["valid"]}, {"valid": True}]
    following = iter(answers)
    none, *others = vectors.run([case] * len(answers), lambda _: next(following))
    assert (none.verdict, none.answer, none.detail) == ("wrong", None, "an answer that is not an object, but NoneType")
    for outcome, answered in zip(others, answers[1:], strict=True):
        assert (outcome.verdict, outcome.answer) == ("wrong", answered)
        assert outcome.detail == "its result is not valid, invalid or unsupported"


def test_an_answer_needs_every_field_that_is_expected() -> None:
    """A valid result with a missing or another signature is wrong; fields that nobody asked for do not count."""
    case = vectors.Case("f", 1, ("x",), "", {}, ({"result": "valid", "signature": "00"},))

    def verdict(answered: Message) -> str:
        (outcome,) = vectors.run([case], lambda _: answered)
        return outcome.verdict

    assert verdict({"result": "valid"}) == "wrong"
    assert verdict({"result": "valid", "signature": "01"}) == "wrong"
    assert verdict({"result": "invalid", "signature": "00"}) == "wrong"
    assert verdict({"result": "valid", "signature": "00", "id": "f#1", "more": 1}) == "agreed"


def test_a_program_cannot_change_the_case_that_it_is_judged_by() -> None:
    """Not at any depth of its request, be it one program or several that share the cases."""
    message = {"message": {"user_id": 1}, "items": [{"signature": "00"}]}
    case = vectors.Case("f", 1, ("x",), "", message, ({"result": "valid"},))

    def clears(request: Message) -> Message:
        request["message"].clear()
        request["items"][0].clear()
        request["items"].clear()
        return {"result": "valid"}

    assert [outcome.verdict for outcome in vectors.run([case, case], clears)] == ["agreed"] * 2
    file = vectors.VectorFile("f", [case, case], {}, Counter())
    assert batch.run_all([file], [], {"x": [clears, clears]}).agreed()
    assert case.request == {"message": {"user_id": 1}, "items": [{"signature": "00"}]}


def test_folders_are_searched_for_files_of_that_name(tmp_path: Path) -> None:
    """A folder gives its *_test.json at any depth in order; a file is taken whatever its name."""
    (tmp_path / "b").mkdir()
    for name in ("b/x_test.json", "a_test.json", "a_schema.json"):
        (tmp_path / name).write_text("{}")
    found = [str(tmp_path / "a_test.json"), str(tmp_path / "b/x_test.json")]
    assert vectors.find([str(tmp_path)]) == found
    assert vectors.find([str(tmp_path / "a_schema.json"), "nowhere"]) == [str(tmp_path / "a_schema.json"), "nowhere"]


def test_the_shipped_suite_is_found() -> None:
    """The suite comes with the package: in a wheel inside of it, in a checkout beside it."""
    paths = vectors.shipped()
    assert len(paths) >= 15
    assert all(os.path.basename(path).endswith("_test.json") for path in paths)


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.long), 12], ids=["every case", "every 12th case"])
def test_the_shipped_suite_passes(step: int) -> None:
    """Every case of the suite agrees with ecpure, on the backend at work."""
    counts: Counter[str] = Counter()
    for path in vectors.shipped():
        for outcome in vectors.run(vectors.read(path).cases[::step], answer):
            counts[outcome.verdict] += 1
            assert outcome.verdict == "agreed", (outcome.case.id, outcome.answer, outcome.detail)
    assert counts["agreed"] >= 9000 // step
