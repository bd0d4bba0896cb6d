"""Faults in the middle of signing: what is wrong is withheld; and who only verifies loads no signing code."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from multiplying import fresh_curve

from ecpure import SECP224K1, FaultDetected, PrivateKey, PublicKey, Signature, field, group, integers, signing
from ecpure.basepoint import BasePoint
from ecpure.comb import Comb
from ecpure.masks import Mask

D, MESSAGE = 0xC0FFEE << 180, b"message"


def rows_of(comb: Comb) -> list[tuple[int, list[int]]]:
    return comb._rows


def test_a_table_with_a_flipped_bit_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each entry is checked to be on the curve when the table is built, and again when it grows."""
    build = Comb.__init__

    def spoilt(self: Comb, *arguments: Any) -> None:
        build(self, *arguments)
        rows_of(self)[7][1][3] ^= 1 << 100

    monkeypatch.setattr(Comb, "__init__", spoilt)
    with pytest.raises(FaultDetected, match="off the curve"):
        PrivateKey.from_int(D, curve=fresh_curve()).sign(MESSAGE)
    monkeypatch.undo()
    growing = BasePoint(SECP224K1.G.coordinates, SECP224K1.field, SECP224K1.order)
    growing.for_uses(1)
    monkeypatch.setattr(Comb, "__init__", spoilt)
    with pytest.raises(FaultDetected, match="off the curve"):
        growing.for_uses(1000)


@pytest.mark.parametrize("bit", [0, 1, 100, 223, 224, 300, 447])
def test_a_bit_that_flips_in_the_table_later_is_noticed(bit: int) -> None:
    """An entry that goes bad after the table was checked leads to an R off the curve, which is withheld."""
    key = PrivateKey.from_int(D, curve=fresh_curve())
    key.sign(MESSAGE)
    for _, row in rows_of(key.curve.comb):
        for index in range(len(row)):
            row[index] ^= 1 << bit
    with pytest.raises(FaultDetected, match="withheld"):
        key.sign(MESSAGE)


@pytest.mark.parametrize("coordinate", [0, 1])
def test_an_R_off_the_curve_is_noticed(coordinate: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever spoils a coordinate of R, nothing leaves."""
    right = group.to_affine

    def wrong(*arguments: Any) -> tuple[int, int]:
        R = list(right(*arguments))
        R[coordinate] ^= 1 << 50
        return R[0], R[1]

    monkeypatch.setattr("ecpure.basepoint.to_affine", wrong)
    with pytest.raises(FaultDetected, match="withheld"):
        PrivateKey.from_int(D, curve=fresh_curve()).sign(MESSAGE)


@pytest.mark.parametrize("coordinate", [0, 1])
@pytest.mark.parametrize("index", [0, 4, 8])
def test_a_drawn_multiple_off_the_curve_is_noticed(
    index: int, coordinate: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever spoils a coordinate of a multiple that is drawn to mask, nothing leaves."""
    right = group.to_affine_each

    def wrong(*arguments: Any) -> list[tuple[int, int]]:
        multiples = [list(multiple) for multiple in right(*arguments)]
        multiples[index][coordinate] ^= 1 << 50
        return [(x, y) for x, y in multiples]

    monkeypatch.setattr("ecpure.masks.to_affine_each", wrong)
    with pytest.raises(FaultDetected, match="withheld"):
        PrivateKey.from_int(D, curve=fresh_curve()).sign(MESSAGE)


@pytest.mark.parametrize("bit", [0, 1, 2, 3, 50, 100, 150, 200, 221, 222, 223])
def test_a_wrong_inverse_is_noticed(bit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """s·k ≡ e + r·d is checked: a wrong (t·k)⁻¹, too large or too small, gives no signature."""
    right = field.divide_blinded

    def divide(a: int, b: int, m: int) -> int:
        with monkeypatch.context() as inside:
            inside.setattr(field, "invert", lambda a, m: integers.invert(a, m) ^ 1 << bit)
            return right(a, b, m)

    monkeypatch.setattr(signing, "divide_blinded", divide)
    for message in (b"1", b"2", b"3"):
        with pytest.raises(FaultDetected, match="withheld"):
            PrivateKey.from_int(D).sign(message)


def flip_mask(base: BasePoint, place: int) -> None:
    """Flip a bit of the walk that is stored: of u, −u or a coordinate of U, or of the same of all of its steps."""
    (walk,) = base._walks
    for at in [walk._mask] if place < 6 else walk._steps:
        numbers = [at.u, at.minus_u, *at.U] if isinstance(at, Mask) else [at.v, at.minus_v, *at.V]
        numbers[place % 6] ^= 1 << 77
        if isinstance(at, Mask):
            at.u, at.minus_u, at.U = numbers[0], numbers[1], (numbers[2], numbers[3], numbers[4], numbers[5])
        else:
            at.v, at.minus_v, at.V = numbers[0], numbers[1], (numbers[2], numbers[3])


def flip_table(base: BasePoint, bit: int) -> None:
    """Flip a bit of every entry of the table that is stored."""
    for _, row in base._comb._rows:
        for index in range(len(row)):
            row[index] ^= 1 << bit


FLIPS = [(flip_mask, place) for place in range(10)] + [(flip_table, bit) for bit in (0, 223, 224, 447)]


@pytest.mark.parametrize(("flip", "where"), FLIPS, ids=lambda value: getattr(value, "__name__", value))
@pytest.mark.parametrize("use", [lambda key: key.sign(MESSAGE), lambda key: key.public_key], ids=["sign", "public_key"])
def test_a_fault_in_what_is_stored_heals(
    flip: Callable[[BasePoint, int], None], where: int, use: Callable[[PrivateKey], object]
) -> None:
    """It is withheld once: what is stored is dropped before that is told, and the next result is right."""
    key = PrivateKey.from_int(D, curve=fresh_curve())
    base, expected = key.curve.base, use(PrivateKey.from_int(D))
    base.multiply_secret(5)
    before = base._comb
    flip(base, where)
    with pytest.raises(FaultDetected):
        use(key)
    assert base._walks == []
    assert [use(key) for _ in range(3)] == [expected] * 3
    assert base._comb is not before


def test_a_fault_while_another_thread_signs_heals() -> None:
    """A walk on which a fault was met is dropped by the thread that has it, and no other walk is lost by that."""
    key = PrivateKey.from_int(D, curve=fresh_curve())
    base, expected = key.curve.base, PrivateKey.from_int(D).sign(MESSAGE)
    assert key.sign(MESSAGE) == expected
    flip_mask(base, 0)
    (walk,) = base._walks
    with pytest.raises(FaultDetected, match="changed in memory"):
        base.multiply_secret(5)  # by any caller: it does not come back
    assert base._walks == []
    assert key.sign(MESSAGE) == expected
    assert walk not in base._walks


def test_a_table_that_could_not_be_built_is_built_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """The very first table of a process may be wrong as well: after that, there is no table to look through."""
    key = PrivateKey.from_int(D, curve=fresh_curve())
    with monkeypatch.context() as inside:
        inside.setattr(Comb, "require_on_curve", require_nothing_is_right)
        with pytest.raises(FaultDetected, match="off the curve"):
            key.sign(MESSAGE)
    assert key.sign(MESSAGE) == PrivateKey.from_int(D).sign(MESSAGE)


def require_nothing_is_right(_: Comb) -> None:
    raise FaultDetected("table: an entry was off the curve; the machine may be faulty")


def test_a_table_that_only_verifying_meets_heals() -> None:
    """`self_verify` reads other entries than signing; one that is wrong is noticed by it alone, and made anew."""
    key = PrivateKey.from_int(D, curve=fresh_curve())
    base, expected = key.curve.base, key.sign(MESSAGE, self_verify=True)
    verify = PublicKey.verify_digest

    def spoilt(self: PublicKey, *arguments: Any) -> bool:
        flip_table(base, 5)
        return verify(self, *arguments)

    with pytest.MonkeyPatch.context() as inside:
        inside.setattr(PublicKey, "verify_digest", spoilt)
        with pytest.raises(FaultDetected, match="is not valid"):
            key.sign(MESSAGE, self_verify=True)
    assert key.sign(MESSAGE, self_verify=True) == expected


def test_a_table_that_is_wrong_on_the_curve_heals() -> None:
    """No check of the table sees entries that are other points of the curve, here their negatives."""
    key = PrivateKey.from_int(D, curve=fresh_curve())
    expected = key.sign(MESSAGE, self_verify=True)
    for _, row in rows_of(key.curve.comb)[:10]:
        row.reverse()
    key.curve.comb.require_on_curve()
    with pytest.raises(FaultDetected, match="is not valid"):
        key.sign(MESSAGE, self_verify=True)
    assert [key.sign(MESSAGE, self_verify=True) for _ in range(3)] == [expected] * 3


@pytest.mark.parametrize("copy", ["_d", "_d_again"])
def test_a_key_that_changes_in_memory_is_not_used(copy: str) -> None:
    """The nonce follows the key's octets: two keys with one nonce would give both away, so d is kept twice."""
    key = PrivateKey.from_int(D)
    object.__setattr__(key, copy, getattr(key, copy) ^ 1 << 77)
    for use in (lambda: key.sign(MESSAGE), lambda: key.sign_digest(b"digest"), lambda: key.public_key):
        with pytest.raises(FaultDetected, match="changed in memory"):
            use()


def test_self_verify_notices_a_wrong_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A d that went bad after its public key was made signs consistently; verifying in full catches that."""
    key = PrivateKey.from_int(D)
    signature = key.sign(MESSAGE, self_verify=True)
    assert signature == key.sign(MESSAGE)
    assert key.public_key.verify(signature, MESSAGE)
    wrong = key._d ^ 1
    for copy in ("_d", "_d_again"):
        object.__setattr__(key, copy, wrong)
    assert key.sign(MESSAGE) != signature
    assert not key.public_key.verify_digest(key.sign_digest(b"digest"), b"digest")
    with pytest.raises(FaultDetected, match="is not valid"):
        key.sign(MESSAGE, self_verify=True)
    with pytest.raises(FaultDetected, match="is not valid"):
        key.sign_digest(b"digest", self_verify=True)
    right = PrivateKey.from_int(D)
    monkeypatch.setattr(signing, "sign", lambda *_, **__: Signature(signature.r, signature.s ^ 1))
    with pytest.raises(FaultDetected, match="is not valid"):
        right.sign(MESSAGE, self_verify=True)


def test_verifying_loads_no_signing_code() -> None:
    """Importing and using what verifies (keys, signatures, many at once) loads neither signing nor nonces."""
    code = """
import sys
from ecpure import PublicKey, Signature, bulk
key = PublicKey.from_bytes(bytes.fromhex("02a1455b334df099df30fc28a169a467e9e47075a90f7e650eb6b7a45c"))
signature = Signature.from_der(bytes.fromhex("3006020101020101"))
print(key.verify(signature, b""), list(bulk.verify_many([(key, signature, b"")])))
print(sorted(name for name in ("signing", "privatekey", "rfc6979", "auth") if "ecpure." + name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "False [False]\n[]\n", done.stderr
