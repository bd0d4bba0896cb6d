"""The test vectors in Node, by the Python of Pyodide: the newest Python that this machine has."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.error
from pathlib import Path

import pytest

from ecpure import vectors
from page import build

pytestmark = pytest.mark.long


def test_the_vectors_in_node(tmp_path: Path) -> None:
    """Every case agrees, on WebAssembly, under Python 3.14 or later."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not there: apt install nodejs")
    try:
        files = build.pyodide()
    except urllib.error.URLError:
        pytest.skip("npm's registry is not reached, and Pyodide is not in .cache")
    for name, octets in files.items():
        (tmp_path / name).write_bytes(octets)
    (tmp_path / "code").write_bytes(build.stored(build.code()))
    (tmp_path / "suite").write_bytes(build.packed_suite())
    program = Path(__file__).with_name("vectors.mjs")
    words = [node, str(program), str(tmp_path), str(tmp_path / "code"), str(tmp_path / "suite")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    about, result = map(json.loads, done.stdout.splitlines())
    assert tuple(map(int, about["python"].split("."))) >= (3, 14)
    assert result == {"cases": sum(len(vectors.read(str(path)).cases) for path in build.suite_paths()), "wrong": []}
