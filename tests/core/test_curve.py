"""Domain parameters and points as values."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import ecpure.curve
from ecpure import (
    SECP224K1,
    SECP256K1,
    Curve,
    InvalidCurve,
    InvalidEncoding,
    InvalidPoint,
    Point,
    PrivateKey,
    PublicKey,
    Signature,
    UnknownHash,
)
from ecpure.group import affine_or_none, times

TWIN: dict[str, Any] = {"name": "twin", "p": 13, "b": 2, "n": 19, "gx": 1, "gy": 4}
EVEN: dict[str, Any] = {"name": "two octets", "p": 277, "b": 5, "n": 283, "gx": 2, "gy": 104}
REAL: dict[str, Any] = {name: getattr(SECP224K1, name) for name in ("name", "p", "b", "n", "gx", "gy")}


def test_parameters_of_secp224k1_are_those_of_sec2() -> None:
    """p = 2²²⁴ − 2³² − 6803, b = 5, and n has 225 bits, above p; the base point is the published one, compressed."""
    assert SECP224K1.p == 2**224 - 2**32 - 6803
    assert SECP224K1.b == 5
    assert SECP224K1.n.bit_length() == 225
    assert SECP224K1.n > SECP224K1.p
    assert (SECP224K1.field_octets, SECP224K1.scalar_octets) == (28, 29)
    assert SECP224K1.G.to_bytes().hex() == "03a1455b334df099df30fc28a169a467e9e47075a90f7e650eb6b7a45c"


def test_parameters_are_plain_ints_under_either_backend() -> None:
    """What a caller sees is int, never mpz."""
    for curve in (SECP224K1, SECP256K1):
        point = 3 * curve.G
        for value in (curve.p, curve.b, curve.n, curve.gx, curve.gy, point.x, point.y):
            assert type(value) is int


@pytest.mark.parametrize(
    "change",
    [
        {"p": 15},
        {"p": 3},
        {"p": 2},
        {"p": -13},
        {"p": 0},
        {"b": 0},
        {"b": 13},
        {"b": 15},
        {"b": -11},
        {"b": 3},
        {"n": 1},
        {"n": 0},
        {"n": -19},
        {"n": 17},
        {"n": 21},
        {"n": 38},
        {"n": 23},
        {"n": 13},
        {"gx": 14, "gy": 4},
        {"gx": -12},
        {"gx": -1, "gy": 1},
        {"gx": 12, "gy": -1},
        {"gy": 17},
        {"gy": -9},
        {"gy": 5},
        {"gx": 0},
    ],
    ids=str,
)
def test_parameters_of_no_curve_are_refused(change: dict[str, int]) -> None:
    """Composite or tiny p, b out of range, n that is not prime or not the order, G out of range or off the curve."""
    Curve(**TWIN)
    with pytest.raises(InvalidCurve):
        Curve(**TWIN | change)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"p": 15}, "p"),
        ({"p": 3}, "p"),
        ({"p": 2}, "p"),
        ({"p": 1}, "p"),
        ({"b": 0}, "b"),
        ({"b": 13}, "b"),
        ({"n": 17}, "G"),
        ({"n": 21}, "n"),
        ({"gx": 0}, "G"),
    ],
)
def test_the_refused_parameter_is_named(change: dict[str, int], name: str) -> None:
    """The sentence begins with the letter of what is wrong."""
    with pytest.raises(InvalidCurve, match=f"^{name}: "):
        Curve(**TWIN | change)


@pytest.mark.parametrize(
    "change", [{"p": REAL["p"] - 2}, {"b": 6}, {"n": REAL["n"] - 2}, {"gx": REAL["gy"]}, {"n": REAL["n"] * 3}]
)
def test_wrong_parameters_of_real_size_are_refused(change: dict[str, int]) -> None:
    """The checks work at 224 bits too."""
    with pytest.raises(InvalidCurve):
        Curve(**REAL | change)


def test_a_subgroup_is_refused() -> None:
    """A curve of composite order is refused, also where G has prime order: all of them over F₃₇ with a prime factor."""
    p = 37
    for b in range(1, p):
        affine = [(x, y) for x in range(p) for y in range(p) if (y * y - x**3 - b) % p == 0]
        order = len(affine) + 1
        factor = next((q for q in (43, 31, 13, 7, 19, 3) if order % q == 0 and order != q), None)
        if factor is not None:
            with pytest.raises(InvalidCurve):
                Curve(name="cofactor", p=p, b=b, n=factor, gx=affine[0][0], gy=affine[0][1])


def test_exactly_the_whole_groups_of_prime_order_are_curves() -> None:
    """Of all y² = x³ + b over small fields, G of prime order n makes a curve just where n is the order of the group,
    n > 4√p and n ≠ p; all other n are refused as such, subgroups of any size among them.
    """
    accepted = refused = 0
    for p in [p for p in range(5, 110) if all(p % q for q in range(2, p))]:
        roots: dict[int, list[int]] = {}
        for y in range(p):
            roots.setdefault(y * y % p, []).append(y)
        for b in range(1, min(p, 12)):
            affine = [(x, y) for x in range(p) for y in roots.get((x**3 + b) % p, [])]
            order = len(affine) + 1
            divisors = [m for m in range(1, order + 1) if order % m == 0]
            for n in [n for n in divisors if n > 2 and all(n % q for q in range(2, n))]:
                cofactors = [m for m in reversed(divisors) if m * n <= order]
                multiples = (affine_or_none(times(m, P, p), p) for m in cofactors for P in affine)
                G = next(G for G in multiples if G and not times(n, G, p)[2])
                parameters: dict[str, Any] = {"name": "small", "p": p, "b": b, "n": n, "gx": int(G[0]), "gy": int(G[1])}
                if n == order and n != p and n * n > 16 * p:
                    assert Curve(**parameters).n == n
                    accepted += 1
                else:
                    with pytest.raises(InvalidCurve, match=r"^n: a prime above 4√p"):
                        Curve(**parameters)
                    refused += 1
    assert accepted > 10
    assert refused > 100


@pytest.mark.parametrize(
    "change", [{"p": 13.0}, {"n": "19"}, {"b": None}, {"gx": True}, {"oid": 5}, {"name": 5}, {"hash": 7}], ids=str
)
def test_parameters_of_wrong_type_are_type_errors(change: dict[str, object]) -> None:
    """Floats, text, None and bools are no integers; a name is text."""
    with pytest.raises(TypeError):
        Curve(**TWIN | change)


def test_the_hash_of_a_curve() -> None:
    """None is SHA-224 on secp224k1 and SHA-256 on secp256k1; another curve must be told; an unknown name is refused."""
    assert SECP224K1.hash_name(None) == "sha224"
    assert SECP256K1.hash_name(None) == "sha256"
    assert SECP224K1.hash_name("SHA3-256") == "sha3_256"
    for curve, name in ((Curve(**TWIN), None), (SECP224K1, "md5"), (SECP224K1, "")):
        for name_of in (curve.hash_name, curve.hash_to_verify):
            with pytest.raises(UnknownHash):
                name_of(name)
    assert SECP224K1.hash_to_verify(None) == "sha224"
    assert SECP224K1.hash_to_verify("SHA-1") == "sha1"
    with pytest.raises(UnknownHash):
        SECP224K1.hash_name("SHA-1")
    with pytest.raises(UnknownHash):
        Curve(**TWIN, hash="sha1")


@pytest.mark.parametrize(
    "oid", ["", "5", "abc", "1.2.-5", "3.5.1", "1.40.3", " 1.2.3", "1_0.2.3", "1..2", "1.02", "1.2.\u0663"]
)
def test_invalid_object_identifiers_are_refused(oid: str) -> None:
    """Text that is no OID, or names an arc that cannot be, makes no curve; one that is, does."""
    assert Curve(**TWIN, oid="1.3.132.0.99").oid == "1.3.132.0.99"
    with pytest.raises(InvalidEncoding):
        Curve(**TWIN, oid=oid)


def test_anomalous_curves_are_refused() -> None:
    """n = p makes discrete logarithms easy (SEC 1 §3.1.1.2.1): y² = x³ + 5 over F₃₇ has 37 points."""
    x, y = next((x, y) for x in range(37) for y in range(37) if (y * y - x**3 - 5) % 37 == 0)
    with pytest.raises(InvalidCurve):
        Curve(name="anomalous", p=37, b=5, n=37, gx=x, gy=y)


def test_a_curve_of_wrong_type_is_a_type_error() -> None:
    """`curve=` takes a Curve, not its name, at every door."""
    name: Any = "secp224k1"
    for call in (
        lambda: Point(1, 1, curve=name),
        lambda: Point.from_bytes(b"", curve=name),
        lambda: PrivateKey.generate(curve=name),
        lambda: PrivateKey.from_int(1, curve=name),
        lambda: PrivateKey.from_bytes(bytes(29), curve=name),
        lambda: PrivateKey.from_der(b"", curve=name),
        lambda: PublicKey.from_der(b"", curve=name),
        lambda: PublicKey.recover(Signature(1, 1), b"d", curve=name),
        lambda: Signature(1, 1).low_s(curve=name),
        lambda: Signature(1, 1).to_p1363(curve=name),
        lambda: Signature.from_p1363(b"", curve=name),
    ):
        with pytest.raises(TypeError, match="a Curve was expected"):
            call()


def test_subclasses_of_int_become_ints() -> None:
    """An int of another type is taken for its value, and kept as a plain int."""

    class Number(int):
        def __mod__(self, _: int) -> int:
            return 3

    assert type(Signature(Number(5), Number(6)).r) is int
    assert Number(5) * SECP224K1.G == 5 * SECP224K1.G
    assert type(Curve(**TWIN | {"p": Number(13)}).p) is int
    assert PrivateKey.from_int(Number(5)) == PrivateKey.from_int(5)


def test_curves_are_equal_by_their_parameters() -> None:
    """Equality and hash see the parameters, not the name."""
    assert Curve(**REAL | {"name": "other"}) == SECP224K1
    assert hash(Curve(**REAL)) == hash(SECP224K1)
    assert SECP224K1 != SECP256K1
    assert SECP224K1 != "secp224k1"
    assert repr(SECP224K1) == "<Curve secp224k1>"


def test_points_off_the_curve_are_refused() -> None:
    """Coordinates off the curve, at p or above, negative, or of another curve make no Point."""
    x, y, p = SECP224K1.gx, SECP224K1.gy, SECP224K1.p
    for bad in ((x, y + 1), (x + 1, y), (x + p, y), (x, y + p), (-x, y), (x, y - p), (0, 0), (y, x)):
        with pytest.raises(InvalidPoint):
            Point(*bad)
    with pytest.raises(InvalidPoint):
        Point(SECP256K1.gx, SECP256K1.gy)
    twin = Curve(**TWIN)
    assert Point(12, 1, curve=twin) == -Point(12, 12, curve=twin)
    for small in ((-1, 1), (12, -1), (25, 1), (12, 14), (13, 4), (12, 13)):
        with pytest.raises(InvalidPoint):
            Point(*small, curve=twin)
    for wrong in ("1", 1.0, None, True):
        with pytest.raises(TypeError):
            Point(wrong, y)  # type: ignore[arg-type]


@pytest.mark.parametrize("curve", [SECP224K1, Curve(**TWIN), Curve(**EVEN)], ids=repr)
def test_points_are_written_and_read_in_both_forms(curve: Curve) -> None:
    """02 or 03 ‖ x and 04 ‖ x ‖ y, also where x and y have one octet each, or two (SEC 1 §2.3.3)."""
    length = (curve.p.bit_length() + 7) // 8
    for P in (k * curve.G for k in (1, 2, 5, -1, -5)):
        x, y = P.x.to_bytes(length, "big"), P.y.to_bytes(length, "big")
        for compressed, octets in ((True, bytes([2 + P.y % 2]) + x), (False, b"\x04" + x + y)):
            assert P.to_bytes(compressed=compressed) == octets
            assert Point.from_bytes(octets, curve=curve) == P


@pytest.mark.parametrize("curve", [SECP224K1, Curve(**TWIN), Curve(**EVEN)], ids=repr)
def test_refused_points_are_refused_for_what_they_are(curve: Curve) -> None:
    """Infinity and the hybrid form have words of their own; any other octets are told the two lengths."""
    length = (curve.p.bit_length() + 7) // 8
    x_y = curve.G.to_bytes(compressed=False)[1:]
    lengths = f"point: 02 or 03 and {length} octets, or 04 and {2 * length} octets, were expected"
    off = Point.from_bytes(b"\x04" + x_y, curve=curve).to_bytes(compressed=False)[:-1]
    refused = {
        "at infinity is refused": [b"\x00"],
        "the hybrid form": [b"\x06" + x_y, b"\x07" + x_y],
        "not on the curve": [off + bytes([x_y[-1] ^ 1])],
        "a coordinate is not below p": [
            b"\x02" + curve.p.to_bytes(length, "big"),
            b"\x04" + x_y[:length] + curve.p.to_bytes(length, "big"),
        ],
    }
    others = [
        b"",
        b"\x00\x00",
        b"\x00" + x_y,
        b"\x06",
        b"\x07" + x_y[1:],
        b"\x06" + x_y + b"\x00",
        b"\x06" + x_y[:length],
    ]
    others += [
        b"\x01" + x_y,
        b"\x05" + x_y,
        b"\x08" + x_y,
        b"\x02",
        b"\x03" + x_y,
        b"\x04",
        b"\x04" + x_y[1:],
        b"\x04\x00" + x_y,
    ]
    others += [b"\x02" + x_y[1:length], b"\x03" + x_y[: length + 1], b"\x04" + x_y[:length]]
    for words, encodings in (refused | {lengths: others}).items():
        for octets in encodings:
            with pytest.raises(InvalidEncoding) as refusal:
                Point.from_bytes(octets, curve=curve)
            assert words in str(refusal.value)


def test_infinity_has_no_coordinates_and_no_octets() -> None:
    """Infinity says so: x, y and to_bytes raise."""
    infinity = SECP224K1.infinity
    assert infinity.is_infinity
    assert not SECP224K1.G.is_infinity
    for name in ("x", "y"):
        with pytest.raises(InvalidPoint):
            getattr(infinity, name)
    with pytest.raises(InvalidEncoding):
        infinity.to_bytes()
    assert -infinity == infinity
    assert 5 * infinity == infinity
    assert repr(infinity) == "<Point infinity on secp224k1>"


def test_operators_refuse_what_is_no_point() -> None:
    """Adding a number, multiplying by a float, and mixing curves are errors, not results."""
    G: Any = SECP224K1.G
    wrong: list[Callable[[], object]] = [
        lambda: G + 1,
        lambda: G - 1,
        lambda: 1.5 * G,
        lambda: True * G,
        lambda: G * 2,
        lambda: G * G,
    ]
    for operation in wrong:
        with pytest.raises(TypeError):
            operation()
    with pytest.raises(InvalidPoint):
        SECP224K1.G + SECP256K1.G
    with pytest.raises(InvalidPoint):
        SECP224K1.infinity + SECP256K1.G
    assert SECP224K1.infinity != SECP256K1.infinity
    assert G != 1


def test_points_of_equal_curves_are_added() -> None:
    """What curve a point is on is said by the parameters, not by which object holds them."""
    G = Curve(**REAL).G
    assert G.curve is not SECP224K1
    assert G + SECP224K1.G == 2 * SECP224K1.G
    assert SECP224K1.G - G == SECP224K1.infinity


@pytest.mark.parametrize("curve", [SECP224K1, SECP256K1], ids=repr)
def test_the_published_curves_are_curves(curve: Curve) -> None:
    """They are made without the check that other curves are made with; they pass it, and are what it makes."""
    curve.check()
    names = ("name", "p", "b", "n", "gx", "gy", "oid", "hash")
    again = Curve(**{name: getattr(curve, name) for name in names})
    assert again == curve
    assert vars(again) == {name: vars(curve)[name] for name in vars(again)}
    assert {name: type(value) for name, value in vars(again).items()} == {
        name: type(vars(curve)[name]) for name in vars(again)
    }
    assert vars(again).keys() == {*names, "field", "order"}


@pytest.mark.parametrize(
    "change", [{"p": REAL["p"] - 2}, {"b": 6}, {"n": REAL["n"] - 2}, {"gx": REAL["gy"]}, {"oid": "1.02"}], ids=str
)
def test_the_check_of_a_published_curve_finds_a_wrong_parameter(change: dict[str, Any]) -> None:
    """Made with one that is wrong, the curve does not pass `check`."""
    names = ("name", "p", "b", "n", "gx", "gy", "oid", "hash")
    wrong = ecpure.curve._published(**{name: getattr(SECP224K1, name) for name in names} | change)
    with pytest.raises((InvalidCurve, InvalidEncoding)):
        wrong.check()


def test_the_published_curves_are_found_by_name() -> None:
    """There are two; any other name is a `KeyError`."""
    assert ecpure.curve.NAMES == ("secp224k1", "secp256k1")
    assert [ecpure.curve.named(name) for name in ecpure.curve.NAMES] == [SECP224K1, SECP256K1]
    assert ecpure.curve.named("secp224k1") is SECP224K1
    assert ecpure.curve.named("secp256k1") is SECP256K1
    for name in ("secp224r1", "SECP224K1", ""):
        with pytest.raises(KeyError):
            ecpure.curve.named(name)


def test_the_module_has_no_other_curve() -> None:
    """What is asked for by another name is not there, and is said to be missing."""
    for name in ("P256", "SECP256K2"):
        with pytest.raises(AttributeError, match=name):
            getattr(ecpure.curve, name)


def test_values_are_immutable_hashable_and_shown() -> None:
    """No attribute can be set, added or deleted; equal points have equal hashes; the repr has the coordinates."""
    G: Any = SECP224K1.G
    for name in ("x", "affine", "curve", "anything"):
        with pytest.raises(AttributeError):
            setattr(G, name, 1)
    with pytest.raises(AttributeError):
        del G.curve
    with pytest.raises(AttributeError):
        SECP224K1.p = 5
    assert hash(2 * G) == hash(G + G)
    assert repr(G) == f"<Point x={SECP224K1.gx:#x} y={SECP224K1.gy:#x} on secp224k1>"


def test_multiples_take_any_int() -> None:
    """k may be negative, 0, n, or far above n."""
    G, n = SECP224K1.G, SECP224K1.n
    P = 7 * G
    assert -3 * P == -(3 * P) == (n - 3) * P
    assert 0 * P == n * P == SECP224K1.infinity
    assert (n * 10**30 + 2) * P == P + P


@pytest.mark.parametrize(
    "value", [SECP224K1, SECP256K1, Curve(**TWIN), SECP224K1.G, 5 * SECP256K1.G, SECP224K1.infinity]
)
def test_values_are_copied_and_pickled(value: object) -> None:
    """A copy is the object itself; a pickle gives an equal one, and the package's curves are their own selves."""
    assert copy.copy(value) is value
    assert copy.deepcopy(value) is value
    assert pickle.loads(pickle.dumps(value)) == value
    if value in (SECP224K1, SECP256K1):
        assert pickle.loads(pickle.dumps(value)) is value


@pytest.mark.parametrize("ours", [SECP224K1, SECP256K1])
def test_a_pickled_curve_keeps_its_name_and_hash(ours: Curve) -> None:
    """One that is equal to ours is not taken for it: its hash may be another."""
    parameters = {name: getattr(ours, name) for name in REAL}
    other = pickle.loads(pickle.dumps(Curve(**parameters | {"name": "other", "hash": "sha512"})))
    assert other == ours
    assert (other.name, other.hash, other.oid) == ("other", "sha512", None)
