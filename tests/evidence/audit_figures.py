"""What `ecpure audit` takes, and how honest its χ² is: `make archives` writes both into docs/audit-archives.md.

The audit is measured as `archive_speed` measures `ecpure verify-many`, on the same archives.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import archive_speed
import ledger
from archive_speed import Notes, Run
from ledger import Record

from ecpure.audit.chisquare import probability

PAGE = ledger.DOCS.parent / "audit-archives.md"
LEVELS = (1e-2, 1e-3, 1e-4, 1e-5)
TRIALS, PARTS = 50_000, 20
ROUNDS, SEARCHLESS_ROUNDS = 1, 3
"""An audit takes longer than a verification: each is run once, and more often only without the search."""
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
    return f"{ledger.table(rows)}\n{ledger.number(found['trials'])} trials.\n"


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


class Searchless:
    """Times of all cores without the search, the shortest of each run, by backend."""

    def __init__(self, folder: Path) -> None:
        self.times: dict[Run, dict[str, float]] = {}
        self._notes = Notes("audit", folder)

    def __call__(self, run: Run, backend: str, turn: int = 0) -> None:
        """Measure a run, unless it is one in one process."""
        if run.jobs is None:
            how: dict[str, Any] = {"with_memory": False, "what": "without the search", "program": ("-c", SEARCHLESS)}
            taken = self._notes.measure(turn, run, backend, **how).processor
            of_run = self.times.setdefault(run, {})
            of_run[backend] = min(taken, of_run.get(backend, taken))


def is_larger(run: Record, found: Record) -> bool:
    """Whether a run is of one of the larger archives."""
    return bool(run["records"] > archive_speed.by_keys(found)[0]["records"])


def searched(found: Record) -> list[tuple[Record, str, float]]:
    """Return the runs that were also measured without the search, and how many times as long they take with it."""
    return [
        (run, backend, run[backend]["processor"] / run[backend]["searchless"])
        for run in found["runs"]
        for backend in ledger.BACKENDS
        if run["keys"] and "searchless" in run[backend]
    ]


def missed(found: Record) -> list[str]:
    """Return a sentence for each requirement that is not met."""
    return [
        *archive_speed.missed(found),
        *(
            f"{backend}, {Run(run['records'], run['keys'])}: {ratio:.2f} of the time without the search, "
            f"at most {MOST_FOR_SEARCH} required"
            for run, backend, ratio in searched(found)
            if is_larger(run, found) and ratio > MOST_FOR_SEARCH
        ),
    ]


def text(found: Record) -> str:
    """Return what docs/audit-archives.md says of time and memory."""
    rows = [["audit of", "backend", "CPU seconds", "without the search", "ratio", "at most"]]
    for run, backend, ratio in searched(found):
        name = str(Run(run["records"], run["keys"]))
        seconds = [f"{run[backend][which]:.1f}" for which in ("processor", "searchless")]
        at_most = str(MOST_FOR_SEARCH) if is_larger(run, found) else "–"
        rows.append([name, backend, *seconds, f"{ratio:.2f}", at_most])
    return (
        f"{archive_speed.tables(found)}\n"
        "“Ratio to a key each” leaves out the search for biased nonces and for generators of nonces, which may take "
        "the same time for any number of keys. The times with the search and without it were measured "
        f"one right after the other. Of {ledger.number(archive_speed.by_keys(found)[0]['records'])} records, the time "
        f"without it is the shortest of {SEARCHLESS_ROUNDS} rounds; each other time is of one round:\n\n"
        f"{ledger.table(rows)}\nSources: `{found['sources'][:16]}`.\n"
    )


def main(words: list[str] | None = None) -> int:
    """Measure, write, and print the tables. Return 1 if a requirement is missed."""
    folder, extent, is_tried = archive_speed.asked(words, "Measure ecpure audit on archives of many keys.")
    extent = extent._replace(rounds=ROUNDS)
    without = Searchless(folder)
    found = archive_speed.measured("audit", folder, extent, without)
    for turn in range(1, SEARCHLESS_ROUNDS):
        for keys in archive_speed.KEYS:
            for backend in ledger.BACKENDS:
                without(Run(extent.records, keys), backend, turn)
    for run in found["runs"]:
        for backend, seconds in without.times.get(Run(run["records"], run["keys"], run["jobs"]), {}).items():
            run[backend]["searchless"] = round(seconds, 3)
    print(text(found), end="")
    if not is_tried:
        found["chance"] = chance()
        archive_speed.write("audit", PAGE, found, {"measured": text(found), "chance": chance_text(found["chance"])})
        Notes("audit", folder).forget()
    return 1 if missed(found) else 0


if __name__ == "__main__":
    sys.exit(main())
