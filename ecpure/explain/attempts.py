"""Trying a signature of unknown make: under a key in any form, over every digest that it may be of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .. import hashes
from ..curve import SECP224K1
from ..errors import EcpureError, InvalidKey
from ..formats.encodings import KEYS
from ..publickey import PublicKey
from ..signature import Signature
from .readings import CURVES, Guess

Digest = tuple[str, bytes]
"""What a digest is of, in words, and its octets."""


def public_key(octets: bytes) -> PublicKey:
    """Return the key in any form that says what it is, on either curve. Raises `InvalidKey`."""
    kinds = Counter[str]()
    for curve in CURVES:
        try:
            return KEYS["auto"].public(octets, curve=curve)
        except InvalidKey as error:
            kinds[str(error)] += 1
        except EcpureError:
            continue
    for kind, count in kinds.items():
        if count == len(CURVES):  # what it is instead, such as a private key, it is on every curve
            raise InvalidKey(kind)
    raise InvalidKey("public key: PEM, DER, or a point's octets were expected")


def digests_of(message: bytes) -> list[Digest]:
    """Return the digests of a message under every hash, and of the message with a line feed more or less."""
    forms = {message: "the message"}
    if message.endswith(b"\n"):
        forms.setdefault(message[:-1], "the message without its last line feed")
    else:
        forms[message + b"\n"] = "the message with a line feed after it"
    return [(f"{name} of {what}", hashes.digest(name, form)) for form, what in forms.items() for name in _names()]


def digest_itself(octets: bytes) -> list[Digest]:
    """Return the digest, named by the hashes of its length; nothing where there is none of that length."""
    names = [name for name in _names() if hashes.digest_octets(name) == len(octets)]
    return [(f"the digest ({' or '.join(names)})", octets)] if names else []


def _names() -> list[str]:
    """Return every hash that this machine has, those of old signatures last."""
    return [*hashes.HASHES, *filter(hashes.is_available, hashes.FOR_VERIFYING)]


def weak_hashes(verified: list[str]) -> set[str]:
    """Return those of `hashes.WEAK` that a signature verified under. verified: what `verifications` yielded."""
    return {name for name in hashes.WEAK if any(words.startswith(f"verifies: {name} of ") for words in verified)}


def verifications(one: Guess, key: PublicKey, digests: list[Digest]) -> Iterator[str]:
    """Yield in words over which of the digests the guess is a valid signature."""
    if one.reading is not None:
        if key.verify_digest(one.reading.signature, one.reading.digest()):
            yield f"verifies: {one.reading.hash} of the part that is signed, on {key.curve.name}"
    elif one.signature is not None and one.curve in (None, key.curve):
        for what, digest in digests:
            yield from _under(one.signature, key, what, digest)


def _under(signature: Signature, key: PublicKey, what: str, digest: bytes) -> Iterator[str]:
    if key.verify_digest(signature, digest):
        yield f"verifies: {what}, on {key.curve.name}"
    elif key.curve == SECP224K1 and len(digest) > 28 and key.verify_digest(signature, digest[:28]):
        yield (
            f"verifies: {what}, on {key.curve.name}, cut to 224 bits: a known error of programs, since SEC 1 §4.1.3 "
            "step 5 takes 225; no other verifier accepts it"
        )
