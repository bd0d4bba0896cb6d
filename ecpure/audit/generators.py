"""Nonces that are outputs of a linear congruential generator, which must not be used for anything secret.

A generator has the states s, a·s + c, … mod 2^bits and shows the top bits of each. Without c, successive states are
points of the lattice of all (s, a·s, a²·s, …) mod 2^bits. Only one such point fits the bits shown, the nearest,
which a short basis of the lattice finds by rounding. Nothing here is constant in time.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import islice, product
from operator import mul, sub
from typing import NamedTuple

Matrix = list[list[int]]
Reduce = Callable[[Matrix], Matrix]
"""Returns the rows of a matrix as an LLL-reduced basis."""


class Generator(NamedTuple):
    """The states s, a·s + c, … mod 2^bits; every `stride`-th is taken."""

    bits: int
    a: int
    c: int
    stride: int = 1

    def steps(self, s: int) -> Iterator[int]:
        """Yield s and the states after it that are taken."""
        while True:
            yield s
            for _ in range(self.stride):
                s = (self.a * s + self.c) % (1 << self.bits)

    def first(self, s: int, count: int) -> list[int]:
        """Return s and the states after it, `count` in all."""
        return [*islice(self.steps(s), count)]


RAND48 = Generator(48, 0x5DEECE66D, 0xB)
"""The generator of java.util.Random, of POSIX's drand48, lrand48 and mrand48, and of older Firefox's Math.random."""


class States:
    """As many states of a generator as there are starts, of which the top bits are known.

    starts: first coordinates of a short basis of the lattice; a basis vector is (s, a·s, a²·s, …) mod 2^bits, each
    between −2^(bits − 1) and 2^(bits − 1).
    """

    def __init__(self, generator: Generator, starts: Sequence[int]) -> None:
        self._modulus = m = 1 << generator.bits
        linear, size = generator._replace(c=0), len(starts)
        self.basis = [[(s + m // 2) % m - m // 2 for s in linear.first(start, size)] for start in starts]
        self.constants = generator.first(0, size)
        # Row j of the transpose of m·B⁻¹ times a point is m times its multiple of basis vector j. Its entries are
        # integers, because the lattice has m times every vector of integers.
        self._relations = [[int(m * x) for x in row] for row in zip(*_inverse(self.basis), strict=True)]

    def sieve(self, hidden: int) -> Callable[[Sequence[int]], bool]:
        """Return a quick test: outputs pass if some states show them, and nearly always fail if none does.

        hidden: low bits of each state that are not shown. A row of relations times any point is 0 mod 2^bits, and
        times the hidden part is at most half of that; most random outputs fail the first row.
        """
        m, half, tests = self._modulus, (1 << hidden) // 2, []
        for row in self._relations:
            most = sum(map(abs, row)) * half
            constant = sum(w * (half - c) for w, c in zip(row, self.constants, strict=True)) + most
            tests.append((row, constant, 2 * most))

        def passes(outputs: Sequence[int]) -> bool:
            for row, constant, most in tests:
                if ((sum(map(mul, row, outputs)) << hidden) + constant) % m > most:
                    return False
            return True

        return passes

    def nearest(self, states: Sequence[int]) -> list[int]:
        """Return the multiples of the basis vectors in a point near these states."""
        point = [*map(sub, states, self.constants)]
        return [(sum(map(mul, row, point)) + self._modulus // 2) // self._modulus for row in self._relations]

    def at(self, multiples: Sequence[int], place: int = 0) -> int:
        """Return the state at this place of a point, mod 2^bits."""
        steps = sum(u * vector[place] for u, vector in zip(multiples, self.basis, strict=True))
        return (self.constants[place] + steps) % self._modulus


def _inverse(matrix: Matrix) -> list[list[Fraction]]:
    """Return the inverse of an invertible matrix, by Gauss-Jordan elimination."""
    size = len(matrix)
    rows = [[*map(Fraction, row), *(Fraction(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    for column in range(size):
        pivot = next(row for row in rows[column:] if row[column])
        rows.remove(pivot)
        pivot = [x / pivot[column] for x in pivot]
        rows = [[x - row[column] * y for x, y in zip(row, pivot, strict=True)] if row[column] else row for row in rows]
        rows.insert(column, pivot)
    return [row[size:] for row in rows]


# Client nonces


class Seeded(NamedTuple):
    """How a client nonce was made: the name of its form, and the state that its first output shows."""

    form: str
    state: int
    following: int | None
    """The first state of the next nonce, if nothing else is drawn from the generator; None where there are so
    few states that others have it by chance."""


_MANY = 48
"""Bits of a state that distinguish the nonces of one stream from others."""


class Form:
    """A form in which 16 octets are outputs. layout: of `struct`. shown: top bits of each state.

    is_long: outputs come in pairs as java.util.Random.nextLong has them, where the second one, if negative, takes 1
    from the first.
    """

    def __init__(
        self,
        name: str,
        generator: Generator,
        starts: Sequence[int],
        layout: str,
        shown: int,
        *,
        is_long: bool = False,
    ) -> None:
        self.name, self.generator, self.shown = name, generator, shown
        self._starts, self._layout, self._is_long = starts, struct.Struct(layout), is_long

    @cached_property
    def _states(self) -> States:
        return States(self.generator, self._starts)

    def outputs(self, nonce: bytes) -> Sequence[int]:
        """Return 16 octets as outputs."""
        if not self._is_long:
            return self._layout.unpack(nonce)
        return [
            output
            for (pair,) in self._layout.iter_unpack(nonce)
            for output in (((pair >> 32) + (pair >> 31 & 1)) % (1 << 32), pair % (1 << 32))
        ]

    @cached_property
    def _passes(self) -> Callable[[Sequence[int]], bool]:
        return self._states.sieve(self.generator.bits - self.shown)

    def seeded(self, nonce: bytes) -> Seeded | None:
        """Return the state that makes these 16 octets, or None if no state does."""
        outputs = self.outputs(nonce)
        if not self._passes(outputs):
            return None
        hidden = self.generator.bits - self.shown
        shown = [(y << hidden) + (1 << hidden) // 2 for y in outputs[: len(self._starts)]]
        state = self._states.at(self._states.nearest(shown))
        following = self.generator.steps(state)
        if any(y != next(following) >> hidden for y in outputs):
            return None
        return Seeded(self.name, state, next(following) if self.generator.bits >= _MANY else None)

    def described(self) -> str:
        """Return how a state s makes the octets, in words."""
        bits, a, c, stride = self.generator
        taken = "s" if stride == 1 else "every second s"
        return f"the top {self.shown} bits of {taken}, where s becomes 0x{a:x}·s + {c} mod 2^{bits}"


_WORDS = (0xFFE9BBC55BDA, 0xFFFC99275995, 0xFFF851982677, 0x726692FFB)
_OCTETS = (
    *(0x8D8E2EB96FF, 0x8FE614CB156, 0xF2BC2B799C69, 0x37AA70A4940, 0x18D3F94C27A, 0xF62CA213B61E, 0xEA472E12E20),
    *(0xF17433C8F7CD, 0xE40F1DCA616, 0xEDAF459D58EE, 0xF761D4C80666, 0xFA61FE093AE1, 0xF31140A6EE6B, 0xF7360DBECCBB),
    *(0x32A15EBA58F, 0xFF82645550BC),
)
_SECOND_OCTETS = (
    *(0x190D85C0F221, 0x6902FB7223, 0xA531E41FA79, 0xFB0407CD4604, 0x13DB8F4C0BB, 0x5E7BCF05D8D, 0x7B65119153),
    *(0xFE14B2181767, 0xFAAF0B3AD467, 0xA4712582C8, 0x1F7C84745F, 0x125C9B0E6498, 0xF9A16954D772, 0x586A59BABFB),
    *(0xACE80AEA9C, 0xFF4B8B2F9141),
)
_LOW_24 = (0xB8AAD, 0x18DA5, 0xF872BF, 0xE992A9, 0xC67AD, 0x8DEE7, 0x8EA6B, 0xFCEF65)
_LOW_25 = (0x18CF5A, 0x1EE4232, 0x1BEDB9, 0xF1A82, 0x1FB27A1, 0x1EE2B2A, 0x31B4A, 0x10ECF5)
_MSVC_24 = (0x9B159, 0xB380B, 0xF8E6DD, 0xECF5CF, 0xE7AC05, 0x506BE, 0x170B8, 0x424C4)

FORMS = {
    form.name: form
    for form in (
        Form("java.util.Random.nextBytes, or mrand48, little-endian", RAND48, _WORDS, "<4I", 32),
        Form("java.util.Random.nextInt, or mrand48, big-endian", RAND48, _WORDS, ">4I", 32),
        Form("java.util.Random.nextLong, big-endian", RAND48, _WORDS, ">Q", 32, is_long=True),
        Form("java.util.Random.nextLong, little-endian", RAND48, _WORDS, "<Q", 32, is_long=True),
        Form("lrand48, little-endian", RAND48, _WORDS, "<4I", 31),
        Form("lrand48, big-endian", RAND48, _WORDS, ">4I", 31),
        Form("256·drand48, or java.util.Random.nextInt(256)", RAND48, _OCTETS, "16B", 8),
        Form("256·Math.random in Java, or in older Firefox", RAND48._replace(stride=2), _SECOND_OCTETS, "16B", 8),
        # The low bits of a state are themselves a generator.
        Form("low bytes of java.util.Random.nextInt, or mrand48", Generator(24, 0xECE66D, 0xB), _LOW_24, "16B", 8),
        Form("low bytes of lrand48", Generator(25, 0xECE66D, 0xB), _LOW_25, "16B", 8),
        Form("low bytes of rand in Microsoft's C", Generator(24, 214013, 2531011), _MSVC_24, "16B", 8),
    )
}
"""The forms that 16 octets are tested for, by name."""


def seeded(nonce: bytes) -> Seeded | None:
    """Return how a client nonce of 16 octets was made, if by one of the generators known here."""
    return next(filter(None, (form.seeded(nonce) for form in FORMS.values())), None)


# Nonces of signatures


class Layout(NamedTuple):
    """A nonce k as pieces of so many bits, each with top bits of a state of RAND48.

    is_double: a piece is the top bits of (26 bits of a state, then 27 of the next)/2⁵³, as Java and older Firefox make
    a number below 1 from two states.
    """

    name: str
    width: int
    is_low_first: bool
    is_double: bool = False

    def counts(self, n: int) -> set[int]:
        """Return the possible numbers of pieces in a nonce: for n's bits, or for its whole octets."""
        return {-(-bits // self.width) for bits in (n.bit_length(), n.bit_length() // 8 * 8)}

    @property
    def generator(self) -> Generator:
        """The generator of the states of which pieces have the top bits."""
        return RAND48._replace(stride=1 + self.is_double)

    def nonce(self, s: int, count: int) -> int:
        """Return the nonce whose first piece shows state s."""
        k, states = 0, RAND48.steps(s)
        for place in self.places(count):
            piece = next(states) >> 22 << 27 | next(states) >> 21 if self.is_double else next(states) << 5
            k += piece >> 53 - self.width << place
        return k

    def places(self, count: int) -> Sequence[int]:
        """Return how far each piece is shifted, the first one first."""
        places = range(0, count * self.width, self.width)
        return places if self.is_low_first else places[::-1]


LAYOUTS = (
    Layout("pieces of 31 bits of Math.random in older Firefox, the lowest first", 31, True, is_double=True),
    Layout("lrand48, the lowest piece first", 31, True),
    Layout("lrand48, the highest piece first", 31, False),
    Layout("java.util.Random.nextInt or mrand48, the lowest piece first", 32, True),
    Layout("java.util.Random.nextInt or mrand48, the highest piece first", 32, False),
)

_SIZE = 32
"""About the size of the numbers to be found."""


def find(layout: Layout, signatures: Sequence[tuple[int, int, int]], n: int, reduce: Reduce) -> int | None:
    """Return d if all of these signatures (r, s, e) have nonces of this layout; two signatures usually suffice.

    If every s is at most n/2, as from a signer that takes the lower of s and n − s, nonces of either sign are tried.
    """
    signs = (1, -1) if all(s <= n // 2 for _, s, _ in signatures) else (1,)
    for count, of_each in product(sorted(layout.counts(n)), product(signs, repeat=len(signatures))):
        signed = [(r, sign * s % n, e) for (r, s, e), sign in zip(signatures, of_each, strict=True)]
        d = _find(layout, count, signed, n, reduce)
        if d is not None:
            return d
    return None


def _find(layout: Layout, count: int, signatures: Sequence[tuple[int, int, int]], n: int, reduce: Reduce) -> int | None:
    """Return d if every nonce has so many pieces and is k₀ + Σ uⱼ·Kⱼ + Σ v·2^place, with small u and v.

    uⱼ is the multiple of basis vector j in the states, Kⱼ what that vector adds to k, and v what rounding adds to each
    piece. Since s·k = e + r·d, the v of place 0 is e/s − k₀ + r/s·d − … mod n, which all other u and v and d determine:
    so all u and v are a point of a lattice shifted by e/s − k₀, and short if the nonces have this layout.
    """
    states, hidden, places = _states(layout.generator, count, reduce), 48 - layout.width, layout.places(count)
    centre = states.nearest([1 << 47] * count)
    middle = [states.at(centre, i) for i in range(count)]
    origin, *steps = (
        sum(round(Fraction(x, 1 << hidden)) << place for x, place in zip(vector, places, strict=True))
        for vector in (middle, *states.basis)
    )
    steps += [1 << place for place in places if place]
    # Columns: for each signature the multiples of the steps, then v of place 0; at the end, the sign.
    each = len(steps) + 1
    size = each * len(signatures) + 1
    last = range(each - 1, size - 1, each)
    rows = []
    for place in last:
        rows += [_row(size, {at: 1, place: -step % n}) for at, step in enumerate(steps, place - each + 1)]
    rows += [_row(size, {place: n}) for place in last[1:]]
    (r1, s1, _), *_ = signatures
    of_d = {at: r * s1 * pow(s * r1, -1, n) % n for at, (r, s, _) in zip(last, signatures, strict=True)}
    rows.append(_row(size, of_d))
    known = {at: (e * pow(s, -1, n) - origin) % n for at, (_, s, e) in zip(last, signatures, strict=True)}
    rows.append(_row(size, known | {size - 1: _SIZE}))
    for row in reduce(rows):
        if abs(row[-1]) == _SIZE:
            sign = row[-1] // _SIZE
            found = set()
            for (r, s, e), place in zip(signatures, last, strict=True):
                multiples = [u + sign * x for u, x in zip(centre, row[place - each + 1 :], strict=False)]
                k = layout.nonce(states.at(multiples), count)
                found.add((s * k - e) * pow(r, -1, n) % n)
            if len(found) == 1:
                return found.pop()
    return None


@lru_cache
def _states(generator: Generator, count: int, reduce: Reduce) -> States:
    """Return the lattice of so many states, with a reduced basis."""
    m, linear = 1 << generator.bits, generator._replace(c=0)
    rows = [linear.first(1, count), *(_row(count, {place: m}) for place in range(1, count))]
    return States(generator, [row[0] for row in reduce(rows)])


def _row(size: int, entries: dict[int, int]) -> list[int]:
    row = [0] * size
    for place, value in entries.items():
        row[place] = value
    return row
