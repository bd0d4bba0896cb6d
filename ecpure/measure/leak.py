"""Does the time of a signature tell something of its secrets? Welch's t-test on classes that differ in one of them.

For each pair of classes, signatures of both are timed in random order. If the mean times differ by more than chance,
|t| grows with their number; below 4.5 nothing was found (Goodwill, Jun, Jaffe, Rohatgi: A testing methodology for
side-channel resistance validation, NIST 2011). Noise hides small differences. Clock speed drifts, so each time is
divided by its neighbours' median; interrupts are outliers, so the test is repeated on the fastest 99.9 to 50% of the
times (crops). A naive signer, which skips the zeros of its nonce, is measured beside: a test that does not see
that one proves nothing.
"""

from __future__ import annotations

import gc
import platform
import random
import time
from array import array
from collections.abc import Callable
from math import sqrt
from statistics import median
from typing import Any, NamedTuple

from .. import __version__
from ..curve import SECP224K1
from ..group import times, to_affine
from ..integers import backend_version, invert
from ..io.progress import Progress
from ..signing import lengthen, sign_with_nonce

CROPS = (100.0, 99.9, 99.0, 95.0, 90.0, 75.0, 50.0)
"""Which part of the times counts, the fastest first, in per cent."""

BOUND = 4.5

_CHECKPOINTS, _BINS = 100, 80
_NEIGHBOURS = 5  # on each side; with fewer the naive signer is seen no better, with more it is seen less well
_BATCH = 500  # signatures whose inputs are made at a time
_N = SECP224K1.order
_BITS = 224
_MANY = 2000  # uses after which the base point has its largest table: no signature here pays for a larger one

Inputs = tuple[int, int, int]
"""d, e, k."""
Signer = Callable[[Inputs], object]
Kind = Callable[[random.Random], Inputs]


class Pair(NamedTuple):
    """Two kinds of inputs that differ in one secret property."""

    name: str
    first: Kind
    second: Kind


def _full(rng: random.Random) -> int:
    """Return a number of full length, 224 bits."""
    return rng.getrandbits(_BITS - 1) | 1 << _BITS - 1


def _short_nonce(rng: random.Random) -> Inputs:
    return _full(rng), _full(rng), 1 + rng.getrandbits(_BITS - 8)


def _ordinary(rng: random.Random) -> Inputs:
    return _full(rng), _full(rng), _full(rng)


def _small_key(rng: random.Random) -> Inputs:
    return 1 + rng.getrandbits(64), _full(rng), _full(rng)


def _light_nonce(rng: random.Random) -> Inputs:
    return _full(rng), _full(rng), (_full(rng) & _full(rng) & _full(rng))


def _heavy_nonce(rng: random.Random) -> Inputs:
    return _full(rng), _full(rng), (_full(rng) | _full(rng) | _full(rng))


def _short_product(rng: random.Random) -> Inputs:
    """Return d and k for which r·d mod n has at most 160 bits."""
    k = _full(rng)
    x, _ = SECP224K1.base.multiply_secret(k)
    d = int(invert(x, _N)) * (1 + rng.getrandbits(160)) % _N
    return d, _full(rng), k


def _long_product(rng: random.Random) -> Inputs:
    d, e, k = _short_product(rng)  # as much work before the signature as for the other kind
    return (d ^ rng.getrandbits(_BITS)) % _N or 1, e, k


PAIRS = (
    Pair("nonce at least 8 bits short, or of full length", _short_nonce, _ordinary),
    Pair("key of 64 bits, or of full length", _small_key, _ordinary),
    Pair("nonce of low, or of high weight", _light_nonce, _heavy_nonce),
    Pair("r·d mod n short, or of full length", _short_product, _long_product),
)


def ecpure(inputs: Inputs) -> object:
    """Sign as ecpure does, with this nonce."""
    d, e, k = inputs
    return sign_with_nonce(SECP224K1, d, e, k)


def naive(inputs: Inputs) -> object:
    """Sign by doubling and adding, with nothing blinded: for the test to see."""
    d, e, k = inputs
    p, n = SECP224K1.field, SECP224K1.order
    x, _ = to_affine(times(k, SECP224K1.G.coordinates, p), p)
    return x % n, invert(k, n) * (e + x * d) % n


class Samples(NamedTuple):
    """Times in nanoseconds, in the order in which they were taken, and of which class each is."""

    times: array[int]
    classes: bytearray


def measure(signer: Signer, pair: Pair, count: int, progress: Progress) -> Samples:
    """Return the times of `count` signatures, classes mixed at random."""
    rng = random.Random()  # noqa: S311  # these are no secrets
    samples = Samples(array("Q"), bytearray())
    collects = gc.isenabled()
    gc.disable()
    try:
        while len(samples.times) < count:
            classes = [rng.getrandbits(1) for _ in range(min(_BATCH, count - len(samples.times)))]
            inputs = [(pair.second if second else pair.first)(rng) for second in classes]
            for second, one in zip(classes, _scattered(inputs, rng), strict=True):
                begin = time.perf_counter_ns()
                signer(one)
                end = time.perf_counter_ns()
                samples.times.append(end - begin)
                samples.classes.append(second)
            progress.advance(len(classes))
    finally:
        if collects:
            gc.enable()
    return samples


def _scattered(inputs: list[Inputs], rng: random.Random) -> list[Inputs]:
    """Return the inputs, each d as `PrivateKey` has it, made anew in random order.

    Where numbers lie in memory, and so how soon they are read, follows from how they were computed, and that from their
    class: |t| of up to 3.7 came of it.
    """
    octets = [[number.to_bytes(32, "big") for number in one] for one in inputs]
    scattered = dict.fromkeys(range(len(inputs)), (0, 0, 0))
    for place in rng.sample(range(len(inputs)), len(inputs)):
        d, e, k = (int.from_bytes(number, "big") for number in octets[place])
        scattered[place] = lengthen(d, SECP224K1.n), e, k
    return list(scattered.values())


def steadied(samples: Samples) -> Samples:
    """Return each time in proportion to its neighbours' median, in nanoseconds at the median speed of the whole run.

    Classes are mixed at random, so which class the neighbours are of says nothing of the one that stands between them.
    """
    times, whole = samples.times, median(samples.times)
    steady = array("Q")
    for place, taken in enumerate(times):
        around = times[max(0, place - _NEIGHBOURS) : place] + times[place + 1 : place + 1 + _NEIGHBOURS]
        steady.append(round(taken * whole / max(1, median(around or [taken]))))
    return Samples(steady, samples.classes)


def t_curve(samples: Samples, crop: float) -> list[float]:
    """Return Welch's t after each hundredth of the samples, of the times within the crop of the whole."""
    ordered = sorted(samples.times)
    limit = ordered[min(len(ordered) - 1, int(len(ordered) * crop / 100))]
    base = ordered[len(ordered) // 2]  # sums of small numbers lose nothing
    counts, sums, squares = [0, 0], [0, 0], [0, 0]
    curve: list[float] = []
    step = max(1, len(ordered) // _CHECKPOINTS)
    for done, (taken, second) in enumerate(zip(samples.times, samples.classes, strict=True), 1):
        if taken <= limit:
            counts[second] += 1
            sums[second] += taken - base
            squares[second] += (taken - base) ** 2
        if done % step == 0:
            curve.append(_welch(counts, sums, squares))
    return curve


def _welch(counts: list[int], sums: list[int], squares: list[int]) -> float:
    if min(counts) < 2:
        return 0.0
    means = [s / n for s, n in zip(sums, counts, strict=True)]
    variances = [(q - m * m * n) / (n - 1) for q, m, n in zip(squares, means, counts, strict=True)]
    spread = sqrt(sum(v / n for v, n in zip(variances, counts, strict=True)))
    return (means[0] - means[1]) / spread if spread else 0.0


def _histogram(samples: Samples) -> dict[str, Any]:
    """Return how many times of each class fall into bins of equal width, up to the time that 95 of 100 keep below."""
    ordered = sorted(samples.times)
    low, high = ordered[0], max(ordered[len(ordered) * 95 // 100], ordered[0] + 1)
    bins = [[0] * _BINS, [0] * _BINS]
    for taken, second in zip(samples.times, samples.classes, strict=True):
        if taken <= high:
            bins[second][min(_BINS - 1, (taken - low) * _BINS // (high - low))] += 1
    return {"from": low, "to": high, "first": bins[0], "second": bins[1]}


def run(count: int) -> dict[str, Any]:
    """Return the report: for each pair, and for the naive signer on two of them, the t of each crop."""
    SECP224K1.base.for_uses(_MANY)
    plan = [("ecpure", ecpure, pair, count) for pair in PAIRS]
    plan += [("naive", naive, pair, max(2, count // 10)) for pair in (PAIRS[0], PAIRS[2])]
    results = []
    with Progress(sum(number for *_, number in plan), "signatures") as progress:
        for name, signer, pair, number in plan:
            samples = steadied(measure(signer, pair, number, progress))
            curves = {f"{crop:g}": [round(t, 3) for t in t_curve(samples, crop)] for crop in CROPS}
            results.append(
                {
                    "signer": name,
                    "pair": pair.name,
                    "signatures": len(samples.times),
                    "t": {crop: curve[-1] for crop, curve in curves.items()},
                    "curves": curves,
                    "histogram": _histogram(samples),
                }
            )
    runtime = f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}"
    return {"ecpure": __version__, "backend": backend_version(), "runtime": runtime, "results": results}


def worst(result: dict[str, Any]) -> float:
    """Return the largest |t| of a pair's crops."""
    return max(abs(float(t)) for t in result["t"].values())
