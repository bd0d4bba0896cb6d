"""Multiples of points used once, for public scalars: the endomorphism halves a scalar, wNAF makes it sparse.

The time of everything here depends on the scalar.
"""

from __future__ import annotations

from collections.abc import Sequence

from .group import (
    Affine,
    Extended,
    Jacobian,
    extend,
    odd_multiples,
    odd_multiples_each,
    sum_of_shifted,
    times,
    to_affine,
)
from .values import Value

_NAF_WIDTH = 5


class Endomorphism(Value):
    """φ(x, y) = (βx, y) = λ·(x, y) on y² = x³ + b of prime order n, and the splitting of scalars by it.

    β and λ are roots of X² + X + 1 mod p and mod n. Both exist: with p ≡ 2 (mod 3) the curve has p + 1 points, which is
    even, and n is the norm of an element of Z[ω]. (Gallant, Lambert, Vanstone, CRYPTO 2001.)
    """

    __slots__ = ("_lattice", "_n", "_p", "_width", "beta", "lambda_")

    _lattice: tuple[tuple[int, int], tuple[int, int]]
    _n: int
    _p: int
    _width: int
    beta: int
    lambda_: int

    def __init__(self, G: Affine, p: int, n: int) -> None:
        beta, lambda_ = _cube_root_of_unity(p), _cube_root_of_unity(n)
        x, y = G
        if to_affine(times(lambda_, G, p), p) != (beta * x % p, y):
            lambda_ = n - 1 - lambda_  # the other root of X² + X + 1
        self._set(
            _p=p,
            _n=int(n),
            _width=min(_NAF_WIDTH, n.bit_length()),
            beta=beta,
            lambda_=lambda_,
            _lattice=_short_basis(int(n), int(lambda_)),
        )

    def split(self, k: int) -> tuple[int, int]:
        """Return k₁, k₂ of either sign with k ≡ k₁ + k₂λ (mod n), |k₁| ≤ (|a₁| + |a₂|)/2, |k₂| ≤ (|b₁| + |b₂|)/2.

        That is about half of n's length, below 2¹¹³ on secp224k1; tests/core/test_proofs.py proves the bounds.
        """
        # (k, 0) less the lattice point near it, by rounding: each vector (a, b) of the lattice has a + bλ ≡ 0.
        (a1, b1), (a2, b2) = self._lattice
        n = self._n
        c1 = (2 * b2 * k + n) // (2 * n)
        c2 = (-2 * b1 * k + n) // (2 * n)
        return k - c1 * a1 - c2 * a2, -c1 * b1 - c2 * b2

    def multiply_vartime(self, k: int, Q: Affine) -> Extended:
        """Return k·Q for a public k in [0, n − 1], as k₁·Q + k₂·φ(Q) over one chain of doublings."""
        p = self._p
        multiples, Z = odd_multiples(Q, 1 << self._width - 2, p)
        X, Y, scaled_Z = self._multiply(int(k), multiples)
        return extend((X, Y, scaled_Z * Z % p), p)

    def multiply_each_vartime(self, scalars: Sequence[int], points: Sequence[Affine]) -> list[Jacobian]:
        """Return k·Q for each public k in [0, n − 1] and its Q, whose multiples are computed in lockstep."""
        table = odd_multiples_each(points, 1 << self._width - 2, self._p)
        return [self._multiply(int(k), multiples) for k, multiples in zip(scalars, table, strict=True)]

    def _multiply(self, k: int, multiples: Sequence[Affine]) -> Jacobian:
        p, beta = self._p, self.beta
        signed = [*multiples, *[(x, p - y) for x, y in reversed(multiples)]]  # by the digits 1, 3 … −3, −1
        of_phi = [(beta * x % p, y) for x, y in signed]
        k1, k2 = self.split(k)
        terms = [(place, signed[digit >> 1]) for place, digit in wnaf(k1, self._width)]
        terms += [(place, of_phi[digit >> 1]) for place, digit in wnaf(k2, self._width)]
        return sum_of_shifted(terms, p)


def _cube_root_of_unity(p: int) -> int:
    """Return an element of order 3 in the multiplicative group of F_p, p ≡ 1 (mod 3)."""
    base = 2
    while (root := pow(base, (p - 1) // 3, p)) == 1:
        base += 1
    return root


def _short_basis(n: int, lambda_: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return two short independent (a, b) with a + bλ ≡ 0 (mod n), of determinant a₁b₂ − a₂b₁ = n.

    By Euclid's algorithm on n and λ, each remainder r = s·n + t·λ giving (r, −t), stopped around √n
    (Guide to Elliptic Curve Cryptography, algorithm 3.74).
    """
    (r0, t0), (r1, t1) = (n, 0), (lambda_, 1)
    while r1 * r1 >= n:
        quotient = r0 // r1
        (r0, t0), (r1, t1) = (r1, t1), (r0 - quotient * r1, t0 - quotient * t1)
    quotient = r0 // r1
    r2, t2 = r0 - quotient * r1, t0 - quotient * t1
    short = min((r0, -t0), (r2, -t2), key=lambda v: v[0] * v[0] + v[1] * v[1])
    a1, b1, a2, b2 = r1, -t1, *short
    sign = (a1 * b2 - a2 * b1) // n  # ±1: the determinant is ±n
    return (a1, b1), (sign * a2, sign * b2)


def wnaf(k: int, width: int) -> list[tuple[int, int]]:
    """Return (place, digit) pairs with k = Σ digit·2^place: odd digits, |digit| < 2^(width − 1), `width` places apart.

    Works for negative k too. Time depends on k. (Guide to Elliptic Curve Cryptography, algorithm 3.35.)
    """
    digits = []
    place = 0
    half = 1 << width - 1
    while k:
        zeros = (k & -k).bit_length() - 1
        k >>= zeros
        place += zeros
        digit = ((k + half) & (2 * half - 1)) - half
        digits.append((place, digit))
        k -= digit
    return digits
