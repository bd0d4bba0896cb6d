"""The parser: numbers, wrong words that are not repeated, and the files that arguments name."""

from __future__ import annotations

import argparse
import importlib
import re
from types import SimpleNamespace

import pytest
from commandline import BUILD, Run, assert_usage

from ecpure.cli import COMMANDS, main, parser
from ecpure.cli.arguments import Parser, files_read, files_written, integer, names_files, reads, up_to, writes


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["auth", "key", "--user-id", "1", "open sesame"], "unrecognized arguments: see ecpure auth key --help\n"),
        (["auth", "open sesame"], "PART: invalid choice (choose from "),
        (["open sesame (choose from none)"], "COMMAND: invalid choice (choose from "),
        (["auth", "key", "--user-id", "1", "--to", "open\nsesame"], "--to: invalid choice (choose from "),
        (["auth", "build", "--c=open sesame"], "unknown option --c: see ecpure auth build --help"),
        (["auth", "build", "--cooky=open sesame"], "unknown option --cooky: did you mean --cookie?"),
        (["auth", "build", "--open sesame"], "the following arguments are required"),
        (["verify", "--json=open sesame"], "--json: ignored explicit argument"),
        (["auth", "key", "--user-id", "open sesame"], "--user-id: a number of up to 20 decimal digits was expected"),
    ],
)
def test_a_wrong_word_is_not_repeated(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A passphrase given as an argument by mistake is refused, and not shown, wherever it was put."""
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"error: {said}" in err or f"error: argument {said}" in err
    assert "open" not in err
    assert "sesame" not in err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("verfy", "argument COMMAND: invalid choice: did you mean verify? (choose from keygen, "),
        ("help verfy", "argument COMMAND: invalid choice: did you mean verify? (choose from keygen, "),
        ("auth biuld", "argument PART: invalid choice: did you mean build? (choose from key, build, verify)"),
        ("vectors --template rust2", "argument --template: invalid choice: did you mean rust? (choose from python, "),
        ("vectors --template ruby", "argument --template: invalid choice (choose from python, "),
        (
            "sign --key key.pem --format DER m",
            "argument --format: invalid choice: did you mean der? (choose from der, ",
        ),
        ("convert m.sig", "argument KIND: invalid choice (choose from signature, public-key, private-key)"),
        ("convert signatur m.sig", "argument KIND: invalid choice: did you mean signature? (choose from signature, "),
    ],
)
def test_the_choice_that_was_meant(run: Run, line: str, said: str) -> None:
    """As for an option: the nearest one is named if there is one near, and the choices there are."""
    assert_usage(run(line), re.escape(said))


def test_a_superfluous_file_is_named(run: Run) -> None:
    """A file's name is no secret; whatever is not the name of a file may be one."""
    line = "verify --public-key public.pem m m.sig opensesame key.pem"
    assert_usage(run(line), "unrecognized arguments m.sig key.pem: see ecpure verify --help$")


def test_arguments_are_named_as_in_the_usage() -> None:
    """What an error message calls an argument is what the usage shows: a word in capitals, not an attribute."""
    for words in COMMANDS:
        for action in of(words)._get_positional_actions():
            assert isinstance(action.metavar, str)
            assert action.metavar.isupper()


def of(words: str) -> Parser:
    """Return the parser of a command, filled."""
    found = parser()
    for word in words.split():
        found = next(action.choices[word] for action in found._actions if isinstance(action.choices, dict))
    assert isinstance(found, Parser)
    found.fill()
    return found


@pytest.mark.parametrize("number", ["-1", "1.5", "1e3", "one", "", "0x10", "1_000", " 1", "+1", "٣", "²", "9" * 21])
@pytest.mark.parametrize("option", ["--user-id", "--tag"])
def test_numbers_are_decimal_digits(run: Run, option: str, number: str) -> None:
    """A user id or a tag with a sign, a point, other digits or too many of them is a mistake of usage."""
    line = f"{BUILD.replace(' --user-id 1', '')} --user-id=1 --tag=1".replace(f"{option}=1", f"{option}='{number}'")
    assert_usage(run(line), f"argument {option}: a number of up to 20 decimal digits was expected")


@pytest.mark.parametrize("text", ["0", "007", "9" * 20])
def test_an_integer_is_up_to_20_decimal_digits(text: str) -> None:
    """Digits of ASCII are read as they are, leading zeros too; whatever else is refused in words for argparse."""
    assert integer(text) == int(text)
    for wrong in (f"{text} ", f"-{text}", f"{text}.0", text.rjust(21, "0"), "", "²", "٣"):
        with pytest.raises(argparse.ArgumentTypeError, match=r"^a number of up to 20 decimal digits was expected$"):
            integer(wrong)


def test_up_to_begins_at_1() -> None:
    """The numbers that are read are 1 to the limit; 0, the next above and anything but a number are refused."""
    number = up_to(10)
    assert [number(text) for text in ("1", "5", "10")] == [1, 5, 10]
    for wrong in ("0", "11"):
        with pytest.raises(argparse.ArgumentTypeError, match=r"^a number from 1 to 10 was expected$"):
            number(wrong)
    with pytest.raises(argparse.ArgumentTypeError, match=r"^a number of up to 20 decimal digits was expected$"):
        number("ten")


def test_the_files_of_arguments_are_known() -> None:
    """What is read and what is written is told by the arguments' values, and what names no file is in neither."""
    parser = Parser()
    reads(parser.add_argument("--key"))
    reads(parser.add_argument("--more", nargs="*"), lambda values: values)
    reads(parser.add_argument("--source"), lambda value: [value.partition(":")[2]])
    writes(parser.add_argument("-o", "--output", default="-"), beside=(".part", ".state"))
    writes(parser.add_argument("--summary"))
    parser.add_argument("--number")
    named = [action.dest for action in parser._actions if names_files(action)]
    assert named == ["key", "more", "source", "output", "summary"]
    arguments = parser.parse_args([])
    assert files_read(parser, arguments) == []
    assert files_written(parser, arguments) == {"-o": ("-", (".part", ".state"))}
    words = "--number 5 --key k --more a b --source file:s -o out --summary sum"
    arguments = parser.parse_args(words.split())
    assert files_read(parser, arguments) == ["k", "a", "b", "s"]
    assert files_written(parser, arguments) == {"-o": ("out", (".part", ".state")), "--summary": ("sum", ())}
    assert files_read(parser, parser.parse_args(["--source", "file:"])) == []


def test_a_parser_is_filled_once_by_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module that a parser names is loaded when it first parses; its arguments are added then, and only once."""
    loaded = []

    def load(name: str) -> SimpleNamespace:
        loaded.append(name)
        return SimpleNamespace(
            add_arguments=lambda parser: parser.add_argument("--number", type=integer),
            name=name,
            EXAMPLES=["ecpure n --number 5%"],
            STATUSES={0: "done"},
        )

    monkeypatch.setattr(importlib.import_module("ecpure.cli.arguments"), "import_module", load)
    parser, empty = Parser(), Parser()
    parser.module = "some.command"
    assert loaded == []
    for number in ("5", "6"):
        arguments = parser.parse_args(["--number", number])
        assert (arguments.number, arguments.command.name, arguments.parser) == (int(number), "some.command", parser)
    assert parser.format_help().endswith("\n\nexit status:\n  0  done\n\nexamples:\n  ecpure n --number 5%\n")
    empty.parse_args([])
    assert loaded == ["some.command"]


def test_only_what_is_repeated_is_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    """Words of argparse that repeat nothing, and choices there are, are said in full."""
    parser = Parser(prog="p")
    parser.add_argument("--to", choices=["a", "b"])
    parser.add_argument("--key", required=True)
    for words, said in (
        (["--key", "k", "--to", "abopensesame"], "argument --to: invalid choice (choose from a, b)\n"),
        ([], "the following arguments are required: --key"),
        (["--key"], "argument --key: expected one argument"),
        (["--key", "k", "--to", "opensesame"], "argument --to: invalid choice (choose from "),
        (["--key", "k", "opensesame"], "unrecognized arguments: see p --help\n"),
    ):
        with pytest.raises(SystemExit) as done:
            parser.parse_args(words)
        assert done.value.code == 2
        err = capsys.readouterr().err
        assert f"p: error: {said}" in err
        assert "opensesame" not in err
