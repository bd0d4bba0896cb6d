"""python-ecdsa, with the curve defined by hand, as an independent signer and verifier."""

from __future__ import annotations

import hashlib
import random

import ecdsa
import pytest
from ecdsa.ellipticcurve import CurveFp, PointJacobi
from ecdsa.util import sigdecode_string, sigencode_string

from ecpure import SECP224K1, Point, PrivateKey, PublicKey, Signature

P = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFE56D
N = 0x010000000000000000000000000001DCE8D2EC6184CAF0A971769FB1F7
FIELD = CurveFp(P, 0, 5, 1)
GENERATOR = PointJacobi(
    FIELD,
    0xA1455B334DF099DF30FC28A169A467E9E47075A90F7E650EB6B7A45C,
    0x7E089FED7FBA344282CAFBD6F7E319F7C0B0BD59E2CA4BDB556D61A5,
    1,
    N,
    generator=True,
)
CURVE = ecdsa.curves.Curve("secp224k1", FIELD, GENERATOR, (1, 3, 132, 0, 32))

EDGES = [1, 2, 3, N - 1, N - 2, N // 2, 1 << 224, (1 << 224) - 1, 1 << 112, 255]
HASHES = ["sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_512"]


def keys() -> list[int]:
    rng = random.Random(7)
    return EDGES + [rng.randrange(1, N) for _ in range(10)]


@pytest.mark.parametrize("hash", HASHES)
def test_equal_signatures_for_equal_input(hash: str) -> None:
    """Both sign every digest alike, for edge and random keys, with and without extra entropy, and verify each other."""
    for d in keys():
        theirs = ecdsa.SigningKey.from_secret_exponent(d, curve=CURVE)
        ours = PrivateKey.from_int(d)
        for i in range(3):
            digest = hashlib.new(hash, bytes([i])).digest()
            for extra in (b"", b"extra"):
                octets = theirs.sign_digest_deterministic(
                    digest,
                    hashfunc=lambda data=b"": hashlib.new(hash, data),
                    sigencode=sigencode_string,
                    extra_entropy=extra,
                    allow_truncate=True,
                )
                signature = ours.sign_digest(digest, hash=hash, extra_entropy=extra)
                assert signature.to_p1363() == octets
            assert ours.public_key.verify_digest(Signature.from_p1363(octets), digest)
            assert theirs.verifying_key.verify_digest(
                signature.to_p1363(), digest, sigdecode=sigdecode_string, allow_truncate=True
            )


def test_equal_public_keys_and_encodings() -> None:
    """Public keys, compressed and not, and key files agree octet for octet."""
    for d in keys():
        theirs = ecdsa.SigningKey.from_secret_exponent(d, curve=CURVE).verifying_key
        ours = PrivateKey.from_int(d).public_key
        assert ours.to_bytes() == theirs.to_string("compressed")
        assert ours.to_bytes(compressed=False) == theirs.to_string("uncompressed")
        assert PublicKey.from_bytes(theirs.to_string("compressed")) == ours
        assert ours.to_der() == theirs.to_der()


def test_equal_multiples() -> None:
    """k·P agrees for random and edge scalars and points."""
    rng = random.Random(8)
    for k in keys():
        i = rng.randrange(1, N)
        theirs = (GENERATOR * i) * k
        ours = k * (i * SECP224K1.G)
        assert ours == Point(int(theirs.x()), int(theirs.y()))


def test_recovery_contains_the_key_and_agrees() -> None:
    """Both recover the same two keys from a signature, the signer's among them."""
    for d in keys():
        digest = hashlib.sha224(str(d).encode()).digest()
        key = PrivateKey.from_int(d)
        signature = key.sign_digest(digest)
        theirs = ecdsa.VerifyingKey.from_public_key_recovery_with_digest(
            signature.to_p1363(), digest, CURVE, hashlib.sha224, sigdecode_string
        )
        found = PublicKey.recover(signature, digest)
        assert key.public_key in found
        assert {other.to_string("compressed") for other in theirs} == {other.to_bytes() for other in found}
