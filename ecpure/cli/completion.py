"""`ecpure completion`: print a shell completion script."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from ..io import files
from ..io.streams import write_standard_output
from .arguments import REFUSED_STATUS
from .verdict import VALID

_SCRIPTS = {"bash": "ecpure.bash", "zsh": "_ecpure", "fish": "ecpure.fish"}


EXAMPLES = [
    "ecpure completion bash",
]
STATUSES = {
    0: "the script was printed",
    2: REFUSED_STATUS,
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    text = "shell that will read the script: bash and zsh with eval, fish with source"
    parser.add_argument("shell", metavar="SHELL", choices=list(_SCRIPTS), help=text)


def run(arguments: Namespace) -> int:
    """Print the script."""
    folder = os.path.join(os.path.dirname(__file__), "completions")
    write_standard_output(files.read(os.path.join(folder, _SCRIPTS[arguments.shell])))
    return VALID
