"""ECDSA signing on digests: SEC 1 §4.1.3 with the nonces of RFC 6979, and checks for faults."""

from __future__ import annotations

from .curve import Curve, Point, computed_point
from .errors import FaultDetected
from .field import divide_blinded
from .integers import modulus
from .rfc6979 import nonces
from .sec1 import right_side
from .signature import Signature
from .verifying import digest_to_int


def sign(curve: Curve, d: int, x: bytes, digest: bytes, *, hash: str, extra_entropy: bytes) -> Signature:
    """Return the signature of a digest (one octet or more), with the nonce of RFC 6979.

    d: the key as `lengthen` returns it; its length is public. x: the key as octets of n's length.

    The sequence of group operations is the same for every d and k; what is inverted, and which entries of the comb are
    read, is random. Time still depends on how many nonce candidates are rejected, and on the nonce's length (`nonces`).

    Raises `InvalidEncoding` for an empty digest, `FaultDetected`.
    """
    e = digest_to_int(curve, digest)
    candidates = nonces(x, digest, curve.n, hash, extra_entropy)
    while (signature := sign_with_nonce(curve, d, e, next(candidates))) is None:
        pass  # r or s is 0: the next candidate (RFC 6979 §3.4), where FIPS 186-5 §6.4.1 step 11 gives up
    return signature


def lengthen(a: int, n: int) -> int:
    """Return (3·2¹³ + 1)·n + a, ≡ a (mod n), for a in [0, n − 1]: a number whose length hardly depends on a.

    For n just above a power of two, as on secp224k1, or just below one, as on secp256k1, length and first 13 bits are
    the same for every a: 11 and eleven zeros. For other n the length may vary with a. The addition is done with
    Python's own integers, since the time of gmpy2's would depend on the length of a.
    """
    return modulus((3 << 13 | 1) * n + a)


def sign_with_nonce(curve: Curve, d: int, e: int, k: int) -> Signature | None:
    """Return the signature of e by d with the nonce k in [1, n − 1], or None if r or s is 0 (SEC 1 §4.1.3).

    d: as in `sign`. Time depends on the length of d, and on what random masks make of k. Raises `FaultDetected` if R is
    off the curve or s·k ≢ e + r·d: two signatures of one digest, one of them wrong, reveal the key.
    """
    p, n = curve.field, curve.order
    long_k = lengthen(k, curve.n)
    try:
        x_R, y_R = curve.base.multiply_secret(long_k)  # step 1
        r = x_R % n  # steps 2, 3
        s = divide_blinded(e + r * d, long_k, n)  # step 6
        # k is lengthened afresh and x_R replaces r, so that a fault in either cannot cancel out.
        is_equal = (s * lengthen(k, curve.n) - e - x_R * d) % n == 0  # a difference: no secret is reduced alone
        right = is_equal and (y_R * y_R - right_side(x_R, curve.b, p)) % p == 0
    except ZeroDivisionError:  # infinity, or no inverse: cannot happen for k in [1, n − 1]
        right = False
    if not right:  # raised here, so that no other exception is its context
        raise FaultDetected("signing: a result was wrong, and is withheld; the machine may be faulty")
    return Signature(int(r), int(s)) if r and s else None


def public_point(curve: Curve, d: int) -> Point:
    """Return Q = d·G (SEC 1 §3.2.1); d: as in `sign`. Raises `FaultDetected` if Q is off the curve or infinity.

    Time is as in `BasePoint.multiply_secret`.
    """
    p = curve.field
    try:
        x, y = curve.base.multiply_secret(d)
        right = (y * y - right_side(x, curve.b, p)) % p == 0
    except ZeroDivisionError:
        right = False
    if not right:
        raise FaultDetected("public key: a result was wrong, and is withheld; the machine may be faulty")
    return computed_point(curve, (x, y))
