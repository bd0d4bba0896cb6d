"""Cases that only a digest of choice allows: u1 and u2 are chosen first, then the key, and e follows."""

from __future__ import annotations

from collections.abc import Iterator

import offcurve
from arithmetic import KEYS, special_keys
from pairs import Pair, first_point, negated, scalar
from reference import N, P, Point, add, bits2int, inverse, multiply, negative, sign_with, x_of
from sums import LAMBDA, ORDERS, Order, Step, after, comb_doublings, corners, key_that_meets, short_basis

PLACES = 12
"""At how many additions of each order something is made to happen."""


def digest_of(e: int) -> bytes:
    """Return 28 octets, or 29 with 7 bits 0 behind, whose leftmost 225 bits are e."""
    return e.to_bytes(28, "big") if e >> 224 == 0 else (e << 7).to_bytes(29, "big")


def summed(flag: str, comment: str, Q: Point, u1: int, u2: int, *, r: int | None = None) -> Pair:
    """Return a case for which u1·G + u2·Q is summed up; it is valid if r is the x of that, as by default."""
    R = add(multiply(u1), multiply(u2, Q))
    r = x_of(R) if r is None else r
    s = r * inverse(u2, N) % N
    return Pair(flag, comment, Q, digest_of(u1 * s % N), r, s, R is not None and R[0] == r)


def _mistakes(steps: list[Step], place: int, d: int, sign: int) -> Iterator[tuple[str, int]]:
    """Yield the x that the sum would have if one addition went wrong, and how it did."""
    before, step, rest = after(steps[:place]), steps[place], steps[place + 1 :]
    twice = (2 * before[0], 2 * before[1])
    wrong = {"as infinity": (0, 0), "left out": before} if sign == 1 else {"left out": before, "as a doubling": twice}
    right = after(rest, after([step], before))
    for name, start in wrong.items():
        a, b = after(rest, start)
        R = multiply(a + b * d)
        if R is not None and multiply(right[0] + right[1] * d) != R:
            yield name, R[0]


def _met(order: Order, i: int, sign: int) -> Iterator[Pair]:
    """Yield one exceptional case of an order, and what verifiers that get it wrong would accept."""
    u1, u2 = scalar(f"{order.name}, u1, {i}"), scalar(f"{order.name}, u2, {i}")
    steps = order.steps(u1, u2)
    places = _places(steps, sign)
    number = i * (len(places) - 1) // (PLACES - 1)
    place, d = places[number]
    what = "equal points" if sign == 1 else "opposite points"
    comment = f"{order.name}: {what} at step {place + 1} of {len(steps)}"
    Q = multiply(d)
    r = None if (u1 + u2 * d) % N else 1
    yield summed(order.flag, comment, Q, u1, u2, r=r)
    if i % 4 == 0 and r is None:
        for name, x in _mistakes(steps, place, d, sign):
            yield summed(order.flag, f"{comment}, taken {name}", Q, u1, u2, r=x)


def _places(steps: list[Step], sign: int) -> list[tuple[int, int]]:
    """Return the places of additions for which a key meets the case, and its d."""
    found, before = [], (0, 0)
    for place, step in enumerate(steps):
        if step is not None and before != (0, 0):
            d = key_that_meets(before, step, sign)
            if d is not None:
                found.append((place, d))
        before = after([step], before)
    return found


def exceptional() -> Iterator[Pair]:
    """Yield for every order sums that meet equal points and infinity, from its first addition to its last."""
    for order in ORDERS:
        for i in range(PLACES):
            for sign in (1, -1):
                yield from _met(order, i, sign)


def scalars() -> Iterator[Pair]:
    """Yield extreme u1 and u2; u1 = 0 where e is 0 or n."""
    ordinary = multiply(scalar("digest key"))
    numbers = [
        0,
        1,
        2,
        3,
        N - 1,
        N - 2,
        N // 2,
        N // 2 + 1,
        1 << 112,
        1 << 224,
        (1 << 224) - 1,
        LAMBDA,
        N - LAMBDA,
        LAMBDA + 1,
    ]
    numbers += [(a + b * LAMBDA) % N for a, b in corners()]
    numbers += sorted({u for width in range(3, 11) for u in comb_doublings(width)})
    for i, u in enumerate(numbers):
        yield summed("Scalars", f"u1 = {u:#x}", ordinary, u, scalar(f"u2, {i}"))
        if u:
            yield summed("Scalars", f"u2 = {u:#x}", ordinary, scalar(f"u1, {i}"), u)
            yield summed("Scalars", f"u1 = 0, u2 = {u:#x}", ordinary, 0, u)
            yield summed("Scalars", f"u1 = u2 = {u:#x}", ordinary, u, u)
    good = summed("Scalars", "u1 = 0, e = n", ordinary, 0, scalar("e = n"))._replace(text=digest_of(N))
    yield good
    yield good._replace(comment="e = n + 1 for n", text=digest_of(N + 1), valid=False)
    yield good._replace(comment="u1 = 0, another key", Q=negative(multiply(2, ordinary)), valid=False)
    for name, r in (("1", 1), ("ordinary", scalar("r")), ("n - 1", N - 1)):
        u1, u2 = scalar(f"u1, r {name}"), scalar(f"u2, r {name}")
        yield summed("Infinity", f"R = infinity, r = {name}", multiply(-u1 * inverse(u2, N)), u1, u2, r=r)
        yield summed("Infinity", f"R = infinity, Q = -G, u1 = u2, r = {name}", multiply(N - 1), u1, u1, r=r)


def infinities() -> Iterator[Pair]:
    """Yield sums that are infinity, with r the x of a point that a wrong addition may leave behind."""
    for i in range(2):
        u1, u2 = scalar(f"left behind, u1 {i}"), scalar(f"left behind, u2 {i}")
        d = -u1 * inverse(u2, N) % N
        Q = multiply(d)
        left = {"Q": Q, "2Q": multiply(2, Q), "-Q/2": multiply(N // 2, Q), "u2·Q": multiply(u2, Q), "G": multiply(1)}
        left |= {"2G": multiply(2), "G + Q": add(multiply(1), Q), "2·u1·G": multiply(2 * u1), "G - Q": multiply(1 - d)}
        left["λ·Q"] = multiply(LAMBDA, Q)
        for name, R in left.items():
            yield summed("Infinity", f"R = infinity, r = x of {name}, {i}", Q, u1, u2, r=x_of(R))


def tables() -> Iterator[Pair]:
    """Yield u1 and u2 of 28 equal octets, so that every entry of a fixed table of up to 8 bits a window is read."""
    d = scalar("tables")
    Q = multiply(d)
    for octet in range(1, 256):
        u = int.from_bytes(bytes([octet]) * 28, "big")
        yield summed("Table", f"u1 = {octet:02x} {octet:02x} ... {octet:02x}", Q, u, scalar(f"beside {octet}"))
        if octet % 4 == 1:
            yield summed("Table", f"u2 = {octet:02x} {octet:02x} ... {octet:02x}", Q, scalar(f"beside {octet}"), u)


def lattice() -> Iterator[Pair]:
    """Yield u2 whose halves by the endomorphism lie at the corners and edges of every way of rounding them."""
    (a1, b1), (a2, b2) = short_basis()
    Q = multiply(scalar("lattice"))
    halves = {}
    for m in range(-3, 4):
        for w in range(-3, 4):
            if (m, w) != (0, 0):
                corner = (m * a1 + w * a2) // 2, (m * b1 + w * b2) // 2
                for step in (-1, 0, 1):
                    halves[f"({m}·v1 + {w}·v2)/2 {step:+d}"] = corner[0] + step, corner[1]
    for name, (k1, k2) in halves.items():
        u = (k1 + k2 * LAMBDA) % N
        if u > 2:
            yield summed("Endomorphism", f"u2 at the corner {name} of the lattice", Q, scalar(name), u)


def off_the_curve() -> Iterator[Pair]:
    """Yield invalid public keys, and signatures that hold unless the key is checked."""
    for comment, Q, u1, u2, r in offcurve.sums():
        yield summed("OffCurve", comment, Q, u1, u2, r=r)._replace(valid=False)
    for comment, Q, other in offcurve.not_reduced():
        good = summed("KeyNotReduced", f"{comment}, as it should be", Q, scalar(comment), scalar(f"u2 {comment}"))
        yield good
        where = "x" if other is not None and other[0] >= P else "y"
        yield good._replace(comment=f"{comment}, p added to {where}", Q=other, valid=False)


def keys() -> Iterator[Pair]:
    """Yield keys of small coordinates, whose d nobody knows, and keys near G with the sums that those make special."""
    xs = [(1 << bits, 1) for bits in (0, 1, 8, 32, 64, 96, 128, 160, 192, 215, 216, 223)]
    xs.append(((1 << 224) - (1 << 33), -1))
    for x, step in xs:
        for odd in (False, True):
            Q = negated(first_point(x, step), odd)
            name = f"x_Q = {x_of(Q):#x}, y_Q {'odd' if odd else 'even'}"
            good = summed("KeyCoordinates", name, Q, scalar(f"u1, {name}"), scalar(f"u2, {name}"))
            yield good
            yield good._replace(comment=f"{name}, the signature of -Q", Q=negative(Q), valid=False)
    u = scalar("near G")
    for name, d in special_keys()[: -2 * len(KEYS)]:
        for what, u1, u2 in (
            ("1, 1", 1, 1),
            ("u, u", u, u),
            ("u, -u", u, N - u),
            ("u, u LAMBDA", u, u * LAMBDA % N),
            ("u, 2u", u, 2 * u % N),
        ):
            R_is_finite = (u1 + u2 * d) % N != 0
            comment = f"Q = {name}, u1 and u2 {what}"
            yield summed("KeyNearG", comment, multiply(d), u1, u2, r=None if R_is_finite else 1)


def lengths() -> Iterator[Pair]:
    """Yield digests of every length, and what lies beyond their bit 225."""
    d = scalar("lengths")
    Q = multiply(d)
    for size in (1, 2, 3, 4, 8, 12, 16, 20, 24, 27, 28, 29, 30, 31, 32, 33, 36, 40, 48, 56, 64, 65, 100, 255, 1024):
        for name, octets in (
            ("ff", b"\xff" * size),
            ("00", bytes(size)),
            ("01", bytes(size - 1) + b"\1"),
            ("80", b"\x80" + bytes(size - 1)),
        ):
            good = Pair(
                "DigestLength",
                f"{size} octets of {name}",
                Q,
                octets,
                *sign_with(d, bits2int(octets), scalar(f"{size} {name}")),
                True,
            )
            yield good
            longer = octets + b"\0"
            same = bits2int(longer) == bits2int(octets)
            yield good._replace(comment=f"{good.comment}, and one octet 00 behind", text=longer, valid=same)
    for e in (1, 2, N - 1, N, N + 1, 1 << 224, (1 << 224) - 1, (1 << 225) - 1, N + (1 << 223), scalar("e")):
        whole = e << 31
        good = Pair(
            "DigestLength", f"e = {e:#x}", Q, whole.to_bytes(32, "big"), *sign_with(d, e, scalar(f"e {e}")), True
        )
        yield good
        yield good._replace(
            comment=f"{good.comment}, other bits behind it", text=(whole | (1 << 31) - 1).to_bytes(32, "big")
        )
        yield good._replace(comment=f"{good.comment}, 29 octets", text=(e << 7 | 0x2A).to_bytes(29, "big"))
        yield good._replace(
            comment=f"{good.comment}, its bit 225 flipped", text=(whole ^ 1 << 31).to_bytes(32, "big"), valid=False
        )
        yield good._replace(
            comment=f"{good.comment}, one bit lower", text=(whole >> 1).to_bytes(32, "big"), valid=False
        )


def between_p_and_n() -> Iterator[Pair]:
    """Yield R of small x with r = x_R, and with r = x_R + p, which is no x."""
    for i, bits in enumerate((0, 8, 64, 112)):
        R = negated(first_point(1 << bits), i % 2 == 1)
        x, u1, u2 = x_of(R), scalar(f"small x, u1, {i}"), scalar(f"small x, u2, {i}")
        Q = multiply(inverse(u2, N), add(R, multiply(-u1)))
        yield summed("BetweenPAndN", f"r = x_R = {x:#x}", Q, u1, u2)
        yield summed("BetweenPAndN", f"r = x_R + p for x_R = {x:#x}", Q, u1, u2, r=x + P)
        yield summed("BetweenPAndN", f"r = x_R + 2^224 for x_R = {x:#x}", Q, u1, u2, r=x + (1 << 224))


def without_r() -> Iterator[Pair]:
    """Yield e = 0 with r = 0: both scalars are 0, and the sum is infinity, whatever the key and s are."""
    for d in (1, 2, scalar("without r")):
        for s in (1, 7, N - 1):
            yield Pair("Range", f"e = 0, r = 0, s = {s:#x}, d = {d:#x}", multiply(d), bytes(28), 0, s, False)


def ordinary() -> Pair:
    """Return an ordinary valid case."""
    d, octets = scalar("ordinary"), bytes(range(28))
    pair = sign_with(d, bits2int(octets), scalar("ordinary k"))
    return Pair("Ordinary", "ordinary signature", multiply(d), octets, *pair, True)


def every() -> Iterator[Pair]:
    """Yield every case of the file of digests."""
    for cases in (exceptional, scalars, keys, between_p_and_n, without_r, lengths, infinities, tables, lattice):
        yield from cases()
    yield from off_the_curve()
