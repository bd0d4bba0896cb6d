"""verify_many on a cluster of dask.distributed: its scheduler and two workers are processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from archives import RECURRING
from childpython import UNTRACED

from ecpure import PrivateKey, bulk

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
CHUNK = 64
COUNT = 3 * CHUNK + 20


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Yield a client of a cluster on this machine, which ends with the module's tests."""
    folder = tmp_path_factory.mktemp("cluster")
    contact = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    commands = [[*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file"]]
    commands += [[*dask, "worker", "--no-nanny", "--nthreads", "1", "--no-dashboard", "--scheduler-file"]] * 2
    environment = UNTRACED | {
        "PYTHONPATH": os.pathsep.join([str(EXAMPLES), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "DASK_TEMPORARY_DIRECTORY": str(folder),
    }
    children = [
        subprocess.Popen([*command, str(contact)], env=environment, stderr=subprocess.DEVNULL) for command in commands
    ]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of dask's own imports
            from distributed import Client

            with Client(scheduler_file=str(contact), timeout=60, set_as_default=False) as client:  # type: ignore[no-untyped-call]
                client.wait_for_workers(2, timeout=60)
                yield client
    finally:
        for child in reversed(children):
            child.kill()  # a worker that is asked to end may wait for its scheduler for ever
        for child in children:
            child.wait()


def records() -> Iterator[tuple[PrivateKey, bytes, bool]]:
    """Yield keys, messages and whether the signature is to be valid."""
    keys = [*RECURRING, *(PrivateKey.from_int(number) for number in range(2, 12))]
    for number in range(COUNT):
        yield keys[number % len(keys)], b"message %d" % number, number % 7 != 3


def test_a_cluster_is_an_executor(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdicts come in order, from workers that are processes of their own."""
    monkeypatch.setattr(bulk, "CHUNK", CHUNK)
    items = [(key.public_key, key.sign(message), message if holds else b"another") for key, message, holds in records()]
    verdicts = list(bulk.verify_many(items, executor=client.get_executor(pure=False)))
    assert verdicts == [holds for _, _, holds in records()]
    workers = client.run(os.getpid)
    assert len(set(workers.values())) == 2
    assert os.getpid() not in workers.values()


def test_an_archive_by_partitions(client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/examples/partitions.py, over the lines of a file in partitions."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    verdicts = import_module("partitions").verdicts

    path = tmp_path / "records.jsonl"
    with path.open("w", encoding="ascii") as file:
        for key, message, holds in records():
            record = {
                "public_key": key.public_key.to_bytes().hex(),
                "message": (message if holds else b"another").hex(),
                "signature": key.sign(message).to_der().hex(),
            }
            file.write(json.dumps(record) + "\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from dask import bag

        lines = bag.read_text(str(path), blocksize=1 << 13)  # type: ignore[no-untyped-call]
        assert lines.npartitions > 3
        found = lines.map_partitions(verdicts).compute(scheduler=client)
    assert list(found) == [holds for _, _, holds in records()]
