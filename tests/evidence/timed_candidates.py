"""Tell the right one of many guesses of a key by how long signatures of known messages took, each timed once.

How many candidates for the nonce RFC 6979 refuses follows from key and message, and each takes its time. Someone with
the times and the messages counts the same for every guess and takes the one whose counts follow the times best: no
signature and no public key is needed. `python tests/evidence/timed_candidates.py` prints where the right guess ranks,
without and with `extra_entropy`.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from unittest import mock

from ecpure import SECP224K1, PrivateKey, auth, backend, rfc6979
from ecpure.sec1 import bits2int


def refused(key: PrivateKey, messages: Sequence[bytes], extra_entropy: bytes = b"") -> list[int]:
    """Return for each message how many candidates are refused before its nonce."""
    counts: list[int] = []

    def counted(octets: bytes, qlen: int) -> int:
        counts[-1] += 1
        return bits2int(octets, qlen)

    with mock.patch.object(rfc6979, "bits2int", counted):
        for message in messages:
            counts.append(-2)  # one is the digest, one the candidate that is taken
            digest = hashlib.sha224(message).digest()
            next(rfc6979.nonces(key.to_bytes(), digest, SECP224K1.n, "sha224", extra_entropy))
    return counts


def ranked(times: Sequence[float], counts: Sequence[Sequence[int]]) -> list[int]:
    """Return the numbers of the guesses, the one whose counts follow the times best first.

    Times above one and a half of the upper quartile are taken for interruptions, and cut.
    """
    middle = statistics.median(times)
    most = 1.5 * statistics.median([one for one in times if one >= middle])
    cut = [min(one, most) for one in times]

    def follows(guess: int) -> float:
        return statistics.correlation(cut, counts[guess]) if len({*counts[guess]}) > 1 else -1.0

    return sorted(range(len(counts)), key=follows, reverse=True)


def timed(key: PrivateKey, messages: Sequence[bytes], extra_entropy: Callable[[], bytes | None]) -> list[float]:
    """Return how many microseconds each signature took, one time each."""
    times = []
    gc.disable()
    for message in messages:
        extra = extra_entropy()
        start = time.perf_counter()
        key.sign(message, extra_entropy=extra)
        times.append((time.perf_counter() - start) * 1e6)
    gc.enable()
    return times


def main(words: list[str]) -> int:
    """Time signatures of one guess's key, and print where it ranks among all of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--guesses", type=int, default=400, help="passphrases (default: 400)")
    parser.add_argument("--messages", type=int, default=100, help="signatures timed (default: 100)")
    parser.add_argument("--rounds", type=int, default=10, help="times that it is tried (default: 10)")
    arguments = parser.parse_args(words)
    guesses = [auth.derive_private_key(7, f"passphrase {number}") for number in range(arguments.guesses)]
    SECP224K1.base.for_uses(2000)
    for name, extra in (("RFC 6979", lambda: None), ("with extra_entropy", lambda: os.urandom(29))):
        ranks, slopes = [], []
        for number in range(arguments.rounds):
            right = number * arguments.guesses // arguments.rounds
            messages = [b"%d %d" % (number, place) for place in range(arguments.messages)]
            times = timed(guesses[right], messages, extra)
            counts = [refused(guess, messages) for guess in guesses]
            ranks.append(ranked(times, counts).index(right) + 1)
            slopes.append(_each(times, counts[right]))
        each = "" if extra() else f"; {statistics.median(slopes):.1f} µs for each candidate refused"
        print(f"{backend()}, {name}: the right one of {len(guesses)} ranked {', '.join(map(str, ranks))}{each}")
    return 0


def _each(times: Sequence[float], counts: Sequence[int]) -> float:
    """Return what one more refused candidate takes: the median of those with one less that of those with none."""
    with_count = [[taken for taken, count in zip(times, counts, strict=True) if count == wanted] for wanted in (0, 1)]
    return statistics.median(with_count[1]) - statistics.median(with_count[0]) if all(with_count) else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
