"""Public keys from X.509: certificates (RFC 5280 §4.1) and certification requests (RFC 2986 §4.1), in DER.

Nothing in them is verified: no signature, name or date. Whose key it is must be known from elsewhere.
"""

from __future__ import annotations

from .. import der
from ..curve import Curve
from ..errors import InvalidEncoding, InvalidKey
from ..publickey import PublicKey

LABELS = {
    "CERTIFICATE": "x509",
    "X509 CERTIFICATE": "x509",
    "TRUSTED CERTIFICATE": "x509",
    "CERTIFICATE REQUEST": "req",
    "NEW CERTIFICATE REQUEST": "req",
}
"""The labels in PEM (RFC 7468 §5 and §7, and OpenSSL's), each with the command of OpenSSL that extracts the key."""

_VERSION = 0xA0  # [0] of TBSCertificate
_TITLES = {"x509": "a certificate (RFC 5280 §4.1)", "req": "a certificate request (RFC 2986 §4.1)"}
_BEFORE_THE_KEY = {"x509": ("the algorithm", "the issuer", "the validity", "the subject"), "req": ("the subject",)}


def is_one(octets: bytes) -> bool:
    """Whether DER has the outer shape of both: the signed part, an algorithm, and a signature."""
    try:
        return der.Reader(octets, "X.509").inside(der.SEQUENCE, "X.509").tags() == [
            der.SEQUENCE,
            der.SEQUENCE,
            der.BIT_STRING,
        ]
    except InvalidEncoding:
        return False


def title(octets: bytes, *, auxiliary: bool = False) -> str:
    """Return what the octets are, with the clause: a certificate or a request. Raises `InvalidEncoding`."""
    return _TITLES[_signed(octets, auxiliary=auxiliary)[0]]


def public_key(octets: bytes, *, curve: Curve, auxiliary: bool = False) -> PublicKey:
    """Return the subject's public key. auxiliary: OpenSSL's own SEQUENCE may follow, as in TRUSTED CERTIFICATE.

    Raises `InvalidEncoding`; `InvalidKey` for a key of another kind or curve.
    """
    command, signed = _signed(octets, auxiliary=auxiliary)
    signed.contents(der.INTEGER, "the serial number or version")
    for name in _BEFORE_THE_KEY[command]:
        signed.contents(der.SEQUENCE, name)
    key = der.element(der.SEQUENCE, signed.contents(der.SEQUENCE, "SubjectPublicKeyInfo"))
    try:
        return PublicKey.from_der(key, curve=curve)
    except (InvalidKey, InvalidEncoding) as error:
        reason, kind = str(error), type(error)
    if " KEY " in reason:  # the command needs the key in a file
        reason += f"; KEY is made by: openssl {command} -in CERTIFICATE -pubkey -noout -out KEY"
    raise kind(reason)


def _signed(octets: bytes, *, auxiliary: bool) -> tuple[str, der.Reader]:
    """Return "x509" or "req", and a reader of the signed part, from the serial number or the request's version on."""
    outer = der.Reader(octets, "X.509")
    whole = outer.inside(der.SEQUENCE, "a SEQUENCE")
    if auxiliary and outer.next_tag() is not None:
        outer.contents(der.SEQUENCE, "OpenSSL's trust settings")
    outer.end()
    signed = whole.inside(der.SEQUENCE, "what is signed")
    whole.contents(der.SEQUENCE, "the algorithm of the signature")
    whole.contents(der.BIT_STRING, "the signature")
    whole.end()
    if signed.next_tag() == _VERSION:
        signed.contents(_VERSION, "the version")
    kind = "x509" if signed.tags()[:4] == [der.INTEGER, *[der.SEQUENCE] * 3] else "req"
    return kind, signed
