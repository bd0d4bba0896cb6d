"""The files of signatures to be verified: of messages under four hashes, in DER and as r ‖ s, and of digests."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from functools import cache

import digests
import offcurve
from arithmetic import combs, infinity, inverses, keys, last_doubling, nonces, scalars, splits
from classes import NOTES
from files import File, Group, Test
from malleation import Mutant, der_mutants, p1363_mutants, special_pairs
from pairs import (
    Messages,
    Pair,
    altered,
    beyond_224_bits,
    boundaries,
    cuts,
    is_valid,
    long_s,
    modulo_p,
    near_misses,
    ordinary,
    ranges,
    scalar,
    short,
    special_digests,
    texts,
    with_neighbours,
)
from reference import SECP224K1, Curve, N, Point, bits2int, der, multiply, spki, uncompressed

HASHES = ("SHA-224", "SHA-256", "SHA-384", "SHA-512")
SHA3 = ("SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512")
EVERY = {"SHA-224": 1, "SHA-256": 2, "SHA-384": 5, "SHA-512": 5}
"""Of the mutants of an encoding, which do not depend on the hash, every so manieth is taken."""

_OF_EVERY_HASH = (
    ordinary,
    altered,
    ranges,
    modulo_p,
    beyond_224_bits,
    near_misses,
    boundaries,
    long_s,
    infinity,
    cuts,
    special_digests,
    offcurve.keys,
)
_OF_SHA3 = (ordinary, altered, cuts, texts, offcurve.keys)
_OF_SOME = (texts, short, inverses, nonces, scalars, splits, combs, last_doubling, keys)


_IN_DER = ("EcdsaVerify", "EcdsaBitcoinVerify")


class Sheet:
    """The cases of one file, by keys. The expected result is the reference's, and has to be what the case claims."""

    def __init__(self, kind: str, sha: str = "") -> None:
        self._kind, self._sha = kind, sha
        self._tests: dict[Point, list[Test]] = {}
        self._seen: set[tuple[Point, bytes, bytes]] = set()

    def add(self, case: Pair, octets: bytes) -> None:
        """Take a case with its signature in these octets, unless it is there already."""
        pair = der_pair(octets) if self._kind in _IN_DER else _p1363_pair(octets)
        e = Messages(self._sha).e(case.text) if self._sha else bits2int(case.text)
        largest = N // 2 if self._kind == "EcdsaBitcoinVerify" else N
        if case.valid != (pair is not None and pair[1] <= largest and is_valid(case.Q, e, *pair)):
            raise ValueError(f"{case.comment}: not {case.valid}")
        if (case.Q, case.text, octets) in self._seen:
            return
        self._seen.add((case.Q, case.text, octets))
        signed = {"msg" if self._sha else "digest": case.text.hex()}
        result = {"sig": octets.hex(), "result": "valid" if case.valid else "invalid"}
        test = {"comment": case.comment, "flags": [case.flag], **signed, **result}
        self._tests.setdefault(case.Q, []).append(test)

    def add_pairs(self, pairs: Iterable[Pair]) -> None:
        """Take pairs in the encoding of the file; negative integers, which r ‖ s cannot hold, are left out."""
        for case in pairs:
            if self._kind in _IN_DER:
                self.add(case, der(case.r, case.s))
            elif min(case.r, case.s) >= 0:
                self.add(case, _wide(case.r, case.s))

    def add_mutants(self, base: Pair, mutants: Iterable[Mutant], every: int) -> None:
        """Take the signature and every so manieth of its mutants."""
        self.add_pairs([base])
        for i, (flag, comment, octets) in enumerate(mutants):
            if i % every == 0:
                self.add(base._replace(flag=flag, comment=comment, valid=False), octets)

    def groups(self) -> list[Group]:
        """Return the groups of the file."""
        sha = {"sha": self._sha} if self._sha else {}
        return [
            {"type": self._kind, **key_of(uncompressed(Q)), **sha, "tests": tests} for Q, tests in self._tests.items()
        ]


def der_pair(octets: bytes) -> tuple[int, int] | None:
    """Return r and s if their encoding in DER is these octets, and both are shorter than 128 octets."""
    end = 4 + octets[3] if len(octets) > 3 else 0
    r, s = (int.from_bytes(part, "big", signed=True) for part in (octets[4:end], octets[end + 2 :]))
    return (r, s) if octets == der(r, s) else None


def _p1363_pair(octets: bytes) -> tuple[int, int] | None:
    r, s = int.from_bytes(octets[:29], "big"), int.from_bytes(octets[29:], "big")
    return (r, s) if len(octets) == 58 else None


def _wide(r: int, s: int) -> bytes:
    """Return r ‖ s, both of 29 octets, or of as many as the longer takes."""
    length = max(29, -(-max(r, s).bit_length() // 8))
    return r.to_bytes(length, "big") + s.to_bytes(length, "big")


def key_of(octets: bytes, curve: Curve = SECP224K1) -> Group:
    """Return what a group says of its key, 04 ‖ x ‖ y, whether or not it is one of the curve."""
    encoded, middle = spki(octets, curve), 1 + len(octets) // 2
    text = base64.b64encode(encoded).decode("ascii")
    lines = "".join(f"{text[i : i + 64]}\n" for i in range(0, len(text), 64))
    return {
        "publicKey": {
            "type": "EcPublicKey",
            "curve": curve.name,
            "keySize": 8 * curve.field_octets,
            "uncompressed": octets.hex(),
            "wx": octets[1:middle].hex(),
            "wy": octets[middle:].hex(),
        },
        "publicKeyDer": encoded.hex(),
        "publicKeyPem": f"-----BEGIN PUBLIC KEY-----\n{lines}-----END PUBLIC KEY-----\n",
    }


_ALL_VALID = (boundaries, inverses, splits, combs, special_digests)
"""Topics that have few or no invalid cases of their own."""


@cache
def _pairs(sha: str) -> list[Pair]:
    topics = _OF_EVERY_HASH + (_OF_SOME if sha in HASHES[:2] else ())
    topics = _OF_SHA3 if sha.startswith("SHA3") else topics
    cases = ((topic, topic(Messages(sha))) for topic in topics)
    return [pair for topic, pairs in cases for pair in (with_neighbours(pairs) if topic in _ALL_VALID else pairs)]


def _special(base: Pair, every: int) -> Iterator[Pair]:
    for i, (comment, r, s) in enumerate(special_pairs()):
        if i % every == 0:
            yield base._replace(flag="SpecialPair", comment=comment, r=r, s=s, valid=False)


def _filled(kind: str, sha: str) -> list[Group]:
    sheet, place = Sheet(kind, sha), HASHES.index(sha)
    base = Messages(sha).base(high_r=place < 2, high_s=place % 2 == 0)
    sheet.add_pairs(_pairs(sha))
    mutants = der_mutants if kind == "EcdsaVerify" else p1363_mutants
    sheet.add_mutants(base, mutants(base.r, base.s), EVERY[sha])
    sheet.add_pairs(_special(base, EVERY[sha]))
    return sheet.groups()


def _file(name: str, schema: str, groups: list[Group], what: str) -> File:
    flags = {flag for group in groups for test in group["tests"] for flag in test["flags"]}
    header = [f"ECDSA on secp224k1: {what}."]
    return File(name, "ECDSA", schema, header, {flag: NOTES[flag] for flag in flags}, groups)


def _of_messages(sha: str, kind: str) -> File:
    form, schema, what = {
        "EcdsaVerify": ("", "ecdsa_verify_schema_v1.json", "SEQUENCE { r, s } in DER"),
        "EcdsaP1363Verify": ("_p1363", "ecdsa_p1363_verify_schema_v1.json", "r and s, 29 octets each"),
    }[kind]
    name = f"ecdsa_secp224k1_{sha.replace('-', '').lower()}{form}_test.json"
    return _file(name, schema, _filled(kind, sha), f"signatures of messages under {sha}, {what}")


def _of_sha3() -> File:
    groups = []
    for sha in SHA3:
        sheet = Sheet("EcdsaVerify", sha)
        sheet.add_pairs(_pairs(sha))
        groups += sheet.groups()
    what = "signatures of messages under SHA-3, SEQUENCE { r, s } in DER"
    return _file("ecdsa_secp224k1_sha3_test.json", "ecdsa_verify_schema_v1.json", groups, what)


def low_s_pairs() -> Iterator[Pair]:
    """Yield signatures with s and with n − s, of which the larger is refused where low s is asked for."""
    of = Messages("SHA-224")
    made = [of.signed("LowS", f"ordinary signature {i}", scalar(f"low s {i % 3}"), b"low s %d" % i) for i in range(12)]
    ends = {"1": 1, "2": 2, "2^112": 1 << 112, "2^222": 1 << 222, "(n - 1)/2": N // 2, "(n - 3)/2": N // 2 - 1}
    ends |= {"2^223 - 1": (1 << 223) - 1, "n - 2^224": N - (1 << 224), "n/4": N // 4}
    made += [of.solved("LowS", f"s = {name}", multiply(scalar(f"low s = {name}")), s) for name, s in ends.items()]
    for pair in made:
        low = min(pair.s, N - pair.s)
        yield pair._replace(comment=f"{pair.comment}, s at most n/2", s=low)
        yield pair._replace(flag="HighS", comment=f"{pair.comment}, s above n/2", s=N - low, valid=False)
        yield pair._replace(flag="Altered", comment=f"{pair.comment}, s + 2 for s", s=low + 2, valid=False)


def _of_low_s() -> File:
    sheet = Sheet("EcdsaBitcoinVerify", "SHA-224")
    sheet.add_pairs(low_s_pairs())
    good = next(low_s_pairs())
    sheet.add_mutants(good, der_mutants(good.r, good.s), 12)
    sheet.add_pairs(_special(good, 4))
    what = "signatures of messages under SHA-224, SEQUENCE { r, s } in DER, of which s above n/2 are invalid"
    name, schema = "ecdsa_secp224k1_sha224_bitcoin_test.json", "ecdsa_bitcoin_verify_schema_v1.json"
    return _file(name, schema, sheet.groups(), what)


def _of_digests() -> File:
    sheet = Sheet("EcdsaVerifyDigest")
    base = digests.ordinary()
    sheet.add_pairs([base, *digests.every(), *_special(base, 2)])
    what = "signatures of digests, r and s, 29 octets each"
    name, schema = "ecdsa_secp224k1_digest_test.json", "ecpure_verify_digest_schema_v1.json"
    return _file(name, schema, sheet.groups(), what)


def files() -> list[File]:
    """Return the files."""
    made = [_of_messages(sha, kind) for kind in ("EcdsaVerify", "EcdsaP1363Verify") for sha in HASHES]
    return [*made, _of_sha3(), _of_low_s(), _of_digests()]
