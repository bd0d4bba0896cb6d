"""The findings of an audit, from the rows of a whole archive. Only what verifies is proof of anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, groupby
from typing import TypeVar

from ..archives.records import Settings
from ..curve import named
from .chisquare import probability
from .collect import Login
from .exposure import Exposed, Signed, known_nonces
from .findings import MOST_RECORDS, Finding, Findings, Shown
from .rows import Rows

Row = TypeVar("Row", Signed, Login)

_CELLS = 256
_LEAST = 10 * _CELLS
"""Different r of a key from which on they are tested for being evenly spread: ten for each value of an octet."""
_CHANCE = 1e-9
"""The probability, divided by the number of keys tested, below which such r are held to be no chance."""


class Conclusions:
    """What all rows come to. nonce_of: gives the nonce of a record that was noted for its message.

    findings: what was found. verdicts: how many records had which reason, or "valid".
    """

    def __init__(self, settings: Settings, rows: Rows, nonce_of: Callable[[Signed], int]) -> None:
        self.findings = Findings()
        self._rows, self._nonce_of = rows, nonce_of
        self._settings, self._curve = settings, named(settings.curve)
        self._exposed = Exposed(self._curve)
        self.verdicts: Counter[str] = rows.verdicts()
        self._name_keys()
        self._look_at_noted()
        self._look_at_each()
        self._look_across_keys(list(self._look_at_nonces()))
        self._look_at_spread()
        self._look_at_logins()

    def _name_keys(self) -> None:
        """Assign a key to records without one: the recovered candidate that also signed another record."""
        for signed in self._rows.name_keys(self._settings.keys.values()):
            self.findings.joint("key-recovered", signed.key).add(_shown(signed))
            self.verdicts.update({"valid": 1, "no-public-key": -1})
        self.verdicts = +self.verdicts

    def _look_at_noted(self) -> None:
        """Look at what records give away by themselves."""
        for kind, signed in self._rows.noted("dropped-zeros", "short-signature"):
            self.findings.joint(kind).add(_shown(signed))
        for kind, signed in self._rows.noted("nonce-is-digest", "nonce-is-message", "nonce-is-key"):
            if self._is_exposed(kind, signed):
                self.findings.joint(kind, signed.key).add(_shown(signed))

    def _is_exposed(self, kind: str, signed: Signed) -> bool:
        """Whether the key of a signature is exposed already, or by what was noted of it."""
        if signed.key in self._exposed:
            return True
        if kind == "nonce-is-key":
            return self._exposed.by_own_key(signed)
        k = int.from_bytes(signed.e, "big") if kind == "nonce-is-digest" else self._nonce_of(signed)
        return self._exposed.by_nonce(signed, k)

    def _look_at_each(self) -> None:
        """Look for nonces that are known by their r alone, and for high s."""
        half = (self._curve.n // 2).to_bytes(self._curve.scalar_octets, "big")
        count, some = self._rows.above(half, MOST_RECORDS)
        if count:
            self.findings.joint("high-s").add(*map(_shown, some), more=count - len(some))
        nonces = known_nonces(self._curve)
        for signed in self._rows.with_r(nonces):
            kind, k = nonces[signed.r]
            if signed.key in self._exposed or self._exposed.by_nonce(signed, k):
                self.findings.joint(kind, signed.key).add(_shown(signed))

    def _look_at_nonces(self) -> Iterator[list[Signed]]:
        """For each r that recurs: report reuse within a key; yield one signature per key where keys share it."""
        for _, rows in groupby(self._rows.recurring(Signed, "signed", "r"), lambda signed: signed.r):
            firsts = []
            across = Finding("nonce-shared")
            for key, of_key in groupby(rows, lambda signed: signed.key):
                found = Finding("nonce-reused", (key,))
                of_e: list[Signed] = []
                for one, same in _of_each_digest(of_key, "signature-repeated"):
                    of_e = [*of_e, one][:2]
                    found.include(same, MOST_RECORDS // 2)  # two messages prove it, however often each is there
                    if same.count > 1:
                        self.findings.joint("signature-repeated").include(same)
                if len(of_e) > 1 and (key in self._exposed or self._exposed.by_reuse(*of_e)):
                    self.findings.add(found)
                firsts.append(of_e[0])
                across.include(found)
            if len(firsts) > 1:
                self.findings.add(across)
                yield firsts

    def _look_across_keys(self, shared: Sequence[Sequence[Signed]]) -> None:
        """Look for keys that give each other away. shared: for each nonce, a signature of every key that used it."""
        before: dict[tuple[bytes, bytes], tuple[Signed, Signed]] = {}
        for first, *others in shared:
            for other in others:
                keys, pair = (first.key, other.key), (first, other)
                met = before.setdefault(keys, pair)
                is_known = any(key in self._exposed for key in keys)
                if met is not pair and not is_known and self._exposed.by_common_nonces([met, pair]):
                    self.findings.joint("nonces-common", *keys).add(*map(_shown, (*met, *pair)))
        for known, signed in self._exposed.spread(shared):
            self.findings.joint("key-follows", signed.key, known.key).add(_shown(signed), _shown(known))

    def _look_at_spread(self) -> None:
        """Look for keys whose r, each counted once, are not evenly spread over the values of their first octet."""
        place = self._curve.scalar_octets - self._curve.field_octets
        tested = [*self._rows.spread(place, _LEAST)]
        for key, cells in tested:
            if probability(cells) < _CHANCE / len(tested):
                found = Finding("r-uneven", (key,))
                some = self._rows.of_key(key, MOST_RECORDS)
                found.add(*map(_shown, some), more=sum(cells) - len(some))
                self.findings.add(found)

    def _look_at_logins(self) -> None:
        """Look for nonces of logins that come more than once."""
        for _, rows in groupby(self._rows.recurring(Login, "logins", "server_nonce"), lambda login: login.server_nonce):
            found, different = Finding("server-nonce-repeated"), 0
            for _, same in _of_each_digest(rows, "login-repeated"):
                different += 1
                found.include(same)
                if same.count > 1:
                    self.findings.add(same)
            if different > 1:
                self.findings.add(found)
        for _, rows in groupby(self._rows.recurring(Login, "logins", "client_nonce"), lambda login: login.client_nonce):
            found, servers = Finding("client-nonce-repeated"), set()
            for login in rows:
                found.add(_shown(login))
                servers.add(login.server_nonce)
            if len(servers) > 1:
                self.findings.add(found)


def _of_each_digest(rows: Iterator[Row], kind: str) -> Iterator[tuple[Row, Finding]]:
    """Yield for each digest, in rows ordered by it, the first row, and a finding of this kind with all of them."""
    for _, same in groupby(rows, lambda row: row.e):
        first = next(same)
        found = Finding(kind)
        for row in chain([first], same):
            found.add(_shown(row))
        yield first, found


def _shown(row: Signed | Login) -> Shown:
    if isinstance(row, Signed) and row.key:
        return Shown(row.source, row.line, row.id, row.r, row.s, row.e)
    return Shown(row.source, row.line, row.id)
