"""Untrusted archives, read in memory: tar, plain or in gzip or bzip2, and ZIP.

Nothing is written, and no name in an archive is used as a path. Output is bounded by the number of members and by
their octets, counted together for an archive and those inside it.
"""

from __future__ import annotations

import bz2
import gzip
import io
import stat
import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Protocol

from ..errors import InvalidEncoding

LARGEST = 4 << 20
"""Octets of an archive. The largest known one of receipts has some thousand."""
UNPACKED = 8 << 20
"""Octets of all its contents."""
MEMBERS = 1000
_EXTENDED = 1 << 11  # octets of a header's extension; tarfile searched it in quadratic time (CVE-2024-6232)
_CHUNK = 1 << 16

_KINDS = {
    b"PK\x03\x04": "ZIP",
    b"PK\x05\x06": "ZIP",  # one without members
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!\x1a\x07": "RAR",
}
_READ = ("tar", "gzip", "bzip2", "ZIP")
_SUFFIXES = (".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".tbz", ".zip")

# All that the standard library raises for damaged octets; RuntimeError includes NotImplementedError, RecursionError.
_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    ArithmeticError,
    RuntimeError,
)


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of an archive. Those of an archive inside it have its name and a slash before theirs.

    files: octets by name. skipped: the reason by name, of links and the like. unreadable: the reason by name, of
    members that are encrypted or compressed by another method, and of archives inside that cannot be read.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)


class _Readable(Protocol):
    """A file to read octets from."""

    def read(self, size: int, /) -> bytes: ...


class _TooMuch(InvalidEncoding):
    """A bound of the whole was exceeded, not one of the inner archive that was being read."""


def kind(octets: bytes) -> str | None:
    """Return the kind of archive that the octets begin like, or None for anything else."""
    for magic, name in _KINDS.items():
        if octets.startswith(magic):
            return name
    try:
        tarfile.TarInfo.frombuf(octets[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except tarfile.TarError:
        return None
    return "tar"


def is_named_so(name: str) -> bool:
    """Whether the name is that of an archive of a kind that is read."""
    return name.lower().endswith(_SUFFIXES)


def contents(octets: bytes, name: str) -> Contents:
    """Return the contents of an archive with this file name; one inside it is opened, one inside that is not.

    Links, devices and files with holes are skipped. Raises `InvalidEncoding` for a damaged archive, one of another
    kind, one with a name twice, and one of more than `MEMBERS` members or `UNPACKED` octets.
    """
    reader = _Reader()
    reader.open(octets, name, "", 1)
    return reader.found


class _Reader:
    """Reads archives into one `Contents`, within bounds on all of them together."""

    def __init__(self) -> None:
        self.found = Contents()
        self._members = self._octets = 0

    def open(self, octets: bytes, name: str, inside: str, depth: int) -> None:
        """Read an archive. name: its own; inside: the prefix of the names in it."""
        form = kind(octets)
        if form not in _READ:
            raise InvalidEncoding(f"{_a(form)} is not read here: unpack it first")
        try:
            if form == "ZIP":
                self._zip(octets, inside, depth)
            elif form == "tar":
                self._tar(octets, inside, depth)
            else:
                self._compressed(octets, form, name, inside, depth)
        except InvalidEncoding:
            raise
        except _DAMAGE:
            pass  # the library's messages describe its own code
        else:
            return
        raise InvalidEncoding(f"{_a(form)} that is damaged: download it again")

    def _compressed(self, octets: bytes, form: str, name: str, inside: str, depth: int) -> None:
        """Read the tar archive, or the one file, in gzip or bzip2."""
        stream = io.BytesIO(octets)
        with gzip.GzipFile(fileobj=stream) if form == "gzip" else bz2.BZ2File(stream) as file:
            inner = self._bounded(file)
        if form == "bzip2":
            _require_whole(octets)
        if kind(inner) == "tar":
            self._tar(inner, inside, depth)
        else:
            stem, point, suffix = name.rpartition(".")
            self._file(inside + (stem if point and suffix.lower() in ("gz", "bz2") else name), inner, depth)

    def _tar(self, octets: bytes, inside: str, depth: int) -> None:
        with tarfile.open(fileobj=io.BytesIO(octets), mode="r:", tarinfo=_Header) as archive:
            for member in archive:
                self._count()
                name = inside + member.name
                if member.isreg() and not member.issparse():
                    stream = archive.extractfile(member)
                    data = b"" if stream is None else self._bounded(stream)
                    if len(data) != member.size:
                        raise tarfile.ReadError
                    self._file(name, data, depth)
                elif not member.isdir():
                    self._pass_over(name, "a link" if member.islnk() or member.issym() else "not a regular file")
            end = octets[archive.offset :]  # tarfile also takes an invalid header, or nothing at all, as the end
            if len(end) < tarfile.BLOCKSIZE or end.strip(b"\x00"):
                raise tarfile.ReadError

    def _zip(self, octets: bytes, inside: str, depth: int) -> None:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            for member in archive.infolist():
                self._count()
                name = inside + member.filename
                mode = stat.S_IFMT(member.external_attr >> 16)
                if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
                    self._pass_over(name, "a link" if mode == stat.S_IFLNK else "not a regular file")
                elif member.flag_bits & 1:
                    self._refuse(name, "it is encrypted: unpack it first")
                elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    # zipfile does not bound the decoders of the others
                    self._refuse(name, "it is compressed by another method than deflate: unpack it first")
                elif not member.is_dir():
                    with archive.open(member) as file:
                        self._file(name, self._bounded(file), depth)

    def _count(self) -> None:
        self._members += 1
        if self._members > MEMBERS:
            raise _TooMuch(f"an archive of more than {MEMBERS} members: unpack it first")

    def _bounded(self, file: _Readable) -> bytes:
        """Return all octets of the file, unless they are too many; no more are made, whatever size it states."""
        pieces = []
        while piece := file.read(_CHUNK):
            self._octets += len(piece)
            if self._octets > UNPACKED:
                raise _TooMuch(f"an archive of more than {UNPACKED >> 20} MiB when it is unpacked")
            pieces.append(piece)
        return b"".join(pieces)

    def _file(self, name: str, octets: bytes, depth: int) -> None:
        """Add a file, or its contents if it is an archive."""
        if kind(octets) is None:
            self._new(name)
            self.found.files[name] = octets
        elif depth > 1:
            self._refuse(name, "an archive inside of an archive's archive: unpack it first")
        else:
            try:
                self.open(octets, name.rpartition("/")[2], f"{name}/", depth + 1)
            except _TooMuch:
                raise
            except InvalidEncoding as error:
                self._refuse(name, str(error))

    def _pass_over(self, name: str, what: str) -> None:
        self._new(name)
        self.found.skipped[name] = f"skipped: it is {what}"

    def _refuse(self, name: str, reason: str) -> None:
        self._new(name)
        self.found.unreadable[name] = reason

    def _new(self, name: str) -> None:
        if any(name in part for part in (self.found.files, self.found.skipped, self.found.unreadable)):
            raise InvalidEncoding("an archive with one name twice: it is not clear which of the two is meant")


class _Header(tarfile.TarInfo):
    """A header of a tar archive, without a negative length, or an extension too long to search."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        header = super().frombuf(buf, encoding, errors)
        is_extension = header.type not in tarfile.SUPPORTED_TYPES or header.type in _EXTENSIONS
        if header.size < 0 or (is_extension and header.size > _EXTENDED):
            raise tarfile.ReadError
        return header


_EXTENSIONS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


def _a(form: str | None) -> str:
    return {"xz": "an xz archive", "RAR": "a RAR archive"}.get(form or "", f"a {form} archive")


def _require_whole(octets: bytes) -> None:
    """Raise `OSError` unless there is nothing after streams of bzip2 but zeros; `BZ2File` ignores what follows.

    The streams are those that `BZ2File` has read, so that each is whole, and what they hold is not too much: none may
    follow zeros.
    """
    while octets.strip(b"\x00"):
        stream = bz2.BZ2Decompressor()
        stream.decompress(octets)
        octets = stream.unused_data
