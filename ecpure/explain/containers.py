"""Recognising octets by what is around them: dumps and other text, then a frame, then only their length.

A recogniser of a frame is strict about its magic, which others lack: it ignores anything else.
"""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator

from ..archives.shape import records_in
from ..errors import InvalidEncoding
from ..formats import rpcn, unpack
from ..formats.dumps import DUMPS
from ..formats.keys import holds_private_key
from ..formats.texts import TEXTS, spelling
from . import readings
from .jsonforms import in_json, shown
from .keyfiles import in_der, openssh_public, pem, printed
from .readings import Guess, Miss, missed

_TEXT = 24  # octets, as many as base64 of 16: in others, chance makes no run of so many letters and digits
_LAYERS = 2  # such as a dump of a file that is hex

_WRITTEN: dict[str, Callable[[bytes], bytes]] = {**DUMPS, **{name: text.decode for name, text in TEXTS.items()}}
"""Ways to write octets as text. Dumps come first: the digits of their offsets are not octets."""


def guess(octets: bytes) -> list[Guess | Miss]:
    """Return every reading of the octets, and every near miss; for text such as hex or base64, of what it encodes."""
    return _read(in_utf8(octets), _LAYERS)


def byte_order_mark(octets: bytes) -> str:
    """Return the encoding that a byte-order mark at the beginning names, or an empty text."""
    if octets[:2] in (BOM_UTF16_LE, BOM_UTF16_BE):
        return "UTF-16"
    return "UTF-8" if octets.startswith(BOM_UTF8) else ""


def in_utf8(octets: bytes) -> bytes:
    """Return ASCII text without the byte-order mark of Windows' programs; anything else unchanged."""
    if byte_order_mark(octets) == "UTF-16":
        text = octets.decode("utf-16", errors="replace")
        return text.encode("ascii") if text.isascii() else octets
    return octets.removeprefix(BOM_UTF8)


def holds_secret(octets: bytes) -> bool:
    """Whether a file may hold a private key, in a form that ecpure reads or only recognises: never lose it."""
    return holds_private_key(octets) or any(isinstance(one, Guess) and one.secret for one in in_json(in_utf8(octets)))


def _read(octets: bytes, layers: int) -> list[Guess | Miss]:
    text = octets.strip()
    for of, decode in _WRITTEN.items() if layers and len(text) >= _TEXT else ():
        try:
            inner = decode(text)
        except ValueError:
            continue
        if found := [one.inside(spelling(of, text)) for one in _read(inner, layers - 1)]:
            return found
    return _of_octets(octets)


def _of_octets(octets: bytes) -> list[Guess | Miss]:
    """Return the readings of the first frame that fits; else the near misses, and readings without a frame."""
    found: list[Guess | Miss] = []
    for read in _FRAMES:
        said = [*read(octets)]
        if any(isinstance(one, Guess) for one in said):
            return said
        found += said
    return found + [one for read in _BARE for one in read(octets)]


def _records(octets: bytes) -> Iterator[Guess | Miss]:
    found = records_in(octets)
    if found is not None:
        details = [f"lines: {found.lines}", found.kind.command]
        if found.form == "CSV":
            details.append("if its name does not end in .csv, add --read-as csv")
        yield Guess(f"a file of {found.kind.several}, in {found.form}", tuple(details))


_PACKED = ("gzip", "bzip2", "xz", "zstd")


def _archive(octets: bytes) -> Iterator[Guess | Miss]:
    kind = unpack.kind(octets)
    if kind is not None:
        beside = "ecpure verify --profile chargepoint reads receipts in tar, tar.gz, tar.bz2 and ZIP; unpack others"
        records = "ecpure verify-many reads records in .gz, .bz2, .xz and .zst"
        packed = (records,) if kind in _PACKED else ()
        yield Guess(f"an archive: {kind}", (beside, *packed))


def _ticket(octets: bytes) -> Iterator[Guess | Miss]:
    octets = rpcn.unwrapped(octets)
    if octets[:2] != (rpcn.VERSION >> 16).to_bytes(2, "big"):
        return
    try:
        reading = rpcn.read(octets)
    except InvalidEncoding as error:
        yield missed("an RPCN ticket", error)
    else:
        yield Guess("an RPCN ticket", shown(reading.fields), reading=reading)


_FRAMES: tuple[Callable[[bytes], Iterator[Guess | Miss]], ...] = (
    pem,
    printed,
    openssh_public,
    _records,
    in_json,
    _archive,
    _ticket,
    in_der,
)
_BARE: tuple[Callable[[bytes], Iterator[Guess | Miss]], ...] = (
    readings.point,
    readings.pair,
    readings.coordinates,
    readings.scalar,
    readings.others,
)
