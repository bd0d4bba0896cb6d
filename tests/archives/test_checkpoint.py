"""Results that can be resumed: by the same run only, in nobody's way, and with nothing of anybody else's lost."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import sys
from collections import Counter
from pathlib import Path

import archiveruns
import pytest
from archiveruns import interrupt_now, refused

from ecpure.archives.checkpoint import Results, State
from ecpure.cli import main
from ecpure.io.streams import Refused

EXPECTED = archiveruns.expected()
UNREADABLE = "out.state is not the state of a run that can be resumed: delete it"


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


def test_going_on_takes_the_same_run(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other settings, other records, other results: each is refused, and it is said what to do."""
    copy = tmp_path / "records"
    copy.write_bytes(records.read_bytes())
    command = interrupt_now(tmp_path, copy, monkeypatch)
    part, state = tmp_path / "out.part", tmp_path / "out.state"
    kept, said = part.read_bytes(), state.read_bytes()
    assert main([*command, "--hash", "sha256"]) == 2
    assert "the unfinished run had other files or settings" in capsys.readouterr().err
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
        *(content | {"weak_hashes": value} for value in (5, None, "sha1", ["sha224"], [["sha1"]])),
        None,
    ):
        state.write_text("" if wrong is None else json.dumps(wrong))
        assert main(command) == 2
        assert UNREADABLE in capsys.readouterr().err
    state.write_bytes(said)
    for changed in (copy.read_bytes().replace(b'"id": 0', b'"id": 5', 1), b""):
        copy.write_bytes(changed)
        assert main(command) == 2
        said_of = f"{copy}: the records have changed since the unfinished run began: delete {part} and {state} to begin"
        assert said_of in capsys.readouterr().err
    copy.write_bytes(records.read_bytes())
    assert main(command) == 1
    state.write_bytes(said)
    part.write_bytes(b"")
    state.unlink()  # it ended before it wrote its state
    assert main(command) == 1


def test_what_somebody_else_has_beside_the_results_stays(
    tmp_path: Path, records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A .state that is no run's, though there is no .part; a .part without a .state, though --resume is said."""
    command = ["verify-many", str(records), "-o", str(tmp_path / "out"), "--jobs", "1"]
    state, part = tmp_path / "out.state", tmp_path / "out.part"
    for octets in (b"mine", b"{}", b"x" * (1 << 21)):
        state.write_bytes(octets)
        for resume in ([], ["--resume"]):
            refused([*command, *resume], UNREADABLE, capsys)
        assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out.state", octets)]
    state.unlink()
    part.write_bytes(b"mine")
    refused([*command, "--resume"], "out.part is there without ", capsys)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out.part", b"mine")]


@pytest.mark.parametrize("kind", ["pipe", "folder", "dangling link", "link"])
@pytest.mark.parametrize("ending", [".part", ".state"])
def test_what_is_no_regular_file_beside_the_results_is_refused(
    tmp_path: Path, records: Path, ending: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody waits for who writes into a pipe, and no link is followed; what is there stays."""
    command = ["verify-many", str(records), "-o", str(tmp_path / "out"), "--jobs", "1"]
    path = tmp_path / f"out{ending}"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(Path(__file__) if kind == "link" else tmp_path / "nowhere")
    before = path.lstat()[: stat.ST_ATIME]
    for resume in ([], ["--resume"]):
        refused([*command, *resume], f"ecpure: {path}: a regular file was expected there\n", capsys)
    assert path.lstat()[: stat.ST_ATIME] == before
    assert [*tmp_path.iterdir()] == [path]


def test_a_state_that_was_left_by_a_run_at_its_end_is_in_nobodys_way(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that was killed after it had renamed its results does not keep the next one from its own."""
    command = interrupt_now(tmp_path, records, monkeypatch)
    (tmp_path / "out.part").rename(tmp_path / "out")
    assert main(command[:-1]) == 1
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out", EXPECTED)]


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
    tmp_path: Path, records: Path, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that has no locks, and Windows, keep nobody from a result."""

    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    if system == "no locks":
        monkeypatch.setattr(fcntl, "flock", flock)
    else:
        monkeypatch.setitem(sys.modules, "fcntl", None)
    assert main(["verify-many", str(records), "-o", str(tmp_path / "out"), "--jobs", "1"]) == 1
    assert (tmp_path / "out").read_bytes() == EXPECTED


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


def test_a_checkpoint_says_how_far_the_results_are(tmp_path: Path) -> None:
    """Who resumes has the state that was written last, and of the results those that it speaks of."""
    path, run = str(tmp_path / "out"), {"curve": "secp224k1"}
    states = []

    def begin() -> None:
        with Results(path, run, resume=False) as results:
            results.append(b"a\nb\n", "5a", Counter({"valid": 1, "not-json": 1}), {"sha1", "ripemd160"})
            results.append(b"c\n", "a5", Counter({"valid": 1}), {"sha1"})
            results.checkpoint()
            states.append(results.state)
            results.append(b"d\n", "00", Counter({"valid": 1}))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begin()
    with Results(path, run, resume=True) as results:
        assert (
            results.state == states[0] == State(2, 6, "a5", Counter({"valid": 2, "not-json": 1}), ("ripemd160", "sha1"))
        )
        results.append(b"d\n", "00", Counter({"valid": 1}))
        results.finish()
    assert (tmp_path / "out").read_bytes() == b"a\nb\nc\nd\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_results_on_a_terminal_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output may be one, or a device that is named; a file is none, nor is what is closed."""
    path = str(tmp_path / "out")
    with Results("-", {}, resume=False) as results:
        assert not results.on_terminal()
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        assert results.on_terminal()
        monkeypatch.setattr(sys, "stdout", None)
        assert not results.on_terminal()
    with Results(path, {}, resume=False) as results:
        assert not results.on_terminal()
    keyboard, terminal = os.openpty()
    try:
        with Results(os.ttyname(terminal), {}, resume=False) as results:
            assert results.on_terminal()
    finally:
        os.close(keyboard)
        os.close(terminal)


def test_a_stream_cannot_be_resumed(tmp_path: Path) -> None:
    """Neither standard output nor a pipe or device, where nothing is begun beside it."""
    for path in ("-", os.devnull):
        with pytest.raises(Refused, match=r"^--resume: use it only with -o and the name of a file$"):
            Results(path, {}, resume=True)
        with Results(path, {}, resume=False) as results:
            assert not results.can_resume
            assert not results.is_begun()
            results.finish()
    assert not list(tmp_path.iterdir())
    assert not os.path.isfile(os.devnull)
