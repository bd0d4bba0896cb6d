"""What `ecpure verify-many` takes of time and memory, by the number of keys: `make archives` writes docs/archives.md.

Archives are made in the folder that is given, and kept there. Each is run on both backends; all of them take turns,
several times, and the shortest time counts, since whatever else the machine does only makes it longer. In the first
turn memory is taken, every 50 ms, of all processes together. At the end the largest archive is verified once more, by a
run that is killed twenty times. `audit_figures` does the same with `ecpure audit`.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import ledger
import pictures
from ledger import BACKENDS, Record, number, say

from ecpure.archives.workers import cores

sys.path.append(str(Path(__file__).parents[1] / "support"))
import bigarchives

KEYS = (1, 10, 24, 25, 42, 100, 400, 4_000, None)
"""How many keys sign an archive; None, a key for each record."""
LARGEST = (400, None)
"""Those that are also run in one process, and of which there are larger archives: most memory, and most time."""
RECORDS, ROUNDS, LARGER = 100_000, 2, (1_000_000,)
MOST_MEMORY = 250
"""MB that all processes of a run may have together."""
KILLS = 20
PAGE = ledger.DOCS.parent / "archives.md"
_EVERY = 0.05


class Run(NamedTuple):
    """An archive, and the processes that are at work on it: None for as many as the command takes by itself."""

    records: int
    keys: int | None
    jobs: int | None = None

    def __str__(self) -> str:
        processes = "" if self.jobs is None else ", in one process"
        return f"{number(self.records)} records, {name_of(self.keys)}{processes}"


class Taken(NamedTuple):
    """What a run took, and a hash of its results."""

    seconds: float
    processor: float
    """Seconds of all cores, of all processes together."""
    memory: float
    """MB, of all processes together, at their most."""
    results: str


class Extent(NamedTuple):
    """How much is measured."""

    records: int = RECORDS
    rounds: int = ROUNDS
    larger: tuple[int, ...] = LARGER


QUICK = Extent(20_000, 1, ())


def name_of(keys: int | None) -> str:
    """Return how many keys there are, in words."""
    return "a key each" if keys is None else f"{number(keys)} key{'s' * (keys != 1)}"


def most_time(keys: int | None) -> float:
    """Return how long a record may take, beside one of an archive with a key for each record."""
    return 1.0 if keys is None or keys > 400 else 0.75 if keys > 100 else 0.6


# Measuring


class Notes:
    """What was measured so far of this code, in the folder of the archives: an interrupted run continues from there."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name, self._folder = name, folder
        self._path = folder / f"{name}-{ledger.sources(RECORD_OF[name])[:16]}.jsonl"
        self._known: dict[str, list[float | str]] = {}
        if self._path.exists():
            self._known.update(map(json.loads, self._path.read_text(encoding="ascii").splitlines()))

    def measure(self, turn: int, run: Run, backend: str, *, with_memory: bool, what: str, **how: Any) -> Taken:
        """Return what the run took in this turn, from the notes if it is there. what: tells runs of a command apart."""
        key = f"{what}, {backend}, {run}, turn {turn}"
        if key not in self._known:
            taken = measure(self._name, self._folder, run, backend, with_memory=with_memory, **how)
            self._known[key] = [*taken]
            with self._path.open("a", encoding="ascii") as notes:
                notes.write(json.dumps([key, taken]) + "\n")
        taken = Taken._make(self._known[key])
        say(f"{key}: {taken.seconds:.1f} s, {taken.processor:.1f} of all cores, {taken.memory:.0f} MB")
        return taken

    def forget(self) -> None:
        """Remove the notes, which the record has now."""
        self._path.unlink(missing_ok=True)


def measured(name: str, folder: Path, extent: Extent, beside: Callable[[Run, str], None] = lambda *_: None) -> Record:
    """Return the record of a command: of each run and backend the shortest time and the most memory.

    beside: what else is measured of each run, right before it.
    """
    once = [Run(extent.records, keys, jobs) for jobs in (None, 1) for keys in (LARGEST if jobs else KEYS)]
    # Larger audits are of keys that recur: where each record has its own, there is nothing to search for.
    larger = [Run(records, keys) for records in extent.larger for keys in LARGEST if keys or name != "audit"]
    ahead = [(run, backend) for _ in range(extent.rounds) for run in once for backend in BACKENDS]
    ahead += [(run, backend) for run in larger for backend in BACKENDS]
    before = ledger.environment(RECORD_OF[name])
    notes = Notes(name, folder)
    taken: dict[Run, dict[str, list[Taken]]] = {run: {backend: [] for backend in BACKENDS} for run in once + larger}
    for run, backend in ahead:
        of_run = taken[run]
        turn = len(of_run[backend])
        beside(run, backend)
        of_run[backend].append(notes.measure(turn, run, backend, with_memory=turn == 0, what="whole"))
        if len({other.results for found in of_run.values() for other in found}) > 1:
            sys.exit(f"{name}, {backend}, {run}: other results than in a run before")
        if ledger.environment(RECORD_OF[name]) != before:
            sys.exit(f"{name}: the sources changed while it was measured")
    return {
        **before,
        "processes": cores(),
        "rounds": extent.rounds,
        "runs": [
            run._asdict() | {backend: _best(taken[run][backend]) for backend in BACKENDS} for run in once + larger
        ],
    }


RECORD_OF = {"verify-many": "archives", "audit": "audit"}


def _best(taken: list[Taken]) -> Record:
    return {
        "seconds": round(min(one.seconds for one in taken), 3),
        "processor": round(min(one.processor for one in taken), 3),
        "memory": round(max(one.memory for one in taken), 1),
    }


def archive(folder: Path, run: Run) -> Path:
    """Return the archive of a run, made unless it is there."""
    keys = "each" if run.keys is None else run.keys
    folder.mkdir(parents=True, exist_ok=True)
    return bigarchives.write(folder / f"{run.records}-{keys}.jsonl", run.records, run.keys)


PROGRAM = ("-m", "ecpure")
"""What Python is given to run the command."""


def command(
    name: str, path: Path, output: Path, *options: str, program: Sequence[str] = PROGRAM
) -> tuple[list[str], Path]:
    """Return the words that put the results on an archive into `output`, and where standard output goes."""
    words = [sys.executable, "-P", *program, name, str(path), *options]
    return (words, output) if name == "audit" else ([*words, "-o", str(output)], Path(os.devnull))


def measure(
    name: str, folder: Path, run: Run, backend: str, *, with_memory: bool, program: Sequence[str] = PROGRAM
) -> Taken:
    """Do the run. What it says goes nowhere; without `with_memory`, 0.0 is said to be its memory."""
    path, output = archive(folder, run), folder / "results"
    options = [] if run.jobs is None else ["--jobs", str(run.jobs)]
    words, said = command(name, path, output, *options, program=program)
    with said.open("wb") as stdout:
        begin, worked = time.perf_counter(), _processor()
        with subprocess.Popen(words, env=environment(backend), stdout=stdout, stderr=subprocess.DEVNULL) as child:
            memory = _watched(child) if with_memory else 0.0
            child.wait()
        seconds, worked = time.perf_counter() - begin, _processor() - worked
    if child.returncode != 0:
        sys.exit(f"{name}, {backend}, {run}: ended with {child.returncode}")
    return Taken(seconds, worked, memory, _hash(output))


def _processor() -> float:
    """Return the seconds that cores have spent on children that ended, and on theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def environment(backend: str) -> dict[str, str]:
    """Return the environment in which a command computes with this backend."""
    return os.environ | {"ECPURE_BACKEND": backend}


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _watched(child: subprocess.Popen[bytes]) -> float:
    """Wait for the child, and return the most memory that it and its children had together, in MB."""
    ended, most = Event(), [0.0]

    def watch() -> None:
        while not ended.wait(_EVERY):
            most.append(sum(map(memory, family(child.pid))))

    watcher = Thread(target=watch)
    watcher.start()
    child.wait()
    ended.set()
    watcher.join()
    return max(most)


def family(pid: int) -> Iterator[int]:
    """Yield the process, its children, and theirs, as far as they are still there."""
    yield pid
    try:
        tasks = [*Path(f"/proc/{pid}/task").iterdir()]
        children = " ".join((task / "children").read_text(encoding="ascii") for task in tasks).split()
    except OSError:
        return
    for child in children:
        yield from family(int(child))


def memory(pid: int) -> float:
    """Return the process's memory in MB, of what it shares its part only; where the system does not say that, all."""
    for name, label in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        try:
            lines = Path(f"/proc/{pid}/{name}").read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            continue
        return sum(int(line.split()[1]) for line in lines if line.startswith(label)) * 1024 / 1e6
    return 0.0


def kill(folder: Path, run: Run, seconds: float) -> int:
    """Kill a run of verify-many at random moments, resume it each time, and return how often it was killed.

    seconds: what it takes without. Ends the program unless the results are those of a run that nobody stopped.
    """
    path, output = archive(folder, run), folder / "results"
    whole = measure("verify-many", folder, run, "gmpy2", with_memory=False).results
    output.unlink()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it, and so would children
    words, _ = command("verify-many", path, output, "--resume")
    start = partial(subprocess.Popen, words, env=environment("gmpy2"), stderr=subprocess.DEVNULL)
    rng = random.Random()
    kills = 0
    for turn in range(KILLS):
        with start() as child:
            time.sleep(rng.uniform(0, 2 * seconds / KILLS))
            child.send_signal((signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[turn % 3])
        kills += child.returncode != 0
    with start() as child:
        pass
    if child.returncode != 0 or _hash(output) != whole:
        sys.exit("the results of the run that was killed differ")
    return kills


# What came of it


def by_keys(found: Record) -> list[Record]:
    """Return the runs that differ by the number of keys only, and have the processes that the command takes."""
    least = min(run["records"] for run in found["runs"])
    return [run for run in found["runs"] if run["records"] == least and run["jobs"] is None]


def part(run: Record, found: Record, backend: str) -> float:
    """Return what a run took of all cores, beside an archive with a key for each record: neighbours bend that least.

    An audit's search for biased nonces, which costs as much whatever the number of keys, is left out.
    """
    whole = next(other for other in by_keys(found) if other["keys"] is None)
    taken, beside = (one[backend].get("searchless", one[backend]["processor"]) for one in (run, whole))
    return float(taken / beside)


def missed(found: Record) -> list[str]:
    """Return a sentence for each requirement that a run does not meet."""
    sentences = []
    for backend in BACKENDS:
        for run in found["runs"]:
            at_most, memory = most_time(run["keys"]), run[backend]["memory"]
            if run in by_keys(found) and (ratio := part(run, found, backend)) > at_most:
                sentences.append(
                    f"{backend}, {_of(run)}: {ratio:.3f} of the time with a key each, at most {at_most} required"
                )
            if memory > MOST_MEMORY:
                sentences.append(f"{backend}, {_of(run)}: {memory:.0f} MB, at most {MOST_MEMORY} required")
    return sentences


def _of(run: Record) -> Run:
    return Run(run["records"], run["keys"], run["jobs"])


def tables(found: Record) -> str:
    """Return the tables of a record, and which requirements are missed."""
    rounds = found["rounds"]
    times = "of one run" if rounds == 1 else f"the shortest of {rounds} rounds, in which the archives took turns"
    head = (
        f"Python {found['python']}, {found['system']}, {found['processes']} processes. Each archive has "
        f"{number(by_keys(found)[0]['records'])} valid records, with keys in random order. Times are {times}; "
        "memory is the most that all processes together had.\n"
    )
    parts = [head]
    for backend in BACKENDS:
        rows = [[*HEADING], *([_keys(run), *_judged(run, found, backend)] for run in by_keys(found))]
        parts.append(f"\nBackend {backend}:\n\n{ledger.table(rows)}")
    rows = [["records", "keys", "processes", *(f"{backend}, {what}" for backend in BACKENDS for what in WHAT)]]
    for run in found["runs"]:
        if run["keys"] in LARGEST:
            figures = [cell for backend in BACKENDS for cell in _cells(run, backend)]
            rows.append([number(run["records"]), _keys(run), str(run["jobs"] or found["processes"]), *figures])
    parts.append(f"\nOne process, and larger archives:\n\n{ledger.table(rows)}\n")
    parts += [f"- Missed: {one}\n" for one in missed(found)] or ["Every requirement is met.\n"]
    return "".join(parts)


HEADING = (
    "keys",
    "seconds",
    "CPU seconds",
    "records/s",
    "memory, MB",
    "at most",
    "ratio to a key each",
    "at most",
    "met",
)
WHAT = ("s", "CPU s", "records/s", "MB")


def _keys(run: Record) -> str:
    return "a key each" if run["keys"] is None else number(run["keys"])


def _cells(run: Record, backend: str) -> list[str]:
    """Return seconds, those that cores were at work, rate and memory, for people to read."""
    seconds, processor, memory = (run[backend][name] for name in ("seconds", "processor", "memory"))
    return [f"{seconds:.1f}", f"{processor:.1f}", number(run["records"] / seconds), number(memory) if memory else "–"]


def _judged(run: Record, found: Record, backend: str) -> list[str]:
    """Return the same beside what is required of it."""
    ratio, at_most = part(run, found, backend), most_time(run["keys"])
    held = "yes" if ratio <= at_most and run[backend]["memory"] <= MOST_MEMORY else "**no**"
    return [*_cells(run, backend), str(MOST_MEMORY), f"{ratio:.2f}", f"{at_most:.2f}", held]


def text(found: Record) -> str:
    """Return what docs/archives.md says of the record."""
    killed = found["killed"]
    return (
        f"{tables(found)}\n{Run(killed['records'], killed['keys'])}: killed and resumed {killed['times']} times, with "
        f"the same results. Sources: `{found['sources'][:16]}`.\n\n"
        "![Records a second by the number of keys](pictures/archives.svg)\n"
    )


# The program


def asked(words: list[str] | None, what: str) -> tuple[Path, Extent, bool]:
    """Return what the command line asks for: the folder of the archives, the extent, and whether all is only tried."""
    parser = ArgumentParser(description=what)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ten-million", action="store_true", help="archives of ten million records too: hours")
    parser.add_argument("--quick", action="store_true", help="try it at 20,000 records, and write nothing")
    arguments = parser.parse_args(words)
    larger = (*LARGER, 10_000_000) if arguments.ten_million else LARGER
    return arguments.folder, QUICK if arguments.quick else Extent(larger=larger), arguments.quick


def write(record: str, page: Path, found: Record, words: dict[str, str]) -> None:
    """Write the record, and its words between the page's markers of each name."""
    ledger.DOCS.joinpath(f"{record}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    content = page.read_text(encoding="utf-8")
    for name, one in words.items():
        content = ledger.filled(content, name, one)
    page.write_text(content, encoding="utf-8")


def main(words: list[str] | None = None) -> int:
    """Measure, write, and print the tables. Return 1 if a requirement is missed."""
    folder, extent, is_tried = asked(words, "Measure ecpure verify-many on archives of many keys.")
    found = measured("verify-many", folder, extent)
    *_, largest = [run for run in found["runs"] if run["keys"] is None and run["records"] <= LARGER[0]]
    run = _of(largest)._replace(jobs=None)
    found["killed"] = {
        "records": run.records,
        "keys": run.keys,
        "times": kill(folder, run, largest["gmpy2"]["seconds"]),
    }
    print(text(found), end="")
    if not is_tried:
        write("archives", PAGE, found, {"measured": text(found)})
        pictures.main()
        Notes("verify-many", folder).forget()
    return 1 if missed(found) else 0


if __name__ == "__main__":
    sys.exit(main())
