"""Records: what each form of them says, and what each kind of damage is called."""

from __future__ import annotations

import bz2
import csv
import gzip
import importlib.util
import io
import json
import lzma
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from archives import RECURRING, login
from tickets import body, ticket

from ecpure import SECP224K1, SECP256K1, PrivateKey, Signature, auth, inputs, records, strictbase64
from ecpure.archive import Verifier
from ecpure.cli import main
from ecpure.records import REASONS, Settings
from ecpure.streams import Refused

KEY = RECURRING[0]
PUBLIC = KEY.public_key.to_bytes().hex()
MESSAGE = b"pay 5 to Ann"
SIGNATURE = KEY.sign(MESSAGE)
RECORD = {"id": "a", "public_key": PUBLIC, "message": MESSAGE.hex(), "signature": SIGNATURE.to_der().hex()}
LOGIN = login(5)
LOGIN_KEY = auth.derive_private_key(1, "opensesame").public_key
N = SECP224K1.n
TICKET = {"public_key": PUBLIC, "profile": "rpcn", "message": ticket(body(), KEY.sign(body()).to_der()).hex()}
RECEIPT = json.dumps({"outlet": 2, "meter_endreading": 86.6}).encode("ascii")
CHARGED = {
    "public_key": PUBLIC,
    "profile": "chargepoint",
    "message": RECEIPT.hex(),
    "signature": KEY.sign(RECEIPT, hash="sha256").to_der().hex(),
}
ZSTD = importlib.util.find_spec("compression") and importlib.util.find_spec("compression.zstd")


def results(octets: bytes, settings: Settings | None = None, columns: bytes | None = None) -> list[dict[str, Any]]:
    """Return the results on the lines of one block."""
    block = inputs.Block(0, 1, octets, columns, damaged=False, position=0)
    return [json.loads(line) for line in Verifier(settings or Settings({}), [b""])(block).results.splitlines()]


def reason(record: object, settings: Settings | None = None) -> str:
    """Return the reason of the one result on a record, or its verdict where there is none."""
    octets = record if isinstance(record, bytes) else json.dumps(record).encode("ascii")
    (result,) = results(octets + b"\n", settings)
    assert ("reason" in result) == (result["verdict"] != "valid")
    return str(result.get("reason", result["verdict"]))


def without(name: str, record: dict[str, Any] = RECORD) -> dict[str, Any]:
    return {field: value for field, value in record.items() if field != name}


HOLDS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "no id": {"id": None},
    "uncompressed key": {"public_key": KEY.public_key.to_bytes(compressed=False).hex().upper()},
    "PEM": {"public_key": KEY.public_key.to_pem()},
    "text": {"message": None, "text": MESSAGE.decode("ascii")},
    "p1363": {"format": "p1363", "signature": SIGNATURE.to_p1363().hex()},
    "compact": {"format": "compact", "signature": SIGNATURE.low_s().to_compact().hex()},
    "sha512": {"hash": "SHA-512", "signature": KEY.sign(MESSAGE, hash="sha512").to_der().hex()},
    "base64": {
        "encoding": "base64",
        "message": b64encode(MESSAGE).decode("ascii"),
        "signature": b64encode(SIGNATURE.to_der()).decode("ascii"),
    },
    "digest": {"message": None, "digest": "5a" * 28, "signature": KEY.sign_digest(b"\x5a" * 28).to_der().hex()},
    "short digest": {"message": None, "digest": "5a", "signature": KEY.sign_digest(b"\x5a").to_der().hex()},
    "digest of a hash": {
        "message": None,
        "hash": "sha256",
        "digest": "5a" * 32,
        "signature": KEY.sign_digest(b"\x5a" * 32, hash="sha256").to_der().hex(),
    },
}


@pytest.mark.parametrize("changes", HOLDS.values(), ids=HOLDS)
def test_a_record_in_each_of_its_forms(changes: dict[str, Any]) -> None:
    """None takes a field out."""
    assert reason({name: value for name, value in (RECORD | changes).items() if value is not None}) == "valid"


REFUSED: dict[str, tuple[str, object]] = {
    "another message": ("does-not-hold", RECORD | {"message": "00"}),
    "r of n": ("out-of-range", RECORD | {"signature": Signature(N, 1).to_der().hex()}),
    "s of 0": ("out-of-range", RECORD | {"format": "compact", "signature": "01" * 28 + "00" * 28}),
    "p1363 above n": ("out-of-range", RECORD | {"format": "p1363", "signature": "ff" * 58}),
    "r of 0 in DER": ("out-of-range", RECORD | {"signature": "3006020100020101"}),
    "no UTF-8": ("not-utf8", b'{"id": "\xff"}'),
    "no JSON": ("not-json", b"{'id': 1}"),
    "cut off": ("not-json", json.dumps(RECORD).encode("ascii")[:-9]),
    "a NUL": ("not-json", b'{"id": \0}'),
    "a name twice": ("not-json", b'{"id": 1, "id": 1}'),
    "ten thousand digits": ("not-json", b'{"id": ' + b"9" * 10_000 + b"}"),
    "nested deeply": ("not-json", b"[" * 200_000),
    "a list": ("not-an-object", []),
    "enormous": ("too-large", b'{"id": "' + b"x" * (1 << 20) + b'"}'),
    "no signature": ("missing-field", without("signature")),
    "no message": ("missing-field", without("message")),
    "no key": ("no-public-key", without("public_key")),
    "message and digest": ("two-messages", RECORD | {"digest": "00" * 28}),
    "unknown field": ("unknown-field", RECORD | {"hsah": "sha256"}),
    "a number for a message": ("wrong-type", RECORD | {"message": 5}),
    "null for a signature": ("wrong-type", RECORD | {"signature": None}),
    "null for a message": ("wrong-type", RECORD | {"message": None}),
    "null for a public key": ("wrong-type", RECORD | {"public_key": None}),
    "null for a hash": ("wrong-type", RECORD | {"hash": None}),
    "null for a format": ("wrong-type", RECORD | {"format": None}),
    "a list for an id": ("wrong-type", RECORD | {"id": []}),
    "a truth for an id": ("wrong-type", RECORD | {"id": True}),
    "a long id": ("wrong-type", RECORD | {"id": "x" * 201}),
    "a large id": ("wrong-type", RECORD | {"id": 1 << 64}),
    "unknown hash": ("unknown-hash", RECORD | {"hash": "md5"}),
    "a number for a hash": ("wrong-type", RECORD | {"hash": 5}),
    "unknown format": ("unknown-format", RECORD | {"format": "raw"}),
    "unknown encoding": ("unknown-format", RECORD | {"encoding": "utf-8"}),
    "key is no hex": ("bad-public-key", RECORD | {"public_key": "Ann"}),
    "key off the curve": ("bad-public-key", RECORD | {"public_key": "04" + "01" * 56}),
    "PEM of another curve": ("bad-public-key", RECORD | {"public_key": "-----BEGIN PUBLIC KEY-----"}),
    "message is no hex": ("bad-octets", RECORD | {"message": "5g"}),
    "half a character": ("bad-octets", {**without("message"), "text": "\ud800"}),
    "empty digest": ("bad-octets", {**without("message"), "digest": ""}),
    "digest of another length": ("bad-octets", {**without("message"), "digest": "00" * 28, "hash": "sha256"}),
    "spare bits in base64": ("bad-octets", RECORD | {"encoding": "base64", "message": "QR=="}),
    "signature is no hex": ("bad-signature", RECORD | {"signature": "xy"}),
    "octets after the signature": ("bad-signature", RECORD | {"signature": RECORD["signature"] + "00"}),
    "dropped zero": ("bad-signature", RECORD | {"format": "compact", "signature": "01" * 55}),
    "login without a message": ("bad-login", without("message", LOGIN)),
    "login's message is a list": ("bad-login", LOGIN | {"message": []}),
    "login's nonce is short": ("bad-login", LOGIN | {"server_nonce": "AAAA"}),
    "login's nonce is a number": ("wrong-type", LOGIN | {"server_nonce": 5}),
    "login's r is 0": (
        "out-of-range",
        LOGIN | {"message": LOGIN["message"] | {"signature": [b64encode(bytes(28)).decode("ascii")] * 2}},
    ),
    "login has a hash": ("unknown-field", LOGIN | {"hash": "sha224"}),
    "login of a stranger": ("no-public-key", LOGIN),
    "unknown profile": ("unknown-profile", TICKET | {"profile": "paper"}),
    "profile is a number": ("wrong-type", TICKET | {"profile": 5}),
    "no ticket": ("bad-document", TICKET | {"message": "2101"}),
    "a signature beside a ticket": ("bad-document", TICKET | {"signature": CHARGED["signature"]}),
    "no signature beside a receipt": ("bad-document", without("signature", CHARGED)),
    "ticket is no hex": ("bad-octets", TICKET | {"message": "5g"}),
    "receipt has a hash": ("unknown-field", CHARGED | {"hash": "sha256"}),
    "ticket without a key": ("no-public-key", without("public_key", TICKET)),
    "another's receipt": ("does-not-hold", CHARGED | {"public_key": LOGIN_KEY.to_bytes().hex()}),
}


@pytest.mark.parametrize(("expected", "record"), REFUSED.values(), ids=REFUSED)
def test_a_record_that_is_invalid_or_unreadable_says_why(expected: str, record: object) -> None:
    """Each is one result, and of the reason's verdict."""
    assert reason(record) == expected


def test_each_reason_is_met_in_these_tests() -> None:
    """The others have their own tests: a broken CSV line, and damage to a compressed file."""
    assert {expected for expected, _ in REFUSED.values()} | {"not-csv", "damaged-input"} == set(REASONS)


def test_settings_hold_where_a_record_says_nothing() -> None:
    """And the record's own word comes first."""
    changes = {
        "message": b64encode(MESSAGE).decode("ascii"),
        "signature": b64encode(KEY.sign(MESSAGE, hash="sha256").to_p1363()).decode("ascii"),
    }
    settings = Settings({}, hash="sha256", format="p1363", encoding="base64", ignored=frozenset({"note"}))
    assert reason(RECORD | changes | {"note": "x"}, settings) == "valid"
    assert reason(RECORD | {"hash": "sha224", "format": "der", "encoding": "hex"}, settings) == "valid"
    koblitz = PrivateKey.from_int(7, curve=SECP256K1)
    record = RECORD | {
        "public_key": koblitz.public_key.to_bytes().hex(),
        "signature": koblitz.sign(MESSAGE).to_der().hex(),
    }
    assert reason(record, Settings({}, curve="secp256k1")) == "valid"
    assert reason(LOGIN, Settings({"1": PUBLIC}, curve="secp256k1")) == "bad-login"


@pytest.mark.parametrize(
    ("changes", "ignored"),
    [
        ({"digest": "00" * 28}, "digest"),
        ({"hash": "md5"}, "hash"),
        ({"profile": "rpcn"}, "profile"),
        ({"server_nonce": "AAAA"}, "server_nonce"),
        ({"id": []}, "id"),
    ],
)
def test_a_field_that_is_ignored_means_nothing(tmp_path: Path, changes: dict[str, Any], ignored: str) -> None:
    """Not even where a record without it would mean something else; an audit ignores it, too."""
    path = tmp_path / "records"
    path.write_text(json.dumps(RECORD | changes), encoding="ascii")
    assert reason(RECORD | changes) != "valid"
    assert reason(RECORD | changes, Settings({}, ignored=frozenset([ignored]))) == "valid"
    for command in ("verify-many", "audit"):
        assert main([command, str(path), "--ignore", ignored]) == 0


def test_an_ignored_column_is_no_id() -> None:
    """What is ignored is not repeated in the result either."""
    found = results(json.dumps(RECORD).encode("ascii"), Settings({}, ignored=frozenset(["id"])))
    assert found == [{"line": 1, "verdict": "valid"}]


def test_a_field_that_is_missing_or_unknown_is_named() -> None:
    """Cut where it is long; no other reason has one."""
    cases: list[tuple[dict[str, Any], str | None]] = [
        (without("signature"), "signature"),
        (without("message"), "message"),
        (RECORD | {"hsah": "sha256", "x": 1}, "hsah"),
        (RECORD | {'"\ud800' + "x" * 999: 1}, '"\ud800' + "x" * 198),
        (LOGIN | {"hash": "sha224"}, "hash"),
        (RECORD | {"hash": "md5"}, None),
    ]
    for record, name in cases:
        (result,) = results(json.dumps(record).encode("ascii"))
        assert result["verdict"] == "unreadable"
        assert result.get("field") == name


def test_what_was_signed_stands_beside_the_verdict() -> None:
    """Of a profile's record, whether it holds or not; the profile may be said once for all, and a login is none."""
    of_another = CHARGED | {"public_key": LOGIN_KEY.to_bytes().hex()}
    written = [json.dumps(record) for record in (TICKET, CHARGED, of_another, RECORD)]
    ticket, receipt, forged, plain = results("\n".join(written).encode("ascii"))
    assert ticket["verdict"] == receipt["verdict"] == plain["verdict"] == "valid"
    assert ticket["signed"]["online_name"] == "player"
    assert receipt["signed"] == forged["signed"] == {"outlet": 2, "meter_endreading": "86.6"}
    assert (forged["verdict"], forged["reason"]) == ("invalid", "does-not-hold")
    assert "signed" not in plain
    settings = Settings({"1": LOGIN_KEY.to_pem()}, profile="chargepoint")
    assert reason(without("profile", CHARGED), settings) == "valid"
    assert reason(TICKET, settings) == "valid"
    assert reason(LOGIN, settings) == "valid"
    assert reason(TICKET, Settings({}, curve="secp256k1")) == "unknown-profile"


def test_keys_by_their_ids() -> None:
    """A record's public_key may be an id; a login's is its user's id, unless it says another."""
    settings = Settings({"1": LOGIN_KEY.to_pem(), "Ann": PUBLIC})
    assert reason(RECORD | {"public_key": "Ann"}, settings) == "valid"
    assert reason(LOGIN, settings) == "valid"
    assert reason(LOGIN | {"public_key": "Ann"}, settings) == "does-not-hold"
    assert reason(LOGIN | {"public_key": LOGIN_KEY.to_bytes().hex()}) == "valid"


def test_keys_that_recur_get_a_table_and_lose_it_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered is bounded, and whatever is forgotten changes no verdict."""
    monkeypatch.setattr(records.Reader, "_KNOWN", 2)
    monkeypatch.setattr(records.Reader, "_PREPARED", 1)
    monkeypatch.setattr(records.Reader, "_WORTH_A_TABLE", 1)
    reader = records.Reader(Settings({}))
    fields = [RECORD | {"public_key": key.public_key.to_bytes().hex()} for key in RECURRING]
    met = [reader.read(fields[place]) for place in (0, 0, 1, 1, 0, 2, 2, 1)]
    assert [record.key is not None and record.key.comb is not None for record in met] == [
        *(False, True),
        *(False, True),
        True,
        *(False, True),
        False,
    ]
    assert [record.key for record in met[:3]] == [KEY.public_key, KEY.public_key, RECURRING[1].public_key]


def test_line_ends_blank_lines_and_numbers() -> None:
    """Windows' line ends are line ends, blank lines are none of the records, and lines keep their numbers."""
    line = json.dumps(RECORD).encode("ascii")
    assert results(line + b"\r\n\r\n  \n" + line) == [
        {"line": 1, "id": "a", "verdict": "valid"},
        {"line": 4, "id": "a", "verdict": "valid"},
    ]


def test_csv() -> None:
    """The first line names the fields; an empty field is none; a quote may hold commas."""
    columns = b"id,public_key,text,signature,hash\r"
    row = io.StringIO()
    csv.writer(row).writerow(["1,5", PUBLIC, MESSAGE.decode("ascii"), SIGNATURE.to_der().hex(), ""])
    octets = row.getvalue().encode("ascii")
    broken = [b'"1,2,3,4,5\n', b"1,2,3\n", b"1,2,3,4,5,6\n", b'"1"x,2,3,4,5\n']
    found = results(octets + b"".join(broken), columns=columns)
    assert found[0] == {"line": 1, "id": "1,5", "verdict": "valid"}
    assert [result["reason"] for result in found[1:]] == ["not-csv"] * 4
    for wrong in (b"id,id", b'"', b""):
        assert results(octets, columns=wrong)[0]["reason"] == "not-csv"
    text = "x" * (1 << 19)  # which is more than Python's csv takes unless it is told
    signature = KEY.sign(text.encode("ascii")).to_der().hex()
    assert results(f"1,{PUBLIC},{text},{signature},\n".encode("ascii"), columns=columns)[0]["verdict"] == "valid"


def test_base64_has_one_form() -> None:
    """As text or octets; with spare bits, white space, without padding, or in another alphabet it is none."""
    assert strictbase64.decode("QQ==") == strictbase64.decode(b"QQ==") == b"A"
    for wrong in ("QR==", "QQ", "QQ==\n", " QQ==", "QQ==QQ==", "-_8=", "é"):
        for text in (wrong, wrong.encode("utf-8")):
            with pytest.raises(ValueError, match=r"."):
                strictbase64.decode(text)


# Files


def pack_zstandard(octets: bytes) -> bytes:
    module = pytest.importorskip("compression.zstd" if ZSTD else "backports.zstd")
    compressed: bytes = module.compress(octets)
    return compressed


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": pack_zstandard,
}


def read_all(*paths: Path, form: str | None = None) -> list[inputs.Block]:
    return list(inputs.blocks([str(path) for path in paths], form))


@pytest.mark.parametrize("ending", PACKERS)
def test_files_are_decompressed_by_their_ending(tmp_path: Path, ending: str) -> None:
    """Lines keep their numbers over blocks; a byte-order mark is none of the text."""
    lines = [b"%d %s\n" % (number, b"x" * 999) for number in range(2000)]
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(PACKERS[ending](b"\xef\xbb\xbf" + b"".join(lines)))
    blocks = read_all(path)
    assert len(blocks) > 3
    assert b"".join(block.octets for block in blocks) == b"".join(lines)
    for block in blocks:
        assert block.octets.startswith(b"%d " % (block.first_line - 1))
        assert block.octets.endswith(b"\n")
        assert (block.columns, block.damaged) == (None, False)
    assert blocks[-1].position == path.stat().st_size == inputs.total_octets([str(path)])


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"])
@pytest.mark.parametrize("how", ["cut off", "flipped", "something else"])
def test_a_damaged_compression_is_the_end_of_that_file_alone(tmp_path: Path, ending: str, how: str) -> None:
    """What could be read before is; the damage is one result; the next file is read."""
    lines = b"".join(b'"%064x"\n' % (number * 0x9E3779B97F4A7C15**3 % (1 << 255)) for number in range(30_000))
    octets = bytearray(PACKERS[ending](lines))
    if how == "cut off":
        del octets[-len(octets) // 10 :]
    elif how == "flipped":
        octets[-5:] = bytes(5)
    else:
        octets = bytearray(b"no such thing")
    path, other = tmp_path / f"a{ending}", tmp_path / "b"
    path.write_bytes(octets)
    other.write_bytes(b"{}\n")
    blocks = read_all(path, other)
    assert [block.damaged for block in blocks] == [False] * (len(blocks) - 2) + [True, False]
    assert (blocks[-1].source, blocks[-1].octets) == (1, b"{}\n")
    read = b"".join(block.octets for block in blocks[:-1])
    assert lines.startswith(read)
    found = list(records.lines(blocks[-2]))
    assert (found[-1].number, found[-1].reason) == (read.count(b"\n") + 1 + (read[-1:] not in b"\n"), "damaged-input")


@pytest.mark.parametrize("padding", [b"", bytes(4), bytes(inputs.BLOCK + 4)], ids=["none", "zeros", "many zeros"])
@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"])
def test_a_file_may_be_several_streams(tmp_path: Path, ending: str, padding: bytes) -> None:
    """As `cat` makes it, and the tools that work in parts; zeros between them and at the end are padding."""
    if padding and ending == ".zst":
        pytest.skip("its format has no padding")
    path = tmp_path / f"a{ending}"
    path.write_bytes((PACKERS[ending](b"1\n") + padding) * 3)
    assert [(block.octets, block.damaged) for block in read_all(path)] == [(b"1\n" * 3, False)]


@pytest.mark.parametrize("how", ["cut off", "flipped", "something else"])
@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"])
def test_damage_after_the_first_stream_is_not_its_end(tmp_path: Path, ending: str, how: str) -> None:
    """A part of an archive would look like the whole of it."""
    stream = PACKERS[ending](b"1\n" * 99)
    second = {"cut off": stream[:-5], "flipped": b"\xff" + stream[1:], "something else": b"hello"}[how]
    path = tmp_path / f"a{ending}"
    path.write_bytes(stream + second)
    *_, last = read_all(path)
    assert last.damaged


@pytest.mark.parametrize("name", ["A.CSV", "A.CSV.GZ", "a.csv.Gz", "A.JSONL.GZ"])
def test_endings_in_capitals_are_endings(tmp_path: Path, name: str) -> None:
    """As some systems write them."""
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"id,text\n1,m\n") if name.upper().endswith(".GZ") else b"id,text\n1,m\n")
    (block,) = read_all(path)
    assert block.columns == (b"id,text" if "CSV" in name.upper() else None)
    assert block.octets.endswith(b"1,m\n")


def test_enormous_lines_are_passed_over(tmp_path: Path) -> None:
    """Of each, one octet more than a line may have is kept; the lines around it are whole."""
    limit = inputs.LARGEST_LINE
    lines = [b"a\n", b"b" * limit + b"\n", b"c" * (limit + 1) + b"\n", b"d" * (3 * limit) + b"\n", b"e\n"]
    path = tmp_path / "a"
    for last in (b"", b"f" * (2 * limit), b"g\n"):
        path.write_bytes(b"".join(lines) + last)
        blocks = read_all(path)
        assert max(len(block.octets) for block in blocks) <= limit + 2
        found = [line for block in blocks for line in records.lines(block)]
        expected = ["not-json", "not-json", "too-large", "too-large", "not-json"]
        expected += {b"": [], b"g\n": ["not-json"]}.get(last, ["too-large"])
        assert [(line.number, line.reason) for line in found] == list(enumerate(expected, 1))


def test_csv_files_have_their_first_line_in_every_block(tmp_path: Path) -> None:
    """By the name, or because it is said."""
    path, plain = tmp_path / "a.csv.gz", tmp_path / "b"
    octets = b"\xef\xbb\xbfid,text\r\n" + b"".join(b"%d,%s\r\n" % (number, b"x" * 999) for number in range(1000))
    path.write_bytes(gzip.compress(octets))
    plain.write_bytes(octets)
    for blocks in (read_all(path), read_all(plain, form="csv")):
        assert len(blocks) == 2
        assert {block.columns for block in blocks} == {b"id,text\r"}
        assert blocks[0].first_line == 2
        assert [line.fields["id"] for block in blocks for line in records.lines(block)] == [*map(str, range(1000))]
    assert [block.columns for block in read_all(path, form="jsonl")] == [None, None]
    plain.write_bytes(b"id,text")
    assert [list(records.lines(block)) for block in read_all(plain, form="csv")] == [[]]


@pytest.mark.parametrize("columns", [b"\n", b"id,id\n", b"id," + b"x" * inputs.LARGEST_LINE + b"\n"])
def test_a_first_line_that_names_no_fields(tmp_path: Path, columns: bytes) -> None:
    """The next one is not taken for it, and no line is read by it."""
    path = tmp_path / "a.csv"
    path.write_bytes(columns + b"id,text\n1,m\n")
    found = [line for block in read_all(path) for line in records.lines(block)]
    assert [(line.number, line.reason) for line in found] == [(2, "not-csv"), (3, "not-csv")]


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the machine is no damage of the file."""
    path = tmp_path / "a.zst"
    path.write_bytes(b"")
    with pytest.raises(FileNotFoundError):
        read_all(tmp_path / "none")
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    monkeypatch.setitem(sys.modules, "backports.zstd", None)
    with pytest.raises(Refused, match=r"the extra zstd"):
        read_all(path)

    class Failing:
        def __init__(self, error: Exception) -> None:
            self.error = error

        def read1(self, _: int) -> bytes:
            raise self.error

    for error in (OSError(5, "Input/output error"), MemoryError()):
        with pytest.raises(type(error)):
            inputs._read(Failing(error))


# Keys


def test_a_folder_of_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each NAME.pem is the key of that id; other files are none."""
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "1.pem").write_text(LOGIN_KEY.to_pem(), encoding="ascii")
    (keys / "notes.txt").write_text("none", encoding="ascii")
    (tmp_path / "a.jsonl").write_text(json.dumps(LOGIN), encoding="ascii")
    assert main(["verify-many", str(tmp_path / "a.jsonl"), "--keys", str(keys)]) == 0
    (keys / "2.pem").write_text("none", encoding="ascii")
    assert main(["verify-many", str(tmp_path / "a.jsonl"), "--keys", str(keys)]) == 2
    assert f"ecpure: {keys / '2.pem'}: point: 02 or 03 and 28 octets" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["keys.jsonl", "keys.csv"])
def test_a_file_of_keys(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In JSON Lines or CSV; an id comes once, and has its key."""
    path = tmp_path / name
    rows = [("Ann", PUBLIC), ("1", LOGIN_KEY.to_bytes().hex())]

    def write() -> None:
        if name.endswith(".csv"):
            text = "id,public_key\n" + "".join(f"{id_},{key}\n" for id_, key in rows)
        else:
            ids = [int(id_) if id_ == "1" else id_ for id_, _ in rows]
            pairs = zip(ids, rows, strict=True)
            text = "".join(json.dumps({"id": id_, "public_key": key}) + "\n" for id_, (_, key) in pairs)
        path.write_text(text, encoding="ascii")

    write()
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(LOGIN)}\n{json.dumps(RECORD | {'public_key': 'Ann'})}\n")
    command = ["verify-many", str(tmp_path / "a.jsonl"), "--keys", str(path)]
    assert main(command) == 0
    wrong = {"its id comes twice": ("Ann", PUBLIC), "point: ": ("Bob", "05"), "line 3": ("Bob", "")}
    for words, row in wrong.items():
        rows[1:] = [row]
        write()
        capsys.readouterr()
        assert main(command) == 2
        refusal = capsys.readouterr().err
        assert refusal.startswith(f"ecpure: {path}: line ")
        assert words.replace("3", "3" if name.endswith(".csv") else "2") in refusal
        assert refusal.count("\n") == 1
    (path if name.endswith(".jsonl") else tmp_path / "keys.jsonl").write_text('{"id": "Ann"}\n', encoding="ascii")
    assert main([*command[:-1], str(tmp_path / "keys.jsonl")]) == 2
    assert "an id and a public_key were expected" in capsys.readouterr().err
    rows[:] = []
    write()
    assert main(command) == 2
    assert "there is no key in it" in capsys.readouterr().err
