"""What the owner of a key can learn about its nonces: with d, each is k = (e + r·d)/s mod n, or −k, for low s.

Nonces would expose d, so only counts of them leave this module. Nothing here is constant in time.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from ..curve import Curve
from ..hashes import HASHES
from ..integers import invert
from ..privatekey import PrivateKey
from ..rfc6979 import nonces
from .exposure import Signed
from .findings import MOST_RECORDS, Finding, Shown

_SAMPLE = 1 << 15
"""So many nonces, the first ones, are compared with one another: at 28 octets, they take some ten megabytes."""
_CHANCE = 1e-9
"""Below this probability, chance does not explain what is seen of nonces."""
_TELLING = 30
"""So many signatures all have a low s by chance once in 2³⁰ archives."""


class _Measured:
    """Statistics of known, different nonces, in bounded memory."""

    def __init__(self, curve: Curve) -> None:
        self._curve = curve
        self._different = 0
        self._lengths, self._octets = _Lowest(), _Lowest()
        self._places = [[0] * 256 for _ in range(curve.scalar_octets)]
        self._sample: list[tuple[int, Shown]] = []

    def take(self, k: int, shown: Shown) -> None:
        """Count a nonce that was not met before, nor its negative."""
        curve = self._curve
        self._different += 1
        both = [value.to_bytes(curve.scalar_octets, "big") for value in (k, curve.n - k)]
        self._lengths.take(min(k, curve.n - k).bit_length(), shown)
        self._octets.take(min(len({*octets[-curve.field_octets :]}) for octets in both), shown)
        for counts, octet in zip(self._places, both[0], strict=True):
            counts[octet] += 1
        if len(self._sample) < _SAMPLE:
            self._sample.append((k, shown))

    def findings(self) -> Iterator[Finding]:
        """Yield the findings, without a key."""
        bits, short = self._short()
        yield from short
        yield from self._alike(bits)

    def _short(self) -> tuple[int, list[Finding]]:
        """Return the bits that nonces have, and a finding if they are few.

        The smaller one of k and n − k is below 2^b with probability 2^(b+1)/n.
        """
        n = self._curve.n
        found = self._lengths.beyond(lambda bits: min(1.0, 2 ** (bits + 1) / n), self._different)
        if found is None:
            return n.bit_length() - 1, []
        bits, count, records = found
        least = (n // 2).bit_length() - bits
        words = f"{count:,} of {self._different:,} nonces, or their negatives, lack {least:,} bits or more"
        return bits, [Finding("own-nonce-short", (), count, records, [words])]

    def _alike(self, bits: int) -> Iterator[Finding]:
        """Yield one finding if nonces of so many bits are alike."""
        size, many = self._curve.scalar_octets, f"{self._different:,}"
        seen = [(f"of {many} nonces have few different bytes", *self._few_octets(bits // 8))]
        seen += [(f"of {many} nonces have the same byte at the same place", *self._same_octet(bits // 8))]
        for words, records in {
            "are close to each other, as nonces that begin alike are": self._near(lambda k: k, 2 << bits),
            "end alike": self._near(lambda k: int.from_bytes(k.to_bytes(size, "big"), "little"), 1 << 8 * size),
        }.items():
            seen.append((f"of the first {len(self._sample):,} nonces {words}", len(records), records))
        seen = [(words, count, records) for words, count, records in seen if count]
        if seen:
            _, count, records = max(seen, key=lambda one: one[1])
            details = [f"{count:,} {words}" for words, count, _ in seen]
            yield Finding("own-nonce-alike", (), count, records[:MOST_RECORDS], details)

    def _few_octets(self, length: int) -> tuple[int, list[Shown]]:
        """Return how many nonces have few different octets, and some records."""
        found = self._octets.beyond(lambda most: _chance_of_octets(most, length), self._different)
        return (0, []) if found is None else found[1:]

    def _same_octet(self, length: int) -> tuple[int, list[Shown]]:
        """Return how many nonces have one octet at one of the last places, and some records."""
        size = self._curve.scalar_octets
        places = range(size - length, size)
        cells = ((self._places[place][octet], place, octet) for place in places for octet in range(256))
        count, place, octet = max(cells, default=(0, 0, 0))
        if _tail(count, self._different, 1 / 256) * 256 * length >= _CHANCE:
            return 0, []
        return count, [shown for k, shown in self._sample if k.to_bytes(size, "big")[place] == octet][:MOST_RECORDS]

    def _near(self, place: Callable[[int], int], size: int) -> list[Shown]:
        """Return the records whose nonces, or negatives, are nearer to another's than chance explains."""
        places = {place(value): shown for k, shown in self._sample for value in (k, self._curve.n - k)}
        ordered = sorted(places)
        met = set()
        for low, high in pairwise(ordered):
            if (high - low) * len(ordered) ** 2 < size * _CHANCE:
                met |= {places[low], places[high]}
        return sorted(met)


class OwnNonces:
    """The nonces of one key, taken one after another, in bounded memory."""

    def __init__(self, curve: Curve, key: PrivateKey) -> None:
        self._curve, self._n, self._key = curve, curve.order, key
        self._count = self._low = 0
        self._last_r = b""
        self._deterministic: Counter[str] = Counter()
        self._all, self._others = Finding("own-nonces"), Finding("own-nonce-stray")
        self._measured = _Measured(curve)

    def take(self, signed: Signed) -> None:
        """Examine a signature that verifies under the key. Those with one nonce follow one another."""
        r, s, e = (int.from_bytes(octets, "big") for octets in (signed.r, signed.s, signed.e))
        d = int.from_bytes(self._key.to_bytes(), "big")
        k = int((e + r * d) * invert(s, self._n) % self._n)
        shown = Shown(signed.source, signed.line, signed.id)
        self._count += 1
        self._low += s <= self._curve.n // 2
        self._all.add(shown)
        name = self._hash_of(k, e)
        if name is None:
            self._others.add(shown)
        else:
            self._deterministic[name] += 1
        if signed.r != self._last_r:  # copies of a record are not independent
            self._measured.take(k, shown)
        self._last_r = signed.r

    def _hash_of(self, k: int, e: int) -> str | None:
        """Return the hash with which RFC 6979 derives this nonce, or its negative, from e, trying frequent ones first.

        The HMAC's input is only e, as bits2octets gives it (§2.3.4), so that the row is enough for a digest that is
        longer than n, too. (SHA-224's is shorter than n of secp224k1.)
        """
        curve = self._curve
        digest = (e << 8 * curve.scalar_octets - curve.n.bit_length()).to_bytes(curve.scalar_octets, "big")
        for name in sorted(HASHES, key=lambda name: -self._deterministic[name]):
            if next(nonces(self._key.to_bytes(), digest, curve.n, name)) in (k, curve.n - k):
                return name
        return None

    def findings(self, reused: int, shared: int) -> Iterator[Finding]:
        """Yield the findings. reused, shared: how many nonces signed several messages, and how many other keys used."""
        key = self._key.public_key.to_bytes()
        self._all.details = [*self._described(reused, shared)]
        found = [self._all]
        if self._deterministic and self._others.count:
            found.append(self._others)
        for finding in (*found, *self._measured.findings()):
            finding.keys = (key,)
            yield finding

    def _described(self, reused: int, shared: int) -> Iterator[str]:
        if not self._count:
            yield "no signature of this key is in the archive"
            return
        for name, count in self._deterministic.most_common():
            yield f"{count:,} of {self._count:,} nonces are RFC 6979's with {name}"
        if self._others.count:
            yield f"{self._others.count:,} of {self._count:,} nonces are not RFC 6979's with any supported hash"
        yield f"nonces that were used for several messages: {reused:,}" + (", see nonce-reused" if reused else "")
        yield f"nonces that other keys used too: {shared:,}" + (", see nonce-shared" if shared else "")
        is_telling = ", which is too few to tell" if self._count < _TELLING else ": low s is applied"
        high = self._count - self._low
        yield "s is at most n/2 in " + (
            f"{self._low:,} of {self._count:,}: low s is not applied" if high else f"all {self._count:,}{is_telling}"
        )


class _Lowest:
    """How often a measure of nonces had each value, and the records with the lowest ones."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._records: list[tuple[int, Shown]] = []

    def take(self, value: int, shown: Shown) -> None:
        self._counts[value] += 1
        if len(self._records) < MOST_RECORDS or value < self._records[-1][0]:
            insort(self._records, (value, shown))
            del self._records[MOST_RECORDS:]

    def beyond(self, chance: Callable[[int], float], count: int) -> tuple[int, int, list[Shown]] | None:
        """Return the value that chance explains least, how many of `count` nonces have it or a lower one, and some of
        their records; or None if chance explains all. chance: the probability of a value, or a lower one.
        """
        least, best, met = _CHANCE / max(1, len(self._counts)), None, 0
        for value in sorted(self._counts):
            met += self._counts[value]
            probability = _tail(met, count, chance(value))
            if probability < least:
                least, best = probability, (value, met)
        if best is None:
            return None
        return *best, [shown for value, shown in self._records if value <= best[0]]


def _chance_of_octets(most: int, length: int) -> float:
    """Return an upper bound of the probability that so many random octets, or their complements, have few values."""
    return min(1.0, 2 * math.comb(256, most) * (most / 256) ** length)


def _tail(met: int, count: int, chance: float) -> float:
    """Return an upper bound (Chernoff's) of the probability that an event of this chance occurs so often or more."""
    part = met / count if count else 0.0
    if part <= chance:
        return 1.0
    rest = (1 - part) * math.log((1 - part) / (1 - chance)) if part < 1 else 0.0
    return math.exp(-count * (part * math.log(part / chance) + rest))


def look(curve: Curve, key: PrivateKey, rows: Iterable[Signed], reused: int, shared: int) -> Iterator[Finding]:
    """Yield the findings on the nonces of a key. rows: all that verifies under it, ordered by r.

    reused, shared: as in `OwnNonces.findings`.
    """
    own = OwnNonces(curve, key)
    for signed in rows:
        own.take(signed)
    yield from own.findings(reused, shared)


def patterns(curve: Curve, nonces: Iterable[int]) -> Iterator[str]:
    """Yield a sentence for each way in which different nonces, of any keys, are short or alike beyond chance."""
    measured = _Measured(curve)
    for number, k in enumerate(nonces):
        measured.take(k, Shown(0, number))
    for finding in measured.findings():
        yield from finding.details
