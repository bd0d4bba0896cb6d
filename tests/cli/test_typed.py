"""A message that is typed on a terminal: one Ctrl-D ends it, and a word says that it is waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import FILES, KEY, PUBLIC
from consoles import PATIENCE

from ecpure import Signature

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals of its own here")


@pytest.mark.parametrize("text", [b"pay 5 to Ann", b"pay 5 to Ann\n", b""])
def test_one_ctrl_d_ends_a_typed_message(tmp_path: Path, text: bytes) -> None:
    """The signature is of what was typed, with or without a line end, and nothing else is waited for."""
    (tmp_path / "key.pem").write_bytes(FILES["key.pem"])
    keyboard, terminal = os.openpty()
    words = [sys.executable, "-m", "ecpure", "sign", "--key", "key.pem", "-"]
    try:
        os.write(keyboard, text + b"\x04")
        done = subprocess.run(words, cwd=tmp_path, stdin=terminal, capture_output=True, check=False, timeout=PATIENCE)
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert done.returncode == 0
    assert Signature.from_der(done.stdout) == KEY.sign(text)
    assert PUBLIC.verify(Signature.from_der(done.stdout), text)
    said = b"ecpure: reading standard input from the terminal: type it, and end it with Ctrl-D\n"
    assert done.stderr == said
