"""Every exception that the package raises on purpose.

No message ever holds the refused input: it may be secret, or hostile to whatever prints it.
A wrong Python type is a plain `TypeError`.
"""

from __future__ import annotations

from .values import public


@public("ecpure")
class EcpureError(Exception):
    """Base of all of them."""


@public("ecpure")
class BackendUnavailable(EcpureError, ImportError):
    """ECPURE_BACKEND asks for a backend that is not installed or does not exist."""


@public("ecpure")
class FaultDetected(EcpureError):
    """A result or a table cannot be right and was withheld; it holds no secret. The machine may be faulty."""


@public("ecpure")
class InvalidCurve(EcpureError, ValueError):
    """The parameters are not those of a curve y² = x³ + b of prime order, or the curve lacks what was asked of it."""


@public("ecpure")
class InvalidPoint(EcpureError, ValueError):
    """Coordinates off the curve, points of two curves in one sum, or the coordinates of infinity."""


@public("ecpure")
class InvalidEncoding(EcpureError, ValueError):
    """Bytes or text that cannot be decoded, or a value that has no encoding of the form asked for.

    octet: where in the octets the refusal stands, counted from 0, where the decoder knows it.
    """

    def __init__(self, reason: str, *, octet: int | None = None) -> None:
        super().__init__(reason)
        self.octet = octet


@public("ecpure")
class InvalidSignature(InvalidEncoding):
    """Integers r, s outside of the range that a signature has."""


@public("ecpure")
class InvalidKey(EcpureError, ValueError):
    """A key out of range, on another curve, encrypted, or of another kind than the one asked for."""


@public("ecpure")
class UnknownHash(EcpureError, ValueError):
    """A hash function that the package does not offer, or a curve that has no default one."""
