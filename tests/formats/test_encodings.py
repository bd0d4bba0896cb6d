"""The tables of encodings: each form is written and read the same way, and nothing else is taken for it."""

from __future__ import annotations

import pytest

from ecpure import SECP224K1, SECP256K1, Curve, InvalidEncoding, InvalidKey, PrivateKey, Signature
from ecpure.formats.encodings import KEYS, SIGNATURES, TEXTS, public_key_in_text
from ecpure.rfc4648 import decode_base64

KEY = PrivateKey.from_int(0xC0FFEE)
SIGNATURE = KEY.sign(b"message")


def test_base64_has_one_form() -> None:
    """As text or octets; with spare bits, white space, without padding, or in another alphabet it is refused."""
    assert TEXTS["base64"].decode is decode_base64
    assert decode_base64("QQ==") == decode_base64(b"QQ==") == b"A"
    for wrong in ("QR==", "QQ", "QQ==\n", " QQ==", "QQ==QQ==", "-_8=", "é"):
        for text in (wrong, wrong.encode("utf-8")):
            with pytest.raises(ValueError, match=r"."):
                decode_base64(text)


def test_octets_in_text() -> None:
    """What is written is read again, hex in either case; what is not of the encoding is refused."""
    for text in TEXTS.values():
        for octets in (b"", b"\0", bytes(range(256))):
            assert text.decode(text.encode(octets)) == text.decode(text.encode(octets).encode("ascii")) == octets
    assert TEXTS["hex"].decode("fF") == b"\xff"
    assert TEXTS["hex"].encode(b"\xff") == "ff"
    for wrong in ("f", "0x", "é", "f f"):
        with pytest.raises(ValueError, match=r"."):
            TEXTS["hex"].decode(wrong)


@pytest.mark.parametrize("curve", [SECP224K1, SECP256K1], ids=lambda curve: str(curve.name))
@pytest.mark.parametrize("form", SIGNATURES)
def test_signatures_in_each_format(form: str, curve: Curve) -> None:
    """What is written is read again, and each format is refused as any other; 28 + 28 octets are of secp224k1 only."""
    signature = PrivateKey.from_int(7, curve=curve).sign(b"message", low_s=True)
    if form == "compact" and curve is SECP256K1:
        with pytest.raises(InvalidEncoding):
            SIGNATURES[form].encode(signature, curve)
        return
    octets = SIGNATURES[form].encode(signature, curve)
    assert SIGNATURES[form].decode(octets, curve) == signature
    for other in SIGNATURES.keys() - {form}:
        with pytest.raises(InvalidEncoding):
            SIGNATURES[other].decode(octets, curve)


def test_the_lengths_of_signatures() -> None:
    """r ‖ s has the length of the order, or 28 octets each."""
    assert len(SIGNATURES["p1363"].encode(SIGNATURE, SECP224K1)) == 58
    assert len(SIGNATURES["compact"].encode(Signature(1, 1), SECP224K1)) == 56


def test_keys_in_each_format() -> None:
    """Each format's functions read private and public keys, of the curve that is said."""
    private = {"pem": KEY.to_pem().encode("ascii"), "raw": KEY.to_bytes()}
    public = {"pem": KEY.public_key.to_pem().encode("ascii"), "raw": KEY.public_key.to_bytes()}
    for octets in (private, public):
        _, *body, _ = octets["pem"].splitlines()
        octets["der"] = decode_base64(b"".join(body))
    for form, reads in KEYS.items():
        assert reads.private(private[form], curve=SECP224K1) == KEY
        assert reads.public(public[form], curve=SECP224K1) == KEY.public_key
        with pytest.raises((InvalidKey, InvalidEncoding)):
            reads.public(public[form], curve=SECP256K1)


def test_a_public_key_in_text() -> None:
    """It is PEM, or a point in hex, compressed or not; anything else is refused."""
    key = KEY.public_key
    texts = [key.to_pem(), key.to_bytes().hex(), key.to_bytes().hex().upper(), key.to_bytes(compressed=False).hex()]
    for text in texts:
        assert public_key_in_text(text, SECP224K1) == key
    for text in ("", "Ann", "0", "é", key.to_bytes().hex()[2:], " " + texts[1], texts[1] + "\n", KEY.to_bytes().hex()):
        with pytest.raises(InvalidEncoding):
            public_key_in_text(text, SECP224K1)
    with pytest.raises((InvalidKey, InvalidEncoding)):
        public_key_in_text(key.to_pem(), SECP256K1)
