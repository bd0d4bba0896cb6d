"""`ecpure help`: the help of the command, and of each of its commands."""

from __future__ import annotations

import pytest
from commandline import Run, assert_done, assert_usage

from ecpure.cli import COMMANDS


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_before_a_command_is_its_help(run: Run, command: str) -> None:
    """`ecpure help sign` prints what `ecpure sign --help` does."""
    assert assert_done(run(f"help {command}")) == assert_done(run(f"{command} --help"))


def test_help_of_no_command_is_refused(run: Run) -> None:
    """The commands there are, and no word that was given."""
    result = run("help opensesame")
    assert_usage(result, "invalid choice .choose from .*sign")
    assert "opensesame" not in result.err
