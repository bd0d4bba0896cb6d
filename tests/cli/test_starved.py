"""Nothing hostile makes it grow; and where a system gives it too little, it says what to do: one sentence, status 2."""

from __future__ import annotations

import contextlib
import errno
import json
import lzma
import os
import re
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import archiveruns
import pytest
from archives import archive
from childpython import UNTRACED
from recordsamples import KEY, RECORD
from starving import Short

from ecpure.archives import verify
from ecpure.audit import audit
from ecpure.cli import main
from ecpure.io.ending import children
from ecpure.vectors import schemas

COMMANDS = ["verify-many", "audit"]
MEMORY = 150
"""MiB of addresses for each process; without anything hostile, the command takes 48 to 61 after five seconds."""

ENVIRONMENT = UNTRACED | {"MALLOC_ARENA_MAX": "1"}
"""Only addresses in use count: without this, glibc also reserves 64 MiB for each thread that allocates."""

PROGRESS = re.compile(r"^ecpure: [\w -]+: ([\d,]+ records.*|comparing all records)\n", re.MULTILINE)


def limited(
    words: list[str], *, memory: int = 4 * MEMORY, files: int = 1000, fed: Iterable[bytes] = ()
) -> tuple[int, bytes, str]:
    """Return status, output and errors of a run with so many MiB of memory in each process, and so many open files.

    fed: what comes on standard input.
    """

    def feed() -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(end, "wb") as file:
            file.writelines(fed)

    begin, end = os.pipe()
    feeder = threading.Thread(target=feed)
    feeder.start()
    limits = f'ulimit -v {memory << 10}; ulimit -n {files}; exec "$0" "$@"'
    command = ["sh", "-c", limits, sys.executable, "-m", "ecpure", *words]
    with subprocess.Popen(
        command, stdin=begin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as child:
        os.close(begin)
        out, said = child.communicate()
    feeder.join()
    return child.returncode, out, PROGRESS.sub("", said.decode())


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an archive of several blocks."""
    archiveruns.in_small_blocks(monkeypatch)
    path = tmp_path / "records.jsonl"
    path.write_bytes(archive(100))
    return path


# Memory


def padded(count: int, padding: int, sign: str) -> Iterator[bytes]:
    """Yield records whose keys are PEM with so many octets of comments after it, each another text."""
    comment = ("x" * 1000 + "\n") * (padding // 1002)
    for number in range(count):
        record = RECORD | {"id": number, "public_key": f"{KEY.public_key.to_pem()}{number} {sign}\n{comment}"}
        yield json.dumps(record, ensure_ascii=False).encode("utf-8") + b"\n"


@pytest.mark.parametrize("sign", ["", "\U0001f600"], ids=["ASCII", "emoji"])
@pytest.mark.parametrize(
    ("command", "jobs", "count", "padding"),
    [
        ("verify-many", "1", 150, 250_000),
        *(
            pytest.param(command, jobs, 4200, (1 << 20) - 5_000, marks=pytest.mark.long)
            for command in COMMANDS
            for jobs in ("1", "2")
        ),
    ],
)
def test_keys_with_much_around_them(command: str, jobs: str, count: int, padding: int, sign: str) -> None:
    """Their texts are not all remembered, each of which takes four octets for a sign if one of them is an emoji."""
    status, out, said = limited([command, "-", "--jobs", jobs], memory=MEMORY, fed=padded(count, padding, sign))
    assert status == 0 or command == "audit"  # which finds one signature many times
    assert out.count(b'"valid"') == count or command == "audit"
    assert f"{count:,} records: {count:,} valid, 0 invalid, 0 unreadable\n" in (said or out.decode())


def with_a_dictionary(octets: bytes, size: int) -> bytes:
    """Return the .xz file with another size of its dictionary, as §5.3.1 of its format codes it, in its first block."""
    header = bytearray(octets[12 : 12 + 4 * (octets[12] + 1)])
    assert header[2:4] == b"\x21\x01"  # LZMA2, with one octet of properties
    header[4] = size
    header[-4:] = zlib.crc32(header[:-4]).to_bytes(4, "little")
    return octets[:12] + header + octets[12 + len(header) :]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["4 GiB.xz", "2 GiB.zst"])
def test_a_compression_that_claims_much_memory(name: str, command: str, tmp_path: Path) -> None:
    """It is refused in a sentence that says how to compress."""
    path = tmp_path / name
    if name.endswith(".xz"):
        path.write_bytes(with_a_dictionary(lzma.compress(archive(1), preset=0), 40))
    else:
        path.write_bytes(bytes.fromhex("28b52ffd00a8") + b"\x19\x00\x00{}\n")
    status, out, said = limited([command, str(path)], memory=MEMORY)
    assert (status, out) == (2, b"")
    assert said == (
        f"ecpure: {path}: decompressing it needs more than 128 MiB of memory: "
        "compress it with xz -9 or zstd -19 at most\n"
    )


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "ending", [*(pytest.param(one, marks=pytest.mark.long) for one in (".bz2", ".gz", ".xz")), ".zst"]
)
def test_a_small_file_that_becomes_large(ending: str, command: str, tmp_path: Path) -> None:
    """A line of 300 MiB is one result, and takes no more memory than another one that is too long."""
    path = tmp_path / f"a{ending}"
    tool = {".bz2": "bz2", ".gz": "gzip", ".xz": "lzma", ".zst": "backports.zstd"}[ending]
    module = pytest.importorskip("compression.zstd" if ending == ".zst" and sys.version_info >= (3, 14) else tool)
    with module.open(path, "wb") as file:
        for _ in range(300):
            file.write(b"x" * (1 << 20))
    status, out, said = limited([command, str(path), "--jobs", "1"], memory=MEMORY)
    assert status == 1
    assert "1 record: 0 valid, 0 invalid, 1 unreadable\n" in (said or out.decode())


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_memory_that_runs_out(
    records: Path, jobs: str, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process, or in a worker, whose part is then left; with the next step where there is one."""
    module: Any = verify if command == "verify-many" else audit
    name = "Verifier" if command == "verify-many" else "Collector"
    monkeypatch.setattr(module, name, Short)
    assert main([command, str(records), "--jobs", jobs]) == 2
    said = "out of memory" if (command, jobs) == ("audit", "1") else "out of memory: use --jobs 1"
    assert capsys.readouterr() == ("", f"ecpure: {said}\n")
    assert not children


# Processes, threads, open files


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("started", [0, 1])
def test_a_system_that_starts_no_more_processes(
    records: Path, started: int, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those that it has started are ended, and on one process it does without."""
    popen, left = subprocess.Popen, [started]

    def start(*arguments: Any, **named: Any) -> subprocess.Popen[bytes]:
        if not left[0]:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        left[0] -= 1
        return popen(*arguments, **named)

    monkeypatch.setattr(subprocess, "Popen", start)
    assert main([command, str(records), "--jobs", "2"]) == 2
    said = "a worker process cannot be started (Resource temporarily unavailable): use --jobs 1"
    assert capsys.readouterr() == ("", f"ecpure: {said}\n")
    assert not children
    assert main([command, str(records), "--jobs", "1"]) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_a_system_that_starts_no_more_threads(
    records: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says so, and on one process it does without, though then it does not say how far it is."""

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    assert main([command, str(records), "--jobs", "2"]) == 2
    assert capsys.readouterr() == ("", "ecpure: a thread cannot be started: use --jobs 1\n")
    assert not children
    assert main([command, str(records), "--jobs", "1"]) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_few_open_files(command: str, tmp_path: Path) -> None:
    """They do for one process; for more it says what to do."""
    path = tmp_path / "records.jsonl"
    path.write_bytes(archive(1) + b" " * (1 << 20))
    status, out, said = limited([command, str(path), "--jobs", "9"], files=12)
    assert (status, out) == (2, b"")
    assert said == "ecpure: a worker process cannot be started (Too many open files): use --jobs 1\n"
    status, out, said = limited([command, str(path), "--jobs", "1"], files=12)
    assert status == 0
    assert "1 record: 1 valid" in (said or out.decode())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_system_without_shared_memory(command: str, tmp_path: Path) -> None:
    """Neither /dev/shm nor semaphores are asked for: what Python has of both is not imported."""
    path = tmp_path / "records.jsonl"
    path.write_bytes(archive(10) + b" " * (1 << 20))
    program = (
        "import sys; sys.modules.update(dict.fromkeys(['multiprocessing', '_multiprocessing', '_posixshmem']));"
        "from ecpure.__main__ import main; sys.exit(main())"
    )
    words = [sys.executable, "-c", program, command, str(path), "--jobs", "2"]
    done = subprocess.run(words, capture_output=True, check=False, env=UNTRACED)
    assert done.returncode == 1
    assert b"10 records: 9 valid, 1 invalid, 0 unreadable\n" in done.stdout + done.stderr


# Test vectors


@pytest.mark.parametrize("endless", ["a device", "a pipe", "standard input"])
def test_vectors_without_an_end(endless: str, tmp_path: Path) -> None:
    """They are refused when they are too large for any that there are."""
    path = {"a device": "/dev/zero", "a pipe": str(tmp_path / "pipe"), "standard input": "-"}[endless]
    os.mkfifo(tmp_path / "pipe")

    def zeros() -> Iterator[bytes]:
        while True:
            yield bytes(1 << 20)

    with contextlib.ExitStack() as stack:
        if endless == "a pipe":
            words = ["sh", "-c", 'exec cat /dev/zero >"$0"', path]
            feeder = stack.enter_context(subprocess.Popen(words, stderr=subprocess.DEVNULL))
            stack.callback(feeder.kill)
        fed = zeros() if endless == "standard input" else ()
        status, _, said = limited(["vectors", path], fed=fed)
    name = "standard input" if endless == "standard input" else path
    assert status == 2
    assert f"ecpure: {name}: a file of at most {schemas._LARGEST >> 20} MiB was expected\n" in said
    assert "Traceback" not in said


def test_vectors_that_are_larger_than_memory() -> None:
    """It is out of memory, and says so."""
    status, out, said = limited(["vectors", "/dev/zero"], memory=MEMORY)
    assert (status, out, said) == (2, b"", "ecpure: out of memory\n")
