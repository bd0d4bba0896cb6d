"""What the files on the page are, which of them belong together, and whether the signatures are valid.

Everything here is said by names, which page/texts.json has sentences for, in both languages. `check` runs in the
browser, in Pyodide, over ecpure as it is; signatures on P-256 are put to the browser as questions.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ecpure import PublicKey, Signature, hashes
from ecpure.errors import EcpureError, InvalidEncoding
from ecpure.explain import attempts, containers
from ecpure.explain.jsonforms import in_json
from ecpure.explain.readings import CURVES, Guess
from ecpure.formats import chargepoint, chargy, keys, receipts, receiptwords, rpcn, unpack
from ecpure.formats.documents import Fields

from . import p256

VALID, INVALID, UNKNOWN, ASKING = "valid", "invalid", "unknown", "asking"

LARGEST = 32 << 20
"""Octets of a file; page.js refuses a larger one before it reads it."""
_SUFFIXES = (".sign", ".sig", ".signature", ".der", ".asc", ".b64", ".hex")
_WEBCRYPTO = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512", "sha1": "SHA-1"}
_SMALL = 1 << 225  # of secp224k1's order; that r and s on P-256 are both below has a chance of 2⁻⁶²

File = tuple[str, bytes]
Answers = Mapping[str, bool | None]
"""What WebCrypto said, by question; None where there is none."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key. public: ecpure's, or None for one on P-256. point: uncompressed."""

    name: str
    curve: str
    point: bytes
    spki: bytes
    public: PublicKey | None = None

    def stem(self) -> str:
        """Return the name of its file without folders, and without what operators put after that of the station."""
        name = self.name.replace("\\", "/").rpartition("/")[2].lower()
        return name.removesuffix(".chargy").removesuffix("-publickey").removesuffix(".pem")

    def as_json(self) -> dict[str, str]:
        """Return it for the page."""
        fingerprint = hashlib.sha256(self.spki).hexdigest()
        return {"name": self.name, "curve": self.curve, "point": self.point.hex(), "fingerprint": fingerprint}


@dataclass(frozen=True, slots=True)
class Signed:
    """Something with its signature. kind: "receipt", "ticket" or "message". hashes: those that it may be made with."""

    kind: str
    name: str
    message: bytes
    signature: Signature
    fields: Fields
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be said of a file that has no verdict. verdict: whether it should have had one."""

    name: str
    code: str
    detail: str = ""
    verdict: bool = False


@dataclass(slots=True)
class Pieces:
    """What all files hold. messages and signatures: those whose other half has to be found."""

    keys: list[Key] = field(default_factory=list)
    signed: list[Signed] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    messages: list[File] = field(default_factory=list)
    signatures: list[tuple[str, Signature]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


def check(files: Sequence[File], answers: Answers) -> dict[str, Any]:
    """Return the verdicts on what the files hold, and the questions that are still open, by their names.

    Whatever the files are, this is an answer, and no exception.
    """
    pieces = Pieces()
    for name, octets in files:
        pieces.kinds.append(_sort(name, octets, pieces))
    asked: dict[str, dict[str, str]] = {}
    _pair(pieces, answers, asked)
    verdicts = [_judged(signed, pieces.keys, answers, asked) for signed in pieces.signed]
    verdicts += [_without(said) for said in pieces.said if said.verdict]
    if not verdicts:
        pieces.said += [Said(key.name, "only-key") for key in pieces.keys]
    return {
        "verdicts": verdicts,
        "said": [_as_json(said) for said in pieces.said if not said.verdict],
        "keys": [key.as_json() for key in pieces.keys],
        "files": [
            {"name": name, "octets": len(octets), "sha256": _sum(kind, octets), "what": kind}
            for (name, octets), kind in zip(files, pieces.kinds, strict=True)
        ],
        "asked": asked,
    }


def _sum(kind: str, octets: bytes) -> str:
    """Return the SHA-256 of a file in hex; nothing of a private key's, which is not to be filed with the answer."""
    return "" if kind == "private" else hashlib.sha256(octets).hexdigest()


# What a file is


def _sort(name: str, octets: bytes, pieces: Pieces) -> str:
    """Put what the file holds among the pieces, and return what it is called."""
    if not octets.strip():
        pieces.said.append(Said(name, "empty"))
        return "empty"
    for sort in (_sort_private, _sort_collection, _sort_ticket, _sort_key, _sort_signature):
        kind = sort(name, octets, pieces)
        if kind is not None:
            return kind
    pieces.messages.append((name, octets))
    return "receipt" if _receipt_fields(octets) else "message"


def _sort_private(name: str, octets: bytes, pieces: Pieces) -> str | None:
    is_read = any(_reads(keys.private_key, octets, curve) for curve in CURVES)
    is_jwk = any(isinstance(one, Guess) and one.secret for one in in_json(octets))
    if not (is_read or is_jwk or b"PRIVATE KEY-----" in octets):
        return None
    pieces.said.append(Said(name, "private"))
    return "private"


def _sort_collection(name: str, octets: bytes, pieces: Pieces) -> str | None:
    """Take an archive, or Chargy's JSON with receipts."""
    is_archive = unpack.kind(octets) is not None or unpack.is_named_so(name)
    document = chargy.document(octets)
    if not is_archive and (document is None or chargy.is_key(document)):
        return None
    kind = "archive" if is_archive else "chargy"
    if is_archive and len(octets) > unpack.LARGEST:
        pieces.said.append(Said(name, "large-archive", verdict=True))
        return kind
    try:
        found = receipts.collection(octets, name.rpartition("/")[2])
    except InvalidEncoding as error:
        pieces.said.append(Said(name, "unreadable", str(error), verdict=True))
        return kind
    for receipt in found.receipts if found else ():
        _take(f"{name}: {receipt.name}", receipt, pieces)
    for member, reason in found.skipped.items() if found else ():
        code = "passed-key" if "vouch" in reason else "passed"
        pieces.said.append(Said(f"{name}: {member}", code, reason))
    return kind


def _take(name: str, receipt: receipts.Receipt, pieces: Pieces) -> None:
    if receipt.signed is None:
        pieces.said.append(Said(name, "unreadable", receipt.reason, verdict=True))
        return
    try:
        pieces.signed.append(_receipt(name, receipt.signed[0], Signature.from_der(receipt.signed[1])))
    except InvalidEncoding as error:
        pieces.said.append(Said(name, "unreadable", str(error), verdict=True))


def _receipt(name: str, octets: bytes, signature: Signature) -> Signed:
    return Signed("receipt", name, octets, signature, chargepoint.fields(octets), ("sha256",))


def _sort_ticket(name: str, octets: bytes, pieces: Pieces) -> str | None:
    ticket = rpcn.unwrapped(octets)
    if ticket[:2] != (rpcn.VERSION >> 16).to_bytes(2, "big"):
        return None
    try:
        reading = rpcn.read(ticket)
    except InvalidEncoding as error:
        pieces.said.append(Said(name, "unreadable", str(error), verdict=True))
    else:
        # The server's choice; SHA-224 unless its configuration says another.
        pieces.signed.append(Signed("ticket", name, reading.message, reading.signature, reading.fields, hashes.HASHES))
    return "ticket"


def _sort_key(name: str, octets: bytes, pieces: Pieces) -> str | None:
    key = _key(name, octets)
    if key is None:
        document = chargy.document(octets)
        if b"-----BEGIN " not in octets and (document is None or not chargy.is_key(document)):
            return None
        pieces.said.append(Said(name, "unreadable-key"))
    elif all(key.spki != other.spki for other in pieces.keys):
        pieces.keys.append(key)
    return "key"


def _key(name: str, octets: bytes) -> Key | None:
    """Return the key in any form that says what it is, on one of three curves; None for anything else."""
    with contextlib.suppress(EcpureError):
        public = chargy.public_key(octets) if chargy.is_json(octets) else attempts.public_key(octets)
        uncompressed = public.to_bytes(compressed=False)
        return Key(name, public.curve.name, uncompressed, public.to_der(), public)
    with contextlib.suppress(EcpureError, ValueError):
        uncompressed = _chargys_point(octets) if chargy.is_json(octets) else p256.public_key(octets)
        return Key(name, p256.NAME, uncompressed, p256.spki(uncompressed))
    return None


def _chargys_point(octets: bytes) -> bytes:
    """Return the point of Chargy's JSON that names P-256. Raises `EcpureError`, `ValueError`."""
    document = chargy.document(octets)
    algorithm = document.get("algorithm") if document is not None and chargy.is_key(document) else None
    named = algorithm.values() if isinstance(algorithm, dict) else [algorithm]
    if document is None or not p256.NAMES & {name for name in named if isinstance(name, str)}:
        raise InvalidEncoding("Chargy's public key: one on P-256 was expected")
    return p256.point(bytes.fromhex(str(document.get("value"))))


def _sort_signature(name: str, octets: bytes, pieces: Pieces) -> str | None:
    """Take a signature: r ‖ s alone, which a text of that length looks like too, only where its name says so."""
    is_named = name.lower().endswith(_SUFFIXES)
    if octets.lstrip()[:1] == b"{" or (not is_named and len(octets) in (56, 64) and octets.isascii()):
        return None
    for one in containers.guess(octets) if len(octets) < 1000 else ():
        if isinstance(one, Guess) and one.signature is not None and one.reading is None:
            pieces.signatures.append((name, one.signature))
            return "signature"
    if not is_named:
        return None
    pieces.said.append(Said(name, "unreadable-signature", verdict=True))
    return "signature"


def _receipt_fields(octets: bytes) -> Fields | None:
    """Return the fields of a receipt, or None for any other file."""
    try:
        return chargepoint.fields(octets)
    except InvalidEncoding:
        return None


def _reads(read: Any, octets: bytes, curve: object) -> bool:
    try:
        read(octets, curve=curve)
    except EcpureError:
        return False
    return True


# What belongs together


def _pair(pieces: Pieces, answers: Answers, asked: dict[str, dict[str, str]]) -> None:
    """Find the signature of each message: by name, by being the last two, or by being valid under a key."""
    for message in list(pieces.messages):
        for signature in list(pieces.signatures):
            if _is_named_after(signature[0], message[0]):
                _join(message, signature, pieces)
                break
    if len(pieces.messages) == len(pieces.signatures) == 1:
        _join(pieces.messages[0], pieces.signatures[0], pieces)
    for message in list(pieces.messages):
        for signature in list(pieces.signatures):
            one = _together(message, signature)
            if _judged(one, pieces.keys, answers, asked)["verdict"] == VALID:
                _join(message, signature, pieces)
                break
    for name, octets in pieces.messages:
        code = "no-signature" if pieces.keys or _receipt_fields(octets) else "not-recognised"
        pieces.said.append(Said(name, code, verdict=True))
    pieces.said += [Said(name, "no-message", verdict=True) for name, _ in pieces.signatures]


def _is_named_after(signature: str, message: str) -> bool:
    """Whether the one is the other with a suffix, in either order of that and of the number that browsers put in."""
    for suffix in _SUFFIXES:
        if signature.lower() == message.lower() + suffix:
            return True
        number = re.search(r" ?\([0-9]+\)", signature)
        if number and signature.replace(number[0], "").lower() == message.replace(number[0], "").lower() + suffix:
            return True
    return False


def _together(message: File, signature: tuple[str, Signature]) -> Signed:
    name, octets = message
    if _receipt_fields(octets):
        return _receipt(name, octets, signature[1])
    available = (name for name in hashes.FOR_VERIFYING if hashes.is_available(name))
    return Signed("message", name, octets, signature[1], {}, (*hashes.HASHES, *available))


def _join(message: File, signature: tuple[str, Signature], pieces: Pieces) -> None:
    pieces.messages.remove(message)
    pieces.signatures.remove(signature)
    pieces.signed.append(_together(message, signature))


# Verdicts


def _judged(signed: Signed, every: Sequence[Key], answers: Answers, asked: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Return the verdict: valid if it is under one of the keys that it may be by."""
    may_be = _candidates(signed, every)
    found: dict[str, Key] = {}
    for key in may_be:
        outcome, name = _under(signed, key, answers, asked)
        if outcome == VALID:
            return _verdict(signed, VALID, key, hash=name)
        found.setdefault(outcome, key)
    for outcome in (ASKING, INVALID):
        if outcome in found:
            others = len(may_be) - 1 if outcome == INVALID else 0
            notes = _notes_on_invalid(signed, may_be) if outcome == INVALID else []
            return _verdict(signed, outcome, found[outcome], others=others, notes=notes)
    for why in ("no-webcrypto", "other-curve"):
        if why in found:
            return _verdict(signed, UNKNOWN, found[why], why=why)
    return _verdict(signed, UNKNOWN, why="no-key")


def _candidates(signed: Signed, every: Sequence[Key]) -> Sequence[Key]:
    """Return the keys that it may be by: of a receipt, those that are named after its station, if there are any."""
    with contextlib.suppress(InvalidEncoding):
        station = chargepoint.key_name(signed.fields)
        return [key for key in every if key.stem() == station] or every
    return every


def _under(signed: Signed, key: Key, answers: Answers, asked: dict[str, dict[str, str]]) -> tuple[str, str | None]:
    """Return what comes of it under this key: a verdict or the reason for none, and the hash if it is valid."""
    if key.public is None:
        return _under_p256(signed, key, answers, asked)
    if not signed.signature.in_range(curve=key.public.curve):
        return "other-curve", None
    for name in signed.hashes:
        if (
            key.public.verify(signed.signature, signed.message, hash=name)
            if name in hashes.HASHES
            else (key.public.verify_digest(signed.signature, hashes.digest(name, signed.message)))
        ):
            return VALID, name
    return INVALID, None


def _under_p256(signed: Signed, key: Key, answers: Answers, asked: dict[str, dict[str, str]]) -> tuple[str, str | None]:
    r, s = signed.signature.r, signed.signature.s
    if max(r, s) < _SMALL or max(r, s) >> (8 * p256.OCTETS):
        return "other-curve", None
    outcomes = set()
    for name in [name for name in signed.hashes if name in _WEBCRYPTO]:
        pair = r.to_bytes(p256.OCTETS, "big") + s.to_bytes(p256.OCTETS, "big")
        question = {"key": key.spki, "signature": pair, "message": signed.message}
        number = hashlib.sha256(b"".join([key.spki, pair, name.encode("ascii"), signed.message])).hexdigest()
        if number not in answers:
            asked[number] = {what: b64encode(octets).decode("ascii") for what, octets in question.items()}
            asked[number]["hash"] = _WEBCRYPTO[name]
            outcomes.add(ASKING)
        elif answers[number]:
            return VALID, name
        else:
            outcomes.add("no-webcrypto" if answers[number] is None else INVALID)
    return next(one for one in (ASKING, "no-webcrypto", INVALID) if one in outcomes), None


def _notes_on_invalid(signed: Signed, every: Iterable[Key]) -> list[str]:
    """Return what may have become of the message: a line feed at its end that came or went."""
    variant = signed.message.removesuffix(b"\n") if signed.message.endswith(b"\n") else signed.message + b"\n"
    for key in every:
        for name in signed.hashes:
            if key.public is not None and key.public.verify_digest(signed.signature, hashes.digest(name, variant)):
                return ["line-feed"]
    return []


def _verdict(
    signed: Signed,
    verdict: str,
    key: Key | None = None,
    *,
    hash: str | None = None,
    why: str = "",
    others: int = 0,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    notes = [*notes, *(["weak-hash"] if hash in hashes.WEAK else [])]
    if signed.kind == "ticket" and rpcn.is_expired(signed.fields, datetime.now(UTC)):
        notes.append("expired")
    return {
        "verdict": verdict,
        "kind": signed.kind,
        "name": signed.name,
        "why": why,
        "detail": "",
        "rows": {name: _rows(signed, name) for name in receiptwords.WORDS},
        "key": None if key is None else key.as_json(),
        "others": others,
        "hash": hash,
        "notes": notes,
        "octets": len(signed.message),
        "signature": {"r": f"{signed.signature.r:x}", "s": f"{signed.signature.s:x}"},
    }


def _rows(signed: Signed, language: str) -> list[tuple[str, str]]:
    """Return the names and values of what was signed. The names of a ticket's fields are words for the page."""
    if signed.kind == "receipt":
        return receiptwords.rows(signed.message, signed.fields, receiptwords.WORDS[language], str)
    return [
        (f"field.{name}", value if isinstance(value, str) else json.dumps(value))
        for name, value in signed.fields.items()
    ]


def _without(said: Said) -> dict[str, Any]:
    """Return the verdict on what cannot be verified."""
    return {
        "verdict": UNKNOWN,
        "kind": "file",
        "name": said.name,
        "why": said.code,
        "detail": said.detail,
        "rows": {name: [] for name in receiptwords.WORDS},
        "key": None,
        "others": 0,
        "hash": None,
        "notes": [],
        "octets": 0,
        "signature": None,
    }


def _as_json(said: Said) -> dict[str, str]:
    return {"name": said.name, "code": said.code, "detail": said.detail}
