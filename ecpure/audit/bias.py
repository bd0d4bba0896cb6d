"""Nonces that are not evenly drawn, found as an attacker finds them: as a short vector of a lattice.

A signature says k = A·d + B mod n, with A = r/s and B = e/s. The vectors (k₁ … k_m) that some d could have made span a
lattice with (n, 0 … 0) and so on, in which one that is much shorter than the others gives d away (N. A.
Howgrave-Graham, N. P. Smart, Lattice attacks on digital signature schemes, 2001). The same is true of x, where
k = c·x + t and x is short, for any constants c and t: c·2^j for nonces with a common end, t for a common beginning.
Differences between the nonces remove the constant t; c, if it is not known, is one more unknown in addition to d.

A program that takes the lower of s and n − s negates some of the nonces: then no t but 0 is common.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple

from ..field import invert_all
from .exposure import Signed
from .lattice import Reduce, Rows, reduce_blocks


class Form(NamedTuple):
    """A way in which nonces are unevenly drawn: k = c·x + t, where x is short."""

    is_end: bool
    """Whether c is a power of two, and the nonces have a common end; else it is 1, and they have a common beginning."""
    has_constant: bool
    """Whether there is a t, the same for all; else t is 0, and each nonce may have either sign."""
    is_free: bool = False
    """Whether c is unknown."""
    is_positive: bool = False
    """Whether each nonce has the sign with which it was drawn."""


BEGINNING, END, MULTIPLE = Form(False, True), Form(True, True), Form(False, True, is_free=True)
ZEROS_FIRST, ZEROS_LAST, ZERO_OFFSET = Form(False, False), Form(True, False), Form(False, False, is_free=True)
SHORT, ROUND = Form(False, False, is_positive=True), Form(True, False, is_positive=True)

WORDS = {
    BEGINNING: "the nonces begin alike",
    END: "the nonces end alike",
    MULTIPLE: "the nonces are c·x + t mod n, with the same c and t, and a short x",
    ZEROS_FIRST: "the nonces, or their negatives, begin with zeros",
    ZEROS_LAST: "the nonces, or their negatives, end with zeros",
    SHORT: "the nonces begin with zeros",
    ROUND: "the nonces end with zeros",
    ZERO_OFFSET: "the nonces, or their negatives, are c·x mod n, with the same c, and a short x",
}

_IN_BLOCKS = 60
"""From so many signatures on, LLL alone leaves one bit too many."""
_FEW = 4
"""Up to so many signatures, all forms are tried: that each s is the lower one may be chance."""


def forms(signed: Sequence[Signed], n: int, *, is_all: bool) -> Sequence[Form]:
    """Return the forms to try: if each s is the lower one, those in which nonces have either sign.

    is_all: there are no more signatures, so that forms which need one signature less are tried, too.
    """
    is_low = all(int.from_bytes(one.s, "big") <= n // 2 for one in signed)
    if len(signed) <= _FEW:
        return (ZEROS_FIRST, ZEROS_LAST, SHORT, ROUND, BEGINNING, END)
    if is_low:
        return (ZEROS_FIRST, ZEROS_LAST, ZERO_OFFSET)
    return (BEGINNING, END, MULTIPLE, SHORT, ROUND) if is_all else (BEGINNING, END, MULTIPLE)


def bits(form: Form, count: int, n: int) -> int:
    """Return how many bits must be alike, or by how many x must be shorter than n, in so many signatures.

    It is what the unknowns need, and what reduction leaves above the shortest vector. How often it is enough was
    measured (docs/audit-archives.md): nearly always; for 48 signatures, and for 60 where c is not known, eight times in
    ten.
    """
    places = count - form.has_constant
    unknowns, is_one_sided = 1 + form.is_free, form.has_constant or form.is_positive
    if places <= unknowns:
        return n.bit_length()
    slack, per_place = (1.5, 0.012) if is_one_sided else (2.4, 0.02)
    slack += per_place * places * (0.65 if is_in_blocks(form, count) else 1)
    return min(n.bit_length(), ceil(unknowns * n.bit_length() / places + slack))


def is_in_blocks(form: Form, count: int) -> bool:
    """Whether the lattice of so many signatures is reduced in blocks, which takes four times as long."""
    return count >= _IN_BLOCKS and not form.is_free


def vectors(form: Form, signed: Sequence[Signed], n: int) -> tuple[list[int], list[int]]:
    """Return A and B with x = A·u + B·v mod n in each place, where u = d·v and v = 1/c.

    With a constant, it is x minus the first x; where x is positive, x minus the middle of its range.
    """
    alike = bits(form, len(signed), n)
    factor = pow(2, -alike, n) if form.is_end else 1
    inverses = invert_all([int.from_bytes(one.s, "big") for one in signed], n)
    A = [int(int.from_bytes(one.r, "big") * i * factor % n) for one, i in zip(signed, inverses, strict=True)]
    B = [int(int.from_bytes(one.e, "big") * i * factor % n) for one, i in zip(signed, inverses, strict=True)]
    if form.has_constant:
        return [(one - A[0]) % n for one in A[1:]], [(one - B[0]) % n for one in B[1:]]
    middle = form.is_positive << n.bit_length() - alike - 1
    return A, [(one - middle) % n for one in B]


def basis(form: Form, A: Sequence[int], B: Sequence[int], n: int, short: int) -> Rows:
    """Return rows that span the lattice of x. short: its bits.

    Where c is known, a last place, as large as x, keeps v at 1. Raises `ValueError` where c is not known, and A and B
    are multiples of each other, as those of equal signatures.
    """
    width = len(A)
    a = _unit(A, 0, n)
    b = [(y - B[0] * x) % n for x, y in zip(a, B, strict=True)]
    if form.is_free:
        b = _unit(b, 1, n)
        a = [(x - a[1] * y) % n for x, y in zip(a, b, strict=True)]
    rows = [a, b, *([n * (row == place) for place in range(width)] for row in range(1 + form.is_free, width))]
    if form.has_constant:
        rows = [[*_about_mean(row)] for row in rows]
        short += (width + 1).bit_length() - 2
    if not form.is_free:
        rows = [[*row, (row is rows[1]) << short - 1] for row in rows]
    return rows


def _about_mean(differences: Sequence[int]) -> Iterator[int]:
    """Yield each value minus the mean, times their number, from the differences to the first value."""
    total = sum(differences)
    yield -total
    yield from ((len(differences) + 1) * x - total for x in differences)


def _unit(vector: Sequence[int], place: int, n: int) -> list[int]:
    """Return the multiple mod n that has a 1 in this place."""
    inverse = pow(vector[place], -1, n)
    return [x * inverse % n for x in vector]


def candidates(form: Form, signed: Sequence[Signed], n: int, reduce: Reduce) -> Iterator[int]:
    """Yield candidates for d, if the nonces have this form: few, because each has to be tried.

    signed: with different r, more of them than there are unknowns, including t.
    """
    A, B = vectors(form, signed, n)
    try:
        rows = basis(form, A, B, n, n.bit_length() - bits(form, len(signed), n))
        reduced = reduce_blocks(rows, reduce) if is_in_blocks(form, len(signed)) else reduce(rows)
    except ValueError:
        return
    found = 0
    for row in reduced:
        x, y = ((row[place] - row[0]) // len(signed) for place in (1, 2)) if form.has_constant else row[:2]
        v = (A[0] * y - A[1] * x) % n
        if v and found < _TRIED:
            found += 1
            yield (x * B[1] - y * B[0]) * pow(v, -1, n) % n


_TRIED = 2
"""Short vectors of a reduced lattice that are tried: the one that gives d away is nearly always the first."""
