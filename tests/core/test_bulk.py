"""Many verifications: the verdicts are those of one at a time, whatever the mix, and nothing is kept for long."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from functools import cache, partial
from multiprocessing import get_context
from typing import Any

import pytest

from ecpure import (
    SECP224K1,
    SECP256K1,
    Curve,
    InvalidEncoding,
    PrivateKey,
    PublicKey,
    Signature,
    UnknownHash,
    bulk,
    tables,
)
from ecpure.comb import Comb
from ecpure.hashes import digest
from ecpure.tables import Tables
from ecpure.verifying import verify_each

N = SECP224K1.n
KEYS = [PrivateKey.from_int(d) for d in (1, 2, N - 1, 0xC0FFEE)]
Item = tuple[PublicKey, Signature, bytes]


def mixed(count: int) -> list[Item]:
    """Return items of every kind, shuffled by a fixed rule: valid, invalid, out of range, repeated, on two curves."""
    items: list[Item] = []
    other = PrivateKey.from_int(5, curve=SECP256K1)
    for i in range(count):
        message = b"%d" % (i % 97)
        key = KEYS[i * i % len(KEYS)]
        public, signature = key.public_key, key.sign(message)
        match i % 11:
            case 0:
                signature = Signature(signature.r, signature.s ^ 1 or 1)
            case 1:
                signature = Signature(signature.r + N, signature.s)
            case 2:
                signature = Signature(signature.r, N)
            case 3:
                public = KEYS[(i + 1) % len(KEYS)].public_key
            case 4:
                public, signature = other.public_key, other.sign(message)
            case 5:
                public = public.prepare()
            case 6:
                signature = Signature(N - 1, signature.s)
        items.append((public, signature, message))
    return items


def one_by_one(items: list[Item]) -> list[bool]:
    return [public.verify(signature, message) for public, signature, message in items]


@pytest.mark.parametrize("count", [0, 1, 2, 39, 160, pytest.param(700, marks=pytest.mark.long)])
def test_verdicts_are_those_of_one_at_a_time(count: int) -> None:
    """Valid, invalid, out of range, repeated, prepared, of two curves: each item's verdict is its own, in order."""
    items = mixed(count)
    verdicts = list(bulk.verify_many(items))
    assert verdicts == one_by_one(items)
    assert count < 39 or {True, False} == set(verdicts)


def test_verdicts_across_the_edges_of_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks and lockstep groups of any size, of one item too, give the same verdicts."""
    items = mixed(130)
    expected = one_by_one(items)
    for chunk, lockstep, least in ((1, 1, 1), (7, 2, 1), (64, 5, 3), (130, 256, 1), (131, 3, 1000)):
        monkeypatch.setattr(bulk, "CHUNK", chunk)
        monkeypatch.setattr(bulk, "LOCKSTEP", lockstep)
        monkeypatch.setattr(tables, "_LEAST_USES", least)
        monkeypatch.setattr(bulk, "_tables", Tables(1 << 20))
        assert list(bulk.verify_many(iter(items))) == expected


@pytest.mark.parametrize(
    "pool",
    [ThreadPoolExecutor, partial(ProcessPoolExecutor, mp_context=get_context("spawn"))],
    ids=["threads", "processes"],
)
def test_an_executor_gives_the_same_verdicts(pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads or processes, more chunks than are kept under way: the same verdicts in the same order."""
    monkeypatch.setattr(bulk, "CHUNK", 10)
    items = mixed(165)
    with pool(2) as executor:
        assert list(bulk.verify_many(items, executor=executor)) == one_by_one(items)
        assert list(bulk.verify_many([], executor=executor)) == []


def items_then(error: Exception | None, items: list[Item]) -> Iterator[Any]:
    """Yield the items, then something that is not an item, or raise."""
    yield from items
    if error is not None:
        raise error
    yield "no item"


@pytest.mark.parametrize("count", [0, 3, 4, 37])
@pytest.mark.parametrize("error", [ValueError("cut off"), None])
@pytest.mark.parametrize("pool", [None, ThreadPoolExecutor])
def test_what_comes_before_an_error_is_answered_first(
    count: int, error: Exception | None, pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a source that raises, or has what is no item, all items before have their verdicts, with an executor too."""
    monkeypatch.setattr(bulk, "CHUNK", 4)
    monkeypatch.setattr(bulk, "CHUNKS_AHEAD", 3)
    items = mixed(count)
    expected = one_by_one(items)
    with pool(2) if pool else nullcontext() as executor:
        answers = bulk.verify_many(items_then(error, items), executor=executor)
        assert [next(answers) for _ in range(count)] == expected
        with pytest.raises(type(error) if error else TypeError):
            next(answers)


def test_octets_are_those_of_when_the_item_was_read() -> None:
    """A buffer that is used again for the next item changes no verdict; nor can a later one be put in its place."""
    key, buffer = KEYS[0], bytearray(1)
    signatures = [key.sign(b"%d" % i) for i in range(10)]

    def reused() -> Iterator[Any]:
        for i, signature in enumerate(signatures):
            buffer[:] = b"%d" % i
            yield key.public_key, signature, memoryview(buffer)

    assert list(bulk.verify_many(reused())) == [True] * 10


def test_closing_takes_back_what_has_not_begun() -> None:
    """Who needs no more answers waits for no more than what is at work already."""
    go_on = threading.Event()
    done: list[int] = []

    def slow(number: int) -> int:
        assert number == 0 or go_on.wait(60)
        done.append(number)
        return number

    with ThreadPoolExecutor(1) as executor:
        answers = bulk.submitted(slow, iter(range(20)), executor, 8)
        assert next(answers) == 0
        answers.close()  # type: ignore[attr-defined]  # a generator
        go_on.set()
    assert done in ([0], [0, 1])


@pytest.mark.parametrize("chunk", [200, pytest.param(bulk.CHUNK, marks=pytest.mark.long)])
def test_reading_ahead_is_bounded(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first verdict at most a chunk is read, and never more than a chunk beyond what was answered."""
    monkeypatch.setattr(bulk, "CHUNK", chunk)
    read = 0

    def source() -> Iterator[Item]:
        nonlocal read
        for item in items:
            read += 1
            yield item

    public, message = KEYS[3].public_key, b"m"
    items = [(public, KEYS[3].sign(message), message)] * (2 * bulk.CHUNK + 5)
    for answered, verdict in enumerate(bulk.verify_many(source())):
        assert verdict
        assert read <= answered + bulk.CHUNK
    assert read == len(items)


class Recording(Executor):
    """Runs nothing: it notes how many items each chunk has, and answers with False for each, up to `limit` chunks."""

    def __init__(self, limit: int = 1 << 20) -> None:
        self.limit = limit
        self.sizes: list[int] = []

    def submit(self, _: Any, chunk: Any) -> Any:  # type: ignore[override]
        if len(self.sizes) == self.limit:
            raise RuntimeError("cannot schedule new futures after shutdown")
        self.sizes.append(len(chunk))
        future: Future[list[bool]] = Future()
        future.set_result([False] * len(chunk))
        return future


@pytest.mark.parametrize(("executor", "ahead"), [(None, 2048), (Recording(), 8 * 2048)], ids=["alone", "executor"])
def test_2048_items_are_read_ahead(executor: Recording | None, ahead: int) -> None:
    """Eight times as many with an executor, which gets 2,048 at a time."""
    item = KEYS[3].public_key, Signature(N, 1), b"m"
    items = iter([item] * (ahead + 1000))
    answers = bulk.verify_many(items, executor=executor)
    assert next(answers) is False
    assert len(list(items)) == 1000
    assert executor is None or executor.sizes == [2048] * 8


@pytest.mark.parametrize("ahead", [1, 2, 300])
def test_as_many_chunks_are_under_way_as_was_asked_for(ahead: int) -> None:
    """Before each answer so many chunks are with the executor, and none more."""
    executor = Recording()
    answers = bulk.submitted(len, iter([[0]] * 400), executor, ahead)
    for answered, _ in enumerate(answers):
        assert len(executor.sizes) == min(answered + ahead, 400)
    assert len(executor.sizes) == 400


def test_an_executor_that_takes_no_more_is_asked_no_more() -> None:
    """What it has taken is answered, then its refusal is raised; no further chunk is read, as they may have no end."""
    chunks = iter([[number] for number in range(100)])
    answers: Iterator[Any] = bulk.submitted(len, chunks, Recording(3), 8)
    assert [next(answers) for _ in range(3)] == [[False]] * 3
    with pytest.raises(RuntimeError, match="after shutdown"):
        next(answers)
    assert next(chunks) == [4]


def test_the_hash_goes_by_name() -> None:
    """A second argument without a name is refused, and the items may have theirs."""
    anything: Any = bulk.verify_many
    with pytest.raises(TypeError, match="positional argument"):
        anything([], "sha256")
    assert list(bulk.verify_many(items=[], hash="sha256")) == []


def test_a_different_key_each_and_all_widths_of_tables() -> None:
    """Keys that come once, a few times, and as often as any width of table is best for, give their own verdicts."""
    items: list[Item] = []
    for uses in (1, 2, 11, 12, 13, 30, 60, 150):
        for d in range(1, 4):
            key = PrivateKey.from_int(uses * 1000 + d)
            for i in range(uses):
                message = b"%d" % i
                signature = key.sign(message if i % 5 else b"another")
                items.append((key.public_key, signature, message))
    items.sort(key=lambda item: hash((item[1].r, item[1].s)))  # keys in no order
    expected = [public.verify(signature, message) for public, signature, message in items]
    assert list(bulk.verify_many(items)) == expected
    widths = {tables._best_width(N.bit_length(), uses, 8 << 20) for uses in range(12, 3000)}
    assert widths == {4, 5, 6, 7, 8, 9, 10}


@cache
def of_many_keys() -> tuple[list[Item], list[bool]]:
    """Return items in no order of 13 keys on two curves, some prepared, each met 1 to 40 times; and their verdicts."""
    items: list[Item] = []
    for d in range(13):
        key = PrivateKey.from_int(d + 1000, curve=SECP256K1 if d % 4 == 3 else SECP224K1)
        public = key.public_key.prepare() if d % 6 == 5 else key.public_key
        messages = [b"%d" % i for i in range((1, 12, 40, 13, 24)[d % 5])]
        items += [(public, key.sign(message if i % 4 else b"other"), message) for i, message in enumerate(messages)]
    items.sort(key=lambda item: item[1].s)
    return items, one_by_one(items)


@pytest.mark.parametrize("lockstep", [4, 60])
def test_combs_of_many_keys_go_together(lockstep: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Combs are grouped by width and curve, and keys without one by curve; each verdict finds its place."""
    groups: list[tuple[Curve, set[int], int]] = []

    def watched(curve: Curve, keys: Any, jobs: Any) -> list[bool]:
        groups.append((curve, {key.width if isinstance(key, Comb) else 0 for key in keys}, len({*map(id, keys)})))
        return verify_each(curve, keys, jobs)

    items, expected = of_many_keys()
    assert {True, False} == set(expected)
    monkeypatch.setattr(bulk, "LOCKSTEP", lockstep)
    monkeypatch.setattr(bulk, "verify_each", watched)
    kept = Tables(10**6)
    digests = [(public, pair, digest(public.curve.hash_name(None), message)) for public, pair, message in items]
    for _ in range(2):
        groups.clear()
        assert bulk.verify_digests(digests, kept) == expected
        assert all(len(widths) == 1 for _, widths, _ in groups)
    kinds = {(curve, *widths) for curve, widths, _ in groups}
    assert kinds > {(SECP224K1, 0), (SECP224K1, 8), (SECP256K1, 8)}
    assert max(keys for _, widths, keys in groups if widths != {0}) > 1


def test_a_bad_item_spoils_no_neighbour() -> None:
    """Beside items whose sums meet opposite and equal points, out of range and invalid, all others have their own."""
    items, verdicts = of_many_keys()
    expected = [*verdicts]
    digests = [(public, pair, digest(public.curve.hash_name(None), message)) for public, pair, message in items]
    d = 1002  # of a key that is met 40 times
    public = PrivateKey.from_int(d).public_key
    places = [place for place, item in enumerate(digests) if item[0] == public]
    e = int.from_bytes(b"\1" * 28, "big")
    for place, s in zip(places[::3], range(1, 40), strict=False):
        r = (-e if s % 2 else e) * pow(d, -1, N) % N  # u1·G = ∓u2·Q
        digests[place], expected[place] = (public, Signature(r, s), b"\1" * 28), False
    kept = Tables(10**6)
    for _ in range(2):
        assert bulk.verify_digests(digests, kept) == expected


def test_equal_keys_are_one_prepared_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is met prepared first needs no other table; one that is met so later has the same verdicts."""
    seen: list[int] = []

    class Watched(Tables):
        def for_keys(self, counts: Mapping[PublicKey, int]) -> dict[PublicKey, Comb]:
            seen.append(sum(counts.values()))
            return super().for_keys(counts)

    monkeypatch.setattr(bulk, "_tables", Watched(10**6))
    public, prepared = KEYS[3].public_key, KEYS[3].public_key.prepare()
    message, other = (KEYS[3].sign(b"m"), b"m"), (KEYS[3].sign(b"m"), b"n")
    assert list(bulk.verify_many([(prepared, *message), (public, *other)] * 10)) == [True, False] * 10
    assert list(bulk.verify_many([(public, *message), (prepared, *other)] * 10)) == [True, False] * 10
    assert seen == [0, 20]


@pytest.mark.parametrize("chunk", [200, pytest.param(bulk.CHUNK, marks=pytest.mark.long)])
def test_memory_is_flat(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty chunks of items need no more memory than two."""
    monkeypatch.setattr(bulk, "CHUNK", chunk)
    monkeypatch.setattr(bulk, "_tables", Tables(tables.comb_octets(N.bit_length(), 6)))
    public, message = KEYS[3].public_key, b"m"
    signature = KEYS[3].sign(message)

    def peak(count: int) -> int:
        tracemalloc.start()
        for verdict in bulk.verify_many((public, Signature(signature.r, N), b"%d" % i) for i in range(count)):
            assert not verdict
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(2 * bulk.CHUNK)  # whole chunks, whose table is then made and kept
    assert peak(20 * bulk.CHUNK) < 1.5 * peak(2 * bulk.CHUNK)


def test_memory_is_flat_with_keys_that_are_ever_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty chunks of items, each of keys of its own that are worth a table, need no more memory than six."""

    class Weight:
        """As heavy as a comb."""

        def __init__(self, *arguments: Any) -> None:
            self.width = arguments[-1]
            self.octets = bytes(tables.comb_octets(N.bit_length(), self.width))

    monkeypatch.setattr(tables, "Comb", Weight)
    monkeypatch.setattr(bulk, "CHUNK", 40)
    monkeypatch.setattr(tables, "_HALVED_AFTER", 100)
    message, signature = b"m", Signature(N, 1)
    list(bulk.verify_many([(KEYS[0].public_key, signature, message)]))

    def peak(count: int) -> int:
        monkeypatch.setattr(bulk, "_tables", Tables(4 * tables.comb_octets(N.bit_length(), 4)))
        keys = (key for d in range(count // 13) for key in [PublicKey((d + 2) * SECP224K1.G)] * 13)
        tracemalloc.start()
        for verdict in bulk.verify_many((key, signature, message) for key in keys):
            assert not verdict
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    few = peak(6 * 40)
    assert len(bulk._tables._held) == 4
    assert peak(50 * 40) < 1.2 * few
    assert len(bulk._tables._known) < 40


def test_the_tables_of_a_process_stay_below_twelve_megabytes() -> None:
    """The largest together: the base point's, and those of keys, whose budget is 8 MiB."""
    curve = SECP224K1
    assert bulk._tables._budget == 8 << 20
    of_G = tables.comb_octets(N.bit_length(), curve.base.for_uses(10**6).width)
    assert of_G + bulk._tables._budget < 12 * 10**6


def test_threads_share_the_tables_of_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls in many threads at once, whose tables drop each other's combs, have the verdicts of one at a time."""
    monkeypatch.setattr(bulk, "_tables", Tables(3 * tables.comb_octets(N.bit_length(), 4)))
    monkeypatch.setattr(bulk, "CHUNK", 30)
    items, expected = of_many_keys()
    with ThreadPoolExecutor(3) as executor:
        assert list(executor.map(lambda _: list(bulk.verify_many(items)), range(3))) == [expected] * 3


def test_wrong_items_and_hashes_are_errors() -> None:
    """A wrong type is a TypeError where it stands, an unknown hash an error at once, and a hash name is used."""
    public, signature = KEYS[0].public_key, KEYS[0].sign(b"m", hash="sha256")
    assert list(bulk.verify_many([(public, signature, b"m")], hash="SHA-256")) == [True]
    assert list(bulk.verify_many([(public, signature, b"m")])) == [False]
    with pytest.raises(UnknownHash):
        bulk.verify_many([], hash="md5")
    wrong: Any
    for wrong in (
        *((public, signature, "m"), (public, b"", b"m"), (KEYS[0], signature, b"m"), (None, None, None)),
        *(None, 5, (), (public, signature), (public, signature, b"m", b"m")),
    ):
        with pytest.raises(TypeError, match="expected"):
            list(bulk.verify_many([wrong]))
        with pytest.raises(TypeError, match="expected"):
            bulk.verify_digests([wrong])
    with pytest.raises(InvalidEncoding):
        bulk.verify_digests([(public, signature, b"")])
    hashless = Curve(name="hashless", p=SECP224K1.p, b=SECP224K1.b, n=N, gx=SECP224K1.gx, gy=SECP224K1.gy)
    other = PrivateKey.from_int(1, curve=hashless).public_key
    answers = bulk.verify_many([(other, signature, b"m")])
    with pytest.raises(UnknownHash):
        next(answers)


def test_arguments_of_wrong_types_are_refused_at_the_call() -> None:
    """What is no executor, and items that nothing can be taken from; not when the first verdict is asked for."""
    wrong: Any = 5
    with pytest.raises(TypeError, match=r"^executor: one of concurrent\.futures was expected, not int$"):
        bulk.verify_many([], executor=wrong)
    with pytest.raises(TypeError, match="'int' object is not iterable"):
        bulk.verify_many(wrong)
