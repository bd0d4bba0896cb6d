"""Invalid public keys, off the curve or not reduced, with signatures that a verifier accepts unless it checks the key.

The formulas for y² = x³ + b do not know b: a point off this curve is on another, y² = x³ + b′, and is multiplied
there. One that is isomorphic to ours has order n, and so the same endomorphism; others have points of order 2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from pairs import Messages, Pair, first_point, scalar
from reference import B, G, N, P, Point, add, cube_root, inverse, multiply, negative, on_curve, square_root, times, x_of
from sums import ORDERS, Order, Step, split


def isomorphic(label: str) -> Point:
    """Return a point of order n on another curve, y² = x³ + 5c⁶: (c²x, c³y) for a point (x, y) of ours."""
    R, c = multiply(scalar(label)), scalar(f"{label}, c") % P
    if R is None:
        raise ZeroDivisionError
    return R[0] * c**2 % P, R[1] * c**3 % P


def summand(A: Point, r: int) -> Iterator[Point]:
    """Yield points T of other curves, of order n, for which the x of A + T is r."""
    if A is None:
        raise ZeroDivisionError
    for slope in count(2):
        x = (slope * slope - r - A[0]) % P
        T = x, (A[1] + slope * (x - A[0])) % P
        if not on_curve(T) and times(N, T) is None and x_of(add(A, T)) == r:
            yield T


def passes(Q: Point, e: int, r: int, s: int) -> bool:
    """Whether a verifier that checks everything but Q accepts (r, s): it computes u1·G, u2·Q, and then their sum."""
    u1, u2 = e * inverse(s, N) % N, r * inverse(s, N) % N
    R = add(multiply(u1), times(u2, Q))
    return 1 <= r < N and 1 <= s < N and R is not None and R[0] == r


def _case(of: Messages, comment: str, Q: Point, text: bytes, r: int, s: int) -> Pair:
    if on_curve(Q) or not passes(Q, of.e(text) % N, r, s):
        raise AssertionError(comment)
    return Pair("OffCurve", comment, Q, text, r, s, False)


def of_order_n(of: Messages, place: int) -> Pair:
    """Return a case of u1 = 1 and u2 = 2^place."""
    pairs = (of_octets(of, place, b"off the curve %d, %d" % (place, attempt)) for attempt in count())
    return next(pair for pair in pairs if pair is not None)


def of_octets(of: Messages, place: int, text: bytes) -> Pair | None:
    """Return a case of this message, u1 = 1 and u2 = 2^place, or None where it allows none: s = e, r = 2^place·e.

    In nearly every order of additions G is then added to a multiple of Q, which is made by doublings.
    """
    e = of.e(text) % N
    r = (e << place) % N
    if e == 0 or r >= P:
        return None
    Q = times(inverse(1 << place, N), next(summand(G, r)))
    return _case(of, f"Q of order n on another curve, u1 = 1, u2 = 2^{place}", Q, text, r, e)


def keys(of: Messages) -> Iterator[Pair]:
    """Yield keys off the curve with signatures that hold unless the key is checked."""
    for place in (0, 1, 20, 112):
        yield of_order_n(of, place)
    for i in range(3):
        u1, u2 = scalar(f"off the curve, u1 {i}"), scalar(f"off the curve, u2 {i}")
        for attempt in count():
            text = f"off the curve, {i}, {attempt}".encode()
            s = of.e(text) * inverse(u1, N) % N
            r = u2 * s % N
            if r < P:
                break
        T = next(summand(multiply(u1), r))
        yield _case(of, f"Q of order n on another curve, u1 and u2 ordinary, {i}", times(inverse(u2, N), T), text, r, s)
    for order, Q in ((2, (scalar("order 2") % P, 0)), (3, (0, scalar("order 3") % P))):
        text = b"a key of order %d" % order
        for i in count():
            k = scalar(f"order {order}, {i}")
            r, s = x_of(multiply(k)), of.e(text) * inverse(k, N) % N
            u2 = r * inverse(s, N) % N
            if u2 % order == 0 and all(half % order == 0 for half in split(u2)):
                break
        yield _case(of, f"Q of order {order} on another curve, u2 a multiple of it", Q, text, r, s)


def others() -> Iterator[tuple[str, Point]]:
    """Yield points of other curves by name: of other b, singular, or with y² near x³ + 5."""
    t = scalar("singular") % P
    yield "y^2 = x^3, which is singular", (t * t % P, t**3 % P)
    for b in (-B, 3, 7, -3, -7, 1, 2, 4, 6, 10, 25):
        x, y = next((x, y) for x in count(scalar(f"b {b}") % P) if (y := square_root((x**3 + b) % P)))
        yield f"y^2 = x^3 {b:+d}", (x, y)
    x, y = next((x, y) for x in count(scalar("negative")) if (y := square_root(-(x**3 + B) % P)))
    yield "-y^2 = x^3 + 5", (x % P, y)
    for bits in (32, 64, 112, 128, 160, 192, 216):
        right = (scalar(f"near {bits}") ** 3 + B) % P
        step = next(i << bits for i in count(1) if square_root((right + (i << bits)) % P) is not None)
        y = square_root((right + step) % P) or 0
        yield f"a curve of which the lowest {bits} bits are right", (scalar(f"near {bits}") % P, y)
    for bits in (8, 32, 64, 112):
        right = (scalar(f"near, {bits}") ** 3 + B) % P
        step = next(i for i in count((1 << bits) - 1, -1) if square_root((right ^ i) % P) is not None)
        yield (
            f"a curve of which all but {bits} bits are right",
            (scalar(f"near, {bits}") % P, square_root(right ^ step) or 0),
        )


def in_order(order: Order, Q: Point, u1: int, u2: int) -> Point:
    """Return u1·G + u2·Q as added up in this order by formulas that do not know b."""
    R: Point = None
    for step in order.steps(u1, u2):
        R = add(R, R) if step is None else add(R, _entry(step, Q))
    return R


def _entry(step: Step, Q: Point) -> Point:
    a, b = step or (0, 0)
    return add(multiply(a), times(b % N, Q))


def sums() -> Iterator[tuple[str, Point, int, int, int]]:
    """Yield keys off the curve, u1, u2, and the x of their sum in each order of additions, for digests of choice."""
    for i, order in enumerate(ORDERS):
        name = f"off the curve, order {i}"
        Q, u1, u2 = isomorphic(name), scalar(f"{name}, u1"), scalar(f"{name}, u2")
        r = x_of(in_order(order, Q, u1, u2))
        yield f"Q of order n on another curve; {order.name}", Q, u1, u2, r
    for i in range(3):
        name = f"off the curve, u1 = 0, {i}"
        Q, u2 = isomorphic(name), scalar(name)
        yield f"Q of order n on another curve, u1 = 0, {i}", Q, 0, u2, x_of(times(u2, Q))
    for i, (comment, Q) in enumerate(others()):
        u1, u2 = scalar(f"u1 {comment}"), scalar(f"u2 {comment}")
        yield f"Q on {comment}", Q, u1, u2, x_of(add(multiply(u1), times(u2, Q)))
        if i % 2:
            yield f"Q on {comment}, u1 = 0, u2 = 1", Q, 0, 1, x_of(Q)
    for comment, Q, u2 in (("2", (scalar("x") % P, 0), 2 * 3 * 5), ("3", (0, scalar("y") % P), 3 * 5 * 7)):
        u1 = scalar(f"u1 beside order {comment}")
        yield f"Q of order {comment} on another curve, u2 a multiple of it", Q, u1, u2, x_of(multiply(u1))
        if x_of(Q):
            yield f"Q of order {comment} on another curve, u1 = 0, u2 = 1", Q, 0, 1, x_of(Q)


def not_reduced() -> Iterator[tuple[str, Point, Point]]:
    """Yield points with a coordinate below 2^224 − p, each beside what it is with p added to that coordinate."""
    for i in range(4):
        R = first_point(1 << 9 * i)
        for name, S in (("", R), (", -Q", negative(R))):
            x, y = S or (0, 0)
            yield f"x_Q = {x:#x}{name}", S, (x + P, y)
    for S in small_ys():
        x, y = S or (0, 0)
        yield f"y_Q = {y:#x}", S, (x, y + P)


def small_ys() -> Iterator[Point]:
    """Yield points of y below 2^224 − p, of either parity."""
    for start in (1, 1 << 16, (1 << 32) + 6700):
        for parity in (0, 1):
            ys = (y for y in count(start) if y % 2 == parity)
            yield next((x, y) for y in ys if (x := cube_root((y * y - B) % P)) is not None)
