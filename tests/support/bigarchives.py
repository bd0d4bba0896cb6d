"""Archives of any number of signed records, made some ten times as fast as one could sign them one by one.

For tests and measurements only. The nonces at one place of the chunks are an arithmetic progression, and so are the
keys where each record has its own: someone who knows that has the private keys. Nothing may be signed so on which
somebody relies. For a verifier, these records are like any others: keys, r and s look random.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ecpure import SECP224K1, Signature
from ecpure.field import invert_all
from ecpure.group import Affine, add_each
from ecpure.hashes import digest
from ecpure.sec1 import encode_point
from ecpure.verifying import digest_to_int

CHUNK = 2048
"""Records that are made in lockstep."""

Key = tuple[int, str]
"""The private key, and the public one as a record has it."""


def write(path: Path, count: int, keys: int | None) -> Path:
    """Write the archive unless it is there, and return its path: what is there is always whole."""
    if not path.exists():
        begun = path.with_name(f"{path.name}.begun")
        with begun.open("wb") as file:
            file.writelines(records(count, keys))
        begun.rename(path)
    return path


def records(count: int, keys: int | None) -> Iterator[bytes]:
    """Yield so many valid records as lines of JSON, a chunk at a time: the same octets for the same arguments.

    keys: how many sign them, in random order; or None, a key for each record.
    """
    rng = random.Random(f"{count} records of {keys} keys")
    chunk = min(count, CHUNK)
    signers, nonces = _signers(rng, chunk, keys), _multiples(rng, chunk)
    for start in range(0, count, chunk):
        numbers = range(start, min(start + chunk, count))
        yield "".join(map(_line, numbers, next(signers), *_halves(next(nonces)))).encode("ascii")


def _signers(rng: random.Random, chunk: int, keys: int | None) -> Iterator[list[Key]]:
    """Yield for each chunk the keys of its records."""
    if keys is None:
        yield from map(_named, _multiples(rng, chunk))
    else:
        together = min(keys, CHUNK)
        parts = islice(_multiples(rng, together), -(-keys // together))
        all_keys = [key for part in parts for key in _named(part)][:keys]
        while True:
            yield rng.choices(all_keys, k=chunk)


def _multiples(rng: random.Random, chunk: int) -> Iterator[list[tuple[int, Affine]]]:
    """Yield, without an end, scalars k with k·G: each larger than that in its place before, by one step for all."""
    p, n, G = SECP224K1.field, SECP224K1.n, SECP224K1.G
    step, *scalars = [rng.randrange(1, n) for _ in range(1 + chunk)]
    step_G, *points = [(k * G).coordinates for k in (step, *scalars)]
    while True:
        yield list(zip(scalars, points, strict=True))
        scalars = [(k + step) % n for k in scalars]
        points = add_each(points, [step_G] * chunk, p)


def _named(multiples: list[tuple[int, Affine]]) -> list[Key]:
    return [(d, encode_point(x, y, SECP224K1.p, compressed=True).hex()) for d, (x, y) in multiples]


def _halves(multiples: list[tuple[int, Affine]]) -> tuple[list[int], list[int]]:
    """Return of each k·G what a signature takes of it: r, and k⁻¹."""
    # x < p < n on this curve: r is x as it is
    return [int(x) for _, (x, _) in multiples], invert_all([k for k, _ in multiples], SECP224K1.order)


def _line(number: int, signer: Key, r: int, inverse: int) -> str:
    """Return the record of this number, signed: s = k⁻¹·(e + r·d) (SEC 1 §4.1.3 step 6)."""
    d, public_key = signer
    message = b"order %d" % number
    e = digest_to_int(SECP224K1, digest("sha224", message))
    signature = Signature(r, int(inverse * (e + r * d) % SECP224K1.order))
    record = {
        "id": number,
        "public_key": public_key,
        "message": message.hex(),
        "signature": signature.to_der().hex(),
    }
    return json.dumps(record) + "\n"
