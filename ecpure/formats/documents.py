"""What a signed document says, in any format."""

from __future__ import annotations

from dataclasses import dataclass

from ..curve import SECP224K1
from ..errors import InvalidEncoding
from ..hashes import digest
from ..signature import Signature
from .encodings import SIGNATURES

Fields = dict[str, str | int | dict[str, str]]
"""What was signed, by name, ready for `json.dumps`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A document: its signature, in the range of secp224k1; the octets that it signs; their hash, by hashlib's name."""

    signature: Signature
    message: bytes
    hash: str
    fields: Fields

    def digest(self) -> bytes:
        """Return the digest that was signed, that of the message."""
        return digest(self.hash, self.message)


def decode_signature(octets: bytes, form: str, what: str, base: int = 0) -> Signature:
    """Return the signature that `octets` encode as `form`, "der" or "compact", with r and s in [1, n − 1].

    Raises `InvalidEncoding`, which names `what`, in which the octets are, and the octet. base: where they begin in it.
    """
    try:
        signature = SIGNATURES[form].decode(octets, SECP224K1)
        signature.require_range()
    except InvalidEncoding as error:
        place = base + (error.octet or 0)
        reason = str(error).removeprefix("signature: ")
        raise InvalidEncoding(f"{what}: byte {place}: {reason}", octet=place) from None
    return signature
