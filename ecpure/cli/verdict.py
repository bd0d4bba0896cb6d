"""Exit statuses, the verdict on a signature, and what is said of an error of the system."""

from __future__ import annotations

import contextlib
import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..io import files
from ..io.streams import write_standard_output

if TYPE_CHECKING:
    from ..formats.documents import Fields

VALID, INVALID, REFUSED = 0, 1, 2

_KEY_OCTETS = (28, 29, 32)  # on secp224k1 at the exchange and here, and on secp256k1


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
    """Return the message for an error of the system. It names the file, unless that may be a private key."""
    if not isinstance(error.filename, str):
        return files.reason(error)
    if isinstance(error, FileNotFoundError) and _may_be_a_key(error.filename):
        return "a file that is not there was named; its name may be a private key, and is not shown: name a file"
    return f"{files.shown_name(error.filename)}: {files.reason(error)}"


def _may_be_a_key(name: str) -> bool:
    """Whether a name is as many octets in hex or base64 as a private key has, here or at the exchange."""
    from ..formats.texts import TEXTS  # only needed for an error

    for form in TEXTS.values():
        with contextlib.suppress(ValueError):
            if len(form.decode(name.encode("utf-8", "replace"))) in _KEY_OCTETS:
                return any(map(str.isdigit, name))
    return False
