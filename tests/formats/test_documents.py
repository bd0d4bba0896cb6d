"""Signed documents: their digest, and signatures that are said with the octet where they are wrong."""

from __future__ import annotations

import hashlib
from dataclasses import FrozenInstanceError

import pytest
from ecdsa.util import sigencode_der

from ecpure import SECP224K1, InvalidEncoding, PrivateKey
from ecpure.formats.documents import Reading, decode_signature

N = SECP224K1.n
SIGNATURE = PrivateKey.from_int(7).sign(b"message", low_s=True)


def test_a_readings_digest_is_of_its_message() -> None:
    """It is made with the document's own hash, and a reading cannot be changed."""
    for name in ("sha224", "sha256", "sha512"):
        reading = Reading(SIGNATURE, b"message", name, {})
        assert reading.digest() == hashlib.new(name, b"message").digest()
    with pytest.raises(FrozenInstanceError):
        reading.message = b"another"  # type: ignore[misc]


@pytest.mark.parametrize("form", ["der", "compact"])
def test_a_signature_is_read_as_its_form_only(form: str) -> None:
    """What one form holds, the other refuses, and names what the octets are in."""
    forms = {"der": SIGNATURE.to_der(), "compact": SIGNATURE.to_compact()}
    assert decode_signature(forms.pop(form), form, "ticket") == SIGNATURE
    for octets in (*forms.values(), b""):
        with pytest.raises(InvalidEncoding, match=r"^ticket: byte 9\d*: ") as refusal:
            decode_signature(octets, form, "ticket", 9)
        assert refusal.value.octet is not None
        assert refusal.value.octet >= 9


def test_a_refusal_says_the_octet_of_the_whole_document() -> None:
    """Octets are counted from where the signature begins in it."""
    der = bytearray(SIGNATURE.to_der())
    der[2] = 3  # of r: no INTEGER
    for base in (0, 100):
        with pytest.raises(InvalidEncoding) as refusal:
            decode_signature(bytes(der), "der", "ticket", base)
        assert refusal.value.octet == base + 2
        assert str(refusal.value).startswith(f"ticket: byte {base + 2}: ")
        assert "signature: " not in str(refusal.value)


@pytest.mark.parametrize("pair", [(0, 1), (1, 0), (0, 0)])
def test_r_and_s_are_1_or_more(pair: tuple[int, int]) -> None:
    """A document whose signature has an r or s of 0 is refused as it is read, in either form."""
    encoded = {"der": sigencode_der(*pair, N), "compact": b"".join(value.to_bytes(28, "big") for value in pair)}
    for form, octets in encoded.items():
        with pytest.raises(InvalidEncoding, match=r"^receipt: byte \d+: "):
            decode_signature(octets, form, "receipt")


@pytest.mark.parametrize("pair", [(N, 1), (1, N), (N + 5, N + 5)])
def test_r_and_s_are_below_the_order(pair: tuple[int, int]) -> None:
    """In DER, which can hold what is not; 28 octets cannot, since n is above 2²²⁴."""
    with pytest.raises(InvalidEncoding, match=r"^receipt: byte 0: r and s in \[1, n − 1\]"):
        decode_signature(sigencode_der(*pair, N), "der", "receipt")
    assert decode_signature(b"\xff" * 56, "compact", "receipt").r == (1 << 224) - 1 < N
