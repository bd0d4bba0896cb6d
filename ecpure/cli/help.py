"""`ecpure help`: show the help of ecpure or of one of its commands."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

EXAMPLES = ["ecpure help", "ecpure help sign", "ecpure help auth verify"]
STATUSES = {0: "the help was printed", 2: "there is no such command"}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "words", nargs="*", metavar="COMMAND", help="command, such as sign or auth verify (default: ecpure itself)"
    )


def run(arguments: Namespace) -> int:
    """Print what `--help` after these words prints."""
    from . import run as run_words

    return run_words([*arguments.words, "--help"])
