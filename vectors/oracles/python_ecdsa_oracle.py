"""Oracle: python-ecdsa, the curve's parameters given to it by hand; and the login message by `hashlib` and it alone."""

from __future__ import annotations

import base64
import binascii
import hashlib
from importlib import import_module
from importlib.metadata import version
from typing import Any

from serve import (
    INVALID,
    Message,
    by_operation,
    each_verified,
    even_root,
    judged,
    number,
    octets,
    refused,
    serve,
    uncompressed,
    valid,
)

ecdsa = import_module("ecdsa")
curves, der, ellipticcurve, numbertheory, util = (
    import_module(f"ecdsa.{name}") for name in ("curves", "der", "ellipticcurve", "numbertheory", "util")
)

# SEC 2 v2 §2.3.1
P = 2**224 - 2**32 - 6803
N = 0x1_00000000_00000000_00000000_0001DCE8_D2EC6184_CAF0A971_769FB1F7
GX = 0xA1455B33_4DF099DF_30FC28A1_69A467E9_E47075A9_0F7E650E_B6B7A45C
GY = 0x7E089FED_7FBA3442_82CAFBD6_F7E319F7_C0B0BD59_E2CA4BDB_556D61A5
FIELD = ellipticcurve.CurveFp(P, 0, 5, 1)
CURVE = curves.Curve(
    "secp224k1", FIELD, ellipticcurve.PointJacobi(FIELD, GX, GY, 1, N, generator=True), (1, 3, 132, 0, 32)
)
curves.curves.append(CURVE)  # so that keys which name it are found
CURVES = {"secp224k1": CURVE, "secp256k1": curves.SECP256k1}

REFUSALS = (  # the exceptions by which the library says that its input is wrong
    ecdsa.BadSignatureError,
    util.MalformedSignature,
    ecdsa.errors.MalformedPointError,
    ecdsa.ecdsa.InvalidPointError,
    der.UnexpectedDER,
    numbertheory.SquareRootError,
    curves.UnknownCurveError,
    UnicodeEncodeError,  # a passphrase without UTF-8, by Python
)
POINTS = ("compressed", "uncompressed")


def _curve(request: Message) -> Any:
    return CURVES[request["curve"]]


def _key(request: Message) -> Any:
    return ecdsa.VerifyingKey.from_string(octets(request, "public_key"), _curve(request), valid_encodings=POINTS)


def _point(key: Any) -> str:
    return uncompressed(key.pubkey.point.x(), key.pubkey.point.y(), key.curve.name.lower())


def _verify(request: Message) -> Message:
    decode = util.sigdecode_der if request["format"] == "der" else util.sigdecode_string
    n = _curve(request).order
    if request.get("low_s") and decode(octets(request, "signature"), n)[1] > n // 2:
        return INVALID
    message, signature = octets(request, "message"), octets(request, "signature")
    return judged(_key(request).verify(signature, message, getattr(hashlib, request["hash"]), decode))


def _verify_digest(request: Message) -> Message:
    signature, digest = octets(request, "signature"), octets(request, "digest")
    return judged(_key(request).verify_digest(signature, digest, util.sigdecode_string, allow_truncate=True))


def _sign(request: Message) -> Message:
    hashed = hashlib.new(request["hash"], octets(request, "message")).hexdigest()
    return _sign_digest(request | {"digest": hashed})


def _sign_digest(request: Message) -> Message:
    key = ecdsa.SigningKey.from_string(octets(request, "private_key"), _curve(request))
    signature = key.sign_digest_deterministic(
        octets(request, "digest"),
        hashfunc=getattr(hashlib, request["hash"]),
        allow_truncate=True,
        sigencode=util.sigencode_string_canonize if request["low_s"] else util.sigencode_string,
        extra_entropy=octets(request, "extra_entropy"),
    )
    return valid(signature=signature.hex())


def _multiply(request: Message) -> Message:
    curve, encoded = _curve(request), octets(request, "point")
    point = ellipticcurve.PointJacobi.from_bytes(curve.curve, encoded, valid_encodings=POINTS, order=curve.order)
    product = number(request, "scalar") * point
    if product == ellipticcurve.INFINITY:
        return valid(point="00")
    return valid(point=uncompressed(product.x(), product.y(), request["curve"]))


def _decode_point(request: Message) -> Message:
    return valid(point=_point(_key({"curve": request["curve"], "public_key": request["point"]})))


def _square_root(request: Message) -> Message:
    p = _curve(request).curve.p()
    return even_root(numbertheory.square_root_mod_prime(number(request, "value"), p), p)


def _recover(request: Message) -> Message:
    keys = ecdsa.VerifyingKey.from_public_key_recovery(
        octets(request, "signature"), octets(request, "message"), _curve(request), getattr(hashlib, request["hash"])
    )
    return valid(public_keys=sorted(_point(key) for key in keys)) if keys else INVALID


def _recover_digest(request: Message) -> Message:
    keys = ecdsa.VerifyingKey.from_public_key_recovery_with_digest(
        octets(request, "signature"), octets(request, "digest"), _curve(request), allow_truncate=True
    )
    return valid(public_keys=sorted(_point(key) for key in keys)) if keys else INVALID


def _decode_key(request: Message) -> Message:
    content, named = octets(request, "key"), ["named_curve"]
    if request["kind"] == "private":
        read = ecdsa.SigningKey.from_pem if request["format"] == "pem" else ecdsa.SigningKey.from_der
        private = read(content, valid_curve_encodings=named)
        return valid(key=private.to_string().hex()) if private.curve == _curve(request) else INVALID
    read = ecdsa.VerifyingKey.from_pem if request["format"] == "pem" else ecdsa.VerifyingKey.from_der
    public = read(content, valid_encodings=POINTS, valid_curve_encodings=named)
    return valid(key=_point(public)) if public.curve == _curve(request) else INVALID


def _login_key(request: Message) -> Message:
    user_id = _user_id(request["user_id"])
    return valid(private_key="00" + hashlib.sha224(user_id + request["passphrase"].encode()).hexdigest())


def _user_id(value: Any) -> bytes:
    if type(value) is not int or not 0 <= value < 2**64:
        raise der.UnexpectedDER("user_id")
    return value.to_bytes(8, "big")


def _tag(value: Any) -> Any:
    if value is not None and (type(value) is not int or not 0 <= value < 2**63):
        raise der.UnexpectedDER("tag")
    return value


def _base64(text: Any, length: int) -> bytes:
    """Return what the text encodes, in the one way there is to encode it."""
    try:
        decoded = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded or base64.b64encode(decoded).decode() != text or len(decoded) != length:
        raise der.UnexpectedDER("base64")
    return decoded


def _login_build(request: Message) -> Message:
    user_id, _ = _user_id(request["user_id"]), _base64(request["cookie"], 20)
    nonces = [_base64(request[name], 16) for name in ("server_nonce", "client_nonce")]
    key = ecdsa.SigningKey.from_string(octets(request, "private_key"), CURVE)
    pair = key.sign_deterministic(
        user_id + b"".join(nonces), hashfunc=hashlib.sha224, sigencode=util.sigencode_strings_canonize
    )
    message = {
        "method": "Authenticate",
        "user_id": request["user_id"],
        "cookie": request["cookie"],
        "nonce": request["client_nonce"],
        "signature": [base64.b64encode(value[1:]).decode() for value in pair],
    }
    return valid(message=message if _tag(request["tag"]) is None else message | {"tag": request["tag"]})


def _login_verify(request: Message) -> Message:
    message = request["message"]
    fields = {"method", "user_id", "cookie", "nonce", "signature"}
    pair = message.get("signature")
    tag = message.get("tag", 0)
    if not (fields <= message.keys() <= fields | {"tag"}) or message["method"] != "Authenticate":
        return INVALID
    if _tag(tag) is None or not isinstance(pair, list) or len(pair) != 2:
        return INVALID
    _base64(message["cookie"], 20)
    nonces = _base64(request["server_nonce"], 16) + _base64(message["nonce"], 16)
    strings = [bytes(1) + _base64(text, 28) for text in pair]
    signed = _user_id(message["user_id"]) + nonces
    return judged(_key(request).verify(strings, signed, hashlib.sha224, util.sigdecode_strings))


_OPERATIONS = by_operation(
    {
        "verify": _verify,
        "verify_digest": _verify_digest,
        "batch": each_verified(refused(_verify, REFUSALS)),
        "sign": _sign,
        "sign_digest": _sign_digest,
        "multiply": _multiply,
        "decode_point": _decode_point,
        "square_root": _square_root,
        "recover": _recover,
        "recover_digest": _recover_digest,
        "decode_key": _decode_key,
        "login_key": _login_key,
        "login_build": _login_build,
        "login_verify": _login_verify,
    },
    f"python-ecdsa {version('ecdsa')}",
)


def answer(request: Message) -> Message:
    """Return python-ecdsa's answer to the request."""
    try:
        return _OPERATIONS(request)
    except REFUSALS:
        return INVALID


if __name__ == "__main__":
    serve(answer, CURVES)
