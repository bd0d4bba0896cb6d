"""The suite of vectors: what each case asks is asked once, and what is hard to make is as it claims to be."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import broken
import pytest
from faults import BROKEN

# isort: split
import offcurve
import reference
import secondcurve
from batches import Item
from pairs import Messages, Pair
from reference import SECP224K1, SECP256K1, G, N, P, add, cube_root, multiply, on_curve, times
from sums import ORDERS

from ecpure import vectors
from ecpure.curve import named
from ecpure.vectors.operations import OPERATIONS
from ecpure.vectors.schemas import Case

CURVES = {curve.name: curve for curve in (SECP224K1, SECP256K1)}
OF_FIRST_ALONE = {"generate", "login_key", "login_build", "login_verify"}
"""Operations that have no case on the second curve: new keys are in no file, and the login has one curve."""
LARGEST = 2 << 20
"""Octets of a file that people can still open."""


@cache
def suite() -> list[Case]:
    return broken.suite()


def of_class(flag: str, operation: str) -> list[Case]:
    return [case for case in suite() if flag in case.flags and case.request["operation"] == operation]


def test_no_question_is_asked_twice() -> None:
    """No two cases of the suite have the same request."""
    asked = Counter(json.dumps(case.request, sort_keys=True) for case in suite())
    assert [request for request, count in asked.items() if count > 1] == []


def test_files_are_of_a_sane_size() -> None:
    """No file of the suite is too large to be read by people and small programs."""
    assert {path: size for path in vectors.shipped() if (size := Path(path).stat().st_size) > LARGEST} == {}


@pytest.mark.parametrize(
    "operation",
    ["verify", *(pytest.param(name, marks=pytest.mark.long) for name in ("verify_digest", "login_verify", "multiply"))],
)
def test_keys_off_the_curve_pass_where_nobody_looks(operation: str) -> None:
    """The right answer is invalid; a program that is right but for looking at the point says valid."""
    cases = of_class("OffCurve", operation)
    assert cases
    for case in cases:
        assert case.expected == ({"result": "invalid"},)
        point = case.request["point" if operation == "multiply" else "public_key"]
        middle = 1 + len(point) // 2
        assert not on_curve((int(point[2:middle], 16), int(point[middle:], 16)), CURVES[case.request["curve"]])
    unchecked = [BROKEN[name] for name in BROKEN if "curve_unchecked" in name]
    assert all(any(list(broken.catching(program, [case])) for program in unchecked) for case in cases)


def test_every_verifying_file_has_keys_off_the_curve() -> None:
    """Each hash and each format: a program for one of them alone is found out too."""
    files = {case.file for case in suite() if case.request["operation"] == "verify" and not case.request.get("low_s")}
    assert {case.file for case in of_class("OffCurve", "verify")} == files


def test_every_entry_of_a_table_is_read() -> None:
    """For each octet, a signature is valid whose u1 is 28 times that octet."""
    found = set()
    for case in of_class("Table", "verify_digest"):
        r, s = (int(case.request["signature"][i : i + 58], 16) for i in (0, 58))
        u1 = reference.bits2int(bytes.fromhex(case.request["digest"])) * pow(s, -1, N) % N
        found.add(u1)
        assert case.expected == ({"result": "valid"},)
        assert r
    assert {int.from_bytes(bytes([octet]) * 28, "big") for octet in range(1, 256)} <= found


def test_points_of_other_curves_are_what_they_say() -> None:
    """Isomorphic ones have order n, the small orders are 2 and 3, and none is on the curve."""
    Q = offcurve.isomorphic("test")
    assert not on_curve(Q)
    assert times(N, Q) is None
    assert times(2, (5, 0)) is None
    assert times(3, (0, 5)) is None
    assert not any(on_curve(R) for _, R in offcurve.others())
    assert all(on_curve(R) and not on_curve(other) for _, R, other in offcurve.not_reduced())


def test_every_order_adds_up_to_the_same() -> None:
    """On the curve the orders of additions are one sum; off it they are not, so that each has cases of its own."""
    Q = multiply(7)
    assert {offcurve.in_order(order, Q, 5, 11) for order in ORDERS} == {add(multiply(5), multiply(77))}
    assert len({offcurve.in_order(order, offcurve.isomorphic("test"), 5 << 200, 11 << 200) for order in ORDERS}) > 1


def test_a_case_off_the_curve_that_does_not_pass_is_an_error() -> None:
    """The generator makes no case that would catch nobody."""
    with pytest.raises(AssertionError):
        offcurve._case(Messages("SHA-224"), "on the curve", G, b"", 1, 1)


def test_cube_roots_are_found() -> None:
    """A cube has one, and what is not a cube has none."""
    assert all(pow(cube_root(x**3 % P) or 0, 3, P) == x**3 % P for x in range(1, 20))
    assert {cube_root(a) is None for a in range(1, 40)} == {True, False}


def test_infinity_has_no_coordinates() -> None:
    """Where a generator is given infinity, it stops."""
    for function in (reference.x_of, reference.y_of):
        with pytest.raises(ZeroDivisionError):
            function(None)
    with pytest.raises(ZeroDivisionError):
        next(offcurve.summand(None, 1))


def test_an_item_of_a_batch_is_judged_by_the_definitions() -> None:
    """What has a wrong length, or another first octet, is not valid."""
    of = Messages("SHA-224")
    pair: Pair = of.signed("", "", 7, b"m")
    good = Item.of(pair)
    assert good.holds(of)
    assert not good._replace(key=b"\0").holds(of)
    assert not good._replace(signature=b"").holds(of)
    assert not good._replace(text=b"").holds(of)


@pytest.mark.parametrize("name", CURVES)
def test_the_reference_has_the_curves_of_the_package(name: str) -> None:
    """Both name the same parameters and lengths."""
    ours, theirs = CURVES[name], named(name)
    assert (ours.p, ours.b, ours.n, *ours.G) == (theirs.p, theirs.b, theirs.n, theirs.gx, theirs.gy)
    assert (ours.field_octets, ours.scalar_octets) == (theirs.field_octets, theirs.scalar_octets)
    assert ours.qlen == theirs.n.bit_length()
    assert on_curve(ours.G, ours)
    assert multiply(ours.n - 1, ours.G, ours) == reference.negative(ours.G, ours)


@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - OF_FIRST_ALONE))
def test_a_program_that_ignores_the_curve_is_caught(operation: str) -> None:
    """In each operation that names a curve, a program that always computes on secp224k1 is wrong."""
    cases = [case for case in suite() if case.request["curve"] == "secp256k1"]
    caught = [case for case in cases if case.request["operation"] == operation]
    assert list(broken.catching(BROKEN["request_curve_ignored"], caught))
    assert len(cases) == 120


def test_no_fault_of_one_curve_shows_on_the_other() -> None:
    """A program that is wrong on secp224k1 is right on secp256k1, and the other way round."""
    first, second = (
        [case for case in suite() if case.request["operation"] == "verify" and case.request["curve"] == name][:40]
        for name in CURVES
    )
    assert not list(broken.catching(BROKEN["accepts_all"], second))
    assert not list(broken.catching(BROKEN["second_curve_unchecked"], first))
    assert list(broken.catching(BROKEN["accepts_all"], first))


def test_a_case_of_the_second_curve_that_is_not_as_claimed_is_an_error() -> None:
    """The generator makes no case whose result is not the definitions'."""
    claimed = secondcurve.Signed("Ordinary", "a claim", b"", b"", 1, 1, valid=True)
    with pytest.raises(ValueError, match="a claim"):
        secondcurve._judged(claimed, "msg", b"", holds=False)
