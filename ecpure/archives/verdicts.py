"""The result on a record: its verdict, reason and line; and the counts of a whole archive."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ..formats.documents import Fields
from ..formats.encodings import SIGNATURES
from ..formats.texts import TEXTS
from ..hashes import FOR_VERIFYING, HASHES
from ..io.files import shown_name
from ..io.streams import Refused
from .blocks import LARGEST_LINE

Id = str | int | None

LONGEST_NAME = 200
"""Characters of an id, or of what is shown of a field's name: as many as a person can compare."""

REASONS = {
    "does-not-hold": "the signature does not match this message and key",
    "out-of-range": "r or s is not in [1, n − 1] (SEC 1 §4.1.4 step 1)",
    "unknown-key": "the signature is valid under the record's own key, which is not among the keys given, or not its "
    "signer's",
    "too-large": f"the line is longer than {LARGEST_LINE} bytes",
    "not-utf8": "the line is not valid UTF-8",
    "not-json": "the line is not valid JSON, or has a name twice",
    "not-an-object": "the line is JSON but not an object",
    "not-csv": "the line is not CSV with the fields that the first line names, each once",
    "missing-field": "a field that the record needs is missing",
    "two-messages": "the record has more than one of message, text and digest",
    "unknown-field": "a field has an unknown name, and is not ignored",
    "wrong-type": "a field has the wrong type",
    "unknown-hash": f"the hash is not one of {', '.join(HASHES + FOR_VERIFYING)}",
    "unknown-format": f"the format is not one of {', '.join(SIGNATURES)}, or the encoding is not {' or '.join(TEXTS)}",
    "unknown-key-id": "the public key is an id, but --keys has no key with that id",
    "bad-public-key": "the public key is neither a known id nor a key in hex, base64 or PEM, or is not on the curve",
    "no-public-key": "the record has no public key, and none is known for its user",
    "bad-octets": "message, text or digest is not in its encoding, or the digest has the wrong length for its hash",
    "bad-signature": "the signature is not in its encoding (signature_encoding, else encoding) and format",
    "bad-login": "the login message or its server nonce does not have the documented form",
    "unknown-profile": "the profile is unknown, or is on another curve",
    "bad-document": "the message or its signature is not in its profile's format",
    "damaged-input": "the rest of the file cannot be decompressed",
}
"""What a result's reason means. The first two are for signatures that were read and are invalid."""

VERDICTS = ("valid", "invalid", "unknown-key", "unreadable")
_INVALID = ("does-not-hold", "out-of-range")


class Found(NamedTuple):
    """The result on a record. field: the missing or unknown one, if that is the reason."""

    line: int
    id: Id
    reason: str | None
    signed: Fields | None = None
    field: str | None = None
    key: str | None = None
    """The key's id among those given, or its compressed point in hex."""


def result(name: bytes, found: Found) -> bytes:
    """Return a line of the results. name: the part that names the file, or nothing."""
    line = b'{%b"line": %d, ' % (name, found.line)
    if found.id is not None:
        line += b'"id": %b, ' % json.dumps(found.id).encode("ascii")
    line += b'"verdict": "%b"' % verdict(found.reason or "valid").encode("ascii")
    if found.key is not None:
        line += b', "key": %b' % json.dumps(found.key).encode("ascii")
    if found.reason is not None:
        line += b', "reason": "%b"' % found.reason.encode("ascii")
    if found.field is not None:
        line += b', "field": %b' % json.dumps(found.field[:LONGEST_NAME]).encode("ascii")
    if found.signed is not None:
        line += b', "signed": %b' % json.dumps(found.signed).encode("ascii")
    return line + b"}\n"


def verdict(reason: str) -> str:
    """Return the verdict, one of `VERDICTS`, that goes with a reason, or with "valid"."""
    if reason in ("valid", "unknown-key"):
        return reason
    return "invalid" if reason in _INVALID else "unreadable"


def require_some(verdicts: Counter[str], paths: Sequence[str]) -> None:
    """Raise `Refused` if there was no record in the files: "all are valid" would be misread."""
    if not verdicts:
        names = ", ".join(map(shown_name, paths))
        raise Refused(f"{names}: no records to verify: give a file that has some")


def summary(verdicts: Counter[str]) -> dict[str, Any]:
    """Return how many records had which verdict and reason, for JSON. verdicts: by reason, or "valid"."""
    counts = dict.fromkeys(VERDICTS, 0)
    for reason, count in verdicts.items():
        counts[verdict(reason)] += count
    reasons = {reason: verdicts[reason] for reason in REASONS if verdicts[reason]}
    return {"records": verdicts.total(), **counts, "reasons": reasons}


def summary_lines(verdicts: Counter[str], *, with_keys: bool) -> Iterator[str]:
    """Yield `summary` in words. with_keys: keys to trust were given."""
    content = summary(verdicts)
    names = [name for name in VERDICTS if content[name] or name != "unknown-key"]
    counts = ", ".join(f"{content[name]:,} {name}" for name in names)
    yield f"{content['records']:,} record{'s' * (content['records'] != 1)}: {counts}"
    for reason, count in content["reasons"].items():
        yield f"  {count:>10,} {verdict(reason)}, {reason}: {REASONS[reason]}"
    if not with_keys:
        if verdicts["valid"]:
            yield "  no --keys were given: each valid record vouched for itself"
        if verdicts["unknown-key-id"] or verdicts["no-public-key"]:
            yield "  records without a key in them need --keys: a folder or a file of keys by id"
