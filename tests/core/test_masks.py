"""Masks: no two uses share one, and what hides a scalar is longer than it."""

from __future__ import annotations

from itertools import pairwise
from types import FrameType
from typing import Any

import pytest
from multiplying import CURVES, call_traced, fresh_curve
from oracle import Group

from ecpure import SECP224K1, Curve, FaultDetected, masks
from ecpure.comb import Comb
from ecpure.group import affine_or_none, times
from ecpure.integers import modulus
from ecpure.masks import STEPS, USES, Mask, Walk, draw

TOY = Group(13, 2)


def test_every_secret_multiple_has_a_mask_of_its_own() -> None:
    """k·G is right whatever the mask and the length of k; masks never repeat, U = u·G, and its Z is no constant."""
    curve = fresh_curve()
    base, p = curve.base, curve.field
    k = 0x1234567 << 100
    expected = affine_or_none(times(k, curve.G.coordinates, p), p)
    seen: list[Mask] = []
    for uses in range(250):
        assert base.multiply_secret(k + uses % 3 * curve.n) == expected
        (walk,) = base._walks
        mask = walk._mask
        assert (mask.u + mask.minus_u) % curve.n == 0
        assert all(0 <= c < p for c in mask.U)
        seen.append(mask)
    assert len({mask.u for mask in seen}) == len({mask.U[2] for mask in seen}) == 250
    assert USES == 128  # as the pages say
    for masks_of_one in (seen[:USES], seen[USES:]):
        assert len({(mask.u - later.u) % curve.n for mask, later in pairwise(masks_of_one)}) == 8
    assert all(later.u - mask.u == walk._steps[mask.U[0] & 7].v for mask, later in pairwise(seen[USES:]))
    for mask in seen[::25]:
        assert affine_or_none(mask.U, p) == affine_or_none(times(int(mask.u), curve.G.coordinates, p), p)


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_what_hides_a_masked_scalar_is_longer_than_it_and_never_the_same(curve: Curve) -> None:
    """A drawn mask is reduced, and a random multiple of n, of U's length, is added before k − u is."""
    n, p = curve.order, curve.field
    walk = draw(curve.base.for_uses(1), p, n)
    mask = walk._mask
    assert mask.u + mask.minus_u == n
    assert all(0 <= c < p for c in mask.U)
    assert [step.v + step.minus_v for step in walk._steps] == [n] * 8
    hidden: list[int] = []

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code is not Mask.subtracted_from.__code__:
            return None
        if event == "return":
            hidden.append(int(frame.f_locals["hidden"]))
        return trace

    for _ in range(20):
        call_traced(trace, curve.base.multiply_secret, 5)
    assert len(set(hidden)) == 20
    assert all(number % n == 0 for number in hidden)
    assert min(hidden).bit_length() > 2 * curve.n.bit_length() - 70


def toy_walk() -> Walk:
    """Return a walk on the toy group, whose multiples are known."""
    G = TOY.points[1]
    assert G is not None
    return draw(Comb(G, modulus(TOY.p), TOY.n), modulus(TOY.p), modulus(TOY.n))


def test_a_drawn_mask_and_its_steps_are_multiples_of_the_base_point() -> None:
    """U = u·B and V = v·B, with u and v in [1, n − 1] and their negatives beside them; Z is drawn as well."""
    zs = set()
    for _ in range(40):
        walk = toy_walk()
        mask = walk._mask
        assert 1 <= mask.u < TOY.n
        assert mask.minus_u == TOY.n - mask.u
        assert affine_or_none(mask.U, TOY.p) == TOY.points[mask.u]
        assert mask.U[2] ** 3 % TOY.p == mask.U[3] ** 2 % TOY.p
        assert len(walk._steps) == STEPS
        for step in walk._steps:
            assert (1 <= step.v < TOY.n, step.minus_v) == (True, TOY.n - step.v)
            assert step.V == TOY.points[step.v]
        zs.add(int(mask.U[3] * pow(mask.U[2], -1, TOY.p) % TOY.p))
    assert len(zs) > 5


def test_a_walk_goes_on_by_the_step_that_the_mask_chooses() -> None:
    """Each mask is the one before and a step, and so are −u and U; no mask is changed by what comes after it."""
    walk = toy_walk()
    for _ in range(200):
        before = walk._mask
        seen = before.u, before.minus_u, before.U
        mask = walk.next()
        step = walk._steps[int(before.U[0] % STEPS)]
        assert walk._mask is mask
        assert (mask.u, mask.minus_u) == (before.u + step.v, before.minus_u + step.minus_v)
        assert affine_or_none(mask.U, TOY.p) == TOY.points[mask.u % TOY.n]
        assert (before.u, before.minus_u, before.U) == seen


def test_a_mask_is_subtracted_from_every_scalar() -> None:
    """The result is (k − u) mod n and Python's own, for k of any length; a changed u or −u is a fault."""
    n = modulus(TOY.n)
    walk = toy_walk()
    for k in range(5 * TOY.n):
        mask = walk.next()
        found = mask.subtracted_from(modulus(k), n)
        assert type(found) is int
        assert found == (k - mask.u) % TOY.n
        for u, minus_u in ((1, 0), (0, 1), (5, TOY.n - 4)):
            wrong = Mask(mask.u + u, mask.minus_u + minus_u, mask.U)
            with pytest.raises(FaultDetected, match="changed in memory, and the result is withheld"):
                wrong.subtracted_from(modulus(k), n)


def test_a_walk_ends_and_the_next_shares_nothing_with_it() -> None:
    """After as many uses as it has, another is drawn, with another first mask and other steps; results stay right."""
    base = fresh_curve().base
    expected = base.multiply_secret(5)
    (walk,) = base._walks
    for _ in range(USES - 1):
        assert walk.goes_on()
        assert base.multiply_secret(5) == expected
        assert base._walks == [walk]
    assert not walk.goes_on()
    assert max(walk._mask.u, walk._mask.minus_u).bit_length() <= SECP224K1.n.bit_length() + 8
    assert base.multiply_secret(5) == expected
    (after,) = base._walks
    assert after is not walk
    assert after.goes_on()
    assert not {int(step.v) for step in after._steps} & {int(step.v) for step in walk._steps}


def test_a_walk_is_of_the_process_that_drew_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a fork it is not; what the child draws is its own."""
    walk = toy_walk()
    assert walk.goes_on()
    monkeypatch.setattr(masks, "_forks", masks._forks + 1)
    assert not walk.goes_on()
    assert toy_walk().goes_on()


class Noting(int):
    """A number that notes what it is added to, subtracted from, or reduces, and is never the first term itself."""

    met: list[int] = []  # noqa: RUF012  # one list for all

    def __radd__(self, other: int) -> int:
        self.met.append(other)
        return other + int(self)

    def __rsub__(self, other: int) -> int:
        self.met.append(other)
        return other - int(self)

    def __rmod__(self, other: int) -> int:
        self.met.append(other)
        return other % int(self)

    def __add__(self, _: int) -> int:
        raise AssertionError

    __sub__ = __add__


@pytest.mark.parametrize("k", [1, 2, SECP224K1.n - 1, (3 << 13 | 1) * SECP224K1.n + 5])
def test_a_scalar_meets_only_numbers_that_are_longer(k: int) -> None:
    """To whatever k is added, from whatever it is subtracted, and whatever is reduced mod n has twice the length of n,
    in every order of the terms: no sum on the way is as long as k makes it, and no quotient tells whether k < u."""
    n, U = SECP224K1.n, SECP224K1.G.coordinates
    mask = Mask(5, n - 5, (int(U[0]), int(U[1]), 1, 1))
    Noting.met.clear()
    assert mask.subtracted_from(Noting(k), Noting(n)) == (k - 5) % n
    assert len(Noting.met) == 4
    assert min(number.bit_length() for number in Noting.met) == (mask.U[0] * n).bit_length() == 448
