"""Values that never change, and what is taken from a caller: of plain types, without the subclasses they may be of."""

from __future__ import annotations

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from typing import NoReturn, Self


class Value:
    """An immutable object: attributes are set through `_set`, in construction or when they are first computed."""

    __slots__ = ()

    def _set(self, **attributes: object) -> None:
        for name, value in attributes.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


def require_int(value: object, what: str) -> int:
    """Return `value`, an `int`, without the subclass it may be of; a `bool` is none here. Raises `TypeError`."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{what}: an int was expected, not {type(value).__name__}")
    return int.__index__(value)


def require_octets(value: object, what: str) -> bytes:
    """Return `value` as `bytes`; `bytes`, `bytearray` and `memoryview` are octets. Raises `TypeError`."""
    if type(value) is bytes:
        return value
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{what}: bytes were expected, not {type(value).__name__}")
    return memoryview(value).tobytes()


def require_text(value: object, what: str) -> str:
    """Return `value`, a `str`, without the subclass it may be of. Raises `TypeError`."""
    if not isinstance(value, str):
        raise TypeError(f"{what}: a str was expected, not {type(value).__name__}")
    return str.__str__(value)
