"""ECDSA on digests, public values only: verifying (SEC 1 §4.1.4) and recovering the public key (§4.1.6)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from .comb import Comb, rows_of_each
from .curve import Curve
from .errors import InvalidEncoding
from .field import invert_all, square_root
from .group import INFINITY, Affine, add_all, affine_or_none, normalise, sum_columns, to_columns
from .integers import invert, modulus
from .sec1 import bits2int, right_side
from .signature import Signature


def digest_to_int(curve: Curve, digest: bytes) -> int:
    """Return e, the leftmost ⌈log₂ n⌉ bits of the digest (SEC 1 §4.1.3 step 5): 225 bits on secp224k1, not 224.

    Raises `InvalidEncoding` for an empty digest.
    """
    if not digest:
        raise InvalidEncoding("digest: at least one octet was expected")
    return bits2int(digest, curve.n.bit_length())


def verify(curve: Curve, key: Affine | Comb, e: int, signature: Signature) -> bool:
    """Whether the signature of e is valid under Q (SEC 1 §4.1.4). key: Q, or its comb. Public values only."""
    p, n = curve.field, curve.order
    if not signature.in_range(curve=curve):  # step 1
        return False
    w = invert(signature.s, n)  # step 4
    u1, u2 = int(e * w % n), int(signature.r * w % n)
    if isinstance(key, Comb):
        u2_Q = add_all(INFINITY, key.points(u2), p)
    else:
        u2_Q = curve.endomorphism.multiply_vartime(u2, key)
    X, _, ZZ, _ = add_all(u2_Q, curve.comb.points(u1), p)  # step 5: R = u1·G + u2·Q
    # Steps 6 to 8, x_R ≡ r (mod n): X/Z² is one of r, r + n, … below p. On secp224k1 n > p: only r itself is possible.
    return ZZ != 0 and any((x * ZZ - X) % p == 0 for x in range(signature.r, curve.p, curve.n))


def verify_each(
    curve: Curve, keys: Sequence[Affine] | Sequence[Comb], jobs: Sequence[tuple[int, Signature]]
) -> list[bool]:
    """Whether each (e, signature) is valid under the key at its place. keys: all points, or all combs of one width.

    As `verify`, but in lockstep, in affine coordinates. If the sum of any item meets equal or opposite points, all are
    verified one by one: slower, with the same results.
    """
    p, n = curve.field, curve.order
    in_range = [i for i, (_, signature) in enumerate(jobs) if signature.in_range(curve=curve)]
    u1, u2 = [], []
    for i, w in zip(in_range, invert_all([jobs[i][1].s for i in in_range], n), strict=True):
        e, signature = jobs[i]
        u1.append(int(e * w % n))
        u2.append(int(signature.r * w % n))
    of_G = curve.base.for_uses(len(u1)).rows(u1)
    chosen = [keys[i] for i in in_range]
    combs = [key for key in chosen if isinstance(key, Comb)]
    points = [key for key in chosen if not isinstance(key, Comb)]
    try:
        if combs:
            of_Q = rows_of_each(combs, u2)
        else:
            of_Q = iter([to_columns(normalise(curve.endomorphism.multiply_each_vartime(u2, points), p))])
        x = {i: x % n for i, (x, _) in zip(in_range, sum_columns(chain(of_Q, of_G), p), strict=True)}
    except ZeroDivisionError:
        return [verify(curve, keys[i], *job) for i, job in enumerate(jobs)]
    return [x.get(i) == signature.r for i, (_, signature) in enumerate(jobs)]


def recover(curve: Curve, e: int, signature: Signature) -> list[Affine]:
    """Return every Q under which the signature of e is valid, with even y_R first (SEC 1 §4.1.6).

    Empty for r ≥ n or s ≥ n.
    """
    p, n = curve.field, curve.order
    r, s = signature.r, signature.s
    if not signature.in_range(curve=curve):
        return []
    w = invert(r, n)
    u1, u2 = int(-e * w % n), int(s * w % n)  # Q = r⁻¹(sR − eG)
    keys = []
    for x in map(modulus, range(r, curve.p, curve.n)):
        y = square_root(right_side(x, curve.b, p), p)
        if y is None:
            continue
        for R in sorted([(x, y), (x, p - y)], key=lambda R: R[1] % 2):
            Q = affine_or_none(add_all(curve.endomorphism.multiply_vartime(u2, R), curve.comb.points(u1), p), p)
            if Q is not None:
                keys.append(Q)
    return keys
