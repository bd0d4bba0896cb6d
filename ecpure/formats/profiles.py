"""Formats in which things are signed on this curve today: each says where signature, message and hash are found.

A further format is a further module with `read`, and a line in `PROFILES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import InvalidEncoding
from . import chargepoint, rpcn
from .documents import Reading


@dataclass(frozen=True, slots=True)
class Profile:
    """A format in which things are signed on secp224k1.

    name: what the command calls it. title: what it is, in a few words. suffix: what the name of the signature's file
    has after that of the signed file, or None for a signature inside of it. reader: takes the octets of the file, and
    of the signature's file if there is one; and `hash=`, where signers choose the hash, as `hash_varies` says.
    """

    name: str
    title: str
    suffix: str | None
    reader: Callable[..., Reading]
    hash_varies: bool = False

    def read(self, octets: bytes, signature: bytes | None = None, *, hash: str | None = None) -> Reading:
        """Return the reading of a file's octets, and of its signature's file where the profile has one.

        hash: hashlib's name of the one that the signer chose; None, and any other where the format has settled that,
        for the format's own. Raises `InvalidEncoding`, which says at which octet, for anything else than the one form.
        """
        if (signature is None) != (self.suffix is None):
            where = "inside" if self.suffix is None else f"a file of its own ({self.suffix})"
            raise InvalidEncoding(f"{self.name}: the signature is {where}")
        files = [octets] if signature is None else [octets, signature]
        return self.reader(*files, hash=hash) if hash is not None and self.hash_varies else self.reader(*files)


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("chargepoint", "a ChargePoint receipt", ".sign", chargepoint.read),
        Profile("rpcn", "an RPCN ticket", None, rpcn.read, hash_varies=True),
    )
}
