"""What `ecpure audit` takes, and how honest its χ² is: `make archives` writes both into docs/audit-archives.md.

The audit is measured as `archive_speed` measures `ecpure verify-many`, on the same archives.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import archive_speed
import ledger
from archive_speed import Run
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


SEARCHLESS = """
import sys
from ecpure.audit import conclusions, samples
from ecpure.cli import main
conclusions._MOST_KEYS = samples.SECONDS_PER_RECORD = 0
samples.SECONDS = dict.fromkeys(samples.SECONDS, 0.0)
sys.exit(main(sys.argv[1:]))
"""
"""The command without the search for biased nonces and for generators of nonces."""
MOST_FOR_SEARCH = 1.3
"""How long an audit of the larger archives may take of all cores, beside one without that search."""


def searchless(folder: Path, found: Record) -> list[Record]:
    """Return for each of the larger archives and each backend the time of all cores with the search and without."""
    compared = []
    for one in found["runs"]:
        if one["records"] > archive_speed.by_keys(found)[0]["records"]:
            run = Run(one["records"], one["keys"])
            for backend in ledger.BACKENDS:
                taken = archive_speed.measure(
                    "audit", folder, run, backend, with_memory=False, program=("-c", SEARCHLESS)
                )
                without = round(taken.processor, 3)
                compared.append(
                    {"run": str(run), "backend": backend, "with": one[backend]["processor"], "without": without}
                )
    return compared


def missed(found: Record) -> list[str]:
    """Return a sentence for each requirement that is not held."""
    return [
        *archive_speed.missed(found),
        *(
            f"{one['backend']}, {one['run']}: {ratio:.2f} of the time without the search, not {MOST_FOR_SEARCH}"
            for one in found["searchless"]
            if (ratio := one["with"] / one["without"]) > MOST_FOR_SEARCH
        ),
    ]


def text(found: Record) -> str:
    """Return what docs/audit-archives.md says of time and memory."""
    rows = [["audit of", "backend", "seconds of all cores", "without the search", "ratio", "at most"]]
    for one in found["searchless"]:
        seconds = [f"{one[which]:.1f}" for which in ("with", "without")]
        rows.append([one["run"], one["backend"], *seconds, f"{one['with'] / one['without']:.2f}", str(MOST_FOR_SEARCH)])
    return (
        f"{archive_speed.tables(found)}\n"
        f"With and without the search for biased nonces and for generators of nonces:\n\n"
        f"{ledger.table(rows)}\nSources: `{found['sources'][:16]}`.\n"
    )


def main(words: list[str] | None = None) -> int:
    """Measure, write, and print the tables. Return 1 if a requirement is missed."""
    folder, extent, is_tried = archive_speed.asked(words, "Measure ecpure audit on archives of many keys.")
    found = archive_speed.measured("audit", folder, extent)
    found["searchless"] = searchless(folder, found)
    print(text(found), end="")
    if not is_tried:
        found["chance"] = chance()
        archive_speed.write("audit", PAGE, found, {"measured": text(found), "chance": chance_text(found["chance"])})
    return 1 if missed(found) else 0


if __name__ == "__main__":
    sys.exit(main())
