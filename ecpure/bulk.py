"""Many verifications: items from any iterable in, verdicts out in the same order, in memory that does not grow."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from .comb import Comb
from .group import Affine
from .hashes import canonical_to_verify, digest
from .integers import INVERSION_COST
from .publickey import PublicKey
from .signature import Signature
from .tables import Tables
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
"""Items that are read before the first verdict is yielded; with an executor, `CHUNKS_AHEAD` times as many."""

CHUNKS_AHEAD = 8

LOCKSTEP = 6 * INVERSION_COST  # sums made together: more would miss the caches, fewer pay too much for each inversion


def verify_many(items: Iterable[Item], *, hash: str | None = None, executor: Executor | None = None) -> Iterator[bool]:
    """Yield, in order, whether the signature of each (PublicKey, Signature, message) is valid.

    hash: a name as in `PublicKey.verify`, or None for each curve's own. executor: one of `concurrent.futures`, which
    then verifies whole chunks; a process pool pickles the items. Octets are copied when an item is read.

    Raises `UnknownHash`, and `TypeError` for arguments of wrong types, when called. A bad item (`TypeError`) or an
    exception of `items` is raised in its place, after the verdicts on all items before it. When an item's chunk is
    reached: `UnknownHash` for None and a curve without a hash, `FaultDetected` if the base point's table cannot be
    right.
    """
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise TypeError(f"executor: one of concurrent.futures was expected, not {type(executor).__name__}")
    check = partial(_verify_chunk, hash=None if hash is None else canonical_to_verify(hash))
    chunks = _chunks(iter(items))
    return _in_order(map(check, chunks) if executor is None else submitted(check, chunks, executor, CHUNKS_AHEAD))


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the items, checked. Raises `TypeError` for a bad item, and what `items` raises, after the items before."""
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

    Closing this iterator cancels what the executor has not begun. Raises what `chunks` raises, in its place.
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
                except Exception as error:  # noqa: BLE001  # raised below, in its place
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
    jobs = [(key, pair, digest(key.curve.hash_to_verify(hash), message)) for key, pair, message in chunk]
    return _verdicts(jobs, _tables)


def verify_digests(jobs: list[Item], tables: Tables | None = None) -> list[bool]:
    """Return, in order, whether each signature of its digest is valid. Computed in lockstep, first for keys with combs.

    jobs: each a (PublicKey, Signature, digest of one octet or more). tables: combs kept from call to call, for a caller
    with many calls. Raises `InvalidEncoding` for an empty digest, `TypeError` for an item of another type,
    `FaultDetected` if the base point's table cannot be right.
    """
    return _verdicts([*map(_checked, jobs)], _tables if tables is None else tables)


def _checked(item: Item) -> Item:
    """Return the item, its octets as bytes. Raises `TypeError` for anything else."""
    try:
        key, signature, octets = item
    except (TypeError, ValueError):
        key = None
    if not isinstance(key, PublicKey) or not isinstance(signature, Signature):
        raise TypeError("item: a PublicKey, a Signature and bytes were expected")
    return key, signature, require_octets(octets, "item")


def _verdicts(jobs: list[Item], tables: Tables) -> list[bool]:
    places: dict[PublicKey, list[int]] = {}
    for place, (key, _, _) in enumerate(jobs):
        places.setdefault(key, []).append(place)
    combs = tables.for_keys({key: len(at) for key, at in places.items() if key.comb is None})
    verdicts = [False] * len(jobs)
    for curve, keys, at in _groups(places, combs):
        for start in range(0, len(at), LOCKSTEP):
            part = at[start : start + LOCKSTEP]
            signed = [(digest_to_int(curve, octets), pair) for _, pair, octets in map(jobs.__getitem__, part)]
            for place, verdict in zip(part, verify_each(curve, keys[start : start + LOCKSTEP], signed), strict=True):
                verdicts[place] = verdict
    return verdicts


def _groups(
    places: Mapping[PublicKey, list[int]], combs: Mapping[PublicKey, Comb]
) -> Iterator[tuple[Curve, list[Comb] | list[Affine], list[int]]]:
    """Yield what can be verified in lockstep: combs of one curve and width, or points of a curve; and their places."""
    with_combs: dict[tuple[Curve, int], tuple[list[Comb], list[int]]] = {}
    without: dict[Curve, tuple[list[Affine], list[int]]] = {}
    for key, at in places.items():
        comb = key.comb or combs.get(key)
        if comb is None:
            points, together = without.setdefault(key.curve, ([], []))
            points += [key.point.coordinates] * len(at)
        else:
            of_one_width, together = with_combs.setdefault((key.curve, comb.width), ([], []))
            of_one_width += [comb] * len(at)
        together += at
    for (curve, _), (of_one_width, together) in with_combs.items():
        yield curve, of_one_width, together
    for curve, (points, together) in without.items():
        yield curve, points, together


_tables = Tables(8 << 20)
"""For all calls in this process that pass no tables."""
