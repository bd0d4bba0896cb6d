"""Verifying every record of an archive, on all cores, in bounded memory.

Blocks of lines go to the workers, their results come back in order, and nothing else is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from .. import __version__, bulk
from ..errors import InvalidSignature
from ..io.progress import Progress
from ..tables import Tables
from . import workers
from .blocks import Block, total_octets
from .checkpoint import Results
from .records import Line, Reader, Record, Settings, Unreadable, identity, lines
from .source import Source
from .verdicts import Found, result

TABLES = 80 << 20
"""Octets for the tables of keys, in all processes together."""


class Answer(NamedTuple):
    """The results on a block, as lines, and how many records had which reason, or "valid"."""

    results: bytes
    verdicts: Counter[str]
    weak_hashes: frozenset[str] = frozenset()
    """Those of `hashes.WEAK` that records were verified with."""


class Verifier:
    """Verifies blocks. names: for each file, how its results name it, as the beginning of a JSON object.

    tables: octets that the tables of keys may take.
    """

    def __init__(self, settings: Settings, names: Sequence[bytes], tables: int) -> None:
        self._reader, self._ignored, self._names = Reader(settings), settings.ignored, names
        self._settings = settings
        self._tables = Tables(tables)

    def __call__(self, block: Block) -> Answer:
        """Return the results on the records of a block."""
        found = [self._found(line) for line in lines(block, self._ignored)]
        waiting = [(place, record) for place, (_, record) in enumerate(found) if record is not None]
        jobs = [(record.key, record.signature, record.digest) for _, record in waiting if record.key is not None]
        results = [one for one, _ in found]
        for (place, record), holds in zip(waiting, bulk.verify_digests(jobs, self._tables), strict=True):
            if not holds:
                results[place] = results[place]._replace(reason="does-not-hold")
            elif not self._settings.trusts(record.key_id):
                results[place] = results[place]._replace(reason="unknown-key")
        name = self._names[block.source]
        written = b"".join([result(name, one) for one in results])
        weak_hashes = frozenset(record.weak_hash for _, record in waiting if record.weak_hash is not None)
        return Answer(written, Counter(one.reason or "valid" for one in results), weak_hashes)

    def _found(self, line: Line) -> tuple[Found, Record | None]:
        """Return the result on a line, and its record if the signature is still to be verified."""
        number, name = line.number, identity(line.fields)
        if line.reason is not None:
            return Found(number, name, line.reason), None
        try:
            record = self._reader.read(line.fields)
        except InvalidSignature:
            return Found(number, name, "out-of-range"), None
        except Unreadable as refusal:
            return Found(number, name, str(refusal), field=refusal.field), None
        if record.key is None:
            return Found(number, name, "no-public-key", record.signed), None
        key = record.key_id or record.key.to_bytes().hex()
        if not record.signature.in_range(curve=record.key.curve):
            return Found(number, name, "out-of-range", record.signed, key=key), None
        return Found(number, name, None, record.signed, key=key), record


def verify(
    paths: Sequence[str],
    form: str | None,
    settings: Settings,
    results: Results,
    jobs: int | None,
) -> None:
    """Write the results on records that have none yet. jobs: processes, or None for one per core.

    Raises `OSError`, `Refused`; `WorkersFailed`.
    """
    source = Source(paths, form, settings)
    names = [b'"file": %b, ' % json.dumps(path).encode("ascii") if len(paths) > 1 else b"" for path in paths]
    done = source.pass_over(results.state.blocks, results.state.fingerprint, results.left)
    total = total_octets(paths)
    pace = workers.Pace(total, done, results.state.verdicts.total())
    processes = workers.processes(total, jobs)
    make = partial(Verifier, settings, names, TABLES // processes)
    with (
        workers.answers(make, source, processes) as answers,
        Progress(pace.total, "verify-many", bar=not results.on_terminal()) as progress,
    ):
        progress.advance(done)
        for answer in answers:
            fingerprint, position = source.noted()
            results.append(answer.results, fingerprint, answer.verdicts, answer.weak_hashes)
            progress.advance(position - done, pace.words(position, results.state.verdicts.total()))
            done = position


def described(paths: Sequence[str], form: str | None, settings: Settings) -> dict[str, Any]:
    """Return what the results depend on besides the octets of the files, ready for `json.dumps`."""
    return {
        "ecpure": __version__,
        "records": list(paths),
        "form": form,
        "keys": hashlib.sha256(repr(sorted(settings.keys.items())).encode("ascii", "backslashreplace")).hexdigest(),
        "trust_record_keys": settings.trust_record_keys,
        "curve": settings.curve,
        "hash": settings.hash,
        "format": settings.format,
        "encoding": settings.encoding,
        "profile": settings.profile,
        "ignored": sorted(settings.ignored),
    }
