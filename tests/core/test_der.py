"""Strict DER: what is written, what is read, and every way of saying the same otherwise that is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecpure import InvalidEncoding, der


def reader(octets: bytes | str) -> der.Reader:
    return der.Reader(bytes.fromhex(octets) if isinstance(octets, str) else octets, "test")


def read(kind: str, octets: bytes | str) -> Any:
    """Return what `octets`, whole, hold as the element of this kind."""
    source = reader(octets)
    value = getattr(source, kind)("name")
    source.end()
    return value


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (0, "020100"),
        (1, "020101"),
        (0x7F, "02017f"),
        (0x80, "02020080"),
        (0xFF, "020200ff"),
        (0x100, "02020100"),
        (0x7FFF, "02027fff"),
        (0x8000, "0203008000"),
    ],
)
def test_integers_have_the_fewest_octets_with_the_sign_bit_clear(value: int, octets: str) -> None:
    """Values on both sides of each change of length are written in their known octets and read back (§8.3)."""
    assert der.integer(value).hex() == octets
    assert read("integer", octets) == value


@given(value=st.integers(0, 1 << 3000))
def test_integers_come_back(value: int) -> None:
    """An INTEGER reads as what was written, at every length."""
    assert read("integer", der.integer(value)) == value


@pytest.mark.parametrize(
    ("length", "header"),
    [
        (0, "0400"),
        (1, "0401"),
        (0x7F, "047f"),
        (0x80, "048180"),
        (0xFF, "0481ff"),
        (0x100, "04820100"),
        (0xFFFF, "0482ffff"),
        (0x10000, "0483010000"),
    ],
)
def test_lengths_have_the_fewest_octets(length: int, header: str) -> None:
    """Lengths on both sides of every change of form are written in their known octets and read back (§10.1)."""
    octets = der.element(der.OCTET_STRING, bytes(length))
    assert octets == bytes.fromhex(header) + bytes(length)
    source = reader(octets)
    assert source.contents(der.OCTET_STRING, "name") == bytes(length)
    source.end()
    assert source.next_tag() is None


@given(parts=st.lists(st.binary(max_size=200), max_size=4))
def test_elements_of_parts_hold_them_joined(parts: list[bytes]) -> None:
    """`element` of several parts is the element of their sum, and `inside` reads that sum."""
    octets = der.element(der.SEQUENCE, *parts)
    assert octets == der.element(der.SEQUENCE, b"".join(parts))
    assert reader(octets).inside(der.SEQUENCE, "name").next_tag() == (b"".join(parts)[0] if any(parts) else None)
    assert reader(octets).contents(der.SEQUENCE, "name") == b"".join(parts)


def test_elements_are_read_one_after_another() -> None:
    """A reader moves past each element that it read, inside a sequence and after it, and `next_tag` moves nothing."""
    source = reader(der.element(der.SEQUENCE, der.integer(5), der.bit_string(b"key")) + der.integer(6))
    inner = source.inside(der.SEQUENCE, "name")
    assert [inner.next_tag(), inner.next_tag()] == [der.INTEGER, der.INTEGER]
    assert (inner.integer("name"), inner.bit_string("name"), inner.next_tag()) == (5, b"key", None)
    inner.end()
    assert source.integer("name") == 6
    source.end()


@pytest.mark.parametrize(
    ("dotted", "octets"),
    [
        ("1.3.132.0.32", "06052b81040020"),
        ("1.3.132.0.10", "06052b8104000a"),
        ("1.2.840.10045.2.1", "06072a8648ce3d0201"),
        ("2.999.3", "0603883703"),
        ("0.0", "060100"),
        ("0.39", "060127"),
        ("1.0", "060128"),
        ("1.39", "06014f"),
        ("2.0", "060150"),
        ("2.47", "06017f"),
        ("2.48", "06028100"),
        ("2.100", "06028134"),
        ("1.2.127.128.16383.16384", "06092a7f8100ff7f818000"),
    ],
)
def test_object_identifiers(dotted: str, octets: str) -> None:
    """Known identifiers, and those on both sides of each change of length, are written and read in known octets."""
    assert der.object_identifier(dotted).hex() == octets
    assert read("object_identifier", octets) == dotted


@given(
    roots=st.tuples(st.integers(0, 1), st.integers(0, 39)) | st.tuples(st.just(2), st.integers(0, 1 << 40)),
    arcs=st.lists(st.integers(0, 1 << 40), max_size=6),
)
def test_any_object_identifier_comes_back(roots: tuple[int, int], arcs: list[int]) -> None:
    """Whatever the arcs, the identifier reads as it was written."""
    dotted = ".".join(map(str, [*roots, *arcs]))
    assert read("object_identifier", der.object_identifier(dotted)) == dotted


@pytest.mark.parametrize(
    "dotted",
    [
        *(
            "",
            "1",
            "1.",
            ".1",
            "1..2",
            "1.2.",
            "1.02",
            "01.2",
            "1.-2",
            "1.+2",
            "1. 2",
            "1.2\n",
            "1.a",
            "1.²",
            "1.٣",
            "1,2",
        ),
        *("1." + "9" * 41, "1.2." + "1" * 5000),
    ],
)
def test_text_that_is_no_object_identifier_is_refused(dotted: str) -> None:
    """One number, empty or padded numbers, signs, spaces, digits of other scripts, and numbers beyond any in use."""
    with pytest.raises(InvalidEncoding, match=r"^object identifier: two or more numbers .*8\.19\)$"):
        der.object_identifier(dotted)


def test_numbers_of_40_digits_are_the_longest() -> None:
    """An identifier's number may have 40 digits, more than any in use has (2^128 has 39), and come back."""
    dotted = "2.25." + "9" * 40
    assert read("object_identifier", der.object_identifier(dotted)) == dotted
    with pytest.raises(InvalidEncoding):
        der.object_identifier(dotted + "9")


def test_tags_are_those_of_the_standard() -> None:
    """The universal tags of X.690 §8, a SEQUENCE's with the bit of constructed encodings."""
    empty = [der.element(tag).hex() for tag in (der.BIT_STRING, der.OCTET_STRING, der.NULL, der.SEQUENCE)]
    assert empty == ["0300", "0400", "0500", "3000"]


@pytest.mark.parametrize("dotted", ["0.40", "1.40", "1.999.1", "3.0", "9.1", "40.40"])
def test_object_identifiers_outside_of_the_three_roots_are_refused(dotted: str) -> None:
    """The first number is 0, 1 or 2, and the second below 40 under 0 and 1 (§8.19.4)."""
    with pytest.raises(InvalidEncoding, match=r"^object identifier: first number .*8\.19\.4"):
        der.object_identifier(dotted)


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        ("", r"name \(tag 02\) was expected"),
        ("0401", r"name \(tag 02\) was expected"),
        ("0001", r"name \(tag 02\) was expected"),
        ("220101", r"name \(tag 02\) was expected"),
        ("0200", r"no octets \(X.690 §8.3.1\)"),
        ("020180", r"negative \(X.690 §8.3.3\)"),
        ("0201ff", r"negative \(X.690 §8.3.3\)"),
        ("0202ff01", r"negative \(X.690 §8.3.3\)"),
        ("02020000", r"leading zero octets \(X.690 §8.3.2\)"),
        ("02020001", r"leading zero octets \(X.690 §8.3.2\)"),
        ("0202007f", r"leading zero octets \(X.690 §8.3.2\)"),
        ("0203000080", r"leading zero octets \(X.690 §8.3.2\)"),
    ],
)
def test_other_forms_of_an_integer_are_refused(octets: str, words: str) -> None:
    """Another tag, no octets, a negative number, leading zeros: each has its clause."""
    with pytest.raises(InvalidEncoding, match=f"^test: .*{words}$"):
        read("integer", octets)


@pytest.mark.parametrize("kind", ["integer", "bit_string", "object_identifier"])
def test_each_kind_reads_its_own_tag_alone(kind: str) -> None:
    """Of all 256 first octets one begins an element of the kind; the refusal names the one that does."""
    own = {"integer": der.INTEGER, "bit_string": der.BIT_STRING, "object_identifier": der.OBJECT_IDENTIFIER}[kind]
    for tag in range(256):
        octets = bytes([tag, 2]) + (b"\x00\x80" if kind != "object_identifier" else b"\x2a\x03")
        if tag == own:
            read(kind, octets)
        else:
            with pytest.raises(InvalidEncoding, match=rf"^test: name \(tag {own:02x}\) was expected$"):
                read(kind, octets)


@pytest.mark.parametrize("first", [0x80, *range(0x89, 0x100)], ids="{:02x}".format)
def test_lengths_that_are_indefinite_or_absurd_are_refused(first: int) -> None:
    """80 is the indefinite length, ff is reserved, and no memory holds what 89 and above announce (§8.1.3, §10.1)."""
    for rest in (b"", b"\x01\x01\x00\x00", bytes(0x7F) + b"\x01\x01", b"\xff" * 200):
        with pytest.raises(InvalidEncoding, match=r"definite length was expected \(X.690 §10.1\)$"):
            read("integer", bytes([der.INTEGER, first]) + rest)


@pytest.mark.parametrize(
    ("length", "count"),
    [
        (length, count)
        for length in (0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF)
        for count in range(1, 9)
        if length < 256**count
    ],
)
def test_a_length_has_one_encoding(length: int, count: int) -> None:
    """The long form of 1 to 8 octets is read where it is the shortest, and refused where a shorter form says it."""
    octets = bytes([der.OCTET_STRING, 0x80 | count]) + length.to_bytes(count, "big") + bytes(length)
    if octets == der.element(der.OCTET_STRING, bytes(length)):
        assert reader(octets).contents(der.OCTET_STRING, "name") == bytes(length)
    else:
        with pytest.raises(InvalidEncoding, match=r"a length in the fewest octets was expected \(X.690 §10.1\)$"):
            reader(octets).contents(der.OCTET_STRING, "name")


@pytest.mark.parametrize(
    "octets",
    [
        *("02", "0201", "020301ff", "0281", "0282ff", "028180", "0284ffffffff01", "0288ffffffffffffffff01"),
        *("0288ffffffffffffff", "02887fffffffffffffff" + "00" * 100),
    ],
)
def test_octets_that_end_early_are_refused(octets: str) -> None:
    """After the tag, inside of the length, inside of the contents; lengths beyond any memory cost nothing."""
    with pytest.raises(InvalidEncoding, match=r"^test: the octets end inside an element \(X.690 §8.1.1\)$"):
        read("integer", octets)


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        ("0600", r"cut off \(X.690 §8.19.2\)"),
        ("060180", r"cut off \(X.690 §8.19.2\)"),
        ("06022a81", r"cut off \(X.690 §8.19.2\)"),
        ("06032a80ff", r"cut off \(X.690 §8.19.2\)"),
        ("06028001", r"padded arc \(X.690 §8.19.2\)"),
        ("06032a8001", r"padded arc \(X.690 §8.19.2\)"),
        ("06042a808001", r"padded arc \(X.690 §8.19.2\)"),
        ("0641" + "01" * 65, "longer than any in use"),
        ("0641" + "ff" * 64 + "01", "longer than any in use"),
        ("06820100" + "01" * 256, "longer than any in use"),
    ],
)
def test_other_forms_of_an_object_identifier_are_refused(octets: str, words: str) -> None:
    """Empty, cut off, with a padded arc, or longer than any in use."""
    with pytest.raises(InvalidEncoding, match=f"^test: name .*{words}$"):
        read("object_identifier", octets)


@pytest.mark.parametrize("contents", [b"\x01" * 64, b"\xff" * 63 + b"\x01"], ids=["many arcs", "one long arc"])
def test_object_identifiers_of_64_octets_are_read(contents: bytes) -> None:
    """The bound on the length is 64 octets, and all of them count, in many arcs or in one."""
    dotted = read("object_identifier", der.element(der.OBJECT_IDENTIFIER, contents))
    first, second, *rest = map(int, dotted.split("."))
    value = 0
    for arc in (40 * first + second, *rest):
        value = value << 7 * max(1, -(-arc.bit_length() // 7)) | arc
    assert value == sum((octet & 0x7F) << 7 * place for place, octet in enumerate(reversed(contents)))


@pytest.mark.parametrize("octets", ["0300", "030107", "03020180", "030207ff", "0302ff00", "03020800"])
def test_bit_strings_of_part_octets_are_refused(octets: str) -> None:
    """Keys are whole octets: the count of unused bits is there, and 0."""
    with pytest.raises(InvalidEncoding, match=r"^test: name: .*whole octets was expected \(X.690 §8.6.2\)$"):
        read("bit_string", octets)


@given(octets=st.binary(max_size=300))
def test_bit_strings_come_back(octets: bytes) -> None:
    """A bit string of whole octets reads as it was written, the empty one included."""
    assert read("bit_string", der.bit_string(octets)) == octets
    assert der.bit_string(octets) == der.element(der.BIT_STRING, b"\x00" + octets)


@pytest.mark.parametrize("kind", ["integer", "bit_string", "object_identifier"])
@given(data=st.data())
def test_what_is_read_is_what_would_be_written(kind: str, data: st.DataObject) -> None:
    """Whatever octets are read as an element, writing the value gives them back: a value has no second encoding."""
    tag = {"integer": der.INTEGER, "bit_string": der.BIT_STRING, "object_identifier": der.OBJECT_IDENTIFIER}[kind]
    octet = st.sampled_from([0x00, 0x01, 0x02, 0x2A, 0x7F, 0x80, 0x81, 0x82, 0xFF])
    contents = bytes(data.draw(st.lists(octet, max_size=5)))
    length = data.draw(st.just(bytes([len(contents)])) | st.lists(octet, min_size=1, max_size=3).map(bytes))
    octets = bytes([tag]) + length + contents
    try:
        value = read(kind, octets)
    except InvalidEncoding:
        return
    assert getattr(der, kind)(value) == octets


@pytest.mark.parametrize("after", [b"\x00", b"\x00\x00", b"\xff", der.integer(5)])
def test_what_follows_the_end_is_refused(after: bytes) -> None:
    """`end` checks that nothing is left, be it padding or another element."""
    source = reader(der.integer(5) + after)
    assert source.integer("name") == 5
    with pytest.raises(InvalidEncoding, match=r"^test: octets follow where the end was expected$"):
        source.end()
    assert source.next_tag() == after[0]


def test_refusals_say_at_which_octet_of_the_whole() -> None:
    """However deep it stands, and wherever the whole begins, the octet is counted from the whole's own beginning."""
    inner = der.integer(5) + der.integer(0x1234)
    octets = der.element(der.SEQUENCE, der.integer(1), der.element(der.SEQUENCE, inner), der.integer(2))
    for base in (0, 3, 1000):
        outer = der.Reader(octets, "test", base).inside(der.SEQUENCE, "name")
        outer.integer("name")
        deep = outer.inside(der.SEQUENCE, "name")
        deep.integer("name")
        refused = (
            (lambda: deep.contents(der.NULL, "name"), octets.index(b"\x12\x34") - 2),  # noqa: B023  # called below
            (deep.end, octets.index(b"\x12\x34") - 2),
            (outer.end, len(octets) - 3),
        )
        for refuse, octet in refused:
            with pytest.raises(InvalidEncoding) as refusal:
                refuse()
            assert refusal.value.octet == base + octet
        broken = der.Reader(der.integer(1) + der.integer(2) + b"\x04\x81\x05", "test", base)
        broken.integer("name")
        with pytest.raises(InvalidEncoding, match="fewest octets") as refusal:
            broken.tags()
        assert refusal.value.octet == base + 7


@pytest.mark.parametrize(
    ("kind", "octets", "octet"),
    [
        ("integer", "020180", 2),
        ("integer", "0200", 2),
        ("integer", "02020001", 2),
        ("integer", "0401", 0),
        ("integer", "0281010a", 1),
        ("integer", "0280", 1),
        ("integer", "02050102", 4),
        ("bit_string", "030101", 2),
        ("object_identifier", "06032a8001", 3),
        ("object_identifier", "0603808001", 2),
        ("object_identifier", "06022a81", 4),
        ("object_identifier", "0641" + "01" * 65, 2),
    ],
)
def test_refusals_say_the_octet(kind: str, octets: str, octet: int) -> None:
    """At the tag, the length, the contents, or where the octets ended."""
    with pytest.raises(InvalidEncoding) as refusal:
        read(kind, octets)
    assert refusal.value.octet == octet
