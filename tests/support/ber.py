"""BER as older programs write it: the same elements as in DER, in constructed ones at indefinite lengths."""

from __future__ import annotations

from ecpure import der

_CONSTRUCTED = 0x20


def indefinite(octets: bytes) -> bytes:
    """Return DER with each constructed element at indefinite length, and with its end-of-contents (X.690 §8.1.3.6)."""
    reader, written = der.Reader(octets, "DER"), b""
    while (tag := reader.next_tag()) is not None:
        contents = reader.contents(tag, "an element")
        if tag & _CONSTRUCTED:
            written += bytes([tag, 0x80]) + indefinite(contents) + b"\x00\x00"
        else:
            written += der.element(tag, contents)
    return written
