"""docs/archives.md: its example run as it is written, and its table of reasons held to the code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import ecpure
from ecpure import PrivateKey
from ecpure.records import REASONS, verdict

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "archives.md").read_text(encoding="utf-8")
KEY = PrivateKey.from_int(0x5EED << 200)


def test_the_commands_print_what_the_page_says(tmp_path: Path) -> None:
    """The file of records is the one that the page shows."""
    (console,) = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    steps = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", console, re.MULTILINE)
    assert [command.split()[0] for command, _ in steps] == ["cat", "ecpure", "cat"]
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "station-1.pem").write_text(KEY.public_key.to_pem())
    (tmp_path / "records.jsonl").write_text(steps[0][1])
    paths = filter(None, [str(Path(ecpure.__file__).parents[1]), os.environ.get("PYTHONPATH")])
    words = [sys.executable, "-m", *steps[1][0].split()]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    result = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", steps[1][1])
    assert (tmp_path / "results.jsonl").read_text() == steps[2][1]


def test_the_table_has_every_reason() -> None:
    """In the order of the code, with its verdict and its meaning."""
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (invalid|unreadable) \| (.*) \|$", PAGE, re.MULTILINE)
    assert rows == [(reason, verdict(reason), text) for reason, text in REASONS.items()]
