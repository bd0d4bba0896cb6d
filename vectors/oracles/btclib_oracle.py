"""Oracle: btclib-ecc, which has the curve. It reads no r ‖ s, so of such signatures it judges r and s.

The login message is laid out here by `struct`; btclib-ecc signs it and verifies it.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from importlib import import_module
from importlib.metadata import version
from typing import Any

from serve import (
    INVALID,
    SCALAR_OCTETS,
    UNSUPPORTED,
    Message,
    by_operation,
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

dsa, rfc6979 = import_module("btclib_ecc.ecc.dsa"), import_module("btclib_ecc.ecc.rfc6979_nonce")
curves, sec_point = import_module("btclib_ecc.curves"), import_module("btclib_ecc.curves.sec_point")
number_theory = import_module("btclib_ecc.number_theory")
REFUSAL = import_module("btclib_ecc.exceptions").BTClibEccValueError
CURVES = {name: curves.CURVES[name] for name in SCALAR_OCTETS}
CURVE = CURVES["secp224k1"]

_DIGESTS = {28: hashlib.sha224, 32: hashlib.sha256, 48: hashlib.sha384, 64: hashlib.sha512}


def _curve(request: Message) -> Any:
    return CURVES[request["curve"]]


def _signature(request: Message) -> Any:
    """Return the signature of the request, or None where its form is not one that the library reads."""
    signature = octets(request, "signature")
    if request.get("format") == "der":  # it takes every DER signature for one on secp256k1, so r and s move over
        parsed = dsa.Sig.parse(signature, check_validity=False)
        return dsa.Sig(parsed.r, parsed.s, _curve(request))
    pair = halves(signature, request["curve"])
    return pair and dsa.Sig(*pair, _curve(request))


def _verify(request: Message) -> Message:
    signature = _signature(request)
    if signature is None:
        return UNSUPPORTED
    if request.get("low_s") and signature.s > _curve(request).n // 2:
        return INVALID
    key, message = octets(request, "public_key"), octets(request, "message")
    return judged(dsa.verify(message, key, signature, getattr(hashlib, request["hash"])))


def _verify_digest(request: Message) -> Message:
    digest = octets(request, "digest")
    if len(digest) not in _DIGESTS:  # it takes the digests of a hash function alone
        return UNSUPPORTED
    signature = _signature(request)
    if signature is None:
        return UNSUPPORTED
    return judged(dsa.verify_(digest, octets(request, "public_key"), signature, _DIGESTS[len(digest)]))


def _sign(request: Message) -> Message:
    hashed = hashlib.new(request["hash"], octets(request, "message")).hexdigest()
    return _sign_digest(request | {"digest": hashed})


def _sign_digest(request: Message) -> Message:
    hash_function, d = getattr(hashlib, request["hash"]), number(request, "private_key")
    digest, entropy = octets(request, "digest"), octets(request, "extra_entropy")
    if len(digest) != hash_function().digest_size:  # it takes the digests of that hash function alone
        return UNSUPPORTED
    curve = _curve(request)
    nonce = rfc6979.rfc6979_nonce_(digest, d, curve, hash_function, entropy) if entropy else None
    signature = dsa.sign_(digest, d, nonce, request["low_s"], curve, hash_function, grind=False)
    return valid(signature=p1363(signature.r, signature.s, request["curve"]))


def _multiply(request: Message) -> Message:
    point = sec_point.point_from_octets_var(octets(request, "point"), _curve(request))
    x, y = curves.mult(number(request, "scalar"), point, _curve(request))
    return valid(point=uncompressed(x, y, request["curve"]) if y else "00")  # its infinity is (·, 0)


def _decode_point(request: Message) -> Message:
    x, y = sec_point.point_from_octets_var(octets(request, "point"), _curve(request))
    return valid(point=uncompressed(x, y, request["curve"]))


def _square_root(request: Message) -> Message:
    p = int(_curve(request).p)
    return even_root(number_theory.mod_sqrt_var(number(request, "value"), p), p)


def _recover(request: Message) -> Message:
    signature = _signature(request)
    if signature is None:
        return UNSUPPORTED
    keys = dsa.recover_pub_keys(octets(request, "message"), signature, getattr(hashlib, request["hash"]))
    return valid(public_keys=sorted(uncompressed(x, y, request["curve"]) for x, y in keys)) if keys else INVALID


def _recover_digest(request: Message) -> Message:
    digest, signature = octets(request, "digest"), _signature(request)
    if signature is None or len(digest) not in _DIGESTS:
        return UNSUPPORTED
    keys = dsa.recover_pub_keys_(digest, signature, _DIGESTS[len(digest)])
    return valid(public_keys=sorted(uncompressed(x, y, request["curve"]) for x, y in keys)) if keys else INVALID


def _login_key(request: Message) -> Message:
    if request["user_id"] not in range(1 << 64):
        return INVALID
    hashed = hashlib.sha224(struct.pack(">Q", request["user_id"]))
    hashed.update(request["passphrase"].encode("utf-8"))
    return valid(private_key="00" + hashed.hexdigest())


def _decoded(text: Any, length: int) -> bytes:
    """Return the octets of base64 text. Raises `REFUSAL` for what is none of that length, or not as it is written."""
    try:
        found = base64.b64decode(text.encode("ascii"))
    except (AttributeError, ValueError):
        raise REFUSAL("base64") from None
    if len(found) != length or base64.b64encode(found) != text.encode("ascii"):
        raise REFUSAL("base64")
    return found


def _signed(user_id: Any, server_nonce: Any, client_nonce: Any) -> bytes:
    """Return the 40 octets that are signed."""
    if type(user_id) is not int or user_id not in range(1 << 64):
        raise REFUSAL("user_id")
    return struct.pack(">Q16s16s", user_id, _decoded(server_nonce, 16), _decoded(client_nonce, 16))


def _login_build(request: Message) -> Message:
    _decoded(request["cookie"], 20)
    if request["tag"] is not None and request["tag"] not in range(1 << 63):
        return INVALID
    octets_signed = _signed(request["user_id"], request["server_nonce"], request["client_nonce"])
    pair = dsa.sign(octets_signed, number(request, "private_key"), None, True, CURVE, hashlib.sha224, grind=False)
    message = {"method": "Authenticate", "nonce": request["client_nonce"]}
    message |= {name: request[name] for name in ("user_id", "cookie")}
    message["signature"] = [base64.b64encode(int(half).to_bytes(28, "big")).decode() for half in (pair.r, pair.s)]
    if request["tag"] is not None:
        message["tag"] = request["tag"]
    return valid(message=message)


def _login_verify(request: Message) -> Message:
    message = dict(request["message"])
    tag = message.pop("tag", 0)
    if message.keys() != {"method", "user_id", "cookie", "nonce", "signature"} or message["method"] != "Authenticate":
        return INVALID
    pair = message["signature"]
    if type(tag) is not int or tag not in range(1 << 63) or type(pair) is not list or len(pair) != 2:
        return INVALID
    _decoded(message["cookie"], 20)
    octets_signed = _signed(message["user_id"], request["server_nonce"], message["nonce"])
    signature = dsa.Sig(*(int.from_bytes(_decoded(half, 28), "big") for half in pair), CURVE)
    return judged(dsa.verify(octets_signed, octets(request, "public_key"), signature, hashlib.sha224))


_OPERATIONS = by_operation(
    {
        "verify": _verify,
        "verify_digest": _verify_digest,
        "batch": each_verified(refused(_verify, (REFUSAL,))),
        "sign": _sign,
        "sign_digest": _sign_digest,
        "multiply": _multiply,
        "decode_point": _decode_point,
        "square_root": _square_root,
        "recover": _recover,
        "recover_digest": _recover_digest,
        "login_key": _login_key,
        "login_build": _login_build,
        "login_verify": _login_verify,
    },
    f"btclib-ecc {version('btclib-ecc')}",
)


def answer(request: Message) -> Message:
    """Return btclib-ecc's answer to the request."""
    try:
        return _OPERATIONS(request)
    except (REFUSAL, UnicodeEncodeError):  # the latter: a passphrase without UTF-8, by Python
        return INVALID


if __name__ == "__main__":
    serve(answer, CURVES)
