"""Signing on digests: evenness, the length of what is secret, and a published signature."""

from __future__ import annotations

import random

import pytest
from multiplying import CURVES, fresh_curve, lines_of

from ecpure import SECP224K1, Curve, PrivateKey, signing, verifying
from ecpure.masks import USES


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_lengthened_scalars_have_one_length_and_begin_alike(curve: Curve) -> None:
    """Whatever they are, on both curves: 0, powers of two, n − 1 and numbers beside them."""
    n = curve.n
    edges = [
        0,
        1,
        n // 2,
        n - 2,
        n - 1,
        *(1 << i for i in range(n.bit_length() - 1)),
        *(n - (1 << i) for i in range(200)),
    ]
    lengthened = [signing.lengthen(a, n) for a in edges]
    assert {type(long) for long in lengthened} == {type(curve.order)}
    assert [long % n for long in lengthened] == edges
    assert len({long.bit_length() for long in lengthened}) == 1
    assert len({bin(long)[:15] for long in lengthened}) == 1
    assert lengthened == [(3 * 2**13 + 1) * n + a for a in edges]


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_signing_executes_the_same_lines_for_every_secret(curve: Curve) -> None:
    """Whatever d and k are: one loop more, one branch that is taken, would show."""
    rng, n = random.Random(7), curve.n
    curve = fresh_curve(curve)  # one walk of masks is enough: after how many uses another is drawn is no secret
    curve.base.for_uses(2000)
    curve.base.multiply_secret(5)
    scalars = [1, 2, n // 2, n - 1, 1 << 64, rng.getrandbits(100), *(rng.randrange(1, curve.n) for _ in range(5))]
    taken = {
        tuple(lines_of(signing.sign_with_nonce, curve, signing.lengthen(d, n), 12345, k))
        for d in scalars
        for k in scalars
    }
    assert len(taken) == 1
    assert len(scalars) ** 2 + 1 <= USES
    assert len(taken.pop()) > 200


def test_published_signature_with_a_known_nonce() -> None:
    """The one published secp224k1 signature whose nonce is known (BouncyCastle, ECTest, testECDSASecP224k1sha256)."""
    d = 0xBE6F6E91FE96840A6518B56F3FE21689903A64FA729057AB872A9F51
    k = 0x00C39BEAC93DB21C3266084429EB9B846B787C094F23A4DE66447EFBB3
    digest = bytes.fromhex("e5d5a7adf73c5476faee93a2c76ce94dc0557db04cdc189504779117920b896d")
    signature = signing.sign_with_nonce(SECP224K1, d, verifying.digest_to_int(SECP224K1, digest), k)
    assert signature is not None
    assert signature.r == 0x8163E5941BED41DA441B33E653C632A55A110893133351E20CE7CB75
    assert signature.s == 0xD12C3FC289DDD5F6890DCE26B65792C8C50E68BF551D617D47DF15A8
    assert PrivateKey.from_int(d).public_key.verify_digest(signature, digest)
