"""Output of a long run, written so that the run can be resumed: to a stream directly, or to a file beside FILE.

FILE.part has the results so far. FILE.state says how far they go, and of which records: enough to resume.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any, BinaryIO, Self, cast

from ..errors import EcpureError
from ..hashes import WEAK
from ..io import files, strictjson
from ..io.streams import Refused, write_standard_output
from .verdicts import REASONS

_CHECKPOINT_EVERY = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class State:
    """How far a run has come."""

    blocks: int = 0
    octets: int = 0
    """Size of the results."""
    fingerprint: str = ""
    """A hash of the records that have results."""
    verdicts: Counter[str] = field(default_factory=Counter)
    """How many records had which reason, or "valid"."""
    weak_hashes: tuple[str, ...] = ()
    """Those of `hashes.WEAK` that records were verified with."""


class Results:
    """Where results go. Use it in a `with` statement, call `append` for each block, and `finish` at the end.

    path: `-` for standard output, a file, or a pipe or device that is written into. run: what the results depend on
    besides the records: only a run with an equal `run` can be resumed. Raises `OSError`; `Refused` if an unfinished run
    is there and `resume` is false; if it had other settings; if it is still running; if `path` is a stream and `resume`
    is true; or if .part or .state belongs to something else.
    """

    def __init__(self, path: str, run: dict[str, Any], *, resume: bool) -> None:
        self.state = State()
        self.can_resume = path != "-" and (not os.path.exists(path) or os.path.isfile(path))
        self.left = f"{path}.part and {path}.state"
        """What an unfinished run leaves, in words."""
        self._run = run
        self._next_checkpoint = 0.0
        self._file: BinaryIO | None = None
        self._path = os.path.realpath(path)
        self._part, self._state = f"{self._path}.part", f"{self._path}.state"
        if self.can_resume:
            files.require_regular(self._part)
            files.require_regular(self._state)
            begun = os.path.exists(self._part)
            if begun and not resume and os.path.exists(self._state):
                raise Refused(f"{path}.part is left over from an unfinished run: continue with --resume, or delete it")
            self._file = self._open_part(path, begun=begun)
        elif resume:
            raise Refused("--resume: use it only with -o and the name of a file")
        elif path != "-":
            self._file = open(path, "wb")  # noqa: SIM115

    def _open_part(self, path: str, *, begun: bool) -> BinaryIO:
        """Return .part, locked, and positioned after the results in it."""
        run, state = self._read_state(path)
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(open(self._part, "r+b" if begun else "xb", opener=self._opener))
            _lock(file, self._part, path)
            size = os.fstat(file.fileno()).st_size
            if begun and run is None and size:
                raise Refused(f"{path}.part is there without {path}.state, so it cannot be resumed: delete it")
            if begun and run is not None:
                if run != self._run or size < state.octets:
                    raise Refused(
                        f"{path}.part: the unfinished run had other files or settings, or its results are damaged: "
                        "continue with the same ones, or delete it"
                    )
                self.state = state
            file.seek(self.state.octets)
            file.truncate()
            stack.pop_all()  # it stays open
        return file

    def _opener(self, name: str, flags: int) -> int:
        return os.open(name, flags, files.mode(self._path) | stat.S_IWUSR)  # as private as the finished file

    def _read_state(self, path: str) -> tuple[Any, State]:
        """Return what .state says: the run, or None if there is no such file, and how far it came."""
        try:
            return _decode_state(files.read_text(self._state))
        except FileNotFoundError:
            return None, State()
        except (EcpureError, KeyError, TypeError):
            raise Refused(f"{path}.state is not the state of a run that can be resumed: delete it") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None and self.can_resume and not (self.state.octets and self.is_begun()):
            self._remove(self._part, self._state)  # they have nothing to resume from
        if self._file is not None:
            with contextlib.nullcontext() if kind is None else contextlib.suppress(OSError):  # the first error counts
                self._file.close()

    def append(self, octets: bytes, fingerprint: str, verdicts: Counter[str], weak_hashes: Iterable[str] = ()) -> None:
        """Write a block's results. fingerprint: of the records up to its end. Raises `OSError`, `Refused`."""
        if self.can_resume and time.monotonic() >= self._next_checkpoint:
            self.checkpoint()  # also before the first block: a .part without .state is not ours
        if self._file is None:
            write_standard_output(octets)
        else:
            self._file.write(octets)
            if not self.can_resume:
                self._file.flush()  # what is counted as written is written
        done = self.state  # replaced as a whole, wherever an interrupt comes
        weak = tuple(sorted({*done.weak_hashes, *weak_hashes}))
        self.state = State(done.blocks + 1, done.octets + len(octets), fingerprint, done.verdicts + verdicts, weak)

    def on_terminal(self) -> bool:
        """Whether the results appear on a terminal."""
        stream = sys.stdout if self._file is None else self._file
        return stream is not None and stream.isatty()

    def checkpoint(self) -> None:
        """Write .state, which says how far the results go. Call it only if `can_resume`. Raises `OSError`."""
        self._to_disk()  # before .state counts it
        state = {one.name: getattr(self.state, one.name) for one in fields(State)}  # `asdict` cannot copy a Counter
        files.write(self._state, json.dumps({**state, "run": self._run}).encode("ascii"))
        self._next_checkpoint = time.monotonic() + _CHECKPOINT_EVERY

    def is_begun(self) -> bool:
        """Whether there is a .part file: never for a stream, nor after `finish`."""
        return self.can_resume and os.path.exists(self._part)

    def finish(self) -> None:
        """Rename the finished results to `path`, with the mode of the file that was there. Raises `OSError`."""
        if self.can_resume:
            self._to_disk()
            os.chmod(self._part, files.mode(self._path))
            os.replace(self._part, self._path)
            self._remove(self._state)

    def _to_disk(self) -> None:
        file = cast("BinaryIO", self._file)
        file.flush()
        os.fsync(file.fileno())

    def _remove(self, *paths: str) -> None:
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)


def _lock(file: BinaryIO, part: str, path: str) -> None:
    """Lock .part against other runs while it is open, where the system supports that. Raises `Refused`."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours = os.path.exists(part) and os.path.samefile(part, file.fileno())  # else its run has just renamed it
    except BlockingIOError:
        ours = False
    except OSError:  # a file system without locks
        return
    if not ours:
        raise Refused(f"{path}.part: another run is writing it")


def _decode_state(text: str) -> tuple[Any, State]:
    """Return what a run depends on, and how far it came. Raises `InvalidEncoding`, `KeyError`, `TypeError`."""
    content = strictjson.decode_object(text, "state")
    run = content.pop("run")
    weak_hashes = tuple(content.pop("weak_hashes"))
    state = replace(State(**content), verdicts=Counter(content["verdicts"]), weak_hashes=weak_hashes)
    counts = (state.blocks, state.octets, *state.verdicts.values())
    well_formed = all(type(count) is int and count >= 0 for count in counts) and type(state.fingerprint) is str
    if not well_formed or not state.verdicts.keys() <= {"valid", *REASONS} or not {*weak_hashes} <= WEAK.keys():
        raise TypeError("state: counts, of known verdicts, known hashes and a fingerprint were expected")
    return run, state
