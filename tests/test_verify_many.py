"""`ecpure verify-many`: results in order, on one core and on all, and nothing lost however a run comes to its end."""

from __future__ import annotations

import errno
import fcntl
import json
import multiprocessing
import os
import random
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

import pytest
from archives import archive, login

from ecpure import archive as archives
from ecpure import auth, bulk, inputs, results, workers
from ecpure.cli import main
from ecpure.streams import Progress

COUNT = 3000
ECPURE = [sys.executable, "-m", "ecpure"]
UNTRACED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
"""For processes that are killed: they would leave half a record of their coverage."""


def run(command: list[str], octets: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, input=octets, capture_output=True, check=False)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of three blocks."""
    path = tmp_path_factory.mktemp("archive") / "records.jsonl"
    path.write_bytes(archive(COUNT))
    assert path.stat().st_size > 1.2 * inputs.BLOCK
    return path


@pytest.fixture(scope="module")
def expected() -> bytes:
    """What is to be said of these records."""
    lines = []
    for number in range(COUNT):
        verdict = '"invalid", "reason": "does-not-hold"' if number % 10 == 9 else '"valid"'
        lines.append(f'{{"line": {number + 1}, "id": {number}, "verdict": {verdict}}}\n')
    return "".join(lines).encode("ascii")


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a few records, and a state written after each."""
    monkeypatch.setattr(inputs, "BLOCK", 1 << 14)
    monkeypatch.setattr(results, "_CHECKPOINT_EVERY", 0.0)


@pytest.mark.parametrize("jobs", ["1", "2", None])
def test_results_come_in_order(
    tmp_path: Path, records: Path, expected: bytes, jobs: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """On one process or more, to a file; with a summary in words and as JSON."""
    out, summary = tmp_path / "results", tmp_path / "summary"
    command = ["verify-many", str(records), "-o", str(out), "--summary", str(summary)]
    assert main(command + (["--jobs", jobs] if jobs else [])) == 1
    assert out.read_bytes() == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results", "summary"]
    said = capsys.readouterr().err
    assert "ecpure: 3,000 records: 2,700 valid, 300 invalid, 0 unreadable\n" in said
    assert "  300 invalid, does-not-hold: the signature is not one of this message under this key\n" in said
    assert json.loads(summary.read_bytes()) == {
        "records": 3000,
        "valid": 2700,
        "invalid": 300,
        "unreadable": 0,
        "reasons": {"does-not-hold": 300},
    }


def test_all_valid_is_0_and_standard_streams_do(tmp_path: Path) -> None:
    """Records from standard input, results to standard output."""
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "1.pem").write_text(auth.derive_private_key(1, "opensesame").public_key.to_pem(), encoding="ascii")
    octets = "".join(json.dumps(login(number)) + "\n" for number in range(3)).encode("ascii")
    done = run([*ECPURE, "verify-many", "-", "--keys", str(keys)], octets)
    assert done.returncode == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"line": number + 1, "id": f"login {number}", "verdict": "valid"} for number in range(3)
    ]
    assert done.stderr == b"ecpure: 3 records: 3 valid, 0 invalid, 0 unreadable\n"


def test_results_of_several_files_name_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lines are counted in each."""
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(archive(2))
    assert main(["verify-many", str(tmp_path / "a"), str(tmp_path / "b")]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = [str(tmp_path / name) for name in ("a", "a", "b", "b")]
    assert [result["file"] for result in found] == names
    assert [result["line"] for result in found] == [1, 2, 1, 2]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_pipe_with_a_name_is_read(tmp_path: Path, records: Path, expected: bytes, jobs: str) -> None:
    """As the shell's <(…) gives one: what is in it is not known before, and it has no position."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    feeder = subprocess.Popen(["sh", "-c", 'cat "$0" >"$1"', str(records), str(pipe)])
    done = run([*ECPURE, "verify-many", str(pipe), "--jobs", jobs])
    assert feeder.wait(timeout=60) == 0
    assert (done.returncode, done.stdout) == (1, expected)


def test_a_device_is_written_into(records: Path) -> None:
    """It is not replaced."""
    assert main(["verify-many", str(records), "-o", os.devnull, "--jobs", "1"]) == 1
    assert not os.path.isfile(os.devnull)


def test_what_cannot_be_run(tmp_path: Path, records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, and exit status 2."""
    out = str(tmp_path / "out")
    for words, arguments in {
        "only one of the files": ["-", "-"],
        "No such file": [str(tmp_path / "none")],
        "hash: one of": [str(records), "--hash", "md5"],
        "-o with the name of a file": [str(records), "--resume"],
        "invalid choice": [str(records), "--format", "raw"],
    }.items():
        assert main(["verify-many", *arguments]) == 2
        assert words in capsys.readouterr().err
    assert main(["verify-many", str(tmp_path / "none"), "-o", out]) == 2
    assert main(["verify-many", str(tmp_path), "-o", out, "--jobs", "1"]) == 2
    assert capsys.readouterr().err.endswith(f"ecpure: {tmp_path}: Is a directory\n")
    assert not list(tmp_path.iterdir())  # there is nothing to go on from


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("after", [1, 7])
def test_going_on_after_an_interrupt(
    tmp_path: Path,
    records: Path,
    expected: bytes,
    after: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was done is kept, and the results become the same as those of a run in one piece."""
    out = tmp_path / "out"
    command = ["verify-many", str(records), "-o", str(out), "--jobs", "1"]
    answer = archives.Verifier.__call__
    left = [after]

    def interrupted(verifier: archives.Verifier, block: inputs.Block) -> archives.Answer:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGTERM)
        left[0] -= 1
        return answer(verifier, block)

    monkeypatch.setattr(archives.Verifier, "__call__", interrupted)
    assert main(command) == 2
    monkeypatch.undo()
    monkeypatch.setattr(inputs, "BLOCK", 1 << 14)
    part = tmp_path / "out.part"
    said = capsys.readouterr().err
    assert "ecpure: interrupted: " in said
    assert "records have their results in the .part file: --resume goes on\n" in said
    assert expected.startswith(part.read_bytes())
    assert part.read_bytes()[-1:] in (b"", b"\n")
    assert not out.exists()
    assert main(command) == 2  # not by accident
    assert "of a run that did not end: go on with --resume" in capsys.readouterr().err
    with part.open("ab") as file:
        file.write(b"what came after the state was written")
    assert main([*command, "--resume"]) == 1
    assert out.read_bytes() == expected
    assert "2,700 valid, 300 invalid" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert main([*command, "--resume"]) == 1  # with nothing to go on from, it begins
    assert out.read_bytes() == expected


def interrupting(advance: Callable[[Progress, int, str | None], None]) -> Callable[..., None]:
    """Return an `advance` that is interrupted when the first block is done."""

    def advance_once(progress: Progress, count: int = 1, note: str | None = None) -> None:
        advance(progress, count, note)
        if note:
            raise KeyboardInterrupt

    return advance_once


def interrupt_now(tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stop a run after its first block, and return its command."""
    command = ["verify-many", str(records), "-o", str(tmp_path / "out"), "--jobs", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(Progress, "advance", interrupting(Progress.advance))
        assert main(command) == 2
    return [*command, "--resume"]


@pytest.mark.usefixtures("small_blocks")
def test_going_on_takes_the_same_run(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other settings, other records, other results: each is refused, and says what to do."""
    copy = tmp_path / "records"
    copy.write_bytes(records.read_bytes())
    command = interrupt_now(tmp_path, copy, monkeypatch)
    part, state = tmp_path / "out.part", tmp_path / "out.state"
    kept, said = part.read_bytes(), state.read_bytes()
    assert main([*command, "--hash", "sha256"]) == 2
    assert "other files or settings" in capsys.readouterr().err
    part.write_bytes(kept[:-1])
    assert main(command) == 2
    assert part.read_bytes() == kept[:-1]
    assert "its results are damaged" in capsys.readouterr().err
    part.write_bytes(kept)
    content = json.loads(said)
    for wrong in (
        *({}, {"run": 1, "x": 2}, content | {"y": 1}, {**content, "verdicts": 5}, content | {"verdicts": {"well": 1}}),
        *(content | {name: value} for name in ("blocks", "octets") for value in ("x", 1.5, True, -1, None)),
        *(content | {"verdicts": {"valid": value}} for value in ("x", 1.5, -1, None)),
        *(content | {"fingerprint": value} for value in (5, None)),
        None,
    ):
        state.write_text("" if wrong is None else json.dumps(wrong))
        assert main(command) == 2
        assert "out.state is there, and no state of a run" in capsys.readouterr().err
    state.write_bytes(said)
    for changed in (copy.read_bytes().replace(b'"id": 0', b'"id": 5', 1), b""):
        copy.write_bytes(changed)
        assert main(command) == 2
        assert "the records are not those that the run began with" in capsys.readouterr().err
    copy.write_bytes(records.read_bytes())
    assert main(command) == 1
    state.write_bytes(said)
    part.write_bytes(b"")
    state.unlink()  # it ended before it wrote its state
    assert main(command) == 1


def refused(command: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 2
    assert words in capsys.readouterr().err


def test_what_somebody_else_has_beside_the_results_stays(
    tmp_path: Path, records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A .state that is none of a run, though there is no .part; a .part without a .state, though --resume is said."""
    command = ["verify-many", str(records), "-o", str(tmp_path / "out"), "--jobs", "1"]
    state, part = tmp_path / "out.state", tmp_path / "out.part"
    for octets in (b"mine", b"{}", b"x" * (1 << 21)):
        state.write_bytes(octets)
        for resume in ([], ["--resume"]):
            refused([*command, *resume], "out.state is there, and no state of a run", capsys)
        assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out.state", octets)]
    state.unlink()
    part.write_bytes(b"mine")
    refused([*command, "--resume"], "out.part is there without ", capsys)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out.part", b"mine")]


@pytest.mark.usefixtures("small_blocks")
def test_a_state_that_was_left_by_a_run_at_its_end_is_in_nobodys_way(
    tmp_path: Path, records: Path, expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was killed after it had renamed its results."""
    command = interrupt_now(tmp_path, records, monkeypatch)
    (tmp_path / "out.part").rename(tmp_path / "out")
    assert main(command[:-1]) == 1
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out", expected)]


def test_two_runs_do_not_write_one_file(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second is refused while the first has .part open, and also where it is just given its name."""
    command = interrupt_now(tmp_path, records, monkeypatch)
    out, part = tmp_path / "out", tmp_path / "out.part"
    octets = part.read_bytes()
    with part.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        refused(command, "out.part: another run is writing it", capsys)
    monkeypatch.setattr(fcntl, "flock", lambda *_: part.rename(out))
    refused(command, "out.part: another run is writing it", capsys)
    assert out.read_bytes() == octets


@pytest.mark.parametrize("system", ["no locks", "no fcntl"])
def test_where_there_are_no_locks_a_run_does_without(
    tmp_path: Path, records: Path, expected: bytes, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a file system that has none, and on Windows."""

    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    if system == "no locks":
        monkeypatch.setattr(fcntl, "flock", flock)
    else:
        monkeypatch.setitem(sys.modules, "fcntl", None)
    assert main(["verify-many", str(records), "-o", str(tmp_path / "out"), "--jobs", "1"]) == 1
    assert (tmp_path / "out").read_bytes() == expected


def test_an_interrupt_when_the_results_have_their_name(
    tmp_path: Path, records: Path, expected: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run is whole: there is nothing to go on with, and nothing is left beside it."""
    replace = os.replace

    def interrupted(source: str, target: str) -> None:
        replace(source, target)
        if target == str(tmp_path / "out"):
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    assert main(["verify-many", str(records), "-o", str(tmp_path / "out"), "--jobs", "1"]) == 2
    assert capsys.readouterr().err == "ecpure: interrupted: the results of 3,000 records were written\n"
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out", expected)]


@pytest.mark.parametrize("reason", ["closed", "zstd", "no record", "blank lines"])
def test_a_run_without_a_result_leaves_nothing_behind(
    tmp_path: Path, reason: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It could not begin, or there was nothing in its files: the next one is not in its way."""
    monkeypatch.chdir(tmp_path)
    Path("none").write_bytes(b"\n \n" if reason == "blank lines" else b"")
    if reason == "closed":
        monkeypatch.setattr(sys, "stdin", None)
    Path("none.zst").touch()
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    path, words = {"closed": ("-", "standard input"), "zstd": ("none.zst", "zst")}.get(reason, ("none", "no record"))
    for resume in ([], ["--resume"]):
        assert main(["verify-many", path, "-o", "out", *resume]) == 2
        assert words in capsys.readouterr().err
        assert sorted(os.listdir()) == ["none", "none.zst"]


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("kept", [0o600, 0o444, 0o664, None])
def test_results_have_the_mode_of_the_file_that_was_there(
    tmp_path: Path, records: Path, kept: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else can read more of them before: .part allows at most as much."""
    out, part = tmp_path / "out", tmp_path / "out.part"
    if kept is not None:
        out.touch()
        out.chmod(kept)
    before = os.umask(0o022)
    try:
        command = interrupt_now(tmp_path, records, monkeypatch)
        allowed = stat.S_IMODE(part.stat().st_mode)
        assert main(command) == 1
    finally:
        os.umask(before)
    expected = 0o644 if kept is None else kept
    assert stat.S_IMODE(out.stat().st_mode) == expected
    assert allowed & 0o077 & ~expected == 0
    assert allowed & 0o600 == 0o600


def test_a_full_disk(tmp_path: Path, records: Path, expected: bytes) -> None:
    """It is said, and --resume goes on when there is room. A limit on the size of files stands for the disk."""
    out = tmp_path / "out"
    command = ["verify-many", str(records), "-o", str(out), "--jobs", "1"]
    program = """
import resource, sys
from ecpure import inputs, results
from ecpure.cli import main
inputs.BLOCK, results._CHECKPOINT_EVERY = 1 << 14, 0.0
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, -1))
sys.exit(main(sys.argv[1:]))
"""
    done = run([sys.executable, "-c", program, *command])
    assert done.returncode == 2
    assert b"ecpure: File too large: " in done.stderr
    assert b"--resume goes on" in done.stderr
    program = program.replace("resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, -1))", "")
    done = run([sys.executable, "-c", program, *command, "--resume"])
    assert done.returncode == 1
    assert out.read_bytes() == expected
    full = run([*ECPURE, *command, "-o", "/dev/full"])
    assert full.returncode == 2
    assert full.stderr == b"ecpure: No space left on device\n"


def test_a_reader_that_goes_away(records: Path) -> None:
    """Of standard output: one sentence."""
    with subprocess.Popen(
        [*ECPURE, "verify-many", str(records), "--jobs", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read().endswith(b"ecpure: standard output: Broken pipe\n")
    assert child.returncode == 2


def test_a_worker_that_dies(
    tmp_path: Path, records: Path, expected: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said, with what is left to do."""
    command = ["verify-many", str(records), "-o", str(tmp_path / "out"), "--jobs", "2"]
    submitted = bulk.submitted

    def with_a_dead_one(*arguments: object) -> Iterator[object]:
        executor = arguments[2]
        assert isinstance(executor, Executor)
        executor.submit(os._exit, 1)
        return submitted(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk, "submitted", with_a_dead_one)
    assert main(command) == 2
    assert "ecpure: a worker process came to its end" in capsys.readouterr().err
    monkeypatch.undo()
    assert main([*command, "--resume"]) == 1
    assert (tmp_path / "out").read_bytes() == expected


def test_killed_at_any_moment(tmp_path: Path, records: Path, expected: bytes) -> None:
    """Twenty times, by each signal, on one process or two: the run that goes on ends with the same results."""
    rng = random.Random(20)
    out = tmp_path / "out"
    program = "import sys; from ecpure import inputs, results; inputs.BLOCK = 1 << 15; results._CHECKPOINT_EVERY = 0.0;"
    program += "from ecpure.cli import main\nif __name__ == '__main__': sys.exit(main(sys.argv[1:]))"
    (tmp_path / "program.py").write_text(program, encoding="ascii")
    begin = [sys.executable, str(tmp_path / "program.py"), "verify-many", str(records), "-o", str(out)]
    kills = 0
    for kill in range(20):
        kinds = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]
        command = [*begin, "--resume", "--jobs", str(1 + kill % 2)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True, env=UNTRACED) as child:
            time.sleep(rng.uniform(0.1, 0.7))
            os.killpg(child.pid, kinds[kill % 3]) if kill % 4 == 3 else child.send_signal(kinds[kill % 3])
        kills += child.returncode != 1
        if out.exists():  # it was killed after all was written, or not at all
            assert out.read_bytes() == expected
            out.unlink()
        else:
            assert child.returncode != 1
    assert kills
    assert run([*begin, "--resume"]).returncode == 1
    assert out.read_bytes() == expected


def test_a_worker_ends_with_its_parent(records: Path, tmp_path: Path) -> None:
    """A parent that is killed leaves no process behind: its workers' standard error is closed soon."""
    command = [*ECPURE, "verify-many", str(records), "-o", str(tmp_path / "out"), "--jobs", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=UNTRACED) as child:
        time.sleep(0.5)
        child.kill()
        assert child.stderr is not None
        child.stderr.read()  # which ends when the last process that could write there has ended
    assert child.returncode in (-signal.SIGKILL, 1)


def test_a_worker_waits_for_its_parents_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """And then ends at once, whatever it is at."""
    ends: list[int] = []
    monkeypatch.setattr(os, "_exit", ends.append)
    parent = multiprocessing.get_context("spawn").Process(target=time.sleep, args=[0.1])
    parent.start()
    workers._end_with(parent)
    assert not parent.is_alive()
    assert ends == [2]


def test_a_worker_begins_with_interrupts_waiting() -> None:
    """Until it is one, and passes them over, Ctrl-C would end it with a traceback; the parent's do not wait."""
    blocked = partial(partial, signal.pthread_sigmask, signal.SIG_BLOCK)  # adds none, and returns those there are
    with workers.answers(blocked, iter([[], [], []]), 2) as answers:
        assert all(signal.SIGINT in found for found in answers)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_a_system_that_cannot_let_them_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """There it is done without."""
    monkeypatch.delattr(signal, "pthread_sigmask")
    with workers.answers(partial(partial, abs), iter([-1]), 2) as answers:
        assert list(answers) == [1]


@pytest.mark.usefixtures("small_blocks")
def test_an_interrupt_while_results_go_to_a_stream(
    records: Path, expected: bytes, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """They are whole lines, and how many is said; there is nothing to go on with."""
    monkeypatch.setattr(Progress, "advance", interrupting(Progress.advance))
    assert main(["verify-many", str(records), "--jobs", "1"]) == 2
    written, said = capsysbinary.readouterr()
    assert expected.startswith(written)
    count = written.count(b"\n")
    assert count > 9
    assert said == b"ecpure: interrupted: the results of %d records were written\n" % count


def test_the_cores_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that the process may use, where the system says so."""
    assert 1 <= workers.cores() <= (os.cpu_count() or 1)
    monkeypatch.delattr(os, "sched_getaffinity")
    assert workers.cores() == (os.cpu_count() or 1)


def test_the_pace_in_words() -> None:
    """Time left only where the whole is known."""
    assert " s left" not in workers.Pace(None, 0, 0).words(5, 1)
    assert " s left" in workers.Pace(10, 0, 0).words(5, 1)
    assert workers.Pace(10, 5, 3).words(5, 3).startswith("3 records, 0/s")
