"""Does signing time leak secrets? `make leak` tests both backends.

It runs `ecpure leak`, keeps its t by crop in docs/evidence/leak.json, and its drawings beside that.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys

import ledger
from ledger import BACKENDS, DOCS, Record, number, say

SIGNATURES = {"gmpy2": 1_000_000, "python": 300_000}


def measure(backend: str, signatures: int, picture: str) -> Record:
    """Return the command's report, without its curves and histograms, which are in the picture."""
    command = [sys.executable, "-m", "ecpure", "leak", "--signatures", str(signatures), "--json", "--svg", picture]
    environment = os.environ | {"ECPURE_BACKEND": backend}
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)
    if result.returncode == 2:
        sys.exit(f"nothing was measured with {backend}")
    report: Record = json.loads(result.stdout)
    for pair in report["results"]:
        del pair["curves"], pair["histogram"]
    return report


def text(found: Record) -> str:
    """Return the record for people: the t of each crop, by backend, pair of classes and signer."""
    parts = []
    for name, report in found["backends"].items():
        crops = [f"{crop}%" for crop in report["results"][0]["t"]]
        rows = [["signer", "classes", "signatures", *crops]]
        for pair in report["results"]:
            values = [f"{t:.1f}".replace("-", "−") for t in pair["t"].values()]
            rows.append([pair["signer"], pair["pair"], number(pair["signatures"]), *values])
        parts.append(
            f"Backend {report['backend']}, {report['runtime']}; ecpure's largest \\|t\\|: {worst(report):.1f}.\n\n"
        )
        parts.append(ledger.table(rows) + f"\n![t-curves and histograms, backend {name}](leak-{name}.svg)\n\n")
    return "".join(parts) + f"Sources: `{found['sources'][:16]}`.\n"


def worst(report: Record) -> float:
    """Return the largest |t| of ecpure's own signing."""
    return max(abs(float(t)) for pair in report["results"] if pair["signer"] == "ecpure" for t in pair["t"].values())


def main(words: list[str]) -> int:
    """Measure both backends, and write the record. Return 0, whatever was found."""
    parser = argparse.ArgumentParser(description="Welch's t-test on the time of signing")
    parser.add_argument("--signatures", type=int, help=f"for each pair of classes (default: {SIGNATURES})")
    arguments = parser.parse_args(words)
    parts = {}
    for name in BACKENDS:
        say(f"backend {name}")
        parts[name] = measure(name, arguments.signatures or SIGNATURES[name], str(DOCS / f"leak-{name}.svg"))
    found = ledger.environment("leak") | {"backends": parts}
    ledger.save("leak", found, text(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
