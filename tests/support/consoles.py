"""Shells for the commands that the documentation shows, with what they print."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import ecpure
from ecpure.io import progress

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds after which a test gives up, so that none hangs; no result depends on it
_PACKAGE = str(Path(ecpure.__file__).parents[1])
_PROGRESS = re.compile(r"^ecpure: [a-z -]+: (begun|comparing all records|[0-9,]+ .*)\n", re.MULTILINE)


def commands(page: str) -> list[tuple[str, str]]:
    """Return the commands of a page's console blocks, each with the output that stands beneath it."""
    blocks = re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(blocks), re.MULTILINE)


class Shell:
    """A reader's shell: the environment is activated, and the clone, or as much of it as the pages need, is here."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        (folder / "docs").symlink_to(ROOT / "docs")
        self._environment = os.environ | {
            "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join(filter(None, [_PACKAGE, os.environ.get("PYTHONPATH")])),
            "PYTHONIOENCODING": "utf-8",
            **environment,
        }

    def run(self, command: str) -> tuple[int, str]:
        """Return the command's exit status, and what a terminal would show.

        Lines of progress, which a command prints after ten seconds on a busy machine, are left out.
        """
        if command.startswith("cd "):
            self.folder /= command.removeprefix("cd ")
            return 0, ""
        begin = time.monotonic()
        result = subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=PATIENCE,
        )
        is_long = time.monotonic() - begin > progress._LINE_EVERY
        return result.returncode, _PROGRESS.sub("", result.stdout) if is_long else result.stdout

    def follow(self, steps: list[tuple[str, str]]) -> list[int]:
        """Run commands, see that each prints what stands beneath it, and return their exit statuses."""
        statuses = []
        for command, expected in steps:
            status, output = self.run(command)
            assert (command, output) == (command, expected)
            statuses.append(status)
        return statuses

    @contextlib.contextmanager
    def background(self, command: str, log: str) -> Iterator[str]:
        """Run a command until the end of the block, which is given the first line that it writes to its log."""
        words = ["sh", "-c", f"exec {command}"]
        with subprocess.Popen(words, cwd=self.folder, env=self._environment) as process:
            try:
                end = time.monotonic() + PATIENCE
                while not (lines := self._lines(log)) and process.poll() is None and time.monotonic() < end:
                    time.sleep(0.05)
                assert lines
                yield lines[0]
            finally:
                process.kill()

    def _lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
