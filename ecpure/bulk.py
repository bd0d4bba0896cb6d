"""Many verifications: items in, verdicts out in the same order, from any iterable, in a memory that does not grow."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from itertools import islice

from . import ecdsa
from .hashes import canonical, digest
from .integers import INVERSION_COST
from .multiply import Comb
from .publickeys import PublicKey
from .signature import Signature
from .values import require_octets

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor, Future
    from typing import TypeVar

    from .curve import Curve

    T = TypeVar("T")
    R = TypeVar("R")

Item = tuple[PublicKey, Signature, bytes]

CHUNK = 2048
"""Items that are read before the first of them is answered; with an executor, `CHUNKS_AHEAD` times as many."""

CHUNKS_AHEAD = 8

LOCKSTEP = 6 * INVERSION_COST  # sums made together: more would miss the caches, fewer pay too much for each inversion
_WORTH_A_TABLE = 12  # signatures under one key that pay for its table


def verify_many(items: Iterable[Item], *, hash: str | None = None, executor: Executor | None = None) -> Iterator[bool]:
    """Yield for each (PublicKey, Signature, message) whether the signature of the message holds, in order.

    hash: a name, or None for each curve's own. executor: any of `concurrent.futures`, which then verifies whole chunks;
    with one of processes, items are pickled. Raises `UnknownHash` at the call; `TypeError` for an item of wrong types,
    when its chunk is reached.
    """
    check = partial(_verify_chunk, hash=None if hash is None else canonical(hash))
    chunks = _chunks(items)
    return _in_order(map(check, chunks) if executor is None else submitted(check, chunks, executor, CHUNKS_AHEAD))


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    source = iter(items)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def _in_order(answers: Iterable[list[bool]]) -> Iterator[bool]:
    for verdicts in answers:
        yield from verdicts


def submitted(function: Callable[[T], R], chunks: Iterator[T], executor: Executor, ahead: int) -> Iterator[R]:
    """Yield what `function` returns for each chunk, in order, with `ahead` chunks under way at the executor."""
    under_way: deque[Future[R]] = deque(executor.submit(function, chunk) for chunk in islice(chunks, ahead))
    while under_way:
        result = under_way.popleft().result()
        under_way.extend(executor.submit(function, chunk) for chunk in islice(chunks, 1))
        yield result


def _verify_chunk(chunk: list[Item], hash: str | None) -> list[bool]:
    """Return the verdicts on a chunk. Raises `TypeError` for an item of wrong types."""
    jobs = []
    for key, signature, message in chunk:
        if not isinstance(key, PublicKey) or not isinstance(signature, Signature):
            raise TypeError("item: a PublicKey, a Signature and bytes were expected")
        jobs.append((key, signature, digest(key.curve.hash_name(hash), require_octets(message, "message"))))
    return verify_digests(jobs)


def verify_digests(jobs: list[tuple[PublicKey, Signature, bytes]]) -> list[bool]:
    """Return whether each signature of its digest holds, in lockstep: those of each key that recurs, then all others.

    Raises `InvalidEncoding` for an empty digest.
    """
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
            comb = _comb(key, _best_width(key.curve, len(members)))
        if comb is None:
            others.setdefault(key.curve, []).extend(members)
        else:
            yield key.curve, comb, members
    for curve, members in others.items():
        yield curve, None, members


def _verify_group(curve: Curve, comb: Comb | None, jobs: list[tuple[PublicKey, Signature, bytes]]) -> list[bool]:
    """Return the verdicts on jobs of one curve, all of them under the key of `comb` if there is one."""
    keys = comb or [key.point.coordinates for key, _, _ in jobs]
    return ecdsa.verify_each(curve, keys, [(ecdsa.digest_to_int(curve, octets), pair) for _, pair, octets in jobs])


def _best_width(curve: Curve, uses: int) -> int:
    """Return the width of the table that makes for the fewest sums, those that build it included."""
    bits = curve.n.bit_length() + 1
    return min(range(1, 11), key=lambda width: -(-bits // width) * (uses + (1 << width - 1)))


@lru_cache(maxsize=2)  # of 3 MB at most: with the base point's, the tables of a process stay below 12 MB
def _comb(key: PublicKey, width: int) -> Comb:
    return Comb(key.point.coordinates, key.curve.field, key.curve.order, width)
