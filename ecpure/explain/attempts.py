"""Trying a signature of unknown origin: under a key in any form, over every digest that it may be of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from .. import hashes
from ..curve import Curve
from ..errors import EcpureError, InvalidEncoding, InvalidKey
from ..formats.encodings import KEYS
from ..publickey import PublicKey
from ..signature import Signature
from .readings import CURVES, Guess

Digest = tuple[str, bytes]
"""A digest: of what, in words, and its octets."""


def public_key(octets: bytes) -> PublicKey:
    """Return the key in any form that says what it is, on either curve.

    Raises `InvalidEncoding`; `InvalidKey` for a key of another kind.
    """
    kinds = Counter[str]()
    for curve in CURVES:
        try:
            return KEYS["auto"].public(octets, curve=curve)
        except InvalidKey as error:
            kinds[str(error)] += 1
        except EcpureError:
            continue
    for kind, count in kinds.items():
        if count == len(CURVES):  # another kind of key, such as a private one, is that on every curve
            raise InvalidKey(kind)
    raise InvalidEncoding("public key: PEM, DER, or a point's bytes were expected")


def digests_of(message: bytes) -> list[Digest]:
    """Return the digests of a message under every hash, as it is and with line ends as other programs write them: one
    more or less at the end, and in text all of them LF, or CR LF.
    """
    return [
        (f"{name} of {what}", hashes.digest(name, form)) for form, what in _forms(message).items() for name in _names()
    ]


def _forms(message: bytes) -> dict[bytes, str]:
    """Return the octets that may have been signed instead of the message, itself first, each with its description."""
    whole = {message: "the message"}
    if _is_text(message):
        line_feeds = message.replace(b"\r\n", b"\n")
        whole.setdefault(line_feeds, "the message with line ends LF")
        whole.setdefault(line_feeds.replace(b"\n", b"\r\n"), "the message with line ends CR LF")
    forms = dict(whole)
    for octets, what in whole.items():
        beside = " and" if octets != message else ""
        if octets.endswith(b"\r\n"):
            forms.setdefault(octets[:-2], f"{what}{beside} without its last line end")
        elif octets.endswith(b"\n"):
            forms.setdefault(octets[:-1], f"{what}{beside} without its last line feed")
        else:
            forms.setdefault(octets + b"\n", f"{what}{beside} with a line feed after it")
            forms.setdefault(octets + b"\r\n", f"{what}{beside} with CR LF after it")
    return forms


def _is_text(message: bytes) -> bool:
    """Whether it may be text in UTF-8 or an older encoding, with line ends: it has no octet that text never has."""
    return b"\x00" not in message


def digest_itself(octets: bytes) -> list[Digest]:
    """Return the digest, named by the hashes of its length; an empty list if no hash has that length."""
    names = [name for name in _names() if hashes.digest_octets(name) == len(octets)]
    return [(f"the digest ({' or '.join(names)})", octets)] if names else []


def _names() -> list[str]:
    """Return every hash available on this machine, those of old signatures last."""
    return [*hashes.HASHES, *filter(hashes.is_available, hashes.FOR_VERIFYING)]


def weak_hashes(verified: list[str]) -> set[str]:
    """Return the hashes in `hashes.WEAK` with which a signature verified. verified: what `verifications` yielded."""
    found = {name for name in hashes.WEAK if any(words.startswith(f"verifies: {name} of ") for words in verified)}
    for names in map(_ITSELF.match, verified):
        if names and hashes.WEAK.keys() >= (either := set(names[1].split(" or "))):
            found |= either
    return found


_ITSELF = re.compile(r"verifies: the digest \((.*?)\)")


def verifications(one: Guess, key: PublicKey, digests: list[Digest]) -> Iterator[str]:
    """Yield, in words, the digests for which the guess is a valid signature."""
    if one.reading is not None:
        if key.verify_digest(one.reading.signature, one.reading.digest()):
            yield f"verifies: {one.reading.hash} of the part that is signed, on {key.curve.name}"
    elif one.signature is not None and one.curve in (None, key.curve):
        for what, digest in digests:
            yield from _under(one.signature, key, what, digest)


def tried(one: Guess, key: PublicKey, digests: list[Digest]) -> list[str]:
    """Return, in words, what `verifications` tries with the guess, or why it tries nothing."""
    if one.reading is not None:
        return [f"tried: {one.reading.hash} of the part that is signed, on {key.curve.name}"]
    if one.signature is None or not digests:
        return []
    if one.curve not in (None, key.curve):
        return [f"nothing was tried: the key is on {key.curve.name}"]
    names, _, forms = zip(*(what.partition(" of ") for what, _ in digests), strict=True)
    words = [f"tried, on {key.curve.name}: {', '.join(dict.fromkeys(names))}"]
    if any(forms):
        words.append(f"of {'; '.join(dict.fromkeys(forms))}")
    if wrongly := dict.fromkeys(how for _, digest in digests for how, _ in _wrongly(key.curve, digest)):
        words.append(f"and of longer digests, as some programs take them: {'; '.join(wrongly)}")
    return words


def _under(signature: Signature, key: PublicKey, what: str, digest: bytes) -> Iterator[str]:
    if key.verify_digest(signature, digest):
        yield f"verifies: {what}, on {key.curve.name}"
        return
    for how, octets in _wrongly(key.curve, digest):
        if key.verify_digest(signature, octets):
            yield (
                f"verifies: {what}, on {key.curve.name}, {how}: a known error of programs, since SEC 1 §4.1.3 step 5 "
                f"takes the leftmost {key.curve.n.bit_length()} bits; no other verifier accepts it"
            )


def _wrongly(curve: Curve, digest: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what programs use as e instead of the leftmost bits of a digest longer than n (SEC 1 §4.1.3 step 5): in
    words, and as octets from which this step makes the same e.
    """
    bits = curve.n.bit_length()
    if 8 * len(digest) <= bits:
        return
    if bits % 8:
        yield f"cut to {bits - bits % 8} bits", digest[: bits // 8]
    length = (bits + 7) // 8
    e = int.from_bytes(digest, "big") % curve.n
    yield "whole, modulo n", (e << 8 * length - bits).to_bytes(length, "big")
