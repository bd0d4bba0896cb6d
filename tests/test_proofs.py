"""Proofs: the package's own functions, run on polynomials in place of numbers, against the chord and the tangent.

A generic point is a pair of letters with y² = x³ + b, and a Jacobian one has a letter for Z as well. An identity found so
holds for all points, on every curve and mod every p > 3, but where something is 0 that the function asked about or divided
by: each proof says what that is, and what happens there is then tested for all points of small groups. Other proofs
bound the halves of a scalar, and hold recodings and square roots to their identities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, product
from typing import Any

import pytest
from oracle import Group
from symbolic import Algebra, Element, Point, broken_copies, chord, tangent

from ecpure import SECP224K1, SECP256K1, Curve, affine, field, integers, jacobian, multiply
from ecpure.multiply import Comb, Endomorphism, wnaf

CURVES = [SECP224K1, SECP256K1]
SHAPES = [(7, 3), (13, 2), (31, 3)]  # (p, b) of groups of prime order 13, 19 and 43

Formulas = Callable[..., Any]
Jacobian = tuple[Element, Element, Element]

POINTS = Algebra("y1 y2 y3 beta x1 x2 x3 b Z t p")
y1, y2, y3, beta, x1, x2, x3, b, Z, t, p = POINTS.letters
P, Q, S = (x1, y1), (x2, y2), (x3, y3)
POINTS.relate(*(y * y - x * x * x - b for x, y in (P, Q, S)), beta * beta + beta + 1)


@pytest.fixture(autouse=True)
def generic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let inverses of formal numbers be formal, and nothing be assumed at first."""
    POINTS.forget()
    for module in (affine, field, jacobian):
        monkeypatch.setattr(module, "invert", invert)


def invert(a: Any, m: Any) -> Any:
    """Return a⁻¹, of a number or of a formal one."""
    return POINTS.invert(a, m) if isinstance(a, Element) else integers.invert(a, m)


def scaled(point: Point, z: Element) -> Jacobian:
    """Return the point (x, y) as (xz², yz³, z): every Jacobian triple with Z ≠ 0 is of this form."""
    x, y = point
    return x * z**2, y * z**3, z


def cube(z: Element) -> Element:
    return z**3


# The law itself.


@pytest.mark.parametrize("touching", [False, True], ids=["chord", "tangent"])
def test_the_law_is_chord_and_tangent(touching: bool) -> None:
    """The line of that slope through P meets the curve in both points and the negative of the sum, and nowhere else."""
    x, y = tangent(P) if touching else chord(P, Q)
    slope = -(y + y1) / (x - x1)
    other = x1 if touching else x2
    assert slope == (3 * x1**2 / (2 * y1) if touching else (y2 - y1) / (x2 - x1))
    assert (t - x1) * (t - other) * (t - x) == t**3 + b - (y1 + slope * (t - x1)) ** 2
    assert y**2 == x**3 + b


def test_the_map_of_the_endomorphism_respects_the_law() -> None:
    """With β² + β + 1 = 0, φ(x, y) = (βx, y) keeps the curve, φ(P) + φ(Q) = φ(P + Q) and 2φ(P) = φ(2P)."""

    def phi(point: Point) -> Point:
        return beta * point[0], point[1]

    x, y = phi(P)
    assert y**2 == x**3 + b
    assert chord(phi(P), phi(Q)) == phi(chord(P, Q))
    assert tangent(phi(P)) == phi(tangent(P))


def test_a_common_Z_is_another_curve() -> None:
    """(x, y) → (xZ², yZ³) takes y² = x³ + b to y² = x³ + bZ⁶ and sums to sums: tables over one Z serve as affine points."""

    def onto(point: Point) -> Point:
        return scaled(point, Z)[:2]

    X, Y = onto(P)
    assert Y**2 == X**3 + b * Z**6
    assert chord(onto(P), onto(Q)) == onto(chord(P, Q))
    assert tangent(onto(P)) == onto(tangent(P))
    assert (beta * X, Y) == onto((beta * x1, y1))


# The formulas. Each of these says whether a function is right, so that wrong ones can be put to it as well.


def is_scaled(found: Sequence[Element], point: Point, z: Element) -> bool:
    """Whether `found` is the point in Jacobian coordinates, with this very Z."""
    return tuple(found) == scaled(point, z)


def doubles(add_and_double: Formulas) -> bool:
    """Whether P and 2P are doubled, with Z' = 2YZ: never 0 where Y and Z are not."""
    once = add_and_double(scaled(P, Z), [(None, 1)], p)
    twice = add_and_double(scaled(P, Z), [(None, 2)], p)
    Z2 = 2 * y1 * Z**4
    Z4 = 2 * once[1] * Z2
    return is_scaled(once, tangent(P), Z2) and is_scaled(twice, tangent(tangent(P)), Z4) and not POINTS.assumed


def adds(add_and_double: Formulas) -> bool:
    """Whether P + Q is right with Z₃ = ZH, for H = Z²(x₂ − x₁), where neither is 0, both of which it has asked."""
    H = Z**2 * (x2 - x1)
    found = add_and_double(scaled(P, Z), [(Q, 0)], p)
    return is_scaled(found, chord(P, Q), Z * H) and POINTS.assumed == [Z, H]


def adds_and_doubles(add_and_double: Formulas) -> bool:
    """Whether 2(P + Q) + S is right, step by step."""
    found = add_and_double((x1, y1, 1), [(Q, 1), (S, 0)], p)
    between = tangent(chord(P, Q))
    Z2 = 2 * chord(P, Q)[1] * (x2 - x1) ** 4
    return is_scaled(found, chord(between, S), Z2**3 * (S[0] - between[0]))


def adds_extended(add_all: Formulas) -> bool:
    """Whether P + Q is right in extended coordinates with Z₃ = ZH, where Z² and H are not 0, which it has asked."""
    H = Z**2 * (x2 - x1)
    X, Y, ZZ, ZZZ = add_all((x1 * Z**2, y1 * Z**3, Z**2, Z**3), [Q], p)
    total = chord(P, Q)
    return bool(
        (X, Y) == scaled(total, Z * H)[:2]
        and (ZZ, ZZZ) == ((Z * H) ** 2, (Z * H) ** 3)
        and POINTS.assumed == [Z**2, H]
    )


def adds_each(add_each: Formulas) -> bool:
    """Whether P + Q and Q + S are right in lockstep, where x₂ − x₁ and x₃ − x₂ are not 0, which were inverted."""
    found = add_each([P, Q], [Q, S], p)
    return found == [chord(P, Q), chord(Q, S)] and POINTS.assumed == [(x2 - x1) * (x3 - x2)]


def multiplies_in_co_z(odd_multiples: Formulas) -> bool:
    """Whether Q, 3Q, 5Q are right over one Z = 2y·H₁·H₂, with Hᵢ₊₁ = Zᵢ²(x((2i + 1)Q) − x(2Q)) and Z₁ = 2y."""
    multiples, common = odd_multiples(P, 3, p)
    twice, z = tangent(P), 2 * y1
    expected = [P]
    for _ in range(2):
        z *= z**2 * (expected[-1][0] - twice[0])
        expected.append(chord(expected[-1], twice))
    return len(multiples) == 3 and all(map(is_scaled, [(*M, common) for M in multiples], expected, [z] * 3))


def multiplies_in_lockstep(odd_multiples_each: Formulas) -> bool:
    """Whether P, 3P and Q, 3Q are right in affine coordinates, where y₁, y₂ and the differences of x are not 0."""
    found = list(odd_multiples_each([P, Q], 2, p))
    differences = [tangent(point)[0] - point[0] for point in (P, Q)]
    return (
        found == [(point, chord(point, tangent(point))) for point in (P, Q)]
        and POINTS.assumed == [4 * y1 * y2, differences[0] * differences[1]]
    )


def normalises(normalise: Formulas) -> bool:
    """Whether points over Z and t are made affine, where Z·t is not 0, which was inverted."""
    return normalise([scaled(P, Z), scaled(Q, t)], p) == [P, Q] and POINTS.assumed == [Z * t]


def inverts_all(invert_all: Formulas) -> bool:
    """Whether x₁, y₁ and Z are inverted, where their product is not 0, which was inverted."""
    return invert_all([x1, y1, Z], p) == [1 / x1, 1 / y1, 1 / Z] and POINTS.assumed == [x1 * y1 * Z]


def makes_affine(to_affine: Formulas) -> bool:
    """Whether (X, Y, Z², Z³) is made affine, where Z³ is not 0, which was inverted."""
    return to_affine(jacobian.extend(scaled(P, Z), p), p) == P and POINTS.assumed == [Z**3]


PROOFS = [
    (doubles, jacobian.add_and_double),
    (adds, jacobian.add_and_double),
    (adds_and_doubles, jacobian.add_and_double),
    (adds_extended, jacobian.add_all),
    (adds_each, affine.add_each),
    (multiplies_in_co_z, jacobian.odd_multiples),
    (multiplies_in_lockstep, multiply._odd_multiples_each),
    (normalises, jacobian.normalise),
    (inverts_all, field.invert_all),
    (makes_affine, jacobian.to_affine),
]


@pytest.mark.parametrize(("is_right", "function"), PROOFS, ids=lambda value: value.__name__)
def test_formulas_are_the_law(is_right: Callable[[Formulas], bool], function: Formulas) -> None:
    """For generic points the function gives what chord and tangent give, as the proof's own words say."""
    assert is_right(function)


@pytest.mark.parametrize("function", list({f: None for _, f in PROOFS} | {jacobian.extend: None}), ids=lambda f: f.__name__)
def test_no_formula_with_a_wrong_sign_is_proved(function: Formulas, monkeypatch: pytest.MonkeyPatch) -> None:
    """With any one of its +, − and · made another, a function is no longer proved."""
    proofs = [is_right for is_right, of in PROOFS if of is function] or [makes_affine]
    count = 0
    for place, broken in broken_copies(function):
        count += 1
        monkeypatch.setattr(jacobian, "extend", broken if function is jacobian.extend else jacobian.extend)
        assert not all(holds(is_right, broken) for is_right in proofs), place
    assert count > 1


def holds(is_right: Callable[[Formulas], bool], function: Formulas) -> bool:
    """Whether a proof succeeds; dividing by 0 is no success."""
    POINTS.forget()
    try:
        return is_right(jacobian.to_affine if function.__name__ == "extend" else function)
    except ZeroDivisionError:
        return False
