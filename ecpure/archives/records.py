"""Records of an archive: one signature each, with key and message, as a line of JSON or CSV; read or refused.

A record has `public_key`, `signature`, and `message`, `text` or `digest`; or it is a login, with the object `message`
and its `server_nonce`; or a document of a `profile`, with the octets of the file as `message`. `id` names it; `hash`,
`format`, `encoding`, `message_encoding`, `signature_encoding` and `profile` override the settings for it.
"""

from __future__ import annotations

import contextlib
import sys
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .. import auth
from ..curve import SECP224K1, named
from ..errors import EcpureError, InvalidEncoding, InvalidSignature
from ..formats.documents import Fields
from ..formats.encodings import SIGNATURES, public_key_in_text
from ..formats.profiles import PROFILES
from ..formats.texts import TEXTS
from ..hashes import WEAK, digest, digest_octets
from ..io import strictjson
from ..publickey import PublicKey
from ..signature import Signature
from . import rows
from .blocks import BOM, LARGEST_LINE, Block
from .verdicts import LONGEST_NAME, Id

_FIELDS = {*rows.NAMES} - {"profile"}
_LOGIN_FIELDS = {"id", "public_key", "message", "server_nonce"}
_PROFILE_FIELDS = {"id", "public_key", "message", "signature", "profile", "hash"} | rows.ENCODINGS

_KEY_BEGINNINGS = (b"\x02", b"\x03", b"\x04", b"\x06", b"\x07", b"\x30")
"""First octets of points (SEC 1 §2.3.3, X9.62's hybrid form), and of DER."""

_REMEMBERED = 8 << 20
"""Octets of the cache of keys, with the texts that they came in."""
_KEY = 600
"""Octets of a cached key without its text (measured)."""


class Unreadable(EcpureError):
    """A record that cannot be used; its text is one of `REASONS`. field: the missing or unknown one, if any."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.field = field


_Key = tuple[PublicKey | None, str | None]
"""A key, and its id among those given; None where there is none."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What applies to all records that do not say otherwise."""

    keys: Mapping[str, bytes]
    """Public keys, as compressed points, by their ids: a record's `public_key`, or a login's user id."""
    trust_record_keys: bool = False
    """Whether the records' own keys are trusted in addition to `keys`."""
    curve: str = SECP224K1.name
    hash: str | None = None
    format: str = "der"
    encoding: str = "hex"
    profile: str | None = None
    ignored: frozenset[str] = frozenset()
    """Names of fields to ignore."""

    def trusts(self, key_id: str | None) -> bool:
        """Whether a key is trusted: it is one of `keys`, or records' own keys are trusted, or there are no `keys`."""
        return key_id is not None or self.trust_record_keys or not self.keys


class Record(NamedTuple):
    """A record that was read: what is to be verified, and the fields that it came from."""

    id: Id
    key: PublicKey | None
    key_id: str | None
    """Id of the key, if it is one of `Settings.keys`."""
    signature: Signature
    digest: bytes
    message: bytes | None
    """What was signed; None if the record has only its digest."""
    fields: dict[str, Any]
    signed: Fields | None = None
    """What was signed, as a profile reads it."""
    weak_hash: str | None = None
    """The hash, if it is one of `hashes.WEAK`."""


class Line(NamedTuple):
    """A line of a block: its fields, or the reason that it has none."""

    number: int
    fields: dict[str, Any]
    reason: str | None


def lines(block: Block, ignored: frozenset[str] = frozenset()) -> Iterator[Line]:
    """Yield the lines of the block that are not empty, or its rows, and one more if the rest of the file is damaged.

    ignored: names of fields that are left out.
    """
    for number, octets in _numbered(block):
        text = octets.removesuffix(b"\r").removeprefix(BOM)  # `cat` leaves one where a file began
        if text and not text.isspace():
            try:
                fields = _fields(text, block.columns, ignored)
                yield Line(number, {name: fields[name] for name in fields if name not in ignored}, None)
            except Unreadable as refusal:
                yield Line(number, {}, str(refusal))
    if block.damaged:
        number = block.first_line + block.octets.count(b"\n") + (block.octets[-1:] not in b"\n")
        yield Line(number, {}, "damaged-input")


def _numbered(block: Block) -> Iterable[tuple[int, bytes]]:
    """Return the block's lines, or rows, each with the number of its first line."""
    if block.columns is None or b'"' not in block.octets:
        return enumerate(block.octets.split(b"\n"), block.first_line)
    _, separator = rows.header(block.columns)
    return ((block.first_line + row.line, row.octets) for row in rows.split(block.octets, separator))


def _fields(text: bytes, columns: bytes | None, ignored: frozenset[str]) -> dict[str, Any]:
    if len(text) > LARGEST_LINE:
        raise Unreadable("too-large")
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("not-utf8") from None
    if columns is not None:
        names, separator = rows.header(columns, ignored)
        values = rows.fields(text, separator)
        if values is None or len(names) != len(values):
            raise Unreadable("not-csv")
        return {name: value for name, value in zip(names, values, strict=True) if value}
    try:
        fields = strictjson.decode(decoded, "record")
    except InvalidEncoding:
        raise Unreadable("not-json") from None
    if not isinstance(fields, dict):
        raise Unreadable("not-an-object")
    return fields


def column_names(columns: bytes) -> list[str]:
    """Return the column names in the first line of a CSV file, none if it is not such a line."""
    return rows.header(columns)[0]


def identity(fields: Mapping[str, Any]) -> Id:
    """Return the record's id, or None if it has no usable one."""
    found = fields.get("id")
    fits = (isinstance(found, str) and len(found) <= LONGEST_NAME) or (type(found) is int and abs(found) < 1 << 64)
    return found if fits else None


class Reader:
    """Makes records from fields, with a cache of recent keys."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._curve = named(settings.curve)
        self._ids = {octets: name for name, octets in reversed([*settings.keys.items()])}
        self._known: OrderedDict[str, tuple[PublicKey, str | None]] = OrderedDict()
        self._remembered = 0

    def read(self, fields: dict[str, Any]) -> Record:
        """Return the record with these fields. Raises `Unreadable`, and `InvalidSignature` for r, s out of range."""
        if fields.get("id") is not None and identity(fields) is None:
            raise Unreadable("wrong-type")
        if "server_nonce" in fields:
            names, read = _LOGIN_FIELDS, self._login
        elif "profile" in fields or self._settings.profile is not None:
            names, read = _PROFILE_FIELDS, self._profiled
        else:
            names, read = _FIELDS, self._signed
        for name in fields:
            if name not in names:
                raise Unreadable("unknown-field", name)
        return read(fields)

    def _signed(self, fields: dict[str, Any]) -> Record:
        name, message, octets = self._digest(fields)
        pair = self._signature(fields)
        weak = name if name in WEAK else None
        return Record(identity(fields), *self._own_key(fields), pair, octets, message, fields, weak_hash=weak)

    def _digest(self, fields: dict[str, Any]) -> tuple[str, bytes | None, bytes]:
        """Return the name of the record's hash, its message (None if it has none) and its digest."""
        encoding = _encoding(fields, "message", self._settings)
        given = fields.keys() & {"message", "text", "digest"}
        if len(given) != 1:
            raise Unreadable("two-messages") if given else Unreadable("missing-field", "message")
        stated, name = self._hash(fields)
        if "digest" not in fields:
            is_text = "text" in fields
            message = _utf8(_text(fields, "text")) if is_text else _octets(fields, "message", encoding, "bad-octets")
            return name, message, digest(name, message)
        octets = _octets(fields, "digest", encoding, "bad-octets")
        if not octets or (stated is not None and len(octets) != digest_octets(name)):
            raise Unreadable("bad-octets")
        return name, None, octets

    def _hash(self, fields: dict[str, Any]) -> tuple[str | None, str]:
        """Return the hash that the record or the settings name, if any; and the name of the hash to use."""
        stated = _text(fields, "hash") if "hash" in fields else self._settings.hash
        try:
            return stated, self._curve.hash_to_verify(stated)
        except EcpureError:
            raise Unreadable("unknown-hash") from None

    def _signature(self, fields: dict[str, Any]) -> Signature:
        octets = _octets(fields, "signature", signature_encoding(fields, self._settings), "bad-signature")
        form = signature_format(fields, self._settings)
        try:
            return SIGNATURES[form].decode(octets, self._curve)
        except InvalidSignature:
            raise
        except InvalidEncoding:
            raise Unreadable("bad-signature") from None

    def _login(self, fields: dict[str, Any]) -> Record:
        message = fields.get("message")
        if not isinstance(message, dict) or self._curve != SECP224K1:
            raise Unreadable("bad-login")
        server_nonce = _text(fields, "server_nonce")
        try:
            signature, octets = auth.read_authenticate(message, server_nonce=server_nonce)
        except InvalidSignature:
            raise
        except EcpureError:
            raise Unreadable("bad-login") from None
        user = str(message["user_id"])
        name = _text(fields, "public_key", user)
        is_known = "public_key" in fields or name in self._settings.keys
        key = self._key_of(user, self._key(name)) if is_known else (None, None)
        return Record(identity(fields), *key, signature, digest("sha224", octets), octets, fields)

    def _profiled(self, fields: dict[str, Any]) -> Record:
        profile = PROFILES.get(_text(fields, "profile", self._settings.profile))
        if profile is None or self._curve != SECP224K1:
            raise Unreadable("unknown-profile")
        if "hash" in fields and not profile.hash_varies:
            raise Unreadable("unknown-field", "hash")
        stated, name = self._hash(fields)
        octets = _octets(fields, "message", _encoding(fields, "message", self._settings), "bad-octets")
        encoding = signature_encoding(fields, self._settings)
        beside = _octets(fields, "signature", encoding, "bad-signature") if "signature" in fields else None
        try:
            reading = profile.read(octets, beside, hash=None if stated is None else name)
        except InvalidEncoding:
            raise Unreadable("bad-document") from None
        key = self._own_key(fields)
        if profile.key_name is not None:
            with contextlib.suppress(InvalidEncoding):
                key = self._key_of(profile.key_name(reading.fields), key)
        weak = reading.hash if reading.hash in WEAK else None
        pair, octets = reading.signature, reading.digest()
        return Record(identity(fields), *key, pair, octets, reading.message, fields, reading.fields, weak_hash=weak)

    def _key_of(self, signer: str, key: _Key) -> _Key:
        """Return the key, without its id if another is known for the signer that the record names: anyone's key that is
        trusted would else vouch for everyone.
        """
        public, _ = key
        known = self._settings.keys.get(signer)
        return (public, None) if public is not None and known not in (None, public.to_bytes()) else key

    def _own_key(self, fields: dict[str, Any]) -> _Key:
        """Return `_key` of the record's `public_key`, if it has one."""
        return self._key(_text(fields, "public_key")) if "public_key" in fields else (None, None)

    def _key(self, text: str) -> tuple[PublicKey, str | None]:
        """Return the key for an id, hex or PEM, and its id among those given."""
        key = self._known.get(text)
        if key is not None:
            self._known.move_to_end(text)
            return key
        try:
            octets = self._settings.keys.get(text)
            if octets is not None:
                key = PublicKey.from_bytes(octets, curve=self._curve), text
            else:
                public_key = public_key_in_text(text, self._curve)
                key = public_key, self._ids.get(public_key.to_bytes())
        except EcpureError:
            raise Unreadable("unknown-key-id" if _looks_like_id(text) else "bad-public-key") from None
        self._known[text] = key
        self._remembered += _octets_of_key(text)
        while self._remembered > _REMEMBERED:
            self._remembered -= _octets_of_key(self._known.popitem(last=False)[0])
        return key


def _looks_like_id(text: str) -> bool:
    """Whether a text that is not a key was meant as an id: a number, or neither hex nor a key in base64."""
    if not (0 < len(text) <= LONGEST_NAME and text.isprintable()) or text.startswith("-----BEGIN "):
        return False
    if text.isdecimal() and not text.startswith("0"):
        return True
    for encoding in TEXTS.values():
        with contextlib.suppress(ValueError):
            octets = encoding.decode(text)
            if encoding is TEXTS["hex"] or octets.startswith(_KEY_BEGINNINGS):
                return False
    return True


def _octets_of_key(text: str) -> int:
    return sys.getsizeof(text) + _KEY


def _text(fields: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = fields.get(name, default)
    if value is None and name not in fields:
        raise Unreadable("missing-field", name)
    if not isinstance(value, str):
        raise Unreadable("wrong-type")
    return value


def signature_format(fields: Mapping[str, Any], settings: Settings) -> str:
    """Return the format of the record's signature, one of `SIGNATURES`. Raises `Unreadable`."""
    return _one_of(SIGNATURES, _text(fields, "format", settings.format))


def signature_encoding(fields: Mapping[str, Any], settings: Settings) -> str:
    """Return how the record writes its signature: "hex" or "base64". Raises `Unreadable`."""
    return _encoding(fields, "signature", settings)


def encoding_meant(fields: Mapping[str, Any], settings: Settings) -> str | None:
    """Return "hex" or "base64" if the record's signature can be read in it, but not in the stated encoding; "" if it
    can be read as stated, or the record is one that needs none; None if it cannot be read.
    """
    text, is_profiled = fields.get("signature"), "profile" in fields or settings.profile is not None
    if "server_nonce" in fields or (is_profiled and text is None):
        return ""
    try:
        form = "der" if is_profiled else signature_format(fields, settings)
        stated = signature_encoding(fields, settings)
    except Unreadable:
        return None
    fitting = [name for name in TEXTS if isinstance(text, str) and _is_signature(text, name, form, settings.curve)]
    return "" if stated in fitting else next(iter(fitting), None)


def _is_signature(text: str, encoding: str, form: str, curve: str) -> bool:
    try:
        SIGNATURES[form].decode(TEXTS[encoding].decode(text), named(curve))
    except ValueError:  # as InvalidEncoding is
        return False
    return True


def _encoding(fields: Mapping[str, Any], of: str, settings: Settings) -> str:
    """Return the encoding of the message (or digest) or of the signature: its own field overrides `encoding`."""
    both = _one_of(TEXTS, _text(fields, "encoding", settings.encoding))
    return _one_of(TEXTS, _text(fields, f"{of}_encoding", both))


def _one_of(choices: Collection[str], text: str) -> str:
    name = text.lower()
    if name not in choices:
        raise Unreadable("unknown-format")
    return name


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate, which JSON can write
        raise Unreadable("bad-octets") from None


def _octets(fields: Mapping[str, Any], name: str, encoding: str, reason: str) -> bytes:
    """Return the octets of a field in hex or base64, as `TEXTS` reads them. Raises `Unreadable`."""
    text = _text(fields, name)
    try:
        return TEXTS[encoding].decode(text)
    except ValueError:
        raise Unreadable(reason) from None
