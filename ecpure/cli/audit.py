"""`ecpure audit`: check an archive for reused nonces and other problems across records."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from ..io import files
from ..io.streams import Refused, write_lines, write_standard_output
from .arguments import REFUSED_STATUS, writes
from .options import add_jobs, add_own_key, add_records, own_key, settings, warn_of_weak
from .verdict import INVALID, VALID

EXAMPLES = [
    "ecpure audit archive.jsonl",
    "ecpure audit archive.jsonl --recover --html report.html",
]
STATUSES = {
    0: "every record is valid, and no finding is worse than a note",
    1: "a record is not valid, or a finding is worse than a note",
    2: REFUSED_STATUS,
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_records(parser)
    text = "recover the keys of records that name none, if a key signed more than one record"
    parser.add_argument("--recover", action="store_true", help=text)
    add_own_key(parser)
    add_jobs(parser)
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    text = "keep what was read in this SQLite file, so that an interrupted audit can be resumed"
    writes(parser.add_argument("--store", metavar="FILE", help=text))
    writes(parser.add_argument("--html", metavar="FILE", help="write a one-page HTML report"))


def run(arguments: Namespace) -> int:
    """Print the findings. Return 0 if all records are valid and no finding is worse than a note, else 1."""
    from ..archives.report import Sources  # slow to import, like the following
    from ..audit.audit import audit
    from ..audit.findings import NOTE
    from ..audit.report import as_html, as_json, as_lines

    paths, form, recover = arguments.records, arguments.read_as, arguments.recover
    own = own_key(arguments)
    is_reported = arguments.json or arguments.html is not None
    sources = Sources(paths, arguments.keys) if is_reported else None
    common = settings(arguments)
    weak_hashes: set[str] = set()
    store = arguments.store
    options = {"recover": recover, "jobs": arguments.jobs, "store": store, "own": own, "weak_hashes": weak_hashes}
    try:
        found = audit(paths, form, common, **options)
    except KeyboardInterrupt:
        if store is None:
            raise
        raise Refused(f"interrupted: {store} has what was read; run the same command to continue") from None
    finally:
        warn_of_weak(weak_hashes)
    verdicts, findings, examined, report = found.verdicts, found.findings, found.examined, {}
    if sources is not None:
        facts = sources.facts(form, common, recover=recover)
        report = as_json(verdicts, findings, paths, common, facts, examined=examined)
    if arguments.json:
        write_standard_output(json.dumps(report).encode("ascii") + b"\n")
    else:
        write_lines(as_lines(verdicts, findings, paths, examined=examined, with_keys=bool(common.keys)))
    if arguments.html is not None:
        files.write_pieces(arguments.html, as_html(report))
    return VALID if findings.worst() in (None, NOTE) and verdicts.keys() <= {"valid"} else INVALID
