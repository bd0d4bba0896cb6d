"""Verifying and recovering on digests: ranges, edges, and sums that meet equal and opposite points."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from oracle import Group

from ecpure import (
    SECP224K1,
    Curve,
    InvalidSignature,
    Point,
    PrivateKey,
    PublicKey,
    Signature,
    verifying,
)
from ecpure.comb import Comb

N, P = SECP224K1.n, SECP224K1.p

DIGEST = hashlib.sha224(b"message").digest()

KEY = PrivateKey.from_int(0x1234567890ABCDEF)

PUBLIC = KEY.public_key


@pytest.fixture(params=[False, True], ids=["plain", "prepared"])
def public(request: pytest.FixtureRequest) -> PublicKey:
    return PUBLIC.prepare() if request.param else PUBLIC


@pytest.mark.parametrize(("r", "s"), [(N, 1), (1, N), (N + 1, 1), (1, N + 1), (2**232 - 1, 1), (1, 2**232 - 1)])
def test_n_and_above_is_out_of_range(r: int, s: int, public: PublicKey) -> None:
    """Such a pair exists in DER, verifies nothing, recovers nothing, and has no p1363 form in either direction."""
    signature = Signature.from_der(Signature(r, s).to_der())
    assert signature == Signature(r, s)
    assert not signature.in_range()
    assert public.verify_digest(signature, DIGEST) is False
    assert PublicKey.recover(signature, DIGEST) == []
    for refused in (signature.to_p1363, signature.low_s, signature.require_range):
        with pytest.raises(InvalidSignature):
            refused()
    with pytest.raises(InvalidSignature):
        Signature.from_p1363(r.to_bytes(29, "big") + s.to_bytes(29, "big"))


def test_r_between_p_and_n_never_verifies(public: PublicKey) -> None:
    """r is an x-coordinate, hence below p: r + p, r + n, and any r in [p, n) are refused, though in range mod n."""
    signature = KEY.sign_digest(DIGEST)
    assert public.verify_digest(signature, DIGEST) is True
    assert public.verify_digest(Signature(signature.r + P, signature.s), DIGEST) is False
    assert public.verify_digest(Signature(signature.r + N, signature.s), DIGEST) is False
    for r in (P, P + 1, N - 1):
        assert public.verify_digest(Signature(r, signature.s), DIGEST) is False
        assert PublicKey.recover(Signature(r, signature.s), DIGEST) == []


def test_x_that_equals_r_mod_p_only_is_a_forgery(public: PublicKey) -> None:
    """With R of x < n − p, the pair (x + p, s) fits x ≡ r (mod p), and is refused."""
    x = next(x for x in range(1, 100) if verifying.recover(SECP224K1, 1, Signature(x, 1)))
    assert x + P < N
    key = PublicKey.recover(Signature(x, 77), DIGEST)[0]
    assert key.verify_digest(Signature(x, 77), DIGEST) is True
    # u1·G + u2·Q = ±R again for r = x + p needs another key: Q' = r'⁻¹(sR − eG).
    R = Point.from_bytes(b"\x02" + x.to_bytes(28, "big"))
    r = x + P
    e = int.from_bytes(DIGEST, "big")
    forged = pow(r, -1, N) * (77 * R - e * SECP224K1.G)
    assert PublicKey(forged).verify_digest(Signature(r, 77), DIGEST) is False
    assert PublicKey(forged).prepare().verify_digest(Signature(r, 77), DIGEST) is False
    assert public.verify_digest(Signature(x, 77), DIGEST) is False


def test_sums_that_meet_infinity_or_a_doubling(public: PublicKey) -> None:
    """u1·G = ±u2·Q: infinity is refused, and a doubling is right, with a key met once and with a prepared one."""
    e, d = int.from_bytes(DIGEST, "big"), 0x1234567890ABCDEF
    minus = -e * pow(d, -1, N) % N  # r with u1 + u2·d = 0
    plus = e * pow(d, -1, N) % N  # r with u1 = u2·d: R = 2·u1·G
    for s in (1, 2, 3, N - 1, N // 2):
        assert public.verify_digest(Signature(minus, s), DIGEST) is False
        u1 = e * pow(s, -1, N) % N
        assert public.verify_digest(Signature(plus, s), DIGEST) is ((2 * u1 * SECP224K1.G).x == plus)
    # A doubling that does hold: r = x(2·u1·G) with e = r·d, hence any s with u1 = e/s.
    R = 2 * SECP224K1.G
    digest = (R.x * d % N << 7).to_bytes(29, "big")
    assert public.verify_digest(Signature(R.x, R.x * d % N), digest) is True


@pytest.mark.parametrize("d", [1, 2, N - 1, N - 2, N // 2, 2**224, 2**224 - 1, 2**112, 3])
def test_keys_and_digests_at_the_edges(d: int) -> None:
    """Keys ±1, ±2, powers of two, and digests that make e 0, 1, n − 1, n or the largest, sign and verify."""
    key = PrivateKey.from_int(d)
    for e in (0, 1, N - 1, N, N + 1, 2**225 - 1):
        digest = (e << 7).to_bytes(29, "big")
        signature = key.sign_digest(digest)
        for public in (key.public_key, key.public_key.prepare()):
            assert public.verify_digest(signature, digest)
            assert public.verify_digest(Signature(signature.r, N - signature.s), digest)
            assert not public.verify_digest(signature, ((e ^ 2) << 7).to_bytes(29, "big"))
            assert not public.verify_digest(Signature(signature.s % P or 1, signature.r), digest)
        assert key.public_key in PublicKey.recover(signature, digest)


def test_digests_are_cut_to_225_bits() -> None:
    """Bits beyond the 225th do not count, and the 225th does: cutting to 224 would take another digest."""
    digest = hashlib.sha256(b"message").digest()
    signature = KEY.sign_digest(digest)
    assert PUBLIC.verify_digest(signature, digest[:28] + bytes([digest[28] ^ 0x7F]) + digest[29:])
    assert not PUBLIC.verify_digest(signature, digest[:28] + bytes([digest[28] ^ 0x80]) + digest[29:])


def test_every_changed_bit_of_a_signature_or_digest_is_invalid(public: PublicKey) -> None:
    """Of all signatures and digests one bit away, none verifies."""
    signature = KEY.sign_digest(DIGEST)
    for i in range(225):
        for other in ((signature.r ^ 1 << i, signature.s), (signature.r, signature.s ^ 1 << i)):
            assert not public.verify_digest(Signature(*other), DIGEST)
    for i in range(224):
        assert not public.verify_digest(signature, (int.from_bytes(DIGEST, "big") ^ 1 << i).to_bytes(28, "big"))


def test_the_key_of_even_y_R_is_recovered_first() -> None:
    """Of the two keys, each with its R = s⁻¹(e·G + r·Q), that of even y_R comes first, whichever y is the larger."""
    larger = set()
    for i in range(20):
        digest = hashlib.sha224(bytes([i])).digest()
        e, signature = int.from_bytes(digest, "big"), KEY.sign_digest(digest)
        w = pow(signature.s, -1, N)
        keys = PublicKey.recover(signature, digest)
        assert PUBLIC in keys
        even, odd = (w * (e * SECP224K1.G + signature.r * key.point) for key in keys)
        assert even == -odd
        assert (even.y % 2, odd.y % 2) == (0, 1)
        larger.add(even.y > odd.y)
    assert larger == {True, False}


def test_lockstep_needs_no_second_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no sum meets equal or opposite points, every verdict, true and false, is reached without `verify`."""
    monkeypatch.setattr(verifying, "verify", None)
    keys = [PrivateKey.from_int(d) for d in (3, 1 << 100, SECP224K1.n - 7)]
    jobs, expected = [], []
    for e, key in enumerate(keys, 100):
        signature = key.sign_digest(e.to_bytes(28, "big"))
        jobs += [(e, signature), (e + 1, signature), (e, Signature(signature.r, signature.s + 1))]
        jobs.append((e, Signature(signature.r, SECP224K1.n)))
        expected += [True, False, False, False]
    points = [key.public_key.point.coordinates for key in keys for _ in range(4)]
    assert verifying.verify_each(SECP224K1, points, jobs) == expected
    comb = keys[1].public_key.prepare().comb
    assert comb is not None
    assert verifying.verify_each(SECP224K1, [comb] * 12, jobs) == [False] * 4 + expected[4:8] + [False] * 4
    assert verifying.verify_each(SECP224K1, [comb], jobs[3:4]) == [False]
    for width in (3, 10):
        combs = [Comb(Q, SECP224K1.field, SECP224K1.order, width) for Q in points[::4]]
        assert verifying.verify_each(SECP224K1, [comb for comb in combs for _ in range(4)], jobs) == expected


def test_combs_and_points_do_not_go_together() -> None:
    """A caller that does not keep them apart gets an error, and no verdict."""
    e, comb = int.from_bytes(DIGEST, "big") << 1, PUBLIC.prepare().comb
    assert comb is not None
    jobs = [(e, KEY.sign_digest(DIGEST))] * 2
    mixed: Any
    for mixed in ([comb, PUBLIC.point.coordinates], [PUBLIC.point.coordinates, comb]):
        with pytest.raises(ValueError, match="zip"):
            verifying.verify_each(SECP224K1, mixed, jobs)


@pytest.mark.parametrize("count", [15, pytest.param(119, marks=pytest.mark.long)])
def test_sums_that_meet_in_the_middle_spoil_no_neighbour(count: int) -> None:
    """Under the keys ±G, items whose sums pass through equal and opposite points and infinity are among others."""
    for d in (1, N - 1):
        key = PrivateKey.from_int(d)
        public = key.public_key
        jobs = []
        for i in range(1, count + 1):
            digest = (i * 0x1234567).to_bytes(28, "big")
            e = verifying.digest_to_int(SECP224K1, digest)
            jobs.append((e, key.sign_digest(digest)))
            # u1 + u2·d = 0: infinity; u1 = u2·d: a doubling.
            jobs += [(e, Signature(-e * d % N, i)), (e, Signature(e * d % N, i)), (e, Signature(i, i))]
        comb = public.prepare().comb
        assert comb is not None
        Q = public.point.coordinates
        expected = [verifying.verify(SECP224K1, Q, e, signature) for e, signature in jobs]
        assert expected.count(True) >= count
        assert [verifying.verify(SECP224K1, comb, e, signature) for e, signature in jobs] == expected
        for size in (1, 3, len(jobs)):
            for keys in ([comb] * size, [Q] * size):
                found: list[bool] = []
                for start in range(0, len(jobs), size):
                    found += verifying.verify_each(SECP224K1, keys, jobs[start : start + size])
                assert found == expected


@pytest.mark.parametrize("kind", ["points", "one comb", "combs"])
def test_one_bad_sum_among_good_ones(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that meets opposite points is given up, and each item verified alone; without one, no item is."""
    alone = []
    verify = verifying.verify

    def counting(*job: Any) -> bool:
        alone.append(job)
        return verify(*job)

    monkeypatch.setattr(verifying, "verify", counting)
    signers = [PrivateKey.from_int(0xC0FFEE + (i % 5 if kind == "combs" else 0)) for i in range(40)]
    points = [signer.public_key.point.coordinates for signer in signers]
    combs = {point: Comb(point, SECP224K1.field, SECP224K1.order, 5) for point in points}
    keys = points if kind == "points" else [combs[point] for point in points]
    jobs = [((256 + i) >> 7, signer.sign_digest((256 + i).to_bytes(29, "big"))) for i, signer in enumerate(signers)]
    expected = verifying.verify_each(SECP224K1, keys, jobs)
    assert not alone
    e, bad = jobs[15][0], 0xBAD
    jobs[15] = (e, Signature(-e * pow(0xC0FFEE, -1, N) % N, bad))  # R is infinity
    expected[15] = False
    assert verifying.verify_each(SECP224K1, keys, jobs) == expected
    assert len(alone) == 40


@pytest.mark.parametrize(
    ("shape", "most"),
    [
        ((13, 2), 19),
        ((43, 7), 6),
        pytest.param((31, 3), 19, marks=pytest.mark.long),
        pytest.param((43, 7), 19, marks=pytest.mark.long),
    ],
)
def test_whole_toy_groups_in_lockstep(shape: tuple[int, int], most: int) -> None:
    """Verifications on toy curves, n > p and n < p: prepared and not, under one key and under all of them, in groups of
    every kind, are as the definition has them: all of them, or those of at least so many values of e and s."""
    group = Group(*shape)
    G = group.points[1]
    assert G is not None
    n = group.n
    curve = Curve(name="toy", p=group.p, b=group.b, n=n, gx=G[0], gy=G[1])
    step = max(1, n // most)
    jobs = [(e, r, s) for e in range(0, n, step) for r in range(1, n) for s in range(1, n, step)]
    signed = [(e, Signature(r, s)) for e, r, s in jobs]
    points = [PublicKey(Point(*affine, curve=curve)) for affine in group.points[1:] if affine is not None]
    for d, public in enumerate(points, 1):
        if d > 18 and d % 7:
            continue
        comb = public.prepare().comb
        assert comb is not None
        expected = [group.verifies(d, e, r, s) for e, r, s in jobs]
        assert verifying.verify_each(curve, [comb] * len(signed), signed) == expected
        for start in range(0, 400, 40):
            part = slice(start, start + 1 + start // 40)
            one_key = [public.point.coordinates] * len(signed[part])
            assert verifying.verify_each(curve, [comb] * len(signed[part]), signed[part]) == expected[part]
            assert verifying.verify_each(curve, one_key, signed[part]) == expected[part]
    widths = range(1, n.bit_length())
    combs = [[Comb(Q.point.coordinates, curve.field, curve.order, width) for Q in points] for width in widths]
    for start in range(0, min(3000, len(jobs)), 3):  # three keys at once, often without a meeting of points
        part = slice(start, start + 3)
        ds = [1 + (start + i) % (n - 1) for i in range(len(jobs[part]))]
        expected = [group.verifies(d, *job) for d, job in zip(ds, jobs[part], strict=True)]
        assert verifying.verify_each(curve, [points[d - 1].point.coordinates for d in ds], signed[part]) == expected
        of_one_width = combs[start // 3 % len(combs)]
        assert verifying.verify_each(curve, [of_one_width[d - 1] for d in ds], signed[part]) == expected
