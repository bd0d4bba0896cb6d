"""Auditing an archive: what its signatures show together, which none of them shows alone.

Blocks of lines go to the workers, as those of `verify-many` do; what verifies comes back as rows, which are kept in
SQLite, and compared when the last one is there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial

from ..archives import workers
from ..archives.blocks import blocks, total_octets
from ..archives.records import Reader, Settings, lines
from ..archives.source import Source
from ..archives.verdicts import require_some
from ..archives.verify import TABLES, described
from ..curve import named
from ..io.progress import Progress
from ..privatekey import PrivateKey
from .collect import Collector, message_as_nonce
from .conclusions import Conclusions
from .exposure import Signed
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
    """Return what the records come to. form: as in `blocks`. jobs: processes, or None for as many as there are cores.

    recover: find the keys of records that name none. store: a file to keep the rows in; if it is there already, of an
    interrupted audit of the same, that is resumed. own: a private key, of whose nonces its owner wants to know; it
    is not in that file, and no worker is told. weak_hashes: where those that are met are noted. Raises `OSError`,
    `Refused`, and `WorkersFailed`.
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
        return Conclusions(settings, rows, _nonces(paths, form, settings), processes=processes, own=own)


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
    """Let every block that has no rows yet be looked at, and keep what is seen."""
    source = Source(paths, form, settings)
    done = source.pass_over(rows.blocks, rows.fingerprint)
    progress.advance(done)
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


def _nonces(paths: Sequence[str], form: str | None, settings: Settings) -> Callable[[Signed], int]:
    """Return what gives the nonce of a record whose nonce is its message: the message is read again for that."""

    def nonce_of(signed: Signed) -> int:
        for block in blocks(paths, form):
            if block.source == signed.source and block.first_line <= signed.line:
                for line in lines(block, settings.ignored):
                    if line.number == signed.line:
                        record = Reader(settings).read(line.fields)
                        return message_as_nonce(record.message or b"", named(settings.curve).n)
        return 0

    return nonce_of
