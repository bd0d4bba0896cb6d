"""Pairs r, s over messages: valid ones whose numbers are extreme, invalid ones that a wrong check lets pass."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import count
from typing import NamedTuple

from reference import (
    SECP224K1,
    Curve,
    N,
    P,
    Point,
    add,
    bits2int,
    digest,
    inverse,
    lift,
    multiply,
    negative,
    nonce,
    sign_with,
    verifies,
    x_of,
    y_of,
)
from sums import LAMBDA


class Pair(NamedTuple):
    """One case: a signature (r, s) of a message, or of a digest, under Q. It may be out of any range."""

    flag: str
    comment: str
    Q: Point
    text: bytes
    r: int
    s: int
    valid: bool


is_valid = cache(verifies)
"""Whether (r, s) is a signature of e under Q, asked once for all encodings."""


def scalar(label: str) -> int:
    """Return an ordinary integer in [1, n − 1], a different one for each label."""
    return 1 + int.from_bytes(hashlib.sha512(label.encode()).digest(), "big") % (N - 1)


def negated(R: Point, odd: bool) -> Point:
    """Return R or −R, as asked."""
    return negative(R) if odd else R


def first_point(x: int, step: int = 1) -> Point:
    """Return the point of even y whose x is the next at or beyond this one."""
    return next(R for i in count() if (R := lift(x + i * step)) is not None)


def near(value: int) -> tuple[int, ...]:
    """Return the value and its neighbours."""
    return value - 1, value, value + 1


class Messages:
    """The cases of one hash on one curve."""

    def __init__(self, sha: str, curve: Curve = SECP224K1) -> None:
        self.sha, self.curve = sha, curve

    def e(self, text: bytes) -> int:
        """Return e of a message."""
        return bits2int(digest(self.sha, text), self.curve)

    def signed(self, flag: str, comment: str, d: int, text: bytes, k: int | None = None) -> Pair:
        """Return a valid case by signing, with the nonce k or that of RFC 6979."""
        curve = self.curve
        if k is None:
            k, _ = nonce(d, self.sha, digest(self.sha, text), curve=curve)
        return Pair(flag, comment, multiply(d, curve.G, curve), text, *sign_with(d, self.e(text), k, curve), True)

    def solved(self, flag: str, comment: str, R: Point, s: int, r: int | None = None) -> Pair:
        """Return a case under the key for which the sum is R; it is valid if r is the x of R, as by default."""
        curve, n = self.curve, self.curve.n
        text, r = comment.encode(), x_of(R) % n if r is None else r
        w = inverse(r, n)
        # r⁻¹(sR − eG)
        Q = add(multiply(w * s % n, R, curve), multiply(-w * self.e(text) % n, curve.G, curve), curve)
        return Pair(flag, comment, Q, text, r, s, r == x_of(R) % n)

    def with_scalars(self, flag: str, comment: str, u1: int, u2: int) -> Pair:
        """Return a valid case for which u1·G + u2·Q is summed up. Half of all messages allow one."""
        for attempt in count():
            text = f"{comment}, {attempt}".encode()
            s = self.e(text) * inverse(u1, N) % N
            r = u2 * s % N
            R = lift(r) if 0 < r < P else None
            if R is None:
                continue
            Q = multiply(inverse(u2, N), add(R, multiply(-u1)))
            if Q is not None:
                return Pair(flag, comment, Q, text, r, s, True)
        raise AssertionError

    def base(self, high_r: bool, high_s: bool) -> Pair:
        """Return an ordinary valid case of 28 octets each, r and s with and without a high bit, as asked."""
        for attempt in count():
            pair = self.signed("Ordinary", "ordinary signature", scalar("base"), b"base %d" % attempt)
            if all(
                (number >> 216) in (range(128, 256) if high else range(1, 128))
                for number, high in ((pair.r, high_r), (pair.s, high_s))
            ):
                return pair
        raise AssertionError


def with_neighbours(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """Yield the pairs, and after every fourth an invalid one, s + 2 for s, which is never n − s."""
    for i, pair in enumerate(pairs):
        yield pair
        if i % 4 == 0:
            yield pair._replace(comment=f"{pair.comment}, s + 2 for s", s=pair.s + 2, valid=False)


def ordinary(of: Messages) -> Iterator[Pair]:
    """Yield signatures as anyone would make them; both s and n − s hold."""
    texts = [
        b"",
        b"\0",
        b"abc",
        bytes(20),
        b"\xff" * 28,
        *(bytes(range(size)) for size in (55, 56, 63, 64, 111, 112, 128, 200)),
    ]
    for i, text in enumerate(texts):
        pair = of.signed("Ordinary", f"ordinary signature of {len(text)} octets", scalar(f"key {i % 4}"), text)
        yield pair
        if i % 2:
            yield pair._replace(flag="OtherHalf", comment=f"{pair.comment}, n - s for s", s=N - pair.s)


LINES = (
    ("a line end behind it", b"a line\n"),
    ("two line ends behind it", b"a line\n\n"),
    ("CR LF behind it", b"a line\r\n"),
    ("CR LF inside", b"a line\r\nanother"),
    ("CR inside", b"a line\ranother"),
    ("LF inside", b"a line\nanother"),
    ("a space at either end", b" a line "),
    ("a tabulator behind it", b"a line\t"),
    ("an octet 00 behind it", b"a line\0"),
    ("an octet 00 inside", b"a line\0another"),
    ("a byte-order mark before it", b"\xef\xbb\xbfa line"),
    ("octets that are no UTF-8", b"a line\xff\xfe\x80"),
    ("an octet 1a inside", b"a line\x1aanother"),
    ("the digits of hex", b"0a0b0c"),
    ("base64", b"YSBsaW5l"),
    ("capitals", b"A LINE"),
)
"""Messages that are altered on their way where they are taken for text."""


def texts(of: Messages) -> Iterator[Pair]:
    """Yield messages that are not to be taken for text, and what they would be if they were; and long ones."""
    d = scalar("texts")
    for name, text in LINES:
        good = of.signed("MessageText", f"a message with {name}", d, text)
        yield good
        other = next(changed for change in _CHANGES if (changed := change(text)) != text)
        yield good._replace(comment=f"{good.comment}, which is changed", text=other, valid=False)
    for size in (*_SIZES, 66_000) if of.sha == "SHA-224" else (*_SIZES[::3], 5000):
        text = hashlib.shake_128(b"%d" % size).digest(size)
        good = of.signed("MessageLength", f"a message of {size} octets", d, text)
        yield good
        if size < 6000:
            last = bytes([text[-1] ^ 1])
            yield good._replace(comment=f"{good.comment}, its last bit flipped", text=text[:-1] + last, valid=False)


_SIZES = (
    *(27, 28, 29, 31, 32, 33, 54, 57, 65, 110, 113, 119, 120, 127, 129, 135, 136, 137, 143, 144, 145, 254),
    *(size + step for size in (256, 512, 1024, 4096) for step in (-1, 0, 1)),
    5000,
)


_CHANGES: tuple[Callable[[bytes], bytes], ...] = (
    bytes.rstrip,
    bytes.strip,
    bytes.lower,
    lambda text: text.replace(b"\r\n", b"\n"),
    lambda text: text.replace(b"\r", b"\n"),
    lambda text: text.replace(b"\n", b"\r\n"),
    lambda text: text.partition(b"\0")[0],
    lambda text: text.removeprefix(b"\xef\xbb\xbf"),
    lambda text: text.decode("utf-8", "replace").encode(),
    lambda text: text.partition(b"\x1a")[0],
    bytes.upper,
    lambda text: text + b"\n",
)
"""What programs do to text."""


def altered(of: Messages) -> Iterator[Pair]:
    """Yield an ordinary signature, and what is left of it after one change."""
    good = of.signed("Ordinary", "ordinary signature, to be altered", scalar("altered"), b"altered")
    yield good
    r, s = good.r, good.s
    changes = [(f"bit {bit} of r flipped", r ^ 1 << bit, s) for bit in (0, 1, 31, 32, 64, 112, 223)]
    changes += [(f"bit {bit} of s flipped", r, s ^ 1 << bit) for bit in (0, 1, 31, 32, 64, 112, 222)]
    changes += [
        ("s for r, r for s", s, r),
        ("r for s", r, r),
        ("s for r", s, s),
        ("r + 1", r + 1, s),
        ("r - 1", r - 1, s),
        ("s + 1", r, s + 1),
        ("s - 1", r, s - 1),
        ("n - r", N - r, s),
        ("n - r, n - s", N - r, N - s),
        ("p - r", P - r, s),
        ("1/r mod n", inverse(r, N), s),
        ("1/s mod n", r, inverse(s, N)),
        ("1/r and 1/s mod n", inverse(r, N), inverse(s, N)),
        ("2r and 2s mod n", 2 * r % N, 2 * s % N),
        ("2s mod n", r, 2 * s % N),
        ("s/2 mod n", r, s * inverse(2, N) % N),
        ("0 for r", 0, s),
        ("0 for s", r, 0),
        ("n - r, s/2 mod n", N - r, s * inverse(2, N) % N),
        ("r, s·λ mod n", r, s * LAMBDA % N),
    ]
    for comment, other_r, other_s in changes:
        yield good._replace(flag="Altered", comment=comment, r=other_r, s=other_s, valid=False)
    for text in (b"", b"Altered", b"altered ", b"altered\0", digest(of.sha, b"altered")):
        yield good._replace(flag="Altered", comment="another message", text=text, valid=False)
    for label, Q in (
        ("another key", multiply(scalar("another"))),
        ("-Q", negative(good.Q)),
        ("2Q", multiply(2, good.Q)),
    ):
        yield good._replace(flag="Altered", comment=f"{label} for Q", Q=Q, valid=False)


def ranges(of: Messages) -> Iterator[Pair]:
    """Yield a signature with multiples of n, p and powers of two added to r and s."""
    good = of.signed("Ordinary", "ordinary signature, ranges to be left", scalar("ranges"), b"ranges")
    yield good
    r, s = good.r, good.s
    of_n = [
        ("n", N),
        ("2n", 2 * N),
        ("256n", 256 * N),
        ("n·2^64", N << 64),
        ("n·2^200", N << 200),
        ("-n", -N),
        ("-2n", -2 * N),
    ]
    of_n += [("p", P), ("-p", -P)]
    powers = [(f"2^{bits}", 1 << bits) for bits in (224, 225, 231, 232, 240, 256, 257, 288, 320, 512)]
    for flag, summands in (("Range", of_n), ("Overflow", powers)):
        for name, summand in summands:
            sign = "" if name.startswith("-") else "+"
            yield good._replace(flag=flag, comment=f"r {sign}{name}", r=r + summand, valid=False)
            yield good._replace(flag=flag, comment=f"s {sign}{name}", s=s + summand, valid=False)
    for comment, pair in (
        ("r + n, s + n", (r + N, s + N)),
        ("2n - s", (r, 2 * N - s)),
        ("-r", (-r, s)),
        ("-s", (r, -s)),
        ("-r, -s", (-r, -s)),
    ):
        yield good._replace(flag="Range", comment=comment, r=pair[0], s=pair[1], valid=False)


def modulo_p(of: Messages) -> Iterator[Pair]:
    """Yield r in [p, n), which is the x of no point: only by comparing mod p would it be one, r − p."""
    xs = [x_of(first_point(1 << bits)) for bits in (0, 8, 32, 64, 100, 112)] + [x_of(first_point(N - P - 1, -1))]
    for i, x in enumerate(xs):
        R, s = negated(lift(x), i % 2 == 1), scalar(f"mod p {x}")
        yield of.solved("BetweenPAndN", f"r = x_R = {x:#x}, smaller than n - p", R, s)
        yield of.solved("BetweenPAndN", f"r = x_R + p for x_R = {x:#x}", R, s, x + P)
        reduced = of.solved("BetweenPAndN", f"r = x_R + p for x_R = {x:#x}, u2 from x_R", R, s)
        yield reduced
        yield reduced._replace(r=x + P, valid=False)
    for name, x in (("largest", x_of(first_point(P - 1, -1))), ("ordinary", x_of(multiply(2)))):
        for relation, r in (
            ("n - x_R", N - x),
            ("p - x_R", P - x),
            ("x_R + n - p", x + N - P),
            ("x_R - n + p", x - N + P),
        ):
            comment = f"r = {relation}, x_R {name}"
            yield of.solved("BetweenPAndN", comment, lift(x), scalar(comment), r)


def beyond_224_bits(of: Messages) -> Iterator[Pair]:
    """Yield r = x_R + 2^224, which is below n for small x_R: of 28 octets, x_R would be left."""
    for i, bits in enumerate((0, 8, 64, 111)):
        R, s = negated(first_point(1 << bits), i % 2 == 1), scalar(f"beyond 224 bits, {bits}")
        x = x_of(R)
        comment = f"r = x_R + 2^224 for x_R = {x:#x}"
        yield of.solved("BetweenPAndN", comment, R, s, x + (1 << 224))
        yield of.solved("BetweenPAndN", f"{comment}, u2 from x_R", R, s)._replace(r=x + (1 << 224), valid=False)


def near_misses(of: Messages) -> Iterator[Pair]:
    """Yield r that is x_R but for its last octet, or one bit of either half."""
    points = {"small": first_point(1), "of 112 bits": first_point(1 << 111)}
    points["ordinary"] = multiply(scalar("near misses"))
    for name, R in points.items():
        x = x_of(R)
        yield of.solved("NearMiss", f"r = x_R, {name}", R, scalar(f"near miss {name}"))
        for what, y in (("y_R", y_of(R)), ("p - y_R", P - y_of(R))):
            yield of.solved("NearMiss", f"r = {what}, x_R {name}", R, scalar(f"near miss {name} {what}"), y)
        for what, r in {
            "x_R + 1": x + 1,
            "x_R with bit 200 flipped": x ^ 1 << 200,
            "x_R with bit 100 flipped": x ^ 1 << 100,
            "x_R with bit 223 flipped": x ^ 1 << 223,
            **(_misses(x) if name == "ordinary" else {}),
        }.items():
            yield of.solved("NearMiss", f"r = {what}, x_R {name}", R, scalar(f"near miss {name} {what}"), r)


def _misses(x: int) -> dict[str, int]:
    """Return x with one octet changed, each in turn, and with two changes that cancel in a sum of its limbs."""
    found = {f"x_R with bit {bit} flipped": x ^ 1 << bit for bit in range(5, 224, 8)}
    for size in (8, 16, 32, 64):
        for bit in (3, size - 2):
            found[f"x_R with bit {bit} of its first two limbs of {size} flipped"] = x ^ (1 | 1 << size) << bit
        limbs = [x >> size * i & (1 << size) - 1 for i in range(-(-224 // size))]
        up = next(i for i, limb in enumerate(limbs) if 0 < limb < (1 << size) - 2)
        down = next(i for i, limb in enumerate(limbs) if i > up and limb > 0)
        found[f"x_R, limb {up} of {size} bits + 1, limb {down} - 1"] = x + (1 << size * up) - (1 << size * down)
        a, b = limbs[:2]
        found[f"x_R, its first two limbs of {size} bits exchanged"] = x + (b - a) + (a - b << size)
    low, high = x % (1 << 112), x >> 112
    found["x_R, its halves exchanged"] = low << 112 | high
    found["x_R, its octets in reverse"] = int.from_bytes(x.to_bytes(28, "big")[::-1], "big")
    found |= {
        f"x_R {sign}2^{bits}": x + (1 << bits if sign == "+" else -1 << bits) for bits in (8, 192) for sign in "+-"
    }
    return {name: value for name, value in found.items() if 0 < value < N and value != x}


def boundaries(of: Messages) -> Iterator[Pair]:
    """Yield valid r and s at the ends of their ranges, at n/2, and where an octet more is due."""
    ends = [("1", 1), ("2", 2), ("n - 1", N - 1), ("n - 2", N - 2), ("(n - 1)/2", N // 2), ("(n + 1)/2", N // 2 + 1)]
    ends += [
        ("n - 2^112", N - (1 << 112)),
        ("n - p", N - P),
        ("p", P),
        ("p - 1", P - 1),
        ("p + 1", P + 1),
        ("LAMBDA", LAMBDA),
    ]
    for name, s in ends:
        yield of.solved("Boundary", f"s = {name}", multiply(scalar(f"k of s = {name}")), s)
    for bits in (223, 224):
        for s in near(1 << bits):
            flag = "Bits225" if bits == 224 else "SignOctet"
            pair = of.solved(flag, f"s = {s:#x}", multiply(scalar(f"k of s = {s}")), s)
            yield pair
            if s >> bits and s % (1 << bits):
                yield pair._replace(comment=f"{pair.comment}, without its high bit", s=s % (1 << bits), valid=False)
    for step, x in (
        (-1, P - 1),
        (1, 1 << 223),
        (-1, (1 << 223) - 1),
        (-1, (1 << 224) - (1 << 33)),
        (1, N // 2),
        (-1, N // 2),
    ):
        flag = "SignOctet" if x >> 8 in ((1 << 215) - 1, 1 << 215) else "Boundary"
        R = first_point(x, step)
        yield of.solved(flag, f"r = {x_of(R):#x}", R, scalar(f"s of r = {x}"))
        yield of.solved(flag, f"r = {x_of(R):#x}, y_R odd", negative(R), scalar(f"s of r = {x}"))


def long_s(of: Messages) -> Iterator[Pair]:
    """Yield s of 225 bits, which chance never shows, and what is left where the top octet is lost."""
    for i in range(6):
        s = (1 << 224) + scalar(f"long s {i}") % (N - (1 << 224))
        pair = of.solved("Bits225", f"s = 2^224 + {s - (1 << 224):#x}", multiply(scalar(f"long s, k {i}")), s)
        yield pair
        yield pair._replace(comment=f"{pair.comment}, its top bit lost", s=s - (1 << 224), valid=False)
        yield pair._replace(flag="OtherHalf", comment=f"{pair.comment}, n - s for s", s=N - s)
        yield pair._replace(comment=f"{pair.comment}, its sign wrong", s=s - (1 << 225), valid=False)


def short(of: Messages) -> Iterator[Pair]:
    """Yield r and s of few bits: octets 00 in front are due in one encoding, and wrong in the other."""
    sizes = (1, 7, 8, 9, 16, 32, 63, 64, 65, 100, 112, 128, 160, 192, 207, 208, 215, 216)
    for i, bits in enumerate(sizes):
        R, s = negated(first_point(1 << bits - 1), i % 2 == 0), (1 << bits) - 1
        yield of.solved("Short", f"r of {bits} bits", R, scalar(f"s beside {bits} bits"))
        yield of.solved("Short", f"s of {bits} bits", multiply(scalar(f"k beside {bits} bits")), s)
        both = of.solved("Short", f"r and s of {bits} bits", R, s)
        yield both
        yield both._replace(comment=f"{both.comment}, r + 1", r=both.r + 1, valid=False)


def _wrong_cuts(octets: bytes) -> list[tuple[str, int]]:
    whole, size = int.from_bytes(octets, "big"), 8 * len(octets)
    cuts = [
        ("digest whole, mod n", whole % N),
        ("rightmost 225 bits", whole % (1 << 225)),
        ("rightmost 224 bits", whole % (1 << 224)),
    ]
    cuts += [("octets in reverse", bits2int(octets[::-1])), ("leftmost 223 bits", whole >> size - 223)]
    cuts += [("leftmost 216 bits", whole >> size - 216), ("leftmost 208 bits", whole >> size - 208), ("0", 0)]
    if size == 224:
        cuts += [("an octet 00 behind, leftmost 225 bits", whole << 1), ("two octets 00 behind, whole", whole << 16)]
    else:
        cuts += [("leftmost 224 bits", whole >> size - 224), ("leftmost 226 bits", whole >> size - 226)]
        cuts += [
            ("leftmost 232 bits", whole >> size - 232),
            ("leftmost 225 bits of the digest mod n", (whole % N) >> size - 225),
        ]
        cuts += [("leftmost 224 bits, a bit 0 behind", whole >> size - 224 << 1)]
        cuts += [("leftmost 256 bits", whole >> size - 256)] if size > 256 else []
    return cuts


def cuts(of: Messages) -> Iterator[Pair]:
    """Yield signatures of a digest cut at the wrong bit, each beside the right one of the same message."""
    for parity in (0, 1):
        text = next(text for i in count() if of.e(text := f"cut, {i}".encode()) % 2 == parity)
        d = scalar(f"cut {parity}")
        yield of.signed("DigestCut", f"last bit of e is {parity}", d, text)
        for name, e in _wrong_cuts(digest(of.sha, text)):
            if (e - of.e(text)) % N:
                r, s = sign_with(d, e, scalar(f"k of {name}"))
                comment = f"last bit of e is {parity}, signed for: {name}"
                yield Pair("DigestCut", comment, multiply(d), text, r, s, False)


def special_digests(of: Messages) -> Iterator[Pair]:
    """Yield messages whose digests have octets 00 or ff in a row, each at its place, and e on either side of n."""
    found: dict[tuple[int, bytes], bytes] = {}
    for i in range(150_000):
        octets = digest(of.sha, text := b"%d" % i)
        for run in (b"\0\0", b"\xff\xff"):
            if run in octets[:29]:
                found.setdefault((octets.index(run), run), text)
    for (place, run), text in sorted(found.items()):
        yield of.signed("SpecialDigest", f"digest with {run.hex()} at octet {place}", scalar("special digest"), text)
    if of.sha != "SHA-224":
        for above in (True, False):
            texts = (text for i in count() if (of.e(text := f"n, {i}".encode()) >= N) == above)
            for _ in range(4):
                good = of.signed("DigestAboveN", f"e {'above' if above else 'below'} n", scalar("above n"), next(texts))
                yield good
                yield good._replace(comment=f"{good.comment}, s + 1", s=good.s + 1, valid=False)
