"""The hash functions on offer, by name, and HMAC: SHA-2 of FIPS 180-4, SHA-3 of FIPS 202; 224, 256, 384, 512 bits."""

from __future__ import annotations

import hashlib
from functools import cache

from .errors import UnknownHash
from .values import TYPE_CHECKING, require_text

if TYPE_CHECKING:
    from collections.abc import Callable

HASHES = ("sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512")

_CANONICAL = {name: name for name in HASHES}
_CANONICAL |= {name.replace("sha", "SHA-", 1): name for name in HASHES[:4]}
_CANONICAL |= {name.upper().replace("_", "-"): name for name in HASHES[4:]}


def canonical(name: str) -> str:
    """Return hashlib's name for `name`, written as hashlib does (sha256) or as FIPS does (SHA-256, SHA3-256).

    Raises `UnknownHash`, and `TypeError` for what is no `str`.
    """
    known = _CANONICAL.get(require_text(name, "hash"))
    if known is None:
        raise UnknownHash(f"hash: one of {', '.join(HASHES)} was expected")
    return known


def digest(name: str, message: bytes) -> bytes:
    """Return the digest of `message` under a canonical `name`."""
    function, *_ = _parts(name)
    return function(message).digest()


def digest_octets(name: str) -> int:
    """Return the octet length of a digest under a canonical `name`."""
    return _parts(name)[1]


def hmac(name: str, key: bytes) -> Callable[[bytes], bytes]:
    """Return HMAC (FIPS 198-1 §4) under a secret key of at most one block, to be used for many texts.

    name: canonical. The two blocks of the key are made without a branch or a table walk.
    """
    function, _, length, ipad, opad = _parts(name)
    block = int.from_bytes(key.ljust(length, b"\x00"), "big")
    inner = (block ^ ipad).to_bytes(length, "big")
    outer = (block ^ opad).to_bytes(length, "big")
    return lambda text: function(outer + function(inner + text).digest()).digest()


@cache
def _parts(name: str) -> tuple[Callable[..., hashlib._Hash], int, int, int, int]:
    """Return a hash function, its octet lengths of a digest and of a block, HMAC's ipad and opad as integers."""
    function: Callable[..., hashlib._Hash] = getattr(hashlib, name)
    length = function().block_size
    ipad, opad = (int.from_bytes(octet * length, "big") for octet in (b"\x36", b"\x5c"))
    return function, function().digest_size, length, ipad, opad
