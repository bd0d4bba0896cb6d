"""What `ecpure audit` takes, and how honest its χ² is: `make archives` writes both into docs/audit-archives.md.

The audit is measured as `archive_speed` measures `ecpure verify-many`, on the same archives.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import archive_speed
import ledger
from ledger import Record

from ecpure.audit.chisquare import probability

PAGE = ledger.DOCS.parent / "audit-archives.md"
LEVELS = (1e-2, 1e-3, 1e-4, 1e-5)
TRIALS, PARTS = 50_000, 20
_SIZE = 2560


def part(seed: int, trials: int) -> list[int]:
    """Return how many trials had a probability below each level."""
    rng = random.Random(seed)
    found = []
    for _ in range(trials):
        counts = Counter(rng.randbytes(_SIZE))
        found.append(probability([counts[cell] for cell in range(256)]))
    return [sum(one < level for one in found) for level in LEVELS]


def chance() -> Record:
    """Return how often even values look uneven, at each level."""
    with ProcessPoolExecutor() as executor:
        parts = [*executor.map(part, range(PARTS), [TRIALS] * PARTS)]
    return {"trials": TRIALS * PARTS, "below": [sum(column) for column in zip(*parts, strict=True)]}


def chance_text(found: Record) -> str:
    """Return the same as a table."""
    rows = [["probability below", "expected", "counted"]]
    for level, count in zip(LEVELS, found["below"], strict=True):
        rows.append([f"{level:f}".rstrip("0"), ledger.number(found["trials"] * level), ledger.number(count)])
    return f"{ledger.table(rows)}\nOf {ledger.number(found['trials'])} trials.\n"


def text(found: Record) -> str:
    """Return what docs/audit-archives.md says of time and memory."""
    return f"{archive_speed.tables(found)}\nSources: `{found['sources'][:16]}`.\n"


def main(words: list[str] | None = None) -> int:
    """Measure, write, and print the tables. Return 1 if a requirement is missed."""
    folder, extent, is_tried = archive_speed.asked(words, "Measure ecpure audit on archives of many keys.")
    found = archive_speed.measured("audit", folder, extent)
    print(text(found), end="")
    if not is_tried:
        found["chance"] = chance()
        archive_speed.write("audit", PAGE, found, {"measured": text(found), "chance": chance_text(found["chance"])})
    return 1 if archive_speed.missed(found) else 0


if __name__ == "__main__":
    sys.exit(main())
