"""docs/login.md: its examples, run as they are written against the example server, and its tables."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
from consoles import ROOT, Shell, commands

from ecpure.archives.verdicts import REASONS
from ecpure.audit.findings import KINDS
from ecpure.login.server import Reason

PAGE = (ROOT / "docs" / "login.md").read_text(encoding="utf-8")


def blocks(language: str) -> str:
    return "".join(re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


def test_the_programs_give_what_the_page_says() -> None:
    """The examples in Python are a doctest."""
    test = doctest.DocTestParser().get_doctest(blocks("python"), {}, "login", "login.md", 0)
    results = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(test)
    assert (results.attempted, results.failed) == (31, 0)


def test_the_table_of_clients_names_findings_that_exist() -> None:
    """Each `audit` in it reports a finding, or a reason, of that name; each repository has its address."""
    _, _, table = PAGE.partition("## Published clients")
    lines = [line for line in table.partition("\n## ")[0].splitlines() if line.startswith("|")][2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert {len(row) for row in rows} == {4}
    assert len(rows) >= 12
    named = re.findall(r"`([a-z]+-[a-z-]+)`", " ".join(shown for *_, shown in rows))
    assert {"client-nonce-generator", "nonce-generator"} <= set(named) <= {*KINDS, *REASONS}
    repositories = [repository for repository, *_ in rows if repository]
    assert all(re.fullmatch(r"\[([\w/-]+)\]\(https://github\.com/\1\)", repository) for repository in repositories)


@pytest.mark.openssl
def test_the_commands_print_what_the_page_says(tmp_path: Path) -> None:
    """And end with the exit status that the page has for it. The server takes whichever port is free."""
    steps, shown = commands(PAGE), "wss://localhost:8443"
    (start,) = (index for index, (command, _) in enumerate(steps) if command.endswith(" &"))
    server, log = steps[start][0].removesuffix(" &").split(" > ")
    shell = Shell(tmp_path, no_proxy="*")
    assert shell.follow(steps[:start]) == [0, 0, 0]
    with shell.background(f"{server} --port 0 > {log}", log) as address:
        steps = [(command.replace(shown, address), expected.replace(shown, address)) for command, expected in steps]
        assert shell.follow(steps[start + 1 :]) == [0, 0, 0, 0, 1, 2, 0, 0, 0]


def test_the_page_has_every_code() -> None:
    """The table is that of the codes and words that are sent; those of code 8 vary."""
    rows = re.findall(r"^\| (\d) \| (.+) \|$", PAGE, re.MULTILINE)
    sent = [(str(code), "(varies)" if code == 8 else words) for code, words in (reason.value for reason in Reason)]
    assert rows == [("0", "(absent)"), *dict.fromkeys(sent)]
