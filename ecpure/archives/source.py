"""The blocks of an archive, with what a run notes about each, so that it can be resumed."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence

from ..io.files import shown_name
from ..io.streams import Refused
from . import shape
from .blocks import Block, blocks
from .records import Settings


class Source:
    """The blocks of the files, and for each what a run writes down: a hash of all up to it, and the position.

    Raises `OSError`; `Refused` for a file of something else, before any block where possible.
    """

    def __init__(self, paths: Sequence[str], form: str | None, settings: Settings) -> None:
        shape.require_each(paths[1:], form, settings)
        self._paths, self._settings, self._begun = paths, settings, -1
        self._blocks = blocks(paths, form)
        self._hasher = hashlib.sha256()
        self._ahead: deque[tuple[str, int]] = deque()

    def pass_over(self, done: int, fingerprint: str, left: str) -> int:
        """Read again the blocks that are done, and return the position. Raises `Refused` if they have changed.

        left: the files that the unfinished run left, in words.
        """
        position = 0
        for _ in range(done):
            if next(self, None) is None:
                break
            _, position = self.noted()
        if done and self._hasher.hexdigest() != fingerprint:
            last = shown_name(self._paths[max(self._begun, 0)])
            where = last if self._begun < 1 else f"{last} or a file before it"  # one hash is of all
            words = "the records have changed since the unfinished run began"
            raise Refused(f"{where}: {words}: delete {left} to begin anew")
        return position

    def __iter__(self) -> Source:
        return self

    def __next__(self) -> Block:
        block = next(self._blocks)
        if block.source != self._begun:
            self._begun = block.source
            shape.require(self._paths[block.source], block)
            shape.require_encoding(self._paths[block.source], block, self._settings)
        self._hasher.update(repr(block._replace(octets=b"", position=len(block.octets))).encode("ascii"))
        self._hasher.update(block.octets)
        self._ahead.append((self._hasher.hexdigest(), block.position))
        return block

    def noted(self) -> tuple[str, int]:
        """Return hash and position of the first block for which this was not called yet."""
        return self._ahead.popleft()
