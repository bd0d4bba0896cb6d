"""docs/audit-archives.md: its commands print what stands beneath them, and it tells of every finding."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest
from archives import login, with_nonce, written

import ecpure
from ecpure import PrivateKey, auth
from ecpure.findings import KINDS

PAGE = (Path(__file__).parents[1] / "docs" / "audit-archives.md").read_text(encoding="utf-8")
KEY = PrivateKey.from_int(0xC0FFEE)


def order(number: int) -> dict[str, Any]:
    """Return an honest record, of low s."""
    message = b"order %d" % number
    signature = KEY.sign(message, low_s=True).to_der().hex()
    return {"public_key": KEY.public_key.to_bytes().hex(), "message": message.hex(), "signature": signature}


def without_zeros() -> dict[str, Any]:
    """Return a login whose r has 27 octets, and is written so."""
    for number in range(1000):
        record = login(number)
        r, s = record["message"]["signature"]
        if b64decode(r)[0] == 0:
            record["message"]["signature"] = [b64encode(b64decode(r)[1:]).decode("ascii"), s]
            return record
    raise AssertionError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the files that the page speaks of."""
    orders = [order(number) for number in range(6)]
    orders[1] = with_nonce(0xC0FFEE, 1 << 200, b"order 1")
    orders[3]["message"] = orders[2]["message"]
    orders[4] = with_nonce(0xC0FFEE, 1 << 200, b"order 4", is_twin=True)
    (tmp_path / "orders.jsonl").write_bytes(written(orders))
    logins = [login(2001), without_zeros(), login(2002), login(2003)]
    logins[2] = login(2001, client=9)
    (tmp_path / "logins.jsonl").write_bytes(written(logins))
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "1.pem").write_text(auth.derive_private_key(1, "opensesame").public_key.to_pem())
    unnamed = [{name: value for name, value in order(n).items() if name != "public_key"} for n in range(3)]
    (tmp_path / "unnamed.jsonl").write_bytes(written(unnamed))
    return tmp_path


def test_the_commands_print_what_the_page_says(folder: Path) -> None:
    """Every command gives the output that stands beneath it."""
    package = str(Path(ecpure.__file__).parents[1])
    paths = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
    blocks = "".join(re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    steps = re.findall(r"^\$ ecpure (.*)\n((?:(?!\$ ).*\n)*)", blocks, re.MULTILINE)
    assert len(steps) == 2
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
        assert result.returncode == (1 if "critical" in expected else 0)


def test_the_page_has_every_finding() -> None:
    """In the order of their weight, which it gives."""
    rows = re.findall(r"^\| `([\w-]+)` \| (\w+) \|", PAGE, re.MULTILINE)
    assert rows == [(kind, weight) for kind, (weight, _) in KINDS.items()]
