"""Oracle: OpenSSL's libcrypto, through ctypes. It reads no r ‖ s, so of such signatures it judges r and s.

It signs with nonces of its own and recovers no keys, so it is not asked that. What a request allocates is not freed:
the process is short-lived. Of ecpure it takes only the declarations of the library's functions.
"""

from __future__ import annotations

import ctypes
import hashlib
from typing import Any

from serve import (
    FIELD_OCTETS,
    INVALID,
    SCALAR_OCTETS,
    UNSUPPORTED,
    Answer,
    Message,
    by_operation,
    each_verified,
    even_root,
    halves,
    judged,
    octets,
    serve,
    valid,
)

from ecpure.measure.peers import openssl


def _answer() -> Answer:
    """Return the function that answers by the library. Raises `OSError` without it or its curves."""
    crypto = openssl()
    version = " ".join(crypto.OpenSSL_version(0).decode("ascii").split()[:2])
    answers = {curve: by_operation(_operations(_Library(crypto, curve)), version) for curve in SCALAR_OCTETS}
    return lambda request: answers[request["curve"]](request)


def _operations(library: _Library) -> dict[str, Answer]:
    return {
        "verify": library.verify,
        "verify_digest": library.verify_digest,
        "batch": each_verified(library.verify),
        "multiply": library.multiply,
        "decode_point": library.decode_point,
        "square_root": library.square_root,
        "decode_key": library.decode_key,
    }


class _Library:
    """libcrypto and one curve; a method for each operation."""

    def __init__(self, crypto: Any, curve: str) -> None:
        self._crypto, self._curve, self._nid = crypto, curve, crypto.OBJ_txt2nid(curve.encode("ascii"))
        self._group, self._context = crypto.EC_GROUP_new_by_curve_name(self._nid), crypto.BN_CTX_new()
        self._octets = SCALAR_OCTETS[curve]
        if not self._group:
            raise OSError(f"OpenSSL without {curve}")

    def verify(self, request: Message) -> Message:
        """Answer by `ECDSA_verify`, or for r ‖ s by `ECDSA_do_verify`."""
        if request.get("low_s"):  # a rule that it does not have
            return UNSUPPORTED
        digest = hashlib.new(request["hash"], octets(request, "message")).digest()
        signature = octets(request, "signature")
        key = self._public(octets(request, "public_key"))
        if key is None:
            return INVALID
        if request["format"] == "der":
            return judged(self._crypto.ECDSA_verify(0, digest, len(digest), signature, len(signature), key) == 1)
        return self._judge(key, digest, signature)

    def verify_digest(self, request: Message) -> Message:
        """Answer by `ECDSA_do_verify`."""
        key = self._public(octets(request, "public_key"))
        return INVALID if key is None else self._judge(key, octets(request, "digest"), octets(request, "signature"))

    def multiply(self, request: Message) -> Message:
        """Answer by `EC_POINT_mul`, which takes the generator by the name of the scalar's argument."""
        point, scalar = self._point(octets(request, "point")), self._integer(octets(request, "scalar"))
        if point is None:
            return INVALID
        product = self._crypto.EC_POINT_new(self._group)
        self._crypto.EC_POINT_mul(self._group, product, None, point, scalar, self._context)
        return valid(point=self._octets_of(product))

    def decode_point(self, request: Message) -> Message:
        """Answer by `EC_POINT_oct2point`."""
        point = self._point(octets(request, "point"))
        return INVALID if point is None else valid(point=self._octets_of(point))

    def square_root(self, request: Message) -> Message:
        """Answer by `BN_mod_sqrt`."""
        p, value = self._crypto.BN_new(), self._integer(octets(request, "value"))
        self._crypto.EC_GROUP_get_curve(self._group, p, None, None, self._context)
        root = self._crypto.BN_mod_sqrt(None, value, p, self._context)
        return even_root(self._number(root), self._number(p)) if root else INVALID

    def decode_key(self, request: Message) -> Message:
        """Answer by the functions that read PEM, or DER; the key must pass `EC_KEY_check_key`.

        A DER function reads a key at the start of its input; whether octets may follow is not for it to say.
        """
        private, content = request["kind"] == "private", octets(request, "key")
        found, rest = (self._read_pem if request["format"] == "pem" else self._read_der)(content, private)
        key = self._crypto.EVP_PKEY_get1_EC_KEY(found) if found else None
        if not key or self._crypto.EC_KEY_check_key(key) != 1:
            return INVALID
        if self._crypto.EC_GROUP_get_curve_name(self._crypto.EC_KEY_get0_group(key)) != self._nid:
            return INVALID
        if rest:
            return UNSUPPORTED
        if private:
            d = self._number(self._crypto.EC_KEY_get0_private_key(key))
            return valid(key=d.to_bytes(self._octets, "big").hex())
        return valid(key=self._octets_of(self._crypto.EC_KEY_get0_public_key(key)))

    def _read_pem(self, content: bytes, private: bool) -> tuple[Any, int]:
        bio = self._crypto.BIO_new_mem_buf(content, len(content))
        read = self._crypto.PEM_read_bio_PrivateKey if private else self._crypto.PEM_read_bio_PUBKEY
        return read(bio, None, None, b""), 0  # an empty passphrase, so that it asks nobody

    def _read_der(self, content: bytes, private: bool) -> tuple[Any, int]:
        """Return the key and how many octets are left after it."""
        buffer = ctypes.create_string_buffer(content, len(content))
        start = ctypes.addressof(buffer)
        position = ctypes.c_void_p(start)
        read = self._crypto.d2i_AutoPrivateKey if private else self._crypto.d2i_PUBKEY
        key = read(None, ctypes.byref(position), len(content))
        return key, len(content) - ((position.value or start) - start)

    def _judge(self, key: Any, digest: bytes, signature: bytes) -> Message:
        pair = halves(signature, self._curve)
        if pair is None:
            return UNSUPPORTED
        numbers = self._crypto.ECDSA_SIG_new()
        self._crypto.ECDSA_SIG_set0(numbers, *(self._integer(value.to_bytes(self._octets, "big")) for value in pair))
        return judged(self._crypto.ECDSA_do_verify(digest, len(digest), numbers, key) == 1)

    def _public(self, encoded: bytes) -> Any:
        point, key = self._point(encoded), self._crypto.EC_KEY_new_by_curve_name(self._nid)
        return key if point is not None and self._crypto.EC_KEY_set_public_key(key, point) == 1 else None

    def _point(self, encoded: bytes) -> Any:
        point = self._crypto.EC_POINT_new(self._group)
        decoded = self._crypto.EC_POINT_oct2point(self._group, point, encoded, len(encoded), self._context)
        return point if decoded == 1 else None

    def _integer(self, value: bytes) -> Any:
        return self._crypto.BN_bin2bn(value, len(value), None)

    def _number(self, value: Any) -> int:
        buffer = ctypes.create_string_buffer(self._octets)
        if self._crypto.BN_bn2binpad(value, buffer, self._octets) < 0:
            raise OverflowError
        return int.from_bytes(buffer.raw, "big")

    def _octets_of(self, point: Any) -> str:
        size = 1 + 2 * FIELD_OCTETS[self._curve]
        buffer = ctypes.create_string_buffer(size)
        length = self._crypto.EC_POINT_point2oct(self._group, point, 4, buffer, size, self._context)
        return buffer.raw[:length].hex()


answer = _answer()

if __name__ == "__main__":
    serve(answer, SCALAR_OCTETS)
