"""Compute a private key from what signing reads: which step each mask took, and the entries of a few rows of the table.

Masks of one walk are sums of nine secrets, with counts that follow from the steps. So more than nine uses have
relations, sums Σ λᵢ·uᵢ ≡ 0 with small λᵢ, in which the masks are gone: Σ λᵢ·(kᵢ − uᵢ) is Σ λᵢ·kᵢ, of which the rows
that were seen give the upper bits. With kᵢ = (eᵢ + rᵢ·d)/sᵢ each relation is an equation in d, up to a small error: the
hidden number problem, which LLL solves. `python tests/evidence/watched_masks.py` prints how many uses give the key.

It is a lower bound of what an observer can do, and needs python-flint (the extra `lattice`).
"""

from __future__ import annotations

import argparse
import hashlib
import math
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import NamedTuple
from unittest import mock

from ecpure import SECP224K1, Curve, PrivateKey, PublicKey, masks
from ecpure.masks import STEPS, Mask, Walk
from ecpure.verifying import digest_to_int

N, BITS = SECP224K1.n, SECP224K1.n.bit_length() - 1
GROWN = 2000
"""Uses after which the table has its 23 rows of 10 bits."""
MOST_RELATIONS = 250  # of which the smallest are taken: more only take longer

Vector = list[int]


class Use(NamedTuple):
    """One signature as it was watched: the walk and how often it took each step by then, the upper bits of m, and what
    is public.

    low: how many bits of m (`Comb._m`) were not seen.
    """

    walk: int
    counts: tuple[int, ...]
    seen: int
    low: int
    bias: int
    e: int
    r: int
    s: int


def fresh_curve() -> Curve:
    """Return secp224k1 with a table of full size and masks of its own."""
    names = ("name", "p", "b", "n", "gx", "gy", "oid", "hash")
    curve = Curve(**{name: getattr(SECP224K1, name) for name in names})
    curve.base.for_uses(GROWN)
    return curve


def watch(key: PrivateKey, count: int, rows: int) -> list[Use]:
    """Return so many signatures in a row by `key`, on a `fresh_curve`, with the steps and the uppermost rows read."""
    comb = key.curve.base.for_uses(0)
    low = comb._rows[-rows][0]
    uses: list[Use] = []
    counts: dict[Walk, Vector] = defaultdict(lambda: [0] * STEPS)
    taken: list[tuple[int, tuple[int, ...], int]] = []
    advance, subtract = Walk.next, Mask.subtracted_from

    def watched_step(walk: Walk) -> Mask:
        counts[walk][int(walk._mask.U[0]) % STEPS] += 1
        taken.append((len(counts), tuple(counts[walk]), 0))
        return advance(walk)

    def watched_scalar(mask: Mask, k: int, n: int) -> int:
        k_minus_u = subtract(mask, k, n)
        taken[-1] = (*taken[-1][:2], comb._m(k_minus_u) >> low)
        return k_minus_u

    with mock.patch.object(Walk, "next", watched_step), mock.patch.object(Mask, "subtracted_from", watched_scalar):
        for place in range(count):
            message = b"%d" % place
            signature = key.sign(message)
            e = digest_to_int(key.curve, hashlib.sha224(message).digest())
            uses.append(Use(*taken[-1], low, comb._bias, e, signature.r, signature.s))
    return uses


@contextmanager
def walks_of(uses: int) -> Iterator[None]:
    """Let walks that are drawn from here on have so many uses."""
    with mock.patch.object(masks, "USES", uses):
        yield


def reduced(rows: Sequence[Vector]) -> list[Vector]:
    """Return the rows, reduced by python-flint's LLL."""
    from flint import fmpz_mat  # the extra `lattice`

    return [[*map(int, row)] for row in fmpz_mat([[*row] for row in rows]).lll().tolist()]


def relations(uses: Sequence[Use]) -> list[Vector]:
    """Return small independent λ with Σ λᵢ·uᵢ = 0 for the masks uᵢ of these uses of one walk, whatever its secrets."""
    large = 1 << 40  # makes each row with another sum long
    rows = [
        [int(i == j) for j in range(len(uses))] + [large, *(large * count for count in use.counts)]
        for i, use in enumerate(uses)
    ]
    found = [row[: len(uses)] for row in reduced(rows) if not any(row[len(uses) :])]
    return [row for row in found if any(row)]


def key_of(uses: Sequence[Use], public_key: PublicKey) -> PrivateKey | None:
    """Return the private key that the uses give away, or None. It is compared with the public key."""
    equations = sorted((equation for walk in _by_walk(uses) for equation in _equations(walk)), key=lambda one: one[2])
    if not equations:
        return None
    low = uses[0].low
    # A + B·d ≡ an error of size |λ|·2^low, each brought to 2^(BITS + 20); so are d, and the constant beside it.
    weights = [(1 << BITS - low + 24) // max(1, round(16 * size)) for *_, size in equations[:MOST_RELATIONS]]
    count, one = len(weights), 1 << BITS + 20
    rows = [[weights[i] * N * (i == j) for j in range(count)] + [0, 0] for i in range(count)]
    rows.append([*(w * B for w, (_, B, _) in zip(weights, equations, strict=False)), 1 << 20, 0])
    rows.append([*(w * A for w, (A, _, _) in zip(weights, equations, strict=False)), 0, one])
    for row in reduced(rows):
        if abs(row[-1]) == one:
            d = (row[-2] >> 20) * (1 if row[-1] > 0 else -1) % N
            if d and (key := PrivateKey.from_int(d)).public_key == public_key:
                return key
    return None


def _by_walk(uses: Sequence[Use]) -> list[list[Use]]:
    walks: dict[int, list[Use]] = defaultdict(list)
    for use in uses:
        walks[use.walk].append(use)
    return [*walks.values()]


def _equations(uses: Sequence[Use]) -> Iterator[tuple[int, int, float]]:
    """Yield A, B and |λ| for each relation: A + B·d mod n is below |λ|·2^low, or nearly.

    k' = 2m − bias is k − u or that and n, hence (k − u)/2 ≡ m − bias/2, with m = seen·2^low + 2^(low−1) ± 2^(low−1).
    """
    half = (N + 1) // 2
    for vector in relations(uses):
        A = B = 0
        for weight, use in zip(vector, uses, strict=True):
            inverse = pow(use.s, -1, N) * half
            middle = (use.seen << use.low) + (1 << use.low - 1) - use.bias * half
            A += weight * (use.e * inverse - middle)
            B += weight * use.r * inverse
        yield A % N, B % N, math.hypot(*vector)


CASES = (
    ("two rows (14 bits of the scalar)", 2, 1, (26, 28, 30, 35)),
    ("three rows (24 bits)", 3, 1, (18, 20, 22, 25)),
    ("four rows (34 bits)", 4, 1, (16, 18, 20)),
    ("two rows, of every 16th use", 2, 16, (28, 30, 35, 40)),
    ("one row (4 bits)", 1, 1, (127, 250)),
)


def main(words: list[str]) -> int:
    """Print for each case how many keys of ten were found from how many uses that were seen."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keys", type=int, default=10, help="for each number (default: 10)")
    keys, random = parser.parse_args(words).keys, Random(224)
    for name, rows, every, counts in CASES:
        for walk in (masks.USES, 1 << 62):
            for count in counts:
                found, start = 0, time.perf_counter()
                for _ in range(keys):
                    with walks_of(walk):
                        key = PrivateKey.from_int(random.randrange(1, N), curve=fresh_curve())
                        uses = watch(key, count * every, rows)[::every]
                    found += key_of(uses, key.public_key) is not None
                seconds = (time.perf_counter() - start) / keys
                print(f"{name}; walks of {walk}; {count} uses seen: {found} keys of {keys}, {seconds:.2f} s each")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
