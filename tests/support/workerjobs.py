"""Work for worker processes, which import it by its name."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ecpure.io.streams import Refused


def fails(item: int) -> int:
    if item == 2:
        raise Refused("two")
    return item


def loudly(item: object) -> tuple[object, int, bool]:
    print("loud", flush=True)
    os.write(1, b"loud")
    return item, os.getpid(), os.getpgid(0) == os.getpid()


def give(work: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return work


def failing() -> Callable[[object], object]:
    raise Refused("cannot be made")
