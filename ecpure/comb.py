"""The comb: a table of multiples of one point that makes each further multiple a sum of table entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .errors import FaultDetected
from .group import Affine, Columns, Jacobian, double, normalise, odd_multiples_each
from .integers import modulus
from .values import Value


class Comb(Value):
    """The multiples of one point B of odd prime order n that make k·B a sum of table entries, without a doubling.

    With w the width and t the number of rows, an odd k in [1, 2^(wt) − 1] is Σ (2mᵢ − (2^w − 1))·2^(wi), where mᵢ are
    the digits to base 2^w of m = (k + 2^(wt) − 1)/2. Every such digit is odd, hence never 0, and every scalar takes one
    entry from every row. n is odd, so one of k and k + n serves.

    Row i holds (2m − (2^w − 1))·2^(wi)·B at index m. An entry (x, y) is the one integer x + y·2^⌈log₂ p⌉, which takes
    half the memory of two, and fewer cache lines.
    """

    __slots__ = ("_B", "_bias", "_bits", "_digit", "_n", "_p", "_rows", "_x_mask")

    _B: Affine
    _bias: int
    _bits: int
    _digit: int
    _n: int
    _p: int
    _rows: list[tuple[int, list[int]]]
    _x_mask: int

    def __init__(self, B: Affine, p: int, n: int, width: int = 8) -> None:
        # Below n, the odd multiples of B up to 2^w − 1 are distinct, none is infinity, and no sum of two of them is.
        width = min(width, n.bit_length() - 1)
        count = -(-(2 * n).bit_length() // width)
        bases: list[Jacobian] = [(*B, modulus(1))]  # 2^(wi)·B for row i
        while len(bases) < count:
            bases.append(double(bases[-1], width, p))
        table = odd_multiples_each(normalise(bases, p), 1 << width - 1, p)
        bits = p.bit_length()
        # Row i, index m: (2m − (2^w − 1))·2^(wi)·B. The negatives come first: −(2^w − 1), …, −3, −1, 1, 3, …, 2^w − 1.
        packed = ([x | p - y << bits for x, y in reversed(row)] + [x | y << bits for x, y in row] for row in table)
        self._set(_B=B, _p=p, _n=int(n), _bits=bits, _x_mask=modulus((1 << bits) - 1))
        self._set(_bias=(1 << width * count) - 1, _digit=(1 << width) - 1)
        self._set(_rows=list(zip(range(0, width * count, width), packed, strict=True)))

    def require_on_curve(self) -> None:
        """Raise `FaultDetected` unless every entry is on the curve y² = x³ + b that B is on."""
        p, bits, x_mask = self._p, self._bits, self._x_mask
        x, y = self._B
        b = (y * y - x * x * x) % p
        for _, row in self._rows:
            for entry in row:
                x, y = entry & x_mask, entry >> bits
                if (y * y - x * x * x - b) % p:
                    raise FaultDetected("table: an entry was off the curve; the machine may be faulty")

    def points(self, k: int) -> list[Affine]:
        """Return entries of the table, one from each row, whose sum is k·B, for k in [0, n − 1].

        Which entries are read depends on k; their number and order, and the steps taken, do not.
        """
        x_mask, bits, digit, m = self._x_mask, self._bits, self._digit, self._m(k)
        return [((entry := row[m >> shift & digit]) & x_mask, entry >> bits) for shift, row in self._rows]

    def rows(self, scalars: Sequence[int]) -> Iterator[Columns]:
        """Yield for each row the entries that the scalars take from it: k·B is the sum of a column."""
        x_mask, bits, digit = self._x_mask, self._bits, self._digit
        indices = [self._m(k) for k in scalars]
        for shift, row in self._rows:
            entries = [row[m >> shift & digit] for m in indices]
            yield [entry & x_mask for entry in entries], [entry >> bits for entry in entries]

    @property
    def width(self) -> int:
        """The width w: bits of a scalar that one row takes."""
        return self._digit.bit_length()

    def _m(self, k: int) -> int:
        """Return m = (k + 2^(wt) − 1)/2 for k in [0, n − 1], with k + n in place of an even k."""
        return ((k + self._n, k)[k & 1] + self._bias) >> 1


def rows_of_each(combs: Sequence[Comb], scalars: Sequence[int]) -> Iterator[Columns]:
    """Yield for each row the entry that each scalar takes from its own comb. All combs have the same width and n."""
    first = combs[0]
    x_mask, bits, digit = first._x_mask, first._bits, first._digit
    taken = [(comb._rows, comb._m(k)) for comb, k in zip(combs, scalars, strict=True)]
    for i, (shift, _) in enumerate(first._rows):
        entries = [rows[i][1][m >> shift & digit] for rows, m in taken]
        yield [entry & x_mask for entry in entries], [entry >> bits for entry in entries]
