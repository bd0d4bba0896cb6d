"""`ecpure verify-many`: verify every record of an archive."""

from __future__ import annotations

import contextlib
import json
import os
from argparse import ArgumentParser, Namespace
from collections import Counter
from typing import TYPE_CHECKING, Any, NoReturn

from ..io import files
from ..io.streams import Refused, say
from .arguments import REFUSED_STATUS, writes
from .options import add_jobs, add_output, add_records, settings, warn_of_weak
from .verdict import INVALID, VALID, of_system

if TYPE_CHECKING:
    from ..archives.checkpoint import Results


EXAMPLES = [
    "ecpure verify-many archive.jsonl",
    "ecpure verify-many archive.jsonl --keys keys -o results.jsonl",
]
STATUSES = {
    0: "every record is valid",
    1: "some are invalid, unreadable or without a trusted key",
    2: REFUSED_STATUS,
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_records(parser)
    add_output(parser, beside=(".part", ".state"))
    parser.add_argument("--resume", action="store_true", help="continue an interrupted run with the same -o")
    add_jobs(parser)
    text = "write how many records had which verdict and reason, what was read, and how, as JSON"
    writes(parser.add_argument("--summary", metavar="FILE", help=text))
    text = "write a one-page HTML report with every record that is not valid; needs -o"
    writes(parser.add_argument("--html", metavar="FILE", help=text))


def run(arguments: Namespace) -> int:
    """Write a result for each record, and print how many there were of each verdict."""
    from ..archives.checkpoint import Results  # slow to import, like the following
    from ..archives.report import Sources
    from ..archives.verdicts import require_some, summary
    from ..archives.verify import described, verify
    from ..archives.workers import WorkersFailed

    if arguments.html is not None and not _is_file(arguments.output):
        raise Refused("--html needs -o with the name of a file: the page is made from the results in it")
    is_reported = arguments.summary is not None or arguments.html is not None
    sources = Sources(arguments.records, arguments.keys) if is_reported else None
    common = settings(arguments)
    run = described(arguments.records, arguments.read_as, common)
    with Results(arguments.output, run, resume=arguments.resume) as results:
        if arguments.resume and not results.state.blocks:
            say(f"ecpure: {arguments.output}: there is no interrupted run to resume: starting from the beginning")
        try:
            verify(arguments.records, arguments.read_as, common, results, arguments.jobs)
            require_some(results.state.verdicts, arguments.records)
            results.finish()
        except KeyboardInterrupt:
            _stopped(results, "interrupted")
        except WorkersFailed as error:
            _stopped(results, str(error))
        except MemoryError:
            _stopped(results, "out of memory: use --jobs 1")
        except OSError as error:
            _stopped(results, of_system(error))
        finally:
            warn_of_weak(results.state.weak_hashes)
    verdicts = results.state.verdicts
    _say(verdicts, with_keys=bool(common.keys))
    if sources is not None:
        _report({**summary(verdicts), "run": sources.facts(arguments.read_as, common)}, arguments)
    return VALID if verdicts.keys() <= {"valid"} else INVALID


def _is_file(path: str) -> bool:
    """Whether the output is a regular file, or a new one."""
    return path != "-" and (os.path.isfile(path) or not os.path.exists(path))


def _stopped(results: Results, reason: str) -> NoReturn:
    """Save what was done, and raise `Refused`, which says so."""
    records = results.state.verdicts.total()
    if records and results.is_begun():
        with contextlib.suppress(OSError):  # the state before this one is enough to resume
            results.checkpoint()
        reason += f": the .part file has the results of {records:,} records; continue with --resume"
    elif records:
        reason += f": the results of {records:,} records were written"
    raise Refused(reason) from None


def _say(verdicts: Counter[str], *, with_keys: bool) -> None:
    """Print how many records had which verdict and reason."""
    from ..archives.verdicts import summary_lines

    total, *reasons = summary_lines(verdicts, with_keys=with_keys)
    for line in [f"ecpure: {total}", *reasons]:
        say(line)


def _report(report: dict[str, Any], arguments: Namespace) -> None:
    """Write the reports that were asked for."""
    from ..archives.report import as_html

    if arguments.summary is not None:
        files.write(arguments.summary, json.dumps(report).encode("ascii") + b"\n")
    if arguments.html is not None:
        files.write_pieces(arguments.html, as_html(report, arguments.output))
