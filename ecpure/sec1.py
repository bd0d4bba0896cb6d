"""Octet strings of SEC 1 §2.3: integers, field elements and points, strict in both directions."""

from __future__ import annotations

from .errors import InvalidEncoding
from .field import square_root


def encode_integer(value: int, length: int) -> bytes:
    """Return `value`, 0 ≤ value < 256^length, as `length` octets, most significant first (§2.3.7).

    This is also int2octets of RFC 6979 §2.3.3.
    """
    return int(value).to_bytes(length, "big")


def octet_length(value: int) -> int:
    """Return the number of octets that are enough for every integer up to `value`."""
    return (value.bit_length() + 7) // 8


def right_side(x: int, b: int, p: int) -> int:
    """Return x³ + b mod p, which is y² on the curve."""
    return (x * x * x + b) % p


def encode_point(x: int, y: int, p: int, *, compressed: bool) -> bytes:
    """Return 02 or 03 ‖ x, or 04 ‖ x ‖ y, the coordinates at p's octet length (§2.3.3)."""
    length = octet_length(p)
    if compressed:
        return bytes([2 + int(y) % 2]) + encode_integer(x, length)
    return b"\x04" + encode_integer(x, length) + encode_integer(y, length)


def decode_point(octets: bytes, b: int, p: int) -> tuple[int, int]:
    """Return the affine (x, y) on y² = x³ + b that `octets` encode, compressed or uncompressed (§2.3.4).

    Raises `InvalidEncoding` for infinity, the hybrid form, coordinates not below p, and points off the curve.
    """
    length = octet_length(p)
    match octets[:1]:
        case b"\x02" | b"\x03" if len(octets) == 1 + length:
            x = _field_element(octets[1:], p)
            y = square_root(right_side(x, b, p), p)
            if y is None:
                raise InvalidEncoding("point: no point of the curve has this x (SEC 1 §2.3.4 step 2.4.1)")
            return x, y if int(y) % 2 == octets[0] - 2 else p - y
        case b"\x04" if len(octets) == 1 + 2 * length:
            x, y = _field_element(octets[1 : 1 + length], p), _field_element(octets[1 + length :], p)
            if (y * y - right_side(x, b, p)) % p:
                raise InvalidEncoding("point: not on the curve (SEC 1 §2.3.4 step 3.5)")
            return x, y
        case b"\x00" if len(octets) == 1:
            raise InvalidEncoding("point: the point at infinity is refused (SEC 1 §3.2.2.1 step 1)")
        case b"\x06" | b"\x07" if len(octets) == 1 + 2 * length:
            raise InvalidEncoding("point: the hybrid form of X9.62 is refused; SEC 1 §2.3.4 does not have it")
        case _:
            raise InvalidEncoding(
                f"point: 02 or 03 and {length} octets, or 04 and {2 * length} octets, were expected (SEC 1 §2.3.4)"
            )


def _field_element(octets: bytes, p: int) -> int:
    """Return the element of F_p that `octets` encode (§2.3.6). Raises `InvalidEncoding` for p and above."""
    value = int.from_bytes(octets, "big")
    if value >= p:
        raise InvalidEncoding("point: a coordinate is not below p (SEC 1 §2.3.6 step 1)")
    return value % p


def bits2int(octets: bytes, qlen: int) -> int:
    """Return the leftmost `qlen` bits of `octets` as an integer; all bits if there are fewer.

    SEC 1 §4.1.3 step 5, RFC 6979 §2.3.2.
    """
    # Cut before shifting: the length of a longer integer, in digits of 30 bits, may follow its first bits, which are
    # those of a nonce.
    octets = octets[: (qlen + 7) // 8]
    return int.from_bytes(octets, "big") >> max(0, 8 * len(octets) - qlen)
