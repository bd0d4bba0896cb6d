"""`ecpure verify-many`: verify every record of an archive."""

from __future__ import annotations

import contextlib
import json
from argparse import ArgumentParser, Namespace
from collections import Counter
from typing import TYPE_CHECKING, NoReturn

from ..io import files
from ..io.streams import Refused, say
from .arguments import writes
from .options import add_jobs, add_output, add_records, settings
from .verdict import INVALID, VALID

if TYPE_CHECKING:
    from ..archives.checkpoint import Results


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_records(parser)
    add_output(parser, beside=(".part", ".state"))
    parser.add_argument("--resume", action="store_true", help="continue an interrupted run with the same -o")
    add_jobs(parser)
    text = "write how many records had which verdict and reason, as JSON"
    writes(parser.add_argument("--summary", metavar="FILE", help=text))


def run(arguments: Namespace) -> int:
    """Write a result for each record, and say how many there were of each verdict."""
    from concurrent.futures import BrokenExecutor  # slow to import, as what follows

    from ..archives import workers
    from ..archives.checkpoint import Results
    from ..archives.verdicts import require_some
    from ..archives.verify import described, verify

    common = settings(arguments)
    run = described(arguments.records, arguments.read_as, common)
    with Results(arguments.output, run, resume=arguments.resume) as results:
        try:
            with workers.ended_is_interrupted():
                verify(arguments.records, arguments.read_as, common, results, arguments.jobs)
                require_some(results.state.verdicts)
                results.finish()
        except KeyboardInterrupt:
            _stopped(results, "interrupted")
        except BrokenExecutor:
            _stopped(results, "a worker process died")
        except OSError as error:
            name = f"{error.filename}: " if isinstance(error.filename, str) else ""
            _stopped(results, f"{name}{error.strerror or 'cannot be read or written'}")
    _summarise(results.state.verdicts, arguments.summary)
    return VALID if results.state.verdicts.keys() <= {"valid"} else INVALID


def _stopped(results: Results, reason: str) -> NoReturn:
    """Keep what was done, and raise `Refused` that says so."""
    records = results.state.verdicts.total()
    if records and results.is_begun():
        with contextlib.suppress(OSError):  # the state before this one serves too
            results.checkpoint()
        reason += f": the .part file has the results of {records:,} records; continue with --resume"
    elif records:
        reason += f": the results of {records:,} records were written"
    raise Refused(reason) from None


def _summarise(verdicts: Counter[str], path: str | None) -> None:
    """Say how many records had which verdict and reason, and write it as JSON if there is a path."""
    from ..archives.verdicts import summary, summary_lines

    total, *reasons = summary_lines(verdicts)
    for line in [f"ecpure: {total}", *reasons]:
        say(line)
    if path is not None:
        files.write(path, json.dumps(summary(verdicts)).encode("ascii") + b"\n")
