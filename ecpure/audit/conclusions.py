"""The findings of an audit, from the rows of a whole archive. Only what verifies is proof of anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from typing import TypeVar

from ..archives.records import Settings
from ..curve import named
from ..formats.encodings import public_key_in_text
from .chisquare import probability
from .collect import LOGIN, Guessed, Login, Seen, signed_form
from .exposure import Exposed, Signed, known_nonces, r_octets
from .findings import Finding, Findings, Place
from .rows import Table

Row = TypeVar("Row", Signed, Login)

_CELLS = 256
_LEAST = 10 * _CELLS
"""Different r of a key from which on they are tested for being evenly spread: ten for each value of an octet."""
_CHANCE = 1e-9
"""The probability, divided by the number of keys tested, below which such r are held to be no chance."""

_R, _KEY = Signed._fields.index("r"), Signed._fields.index("key")
_SERVER, _CLIENT = Login._fields.index("server_nonce"), Login._fields.index("client_nonce")


class Conclusions:
    """Takes what was seen in blocks, and concludes when all have been."""

    def __init__(self, settings: Settings) -> None:
        self.findings = Findings()
        self.verdicts: Counter[str] = Counter()
        self.settings, self._curve = settings, named(settings.curve)
        self._form = signed_form(self._curve)
        self._signed, self._candidates = Table(self._form, Signed), Table(self._form, Signed)
        self._logins = Table(LOGIN, Login)
        self._unnamed: list[Guessed] = []
        self._exposed = Exposed(self._curve)

    def take(self, seen: Seen) -> None:
        """Take what was seen in a block."""
        self.verdicts += seen.verdicts
        self._signed.add(seen.signed)
        self._candidates.add(seen.candidates)
        self._logins.add(seen.logins)
        for kind, numbers in (("dropped-zeros", seen.dropped), ("short-signature", seen.short)):
            if numbers:
                self.findings.joint(kind).add(*((seen.source, line) for line in numbers))
        for guessed in seen.guessed:
            self._known_nonce(guessed.kind, guessed.signed, guessed.k)
        self._unnamed += seen.unnamed

    def conclude(self) -> None:
        """Look at all rows together."""
        self._name_keys()
        self._look_at_each()
        repeated = self._signed.frequent(_R)
        shared = list(self._look_at_nonces(repeated))
        self._look_across_keys(shared)
        self._look_at_spread(repeated)
        self._look_at_logins()

    def _known_nonce(self, kind: str, signed: Signed, k: int) -> None:
        if signed.key in self._exposed or self._exposed.by_nonce(signed, k):
            self.findings.joint(kind, signed.key).add(_place(signed))

    def _name_keys(self) -> None:
        """Assign a key to records without one: the recovered candidate that also signed another record."""
        named = set(self._recurring_keys())
        for place, rows in groupby(self._candidates, _place):
            chosen = [row for row in rows if row.key in named]
            if len(chosen) == 1:
                self._signed.add(self._form.pack(*chosen[0]))
                self.findings.joint("key-recovered", chosen[0].key).add(place)
                self.verdicts.update({"valid": 1, "no-public-key": -1})
        self.verdicts = +self.verdicts
        for guessed in self._unnamed:
            if guessed.signed.key in named:
                self._known_nonce(guessed.kind, guessed.signed, guessed.k)

    def _recurring_keys(self) -> Iterator[bytes]:
        """Yield the keys that signed one of the records without a key, and another one of any."""
        possible = set(self._candidates.hashes(_KEY))
        texts = self.settings.keys.values() if possible else ()
        known = {public_key_in_text(text, self._curve).to_bytes() for text in texts}
        known |= {signed.key for signed in self._signed if hash(signed.key) in possible}
        recurring = self._candidates.frequent(_KEY) | (possible & {hash(key) for key in known})
        for key, rows in self._candidates.groups(_KEY, recurring):
            first = next(rows)
            if key in known or any((row.r, row.e) != (first.r, first.e) for row in rows):
                yield key

    def _look_at_each(self) -> None:
        """Look for nonces that are known by their r alone, and for high s."""
        curve = self._curve
        half = (curve.n // 2).to_bytes(curve.scalar_octets, "big")
        nonces = known_nonces(curve) if len(self._signed) else {}
        for signed in self._signed:
            if signed.s > half:
                self.findings.joint("high-s").add(_place(signed))
            if signed.r in nonces:
                kind, k = nonces[signed.r]
                self._known_nonce(kind, signed, k)
            if signed.r == r_octets(curve, int.from_bytes(signed.key[1:], "big")) and self._exposed.by_own_key(signed):
                self.findings.joint("nonce-is-key", signed.key).add(_place(signed))

    def _look_at_nonces(self, repeated: set[int]) -> Iterator[list[Signed]]:
        """For each r that recurs: report reuse within a key; yield one signature per key where keys share it."""
        for _, rows in self._signed.groups(_R, repeated):
            firsts = []
            across = Finding("nonce-shared")
            for key, of_key in groupby(rows, lambda signed: signed.key):
                found = Finding("nonce-reused", (key,))
                of_e: list[Signed] = []
                for one, same in _of_each_digest(of_key, "signature-repeated"):
                    of_e = [*of_e, one][:2]
                    found.include(same)
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
                    self.findings.joint("nonces-common", *keys).add(*map(_place, (*met, *pair)))
        for known, signed in self._exposed.spread(shared):
            self.findings.joint("key-follows", signed.key, known.key).add(_place(signed), _place(known))

    def _look_at_spread(self, repeated: set[int]) -> None:
        """Look for keys whose r, each counted once, are not evenly spread over the values of their first octet."""
        often = self._signed.frequent(_KEY, _LEAST)
        counts: dict[bytes, list[int]] = {}
        found: dict[bytes, Finding] = {}
        counted = set()
        for signed in self._signed if often else ():
            if hash(signed.key) in often and (signed.key, signed.r) not in counted:
                cells = counts.setdefault(signed.key, [0] * _CELLS)
                cells[signed.r[-self._curve.field_octets]] += 1
                found.setdefault(signed.key, Finding("r-uneven", (signed.key,))).add(_place(signed))
                if hash(signed.r) in repeated:
                    counted.add((signed.key, signed.r))
        tested = [key for key, cells in counts.items() if sum(cells) >= _LEAST]
        for key in tested:
            if probability(counts[key]) < _CHANCE / len(tested):
                self.findings.add(found[key])

    def _look_at_logins(self) -> None:
        """Look for nonces of logins that come more than once."""
        for _, rows in self._logins.groups(_SERVER, self._logins.frequent(_SERVER)):
            found, different = Finding("server-nonce-repeated"), 0
            for _, same in _of_each_digest(rows, "login-repeated"):
                different += 1
                found.include(same)
                if same.count > 1:
                    self.findings.add(same)
            if different > 1:
                self.findings.add(found)
        for _, rows in self._logins.groups(_CLIENT, self._logins.frequent(_CLIENT)):
            found, servers = Finding("client-nonce-repeated"), set()
            for login in rows:
                found.add(_place(login))
                servers.add(login.server_nonce)
            if len(servers) > 1:
                self.findings.add(found)


def _of_each_digest(rows: Iterator[Row], kind: str) -> Iterator[tuple[Row, Finding]]:
    """Yield for each digest, in rows ordered by it, the first row, and a finding of this kind with all of them."""
    for _, same in groupby(rows, lambda row: row.e):
        first = next(same)
        found = Finding(kind)
        for row in chain([first], same):
            found.add(_place(row))
        yield first, found


def _place(row: Signed | Login) -> Place:
    return row.source, row.line
