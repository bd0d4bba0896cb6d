"""The base point: its multiples are right, and its table grows with its uses."""

from __future__ import annotations

import pytest
from multiplying import CURVES, fresh_curve, structured

from ecpure import Curve, FaultDetected
from ecpure.basepoint import BasePoint
from ecpure.group import INFINITY, add_all, affine_or_none, times


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_comb_and_endomorphism_agree_with_doubling_and_adding(curve: Curve) -> None:
    """k·G by the comb and by the endomorphism is k·G by the definition, for every structured k."""
    G = curve.G.coordinates
    p = curve.field
    for k in structured(curve):
        expected = affine_or_none(times(k, G, p), p)
        assert k == 0 or curve.base.multiply_secret(k) == expected
        assert affine_or_none(add_all(INFINITY, curve.comb.points(k), p), p) == expected
        assert affine_or_none(curve.endomorphism.multiply_vartime(k, G), p) == expected


def test_the_table_for_G_grows_with_its_uses() -> None:
    """Few uses build a small table, more a larger one, with equal results; one is kept at a time."""
    curve = fresh_curve()
    k = 0x1234567 << 100
    expected = affine_or_none(times(k, curve.G.coordinates, curve.field), curve.field)
    sums = []
    for uses in (0, 1, 198, 1, 1, 798, 1, 1, 100_000):
        comb = curve.base.for_uses(uses)
        assert affine_or_none(add_all(INFINITY, comb.points(k), curve.field), curve.field) == expected
        sums.append(len(comb.points(k)))
    assert sums == [46, 46, 46, 46, 29, 29, 29, 23, 23]
    assert curve.comb is curve.comb
    fresh = fresh_curve()
    assert {len(fresh.comb.points(k)) for _ in range(200)} == {46}
    assert len(fresh.comb.points(k)) == 29
    signer = fresh_curve().base
    assert len(signer.for_uses(199).points(k)) == 46
    signer.multiply_secret(k)
    assert len(signer.for_uses(0).points(k)) == 46
    assert signer.for_uses(0) is signer.for_uses(0)
    signer.renew()
    assert len(signer.for_uses(0).points(k)) == 46
    unused = fresh_curve().base
    unused.renew()
    assert len(unused.for_uses(0).points(k)) == 46
    signer.multiply_secret(k)
    assert len(signer.for_uses(0).points(k)) == 29
    assert len(BasePoint(curve.G.coordinates, curve.field, curve.order).for_uses(200).points(k)) == 46


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_no_multiple_of_0_mod_n_is_given(curve: Curve) -> None:
    """0 and multiples of n give infinity, which has no coordinates: `ZeroDivisionError`; and the next use is right."""
    for k in (0, curve.n, 5 * curve.n, (3 << 13 | 1) * curve.n):
        with pytest.raises(ZeroDivisionError):
            curve.base.multiply_secret(k)
        assert curve.base.multiply_secret(k + 1) == curve.G.coordinates


def test_one_walk_serves_one_use_after_another() -> None:
    """No walk is drawn before the first use, and no other is drawn while the one that there is comes back."""
    base = fresh_curve().base
    assert base._walks == []
    base.multiply_secret(1)
    (walk,) = base._walks
    for k in range(1, 20):
        base.multiply_secret(k)
        assert base._walks == [walk]


def test_a_table_that_proves_wrong_while_masks_are_drawn_is_made_anew() -> None:
    """For any caller of the multiple: it is told once, and the next use is right."""
    base = fresh_curve().base
    expected = base.multiply_secret(5)
    base._walks.clear()
    for _, row in base._comb._rows:
        row[:] = [entry ^ 1 << 100 for entry in row]
    with pytest.raises(FaultDetected, match="withheld"):
        base.multiply_secret(5)
    assert base.multiply_secret(5) == expected
