"""Multiples of points, encodings of points, square roots mod p, and recovered public keys."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import offcurve
import reference
from files import File, Note, Test
from reference import G, N, P, Point, compressed, lift, multiply, negative, on_curve, square_root, uncompressed

LAMBDA = next(r for r in (pow(g, (N - 1) // 3, N) for g in range(2, 50)) if r != 1)
_SECP256K1_G = (
    "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
    "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
)
_P224_G = (
    "04b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34"
)


def number(label: str, below: int = N) -> int:
    """Return a number from [1, below − 1] that looks random, the same every time."""
    return 1 + int.from_bytes(hashlib.shake_256(label.encode("ascii")).digest(64), "big") % (below - 1)


def _small_x() -> list[tuple[int, int]]:
    """Return the points of the five smallest x, and of the three largest."""
    small = [point for x in range(1, 40) if (point := lift(x))]
    large = [point for x in range(P - 1, P - 40, -1) if (point := lift(x))]
    return small[:5] + large[:3]


def _scalars() -> dict[str, int]:
    scalars = {f"{k}": k for k in range(17)} | {f"n {step:+d}": N + step for step in range(-16, 4)}
    scalars |= {"2n - 1": 2 * N - 1, "2n": 2 * N, "2^232 - 1": 2**232 - 1}
    for bit in (*range(4, 225, 12), 112, 113, 223, 224, 225):
        scalars |= {f"2^{bit} {step:+d}": 2**bit + step for step in (-1, 0, 1)}
    for octet in (0x01, 0x0F, 0x10, 0x55, 0x7F, 0x80, 0x81, 0xAA, 0xF0, 0xFE):
        scalars[f"octets {octet:02x}"] = int.from_bytes(bytes([octet]) * 28, "big")
    for width in (4, 5, 6, 7, 8, 10):
        scalars[f"digits of {width} bits, each 2^{width - 1}"] = sum(
            1 << width * i + width - 1 for i in range(224 // width)
        )
    for step in (-1, 0, 1):
        scalars |= {f"lambda {step:+d}": LAMBDA + step, f"n - lambda {step:+d}": N - LAMBDA + step}
    for k1 in (-3, -1, 0, 1, 2**111):
        for k2 in (-2, -1, 1, 2**111):
            scalars[f"{k1} + {k2} lambda"] = (k1 + k2 * LAMBDA) % N
    scalars |= {"(n - 1)/2": (N - 1) // 2, "(n + 1)/2": (N + 1) // 2}
    return scalars


def _multiplied(name: str, Q: Point, k: int, flag: str, what: str) -> Test:
    test: Test = {"comment": f"{what} times {name}", "flags": [flag], "point": uncompressed(Q).hex()}
    test["scalar"] = k.to_bytes(29, "big").hex()
    if not on_curve(Q):
        return test | {"result": "invalid"}
    return test | {"product": uncompressed(multiply(k, Q)).hex(), "result": "valid"}


def _multiply_tests() -> Iterator[Test]:
    Q = multiply(number("a point"))
    for what, k in _scalars().items():
        for name, point in (("G", G), ("a point", Q)):
            yield _multiplied(name, point, k, "AboveN" if k >= N else "Structured", what)
    special = {"-G": negative(G), "2G": multiply(2), "lambda G": multiply(LAMBDA), "-lambda G": multiply(N - LAMBDA)}
    special |= {f"the point of x = {point[0]:#x}": point for point in _small_x()}
    for name, special_point in special.items():
        for what, k in (("2", 2), ("n - 1", N - 1), ("lambda", LAMBDA), ("a number", number(name))):
            yield _multiplied(name, special_point, k, "SpecialPoint", what)
    for place in range(30):
        k = number(f"k{place}")
        yield _multiplied("G", G, k, "Random", "a number")
        yield _multiplied("a point", multiply(number(f"p{place}")), k, "Random", "a number")
    yield from _multiplied_off_the_curve()
    for octet in range(1, 256, 2):
        name, point = (("G", G), ("a point", Q))[octet >> 1 & 1]
        k = int.from_bytes(bytes([octet]) * 28, "big")
        yield _multiplied(name, point, k, "Structured", f"octets {octet:02x}")


def _multiplied_off_the_curve() -> Iterator[Test]:
    others = {f"a point off the curve, {i}": other for i, (_, other, *_) in enumerate(offcurve.sums())}
    for name, off in others.items():
        for what, k in (("1", 1), ("a number", number(name))):
            yield _multiplied(name, off, k, "OffCurve", what)
    for comment, special_point, unreduced in offcurve.not_reduced():
        yield _multiplied(f"the point of {comment}", special_point, number(comment), "SpecialPoint", "a number")
        yield _multiplied(
            f"the point of {comment}, p added to it", unreduced, number(comment), "NotReduced", "a number"
        )


_TWIST = "Computing with a point off the curve tells the private key, piece by piece."
_MULTIPLY = {
    "Structured": Note(
        "EDGE_CASE", "A scalar that meets an end of the range, of a window, or of the halves by lambda."
    ),
    "AboveN": Note("EDGE_CASE", "A scalar of n or above; k and k mod n give one point."),
    "SpecialPoint": Note("EDGE_CASE", "A point beside G, or of an x at an end of the field."),
    "Random": Note("BASIC", "Scalar and point without structure."),
    "OffCurve": Note(
        "MISSING_STEP", "A point of another curve, y^2 = x^3 + b', which the formulas do not tell.", _TWIST
    ),
    "NotReduced": Note("MALLEABILITY", "A coordinate of p or above that is right mod p."),
}


def _point_tests() -> Iterator[Test]:  # noqa: C901  # a list of cases, no logic
    valid = {"G": G, "-G": negative(G), "lambda G": multiply(LAMBDA)} | {f"{k} G": multiply(k) for k in (2, 3, N // 2)}
    valid |= {f"x = {point[0]:#x}": point for small in _small_x() for point in (small, negative(small)) if point}
    valid |= {f"a point {place}": multiply(number(f"encode {place}")) for place in range(8)}
    for small in offcurve.small_ys():
        valid |= {f"y = {small[1]:#x}": small, f"y = p - {small[1]:#x}": negative(small)} if small else {}
    for name, Q in valid.items():
        for form, octets in (("compressed", compressed(Q)), ("uncompressed", uncompressed(Q))):
            yield _decoded(octets, Q, "Ordinary", f"{name}, {form}")
    short, long = compressed(G), uncompressed(G)
    for form, octets in (("compressed", short), ("uncompressed", long)):
        for tag in (
            *range(0x18),
            0x22,
            0x23,
            0x24,
            0x30,
            0x32,
            0x33,
            0x42,
            0x43,
            0x44,
            *range(0x80, 0x88),
            0xC4,
            0xFD,
            0xFF,
        ):
            if tag != octets[0] and (form, tag) != ("compressed", 5 - octets[0]):
                yield _decoded(bytes([tag]) + octets[1:], None, "WrongTag", f"{form}, with the tag {tag:02x}")
        for cut in (1, 2, len(octets) // 2, len(octets) - 1, len(octets)):
            yield _decoded(octets[:-cut], None, "WrongLength", f"{form}, without its last {cut} octets")
            yield _decoded(octets[cut:], None, "WrongLength", f"{form}, without its first {cut} octets")
        for more in (b"\x00", b"\x00\x00", b"\xff", octets):
            yield _decoded(octets + more, None, "WrongLength", f"{form}, with {len(more)} octets after it")
            yield _decoded(more + octets, None, "WrongLength", f"{form}, with {len(more)} octets before it")
        yield _decoded(octets.hex().encode("ascii"), None, "WrongLength", f"{form}, as text in hex")
    for x in (0, *(x for x in range(1, 30) if lift(x) is None), P - 1 if lift(P - 1) is None else 0):
        for tag in (2, 3):
            yield _decoded(bytes([tag]) + x.to_bytes(28, "big"), None, "NotOnCurve", f"x = {x:#x} is of no point")
    for x in (P, P + 1, *(P + small[0] for small in _small_x() if small[0] < 100), 2**224 - 1):
        for tag in (2, 3):
            yield _decoded(bytes([tag]) + x.to_bytes(28, "big"), None, "NotReduced", f"x = p + {x - P}")
    yield from _wrong_y_tests()


def _wrong_y_tests() -> Iterator[Test]:
    x, y = G
    others = {
        "y + 1": (x, y + 1),
        "y - 1": (x, y - 1),
        "x and y swapped": (y, x),
        "0, 0": (0, 0),
        "x, 0": (x, 0),
        "0, y": (0, y),
    }
    others |= {f"bit {bit} of y flipped": (x, y ^ 1 << bit) for bit in (0, 7, 100, 223)}
    others |= {f"bit {bit} of x flipped": (x ^ 1 << bit, y) for bit in (0, 7, 100, 223)}
    twist = next(x for x in range(2, 100) if lift(x) is None)
    others["a point of the twist"] = (twist, pow(twist**3 + 5, (P + 1) // 2, P))
    for name, (a, b) in others.items():
        yield _decoded(
            b"\x04" + a.to_bytes(28, "big") + b.to_bytes(28, "big"), None, "NotOnCurve", f"uncompressed, {name}"
        )
    for small in _small_x():
        if small[0] < 100:
            octets = (small[0] + P).to_bytes(28, "big") + small[1].to_bytes(28, "big")
            yield _decoded(b"\x04" + octets, None, "NotReduced", f"uncompressed, x = {small[0]} + p")
    for comment, _, other in offcurve.not_reduced():
        yield _decoded(uncompressed(other), None, "NotReduced", f"uncompressed, {comment}, p added to it")
    for small in _small_x():
        if small[0] < 100:
            for tag in (2, 3):
                unreduced = bytes([tag]) + (small[0] + P).to_bytes(28, "big")
                yield _decoded(unreduced, None, "NotReduced", f"compressed {tag:02x}, x = {small[0]} + p")
    for i, (_, Q, *_) in enumerate(offcurve.sums()):
        yield _decoded(uncompressed(Q), None, "NotOnCurve", f"uncompressed, on another curve, {i}")
    yield _decoded(b"\x00", None, "Infinity", "infinity")
    yield _decoded(b"\x00" + bytes(28), None, "Infinity", "infinity, filled up to 29 octets")
    yield _decoded(b"\x00" + bytes(56), None, "Infinity", "infinity, filled up to 57 octets")
    yield _decoded(bytes.fromhex(_SECP256K1_G), None, "OtherCurve", "the base point of secp256k1")
    yield _decoded(bytes.fromhex(_P224_G), None, "OtherCurve", "the base point of P-224")
    for d in (1, N - 1, number("a private key")):
        yield _decoded(d.to_bytes(29, "big"), None, "PrivateKey", "29 octets of a private key")


def _decoded(octets: bytes, Q: Point, flag: str, comment: str) -> Test:
    test: Test = {"comment": comment, "flags": [flag], "encoded": octets.hex()}
    return test | ({"point": uncompressed(Q).hex(), "result": "valid"} if Q else {"result": "invalid"})


_POINT = {
    "Ordinary": Note("BASIC", "A point of the curve in one of its two encodings (SEC 1 section 2.3.3)."),
    "WrongTag": Note("MALLEABILITY", "Another first octet than 02, 03 or 04, or one that does not go with the length."),
    "WrongLength": Note("CAN_OF_WORMS", "Octets are missing, or there are too many."),
    "NotOnCurve": Note("MISSING_STEP", "Coordinates of no point of the curve, some of them of its weak twist.", _TWIST),
    "NotReduced": Note("MALLEABILITY", "A coordinate of p or above that is right mod p."),
    "Infinity": Note("AUTH_BYPASS", "The point at infinity, which is no public key."),
    "OtherCurve": Note("MISSING_STEP", "A point of another curve.", _TWIST),
    "PrivateKey": Note("KEY_LEAK", "A private key, which has as many octets as a compressed point."),
}


def _root_tests() -> Iterator[Test]:
    values = {f"{a}": a for a in range(40)} | {f"p - {a}": P - a for a in range(1, 25)}
    values |= {
        f"the square of {name}": a * a % P for name, a in (("p - 2", P - 2), ("2^112", 2**112), ("p / 3", P // 3))
    }
    for place in range(15):
        x = number(f"root {place}", P)
        values |= {f"a square {place}": x * x % P, f"a fourth power {place}": pow(x, 4, P), f"a number {place}": x}
    values |= {f"x^3 + 5 for x = {point[0]:#x}": (point[0] ** 3 + 5) % P for point in _small_x()}
    for name, a in values.items():
        root = square_root(a)
        kind = "NoSquare" if root is None else "FourthPower" if pow(a, (P - 1) // 4, P) in (0, 1) else "Square"
        test: Test = {"comment": name, "flags": [kind], "value": a.to_bytes(28, "big").hex()}
        yield test | (
            {"result": "invalid"} if root is None else {"root": root.to_bytes(28, "big").hex(), "result": "valid"}
        )


_ROOT = {
    "Square": Note("BASIC", "A square that is no fourth power: with p = 5 mod 8 the method takes one of its two ways."),
    "FourthPower": Note("BASIC", "A fourth power, or 0: the method takes the other of its two ways."),
    "NoSquare": Note("MISSING_STEP", "A number without a root.", "A point off the curve, taken for one on it."),
}


def _recover_tests(sha: str) -> Iterator[Test]:
    for place in range(8):
        d, k, message = number(f"d{place}"), number(f"k{place}"), b"message %d" % place
        e = reference.bits2int(reference.digest(sha, message))
        yield _recovered(sha, message, *reference.sign_with(d, e, k), "Ordinary", "a signature")
    for x in range(1, 30):
        yield _recovered(sha, b"m", x, number(f"s{x}"), "SmallR", f"r = {x}")
    for name, r in (
        ("p - 1", P - 1),
        ("p", P),
        ("p + 1", P + 1),
        ("p + a small x", P + _small_x()[0][0]),
        ("n - 1", N - 1),
    ):
        yield _recovered(sha, b"m", r, 5, "RFromPOn", f"r = {name}")
    r, s = reference.x_of(multiply(number("range"))), number("range, s")  # of which there are keys
    for name, pair in {
        "r = 0": (0, s),
        "s = 0": (r, 0),
        "r = n": (N, s),
        "s = n": (r, N),
        "r + n": (r + N, s),
        "s + n": (r, s + N),
        "r + n, s + n": (r + N, s + N),
        "r + 2n": (r + 2 * N, s),
        "s + 2n": (r, s + 2 * N),
        "r + 2^224": (r + 2**224, s),
        "r + 2^225": (r + 2**225, s),
        "s + 2^225": (r, s + 2**225),
        "r + 2^231": (r + 2**231, s),
        "s + 2^231": (r, s + 2**231),
        "r + p": (r + P, s),
        "r + 2p": (r + 2 * P, s),
    }.items():
        if not 1 <= pair[0] < N or not 1 <= pair[1] < N:
            yield _recovered(sha, b"m", *pair, "Range", name)
    yield _recovered(sha, b"m", r, s, "Ordinary", "a signature, whose ranges are left elsewhere")
    whole = reference.p1363(r, s)
    for octets in (whole[:-1], whole[1:], whole + b"\0", b"\0" + whole, b"\x1b" + whole, whole[1:29] + whole[30:], b""):
        test = _recovered(
            sha, b"m", 0, 0, "WrongLength", f"a signature of {len(octets)} octets, {octets[:1].hex()} first"
        )
        yield test | {"sig": octets.hex()}
    e = reference.bits2int(reference.digest(sha, b"one"))
    for k in (7, number("one key")):
        r, s = reference.x_of(multiply(k)), reference.inverse(k, N) * e % N
        yield _recovered(sha, b"one", r, s, "OneKey", "s = e/k: one of the two keys would be infinity")
    s = 2**224 + 12345
    r = reference.x_of(multiply(99))
    yield _recovered(sha, b"long", r, s, "LongS", "s of 225 bits")


def _recovered(sha: str, message: bytes, r: int, s: int, flag: str, comment: str) -> Test:
    e = reference.bits2int(reference.digest(sha, message))
    return _keys({"comment": comment, "flags": [flag], "msg": message.hex()}, e, r, s)


def _recover_digest_tests() -> Iterator[Test]:
    def test(octets: bytes, r: int, s: int, flag: str, comment: str) -> Test:
        e = reference.bits2int(octets)
        return _keys({"comment": comment, "flags": [flag], "digest": octets.hex()}, e, r, s)

    for size in range(1, 71):
        octets = hashlib.shake_256(b"digest %d" % size).digest(size)
        r, s = reference.sign_with(number(f"d {size}"), reference.bits2int(octets), number(f"k {size}"))
        yield test(octets, r, s, "DigestLength", f"a digest of {size} octets")
    special = {"0": 0, "1": 1, "n - 1": N - 1, "n": N, "n + 1": N + 1, "2^224": 2**224, "2^225 - 1": 2**225 - 1}
    for name, e in special.items():
        for octets in ((e << 31).to_bytes(32, "big"), (e << 7 | 5).to_bytes(29, "big")):
            r, s = reference.sign_with(number(f"d {name}"), e, number(f"k {name}"))
            yield test(octets, r, s, "SpecialDigest", f"e = {name}, {len(octets)} octets")
    r, s = reference.x_of(multiply(number("k beside 0"))), number("s beside 0")
    for size in (1, 28, 29, 32, 64):
        yield test(bytes(size), r, s, "SpecialDigest", f"{size} octets 00: the keys are +-s/r R")
    for k in (1, 2, N - 1, number("one key")):
        e = number(f"e beside {k}")
        r = reference.x_of(multiply(k))
        s = reference.inverse(k, N) * e % N
        yield test((e << 31).to_bytes(32, "big"), r, s, "OneKey", "s = e/k: one of the two keys would be infinity")
    for name, pair in {"r + n": (r + N, s), "s + n": (r, s + N), "r = 0": (0, s), "s = 0": (r, 0)}.items():
        yield test(b"\1" * 28, *pair, "Range", name)


def _keys(test: Test, e: int, r: int, s: int) -> Test:
    """Return the test with its signature, and every key that it verifies under."""
    test |= {"sig": reference.p1363(r, s).hex()}
    R = lift(r) if 1 <= r < P and 1 <= s < N else None
    keys = []
    for point in (R, negative(R)) if R else ():
        scaled = reference.add(multiply(s, point), multiply(-e))
        Q = multiply(reference.inverse(r, N), scaled) if scaled else None
        if Q and reference.verifies(Q, e, r, s):
            keys.append(uncompressed(Q).hex())
    return test | ({"publicKeys": sorted(keys), "result": "valid"} if keys else {"result": "invalid"})


_RECOVER = {
    "Ordinary": Note("BASIC", "Both keys under which a signature holds (SEC 1 section 4.1.6)."),
    "SmallR": Note("EDGE_CASE", "A small r, which is the x of a point or of none."),
    "RFromPOn": Note("MISSING_STEP", "r about p, where every r of p or above has no point: n is above p here."),
    "Range": Note("MISSING_STEP", "r or s outside of [1, n - 1]."),
    "WrongLength": Note("CAN_OF_WORMS", "r and s of other lengths than 29 octets each."),
    "OneKey": Note("EDGE_CASE", "Only one key is found: the other computation leads to infinity."),
    "LongS": Note("EDGE_CASE", "s needs 225 bits."),
}


_RECOVER_DIGEST = {
    "DigestLength": Note("EDGE_CASE", "Digests of 1 octet and more, of which the leftmost 225 bits count."),
    "SpecialDigest": Note("EDGE_CASE", "e of 0, about n and the powers of two."),
    "OneKey": _RECOVER["OneKey"],
    "Range": _RECOVER["Range"],
}


def files() -> list[File]:
    """Return the five files."""
    curve = {"curve": "secp224k1"}
    recover = [
        {"type": "EcdsaRecover", **curve, "sha": sha, "tests": list(_recover_tests(sha))}
        for sha in ("SHA-224", "SHA-256", "SHA-512")
    ]
    by_digest = [{"type": "EcdsaRecoverDigest", **curve, "tests": list(_recover_digest_tests())}]
    plain = [
        ("secp224k1_multiply_test.json", "EcMultiply", "multiply", _MULTIPLY, _multiply_tests(), "scalar times point"),
        (
            "secp224k1_point_test.json",
            "EcPointDecode",
            "point",
            _POINT,
            _point_tests(),
            "encodings of points, and of none",
        ),
        (
            "secp224k1_square_root_test.json",
            "EcSquareRoot",
            "square_root",
            _ROOT,
            _root_tests(),
            "the even square root mod p",
        ),
    ]
    made = [
        File(
            name,
            "EC",
            f"ecpure_{schema}_schema_v1.json",
            [header],
            notes,
            [{"type": kind, **curve, "tests": list(tests)}],
        )
        for name, kind, schema, notes, tests, header in plain
    ]
    header = ["Every public key under which a signature holds."]
    return [
        *made,
        File("ecdsa_secp224k1_recover_test.json", "ECDSA", "ecpure_recover_schema_v1.json", header, _RECOVER, recover),
        File(
            "ecdsa_secp224k1_recover_digest_test.json",
            "ECDSA",
            "ecpure_recover_digest_schema_v1.json",
            ["Every public key under which a signature of a digest holds."],
            _RECOVER_DIGEST,
            by_digest,
        ),
    ]
