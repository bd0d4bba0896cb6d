"""Doubling and addition on y² = x³ + b over F_p: in Jacobian coordinates, and in affine ones for many sums at once.

(X, Y, Z) stands for x = X/Z², y = Y/Z³; Z = 0 is the point at infinity. An affine point is a pair (x, y), and never
infinity. The group has odd prime order, so no point has y = 0. No formula needs b.
"""

from __future__ import annotations

from collections.abc import Sequence

from .field import invert_all
from .integers import INVERSION_COST, invert

Affine = tuple[int, int]
Jacobian = tuple[int, int, int]

INFINITY: Jacobian = (1, 1, 0)

# A round of h sums in `add_each` takes about 6h multiplications and one inversion; by `add`, 11h.
_FEWEST_SUMS_A_ROUND = INVERSION_COST // 5


def double(P: Jacobian, times: int, p: int) -> Jacobian:
    """Return 2^times · P, infinity included. The operations depend on `times` alone.

    M = 3X², S = 4XY²; X' = M² − 2S, Y' = M(S − X') − 8Y⁴, Z' = 2YZ.
    """
    X, Y, Z = P
    for _ in range(times):
        YY = Y * Y % p
        M = 3 * X * X % p
        S = 4 * X * YY % p
        Z = 2 * Y * Z % p
        X = (M * M - 2 * S) % p
        Y = (M * (S - X) - 8 * YY * YY) % p
    return X, Y, Z


def add(P: Jacobian, Q: Affine, p: int) -> Jacobian:
    """Return P + Q, right for every P and Q. The operations depend on whether P is infinity, Q or −Q, and on no more.

    H = x₂Z₁² − X₁, R = y₂Z₁³ − Y₁; X₃ = R² − H³ − 2X₁H², Y₃ = R(X₁H² − X₃) − Y₁H³, Z₃ = Z₁H.
    """
    X1, Y1, Z1 = P
    x2, y2 = Q
    if not Z1:
        return x2, y2, 1
    ZZ = Z1 * Z1 % p
    H = (x2 * ZZ - X1) % p
    R = (y2 * ZZ % p * Z1 - Y1) % p
    if not H:
        return INFINITY if R else double(P, 1, p)
    HH = H * H % p
    HHH = H * HH % p
    V = X1 * HH % p
    X3 = (R * R - HHH - 2 * V) % p
    return X3, (R * (V - X3) - Y1 * HHH) % p, Z1 * H % p


def add_each(P: Sequence[Affine], Q: Sequence[Affine], p: int, blind: int = 1) -> list[Affine]:
    """Return P[i] + Q[i] for every i, by one inversion for all of them (see `invert_all` on `blind`).

    λ = (y₂ − y₁)/(x₂ − x₁); x₃ = λ² − x₁ − x₂, y₃ = λ(x₁ − x₃) − y₁.
    Raises `ZeroDivisionError` if any P[i] = ±Q[i].
    """
    # The steps of `invert_all`, with each inverse used where it arises: the package spends most of its time here.
    product = blind
    before = []
    for (x1, _), (x2, _) in zip(P, Q, strict=True):
        before.append(product)
        product = product * (x2 - x1) % p
    inverse = invert(product, p)
    sums = []
    for (x1, y1), (x2, y2), prefix in zip(reversed(P), reversed(Q), reversed(before), strict=True):
        slope = inverse * prefix % p * (y2 - y1) % p
        inverse = inverse * (x2 - x1) % p
        x3 = (slope * slope - x1 - x2) % p
        sums.append((x3, (slope * (x1 - x3) - y1) % p))
    sums.reverse()
    return sums


def halve(points: list[Affine], p: int, blind: int = 1, width: int = 1) -> list[Affine]:
    """Return fewer points with the same sum, by rounds of `add_each` while a round is worth its inversion.

    With a width, `points` are rows of that many, and each column keeps its sum: `width` sums made in lockstep.
    How many points are left depends on how many there were, but for chance: two of a round that are equal or opposite
    end it (for secret scalars on secp224k1, a chance below 2⁻²⁰⁰).
    """
    try:
        while (half := len(points) // width // 2 * width) >= _FEWEST_SUMS_A_ROUND:
            points = add_each(points[:half], points[half : 2 * half], p, blind) + points[2 * half :]
    except ZeroDivisionError:
        pass
    return points


def add_all(P: Jacobian, points: list[Affine], p: int, blind: int = 1) -> Jacobian:
    """Return P + the sum of `points`, right for all; the operations depend on their number alone, but for chance."""
    for Q in halve(points, p, blind):
        P = add(P, Q, p)
    return P


def times(k: int, Q: Affine, p: int) -> Jacobian:
    """Return k·Q for k ≥ 0 by doubling and adding: the definition, for public k, where no table is at hand."""
    P = INFINITY
    for bit in f"{k:b}":
        P = double(P, 1, p)
        if bit == "1":
            P = add(P, Q, p)
    return P


def to_affine(P: Jacobian, p: int) -> Affine | None:
    """Return (X/Z², Y/Z³), or None for infinity."""
    return normalise([P], p)[0] if P[2] else None


def normalise(points: Sequence[Jacobian], p: int, blind: int = 1) -> list[Affine]:
    """Return the points, none of them infinity, in affine coordinates, by one inversion for all of them."""
    affine = []
    for (X, Y, _), inverse in zip(points, invert_all([Z for _, _, Z in points], p, blind), strict=True):
        square = inverse * inverse % p
        affine.append((X * square % p, Y * square % p * inverse % p))
    return affine
