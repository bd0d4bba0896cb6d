"""`python -m ecpure.sign_secp224k1`."""

from __future__ import annotations

import subprocess
import sys


def test_the_module_is_the_program() -> None:
    """It signs what is on standard input, and its exit status is the program's."""
    words = [sys.executable, "-m", "ecpure.sign_secp224k1"]
    done = subprocess.run(words, input=bytes(27) + b"\1" + bytes(28), capture_output=True, check=False)
    assert (done.returncode, len(done.stdout), done.stderr) == (0, 56, b"")
    assert subprocess.run(words, input=b"short", capture_output=True, check=False).returncode == 1
