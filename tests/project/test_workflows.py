"""The workflows: what GitHub's schema, an auditor, and this project ask of them."""

from __future__ import annotations

import re
import subprocess
import sysconfig
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result  # check-jsonschema is a command of click
from ruamel.yaml import YAML  # check-jsonschema reads with it

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github"
WORKFLOWS = sorted((FOLDER / "workflows").iterdir())
READ = {"contents": "read"}
ALERTS = {"contents": "read", "security-events": "write"}
WRITING = {  # every job that may write something; the others may at most read the repository
    "codeql.yml analyze": ALERTS,
    "scorecard.yml analysis": ALERTS,
    "release.yml attest": {"id-token": "write", "attestations": "write"},
    "release.yml publish": {"id-token": "write"},
    "release.yml page": {"contents": "write"},
}


def parsed(path: Path) -> dict[str, Any]:
    """Return the workflow; YAML 1.2 has no second word for true, and so `on` is a word."""
    content: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return content


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    """Return the workflow's jobs by their names."""
    content: dict[str, dict[str, Any]] = parsed(path)["jobs"]
    return content


def valid(schema: str, *paths: Path) -> Result:
    """Check files against a schema that check-jsonschema brings along."""
    main = import_module("check_jsonschema").main  # takes a second, and ships no types

    return CliRunner().invoke(main, ["--builtin-schema", schema, *map(str, paths)])


def audit(folder: Path) -> subprocess.CompletedProcess[str]:
    """Let zizmor look for whatever it knows, without asking the network."""
    program = Path(sysconfig.get_path("scripts")) / "zizmor"
    words = [str(program), "--offline", "--no-progress", "--strict-collection", "--persona", "auditor", str(folder)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_the_files_are_what_github_reads(tmp_path: Path) -> None:
    """The workflows and Dependabot's settings are valid by their schemas; a word that is not one of theirs is not."""
    done = valid("vendor.github-workflows", *WORKFLOWS)
    assert done.exit_code == 0, done.output
    done = valid("vendor.dependabot", FOLDER / "dependabot.yml")
    assert done.exit_code == 0, done.output
    wrong = tmp_path / "ci.yml"
    wrong.write_text(WORKFLOWS[0].read_text(encoding="utf-8").replace("runs-on:", "runs-in:"), encoding="utf-8")
    assert valid("vendor.github-workflows", wrong).exit_code == 1


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("", ""),
        (r"@[0-9a-f]{40} # v5\.0\.1", "@v5"),
        (r"permissions: \{\}", "permissions: write-all"),
        (r"persist-credentials: false", "persist-credentials: true"),
    ],
)
def test_the_auditor_finds_nothing(right: str, wrong: str, tmp_path: Path) -> None:
    """zizmor, at its strictest, has nothing to say; of an action by its tag, or too many permissions, it has."""
    (tmp_path / "workflows").mkdir()
    for path in WORKFLOWS:
        text = re.sub(right, wrong, path.read_text(encoding="utf-8"))
        (tmp_path / "workflows" / path.name).write_text(text, encoding="utf-8")
    done = audit(tmp_path if right else FOLDER)
    assert (done.returncode == 0) == (right == ""), done.stdout


def test_actions_are_pinned_by_their_hash() -> None:
    """Each is named by a full commit hash with its version beside it, and by the same one everywhere."""
    lines = [line for path in WORKFLOWS for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    pins: dict[str, str] = {}
    for line in lines:
        found = re.fullmatch(r" +- uses: ([\w./-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+", line)
        assert found, line
        assert pins.setdefault(found[1], found[2]) == found[2]
    assert len(pins) >= 10


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_permissions_are_minimal(path: Path) -> None:
    """A workflow has none; a job may read the repository, and only those of the list may write, what the list says."""
    assert parsed(path)["permissions"] == {}
    for name, job in jobs(path).items():
        checks_out = any("checkout@" in step.get("uses", "") for step in job["steps"])
        assert job["permissions"] == WRITING.get(f"{path.name} {name}", READ if checks_out else {})
        writes = "write" in job["permissions"].values()
        assert not (checks_out and writes and any("run" in step for step in job["steps"]))  # nothing of the checkout
        assert job["timeout-minutes"] <= 90


def test_the_suite_runs_on_the_oldest_and_the_newest_python() -> None:
    """The oldest is the one that pyproject.toml asks for; each runs with both backends."""
    matrix = jobs(FOLDER / "workflows" / "ci.yml")["suite"]["strategy"]["matrix"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest, newest = matrix["python"]
    assert f">={oldest}" == project["requires-python"]
    assert [int(part) for part in newest.split(".")] >= [3, 14]
    assert matrix["backend"] == ["python", "gmpy2"]


def test_the_systems_and_versions_of_the_classifiers_are_tried() -> None:
    """CI runs the core's tests on each system and each Python that the package's page names, and on no other, on ARM
    and without a global lock too, and tries every one with the package as it is installed.
    """
    job = jobs(FOLDER / "workflows" / "ci.yml")["platforms"]
    systems, pythons = job["strategy"]["matrix"]["system"], job["strategy"]["matrix"]["python"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {name.split(" :: ")[-1] for name in project["classifiers"] if name.startswith("Operating System")}
    kinds = {"ubuntu": "Linux", "macos": "MacOS", "windows": "Windows"}
    assert {kinds[system.partition("-")[0]] for system in systems} == named
    assert any(system.endswith("-arm") for system in systems)
    versions = re.findall(r"Python :: (3\.\d+)$", "\n".join(project["classifiers"]), re.MULTILINE)
    assert [python for python in pythons if not python.endswith("t")] == versions
    assert pythons[-1] == f"{versions[-1]}t"
    assert any("Free Threading" in name for name in project["classifiers"])
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert runs[-1] == "ecpure vectors"
    assert all(word in runs[-2] for word in ("pytest", "tests/core"))


def test_every_target_of_make_is_there() -> None:
    """The workflows call no target that the Makefile has not."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(VENV)", ".venv")
    called = {
        word for path in WORKFLOWS for word in re.findall(r"run: make ([\w./-]+) ", path.read_text(encoding="utf-8"))
    }
    assert called == {"test-all", "box", ".venv/.tools"}
    assert all(re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE) for target in called)
