"""Hash functions by name, and HMAC."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from ecpure import UnknownHash, hashes
from ecpure.hashes import FOR_VERIFYING, HASHES, WEAK


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
    """FIPS 180-4 and FIPS 202 write them in capitals with hyphens, hashlib with underscores, others with neither."""
    standards = ["SHA-224", "SHA-256", "SHA-384", "SHA-512", "SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512"]
    spellings = [standards, HASHES, *([name.replace("-", mark) for name in standards] for mark in ("", "_"))]
    for names in spellings:
        for spelled in (names, map(str.lower, names), map(str.title, names)):
            assert [hashes.canonical(name) for name in spelled] == list(HASHES)


@pytest.mark.parametrize("name", ["", "md5", "sha", "256", "sha512224", "sha256 ", "sha 256", "ſha256"])
def test_other_names_are_unknown(name: str) -> None:
    """The refusal lists the names, and does not repeat the one that was given."""
    with pytest.raises(UnknownHash) as refusal:
        hashes.canonical(name)
    assert str(refusal.value) == f"hash: one of {', '.join(HASHES)} was expected"
    with pytest.raises(UnknownHash) as refusal:
        hashes.canonical_to_verify(name)
    assert str(refusal.value) == f"hash: one of {', '.join(HASHES + FOR_VERIFYING)} was expected"


OLD = {"sha1": ["SHA-1", "SHA1"], "sha512_256": ["SHA-512/256", "SHA512-256"], "ripemd160": ["RIPEMD-160"]}
"""Hashes for verifying only, and other spellings of them."""


@pytest.mark.parametrize("name", HASHES)
def test_what_signs_verifies(name: str) -> None:
    """Each hash to sign with is one to verify with, and is not among those for verifying only."""
    assert hashes.canonical_to_verify(name) == name
    assert hashes.is_available(name)
    assert name not in FOR_VERIFYING


@pytest.mark.parametrize("name", OLD)
def test_old_hashes_are_for_verifying(name: str) -> None:
    """They are hashlib's, in every spelling; to sign they are refused, by a sentence of their own."""
    for spelling in (name, *OLD[name]):
        with pytest.raises(UnknownHash, match=rf"^hash: {name} is for verifying only; to sign, one of sha224, "):
            hashes.canonical(spelling)
    if not hashes.is_available(name):
        pytest.skip(f"this Python's hashlib has no {name}")
    for spelling in (name, *OLD[name]):
        assert hashes.canonical_to_verify(spelling) == name
    assert hashes.digest(name, b"abc") == hashlib.new(name, b"abc").digest()
    assert hashes.digest_octets(name) == hashlib.new(name).digest_size


def test_old_hashes_are_all_of_these() -> None:
    """And those of 160 bits are weak."""
    assert set(FOR_VERIFYING) == OLD.keys()
    assert set(WEAK) == {"sha1", "ripemd160"}


def test_a_hash_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL may come without RIPEMD-160: the refusal says so."""
    monkeypatch.setattr(hashes, "is_available", lambda name: name != "ripemd160")
    assert hashes.canonical_to_verify("sha1") == "sha1"
    with pytest.raises(UnknownHash, match=r"^hash: ripemd160 is not in this Python's hashlib: "):
        hashes.canonical_to_verify("RIPEMD-160")


def test_whether_a_hash_is_there() -> None:
    """It is what hashlib says."""
    assert not hashes.is_available("sha0")
    assert hashes.is_available("sha1")


def test_hashes_are_asked_for_as_not_for_security(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where OpenSSL is set to allow only what FIPS 140 does, hashlib has the others for such uses only, and they still
    verify old signatures.
    """
    new = hashlib.new

    def restricted(name: str, data: bytes = b"", *, usedforsecurity: bool = True) -> Any:
        if usedforsecurity:
            raise ValueError("[digital envelope routines] unsupported")
        return new(name, data, usedforsecurity=False)

    monkeypatch.setattr(hashlib, "new", restricted)
    name = "md5"  # of which neither function has kept anything
    assert hashes.is_available(name)
    assert hashes.digest_octets(name) == 16
    assert hashes.digest(name, b"abc") == new(name, b"abc", usedforsecurity=False).digest()


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
