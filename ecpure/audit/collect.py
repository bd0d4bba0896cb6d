"""What an audit takes from the records of a block: rows of what verifies, to be compared with all others later."""

from __future__ import annotations

import contextlib
import struct
from collections import Counter
from typing import NamedTuple

from .. import auth, bulk
from ..archives.blocks import Block
from ..archives.records import Line, Reader, Record, Settings, Unreadable, lines
from ..curve import Curve, named
from ..errors import InvalidSignature
from ..publickey import PublicKey
from ..sec1 import encode_integer
from ..verifying import digest_to_int
from .exposure import Signed, r_of_each
from .repairs import Named, with_zeros


class Guessed(NamedTuple):
    """A signature whose nonce k can be guessed from its record."""

    signed: Signed
    k: int
    kind: str
    """Of the finding that it makes."""


class Login(NamedTuple):
    """A login, and its nonces."""

    server_nonce: bytes
    client_nonce: bytes
    e: bytes
    """The digest, which user and nonces make."""
    source: int
    line: int


LOGIN = struct.Struct(f">{auth.NONCE_OCTETS}s{auth.NONCE_OCTETS}s28sIQ")


def signed_form(curve: Curve) -> struct.Struct:
    """Return the form of `Signed` as a row."""
    scalar = curve.scalar_octets
    return struct.Struct(f">{scalar}s{curve.field_octets + 1}s{scalar}s{scalar}sIQ")


class Seen(NamedTuple):
    """What the records of a block come to."""

    verdicts: Counter[str]
    """As `verify-many` counts them."""
    signed: bytes
    """Rows of what verifies."""
    candidates: bytes
    """Rows of what has no key: one for each key under which it would verify."""
    logins: bytes
    """Rows of logins that verify, or have no key to do so."""
    guessed: list[Guessed]
    unnamed: list[Guessed]
    """The same of candidates: a known nonce fits every candidate, so it counts once the real key is known."""
    source: int
    position: int
    """Of the block."""
    dropped: list[int]
    """Lines of signatures that verify with zeros put back."""
    short: list[int]
    """Lines of signatures that are shorter than they should be, and do not."""


class _Entry(NamedTuple):
    """A line: the reason that it is not verified for, if any; and what it holds, or may have held."""

    number: int
    reason: str | None
    records: list[Record]
    is_short: bool = False
    """The signature may have lost zeros."""


class Collector:
    """Collects from blocks. recover: give the keys under which a record that names none would verify."""

    def __init__(self, settings: Settings, *, recover: bool) -> None:
        self._settings, self._recover = settings, recover
        self._reader = Reader(settings)
        self._curve = named(settings.curve)
        self._form = signed_form(self._curve)

    def __call__(self, block: Block) -> Seen:
        """Return what there is to see in a block."""
        entries = [self._entry(line) for line in lines(block, self._settings.ignored)]
        jobs = [
            (record.key, record.signature, record.digest)
            for entry in entries
            for record in entry.records
            if record.key is not None
        ]
        holds = iter(bulk.verify_digests(jobs))
        verdicts = Counter[str]()
        dropped: list[int] = []
        short: list[int] = []
        rows: list[tuple[Signed, Record]] = []
        candidates: list[tuple[Signed, Record]] = []
        logins: list[bytes] = []
        for number, reason, records, is_short in entries:
            held = [record for record in records if record.key is None or next(holds)]
            verdicts[reason or ("valid" if held else "does-not-hold")] += 1
            if is_short:
                (dropped if held else short).append(number)
            for record in held[:1]:
                keys = [record.key] if record.key is not None else self._candidates(record)
                new = [(self._signed(record, key, block.source, number), record) for key in keys]
                (candidates if record.key is None else rows).extend(new)
                logins += _login(record, block.source, number)
        return Seen(
            verdicts=verdicts,
            signed=b"".join([self._form.pack(*row) for row, _ in rows]),
            candidates=b"".join([self._form.pack(*row) for row, _ in candidates]),
            logins=b"".join(logins),
            guessed=self._guess(rows),
            unnamed=self._guess(candidates),
            source=block.source,
            position=block.position,
            dropped=dropped,
            short=short,
        )

    def _entry(self, line: Line) -> _Entry:
        number, fields = line.number, line.fields
        if line.reason is not None:
            return _Entry(number, line.reason, [])
        try:
            record = self._reader.read(fields)
        except InvalidSignature:
            return _Entry(number, "out-of-range", [])
        except Unreadable as refusal:
            reason = str(refusal)
            whole = list(with_zeros(fields, self._settings)) if reason in ("bad-signature", "bad-login") else []
            return _Entry(number, reason, self._repaired(whole), is_short=bool(whole))
        keyless = "no-public-key" if record.key is None else None
        if not record.signature.in_range(curve=self._curve):
            return _Entry(number, keyless or "out-of-range", [])
        return _Entry(number, keyless, [record])

    def _repaired(self, whole: list[Named]) -> list[Record]:
        """Return the records that a line may have been before its signature lost zeros, and can be verified."""
        found = []
        for fields in whole:
            with contextlib.suppress(InvalidSignature, Unreadable):
                record = self._reader.read(fields)
                if record.key is not None and record.signature.in_range(curve=self._curve):
                    found.append(record)
        return found

    def _candidates(self, record: Record) -> list[PublicKey]:
        if not self._recover:
            return []
        return PublicKey.recover(record.signature, record.digest, curve=self._curve)

    def _signed(self, record: Record, key: PublicKey, source: int, line: int) -> Signed:
        curve, (r, s) = self._curve, (record.signature.r, record.signature.s)
        e = digest_to_int(curve, record.digest) % curve.n
        r_octets, e_octets, s_octets = (encode_integer(value, curve.scalar_octets) for value in (r, e, s))
        return Signed(r_octets, key.to_bytes(), e_octets, s_octets, source, line)

    def _guess(self, rows: list[tuple[Signed, Record]]) -> list[Guessed]:
        """Return the signatures whose nonce is e, or the message as an integer."""
        n = self._curve.n
        guesses = []
        for signed, record in rows:
            guesses.append(Guessed(signed, int.from_bytes(signed.e, "big"), "nonce-is-digest"))
            if record.message is not None:
                guesses.append(Guessed(signed, int.from_bytes(record.message, "big") % n, "nonce-is-message"))
        guesses = [guess for guess in guesses if guess.k]
        met = r_of_each(self._curve, [guess.k for guess in guesses])
        return [guess for guess, r in zip(guesses, met, strict=True) if guess.signed.r == r]


def _login(record: Record, source: int, line: int) -> list[bytes]:
    """Return the login as a row, if it is one."""
    if record.message is None or "server_nonce" not in record.fields:
        return []
    server, client = record.message[8:24], record.message[24:]  # after the user id
    return [LOGIN.pack(server, client, record.digest, source, line)]
