"""The benchmark: its report, its table, and what it says of other programs that are wrong, missing or ended."""

from __future__ import annotations

import ctypes
import io
import json
import subprocess
import sys
from typing import Any
from unittest.mock import Mock

import pytest

from ecpure import Signature, bench, cli, peers, streams

D = bench._D
TIMES = dict.fromkeys(bench.OPERATIONS, 10.0)
RESULT: dict[str, Any] = {
    "version": "python",
    "times": {"ecpure": TIMES, "other 1.0": dict.fromkeys(("sign", "public key", "verify"), 40.0)},
    "faults": {},
    "missing": [],
    "start-up": {"import ecpure": 1.0, "first signature": 20.0},
}


def report(**backends: dict[str, Any]) -> dict[str, Any]:
    return {"python": "CPython 3", "machine": "any", "rounds": 1, "backends": backends}


def test_the_command_measures_every_operation_and_every_peer(capfd: pytest.CaptureFixture[str]) -> None:
    """A real run of one round: every operation of ecpure and of each installed peer has a time, on both backends."""
    assert cli.main(["bench", "--peers", "--rounds", "1", "--json"]) == 0
    out, err = capfd.readouterr()
    measured = json.loads(out)
    assert set(measured["backends"]) == {"python", "gmpy2"}
    for name, result in measured["backends"].items():
        assert result["version"].startswith(name)
        assert result["faults"] == {}
        assert set(result["missing"]) <= {"coincurve"}  # it has no wheel for every interpreter
        programs = [program.split()[0] for program in result["times"]]
        assert programs[:5] == ["ecpure", "fastecdsa", "OpenSSL", "python-ecdsa", "btclib-ecc"]
        assert result["times"]["ecpure"].keys() == bench.OPERATIONS.keys()
        assert all(times.keys() == {"sign", "public key", "verify"} for times in list(result["times"].values())[1:])
        assert all(taken > 0 for times in result["times"].values() for taken in times.values())
        assert set(result["start-up"]) == {"import ecpure", "first signature"}
    assert "first signature" in err


def test_the_plain_table(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Without a terminal: aligned lines, ecpure's time and each peer's with the ratio; words on standard error."""
    monkeypatch.setattr(bench, "run", lambda **_: report(python=RESULT, gmpy2={"error": "gmpy2 is not installed"}))
    assert cli.main(["bench"]) == 0
    out, err = capfd.readouterr()
    title, heading, *rows = out.splitlines()
    assert title.startswith("Backend python, CPython 3, any: microseconds, median of 1 rounds")
    assert heading.split() == ["operation", "ecpure", "other"]
    assert [row.split()[-3:] for row in rows] == [["10.0", "40.0", "(0.25)"]] * len(bench.OPERATIONS)
    assert len({len(line) for line in (heading, *rows)}) == 1
    assert "ecpure: python: beside other 1.0\n" in err
    assert "ecpure: gmpy2: not measured: gmpy2 is not installed" in err


@pytest.mark.parametrize("rich", [True, False])
def test_the_table_on_a_terminal(
    rich: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal rich draws the table, where it is installed; else the lines are plain there too."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    if not rich:
        monkeypatch.setitem(sys.modules, "rich.box", None)
    streams.write_table("a title", [["operation", "ecpure"], ["sign", "12.5"]])
    out = capsys.readouterr().out
    assert "a title" in out
    assert "12.5" in out
    assert ("──" in out) == rich


@pytest.mark.parametrize("where", ["terminal", "terminal without rich", "file"])
def test_a_table_gives_no_orders(
    where: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A title or cell from a file is shown as it is: no markup of rich's, no line's end, no order to a terminal."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: where != "file")
    if where == "terminal without rich":
        monkeypatch.setitem(sys.modules, "rich.box", None)
    streams.write_table("caf\u00e9 [/x] \x1b[31m", [["flag", "[b]-c"], ["A\x1b[31mB\nall 5 ok", "[red]"]])
    out = capsys.readouterr().out
    assert "caf\u00e9 [/x] \\x1b[31m" in out
    assert "A\\x1b[31mB\\nall 5 ok" in out
    assert "[red]" in out
    assert "[b]-" in out
    assert "\x1b[31m" not in out


def test_a_table_in_an_encoding_that_lacks_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """What standard output cannot hold is written as escapes, in columns that still stand below each other."""
    octets = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(octets, encoding="ascii"))
    streams.write_table("caf\u00e9", [["flag", "cases"], ["\u00e9", "5"]])
    assert octets.getvalue() == b"caf\\xe9\nflag  cases\n\\xe9      5\n"


def test_exit_statuses(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """1 where a peer gives a wrong answer, which is said; 2 where nothing could be measured, or for no rounds."""
    wrong = RESULT | {"faults": {"other 1.0": "refuses a valid signature"}, "missing": ["third"]}
    monkeypatch.setattr(bench, "run", lambda **_: report(python=wrong))
    assert cli.main(["bench", "--peers", "--json"]) == 1
    err = capfd.readouterr().err
    assert "other 1.0 refuses a valid signature, and is not timed" in err
    assert "third is not installed" in err
    monkeypatch.setattr(bench, "run", lambda **_: report(python={"error": "no"}, gmpy2={"error": "no"}))
    assert cli.main(["bench"]) == 2
    assert cli.main(["bench", "--rounds", "0"]) == 2
    assert cli.main(["bench", "--rounds", "many"]) == 2


def test_a_backend_that_cannot_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report gives the one sentence of the process that failed, or says that it was ended."""
    monkeypatch.setattr(bench, "BACKENDS", ("rust",))
    reason = "ECPURE_BACKEND: one of auto, gmpy2, python was expected"
    assert bench.run(rounds=1, with_peers=False)["backends"] == {"rust": {"error": reason}}
    killed = subprocess.CompletedProcess[str]([], -9, "", "")
    monkeypatch.setattr(bench, "_python", lambda *_: killed)
    assert bench.run(rounds=1, with_peers=False)["backends"] == {"rust": {"error": "it was ended"}}


def test_without_peers_ecpure_alone_is_timed(capfd: pytest.CaptureFixture[str]) -> None:
    """In this process: ecpure's own operations, and no other program."""
    bench.report_here(rounds=1, with_peers=False)
    result = json.loads(capfd.readouterr().out)
    assert list(result["times"]) == ["ecpure"]


def raises(*_: object) -> Any:
    raise RuntimeError


def test_wrong_answers_are_named(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Each way to be wrong is found, and such a peer is not timed."""
    peer = peers._fastecdsa(D)
    assert bench._fault(peer) is None
    wrong = [
        ("computes another public key", peer._replace(x_and_y=lambda _: (1, 2))),
        ("makes a signature that does not hold", peer._replace(r_and_s=lambda _: (1, 2))),
        ("refuses a valid signature", peer._replace(verify=lambda *_: False)),
        ("accepts the signature of another message", peer._replace(verify=lambda *_: True)),
        ("raises RuntimeError", peer._replace(sign=raises)),
    ]
    for fault, other in wrong:
        assert bench._fault(other) == fault
    monkeypatch.setattr(peers, "installed", lambda _: ([wrong[0][1]], ["another"]))
    bench.report_here(rounds=1, with_peers=True)
    result = json.loads(capfd.readouterr().out)
    assert result["faults"] == {peer.name: "computes another public key"}
    assert list(result["times"]) == ["ecpure"]
    assert result["missing"] == ["another"]


class Library:
    """A library of which every function returns 0, or NULL."""

    def __getattr__(self, name: str) -> Any:
        function = Mock(return_value=0)
        setattr(self, name, function)
        return function


@pytest.mark.parametrize("library", [None, Library()], ids=["absent", "without the curve"])
def test_peers_that_are_missing(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not installed, or an OpenSSL without the curve, is named and left out."""

    def absent(name: str) -> Any:
        raise ImportError(name)

    def load(name: str) -> Any:
        if library is None:
            raise OSError(name)
        return library

    monkeypatch.setattr(peers, "hide_gmpy2", lambda: None)
    monkeypatch.setattr(peers, "import_module", absent)
    monkeypatch.setattr(ctypes, "CDLL", load)
    found, missing = peers.installed(D)
    assert found == []
    assert missing == ["fastecdsa", "openssl", "python-ecdsa", "btclib-ecc", "coincurve"]


def test_peers_refuse_and_accept_as_they_should() -> None:
    """python-ecdsa raises for a signature that does not hold, which its peer turns into False."""
    peer = peers._python_ecdsa(D)
    assert not peer.verify(b"m", peer.signature(Signature(1, 1)))
