"""Keys on P-256 as they come, against OpenSSL; what is not a key on that curve is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from signeddocuments import openssl

from ecpure import EcpureError, InvalidEncoding, InvalidKey
from page import p256


def test_the_forms_of_a_key(keys: Path) -> None:
    """PEM, DER, points compressed and not, hex: all are the point that OpenSSL has; and back to its DER."""
    der = openssl("pkey", "-pubin", "-in", str(keys / "p256.pem"), "-outform", "DER")
    point = der[-65:]
    compressed = openssl("pkey", "-pubin", "-in", str(keys / "p256c.pem"), "-outform", "DER")
    for octets in (der, point, compressed, compressed[-33:], der.hex().encode(), (keys / "p256c.pem").read_bytes()):
        assert p256.public_key(octets) == point
    assert p256.spki(point) == der


def test_both_roots() -> None:
    """The base point and its negative (SP 800-186 §3.2.1.3), by their first octet."""
    x = bytes.fromhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
    y = int("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5", 16)
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    assert p256.point(b"\x03" + x)[33:] == y.to_bytes(32, "big")
    assert p256.point(b"\x02" + x)[33:] == (p - y).to_bytes(32, "big")


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (b"", InvalidEncoding),
        (b"\x04" + bytes(64), InvalidKey),
        (b"\x02" + b"\xff" * 32, InvalidKey),
        (b"\x05" + bytes(64), InvalidEncoding),
        (b"\x30\x00", InvalidEncoding),
        (b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", EcpureError),
    ],
)
def test_what_is_no_key(octets: bytes, kind: type[EcpureError]) -> None:
    """One exception of the package's own."""
    with pytest.raises(kind):
        p256.public_key(octets)


def test_other_curves_and_tails(keys: Path) -> None:
    """A key on secp224k1, and octets after the end of a key."""
    der = openssl("pkey", "-pubin", "-in", str(keys / "p256.pem"), "-outform", "DER")
    with pytest.raises(InvalidKey, match="P-256 was expected"):
        p256.public_key((keys / "public.pem").read_bytes())
    with pytest.raises(InvalidEncoding):
        p256.public_key(der + b"\x00")
