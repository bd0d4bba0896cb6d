"""What `ecpure audit` takes, and how honest its χ² is: `make archives` writes both into docs/audit-archives.md.

The archives are those of `archive_speed`, in the folder that is given.
"""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from archive_speed import SIZES, make, measure

from ecpure import backend
from ecpure.audit.chisquare import probability

PAGE = Path(__file__).parents[2] / "docs" / "audit-archives.md"
LEVELS = (1e-2, 1e-3, 1e-4, 1e-5)
_TRIALS, _PARTS, _SIZE = 50_000, 20, 2560


def speed(folder: Path, sizes: tuple[int, ...]) -> str:
    """Return the table of rates and memory, in Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    cores = len(os.sched_getaffinity(0))
    lines = [
        f"| records | 1 process | its memory | {cores} processes | their memory |",
        "|---:|---:|---:|---:|---:|",
    ]
    for size in sizes:
        path = make(folder, size)
        cells = []
        for jobs in (1, cores):
            taken = measure([sys.executable, "-m", "ecpure", "audit", str(path), "--jobs", str(jobs)], size)
            cells += [f"{taken.rate:,.0f}/s", f"{taken.memory:.0f} MB"]
        lines.append(f"| {size:,} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    return "\n".join(
        [*lines, "", f"Backend {backend()}, {cores} cores. Memory is that of all processes together, at its most."]
    )


def _part(seed: int) -> list[int]:
    """Return how many trials had a probability below each level."""
    rng = random.Random(seed)
    found = []
    for _ in range(_TRIALS):
        counts = Counter(rng.randbytes(_SIZE))
        found.append(probability([counts[cell] for cell in range(256)]))
    return [sum(one < level for one in found) for level in LEVELS]


def chance() -> str:
    """Return the table of how often even values look uneven, in Markdown."""
    with ProcessPoolExecutor() as executor:
        below = [sum(column) for column in zip(*executor.map(_part, range(_PARTS)), strict=True)]
    trials = _TRIALS * _PARTS
    lines = ["| probability below | expected | counted |", "|---:|---:|---:|"]
    for level, count in zip(LEVELS, below, strict=True):
        limit = f"{level:f}".rstrip("0")
        lines.append(f"| {limit} | {trials * level:,.0f} | {count:,} |")
    return "\n".join([*lines, "", f"Of {trials:,} trials."])


def write(name: str, text: str) -> None:
    """Put the text between the page's marks of this name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    write("chance", chance())
    write("measured", speed(Path(sys.argv[1]), SIZES))
