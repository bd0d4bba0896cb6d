"""`ecpure completion`: the scripts for shells."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import Run, assert_done, assert_usage

import ecpure.cli


@pytest.mark.parametrize(("shell", "name"), [("bash", "ecpure.bash"), ("zsh", "_ecpure"), ("fish", "ecpure.fish")])
def test_each_shells_completion_is_printed(run: Run, shell: str, name: str) -> None:
    """`ecpure completion SHELL` prints the file that is shipped, and nothing else."""
    shipped = Path(ecpure.cli.__file__).parent / "completions" / name
    assert assert_done(run(f"completion {shell}")) == shipped.read_bytes()
    assert b"verify-many" in shipped.read_bytes()


@pytest.mark.parametrize("shell", ["tcsh", "../bash", "''"])
def test_another_shell_is_refused(run: Run, shell: str) -> None:
    """A shell that there is no script for is a usage error."""
    assert_usage(run(f"completion {shell}"), "argument SHELL: invalid choice")
