"""The verdict on a signature, in words and in JSON, and the exit status that says the same."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest
from commandline import SIGNATURE, N, Run, verifies

from ecpure import Signature
from ecpure.cli.verdict import INVALID, REFUSED, VALID, say_verdict
from ecpure.formats.documents import Fields


def test_an_invalid_signature_is_status_1(run: Run, folder: Path) -> None:
    """Another message, another key, another s: `invalid` on standard output, nothing on standard error."""
    (folder / "s").write_bytes(Signature(SIGNATURE.r, SIGNATURE.s % (N - 1) + 1).to_der())
    for result in (verifies(run, message="empty"), verifies(run, key="other.pem"), verifies(run, signature="s")):
        assert result == (1, b"invalid\n", "")


def test_json_says_the_same_as_the_words(run: Run) -> None:
    """--json prints one object on one line, and the status is unchanged."""
    assert verifies(run, "--json") == (0, b'{"valid": true}\n', "")
    assert verifies(run, "--json", message="empty") == (1, b'{"valid": false}\n', "")


@pytest.mark.parametrize("valid", [True, False])
@pytest.mark.parametrize("fields", [None, {}, {"outlet": 2, "name": "Łódź\n\x1b", "at": None}])
def test_what_was_signed_follows_the_verdict(
    valid: bool, fields: Fields | None, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Each field is a line in words, or all are in one object; text in them is JSON in ASCII, the status unchanged."""
    word = b"valid" if valid else b"invalid"
    assert say_verdict(valid, Namespace(json=False), fields) == (VALID if valid else INVALID)
    out, err = capsysbinary.readouterr()
    lines = out.splitlines()
    assert (lines[0], err, out.isascii()) == (word, b"", True)
    pairs = [line.removeprefix(b"  ").split(b": ") for line in lines[1:]]
    assert {name.decode(): json.loads(value) for name, value in pairs} == (fields or {})
    assert say_verdict(valid, Namespace(json=True), fields) == (VALID if valid else INVALID)
    out = capsysbinary.readouterr().out
    assert (out.count(b"\n"), out.isascii()) == (1, True)
    assert json.loads(out) == {"valid": valid} | ({} if fields is None else {"fields": fields})


def test_the_statuses_differ() -> None:
    """Valid, invalid and refused are three numbers, valid being what shells take for success."""
    assert (VALID, INVALID, REFUSED) == (0, 1, 2)
