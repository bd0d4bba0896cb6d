"""The rows of an audit in SQLite: they need no memory, findings are queries, and an audit can be resumed."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

from ..io.streams import Refused
from .collect import Login, Noted, Seen
from .exposure import Signed

Row = TypeVar("Row", Signed, Login)

_COMMIT_EVERY = 1.0  # seconds
_CACHE = 32 << 10  # KiB of the database that are kept in memory
_FOREIGN = "this is not a file of an audit: name a new file"
_IN_USE = "another run is using it: wait until it has ended, or name another file"
_MOST_FAILED = 1 << 20  # rows that are kept of invalid signatures; and pairs of them that are examined
_STEPS = 100_000  # of SQLite's machine, a small part of a second, after which Python may look at signals

_PLACE = "source INTEGER, line INTEGER, id TEXT"
_SEEDED = "form TEXT, state INTEGER, following INTEGER"
_SIGNED = "(r BLOB, key BLOB, e BLOB, s BLOB, source INTEGER, line INTEGER, id TEXT)"
_SCHEMA = [
    f"CREATE TABLE signed {_SIGNED}",
    f"CREATE TABLE candidates {_SIGNED}",
    f"CREATE TABLE failed {_SIGNED}",
    "CREATE TABLE noted (kind TEXT, k BLOB, r BLOB, key BLOB, e BLOB, s BLOB, source INTEGER, line INTEGER, id TEXT)",
    f"CREATE TABLE logins (server_nonce BLOB, client_nonce BLOB, e BLOB, {_PLACE}, {_SEEDED})",
    "CREATE TABLE verdicts (reason TEXT PRIMARY KEY, count INTEGER)",
    "CREATE TABLE weak_hashes (name TEXT PRIMARY KEY)",
    "CREATE TABLE run (described TEXT, blocks INTEGER, fingerprint TEXT)",
]


class Rows:
    """What was collected from an archive. path: a file to keep it in, or None for a temporary one.

    described: what the rows depend on besides the records. The file of an interrupted audit is resumed, from block
    `blocks` onwards; its name is `path`. No other run can use it until it is closed. Every method raises
    `sqlite3.Error` (`told`); this one `Refused` for a file of another audit.
    """

    def __init__(self, path: str | None, described: dict[str, Any]) -> None:
        self.path = path or ""
        self._next_commit = 0.0
        self._is_whole = True  # only whole blocks are committed
        self._database = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        try:
            self._open(path, described)
        except BaseException:
            self._database.close()
            raise

    def _open(self, path: str | None, described: dict[str, Any]) -> None:
        self._database.set_progress_handler(lambda: None, _STEPS)
        self._query(f"PRAGMA cache_size = -{_CACHE}")
        self._query("PRAGMA synchronous = OFF")  # after a power cut, the audit has to be done again
        described = described | {"tables": _SCHEMA}
        self._query("PRAGMA locking_mode = EXCLUSIVE")  # locked until it is closed, or the process is gone
        self._query("BEGIN EXCLUSIVE")
        tables = {name for (name,) in self._query("SELECT name FROM sqlite_master")}
        if tables and "run" not in tables:
            raise Refused(f"{path}: {_FOREIGN}")
        if not tables:
            for words in _SCHEMA:
                self._query(words)
            self._query("INSERT INTO run VALUES (?, 0, '')", json.dumps(described))
        try:
            ((whose, self.blocks, self.fingerprint),) = self._query("SELECT * FROM run")
            is_ours = json.loads(whose) == described and type(self.blocks) is int
        except (TypeError, ValueError):  # damaged
            is_ours = False
        if not is_ours:
            raise Refused(
                f"{path}: it belongs to an audit with other files or settings: name another file, or delete it"
            )
        ((self._failed,),) = self._query("SELECT count(*) FROM failed")
        self._query("COMMIT")

    def _query(self, words: str, *values: Any) -> Iterator[Any]:
        try:
            return self._database.execute(words, values)
        except UnicodeDecodeError:  # what SQLite says of a damaged file quotes it
            raise sqlite3.DatabaseError("database disk image is malformed") from None

    def close(self) -> None:
        """Commit whole blocks, and close the file."""
        try:
            if self._database.in_transaction:
                self._query("COMMIT" if self._is_whole else "ROLLBACK")
        finally:
            self._database.close()

    def add(self, seen: Seen, fingerprint: str) -> None:
        """Add what was collected from the next block. fingerprint: of all up to its end."""
        if not self._database.in_transaction:
            self._query("BEGIN")
            self._next_commit = time.monotonic() + _COMMIT_EVERY
        self._is_whole = False
        self._insert("signed", seen.signed)
        self._insert("candidates", seen.candidates)
        self._insert("logins", seen.logins)
        self._insert("failed", seen.failed[: max(0, _MOST_FAILED - self._failed)])
        self._failed += len(seen.failed)
        self._insert("noted", [(kind, k, *signed) for kind, signed, k in seen.noted])
        for name in seen.weak_hashes:
            self._query("INSERT OR IGNORE INTO weak_hashes VALUES (?)", name)
        for reason, count in seen.verdicts.items():
            words = (
                "INSERT INTO verdicts VALUES (?, ?) ON CONFLICT (reason) DO UPDATE SET count = count + excluded.count"
            )
            self._query(words, reason, count)
        self._query("UPDATE run SET blocks = blocks + 1, fingerprint = ?", fingerprint)
        self._is_whole = True
        if time.monotonic() >= self._next_commit:
            self._query("COMMIT")

    def _insert(self, table: str, rows: Sequence[Any]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  # names of ours

    def verdicts(self) -> Counter[str]:
        """Return how many records had which reason, or "valid"."""
        return Counter(dict(self._query("SELECT * FROM verdicts")))

    def weak_hashes(self) -> set[str]:
        """Return the hashes in `hashes.WEAK` that records have."""
        return {name for (name,) in self._query("SELECT name FROM weak_hashes")}

    def noted(self, *kinds: str) -> Iterator[Noted]:
        """Yield what was noted of these kinds; candidates only if `name_keys` chose them."""
        marks = ", ".join("?" * len(kinds))
        unnamed = "SELECT 1 FROM candidates WHERE (source, line, key) = (noted.source, noted.line, noted.key)"
        words = f"SELECT * FROM noted WHERE kind IN ({marks}) AND NOT EXISTS ({unnamed})"  # noqa: S608
        for kind, k, *signed in self._query(words, *kinds):
            yield Noted(kind, Signed(*signed), k)

    def name_keys(self, given: Collection[bytes]) -> Iterator[Signed]:
        """Yield, for records that name no key, the one candidate that signed another record too or was given; these
        become rows of what verifies, but not in the file, which may be resumed once more.
        """
        if next(self._query("SELECT 1 FROM candidates LIMIT 1"), None) is None:
            return
        if self._database.in_transaction:
            self._query("COMMIT")
        self._query("BEGIN")
        self._is_whole = False
        self._index("candidates", "key")
        self._index("signed", "key")
        self._query("CREATE TEMP TABLE named (key BLOB PRIMARY KEY)")
        self._insert("named", [(key,) for key in {*given}])
        self._query(
            "INSERT OR IGNORE INTO named SELECT DISTINCT key FROM candidates WHERE key IN (SELECT key FROM signed)"
        )
        different = "count(DISTINCT hex(r) || hex(e)) > 1"
        self._query(f"INSERT OR IGNORE INTO named SELECT key FROM candidates GROUP BY key HAVING {different}")  # noqa: S608
        chosen = "SELECT * FROM candidates WHERE key IN named GROUP BY source, line HAVING count(*) = 1"
        yield from map(Signed._make, self._query(chosen))
        self._query(f"INSERT INTO signed {chosen}")
        self._query(f"DELETE FROM candidates WHERE rowid IN ({chosen.replace('*', 'rowid', 1)})")  # noqa: S608
        self._query("CREATE INDEX candidates_place ON candidates (source, line)")

    def with_r(self, r: Collection[bytes]) -> Iterator[Signed]:
        """Yield what verifies and has one of these r."""
        self._index("signed", "r")
        self._query("ATTACH ':memory:' AS memory")
        self._query("CREATE TABLE memory.known (r BLOB PRIMARY KEY)")
        self._insert("memory.known", [(one,) for one in r])
        yield from map(
            Signed._make, self._query("SELECT signed.* FROM memory.known CROSS JOIN signed ON signed.r = known.r")
        )

    def above(self, s: bytes, most: int) -> tuple[int, list[Signed]]:
        """Return how many signatures have a larger s, with some of them."""
        ((count,),) = self._query("SELECT count(*) FROM signed WHERE s > ?", s)
        return count, [*map(Signed._make, self._query("SELECT * FROM signed WHERE s > ? LIMIT ?", s, most))]

    def recurring(self, make: type[Row], table: str, column: str) -> Iterator[Row]:
        """Yield the rows that share their value in this column, ordered by it, key, digest, s and place."""
        self._index(table, column)
        order = "key, e, s, source, line" if table == "signed" else "e, source, line"
        often = f"SELECT {column} FROM {table} GROUP BY {column} HAVING count(*) > 1"  # noqa: S608
        words = f"SELECT {table}.* FROM ({often}) JOIN {table} USING ({column}) ORDER BY {column}, {order}"  # noqa: S608
        yield from map(make._make, self._query(words))

    def misfiled(self) -> Iterator[tuple[Signed, Signed]]:
        """Yield, for each r and key under which one digest verifies, a signature of it, with each invalid signature
        that has this r and another digest.
        """
        self._index("signed", "r")
        self._index("failed", "r")
        firsts = "SELECT * FROM signed WHERE r IN (SELECT r FROM failed) GROUP BY r, key HAVING min(e) = max(e)"
        pairs = "SELECT one.*, failed.* FROM one CROSS JOIN failed ON failed.r = one.r AND failed.e <> one.e"
        width = len(Signed._fields)
        for row in self._query(f"WITH one AS ({firsts}) {pairs} LIMIT ?", _MOST_FAILED):
            yield Signed(*row[:width]), Signed(*row[width:])

    def generated(self, form: str, most: int) -> tuple[int, int, list[Login]]:
        """Return how many client nonces have this form, how many of these follow another, and some of the logins."""
        ((count,),) = self._query("SELECT count(*) FROM logins WHERE form = ?", form)
        if not count:
            return 0, 0, []
        others = "SELECT following FROM logins WHERE following IS NOT NULL"
        ((follow,),) = self._query(f"SELECT count(*) FROM logins WHERE form = ? AND state IN ({others})", form)  # noqa: S608
        some = self._query("SELECT * FROM logins WHERE form = ? ORDER BY rowid LIMIT ?", form, most)
        return count, follow, [*map(Login._make, some)]

    def often(self, most: int) -> list[bytes]:
        """Return keys that have more than one signature, those with most of them first."""
        self._index("signed", "key")
        words = "SELECT key FROM signed GROUP BY key HAVING count(*) > 1 ORDER BY count(*) DESC, key LIMIT ?"
        return [key for (key,) in self._query(words, most)]

    def spread(self, place: int, least: int) -> Iterator[tuple[bytes, list[int]]]:
        """Yield the keys that have at least so many different r, with how many r have each octet at this place."""
        often = "SELECT key FROM signed GROUP BY key HAVING count(*) >= ?"
        cells = f"SELECT key, substr(r, ?, 1), count(DISTINCT r) FROM signed WHERE key IN ({often}) GROUP BY 1, 2"  # noqa: S608
        counts: dict[bytes, list[int]] = {}
        for key, octet, count in self._query(cells, place + 1, least):
            counts.setdefault(key, [0] * 256)[octet[0]] = count
        yield from ((key, found) for key, found in counts.items() if sum(found) >= least)

    def recurring_keys(self) -> tuple[int, int]:
        """Return how many keys have several signatures, and how many have only one."""
        self._index("signed", "key")
        counts = "SELECT count(*) AS c FROM signed GROUP BY key"
        ((several, all_keys),) = self._query(f"SELECT count(CASE WHEN c > 1 THEN 1 END), count(*) FROM ({counts})")  # noqa: S608
        return several, all_keys - several

    def keys_by_count(self) -> Iterator[tuple[bytes, int]]:
        """Yield the keys that have several signatures, with how many, the fewest first."""
        self._index("signed", "key")
        words = "SELECT key, count(*) AS c FROM signed GROUP BY key HAVING c > 1 ORDER BY c, key"
        # Not from the cursor itself: that would be closed with this iterator, which can be after the file.
        yield from ((key, count) for key, count in self._query(words))

    def places(self, key: bytes) -> tuple[int, int]:
        """Return the first and the last place of what verifies under a key."""
        ((first, last),) = self._query("SELECT min(rowid), max(rowid) FROM signed WHERE key = ?", key)
        return first, last

    def of_key(self, key: bytes, most: int, start: int = 0, *, newest: bool = False) -> list[Signed]:
        """Return some of what verifies under a key, with different r, in order: from a place onwards, or the newest."""
        words = f"SELECT * FROM signed WHERE key = ? AND rowid >= ? ORDER BY rowid {'DESC' if newest else ''}"  # noqa: S608
        found: dict[bytes, Signed] = {}
        for row in map(Signed._make, self._query(words, key, start)):
            found.setdefault(row.r, row)
            if len(found) == most:
                break
        return [*found.values()][::-1] if newest else [*found.values()]

    def all_of_key(self, key: bytes) -> Iterator[Signed]:
        """Yield what verifies under a key, ordered by r and place."""
        yield from map(Signed._make, self._query("SELECT * FROM signed WHERE key = ? ORDER BY r, source, line", key))

    def nonces_met_again(self, key: bytes) -> tuple[int, int]:
        """Return how many r of a key have several digests, and how many of its r other keys have, too."""
        self._index("signed", "r")
        several = "SELECT 1 FROM signed WHERE key = ? GROUP BY r HAVING min(e) < max(e)"
        elsewhere = "EXISTS (SELECT 1 FROM signed AS other WHERE other.r = signed.r AND other.key <> signed.key)"
        words = (
            f"SELECT count(*), (SELECT count(DISTINCT r) FROM signed WHERE key = ? AND {elsewhere}) FROM ({several})"  # noqa: S608
        )
        ((reused, shared),) = self._query(words, key, key)
        return reused, shared

    def _index(self, table: str, column: str) -> None:
        self._query(f"CREATE INDEX IF NOT EXISTS {table}_{column} ON {table} ({column})")


@contextlib.contextmanager
def told(path: str | None) -> Iterator[None]:
    """In this block, SQLite's errors become `Refused` with the file's name, or `KeyboardInterrupt` if that ended it."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", -1)
        if code == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from None
        known = {sqlite3.SQLITE_NOTADB: _FOREIGN, sqlite3.SQLITE_BUSY: _IN_USE}
        why = known.get(code, f"rows cannot be kept there: {error}")
        raise Refused(f"{path or 'the temporary file of the audit'}: {why}") from None
