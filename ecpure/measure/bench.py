"""How long each operation takes on this machine, on both backends, and beside other programs.

Each backend is measured in a process of its own. Rounds are interleaved: in each, every program does a batch of every
operation, and a time is the median over the rounds, so that what else the machine does falls on all alike.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import cycle, islice
from statistics import median
from typing import Any

from .. import __version__, bulk
from ..curve import SECP224K1
from ..integers import BACKENDS, backend_version
from ..io.progress import Progress
from ..privatekey import PrivateKey
from ..publickey import PublicKey
from ..signature import Signature
from . import peers

# What a row is called, and which operation of the peers it stands beside.
OPERATIONS = {
    "sign": "sign",
    "public key": "public key",
    "verify, key seen first": "verify",
    "verify, prepared key": "verify",
    "verify_many, one key": "verify",
    "verify_many, key each": "verify",
}

_D = 0xB89EA7FCD22CC059C2673DC24FF40B978307464686560D0AD7561B83  # the exchange's example: an ordinary key
_CALLS, _ITEMS, _KEYS = 100, 2000, 500  # different messages, items under one key, items under a key each
_BATCH = 0.1  # seconds that a batch takes at least: what the other programs left in the caches then matters little

_MANY = 2000  # uses after which the base point has its largest table

_START_UP = {  # what a fresh process does, for the time it takes beyond a process that does nothing
    "nothing": "pass",
    "import ecpure": "import ecpure",
    "first signature": "import ecpure; ecpure.PrivateKey.from_int(5).sign(b'message')",
}

Batches = dict[tuple[str, str], Callable[[], int]]


def run(*, rounds: int, with_peers: bool) -> dict[str, Any]:
    """Return the report on both backends, as `--json` prints it: microseconds, and of the start-up milliseconds.

    A backend that cannot be measured has an "error" in place of its times.
    """
    report: dict[str, Any] = {
        "ecpure": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "machine": platform.machine(),
        "rounds": rounds,
        "backends": {},
    }
    with Progress(None, "bench") as progress:
        for name in BACKENDS:
            progress.advance(0, f"backend {name}")
            report["backends"][name] = _measured(name, rounds, with_peers=with_peers)
    return report


def _measured(name: str, rounds: int, *, with_peers: bool) -> dict[str, Any]:
    """Return the part of the report that is about one backend, measured in a process of its own."""
    code = f"from ecpure.measure import bench; bench.report_here(rounds={rounds}, with_peers={with_peers})"
    done = _python(code, name)
    if done.returncode:
        *_, reason = ["it was ended", *done.stderr.splitlines()]
        return {"error": reason.partition(": ")[2] or reason}
    result: dict[str, Any] = json.loads(done.stdout)
    return result | {"start-up": _start_up(name, rounds)}


def report_here(*, rounds: int, with_peers: bool) -> None:
    """Print the report on this process's backend, as JSON."""
    found, missing = peers.installed(_D) if with_peers else ([], [])
    faults = {peer.name: fault for peer in found if (fault := _fault(peer))}
    batches = _own_batches()
    for peer in found:
        if peer.name not in faults:
            batches |= _batches(peer)
    times: dict[str, dict[str, float]] = {}
    for (program, operation), taken in _medians(batches, rounds).items():
        times.setdefault(program, {})[operation] = round(taken * 1e6, 3)
    print(json.dumps({"version": backend_version(), "times": times, "faults": faults, "missing": missing}))


def _messages(count: int) -> list[bytes]:
    return [b"message %d" % i for i in range(count)]


def _own_batches() -> Batches:
    """Return what is timed of ecpure: for each operation, a function that does it many times and says how often."""
    SECP224K1.base.for_uses(_MANY)
    key = PrivateKey.from_int(_D)
    octets = key.public_key.to_bytes(compressed=False)
    prepared = key.public_key.prepare()
    jobs = [(key.sign(message), message) for message in _messages(_CALLS)]
    one_key = [(key.public_key, key.sign(message), message) for message in _messages(_ITEMS)]
    others = [PrivateKey.from_int(_D + i) for i in range(_KEYS)]
    key_each = [(d.public_key, d.sign(message), message) for d, message in zip(others, _messages(_KEYS), strict=True)]
    return {
        ("ecpure", "sign"): _repeat(key.sign, [(message,) for _, message in jobs]),
        ("ecpure", "public key"): _repeat(lambda: PrivateKey.from_int(_D).public_key, [()] * _CALLS),
        ("ecpure", "verify, key seen first"): _repeat(lambda *job: PublicKey.from_bytes(octets).verify(*job), jobs),
        ("ecpure", "verify, prepared key"): _repeat(prepared.verify, jobs),
        ("ecpure", "verify_many, one key"): lambda: sum(bulk.verify_many(one_key)),
        ("ecpure", "verify_many, key each"): lambda: sum(bulk.verify_many(key_each)),
    }


def _batches(peer: peers.Peer) -> Batches:
    key = PrivateKey.from_int(_D, curve=peer.curve)
    messages = _messages(_CALLS)
    jobs = [(message, peer.signature(key.sign(message, hash=peer.hash))) for message in messages]
    return {
        (peer.name, "sign"): _repeat(peer.sign, [(message,) for message in messages]),
        (peer.name, "public key"): _repeat(peer.public_key, [()] * _CALLS),
        (peer.name, "verify"): _repeat(peer.verify, jobs),
    }


def _repeat(function: Callable[..., object], calls: list[Any]) -> Callable[[], int]:
    def batch() -> int:
        count, end = 0, time.perf_counter() + _BATCH
        while not count or time.perf_counter() < end:  # once at least, however long the machine pauses
            for arguments in islice(source, 10):
                function(*arguments)
            count += 10
        return count

    source = cycle(calls)
    return batch


def _medians(batches: Batches, rounds: int) -> dict[tuple[str, str], float]:
    """Return the median time of one operation in seconds, by program and operation. The first round is to warm up."""
    times: dict[tuple[str, str], list[float]] = {name: [] for name in batches}
    for _ in range(rounds + 1):
        for name, batch in batches.items():
            begin = time.perf_counter()
            count = batch()
            times[name].append((time.perf_counter() - begin) / count)
    return {name: median(taken[1:]) for name, taken in times.items()}


def _fault(peer: peers.Peer) -> str | None:
    """Return how the peer's answers differ from ecpure's, or None; such a peer is not timed."""
    key = PrivateKey.from_int(_D, curve=peer.curve)
    point = key.public_key.point
    try:
        if peer.x_and_y(peer.public_key()) != (point.x, point.y):
            return "computes another public key"
        for message in _messages(_CALLS):
            if not key.public_key.verify(Signature(*peer.r_and_s(peer.sign(message))), message, hash=peer.hash):
                return "makes a signature that does not hold"
            signature = peer.signature(key.sign(message, hash=peer.hash))
            if not peer.verify(message, signature):
                return "refuses a valid signature"
            if peer.verify(message + b".", signature):
                return "accepts the signature of another message"
    except Exception as error:  # noqa: BLE001  # whatever another program may raise
        return f"raises {type(error).__name__}"
    return None


def _python(code: str, backend_name: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter, which imports nothing from the folder that it happens to be in."""
    command = [sys.executable, "-P", "-c", code]
    environment = os.environ | {"ECPURE_BACKEND": backend_name}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # our own


def _start_up(backend_name: str, rounds: int) -> dict[str, float]:
    """Return the milliseconds that importing, and a first signature too, add to the start of an interpreter."""

    def start(code: str) -> Callable[[], int]:
        return lambda: 1 + _python(code, backend_name).returncode

    taken = _medians({("start-up", name): start(code) for name, code in _START_UP.items()}, rounds)
    nothing = taken.pop(("start-up", "nothing"))
    return {name: round((seconds - nothing) * 1e3, 1) for (_, name), seconds in taken.items()}


def title(backend_name: str, report: dict[str, Any]) -> str:
    """Return what a backend's table is of."""
    version = report["backends"][backend_name]["version"]
    where = f"{report['python']}, {report['machine']}"
    return f"Backend {version}, {where}: microseconds, median of {report['rounds']} rounds (ecpure's part of it)"


def table(result: dict[str, Any]) -> list[list[str]]:
    """Return the rows of one backend's table, the heading first: times, and ecpure's as a part of each peer's."""
    own, *others = result["times"]
    rows = [["operation", *(program.split()[0] for program in result["times"])]]
    for operation, beside in OPERATIONS.items():
        mine = result["times"][own][operation]
        cells = [f"{(theirs := result['times'][peer][beside]):.1f} ({mine / theirs:.2f})" for peer in others]
        rows.append([operation, f"{mine:.1f}", *cells])
    return rows


def notes(result: dict[str, Any]) -> list[str]:
    """Return what is to be said beside the table, a sentence each."""
    if "error" in result:
        return [f"not measured: {result['error']}"]
    versions = [f"beside {', '.join(others)}"] if (others := list(result["times"])[1:]) else []
    start_up = [f"{name}: {taken} ms over the start of an interpreter" for name, taken in result["start-up"].items()]
    wrong = [f"{peer} {fault}, and is not timed" for peer, fault in result["faults"].items()]
    return versions + start_up + wrong + [f"{peer} is not installed" for peer in result["missing"]]
