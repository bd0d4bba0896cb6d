"""The part of DER (X.690) that signatures and keys need, strict: one encoding per value."""

from __future__ import annotations

from .errors import InvalidEncoding

INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT_IDENTIFIER, SEQUENCE = 0x02, 0x03, 0x04, 0x05, 0x06, 0x30

_LONGEST_OBJECT_IDENTIFIER = 64  # octets; decoding takes time that grows with the square


def element(tag: int, *contents: bytes) -> bytes:
    """Return tag, minimal definite length, and the contents joined (§8.1, §10.1)."""
    body = b"".join(contents)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def integer(value: int) -> bytes:
    """Return the INTEGER of value ≥ 0: the fewest octets that leave the sign bit 0 (§8.3)."""
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def object_identifier(dotted: str) -> bytes:
    """Return the OBJECT IDENTIFIER written as `dotted` (§8.19). Raises `InvalidEncoding` unless the text names one."""
    arcs = dotted.split(".")
    if len(arcs) < 2 or not all(arc.isdecimal() and arc.isascii() and str(int(arc[:40])) == arc for arc in arcs):
        raise InvalidEncoding("object identifier: two or more numbers separated by dots were expected (X.690 §8.19)")
    first, second, *rest = map(int, arcs)
    if first > 2 or (first < 2 and second > 39):
        raise InvalidEncoding(
            "object identifier: first number 0, 1 or 2, second below 40 under 0 and 1 (X.690 §8.19.4)"
        )
    octets = bytearray()
    for arc in (40 * first + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        octets += bytes(reversed(groups))
    return element(OBJECT_IDENTIFIER, bytes(octets))


def bit_string(octets: bytes) -> bytes:
    """Return the BIT STRING of whole octets (§8.6)."""
    return element(BIT_STRING, b"\x00", octets)


class Reader:
    """Reads elements one after another from `octets`. Errors call the whole `what`; `octets` begin at `base` in it.

    Every method raises `InvalidEncoding`, with the octet's offset in the whole, if the octets are not what it reads.
    """

    def __init__(self, octets: bytes, what: str, base: int = 0) -> None:
        self._octets = octets
        self._offset = 0
        self._what = what
        self._base = base
        self._contents = 0  # where the contents of the element that was read last begin

    def _refuse(self, reason: str, offset: int) -> InvalidEncoding:
        return InvalidEncoding(f"{self._what}: {reason}", octet=self._base + offset)

    def next_tag(self) -> int | None:
        """The tag of the next element, or None at the end."""
        return self._octets[self._offset] if self._offset < len(self._octets) else None

    def tags(self) -> list[int]:
        """The tags of the elements that follow, without reading them: they tell what kind of structure this is."""
        ahead = Reader(self._octets[self._offset :], self._what, self._base + self._offset)
        tags = []
        while (tag := ahead.next_tag()) is not None:
            ahead.contents(tag, "an element")
            tags.append(tag)
        return tags

    def _take(self, count: int) -> bytes:
        taken = self._octets[self._offset : self._offset + count]
        if len(taken) != count:
            raise self._refuse("the octets end inside an element (X.690 §8.1.1)", len(self._octets))
        self._offset += count
        return taken

    def contents(self, tag: int, name: str) -> bytes:
        """Return the contents of the next element, which has this tag."""
        if self.next_tag() != tag:
            raise self._refuse(f"{name} (tag {tag:02x}) was expected", self._offset)
        self._offset += 1
        place = self._offset
        length = self._take(1)[0]
        if length >= 0x80:
            # Long form: refuse the indefinite form (80), and lengths that fit in the short form or in fewer octets. No
            # memory is large enough to need more than eight octets of length.
            if not 0x81 <= length <= 0x88:
                raise self._refuse("a definite length was expected (X.690 §10.1)", place)
            count = length & 0x7F
            length = int.from_bytes(self._take(count), "big")
            if length < max(0x80, 1 << 8 * (count - 1)):
                raise self._refuse("a length in the fewest octets was expected (X.690 §10.1)", place)
        self._contents = self._offset
        return self._take(length)

    def inside(self, tag: int, name: str) -> Reader:
        """Return a reader of the contents of the next element, which has this tag."""
        octets = self.contents(tag, name)
        return Reader(octets, self._what, self._base + self._contents)

    def integer(self, name: str) -> int:
        """Return the next element, an INTEGER ≥ 0 in the fewest octets (§8.3)."""
        octets = self.contents(INTEGER, name)
        if not octets:
            raise self._refuse(f"{name} has no octets (X.690 §8.3.1)", self._contents)
        if octets[0] >= 0x80:
            raise self._refuse(f"{name} is negative (X.690 §8.3.3)", self._contents)
        if len(octets) > 1 and octets[0] == 0 and octets[1] < 0x80:
            raise self._refuse(f"{name} has leading zero octets (X.690 §8.3.2)", self._contents)
        return int.from_bytes(octets, "big")

    def bit_string(self, name: str, tag: int = BIT_STRING) -> bytes:
        """Return the next element, a BIT STRING of whole octets (§8.6), which may have an implicit tag (§8.14.3)."""
        octets = self.contents(tag, name)
        if octets[:1] != b"\x00":
            raise self._refuse(f"{name}: a bit string of whole octets was expected (X.690 §8.6.2)", self._contents)
        return octets[1:]

    def object_identifier(self, name: str) -> str:
        """Return the next element, an OBJECT IDENTIFIER, as dotted text (§8.19)."""
        octets = self.contents(OBJECT_IDENTIFIER, name)
        if not octets or octets[-1] >= 0x80:
            raise self._refuse(f"{name} is cut off (X.690 §8.19.2)", self._offset)
        if len(octets) > _LONGEST_OBJECT_IDENTIFIER:
            raise self._refuse(f"{name} is longer than any in use", self._contents)
        arcs = []
        arc = 0
        for place, octet in enumerate(octets, self._contents):
            if arc == 0 and octet == 0x80:
                raise self._refuse(f"{name} has a padded arc (X.690 §8.19.2)", place)
            arc = arc << 7 | octet & 0x7F
            if octet < 0x80:
                arcs.append(arc)
                arc = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))

    def end(self) -> None:
        """Raise `InvalidEncoding` unless everything was read."""
        if self._offset != len(self._octets):
            raise self._refuse("octets follow where the end was expected", self._offset)
