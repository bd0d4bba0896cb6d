"""Sign and verify the same random and structured inputs by ecpure, on both backends, and by four other programs.

Their signatures must be ours octet for octet, where they sign by RFC 6979; every program must accept each, and all must
give one verdict on a copy with a flipped bit. `make differential` runs it and writes docs/evidence/differential.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from random import Random
from typing import NamedTuple, Protocol

import ledger
from ledger import BACKENDS, Record, number, say

from ecpure import SECP224K1, EcpureError, PrivateKey, PublicKey, Signature, backend
from ecpure.measure.peers import openssl, python_ecdsa_curve

TRIPLES = 200_000
CHUNK = 500
SEED = 224
HASHES = ("sha224", "sha256", "sha384", "sha512")
MOST_SHOWN = 20
N = SECP224K1.n


class Triple(NamedTuple):
    """What is signed: d by the kind of key it is, the message by its kind, and the hash."""

    kind: str
    d: int
    length: str
    message: bytes
    hash: str


class Altered(NamedTuple):
    """What is verified: a key, compressed, or not if its y was changed; r and s at 29 octets each; and a digest."""

    what: str
    key: bytes
    pair: bytes
    digest: bytes


def triple(random: Random) -> Triple:
    """Draw one."""
    kind, d = _key(random)
    length = random.choice(("empty", "short", "short", "short", "long"))
    octets = {"empty": 0, "short": random.randrange(1, 130), "long": random.randrange(1000, 5000)}[length]
    return Triple(kind, d, length, random.randbytes(octets), random.choice(HASHES))


def _key(random: Random) -> tuple[str, int]:
    kind = random.choice(
        ("one", "n - 1", "power of two", "short", "near 2^224", "near n", "random", "random", "random")
    )
    match kind:
        case "one":
            d = 1
        case "n - 1":
            d = N - 1
        case "power of two":
            d = 1 << random.randrange(225)
        case "short":
            d = random.randrange(1, 1 << random.randrange(2, 65))
        case "near 2^224":
            d = (1 << 224) + random.randrange(-1000, 1000)
        case "near n":
            d = N - random.randrange(1, 1000)
        case _:
            d = random.randrange(1, N)
    return kind, d


def altered(right: Altered, random: Random) -> Altered:
    """Return a copy with one bit flipped, in r, s, the digest or the key."""
    what = random.choice(("r", "s", "digest", "x of the key", "y of the key"))
    match what:
        case "r":
            return right._replace(what=what, pair=_flipped(right.pair, random.randrange(29 * 8)))
        case "s":
            return right._replace(what=what, pair=_flipped(right.pair, random.randrange(29 * 8, 58 * 8)))
        case "digest":
            return right._replace(what=what, digest=_flipped(right.digest, random.randrange(8 * len(right.digest))))
        case "x of the key":
            return right._replace(what=what, key=_flipped(right.key, random.randrange(8, 29 * 8)))
        case _:
            point = PublicKey.from_bytes(right.key).to_bytes(compressed=False)
            return right._replace(what=what, key=_flipped(point, random.randrange(29 * 8, 57 * 8)))


def _flipped(octets: bytes, bit: int) -> bytes:
    changed = bytearray(octets)
    changed[bit >> 3] ^= 1 << (bit & 7)
    return bytes(changed)


class Program(Protocol):
    """A program that signs, or says that it does not, and gives verdicts."""

    @property
    def name(self) -> str:
        """Its name and version."""

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """The exceptions by which it refuses a key or a signature."""

    def sign(self, triple: Triple) -> bytes | None:
        """Return r and s at 29 octets each, or None."""

    def verify(self, item: Altered) -> bool:
        """Return whether the signature is valid; one of `refusals` says that it is not."""


def verdict(program: Program, item: Altered) -> bool:
    """Return whether the signature is valid; a refused key or signature counts as invalid."""
    try:
        return program.verify(item)
    except program.refusals:
        return False


class Ecpure:
    """This package, by its public face."""

    name = "ecpure"
    refusals = (EcpureError,)

    def sign(self, triple: Triple) -> bytes:
        """Return r and s."""
        return PrivateKey.from_int(triple.d).sign(triple.message, hash=triple.hash).to_p1363()

    def verify(self, item: Altered) -> bool:
        """Return whether the signature is valid."""
        return PublicKey.from_bytes(item.key).verify_digest(Signature.from_p1363(item.pair), item.digest)


def _two(pair: bytes) -> tuple[int, int]:
    return int.from_bytes(pair[:29], "big"), int.from_bytes(pair[29:], "big")


def _octets(r: int, s: int) -> bytes:
    return int(r).to_bytes(29, "big") + int(s).to_bytes(29, "big")


class Fastecdsa:
    """fastecdsa 4: Rust."""

    crashed = 0
    """Times that its decoder of points raised TypeError, as it does where no point has the x."""

    def __init__(self) -> None:
        self.name = f"fastecdsa {version('fastecdsa')}"
        self._ecdsa = import_module("fastecdsa.ecdsa")
        self._curve = import_module("fastecdsa.curve").secp224k1
        sec1 = import_module("fastecdsa.encoding.sec1")
        self._decode = sec1.SEC1Encoder().decode_public_key
        self.refusals = (self._ecdsa.EcdsaError, sec1.InvalidSEC1PublicKey, ValueError)

    def sign(self, triple: Triple) -> bytes:
        """Return r and s, by RFC 6979."""
        return _octets(*self._ecdsa.sign(triple.message, triple.d, self._curve, getattr(hashlib, triple.hash)))

    def verify(self, item: Altered) -> bool:
        """Return whether the signature is valid."""
        try:
            key = self._decode(item.key, self._curve)
        except TypeError:
            self.crashed += 1
            return False
        return bool(self._ecdsa.verify(_two(item.pair), item.digest, key, self._curve, prehashed=True))


class PythonEcdsa:
    """python-ecdsa, the curve given to it by hand."""

    def __init__(self) -> None:
        self.name = f"python-ecdsa {version('ecdsa')}"
        self._ecdsa = import_module("ecdsa")
        self._curve = python_ecdsa_curve()
        malformed = (self._ecdsa.errors.MalformedPointError, self._ecdsa.util.MalformedSignature)
        self.refusals = (self._ecdsa.BadSignatureError, *malformed)

    def sign(self, triple: Triple) -> bytes:
        """Return r and s, by RFC 6979."""
        key = self._ecdsa.SigningKey.from_secret_exponent(triple.d, self._curve)
        signature: bytes = key.sign_deterministic(triple.message, hashfunc=getattr(hashlib, triple.hash))
        return signature

    def verify(self, item: Altered) -> bool:
        """Return whether the signature is valid."""
        key = self._ecdsa.VerifyingKey.from_string(item.key, self._curve)
        return bool(key.verify_digest(item.pair, item.digest, allow_truncate=True))


class BtclibEcc:
    """btclib-ecc, whose `sign_` is given neither a nonce nor leave to lower s."""

    def __init__(self) -> None:
        self.name = f"btclib-ecc {version('btclib-ecc')}"
        self._dsa = import_module("btclib_ecc.ecc.dsa")
        self._curve = import_module("btclib_ecc.curves").CURVES["secp224k1"]
        self.refusals = (import_module("btclib_ecc.exceptions").BTClibEccValueError,)

    def sign(self, triple: Triple) -> bytes:
        """Return r and s, by RFC 6979."""
        function = getattr(hashlib, triple.hash)
        digest = function(triple.message).digest()
        signature = self._dsa.sign_(digest, triple.d, None, False, self._curve, function, grind=False)
        return _octets(signature.r, signature.s)

    def verify(self, item: Altered) -> bool:
        """Return whether the signature is valid."""
        function = {hashlib.new(name).digest_size: getattr(hashlib, name) for name in HASHES}[len(item.digest)]
        return bool(self._dsa.verify_(item.digest, item.key, self._dsa.Sig(*_two(item.pair), self._curve), function))


class OpenSSL:
    """libcrypto, through ctypes. Its nonces are random, so that it only verifies."""

    refusals = ()

    def __init__(self) -> None:
        crypto = self._crypto = openssl()
        self.name = " ".join(crypto.OpenSSL_version(0).decode("ascii").split()[:2])
        self._key = crypto.EC_KEY_new_by_curve_name(crypto.OBJ_txt2nid(b"secp224k1"))
        if not self._key:
            raise OSError("OpenSSL without secp224k1")
        self._group = crypto.EC_KEY_get0_group(self._key)
        self._point = crypto.EC_POINT_new(self._group)

    def sign(self, _: Triple) -> None:
        """Return None: its signatures are not deterministic."""

    def verify(self, item: Altered) -> bool:
        """Return whether the signature is valid."""
        crypto = self._crypto
        if crypto.EC_POINT_oct2point(self._group, self._point, item.key, len(item.key), None) != 1:
            return False
        crypto.EC_KEY_set_public_key(self._key, self._point)
        signature = crypto.ECDSA_SIG_new()
        r, s = (crypto.BN_bin2bn(half, 29, None) for half in (item.pair[:29], item.pair[29:]))
        crypto.ECDSA_SIG_set0(signature, r, s)
        holds = crypto.ECDSA_do_verify(item.digest, len(item.digest), signature, self._key)
        crypto.ECDSA_SIG_free(signature)
        return bool(holds == 1)


MAKERS: tuple[Callable[[], Program], ...] = (Fastecdsa, PythonEcdsa, BtclibEcc, OpenSSL)


def peers() -> list[Program]:
    """Return the programs that are installed."""
    found: list[Program] = []
    for make in MAKERS:
        try:
            found.append(make())
        except (ImportError, OSError, AttributeError) as error:
            say(f"without {make.__name__}: {error}")
    return found


def _same_e(one: Altered, other: Altered) -> bool:
    """Whether the leftmost 225 bits of the digests are the same."""
    e, f = (int.from_bytes(item.digest, "big") >> max(0, 8 * len(item.digest) - 225) for item in (one, other))
    return e == f


class Comparison:
    """Counts what was compared, and where an answer was another one than ours."""

    def __init__(self, programs: list[Program], ours: Program | None = None) -> None:
        self._programs, self._ours = programs, ours or Ecpure()
        self.counts: Counter[str] = Counter()
        self.differences: Counter[str] = Counter()
        self.shown: list[Record] = []

    def compare(self, triple: Triple, random: Random) -> None:
        """Sign, verify, alter, and verify again, by all."""
        self.counts["triples"] += 1
        for part in (f"key: {triple.kind}", f"message: {triple.length}", f"hash: {triple.hash}"):
            self.counts[part] += 1
        signature = self._ours.sign(triple) or b""
        digest = hashlib.new(triple.hash, triple.message).digest()
        right = Altered("nothing", PrivateKey.from_int(triple.d).public_key.to_bytes(), signature, digest)
        wrong = altered(right, random)
        verdicts = [verdict(self._ours, right), verdict(self._ours, wrong)]
        if not verdicts[0]:
            self._differs("ecpure does not accept its own", triple, right)
        self.counts[f"altered: {wrong.what}"] += 1
        self.counts["altered and still valid"] += verdicts[1]
        if verdicts[1] != (wrong == right._replace(what="digest", digest=wrong.digest) and _same_e(right, wrong)):
            self._differs("ecpure is wrong about an altered copy", triple, wrong)
        for program in self._programs:
            theirs = program.sign(triple)
            if theirs is not None:
                self.counts[f"signed by {program.name}"] += 1
                if theirs != signature:
                    self._differs(f"{program.name} signs otherwise", triple, right)
            for item, expected in zip((right, wrong), verdicts, strict=True):
                self.counts[f"verdicts of {program.name}"] += 1
                try:
                    found = verdict(program, item)
                except Exception as error:  # noqa: BLE001  # a program that fails does not agree
                    self._differs(f"{program.name} raises {type(error).__name__}", triple, item)
                    continue
                if found != expected:
                    self._differs(f"{program.name} says {found} where ecpure says {expected}", triple, item)

    def _differs(self, what: str, triple: Triple, item: Altered) -> None:
        self.differences[f"{what}, altered: {item.what}"] += 1
        if len(self.shown) < MOST_SHOWN:
            inputs = {"d": f"{triple.d:x}", "message": triple.message.hex(), "hash": triple.hash}
            octets = {"key": item.key.hex(), "signature": item.pair.hex(), "digest": item.digest.hex()}
            self.shown.append({"what": what, **inputs, "altered": item.what, **octets})


def chunk(comparison: Comparison, place: int, triples: int) -> None:
    """Compare the triples of one chunk, which depend only on its place."""
    random = Random(f"{SEED} {place}")
    for _ in range(triples):
        comparison.compare(triple(random), random)


def run_child(places: range, last: int) -> None:
    """Compare the chunks at these places, the last one with so many triples; print the result."""
    programs = peers()
    comparison = Comparison(programs)
    start = time.monotonic()
    for place in places:
        chunk(comparison, place, last if place == places[-1] else CHUNK)
        done = comparison.counts["triples"]
        if done % (10 * CHUNK) == 0:
            say(f"ecpure ({backend()}): {number(done)} triples, {done / (time.monotonic() - start):.0f}/s")
    result = {
        "backend": backend(),
        "seconds": round(time.monotonic() - start, 1),
        "programs": [program.name for program in programs],
        "crashed": {program.name: program.crashed for program in programs if isinstance(program, Fastecdsa)},
        "counts": comparison.counts,
        "differences": comparison.differences,
        "shown": comparison.shown,
    }
    print(json.dumps(result))


def run(triples: int) -> Record:
    """Compare so many triples, half of the chunks on each backend, in two processes, and return the record."""
    environment = ledger.environment("differential")
    chunks = -(-triples // CHUNK)
    last = triples - (chunks - 1) * CHUNK
    children = []
    for start, name in enumerate(BACKENDS):
        places = range(start, chunks, len(BACKENDS))
        if places:
            ends_it = places[-1] == chunks - 1
            words = [sys.executable, __file__, "--child", str(start), str(chunks), str(last if ends_it else CHUNK)]
            variables = os.environ | {"ECPURE_BACKEND": name, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
            children.append(subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=variables))
    parts = []
    try:
        for child in children:
            output, _ = child.communicate()
            if child.returncode:
                raise SystemExit(f"a process ended with status {child.returncode}")
            parts.append(json.loads(output))
    finally:
        for child in children:
            child.kill()
    counts: Counter[str] = Counter()
    differences: Counter[str] = Counter()
    for part in parts:
        counts.update(part["counts"])
        differences.update(part["differences"])
    return {
        **environment,
        "seed": SEED,
        "programs": parts[0]["programs"],
        "triples": counts["triples"],
        "differences": sum(differences.values()),
        "kinds": differences,
        "counts": dict(sorted(counts.items())),
        "crashed": dict(sum((Counter(part["crashed"]) for part in parts), Counter())),
        "backends": {
            part["backend"]: {"triples": part["counts"]["triples"], "seconds": part["seconds"]} for part in parts
        },
        "shown": [one for part in parts for one in part["shown"]],
    }


def text(found: Record) -> str:
    """Return the record for people."""
    counts = found["counts"]
    rows = [["program", "signatures compared byte for byte", "verdicts compared", "differences"]]
    for name in found["programs"]:
        signed = counts.get(f"signed by {name}")
        differing = sum(count for kind, count in found["kinds"].items() if kind.startswith(f"{name} "))
        rows.append([name, number(signed) if signed else "–", number(counts[f"verdicts of {name}"]), number(differing)])
    on = ", ".join(f"{number(part['triples'])} on {name}" for name, part in found["backends"].items())
    altered_ones = sum(count for name, count in counts.items() if name.startswith("altered: "))
    page = (
        f"{number(found['triples'])} triples ({on}); differences: {number(found['differences'])}. "
        f"Of {number(altered_ones)} altered copies, {number(counts['altered and still valid'])} are still valid: "
        f"the flipped bit is one that is cut off from longer digests. Sources: `{found['sources'][:16]}`.\n\n"
    ) + ledger.table(rows)
    for name, count in found["crashed"].items():
        page += f"\n{name} rejected {number(count)} of the altered keys with an uncaught TypeError in its decoder.\n"
    if found["kinds"]:
        kinds = [[kind, number(count)] for kind, count in found["kinds"].items()]
        page += "\n" + ledger.table([["difference", "times"], *kinds])
    return page


def main(words: list[str]) -> int:
    """Compare, write the record, and return 1 if there is a difference."""
    if words[:1] == ["--child"]:
        start, chunks, last = map(int, words[1:])
        run_child(range(start, chunks, len(BACKENDS)), last)
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--triples", type=int, default=TRIPLES, help=f"(default: {TRIPLES})")
    found = run(parser.parse_args(words).triples)
    ledger.save("differential", found, text(found))
    say(f"{number(found['triples'])} triples, differences: {number(found['differences'])}")
    return 1 if found["differences"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
