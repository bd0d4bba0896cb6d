"""Install a wheel alone in empty environments, and use it there as people do who have nothing else of the project.

Each interpreter gets an environment outside the checkout, where the wheel is installed, at first alone, and then with
gmpy2. Nothing but the environment's own programs is on the PATH: no compiler can be found. `make test-all` runs this on
the wheel that it tests, and `make box` on the one in dist/.
"""

from __future__ import annotations

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PIP = ["-m", "pip", "--disable-pip-version-check", "--no-input"]
BINARY = ["--only-binary", ":all:"]
NAMES = """
import ecpure
for name in ecpure.__all__:
    getattr(ecpure, name)
print(ecpure.backend(), len(ecpure.__all__), ecpure.__file__)
"""
DATA = [
    "share/bash-completion/completions/ecpure",
    "share/fish/vendor_completions.d/ecpure.fish",
    "share/man/man1/ecpure.1",
    "share/zsh/site-functions/_ecpure",
]


class Failed(Exception):
    """What a fresh environment did that it should not."""


class Environment:
    """An empty environment of an interpreter, in a folder outside the checkout."""

    def __init__(self, folder: Path, interpreter: str) -> None:
        self.folder = folder / "environment"
        self._settings = {"PATH": str(self.folder / "bin"), "HOME": str(folder), "LC_ALL": "C.UTF-8"}
        subprocess.run([interpreter, "-m", "venv", self.folder], check=True)

    def run(self, program: str, *words: str, octets: bytes = b"", settings: dict[str, str] | None = None) -> str:
        """Return what one of the environment's programs prints. Raises `Failed` with all it says where it fails."""
        done = subprocess.run(
            [self.folder / "bin" / program, *words],
            cwd=self.folder.parent,
            env=self._settings | (settings or {}),
            input=octets,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        shown = done.stdout.decode("latin-1")
        if done.returncode:
            raise Failed(f"{program} {' '.join(words)}: exit {done.returncode}\n{shown}")
        return shown

    def installed(self) -> set[str]:
        """Return the names of the packages that are there, but for those that every environment starts with."""
        lines = self.run("python", *PIP, "list", "--format", "freeze").splitlines()
        return {line.partition("==")[0] for line in lines} - {"pip", "setuptools"}


def expect(found: object, wanted: object) -> None:
    """Raise `Failed` unless both are the same."""
    if found != wanted:
        raise Failed(f"{wanted!r} was expected, and there was {found!r}")


def install(fresh: Environment, wheel: Path, backend: str) -> None:
    """Install the wheel by itself, or with its extra `fast`, which comes from a package index. Raises `Failed`."""
    if backend == "python":
        fresh.run("python", *PIP, "--isolated", "install", "--no-index", "--no-deps", *BINARY, str(wheel))
        expect(fresh.installed(), {"ecpure"})
    else:
        index = {
            name: value for name, value in os.environ.items() if name == "HOME" or name.startswith(("PIP_", "SSL_"))
        }
        fresh.run("python", *PIP, "install", *BINARY, f"{wheel}[fast]", settings=index)
        expect(fresh.installed(), {"ecpure", "gmpy2"})


def use(fresh: Environment, version: str, backend: str) -> str:
    """Use what is installed; return a sentence. Raises `Failed`."""
    chosen, names, path = fresh.run("python", "-I", "-W", "error", "-c", NAMES).split(" ", 2)
    expect((chosen, fresh.folder in Path(path).parents), (backend, True))
    expect(re.findall(r"^ecpure (\S+) \(backend (\w+)", fresh.run("ecpure", "--version")), [(version, backend)])
    cases = re.search(rf"ecpure \({backend}\): (\d+) of \1 cases agreed", fresh.run("ecpure", "vectors"))
    if not cases:
        raise Failed("not every case of the suite agreed")
    expect(fresh.run("ecpure", "completion", "fish"), (fresh.folder / DATA[1]).read_text(encoding="ascii"))
    expect(len(fresh.run("sign_secp224k1", octets=bytes(27) + b"\1" + bytes(28))), 56)
    return f"{names} public names import, {cases[1]} cases of the suite agree"


def check(interpreter: str, wheel: Path) -> list[str]:
    """Install the wheel without gmpy2, then with it, then remove it; return what was seen. Raises `Failed`."""
    version = wheel.name.split("-")[1]
    sentences = []
    with tempfile.TemporaryDirectory() as name:
        fresh = Environment(Path(name).resolve(), interpreter)
        for backend in ("python", "gmpy2"):
            install(fresh, wheel, backend)
            expect([path for path in DATA if not (fresh.folder / path).is_file()], [])
            sentences.append(f"backend {backend}: {use(fresh, version, backend)}")
        fresh.run("python", *PIP, "uninstall", "--yes", "ecpure")
        expect([path.name for path in fresh.folder.rglob("*ecpure*")], [])
    return sentences


def check_all(wheel: Path, interpreters: dict[str, str]) -> bool:
    """Print how each environment did; return whether all did as they should."""
    good = True
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        jobs = {version: pool.submit(check, path, wheel.resolve()) for version, path in interpreters.items()}
        for version, job in jobs.items():
            try:
                sentences = job.result()
            except Failed as failure:
                good, sentences = False, [f"FAILED: {failure}"]
            print(*(f"== A fresh Python {version}, {sentence}" for sentence in sentences), sep="\n", flush=True)
    return good


if __name__ == "__main__":
    from interpreters import interpreters

    sys.exit(not check_all(Path(sys.argv[1]), interpreters()))
