"""What is fuzzed besides the decoders: files of vectors, the line protocol from both sides, and the command."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from targets import FILES, KEY, LOGIN, NONCE, OTHER, SIGNATURE, Target

from ecpure import InvalidEncoding, vectors
from ecpure.cli import main
from ecpure.io import strictjson
from ecpure.io.streams import Refused
from ecpure.vectors import batch, reports
from ecpure.vectors.operations import answer
from ecpure.vectors.page import as_html

MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None


def small_files() -> list[bytes]:
    """Return each file of the suite cut down to the first two cases of its first group."""
    found = []
    for path in vectors.shipped():
        content = json.loads(Path(path).read_bytes())
        group = content["testGroups"][0]
        group["tests"] = group["tests"][:2]
        content |= {"testGroups": [group], "numberOfTests": len(group["tests"]), "notes": {}, "header": []}
        found.append(json.dumps(content).encode("ascii"))
    return [octets for octets in found if len(octets) < 3500]


class _Files:
    """Reads octets as a file of vectors, and has its cases answered: reading and answering raise only what they may."""

    def __init__(self) -> None:
        self._path = ""

    def __call__(self, data: bytes) -> vectors.VectorFile:
        if not self._path:
            descriptor, self._path = tempfile.mkstemp(dir=MEMORY, prefix="ecpure-fuzz-")
            os.close(descriptor)
        with open(self._path, "wb") as file:
            file.write(data)
        return vectors.read(self._path)


def _answered(file: vectors.VectorFile, _: bytes) -> bool:
    """Whether ecpure answers each case, be it otherwise than a changed file expects."""
    verdicts = {outcome.verdict for outcome in vectors.run(file.cases[:4], answer)}
    return verdicts <= {"agreed", "wrong", "other nonce", "unsupported"}


class _Stream(NamedTuple):
    """A standard stream: text on top of octets."""

    buffer: io.BytesIO

    def isatty(self) -> bool:
        return False

    def flush(self) -> None:
        pass

    def write(self, text: str) -> int:
        return self.buffer.write(text.encode("utf-8", "backslashreplace"))


@contextlib.contextmanager
def streams(data: bytes) -> Iterator[tuple[_Stream, _Stream]]:
    """Let standard input be `data`, and give what is written to standard output and error."""
    out, err = _Stream(io.BytesIO()), _Stream(io.BytesIO())
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = _Stream(io.BytesIO(data)), out, err
    try:
        yield out, err
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


def _serve(data: bytes) -> bytes:
    with streams(data) as (out, _):
        batch.serve()
    return out.buffer.getvalue()


def _is_answers(out: bytes, data: bytes) -> bool:
    """Whether each line of the input has its answer."""
    lines = out.splitlines()
    results = {strictjson.decode_object(line, "answer")["result"] for line in lines}
    asked = len(data.split(b"\n")) - data.endswith(b"\n") if data else 0
    return len(lines) == asked and results <= {"valid", "invalid", "unsupported"}


def _requests() -> list[bytes]:
    cases = [case for path in vectors.shipped() for case in vectors.read(path).cases[:2]]
    lines = [json.dumps({"id": case.id, **case.request}).encode("ascii") + b"\n" for case in cases]
    return [*[line for line in lines if len(line) < 1500], b"".join(lines[:2])]


_SIGN = {"operation": "sign", "curve": "secp224k1", "hash": "sha224", "low_s": False, "extra_entropy": ""}
_SIGN |= {"private_key": KEY.to_bytes().hex(), "message": "6d"}
_SIGNED = {"result": "valid", "signature": KEY.sign(b"m").to_p1363().hex()}
_CASES = [
    vectors.Case("a_test.json", 1, ("Flag",), "comment", _SIGN, (_SIGNED,)),
    vectors.Case("generate", 2, ("",), "", {"operation": "generate", "curve": "secp224k1"}, ({"result": "valid"},)),
]


def _report(data: bytes) -> vectors.Outcome:
    """Take the octets for a program's answer to a case, judged in each way, and write every report of it."""
    decoded = strictjson.decode_object(data, "answer")
    judges = [vectors.Judge(any_nonces=any_nonces) for any_nonces in (False, True)]
    outcomes = [outcome for judge in judges for outcome in vectors.run(_CASES, lambda _: decoded, judge)]
    file = vectors.VectorFile("a_test.json", _CASES, {}, _NOTHING)
    run = reports.Run([reports.Result("program", file, outcomes)], [])
    json.dumps(reports.as_json(run))
    ElementTree.fromstring(reports.as_junit(run))
    as_html(run)
    return outcomes[0]


_NOTHING: Any = vectors.read(vectors.shipped()[0]).not_for_us


def _files() -> dict[str, bytes]:
    vector = small_files()[0]
    line = {"public_key": KEY.public_key.to_bytes().hex(), "signature": SIGNATURE.to_der().hex(), "text": "m"}
    return {
        "key.pem": KEY.to_pem().encode("ascii"),
        "sec1.pem": OTHER.to_pem("sec1").encode("ascii"),
        "key.raw": KEY.to_bytes(),
        "public.pem": KEY.public_key.to_pem().encode("ascii"),
        "m": b"m",
        "m.sig": SIGNATURE.to_der(),
        "m.hex": SIGNATURE.to_p1363().hex().encode("ascii"),
        "login.json": json.dumps(LOGIN).encode("ascii"),
        "passphrase": b"opensesame\n",
        "records.jsonl": json.dumps(line).encode("ascii") + b"\n",
        **{
            name: (FILES / name).read_bytes()
            for name in ("ticket", "rpcn.pem", "secrrct", "secrrct.sign", "station.pem", "receipts.zip", "bill.chargy")
        },
        "v.json": vector,
    }


COMMANDS = [
    "keygen -o new.pem",
    "keygen --to raw",
    "pubkey --key key.pem --to raw",
    "pubkey --key sec1.pem -o out.pem",
    "sign --key key.pem m -o out",
    "sign --key key.raw --key-format raw --hash sha512 --encoding base64 --low-s --format compact -",
    "verify --public-key public.pem --signature m.sig m --json",
    "verify --public-key public.pem --signature m.hex --format p1363 --encoding hex --hash sha224 m",
    "auth key --user-id 1 --passphrase-from file:passphrase --to raw",
    "auth key --user-id 1 --passphrase-from stdin -o new.pem",
    f"auth build --user-id 1 --key key.pem --cookie HGREqcILTz8blHa/jsUTVTNBJlg= --server-nonce {NONCE} --tag 7",
    f"auth verify --public-key public.pem --server-nonce {NONCE} login.json",
    "vectors v.json --json",
    "vectors --only verify v.json --junit report.xml --html report.html",
    "vectors --serve",
    "verify-many records.jsonl --keys records.jsonl --summary sums.json --jobs 1",
    "audit records.jsonl --json --recover --jobs 1",
    "explain m.sig --public-key public.pem --message m --json",
    "explain key.pem",
    "explain key.raw --json",
    "verify --profile chargepoint --public-key station.pem secrrct --json",
    "verify --profile chargepoint --public-key station.pem --lang de receipts.zip",
    "verify --profile chargepoint --public-key station.pem --json bill.chargy",
    "verify --profile rpcn --public-key rpcn.pem --hash sha256 --at 2026-01-01T00:00:00Z ticket",
    "--version",
    "sign --help",
    "help auth verify",
    "verify --key public.pem --signature m.sig m",
    "verify --public-key m.sig --signature public.pem m",
]


def _word(word: object, known: set[str]) -> bool:
    """Whether a word may be run: none that names a file elsewhere, runs a program, or starts a long one."""
    if not isinstance(word, str) or not all(ord(character) < 0xD800 for character in word):
        return False
    text = word.partition("=")[2] if word.startswith("--") else word
    elsewhere = ("/" in text and text not in known) or ".." in text
    return not elsewhere and not word.startswith(("--com", "--b")) and word not in ("bench", "leak")


class Command:
    """Runs the command on the words of a line of JSON, in a folder with its files, of which one may be changed."""

    def __init__(self) -> None:
        self._folder: Any = None
        self._files = _files()
        self._known = {word for line in COMMANDS for word in line.split()}

    def seeds(self) -> list[bytes]:
        """Return the commands with their files as they should be, and with some of them replaced by others."""
        lines: list[dict[str, Any]] = [{"words": line.split(), "stdin": b"m".hex()} for line in COMMANDS]
        for name, octets in self._files.items():
            lines.append({"words": ["pubkey", "--key", "x"], "stdin": "", "file": ["x", octets.hex()]})
            users = [line.split() for line in COMMANDS if name in line.split()]
            lines += [{"words": words, "stdin": "", "file": [name, octets.hex()]} for words in users[:2]]
        return [json.dumps(line).encode("ascii") for line in lines]

    def __call__(self, data: bytes) -> tuple[int, str]:
        """Return the exit status and what was said, the octets of its files in it for the search of echoes.

        Raises `InvalidEncoding` for an input that says no command.
        """
        line = strictjson.decode_object(data, "command")
        words, file, stdin = line.get("words"), line.get("file"), line.get("stdin")
        if not isinstance(words, list) or not all(_word(word, self._known) for word in words):
            raise InvalidEncoding("command: words were expected")
        if "vectors" in words and not {"v.json", "--serve"} & set(words):
            raise InvalidEncoding("command: vectors of a file were expected")
        if {"verify-many", "audit"} & set(words) and "-" in words:
            raise InvalidEncoding("command: files were expected")
        self._lay_out(file)
        with streams(_octets(stdin)) as (out, err):
            status = main(words)
        said = err.buffer.getvalue() + (out.buffer.getvalue() if "explain" in words else b"")
        return status, said.decode("utf-8", "replace")

    def _lay_out(self, changed: Any) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(dir=MEMORY, prefix="ecpure-fuzz-")
            os.chdir(self._folder.name)
            self._written: dict[str, bytes] = {}
        for name in set(os.listdir()) - self._files.keys():
            os.unlink(name)
        files = dict(self._files)
        if isinstance(changed, list) and len(changed) == 2 and changed[0] in (*files, "x"):
            files[changed[0]] = _octets(changed[1])
        for name, octets in files.items():
            path = Path(name)
            if not path.exists() or path.read_bytes() != octets:
                path.write_bytes(octets)


def _octets(text: Any) -> bytes:
    try:
        return bytes.fromhex(text)
    except (TypeError, ValueError):
        return b"?"


SECRETS = [form for key in (KEY, OTHER) for form in (key.to_bytes().hex()[8:40], key.to_pem().splitlines()[1][-24:])]
SECRETS += ["opensesame"]


def _is_right(answer: tuple[int, str], _: bytes) -> bool:
    """Whether the status is one of the three, and nothing of a secret file was said."""
    status, said = answer
    return status in (0, 1, 2) and "Traceback" not in said and not any(secret in said for secret in SECRETS)


def programs() -> list[Target]:
    """Return the targets that read files, or speak to programs or people."""
    command = Command()
    said = [
        json.dumps(expected).encode("ascii")
        for expected in (
            _SIGNED,
            _SIGNED | {"signature": KEY.sign(b"m", extra_entropy=b"x").to_p1363().hex()},
            {"result": "valid", "private_key": KEY.to_bytes().hex()},
            {"result": "invalid"},
        )
    ]
    return [
        Target("vectors.read, and answers", _Files(), small_files(), (vectors.InvalidVectors,), _answered)._replace(
            shape="json", longest=4000, inputs=150_000
        ),
        Target("vectors --serve", _serve, _requests(), (InvalidEncoding, Refused), _is_answers)._replace(
            shape="json", longest=2000, inputs=200_000
        ),
        Target(
            "a program's answers, and reports",
            _report,
            said,
            (InvalidEncoding,),
            lambda outcome, _: outcome.verdict in vectors.VERDICTS,
            accepted=lambda outcome: bool(outcome.verdict == "agreed"),
            shape="json",
            longest=600,
            inputs=60_000,
        ),
        Target(
            "ecpure, the command",
            command,
            command.seeds(),
            (InvalidEncoding,),
            _is_right,
            accepted=lambda answer: bool(answer[0] < 2),
            shape="json",
            longest=9000,
            inputs=30_000,
        ),
    ]
