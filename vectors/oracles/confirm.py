"""Put every vector of the suite to independent programs, and record which of them confirm it: `make oracles`.

`python vectors/oracles` writes vectors/confirmed.json and the table in vectors/README.md. With paths of other vectors,
files or folders, it prints the summary alone. Exit status 1: two programs or more contradict a case that none confirms.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, NamedTuple

Message = dict[str, Any]

HERE = Path(__file__).parent
VECTORS = HERE.parent
TIMEOUT = 10.0
START_TIMEOUT = 60.0  # a Java program is compiled first
PATIENCE = 10  # after so many requests in a row without an answer, a program is not asked again

CONFIRMED, CONTRADICTED, UNSUPPORTED, FAILED = "confirmed", "contradicted", "unsupported", "failed"

COMMANDS = {
    "openssl": [sys.executable, str(HERE / "openssl_oracle.py")],
    "bouncycastle": ["java", "-cp", os.environ.get("BCPROV", "/usr/share/java/bcprov.jar"), "BouncyCastle.java"],
    "python-ecdsa": [sys.executable, str(HERE / "python_ecdsa_oracle.py")],
    "btclib-ecc": [sys.executable, str(HERE / "btclib_oracle.py")],
    "fastecdsa": [sys.executable, str(HERE / "fastecdsa_oracle.py")],
    "noble-curves": ["node", str(HERE / "noble_oracle.mjs")],
}


class Form(NamedTuple):
    """How a case becomes a request, and which of its fields a valid answer holds, under their names in the file."""

    operation: str
    fields: dict[str, str]
    answer: dict[str, str]


_KEY = {"public_key": "publicKey.uncompressed"}
_SIGNED = {"hash": "sha", "message": "msg", "signature": "sig"}
_TO_SIGN = {"hash": "sha", "private_key": "privateKey.d", "message": "msg"}
_LOGIN = {"user_id": "userId", "cookie": "cookie", "private_key": "privateKey", "tag": "tag"}
_NONCES = {"server_nonce": "serverNonce", "client_nonce": "clientNonce"}

FORMS = {  # by the type of the group; what begins with = stands for itself
    "EcdsaVerify": Form("verify", _KEY | _SIGNED | {"format": "=der"}, {}),
    "EcdsaP1363Verify": Form("verify", _KEY | _SIGNED | {"format": "=p1363"}, {}),
    "EcdsaVerifyDigest": Form("verify_digest", _KEY | {"digest": "digest", "signature": "sig"}, {}),
    "EcdsaSign": Form("sign", _TO_SIGN | {"extra_entropy": "extraEntropy", "low_s": "lowS"}, {"signature": "sig"}),
    "EcMultiply": Form("multiply", {"point": "point", "scalar": "scalar"}, {"point": "product"}),
    "EcPointDecode": Form("decode_point", {"point": "encoded"}, {"point": "point"}),
    "EcSquareRoot": Form("square_root", {"value": "value"}, {"root": "root"}),
    "EcdsaRecover": Form("recover", _SIGNED, {"public_keys": "publicKeys"}),
    "EcKeyDecode": Form("decode_key", {"kind": "kind", "format": "format", "key": "encoded"}, {"key": "key"}),
    "LoginKey": Form("login_key", {"user_id": "userId", "passphrase": "passphrase"}, {"private_key": "privateKey"}),
    "LoginBuild": Form("login_build", _LOGIN | _NONCES, {"message": "message"}),
    "LoginVerify": Form(
        "login_verify", {"message": "message", "server_nonce": "serverNonce", "public_key": "publicKey"}, {}
    ),
}


class Case(NamedTuple):
    """A case of a file: its classes, what is asked, and what is to be answered."""

    file: str
    number: int
    flags: list[str]
    request: Message
    expected: Message


def read(path: Path) -> Iterator[Case]:
    """Yield the cases of a file. Raises `KeyError` for a group of an unknown type."""
    for group in json.loads(path.read_text(encoding="utf-8"))["testGroups"]:
        form = FORMS[group["type"]]
        for test in group["tests"]:
            both = group | test
            request = {name: _field(both, source) for name, source in form.fields.items()}
            identity = {"id": f"{path.name}#{test['tcId']}", "operation": form.operation, "curve": "secp224k1"}
            expected = {"result": test["result"]}
            if test["result"] == "valid":
                expected |= {name: test[source] for name, source in form.answer.items()}
            yield Case(path.name, test["tcId"], test["flags"], identity | request, expected)


def _field(both: Message, source: str) -> Any:
    if source.startswith("="):
        return source[1:]
    name, _, part = source.partition(".")
    value: Any = both[name] if name != "tag" else both.get(name)  # the one field that may be absent
    if name == "sha":
        return str(value).replace("-", "").lower()
    return value[part] if part else value


class Oracle:
    """A program that answers the line protocol, as a child process that is started again when it has ended."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the oracle is
        self._child: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._unanswered = 0

    def version(self) -> str:
        """Return the version it states. Raises `OSError` that says why it cannot be started."""
        answer = self._ask({"id": "version", "operation": "version", "curve": "secp224k1"}, START_TIMEOUT)
        if answer.get("result") == "valid":
            return str(answer["version"])
        self.end()
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").splitlines()
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
        """End the child, if there is one."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
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
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        child = subprocess.Popen(
            COMMANDS[self.name],
            cwd=HERE,
            text=True,
            encoding="utf-8",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        threading.Thread(target=_listen, args=(child.stdout, lines), daemon=True).start()
        self._lines = lines
        return child


def _listen(stream: Iterable[str], lines: queue.SimpleQueue[str]) -> None:
    """Hand every line over, and an empty one at the end."""
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


def record(versions: dict[str, str], cases: Sequence[Case], verdicts: dict[str, list[str]]) -> Message:
    """Return the content of confirmed.json."""
    files: Message = {}
    for file in sorted({case.file for case in cases}):
        places = [place for place, case in enumerate(cases) if case.file == file]
        flags = sorted({flag for place in places for flag in cases[place].flags})
        alone = [cases[place].number for place in places if _count(verdicts, place, CONFIRMED) < 2]
        files[file] = {
            **_summary(verdicts, places),
            "classes": {
                flag: _summary(verdicts, [place for place in places if flag in cases[place].flags]) for flag in flags
            },
            "confirmedByFewerThanTwo": alone,
        }
    return {"programs": versions, "files": files}


def _summary(verdicts: dict[str, list[str]], places: Sequence[int]) -> Message:
    """Return how many cases stand at these places, and how many each program confirms: null if it judges none."""
    confirmed: dict[str, int | None] = {}
    for name, found in verdicts.items():
        judged = [found[place] for place in places if found[place] != UNSUPPORTED]
        confirmed[name] = judged.count(CONFIRMED) if judged else None
    return {"cases": len(places), "confirmed": confirmed}


def _count(verdicts: dict[str, list[str]], place: int, verdict: str) -> int:
    return sum(found[place] == verdict for found in verdicts.values())


def table(content: Message) -> str:
    """Return the record as a table in Markdown, a line for each file."""
    programs = content["programs"]
    lines = [
        "| file | cases | by two or more | " + " | ".join(programs.values()) + " |",
        "|---|---|---|" + "---|" * len(programs),
    ]
    for file, found in content["files"].items():
        cells = ["–" if found["confirmed"][name] is None else str(found["confirmed"][name]) for name in programs]
        two = found["cases"] - len(found["confirmedByFewerThanTwo"])
        lines.append(f"| {file} | {found['cases']} | {two} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


_BEGIN, _END = "<!-- confirmed: begin -->", "<!-- confirmed: end -->"


def write(content: Message) -> None:
    """Write confirmed.json, and the table into README.md between its marks."""
    text = json.dumps(content, indent=1) + "\n"
    (VECTORS / "confirmed.json").write_text(text, encoding="ascii", newline="\n")
    readme = VECTORS / "README.md"
    page = readme.read_text(encoding="utf-8") if readme.exists() else f"# Vectors\n\n{_BEGIN}\n{_END}\n"
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"{readme.name}: the lines {_BEGIN} and {_END} were expected")
    readme.write_text(f"{before}{begin}\n{table(content)}\n{end}{after}", encoding="utf-8", newline="\n")


def refuted(cases: Sequence[Case], verdicts: dict[str, list[str]]) -> list[str]:
    """Return the cases that no program confirms and two or more contradict: the vector is wrong, as like as not."""
    return [
        case.request["id"]
        for place, case in enumerate(cases)
        if _count(verdicts, place, CONTRADICTED) >= 2 and not _count(verdicts, place, CONFIRMED)
    ]


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
        write(content)
    wrong = refuted(cases, verdicts)
    for identity in wrong:
        print(f"contradicted by two or more, confirmed by none: {identity}", file=sys.stderr)
    return 1 if wrong else 0
