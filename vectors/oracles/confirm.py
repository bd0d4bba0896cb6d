"""Put every vector of the suite to independent programs, and record which of them confirm it: `make oracles`.

`python vectors/oracles` writes vectors/confirmed.json and the table in vectors/README.md. With paths of other vectors,
files or folders, it prints the summary alone. Exit status 1: a case is wrong, as like as not; record.py says which.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from cases import Case, Message, read
from record import CONFIRMED, CONTRADICTED, FAILED, UNSUPPORTED, record, refuted, table, write

HERE = Path(__file__).parent
VECTORS = HERE.parent
TIMEOUT = 10.0
START_TIMEOUT = 60.0  # a Java program is compiled first
PATIENCE = 10  # after so many requests in a row without an answer, a program is not asked again

COMMANDS = {
    "openssl": [sys.executable, str(HERE / "openssl_oracle.py")],
    "bouncycastle": ["java", "-cp", os.environ.get("BCPROV", "/usr/share/java/bcprov.jar"), "BouncyCastle.java"],
    "python-ecdsa": [sys.executable, str(HERE / "python_ecdsa_oracle.py")],
    "btclib-ecc": [sys.executable, str(HERE / "btclib_oracle.py")],
    "fastecdsa": [sys.executable, str(HERE / "fastecdsa_oracle.py")],
    "noble-curves": ["node", str(HERE / "noble_oracle.mjs")],
}


class Oracle:
    """A program that answers the line protocol, as a child process that is started again when it has ended."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._child: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._errors: IO[bytes] | None = None
        self._last_words = ""
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._unanswered = 0

    def version(self) -> str:
        """Return the version it states. Raises `OSError` that says why it cannot be started."""
        answer = self._ask({"id": "version", "operation": "version", "curve": "secp224k1"}, START_TIMEOUT)
        if answer.get("result") == "valid":
            return str(answer["version"])
        self.end()
        lines = self._last_words.splitlines()
        raise OSError(next((line.strip() for line in lines if "rror: " in line), "it does not answer"))

    def judge(self, case: Case) -> str:
        """Return what its answer makes of the case: no answer, or an exception, is "failed"."""
        if self._unanswered >= PATIENCE:
            return FAILED
        answer = self._ask(case.request, START_TIMEOUT if self._child is None else TIMEOUT)
        if answer.get("result") == "unsupported":
            return UNSUPPORTED
        if answer.get("result") not in ("valid", "invalid"):
            return FAILED
        agrees = all(name in answer and answer[name] == value for name, value in case.expected.items())
        return CONFIRMED if agrees else CONTRADICTED

    def end(self) -> None:
        """End the child, if there is one, and keep what it wrote to standard error."""
        if self._child is None or self._listener is None or self._errors is None:
            return
        self._child.kill()
        self._child.wait()
        self._listener.join()
        if self._child.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # what it did not read any more
                self._child.stdin.close()
        with self._errors:
            self._errors.seek(0)
            self._last_words = self._errors.read().decode("utf-8", "replace")
        self._child = None

    def _ask(self, request: Message, timeout: float) -> Message:
        """Return its answer, or nothing where none comes in time."""
        self._unanswered += 1
        try:
            child = self._child = self._child or self._start()
            stdin: IO[str] | None = child.stdin
            if stdin is not None:
                stdin.write(json.dumps(request) + "\n")
                stdin.flush()
            answer = json.loads(self._lines.get(timeout=timeout) or "{}")
        except (BrokenPipeError, queue.Empty, json.JSONDecodeError):
            answer = {}
        if not isinstance(answer, dict) or answer.get("id") != request["id"]:
            self.end()
            return {}
        self._unanswered = 0
        return answer

    def _start(self) -> subprocess.Popen[str]:
        self._lines = queue.SimpleQueue()
        with contextlib.ExitStack() as opened:
            errors = opened.enter_context(tempfile.TemporaryFile())
            child = subprocess.Popen(
                COMMANDS[self.name],
                cwd=HERE,
                env={name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"},  # for `serve`
                text=True,
                encoding="utf-8",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
            opened.pop_all()  # `end` closes it
        self._errors = errors
        self._listener = threading.Thread(target=_listen, args=(child.stdout, self._lines), daemon=True)
        self._listener.start()
        return child


def _listen(stream: IO[str], lines: queue.SimpleQueue[str]) -> None:
    """Hand every line over, and an empty one at the end."""
    with stream:
        for line in stream:
            lines.put(line)
    lines.put("")


def start() -> tuple[dict[str, str], list[Oracle]]:
    """Return the versions of the oracles that can be started, and these; the others are named with the reason."""
    versions, oracles = {}, []
    for name in COMMANDS:
        oracle = Oracle(name)
        try:
            versions[name] = oracle.version()
        except OSError as error:
            print(f"missing: {name}: {error}")
        else:
            oracles.append(oracle)
    return versions, oracles


def ask(oracles: Sequence[Oracle], cases: Sequence[Case]) -> dict[str, list[str]]:
    """Return, for each oracle, what it makes of each case."""

    def all_of(oracle: Oracle) -> list[str]:
        try:
            return [oracle.judge(case) for case in cases]
        finally:
            oracle.end()

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip([oracle.name for oracle in oracles], pool.map(all_of, oracles), strict=True))


def main(words: Sequence[str]) -> int:
    """Do as the module says, and return the exit status."""
    given = [Path(word) for word in words] or [VECTORS / "suite"]
    paths = sorted(file for path in given for file in (path.rglob("*_test.json") if path.is_dir() else [path]))
    cases = [case for path in paths for case in read(path)]
    if not cases:
        sys.exit("no case was found")
    versions, oracles = start()
    verdicts = ask(oracles, cases)
    content = record(versions, cases, verdicts)
    print(table(content))
    if not words:
        write(content, VECTORS)
    wrong = refuted(cases, verdicts)
    for identity in wrong:
        print(f"contradicted by two or more: {identity}", file=sys.stderr)
    return 1 if wrong else 0
