"""The group law on y² = x³ + b over F_p: the package's only formulas, correct for every input unless stated otherwise.

Three representations of a point (x, y):
- affine, (x, y): many sums in lockstep share one inversion, and take 6 multiplications each;
- Jacobian, (X, Y, Z) with x = X/Z² and y = Y/Z³: doubling takes 7 multiplications, adding an affine point 11;
- extended Jacobian, (X, Y, Z², Z³): doubling would take 9, adding takes 10.
A chain of doublings uses the second, a long sum the third. Z = 0 is the point at infinity. The group has odd prime
order, so no point has y = 0. No formula uses b.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import itemgetter

from .field import invert_all
from .integers import invert, modulus

Affine = tuple[int, int]
"""(x, y), never infinity."""
Columns = tuple[list[int], list[int]]
"""Affine points for lockstep, as the x of each, and the y of each: faster than pairs."""
Jacobian = tuple[int, int, int]
Extended = tuple[int, int, int, int]

INFINITY: Extended = (1, 1, 0, 0)


def add_and_double(P: Jacobian, steps: Iterable[tuple[Affine | None, int]], p: int) -> Jacobian:
    """Return P, replaced by 2^times · (P + Q) for each step (Q, times) in turn; Q = None is infinity.

    Correct for every P and Q. To add: H = x₂Z₁² − X₁, R = y₂Z₁³ − Y₁, V = X₁H²; X₃ = R² − H³ − 2V,
    Y₃ = R(V − X₃) − Y₁H³, Z₃ = Z₁H. To double: U = 2Y, V = UY, W = 2V, S = XW, M = 3X²; X' = M² − 2S,
    Y' = M(S − X') − VW, Z' = UZ.
    """
    X, Y, Z = P
    for Q, times in steps:
        if Q is not None:
            x, y = Q
            ZZ = Z * Z % p
            H = (x * ZZ - X) % p
            R = (y * ZZ % p * Z - Y) % p
            if not Z:
                X, Y, Z = x, y, 1
            elif not H:
                X, Y, Z = (1, 1, 0) if R else double((x, y, 1), 1, p)
            else:
                HH = H * H % p
                HHH = H * HH % p
                V = X * HH  # reducing V, or S below, would cost more than it saves
                X = (R * R - HHH - V - V) % p
                Y = (R * (V - X) - Y * HHH) % p
                Z = Z * H % p
        for _ in range(times):
            U = Y + Y
            V = U * Y % p
            W = V + V
            S = X * W
            M = 3 * X * X % p
            Z = U * Z % p
            X = (M * M - S - S) % p
            Y = (M * (S - X) - V * W) % p
    return X, Y, Z


def double(P: Jacobian, times: int, p: int) -> Jacobian:
    """Return 2^times · P, infinity included."""
    return add_and_double(P, [(None, times)], p)


def sum_of_shifted(terms: Iterable[tuple[int, Affine]], p: int) -> Jacobian:
    """Return the sum of 2^place · Q over the terms (place, Q), by one chain of doublings (Straus)."""
    downwards = sorted(terms, key=itemgetter(0), reverse=True)
    steps = [(Q, place - lower) for (place, Q), (lower, _) in pairwise([*downwards, (0, None)])]
    return add_and_double((1, 1, 0), steps, p)


def add_all(P: Extended, points: Iterable[Affine], p: int) -> Extended:
    """Return P + the sum of `points`, correct for every input. The operations depend on how many points there are, and
    on whether an intermediate sum is infinity, or the next point or its negative.

    As in `add_and_double`, with Z₁² and Z₁³ available: Z₃² = Z₁²H², Z₃³ = Z₁³H³.
    """
    X, Y, ZZ, ZZZ = P
    for x, y in points:
        if not ZZ:
            X, Y, ZZ, ZZZ = x, y, 1, 1
            continue
        H = (x * ZZ - X) % p
        R = (y * ZZZ - Y) % p
        if not H:
            X, Y, ZZ, ZZZ = INFINITY if R else extend(double((x, y, 1), 1, p), p)
            continue
        HH = H * H % p
        HHH = H * HH % p
        V = X * HH
        X = (R * R - HHH - V - V) % p
        Y = (R * (V - X) - Y * HHH) % p
        ZZ = ZZ * HH % p
        ZZZ = ZZZ * HHH % p
    return X, Y, ZZ, ZZZ


def odd_multiples(Q: Affine, count: int, p: int) -> tuple[list[Affine], int]:
    """Return the first `count` of Q, 3Q, 5Q … without an inversion, for Q of odd prime order above 2·count.

    They are pairs (X, Y) with one Z for all, which is returned with them: x = X/Z², y = Y/Z³. No formula uses b, so
    they can be used as affine points of the curve y² = x³ + bZ⁶; multiply the Z of a result there by this Z.

    2Q is added repeatedly, in coordinates with a common Z (Meloni, WAIFI 2007): H = X₁ − X₂, R = Y₁ − Y₂,
    V₁ = X₁H², V₂ = X₂H², X₃ = R² − V₁ − V₂, Y₃ = R(V₂ − X₃) − Y₂H³; 2Q becomes (V₂, Y₂H³), and Z₃ = ZH.
    """
    X2, Y2, Z = double((*Q, 1), 1, p)
    ZZ = Z * Z % p
    X, Y = Q[0] * ZZ % p, Q[1] * ZZ % p * Z % p
    multiples, ratios = [(X, Y)], []
    while len(multiples) < count:
        H = X - X2
        HH = H * H % p
        V1 = X * HH % p
        V2 = X2 * HH % p
        R = Y - Y2
        X = (R * R - V1 - V2) % p
        Y2 = Y2 * (V1 - V2) % p
        Y = (R * (V2 - X) - Y2) % p
        X2 = V2
        multiples.append((X, Y))
        ratios.append(H)
    scaled, ratio = multiples[-1:], 1
    for (X, Y), H in zip(reversed(multiples[:-1]), reversed(ratios), strict=True):
        ratio = ratio * H % p
        square = ratio * ratio % p
        scaled.append((X * square % p, Y * square % p * ratio % p))
    scaled.reverse()
    return scaled, Z * ratio % p


def odd_multiples_each(points: Sequence[Affine], count: int, p: int) -> Iterable[Sequence[Affine]]:
    """Return for each Q the first `count` of Q, 3Q, 5Q … in lockstep, for Q of odd prime order above 2·count."""
    doubled = normalise([double((x, y, modulus(1)), 1, p) for x, y in points], p)
    columns = [points]
    while len(columns) < count:
        columns.append(add_each(columns[-1], doubled, p))
    return zip(*columns, strict=True)


def times(k: int, Q: Affine, p: int) -> Extended:
    """Return k·Q for k ≥ 0 by doubling and adding: for public k, where there is no table."""
    return extend(sum_of_shifted([(place, Q) for place in range(k.bit_length()) if k >> place & 1], p), p)


def extend(P: Jacobian, p: int) -> Extended:
    """Return the same point in extended coordinates."""
    X, Y, Z = P
    ZZ = Z * Z % p
    return X, Y, ZZ, ZZ * Z % p


def to_affine(P: Extended, p: int) -> Affine:
    """Return (X/Z², Y/Z³). What is inverted is Z³. Raises `ZeroDivisionError` for infinity."""
    X, Y, ZZ, ZZZ = P
    inverse = invert(ZZZ, p)
    z = ZZ * inverse % p  # 1/Z
    return X * z * z % p, Y * inverse % p


def to_affine_each(points: Sequence[Extended], p: int) -> list[Affine]:
    """Return (X/Z², Y/Z³) of each, by one inversion for all. Raises `ZeroDivisionError` if any is infinity."""
    affine = []
    for (X, Y, ZZ, _), inverse in zip(points, invert_all([ZZZ for *_, ZZZ in points], p), strict=True):
        z = ZZ * inverse % p  # 1/Z
        affine.append((X * z * z % p, Y * inverse % p))
    return affine


def affine_or_none(P: Extended, p: int) -> Affine | None:
    """Return (X/Z², Y/Z³), or None for infinity."""
    return to_affine(P, p) if P[2] else None


def normalise(points: Sequence[Jacobian], p: int) -> list[Affine]:
    """Return the points, none of them infinity, in affine coordinates, by one inversion for all.

    Raises `ZeroDivisionError` if any is infinity.
    """
    affine = []
    for (X, Y, _), inverse in zip(points, invert_all([Z for _, _, Z in points], p), strict=True):
        square = inverse * inverse % p
        affine.append((X * square % p, Y * square % p * inverse % p))
    return affine


# Affine points in lockstep: for public points only, since equal and opposite points cannot be added here


def add_to_each(P: Columns, Q: Columns, p: int) -> None:
    """Replace P[i] by P[i] + Q[i] for every i. Raises `ZeroDivisionError` if any P[i] = ±Q[i], and leaves P as it was;
    `ValueError` for lengths that differ.

    λ = (y₂ − y₁)/(x₂ − x₁); x₃ = λ² − x₁ − x₂, y₃ = λ(x₁ − x₃) − y₁. The denominators are inverted together, by 3
    multiplications for each and one inversion (Montgomery's trick, as in `field.invert_all`).
    """
    (x, y), (x_Q, y_Q) = P, Q
    product = 1
    before = []  # before[i] is the product of x₂ − x₁ over the indices below i
    for x1, x2 in zip(x, x_Q, strict=True):
        before.append(product)
        product = product * (x2 - x1) % p
    inverse = invert(product, p)  # of the product up to index i, as i falls
    for i in reversed(range(len(x))):
        x1, y1, x2 = x[i], y[i], x_Q[i]
        slope = inverse * before[i] * (y_Q[i] - y1) % p
        inverse = inverse * (x2 - x1) % p
        x[i] = x3 = (slope * slope - x1 - x2) % p
        y[i] = (slope * (x1 - x3) - y1) % p


def add_each(P: Sequence[Affine], Q: Sequence[Affine], p: int) -> list[Affine]:
    """Return P[i] + Q[i] for every i. Raises as `add_to_each` does."""
    return sum_columns((to_columns(P), to_columns(Q)), p)


def sum_columns(rows: Iterable[Columns], p: int) -> list[Affine]:
    """Return the sum of each column. Raises `ZeroDivisionError` if equal or opposite points are added.

    The first row is overwritten.
    """
    rows = iter(rows)
    sums = next(rows)
    for row in rows:
        add_to_each(sums, row, p)
    return list(zip(*sums, strict=True))


def to_columns(points: Sequence[Affine]) -> Columns:
    """Return the x of each, and the y of each."""
    return [x for x, _ in points], [y for _, y in points]
