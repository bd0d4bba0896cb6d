"""Every exception that the package raises on purpose.

No message ever holds the refused input: it may be secret, or hostile to whatever prints it.
A wrong Python type is a plain `TypeError`.
"""

from __future__ import annotations


class EcpureError(Exception):
    """Base of all of them."""


class BackendUnavailable(EcpureError, ImportError):
    """ECPURE_BACKEND asks for something that is not there."""


class FaultDetected(EcpureError):
    """A result or a table that cannot be right: it was withheld, and holds no secret. The machine may be faulty."""


class InvalidCurve(EcpureError, ValueError):
    """Parameters that are no curve y² = x³ + b of prime order, or a curve that lacks what was asked of it."""


class InvalidPoint(EcpureError, ValueError):
    """Coordinates off the curve, points of two curves in one sum, or the coordinates of infinity."""


class InvalidEncoding(EcpureError, ValueError):
    """Octets or text that decode to nothing, or a value that has no encoding of the form asked for.

    octet: where in the octets the refusal stands, counted from 0, where the decoder knows it.
    """

    def __init__(self, reason: str, *, octet: int | None = None) -> None:
        super().__init__(reason)
        self.octet = octet


class InvalidSignature(InvalidEncoding):
    """Integers r, s outside of the range that a signature has."""


class InvalidKey(EcpureError, ValueError):
    """A key out of range, on another curve, encrypted, or of another kind than the one asked for."""


class UnknownHash(EcpureError, ValueError):
    """A hash function that the package does not offer, or a curve that has no default one."""
