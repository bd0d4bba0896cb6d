"""Biased nonces: signatures give the key away from as many bits on as is said, in every form, on both curves."""

from __future__ import annotations

import random

import pytest
from biased import Signer, Weak

from ecpure import SECP224K1, SECP256K1, Curve
from ecpure.audit import bias
from ecpure.audit.bias import Form, bits, candidates, forms
from ecpure.audit.lattice import best, reduce

KINDS = {
    bias.BEGINNING: "begin alike",
    bias.END: "end alike",
    bias.MULTIPLE: "multiple",
    bias.SHORT: "zeros first",
    bias.ROUND: "zeros last",
    bias.ZEROS_FIRST: "zeros first",
    bias.ZEROS_LAST: "zeros last",
    bias.ZERO_OFFSET: "zeros first",
}
_, LIBRARY = best()


def found(form: Form, more: int, count: int, curve: Curve = SECP224K1) -> bool:
    """Whether a key is found by so many signatures, whose nonces are biased by that many bits more than is said."""
    takes_low_s = not (form.has_constant or form.is_positive)
    signer = Signer(Weak(KINDS[form], bits(form, count, curve.n) + more, takes_low_s), random.Random(), curve)
    return signer.d in candidates(form, signer.rows(count), curve.n, reduce if count <= 12 else LIBRARY)


@pytest.mark.parametrize("form", KINDS)
@pytest.mark.parametrize(
    ("curve", "count"),
    [
        (SECP224K1, 6),
        (SECP256K1, 6),
        pytest.param(SECP224K1, 12, marks=pytest.mark.long),
        pytest.param(SECP256K1, 12, marks=pytest.mark.long),
    ],
    ids=str,
)
def test_a_key_is_found_from_as_many_bits_on_as_is_said(form: Form, curve: Curve, count: int) -> None:
    """With one more it is all but certain; of four tries, three are enough here."""
    assert sum(found(form, 1, count, curve) for _ in range(4)) >= 3


@pytest.mark.parametrize("form", KINDS)
def test_less_is_not_found(form: Form) -> None:
    """What is said is the edge, and five bits beyond it there is nothing."""
    assert sum(found(form, -5, 6) for _ in range(4)) <= 1


@pytest.mark.parametrize(
    ("form", "count"), [(bias.BEGINNING, 17), (bias.END, 17), (bias.MULTIPLE, 33), (bias.ZEROS_FIRST, 17)]
)
def test_sixteen_bits(form: Form, count: int) -> None:
    """Are what our own reduction is for; here the library's does it, where there is one."""
    assert bits(form, count, SECP224K1.n) <= 16
    if LIBRARY is reduce and count > 17:
        pytest.skip("ten seconds without python-flint")
    assert any(found(form, 1, count) for _ in range(3))


@pytest.mark.long
@pytest.mark.parametrize(("form", "count"), [(bias.BEGINNING, 17), (bias.END, 17), (bias.MULTIPLE, 33)])
def test_sixteen_bits_by_our_own_reduction(form: Form, count: int) -> None:
    """As where nothing is installed."""
    signer = Signer(Weak(KINDS[form], 17), random.Random())
    assert signer.d in candidates(form, signer.rows(count), SECP224K1.n, reduce)


@pytest.mark.long
@pytest.mark.parametrize(
    ("form", "count"), [(bias.BEGINNING, 33), (bias.BEGINNING, 48), (bias.ZEROS_FIRST, 60), (bias.MULTIPLE, 60)]
)
def test_few_bits_by_a_library(form: Form, count: int) -> None:
    """Nine bits by 33 signatures, seven by 48 or, where the lower s is taken, by 60.

    At the edge they are found seven times in ten at least: fewer than three in eight would hardly be chance.
    """
    pytest.importorskip("flint")
    assert sum(found(form, 0, count) for _ in range(8)) >= 3


@pytest.mark.parametrize("form", [bias.BEGINNING, pytest.param(bias.END, marks=pytest.mark.long)])
def test_six_bits_by_sixty_signatures(form: Form) -> None:
    """Where the reduction goes on in blocks."""
    pytest.importorskip("flint")
    assert bits(form, 60, SECP224K1.n) == 6
    assert any(found(form, 0, 60) for _ in range(4))  # nine times in ten each


def test_blocks_are_for_many_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a number on, where c is known; any reduction does for it."""
    monkeypatch.setattr(bias, "_IN_BLOCKS", 8)
    assert sum(found(bias.BEGINNING, 1, 8) for _ in range(4)) >= 3
    assert [bias.is_in_blocks(bias.MULTIPLE, 8), bias.is_in_blocks(bias.END, 8), bias.is_in_blocks(bias.END, 7)] == [
        False,
        True,
        False,
    ]


def test_even_nonces_give_nothing_away() -> None:
    """What comes of the reduction then is not the key."""
    signer = Signer(Weak("even", 0), random.Random())
    for form in KINDS:
        assert signer.d not in candidates(form, signer.rows(6), SECP224K1.n, reduce)


def test_which_forms_are_looked_for() -> None:
    """Where each s is the lower one, nonces may have either sign; of few signatures nothing is known."""
    low, high = Signer(Weak("even", 0, True), random.Random()), Signer(Weak("even", 0), random.Random())
    n = SECP224K1.n
    both = [row for row in high.rows(60) if int.from_bytes(row.s, "big") > n // 2][:5]
    assert bias.BEGINNING not in forms(low.rows(5), n, is_all=True)
    assert bias.ZEROS_FIRST in forms(low.rows(5), n, is_all=False)
    assert bias.ZEROS_FIRST not in forms(both, n, is_all=False)
    assert bias.SHORT in forms(both, n, is_all=True)
    assert bias.SHORT not in forms(both, n, is_all=False)
    assert {*forms(both[:4], n, is_all=False)} >= {bias.ZEROS_FIRST, bias.BEGINNING, bias.SHORT}
    assert bits(bias.BEGINNING, 2, n) == bits(bias.MULTIPLE, 3, n) == n.bit_length()


def test_signatures_that_are_the_same_give_nothing() -> None:
    """The lattice has no basis of this kind then; nothing is raised."""
    signer = Signer(Weak("zeros first", 100), random.Random())
    one = signer.rows(1)[0]
    for form in KINDS:
        assert not [*candidates(form, [one] * 5, SECP224K1.n, reduce)]
