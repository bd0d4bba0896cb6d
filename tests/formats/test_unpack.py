"""Archives in memory: what they hold, within bounds, even if an attacker made them."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packed import entry, tar, tar_of, zip_of

from ecpure import InvalidEncoding
from ecpure.formats import unpack
from ecpure.formats.unpack import MEMBERS, UNPACKED, Contents, contents, kind

FILES = {"secrrct": b'{"outlet": 2}', "secrrct.sign": b"0\x06\x02\x01\x01\x02\x01\x01"}
PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "tar": tar_of,
    "pax": lambda files: tar_of(files, tarfile.PAX_FORMAT),
    "tar.gz": lambda files: gzip.compress(tar_of(files)),
    "tar.bz2": lambda files: bz2.compress(tar_of(files)),
    "zip": zip_of,
    "stored": lambda files: zip_of(files, zipfile.ZIP_STORED),
}
LONG = "a" * 300


@pytest.mark.parametrize("packer", PACKERS)
def test_what_is_in_an_archive(packer: str) -> None:
    """The files by their names, folders and long names too, in the archive's order."""
    files = FILES | {f"folder/{LONG}": b"", "../../etc/passwd": b"x", "/absolute": b"y"}
    found = contents(PACKERS[packer](files), f"receipt.{packer}")
    assert found == Contents(files)
    assert list(found.files) == list(files)


@pytest.mark.parametrize("outer", PACKERS)
@pytest.mark.parametrize("inner", PACKERS)
def test_an_archive_in_an_archive_is_opened_once(outer: str, inner: str) -> None:
    """What is in it stands under its name; a third inside of that is not opened, and the rest is read."""
    third = zip_of(FILES)
    packed = PACKERS[outer]({"a.tar": PACKERS[inner](FILES | {"deep.zip": third}), "b": b"b"})
    found = contents(packed, "x")
    assert found.files == {f"a.tar/{name}": octets for name, octets in FILES.items()} | {"b": b"b"}
    assert found.unreadable == {"a.tar/deep.zip": "an archive inside of an archive's archive: unpack it first"}


def test_one_file_in_gzip_or_bzip2() -> None:
    """It has the archive's name without the ending."""
    for name, octets in (("a.chargy.gz", gzip.compress(b"{}")), ("a.chargy.bz2", bz2.compress(b"{}"))):
        assert contents(octets, name) == Contents({"a.chargy": b"{}"})
    assert contents(gzip.compress(b"{}"), "-") == Contents({"-": b"{}"})
    assert contents(gzip.compress(zip_of(FILES)), "r.zip.gz").files.keys() == {f"r.zip/{name}" for name in FILES}


def test_links_and_devices_are_skipped() -> None:
    """Each is named with what it is; folders are not worth a word."""
    members = [
        entry("hard", type=tarfile.LNKTYPE, linkname="secrrct"),
        entry("soft", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        entry("device", type=tarfile.CHRTYPE),
        entry("pipe", type=tarfile.FIFOTYPE),
        entry("folder", type=tarfile.DIRTYPE),
        entry("secrrct", b"x"),
    ]
    found = contents(tar(*members), "x.tar")
    link, device = "skipped: it is a link", "skipped: it is not a regular file"
    assert found == Contents({"secrrct": b"x"}, {"hard": link, "soft": link, "device": device, "pipe": device})
    for mode, words in ((stat.S_IFLNK, link), (stat.S_IFCHR, device)):
        assert contents(zip_of({"x": b"/etc"}, attributes=mode << 16), "x.zip") == Contents({}, {"x": words})
    assert contents(zip_of({"x": b"1", "f/": b""}, attributes=stat.S_IFREG << 16), "x.zip") == Contents({"x": b"1"})


def test_a_file_with_holes_is_skipped() -> None:
    """It can claim any size, and there would be no octet for it in the archive."""
    header = bytearray(tar(entry("holes", type=tarfile.GNUTYPE_SPARSE))[:512])
    header[386:410] = b"00000000000\x0000000000000\x00"
    header[483:495] = b"77777777777\x00"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % sum(header)
    assert contents(bytes(header) + bytes(1024), "x.tar").skipped == {"holes": "skipped: it is not a regular file"}


def bomb(pack: Callable[[bytes], bytes]) -> bytes:
    return pack(bytes(UNPACKED + 1))


@pytest.mark.parametrize(
    "octets",
    [
        bomb(gzip.compress),
        bomb(bz2.compress),
        bomb(lambda zeros: zip_of({"a": zeros})),
        bomb(lambda zeros: zip_of({"a": zeros[: UNPACKED // 2 + 1], "b": zeros[UNPACKED // 2 :]})),
        bomb(lambda zeros: zip_of({"a.zip": zip_of({"b": zeros})})),
        bomb(lambda zeros: zip_of({"a.bz2": bz2.compress(zeros)})),
        bomb(lambda zeros: tar_of({"a.gz": gzip.compress(zeros)})),
    ],
    ids=["gzip", "bzip2", "zip", "two files", "zip in zip", "bzip2 in zip", "gzip in tar"],
)
def test_a_bomb_does_not_go_off(octets: bytes) -> None:
    """However small it is, no more comes out than the bound, for all archives in it together."""
    assert len(octets) < unpack.LARGEST
    with pytest.raises(InvalidEncoding, match=r"^an archive of more than 8 MiB when it is unpacked$"):
        contents(octets, "x")


@pytest.mark.parametrize("pack", [tar_of, zip_of])
def test_members_are_counted(pack: Callable[[dict[str, bytes]], bytes]) -> None:
    """A thousand are read; one more is refused, and those of archives inside count too."""
    files = {str(number): b"" for number in range(MEMBERS)}
    assert len(contents(pack(files), "x").files) == MEMBERS
    for more in (files | {"more": b""}, {"a": pack(files)}):
        with pytest.raises(InvalidEncoding, match=r"^an archive of more than 1000 members: unpack it first$"):
            contents(pack(more), "x")


@pytest.mark.parametrize("packer", PACKERS)
def test_a_damaged_archive_is_one_sentence(packer: str) -> None:
    """Cut off anywhere it is damaged, or what is left is no archive; never another exception."""
    octets = PACKERS[packer](FILES)
    kinds = {kind(octets[:length]) for length in range(len(octets))}
    assert kinds == {None, kind(octets)}
    end = len(octets.rstrip(b"\0")) + 512 if kind(octets) == "tar" else len(octets)
    for length in range(1, end, 1 + end // 200):
        if kind(octets[:length]) is not None:
            with pytest.raises(InvalidEncoding, match=r"^an? [A-Za-z0-9]+ archive that is damaged: download it again$"):
                contents(octets[:length], "x")


def test_nothing_may_follow_bzip2_but_zeros_and_more_of_it() -> None:
    """Python's reader ignores anything that follows a stream."""
    packed = bz2.compress(tar_of(FILES))
    assert contents(packed + bytes(512), "x").files == FILES
    assert contents(packed + bz2.compress(b""), "x").files == FILES
    bomb = bz2.compress(bytes(64 << 20))
    for more in (b"JUNK", bytes(512) + b"BZh", packed[:20], bytes(1) + bomb):
        with pytest.raises(InvalidEncoding, match=r"^a bzip2 archive that is damaged: download it again$"):
            contents(packed + more, "x")
    with pytest.raises(InvalidEncoding, match=r"^an archive of more than 8 MiB when it is unpacked$"):
        contents(packed + bomb, "x")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_else_is_refused() -> None:
    """One name twice, another kind of archive, and octets after the end of a tar archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("a", b"2")
    for octets in (stream.getvalue(), tar(entry("a", b"1"), entry("a", b"2"))):
        with pytest.raises(InvalidEncoding, match="one name twice"):
            contents(octets, "x")
    with pytest.raises(InvalidEncoding, match=r"^an xz archive is not read here: unpack it first$"):
        contents(lzma.compress(tar_of(FILES)), "x")
    with pytest.raises(InvalidEncoding, match=r"^a tar archive that is damaged: download it again$"):
        contents(tar(entry("a", b"1"))[:1024] + b"\xff" * 512, "x")


def test_members_that_cannot_be_read() -> None:
    """Encrypted ones, those of other methods, and a damaged archive inside are named, and the rest is read."""
    locked = bytearray(zip_of({"a": b"1"}))
    for place in (6, locked.index(b"PK\x01\x02") + 8):
        locked[place] |= 1
    assert contents(bytes(locked), "x").unreadable == {"a": "it is encrypted: unpack it first"}
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        found = contents(zip_of({"a": b"1"}, method), "x")
        assert found.unreadable == {"a": "it is compressed by another method than deflate: unpack it first"}
    damaged = tar_of(FILES)[:600]  # within the octets of the first
    found = contents(zip_of({"r.tar": damaged, **FILES}), "x")
    assert {name: found.files[name] for name in FILES} == FILES
    assert found.unreadable == {"r.tar": "a tar archive that is damaged: download it again"}


@pytest.mark.parametrize(
    "changes",
    [
        {"type": tarfile.GNUTYPE_LONGNAME, "size": 4096},
        {"type": tarfile.XHDTYPE, "size": 4096},
        {"type": b"q", "size": 4096},
        {"size": -512},
    ],
    ids=["long name", "pax", "unknown", "negative"],
)
def test_headers_that_would_take_long_are_refused(changes: dict[str, object]) -> None:
    """Extensions longer than any name, and negative lengths, which would lead back."""
    info = entry("a", b"", **changes)[0]
    octets = info.tobuf(tarfile.GNU_FORMAT) + bytes(8192)
    with pytest.raises(InvalidEncoding, match="that is damaged"):
        contents(octets, "x")


def test_a_chain_of_extensions_ends() -> None:
    """A thousand long names, each of the next, are damage."""
    info, name = entry("a", b"name", type=tarfile.GNUTYPE_LONGNAME)
    with pytest.raises(InvalidEncoding, match="that is damaged"):
        contents((info.tobuf(tarfile.GNU_FORMAT) + name.ljust(512, b"\0")) * 1000, "x")


def test_a_size_in_a_pax_header_cannot_lead_back() -> None:
    """tarfile takes it after the header was checked: it is damage, and there is an end."""
    info, octets = entry("a", b"x" * 512)
    info.pax_headers = {"size": "-1024"}
    with pytest.raises(InvalidEncoding, match="that is damaged"):
        contents(info.tobuf(tarfile.PAX_FORMAT) + octets + bytes(1024), "x")


def test_what_kind_octets_are() -> None:
    """By their beginning, whatever the file is called; a key, a receipt and a signature are not archives."""
    kinds = {"pax": "tar", "tar.gz": "gzip", "tar.bz2": "bzip2", "zip": "ZIP", "stored": "ZIP"}
    for packer, pack in PACKERS.items():
        assert kind(pack(FILES)) == kinds.get(packer, packer)
    assert kind(zip_of({})) == "ZIP"
    for octets in (b"", b"\0" * 1024, *FILES.values(), b"-----BEGIN PUBLIC KEY-----\n"):
        assert kind(octets) is None
    assert unpack.is_named_so("A.TAR.BZ2")
    assert not unpack.is_named_so("secrrct")


@given(
    st.binary(max_size=600)
    | st.builds(
        lambda packer, place, octets: PACKERS[packer](FILES)[:place] + octets + PACKERS[packer](FILES)[place:],
        st.sampled_from(list(PACKERS)),
        st.integers(0, 700),
        st.binary(min_size=1, max_size=8),
    )
)
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    """There is no other exception, and no more comes out than the bounds allow."""
    with contextlib.suppress(InvalidEncoding):
        assert sum(map(len, contents(octets, "x").files.values())) <= UNPACKED
