"""What a caller holds: `PrivateKey`, which signs, and `PublicKey`, which verifies."""

from __future__ import annotations

import hmac

from . import ecdsa, keyfile
from .curve import SECP224K1, Curve, Point, require_curve
from .errors import InvalidKey
from .hashes import digest
from .multiply import Comb
from .sec1 import encode_integer
from .signature import Signature
from .values import Value, require_int, require_octets

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Literal, NoReturn


class PublicKey(Value):
    """A point Q of order n: a point of the curve that is not infinity.

    `PublicKey(point)` raises `InvalidKey` for infinity. Nothing here is secret; times depend on all values.
    """

    __slots__ = ("comb", "point")

    point: Point
    """Q."""
    comb: Comb | None
    """The table of a prepared key."""

    def __init__(self, point: Point) -> None:
        if not isinstance(point, Point):
            raise TypeError(f"public key: a Point was expected, not {type(point).__name__}")
        if point.is_infinity:
            raise InvalidKey("public key: infinity is none (SEC 1 §3.2.2.1 step 1)")
        self._set(point=point, comb=None)

    @classmethod
    def from_bytes(cls, octets: bytes, *, curve: Curve = SECP224K1) -> PublicKey:
        """Return the key that `octets` encode: 02 or 03 ‖ x (29 octets on secp224k1), or 04 ‖ x ‖ y (57).

        Raises `InvalidEncoding` for anything else (SEC 1 §2.3.4).
        """
        return cls(Point.from_bytes(octets, curve=curve))

    @classmethod
    def from_der(cls, octets: bytes, *, curve: Curve = SECP224K1) -> PublicKey:
        """Return the key in a SubjectPublicKeyInfo (RFC 5480 §2) that names `curve`.

        Raises `InvalidEncoding` for what is none, `InvalidKey` for a key of another kind or curve.
        """
        return cls(keyfile.decode_spki(require_octets(octets, "public key"), require_curve(curve)))

    @classmethod
    def from_pem(cls, text: str | bytes, *, curve: Curve = SECP224K1) -> PublicKey:
        """Return the key in the one block `PUBLIC KEY` of `text` (RFC 7468 §13). Raises as `from_der` does."""
        _, octets = keyfile.decode_pem(text, ("PUBLIC KEY",))
        return cls.from_der(octets, curve=curve)

    def to_bytes(self, *, compressed: bool = True) -> bytes:
        """Return 02 or 03 ‖ x, or 04 ‖ x ‖ y (SEC 1 §2.3.3): 29 or 57 octets on secp224k1."""
        return self.point.to_bytes(compressed=compressed)

    def to_der(self) -> bytes:
        """Return SubjectPublicKeyInfo, the point uncompressed (RFC 5480 §2). Raises `InvalidCurve` without an OID."""
        return keyfile.encode_spki(self.point)

    def to_pem(self) -> str:
        """Return `to_der` as the PEM block `PUBLIC KEY`."""
        return keyfile.encode_pem("PUBLIC KEY", self.to_der())

    @property
    def curve(self) -> Curve:
        """The curve that the key is on."""
        return self.point.curve

    @property
    def x(self) -> int:
        """The affine x of Q, in [0, p − 1]."""
        return self.point.x

    @property
    def y(self) -> int:
        """The affine y of Q, in [0, p − 1]."""
        return self.point.y

    def prepare(self) -> PublicKey:
        """Return the same key with its table built: verifying is then much faster.

        The table is worth it from about forty signatures on, and takes about 1 MB.
        """
        if self.comb is not None:
            return self
        prepared = PublicKey(self.point)
        prepared._set(comb=Comb(self.point.coordinates, self.curve.field, self.curve.order))
        return prepared

    def verify(self, signature: Signature, message: bytes, *, hash: str | None = None) -> bool:
        """Whether the signature of the message holds (SEC 1 §4.1.4). `hash`: a name, or None for the curve's own.

        Raises `UnknownHash`; `TypeError` for a wrong type. A signature out of range is False.
        """
        return self.verify_digest(signature, digest(self.curve.hash_name(hash), require_octets(message, "message")))

    def verify_digest(self, signature: Signature, digest: bytes) -> bool:
        """Whether the signature of the digest, one octet or more, holds (SEC 1 §4.1.4 from step 3 on).

        Raises `InvalidEncoding` for an empty digest; `TypeError` for a wrong type. A signature out of range is False.
        """
        e = ecdsa.digest_to_int(self.curve, require_octets(digest, "digest"))
        return ecdsa.verify(self.curve, self.comb or self.point.coordinates, e, _require_signature(signature))

    @classmethod
    def recover(cls, signature: Signature, digest: bytes, *, curve: Curve = SECP224K1) -> list[PublicKey]:
        """Return every key under which the signature of the digest holds: two, seldom one or more than two, or none.

        Of each pair, the key of even y_R comes first (SEC 1 §4.1.6). Raises `InvalidEncoding` for an empty digest.
        """
        e = ecdsa.digest_to_int(require_curve(curve), require_octets(digest, "digest"))
        found = ecdsa.recover(curve, e, _require_signature(signature))
        return [cls(Point(int(x), int(y), curve=curve)) for x, y in found]

    def __eq__(self, other: object) -> bool:
        return self.point == other.point if isinstance(other, PublicKey) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.point)

    def __reduce__(self) -> tuple[type[PublicKey], tuple[Point]]:
        return PublicKey, (self.point,)  # without its table, which is large and quickly made

    def __repr__(self) -> str:
        return f"<PublicKey {self.to_bytes().hex()} on {self.curve.name}>"


def _require_signature(signature: Signature) -> Signature:
    if not isinstance(signature, Signature):
        raise TypeError(f"signature: a Signature was expected, not {type(signature).__name__}")
    return signature


class PrivateKey(Value):
    """An integer d in [1, n − 1]. Made by `generate` or one of `from_…`; shown by nothing but `to_…`.

    Its repr is redacted; it has no hash, is never pickled, and compares in a time that does not depend on d.
    """

    __slots__ = ("_d", "_public_key", "curve")
    __hash__ = None  # type: ignore[assignment]

    _d: int
    _public_key: PublicKey | None
    curve: Curve
    """The curve that the key is on."""

    def __init__(self) -> None:
        raise TypeError("private key: made by generate, from_int, from_bytes, from_pem or from_der")

    @classmethod
    def generate(cls, *, curve: Curve = SECP224K1) -> PrivateKey:
        """Return a key drawn evenly from [1, n − 1] by the system's generator (SEC 1 §3.2.1)."""
        import secrets  # slow to import, and seldom needed

        return cls.from_int(1 + secrets.randbelow(require_curve(curve).n - 1), curve=curve)

    @classmethod
    def from_int(cls, d: int, *, curve: Curve = SECP224K1) -> PrivateKey:
        """Return the key d. Raises `InvalidKey` outside of [1, n − 1] (SEC 1 §3.2.1)."""
        d, n = require_int(d, "private key"), require_curve(curve).n
        if not 1 <= d < n:
            raise InvalidKey("private key: an integer in [1, n − 1] was expected (SEC 1 §3.2.1)")
        key = object.__new__(cls)
        key._set(_d=d, _public_key=None, curve=curve)
        return key

    @classmethod
    def from_bytes(cls, octets: bytes, *, curve: Curve = SECP224K1) -> PrivateKey:
        """Return the key of big-endian octets: n's length (29 on secp224k1), or p's where that is shorter (28, as the
        exchange writes it).

        Raises `InvalidKey` for another length or a value outside of [1, n − 1].
        """
        octets = require_octets(octets, "private key")
        require_curve(curve)
        lengths = sorted({curve.scalar_octets, min(curve.scalar_octets, curve.field_octets)})
        if len(octets) not in lengths:
            raise InvalidKey(f"private key: {' or '.join(map(str, lengths))} octets were expected")
        return cls.from_int(int.from_bytes(octets, "big"), curve=curve)

    @classmethod
    def from_der(cls, octets: bytes, *, curve: Curve = SECP224K1) -> PrivateKey:
        """Return the key in an ECPrivateKey (SEC 1 §C.4) or PrivateKeyInfo (RFC 5208 §5) that names `curve`.

        Raises `InvalidEncoding` for what is neither; `InvalidKey` for a key of another kind or curve, encrypted, out of
        range, or beside a public key that is not its own.
        """
        return cls._from_der(octets, curve, keyfile.PRIVATE_FORMS)

    @classmethod
    def from_pem(cls, text: str | bytes, *, curve: Curve = SECP224K1) -> PrivateKey:
        """Return the key in the one block `EC PRIVATE KEY` or `PRIVATE KEY` of `text`. Raises as `from_der` does."""
        label, octets = keyfile.decode_pem(text, _LABELS.values())
        return cls._from_der(octets, curve, [form for form in _LABELS if _LABELS[form] == label])

    @classmethod
    def _from_der(cls, octets: bytes, curve: Curve, forms: Collection[str]) -> PrivateKey:
        private, point = keyfile.decode_private(require_octets(octets, "private key"), require_curve(curve), forms)
        key = cls.from_bytes(private, curve=curve)
        if point is not None and point != key.public_key.point:
            raise InvalidKey("private key: the public key beside it belongs to another")
        return key

    def to_bytes(self) -> bytes:
        """Return d as big-endian octets of n's length: 29 on secp224k1 (SEC 1 §2.3.7)."""
        return encode_integer(self._d, self.curve.scalar_octets)

    def to_der(self, format: Literal["pkcs8", "sec1"] = "pkcs8") -> bytes:
        """Return PrivateKeyInfo (RFC 5208 §5) or ECPrivateKey (SEC 1 §C.4), not encrypted, with the public key in it.

        Raises `ValueError` for another format, `InvalidCurve` for a curve without OID.
        """
        encode = {"pkcs8": keyfile.encode_pkcs8, "sec1": keyfile.encode_sec1}.get(format)
        if encode is None:
            raise ValueError("format: pkcs8 or sec1 was expected")
        return encode(self.curve, self._d, self.public_key.point)

    def to_pem(self, format: Literal["pkcs8", "sec1"] = "pkcs8") -> str:
        """Return `to_der` as the PEM block `PRIVATE KEY` (pkcs8) or `EC PRIVATE KEY` (sec1)."""
        octets = self.to_der(format)
        return keyfile.encode_pem(_LABELS[format], octets)

    @property
    def public_key(self) -> PublicKey:
        """Q = d·G, computed once, in a time that depends on d as `Comb.multiply` says."""
        public_key = self._public_key
        if public_key is None:
            x, y = self.curve.comb.multiply(self._d)
            public_key = PublicKey(Point(int(x), int(y), curve=self.curve))
            self._set(_public_key=public_key)
        return public_key

    def sign(
        self, message: bytes, *, hash: str | None = None, low_s: bool = False, extra_entropy: bytes | None = None
    ) -> Signature:
        """Return the signature of the message under the digest `hash`: a name, or None for the curve's own.

        As `sign_digest`, which see, of that digest and with that hash. Raises `UnknownHash`.
        """
        name = self.curve.hash_name(hash)
        octets = digest(name, require_octets(message, "message"))
        return self.sign_digest(octets, hash=name, low_s=low_s, extra_entropy=extra_entropy)

    def sign_digest(
        self, digest: bytes, *, hash: str | None = None, low_s: bool = False, extra_entropy: bytes | None = None
    ) -> Signature:
        """Return the signature of the digest, one octet or more (SEC 1 §4.1.3), its nonce made by RFC 6979 §3.2.

        hash: the HMAC's hash, None for the curve's own. low_s: return the one of (r, s), (r, n − s) with s ≤ n/2.
        extra_entropy: octets that go into the nonce (RFC 6979 §3.6), any length; the same input then signs differently.
        Raises `InvalidEncoding` for an empty digest, `UnknownHash`, `TypeError`.

        The sequence of group operations is the same for every d and nonce, and what is inverted is random. Time still
        depends on how many nonce candidates are refused, which table entries are read, and the lengths of integers.
        """
        extra = b"" if extra_entropy is None else require_octets(extra_entropy, "extra_entropy")
        name = self.curve.hash_name(hash)
        signature = ecdsa.sign(self.curve, self._d, require_octets(digest, "digest"), name, extra)
        return signature.low_s(curve=self.curve) if low_s else signature

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PrivateKey):
            return NotImplemented
        return self.curve == other.curve and hmac.compare_digest(self.to_bytes(), other.to_bytes())

    def __reduce__(self) -> NoReturn:
        raise TypeError("private key: never pickled; to_bytes, to_der and to_pem write it")

    def __repr__(self) -> str:
        return f"<PrivateKey on {self.curve.name}, redacted>"


_LABELS = {"pkcs8": "PRIVATE KEY", "sec1": "EC PRIVATE KEY"}
