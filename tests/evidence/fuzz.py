"""Fuzz every decoder, the line protocol and the command, by mutation that coverage guides where atheris is installed.

For each input: nothing is raised but what is documented; what is accepted is the encoding of what it was read as; the
refusal does not repeat the input; and it takes no more processor time than a bound. `make fuzz` runs it; a run that is
interrupted goes on when it is started again. The record is docs/evidence/fuzz.json.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from base64 import b64encode
from collections import Counter
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Any

import ledger
from ledger import BACKENDS, Record, number, say

from ecpure.der import object_identifier

if TYPE_CHECKING:
    from targets import Target

CACHE = Path(__file__).parents[2] / ".cache" / "fuzzing"
BOUND = 1.0  # seconds of processor time for one input, taken thrice
WINDOW = 8  # characters of the input that a refusal may not have
MOST_FINDINGS, MOST_TEXTS = 50, 1000
_CASE = re.compile(r"\bcase \d+:")  # a file of vectors numbers its cases, and a refusal names one by its number
_CURVE = re.compile(r"\banother curve \(([0-9.]+)\)")  # a refusal names an unknown curve by its OID
NOTED_EVERY = 20_000
SHAPED = 0.6  # of the mutations under atheris, these follow the structure; libFuzzer makes the others


def targets() -> list[Target]:
    """Return every target."""
    modules = [import_module(name) for name in ("targets", "programtargets")]
    found: list[Target] = [*modules[0].decoders(), *modules[1].programs()]
    return found


class Harness:
    """Puts inputs to one target, and counts what comes of them; what should not come is a finding."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.inputs = self.accepted = self.slowest = 0
        self.findings: dict[str, Record] = {}
        self._texts: set[str] = set()
        self._innocent = ledger.words_of_the_package()

    def put(self, data: bytes) -> None:
        """Put one input."""
        self.inputs += 1
        target = self.target
        start = time.process_time_ns()
        try:
            value = target.call(data)
        except target.refusals as refusal:
            taken = time.process_time_ns() - start
            self._look_for_echoes(refusal, data)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a finding
            taken = 0
            self._found("exception", f"{type(error).__name__} at {_place(error.__traceback__)}", data)
        else:
            taken = time.process_time_ns() - start
            self.accepted += target.accepted(value)
            self._hold(value, data)
        if taken > self.slowest:
            self._slow(taken, data)

    def _hold(self, value: Any, data: bytes) -> None:
        try:
            holds = self.target.holds(value, data)
        except Exception as error:  # noqa: BLE001
            self._found("value", f"{type(error).__name__} at {_place(error.__traceback__)}", data)
        else:
            if not holds:
                self._found("value", "what was accepted is not its encoding, or the answer not right", data)

    def _look_for_echoes(self, refusal: BaseException, data: bytes) -> None:
        """Check that neither the text, nor what is behind it, shows the input. The same text is looked at once."""
        seen: BaseException | None = refusal
        while seen is not None:
            text = _CASE.sub("case:", " ".join(map(str, (seen, *seen.args, *vars(seen).values()))))
            text = _CURVE.sub(lambda found: "" if object_identifier(found[1]) in data else found[0], text)
            if text not in self._texts:
                if len(self._texts) < MOST_TEXTS:
                    self._texts.add(text)
                if echoes(text, data, self._innocent):
                    self._found("echo", f"{type(seen).__name__} of {type(refusal).__name__}", data)
            seen = seen.__cause__ or seen.__context__

    def _slow(self, taken: int, data: bytes) -> None:
        """Note the slowest input; one above the bound is tried again, since a first call may load modules."""
        if taken > BOUND * 1e9:
            taken = min(taken, *(self._timed(data) for _ in range(2)))
            if taken > BOUND * 1e9:
                self._found("time", f"more than {BOUND:g} s of processor time", data)
        self.slowest = max(self.slowest, taken)

    def _timed(self, data: bytes) -> int:
        start = time.process_time_ns()
        with contextlib.suppress(Exception):  # it was seen before
            self.target.call(data)
        return time.process_time_ns() - start

    def _found(self, kind: str, detail: str, data: bytes) -> None:
        known = self.findings.get(f"{kind}: {detail}")
        if known:
            known["times"] += 1
        elif len(self.findings) < MOST_FINDINGS:
            self.findings[f"{kind}: {detail}"] = {"times": 1, "first": data.hex()}

    def tally(self) -> Record:
        """Return the counts so far."""
        return {
            "inputs": self.inputs,
            "accepted": self.accepted,
            "slowest_ns": self.slowest,
            "findings": self.findings,
        }


def echoes(text: str, data: bytes, innocent: str) -> bool:
    """Whether a part of the input is in the text, as it is, in hex, in base64 or as Python writes it."""
    latin = data.decode("latin-1")
    forms = (latin, data.decode("utf-8", "replace"), data.hex(), b64encode(data).decode("ascii"), repr(data))
    windows = {text[start : start + WINDOW] for start in range(len(text) - WINDOW + 1)}
    return any(window in form for window in windows if window not in innocent for form in forms)


def _place(trace: TracebackType | None) -> str:
    """Return the function of the package, or else the last one, where an exception came from."""
    names = []
    while trace is not None:
        code = trace.tb_frame.f_code
        names.append(
            (f"{os.sep}ecpure{os.sep}" in code.co_filename, f"{Path(code.co_filename).stem}.{code.co_qualname}")
        )
        trace = trace.tb_next
    return next((name for ours, name in reversed(names) if ours), names[-1][1])


def run_plain(harness: Harness, inputs: int, seed: int) -> None:
    """Put so many inputs, made only by mutation; some start from mutated ones, so that changes add up."""
    from mutators import mutate

    random = Random(seed)
    target = harness.target
    pool = list(target.seeds)
    for data in pool[:inputs]:
        harness.put(data)
    for _ in range(inputs - len(pool)):
        data = mutate(random.choice(pool), target.shape, target.longest, random)
        if random.random() < 0.05:
            if len(pool) < 4 * len(target.seeds) + 64:
                pool.append(data)
            else:
                pool[random.randrange(len(target.seeds), len(pool))] = data
        harness.put(data)


# A child process for each target and backend, since atheris never returns, and the backend is chosen at import


def run_child(name: str, inputs: int, note: Path, seed: int) -> None:
    """Put so many inputs to the target, and write the tally to `note` now and then, and at the end."""
    atheris: Any = import_module("atheris") if find_spec("atheris") else None
    if atheris is None:
        harness = Harness(next(target for target in targets() if target.name == name))
        for part in range(0, inputs, NOTED_EVERY):
            run_plain(harness, min(NOTED_EVERY, inputs - part), seed + part)
            _note(harness, note)
        return
    with atheris.instrument_imports(include=["ecpure"], enable_loader_override=False):
        found = targets()
        for module in sorted(ledger.all_modules() - {"__init__"}):  # a command's modules are else imported when it runs
            import_module(f"ecpure.{module}")
    harness = Harness(next(target for target in found if target.name == name))
    from mutators import mutate

    random = Random(seed)
    target = harness.target

    def one(data: bytes) -> None:
        harness.put(data)
        if harness.inputs % NOTED_EVERY == 0 or harness.inputs == inputs:
            _note(harness, note)
            if harness.inputs == inputs:
                os._exit(0)

    def change(data: bytes, longest: int, _seed: int) -> bytes:
        shaped = random.random() < SHAPED
        changed: bytes = mutate(data, target.shape, longest, random) if shaped else atheris.Mutate(data, longest)
        return changed

    corpus = note.parent / (note.stem + ".corpus")
    corpus.mkdir(exist_ok=True)
    for place, data in enumerate(target.seeds):
        (corpus / f"seed{place}").write_bytes(data[: target.longest])
    options = [f"-max_len={target.longest}", f"-seed={seed % (1 << 31)}", "-timeout=60", "-rss_limit_mb=4000"]
    options.append(f"-artifact_prefix={corpus}.")  # slow inputs are written too, and not to this folder
    atheris.Setup([sys.argv[0], str(corpus), *options], one, custom_mutator=change)
    atheris.Fuzz()


def _note(harness: Harness, note: Path) -> None:
    temporary = note.with_suffix(".new")
    temporary.write_text(json.dumps(harness.tally()), encoding="ascii")
    os.replace(temporary, note)


class Campaign:
    """A run over all targets and both backends: what was counted is kept, by the sources of the package and of this."""

    def __init__(self, scale: float, folder: Path = CACHE) -> None:
        self._scale = scale
        self._environment = ledger.environment("fuzz")
        parts = [Path(__file__).with_name(f"{name}.py") for name in ("fuzz", "mutators", "targets", "programtargets")]
        ours = b"".join(path.read_bytes() for path in parts)
        about = hashlib.sha256(ours + str(self._environment["sources"]).encode("ascii"))
        self._folder = folder / about.hexdigest()[:16]
        self._folder.mkdir(parents=True, exist_ok=True)

    def part(self, target: Target, backend: str) -> Record:
        """Return what is counted of a target on a backend so far."""
        path = self._path(target, backend, "json")
        empty: Record = {"inputs": 0, "accepted": 0, "slowest_ns": 0, "seconds": 0.0, "edges": None, "findings": {}}
        counted: Record = json.loads(path.read_text(encoding="ascii")) if path.exists() else empty
        return counted

    def quota(self, target: Target) -> int:
        """Return how many inputs the target gets on each backend."""
        return max(1, round(target.inputs * self._scale / len(BACKENDS)))

    def _path(self, target: Target, backend: str, ending: str) -> Path:
        return self._folder / f"{re.sub('[^a-z0-9]+', '-', target.name.lower())}-{backend}.{ending}"

    def go_on(self, target: Target, backend: str) -> None:
        """Put what is left of the quota, in a child process."""
        before = self.part(target, backend)
        left = self.quota(target) - before["inputs"]
        if left <= 0:
            return
        if ledger.sources("fuzz") != self._environment["sources"]:
            raise SystemExit("the package's sources have changed since the run was started")
        note, log = self._path(target, backend, "note"), self._path(target, backend, "log")
        note.unlink(missing_ok=True)
        words = [sys.executable, __file__, "--child", target.name, str(left), str(note), str(before["inputs"] + 1)]
        start = time.monotonic()
        with log.open("wb") as output:
            child = subprocess.Popen(
                words,
                env=os.environ | {"ECPURE_BACKEND": backend, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # no terminal: the command must not ask there for a passphrase
            )
            try:
                status = child.wait()
            except BaseException:
                child.kill()
                child.wait()
                status = 0
                raise
            finally:
                self._add(target, backend, before, time.monotonic() - start, status)

    def _add(self, target: Target, backend: str, before: Record, seconds: float, status: int) -> None:
        note, log = self._path(target, backend, "note"), self._path(target, backend, "log")
        tally = json.loads(note.read_text(encoding="ascii")) if note.exists() else {}
        said = log.read_text(encoding="utf-8", errors="replace")
        edges = re.findall(r"\bcov: (\d+)", said)
        after = {
            "inputs": before["inputs"] + tally.get("inputs", 0),
            "accepted": before["accepted"] + tally.get("accepted", 0),
            "slowest_ns": max(before["slowest_ns"], tally.get("slowest_ns", 0)),
            "seconds": before["seconds"] + seconds,
            "edges": max([int(edges[-1]) if edges else 0, before["edges"] or 0]) or None,
            "findings": before["findings"] | tally.get("findings", {}),
        }
        if status:
            after["findings"][f"process: ended with status {status}"] = {"times": 1, "first": said[-2000:]}
        self._path(target, backend, "json").write_text(json.dumps(after), encoding="ascii")

    def record(self) -> Record:
        """Return the record of all that is counted."""
        rows = []
        for target in targets():
            parts = {backend: self.part(target, backend) for backend in BACKENDS}
            sums = {name: sum(part[name] for part in parts.values()) for name in ("inputs", "accepted")}
            edges = [part["edges"] for part in parts.values() if part["edges"]]
            findings = {
                f"{backend}: {what}": found
                for backend, part in parts.items()
                for what, found in part["findings"].items()
            }
            rows.append(
                {
                    "target": target.name,
                    **sums,
                    "refused": sums["inputs"] - sums["accepted"],
                    "edges": max(edges, default=None),
                    "slowest_ms": round(max(part["slowest_ns"] for part in parts.values()) / 1e6, 1),
                    "seconds": round(sum(part["seconds"] for part in parts.values()), 1),
                    "backends": {backend: part["inputs"] for backend, part in parts.items()},
                    "findings": findings,
                }
            )
        engine = f"atheris {version('atheris')}" if find_spec("atheris") else "mutation without coverage"
        totals = Counter({name: sum(row[name] for row in rows) for name in ("inputs", "accepted", "refused")})
        count = sum(len(row["findings"]) for row in rows)
        return {**self._environment, "engine": engine, **totals, "findings": count, "targets": rows}


def text(found: Record) -> str:
    """Return the record for people."""
    rows = [["target", "inputs", "accepted", "refused", "edges", "slowest, ms", "findings"]]
    rows += [
        [
            f"`{row['target']}`",
            *[number(row[name]) for name in ("inputs", "accepted", "refused")],
            "–" if row["edges"] is None else number(row["edges"]),
            f"{row['slowest_ms']:,}",
            str(len(row["findings"])),
        ]
        for row in found["targets"]
    ]
    sentence = (
        f"{number(found['inputs'])} inputs on two backends (engine: {found['engine']}; Python {found['python']}); "
        f"findings: {found['findings']}. Sources: `{found['sources'][:16]}`.\n\n"
    )
    return sentence + ledger.table(rows)


def main(words: list[str]) -> int:
    """Run what is left of the campaign, write the record, and return 1 if there is a finding."""
    if words[:1] == ["--child"]:
        name, inputs, note, seed = words[1:]
        run_child(name, int(inputs), Path(note), int(seed))
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0, help="so many times as many inputs (default: 1)")
    parser.add_argument("--only", default="", help="targets whose names have this in them; nothing is recorded")
    arguments = parser.parse_args(words)
    campaign = Campaign(arguments.scale)
    try:
        for target in targets():
            for backend in BACKENDS if arguments.only in target.name else ():
                campaign.go_on(target, backend)
                part = campaign.part(target, backend)
                rate = part["inputs"] / part["seconds"] if part["seconds"] else 0
                say(
                    f"{target.name}, {backend}: {number(part['inputs'])} inputs, {number(rate)}/s, "
                    f"{len(part['findings'])} findings"
                )
    except KeyboardInterrupt:
        say("interrupted: started again, it goes on from here")
        return 2
    found = campaign.record()
    if not arguments.only:
        ledger.save("fuzz", found, text(found))
    for row in found["targets"]:
        for what, finding in row["findings"].items():
            say(f"FOUND {row['target']}: {what}, {finding['times']} times, first {finding['first'][:400]}")
    return 1 if found["findings"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
