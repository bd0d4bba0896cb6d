"""Faults in the middle of signing: what is wrong is withheld; and who only verifies loads no signing code."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from multiplying import fresh_curve

from ecpure import SECP224K1, FaultDetected, PrivateKey, Signature, field, group, integers, signing
from ecpure.basepoint import BasePoint
from ecpure.comb import Comb

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


@pytest.mark.parametrize("module", ["basepoint", "masks"])
@pytest.mark.parametrize("coordinate", [0, 1])
def test_an_R_off_the_curve_is_noticed(coordinate: int, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever spoils a coordinate of R, or of a multiple that is drawn to mask it, nothing leaves."""
    right = group.to_affine

    def wrong(*arguments: Any) -> tuple[int, int]:
        R = list(right(*arguments))
        R[coordinate] ^= 1 << 50
        return R[0], R[1]

    monkeypatch.setattr(f"ecpure.{module}.to_affine", wrong)
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
    with pytest.raises(FaultDetected, match="does not hold"):
        key.sign(MESSAGE, self_verify=True)
    with pytest.raises(FaultDetected, match="does not hold"):
        key.sign_digest(b"digest", self_verify=True)
    right = PrivateKey.from_int(D)
    monkeypatch.setattr(signing, "sign", lambda *_, **__: Signature(signature.r, signature.s ^ 1))
    with pytest.raises(FaultDetected, match="does not hold"):
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
