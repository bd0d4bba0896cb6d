"""Private keys: generating, signing, encoding."""

from __future__ import annotations

import hmac

from . import keyfile, signing
from .curve import SECP224K1, Curve, require_curve
from .errors import EcpureError, FaultDetected, InvalidKey
from .hashes import digest
from .publickey import PublicKey
from .sec1 import encode_integer
from .signature import Signature
from .values import TYPE_CHECKING, Value, public, require_int, require_octets, require_text

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Literal, NoReturn


@public("ecpure")
class PrivateKey(Value):
    """An integer d in [1, n − 1]. Made by `generate` or one of `from_…`; shown by nothing but `to_…`.

    Its repr is redacted; it has no hash, is never pickled, and compares in a time that does not depend on d.
    """

    __slots__ = ("_d", "_d_again", "_octets", "_public_key", "curve")
    __hash__ = None  # type: ignore[assignment]

    _d: int
    """d as `signing.lengthen` has it, which is as long for every d."""
    _d_again: int
    """The same once more: nonces follow `_octets`, and one nonce with two keys would give both away."""
    _octets: bytes
    """d, as octets of n's length."""
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
        """Return the key d. Raises `InvalidKey` outside of [1, n − 1] (SEC 1 §3.2.1).

        Time depends, by a few nanoseconds, on the length of d in the interpreter's digits of 30 bits, here and in
        whatever makes a key.
        """
        d, n = require_int(d, "private key"), require_curve(curve).n
        if not 1 <= d < n:
            raise InvalidKey("private key: an integer in [1, n − 1] was expected (SEC 1 §3.2.1)")
        key = object.__new__(cls)
        key._set(_d=signing.lengthen(d, n), _d_again=signing.lengthen(d, n))
        key._set(_octets=encode_integer(d, curve.scalar_octets))
        key._set(_public_key=None, curve=curve)
        return key

    @classmethod
    def from_bytes(cls, octets: bytes, *, curve: Curve = SECP224K1) -> PrivateKey:
        """Return the key of big-endian octets: n's length (29 on secp224k1), or p's where that is shorter (28, as the
        exchange writes it).

        Raises `InvalidKey` for another length or a value outside of [1, n − 1]. Fewer octets are not filled up: they
        may be a key that was cut off.
        """
        octets = require_octets(octets, "private key")
        require_curve(curve)
        lengths = sorted({curve.scalar_octets, min(curve.scalar_octets, curve.field_octets)})
        if len(octets) not in lengths:
            counts = " or ".join(map(str, lengths))
            raise InvalidKey(f"private key: {counts} octets were expected; put zeros before fewer")
        return cls.from_int(int.from_bytes(octets, "big"), curve=curve)

    @classmethod
    def from_der(cls, octets: bytes, *, curve: Curve = SECP224K1) -> PrivateKey:
        """Return the key in an ECPrivateKey (SEC 1 §C.4), or in PKCS#8 of version 0 or 1 (RFC 5958 §2), that names
        `curve`; the private octets inside may lack leading zeros.

        Raises `InvalidEncoding` for what is neither; `InvalidKey` for a key of another kind or curve, encrypted, out of
        range, or beside a public key that is not its own; `FaultDetected` as `public_key` does.
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
        return self._octets

    def to_der(self, format: Literal["pkcs8", "sec1"] = "pkcs8") -> bytes:
        """Return PrivateKeyInfo (RFC 5208 §5) or ECPrivateKey (SEC 1 §C.4), not encrypted, with the public key in it.

        Raises `ValueError` for another format, `TypeError` for what is no `str`, `InvalidCurve` for a curve without
        OID, `FaultDetected` as `public_key`.
        Time does not depend on d here; base64, in `to_pem`, looks d's octets up in a table.
        """
        encode = {"pkcs8": keyfile.encode_pkcs8, "sec1": keyfile.encode_sec1}.get(require_text(format, "format"))
        if encode is None:
            raise ValueError("format: pkcs8 or sec1 was expected")
        return encode(self.curve, self._octets, self.public_key.point)

    def to_pem(self, format: Literal["pkcs8", "sec1"] = "pkcs8") -> str:
        """Return `to_der` as the PEM block `PRIVATE KEY` (pkcs8) or `EC PRIVATE KEY` (sec1)."""
        octets = self.to_der(format)
        return keyfile.encode_pem(_LABELS[format], octets)

    @property
    def public_key(self) -> PublicKey:
        """Q = d·G, computed once, by `BasePoint.multiply_secret`. Raises `FaultDetected` where that went wrong."""
        public_key = self._public_key
        if public_key is None:
            try:
                public_key = PublicKey(signing.public_point(self.curve, self._checked_d()))
            except FaultDetected as fault:
                self.curve.base.renew()
                raise fault.with_traceback(None) from None  # not with the frames below, whose variables are secret
            self._set(_public_key=public_key)
        return public_key

    def sign(
        self,
        message: bytes,
        *,
        hash: str | None = None,
        low_s: bool = False,
        extra_entropy: bytes | None = None,
        self_verify: bool = False,
    ) -> Signature:
        """Return the signature of the message under the digest `hash`: a name, or None for the curve's own.

        Hashes the message and calls `sign_digest`, with the same arguments and exceptions.
        """
        name = self.curve.hash_name(hash)
        octets = digest(name, require_octets(message, "message"))
        return self.sign_digest(octets, hash=name, low_s=low_s, extra_entropy=extra_entropy, self_verify=self_verify)

    def sign_digest(
        self,
        digest: bytes,
        *,
        hash: str | None = None,
        low_s: bool = False,
        extra_entropy: bytes | None = None,
        self_verify: bool = False,
    ) -> Signature:
        """Return the signature of the digest, one octet or more (SEC 1 §4.1.3), its nonce made by RFC 6979 §3.2.

        hash: the HMAC's hash, None for the curve's own. low_s: return the one of (r, s), (r, n − s) with s ≤ n/2.
        extra_entropy: octets that go into the nonce (RFC 6979 §3.6), any length; the same input then signs differently.
        self_verify: verify the signature in full before it leaves; that takes several times as long as signing.
        Raises `InvalidEncoding` for an empty digest, `UnknownHash`, `TypeError`; `FaultDetected` where a check on the
        way fails: masks and the base point's table are made anew then; a key that has changed stays refused.

        The sequence of group operations is the same for every d and nonce; what is inverted, and which entries of the
        table are read, is random. Time still depends on how many nonce candidates are refused, which follows from d and
        the digest unless extra_entropy is random; on the lengths of what is public; and, in units of 30 bits, on that
        of the nonce before it is lengthened (`rfc6979.nonces`).
        """
        extra = b"" if extra_entropy is None else require_octets(extra_entropy, "extra_entropy")
        name = self.curve.hash_name(hash)
        octets = require_octets(digest, "digest")
        try:
            signature = self._signed(octets, name, extra, self_verify=self_verify)
        except EcpureError as error:
            if isinstance(error, FaultDetected):  # and not an empty digest
                self.curve.base.renew()
            raise error.with_traceback(None) from None  # not with the frames below, whose variables are secret
        return signature.low_s(curve=self.curve) if low_s else signature

    def _signed(self, digest: bytes, hash: str, extra_entropy: bytes, *, self_verify: bool) -> Signature:
        """Return the signature, verified if asked. Raises `FaultDetected`, with what was withheld in its frames."""
        d = self._checked_d()
        signature = signing.sign(self.curve, d, self._octets, digest, hash=hash, extra_entropy=extra_entropy)
        if self_verify and not self.public_key.verify_digest(signature, digest):
            raise FaultDetected("signing: the signature does not hold, and is withheld; the machine may be faulty")
        return signature

    def _checked_d(self) -> int:
        """Return d, lengthened. Raises `FaultDetected` where its two copies differ."""
        if self._d != self._d_again:
            raise FaultDetected("private key: it has changed in memory; the machine may be faulty")
        return self._d

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PrivateKey):
            return NotImplemented
        return self.curve == other.curve and hmac.compare_digest(self._octets, other._octets)

    def __reduce__(self) -> NoReturn:
        raise TypeError("private key: never pickled; to_bytes, to_der and to_pem write it")

    __getstate__ = __reduce__

    def __repr__(self) -> str:
        return f"<PrivateKey on {self.curve.name}, redacted>"


_LABELS = {"pkcs8": "PRIVATE KEY", "sec1": "EC PRIVATE KEY"}
