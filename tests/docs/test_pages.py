"""What is made from the command's parser: the reference, the man page, and completion, which three shells run."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import commandpages
import pytest

from ecpure import __version__
from ecpure.cli import parser

ROOT = Path(__file__).parents[2]
OUTPUTS = commandpages.outputs()
COMMANDS = list(commandpages.walk(parser()))


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@pytest.mark.parametrize("path", OUTPUTS)
def test_what_is_shipped_is_what_the_parser_says_now(path: str) -> None:
    """Each file is, octet for octet, what `make reference` would write."""
    assert (ROOT / path).read_text(encoding="ascii") == OUTPUTS[path], "run `make reference`"


def test_the_walk_meets_every_command() -> None:
    """Commands of a group are named with the group; nothing that runs is left out."""
    words = [command.words for command in COMMANDS]
    assert {"sign", "verify-many", "auth key", "completion"} <= set(words)
    assert "auth" not in words
    assert all(command.parser.get_default("command") for command in COMMANDS)


def rendered() -> str:
    """Return what a reader of the man page sees, without bold and underlined."""
    words = ["mandoc", "-T", "ascii", str(ROOT / "docs" / "ecpure.1")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return re.sub(".\x08", "", done.stdout)


@pytest.mark.parametrize(
    "read",
    [lambda: OUTPUTS["docs/command.md"], pytest.param(rendered, marks=needs("mandoc"))],
    ids=["docs/command.md", "docs/ecpure.1"],
)
def test_every_argument_is_told(read: Callable[[], str]) -> None:
    """Under each command's heading stand its sentence, each option that argparse knows, in each of its forms, the exit
    statuses and the examples.
    """
    sections = re.split(r"^(?:##|   )[ ]?ecpure (?=\w)", read(), flags=re.MULTILINE)[1:]
    assert len(sections) == len(COMMANDS)
    for command, section in zip(COMMANDS, sections, strict=True):
        text = " ".join(re.sub(r"[`\\]", "", section).split())
        assert text.startswith(f"{command.words} {command.sentence} ")
        known = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", command.parser.format_usage())) - {"-h"}
        listed = commandpages.arguments(command)
        assert known <= {option for action in listed for option in action.option_strings}
        for action in listed:
            assert all(form in text for form in commandpages.forms(action))
        _, _, end = text.partition("Exit status: ")
        statuses, _, examples = end.partition(" Examples: ")
        assert all(
            re.search(rf"\b{status}:? {re.escape(said)}", statuses) for status, said in command.parser.statuses.items()
        )
        assert all(" ".join(example.replace("\\", "").split()) in examples for example in command.parser.examples)


@needs("mandoc")
def test_mandoc_finds_nothing_wrong() -> None:
    """mandoc has no warning but that the day is missing, and that only while this version is not released."""
    page = ROOT / "docs" / "ecpure.1"
    found = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True, check=False)
    allowed = [] if commandpages.released((ROOT / "CHANGELOG.md").read_text(encoding="utf-8")) else ["TH"]
    assert [line.rpartition(" ")[2] for line in found.stdout.splitlines() if "missing date" in line] == allowed
    assert [line for line in found.stdout.splitlines() if "missing date" not in line] == []
    assert found.stderr == ""


def test_the_day_of_the_man_page() -> None:
    """It is the day that the list of changes gives for this version, once it gives one."""
    assert commandpages.released(f"# Changes\n\n## {__version__} (2026-12-24)\n\n- A\n") == "2026-12-24"
    assert commandpages.released(f"## Unreleased ({__version__})\n\n## 0.0.1 (2026-01-01)\n") == ""


@needs("groff")
def test_groff_finds_nothing_wrong() -> None:
    """groff has no warning, of all that it knows."""
    words = ["groff", "-ww", "-man", "-Tascii", str(ROOT / "docs" / "ecpure.1")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "ecpure verify-many" in re.sub(r"\x1b\[\d*m|.\x08", "", done.stdout)


def test_roff_reads_no_text_as_a_request() -> None:
    """Signs that roff would take for its own are escaped, also at the start of a line."""
    assert commandpages.sentences(".TH 'a' \\n -b ^ ~ `") == [r"\&.TH \(aqa\(aq \en \-b \(ha \(ti \(ga"]
    assert max(map(len, commandpages.sentences("word " * 100))) <= 78


# The shells themselves. `ecpure` is a function there, which shows its arguments in angle brackets.

SHOW = "ecpure() { printf '<'; printf '%s ' \"$@\"; echo '>'; }\n"
TYPED = {
    "keyg\t--cur\tsecp256\t": "keygen --curve secp256k1",
    "sign --key ow\t--form\tcomp\tlet\t": "sign --key own.pem --format compact letter",
    "verify --sig\tlet\t": "verify --signature letter",
    "auth bu\t--coo\t": "auth build --cookie",
    "completion fi\t": "completion fish",
}


def talk(words: list[str], folder: Path, line: str) -> str:
    """Type the line at the prompt of an interactive shell; return what the function shows."""
    terminal, end = os.openpty()
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "ZDOTDIR": str(folder), "TERM": "dumb"}
    with subprocess.Popen(
        words, cwd=folder, env=environment, stdin=end, stdout=end, stderr=end, start_new_session=True
    ) as shell:
        os.close(end)
        try:
            await_text(terminal, "READY")
            os.write(terminal, line.encode("ascii"))
            return await_text(terminal, r"<(.*?) *>")
        finally:
            shell.kill()
            os.close(terminal)


def await_text(terminal: int, pattern: str) -> str:
    """Read what the terminal shows until the pattern is there; return its last group."""
    shown = ""
    while not (found := re.search(pattern, shown)):
        ready, _, _ = select.select([terminal], [], [], 120)
        assert ready, f"nothing more came after {shown!r}"
        shown += os.read(terminal, 4096).decode("utf-8", "replace")
    return found[found.re.groups]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a key and a letter, the completion files where each shell looks, and the shells' settings."""
    (tmp_path / "own.pem").touch()
    (tmp_path / "letter").touch()
    (tmp_path / "functions").mkdir()
    shutil.copy(ROOT / commandpages.COMPLETION["zsh"], tmp_path / "functions")
    script = ROOT / commandpages.COMPLETION["bash"]
    bashrc = f"{SHOW}source '{script}'\nbind 'set enable-bracketed-paste off'\nPS1='READY '\n"
    (tmp_path / ".bashrc").write_text(bashrc, encoding="utf-8")
    zshrc = f"{SHOW}fpath=('{tmp_path}/functions' $fpath)\nautoload -Uz compinit\ncompinit -u -D\nPS1='READY '\n"
    (tmp_path / ".zshrc").write_text(zshrc, encoding="utf-8")
    return tmp_path


@needs("bash")
@pytest.mark.parametrize("typed", TYPED)
def test_bash_completes(typed: str, desk: Path) -> None:
    """An interactive bash that has read the script completes commands, options, their values and files."""
    words = ["bash", "--noprofile", "--rcfile", str(desk / ".bashrc"), "-i"]
    assert talk(words, desk, f"ecpure {typed}\n") == TYPED[typed]


@needs("zsh")
@pytest.mark.parametrize("typed", TYPED)
def test_zsh_completes(typed: str, desk: Path) -> None:
    """An interactive zsh that finds the script in its function path completes the same."""
    assert talk(["zsh", "-d", "-i"], desk, f"ecpure {typed}\n") == TYPED[typed]


@needs("zsh")
def test_zsh_completes_after_eval(desk: Path) -> None:
    """The script may also be evaluated, as `ecpure completion zsh` is meant to be."""
    (desk / "functions" / "_ecpure").unlink()
    with (desk / ".zshrc").open("a", encoding="utf-8") as settings:
        settings.write(f"eval \"$(cat '{ROOT / commandpages.COMPLETION['zsh']}')\"\n")
    assert talk(["zsh", "-d", "-i"], desk, "ecpure keyg\t\n") == "keygen"


@needs("fish")
@pytest.mark.parametrize("typed", TYPED)
def test_fish_completes(typed: str, desk: Path) -> None:
    """fish, asked for each word as far as it is typed, has the whole word among its answers."""
    words: list[str] = []
    for start, word in zip(typed.split(), TYPED[typed].split(), strict=True):
        line = " ".join(["ecpure", *words, start])
        code = f"source '{ROOT / commandpages.COMPLETION['fish']}'; complete -C '{line}'"
        done = subprocess.run(
            ["fish", "--no-config", "-c", code],
            cwd=desk,
            env={"PATH": os.environ["PATH"], "HOME": str(desk)},
            capture_output=True,
            text=True,
            check=True,
        )
        offered = [answer.partition("\t")[0] for answer in done.stdout.splitlines()]
        assert word in offered
        assert done.stderr == ""
        words.append(word)
