"""Results that grow for hours: on a stream as they come; in a file beside the one asked for, until they are whole.

Beside FILE, FILE.part has the results so far, and FILE.state how far that is, and of which records: enough to go on.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from . import files, strictjson
from .errors import InvalidEncoding
from .records import REASONS
from .streams import Refused, write_standard_output

if TYPE_CHECKING:
    from typing import BinaryIO, Self

_CHECKPOINT_EVERY = 1.0  # seconds


class State(NamedTuple):
    """How far a run has come."""

    blocks: int = 0
    octets: int = 0
    """Of the results."""
    fingerprint: str = ""
    """A hash of the records that these results are of."""
    verdicts: Counter[str] = Counter()  # noqa: RUF012  # nobody counts with this one
    """How many records had which reason, or none: "valid"."""


class Results:
    """Where results go. Use it in a `with` statement, call `append` for each block, and `finish` at the end.

    path: `-` for standard output, a file, or a pipe or device that is written into. run: what the results depend on
    besides the records: a run is gone on with by the same alone. Raises `OSError`; `Refused` where there is a run to go
    on with and `resume` does not say so, where it is another run, or where `path` is a stream.
    """

    def __init__(self, path: str, run: dict[str, Any], *, resume: bool) -> None:
        self.state = State()
        self.can_go_on = path != "-" and (not os.path.exists(path) or os.path.isfile(path))
        self._run = run
        self._next_checkpoint = 0.0
        self._file: BinaryIO | None = None
        self._path = os.path.realpath(path)
        self._part, self._state = f"{self._path}.part", f"{self._path}.state"
        if self.can_go_on:
            begun = os.path.exists(self._part)
            if begun and not resume:
                raise Refused(f"{path}.part is there, of a run that did not end: go on with --resume, or remove it")
            if begun:
                self.state = self._read_state()
            self._file = open(self._part, "r+b" if begun else "xb")  # noqa: SIM115  # closed by __exit__
            self._file.seek(self.state.octets)
            self._file.truncate()
        elif resume:
            raise Refused("--resume: -o with the name of a file was expected")
        elif path != "-":
            self._file = open(path, "wb")  # noqa: SIM115

    def _read_state(self) -> State:
        """Return the state of the run that did not end. Raises `OSError`, `Refused`."""
        try:
            run, state = _decode_state(files.read_text(self._state))
            damaged = run != self._run or os.stat(self._part).st_size < state.octets
        except FileNotFoundError:
            return State()  # it ended before its first block did
        except (InvalidEncoding, KeyError, TypeError):
            raise Refused("--resume: the .state file beside the results cannot be read: remove it, and .part") from None
        if damaged:
            raise Refused("--resume: the run that did not end had other files or settings, or its results are damaged")
        return state

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._file is not None:
            with contextlib.nullcontext() if kind is None else contextlib.suppress(OSError):  # a second complaint
                self._file.close()

    def append(self, octets: bytes, state: State) -> None:
        """Write the results on a block, after which this is the state. Raises `OSError`, `Refused`."""
        if self._file is None:
            write_standard_output(octets)
        else:
            self._file.write(octets)
        self.state = state._replace(octets=self.state.octets + len(octets))  # at once, wherever an interrupt comes
        if self.can_go_on and time.monotonic() >= self._next_checkpoint:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Write down how far the results are, which `can_go_on`. Raises `OSError`."""
        self._to_disk()  # before the state speaks of it
        files.write(self._state, json.dumps({**self.state._asdict(), "run": self._run}).encode("ascii"))
        self._next_checkpoint = time.monotonic() + _CHECKPOINT_EVERY

    def discard(self) -> None:
        """Leave nothing behind of a run that has no results yet. Raises `OSError`."""
        if self.can_go_on:
            os.unlink(self._part)
            self._forget()

    def finish(self) -> None:
        """Give the results their name: they are whole. Raises `OSError`."""
        if self.can_go_on:
            self._to_disk()
            os.replace(self._part, self._path)
            self._forget()

    def _to_disk(self) -> None:
        file = cast("BinaryIO", self._file)
        file.flush()
        os.fsync(file.fileno())

    def _forget(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._state)


def _decode_state(text: str) -> tuple[Any, State]:
    """Return what a run depends on, and how far it has come. Raises `InvalidEncoding`, `KeyError`, `TypeError`."""
    content = strictjson.decode_object(text, "state")
    run = content.pop("run")
    state = State(**content)._replace(verdicts=Counter(content["verdicts"]))
    counts = (state.blocks, state.octets, *state.verdicts.values())
    well_formed = all(type(count) is int and count >= 0 for count in counts) and type(state.fingerprint) is str
    if not well_formed or not state.verdicts.keys() <= {"valid", *REASONS}:
        raise TypeError("state: counts, of known verdicts, and a fingerprint were expected")
    return run, state
