"""The examples and exit statuses that each command's help shows: the examples run as they stand, one after another."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import commandpages
import pytest
from commandline import MESSAGE, SERVER_NONCE
from fakereports import RESULT, bench_report, leak_report
from loginserver import COOKIE, make_tls
from loginsocket import judging
from recordsamples import KEY, RECORD
from smallvectors import written

from ecpure import PrivateKey
from ecpure.cli import main, parser
from ecpure.measure import bench, leak

COMMANDS = {command.words: command.parser for command in commandpages.walk(parser())}
WIDTH = 80
SERVER = f"#!{sys.executable}\nfrom ecpure.cli import main\nmain(['vectors', '--serve'])\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with what the examples read and do not make themselves, and a server that they log in to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    monkeypatch.setenv("COOKIE", COOKIE)
    monkeypatch.setenv("NONCE", SERVER_NONCE)
    (tmp_path / "order").write_bytes(MESSAGE)
    (tmp_path / "secrrct").write_bytes(b'{"station_mac": "00:11:22:33:44:55", "outlet": 1}')
    (tmp_path / "archive.jsonl").write_text(json.dumps(RECORD) + "\n")
    (tmp_path / "passphrase").write_text("opensesame\n")
    for name in ("keys", "wycheproof/testvectors_v1", "tls"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "keys" / "a.pem").write_text(KEY.public_key.to_pem())
    written(tmp_path / "wycheproof" / "testvectors_v1")
    (tmp_path / "my-verifier").write_text(SERVER)
    (tmp_path / "my-verifier").chmod(0o700)
    monkeypatch.setattr(bench, "run", lambda **_: bench_report(python=RESULT))
    monkeypatch.setattr(leak, "run", lambda _: leak_report(30.0, 1.0))
    tls = make_tls(tmp_path / "tls")
    (tmp_path / "server.pem").write_bytes(tls.certificate.read_bytes())
    with judging(tls) as address:
        monkeypatch.setenv("URL", address)
        yield tmp_path


def run(line: str) -> int:
    """Run a line as a shell would that splits it into words, with the environment's values in them."""
    name, *words = shlex.split(os.path.expandvars(line.replace("\\\n", "")))
    assert name == "ecpure"
    return main(words)


@pytest.mark.openssl
def test_the_examples_run(desk: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """In the order of the commands, each on what those before it made; each ends with 0."""
    for words, command in COMMANDS.items():
        if words == "verify":  # the receipt's signature, as a station makes it
            assert run("ecpure sign --key own.pem --hash sha256 secrrct -o secrrct.sign") == 0
        if words == "auth verify":
            assert run("ecpure pubkey login.pem -o login.public.pem") == 0
        for example in command.examples:
            assert example.startswith(f"ecpure {words}")
            assert run(example) == 0, (example, capfd.readouterr().err)
    assert PrivateKey.from_pem((desk / "own.sec1.pem").read_text()) == PrivateKey.from_pem(
        (desk / "own.pem").read_text()
    )


@pytest.mark.parametrize("words", COMMANDS)
def test_the_help_shows_examples_and_statuses(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After the arguments, in lines for 80 columns: one example at least, and what 0 and 2 mean."""
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    command = COMMANDS[words]
    assert command.examples
    assert {0, 2} <= command.statuses.keys() <= {0, 1, 2}
    assert main([*words.split(), "--help"]) == 0
    _, _, end = capsys.readouterr().out.partition("\nexit status:\n")
    statuses, _, examples = end.partition("\nexamples:\n")
    assert statuses.splitlines() == [f"  {status}  {text}" for status, text in command.statuses.items()]
    assert examples.splitlines() == [f"  {line}" for example in command.examples for line in example.splitlines()]
    assert max(map(len, end.splitlines())) < WIDTH


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("verify --public-key public.pem --signature order.sig secrrct", 1),
        ("verify --public-key public.pem --signature order.sig nothing", 2),
        ("verify-many damaged.jsonl", 1),
        ("audit damaged.jsonl", 1),
        ("auth verify --public-key public.pem --server-nonce $NONCE login.json", 1),
        ("login $URL --ca server.pem --user-id 2 --key login.pem --cookie AAAAAAAAAAAAAAAAAAAAAAAAAAA=", 1),
        ("login wss://127.0.0.1:1 --ca server.pem --user-id 2 --key login.pem --cookie $COOKIE", 2),
        ("vectors wycheproof/testvectors_v1 --command './liar'", 1),
        ("vectors keys", 2),
        ("help nothing", 2),
    ],
)
@pytest.mark.usefixtures("capfd")
@pytest.mark.openssl
def test_the_other_statuses_are_true(desk: Path, line: str, status: int) -> None:
    """What the help says of 1 and 2 is how the command ends."""
    for made in (
        "keygen -o own.pem",
        "pubkey own.pem -o public.pem",
        "sign --key own.pem order -o order.sig",
        "auth key --user-id 1 --passphrase-from file:passphrase -o login.pem",
        "auth build --user-id 1 --key login.pem --cookie $COOKIE --server-nonce $NONCE -o login.json",
    ):
        assert run(f"ecpure {made}") == 0
    (desk / "damaged.jsonl").write_text(json.dumps({**RECORD, "message": "00"}) + "\n")
    (desk / "liar").write_text(SERVER.replace("main(['vectors', '--serve'])", "raise SystemExit(0)"))
    (desk / "liar").chmod(0o700)
    words = next(words for words in sorted(COMMANDS, reverse=True) if line.startswith(f"{words} "))
    assert status in COMMANDS[words].statuses
    assert run(f"ecpure {line}") == status
