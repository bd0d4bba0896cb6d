"""The comb: the entries that it reads sum to the multiple, whatever its width."""

from __future__ import annotations

import random

import pytest
from multiplying import CURVES, structured

from ecpure import SECP224K1, Curve, FaultDetected
from ecpure.comb import Comb, rows_of_each
from ecpure.group import INFINITY, Affine, Columns, add_all, affine_or_none, times


@pytest.mark.parametrize("width", [1, 2, 3, 5, 6, 7, 9, 10])
def test_combs_of_every_width_agree_and_are_even(width: int) -> None:
    """Whatever the width, a comb gives k·B, from one entry of each of its rows."""
    B = (0xC0FFEE * SECP224K1.G).coordinates
    comb = Comb(B, SECP224K1.field, SECP224K1.order, width)
    rng = random.Random(width)
    for k in [1, 2, SECP224K1.n - 1, 1 << 224, (1 << 224) - 1, *(rng.randrange(1, SECP224K1.n) for _ in range(20))]:
        assert len(comb.points(k)) == -(-226 // width)
        expected = affine_or_none(times(k, B, SECP224K1.field), SECP224K1.field)
        assert affine_or_none(add_all(INFINITY, comb.points(k), SECP224K1.field), SECP224K1.field) == expected


def columns_of(rows: list[Columns]) -> list[list[Affine]]:
    """Return what each scalar takes of all rows."""
    points = [zip(x, y, strict=True) for x, y in rows]
    return [list(column) for column in zip(*points, strict=True)]


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_the_comb_in_lockstep_reads_what_it_reads_alone(curve: Curve) -> None:
    """Row by row, for many scalars, the comb yields the entries that it gives for each."""
    scalars, comb = structured(curve), curve.comb
    rows = list(comb.rows(scalars))
    assert columns_of(rows) == [comb.points(k) for k in scalars]
    assert list(comb.rows([])) == [([], [])] * len(rows)


@pytest.mark.parametrize("curve", CURVES, ids=repr)
@pytest.mark.parametrize("width", [3, 8])
def test_combs_of_many_points_in_lockstep_read_what_each_reads_alone(curve: Curve, width: int) -> None:
    """Row by row, each scalar takes the entry of its own comb that it takes alone; combs may come again."""
    combs = [Comb((i * curve.G).coordinates, curve.field, curve.order, width) for i in (1, 2, 3, 77)]
    scalars = structured(curve)
    chosen = [combs[i * i % 4 + i % 3] for i in range(len(scalars))]
    rows = list(rows_of_each(chosen, scalars))
    assert len(rows) == -(-(curve.n.bit_length() + 1) // width)
    assert columns_of(rows) == [comb.points(k) for comb, k in zip(chosen, scalars, strict=True)]
    for bad in (scalars[:-1], [*scalars, 1]):
        with pytest.raises(ValueError, match="zip"):
            list(rows_of_each(chosen, bad))


def test_a_comb_tells_its_width() -> None:
    """It is the one that was asked for, or a smaller one where a small group asks for less."""
    B, p, n = SECP224K1.G.coordinates, SECP224K1.field, SECP224K1.order
    assert [Comb(B, p, n, width).width for width in (1, 3, 10)] == [1, 3, 10]
    assert Comb(B, p, n).width == 8
    assert Curve(name="toy", p=13, b=2, n=19, gx=1, gy=4).comb.width == 4


def test_comb_reads_one_entry_of_every_row_whatever_the_scalar() -> None:
    """A comb of width 8 on secp224k1 has 29 rows, and each scalar takes one entry of each and skips no row."""
    comb = Comb(SECP224K1.G.coordinates, SECP224K1.field, SECP224K1.order)
    rng = random.Random(2)
    for k in [0, 1, 2, SECP224K1.n - 1, 1 << 224, *(rng.randrange(SECP224K1.n) for _ in range(50))]:
        points = comb.points(k)
        assert len(points) == 29
        assert None not in points


def test_a_table_with_any_entry_off_the_curve_is_noticed() -> None:
    """Of every entry each coordinate counts; the table as it was built passes."""
    comb = Comb(SECP224K1.G.coordinates, SECP224K1.field, SECP224K1.order, 2)
    comb.require_on_curve()
    for _, row in comb._rows:
        for index in range(len(row)):
            for bit in (0, 223, 224, 447):
                row[index] ^= 1 << bit
                with pytest.raises(FaultDetected, match="off the curve"):
                    comb.require_on_curve()
                row[index] ^= 1 << bit
    comb.require_on_curve()
