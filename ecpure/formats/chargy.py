"""Chargy's JSON, as the transparency software of that name writes ChargePoint's receipts and public keys.

Its published source (OpenChargingCloud/ChargyDesktopApp) has two layouts of a receipt. A charge transparency record
(`CTR+json`) has a list `chargingSessions`; the other is the receipt's own object. In both, `original` has the signed
octets in base64, and `signature` is DER in hex, or an object of r and s in hex. The rest repeats `original`, unsigned.
"""

from __future__ import annotations

import contextlib
from typing import Any

from ..curve import SECP224K1
from ..errors import InvalidEncoding, InvalidKey
from ..io import strictjson
from ..publickey import PublicKey
from ..rfc4648 import decode_base64
from ..signature import Signature
from . import chargepoint, keys
from .documents import Reading
from .texts import TEXTS

_CONTEXTS = "https://open.charging.cloud/contexts/"
_RECORD, _KEY = f"{_CONTEXTS}CTR+json", f"{_CONTEXTS}publicKey+json"
_SESSION = f"{_CONTEXTS}SessionSignatureFormats/ChargePointCrypt01+json"
_BOM = b"\xef\xbb\xbf"  # of UTF-8; some editors write it first, and the software removes it


def is_json(octets: bytes) -> bool:
    """Whether the octets begin like a JSON object."""
    return octets.removeprefix(_BOM).lstrip()[:1] == b"{"


def document(octets: bytes) -> dict[str, Any] | None:
    """Return Chargy's JSON object, or None for other JSON, or anything else.

    A receipt as it was signed is other JSON: it does not contain its own signature.
    """
    if not is_json(octets):
        return None
    try:
        value = strictjson.decode_object(octets.removeprefix(_BOM), "Chargy's JSON", number=str)
    except InvalidEncoding:
        return None
    return value if "@context" in value or {"original", "signature"} <= value.keys() else None


def is_named(record: dict[str, Any]) -> bool:
    """Whether an object is Chargy's, by its context or, without one, by its two names."""
    context = record.get("@context")
    if "@context" not in record:
        return {"original", "signature"} <= record.keys()
    return isinstance(context, str) and context.startswith(_CONTEXTS)


def is_key(record: dict[str, Any]) -> bool:
    """Whether a document is a public key, for `public_key`."""
    return str(record.get("@context")).startswith(_KEY)


def sessions(record: dict[str, Any]) -> list[Any]:
    """Return the charging sessions of a document, for `read`. Raises `InvalidEncoding` if it has no sessions."""
    context = record.get("@context")
    if context is None:
        return [record]
    if not isinstance(context, str) or not context.startswith(_RECORD):
        raise InvalidEncoding("Chargy's JSON: a record of charging sessions (CTR+json) was expected")
    found = record.get("chargingSessions")
    if not isinstance(found, list) or not found:
        raise InvalidEncoding("Chargy's JSON: chargingSessions: a list of them was expected")
    return found


def read(session: Any) -> Reading:
    """Return the reading of a charging session. Raises as `signed` and `chargepoint.read` do."""
    return chargepoint.read(*signed(session))


def signed(session: Any) -> tuple[bytes, bytes]:
    """Return the octets in `original` of a charging session, and its `signature` in DER, on any curve.

    Raises `InvalidEncoding` if they are not as above.
    """
    if not isinstance(session, dict):
        raise InvalidEncoding("Chargy's JSON: a charging session: an object was expected")
    if str(session.get("@context", _SESSION)).lower() != _SESSION.lower():  # written with a small p for a while
        raise InvalidEncoding("Chargy's JSON: one of ChargePoint's (ChargePointCrypt01+json) was expected")
    text = _text(session, "original")
    try:
        octets = decode_base64(text)
    except ValueError:
        raise InvalidEncoding("Chargy's JSON: original: base64 was expected (RFC 4648 §4)") from None
    return octets, _signature(session)


def public_key(octets: bytes) -> PublicKey:
    """Return the secp224k1 key in a file of Chargy's: `algorithm`, by name or OID, and `value`, the point or DER.

    `encoding` says how `value` is written, hex or base64; without it, in hex. Signatures that others added to it are
    ignored. Raises `InvalidEncoding`, `InvalidKey`.
    """
    value = strictjson.decode_object(octets.removeprefix(_BOM), "Chargy's public key", number=str)
    if not is_key(value):
        raise InvalidEncoding("Chargy's public key: the @context publicKey+json was expected")
    algorithm = value.get("algorithm")
    names = algorithm.values() if isinstance(algorithm, dict) else [algorithm]
    if not {SECP224K1.name, SECP224K1.oid} & {name for name in names if isinstance(name, str)}:
        raise InvalidKey("Chargy's public key: algorithm: secp224k1 (1.3.132.0.32) was expected")
    encoding = str(value.get("encoding", "hex")).lower()
    if encoding not in TEXTS:
        raise InvalidEncoding("Chargy's public key: encoding: hex or base64 was expected")
    text, octets = _text(value, "value"), b""
    with contextlib.suppress(ValueError):
        octets = TEXTS[encoding].decode(text)
    if not octets:
        raise InvalidEncoding(f"Chargy's public key: value: {encoding} was expected")
    return keys.public_key(octets, curve=SECP224K1)


def _signature(session: dict[str, Any]) -> bytes:
    """Return the signature in DER."""
    what = "Chargy's JSON: signature"
    value = session.get("signature")
    if not isinstance(value, dict):
        return _hex(_text(session, "signature"), what)
    r, s = (int.from_bytes(_hex(_text(value, name), f"{what}: {name}"), "big") for name in ("r", "s"))
    return Signature(r, s).to_der()


def _text(place: dict[str, Any], name: str) -> str:
    value = place.get(name)
    if not isinstance(value, str):
        raise InvalidEncoding(f"Chargy's JSON: {name}: text was expected")
    return value


def _hex(text: str, what: str) -> bytes:
    if not (text.isascii() and text.isalnum()):  # no white space, which bytes.fromhex accepts
        raise InvalidEncoding(f"{what}: hex was expected")
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise InvalidEncoding(f"{what}: hex was expected") from None
