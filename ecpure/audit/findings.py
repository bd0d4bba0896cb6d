"""Findings of an audit: each kind with its weight and sentence, and the records that prove each finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

CRITICAL, WARNING, NOTE = "critical", "warning", "note"

_EXPOSED = "which exposes the private key: it was computed, and checked against this public key"

KINDS = {
    "nonce-reused": (CRITICAL, f"the same nonce was used for different messages, {_EXPOSED}"),
    "nonce-small": (CRITICAL, f"the nonce or its negative is at most 65,535, {_EXPOSED}"),
    "nonce-half": (CRITICAL, f"the nonce or its negative is 1/2 mod n, {_EXPOSED}"),
    "nonce-is-key": (CRITICAL, f"the nonce or its negative is the private key, {_EXPOSED}"),
    "nonce-is-digest": (CRITICAL, f"the nonce is the digest, {_EXPOSED}"),
    "nonce-is-message": (CRITICAL, f"the nonce is the message, {_EXPOSED}"),
    "nonce-biased": (CRITICAL, f"nonces are not drawn evenly from the whole range, {_EXPOSED}"),
    "nonce-generator": (CRITICAL, f"the nonces are outputs of a linear congruential generator, {_EXPOSED}"),
    "nonces-common": (CRITICAL, f"the first key listed has two nonces in common with the second, {_EXPOSED}"),
    "key-follows": (
        CRITICAL,
        f"the first key listed has a nonce in common with the second, an exposed one, {_EXPOSED}",
    ),
    "own-nonce-short": (
        CRITICAL,
        "this key has nonces shorter than chance explains, which exposes the private key to anyone who solves for it",
    ),
    "own-nonce-alike": (
        CRITICAL,
        "this key has nonces more alike than chance explains, which exposes the private key to anyone who guesses how",
    ),
    "nonce-shared": (
        WARNING,
        "keys have a nonce in common, or were made up to look so: anyone who has one of the private keys has all",
    ),
    "server-nonce-repeated": (
        WARNING,
        "one server nonce is in different logins: each can be replayed on the other connection, if there are two",
    ),
    "client-nonce-repeated": (WARNING, "one client nonce answers different server nonces"),
    "client-nonce-generator": (
        WARNING,
        "client nonces are outputs of a linear congruential generator: one shows all later outputs",
    ),
    "login-repeated": (WARNING, "one login, with its nonces, occurs more than once: replayed, or copied"),
    "dropped-zeros": (WARNING, "r or s lacks leading zeros, so the signature cannot be read; with them, it verifies"),
    "loose-encoding": (
        WARNING,
        "the signature is not exactly in its format, so it is refused; read loosely, it verifies",
    ),
    "short-signature": (
        WARNING,
        "the signature is too short for its format; with zeros put back it does not verify, or no key is known",
    ),
    "own-nonce-stray": (
        WARNING,
        "these nonces of this key are not RFC 6979's, but others are: more than one program signs with it",
    ),
    "r-uneven": (WARNING, "the first bytes of this key's r are so unevenly spread that chance does not explain it"),
    "own-nonces": (NOTE, "what the given private key shows about the nonces of its signatures"),
    "key-recovered": (NOTE, "records without a key verify under this one, and so do others"),
    "signature-repeated": (NOTE, "one message occurs more than once with the same signature, or its twin (r, n − s)"),
    "high-s": (NOTE, "s is above n/2: valid, but rejected by programs that require low s"),
}
"""Kinds of findings by name, the gravest first. A note does not mean that something is wrong."""

MOST_RECORDS, MOST_FINDINGS = 10, 100
"""Records shown of a finding, and findings of a kind; more are only counted."""


@dataclass(frozen=True, slots=True, order=True)
class Shown:
    """A record of a finding: the file's place among those given, the line, the record's id as JSON has it; and for a
    signature that verifies, r, s and e as octets of n's length, so that a reader can repeat the proof.
    """

    source: int
    line: int
    id: str = "null"
    r: bytes | None = None
    s: bytes | None = None
    e: bytes | None = None
    state: int | None = None
    """State of the generator that made the client nonce of a login."""


@dataclass
class Finding:
    """A finding: the compressed keys it concerns, and how many records prove it, with some of them."""

    kind: str
    keys: tuple[bytes, ...] = ()
    count: int = 0
    records: list[Shown] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    """Sentences that only this finding has."""

    def add(self, *records: Shown, more: int = 0) -> None:
        """Count records, and keep them while there are few. more: records that are only counted."""
        self.count += len(records) + more
        self.records += records[: MOST_RECORDS - len(self.records)]

    def add_all(self, *records: Shown) -> None:
        """Count records, and keep all of them, where a proof needs all."""
        self.count += len(records)
        self.records += records

    def include(self, other: Finding, most: int = MOST_RECORDS) -> None:
        """Add another finding's keys and records, at most so many of these."""
        self.count += other.count
        self.records += other.records[: min(most, MOST_RECORDS - len(self.records))]
        self.keys += other.keys[: MOST_RECORDS - len(self.keys)]


class Findings:
    """All that was found."""

    def __init__(self) -> None:
        self.totals: Counter[str] = Counter()
        self._kept: dict[str, list[Finding]] = {kind: [] for kind in KINDS}
        self._joint: dict[tuple[str, tuple[bytes, ...]], Finding] = {}

    def __iter__(self) -> Iterator[Finding]:
        for kept in self._kept.values():
            yield from kept

    def of_kind(self, kind: str) -> Sequence[Finding]:
        """Return the findings of this kind that are kept."""
        return self._kept[kind]

    def add(self, finding: Finding) -> None:
        """Keep the finding, or only count it if there are many of its kind."""
        self.totals[finding.kind] += 1
        if len(self._kept[finding.kind]) < MOST_FINDINGS:
            self._kept[finding.kind].append(finding)

    def joint(self, kind: str, *keys: bytes) -> Finding:
        """Return the one finding of this kind and these keys, to add records to."""
        finding = self._joint.get((kind, keys))
        if finding is None:
            finding = self._joint[kind, keys] = Finding(kind, keys)
            self.add(finding)
        return finding

    def worst(self) -> str | None:
        """Return the gravest weight among the findings, or None if there are no findings."""
        weights = {KINDS[kind][0] for kind in self.totals}
        return next((weight for weight in (CRITICAL, WARNING, NOTE) if weight in weights), None)

    def more(self, kind: str) -> int:
        """Return how many findings of this kind were counted but not kept."""
        return self.totals[kind] - len(self._kept[kind])
