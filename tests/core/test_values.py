"""Immutable values, and what is taken from a caller: of plain types, whatever subclass it came as."""

from __future__ import annotations

import copy
import ctypes
from enum import IntEnum

import pytest

from ecpure.values import Value, public, require_int, require_octets, require_text


class Pair(Value):
    """A value with a slot that is set and one that is not."""

    __slots__ = ("first", "second")

    first: int
    second: int

    def __init__(self, first: int) -> None:
        self._set(first=first)


class Number(IntEnum):
    """An int with a name, and with ways of its own to be written."""

    FIVE = 5

    def __index__(self) -> int:
        return 7

    def __int__(self) -> int:
        return 7


class Octets(bytes):
    """Octets that say of themselves that they are others."""

    def __bytes__(self) -> bytes:
        return b"other"


class Nothing(ctypes.Structure):
    """An item without an octet."""

    _fields_ = ()


class Text(str):
    """Text that says of itself that it is another."""

    __slots__ = ()

    def __str__(self) -> str:
        return "other"


@pytest.mark.parametrize("name", ["first", "second", "third"])
def test_no_attribute_is_set_or_deleted(name: str) -> None:
    """A slot with a value, one without, and a name that is no slot: each is refused, and the value is as before."""
    pair = Pair(1)
    with pytest.raises(AttributeError, match=r"^Pair is immutable$"):
        setattr(pair, name, 2)
    with pytest.raises(AttributeError, match=r"^Pair is immutable$"):
        delattr(pair, name)
    assert pair.first == 1
    assert not hasattr(pair, "second")


def test_what_is_computed_later_is_set_once_more() -> None:
    """`_set` sets several attributes by name, at any time; a name that the class has no slot for is refused."""
    pair = Pair(1)
    pair._set(second=2)
    assert (pair.first, pair.second) == (1, 2)
    with pytest.raises(AttributeError):
        pair._set(third=3)


def test_a_copy_of_a_value_is_the_value() -> None:
    """What never changes needs no second one, inside of a list either."""
    pair = Pair(1)
    assert copy.copy(pair) is pair
    assert copy.deepcopy(pair) is pair
    assert copy.deepcopy([pair])[0] is pair


def test_a_public_thing_is_of_the_module_that_it_is_imported_from() -> None:
    """The decorator returns the thing itself, which names the module it was told."""

    class Thing:
        pass

    def function() -> None:
        pass

    for thing in (Thing, function):
        assert public("somewhere")(thing) is thing
        assert thing.__module__ == "somewhere"


@pytest.mark.parametrize(("value", "plain"), [(0, 0), (-(1 << 300), -(1 << 300)), (Number.FIVE, 5)])
def test_an_int_is_taken_as_a_plain_int(value: int, plain: int) -> None:
    """Of any sign and size; a subclass counts for its number, whatever it says of itself."""
    found = require_int(value, "what")
    assert type(found) is int
    assert found == plain


@pytest.mark.parametrize("value", [True, False, 1.0, "1", b"1", None, [1]], ids=repr)
def test_what_is_no_int_is_a_type_error(value: object) -> None:
    """A bool is refused too. The sentence names the argument and the type."""
    with pytest.raises(TypeError, match=f"^what: an int was expected, not {type(value).__name__}$"):
        require_int(value, "what")


def test_octets_are_taken_as_plain_bytes() -> None:
    """Bytes as they are; a bytearray and a memoryview of octets as a copy; a subclass as the octets that it has."""
    octets, buffer = b"octets", bytearray(b"octets")
    assert require_octets(octets, "what") is octets
    copied = require_octets(buffer, "what")
    buffer[0] ^= 1
    assert copied == octets
    for value in (Octets(octets), memoryview(octets), memoryview(b"o.c.t.e.t.s.")[::2]):
        found = require_octets(value, "what")
        assert type(found) is bytes
        assert found == octets


@pytest.mark.parametrize(
    "view",
    [
        memoryview(b"octets").cast("B", (2, 3)),
        memoryview(b"octets.1").cast("I"),
        memoryview(b"o").cast("B", ()),
        memoryview((Nothing * 3)()),
    ],
)
def test_a_memoryview_whose_octets_have_more_than_one_order_is_a_type_error(view: memoryview) -> None:
    """One of several dimensions, or of items of several octets, can be read along either, or from either end; items of
    no octets are not single octets.
    """
    with pytest.raises(TypeError, match=r"^what: a one-dimensional memoryview of single octets was expected$"):
        require_octets(view, "what")


@pytest.mark.parametrize("value", ["octets", 6, None, [1, 2]], ids=repr)
def test_what_is_no_octets_is_a_type_error(value: object) -> None:
    """Text, numbers and lists are refused. The sentence names the argument and the type."""
    with pytest.raises(TypeError, match=f"^what: bytes were expected, not {type(value).__name__}$"):
        require_octets(value, "what")


def test_text_is_taken_as_a_plain_str() -> None:
    """A subclass counts for its characters, whatever it says of itself."""
    found = require_text(Text("text"), "what")
    assert type(found) is str
    assert found == require_text("text", "what") == "text"


@pytest.mark.parametrize("value", [b"text", 6, None, ["text"]], ids=repr)
def test_what_is_no_text_is_a_type_error(value: object) -> None:
    """Octets, numbers and lists are refused. The sentence names the argument and the type."""
    with pytest.raises(TypeError, match=f"^what: a str was expected, not {type(value).__name__}$"):
        require_text(value, "what")
