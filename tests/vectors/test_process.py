"""A program under test in a process of its own: its answers, its end, its silence, and what it writes besides."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest
from smallvectors import ECHO, PYTHON, verdicts, written

from ecpure import vectors
from ecpure.io.ending import children
from ecpure.vectors import Outcome, process
from ecpure.vectors.process import Command, ProgramEnded, _Child


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path)


def python(code: str) -> Command:
    return Command([*PYTHON, "-c", code], timeout=20)


def shell(code: str, *, timeout: float = 20) -> Command:
    return Command(["sh", "-c", code], timeout=timeout)


def outcomes(path: Path, program: Command) -> list[Outcome]:
    with program:
        return list(vectors.run(vectors.read(str(path)).cases, program))


def test_a_child_process_is_asked_line_by_line(path: Path) -> None:
    """A program that answers each line is judged by its answers."""
    with python(ECHO % "valid") as program:
        assert verdicts(path, program) == ["agreed", "wrong", "agreed"]
        assert verdicts(path, program) == ["agreed", "wrong", "agreed"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("echo early >&2; echo >&2; echo gone >&2; exit 1", "it ended with status 1: gone"),
        ("kill -9 $$", "it was ended by signal 9"),
        ("exit 0", "it ended with status 0"),
    ],
)
def test_a_crash_is_told_with_its_last_words(path: Path, code: str, words: str) -> None:
    """A program that ends in place of an answer has crashed: its status or signal, and its last line, are reported."""
    for outcome in outcomes(path, shell(code)):
        assert (outcome.verdict, outcome.detail) == ("crashed", f"ProgramEnded: {words}")


@pytest.mark.parametrize("pause", ["", "sleep 0.1"])
def test_a_program_that_ends_after_its_answer_is_told_to_read_on(path: Path, pause: str) -> None:
    """Whether it is still there when the next request is written or not; a crash with a status is a crash."""
    answer = r"""read -r line; echo "${line%?}, \"result\": \"valid\"}"; """
    for status, words in (
        (0, "it has to read until its input ends: after an answer, it ended with status 0: bye"),
        (3, "it ended with status 3: bye"),
    ):
        first, second, third = outcomes(path, shell(f"{answer}{pause}\necho bye >&2; exit {status}"))
        assert (first.verdict, third.verdict) == ("agreed", "agreed")
        assert (second.verdict, second.detail) == ("crashed", f"ProgramEnded: {words}")


def test_an_answer_without_a_line_end_is_told(path: Path) -> None:
    """The program has ended, perhaps in the middle of it."""
    words = "its last line has no line end, '{\"id\": 1}': it ended with status 0"
    for outcome in outcomes(path, shell("""read -r line; printf '{"id": 1}'""")):
        assert (outcome.verdict, outcome.detail) == ("crashed", f"ProgramEnded: {words}")


def test_a_program_that_closes_its_output_is_ended(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has crashed, too: nobody waits for it longer than a moment."""
    monkeypatch.setattr(process, "_GRACE", 0.05)
    for outcome in outcomes(path, shell("exec >&-; sleep 60")):
        assert (outcome.verdict, outcome.detail) == ("crashed", "ProgramEnded: it closed its output")


def test_a_program_that_stops_reading_is_told_with_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    """That it could not take a whole request does not hide how it ended a moment later."""
    monkeypatch.setattr(process, "_GRACE", 20)
    with shell("exec <&-; sleep 0.05; echo full >&2; exit 3") as program, pytest.raises(ProgramEnded) as ended:
        program({"id": "1", "message": "00" * 1_000_000})
    assert str(ended.value) == "it ended with status 3: full"


def test_after_a_crash_the_program_is_started_again(path: Path) -> None:
    """One case that crashes the program spoils no other."""
    code = "import sys, json\nfor line in sys.stdin:\n r = json.loads(line)\n if not r['message']: sys.exit(3)\n"
    code += " print(json.dumps({'id': r['id'], 'result': 'valid'}), flush=True)"
    assert [outcome.verdict for outcome in outcomes(path, python(code))] == ["agreed", "crashed", "agreed"]


def test_silence_is_a_time_out(path: Path) -> None:
    """A program that does not answer, or does not even read, has timed out, and what it started is ended with it."""
    for code in ("exec sleep 60", "sleep 60; true"):
        assert [outcome.verdict for outcome in outcomes(path, shell(code, timeout=0.1))] == ["timed out"] * 3
    large = vectors.Case("f", 1, ("x",), "", {"message": "00" * 1_000_000}, ({"result": "valid"},))
    with shell("sleep 60", timeout=0.1) as program:
        (outcome,) = vectors.run([large], program)
    assert (outcome.verdict, outcome.detail) == ("timed out", "no answer within 0.1 s")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("echo hello; sleep 60", "a line that is not JSON (with distinct names, without NaN): 'hello'"),
        ("echo; sleep 60", "an empty line"),
        ("echo 5; sleep 60", "a line of JSON that is not an object: '5'"),
        ("read -r line; exec tr '\\0' x </dev/zero", f"a line of 1048576 bytes or more: '{'x' * 60}…'"),
        ("echo '{}'; sleep 60", "a line without an id: '{}'"),
        (
            """while read -r line; do echo '{"id": 5, "result": "valid"}'; done""",
            """a line with another id: '{"id": 5, "result": "valid"}'""",
        ),
        (
            r"""printf '\033[2J\302\233\377\303\244 %0100d\n' 0; sleep 60""",
            rf"a line that is not JSON (with distinct names, without NaN): '\x1b[2J\x9b\xffä {'0' * 43}…'",
        ),
        (
            """while read -r line; do echo "${line%?}, \\"x\\": NaN}"; done""",
            """a line that is not JSON (with distinct names, without NaN): '{"id": "small_test.json#""",
        ),
        (
            f"""while read -r line; do echo "${{line%?}}, \\"result\\": {"[" * 100}{"]" * 100}}}"; done""",
            """a line with more than 100 levels of lists and objects: '{"id": "small_test.json#""",
        ),
    ],
    ids=["no JSON", "empty", "no object", "endless", "no id", "another id", "hostile", "NaN", "deep"],
)
def test_nonsense_is_a_wrong_answer_for_a_reason(path: Path, code: str, words: str) -> None:
    """A line that does not answer the request is wrong, not a crash: with the reason and its beginning, escaped."""
    for outcome in outcomes(path, shell(code)):
        assert (outcome.verdict, outcome.answer) == ("wrong", None)
        assert outcome.detail.startswith(words)
        assert len(outcome.detail) < 150


def test_a_second_answer_is_told_where_it_is_found(path: Path) -> None:
    """It is read as an answer to the next request, whose case is not to blame."""
    code = "import sys, json\nfor line in sys.stdin:\n r = json.loads(line)\n"
    code += " print((json.dumps({'id': r['id'], 'result': 'valid'}) + '\\n') * 2, end='', flush=True)"
    first, second, third = outcomes(path, python(code))
    assert (first.verdict, second.verdict, third.verdict) == ("agreed", "wrong", "agreed")
    twice = "a line with another id (it may have answered the request before twice): "
    assert second.detail == twice + """'{"id": "small_test.json#1", "result": "valid"}'"""


def test_an_interrupt_ends_the_program_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may not read the line that is being written to it, which then nothing else would end."""

    turn, turns = _Child.turn, iter([True])

    def interrupted(child: _Child, seconds: float) -> None:
        if next(turns, False):
            raise KeyboardInterrupt
        turn(child, seconds)

    monkeypatch.setattr(_Child, "turn", interrupted)
    program = shell("sleep 60")
    with pytest.raises(KeyboardInterrupt):
        program({"id": "1", "message": "00" * 1_000_000})
    assert program._child is None


def test_a_program_is_among_the_processes_that_end_with_this_one() -> None:
    """With its group; and no longer once it has ended."""
    child = _Child(["sh", "-c", "sleep 600"], dict(os.environ))
    assert child in children
    child.kill()
    assert child._process.wait() == -signal.SIGKILL
    child.kill()  # nothing happens
    assert child.end(0) == "it was ended by signal 9"
    assert child not in children


@pytest.fixture
def orphan(tmp_path: Path) -> Iterator[str]:
    """Code that starts a process in a session of its own, which keeps all pipes of its program; it ends with the test,
    and has to be alive until then.
    """
    pids = tmp_path / "pids"
    words = [*PYTHON, "-c", "import time; time.sleep(600)"]
    code = f"import subprocess, sys, time\nchild = subprocess.Popen({words!r}, start_new_session=True)\n"
    yield code + f"print(child.pid, file=open({str(pids)!r}, 'a'))\n"
    for pid in map(int, pids.read_text().split()):
        os.kill(pid, signal.SIGKILL)


def test_a_process_that_keeps_the_pipes_stops_nobody(path: Path, orphan: str) -> None:
    """Neither a time-out, nor the end of the program, nor its end in peace waits for a process in another session."""
    with Command([*PYTHON, "-c", f"{orphan}time.sleep(600)"], timeout=1) as program:
        assert verdicts(path, program) == ["timed out"] * 3
    for outcome in outcomes(path, python(f"{orphan}sys.exit('gone')")):
        assert (outcome.verdict, outcome.detail) == ("crashed", "ProgramEnded: it ended with status 1: gone")
    assert [outcome.verdict for outcome in outcomes(path, python(orphan + ECHO % "valid"))] == [
        "agreed",
        "wrong",
        "agreed",
    ]


def test_the_last_words_are_those_that_are_not_indented(path: Path) -> None:
    """Java says where an exception came from below what it was; an indented line is told if there is no other."""
    for words, told in (("Oops: x\n\tat a.java:1\n", "Oops: x"), ("  only\n", "only")):
        for outcome in outcomes(path, shell(f"printf '{words}' >&2; exit 1")):
            assert outcome.detail == f"ProgramEnded: it ended with status 1: {told}"


def test_a_stopped_program_answers_no_more() -> None:
    """Who waits for its answer is told in a moment that there is none, and it is ended at once."""
    with shell("sleep 60") as program:
        Timer(0.1, program.stop).start()
        with pytest.raises(vectors.NotRun, match="interrupted"):
            program({"id": "1"})
        assert program._child is None


def test_an_answer_ahead_of_the_request_does_not_count(path: Path) -> None:
    """Before it has read the whole request, a program can't answer it; and if it ends then, it has crashed."""
    large = vectors.Case("f", 1, ("x",), "", {"message": "00" * 1_000_000}, ({"result": "valid"},))
    ahead = """printf '{"id": "f#1", "result": "valid"}\n'; """
    with shell(ahead + "sleep 60", timeout=0.3) as program:
        (outcome,) = vectors.run([large], program)
    assert outcome.verdict == "timed out"
    with shell(ahead + "exit 0") as program:
        (outcome,) = vectors.run([large], program)
        assert outcome.verdict == "agreed"  # it said so, and read no more
        assert verdicts(path, program)[0] == "crashed"


def test_output_without_an_end_is_wrong_also_to_a_request_that_is_not_read() -> None:
    """What is left of the request is written to nobody."""
    large = vectors.Case("f", 1, ("x",), "", {"message": "00" * 1_000_000}, ({"result": "valid"},))
    with shell("exec cat /dev/zero") as program:
        assert [outcome.verdict for outcome in vectors.run([large, large], program)] == ["wrong", "wrong"]


def test_a_program_that_never_answers_is_not_asked_for_ever(path: Path) -> None:
    """After ten requests in a row without an answer the others are reported as not run."""
    case = vectors.read(str(path)).cases[0]
    with shell("exit 1") as program:
        found = Counter(outcome.verdict for outcome in vectors.run([case] * 25, program))
    assert found == Counter({"crashed": process.PATIENCE, "not run": 15})


def test_the_environment_is_ours_and_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program sees our variables, and those that are set for it."""
    monkeypatch.setenv("OURS", "valid")
    code = """read -r line; printf '{"id": "1", "result": "%s", "more": "%s"}\n' "$OURS" "$THEIRS"; read -r line"""
    with Command(["sh", "-c", code], timeout=20, environment={"THEIRS": "x"}) as program:
        assert program({"id": "1"}) == {"id": "1", "result": "valid", "more": "x"}
