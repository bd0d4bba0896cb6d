"""What `ecpure explain` does: says what octets may be, and under which hash a signature among them verifies."""

from __future__ import annotations

import json
import os
import string
from argparse import Namespace
from collections import Counter

from . import files, hashes
from .curve import SECP224K1
from .errors import EcpureError, InvalidKey
from .guesses import CURVES, Guess, Miss
from .publickeys import PublicKey
from .recognise import guess
from .streams import INVALID, REFUSED, VALID, Refused, say, write_lines, write_standard_output

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .signature import Signature

_WARNING = (
    "what stands on a command line can be read by others, and stays in the shell's history: "
    "if this is a private key, take it for known, and make another"
)


def command(arguments: Namespace) -> int:
    """Do what `ecpure explain` is asked for. Raises `Refused`, `OSError`, `EcpureError`."""
    octets, given = _octets(arguments.blob)
    key = None if arguments.public_key is None else _public_key(files.read(arguments.public_key))
    digests = _digests(arguments)
    if digests and key is None:
        raise Refused("--public-key: the key that the signature is to verify under was expected")
    found = guess(octets)
    guesses = [one for one in found if isinstance(one, Guess)]
    if key is not None and not digests and not any(one.reading for one in guesses):
        raise Refused("--message or --digest: what the signature is of was expected")
    if given and any(one.secret for one in guesses):
        say(f"ecpure: {_WARNING}")
    held = [[] if key is None else list(_holds(one, key, digests)) for one in guesses]
    misses = [one for one in found if isinstance(one, Miss)]
    if arguments.json:
        write_standard_output(_as_json(octets, guesses, held, misses, checked=key is not None))
    else:
        write_lines(_as_lines(octets, guesses, held, misses, checked=key is not None))
    if not guesses:
        say("ecpure: no reading fits")
        return REFUSED
    return VALID if key is None or any(held) else INVALID


def _octets(blob: str) -> tuple[bytes, bool]:
    """Return the octets of a file, or of hex digits, and whether they were given as such. Raises `Refused`."""
    if blob == "-" or os.path.exists(blob):
        return files.read(blob), False
    if not blob or len(blob) % 2 or not set(blob) <= set(string.hexdigits):
        raise Refused("explain: a file, or hex digits in pairs, was expected")  # not shown: it may be secret
    return bytes.fromhex(blob), True


def _public_key(octets: bytes) -> PublicKey:
    """Return the key in PEM, in DER, or a point's octets, on either curve. Raises `Refused`."""
    kinds = Counter[str]()
    for curve in CURVES:
        for read in (PublicKey.from_pem, PublicKey.from_der, PublicKey.from_bytes):
            try:
                return read(octets, curve=curve)
            except InvalidKey as error:
                kinds[str(error)] += 1
            except EcpureError:
                continue
    for kind, count in kinds.items():
        if count == len(CURVES):  # what it is instead, such as a private key, it is on every curve
            raise Refused(kind)
    raise Refused("--public-key: a public key in PEM, in DER, or a point's octets, was expected")


def _digests(arguments: Namespace) -> list[tuple[str, bytes]]:
    """Return what the signature may be of: a name of each digest, and its octets. Raises `Refused`."""
    if arguments.digest is not None:
        octets = files.read(arguments.digest)
        names = [name for name in hashes.HASHES if hashes.digest_octets(name) == len(octets)]
        if not names:
            raise Refused("--digest: a file of 28, 32, 48 or 64 octets was expected")
        return [(f"the digest ({' or '.join(names)})", octets)]
    if arguments.message is None:
        return []
    message = files.read(arguments.message)
    forms = {message: "the message"}
    if message.endswith(b"\n"):
        forms.setdefault(message[:-1], "the message without its last line feed")
    else:
        forms[message + b"\n"] = "the message with a line feed after it"
    return [(f"{name} of {what}", hashes.digest(name, form)) for form, what in forms.items() for name in hashes.HASHES]


def _holds(one: Guess, key: PublicKey, digests: list[tuple[str, bytes]]) -> Iterator[str]:
    """Yield under which of the digests the guess is a signature that holds, in words."""
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


def _as_lines(
    octets: bytes, guesses: list[Guess], held: list[list[str]], misses: list[Miss], *, checked: bool
) -> Iterator[str]:
    yield f"{len(octets)} octets" if len(octets) != 1 else "1 octet"
    for one, words in zip(guesses, held, strict=True):
        yield f"is {one.what}"
        nothing = ["verifies under nothing that was tried"] if checked and (one.signature or one.reading) else []
        for detail in [*one.details, *(words or nothing)]:
            yield f"  {detail}"
    for miss in misses:
        yield f"is not quite {miss.what}"
        place = f"octet {miss.octet}: "
        yield f"  {'' if miss.octet is None or place in miss.reason else place}{miss.reason}"


def _as_json(octets: bytes, guesses: list[Guess], held: list[list[str]], misses: list[Miss], *, checked: bool) -> bytes:
    readings: list[dict[str, object]] = []
    for one, words in zip(guesses, held, strict=True):
        readings.append({"what": one.what, "details": one.details})
        if checked:
            readings[-1]["verifies"] = words
    refusals = [{"what": miss.what, "octet": miss.octet, "reason": miss.reason} for miss in misses]
    report = {"octets": len(octets), "readings": readings, "refusals": refusals}
    return json.dumps(report).encode("ascii") + b"\n"
