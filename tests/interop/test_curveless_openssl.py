"""An OpenSSL that was built without secp224k1: what needs the curve is skipped, and says so; nothing fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ecpure

ROOT = Path(__file__).parents[2]
COMMAND = """#!/bin/sh
case "$*" in
  *-list_curves) echo '  prime256v1: X9.62/SECG curve over a 256 bit prime field' ;;
  *) exec '{openssl}' version ;;
esac
"""
"""Lists its curves, and does nothing else."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the variables of a system whose OpenSSL has one curve, and which has this package."""
    openssl = shutil.which("openssl")
    if openssl is None or os.name != "posix":
        pytest.skip("a shell and OpenSSL's command are needed to stand in for it")
    (tmp_path / "openssl").write_text(COMMAND.format(openssl=openssl), encoding="ascii")
    (tmp_path / "openssl").chmod(0o755)
    return os.environ | {
        "PATH": os.pathsep.join([str(tmp_path), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(Path(ecpure.__file__).parents[1]), os.getenv("PYTHONPATH")])),
        "PYTHONSAFEPATH": "1",
    }


@pytest.mark.long
def test_what_needs_the_curve_is_skipped(environment: dict[str, str]) -> None:
    """Tests by marker, by fixture, and one of several parameters: skipped with the reason; the others are run."""
    chosen = [
        "tests/interop/test_openssl.py",
        "tests/formats/test_rpcn.py::test_a_ticket_signed_by_openssl",
        "tests/audit/test_honest_archives.py::test_nothing_is_found",
    ]
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not long", *chosen]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    reasons = re.findall(r"^SKIPPED \[\d+\] \S+ (.*)$", done.stdout, re.MULTILINE)
    assert set(reasons) == {"this OpenSSL lacks secp224k1"}
    counts = re.search(r"^(\d+) passed, (\d+) skipped", done.stdout, re.MULTILINE)
    assert counts is not None
    assert (int(counts[1]), int(counts[2]) > 50) == (1, True)


def test_the_demonstration_goes_on_without(environment: dict[str, str]) -> None:
    """It verifies what was recorded, says what is missing, and ends well."""
    words = [sys.executable, str(ROOT / "docs" / "examples" / "demo.py")]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "this OpenSSL lacks secp224k1" in done.stdout
    assert "a recorded signature by OpenSSL 3.0 verifies" in done.stdout
