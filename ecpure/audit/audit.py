"""Auditing an archive: what its signatures show together, which none of them shows alone.

Blocks of lines go to the workers, as those of `verify-many` do; what verifies comes back as rows of some 130 octets,
which are kept, and compared when the last one is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..archives import workers
from ..archives.blocks import blocks, total_octets
from ..archives.records import Settings
from ..archives.verdicts import require_some
from ..io.progress import Progress
from .collect import Collector
from .conclusions import Conclusions


def audit(
    paths: Sequence[str], form: str | None, settings: Settings, *, recover: bool, jobs: int | None
) -> Conclusions:
    """Return what the records come to. form: as in `blocks`. jobs: processes, or None for as many as there are cores.

    recover: find the keys of records that name none. Raises `OSError`, `Refused`; `BrokenExecutor` if a worker dies.
    """
    conclusions = Conclusions(settings)
    total = total_octets(paths)
    pace = workers.Pace(total, 0, 0)
    make = partial(Collector, settings, recover=recover)
    with (
        workers.answers(make, blocks(paths, form), workers.processes(total, jobs)) as answers,
        Progress(total, "audit") as progress,
    ):
        done = 0
        for seen in answers:
            conclusions.take(seen)
            progress.advance(seen.position - done, pace.words(seen.position, conclusions.verdicts.total()))
            done = seen.position
    require_some(conclusions.verdicts)
    conclusions.conclude()
    return conclusions
