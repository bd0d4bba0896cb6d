"""Scalar multiplication: a comb for points that are met often, the endomorphism and wNAF for points met once.

Two doors. `Comb.multiply` is the one for secret scalars: the same sequence of group operations for every scalar.
`Endomorphism.multiply` is for public scalars: its time depends on them.
"""

from __future__ import annotations

from .field import random_unit
from .integers import modulus
from .jacobian import INFINITY, Affine, Jacobian, add, add_all, add_each, double, halve, normalise, times, to_affine
from .values import Value

_COMB_WIDTH = 8
_NAF_WIDTH = 5


class Comb(Value):
    """The multiples of one point B of odd prime order n that make k·B a sum of table entries, without a doubling.

    With w the width and t the number of rows, an odd k in [1, 2^(wt) − 1] is Σ (2mᵢ − (2^w − 1))·2^(wi), where mᵢ are
    the digits to base 2^w of m = (k + 2^(wt) − 1)/2. Row i holds (2m − (2^w − 1))·2^(wi)·B at index m: every digit is
    odd, hence never 0, and every scalar takes one entry of every row. n is odd, so one of k and k + n serves.
    """

    __slots__ = ("_bias", "_mask", "_n", "_p", "_rows", "_width")

    _bias: int
    _mask: int
    _n: int
    _p: int
    _rows: list[list[Affine]]
    _width: int

    def __init__(self, B: Affine, p: int, n: int) -> None:
        # Below n, the odd multiples of B up to 2^w − 1 are distinct, none is infinity, and no sum of two of them is.
        width = min(_COMB_WIDTH, n.bit_length() - 1)
        rows = -(-(2 * n).bit_length() // width)
        self._set(_p=p, _n=int(n), _width=width, _mask=(1 << width) - 1, _bias=(1 << width * rows) - 1)
        self._set(_rows=_odd_multiples_by_row(B, width, rows, p))

    def points(self, k: int) -> list[Affine]:
        """Return table entries, one of each row, whose sum is k·B, for k in [0, n − 1].

        The indices of the entries read depend on k; their number and order, and the steps taken, do not.
        """
        odd = (k + self._n, k)[k & 1]
        m = (odd + self._bias) >> 1
        shifts = range(0, self._width * len(self._rows), self._width)
        return [row[m >> shift & self._mask] for row, shift in zip(self._rows, shifts, strict=True)]

    def multiply(self, k: int) -> Affine:
        """Return k·B for a secret k in [1, n − 1], by the same sequence of group operations for every k.

        What is inverted on the way is random. Time still depends on which entries of the table are read, and on the
        lengths of coordinates, as far as Python's integers are faster for a shorter one.
        """
        p, blind = self._p, random_unit(self._p)
        points = halve(self.points(int(k)), p, blind)
        if len(points) == 1:  # with gmpy2, always: an inversion is cheap there
            return points[0]
        return normalise([add_all(INFINITY, points, p, blind)], p, blind)[0]


def _odd_multiples_by_row(B: Affine, width: int, rows: int, p: int) -> list[list[Affine]]:
    """Return for each i < rows the points (2m − (2^width − 1))·2^(width·i)·B, for m from 0 to 2^width − 1."""
    chain: list[Jacobian] = [(*B, modulus(1))]
    while len(chain) < width * rows:
        chain.append(double(chain[-1], 1, p))
    powers = normalise(chain, p)  # powers[j] = 2^j · B

    table = [[powers[width * i]] for i in range(rows)]
    for j in range(1, width):
        # Each row holds the odd multiples of its base below 2^j; adding 2^j of it gives those up to 2^(j+1).
        entries = [entry for row in table for entry in row]
        steps = [powers[width * i + j] for i, row in enumerate(table) for _ in row]
        sums = add_each(entries, steps, p)
        table = [row + sums[i << j - 1 : i + 1 << j - 1] for i, row in enumerate(table)]
    return [[(x, p - y) for x, y in reversed(row)] + row for row in table]


class Endomorphism(Value):
    """φ(x, y) = (βx, y) = λ·(x, y) on y² = x³ + b of prime order n, and the splitting of scalars by it.

    β and λ are roots of X² + X + 1 mod p and mod n. Both exist: with p ≡ 2 (mod 3) the curve has p + 1 points, which is
    even, and n is the norm of an element of Z[ω]. (Gallant, Lambert, Vanstone, CRYPTO 2001.)
    """

    __slots__ = ("_lattice", "_n", "_p", "beta", "lambda_")

    _lattice: tuple[tuple[int, int], tuple[int, int]]
    _n: int
    _p: int
    beta: int
    lambda_: int

    def __init__(self, G: Affine, p: int, n: int) -> None:
        beta, lambda_ = _cube_root_of_unity(p), _cube_root_of_unity(n)
        x, y = G
        if to_affine(times(lambda_, G, p), p) != (beta * x % p, y):
            lambda_ = n - 1 - lambda_  # the other root of X² + X + 1
        self._set(_p=p, _n=int(n), beta=beta, lambda_=lambda_, _lattice=_short_basis(int(n), int(lambda_)))

    def split(self, k: int) -> tuple[int, int]:
        """Return k₁, k₂, either sign, of about half of n's length, with k ≡ k₁ + k₂λ (mod n)."""
        # (k, 0) less the lattice point near it, by rounding: each vector (a, b) of the lattice has a + bλ ≡ 0.
        (a1, b1), (a2, b2) = self._lattice
        n = self._n
        c1 = (2 * b2 * k + n) // (2 * n)
        c2 = (-2 * b1 * k + n) // (2 * n)
        return k - c1 * a1 - c2 * a2, -c1 * b1 - c2 * b2

    def multiply(self, k: int, Q: Affine) -> Jacobian:
        """Return k·Q for a public k in [0, n − 1], as k₁·Q + k₂·φ(Q) over one chain of doublings."""
        p, beta = self._p, self.beta
        width = min(_NAF_WIDTH, self._n.bit_length())
        of_Q = _odd_multiples(Q, (1 << width - 1) - 1, p)
        of_phi_Q = {digit: (beta * x % p, y) for digit, (x, y) in of_Q.items()}

        k1, k2 = self.split(int(k))
        terms = [(place, of_Q[digit]) for place, digit in wnaf(k1, width)]
        terms += [(place, of_phi_Q[digit]) for place, digit in wnaf(k2, width)]
        return _sum_of_shifted(terms, p)


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


def _odd_multiples(Q: Affine, largest: int, p: int) -> dict[int, Affine]:
    """Return d·Q for every odd d with |d| ≤ largest < n."""
    doubled = normalise([double((*Q, modulus(1)), 1, p)], p)[0]
    chain: list[Jacobian] = [(*Q, modulus(1))]
    while 2 * len(chain) < largest:
        chain.append(add(chain[-1], doubled, p))
    table = {}
    for index, (x, y) in enumerate(normalise(chain, p)):
        table[2 * index + 1] = x, y
        table[-2 * index - 1] = x, p - y
    return table


def _sum_of_shifted(terms: list[tuple[int, Affine]], p: int) -> Jacobian:
    """Return the sum of 2^place · point over the terms (place, point), by one chain of doublings (Straus)."""
    terms = sorted(terms, key=lambda term: term[0], reverse=True)
    P, current = INFINITY, terms[0][0] if terms else 0
    for place, Q in terms:
        if place != current:
            P, current = double(P, current - place, p), place
        P = add(P, Q, p)
    return double(P, current, p)
