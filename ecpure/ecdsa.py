"""ECDSA on digests: signing (SEC 1 §4.1.3), verifying (§4.1.4), recovering the public key (§4.1.6)."""

from __future__ import annotations

from .curve import Curve
from .errors import InvalidEncoding
from .field import invert_blinded, square_root
from .integers import invert
from .jacobian import INFINITY, Affine, add_all, to_affine
from .multiply import Comb
from .rfc6979 import bits2int, nonces
from .sec1 import right_side
from .signature import Signature


def digest_to_int(curve: Curve, digest: bytes) -> int:
    """Return e, the leftmost ⌈log₂ n⌉ bits of the digest (SEC 1 §4.1.3 step 5): 225 bits on secp224k1, not 224.

    Raises `InvalidEncoding` for an empty digest.
    """
    if not digest:
        raise InvalidEncoding("digest: at least one octet was expected")
    return bits2int(digest, curve.n.bit_length())


def sign(curve: Curve, d: int, digest: bytes, hash: str, extra_entropy: bytes = b"") -> Signature:
    """Return the signature of a digest (one octet or more) under d in [1, n − 1], its nonce by RFC 6979.

    The sequence of group operations is the same for every d and k, and what is inverted is random. Time still depends
    on how many nonce candidates are refused, which entries of the comb are read, and the lengths of integers.
    """
    e = digest_to_int(curve, digest)
    candidates = nonces(d, digest, curve.n, hash, extra_entropy)
    while (signature := sign_with_nonce(curve, d, e, next(candidates))) is None:
        pass  # r or s is 0: the next candidate (RFC 6979 §3.4)
    return signature


def sign_with_nonce(curve: Curve, d: int, e: int, k: int) -> Signature | None:
    """Return the signature that d and k in [1, n − 1] make of e, or None where r or s is 0 (SEC 1 §4.1.3)."""
    n = curve.order
    x_R, _ = curve.comb.multiply(k)  # step 1
    r = x_R % n  # steps 2, 3
    s = invert_blinded(k, n) * (e + r * d) % n  # step 6
    return Signature(int(r), int(s)) if r and s else None


def verify(curve: Curve, Q: Affine, e: int, signature: Signature, comb: Comb | None = None) -> bool:
    """Whether the signature of e holds under Q, whose own comb makes it faster. Public values: time depends on them."""
    p, n = curve.field, curve.order
    r, s = signature.r, signature.s
    if not (1 <= r < n and 1 <= s < n):  # step 1
        return False
    w = invert(s, n)  # step 4
    u1, u2 = int(e * w % n), int(r * w % n)
    points = curve.comb.points(u1)  # step 5: R = u1·G + u2·Q
    if comb is None:
        X, _, Z = add_all(curve.endomorphism.multiply(u2, Q), points, p)
    else:
        X, _, Z = add_all(INFINITY, points + comb.points(u2), p)
    if not Z:
        return False
    # Steps 6 to 8: x_R ≡ r (mod n), that is X/Z² is r, r + n, … below p. On secp224k1 n > p: r itself, or nothing.
    ZZ = Z * Z % p
    return any((x * ZZ - X) % p == 0 for x in range(r, int(p), int(n)))


def recover(curve: Curve, e: int, signature: Signature) -> list[Affine]:
    """Return every Q under which the signature of e holds, that of even y_R first (SEC 1 §4.1.6).

    There is none for r or s of n or above.
    """
    p, n = curve.field, curve.order
    r, s = signature.r, signature.s
    if not signature.in_range(curve=curve):
        return []
    w = invert(r, n)
    u1, u2 = int(-e * w % n), int(s * w % n)  # Q = r⁻¹(sR − eG)
    keys = []
    for x in range(r, int(p), int(n)):
        y = square_root(right_side(x % p, curve.b, p), p)
        if y is None:
            continue
        for R in sorted([(x % p, y), (x % p, p - y)], key=lambda R: R[1] % 2):
            Q = to_affine(add_all(curve.endomorphism.multiply(u2, R), curve.comb.points(u1), p), p)
            if Q is not None:
                keys.append(Q)
    return keys
