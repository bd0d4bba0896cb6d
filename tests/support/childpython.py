"""Python in a process of its own, in which the package under test is found, and gmpy2 perhaps is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import ecpure

REFUSALS = {
    "bogus": "ECPURE_BACKEND: one of auto, gmpy2, python was expected",
    "": "ECPURE_BACKEND: one of auto, gmpy2, python was expected",
    "GMPY2": "ECPURE_BACKEND: one of auto, gmpy2, python was expected",
    "gmpy2": "ECPURE_BACKEND=gmpy2, but gmpy2 is not installed (extra: fast)",
}
"""What is said of a choice of backend where there is no gmpy2."""

UNTRACED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
"""The environment of processes that are killed: they would leave half a record of their coverage."""


def hide_gmpy2(folder: Path) -> str:
    """Make gmpy2 a module that cannot be imported, in a folder to be put before the others, and return the folder."""
    (folder / "gmpy2.py").write_text("raise ImportError('not here')\n", encoding="ascii")
    return str(folder)


def child(*words: str, first: str = "", cwd: str = ".", **changes: str) -> subprocess.CompletedProcess[str]:
    """Run Python on `words`, with the folder `first` before the one of the package."""
    package = str(Path(ecpure.__file__).parents[1])
    paths = os.pathsep.join(filter(None, [first, package, os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, *words],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": paths} | changes,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
