"""Rows of an audit in SQLite: what each query gives, and the file that an interrupted audit leaves."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from archives import with_nonce, written
from auditing import KEYS, D, K, Record, keyless, logged_in

from ecpure.archives.records import Settings
from ecpure.audit import rows as module
from ecpure.audit.audit import audit
from ecpure.audit.collect import Collector, Login, Noted, Seen
from ecpure.audit.conclusions import Conclusions
from ecpure.audit.exposure import Signed
from ecpure.audit.rows import Rows, told
from ecpure.io.streams import Refused

RUN = {"of": "a test"}


def row(r: bytes, key: bytes = b"key", e: bytes = b"e", s: bytes = b"s", line: int = 1) -> Signed:
    return Signed(r, key, e, s, 0, line)


def seen(
    signed: tuple[Signed, ...] = (),
    candidates: tuple[Signed, ...] = (),
    logins: tuple[Login, ...] = (),
    noted: tuple[Noted, ...] = (),
    **verdicts: int,
) -> Seen:
    return Seen(Counter(verdicts), [*signed], [*candidates], [*logins], [*noted], 0)


@contextlib.contextmanager
def kept(*blocks: Seen, path: str | None = None) -> Any:
    with contextlib.closing(Rows(path, RUN)) as rows:
        for number, block in enumerate(blocks, 1):
            rows.add(block, f"fingerprint {number}")
        yield rows


def test_what_is_added_of_blocks_is_there() -> None:
    """Verdicts are counted together; rows, and what was noted, are given back as they were, of the kinds asked for."""
    notes = (Noted("nonce-is-key", row(b"a")), Noted("high", row(b"b"), b"k"), Noted("nonce-is-key", row(b"c", line=2)))
    with kept(seen(noted=notes, valid=2), seen(valid=3, other=1), seen()) as rows:
        assert rows.verdicts() == {"valid": 5, "other": 1}
        assert [*rows.noted("nonce-is-key")] == [notes[0], notes[2]]
        assert [*rows.noted("nonce-is-key", "high")] == [*notes]
        assert (rows.blocks, rows.fingerprint) == (0, "")  # where the run began


def test_what_recurs_comes_in_order() -> None:
    """By the value, then key, digest and s; whatever block it is from; what is there once does not come."""
    signed = [row(b"b", b"2"), row(b"a", b"1", b"y"), row(b"c"), row(b"a", b"1", b"x"), row(b"b", b"1")]
    with kept(*(seen((one,)) for one in signed)) as rows:
        assert [*rows.recurring(Signed, "signed", "r")] == [signed[number] for number in (3, 1, 4, 0)]
    logins = [Login(b"s", b"1", b"y", 0, 1, "1"), Login(b"t", b"2", b"", 0, 2, "2"), Login(b"s", b"2", b"x", 0, 3, "3")]
    with kept(seen(logins=(*logins,))) as rows:
        assert [*rows.recurring(Login, "logins", "server_nonce")] == [logins[2], logins[0]]
        assert [*rows.recurring(Login, "logins", "client_nonce")] == [logins[1], logins[2]]


def test_rows_are_found_by_their_r_s_and_key() -> None:
    """Of those with a large s, and of a key's, some are given, and of the first kind the number of all."""
    signed = [row(b"%d" % number, b"%d" % (number % 2), s=b"%d" % number, line=number) for number in range(8)]
    with kept(seen((*signed,))) as rows:
        assert sorted(rows.with_r({b"1": 0, b"7": 0, b"9": 0})) == [signed[1], signed[7]]
        count, some = rows.above(b"4", 2)
        assert (count, len(some)) == (3, 2)
        assert {*some} < {*signed[5:]}
        assert rows.above(b"9", 2) == (0, [])
        assert rows.of_key(b"1", 2) == [signed[1], signed[3]]
        assert rows.of_key(b"1", 2, newest=True) == [signed[5], signed[7]]


def test_rows_of_a_key_have_different_r() -> None:
    """Copies take no other row's place, from whichever end the rows are read."""
    places = enumerate(b"aaabacaaaa")
    signed = [row(bytes([r]), line=line) for line, r in places]
    with kept(seen((*signed, row(b"d", b"other")))) as rows:
        assert [one.line for one in rows.of_key(b"key", 2)] == [0, 3]
        assert [one.line for one in rows.of_key(b"key", 9)] == [0, 3, 5]
        assert [one.line for one in rows.of_key(b"key", 9, 5)] == [5 - 1, 5]
        assert [one.line for one in rows.of_key(b"key", 2, newest=True)] == [5, 9]


def test_different_r_of_a_key_are_counted_by_an_octet() -> None:
    """Of keys that have enough of them; a copy does not count."""
    values = [bytes([0, first, second]) for first in (3, 255) for second in range(first and 4)]
    signed = [row(r, b"many") for r in values] + [row(r, b"few") for r in values[:7]] * 3
    with kept(seen((*signed,))) as rows:
        ((key, cells),) = rows.spread(1, 8)
        assert key == b"many"
        assert {place: count for place, count in enumerate(cells) if count} == {3: 4, 255: 4}
        assert sorted(key for key, _ in rows.spread(1, 7)) == [b"few", b"many"]


def test_rows_of_one_key_come_by_their_r() -> None:
    """All that has one r comes together, so that a copy can be told; and it is counted which r came how."""
    signed = [row(b"b", line=1), row(b"a", line=2), row(b"b", line=3), row(b"a", b"other", line=4), row(b"a", e=b"f")]
    with kept(seen((*signed,))) as rows:
        assert [*rows.all_of_key(b"key")] == [signed[number] for number in (4, 1, 0, 2)]
        assert rows.nonces_met_again(b"key") == (1, 1)
        assert rows.nonces_met_again(b"other") == (0, 1)
        assert rows.nonces_met_again(b"none") == (0, 0)


def failing(*failed: Signed, signed: tuple[Signed, ...] = ()) -> Seen:
    return seen(signed)._replace(failed=failed)


def test_invalid_signatures_come_with_valid_ones() -> None:
    """Of the same r and another digest; not if two digests of one key and r are valid, which proves as much."""
    signed = (row(b"a"), row(b"a", line=2), row(b"a", b"other"), row(b"b", e=b"1"), row(b"b", e=b"2"), row(b"c"))
    failed = (row(b"a", b"x", b"f"), row(b"a", b"y", b"e"), row(b"b", b"x", b"f"), row(b"d", b"x", b"f"))
    with kept(failing(*failed, signed=signed)) as rows:
        found = [*rows.misfiled()]
        assert [(one.key, one.r, other) for one, other in found] == [
            (b"key", b"a", failed[0]),
            (b"other", b"a", failed[0]),
        ]
    with kept(seen(signed)) as rows:
        assert [*rows.misfiled()] == []


def test_invalid_signatures_are_kept_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many rows, over all blocks and runs; and so many pairs are looked at."""
    monkeypatch.setattr(module, "_MOST_FAILED", 3)
    path = str(tmp_path / "store")
    failed = [row(b"a", b"x", b"%d" % number) for number in range(5)]
    signed = (row(b"a"), row(b"a", b"other"))
    with kept(failing(*failed[:2], signed=signed), path=path):
        pass
    with kept(failing(*failed[2:]), failing(*failed), path=path) as rows:
        assert [*rows._query("SELECT count(*) FROM failed")] == [(3,)]
        assert len([*rows.misfiled()]) == 3
    with kept(failing(*failed), path=path) as rows:
        assert [*rows._query("SELECT count(*) FROM failed")] == [(3,)]


NAMED: dict[str, tuple[list[Signed], list[Signed], list[bytes], list[int]]] = {
    "another record without a key": ([], [row(b"a", b"A", line=1), row(b"b", b"A", line=2)], [], [1, 2]),
    "a copy": ([], [row(b"a", b"A", line=1), row(b"a", b"A", line=2)], [], []),
    "a record with the key": ([row(b"b", b"A", line=9)], [row(b"a", b"A"), row(b"a", b"B")], [], [1]),
    "given": ([], [row(b"a", b"A"), row(b"a", b"B")], [b"B"], [1]),
    "two that fit": ([], [row(b"a", b"A"), row(b"a", b"B")], [b"B", b"A"], []),
    "no candidate": ([row(b"a", b"A")], [], [b"A"], []),
}


@pytest.mark.parametrize(("signed", "candidates", "given", "lines"), NAMED.values(), ids=NAMED)
def test_keys_of_records_that_name_none(
    signed: list[Signed], candidates: list[Signed], given: list[bytes], lines: list[int]
) -> None:
    """The one candidate that is known otherwise is chosen, and is what verifies from then on, with what was noted."""
    noted = tuple(Noted("kind", one) for one in (*signed, *candidates))
    with kept(seen((*signed,), (*candidates,), noted=noted)) as rows:
        chosen = [*rows.name_keys(given)]
        assert sorted(one.line for one in chosen) == lines
        assert sorted(rows.above(b"", 99)[1]) == sorted([*signed, *chosen])
        assert sorted(one for _, one, _ in rows.noted("kind")) == sorted([*signed, *chosen])


def test_chosen_keys_are_not_in_the_file(tmp_path: Path) -> None:
    """They are what one run concludes: the next one begins with what was read."""
    path = str(tmp_path / "store")
    candidates = (row(b"a", b"A", line=1), row(b"b", b"A", line=2))
    for blocks in ([seen((row(b"c"),), candidates)], [], []):
        with kept(*blocks, path=path) as rows:
            assert rows.above(b"", 9)[0] == 1
            assert len([*rows.name_keys([])]) == 2
            assert rows.above(b"", 9)[0] == 3


# The file


def test_a_file_has_what_was_added_and_is_resumed(tmp_path: Path) -> None:
    """From the block that was not read yet, with the fingerprint of those before."""
    path = str(tmp_path / "store")
    with kept(seen((row(b"a"),), valid=1), seen(valid=1), path=path):
        pass
    with kept(path=path) as rows:
        assert (rows.blocks, rows.fingerprint, rows.verdicts()) == (2, "fingerprint 2", {"valid": 2})
        rows.add(seen((row(b"a"),), valid=1), "fingerprint 3")
    with kept(path=path) as rows:
        assert (rows.blocks, rows.fingerprint, rows.verdicts()) == (3, "fingerprint 3", {"valid": 3})
        assert len([*rows.recurring(Signed, "signed", "r")]) == 2


def test_blocks_are_written_every_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process that is killed leaves is whole blocks."""
    monkeypatch.setattr(module, "_COMMIT_EVERY", 0.0)
    path, left = str(tmp_path / "store"), str(tmp_path / "left")
    with kept(seen(valid=1), seen(valid=1), path=path):
        shutil.copy(path, left)
    with kept(path=left) as others:
        assert (others.blocks, others.verdicts()) == (2, {"valid": 2})


def test_only_one_run_at_a_time_can_use_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From its opening to its closing, whatever is written; another run is told of which file, and reads no block."""
    monkeypatch.setattr(module, "_COMMIT_EVERY", 0.0)
    path = str(tmp_path / "store")
    for number in range(2):
        with kept(path=path) as rows:
            for _ in range(2):
                with (
                    pytest.raises(Refused, match=rf"^{path}: another run is using it: wait until it has ended"),
                    told(path),
                ):
                    Rows(path, RUN)
                rows.add(seen(valid=1), "")
            assert rows.blocks == 2 * number
    with kept(path=path) as rows:
        assert (rows.blocks, rows.verdicts()) == (4, {"valid": 4})


def test_half_a_block_is_not_kept(tmp_path: Path) -> None:
    """What was added before the failure since the last writing goes with it: it is read again."""
    path = str(tmp_path / "store")
    with pytest.raises(sqlite3.Error), kept(seen(valid=1), path=path) as rows:
        rows.add(seen((row(b"a"),), logins=(Login(b"", b"", object(), 0, 1, ""),)), "")  # type: ignore[arg-type]
    with kept(path=path) as rows:
        assert (rows.blocks, rows.verdicts()) == (0, {})
        assert rows.above(b"", 9)[0] == 0


def test_a_file_of_another_audit_is_refused(tmp_path: Path) -> None:
    """And left as it is."""
    path = str(tmp_path / "store")
    with kept(seen(valid=1), path=path):
        pass
    before = Path(path).read_bytes()
    with pytest.raises(
        Refused, match=r"store: it belongs to an audit with other files or settings: name another file, or"
    ):
        Rows(path, {"of": "another"})
    assert Path(path).read_bytes() == before


def test_a_file_with_other_tables_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is of another version of the program, even if that has the same number."""
    path = str(tmp_path / "store")
    with monkeypatch.context() as other:
        other.setattr(module, "_SCHEMA", [*module._SCHEMA, "CREATE TABLE others (r BLOB)"])
        with kept(seen(valid=1), path=path):
            pass
    with pytest.raises(Refused, match="store: it belongs to an audit with other files or settings"), told(path):
        Rows(path, RUN)


@pytest.mark.parametrize(
    "words", ["DELETE FROM run", "UPDATE run SET described = '{'", "UPDATE run SET blocks = 'x'", "DROP TABLE run"]
)
def test_a_damaged_file_is_refused(tmp_path: Path, words: str) -> None:
    """In one sentence, which names it."""
    path = str(tmp_path / "store")
    with kept(seen(valid=1), path=path):
        pass
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(words)
    with pytest.raises(Refused, match=r"store: "), told(path):
        Rows(path, RUN)


@pytest.mark.parametrize("octets", [b"no database" * 100, b"SQLite format 3\0" + bytes(4000)], ids=["text", "torn"])
def test_what_is_no_database_is_refused(tmp_path: Path, octets: bytes) -> None:
    """Its octets stay as they are."""
    path = tmp_path / "store"
    path.write_bytes(octets)
    with pytest.raises(Refused, match=r"store: this is not a file of an audit: name a new file$"), told(str(path)):
        Rows(str(path), RUN)
    assert path.read_bytes() == octets


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    """And left as it is."""
    path = str(tmp_path / "store")
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE addresses (name TEXT)")
    before = Path(path).read_bytes()
    with pytest.raises(Refused, match=r"store: this is not a file of an audit: name a new file$"), told(path):
        Rows(path, RUN)
    assert Path(path).read_bytes() == before


def test_errors_of_the_database_are_told() -> None:
    """In a sentence that names the file; an interrupt in the middle of a query is one."""
    with (
        pytest.raises(Refused, match=r"^the temporary file of the audit: rows cannot be kept there: full$"),
        told(None),
    ):
        raise sqlite3.OperationalError("full")
    error = sqlite3.OperationalError("interrupted")
    error.sqlite_errorcode = sqlite3.SQLITE_INTERRUPT
    with pytest.raises(KeyboardInterrupt), told("store"):
        raise error


def test_rows_without_a_file_leave_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even while they are more than memory is meant for: the temporary file has no name by then."""
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    monkeypatch.setattr(module, "_CACHE", 1)
    rows = [row(os.urandom(29), s=bytes(2000)) for _ in range(100)]
    with kept(seen((*rows,)), seen((*rows,))) as database:
        assert len([*database.recurring(Signed, "signed", "r")]) == 200
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


# Whole audits


def exposing() -> list[Record]:
    """Return records of every kind of row, which expose keys."""
    message = int.from_bytes(b"message", "big")
    records = [with_nonce(D[0], K[0], b"a"), with_nonce(D[0], K[0], b"b"), with_nonce(D[1], message, b"message")]
    records += [keyless(with_nonce(D[2], k, b"%d" % k)) for k in (K[1], K[1], K[2])]
    return [*records, logged_in(1, 1), logged_in(1, 2), with_nonce(D[0], 7, b"c")]


def findings(found: Conclusions) -> list[Any]:
    return [dict(found.verdicts), *found.findings]


def test_an_audit_again_with_its_file_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read by a worker, and nothing is counted twice, though keys were recovered; without a file, too."""
    path, store = tmp_path / "records", str(tmp_path / "store")
    path.write_bytes(written(exposing()))

    def found(store: str | None) -> list[Any]:
        return findings(audit([str(path)], None, Settings({}), recover=True, jobs=1, store=store))

    first = found(store)
    assert first == found(None)
    assert {"key-recovered", "nonce-reused", "nonce-is-message", "nonce-small"} < {one.kind for one in first[1:]}
    monkeypatch.setattr(Collector, "__call__", None)
    assert found(store) == first
    assert found(store) == first


def test_weak_hashes_are_in_the_file(tmp_path: Path) -> None:
    """A run that resumes names them, and so does one that has nothing left to read."""
    path, store = tmp_path / "records", str(tmp_path / "store")
    record = with_nonce(D[0], K[0], b"a")
    path.write_bytes(written([record, record | {"hash": "sha1"}, record | {"hash": "sha1"}]))
    for _ in range(2):
        met: set[str] = set()
        audit([str(path)], None, Settings({}), recover=False, jobs=1, store=store, weak_hashes=met)
        assert met == {"sha1"}


def test_a_file_of_other_settings_or_records_is_refused(tmp_path: Path) -> None:
    """Their rows are not mixed."""
    path, store = tmp_path / "records", str(tmp_path / "store")
    path.write_bytes(written(exposing()))
    audit([str(path)], None, Settings({}), recover=False, jobs=1, store=store)
    with pytest.raises(Refused, match="other files or settings"):
        audit([str(path)], None, Settings({}), recover=True, jobs=1, store=store)
    with pytest.raises(Refused, match="other files or settings"):
        audit([str(path)], None, Settings({}, hash="sha256"), recover=False, jobs=1, store=store)
    path.write_bytes(written(exposing()[1:]))
    refusal = rf"the records have changed since the unfinished run began: delete {re.escape(store)} to begin anew$"
    with pytest.raises(Refused, match=refusal):
        audit([str(path)], None, Settings({}), recover=False, jobs=1, store=store)


def test_no_secret_is_in_the_file(tmp_path: Path) -> None:
    """Neither a private key that the audit computed nor a nonce, in octets, hex or decimal."""
    path, store = tmp_path / "records", tmp_path / "store"
    path.write_bytes(written(exposing()))
    found = audit([str(path)], None, Settings({}), recover=True, jobs=1, store=str(store))
    assert any(KEYS[0] in (key.hex() for key in one.keys) for one in found.findings.of_kind("nonce-reused"))
    octets = store.read_bytes()
    assert bytes.fromhex(KEYS[0]) in octets
    for secret in (D[0], D[1], D[2], K[0], K[1], K[2]):
        forms = (secret.to_bytes(28, "big"), secret.to_bytes(28, "little"), b"%x" % secret, b"%d" % secret)
        assert not any(form in octets for form in forms)
    assert [one.name for one in tmp_path.iterdir() if "store" in one.name] == ["store"]


def test_what_sqlite_says_of_a_damaged_file_may_be_no_text() -> None:
    """It is said to be damaged all the same, and no more of it is quoted."""

    def execute(*_: object) -> None:
        b"\xef".decode("utf-8")

    rows = Rows(None, {})
    rows._database.close()
    rows._database = SimpleNamespace(execute=execute, close=lambda: None)  # type: ignore[assignment]
    with pytest.raises(Refused, match=r"rows cannot be kept there: database disk image is malformed$"), told(None):
        rows._query("SELECT 1")
