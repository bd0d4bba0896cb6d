"""Receipts in archives and in Chargy's JSON: every one is found, or named with the reason."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
from packed import tar_of, zip_of
from signeddocuments import BILL, FLAT, SOME

from ecpure import InvalidEncoding, Signature
from ecpure.formats.receipts import Collection, Receipt, collection

RECEIPT = json.dumps(FLAT).encode()
PAIR = {"secrrct": RECEIPT, "secrrct.sign": SOME}
SESSION = {"original": b64encode(RECEIPT).decode(), "signature": SOME.hex()}
CHARGY = json.dumps({"@context": "https://open.charging.cloud/contexts/CTR+json", "chargingSessions": [SESSION] * 2})
KEY = b'{"@context": "https://open.charging.cloud/contexts/publicKey+json"}'


def found(octets: bytes, name: str = "x") -> Collection:
    result = collection(octets, name)
    assert result is not None
    return result


def test_pairs_in_an_archive() -> None:
    """A receipt is a file with NAME.sign beside it, under any name and in any order; its reading is that of the two."""
    files = {"b.sign": SOME, "b": json.dumps(BILL).encode(), **{f"a/{name}": octets for name, octets in PAIR.items()}}
    first, second = found(zip_of(files)).receipts
    assert (first.name, second.name) == ("b", "a/secrrct")
    assert second.reading is not None
    assert (second.reading.message, second.reading.signature) == (RECEIPT, Signature.from_der(SOME))
    assert second.signed == (RECEIPT, SOME)


def test_what_cannot_be_read_is_there_all_the_same() -> None:
    """A signature of another curve, in an archive and in Chargy's JSON, is handed on as it is; half a pair is not."""
    large = Signature(1 << 255, 1 << 254).to_der()
    session = SESSION | {"signature": large.hex()}
    for octets in (zip_of({"a": RECEIPT, "a.sign": large}), json.dumps(session).encode()):
        (receipt,) = found(octets).receipts
        assert receipt.reading is None
        assert receipt.signed == (RECEIPT, large)
    for octets in (zip_of({"secrrct": RECEIPT}), json.dumps(SESSION | {"original": "e"}).encode()):
        (receipt,) = found(octets).receipts
        assert receipt.signed is None


def test_an_archive_of_archives() -> None:
    """The receipts of all, with the archive's name before each."""
    receipts = found(zip_of({"1.tar": tar_of(PAIR), "2.tar": tar_of(PAIR)})).receipts
    assert [receipt.name for receipt in receipts] == ["1.tar/secrrct", "2.tar/secrrct"]


def test_chargys_json_alone_and_in_an_archive() -> None:
    """Its sessions are numbered, since their names are unsigned."""
    assert [one.name for one in found(CHARGY.encode()).receipts] == ["session 1", "session 2"]
    receipts = found(zip_of({"a.chargy": CHARGY.encode()})).receipts
    assert [one.name for one in receipts] == ["a.chargy, session 1", "a.chargy, session 2"]
    assert all(one.reading is not None and one.reading.message == RECEIPT for one in receipts)


def test_what_else_is_in_an_archive_is_named() -> None:
    """Keys vouch for nothing that they come with; a receipt without its signature is no receipt that can be read."""
    files = {
        "station.pem": b"-----BEGIN PUBLIC KEY-----\n",
        "station.chargy": KEY,
        "readme": b"hello",
        "note.sign": b"signed by hand",
        "alone.sign": SOME,
        "sub/secrrct": RECEIPT,
        "other": RECEIPT,
        "bad": b"x",
        "bad.sign": SOME,
        "bad.chargy": b'{"@context": "x"}',
        "r.zip": zip_of(PAIR)[:40],
    }
    result = found(zip_of(files | PAIR))
    key = "skipped: a key that comes with receipts does not vouch for them"
    other = "skipped: it is not a receipt with its signature"
    assert result.skipped == {"station.pem": key, "station.chargy": key, "readme": other, "note.sign": other}
    good, *bad = sorted(result.receipts, key=lambda receipt: receipt.reading is None)
    assert good.name == "secrrct"
    assert {one.name: one.reason for one in bad} == {
        "sub/secrrct": "its signature, secrrct.sign, is not beside it",
        "other": "its signature, other.sign, is not beside it",
        "alone.sign": "the receipt, alone, is not beside this signature",
        "bad": "receipt: JSON, with each name once, was expected",
        "bad.chargy": "Chargy's JSON: a record of charging sessions (CTR+json) was expected",
        "r.zip": "a ZIP archive that is damaged: download it again",
    }


def test_names_of_old_programs_are_in_capitals() -> None:
    """A signature belongs to the receipt whose name differs only in case, unless there are two of either."""
    capitals = {name.upper(): octets for name, octets in PAIR.items()}
    assert [(one.name, one.reading is not None) for one in found(zip_of(capitals)).receipts] == [("SECRRCT", True)]
    both = found(zip_of(PAIR | {"SECRRCT": RECEIPT}))
    assert {one.name: one.reason for one in both.receipts if one.reading is None} == {
        "SECRRCT": "its signature, SECRRCT.sign, is not beside it"
    }
    two = found(zip_of({"secrrct": RECEIPT, "secrrct.SIGN": SOME, "secrrct.Sign": SOME}))
    assert all(one.reading is None for one in two.receipts)


def test_the_notes_of_macos_are_no_receipts() -> None:
    """They come in pairs, too."""
    notes = {f"__MACOSX/._{name}": b"\x00\x05\x16\x07\x00\x02" for name in PAIR}
    result = found(zip_of(PAIR | notes))
    assert [one.name for one in result.receipts] == ["secrrct"]
    assert result.skipped == dict.fromkeys(notes, "skipped: it is macOS's notes on a file")


def test_a_session_that_cannot_be_read_is_named() -> None:
    """The others are read."""
    document = json.loads(CHARGY)
    document["chargingSessions"][0] = {}
    first, second = found(json.dumps(document).encode()).receipts
    assert first == Receipt("session 1", None, "Chargy's JSON: original: text was expected", 1)
    assert second.reading is not None


def test_another_file_is_no_collection() -> None:
    """A receipt as the station wrote it, and anything that is no archive; but an archive's name promises one."""
    for octets in (RECEIPT, b"", SOME):
        assert collection(octets, "secrrct") is None
    with pytest.raises(InvalidEncoding, match=r"^not an archive, or a damaged one: download it again$"):
        collection(b"", "receipt.tar.bz2")


@pytest.mark.parametrize("files", [{}, {"readme": b"hello"}, {"note.sign": b"signed by hand"}, {"k.chargy": KEY}])
def test_an_archive_without_receipts_is_refused(files: dict[str, bytes]) -> None:
    """There would be no verdict."""
    with pytest.raises(InvalidEncoding, match="an archive with a receipt and its signature"):
        collection(zip_of(files), "x.zip")
