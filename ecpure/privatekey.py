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
    """An integer d in [1, n − 1]. Created by `generate` or `from_…`; only `to_…` reveal it.

    Its repr is redacted; it cannot be hashed or pickled, and the time of a comparison does not depend on d.
    """

    __slots__ = ("_d", "_d_again", "_octets", "_public_key", "curve")
    __hash__ = None  # type: ignore[assignment]

    _d: int
    """d as `signing.lengthen` returns it, equally long for every d."""
    _d_again: int
    """A second copy, for checks: nonces follow from `_octets`, and one nonce used with two keys would reveal both."""
    _octets: bytes
    """d as octets of n's length."""
    _public_key: PublicKey | None
    curve: Curve
    """The curve that the key is on."""

    def __init__(self) -> None:
        raise TypeError("private key: use generate, from_int, from_bytes, from_pem or from_der")

    @classmethod
    def generate(cls, *, curve: Curve = SECP224K1) -> PrivateKey:
        """Return a key drawn uniformly from [1, n − 1] by the system's generator (SEC 1 §3.2.1)."""
        import secrets  # slow to import, and rarely needed

        return cls.from_int(1 + secrets.randbelow(require_curve(curve).n - 1), curve=curve)

    @classmethod
    def from_int(cls, d: int, *, curve: Curve = SECP224K1) -> PrivateKey:
        """Return the key d. Raises `InvalidKey` unless d is in [1, n − 1] (SEC 1 §3.2.1).

        Time depends, by a few nanoseconds, on the length of d in the interpreter's digits of 30 bits, here and in the
        other functions that make a key.
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
        """Return the key of big-endian octets: n's length (29 on secp224k1), or p's if that is shorter (28, as the
        exchange writes it).

        Raises `InvalidKey` for another length, or a value outside of [1, n − 1]. Shorter input is not padded: it may be
        a key that was cut off.
        """
        octets = require_octets(octets, "private key")
        require_curve(curve)
        lengths = sorted({curve.scalar_octets, min(curve.scalar_octets, curve.field_octets)})
        if len(octets) not in lengths:
            counts = " or ".join(map(str, lengths))
            raise InvalidKey(f"private key: {counts} octets were expected; pad a shorter key with leading zeros")
        return cls.from_int(int.from_bytes(octets, "big"), curve=curve)

    @classmethod
    def from_der(cls, octets: bytes, *, curve: Curve = SECP224K1) -> PrivateKey:
        """Return the key in an ECPrivateKey (SEC 1 §C.4), or in PKCS#8 of version 0 or 1 (RFC 5958 §2), that names
        `curve`; the private octets inside may lack leading zeros.

        Raises `InvalidEncoding` unless it is one of these; `InvalidKey` for a key that is of another kind, on another
        curve, encrypted, out of range, or stored with another key's public key; `FaultDetected` as `public_key` does.

        Time depends on the lengths of what is in the file and on its public values; on d as in `from_int`, and as in
        `public_key` if that is in the file.
        """
        return cls._from_der(octets, curve, keyfile.PRIVATE_FORMS)

    @classmethod
    def from_pem(cls, text: str | bytes, *, curve: Curve = SECP224K1) -> PrivateKey:
        """Return the key in the one block `EC PRIVATE KEY` or `PRIVATE KEY` of `text`. Raises as `from_der` does.

        Time is as in `from_der`, and base64 looks d's letters up in a table.
        """
        label, octets = keyfile.decode_pem(text, _LABELS.values())
        return cls._from_der(octets, curve, [form for form in _LABELS if _LABELS[form] == label])

    @classmethod
    def _from_der(cls, octets: bytes, curve: Curve, forms: Collection[str]) -> PrivateKey:
        private, point = keyfile.decode_private(require_octets(octets, "private key"), require_curve(curve), forms)
        key = cls.from_bytes(private, curve=curve)
        if point is not None and point != key.public_key.point:
            raise InvalidKey("private key: the public key stored with it belongs to another private key")
        return key

    def to_bytes(self) -> bytes:
        """Return d as big-endian octets of n's length: 29 on secp224k1 (SEC 1 §2.3.7). Time does not depend on d."""
        return self._octets

    def to_der(self, format: Literal["pkcs8", "sec1"] = "pkcs8") -> bytes:
        """Return PrivateKeyInfo (RFC 5208 §5) or ECPrivateKey (SEC 1 §C.4), not encrypted, including the public key.

        Raises `ValueError` for another format, `TypeError` unless it is a str, `InvalidCurve` for a curve without OID,
        `FaultDetected` as `public_key` does. Time does not depend on d here; base64, in `to_pem`, looks d's octets up
        in a table.
        """
        encode = {"pkcs8": keyfile.encode_pkcs8, "sec1": keyfile.encode_sec1}.get(require_text(format, "format"))
        if encode is None:
            raise ValueError("format: pkcs8 or sec1 was expected")
        return encode(self.curve, self._octets, self.public_key.point)

    def to_pem(self, format: Literal["pkcs8", "sec1"] = "pkcs8") -> str:
        """Return `to_der` as the PEM block `PRIVATE KEY` (pkcs8) or `EC PRIVATE KEY` (sec1). Raises as it does."""
        octets = self.to_der(format)
        return keyfile.encode_pem(_LABELS[format], octets)

    @property
    def public_key(self) -> PublicKey:
        """Q = d·G, computed once, by `BasePoint.multiply_secret`, which says what the time depends on.

        Raises `FaultDetected` if a check of it fails.
        """
        public_key = self._public_key
        if public_key is None:
            try:
                public_key = PublicKey(signing.public_point(self.curve, self._checked_d()))
            except FaultDetected as fault:
                self.curve.base.renew()
                raise fault.with_traceback(None) from None  # without the frames below, whose variables are secret
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
        """Return the signature of the message, hashed with `hash`: a name, or None for the curve's own.

        Calls `sign_digest` with the digest; other arguments and exceptions are the same.
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
        """Return the signature of the digest, one octet or more (SEC 1 §4.1.3), with the nonce of RFC 6979 §3.2.

        hash: the HMAC's hash, None for the curve's own. low_s: return whichever of (r, s), (r, n − s) has s ≤ n/2.
        extra_entropy: octets mixed into the nonce (RFC 6979 §3.6), any length; the signature then depends on them.
        self_verify: verify the signature in full before returning it; that takes several times as long as signing.
        Raises `InvalidEncoding` for an empty digest, `UnknownHash`, `TypeError`; `FaultDetected` if a check fails:
        masks and the base point's table are then dropped, and made again; a key that has changed stays refused.

        The sequence of group operations is the same for every d and nonce; what is inverted, and which table entries
        are read, is random. Time still depends on how many nonce candidates are rejected, which follows from d and the
        digest unless extra_entropy is random; on the lengths of public values; and, in units of 30 bits, on the length
        of the nonce before it is lengthened (`rfc6979.nonces`).
        """
        extra = b"" if extra_entropy is None else require_octets(extra_entropy, "extra_entropy")
        name = self.curve.hash_name(hash)
        octets = require_octets(digest, "digest")
        try:
            signature = self._signed(octets, name, extra, self_verify=self_verify)
        except EcpureError as error:
            if isinstance(error, FaultDetected):  # not for an empty digest
                self.curve.base.renew()
            raise error.with_traceback(None) from None  # without the frames below, whose variables are secret
        return signature.low_s(curve=self.curve) if low_s else signature

    def _signed(self, digest: bytes, hash: str, extra_entropy: bytes, *, self_verify: bool) -> Signature:
        """Return the signature, verified if asked. The frames of a `FaultDetected` raised here contain secrets."""
        d = self._checked_d()
        signature = signing.sign(self.curve, d, self._octets, digest, hash=hash, extra_entropy=extra_entropy)
        if self_verify and not self.public_key.verify_digest(signature, digest):
            raise FaultDetected("signing: the signature is not valid, and is withheld; the machine may be faulty")
        return signature

    def _checked_d(self) -> int:
        """Return d, lengthened. Raises `FaultDetected` if its two copies differ."""
        if self._d != self._d_again:
            raise FaultDetected("private key: it has changed in memory; the machine may be faulty")
        return self._d

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PrivateKey):
            return NotImplemented
        return self.curve == other.curve and hmac.compare_digest(self._octets, other._octets)

    def __reduce__(self) -> NoReturn:
        raise TypeError("private key: it cannot be pickled; use to_bytes, to_der or to_pem")

    __getstate__ = __reduce__

    def __repr__(self) -> str:
        return f"<PrivateKey on {self.curve.name}, redacted>"


_LABELS = {"pkcs8": "PRIVATE KEY", "sec1": "EC PRIVATE KEY"}
