"""Primality tests, for the p and n of a curve that a caller defines."""

from __future__ import annotations

from math import isqrt

_SMALL_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)


def is_prime(n: int) -> bool:
    """Whether n is prime, by Baillie–PSW: one round of Miller–Rabin to base 2, then Lucas (FIPS 186-5 B.3.1, B.3.3).

    Below 2⁶⁴ this is proved; above, no composite number that passes is known.
    """
    if n < 41 * 41:
        return n > 1 and all(n % q or n == q for q in _SMALL_PRIMES)
    return all(n % q for q in _SMALL_PRIMES) and _miller_rabin(n, 2) and _lucas(n)


def _miller_rabin(n: int, base: int) -> bool:
    """Whether odd n is a strong probable prime to `base`."""
    m, twos = n - 1, 0
    while m % 2 == 0:
        m, twos = m // 2, twos + 1
    z = pow(base, m, n)
    if z in (1, n - 1):
        return True
    for _ in range(twos - 1):
        z = z * z % n
        if z == n - 1:
            return True
    return False


def _lucas(n: int) -> bool:
    """Whether odd n passes the Lucas test for the first D of 5, −7, 9 … with (D/n) = −1 (FIPS 186-5 B.3.3)."""
    if isqrt(n) ** 2 == n:
        return False
    d = 5
    while (symbol := _jacobi(d, n)) == 1:
        d = -d - 2 if d > 0 else -d + 2
    if symbol == 0:
        return False
    half = (n + 1) // 2  # 1/2 mod n
    u, v = 1, 1
    for bit in f"{n + 1:b}"[1:]:
        u, v = u * v % n, (v * v + d * u * u) * half % n
        if bit == "1":
            u, v = (u + v) * half % n, (v + d * u) * half % n
    return u == 0


def _jacobi(a: int, n: int) -> int:
    """Return the Jacobi symbol (a/n) for odd n > 0."""
    a, sign = a % n, 1
    while a:
        while a % 2 == 0:
            a //= 2
            if n % 8 in (3, 5):
                sign = -sign
        a, n = n, a
        if a % 4 == 3 and n % 4 == 3:
            sign = -sign
        a %= n
    return sign if n == 1 else 0
