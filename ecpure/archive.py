"""`ecpure verify-many`: a verdict on each record of an archive, on all cores, and a way to go on where a run ended.

Blocks of lines go to the workers, their results come back in order, and nothing else is held.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from . import __version__, bulk, files, keyring
from .errors import InvalidSignature
from .hashes import canonical
from .inputs import BLOCK, Block, blocks, total_octets
from .records import REASONS, Id, Reader, Settings, Unreadable, identity, lines, result, verdict
from .results import Results, State
from .streams import INVALID, REFUSED, VALID, Progress, Refused, say

if TYPE_CHECKING:
    from argparse import Namespace
    from concurrent.futures import Executor
    from multiprocessing.process import BaseProcess

    from .profiles import Fields

_BLOCKS_AHEAD = 3  # for each worker: one at work, one waiting, one on its way


class Answer(NamedTuple):
    """The results on a block, as lines, and how many records had which reason, or "valid"."""

    results: bytes
    verdicts: Counter[str]


class Verifier:
    """Answers blocks. names: for each file, what its results say of it, as the beginning of a JSON object."""

    def __init__(self, settings: Settings, names: Sequence[bytes]) -> None:
        self._reader, self._names = Reader(settings), names

    def __call__(self, block: Block) -> Answer:
        """Return the results on the records of a block."""
        found: list[tuple[int, Id, str | None, Fields | None]] = []
        places, jobs = [], []
        for line in lines(block):
            reason, signed = line.reason, None
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
                    reason = str(refusal)
            found.append((line.number, identity(line.fields), reason, signed))
        for place, holds in zip(places, bulk.verify_digests(jobs), strict=True):
            if not holds:
                found[place] = (*found[place][:2], "does-not-hold", found[place][3])
        name = self._names[block.source]
        written = b"".join([result(name, *one) for one in found])
        return Answer(written, Counter(reason or "valid" for _, _, reason, _ in found))


_verifier: Verifier  # of a worker process


def _start_worker(settings: Settings, names: Sequence[bytes]) -> None:
    """Make this process a worker: Ctrl-C is the parent's to answer, and without the parent there is nothing to do."""
    from multiprocessing import parent_process
    from threading import Thread

    global _verifier  # noqa: PLW0603  # what a worker of `concurrent.futures` keeps from one task to the next
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _verifier = Verifier(settings, names)
    Thread(target=_end_with, args=[parent_process()], daemon=True).start()


def _end_with(process: BaseProcess) -> None:
    process.join()
    os._exit(REFUSED)


def _answer(block: Block) -> Answer:
    return _verifier(block)


@contextlib.contextmanager
def _workers(settings: Settings, names: Sequence[bytes], jobs: int) -> Iterator[Executor | None]:
    """The processes that answer blocks, or None: this one is enough."""
    if jobs == 1:
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    spawn = get_context("spawn")  # what a fork would take along is nothing a worker needs
    with ProcessPoolExecutor(jobs, spawn, _start_worker, (settings, names)) as executor:
        try:
            yield executor
        except BaseException:
            executor.shutdown(cancel_futures=True)
            raise


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


def verify(paths: Sequence[str], form: str | None, settings: Settings, results: Results, jobs: int) -> None:
    """Write the results of what has none yet. Raises `OSError`, `Refused`; `BrokenExecutor` for a worker's end."""
    source = _Source(paths, form)
    names = [b'"file": %b, ' % json.dumps(path).encode("ascii") if len(paths) > 1 else b"" for path in paths]
    done = source.pass_over(results.state)
    pace = _Pace(total_octets(paths), done, results.state.verdicts.total())
    with _workers(settings, names, jobs) as executor, Progress(pace.total, "verify-many") as progress:
        progress.advance(done)
        if executor is None:
            answers: Iterator[Answer] = map(Verifier(settings, names), source)
        else:
            answers = bulk.submitted(_answer, source, executor, _BLOCKS_AHEAD * jobs)
        for answer in answers:
            fingerprint, position = source.noted()
            verdicts = results.state.verdicts + answer.verdicts
            results.append(answer.results, State(results.state.blocks + 1, 0, fingerprint, verdicts))
            progress.advance(position - done, pace.words(position, verdicts.total()))
            done = position


class _Pace:
    """How far a run is, how fast it goes, and how long it will take."""

    def __init__(self, total: int | None, octets: int, records: int) -> None:
        self.total = total
        self._octets, self._records, self._started = octets, records, time.monotonic()

    def words(self, octets: int, records: int) -> str:
        """Return it in words, for so many octets and records from the beginning."""
        elapsed = max(time.monotonic() - self._started, 1e-3)
        words = f"{records:,} records, {(records - self._records) / elapsed:,.0f}/s"
        if self.total is not None and octets > self._octets:
            words += f", {elapsed * (self.total - octets) / (octets - self._octets):,.0f} s left"
        return words


def command(arguments: Namespace) -> int:
    """Do what `ecpure verify-many` is asked for."""
    paths: list[str] = arguments.records
    if [*paths, arguments.keys].count("-") > 1:
        raise Refused("standard input (-) can be only one of the files")
    keys = {} if arguments.keys is None else keyring.read(arguments.keys, arguments.curve)
    settings = Settings(
        keys=keys,
        curve=arguments.curve,
        hash=None if arguments.hash is None else canonical(arguments.hash),
        format=arguments.format,
        encoding=arguments.encoding,
        profile=arguments.profile,
        ignored=frozenset(arguments.ignore),
    )
    total = total_octets(paths)
    jobs = 1 if total is not None and total <= BLOCK else arguments.jobs or _cores()
    with Results(arguments.output, _run(paths, arguments.read_as, settings), resume=arguments.resume) as results:
        try:
            with _ended_is_interrupted():
                verify(paths, arguments.read_as, settings, results, jobs)
                results.finish()
        except KeyboardInterrupt:
            _stopped(results, "interrupted")
        except BrokenExecutor:
            _stopped(results, "a worker process came to its end")
        except OSError as error:
            name = f"{error.filename}: " if isinstance(error.filename, str) else ""
            _stopped(results, f"{name}{error.strerror or 'cannot be read or written'}")
    _summarise(results.state.verdicts, arguments.summary)
    return VALID if results.state.verdicts.keys() <= {"valid"} else INVALID


def _stopped(results: Results, reason: str) -> NoReturn:
    """Keep what was done, and raise `Refused` that says so."""
    records = results.state.verdicts.total()
    if not results.state.blocks:
        results.discard()
    elif results.can_go_on:
        with contextlib.suppress(OSError):  # the state before this one serves too
            results.checkpoint()
        reason += f": {records:,} records have their results in the .part file: --resume goes on"
    else:
        reason += f": the results of {records:,} records were written"
    raise Refused(reason) from None


def _run(paths: Sequence[str], form: str | None, settings: Settings) -> dict[str, Any]:
    """Return what results depend on besides the records, as JSON has it."""
    keys = hashlib.sha256(json.dumps(sorted(settings.keys.items())).encode("ascii")).hexdigest()
    rest = settings._replace(keys={}, ignored=frozenset())._asdict()
    ours = {"ecpure": __version__, "records": list(paths), "form": form, "ignored": sorted(settings.ignored)}
    return rest | ours | {"keys": keys}


def _cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not a Linux
        return os.cpu_count() or 1


@contextlib.contextmanager
def _ended_is_interrupted() -> Iterator[None]:
    """In this block, a request to end is an interrupt: what was done is kept."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _summarise(verdicts: Counter[str], path: str | None) -> None:
    """Say how many records had which verdict and reason, and write it as JSON if there is a path."""
    counts = {"valid": 0, "invalid": 0, "unreadable": 0}
    for reason, count in verdicts.items():
        counts[verdict(reason)] += count
    say(f"ecpure: {verdicts.total():,} records: " + ", ".join(f"{count:,} {name}" for name, count in counts.items()))
    for reason in REASONS:
        if verdicts[reason]:
            say(f"  {verdicts[reason]:>10,} {verdict(reason)}, {reason}: {REASONS[reason]}")
    if path is not None:
        reasons = {reason: verdicts[reason] for reason in REASONS if verdicts[reason]}
        content = {"records": verdicts.total(), **counts, "reasons": reasons}
        files.write(path, json.dumps(content).encode("ascii") + b"\n")
