"""The supported hash functions, by name, and HMAC: SHA-2 of FIPS 180-4, SHA-3 of FIPS 202; 224, 256, 384, 512 bits.

Others are supported only for verifying old signatures.
"""

from __future__ import annotations

import hashlib
from functools import cache, partial

from .errors import UnknownHash
from .values import TYPE_CHECKING, require_text

if TYPE_CHECKING:
    from collections.abc import Callable

HASHES = ("sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512")

FOR_VERIFYING = ("sha1", "sha512_256", "ripemd160")
"""For verifying old signatures only, never for signing; hashlib's names."""

WEAK = {
    "sha1": "different messages with one digest are known, and share their signatures (NIST SP 800-131A Rev. 2 §9)",
    "ripemd160": "160 bits are too few to rule out, in the long run, different messages with one digest",
}
"""Hashes of 160 bits, and why a signature of such a digest proves less. NIST SP 800-131A Rev. 2 §9 disallows SHA-1 for
signing, and calls verifying with it legacy use.
"""

_SEPARATORS = str.maketrans("", "", "-_/")
_CANONICAL = {name.translate(_SEPARATORS): name for name in HASHES + FOR_VERIFYING}


def canonical(name: str) -> str:
    """Return hashlib's name for `name`; case, hyphens, underscores and slashes do not matter: sha3_256 for SHA3-256, as
    FIPS 202 writes it.

    Raises `UnknownHash`, also for hashes that are for verifying only; `TypeError` unless `name` is a str.
    """
    known = _CANONICAL.get(require_text(name, "hash").lower().translate(_SEPARATORS))
    if known in FOR_VERIFYING:
        raise UnknownHash(f"hash: {known} is for verifying only; to sign, one of {', '.join(HASHES)} was expected")
    if known is None:
        raise UnknownHash(f"hash: one of {', '.join(HASHES)} was expected")
    return known


def canonical_to_verify(name: str) -> str:
    """Return the same, also for hashes that are for verifying only.

    Raises `UnknownHash`, also for one of these that this Python's hashlib lacks; `TypeError`.
    """
    known = _CANONICAL.get(require_text(name, "hash").lower().translate(_SEPARATORS))
    if known is None:
        raise UnknownHash(f"hash: one of {', '.join(HASHES + FOR_VERIFYING)} was expected")
    if not is_available(known):
        raise UnknownHash(f"hash: {known} is not in this Python's hashlib: its OpenSSL does not have it")
    return known


@cache
def is_available(name: str) -> bool:
    """Whether this Python's hashlib has the function of a canonical `name`: RIPEMD-160 depends on its OpenSSL."""
    try:
        hashlib.new(name, usedforsecurity=False)
    except ValueError:
        return False
    return True


def digest(name: str, message: bytes) -> bytes:
    """Return the digest of `message` under a canonical `name`."""
    function, *_ = _parts(name)
    return function(message).digest()


def digest_octets(name: str) -> int:
    """Return the octet length of a digest under a canonical `name`."""
    return _parts(name)[1]


def hmac(name: str, key: bytes) -> Callable[[bytes], bytes]:
    """Return HMAC (FIPS 198-1 §4) under a secret key of at most one block, for use on many texts.

    name: canonical. The two key blocks are computed without branches or table lookups.
    """
    function, _, length, ipad, opad = _parts(name)
    block = int.from_bytes(key.ljust(length, b"\x00"), "big")
    inner = (block ^ ipad).to_bytes(length, "big")
    outer = (block ^ opad).to_bytes(length, "big")
    return lambda text: function(outer + function(inner + text).digest()).digest()


@cache
def _parts(name: str) -> tuple[Callable[..., hashlib._Hash], int, int, int, int]:
    """Return a hash function, its octet lengths of a digest and of a block, HMAC's ipad and opad as integers."""
    function: Callable[..., hashlib._Hash] = partial(hashlib.new, name, usedforsecurity=False)
    if name in HASHES:  # every Python has these as functions, which are faster
        function = getattr(hashlib, name)
    length = function().block_size
    ipad, opad = (int.from_bytes(octet * length, "big") for octet in (b"\x36", b"\x5c"))
    return function, function().digest_size, length, ipad, opad
