"""How a file of vectors is written: in Wycheproof's manner, cases numbered from 1, the same octets every time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

SOURCE = {"name": "ecpure", "version": "1"}

Test = dict[str, Any]
Group = dict[str, Any]


class Note(NamedTuple):
    """Why a class of cases, named by a flag, is there."""

    bug_type: str
    """BASIC, EDGE_CASE, MISSING_STEP, AUTH_BYPASS, MALLEABILITY, BER_ENCODING, LEGACY, CAN_OF_WORMS or KEY_LEAK."""
    description: str
    effect: str = ""


class File(NamedTuple):
    """One file of the suite."""

    name: str
    algorithm: str
    schema: str
    header: list[str]
    notes: dict[str, Note]
    groups: list[Group]


def write(file: File, folder: Path) -> int:
    """Write the file into the folder and return how many cases it has.

    A case that asks and expects what an earlier one does is left out. A flag without a note is an error.
    """
    number = 0
    groups = []
    asked: set[str] = set()
    for group in file.groups:
        shared = {name: value for name, value in group.items() if name != "tests"}
        tests = []
        for test in group["tests"]:
            question = json.dumps(
                [shared, {name: test[name] for name in test.keys() - {"comment", "flags"}}], sort_keys=True
            )
            if question in asked:
                continue
            asked.add(question)
            number += 1
            tests.append({"tcId": number, **test})
        if tests:
            groups.append({"type": group["type"], "source": SOURCE, **group, "tests": tests})
    used = {flag for group in groups for test in group["tests"] for flag in test["flags"]}
    if used != file.notes.keys():
        raise ValueError(f"{file.name}: flags and notes differ: {sorted(used ^ file.notes.keys())}")
    notes = {
        flag: {"bugType": note.bug_type, "description": note.description}
        | ({"effect": note.effect} if note.effect else {})
        for flag, note in sorted(file.notes.items())
    }
    content = {
        "algorithm": file.algorithm,
        "schema": file.schema,
        "numberOfTests": number,
        "header": file.header,
        "notes": notes,
        "testGroups": groups,
    }
    text = json.dumps(content, indent=1, ensure_ascii=True) + "\n"
    (folder / file.name).write_text(text, encoding="ascii", newline="\n")
    return number
