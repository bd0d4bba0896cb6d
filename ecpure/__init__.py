"""ECDSA on secp224k1 in pure Python: keys, deterministic signatures, strict encodings, the exchange's login message.

A file directly in this folder belongs to the signing and verifying path; a folder is an application on top of it. The
names below are imported on first use, so that a program loads only what it needs.
"""

from __future__ import annotations

from importlib import import_module

from .values import TYPE_CHECKING

if TYPE_CHECKING:
    from . import auth as auth
    from . import bulk as bulk
    from . import vectors as vectors
    from .curve import SECP224K1 as SECP224K1
    from .curve import SECP256K1 as SECP256K1
    from .curve import Curve as Curve
    from .curve import Point as Point
    from .errors import BackendUnavailable as BackendUnavailable
    from .errors import EcpureError as EcpureError
    from .errors import FaultDetected as FaultDetected
    from .errors import InvalidCurve as InvalidCurve
    from .errors import InvalidEncoding as InvalidEncoding
    from .errors import InvalidKey as InvalidKey
    from .errors import InvalidPoint as InvalidPoint
    from .errors import InvalidSignature as InvalidSignature
    from .errors import UnknownHash as UnknownHash
    from .integers import backend as backend
    from .privatekey import PrivateKey as PrivateKey
    from .publickey import PublicKey as PublicKey
    from .signature import Signature as Signature

__version__ = "1.0.0"

_HOMES = {
    "BackendUnavailable": "errors",
    "Curve": "curve",
    "EcpureError": "errors",
    "FaultDetected": "errors",
    "InvalidCurve": "errors",
    "InvalidEncoding": "errors",
    "InvalidKey": "errors",
    "InvalidPoint": "errors",
    "InvalidSignature": "errors",
    "Point": "curve",
    "PrivateKey": "privatekey",
    "PublicKey": "publickey",
    "SECP224K1": "curve",
    "SECP256K1": "curve",
    "Signature": "signature",
    "UnknownHash": "errors",
    "auth": "auth",
    "backend": "integers",
    "bulk": "bulk",
    "vectors": "vectors",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f".{_HOMES[name]}", __name__)
    value = globals()[name] = module if name == _HOMES[name] else getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
