"""Formats of things signed on this curve today: each says where signature, message and hash are.

Another format needs a module with `read`, and a line in `PROFILES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import InvalidEncoding
from . import chargepoint, rpcn
from .documents import Fields, Reading


@dataclass(frozen=True, slots=True)
class Profile:
    """A format of things signed on secp224k1.

    name: for the command. title: what it is, in a few words. suffix: of the signature's file, after the name of the
    signed file, or None if the signature is inside. reader: takes the octets of the file, and of the signature's file
    if there is one; and `hash=` if `hash_varies`, because signers choose the hash. key_name: returns the name of the
    signer's key for what was signed, or raises `InvalidEncoding`; None if it does not say who signed.
    """

    name: str
    title: str
    suffix: str | None
    reader: Callable[..., Reading]
    hash_varies: bool = False
    key_name: Callable[[Fields], str] | None = None

    def read(self, octets: bytes, signature: bytes | None = None, *, hash: str | None = None) -> Reading:
        """Return the reading of a file's octets, and of its signature's file if the profile has one.

        hash: hashlib's name of the hash that the signer chose; None for the format's own, which is always used if the
        format fixes it. Raises `InvalidEncoding`, which names the octet, for anything but the one valid form.
        """
        if (signature is None) != (self.suffix is None):
            where = "inside" if self.suffix is None else f"a file of its own ({self.suffix})"
            raise InvalidEncoding(f"{self.name}: the signature is {where}")
        files = [octets] if signature is None else [octets, signature]
        return self.reader(*files, hash=hash) if hash is not None and self.hash_varies else self.reader(*files)


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("chargepoint", "a ChargePoint receipt", ".sign", chargepoint.read, key_name=chargepoint.key_name),
        Profile("rpcn", "an RPCN ticket", None, rpcn.read, hash_varies=True),
    )
}
