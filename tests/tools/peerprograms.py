"""Three more libraries as programs for `make peers`: ECPy, ecutils and LightECC, one of which is named as argument.

Each is called as it documents it; the exceptions by which it refuses its input are an answer, any other is a crash.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any

from serve import (
    INVALID,
    UNSUPPORTED,
    Answer,
    Message,
    by_operation,
    coordinates,
    halves,
    judged,
    number,
    octets,
    p1363,
    serve,
    uncompressed,
    valid,
)


def refusing(answer: Answer, *refusals: type[Exception]) -> Answer:
    """Return the same, but that one of these exceptions is the answer "invalid"."""

    def refused(request: Message) -> Message:
        try:
            return answer(request)
        except refusals:
            return INVALID

    return refused


def hashed(request: Message) -> bytes:
    """Return the digest of a request: its own, or its message's."""
    if "digest" in request:
        return octets(request, "digest")
    return hashlib.new(request["hash"], octets(request, "message")).digest()


def ecpy() -> Answer:
    """ECPy, which reads DER, and pairs."""
    curves, keys = import_module("ecpy.curves"), import_module("ecpy.keys")
    ECDSA = import_module("ecpy.ecdsa").ECDSA
    curve = curves.Curve.get_curve("secp224k1")

    def point(encoded: bytes) -> Any:
        return curves.Point(*coordinates(encoded), curve)

    def verify(request: Message) -> Message:
        key = keys.ECPublicKey(point(octets(request, "public_key")))
        signature = octets(request, "signature")
        if request.get("low_s"):
            return UNSUPPORTED
        if request.get("format") == "der":
            return judged(ECDSA().verify(hashed(request), signature, key))
        pair = halves(signature)
        return UNSUPPORTED if pair is None else judged(ECDSA("ITUPLE").verify(hashed(request), pair, key))

    def sign(request: Message) -> Message:
        if request["extra_entropy"]:
            return UNSUPPORTED
        key = keys.ECPrivateKey(number(request, "private_key"), curve)
        hasher = getattr(hashlib, request["hash"])
        pair = ECDSA("ITUPLE").sign_rfc6979(hashed(request), key, hasher, canonical=request["low_s"])
        return valid(signature=p1363(*pair))

    def multiply(request: Message) -> Message:
        product = number(request, "scalar") * point(octets(request, "point"))
        return valid(point="00" if product.is_infinity else uncompressed(product.x, product.y))

    operations = {"verify": verify, "verify_digest": verify, "sign": sign, "multiply": multiply}
    refusal = curves.ECPyException
    return by_operation({name: refusing(one, refusal) for name, one in operations.items()}, f"ECPy {version('ecpy')}")


def ecutils() -> Answer:
    """Ecutils, which takes r and s, and octets of points."""
    signatures, registry = (
        import_module("ecutils.algorithms.digital_signature"),
        import_module("ecutils.curves.registry"),
    )
    Point = import_module("ecutils.core.point").Point
    curve = registry.get_curve("secp224k1")

    def verify(request: Message) -> Message:
        pair = halves(octets(request, "signature"))
        if pair is None or request.get("format") == "der" or request.get("low_s"):
            return UNSUPPORTED
        key = Point.from_sec1(octets(request, "public_key"), curve)
        e = int.from_bytes(hashed(request), "big")
        return judged(signatures.DigitalSignature(1, "secp224k1").verify(key, e, *pair))

    def multiply(request: Message) -> Message:
        product = number(request, "scalar") * Point.from_sec1(octets(request, "point"), curve)
        return valid(point="00" if product.is_identity else uncompressed(product.x, product.y))

    def decode_point(request: Message) -> Message:
        point = Point.from_sec1(octets(request, "point"), curve)
        return valid(point=uncompressed(point.x, point.y))

    operations = {"verify": verify, "verify_digest": verify, "multiply": multiply, "decode_point": decode_point}
    title = f"ecutils {version('ecutils')}"
    return by_operation({name: refusing(one, ValueError) for name, one in operations.items()}, title)


def lightecc() -> Answer:
    """LightECC, which has points alone."""
    library = import_module("lightecc")
    point_type = import_module("lightecc.interfaces.elliptic_curve").EllipticCurvePoint
    refusal = import_module("lightecc.commons.errors").PointNotOnCurve
    curve = library.LightECC(form_name="weierstrass", curve_name="secp224k1").curve

    def multiply(request: Message) -> Message:
        product = number(request, "scalar") * point_type(*coordinates(octets(request, "point")), curve)
        return valid(point="00" if product.is_identity() else uncompressed(product.x, product.y))

    return by_operation({"multiply": refusing(multiply, refusal)}, f"LightECC {version('lightecc')}")


LIBRARIES: dict[str, Callable[[], Answer]] = {"ECPy": ecpy, "ecutils": ecutils, "LightECC": lightecc}

if __name__ == "__main__":
    serve(LIBRARIES[sys.argv[1]]())
