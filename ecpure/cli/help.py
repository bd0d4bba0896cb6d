"""`ecpure help`: show the help of this command, or of one of its commands."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

EXAMPLES = ["ecpure help", "ecpure help sign", "ecpure help auth verify"]
STATUSES = {0: "done", 2: "there is no such command"}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "words", nargs="*", metavar="COMMAND", help="such as sign, or auth verify (default: all of them)"
    )


def run(arguments: Namespace) -> int:
    """Print what `--help` after these words prints."""
    from . import run as run_words

    return run_words([*arguments.words, "--help"])
