"""docs/profiles.md: its examples, run as they are written, on a receipt and a ticket made for them."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tickets import body, ticket

import ecpure
from ecpure import PrivateKey
from ecpure.profiles import PROFILES

PAGE = (Path(__file__).parents[1] / "docs" / "profiles.md").read_text(encoding="utf-8")
STATION, SERVER = PrivateKey.from_int(0x5EED << 200), PrivateKey.from_int(0xF00D << 200)
RECEIPT = (
    b'{"outlet": 2, "session_id": 55, "station_mac": "0024b1000000beef", "meter_serial": "1234567",\n'
    b' "meter_startreading": 74.6, "meter_endreading": 86.6, "energy_units": "kWh"}\n'
)
TICKET = ticket(body(), SERVER.sign(body()).to_der())


def blocks(language: str) -> str:
    return "".join(re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the files that the page speaks of."""
    (tmp_path / "station.pem").write_text(STATION.public_key.to_pem())
    (tmp_path / "server.pem").write_text(SERVER.public_key.to_pem())
    (tmp_path / "secrrct").write_bytes(RECEIPT)
    (tmp_path / "secrrct.sign").write_bytes(STATION.sign(RECEIPT, hash="sha256").to_der())
    (tmp_path / "ticket").write_bytes(TICKET)
    return tmp_path


def test_the_commands_print_what_the_page_says(folder: Path) -> None:
    """Every command gives the output that stands beneath it."""
    package = str(Path(ecpure.__file__).parents[1])
    paths = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
    steps = re.findall(r"^\$ ecpure (.*)\n((?:(?!\$ ).*\n)*)", blocks("console"), re.MULTILINE)
    assert len(steps) == 5
    for words, expected in steps:
        result = subprocess.run(
            [sys.executable, "-m", "ecpure", *words.split()],
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert (words, result.stdout) == (words, expected)
        assert result.returncode == (2 if "not quite" in expected else 0)


def test_the_program_prints_what_the_page_says() -> None:
    """The Python example is a doctest."""
    names = {"ticket": TICKET, "public_key": SERVER.public_key}
    test = doctest.DocTestParser().get_doctest(blocks("python"), names, "profiles", "profiles.md", 0)
    results = doctest.DocTestRunner().run(test)
    assert (results.attempted, results.failed) == (4, 0)


def test_the_page_has_every_profile() -> None:
    """Each has a section under its name."""
    assert re.findall(r"^## `(\w+)`$", PAGE, re.MULTILINE) == list(PROFILES)
