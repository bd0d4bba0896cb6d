"""ECDSA signing on digests: SEC 1 §4.1.3 with the nonces of RFC 6979, and checks that no fault gets past."""

from __future__ import annotations

from .curve import Curve
from .ecdsa import digest_to_int
from .errors import FaultDetected
from .field import invert_blinded
from .rfc6979 import nonces
from .sec1 import right_side
from .signature import Signature


def sign(curve: Curve, d: int, digest: bytes, hash: str, extra_entropy: bytes = b"") -> Signature:
    """Return the signature of a digest (one octet or more) under d in [1, n − 1], its nonce by RFC 6979.

    The sequence of group operations is the same for every d and k, and what is inverted is random. Time still depends
    on how many nonce candidates are refused, and on which entries of the comb are read. Raises `FaultDetected`.
    """
    e = digest_to_int(curve, digest)
    candidates = nonces(d, digest, curve.n, hash, extra_entropy)
    while (signature := sign_with_nonce(curve, d, e, next(candidates))) is None:
        pass  # r or s is 0: the next candidate (RFC 6979 §3.4)
    return signature


def sign_with_nonce(curve: Curve, d: int, e: int, k: int) -> Signature | None:
    """Return the signature that d and k in [1, n − 1] make of e, or None where r or s is 0 (SEC 1 §4.1.3).

    Time depends on which entries of the comb are read; d and k are computed with at one length. Raises `FaultDetected`
    if R is off the curve or s·k ≢ e + r·d: two signatures of one digest, one of them wrong, give the key away.
    """
    p, n = curve.field, curve.order
    x_R, y_R = curve.comb.multiply(k)  # step 1
    r = x_R % n  # steps 2, 3
    s = invert_blinded(k, n) * (e + r * (d + n)) % n  # step 6; d + n is as long for every d
    if (y_R * y_R - right_side(x_R, curve.b, p)) % p or (s * (k + n) - e - r * (d + n)) % n:
        raise FaultDetected("signing: a result was wrong, and is withheld; the machine may be faulty")
    return Signature(int(r), int(s)) if r and s else None
