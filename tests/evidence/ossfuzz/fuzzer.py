"""One fuzz target under OSS-Fuzz: that of tests/evidence/targets.py which the program is named after (see build.sh).

    python fuzzer.py --list

prints the names of all.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzz import Harness
    from targets import Target


def programs() -> dict[str, Target]:
    """Return the targets by the names of their programs: `fuzz_` and the target's words. The command is no target
    here: it runs in processes of its own.
    """
    found: list[Target] = import_module("targets").decoders()
    return {"fuzz_" + re.sub("[^a-z0-9]+", "_", target.name.lower()).strip("_"): target for target in found}


def put(harness: Harness, data: bytes) -> None:
    """Put one input. Raises `AssertionError` for a finding, but for that of time, which OSS-Fuzz measures itself."""
    harness.put(data)
    for what in harness.findings:
        if not what.startswith("time: "):
            raise AssertionError(what)


def main() -> None:
    """Run the target."""
    if sys.argv[1:] == ["--list"]:
        print(*programs(), sep="\n")
        return
    import atheris  # by a statement, which shows what the program needs

    with atheris.instrument_imports(include=["ecpure"]):
        target = programs()[Path(sys.argv[0]).name.partition(".")[0]]
    harness: Harness = import_module("fuzz").Harness(target)
    atheris.Setup(sys.argv, lambda data: put(harness, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
