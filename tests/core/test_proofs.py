"""Proofs: the package's own functions, run on polynomials in place of numbers, against the chord and the tangent.

A generic point is a pair of letters with y² = x³ + b, and a Jacobian one has a letter for Z as well. An identity found
so holds for all points, on every curve and mod every p > 3, but where something is 0 that the function asked about or
divided by: each proof says what that is, and what happens there is then tested for all points of small groups. Other
proofs bound the halves of a scalar, and check recodings and square roots against their identities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise, product
from types import SimpleNamespace
from typing import Any, cast

import pytest
from oracle import Group
from symbolic import Algebra, Element, Point, broken_copies, chord, tangent

from ecpure import SECP224K1, SECP256K1, Curve, basepoint, endomorphism, field, group, integers, masks
from ecpure.basepoint import BasePoint
from ecpure.comb import Comb
from ecpure.endomorphism import Endomorphism, wnaf
from ecpure.errors import FaultDetected
from ecpure.masks import Mask, Step, Walk

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
    for module in (field, group):
        monkeypatch.setattr(module, "invert", invert)


def invert(a: Any, m: Any) -> Any:
    """Return a⁻¹, of a number or of a formal one."""
    return POINTS.invert(a, m) if isinstance(a, Element) else integers.invert(a, m)


def scaled(point: Point, z: Element) -> Jacobian:
    """Return the point (x, y) as (xz², yz³, z): every Jacobian triple with Z ≠ 0 is of this form."""
    x, y = point
    return x * z**2, y * z**3, z


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
    """(x, y) → (xZ², yZ³) takes y² = x³ + b to y² = x³ + bZ⁶ and sums to sums: one Z for a table may be left out."""

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
    """Whether P is doubled, with Z' = 2YZ: never 0 where Y and Z are not. It is any point, so that 4P, 8P … follow."""
    return is_scaled(add_and_double(scaled(P, Z), [(None, 1)], p), tangent(P), 2 * y1 * Z**4) and not POINTS.assumed


def adds(add_and_double: Formulas) -> bool:
    """Whether P + Q is right with Z₃ = ZH, for H = Z²(x₂ − x₁), where neither is 0, both of which it has asked."""
    H = Z**2 * (x2 - x1)
    found = add_and_double(scaled(P, Z), [(Q, 0)], p)
    return is_scaled(found, chord(P, Q), Z * H) and POINTS.assumed == [Z, H]


def adds_extended(add_all: Formulas) -> bool:
    """Whether P + Q is right in extended coordinates with Z₃ = ZH, where Z² and H are not 0, which it has asked."""
    H = Z**2 * (x2 - x1)
    X, Y, ZZ, ZZZ = add_all((x1 * Z**2, y1 * Z**3, Z**2, Z**3), [Q], p)
    total = chord(P, Q)
    return bool(
        (X, Y) == scaled(total, Z * H)[:2] and (ZZ, ZZZ) == ((Z * H) ** 2, (Z * H) ** 3) and POINTS.assumed == [Z**2, H]
    )


def adds_each(add_to_each: Formulas) -> bool:
    """Whether P + Q and Q + S are right in lockstep, where x₂ − x₁ and x₃ − x₂ are not 0, which were inverted."""
    columns = cast(Formulas, group.to_columns)
    sums = columns([P, Q])
    add_to_each(sums, columns([Q, S]), p)
    return bool(sums == columns([chord(P, Q), chord(Q, S)])) and POINTS.assumed == [(x2 - x1) * (x3 - x2)]


def multiplies_in_co_z(odd_multiples: Formulas) -> bool:
    """Whether Q and 3Q are right over one Z = 2y·H, with H = (2y)²(x(Q) − x(2Q))."""
    multiples, common = odd_multiples(P, 2, p)
    twice, z = tangent(P), 2 * y1
    z *= z**2 * (x1 - twice[0])
    expected = [P, chord(P, twice)]
    return len(multiples) == 2 and all(map(is_scaled, [(*M, common) for M in multiples], expected, [z] * 2))


def multiplies_in_lockstep(odd_multiples_each: Formulas) -> bool:
    """Whether P and 3P are right in affine coordinates, where y₁ and the difference of x are not 0."""
    found = list(odd_multiples_each([P], 2, p))
    twice = tangent(P)
    return found == [(P, chord(P, twice))] and POINTS.assumed == [2 * y1, twice[0] - x1]


def normalises(normalise: Formulas) -> bool:
    """Whether points over Z and t are made affine, where Z·t is not 0, which was inverted."""
    return normalise([scaled(P, Z), scaled(Q, t)], p) == [P, Q] and POINTS.assumed == [Z * t]


def inverts_all(invert_all: Formulas) -> bool:
    """Whether x₁, y₁ and Z are inverted, where their product is not 0, which was inverted."""
    return invert_all([x1, y1, Z], p) == [1 / x1, 1 / y1, 1 / Z] and POINTS.assumed == [x1 * y1 * Z]


def makes_affine(to_affine: Formulas) -> bool:
    """Whether (X, Y, Z², Z³) is made affine, where Z³ is not 0, which was inverted."""
    return to_affine(cast(Formulas, group.extend)(scaled(P, Z), p), p) == P and POINTS.assumed == [Z**3]


PROOFS = [
    (doubles, group.add_and_double),
    (adds, group.add_and_double),
    (adds_extended, group.add_all),
    (adds_each, group.add_to_each),
    (multiplies_in_co_z, group.odd_multiples),
    (multiplies_in_lockstep, group.odd_multiples_each),
    (normalises, group.normalise),
    (inverts_all, field.invert_all),
    (makes_affine, group.to_affine),
]


@pytest.mark.parametrize(("is_right", "function"), PROOFS, ids=lambda value: value.__name__)
def test_formulas_are_the_law(is_right: Callable[[Formulas], bool], function: Formulas) -> None:
    """For generic points the function gives what chord and tangent give, as the proof's own words say."""
    assert is_right(function)


@pytest.mark.parametrize(
    "function",
    [
        *dict.fromkeys(f for _, f in PROOFS if f is not group.odd_multiples_each),
        group.extend,
    ],  # that calls others
    ids=lambda f: f.__name__,
)
def test_no_formula_with_a_wrong_sign_is_proved(function: Formulas, monkeypatch: pytest.MonkeyPatch) -> None:
    """With any one of its +, − and · made another, a function is no longer proved."""
    proofs = [is_right for is_right, of in PROOFS if of is function] or [makes_affine]
    count = 0
    for place, broken in broken_copies(function):
        count += 1
        monkeypatch.setattr(group, "extend", broken if function is group.extend else group.extend)
        assert not all(holds(is_right, broken) for is_right in proofs), place
    assert count > 1


def holds(is_right: Callable[[Formulas], bool], function: Formulas) -> bool:
    """Whether a proof succeeds; dividing by 0 is no success."""
    POINTS.forget()
    try:
        return is_right(group.to_affine if function.__name__ == "extend" else function)
    except ZeroDivisionError:
        return False


# Where the proofs do not reach: infinity, equal and opposite points. Every such case, on small groups.


@pytest.fixture(params=SHAPES, ids=lambda shape: f"p={shape[0]}")
def toy(request: pytest.FixtureRequest) -> Group:
    return Group(*request.param)


def in_jacobian(point: tuple[int, int] | None, p: int) -> Iterator[tuple[int, int, int]]:
    """Yield every way to write the point; infinity in some."""
    if point is None:
        yield from [(1, 1, 0), (4, 8, 0)]
    else:
        for z in range(1, p):
            yield point[0] * z**2 % p, point[1] * z**3 % p, z


def test_exceptional_sums(toy: Group) -> None:
    """Every P in every form, plus every Q, doubled up to two times after it; and extended, one after the other."""
    p, points = toy.p, toy.points
    for (i, P), (j, Q) in product(enumerate(points), repeat=2):
        for X, Y, z in in_jacobian(P, p):
            for times in range(3):
                found = group.extend(group.add_and_double((X, Y, z), [(Q, times)], p), p)
                assert group.affine_or_none(found, p) == points[(i + j << times) % toy.n]
            if Q is not None:
                twice = group.add_all((X, Y, z**2 % p, z**3 % p), [Q, Q], p)
                assert group.affine_or_none(twice, p) == points[(i + 2 * j) % toy.n]


def test_exceptional_sums_in_lockstep(toy: Group) -> None:
    """Where x₁ = x₂ there is no sum, and it is said; anywhere else there is."""
    finite = toy.points[1:]
    for P, Q in product(finite, repeat=2):
        assert P is not None
        assert Q is not None
        if P[0] == Q[0]:
            with pytest.raises(ZeroDivisionError):
                group.add_each([P, finite[0]], [Q, finite[1]], toy.p)  # type: ignore[list-item]
        else:
            assert group.add_each([P], [Q], toy.p) == [toy.points[(toy.index[P] + toy.index[Q]) % toy.n]]


def test_odd_multiples_meet_no_exception(toy: Group) -> None:
    """Up to (2·count − 1)·Q < n·Q, 2Q is neither equal nor opposite to what it is added to: n is odd."""
    p, n = toy.p, toy.n
    for i in range(1, n):
        Q = toy.points[i]
        assert Q is not None
        for count in range(1, (n - 1) // 2):
            multiples, z = group.odd_multiples(Q, count, p)
            found = group.normalise([(X, Y, z) for X, Y in multiples], p)
            assert found == [toy.points[(2 * m + 1) * i % n] for m in range(count)]
            (lockstep,) = group.odd_multiples_each([Q], count, p)
            assert list(lockstep) == found


# The endomorphism's split.

LATTICE = Algebra("n k c1 c2 a1 b1 a2 b2 lambda")
n_, k_, c1, c2, a1, b1, a2, b2, lambda_ = LATTICE.letters
LATTICE.relate(n_ - (a1 * b2 - a2 * b1))


def test_a_split_is_short_whatever_the_lattice() -> None:
    """n·(k₁, k₂) = ε₁(a₁, b₁) + ε₂(a₂, b₂), with −n/2 ≤ ε < n/2, and k₁ + k₂λ differs from k by the lattice alone.

    c₁ = ⌊(2b₂k + n)/2n⌋ and c₂ = ⌊(−2b₁k + n)/2n⌋ are letters here; of ⌊a/m⌋ it is known that 0 ≤ a − m⌊a/m⌋ < m.
    """
    LATTICE.forget(c1, c2)
    endomorphism = SimpleNamespace(_lattice=((a1, b1), (a2, b2)), _n=n_)
    k1, k2 = cast(Callable[..., tuple[Element, Element]], Endomorphism.split)(endomorphism, k_)
    e1, e2 = b2 * k_ - n_ * c1, -b1 * k_ - n_ * c2
    for (dividend, divisor, letter), e in zip(LATTICE.divisions, (e1, e2), strict=True):
        assert divisor == 2 * n_
        assert dividend - divisor * letter == 2 * e + n_  # in [0, 2n): e in [−n/2, n/2)
    assert n_ * k1 == e1 * a1 + e2 * a2
    assert n_ * k2 == e1 * b1 + e2 * b2
    assert k1 + k2 * lambda_ - k_ == -c1 * (a1 + b1 * lambda_) - c2 * (a2 + b2 * lambda_)


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_the_bound_of_the_split(curve: Curve) -> None:
    """The lattice is one of a + bλ ≡ 0, of determinant n; so |k₁| ≤ (|a₁| + |a₂|)/2 and |k₂| ≤ (|b₁| + |b₂|)/2.

    Both are below 2^⌈bits/2⌉, for n of so many bits, and no bound smaller by 1% would do.
    """
    endomorphism, n = curve.endomorphism, int(curve.n)
    (a1, b1), (a2, b2) = ([int(a) for a in vector] for vector in endomorphism._lattice)
    assert a1 * b2 - a2 * b1 == n
    assert (a1 + b1 * int(endomorphism.lambda_)) % n == (a2 + b2 * int(endomorphism.lambda_)) % n == 0
    bounds = Fraction(abs(a1) + abs(a2), 2), Fraction(abs(b1) + abs(b2), 2)
    assert max(bounds) < 1 << (n.bit_length() + 1) // 2
    largest = [0, 0]
    for corner in product((-1, 1), repeat=2):  # near the corners of the cell around the origin
        near = [Fraction(sign * 499, 1000) for sign in corner]
        target = near[0] * a1 + near[1] * a2, near[0] * b1 + near[1] * b2
        k = (round(target[0]) + round(target[1]) * int(endomorphism.lambda_)) % n
        largest = [max(pair) for pair in zip(largest, map(abs, endomorphism.split(k)), strict=True)]
    assert all(Fraction(99, 100) * bound < found <= bound for bound, found in zip(bounds, largest, strict=True))


def test_the_bound_of_the_split_on_whole_groups(toy: Group) -> None:
    """So it is for every scalar of small groups; k and k + n have the same halves."""
    G, n = toy.points[1], toy.n
    assert G is not None
    endomorphism = Endomorphism(G, toy.p, n)
    (a1, b1), (a2, b2) = endomorphism._lattice
    assert a1 * b2 - a2 * b1 == n
    assert (a1 + b1 * endomorphism.lambda_) % n == (a2 + b2 * endomorphism.lambda_) % n == 0
    for k in range(-n, 2 * n):
        k1, k2 = endomorphism.split(k)
        assert (k1 + k2 * endomorphism.lambda_ - k) % n == 0
        assert 2 * abs(k1) <= abs(a1) + abs(a2)
        assert 2 * abs(k2) <= abs(b1) + abs(b2)
        assert endomorphism.split(k + n) == (k1, k2)


# Square roots.

ROOTS = Algebra("i r alpha m a")
i_, r_, alpha, m_, a_ = ROOTS.letters


def powers(monkeypatch: pytest.MonkeyPatch, result: Element) -> list[tuple[Any, ...]]:
    """Let powers in `field` be this letter, and return where they are noted."""
    noted: list[tuple[Any, ...]] = []

    def power(*arguments: Any) -> Element:
        noted.append(arguments)
        return result

    monkeypatch.setattr(field, "pow", power, raising=False)
    return noted


def test_atkins_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let p = 8m + 5, α = (2a)^((p−5)/8), i = 2aα². Then i² = (2a)^((p−1)/2), and where that is −1 the root is right.

    It is −1 iff 2a is no square, by Euler's criterion; 2 is none mod such a p, so: iff a is one other than 0.
    """
    ROOTS.relations.clear()
    ROOTS.relate(i_ * i_ + 1)
    p, a = 8 * m_ + 5, i_ / (2 * alpha * alpha)
    noted = powers(monkeypatch, alpha)
    root = cast(Callable[..., Element | None], field.square_root)(a, p)
    ((base, exponent, modulus),) = noted
    assert (base, modulus) == (2 * a, p)
    assert 2 + 4 * exponent == (p - 1) // 2  # (2aα²)² = (2a)²·(2a)^(4·exponent)
    assert root is not None
    assert root * root == a
    for small in (5, 13, 29, 37, 53, 61, 101, 109):
        assert pow(2, (small - 1) // 2, small) == small - 1


def test_the_root_where_p_is_3_mod_4(monkeypatch: pytest.MonkeyPatch) -> None:
    """The square of a^((p+1)/4) is a·a^((p−1)/2), which for a square a is a, by Euler's criterion."""
    ROOTS.relations.clear()
    ROOTS.relate(r_ * r_ - a_)
    p = 4 * m_ + 3
    noted = powers(monkeypatch, r_)
    assert cast(Callable[..., Element | None], field.square_root)(a_, p) == r_
    ((base, exponent, modulus),) = noted
    assert (base, modulus) == (a_, p)
    assert 2 * exponent == 1 + (p - 1) // 2


class Power:
    """g^exponent in a cyclic group of p − 1 elements, as the units of F_p are."""

    __hash__ = None  # type: ignore[assignment]  # it is equal to numbers

    def __init__(self, exponent: int, order: int) -> None:
        self.exponent, self.order = exponent % order, order

    def __mul__(self, other: Power) -> Power:
        return Power(self.exponent + other.exponent, self.order)

    def __pow__(self, times: int) -> Power:
        return Power(self.exponent * times, self.order)

    def __mod__(self, _p: int) -> Power:
        return self

    def __eq__(self, other: object) -> bool:
        """Whether this is the other. The numbers it is asked for are 0, 1 and p − 1, which is −1 and of order 2."""
        if isinstance(other, Power):
            return self.exponent == other.exponent
        return other == {0: 1, self.order // 2: self.order}.get(self.exponent)


@pytest.mark.parametrize("twos", range(1, 6))
def test_the_root_where_p_is_anything(twos: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """For p = q·2^s + 1, the units are C × D, of odd order q and of order 2^s. In C, a^((q+1)/2) squared is a·a^q = a.

    D is all that the loop sees: there every a has its root found iff it is a square, whatever q mod 2^s is and which
    non-square z is met first; if a is none, the loop ends as well. That is for all p with s ≤ 5.
    """
    size = 1 << twos
    for q, z in product(range(1, size, 2), repeat=2):
        p, numbers = q * size + 1, {2: 2, 3: z}  # 2 = g² is a square, 3 = g^z none

        def power(base: Any, times: int, p: int, numbers: dict[int, int] = numbers) -> Power:
            return (Power(numbers[base], p - 1) if isinstance(base, int) else base) ** times

        monkeypatch.setattr(field, "pow", power, raising=False)
        for exponent in range(size):
            a = Power(exponent, p - 1)
            root = cast(Callable[..., Power], field._tonelli_shanks)(a, p)
            assert (root * root == a) == (exponent % 2 == 0)


# Recodings.


def test_the_comb_digits_are_the_scalar() -> None:
    """With m = Σ mᵢWⁱ and the digits 2mᵢ − (W − 1), Σ digitᵢ·Wⁱ = 2m − (Wᵗ − 1): a telescope, here for six rows."""
    digits = Algebra("m0 m1 m2 m3 m4 m5 W")
    *m, W = digits.letters
    value = sum((mi * W**i for i, mi in enumerate(m)), 0 * W)
    assert sum(((2 * mi - (W - 1)) * W**i for i, mi in enumerate(m)), 0 * W) == 2 * value - (W**6 - 1)


@pytest.mark.parametrize("k_is_odd", [0, 1])
def test_the_recoding_of_every_scalar(k_is_odd: int) -> None:
    """2m − (2^(wt) − 1) is k, or k + n where k is even: run on k = 2j + (0 or 1), n = 2h + 1 and 2^(wt) − 1 = 2c + 1.

    Hence m is whole, and grows with the odd one of k and k + n, which is in [1, 2n − 1].
    """
    j, h, c = Algebra("j h c").letters
    k, n, bias = 2 * j + k_is_odd, 2 * h + 1, 2 * c + 1
    m = cast(Callable[..., Element], Comb._m)(SimpleNamespace(_n=n, _bias=bias), k)
    assert 2 * m - bias == (k if k_is_odd else k + n)


@pytest.mark.parametrize(("width", "rows"), [(w, t) for w in range(1, 11) for t in range(1, 11) if w * t <= 10])
def test_odd_digits_are_one_to_one(width: int, rows: int) -> None:
    """Odd digits, one of each row, add up to each odd number of either sign up to 2^(wt) − 1, in one way only."""
    odd = range(1 - (1 << width), 1 << width, 2)
    sums = [sum(digit << width * i for i, digit in enumerate(digits)) for digits in product(odd, repeat=rows)]
    assert sorted(sums) == list(range(1 - (1 << width * rows), 1 << width * rows, 2))


@pytest.mark.parametrize("width", range(1, 11))
@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_every_scalar_has_odd_digits(curve: Curve, width: int) -> None:
    """k or k + n is odd and below 2n ≤ 2^(wt) − 1, so m is in [0, 2^(wt) − 1], and its digits give k or k + n."""
    comb, n = Comb(curve.G.coordinates, curve.field, curve.order, width), int(curve.n)
    rows, bias = len(comb._rows), int(comb._bias)
    assert [shift for shift, _ in comb._rows] == [width * i for i in range(rows)]
    assert bias == (1 << width * rows) - 1 >= 2 * n - 1
    edges = [0, 1, 2, n - 2, n - 1, n // 2, n // 2 + 1, *(1 << i for i in range(n.bit_length() - 1))]
    for k in edges:
        m = int(comb._m(k))
        assert 0 <= m <= bias
        odd = [2 * (m >> width * i & (1 << width) - 1) - ((1 << width) - 1) for i in range(rows)]
        assert all(digit % 2 for digit in odd)
        assert sum(digit << width * i for i, digit in enumerate(odd)) == (k if k % 2 else k + n)


@pytest.mark.parametrize("width", range(1, 6))
def test_every_entry_and_every_scalar_of_a_comb(toy: Group, width: int) -> None:
    """On small groups: the entries of a row are the odd multiples, from −(2^w − 1) to 2^w − 1, none infinity."""
    G = toy.points[1]
    assert G is not None
    comb = Comb(G, toy.p, toy.n, width)
    w = min(width, toy.n.bit_length() - 1)
    for shift, row in comb._rows:
        entries = [(entry & comb._x_mask, entry >> comb._bits) for entry in row]
        assert entries == [toy.points[((2 * m - (1 << w) + 1) << shift) % toy.n] for m in range(1 << w)]
    for k in range(toy.n):
        found = group.add_all(group.INFINITY, comb.points(k), toy.p)
        assert group.affine_or_none(found, toy.p) == toy.points[k]


@pytest.mark.parametrize("chosen", range(8))
def test_a_mask_cancels(chosen: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The product is k·B, and what is left for the next use is again u, −u and u·B; if −u was not −u, it is noticed.

    Run on letters for u, the steps, k, n ≡ 0 and U's X, each point being the letter that it is the multiple of B by.
    """
    letters = Algebra("u v0 v1 v2 v3 v4 v5 v6 v7 k n X Y error")
    u, *steps, k, n, X, Y, error = cast(list[Any], letters.letters)
    letters.relate(n)
    comb = SimpleNamespace(points=lambda k_minus_u: [k_minus_u])
    taken = [Step(v, -v, v) for v in steps]
    start: Any = (8 * X + chosen, u)
    walk = Walk(Mask(u, -u, start), taken, cast(int, None), masks._forks)
    base = SimpleNamespace(_p=None, _n=n, _walks=[walk], for_uses=lambda _uses: comb)
    for module in (basepoint, masks):
        monkeypatch.setattr(module, "add_all", lambda U, points, _p: (Y, sum(points, U[1])))  # Y is the new X, unknown
    monkeypatch.setattr(basepoint, "to_affine", lambda U, _p: U[1])
    monkeypatch.setattr(masks, "int", lambda k_minus_u: k_minus_u, raising=False)
    multiplied = cast(Callable[..., Element], BasePoint.multiply_secret)
    assert multiplied(base, k) == k
    (left,) = base._walks
    mask, (_, next_U) = left._mask, left._mask.U
    assert mask.u == next_U == -mask.minus_u == u + steps[chosen]
    assert left is walk
    assert left._steps is taken
    base._walks = [Walk(Mask(u, error - u, start), taken, cast(int, None), masks._forks)]
    with pytest.raises(FaultDetected):
        multiplied(base, k)


def test_masks_change_no_product(toy: Group) -> None:
    """U + (k − u)·G is k·G, for every k, and for every mask that comes along."""
    G = toy.points[1]
    assert G is not None
    base = BasePoint(G, toy.p, toy.n)
    for k in [*range(1, toy.n)] * 20:
        assert base.multiply_secret(k + 5 * toy.n) == toy.points[k]
        assert base._walks[0]._mask.u > 0


@pytest.mark.parametrize("width", range(2, 7))
def test_wnaf_is_its_scalar(width: int) -> None:
    """Digits are odd, below 2^(w−1), at least w places apart, and their sum is k: all k of either sign up to 2^11."""
    for k in range(-(1 << 11), (1 << 11) + 1):
        digits = wnaf(k, width)
        assert sum(digit << place for place, digit in digits) == k
        assert all(digit % 2 and abs(digit) < 1 << width - 1 for _, digit in digits)
        assert all(later - earlier >= width for (earlier, _), (later, _) in pairwise(digits))


@pytest.mark.parametrize("width", range(2, 7))
def test_a_step_of_wnaf(width: int) -> None:
    """An odd k gives the digit ≡ k mod 2^w nearest 0, whatever its upper bits, and goes on with (k − digit)/2^w.

    So what holds for all small k holds, by induction, for all. The last place is no more than the length of k.
    """
    size = 1 << width
    for r, high in product(
        range(1, size, 2), [0, 1, -1, 2, -2, 3**70, -(3**70), 1 << 111, -(1 << 111), (1 << 111) - 1]
    ):
        k, digit = r + size * high, r if 2 * r < size else r - size
        upper = [(place + width, d) for place, d in wnaf((k - digit) >> width, width)]
        assert wnaf(k, width) == [(0, digit), *upper]
        assert wnaf(k << 5, width) == [(place + 5, d) for place, d in wnaf(k, width)]
        assert wnaf(k, width)[-1][0] <= abs(k).bit_length()


def test_the_halves_are_put_to_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terms are Σ digit·2^place·Q for k₁ and the same of φ(Q) for k₂: every digit, of either sign, has its entry.

    Here (2i + 1)·Q is (2i + 1, 1), so that a point tells of which digit it is, with which sign, and whether of φ(Q).
    """
    p, beta, width = 1_000_003, 1000, endomorphism._NAF_WIDTH
    multiples = [(digit, 1) for digit in range(1, 1 << width - 1, 2)]
    entries = {(x * b % p, sign * y % p): (sign * x, b) for x, y in multiples for b in (1, beta) for sign in (1, -1)}
    monkeypatch.setattr(endomorphism, "sum_of_shifted", lambda terms, _p: list(terms))
    found = cast(Callable[..., list[tuple[int, tuple[int, int]]]], Endomorphism._multiply)
    for k1, k2 in product([*range(-40, 41), -(1 << 113) + 1, (1 << 113) - 1], repeat=2):
        stub = SimpleNamespace(_p=p, beta=beta, _width=width, split=lambda halves: halves)
        terms = [(place, *entries[point]) for place, point in found(stub, (k1, k2), multiples)]
        assert sum(digit << place for place, digit, b in terms if b == 1) == k1
        assert sum(digit << place for place, digit, b in terms if b == beta) == k2


def test_one_chain_of_doublings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Σ 2^place·Q, for four points and places in any order, equal ones too: what is put to the chain gives that."""
    points = Algebra("Q0 Q1 Q2 Q3").letters

    def chain(start: Any, steps: Any, _p: object) -> Element:
        assert start == (1, 1, 0)
        total = 0 * points[0]
        for Q, times in steps:
            total = (total if Q is None else total + Q) * (1 << times)
        return total

    monkeypatch.setattr(group, "add_and_double", chain)
    for places in product(range(5), repeat=4):
        found = cast(Callable[..., Element], group.sum_of_shifted)(zip(places, points, strict=True), p)
        assert found == sum((Q * (1 << place) for place, Q in zip(places, points, strict=True)), 0 * points[0])
