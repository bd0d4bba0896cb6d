"""Formats of signatures and keys: the tables that commands, records, explain and vectors use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..curve import Curve
from ..privatekey import PrivateKey
from ..publickey import PublicKey
from ..signature import Signature, decoder
from . import keys


@dataclass(frozen=True, slots=True)
class SignatureForm:
    """A format of signatures on a curve. Both functions raise `InvalidEncoding`."""

    decode: Callable[[bytes, Curve], Signature]
    encode: Callable[[Signature, Curve], bytes]


SIGNATURES = {
    "der": SignatureForm(decoder("der"), lambda signature, _: signature.to_der()),
    "p1363": SignatureForm(decoder("p1363"), lambda signature, curve: signature.to_p1363(curve=curve)),
    "compact": SignatureForm(decoder("compact"), lambda signature, _: signature.to_compact()),
}


@dataclass(frozen=True, slots=True)
class KeyForm:
    """A format of keys: functions of octets and `curve=`, which raise `InvalidEncoding` and `InvalidKey`."""

    private: Callable[..., PrivateKey]
    public: Callable[..., PublicKey]


KEYS = {
    "auto": KeyForm(keys.private_key, keys.public_key),
    "pem": KeyForm(PrivateKey.from_pem, PublicKey.from_pem),
    "der": KeyForm(PrivateKey.from_der, PublicKey.from_der),
    "raw": KeyForm(PrivateKey.from_bytes, PublicKey.from_bytes),
}


def public_key_in_text(text: str, curve: Curve) -> PublicKey:
    """Return the key in PEM, or in hex or base64 of DER or of a point. Raises as `keys.public_key` does."""
    return keys.public_key(text.encode("utf-8", errors="replace"), curve=curve)
