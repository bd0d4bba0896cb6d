"""Work that takes more memory than there is, in a module that a worker process finds."""

from __future__ import annotations

from typing import NoReturn


class Short:
    """In place of what looks at blocks."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __call__(self, _: object) -> NoReturn:
        raise MemoryError
