"""Verifying every record of an archive, on all cores, in a memory that does not grow.

Blocks of lines go to the workers, their results come back in order, and nothing else is held.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, deque
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from .. import __version__, bulk
from ..errors import InvalidSignature
from ..io.progress import Progress
from ..io.streams import Refused
from . import workers
from .blocks import Block, blocks, total_octets
from .checkpoint import Results, State
from .records import Reader, Settings, Unreadable, identity, lines
from .verdicts import Found, result


class Answer(NamedTuple):
    """The results on a block, as lines, and how many records had which reason, or "valid"."""

    results: bytes
    verdicts: Counter[str]


class Verifier:
    """Answers blocks. names: for each file, what its results say of it, as the beginning of a JSON object."""

    def __init__(self, settings: Settings, names: Sequence[bytes]) -> None:
        self._reader, self._ignored, self._names = Reader(settings), settings.ignored, names

    def __call__(self, block: Block) -> Answer:
        """Return the results on the records of a block."""
        found: list[Found] = []
        places, jobs = [], []
        for line in lines(block, self._ignored):
            reason, signed, field = line.reason, None, None
            if reason is None:
                try:
                    record = self._reader.read(line.fields)
                    signed = record.signed
                    if record.key is None:
                        reason = "no-public-key"
                    elif not record.signature.in_range(curve=record.key.curve):
                        reason = "out-of-range"
                    else:
                        places.append(len(found))
                        jobs.append((record.key, record.signature, record.digest))
                except InvalidSignature:
                    reason = "out-of-range"
                except Unreadable as refusal:
                    reason, field = str(refusal), refusal.field
            found.append(Found(line.number, identity(line.fields), reason, signed, field))
        for place, holds in zip(places, bulk.verify_digests(jobs), strict=True):
            if not holds:
                found[place] = found[place]._replace(reason="does-not-hold")
        name = self._names[block.source]
        written = b"".join([result(name, one) for one in found])
        return Answer(written, Counter(one.reason or "valid" for one in found))


class _Source:
    """The blocks of the files, with what is to be written down of each: a hash of all up to it, and the position."""

    def __init__(self, paths: Sequence[str], form: str | None) -> None:
        self._blocks = blocks(paths, form)
        self._hasher = hashlib.sha256()
        self._ahead: deque[tuple[str, int]] = deque()

    def pass_over(self, state: State) -> int:
        """Read again what has its results, and return the position. Raises `Refused` if it is not what it was."""
        position = 0
        for _ in range(state.blocks):
            if next(self, None) is not None:
                _, position = self.noted()
        if state.blocks and self._hasher.hexdigest() != state.fingerprint:
            raise Refused("--resume: the records are not those that the run began with: remove .part and .state")
        return position

    def __iter__(self) -> _Source:
        return self

    def __next__(self) -> Block:
        block = next(self._blocks)
        self._hasher.update(repr(block._replace(octets=b"", position=len(block.octets))).encode("ascii"))
        self._hasher.update(block.octets)
        self._ahead.append((self._hasher.hexdigest(), block.position))
        return block

    def noted(self) -> tuple[str, int]:
        """Return hash and position of the first block that was not asked for yet."""
        return self._ahead.popleft()


def verify(paths: Sequence[str], form: str | None, settings: Settings, results: Results, jobs: int | None) -> None:
    """Write the results of what has none yet. jobs: processes, or None for as many as there are cores.

    Raises `OSError`, `Refused`; `BrokenExecutor` if a worker dies.
    """
    source = _Source(paths, form)
    names = [b'"file": %b, ' % json.dumps(path).encode("ascii") if len(paths) > 1 else b"" for path in paths]
    done = source.pass_over(results.state)
    total = total_octets(paths)
    pace = workers.Pace(total, done, results.state.verdicts.total())
    make = partial(Verifier, settings, names)
    with (
        workers.answers(make, source, workers.processes(total, jobs)) as answers,
        Progress(pace.total, "verify-many") as progress,
    ):
        progress.advance(done)
        for answer in answers:
            fingerprint, position = source.noted()
            results.append(answer.results, fingerprint, answer.verdicts)
            progress.advance(position - done, pace.words(position, results.state.verdicts.total()))
            done = position


def described(paths: Sequence[str], form: str | None, settings: Settings) -> dict[str, Any]:
    """Return what the results depend on besides the octets of the files, ready for `json.dumps`."""
    return {
        "ecpure": __version__,
        "records": list(paths),
        "form": form,
        "keys": hashlib.sha256(json.dumps(sorted(settings.keys.items())).encode("ascii")).hexdigest(),
        "curve": settings.curve,
        "hash": settings.hash,
        "format": settings.format,
        "encoding": settings.encoding,
        "profile": settings.profile,
        "ignored": sorted(settings.ignored),
    }
