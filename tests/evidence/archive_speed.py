"""How fast `ecpure verify-many` is, what memory it takes, and how both grow: `make archives` writes docs/archives.md.

Archives of random records are made, half of them under ten keys and half under a key each, in random order, in the
folder that is given, and kept there. Beside them stands the bare arithmetic: `bulk.verify_many` on the same signatures,
all of them decoded before. At the end the largest archive is verified once more while it is killed twenty times.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ecpure import PrivateKey, PublicKey, Signature, backend, bulk

SIZES = (1_000, 100_000, 1_000_000)
KILLS = 20
PAGE = Path(__file__).parents[2] / "docs" / "archives.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_PART = 10_000


class Measured(NamedTuple):
    """A run: records a second, and the most memory that all of its processes had at a time, in MB."""

    rate: float
    memory: float


def make(folder: Path, count: int) -> Path:
    """Return the archive of so many records, made unless it is there."""
    path = folder / f"{count}.jsonl"
    if not path.exists():
        with ProcessPoolExecutor() as executor, (folder / "begun").open("wb") as file:
            parts = [(start, min(_PART, count - start)) for start in range(0, count, _PART)]
            for octets in executor.map(_make_part, *zip(*parts, strict=True)):
                file.write(octets)
        (folder / "begun").rename(path)
    return path


def _make_part(start: int, count: int) -> bytes:
    rng = random.Random(start)
    recurring = [PrivateKey.from_int(number) for number in range(1000, 1010)]
    lines = []
    for number in range(start, start + count):
        key = rng.choice(recurring) if rng.getrandbits(1) else PrivateKey.from_int(rng.getrandbits(224))
        message = b"%d: pay %d to %d" % (number, rng.randrange(1000), rng.randrange(1000))
        record = {
            "id": number,
            "public_key": key.public_key.to_bytes(compressed=False).hex(),
            "message": message.hex(),
            "signature": key.sign(message).to_der().hex(),
        }
        lines.append(json.dumps(record) + "\n")
    return "".join(lines).encode("ascii")


def bare(path: Path, count: int) -> float:
    """Return how many decoded signatures a second are verified in one process."""
    with path.open(encoding="ascii") as file:
        records = [json.loads(line) for line in islice(file, count)]
    items = [
        (
            PublicKey.from_bytes(bytes.fromhex(record["public_key"])),
            Signature.from_der(bytes.fromhex(record["signature"])),
            bytes.fromhex(record["message"]),
        )
        for record in records
    ]
    begin = time.perf_counter()
    if not all(bulk.verify_many(items)):
        sys.exit("a signature does not hold")
    return len(items) / (time.perf_counter() - begin)


def command(path: Path, output: Path, *options: str) -> list[str]:
    """Return the command that verifies an archive."""
    return [sys.executable, "-m", "ecpure", "verify-many", str(path), "-o", str(output), *options]


def run(path: Path, output: Path, count: int, jobs: int) -> Measured:
    """Verify the archive in so many processes."""
    return measure(command(path, output, "--jobs", str(jobs)), count)


def measure(arguments: list[str], count: int) -> Measured:
    """Run a command on so many records; what it says goes nowhere."""
    begin, most = time.perf_counter(), 0.0
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        while child.poll() is None:
            most = max(most, sum(map(_memory, _family(child.pid))))
            time.sleep(0.2)
    if child.returncode != 0:
        sys.exit(f"{arguments[3]} ended with {child.returncode}")
    return Measured(count / (time.perf_counter() - begin), most)


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _memory(pid: int) -> float:
    """Return the process's own share of memory in MB: what is shared counts for its part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def kill(path: Path, whole: bytes, output: Path, seconds: float) -> int:
    """Kill a run at random moments, go on each time, and return how often; exit unless it ends with these results."""
    rng = random.Random()
    kills = 0
    for number in range(KILLS):
        kind = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[number % 3]
        with subprocess.Popen(command(path, output, "--resume"), stderr=subprocess.DEVNULL) as child:
            time.sleep(rng.uniform(0, 2 * seconds / KILLS))
            child.send_signal(kind)
        kills += child.returncode != 0
    subprocess.run(command(path, output, "--resume"), check=True, stderr=subprocess.DEVNULL)
    if output.read_bytes() != whole:
        sys.exit("the results of the run that was killed differ")
    return kills


def main(folder: Path, sizes: tuple[int, ...]) -> str:
    """Measure, and return the table in Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    output, cores = folder / "results", len(os.sched_getaffinity(0))
    lines = [
        f"| records | 1 process | its memory | {cores} processes | their memory | over one | bare, 1 process | of it |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for size in sizes:
        path = make(folder, size)
        one, all_ = run(path, output, size, 1), run(path, output, size, cores)
        arithmetic = bare(path, min(size, 100_000))
        cells = [f"{one.rate:,.0f}/s", f"{one.memory:.0f} MB", f"{all_.rate:,.0f}/s", f"{all_.memory:.0f} MB"]
        cells += [f"{all_.rate / one.rate:.2f}", f"{arithmetic:,.0f}/s", f"{one.rate / arithmetic:.2f}"]
        lines.append(f"| {size:,} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    kills = kill(path, output.read_bytes(), folder / "again", size / all_.rate)
    said = f"Backend {backend()}, {cores} cores. {size:,} records, killed and resumed {kills} times: the same results."
    return "\n".join([*lines, "", said])


if __name__ == "__main__":
    table = main(Path(sys.argv[1]), SIZES)
    print(table)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
