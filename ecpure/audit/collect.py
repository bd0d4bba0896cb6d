"""What an audit collects from a block: rows of what verifies, to be compared with all others later."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .. import bulk
from ..archives.blocks import Block
from ..archives.records import Line, Reader, Record, Settings, Unreadable, identity, lines
from ..curve import named
from ..errors import InvalidSignature
from ..publickey import PublicKey
from ..sec1 import encode_integer
from ..tables import Tables
from ..verifying import digest_to_int
from .exposure import Signed, r_octets, r_of_each
from .generators import seeded
from .loosely import loosely
from .repairs import Named, with_zeros


class Noted(NamedTuple):
    """A record that may be a finding of this kind by itself; whether it exposes the key is still to be computed."""

    kind: str
    signed: Signed
    k: bytes = b""
    """The nonce that it has if it is a finding, which can be read in the record: its digest, or its message mod n."""


class Login(NamedTuple):
    """A login, and its nonces."""

    server_nonce: bytes
    client_nonce: bytes
    e: bytes
    """The digest of user and nonces."""
    source: int
    line: int
    id: str
    form: str | None = None
    """The form of the known generator that made the client nonce, if any; with states as in `Seeded`."""
    state: int | None = None
    following: int | None = None


class Seen(NamedTuple):
    """What was collected from a block."""

    verdicts: Counter[str]
    """As `verify-many` counts them."""
    signed: list[Signed]
    """What verifies."""
    candidates: list[Signed]
    """What has no key: one row for each key under which it would verify."""
    logins: list[Login]
    """Logins that verify, or have no key to do so."""
    noted: list[Noted]
    position: int
    """Of the block, as in `Block`."""
    failed: Sequence[Signed] = ()
    """What does not verify under the key in its record, or has no key that can be read."""
    weak_hashes: frozenset[str] = frozenset()
    """The hashes in `hashes.WEAK` that records have."""


class _Entry(NamedTuple):
    """A line: the reason that it is not verified, if any; and its record, or those that it may have been."""

    number: int
    id: str
    reason: str | None
    records: list[tuple[Record, str | None]]
    """Each with the kind of finding that it is if it verifies; None if it was read as written."""
    kind: str | None = None
    """The kind of finding that it is if none of them verifies."""
    unnamed: Sequence[Record] = ()
    """The record, if its key is missing or cannot be read: its r, s and e can be compared with those of others."""


class Collector:
    """Collects from blocks. recover: include the keys under which a record that names none would verify.

    tables: octets that the tables of keys may take.
    """

    def __init__(self, settings: Settings, tables: int, *, recover: bool) -> None:
        self._settings, self._recover = settings, recover
        self._reader = Reader(settings)
        self._tables = Tables(tables)
        self._curve = named(settings.curve)

    def __call__(self, block: Block) -> Seen:
        """Return what was collected from a block."""
        entries = [self._entry(line) for line in lines(block, self._settings.ignored)]
        jobs = [
            (record.key, record.signature, record.digest)
            for entry in entries
            for record, _ in entry.records
            if record.key is not None
        ]
        holds = iter(bulk.verify_digests(jobs, self._tables))
        verdicts = Counter[str]()
        noted: list[Noted] = []
        rows: list[tuple[Signed, Record]] = []
        candidates: list[tuple[Signed, Record]] = []
        logins: list[Login] = []
        failed: list[Signed] = []
        for entry in entries:
            held = [(record, kind) for record, kind in entry.records if record.key is None or next(holds)]
            verdicts[entry.reason or self._verdict(held)] += 1
            kind = held[0][1] if held else entry.kind
            if kind is not None:
                noted.append(Noted(kind, Signed(b"", b"", b"", b"", block.source, entry.number, entry.id)))
            unproved = [record for record, _ in entry.records] if entry.reason is None and not held else entry.unnamed
            failed += [self._signed(record, b"", block.source, entry) for record in unproved]
            for record, _ in held[:1]:
                keys = [record.key] if record.key is not None else self._candidates(record)
                new = [(self._signed(record, key.to_bytes(), block.source, entry), record) for key in keys]
                (candidates if record.key is None else rows).extend(new)
                logins += _login(record, block.source, entry)
        return Seen(
            verdicts=verdicts,
            signed=[row for row, _ in rows],
            candidates=[row for row, _ in candidates],
            logins=logins,
            noted=[*noted, *self._guess(rows + candidates)],
            position=block.position,
            failed=failed,
            weak_hashes=frozenset(one.weak_hash for entry in entries for one, _ in entry.records if one.weak_hash),
        )

    def _verdict(self, held: list[tuple[Record, str | None]]) -> str:
        """Return the reason of a record that was verified, or "valid". held: it, if its signature is valid."""
        if not held:
            return "does-not-hold"
        return "valid" if self._settings.trusts(held[0][0].key_id) else "unknown-key"

    def _entry(self, line: Line) -> _Entry:
        number, fields = line.number, line.fields
        name = json.dumps(identity(fields))
        if line.reason is not None:
            return _Entry(number, name, line.reason, [])
        try:
            record = self._reader.read(fields)
        except InvalidSignature:
            return _Entry(
                number, name, "out-of-range", self._repaired(loosely(fields, self._settings), "loose-encoding")
            )
        except Unreadable as refusal:
            reason = str(refusal)
            if reason not in ("bad-signature", "bad-login"):
                return _Entry(number, name, reason, [], unnamed=self._unnamed(fields, reason))
            whole = list(with_zeros(fields, self._settings))
            records = self._repaired(whole, "dropped-zeros")
            records += self._repaired(loosely(fields, self._settings), "loose-encoding")
            return _Entry(number, name, reason, records, "short-signature" if whole else None)
        keyless = "no-public-key" if record.key is None else None
        if not record.signature.in_range(curve=self._curve):
            return _Entry(number, name, keyless or "out-of-range", [])
        unnamed = [record] if keyless and not self._recover else ()
        return _Entry(number, name, keyless, [(record, None)], unnamed=unnamed)

    def _unnamed(self, fields: Named, reason: str) -> list[Record]:
        """Return the record, without its key, of a line that is unreadable for this reason; none if more is wrong."""
        found: list[Record] = []
        if reason in ("unknown-key-id", "bad-public-key"):
            with contextlib.suppress(Unreadable):
                found.append(self._reader.read({name: fields[name] for name in fields if name != "public_key"}))
        return [record for record in found if record.signature.in_range(curve=self._curve)]

    def _repaired(self, whole: Iterable[Named], kind: str) -> list[tuple[Record, str | None]]:
        """Return, with this kind, the records that a line may have been and that can be verified."""
        found: list[tuple[Record, str | None]] = []
        for fields in whole:
            with contextlib.suppress(InvalidSignature, Unreadable):
                record = self._reader.read(fields)
                if record.key is not None and record.signature.in_range(curve=self._curve):
                    found.append((record, kind))
        return found

    def _candidates(self, record: Record) -> list[PublicKey]:
        if not self._recover:
            return []
        return PublicKey.recover(record.signature, record.digest, curve=self._curve)

    def _signed(self, record: Record, key: bytes, source: int, entry: _Entry) -> Signed:
        curve, (r, s) = self._curve, (record.signature.r, record.signature.s)
        e = digest_to_int(curve, record.digest) % curve.n
        r_octets, e_octets, s_octets = (encode_integer(value, curve.scalar_octets) for value in (r, e, s))
        return Signed(r_octets, key, e_octets, s_octets, source, entry.number, entry.id)

    def _guess(self, rows: list[tuple[Signed, Record]]) -> Iterator[Noted]:
        """Yield the signatures whose nonce, by its r, is the private key, e, or the message as an integer."""
        guesses = []
        for signed, record in rows:
            if signed.r == r_octets(self._curve, int.from_bytes(signed.key[1:], "big")):
                yield Noted("nonce-is-key", signed)
            guesses.append(Noted("nonce-is-digest", signed, signed.e))
            if record.message is not None:
                k = int.from_bytes(record.message, "big") % self._curve.n
                guesses.append(Noted("nonce-is-message", signed, encode_integer(k, self._curve.scalar_octets)))
        guesses = [noted for noted in guesses if any(noted.k)]
        met = r_of_each(self._curve, [int.from_bytes(noted.k, "big") for noted in guesses])
        yield from (noted for noted, r in zip(guesses, met, strict=True) if noted.signed.r == r)


def _login(record: Record, source: int, entry: _Entry) -> list[Login]:
    """Return the login, if it is one."""
    if record.message is None or "server_nonce" not in record.fields:
        return []
    server, client = record.message[8:24], record.message[24:]  # after the user id
    login = Login(server, client, record.digest, source, entry.number, entry.id)
    found = seeded(client)
    return [login if found is None else login._replace(**found._asdict())]
