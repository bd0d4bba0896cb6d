"""The findings of an audit, from the rows of a whole archive. Only what verifies proves anything."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, groupby, pairwise
from typing import TypeVar

from ..archives import workers
from ..archives.records import Settings
from ..curve import named
from ..privatekey import PrivateKey
from .bias import WORDS
from .chisquare import probability
from .collect import Login, Noted
from .exposure import Exposed, Signed, integers, known_nonces
from .findings import MOST_RECORDS, Finding, Findings, Shown
from .generators import FORMS, LAYOUTS, find
from .lattice import best
from .ownkey import look
from .rows import Rows
from .samples import Examined, Finder, Sample, Samples

Row = TypeVar("Row", Signed, Login)

_CELLS = 256
_LEAST = 10 * _CELLS
"""Keys with so many different r are tested for even spread: ten for each value of an octet."""
_CHANCE = 1e-9
"""Below this probability, divided by the number of keys tested, chance does not explain such r."""

_MOST_KEYS, _FIRST = 16, 10
"""Keys that are tried for a nonce generator, half a second each at most; and different r to choose a pair from."""


class Conclusions:
    """The conclusions from all rows.

    processes: how many look for biased nonces. own: a private key whose owner wants its nonces examined.

    findings: what was found. verdicts: how many records had which reason, or "valid". examined: what was examined for
    biased nonces.
    """

    def __init__(
        self,
        settings: Settings,
        rows: Rows,
        *,
        processes: int = 1,
        own: PrivateKey | None = None,
    ) -> None:
        self.findings = Findings()
        self._processes = processes
        self._rows = rows
        self._settings, self._curve = settings, named(settings.curve)
        self._exposed = Exposed(self._curve)
        self.verdicts: Counter[str] = rows.verdicts()
        self._name_keys()
        self._look_at_noted()
        self._look_at_each()
        self._look_at_misfiled()
        shared = list(self._look_at_nonces())
        self._look_for_generators()
        self._look_across_keys(shared)
        self._look_at_spread()
        self.examined = self._look_for_bias()
        self._look_at_logins()
        if own is not None:
            self._look_at_own(own)

    def _name_keys(self) -> None:
        """Assign a key to records without one: the recovered candidate that also signed another record."""
        for signed in self._rows.name_keys(self._settings.keys.values()):
            self.findings.joint("key-recovered", signed.key).add(_shown(signed))
            self.verdicts.update({"valid": 1, "no-public-key": -1})
        self.verdicts = +self.verdicts

    def _look_at_noted(self) -> None:
        """Report what records give away by themselves."""
        for kind, signed, _ in self._rows.noted("dropped-zeros", "short-signature", "loose-encoding"):
            self.findings.joint(kind).add(_shown(signed))
        for noted in self._rows.noted("nonce-is-digest", "nonce-is-message", "nonce-is-key"):
            if self._is_exposed(noted):
                self.findings.joint(noted.kind, noted.signed.key).add(_shown(noted.signed))

    def _is_exposed(self, noted: Noted) -> bool:
        """Whether the key of a signature is exposed, already or by what was noted."""
        if noted.signed.key in self._exposed:
            return True
        if noted.kind == "nonce-is-key":
            return self._exposed.by_own_key(noted.signed)
        return self._exposed.by_nonce(noted.signed, int.from_bytes(noted.k, "big"))

    def _look_at_each(self) -> None:
        """Look for nonces that their r gives away, and for high s."""
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
                    found.include(same, MOST_RECORDS // 2)  # two messages prove it, however often each occurs
                    if same.count > 1:
                        self.findings.joint("signature-repeated").include(same)
                if len(of_e) > 1 and (key in self._exposed or self._exposed.by_reuse(*of_e)):
                    self.findings.add(found)
                firsts.append(of_e[0])
                across.include(found)
            if len(firsts) > 1:
                self.findings.add(across)
                yield firsts

    def _look_at_misfiled(self) -> None:
        """Look for nonces that were used again in records which verify under no key that they name."""
        for one, pairs in groupby(self._rows.misfiled(), lambda pair: pair[0]):
            found = Finding("nonce-reused", (one.key,))
            found.add(_shown(one))
            for other in self._exposed.by_misfiled(one, (other for _, other in pairs)):
                found.add(_shown(other))
            if found.count > 1:
                self.findings.add(found)

    def _look_for_generators(self) -> None:
        """Look for keys with two nonces that a linear congruential generator made, if the reduction is quick."""
        name, reduce = best()
        for key in self._rows.often(_MOST_KEYS) if name != "ecpure" else ():
            pairs = [*pairwise(self._rows.of_key(key, _FIRST))]
            if key not in self._exposed and pairs:
                pair = max(pairs, key=lambda pair: max(signed.s for signed in pair))  # a high s shows the sign
                for layout in LAYOUTS:
                    d = find(layout, [*map(integers, pair)], self._curve.n, reduce)
                    if d and self._exposed.by_private_key(key, d):
                        found = Finding("nonce-generator", (key,), details=[layout.name])
                        found.add(*map(_shown, pair))
                        self.findings.add(found)
                        break

    def _look_across_keys(self, shared: Sequence[Sequence[Signed]]) -> None:
        """Look for keys that expose each other. shared: for each nonce, a signature of every key that used it."""
        for proof in self._exposed.common(shared):
            of_A, of_B, *_ = proof
            self.findings.joint("nonces-common", of_A.key, of_B.key).add(*map(_shown, proof))
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

    def _look_for_bias(self) -> Examined:
        """Look for unevenly drawn nonces, and return what was examined."""
        samples = Samples(self._rows, self._curve.n, self._exposed, self.verdicts.total())
        ahead: deque[Sample] = deque()

        def asked() -> Iterator[Sample]:
            for sample in samples:
                ahead.append(sample)
                yield sample

        with workers.answers(partial(Finder, self._settings.curve), asked(), self._processes) as answers:
            for d in answers:
                key, form, signed = ahead.popleft()
                if d is not None and key not in self._exposed and self._exposed.by_private_key(key, d):
                    found = Finding("nonce-biased", (key,), details=[WORDS[form]])
                    found.add_all(*map(_shown, signed))
                    self.findings.add(found)
        return samples.examined

    def _look_at_own(self, own: PrivateKey) -> None:
        """Examine the nonces of a private key that its owner gave."""
        key = own.public_key.to_bytes()
        for found in look(self._curve, own, self._rows.all_of_key(key), *self._rows.nonces_met_again(key)):
            self.findings.add(found)

    def _look_at_logins(self) -> None:
        """Look for nonces that occur in several logins."""
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
        for form in FORMS.values():
            count, follow, some = self._rows.generated(form.name, MOST_RECORDS)
            if count:
                streams = f"{follow:,} of {count:,} begin where another one ended: they are from one stream"
                details = [f"{form.name}: {form.described()}", *([streams] if follow else [])]
                found = Finding("client-nonce-generator", details=details)
                found.add(*map(_shown, some), more=count - len(some))
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
    if isinstance(row, Signed) and row.r:
        return Shown(row.source, row.line, row.id, row.r, row.s, row.e)
    return Shown(row.source, row.line, row.id, state=row.state if isinstance(row, Login) else None)
