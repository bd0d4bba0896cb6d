"""Files: written whole or not at all, secrets only for their owner, what may be written over; and passphrases."""

from __future__ import annotations

import errno
import getpass
import hashlib
import io
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from outputs import FAILURES, NEW, OLD, children, fail_at, mode, umask

from ecpure import InvalidEncoding
from ecpure.io import files
from ecpure.io.streams import Refused

needs_full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def path(folder: Path) -> str:
    """A path in a folder that holds nothing else."""
    (folder / "output").mkdir()
    return str(folder / "output" / "file")


@pytest.fixture(params=FAILURES)
def failure(request: pytest.FixtureRequest) -> BaseException:
    return FAILURES[request.param]


def standard_input(monkeypatch: pytest.MonkeyPatch, octets: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))


# Passphrases


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"opensesame", "opensesame"),
        (b"opensesame\n", "opensesame"),
        (b"opensesame\r\n", "opensesame"),
        (b"opensesame\n\n", "opensesame\n"),
        (b"opensesame\r\n\r\n", "opensesame\r\n"),
        (b"open\nsesame\n", "open\nsesame"),
        (b"open\r\nsesame", "open\r\nsesame"),
        (b"\nopensesame\n", "\nopensesame"),
        (b"opensesame\r", "opensesame\r"),
        (b" opensesame\t\n", " opensesame\t"),
        (b"\n", ""),
        (b"", ""),
        ("pässwörd 🔑\n".encode(), "pässwörd 🔑"),
        (b"a\x00b\n", "a\x00b"),
    ],
)
def test_one_line_end_at_the_end_of_a_passphrase_does_not_count(
    folder: Path, monkeypatch: pytest.MonkeyPatch, octets: bytes, text: str
) -> None:
    """A file and standard input give the text as it is, but for one LF or CR LF at its end."""
    (folder / "passphrase").write_bytes(octets)
    assert files.passphrase("file:passphrase") == text
    assert files.passphrase(f"file:{folder / 'passphrase'}") == text
    standard_input(monkeypatch, octets)
    assert files.passphrase("stdin") == text


@pytest.mark.parametrize("text", ["opensesame", "", "opensesame\n", "env:x", " pässwörd 🔑 "])
def test_an_environment_variable_is_the_passphrase_as_it_is(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Nothing is taken off at its end; an empty one is an empty passphrase."""
    monkeypatch.setenv("PASS:PHRASE", text)
    assert files.passphrase("env:PASS:PHRASE") == text


def test_a_file_named_with_a_colon(folder: Path) -> None:
    """Only the first colon of a source divides it."""
    (folder / "a:b").write_bytes(b"x")
    assert files.passphrase("file:a:b") == "x"


@pytest.mark.parametrize(
    "source", ["", ":", "env", "env:", "file", "file:", "stdin:", "stdin:x", "-", "hunter2", "ENV:HOME", "pass:hunter2"]
)
def test_a_malformed_source_is_not_echoed(source: str) -> None:
    """What is neither env:NAME, file:PATH nor stdin might be the passphrase itself: the refusal does not show it."""
    with pytest.raises(Refused) as refusal:
        files.passphrase(source)
    assert str(refusal.value) == "--passphrase-from: env:NAME, file:PATH or stdin was expected"


def test_an_environment_variable_that_is_not_set_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is not there is refused, and not shown: it might be the passphrase."""
    monkeypatch.delenv("HUNTER2", raising=False)
    with pytest.raises(Refused, match="no such environment variable") as refusal:
        files.passphrase("env:HUNTER2")
    assert "HUNTER2" not in str(refusal.value)


def test_the_passphrase_is_asked_for_where_no_source_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The prompt's answer is taken as it is, once."""
    prompts = []

    def answer(prompt: str) -> str:
        prompts.append(prompt)
        return " opensesame "

    monkeypatch.setattr(getpass, "getpass", answer)
    assert files.passphrase(None) == " opensesame "
    assert prompts == ["Passphrase: "]


@pytest.mark.parametrize("failure", ["warning", "end"])
def test_a_prompt_that_would_echo_is_refused(monkeypatch: pytest.MonkeyPatch, failure: str) -> None:
    """Where the passphrase would be seen, or the input ends, it is not read."""

    def ask(prompt: str) -> str:
        if failure == "warning":
            warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
            return "read all the same"
        raise EOFError(prompt)

    monkeypatch.setattr(getpass, "getpass", ask)
    with pytest.raises(Refused, match="--passphrase-from") as refusal:
        files.passphrase(None)
    assert refusal.value.__context__ is None


def test_an_answer_that_is_no_text_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was typed stays behind in no exception."""
    monkeypatch.setattr(getpass, "getpass", lambda _: b"hunter2\xff".decode())
    with pytest.raises(Refused, match="text in the terminal's encoding") as refusal:
        files.passphrase(None)
    assert refusal.value.__context__ is None


def test_an_interrupt_ends_the_prompts_line(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """What the shell writes next does not follow the prompt; without a terminal there is no line to end."""

    def interrupted(_: str) -> str:
        raise KeyboardInterrupt

    def terminal(name: str, kind: str) -> object:
        assert name == "/dev/tty"
        return open(folder / "terminal", kind)

    monkeypatch.setattr(getpass, "getpass", interrupted)
    monkeypatch.setattr(files, "open", terminal, raising=False)
    with pytest.raises(KeyboardInterrupt):
        files.passphrase(None)
    assert (folder / "terminal").read_bytes() == b"\n"
    fail_at(monkeypatch, "write", OSError(errno.ENXIO, "No such device or address"))
    with pytest.raises(KeyboardInterrupt):
        files.passphrase(None)


# Files that are read


def test_a_small_file_is_read_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to 1 MiB, and of standard input as much; a larger one is refused by its name."""
    for size in (0, 1 << 20):
        (folder / "m").write_bytes(bytes(size))
        standard_input(monkeypatch, bytes(size))
        assert files.read("m") == files.read("-") == bytes(size)
    (folder / "m").write_bytes(bytes((1 << 20) + 1))
    standard_input(monkeypatch, bytes((1 << 20) + 1))
    for path, name in (("m", "m"), ("-", "standard input")):
        with pytest.raises(Refused, match=f"^{name}: a file of at most 1 MiB was expected$"):
            files.read(path)


def test_text_is_utf_8(folder: Path) -> None:
    """A refusal names the file, and does not keep its octets, which may be secret."""
    (folder / "m").write_bytes("é\r\n".encode())
    assert files.read_text("m") == "é\r\n"
    (folder / "m").write_bytes(b"hunter2\xff")
    with pytest.raises(InvalidEncoding) as refusal:
        files.read_text("m")
    assert str(refusal.value) == "m: text in UTF-8 was expected: save it as UTF-8"
    assert refusal.value.__context__ is None


def test_a_file_of_any_length_has_a_digest(folder: Path) -> None:
    """It is read in parts."""
    octets = bytes(range(256)) * 5000
    (folder / "m").write_bytes(octets)
    assert files.digest("m", "sha224") == hashlib.sha224(octets).digest()


def test_the_keys_in_a_folder(folder: Path) -> None:
    """Files *.pem, by name."""
    for name in ("b.pem", "a.pem", "a.der", "c.pem.old"):
        (folder / name).touch()
    assert files.inside(".") == ["./a.pem", "./b.pem"]


# What is written over


@pytest.mark.parametrize(
    ("written", "option"),
    [
        ({"-o": "m"}, "-o"),
        ({"-o": "./output/../m"}, "-o"),
        ({"-o": "link"}, "-o"),
        ({"-o": "new", "--html": "./new"}, "--html"),
        ({"-o": "dangling", "--html": "nowhere"}, "--html"),
    ],
)
@pytest.mark.usefixtures("path")
def test_what_is_read_or_written_is_not_written_over(folder: Path, written: dict[str, str], option: str) -> None:
    """By no name of it: not that of a link, and not that of a file that is not there yet."""
    (folder / "m").write_bytes(OLD)
    (folder / "link").symlink_to("m")
    (folder / "dangling").symlink_to("nowhere")
    used = "which is also read or written by this command"
    words = f"{option}: refusing to overwrite {written[option]}, {used}: choose another name"
    with pytest.raises(Refused) as refusal:
        files.check_written(written, ["-", "m"])
    assert str(refusal.value) == words


def test_what_may_be_written(folder: Path) -> None:
    """Files of their own; and a device, which loses nothing."""
    (folder / "m").write_bytes(OLD)
    files.check_written({"-o": "new", "--html": "another"}, ["m", "-"])
    files.check_written({"-o": os.devnull, "--html": os.devnull}, [os.devnull])


def test_a_file_without_a_name_or_a_folder_is_refused(folder: Path) -> None:
    """Before anything is done; it is the folder that is missing, also that of a link's target."""
    with pytest.raises(Refused, match=r"^-o: the name of a file was expected$"):
        files.check_written({"-o": ""}, [])
    (folder / "link").symlink_to("nowhere/x")
    for name in ("nowhere/x", "link"):
        with pytest.raises(Refused) as refusal:
            files.check_written({"-o": name}, [])
        missing = os.path.realpath(folder / "nowhere")
        assert str(refusal.value) == f"{name}: there is no folder {missing}: make it, or choose another"


# Files that are written


@pytest.mark.parametrize("old", [None, OLD, b"", OLD * 1000])
def test_a_file_is_written_whole(path: str, old: bytes | None) -> None:
    """A new file, or in the place of one of any length: its octets are the new ones, and nothing lies beside it."""
    if old is not None:
        Path(path).write_bytes(old)
    files.write(path, NEW)
    assert Path(path).read_bytes() == NEW
    assert children(path) == {"file"}


def test_a_path_without_folder_is_in_this_one(folder: Path) -> None:
    """A bare name is one in the current folder."""
    files.write("new", NEW)
    assert (folder / "new").read_bytes() == NEW


@pytest.mark.parametrize(("mask", "expected"), [(0o022, 0o644), (0o077, 0o600), (0, 0o666), (0o027, 0o640)])
def test_a_new_file_has_the_mode_that_umask_says(path: str, mask: int, expected: int) -> None:
    """666 less umask, as for any program; and umask is what it was."""
    with umask(mask):
        files.write(path, NEW)
        assert os.umask(mask) == mask
    assert mode(path) == expected


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o664, 0o755, 0o444])
def test_an_existing_file_keeps_its_mode(path: str, kept: int) -> None:
    """What replaces a file may be read by whom the file could be read by."""
    Path(path).write_bytes(OLD)
    os.chmod(path, kept)
    with umask(0o077):
        files.write(path, NEW)
    assert (mode(path), Path(path).read_bytes()) == (kept, NEW)


@pytest.mark.parametrize("old", [None, OLD], ids=["new", "existing"])
@pytest.mark.parametrize("step", ["write", "fsync", "chmod", "replace"])
def test_a_file_is_written_whole_or_not_at_all(
    path: str, monkeypatch: pytest.MonkeyPatch, failure: BaseException, step: str, old: bytes | None
) -> None:
    """Whatever step fails, what was there stays as it was, and no temporary file is left; the failure has its name."""
    if old is not None:
        Path(path).write_bytes(old)
    fail_at(monkeypatch, step, failure)
    with pytest.raises(type(failure)) as raised:
        files.write(path, NEW)
    monkeypatch.undo()
    assert children(path) == (set() if old is None else {"file"})
    assert old is None or Path(path).read_bytes() == old
    if isinstance(raised.value, OSError):
        assert (raised.value.filename, raised.value.strerror) == (path, "No space left on device")


@pytest.mark.parametrize("old", [None, OLD], ids=["dangling", "existing"])
def test_a_symbolic_link_is_followed(path: str, folder: Path, old: bytes | None) -> None:
    """What a link points to is written, through two links; the links stay."""
    target = folder / "target"
    if old is not None:
        target.write_bytes(old)
        target.chmod(0o640)
    (folder / "middle").symlink_to("target")
    Path(path).symlink_to(folder / "middle")
    files.write(path, NEW)
    assert os.readlink(path) == str(folder / "middle")
    assert (folder / "middle").is_symlink()
    assert target.read_bytes() == NEW
    assert old is None or mode(str(target)) == 0o640
    assert children(path) == {"file"}


def test_a_pipe_is_written_into(path: str) -> None:
    """A FIFO receives the octets and stays a FIFO."""
    os.mkfifo(path)
    received = []
    reader = threading.Thread(target=lambda: received.append(Path(path).read_bytes()))
    reader.start()
    files.write(path, NEW)
    reader.join(timeout=20)
    assert received == [NEW]
    assert Path(path).is_fifo()
    assert children(path) == {"file"}


def test_a_device_is_written_into() -> None:
    """/dev/null stays what it is."""
    before = os.stat(os.devnull)
    files.write(os.devnull, NEW)
    after = os.stat(os.devnull)
    assert (before.st_mode, before.st_ino, before.st_rdev) == (after.st_mode, after.st_ino, after.st_rdev)


@needs_full
def test_a_full_device_is_named() -> None:
    """Writing into a device fails with the system's words and its name."""
    with pytest.raises(OSError, match="No space left on device") as raised:
        files.write("/dev/full", NEW)
    assert raised.value.filename == "/dev/full"


def test_a_dash_is_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """For a secret as well."""
    files.write("-", b"\xfe")
    files.write_secret("-", b"\xff")
    assert capfdbinary.readouterr().out == b"\xfe\xff"


@pytest.mark.parametrize("old", [None, OLD], ids=["new", "existing"])
def test_pieces_are_written_as_they_are_made(path: str, old: bytes | None) -> None:
    """They come one after the other, and the file has its name when the last one is there."""
    if old is not None:
        Path(path).write_bytes(old)

    def pieces() -> Iterator[bytes]:
        for number in range(3):
            yield b"%d" % number * (1 << 20)
            assert (Path(path).read_bytes() if Path(path).exists() else None) == old

    files.write_pieces(path, pieces())
    assert Path(path).read_bytes() == b"".join(b"%d" % number * (1 << 20) for number in range(3))
    assert children(path) == {"file"}


@pytest.mark.parametrize("old", [None, OLD], ids=["new", "existing"])
def test_pieces_that_fail_leave_what_was_there(path: str, old: bytes | None) -> None:
    """What making them raises is raised as it is, and nothing of the others is left."""
    if old is not None:
        Path(path).write_bytes(old)

    def pieces() -> Iterator[bytes]:
        yield NEW * 100_000
        raise Refused("enough")

    with pytest.raises(Refused, match=r"^enough$"):
        files.write_pieces(path, pieces())
    assert children(path) == (set() if old is None else {"file"})
    assert old is None or Path(path).read_bytes() == old


def test_pieces_go_to_a_pipe_and_to_standard_output(path: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """One after the other, as all octets do."""
    os.mkfifo(path)
    received = []
    reader = threading.Thread(target=lambda: received.append(Path(path).read_bytes()))
    reader.start()
    files.write_pieces(path, [NEW, OLD])
    reader.join(timeout=20)
    files.write_pieces("-", [NEW, OLD])
    assert received == [capfdbinary.readouterr().out] == [NEW + OLD]


def test_the_mode_of_no_file_is_that_of_a_new_one(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """But a file that cannot be asked for its mode is an error."""
    with umask(0o027):
        assert files.mode(path) == 0o640
    with monkeypatch.context() as patch:
        fail_at(patch, "stat", PermissionError(errno.EACCES, "Permission denied"))
        with pytest.raises(PermissionError):
            files.mode(path)


# Private keys


def test_a_private_key_is_never_readable_by_others(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is written, too: the mode is 0600 before the first octet is there."""
    modes = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        modes.append(os.fstat(descriptor).st_mode & 0o7777)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with umask(0):
        files.write_secret(path, NEW)
    assert modes == [0o600]
    assert Path(path).read_bytes() == NEW


@pytest.mark.parametrize("step", ["write", "fsync"])
def test_a_private_key_that_fails_leaves_nothing_behind(
    path: str, monkeypatch: pytest.MonkeyPatch, failure: BaseException, step: str
) -> None:
    """Half a key is no key: the file that was begun is removed."""
    fail_at(monkeypatch, step, failure)
    with pytest.raises(type(failure)):
        files.write_secret(path, NEW)
    monkeypatch.undo()
    assert children(path) == set()


def test_what_is_to_be_a_regular_file(tmp_path: Path) -> None:
    """It is one, or nothing; a link or a pipe is refused, by its name and without being opened."""
    path = tmp_path / "file"
    files.require_regular(str(path))
    path.touch()
    files.require_regular(str(path))
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(Refused, match=rf"{name}: a regular file was expected there$"):
            files.require_regular(str(tmp_path / name))


def test_the_beginning_of_a_file(path: str) -> None:
    """Of a small file it is all; of a larger one as much as a key may have."""
    for octets in (b"", b"key", bytes(1 << 20), bytes((1 << 20) + 1)):
        Path(path).write_bytes(octets)
        assert files.beginning(path) == octets[: 1 << 20]
