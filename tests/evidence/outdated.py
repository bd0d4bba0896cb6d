"""Which records of docs/evidence are of other sources than those that are here? `make outdated` puts the question."""

from __future__ import annotations

import sys

import ledger
import mutationpage
from ledger import say


def outdated() -> list[str]:
    """Return the names of the records that are missing, or about modules that have changed since."""
    names = ("archives", "audit", "bias", "differential", "faults", "fuzz", "leak", "speed")
    found = [name for name in names if (ledger.load(name) or {}).get("sources") != ledger.sources(name)]
    return found + ["mutation"] * bool(mutationpage.outdated(mutationpage.load()))


def main() -> int:
    """Say which records have to be made anew, and by which command; return 1 if there is one."""
    found = outdated()
    for name in found:
        say(f"{name}: the record is of other sources than these: make {'archives' if name == 'audit' else name}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
