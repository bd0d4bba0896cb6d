"""Reading files of test vectors, in Wycheproof's schemas and in ecpure's own, as cases.

A case is a request and the answers that agree with it; docs/vectors.md describes both.
"""

from __future__ import annotations

import hashlib
import os
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..curve import NAMES
from ..errors import EcpureError, InvalidEncoding, UnknownHash
from ..hashes import canonical
from ..io import files, strictjson
from ..io.streams import Refused
from ..values import public, require_text

Message = dict[str, Any]

RESULTS = ("valid", "invalid", "acceptable")
_LONGEST_NAME = 100  # characters of a foreign file's schema or algorithm that are shown
_LARGEST = 1 << 28  # octets of a file; Wycheproof's largest has about 6 MiB


@public("ecpure.vectors")
class InvalidVectors(EcpureError, ValueError):
    """A file of vectors that violates its schema, or has an unknown schema."""


@public("ecpure.vectors")
@dataclass(frozen=True, slots=True)
class Case:
    """One case: `number` is its tcId, `flags` its classes, `expected` the answers to `request` that agree."""

    file: str
    number: int
    flags: tuple[str, ...]
    comment: str
    request: Message
    expected: tuple[Message, ...]

    @property
    def id(self) -> str:
        """The file's name and the number, as reports show them."""
        return f"{os.path.basename(self.file)}#{self.number}"


@public("ecpure.vectors")
@dataclass(frozen=True, slots=True)
class VectorFile:
    """The contents of a file: its cases, why each class matters, and how many cases are not for ecpure, by reason.

    foreign: why the whole file is not for ecpure (it then has no cases here), or empty. sha256: the file's, in hex.
    """

    path: str
    cases: list[Case]
    notes: dict[str, str]
    not_for_us: Counter[str]
    foreign: str = ""
    sha256: str = ""


def read(path: str) -> VectorFile:
    """Return the cases of the file; `-` is standard input. JSON that is not for ecpure is not checked.

    Raises `OSError`, `Refused`, `InvalidVectors`, which names the file and the case, and `TypeError` for anything that
    is not a path, such as the number of an open file, which reading would close.
    """
    path = require_text(os.fspath(path), "path")
    try:
        octets = files.read(path, _LARGEST)
    except ValueError:  # a NUL in its name, or a character that no name of a file has in this system's encoding
        raise Refused(f"{files.shown_name(path)}: the name of a file was expected") from None
    try:
        # RFC 8259 §8.1: a reader may ignore a byte order mark; editors on Windows write it.
        content = strictjson.decode(octets.removeprefix(BOM_UTF8), "test vectors")
        if reason := _foreign(content):
            return VectorFile(path, [], {}, Counter(), reason)
        return replace(_Reader(path, content).vectors(), sha256=hashlib.sha256(octets).hexdigest())
    except (InvalidVectors, InvalidEncoding) as error:
        raise InvalidVectors(f"{files.shown_name(path)}: {error}") from None


@dataclass(frozen=True, slots=True)
class _Form:
    """How cases of one type of group become requests: the source of each field of request and answer."""

    operation: str
    fields: dict[str, str]
    constants: Mapping[str, Any] = field(default_factory=dict)
    answer: Mapping[str, str] = field(default_factory=dict)


_ITEMS = "a list of objects with public_key, message and signature in hex"
_KEY = {"public_key": "publicKey.uncompressed|key.uncompressed:hex"}
_SIGNED = {**_KEY, "hash": "sha:hash", "message": "msg:hex", "signature": "sig:hex"}

_TO_SIGN = {
    "hash": "sha:hash",
    "private_key": "privateKey.d:hex",
    "low_s": "lowS:bool",
    "extra_entropy": "extraEntropy:hex",
}

_FORMS: dict[str, dict[str, _Form]] = {  # by schema, then by the type of the group
    "ecdsa_verify_schema": {"EcdsaVerify": _Form("verify", _SIGNED, {"format": "der"})},
    "ecdsa_bitcoin_verify_schema": {"EcdsaBitcoinVerify": _Form("verify", _SIGNED, {"format": "der", "low_s": True})},
    "ecdsa_p1363_verify_schema": {"EcdsaP1363Verify": _Form("verify", _SIGNED, {"format": "p1363"})},
    "ecpure_verify_digest_schema": {
        "EcdsaVerifyDigest": _Form("verify_digest", {**_KEY, "digest": "digest:hex", "signature": "sig:hex"})
    },
    "ecpure_batch_schema": {
        "EcdsaVerifyBatch": _Form(
            "batch", {"hash": "sha:hash", "items": f"items:{_ITEMS}"}, answer={"verdicts": "verdicts:list"}
        )
    },
    "ecpure_sign_schema": {
        "EcdsaSign": _Form("sign", {**_TO_SIGN, "message": "msg:hex"}, answer={"signature": "sig:hex"})
    },
    "ecpure_sign_digest_schema": {
        "EcdsaSignDigest": _Form("sign_digest", {**_TO_SIGN, "digest": "digest:hex"}, answer={"signature": "sig:hex"})
    },
    "ecpure_multiply_schema": {
        "EcMultiply": _Form("multiply", {"point": "point:hex", "scalar": "scalar:hex"}, answer={"point": "product:hex"})
    },
    "ecpure_point_schema": {
        "EcPointDecode": _Form("decode_point", {"point": "encoded:hex"}, answer={"point": "point:hex"})
    },
    "ecpure_square_root_schema": {
        "EcSquareRoot": _Form("square_root", {"value": "value:hex"}, answer={"root": "root:hex"})
    },
    "ecpure_recover_schema": {
        "EcdsaRecover": _Form(
            "recover",
            {"hash": "sha:hash", "message": "msg:hex", "signature": "sig:hex"},
            answer={"public_keys": "publicKeys:list"},
        )
    },
    "ecpure_recover_digest_schema": {
        "EcdsaRecoverDigest": _Form(
            "recover_digest",
            {"digest": "digest:hex", "signature": "sig:hex"},
            answer={"public_keys": "publicKeys:list"},
        )
    },
    "ecpure_key_schema": {
        "EcKeyDecode": _Form(
            "decode_key",
            {"kind": "kind:text", "format": "format:text", "key": "encoded:hex"},
            answer={"key": "key:hex"},
        )
    },
    "ecpure_login_schema": {
        "LoginKey": _Form(
            "login_key",
            {"user_id": "userId:int", "passphrase": "passphrase:text"},
            answer={"private_key": "privateKey:hex"},
        ),
        "LoginBuild": _Form(
            "login_build",
            {
                "user_id": "userId:int",
                "cookie": "cookie:text",
                "private_key": "privateKey:hex",
                "server_nonce": "serverNonce:text",
                "client_nonce": "clientNonce:text",
                "tag": "tag:int?",
            },
            answer={"message": "message:dict"},
        ),
        "LoginVerify": _Form(
            "login_verify",
            {"message": "message:dict", "server_nonce": "serverNonce:text", "public_key": "publicKey:hex"},
        ),
    },
}

_ALGORITHMS = ("ECDSA", "EC", "Login")
_BEGINNINGS = ("ecdsa_", "ecpure_")  # of our schemas' names
_TYPES: dict[str, type[Any]] = {
    "text": str,
    "bool": bool,
    "int": int,
    "dict": dict,
    "list": list,
    "hex": str,
    "hash": str,
    _ITEMS: list,
}


def _forms(schema: object) -> dict[str, _Form] | None:
    """Return the types of groups of a schema, or None if it is unknown."""
    return _FORMS.get(schema.removesuffix(".json").removesuffix("_v1")) if isinstance(schema, str) else None


def _foreign(content: Any) -> str:
    """Return why a file is not for ecpure, or an empty text.

    A file for one of our algorithms is for ecpure in any schema, and one without an algorithm in any schema that begins
    as ours do, so that a misspelt schema or another version is noticed.
    """
    if not isinstance(content, dict):
        return "JSON, but not test vectors"
    schema, algorithm = content.get("schema"), content.get("algorithm")
    if _forms(schema) is not None or algorithm in _ALGORITHMS:
        return ""
    if algorithm is None and isinstance(schema, str) and schema.startswith(_BEGINNINGS):
        return ""
    if isinstance(algorithm, str):
        return f"algorithm {algorithm[:_LONGEST_NAME]}"
    return f"schema {schema[:_LONGEST_NAME]}" if isinstance(schema, str) else "JSON, but not test vectors"


class _Reader:
    """Reads one file; its exceptions name the case."""

    def __init__(self, path: str, content: Message) -> None:
        self._path = path
        self._content = content
        self._seen: set[int] = set()
        self._vectors = VectorFile(path, [], _notes(content.get("notes")), Counter())

    def vectors(self) -> VectorFile:
        """Return the cases of the file."""
        content = self._content
        schema, groups = content.get("schema"), content.get("testGroups")
        if not isinstance(schema, str) or not isinstance(groups, list):
            raise InvalidVectors("a schema and testGroups were expected")
        forms = _forms(schema)
        if forms is None:
            raise InvalidVectors("its schema is unknown")
        for group in groups:
            self._group(group, forms)
        if not self._seen:
            raise InvalidVectors("it has no cases")
        if content.get("numberOfTests") != len(self._seen):
            raise InvalidVectors(f"its numberOfTests is not the number of its cases, {len(self._seen)}")
        return self._vectors

    def _group(self, group: Any, forms: dict[str, _Form]) -> None:
        if not isinstance(group, dict) or not isinstance(group.get("tests"), list):
            raise InvalidVectors("a group with tests was expected")
        reason = _not_for_us(group)
        form = forms.get(str(group.get("type")))
        for test in group["tests"]:
            number = test.get("tcId") if isinstance(test, dict) else None
            if type(number) is not int:
                raise InvalidVectors("a case without a numeric tcId")
            if number in self._seen:
                raise InvalidVectors(f"case {number}: its tcId is used twice")
            self._seen.add(number)
            if test.get("result") not in RESULTS:
                raise InvalidVectors(f"case {number}: result: one of {', '.join(RESULTS)} was expected")
            if reason:
                self._vectors.not_for_us[reason] += 1
                continue
            try:
                self._vectors.cases.append(self._case(form, group, test))
            except InvalidVectors as error:
                raise InvalidVectors(f"case {number}: {error}") from None

    def _case(self, form: _Form | None, group: Message, test: Message) -> Case:
        if form is None:
            raise InvalidVectors("the type of its group is not in the schema")
        both = {**group, **test}
        request = {"operation": form.operation, "curve": _curve(group) or "secp224k1", **form.constants}
        request |= {name: _field(both, source) for name, source in form.fields.items()}
        expected = []
        if test["result"] != "invalid":
            expected.append({"result": "valid"} | {name: _field(both, source) for name, source in form.answer.items()})
        if test["result"] != "valid":
            expected.append({"result": "invalid"})
        flags, comment = test.get("flags", []), test.get("comment", "")
        if not isinstance(flags, list) or not all(isinstance(flag, str) for flag in flags):
            raise InvalidVectors("flags: a list of names was expected")
        if not isinstance(comment, str):
            raise InvalidVectors("comment: text was expected")
        return Case(self._path, test["tcId"], tuple(flags) or ("",), comment, request, tuple(expected))


def _notes(notes: Any) -> dict[str, str]:
    """Return why each class matters: the description and the effect of its note."""
    if not isinstance(notes, dict):
        return {}
    texts = {name: note for name, note in notes.items() if isinstance(note, dict)}
    return {
        name: " ".join(str(note[part]) for part in ("description", "effect") if part in note)
        for name, note in texts.items()
    }


def _curve(group: Message) -> str | None:
    """Return the name of the group's curve, from any of its fields, or None."""
    for name in ("publicKey", "key", "privateKey"):
        if isinstance(part := group.get(name), dict) and "curve" in part:
            return str(part["curve"])
    return str(group["curve"]) if "curve" in group else None


def _not_for_us(group: Message) -> str:
    """Return why the group is not for ecpure, or an empty text."""
    curve = _curve(group)
    if curve is not None and curve not in NAMES:
        return f"curve {curve}"
    try:
        canonical(group.get("sha", "SHA-224"))
    except UnknownHash:
        return f"hash {group['sha']}"
    except TypeError:
        raise InvalidVectors("sha: text was expected") from None
    return ""


def _field(both: Message, source: str) -> Any:
    """Return the value at one of the paths of `source`. Raises `InvalidVectors` unless it is of its kind."""
    paths, _, kind = source.partition(":")
    optional, kind = kind.endswith("?"), kind.removesuffix("?")
    for path in paths.split("|"):
        value: Any = both
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is None:
            continue
        if type(value) is not _TYPES[kind]:
            raise InvalidVectors(f"{path}: {kind} was expected")
        try:
            return _CONVERT[kind](value) if kind in _CONVERT else value
        except ValueError:
            raise InvalidVectors(f"{path}: {kind} was expected") from None
    if optional:
        return None
    raise InvalidVectors(f"{paths}: {kind} was expected")


def _hex(text: str) -> str:
    octets = bytes.fromhex(text).hex()
    if octets != text.lower():
        raise ValueError
    return octets


def _items(items: list[Any]) -> list[Any]:
    for item in items:
        if not isinstance(item, dict):
            raise ValueError  # noqa: TRY004  # as for any other wrong value
        for part in ("public_key", "message", "signature"):
            _field(item, f"{part}:hex")
    return items


_CONVERT: dict[str, Callable[[Any], Any]] = {"hex": _hex, "hash": canonical, _ITEMS: _items}
