"""Hash functions by name, and HMAC."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from ecpure import UnknownHash, hashes
from ecpure.hashes import HASHES


@pytest.mark.parametrize("name", HASHES)
def test_hmac_is_the_standard_librarys(name: str) -> None:
    """HMAC agrees with Python's own for every hash, for keys of every length up to a block, and many texts."""
    block = hashlib.new(name).block_size
    for length in (0, 1, 28, block - 1, block):
        key = bytes(range(7, 7 + length)) if length < 200 else bytes(length)
        under_key = hashes.hmac(name, key)
        for text in (b"", b"a", bytes(300)):
            assert under_key(text) == hmac.digest(key, text, name)


def test_the_names_are_those_of_hashlib_and_of_the_standards() -> None:
    """Each function has two names, which FIPS 180-4 and FIPS 202 write with hyphens, and hashlib without."""
    standards = ["SHA-224", "SHA-256", "SHA-384", "SHA-512", "SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512"]
    assert [hashes.canonical(name) for name in standards] == [hashes.canonical(name) for name in HASHES] == list(HASHES)


@pytest.mark.parametrize("name", ["", "md5", "sha1", "SHA224", "sha-256", "Sha256", "sha3-256", "SHA3_256", "sha256 "])
def test_other_names_are_unknown(name: str) -> None:
    """The refusal lists the names, and does not repeat the one that was given."""
    with pytest.raises(UnknownHash) as refusal:
        hashes.canonical(name)
    assert str(refusal.value) == f"hash: one of {', '.join(HASHES)} was expected"


def test_a_name_is_text() -> None:
    """hashlib's function itself, octets and None are refused."""
    for name in (hashlib.sha256, b"sha256", None):
        with pytest.raises(TypeError, match=r"^hash: a str was expected"):
            hashes.canonical(name)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", HASHES)
def test_digests_are_those_of_hashlib(name: str) -> None:
    """Of the empty message and others; the length is known without making one."""
    for message in (b"", b"abc", bytes(1000)):
        assert hashes.digest(name, message) == hashlib.new(name, message).digest()
        assert hashes.digest_octets(name) == len(hashes.digest(name, message))
