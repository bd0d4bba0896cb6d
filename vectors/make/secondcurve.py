"""secp256k1, for programs that have it as well: what goes wrong where a request's curve is passed over or half heeded.

A few cases for each operation that names a curve. Programs without secp256k1 answer "unsupported".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import count
from typing import NamedTuple

import reference
from batches import Item, batch
from containers import pem, pkcs8, sec1
from files import File, Group, Note, Test
from pairs import Messages, Pair
from reference import (
    ID_EC_PUBLIC_KEY,
    SECP224K1,
    Point,
    add,
    bits2int,
    compressed,
    der,
    inverse,
    lift,
    multiply,
    negative,
    on_curve,
    p1363,
    sign_with,
    spki,
    uncompressed,
    x_of,
)
from reference import SECP256K1 as CURVE
from verification import der_pair, key_of

P, N, G = CURVE.p, CURVE.n, CURVE.G
OF = Messages("SHA-256", CURVE)

_WRONG_CURVE = "What is computed on the wrong curve is refused by everybody else, or may tell the key."
_NOTES = {
    "Ordinary": Note("BASIC", "What anyone would ask for on secp256k1. A program that computes on secp224k1 fails."),
    "OtherHalf": Note("BASIC", "n - s in place of s, n being secp256k1's. It holds as well."),
    "Altered": Note("AUTH_BYPASS", "A signature that held before s or the digest was altered."),
    "OtherCurve": Note(
        "MISSING_STEP",
        "What is right on secp224k1, in a request about secp256k1: a key of 57 octets, a signature over the right "
        "message, a point, a key file.",
        _WRONG_CURVE,
    ),
    "OtherLength": Note(
        "CAN_OF_WORMS",
        "The right numbers in other lengths than 32 octets each, 28 and 29 among them, which are secp224k1's.",
        _WRONG_CURVE,
    ),
    "OtherOrder": Note(
        "EDGE_CASE",
        "Numbers about the order and the field of secp224k1, which are nothing special on secp256k1.",
        _WRONG_CURVE,
    ),
    "XAboveN": Note(
        "EDGE_CASE",
        "Here n is below p, the other way round than on secp224k1: R has an x of n or above, and r is x - n. r itself "
        "must be below n.",
        "Chance shows such an R once in 2^127 signatures: a program that was never tried refuses it.",
    ),
    "Range": Note("MISSING_STEP", "r or s outside of [1, n - 1]."),
    "Boundary": Note("EDGE_CASE", "A number at an end of its range."),
    "DigestLength": Note(
        "EDGE_CASE",
        "Of a digest the leftmost 256 bits count, for n has 256: not 225, and a shorter one is not shifted.",
    ),
    "OffCurve": Note(
        "MISSING_STEP",
        "A point off the curve, among them those of y^2 = x^3 + 5 over secp256k1's field: its b is 7.",
        "Whoever accepts such a key may accept signatures that nobody made, or tell the own key.",
    ),
    "LowS": Note("BASIC", "s is at most n/2, as is asked for; n is secp256k1's."),
    "HighS": Note("MALLEABILITY", "s is above n/2, though the lower of s and n - s is asked for."),
    "ExtraEntropy": Note("BASIC", "Additional data, RFC 6979 section 3.6."),
    "NotReduced": Note("MALLEABILITY", "A coordinate of p or above that is right mod p."),
    "NotOnCurve": Note("MISSING_STEP", "An x of no point of the curve."),
    "Infinity": Note("EDGE_CASE", "A multiple of n, by which the product is infinity."),
    "Square": Note(
        "BASIC", "A square mod p. Here p = 3 mod 4; the way for secp224k1's p, which is 5 mod 8, finds no root."
    ),
    "NoSquare": Note("MISSING_STEP", "A number without a root mod p."),
    "FourKeys": Note(
        "EDGE_CASE", "r + n is below p, and an x as well: it has keys too. On secp224k1, where n is above p, none has."
    ),
    "OutOfRange": Note("MISSING_STEP", "A private key of 0, or of n or above."),
    "ShortKey": Note("LEGACY", "A private key without its octets 00 in front; there is one number that it can be."),
    "Mismatch": Note("MISSING_STEP", "The public key beside the private one belongs to another."),
    "OneBad": Note("MISSING_STEP", "One item that does not hold, or is of the other curve, among others that hold."),
}


def _octets(label: str, length: int = 32) -> bytes:
    """Return octets that look random, the same every time."""
    return hashlib.shake_256(f"secp256k1 {label}".encode("ascii")).digest(length)


def _number(label: str) -> int:
    """Return a number from [1, n − 1] that looks random, the same every time."""
    return 1 + int.from_bytes(_octets(label, 64), "big") % (N - 1)


def _times(k: int, R: Point = G) -> Point:
    return multiply(k, R, CURVE)


def _first_point(x: int) -> Point:
    """Return the point of even y whose x is the next at or above this one."""
    return next(R for i in count(x) if (R := lift(i, CURVE)) is not None)


def _other_point(label: str) -> Point:
    """Return a point of y² = x³ + 5 over this field: that of the other curve's b."""
    start = _number(label)
    return next(R for i in count(start) if (R := lift(i, CURVE._replace(b=SECP224K1.b))) is not None)


# What several operations are asked with: an R whose x is above n, and one whose r may be two x.
_X_ABOVE_N = _first_point(N + 1)  # n itself is an x, of r = 0
_TWO_XS = next(x for x in count(1) if lift(x, CURVE) and lift(x + N, CURVE))
_D = _number("a key")
_Q = uncompressed(_times(_D), CURVE)
_D_OF_BOTH = 1 + int.from_bytes(_octets("a key of both", 28), "big")
"""A private key that is one on either curve."""
_FOREIGN = uncompressed(multiply(_D_OF_BOTH))
_DIGEST = _octets("a digest")


class Signed(NamedTuple):
    """A signature to be verified: the key in octets, what was signed, r and s; and whether it holds."""

    flag: str
    comment: str
    key: bytes
    text: bytes
    r: int
    s: int
    valid: bool

    @classmethod
    def of(cls, pair: Pair) -> Signed:
        """Return a pair of this curve."""
        return cls(pair.flag, pair.comment, uncompressed(pair.Q, CURVE), *pair[3:])


def _ordinary(of: Messages, label: str) -> Signed:
    return Signed.of(of.signed("Ordinary", f"ordinary signature, {label}", _number(label), _octets(label, 20)))


def _signatures() -> Iterator[Signed]:
    """Yield signatures of messages under SHA-256."""
    first, second = _ordinary(OF, "one key"), _ordinary(OF, "another key")
    yield from (first, second)
    yield first._replace(flag="OtherHalf", comment="n - s for s", s=N - first.s)
    yield first._replace(flag="Altered", comment="s + 2 for s", s=first.s + 2, valid=False)
    for name, R, s in (
        ("s = n of secp224k1", _times(_number("R")), SECP224K1.n),
        ("r about n of secp224k1", _first_point(SECP224K1.n), _number("s")),
    ):
        yield Signed.of(OF.solved("OtherOrder", name, R, s))
    yield Signed.of(OF.solved("Boundary", "s = n - 1", _times(_number("s = n - 1")), N - 1))
    above = Signed.of(OF.solved("XAboveN", "r = x_R - n", _X_ABOVE_N, _number("above")))
    yield above
    yield above._replace(comment="r = x_R, which is above n", r=above.r + N, valid=False)
    yield Signed.of(OF.solved("XAboveN", "r = x_R, and r + n is an x as well", lift(_TWO_XS, CURVE), _number("two")))
    yield first._replace(flag="Range", comment="r = n", r=N, valid=False)
    yield first._replace(flag="Range", comment="s = n", s=N, valid=False)
    one = Signed.of(OF.solved("Range", "s + n for s = 1", _times(_number("s + n")), 1))
    yield one._replace(s=1 + N, valid=False)
    yield from _of_the_other_curve()
    yield _off_the_curve()


def _of_the_other_curve() -> Iterator[Signed]:
    """Yield signatures that hold on secp224k1, under its key in 57 octets and in 65, and under the same d on this."""
    pair = Messages("SHA-256").signed("OtherCurve", "", _D_OF_BOTH, b"a message")
    keys = {
        "a key of secp224k1 and its signature": _FOREIGN,
        "a key of secp224k1, filled up to 65 octets, and its signature": uncompressed(pair.Q, CURVE),
        "a signature made on secp224k1": uncompressed(_times(_D_OF_BOTH), CURVE),
    }
    for comment, key in keys.items():
        yield Signed("OtherCurve", comment, key, pair.text, pair.r, pair.s, valid=False)
    here = OF.signed("OtherCurve", "", _D_OF_BOTH, b"a message")
    comment = "a key of secp224k1, and the signature by the same d on secp256k1"
    yield Signed("OtherCurve", comment, _FOREIGN, here.text, here.r, here.s, valid=False)


def _off_the_curve() -> Signed:
    """Return a key T off the curve, u1 and u2 being 1: G + T, by formulas that do not know b, has the x that is r."""
    text = b"off the curve"
    e = OF.e(text)
    for slope in count(2):
        x = (slope * slope - e - G[0]) % P
        T = x, (G[1] + slope * (x - G[0])) % P
        if not on_curve(T, CURVE) and x_of(add(G, T, CURVE)) == e < N:
            return Signed("OffCurve", "a key off the curve", uncompressed(T, CURVE), text, e, e, valid=False)
    raise AssertionError


def _long_digests() -> Iterator[Signed]:
    """Yield signatures under SHA-512, of which the leftmost 256 bits count."""
    of = Messages("SHA-512", CURVE)
    good = _ordinary(of, "SHA-512")
    yield good._replace(flag="DigestLength", comment="SHA-512")
    cut = reference.bits2int(reference.digest("SHA-512", good.text))
    r, s = sign_with(_number("SHA-512"), cut, _number("cut"), CURVE)
    yield good._replace(flag="DigestLength", comment="SHA-512, for its leftmost 225 bits", r=r, s=s, valid=False)


def _low_s() -> Iterator[Signed]:
    made = [_ordinary(OF, "low s"), Signed.of(OF.solved("LowS", "s = (n - 1)/2", _times(_number("half")), N // 2))]
    for one in made:
        low = min(one.s, N - one.s)
        yield one._replace(flag="LowS", comment=f"{one.comment}, s at most n/2", s=low)
        yield one._replace(flag="HighS", comment=f"{one.comment}, s above n/2", s=N - low, valid=False)
    above = Signed.of(OF.solved("XAboveN", "r = x_R - n, low s", _X_ABOVE_N, N // 3))
    yield above
    yield above._replace(comment="r = x_R, which is above n, low s", r=above.r + N, valid=False)


def _grouped(kind: str, sha: str, tests: Iterable[tuple[bytes, Test]]) -> list[Group]:
    """Return the tests in groups by their keys."""
    by_key: dict[bytes, list[Test]] = {}
    for key, test in tests:
        by_key.setdefault(key, []).append(test)
    named = {"sha": sha} if sha else {}
    return [{"type": kind, **key_of(key, CURVE), **named, "tests": made} for key, made in by_key.items()]


def _in_der(of: Messages, cases: Iterable[Signed], largest: int = N) -> Iterator[tuple[bytes, Test]]:
    for one in cases:
        octets = der(one.r, one.s)
        fits = der_pair(octets) == (one.r, one.s) and one.s <= largest and max(one.r, one.s) < N
        holds = fits and Item(one.key, one.text, p1363(one.r, one.s, CURVE)).holds(of)
        yield one.key, _judged(one, "msg", octets, holds=holds)


def _in_p1363(of: Messages, cases: Iterable[Signed]) -> Iterator[tuple[bytes, Test]]:
    for one in cases:
        lengths = SECP224K1 if one.key == _FOREIGN and one.r < SECP224K1.n else CURVE  # as it would come from there
        octets = p1363(one.r, one.s, lengths)
        yield one.key, _judged(one, "msg", octets, holds=Item(one.key, one.text, octets).holds(of))


def _other_lengths() -> Iterator[tuple[bytes, Test]]:
    """Yield a signature of small r and s at 32 octets each, and at other lengths."""
    good = Signed.of(OF.solved("OtherLength", "r and s at 32 octets each", _first_point(1 << 200), 1 << 100))
    for octets in (32, 29, 28, 33):
        signature = b"".join(number.to_bytes(octets, "big") for number in (good.r, good.s))
        one = good._replace(comment=f"r and s at {octets} octets each", valid=octets == 32)
        yield one.key, _judged(one, "msg", signature, holds=Item(one.key, one.text, signature).holds(OF))


def _judged(one: Signed, signed: str, octets: bytes, *, holds: bool) -> Test:
    """Return the test. Raises `ValueError` where the definitions' result is not what the case claims."""
    if holds != one.valid:
        raise ValueError(f"{one.comment}: not {one.valid}")
    result = "valid" if holds else "invalid"
    return {
        "comment": one.comment,
        "flags": [one.flag],
        signed: one.text.hex(),
        "sig": octets.hex(),
        "result": result,
    }


def _digests() -> Iterator[tuple[bytes, Test]]:
    """Yield signatures of digests."""
    for flag, digest in (
        ("Ordinary", _DIGEST),
        *(("DigestLength", _octets(f"a digest of {size}", size)) for size in (1, 29, 64)),
        ("OtherOrder", CURVE.scalar(SECP224K1.n)),
        ("Boundary", b"\xff" * 32),
    ):
        pair = sign_with(_D, bits2int(digest, CURVE), _number(digest.hex()), CURVE)
        yield _Q, _digest(flag, f"{len(digest)} octets, {digest[:2].hex()} first", _Q, digest, *pair, valid=True)
    e = bits2int(_DIGEST, CURVE)
    r, s = sign_with(_D, e, _number(_DIGEST.hex()), CURVE)
    last = _DIGEST[:-1] + bytes([_DIGEST[-1] ^ 1])
    yield _Q, _digest("Altered", "the last bit of the digest flipped", _Q, last, r, s)
    pair = sign_with(_D, bits2int(_DIGEST), _number("cut digest"), CURVE)
    yield _Q, _digest("DigestLength", "a signature for the leftmost 225 bits", _Q, _DIGEST, *pair)
    # r⁻¹(sR − eG)
    s, w = _number("digest, above"), inverse(x_of(_X_ABOVE_N) - N, N)
    key = uncompressed(add(_times(s * w % N, _X_ABOVE_N), _times(-e * w % N), CURVE), CURVE)
    yield key, _digest("XAboveN", "r = x_R - n", key, _DIGEST, x_of(_X_ABOVE_N) - N, s, valid=True)
    T = _other_point("digest")
    r = x_of(add(G, T, CURVE))
    key = uncompressed(T, CURVE)
    yield key, _digest("OffCurve", "a key on y^2 = x^3 + 5", key, CURVE.scalar(r), r, r)
    pair = sign_with(_D_OF_BOTH, bits2int(_DIGEST), 12345)
    yield _FOREIGN, _digest("OtherCurve", "a key of secp224k1 and its signature", _FOREIGN, _DIGEST, *pair)


def _digest(flag: str, comment: str, key: bytes, digest: bytes, r: int, s: int, *, valid: bool = False) -> Test:
    one, octets = Signed(flag, comment, key, digest, r, s, valid), p1363(r, s, CURVE)
    holds = len(key) == len(_Q) and reference.verifies(_point(key), bits2int(digest, CURVE), r, s, CURVE)
    return _judged(one, "digest", octets, holds=holds)


def _point(octets: bytes) -> Point:
    """Return x and y of 04 ‖ x ‖ y, on whatever curve."""
    return int.from_bytes(octets[1:33], "big"), int.from_bytes(octets[33:], "big")


def _to_sign() -> Iterator[Group]:
    """Yield messages to be signed under four hashes, with and without low s."""
    for sha in ("SHA-224", "SHA-256", "SHA-384", "SHA-512"):
        yield _signing(_D, sha, [_signed(_D, sha, b"sample", "Ordinary", sha)])
    for flag, name, d in (("Boundary", "n - 1", N - 1), ("OtherOrder", "n of secp224k1", SECP224K1.n)):
        yield _signing(d, "SHA-256", [_signed(d, "SHA-256", b"sample", flag, f"d = {name}")])
    low = [_signed(_D, "SHA-256", b"low %d" % i, "LowS", "low s is asked for", low_s=True) for i in range(2)]
    yield _signing(_D, "SHA-256", low, low_s=True)
    extra = [_signed(_D, "SHA-256", b"sample", "ExtraEntropy", "32 octets", extra=_octets("extra"))]
    yield _signing(_D, "SHA-256", extra)


def _digests_to_sign() -> Iterator[Group]:
    """Yield digests to be signed, cut at 256 bits or not."""
    cases = {
        "a digest": ("Ordinary", _DIGEST),
        "e = 2^256 - 1": ("Boundary", b"\xff" * 32),
        "e = n of secp224k1": ("OtherOrder", CURVE.scalar(SECP224K1.n)),
        "29 octets": ("DigestLength", _octets("29", 29)),
        "64 octets": ("DigestLength", _octets("64", 64)),
    }
    tests = [_made(_D, "SHA-256", octets, "digest", octets, flag, name) for name, (flag, octets) in cases.items()]
    yield _signing(_D, "SHA-256", tests, kind="EcdsaSignDigest")


def _signing(d: int, sha: str, tests: list[Test], *, low_s: bool = False, kind: str = "EcdsaSign") -> Group:
    return {
        "type": kind,
        "privateKey": {"type": "EcPrivateKey", "curve": CURVE.name, "d": CURVE.scalar(d).hex()},
        "publicKey": uncompressed(_times(d), CURVE).hex(),
        "sha": sha,
        "lowS": low_s,
        "tests": tests,
    }


def _signed(
    d: int, sha: str, message: bytes, flag: str, comment: str, *, extra: bytes = b"", low_s: bool = False
) -> Test:
    hashed = reference.digest(sha, message)
    return _made(d, sha, hashed, "msg", message, flag, comment, extra=extra, low_s=low_s)


def _made(
    d: int,
    sha: str,
    hashed: bytes,
    name: str,
    text: bytes,
    flag: str,
    comment: str,
    *,
    extra: bytes = b"",
    low_s: bool = False,
) -> Test:
    k, candidate = reference.nonce(d, sha, hashed, extra, CURVE)
    r, s = sign_with(d, bits2int(hashed, CURVE), k, CURVE)
    return {
        "comment": comment,
        "flags": [flag],
        name: text.hex(),
        "extraEntropy": extra.hex(),
        "k": CURVE.scalar(k).hex(),
        "candidate": candidate,
        "sig": p1363(r, min(s, N - s) if low_s else s, CURVE).hex(),
        "result": "valid",
    }


def _multiples() -> Iterator[Test]:
    Q = _times(_number("a point"))
    for flag, name, R, k in (
        ("Ordinary", "a number times G", G, _number("k")),
        ("Ordinary", "a number times a point", Q, _number("k of a point")),
        ("OtherOrder", "n of secp224k1 times G", G, SECP224K1.n),
        ("Boundary", "n - 1 times G", G, N - 1),
        ("Infinity", "n times a point", Q, N),
        ("Boundary", "2^256 - 1 times G", G, (1 << 256) - 1),
    ):
        product = uncompressed(_times(k, R), CURVE).hex()
        test: Test = {"comment": name, "flags": [flag], "point": uncompressed(R, CURVE).hex()}
        yield test | {"scalar": CURVE.scalar(k).hex(), "product": product, "result": "valid"}
    for flag, name, octets in (
        ("OtherCurve", "G of secp224k1", uncompressed(SECP224K1.G)),
        ("OtherCurve", "G of secp224k1, filled up to 65 octets", uncompressed(SECP224K1.G, CURVE)),
        ("OffCurve", "a point of y^2 = x^3 + 5", uncompressed(_other_point("multiply"), CURVE)),
    ):
        test = {"comment": f"a number times {name}", "flags": [flag], "point": octets.hex()}
        yield test | {"scalar": CURVE.scalar(_number(name)).hex(), "result": "invalid"}


def _points() -> Iterator[Test]:
    Q = _times(_number("decode"))
    for name, R in {"G": G, "a point": Q}.items():
        for form, encoded in (("compressed", compressed(R, CURVE)), ("uncompressed", uncompressed(R, CURVE))):
            point = uncompressed(R, CURVE).hex()
            test: Test = {"comment": f"{name}, {form}", "flags": ["Ordinary"], "encoded": encoded.hex()}
            yield test | {"point": point, "result": "valid"}
    no_x = next(x for x in count(2) if lift(x, CURVE) is None)
    wrong = {
        "OtherCurve": {
            "G of secp224k1, compressed": compressed(SECP224K1.G),
            "G of secp224k1, uncompressed": uncompressed(SECP224K1.G),
            "G of secp224k1, filled up to 65 octets": uncompressed(SECP224K1.G, CURVE),
        },
        "OffCurve": {"a point of y^2 = x^3 + 5": uncompressed(_other_point("decode"), CURVE)},
        "OtherLength": {"x of 31 octets": compressed(Q, CURVE)[:-1], "x and y of 33": b"\4" + uncompressed(Q, CURVE)},
        "NotReduced": {"x = 1 + p": b"\2" + CURVE.coordinate(P + 1)},
        "NotOnCurve": {f"x = {no_x} is of no point": b"\2" + CURVE.coordinate(no_x)},
    }
    for flag, encodings in wrong.items():
        for name, octets in encodings.items():
            yield {"comment": name, "flags": [flag], "encoded": octets.hex(), "result": "invalid"}


def _roots() -> Iterator[Test]:
    values = {"0": 0, "2": 2, "p - 1": P - 1, "p of secp224k1": SECP224K1.p}
    values |= {"x^3 + 7 for the x of G": (G[0] ** 3 + 7) % P, "a number": _number("root") % P}
    values |= {"the square of a number": _number("root") ** 2 % P}
    for name, a in values.items():
        root = reference.square_root(a, CURVE)
        flag = "NoSquare" if root is None else "Square"
        test: Test = {"comment": name, "flags": [flag], "value": CURVE.coordinate(a).hex()}
        answer = {} if root is None else {"root": CURVE.coordinate(root).hex()}
        yield test | answer | {"result": "invalid" if root is None else "valid"}


def _to_recover() -> Iterator[tuple[str, str, bytes]]:
    """Yield signatures of `_DIGEST`, or of a message that has it, whose keys are asked for."""
    above = x_of(_X_ABOVE_N) - N
    only_above = next(x for x in count(1) if lift(x, CURVE) is None and lift(x + N, CURVE))
    e = bits2int(_DIGEST, CURVE)
    for flag, name, pair in (
        ("Ordinary", "a signature", sign_with(_D, e, _number("recovered"), CURVE)),
        ("FourKeys", "r and r + n are both an x", (_TWO_XS, _number("four"))),
        ("FourKeys", "r + n alone is an x", (only_above, _number("two"))),
        ("Range", "r = x_R, which is above n", (above + N, _number("above"))),
        ("Range", "s = n", (above, N)),
        ("OtherOrder", "s = n of secp224k1", (x_of(_times(5)), SECP224K1.n)),
    ):
        yield flag, name, p1363(*pair, CURVE)
    yield "OtherCurve", "a signature made on secp224k1", p1363(*sign_with(_D_OF_BOTH, bits2int(_DIGEST), 54321))


def _recovered(name: str, text: bytes, e: int, cases: Iterable[tuple[str, str, bytes]]) -> Iterator[Test]:
    for flag, comment, signature in cases:
        keys = _keys(e, signature)
        test: Test = {"comment": comment, "flags": [flag], name: text.hex(), "sig": signature.hex()}
        yield test | ({"publicKeys": keys, "result": "valid"} if keys else {"result": "invalid"})


def _keys(e: int, signature: bytes) -> list[str]:
    """Return every key under which r ‖ s is a signature of e (SEC 1 §4.1.6): x is r or r + n."""
    if len(signature) != 64:
        return []
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    xs = [x for x in (r, r + N) if x < P] if 1 <= r < N and 1 <= s < N else []
    found = []
    for R in (S for x in xs if (S := lift(x, CURVE))):
        for point in (R, negative(R, CURVE)):
            Q = _times(inverse(r, N), add(_times(s, point), _times(-e), CURVE))
            if reference.verifies(Q, e, r, s, CURVE):
                found.append(uncompressed(Q, CURVE).hex())
    return sorted(found)


def _batches() -> Iterator[Test]:
    items = [Item.of(OF.signed("", "", _number(f"batch {i % 2}"), b"batch %d" % i), CURVE) for i in range(4)]
    yield batch(OF, "Ordinary", "4 items of 2 keys", items)
    foreign = Messages("SHA-256").signed("", "", _D_OF_BOTH, b"batch")
    bad = {
        "an item of secp224k1": Item.of(foreign),
        "a signature made on secp224k1": Item(
            uncompressed(_times(_D_OF_BOTH), CURVE), foreign.text, p1363(foreign.r, foreign.s, CURVE)
        ),
    }
    for name, item in bad.items():
        yield batch(OF, "OneBad", f"item 2 of 4: {name}", [items[0], item, *items[2:]])
    above = Item.of(OF.solved("", "in a batch", _X_ABOVE_N, _number("in a batch")), CURVE)
    yield batch(OF, "XAboveN", "item 2 of 3: r = x_R - n", [items[0], above, items[1]])


def _file(d: bytes, Q: bytes | None = _Q) -> bytes:
    """Return ECPrivateKey that names this curve."""
    return sec1(d, CURVE.oid, Q)


def _wrapped(d: bytes) -> bytes:
    """Return PrivateKeyInfo that names this curve."""
    return pkcs8(sec1(d, None, _Q), ID_EC_PUBLIC_KEY + CURVE.oid)


def _key_groups() -> Iterator[Group]:
    own, short = CURVE.scalar(_D), SECP224K1.scalar(_D_OF_BOTH)
    short_Q = uncompressed(_times(_D_OF_BOTH), CURVE)
    off = uncompressed(_other_point("a key file"), CURVE)
    private: list[tuple[str, str, bytes, bytes | None]] = [
        ("Ordinary", "ECPrivateKey", _file(own), own),
        ("Ordinary", "PrivateKeyInfo", _wrapped(own), own),
        ("ShortKey", "ECPrivateKey, d in 28 octets", _file(short[1:], short_Q), CURVE.scalar(_D_OF_BOTH)),
        ("OutOfRange", "d = n", _file(CURVE.scalar(N), None), None),
        ("OtherCurve", "ECPrivateKey that names secp224k1", sec1(short, point=None), None),
        ("OtherCurve", "PrivateKeyInfo that names secp224k1", pkcs8(sec1(short, None)), None),
        ("Mismatch", "the public key of the same d on secp224k1", _file(CURVE.scalar(_D_OF_BOTH), _FOREIGN), None),
    ]
    G_octets = uncompressed(G, CURVE)
    public: list[tuple[str, str, bytes, bytes | None]] = [
        ("Ordinary", "SubjectPublicKeyInfo", spki(_Q, CURVE), _Q),
        ("Ordinary", "SubjectPublicKeyInfo, compressed", spki(compressed(G, CURVE), CURVE), G_octets),
        ("OtherCurve", "a point of secp256k1 under the name of secp224k1", spki(_Q), None),
        ("OtherCurve", "a point of secp224k1 under the name of secp256k1", spki(_FOREIGN, CURVE), None),
        ("OffCurve", "a point of y^2 = x^3 + 5", spki(off, CURVE), None),
    ]
    yield _key_group("private", "der", private)
    yield _key_group("public", "der", public)
    yield _key_group("private", "pem", [_in_pem("PRIVATE KEY", private[5])])
    yield _key_group("public", "pem", [_in_pem("PUBLIC KEY", public[0])])


def _in_pem(label: str, case: tuple[str, str, bytes, bytes | None]) -> tuple[str, str, bytes, bytes | None]:
    flag, comment, octets, key = case
    return flag, f"{comment}, in PEM", pem(label, octets).encode("ascii"), key


def _key_group(kind: str, form: str, cases: list[tuple[str, str, bytes, bytes | None]]) -> Group:
    tests: list[Test] = []
    for flag, comment, octets, key in cases:
        answer = {"result": "invalid"} if key is None else {"key": key.hex(), "result": "valid"}
        tests.append({"comment": comment, "flags": [flag], "encoded": octets.hex()} | answer)
    return {"type": "EcKeyDecode", "curve": CURVE.name, "kind": kind, "format": form, "tests": tests}


def files() -> list[File]:
    """Return the files, one for each operation or encoding."""
    long, text = Messages("SHA-512", CURVE), b"a message to recover keys of"
    named = {"curve": CURVE.name}
    in_der = [*_grouped("EcdsaVerify", "SHA-256", _in_der(OF, _signatures()))]
    in_der += _grouped("EcdsaVerify", "SHA-512", _in_der(long, _long_digests()))
    _, *shown = (one for one in _signatures() if one.flag in ("Ordinary", "XAboveN", "OtherCurve", "OffCurve"))
    in_p1363 = _grouped("EcdsaP1363Verify", "SHA-256", [*_in_p1363(OF, shown), *_other_lengths()])
    recovered = {**named, "sha": "SHA-256", "tests": list(_recovered("msg", text, OF.e(text), _to_recover()))}
    of_digests = list(_recovered("digest", _DIGEST, bits2int(_DIGEST, CURVE), [*_to_recover()][::3]))
    contents: list[tuple[str, str, list[Group]]] = [
        ("ecdsa_secp256k1_der", "ecdsa_verify", in_der),
        ("ecdsa_secp256k1_p1363", "ecdsa_p1363_verify", in_p1363),
        (
            "ecdsa_secp256k1_bitcoin",
            "ecdsa_bitcoin_verify",
            _grouped("EcdsaBitcoinVerify", "SHA-256", _in_der(OF, _low_s(), N // 2)),
        ),
        ("ecdsa_secp256k1_digest", "ecpure_verify_digest", _grouped("EcdsaVerifyDigest", "", _digests())),
        (
            "ecdsa_secp256k1_batch",
            "ecpure_batch",
            [{"type": "EcdsaVerifyBatch", **named, "sha": "SHA-256", "tests": list(_batches())}],
        ),
        ("ecdsa_secp256k1_sign", "ecpure_sign", list(_to_sign())),
        ("ecdsa_secp256k1_sign_digest", "ecpure_sign_digest", list(_digests_to_sign())),
        ("ecdsa_secp256k1_recover", "ecpure_recover", [{"type": "EcdsaRecover", **recovered}]),
        (
            "ecdsa_secp256k1_recover_digest",
            "ecpure_recover_digest",
            [{"type": "EcdsaRecoverDigest", **named, "tests": of_digests}],
        ),
        ("secp256k1_multiply", "ecpure_multiply", [{"type": "EcMultiply", **named, "tests": list(_multiples())}]),
        ("secp256k1_point", "ecpure_point", [{"type": "EcPointDecode", **named, "tests": list(_points())}]),
        ("secp256k1_square_root", "ecpure_square_root", [{"type": "EcSquareRoot", **named, "tests": list(_roots())}]),
        ("secp256k1_key", "ecpure_key", list(_key_groups())),
    ]
    return [_made_file(*content) for content in contents]


def _made_file(name: str, schema: str, groups: list[Group]) -> File:
    flags = {flag for group in groups for test in group["tests"] for flag in test["flags"]}
    header = ["The same operation on secp256k1, for programs that have this curve as well."]
    notes = {flag: _NOTES[flag] for flag in flags}
    algorithm = "ECDSA" if name.startswith("ecdsa") else "EC"
    return File(f"{name}_test.json", algorithm, f"{schema}_schema_v1.json", header, notes, groups)
