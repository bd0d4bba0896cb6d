"""Arithmetic modulo a prime: random elements, blinded division, many inverses at once, square roots."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .integers import invert


def random_unit(m: int) -> int:
    """Return a number from [1, m − 1] by the system's generator, uniform to within 2⁻⁶⁴.

    As FIPS 186-5 A.2.1 generates keys: from 64 bits more than m has.
    """
    return 1 + int.from_bytes(os.urandom((m.bit_length() + 71) // 8), "big") % (m - 1)


def divide_blinded(a: int, b: int, m: int) -> int:
    """Return a/b mod m for secret a and b, b not 0 mod m, as (t·a)·(t·b)⁻¹ with a random t: both factors are random.

    t is uniform on [1, 2^(8j)], with the largest j for which all values are below m: 2²²⁴ values for the n of
    secp224k1, and 2²⁴⁸ for that of secp256k1, which is not uniform mod n, but enough for a factor. Time depends on the
    lengths of a and b. Raises `ZeroDivisionError`.
    """
    t = 1 + int.from_bytes(os.urandom((m.bit_length() - 1) // 8), "big")
    inverse = invert(b * t % m, m)
    return a * t % m * inverse % m


def invert_all(values: Sequence[int], p: int) -> list[int]:
    """Return the inverse mod p of each value, by one inversion and 3 multiplications for each (Montgomery's trick).

    Raises `ZeroDivisionError` if any value is 0 mod p.
    """
    product = 1
    before = []  # before[i] = values[0] · … · values[i − 1]
    for value in values:
        before.append(product)
        product = product * value % p
    inverse = invert(product, p)  # of values[0] · … · values[i], as i falls
    inverses = []
    for value, prefix in zip(reversed(values), reversed(before), strict=True):
        inverses.append(inverse * prefix % p)
        inverse = inverse * value % p
    inverses.reverse()
    return inverses


def square_root(a: int, p: int) -> int | None:
    """Return a root of X² = a in F_p, p an odd prime, or None if a is not a square. For public values only."""
    if p % 4 == 3:
        root = pow(a, (p + 1) // 4, p)
    elif p % 8 == 5:
        # Atkin: with α = (2a)^((p−5)/8) and i = 2aα², a square a has i² = −1, hence (aα(i − 1))² = a²α²·(−2i) = a.
        alpha = pow(2 * a, (p - 5) // 8, p)
        i = 2 * a * alpha * alpha % p
        root = a * alpha * (i - 1) % p
    else:
        root = _tonelli_shanks(a, p)
    return root if (root * root - a) % p == 0 else None


def _tonelli_shanks(a: int, p: int) -> int:
    """Return a square root of a mod p if there is one, else any number (Cohen, algorithm 1.5.1)."""
    q, twos = p - 1, 0
    while q % 2 == 0:
        q, twos = q // 2, twos + 1
    z = 2
    while pow(z, (p - 1) // 2, p) != p - 1:
        z += 1
    c = pow(z, q, p)  # of order 2^twos
    root, t = pow(a, (q + 1) // 2, p), pow(a, q, p)  # root² = a·t, always
    while t not in (0, 1):
        order, power = 0, t  # t has order 2^order
        while power != 1:
            power, order = power * power % p, order + 1
            if order == twos:
                return root  # a is not a square
        step = pow(c, 1 << (twos - order - 1), p)
        c = step * step % p
        root, t, twos = root * step % p, t * c % p, order
    return root
