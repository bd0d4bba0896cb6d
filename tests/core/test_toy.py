"""Whole groups, through the production code: y² = x³ + 2 over F₁₃, of order 19, and others of every shape."""

from __future__ import annotations

import random

import pytest
from oracle import Group

from ecpure import Curve, Point, PrivateKey, PublicKey, Signature, bulk, signing
from ecpure.primality import is_prime
from ecpure.rfc6979 import nonces
from ecpure.tables import Tables, comb_octets

# (p, b) of the smallest curves of prime order n > 4√p, or nearly: n above p and below it.
SHAPES = [(7, 3), (13, 2), (43, 7), (73, 13)]
MORE_SHAPES = [(31, 3), (67, 2), (79, 6), (97, 5), (97, 10)]


def curve_of(group: Group) -> Curve:
    G = group.points[1]
    assert G is not None
    return Curve(name="toy", p=group.p, b=group.b, n=group.n, gx=G[0], gy=G[1])


def point_of(curve: Curve, affine: tuple[int, int] | None) -> Point:
    return curve.infinity if affine is None else Point(*affine, curve=curve)


def digest_of(e: int, n: int) -> bytes:
    """Return a digest of two octets whose leftmost bits are e."""
    return (e << 16 - n.bit_length()).to_bytes(2, "big")


@pytest.fixture(
    scope="module",
    params=[*SHAPES, *(pytest.param(shape, marks=pytest.mark.long) for shape in MORE_SHAPES)],
    ids=lambda shape: f"p={shape[0]},b={shape[1]}",
)
def group(request: pytest.FixtureRequest) -> Group:
    group = Group(*request.param)
    assert is_prime(group.n)
    return group


@pytest.fixture(scope="module")
def twin() -> Group:
    """The toy twin of secp224k1: p = 13, n = 19, p ≡ 5 (mod 8), n > p."""
    return Group(13, 2)


def test_the_shapes_cover_every_case_of_the_square_root_and_of_the_order() -> None:
    """Among the toy curves, the first of them too, are primes of every class mod 8, and orders on both sides of p."""
    for shapes in (SHAPES, SHAPES + MORE_SHAPES):
        groups = [Group(*shape) for shape in shapes]
        assert {group.p % 8 for group in groups} == {1, 3, 5, 7}
        assert {group.n > group.p for group in groups} == {True, False}


def test_every_pair_adds_and_subtracts_as_in_the_group(group: Group) -> None:
    """P + Q, P − Q and −P are right for every pair of points, infinity, equal and opposite ones included."""
    curve, n = curve_of(group), group.n
    points = [point_of(curve, affine) for affine in group.points]
    for i, P in enumerate(points):
        assert -P == points[-i % n]
        for j, Q in enumerate(points):
            assert P + Q == points[(i + j) % n]
            assert P - Q == points[(i - j) % n]


def test_every_multiple_of_every_point(group: Group) -> None:
    """k·P is right for every P and every k from −n to 2n, by the comb for G and by the endomorphism for the others."""
    curve, n = curve_of(group), group.n
    points = [point_of(curve, affine) for affine in group.points]
    for i, P in enumerate(points):
        for k in range(-n, 2 * n + 1):
            assert k * P == points[k * i % n]


def test_the_endomorphism_is_multiplication_by_lambda(group: Group) -> None:
    """(βx, y) = λ·(x, y) for every point, and every scalar is k₁ + k₂λ with halves of about half the length."""
    curve = curve_of(group)
    phi = curve.endomorphism
    for i, affine in enumerate(group.points[1:], 1):
        assert affine is not None
        assert group.index[int(phi.beta * affine[0] % group.p), affine[1]] == i * phi.lambda_ % group.n
    for k in range(group.n):
        k1, k2 = phi.split(k)
        assert (k1 + k2 * phi.lambda_ - k) % group.n == 0
        assert max(k1 * k1, k2 * k2) <= group.n


def test_all_signings(twin: Group) -> None:
    """All 18 · 18 · 19 = 6,156 signings are those of the definition, the ones without a result included."""
    curve, n = curve_of(twin), twin.n
    count = 0
    for d in range(1, n):
        for k in range(1, n):
            for e in range(n):
                signature = signing.sign_with_nonce(curve, d, e, k)
                assert (None if signature is None else (signature.r, signature.s)) == twin.sign(d, e, k)
                count += 1
    assert count == 6156


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("prepared", [False, True])
def test_all_verifications(twin: Group, prepared: bool, every: int) -> None:
    """All 18 · 19 · 18 · 18 = 110,808 verifications, or every so many, give what the definition gives, with and without
    a prepared key.
    """
    curve, n = curve_of(twin), twin.n
    signatures = [Signature(r, s) for r in range(1, n) for s in range(1, n)]
    count = 0
    for d in range(1, n):
        key = PublicKey(point_of(curve, twin.points[d]))
        if prepared:
            key = key.prepare()
        for e in range(n):
            digest = digest_of(e, n)
            for signature in signatures[count % every :: every]:
                assert key.verify_digest(signature, digest) == twin.verifies(d, e, signature.r, signature.s)
                count += 1
    assert count == 110808 if every == 1 else count > 110808 // (every + 1)


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.long)])
def test_all_verifications_in_bulk(twin: Group, every: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """All 110,808 verifications, or every so many, in any order: under keys with combs, without, and prepared ones."""
    monkeypatch.setattr(bulk, "LOCKSTEP", 3)  # of many, two points always meet
    curve, n = curve_of(twin), twin.n
    pairs = {(r, s): Signature(r, s) for r in range(1, n) for s in range(1, n)}
    keys = [PublicKey(point_of(curve, affine)) for affine in twin.points[1:]]
    wanted = [(d, e, *pair) for d in range(1, n) for e in range(n) for pair in pairs][::every]
    random.Random(1).shuffle(wanted)
    jobs = [
        (keys[d - 1] if (e + r) % 9 else keys[d - 1].prepare(), pairs[r, s], digest_of(e, n)) for d, e, r, s in wanted
    ]
    expected = [twin.verifies(*one) for one in wanted]
    assert expected.count(True) > len(expected) / 20
    tables = Tables(10 * comb_octets(n.bit_length(), 3))  # for some of the 18
    found: list[bool] = []
    for start in range(0, len(jobs), 2000):
        found += bulk.verify_digests(jobs[start : start + 2000], tables)
    assert found == expected


def test_verification_where_r_was_reduced(group: Group) -> None:
    """Verification is the definition's for every r of a few keys and digests; where n < p, x_R may be r + n."""
    curve, n = curve_of(group), group.n
    for d in (1, n - 1):
        key = PublicKey(point_of(curve, group.points[d]))
        for e in (0, n // 2):
            for r in range(1, n):
                for s in range(1, n, max(1, n // 12)):
                    expected = group.verifies(d, e, r, s)
                    assert key.verify_digest(Signature(r, s), digest_of(e, n)) == expected
                    assert key.prepare().verify_digest(Signature(r, s), digest_of(e, n)) == expected


def test_signatures_by_rfc6979_verify(twin: Group) -> None:
    """Every deterministic signature verifies, also where the first candidate gives r or s of 0 and is rejected."""
    curve, n = curve_of(twin), twin.n
    passed_over = 0
    for d in range(1, n):
        key = PrivateKey.from_int(d, curve=curve)
        for e in range(n):
            digest = digest_of(e, n)
            assert key.public_key.verify_digest(key.sign_digest(digest, hash="sha256"), digest)
            first = next(nonces(bytes([d]), digest, n, "sha256"))
            passed_over += signing.sign_with_nonce(curve, d, e, first) is None
    assert passed_over > 0


def test_recovery_finds_every_key(twin: Group) -> None:
    """Recovery gives exactly the keys under which a signature is valid, for every r, s and e."""
    curve, n = curve_of(twin), twin.n
    for e in range(n):
        for r in range(1, n):
            for s in range(1, n):
                found = PublicKey.recover(Signature(r, s), digest_of(e, n), curve=curve)
                held = {d for d in range(1, n) if twin.verifies(d, e, r, s)}
                assert {twin.index[key.x, key.y] for key in found} == held
                assert len(found) == len(held)


def test_recovery_where_r_was_reduced(group: Group) -> None:
    """The signer's key is among the recovered, also where x_R was r + n, and every one of them verifies."""
    curve, n = curve_of(group), group.n
    for k in range(1, n):
        signature = signing.sign_with_nonce(curve, 2, 1, k)
        if signature is None:
            continue
        found = PublicKey.recover(signature, digest_of(1, n), curve=curve)
        assert PrivateKey.from_int(2, curve=curve).public_key in found
        assert all(key.verify_digest(signature, digest_of(1, n)) for key in found)


def test_every_point_encoding_of_the_right_length(group: Group) -> None:
    """Of all octet strings of a compressed point's length, exactly the two for each x on the curve decode."""
    curve = curve_of(group)
    decoded = set()
    for first in range(256):
        for x in range(256):
            try:
                point = Point.from_bytes(bytes([first, x]), curve=curve)
            except ValueError:
                continue
            assert point.to_bytes() == bytes([first, x])
            decoded.add((point.x, point.y))
    assert decoded == {affine for affine in group.points if affine is not None}
