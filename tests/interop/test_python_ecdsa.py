"""python-ecdsa, which computes on any curve that it is given, as an independent signer and verifier."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from typing import Any

import ecdsa
import pytest
from ecdsa.rfc6979 import generate_k
from ecdsa.util import sigdecode_der, sigdecode_string, sigencode_der, sigencode_string

from ecpure import SECP224K1, InvalidEncoding, Point, PrivateKey, PublicKey, Signature, rfc6979
from ecpure.measure.peers import python_ecdsa_curve

P, N = SECP224K1.p, SECP224K1.n
CURVE = python_ecdsa_curve()

EDGES = [1, 2, 3, N - 1, N - 2, N // 2, 1 << 224, (1 << 224) - 1, (1 << 224) + 1, 1 << 216, 1 << 112, 255]
HASHES = ["sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512"]


def keys() -> list[int]:
    """Edge keys, random ones, and short ones, the same in every run."""
    rng = random.Random(7)
    return [
        *EDGES,
        *(rng.randrange(1, N) for _ in range(8)),
        *(rng.getrandbits(bits) | 1 for bits in (9, 40, 200, 217)),
    ]


def hashfunc(name: str) -> Callable[..., Any]:
    """Return the hash as python-ecdsa wants it: a constructor that takes the first octets or nothing."""
    return lambda data=b"": hashlib.new(name, data)


def signing_key(d: int) -> Any:
    return ecdsa.SigningKey.from_secret_exponent(d, curve=CURVE)


def hold_equal(d: int, digest: bytes, hash: str, extra: bytes = b"") -> None:
    """Check that both sign the digest alike, and that each verifies it and refuses another digest."""
    theirs, ours = signing_key(d), PrivateKey.from_int(d)
    octets = theirs.sign_digest_deterministic(
        digest, hashfunc=hashfunc(hash), sigencode=sigencode_string, extra_entropy=extra, allow_truncate=True
    )
    signature = ours.sign_digest(digest, hash=hash, extra_entropy=extra)
    assert signature.to_p1363() == octets
    other = bytes([digest[0] ^ 0x80]) + digest[1:]
    assert ours.public_key.verify_digest(Signature.from_p1363(octets), digest)
    assert not ours.public_key.verify_digest(Signature.from_p1363(octets), other)
    verify = theirs.verifying_key.verify_digest
    assert verify(signature.to_p1363(), digest, sigdecode=sigdecode_string, allow_truncate=True)
    with pytest.raises(ecdsa.BadSignatureError):
        verify(signature.to_p1363(), other, sigdecode=sigdecode_string, allow_truncate=True)


def some_and_all(values: list[Any], *, others: int) -> list[Any]:
    """Return as parameters pairs of a hash and a value: each hash with every value; one in `others` is quick.

    The quick ones are of every hash, and of every value.
    """
    pairs = [(name, value) for name in HASHES for value in values]
    return [
        pytest.param(*pair, marks=[] if (place + place // len(values)) % others == 0 else [pytest.mark.long])
        for place, pair in enumerate(pairs)
    ]


EXTRAS = {"none": b"", "zero": b"\x00", "short": b"extra", "long": bytes(range(100))}


@pytest.mark.parametrize(("hash", "extra"), some_and_all(list(EXTRAS), others=4))
def test_equal_signatures_for_equal_input(hash: str, extra: str) -> None:
    """Both sign every digest alike, for edge, random and short keys, with and without extra entropy, and verify it."""
    for d in keys():
        hold_equal(d, hashlib.new(hash, d.to_bytes(29, "big")).digest(), hash, EXTRAS[extra])


@pytest.mark.parametrize(("hash", "d"), some_and_all([1, 5, -1], others=3))
def test_equal_signatures_of_digests_at_the_edges(hash: str, d: int) -> None:
    """Both agree where the leftmost 225 bits are 0, n − 1, n (e ≡ 0), all ones, or fewer than 225."""
    d %= N
    size = max(29, hashlib.new(hash).digest_size)
    for e in (0, 1, N - 1, N, N + 1, (1 << 225) - 1):
        hold_equal(d, (e << 8 * size - 225).to_bytes(size, "big"), hash)
        hold_equal(d, (((e + 1) << 8 * size - 225) - 1).to_bytes(size, "big"), hash)
    for digest in (b"\x00", b"\x07", b"\xff" * 20, b"\xff" * 28, b"\xa5" * 29, b"\xa5" * 100):
        hold_equal(d, digest, hash)


@pytest.mark.parametrize("hash", HASHES)
def test_equal_nonces(hash: str) -> None:
    """RFC 6979 gives both the same nonce, and the same second one after it, whatever number of candidates it takes."""
    for d in keys():
        for i in range(4):
            digest = hashlib.new(hash, bytes([i])).digest()
            candidates = rfc6979.nonces(d.to_bytes(29, "big"), digest, N, hash, b"extra")
            for retry in range(2):
                theirs = generate_k(N, d, hashfunc(hash), digest, retry_gen=retry, extra_entropy=b"extra")
                assert next(candidates) == theirs


@pytest.mark.parametrize("hash", HASHES)
def test_messages_are_signed_and_verified_both_ways_in_der(hash: str) -> None:
    """From message to DER and back: equal octets, verified by the other; another message is refused by both."""
    for d in keys()[::3]:
        theirs, ours = signing_key(d), PrivateKey.from_int(d)
        message = f"message of {d}".encode()
        octets = ours.sign(message, hash=hash).to_der()
        assert theirs.sign_deterministic(message, hashfunc=hashfunc(hash), sigencode=sigencode_der) == octets
        verify = theirs.verifying_key.verify
        how = {"hashfunc": hashfunc(hash), "sigdecode": sigdecode_der, "allow_truncate": True}
        assert verify(octets, message, **how)
        with pytest.raises(ecdsa.BadSignatureError):
            verify(octets, message + b"!", **how)
        random_nonce = Signature.from_der(
            theirs.sign(message, hashfunc=hashfunc(hash), sigencode=sigencode_der, allow_truncate=True)
        )
        assert ours.public_key.verify(random_nonce, message, hash=hash)
        assert not ours.public_key.verify(random_nonce, message + b"!", hash=hash)


def test_low_s_verifies_there() -> None:
    """Of s and n − s python-ecdsa verifies either."""
    for d in keys():
        key, digest = PrivateKey.from_int(d), hashlib.sha224(str(d).encode()).digest()
        low = key.sign_digest(digest, low_s=True)
        assert 2 * low.s < N
        for signature in (low, Signature(low.r, N - low.s)):
            octets = signature.to_p1363()
            assert signing_key(d).verifying_key.verify_digest(octets, digest, sigdecode=sigdecode_string)


def test_equal_public_keys_and_encodings() -> None:
    """Public keys, compressed and not, and SPKI and SEC 1 files agree octet for octet, and are read by the other."""
    for d in keys():
        signer, key = signing_key(d), PrivateKey.from_int(d)
        theirs, ours = signer.verifying_key, key.public_key
        assert signer.to_string() == key.to_bytes()
        for form in ("compressed", "uncompressed"):
            octets = ours.to_bytes(compressed=form == "compressed")
            assert octets == theirs.to_string(form)
            assert PublicKey.from_bytes(octets) == ours
            assert ecdsa.VerifyingKey.from_string(octets, curve=CURVE) == theirs
            assert PublicKey.from_der(theirs.to_der(form)) == PublicKey.from_pem(theirs.to_pem(form)) == ours
            assert PrivateKey.from_der(signer.to_der(form)) == PrivateKey.from_pem(signer.to_pem(form)) == key
        assert ours.to_der() == theirs.to_der()
        assert key.to_der("sec1") == signer.to_der()


def test_invalid_points_are_refused_by_both() -> None:
    """Off the curve, x without a point, coordinates not below p, and the hybrid form that SEC 1 does not have."""
    x, y = SECP224K1.gx, SECP224K1.gy
    none = next(i for i in range(1, 100) if pow(i**3 + 5, (P - 1) // 2, P) != 1)
    for octets in (
        b"\x04" + x.to_bytes(28, "big") + (y ^ 1).to_bytes(28, "big"),
        b"\x02" + none.to_bytes(28, "big"),
        b"\x02" + P.to_bytes(28, "big"),
        b"\x03" + b"\xff" * 28,
        b"\x04" + bytes(56),
        b"\x04" + x.to_bytes(28, "big"),
        b"",
    ):
        with pytest.raises(InvalidEncoding):
            PublicKey.from_bytes(octets)
        with pytest.raises(ecdsa.errors.MalformedPointError):
            ecdsa.VerifyingKey.from_string(octets, curve=CURVE)


def test_pkcs_8_of_version_1_is_read() -> None:
    """python-ecdsa writes PKCS#8 with version 1, which RFC 5958 has only for keys with a public key in field [1]."""
    signer = signing_key(5)
    octets = signer.to_der(format="pkcs8")
    ours = PrivateKey.from_int(5).to_der()
    assert [i for i in range(len(ours)) if ours[i] != octets[i]] == [4]
    for read, given in (
        (PrivateKey.from_der, octets),
        (PrivateKey.from_pem, signer.to_pem(format="pkcs8")),
    ):
        assert read(given).to_bytes() == PrivateKey.from_int(5).to_bytes()


def test_equal_multiples() -> None:
    """k·P agrees for random and edge scalars and points, of G as well."""
    rng = random.Random(8)
    for k in keys():
        for i in (1, rng.randrange(1, N)):
            theirs = (CURVE.generator * i) * k
            assert k * (i * SECP224K1.G) == Point(int(theirs.x()), int(theirs.y()))


@pytest.mark.parametrize("hash", HASHES)
def test_recovery_contains_the_key_and_agrees(hash: str) -> None:
    """Both recover the same two keys from a signature, the signer's among them."""
    for d in keys()[::2]:
        digest = hashlib.new(hash, str(d).encode()).digest()
        key = PrivateKey.from_int(d)
        signature = key.sign_digest(digest, hash=hash)
        theirs = ecdsa.VerifyingKey.from_public_key_recovery_with_digest(
            signature.to_p1363(), digest, CURVE, hashfunc(hash), sigdecode_string, allow_truncate=True
        )
        found = PublicKey.recover(signature, digest)
        assert key.public_key in found
        assert {other.to_string("compressed") for other in theirs} == {other.to_bytes() for other in found}
        assert len(found) == 2
