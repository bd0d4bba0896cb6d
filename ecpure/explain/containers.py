"""Recognising octets by the frame around them: PEM, DER, JSON, tickets, hex and base64; for `ecpure explain`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from .. import auth, der, keyfile
from ..curve import SECP224K1, Curve
from ..errors import EcpureError, InvalidEncoding, InvalidKey
from ..formats import chargepoint, chargy, keys, rpcn, unpack
from ..formats.documents import Fields
from ..formats.texts import TEXTS
from ..io import strictjson
from ..privatekey import PrivateKey
from ..publickey import PublicKey
from ..rfc4648 import encode_base64
from . import readings
from .readings import CURVES, HIDDEN, Guess, Miss, missed

_TEXT = 24  # octets: base64 of 16 has as many, and that so many others are all letters and digits is no chance


def guess(octets: bytes) -> list[Guess | Miss]:
    """Return every reading of the octets, and every near one; of text in hex or base64, those of what it says.

    Where nothing fits, keys are looked for as commands read them: beside certificates, in X.509, in text of any shape.
    """
    found = _framed(octets)
    return found if any(isinstance(one, Guess) for one in found) else _keys(octets) or found


def _keys(octets: bytes) -> list[Guess | Miss]:
    readings = (
        _on_a_curve(
            "a private key, as --key reads it",
            lambda curve: keys.private_key(octets, curve=curve),
            HIDDEN,
            secret=True,
        ),
        _on_a_curve(
            "a public key, as --public-key reads it",
            lambda curve: keys.public_key(octets, curve=curve),
            "of a certificate around it nothing is verified",
        ),
    )
    return [one for one in readings if isinstance(one, Guess)]


def _framed(octets: bytes) -> list[Guess | Miss]:
    text = octets.strip()
    for of, encoding in TEXTS.items() if len(text) >= _TEXT else ():
        try:
            inner = encoding.decode(text)
        except ValueError:
            continue
        if found := [one.inside(of) for one in _of_octets(inner)]:
            return found
    return list(_of_octets(octets))


def _of_octets(octets: bytes) -> Iterator[Guess | Miss]:
    for read in _READERS:
        yield from read(octets)


def _on_a_curve(what: str, read: Callable[[Curve], object], details: str, *, secret: bool = False) -> Guess | Miss:
    """Return what `read` gives on the first curve that it does not refuse, or its refusal on the first."""
    refusals = []
    for curve in CURVES:
        try:
            read(curve)
        except EcpureError as error:
            refusals.append(error)
        else:
            return Guess(f"{what}, on {curve.name}", (details,), secret=secret)
    return missed(what, refusals[0])


def _key_in_der(octets: bytes, form: str, container: str) -> Guess | Miss:
    """Return the reading of a key in DER; form: "spki", "sec1" or "pkcs8"; container: DER or PEM."""
    if form == "spki":
        what = f"a public key, SubjectPublicKeyInfo (RFC 5480 §2) in {container}"
        return _on_a_curve(what, lambda curve: PublicKey.from_der(octets, curve=curve), "the curve is named by its OID")
    name = {"sec1": "SEC 1 (§C.4)", "pkcs8": "PKCS#8 (RFC 5958 §2)"}[form]
    return _on_a_curve(
        f"a private key, {name} in {container}",
        lambda curve: PrivateKey.from_der(octets, curve=curve),
        HIDDEN,
        secret=True,
    )


def _der(octets: bytes) -> Iterator[Guess | Miss]:
    """Read a DER SEQUENCE as what its first elements make it: (INTEGER, …) or (SEQUENCE, …)."""
    if octets[:1] != bytes([der.SEQUENCE]) or len(octets) < 2:
        return
    inside = octets[2 + (octets[1] & 0x7F if octets[1] >= 0x80 else 0) :]
    if inside[:1] == bytes([der.SEQUENCE]):
        yield _key_in_der(octets, "spki", "DER")
    elif inside[:4] == bytes([der.INTEGER, 1, 1, der.OCTET_STRING]):
        yield _key_in_der(octets, "sec1", "DER")
    elif inside[:4] in (bytes([der.INTEGER, 1, version, der.SEQUENCE]) for version in (0, 1)):
        yield _key_in_der(octets, "pkcs8", "DER")
    else:
        yield from readings.signature_in_der(octets)


def _pem(octets: bytes) -> Iterator[Guess | Miss]:
    if b"-----BEGIN " not in octets:
        return
    forms = {"PUBLIC KEY": "spki", "EC PRIVATE KEY": "sec1", "PRIVATE KEY": "pkcs8"}
    try:
        label, inner = keyfile.decode_pem(octets, forms)
    except (InvalidEncoding, InvalidKey) as error:
        yield missed("PEM (RFC 7468)", error)
    else:
        yield _key_in_der(inner, forms[label], "PEM")


def _archive(octets: bytes) -> Iterator[Guess | Miss]:
    kind = unpack.kind(octets)
    if kind is not None:
        beside = "ecpure verify --profile chargepoint reads receipts in tar, tar.gz, tar.bz2 and ZIP; unpack others"
        yield Guess(f"an archive: {kind}", (beside,))


def _ticket(octets: bytes) -> Iterator[Guess | Miss]:
    octets = rpcn.unwrapped(octets)
    if octets[:2] != (rpcn.VERSION >> 16).to_bytes(2, "big"):
        return
    try:
        reading = rpcn.read(octets)
    except InvalidEncoding as error:
        yield missed("an RPCN ticket", error)
    else:
        yield Guess("an RPCN ticket", _shown(reading.fields), reading=reading)


def _shown(fields: Fields) -> tuple[str, ...]:
    return tuple(f"{name}: {json.dumps(value)}" for name, value in fields.items())


def _json(octets: bytes) -> Iterator[Guess | Miss]:
    if octets.lstrip()[:1] != b"{":
        return
    what = "JSON"
    try:
        value = strictjson.decode_object(octets, "JSON", number=str)
        if "method" in value:
            what = "the exchange's login message, Authenticate"
            yield _login(what, value)
        elif "notice" in value:
            what = "the exchange's Welcome"
            auth.decode_nonce(value.get("nonce"), "nonce")
            yield Guess(what, ("its nonce is 16 octets in base64",))
        elif chargy.document(octets) is not None:
            what = "Chargy's JSON"
            yield Guess(what, ("ecpure verify --profile chargepoint reads the receipts, and the key, in it",))
        else:
            what = "a ChargePoint receipt"
            beside = "its signature is a file of its own: ecpure verify --profile chargepoint"
            yield Guess(what, (*_shown(chargepoint.fields(octets)), beside))
    except (InvalidEncoding, TypeError) as error:
        yield Miss(what, str(error))


def _login(what: str, message: dict[str, object]) -> Guess:
    """Return the guess. Raises `InvalidEncoding`."""
    any_nonce = encode_base64(bytes(auth.NONCE_OCTETS))
    signature, _ = auth.read_authenticate(message, server_nonce=any_nonce)
    details = (
        f"user_id: {message['user_id']}",
        "its signature is r and s, 28 octets each, of SHA-224 of user_id ‖ server nonce ‖ client nonce",
        "with the nonce of that connection's Welcome, ecpure auth verify verifies it",
    )
    return Guess(what, details, signature, SECP224K1)


_READERS: tuple[Callable[[bytes], Iterator[Guess | Miss]], ...] = (
    _pem,
    _json,
    _archive,
    _ticket,
    _der,
    readings.point,
    readings.pair,
    readings.coordinates,
    readings.scalar,
    readings.others,
)
