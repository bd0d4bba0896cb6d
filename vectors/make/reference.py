"""ECDSA on secp224k1 once more, from the definitions: what every expected answer in the suite is computed by.

Nothing here is shared with the package. Addition is the chord and the tangent, multiplication doubling and adding, a
square root is found by Tonelli's and Shanks's method, nonces come from the standard library's `hmac`. It is slow, and
meant for nothing but making vectors.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from functools import cache

# SEC 2 v2 §2.3.1
P = 2**224 - 2**32 - 6803
B = 5
N = 0x1_00000000_00000000_00000000_0001DCE8_D2EC6184_CAF0A971_769FB1F7
G = (
    0xA1455B33_4DF099DF_30FC28A1_69A467E9_E47075A9_0F7E650E_B6B7A45C,
    0x7E089FED_7FBA3442_82CAFBD6_F7E319F7_C0B0BD59_E2CA4BDB_556D61A5,
)
QLEN = 225

Point = tuple[int, int] | None
"""(x, y), or None for infinity."""


def inverse(a: int, m: int) -> int:
    """Return a⁻¹ mod m."""
    return pow(a, -1, m)


def add(R: Point, S: Point) -> Point:
    """Return R + S."""
    if R is None or S is None:
        return S if R is None else R
    (x1, y1), (x2, y2) = R, S
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 * inverse(2 * y1, P) if R == S else (y2 - y1) * inverse(x2 - x1, P)) % P
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def times(k: int, R: Point) -> Point:
    """Return k·R for k ≥ 0, whatever the order of R: these formulas do not know b, so R need not be on the curve."""
    total: Point = None
    for place in reversed(range(k.bit_length())):
        total = add(total, total)
        if k >> place & 1:
            total = add(total, R)
    return total


def on_curve(R: Point) -> bool:
    """Whether R has coordinates below p and is on the curve; infinity, which is no key, is not."""
    return R is not None and 0 <= R[0] < P and 0 <= R[1] < P and (R[1] ** 2 - R[0] ** 3 - B) % P == 0


def negative(R: Point) -> Point:
    """Return −R."""
    return None if R is None else (R[0], P - R[1])


@cache
def _doubled(R: Point, times: int) -> Point:
    if times == 0:
        return R
    half = _doubled(R, times - 1)
    return add(half, half)


@cache
def multiply(k: int, R: Point = G) -> Point:
    """Return k·R for any integer k, by doubling and adding."""
    total: Point = None
    for place in range((k % N).bit_length()):
        if (k % N) >> place & 1:
            total = add(total, _doubled(R, place))
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


def square_root(a: int) -> int | None:
    """Return the even one of the two square roots of a mod p (0 for 0), or None where there is none."""
    if a % P == 0:
        return 0
    if pow(a, (P - 1) // 2, P) != 1:
        return None
    odd, twos = P - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    z = next(z for z in range(2, 100) if pow(z, (P - 1) // 2, P) == P - 1)
    c, t, root = pow(z, odd, P), pow(a, odd, P), pow(a, (odd + 1) // 2, P)
    while t != 1:
        order, power = 0, t
        while power != 1:
            order, power = order + 1, power * power % P
        b = pow(c, 2 ** (twos - order - 1), P)
        c, t, root, twos = b * b % P, t * b * b % P, root * b % P, order
    return root if root % 2 == 0 else P - root


def lift(x: int) -> Point:
    """Return the point of this x whose y is even, or None."""
    y = square_root(x**3 + B)
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


def bits2int(octets: bytes) -> int:
    """Return the leftmost 225 bits (RFC 6979 §2.3.2; SEC 1 §4.1.3 step 5)."""
    return int.from_bytes(octets, "big") >> max(0, 8 * len(octets) - QLEN)


def candidates(d: int, sha: str, hashed: bytes, extra: bytes = b"") -> Iterator[int]:
    """Yield every candidate for k of RFC 6979 §3.2, those out of range too."""
    name = hash_name(sha)

    def mac(key: bytes, text: bytes) -> bytes:
        return hmac.new(key, text, name).digest()

    seed = d.to_bytes(29, "big") + (bits2int(hashed) % N).to_bytes(29, "big") + extra
    size = hashlib.new(name).digest_size
    V, K = b"\x01" * size, b"\x00" * size
    for octet in (b"\x00", b"\x01"):
        K = mac(K, V + octet + seed)
        V = mac(K, V)
    while True:
        T = b""
        while len(T) * 8 < QLEN:
            V = mac(K, V)
            T += V
        yield bits2int(T)
        K = mac(K, V + b"\x00")
        V = mac(K, V)


def nonce(d: int, sha: str, hashed: bytes, extra: bytes = b"") -> tuple[int, int]:
    """Return k, and on which candidate it was found, the first being 1."""
    for count, k in enumerate(candidates(d, sha, hashed, extra), 1):
        if 1 <= k < N:
            return k, count
    raise AssertionError


def sign_with(d: int, e: int, k: int) -> tuple[int, int]:
    """Return (r, s) of SEC 1 §4.1.3; neither is 0 for any input that the suite has."""
    r = x_of(multiply(k)) % N
    s = inverse(k, N) * (e + r * d) % N
    if not (r and s):
        raise ZeroDivisionError
    return r, s


def verifies(Q: Point, e: int, r: int, s: int) -> bool:
    """Whether Q is a public key, and (r, s) a signature of e under it (SEC 1 §3.2.2.1, §4.1.4)."""
    if not (on_curve(Q) and 1 <= r < N and 1 <= s < N):
        return False
    w = inverse(s, N)
    R = add(multiply(e * w % N), multiply(r * w % N, Q))
    return R is not None and R[0] % N == r


def p1363(r: int, s: int) -> bytes:
    """Return r ‖ s, 29 octets each."""
    return r.to_bytes(29, "big") + s.to_bytes(29, "big")


def uncompressed(R: Point) -> bytes:
    """Return 04 ‖ x ‖ y, or 00 for infinity (SEC 1 §2.3.3)."""
    return b"\x00" if R is None else b"\x04" + R[0].to_bytes(28, "big") + R[1].to_bytes(28, "big")


def compressed(R: Point) -> bytes:
    """Return 02 or 03 ‖ x (SEC 1 §2.3.3)."""
    if R is None:
        raise ZeroDivisionError
    return bytes([2 + R[1] % 2]) + R[0].to_bytes(28, "big")


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


SPKI_PREFIX = bytes.fromhex("304e301006072a8648ce3d020106052b81040020033a00")
"""SubjectPublicKeyInfo of secp224k1 (RFC 5480) up to the point, uncompressed."""
