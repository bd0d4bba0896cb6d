"""Everything, on every interpreter from 3.11 that this machine has: `make test-all` runs it.

The package is built as a wheel, which is used alone in empty environments first. Then each interpreter gets a fresh
environment with the wheel and what its tests need, and runs the package's tests on both backends; the newest one runs
the long tests too, which try more of the same.
What tests the house around the package (pages, evidence, workflows, vectors, releases) runs on this interpreter only:
it does not depend on which one the package is run by. The page is tried here too, in a browser and in Node.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nox

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT / "tests" / "tools"))

from interpreters import interpreters  # noqa: E402

INTERPRETERS = interpreters()
NEWEST = INTERPRETERS[max(INTERPRETERS, key=lambda version: int(version.partition(".")[2]))]
WHEELS = ROOT / ".cache" / "wheels"
HOUSE = [
    "tests/docs",
    "tests/project",
    "tests/cli/test_examples.py",
    "tests/core/test_proofs.py",
    "tests/interop/test_dask.py",
]
"""What needs the group `house`."""
PAGE = "tests/page"

nox.needs_version = ">=2025.2.9"
nox.options.stop_on_first_error = False


def wheel() -> Path:
    """Return the wheel that the session `wheel` has built."""
    (found,) = WHEELS.glob("ecpure-*.whl")
    return found


@nox.session(venv_backend="none", name="wheel")
def build_wheel(session: nox.Session) -> None:
    """Build the wheel, and use it alone in an empty environment of each interpreter, without gmpy2 and with it."""
    for old in WHEELS.glob("ecpure-*.whl"):
        old.unlink()
    session.run(sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "-w", str(WHEELS), ".")
    session.run(sys.executable, "tests/tools/fresh.py", str(wheel()))


@nox.session(python=list(INTERPRETERS.values()), requires=["wheel"])
@nox.parametrize("backend", ["python", "gmpy2"])
def package(session: nox.Session, backend: str) -> None:
    """Run the package's tests, on the newest interpreter with the long ones."""
    session.install("pip>=25.1")
    session.install("--group", "test", str(wheel()))
    ignored = [f"--ignore={folder}" for folder in [*HOUSE, PAGE]]
    chosen = [] if session.python == NEWEST else ["-m", "not long"]
    session.run("pytest", "-q", "-n", "auto", "-p", "no:cacheprovider", *chosen, *ignored, env=environment(backend))


@nox.session(venv_backend="none")
@nox.parametrize("backend", ["python", "gmpy2"])
def house(session: nox.Session, backend: str) -> None:
    """Test the pages, the evidence, the workflows, the vectors and the making of releases."""
    words = ["-m", "pytest", "-q", "-n", "auto", "-p", "no:cacheprovider", *HOUSE]
    session.run(sys.executable, *words, env=environment(backend))


@nox.session(venv_backend="none")
def page(session: nox.Session) -> None:
    """Build the page that verifies in a browser, and try it in Chromium, and its Python in Node."""
    session.run(sys.executable, "page/build.py")
    session.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", PAGE, env=environment("python"))


@nox.session(venv_backend="none")
def made(session: nox.Session) -> None:
    """Make the vectors and the site again: the former have to be the same, the latter without a warning."""
    session.run(sys.executable, "vectors/make", "--check")
    session.run(sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "docs", ".cache/site")


def environment(backend: str) -> dict[str, str]:
    """Return the variables of a run: what tests start finds the installed package, not the checkout."""
    return {"ECPURE_BACKEND": backend, "PYTHONSAFEPATH": "1"}
