"""Run the suite on every interpreter from 3.11 that this machine has, on both backends, and hold coverage at 100%.

`make test` runs it. The package is built as a wheel, which is tried alone first (tests/fresh.py). Then the wheel is
installed in this environment, and in one in .cache for each other interpreter, so that what is tested is what a user
gets. As many runs go at a time as there are processors. What tests the house around the package (pages, evidence,
workflows, the making of vectors and releases) runs on this interpreter alone: it does not depend on which one the
package is run by. Coverage is measured there too, where the package's own tests run on Python's integers, and a few on
gmpy2.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import fresh

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache"
COVERAGE = CACHE / "coverage" / "data"
OLDEST, NEWEST_TRIED = 11, 25
OWN = "{}.{}".format(*sys.version_info)
HOUSE = [
    f"tests/test_{name}.py"
    for name in [
        "assurance",
        "box",
        "broken",
        "dask",
        "docs",
        "docs_archives",
        "docs_audit",
        "docs_login",
        "docs_profiles",
        "docs_site",
        "evidence",
        "migration",
        "mutation",
        "oracles",
        "pages",
        "proofs",
        "readme",
        "schemas",
        "workflows",
    ]
]
OF_GMPY2_ALONE = ["tests/test_entry.py", "tests/test_house.py"]
"""What reaches the lines that only gmpy2 runs."""
PIP = ["-m", "pip", "--quiet", "--disable-pip-version-check"]


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


def environment(version: str, interpreter: str, wheel: Path) -> Path:
    """Return the interpreter of an environment that has the test tools and the wheel, made or brought up to date."""
    if version == OWN:
        python = Path(sys.executable)  # has all the tools: `make` saw to that
    else:
        folder = CACHE / f"python{version}"
        python = folder / "bin" / "python"
        groups = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
        stamp = folder / "groups"
        if not stamp.exists() or stamp.read_text(encoding="ascii") != groups:
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([interpreter, "-m", "venv", folder], check=True)
            subprocess.run([python, *PIP, "install", "pip>=25.1"], check=True)
            subprocess.run([python, *PIP, "install", "--group", f"{ROOT / 'pyproject.toml'}:test"], check=True)
            stamp.write_text(groups, encoding="ascii")
    subprocess.run([python, *PIP, "install", "--force-reinstall", "--no-deps", wheel], check=True)
    return python


class Run(NamedTuple):
    """One run of tests: what it is called, by which interpreter, on which backend, pytest's words, and if measured."""

    title: str
    python: Path
    backend: str
    tests: list[str]
    measured: bool = False

    def go(self) -> tuple[str, int, str]:
        """Return a title, the exit status and the output."""
        settings = os.environ | {"ECPURE_BACKEND": self.backend, "PYTHONSAFEPATH": "1", "COVERAGE_FILE": str(COVERAGE)}
        traced = ["-m", "coverage", "run"] if self.measured else []
        command = [str(self.python), *traced, "-m", "pytest", "-q", "-p", "no:cacheprovider", *self.tests]
        started = time.monotonic()
        result = subprocess.run(
            command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        minutes = (time.monotonic() - started) / 60
        return f"{self.title}, backend {self.backend}, {minutes:.1f} minutes", result.returncode, result.stdout


def runs(pythons: dict[str, Path]) -> Iterator[Run]:
    """Yield all runs, the longest first: tracing, which coverage needs, takes twice the time."""
    of_package = [f"--ignore={path}" for path in HOUSE]
    yield Run(f"Python {OWN}, traced", pythons[OWN], "python", of_package, measured=True)
    for version, python in pythons.items():
        for backend in ("gmpy2", "python"):
            if (version, backend) != (OWN, "python"):
                yield Run(f"Python {version}", python, backend, of_package)
    for backend in ("python", "gmpy2"):
        yield Run(f"Python {OWN}, the house", pythons[OWN], backend, HOUSE)
    yield Run(f"Python {OWN}, the choice of integers, traced", pythons[OWN], "gmpy2", OF_GMPY2_ALONE, measured=True)


def main() -> int:
    """Run the matrix and the coverage report; return 0 if all of it passed."""
    shutil.rmtree(COVERAGE.parent, ignore_errors=True)
    COVERAGE.parent.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, *PIP, "wheel", "--no-deps", "-w", folder, ROOT], check=True)
        (wheel,) = Path(folder).glob("ecpure-*.whl")
        found = interpreters()
        with concurrent.futures.ThreadPoolExecutor() as pool:  # which mostly wait for what is downloaded
            made = {version: pool.submit(environment, version, path, wheel) for version, path in found.items()}
            alone = fresh.check_all(wheel, found)
        pythons = {version: environment.result() for version, environment in made.items()}
    failed = 0 if alone else 1
    with concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        for job in concurrent.futures.as_completed([pool.submit(run.go) for run in runs(pythons)]):
            title, status, output = job.result()
            failed += status != 0
            lines = output.splitlines()
            print(
                f"== {title}: {'FAILED' if status else 'passed'}",
                *(lines if status else lines[-4:]),
                sep="\n",
                flush=True,
            )
    return 1 if failed or not covered() else 0


def covered() -> bool:
    """Print the coverage of both backends together, and return whether it is complete."""
    settings = os.environ | {"COVERAGE_FILE": str(COVERAGE)}
    for words in (["combine", "--quiet"], ["report"]):
        done = subprocess.run([sys.executable, "-m", "coverage", *words], cwd=ROOT, env=settings, check=False)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
