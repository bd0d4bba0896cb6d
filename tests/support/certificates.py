"""Certificates and requests in DER around a public key, with a signature that is not valid: nobody verifies it."""

from __future__ import annotations

from ecpure import PublicKey, der

_ALGORITHM = der.element(der.SEQUENCE, der.object_identifier("1.2.840.10045.4.3.2"))
_NAME = der.element(der.SEQUENCE)
_SIGNATURE = der.bit_string(b"")


def signed(*parts: bytes) -> bytes:
    """Return what X.509 makes of the parts that it signs."""
    return der.element(der.SEQUENCE, der.element(der.SEQUENCE, *parts), _ALGORITHM, _SIGNATURE)


def certificate(key: PublicKey | bytes, *, version: int = 3) -> bytes:
    """Return a certificate (RFC 5280 §4.1) of the key, or of the octets of a SubjectPublicKeyInfo."""
    spki = key if isinstance(key, bytes) else key.to_der()
    parts = [der.integer(1), _ALGORITHM, _NAME, _NAME, _NAME, spki]
    if version == 1:
        return signed(*parts)
    extensions = der.element(0xA3, der.element(der.SEQUENCE))
    return signed(der.element(0xA0, der.integer(version - 1)), *parts, extensions)


def request(key: PublicKey, *attributes: bytes) -> bytes:
    """Return a certification request (RFC 2986 §4.1) of the key."""
    return signed(der.integer(0), _NAME, key.to_der(), *attributes)
