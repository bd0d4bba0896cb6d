"""Make what the command's parser says once more: docs/command.md, the man page, and the completion of three shells.

`make reference` runs it, after every change of the parser. The shells' scripts are made by shtab, which knows the
quoting of each. The pages are written here, in one walk: what argparse-manpage prints depends on the interpreter's
argparse and on the width of the terminal, and these files have to be the same on every machine.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import shtab

from ecpure import __version__
from ecpure.cli import parser
from ecpure.cli.arguments import Parser, names_files

ROOT = Path(__file__).parents[2]
COMPLETION = {
    "bash": "ecpure/cli/completions/ecpure.bash",
    "zsh": "ecpure/cli/completions/_ecpure",
    "fish": "ecpure/cli/completions/ecpure.fish",
}
EXIT_STATUS = [
    ("0", "valid or done"),
    ("1", "invalid signature (or as described for the command)"),
    ("2", "wrong usage, or input that cannot be read"),
]
ENVIRONMENT = [
    ("ECPURE_BACKEND", "the integers: python, gmpy2, or auto (the default), which is gmpy2 where it is installed")
]
STREAMS = (
    "Data go to standard output, words to standard error; - in place of a file is standard input or output. "
    "A passphrase is asked for on the terminal, or comes from --passphrase-from; no secret is ever an argument."
)
WIDTH = 88  # of a line of code in docs/command.md


class Command(NamedTuple):
    """A command that can be run: its words, one sentence, and its arguments."""

    words: str
    sentence: str
    parser: Parser


def subcommands(parser: argparse.ArgumentParser) -> dict[str, Parser]:
    """Return the parsers right below this one by their names."""
    kinds = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(kinds[0].choices) if kinds else {}


def walk(parser: argparse.ArgumentParser) -> Iterator[Command]:
    """Yield the commands below `parser`, in the order of the help, those of a group in place of the group."""
    for name, below in subcommands(parser).items():
        if subcommands(below):
            yield from (command._replace(words=f"{name} {command.words}") for command in walk(below))
        else:
            below.fill()
            yield Command(name, below.description or "", below)


def arguments(command: Command) -> list[argparse.Action]:
    """Return what can be given, in the order of the help; not the option for help itself, which all have."""
    return [
        action
        for action in command.parser._actions
        if not isinstance(action, argparse._HelpAction) and action.help != argparse.SUPPRESS
    ]


def value(action: argparse.Action) -> str:
    """Return the word that stands for an argument's value, or its choices; nothing where it takes none."""
    if action.nargs == 0:
        return ""
    return action.metavar if isinstance(action.metavar, str) else "|".join(map(str, action.choices or [action.dest]))


def forms(action: argparse.Action) -> list[str]:
    """Return the ways in which an argument is written, such as -o FILE and --output FILE."""
    if not action.option_strings:
        return [value(action) + ("..." if action.nargs in ("*", "+") else "")]
    return [f"{option} {value(action)}".rstrip() for option in action.option_strings]


def synopsis(command: Command) -> list[str]:
    """Return the arguments in the order of a call: options, of which some exclude each other, then operands."""
    parts = []
    groups = {action: group for group in command.parser._mutually_exclusive_groups for action in group._group_actions}
    for action in sorted(arguments(command), key=lambda action: not action.option_strings):
        group = groups.get(action)
        if group is None:
            text = forms(action)[-1]
            needed = action.required if action.option_strings else action.nargs not in ("?", "*")
            repeated = "..." if isinstance(action, argparse._AppendAction) else ""
            parts.append(text if needed else f"[{text}]{repeated}")
        elif action is group._group_actions[0]:
            either = " | ".join(forms(member)[-1] for member in group._group_actions)
            parts.append(f"({either})" if group.required else f"[{either}]")
    return parts


def said(action: argparse.Action) -> str:
    """Return the help of an argument, and whether it has to be given."""
    must = " (required)" if action.option_strings and action.required else ""
    return (action.help or "") % vars(action) + must


# Markdown


def as_markdown(top: argparse.ArgumentParser) -> str:
    """Return docs/command.md."""
    lines = [
        "# Command line",
        "",
        "Made from the command's parser by `make reference`; the man page has the same.",
        "",
        markdown(top.description or ""),
        "",
        markdown(STREAMS),
        "",
        "Exit status:",
        "",
        *(f"- {status}: {text}" for status, text in EXIT_STATUS),
        "",
        "Environment:",
        "",
        *(f"- `{name}`: {text}" for name, text in ENVIRONMENT),
        "",
        "`ecpure --version` says which integers are at work; `--help` after any command prints its usage and examples.",
        "",
        "| command | what it does |",
        "|---|---|",
    ]
    commands = list(walk(top))
    lines += [f"| [`{words}`](#ecpure-{words.replace(' ', '-')}) | {markdown(text)} |" for words, text, _ in commands]
    for command in commands:
        lines += ["", f"## ecpure {command.words}", "", markdown(command.sentence), "", "```", *call(command), "```"]
        if listed := sorted(arguments(command), key=lambda action: bool(action.option_strings)):
            lines += ["", *(f"- {', '.join(f'`{form}`' for form in forms(a))}: {markdown(said(a))}" for a in listed)]
        lines += ["", "Exit status:", ""]
        lines += [f"- {status}: {markdown(text)}" for status, text in command.parser.statuses.items()]
        lines += ["", "Examples:", "", "```", *command.parser.examples, "```"]
    return "\n".join(lines) + "\n"


def call(command: Command) -> list[str]:
    """Return the call in lines that a page is wide enough for, none of which ends inside of an argument."""
    lines = [f"ecpure {command.words}"]
    for argument in synopsis(command):
        if len(lines[-1]) + 1 + len(argument) > WIDTH:
            lines.append("   ")
        lines[-1] += f" {argument}"
    return lines


def markdown(text: str) -> str:
    """Return the text with what Markdown would read as its own signs escaped, and options and JSON as code."""
    return re.sub(r"(?<![\w-])--[a-z][a-z-]*|\{[^}]*\}", r"`\g<0>`", re.sub(r"[*<|]", r"\\\g<0>", text))


# The man page


def as_man(top: argparse.ArgumentParser) -> str:
    """Return the man page, in the macros that groff and mandoc both have."""
    name = roff(top.prog)
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    lines = [
        '.\\" made from the parser by `make reference`',
        f'.TH {name.upper()} 1 "{released(changes)}" "{name} {__version__}" "User Commands"',
        ".SH NAME",
        rf"{name} \- {roff((top.description or '').rstrip('.'))}",
        ".SH SYNOPSIS",
        rf".B {name}",
        r"[\fB\-\-help\fR] [\fB\-\-version\fR] \fICOMMAND\fR [\fIARGUMENTS\fR]",
        ".SH DESCRIPTION",
        *sentences(STREAMS),
        ".SH COMMANDS",
    ]
    for command in walk(top):
        lines += [f".SS {name} {roff(command.words)}", *sentences(command.sentence), ".PP"]
        lines += [rf"\fB{name} {roff(command.words)}\fR", *(part(text) for text in synopsis(command))]
        for action in arguments(command):
            lines += [".TP", ", ".join(part(form) for form in forms(action)), *sentences(said(action))]
        lines += [".PP", "Exit status:"]
        for status, text in command.parser.statuses.items():
            lines += [".TP", rf"\fB{status}\fR", *sentences(text)]
        lines += [".PP", "Examples:", ".PP", ".nf"]
        lines += [roff(line) for example in command.parser.examples for line in example.splitlines()]
        lines += [".fi"]
    for title, rows in (("EXIT STATUS", EXIT_STATUS), ("ENVIRONMENT", ENVIRONMENT)):
        lines += [f".SH {title}"]
        for word, text in rows:
            lines += [".TP", rf"\fB{roff(word)}\fR", *sentences(text)]
    lines += [".SH SEE ALSO", ".BR openssl (1)"]
    return "\n".join(lines) + "\n"


def released(changes: str) -> str:
    """Return the day of this version's release, as the list of changes has it; nothing before that."""
    found = re.search(rf"^## {re.escape(__version__)} \((\d{{4}}-\d\d-\d\d)\)$", changes, re.MULTILINE)
    return found[1] if found else ""


def roff(text: str) -> str:
    """Return the text with every sign that roff would read as its own, or draw as another, escaped."""
    escapes = {"\\": r"\e", "-": r"\-", "'": r"\(aq", "^": r"\(ha", "~": r"\(ti", "`": r"\(ga"}
    return "".join(escapes.get(sign, sign) for sign in text)


def part(text: str) -> str:
    """Return a part of a synopsis, which no line breaks and whose dots end no sentence, with the options in bold."""
    return re.sub(r"(?<![\w-])(\\-[\\a-z-]*[a-z])", r"\\fB\1\\fR", roff(text)).replace(" ", r"\ ") + r"\&"


def sentences(text: str) -> list[str]:
    """Return the text in lines of at most 78 signs, none of which starts as a request of roff does."""
    lines = [""]
    for word in roff(text).split(" "):
        if lines[-1] and len(lines[-1]) + len(word) >= 78:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return [rf"\&{line}" if line.startswith(".") else line for line in lines]


# Completion


def as_completion(shell: str) -> str:
    """Return the script with which the shell completes the command's words."""
    top = parser()
    for command in walk(top):
        for action in arguments(command):
            if names_files(action) and action.metavar != "SOURCE":  # which is a word, or file: before the file's name
                action.complete = shtab.FILE  # type: ignore[attr-defined]  # shtab's own attribute
    return shtab.complete(top, shell)


def outputs() -> dict[str, str]:
    """Return each file's path from the project's root, and its text."""
    pages = {"docs/command.md": as_markdown(parser()), "docs/ecpure.1": as_man(parser())}
    return pages | {path: as_completion(shell) for shell, path in COMPLETION.items()}


def main() -> int:
    """Write the files."""
    for path, text in outputs().items():
        (ROOT / path).write_text(text, encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
