"""What other places read of the project: Read the Docs, who cites it, conda, OSS-Fuzz."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path
from runpy import run_path
from typing import Any

import fuzz
import pytest
from click.testing import CliRunner  # check-jsonschema is a command of click
from ruamel.yaml import YAML  # check-jsonschema reads with it
from targets import Target

import ecpure

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OSSFUZZ = ROOT / "tests" / "evidence" / "ossfuzz"


def parsed(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return content


def valid(schema: str, path: Path) -> bool:
    """Check a file against a schema that check-jsonschema brings along."""
    main = import_module("check_jsonschema").main
    return CliRunner().invoke(main, ["--builtin-schema", schema, str(path)]).exit_code == 0


@pytest.mark.parametrize(
    ("name", "schema", "word"),
    [(".readthedocs.yaml", "vendor.readthedocs", "os:"), ("CITATION.cff", "vendor.citation-file-format", "title:")],
)
def test_the_file_is_what_its_reader_expects(name: str, schema: str, word: str, tmp_path: Path) -> None:
    """It is valid by its reader's schema, and is not without a word that has to be there."""
    assert valid(schema, ROOT / name)
    text = (ROOT / name).read_text(encoding="utf-8")
    wrong = tmp_path / name
    wrong.write_text(text.replace(word, f"un{word}", 1), encoding="utf-8")
    assert not valid(schema, wrong)


def test_read_the_docs_makes_what_make_docs_makes() -> None:
    """The same configuration, the same group of tools, warnings being errors."""
    settings = parsed(ROOT / ".readthedocs.yaml")
    assert settings["sphinx"] == {"configuration": "docs/conf.py", "fail_on_warning": True}
    assert (ROOT / "docs" / "conf.py").is_file()
    assert settings["build"]["jobs"]["install"][-1] == "python -m pip install --group docs ."


def test_the_citation_is_of_this_version() -> None:
    """Version, licence and authors are those of pyproject.toml, and the authors those of the licence; the day is that
    of the release, where there was one.
    """
    cited = parsed(ROOT / "CITATION.cff")
    assert (cited["version"], cited["license"]) == (ecpure.__version__, PROJECT["license"])
    assert cited["authors"] == PROJECT["authors"]
    (author,) = cited["authors"]
    assert author["name"] in (ROOT / "LICENSE").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.search(rf"^## {re.escape(ecpure.__version__)} \((\S+)\)$", changes, re.MULTILINE)
    assert cited.get("date-released") == (released[1] if released else None)


def test_the_conda_recipe() -> None:
    """rattler-build reads and renders it; version, commands, oldest Python and extras are those of pyproject.toml."""
    rattler = pytest.importorskip(
        "rattler_build", reason="py-rattler-build is not installed: it is in the group `house`"
    )
    path = ROOT / "recipe" / "recipe.yaml"
    (variant,) = rattler.Stage0Recipe.from_file(str(path)).render(rattler.VariantConfig())
    package = variant.recipe.package
    assert (str(package.name), str(package.version)) == ("ecpure", ecpure.__version__)
    recipe = parsed(path)
    assert recipe["build"]["python"]["entry_points"] == [f"{n} = {place}" for n, place in PROJECT["scripts"].items()]
    assert f">={recipe['context']['python_min']}" == PROJECT["requires-python"]
    assert recipe["requirements"]["run_constraints"][0].replace(" ", "") in PROJECT["optional-dependencies"]["fast"]
    assert recipe["about"]["summary"] == PROJECT["description"]
    with pytest.raises(rattler.RattlerBuildError):
        rattler.Stage0Recipe.from_yaml("schema_version: 1\npackage:\n  name: ecpure\nbuilt: {}\n")


def test_oss_fuzz_gets_a_program_of_each_decoder() -> None:
    """Each target has a name of its own, which a program may have; and the shell's script builds one of each."""
    programs: dict[str, Target] = run_path(str(OSSFUZZ / "fuzzer.py"))["programs"]()
    decoders = [target for target in fuzz.targets() if target.name in {one.name for one in programs.values()}]
    assert len(programs) == len(decoders) > 25
    assert all(re.fullmatch(r"fuzz_[a-z0-9_]+", name) for name in programs)
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed, so build.sh was only read")
    subprocess.run(["shellcheck", OSSFUZZ / "build.sh"], check=True)


def test_oss_fuzz_hears_of_findings() -> None:
    """What the harness finds is raised, but for the time that it took; what is refused as documented is nothing."""

    def call(data: bytes) -> bytes:
        if data == b"wrong":
            raise KeyError(data)
        raise ValueError("a sentence")

    put = run_path(str(OSSFUZZ / "fuzzer.py"))["put"]
    harness = fuzz.Harness(next(t for t in fuzz.targets())._replace(call=call, refusals=(ValueError,)))
    put(harness, b"right")
    harness.findings["time: more than 1 s"] = {}
    put(harness, b"right")
    with pytest.raises(AssertionError, match="exception: KeyError"):
        put(harness, b"wrong")


def test_what_oss_fuzz_reads() -> None:
    """The project's file has what OSS-Fuzz asks for, but for a person to write to, whom a maintainer names."""
    project = parsed(OSSFUZZ / "project.yaml")
    assert project["language"] == "python"
    assert project["fuzzing_engines"] == ["libfuzzer"]
    assert (OSSFUZZ / "Dockerfile").read_text(encoding="utf-8").count(project["main_repo"]) == 1
