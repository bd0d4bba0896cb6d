"""The hash functions on offer, by name: SHA-2 of FIPS 180-4 and SHA-3 of FIPS 202, at 224, 256, 384 and 512 bits."""

from __future__ import annotations

import hashlib

from .errors import UnknownHash
from .values import require_text

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


def digest_octets(name: str) -> int:
    """Return the octet length of a digest under a canonical `name`."""
    return hashlib.new(name).digest_size


def digest(name: str, message: bytes) -> bytes:
    """Return the digest of `message` under a canonical `name`."""
    return hashlib.new(name, message).digest()
