"""docs/login.md: its examples, run as they are written against the example server, and its tables."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

from loginserver import ENVIRONMENT, PATIENCE, example_server, make_tls

from ecpure import auth
from ecpure.login import Reason

PAGE = (Path(__file__).parents[1] / "docs" / "login.md").read_text(encoding="utf-8")


def blocks(language: str) -> str:
    return "".join(re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


def test_the_programs_give_what_the_page_says() -> None:
    """The examples in Python are a doctest."""
    test = doctest.DocTestParser().get_doctest(blocks("python"), {}, "login", "login.md", 0)
    results = doctest.DocTestRunner().run(test)
    assert (results.attempted, results.failed) == (20, 0)


def test_the_commands_print_what_the_page_says(tmp_path: Path) -> None:
    """Every command gives the output that stands beneath it, and the exit status that the page has for it."""
    tls = make_tls(tmp_path)
    tls.certificate.rename(tmp_path / "server.pem")
    tls.other.rename(tmp_path / "other-server.pem")
    (tmp_path / "passphrase").write_text("opensesame\n")
    (tmp_path / "user1.pem").write_text(auth.derive_private_key(1, "opensesame").to_pem())
    (tmp_path / "other.pem").write_text(auth.derive_private_key(1, "another").to_pem())
    steps = re.findall(r"^\$ ecpure (.*)\n((?:(?!\$ ).*\n)*)", blocks("console"), re.MULTILINE)
    statuses = []
    with example_server(tls._replace(certificate=tmp_path / "server.pem"), tmp_path) as address:
        for words, expected in steps:
            result = subprocess.run(
                [sys.executable, "-m", "ecpure", *words.replace("wss://localhost:8443", address).split()],
                cwd=tmp_path,
                env=ENVIRONMENT | {"no_proxy": "*"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                check=False,
                timeout=PATIENCE,
            )
            assert (words, result.stdout) == (words, expected)
            statuses.append(result.returncode)
    assert statuses == [0, 1, 2]


def test_the_page_has_every_code() -> None:
    """The table is that of the codes and words that are sent; those of code 8 vary."""
    rows = re.findall(r"^\| (\d) \| (.+) \|$", PAGE, re.MULTILINE)
    sent = [(str(code), "(varies)" if code == 8 else words) for code, words in (reason.value for reason in Reason)]
    assert rows == [("0", "(absent)"), *dict.fromkeys(sent)]
