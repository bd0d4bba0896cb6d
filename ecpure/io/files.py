"""Files, read and written whole or not at all, with `-` for the standard streams; and passphrases."""

from __future__ import annotations

import contextlib
import errno
import getpass
import hashlib
import os
import stat
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from ..errors import InvalidEncoding
from .ending import unfinished
from .streams import Refused, standard_input, write_standard_output

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)  # the last only on Windows
_LARGEST = 1 << 20  # octets of a key, a signature or a document; the largest known has some thousand


@contextlib.contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Open the file at `path`, or standard input for `-`, to read octets. Raises `OSError`, `Refused`."""
    if path != "-":
        with open(path, "rb") as file:
            yield file
    else:
        yield standard_input()


def read(path: str, largest: int = _LARGEST) -> bytes:
    """Return the octets of a small file: a key, a signature, a message. Raises `OSError`; `Refused` if it is larger."""
    with opened(path) as file:
        octets = file.read(largest + 1)
    if len(octets) > largest:
        raise Refused(f"{shown_name(path)}: a file of at most {largest >> 20} MiB was expected")
    return octets


def beginning(path: str) -> bytes:
    """Return the first octets of the file, as many as `read` takes. Raises `OSError`."""
    with open(path, "rb") as file:
        return file.read(_LARGEST)


def require_regular(path: str) -> None:
    """Raise `Refused` if something other than a regular file is at `path`, such as a link, or a pipe, on which a reader
    might wait forever. Raises `OSError`.
    """
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise Refused(f"{path}: a regular file was expected there")


def read_text(path: str) -> str:
    """Return the text of the file. Raises `OSError`, and `InvalidEncoding` unless it is UTF-8."""
    octets = read(path)
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        pass  # its object has the octets, which may be secret: it must not become the context of the refusal
    raise InvalidEncoding(f"{shown_name(path)}: text in UTF-8 was expected: save it as UTF-8")


_NEXT = {
    errno.ENOENT: "check its name",
    errno.EISDIR: "name a file, not a folder",
    errno.ENOTDIR: "a part of its path is a file, not a folder",
    errno.EACCES: "ls -ld says who may use it",
    errno.EPERM: "ls -ld says who may use it",
    errno.EEXIST: "name a new file",
    errno.ENOSPC: "make room on it",
}


def reason(error: OSError) -> str:
    """Return the system's message about a file, and what to do."""
    words = error.strerror or "cannot be read or written"
    return f"{words}: {_NEXT[error.errno]}" if error.errno in _NEXT else words


def shown_name(path: str) -> str:
    """Return the name of the file at `path` for use in a sentence."""
    return "standard input" if path == "-" else path or "''"


def digest(path: str, hash: str) -> bytes:
    """Return the digest of the file, which may be larger than memory. Raises `OSError`."""
    hasher = hashlib.new(hash, usedforsecurity=False)  # also for old signatures
    with opened(path) as file:
        while chunk := file.read(1 << 20):
            hasher.update(chunk)
    return hasher.digest()


def inside(path: str) -> list[str]:
    """Return the files in a folder of keys whose names end in .pem, in any case, by name. Raises `OSError`."""
    return sorted(os.path.join(path, name) for name in os.listdir(path) if name.lower().endswith(".pem"))


def check_written(written: Mapping[str, str], read: Iterable[str]) -> None:
    """Raise `Refused` if a file to write has no name or no folder, or is also read or written otherwise; `OSError` if
    its folder cannot be looked at. written: the options, each with its path.
    """
    files = {os.path.realpath(path) for path in read if path != "-"}
    for option, path in written.items():
        if not path:
            raise Refused(f"{option}: the name of a file was expected")
        place = os.path.realpath(path)
        with _named(path):
            try:
                os.stat(folder := os.path.dirname(place))
            except FileNotFoundError:
                raise Refused(f"{path}: there is no folder {folder}: make it, or choose another") from None
        if place in files and (os.path.isfile(place) or not os.path.exists(place)):  # a device may be both
            used = "which is also read or written by this command"
            raise Refused(f"{option}: refusing to overwrite {path}, {used}: choose another name")
        files.add(place)


def write(path: str, octets: bytes) -> None:
    """Write the file whole, or leave what was there, as `write_pieces` does. Raises `OSError`."""
    write_pieces(path, [octets])


def write_pieces(path: str, pieces: Iterable[bytes]) -> None:
    """Write the file whole, piece by piece, or leave what was there. Raises `OSError`, and what `pieces` raises.

    A path that exists and is not a regular file (a pipe, a device) is written into, not replaced. Every `OSError` gets
    the name of this file: for another file, `pieces` must raise something else.
    """
    if path == "-":
        for piece in pieces:
            write_standard_output(piece)
    elif os.path.exists(path) and not os.path.isfile(path):
        with _named(path), open(path, "wb") as file:
            file.writelines(pieces)
    else:
        _replace(os.path.realpath(path), pieces)


def mode(path: str) -> int:
    """Return the mode of the file at `path`, or of a new one. Raises `OSError`."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask


def _replace(path: str, pieces: Iterable[bytes]) -> None:
    """Put `pieces` at `path` by one rename, with the mode of the file that was there, or of a new one."""
    kept = mode(path)
    with _named(path):
        temporary = os.path.join(os.path.dirname(path), f".ecpure-{os.urandom(8).hex()}")
        unfinished.add(temporary)
        try:
            with open(os.open(temporary, _NEW, 0o600), "wb") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, kept)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):  # an interrupt before it exists or after it was renamed
                os.unlink(temporary)
            raise
        finally:
            unfinished.discard(temporary)


@contextlib.contextmanager
def _named(path: str) -> Iterator[None]:
    """In this block, an `OSError` gets the name of the file that was asked for."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None


def write_secret(path: str, octets: bytes) -> None:
    """Write a new file that only its owner may read; never over another, which might be the only copy of a key.

    It is written in place: no temporary file has a copy of it. Raises `OSError`; an unfinished file is removed.
    """
    if path == "-":
        write_standard_output(octets)
        return
    descriptor = os.open(path, _NEW, 0o600)
    unfinished.add(path)
    try:
        with _named(path), open(descriptor, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        os.unlink(path)
        raise
    finally:
        unfinished.discard(path)


def passphrase(source: str | None) -> str:
    """Return the passphrase from `env:NAME`, `file:PATH` or `stdin`; for None, ask on the terminal, without echo.

    A file or stream is UTF-8; one line end at its end is ignored. Raises `Refused`, `OSError`, `InvalidEncoding`.
    """
    if source is None:
        return _ask()
    kind, _, name = source.partition(":")
    if source == "stdin" or (kind == "file" and name):
        text = read_text("-" if source == "stdin" else name)
        return text[:-2] if text.endswith("\r\n") else text.removesuffix("\n")
    if kind == "env" and name:
        if name not in os.environ:
            raise Refused("--passphrase-from: there is no such environment variable")
        return os.environ[name]
    raise Refused("--passphrase-from: env:NAME, file:PATH or stdin was expected")


def _ask() -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass("Passphrase: ")
    except KeyboardInterrupt:
        with contextlib.suppress(OSError), open("/dev/tty", "wb") as terminal:
            terminal.write(b"\n")  # ends the prompt's line
        raise
    except UnicodeDecodeError:
        reason = "the passphrase: text in the terminal's encoding was expected"
    except (getpass.GetPassWarning, EOFError):
        reason = "no terminal to ask for the passphrase: use --passphrase-from"
    raise Refused(reason)  # here, so that what was typed does not become its context
