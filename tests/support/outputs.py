"""What becomes of files that are written: what lies beside them, their modes, and steps of writing that fail."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

import pytest

from ecpure.io import files

OLD, NEW = b"what was there", b"what comes now"

FAILURES: dict[str, BaseException] = {
    "disk full": OSError(errno.ENOSPC, "No space left on device"),
    "interrupt": KeyboardInterrupt(),
}


def children(path: str) -> set[str]:
    """Return the names in the folder of the path."""
    return set(os.listdir(os.path.dirname(path)))


def mode(path: str) -> int:
    return os.stat(path).st_mode & 0o7777


@contextlib.contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def fail_at(monkeypatch: pytest.MonkeyPatch, step: str, failure: BaseException) -> None:
    """Have `step`, a function of os, or the writing itself, raise."""

    def fail(*_arguments: object, **_named: object) -> object:
        raise failure

    if step == "write":
        real = open

        def open_failing(name: object, kind: str) -> object:
            file = real(name, kind)  # type: ignore[call-overload]
            if "w" in kind:
                file.write(b"the first half")
                file.close()
                fail()
            return file

        monkeypatch.setattr(files, "open", open_failing, raising=False)
    else:
        monkeypatch.setattr(os, step, fail)
