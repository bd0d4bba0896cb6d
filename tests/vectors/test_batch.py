"""Many files and several programs: what is read, what is run where, interrupts, and ecpure as such a program itself."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from smallvectors import KEY, written

from ecpure import BackendUnavailable, InvalidEncoding, vectors
from ecpure.integers import BACKENDS
from ecpure.vectors import batch
from ecpure.vectors.operations import answer
from ecpure.vectors.process import Command
from ecpure.vectors.schemas import Message


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path)


def test_what_cannot_be_read_is_a_sentence(path: Path, tmp_path: Path) -> None:
    """A damaged file and a missing one are named, and the others are read."""
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    files, errors = batch.read_all([str(bad), str(path), str(tmp_path / "absent")])
    assert [file.path for file in files] == [str(path)]
    assert errors[0].startswith(f"{bad}: ")
    assert errors[1:] == [f"{tmp_path / 'absent'}: No such file or directory: check its name"]


def test_cases_are_kept_by_operation(path: Path) -> None:
    """Of all operations where no operation is named."""
    for operations, count in (((), 3), (("sign", "verify"), 3), (("sign",), 0)):
        [file], errors = batch.read_all([str(path)], operations)
        assert (len(file.cases), errors) == (count, [])


def test_this_backend_is_this_process(path: Path) -> None:
    """The other one is a child process, which has the variable that makes it so and answers alike."""
    with ExitStack() as stack:
        programs = batch.backends(BACKENDS, stack, timeout=20)
        assert list(programs) == ["ecpure (python)", "ecpure (gmpy2)"]
        own, other = sorted(programs.values(), key=lambda program: isinstance(program, Command))
        assert own is answer
        assert isinstance(other, Command)
        case = vectors.read(str(path)).cases[0]
        assert other({"id": case.id, **case.request}) == {"id": case.id} | answer(case.request)


def test_a_backend_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused in a sentence that names the extra."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with ExitStack() as stack, pytest.raises(BackendUnavailable) as refusal:
        batch.backends(["gmpy2"], stack, timeout=1)
    assert str(refusal.value) == "--backend gmpy2: gmpy2 is not installed (extra: fast)"


def test_an_interrupted_run_reports_what_was_done(path: Path) -> None:
    """After Ctrl-C what is left is not run, for this program and the next, and the report says so."""

    def interrupted(request: Message) -> Message:
        if request["id"].endswith("2"):
            raise KeyboardInterrupt
        return answer(request)

    run = batch.run_all([vectors.read(str(path))], [], {"first": interrupted, "second": answer})
    found = [[outcome.verdict for outcome in result.outcomes] for result in run.results]
    assert found == [["agreed", "not run", "not run"], ["not run"] * 3]
    assert run.results[0].outcomes[1].detail == "interrupted"
    assert not run.agreed()


# Serving


def served(lines: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    batch.serve()


def test_ecpure_serves_requests(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Each line is answered with its id, or with null where it has no id, until the input ends."""
    request = {"operation": "square_root", "curve": "secp224k1", "value": "04"}
    served(json.dumps({"id": "1"} | request) + "\n" + json.dumps(request) + "\n", monkeypatch)
    first, second = map(json.loads, capfd.readouterr().out.splitlines())
    assert first == {"id": "1", "result": "valid", "root": "00" * 27 + "02"}
    assert second == first | {"id": None}
    served("", monkeypatch)
    assert capfd.readouterr() == ("", "")


REQUESTS: dict[str, Any] = {
    "no object": [],
    "no operation": {"curve": "secp224k1"},
    "no curve": {"operation": "verify"},
    "operation of no text": {"operation": {}, "curve": "secp224k1"},
    "curve of no text": {"operation": "verify", "curve": ["secp224k1"]},
    "no value": {"operation": "square_root", "curve": "secp224k1"},
    "value of no text": {"operation": "square_root", "curve": "secp224k1", "value": 4},
    "value of no hex": {"operation": "square_root", "curve": "secp224k1", "value": "0x4"},
    "scalar of no hex": {
        "operation": "multiply",
        "curve": "secp224k1",
        "point": KEY.public_key.to_bytes().hex(),
        "scalar": "-",
    },
    "user of no number": {"operation": "login_key", "curve": "secp224k1", "user_id": "1", "passphrase": ""},
    "user true": {"operation": "login_key", "curve": "secp224k1", "user_id": True, "passphrase": ""},
    "message of no object": {
        "operation": "login_verify",
        "curve": "secp224k1",
        "public_key": KEY.public_key.to_bytes().hex(),
        "message": "",
        "server_nonce": "",
    },
    "an id that is no number of JSON": '{"id": 1e999, "operation": "square_root", "curve": "secp224k1", "value": "04"}',
}


@pytest.mark.parametrize("name", REQUESTS)
def test_what_is_no_request_ends_serving_with_a_sentence(
    name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A line without a field of its operation, or with one of another kind, is refused like a line that is no JSON."""
    request = REQUESTS[name]
    line = request if isinstance(request, str) else json.dumps(request)
    with pytest.raises(InvalidEncoding) as refusal:
        served(line, monkeypatch)
    assert capfd.readouterr().out == ""
    assert re.fullmatch(r"request: ([\w :]+|JSON with .*|a JSON object) was expected", str(refusal.value))
