"""Biased nonces: signatures give the key away from as many bits on as is said, in every form, on both curves."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from biased import Signer, Weak

from ecpure import SECP224K1, SECP256K1, Curve
from ecpure.audit import bias
from ecpure.audit.bias import Form, bits, candidates, forms
from ecpure.audit.exposure import Signed
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


def signatures(form: Form, count: int, curve: Curve = SECP224K1) -> tuple[Signer, list[Signed]]:
    """Return a signer with nonces of this form, and signatures of it."""
    signer = Signer(Weak(KINDS[form], bits(form, count, curve.n)), random.Random(), curve)
    return signer, signer.rows(count)


@pytest.mark.parametrize("form", KINDS)
@pytest.mark.parametrize("curve", [SECP224K1, SECP256K1], ids=str)
def test_vectors_give_the_nonces(form: Form, curve: Curve) -> None:
    """A·d + B is k/c mod n in each place: less the first, where there is a t; less the middle of its range, if any."""
    signer, signed = signatures(form, 7, curve)
    n, alike = curve.n, bits(form, 7, curve.n)
    x = [k * pow(2, -alike * form.is_end, n) % n for k in signer.nonces]
    if form.has_constant:
        x = [(one - x[0]) % n for one in x[1:]]
    if form.is_positive:
        x = [(one - (1 << n.bit_length() - alike) // 2) % n for one in x]
    A, B = bias.vectors(form, signed, n)
    assert [(a * signer.d + b) % n for a, b in zip(A, B, strict=True)] == x
    assert all(type(one) is int and 0 <= one < n for one in (*A, *B))


@pytest.mark.parametrize("form", KINDS)
@pytest.mark.parametrize(("count", "longer"), [(6, 1), (7, 1), (8, 2), (17, 3)])
def test_rows_span_the_lattice(form: Form, count: int, longer: int) -> None:
    """Rows of A and of B with as many zeros as unknowns allow, and n in every other place; where c is known, a last
    place is as large as the others, which are about `longer` bits longer where they are distances from the mean.
    """
    n = SECP224K1.n
    A, B = bias.vectors(form, signatures(form, count)[1], n)
    rows = bias.basis(form, A, B, n, 100)
    if not form.is_free:
        last = 1 << 99 + longer * form.has_constant
        assert [row.pop() for row in rows] == [0, last, *[0] * (len(A) - 1)]
    if form.has_constant:
        assert all(sum(row) == 0 and not (row[1] - row[0]) % count for row in rows)
        rows = [[(one - row[0]) // count for one in row[1:]] for row in rows]
    a, b, *moduli = rows
    inverse = pow(A[0], -1, n)
    if form.is_free:
        assert (a[:2], b[:2]) == ([1, 0], [0, 1])
        assert all((A[0] * x + A[1] * y - z) % n == 0 for x, y, z in zip(a, b, A, strict=True))
        assert all((B[0] * x + B[1] * y - z) % n == 0 for x, y, z in zip(a, b, B, strict=True))
    else:
        assert a == [one * inverse % n for one in A]
        assert b == [(y - B[0] * x) % n for x, y in zip(a, B, strict=True)]
    first = 1 + form.is_free
    assert moduli == [[n * (row == place) for place in range(len(A))] for row in range(first, len(A))]


@pytest.mark.parametrize("form", KINDS)
def test_two_rows_are_tried(form: Form) -> None:
    """In the order in which the reduction has them; one without v says nothing of d."""
    n = SECP224K1.n
    _, signed = signatures(form, 6)
    A, B = bias.vectors(form, signed, n)

    def row(u: int, v: int) -> list[int]:
        x = [(u * a + v * b) % n for a, b in zip(A, B, strict=True)]
        return [-sum(x), *(6 * one - sum(x) for one in x)] if form.has_constant else x

    def reduced(_: object) -> list[list[int]]:
        return [row(1, 0), row(6, 2), row(3, 0), row(5, 1), row(9, 1)]

    assert [*candidates(form, signed, n, reduced)] == [3, 5]


@pytest.mark.parametrize("form", KINDS)
@pytest.mark.parametrize("in_blocks", [False, True])
def test_what_is_reduced(form: Form, in_blocks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the basis with as many bits as x has, in blocks from a number of signatures on."""
    n = SECP224K1.n
    _, signed = signatures(form, 7)
    given: list[tuple[str, object]] = []

    def whole(rows: Sequence[Sequence[int]]) -> list[list[int]]:
        given.append(("whole", rows))
        return []

    def blocks(rows: Sequence[Sequence[int]], reduce: object) -> list[list[int]]:
        assert reduce is whole
        given.append(("blocks", rows))
        return []

    monkeypatch.setattr(bias, "_IN_BLOCKS", 7 if in_blocks else 8)
    monkeypatch.setattr(bias, "reduce_blocks", blocks)
    expected = bias.basis(form, *bias.vectors(form, signed, n), n, n.bit_length() - bits(form, 7, n))
    assert [*candidates(form, signed, n, whole)] == []
    assert given == [("blocks" if in_blocks and not form.is_free else "whole", expected)]


def test_forms_are_all_different() -> None:
    """A common end or beginning, a constant t or either sign, an unknown c, the sign with which it was drawn."""
    assert [tuple(map(bool, form)) for form in bias.WORDS] == [
        (False, True, False, False),
        (True, True, False, False),
        (False, True, True, False),
        (False, False, False, False),
        (True, False, False, False),
        (False, False, False, True),
        (True, False, False, True),
        (False, False, True, False),
    ]


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        ((bias.BEGINNING, bias.END), [225, 225, 115, 77, 58, 34, 16, 9, 7, 7, 6, 5, 5]),
        ((bias.MULTIPLE,), [225, 225, 225, 152, 115, 66, 30, 16, 12, 10, 10, 9, 7]),
        ((bias.ZEROS_FIRST, bias.ZEROS_LAST), [225, 115, 78, 59, 48, 31, 16, 10, 9, 8, 7, 7, 7]),
        ((bias.ZERO_OFFSET,), [225, 225, 153, 115, 93, 59, 30, 17, 13, 12, 12, 10, 9]),
        ((bias.SHORT, bias.ROUND), [225, 115, 77, 58, 47, 30, 15, 9, 7, 7, 6, 5, 5]),
    ],
)
def test_bits_that_are_said(forms: tuple[Form, ...], expected: list[int]) -> None:
    """docs/audit-archives.md has how often they were enough."""
    counts = (1, 2, 3, 4, 5, 8, 17, 33, 48, 59, 60, 80, 200)
    for form in forms:
        assert [bits(form, count, SECP224K1.n) for count in counts] == expected


def test_blocks_begin_at_sixty() -> None:
    assert [bias.is_in_blocks(bias.BEGINNING, count) for count in (59, 60, 61)] == [False, True, True]


def test_forms_by_number_and_by_size_of_s() -> None:
    """(n − 1)/2 is the largest s that is the lower one."""
    n = SECP224K1.n
    low, high = n // 2, n // 2 + 1

    def looked_for(count: int, s: int, *, is_all: bool = False) -> Sequence[Form]:
        signed = Signer(Weak("even", 0, True), random.Random()).rows(count)
        return forms([*signed[1:], signed[0]._replace(s=s.to_bytes(29, "big"))], n, is_all=is_all)

    few = (bias.ZEROS_FIRST, bias.ZEROS_LAST, bias.SHORT, bias.ROUND, bias.BEGINNING, bias.END)
    assert looked_for(4, low) == looked_for(4, high) == few
    assert looked_for(3, low) == looked_for(3, high, is_all=True) == few
    assert (
        looked_for(5, low) == looked_for(5, low, is_all=True) == (bias.ZEROS_FIRST, bias.ZEROS_LAST, bias.ZERO_OFFSET)
    )
    assert looked_for(5, high) == (bias.BEGINNING, bias.END, bias.MULTIPLE)
    assert looked_for(5, high, is_all=True) == (bias.BEGINNING, bias.END, bias.MULTIPLE, bias.SHORT, bias.ROUND)
