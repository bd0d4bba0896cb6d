"""What the side thread asks of Python: the console, the vectors, and verdicts as JSON."""

from __future__ import annotations

import json

import pytest

import ecpure
from ecpure import vectors
from page import build, desk


def test_a_verdict_as_the_side_thread_asks_for_it() -> None:
    """Names, buffers and answers in; JSON out."""
    said = json.loads(desk.judge(["a.txt"], [memoryview(b"hello")], {}))
    assert [one["why"] for one in said["verdicts"]] == ["not-recognised"]
    assert json.loads(desk.about())["ecpure"] == ecpure.__version__


def test_the_console_runs_the_quick_start() -> None:
    """Line by line, with what each gives; names stay."""
    console = desk.Console()
    printed = console.run(str(build.settings()["lines"]))
    assert printed.splitlines()[0] == ">>> from ecpure import PrivateKey"
    assert printed.splitlines()[-3::2] == ["True", "False"]
    assert console.run("key") == ">>> key\n<PrivateKey on secp224k1, redacted>\n"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("for n in (1, 2):\n    n\n3", ">>> for n in (1, 2):\n...     n\n1\n2\n>>> 3\n3\n"),
        ("1 +", "  File"),
        ("1/0\n2", ">>> 1/0\nZeroDivisionError: division by zero\n"),
        ("raise SystemExit", ">>> raise SystemExit\nSystemExit\n"),
        ("", ""),
    ],
)
def test_the_console(text: str, printed: str) -> None:
    """Statements over several lines, and exceptions, whose last line is shown."""
    assert desk.Console().run(text).startswith(printed)


def test_the_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """All cases are run and counted; one that does not agree is named."""
    (path, *_) = vectors.shipped()
    monkeypatch.setattr(vectors, "shipped", lambda: [path])
    told: list[tuple[int, int]] = []
    done = json.loads(desk.run_vectors(lambda *count: told.append(count)))
    assert told[-1] == (done["cases"], done["cases"])
    assert done["wrong"] == []
    monkeypatch.setattr("ecpure.vectors.operations.answer", lambda _: {"result": "unsupported"})
    done = json.loads(desk.run_vectors(lambda *_: None))
    assert len(done["wrong"]) == done["cases"]
    assert done["wrong"][0].endswith(": unsupported")
