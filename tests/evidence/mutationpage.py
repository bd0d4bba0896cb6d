"""What mutation testing found: the record, the list of mutants that need not be killed, and docs/mutation.md."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

from ledger import DOCS, Record, code, number, path_of, table
from mutationplan import QUICK

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ecpure"
PAGE = ROOT / "docs" / "mutation.md"
LIST = Path(__file__).parent / "equivalent.toml"
RECORD = DOCS / "mutation.json"
WIDTH = 88  # of a line of code on the page

HEAD = """\
# Mutation testing

A test suite is only as good as the mistakes that it catches. [cosmic-ray](https://github.com/sixty-north/cosmic-ray)
puts small mistakes, one at a time, into the modules that decide what is signed and what is valid: another operator,
another comparison, a number larger or smaller by one, a `not`, a loop that never runs, a removed decorator. Such a
mutant is killed if a test fails. A mutant that runs without end is stopped by a limit on its processor time, and counts
as killed ("of these endless"). Mutants that do not compile, that compile to the same code, or that only change an
annotation are not counted.

`make mutation` continues where it was stopped, and writes this page (`tests/evidence/mutation.py`; the record is
[evidence/mutation.json](evidence/mutation.json)). It runs a few tests chosen for the module on each mutant, with gmpy2;
if the mutant survives, it runs more of them, with Python's integers (`tests/evidence/mutationplan.py`). Mutants that
survive these are listed in `tests/evidence/equivalent.toml`, each with the reason why no test can, or need, distinguish
it from the module. `mutation.py --check` checks that each of these exists and survives.
`tests/project/test_mutation.py` checks that this page, the record, the list and the modules agree.

"""

NOTE = """
The score is the share of mutants killed, among those that are not equivalent. Made with cosmic-ray {cosmic_ray} on
Python {python}.
"""


def source_of(module: str) -> str:
    """Return the source of a module, which is named by its dotted path below the package."""
    return (PACKAGE / path_of(module)).read_text(encoding="utf-8")


def digest_of(source: str) -> str:
    """Return the SHA-256 of a module's code."""
    return hashlib.sha256(code(source).encode("utf-8")).hexdigest()


def equivalents(path: Path = LIST) -> dict[str, dict[str, str]]:
    """Return for each module the mutants that need not be killed, each with its reason.

    Raises `LookupError` for one that is there twice, or an unknown module.
    """
    found: dict[str, dict[str, str]] = {}
    for module, groups in tomllib.loads(path.read_text(encoding="utf-8")).items():
        if module not in QUICK:
            raise LookupError(f"{path.name}: {module} is no module that is tested")
        found[module] = {}
        for group in groups:
            for name in group["mutants"]:
                if name in found[module]:
                    raise LookupError(f"{path.name}: {module}: {name} is there twice")
                found[module][name] = " ".join(group["why"].split())
    return found


def page(record: Record, listed: dict[str, dict[str, str]]) -> str:
    """Return docs/mutation.md."""
    rows = [["module", "mutants", "killed", "of these endless", "equivalent", "not judged yet", "score"]]
    for module in QUICK:
        row = record["modules"].get(module)
        if row is None:
            rows.append([f"`{module}`", *["–"] * 5, "not recorded yet"])
            continue
        survivors = len(row["survivors"])
        equivalent = len([name for name in row["survivors"] if name in listed.get(module, {})])
        killed = row["mutants"] - survivors
        score = f"{100 * killed / (row['mutants'] - equivalent):.1f}%"
        counts = (row["mutants"], killed, row["endless"], equivalent, survivors - equivalent)
        rows.append([f"`{module}`", *map(number, counts), score])
    text = HEAD + table(rows) + NOTE.format(**record["tools"])
    for module, row in record["modules"].items():
        if row["survivors"]:
            text += f"\n## `{module}`\n\n" + _listed(row["survivors"], listed.get(module, {}))
    return text


def _listed(survivors: list[str], listed: dict[str, str]) -> str:
    """Return the surviving mutants under the reasons why they survive."""
    reasons: dict[str, list[str]] = {}
    for name in [*[name for name in listed if name in survivors], *[name for name in survivors if name not in listed]]:
        reasons.setdefault(listed.get(name, "Not judged yet."), []).append(name)
    parts = []
    for why, names in reasons.items():
        parts.append(f"{why}\n\n```text\n" + "".join(f"{_lines(name)}\n" for name in names) + "```\n")
    return "\n".join(parts)


def _lines(mutant: str) -> str:
    """Return a mutant in one line or, where that is longer than a page is wide, in two."""
    return mutant if len(mutant) <= WIDTH else mutant.replace(" → ", "\n    → ", 1)


def load() -> Record:
    """Return the record, or an empty one."""
    if not RECORD.exists():
        return {"tools": {}, "modules": {}}
    record: Record = json.loads(RECORD.read_text(encoding="utf-8"))
    return record


def outdated(record: Record) -> list[str]:
    """Return the modules that were not run, or whose mutants were those of another source."""
    rows = record["modules"]
    return [module for module in QUICK if rows.get(module, {}).get("source") != digest_of(source_of(module))]


def save(record: Record) -> None:
    """Write the record and the page."""
    record["modules"] = {module: record["modules"][module] for module in QUICK if module in record["modules"]}
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(record, equivalents()), encoding="utf-8")
