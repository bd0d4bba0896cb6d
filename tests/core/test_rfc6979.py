"""Nonces against RFC 6979's own examples, and what only shows where n has 225 bits."""

from __future__ import annotations

import hashlib
import hmac
import statistics
from itertools import islice
from random import Random
from typing import Any

import pytest
import timed_candidates
from timed_candidates import ranked, refused

from ecpure import SECP224K1, PrivateKey, rfc6979
from ecpure.rfc6979 import bits2octets, nonces
from ecpure.sec1 import bits2int, encode_integer

N = SECP224K1.n


# RFC 6979 A.1.2: the group order of K-163 and its example key.
K163_Q, K163_X = 0x4000000000000000000020108A2E0CC0D99F8A5EF, 0x09A4D6792295A7F730FC3F2B49CBC0F62E862272F


# RFC 6979 A.2.5: the group order of P-256, its example key, and k by hash and message.
P256_Q = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


P256_X = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721


P256_K = {
    ("sha224", b"sample"): 0x103F90EE9DC52E5E7FB5132B7033C63066D194321491862059967C715985D473,
    ("sha256", b"sample"): 0xA6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60,
    ("sha384", b"sample"): 0x09F634B188CEFD98E7EC88B1AA9852D734D0BC272F7D2A47DECC6EBEB375AAD4,
    ("sha512", b"sample"): 0x5FA81C63109BADB88C1F367B47DA606DA28CAD69AA22C4FE6AD7DF73A7173AA5,
    ("sha224", b"test"): 0x669F4426F2688B8BE0DB3A6BD1989BDAEFFF84B649EEB84F3DD26080F667FAA7,
    ("sha256", b"test"): 0xD16B6AE827F17175E040871A1C7EC3500192C4C92677336EC2537ACAEE0008E0,
    ("sha384", b"test"): 0x16AEFFA357260B04B1DD199693960740066C1A8F3E8EDD79070AA914D361B3B8,
    ("sha512", b"test"): 0x6915D11632ACA3C40D5D51C08DAF9C555933819548784480E93499000D9F0B7F,
}


@pytest.mark.parametrize(("hash", "message"), P256_K)
def test_examples_of_p256(hash: str, message: bytes) -> None:
    """The first candidate in range is the RFC's k (A.2.5)."""
    digest = hashlib.new(hash, message).digest()
    assert next(nonces(P256_X.to_bytes(32, "big"), digest, P256_Q, hash)) == P256_K[hash, message]


def test_example_of_k163_where_two_candidates_are_refused() -> None:
    """The detailed example of A.1: 163 bits are no multiple of 8, and the third candidate is taken."""
    digest = hashlib.sha256(b"sample").digest()
    assert bits2octets(digest, K163_Q).hex() == "01795edf0d54db760f156d0dac04c0322b3a204224"
    assert (
        next(nonces(K163_X.to_bytes(21, "big"), digest, K163_Q, "sha256"))
        == 0x23AF4074C90A02B3FE61D286D5C87F425E6BDD81B
    )


def test_bits2octets_reduces_once() -> None:
    """The integer is reduced mod n, and applying it to its own result shifts again: it is not idempotent here."""
    digest = b"\xff" * 32
    reduced = bits2octets(digest, N)
    assert reduced == encode_integer((2**225 - 1) - N, 29)
    assert bits2octets(reduced, N) != reduced
    assert all(bits2octets(hashlib.sha224(bytes([i])).digest(), N)[0] == 0 for i in range(100))


def naive_candidates(d: int, digest: bytes, hash: str, extra: bytes = b"", n: int = N) -> list[tuple[int, bool]]:
    """Return the first twenty candidates with whether each is in range, step by step as §3.2 has them."""

    def mac(key: bytes, data: bytes) -> bytes:
        return hmac.new(key, data, hash).digest()

    qlen = n.bit_length()
    rolen = -(-qlen // 8)
    e = (int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - qlen)) % n
    seed = d.to_bytes(rolen, "big") + e.to_bytes(rolen, "big") + extra
    size = hashlib.new(hash).digest_size
    v, k = b"\x01" * size, b"\x00" * size
    for octet in (b"\x00", b"\x01"):
        k = mac(k, v + octet + seed)
        v = mac(k, v)
    candidates = []
    for _ in range(20):
        t = b""
        while len(t) * 8 < qlen:
            v = mac(k, v)
            t += v
        candidate = int.from_bytes(t, "big") >> len(t) * 8 - qlen
        candidates.append((candidate, 1 <= candidate < n))
        k = mac(k, v + b"\x00")
        v = mac(k, v)
    return candidates


@pytest.mark.parametrize("hash", ["sha224", "sha256"])
def test_one_block_is_enough_where_it_has_as_many_bits_as_n(hash: str) -> None:
    """Where n is exactly as long as the hash, no candidate takes a second block, the refused ones included."""
    n = 2 ** (8 * hashlib.new(hash).digest_size - 1) + 95
    digest = hashlib.new(hash, b"message").digest()
    expected = [k for k, in_range in naive_candidates(7, digest, hash, n=n) if in_range]
    assert len(expected) < 20
    x = (7).to_bytes(len(digest), "big")
    assert list(islice(nonces(x, digest, n, hash), len(expected))) == expected


def test_nonces_are_all_the_numbers_below_n_but_0() -> None:
    """Of a small order, the stream has 1 and n − 1 and what is between, and neither 0 nor n nor above."""
    assert set(islice(nonces(b"\x05", bytes(32), 19, "sha256"), 2000)) == set(range(1, 19))


@pytest.mark.parametrize("hash", ["sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_512"])
def test_stream_skips_the_candidates_out_of_range(hash: str) -> None:
    """The stream is the in-range candidates in order; about half are refused, and seldom many in a row."""
    tries = []
    for i in range(200):
        digest = hashlib.new(hash, bytes([i])).digest()
        candidates = naive_candidates(1 + i * 7**70 % (N - 1), digest, hash)
        expected = [k for k, in_range in candidates if in_range]
        assert (
            list(islice(nonces((1 + i * 7**70 % (N - 1)).to_bytes(29, "big"), digest, N, hash), len(expected)))
            == expected
        )
        tries.append([in_range for _, in_range in candidates].index(True) + 1)
    assert 70 < tries.count(1) < 130
    assert max(tries) >= 5


def test_extra_entropy_changes_the_nonce_and_the_empty_one_does_not() -> None:
    """§3.6: k' is appended to the seed; none and empty are the same; each value gives another valid signature."""
    key = PrivateKey.from_int(12345)
    digest = hashlib.sha224(b"message").digest()
    plain = key.sign_digest(digest)
    assert key.sign_digest(digest, extra_entropy=b"") == plain
    extra = [key.sign_digest(digest, extra_entropy=octets) for octets in (b"\x00", b"\x01", b"x" * 32, b"y" * 500)]
    assert len({plain, *extra}) == 5
    assert all(key.public_key.verify_digest(signature, digest) for signature in extra)
    expected = next(k for k, in_range in naive_candidates(12345, digest, "sha224", b"x" * 32) if in_range)
    assert extra[2].r == (expected * SECP224K1.G).x


@pytest.mark.parametrize("hash", ["sha224", "sha256", "sha384", "sha512", "sha3_512"])
def test_no_octet_beyond_those_that_are_needed_becomes_a_number(hash: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a longer block the first 29 are taken: how long a number of all would be, follows the nonce's first bits."""
    read = []

    class Octets(bytes):
        def __getitem__(self, index: Any) -> Any:
            read.append(found := bytes(self)[index])
            return found

    monkeypatch.setattr(rfc6979, "bits2int", lambda octets, qlen: bits2int(Octets(octets), qlen))
    digest = hashlib.new(hash, b"message").digest()
    found = [*islice(nonces((5).to_bytes(29, "big"), digest, N, hash), 10)]
    expected = [k for k, in_range in naive_candidates(5, digest, hash) if in_range]
    assert found[: len(expected)] == expected[:10]
    assert {len(octets) for octets in read[1:]} == {29}
    assert len(read[0]) == min(29, len(digest))


def test_how_many_candidates_are_refused_tells_guesses_of_the_key_apart() -> None:
    """A limit, tested so that it is not forgotten: someone who times signatures of known messages, here with noise of
    the size of two candidates, finds the right one of 50 guesses. With `extra_entropy` the count is another."""
    random = Random(6979)
    keys = [PrivateKey.from_int(1 + random.randrange(N - 1)) for _ in range(50)]
    messages = [b"%d" % i for i in range(100)]
    counts = [refused(key, messages) for key in keys]
    assert counts[17] == refused(keys[17], messages)
    times = [4.8 * count + random.gauss(66, 9.6) for count in counts[17]]
    assert ranked(times, counts)[0] == 17
    hedged = refused(keys[17], messages, b"entropy")
    assert hedged != counts[17]
    assert abs(statistics.correlation(hedged, counts[17])) < 0.3 < statistics.correlation(times, counts[17])


def test_the_program_that_times_says_where_the_right_guess_ranks(capsys: pytest.CaptureFixture[str]) -> None:
    """Without extra entropy and with it; what it measures is not a property of the package that a test could check."""
    assert timed_candidates.main(["--guesses", "3", "--messages", "20", "--rounds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].split(", ")[1] for line in lines] == ["RFC 6979", "with extra_entropy"]


def test_what_every_stream_begins_with_is_made_once() -> None:
    """Steps b and c depend on the hash alone: they are not done again for another key or digest."""
    assert rfc6979._steps_b_c("sha224") is rfc6979._steps_b_c("sha224")
    assert rfc6979._steps_b_c("sha224") != rfc6979._steps_b_c("sha3_224")
