"""Octets as text: what programs put between the letters is ignored, and what has two readings is refused."""

from __future__ import annotations

import contextlib
from base64 import b64encode
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecpure.formats.texts import TEXTS, spelling


def test_octets_in_text() -> None:
    """What is written is read again, hex in either case; what is not of the encoding is refused."""
    for text in TEXTS.values():
        for octets in (b"", b"\0", bytes(range(256))):
            assert text.decode(text.encode(octets)) == text.decode(text.encode(octets).encode("ascii")) == octets
    assert TEXTS["hex"].decode("fF") == b"\xff"
    assert TEXTS["hex"].encode(b"\xff") == "ff"
    with pytest.raises(FrozenInstanceError):
        TEXTS["hex"].encode = TEXTS["base64"].encode  # type: ignore[misc]


OCTETS = bytes(range(256))
HEX, BASE64 = OCTETS.hex(), b64encode(OCTETS).decode("ascii")


def in_lines(text: str, length: int, end: str = "\n") -> str:
    """Return the text in lines of a length."""
    return "".join(text[start : start + length] + end for start in range(0, len(text), length))


SPELLINGS = {
    "hex": [
        f"0x{HEX}",
        f"0X{HEX.upper()}\n",
        f" \t{HEX}\r\n\r\n",
        OCTETS.hex(":"),
        OCTETS.hex(" ") + "\n",
        in_lines(HEX, 60),
        in_lines(HEX, 75, "\r\n"),
        in_lines(OCTETS.hex(" ") + " ", 48),
        in_lines(OCTETS.hex(":") + ":", 45, "\n    "),
        in_lines(OCTETS.hex(":"), 64),
        in_lines(HEX, 4, " "),
        f"{HEX[:101]} {HEX[101:]}",
        rf"\x{HEX}",
        OCTETS.hex("-").upper() + "\r\n",
    ],
    "base64": [
        in_lines(BASE64, 64),
        in_lines(BASE64, 76, "\r\n"),
        f" {BASE64[:5]}\t{BASE64[5:]}",
        BASE64.rstrip("="),
        BASE64.translate(str.maketrans("+/", "-_")),
        in_lines(BASE64.translate(str.maketrans("+/", "-_")).rstrip("="), 64),
    ],
}


@pytest.mark.parametrize("encoding", SPELLINGS)
def test_text_as_the_usual_programs_write_it(encoding: str) -> None:
    """White space and line ends, 0x, colons, the alphabet for URLs, no padding: each has one reading."""
    for text in SPELLINGS[encoding]:
        assert TEXTS[encoding].decode(text) == TEXTS[encoding].decode(text.encode("ascii")) == OCTETS


UNREADABLE = {
    "hex": ["f", "0xf", "é", "f f", "30 3 0d 02", "3:d", "3:d:1:2", "30::3d", ":30", "123 4567", "30 :: 3d"],
    "base64": ["QR==", "QR", "QQ=", "QQ===", "Q", "QQ==QQ==", "Q=Q=", "é", "+_8=", "-/8=", "QQ\x0c=="],
}
UNREADABLE["hex"] += ["0x0x30", "0x30 0x3d", "x30", "30 3g", "303d-30", "30-3", "-30-3d", "30--3d", "30, 3d", "3 03d 1"]


def test_base64_of_any_length() -> None:
    """Padded or not, and with one or both of the letters that differ between the alphabets."""
    for text in ("-_8", "-_8=", "+/8", "+/8="):
        assert TEXTS["base64"].decode(text) == b"\xfb\xff"
    for text in ("-w", "-w==", "+w", "+w=="):
        assert TEXTS["base64"].decode(text) == b"\xfb"
    for text in ("_w", "_w==", "/w", "/w=="):
        assert TEXTS["base64"].decode(text) == b"\xff"
    assert TEXTS["base64"].decode("____") == TEXTS["base64"].decode("////") == b"\xff" * 3


def test_odd_words_may_lack_zeros_up_to_32_bits() -> None:
    """A word of nine digits is in no dump: there, a line ends inside an octet, and the digits go on in the next."""
    assert TEXTS["hex"].decode("123456789 abc") == bytes.fromhex("123456789abc")
    for text in ("12345678 9ab c", "12345678 123 4", "1234567 89a"):
        with pytest.raises(ValueError, match=r"^hex, with whole bytes between its separators, was expected$"):
            TEXTS["hex"].decode(text)


def test_the_digits_of_one_word_are_its_letters() -> None:
    """Also an odd number, which is no text of octets: for who puts back zeros, they are where a digit is missing."""
    for text in ("3", "303", "303d02101"):
        assert TEXTS["hex"].letters(text) == TEXTS["hex"].letters(f"0x{text}\n") == text.encode()
        with pytest.raises(ValueError, match=r"."):
            TEXTS["hex"].decode(text)


@pytest.mark.parametrize("encoding", UNREADABLE)
def test_text_that_has_two_readings_or_none(encoding: str) -> None:
    """Digits whose zeros may have been dropped, separators without octets, spare bits, two alphabets are refused."""
    for text in UNREADABLE[encoding]:
        for form in (text, text.encode("utf-8")):
            with pytest.raises(ValueError, match=r"."):
                TEXTS[encoding].decode(form)


def test_a_colon_at_the_end() -> None:
    """As lines of OpenSSL's end."""
    assert TEXTS["hex"].decode("30:3d:\n") == TEXTS["hex"].decode("30:\n  3d:\n") == b"\x30\x3d"


@given(octets=st.binary(max_size=80), places=st.lists(st.integers(0, 250), max_size=6), data=st.data())
def test_white_space_changes_no_octet(octets: bytes, places: list[int], data: st.DataObject) -> None:
    """Wherever it is, a text is read as what it says, or refused as one of two readings; never as other octets."""
    for encoding in TEXTS.values():
        text = encoding.encode(octets)
        for place in places:
            text = text[:place] + data.draw(st.sampled_from(" \n\t")) + text[place:]
        if encoding is TEXTS["base64"]:
            assert encoding.decode(text) == octets
        else:
            with contextlib.suppress(ValueError):
                assert encoding.decode(text) == octets


@given(
    text=st.one_of(st.text("0123456789abcdefxX: \n\t-_+/=", max_size=60), st.text(max_size=40), st.binary(max_size=40))
)
def test_any_text_is_octets_or_is_refused(text: str | bytes) -> None:
    """Whatever the text, by `ValueError`, and what is read is of those letters."""
    for encoding in TEXTS.values():
        with contextlib.suppress(ValueError):
            octets = encoding.decode(text)
            assert encoding.decode(encoding.encode(octets)) == octets
            assert encoding.letters(text).lower() == encoding.letters(encoding.encode(octets)).lower()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("hex", "303d", "hex"),
        ("hex", "0x303d", "hex with 0x before it"),
        ("hex", "0X30 3d", "hex with 0x before it and spaces"),
        ("hex", "30:3d", "hex with colons"),
        ("hex", "30-3d", "hex with dashes"),
        ("hex", r"\x303d", r"hex with \x before it"),
        ("hex", "30:\n  3d", "hex with colons and spaces in lines"),
        ("hex", "30 3d\n 02 1d", "hex with spaces in lines"),
        ("hex", "303d\n 021d", "hex in lines"),
        ("base64", "MD0=", "base64"),
        ("base64", "MD\n0=", "base64 in lines"),
        ("base64", "-_8=", "base64url"),
        ("base64", "-_\n8=", "base64url in lines"),
        ("base64", "-w==", "base64url"),
        ("base64", "_w==", "base64url"),
        ("a dump", "00: 3\n", "a dump"),
        ("a dump", "00-_ 3", "a dump"),
        ("raw", "0x30: 3d\n", "raw"),
    ],
)
def test_how_a_text_is_written(name: str, text: str, words: str) -> None:
    """What stands between its letters, and which alphabet they are of."""
    assert spelling(name, text.encode()) == words
