"""The cases of vector files as requests of the line protocol, read apart from what the package reads them with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

Message = dict[str, Any]


class Form(NamedTuple):
    """How a case becomes a request, and which of its fields a valid answer holds, under their names in the file."""

    operation: str
    fields: dict[str, str]
    answer: dict[str, str]


_KEY = {"public_key": "publicKey.uncompressed"}
_SIGNED = {"hash": "sha", "message": "msg", "signature": "sig"}
_TO_SIGN = {"hash": "sha", "private_key": "privateKey.d", "extra_entropy": "extraEntropy", "low_s": "lowS"}
_LOGIN = {"user_id": "userId", "cookie": "cookie", "private_key": "privateKey", "tag": "tag"}
_NONCES = {"server_nonce": "serverNonce", "client_nonce": "clientNonce"}

FORMS = {  # by the type of the group; what begins with = stands for itself
    "EcdsaVerify": Form("verify", _KEY | _SIGNED | {"format": "=der"}, {}),
    "EcdsaP1363Verify": Form("verify", _KEY | _SIGNED | {"format": "=p1363"}, {}),
    "EcdsaBitcoinVerify": Form("verify", _KEY | _SIGNED | {"format": "=der", "low_s": "=low"}, {}),
    "EcdsaVerifyBatch": Form("batch", {"hash": "sha", "items": "items"}, {"verdicts": "verdicts"}),
    "EcdsaVerifyDigest": Form("verify_digest", _KEY | {"digest": "digest", "signature": "sig"}, {}),
    "EcdsaSign": Form("sign", _TO_SIGN | {"message": "msg"}, {"signature": "sig"}),
    "EcdsaSignDigest": Form("sign_digest", _TO_SIGN | {"digest": "digest"}, {"signature": "sig"}),
    "EcMultiply": Form("multiply", {"point": "point", "scalar": "scalar"}, {"point": "product"}),
    "EcPointDecode": Form("decode_point", {"point": "encoded"}, {"point": "point"}),
    "EcSquareRoot": Form("square_root", {"value": "value"}, {"root": "root"}),
    "EcdsaRecover": Form("recover", _SIGNED, {"public_keys": "publicKeys"}),
    "EcdsaRecoverDigest": Form(
        "recover_digest", {"digest": "digest", "signature": "sig"}, {"public_keys": "publicKeys"}
    ),
    "EcKeyDecode": Form("decode_key", {"kind": "kind", "format": "format", "key": "encoded"}, {"key": "key"}),
    "LoginKey": Form("login_key", {"user_id": "userId", "passphrase": "passphrase"}, {"private_key": "privateKey"}),
    "LoginBuild": Form("login_build", _LOGIN | _NONCES, {"message": "message"}),
    "LoginVerify": Form(
        "login_verify", {"message": "message", "server_nonce": "serverNonce", "public_key": "publicKey"}, {}
    ),
}


class Case(NamedTuple):
    """A case of a file: its classes, what is asked, and what is to be answered."""

    file: str
    number: int
    flags: list[str]
    request: Message
    expected: Message


def read(path: Path) -> Iterator[Case]:
    """Yield the cases of a file. Raises `KeyError` for a group of an unknown type."""
    for group in json.loads(path.read_text(encoding="utf-8"))["testGroups"]:
        form = FORMS[group["type"]]
        for test in group["tests"]:
            both = group | test
            request = {name: _field(both, source) for name, source in form.fields.items()}
            identity = {"id": f"{path.name}#{test['tcId']}", "operation": form.operation, "curve": _curve(group)}
            expected = {} if test["result"] == "acceptable" else {"result": test["result"]}
            if test["result"] == "valid":
                expected |= {name: test[source] for name, source in form.answer.items()}
            yield Case(path.name, test["tcId"], test["flags"], identity | request, expected)


def _curve(group: Message) -> str:
    """Return the curve that the group names, or its key; secp224k1, where the operation is of that curve alone."""
    parts = [group, *(group[name] for name in ("publicKey", "privateKey") if isinstance(group.get(name), dict))]
    return next((str(part["curve"]) for part in parts if "curve" in part), "secp224k1")


def _field(both: Message, source: str) -> Any:
    if source.startswith("="):
        return True if source == "=low" else source[1:]
    name, _, part = source.partition(".")
    value: Any = both[name] if name != "tag" else both.get(name)  # the one field that may be absent
    if name == "sha":
        return str(value).lower().replace("sha-", "sha").replace("-", "_")
    return value[part] if part else value
