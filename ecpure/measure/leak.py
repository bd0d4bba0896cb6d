"""Does signing time leak secrets? Welch's t-test on classes of inputs that differ in one secret.

Three calls are timed: the signing core with the nonce given, whole calls of `PrivateKey.sign`, and
`PrivateKey.public_key`. If the test can choose the secret, inputs of both classes are mixed in random order; for a
whole signature it cannot choose the nonce, so the calls are sorted afterwards by the nonce that RFC 6979 made.

If the mean times differ by more than chance, |t| grows with the number of calls; below 4.5 no leak was found (Goodwill,
Jun, Jaffe, Rohatgi: A testing methodology for side-channel resistance validation, NIST 2011). Noise hides small
differences. Clock speed drifts, so each time is divided by its neighbours' median; interrupts are outliers, so the test
is repeated on the fastest 99.9 to 50% of the times (crops). How many nonce candidates were rejected is not secret, but
would hide the rest: each time is scaled by those with the same number. A naive signer, which skips the zeros of its
secret, is measured too: a test that does not detect its leak proves nothing.
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
from ..group import Affine, times, to_affine
from ..hashes import digest
from ..integers import backend_version, invert
from ..io.progress import Progress
from ..privatekey import PrivateKey
from ..rfc6979 import nonces
from ..sec1 import encode_integer
from ..signing import lengthen, sign_with_nonce

CROPS = (100.0, 99.9, 99.0, 95.0, 90.0, 75.0, 50.0)
"""The fastest part of the times that counts, in per cent."""

BOUND = 4.5

_CHECKPOINTS, _BINS = 100, 80
_NEIGHBOURS = 5  # on each side; fewer do not detect the naive signer better, more detect it less well
_BATCH = 500  # signatures whose inputs are made at once
_N = SECP224K1.order
_BITS = 224
_HASH, _MESSAGE = "sha224", 32  # octets of a message
_MANY = 2000  # uses after which the base point has its largest table, so that none is built during the test

Inputs = tuple[int, ...]
"""The numbers that a call's arguments are made of."""
Kind = Callable[[random.Random], Inputs]
Classes = tuple[int, ...]
"""For each pair of the call: 0 or 1 for the first or second class, 2 for neither."""


class Pair(NamedTuple):
    """Two classes of inputs that differ in one secret property. label: its short name."""

    label: str
    name: str


class Call(NamedTuple):
    """What is timed, and the pairs of classes that its inputs are sorted into.

    kinds: functions that make inputs; if there are two, one for each class. arguments: makes the call's arguments from
    its inputs. sorted_afterwards: returns the classes of inputs, and a public number, if only the nonce decides.
    """

    pairs: tuple[Pair, ...]
    kinds: tuple[Kind, ...]
    arguments: Callable[[Inputs], Any]
    ecpure: Callable[[Any], object]
    naive: Callable[[Any], object] | None = None
    sorted_afterwards: Callable[[Inputs], tuple[Classes, int]] | None = None


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
    d, e, k = _short_product(rng)  # as much work before the signature as for the other class
    return (d ^ rng.getrandbits(_BITS)) % _N or 1, e, k


def _key_alone(kind: Kind) -> Kind:
    return lambda rng: kind(rng)[:1]


def _light_key(rng: random.Random) -> Inputs:
    return (_light_nonce(rng)[2],)


def _heavy_key(rng: random.Random) -> Inputs:
    return (_heavy_nonce(rng)[2],)


def _key_and_message(rng: random.Random) -> Inputs:
    return _full(rng), rng.getrandbits(8 * _MESSAGE)


def _message(number: int) -> bytes:
    return number.to_bytes(_MESSAGE, "big")


def by_nonce(inputs: Inputs) -> tuple[Classes, int]:
    """Return the classes of a whole signature by its nonce's length and weight, and how many candidates were rejected.

    A nonce is short with 221 bits or fewer, of full length with 224 or more; light with up to 108 ones, heavy with 116
    or more.
    """
    d, number = inputs
    n = SECP224K1.n
    # n > 2²²⁴, so that a digest of 28 octets is the same mod n and mod 2²²⁵ − 1: these are the candidates for n.
    octets, of_message = encode_integer(d, SECP224K1.scalar_octets), digest(_HASH, _message(number))
    refused, candidates = 0, nonces(octets, of_message, (1 << n.bit_length()) - 1, _HASH)
    while (k := next(candidates)) >= n:
        refused += 1
    length, weight = k.bit_length(), k.bit_count()
    by_length = 0 if length <= _BITS - 3 else 1 if length >= _BITS else 2
    by_weight = 0 if weight <= _BITS // 2 - 4 else 1 if weight >= _BITS // 2 + 4 else 2
    return (by_length, by_weight), refused


def _lengthened(inputs: Inputs) -> Inputs:
    d, e, k = inputs
    return lengthen(d, SECP224K1.n), e, k  # d as `PrivateKey` keeps it


def _private_key(inputs: Inputs) -> PrivateKey:
    return PrivateKey.from_int(inputs[0])


def ecpure(inputs: Inputs) -> object:
    """Sign as ecpure does, with this nonce."""
    d, e, k = inputs
    return sign_with_nonce(SECP224K1, d, e, k)


def naive(inputs: Inputs) -> object:
    """Sign by doubling and adding, without blinding: a leak that the test must detect."""
    d, e, k = inputs
    n = SECP224K1.order
    x, _ = _doubled_and_added(k)
    return x % n, invert(k, n) * (e + x * d) % n


def naive_sign(arguments: tuple[PrivateKey, bytes]) -> object:
    """Sign the message in the same way, with the nonce of RFC 6979."""
    key, message = arguments
    octets = digest(_HASH, message)
    k = next(nonces(key.to_bytes(), octets, SECP224K1.n, _HASH))
    return naive((int.from_bytes(key.to_bytes(), "big"), int.from_bytes(octets, "big"), k))


def naive_public_key(key: PrivateKey) -> object:
    """Return the public key's coordinates, computed in the same way."""
    return _doubled_and_added(int.from_bytes(key.to_bytes(), "big"))


def _doubled_and_added(k: int) -> Affine:
    p = SECP224K1.field
    return to_affine(times(k, SECP224K1.G.coordinates, p), p)


CALLS = (
    Call(
        (Pair("short nonce", "nonce at least 8 bits short, or of full length"),),
        (_short_nonce, _ordinary),
        _lengthened,
        ecpure,
        naive,
    ),
    Call((Pair("short key", "key of 64 bits, or of full length"),), (_small_key, _ordinary), _lengthened, ecpure),
    Call(
        (Pair("light nonce", "nonce of low, or of high weight"),),
        (_light_nonce, _heavy_nonce),
        _lengthened,
        ecpure,
        naive,
    ),
    Call(
        (Pair("short r*d", "r·d mod n short, or of full length"),),
        (_short_product, _long_product),
        _lengthened,
        ecpure,
    ),
    Call(
        (
            Pair("sign, short nonce", "sign: nonce at least 3 bits short, or of full length"),
            Pair("sign, light nonce", "sign: nonce of low, or of high weight"),
        ),
        (_key_and_message,),
        lambda inputs: (_private_key(inputs), _message(inputs[1])),
        lambda arguments: arguments[0].sign(arguments[1]),
        naive_sign,
        by_nonce,
    ),
    Call(
        (Pair("public_key, short key", "public_key: key of 64 bits, or of full length"),),
        (_key_alone(_small_key), _key_alone(_ordinary)),
        _private_key,
        lambda key: key.public_key,
        naive_public_key,
    ),
    Call(
        (Pair("public_key, light key", "public_key: key of low, or of high weight"),),
        (_light_key, _heavy_key),
        _private_key,
        lambda key: key.public_key,
        naive_public_key,
    ),
)


class Samples(NamedTuple):
    """Times in nanoseconds, in the order of measurement, and the class of each."""

    times: array[int]
    classes: bytearray


def measure(call: Call, signer: Callable[[Any], object], count: int, progress: Progress) -> list[Samples]:
    """Return, for each pair of the call, the times of its classes, from `count` calls in random order."""
    rng = random.Random()  # noqa: S311  # not secret
    times, public = array("Q"), array("Q")
    classes = [bytearray() for _ in call.pairs]
    collects = gc.isenabled()
    gc.disable()
    try:
        while len(times) < count:
            kinds = [rng.randrange(len(call.kinds)) for _ in range(min(_BATCH, count - len(times)))]
            inputs = [call.kinds[kind](rng) for kind in kinds]
            for arguments in _scattered(inputs, call.arguments, rng):
                begin = time.perf_counter_ns()
                signer(arguments)
                end = time.perf_counter_ns()
                times.append(end - begin)
            for kind, one in zip(kinds, inputs, strict=True):
                of_each, refused = call.sorted_afterwards(one) if call.sorted_afterwards else ((kind,), 0)
                public.append(refused)
                for known, its_class in zip(classes, of_each, strict=True):
                    known.append(its_class)
            progress.advance(len(kinds))
    finally:
        if collects:
            gc.enable()
    steady = steadied(levelled(times, public))
    return [_of_either(steady, known) for known in classes]


def _scattered(inputs: list[Inputs], arguments: Callable[[Inputs], Any], rng: random.Random) -> list[Any]:
    """Return the arguments of the inputs, whose numbers are copied in random order.

    Where numbers are in memory, and thus how fast they are read, depends on how they were computed, and thus on their
    class: this caused |t| of up to 3.7.
    """
    octets = [[number.to_bytes(32, "big") for number in one] for one in inputs]
    scattered: dict[int, Any] = dict.fromkeys(range(len(inputs)))
    for place in rng.sample(range(len(inputs)), len(inputs)):
        scattered[place] = arguments(tuple(int.from_bytes(number, "big") for number in octets[place]))
    return list(scattered.values())


def levelled(times: array[int], public: array[int]) -> array[int]:
    """Return each time divided by the median of those with the same public number, times the median of all."""
    apart: dict[int, array[int]] = {}
    for taken, number in zip(times, public, strict=True):
        apart.setdefault(number, array("Q")).append(taken)
    whole = median(times)
    factors = {number: whole / max(1, median(taken)) for number, taken in apart.items()}
    return array("Q", [round(taken * factors[number]) for taken, number in zip(times, public, strict=True)])


def steadied(times: array[int]) -> array[int]:
    """Return each time divided by its neighbours' median, times the median of all, in nanoseconds.

    Classes are mixed at random, so the classes of the neighbours say nothing about the one between them.
    """
    whole = median(times)
    steady = array("Q")
    for place, taken in enumerate(times):
        around = times[max(0, place - _NEIGHBOURS) : place] + times[place + 1 : place + 1 + _NEIGHBOURS]
        steady.append(round(taken * whole / max(1, median(around or [taken]))))
    return steady


def _of_either(times: array[int], classes: bytearray) -> Samples:
    """Return the samples without those of neither class."""
    either = [place for place, its_class in enumerate(classes) if its_class < 2]
    return Samples(array("Q", [times[place] for place in either]), bytearray(classes[place] for place in either))


def t_curve(samples: Samples, crop: float) -> list[float]:
    """Return Welch's t after each hundredth of the samples, for the times within the crop."""
    ordered = sorted(samples.times)
    limit = ordered[min(len(ordered) - 1, int(len(ordered) * crop / 100))]
    base = ordered[len(ordered) // 2]  # keeps the numbers that are summed small
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
    """Return how many times of each class fall into bins of equal width, up to the 95th percentile."""
    ordered = sorted(samples.times)
    low, high = ordered[0], max(ordered[len(ordered) * 95 // 100], ordered[0] + 1)
    bins = [[0] * _BINS, [0] * _BINS]
    for taken, second in zip(samples.times, samples.classes, strict=True):
        if taken <= high:
            bins[second][min(_BINS - 1, (taken - low) * _BINS // (high - low))] += 1
    return {"from": low, "to": high, "first": bins[0], "second": bins[1]}


def _of_naive(call: Call, count: int) -> int:
    """Return how many signatures are enough to detect the naive signer: more if classes are small and close."""
    return max(2, count // (4 if call.sorted_afterwards else 10))


def run(count: int) -> dict[str, Any]:
    """Return the report: for each pair, of ecpure and, if there is one, of the naive signer, the t of each crop."""
    SECP224K1.base.for_uses(_MANY)
    plan = [("ecpure", call, call.ecpure, count) for call in CALLS]
    plan += [("naive", call, call.naive, _of_naive(call, count)) for call in CALLS if call.naive]
    results = []
    with Progress(sum(number for *_, number in plan), "signatures") as progress:
        for name, call, signer, number in plan:
            for pair, samples in zip(call.pairs, measure(call, signer, number, progress), strict=True):
                curves = {f"{crop:g}": [round(t, 3) for t in t_curve(samples, crop)] for crop in CROPS}
                results.append(
                    {
                        "signer": name,
                        "pair": pair.name,
                        "label": pair.label,
                        "signatures": number,
                        "t": {crop: curve[-1] for crop, curve in curves.items()},
                        "curves": curves,
                        "histogram": _histogram(samples),
                    }
                )
    runtime = f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}"
    return {"ecpure": __version__, "backend": backend_version(), "runtime": runtime, "results": results}


def worst(result: dict[str, Any]) -> float:
    """Return the largest |t| over a pair's crops."""
    return max(abs(float(t)) for t in result["t"].values())


class Verdict(NamedTuple):
    """The verdict of a report.

    found: ecpure's results that reach the bound. unseen: the naive signer's that do not. largest: ecpure's largest |t|.
    """

    found: list[dict[str, Any]]
    unseen: list[dict[str, Any]]
    largest: float
    signatures: int

    def __str__(self) -> str:
        words = "leak found" if self.found else "too few signatures to tell" if self.unseen else "nothing found"
        return f"{words}: largest |t| {self.largest:.1f}, bound {BOUND}, {self.signatures:,} signatures a pair"


def verdict(report: dict[str, Any]) -> Verdict:
    """Return the verdict: a leak was found, or there were too few signatures to tell, or none was found."""
    ours, naives = ([one for one in report["results"] if one["signer"] == name] for name in ("ecpure", "naive"))
    return Verdict(
        found=[one for one in ours if worst(one) >= BOUND],
        unseen=[one for one in naives if worst(one) < BOUND],
        largest=max(map(worst, ours)),
        signatures=min(one["signatures"] for one in ours),
    )
