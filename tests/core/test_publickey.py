"""Public keys: their octets, what they refuse, and how they compare."""

from __future__ import annotations

import hashlib
import pickle
from typing import Any

import pytest

from ecpure import (
    SECP224K1,
    SECP256K1,
    Curve,
    InvalidEncoding,
    InvalidKey,
    Point,
    PrivateKey,
    PublicKey,
    Signature,
    UnknownHash,
    bulk,
)

N = SECP224K1.n


def test_a_public_key_is_compressed_unless_asked_otherwise() -> None:
    """29 octets by default, 57 on request, those of its point."""
    key = PrivateKey.from_int(7).public_key
    assert key.to_bytes() == key.point.to_bytes(compressed=True) == key.to_bytes(compressed=True)
    assert key.to_bytes(compressed=False) == key.point.to_bytes(compressed=False)
    assert (len(key.to_bytes()), len(key.to_bytes(compressed=False))) == (29, 57)


def test_a_key_is_prepared_once() -> None:
    """The prepared key has a table and equals the one it was made of, which has none; prepared again it is itself."""
    key = PrivateKey.from_int(7).public_key
    prepared = key.prepare()
    assert key.comb is None
    assert prepared.comb is not None
    assert prepared == key
    assert prepared.prepare() is prepared


def test_preparing_twice_is_preparing_once() -> None:
    """A prepared key is equal to the plain one, and prepares to itself."""
    key = PrivateKey.from_int(5).public_key
    prepared = key.prepare()
    assert prepared == key
    assert hash(prepared) == hash(key)
    assert prepared.prepare() is prepared
    assert pickle.loads(pickle.dumps(prepared)) == key


def test_public_keys_of_known_private_keys() -> None:
    """1 gives G, n − 1 gives −G, and d gives d·G by plain additions."""
    assert PrivateKey.from_int(1).public_key.point == SECP224K1.G
    assert PrivateKey.from_int(N - 1).public_key.point == -SECP224K1.G
    total = SECP224K1.infinity
    for d in range(1, 40):
        total += SECP224K1.G
        assert PrivateKey.from_int(d).public_key == PublicKey(total)


def test_public_octets() -> None:
    """Compressed and uncompressed forms are read; infinity, hybrid, other lengths, p and above, off-curve are not."""
    key = PrivateKey.from_int(77).public_key
    for compressed, length in ((True, 29), (False, 57)):
        octets = key.to_bytes(compressed=compressed)
        assert len(octets) == length
        assert PublicKey.from_bytes(octets) == key
        for i in range(len(octets)):
            with pytest.raises(InvalidEncoding):
                PublicKey.from_bytes(octets[:i])
        with pytest.raises(InvalidEncoding):
            PublicKey.from_bytes(octets + b"\x00")
    uncompressed = key.to_bytes(compressed=False)
    p = SECP224K1.p.to_bytes(28, "big")
    bad = [b"", b"\x00", bytes(29), bytes(57), b"\x05" + uncompressed[1:], b"\x01" + uncompressed[1:29]]
    bad += [bytes([first]) + uncompressed[1:] for first in (6, 7)]
    bad += [b"\x02" + p, b"\x03" + b"\xff" * 28, b"\x04" + p + uncompressed[29:], uncompressed[:29] + p]
    bad += [uncompressed[:-1] + bytes([uncompressed[-1] ^ 1]), b"\x04" + uncompressed[29:] + uncompressed[1:29]]
    for octets in bad:
        with pytest.raises(InvalidEncoding):
            PublicKey.from_bytes(octets)


def test_every_changed_bit_of_a_public_key_is_another_key_or_none() -> None:
    """Uncompressed, every flip leaves the curve; compressed, it is another point or none."""
    key = PrivateKey.from_int(77).public_key
    for compressed in (True, False):
        octets = key.to_bytes(compressed=compressed)
        others = 0
        for i in range(8 * len(octets)):
            flipped = (int.from_bytes(octets, "big") ^ 1 << i).to_bytes(len(octets), "big")
            try:
                other = PublicKey.from_bytes(flipped)
            except InvalidEncoding:
                continue
            assert other != key
            assert other.to_bytes(compressed=compressed) == flipped
            others += 1
        assert others > 80 if compressed else others == 0


def test_infinity_is_no_public_key() -> None:
    """A PublicKey is made of a Point that is not infinity."""
    with pytest.raises(InvalidKey):
        PublicKey(SECP224K1.infinity)
    wrong: Any = (1, 2)
    with pytest.raises(TypeError):
        PublicKey(wrong)


def test_verification_does_not_mix_curves() -> None:
    """A signature of secp256k1 with r above secp224k1's n is False there, no error."""
    signature = PrivateKey.from_int(5, curve=SECP256K1).sign(b"m")
    assert signature.r > N
    assert PrivateKey.from_int(5).public_key.verify(signature, b"m") is False
    assert PublicKey(Point.from_bytes(SECP256K1.G.to_bytes(), curve=SECP256K1)).curve == SECP256K1
    assert Signature.from_p1363(signature.to_p1363(curve=SECP256K1), curve=SECP256K1) == signature


@pytest.mark.parametrize("curve", [SECP224K1, SECP256K1], ids=lambda curve: str(curve.name))
def test_a_signature_in_octets_is_accepted_or_not(curve: Curve) -> None:
    """In the one format that is named, of that message under that hash; anything else is False, malformed or not."""
    key = PrivateKey.from_int(7, curve=curve)
    public = key.public_key
    signature = key.sign(b"m", hash="sha512", low_s=True)
    encoded: dict[Any, bytes] = {"der": signature.to_der(), "p1363": signature.to_p1363(curve=curve)}
    if curve is SECP224K1:
        encoded["compact"] = signature.to_compact()
    assert public.accepts(encoded["der"], b"m", hash="sha512") is True
    for form, octets in encoded.items():
        assert public.accepts(octets, b"m", format=form, hash="SHA-512") is True
        assert public.accepts(bytearray(octets), memoryview(b"m"), format=form, hash="sha512") is True  # type: ignore[arg-type]
        for other, message, name in ((octets + b"!", b"m", "sha512"), (octets, b"n", "sha512"), (octets, b"m", None)):
            assert public.accepts(other, message, format=form, hash=name) is False
        assert public.accepts(octets[:-1] + bytes([octets[-1] ^ 1]), b"m", format=form, hash="sha512") is False
        for another in encoded.keys() - {form}:
            assert public.accepts(octets, b"m", format=another, hash="sha512") is False
    for octets in (b"", bytes(64), b"\xff" * 64, Signature(curve.n, 1).to_der(), b"\x30\x06\x02\x01\x00\x02\x01\x01"):
        assert public.accepts(octets, b"m", hash="sha512") is False
        assert public.accepts(octets, b"m", format="p1363", hash="sha512") is False


def test_a_mistake_of_the_caller_is_no_answer() -> None:
    """A format or hash that does not exist, and a wrong type, raise even where the octets are no signature."""
    key: Any = PrivateKey.from_int(7).public_key
    for form in ("raw", "", "DER"):
        with pytest.raises(ValueError, match=r"^format: one of der, p1363, compact was expected$"):
            key.accepts(b"", b"m", format=form)
    with pytest.raises(UnknownHash):
        key.accepts(b"", b"m", hash="md5")
    wrong: list[tuple[Any, Any, Any]] = [("", b"m", "der"), (b"", "m", "der"), (None, b"m", "der"), (b"", b"m", None)]
    for octets, message, form in wrong:
        with pytest.raises(TypeError):
            key.accepts(octets, message, format=form)


def test_old_hashes_verify_and_never_sign() -> None:
    """What was signed with SHA-1 long ago verifies; nobody signs with it."""
    key = PrivateKey.from_int(7)
    signature = key.sign_digest(hashlib.sha1(b"m").digest())
    assert key.public_key.verify(signature, b"m", hash="SHA-1")
    assert key.public_key.accepts(signature.to_der(), b"m", hash="sha1")
    assert not key.public_key.verify(signature, b"m")
    assert list(bulk.verify_many([(key.public_key, signature, b"m")], hash="sha1")) == [True]
    for sign in (key.sign, key.sign_digest):
        with pytest.raises(UnknownHash, match=r"^hash: sha1 is for verifying only"):
            sign(b"m", hash="sha1")
