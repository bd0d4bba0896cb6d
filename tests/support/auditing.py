"""Keys and nonces of dishonest archives, and runs of `ecpure audit` on them, in words and as JSON."""

from __future__ import annotations

import json
import random
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from archives import login, with_nonce, written

from ecpure import SECP224K1, PrivateKey, Signature, auth
from ecpure.audit.exposure import Signed
from ecpure.cli import main

N = SECP224K1.n
RNG = random.Random(224)
D = [RNG.randrange(1, N) for _ in range(6)]
K = [RNG.randrange(1, N) for _ in range(6)]
KEYS = [PrivateKey.from_int(d).public_key.to_bytes().hex() for d in D]
LOGIN_KEY = auth.derive_private_key(1, "opensesame").public_key.to_bytes().hex()

Record = dict[str, Any]


def keyless(record: Record) -> Record:
    """Return the record without its key."""
    return {name: value for name, value in record.items() if name != "public_key"}


def logged_in(server: int, client: int, **others: Any) -> Record:
    """Return a login with these nonces, with its key."""
    record = {"public_key": LOGIN_KEY, **login(server, client=client), **others}
    del record["id"]
    return record


def signed(message: bytes, k: int, e: int) -> Signed:
    """Return the row of a signature of the message under the first key with this nonce, but with this e."""
    signature = Signature.from_der(bytes.fromhex(with_nonce(D[0], k, message)["signature"]))
    r, s, digest = (value.to_bytes(29, "big") for value in (signature.r, signature.s, e))
    return Signed(r, bytes.fromhex(KEYS[0]), digest, s, 0, 1)


class Audited(NamedTuple):
    """What a run said."""

    status: int
    report: dict[str, Any]
    said: str

    def found(self) -> dict[str, list[list[int]]]:
        """Return the lines of every finding, by its kind."""
        lines: dict[str, list[list[int]]] = {}
        for finding in self.report["findings"]:
            lines.setdefault(finding["kind"], []).append([record["line"] for record in finding["records"]])
        return lines


Audit = Callable[..., Audited]


class Auditor:
    """Runs the command on records, in words and as JSON, and checks that both say the same.

    All in this process, unless the options of a run have --jobs.
    """

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._path, self._capsys = path, capsys
        self._said: list[str] = []

    def __call__(self, records: list[Record] | bytes, *options: str) -> Audited:
        """Return what the command said of the records."""
        self._path.write_bytes(records if isinstance(records, bytes) else written(records))
        command = ["audit", str(self._path), "--jobs", "1", *options]
        status = main(command)
        words = self._capsys.readouterr()
        assert main([*command, "--json"]) == status
        report = self._capsys.readouterr()
        content = json.loads(report.out)
        named = re.findall(r"^(?:critical|warning|note): ([\w-]+): (?:(\S+) more findings)?", words.out, re.MULTILINE)
        counted: Counter[str] = Counter()
        for kind, more in named:
            counted[kind] += int(more or 1)
        assert counted == content["totals"]
        self._said += [*words, *report]
        return Audited(status, content, words.out)

    def hold_secrets(self) -> None:
        """Check that no private key and no nonce of these archives is in anything that was said, however written."""
        for secret in D + K:
            for text in (
                f"{secret:x}",
                str(secret),
                *(b64encode(secret.to_bytes(length, "big")).decode() for length in (29, 32)),
            ):
                assert not any(text in words.lower() or text in words for words in self._said)
