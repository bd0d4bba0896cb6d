"""Make the suite anew: `python vectors/make`, or with --check say whether the files are as it would make them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import batches
import containers
import logins
import points
import secondcurve
import signatures
import verification
from files import File, write

SUITE = Path(__file__).parents[1] / "suite"


def every_file() -> list[File]:
    """Return the whole suite."""
    modules = (verification, batches, signatures, points, containers, logins, secondcurve)
    return [file for module in modules for file in module.files()]


def main(check: bool) -> int:
    """Write the suite, or compare it with what would be written; return 1 where it differs."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) if check else SUITE
        total = sum(write(file, made) for file in every_file())
        if not check:
            print(f"{total} cases")
            return 0
        names = sorted({path.name for path in (*made.iterdir(), *SUITE.iterdir())})
        differ = [name for name in names if _octets(made / name) != _octets(SUITE / name)]
    print(f"{total} cases" if not differ else f"not as they would be made: {', '.join(differ)}")
    return 1 if differ else 0


def _octets(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] == ["--check"]))
