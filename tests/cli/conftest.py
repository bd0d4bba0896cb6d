"""The `ecpure` command in this process, on files of known content."""

from __future__ import annotations

import io
import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import FILES, SIGNATURE, Result, Run, bring, fill
from recordsamples import RECORD

from ecpure.cli import main


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder of the known files for tests that read them only, and see at the end that they did."""
    desk = fill(tmp_path_factory.mktemp("desk"))
    yield desk
    assert {path.name for path in desk.iterdir()} == {*FILES, "folder"}
    assert {name: (desk / name).read_bytes() for name in FILES} == FILES


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder for a test that writes into it; the known files come into it as they are named to `run`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(
    request: pytest.FixtureRequest,
    desk: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Return the command's runner, in the test's own folder if it asked for one, else in that of all tests."""
    monkeypatch.setenv("LANGUAGE", "C")  # argparse translates, and looks for a translation of each word anew
    own: Path | None = request.getfixturevalue("folder") if "folder" in request.fixturenames else None
    if own is None:
        monkeypatch.chdir(desk)

    def run(line: str, stdin: bytes = b"") -> Result:
        if own is not None:
            bring(own, line)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main(shlex.split(line))
        out, err = capsysbinary.readouterr()
        return Result(status, out, err.decode())

    return run


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a file of each kind that may be given in place of another."""
    shelf = fill(tmp_path_factory.mktemp("shelf"))
    for name in ("key.raw", "public.raw", "m.sig", "digest"):
        (shelf / f"{name.removesuffix('.raw')}.hex").write_text(FILES[name].hex() + "\n")
    (shelf / "records").write_text(json.dumps(RECORD) + "\n")
    (shelf / "receipt").write_text('{"station_mac": "00:11:22:33:44:55", "outlet": 1}')
    (shelf / "p1363").write_bytes(SIGNATURE.to_p1363())
    (shelf / "denied").write_bytes(FILES["key.pem"])
    return shelf
