"""ecpure's own answers to the requests of a vector suite: each operation with the public interface, octets as hex."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import __version__, auth, bulk, hashes
from ..curve import NAMES, Curve, Point, named
from ..errors import EcpureError, FaultDetected, InvalidEncoding, UnknownHash
from ..field import square_root
from ..formats.encodings import KEYS, SIGNATURES
from ..integers import backend
from ..privatekey import PrivateKey
from ..publickey import PublicKey
from ..sec1 import encode_integer
from ..signature import Signature

Message = dict[str, Any]


class InvalidRequest(InvalidEncoding):
    """A request without a field that its operation needs, or with one of the wrong type: it cannot be answered."""


class _Unknown(EcpureError):
    """A word of a request that may have a meaning, but is not supported here."""


def answer(request: Message) -> Message:
    """Return the answer to a request: {"result": "valid", …}, or "invalid", or "unsupported".

    Raises `InvalidRequest`, `FaultDetected`.
    """
    name, curve = _field(request, "operation", str), _field(request, "curve", str)
    if name == "version":
        return {"result": "valid", "version": f"ecpure {__version__} ({backend()})"}
    operation = OPERATIONS.get(name)
    if operation is None or curve not in NAMES:
        return {"result": "unsupported"}
    try:
        found = operation(named(curve), request)
    except (InvalidRequest, FaultDetected):
        raise
    except (UnknownHash, _Unknown):
        return {"result": "unsupported"}
    except EcpureError:
        found = None
    return {"result": "invalid"} if found is None else {"result": "valid", **found}


def _field(request: Message, name: str, kind: type) -> Any:
    value = request.get(name)
    if type(value) is not kind:
        raise InvalidRequest(f"request: {name}: {_KINDS[kind]} was expected")
    return value


_KINDS = {str: "text", int: "a number", bool: "true or false", dict: "an object", list: "a list"}


def _octets(request: Message, name: str) -> bytes:
    try:
        return bytes.fromhex(_field(request, name, str))
    except ValueError:
        pass
    raise InvalidRequest(f"request: {name}: hex was expected")


def _number(request: Message, name: str) -> int:
    return int.from_bytes(_octets(request, name), "big")


def _word(request: Message, name: str, known: tuple[str, ...]) -> str:
    word: str = _field(request, name, str)
    if word not in known:
        raise _Unknown(f"request: {name}: one of {', '.join(known)} was expected")
    return word


def _hash(request: Message) -> str:
    return hashes.canonical(_field(request, "hash", str))


def _verify(curve: Curve, request: Message) -> Message | None:
    name, form = _hash(request), _word(request, "format", ("der", "p1363"))
    key = PublicKey.from_bytes(_octets(request, "public_key"), curve=curve)
    signature = SIGNATURES[form].decode(_octets(request, "signature"), curve)
    if request.get("low_s") and signature != signature.low_s(curve=curve):
        return None
    return {} if key.verify(signature, _octets(request, "message"), hash=name) else None


def _verify_digest(curve: Curve, request: Message) -> Message | None:
    key = PublicKey.from_bytes(_octets(request, "public_key"), curve=curve)
    signature = Signature.from_p1363(_octets(request, "signature"), curve=curve)
    return {} if key.verify_digest(signature, _octets(request, "digest")) else None


def _batch(curve: Curve, request: Message) -> Message:
    """Return a verdict for each item: false if it cannot be decoded; the others are verified together."""
    name, items = _hash(request), _field(request, "items", list)
    if not all(isinstance(item, dict) for item in items):
        raise InvalidRequest("request: items: a list of objects was expected")
    decoded = [_item(curve, item) for item in items]
    holding = bulk.verify_many((item for item in decoded if item is not None), hash=name)
    return {"verdicts": [item is not None and next(holding) for item in decoded]}


def _item(curve: Curve, item: Message) -> bulk.Item | None:
    octets = [_octets(item, part) for part in ("public_key", "signature", "message")]
    try:
        key = PublicKey.from_bytes(octets[0], curve=curve)
        return key, Signature.from_p1363(octets[1], curve=curve), octets[2]
    except EcpureError:
        return None


def _sign(curve: Curve, request: Message) -> Message:
    name, message = _hash(request), _octets(request, "message")
    return _signed(curve, request, name, hashes.digest(name, message))


def _sign_digest(curve: Curve, request: Message) -> Message:
    return _signed(curve, request, _hash(request), _octets(request, "digest"))


def _signed(curve: Curve, request: Message, name: str, digest: bytes) -> Message:
    key = PrivateKey.from_bytes(_octets(request, "private_key"), curve=curve)
    signature = key.sign_digest(
        digest,
        hash=name,
        low_s=_field(request, "low_s", bool),
        extra_entropy=_octets(request, "extra_entropy") or None,
    )
    return {"signature": signature.to_p1363(curve=curve).hex()}


def _multiply(curve: Curve, request: Message) -> Message:
    P = Point.from_bytes(_octets(request, "point"), curve=curve)
    product = _number(request, "scalar") * P
    return {"point": "00" if product.is_infinity else product.to_bytes(compressed=False).hex()}


def _decode_point(curve: Curve, request: Message) -> Message:
    return {"point": Point.from_bytes(_octets(request, "point"), curve=curve).to_bytes(compressed=False).hex()}


def _square_root(curve: Curve, request: Message) -> Message | None:
    root = square_root(_number(request, "value"), curve.field)
    if root is None:
        return None
    even = root if root % 2 == 0 else curve.field - root
    return {"root": encode_integer(even, curve.field_octets).hex()}


def _recover(curve: Curve, request: Message) -> Message | None:
    return _recovered(curve, request, hashes.digest(_hash(request), _octets(request, "message")))


def _recover_digest(curve: Curve, request: Message) -> Message | None:
    return _recovered(curve, request, _octets(request, "digest"))


def _recovered(curve: Curve, request: Message, digest: bytes) -> Message | None:
    signature = Signature.from_p1363(_octets(request, "signature"), curve=curve)
    keys = PublicKey.recover(signature, digest, curve=curve)
    return {"public_keys": sorted(key.to_bytes(compressed=False).hex() for key in keys)} if keys else None


def _decode_key(curve: Curve, request: Message) -> Message:
    octets, form = _octets(request, "key"), KEYS[_word(request, "format", ("der", "pem"))]
    if _word(request, "kind", ("private", "public")) == "private":
        return {"key": form.private(octets, curve=curve).to_bytes().hex()}
    return {"key": form.public(octets, curve=curve).to_bytes(compressed=False).hex()}


def _generate(curve: Curve, _: Message) -> Message:
    key = PrivateKey.generate(curve=curve)
    public_key = key.public_key.to_bytes(compressed=False).hex()
    return {"private_key": key.to_bytes().hex(), "public_key": public_key}


def _login_key(_: Curve, request: Message) -> Message:
    key = auth.derive_private_key(_field(request, "user_id", int), _field(request, "passphrase", str))
    return {"private_key": key.to_bytes().hex()}


def _login_build(_: Curve, request: Message) -> Message:
    message = auth.build_authenticate(
        user_id=_field(request, "user_id", int),
        cookie=_field(request, "cookie", str),
        private_key=PrivateKey.from_bytes(_octets(request, "private_key")),
        server_nonce=_field(request, "server_nonce", str),
        client_nonce=auth.decode_nonce(_field(request, "client_nonce", str), "client_nonce"),
        tag=None if request.get("tag") is None else _field(request, "tag", int),
    )
    return {"message": message}


def _login_verify(_: Curve, request: Message) -> Message | None:
    key = PublicKey.from_bytes(_octets(request, "public_key"))
    message, nonce = _field(request, "message", dict), _field(request, "server_nonce", str)
    return {} if auth.verify_authenticate(message, server_nonce=nonce, public_key=key) else None


OPERATIONS: dict[str, Callable[[Curve, Message], Message | None]] = {
    "verify": _verify,
    "verify_digest": _verify_digest,
    "batch": _batch,
    "sign": _sign,
    "sign_digest": _sign_digest,
    "multiply": _multiply,
    "decode_point": _decode_point,
    "square_root": _square_root,
    "recover": _recover,
    "recover_digest": _recover_digest,
    "decode_key": _decode_key,
    "generate": _generate,
    "login_key": _login_key,
    "login_build": _login_build,
    "login_verify": _login_verify,
}
