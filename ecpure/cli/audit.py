"""`ecpure audit`: check an archive for reused nonces and other problems across records."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from ..io.streams import Refused, write_lines, write_standard_output
from .options import add_jobs, add_records, settings
from .verdict import INVALID, VALID


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_records(parser)
    text = "find the keys of records that name none, if they signed more than one record"
    parser.add_argument("--recover", action="store_true", help=text)
    add_jobs(parser)
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(arguments: Namespace) -> int:
    """Print the findings. Return 0 if all records are valid and no finding weighs more than a note, else 1."""
    from concurrent.futures import BrokenExecutor  # slow to import, as what follows

    from ..archives import workers
    from ..audit.audit import audit
    from ..audit.findings import NOTE
    from ..audit.report import as_json, as_lines

    paths, form = arguments.records, arguments.read_as
    try:
        with workers.ended_is_interrupted():
            found = audit(paths, form, settings(arguments), recover=arguments.recover, jobs=arguments.jobs)
    except BrokenExecutor:
        raise Refused("a worker process died") from None
    verdicts, findings = found.verdicts, found.findings
    if arguments.json:
        write_standard_output(json.dumps(as_json(verdicts, findings, paths)).encode("ascii") + b"\n")
    else:
        write_lines(as_lines(verdicts, findings, paths))
    return VALID if findings.worst() in (None, NOTE) and verdicts.keys() <= {"valid"} else INVALID
