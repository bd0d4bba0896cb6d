"""Every exception that the package raises on purpose.

No message contains the refused input: it may be secret, or hostile to a terminal or log. A wrong Python type raises a
plain `TypeError`.
"""

from __future__ import annotations

from .values import public


@public("ecpure")
class EcpureError(Exception):
    """Base class of all exceptions of the package."""


@public("ecpure")
class BackendUnavailable(EcpureError, ImportError):
    """ECPURE_BACKEND asks for a backend that is not installed or does not exist."""


@public("ecpure")
class FaultDetected(EcpureError):
    """A result or a table cannot be right, and was withheld. The exception has no secret. The machine may be faulty."""


@public("ecpure")
class InvalidCurve(EcpureError, ValueError):
    """The parameters are not those of a curve y² = x³ + b of prime order, or the curve lacks an OID that is needed."""


@public("ecpure")
class InvalidPoint(EcpureError, ValueError):
    """Coordinates off the curve, a sum of points on different curves, or the coordinates of infinity."""


@public("ecpure")
class InvalidEncoding(EcpureError, ValueError):
    """Bytes or text that cannot be decoded, or a value that has no encoding in the requested form.

    octet: offset of the octet at which decoding failed, from 0, or None if the decoder does not know it.
    """

    def __init__(self, reason: str, *, octet: int | None = None) -> None:
        super().__init__(reason)
        self.octet = octet


@public("ecpure")
class InvalidSignature(InvalidEncoding):
    """Integers r, s out of range for a signature."""


@public("ecpure")
class InvalidKey(EcpureError, ValueError):
    """A key out of range, on another curve, encrypted, or of another kind than requested."""


@public("ecpure")
class UnknownHash(EcpureError, ValueError):
    """A hash function that the package does not offer, or a curve without a default hash."""
