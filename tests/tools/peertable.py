"""Which class of vectors other libraries fail at, as counts: `make peers` writes the table of docs/peers.md.

The libraries answer through the programs in vectors/oracles. A case fails if the answer contradicts the suite, or if
there is none; what a library has no function for is not asked. The cases themselves are not named.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cases import Case, read
from confirm import COMMANDS, ask, start
from peerprograms import LIBRARIES
from record import CONTRADICTED, FAILED, STRICTER, UNSUPPORTED, Verdicts

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "peers.md"
BEGIN, END = "<!-- peers: begin -->\n", "<!-- peers: end -->\n"
TOTAL = "all cases"


def counts(cases: Sequence[Case], found: Sequence[str]) -> tuple[Counter[str], Counter[str]]:
    """Return by class, and in all, how many cases a library was asked, and at how many it fails."""
    asked, failed = Counter[str](), Counter[str]()
    for case, verdict in zip(cases, found, strict=True):
        if verdict != UNSUPPORTED:
            asked.update([*case.flags, TOTAL])
        if verdict in (CONTRADICTED, FAILED):
            failed.update([*case.flags, TOTAL])
    return asked, failed


def table(versions: dict[str, str], cases: Sequence[Case], verdicts: Verdicts) -> str:
    """Return the table in Markdown: a row for each class that a library fails at, a column for each library."""
    of_each = {name: counts(cases, found) for name, found in verdicts.items()}
    classes = sorted({flag for _, failed in of_each.values() for flag in failed} - {TOTAL})
    stricter = {flag for _, flag in STRICTER}
    lines = [f"| class | {' | '.join(versions[name] for name in of_each)} |", f"|---|{'---:|' * len(of_each)}"]
    for flag in [*classes, TOTAL]:
        cells = (_cell(asked[flag], failed[flag]) for asked, failed in of_each.values())
        lines.append(f"| {flag}{'†' * (flag in stricter)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(asked: int, failed: int) -> str:
    if not asked:
        return "–"
    return f"{failed:,} of {asked:,}"


def placed(page: str, content: str) -> str:
    """Return the page with the content between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + content + END + after


def main() -> int:
    """Ask the libraries that are there, and write the page."""
    paths = [path for path in sorted((ROOT / "vectors" / "suite").glob("*_test.json")) if "login" not in path.name]
    cases = [case for path in paths for case in read(path)]
    program = str(Path(__file__).with_name("peerprograms.py"))
    COMMANDS.update({name: [sys.executable, program, name] for name in LIBRARIES})
    versions, oracles = start()
    if not oracles:
        print("none of the libraries is there: see `make oracles`", file=sys.stderr)
        return 1
    found = table(versions, cases, ask(oracles, cases))
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    content = f"{len(cases):,} cases, asked on {day}:\n\n{found}"
    PAGE.write_text(placed(PAGE.read_text(encoding="utf-8"), content), encoding="utf-8")
    print(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
