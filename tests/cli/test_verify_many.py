"""`ecpure verify-many`: results in order, on one core and on all, and nothing lost however a run comes to its end."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import archiveruns
import pytest
from archiveruns import COUNT, interrupting
from archives import archive, login
from childpython import UNTRACED
from recordsamples import KEY, MESSAGE, RECORD
from starving import disk_of

from ecpure import auth
from ecpure.archives import verify
from ecpure.archives.blocks import Block
from ecpure.archives.checkpoint import Results
from ecpure.archives.records import Settings
from ecpure.archives.report import Sources
from ecpure.archives.verify import Answer, Verifier
from ecpure.cli import main
from ecpure.io.ending import children
from ecpure.io.progress import Progress

ECPURE = [sys.executable, "-m", "ecpure"]
EXPECTED = archiveruns.expected()


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive."""
    path = tmp_path_factory.mktemp("archive") / "records.jsonl"
    path.write_bytes(archiveruns.octets())
    return path


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a few records, and a state written after each."""
    archiveruns.in_small_blocks(monkeypatch)


@pytest.mark.parametrize("output", ["-", "results"])
@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals of its own here")
def test_results_and_bar_share_no_line(records: Path, tmp_path: Path, output: str) -> None:
    """On a terminal that gets both, there are the results and the summary only; with results in a file, a bar."""
    terminal, own = os.openpty()
    environment = UNTRACED | {"TERM": "xterm", "COLUMNS": "200"}
    line = [*ECPURE, "verify-many", str(records), "--jobs", "1", "-o", output]
    with subprocess.Popen(line, cwd=tmp_path, env=environment, stdout=own, stderr=own) as child:
        os.close(own)
        shown = b""
        with contextlib.suppress(OSError):  # Linux reports an error at the end of a terminal
            while octets := os.read(terminal, 1 << 16):
                shown += octets
        os.close(terminal)
    assert child.returncode == 1
    assert (b"\x1b" in shown) == (output != "-")
    results = b"".join(shown.replace(b"\r\n", b"\n").splitlines(keepends=True)[:COUNT])
    assert (results if output == "-" else (tmp_path / output).read_bytes()) == EXPECTED


@pytest.mark.parametrize("command", ["verify-many", "audit"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_weak_hash_is_warned_of_once(
    tmp_path: Path, command: str, jobs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever process met it, and however many records have it; the results say nothing of it."""
    record = RECORD | {"hash": "SHA-1", "signature": KEY.sign_digest(hashlib.sha1(MESSAGE).digest()).to_der().hex()}
    path = tmp_path / "records.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in [RECORD, *[record | {"id": n} for n in range(40)]]))
    main([command, str(path), "--jobs", jobs])
    out, said = capsys.readouterr()
    assert said.count("ecpure: warning: sha1 is for old signatures only: ") == 1
    assert "sha1" not in out
    path.write_text(json.dumps(RECORD) + "\n")
    assert main([command, str(path), "--jobs", jobs]) == 0
    assert "warning" not in capsys.readouterr().err


def test_a_run_that_is_resumed_warns_of_what_was_verified_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The weak hash is in its first block only, which was done when it was stopped."""
    pair = KEY.sign_digest(hashlib.sha1(MESSAGE).digest())
    old = RECORD | {"hash": "SHA-1", "signature": pair.to_der().hex()}
    path = tmp_path / "records.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in [old, *[RECORD | {"id": n} for n in range(60)]]))
    command = archiveruns.interrupt_now(tmp_path, path, monkeypatch)
    assert "sha1" in (tmp_path / "out.state").read_text()
    capsys.readouterr()
    assert main(command) == 0
    assert capsys.readouterr().err.count("ecpure: warning: sha1 is for old signatures only: ") == 1


@pytest.mark.parametrize("jobs", ["1", "2", None])
def test_results_come_in_order(
    tmp_path: Path, records: Path, jobs: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """On one process or more, to a file; with a summary in words and as JSON."""
    out, summary = tmp_path / "results", tmp_path / "summary"
    command = ["verify-many", str(records), "-o", str(out), "--summary", str(summary)]
    assert main(command + (["--jobs", jobs] if jobs else [])) == 1
    assert out.read_bytes() == EXPECTED
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results", "summary"]
    said = capsys.readouterr().err
    assert "ecpure: 300 records: 270 valid, 30 invalid, 0 unreadable\n" in said
    assert "  30 invalid, does-not-hold: the signature does not match this message and key\n" in said
    content = json.loads(summary.read_bytes())
    assert list(content.pop("run")) == list(Sources([], None).facts(None, Settings({})))
    assert content == {
        "records": 300,
        "valid": 270,
        "invalid": 30,
        "unknown-key": 0,
        "unreadable": 0,
        "reasons": {"does-not-hold": 30},
    }


def test_all_valid_is_0_and_standard_streams_do(tmp_path: Path) -> None:
    """Records come from standard input, and results go to standard output."""
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "1.pem").write_text(auth.derive_private_key(1, "opensesame").public_key.to_pem(), encoding="ascii")
    octets = "".join(json.dumps(login(number)) + "\n" for number in range(3)).encode("ascii")
    command = [*ECPURE, "verify-many", "-", "--keys", str(keys), "--jobs", "1"]
    done = subprocess.run(command, input=octets, capture_output=True, check=False)
    assert done.returncode == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"line": number + 1, "id": f"login {number}", "verdict": "valid", "key": "1"} for number in range(3)
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
def test_a_pipe_with_a_name_is_read(
    tmp_path: Path, records: Path, jobs: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """As the shell's <(…) gives one: what is in it is not known before, and it has no position."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", 'exec cat "$0" >"$1"', str(records), str(pipe)]) as feeder:
        assert main(["verify-many", str(pipe), "--jobs", jobs]) == 1
        assert feeder.wait(timeout=60) == 0
    assert capsysbinary.readouterr().out == EXPECTED


def test_a_device_is_written_into(records: Path) -> None:
    """It is not replaced."""
    assert main(["verify-many", str(records), "-o", os.devnull, "--jobs", "1"]) == 1
    assert not os.path.isfile(os.devnull)


def test_what_cannot_be_run(tmp_path: Path, records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said in one sentence, and the exit status is 2."""
    out = str(tmp_path / "out")
    for words, arguments in {
        "for only one file": ["-", "-"],
        "No such file": [str(tmp_path / "none")],
        "hash: one of": [str(records), "--hash", "md5"],
        "-o and the name of a file": [str(records), "--resume"],
        "invalid choice": [str(records), "--format", "raw"],
    }.items():
        assert main(["verify-many", *arguments]) == 2
        assert words in capsys.readouterr().err
    assert main(["verify-many", str(tmp_path / "none"), "-o", out]) == 2
    assert main(["verify-many", str(tmp_path), "-o", out, "--jobs", "1"]) == 2
    assert capsys.readouterr().err.endswith(f"ecpure: {tmp_path}: Is a directory: name a file, not a folder\n")
    assert not list(tmp_path.iterdir())  # there is nothing to resume


@pytest.mark.parametrize("after", [1, 7])
def test_going_on_after_an_interrupt(
    tmp_path: Path, records: Path, after: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was done is kept, and the results become the same as those of a run in one piece."""
    out = tmp_path / "out"
    command = ["verify-many", str(records), "-o", str(out), "--jobs", "1"]
    answer = Verifier.__call__
    left = [after]

    def interrupted(verifier: Verifier, block: Block) -> Answer:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGTERM)
        left[0] -= 1
        return answer(verifier, block)

    with monkeypatch.context() as patch:
        patch.setattr(Verifier, "__call__", interrupted)
        assert main(command) == 2
    part = tmp_path / "out.part"
    said = capsys.readouterr().err
    assert "ecpure: interrupted: the .part file has the results of " in said
    assert " records; continue with --resume\n" in said
    assert EXPECTED.startswith(part.read_bytes())
    assert part.read_bytes()[-1:] in (b"", b"\n")
    assert not out.exists()
    assert main(command) == 2  # not by accident
    assert "is left over from an unfinished run: continue with --resume" in capsys.readouterr().err
    state = (tmp_path / "out.state").rename(tmp_path / "elsewhere")
    assert main(command) == 2
    assert f"{out}.part is there without {out}.state, so it cannot be resumed: delete it" in capsys.readouterr().err
    state.rename(tmp_path / "out.state")
    with part.open("ab") as file:
        file.write(b"what came after the state was written")
    assert main([*command, "--resume"]) == 1
    assert out.read_bytes() == EXPECTED
    said = capsys.readouterr().err
    assert "270 valid, 30 invalid" in said
    begun = f"ecpure: {out}: there is no interrupted run to resume: starting from the beginning\n"
    assert begun not in said
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert main([*command, "--resume"]) == 1
    assert out.read_bytes() == EXPECTED
    assert capsys.readouterr().err.startswith(begun)
    assert main(command) == 1
    assert begun not in capsys.readouterr().err


def test_an_interrupt_when_the_results_have_their_name(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run is whole: there is nothing to resume, and nothing is left beside it."""
    replace = os.replace

    def interrupted(source: str, target: str) -> None:
        replace(source, target)
        if target == str(tmp_path / "out"):
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    assert main(["verify-many", str(records), "-o", str(tmp_path / "out"), "--jobs", "1"]) == 2
    assert capsys.readouterr().err == "ecpure: interrupted: the results of 300 records were written\n"
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out", EXPECTED)]


def test_an_interrupt_before_the_first_result(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nothing to resume, and nothing is left."""
    monkeypatch.setattr(Verifier, "__call__", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    assert main(["verify-many", str(records), "-o", str(tmp_path / "out"), "--jobs", "1"]) == 2
    assert capsys.readouterr().err == "ecpure: interrupted\n"
    assert not list(tmp_path.iterdir())


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
        assert main(["verify-many", path, "-o", "out", "--jobs", "1", *resume]) == 2
        assert words in capsys.readouterr().err
        assert sorted(os.listdir()) == ["none", "none.zst"]


def test_a_full_disk(tmp_path: Path, records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said, and --resume continues when there is room."""
    out = tmp_path / "out"
    command = ["verify-many", str(records), "-o", str(out), "--jobs", "1"]
    with disk_of(6000):
        assert main(command) == 2
    said = capsys.readouterr().err
    assert "ecpure: File too large: " in said
    assert "continue with --resume" in said
    assert main([*command, "--resume"]) == 1
    assert out.read_bytes() == EXPECTED
    capsys.readouterr()
    assert main([*command, "-o", "/dev/full"]) == 2
    assert capsys.readouterr().err == "ecpure: No space left on device: make room on it\n"


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    """Where nobody reads standard output any more, one sentence says so."""
    (tmp_path / "records").write_bytes(archive(1))
    with subprocess.Popen(
        [*ECPURE, "verify-many", str(tmp_path / "records")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read().endswith(b"ecpure: standard output: Broken pipe\n")
    assert child.returncode == 2


def test_a_worker_that_dies(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said, with what is left to do."""
    command = ["verify-many", str(records), "-o", str(tmp_path / "out")]
    append = Results.append

    def append_and_kill(*arguments: Any) -> None:
        append(*arguments)
        for child in children:  # of this command, and nobody else
            child.kill()

    with monkeypatch.context() as patch:
        patch.setattr(Results, "append", append_and_kill)
        assert main([*command, "--jobs", "2"]) == 2
    said = capsys.readouterr().err
    assert "ecpure: a worker process died: if memory is short, use --jobs 1: the .part file has the results of" in said
    assert not children
    assert main([*command, "--jobs", "1", "--resume"]) == 1
    assert (tmp_path / "out").read_bytes() == EXPECTED


def test_memory_that_runs_out(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said, and what was done is kept."""
    command = ["verify-many", str(records), "-o", str(tmp_path / "out"), "--jobs", "1"]
    answer, left = Verifier.__call__, [2]

    def short(verifier: Verifier, block: Block) -> Answer:
        if not left[0]:
            raise MemoryError
        left[0] -= 1
        return answer(verifier, block)

    with monkeypatch.context() as patch:
        patch.setattr(Verifier, "__call__", short)
        assert main(command) == 2
    assert "ecpure: out of memory: use --jobs 1: the .part file has the results of" in capsys.readouterr().err
    assert main([*command, "--resume"]) == 1
    assert (tmp_path / "out").read_bytes() == EXPECTED


PROGRAM = f"""
import sys
if __name__ == "__main__":
    print("Python has begun", flush=True)
from ecpure.archives import blocks, checkpoint, workers
from ecpure.cli import main
blocks.BLOCK = workers.BLOCK = {archiveruns.BLOCK * 4}
checkpoint._CHECKPOINT_EVERY = 0.0
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(("kills", "copies"), [(4, 3), pytest.param(20, 10, marks=pytest.mark.long)])
def test_killed_at_any_moment(tmp_path: Path, records: Path, kills: int, copies: int) -> None:
    """So many times, by each signal, on one process or two: the run that resumes has the same results in the end."""
    rng = random.Random(20)
    out, part, program, many = (tmp_path / name for name in ("out", "out.part", "program.py", "many.jsonl"))
    program.write_text(PROGRAM, encoding="ascii")
    many.write_bytes(records.read_bytes() * copies)
    expected = archiveruns.expected(COUNT * copies)
    begin = [sys.executable, str(program), "verify-many", str(many), "-o", str(out)]
    killed = 0
    for kill in range(kills):
        kinds = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]
        command = [*begin, "--resume", "--jobs", str(1 + kill % 2)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, env=UNTRACED
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()  # a Python that is interrupted before ends with 1, too
            while kill == 0 and child.poll() is None and not part.exists():
                time.sleep(0.01)  # the first is killed when it has begun, the others at any moment
            time.sleep(rng.uniform(0.1, 0.7) if kill else 0)
            os.killpg(child.pid, kinds[kill % 3]) if kill % 4 == 3 else child.send_signal(kinds[kill % 3])
        killed += child.returncode != 1
        if out.exists():  # it was killed after all was written, or not at all
            assert out.read_bytes() == expected
            out.unlink()
        else:
            assert child.returncode != 1
    assert killed
    assert subprocess.run([*begin, "--resume"], stderr=subprocess.DEVNULL, check=False).returncode == 1
    assert out.read_bytes() == expected


def test_an_interrupt_while_results_go_to_a_stream(
    records: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """They are whole lines, and how many is said; there is nothing to resume."""
    monkeypatch.setattr(Progress, "advance", interrupting(Progress.advance))
    assert main(["verify-many", str(records), "--jobs", "1"]) == 2
    written, said = capsysbinary.readouterr()
    assert EXPECTED.startswith(written)
    count = written.count(b"\n")
    assert count > 9
    assert said == b"ecpure: interrupted: the results of %d records were written\n" % count


def test_what_a_run_was_told_is_what_is_verified(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The options that describe records reach the settings, by which the run is described too."""
    met: list[Any] = []
    monkeypatch.setattr(verify, "verify", lambda *arguments: met.extend(arguments))
    command = "verify-many a b --read-as csv --curve secp256k1 --hash SHA-512 --format p1363 --encoding base64"
    assert (
        main(
            [
                *command.split(),
                "--profile",
                "rpcn",
                "--ignore",
                "y",
                "--ignore",
                "x",
                "--jobs",
                "3",
                "--trust-record-keys",
            ]
        )
        == 2
    )
    assert capsys.readouterr().err == "ecpure: a, b: no records to verify: give a file that has some\n"
    paths, form, settings, results, jobs = met
    assert (paths, form, jobs) == (["a", "b"], "csv", 3)
    described = verify.described(paths, form, settings)
    assert results._run == described
    assert described["trust_record_keys"] is True
    assert [described[name] for name in ("curve", "hash", "format", "encoding", "profile", "ignored")] == [
        *("secp256k1", "sha512", "p1363", "base64", "rpcn"),
        ["x", "y"],
    ]
