"""The tables of encodings: each form is written and read the same way, and nothing else is taken for it."""

from __future__ import annotations

import pytest

from ecpure import SECP224K1, SECP256K1, Curve, InvalidEncoding, InvalidKey, PrivateKey, Signature
from ecpure.formats.encodings import KEYS, SIGNATURES, public_key_in_text
from ecpure.formats.texts import TEXTS
from ecpure.rfc4648 import decode_base64

KEY = PrivateKey.from_int(0xC0FFEE)
SIGNATURE = KEY.sign(b"message")


def test_base64_of_the_core_has_one_form() -> None:
    """As text or octets; with spare bits, white space, without padding, or in another alphabet it is refused."""
    assert decode_base64("QQ==") == decode_base64(b"QQ==") == b"A"
    for wrong in ("QR==", "QQ", "QQ==\n", " QQ==", "QQ==QQ==", "-_8=", "é"):
        for text in (wrong, wrong.encode("utf-8")):
            with pytest.raises(ValueError, match=r"."):
                decode_base64(text)


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
    assert list(KEYS) == ["auto", "pem", "der", "raw"]
    for form, reads in KEYS.items():
        if form == "auto":
            continue
        assert reads.private(private[form], curve=SECP224K1) == KEY
        assert reads.public(public[form], curve=SECP224K1) == KEY.public_key
        with pytest.raises((InvalidKey, InvalidEncoding)):
            reads.public(public[form], curve=SECP256K1)
        assert KEYS["auto"].public(public[form], curve=SECP224K1) == KEY.public_key
        if form != "raw":
            assert KEYS["auto"].private(private[form], curve=SECP224K1) == KEY


def test_a_public_key_in_text() -> None:
    """It is PEM, or a point or DER in hex or base64; anything else is refused."""
    key = KEY.public_key
    point = key.to_bytes(compressed=False)
    texts = [key.to_pem(), key.to_bytes().hex(), key.to_bytes().hex().upper(), point.hex(), point[1:].hex()]
    texts += [f"0x{point.hex()}", point.hex(":"), f" {point.hex()}\n", key.to_der().hex()]
    texts += [TEXTS["base64"].encode(octets) for octets in (key.to_der(), point, key.to_bytes())]
    for text in texts:
        assert public_key_in_text(text, SECP224K1) == key
    private = (KEY.to_bytes().hex(), KEY.to_der().hex(), KEY.to_pem())
    for text in ("", "Ann", "0", "é", "\ud800", key.to_bytes().hex()[2:], texts[1] + "0", f"0x 0x{texts[1]}", *private):
        with pytest.raises((InvalidKey, InvalidEncoding)):
            public_key_in_text(text, SECP224K1)
    with pytest.raises((InvalidKey, InvalidEncoding)):
        public_key_in_text(key.to_pem(), SECP256K1)
