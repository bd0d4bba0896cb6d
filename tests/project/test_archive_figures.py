"""The measurements of archives: what they are made on, what they count, and that the pages show their records."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import archive_speed
import audit_figures
import bigarchives
import ledger
import pictures
import pytest
from archive_speed import Extent, Run, Taken

from ecpure import PublicKey, Signature

SMALL = Extent(records=40, rounds=1, larger=(60,))


@pytest.fixture(autouse=True)
def few_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Archives of one key, and of a key each, are enough here."""
    monkeypatch.setattr(archive_speed, "KEYS", (1, None))
    monkeypatch.setattr(archive_speed, "LARGEST", (1, None))


# The archives


@pytest.mark.parametrize(("count", "keys"), [(1, 1), (30, 1), (30, 11), (30, None)])
def test_the_records_are_valid_and_of_so_many_keys(
    count: int, keys: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as are asked for, each with its number as id and a valid signature, all with different r."""
    monkeypatch.setattr(bigarchives, "CHUNK", 8)
    lines = b"".join(bigarchives.records(count, keys)).splitlines()
    found = [json.loads(line) for line in lines]
    assert [record["id"] for record in found] == list(range(count))
    signatures = [Signature.from_der(bytes.fromhex(record["signature"])) for record in found]
    for record, signature in zip(found, signatures, strict=True):
        key = PublicKey.from_bytes(bytes.fromhex(record["public_key"]))
        assert key.verify(signature, bytes.fromhex(record["message"]))
    assert len({signature.r for signature in signatures}) == count
    signers = Counter(record["public_key"] for record in found)
    assert len(signers) == count if keys is None else 1 <= len(signers) <= keys
    if keys == 11:
        assert len(signers) > 8  # a chunk's keys, and some of the next
        assert any(one != other for one, other in pairwise([record["public_key"] for record in found]))


def test_the_same_archive_comes_again() -> None:
    """The octets depend on the arguments only."""
    assert [*bigarchives.records(20, 3)] == [*bigarchives.records(20, 3)]
    assert [*bigarchives.records(20, 3)] != [*bigarchives.records(20, 4)]


def test_an_archive_that_is_there_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is interrupted leaves nothing at the path; what was made is not made again."""

    def interrupted(*_: Any) -> Any:
        yield b"{"
        raise KeyboardInterrupt

    path = tmp_path / "records.jsonl"
    with monkeypatch.context() as patch:
        patch.setattr(bigarchives, "records", interrupted)
        with pytest.raises(KeyboardInterrupt):
            bigarchives.write(path, 5, 1)
    assert not path.exists()
    assert bigarchives.write(path, 5, 1).read_bytes() == b"".join(bigarchives.records(5, 1))
    monkeypatch.setattr(bigarchives, "records", interrupted)
    assert bigarchives.write(path, 5, 1) == path


# Measuring


@pytest.mark.parametrize(
    ("module", "name"), [(archive_speed, "archives"), pytest.param(audit_figures, "audit", marks=pytest.mark.long)]
)
def test_a_small_run_is_measured_recorded_and_shown(
    module: Any, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every run on both backends has time and memory; the record is written, and by it the page and the picture."""
    page, drawn = write_into(tmp_path, monkeypatch)
    monkeypatch.setattr(archive_speed, "Extent", lambda **_: SMALL)
    monkeypatch.setattr(archive_speed, "KILLS", 3)
    monkeypatch.setattr(archive_speed, "most_time", lambda _: 1000.0)
    monkeypatch.setattr(audit_figures, "TRIALS", 2)
    monkeypatch.setattr(audit_figures, "MOST_FOR_SEARCH", 1000.0)
    assert module.main([str(tmp_path / "archives")]) == 0
    found = ledger.load(name, tmp_path)
    assert found is not None
    runs = [run for run in RUNS if name == "archives" or run.records == SMALL.records or run.keys]
    assert [Run(run["records"], run["keys"], run["jobs"]) for run in found["runs"]] == runs
    for run in found["runs"]:
        for backend in ledger.BACKENDS:
            assert min(run[backend]["seconds"], run[backend]["processor"]) > 0.01
            if sys.platform == "linux":
                assert 5 < run[backend]["memory"] < 250
    assert module.text(found) in page.read_text(encoding="utf-8")
    assert module.text(found) in capsys.readouterr().out
    if name == "archives":
        assert found["killed"]["records"] == 60
        assert len(drawn) == 1
    else:
        assert found["chance"]["trials"] == 2 * audit_figures.PARTS
        measured = [(Run(run["records"], run["keys"]), backend) for run, backend, _ in audit_figures.searched(found)]
        assert measured == [(run, backend) for run in (Run(40, 1), Run(60, 1)) for backend in ledger.BACKENDS]
        assert all(run[backend]["searchless"] > 0.01 for run in found["runs"][:2] for backend in ledger.BACKENDS)


RUNS = [Run(40, 1), Run(40, None), Run(40, 1, 1), Run(40, None, 1), Run(60, 1), Run(60, None)]


def write_into(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[None]]:
    """Have the programs write into this folder. Return the page, and how often pictures were drawn, as a list."""
    page, drawn = folder / "page.md", list[None]()
    page.write_text(MARKED, encoding="utf-8")
    for module in (archive_speed, audit_figures):
        monkeypatch.setattr(module, "PAGE", page)
    monkeypatch.setattr(ledger, "DOCS", folder)
    monkeypatch.setattr(pictures, "main", lambda: drawn.append(None))
    return page, drawn


MARKED = "".join(f"<!-- {part}: begin -->\n<!-- {part}: end -->\n" for part in ("measured", "chance"))


@pytest.mark.parametrize("module", [archive_speed, audit_figures])
def test_what_is_tried_is_not_written(
    module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --quick the tables are printed only; that a requirement is missed makes the status 1."""
    page, drawn = write_into(tmp_path, monkeypatch)
    extents = []

    def measured(_: str, __: Path, extent: Extent, *___: object) -> ledger.Record:
        extents.append(extent)
        return made_up(slow=0.7)

    monkeypatch.setattr(archive_speed, "measured", measured)
    monkeypatch.setattr(archive_speed, "kill", lambda *_: 20)
    monkeypatch.setattr(audit_figures, "SEARCHLESS_ROUNDS", 1)
    assert module.main([str(tmp_path), "--quick"]) == 1
    assert extents == [archive_speed.QUICK._replace(rounds=extents[0].rounds)]
    assert "**no**" in capsys.readouterr().out
    assert drawn == []
    assert [*tmp_path.iterdir()] == [page]
    assert page.read_text(encoding="utf-8") == MARKED


def test_ten_million_are_measured_if_asked_for(tmp_path: Path) -> None:
    """By default it is a hundred thousand and a million."""
    assert archive_speed.asked([str(tmp_path)], "")[1] == Extent(100_000, 2, (1_000_000,))
    assert archive_speed.asked([str(tmp_path), "--ten-million"], "")[1].larger == (1_000_000, 10_000_000)


def test_runs_take_turns_and_the_shortest_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is taken in the first round; larger archives are run once."""
    asked = []

    def measure(_: str, __: Path, run: Run, backend: str, *, with_memory: bool) -> Taken:
        asked.append((run, backend, with_memory))
        return Taken(10.0 - len(asked) / 10, 5.0, 70.0 * with_memory, "hash")

    monkeypatch.setattr(ledger, "sources", lambda name: f"code of {name}")
    monkeypatch.setattr(archive_speed, "measure", measure)
    found = archive_speed.measured("verify-many", tmp_path, SMALL._replace(rounds=2))
    turn = [(run, backend) for run in RUNS[:4] for backend in ledger.BACKENDS]
    larger = [(run, backend, True) for run in RUNS[4:] for backend in ledger.BACKENDS]
    assert asked == [(*one, True) for one in turn] + [(*one, False) for one in turn] + larger
    assert found["runs"][0]["python"] == {"seconds": 9.1, "processor": 5.0, "memory": 70.0}
    assert found["sources"] == "code of archives"


def test_an_interrupted_measurement_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was measured is in the notes, by run, backend, turn and code, until the record has it."""
    asked: list[tuple[Run, str, dict[str, Any]]] = []

    def measure(_: str, __: Path, run: Run, backend: str, **how: Any) -> Taken:
        if len(asked) == 5:
            raise KeyboardInterrupt
        asked.append((run, backend, how))
        return Taken(float(len(asked)), 5.0, 70.0, "hash")

    monkeypatch.setattr(archive_speed, "measure", measure)
    with pytest.raises(KeyboardInterrupt):
        archive_speed.measured("verify-many", tmp_path, SMALL)
    begun, asked[:] = asked[:5], []
    with pytest.raises(KeyboardInterrupt):
        archive_speed.measured("verify-many", tmp_path, SMALL)
    assert not [one for one in asked if one in begun]
    monkeypatch.setattr(archive_speed, "measure", lambda *_, **__: Taken(9.0, 5.0, 70.0, "hash"))
    seconds = [
        run[backend]["seconds"]
        for run in archive_speed.measured("verify-many", tmp_path, SMALL)["runs"]
        for backend in ledger.BACKENDS
    ]
    assert seconds == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 9, 9]
    for name in ("verify-many", "audit"):
        archive_speed.Notes(name, tmp_path).forget()
    assert [*tmp_path.iterdir()] == []


def test_what_is_measured_beside_each_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time without the search, right before that with it, and again: the shortest counts."""
    asked = []

    def measure(_: str, __: Path, run: Run, backend: str, **how: Any) -> Taken:
        asked.append((run, backend, "program" in how))
        return Taken(9.0, 50.0 - len(asked), 70.0, "hash")

    monkeypatch.setattr(archive_speed, "measure", measure)
    without = audit_figures.Searchless(tmp_path)
    found = archive_speed.measured("audit", tmp_path, SMALL, without)
    for place, (run, backend, is_without) in enumerate(asked):
        assert is_without == (run.jobs is None and (run, backend, True) not in asked[:place])
    assert [run for run, backend, _ in asked if backend == "gmpy2"] == [
        Run(run["records"], run["keys"], run["jobs"]) for run in found["runs"] for _ in range(1 + (run["jobs"] is None))
    ]
    before = without.times[Run(40, 1)]["gmpy2"]
    without(Run(40, 1), "gmpy2", 1)
    without(Run(40, 1), "gmpy2", 1)
    assert without.times[Run(40, 1)] == {"python": 49.0, "gmpy2": 50.0 - len(asked)}
    assert without.times[Run(40, 1)]["gmpy2"] < before


def test_sources_that_change_meanwhile_end_the_measurement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record is about one state of the package."""
    hashes = iter("aab")
    monkeypatch.setattr(ledger, "sources", lambda _: next(hashes))
    monkeypatch.setattr(archive_speed, "measure", lambda *_, **__: Taken(1.0, 1.0, 1.0, "hash"))
    with pytest.raises(SystemExit, match="audit: the sources changed while it was measured"):
        archive_speed.measured("audit", tmp_path, SMALL)


def test_memory_is_that_of_all_processes() -> None:
    """What a child holds counts, and what its child holds; a process that is gone has none."""
    if sys.platform != "linux":
        pytest.skip("the memory of other processes is read as Linux shows it")
    hold = "held = bytes(range(1, 101)) * 400_000"  # 40 MB
    inner = f"{hold}; input()"
    code = f"import subprocess, sys; {hold}; subprocess.run([sys.executable, '-c', {inner!r}])"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as child:
        most = 0.0
        while most < 80 and child.poll() is None:
            most = sum(map(archive_speed.memory, archive_speed.family(child.pid)))
        assert len([*archive_speed.family(child.pid)]) == 2
        child.communicate(b"\n")
    assert 80 <= most < 140
    assert archive_speed.memory(child.pid) == 0.0
    assert [*archive_speed.family(child.pid)] == [child.pid]


def test_a_run_that_fails_or_differs_ends_the_measurement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that is not valid, and results that are not those of the other backend, are noticed."""
    run = Run(3, 1)
    (tmp_path / "3-1.jsonl").write_text('{"id": 1}\n', encoding="ascii")
    with pytest.raises(SystemExit, match="3 records, 1 key: ended with 1"):
        archive_speed.measure("verify-many", tmp_path, run, "python", with_memory=False)
    hashes = iter("ab")
    monkeypatch.setattr(archive_speed, "_hash", lambda _: next(hashes))
    with pytest.raises(SystemExit, match="other results than in a run before"):
        archive_speed.measured("verify-many", tmp_path / "new", Extent(2, 1, ()))


def test_a_killed_run_with_other_results_ends_the_measurement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The results of a run that was killed and resumed are compared."""
    hashes = iter("ab")
    monkeypatch.setattr(archive_speed, "_hash", lambda _: next(hashes))
    monkeypatch.setattr(archive_speed, "KILLS", 1)
    with pytest.raises(SystemExit, match="the run that was killed differ"):
        archive_speed.kill(tmp_path, Run(2, 1), 0.1)


# What came of it


def test_the_search_may_take_three_tenths_more() -> None:
    """Of the time of all cores, in the larger archives; where it takes more, that is said."""
    found = made_up()
    small, large = found["runs"][1], found["runs"][-1]
    large["keys"] = 400
    small["gmpy2"]["searchless"], large["gmpy2"]["searchless"] = small["gmpy2"]["processor"] / 2, 8.0
    large["gmpy2"]["processor"] = 10.4
    assert audit_figures.missed(found) == []
    assert "| 9,000 records, 400 keys | gmpy2 | 10.4 | 8.0 | 1.30 | 1.3 |" in audit_figures.text(found)
    assert "| 1,000 records, 100 keys | gmpy2 | 0.6 | 0.3 | 2.00 | – |" in audit_figures.text(found)
    large["gmpy2"]["processor"] = 10.5
    assert audit_figures.missed(found) == [
        "gmpy2, 9,000 records, 400 keys: 1.31 of the time without the search, at most 1.3 required"
    ]


def test_keys_are_compared_without_the_search() -> None:
    """It costs as much whatever the number of keys, and tells nothing of what the tables of keys are worth."""
    found = made_up(slow=0.9)
    for run in archive_speed.by_keys(found):
        for backend in ledger.BACKENDS:
            run[backend]["searchless"] = run[backend]["processor"] * (0.6 if run["keys"] == 100 else 1.0)
    assert audit_figures.missed(found) == []


def figures(seconds: float, memory: float) -> dict[str, float]:
    return {"seconds": seconds, "processor": 2 * seconds, "memory": memory}


def made_up(*, slow: float = 0.6, large: float = 250.0) -> ledger.Record:
    """Return a record in which an archive of 100 keys is as slow, and a larger one takes as much memory, as is said."""
    runs = []
    for run, seconds, memory in [
        (Run(1000, 1), 0.2, 50.0),
        (Run(1000, 100), slow, 50.0),
        (Run(1000, 400), 0.75, 50.0),
        (Run(1000, 4000), 1.0, 50.0),
        (Run(1000, None), 1.0, 50.0),
        (Run(1000, None, 1), 2.0, 50.0),
        (Run(9000, None), 9.0, large),
    ]:
        runs.append(run._asdict() | {"python": figures(seconds, memory), "gmpy2": figures(seconds / 2, 0.0)})
    found = {**ledger.environment("archives"), "processes": 2, "rounds": 3, "runs": runs}
    return found | {"killed": {"records": 9000, "keys": None, "times": 20}}


def test_requirements_are_met_or_missed() -> None:
    """At the bound a requirement is met; above it each is named, and the row says no."""
    assert archive_speed.missed(made_up()) == []
    assert "Every requirement is met." in archive_speed.text(made_up())
    found = made_up(slow=0.61, large=251.0)
    assert archive_speed.missed(found) == [
        "python, 1,000 records, 100 keys: 0.610 of the time with a key each, at most 0.6 required",
        "python, 9,000 records, a key each: 251 MB, at most 250 required",
        "gmpy2, 1,000 records, 100 keys: 0.610 of the time with a key each, at most 0.6 required",
    ]
    shown = archive_speed.text(found)
    assert shown.count("**no**") == 2
    assert "| 100 | 0.6 | 1.2 | 1,639 | 50 | 250 | 0.61 | 0.60 | **no** |" in shown
    assert "| 9,000 | a key each | 2 | 9.0 | 18.0 | 1,000 | 251 | 4.5 | 9.0 | 2,000 | – |" in shown


def test_the_picture_has_a_line_for_each_backend() -> None:
    """More keys are further to the right, a higher rate is higher up, and all is within the picture."""
    svg = pictures.archives(made_up())
    lines = re.findall(r'points="([^"]*)"[^>]*stroke-width="2"', svg)
    places = [[tuple(map(float, at.split(","))) for at in line.split()] for line in lines]
    assert [len(line) for line in places] == [5, 5]
    for line in places:
        assert all(left < right for (left, _), (right, _) in pairwise(line[:3]))
        assert all(upper <= lower for (_, upper), (_, lower) in pairwise(line))
        assert all(50 <= y <= 320 for _, y in line)
    assert all(faster < slower for (_, slower), (_, faster) in zip(*places, strict=True))


@pytest.mark.parametrize(("module", "name"), [(archive_speed, "archives"), (audit_figures, "audit")])
def test_the_page_shows_the_record(module: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of the page are those of the record, and that is of whole runs."""
    monkeypatch.setattr(archive_speed, "LARGEST", (400, None))
    found = ledger.load(name)
    if found is None:
        pytest.skip(f"{name}: there is no record of these sources yet: make archives")
    page = module.PAGE.read_text(encoding="utf-8")
    assert ledger.filled(page, "measured", module.text(found)) == page
    assert found["rounds"] >= module.ROUNDS
    whole = (1, 10, 24, 25, 42, 100, 400, 4000, None)
    assert [(run["records"], run["keys"]) for run in archive_speed.by_keys(found)] == [
        (100_000, keys) for keys in whole
    ]
    assert max(run["records"] for run in found["runs"]) >= 1_000_000
    if name == "audit":
        assert ledger.filled(page, "chance", audit_figures.chance_text(found["chance"])) == page
        assert found["chance"]["trials"] >= 1_000_000
    else:
        assert found["killed"]["times"] > 0
