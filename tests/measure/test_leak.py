"""The leak test: its statistics, its inputs, and that it sees a signer that leaks."""

from __future__ import annotations

import gc
import hashlib
import hmac
import random
from array import array
from types import SimpleNamespace

import pytest
from fakereports import leak_report

from ecpure import SECP224K1, PrivateKey
from ecpure.io.progress import Progress
from ecpure.measure import leak
from ecpure.signing import lengthen

N = SECP224K1.n


def samples(first: list[int], second: list[int]) -> leak.Samples:
    """Return the times of both classes, in turn."""
    times = array("Q", [taken for pair in zip(first, second, strict=True) for taken in pair])
    return leak.Samples(times, bytearray([0, 1] * len(first)))


def test_t_of_known_samples() -> None:
    """t is Welch's, its sign that of the first mean less the second; equal samples give 0, and one value nothing."""
    first, second = [10, 12, 14, 16], [20, 22, 24, 26]
    (*_, t) = leak.t_curve(samples(first, second), 100)
    assert t == pytest.approx((13 - 23) / (2 * (20 / 3) / 4) ** 0.5)
    assert leak.t_curve(samples(first, first), 100)[-1] == 0
    assert leak.t_curve(samples([5] * 4, [5] * 4), 100)[-1] == 0
    assert leak.t_curve(samples([1], [2]), 100)[-1] == 0
    slow = [*first, 10_000]
    assert abs(leak.t_curve(samples(slow, [*second, 20]), 75)[-1]) > abs(
        leak.t_curve(samples(slow, [*second, 20]), 100)[-1]
    )


def test_a_machine_that_changes_its_speed_hides_nothing() -> None:
    """Times in proportion to their neighbours' show a difference of 1 in 100 that changes of speed hide."""
    rng = random.Random(7)
    drifting = leak.Samples(array("Q"), bytearray())
    for place in range(2000):
        second, slowness = rng.getrandbits(1), 1 + place / 500
        drifting.times.append(round(slowness * (100_000 + 1000 * second + rng.randrange(1000))))
        drifting.classes.append(second)
    steady = leak.steadied(drifting.times)
    assert abs(leak.t_curve(drifting, 100)[-1]) < 2
    assert leak.t_curve(leak.Samples(steady, drifting.classes), 100)[-1] < -50
    assert max(steady) < 1.05 * min(steady)


def test_steadied_times() -> None:
    """Each is set against its neighbours, those there are of five on each side, and not against itself."""
    assert list(leak.steadied(array("Q", [100, 50]))) == [150, 38]
    times = array("Q", [10, *[40] * 5, 80, *[40] * 5, 90])
    assert leak.steadied(times) == times
    for times in (array("Q", [7]), array("Q", [0, 0, 0])):
        assert leak.steadied(times) == times


def test_what_is_public_hides_nothing() -> None:
    """Times with the same public number are set against their median: a difference that it hides can be seen."""
    times, public = array("Q", [10, 20, 100, 200, 12]), array("Q", [0, 0, 1, 1, 0])
    assert list(leak.levelled(times, public)) == [17, 33, 13, 27, 20]
    assert list(leak.levelled(array("Q", [0, 0, 8]), array("Q", [1, 1, 2]))) == [0, 0, 0]
    rng = random.Random(3)
    noisy, public, classes = array("Q"), array("Q"), bytearray()
    for _ in range(4000):
        refused, second = rng.getrandbits(3).bit_count(), rng.getrandbits(1)
        noisy.append(60_000 + 7_000 * refused + 300 * second + rng.randrange(600))
        public.append(refused)
        classes.append(second)
    assert abs(leak.t_curve(leak.Samples(noisy, classes), 100)[-1]) < leak.BOUND
    assert leak.t_curve(leak.Samples(leak.levelled(noisy, public), classes), 100)[-1] < -10 * leak.BOUND


@pytest.mark.parametrize("call", leak.CALLS, ids=lambda call: call.pairs[0].label)
def test_the_inputs_of_each_call(call: leak.Call) -> None:
    """Every kind gives keys and nonces in the range, and arguments that either signer can be called with."""
    rng = random.Random(5)
    for kind in call.kinds:
        for _ in range(10):
            inputs = kind(rng)
            assert 1 <= inputs[0] < N
            assert len(inputs) < 3 or 1 <= inputs[2] < N
            arguments = call.arguments(inputs)
            assert call.ecpure(arguments) is not None
            assert call.naive is None or call.naive(arguments)
    assert len(set(call.kinds)) == len(call.kinds)


def test_the_naive_signer_computes_what_ecpure_does() -> None:
    """It differs in the time it takes, and in nothing else."""
    key, message = PrivateKey.from_int(0xC0FFEE << 190), b"message"
    signature = key.sign(message)
    assert leak.naive_sign((key, message)) == (signature.r, signature.s)
    assert leak.naive_public_key(key) == (key.public_key.x, key.public_key.y)


def test_properties_of_the_kinds() -> None:
    """Short is at least eight bits short, light and heavy differ in weight, and r·d mod n is short where it says so."""
    rng = random.Random(6)
    assert max(leak._short_nonce(rng)[2].bit_length() for _ in range(50)) <= 217
    assert max(leak._light_nonce(rng)[2].bit_count() for _ in range(50)) < 80
    assert min(leak._heavy_nonce(rng)[2].bit_count() for _ in range(50)) > 150
    assert max(leak._light_key(rng)[0].bit_count() for _ in range(50)) < 80
    assert min(leak._heavy_key(rng)[0].bit_count() for _ in range(50)) > 150
    d, _, k = leak._short_product(rng)
    x, _ = SECP224K1.base.multiply_secret(k)
    assert (x * d % N).bit_length() <= 161


def test_a_whole_signature_is_sorted_by_its_own_nonce() -> None:
    """By length and weight of the k that solves its equation; and by how many candidates RFC 6979 refused before."""
    rng = random.Random(8)
    seen = set()
    for _ in range(150):
        d, number = leak._key_and_message(rng)
        message = number.to_bytes(32, "big")
        signature, digest = PrivateKey.from_int(d).sign(message), hashlib.sha224(message).digest()
        k = (int.from_bytes(digest, "big") + signature.r * d) * pow(signature.s, -1, N) % N
        (by_length, by_weight), refused = leak.by_nonce((d, number))
        bits, ones = k.bit_length(), k.bit_count()
        assert (by_length == 0, by_length == 1) == (bits <= 221, bits >= 224)
        assert (by_weight == 0, by_weight == 1) == (ones <= 108, ones >= 116)
        assert refused == refused_before(k, d.to_bytes(29, "big"), digest)
        seen |= {("length", by_length), ("weight", by_weight), ("refused", min(refused, 2))}
    assert len(seen) == 9


def refused_before(k: int, x: bytes, digest: bytes) -> int:
    """Return the number of candidates before k, by the standard library's HMAC (RFC 6979 §3.2, steps b to h)."""

    def mac(*parts: bytes) -> bytes:
        return hmac.digest(K, b"".join(parts), "sha224")

    V, K = b"\x01" * 28, b"\x00" * 28
    for separator in (b"\x00", b"\x01"):
        K = mac(V, separator, x, b"\x00", digest)
        V = mac(V)
    for refused in range(200):
        first = mac(V)
        V = mac(first)
        if int.from_bytes(first + V, "big") >> 2 * 224 - 225 == k:
            return refused
        K = mac(V, b"\x00")
        V = mac(V)
    raise LookupError("the nonce is none of the first candidates")


def test_a_run_measures_both_signers() -> None:
    """ecpure on every pair, the naive signer on six of them; the report has each crop's curve and the histogram."""
    report = leak.run(200)
    pairs = [pair for call in leak.CALLS for pair in call.pairs]
    assert [result["signer"] for result in report["results"]] == ["ecpure"] * 8 + ["naive"] * 6
    assert [(result["label"], result["pair"]) for result in report["results"][:8]] == pairs
    for result in report["results"]:
        of_naive = 50 if result["label"].startswith("sign,") else 20
        assert result["signatures"] == (200 if result["signer"] == "ecpure" else of_naive)
        assert result["t"] == {crop: curve[-1] for crop, curve in result["curves"].items()}
        assert leak.worst(result) == max(abs(t) for t in result["t"].values())
        counted = sum(result["histogram"]["first"]) + sum(result["histogram"]["second"])
        least = 0.4 if result["label"].startswith("sign,") else 0.9  # the others are of neither class
        assert least * result["signatures"] - 6 <= counted <= result["signatures"]


def test_a_call_is_sorted_after_it_was_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is of neither class is left out; a class that is seen only afterwards is found as well as a chosen one."""
    clock = SimpleNamespace(now=0)
    monkeypatch.setattr(leak, "time", SimpleNamespace(perf_counter_ns=lambda: clock.now))

    def work(inputs: leak.Inputs) -> None:
        clock.now += 1000 + 10 * (inputs[0] % 3) + inputs[0] // 3 % 4

    pair = leak.Pair("label", "name")
    sorting = leak.Call(
        (pair,), (lambda rng: (rng.randrange(3000),),), tuple, work, None, lambda one: ((one[0] % 3,), 0)
    )
    with Progress(None, "x") as progress:
        [found] = leak.measure(sorting, sorting.ecpure, 600, progress)
    assert set(found.classes) == {0, 1}
    assert 300 < len(found.times) == len(found.classes) < 500
    assert leak.t_curve(found, 100)[-1] < -9


@pytest.mark.parametrize(
    ("naive_t", "ecpure_t", "words"),
    [
        (-30.0, 1.0, "nothing found: largest |t| 1.0, bound 4.5, 1,000 signatures a pair"),
        (30.0, -5.0, "leak found: largest |t| 5.0, bound 4.5, 1,000 signatures a pair"),
        (1.0, 4.5, "leak found: largest |t| 4.5, bound 4.5, 1,000 signatures a pair"),
        (4.4, 1.0, "too few signatures to tell: largest |t| 1.0, bound 4.5, 1,000 signatures a pair"),
    ],
)
def test_the_verdict_in_a_line(naive_t: float, ecpure_t: float, words: str) -> None:
    """What was found outweighs what was not seen."""
    assert str(leak.verdict(leak_report(naive_t, ecpure_t))) == words


def test_each_leak_of_the_naive_signer_has_to_be_seen() -> None:
    """A test that sees it in one pair and not in another says nothing of the other."""
    report = leak_report(30.0, 1.0)
    report["results"].append(leak_report(1.0, 1.0)["results"][1])
    assert len(leak.verdict(report).unseen) == 1


def test_the_slowest_are_in_no_histogram() -> None:
    """It ends at the time that 95 of 100 keep below, and has a width even where all times are equal."""
    found = leak._histogram(samples([*range(100, 150)], [*range(100, 149), 10_000]))
    assert (found["from"], found["to"], sum(found["first"]), sum(found["second"])) == (100, 147, 48, 48)
    found = leak._histogram(samples([7, 7], [7, 7]))
    assert (found["from"], found["to"], found["first"][0], found["second"][0]) == (7, 8, 2, 2)


def test_inputs_are_made_anew_in_random_order() -> None:
    """They are the same inputs in their places; in which order their arguments are made follows from nothing."""
    made: list[leak.Inputs] = []

    def arguments(inputs: leak.Inputs) -> leak.Inputs:
        made.append(inputs)
        return inputs

    inputs: list[leak.Inputs] = [(100 + number, 200 + number, 300 + number) for number in range(50)]
    assert leak._scattered(inputs, arguments, random.Random(5)) == inputs
    assert sorted(made) == inputs != made


def test_a_given_key_is_as_long_as_that_of_a_private_key() -> None:
    """The core gets d as `PrivateKey` has it, e and k as they are."""
    assert leak._lengthened((5, 6, 7)) == (lengthen(5, N), 6, 7)


def test_measuring_leaves_the_collector_as_it_was() -> None:
    """The garbage collector is off while times are taken, and on again if it was on before."""
    with Progress(None, "x") as progress:
        gc.disable()
        try:
            leak.measure(leak.CALLS[0], lambda _: None, 3, progress)
            assert not gc.isenabled()
        finally:
            gc.enable()
        leak.measure(leak.CALLS[0], lambda _: None, 3, progress)
    assert gc.isenabled()
