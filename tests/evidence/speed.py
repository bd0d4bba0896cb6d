"""How fast every operation is beside other programs: `make speed` measures, and writes docs/speed.md and a picture."""

from __future__ import annotations

import json
import subprocess
import sys

import ledger
import pictures
from ledger import Record

from ecpure.measure import bench

PAGE = ledger.DOCS.parent / "speed.md"


def text(report: Record) -> str:
    """Return the tables of both backends, and what is said beside them."""
    parts = []
    for name, result in report["backends"].items():
        parts.append(f"{bench.title(name, report)}:\n\n{ledger.table(bench.table(result))}\n")
        parts.append("".join(f"- {note}\n" for note in bench.notes(result)) + "\n")
    return "".join(parts)


def main() -> int:
    """Measure, and write. Return 1 if a program was wrong."""
    command = [sys.executable, "-m", "ecpure", "bench", "--peers", "--rounds", "11", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    report = json.loads(done.stdout) | {"sources": ledger.sources("speed")}
    (ledger.DOCS / "speed.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(ledger.filled(PAGE.read_text(encoding="utf-8"), "measured", text(report)), encoding="utf-8")
    pictures.main()
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
