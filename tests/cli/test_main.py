"""How the commands are started: their words, the terminal's encoding, an interrupt, a backend that is missing."""

from __future__ import annotations

import importlib
import os
import re
import signal
import sys
import threading
import tomllib
from base64 import b64encode
from pathlib import Path

import pytest
from childpython import REFUSALS, child, hide_gmpy2

import ecpure
from ecpure import __main__ as entry
from ecpure.io import streams


def test_the_module_is_the_command() -> None:
    """`python -m ecpure` runs it, with its words and its status."""
    result = child("-m", "ecpure", "--version")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"ecpure {ecpure.__version__} (backend {ecpure.backend()}")
    result = child("-m", "ecpure", "pubkey", "--key", "no such file")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "ecpure: no such file: No such file or directory: check its name\n"


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are UTF-8 here")
def test_a_name_that_is_no_text_is_refused_in_words() -> None:
    """Octets of argv that are not UTF-8 name a file as any others do."""
    result = child("-m", "ecpure", "pubkey", "--key", os.fsdecode(b"missing\xff"))
    assert (result.returncode, result.stdout) == (2, "")
    assert re.fullmatch(
        r"ecpure: missing\S+: No such file or directory: check its name\n",
        result.stderr,
    )


@pytest.mark.parametrize("name", ["a\nvalid", "\x1b]0;title\x07", "\x9b2J", "\u202e", "\u2028"])
def test_a_name_gives_a_terminal_no_orders(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A refusal that names a file is one line, with escapes for a line's end and for what moves a terminal."""
    assert entry.main(["pubkey", "--key", name]) == 2
    streams.write_lines([f"{name}é"])
    out, err = capsys.readouterr()
    escaped = name.encode("unicode_escape").decode("ascii")
    assert err == f"ecpure: {escaped}: No such file or directory: check its name\n"
    assert out == f"{escaped}é\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_refusals_are_written_whatever_the_terminals_encoding(tmp_path: Path, encoding: str) -> None:
    """A sentence with signs that the encoding lacks is one sentence all the same."""
    (tmp_path / "key").write_bytes(bytes(28))
    words = ["pubkey", "--key-format", "raw", "--key", str(tmp_path / "key")]
    result = child("-m", "ecpure", *words, PYTHONIOENCODING=encoding)
    assert (result.returncode, result.stdout) == (2, "")
    assert re.fullmatch(r"ecpure: [^\n]*key: private key: [^\n]+\n", result.stderr)


def test_an_interrupt_while_the_command_is_imported_is_no_traceback(tmp_path: Path) -> None:
    """It ends the process as it ends other programs, by the signal; and what handled it before does so again."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'ecpure.cli': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n",
        encoding="ascii",
    )
    result = child("-m", "ecpure", "--version", first=str(tmp_path), COVERAGE_PROCESS_START="")
    assert (result.returncode, result.stdout, result.stderr) == (-signal.SIGINT, "", "")
    for handler in (signal.default_int_handler, signal.SIG_IGN):
        before = signal.signal(signal.SIGINT, handler)
        try:
            assert entry.main(["--version"]) == 0
            assert signal.getsignal(signal.SIGINT) is handler
        finally:
            signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("octets", [28, 29, 32])
@pytest.mark.parametrize("form", ["hex", "base64"])
@pytest.mark.parametrize(
    "line", ["sign --key {} m", "pubkey {}", "audit {}", "verify-many {}", "verify --public-key {} --signature s m"]
)
def test_a_key_in_place_of_a_file_is_not_repeated(
    line: str, form: str, octets: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever gives the key itself where the name of its file belongs does not find it in a log."""
    key = bytes(range(200, 200 + octets))
    text = key.hex() if form == "hex" else b64encode(key).decode()
    assert entry.main([text if word == "{}" else word for word in line.split()]) == 2
    said = capsys.readouterr().err
    assert said == (
        "ecpure: a file that is not there was named; its name may be a private key, and is not shown: name a file\n"
    )
    for name in (text[:-10], text[:20] + "." + text[20:], "g" * len(text)):
        assert entry.main([name if word == "{}" else word for word in line.split()]) == 2
        assert f"ecpure: {name}: No such file or directory" in capsys.readouterr().err


PEM = ecpure.PrivateKey.from_int(0xC0FFEE << 190).to_pem()
KEY_TEXTS = {
    "PEM": PEM,
    "DER in base64": "".join(PEM.splitlines()[1:-1]),
    "decimal": str(2**223 + 1),
    "a path": f"./{bytes(range(200, 228)).hex()}",
    "a folder": f"{bytes(range(200, 228)).hex()}/key",
    "too long for a name": "g" * 256,
}


@pytest.mark.parametrize("text", KEY_TEXTS.values(), ids=KEY_TEXTS)
@pytest.mark.parametrize(
    "line",
    [
        "sign --key {} m",
        "vectors {}",
        "keygen -o {}/key",
        "login wss://127.0.0.1:9 --user-id 1 --cookie HGREqcILTz8blHa/jsUTVTNBJlg= --ca {}",
        "auth key --user-id 1 --passphrase-from file:{}",
        "verify-many --keys {} records",
    ],
)
def test_no_form_of_a_key_is_repeated(line: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The name of a file to be read or written, of its folder, and one that no file can have."""
    assert entry.main([word.replace("{}", text) for word in line.split()]) == 2
    said = capsys.readouterr().err
    assert said.endswith("its name may be a private key, and is not shown: name a file\n")
    assert text[-9:] not in said


@pytest.mark.parametrize("text", [KEY_TEXTS[name] for name in ("PEM", "DER in base64", "too long for a name")])
def test_no_file_is_named_by_a_private_key(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A new file may be named by a digest, but not by a key's PEM or DER."""
    assert entry.main(["keygen", "-o", text]) == 2
    assert capsys.readouterr().err.endswith("its name may be a private key, and is not shown: name a file\n")


@pytest.mark.parametrize(
    "name",
    ["results-of-an-archive2.jsonl", "results-of-the-archive-2026.jso", "results-of-the-archive-2026.json", "5a" * 32],
)
def test_other_long_names_are_names(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As many characters as a key has octets, and digests, in new files and in folders that are there."""
    folder = tmp_path / ("5a" * 28)
    folder.mkdir()
    new = str(folder / name)
    assert entry.main(["keygen", "-o", new]) == 0
    assert entry.main(["pubkey", new, "-o", f"{new}.pub"]) == 0
    assert capsys.readouterr() == ("", "")
    missing = str(folder / "results-of-the-archive-2025.json")
    assert entry.main(["pubkey", missing]) == 2
    assert f"ecpure: {missing}: No such file or directory" in capsys.readouterr().err


def test_another_thread_may_run_the_command() -> None:
    """There Python handles no signals, and none is touched."""
    before, statuses = signal.getsignal(signal.SIGINT), list[int]()
    thread = threading.Thread(target=lambda: statuses.append(entry.main(["--version"])))
    thread.start()
    thread.join()
    assert (statuses, signal.getsignal(signal.SIGINT)) == ([0], before)


@pytest.mark.usefixtures("signal_handlers")
def test_main_takes_the_process_arguments_by_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without argv it is sys.argv without the program's name; given words go before it."""
    monkeypatch.setattr(sys, "argv", ["ecpure", "--version"])
    assert entry.main() == 0
    assert capsys.readouterr().out.startswith("ecpure ")
    assert entry.main(["pubkey"]) == 2
    assert entry.main([]) == 2
    assert capsys.readouterr().out == ""


def test_a_process_without_memory_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Even where that shows only while the command is loaded."""

    def starved(*_: object, **__: object) -> int:
        raise MemoryError

    monkeypatch.setattr("ecpure.cli.main", starved)
    assert entry.main(["--version"]) == 2
    assert capsys.readouterr().err == "ecpure: out of memory\n"


def test_the_scripts_name_functions_of_the_package() -> None:
    """Each command that is installed starts a function without arguments that can be missing."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["scripts"]) == {"ecpure", "sign_secp224k1"}
    for target in project["scripts"].values():
        module, _, name = target.partition(":")
        assert callable(getattr(importlib.import_module(module), name))
    assert project["scripts"]["ecpure"] == f"{entry.__name__}:{entry.main.__name__}"


@pytest.mark.parametrize("choice", REFUSALS)
def test_a_backend_that_is_not_there_is_one_sentence(tmp_path: Path, choice: str) -> None:
    """An unknown word, or gmpy2 where it cannot be imported: status 2, nothing on standard output, no traceback."""
    result = child("-m", "ecpure", "keygen", first=hide_gmpy2(tmp_path), ECPURE_BACKEND=choice)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"ecpure: {REFUSALS[choice]}\n"


def test_python_without_asserts_refuses_as_much(tmp_path: Path) -> None:
    """Under -O the command's refusals are the same."""
    (tmp_path / "key").write_bytes(bytes(29))
    words = ["-m", "ecpure", "pubkey", "--key-format", "raw", "--key", str(tmp_path / "key")]
    plain, optimised = child(*words), child("-O", *words)
    assert plain.returncode == optimised.returncode == 2
    assert plain.stderr == optimised.stderr != ""
