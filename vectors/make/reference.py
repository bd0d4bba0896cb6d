"""ECDSA once more, from the definitions: what every expected answer in the suite is computed by.

Nothing here is shared with the package. Addition is the chord and the tangent, multiplication doubling and adding, a
square root is found by Tonelli's and Shanks's method, nonces come from the standard library's `hmac`. It is slow, and
meant for nothing but making vectors. The curve is secp224k1 where none is given.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

Point = tuple[int, int] | None
"""(x, y), or None for infinity."""


class Curve(NamedTuple):
    """y² = x³ + b over F_p, all of whose n points are multiples of G; and the lengths of its numbers."""

    name: str
    oid: bytes
    """The curve's OID as an element of DER."""
    p: int
    b: int
    n: int
    G: tuple[int, int]
    qlen: int
    """The bits of n."""
    field_octets: int
    scalar_octets: int

    def coordinate(self, x: int) -> bytes:
        """Return the octets of a number below p."""
        return x.to_bytes(self.field_octets, "big")

    def scalar(self, k: int) -> bytes:
        """Return the octets of a number below n, or of one that is no longer."""
        return k.to_bytes(self.scalar_octets, "big")


SECP224K1 = Curve(  # SEC 2 v2 §2.3.1
    name="secp224k1",
    oid=bytes.fromhex("06052b81040020"),
    p=2**224 - 2**32 - 6803,
    b=5,
    n=0x1_00000000_00000000_00000000_0001DCE8_D2EC6184_CAF0A971_769FB1F7,
    G=(
        0xA1455B33_4DF099DF_30FC28A1_69A467E9_E47075A9_0F7E650E_B6B7A45C,
        0x7E089FED_7FBA3442_82CAFBD6_F7E319F7_C0B0BD59_E2CA4BDB_556D61A5,
    ),
    qlen=225,
    field_octets=28,
    scalar_octets=29,
)
SECP256K1 = Curve(  # SEC 2 v2 §2.4.1
    name="secp256k1",
    oid=bytes.fromhex("06052b8104000a"),
    p=2**256 - 2**32 - 977,
    b=7,
    n=0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141,
    G=(
        0x79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798,
        0x483ADA77_26A3C465_5DA4FBFC_0E1108A8_FD17B448_A6855419_9C47D08F_FB10D4B8,
    ),
    qlen=256,
    field_octets=32,
    scalar_octets=32,
)
P, B, N, G, QLEN = SECP224K1.p, SECP224K1.b, SECP224K1.n, SECP224K1.G, SECP224K1.qlen


def inverse(a: int, m: int) -> int:
    """Return a⁻¹ mod m."""
    return pow(a, -1, m)


def add(R: Point, S: Point, curve: Curve = SECP224K1) -> Point:
    """Return R + S."""
    if R is None or S is None:
        return S if R is None else R
    p, (x1, y1), (x2, y2) = curve.p, R, S
    if x1 == x2 and (y1 + y2) % p == 0:
        return None
    slope = (3 * x1 * x1 * inverse(2 * y1, p) if R == S else (y2 - y1) * inverse(x2 - x1, p)) % p
    x3 = (slope * slope - x1 - x2) % p
    return x3, (slope * (x1 - x3) - y1) % p


def times(k: int, R: Point, curve: Curve = SECP224K1) -> Point:
    """Return k·R for k ≥ 0, whatever the order of R: these formulas do not know b, so R need not be on the curve."""
    total: Point = None
    for place in reversed(range(k.bit_length())):
        total = add(total, total, curve)
        if k >> place & 1:
            total = add(total, R, curve)
    return total


def on_curve(R: Point, curve: Curve = SECP224K1) -> bool:
    """Whether R has coordinates below p and is on the curve; infinity, which is no key, is not."""
    p = curve.p
    return R is not None and 0 <= R[0] < p and 0 <= R[1] < p and (R[1] ** 2 - R[0] ** 3 - curve.b) % p == 0


def negative(R: Point, curve: Curve = SECP224K1) -> Point:
    """Return −R."""
    return None if R is None else (R[0], curve.p - R[1])


@cache
def _doubled(R: Point, times: int, curve: Curve) -> Point:
    if times == 0:
        return R
    half = _doubled(R, times - 1, curve)
    return add(half, half, curve)


@cache
def multiply(k: int, R: Point = G, curve: Curve = SECP224K1) -> Point:
    """Return k·R for any integer k, by doubling and adding."""
    total: Point = None
    for place in range((k % curve.n).bit_length()):
        if (k % curve.n) >> place & 1:
            total = add(total, _doubled(R, place, curve), curve)
    return total


def x_of(R: Point) -> int:
    """Return the x of a point that is not infinity."""
    if R is None:
        raise ZeroDivisionError
    return R[0]


def y_of(R: Point) -> int:
    """Return the y of a point that is not infinity."""
    if R is None:
        raise ZeroDivisionError
    return R[1]


def square_root(a: int, curve: Curve = SECP224K1) -> int | None:
    """Return the even one of the two square roots of a mod p (0 for 0), or None where there is none."""
    p = curve.p
    if a % p == 0:
        return 0
    if pow(a, (p - 1) // 2, p) != 1:
        return None
    odd, twos = p - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    z = next(z for z in range(2, 100) if pow(z, (p - 1) // 2, p) == p - 1)
    c, t, root = pow(z, odd, p), pow(a, odd, p), pow(a, (odd + 1) // 2, p)
    while t != 1:
        order, power = 0, t
        while power != 1:
            order, power = order + 1, power * power % p
        b = pow(c, 2 ** (twos - order - 1), p)
        c, t, root, twos = b * b % p, t * b * b % p, root * b % p, order
    return root if root % 2 == 0 else p - root


def lift(x: int, curve: Curve = SECP224K1) -> Point:
    """Return the point of this x whose y is even, or None."""
    y = square_root(x**3 + curve.b, curve)
    return None if y is None else (x, y)


def cube_root(a: int) -> int | None:
    """Return a cube root of a mod p, or None where there is none."""
    power = next(3**i for i in range(1, 100) if (P - 1) % 3 ** (i + 1))  # the largest that divides p − 1
    root = pow(a, pow(3, -1, (P - 1) // power), P)
    unity = pow(next(g for g in range(2, 100) if pow(g, (P - 1) // 3, P) != 1), (P - 1) // power, P)
    for _ in range(power):
        if (pow(root, 3, P) - a) % P == 0:
            return root
        root = root * unity % P
    return None


def hash_name(sha: str) -> str:
    """Return hashlib's name of SHA-224 … SHA-512, SHA3-224 … SHA3-512, as the vectors name them."""
    return sha.lower().replace("sha-", "sha").replace("-", "_")


def digest(sha: str, message: bytes) -> bytes:
    """Return the digest under a hash function, as the vectors name it."""
    return hashlib.new(hash_name(sha), message).digest()


def bits2int(octets: bytes, curve: Curve = SECP224K1) -> int:
    """Return the leftmost bits, as many as n has (RFC 6979 §2.3.2; SEC 1 §4.1.3 step 5)."""
    return int.from_bytes(octets, "big") >> max(0, 8 * len(octets) - curve.qlen)


def candidates(d: int, sha: str, hashed: bytes, extra: bytes = b"", curve: Curve = SECP224K1) -> Iterator[int]:
    """Yield every candidate for k of RFC 6979 §3.2, those out of range too."""
    name = hash_name(sha)

    def mac(key: bytes, text: bytes) -> bytes:
        return hmac.new(key, text, name).digest()

    seed = curve.scalar(d) + curve.scalar(bits2int(hashed, curve) % curve.n) + extra
    size = hashlib.new(name).digest_size
    V, K = b"\x01" * size, b"\x00" * size
    for octet in (b"\x00", b"\x01"):
        K = mac(K, V + octet + seed)
        V = mac(K, V)
    while True:
        T = b""
        while len(T) * 8 < curve.qlen:
            V = mac(K, V)
            T += V
        yield bits2int(T, curve)
        K = mac(K, V + b"\x00")
        V = mac(K, V)


def nonce(d: int, sha: str, hashed: bytes, extra: bytes = b"", curve: Curve = SECP224K1) -> tuple[int, int]:
    """Return k, and on which candidate it was found, the first being 1."""
    for count, k in enumerate(candidates(d, sha, hashed, extra, curve), 1):
        if 1 <= k < curve.n:
            return k, count
    raise AssertionError


def sign_with(d: int, e: int, k: int, curve: Curve = SECP224K1) -> tuple[int, int]:
    """Return (r, s) of SEC 1 §4.1.3; neither is 0 for any input that the suite has."""
    r = x_of(multiply(k, curve.G, curve)) % curve.n
    s = inverse(k, curve.n) * (e + r * d) % curve.n
    if not (r and s):
        raise ZeroDivisionError
    return r, s


def verifies(Q: Point, e: int, r: int, s: int, curve: Curve = SECP224K1) -> bool:
    """Whether Q is a public key, and (r, s) a signature of e under it (SEC 1 §3.2.2.1, §4.1.4)."""
    if not (on_curve(Q, curve) and 1 <= r < curve.n and 1 <= s < curve.n):
        return False
    w = inverse(s, curve.n)
    R = add(multiply(e * w % curve.n, curve.G, curve), multiply(r * w % curve.n, Q, curve), curve)
    return R is not None and R[0] % curve.n == r


def p1363(r: int, s: int, curve: Curve = SECP224K1) -> bytes:
    """Return r ‖ s, as many octets each as n has."""
    return curve.scalar(r) + curve.scalar(s)


def uncompressed(R: Point, curve: Curve = SECP224K1) -> bytes:
    """Return 04 ‖ x ‖ y, or 00 for infinity (SEC 1 §2.3.3)."""
    return b"\x00" if R is None else b"\x04" + curve.coordinate(R[0]) + curve.coordinate(R[1])


def compressed(R: Point, curve: Curve = SECP224K1) -> bytes:
    """Return 02 or 03 ‖ x (SEC 1 §2.3.3)."""
    if R is None:
        raise ZeroDivisionError
    return bytes([2 + R[1] % 2]) + curve.coordinate(R[0])


def tlv(tag: int, content: bytes) -> bytes:
    """Return a DER element: tag, definite length in its shortest form, content (X.690 §8.1, §10.1)."""
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(octets)]) + octets + content


def der_integer(value: int) -> bytes:
    """Return an INTEGER of either sign (X.690 §8.3)."""
    bits = value.bit_length() if value >= 0 else (value + 1).bit_length()
    return tlv(2, value.to_bytes(bits // 8 + 1, "big", signed=True))


def der(r: int, s: int) -> bytes:
    """Return SEQUENCE { r INTEGER, s INTEGER } (SEC 1 §C.5), whatever r and s are."""
    return tlv(0x30, der_integer(r) + der_integer(s))


ID_EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")


def spki(point: bytes, curve: Curve = SECP224K1) -> bytes:
    """Return SubjectPublicKeyInfo of these octets of a point, the curve by its name (RFC 5480 §2)."""
    return tlv(0x30, tlv(0x30, ID_EC_PUBLIC_KEY + curve.oid) + tlv(3, b"\0" + point))
