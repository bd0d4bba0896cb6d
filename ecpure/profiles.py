"""What is signed on this curve today: each profile is a module that says where signature, message and hash are found.

A further format is a further module with `read`, and a line in `PROFILES`.
"""

from __future__ import annotations

from importlib import import_module

from .errors import InvalidEncoding
from .hashes import digest
from .values import Value

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from collections.abc import Callable

    from .signature import Signature

    Fields = dict[str, str | int | dict[str, str]]


class Reading(Value):
    """What a profile reads: a signature in the range of secp224k1, the message that it is over, the message's hash by
    hashlib's name, and the fields that say what was signed, ready for `json.dumps`.
    """

    __slots__ = ("fields", "hash", "message", "signature")

    fields: Fields
    hash: str
    message: bytes
    signature: Signature

    def __init__(self, signature: Signature, message: bytes, hash: str, fields: Fields) -> None:
        self._set(signature=signature, message=message, hash=hash, fields=fields)

    def digest(self) -> bytes:
        """Return the digest of the message, which the signature is of."""
        return digest(self.hash, self.message)


class Profile(Value):
    """A format in which things are signed on secp224k1.

    name: what the command calls it, and the name of its module. title: what it is, in a few words. suffix: what the
    name of the signature's file has after that of the signed file, or None for a signature inside of it.
    """

    __slots__ = ("name", "suffix", "title")

    name: str
    suffix: str | None
    title: str

    def __init__(self, name: str, title: str, suffix: str | None) -> None:
        self._set(name=name, title=title, suffix=suffix)

    def read(self, octets: bytes, signature: bytes | None = None) -> Reading:
        """Return the reading of a file's octets, and of its signature's file where the profile has one.

        Raises `InvalidEncoding`, which says at which octet, for anything else than the one form.
        """
        if (signature is None) != (self.suffix is None):
            where = "inside" if self.suffix is None else f"a file of its own ({self.suffix})"
            raise InvalidEncoding(f"{self.name}: the signature is {where}")
        read: Callable[..., Reading] = import_module(f".{self.name}", __package__).read
        return read(octets) if signature is None else read(octets, signature)


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("chargepoint", "a ChargePoint receipt", ".sign"),
        Profile("rpcn", "an RPCN ticket", None),
    )
}


def decode_signature(octets: bytes, form: str, what: str, base: int = 0) -> Signature:
    """Return the signature that `octets` encode as `form`, "der" or "compact", with r and s in [1, n − 1].

    Raises `InvalidEncoding`, which names `what` the octets are in, and the octet; `base`: where in it they begin.
    """
    from .signature import Signature  # slow to import, and no part of a command's arguments

    try:
        signature = Signature.from_der(octets) if form == "der" else Signature.from_compact(octets)
        signature.require_range()
    except InvalidEncoding as error:
        place = base + (error.octet or 0)
        reason = str(error).removeprefix("signature: ")
        raise InvalidEncoding(f"{what}: octet {place}: {reason}", octet=place) from None
    return signature
