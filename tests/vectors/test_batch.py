"""Many files and several programs: what is read, what is run where, interrupts, and ecpure as such a program itself."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from smallvectors import ECHO, KEY, PYTHON, written

from ecpure import BackendUnavailable, Curve, InvalidEncoding, backend, vectors
from ecpure.integers import BACKENDS
from ecpure.vectors import Judge, Program, VectorFile, batch, schemas
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


def test_a_file_that_is_too_large_is_a_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not keep the others from being read."""
    monkeypatch.setattr(schemas, "_LARGEST", 1 << 13)
    large = path.with_name("large_test.json")
    large.write_bytes(b" " * (1 << 13) + path.read_bytes())
    assert len(path.read_bytes()) < 1 << 13
    files, errors = batch.read_all([str(large), str(path)])
    assert [file.path for file in files] == [str(path)]
    assert errors == [f"{large}: a file of at most 0 MiB was expected"]


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
        [own], [other] = sorted(programs.values(), key=lambda made: isinstance(made[0], Command))
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

    run = batch.run_all([vectors.read(str(path))], [], {"first": [interrupted], "second": [answer]})
    found = [[outcome.verdict for outcome in result.outcomes] for result in run.results]
    assert found == [["agreed", "not run", "not run"], ["not run"] * 3]
    assert run.results[0].outcomes[1].detail == "interrupted"
    assert not run.agreed()


def test_several_processes_share_the_cases(path: Path) -> None:
    """Each is asked one thing at a time; the outcomes are in the order of the cases, and judged together."""
    file = vectors.read(str(path))
    many = replace(file, cases=[replace(case, number=n) for n in range(20) for case in file.cases])
    with ExitStack() as stack:
        words = [*PYTHON, "-c", ECHO % "valid"]
        run = batch.run_all([many], [], {"x": batch.commands(words, stack, timeout=20, jobs=3)})
    [result] = run.results
    assert [outcome.case for outcome in result.outcomes] == many.cases
    assert [outcome.verdict for outcome in result.outcomes] == ["agreed", "wrong", "agreed"] * 20


def test_ecpure_itself_may_be_several_processes(path: Path) -> None:
    """Of this backend as well, which otherwise is this process."""
    with ExitStack() as stack:
        programs = batch.backends([backend()], stack, timeout=20, jobs=2)
        [made] = programs.values()
        assert [type(program) for program in made] == [Command, Command]
        assert batch.run_all([vectors.read(str(path))], [], programs).agreed()


def test_an_interrupt_ends_all_processes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, though each has ten minutes to answer; and what is not a child process may raise as well."""
    monkeypatch.setattr(Judge, "outcome", lambda *_: interrupt())

    def interrupt() -> None:
        raise KeyboardInterrupt

    with ExitStack() as stack:
        programs: dict[str, Sequence[Program]] = {
            "slow": batch.commands(["sh", "-c", "sleep 600"], stack, timeout=600, jobs=2),
            "no process": [answer, answer],
        }
        monkeypatch.setattr(batch, "_version", lambda _: "")
        run = batch.run_all([vectors.read(str(path))], [], programs)
    assert {outcome.verdict for result in run.results for outcome in result.outcomes} == {"not run"}
    with pytest.raises(KeyboardInterrupt):
        list(batch._outcomes(vectors.read(str(path)).cases, [answer, answer], Judge()))


def test_the_version_is_asked_once(path: Path) -> None:
    """Anything but text, and any failure to say it, is not a version; an interrupt meanwhile ends the run."""
    asked = []

    def says(version: object) -> Program:
        def program(request: Message) -> Message:
            if request["operation"] != "version":
                return answer(request)
            asked.append(version)
            return {"result": "valid", "version": version}

        return program

    def fails(error: BaseException) -> Program:
        def program(request: Message) -> Message:
            if request["operation"] == "version":
                raise error
            return answer(request)

        return program

    file = vectors.read(str(path))
    programs = {"1": says("1.0"), "2": says(2), "3": says("x" * 999), "4": fails(TimeoutError()), "5": lambda _: {}}
    run = batch.run_all([file, file], [], {name: [program] for name, program in programs.items()})
    assert run.versions == {"1": "1.0", "2": "", "3": "x" * 200, "4": "", "5": ""}
    assert asked == ["1.0", 2, "x" * 999]
    run = batch.run_all([file], [], {"x": [fails(KeyboardInterrupt())], "y": [answer]})
    assert (run.interrupted, run.versions) == (True, {"y": ""})
    assert batch.run_all([], [], {"x": [says("1")]}).versions == {"x": ""}  # nothing is asked where there is no case


# What only the whole run shows


def run_of(make: Program, file: VectorFile, **options: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    run = batch.run_all([file], [], {"x": [make]}, **options)
    return [(r.file.path, [(outcome.verdict, outcome.detail) for outcome in r.outcomes]) for r in run.results[1:]]


def test_nonces_are_looked_at_together_at_the_end() -> None:
    """By what is given for that, by curve, if any nonce may be taken; what it says makes the run fail."""
    path = next(path for path in vectors.shipped() if "sign" in path)
    file = vectors.read(path)
    file = replace(file, cases=[case for case in file.cases if not case.request["low_s"]][:30])
    seen: list[tuple[str, int]] = []

    def patterns(curve: Curve, nonces: Iterable[int]) -> list[str]:
        seen.append((curve.name, len([*nonces])))
        return ["all alike", "and short"] * (len(seen) > 1)

    options = {"any_nonces": True, "patterns": patterns}
    assert run_of(answer, file, **options) == [("nonces of the run", [("agreed", "")])]
    assert run_of(answer, file, **options) == [("nonces of the run", [("wrong", "all alike; and short")])]
    assert [name for name, _ in seen] == ["secp224k1"] * 2
    assert run_of(answer, file, any_nonces=True) == [("nonces of the run", [("agreed", "")])]
    assert run_of(answer, file) == []


def test_new_keys_are_asked_for_and_looked_at_together(path: Path) -> None:
    """Two hundred of them, if the operation is named; keys with a part that is always the same fail."""
    _, [file] = batch.read_all([str(path)], ["generate", "verify"])[0], batch.read_all([], ["generate"])[0]
    assert [case.id for case in file.cases] == [f"generate#{number}" for number in range(1, batch.KEYS + 1)]
    assert batch.read_all([str(path)])[0] == [vectors.read(str(path))]
    assert run_of(answer, file) == [("new keys of the run", [("agreed", "")])]

    def short(request: Message) -> Message:
        return {"result": "valid", "private_key": "00" * 3 + answer(request)["private_key"][6:]}

    [(title, [(verdict, detail)])] = run_of(short, file)
    assert (title, verdict) == ("new keys of the run", "wrong")
    assert detail.startswith("16 of 224 bits are not drawn uniformly")


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
    assert re.fullmatch(r"request: ([\w :]+|JSON, with .*|a JSON object) was expected", str(refusal.value))
