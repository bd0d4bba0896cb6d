"""The only module that knows which big integers are used: Python's, or GMP's through gmpy2.

A modulus made by `modulus` is an `mpz` or an `int`; whatever is reduced by it takes its type, so each formula is
written only once. The environment variable ECPURE_BACKEND, read at import, chooses: `python`, `gmpy2`, or `auto` (the
default: gmpy2 if it is installed).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from .errors import BackendUnavailable
from .values import public


def _invert(a: int, m: int) -> int:
    """Return a⁻¹ mod m. Raises `ZeroDivisionError` if it does not exist. Time depends on a (in GMP too)."""
    try:
        return pow(a, -1, m)
    except ValueError:
        raise ZeroDivisionError("no inverse") from None


BACKENDS = ("python", "gmpy2")

_BACKEND = "python"
modulus: Callable[[int], int] = int
invert: Callable[[int, int], int] = _invert
INVERSION_COST = 40
"""What one inversion mod p costs, in multiplications mod p of 224 bits (measured)."""

_choice = os.environ.get("ECPURE_BACKEND", "auto")
if _choice not in ("auto", "gmpy2", "python"):
    raise BackendUnavailable("ECPURE_BACKEND: one of auto, gmpy2, python was expected")
if _choice != "python":
    try:
        import gmpy2
    except ImportError:
        if _choice == "gmpy2":
            raise BackendUnavailable("ECPURE_BACKEND=gmpy2, but gmpy2 is not installed (extra: fast)") from None
    else:
        _BACKEND = "gmpy2"
        modulus = gmpy2.mpz  # an mpz can replace an int everywhere here
        invert = gmpy2.invert
        INVERSION_COST = 10


@public("ecpure")
def backend() -> str:
    """Return "gmpy2" or "python": the integers that this process computes with."""
    return _BACKEND


def installed_backends() -> list[str]:
    """Return the names of the backends that are installed for this interpreter."""
    from importlib.util import find_spec  # slow to import, and rarely needed

    return [name for name in BACKENDS if name == "python" or find_spec(name)]


def backend_version() -> str:
    """Return the backend with its version, for people to read."""
    return f"gmpy2 {gmpy2.version()}" if _BACKEND == "gmpy2" else "python"


def hide_gmpy2() -> None:
    """Make later imports of gmpy2 fail, so that other libraries compute with Python's integers."""
    sys.modules["gmpy2"] = None  # type: ignore[assignment]  # an entry of None makes the import fail
