"""Work for which there is too little: memory, in a module that a worker process finds, or room on the disk."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator
from typing import NoReturn


class Short:
    """In place of what looks at blocks."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __call__(self, _: object) -> NoReturn:
        raise MemoryError


@contextlib.contextmanager
def disk_of(octets: int) -> Iterator[None]:
    """In this block, no file grows beyond so many octets, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
