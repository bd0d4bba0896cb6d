"""Strict DER: what is written, what is read, and every way of saying the same otherwise that is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecpure import InvalidEncoding, der


@given(value=st.integers(0, 1 << 3000))
def test_integers_come_back(value: int) -> None:
    """An INTEGER reads as what was written, at every length."""
    reader = der.Reader(der.integer(value), "test")
    assert reader.integer("n") == value
    reader.end()


@pytest.mark.parametrize("length", [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x10000])
def test_lengths_come_back(length: int) -> None:
    """Lengths on both sides of every change of form read as they were written."""
    octets = der.element(der.OCTET_STRING, bytes(length))
    reader = der.Reader(octets, "test")
    assert reader.contents(der.OCTET_STRING, "x") == bytes(length)
    reader.end()
    assert reader.next_tag() is None


@pytest.mark.parametrize(
    ("dotted", "octets"),
    [
        ("1.3.132.0.32", "06052b81040020"),
        ("1.2.840.10045.2.1", "06072a8648ce3d0201"),
        ("2.999.3", "0603883703"),
        ("0.0", "060100"),
        ("2.100", "06028134"),
    ],
)
def test_object_identifiers(dotted: str, octets: str) -> None:
    """Known identifiers are written in their known octets and read back."""
    assert der.object_identifier(dotted).hex() == octets
    assert der.Reader(bytes.fromhex(octets), "test").object_identifier("id") == dotted


@given(arcs=st.lists(st.integers(0, 1 << 40), max_size=6), second=st.integers(0, 39))
def test_any_object_identifier_comes_back(arcs: list[int], second: int) -> None:
    """Whatever the arcs, the identifier reads as it was written."""
    dotted = ".".join(map(str, [1, second, *arcs]))
    assert der.Reader(der.object_identifier(dotted), "test").object_identifier("id") == dotted


@pytest.mark.parametrize(
    ("octets", "clause"),
    [
        ("", "was expected"),
        ("0401", "was expected"),
        ("02", "8.1.1"),
        ("0200", "8.3.1"),
        ("0201", "8.1.1"),
        ("020180", "8.3.3"),
        ("02020001", "8.3.2"),
        ("0202007f", "8.3.2"),
        ("02810101", "10.1"),
        ("0282000101", "10.1"),
        ("0280010000", "10.1"),
        ("0289000000000000000001", "10.1"),
        ("02ff01", "10.1"),
        ("0281", "8.1.1"),
        ("0282ff", "8.1.1"),
        ("0284ffffffff01", "8.1.1"),
        ("0288ffffffffffffffff01", "8.1.1"),
    ],
)
def test_other_forms_of_an_integer_are_refused(octets: str, clause: str) -> None:
    """Each refusal names its clause of X.690."""
    with pytest.raises(InvalidEncoding, match=f"^test: .*{clause}"):
        der.Reader(bytes.fromhex(octets), "test").integer("n")


@pytest.mark.parametrize("octets", ["0600", "060180", "06028001", "06032a8001", "06022a81", "0641" + "01" * 65])
def test_other_forms_of_an_object_identifier_are_refused(octets: str) -> None:
    """Empty, cut off, with a padded arc, or longer than any in use."""
    with pytest.raises(InvalidEncoding):
        der.Reader(bytes.fromhex(octets), "test").object_identifier("id")


@pytest.mark.parametrize("octets", ["0300", "030107", "03020180", "0302ff00"])
def test_bit_strings_of_part_octets_are_refused(octets: str) -> None:
    """Keys are whole octets: the count of unused bits is there, and 0."""
    with pytest.raises(InvalidEncoding, match="whole octets"):
        der.Reader(bytes.fromhex(octets), "test").bit_string("key")


def test_bit_strings_come_back() -> None:
    """A bit string of whole octets reads as it was written, the empty one included."""
    for octets in (b"", b"\x00", b"key"):
        assert der.Reader(der.bit_string(octets), "test").bit_string("key") == octets


def test_what_follows_the_end_is_refused() -> None:
    """`end` holds that nothing is left."""
    reader = der.Reader(der.integer(5) + b"\x00", "test")
    reader.integer("n")
    with pytest.raises(InvalidEncoding, match="octets follow"):
        reader.end()
