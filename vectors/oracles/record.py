"""What the verdicts of independent programs come to: the record, its table, and the cases to be looked at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from cases import Case, Message

CONFIRMED, CONTRADICTED, UNSUPPORTED, FAILED = "confirmed", "contradicted", "unsupported", "failed"

Verdicts = dict[str, list[str]]

# Where two programs or more may accept what the suite refuses, by file and class: the clause, and why ecpure keeps it.
_KEYS, _POINTS, _PRODUCTS = (f"secp224k1_{name}_test.json" for name in ("key", "point", "multiply"))
STRICTER = {
    ("ecdsa_secp224k1_recover_test.json", "RFromPOn"): (
        "SEC 1 §4.1.6 has x = r + j·n in the field: an r of p or above cannot be an x, and no key verifies such a"
        " signature."
    ),
    (_KEYS, "Mismatch"): (
        "RFC 5958 §2 has the public key of this private key in [1]; another one means that the file was put together."
    ),
    (_KEYS, "NotNamed"): (
        "RFC 5480 §2.1.1 allows only a curve's name: explicit parameters would have to be proved to be the curve's."
    ),
    (_KEYS, "WrongDer"): (
        "RFC 5915 §3 has d in 29 octets on this curve, no more and not none, and no element after the public key; RFC"
        " 5958 §2 has [1] implicit, and nothing after it."
    ),
    (_KEYS, "WrongPem"): (
        "RFC 7468 §10 and RFC 5915 §4 have the label that goes with what is inside; of two keys in a file, nothing says"
        " which one is meant; and RFC 4648 §4 has no more padding than is due."
    ),
    (_KEYS, "WrongPoint"): "RFC 5480 §2.2 has compressed and uncompressed points; anything else is to be rejected.",
    (_KEYS, "WrongVersion"): "RFC 5915 §3 allows only version 1: what another version would mean is not known.",
    (_PRODUCTS, "NotReduced"): "SEC 1 §2.3.6 step 1 refuses octets of p and above: a coordinate is an integer below p.",
    (_POINTS, "Infinity"): "SEC 1 §3.2.2.1 has no public key at infinity, so the octet 00 is not a public key.",
    (_POINTS, "WrongTag"): "The hybrid form would be a third encoding of a point; RFC 5480 §2.2 rejects it.",
}


def record(versions: dict[str, str], cases: Sequence[Case], verdicts: Verdicts) -> Message:
    """Return the content of confirmed.json."""
    files: Message = {}
    for file in sorted({case.file for case in cases}):
        places = [place for place, case in enumerate(cases) if case.file == file]
        few = [place for place in places if _count(verdicts, place, CONFIRMED) < 2]
        taken = [place for place in places if _taken(cases[place], verdicts, place)]
        files[file] = {
            **_summary(verdicts, places),
            "classes": {
                flag: _summary(verdicts, [place for place in places if flag in cases[place].flags])
                for flag in sorted({flag for place in places for flag in cases[place].flags})
            },
            "confirmedByFewerThanTwo": _by_class(cases, few),
            "stricterThan": _by_class(cases, taken),
        }
    return {"programs": versions, "files": files}


def _summary(verdicts: Verdicts, places: Sequence[int]) -> Message:
    """Return how many cases stand at these places, and how many each program confirms: null if it judges none."""
    confirmed: dict[str, int | None] = {}
    for name, found in verdicts.items():
        judged = [found[place] for place in places if found[place] != UNSUPPORTED]
        confirmed[name] = judged.count(CONFIRMED) if judged else None
    two = sum(_count(verdicts, place, CONFIRMED) >= 2 for place in places)
    return {"cases": len(places), "byTwoOrMore": two, "confirmed": confirmed}


def _by_class(cases: Sequence[Case], places: Iterable[int]) -> dict[str, list[int]]:
    """Return the numbers of the cases at these places, by the first of their classes."""
    found: dict[str, list[int]] = {}
    for place in places:
        found.setdefault(cases[place].flags[0], []).append(cases[place].number)
    return dict(sorted(found.items()))


def _count(verdicts: Verdicts, place: int, verdict: str) -> int:
    return sum(found[place] == verdict for found in verdicts.values())


def _taken(case: Case, verdicts: Verdicts, place: int) -> bool:
    """Whether two programs or more take what the suite refuses."""
    return case.expected.get("result") == "invalid" and _count(verdicts, place, CONTRADICTED) >= 2


def refuted(cases: Sequence[Case], verdicts: Verdicts) -> list[str]:
    """Return the cases that are wrong, as like as not.

    They are to be valid, two or more contradict them and none confirms them; or they are to be invalid, two or more
    take them, and `STRICTER` has no reason for their class.
    """
    return [
        case.request["id"]
        for place, case in enumerate(cases)
        if (
            (case.file, case.flags[0]) not in STRICTER
            if _taken(case, verdicts, place)
            else _count(verdicts, place, CONTRADICTED) >= 2 and not _count(verdicts, place, CONFIRMED)
        )
    ]


def table(content: Message) -> str:
    """Return the record in Markdown: a line for each file, and what falls short, by file and class."""
    programs = content["programs"]
    lines = [
        "| file | cases | by two or more | " + " | ".join(programs.values()) + " |",
        "|---|---:|---:|" + "---:|" * len(programs),
    ]
    for file, found in content["files"].items():
        cells = ["–" if found["confirmed"][name] is None else str(found["confirmed"][name]) for name in programs]
        lines.append(f"| `{file}` | {found['cases']} | {found['byTwoOrMore']} | " + " | ".join(cells) + " |")
    lines += _listed("Confirmed by fewer than two", content, "confirmedByFewerThanTwo")
    lines += _listed("Refused on purpose, and accepted by two programs or more", content, "stricterThan")
    return "\n".join(lines)


def _listed(title: str, content: Message, name: str) -> list[str]:
    """Return a line for each file and class that has such cases, with the reason where there is one to give."""
    lines = []
    for file, found in content["files"].items():
        for flag, numbers in found[name].items():
            reason = STRICTER.get((file, flag), "") if name == "stricterThan" else ""
            lines.append(f"- {file}, {flag}: {', '.join(map(str, numbers))}." + (f" {reason}" if reason else ""))
    return ["", f"{title}:", "", *(lines or ["- none"])]


BEGIN, END = "<!-- confirmed: begin -->", "<!-- confirmed: end -->"


def write(content: Message, folder: Path) -> None:
    """Write confirmed.json into the folder, and the table into its README.md between the marks there."""
    text = json.dumps(content, indent=1) + "\n"
    (folder / "confirmed.json").write_text(text, encoding="ascii", newline="\n")
    readme = folder / "README.md"
    before, begin, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{readme.name}: the lines {BEGIN} and {END} were expected")
    readme.write_text(f"{before}{begin}\n{table(content)}\n{end}{after}", encoding="utf-8", newline="\n")
