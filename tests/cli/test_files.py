"""What the command reads and writes: passphrases, whole files or nothing, secrets, terminals, broken streams."""

from __future__ import annotations

import errno
import getpass
import io
import json
import os
import re
import shlex
import subprocess
import sys
import threading
import warnings
from argparse import Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from outputs import FAILURES, OLD, children, fail_at, mode, umask

import ecpure
from ecpure import PrivateKey, auth
from ecpure.cli import COMMANDS, main, parser
from ecpure.cli.arguments import Parser, names_files
from ecpure.io import files

KEY = PrivateKey.from_int(0xC0FFEE)
PUBLIC_PEM = KEY.public_key.to_pem().encode()
LOGIN = "--cookie HGREqcILTz8blHa/jsUTVTNBJlg= --server-nonce azRzAi5rm1ry/l0drnz1vw=="


def mostly_long(lines: list[str], *quick: str) -> list[Any]:
    """Return the lines as parameters, all but a few for long runs: each starts a process."""
    assert set(quick) <= set(lines)
    return [pytest.param(line, id=line, marks=[] if line in quick else [pytest.mark.long]) for line in lines]


needs_full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "key.pem").write_text(KEY.to_pem(), encoding="ascii")
    (tmp_path / "public.pem").write_bytes(PUBLIC_PEM)
    (tmp_path / "m").write_bytes(b"message")
    (tmp_path / "m.sig").write_bytes(KEY.sign(b"message").to_der())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def path(folder: Path) -> str:
    """A path in a folder that holds nothing else."""
    (folder / "output").mkdir()
    return str(folder / "output" / "file")


def command(line: str) -> list[str]:
    return [sys.executable, "-m", "ecpure", *shlex.split(line)]


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment, its streams buffered as they usually are, in which the package is found."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    package = str(Path(ecpure.__file__).parents[1])
    paths = os.pathsep.join(filter(None, [package, inherited.get("PYTHONPATH")]))
    return inherited | {"PYTHONPATH": paths} | changes


def assert_one_sentence(err: bytes, pattern: str = "") -> None:
    assert re.fullmatch(rb"ecpure: [^\n]+\n", err), err
    assert re.search(pattern.encode(), err), err


# Which arguments are files


def arguments(of: ArgumentParser, words: str = "ecpure") -> Iterator[tuple[str, Action]]:
    """Yield every argument of the parser and of those below it, with the command's words."""
    if isinstance(of, Parser):
        of.fill()
    for action in of._actions:
        if isinstance(action, _SubParsersAction):
            for name, below in action.choices.items():
                yield from arguments(below, f"{words} {name}")
        else:
            yield words, action


def test_every_argument_that_is_a_file_is_declared_so() -> None:
    """What takes any text, and says file or folder in its metavar or help, is compared with what is written over."""
    found: dict[str, list[str]] = {}
    for words, action in arguments(parser()):
        takes_text = action.nargs != 0 and action.type is None and action.choices is None
        says_so = re.search(r"\b(files?|folders?|path)\b", f"{action.metavar} {action.help}", re.IGNORECASE)
        if takes_text and says_so:
            assert names_files(action), (words, action.dest)
        if names_files(action):
            assert takes_text, (words, action.dest)
            assert says_so, (words, action.dest)
            found.setdefault(words, []).append(action.dest)
    assert found["ecpure verify"] == ["public_key", "keys", "signature", "file"]
    assert found["ecpure verify-many"] == ["records", "keys", "output", "summary", "html"]
    assert found["ecpure audit"] == ["records", "keys", "private_key", "passphrase_from", "store", "html"]
    assert found["ecpure auth build"] == ["passphrase_from", "key", "output"]
    assert found["ecpure vectors"] == ["paths", "junit", "html"]
    without = {"auth", "bench", "completion", "help"}
    assert found.keys() == {f"ecpure {words}" for words in COMMANDS if words not in without}


# Passphrases


@pytest.mark.parametrize("source", ["hunter2", "pass:hunter2", ""])
def test_a_malformed_source_is_not_echoed(capfd: pytest.CaptureFixture[str], source: str) -> None:
    """What is neither env:NAME, file:PATH nor stdin might be the passphrase itself: the refusal does not show it."""
    assert main(["auth", "key", "--user-id", "1", "--passphrase-from", source]) == 2
    expected = "ecpure: --passphrase-from: env:NAME, file:PATH or stdin was expected\n"
    assert capfd.readouterr() == ("", expected)


def test_an_environment_variable_that_is_not_set_is_refused(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is not there is refused, and not shown: it might be the passphrase."""
    monkeypatch.delenv("HUNTER2", raising=False)
    assert main(["auth", "key", "--user-id", "1", "--passphrase-from", "env:HUNTER2"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert_one_sentence(err.encode(), "no such environment variable")
    assert "HUNTER2" not in err


def test_the_passphrase_is_asked_for_where_no_source_is_named(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The prompt's answer is taken as it is, once."""
    prompts = []

    def answer(prompt: str) -> str:
        prompts.append(prompt)
        return " opensesame "

    monkeypatch.setattr(getpass, "getpass", answer)
    assert main(shlex.split("auth key --user-id 1 --to raw")) == 0
    expected = auth.derive_private_key(1, " opensesame ").to_bytes()
    warning = b"ecpure: warning: the passphrase begins or ends with a space or a line end, which counts\n"
    assert capfdbinary.readouterr() == (expected, warning)
    assert prompts == ["Passphrase: "]


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("opensesame\r\n", ""),
        ("", "the passphrase is empty"),
        ("\ufeffopensesame\n", "the passphrase begins with a byte-order mark, which counts: save the file without it"),
        ("opensesame \n", "the passphrase begins or ends with a space or a line end, which counts"),
    ],
)
def test_what_is_hardly_meant_in_a_passphrase_is_warned_of(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes], text: str, warning: str
) -> None:
    """An editor or a shell adds it, and the key is another one: it is made, as asked."""
    (folder / "p").write_text(text, encoding="utf-8", newline="")
    assert main(shlex.split(f"auth key --user-id 1 --to raw --passphrase-from file:{folder / 'p'}")) == 0
    out, err = capfdbinary.readouterr()
    assert out == auth.derive_private_key(1, text.rstrip("\r\n")).to_bytes()
    assert err.decode() == (f"ecpure: warning: {warning}\n" if warning else "")


@pytest.mark.parametrize("failure", ["warning", "end"])
def test_a_prompt_that_would_echo_is_refused(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], failure: str
) -> None:
    """Where the passphrase would be seen, or the input ends, it is not read."""

    def ask(prompt: str) -> str:
        if failure == "warning":
            warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
            return "read all the same"
        raise EOFError(prompt)

    monkeypatch.setattr(getpass, "getpass", ask)
    assert main(shlex.split("auth key --user-id 1")) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert_one_sentence(err.encode(), "--passphrase-from")


def test_without_a_terminal_there_is_no_prompt() -> None:
    """A passphrase is never read from standard input unasked: one sentence, which names the option."""
    result = subprocess.run(
        command("auth key --user-id 1"),
        input=b"opensesame\n",
        env=environment(),
        capture_output=True,
        check=False,
        start_new_session=True,
    )
    assert (result.returncode, result.stdout) == (2, b"")
    assert_one_sentence(result.stderr, "no terminal .* use --passphrase-from")


# Terminals


class Terminal:
    """The two ends of a pseudo-terminal, and the command run on it in a session of its own."""

    def __init__(self) -> None:
        pty = pytest.importorskip("pty", reason="there are no pseudo-terminals here")
        try:
            self.ours, self.theirs = pty.openpty()
        except OSError:
            pytest.skip("no pseudo-terminal is to be had")
        self.name = os.ttyname(self.theirs)
        self._children: list[subprocess.Popen[bytes]] = []

    def start(self, line: str, *, stdout: int | None = None) -> subprocess.Popen[bytes]:
        """Start the command with the terminal as its standard input and, by opening it first, its controlling one."""
        child = subprocess.Popen(
            ["sh", "-c", 'exec "$@" <"$0"', self.name, *command(line)],
            env=environment(PYTHONUTF8="1"),
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._children.append(child)
        return child

    def read_until(self, words: bytes) -> bytes:
        seen = b""
        while words not in seen:
            seen += os.read(self.ours, 1024)
        return seen

    def pending(self) -> bytes:
        """Return what is on the terminal and not read yet."""
        os.set_blocking(self.ours, False)
        try:
            return os.read(self.ours, 4096)
        except BlockingIOError:
            return b""

    def echoes(self) -> bool:
        import termios

        return bool(termios.tcgetattr(self.theirs)[3] & termios.ECHO)

    def close(self) -> None:
        for child in self._children:
            child.kill()  # which does nothing to one that has ended
            child.communicate()
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


@pytest.mark.parametrize("passphrase", mostly_long(["opensesame", "", " pässwörd 🔑"], " pässwörd 🔑"))
def test_a_passphrase_typed_on_a_terminal_is_not_seen(terminal: Terminal, passphrase: str) -> None:
    """The prompt is on the terminal, the answer is not echoed, the key is its key, and the echo is back at the end."""
    child = terminal.start("auth key --user-id 1 --to raw")
    prompt = terminal.read_until(b"Passphrase: ")
    os.write(terminal.ours, passphrase.encode() + b"\n")
    out, err = child.communicate(timeout=20)
    assert (child.returncode, out) == (0, auth.derive_private_key(1, passphrase).to_bytes())
    assert (err == b"") == (passphrase == "opensesame")
    assert (prompt + terminal.pending()).split() == [b"Passphrase:"]
    assert terminal.echoes()


@pytest.mark.parametrize(
    ("typed", "pattern"),
    [
        pytest.param(b"hunter2\x03", "interrupted", id="interrupt"),
        pytest.param(b"\x04", "--passphrase-from", id="end", marks=pytest.mark.long),
        pytest.param(b"hunter2\xff\n", "UTF-8|text", id="no text"),
    ],
)
def test_a_prompt_that_is_not_answered_is_one_sentence(terminal: Terminal, typed: bytes, pattern: str) -> None:
    """Ctrl-C, Ctrl-D and octets that are no text: status 2, no traceback, nothing shown, the echo restored."""
    child = terminal.start("auth key --user-id 1")
    prompt = terminal.read_until(b"Passphrase: ")
    os.write(terminal.ours, typed)
    out, err = child.communicate(timeout=20)
    assert (child.returncode, out) == (2, b"")
    assert_one_sentence(err, pattern)
    shown = terminal.pending()
    assert b"hunter2" not in prompt + shown + err
    assert b"\n" in shown or pattern != "interrupted"  # what the shell writes next does not follow the prompt
    assert terminal.echoes()


@pytest.mark.parametrize(
    "line",
    mostly_long(
        [
            "sign --key key.pem m",
            "sign --key key.pem --format compact -o - m",
            "pubkey --key key.pem --to raw",
            "keygen --to raw",
            "auth key --user-id 1 --passphrase-from file:m --to raw",
        ],
        "sign --key key.pem m",
    ),
)
def test_octets_are_not_written_to_a_terminal(terminal: Terminal, line: str) -> None:
    """Binary output goes to a file or a pipe; on a terminal it is refused, and nothing is written there."""
    child = terminal.start(line, stdout=terminal.theirs)
    _, err = child.communicate(timeout=20)
    assert child.returncode == 2
    assert_one_sentence(err, "terminal")
    assert terminal.pending() == b""


@pytest.mark.parametrize(
    "line",
    mostly_long(
        [
            "sign --key key.pem --encoding hex m",
            "pubkey --key key.pem",
            "verify --public-key public.pem --signature m.sig m",
        ],
        "pubkey --key key.pem",
    ),
)
def test_text_is_written_to_a_terminal(terminal: Terminal, line: str) -> None:
    """Hex, PEM and verdicts are shown."""
    child = terminal.start(line, stdout=terminal.theirs)
    _, err = child.communicate(timeout=20)
    assert (child.returncode, err) == (0, b"")
    assert re.search(rb"30[0-9a-f]{100}|BEGIN PUBLIC KEY|valid", terminal.pending())


def test_octets_go_into_a_file_from_a_terminal(terminal: Terminal, folder: Path) -> None:
    """With -o the terminal does not matter."""
    child = terminal.start("sign --key key.pem m -o s", stdout=terminal.theirs)
    assert (child.communicate(timeout=20)[1], child.returncode) == (b"", 0)
    assert (folder / "s").read_bytes() == (folder / "m.sig").read_bytes()


# Files that are written


@pytest.fixture(params=FAILURES)
def failure(request: pytest.FixtureRequest) -> BaseException:
    return FAILURES[request.param]


@pytest.mark.parametrize("line", ["pubkey --key key.pem", "keygen"])
def test_writing_that_fails_is_one_sentence(
    path: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], failure: BaseException, line: str
) -> None:
    """Which names the file that was asked for, and no temporary one; nothing is left."""
    fail_at(monkeypatch, "fsync", failure)
    assert main([*shlex.split(line), "-o", path]) == 2
    monkeypatch.undo()
    assert children(path) == set()
    words = (
        "interrupted" if isinstance(failure, KeyboardInterrupt) else f"{path}: No space left on device: make room on it"
    )
    assert capfd.readouterr() == ("", f"ecpure: {words}\n")


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("missing/file", r"there is no folder \S*/missing: make it, or choose another"),
        ("m/file", "Not a directory: a part of its path is a file, not a folder"),
        ("output", "Is a directory: name a file, not a folder"),
        ("loop", "Too many levels of symbolic links"),
    ],
)
@pytest.mark.parametrize("line", ["pubkey --key key.pem", "sign --key key.pem m"])
def test_an_output_that_cannot_be_made_is_named(
    folder: Path, capfd: pytest.CaptureFixture[str], line: str, output: str, words: str
) -> None:
    """The refusal says the file that was asked for and no temporary one, and nothing is left behind."""
    (folder / "output").mkdir()
    (folder / "loop").symlink_to("loop")
    before = set(os.listdir(folder))
    assert main([*shlex.split(line), "-o", output]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert_one_sentence(err.encode(), rf"^ecpure: \S*{output}: {words}\n")
    assert set(os.listdir(folder)) == before


def test_an_empty_output_name_is_refused(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """-o '' names no file, neither for a public key nor for a private one, and touches no file."""
    before = set(os.listdir(folder)), set(os.listdir(folder.parent)), mode(str(folder))
    for line in ("pubkey --key key.pem -o ''", "keygen -o ''", "verify-many m -o ''"):
        assert main(shlex.split(line)) == 2
        out, err = capfd.readouterr()
        assert out == ""
        assert_one_sentence(err.encode())
    assert (set(os.listdir(folder)), set(os.listdir(folder.parent)), mode(str(folder))) == before


@pytest.mark.parametrize(
    "line",
    [
        "pubkey --key key.pem -o key.pem",
        "pubkey --key key.pem -o ./link",
        "sign --key key.pem m -o m",
        "sign --key key.pem m -o key.pem",
        "auth build --user-id 1 --passphrase-from file:m --cookie c --server-nonce n -o m",
        "verify-many m -o m",
        "verify-many x.state -o x",
        "verify-many x.part -o x --resume",
        "verify-many m --keys keys -o keys/a.pem",
        "verify-many m --keys keys -o keys/b.pem",
        "verify-many m -o x --summary x.state",
        "verify-many m - --summary m",
        "verify-many - --keys m -o out --summary m",
        "verify-many - -o out --summary ./out",
        "vectors m --junit m",
        "vectors --junit new --html new",
    ],
)
def test_no_file_that_is_read_is_written_over(folder: Path, capfd: pytest.CaptureFixture[str], line: str) -> None:
    """Neither by its name nor by a link's; nor does one output take the place of another."""
    (folder / "link").symlink_to("key.pem")
    for name in ("x.state", "x.part"):
        (folder / name).write_bytes(OLD)
    (folder / "keys").mkdir()
    (folder / "keys" / "a.pem").write_bytes(PUBLIC_PEM)
    (folder / "keys" / "b.pem").symlink_to(folder / "public.pem")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert main(shlex.split(line)) == 2
    option = next(word for word in reversed(line.split()) if word.startswith("-") and word != "--resume")
    assert_one_sentence(capfd.readouterr().err.encode(), f"{option}( with .*)?: refusing to overwrite ")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "line",
    [
        "verify-many m --summary -",
        "verify-many m -o - --summary -",
        "vectors m --junit -",
        "vectors m --json --html -",
        "vectors m --junit x --html -",
        "leak --svg -",
    ],
)
def test_standard_output_is_one_thing_only(capfd: pytest.CaptureFixture[str], line: str) -> None:
    """Results or a report are on it; what would be mixed into them is refused before the work begins."""
    assert main(shlex.split(line)) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert_one_sentence(err.encode(), f"{line.split()[-2]}: name a file: standard output")


def test_one_thing_may_be_on_standard_output(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A summary, where the results go into a file."""
    record = {"public_key": KEY.public_key.to_bytes().hex(), "text": "m", "signature": KEY.sign(b"m").to_der().hex()}
    (folder / "records").write_text(json.dumps(record), encoding="ascii")
    assert main(shlex.split("verify-many records -o x --summary -")) == 0
    assert json.loads(capfd.readouterr().out)["valid"] == 1


def test_a_device_may_be_read_and_written(capfd: pytest.CaptureFixture[str]) -> None:
    """/dev/null is no file that would be lost."""
    assert main(["verify-many", "/dev/null", "-o", "/dev/null"]) == 2
    assert capfd.readouterr().err == "ecpure: /dev/null: no records to verify: give a file that has some\n"


@pytest.mark.usefixtures("folder")
def test_a_report_that_could_not_be_written_is_refused_first(capfd: pytest.CaptureFixture[str]) -> None:
    """Not after hours of work: without its folder, or without a name."""
    for option, words in (
        ("nowhere/x", r"nowhere/x: there is no folder \S*/nowhere: make it"),
        ("''", "--summary: the name of a file"),
    ):
        assert main(shlex.split(f"verify-many m --summary {option}")) == 2
        assert_one_sentence(capfd.readouterr().err.encode(), words)


def test_a_pipe_is_written_into(path: str) -> None:
    """A FIFO at -o receives the octets and stays a FIFO."""
    os.mkfifo(path)
    received = []
    reader = threading.Thread(target=lambda: received.append(Path(path).read_bytes()))
    reader.start()
    assert main(["pubkey", "--key", "key.pem", "-o", path]) == 0
    reader.join(timeout=20)
    assert received == [PUBLIC_PEM]
    assert Path(path).is_fifo()
    assert children(path) == {"file"}


def test_a_device_is_written_into() -> None:
    """/dev/null stays what it is."""
    before = os.stat(os.devnull)
    assert main(["pubkey", "--key", "key.pem", "-o", os.devnull]) == 0
    after = os.stat(os.devnull)
    assert (before.st_mode, before.st_ino, before.st_rdev) == (after.st_mode, after.st_ino, after.st_rdev)


@needs_full
def test_a_full_device_is_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    """Writing into a device fails with the system's words."""
    assert main(["pubkey", "--key", "key.pem", "-o", "/dev/full"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err == "ecpure: /dev/full: No space left on device: make room on it\n"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("pubkey --key large", "large: a file of at most 1 MiB was expected"),
        ("pubkey --key -", "standard input: a file of at most 1 MiB was expected"),
        ("auth key --user-id 1 --passphrase-from file:octets", "octets: text in UTF-8 was expected"),
        ("verify-many m --keys keys", "keys/octets.pem: public key: PEM, DER, or a point"),
        ("verify-many m --keys octets", "octets: line 1: the line is not valid UTF-8"),
        ("verify-many m --keys m", "m: line 1: the line is not valid JSON"),
        ("verify-many m --keys -", "standard input: line 1: the line is not valid JSON"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], line: str, words: str
) -> None:
    """The refusal says which of several it is, and a line of keys its own reason."""
    (folder / "large").write_bytes(bytes((1 << 20) + 1))
    (folder / "octets").write_bytes(b"\xff")
    (folder / "keys").mkdir()
    (folder / "keys" / "octets.pem").write_bytes(b"\xff")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * (1 + (1 << 20) * ("--key " in line)))))
    assert main(shlex.split(line)) == 2
    assert_one_sentence(capfd.readouterr().err.encode(), f"^ecpure: {words}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
@pytest.mark.parametrize("line", ["pubkey --key locked", "pubkey --key key.pem -o shut/file", "keygen -o shut/file"])
def test_permissions_are_respected(folder: Path, capfd: pytest.CaptureFixture[str], line: str) -> None:
    """A file that may not be read, a folder that may not be written into."""
    (folder / "locked").touch(mode=0)
    (folder / "shut").mkdir(mode=0o500)
    assert main(shlex.split(line)) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert_one_sentence(err.encode(), "Permission denied")


def test_a_file_that_may_not_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The refusal of the system is passed on with the file's name."""

    def refuse(name: str, _kind: str) -> object:
        raise PermissionError(errno.EACCES, "Permission denied", name)

    monkeypatch.setattr(files, "open", refuse, raising=False)
    assert main(["pubkey", "--key", "key.pem"]) == 2
    assert capfd.readouterr() == (
        "",
        "ecpure: key.pem: Permission denied: ls -ld says who may use it\n",
    )


# Private keys


PRIVATE = ["keygen", "keygen --to raw", "auth key --user-id 1 --passphrase-from file:m --to sec1"]


@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
@pytest.mark.parametrize("line", PRIVATE)
def test_a_private_key_is_for_its_owner_alone(path: str, line: str, mask: int) -> None:
    """Whatever umask allows, the file's mode is 0600, and nothing lies beside it."""
    with umask(mask):
        assert main([*shlex.split(line), "-o", path]) == 0
    assert mode(path) == 0o600
    assert os.path.getsize(path) >= 29
    assert children(path) == {"file"}


@pytest.mark.parametrize("kind", ["file", "link", "dangling", "fifo", "folder"])
@pytest.mark.parametrize("line", PRIVATE)
def test_a_private_key_is_never_written_over_anything(
    path: str, folder: Path, capfd: pytest.CaptureFixture[str], line: str, kind: str
) -> None:
    """A file, a link to one or to nothing, a pipe, a folder: it stays, and the refusal names it."""
    match kind:
        case "file":
            Path(path).write_bytes(OLD)
        case "link":
            Path(path).symlink_to(folder / "key.pem")
        case "dangling":
            Path(path).symlink_to(folder / "nowhere")
        case "fifo":
            os.mkfifo(path)
        case _:
            os.mkdir(path)
    before = os.lstat(path)
    assert main([*shlex.split(line), "-o", path]) == 2
    out, err = capfd.readouterr()
    holds = "which contains, or may contain, a private key"
    there = "Is a directory: name a file, not a folder" if kind == "folder" else "File exists: name a new file"
    over_a_key = f"ecpure: -o: refusing to overwrite {path}, {holds}: choose another name\n"
    assert (out, err) == (
        "",
        over_a_key if kind == "link" else f"ecpure: {path}: {there}\n",
    )
    after = os.lstat(path)
    assert (after.st_ino, after.st_mode, after.st_mtime_ns) == (before.st_ino, before.st_mode, before.st_mtime_ns)
    assert kind != "file" or Path(path).read_bytes() == OLD
    assert (folder / "key.pem").read_text(encoding="ascii") == KEY.to_pem()
    assert not (folder / "nowhere").exists()


def test_a_private_key_goes_to_standard_output_by_default(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """`-` is standard output for a secret as well."""
    assert main(["keygen", "-o", "-"]) == 0
    PrivateKey.from_pem(capfdbinary.readouterr().out)


# Standard streams that are closed, broken or full


WRITERS = [
    "keygen",
    "keygen --to raw",
    "pubkey --key key.pem",
    "sign --key key.pem m",
    "verify --public-key public.pem --signature m.sig m",
    "verify --public-key public.pem --signature m.sig --json key.pem",
    f"auth build --user-id 1 --key key.pem {LOGIN}",
    "--help",
    "sign --help",
    "--version",
]


@needs_full
@pytest.mark.parametrize("line", mostly_long(WRITERS, "keygen", "pubkey --key key.pem", "--version"))
def test_a_full_standard_output_is_status_2(line: str) -> None:
    """What could not be written was not done: one sentence, no second one as the interpreter ends."""
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            command(line), env=environment(), stdout=full, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False
        )
    assert_one_sentence(result.stderr, "standard output: No space left on device")
    assert result.returncode == 2


@pytest.mark.parametrize("line", mostly_long(WRITERS, "sign --key key.pem m", "sign --help"))
def test_a_broken_pipe_is_status_2(line: str) -> None:
    """A reader that has gone away is one sentence, too."""
    ours, theirs = os.pipe()
    os.close(ours)
    result = subprocess.run(
        command(line), env=environment(), stdout=theirs, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False
    )
    os.close(theirs)
    assert_one_sentence(result.stderr, "standard output: Broken pipe")
    assert result.returncode == 2


def run_closed(line: str, redirection: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command by a shell that closes one of its streams."""
    script = f'exec "$@" {redirection}'
    return subprocess.run(
        ["sh", "-c", script, "sh", *command(line)], env=environment(), capture_output=True, check=False
    )


@pytest.mark.parametrize(
    "line",
    mostly_long(["keygen", "sign --key key.pem m", "verify --public-key public.pem --signature m.sig m"], "keygen"),
)
def test_a_closed_standard_output_is_status_2(line: str) -> None:
    """Started without a standard output, the command says so."""
    result = run_closed(line, ">&-")
    assert result.returncode == 2
    assert_one_sentence(result.stderr, "standard output")


@pytest.mark.parametrize(
    "line",
    mostly_long(
        ["pubkey --key -", "sign --key key.pem -", "auth key --user-id 1 --passphrase-from stdin"],
        "auth key --user-id 1 --passphrase-from stdin",
    ),
)
def test_a_closed_standard_input_is_status_2(line: str) -> None:
    """Started without a standard input that it should read, the command says so."""
    result = run_closed(line, "<&-")
    assert (result.returncode, result.stdout) == (2, b"")
    assert_one_sentence(result.stderr, "standard input")


@pytest.mark.parametrize("redirection", ["2>&-", pytest.param("2>/dev/full", marks=needs_full)])
def test_a_refusal_without_standard_error_is_status_2_all_the_same(redirection: str) -> None:
    """Where the sentence cannot be written, it does not go to standard output, and the status tells."""
    result = run_closed("pubkey --key missing", redirection)
    assert (result.returncode, result.stdout) == (2, b"")


def test_output_into_a_file_needs_no_standard_streams(folder: Path) -> None:
    """With -o and named files, no standard stream is missed."""
    result = run_closed("sign --key key.pem m -o s", "<&- >&- 2>&-")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
    assert (folder / "s").read_bytes() == (folder / "m.sig").read_bytes()
