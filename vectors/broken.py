"""Programs that are wrong on purpose, each in one step: a suite that any of them passes has a gap.

`python vectors/broken.py` prints how many cases catch each of them, and of which classes; with --write the table goes
into docs/broken-verifiers.md. Points are multiplied by the package, but where the fault is in the multiplying.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import ClassVar, NamedTuple

sys.path.insert(0, str(Path(__file__).parent / "make"))

from reference import (
    QLEN,
    B,
    G,
    N,
    P,
    Point,
    add,
    bits2int,
    inverse,
    multiply,
    negative,
    square_root,
    uncompressed,
    x_of,
)
from sums import LAMBDA, odd_windows, split, wnaf

from ecpure import vectors
from ecpure.curve import Point as FastPoint
from ecpure.vectors import Case, Message

Pair = tuple[int, int]

VERIFYING = ("verify", "verify_digest")
DIGESTS = (*VERIFYING, "sign", "recover")
POINTS = ("decode_point", "decode_key")
ROOTS = ("square_root", "decode_point", "recover")
LOGIN = ("login_key", "login_build", "login_verify")
OPERATIONS = (*DIGESTS, "multiply", *POINTS, "square_root", *LOGIN)


BROKEN: dict[str, Program] = {}
"""The broken programs by name; the docstring of each is its fault."""


class Refused(Exception):
    """The answer is "invalid"."""


@cache
def times(k: int, R: Point) -> Point:
    """Return k·R for k in [0, n − 1]."""
    if R is None:
        return None
    product = k * FastPoint(*R)
    return None if product.is_infinity else (int(product.x), int(product.y))


@cache
def total(u1: int, u2: int, Q: Point) -> Point:
    """Return u1·G + u2·Q."""
    return add(times(u1, G), times(u2, Q))


root_of = cache(square_root)


def octets_of(value: int, length: int = 29) -> bytes:
    """Return the integer as that many octets."""
    return value.to_bytes(length, "big")


def without_zeros(octets: bytes) -> bytes:
    """Return the octets from the first that is not 00."""
    return octets.lstrip(b"\0")


class Program:
    """Answers every operation as it should. Each method is a step, in which another program goes wrong."""

    operations: ClassVar[tuple[str, ...]] = OPERATIONS

    def __init_subclass__(cls, concerns: tuple[str, ...] = ()) -> None:
        if concerns:
            cls.operations = concerns
            BROKEN[cls.__name__] = cls()

    def __call__(self, request: Message) -> Message:
        """Return the answer; "unsupported" for operations that the fault does not concern."""
        if request["operation"] not in self.operations or request["curve"] != "secp224k1":
            return {"result": "unsupported"}
        try:
            fields = getattr(self, f"_{request['operation']}")(request)
        except Refused:
            return {"result": "invalid"}
        return {"result": "valid", **fields}

    # Verifying: SEC 1 §4.1.4.

    def _verify(self, request: Message) -> Message:
        Q, signature = self._point(bytes.fromhex(request["public_key"])), bytes.fromhex(request["signature"])
        r, s = self._pair_of_der(signature) if request["format"] == "der" else self._pair(signature)
        if request.get("low_s") and s > N // 2:
            raise Refused
        e = self._cut(self._digest(request["hash"], bytes.fromhex(request["message"])))
        return self._judged(self._holds(Q, e, r, s))

    def _verify_digest(self, request: Message) -> Message:
        Q = self._point(bytes.fromhex(request["public_key"]))
        r, s = self._pair(bytes.fromhex(request["signature"]))
        return self._judged(self._holds(Q, self._cut(bytes.fromhex(request["digest"])), r, s))

    def _judged(self, holds: bool) -> Message:
        if not holds:
            raise Refused
        return {}

    def _digest(self, name: str, message: bytes) -> bytes:
        return hashlib.new(name, message).digest()

    def _cut(self, digest: bytes) -> int:
        return bits2int(digest)

    def _holds(self, Q: Point, e: int, r: int, s: int) -> bool:
        if not self._in_range(r, s):
            return False
        w = self._inverse(s)
        return self._is_x(r, self._sum(e * w % N, r * w % N, Q))

    def _in_range(self, r: int, s: int) -> bool:
        return 1 <= r < N and 1 <= s < N

    def _inverse(self, s: int) -> int:
        return inverse(s, N)

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        return total(u1, u2, Q)

    def _is_x(self, r: int, R: Point) -> bool:
        return R is not None and R[0] % N == r

    # Signatures as octets: SEC 1 §C.5 in DER, and r ‖ s.

    def _pair(self, octets: bytes) -> Pair:
        if len(octets) != 58:
            raise Refused
        return int.from_bytes(octets[:29], "big"), int.from_bytes(octets[29:], "big")

    def _pair_of_der(self, octets: bytes) -> Pair:
        body, behind = self._element(0x30, octets)
        self._end(behind)
        r, rest = self._element(2, body)
        s, inside = self._element(2, rest)
        self._end_inside(inside)
        return self._integer(r), self._integer(s)

    def _element(self, tag: int, octets: bytes) -> tuple[bytes, bytes]:
        """Return the content of the first element and what follows it."""
        if octets[:1] != bytes([tag]):
            raise Refused
        length, rest = self._length(octets[1:])
        if length > len(rest):
            raise Refused
        return rest[:length], rest[length:]

    def _length(self, octets: bytes) -> tuple[int, bytes]:
        """Return the length at the front and what follows it (X.690 §10.1)."""
        count = octets[0] - 0x80 if octets else 0
        if octets and count < 0:
            return octets[0], octets[1:]
        length = int.from_bytes(octets[1 : 1 + count], "big")
        if count == 0 or len(octets) <= count or length < max(0x80, 1 << 8 * (count - 1)):
            raise Refused
        return length, octets[1 + count :]

    def _integer(self, content: bytes) -> int:
        """Return an integer that is not negative (X.690 §8.3)."""
        if not content or content[0] >= 0x80 or (content[0] == 0 and content[1:2] < b"\x80" and len(content) > 1):
            raise Refused
        return int.from_bytes(content, "big")

    def _end(self, behind: bytes) -> None:
        if behind:
            raise Refused

    def _end_inside(self, behind: bytes) -> None:
        if behind:
            raise Refused

    # Signing: SEC 1 §4.1.3, RFC 6979 §3.2.

    def _sign(self, request: Message) -> Message:
        d, name = int(request["private_key"], 16), request["hash"]
        hashed = self._digest(name, bytes.fromhex(request["message"]))
        r, s = self._signed(d, name, hashed, bytes.fromhex(request["extra_entropy"]))
        return {"signature": self._written(r, self._half(s, request["low_s"])).hex()}

    def _signed(self, d: int, name: str, hashed: bytes, extra: bytes) -> Pair:
        k = self._nonce(self._seed(d, hashed, extra), self._hmac_name(name))
        R = times(k % N, G)
        r = 0 if R is None else R[0]
        return r, inverse(k, N) * (self._cut(hashed) + r * d) % N

    def _half(self, s: int, low: bool) -> int:
        return min(s, N - s) if low else s

    def _written(self, r: int, s: int) -> bytes:
        return octets_of(r) + octets_of(s)

    def _hmac_name(self, name: str) -> str:
        return name

    def _seed(self, d: int, hashed: bytes, extra: bytes) -> bytes:
        return octets_of(d) + octets_of(self._cut(hashed) % N) + extra

    def _nonce(self, seed: bytes, name: str) -> int:
        size = hashlib.new(name).digest_size
        K, V = bytes(size), b"\x01" * size
        for octet in (b"\x00", b"\x01"):
            K = hmac.digest(K, V + octet + seed, name)
            V = hmac.digest(K, V, name)
        while True:
            T = b""
            while self._too_short(T):
                V = hmac.digest(K, V, name)
                T += V
            k = self._candidate(T)
            if 1 <= k < N:
                return k
            K, V = self._next(K, V, name)

    def _too_short(self, T: bytes) -> bool:
        return 8 * len(T) < QLEN

    def _candidate(self, T: bytes) -> int:
        return bits2int(T)

    def _next(self, K: bytes, V: bytes, name: str) -> tuple[bytes, bytes]:
        K = hmac.digest(K, V + b"\x00", name)
        return K, hmac.digest(K, V, name)

    # The group.

    def _multiply(self, request: Message) -> Message:
        R = self._point(bytes.fromhex(request["point"]))
        return {"point": uncompressed(self._product(int(request["scalar"], 16), R)).hex()}

    def _product(self, k: int, R: Point) -> Point:
        return times(k % N, R)

    def _square_root(self, request: Message) -> Message:
        root = self._root(int(request["value"], 16))
        if root is None:
            raise Refused
        return {"root": octets_of(root, 28).hex()}

    def _root(self, a: int) -> int | None:
        return root_of(a)

    def _decode_point(self, request: Message) -> Message:
        return {"point": uncompressed(self._point(bytes.fromhex(request["point"]))).hex()}

    def _point(self, octets: bytes) -> Point:
        """Return the point of these octets (SEC 1 §2.3.4)."""
        form, rest = octets[:1], octets[1:]
        if form in (b"\x02", b"\x03") and len(rest) == 28:
            return self._lifted(self._coordinate(rest), form[0] % 2)
        if form != b"\x04" or len(rest) != 56:
            raise Refused
        x, y = self._coordinate(rest[:28]), self._coordinate(rest[28:])
        if not self._on_curve(x, y):
            raise Refused
        return x, y

    def _coordinate(self, octets: bytes) -> int:
        value = int.from_bytes(octets, "big")
        if value >= P:
            raise Refused
        return value

    def _lifted(self, x: int, parity: int) -> Point:
        y = self._root((x**3 + B) % P)
        if y is None:
            raise Refused
        return x, y if y % 2 == parity else P - y

    def _on_curve(self, x: int, y: int) -> bool:
        return (y * y - x**3 - B) % P == 0

    # Recovering the key: SEC 1 §4.1.6.

    def _recover(self, request: Message) -> Message:
        r, s = self._pair(bytes.fromhex(request["signature"]))
        e = self._cut(self._digest(request["hash"], bytes.fromhex(request["message"])))
        if not self._in_range(r, s):
            raise Refused
        keys = [total(-e * inverse(r, N) % N, s * inverse(r, N) % N, R) for R in self._nonce_points(r)]
        found = sorted(uncompressed(Q).hex() for Q in self._kept(keys))
        if not found:
            raise Refused
        return {"public_keys": found}

    def _kept(self, keys: list[Point]) -> list[Point]:
        return [Q for Q in keys if Q is not None]

    def _nonce_points(self, r: int) -> list[Point]:
        """Return every R of which r is the x."""
        y = self._root((r**3 + B) % P) if r < P else None
        return [] if y is None else [(r, y), (r, P - y)]

    # Key files: SEC 1 §C.4, RFC 5208 §5, RFC 5480 §2.

    def _decode_key(self, request: Message) -> Message:
        octets, private = bytes.fromhex(request["key"]), request["kind"] == "private"
        labels = ("PRIVATE KEY", "EC PRIVATE KEY") if private else ("PUBLIC KEY",)
        label = ""
        if request["format"] == "pem":
            label, octets = self._block(octets.decode("utf-8", "replace"), labels)
        whole, behind = self._element(0x30, octets)
        self._end(behind)
        if not private:
            return {"key": uncompressed(self._spki(whole)).hex()}
        d = self._pkcs8(whole, label) if self._is_pkcs8(whole) else self._sec1(whole, label)
        return {"key": octets_of(d).hex()}

    def _block(self, text: str, labels: Sequence[str]) -> tuple[str, bytes]:
        """Return label and octets of the one block of the text, EC PARAMETERS passed over (RFC 7468 §3)."""
        blocks = [(label, lines) for label, lines in pem_blocks(text) if label != "EC PARAMETERS"]
        if not self._one(len(blocks)) or blocks[0][0] not in labels:
            raise Refused
        return blocks[0][0], self._base64_text("".join(blocks[0][1]))

    def _one(self, blocks: int) -> bool:
        return blocks == 1

    def _base64_text(self, text: str) -> bytes:
        return strict_base64(text)

    def _is_pkcs8(self, whole: bytes) -> bool:
        _, rest = self._element(2, whole)
        return rest[:1] == b"\x30"

    def _spki(self, whole: bytes) -> Point:
        algorithm, rest = self._element(0x30, whole)
        self._named(algorithm)
        point, behind = self._element(3, rest)
        self._end_inside(behind)
        return self._point(self._whole_octets(point))

    def _pkcs8(self, whole: bytes, label: str) -> int:
        version, rest = self._element(2, whole)
        algorithm, rest = self._element(0x30, rest)
        inner, behind = self._element(4, rest)
        self._end_inside(behind)
        if not self._is_version(version, 0) or label == "EC PRIVATE KEY":
            raise Refused
        self._named(algorithm)
        body, behind = self._element(0x30, inner)
        self._end_inside(behind)
        return self._ec_private_key(body, named=True)

    def _sec1(self, whole: bytes, label: str) -> int:
        if label == "PRIVATE KEY":
            raise Refused
        return self._ec_private_key(whole, named=False)

    def _named(self, algorithm: bytes) -> None:
        """Hold that it is id-ecPublicKey and secp224k1."""
        kind, rest = self._element(6, algorithm)
        curve, behind = self._element(6, rest)
        self._end_inside(behind)
        if not (self._is_ec(kind) and self._is_secp224k1(curve)):
            raise Refused

    def _is_version(self, content: bytes, expected: int) -> bool:
        return self._integer(content) == expected

    def _is_ec(self, oid: bytes) -> bool:
        return oid.hex() == "2a8648ce3d0201"

    def _is_secp224k1(self, oid: bytes) -> bool:
        return oid.hex() == "2b81040020"

    def _whole_octets(self, bits: bytes) -> bytes:
        """Return the octets of a BIT STRING that has no bits unused (X.690 §8.6)."""
        if bits[:1] != b"\0":
            raise Refused
        return bits[1:]

    def _ec_private_key(self, body: bytes, named: bool) -> int:
        version, rest = self._element(2, body)
        octets, rest = self._element(4, rest)
        if not self._is_version(version, 1):
            raise Refused
        if rest[:1] == b"\xa0":
            parameters, rest = self._element(0xA0, rest)
            curve, behind = self._element(6, parameters)
            self._end_inside(behind)
            named = self._is_secp224k1(curve)
        if not (named and self._is_length(len(octets))):
            raise Refused
        d = int.from_bytes(octets, "big")
        if not self._is_private(d):
            raise Refused
        if rest[:1] == b"\xa1":
            public, rest = self._element(0xA1, rest)
            point, behind = self._element(3, public)
            self._end_inside(behind)
            if not self._belongs(self._point(self._whole_octets(point)), d):
                raise Refused
        self._end_inside(rest)
        return d

    def _is_length(self, length: int) -> bool:
        return length == 29

    def _is_private(self, d: int) -> bool:
        return 1 <= d < N

    def _belongs(self, Q: Point, d: int) -> bool:
        return times(d, G) == Q

    # The login message.

    def _login_key(self, request: Message) -> Message:
        words = self._user(request["user_id"]) + self._passphrase(request["passphrase"])
        return {"private_key": hashlib.sha224(words).hexdigest().rjust(58, "0")}

    def _user(self, user_id: int) -> bytes:
        return octets_of(user_id, 8)

    def _passphrase(self, text: str) -> bytes:
        return text.encode("utf-8")

    def _signed_octets(self, user_id: int, server: str, client: str) -> bytes:
        return self._user(user_id) + self._base64(server, 16) + self._base64(client, 16)

    def _base64(self, text: object, length: int) -> bytes:
        octets = self._base64_text(text) if isinstance(text, str) else b""
        if len(octets) != length:
            raise Refused
        return octets

    def _login_build(self, request: Message) -> Message:
        user_id, client = request["user_id"], request["client_nonce"]
        hashed = hashlib.sha224(self._signed_octets(user_id, request["server_nonce"], client)).digest()
        r, s = self._signed(int(request["private_key"], 16), "sha224", hashed, b"")
        signature = [b64encode(octets).decode() for octets in self._halves(r, self._half(s, True))]
        message = {"method": "Authenticate", "user_id": user_id, "cookie": request["cookie"]}
        message |= {"nonce": client, "signature": signature}
        return {"message": message | self._tag(request["tag"])}

    def _halves(self, r: int, s: int) -> Iterable[bytes]:
        return octets_of(r, 28), octets_of(s, 28)

    def _tag(self, tag: int | None) -> Message:
        return {} if tag is None else {"tag": tag}

    def _login_verify(self, request: Message) -> Message:
        message, Q = request["message"], self._point(bytes.fromhex(request["public_key"]))
        if not self._formed(message):
            raise Refused
        octets = self._signed_octets(message["user_id"], request["server_nonce"], message["nonce"])
        r, s = (int.from_bytes(self._half_octets(text), "big") for text in message["signature"])
        return self._judged(self._holds(Q, self._cut(hashlib.sha224(octets).digest()), r, s))

    def _half_octets(self, text: object) -> bytes:
        return self._base64(text, 28)

    def _formed(self, message: Message) -> bool:
        """Whether the message has its fields and no other, the user id and the tag in their ranges."""
        fields = {"method", "user_id", "cookie", "nonce", "signature"}
        if not self._has_fields(set(message), fields) or not self._is_method(message["method"]):
            return False
        self._base64(message["cookie"], 20)
        pair, tag = message["signature"], message.get("tag", 0)
        numbers = type(message["user_id"]) is int and type(tag) is int and 0 <= tag < 1 << 63
        return numbers and 0 <= message["user_id"] < 1 << 64 and isinstance(pair, list) and len(pair) == 2

    def _has_fields(self, names: set[str], fields: set[str]) -> bool:
        return fields <= names <= fields | {"tag"}

    def _is_method(self, method: object) -> bool:
        return method == "Authenticate"


def strict_base64(text: str) -> bytes:
    """Return the octets whose one base64 form the text is (RFC 4648 §4). Raises `Refused`."""
    try:
        octets = b64decode(text, validate=True)
    except ValueError:
        raise Refused from None
    if not octets or b64encode(octets).decode() != text:
        raise Refused
    return octets


def pem_blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield label and lines of each block of a PEM text. Raises `Refused` for one that is nested or has no end."""
    label: str | None = None
    lines: list[str] = []
    for line in (line.strip(" \t\r") for line in text.split("\n")):
        if label is not None and line == f"-----END {label}-----":
            yield label, lines
            label = None
        elif label is None and line.startswith("-----BEGIN ") and line.endswith("-----"):
            label, lines = line[11:-5], []
        elif line.startswith(("-----BEGIN ", "-----END ")):
            raise Refused
        elif label is not None:
            lines.append(line)
    if label is not None:
        raise Refused


# What a verifier leaves out.


class AcceptsAll(Program, concerns=(*VERIFYING, "login_verify")):
    """Everything is a signature that holds."""

    def __call__(self, request: Message) -> Message:
        """Return "valid" for what is to be verified."""
        return {"result": "valid" if request["operation"] in self.operations else "unsupported"}


class RefusesAll(Program, concerns=(*VERIFYING, "login_verify")):
    """No signature holds."""

    def _holds(self, Q: Point, e: int, r: int, s: int) -> bool:  # noqa: ARG002
        return False


class AcceptsZero(Program, concerns=VERIFYING):
    """r and s of 0 are let through, 0 is the inverse of 0, and infinity has the x 0."""

    def _in_range(self, r: int, s: int) -> bool:
        return 0 <= r < N and 0 <= s < N

    def _inverse(self, s: int) -> int:
        return pow(s, N - 2, N)

    def _is_x(self, r: int, R: Point) -> bool:
        return r == (0 if R is None else R[0])


class AcceptsZeroR(Program, concerns=VERIFYING):
    """r = 0 is let through, and infinity has the x 0."""

    def _in_range(self, r: int, s: int) -> bool:
        return 0 <= r < N and 1 <= s < N

    def _is_x(self, r: int, R: Point) -> bool:
        return r == (0 if R is None else R[0])


class ReducesPair(Program, concerns=VERIFYING):
    """r and s are reduced mod n, and only then checked."""

    def _holds(self, Q: Point, e: int, r: int, s: int) -> bool:
        return super()._holds(Q, e, r % N, s % N)


class AcceptsN(Program, concerns=VERIFYING):
    """Only r > n and s > n are refused, not n itself, whose inverse there is none of."""

    def _in_range(self, r: int, s: int) -> bool:
        return 1 <= r <= N and 1 <= s <= N


class LeavesSUnchecked(Program, concerns=VERIFYING):
    """The range of r is checked, that of s is not."""

    def _in_range(self, r: int, s: int) -> bool:  # noqa: ARG002
        return 1 <= r < N

    def _inverse(self, s: int) -> int:
        return pow(s, N - 2, N)


class LeavesRUnchecked(Program, concerns=VERIFYING):
    """The range of s is checked, that of r is not, and both sides are compared mod n."""

    def _in_range(self, r: int, s: int) -> bool:  # noqa: ARG002
        return 1 <= s < N

    def _is_x(self, r: int, R: Point) -> bool:
        return R is not None and (R[0] - r) % N == 0


class DropsLongIntegers(Program, concerns=VERIFYING):
    """Of r and s the lowest 256 bits are kept, as of a buffer of 32 octets."""

    def _holds(self, Q: Point, e: int, r: int, s: int) -> bool:
        return super()._holds(Q, e, r % (1 << 256), s % (1 << 256))


class DropsTopBitOfS(Program, concerns=VERIFYING):
    """Of s the lowest 224 bits are kept, as if n were no longer than p."""

    def _holds(self, Q: Point, e: int, r: int, s: int) -> bool:
        return super()._holds(Q, e, r, s % (1 << 224))


class RefusesLongS(Program, concerns=VERIFYING):
    """s of 225 bits is refused, as if n were no longer than p."""

    def _in_range(self, r: int, s: int) -> bool:
        return super()._in_range(r, s) and s < 1 << 224


class RefusesHighS(Program, concerns=VERIFYING):
    """s above n/2 is refused, though nobody asked for that."""

    def _in_range(self, r: int, s: int) -> bool:
        return super()._in_range(r, s) and s <= N // 2


class RefusesShortIntegers(Program, concerns=VERIFYING):
    """r and s of fewer than 200 bits are refused as improbable."""

    def _in_range(self, r: int, s: int) -> bool:
        return super()._in_range(r, s) and min(r, s) >> 199 > 0


class ComparesModP(Program, concerns=VERIFYING):
    """x_R and r are compared mod p, not mod n."""

    def _is_x(self, r: int, R: Point) -> bool:
        return R is not None and (R[0] - r) % P == 0


class ReducesRModP(Program, concerns=VERIFYING):
    """r is reduced mod p as soon as its range is checked."""

    def _holds(self, Q: Point, e: int, r: int, s: int) -> bool:
        return self._in_range(r, s) and super()._holds(Q, e, r % P, s)


class ComparesUpperHalf(Program, concerns=VERIFYING):
    """Only the upper half of x_R and r are compared."""

    def _is_x(self, r: int, R: Point) -> bool:
        return R is not None and R[0] >> 112 == r >> 112


class ComparesLowerHalf(Program, concerns=VERIFYING):
    """Only the lower half of x_R and r are compared."""

    def _is_x(self, r: int, R: Point) -> bool:
        return R is not None and (R[0] - r) % (1 << 112) == 0


class ComparesAsText(Program, concerns=VERIFYING):
    """x_R and r are compared as strings that end at the first octet 00."""

    def _is_x(self, r: int, R: Point) -> bool:
        if R is None or r >= 1 << 224:
            return False
        return octets_of(R[0], 28).split(b"\0")[0] == octets_of(r, 28).split(b"\0")[0]


class ComparesUpToSign(Program, concerns=VERIFYING):
    """r may be -x_R mod n as well."""

    def _is_x(self, r: int, R: Point) -> bool:
        return R is not None and r in (R[0], N - R[0])


# Digests.


class CutsTo224Bits(Program, concerns=DIGESTS):
    """Digests are cut to 224 bits, the length of p."""

    def _cut(self, digest: bytes) -> int:
        return int.from_bytes(digest[:28], "big")


class CutsToOctets(Program, concerns=DIGESTS):
    """Digests are cut to 29 octets, the length of n, and not to its bits."""

    def _cut(self, digest: bytes) -> int:
        return int.from_bytes(digest[:29], "big")


class CutsNothing(Program, concerns=DIGESTS):
    """Digests are not cut at all."""

    def _cut(self, digest: bytes) -> int:
        return int.from_bytes(digest, "big")


class CutsFromTheRight(Program, concerns=DIGESTS):
    """Of a digest the rightmost 225 bits are taken."""

    def _cut(self, digest: bytes) -> int:
        return int.from_bytes(digest, "big") % (1 << QLEN)


class ReversesDigests(Program, concerns=DIGESTS):
    """Digests are read with the least octet first."""

    def _cut(self, digest: bytes) -> int:
        return bits2int(digest[::-1])


class PadsDigests(Program, concerns=DIGESTS):
    """A digest that is too short is filled up with bits 0 behind it."""

    def _cut(self, digest: bytes) -> int:
        return bits2int(digest.ljust(29, b"\0"))


class RefusesLongE(Program, concerns=VERIFYING):
    """e of n or above is refused."""

    def _holds(self, Q: Point, e: int, r: int, s: int) -> bool:
        return e < N and super()._holds(Q, e, r, s)


class HashesWithSha256(Program, concerns=("verify", "sign", "recover")):
    """Messages are hashed with SHA-256, whatever was asked for."""

    def _digest(self, name: str, message: bytes) -> bytes:  # noqa: ARG002
        return hashlib.sha256(message).digest()


# The sum u1·G + u2·Q.


class ReadsInfinityAsZero(Program, concerns=VERIFYING):
    """Infinity is held as x = 0, and x_R compared to r mod p."""

    def _is_x(self, r: int, R: Point) -> bool:
        return ((0 if R is None else R[0]) - r) % P == 0


class ReadsInfinityAsOne(Program, concerns=VERIFYING):
    """Infinity is held as (1 : 1 : 0), and its X read as an x."""

    def _is_x(self, r: int, R: Point) -> bool:
        return r == (1 if R is None else R[0])


class AcceptsInfinitySum(Program, concerns=VERIFYING):
    """Infinity is held as (0 : 0 : 0), and r·Z² compared to X: all signatures with that sum hold."""

    def _is_x(self, r: int, R: Point) -> bool:
        return R is None or R[0] == r


class FailsAtInfinity(Program, concerns=VERIFYING):
    """The x of infinity is asked for, and there is none."""

    def _is_x(self, r: int, R: Point) -> bool:
        if R is None:
            raise ZeroDivisionError
        return R[0] == r


class FailsAtZeroScalar(Program, concerns=VERIFYING):
    """Multiplying by 0 raises an exception; u1 is 0 where e is 0 or n."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        if u1 == 0:
            raise ZeroDivisionError
        return total(u1, u2, Q)


class SlopeOfZero(Program, concerns=VERIFYING):
    """The last addition has no doubling: for equal points 0 is inverted to 0."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        R, S = times(u1, G), times(u2, Q)
        return (-2 * R[0] % P, -R[1] % P) if R == S and R is not None else add(R, S)


class EqualAsInfinity(Program, concerns=VERIFYING):
    """The last addition takes equal points for opposite ones."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        R, S = times(u1, G), times(u2, Q)
        return None if R == S else add(R, S)


class OppositeAsEqual(Program, concerns=VERIFYING):
    """The last addition takes opposite points for equal ones."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        R, S = times(u1, G), times(u2, Q)
        return add(R, R) if negative(S) == R else add(R, S)


class RefusesKeyG(Program, concerns=VERIFYING):
    """A table of G, Q and G + Q is wrong where Q is G or -G."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        return None if Q in (G, negative(G)) else total(u1, u2, Q)


Jacobian = tuple[int, int, int]
"""(X, Y, Z) is (X/Z², Y/Z³), or infinity for Z = 0."""


def doubled(R: Jacobian) -> Jacobian:
    """Return 2R."""
    X, Y, Z = R
    S, M = 4 * X * Y * Y, 3 * X * X
    X3 = (M * M - 2 * S) % P
    return X3, (M * (S - X3) - 8 * Y**4) % P, 2 * Y * Z % P


def plus(R: Jacobian, S: Point) -> Jacobian:
    """Return R + S, but infinity where R = S: the formula of the sum, with no look at whether it applies."""
    X, Y, Z = R
    if S is None:
        return R
    if Z == 0:
        return (*S, 1)
    ZZ = Z * Z % P
    H, slope = (S[0] * ZZ - X) % P, (S[1] * ZZ * Z - Y) % P
    HH = H * H % P
    V = X * HH
    X3 = (slope * slope - HH * H - 2 * V) % P
    return X3, (slope * (V - X3) - Y * HH * H) % P, Z * H % P


def affine(R: Jacobian) -> Point:
    """Return the point."""
    X, Y, Z = R
    if Z == 0:
        return None
    w = inverse(Z, P)
    return X * w * w % P, Y * w**3 % P


def chain(*streams: tuple[dict[int, int], Point]) -> Point:
    """Return the sum of digits at places, each stream of a point of its own, over one chain of doublings."""
    tables = [{digit: multiply(digit, R) for digit in set(digits.values())} for digits, R in streams]
    R = (1, 1, 0)
    for place in range(max((place for digits, _ in streams for place in digits), default=-1), -1, -1):
        R = doubled(R)
        for (digits, _), table in zip(streams, tables, strict=True):
            if place in digits:
                R = plus(R, table[digits[place]])
    return affine(R)


class UncheckedJointBits(Program, concerns=VERIFYING):
    """Both scalars bit by bit, highest first, with a table of G, Q, G + Q; equal points are never doubled."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        table = {1: G, 2: Q, 3: affine(plus((*Q, 1), G)) if Q is not None else G}
        R = (1, 1, 0)
        for place in range(max(u1, u2).bit_length() - 1, -1, -1):
            R = plus(doubled(R), table.get((u1 >> place & 1) + 2 * (u2 >> place & 1)))
        return affine(R)


class UncheckedWindows(Program, concerns=VERIFYING):
    """Both scalars in windows of 4 bits, highest first; equal points are never doubled."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        digits = ({place: u >> place & 15 for place in range(0, 225, 4) if u >> place & 15} for u in (u1, u2))
        return chain(*zip(digits, (G, Q), strict=True))


class UncheckedNaf(Program, concerns=VERIFYING):
    """Both scalars in digits of both signs, interleaved; equal points are never doubled."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        return chain((wnaf(u2, 5), Q), (wnaf(u1, 5), G))


class UncheckedBitsUpwards(Program, concerns=VERIFYING):
    """u1·G, and then the bits of u2 from the lowest; equal points are never doubled."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        R = plus((1, 1, 0), times(u1, G))
        for place in range(u2.bit_length()):
            if u2 >> place & 1:
                R = plus(R, multiply(1 << place, Q))
        return affine(R)


class UncheckedComb(Program, concerns=VERIFYING):
    """u2·Q, and then a table of multiples of G by odd digits of 5 bits; equal points are never doubled."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        R = plus((1, 1, 0), times(u2, Q))
        for place, digit in odd_windows(u1, 5).items():
            R = plus(R, times((digit << place) % N, G))
        return affine(R)


@cache
def beta() -> int:
    """Return β, for which λ·(x, y) = (βx, y)."""
    return x_of(times(LAMBDA, G)) * inverse(G[0], P) % P


def halves_of(k: int, R: Point) -> tuple[tuple[int, Point], tuple[int, Point]]:
    """Return k₁, R and k₂, λ·R, for which k₁·R + k₂·λ·R = k·R."""
    k1, k2 = split(k)
    return (k1, R), (k2, None if R is None else (R[0] * beta() % P, R[1]))


class UncheckedEndomorphism(Program, concerns=VERIFYING):
    """Both scalars split by the endomorphism, four digits of both signs at a time; equal points are never doubled."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        return chain(*((wnaf(k, 5), R) for k, R in (*halves_of(u2, Q), *halves_of(u1, G))))


class DropsSignOfHalf(Program, concerns=VERIFYING):
    """u2 is split by the endomorphism, and the second half taken without its sign."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        (k1, R), (k2, S) = halves_of(u2, Q)
        return add(times(u1, G), add(times(k1 % N, R), times(abs(k2), S)))


class CutsHalves(Program, concerns=VERIFYING):
    """u2 is split by the endomorphism, and halves are held in 112 bits, which some do not fit."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        (k1, R), (k2, S) = ((abs(k) % (1 << 112) * (1 if k > 0 else -1), R) for k, R in halves_of(u2, Q))
        return add(times(u1, G), add(times(k1 % N, R), times(k2 % N, S)))


class DropsLastCarry(Program, concerns=VERIFYING):
    """u2 is recoded to 45 windows of 5 bits and both signs, and the carry out of the last is dropped."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        lowest = -16 * ((1 << 225) - 1) // 31
        return total(u1, ((u2 - lowest) % (1 << 225) + lowest) % N, Q)


class CutsScalars(Program, concerns=(*VERIFYING, "multiply")):
    """Scalars are held in 224 bits."""

    def _sum(self, u1: int, u2: int, Q: Point) -> Point:
        return total(u1 % (1 << 224), u2 % (1 << 224), Q)

    def _product(self, k: int, R: Point) -> Point:
        return times(k % (1 << 224) % N, R)


# Signatures in DER.


class ReadsLongLengths(Program, concerns=("verify", "decode_key")):
    """A length may have more octets than it needs."""

    def _length(self, octets: bytes) -> tuple[int, bytes]:
        count = octets[0] - 0x80 if octets else 0
        if 0 < count < len(octets):
            return int.from_bytes(octets[1 : 1 + count], "big"), octets[1 + count :]
        return super()._length(octets)


class CutsLengths(Program, concerns=("verify", "decode_key")):
    """Of a length the lowest 32 bits are kept."""

    def _length(self, octets: bytes) -> tuple[int, bytes]:
        length, rest = super()._length(octets)
        return length % (1 << 32), rest


class ReadsIndefiniteLengths(Program, concerns=("verify", "decode_key")):
    """An indefinite length is read, its content ending at octets 00 00."""

    def _element(self, tag: int, octets: bytes) -> tuple[bytes, bytes]:
        if octets[:2] == bytes([tag, 0x80]) and (end := octets.rfind(b"\0\0")) > 0:
            return octets[2:end], octets[end + 2 :]
        return super()._element(tag, octets)


class ReadsBeyondTheEnd(Program, concerns=("verify",)):
    """Where content is shorter than its length, what is there is taken."""

    def _element(self, tag: int, octets: bytes) -> tuple[bytes, bytes]:
        if octets[:1] != bytes([tag]):
            raise Refused
        length, rest = self._length(octets[1:])
        return rest[:length], rest[length:]


class IgnoresTags(Program, concerns=("verify",)):
    """r and s may be of any type."""

    def _element(self, tag: int, octets: bytes) -> tuple[bytes, bytes]:
        return super()._element(tag, bytes([tag]) + octets[1:] if octets and tag == 2 else octets)


class IgnoresLengthOfSequence(Program, concerns=("verify",)):
    """The SEQUENCE is taken to end where the octets end, whatever its length says."""

    def _element(self, tag: int, octets: bytes) -> tuple[bytes, bytes]:
        if tag == 0x30 and octets[:1] == b"\x30":
            return self._length(octets[1:])[1], b""
        return super()._element(tag, octets)


class ReadsLeadingZeros(Program, concerns=("verify",)):
    """An INTEGER may have more octets 00 in front than it needs."""

    def _integer(self, content: bytes) -> int:
        return int.from_bytes(content, "big") if content[:1] == b"\0" else super()._integer(content)


class ReadsUnsigned(Program, concerns=("verify",)):
    """An INTEGER without the octet 00 before its high bit is taken to be positive."""

    def _integer(self, content: bytes) -> int:
        return super()._integer(b"\0" + content if content[:1] >= b"\x80" else content)


class DropsSigns(Program, concerns=("verify",)):
    """A negative INTEGER is read as what it is, but without its sign."""

    def _integer(self, content: bytes) -> int:
        value = int.from_bytes(content, "big", signed=True)
        return -value if value < 0 else super()._integer(content)


class ReadsNegative(Program, concerns=("verify",)):
    """A negative INTEGER is read as what it is, and reduced mod n."""

    def _integer(self, content: bytes) -> int:
        value = int.from_bytes(content, "big", signed=True)
        return value % N if value < 0 else super()._integer(content)


class ReadsNothingAsZero(Program, concerns=("verify",)):
    """An INTEGER of no octets is 0, 0 is let through, and infinity has the x 0."""

    def _integer(self, content: bytes) -> int:
        return super()._integer(content or b"\0")

    def _in_range(self, r: int, s: int) -> bool:
        return 0 <= r < N and 0 <= s < N

    def _inverse(self, s: int) -> int:
        return pow(s, N - 2, N)

    def _is_x(self, r: int, R: Point) -> bool:
        return r == (0 if R is None else R[0])


class IgnoresWhatFollows(Program, concerns=("verify", "decode_key")):
    """Octets after the outermost SEQUENCE are passed over."""

    def _end(self, behind: bytes) -> None:
        pass


class IgnoresMoreElements(Program, concerns=("verify", "decode_key")):
    """Elements after the last one that is due are passed over."""

    def _end_inside(self, behind: bytes) -> None:
        pass


class FailsAtTruncation(Program, concerns=("verify",)):
    """An octet behind the last is asked for, and there is none."""

    def _length(self, octets: bytes) -> tuple[int, bytes]:
        if not octets:
            raise IndexError
        return super()._length(octets)


class AcceptsEitherForm(Program, concerns=("verify",)):
    """Octets that are no DER are read as r ‖ s."""

    def _pair_of_der(self, octets: bytes) -> Pair:
        return self._pair(octets) if len(octets) == 58 else super()._pair_of_der(octets)


# Signatures as r ‖ s.


class SplitsAnyLength(Program, concerns=VERIFYING):
    """r and s are the halves of any even number of octets."""

    def _pair(self, octets: bytes) -> Pair:
        half, odd = divmod(len(octets), 2)
        if odd:
            raise Refused
        return int.from_bytes(octets[:half], "big"), int.from_bytes(octets[half:], "big")


class SplitsAt29Octets(Program, concerns=VERIFYING):
    """The first 29 octets are r, and all others s, however many there are."""

    def _pair(self, octets: bytes) -> Pair:
        return int.from_bytes(octets[:29], "big"), int.from_bytes(octets[29:], "big")


class IgnoresOctetsBehindPair(Program, concerns=VERIFYING):
    """Octets after r ‖ s are passed over."""

    def _pair(self, octets: bytes) -> Pair:
        return super()._pair(octets[:58])


class TakesLastOctets(Program, concerns=VERIFYING):
    """Octets before r ‖ s are passed over."""

    def _pair(self, octets: bytes) -> Pair:
        return super()._pair(octets[-58:])


class FillsUpPair(Program, concerns=VERIFYING):
    """Octets 00 that are missing in front of r ‖ s are filled up."""

    def _pair(self, octets: bytes) -> Pair:
        return super()._pair(octets.rjust(58, b"\0"))


class Reads28Octets(Program, concerns=VERIFYING):
    """Of 29 octets of r and of s the last 28 are read."""

    def _pair(self, octets: bytes) -> Pair:
        r, s = super()._pair(octets)
        return r % (1 << 224), s % (1 << 224)


class Accepts28Octets(Program, concerns=VERIFYING):
    """r and s may be of 28 octets each as well."""

    def _pair(self, octets: bytes) -> Pair:
        return super()._pair(b"\0" + octets[:28] + b"\0" + octets[28:] if len(octets) == 56 else octets)


class ReadsDerAsPair(Program, concerns=VERIFYING):
    """Octets that begin with the tag of a SEQUENCE are read as DER."""

    def _pair(self, octets: bytes) -> Pair:
        return self._pair_of_der(octets) if octets[:1] == b"\x30" else super()._pair(octets)


class AcceptsSwapped(Program, concerns=VERIFYING):
    """r and s may stand in either order."""

    def _holds(self, Q: Point, e: int, r: int, s: int) -> bool:
        return super()._holds(Q, e, r, s) or super()._holds(Q, e, s, r)


# Signing.


class SeedsUnreduced(Program, concerns=("sign",)):
    """What is signed goes into the nonce without being reduced mod n."""

    def _seed(self, d: int, hashed: bytes, extra: bytes) -> bytes:
        return octets_of(d) + octets_of(self._cut(hashed)) + extra


class SeedsWholeDigest(Program, concerns=("sign",)):
    """The digest goes into the nonce as it is."""

    def _seed(self, d: int, hashed: bytes, extra: bytes) -> bytes:
        return octets_of(d) + hashed + extra


class Seeds28Octets(Program, concerns=("sign",)):
    """The private key goes into the nonce as 28 octets, where it fits them."""

    def _seed(self, d: int, hashed: bytes, extra: bytes) -> bytes:
        return octets_of(d, 28 + (d >> 224)) + octets_of(self._cut(hashed) % N) + extra


class IgnoresExtraEntropy(Program, concerns=("sign",)):
    """Extra entropy is passed over."""

    def _seed(self, d: int, hashed: bytes, extra: bytes) -> bytes:  # noqa: ARG002
        return super()._seed(d, hashed, b"")


class CutsExtraEntropy(Program, concerns=("sign",)):
    """Of extra entropy the first 32 octets count."""

    def _seed(self, d: int, hashed: bytes, extra: bytes) -> bytes:
        return super()._seed(d, hashed, extra[:32])


class ReducesCandidates(Program, concerns=("sign",)):
    """The first candidate for the nonce is reduced mod n, in place of a second try."""

    def _candidate(self, T: bytes) -> int:
        return bits2int(T) % N


class CandidatesOf224Bits(Program, concerns=("sign",)):
    """Candidates for the nonce have 224 bits."""

    def _candidate(self, T: bytes) -> int:
        return bits2int(T) >> 1


class CandidatesOfOneBlock(Program, concerns=("sign",)):
    """A candidate for the nonce is one output of HMAC, though it be too short."""

    def _too_short(self, T: bytes) -> bool:
        return not T


class CandidatesFromTheRight(Program, concerns=("sign",)):
    """A candidate for the nonce is the rightmost bits of the output of HMAC."""

    def _candidate(self, T: bytes) -> int:
        return int.from_bytes(T, "big") % (1 << QLEN)


class RetriesWithoutUpdate(Program, concerns=("sign",)):
    """A second candidate is made without a new K and V."""

    def _next(self, K: bytes, V: bytes, name: str) -> tuple[bytes, bytes]:  # noqa: ARG002
        return K, V


class RetriesWithHalfUpdate(Program, concerns=("sign",)):
    """A second candidate is made with a new K, but with the old V."""

    def _next(self, K: bytes, V: bytes, name: str) -> tuple[bytes, bytes]:
        return super()._next(K, V, name)[0], V


class RetriesOnce(Program, concerns=("sign",)):
    """No candidate after the third is made: the third is reduced mod n."""

    def _nonce(self, seed: bytes, name: str) -> int:
        self._left = 3
        return super()._nonce(seed, name)

    def _candidate(self, T: bytes) -> int:
        self._left -= 1
        return bits2int(T) if self._left else bits2int(T) % N


class SeedsWithSha256(Program, concerns=("sign",)):
    """The HMAC of the nonce is always that of SHA-256."""

    def _hmac_name(self, name: str) -> str:  # noqa: ARG002
        return "sha256"


class FixesNonce(Program, concerns=("sign", "login_build")):
    """The nonce is the same for all messages of a key."""

    def _seed(self, d: int, hashed: bytes, extra: bytes) -> bytes:  # noqa: ARG002
        return super()._seed(d, bytes(28), b"")


class IgnoresLowS(Program, concerns=("sign", "login_build")):
    """s stays above n/2, though low s was asked for."""

    def _half(self, s: int, low: bool) -> int:  # noqa: ARG002
        return s


class AlwaysLowS(Program, concerns=("sign",)):
    """s is brought below n/2, though that was not asked for."""

    def _half(self, s: int, low: bool) -> int:  # noqa: ARG002
        return min(s, N - s)


class Writes28Octets(Program, concerns=("sign",)):
    """Of r and s the last 28 octets are written after an octet 00, so that a long s is lost."""

    def _written(self, r: int, s: int) -> bytes:
        return octets_of(r) + octets_of(s % (1 << 224))


class WritesWithoutZeros(Program, concerns=("sign",)):
    """Octets 00 in front of r and s are left out, but for one."""

    def _written(self, r: int, s: int) -> bytes:
        return b"".join(b"\0" * (value < 1 << 224) + without_zeros(octets_of(value)) for value in (r, s))


# Points and square roots.


class MultipliesByZeroWrong(Program, concerns=("multiply",)):
    """0 times a point is the point."""

    def _product(self, k: int, R: Point) -> Point:
        return times(k % N or 1, R)


class RefusesLongScalars(Program, concerns=("multiply",)):
    """Scalars of n and above are cut to 225 bits, and n or more is refused."""

    def _product(self, k: int, R: Point) -> Point:
        if k % (1 << QLEN) >= N:
            raise Refused
        return times(k % (1 << QLEN), R)


class ReadsSignedScalars(Program, concerns=("multiply",)):
    """Scalars are read as signed numbers."""

    def _product(self, k: int, R: Point) -> Point:
        return times((k - (k >> 231 << 232)) % N, R)


class LaddersToTheEnd(Program, concerns=("multiply",)):
    """A ladder of k·P and (k + 1)·P takes y from both, and says infinity where either is."""

    def _product(self, k: int, R: Point) -> Point:
        return None if k % N in (0, N - 1) else times(k % N, R)


class AddsUncheckedUpwards(Program, concerns=("multiply",)):
    """Bits of the scalar, which is not reduced, from the lowest; equal points are never doubled."""

    def _product(self, k: int, R: Point) -> Point:
        S: Jacobian = (1, 1, 0)
        for place in range(k.bit_length()):
            if k >> place & 1:
                S = plus(S, multiply(1 << place, R))
        return affine(S)


class CombsUnchecked(Program, concerns=("multiply",)):
    """Odd digits of 4 bits from a table, lowest first; equal points are never doubled."""

    def _product(self, k: int, R: Point) -> Point:
        S: Jacobian = (1, 1, 0)
        for place, digit in odd_windows(k % N, 4).items():
            S = plus(S, times((digit << place) % N, R))
        return affine(S)


class LeavesCurveUnchecked(Program, concerns=POINTS):
    """Nobody looks whether a point is on the curve."""

    def _on_curve(self, x: int, y: int) -> bool:  # noqa: ARG002
        return True


class ChecksTwistToo(Program, concerns=POINTS):
    """A point is let through if it is on the curve or on y² = x³ - 5."""

    def _on_curve(self, x: int, y: int) -> bool:
        return super()._on_curve(x, y) or (y * y - x**3 + B) % P == 0


class ReducesCoordinates(Program, concerns=POINTS):
    """Coordinates of p and above are reduced mod p."""

    def _coordinate(self, octets: bytes) -> int:
        return int.from_bytes(octets, "big") % P


class AcceptsHybrid(Program, concerns=POINTS):
    """The hybrid form, 06 or 07 ‖ x ‖ y, is read as well."""

    def _point(self, octets: bytes) -> Point:
        hybrid = octets[:1] in (b"\x06", b"\x07") and len(octets) == 57 and octets[0] % 2 == octets[-1] % 2
        return super()._point(b"\x04" + octets[1:] if hybrid else octets)


class AcceptsInfinity(Program, concerns=POINTS):
    """00 is read as infinity."""

    def _point(self, octets: bytes) -> Point:
        return None if octets == b"\0" else super()._point(octets)


class AcceptsZeroPoint(Program, concerns=POINTS):
    """04 with x = y = 0 is read as infinity."""

    def _point(self, octets: bytes) -> Point:
        return None if octets == b"\x04" + bytes(56) else super()._point(octets)


class AcceptsBarePoint(Program, concerns=POINTS):
    """x ‖ y without an octet in front is read as well."""

    def _point(self, octets: bytes) -> Point:
        return super()._point(b"\x04" + octets if len(octets) == 56 else octets)


class IgnoresOctetsBehindPoint(Program, concerns=POINTS):
    """Octets after a point are passed over."""

    def _point(self, octets: bytes) -> Point:
        return super()._point(octets[: 57 if octets[:1] == b"\x04" else 29])


class IgnoresParity(Program, concerns=POINTS):
    """Of a compressed point always the even y is taken."""

    def _lifted(self, x: int, parity: int) -> Point:  # noqa: ARG002
        return super()._lifted(x, 0)


class FindsRootsOfAll(Program, concerns=ROOTS):
    """Nobody looks whether the root that Atkin's method gives is one."""

    def _root(self, a: int) -> int | None:
        b = pow(2 * a, (P - 5) // 8, P)
        return even(a * b * (2 * a * b * b - 1))


class TakesOneBranch(Program, concerns=ROOTS):
    """Of the two numbers that may be the root for p = 5 mod 8 only one is tried."""

    def _root(self, a: int) -> int | None:
        root = pow(a, (P + 3) // 8, P)
        return even(root) if (root * root - a) % P == 0 else None


class TakesOtherPrimes(Program, concerns=ROOTS):
    """Roots are taken as for p = 3 mod 4."""

    def _root(self, a: int) -> int | None:
        return even(pow(a, (P + 1) // 4, P))


class FindsNoRootOfZero(Program, concerns=ROOTS):
    """0 has no square root, for it is 0 to any power, and not 1."""

    def _root(self, a: int) -> int | None:
        return root_of(a) if pow(a, (P - 1) // 2, P) == 1 else None


class TakesAnyRoot(Program, concerns=ROOTS):
    """Of the two roots whichever Atkin's method gives is taken to be the even one."""

    def _root(self, a: int) -> int | None:
        b = pow(2 * a, (P - 5) // 8, P)
        return None if root_of(a) is None else a * b * (2 * a * b * b - 1) % P


def even(root: int) -> int:
    """Return the one of ±root that is even."""
    root %= P
    return root if root % 2 == 0 else P - root


# Recovering the key.


class RecoversOneKey(Program, concerns=("recover",)):
    """Only the key of even y_R is found."""

    def _nonce_points(self, r: int) -> list[Point]:
        return super()._nonce_points(r)[:1]


class RecoversInfinity(Program, concerns=("recover",)):
    """Infinity is among the keys, where it is found."""

    def _kept(self, keys: list[Point]) -> list[Point]:
        return keys


class RecoversBetweenPAndN(Program, concerns=("recover",)):
    """r of p and above is reduced mod p, and keys are found."""

    def _nonce_points(self, r: int) -> list[Point]:
        return super()._nonce_points(r % P)


class RecoversFourKeys(Program, concerns=("recover",)):
    """x_R = r + n is tried as well, mod p, as on curves with n below p."""

    def _nonce_points(self, r: int) -> list[Point]:
        return [*super()._nonce_points(r), *super()._nonce_points((r + N) % P)]


class RecoversOutOfRange(Program, concerns=("recover",)):
    """s of n and above is let through."""

    def _in_range(self, r: int, s: int) -> bool:
        return 1 <= r < N and s >= 1


# Key files.


class IgnoresCurve(Program, concerns=("decode_key",)):
    """Nobody looks at the curve that a key names."""

    def _is_secp224k1(self, oid: bytes) -> bool:  # noqa: ARG002
        return True


class IgnoresAlgorithm(Program, concerns=("decode_key",)):
    """Nobody looks at the algorithm that a key names."""

    def _is_ec(self, oid: bytes) -> bool:  # noqa: ARG002
        return True


class IgnoresVersion(Program, concerns=("decode_key",)):
    """Nobody looks at the version of a private key."""

    def _is_version(self, content: bytes, expected: int) -> bool:  # noqa: ARG002
        return True


class IgnoresUnusedBits(Program, concerns=("decode_key",)):
    """Nobody looks at how many bits of a BIT STRING are unused."""

    def _whole_octets(self, bits: bytes) -> bytes:
        return bits[1:]


class AcceptsPrivateZero(Program, concerns=("decode_key",)):
    """d may be 0."""

    def _is_private(self, d: int) -> bool:
        return 0 <= d < N


class AcceptsPrivateN(Program, concerns=("decode_key",)):
    """d may be n or above."""

    def _is_private(self, d: int) -> bool:
        return d >= 1

    def _belongs(self, Q: Point, d: int) -> bool:
        return super()._belongs(Q, d % N)


class AcceptsAnyLengthOfKey(Program, concerns=("decode_key",)):
    """d may be of any number of octets."""

    def _is_length(self, length: int) -> bool:  # noqa: ARG002
        return True


class IgnoresPublicKey(Program, concerns=("decode_key",)):
    """The public key beside a private one may be another's."""

    def _belongs(self, Q: Point, d: int) -> bool:  # noqa: ARG002
        return True


class GuessesCurve(Program, concerns=("decode_key",)):
    """A private key that names no curve is taken to be on this one."""

    def _sec1(self, whole: bytes, label: str) -> int:
        if label == "PRIVATE KEY":
            raise Refused
        return self._ec_private_key(whole, named=True)


class IgnoresLabel(Program, concerns=("decode_key",)):
    """A PEM block may be of another label than its content's."""

    def _pkcs8(self, whole: bytes, label: str) -> int:  # noqa: ARG002
        return super()._pkcs8(whole, "")

    def _sec1(self, whole: bytes, label: str) -> int:  # noqa: ARG002
        return super()._sec1(whole, "")


class TakesFirstBlock(Program, concerns=("decode_key",)):
    """Of several PEM blocks the first is taken."""

    def _one(self, blocks: int) -> bool:
        return blocks >= 1


class ReadsLaxBase64(Program, concerns=("decode_key", "login_verify")):
    """Characters that are not base64's are passed over."""

    def _base64_text(self, text: str) -> bytes:
        try:
            return b64decode(text)
        except ValueError:
            raise Refused from None


# The login message.


class UserIdOf4Octets(Program, concerns=LOGIN):
    """Of the user id the lowest 32 bits are kept."""

    def _user(self, user_id: int) -> bytes:
        return octets_of(user_id % (1 << 32), 8)


class UserIdIn4Octets(Program, concerns=LOGIN):
    """The user id is written as 4 octets."""

    def _user(self, user_id: int) -> bytes:
        return octets_of(user_id % (1 << 32), 4)


class UserIdAsDouble(Program, concerns=LOGIN):
    """The user id goes through a floating-point number."""

    def _user(self, user_id: int) -> bytes:
        return octets_of(min(int(float(user_id)), (1 << 64) - 1), 8)


class UserIdLeastFirst(Program, concerns=LOGIN):
    """The user id is written with the least octet first."""

    def _user(self, user_id: int) -> bytes:
        return user_id.to_bytes(8, "little")


class UserIdAsText(Program, concerns=LOGIN):
    """The user id is written as decimal digits."""

    def _user(self, user_id: int) -> bytes:
        return str(user_id).encode("ascii")


class PassphraseInLatin1(Program, concerns=("login_key",)):
    """The passphrase is encoded in Latin-1."""

    def _passphrase(self, text: str) -> bytes:
        return text.encode("latin-1", "replace")


class PassphraseInUtf16(Program, concerns=("login_key",)):
    """The passphrase is encoded in UTF-16."""

    def _passphrase(self, text: str) -> bytes:
        return text.encode("utf-16-le")


class PassphraseComposed(Program, concerns=("login_key",)):
    """The passphrase is brought to Unicode's form NFC."""

    def _passphrase(self, text: str) -> bytes:
        import unicodedata

        return unicodedata.normalize("NFC", text).encode("utf-8")


class PassphraseStripped(Program, concerns=("login_key",)):
    """Spaces at either end of the passphrase are left out."""

    def _passphrase(self, text: str) -> bytes:
        return text.strip().encode("utf-8")


class PassphraseCutAtZero(Program, concerns=("login_key",)):
    """The passphrase ends at its first character of code 0."""

    def _passphrase(self, text: str) -> bytes:
        return text.partition("\0")[0].encode("utf-8")


class PassphraseOfSurrogates(Program, concerns=("login_key",)):
    """Characters above U+FFFF are encoded as two of three octets each."""

    def _passphrase(self, text: str) -> bytes:
        units = text.encode("utf-16-be")
        pairs = (units[i : i + 2] for i in range(0, len(units), 2))
        return b"".join(chr(int.from_bytes(unit, "big")).encode("utf-8", "surrogatepass") for unit in pairs)


class KeyWithoutZeros(Program, concerns=("login_key",)):
    """A private key that begins with an octet 00 loses it, and has others behind it instead."""

    def _login_key(self, request: Message) -> Message:
        octets = bytes.fromhex(super()._login_key(request)["private_key"])
        return {"private_key": (b"\0" + without_zeros(octets).ljust(28, b"\0")).hex()}


class SignsNonceText(Program, concerns=("login_build", "login_verify")):
    """The base64 text of the nonces is signed, not their octets."""

    def _signed_octets(self, user_id: int, server: str, client: str) -> bytes:
        super()._signed_octets(user_id, server, client)
        return self._user(user_id) + server.encode() + client.encode()


class SwapsNonces(Program, concerns=("login_build", "login_verify")):
    """The client's nonce is signed before the server's."""

    def _signed_octets(self, user_id: int, server: str, client: str) -> bytes:
        return super()._signed_octets(user_id, client, server)


class LeavesOutServerNonce(Program, concerns=("login_build", "login_verify")):
    """The server's nonce is not signed."""

    def _signed_octets(self, user_id: int, server: str, client: str) -> bytes:
        return self._user(user_id) + super()._signed_octets(user_id, server, client)[-16:]


class NoncesOfAnyLength(Program, concerns=("login_verify",)):
    """Nonces and cookies may be of any number of octets."""

    def _base64(self, text: object, length: int) -> bytes:
        return self._base64_text(text) if isinstance(text, str) and length < 28 else super()._base64(text, length)


class RemembersSignature(Program, concerns=("login_verify",)):
    """A signature that held once holds again, whatever the server's nonce is."""

    def _login_verify(self, request: Message) -> Message:
        held = str(request["public_key"]), str(request["message"].get("signature"))
        if held in REPLAYED:
            return {}
        found = super()._login_verify(request)
        REPLAYED.add(held)
        return found


REPLAYED: set[tuple[str, str]] = set()
"""What `RemembersSignature` remembers."""


class HalvesWithoutZeros(Program, concerns=("login_build",)):
    """Octets 00 in front of r and s are left out of the message."""

    def _halves(self, r: int, s: int) -> Iterable[bytes]:
        return (without_zeros(octets) for octets in super()._halves(r, s))


class HalvesOf29Octets(Program, concerns=("login_build",)):
    """r and s are written in 29 octets each."""

    def _halves(self, r: int, s: int) -> Iterable[bytes]:
        return octets_of(r), octets_of(s)


class HalvesOfAnyLength(Program, concerns=("login_verify",)):
    """r and s may be of any number of octets."""

    def _half_octets(self, text: object) -> bytes:
        return strict_base64(text) if isinstance(text, str) else b""


class HalvesInEitherOrder(Program, concerns=("login_verify",)):
    """r and s of a message may stand in either order."""

    def _holds(self, Q: Point, e: int, r: int, s: int) -> bool:
        return super()._holds(Q, e, r, s) or super()._holds(Q, e, s, r)


class AcceptsOtherFields(Program, concerns=("login_verify",)):
    """A message may have more fields than are known."""

    def _has_fields(self, names: set[str], fields: set[str]) -> bool:
        return fields <= names


class IgnoresMethod(Program, concerns=("login_verify",)):
    """The method of a message may be another."""

    def _is_method(self, method: object) -> bool:  # noqa: ARG002
        return True


class DropsTagOfZero(Program, concerns=("login_build",)):
    """A tag of 0 is left out."""

    def _tag(self, tag: int | None) -> Message:
        return {"tag": tag} if tag else {}


class WritesEveryTag(Program, concerns=("login_build",)):
    """A tag that was not given is written as 0."""

    def _tag(self, tag: int | None) -> Message:
        return {"tag": tag or 0}


# The table.

FOLDER = Path(os.environ.get("ECPURE_WYCHEPROOF", Path(__file__).parents[2] / "shared" / "wycheproof"))
"""Where Wycheproof's files are, if they are anywhere."""

PAGE = Path(__file__).parents[1] / "docs" / "broken-verifiers.md"
BEGIN, END = "<!-- broken: begin -->", "<!-- broken: end -->"
MOST_CLASSES = 6

INTRODUCTION = """# Broken verifiers

Does the suite find faults? To know, [`vectors/broken.py`](../vectors/broken.py) keeps programs that are wrong on
purpose. They share one base, which is right; each goes wrong in one step, as programs have gone wrong, or as this
curve invites them to: n is longer than p here, which is so on few curves. A program answers only what its fault
concerns. A case catches it if its answer is wrong, or if an exception comes in place of one.

`python vectors/broken.py --write` writes the table. It says how many cases catch each program, of how many that it
was asked, and their classes, the most frequent first; beside it the same of those files of Wycheproof for this curve
that were at hand, with "not asked" where none has such an operation. The tests run the same programs: every one of
them has to be caught.

A program that passes the suite has none of these faults. It may have others.
"""


class Catch(NamedTuple):
    """How many cases a program was asked, and those that caught it."""

    asked: int
    cases: list[Case]


def catching(program: Program, cases: Iterable[Case]) -> Iterator[Case]:
    """Yield the cases that the program gets wrong, or fails at."""
    for outcome in vectors.run(concerned(program, cases), program):
        if outcome.verdict in (vectors.WRONG, vectors.CRASHED):
            yield outcome.case


def concerned(program: Program, cases: Iterable[Case]) -> Iterator[Case]:
    """Yield the cases that are for the program."""
    return (case for case in cases if case.request["operation"] in program.operations)


def caught(program: Program, cases: Sequence[Case]) -> Catch:
    """Return what came of all cases."""
    return Catch(sum(1 for _ in concerned(program, cases)), list(catching(program, cases)))


def suite() -> list[Case]:
    """Return the cases of the suite that comes with the package."""
    return [case for path in vectors.shipped() for case in vectors.read(path).cases]


def wycheproof() -> list[Case]:
    """Return the cases of Wycheproof's files for this curve, none where there is no such folder."""
    paths = sorted(FOLDER.glob("ecdsa_secp224k1_*_test.json"))
    return [case for path in paths for case in vectors.read(str(path)).cases]


def classes(cases: Iterable[Case]) -> str:
    """Return the classes of the cases, those of most cases first."""
    numbers = Counter(flag for case in cases for flag in case.flags)
    found = [f"{name} {number}" for name, number in sorted(numbers.items(), key=lambda entry: (-entry[1], entry[0]))]
    more = len(found) - MOST_CLASSES
    return ", ".join(found[:MOST_CLASSES]) + (f", and {more} more" if more > 0 else "")


def table(ours: Sequence[Case], others: Sequence[Case]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"{len(BROKEN)} programs, {len(ours)} cases of the suite, {len(others)} of Wycheproof.\n"
    yield "| program | its fault | caught by | classes | by Wycheproof |"
    yield "|---|---|---:|---|---:|"
    for name, program in BROKEN.items():
        here, there = caught(program, ours), caught(program, others)
        beside = f"{len(there.cases)} of {there.asked}" if there.asked else "not asked"
        cells = (name, program.__doc__, f"{len(here.cases)} of {here.asked}", classes(here.cases), beside)
        yield f"| {' | '.join(map(str, cells))} |"


def write(text: str) -> None:
    """Put the table into the page, between its marks; the page is begun where there is none."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else f"{INTRODUCTION}\n{BEGIN}\n{END}\n"
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{PAGE.name}: the lines {BEGIN} and {END} were expected")
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8", newline="\n")


def main(words: Sequence[str]) -> int:
    """Do as the module says; return 1 where a program is caught by no case, or the one that is right by any."""
    ours, others = suite(), wycheproof()
    if words == ["--write"] and not others:
        sys.exit(f"no file of Wycheproof for secp224k1 in {FOLDER}: ECPURE_WYCHEPROOF names the folder")
    lines = []
    for line in table(ours, others):
        lines.append(line)
        print(line, flush=True)
    if words == ["--write"]:
        write("\n".join(lines))
    problems = [f"{name}: caught by no case" for name, program in BROKEN.items() if not any(catching(program, ours))]
    problems += [f"{case.id}: the program that is right disagrees" for case in catching(Program(), ours)]
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
