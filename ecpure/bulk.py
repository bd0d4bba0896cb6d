"""Many verifications: items in, verdicts out in the same order, from any iterable, in a memory that does not grow."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial

from .comb import Comb
from .hashes import canonical, digest
from .integers import INVERSION_COST
from .publickey import PublicKey
from .signature import Signature
from .values import TYPE_CHECKING, require_octets
from .verifying import digest_to_int, verify_each

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor, Future
    from typing import TypeVar

    from .curve import Curve

    T = TypeVar("T")
    R = TypeVar("R")

Item = tuple[PublicKey, Signature, bytes]
"""A key, a signature, and the octets of the message or of the digest."""

CHUNK = 2048
"""Items that are read before the first of them is answered; with an executor, `CHUNKS_AHEAD` times as many."""

CHUNKS_AHEAD = 8

LOCKSTEP = 6 * INVERSION_COST  # sums made together: more would miss the caches, fewer pay too much for each inversion
_WORTH_A_TABLE = 12  # signatures under one key that pay for its table


def verify_many(items: Iterable[Item], *, hash: str | None = None, executor: Executor | None = None) -> Iterator[bool]:
    """Yield for each (PublicKey, Signature, message) whether the signature of the message holds, in order.

    hash: a name, or None for each curve's own. executor: any of `concurrent.futures`, which then verifies whole chunks;
    with one of processes, items are pickled. Octets are copied when an item is read.

    Raises `UnknownHash` at the call. A bad item (`TypeError`) or an exception of `items` is raised in its place, after
    the verdicts on all items before it. When an item's chunk is reached: `UnknownHash` for None and a curve without a
    hash, `FaultDetected` where the base point's table cannot be right.
    """
    check = partial(_verify_chunk, hash=None if hash is None else canonical(hash))
    chunks = _chunks(items)
    return _in_order(map(check, chunks) if executor is None else submitted(check, chunks, executor, CHUNKS_AHEAD))


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the items, checked. Raises `TypeError` where one is none, and what `items` raises: after those before."""
    chunk = []
    try:
        for item in items:
            chunk.append(_checked(item))
            if len(chunk) == CHUNK:
                yield chunk
                chunk = []
    except Exception:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


def _in_order(answers: Iterable[list[bool]]) -> Iterator[bool]:
    for verdicts in answers:
        yield from verdicts


def submitted(function: Callable[[T], R], chunks: Iterator[T], executor: Executor, ahead: int) -> Iterator[R]:
    """Yield what `function` returns for each chunk, in order, with `ahead` chunks under way at the executor.

    Whoever closes this iterator takes back what the executor has not begun. Raises what `chunks` raises, in its place.
    """
    under_way: deque[Future[R]] = deque()
    failure: Exception | None = None
    is_more = True
    try:
        while is_more or under_way:
            while is_more and len(under_way) < ahead:
                try:
                    under_way.append(executor.submit(function, next(chunks)))
                except StopIteration:
                    is_more = False
                except Exception as error:  # noqa: BLE001  # raised below, when its place has come
                    is_more, failure = False, error
            if under_way:
                yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()
    if failure is not None:
        raise failure


def _verify_chunk(chunk: list[Item], hash: str | None) -> list[bool]:
    """Return the verdicts on a chunk of checked items. Raises `UnknownHash`, `FaultDetected`."""
    return _verdicts([(key, pair, digest(key.curve.hash_name(hash), message)) for key, pair, message in chunk])


def verify_digests(jobs: list[Item]) -> list[bool]:
    """Return whether each signature of its digest holds, in lockstep: those of each key that recurs, then all others.

    jobs: each a (PublicKey, Signature, digest of one octet or more). Raises `InvalidEncoding` for an empty digest,
    `TypeError` for what is no such triple, `FaultDetected` where the base point's table cannot be right.
    """
    return _verdicts([*map(_checked, jobs)])


def _checked(item: Item) -> Item:
    """Return the item. Raises `TypeError` where it is none."""
    try:
        key, signature, octets = item
    except (TypeError, ValueError):
        key = None
    if not isinstance(key, PublicKey) or not isinstance(signature, Signature):
        raise TypeError("item: a PublicKey, a Signature and bytes were expected")
    return key, signature, require_octets(octets, "item")


def _verdicts(jobs: list[Item]) -> list[bool]:
    places: dict[PublicKey, list[int]] = {}
    for place, (key, _, _) in enumerate(jobs):
        places.setdefault(key, []).append(place)
    verdicts = [False] * len(jobs)
    for curve, comb, members in _groups(places):
        for start in range(0, len(members), LOCKSTEP):
            part = members[start : start + LOCKSTEP]
            for place, verdict in zip(part, _verify_group(curve, comb, [jobs[i] for i in part]), strict=True):
                verdicts[place] = verdict
    return verdicts


def _groups(places: dict[PublicKey, list[int]]) -> Iterator[tuple[Curve, Comb | None, list[int]]]:
    """Yield the places of what goes together: of each key that has or is worth a table, then of each curve."""
    others: dict[Curve, list[int]] = {}
    for key, members in places.items():
        comb = key.comb
        if comb is None and len(members) >= _WORTH_A_TABLE:
            comb = _combs.of(key, _best_width(key.curve, len(members)))
        if comb is None:
            others.setdefault(key.curve, []).extend(members)
        else:
            yield key.curve, comb, members
    for curve, members in others.items():
        yield curve, None, members


def _verify_group(curve: Curve, comb: Comb | None, jobs: list[Item]) -> list[bool]:
    """Return the verdicts on jobs of one curve, all of them under the key of `comb` if there is one."""
    keys = comb or [key.point.coordinates for key, _, _ in jobs]
    return verify_each(curve, keys, [(digest_to_int(curve, octets), pair) for _, pair, octets in jobs])


def _best_width(curve: Curve, uses: int) -> int:
    """Return the width of the table that makes for the fewest sums, those that build it included."""
    bits = curve.n.bit_length() + 1
    return min(range(1, 11), key=lambda width: -(-bits // width) * (uses + (1 << width - 1)))


class _Combs:
    """The tables of the two keys that were used last. The older one goes before a new one is made, for its memory."""

    def __init__(self) -> None:
        self._kept: list[tuple[tuple[PublicKey, int], Comb]] = []  # replaced, never changed: threads share it

    def of(self, key: PublicKey, width: int) -> Comb:
        """Return the table of a key, of the width."""
        wanted, kept = (key, width), self._kept
        comb = next((comb for known, comb in kept if known == wanted), None)
        kept = self._kept = [entry for entry in kept if entry[0] != wanted][-1:]
        if comb is None:
            comb = Comb(key.point.coordinates, key.curve.field, key.curve.order, width)
        self._kept = [*kept, (wanted, comb)]
        return comb


_combs = _Combs()
