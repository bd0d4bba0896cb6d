"""Records: what each form of them says, and what each kind of damage is called."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from archives import RECURRING
from recordsamples import (
    CHARGED,
    KEY,
    LOGIN,
    LOGIN_KEY,
    MESSAGE,
    PUBLIC,
    RECORD,
    SIGNATURE,
    TICKET,
    reason,
    results,
    without,
)

from ecpure import SECP224K1, SECP256K1, Curve, PrivateKey, PublicKey, Signature
from ecpure.archives import records
from ecpure.archives.records import Settings
from ecpure.archives.verdicts import REASONS
from ecpure.cli import main
from ecpure.formats.encodings import public_key_in_text

N = SECP224K1.n

MESSAGE_64, SIGNATURE_64 = (b64encode(octets).decode("ascii") for octets in (MESSAGE, SIGNATURE.to_der()))

HOLDS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "no id": {"id": None},
    "uncompressed key": {"public_key": KEY.public_key.to_bytes(compressed=False).hex().upper()},
    "PEM": {"public_key": KEY.public_key.to_pem()},
    "text": {"message": None, "text": MESSAGE.decode("ascii")},
    "p1363": {"format": "p1363", "signature": SIGNATURE.to_p1363().hex()},
    "compact": {"format": "compact", "signature": SIGNATURE.low_s().to_compact().hex()},
    "P1363 in capitals": {"format": "P1363", "signature": SIGNATURE.to_p1363().hex()},
    "DER and HEX in capitals": {"format": "DER", "encoding": "HEX"},
    "encodings in capitals": {
        "message_encoding": "Base64",
        "message": MESSAGE_64,
        "signature_encoding": "BASE64",
        "signature": SIGNATURE_64,
    },
    "sha512": {"hash": "SHA-512", "signature": KEY.sign(MESSAGE, hash="sha512").to_der().hex()},
    "base64": {
        "encoding": "base64",
        "message": b64encode(MESSAGE).decode("ascii"),
        "signature": b64encode(SIGNATURE.to_der()).decode("ascii"),
    },
    "hash in small letters": {"hash": "sha-512", "signature": KEY.sign(MESSAGE, hash="sha512").to_der().hex()},
    "hash in one word": {"hash": "SHA512", "signature": KEY.sign(MESSAGE, hash="sha512").to_der().hex()},
    "sha1": {"hash": "SHA1", "signature": KEY.sign_digest(hashlib.sha1(MESSAGE).digest()).to_der().hex()},
    "digest of sha1": {
        "message": None,
        "hash": "sha1",
        "digest": hashlib.sha1(MESSAGE).hexdigest(),
        "signature": KEY.sign_digest(hashlib.sha1(MESSAGE).digest()).to_der().hex(),
    },
    "wrapped": {
        "encoding": "base64",
        "message": MESSAGE_64.rstrip("="),
        "signature": f"{SIGNATURE_64[:64]}\n{SIGNATURE_64[64:]}\n",
    },
    "0x and colons": {"message": f"0x{MESSAGE.hex()}", "signature": SIGNATURE.to_der().hex(":")},
    "message in base64": {"message_encoding": "base64", "message": MESSAGE_64},
    "signature in base64": {"signature_encoding": "base64", "signature": SIGNATURE_64},
    "signature in hex": {"encoding": "base64", "message": MESSAGE_64, "signature_encoding": "hex"},
    "message in hex": {"encoding": "base64", "message_encoding": "hex", "signature": SIGNATURE_64},
    "digest in base64": {
        "message": None,
        "message_encoding": "base64",
        "digest": b64encode(b"\x5a" * 28).decode("ascii"),
        "signature": KEY.sign_digest(b"\x5a" * 28).to_der().hex(),
    },
    "receipt in two encodings": {
        **dict.fromkeys(RECORD),
        **CHARGED,
        "encoding": "base64",
        "message_encoding": "hex",
        "signature": b64encode(bytes.fromhex(CHARGED["signature"])).decode("ascii"),
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
    """A record in any of its forms is valid; here, None takes a field out."""
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
    "key is an id": ("unknown-key-id", RECORD | {"public_key": "Ann"}),
    "key is a number": ("unknown-key-id", RECORD | {"public_key": "4711"}),
    "key is a long id": ("unknown-key-id", RECORD | {"public_key": "urn:station:north-east:platform 17, outlet 2"}),
    "key is in letters of base64": ("unknown-key-id", RECORD | {"public_key": "Wxyz" * 15}),
    "key is of too long an id": ("bad-public-key", RECORD | {"public_key": "-" * 201}),
    "empty key": ("bad-public-key", RECORD | {"public_key": ""}),
    "key of many lines": ("bad-public-key", RECORD | {"public_key": "not a key\nat all"}),
    "key is hex of no point": ("bad-public-key", RECORD | {"public_key": "0123"}),
    "key is cut-off base64": ("bad-public-key", RECORD | {"public_key": "ME4wEAYHKoZIzj0C"}),
    "key off the curve": ("bad-public-key", RECORD | {"public_key": "04" + "01" * 56}),
    "PEM of another curve": ("bad-public-key", RECORD | {"public_key": "-----BEGIN PUBLIC KEY-----"}),
    "message is no hex": ("bad-octets", RECORD | {"message": "5g"}),
    "half a character": ("bad-octets", {**without("message"), "text": "\ud800"}),
    "hash is for nobody": ("unknown-hash", RECORD | {"hash": "sha-224 "}),
    "unknown encoding of the message": ("unknown-format", RECORD | {"message_encoding": "utf-8"}),
    "unknown encoding of the signature": ("unknown-format", RECORD | {"signature_encoding": "raw"}),
    "a number for an encoding": ("wrong-type", RECORD | {"signature_encoding": 5}),
    "another encoding of the signature": ("bad-signature", RECORD | {"signature_encoding": "base64"}),
    "dropped digits": ("bad-octets", RECORD | {"message": "7 0 61"}),
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
    "ticket has an unknown hash": ("unknown-hash", TICKET | {"hash": "md5"}),
    "ticket has another hash": ("does-not-hold", TICKET | {"hash": "sha256"}),
    "receipt has a hash": ("unknown-field", CHARGED | {"hash": "sha256"}),
    "ticket without a key": ("no-public-key", without("public_key", TICKET)),
    "another's receipt": ("does-not-hold", CHARGED | {"public_key": LOGIN_KEY.to_bytes().hex()}),
}


@pytest.mark.parametrize(("expected", "record"), REFUSED.values(), ids=REFUSED)
def test_a_record_that_is_invalid_or_unreadable_says_why(expected: str, record: object) -> None:
    """Each makes one result, with its reason and that reason's verdict."""
    assert reason(record) == expected


OTHERS = {"not-csv", "damaged-input", "unknown-key"}


def test_each_reason_is_met_in_these_tests() -> None:
    """Three have their own tests: a broken CSV line, damage to a compressed file, and a key that is not trusted."""
    assert {expected for expected, _ in REFUSED.values()} | OTHERS == set(REASONS)


def test_an_unknown_format_says_which_are_known() -> None:
    """All of them, as the record may have them."""
    words = "the format is not one of der, p1363, compact, or the encoding is not hex or base64"
    assert REASONS["unknown-format"] == words


def test_settings_apply_if_a_record_says_nothing() -> None:
    """What is set for all records applies unless the record itself says otherwise."""
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
    assert reason(LOGIN, Settings({"1": KEY.public_key.to_bytes()}, curve="secp256k1")) == "bad-login"


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
    assert found == [{"line": 1, "verdict": "valid", "key": PUBLIC}]


def test_keys_by_their_ids() -> None:
    """A record's public_key may be an id, and a login's is its user's id unless it says another."""
    settings = Settings({"1": LOGIN_KEY.to_bytes(), "Ann": bytes.fromhex(PUBLIC)})
    assert reason(RECORD | {"public_key": "Ann"}, settings) == "valid"
    assert reason(LOGIN, settings) == "valid"
    assert reason(LOGIN | {"public_key": "Ann"}, settings) == "does-not-hold"
    assert reason(LOGIN | {"public_key": LOGIN_KEY.to_bytes().hex()}) == "valid"
    assert reason(RECORD, Settings({"Bob": LOGIN_KEY.to_bytes()})) == "unknown-key"
    assert reason(RECORD, Settings({"Bob": LOGIN_KEY.to_bytes()}, trust_record_keys=True)) == "valid"


def test_one_trusted_signer_does_not_vouch_for_another() -> None:
    """A login is its user's, and a receipt its station's, if their keys were given: a record cannot name another's."""
    user = LOGIN_KEY.to_bytes()
    both = {"1": KEY.public_key.to_bytes(), "2": user}
    for named_so in ("2", user.hex()):
        assert reason(LOGIN | {"public_key": named_so}, Settings(both)) == "unknown-key"
        assert reason(LOGIN | {"public_key": named_so}, Settings(both, trust_record_keys=True)) == "valid"
        assert reason(LOGIN | {"public_key": named_so}, Settings({"1": user, "2": user})) == "valid"
        assert reason(LOGIN | {"public_key": named_so}, Settings({"2": user})) == "valid"
    receipt = json.dumps({"station_mac": "0024:B100:0000:BEEF", "outlet": 2}).encode("ascii")
    signature = KEY.sign(receipt, hash="sha256").to_der().hex()
    charged = CHARGED | {"message": receipt.hex(), "signature": signature}
    keys = {"0024b1000000beef_2": user, "other": bytes.fromhex(PUBLIC)}
    assert reason(charged, Settings(keys)) == reason(charged | {"public_key": "other"}, Settings(keys)) == "unknown-key"
    assert reason(charged, Settings(keys | {"0024b1000000beef_2": bytes.fromhex(PUBLIC)})) == "valid"
    assert reason(charged, Settings({"other": bytes.fromhex(PUBLIC)})) == "valid"


def test_a_key_has_the_id_that_it_was_given() -> None:
    """Also where the record has the key itself; of two ids of one key the first, unless the record says the other."""
    octets = bytes.fromhex(PUBLIC)
    reader = records.Reader(Settings({"Ann": octets, "Bob": octets, "1": LOGIN_KEY.to_bytes()}))
    for text, key_id in {
        **dict.fromkeys([PUBLIC, PUBLIC.upper(), KEY.public_key.to_pem(), "Ann"], "Ann"),
        "Bob": "Bob",
        RECURRING[1].public_key.to_bytes().hex(): None,
    }.items():
        record = reader.read(RECORD | {"public_key": text})
        assert record.key_id == key_id
        assert record.key == (KEY if key_id else RECURRING[1]).public_key
    assert reader.read(LOGIN).key_id == "1"
    assert reader.read(TICKET).key_id == "Ann"
    assert records.Reader(Settings({})).read(without("public_key", TICKET))[1:3] == (None, None)


def test_keys_that_are_trusted() -> None:
    """All where no key was given; else those that were, and others only if it is said."""
    given = {"Ann": bytes.fromhex(PUBLIC)}
    assert Settings({}).trusts(None)
    assert Settings(given).trusts("Ann")
    assert not Settings(given).trusts(None)
    assert Settings(given, trust_record_keys=True).trusts(None)


def test_keys_that_are_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were met last are; a key that is forgotten is read again, and is the same."""
    texts = [key.public_key.to_bytes().hex() for key in RECURRING]
    monkeypatch.setattr(records, "_REMEMBERED", 2 * records._octets_of_key(texts[0]))
    decoded: list[str] = []

    def decode(text: str, curve: Curve) -> PublicKey:
        decoded.append(text)
        return public_key_in_text(text, curve)

    monkeypatch.setattr(records, "public_key_in_text", decode)
    reader = records.Reader(Settings({}))
    met = [reader.read(RECORD | {"public_key": texts[place]}).key for place in (0, 0, 1, 0, 2, 0, 1)]
    assert met == [RECURRING[place].public_key for place in (0, 0, 1, 0, 2, 0, 1)]
    assert decoded == [texts[0], texts[1], texts[2], texts[1]]
    long = RECORD | {"public_key": KEY.public_key.to_pem() + "\n" * 5000}
    assert [reader.read(long).key for _ in range(2)] == [KEY.public_key] * 2
    assert len(decoded) == 6  # what has no room is not kept


def test_byte_order_marks_at_the_beginning_of_lines() -> None:
    """One is left where the second of two files began, and is no part of a record; more are."""
    mark, line = b"\xef\xbb\xbf", json.dumps(RECORD).encode("ascii")
    found = results(b"\n".join([mark + line, line, mark + line, mark, mark + mark + line]))
    assert [(one["line"], one.get("reason")) for one in found] == [(1, None), (2, None), (3, None), (5, "not-json")]
    columns = b"id,text,public_key,signature"
    signature = KEY.sign(b"pay 5\nto Ann").to_der().hex()
    row = f'"b","pay 5\nto Ann",{PUBLIC},{signature}'.encode("ascii")
    found = results(b"\n".join([row, mark + row]), columns=columns)
    assert [(one["line"], one["verdict"]) for one in found] == [(1, "valid"), (3, "valid")]


def test_line_ends_blank_lines_and_numbers() -> None:
    """Windows' line ends are line ends, blank lines are no records, and lines keep their numbers."""
    line = json.dumps(RECORD).encode("ascii")
    assert results(line + b"\r\n\r\n  \n" + line) == [
        {"line": 1, "id": "a", "verdict": "valid", "key": PUBLIC},
        {"line": 4, "id": "a", "verdict": "valid", "key": PUBLIC},
    ]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_csv_with_other_separators(separator: str) -> None:
    """Names between semicolons or tabs make a file of them: commas are then part of a field, and quotes hold both."""
    names = ["id", "public_key", "text", "signature", "Summe, EUR"]
    values = ["1,5", PUBLIC, "a;b\t", KEY.sign(b"a;b\t").to_der().hex(), "5,00"]
    table = io.StringIO()
    writer = csv.writer(table, delimiter=separator, lineterminator="\n")
    writer.writerows([names, values])
    head, row = table.getvalue().encode("ascii").splitlines()
    settings = Settings({}, ignored=frozenset(["Summe, EUR"]))
    for octets, columns in ((row, head), (row + b"\r", head + b"\r")):
        assert results(octets, settings, columns) == [{"line": 1, "id": "1,5", "verdict": "valid", "key": PUBLIC}]
    assert results(b",".join([b"1"] * 5), columns=head)[0]["reason"] == "not-csv"


def test_the_names_say_what_is_between_them() -> None:
    """Commas, unless only another separator gives names that records or keys have."""
    for columns, names in {
        b"id;signature": ["id", "signature"],
        b"id\tmessage": ["id", "message"],
        b'"id";"public_key"': ["id", "public_key"],
        b"signature;x,message": ["signature;x", "message"],
        b"a;b": ["a;b"],
        b"id;name": ["id;name"],
        b"signature": ["signature"],
        b"signature;a\tmessage": ["signature;a\tmessage"],
        b"signature;signature": ["signature;signature"],
        b"": [],
    }.items():
        assert records.column_names(columns) == names


def test_names_in_capitals_and_with_spaces_around_them() -> None:
    """They are the known names, unless one of the others is that, or they are ignored; other names keep their case."""
    for columns, names in {
        b"ID,Public_Key,SIGNATURE": ["id", "public_key", "signature"],
        b"id, public_key , signature": ["id", "public_key", "signature"],
        b'"Id"; Message ;Note': ["id", "message", "Note"],
        b"signature,Signature": ["signature", "Signature"],
        b"signature, note ,note": ["signature", " note ", "note"],
        b"Signature,SIGNATURE": [],
    }.items():
        assert records.column_names(columns) == names
    row = f"a,{PUBLIC},{MESSAGE.hex()},{SIGNATURE.to_der().hex()},md5".encode("ascii")
    columns = b"Id, public_key,MESSAGE,signature ,HASH"
    for ignored, verdict in {"HASH": "valid", "hash": "valid", "Hash": "unreadable", "x": "unreadable"}.items():
        assert results(row, Settings({}, ignored=frozenset([ignored])), columns)[0]["verdict"] == verdict
    both = b"id,public_key,message,signature,HASH,hash"
    row += b",sha224"
    assert results(row, Settings({}, ignored=frozenset(["HASH"])), both)[0]["verdict"] == "valid"


def test_a_weak_hash_is_noted() -> None:
    """Of a record that names it, or for which it is set; of a sound one nothing is noted."""
    reader = records.Reader(Settings({}, hash="sha1"))
    assert reader.read(RECORD).weak_hash == "sha1"
    assert reader.read(RECORD | {"hash": "SHA-256"}).weak_hash is None
    assert reader.read(RECORD | {"hash": "sha512/256"}).weak_hash is None


def test_csv() -> None:
    """The first line names the fields, an empty field is missing, and a quoted field may contain commas."""
    columns = b"id,public_key,text,signature,hash\r"
    row = io.StringIO()
    csv.writer(row).writerow(["1,5", PUBLIC, MESSAGE.decode("ascii"), SIGNATURE.to_der().hex(), ""])
    octets = row.getvalue().encode("ascii")
    broken = [b'1,2",3,4,5\n', b"1,2,3\n", b"1,2,3,4,5,6\n", b'"1"x,2,3,4,5\n', b'1,2,3,4,x"5"\n', b'"1,2,3,4,5\n']
    found = results(octets + b"".join(broken), columns=columns)
    assert found[0] == {"line": 1, "id": "1,5", "verdict": "valid", "key": PUBLIC}
    assert [result["reason"] for result in found[1:]] == ["not-csv"] * 6
    for wrong in (b"id,id", b'"', b""):
        assert results(octets, columns=wrong)[0]["reason"] == "not-csv"
    text = "x" * (1 << 19)  # which is more than Python's csv takes unless it is told
    signature = KEY.sign(text.encode("ascii")).to_der().hex()
    assert results(f"1,{PUBLIC},{text},{signature},\n".encode("ascii"), columns=columns)[0]["verdict"] == "valid"
