"""What is fuzzed: for each decoder its samples, the exceptions it documents, and which octets may encode a value."""

from __future__ import annotations

import bz2
import contextlib
import json
import re
import struct
import sys
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ledger import words_of_the_package

from ecpure import SECP224K1, SECP256K1, Curve, Point, PrivateKey, PublicKey, Signature, auth, der, keyfile, login
from ecpure.archives.blocks import Block
from ecpure.archives.records import Settings
from ecpure.archives.verdicts import VERDICTS
from ecpure.archives.verify import Verifier
from ecpure.audit.loosely import loosely
from ecpure.errors import InvalidEncoding, InvalidKey
from ecpure.explain import containers
from ecpure.explain.readings import Guess, Miss
from ecpure.formats import chargepoint, chargy, keys, unpack
from ecpure.formats.documents import Reading
from ecpure.formats.dumps import from_od, from_xxd
from ecpure.formats.profiles import PROFILES
from ecpure.formats.receipts import Collection, collection
from ecpure.formats.texts import TEXTS, Text
from ecpure.io import strictjson
from ecpure.rfc4648 import encode_base64

sys.path.append(str(Path(__file__).parents[2]))  # after everything that is installed, ecpure included
from page import p256
from page.check import INVALID, UNKNOWN, VALID, check

KEY = PrivateKey.from_int(0xC0FFEE << 190)
OTHER = PrivateKey.from_int(SECP224K1.n - 1)
KOBLITZ = PrivateKey.from_int(5, curve=SECP256K1)
SIGNATURE = KEY.sign(b"m", low_s=True)
LONG_S = Signature(SIGNATURE.r, SECP224K1.n - 1)


class Target(NamedTuple):
    """A decoder, `call`, and the rules that it must keep."""

    name: str
    call: Callable[[bytes], Any]
    seeds: list[bytes]
    refusals: tuple[type[Exception], ...]
    """What it may raise; nothing else."""
    holds: Callable[[Any, bytes], bool]
    """Whether what it returned is right, for the octets that were accepted: above all, that they are its encoding."""
    accepted: Callable[[Any], bool] = lambda _: True
    """Whether what it returned means that the octets were accepted."""
    shape: str = "octets"
    longest: int = 256
    inputs: int = 100_000
    """How many inputs it gets in a full run."""


def _pairs() -> list[bytes]:
    return [SIGNATURE.to_p1363(), LONG_S.to_p1363(), Signature(1, 1).to_p1363()]


def _points(curve: Curve = SECP224K1) -> list[bytes]:
    points = [k * curve.G for k in (1, 2, 3, curve.n - 1)]
    return [point.to_bytes(compressed=compressed) for point in points for compressed in (True, False)]


# One encoding for each value; where a format leaves a choice, these are all of them.


def _bit_strings(Q: Point) -> list[bytes]:
    return [der.element(der.BIT_STRING, b"\x00", Q.to_bytes(compressed=compressed)) for compressed in (False, True)]


def _algorithm(curve: Curve) -> bytes:
    names = [der.object_identifier(oid) for oid in ("1.2.840.10045.2.1", curve.oid or "")]
    return der.element(der.SEQUENCE, *names)


def public_forms(Q: Point) -> list[bytes]:
    """Return each SubjectPublicKeyInfo that may be read as Q: the point uncompressed, or compressed."""
    return [der.element(der.SEQUENCE, _algorithm(Q.curve), bits) for bits in _bit_strings(Q)]


def private_forms(key: PrivateKey) -> list[bytes]:
    """Return each ECPrivateKey that names its curve, and each PrivateKeyInfo, that may be read as the key.

    With the public key, uncompressed or compressed, or without; the number with its leading zeros, or fewer of them.
    Inside of PKCS#8 the curve's name may come again; its version 1 may have the public key once more. Not all are
    here: attributes of PKCS#8 are anything.
    """
    curve = key.curve
    named = der.element(0xA0, der.object_identifier(curve.oid or ""))
    publics = [b"", *[der.element(0xA1, bits) for bits in _bit_strings(key.public_key.point)]]
    whole = key.to_bytes()
    numbers = [whole[zeros:] for zeros in range(len(whole) - len(whole.lstrip(b"\x00")) + 1)]
    heads = [der.integer(1) + der.element(der.OCTET_STRING, number) for number in numbers]
    sec1 = [der.element(der.SEQUENCE, head, named, public) for head in heads for public in publics]
    bare = [der.element(der.SEQUENCE, head, public) for head in heads for public in publics]
    besides = [b"", *[der.element(0x81, bits[2:]) for bits in _bit_strings(key.public_key.point)]]
    starts = [(der.integer(0), b""), *[(der.integer(1), beside) for beside in besides]]
    pkcs8 = [
        der.element(der.SEQUENCE, version, _algorithm(curve), der.element(der.OCTET_STRING, inner), beside)
        for inner in sec1 + bare
        for version, beside in starts
    ]
    return sec1 + pkcs8


def _without_attributes(octets: bytes) -> bytes:
    """Return PKCS#8 without its attributes, and other octets as they are."""
    try:
        fields = der.Reader(octets, "key").inside(der.SEQUENCE, "key")
        elements = [(tag, fields.contents(tag, "element")) for tag in fields.tags()]
    except InvalidEncoding:
        return octets
    is_pkcs8 = [tag for tag, _ in elements][:4] == [der.INTEGER, der.SEQUENCE, der.OCTET_STRING, 0xA0]
    kept = elements[:3] + elements[4:] if is_pkcs8 else elements
    return der.element(der.SEQUENCE, *[der.element(tag, contents) for tag, contents in kept])


def _block_of(text: bytes, forms: list[bytes]) -> bool:
    """Whether the text holds one of the forms in base64 that is canonical, white space and attributes aside."""
    flat = re.sub(rb"[ \t\r\n\v\f]", b"", text)
    for body in re.findall(rb"KEY-----([A-Za-z0-9+/=]+)-----END", flat):
        try:
            octets = a2b_base64(body, strict_mode=True)
        except ValueError:  # another block, which is not read
            continue
        if _without_attributes(octets) in forms and b2a_base64(octets, newline=False) == body:
            return True
    return False


def _any_key(data: bytes) -> PrivateKey | PublicKey:
    """Read a PEM block of any label, on either curve, whatever the label says of the form inside."""
    label, octets = keyfile.decode_pem(data, ("PUBLIC KEY", "PRIVATE KEY", "EC PRIVATE KEY"))
    for curve in (SECP256K1, SECP224K1):
        try:
            return (PublicKey if label == "PUBLIC KEY" else PrivateKey).from_der(octets, curve=curve)
        except InvalidKey as error:
            refusal = error
    raise refusal


def _is_written(key: PrivateKey | PublicKey, data: bytes) -> bool:
    return _block_of(data, private_forms(key) if isinstance(key, PrivateKey) else public_forms(key.point))


def _signatures() -> list[Target]:
    encoded = [Signature(1, 1).to_der(), SIGNATURE.to_der(), LONG_S.to_der(), Signature(1 << 1100, 128).to_der()]
    compact = [SIGNATURE.to_compact(), Signature(1, 1).to_compact()]
    return [
        Target(
            "Signature.from_der",
            Signature.from_der,
            encoded,
            (InvalidEncoding,),
            lambda pair, data: bool(pair.to_der() == data),
            shape="der",
            inputs=1_500_000,
        ),
        Target(
            "Signature.from_p1363",
            Signature.from_p1363,
            _pairs(),
            (InvalidEncoding,),
            lambda pair, data: bool(pair.to_p1363() == data),
            inputs=1_200_000,
        ),
        Target(
            "Signature.from_compact",
            Signature.from_compact,
            compact,
            (InvalidEncoding,),
            lambda pair, data: bool(pair.to_compact() == data),
            inputs=1_200_000,
        ),
    ]


def _keys() -> list[Target]:
    privates = [*private_forms(KEY), *private_forms(OTHER)[:2], KOBLITZ.to_der(), KOBLITZ.to_der("sec1")]
    publics = [*public_forms(KEY.public_key.point), OTHER.public_key.to_der(), KOBLITZ.public_key.to_der()]
    public_pem = [keyfile.encode_pem("PUBLIC KEY", octets).encode("ascii") for octets in publics]
    private_pem = [key.to_pem(form).encode("ascii") for key in (KEY, OTHER, KOBLITZ) for form in ("pkcs8", "sec1")]
    private_pem.append(b"-----BEGIN EC PARAMETERS-----\nBgUrgQQAIA==\n-----END EC PARAMETERS-----\n" + private_pem[1])
    raw = [KEY.to_bytes(), KEY.to_bytes()[1:], OTHER.to_bytes(), SECP224K1.n.to_bytes(29, "big")]
    either = (InvalidEncoding, InvalidKey)
    part = der.element(der.SEQUENCE)
    signed = der.element(der.SEQUENCE, der.integer(1), part * 4, KEY.public_key.to_der())
    certificate = der.element(der.SEQUENCE, signed, part, der.bit_string(b""))
    beside = keyfile.encode_pem("CERTIFICATE", certificate).encode("ascii")
    points = [key.public_key.to_bytes(compressed=False) for key in (KEY, OTHER)]
    hybrids = [bytes([6 + (point[-1] & 1)]) + point[1:] for point in points]
    data = der.object_identifier("1.2.840.113549.1.7.1")
    pkcs12 = der.element(der.SEQUENCE, der.integer(3), der.element(der.SEQUENCE, data, part))
    privates.append(pkcs12)
    return [
        Target(
            "Point.from_bytes",
            Point.from_bytes,
            [*_points(), b"\x00"],
            (InvalidEncoding,),
            lambda point, data: bool(point.to_bytes(compressed=len(data) == 29) == data),
            inputs=900_000,
        ),
        Target(
            "PublicKey.from_bytes",
            PublicKey.from_bytes,
            [*_points(), b"\x00"],
            (InvalidEncoding,),
            lambda key, data: bool(key.to_bytes(compressed=len(data) == 29) == data),
            inputs=600_000,
        ),
        Target(
            "PublicKey.from_der",
            PublicKey.from_der,
            publics,
            either,
            lambda key, data: data in public_forms(key.point),
            shape="der",
            inputs=800_000,
        ),
        Target(
            "PublicKey.from_pem",
            PublicKey.from_pem,
            public_pem,
            either,
            lambda key, data: _block_of(data, public_forms(key.point)),
            shape="pem",
            longest=800,
            inputs=500_000,
        ),
        Target(
            "PrivateKey.from_bytes",
            PrivateKey.from_bytes,
            raw,
            (InvalidKey,),
            lambda key, data: bool(key.to_bytes().rjust(29, b"\x00") == data.rjust(29, b"\x00")),
            inputs=1_200_000,
        ),
        Target(
            "PrivateKey.from_der",
            PrivateKey.from_der,
            privates,
            either,
            lambda key, data: _without_attributes(data) in private_forms(key),
            shape="der",
            inputs=800_000,
        ),
        Target(
            "PrivateKey.from_pem",
            PrivateKey.from_pem,
            private_pem,
            either,
            lambda key, data: _block_of(data, private_forms(key)),
            shape="pem",
            longest=800,
            inputs=500_000,
        ),
        Target(
            "keyfile: PEM of any kind",
            _any_key,
            [*private_pem, *public_pem],
            either,
            _is_written,
            shape="pem",
            longest=1000,
            inputs=500_000,
        ),
        Target(
            "keys.private_key",
            lambda data: keys.private_key(data, curve=SECP224K1),
            [*privates, *private_pem, KEY.to_der().hex().encode("ascii"), beside + private_pem[0]],
            either,
            _is_known,
            shape="pem",
            longest=1400,
            inputs=300_000,
        ),
        Target(
            "keys.public_key",
            lambda data: keys.public_key(data, curve=SECP224K1),
            [*publics, *public_pem, *_points(), *_points(SECP256K1), certificate, beside],
            either,
            _is_there,
            shape="pem",
            longest=1400,
            inputs=300_000,
        ),
        Target(
            "keys.hybrid_point",
            lambda data: keys.hybrid_point(data, curve=SECP224K1),
            [*hybrids, hybrids[0].hex(":").encode("ascii"), *_points()],
            (InvalidEncoding,),
            _is_there,
            inputs=300_000,
        ),
    ]


_OF_URLS = str.maketrans("-_", "+/")


def _octets_anywhere(data: bytes) -> list[bytes]:
    """Return the octets, and those of any hex or base64 in them."""
    found = [data]
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", errors="replace")
    flat = re.sub(r"(\\r)?\\n|\s|:", "", text)
    bodies = [body for letters in (flat, flat.translate(_OF_URLS)) for body in re.findall("[0-9A-Za-z+/]+=*", letters)]
    for body in bodies:
        for decode in (bytes.fromhex, a2b_base64):
            with contextlib.suppress(ValueError):
                found.append(decode(body.removeprefix("0x").removeprefix("0X")))
    return found


def _is_known(key: PrivateKey, data: bytes) -> bool:
    """Whether the number is in the octets."""
    number = key.to_bytes().lstrip(b"\x00")
    return any(number in octets for octets in _octets_anywhere(data))


def _is_there(key: PublicKey, data: bytes) -> bool:
    """Whether x is in the octets, and y or the octet that stands for it."""
    either = (key.to_bytes(), key.to_bytes(compressed=False)[1:])
    return any(point in octets for octets in _octets_anywhere(data) for point in either)


NONCE = "azRzAi5rm1ry/l0drnz1vw=="
LOGIN = auth.build_authenticate(
    user_id=1,
    cookie="HGREqcILTz8blHa/jsUTVTNBJlg=",
    private_key=KEY,
    server_nonce=NONCE,
    client_nonce=bytes(range(16)),
    tag=7,
)


def _login(data: bytes) -> tuple[bool, Any]:
    message = strictjson.decode_object(data, "message")
    return auth.verify_authenticate(message, server_nonce=NONCE, public_key=KEY.public_key), message


def _is_ours(answer: tuple[bool, Any], _: bytes) -> bool:
    """Whether a valid message says what was signed: anything else would be a forgery."""
    verdict, message = answer
    same = all(message[name] == LOGIN[name] for name in ("method", "user_id", "nonce")) if verdict is True else True
    return isinstance(verdict, bool) and same


_SERVER = login.LoginServer(
    users={1: login.User(str(LOGIN["cookie"]), KEY.public_key)}.get, policy=lambda *_: True, nonce_seconds=60
)


def _server_login(data: bytes) -> login.Admitted | login.Command:
    """Judge a client's text. What the server refuses it does not raise: here it is, without what it echoes."""
    session = _SERVER.session(now=0)
    session._nonce = NONCE
    event = session.receive(data, now=1)
    if isinstance(event, login.Rejected):
        json.loads(event.reply), json.loads(event.discreet_reply)
        raise InvalidEncoding(event.reason.name)
    return event


def _is_admitted_rightly(event: login.Admitted | login.Command, _: bytes) -> bool:
    return event.user_id == LOGIN["user_id"] if isinstance(event, login.Admitted) else event.method != auth.METHOD


def _client_login(data: bytes) -> list[object]:
    """Let a client read a server's texts, one a line."""
    session = login.ClientSession(user_id=1, cookie=str(LOGIN["cookie"]), private_key=KEY, tag=7)
    return [session.receive(line) for line in data.split(b"\n")]


def _is_in_turn(events: list[object], _: bytes) -> bool:
    """Whether only a Welcome was answered, and only an answer to that ended it."""
    kinds = [type(event) for event in events if not isinstance(event, login.Notice)]
    return kinds in ([], [login.Welcomed], [login.Welcomed, login.Accepted], [login.Welcomed, login.Refused])


_ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    1,
    1 << 63,
    1 << 64,
    1.0,
    float("nan"),
    b"",
    b"AA==",
    bytearray(16),
    "",
    "é",
    "\ud800",
]
_ODD += [
    "A",
    "AAAA",
    NONCE,
    "A" * 37 + "=",
    [],
    (),
    ["", ""],
    [b"", b""],
    ["A" * 37 + "=", None],
    [[]],
    {},
    {"": 1},
    object(),
]
_FIELDS: list[Any] = [*LOGIN, "", "extra", 5, None, ("nonce",)]


def _odd_login(data: bytes) -> tuple[bool, Any]:
    """Judge the message in which each two octets put a Python value into a field, or take the field away."""
    message: dict[Any, Any] = dict(LOGIN)
    for place, value in zip(data[0:8:2], data[1:8:2], strict=False):
        field = _FIELDS[place % len(_FIELDS)]
        if value < len(_ODD):
            message[field] = _ODD[value]
        elif value & 1:
            message.pop(field, None)
        elif isinstance(message.get(field), list):
            message[field] = [*message[field][:1], _ODD[value % len(_ODD)]]
    return auth.verify_authenticate(message, server_nonce=NONCE, public_key=KEY.public_key), message


def _same_json(value: Any, data: bytes) -> bool:
    """Whether no name comes twice, and the value written again is read as the same."""
    json.loads(data.decode("utf-8"), object_pairs_hook=_distinct)
    try:
        text = json.dumps(value)
    except RecursionError:
        return True
    return bool(strictjson.decode(text, "text") == value)


def _distinct(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if sorted(names) != sorted(set(names)):
        raise AssertionError("a name comes twice")


def _messages() -> list[Target]:
    message = json.dumps(LOGIN).encode("ascii")
    welcome = json.dumps({"notice": "Welcome", "nonce": NONCE}).encode("ascii")
    replies = [b'{"tag": 7, "error_code": 0}', b'{"tag": 7, "error_code": 7, "error_msg": "no"}']
    texts = [message, b'[1, -2.5e3, "\\u00e9\\ud834\\udd1e", null, true, {"a": {"b": []}}]', b"0", b'""']
    return [
        Target(
            "strictjson.decode", lambda data: strictjson.decode(data, "text"), texts, (InvalidEncoding,), _same_json
        )._replace(shape="json", longest=2000, inputs=800_000),
        Target(
            "login: a client's texts",
            _server_login,
            [message, b'{"method": "GetBalances", "tag": 1}'],
            (InvalidEncoding,),
            _is_admitted_rightly,
        )._replace(shape="json", longest=1000, inputs=200_000),
        Target(
            "login: a server's texts",
            _client_login,
            [welcome, b'{"notice": "Else"}', *(welcome + b"\n" + reply for reply in replies)],
            (InvalidEncoding, login.OutOfTurn),
            _is_in_turn,
            shape="json",
            longest=1000,
            inputs=100_000,
        ),
        Target("auth.verify_authenticate: JSON", _login, [message], (InvalidEncoding,), _is_ours)._replace(
            shape="json", longest=1000, inputs=400_000
        ),
        Target(
            "auth.verify_authenticate: Python values",
            _odd_login,
            [bytes([place, value]) for place in range(len(_FIELDS)) for value in (0, 200, 201)],
            (InvalidEncoding,),
            _is_ours,
            longest=8,
            inputs=250_000,
        ),
    ]


_LINES = [
    {
        "public_key": KEY.public_key.to_bytes().hex(),
        "signature": SIGNATURE.to_der().hex(),
        "message": b"m".hex(),
        "id": 1,
    },
    {"public_key": KEY.public_key.to_pem(), "signature": SIGNATURE.to_der().hex(), "text": "m", "hash": "sha224"},
    {"message": LOGIN, "server_nonce": NONCE, "id": "login"},
    {"public_key": "known", "signature": SIGNATURE.to_compact().hex(), "digest": "00" * 28, "format": "compact"},
]
_COLUMNS = b"id,public_key,signature,text"
_ROW = f"5,{KEY.public_key.to_bytes().hex()},{SIGNATURE.to_der().hex()},m".encode("ascii")

_SEMICOLONS = b"\n".join([_COLUMNS, _ROW]).replace(b",", b";")


def _verdicts(data: bytes) -> list[bytes]:
    """Answer the lines as an archive's; as CSV where they begin with a comma's worth of columns."""
    settings = Settings(keys={name: KEY.public_key.to_bytes() for name in ("known", "1")})
    head, _, rest = data.partition(b"\n")
    is_csv = head.startswith((b"id,", b"id;"))
    block = Block(0, 1, rest if is_csv else data, head if is_csv else None, False, 0)
    return Verifier(settings, [b""], 1 << 20)(block).results.splitlines()


def _is_results(lines: list[bytes], _: bytes) -> bool:
    return all(strictjson.decode_object(line, "result")["verdict"] in VERDICTS for line in lines)


def _loosely(data: bytes) -> list[Signature]:
    fields = loosely({"signature": data.hex()}, Settings(keys={}))
    return [Signature.from_der(bytes.fromhex(found["signature"])) for found in fields]


def _are_read(found: list[Signature], data: bytes) -> bool:
    """Whether each r and s is in range, and in the octets."""
    integers = [value for pair in found for value in (pair.r, pair.s)]
    return all(
        value < SECP224K1.n and value.to_bytes((value.bit_length() + 7) // 8, "big") in data for value in integers
    )


def _texts() -> list[Target]:
    octets = SIGNATURE.to_der()
    lines = [encode_base64(octets).encode("ascii"), encode_base64(octets + b"!").encode("ascii").replace(b"+", b"-")]
    spelled = [octets.hex().encode("ascii"), octets.hex(":").encode("ascii"), octets.hex(" ").encode("ascii")]
    return [
        Target(
            f"encodings: {name}",
            text.decode,
            [*spelled, *lines, b"0x" + spelled[0], b"\n".join([lines[0][:64], lines[0][64:]])],
            (ValueError,),
            partial(_says, text),
            shape="octets",
            inputs=500_000,
        )
        for name, text in TEXTS.items()
    ]


def _dumps() -> list[Target]:
    octets = SIGNATURE.to_der()
    rows = [(start, octets[start : start + 16]) for start in range(0, len(octets), 16)]
    xxd = "\n".join(f"{start:08x}: {row.hex(' ', -2)}  ." for start, row in rows).encode("ascii")
    od = "\n".join([*[f"{start:07o} {row.hex(' ')}" for start, row in rows], f"{len(octets):07o}"]).encode("ascii")
    return [
        Target(
            f"dumps: {name}",
            read,
            [seed, seed.replace(b"\n", b"\r\n")],
            (ValueError,),
            lambda found, data: len(found) <= len(data) // 2 and _is_in_columns(found, data),
            longest=400,
            inputs=200_000,
        )
        for name, read, seed in (("xxd", from_xxd, xxd), ("od", from_od, od))
    ]


def _is_in_columns(found: bytes, data: bytes) -> bool:
    """Whether the octets of each line stand in it as hex, in their order."""
    flat = re.sub(rb"[ \r]", b"", data.lower())
    lines = [found[start : start + 1].hex().encode("ascii") for start in range(len(found))]
    place = 0
    for digits in lines:
        place = flat.find(digits, place)
        if place < 0:
            return False
        place += 2
    return True


def _says(text: Text, octets: bytes, data: bytes) -> bool:
    """Whether the letters of the text, and no others, are those of its octets."""
    return text.letters(data).lower() == text.letters(text.encode(octets)).lower()


def _records() -> list[Target]:
    lines = [json.dumps(line).encode("ascii") for line in _LINES]
    return [
        Target(
            "records: archive lines",
            _verdicts,
            [*lines, b"\n".join(lines), _COLUMNS + b"\n" + _ROW + b"\n" + _ROW, _SEMICOLONS],
            (),
            _is_results,
            accepted=lambda lines: b'"verdict": "valid"' in b"".join(lines),
            shape="json",
            longest=2500,
            inputs=150_000,
        ),
        Target(
            "records: loose encodings",
            _loosely,
            [SIGNATURE.to_der(), b"\x30\x80" + LONG_S.to_der()[2:] + b"\x00\x00", *_pairs()],
            (),
            _are_read,
            accepted=bool,
            shape="der",
            inputs=500_000,
        ),
    ]


ROOT = Path(getattr(sys, "_MEIPASS", Path(__file__).parents[2]))
"""The checkout, or the bundle in which PyInstaller puts what a program reads."""
FILES = ROOT / "docs" / "examples" / "files"


def _section(kind: int, octets: bytes) -> bytes:
    return struct.pack(">HH", kind, len(octets)) + octets


def _is_ticket(reading: Reading, data: bytes) -> bool:
    """Whether the ticket is the header, what was signed, and the one footer of the signature."""
    footer = _section(8, b"RPCN") + _section(8, reading.signature.to_der())
    whole = reading.message + _section(0x3002, footer)
    return data == struct.pack(">II", 0x21010000, len(whole)) + whole


def _is_receipt(reading: Reading, data: bytes) -> bool:
    """Whether all of it is what was signed, and each field that is shown stands in it."""
    receipt = strictjson.decode_object(data, "receipt", number=str)
    places = (receipt, receipt.get("additional_info", {}))
    shown = all(any(place.get(name) == value for place in places) for name, value in reading.fields.items())
    return reading.message == data and shown and reading.fields.keys() <= set(chargepoint.SHOWN)


def _is_bounded(found: Collection | None, data: bytes) -> bool:
    """Whether each receipt has a reading or the reason why not, and they are no more than the bounds allow."""
    receipts = [] if found is None else found.receipts
    octets = sum(len(one.reading.message) for one in receipts if one.reading is not None)
    each = all((one.reading is None) == bool(one.reason) for one in receipts)
    return each and octets <= unpack.UNPACKED + len(data) and (found is None or bool(receipts))


def _shows_no_secret(found: list[Guess | Miss], data: bytes) -> bool:
    """Whether octets that may be a private key are nowhere in what is said of them, as text or in hex.

    Words that the package has in its sources are no echo.
    """
    if not any(isinstance(one, Guess) and one.secret for one in found):
        return True
    said = " ".join(
        " ".join([one.what, *one.details]) if isinstance(one, Guess) else f"{one.what} {one.reason}" for one in found
    )
    forms = (data.hex(), data.decode("latin-1"))
    echoed = {
        form[start : start + 8] for form in forms for start in range(len(form) - 7) if form[start : start + 8] in said
    }
    return all(window in words_of_the_package() for window in echoed)


_OPENSSH = encode_base64(b"openssh-key-v1\x00" + b"\x00\x00\x00\x04none" * 2 + bytes(7) + b"\x01").encode("ascii")


def _pfx() -> bytes:
    data = der.element(der.SEQUENCE, der.object_identifier("1.2.840.113549.1.7.1"))
    return der.element(der.SEQUENCE, der.integer(3), data)


def _documents() -> list[Target]:
    receipt, signature, ticket = ((FILES / name).read_bytes() for name in ("secrrct", "secrrct.sign", "ticket"))
    bill = b'{"additional_info": %s, "totalAmount": 1.50, "currency_code": "EUR"}' % receipt
    known = [ticket, receipt, json.dumps(LOGIN).encode("ascii"), SIGNATURE.to_der(), *_pairs(), *_points()]
    jwk = {"kty": "EC", "crv": "secp224k1", "x": "AQ", "y": "AQ", "d": encode_base64(KEY.to_bytes())}
    known += [json.dumps(jwk).encode("ascii"), *(json.dumps(line).encode("ascii") for line in _LINES), _SEMICOLONS]
    known += [_pfx(), b"-----BEGIN OPENSSH PRIVATE KEY-----\n%s\n-----END OPENSSH PRIVATE KEY-----\n" % _OPENSSH]
    known += [KEY.to_bytes(), KEY.to_bytes().hex().encode("ascii"), *private_forms(KEY), KEY.to_pem().encode("ascii")]
    return [
        Target(
            "profiles: a ChargePoint receipt",
            lambda data: PROFILES["chargepoint"].read(data, signature),
            [receipt, bill],
            (InvalidEncoding,),
            _is_receipt,
            shape="json",
            longest=1000,
            inputs=300_000,
        ),
        Target(
            "profiles: an RPCN ticket",
            PROFILES["rpcn"].read,
            [ticket],
            (InvalidEncoding,),
            _is_ticket,
            longest=600,
            inputs=600_000,
        ),
        Target(
            "receipts: an archive, or Chargy's JSON",
            lambda data: collection(data, "x"),
            [(FILES / name).read_bytes() for name in ("receipt.tar.bz2", "receipts.zip")],
            (InvalidEncoding,),
            _is_bounded,
            accepted=bool,
            longest=4000,
            inputs=300_000,
        ),
        Target(
            "receipts: a tar archive",
            lambda data: unpack.contents(data, "x"),
            [bz2.decompress((FILES / "receipt.tar.bz2").read_bytes())],
            (InvalidEncoding,),
            lambda found, _: sum(map(len, found.files.values())) <= unpack.UNPACKED,
            longest=12000,
            inputs=100_000,
        ),
        Target(
            "receipts: Chargy's JSON",
            lambda data: collection(data, "x"),
            [(FILES / "bill.chargy").read_bytes()],
            (InvalidEncoding,),
            _is_bounded,
            accepted=bool,
            shape="json",
            longest=3000,
            inputs=200_000,
        ),
        Target(
            "receipts: Chargy's public key",
            chargy.public_key,
            [(FILES / name).read_bytes() for name in ("station.chargy", "station-der.chargy")],
            (InvalidEncoding, InvalidKey),
            lambda key, data: _is_there(key, json.loads(data.decode("utf-8-sig"))["value"].encode("utf-8")),
            shape="json",
            longest=1000,
            inputs=200_000,
        ),
        Target(
            "explain: any octets",
            containers.guess,
            known,
            (),
            _shows_no_secret,
            accepted=lambda found: any(isinstance(one, Guess) for one in found),
            longest=600,
            inputs=300_000,
        ),
    ]


def _is_an_answer(said: dict[str, Any], data: bytes) -> bool:
    """Whether it can be written as JSON, is about both files, and has a verdict for each thing in them."""
    verdicts = {one["verdict"] for one in said["verdicts"]}
    octets = [file["octets"] for file in json.loads(json.dumps(said))["files"]]
    return octets == [len(data), len(PEM)] and verdicts <= {VALID, INVALID, UNKNOWN}


PEM = (FILES / "station.pem").read_bytes()
G_OF_P256 = bytes.fromhex("036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")


def _page() -> list[Target]:
    names = ("receipt.tar.bz2", "receipts.zip", "bill.chargy", "secrrct", "secrrct.sign", "ticket", "rpcn.pem")
    point = p256.point(G_OF_P256)
    return [
        Target(
            "page: any file, beside a key",
            lambda data: check([("x", data), ("station.pem", PEM)], {}),
            [(FILES / name).read_bytes() for name in names],
            (),
            _is_an_answer,
            accepted=lambda said: any(one["verdict"] == VALID for one in said["verdicts"]),
            longest=4000,
            inputs=100_000,
        ),
        Target(
            "page: a key on P-256",
            p256.public_key,
            [G_OF_P256, point, p256.spki(point), point.hex().encode("ascii")],
            (InvalidEncoding, InvalidKey),
            lambda found, _: p256.point(found) == found,
            inputs=300_000,
        ),
    ]


def decoders() -> list[Target]:
    """Return every target that is a function of octets."""
    return [*_signatures(), *_keys(), *_messages(), *_texts(), *_dumps(), *_records(), *_documents(), *_page()]
