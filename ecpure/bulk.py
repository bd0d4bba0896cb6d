"""Many verifications: items in, verdicts out in the same order, from any iterable, in a memory that does not grow."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from itertools import islice

from . import ecdsa
from .hashes import canonical, digest
from .keys import PublicKey
from .signature import Signature
from .values import require_octets

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from .multiply import Comb

Item = tuple[PublicKey, Signature, bytes]

CHUNK = 2048
"""Items that are read before the first of them is answered; with an executor, `CHUNKS_AHEAD` times as many."""

CHUNKS_AHEAD = 8

_LOCKSTEP = 256  # sums made together: enough to make their shared inversions cheap, few enough for the caches
_WORTH_A_TABLE = 40  # signatures under one key that pay for its table


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
    """Return the verdicts on a chunk, its items taken key by key."""
    places: dict[PublicKey, list[int]] = {}
    for place, (key, signature, message) in enumerate(chunk):
        if not isinstance(key, PublicKey) or not isinstance(signature, Signature):
            raise TypeError("item: a PublicKey, a Signature and bytes were expected")
        require_octets(message, "message")
        places.setdefault(key, []).append(place)
    verdicts = [False] * len(chunk)
    for key, members in places.items():
        for start in range(0, len(members), _LOCKSTEP):
            part = members[start : start + _LOCKSTEP]
            for place, verdict in zip(
                part, _verify_under(key, [chunk[i] for i in part], hash, len(members)), strict=True
            ):
                verdicts[place] = verdict
    return verdicts


def _verify_under(key: PublicKey, items: list[Item], hash: str | None, uses: int) -> list[bool]:
    """Return the verdicts on items of one key that is used so often in its chunk."""
    name = key.curve.hash_name(hash)
    comb = key.comb or (_comb(key) if uses >= _WORTH_A_TABLE else None)
    if comb is None:
        return [key.verify(signature, message, hash=name) for _, signature, message in items]
    jobs = [(ecdsa.digest_to_int(key.curve, digest(name, message)), signature) for _, signature, message in items]
    return ecdsa.verify_each(key.curve, comb, jobs)


@lru_cache(maxsize=4)  # with the base point's, the tables of a process stay below 12 MB
def _comb(key: PublicKey) -> Comb | None:
    return key.prepare().comb
