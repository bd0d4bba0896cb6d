"""The interpreters that the package is tried on: every CPython from 3.11 that this machine has."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

OLDEST, NEWEST_TRIED = 11, 25


def interpreters() -> dict[str, str]:
    """Return the path of an interpreter for each version 3.11 and later, by version: this one, PATH's, and pyenv's."""
    candidates = [
        sys.executable,
        *filter(None, (shutil.which(f"python3.{minor}") for minor in range(OLDEST, NEWEST_TRIED))),
    ]
    if pyenv := shutil.which("pyenv"):
        listing = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=True).stdout.strip()
        candidates += map(str, sorted(Path(listing).glob("versions/3.*/bin/python")))
    found: dict[str, str] = {}
    for candidate in candidates:
        query = "import ensurepip, sys, venv; print(sys.implementation.name, *sys.version_info[:2])"
        result = subprocess.run([candidate, "-c", query], capture_output=True, text=True, check=False)
        name, major, minor = (*result.stdout.split(), "", "", "")[:3]
        if result.returncode == 0 and name == "cpython" and int(minor) >= OLDEST:
            found.setdefault(f"{major}.{minor}", candidate)
    return found
