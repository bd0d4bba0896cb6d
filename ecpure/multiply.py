"""Scalar multiplication: a comb for points that are met often, the endomorphism and wNAF for points met once.

Two doors. `BaseComb.multiply` is the one for secret scalars: the same sequence of group operations for every scalar.
`Endomorphism.multiply` is for public scalars: its time depends on them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence

from .affine import Affine, add_each
from .errors import FaultDetected
from .field import random_unit
from .integers import modulus
from .jacobian import (
    INFINITY,
    Extended,
    Jacobian,
    add_all,
    affine_or_none,
    double,
    extend,
    normalise,
    odd_multiples,
    sum_of_shifted,
    times,
    to_affine,
)
from .values import Value

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from typing import NoReturn

_NAF_WIDTH = 5

_MASK_STEPS = 8
_GROWTH = ((5, 200), (8, 1000), (10, math.inf))
"""Widths of the comb of the base point, and the uses up to which each serves."""


class Comb(Value):
    """The multiples of one point B of odd prime order n that make k·B a sum of table entries, without a doubling.

    With w the width and t the number of rows, an odd k in [1, 2^(wt) − 1] is Σ (2mᵢ − (2^w − 1))·2^(wi), where mᵢ are
    the digits to base 2^w of m = (k + 2^(wt) − 1)/2. Every such digit is odd, hence never 0, and every scalar takes one
    entry of every row. n is odd, so one of k and k + n serves.

    Row i holds (2m − (2^w − 1))·2^(wi)·B at index m. An entry (x, y) is the one integer x + y·2^⌈log₂ p⌉, which takes
    half the memory of two, and fewer lines of the caches.
    """

    __slots__ = ("_B", "_bias", "_bits", "_mask", "_n", "_p", "_rows", "_x_mask")

    _B: Affine
    _bias: int
    _bits: int
    _mask: int
    _n: int
    _p: int
    _rows: list[tuple[int, list[int]]]
    _x_mask: int

    def __init__(self, B: Affine, p: int, n: int, width: int = 8) -> None:
        # Below n, the odd multiples of B up to 2^w − 1 are distinct, none is infinity, and no sum of two of them is.
        width = min(width, n.bit_length() - 1)
        count = -(-(2 * n).bit_length() // width)
        bases: list[Jacobian] = [(*B, modulus(1))]
        while len(bases) < count:
            bases.append(double(bases[-1], width, p))
        table = _odd_multiples_each(normalise(bases, p), 1 << width - 1, p)
        bits = p.bit_length()
        packed = ([x | p - y << bits for x, y in reversed(row)] + [x | y << bits for x, y in row] for row in table)
        self._set(_B=B, _p=p, _n=int(n), _bits=bits, _x_mask=modulus((1 << bits) - 1))
        self._set(_bias=(1 << width * count) - 1, _mask=(1 << width) - 1)
        self._set(_rows=list(zip(range(0, width * count, width), packed, strict=True)))

    def require_on_curve(self) -> None:
        """Raise `FaultDetected` unless every entry is on the one curve y² = x³ + b that B is on."""
        p, bits, x_mask = self._p, self._bits, self._x_mask
        x, y = self._B
        b = (y * y - x * x * x) % p
        for _, row in self._rows:
            for entry in row:
                x, y = entry & x_mask, entry >> bits
                if (y * y - x * x * x - b) % p:
                    raise FaultDetected("table: an entry was off the curve; the machine may be faulty")

    def points(self, k: int) -> list[Affine]:
        """Return entries of the table, one of each row, whose sum is k·B, for k in [0, n − 1].

        The indices of the entries read depend on k; their number and order, and the steps taken, do not.
        """
        x_mask, bits, mask, m = self._x_mask, self._bits, self._mask, self._digits(k)
        return [((entry := row[m >> shift & mask]) & x_mask, entry >> bits) for shift, row in self._rows]

    def rows(self, scalars: Sequence[int]) -> Iterator[list[Affine]]:
        """Yield for each row the entries that the scalars take of it: k·B is the sum of a column."""
        x_mask, bits, mask = self._x_mask, self._bits, self._mask
        indices = [self._digits(k) for k in scalars]
        for shift, row in self._rows:
            yield [((entry := row[m >> shift & mask]) & x_mask, entry >> bits) for m in indices]

    def _digits(self, k: int) -> int:
        """Return m of the class's docstring, for k in [0, n − 1]."""
        return ((k + self._n, k)[k & 1] + self._bias) >> 1


_forks = 0
"""How many forks lead to this process."""


def _count_fork() -> None:
    global _forks  # noqa: PLW0603  # what happens to the process is kept by the module
    _forks += 1


getattr(os, "register_at_fork", lambda **_: None)(after_in_child=_count_fork)  # Windows has neither


_Step = tuple[int, int, Affine]
"""v, −v, v·B."""
_Walk = tuple[int, int, Extended, list[_Step], int]
"""A mask as u, −u, U = u·B, mod n and not reduced; the steps by which it goes on; and in which process it was drawn."""


class BaseComb:
    """The comb of the base point, built on first use and larger as its uses pay for it, and the door for secrets.

    How often it was used is all that the comb's size depends on. Threads may share it. It is never copied or pickled.
    """

    __slots__ = ("_B", "_comb", "_enough_for", "_n", "_p", "_uses", "_walks")

    def __init__(self, B: Affine, p: int, n: int) -> None:
        self._B, self._p, self._n = B, p, n
        self._uses, self._enough_for = 0, -1.0
        self._comb: Comb
        self._walks: list[_Walk] = []

    def for_uses(self, uses: int) -> Comb:
        """Return the comb, for so many uses more. Raises `FaultDetected`."""
        self._uses += uses
        if self._uses > self._enough_for:
            width, enough_for = next(step for step in _GROWTH if self._uses <= step[1])
            comb = Comb(self._B, self._p, self._n, width)
            comb.require_on_curve()
            self._comb, self._enough_for = comb, enough_for
        return self._comb

    def multiply(self, k: int) -> Affine:
        """Return k·B for a secret k, not 0 mod n, by the same sequence of group operations for every k.

        With a random mask u and U = u·B at hand, k·B = U + (k − u)·B: the entries that are read do not follow k, and no
        coordinate does. Every use has a mask of its own, by one addition: u and U go on by a step, one of eight random
        ones, which U's X chooses. That hides the scalar from who sees one use, or a little of many; whoever sees every
        entry that several uses in a row read can undo it (docs/second-read.md).
        Time depends on the length of k, and on what masks make of it. Raises `FaultDetected` where masks prove wrong,
        `ZeroDivisionError` for k = 0 mod n.
        """
        comb, p, n = self.for_uses(1), self._p, self._n
        try:
            u, minus_u, U, steps, forks = self._walks.pop()  # what is taken, no other thread or signal handler can take
        except IndexError:
            forks = -1
        if forks != _forks:
            u, minus_u, U, steps, forks = self._draw(comb)
        v, minus_v, V = steps[U[0] & 7]
        u, minus_u, U = u + v, minus_u + minus_v, add_all(U, (V,), p)  # a bit longer whenever uses double
        self._walks.append((u, minus_u, U, steps, forks))
        hidden = U[0] * n  # a random multiple of n: else the quotient would tell whether k < u
        masked = (hidden + k + minus_u) % n
        if (hidden + masked + u - k) % n:
            raise FaultDetected("mask: it has changed in memory, and the result is withheld; the machine may be faulty")
        return to_affine(add_all(U, comb.points(int(masked)), p), p)

    def _draw(self, comb: Comb) -> _Walk:
        """Return a random mask, with a random Z, and random steps. Raises `FaultDetected` where they do not add up."""
        p, n, forks = self._p, self._n, _forks  # before anything is drawn: a fork while drawing shares what was
        scalars = [random_unit(n) for _ in range(1 + _MASK_STEPS)]
        multiples = [to_affine(add_all(INFINITY, comb.points(int(u)), p), p) for u in scalars]
        whole = add_all(INFINITY, comb.points(int(sum(scalars) % n)), p)
        if affine_or_none(whole, p) != affine_or_none(add_all(INFINITY, multiples, p), p):
            raise FaultDetected("mask: a multiple was wrong, and is withheld; the machine may be faulty")
        u, (x, y), Z = modulus(scalars.pop()), multiples.pop(), random_unit(p)
        ZZ = Z * Z % p
        ZZZ = ZZ * Z % p
        steps = [(modulus(v), n - v, V) for v, V in zip(scalars, multiples, strict=True)]
        return u, n - u, (x * ZZ % p, y * ZZZ % p, ZZ, ZZZ), steps, forks

    def __reduce__(self) -> NoReturn:
        raise TypeError("comb of the base point: never copied or pickled, since its masks are secret")


def _odd_multiples_each(points: Sequence[Affine], count: int, p: int) -> Iterable[Sequence[Affine]]:
    """Return for each Q the first `count` of Q, 3Q, 5Q … in lockstep, for Q of odd prime order above 2·count."""
    doubled = normalise([double((x, y, modulus(1)), 1, p) for x, y in points], p)
    columns = [points]
    while len(columns) < count:
        columns.append(add_each(columns[-1], doubled, p))
    return zip(*columns, strict=True)


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
        """Return k₁, k₂, either sign, of about half of n's length, with k ≡ k₁ + k₂λ (mod n)."""
        # (k, 0) less the lattice point near it, by rounding: each vector (a, b) of the lattice has a + bλ ≡ 0.
        (a1, b1), (a2, b2) = self._lattice
        n = self._n
        c1 = (2 * b2 * k + n) // (2 * n)
        c2 = (-2 * b1 * k + n) // (2 * n)
        return k - c1 * a1 - c2 * a2, -c1 * b1 - c2 * b2

    def multiply(self, k: int, Q: Affine) -> Extended:
        """Return k·Q for a public k in [0, n − 1], as k₁·Q + k₂·φ(Q) over one chain of doublings."""
        p = self._p
        multiples, Z = odd_multiples(Q, 1 << self._width - 2, p)
        X, Y, scaled_Z = self._multiply(int(k), multiples)
        return extend((X, Y, scaled_Z * Z % p), p)

    def multiply_each(self, scalars: Sequence[int], points: Sequence[Affine]) -> list[Jacobian]:
        """Return k·Q for each public k in [0, n − 1] and its Q, whose multiples are computed in lockstep."""
        table = _odd_multiples_each(points, 1 << self._width - 2, self._p)
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
