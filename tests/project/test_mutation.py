"""Mutation testing: its record, its list, its page and the modules agree, and it tells one mutant from another."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import mutants
import mutation
import mutationpage
import nursery
import pytest
from mutationplan import FULL, QUICK

ROOT = Path(__file__).parents[2]

LISTED = mutationpage.equivalents()
RECORD = mutationpage.load()
OUTDATED = mutationpage.outdated(RECORD)
"""Modules of which the record has no run, or one of another source."""
RENAMED = RECORD["modules"].keys() - QUICK.keys()
"""Modules of the record that are there no more: the list has their mutants under other names."""


def test_the_page_is_made_from_the_record_and_the_list() -> None:
    """docs/mutation.md says what the record and the list say, no more and no less; if the record has modules that are
    there no more, the page has their counts, and each survivor under a reason.
    """
    page = mutationpage.PAGE.read_text(encoding="utf-8")
    if not RENAMED:
        assert page == mutationpage.page(RECORD, LISTED)
    for module, row in RECORD["modules"].items():
        (line,) = re.findall(rf"^\| `{module}` \|(.*)\|$", page, re.MULTILINE)
        counts = [int(cell.replace(",", "")) for cell in line.split("|")[:-1]]
        killed = row["killed"] + row["endless"]
        assert counts == [row["mutants"], killed, row["endless"], len(row["survivors"]), 0]
        section = page.partition(f"\n## `{module}`\n")[2].partition("\n## ")[0]
        shown = re.findall(r"^```text\n(.*?)\n```$", section, re.MULTILINE | re.DOTALL)
        names = sorted("\n".join(shown).replace("\n    → ", " → ").splitlines())
        assert names == row["survivors"]
        reasons = re.split(r"^```text\n.*?\n```\n", section, flags=re.MULTILINE | re.DOTALL)[:-1]
        assert all(reason.strip().endswith(".") for reason in reasons)


@pytest.mark.parametrize("module", QUICK)
def test_every_listed_mutant_has_survived_and_its_line_is_there(module: str) -> None:
    """What the list excuses changes a line that the function has, and survives, if the record is of this source."""
    listed = LISTED.get(module, {})
    assert module in OUTDATED or set(listed) <= set(RECORD["modules"][module]["survivors"])
    source = mutationpage.source_of(module)
    lines = source.splitlines()
    definitions = mutants.places(source)
    there: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        name = definitions.definition(number)
        there[name] = there.get(name, "") + " ".join(line.split()) + " "
    for name, why in listed.items():
        definition, _, change = name.partition(": ")
        assert change.partition(" → ")[0] in there[definition], name
        assert why.endswith(".")


def test_every_survivor_of_a_module_that_was_run_is_judged() -> None:
    """No mutant of the record survives without a reason on the list, or, if it is of another source, on the page."""
    assert "Not judged yet." not in mutationpage.PAGE.read_text(encoding="utf-8")
    for module in QUICK.keys() - OUTDATED:
        assert set(RECORD["modules"][module]["survivors"]) == set(LISTED.get(module, {})), module


def test_the_plan_names_tests_that_are_there() -> None:
    """Every module of the plan has tests, quick ones and more; each is a file, or a function of one."""
    assert QUICK.keys() == FULL.keys()
    assert all([*QUICK.values(), *FULL.values()])
    for test in sorted({test.partition("[")[0] for tests in (*QUICK.values(), *FULL.values()) for test in tests}):
        path, _, name = test.partition("::")
        text = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\(" if name else "^def test_", text, re.MULTILINE), test


def test_a_list_that_names_a_mutant_twice_or_a_strange_module_is_refused(tmp_path: Path) -> None:
    """The list is read strictly."""
    path = tmp_path / "list.toml"
    for text, words in (
        ('[[field]]\nwhy = "no"\nmutants = ["a: b → c", "a: b → c"]\n', "twice"),
        ('[[fields]]\nwhy = "no"\nmutants = []\n', "fields is no module"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(LookupError, match=words):
            mutationpage.equivalents(path)


def test_names_of_mutants_do_not_depend_on_their_place() -> None:
    """A mutant is named by the function, the line, and what becomes of it."""
    source = "class A:\n    def f(self, a: int | None) -> int:\n        return  a + 1\n"
    found = mutants.places(source)
    assert [found.definition(line) for line in (1, 2, 3)] == ["A", "A.f", "A.f"]
    assert len(found.annotations) == 2
    assert mutants.change(source, source.replace("+ 1", "- 1")) == "return a + 1 → return a - 1"
    assert mutants.change("x = 1\n" + source, "x = 1\n" + source.replace("+ 1", "+ 2")) == "return a + 1 → return a + 2"


def test_what_changes_one_function_is_told_from_what_changes_more() -> None:
    """The nursery takes mutants of one function's code, inner functions included, and no defaults or constants."""
    source = "A = 1\nclass C:\n    def f(self, a=2):\n        return [a + 3 for _ in ()]\n"
    found = nursery.sprout("name", source, source.replace("3", "4"))
    assert found is not None
    assert found.qualified == "C.f"
    for change in (("A = 1", "A = 2"), ("a=2", "a=3"), ("def f", "def g"), ("A = 1", "A = 1")):
        assert nursery.sprout("name", source, source.replace(*change)) is None


RUN = """
import json, sys, tempfile
from pathlib import Path
import mutation
from mutants import Mutant
right = mutation.source_of("group")
lines = [("x2 - x1", "x2 + x1"), ("λ = ", "l = "), ("before = []", "while 1: pass")]
changed = {old: right.replace(old, new) for old, new in lines}
assert right not in changed.values()
with tempfile.TemporaryDirectory() as folder:
    copies = [mutation.Copy(Path(folder, "0"))]
    names = ("columns_are_summed", "affine_sums_refuse_equal_and_opposite_points")
    tests = [f"tests/core/test_group.py::test_{name}" for name in names]
    seconds = mutation.baseline("group", tests, "python", copies)
    jobs = [mutation.Job("group", Mutant(*pair), tests, "python", seconds) for pair in changed.items()]
    print(json.dumps({job.mutant.name: outcome for job, outcome, _ in mutation.run(jobs, copies)}))
    print(json.dumps({job.mutant.name: outcome for job, outcome in mutation.run_in_nursery(jobs, copies)}))
"""


@pytest.mark.long
def test_mutants_are_killed_survive_or_run_without_end() -> None:
    """A wrong sum turns a test red, a change of a docstring does not, a loop without end is stopped: either way."""
    folders = [str(Path(mutation.__file__).parent), *sys.path]
    code = f"import sys\nsys.path = {folders!r}\n{RUN}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    expected = {"x2 - x1": "killed", "λ = ": "survived", "before = []": "endless"}
    assert [json.loads(line) for line in done.stdout.splitlines()] == [expected, expected]
