"""Domain parameters of curves y² = x³ + b, the two published ones, and affine points as values with operators."""

from __future__ import annotations

from functools import cached_property, partial

from .basepoint import BasePoint
from .comb import Comb
from .der import object_identifier
from .endomorphism import Endomorphism
from .errors import InvalidCurve, InvalidEncoding, InvalidPoint, UnknownHash
from .group import Affine, add_all, affine_or_none, times
from .hashes import canonical, canonical_to_verify
from .integers import modulus
from .primality import is_prime
from .sec1 import decode_point, encode_point, octet_length, right_side
from .values import TYPE_CHECKING, Value, public, require_int, require_octets, require_text

if TYPE_CHECKING:
    from collections.abc import Callable


@public("ecpure")
class Curve(Value):
    """y² = x³ + b over F_p, with a base point G = (gx, gy) that generates all of its n points; n is prime.

    All parameters are public ints: p > 3 and n prime, 0 < b < p, 0 ≤ gx, gy < p. `oid` (dotted) names the curve in key
    files, `hash` is the default hash function; both are optional. Curves are equal if p, b, n and G are.

    Raises `InvalidCurve` unless the parameters are those of such a curve (SEC 1 §3.1.1.2.1), `InvalidEncoding` unless
    `oid` is a dotted object identifier, `UnknownHash` unless `hash` is for signing. Also refused: n = p, for which
    discrete logarithms are easy, and n ≤ 4√p, which leaves the order undetermined, and is possible only for p < 34. Not
    checked, since tests need toy curves: that n is large, and that no small power of p is 1 mod n. Tables and derived
    constants are computed on first use.
    """

    name: str
    p: int
    b: int
    n: int
    gx: int
    gy: int
    oid: str | None
    hash: str | None
    field: int
    """p in the backend's integers."""
    order: int
    """n in the backend's integers."""

    def __init__(
        self,
        *,
        name: str,
        p: int,
        b: int,
        n: int,
        gx: int,
        gy: int,
        oid: str | None = None,
        hash: str | None = None,
    ) -> None:
        numbers = {"p": p, "b": b, "n": n, "gx": gx, "gy": gy}
        self._set(**{letter: require_int(value, letter) for letter, value in numbers.items()})
        self._set(name=require_text(name, "name"), oid=oid, hash=None if hash is None else canonical(hash))
        self._set(field=modulus(self.p), order=modulus(self.n))
        self.check()

    def check(self) -> None:
        """Check the parameters as construction does. Raises `InvalidCurve`, `InvalidEncoding`."""
        p, n = self.field, self.order
        if p <= 3 or not is_prime(p):
            raise InvalidCurve("p: a prime above 3 was expected")
        if not 0 < self.b < p:
            raise InvalidCurve("b: in [1, p − 1] was expected; with b = 0 the discriminant −432b² is 0")
        # Hasse: #E is within 2√p of p + 1. If n > 4√p, only one multiple of n is that close: #E itself.
        if not is_prime(n) or n == p or (n - p - 1) ** 2 > 4 * p or n * n <= 16 * p:
            raise InvalidCurve("n: a prime above 4√p, within 2√p of p + 1, and not p was expected (cofactor 1)")
        if not (0 <= self.gx < p and 0 <= self.gy < p) or (self.gy**2 - right_side(self.gx, self.b, p)) % p:
            raise InvalidCurve("G: a point of the curve was expected")
        if times(n, self._base, p)[2]:
            raise InvalidCurve("G: a point of order n was expected")
        if self.oid is not None:
            object_identifier(require_text(self.oid, "oid"))

    @property
    def _base(self) -> Affine:
        return modulus(self.gx), modulus(self.gy)

    @property
    def field_octets(self) -> int:
        """The octet length of a field element: 28 on secp224k1."""
        return octet_length(self.p)

    @property
    def scalar_octets(self) -> int:
        """The octet length of a scalar mod n: 29 on secp224k1."""
        return octet_length(self.n)

    def hash_name(self, hash: str | None) -> str:
        """Return hashlib's name of `hash`, or of the curve's own hash for None, for signing. Raises `UnknownHash`."""
        name = self.hash if hash is None else canonical(hash)
        if name is None:
            raise UnknownHash(f"hash: {self.name} has no default; name one")
        return name

    def hash_to_verify(self, hash: str | None) -> str:
        """Return the same, for verifying: `hash` may also be one of `hashes.FOR_VERIFYING`. Raises `UnknownHash`."""
        return self.hash_name(None) if hash is None else canonical_to_verify(hash)

    @cached_property
    def G(self) -> Point:
        """The base point."""
        return Point(self.gx, self.gy, curve=self)

    @cached_property
    def infinity(self) -> Point:
        """The neutral element."""
        return computed_point(self, None)

    @property
    def comb(self) -> Comb:
        """The table of G, to be used for one public multiple."""
        return self.base.for_uses(1)

    @cached_property
    def base(self) -> BasePoint:
        """G with its table, which is built on first use: the entry point for secret multiples."""
        return BasePoint(self._base, self.field, self.order)

    @cached_property
    def endomorphism(self) -> Endomorphism:
        """(x, y) → (βx, y), which is multiplication by λ; computed on first use."""
        return Endomorphism(self._base, self.field, self.order)

    def _parameters(self) -> tuple[int, int, int, int, int]:
        return self.p, self.b, self.n, self.gx, self.gy

    def __eq__(self, other: object) -> bool:
        """Whether p, b, n and G are equal; names are not compared."""
        return self._parameters() == other._parameters() if isinstance(other, Curve) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._parameters())

    def __reduce__(self) -> str | tuple[Callable[[], Curve], tuple[()]]:
        """Pickle the package's own curves by name, so that their tables are shared; others by their parameters."""
        if self is SECP224K1:
            return "SECP224K1"
        if self is SECP256K1:
            return "SECP256K1"
        names = ("name", "p", "b", "n", "gx", "gy", "oid", "hash")
        return partial(Curve, **{name: getattr(self, name) for name in names}), ()

    def __repr__(self) -> str:
        return f"<Curve {self.name}>"


def _published(*, name: str, p: int, b: int, n: int, gx: int, gy: int, oid: str, hash: str) -> Curve:
    """Return a curve without checking its parameters: tests do that; the check takes as long as about 15 signatures."""
    curve = object.__new__(Curve)
    curve._set(name=name, p=p, b=b, n=n, gx=gx, gy=gy, oid=oid, hash=hash, field=modulus(p), order=modulus(n))
    return curve


SECP224K1 = _published(
    name="secp224k1",  # SEC 2 v2 §2.3.1
    p=0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_FFFFE56D,
    b=5,
    n=0x01_00000000_00000000_00000000_0001DCE8_D2EC6184_CAF0A971_769FB1F7,
    gx=0xA1455B33_4DF099DF_30FC28A1_69A467E9_E47075A9_0F7E650E_B6B7A45C,
    gy=0x7E089FED_7FBA3442_82CAFBD6_F7E319F7_C0B0BD59_E2CA4BDB_556D61A5,
    oid="1.3.132.0.32",
    hash="sha224",
)

SECP256K1 = _published(
    name="secp256k1",  # SEC 2 v2 §2.4.1
    p=0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_FFFFFC2F,
    b=7,
    n=0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141,
    gx=0x79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798,
    gy=0x483ADA77_26A3C465_5DA4FBFC_0E1108A8_FD17B448_A6855419_9C47D08F_FB10D4B8,
    oid="1.3.132.0.10",
    hash="sha256",
)

NAMES = ("secp224k1", "secp256k1")
"""The published curves. The first is the default."""


def named(name: str) -> Curve:
    """Return the published curve of that name, one of `NAMES`."""
    return {"secp224k1": SECP224K1, "secp256k1": SECP256K1}[name]


def require_curve(curve: object) -> Curve:
    """Return `curve`. Raises `TypeError` unless it is a `Curve`."""
    if not isinstance(curve, Curve):
        raise TypeError(f"curve: a Curve was expected, not {type(curve).__name__}")
    return curve


@public("ecpure")
class Point(Value):
    """A point of a curve, infinity included: a `Point` that exists is on its curve.

    `Point(x, y)` takes affine coordinates in [0, p − 1] and raises `InvalidPoint` off the curve. The operators
    P + Q, P − Q, −P, k * P and == are those of the group, for any int k and for public values only: the time of k * P
    depends on k. To multiply G by a secret, make a `PrivateKey`.
    """

    __slots__ = ("affine", "curve")

    affine: Affine | None
    """(x, y) in the backend's integers, or None for infinity."""
    curve: Curve

    def __init__(self, x: int, y: int, *, curve: Curve = SECP224K1) -> None:
        p = require_curve(curve).field
        x, y = require_int(x, "x"), require_int(y, "y")
        if not (0 <= x < p and 0 <= y < p) or (y * y - right_side(x, curve.b, p)) % p:
            raise InvalidPoint(f"point: coordinates in [0, p − 1] of a point on {curve.name} were expected")
        self._set(curve=curve, affine=(x % p, y % p))

    @classmethod
    def from_bytes(cls, octets: bytes, *, curve: Curve = SECP224K1) -> Point:
        """Return the point that `octets` encode: 02 or 03 ‖ x, or 04 ‖ x ‖ y; 29 or 57 octets on secp224k1.

        Raises `InvalidEncoding` for anything else, infinity included (SEC 1 §2.3.4).
        """
        return computed_point(curve, decode_point(require_octets(octets, "point"), require_curve(curve).b, curve.field))

    def to_bytes(self, *, compressed: bool = True) -> bytes:
        """Return 02 or 03 ‖ x, or 04 ‖ x ‖ y (SEC 1 §2.3.3). Raises `InvalidEncoding` for infinity."""
        if self.affine is None:
            raise InvalidEncoding("point: infinity is not encoded here")
        return encode_point(*self.affine, self.curve.field, compressed=compressed)

    @property
    def is_infinity(self) -> bool:
        """Whether this is the neutral element."""
        return self.affine is None

    @property
    def x(self) -> int:
        """The affine x in [0, p − 1]. Raises `InvalidPoint` for infinity."""
        return int(self.coordinates[0])

    @property
    def y(self) -> int:
        """The affine y in [0, p − 1]. Raises `InvalidPoint` for infinity."""
        return int(self.coordinates[1])

    @property
    def coordinates(self) -> Affine:
        """(x, y) in the backend's integers. Raises `InvalidPoint` for infinity."""
        if self.affine is None:
            raise InvalidPoint("point: infinity has no affine coordinates")
        return self.affine

    def __add__(self, other: Point) -> Point:
        """The sum. Raises `InvalidPoint` for points on different curves."""
        if not isinstance(other, Point):
            return NotImplemented
        if self.curve != other.curve:
            raise InvalidPoint("points: two points on the same curve were expected")
        if self.affine is None or other.affine is None:
            return self if other.affine is None else other
        p = self.curve.field
        return computed_point(self.curve, affine_or_none(add_all((*self.affine, 1, 1), [other.affine], p), p))

    def __neg__(self) -> Point:
        """The point (x, −y)."""
        if self.affine is None:
            return self
        x, y = self.affine
        return computed_point(self.curve, (x, self.curve.field - y))

    def __sub__(self, other: Point) -> Point:
        """The sum with −other."""
        return self + -other if isinstance(other, Point) else NotImplemented

    def __rmul__(self, k: int) -> Point:
        """The multiple k·P, for a public k of any sign and size. Raises `FaultDetected` (multiples of G only)."""
        if not isinstance(k, int) or isinstance(k, bool):
            return NotImplemented
        curve, k = self.curve, int.__index__(k) % self.curve.n
        if self.affine is None or k == 0:
            return curve.infinity
        if self.affine == curve.G.affine:
            return computed_point(curve, curve.base.multiply_secret(k))
        return computed_point(curve, affine_or_none(curve.endomorphism.multiply_vartime(k, self.affine), curve.field))

    def __eq__(self, other: object) -> bool:
        return (self.curve, self.affine) == (other.curve, other.affine) if isinstance(other, Point) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.affine)

    def __reduce__(self) -> tuple[Callable[..., Point], tuple[object, ...]]:
        if self.affine is None:
            return getattr, (self.curve, "infinity")
        return partial(Point, curve=self.curve), (self.x, self.y)

    def __repr__(self) -> str:
        where = "infinity" if self.affine is None else f"x={self.x:#x} y={self.y:#x}"
        return f"<Point {where} on {self.curve.name}>"


def computed_point(curve: Curve, affine: Affine | None) -> Point:
    """Return the point of coordinates that the group law returned or a decoder checked; None is infinity."""
    point = object.__new__(Point)
    point._set(curve=curve, affine=affine)
    return point
