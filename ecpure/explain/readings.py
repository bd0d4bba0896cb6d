"""Readings of octets on these curves: a `Guess` fits; a `Miss` fails in one respect, and says which.

This module reads signatures, points and numbers; `containers` reads what has a frame. The library never guesses: this
is only for `ecpure explain`. No private number is ever shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .. import auth, der, hashes
from ..curve import NAMES, SECP224K1, Curve, Point, named
from ..errors import EcpureError, InvalidEncoding, InvalidKey
from ..formats.documents import Reading
from ..privatekey import PrivateKey
from ..signature import Signature

CURVES = tuple(map(named, NAMES))

HIDDEN = "its number is not shown"


BYTES_OF_TEXT = {"hex": "xxd -r -p FILE NEW", "base64": "base64 -d FILE > NEW"}
"""Commands that write the bytes of a text, for programs that read nothing else."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A reading that fits: what it is, details in sentences, and the signature and the whole reading if it has them.

    curve: of the signature's encoding, or None if it fits any. secret: it may be private.
    """

    what: str
    details: tuple[str, ...] = ()
    signature: Signature | None = None
    curve: Curve | None = None
    reading: Reading | None = None
    secret: bool = False

    def inside(self, of: str) -> Guess:
        """Return this guess for octets that are written as text, such as hex; OpenSSL needs its bytes."""
        command = BYTES_OF_TEXT.get(of.partition(" ")[0])
        is_needed = command is not None and any(": openssl " in detail for detail in self.details)
        before = (f"OpenSSL needs the bytes of this text: {command}",) if is_needed else ()
        return replace(self, what=f"{of}: {self.what}", details=before + self.details)


@dataclass(frozen=True, slots=True)
class Miss:
    """A reading that fits except in one respect: the reason with its clause, and the octet if it is known."""

    what: str
    reason: str
    octet: int | None = None

    def inside(self, of: str) -> Miss:
        """Return this miss for octets that are written as text, such as hex; `octet` counts them, not the text."""
        return replace(self, what=f"{of}: {self.what}")


def missed(what: str, error: EcpureError, octet: int | None = None) -> Miss:
    """Return the miss for a decoder's refusal. octet: where, or None to take it from the refusal, if it has one."""
    if octet is None and isinstance(error, InvalidEncoding):
        octet = error.octet
    return Miss(what, str(error), octet)


def signature_in_der(octets: bytes) -> Iterator[Guess | Miss]:
    """Read Ecdsa-Sig-Value, which belongs to no curve."""
    what = "a signature in DER (RFC 3279 §2.2.3)"
    try:
        signature = Signature.from_der(octets)
    except InvalidEncoding as error:
        yield missed(what, error)
        return
    r, s = (value.bit_length() // 8 + 1 for value in (signature.r, signature.s))  # contents octets
    end_of_r = len(octets) - len(der.integer(signature.s)) - 1
    details = [f"r: bytes {end_of_r - r + 1} to {end_of_r}", f"s: bytes {len(octets) - s} to {len(octets) - 1}"]
    yield Guess(what, (*details, *_ranges(signature)), signature)


def _ranges(signature: Signature) -> Iterator[str]:
    for curve in CURVES:
        if not signature.in_range(curve=curve):
            yield f"on {curve.name} it is never valid: r or s is not below n (SEC 1 §4.1.4 step 1)"
        elif signature != signature.low_s(curve=curve):
            yield f"on {curve.name} its s is above n/2; n − s would be equally valid"


def point(octets: bytes) -> Iterator[Guess | Miss]:
    """Read SEC 1's encodings of points (§2.3.3): the first octet and the length identify them."""
    for curve in CURVES:
        length = curve.field_octets
        compressed = octets[:1] in (b"\x02", b"\x03") and len(octets) == 1 + length
        if not compressed and (octets[:1] not in (b"\x04", b"\x06", b"\x07") or len(octets) != 1 + 2 * length):
            continue
        what = f"a public key: {'compressed' if compressed else 'uncompressed'} point (SEC 1 §2.3.3) on {curve.name}"
        details = [f"x: bytes 1 to {length}", f"y: {'even' if octets[0] == 2 else 'odd'}, by the first byte"]
        if not compressed:
            details[1] = f"y: bytes {length + 1} to {2 * length}"
        try:
            Point.from_bytes(octets, curve=curve)
        except InvalidEncoding as error:
            yield missed(what, error, _octet_of_point(octets, curve, compressed))
        else:
            yield Guess(what, tuple(details))


def _octet_of_point(octets: bytes, curve: Curve, compressed: bool) -> int | None:
    """Return where the first invalid octet or coordinate is, or None if only the two together are invalid."""
    length = curve.field_octets
    if octets[:1] not in (b"\x02", b"\x03", b"\x04"):
        return 0
    if compressed or int.from_bytes(octets[1 : 1 + length], "big") >= curve.p:
        return 1
    return 1 + length if int.from_bytes(octets[1 + length :], "big") >= curve.p else None


def pair(octets: bytes) -> Iterator[Guess | Miss]:
    """Read r ‖ s: p1363 on either curve, and the exchange's 28 + 28, which may also be something secret."""
    for curve in CURVES:
        length = curve.scalar_octets
        if len(octets) == 2 * length:
            what = f"a signature in p1363: r ‖ s at {length} + {length} bytes, on {curve.name}"
            yield from _halves(octets, what, length, curve)
    if len(octets) == 2 * auth.INTEGER_OCTETS:
        yield from _halves(octets, "a signature at 28 + 28 bytes, as the exchange writes it", 28, SECP224K1)
        yield Guess("perhaps what sign_secp224k1 reads: a private key and a digest, 28 + 28 bytes", secret=True)


def _halves(octets: bytes, what: str, length: int, curve: Curve) -> Iterator[Guess | Miss]:
    r, s = (int.from_bytes(half, "big") for half in (octets[:length], octets[length:]))
    if not (_is_as_short(r, curve) and _is_as_short(s, curve)):
        return
    try:
        signature = Signature(r, s)
        signature.require_range(curve=curve)
    except InvalidEncoding as error:
        yield missed(what, error, length if 1 <= r < curve.n else 0)
        return
    details = (f"r: bytes 0 to {length - 1}", f"s: bytes {length} to {2 * length - 1}")
    yield Guess(what, details, signature, curve)


def _is_as_short(value: int, curve: Curve) -> bool:
    """Whether the bits above n's length are 0: if not, octets of this length are something else."""
    return value.bit_length() <= curve.n.bit_length()


def coordinates(octets: bytes) -> Iterator[Guess | Miss]:
    """Read x ‖ y of a point, as some libraries write public keys."""
    for curve in CURVES:
        if len(octets) == 2 * curve.field_octets:
            try:
                Point.from_bytes(b"\x04" + octets, curve=curve)
            except InvalidEncoding:
                continue
            yield Guess(f"x ‖ y of a public key on {curve.name}: with 04 before it, a point (SEC 1 §2.3.3)")


def scalar(octets: bytes) -> Iterator[Guess | Miss]:
    """Read private keys at n's length, or p's: what may be one is reported, whatever else it may be."""
    for curve in CURVES:
        if len(octets) not in (curve.scalar_octets, min(curve.scalar_octets, curve.field_octets)):
            continue
        what = f"perhaps a private key: {len(octets)} bytes, on {curve.name}"
        try:
            PrivateKey.from_bytes(octets, curve=curve)
        except InvalidKey as error:
            if _is_as_short(int.from_bytes(octets, "big"), curve):
                yield missed(what, error)
        else:
            yield Guess(what, (HIDDEN,), secret=True)


def others(octets: bytes) -> Iterator[Guess | Miss]:
    """Read what only its length identifies."""
    names = [name for name in hashes.HASHES if hashes.digest_octets(name) == len(octets)]
    if names:
        yield Guess(f"perhaps a digest: {' or '.join(names)}")
    login = {auth.NONCE_OCTETS: "a nonce", auth.COOKIE_OCTETS: "a cookie", 40: "what is signed"}.get(len(octets))
    if login is not None:
        yield Guess(f"perhaps {login} of the exchange's login: {len(octets)} bytes")
