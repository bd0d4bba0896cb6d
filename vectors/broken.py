"""The programs of faults.py put to the suite: one that no case catches shows a gap.

`python vectors/broken.py` prints how many cases catch each of them, and of which classes; with --write the table goes
to docs/broken-verifiers.md. ECPURE_WYCHEPROOF names the folder of Wycheproof's files, which are put beside.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import faults_of_curves  # noqa: F401  # which adds its programs to BROKEN
import faults_of_files  # noqa: F401  # which adds its programs, as faults_of_signatures does before it
from faults import BROKEN, STEPS
from right import Program

from ecpure import vectors
from ecpure.vectors.schemas import Case

FOLDER = Path(os.environ.get("ECPURE_WYCHEPROOF", Path(__file__).parents[2] / "shared" / "wycheproof"))
PAGE = Path(__file__).parents[1] / "docs" / "broken-verifiers.md"

PAGE_TEXT = """# Broken verifiers

Does the suite find faults? [`vectors/faults.py`](../vectors/faults.py), with `faults_of_signatures.py`,
`faults_of_files.py` and `faults_of_curves.py` beside it, has {programs} programs that are wrong on purpose. Each is the
program in [`vectors/right.py`](../vectors/right.py), which answers every case as it should, with one step replaced, or
two where one hides the other. Those named `request_…` and `second_…` are wrong only on secp256k1, all others only on
secp224k1, so that none is caught only because it has the wrong curve. For each program the table gives its fault; how
many of the suite's {ours} cases catch it, by getting another answer than expected or an exception; the classes of these
cases (at most three, the most frequent first); and whether Wycheproof's files for secp224k1 ({others} cases of
verification, in DER and p1363) catch it. A dash means that those files never reach the step. A program that no case
catches is a gap in the suite, and makes the tests fail.

Measured by `make broken`, with ECPURE_WYCHEPROOF naming the folder of Wycheproof's files.

{gaps}

{table}
"""


def suite() -> list[Case]:
    """Return the cases of the suite that comes with the package."""
    return [case for path in vectors.shipped() for case in vectors.read(path).cases]


def wycheproof() -> list[Case]:
    """Return the cases of Wycheproof's files for this curve, none where there are no files."""
    return [case for path in sorted(FOLDER.glob("ecdsa_secp224k1_*")) for case in vectors.read(str(path)).cases]


class Traced(Program):
    """The right program, which notes what it is asked for by name: its steps among them."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def __getattribute__(self, name: str) -> object:
        if name != "used":
            self.used.add(name)
        return super().__getattribute__(name)


def by_step(cases: Iterable[Case]) -> dict[str, list[Case]]:
    """Return the cases that come to each step; in all others a program that is wrong there is as right as any."""
    found: dict[str, list[Case]] = {step: [] for step in STEPS.values()}
    for case in cases:
        program = Traced()
        program(case.request)
        for step in program.used & found.keys():
            found[step].append(case)
    return found


def catching(program: Program, cases: Iterable[Case]) -> Iterator[Case]:
    """Yield the cases that the program gets wrong, or fails at."""
    for outcome in vectors.run(cases, program):
        if outcome.verdict != vectors.AGREED:
            yield outcome.case


class Catch(NamedTuple):
    """How many cases of the suite catch a program, their classes, and whether Wycheproof's do, if they come so far."""

    name: str
    ours: int
    classes: list[str]
    others: str

    def row(self) -> str:
        """Return its line of the table."""
        fault = BROKEN[self.name].__doc__
        cells = (f"`{self.name}`", fault, self.ours or "**none**", ", ".join(self.classes), self.others)
        return f"| {' | '.join(map(str, cells))} |"


@cache
def _steps() -> tuple[dict[str, list[Case]], dict[str, list[Case]]]:
    return by_step(suite()), by_step(wycheproof())


def catch(name: str) -> Catch:
    """Return what catches the program of this name: at most three classes, the most frequent first."""
    here, there = (found[STEPS[name]] for found in _steps())
    ours = list(catching(BROKEN[name], here))
    classes = Counter(flag for case in ours for flag in case.flags)
    others = ("yes" if any(catching(BROKEN[name], there)) else "no") if there else "–"
    return Catch(name, len(ours), sorted(classes, key=lambda flag: (-classes[flag], flag))[:3], others)


def page(found: Sequence[Catch], ours: int, others: int) -> str:
    """Return the text of docs/broken-verifiers.md."""
    head = ["| program | its fault | cases | classes | Wycheproof |", "|---|---|---:|---|---|"]
    table = "\n".join([*head, *(one.row() for one in found)])
    gaps = ", ".join(one.name for one in found if not one.ours)
    gaps = f"Caught by no case of the suite: {gaps}." if gaps else "The suite catches every program."
    return PAGE_TEXT.format(programs=len(found), ours=f"{ours:,}", others=others, gaps=gaps, table=table)


def main(words: Sequence[str]) -> int:
    """Do as the module says; return 1 where a program is caught by no case, or the right one by any."""
    ours, others = suite(), wycheproof()
    if words == ["--write"] and not others:
        sys.exit(f"no file of Wycheproof for secp224k1 in {FOLDER}: ECPURE_WYCHEPROOF names the folder")
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        found = list(pool.map(catch, BROKEN))
    print(text := page(found, len(ours), len(others)), end="")
    if words == ["--write"]:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    problems = [f"{one.name}: caught by no case" for one in found if not one.ours]
    problems += [f"{case.id}: the right program disagrees" for case in catching(Program(), [*ours, *others])]
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
