"""The pair (r, s) and its encodings."""

from __future__ import annotations

import hashlib
import pickle
from typing import Any

import pytest

from ecpure import (
    SECP224K1,
    SECP256K1,
    InvalidEncoding,
    InvalidSignature,
    PrivateKey,
    Signature,
    signing,
)

N, P = SECP224K1.n, SECP224K1.p

DIGEST = hashlib.sha224(b"message").digest()

KEY = PrivateKey.from_int(0x1234567890ABCDEF)

PUBLIC = KEY.public_key


def signature_with_long_s() -> Signature:
    """Return a signature whose s needs 225 bits: for a chosen R, the key d = r⁻¹(s·k − e) makes it one."""
    s, k = N - 1, 5
    r = (k * SECP224K1.G).x
    e = int.from_bytes(DIGEST, "big")
    d = pow(r, -1, N) * (s * k - e) % N
    signature = signing.sign_with_nonce(SECP224K1, d, e, k)
    assert signature == Signature(r, s)
    assert PrivateKey.from_int(d).public_key.verify_digest(signature, DIGEST)
    return signature


@pytest.mark.parametrize("pair", [(0, 1), (1, 0), (0, 0), (-1, 1), (1, -1), (-N, N)])
def test_r_or_s_below_1_is_no_signature(pair: tuple[int, int]) -> None:
    """0 and negative numbers make no Signature, from ints or from any encoding."""
    with pytest.raises(InvalidSignature):
        Signature(*pair)


def test_encoded_zeros_are_refused() -> None:
    """r or s of 0 is refused by every decoder."""
    for octets in ("3006020100020101", "3006020101020100", "3006020100020100"):
        with pytest.raises(InvalidSignature):
            Signature.from_der(bytes.fromhex(octets))
    for zeros in (slice(0, 28), slice(28, 56)):
        compact = bytearray(KEY.sign_digest(DIGEST, low_s=True).to_compact())
        compact[zeros] = bytes(28)
        with pytest.raises(InvalidSignature):
            Signature.from_compact(bytes(compact))
    for octets_p1363 in (bytes(57) + b"\x01", bytes(28) + b"\x01" + bytes(29)):
        with pytest.raises(InvalidSignature):
            Signature.from_p1363(octets_p1363)


def test_an_s_of_225_bits() -> None:
    """It has DER and p1363 forms and no compact one; its low twin has all three."""
    signature = signature_with_long_s()
    assert signature.s.bit_length() == 225
    assert Signature.from_der(signature.to_der()) == signature
    assert Signature.from_p1363(signature.to_p1363()) == signature
    assert signature.to_p1363()[29] == 1
    with pytest.raises(InvalidEncoding):
        signature.to_compact()
    low = signature.low_s()
    assert low == Signature(signature.r, 1)
    assert Signature.from_compact(low.to_compact()) == low


def test_low_s_is_at_most_half_of_n() -> None:
    """`low_s=True` gives the lower of s and n − s; the signature is otherwise the same, and both verify."""
    for i in range(60):
        digest = hashlib.sha224(bytes([i])).digest()
        plain, low = KEY.sign_digest(digest), KEY.sign_digest(digest, low_s=True)
        assert low == plain.low_s() == Signature(plain.r, min(plain.s, N - plain.s))
        assert 2 * low.s <= N
        assert PUBLIC.verify_digest(low, digest)


def test_leading_zeros_are_kept_and_required() -> None:
    """p1363 and compact write every octet of r and s, and refuse a form without its zeros."""
    signature = Signature(5, 0xABCDEF)
    assert signature.to_p1363() == bytes(28) + b"\x05" + bytes(26) + bytes.fromhex("abcdef")
    assert signature.to_compact() == bytes(27) + b"\x05" + bytes(25) + bytes.fromhex("abcdef")
    assert signature.to_der() == bytes.fromhex("300902010502040" + "0abcdef")
    for octets in (b"", b"\x05", signature.to_compact()[1:], signature.to_compact() + b"\x00", signature.to_p1363()):
        with pytest.raises(InvalidEncoding):
            Signature.from_compact(octets)
    for octets in (b"", signature.to_p1363()[1:], signature.to_p1363() + b"\x00", signature.to_compact()):
        with pytest.raises(InvalidEncoding):
            Signature.from_p1363(octets)
    assert Signature.from_p1363(bytes(31) + b"\x05" + bytes(31) + b"\x06", curve=SECP256K1) == Signature(5, 6)


SAMPLES = [
    KEY.sign_digest(DIGEST),
    Signature(1, 1),
    Signature(127, 128),
    Signature(2**223, 2**224),
    Signature(255, N - 1),
]


@pytest.mark.parametrize("signature", SAMPLES, ids=range(len(SAMPLES)))
def test_every_change_of_a_der_signature_is_refused_or_means_something_else(signature: Signature) -> None:
    """No bit flip, truncation, insertion or doubling of octets decodes to the same (r, s): one encoding per value."""
    octets = signature.to_der()
    changed = [
        octets[:i] + bytes([octets[i] ^ 1 << bit]) + octets[i + 1 :] for i in range(len(octets)) for bit in range(8)
    ]
    changed += [octets[:i] for i in range(len(octets))]
    changed += [octets[:i] + octets[i + 1 :] for i in range(len(octets))]
    changed += [
        octets[:i] + bytes([value]) + octets[i:]
        for i in range(len(octets) + 1)
        for value in (0, 1, 2, 0x30, 0x80, 0xFF)
    ]
    changed += [octets * 2, b"\x30\x81" + octets[1:], b"\x30\x80" + octets[2:] + b"\x00\x00"]
    for other in changed:
        if other == octets:
            continue
        try:
            decoded = Signature.from_der(other)
        except InvalidEncoding:
            continue
        assert decoded != signature
        assert decoded.to_der() == other


def test_every_change_of_a_fixed_length_signature_means_something_else() -> None:
    """In p1363 and compact a flipped bit is another value or refused; no other length is read."""
    signature = SAMPLES[0].low_s()
    for octets, read in (
        (signature.to_p1363(), Signature.from_p1363),
        (signature.to_compact(), Signature.from_compact),
    ):
        for i in range(8 * len(octets)):
            other = (int.from_bytes(octets, "big") ^ 1 << i).to_bytes(len(octets), "big")
            try:
                assert read(other) != signature
            except InvalidSignature:
                continue
        for length in range(130):
            if length != len(octets):
                with pytest.raises(InvalidEncoding):
                    read((octets * 3)[:length])


def test_wrong_types_are_type_errors() -> None:
    """Text, None, floats and bools where ints or octets are wanted; a list is no bytes."""
    wrong: Any
    for wrong in ("1", None, 1.0, True):
        with pytest.raises(TypeError):
            Signature(wrong, 1)
        with pytest.raises(TypeError):
            Signature(1, wrong)
    for wrong in ("3006020101020101", None, 5, [48, 6]):
        for read in (Signature.from_der, Signature.from_p1363, Signature.from_compact):
            with pytest.raises(TypeError):
                read(wrong)


def test_signatures_are_values() -> None:
    """Equality, hash, repr, pickle, immutability; octets may be bytes, bytearray or memoryview."""
    signature: Any = SAMPLES[0]
    wrap: Any
    for wrap in (bytes, bytearray, memoryview):
        assert Signature.from_der(wrap(signature.to_der())) == signature
    assert hash(Signature(5, 6)) == hash(Signature(5, 6))
    assert Signature(5, 6) != Signature(6, 5)
    assert Signature(5, 6) != (5, 6)
    assert repr(Signature(5, 6)) == "Signature(r=0x5, s=0x6)"
    assert pickle.loads(pickle.dumps(signature)) == signature
    assert type(signature.r) is type(signature.s) is int
    with pytest.raises(AttributeError):
        signature.r = 5
