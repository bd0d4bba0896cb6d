"""Valid signatures over messages that lead computations to their edges, and what goes through where they go wrong."""

from __future__ import annotations

from collections.abc import Iterator

from pairs import Messages, Pair, scalar
from reference import G, N, P, inverse, multiply, negative, x_of
from sums import LAMBDA, comb_doublings, corners


def inverses(of: Messages) -> Iterator[Pair]:
    """Yield s with which Euclid's algorithm takes very many or very few steps, and s whose inverse is extreme."""
    numbers = [(f"2^{bits}", 1 << bits) for bits in (8, 31, 32, 63, 64, 127, 128, 192)]
    numbers += [(f"n - 2^{bits}", N - (1 << bits)) for bits in (8, 32, 64, 128)]
    numbers += [("n/3", N // 3), ("2n/3", 2 * N // 3), ("n/256", N >> 8), ("n/2^112", N >> 112), ("sqrt(n)", 1 << 112)]
    golden = N * 618033988749894848204586834365638117720309179805762862135448622705260 // 10**69
    numbers += [("n/golden ratio", golden), ("n - n/golden ratio", N - golden)]
    for name, value in numbers:
        yield of.solved("Inverse", f"s = {name}", multiply(scalar(f"k of {name}")), value)
    for name, value in [("2", 2), ("3", 3), ("n - 2", N - 2), ("n - 3", N - 3), *numbers[::2]]:
        yield of.solved("Inverse", f"1/s = {name}", multiply(scalar(f"k of 1/{name}")), inverse(value, N))


def nonces(of: Messages) -> Iterator[Pair]:
    """Yield nonces that nobody should have: R = G, −G, 2G and the like."""
    numbers = [(str(k), k) for k in (1, 2, 3, 4, 5, 7, 15, 16, 255, 256)]
    numbers += [(f"n - {k}", N - k) for k in (1, 2, 3)]
    numbers += [("(n - 1)/2", N // 2), ("(n + 1)/2", N // 2 + 1), ("LAMBDA", LAMBDA), ("n - LAMBDA", N - LAMBDA)]
    numbers += [
        ("LAMBDA^2", LAMBDA**2 % N),
        ("2^112", 1 << 112),
        ("2^223", 1 << 223),
        ("2^224", 1 << 224),
        ("n - 2^224", N - (1 << 224)),
    ]
    numbers += [("2^225 mod n", (1 << 225) % N), ("p", P)]
    for name, k in numbers:
        yield of.signed("Nonce", f"k = {name}", scalar(f"nonce {len(numbers) % 3}"), f"k = {name}".encode(), k)
    good = of.signed("Nonce", "k = 1", scalar("k = 1"), b"k = 1, too", 1)
    yield good
    yield good._replace(comment="k = 1, but s + 1", s=good.s + 1, valid=False)


def _extreme() -> list[tuple[str, int]]:
    numbers = [
        ("1", 1),
        ("2", 2),
        ("3", 3),
        ("n - 1", N - 1),
        ("n - 2", N - 2),
        ("(n - 1)/2", N // 2),
        ("(n + 1)/2", N // 2 + 1),
    ]
    numbers += [("2^32", 1 << 32), ("2^112", 1 << 112), ("2^112 - 1", (1 << 112) - 1), ("2^223", 1 << 223)]
    numbers += [
        ("2^224 - 1", (1 << 224) - 1),
        ("2^224", 1 << 224),
        ("n - 2^223", N - (1 << 223)),
        ("n - 2^112", N - (1 << 112)),
    ]
    numbers += [
        ("bits 01", N // 3 & ~1),
        ("octets 0f", int.from_bytes(b"\x0f" * 28, "big")),
        ("octets 55", int.from_bytes(b"\x55" * 28, "big")),
    ]
    return numbers


def scalars(of: Messages) -> Iterator[Pair]:
    """Yield extreme u1, u2 and relations between them."""
    for name, u in _extreme():
        yield of.with_scalars("Scalars", f"u1 = {name}", u, scalar(f"u2 beside {name}"))
        yield of.with_scalars("Scalars", f"u2 = {name}", scalar(f"u1 beside {name}"), u)
    u, v = scalar("u"), 1 << 112
    both = [("u1 = u2", u, u), ("u1 = -u2", u, N - u), ("u1 = 1, u2 = 1", 1, 1), ("u1 = 1, u2 = n - 1", 1, N - 1)]
    both += [("u1 = n - 1, u2 = 1", N - 1, 1), ("u1 = n - 1, u2 = n - 1", N - 1, N - 1), ("u1 = 2, u2 = 3", 2, 3)]
    both += [
        ("u1 = u2 = 2^112", v, v),
        ("u1 = 2u2", 2 * u % N, u),
        ("u1 = LAMBDA u2", LAMBDA * u % N, u),
        ("u1 = 2^224, u2 = 1", 1 << 224, 1),
    ]
    for name, u1, u2 in both:
        good = of.with_scalars("Scalars", name, u1, u2)
        yield good
        yield good._replace(comment=f"{name}, under -Q", Q=negative(good.Q), valid=False)


def splits(of: Messages) -> Iterator[Pair]:
    """Yield scalars whose halves by the endomorphism are 0, ±1, equal, or as long as they get."""
    halves = [
        (0, 1),
        (0, -1),
        (1, 1),
        (1, -1),
        (-1, 1),
        (0, 2),
        (1 << 111, 0),
        (0, 1 << 111),
        (-5, 1 << 111),
        *corners(),
    ]
    for k1, k2 in halves:
        name, u = f"{k1:#x} + {k2:#x} LAMBDA", (k1 + k2 * LAMBDA) % N
        yield of.with_scalars("Endomorphism", f"u2 = {name}", scalar(f"u1 beside {name}"), u)
        yield of.with_scalars("Endomorphism", f"u1 = {name}", u, scalar(f"u2 beside {name}"))


def combs(of: Messages) -> Iterator[Pair]:
    """Yield scalars for which the last entry of a comb of odd digits is the sum of those before."""
    for u in sorted({u for width in range(3, 11) for u in comb_doublings(width)}):
        for name, number in ((f"{u:#x}", u), (f"n - {u:#x}", N - u)):
            yield of.with_scalars("Comb", f"u1 = {name}", number, scalar(f"u2 beside {u}"))
            yield of.with_scalars("Comb", f"u2 = {name}", scalar(f"u1 beside {u}"), number)


def infinity(of: Messages) -> Iterator[Pair]:
    """Yield sums that are infinity: u1·G = −u2·Q. No r and no s makes such a signature hold."""
    for name, r in (
        ("1", 1),
        ("2", 2),
        ("x_G", G[0]),
        ("p, 0 mod p", P),
        ("p + 1, 1 mod p", P + 1),
        ("n - 1", N - 1),
        ("ordinary", scalar("r")),
    ):
        for other, s in (("1", 1), ("n - 1", N - 1), ("ordinary", scalar("s"))):
            text = f"r = {name}, {other}".encode()
            d = -of.e(text) * inverse(r, N) % N
            yield Pair("Infinity", f"R = infinity, r = {name}, s = {other}", multiply(d), text, r, s, False)
            if other == "ordinary":
                yield of.signed(
                    "Infinity", "the same key, message and s, but a sum that is a point", d, text, scalar(name)
                )


def last_doubling(of: Messages) -> Iterator[Pair]:
    """Yield u1·G = ±u2·Q: the last addition is a doubling; or infinity, where formulas for sums go wrong."""
    for i in range(5):
        t, text = scalar(f"last {i}"), f"last addition {i}".encode()
        x, e = x_of(multiply(t)), of.e(text)
        s = e * inverse(t, N) % N
        answers = (
            ("x_R", x_of(multiply(2 * t))),
            ("x of one of them, as if the other were infinity", x),
            ("-2x mod p, as of a slope 0", -2 * x % P),
            ("1, as of infinity", 1),
            ("p, as of infinity with x = 0", P),
        )
        for name, r in answers:
            d = e * inverse(r, N) % N
            yield Pair("LastDoubling", f"u1·G = u2·Q, r = {name}", multiply(d), text, r, s, name == "x_R")
            yield Pair("LastDoubling", f"u1·G = -u2·Q, r = {name}", multiply(-d), text, r, s, False)


KEYS = (
    ("x with 27 leading bits 0", 5029040, 2),
    ("x with 23 leading bits 1", 1605339, 1),
    ("x with 25 trailing bits 0", 1064637, 1),
    ("x with 31 trailing bits 1", 5649369, 2),
    ("y with 23 leading bits 0", 5365204, 0),
    ("y with 20 leading bits 1", 2248799, 0),
    ("y with 21 trailing bits 0", 1125173, 0),
)
"""Keys found by search: what they show, and m, i of d = mλⁱ."""


def special_keys() -> list[tuple[str, int]]:
    """Return names and values of d whose public keys are special."""
    half = N // 2 + 1
    keys = [
        ("G", 1),
        ("2G", 2),
        ("3G", 3),
        ("4G", 4),
        ("G/2", half),
        ("LAMBDA G", LAMBDA),
        ("LAMBDA^2 G", LAMBDA**2 % N),
    ]
    keys += [("LAMBDA G/2", half * LAMBDA % N), ("2^112 G", 1 << 112), ("2^224 G", 1 << 224), ("31 G", 31)]
    keys += [("-" + name, N - d) for name, d in keys]
    for name, m, i in KEYS:
        d = m * LAMBDA**i % N
        keys += [(name, d), (f"{name}, -Q", N - d)]
    return keys


def keys(of: Messages) -> Iterator[Pair]:
    """Yield keys that share a coordinate with G, are near it, or have coordinates with octets 00 or ff at an end."""
    for name, d in special_keys():
        flag = "KeyCoordinates" if "bits" in name else "KeyNearG"
        title = f"key of {name}" if "bits" in name else f"Q = {name}"
        for i in range(2):
            good = of.signed(flag, title, d, f"{title}, {i}".encode())
            yield good
        yield good._replace(comment=f"{title}, the signature of -Q", Q=negative(good.Q), valid=False)
        if flag == "KeyNearG":
            yield of.signed(flag, f"{title}, R = G", d, f"{title}, R = G".encode(), 1)
            yield good._replace(comment=f"{title}, the signature of LAMBDA Q", Q=multiply(LAMBDA, good.Q), valid=False)
