"""Public keys: verifying, recovering, encoding. Importing this does not load `signing`, `rfc6979` or `privatekey`."""

from __future__ import annotations

from . import keyfile, verifying
from .comb import Comb
from .curve import SECP224K1, Curve, Point, require_curve
from .errors import InvalidEncoding, InvalidKey
from .hashes import digest
from .signature import Signature, decoder
from .values import TYPE_CHECKING, Value, public, require_octets

if TYPE_CHECKING:
    from typing import Literal


@public("ecpure")
class PublicKey(Value):
    """A point Q of order n: a point of the curve that is not infinity.

    `PublicKey(point)` raises `InvalidKey` for infinity. Nothing here is secret; the time depends on all values.
    """

    __slots__ = ("comb", "point")

    point: Point
    """Q."""
    comb: Comb | None
    """The table of a prepared key."""

    def __init__(self, point: Point) -> None:
        if not isinstance(point, Point):
            raise TypeError(f"public key: a Point was expected, not {type(point).__name__}")
        if point.is_infinity:
            raise InvalidKey("public key: a point other than infinity was expected (SEC 1 §3.2.2.1 step 1)")
        self._set(point=point, comb=None)

    @classmethod
    def from_bytes(cls, octets: bytes, *, curve: Curve = SECP224K1) -> PublicKey:
        """Return the key that `octets` encode: 02 or 03 ‖ x (29 octets on secp224k1), or 04 ‖ x ‖ y (57).

        Raises `InvalidEncoding` for anything else (SEC 1 §2.3.4).
        """
        return cls(Point.from_bytes(octets, curve=curve))

    @classmethod
    def from_der(cls, octets: bytes, *, curve: Curve = SECP224K1) -> PublicKey:
        """Return the key in a SubjectPublicKeyInfo (RFC 5480 §2) that names `curve`.

        Raises `InvalidEncoding` unless it is one, `InvalidKey` for a key of another kind or on another curve.
        """
        return cls(keyfile.decode_spki(require_octets(octets, "public key"), require_curve(curve)))

    @classmethod
    def from_pem(cls, text: str | bytes, *, curve: Curve = SECP224K1) -> PublicKey:
        """Return the key in the one block `PUBLIC KEY` of `text` (RFC 7468 §13). Raises as `from_der` does."""
        _, octets = keyfile.decode_pem(text, ("PUBLIC KEY",))
        return cls.from_der(octets, curve=curve)

    def to_bytes(self, *, compressed: bool = True) -> bytes:
        """Return 02 or 03 ‖ x, or 04 ‖ x ‖ y (SEC 1 §2.3.3): 29 or 57 octets on secp224k1."""
        return self.point.to_bytes(compressed=compressed)

    def to_der(self) -> bytes:
        """Return SubjectPublicKeyInfo, the point uncompressed (RFC 5480 §2). Raises `InvalidCurve` without an OID."""
        return keyfile.encode_spki(self.point)

    def to_pem(self) -> str:
        """Return `to_der` as the PEM block `PUBLIC KEY` (RFC 7468 §13). Raises as `to_der` does."""
        return keyfile.encode_pem("PUBLIC KEY", self.to_der())

    @property
    def curve(self) -> Curve:
        """The curve that the key is on."""
        return self.point.curve

    @property
    def x(self) -> int:
        """The affine x of Q, in [0, p − 1]."""
        return self.point.x

    @property
    def y(self) -> int:
        """The affine y of Q, in [0, p − 1]."""
        return self.point.y

    def prepare(self) -> PublicKey:
        """Return the same key with a precomputed table: verifying is then much faster.

        The table pays off from about 40 signatures on, and takes about 1 MB.
        """
        if self.comb is not None:
            return self
        prepared = PublicKey(self.point)
        prepared._set(comb=Comb(self.point.coordinates, self.curve.field, self.curve.order))
        return prepared

    def verify(self, signature: Signature, message: bytes, *, hash: str | None = None) -> bool:
        """Whether the signature of the message is valid (SEC 1 §4.1.4). hash: a name, or None for the curve's own.

        Besides the hashes that `PrivateKey.sign` accepts, `hash` may be sha1, sha512_256 or ripemd160, for old
        signatures. A valid one with SHA-1 proves less: others can make two messages with the same digest (NIST SP
        800-131A Rev. 2 §9).

        A signature out of range is False. Raises `UnknownHash`; `TypeError` for a wrong type; `FaultDetected`, as
        `verify_digest` does, if the base point's table cannot be right.
        """
        name = self.curve.hash_to_verify(hash)
        return self.verify_digest(signature, digest(name, require_octets(message, "message")))

    def accepts(
        self,
        octets: bytes,
        message: bytes,
        *,
        format: Literal["der", "p1363", "compact"] = "der",
        hash: str | None = None,
    ) -> bool:
        """Whether `octets` are, in this one format, a valid signature of the message. hash: as in `verify`.

        False does not say why: the octets may be malformed or out of range, or a signature of something else. To tell
        these apart, use `Signature.from_der`, `from_p1363` or `from_compact`, then `verify`.

        Raises `ValueError` for an unknown format, whatever the octets are; otherwise as `verify` does.
        """
        decode, name = decoder(format), self.curve.hash_to_verify(hash)
        octets, message = require_octets(octets, "signature"), require_octets(message, "message")
        try:
            signature = decode(octets, self.curve)
        except InvalidEncoding:
            return False
        return self.verify_digest(signature, digest(name, message))

    def verify_digest(self, signature: Signature, digest: bytes) -> bool:
        """Whether the signature of the digest, one octet or more, is valid (SEC 1 §4.1.4 from step 3 on).

        A signature out of range is False. Raises `InvalidEncoding` for an empty digest; `TypeError` for a wrong type;
        `FaultDetected` if the base point's table cannot be right.
        """
        e = verifying.digest_to_int(self.curve, require_octets(digest, "digest"))
        return verifying.verify(self.curve, self.comb or self.point.coordinates, e, _require_signature(signature))

    @classmethod
    def recover(cls, signature: Signature, digest: bytes, *, curve: Curve = SECP224K1) -> list[PublicKey]:
        """Return every key under which the signature of the digest is valid: two, rarely one or more than two, or none.

        In each pair, the key with even y_R is first (SEC 1 §4.1.6). Raises `InvalidEncoding` for an empty digest,
        `TypeError` for a wrong type, `FaultDetected` if the base point's table cannot be right.
        """
        e = verifying.digest_to_int(require_curve(curve), require_octets(digest, "digest"))
        found = verifying.recover(curve, e, _require_signature(signature))
        return [cls(Point(int(x), int(y), curve=curve)) for x, y in found]

    def __eq__(self, other: object) -> bool:
        return self.point == other.point if isinstance(other, PublicKey) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.point)

    def __reduce__(self) -> tuple[type[PublicKey], tuple[Point]]:
        return PublicKey, (self.point,)  # without its table, which is large and quickly rebuilt

    def __repr__(self) -> str:
        return f"<PublicKey {self.to_bytes().hex()} on {self.curve.name}>"


def _require_signature(signature: Signature) -> Signature:
    if not isinstance(signature, Signature):
        raise TypeError(f"signature: a Signature was expected, not {type(signature).__name__}")
    return signature
