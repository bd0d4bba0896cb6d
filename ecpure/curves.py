"""The curves that are found by name, each made when it is first asked for."""

from __future__ import annotations

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from .curve import Curve

NAMES = ("secp224k1", "secp256k1")
"""The first is the one that is meant where none is named."""


def named(name: str) -> Curve:
    """Return the curve of that name, one of `NAMES`."""
    from . import curve  # slow to import, and no part of a command's arguments

    found: Curve = getattr(curve, name.upper())
    return found
