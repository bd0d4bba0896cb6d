"""The layout: tests mirror the package, its core imports no application, and keeps import-linter's contracts."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ledger
import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ecpure"
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
ENTRIES = {"__main__"}
"""What starts the command: beside the core, but above all."""
CORE = [path for path in MODULES if len(path.parts) == 1 and path.stem not in ENTRIES]
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]


def parsed(path: Path) -> ast.Module:
    return ast.parse((PACKAGE / path).read_text(encoding="utf-8"))


def file_of(path: Path) -> Path:
    """Return the file, from the project's root on, that the mirror rule gives to a module."""
    if path == Path("__init__.py"):
        return Path("tests", "core", "test_ecpure.py")
    folder = path.parent.name or ("cli" if path.stem in ENTRIES else "core")
    return Path("tests", folder, f"test_{folder if path.stem == '__init__' else path.stem.strip('_')}.py")


def has_code(path: Path) -> bool:
    """Whether there is anything in it to be tested: a function, or a class."""
    return any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in parsed(path).body)


@pytest.mark.parametrize("path", [path for path in MODULES if path.stem != "__init__" or has_code(path)], ids=str)
def test_every_module_has_its_test_file(path: Path) -> None:
    """`ecpure/x.py` has tests/core/test_x.py, `ecpure/a/b.py` tests/a/test_b.py, `ecpure/a/__init__.py` with code in it
    tests/a/test_a.py; and there is a test in the file.
    """
    file = ROOT / file_of(path)
    assert file.is_file()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def imported(path: Path) -> Iterator[str]:
    """Yield what a module imports of the package, by its path below it, but for what only type checkers import."""
    tree = parsed(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            node.body = []
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            folders = ["ecpure", *path.parts][: 1 + len(path.parts) - node.level] if node.level else []
            whole = ".".join([*folders, *([node.module] if node.module else [])])
            names = [f"{whole}.{alias.name}" for alias in node.names]
        yield from (name.removeprefix("ecpure.") for name in names if name.partition(".")[0] == "ecpure")


@pytest.mark.parametrize("path", CORE, ids=str)
def test_the_core_imports_no_application(path: Path) -> None:
    """A file directly in the package imports no module of a folder, at its top or inside of a function."""
    folders = {module.parts[0] for module in MODULES if len(module.parts) > 1}
    assert len(folders) >= 9
    assert not folders & {name.partition(".")[0] for name in imported(path)}


OWN = {"__version__"}
"""What modules import from the package itself."""


def test_imports_are_found_in_every_form() -> None:
    """What the test above looks for is found: by level, by name, in a function; `__main__` has the command."""
    found = {str(path): set(imported(path)) for path in MODULES}
    assert {"cli.main", "io.streams.say", "errors.BackendUnavailable"} <= found["__main__.py"]
    assert "der" in found["signature.py"]
    assert "group.Affine" in found["comb.py"]
    assert not any(name.startswith("vectors") for name in found["__init__.py"])
    assert any(name.startswith("io.streams.") for name in found["archives/blocks.py"])
    for path in MODULES:
        modules = ledger.imported_modules(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
        assert all(any(f"{name}.".startswith(f"{module}.") for module in modules) for name in found[str(path)] - OWN)


# import-linter


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the package in this folder against the contracts."""
    program = Path(sysconfig.get_path("scripts")) / "lint-imports"
    words = [str(program), "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def broken(done: subprocess.CompletedProcess[str]) -> set[str]:
    """Return the names of the contracts that the report says are broken."""
    verdicts = " ".join(done.stdout.split())
    assert re.search(r"Contracts: \d+ kept, \d+ broken\.", verdicts), done.stdout + done.stderr
    return {contract["name"] for contract in CONTRACTS if f"{contract['name']} BROKEN" in verdicts}


def test_the_contracts_are_kept() -> None:
    """`lint-imports` has nothing to say of the package."""
    done = linted(ROOT)
    assert done.returncode == 0, done.stdout
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in done.stdout


WRONG = {
    "group.py": "from .curve import Curve",
    "io/files.py": "def read_integers():\n    from .. import integers",
    "explain/report.py": "from ..vectors import run",
    "formats/rpcn.py": "import argparse",
}
"""For each contract, in their order, a module and a line that breaks it."""


def test_every_contract_refuses_something(tmp_path: Path) -> None:
    """Modules that import what the contracts forbid break every one of them: none is empty."""
    assert len(WRONG) == len(CONTRACTS)
    shutil.copytree(PACKAGE, tmp_path / "ecpure", ignore=shutil.ignore_patterns("__pycache__"))
    for name, line in WRONG.items():
        with (tmp_path / "ecpure" / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    done = linted(tmp_path)
    assert done.returncode == 1
    assert broken(done) == {contract["name"] for contract in CONTRACTS}


def test_every_module_has_its_layer() -> None:
    """The first contract names each file and each folder of the package once, but for its entries."""
    (layers,) = [contract["layers"] for contract in CONTRACTS if contract["type"] == "layers"]
    named = [name.strip() for layer in layers for name in layer.split("|")]
    there = {path.parts[0].removesuffix(".py") for path in MODULES} - {"__init__", "__main__"}
    assert sorted(named) == sorted(f"ecpure.{name}" for name in there)


def test_the_contracts_name_modules_that_are_there() -> None:
    """What is forbidden or protected, and for whom, exists; or the contract would check nothing."""
    for contract in CONTRACTS:
        for field in ("source_modules", "forbidden_modules", "protected_modules", "allowed_importers"):
            for name in contract.get(field, []):
                assert name == "argparse" or name.removeprefix("ecpure.") in ledger.all_modules()


def test_what_needs_the_house_is_run_with_it() -> None:
    """`nox` runs the package's tests with the group `test` alone: no test of these imports what is in another one."""
    tests = ROOT / "tests"
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    [house] = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "HOUSE"
    ]
    assert all((ROOT / path).exists() for path in house)
    missing = {"dask", "distributed", "jsonschema", "playwright", "shtab", "sympy"}
    missing |= {path.stem for path in (tests / "tools").glob("*.py")} - {"interpreters"}
    for path in tests.rglob("test_*.py"):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith((*house, "tests/page")):
            assert not missing & needed(path), name


def needed(path: Path) -> set[str]:
    """Return the modules that a test imports, and those that what it imports of tests/support does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
    support = [ROOT / "tests" / "support" / f"{name}.py" for name in found]
    return found.union(*(needed(one) for one in support if one.exists()))
