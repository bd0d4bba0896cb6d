"""Octets that are almost the encoding of a signature: every one of them to be refused, though the integers be right."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from itertools import product
from typing import NamedTuple

from reference import N, P, der, der_integer, p1363, tlv


class Mutant(NamedTuple):
    """What a signature was made into."""

    flag: str
    comment: str
    octets: bytes


class Place(NamedTuple):
    """One element of the tree: the octets of the whole with something else in its place."""

    name: str
    tag: int
    content: bytes
    whole: Callable[[bytes], bytes]

    @property
    def element(self) -> bytes:
        """The element itself."""
        return tlv(self.tag, self.content)


def places(r: int, s: int) -> list[Place]:
    """Return the SEQUENCE, r and s."""
    first, second = der_integer(r), der_integer(s)
    return [
        Place("sequence", 0x30, first + second, lambda octets: octets),
        Place("r", 2, first[2:], lambda octets: tlv(0x30, octets + second)),
        Place("s", 2, second[2:], lambda octets: tlv(0x30, first + octets)),
    ]


_SIZES = (
    ("2^31 - 1", "847fffffff"),
    ("2^31", "8480000000"),
    ("2^32 - 1", "84ffffffff"),
    ("2^40 - 1", "85ffffffffff"),
    ("2^63 - 1", "887fffffffffffffff"),
    ("2^64 - 1", "88ffffffffffffffff"),
    ("all ones in 126 octets", "fe" + "ff" * 126),
)


def lengths(place: Place) -> Iterator[Mutant]:
    """Yield the element with every length but its own, and with its own written in another way."""
    tag, content, size = bytes([place.tag]), place.content, len(place.content)

    def made(flag: str, comment: str, length: bytes) -> Mutant:
        return Mutant(flag, f"length of {place.name}: {comment}", place.whole(tag + length + content))

    for value in (size - 1, size + 1, size - 2, size + 2, size ^ 0x40, 0, 1, 0x7F):
        yield made("WrongLength", f"{value} instead of {size}", bytes([value]))
    for value, name in ((0x80, "80, indefinite, without an end"), (0x81, "81 and no more"), (0xFF, "ff, reserved")):
        yield made("WrongLength", name, bytes([value]))
    for count in (1, 2, 3, 4, 8, 9, 126):
        octets = bytes([0x80 + count]) + size.to_bytes(count, "big")
        yield made("BerEncoding", f"long form, {count} octets", octets)
    for power in (8, 16, 32, 64):
        value, count = (1 << power) + size, power // 8 + 1
        yield made("WrongLength", f"{size} + 2^{power}", bytes([0x80 + count]) + value.to_bytes(count, "big"))
    for name, text in _SIZES:
        yield made("WrongLength", name, bytes.fromhex(text))


_INSIDE = (
    ("with its end", "", "0000", "BerEncoding"),
    ("with half of its end", "", "00", "BerEncoding"),
    ("with a NULL before its end", "0500", "0000", "AlteredTree"),
    ("with an end that is not empty", "", "000105", "BerEncoding"),
    ("with two ends", "", "00000000", "AlteredTree"),
)


def compositions(place: Place) -> Iterator[Mutant]:
    """Yield the element of indefinite length, and in pieces."""
    tag, content = place.tag, place.content
    for name, more, end, flag in _INSIDE:
        octets = bytes([tag, 0x80]) + content + bytes.fromhex(more + end)
        yield Mutant(flag, f"{place.name}: indefinite length {name}", place.whole(octets))
    inner = place.element
    shapes = [
        ("constructed, whole element within", tlv(tag | 0x20, inner)),
        ("constructed, indefinite length, whole element within", bytes([tag | 0x20, 0x80]) + inner + b"\0\0"),
        ("constructed, in two pieces", tlv(tag | 0x20, tlv(tag, content[:1]) + tlv(tag, content[1:]))),
        ("in a SEQUENCE", tlv(0x30, inner)),
        ("in a SET", tlv(0x31, inner)),
        ("in an OCTET STRING", tlv(4, inner)),
        ("in a BIT STRING", tlv(3, b"\0" + inner)),
        ("with the explicit tag [0]", tlv(0xA0, inner)),
        ("with the explicit tag [1]", tlv(0xA1, inner)),
    ]
    for name, octets in shapes:
        yield Mutant("AlteredTree", f"{place.name}: {name}", place.whole(octets))


_TAGS = "00 01 02 03 04 05 06 09 0a 0c 10 11 12 13 16 17 18 1e 22 30 31 42 62 80 82 90 a0 a2 b0 c2 f0"
_LONG_TAGS = "1f02 1f10 1f8002 3f10 ff"


def tags(place: Place) -> Iterator[Mutant]:
    """Yield the element under every other tag."""
    for tag in f"{_TAGS} {_LONG_TAGS}".split():
        if int(tag, 16) != place.tag:
            octets = bytes.fromhex(tag) + place.element[1:]
            yield Mutant("WrongTag", f"tag of {place.name}: {tag} instead of {place.tag:02x}", place.whole(octets))
    yield Mutant("WrongTag", f"tag of {place.name} left out", place.whole(place.element[1:]))


_MORE = (
    ("one octet 00", "00"),
    ("an end of contents", "0000"),
    ("a NULL", "0500"),
    ("an empty SEQUENCE", "3000"),
    ("the INTEGER 0", "020100"),
    ("an octet 30", "30"),
    ("garbage", "4943"),
    ("an element of a high tag number", "bf7f00"),
    ("a NULL with an explicit tag", "a0020500"),
    ("an empty element [0]", "a000"),
    ("128 octets 00", "00" * 128),
)


def additions(place: Place) -> Iterator[Mutant]:
    """Yield the element with something before it, after it, and in it at either end."""
    tag, content, element, name = place.tag, place.content, place.element, place.name
    for what, text in _MORE:
        more = bytes.fromhex(text)
        yield Mutant("Addition", f"behind {name}: {what}", place.whole(element + more))
        yield Mutant("Addition", f"before {name}: {what}", place.whole(more + element))
        if name == "sequence":
            yield Mutant(
                "Addition", f"behind {name}, within its length: {what}", bytes([tag, len(content)]) + content + more
            )
            yield Mutant("Addition", f"first in the {name}: {what}", tlv(tag, more + content))
    yield Mutant("Addition", f"{name} twice", place.whole(element + element))


def omissions(place: Place) -> Iterator[Mutant]:
    """Yield the whole without the element, or without its content."""
    name, tag = place.name, place.tag
    shapes = [
        (f"{name} left out", b""),
        (f"{name} empty", bytes([tag, 0])),
        (f"{name} empty, in the long form", bytes([tag, 0x81, 0])),
        (f"{name}: its tag alone", bytes([tag])),
        (f"{name}: its tag and length alone", bytes([tag, len(place.content)])),
        (f"{name}: a NULL instead", b"\x05\0"),
        (f"{name}: an end of contents instead", b"\0\0"),
        (f"{name}: its content alone", place.content),
    ]
    for comment, octets in shapes:
        yield Mutant("Omission", comment, place.whole(octets))
    first, last = place.content[1:], place.content[:-1]
    yield Mutant("Omission", f"{name} without its first octet", place.whole(tlv(tag, first)))
    yield Mutant("Omission", f"{name} without its last octet", place.whole(tlv(tag, last)))


def integer_forms(place: Place) -> Iterator[Mutant]:
    """Yield other contents of an INTEGER: the same number at greater length or without its sign, or its negative."""
    content, name = place.content, place.name
    value = int.from_bytes(content, "big")

    def made(flag: str, comment: str, octets: bytes) -> Mutant:
        return Mutant(flag, f"{name}: {comment}", place.whole(tlv(2, octets)))

    for count in (1, 2, 3, 4, 100, 1024):
        yield made("LongInteger", f"{count} more octets 00 before it", bytes(count) + content)
    for count in (1, 4):
        yield made("LongInteger", f"{count} more octets ff before it", b"\xff" * count + content)
    if content[0] == 0:
        yield made("MissingSignOctet", "without the octet 00 before a high bit", content[1:])
    yield made("NegativeInteger", "as -n + itself", der_integer(value - N)[2:])
    yield made("NegativeInteger", "negated", der_integer(-value)[2:])
    yield made("NegativeInteger", "its complement", der_integer(-value - 1)[2:])
    yield made("NegativeInteger", "as 2^225 - itself, negated", der_integer(value - (1 << 225))[2:])
    yield made("WrongOctets", "octets in reverse", content[::-1])
    yield made("WrongOctets", "one octet 00 appended", content + b"\0")
    yield made("WrongOctets", "first octet altered", bytes([content[0] ^ 1]) + content[1:])
    yield made("WrongOctets", "last octet altered", content[:-1] + bytes([content[-1] ^ 0x80]))
    yield made("WrongOctets", "as decimal text", str(value).encode("ascii"))
    yield made("WrongOctets", "as hexadecimal text", content.hex().encode("ascii"))


_OTHERS = (
    ("REAL 0.25", "090380fe01"),
    ("REAL 0", "0900"),
    ("REAL infinity", "090140"),
    ("BOOLEAN true", "0101ff"),
    ("BOOLEAN false", "010100"),
    ("NULL", "0500"),
    ("UTF8String 0", "0c0130"),
    ("empty UTF8String", "0c00"),
    ("empty OCTET STRING", "0400"),
    ("empty BIT STRING", "030100"),
    ("ENUMERATED 1", "0a0101"),
    ("OBJECT IDENTIFIER", "06052b81040020"),
    ("empty SEQUENCE", "3000"),
    ("SEQUENCE of 0", "3003020100"),
    ("INTEGER of no octets", "0200"),
)


def other_types(r: int, s: int) -> Iterator[Mutant]:
    """Yield r and s of another type, beside the other one, beside 0 and 1, and both."""
    for name, text in _OTHERS:
        other = bytes.fromhex(text)
        for value in (s, 0, 1):
            beside = "s" if value == s else f"s = {value}"
            yield Mutant("WrongType", f"r: {name}; {beside}", tlv(0x30, other + der_integer(value)))
        for value in (r, 0, 1):
            beside = "r" if value == r else f"r = {value}"
            yield Mutant("WrongType", f"s: {name}; {beside}", tlv(0x30, der_integer(value) + other))
        yield Mutant("WrongType", f"r and s: {name}", tlv(0x30, other + other))


def whole_forms(r: int, s: int) -> Iterator[Mutant]:
    """Yield what is no DER of a pair at all: truncations, text, the other encodings, other elements."""
    octets = der(r, s)
    for length in range(len(octets)):
        yield Mutant("Truncation", f"the first {length} octets alone", octets[:length])
    for length in (1, 2, 3, 4):
        yield Mutant("Truncation", f"without the first {length} octets", octets[length:])
    forms = [
        ("r and s, 29 + 29 octets, no DER", p1363(r, s)),
        ("r and s, 29 + 29 octets, in a SEQUENCE", tlv(0x30, p1363(r, s))),
        ("r and s, 29 + 29 octets, in an OCTET STRING", tlv(4, p1363(r, s))),
        ("r and s in OCTET STRINGs", tlv(0x30, tlv(4, r.to_bytes(29, "big")) + tlv(4, s.to_bytes(29, "big")))),
        ("hexadecimal text", octets.hex().encode("ascii")),
        ("base64 text", base64.b64encode(octets)),
        ("octets in reverse", octets[::-1]),
        ("a hash type behind it, as in Bitcoin", octets + b"\x01"),
        ("twice", octets + octets),
        ("version 0 before r", tlv(0x30, der_integer(0) + der_integer(r) + der_integer(s))),
        ("one INTEGER of r and s", tlv(0x30, tlv(2, p1363(r, s)))),
        ("r and s in a SEQUENCE each", tlv(0x30, tlv(0x30, der_integer(r)) + tlv(0x30, der_integer(s)))),
    ]
    for comment, form in forms:
        yield Mutant("ForeignForm", comment, form)


def der_mutants(r: int, s: int) -> Iterator[Mutant]:
    """Yield every mutant of the DER of a signature."""
    yield from whole_forms(r, s)
    for place in places(r, s):
        if place.tag == 2:
            yield from integer_forms(place)
        for mutate in (lengths, compositions, tags, additions, omissions):
            yield from mutate(place)
    yield from other_types(r, s)


SPECIAL = (
    ("0", 0),
    ("1", 1),
    ("-1", -1),
    ("n - 1", N - 1),
    ("n", N),
    ("n + 1", N + 1),
    ("p - 1", P - 1),
    ("p", P),
    ("p + 1", P + 1),
    ("2^224", 1 << 224),
    ("2^225", 1 << 225),
)


def special_pairs() -> Iterator[tuple[str, int, int]]:
    """Yield the pairs of the integers about which a check of ranges goes wrong."""
    for (name, r), (other, s) in product(SPECIAL, SPECIAL):
        yield f"r = {name}, s = {other}", r, s


def _foreign(r: int, s: int, first: bytes, second: bytes) -> list[tuple[str, str, bytes]]:
    octets, halves = first + second, (first, second)
    reverse = halves[0][::-1], halves[1][::-1]
    return [
        ("WrongHalves", "r and s without leading octets 00", octets[1:29].lstrip(b"\0") + octets[30:].lstrip(b"\0")),
        ("WrongHalves", "s before r", halves[1] + halves[0]),
        ("WrongHalves", "r twice", halves[0] * 2),
        ("WrongHalves", "s twice", halves[1] * 2),
        ("WrongHalves", "r and s, least octet first", b"".join(reverse)),
        ("WrongHalves", "the whole in reverse", octets[::-1]),
        (
            "WrongHalves",
            "octets of r and s in turn",
            bytes(octet for both in zip(*halves, strict=True) for octet in both),
        ),
        ("WrongHalves", "s in two's complement, negated", halves[0] + (-s).to_bytes(29, "big", signed=True)),
        ("ForeignForm", "DER", der(r, s)),
        ("ForeignForm", "hexadecimal text", octets.hex().encode("ascii")),
        ("ForeignForm", "hexadecimal text in capitals", octets.hex().upper().encode("ascii")),
        ("ForeignForm", "base64 text", base64.b64encode(octets)),
        ("ForeignForm", "in an OCTET STRING", tlv(4, octets)),
        ("ForeignForm", "a recovery octet before 28 + 28", b"\x1b" + octets[1:29] + octets[30:]),
        ("ForeignForm", "a recovery octet before 29 + 29", b"\x1b" + octets),
        ("ForeignForm", "a recovery octet behind it", octets + b"\x01"),
        ("ForeignForm", "the tag 30 for the octet 00 of r", b"\x30" + octets[1:]),
        ("ForeignForm", "an octet 04 before it", b"\x04" + octets),
        ("ForeignForm", "twice", octets + octets),
        ("ForeignForm", "an octet 00 between r and s", halves[0] + b"\0" + halves[1]),
    ]


def p1363_mutants(r: int, s: int) -> Iterator[Mutant]:
    """Yield every mutant of r ‖ s: other lengths, other halves, other encodings."""
    octets, halves = p1363(r, s), (r.to_bytes(29, "big"), s.to_bytes(29, "big"))
    for length in range(len(octets)):
        yield Mutant("Truncation", f"the first {length} octets alone", octets[:length])
    for length in range(1, len(octets)):
        yield Mutant("Truncation", f"the last {length} octets alone", octets[-length:])
    for count, octet in product((1, 2, 3, 4, 6, 58, 1024), (b"\0", b"\xff")):
        yield Mutant("Addition", f"{count} octets {octet.hex()} behind it", octets + octet * count)
        yield Mutant("Addition", f"{count} octets {octet.hex()} before it", octet * count + octets)
    for first, second in product((28, 29, 30, 31, 32, 56, 64), repeat=2):
        if (first, second) != (29, 29):
            form = r.to_bytes(first, "big") + s.to_bytes(second, "big")
            yield Mutant("WrongHalves", f"{first} + {second} octets", form)
    for flag, comment, form in _foreign(r, s, *halves):
        yield Mutant(flag, comment, form)
