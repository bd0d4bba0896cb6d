"""Nonces that are not evenly drawn, found as what an attacker finds them by: a lattice's short vector.

A signature says k = A·d + B mod n, with A = r/s and B = e/s. The vectors (k₁ … k_m) that some d could have made are a
lattice with (n, 0 … 0) and so on, in which one that is much shorter than the others gives d away (N. A.
Howgrave-Graham, N. P. Smart, Lattice attacks on digital signature schemes, 2001). So it is with x, where k = c·x + t
and x is short, for any constants c and t: c·2^j for nonces with a common end, and t for a common beginning.
Differences between the nonces take the constant t away; c, where it is unknown, is one more unknown beside d.

A program that takes the lower of s and n − s negates some of the nonces: then there is no common t, except for 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple

from ..field import invert_all
from .exposure import Signed
from .lattice import Reduce, Rows, reduce_blocks


class Form(NamedTuple):
    """A way in which nonces are not evenly drawn: k = c·x + t, where x is short."""

    is_end: bool
    """c is a power of two: the nonces have a common end; else it is 1, and they have a common beginning."""
    has_constant: bool
    """There is a t, the same for all; else t is 0, and the sign of each nonce may be either."""
    is_free: bool = False
    """c is not known."""
    is_positive: bool = False
    """The sign of each nonce is the one that was drawn."""


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
"""Signatures from which LLL alone leaves a bit too many."""
_FEW = 4
"""Signatures up to which all forms are looked for: that each s is the lower one may be chance."""


def forms(signed: Sequence[Signed], n: int, *, is_all: bool) -> Sequence[Form]:
    """Return the forms to look for: if each s is the lower one, those in which nonces have either sign.

    is_all: there are no more signatures, so that those forms count which need one less.
    """
    is_low = all(int.from_bytes(one.s, "big") <= n // 2 for one in signed)
    if len(signed) <= _FEW:
        return (ZEROS_FIRST, ZEROS_LAST, SHORT, ROUND, BEGINNING, END)
    if is_low:
        return (ZEROS_FIRST, ZEROS_LAST, ZERO_OFFSET)
    return (BEGINNING, END, MULTIPLE, SHORT, ROUND) if is_all else (BEGINNING, END, MULTIPLE)


def bits(form: Form, count: int, n: int) -> int:
    """Return how many bits have to be alike, or how much shorter x has to be than n, in so many signatures.

    It is what the number of unknowns asks for, and what reduction falls short of the shortest vector. How often that is
    enough was measured (docs/audit-archives.md): nearly always, but for 48 signatures, and for 60 where c is not known.
    """
    places = count - form.has_constant
    unknowns, is_one_sided = 1 + form.is_free, form.has_constant or form.is_positive
    if places <= unknowns:
        return n.bit_length()
    slack, per_place = (1.5, 0.012) if is_one_sided else (2.4, 0.02)
    slack += per_place * places * (0.65 if is_in_blocks(form, count) else 1)
    return min(n.bit_length(), ceil(unknowns * n.bit_length() / places + slack))


def is_in_blocks(form: Form, count: int) -> bool:
    """Return whether the lattice of so many signatures is reduced in blocks, which takes four times as long."""
    return count >= _IN_BLOCKS and not form.is_free


def vectors(form: Form, signed: Sequence[Signed], n: int) -> tuple[list[int], list[int]]:
    """Return A and B, for which x = A·u + B·v mod n in each place, with u = d·v and v = 1/c.

    It is x less the first x where there is a constant, and x less the middle of its range where x is positive.
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

    Where c is known, a last place keeps v at 1: it is as large there as x is. Raises `ValueError` where A and B are
    multiples of each other, as those of signatures that are the same.
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
    """Yield, for differences from a first one, what each of all is above their mean, so often as there are."""
    total = sum(differences)
    yield -total
    yield from ((len(differences) + 1) * x - total for x in differences)


def _unit(vector: Sequence[int], place: int, n: int) -> list[int]:
    """Return the multiple that has a 1 in this place."""
    inverse = pow(vector[place], -1, n)
    return [x * inverse % n for x in vector]


def candidates(form: Form, signed: Sequence[Signed], n: int, reduce: Reduce) -> Iterator[int]:
    """Yield what d may be, if the nonces are of this form: few, for each has to be tried.

    signed: with different r, more by one than the unknowns, t among them.
    """
    A, B = vectors(form, signed, n)
    try:
        rows = basis(form, A, B, n, n.bit_length() - bits(form, len(signed), n))
        reduced = reduce_blocks(rows, reduce) if is_in_blocks(form, len(signed)) else reduce(rows)
        determinant = pow(A[0] * B[1] - A[1] * B[0], -1, n)
    except ValueError:
        return
    found = 0
    for row in reduced:
        x, y = ((row[place] - row[0]) // len(signed) for place in (1, 2)) if form.has_constant else row[:2]
        u, v = (x * B[1] - y * B[0]) * determinant % n, (A[0] * y - A[1] * x) * determinant % n
        if v and found < _TRIED:
            found += 1
            yield u * pow(v, -1, n) % n


_TRIED = 2
"""Short vectors of a reduced lattice that are tried: the one that gives d away is nearly always the first."""
