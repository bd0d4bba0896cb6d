"""Many signatures in one request, of which each has its own verdict: a bad one must spoil no neighbour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import offcurve
from files import File, Note, Test
from pairs import Messages, Pair, scalar
from reference import SECP224K1, Curve, N, P, inverse, multiply, p1363, uncompressed, verifies, x_of

_HASHES = ("SHA-224", "SHA-256")
_OTHERS = "A genuine signature is refused, or a forged one accepted, because of what stands beside it."

_NOTES = {
    "Ordinary": Note("BASIC", "Signatures that hold, of one key or of many, in batches of many sizes."),
    "OneBad": Note("MISSING_STEP", "One item that does not hold, or is none, among others that hold.", _OTHERS),
    "Exchanged": Note("AUTH_BYPASS", "Parts of two items are exchanged: together they are right.", _OTHERS),
    "Cancelling": Note(
        "AUTH_BYPASS",
        "Two signatures that do not hold, but whose sums, added up without random weights, are right together.",
        _OTHERS,
    ),
    "Order": Note("MISSING_STEP", "Items that hold and items that do not, in every order.", _OTHERS),
    "Repeated": Note("EDGE_CASE", "The same item, or nearly, more than once."),
    "Extreme": Note("EDGE_CASE", "Keys near G, opposite keys, and sums that are small multiples of G."),
}


class Item(NamedTuple):
    """An item in octets: key, message, r ‖ s."""

    key: bytes
    text: bytes
    signature: bytes

    @classmethod
    def of(cls, pair: Pair, curve: Curve = SECP224K1) -> Item:
        """Return a case as an item."""
        return cls(uncompressed(pair.Q, curve), pair.text, p1363(pair.r, pair.s, curve))

    def holds(self, of: Messages) -> bool:
        """Whether it is a signature of the message under the key."""
        curve, point, signature = of.curve, self.key[1:], self.signature
        size, length = curve.field_octets, curve.scalar_octets
        if self.key[:1] != b"\4" or len(point) != 2 * size or len(signature) != 2 * length:
            return False
        parts = point[:size], point[size:], signature[:length], signature[length:]
        x, y, r, s = (int.from_bytes(octets, "big") for octets in parts)
        return verifies((x, y), of.e(self.text), r, s, curve)


def batch(of: Messages, flag: str, comment: str, items: list[Item]) -> Test:
    """Return a case; its verdicts are the definitions'."""
    shown = [{"public_key": k.hex(), "message": m.hex(), "signature": s.hex()} for k, m, s in items]
    verdicts = [item.holds(of) for item in items]
    return {"comment": comment, "flags": [flag], "items": shown, "verdicts": verdicts, "result": "valid"}


def _good(of: Messages, count: int, keys: int, label: str = "batch") -> list[Item]:
    return [Item.of(of.signed("", "", scalar(f"{label} {i % keys}"), f"{label} {i}".encode())) for i in range(count)]


def _bad(of: Messages, good: Item) -> Iterator[tuple[str, Item]]:
    """Yield invalid items, by what is wrong with them."""
    r, s = int.from_bytes(good.signature[:29], "big"), int.from_bytes(good.signature[29:], "big")
    key, text, signature = good
    for name, pair in {
        "s + 1": (r, s + 1),
        "r + 1": (r + 1, s),
        "r = 0": (0, s),
        "s = 0": (r, 0),
        "r = s = 0": (0, 0),
        "r = n": (N, s),
        "s = n": (r, N),
        "r + n": (r + N, s),
        "s + n": (r, s + N),
        "r = p": (P, s),
    }.items():
        yield name, good._replace(signature=p1363(*pair))
    yield "another message", good._replace(text=text + b"\0")
    yield "a key off the curve", Item.of(offcurve.of_order_n(of, 0))
    yield "a key off the curve by one bit", good._replace(key=key[:-1] + bytes([key[-1] ^ 1]))
    yield "the key 00", good._replace(key=b"\0")
    yield "no key", good._replace(key=b"")
    yield "a key of 56 octets", good._replace(key=key[1:])
    yield "no signature", good._replace(signature=b"")
    yield "a signature of 57 octets", good._replace(signature=signature[1:])
    yield "a signature of 59 octets", good._replace(signature=signature + b"\0")
    yield "28 + 28 octets", good._replace(signature=signature[1:29] + signature[30:])
    yield "30 + 30 octets", good._replace(signature=b"\0" + signature[:29] + b"\0" + signature[29:])
    d = -of.e(text) * inverse(r, N) % N
    yield "R = infinity", good._replace(key=uncompressed(multiply(d)))
    yield "-Q for Q", good._replace(key=key[:29] + (P - int.from_bytes(key[29:], "big")).to_bytes(28, "big"))


def _cancelling(of: Messages, i: int) -> list[Item]:
    """Return two items of one key with w1(e1 + r1·d) + w2(e2 + r2·d) = k1 + k2, w being 1/s, where neither holds."""
    d = scalar(f"cancelling {i}")
    (k1, r1), (k2, r2) = ((k, x_of(multiply(k))) for k in _even_nonces(f"cancelling {i}"))
    texts = [b"cancelling %d, %d" % (i, half) for half in range(2)]
    first, second = ((of.e(text) + r * d) % N for text, r in zip(texts, (r1, r2), strict=True))
    w1 = scalar(f"w1 {i}")
    w2 = (k1 + k2 - w1 * first) * inverse(second, N) % N
    Q = uncompressed(multiply(d))
    return [Item(Q, text, p1363(r, inverse(w, N))) for text, r, w in zip(texts, (r1, r2), (w1, w2), strict=True)]


def _even_nonces(label: str) -> list[int]:
    """Return two nonces whose R have even y, as a program that only knows r takes it to be."""
    found = []
    for i in range(100):
        R = multiply(k := scalar(f"{label}, nonce {i}"))
        if R is not None and R[1] % 2 == 0:
            found.append(k)
    return found[:2]


def _tests(sha: str) -> Iterator[Test]:
    of = Messages(sha)
    yield batch(of, "Ordinary", "no item", [])
    for count in (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65):
        for keys in sorted({1, count}):
            yield batch(of, "Ordinary", f"{count} items of {keys} keys", _good(of, count, keys))
    eight = _good(of, 8, 8)
    for name, bad in _bad(of, eight[3]):
        for place in (0, 3, 7):
            items = [*eight[:place], bad, *eight[place + 1 :]]
            yield batch(of, "OneBad", f"item {place + 1} of 8: {name}", items)
        yield batch(of, "OneBad", f"alone: {name}", [bad])
        yield batch(of, "OneBad", f"every second of 6: {name}", [eight[0], bad, eight[1], bad, eight[2], bad])
    for count in (17, 33, 65, 129):
        items = _good(of, count, 3, "large")
        items[-1] = items[-1]._replace(text=b"another")
        yield batch(of, "OneBad", f"the last of {count}: another message", items)
    for keys in (1, 8):
        a, b, *rest = _good(of, 8, keys, "exchanged")
        for part in ("signature", "text", "key"):
            first, second = a._replace(**{part: getattr(b, part)}), b._replace(**{part: getattr(a, part)})
            yield batch(of, "Exchanged", f"{part} of two, {keys} keys", [first, second])
            yield batch(of, "Exchanged", f"{part} of two among 8, {keys} keys", [first, *rest, second])
        halves = a.signature[:29] + b.signature[29:], b.signature[:29] + a.signature[29:]
        swapped = [item._replace(signature=half) for item, half in zip((a, b), halves, strict=True)]
        yield batch(of, "Exchanged", f"s of two, {keys} keys", [*swapped, *rest])
    for i in range(4):
        yield batch(of, "Cancelling", f"two items, {i}", _cancelling(of, i))
        yield batch(of, "Cancelling", f"two items among others, {i}", [eight[0], *_cancelling(of, i), eight[1]])
    wrong = [bad for _, bad in _bad(of, eight[0])][:10:3]
    for bits in range(16):
        items = [eight[i] if bits >> i & 1 else wrong[i] for i in range(4)]
        yield batch(of, "Order", f"which of four hold: {bits:04b}", items)
    long = [item if scalar(f"order {i}") & 1 else item._replace(text=b"") for i, item in enumerate(_good(of, 40, 5))]
    yield batch(of, "Order", "40 items, some of them of another message", long)
    bad = wrong[0]
    yield batch(of, "Repeated", "one item four times", [eight[0]] * 4)
    yield batch(of, "Repeated", "a bad item four times", [bad] * 4)
    yield batch(of, "Repeated", "a good item and a bad one in turn", [eight[0], bad] * 3)
    r, s = eight[0].signature[:29], int.from_bytes(eight[0].signature[29:], "big")
    other = eight[0]._replace(signature=r + (N - s).to_bytes(29, "big"))
    yield batch(of, "Repeated", "an item, and with n - s", [eight[0], other, eight[0]])
    items = [Item.of(of.signed("", "", d, b"near %d" % d)) for d in (1, N - 1, 2, N - 2, N // 2, N // 2 + 1)]
    yield batch(of, "Extreme", "keys of G, -G and near them", items)
    items = [Item.of(of.signed("", "", scalar("extreme"), b"nonce %d" % k, k)) for k in (1, 2, 3, N - 1, N - 2)]
    yield batch(of, "Extreme", "nonces of 1, 2, 3, n - 1, n - 2", items)
    d = scalar("opposite")
    items = [Item.of(of.signed("", "", key, b"opposite %d" % i)) for i, key in enumerate((d, N - d, d, N - d))]
    yield batch(of, "Extreme", "Q and -Q in turn", items)


def files() -> list[File]:
    """Return the file of batches."""
    groups = [
        {"type": "EcdsaVerifyBatch", "curve": "secp224k1", "sha": sha, "tests": list(_tests(sha))} for sha in _HASHES
    ]
    header = ["Signatures in batches, r and s, 29 octets each; a verdict for each item."]
    return [File("ecdsa_secp224k1_batch_test.json", "ECDSA", "ecpure_batch_schema_v1.json", header, _NOTES, groups)]
