"""Deterministic nonces: RFC 6979 §3.2, with the additional data of §3.6.

The RFC's q is our n, its x our d as octets, its int2octets our `sec1.encode_integer`; rlen is qlen rounded up to whole
octets. On secp224k1 qlen is 225 and n ≈ 2²²⁴, so half of all candidates are rejected: step h.3, dead code on most
curves, runs for every second message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from .hashes import digest_octets, hmac
from .sec1 import bits2int, encode_integer


def bits2octets(octets: bytes, n: int) -> bytes:
    """Return bits2int(octets) mod n, as octets of n's length (§2.3.4)."""
    qlen = n.bit_length()
    return encode_integer(bits2int(octets, qlen) % n, (qlen + 7) // 8)


def nonces(x: bytes, digest: bytes, n: int, hash: str, extra_entropy: bytes = b"") -> Iterator[int]:
    """Yield candidates for k in [1, n − 1], without end: the next is needed if r or s is 0.

    x: int2octets of the private key, at n's octet length; hash: hashlib's name of the HMAC's hash; extra_entropy: k' of
    §3.6, any length.
    Time depends on how many candidates are rejected, by some microseconds each. That says nothing about the accepted
    one, but it follows from x and the digest, unless extra_entropy is random: it can be used to test guesses of a key
    (SECURITY.md). For every hash, time also depends, by a few nanoseconds, on the length of the accepted one in the
    interpreter's digits of 30 bits: on secp224k1 one nonce in 2¹⁴ is a digit shorter.
    """
    qlen = n.bit_length()
    seed = x + bits2octets(digest, n) + extra_entropy

    V, hmac_K = _steps_b_c(hash)
    hmac_K = hmac(hash, hmac_K(V + b"\x00" + seed))  # d
    V = hmac_K(V)  # e
    hmac_K = hmac(hash, hmac_K(V + b"\x01" + seed))  # f
    V = hmac_K(V)  # g
    while True:  # h
        T = b""  # h.1
        while 8 * len(T) < qlen:  # h.2
            V = hmac_K(V)
            T += V
        # The two most dangerous lines of the package: with a nonce that has too few bits, or is not drawn from all of
        # [1, n − 1], signatures are still valid, but reveal the private key to anyone who has enough of them.
        k = bits2int(T, qlen)
        if 1 <= k < n:
            yield k
        hmac_K = hmac(hash, hmac_K(V + b"\x00"))  # h.3
        V = hmac_K(V)


@cache
def _steps_b_c(hash: str) -> tuple[bytes, Callable[[bytes], bytes]]:
    """Return V = 01 01 … 01 and HMAC under K = 00 00 … 00, which are the same for every key and digest."""
    hlen = digest_octets(hash)
    return b"\x01" * hlen, hmac(hash, b"\x00" * hlen)
