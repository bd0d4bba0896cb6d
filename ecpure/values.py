"""Immutable values, and type checks at the public boundary: what passes is a plain int, bytes or str."""

from __future__ import annotations

TYPE_CHECKING = False
"""True for type checkers only. `typing.TYPE_CHECKING` is the same, but importing `typing` takes some 10 ms.

The core and `io.streams` do not import it, so that `sign_secp224k1`, which loads them, starts quickly; applications do.
"""
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, Self, TypeVar

    T = TypeVar("T", bound=Callable[..., Any])


def public(module: str) -> Callable[[T], T]:
    """Return a decorator for what users import from `module`: tracebacks and pickles then name that module."""

    def rename(thing: T) -> T:
        thing.__module__ = module
        return thing

    return rename


class Value:
    """An immutable object: attributes are set through `_set`, in construction or when first computed."""

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
    """Return `value` as a plain int. Raises `TypeError` for other types, `bool` included."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{what}: an int was expected, not {type(value).__name__}")
    return int.__index__(value)


def require_octets(value: object, what: str) -> bytes:
    """Return `value`, which is bytes, bytearray or a one-dimensional memoryview of single octets, as bytes.

    Raises `TypeError` for other types, and for other memoryviews, whose octets have more than one possible order.
    """
    if type(value) is bytes:
        return value
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{what}: bytes were expected, not {type(value).__name__}")
    view = memoryview(value)
    if view.ndim != 1 or view.itemsize != 1:
        raise TypeError(f"{what}: a one-dimensional memoryview of single octets was expected")
    return view.tobytes()


def require_text(value: object, what: str) -> str:
    """Return `value` as a plain str. Raises `TypeError` for other types."""
    if not isinstance(value, str):
        raise TypeError(f"{what}: a str was expected, not {type(value).__name__}")
    return str.__str__(value)
