"""Wherever it runs: another locale, no home, no folder for temporary files, no asserts and docstrings, from a ZIP."""

from __future__ import annotations

import ast
import locale
import os
import zipfile
from pathlib import Path

import pytest
from childpython import child

import ecpure

PACKAGE = Path(ecpure.__file__).parent
RUN = r"""
import sys
from ecpure.__main__ import main
sys.argv[0] = "ecpure"
*lines, last = sys.argv[1:]
for line in lines:
    status = main(line.split(" "))
    for stream in (sys.stdout, sys.stderr):
        print(f"\0{status}", end="\0", file=stream, flush=True)
sys.argv[1:] = last.split(" ")
sys.exit(main())
"""
"""Runs one command after the other, and writes after each its status between two NULs. The last one ends the process,
as at a shell.
"""
NOWHERE = f"import tempfile; tempfile._candidate_tempdir_list = lambda: ['{os.devnull}/none']\n{RUN}"
"""The same, where no folder takes temporary files."""

Expected = list[tuple[str, int, str | None]]

SESSION: Expected = [
    ("keygen -o key.pem", 0, ""),
    ("pubkey --key key.pem -o public.pem", 0, ""),
    ("sign --key key.pem --hash sha256 örder -o signature", 0, ""),
    ("verify --public-key public.pem --signature signature --hash sha256 örder", 0, "valid\n"),
    ("verify --public-key public.pem --signature signature örder", 1, "invalid\n"),
    ("verify-many records", 1, None),
    ("audit records", 1, None),
    ("explain signature", 0, None),
    ("verify --public-key public.pem --signature signature ıssız", 2, ""),
    ("--help", 0, None),
]
"""Commands, their exit statuses, and what they print."""


def follow(folder: Path, program: str, *options: str, session: Expected = SESSION, **changes: str) -> list[str]:
    """Run the session in one process, with these options of Python and changes of the environment, and return what
    each command wrote to standard error.
    """
    (folder / "örder").write_bytes(b"pay 5 to Ann")
    (folder / "records").write_bytes(b'{"message": "6d", "signature": "00"}\n')
    lines = [line for line, _, _ in session]
    done = child(*options, "-c", program, *lines, cwd=str(folder), PYTHONIOENCODING="", **changes)
    out, err = (text.split("\0") for text in (done.stdout, done.stderr))
    statuses = [*map(int, err[1::2]), done.returncode]
    for (line, status, printed), found, shown, said in zip(session, statuses, out[::2], err[::2], strict=True):
        assert found == status, (line, said)
        assert "Traceback" not in said
        assert printed is None or shown == printed
        assert (len(said.splitlines()) == 1) == (status == 2)
    return err[::2]


def test_in_the_locale_c(tmp_path: Path) -> None:
    """In ASCII, without Python's modes that mend it: file names beyond ASCII are found, and told of in one sentence."""
    follow(tmp_path, RUN, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")


def test_in_turkish(tmp_path: Path) -> None:
    """Where i and I are not of one letter: Python's `lower` and `upper` do not ask the locale, nor does the package."""
    modules = {
        name.name
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import)
        for name in node.names
    }
    assert "os" in modules
    assert "locale" not in modules
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "tr_TR.UTF-8")
    except locale.Error:
        pytest.skip("the locale tr_TR.UTF-8 is not there, so the package was only looked at")
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    follow(tmp_path, f"import locale; locale.setlocale(locale.LC_ALL, '')\n{RUN}", LC_ALL="tr_TR.UTF-8")


def test_without_temporary_files(tmp_path: Path) -> None:
    """None of these commands needs them: HOME is not a folder, and no folder takes temporary files."""
    follow(tmp_path, NOWHERE, HOME=f"{os.devnull}/none", XDG_CACHE_HOME=f"{os.devnull}/none")


@pytest.mark.long
def test_without_a_home(tmp_path: Path) -> None:
    """None of these commands needs one: HOME is not set."""
    follow(tmp_path, f"import os; os.environ.pop('HOME', None)\n{RUN}")


@pytest.mark.parametrize("options", ["-OO", *(pytest.param(one, marks=pytest.mark.long) for one in ("-O", "-I"))])
def test_with_options_of_python(options: str, tmp_path: Path) -> None:
    """Without asserts, without docstrings too, and isolated from the environment, it does and says the same."""
    package = str(PACKAGE.parent)
    follow(tmp_path, f"import sys; sys.path.insert(0, {package!r})\n{RUN}", options)


def test_from_a_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library and the commands work from an archive that is not unpacked, such as a wheel. Test vectors, completion
    and templates are files of their own: they need it unpacked, and say so in one sentence.
    """
    for name in [name for name in os.environ if name.startswith("COVERAGE")]:
        monkeypatch.delenv(name)  # a report would look for the sources, which are gone by then
    path = tmp_path / "ecpure.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in PACKAGE.rglob("*"):
            if file.suffix != ".pyc" and file.is_file():
                archive.write(file, file.relative_to(PACKAGE.parent))
    start = f"import sys; sys.path.insert(0, {str(path)!r})"
    done = child("-I", "-c", f"{start}; import ecpure; print(ecpure.__file__)")
    assert done.stdout.startswith(str(path)), done.stderr
    needing: Expected = [(line, 2, "") for line in ("vectors", "completion bash", "vectors --template python")]
    said = follow(tmp_path, f"{start}\n{RUN}", "-I", session=SESSION + needing)
    assert all(words.startswith(f"ecpure: {path}") for words in said[-len(needing) :])
