"""How long each operation takes on this machine, on both backends, compared with other programs.

Each backend is measured in its own process, in many short rounds: in each, every operation of every program has a turn,
in which it repeats the same calls. CPU time of the process is measured, which other processes do not add to, and the
shortest time counts: another process that pushes tables out of the caches makes some calls longer, but none shorter.
The median shows how busy the machine was.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from itertools import cycle
from statistics import median
from tempfile import TemporaryFile
from typing import Any, NamedTuple

from .. import __version__, bulk
from ..curve import SECP224K1
from ..integers import BACKENDS, backend_version
from ..io.progress import Progress
from ..privatekey import PrivateKey
from ..publickey import PublicKey
from ..signature import Signature
from . import peers

# The name of a row, and the operation of the other programs that it is compared with.
OPERATIONS = {
    "sign": "sign",
    "public key": "public key",
    "verify, key seen first": "verify",
    "verify, prepared key": "verify",
    "verify_many, one key": "verify",
    "verify_many, key each": "verify",
}

_D = 0xB89EA7FCD22CC059C2673DC24FF40B978307464686560D0AD7561B83  # the exchange's example: an ordinary key
_CALLS = 64  # different messages; for these, RFC 6979 makes 2.06 candidates a nonce where it should be 2
_ITEMS, _KEYS = bulk.CHUNK, 512  # items under one key, items under a key each
_SETS = 4  # of keys, which take turns: a key that is used in every round would get a table
_TURN = 0.03  # seconds for which the same calls are repeated, at least once

_MANY = 2000  # uses after which the base point has its largest table

_START_UP = {  # code for a fresh process; its time is what it takes longer than one that runs only `_BEFORE`
    "import ecpure": "import ecpure",
    "first signature": "import ecpure; ecpure.PrivateKey.from_int(5).sign(b'message')",
}
_BEFORE = {"python": "pass", "gmpy2": "import gmpy2"}


def _time_of_children() -> float:
    """Return the CPU time, in seconds, of all child processes that have ended and were waited for."""
    import resource  # Windows does not have this module

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# Windows counts CPU time in steps of 1/64 s.
_clock, _clock_of_children = (
    (time.perf_counter, time.perf_counter) if os.name == "nt" else (time.process_time, _time_of_children)
)

Name = tuple[str, str]
"""The names of a program and of an operation."""
Calls = Callable[[], int]
"""Makes calls, the same ones each time, and returns how many."""


class Taken(NamedTuple):
    """The time of one operation in seconds: the shortest, and the median of all."""

    shortest: float
    median: float


def run(*, rounds: int, with_peers: bool) -> dict[str, Any]:
    """Return the report on both backends, as `--json` prints it: in microseconds, the start-up in milliseconds.

    A backend that cannot be measured has an "error" instead of times.
    """
    report: dict[str, Any] = {
        "ecpure": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "machine": platform.machine(),
        "rounds": rounds,
        "backends": {},
    }
    with Progress(len(BACKENDS) * 2 * (rounds + 1), "rounds") as progress:
        for name in BACKENDS:
            report["backends"][name] = _measured(name, rounds, progress, with_peers=with_peers)
    return report


def _measured(name: str, rounds: int, progress: Progress, *, with_peers: bool) -> dict[str, Any]:
    """Return the part of the report about one backend, measured in its own process."""
    code = f"from ecpure.measure import bench; bench.report_here(rounds={rounds}, with_peers={with_peers})"
    result: dict[str, Any] = {}
    with TemporaryFile("w+", encoding="utf-8") as words:
        with _started(code, name, stdout=subprocess.PIPE, stderr=words) as child:
            try:
                for line in child.stdout or ():
                    result = json.loads(line)
                    progress.advance(0 if result else 1)
            except BaseException:  # if this process is ended, the child is ended too
                child.kill()
                raise
        if child.returncode:
            words.seek(0)
            *_, reason = ["it was ended", *words.read().splitlines()]
            return {"error": reason.partition(": ")[2] or reason}
    return result | {"start-up": _start_up(name, rounds, progress)}


def _started(code: str, backend_name: str, **streams: Any) -> subprocess.Popen[str]:
    """Run the code in a fresh interpreter, which imports nothing from the current folder."""
    command = [sys.executable, "-P", "-c", code]
    environment = os.environ | {"ECPURE_BACKEND": backend_name}
    return subprocess.Popen(command, env=environment, text=True, **streams)  # noqa: S603  # our own code


def report_here(*, rounds: int, with_peers: bool) -> None:
    """Print the report on this process's backend as a line of JSON, after an empty object for each round."""
    found, missing = peers.installed(_D) if with_peers else ([], [])
    faults = {peer.name: fault for peer in found if (fault := _fault(peer))}
    operations = _own()
    for peer in found:
        if peer.name not in faults:
            operations |= _of(peer)
    taken = _interleaved(operations, rounds, lambda: print("{}", flush=True), _clock)
    report: dict[str, Any] = {"version": backend_version(), "times": {}, "medians": {}}
    for (program, operation), one in taken.items():
        report["times"].setdefault(program, {})[operation] = round(one.shortest * 1e6, 3)
        report["medians"].setdefault(program, {})[operation] = round(one.median * 1e6, 3)
    print(json.dumps(report | {"faults": faults, "missing": missing}))


def _messages(count: int) -> list[bytes]:
    return [b"message %d" % i for i in range(count)]


def _own() -> dict[Name, Calls]:
    """Return the operations of ecpure that are timed."""
    SECP224K1.base.for_uses(_MANY)
    key = PrivateKey.from_int(_D)
    octets = key.public_key.to_bytes(compressed=False)
    prepared = key.public_key.prepare()
    jobs = [(key.sign(message), message) for message in _messages(_CALLS)]
    one_key = [(key.public_key, key.sign(message), message) for message in _messages(_ITEMS)]
    others = [PrivateKey.from_int(_D + i) for i in range(_SETS * _KEYS)]
    key_each = [(d.public_key, d.sign(b"message"), b"message") for d in others]
    sets = cycle([key_each[i::_SETS] for i in range(_SETS)])
    return {
        ("ecpure", "sign"): _each(key.sign, [(message,) for _, message in jobs]),
        ("ecpure", "public key"): _each(lambda: PrivateKey.from_int(_D).public_key, [()] * _CALLS),
        ("ecpure", "verify, key seen first"): _each(lambda *job: PublicKey.from_bytes(octets).verify(*job), jobs),
        ("ecpure", "verify, prepared key"): _each(prepared.verify, jobs),
        ("ecpure", "verify_many, one key"): lambda: sum(bulk.verify_many(one_key)),
        ("ecpure", "verify_many, key each"): lambda: sum(bulk.verify_many(next(sets))),
    }


def _of(peer: peers.Peer) -> dict[Name, Calls]:
    """Return the operations of the peer that are timed."""
    key = PrivateKey.from_int(_D, curve=peer.curve)
    messages = _messages(_CALLS)
    jobs = [(message, peer.signature(key.sign(message, hash=peer.hash))) for message in messages]
    return {
        (peer.name, "sign"): _each(peer.sign, [(message,) for message in messages]),
        (peer.name, "public key"): _each(peer.public_key, [()] * _CALLS),
        (peer.name, "verify"): _each(peer.verify, jobs),
    }


def _each(function: Callable[..., object], arguments: list[Any]) -> Calls:
    def calls() -> int:
        for one in arguments:
            function(*one)
        return len(arguments)

    return calls


def _interleaved(
    operations: Mapping[Name, Calls], rounds: int, done: Callable[[], object], clock: Callable[[], float]
) -> dict[Name, Taken]:
    """Return the times of each operation by the clock, by program and operation. `done` is called after each round.

    The first round is a warm-up, and does not count.
    """
    times: dict[Name, list[float]] = {}
    for number in range(rounds + 1):
        for name, calls in operations.items():
            taken = _turn(calls, clock)
            if number:
                times.setdefault(name, []).extend(taken)
        done()
    return {name: Taken(min(taken), median(taken)) for name, taken in times.items()}


def _turn(calls: Calls, clock: Callable[[], float]) -> list[float]:
    """Return the times of one operation: as many as fit in `_TURN`."""
    taken: list[float] = []
    now = clock()
    end = now + _TURN
    while not taken or now < end:
        begin = now
        count = calls()
        now = clock()
        taken.append((now - begin) / count)
    return taken


def _fault(peer: peers.Peer) -> str | None:
    """Return how the peer's answers are wrong, or None; a peer with wrong answers is not timed."""
    key = PrivateKey.from_int(_D, curve=peer.curve)
    point = key.public_key.point
    try:
        if peer.x_and_y(peer.public_key()) != (point.x, point.y):
            return "computes another public key"
        for message in _messages(_CALLS):
            if not key.public_key.verify(Signature(*peer.r_and_s(peer.sign(message))), message, hash=peer.hash):
                return "makes an invalid signature"
            signature = peer.signature(key.sign(message, hash=peer.hash))
            if not peer.verify(message, signature):
                return "refuses a valid signature"
            if peer.verify(message + b".", signature):
                return "accepts the signature of another message"
    except Exception as error:  # noqa: BLE001  # another program may raise anything
        return f"raises {type(error).__name__}"
    return None


def _start_up(backend_name: str, rounds: int, progress: Progress) -> dict[str, float]:
    """Return the milliseconds that each code of `_START_UP` adds to an interpreter that has run its `_BEFORE`."""
    before = _BEFORE[backend_name]
    codes = {"nothing": before} | {name: f"{before}; {code}" for name, code in _START_UP.items()}

    def start(code: str) -> Calls:
        return lambda: 1 + _started(code, backend_name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait()

    starts = {("start-up", name): start(code) for name, code in codes.items()}
    taken = _interleaved(starts, rounds, progress.advance, _clock_of_children)
    nothing = taken["start-up", "nothing"].shortest
    return {name: round(max(taken["start-up", name].shortest - nothing, 0.0) * 1e3, 1) for name in _START_UP}


def title(backend_name: str, report: dict[str, Any]) -> str:
    """Return the title of a backend's table."""
    version = report["backends"][backend_name]["version"]
    where = f"{report['python']}, {report['machine']}"
    rounds = f"{report['rounds']} round{'s' * (report['rounds'] != 1)}"
    ratio = " (in brackets: ecpure / other)" if len(report["backends"][backend_name]["times"]) > 1 else ""
    return f"Backend {version}, {where}: microseconds, the shortest in {rounds} and the median{ratio}"


def table(result: dict[str, Any]) -> list[list[str]]:
    """Return the rows of one backend's table, the heading first: shortest times and medians, ecpure's ratio to each."""
    own, *others = result["times"]
    rows = [["operation", *(program.split()[0] for program in result["times"])]]
    for operation, beside in OPERATIONS.items():
        for name, times in ((operation, result["times"]), ("  median", result["medians"])):
            mine = times[own][operation]
            cells = [f"{(theirs := times[peer][beside]):.1f} ({mine / theirs:.2f})" for peer in others]
            rows.append([name, f"{mine:.1f}", *cells])
    return rows


def notes(result: dict[str, Any]) -> list[str]:
    """Return the notes on the table, a sentence each."""
    if "error" in result:
        return [f"not measured: {result['error']}"]
    versions = [f"compared with {', '.join(others)}"] if (others := list(result["times"])[1:]) else []
    before = "the start of an interpreter" + " that imports gmpy2" * result["version"].startswith("gmpy2")
    start_up = [f"{name}: {taken} ms more than {before}" for name, taken in result["start-up"].items()]
    wrong = [f"{peer} {fault}, and is not timed" for peer, fault in result["faults"].items()]
    return versions + start_up + wrong + [f"{peer} is not installed" for peer in result["missing"]]
