"""Dumps of xxd, od and hexdump: what was dumped is read again, and nothing whose offsets do not count its octets."""

from __future__ import annotations

import contextlib
import shutil
import subprocess

import pytest
from hexdumps import canonical, od, xxd
from hypothesis import given
from hypothesis import strategies as st

from ecpure.formats.dumps import DUMPS, from_od, from_xxd
from ecpure.formats.texts import TEXTS

OCTETS = bytes(range(256)) + b"beside these: 30 3d  00000000"


@pytest.mark.parametrize("octets", [b"\x00", OCTETS[:16], OCTETS[30:63], OCTETS])
def test_what_was_dumped_is_read(octets: bytes) -> None:
    """Words of one octet or two, offsets to each base, wide columns, CR LF, capitals, whatever stands beside."""
    for group in (1, 2):
        for text in (dump := xxd(octets, group), dump.replace(b"\n", b"\r\n"), dump.rstrip()):
            assert from_xxd(text) == octets
    assert from_xxd(xxd(octets.hex().encode()).upper()) == octets.hex().encode()
    for text in (od(octets), od(octets, "06x"), od(octets, "07d"), od(octets, between="    "), canonical(octets)):
        assert from_od(text) == octets


COMMANDS = [["xxd"], ["xxd", "-g1"], ["od", "-tx1"], ["od", "-Ax", "-tx1z"], ["od", "-Ad", "-tx1"], ["hexdump", "-C"]]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_what_the_programs_write(words: list[str]) -> None:
    """Where they are installed, their dumps are read by one of the two, and not by the other."""
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    text = subprocess.run(words, input=OCTETS, capture_output=True, check=True).stdout
    found = []
    for read in DUMPS.values():
        with contextlib.suppress(ValueError):
            found.append(read(text))
    assert found == [OCTETS]


UNREADABLE = {
    "nothing": b"",
    "no offset": b"303d 021d",
    "an offset too far": b"00000001: 303d",
    "an offset too near": b"00000000: 303d\n00000001: 021d",
    "an end too near": b"0000000 30 3d\n0000001\n",
    "a line that is missing": b"".join(xxd(OCTETS).splitlines(keepends=True)[::2]),
    "lines in another order": b"".join(reversed(xxd(OCTETS).splitlines(keepends=True))),
    "words of the machine": b"0000000 3d30 1d02\n0000004\n",
    "words of four octets": b"00000000: 303d021d",
    "no end": od(OCTETS).rpartition(b"\n0000")[0],
    "another end": b"0000000 30 3d\n0000003\n",
    "lines left out": b"0000000 00 00\n*\n0000040\n",
    "only an end": b"0000000",
    "no hex": b"00000000: 30zz",
    "an offset in no base": b"0000000 30 3d\n000000a\n",
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_is_no_dump_is_refused(what: str) -> None:
    """By both."""
    for read in DUMPS.values():
        with pytest.raises(ValueError, match=r"^a dump was expected"):
            read(UNREADABLE[what])


@given(
    octets=st.binary(min_size=1, max_size=80),
    place=st.integers(0, 400),
    character=st.sampled_from(b"0f: \n*|"),
    write=st.sampled_from([xxd, od, canonical]),
)
def test_a_changed_dump_says_as_many_octets(octets: bytes, place: int, character: int, write: object) -> None:
    """A character changed in a dump changes octets where it stands, or none, or the dump is refused: never how many
    there are before its last line.
    """
    assert callable(write)
    text = write(octets)
    text = text[: place % len(text)] + bytes([character]) + text[place % len(text) + 1 :]
    for read in DUMPS.values():
        with contextlib.suppress(ValueError):
            found = read(text)
            assert len(octets) // 16 * 16 - 16 <= len(found) <= len(octets) + 8


@given(st.binary(max_size=120) | st.text("0123456789abcdef: \n*", max_size=120).map(str.encode))
def test_any_octets_are_a_dump_or_are_refused(octets: bytes) -> None:
    """By `ValueError`, and what is read stands in the text as hex."""
    for read in DUMPS.values():
        with contextlib.suppress(ValueError):
            digits = read(octets).hex().encode()
            assert len(digits) <= len(octets)
            assert TEXTS["hex"].decode(digits).hex().encode() == digits
