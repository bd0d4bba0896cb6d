"""Files with several receipts: archives with pairs NAME and NAME.sign, and Chargy's JSON."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..errors import InvalidEncoding
from . import chargepoint, chargy, unpack
from .documents import Reading, decode_signature

SIGN = ".sign"
"""Suffix of a signature's file, after the name of the receipt."""


_APPLE_DOUBLE = b"\x00\x05\x16\x07"  # RFC 1740 §B; in archives that macOS packs, ._NAME is beside NAME


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt in a file with others. reading: None if it cannot be read, for the reason. signed: its octets and those
    of its signature, even if they cannot be read; None if one of them is missing. session: its number in Chargy's JSON,
    with which its name then ends.
    """

    name: str
    reading: Reading | None
    reason: str = ""
    session: int | None = None
    signed: tuple[bytes, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """Receipts of a file, in its order; and by name, why anything else in it was skipped."""

    receipts: list[Receipt]
    skipped: dict[str, str]


def collection(octets: bytes, name: str) -> Collection | None:
    """Return the receipts of an archive, or of Chargy's JSON, in a file of this name; None for any other file.

    A key in an archive is skipped: it would vouch for itself. Raises `InvalidEncoding` for an archive that
    `unpack.contents` refuses, or without receipts.
    """
    if unpack.kind(octets) is not None:
        return _archive(unpack.contents(octets, name))
    if unpack.is_named_so(name):
        raise InvalidEncoding("not an archive, or a damaged one: download it again")
    record = chargy.document(octets)
    if record is None:
        return None
    return Collection(list(_sessions(record, "")), {})


def _archive(contents: unpack.Contents) -> Collection:
    files, receipts, skipped = dict(contents.files), [], dict(contents.skipped)
    for name in [name for name, octets in files.items() if octets.startswith(_APPLE_DOUBLE)]:
        del files[name]
        skipped[name] = "skipped: it is macOS's notes on a file"
    beside = _pairs(files)
    signatures = {*beside.values()}
    for name, octets in files.items():
        if name in signatures:
            continue
        signature = files.get(beside.get(name, ""))
        record = chargy.document(octets) if signature is None else None
        if signature is not None:
            receipts.append(_pair(name, octets, signature))
        elif record is not None and not chargy.is_key(record):
            receipts += _sessions_or_refusal(record, name)
        elif name.lower().endswith(SIGN) and _is_signature(octets):
            receipts.append(
                Receipt(name, None, f"the receipt, {_last(name)[: -len(SIGN)]}, is not beside this signature")
            )
        elif _last(name).lower() == chargepoint.FILE or _is_receipt(octets):
            receipts.append(Receipt(name, None, f"its signature, {_last(name)}{SIGN}, is not beside it"))
        elif record is not None or b"-----BEGIN PUBLIC KEY" in octets:
            skipped[name] = "skipped: a key that comes with receipts does not vouch for them"
        else:
            skipped[name] = "skipped: it is not a receipt with its signature"
    receipts += [Receipt(name, None, reason) for name, reason in contents.unreadable.items()]
    if not receipts:
        raise InvalidEncoding("an archive with a receipt and its signature, NAME and NAME.sign, was expected")
    return Collection(receipts, skipped)


def _pairs(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return by the name of a file that of its signature: NAME.sign or, if that is the only one, in other case."""
    signs: dict[str, list[str]] = {}
    for name in files:
        if name.lower().endswith(SIGN):
            signs.setdefault(name.lower(), []).append(name)
    found = {}
    for name in files:
        near = signs.get(name.lower() + SIGN, [])
        if name + SIGN in near:
            found[name] = name + SIGN
        elif len(near) == 1 and ((stem := near[0][: -len(SIGN)]) == name or stem not in files):
            found[name] = near[0]
    return found


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _is_signature(octets: bytes) -> bool:
    with contextlib.suppress(InvalidEncoding):
        decode_signature(octets, "der", "signature")
        return True
    return False


def _is_receipt(octets: bytes) -> bool:
    with contextlib.suppress(InvalidEncoding):
        return bool(chargepoint.fields(octets))
    return False


def _pair(name: str, octets: bytes, signature: bytes) -> Receipt:
    try:
        return Receipt(name, chargepoint.read(octets, signature), signed=(octets, signature))
    except InvalidEncoding as error:
        return Receipt(name, None, str(error), signed=(octets, signature))


def _sessions_or_refusal(record: dict[str, object], name: str) -> list[Receipt]:
    try:
        return list(_sessions(record, f"{name}, "))
    except InvalidEncoding as error:
        return [Receipt(name, None, str(error))]


def _sessions(record: dict[str, object], before: str) -> Iterator[Receipt]:
    for number, session in enumerate(chargy.sessions(record), 1):
        name = f"{before}session {number}"
        try:
            signed = chargy.signed(session)
        except InvalidEncoding as error:
            yield Receipt(name, None, str(error), session=number)
        else:
            yield replace(_pair(name, *signed), session=number)
