"""`ecpure audit`: what the signatures of an archive show together, which none of them shows alone.

Blocks of lines go to the workers, as those of `verify-many` do; what verifies comes back as rows of some 130 octets,
which are kept, and looked at when the last one is there.
"""

from __future__ import annotations

import json
from concurrent.futures import BrokenExecutor
from functools import partial
from typing import TYPE_CHECKING

from . import keyring, workers
from .conclusions import Conclusions
from .examine import Examiner
from .findings import KINDS, NOTE
from .inputs import blocks, total_octets
from .records import require_some, summary, summary_lines
from .streams import INVALID, VALID, Progress, Refused, write_lines, write_standard_output

if TYPE_CHECKING:
    from argparse import Namespace


def command(arguments: Namespace) -> int:
    """Do what `ecpure audit` is asked for. Raises `OSError`, `EcpureError`."""
    paths: list[str] = arguments.records
    conclusions = Conclusions(keyring.settings(arguments))
    try:
        with workers.ended_is_interrupted():
            _look(conclusions, arguments)
    except BrokenExecutor:
        raise Refused("a worker process came to its end") from None
    require_some(conclusions.verdicts)
    conclusions.conclude()
    findings, verdicts = conclusions.findings, conclusions.verdicts
    if arguments.json:
        totals = {kind: findings.totals[kind] for kind in KINDS if findings.totals[kind]}
        report = {**summary(verdicts), "totals": totals, "findings": findings.as_json(paths)}
        write_standard_output(json.dumps(report).encode("ascii") + b"\n")
    else:
        write_lines([*summary_lines(verdicts), *findings.as_lines(paths)])
    return VALID if findings.worst() in (None, NOTE) and verdicts.keys() <= {"valid"} else INVALID


def _look(conclusions: Conclusions, arguments: Namespace) -> None:
    """Let every block be examined, and take what is seen."""
    paths, settings = arguments.records, conclusions.settings
    total = total_octets(paths)
    jobs = workers.processes(total, arguments.jobs)
    pace = workers.Pace(total, 0, 0)
    make = partial(Examiner, settings, recover=arguments.recover)
    with (
        workers.answers(make, blocks(paths, arguments.read_as), jobs) as answers,
        Progress(total, "audit") as progress,
    ):
        done = 0
        for seen in answers:
            conclusions.take(seen)
            progress.advance(seen.position - done, pace.words(seen.position, conclusions.verdicts.total()))
            done = seen.position
