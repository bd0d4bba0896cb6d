"""The test that a number is prime."""

from __future__ import annotations

import math

import pytest

from ecpure import SECP224K1, SECP256K1, primality
from ecpure.integers import modulus
from ecpure.primality import _jacobi, _lucas, _miller_rabin, is_prime

SMALL = [n for n in range(3, 2000) if all(n % q for q in range(2, math.isqrt(n) + 1))]


def test_primality_of_every_small_number() -> None:
    """Below 2,000, exactly the primes pass; the trial division and the tests behind it agree on the rest to 60,000."""
    assert [n for n in range(-5, 2000) if is_prime(n)] == [2, *SMALL]
    sieve = bytearray([1]) * 60000
    for q in range(2, 245):
        sieve[q * q :: q] = bytes(len(range(q * q, 60000, q)))
    assert [n for n in range(2000, 60000) if is_prime(n)] == [n for n in range(2000, 60000) if sieve[n]]


@pytest.mark.parametrize(
    "n",
    [
        2047 * 43691,
        1373653,  # strong pseudoprimes to base 2 (OEIS A001262)
        3215031751,
        3825123056546413051,
        5777,  # strong Lucas pseudoprimes (OEIS A217255)
        10877,
        41**2 * 43**2,
        (2**89 - 1) ** 2,
        SECP224K1.p * SECP256K1.p,
        1093**2,
        1194649 * 12327121,  # squares of the Wieferich primes, which pass base 2
        318665857834031151167461,
    ],
)
def test_pseudoprimes_are_no_primes(n: int) -> None:
    """Numbers that pass one of the two tests fail the other."""
    assert not is_prime(n)


def test_each_of_the_two_tests_passes_its_own_pseudoprimes() -> None:
    """Of the odd numbers from 11 to 20,000, each test passes the primes and the composites that OEIS has for it."""
    odd = range(11, 20_000, 2)
    prime = {n for n in odd if all(n % q for q in range(3, math.isqrt(n) + 1, 2))}
    strong = {2047, 3277, 4033, 4681, 8321, 15841}  # A001262
    lucas = {323, 377, 1159, 1829, 3827, 5459, 5777, 9071, 9179, 10877}  # A217120
    lucas |= {11419, 11663, 13919, 14839, 16109, 16211, 18407, 18971, 19043}
    assert {n for n in odd if _miller_rabin(n, 2)} == prime | strong
    assert {n for n in odd if _lucas(n)} == prime - {11} | lucas


def test_the_jacobi_symbol_is_the_product_of_legendre_symbols() -> None:
    """For every odd n below 400 and a on both sides of 0, by the definition."""
    legendre = {q: {a * a % q for a in range(1, q)} for q in range(3, 400, 2) if all(q % r for r in range(3, q, 2))}
    for n in range(1, 400, 2):
        factors = [q for q in legendre for e in range(1, 6) if n % q**e == 0]
        for a in range(-60, 60):
            symbols = [(a % q in legendre[q]) - (a % q != 0 and a % q not in legendre[q]) for q in factors]
            assert _jacobi(a, n) == math.prod(symbols)


def test_lucas_refuses_a_number_that_shares_a_factor_with_d() -> None:
    """(D/n) = 0 shows a factor: 35 and D = 5."""
    assert not _lucas(35)
    assert _lucas(41)


@pytest.mark.parametrize("n", [2**61 - 1, 2**89 - 1, 2**127 - 1, SECP224K1.p, SECP224K1.n, SECP256K1.p, SECP256K1.n])
def test_large_primes_are_primes(n: int) -> None:
    """Known primes pass, under either integer type."""
    assert is_prime(n)
    assert is_prime(modulus(n))


def test_a_prime_has_passed_three_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one of the three lets through, another one stops; the second is to base 2, as Baillie and PSW have it."""
    monkeypatch.setattr(primality, "_lucas", lambda _: True)
    assert is_prime(8321)  # A001262, and no strong pseudoprime to base 3
    assert not is_prime(43 * 47)
    monkeypatch.setattr(primality, "_miller_rabin", lambda *_: True)
    composites = [q * r for q in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37) for r in (881, 1889, 1_000_003)]
    assert not any(map(is_prime, composites))
    assert is_prime(41 * 43)
