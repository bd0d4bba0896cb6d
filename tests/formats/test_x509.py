"""Public keys out of certificates and requests: the subject's key, whatever else is in them."""

from __future__ import annotations

import inspect

import pytest
from certificates import certificate, request, signed

from ecpure import SECP224K1, SECP256K1, InvalidEncoding, InvalidKey, PrivateKey, der
from ecpure.formats import x509

KEY = PrivateKey.from_int(0xC0FFEE).public_key
KOBLITZ = PrivateKey.from_int(5, curve=SECP256K1).public_key
AUXILIARY = der.element(der.SEQUENCE)


@pytest.mark.parametrize(
    "octets",
    [certificate(KEY), certificate(KEY, version=1), request(KEY, der.element(0xA0)), request(KEY)],
    ids=["version 3", "version 1", "request", "request without attributes"],
)
def test_the_key_is_read(octets: bytes) -> None:
    """From both kinds, on the curve that the key names; OpenSSL's trust settings may follow where they are expected."""
    assert x509.is_one(octets)
    assert x509.public_key(octets, curve=SECP224K1) == KEY
    assert x509.public_key(octets, curve=SECP224K1, auxiliary=True) == KEY
    assert x509.public_key(octets + AUXILIARY, curve=SECP224K1, auxiliary=True) == KEY
    with pytest.raises(InvalidEncoding, match="follow"):
        x509.public_key(octets + AUXILIARY, curve=SECP224K1)
    with pytest.raises(InvalidKey, match=r"a key on secp224k1, not on secp256k1$"):
        x509.public_key(octets, curve=SECP256K1)
    for length in range(len(octets)):
        with pytest.raises(InvalidEncoding):
            x509.public_key(octets[:length], curve=SECP224K1)


def test_options_go_by_name() -> None:
    """Which curve, and whether trust settings may follow: a call has to name what it says of these."""
    options = {"curve", "auxiliary"}
    for function in (x509.public_key, x509.title):
        for name, parameter in inspect.signature(function).parameters.items():
            assert (parameter.kind == inspect.Parameter.KEYWORD_ONLY) == (name in options)


def test_the_two_kinds_are_told_apart() -> None:
    """By what is signed, whatever key is in it; what is neither is refused."""
    for octets in (certificate(KEY), certificate(KEY, version=1), certificate(der.element(der.SEQUENCE))):
        assert x509.title(octets) == "a certificate (RFC 5280 §4.1)"
    assert x509.title(request(KEY)) == "a certificate request (RFC 2986 §4.1)"
    assert x509.title(certificate(KEY) + AUXILIARY, auxiliary=True) == "a certificate (RFC 5280 §4.1)"
    for octets in (certificate(KEY) + AUXILIARY, KEY.to_der(), b""):
        with pytest.raises(InvalidEncoding):
            x509.title(octets)


OUTER = [AUXILIARY, AUXILIARY, der.bit_string(b"")]


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x30",
        KEY.to_der(),
        PrivateKey.from_int(1).to_der(),
        signed(b"")[2:],
        der.element(der.SEQUENCE, *OUTER, AUXILIARY),
        der.element(der.SEQUENCE, AUXILIARY, *OUTER),
        der.element(der.SEQUENCE, *OUTER[:2]),
    ],
)
def test_what_has_another_shape(octets: bytes) -> None:
    """Keys and broken octets are told apart from X.509 by their outer elements."""
    assert not x509.is_one(octets)
    assert x509.is_one(der.element(der.SEQUENCE, *OUTER))


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (signed(), "serial number or version"),
        (signed(der.integer(0)), "the subject"),
        (signed(der.integer(0), AUXILIARY), "SubjectPublicKeyInfo"),
        (signed(der.integer(0), AUXILIARY, AUXILIARY, AUXILIARY), "the subject"),
    ],
)
def test_what_lacks_a_part_is_refused_by_its_name(octets: bytes, words: str) -> None:
    """The refusal names the part that was expected."""
    with pytest.raises(InvalidEncoding, match=words):
        x509.public_key(octets, curve=SECP224K1)


@pytest.mark.parametrize("make", [certificate, request])
def test_a_command_for_the_key_says_where_the_key_comes_from(make: object) -> None:
    """OpenSSL's commands take a key, so a refusal that names one also says how the key gets out of the certificate."""
    octets = (certificate if make is certificate else request)(KEY)
    command = "x509" if make is certificate else "req"
    p256 = octets.replace(der.object_identifier("1.3.132.0.32"), der.object_identifier("1.3.132.0.33"))
    with pytest.raises(InvalidKey, match=f"P-224.* -verify KEY .*openssl {command} -in CERTIFICATE -pubkey") as refusal:
        x509.public_key(p256, curve=SECP224K1)
    assert refusal.value.__context__ is None
