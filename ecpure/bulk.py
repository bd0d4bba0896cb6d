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
    from concurrent.futures import Executor, Future

    from .curve import Curve

Item = tuple[PublicKey, Signature, bytes]

CHUNK = 2048
"""Items that are read before the first of them is answered; with an executor, `CHUNKS_AHEAD` times as many."""

CHUNKS_AHEAD = 8

_LOCKSTEP = 6 * INVERSION_COST  # sums made together: more would miss the caches, fewer pay too much for each inversion
_WORTH_A_TABLE = 12  # signatures under one key that pay for its table


def verify_many(items: Iterable[Item], *, hash: str | None = None, executor: Executor | None = None) -> Iterator[bool]:
    """Yield for each (PublicKey, Signature, message) whether the signature of the message holds, in order.

    hash: a name, or None for each curve's own. executor: any of `concurrent.futures`, which then verifies whole chunks;
    with one of processes, items are pickled. Raises `UnknownHash` at the call; `TypeError` for an item of wrong types,
    when its chunk is reached.
    """
    check = partial(_verify_chunk, hash=None if hash is None else canonical(hash))
    chunks = _chunks(items)
    return _in_order(map(check, chunks)) if executor is None else _in_order(_submitted(check, chunks, executor))


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    source = iter(items)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def _in_order(answers: Iterable[list[bool]]) -> Iterator[bool]:
    for verdicts in answers:
        yield from verdicts


def _submitted(check: partial[list[bool]], chunks: Iterator[list[Item]], executor: Executor) -> Iterator[list[bool]]:
    """Yield the answers to the chunks in order, with `CHUNKS_AHEAD` of them under way."""
    under_way: deque[Future[list[bool]]] = deque(
        executor.submit(check, chunk) for chunk in islice(chunks, CHUNKS_AHEAD)
    )
    while under_way:
        verdicts = under_way.popleft().result()
        under_way.extend(executor.submit(check, chunk) for chunk in islice(chunks, 1))
        yield verdicts


def _verify_chunk(chunk: list[Item], hash: str | None) -> list[bool]:
    """Return the verdicts on a chunk, in lockstep: the items of each key that recurs, then all others."""
    places: dict[PublicKey, list[int]] = {}
    for place, (key, signature, message) in enumerate(chunk):
        if not isinstance(key, PublicKey) or not isinstance(signature, Signature):
            raise TypeError("item: a PublicKey, a Signature and bytes were expected")
        require_octets(message, "message")
        places.setdefault(key, []).append(place)
    verdicts = [False] * len(chunk)
    for curve, comb, members in _groups(places):
        for start in range(0, len(members), _LOCKSTEP):
            part = members[start : start + _LOCKSTEP]
            for place, verdict in zip(part, _verify_group(curve, comb, [chunk[i] for i in part], hash), strict=True):
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


def _verify_group(curve: Curve, comb: Comb | None, items: list[Item], hash: str | None) -> list[bool]:
    """Return the verdicts on items of one curve, all of them under the key of `comb` if there is one."""
    name = curve.hash_name(hash)
    jobs = [(ecdsa.digest_to_int(curve, digest(name, message)), signature) for _, signature, message in items]
    return ecdsa.verify_each(curve, comb or [key.point.coordinates for key, _, _ in items], jobs)


def _best_width(curve: Curve, uses: int) -> int:
    """Return the width of the table that makes for the fewest sums, those that build it included."""
    bits = curve.n.bit_length() + 1
    return min(range(1, 11), key=lambda width: -(-bits // width) * (uses + (1 << width - 1)))


@lru_cache(maxsize=2)  # of 3 MB at most: with the base point's, the tables of a process stay below 12 MB
def _comb(key: PublicKey, width: int) -> Comb:
    return Comb(key.point.coordinates, key.curve.field, key.curve.order, width)
