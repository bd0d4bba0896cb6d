"""The rows of an audit in SQLite: they take no memory, findings are queries, and an interrupted audit resumes."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, TypeVar

from ..io.streams import Refused
from .collect import Login, Noted, Seen
from .exposure import Signed

Row = TypeVar("Row", Signed, Login)

_COMMIT_EVERY = 1.0  # seconds
_CACHE = 32 << 10  # KiB of the database that are held in memory
_STEPS = 100_000  # of SQLite's machine, a small part of a second, after which Python may look at signals

_SIGNED = "(r BLOB, key BLOB, e BLOB, s BLOB, source INTEGER, line INTEGER, id TEXT)"
_SCHEMA = (
    f"CREATE TABLE signed {_SIGNED}",
    f"CREATE TABLE candidates {_SIGNED}",
    "CREATE TABLE noted (kind TEXT, r BLOB, key BLOB, e BLOB, s BLOB, source INTEGER, line INTEGER, id TEXT)",
    "CREATE TABLE logins (server_nonce BLOB, client_nonce BLOB, e BLOB, source INTEGER, line INTEGER, id TEXT)",
    "CREATE TABLE verdicts (reason TEXT PRIMARY KEY, count INTEGER)",
    "CREATE TABLE run (described TEXT, blocks INTEGER, fingerprint TEXT)",
)


class Rows:
    """What was seen of an archive. path: a file to keep it in, or None for one that is gone at the end.

    described: what the rows depend on besides the records. The file of an interrupted audit is resumed, from block
    `blocks` on. Every method raises `sqlite3.Error` (`told`); this one `Refused` for a file of another audit.
    """

    def __init__(self, path: str | None, described: dict[str, Any]) -> None:
        self._next_commit = 0.0
        self._is_whole = True  # what is to be committed
        self._database = sqlite3.connect(path or "", isolation_level=None)
        self._database.set_progress_handler(lambda: None, _STEPS)
        self._query(f"PRAGMA cache_size = -{_CACHE}")
        self._query("PRAGMA synchronous = OFF")  # after a power cut, the audit has to be done again
        if next(self._query("SELECT 1 FROM sqlite_master"), None) is None:
            for words in ("BEGIN", *_SCHEMA):
                self._query(words)
            self._query("INSERT INTO run VALUES (?, 0, '')", json.dumps(described))
            self._query("COMMIT")
        try:
            ((whose, self.blocks, self.fingerprint),) = self._query("SELECT * FROM run")
            is_ours = json.loads(whose) == described and type(self.blocks) is int
        except (TypeError, ValueError):  # damaged
            is_ours = False
        if not is_ours:
            raise Refused(f"{path}: it is of an audit with other files or settings: name another file, or delete it")

    def _query(self, words: str, *values: Any) -> Iterator[Any]:
        return self._database.execute(words, values)

    def close(self) -> None:
        """Write what was taken of whole blocks, and close the file."""
        try:
            if self._database.in_transaction:
                self._query("COMMIT" if self._is_whole else "ROLLBACK")
        finally:
            self._database.close()

    def add(self, seen: Seen, fingerprint: str) -> None:
        """Take what was seen in the next block, up to which this is the fingerprint."""
        if not self._database.in_transaction:
            self._query("BEGIN")
            self._next_commit = time.monotonic() + _COMMIT_EVERY
        self._is_whole = False
        self._insert("signed", seen.signed)
        self._insert("candidates", seen.candidates)
        self._insert("logins", seen.logins)
        self._insert("noted", [(kind, *signed) for kind, signed in seen.noted])
        for reason, count in seen.verdicts.items():
            words = (
                "INSERT INTO verdicts VALUES (?, ?) ON CONFLICT (reason) DO UPDATE SET count = count + excluded.count"
            )
            self._query(words, reason, count)
        self._query("UPDATE run SET blocks = blocks + 1, fingerprint = ?", fingerprint)
        self._is_whole = True
        if time.monotonic() >= self._next_commit:
            self._query("COMMIT")

    def _insert(self, table: str, rows: list[Any]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  # names of ours

    def verdicts(self) -> Counter[str]:
        """Return how many records had which reason, or "valid"."""
        return Counter(dict(self._query("SELECT * FROM verdicts")))

    def noted(self, *kinds: str) -> Iterator[Noted]:
        """Yield what was noted of these kinds, but of a candidate only if `name_keys` chose it."""
        marks = ", ".join("?" * len(kinds))
        unnamed = "SELECT 1 FROM candidates WHERE (source, line, key) = (noted.source, noted.line, noted.key)"
        words = f"SELECT * FROM noted WHERE kind IN ({marks}) AND NOT EXISTS ({unnamed})"  # noqa: S608
        for kind, *signed in self._query(words, *kinds):
            yield Noted(kind, Signed(*signed))

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
        """Return how many signatures have a larger s, and some of them."""
        ((count,),) = self._query("SELECT count(*) FROM signed WHERE s > ?", s)
        return count, [*map(Signed._make, self._query("SELECT * FROM signed WHERE s > ? LIMIT ?", s, most))]

    def recurring(self, make: type[Row], table: str, column: str) -> Iterator[Row]:
        """Yield the rows whose value in this column another row has too, ordered by it, key, digest, s and place."""
        self._index(table, column)
        order = "key, e, s, source, line" if table == "signed" else "e, source, line"
        often = f"SELECT {column} FROM {table} GROUP BY {column} HAVING count(*) > 1"  # noqa: S608
        words = f"SELECT {table}.* FROM ({often}) JOIN {table} USING ({column}) ORDER BY {column}, {order}"  # noqa: S608
        yield from map(make._make, self._query(words))

    def spread(self, place: int, least: int) -> Iterator[tuple[bytes, list[int]]]:
        """Yield the keys that have so many different r or more, with how many r have which octet at this place."""
        often = "SELECT key FROM signed GROUP BY key HAVING count(*) >= ?"
        cells = f"SELECT key, substr(r, ?, 1), count(DISTINCT r) FROM signed WHERE key IN ({often}) GROUP BY 1, 2"  # noqa: S608
        counts: dict[bytes, list[int]] = {}
        for key, octet, count in self._query(cells, place + 1, least):
            counts.setdefault(key, [0] * 256)[octet[0]] = count
        yield from ((key, found) for key, found in counts.items() if sum(found) >= least)

    def of_key(self, key: bytes, most: int) -> list[Signed]:
        """Return some of what verifies under a key."""
        return [*map(Signed._make, self._query("SELECT * FROM signed WHERE key = ? LIMIT ?", key, most))]

    def _index(self, table: str, column: str) -> None:
        self._query(f"CREATE INDEX IF NOT EXISTS {table}_{column} ON {table} ({column})")


@contextlib.contextmanager
def told(path: str | None) -> Iterator[None]:
    """In this block, what SQLite raises is `Refused`, and names the file; or `KeyboardInterrupt` if that ended it."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from None
        raise Refused(f"{path or 'the temporary file of the audit'}: rows cannot be kept there: {error}") from None
