"""Archives as people and stations pack them, and hostile ones."""

from __future__ import annotations

import io
import tarfile
import zipfile


def entry(name: str, octets: bytes = b"", **changes: object) -> tuple[tarfile.TarInfo, bytes]:
    """Return a member of a tar archive, with other values for any of its attributes."""
    info = tarfile.TarInfo(name)
    info.size = len(octets)
    for attribute, value in changes.items():
        setattr(info, attribute, value)
    return info, octets


def tar(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.GNU_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:", format=form) as archive:
        for info, octets in members:
            archive.addfile(info, io.BytesIO(octets))
    return stream.getvalue()


def tar_of(files: dict[str, bytes], form: int = tarfile.GNU_FORMAT) -> bytes:
    return tar(*(entry(name, octets) for name, octets in files.items()), form=form)


def zip_of(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, attributes: int = 0) -> bytes:
    """attributes: of each file, as ZIP has them: its mode in the upper half."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, octets in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            info.external_attr = attributes
            archive.writestr(info, octets)
    return stream.getvalue()
