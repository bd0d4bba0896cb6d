"""A program that answers every case as it should, in small steps: vectors/broken.py replaces one at a time.

The definitions are those of make/reference.py. Only multiples of points come from the package, for speed. A program is
one for secp224k1, and hands what is asked on secp256k1 to another, so that each may be wrong by itself.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import sys
from base64 import b64decode, b64encode
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "make"))

import reference
from reference import SECP224K1, SECP256K1, Curve, Point, add, bits2int, inverse, p1363, uncompressed

from ecpure.curve import Point as FastPoint
from ecpure.curve import named
from ecpure.vectors.schemas import Message

Pair = tuple[int, int]
FIELDS = {"method", "user_id", "cookie", "nonce", "signature"}
OCTETS = ("public_key", "message", "signature", "digest", "private_key", "extra_entropy", "point", "key")
PEM = r"^-----BEGIN (.*)-----\n((?:(?!-----(?:BEGIN|END) ).*\n)*)-----END \1-----\n"
LABELS = {"private": {"PRIVATE KEY": True, "EC PRIVATE KEY": False}, "public": {"PUBLIC KEY": False}}  # PKCS#8?


class Refused(Exception):
    """The answer is "invalid"."""


def require(holds: bool) -> None:
    """Raise `Refused` where it does not hold."""
    if not holds:
        raise Refused


@cache
def times(k: int, R: Point, curve: Curve = SECP224K1) -> Point:
    """Return k·R, by formulas that do not know b where R is not on the curve."""
    published = named(curve.name)
    if R is None or not (reference.on_curve(R, curve) and (curve.p, curve.b) == (published.p, published.b)):
        return reference.times(k, R, curve)
    product = k % published.n * FastPoint(*R, curve=published)
    return None if product.is_infinity else (int(product.x), int(product.y))


@cache
def total(u1: int, u2: int, Q: Point, curve: Curve = SECP224K1) -> Point:
    """Return u1·G + u2·Q."""
    return add(times(u1, curve.G, curve), times(u2, Q, curve), curve)


square_root = cache(reference.square_root)


class Program:
    """The program: an operation of each name, and below it the steps."""

    domain = SECP224K1

    def __call__(self, request: Message) -> Message:
        """Return the answer to the request."""
        program = self if request["curve"] == self.domain.name else self.elsewhere(request)
        octets = {name: bytes.fromhex(request[name]) for name in OCTETS if isinstance(request.get(name), str)}
        try:
            return {"result": "valid", **getattr(program, request["operation"])(request, octets)}
        except Refused:
            return {"result": "invalid"}

    def elsewhere(self, _: Message) -> Program:
        """Return the program for the other curve."""
        return ON_SECP256K1

    # SEC 1 §4.1.4: verifying.

    def verify(self, request: Message, octets: dict[str, bytes]) -> Message:
        r, s = (self.der if request["format"] == "der" else self.p1363)(octets["signature"])
        require(not request.get("low_s") or self.is_low(s))
        e = self.bits2int(self.digest(request["hash"], octets["message"]))
        require(self.holds(self.public_key(octets["public_key"]), e, r, s))
        return {}

    def verify_digest(self, _: Message, octets: dict[str, bytes]) -> Message:
        Q, (r, s) = self.public_key(octets["public_key"]), self.p1363(octets["signature"])
        require(self.holds(Q, self.bits2int(octets["digest"]), r, s))
        return {}

    def public_key(self, octets: bytes) -> Point:
        return self.point(octets)

    def is_low(self, s: int) -> bool:
        return s <= self.domain.n // 2

    def batch(self, request: Message, _: dict[str, bytes]) -> Message:
        return {"verdicts": self.verdicts(request["hash"], request["items"])}

    def verdicts(self, name: str, items: list[Message]) -> list[bool]:
        return [self.verdict(name, item) for item in items]

    def verdict(self, name: str, item: Message) -> bool:
        try:
            self.verify({"hash": name, "format": "p1363"}, {part: bytes.fromhex(text) for part, text in item.items()})
        except Refused:
            return False
        return True

    def holds(self, Q: Point, e: int, r: int, s: int) -> bool:
        if not self.in_range(r, s):
            return False
        n = self.domain.n
        w = inverse(s, n)
        return self.is_x(r, self.sum(e * w % n, r * w % n, Q))

    def in_range(self, r: int, s: int) -> bool:
        return 1 <= r < self.domain.n and 1 <= s < self.domain.n

    def sum(self, u1: int, u2: int, Q: Point) -> Point:
        return total(u1, u2, Q, self.domain)

    def is_x(self, r: int, R: Point) -> bool:
        return R is not None and R[0] % self.domain.n == r

    def digest(self, name: str, message: bytes) -> bytes:
        return hashlib.new(name, message).digest()

    def bits2int(self, digest: bytes) -> int:
        return bits2int(digest, self.domain)

    # Signatures as octets: r ‖ s, and DER (SEC 1 §C.5, X.690 §8.1, §8.3, §10.1).

    def p1363(self, octets: bytes) -> Pair:
        size = self.domain.scalar_octets
        require(len(octets) == 2 * size)
        return int.from_bytes(octets[:size], "big"), int.from_bytes(octets[size:], "big")

    def der(self, octets: bytes) -> Pair:
        body, behind = self.element(0x30, octets)
        r, rest = self.element(2, body)
        s, inside = self.element(2, rest)
        self.end(behind)
        self.end_inside(inside)
        return self.integer(r), self.integer(s)

    def element(self, tag: int, octets: bytes) -> tuple[bytes, bytes]:
        """Return the content of the first element and what follows it."""
        require(octets[:1] == bytes([tag]))
        length, rest = self.length(octets[1:])
        require(length <= len(rest))
        return rest[:length], rest[length:]

    def length(self, octets: bytes) -> tuple[int, bytes]:
        """Return the length in front and what follows it."""
        require(octets != b"")
        if octets[0] < 0x80:
            return octets[0], octets[1:]
        count = octets[0] - 0x80
        length = int.from_bytes(octets[1 : 1 + count], "big")
        require(0 < count < len(octets) and length >= max(0x80, 1 << 8 * (count - 1)))
        return length, octets[1 + count :]

    def integer(self, content: bytes) -> int:
        require(content != b"" and content[0] < 0x80)
        require(len(content) == 1 or content[0] != 0 or content[1] >= 0x80)
        return int.from_bytes(content, "big")

    def end(self, behind: bytes) -> None:
        require(behind == b"")

    def end_inside(self, behind: bytes) -> None:
        require(behind == b"")

    # SEC 1 §4.1.3 and RFC 6979 §3.2: signing.

    def sign(self, request: Message, octets: dict[str, bytes]) -> Message:
        return self.sign_digest(request, octets | {"digest": self.digest(request["hash"], octets["message"])})

    def sign_digest(self, request: Message, octets: dict[str, bytes]) -> Message:
        d = int.from_bytes(octets["private_key"], "big")
        r, s = self.signed(d, request["hash"], self.digest_to_sign(octets["digest"]), octets["extra_entropy"])
        return {"signature": self.written(r, self.half(s, request["low_s"])).hex()}

    def digest_to_sign(self, digest: bytes) -> bytes:
        return digest

    def signed(self, d: int, name: str, hashed: bytes, extra: bytes) -> Pair:
        k = self.nonce(self.seed(d, hashed, extra), self.hmac_name(name))
        curve = self.domain
        r = reference.x_of(times(k, curve.G, curve)) % curve.n
        return r, inverse(k, curve.n) * (self.bits2int(hashed) + r * d) % curve.n

    def seed(self, d: int, hashed: bytes, extra: bytes) -> bytes:
        curve = self.domain
        return curve.scalar(d) + curve.scalar(self.bits2int(hashed) % curve.n) + extra

    def hmac_name(self, name: str) -> str:
        return name

    def nonce(self, seed: bytes, name: str) -> int:
        size = hashlib.new(name).digest_size
        K, V = bytes(size), b"\x01" * size
        for octet in (b"\x00", b"\x01"):
            K = self.hmac(K, V + octet + seed, name)
            V = self.hmac(K, V, name)
        while True:
            T = b""
            while 8 * len(T) < self.domain.qlen:
                V = self.hmac(K, V, name)
                T += V
            if 1 <= (k := self.candidate(T)) < self.domain.n:
                return k
            K, V = self.after_candidate(K, V, name)

    def candidate(self, T: bytes) -> int:
        return bits2int(T, self.domain)

    def after_candidate(self, K: bytes, V: bytes, name: str) -> tuple[bytes, bytes]:
        K = self.hmac(K, V + b"\x00", name)
        return K, self.hmac(K, V, name)

    def hmac(self, key: bytes, text: bytes, name: str) -> bytes:
        return hmac.digest(key, text, name)

    def half(self, s: int, low: bool) -> int:
        return min(s, self.domain.n - s) if low else s

    def written(self, r: int, s: int) -> bytes:
        return p1363(r, s, self.domain)

    # SEC 1 §2.3.4: points, square roots, multiples.

    def multiply(self, request: Message, octets: dict[str, bytes]) -> Message:
        product = self.product(int(request["scalar"], 16), self.factor(octets["point"]))
        return {"point": uncompressed(product, self.domain).hex()}

    def factor(self, octets: bytes) -> Point:
        return self.point(octets)

    def product(self, k: int, R: Point) -> Point:
        return times(k % self.domain.n, R, self.domain)

    def decode_point(self, _: Message, octets: dict[str, bytes]) -> Message:
        return {"point": uncompressed(self.point(octets["point"]), self.domain).hex()}

    def point(self, octets: bytes) -> Point:
        curve, end = self.domain, 1 + self.domain.field_octets
        if octets[:1] in (b"\x02", b"\x03") and len(octets) == end:
            x = self.coordinate(octets[1:])
            y = self.root((x**3 + curve.b) % curve.p)
            require(y is not None)
            return x, self.of_parity(y or 0, octets[0] % 2)
        require(octets[:1] == b"\x04" and len(octets) == 2 * end - 1)
        x, y = self.coordinate(octets[1:end]), self.coordinate(octets[end:])
        require(self.on_curve(x, y))
        return x, y

    def coordinate(self, octets: bytes) -> int:
        value = int.from_bytes(octets, "big")
        require(value < self.domain.p)
        return value

    def on_curve(self, x: int, y: int) -> bool:
        return (y * y - x**3 - self.domain.b) % self.domain.p == 0

    def of_parity(self, y: int, parity: int) -> int:
        return y if y % 2 == parity else self.domain.p - y

    def square_root(self, request: Message, _: dict[str, bytes]) -> Message:
        root = self.root(int(request["value"], 16))
        require(root is not None)
        return {"root": self.domain.coordinate(root or 0).hex()}

    def root(self, a: int) -> int | None:
        """Return the even square root."""
        return square_root(a, self.domain)

    # SEC 1 §4.1.6: recovering keys, r⁻¹(sR − eG) for each R.

    def recover(self, request: Message, octets: dict[str, bytes]) -> Message:
        return self.recover_digest(request, octets | {"digest": self.digest(request["hash"], octets["message"])})

    def recover_digest(self, _: Message, octets: dict[str, bytes]) -> Message:
        r, s = self.pair_to_recover(octets["signature"])
        curve = self.domain
        e, w, n = self.bits2int(octets["digest"]), inverse(r, curve.n), curve.n
        keys = [total(-e * w % n, s * w % n, R, curve) for x in self.nonce_xs(r) for R in self.nonce_points(x)]
        require(any(keys))
        return {"public_keys": sorted(uncompressed(Q, curve).hex() for Q in keys if Q)}

    def pair_to_recover(self, octets: bytes) -> Pair:
        r, s = self.p1363(octets)
        require(self.in_range(r, s))
        return r, s

    def nonce_xs(self, r: int) -> list[int]:
        """Return every x in [0, p − 1] that is r mod n: on secp224k1, where n is above p, one at most."""
        return [x for x in (r, r + self.domain.n) if x < self.domain.p]

    def nonce_points(self, x: int) -> list[Point]:
        curve = self.domain
        y = self.root((x**3 + curve.b) % curve.p)
        return [] if y is None else [(x, y), (x, curve.p - y)]

    # Key files: SEC 1 §C.4, RFC 5208 §5, RFC 5480 §2, RFC 7468 §3.

    def decode_key(self, request: Message, octets: dict[str, bytes]) -> Message:
        key, kind, pkcs8 = octets["key"], request["kind"], None
        if request["format"] == "pem":
            label, key = self.pem(key.decode("utf-8", "replace"))
            require(label in LABELS[kind])
            pkcs8 = LABELS[kind][label]
        body, behind = self.element(0x30, key)
        self.end(behind)
        if kind == "public":
            self.algorithm(*self.element(0x30, body))
            return {"key": uncompressed(self.bit_string(self.element(0x30, body)[1]), self.domain).hex()}
        is_pkcs8 = self.element(2, body)[1][:1] == b"\x30"
        require(pkcs8 in (None, is_pkcs8))
        d = self.pkcs8(body) if is_pkcs8 else self.sec1(body, named=False)
        return {"key": self.domain.scalar(d).hex()}

    def pem(self, text: str) -> tuple[str, bytes]:
        """Return label and octets of the one block, EC PARAMETERS passed over."""
        lines = "\n".join(line.strip(" \t\r") for line in text.split("\n")) + "\n"
        found = re.findall(PEM, lines, re.MULTILINE)
        blocks = [block for block in found if block[0] != "EC PARAMETERS"]
        require(len(blocks) == 1 and len(re.findall("^-----(?:BEGIN|END) ", lines, re.MULTILINE)) == 2 * len(found))
        return blocks[0][0], self.base64(blocks[0][1].replace("\n", ""))

    def base64(self, text: str) -> bytes:
        """Return the octets whose one base64 form the text is (RFC 4648 §4)."""
        try:
            octets = b64decode(text, validate=True)
        except ValueError:
            raise Refused from None
        require(octets != b"" and b64encode(octets).decode() == text)
        return octets

    def algorithm(self, body: bytes, _: bytes) -> None:
        kind, rest = self.element(6, body)
        curve, behind = self.element(6, rest)
        self.end_of_algorithm(behind)
        require(kind.hex() == "2a8648ce3d0201")
        self.curve(curve)

    def end_of_algorithm(self, behind: bytes) -> None:
        self.end_inside(behind)

    def curve(self, oid: bytes) -> None:
        require(oid == self.domain.oid[2:])

    def bit_string(self, octets: bytes) -> Point:
        bits, behind = self.element(3, octets)
        self.end_inside(behind)
        return self.point_in_bits(bits)

    def point_in_bits(self, bits: bytes) -> Point:
        require(bits[:1] == b"\0")
        return self.point(bits[1:])

    def pkcs8(self, body: bytes) -> int:
        version, rest = self.element(2, body)
        require(version in (b"\0", b"\1"))
        self.algorithm(*self.element(0x30, rest))
        inner, rest = self.element(4, self.element(0x30, rest)[1])
        if rest[:1] == b"\xa0":
            rest = self.element(0xA0, rest)[1]
        beside = b""
        if version == b"\1" and rest[:1] == b"\x81":
            beside, rest = self.element(0x81, rest)
        self.end_of_pkcs8(rest)
        key, behind = self.element(0x30, inner)
        self.end_of_key(behind)
        d = self.sec1(key, named=True)
        require(beside == b"" or self.belongs_beside(self.point_in_bits(beside), d))
        return d

    def end_of_pkcs8(self, behind: bytes) -> None:
        self.end_inside(behind)

    def end_of_key(self, behind: bytes) -> None:
        self.end_inside(behind)

    def sec1(self, body: bytes, named: bool) -> int:
        version, rest = self.element(2, body)
        octets, rest = self.element(4, rest)
        if rest[:1] == b"\xa0":
            parameters, rest = self.element(0xA0, rest)
            oid, behind = self.element(6, parameters)
            self.end_inside(behind)
            self.curve(oid)
            named = True
        d = self.private_octets(octets)
        require(self.is_version_of_sec1(version) and named and self.is_private(d))
        if rest[:1] == b"\xa1":
            public, rest = self.element(0xA1, rest)
            require(self.belongs(self.bit_string(public), d))
        self.end_inside(rest)
        return d

    def private_octets(self, octets: bytes) -> int:
        require(1 <= len(octets) <= self.domain.scalar_octets)
        return int.from_bytes(octets, "big")

    def is_version_of_sec1(self, version: bytes) -> bool:
        return version == b"\1"

    def is_private(self, d: int) -> bool:
        return 1 <= d < self.domain.n

    def belongs_beside(self, Q: Point, d: int) -> bool:
        return self.belongs(Q, d)

    def belongs(self, Q: Point, d: int) -> bool:
        return times(d, self.domain.G, self.domain) == Q

    # The exchange's login message, as its document has it.

    def login_key(self, request: Message, _: dict[str, bytes]) -> Message:
        words = self.user(request["user_id"]) + self.passphrase(request["passphrase"])
        return {"private_key": hashlib.sha224(words).hexdigest().rjust(58, "0")}

    def user(self, user_id: int) -> bytes:
        require(self.is_user(user_id))
        return user_id.to_bytes(8, "big")

    def is_user(self, user_id: object) -> bool:
        return type(user_id) is int and 0 <= user_id < 1 << 64

    def passphrase(self, text: str) -> bytes:
        require(not any("\ud800" <= character <= "\udfff" for character in text))
        return text.encode("utf-8")

    def login_octets(self, user_id: int, server: str, client: str) -> bytes:
        return self.user(user_id) + self.nonce_octets(server) + self.nonce_octets(client)

    def nonce_octets(self, text: str) -> bytes:
        return self.octets(text, 16)

    def octets(self, text: object, length: int) -> bytes:
        octets = self.base64(text) if isinstance(text, str) else b""
        require(len(octets) == length)
        return octets

    def login_build(self, request: Message, octets: dict[str, bytes]) -> Message:
        user_id, client = request["user_id"], request["client_nonce"]
        require(self.is_private(int.from_bytes(octets["private_key"], "big")))
        self.cookie(request["cookie"])
        require(request["tag"] is None or self.is_tag(request["tag"]))
        hashed = hashlib.sha224(self.login_octets(user_id, request["server_nonce"], client)).digest()
        r, s = self.signed(int.from_bytes(octets["private_key"], "big"), "sha224", hashed, b"")
        pair = [b64encode(half).decode() for half in self.compact(r, self.half(s, True))]
        tag = {} if request["tag"] is None else {"tag": request["tag"]}
        fields = {"method": "Authenticate", "user_id": user_id, "cookie": request["cookie"], "nonce": client}
        return {"message": fields | {"signature": pair} | tag}

    def compact(self, r: int, s: int) -> tuple[bytes, bytes]:
        return r.to_bytes(28, "big"), s.to_bytes(28, "big")

    def login_verify(self, request: Message, octets: dict[str, bytes]) -> Message:
        message, Q = request["message"], self.public_key(octets["public_key"])
        self.fields(message)
        signed = self.login_octets(message["user_id"], request["server_nonce"], message["nonce"])
        r, s = (int.from_bytes(self.half_octets(text), "big") for text in message["signature"])
        require(self.holds(Q, self.bits2int(hashlib.sha224(signed).digest()), r, s))
        return {}

    def half_octets(self, text: object) -> bytes:
        return self.octets(text, 28)

    def fields(self, message: Message) -> None:
        """Hold that the message has its fields and no other, each of its type and in its range."""
        require(set(message) >= FIELDS >= set(message) - {"tag"} and self.is_method(message["method"]))
        self.cookie(message["cookie"])
        require(self.is_user(message["user_id"]) and self.is_tag(message.get("tag", 0)))
        require(self.is_pair(message["signature"]))

    def is_method(self, method: object) -> bool:
        return method == "Authenticate"

    def cookie(self, text: object) -> None:
        self.octets(text, 20)

    def is_tag(self, tag: object) -> bool:
        return type(tag) is int and 0 <= tag < 1 << 63

    def is_pair(self, pair: object) -> bool:
        return isinstance(pair, list) and len(pair) == 2


class OnCurve(Program):
    """The program for one curve alone; by default the other one."""

    def __init__(self, curve: Curve = SECP256K1) -> None:
        self.domain = curve


ON_SECP256K1 = OnCurve()
