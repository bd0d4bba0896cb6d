"""How signatures, keys and octets in text are encoded: the tables that commands, records, explain and vectors use."""

from __future__ import annotations

from binascii import a2b_hex
from collections.abc import Callable
from dataclasses import dataclass

from ..curve import Curve
from ..privatekey import PrivateKey
from ..publickey import PublicKey
from ..rfc4648 import decode_base64, encode_base64
from ..signature import Signature


@dataclass(frozen=True, slots=True)
class Text:
    """A way to write octets as text. `decode` raises `ValueError` for any other text."""

    decode: Callable[[str | bytes], bytes]
    encode: Callable[[bytes], str]


TEXTS = {"hex": Text(a2b_hex, bytes.hex), "base64": Text(decode_base64, encode_base64)}


@dataclass(frozen=True, slots=True)
class SignatureForm:
    """A format of signatures on a curve. Both functions raise `InvalidEncoding`."""

    decode: Callable[[bytes, Curve], Signature]
    encode: Callable[[Signature, Curve], bytes]


SIGNATURES = {
    "der": SignatureForm(lambda octets, _: Signature.from_der(octets), lambda signature, _: signature.to_der()),
    "p1363": SignatureForm(
        lambda octets, curve: Signature.from_p1363(octets, curve=curve),
        lambda signature, curve: signature.to_p1363(curve=curve),
    ),
    "compact": SignatureForm(
        lambda octets, _: Signature.from_compact(octets), lambda signature, _: signature.to_compact()
    ),
}


@dataclass(frozen=True, slots=True)
class KeyForm:
    """A format of keys: functions of octets and `curve=`, which raise `InvalidEncoding` and `InvalidKey`."""

    private: Callable[..., PrivateKey]
    public: Callable[..., PublicKey]


KEYS = {
    "pem": KeyForm(PrivateKey.from_pem, PublicKey.from_pem),
    "der": KeyForm(PrivateKey.from_der, PublicKey.from_der),
    "raw": KeyForm(PrivateKey.from_bytes, PublicKey.from_bytes),
}


def public_key_in_text(text: str, curve: Curve) -> PublicKey:
    """Return the key that is written in PEM, or in hex as a point's octets. Raises `InvalidEncoding`, `InvalidKey`."""
    if text.startswith("-----BEGIN "):
        return PublicKey.from_pem(text, curve=curve)
    try:
        octets = TEXTS["hex"].decode(text)
    except ValueError:
        octets = b""
    return PublicKey.from_bytes(octets, curve=curve)
