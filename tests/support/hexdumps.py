"""Dumps as xxd, od and hexdump write them."""

from __future__ import annotations


def _rows(octets: bytes) -> list[tuple[int, bytes]]:
    return [(start, octets[start : start + 16]) for start in range(0, len(octets), 16)]


def characters(row: bytes) -> str:
    """Return what dumps show beside the octets of a line."""
    return "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in row)


def xxd(octets: bytes, group: int = 2) -> bytes:
    """Return what `xxd -g GROUP` writes."""
    width = 32 + 16 // group - 1
    lines = [f"{start:08x}: {row.hex(' ', -group):{width}}  {characters(row)}\n" for start, row in _rows(octets)]
    return "".join(lines).encode("ascii")


def od(octets: bytes, base: str = "07o", between: str = " ") -> bytes:
    """Return what `od -v -tx1` writes. base: how Python writes its offsets."""
    lines = [f"{start:{base}}{between}{row.hex(' ').replace(' ', between)}\n" for start, row in _rows(octets)]
    return "".join([*lines, f"{len(octets):{base}}\n"]).encode("ascii")


def canonical(octets: bytes) -> bytes:
    """Return what `hexdump -v -C` writes."""
    halves = [(start, row[:8].hex(" "), row[8:].hex(" "), characters(row)) for start, row in _rows(octets)]
    lines = [f"{start:08x}  {left:23}  {right:23}  |{shown}|\n" for start, left, right, shown in halves]
    return "".join([*lines, f"{len(octets):08x}\n"]).encode("ascii")
