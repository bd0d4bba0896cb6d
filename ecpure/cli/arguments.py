"""The parser of the `ecpure` command: it never repeats a value, suggests the nearest option or choice, shows examples
and exit statuses, and knows which files its arguments read and write.
"""

from __future__ import annotations

import argparse
import os
import re
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn

from ..io.streams import printable

_REPEATING = re.compile(r"(ambiguous option|ignored explicit argument).*", re.DOTALL)
"""What argparse prints, and the word that it repeats after it."""

_OPTION = re.compile(r"(--[A-Za-z][A-Za-z0-9-]{0,30})(?:=.*)?|(-[A-Za-z])", re.DOTALL)
"""A word that is meant as an option, not as a value: only what is before its = may be repeated."""

_KEYS = {
    "--key": {"--private-key": "your private key", "--public-key": "the public key", "--keys": "public keys"},
    "--public-key": {"--key": "the private key", "--keys": "public keys"},
    "--private-key": {"--key": "the private key", "--public-key": "the public key", "--keys": "public keys"},
}
"""For each key option that a command may lack: the options it may have instead, and what they take."""


REFUSED_STATUS = "wrong usage, or input that cannot be read"
"""The meaning of status 2 for most commands."""


class _Formatter(argparse.HelpFormatter):
    """Wraps text, unless it has line ends of its own, and options that exclude each other."""

    def _format_usage(self, *content: Any) -> str:
        """Return the usage, with one option a line where argparse leaves a group on a line that is too long."""
        return "".join(map(self._wrapped, super()._format_usage(*content).splitlines(keepends=True)))

    def _wrapped(self, line: str) -> str:
        indent = " " * (len(line) - len(line.lstrip()) + 1)
        return line.replace(" | ", f" |\n{indent}") if len(line.rstrip()) > self._width else line

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


class Parser(ArgumentParser):
    """A parser that never repeats a value, which may be a secret that was meant for the prompt, and accepts only whole
    option names.

    module: the module of its command, if any, which is loaded when its arguments are needed.
    examples, statuses: those of the command, once it is loaded.
    """

    module: str | None = None
    examples: Sequence[str] = ()
    statuses: Mapping[int, str] = {}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"allow_abbrev": False, "formatter_class": _Formatter, **settings})

    def fill(self) -> None:
        """Let the command's module add its arguments, once."""
        name, self.module = self.module, None
        if name is not None:
            command = import_module(name)
            command.add_arguments(self)
            self.examples, self.statuses = command.EXAMPLES, command.STATUSES
            self.epilog = ending(self.statuses, self.examples)
            self.set_defaults(command=command, parser=self)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as `ArgumentParser` does, which calls this for a command only if its name was given."""
        self.fill()
        self._refuse_unknown_options(args or [])
        found, others = super().parse_known_args(args, namespace)
        if others:
            names = "".join(f" {printable(word)}" for word in others if os.path.isfile(word))  # others may be secret
            self.error(f"unrecognized arguments{names}: see {self.prog} --help")
        return found, others

    def _check_value(self, action: Action, value: Any) -> None:
        """Refuse what is not one of the choices, without repeating it. Raises `ArgumentError`."""
        if action.choices is not None and value not in action.choices:
            choices = [*map(str, action.choices)]
            near = f": {meant}" if (meant := _meant(value, choices)) else ""
            raise argparse.ArgumentError(action, f"invalid choice{near} (choose from {', '.join(choices)})")

    def _refuse_unknown_options(self, words: Sequence[str]) -> None:
        """Exit for an unknown option, before argparse complains of missing arguments instead."""
        for word in words:
            if word == "--" or (self._subparsers is not None and not word.startswith("-")):
                return
            option = _OPTION.fullmatch(word)
            if option and (name := option[1] or option[2]) not in self._option_string_actions:
                self.error(f"unknown option {name}: {self._instead_of(name)}")

    def _instead_of(self, option: str) -> str:
        """Return what may have been meant by an unknown option."""
        known = self._option_string_actions
        if takes := [f"{name} takes {what}" for name, what in _KEYS.get(option, {}).items() if name in known]:
            return takes[0]
        if len(option) == 2 and (near := [name for name in known if name.startswith(f"-{option}")]):
            return f"did you mean {near[0]}?"
        return _meant(option, [name for name in known if name.startswith("--")]) or f"see {self.prog} --help"

    def error(self, message: str) -> NoReturn:
        """Print usage and message, and exit with status 2."""
        super().error(_REPEATING.sub(r"\1", message))


def _meant(word: str, known: Sequence[str]) -> str:
    """Return a question for the nearest of the known words, or an empty text if none is near."""
    from difflib import get_close_matches  # slow to import, and needed only for mistakes

    near = get_close_matches(word.lower(), known, 1)
    return f"did you mean {near[0]}?" if near else ""


def ending(statuses: Mapping[int, str], examples: Iterable[str]) -> str:
    """Return the end of a command's help: what its exit statuses mean, and examples."""
    meanings = [f"  {status}  {text}" for status, text in statuses.items()]
    lines = [f"  {line}" for example in examples for line in example.splitlines()]
    return "\n".join(["exit status:", *meanings, "", "examples:", *lines])


@dataclass(frozen=True, slots=True)
class _Read:
    """An argument that names files to be read. paths: returns them for its value."""

    paths: Callable[[Any], Iterable[str]]


@dataclass(frozen=True, slots=True)
class _Written:
    """An argument that names a file to be written. beside: suffixes of further files that are written."""

    beside: tuple[str, ...]


def reads(action: Action, paths: Callable[[Any], Iterable[str]] = lambda value: [value]) -> Action:
    """Declare that the argument's value names a file that is read, or files, which `paths` returns for it."""
    action.file = _Read(paths)  # type: ignore[attr-defined]  # an action may have attributes of ours
    return action


def writes(action: Action, *, beside: tuple[str, ...] = ()) -> Action:
    """Declare that the argument's value names a file that is written. beside: suffixes of further files."""
    action.file = _Written(beside)  # type: ignore[attr-defined]
    return action


def names_files(action: Action) -> bool:
    """Whether the argument was declared to name files."""
    return hasattr(action, "file")


def files_read(parser: ArgumentParser, arguments: Namespace) -> list[str]:
    """Return the files that these arguments read; `-` is standard input."""
    found: list[str] = []
    for action, value in _given(parser, arguments):
        if isinstance(file := getattr(action, "file", None), _Read):
            found += filter(None, file.paths(value))
    return found


def files_written(parser: ArgumentParser, arguments: Namespace) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return, by option, the file that is written, and the suffixes of further files."""
    return {
        action.option_strings[0]: (value, file.beside)
        for action, value in _given(parser, arguments)
        if isinstance(file := getattr(action, "file", None), _Written)
    }


def _given(parser: ArgumentParser, arguments: Namespace) -> Iterable[tuple[Action, Any]]:
    """Yield the arguments that have a value."""
    for action in parser._actions:
        value = getattr(arguments, action.dest, None)
        if value is not None:
            yield action, value


def integer(text: str) -> int:
    """Return the int of decimal digits. Raises `ArgumentTypeError`, which argparse turns into its usage message."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise argparse.ArgumentTypeError("a number of up to 20 decimal digits was expected")
    return int(text)


def up_to(most: int, *, least: int = 1) -> Callable[[str], int]:
    """Return a function that reads a number from `least` to `most`."""

    def number(text: str) -> int:
        value = integer(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"a number from {least} to {most} was expected")
        return value

    return number
