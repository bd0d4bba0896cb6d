"""Public keys on P-256, as newer charging stations have them: read here, used by the browser's WebCrypto.

ecpure has no formulas for this curve (FIPS 186-5, SP 800-186 §3.2.1.3): of a key it is only checked that it is a point.
"""

from __future__ import annotations

import contextlib

from ecpure import der, keyfile
from ecpure.errors import InvalidEncoding, InvalidKey
from ecpure.formats.texts import TEXTS

NAME = "P-256"
OCTETS = 32
"""Of a coordinate, and of r and s."""
NAMES = frozenset({"P-256", "secp256r1", "prime256v1", "1.2.840.10045.3.1.7"})

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_ALGORITHM = der.element(
    der.SEQUENCE, der.object_identifier("1.2.840.10045.2.1"), der.object_identifier("1.2.840.10045.3.1.7")
)


def public_key(octets: bytes) -> bytes:
    """Return the point, uncompressed in 65 octets, of a key in PEM or DER (RFC 5480 §2), or of a point's octets (SEC 1
    §2.3.3); DER and points also in hex or base64.

    Raises `InvalidEncoding` for anything else, and `InvalidKey` for a point that is not on the curve.
    """
    if b"-----BEGIN " in octets:
        _, octets = keyfile.decode_pem(octets, ["PUBLIC KEY"])
        return _spki(octets)
    for form in TEXTS.values():
        with contextlib.suppress(ValueError):
            octets = form.decode(octets.strip())
            break
    return _spki(octets) if octets[:1] == bytes([der.SEQUENCE]) else point(octets)


def spki(uncompressed: bytes) -> bytes:
    """Return the point as SubjectPublicKeyInfo in DER, which WebCrypto takes."""
    return der.element(der.SEQUENCE, _ALGORITHM, der.bit_string(uncompressed))


def point(octets: bytes) -> bytes:
    """Return a point's octets in their uncompressed form. Raises as `public_key` does."""
    first, x, y = octets[:1], int.from_bytes(octets[1 : 1 + OCTETS], "big"), int.from_bytes(octets[1 + OCTETS :], "big")
    compressed = first in (b"\x02", b"\x03") and len(octets) == 1 + OCTETS
    if not compressed and (first != b"\x04" or len(octets) != 1 + 2 * OCTETS):
        raise InvalidEncoding("public key: a point on P-256, 33 or 65 octets, was expected (SEC 1 §2.3.3)")
    squared = (x**3 - 3 * x + _B) % _P
    if compressed:
        y = pow(squared, (_P + 1) // 4, _P)  # p ≡ 3 mod 4
        y = y if y % 2 == first[0] % 2 else _P - y
    if x >= _P or y >= _P or y * y % _P != squared:
        raise InvalidKey("public key: the point is not on P-256 (SEC 1 §3.2.2.1)")
    return b"\x04" + x.to_bytes(OCTETS, "big") + y.to_bytes(OCTETS, "big")


def _spki(octets: bytes) -> bytes:
    outer = der.Reader(octets, "public key")
    body = outer.inside(der.SEQUENCE, "a SEQUENCE")
    outer.end()
    if der.element(der.SEQUENCE, body.contents(der.SEQUENCE, "the algorithm")) != _ALGORITHM:
        raise InvalidKey("public key: one on P-256 was expected")
    uncompressed = point(body.bit_string("the point"))
    body.end()
    return uncompressed
