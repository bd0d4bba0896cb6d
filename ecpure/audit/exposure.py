"""Private keys that signatures expose: computed here, checked against the public key, and never shown.

It starts from s = ±k⁻¹(e + r·d) mod n: a nonce k and its negative give the same r, and both are tried everywhere.
Nothing here is constant in time. Anyone who has the signatures can compute the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import NamedTuple

from ..bulk import LOCKSTEP
from ..curve import Curve
from ..group import INFINITY, Affine, add_all, add_each, sum_columns, to_affine
from ..integers import invert
from ..privatekey import PrivateKey
from ..sec1 import encode_integer

SMALL = (1 << 16) - 1
"""Nonces up to this one, and their negatives, are recognised by their r."""
PARTNERS = 32
"""Pairs of keys that are compared for two nonces in common: so many for each signature that may have one of these."""


class Signed(NamedTuple):
    """A signature that verifies, with where it was found. Integers are octets of n's length, the key is compressed."""

    r: bytes
    key: bytes
    e: bytes
    s: bytes
    source: int
    line: int
    id: str = "null"
    """The record's id, as JSON has it."""


class Exposed:
    """The keys of a curve that were found to be exposed."""

    def __init__(self, curve: Curve) -> None:
        self._curve, self._n = curve, curve.order
        self._keys: dict[bytes, PrivateKey] = {}

    def __contains__(self, key: bytes) -> bool:
        return key in self._keys

    def by_private_key(self, key: bytes, d: int) -> bool:
        """Whether d mod n is the private key of this public key."""
        d = int(d % self._n)
        if key in self._keys:
            return self._keys[key].to_bytes() == encode_integer(d, self._curve.scalar_octets)
        private = PrivateKey.from_int(d, curve=self._curve) if d else None
        if private is None or private.public_key.to_bytes() != key:
            return False
        self._keys[key] = private
        return True

    def _divide(self, a: int, b: int) -> int:
        """Return a/b mod n; if b is 0, return 0, which is neither a key nor a nonce."""
        return a * invert(b, self._n) % self._n if b % self._n else 0

    def by_nonce(self, signed: Signed, k: int) -> bool:
        """Whether d = r⁻¹(s·k − e), with k or −k for the nonce, is the key."""
        r, s, e = integers(signed)
        return any(self.by_private_key(signed.key, self._divide(s * nonce - e, r)) for nonce in (k, -k))

    def by_own_key(self, signed: Signed) -> bool:
        """Whether the key is its own nonce: then s·d = e + r·d, or −s·d = e + r·d."""
        r, s, e = integers(signed)
        return any(self.by_private_key(signed.key, self._divide(e, signs - r)) for signs in (s, -s))

    def by_reuse(self, one: Signed, other: Signed) -> bool:
        """Whether two signatures with the same key and r, and different e, expose the key: k = (e₁ − e₂)/(s₁ ∓ s₂)."""
        return any(self.by_nonce(one, k) for k in self._reused(one, other))

    def _reused(self, one: Signed, other: Signed) -> list[int]:
        (_, s1, e1), (_, s2, e2) = integers(one), integers(other)
        return [self._divide(e1 - e2, s1 - signs) for signs in (s2, -s2)]

    def by_misfiled(self, one: Signed, others: Iterator[Signed]) -> Iterator[Signed]:
        """Yield those signatures, whichever key they name, that expose the key of one that verifies.

        They have its r and another e. A k that two of them give is checked first by its r, in lockstep: made-up records
        fail there.
        """
        r, s, e = integers(one)
        while some := [*islice(others, LOCKSTEP)]:
            guesses = [(other, k) for other in some for k in self._reused(one, other) if k]
            met = r_of_each(self._curve, [k for _, k in guesses])
            for (other, k), r_of_k in zip(guesses, met, strict=True):
                if r_of_k == one.r and self.by_private_key(one.key, self._divide(s * k - e, r)):
                    yield other

    def by_common_nonces(self, pairs: Sequence[tuple[Signed, Signed]]) -> bool:
        """Whether two signatures of key A and two of key B, with two r in common, expose both keys.

        For each pair, s_A·k = e_A + r·d_A and ±s_B·k = e_B + r·d_B, hence d_B = a·d_A + b with
        a = ±s_B/s_A and b = r⁻¹(±s_B·e_A/s_A − e_B). Two such equations have one solution, or the same a: that is so
        where someone who knew neither key made B = c·A + t·G up, to whose signatures s_B = ±c·s_A belongs.
        """
        (first, _), _ = pairs
        (s_A1, s_B1), (s_A2, s_B2) = ((integers(of_A)[1], integers(of_B)[1]) for of_A, of_B in pairs)
        if (s_A1 * s_B2 - s_A2 * s_B1) * (s_A1 * s_B2 + s_A2 * s_B1) % self._n == 0:
            return False
        lines = []
        for of_A, of_B in pairs:
            (r, s_A, e_A), (_, s_B, e_B) = integers(of_A), integers(of_B)
            ratio = self._divide(s_B, s_A)
            lines.append([(sign * ratio, self._divide(sign * ratio * e_A - e_B, r)) for sign in (1, -1)])
        return any(
            self.by_private_key(first.key, self._divide(b2 - b1, a1 - a2)) and self._follow(pairs[0])
            for (a1, b1), (a2, b2) in product(*lines)
        )

    def _follow(self, pair: tuple[Signed, Signed]) -> bool:
        """Whether the second signature's key follows from the first one's, by the nonce that they share."""
        known, signed = pair
        r, s, e = integers(known)
        d = int.from_bytes(self._keys[known.key].to_bytes(), "big")
        return self.by_nonce(signed, self._divide(e + r * d, s))

    def common(self, shared: Sequence[Sequence[Signed]]) -> Iterator[tuple[Signed, Signed, Signed, Signed]]:
        """Yield, for keys A and B that two common nonces expose, signatures of A and B with one, and with the other.

        shared: for each nonce, a signature of every key that used it. Where one of these is exposed, the others follow:
        that is left to `spread`. Keys with few others to compare come first, until as many as `PARTNERS` allows are.
        """
        places = _places(shared)
        several = {key for key, found in places.items() if len(found) > 1}
        groups = [[signed for signed in group if signed.key in several] for group in shared]
        costs = {key: sum(len(groups[place]) for place, _ in places[key]) for key in several}
        left = PARTNERS * sum(map(len, groups))
        for key in sorted(several, key=lambda key: (costs[key], key)):
            left -= costs[key]
            if left < 0:
                break
            before: dict[bytes, tuple[Signed, Signed]] = {}
            for place, own in places[key]:
                for other in groups[place] if not any(signed.key in self for signed in shared[place]) else ():
                    met = before.setdefault(other.key, (own, other))
                    if met[0] is not own and self.by_common_nonces([met, (own, other)]):
                        yield *met, own, other
                        break

    def spread(self, shared: Sequence[Sequence[Signed]]) -> Iterator[tuple[Signed, Signed]]:
        """Yield, for each key that follows from an exposed one by a nonce that they share, a signature of each.

        shared: as in `common`.
        """
        places = _places(shared)
        queue = deque(key for key in places if key in self)
        open_places = set(range(len(shared)))
        while queue:
            for place, known in places[queue.popleft()]:
                group = shared[place] if place in open_places else ()
                open_places.discard(place)  # a known nonce exposes all of its keys at once
                for signed in group:
                    if signed.key not in self and self._follow((known, signed)):
                        queue.append(signed.key)
                        yield known, signed


def _places(shared: Sequence[Sequence[Signed]]) -> dict[bytes, list[tuple[int, Signed]]]:
    """Return for each key its signatures, with their places in `shared`."""
    places: dict[bytes, list[tuple[int, Signed]]] = {}
    for place, group in enumerate(shared):
        for signed in group:
            places.setdefault(signed.key, []).append((place, signed))
    return places


def integers(signed: Signed) -> tuple[int, int, int]:
    """Return r, s, e."""
    r, s, e = (int.from_bytes(octets, "big") for octets in (signed.r, signed.s, signed.e))
    return r, s, e


def known_nonces(curve: Curve) -> Mapping[bytes, tuple[str, int]]:
    """Return, by their r, the nonces up to `SMALL` and ½ mod n, each with its kind of finding."""
    G, p = curve.G.coordinates, curve.field
    multiples: list[Affine] = [G]
    while len(multiples) < SMALL:  # 1 … m and m + 1 give 1 … 2m + 1
        following = (len(multiples) + 1) * curve.G
        multiples += [following.coordinates, *add_each(multiples, [following.coordinates] * len(multiples), p)]
    found = {r_octets(curve, x): ("nonce-small", k) for k, (x, _) in enumerate(multiples, 1)}
    half = (curve.n + 1) // 2
    return found | {r_octets(curve, (half * curve.G).x): ("nonce-half", half)}


def r_octets(curve: Curve, x: int) -> bytes:
    """Return r = x mod n at n's length."""
    return encode_integer(x % curve.n, curve.scalar_octets)


def r_of_each(curve: Curve, nonces: Sequence[int]) -> list[bytes]:
    """Return the r of each public k in [1, n − 1], in lockstep; one by one if that meets equal points."""
    p, comb = curve.field, curve.base.for_uses(len(nonces))
    points: list[Affine] = []
    for start in range(0, len(nonces), LOCKSTEP):
        part = nonces[start : start + LOCKSTEP]
        try:
            points += sum_columns(comb.rows(part), p)
        except ZeroDivisionError:
            points += [to_affine(add_all(INFINITY, comb.points(k), p), p) for k in part]
    return [r_octets(curve, x) for x, _ in points]
