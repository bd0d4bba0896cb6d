"""The command as a whole: its words, its help, the files of its arguments, and what ends it early."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from pathlib import Path

import pytest
from childpython import child
from commandline import (
    AUTH_VERIFY,
    BUILD,
    CLIENT_NONCE,
    COOKIE,
    FILES,
    SERVER_NONCE,
    SMALL,
    VERIFY,
    Run,
    assert_done,
    assert_refused,
    assert_usage,
    bring,
    fill,
)

import ecpure
import ecpure.cli
from ecpure.cli import COMMANDS, main, parser

GROUPS = {"", "auth"}
NO_COMMANDS = {"__init__", "arguments", "likeness", "options", "receipts", "verdict"}


def test_version_says_the_backend_and_the_runtime(run: Run) -> None:
    """One line: the package's version, the integers at work, the interpreter."""
    out = assert_done(run("--version")).decode()
    assert assert_done(run("-V")).decode() == out
    version = re.escape(ecpure.__version__)
    assert re.fullmatch(rf"ecpure {version} \(backend {ecpure.backend()}[ 0-9.a-z]*, \S+ 3\.\d+\.\S+\)\n", out)


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_without_a_command_the_help_is_shown(run: Run, group: str) -> None:
    """On standard error, with status 2: a script that lost the word of its command has verified nothing."""
    result = run(group)
    assert (result.status, result.out) == (2, b"")
    assert result.err == assert_done(run(f"{group} --help")).decode()


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help(run: Run, command: str) -> None:
    """--help and -h print the same usage on standard output, and nothing else happens."""
    out = assert_done(run(f"{command} --help"))
    assert out.decode().startswith(f"usage: ecpure {command}".rstrip())
    assert assert_done(run(f"{command} -h")) == out


def test_the_help_says_what_may_be_left_out_and_what_statuses_mean(run: Run) -> None:
    """A profile may find the signature; both commands print JSON, one with fields; a test may be too weak."""
    text = " ".join(assert_done(run("verify --help")).decode().split())
    assert "[--signature S]" in text
    assert '"fields"' in text
    assert '"fields"' not in assert_done(run("auth verify --help")).decode()
    text = " ".join(assert_done(run("leak --help")).decode().split())
    assert "exit 0 if no leak was found, 1 if one was found, 2 if there were too few signatures to tell" in text


def module_of(command: str) -> str:
    return command.replace(" ", "_").replace("-", "_")


def test_each_command_is_a_module_of_its_name() -> None:
    """Whatever is no group of commands is a module, and whatever is a module here is a command or serves all."""
    modules = {path.stem for path in Path(ecpure.cli.__file__).parent.glob("*.py")}
    assert {module_of(command) for command in COMMANDS.keys() - GROUPS} == modules - NO_COMMANDS


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - GROUPS))
def test_a_commands_module_says_its_words_first(command: str) -> None:
    """The docstring of each command's module begins with the words that it is called by, in backticks."""
    source = (Path(ecpure.cli.__file__).parent / f"{module_of(command)}.py").read_text(encoding="utf-8")
    assert (ast.get_docstring(ast.parse(source)) or "").startswith(f"`ecpure {command}`: ")


def test_the_help_has_the_sentence_of_each_command(run: Run) -> None:
    """The list of commands has the sentence of each, and so has the command's own help."""
    listed = [" ".join(assert_done(run(f"{group} --help")).decode().split()) for group in GROUPS]
    for command, sentence in COMMANDS.items():
        assert any(f"{command.split()[-1]} {sentence}" in text for text in listed)
        assert sentence[1:] in " ".join(assert_done(run(f"{command} --help")).decode().split())


def test_what_is_parsed_has_its_command_with_it() -> None:
    """The module that runs is that of the words, and the parser beside it is that of its arguments."""
    arguments = parser().parse_args(["auth", "key", "--user-id", "5"])
    assert arguments.command is sys.modules["ecpure.cli.auth_key"]
    assert arguments.parser.prog == "ecpure auth key"
    assert arguments.parser.parse_args(["--user-id", "6"]).user_id == 6


def test_a_command_loads_no_other(desk: Path) -> None:
    """The help loads no command; `ecpure sign` loads no other command, no test vectors, no login and no archives."""
    code = """
import sys
from ecpure.cli import main
def loaded():
    names = {".".join(name.split(".")[:3]) for name in sys.modules if name.startswith("ecpure.")}
    print(*sorted(name for name in names if name.count(".") == 2 or hasattr(sys.modules[name], "__path__")))
main(["--help"])
loaded()
main(["sign", "--encoding", "hex", "--key", "key.pem", "m"])
loaded()
"""
    result = child("-c", code, cwd=str(desk))
    assert (result.returncode, result.stderr) == (0, "")
    after_help, _, after_sign = result.stdout.splitlines()[-3:]
    shared = {"ecpure.cli.arguments", "ecpure.cli.verdict", "ecpure.cli.options"}
    for line, commands in ((after_help, set()), (after_sign, {"ecpure.cli.sign"})):
        names = set(line.split())
        assert {name for name in names if name.startswith("ecpure.cli.")} - shared == commands
        assert {name for name in names if name.count(".") == 1} <= {"ecpure.cli", "ecpure.io", "ecpure.formats"}


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("frobnicate", "invalid choice"),
        ("--verison", "^ecpure: error: unknown option --verison: did you mean --version"),
        ("sign --kee key.pem m", "^ecpure sign: error: unknown option --kee: did you mean --key"),
        ("sign -k key.pem m", "unknown option -k: did you mean --key"),
        ("sign -x key.pem m", "unknown option -x: see ecpure sign --help"),
        ("sign --Key=key.pem m", "unknown option --Key: did you mean --key"),
        ("sign --public-key public.pem m", "unknown option --public-key: --key takes the private key"),
        ("verify --key public.pem --signature m.sig m", "unknown option --key: --public-key takes the public key"),
        ("verify --sig m.sig --public-key public.pem m", "unknown option --sig: did you mean --signature"),
        ("verify-many m --public-key public.pem", "unknown option --public-key: --keys takes public keys"),
        ("audit m --key key.pem", "unknown option --key: --private-key takes your private key"),
        ("auth verify --public-kye m", "unknown option --public-kye: did you mean --public-key"),
        ("auth --user-id 5 key", "unknown option --user-id: see ecpure auth --help"),
        ("sign --xyzzy m", "unknown option --xyzzy: see ecpure sign --help"),
        ("sign -z key.pem m", "unknown option -z"),
        ("sign --key key.pem m -k", "unknown option -k"),
        ("auth frobnicate", "invalid choice"),
        ("keygen --curve secp224r1", "--curve: invalid choice"),
        ("keygen --to der", "--to: invalid choice"),
        ("keygen extra", "unrecognized arguments"),
        ("pubkey", "one of the arguments --key KEY is required"),
        ("pubkey key.pem --key key.pem", "not allowed with argument"),
        ("pubkey --key key.pem --to sec1", "--to: invalid choice"),
        ("pubkey --key key.pem --key-format jwk", "--key-format: invalid choice"),
        ("sign --key key.pem", "required: FILE"),
        ("sign m", "required: --key"),
        ("sign --key key.pem m m", "unrecognized arguments"),
        ("sign --key key.pem --format raw m", "--format: invalid choice"),
        ("sign --key key.pem --encoding text m", "--encoding: invalid choice"),
        ("sign --key", "expected one argument"),
        ("verify --signature m.sig m", "one of the arguments --public-key --keys is required"),
        ("verify --public-key public.pem --signature m.sig", "required: FILE"),
        (f"{VERIFY} --low-s", "unknown option --low-s"),
        ("auth key", "required: --user-id"),
        (f"auth build --user-id 1 --server-nonce {SERVER_NONCE}", "required: --cookie"),
        (f"auth build --user-id 1 --cookie {COOKIE}", "required: --server-nonce"),
        ("auth verify --public-key login.public.pem login.json", "required: --server-nonce"),
        (f"{BUILD} --curve secp256k1", "unknown option --curve: see ecpure auth build --help"),
        (f"{BUILD} --key key.pem --passphrase-from file:m", "not allowed with argument"),
        *((f"verify-many m --jobs {n}", "--jobs: a number from 1 to 1000 was expected") for n in (0, 1001)),
        *((f"vectors --timeout {n}", "--timeout: a number from 1 to 1000000 was expected") for n in (0, 9999999)),
    ],
)
def test_wrong_usage_is_status_2(run: Run, line: str, pattern: str) -> None:
    """Unknown commands, options and choices, and missing ones, get the usage and one sentence."""
    assert_usage(run(line), pattern)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("pubkey --key -", "key.pem"),
        ("pubkey --key - --key-format raw", "key.raw"),
        ("sign --key - m", "key.pem"),
        ("sign --key key.pem -", "m"),
        ("sign --key key.pem --digest -", "digest"),
        ("verify --public-key - --signature m.sig m", "public.pem"),
        ("verify --public-key public.pem --signature - m", "m.sig"),
        ("verify --public-key public.pem --signature m.sig -", "m"),
        (f"auth verify --public-key - --server-nonce {SERVER_NONCE} login.json", "login.public.pem"),
        (f"{AUTH_VERIFY} -", "login.json"),
        (f"{BUILD.replace('login.pem', '-')} --client-nonce {CLIENT_NONCE}", "login.pem"),
    ],
)
def test_a_dash_is_standard_input(run: Run, line: str, name: str) -> None:
    """Where a file is named, `-` reads the same from standard input."""
    result = run(line, stdin=FILES[name])
    assert result == run(re.sub(r"(?<= )-(?= |$)", name, line))
    assert result.status == 0
    assert result.out


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("sign --key key.pem m -o m", "-o: .* m, which is also read"),
        ("sign --key key.pem m -o ./key.pem", "-o: .* ./key.pem, which is also read"),
        ("pubkey --key key.pem -o ''", "-o: the name of a file"),
        ("pubkey --key key.pem -o nowhere/x", r"nowhere/x: there is no folder \S*/nowhere"),
        ("verify-many m -o x --summary x", "--summary: .* x, which is also"),
        ("verify-many x.state -o x", "-o with .state: .*x.state, which is also read"),
        ("verify-many m --summary -", "--summary: .* standard output"),
        ("verify-many m -o - --summary -", "--summary: .* standard output"),
        ("vectors m --junit x --html -", "--html: .* standard output"),
    ],
)
def test_outputs_are_looked_at_before_the_work_begins(run: Run, folder: Path, line: str, pattern: str) -> None:
    """None takes the place of an input or of another output, all can be written, and one is on standard output."""
    bring(folder, line)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert_refused(run(line), f"^ecpure: {pattern}")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    "line",
    [
        "sign --key - -",
        "verify --public-key - --signature - m",
        "verify --public-key - --signature m.sig -",
        "verify --public-key public.pem --signature - -",
        "verify --public-key - --signature - -",
        f"auth verify --public-key - --server-nonce {SERVER_NONCE} -",
        "explain - --public-key -",
        "explain m --public-key - --message -",
        "explain - --public-key public.pem --digest -",
        f"login wss://h --user-id 1 --cookie {COOKIE} --passphrase-from stdin --ca -",
        f"login wss://h --user-id 1 --cookie {COOKIE} --key - --ca -",
        f"login wss://h --user-id 1 --cookie {COOKIE} --passphrase-from file:- --ca -",
        "verify-many - --keys -",
        "audit m - -",
        "vectors - -",
    ],
)
def test_standard_input_is_one_file_only(run: Run, line: str) -> None:
    """Two files named `-` are refused before anything is read."""
    assert_refused(run(line, stdin=FILES["key.pem"]), "standard input")


MESSAGES = ["sign --key key.pem {}", "verify --public-key public.pem --signature m.sig {}"]


@pytest.mark.parametrize("place", [*SMALL, *MESSAGES])
def test_files_that_cannot_be_opened_are_named(run: Run, place: str) -> None:
    """A missing file, a folder, a path through a file: the file's name and the system's words."""
    assert_refused(run(place.format("missing")), "^ecpure: missing: No such file")
    assert_refused(run(place.format("folder")), "^ecpure: folder: Is a directory")
    assert_refused(run(place.format("m/inside")), "^ecpure: m/inside: Not a directory")


@pytest.mark.parametrize(
    "place",
    [
        *SMALL,
        *MESSAGES,
        "keygen -o {}",
        "pubkey --key key.pem -o {}",
        "vectors {}",
        "vectors --junit {}",
        "verify-many {}",
    ],
)
def test_arguments_with_a_nul_are_refused(run: Run, place: str) -> None:
    """No system passes one on, and no file has such a name; a caller of `main` may have it all the same."""
    assert_refused(run(place.format("m\0")), "NUL")


def test_a_refusal_leaves_the_output_file_alone(run: Run, folder: Path) -> None:
    """Where the command is refused, the file at -o is as it was, and no new file is made."""
    fill(folder)
    for line in ("sign --key m m", "sign --key key.pem missing", "pubkey --key public.pem", f"{BUILD} --tag {2**63}"):
        assert_refused(run(f"{line} -o m.sig"))
        assert_refused(run(f"{line} -o new"))
    assert (folder / "m.sig").read_bytes() == FILES["m.sig"]
    assert {path.name for path in folder.iterdir()} == {*FILES, "folder"}


class FailingStdin:
    """Standard input whose reading raises."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.buffer = self

    def isatty(self) -> bool:
        return False

    def read(self, size: int) -> bytes:
        assert size > 0
        raise self.error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (OSError(), "cannot be read or written"),
        (OSError(5, "Input/output error", 7), "Input/output error"),
    ],
    ids=["interrupt", "named", "wordless", "descriptor"],
)
@pytest.mark.parametrize(
    "line", ["pubkey --key -", "sign --key key.pem -", "auth key --user-id 1 --passphrase-from stdin"]
)
def test_interrupts_and_failing_reads_are_one_sentence(
    run: Run,
    capsysbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    error: BaseException,
    sentence: str,
) -> None:
    """Ctrl-C, and a stream that fails under way, are status 2 without a traceback."""
    assert run("--version").status == 0
    monkeypatch.setattr(sys, "stdin", FailingStdin(error))
    status = main(shlex.split(line))
    assert (status, *capsysbinary.readouterr()) == (2, b"", f"ecpure: {sentence}\n".encode())
