"""How fast every operation is beside other programs: `make speed` measures, and writes docs/speed.md and a picture."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import ArgumentParser
from typing import NamedTuple

import ledger
import pictures
from ledger import Record

from ecpure.measure import bench

PAGE = ledger.DOCS.parent / "speed.md"
ROUNDS, QUICK = 25, 5


class Requirement(NamedTuple):
    """That an operation takes at most this part of another program's time for the same."""

    operation: str
    backend: str
    beside: str
    at_most: float


REQUIREMENTS = (
    Requirement("sign", "gmpy2", "fastecdsa", 0.72),
    Requirement("sign", "python", "OpenSSL", 0.45),
    Requirement("public key", "gmpy2", "fastecdsa", 0.28),
    Requirement("public key", "python", "OpenSSL", 0.40),
    Requirement("verify, key seen first", "gmpy2", "OpenSSL", 0.94),
    Requirement("verify, key seen first", "python", "btclib-ecc", 0.57),
    Requirement("verify, prepared key", "gmpy2", "fastecdsa", 0.70),
    Requirement("verify, prepared key", "python", "OpenSSL", 0.70),
    Requirement("verify_many, one key", "gmpy2", "fastecdsa", 0.54),
    Requirement("verify_many, one key", "python", "OpenSSL", 0.43),
    Requirement("verify_many, key each", "gmpy2", "OpenSSL", 0.88),
    Requirement("verify_many, key each", "python", "btclib-ecc", 0.52),
)
FIRST_SIGNATURE = 25.0
"""Milliseconds that the first signature of a process takes at most, over an interpreter with its integers."""


def ratio(report: Record, one: Requirement) -> float | None:
    """Return ecpure's part of the other program's shortest time, or None where one of them was not measured."""
    times = report["backends"].get(one.backend, {}).get("times", {})
    theirs = next((taken for name, taken in times.items() if name.split()[0] == one.beside), None)
    if theirs is None:
        return None
    return float(times["ecpure"][one.operation] / theirs[bench.OPERATIONS[one.operation]])


def judged(report: Record) -> list[list[str]]:
    """Return the rows of the table of requirements, the heading first."""
    rows = [["operation", "backend", "compared with", "ratio", "at most", "met"]]
    for one in REQUIREMENTS:
        found = ratio(report, one)
        held = "not measured" if found is None else "yes" if found <= one.at_most else "**no**"
        rows.append([*one[:3], "–" if found is None else f"{found:.3f}", f"{one.at_most:.2f}", held])
    for backend, result in report["backends"].items():
        taken = result.get("start-up", {}).get("first signature")
        held = "not measured" if taken is None else "yes" if taken <= FIRST_SIGNATURE else "**no**"
        beside = f"start of an interpreter{' with gmpy2' * (backend == 'gmpy2')}, ms"
        cells = ["–" if taken is None else f"{taken:.1f}", f"{FIRST_SIGNATURE:.1f}"]
        rows.append(["first signature", backend, beside, *cells, held])
    return rows


def missed(report: Record) -> list[str]:
    """Return a sentence for each requirement that was not met, or not measured."""
    _, *rows = judged(report)
    return [
        f"{operation}, {backend}, compared with {beside}: {found}, where at most {at_most} is required"
        for operation, backend, beside, found, at_most, held in rows
        if held != "yes"
    ]


def text(report: Record) -> str:
    """Return the tables of both backends, what is said beside them, and what is required."""
    parts = []
    for name, result in report["backends"].items():
        if "error" not in result:
            parts.append(f"{bench.title(name, report)}:\n\n{ledger.table(bench.table(result))}\n")
        parts.append("".join(f"- {note}\n" for note in bench.notes(result)) + "\n")
    return "".join(parts) + f"Requirements on the shortest times:\n\n{ledger.table(judged(report))}\n"


def main(words: list[str] | None = None) -> int:
    """Measure, and write. Return 1 if a program was wrong, or a requirement is missed."""
    parser = ArgumentParser(description="Time every operation beside other programs.")
    parser.add_argument("--quick", action="store_true", help=f"try it with {QUICK} rounds, and write nothing")
    is_tried = parser.parse_args(words).quick
    rounds = str(QUICK if is_tried else ROUNDS)
    command = [sys.executable, "-m", "ecpure", "bench", "--peers", "--rounds", rounds, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    report = json.loads(done.stdout) | {"sources": ledger.sources("speed")}
    if is_tried:
        print(text(report), end="")
    else:
        (ledger.DOCS / "speed.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        PAGE.write_text(ledger.filled(PAGE.read_text(encoding="utf-8"), "measured", text(report)), encoding="utf-8")
        pictures.main()
    for sentence in missed(report):
        ledger.say(sentence)
    return 1 if missed(report) else done.returncode


if __name__ == "__main__":
    sys.exit(main())
