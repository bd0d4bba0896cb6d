"""Exit statuses, the verdict on a signature, and what is said of an error of the system."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..io import files
from ..io.streams import write_standard_output

if TYPE_CHECKING:
    from ..formats.documents import Fields

VALID, INVALID, REFUSED = 0, 1, 2


def add_json(parser: ArgumentParser, more: str = "") -> None:
    """Add --json for a verdict."""
    parser.add_argument("--json", action="store_true", help='print {"valid": true} or {"valid": false}' + more)


def say_verdict(
    valid: bool, arguments: Namespace, fields: Fields | None = None, facts: dict[str, bool] | None = None
) -> int:
    """Write the verdict, then what was signed if that is known, and return the exit status.

    facts: other facts by name; those that are true are printed, and with --json all.
    """
    facts = facts or {}
    if arguments.json:
        text = json.dumps({"valid": valid} | facts | ({} if fields is None else {"fields": fields}))
    else:
        rows = [f"  {name}: {json.dumps(value)}" for name, value in (fields or {}).items()]
        text = "\n".join(["valid" if valid else "invalid", *[name for name, is_so in facts.items() if is_so], *rows])
    write_standard_output(text.encode("ascii") + b"\n")
    return VALID if valid else INVALID


def of_system(error: OSError) -> str:
    """Return the message for an error of the system, with the file's name."""
    if not isinstance(error.filename, str):
        return files.reason(error)
    return f"{files.shown_name(error.filename)}: {files.reason(error)}"
