"""`ecpure verify --profile chargepoint`: a receipt, or all receipts of an archive or of Chargy's JSON."""

from __future__ import annotations

import contextlib
import json
import os
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..curve import SECP224K1, Curve
from ..errors import EcpureError, InvalidEncoding
from ..formats import chargepoint, chargy, unpack
from ..formats.documents import Reading, decode_signature
from ..formats.encodings import KEYS
from ..formats.receipts import SIGN, Receipt, collection
from ..formats.receiptwords import WORDS, language, lines
from ..formats.texts import TEXTS
from ..io import files
from ..io.streams import Refused, say, write_lines, write_standard_output
from ..publickey import PublicKey
from .likeness import of_signature, refusal
from .options import out_of_encoding, public_key
from .verdict import INVALID, REFUSED, VALID

KeyFinder = Callable[[Reading], tuple[PublicKey, str | None]]
"""Returns the key for a receipt, and the name of its file if it was searched for. Raises `OSError`, `EcpureError`."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    """On a receipt. valid: None if it was not verified. key: the file in --keys. reason: why it was not verified."""

    receipt: Receipt
    valid: bool | None
    key: str | None = None
    reason: str = ""


def verify(arguments: Namespace) -> int:
    """Say of each receipt whether it is valid, and what it says. Raises `OSError`, `EcpureError`."""
    find = _finder(arguments)
    words = WORDS[arguments.lang or language()]
    octets = files.read(arguments.file, unpack.LARGEST)
    name = "standard input" if arguments.file == "-" else arguments.file
    try:
        found = collection(octets, os.path.basename(name))
    except InvalidEncoding as error:
        raise InvalidEncoding(f"{name}: {error}") from None
    if found is None:
        return _say_one(_verified(octets, find, arguments), words, arguments)
    if arguments.signature is not None:
        raise Refused(f"--signature: omit it; {name} contains the signatures of its receipts")
    for member, reason in found.skipped.items():
        say(f"ecpure: {name}: {member}: {reason}")
    verdicts = [_judge(receipt, find) for receipt in found.receipts]
    _say_all(verdicts, found.skipped, words, arguments)
    given = {verdict.valid for verdict in verdicts}
    return INVALID if False in given else REFUSED if None in given else VALID


def _verified(octets: bytes, find: KeyFinder, arguments: Namespace) -> _Verdict:
    """Return the verdict on the receipt in FILE, with the given signature or the one in the file next to it."""
    beside = arguments.signature
    if beside is None and arguments.file == "-":
        raise Refused("--signature: name the signature file, since FILE is standard input")
    signature, beside = _beside(arguments.file) if beside is None else (files.read(beside), beside)
    try:
        signature = _in_der(signature)
    except InvalidEncoding as error:
        raise refusal(error, beside, of_signature(signature, converted=False)) from None
    try:
        reading = chargepoint.read(octets, signature)
    except InvalidEncoding as error:
        raise refusal(error, arguments.file) from None
    key, name = find(reading)
    return _Verdict(Receipt("", reading), key.verify_digest(reading.signature, reading.digest()), name)


def _in_der(signature: bytes) -> bytes:
    """Return a signature in DER, also from hex or base64: each has one reading. Raises `InvalidEncoding`."""
    with contextlib.suppress(InvalidEncoding):
        decode_signature(signature, "der", "signature")
        return signature
    for encoding in TEXTS:
        with contextlib.suppress(InvalidEncoding):
            signature = out_of_encoding(signature, encoding, "signature")
            break
    decode_signature(signature, "der", "signature")
    return signature


def _beside(path: str) -> tuple[bytes, str]:
    """Return the signature in the file next to the receipt, and that file's name. Raises `OSError`, `Refused`."""
    beside = path + SIGN
    try:
        return files.read(beside), beside
    except FileNotFoundError:
        name = path.removesuffix(SIGN)
        steps = f"give {name}, with its signature beside it in {name}{SIGN} or with --signature"
        if os.path.isfile(path) and not os.path.getsize(path):
            raise Refused(f"{path}: it is empty: write it again") from None
        raise Refused(f"{path}: there is no {beside}: {steps}") from None


def _judge(receipt: Receipt, find: KeyFinder) -> _Verdict:
    """Return the verdict on one of several receipts, whatever is wrong with it."""
    if receipt.reading is None:
        return _Verdict(receipt, None, reason=receipt.reason)
    try:
        key, name = find(receipt.reading)
    except EcpureError as error:
        return _Verdict(receipt, None, reason=str(error))
    return _Verdict(receipt, key.verify_digest(receipt.reading.signature, receipt.reading.digest()), name)


# Keys


def _finder(arguments: Namespace) -> KeyFinder:
    """Return what finds the key: --public-key, or a file in the folder of --keys. Raises `OSError`, `EcpureError`."""
    if arguments.keys is None:
        key = public_key(arguments, _key)
        return lambda _: (key, None)
    if not os.path.isdir(arguments.keys):
        raise Refused(f"--keys: {files.shown_name(arguments.keys)}: a folder with the keys of stations was expected")
    return lambda reading: _key_in(arguments.keys, chargepoint.key_name(reading.fields))


_ENDINGS = (".pem", "-publicKey.chargy")


def _key_in(folder: str, name: str) -> tuple[PublicKey, str]:
    there = [ending for ending in _ENDINGS if os.path.lexists(os.path.join(folder, name + ending))]
    if not there:
        steps = "put the station's key there, or name another folder, or give the key with --public-key"
        raise Refused(f"{folder}: {name}.pem is missing: {steps}")
    if len(there) > 1:
        both = " and ".join(name + ending for ending in there)
        raise Refused(f"{folder}: exactly one file with the key was expected: remove one of {both}")
    path = os.path.join(folder, name + there[0])
    try:
        files.require_regular(os.path.realpath(path))
        octets = files.read(path)
    except OSError as error:
        raise Refused(f"{path}: {files.reason(error)}") from None
    try:
        return _key(octets), name + there[0]
    except EcpureError as error:
        raise Refused(f"{path}: {error}") from None


def _key(octets: bytes, *, curve: Curve = SECP224K1) -> PublicKey:
    """Return the key in Chargy's JSON, or in a file that --key-format auto recognises."""
    return chargy.public_key(octets) if chargy.is_json(octets) else KEYS["auto"].public(octets, curve=curve)


# Output


def _say_one(verdict: _Verdict, words: dict[str, str], arguments: Namespace) -> int:
    if arguments.json:
        _write_json(_as_json(verdict))
    else:
        write_lines(_as_lines(verdict, words))
    return VALID if verdict.valid else INVALID


def _say_all(verdicts: list[_Verdict], skipped: dict[str, str], words: dict[str, str], arguments: Namespace) -> None:
    if arguments.json:
        every = [{"name": verdict.receipt.name} | _as_json(verdict) for verdict in verdicts]
        others = {"skipped": skipped} if skipped else {}
        _write_json({"valid": all(verdict.valid for verdict in verdicts), "receipts": every, **others})
    else:
        write_lines([line for verdict in verdicts for line in _as_lines(verdict, words)])


def _write_json(value: dict[str, Any]) -> None:
    write_standard_output(json.dumps(value).encode("ascii") + b"\n")


def _as_json(verdict: _Verdict) -> dict[str, Any]:
    if verdict.receipt.reading is None or verdict.valid is None:
        return {"valid": None, "reason": verdict.reason}
    key = {} if verdict.key is None else {"key": verdict.key}
    return {"valid": verdict.valid, **key, "fields": verdict.receipt.reading.fields}


def _as_lines(verdict: _Verdict, words: dict[str, str]) -> list[str]:
    """Return the verdict, then the receipt's name, in this order so that a name cannot imitate a verdict."""
    word = words["unreadable" if verdict.valid is None else "valid" if verdict.valid else "invalid"]
    name, number = verdict.receipt.name, verdict.receipt.session
    if number is not None:
        name = f"{name.removesuffix(f'session {number}')}{words['session_id']} {number}"
    first = f"{word}: {name}" if name else word
    if verdict.receipt.reading is None or verdict.valid is None:
        return [first, f"  {verdict.reason}"]
    key = [] if verdict.key is None else [f"  {words['key']}: {verdict.key}"]
    return [first, *key, *lines(verdict.receipt.reading, words)]
