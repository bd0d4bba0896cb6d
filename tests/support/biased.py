"""Signatures with nonces that are not evenly drawn, made as rows of an audit and as records of an archive."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from typing import Any, NamedTuple

from ecpure import SECP224K1, Curve, PrivateKey, Signature
from ecpure.audit.exposure import Signed

Draw = Callable[[], int]


class Weak(NamedTuple):
    """A signer whose nonces are not evenly drawn, by as many bits; 0 bits: evenly."""

    kind: str
    bits: int
    takes_low_s: bool = False


class Signer:
    """A key that signs so. rng: what everything is drawn from."""

    def __init__(self, weak: Weak, rng: random.Random, curve: Curve = SECP224K1) -> None:
        self._curve, self._weak, self._rng = curve, weak, rng
        self.key = PrivateKey.from_int(rng.randrange(1, curve.n), curve=curve)
        self.d = int.from_bytes(self.key.to_bytes(), "big")
        self.public_key = self.key.public_key.to_bytes()
        self._c, self._t = rng.randrange(1, curve.n), rng.randrange(curve.n)
        self.nonces: list[int] = []

    def _nonce(self) -> int:
        n, bits = self._curve.n, self._weak.bits
        short = n.bit_length() - bits
        x = self._rng.randrange(1, min(n, 1 << short))
        match self._weak.kind:
            case "zeros first":
                k = x
            case "zeros last":
                k = x << bits
            case "begin alike":
                k = self._t >> short << short | x
            case "end alike":
                k = x << bits | self._t % (1 << bits)
            case "multiple":
                k = self._c * x + self._t
            case _:
                k = self._rng.randrange(1, n)
        return k % n or 1

    def sign(self, message: bytes) -> tuple[Signature, int]:
        """Return the signature of a message, and e."""
        n, k = self._curve.n, self._nonce()
        self.nonces.append(k)
        e = int.from_bytes(hashlib.sha224(message).digest(), "big")
        r = (k * self._curve.G).x % n
        s = (e + r * self.d) * pow(k, -1, n) % n
        return Signature(r, min(s, n - s) if self._weak.takes_low_s else s), e

    def rows(self, count: int) -> list[Signed]:
        """Return so many signatures as an audit has them."""
        length = self._curve.scalar_octets
        found = []
        for line in range(1, count + 1):
            signature, e = self.sign(b"%d" % len(self.nonces))
            r, s, digest = (one.to_bytes(length, "big") for one in (signature.r, signature.s, e))
            found.append(Signed(r, self.public_key, digest, s, 0, line))
        return found

    def records(self, count: int) -> list[dict[str, Any]]:
        """Return so many signatures as records of an archive."""
        found = []
        for _ in range(count):
            message = b"%d" % len(self.nonces)
            signature, _ = self.sign(message)
            found.append(
                {
                    "id": f"{self._weak.kind} {len(self.nonces)}",
                    "public_key": self.public_key.hex(),
                    "hash": "sha224",
                    "message": message.hex(),
                    "signature": signature.to_der().hex(),
                }
            )
        return found
