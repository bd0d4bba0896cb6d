"""Oracle: fastecdsa, which has the curve. It reads no r ‖ s, so of such signatures it judges r and s."""

from __future__ import annotations

import hashlib
from importlib import import_module
from importlib.metadata import version
from typing import Any

from serve import (
    INVALID,
    SCALAR_OCTETS,
    UNSUPPORTED,
    Message,
    by_operation,
    coordinates,
    each_verified,
    even_root,
    halves,
    judged,
    number,
    octets,
    p1363,
    refused,
    serve,
    uncompressed,
    valid,
)

ecdsa, keys, point, fast_util = (import_module(f"fastecdsa.{name}") for name in ("ecdsa", "keys", "point", "util"))
der, pem, sec1 = (import_module(f"fastecdsa.encoding.{name}") for name in ("der", "pem", "sec1"))
_curves = import_module("fastecdsa.curve")
CURVES = {"secp224k1": _curves.secp224k1, "secp256k1": _curves.secp256k1}

REFUSALS = (  # the exceptions by which the library says that its input is wrong; ValueError: no point of the curve
    ecdsa.EcdsaError,
    der.InvalidDerSignature,
    pem.PEMEncoderError,
    sec1.InvalidSEC1PublicKey,
    ValueError,
)


def _curve(request: Message) -> Any:
    return CURVES[request["curve"]]


def _hex(request: Message, value: Any) -> str:
    return "00" if value.z == 0 else uncompressed(value.x, value.y, request["curve"])


def _point(request: Message, name: str) -> Any:
    return point.Point(*coordinates(octets(request, name), request["curve"]), curve=_curve(request))


def _signature(request: Message) -> tuple[int, int] | None:
    signature = octets(request, "signature")
    if request.get("format") == "der":
        r, s = der.DEREncoder.decode_signature(signature)
        return r, s
    return halves(signature, request["curve"])


def _verify(request: Message) -> Message:
    pair = _signature(request)
    if pair is None:
        return UNSUPPORTED
    if request.get("low_s") and pair[1] > _curve(request).q // 2:
        return INVALID
    key = _point(request, "public_key")
    return judged(
        ecdsa.verify(pair, octets(request, "message"), key, _curve(request), getattr(hashlib, request["hash"]))
    )


def _verify_digest(request: Message) -> Message:
    pair = _signature(request)
    if pair is None:
        return UNSUPPORTED
    key = _point(request, "public_key")
    return judged(ecdsa.verify(pair, octets(request, "digest"), key, _curve(request), prehashed=True))


def _sign(request: Message) -> Message:
    if request["extra_entropy"] or request["low_s"]:
        return UNSUPPORTED
    d, hash_function = number(request, "private_key"), getattr(hashlib, request["hash"])
    r, s = ecdsa.sign(octets(request, "message"), d, _curve(request), hash_function)
    return valid(signature=p1363(r, s, request["curve"]))


def _sign_digest(request: Message) -> Message:
    if request["extra_entropy"] or request["low_s"]:
        return UNSUPPORTED
    d, hash_function = number(request, "private_key"), getattr(hashlib, request["hash"])
    if len(octets(request, "digest")) != hash_function().digest_size:
        return UNSUPPORTED
    r, s = ecdsa.sign(octets(request, "digest"), d, _curve(request), hash_function, prehashed=True)
    return valid(signature=p1363(r, s, request["curve"]))


def _multiply(request: Message) -> Message:
    return valid(point=_hex(request, number(request, "scalar") * _point(request, "point")))


def _decode_point(request: Message) -> Message:
    return valid(point=_hex(request, sec1.SEC1Encoder().decode_public_key(octets(request, "point"), _curve(request))))


def _square_root(request: Message) -> Message:
    p = _curve(request).p
    return even_root(fast_util.mod_sqrt(number(request, "value"), p)[0], p)


def _recover(request: Message) -> Message:
    pair = halves(octets(request, "signature"), request["curve"])
    if pair is None:
        return UNSUPPORTED
    message, hash_function = octets(request, "message"), getattr(hashlib, request["hash"])
    found = keys.get_public_keys_from_sig(pair, message, _curve(request), hash_function)
    return valid(public_keys=sorted(_hex(request, key) for key in found))


def _decode_key(request: Message) -> Message:
    if request["format"] != "pem":
        return UNSUPPORTED
    content, decoder = octets(request, "key"), pem.PEMEncoder()
    if request["kind"] == "private":
        return valid(key=decoder.decode_private_key(content).to_bytes(SCALAR_OCTETS[request["curve"]], "big").hex())
    return valid(key=_hex(request, decoder.decode_public_key(content, _curve(request))))


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
        "decode_key": _decode_key,
    },
    f"fastecdsa {version('fastecdsa')}",
)


def answer(request: Message) -> Message:
    """Return fastecdsa's answer to the request."""
    try:
        return _OPERATIONS(request)
    except REFUSALS:
        return INVALID


if __name__ == "__main__":
    serve(answer, CURVES)
