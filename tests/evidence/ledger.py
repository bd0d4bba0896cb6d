"""Records of what was run: JSON in docs/evidence, and the tables between the markers of its README."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import platform
import sys
import tokenize
from functools import cache
from pathlib import Path
from typing import Any

import ecpure

DOCS = Path(__file__).parents[2] / "docs" / "evidence"
PACKAGE = Path(ecpure.__path__[0])
BACKENDS = ("python", "gmpy2")

Record = dict[str, Any]
Rows = list[list[str]]


def all_modules() -> set[str]:
    """Return the package's modules by their dotted path below it; the package itself is `__init__`."""
    paths = {path.relative_to(PACKAGE).with_suffix("").parts for path in PACKAGE.rglob("*.py")}
    return {".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts) for parts in paths}


def path_of(name: str) -> Path:
    """Return where a module is, from the package's folder on. Raises `LookupError` where there is none."""
    path = Path(*name.split("."))
    for found in (path.with_suffix(".py"), path / "__init__.py"):
        if (PACKAGE / found).is_file():
            return found
    raise LookupError(f"{name}: no such module of the package")


def _exists(name: str) -> bool:
    try:
        path_of(name)
    except LookupError:
        return False
    return True


def imported_modules(name: str) -> set[str]:
    """Return the package's modules that a module imports, at its top or inside of its functions.

    With a module of a folder its `__init__` is imported; the package's own, which each module needs, is left out.
    """
    path = path_of(name)
    found = _imported((PACKAGE / path).read_text(encoding="utf-8"), path)
    return {other for other in found - {name} if _exists(other)}


@cache
def _imported(source: str, path: Path) -> frozenset[str]:
    """Return what a source at this path imports relatively, whether modules or their names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            folders = path.parts[: len(path.parts) - node.level]
            parts = (*folders, *node.module.split(".")) if node.module else folders
            wanted = [parts, *((*parts, alias.name) for alias in node.names)]
            found |= {".".join(one[:length]) for one in wanted for length in range(1, len(one) + 1)}
    return frozenset(found)


def standing_on(*names: str) -> set[str]:
    """Return these modules, with all that they import, directly or not."""
    found: set[str] = set()
    ahead = set(names)
    while ahead:
        found |= ahead
        ahead = set[str]().union(*map(imported_modules, ahead)) - found
    return found


def modules(record: str) -> set[str]:
    """Return the modules that a record is about: a change in another one leaves it true."""
    match record:
        case "differential" | "faults":
            return standing_on("privatekey")
        case "leak":
            return standing_on("privatekey") | {"measure.leak"}
        case "speed":
            return standing_on("privatekey", "bulk") | {"measure.bench", "measure.peers"}
        case "archives":
            return standing_on("archives.verify")
        case "audit":
            return standing_on("audit.audit")
        case "bias":
            return {"audit.bias", "audit.lattice"}
        case "fuzz":
            return all_modules()
        case _:
            raise LookupError(f"{record}: no such record")


def sources(record: str) -> str:
    """Return the SHA-256 of the code of the modules that a record is about."""
    whole = hashlib.sha256()
    for name in sorted(modules(record)):
        path = path_of(name)
        content = code((PACKAGE / path).read_text(encoding="utf-8")).encode("utf-8")
        whole.update(f"{path.as_posix()} {len(content)}\n".encode("ascii") + content)
    return whole.hexdigest()


_LAYOUT = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


@cache
def code(source: str) -> str:
    """Return a source without comments, docstrings and empty lines, since a record is true whatever these say.

    Lines and columns are tokenize's, which gives the same text on every Python.
    """
    words: list[tokenize.TokenInfo] = []
    statement: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            words.append(token)
        elif token.type == tokenize.NEWLINE:
            if all(part.type == tokenize.STRING for part in statement):
                words += statement
            statement = []
        elif token.type not in _LAYOUT:
            statement.append(token)
    lines = source.splitlines(keepends=True)
    for word in sorted(words, reverse=True, key=lambda word: word.start):
        (first, begin), (last, end) = word.start, word.end
        lines[first - 1 : last] = [lines[first - 1][:begin] + lines[last - 1][end:]]
    return "".join(f"{line.rstrip()}\n" for line in lines if line.strip())


@cache
def words_of_the_package() -> str:
    """Return the package's sources: what a sentence has from there, it does not have from an input."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py")))


def environment(record: str) -> Record:
    """Return what a record's run depended on, the backend aside."""
    return {
        "ecpure": ecpure.__version__,
        "sources": sources(record),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def load(name: str, folder: Path = DOCS) -> Record | None:
    """Return the record of this name, or None where there is none."""
    path = folder / f"{name}.json"
    if not path.exists():
        return None
    record: Record = json.loads(path.read_text(encoding="utf-8"))
    return record


def save(name: str, record: Record, text: str, folder: Path = DOCS) -> None:
    """Write the record, and its text between the README's markers. Raises `LookupError` where there are none."""
    folder.joinpath(f"{name}.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    readme = folder / "README.md"
    readme.write_text(filled(readme.read_text(encoding="utf-8"), name, text), encoding="utf-8")


def filled(page: str, name: str, text: str) -> str:
    """Return the page with `text` between the markers of `name`. Raises `LookupError` where they are not there."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    before, found, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found or not found_end:
        raise LookupError(f"README.md: the markers of {name} are missing")
    return before + begin + text + end + after


def table(rows: Rows) -> str:
    """Return a Markdown table, its first row the heading; columns of numbers stand to the right."""
    heading, *body = rows
    right = [
        bool(body) and all(row[i].removeprefix("−")[:1].isdigit() or row[i] == "–" for row in body)
        for i in range(len(heading))
    ]
    lines = [heading, ["---:" if is_number else "---" for is_number in right], *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def number(value: float) -> str:
    """Return a whole number with commas, for people to read."""
    return f"{value:,.0f}"


def say(words: str) -> None:
    """Write a line on standard error."""
    print(words, file=sys.stderr, flush=True)
