"""The pair (r, s) and its three encodings: DER, r ‖ s at n's length (IEEE P1363), the exchange's 28 + 28 octets."""

from __future__ import annotations

from . import der
from .curve import SECP224K1, Curve, require_curve
from .errors import InvalidEncoding, InvalidSignature
from .values import TYPE_CHECKING, Value, public, require_int, require_octets, require_text

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPACT_OCTETS = 28


@public("ecpure")
class Signature(Value):
    """An ECDSA signature: r ≥ 1 and s ≥ 1. The key decides the curve, and hence the upper bound n.

    Raises `InvalidSignature` for r or s below 1. A signature with r ≥ n or s ≥ n can be made, but is never valid.
    """

    __slots__ = ("r", "s")

    r: int
    s: int

    def __init__(self, r: int, s: int) -> None:
        r, s = require_int(r, "r"), require_int(s, "s")
        if r < 1 or s < 1:
            raise InvalidSignature("signature: r and s of 1 or more were expected (SEC 1 §4.1.4 step 1)")
        object.__setattr__(self, "r", r)
        object.__setattr__(self, "s", s)

    def in_range(self, *, curve: Curve = SECP224K1) -> bool:
        """Whether r and s are in [1, n − 1] (SEC 1 §4.1.4 step 1)."""
        return max(self.r, self.s) < require_curve(curve).n

    def require_range(self, *, curve: Curve = SECP224K1) -> None:
        """Raise `InvalidSignature` unless r and s are in [1, n − 1] (SEC 1 §4.1.4 step 1)."""
        if not self.in_range(curve=curve):
            raise InvalidSignature(
                f"signature: r and s in [1, n − 1] of {curve.name} were expected (SEC 1 §4.1.4 step 1)"
            )

    def low_s(self, *, curve: Curve = SECP224K1) -> Signature:
        """Return whichever of (r, s) and (r, n − s) has s ≤ n/2; either both are valid or neither.

        Raises `InvalidSignature` for r or s not below n.
        """
        self.require_range(curve=curve)
        return Signature(self.r, min(self.s, curve.n - self.s))

    def to_der(self) -> bytes:
        """Return Ecdsa-Sig-Value, SEQUENCE { r INTEGER, s INTEGER } (RFC 3279 §2.2.3): 8 to 64 octets on secp224k1."""
        return der.element(der.SEQUENCE, der.integer(self.r), der.integer(self.s))

    @classmethod
    def from_der(cls, octets: bytes) -> Signature:
        """Return the signature that `octets` encode in DER, exactly.

        Raises `InvalidEncoding` for anything that is not DER, and for r or s below 1. The upper bound n depends on
        the curve: `in_range` and verification check it.
        """
        outer = der.Reader(require_octets(octets, "signature"), "signature")
        pair = outer.inside(der.SEQUENCE, "a SEQUENCE")
        outer.end()
        r, s = pair.integer("r"), pair.integer("s")
        pair.end()
        return cls(r, s)

    def to_p1363(self, *, curve: Curve = SECP224K1) -> bytes:
        """Return r ‖ s, each at the octet length of n: 29 + 29 octets on secp224k1.

        Raises `InvalidSignature` for r or s not below n.
        """
        self.require_range(curve=curve)
        length = curve.scalar_octets
        return self.r.to_bytes(length, "big") + self.s.to_bytes(length, "big")

    @classmethod
    def from_p1363(cls, octets: bytes, *, curve: Curve = SECP224K1) -> Signature:
        """Return the signature that r ‖ s encodes, each at the octet length of n: 29 + 29 octets on secp224k1.

        Raises `InvalidEncoding` for another length, and for r or s outside of [1, n − 1].
        """
        signature = cls(*_halves(octets, require_curve(curve).scalar_octets))
        signature.require_range(curve=curve)
        return signature

    def to_compact(self) -> bytes:
        """Return r ‖ s at 28 + 28 octets, as the exchange writes it, leading zeros included.

        Raises `InvalidEncoding` if r or s needs more; of a valid signature on secp224k1, neither does after `low_s`.
        """
        if max(self.r, self.s) >> 8 * _COMPACT_OCTETS:
            raise InvalidEncoding("signature: r and s of at most 28 octets were expected; on secp224k1, use low_s")
        return self.r.to_bytes(_COMPACT_OCTETS, "big") + self.s.to_bytes(_COMPACT_OCTETS, "big")

    @classmethod
    def from_compact(cls, octets: bytes) -> Signature:
        """Return the signature that r ‖ s encodes at 28 + 28 octets.

        Raises `InvalidEncoding` for another length, and for r or s of 0.
        """
        return cls(*_halves(octets, _COMPACT_OCTETS))

    def __eq__(self, other: object) -> bool:
        return (self.r, self.s) == (other.r, other.s) if isinstance(other, Signature) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.r, self.s))

    def __reduce__(self) -> tuple[type[Signature], tuple[int, int]]:
        return Signature, (self.r, self.s)

    def __repr__(self) -> str:
        return f"Signature(r={self.r:#x}, s={self.s:#x})"


def decoder(format: str) -> Callable[[bytes, Curve], Signature]:
    """Return the decoder of a signature format, "der", "p1363" or "compact"; it raises `InvalidEncoding`.

    Raises `ValueError` for another format, `TypeError` unless it is a str.
    """
    decode = _DECODERS.get(require_text(format, "format"))
    if decode is None:
        raise ValueError(f"format: one of {', '.join(_DECODERS)} was expected")
    return decode


_DECODERS: dict[str, Callable[[bytes, Curve], Signature]] = {
    "der": lambda octets, _: Signature.from_der(octets),
    "p1363": lambda octets, curve: Signature.from_p1363(octets, curve=curve),
    "compact": lambda octets, _: Signature.from_compact(octets),
}


def _halves(octets: bytes, length: int) -> tuple[int, int]:
    """Return the two integers of `length` octets each. Raises `InvalidEncoding` for another length."""
    octets = require_octets(octets, "signature")
    if len(octets) != 2 * length:
        raise InvalidEncoding(f"signature: {length} + {length} octets were expected")
    return int.from_bytes(octets[:length], "big"), int.from_bytes(octets[length:], "big")
