"""Deterministic signatures: RFC 6979 with the nonce and the candidate given, on the curve that refuses half of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import count

import reference
from files import File, Group, Note, Test
from pairs import LINES
from reference import N

_HASHES = ("SHA-224", "SHA-256", "SHA-384", "SHA-512")
_SHA3 = ("SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512")
_WRONG_NONCE = "A nonce that differs from the standard's, or is used twice, may give the private key away."

_NOTES = {
    "Ordinary": Note("BASIC", "A message, a key, and the one signature that RFC 6979 gives."),
    "EdgeKey": Note("EDGE_CASE", "A private key at an end of the range, near a power of two, or short."),
    "Candidate": Note(
        "MISSING_STEP",
        "The nonce is a later candidate, the earlier ones being n or above. On curves with n near a power of two that "
        "hardly ever happens; here it happens every second time, and the loop of step h must go on with new K and V.",
        _WRONG_NONCE,
    ),
    "DigestAboveN": Note(
        "MISSING_STEP",
        "The leftmost 225 bits of the digest are n or above, and bits2octets takes them mod n.",
        _WRONG_NONCE,
    ),
    "ExtraEntropy": Note(
        "BASIC", "Additional data, RFC 6979 section 3.6, of several lengths; every bit of it counts.", _WRONG_NONCE
    ),
    "LowS": Note("MALLEABILITY", "Of s and n - s the lower one is asked for."),
    "MessageLength": Note("EDGE_CASE", "Messages about the lengths of blocks and buffers, up to 66,000 octets."),
    "MessageText": Note(
        "CAN_OF_WORMS",
        "Messages with line ends, spaces, octets 00, a byte-order mark, or octets that are no UTF-8: they are octets, "
        "and signed as they are.",
        "Nobody else can verify what was signed.",
    ),
    "Sha3": Note(
        "BASIC",
        "SHA-3, and its HMAC, whose blocks have the length of the sponge's rate: 144, 136, 104 and 72 octets.",
        _WRONG_NONCE,
    ),
    "ShortNumber": Note(
        "LEGACY",
        "r, s or k begins with zero octets, which have to be kept.",
        "Whoever drops them makes signatures that others refuse.",
    ),
}


def _octets(label: str, length: int) -> bytes:
    """Return octets that look random, the same every time."""
    return hashlib.shake_256(label.encode("ascii")).digest(length)


def _number(label: str) -> int:
    return 1 + int.from_bytes(_octets(label, 40), "big") % (N - 1)


_DIGEST_NOTES = {
    "Ordinary": Note("BASIC", "The digest of a message."),
    "DigestLength": Note(
        "EDGE_CASE",
        "Digests of 1 octet and more; those of more than 225 bits are cut, for s as for the nonce.",
        _WRONG_NONCE,
    ),
    "SpecialDigest": Note(
        "EDGE_CASE",
        "e of 0, about n and the powers of two; bits2octets takes it mod n, and s takes it whole.",
        _WRONG_NONCE,
    ),
    "HmacHash": Note(
        "MISSING_STEP", "The hash of HMAC, which is told, is not the one whose length the digest has.", _WRONG_NONCE
    ),
    "ExtraEntropy": _NOTES["ExtraEntropy"],
    "LowS": _NOTES["LowS"],
    "EdgeKey": _NOTES["EdgeKey"],
    "NoDigest": Note("CAN_OF_WORMS", "No octet of a digest: refused, or signed as e = 0."),
}


def _case(
    d: int, sha: str, message: bytes, flag: str, comment: str, extra: bytes = b"", *, low_s: bool = False
) -> Test:
    test = _signed(d, sha, reference.digest(sha, message), flag, comment, extra, low_s=low_s)
    return {"comment": comment, "flags": [flag], "msg": message.hex()} | test


def _signed(
    d: int, sha: str, hashed: bytes, flag: str, comment: str, extra: bytes = b"", *, low_s: bool = False
) -> Test:
    """Return a test of a digest; its digest is left out where it is that of a message."""
    k, candidate = reference.nonce(d, sha, hashed, extra)
    r, s = reference.sign_with(d, reference.bits2int(hashed), k)
    if low_s:
        s = min(s, N - s)
    return {
        "comment": comment,
        "flags": [flag],
        "extraEntropy": extra.hex(),
        "k": k.to_bytes(29, "big").hex(),
        "candidate": candidate,
        "sig": reference.p1363(r, s).hex(),
        "result": "valid",
    }


def _group(d: int, sha: str, tests: list[Test], *, low_s: bool = False, kind: str = "EcdsaSign") -> Group:
    return {
        "type": kind,
        "privateKey": {"type": "EcPrivateKey", "curve": "secp224k1", "d": d.to_bytes(29, "big").hex()},
        "publicKey": reference.uncompressed(reference.multiply(d)).hex(),
        "sha": sha,
        "lowS": low_s,
        "tests": tests,
    }


def _edge_keys() -> dict[str, int]:
    keys = {
        "1": 1,
        "2": 2,
        "3": 3,
        "n - 1": N - 1,
        "n - 2": N - 2,
        "(n - 1)/2": (N - 1) // 2,
        "(n + 1)/2": (N + 1) // 2,
    }
    keys |= {f"2^224 {step:+d}": 2**224 + step for step in (-2, -1, 0, 1, 2)}
    keys |= {f"2^223 {step:+d}": 2**223 + step for step in (-1, 0, 1)}
    keys |= {
        f"{bits} bits": _number(f"key {bits}") % 2**bits | 1 << bits - 1 for bits in (8, 31, 32, 63, 64, 112, 113, 200)
    }
    return keys


def _edge_groups() -> Iterator[Group]:
    for sha in _HASHES:
        for name, d in _edge_keys().items():
            tests = [
                _case(d, sha, message, "EdgeKey", f"d = {name}") for message in (b"", b"sample", _octets(name, 100))
            ]
            yield _group(d, sha, tests)


def _ordinary_groups() -> Iterator[Group]:
    for sha in _HASHES:
        for place in range(3):
            d = _number(f"ordinary {sha} {place}")
            lengths = (0, 1, 27, 28, 55, 56, 64, 111, 112, 127, 128, 1000)
            tests = [_case(d, sha, _octets(f"m{n}", n), "Ordinary", f"a message of {n} octets") for n in lengths]
            yield _group(d, sha, tests)


def _candidate_group(sha: str) -> Group:
    """Return messages whose nonce is the first, second … twelfth and a later candidate, found by counting."""
    d = _number(f"candidates {sha}")
    wanted = {*range(1, 13)}
    tests = []
    for number in count():
        message = b"%d" % number
        _, candidate = reference.nonce(d, sha, reference.digest(sha, message))
        if candidate in wanted or (not wanted and candidate > 12):
            tests.append(_case(d, sha, message, "Candidate", f"the nonce is candidate {candidate}"))
            if not wanted:
                return _group(d, sha, sorted(tests, key=lambda test: int(test["candidate"])))
            wanted.discard(candidate)
    raise AssertionError


def _above_n_group(sha: str) -> Group:
    d = _number(f"above {sha}")
    tests: list[Test] = []
    for number in count():
        message = b"above %d" % number
        above = reference.bits2int(reference.digest(sha, message)) >= N
        wanted = "DigestAboveN" if above else "Ordinary"
        if sum(test["flags"] == [wanted] for test in tests) < 5:
            what = "at or above n" if above else "below n"
            tests.append(_case(d, sha, message, wanted, f"the 225 bits of the digest are {what}"))
        if len(tests) == 10:
            return _group(d, sha, tests)
    raise AssertionError


def _extra_group(sha: str) -> Group:
    d = _number(f"extra {sha}")
    extras = [_octets(f"extra {n}", n) for n in (0, 1, 16, 28, 29, 32, 56, 64, 200)]
    extras += [bytes(n) for n in (1, 28, 29, 32)] + [bytes(31) + b"\x01", b"\x80" + bytes(31)]
    tests = [_case(d, sha, b"sample", "ExtraEntropy", f"{len(extra)} octets", extra) for extra in extras]
    return _group(d, sha, tests)


def _low_s_groups(sha: str) -> Iterator[Group]:
    d = _number(f"low {sha}")
    messages = [b"low %d" % number for number in range(8)]
    yield _group(d, sha, [_case(d, sha, m, "LowS", "low s is asked for", low_s=True) for m in messages], low_s=True)
    yield _group(d, sha, [_case(d, sha, m, "LowS", "low s is not asked for") for m in messages])


def _short_group(sha: str) -> Group:
    """Return messages whose r, s or k have leading zero octets, found by counting."""
    d = _number(f"short {sha}")
    found: dict[str, list[Test]] = {"r": [], "s": [], "k": []}
    for number in count():
        test = _case(d, sha, b"short %d" % number, "ShortNumber", "")
        values = {"r": test["sig"][:58], "s": test["sig"][58:], "k": test["k"]}
        for name, tests in found.items():
            if values[name].startswith("0000") and len(tests) < 2:
                tests.append(test | {"comment": f"{name} begins with a zero octet more than it has to"})
        if all(len(tests) == 2 for tests in found.values()):
            unique = {test["msg"]: test for tests in found.values() for test in tests}
            return _group(d, sha, list(unique.values()))
    raise AssertionError


def _message_groups() -> Iterator[Group]:
    d = _number("messages")
    for sha in _HASHES[:2]:
        tests = [_case(d, sha, text, "MessageText", f"a message with {name}") for name, text in LINES]
        lengths = [255, 256, 257, 1023, 1024, 4095, 4096, 4097, 5000, *([66_000] if sha == "SHA-256" else [])]
        tests += [_case(d, sha, _octets(f"m{n}", n), "MessageLength", f"a message of {n} octets") for n in lengths]
        yield _group(d, sha, tests)


def _sha3_groups() -> Iterator[Group]:
    for sha in _SHA3:
        for place in range(2):
            d = _number(f"{sha} {place}")
            lengths = (0, 1, 71, 72, 73, 103, 104, 105, 135, 136, 137, 143, 144, 145, 300)
            tests = [_case(d, sha, _octets(f"m{n}", n), "Sha3", f"a message of {n} octets") for n in lengths]
            extras = [_octets(f"extra {n}", n) for n in (1, 29, 32, 72)]
            tests += [_case(d, sha, b"sample", "Sha3", f"{len(x)} octets of extra entropy", x) for x in extras]
            yield _group(d, sha, tests)


def _digest_groups() -> Iterator[Group]:
    def group(d: int, sha: str, cases: list[tuple[str, str, bytes, bytes]], *, low_s: bool = False) -> Group:
        tests = []
        for flag, comment, octets, extra in cases:
            test = _signed(d, sha, octets, flag, comment, extra, low_s=low_s)
            head = {"comment": comment, "flags": [flag], "digest": octets.hex()}
            tests.append(head | test | ({} if octets else {"result": "acceptable"}))
        return _group(d, sha, tests, low_s=low_s, kind="EcdsaSignDigest")

    es = {"0": 0, "1": 1, "n - 1": N - 1, "n": N, "n + 1": N + 1, "2n mod 2^225": 2 * N % (1 << 225)}
    es |= {"2^224": 1 << 224, "2^224 - 1": (1 << 224) - 1, "2^225 - 1": (1 << 225) - 1, "n + 2^223": N + (1 << 223)}
    for sha in _HASHES[:2]:
        d = _number(f"digests {sha}")
        lengths = [("DigestLength", f"{n} octets", _octets(f"digest {n}", n), b"") for n in range(1, 71)]
        lengths += [("DigestLength", f"{n} octets ff", b"\xff" * n, b"") for n in (1, 27, 28, 29, 30, 32, 64, 200)]
        lengths += [("DigestLength", f"{n} octets 00", bytes(n), b"") for n in (1, 28, 29, 32, 64)]
        lengths += [("DigestLength", f"{n} octets, the last 01", bytes(n - 1) + b"\1", b"") for n in (28, 29, 32)]
        special = [("SpecialDigest", f"e = {name}", (e << 31).to_bytes(32, "big"), b"") for name, e in es.items()]
        special += [
            ("SpecialDigest", f"e = {name}, 29 octets", (e << 7 | 9).to_bytes(29, "big"), b"") for name, e in es.items()
        ]
        yield group(d, sha, [*lengths, *special, ("NoDigest", "no octet", b"", b"")])
    for sha in (*_HASHES, *_SHA3):
        cases = []
        for other in _HASHES:
            flag = "Ordinary" if other == sha else "HmacHash"
            cases.append((flag, f"a digest of {other}, HMAC of {sha}", reference.digest(other, b"sample"), b""))
        yield group(_number(f"hmac {sha}"), sha, cases)
    d = _number("digest, extra")
    extras = [
        ("ExtraEntropy", f"{n} octets", _octets("a digest", 28), _octets(f"x{n}", n)) for n in (1, 16, 29, 32, 64)
    ]
    yield group(d, "SHA-224", extras)
    low = [("LowS", "low s is asked for", _octets(f"low {i}", 28), b"") for i in range(6)]
    yield group(d, "SHA-224", low, low_s=True)
    for name, key in _edge_keys().items():
        edges = [
            ("EdgeKey", f"d = {name}, {what}", octets, b"")
            for what, octets in (("e = 0", bytes(28)), ("e = -d", _e_octets(-key)))
        ]
        yield group(key, "SHA-224", edges)


def _e_octets(e: int) -> bytes:
    """Return 32 octets whose leftmost 225 bits are e mod n."""
    return (e % N << 31).to_bytes(32, "big")


def files() -> list[File]:
    """Return the two files of signatures."""
    groups = [*_ordinary_groups(), *_edge_groups()]
    for sha in _HASHES:
        groups += [_candidate_group(sha), _extra_group(sha), *_low_s_groups(sha)]
    groups += [_above_n_group(sha) for sha in _HASHES[1:]]
    groups += [_short_group(sha) for sha in _HASHES[:2]]
    groups += [*_message_groups(), *_sha3_groups()]
    header = ["Signatures by RFC 6979 with HMAC of the same hash. k is the nonce, candidate says which one it was."]
    of_digests = ["Signatures of digests by RFC 6979; sha is the hash function of HMAC."]
    schema = "ecpure_sign_digest_schema_v1.json"
    return [
        File("ecdsa_secp224k1_sign_test.json", "ECDSA", "ecpure_sign_schema_v1.json", header, _NOTES, groups),
        File(
            "ecdsa_secp224k1_sign_digest_test.json", "ECDSA", schema, of_digests, _DIGEST_NOTES, list(_digest_groups())
        ),
    ]
