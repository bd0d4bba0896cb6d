"""Private keys: their octets, signing with them, and what they refuse, hide and compare."""

from __future__ import annotations

import copy
import hashlib
import pickle
import traceback
from typing import Any

import pytest

from ecpure import (
    SECP224K1,
    SECP256K1,
    Curve,
    EcpureError,
    InvalidEncoding,
    InvalidKey,
    PrivateKey,
    PublicKey,
    UnknownHash,
)

N = SECP224K1.n

HASHES = ["sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512"]


@pytest.mark.parametrize("d", [0, -1, N, N + 1, 2**232, -N])
def test_private_keys_out_of_range_are_refused(d: int) -> None:
    """Only [1, n − 1] is a key, and the refusal does not show the number."""
    with pytest.raises(InvalidKey) as refusal:
        PrivateKey.from_int(d)
    assert str(d) not in str(refusal.value).replace("[1, n − 1]", "").replace("§3.2.1", "")


def test_private_octets() -> None:
    """29 octets, or 28 as the exchange writes them, big-endian; nothing shorter, longer, or out of range."""
    key = PrivateKey.from_int(0xABCDEF)
    assert key.to_bytes() == bytes(26) + bytes.fromhex("abcdef")
    assert PrivateKey.from_bytes(key.to_bytes()) == PrivateKey.from_bytes(key.to_bytes()[1:]) == key
    assert PrivateKey.from_int(N - 1).to_bytes()[0] == 1
    lengths = [bytes(length - 1) + b"\x01" for length in (1, 2, 27, 30, 32, 57)]
    for octets in (b"", *lengths, bytes(28), bytes(29), N.to_bytes(29, "big"), b"\x02" + bytes(28), b"\xff" * 29):
        with pytest.raises(InvalidKey):
            PrivateKey.from_bytes(octets)
    assert PrivateKey.from_bytes(b"\xff" * 28).to_bytes() == b"\x00" + b"\xff" * 28
    assert len(PrivateKey.from_int(5, curve=SECP256K1).to_bytes()) == 32
    with pytest.raises(InvalidKey):
        PrivateKey.from_bytes(bytes(30) + b"\x05", curve=SECP256K1)


def test_keys_are_equal_on_equal_curves() -> None:
    """Equality sees the curve's parameters and the number, not which Curve object it is."""
    parameters = {name: getattr(SECP224K1, name) for name in ("p", "b", "n", "gx", "gy")}
    again = Curve(name="of the same parameters", **parameters)
    assert PrivateKey.from_int(7, curve=again) == PrivateKey.from_int(7)
    assert PrivateKey.from_int(7, curve=again) != PrivateKey.from_int(8)
    assert PrivateKey.from_int(7, curve=again).public_key == PrivateKey.from_int(7).public_key


def test_a_compressed_point_is_no_private_key_and_the_reverse() -> None:
    """Both have 29 octets; the first octet tells them apart, and each is refused as the other."""
    key = PrivateKey.generate()
    with pytest.raises(InvalidKey):
        PrivateKey.from_bytes(key.public_key.to_bytes())
    with pytest.raises(InvalidEncoding):
        PublicKey.from_bytes(key.to_bytes())


def test_generated_keys_are_in_range_and_differ() -> None:
    """Fifty keys are fifty keys; on a toy curve every value comes up and no other."""
    assert len({PrivateKey.generate().to_bytes() for _ in range(50)}) == 50
    toy = Curve(name="toy", p=13, b=2, n=19, gx=1, gy=4)
    assert {PrivateKey.generate(curve=toy).to_bytes()[0] for _ in range(1000)} == set(range(1, 19))


@pytest.mark.parametrize("curve", [SECP224K1, SECP256K1], ids=repr)
@pytest.mark.parametrize("hash", [None, *HASHES])
def test_sign_and_verify_on_messages_and_digests(curve: Curve, hash: str | None) -> None:
    """A signature verifies, prepared or not, for its own message, hash and key, and no other."""
    key, other = PrivateKey.from_int(1234567, curve=curve), PrivateKey.from_int(7654321, curve=curve)
    message = b"a message"
    signature = key.sign(message, hash=hash)
    digest = hashlib.new(curve.hash_name(hash), message).digest()
    assert key.sign_digest(digest, hash=hash) == signature
    for public in (key.public_key, key.public_key.prepare()):
        assert public.verify(signature, message, hash=hash)
        assert public.verify_digest(signature, digest)
        assert not public.verify(signature, message + b".", hash=hash)
        assert not public.verify(signature, message, hash="sha512" if hash != "sha512" else "sha256")
    assert not other.public_key.verify(signature, message, hash=hash)
    assert key.public_key in PublicKey.recover(signature, digest, curve=curve)


def test_the_standards_spelling_of_a_hash_is_the_same_hash() -> None:
    """SHA-256 is sha256 and SHA3-224 is sha3_224."""
    key = PrivateKey.from_int(5)
    assert key.sign(b"m", hash="SHA-256") == key.sign(b"m", hash="sha256")
    assert key.sign(b"m", hash="SHA3-224") == key.sign(b"m", hash="sha3_224")


def test_unknown_hashes_empty_digests_and_wrong_types() -> None:
    """Each is its own error, on both sides, before anything is computed."""
    key = PrivateKey.from_int(5)
    signature = key.sign(b"m")
    public: Any = key.public_key
    private: Any = key
    for unknown in ("md5", "", "sha256 ", "blake2b"):
        with pytest.raises(UnknownHash):
            private.sign(b"m", hash=unknown)
        with pytest.raises(UnknownHash):
            private.sign_digest(b"m" * 28, hash=unknown)
        with pytest.raises(UnknownHash):
            public.verify(signature, b"m", hash=unknown)
    for call in (
        lambda: private.sign_digest(b""),
        lambda: public.verify_digest(signature, b""),
        lambda: PublicKey.recover(signature, b""),
    ):
        with pytest.raises(InvalidEncoding):
            call()
    for wrong in (
        lambda: private.sign("text"),
        lambda: private.sign(None),
        lambda: private.sign_digest("text"),
        lambda: private.sign(b"m", hash=hashlib.sha256),
        lambda: private.sign(b"m", extra_entropy="text"),
        lambda: public.verify((1, 2), b"m"),
        lambda: public.verify(signature.to_der(), b"m"),
        lambda: public.verify(signature, "m"),
        lambda: public.verify_digest(signature, None),
        lambda: public.recover((1, 2), b"d"),
        lambda: PrivateKey.from_int("5"),  # type: ignore[arg-type]
        lambda: PrivateKey.from_int(True),
        lambda: PrivateKey.from_bytes("00" * 29),  # type: ignore[arg-type]
        lambda: PrivateKey.from_der("00"),  # type: ignore[arg-type]
        lambda: PrivateKey.from_pem(5),  # type: ignore[arg-type]
        lambda: PublicKey.from_bytes("02"),  # type: ignore[arg-type]
        PrivateKey,
    ):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(ValueError, match="pkcs8 or sec1"):
        private.to_der("pkcs1")


def test_a_curve_without_oid_has_no_key_files_and_no_default_hash() -> None:
    """Octets and named hashes work; DER and PEM, and hash=None, say what is missing."""
    curve = Curve(name="toy", p=13, b=2, n=19, gx=1, gy=4)
    key = PrivateKey.from_int(3, curve=curve)
    assert PrivateKey.from_bytes(key.to_bytes(), curve=curve) == key
    assert PublicKey.from_bytes(key.public_key.to_bytes(), curve=curve) == key.public_key
    for missing in (key.to_der, key.to_pem, key.public_key.to_der, lambda: key.sign(b"m")):
        with pytest.raises(EcpureError, match="toy has no"):
            missing()


def test_private_keys_show_nothing() -> None:
    """repr, str, format, vars, errors and tracebacks hold no part of d."""
    d = 0xDEADBEEFCAFEBABE1234567890ABCDEF1234567890ABCDEF12345678
    key = PrivateKey.from_int(d)
    octets = key.to_bytes()
    for text in (repr(key), str(key), f"{key}", f"{key!r}", repr([key]), repr({"key": key})):
        assert text.count("<PrivateKey on secp224k1, redacted>") == 1
        assert "deadbeef" not in text.lower()
        assert str(d) not in text
    with pytest.raises(TypeError):
        vars(key)
    for length in (27, 30):
        try:
            PrivateKey.from_bytes((octets * 2)[1 : 1 + length])
        except InvalidKey as refusal:
            text = "".join(traceback.format_exception(refusal))
            assert octets[5:].hex() not in text
            assert repr(octets[5:])[2:-1] not in text


def test_private_keys_are_neither_hashed_nor_pickled_nor_changed() -> None:
    """Each is a TypeError or AttributeError; a copy is the key itself."""
    key: Any = PrivateKey.from_int(5)
    for refused in (lambda: hash(key), lambda: pickle.dumps(key), lambda: {key: 1}, key.__getstate__):
        with pytest.raises(TypeError):
            refused()
    assert copy.copy(key) is key
    assert copy.deepcopy(key) is key
    with pytest.raises(AttributeError):
        key._d = 6
    with pytest.raises(AttributeError):
        del key.curve


def test_equality_of_keys() -> None:
    """Keys are equal by value and curve, and to nothing of another type."""
    assert PrivateKey.from_int(5) == PrivateKey.from_int(5)
    assert PrivateKey.from_int(5) != PrivateKey.from_int(6)
    assert PrivateKey.from_int(5) != PrivateKey.from_int(5, curve=SECP256K1)
    assert PrivateKey.from_int(5) != 5
    public = PrivateKey.from_int(5).public_key
    assert public == PublicKey(5 * SECP224K1.G)
    assert public != public.point
    assert (public.x, public.y) == (public.point.x, public.point.y)
    assert type(public.x) is int
    assert repr(public) == f"<PublicKey {public.to_bytes().hex()} on secp224k1>"


@pytest.mark.parametrize("format", [5, None, b"sec1", ["sec1"]], ids=repr)
def test_a_format_that_is_no_text_is_a_type_error(format: Any) -> None:
    """Of an encoding, as of every other argument."""
    for write in (PrivateKey.from_int(5).to_der, PrivateKey.from_int(5).to_pem):
        with pytest.raises(TypeError, match=f"^format: a str was expected, not {type(format).__name__}$"):
            write(format)
