"""The orders in which implementations add up u1·G + u2·Q, each as a list of steps on coefficients of G and Q.

A point aG + bQ is the pair (a, b). A step is a pair, to be added, or None, a doubling. With them, a Q can be found for
which a chosen addition meets equal or opposite points: the order's exceptional cases, which chance never shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

from reference import G, N, inverse, multiply

Coefficients = tuple[int, int]
Step = Coefficients | None
Digits = dict[int, int]


def after(steps: Iterable[Step], start: Coefficients = (0, 0)) -> Coefficients:
    """Return what the steps make of the start, mod n."""
    a, b = start
    for step in steps:
        a, b = (2 * a, 2 * b) if step is None else (a + step[0], b + step[1])
    return a % N, b % N


def key_that_meets(before: Coefficients, step: Coefficients, sign: int) -> int | None:
    """Return d of a key dG under which A + dB = ±(a + db), (A, B) being before and (a, b) the step, or None."""
    (A, B), (a, b) = before, step
    if (B - sign * b) % N == 0:
        return None
    return (sign * a - A) * inverse(B - sign * b, N) % N or None


def cube_root_of_unity() -> int:
    """Return λ of order 3 mod n. (x, y) ↦ λ·(x, y) keeps y, and so does λ²."""
    root = next(root for base in range(2, 100) if (root := pow(base, (N - 1) // 3, N)) != 1)
    R = multiply(root)
    if R is None or R[1] != G[1]:
        raise AssertionError
    return root


LAMBDA = cube_root_of_unity()


@cache
def short_basis() -> tuple[Coefficients, Coefficients]:
    """Return the shortest basis of the (a, b) with a + bλ ≡ 0 (mod n), by Lagrange's reduction."""
    short, long = (-LAMBDA, 1), (N, 0)
    while True:
        if _dot(short, short) > _dot(long, long):
            short, long = long, short
        times = (2 * _dot(short, long) + _dot(short, short)) // (2 * _dot(short, short))
        if times == 0:
            return short, long
        long = long[0] - times * short[0], long[1] - times * short[1]


def _dot(v: Coefficients, w: Coefficients) -> int:
    return v[0] * w[0] + v[1] * w[1]


def split(k: int) -> Coefficients:
    """Return k₁, k₂ of about 113 bits, of either sign, with k ≡ k₁ + k₂λ (mod n)."""
    (a1, b1), (a2, b2) = short_basis()
    determinant = a1 * b2 - a2 * b1
    c1 = (2 * k * b2 + determinant) // (2 * determinant)
    c2 = (determinant - 2 * k * b1) // (2 * determinant)
    return k - c1 * a1 - c2 * a2, -c1 * b1 - c2 * b2


def corners() -> list[Coefficients]:
    """Return (k₁, k₂) about the corners of what split returns, where rounding turns and halves are longest."""
    (a1, b1), (a2, b2) = short_basis()
    sums = [(a1 + a2, b1 + b2), (a1 - a2, b1 - b2)]
    return [(sign * a // 2 + step, sign * b // 2) for a, b in sums for sign in (1, -1) for step in (0, 1)]


def bits(k: int) -> Digits:
    """Return the binary digits 1 of k ≥ 0 by their places."""
    return {place: 1 for place in range(k.bit_length()) if k >> place & 1}


def windows(k: int, width: int) -> Digits:
    """Return the digits other than 0 of k ≥ 0 to the base 2^width, by the places of their lowest bits."""
    places = range(0, k.bit_length(), width)
    return {place: digit for place in places if (digit := k >> place & (1 << width) - 1)}


def wnaf(k: int, width: int) -> Digits:
    """Return the odd digits below 2^(width − 1) in absolute value that make k, two never nearer than `width` places."""
    digits, place = {}, 0
    while k:
        if k & 1:
            digit = k & (1 << width) - 1
            if digit >> width - 1:
                digit -= 1 << width
            digits[place] = digit
            k -= digit
        k >>= 1
        place += 1
    return digits


def odd_windows(k: int, width: int) -> Digits:
    """Return a full row of odd digits, below 2^width in absolute value, `width` places apart, that make k mod n."""
    count = -(-(2 * N).bit_length() // width)
    k = k if k & 1 else k + N
    digits = {}
    for row in range(count - 1):
        digits[row * width] = digit = (k & (2 << width) - 1) - (1 << width)
        k = k - digit >> width
    return digits | {(count - 1) * width: k}


def interleaved(*streams: tuple[Digits, Coefficients]) -> list[Step]:
    """Return the steps of one chain of doublings, highest place first, for digits each of a point of its own."""
    steps: list[Step] = []
    for place in range(max(chain.from_iterable(digits for digits, _ in streams)), -1, -1):
        steps.append(None)
        steps += [(digits[place] * a, digits[place] * b) for digits, (a, b) in streams if place in digits]
    return steps


def comb(digits: Digits, point: Coefficients) -> list[Step]:
    """Return the steps of a sum of table entries, lowest place first, without a doubling."""
    a, b = point
    return [((digit << place) * a, (digit << place) * b) for place, digit in sorted(digits.items())]


def _joint(u1: int, u2: int) -> list[Step]:
    steps: list[Step] = []
    for place in range(max(u1, u2).bit_length() - 1, -1, -1):
        steps.append(None)
        if (step := (u1 >> place & 1, u2 >> place & 1)) != (0, 0):
            steps.append(step)
    return steps


def _alternating(first: Sequence[Step], second: Sequence[Step]) -> list[Step]:
    return list(chain.from_iterable(zip(first, second, strict=True)))


def _upwards(u1: int, u2: int) -> list[Step]:
    places: list[list[Step]] = [[] for _ in range(max(u1, u2).bit_length())]
    for place in bits(u1):
        places[place].append((1 << place, 0))
    for place in bits(u2):
        places[place].append((0, 1 << place))
    return list(chain.from_iterable(places))


def _endomorphism(u1: int, u2: int) -> list[Step]:
    (k1, k2), (k3, k4) = split(u2), split(u1)
    units = ((0, 1), (0, LAMBDA), (1, 0), (LAMBDA, 0))
    return interleaved(*((wnaf(k, 5), unit) for k, unit in zip((k1, k2, k3, k4), units, strict=True)))


def _endomorphism_and_halves(u1: int, u2: int) -> list[Step]:
    k1, k2 = split(u2)
    low, high = u1 & (1 << 113) - 1, u1 >> 113
    of_Q = [(wnaf(k1, 5), (0, 1)), (wnaf(k2, 5), (0, LAMBDA))]
    return interleaved(*of_Q, (wnaf(low, 8), (1, 0)), (wnaf(high, 8), (1 << 113, 0)))


class Order(NamedTuple):
    """An order of additions, and the flag of its cases."""

    name: str
    flag: str
    steps: Callable[[int, int], list[Step]]


ORDERS = (
    Order("joint bits of u1 and u2, highest first, table G, Q, G + Q", "JointBits", _joint),
    Order(
        "windows of 4 bits, highest first, of G and then of Q",
        "JointBits",
        lambda u1, u2: interleaved((windows(u1, 4), (1, 0)), (windows(u2, 4), (0, 1))),
    ),
    Order(
        "wNAF of width 4, interleaved, G before Q",
        "InterleavedNaf",
        lambda u1, u2: interleaved((wnaf(u1, 4), (1, 0)), (wnaf(u2, 4), (0, 1))),
    ),
    Order(
        "wNAF of width 5, interleaved, Q before G",
        "InterleavedNaf",
        lambda u1, u2: interleaved((wnaf(u2, 5), (0, 1)), (wnaf(u1, 5), (1, 0))),
    ),
    Order(
        "u2·Q, then a comb of G with windows of 4 bits, lowest first",
        "Comb",
        lambda u1, u2: [(0, u2), *comb(windows(u1, 4), (1, 0))],
    ),
    Order(
        "u2·Q, then a comb of G with odd digits of 5 bits, lowest first",
        "Comb",
        lambda u1, u2: [(0, u2), *comb(odd_windows(u1, 5), (1, 0))],
    ),
    Order(
        "u2·Q, then a comb of G with odd digits of 8 bits, lowest first",
        "Comb",
        lambda u1, u2: [(0, u2), *comb(odd_windows(u1, 8), (1, 0))],
    ),
    Order(
        "combs of Q and G side by side, odd digits of 8 bits, lowest first",
        "Comb",
        lambda u1, u2: _alternating(comb(odd_windows(u2, 8), (0, 1)), comb(odd_windows(u1, 8), (1, 0))),
    ),
    Order("bits of u1 and u2, lowest first", "RightToLeft", _upwards),
    Order("u1·G, then the bits of u2, lowest first", "RightToLeft", lambda u1, u2: [(u1, 0), *comb(bits(u2), (0, 1))]),
    Order("both scalars split by λ, wNAF of width 5, interleaved", "Endomorphism", _endomorphism),
    Order("u2 split by λ, u1 in halves, wNAF, interleaved", "Endomorphism", _endomorphism_and_halves),
)


@cache
def comb_doublings(width: int) -> tuple[int, ...]:
    """Return every u in [1, n − 1] for which the last addition of a comb of odd digits of this width is a doubling."""
    top = 1 << width * (-(-(2 * N).bit_length() // width) - 1)
    found = set()
    for digit in range(1, min(1 << width, 4 * N // top), 2):
        for u in {(2 * digit * top) % N, (-2 * digit * top) % N}:
            *steps, last = comb(odd_windows(u, width), (1, 0))
            if u and after(steps) == after([last]):
                found.add(u)
    return tuple(sorted(found))
