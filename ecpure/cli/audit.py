"""`ecpure audit`: check an archive for reused nonces and other problems across records."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from ..io import files
from ..io.streams import Refused, write_lines, write_standard_output
from .arguments import writes
from .options import add_jobs, add_own_key, add_records, own_key, settings
from .verdict import INVALID, VALID


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_records(parser)
    text = "find the keys of records that name none, if they signed more than one record"
    parser.add_argument("--recover", action="store_true", help=text)
    add_own_key(parser)
    add_jobs(parser)
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    text = "keep what was read in this SQLite file, so that an interrupted audit resumes"
    writes(parser.add_argument("--store", metavar="FILE", help=text))
    writes(parser.add_argument("--html", metavar="FILE", help="write a report to file as one page of HTML"))


def run(arguments: Namespace) -> int:
    """Print the findings. Return 0 if all records are valid and no finding weighs more than a note, else 1."""
    from ..archives.report import Sources  # slow to import, as what follows
    from ..audit.audit import audit
    from ..audit.findings import NOTE
    from ..audit.report import as_html, as_json, as_lines

    paths, form, recover = arguments.records, arguments.read_as, arguments.recover
    own = own_key(arguments)
    is_reported = arguments.json or arguments.html is not None
    sources = Sources(paths, arguments.keys) if is_reported else None
    common = settings(arguments)
    try:
        found = audit(paths, form, common, recover=recover, jobs=arguments.jobs, store=arguments.store, own=own)
    except KeyboardInterrupt:
        if arguments.store is None:
            raise
        raise Refused(f"interrupted: {arguments.store} has what was read; the same command continues") from None
    verdicts, findings, examined, report = found.verdicts, found.findings, found.examined, {}
    if sources is not None:
        report = as_json(
            verdicts, findings, paths, common, sources.facts(form, common, recover=recover), examined=examined
        )
    if arguments.json:
        write_standard_output(json.dumps(report).encode("ascii") + b"\n")
    else:
        write_lines(as_lines(verdicts, findings, paths, examined=examined, with_keys=bool(common.keys)))
    if arguments.html is not None:
        files.write_pieces(arguments.html, as_html(report))
    return VALID if findings.worst() in (None, NOTE) and verdicts.keys() <= {"valid"} else INVALID
