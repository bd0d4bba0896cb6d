"""The parser of the `ecpure` command: repeats no wrong word, and knows which files its arguments read and write."""

from __future__ import annotations

import argparse
import re
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn

# What argparse says, up to the word that it repeats; and after that the choices there are, which may stay.
_REPEATING = re.compile(
    r"(unrecognized arguments|ambiguous option|ignored explicit argument|invalid choice).*?( \(choose from [^()]*\))?$",
    re.DOTALL,
)


class Parser(ArgumentParser):
    """A parser that does not repeat a wrong word, which may be a secret that was meant for the prompt.

    module: that of the command that it is for, if any, which is loaded when its arguments are needed.
    """

    module: str | None = None

    def fill(self) -> None:
        """Let the command's module add its arguments, once."""
        name, self.module = self.module, None
        if name is not None:
            command = import_module(name)
            command.add_arguments(self)
            self.set_defaults(command=command, parser=self)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as `ArgumentParser` does, which asks the parser of a command so only if its name was given."""
        self.fill()
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Print usage and message, and exit with status 2."""
        super().error(_REPEATING.sub(r"\1\2", message))


@dataclass(frozen=True, slots=True)
class _Read:
    """Which files an argument with this value names to be read."""

    paths: Callable[[Any], Iterable[str]]


@dataclass(frozen=True, slots=True)
class _Written:
    """An argument that names a file to be written. beside: endings of files that appear beside it."""

    beside: tuple[str, ...]


def reads(action: Action, paths: Callable[[Any], Iterable[str]] = lambda value: [value]) -> Action:
    """Declare that the argument's value names files that are read: itself, or what `paths` makes of a value."""
    action.file = _Read(paths)  # type: ignore[attr-defined]  # an action may have attributes of ours
    return action


def writes(action: Action, *, beside: tuple[str, ...] = ()) -> Action:
    """Declare that the argument's value names a file that is written, and perhaps others with these endings."""
    action.file = _Written(beside)  # type: ignore[attr-defined]
    return action


def names_files(action: Action) -> bool:
    """Whether the argument was declared to name files."""
    return hasattr(action, "file")


def files_read(parser: ArgumentParser, arguments: Namespace) -> list[str]:
    """Return the files that these arguments of the parser name to be read; `-` is standard input."""
    found: list[str] = []
    for action, value in _given(parser, arguments):
        if isinstance(file := getattr(action, "file", None), _Read):
            found += filter(None, file.paths(value))
    return found


def files_written(parser: ArgumentParser, arguments: Namespace) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return by option the file that these arguments name to be written, and the endings of others beside it."""
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


def up_to(most: int) -> Callable[[str], int]:
    """Return a reader of numbers from 1 to `most`, a limit that keeps each usable for what counts with it."""

    def number(text: str) -> int:
        value = integer(text)
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"a number from 1 to {most} was expected")
        return value

    return number
