"""An audit with a file that is killed, starved or damaged: it finds the same in the end, or says why not."""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import bigarchives
import pytest
from archives import with_nonce, written
from auditing import D, K, keyless, logged_in
from childpython import UNTRACED
from starving import disk_of

from ecpure.archives import blocks
from ecpure.archives.records import Settings
from ecpure.audit import rows
from ecpure.audit.audit import audit
from ecpure.cli import main
from ecpure.io.streams import Refused

AUDIT = """
import resource, sys
from ecpure.archives import blocks, workers
from ecpure.archives.records import Settings
from ecpure.audit import exposure, rows, samples
from ecpure.audit.audit import audit
from ecpure.io.ending import interruptible

exposure.SMALL = 100  # a smaller table
samples.SECONDS = dict.fromkeys(samples.SECONDS, 0.1)
blocks.BLOCK = workers.BLOCK = 1 << 14
rows._COMMIT_EVERY = 0.05
path, store, jobs = sys.argv[1:]
try:
    with interruptible():
        print("begun", file=sys.stderr, flush=True)
        found = audit([path], None, Settings({}), recover=True, jobs=int(jobs), store=store or None)
except KeyboardInterrupt:
    sys.exit(2)
print(sorted(found.verdicts.items()), *found.findings, sep="\\n")
"""


def exposing(honest: int) -> Iterator[bytes]:
    """Yield an archive with findings of every table, among so many honest records."""
    message = int.from_bytes(b"message", "big")
    some = [with_nonce(D[0], K[0], b"a"), keyless(with_nonce(D[2], K[1], b"b")), logged_in(1, 1)]
    others = [with_nonce(D[0], K[0], b"c"), keyless(with_nonce(D[2], K[2], b"d")), logged_in(1, 2)]
    yield written([*some, with_nonce(D[1], message, b"message")])
    yield from bigarchives.records(honest, 20)
    yield written(others)


@pytest.mark.parametrize(("kills", "honest"), [(3, 400), pytest.param(40, 5000, marks=pytest.mark.long)])
def test_killed_at_any_moment(tmp_path: Path, kills: int, honest: int) -> None:
    """By any signal, on one process or two, in reading or in comparing: the findings are the same in the end."""
    path, store = tmp_path / "records.jsonl", tmp_path / "store"
    path.write_bytes(b"".join(exposing(honest)))
    begin = [sys.executable, "-c", AUDIT, str(path)]
    expected = subprocess.run([*begin, "", "2"], capture_output=True, check=True, env=UNTRACED)
    assert b"nonce-reused" in expected.stdout
    assert b"key-recovered" in expected.stdout
    killed = 0
    for kill in range(kills):
        words = [*begin, str(store), str(1 + kill % 2)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=UNTRACED) as child:
            assert child.stderr is not None
            assert child.stderr.readline() == b"begun\n"
            time.sleep(random.uniform(0, honest / 1000) if kill else 0)
            child.send_signal([signal.SIGKILL, signal.SIGTERM, signal.SIGINT][kill % 3])
            out, said = child.communicate()
        killed += child.returncode != 0
        assert child.returncode or out == expected.stdout
        assert b"Traceback" not in said
    assert killed
    done = subprocess.run([*begin, str(store), "2"], capture_output=True, check=True, env=UNTRACED)
    assert done.stdout == expected.stdout


HELD = """
import sys, time
from collections import Counter
from ecpure.audit.collect import Seen
from ecpure.audit.rows import Rows

rows = Rows(sys.argv[1], {})
rows.add(Seen(Counter(valid=1), [], [], [], [], 0), "half")
print("begun", flush=True)
time.sleep(60)
"""


def test_a_run_that_is_suspended_or_killed(tmp_path: Path) -> None:
    """While it is suspended, its file is its own; once it is killed, the next run resumes."""
    store = str(tmp_path / "store")
    with subprocess.Popen([sys.executable, "-c", HELD, store], stdout=subprocess.PIPE, env=UNTRACED) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"begun\n"
        child.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(Refused, match="another run is using it"), rows.told(store):
                rows.Rows(store, {})
        finally:
            child.kill()
    with contextlib.closing(rows.Rows(store, {})) as resumed:
        assert (resumed.blocks, resumed.verdicts()) == (0, {})  # half a second's work is lost


def found(path: Path, store: Path) -> Counter[str]:
    return audit([str(path)], None, Settings({}), recover=False, jobs=1, store=str(store)).findings.totals


@pytest.mark.parametrize("flips", [40, pytest.param(300, marks=pytest.mark.long)])
def test_a_file_in_which_bits_fell_over(tmp_path: Path, flips: int) -> None:
    """It is refused in one sentence, or its rows prove no more than they did: what is said is computed from them."""
    path, store = tmp_path / "records.jsonl", tmp_path / "store"
    path.write_bytes(b"".join(exposing(10)))
    expected = found(path, store)
    octets = store.read_bytes()
    rng = random.Random(7)
    refused = 0
    for _ in range(flips):
        damaged = bytearray(octets)
        damaged[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
        store.write_bytes(damaged)
        with contextlib.suppress(Refused):
            refused += 1
            assert found(path, store) <= expected + Counter(["nonce-shared", "server-nonce-repeated", "high-s"])
            refused -= 1
    assert refused


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said of which file, and an audit with a file of its own is resumed when there is room."""
    path, store = tmp_path / "records.jsonl", tmp_path / "store"
    path.write_bytes(b"".join(exposing(300)))
    monkeypatch.setattr(blocks, "BLOCK", 1 << 12)
    monkeypatch.setattr(rows, "_CACHE", 1)
    monkeypatch.setattr(rows, "_COMMIT_EVERY", 0.0)
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    with disk_of(60_000):
        with pytest.raises(Refused, match=rf"^{store}: rows cannot be kept there: (disk I/O error|.* is full)$"):
            found(path, store)
        assert main(["audit", str(path), "--jobs", "1"]) == 2
    assert capsys.readouterr().err.startswith("ecpure: the temporary file of the audit: rows cannot be kept there: ")
    with contextlib.closing(sqlite3.connect(store)) as database:
        ((read,),) = database.execute("SELECT blocks FROM run")
    assert read > 3
    assert found(path, store) == found(path, tmp_path / "another")


PEAK = """
import random, resource, sys
from collections import Counter
from ecpure.archives.records import Settings
from ecpure.audit import exposure, rows, samples
from ecpure.audit.collect import Seen
from ecpure.audit.conclusions import Conclusions
from ecpure.audit.exposure import Signed

exposure.SMALL = 100
samples.SECONDS = dict.fromkeys(samples.SECONDS, 0.0)
samples.SECONDS_PER_RECORD = 0.0
rows._CACHE = 1 << 10
rng = random.Random(1)
keys = [b"\\2" + rng.randbytes(28) for _ in range(50)]
kept = rows.Rows(None, {})
for block in range(int(sys.argv[1])):
    signed = []
    for line in range(1000):
        signed.append(Signed(rng.randbytes(29), rng.choice(keys), rng.randbytes(29), rng.randbytes(29), 0, line))
    kept.add(Seen(Counter(valid=1000), signed, [], [], [], 0), "")
Conclusions(Settings({}), kept)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize(("few", "many"), [(5, 40), pytest.param(50, 1000, marks=pytest.mark.long)])
def test_the_memory_of_a_larger_archive_is_the_same(few: int, many: int) -> None:
    """Rows by the thousand are in a file, and so is what sorts them."""

    def peak(thousands: int) -> int:
        """Return KiB."""
        words = [sys.executable, "-c", PEAK, str(thousands)]
        return int(subprocess.run(words, capture_output=True, check=True, env=UNTRACED).stdout)

    assert peak(many) < peak(few) + (6 << 10)
