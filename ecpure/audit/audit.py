"""Auditing an archive: problems that only show when its signatures are compared.

Blocks of lines go to the workers, as in `verify-many`; what verifies comes back as rows, which are kept in SQLite and
compared once the last one is there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial

from ..archives import workers
from ..archives.blocks import total_octets
from ..archives.records import Settings
from ..archives.source import Source
from ..archives.verdicts import require_some
from ..archives.verify import TABLES, described
from ..io.progress import Progress
from ..privatekey import PrivateKey
from .collect import Collector
from .conclusions import Conclusions
from .rows import Rows, told


def audit(
    paths: Sequence[str],
    form: str | None,
    settings: Settings,
    *,
    recover: bool,
    jobs: int | None,
    store: str | None = None,
    own: PrivateKey | None = None,
    weak_hashes: set[str] | None = None,
) -> Conclusions:
    """Return the conclusions from the records. form: as in `blocks`. jobs: processes, or None for one per core.

    recover: find the keys of records that name none. store: a file to keep the rows in; if it exists, from an
    interrupted audit of the same records, that is resumed. own: a private key whose owner wants its nonces examined;
    it is not written to that file, nor given to a worker. weak_hashes: a set to which those that are met are added.
    Raises `OSError`, `Refused`, and `WorkersFailed`.
    """
    run = described(paths, form, settings) | {"recover": recover}
    with (
        told(store),
        contextlib.closing(Rows(store, run)) as rows,
        Progress(total_octets(paths), "audit") as progress,
    ):
        met = set() if weak_hashes is None else weak_hashes
        _collect(paths, form, settings, rows, progress, recover=recover, jobs=jobs, weak_hashes=met)
        require_some(rows.verdicts(), paths)
        progress.advance(0, "comparing all records")
        processes = workers.processes(total_octets(paths), jobs)
        return Conclusions(settings, rows, processes=processes, own=own)


def _collect(
    paths: Sequence[str],
    form: str | None,
    settings: Settings,
    rows: Rows,
    progress: Progress,
    *,
    recover: bool,
    jobs: int | None,
    weak_hashes: set[str],
) -> None:
    """Collect the rows of every block that has none yet, and keep them."""
    source = Source(paths, form, settings)
    done = source.pass_over(rows.blocks, rows.fingerprint, rows.path)
    progress.advance(done)
    weak_hashes.update(rows.weak_hashes())
    total, records = total_octets(paths), rows.verdicts().total()
    pace = workers.Pace(total, done, records)
    processes = workers.processes(total, jobs)
    make = partial(Collector, settings, TABLES // processes, recover=recover)
    with workers.answers(make, source, processes) as answers:
        for seen in answers:
            fingerprint, _ = source.noted()
            rows.add(seen, fingerprint)
            weak_hashes.update(seen.weak_hashes)
            records += seen.verdicts.total()
            progress.advance(seen.position - done, pace.words(seen.position, records))
            done = seen.position
