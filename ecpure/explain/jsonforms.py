"""Recognising JSON by its names: logins, receipts, JWKs, records that are not on lines; for `ecpure explain`."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from .. import auth
from ..archives.shape import kind_of_record
from ..curve import SECP224K1, Point
from ..errors import InvalidEncoding
from ..formats import chargepoint, chargy
from ..formats.documents import Fields
from ..formats.texts import TEXTS
from ..io import strictjson
from ..rfc4648 import encode_base64
from .readings import CURVES, HIDDEN, Guess, Miss

_BEGINNING = re.compile(rb'\s*(?:\{\s*["}]|\[\s*\{\s*")')  # an object, or a list of them

Object = dict[str, Any]


def in_json(octets: bytes) -> Iterator[Guess | Miss]:
    """Read an object, or a list of objects, as the first kind that has its names."""
    if not _BEGINNING.match(octets):
        return
    try:
        value = strictjson.decode(octets, "JSON", number=str)
    except InvalidEncoding as error:
        yield Miss("JSON", str(error))
        return
    if isinstance(value, list):
        yield _list(value)
        return
    for what, read in _KINDS:
        try:
            found = read(value)
        except (InvalidEncoding, TypeError) as error:
            yield Miss(what, str(error))
            return
        if found is not None:
            yield found
            return
    yield Guess("JSON: an object of an unknown kind")


def _list(values: list[Any]) -> Guess:
    kind = kind_of_record(values[0])  # it is not empty: _BEGINNING matched an object
    if kind is None:
        return Guess("JSON: a list of an unknown kind")
    advice = f"a JSON object on each line was expected: jq -c '.[]' LIST > FILE; then {kind.command}"
    return Guess(f"{kind.several}, in a JSON list of {len(values)}", (advice,))


def shown(fields: Fields) -> tuple[str, ...]:
    """Return the fields of a document as details."""
    return tuple(f"{name}: {json.dumps(value)}" for name, value in fields.items())


def _login(value: Object) -> Guess | None:
    if value.get("method") != auth.METHOD:
        return None
    any_nonce = encode_base64(bytes(auth.NONCE_OCTETS))
    signature, _ = auth.read_authenticate(value, server_nonce=any_nonce)
    details = (
        f"user_id: {value['user_id']}",
        "its signature is r and s, 28 bytes each, of SHA-224 of user_id ‖ server nonce ‖ client nonce",
        "with the nonce of that connection's Welcome, ecpure auth verify verifies it",
    )
    return Guess(_LOGIN, details, signature, SECP224K1)


def _welcome(value: Object) -> Guess | None:
    if value.get("notice") != "Welcome":
        return None
    auth.decode_nonce(value.get("nonce"), "nonce")
    return Guess(_WELCOME, ("its nonce is 16 bytes in base64",))


def _chargy(value: Object) -> Guess | None:
    if not chargy.is_named(value):
        return None
    if chargy.is_key(value):
        return Guess(_CHARGY, ("a station's key: ecpure verify --profile chargepoint takes it as --public-key",))
    return Guess(_CHARGY, ("ecpure verify --profile chargepoint verifies the receipts in it",))


def _receipt(value: Object) -> Guess | None:
    if not chargepoint.is_named(value):
        return None
    beside = "its signature is a file of its own: ecpure verify --profile chargepoint"
    return Guess(_RECEIPT, (*shown(chargepoint.fields_of(value)), beside))


def _record(value: Object) -> Guess | None:
    kind = kind_of_record(value)
    if kind is None:
        return None
    advice = f"a JSON object on each line was expected: jq -c . OBJECT > FILE; then {kind.command}"
    return Guess(f"a {kind.one}, in JSON on several lines", (advice,))


# JSON Web Keys: RFC 7517 §4, RFC 7518 §6, RFC 8812 §3.1

_SECRET = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}  # RFC 7518 §6.2.2, §6.3.2, §6.4.1
_REGISTERED = ("P-256", "P-384", "P-521", "secp256k1", "Ed25519", "Ed448", "X25519", "X448")
_TYPES = ("EC", "RSA", "oct", "OKP")


def _jwk(value: Object) -> Guess | None:
    kty = value.get("kty")
    if not isinstance(kty, str):
        return None
    is_secret = not _SECRET.isdisjoint(value)
    what = f"{_JWK}: {'a private or secret' if is_secret else 'a public'} key"
    if kty != "EC":
        about = f"kty: {kty}; keys on these curves have EC" if kty in _TYPES else "its kty is not one of RFC 7518 §6.1"
        return Guess(what, (about, *[HIDDEN] * is_secret), secret=is_secret)
    point = _point(value)
    if point is None:
        about = "its x and y, in base64url, are not a point on secp224k1 or secp256k1"
    elif is_secret:
        about = "ecpure does not read JWKs: have the program that made it write PEM"
    else:
        about = f"the point in hex, which --public-key reads from a file: {point.to_bytes(compressed=False).hex()}"
    on = "" if point is None else f", on {point.curve.name}"
    return Guess(what + on, (_about(value.get("crv")), about, *[HIDDEN] * is_secret), secret=is_secret)


def _about(crv: object) -> str:
    if crv in _REGISTERED:
        return f"crv: {crv}"
    named = SECP224K1.name if crv == SECP224K1.name else "a name that is not registered"
    return f"crv: {named}; RFC 7518 §7.6: secp224k1 has no registered name, so other programs may refuse it"


def _point(value: Object) -> Point | None:
    """Return the point with these x and y (RFC 7518 §6.2.1), on either curve."""
    x, y = value.get("x"), value.get("y")
    if not (isinstance(x, str) and isinstance(y, str)):
        return None
    for curve in CURVES:
        with contextlib.suppress(ValueError):
            octets = [TEXTS["base64"].decode(text) for text in (x, y)]
            if all(len(one) == curve.field_octets for one in octets):
                return Point.from_bytes(b"\x04" + b"".join(octets), curve=curve)
    return None


def _jwk_set(value: Object) -> Guess | None:
    keys = value.get("keys")
    if not isinstance(keys, list):
        return None
    is_secret = any(isinstance(one, dict) and not _SECRET.isdisjoint(one) for one in keys)
    return Guess(f"a JWK Set (RFC 7517 §5) of {len(keys)}", ("give only one of its keys",), secret=is_secret)


_LOGIN, _WELCOME = "the exchange's login message, Authenticate", "the exchange's Welcome"
_JWK, _CHARGY, _RECEIPT = "a JWK (RFC 7517)", "Chargy's JSON", "a ChargePoint receipt"

_KINDS: tuple[tuple[str, Callable[[Object], Guess | None]], ...] = (
    (_LOGIN, _login),
    (_WELCOME, _welcome),
    (_JWK, _jwk),
    ("a JWK Set", _jwk_set),
    ("a record", _record),
    (_CHARGY, _chargy),
    (_RECEIPT, _receipt),
)
"""Kinds of objects, each with its reader, which returns None if the names are of another kind, and raises
`InvalidEncoding` or `TypeError` if only the names fit. The first kind whose names fit decides.
"""
