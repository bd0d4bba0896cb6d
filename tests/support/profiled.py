"""Which functions of the package run, by the interpreter's profile; as a plugin of pytest, in each test."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest


def name_of(frame: FrameType | None) -> str | None:
    """Return the name of the package's function that runs in the frame, as the pages write it."""
    module = "" if frame is None else str(frame.f_globals.get("__name__"))
    if frame is None or not module.startswith("ecpure."):
        return None
    return f"{module.removeprefix('ecpure.')}.{frame.f_code.co_qualname.partition('.<locals>')[0]}"


@contextmanager
def watched() -> Iterator[set[tuple[str | None, str]]]:
    """Give the pairs (function that calls, function) of the package that run meanwhile."""
    ran: set[tuple[str | None, str]] = set()

    def called(frame: FrameType, event: str, _: object) -> None:
        name = name_of(frame)
        if event == "call" and name is not None and not name.endswith(">"):  # expressions of a module, and the like
            ran.add((name_of(frame.f_back), name))

    sys.setprofile(called)
    try:
        yield ran
    finally:
        sys.setprofile(None)


RAN: dict[str, list[str]] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Add what runs in the test to that of its other parameters."""
    with watched() as ran:
        yield
    RAN.setdefault(item.name.partition("[")[0], []).extend(sorted({name for _, name in ran}))


def pytest_sessionfinish() -> None:
    """Write all of it to the file that ECPURE_PROFILE names."""
    Path(os.environ["ECPURE_PROFILE"]).write_text(json.dumps(RAN), encoding="utf-8")
