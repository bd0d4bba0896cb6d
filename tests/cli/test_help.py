"""`ecpure help`: the help of the command, and of each of its commands."""

from __future__ import annotations

import pytest
from commandline import Run, assert_done, assert_usage

from ecpure.cli import COMMANDS, STATUSES


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_before_a_command_is_its_help(run: Run, command: str) -> None:
    """`ecpure help sign` prints what `ecpure sign --help` does."""
    assert assert_done(run(f"help {command}")) == assert_done(run(f"{command} --help"))


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_terminal_and_ends_with_statuses_and_examples(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """No line is longer than 80 columns, also where options exclude each other."""
    monkeypatch.setenv("COLUMNS", "80")
    text = assert_done(run(f"help {command}")).decode()
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert "\n\nexit status:\n  0  " in text
    assert text.rpartition("\n\nexamples:\n")[2].startswith("  ecpure ")


@pytest.mark.parametrize(("command", "one"), [("", "COMMAND"), ("auth", "auth PART")])
def test_help_of_a_group_says_how_to_see_one_command(run: Run, command: str, one: str) -> None:
    """And what statuses mean in general."""
    text = assert_done(run(f"help {command}")).decode()
    shows = f"`ecpure help {one}` shows one command, with its exit statuses and examples."
    meanings = "".join(f"  {status}  {meaning}\n" for status, meaning in STATUSES.items())
    assert f"\n\n{shows}\n\nexit status:\n{meanings}\nexamples:\n" in text


def test_help_of_no_command_is_refused(run: Run) -> None:
    """The commands there are, and no word that was given."""
    result = run("help opensesame")
    assert_usage(result, "invalid choice .choose from .*sign")
    assert "opensesame" not in result.err
