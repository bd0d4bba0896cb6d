"""Recognises files without records: one sentence about the whole file instead of an error for every line."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Collection, Sequence
from typing import NamedTuple

from ..formats.texts import TEXTS
from ..io.streams import Refused
from .blocks import Block, blocks
from .records import Settings, column_names, encoding_meant, lines

Needed = tuple[frozenset[str], ...]
"""Sets of fields: every record of a CSV file has all fields of one set."""

SIGNED: Needed = (frozenset(["signature"]), frozenset(["message"]))  # the second for documents with a signature inside
KEYS: Needed = (frozenset(["id", "public_key"]),)

_LEAST_LINES = 10
"""With so many lines, none of them JSON, a file is text, not an archive of damaged records."""

_PACKED = (
    (b"\x1f\x8b", "gzip: give it the ending .gz"),
    (b"BZh", "bzip2: give it the ending .bz2"),
    (b"\xfd7zXZ", "xz: give it the ending .xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard: give it the ending .zst"),
    (b"PK\x03\x04", "ZIP, or a spreadsheet: unpack it, or save it as CSV"),
    (b"SQLite format 3", "a database: write its rows as JSON Lines or CSV"),
    (b"\xff\xfe", "UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "UTF-16: save it as UTF-8"),
)

_TAR = "a tar archive: unpack it"
_TAR_ENDINGS = (".tgz", ".tbz", ".tbz2", ".txz", ".tzst")


def require_each(paths: Sequence[str], form: str | None, settings: Settings) -> None:
    """Check the beginning of each regular file. Raises `OSError`, `Refused`."""
    for path in paths:
        if path != "-" and stat.S_ISREG(os.stat(path).st_mode):
            for block in blocks([path], form):
                require(path, block)
                require_encoding(path, block, settings)
                break


def require_encoding(path: str, first: Block, settings: Settings) -> None:
    """Raise `Refused` if most records of the file's first block have their signatures in the other of hex and base64,
    and none has it as stated.
    """
    meant, has_own, count, others = "", False, 0, 0
    for line in lines(first, settings.ignored):
        found = encoding_meant(line.fields, settings)
        if found is None:
            others += 1
            continue
        if not found or found != (meant or found):
            return
        meant, count = found, count + 1
        has_own = has_own or not line.fields.keys().isdisjoint(("encoding", "signature_encoding"))
    if count > others:
        advice = f"set signature_encoding to {meant} in each record, as jq -c '.signature_encoding = \"{meant}\"' does"
        advice += f", or give --encoding {meant} if the messages are in {meant} too" * (not has_own)
        name = "standard input" if path == "-" else path
        (stated,) = TEXTS.keys() - {meant}
        raise Refused(f"{name}: signatures in {stated} were expected, but these are in {meant}: {advice}")


def require(path: str, first: Block, needed: Needed = SIGNED) -> None:
    """Raise `Refused` if the file begins like something else, and no line of its first block is a record; or if it
    begins like JSON that has commas between records, whose last one alone would be read.

    needed: what every record has.
    """
    beginning = (b"" if first.columns is None else first.columns + b"\n") + first.octets[:4096]
    likeness = _packed(path, beginning)
    if likeness is None and first.columns is not None:
        likeness = _instead_of_csv(first.columns, needed)
    elif likeness is None:
        likeness = _with_commas(first.octets.lstrip())
        if likeness is None and all(line.reason is not None for line in lines(first)):
            likeness = _instead_of_json(first.octets.lstrip(), needed) or _text(first)
    if likeness is not None:
        raise Refused(f"{'standard input' if path == '-' else path}: it looks like {likeness}")


def _packed(path: str, beginning: bytes) -> str | None:
    likeness = next((words for magic, words in _PACKED if beginning.startswith(magic)), None)
    is_named_tar = likeness is not None and path.lower().endswith(_TAR_ENDINGS)
    return _TAR if is_named_tar or _is_tar(beginning) else likeness


def _is_tar(beginning: bytes) -> bool:
    if b"\x00" not in beginning:
        return False
    from ..formats.unpack import kind  # slow to import

    return kind(beginning) == "tar"


def _fits(names: Sequence[str], needed: Needed) -> bool:
    return any(fields <= {*names} for fields in needed)


def _instead_of_csv(columns: bytes, needed: Needed) -> str | None:
    if _fits(column_names(columns), needed):
        return None
    text = columns.decode("utf-8", "replace").strip()
    likenesses = (
        (text.startswith(("{", "[")), "JSON: if it has an object on each line, read it with --read-as jsonl"),
        (text.startswith("-----BEGIN"), _PEM),
        ("\r" in text, _CR),
        (_is_between_bars(text, needed), _BARS),
        (text.lower().startswith(("#", "sep=", '"sep=')), _LATE),  # a comment, and what Excel needs
        (any(_are_between(mark, text, needed, "' ") for mark in _MARKS), _SINGLE),
        (any(f'{mark} "' in text and _are_between(mark, text, needed) for mark in _MARKS), _SPACES),
    )
    missing = " and ".join(sorted(needed[0]))  # the line itself is not shown: it may be a secret
    otherwise = f"CSV without {missing} among the names in its first line: rename its columns"
    return next((words for is_so, words in likenesses if is_so), otherwise)


_PEM = "PEM: records were expected; a single key or signature is for verify and explain"


_BARS = "CSV with bars instead of commas: save it with commas"


_CR = "lines that end in CR alone: end them in LF, as tr '\\r' '\\n' does"
_LATE = "CSV with another line before the names of its columns: delete that line, as sed 1d does"
_SINGLE = "CSV with names in single quotes: use double quotes, or none"
_SPACES = "CSV with spaces before quotes: remove those spaces"
_MARKS = (",", ";", "\t")


def _is_between_bars(text: str, needed: Needed) -> bool:
    return "|" in text and _are_between("|", text, needed)


def _are_between(mark: str, text: str, needed: Needed, around: str = '" ') -> bool:
    return _fits([name.strip(around).lower() for name in text.split(mark)], needed)


def _with_commas(octets: bytes) -> str | None:
    if octets.startswith(b"["):
        return "a JSON array: write each record on a line of its own, as jq -c '.[]' does"
    head = octets.partition(b"\n")[0].rstrip()
    if head.endswith(b"},") and _is_object(head[:-1]):
        return "JSON with a comma after each record: remove the commas, as sed 's/},$/}/' does"
    return None


def _is_object(octets: bytes) -> bool:
    try:
        return isinstance(json.loads(octets), dict)
    except (ValueError, RecursionError):
        return False


def _instead_of_json(octets: bytes, needed: Needed) -> str | None:
    """Return what it looks like. octets: the beginning, in which no line is an object."""
    head = octets[:4096].partition(b"\n")[0].decode("utf-8", "replace").strip()
    if b"}\r{" in octets:
        return _CR
    if octets.startswith(b"{") and _is_object_over_lines(octets):
        return "JSON with a record on several lines: write each on one, as jq -c . does"
    if head.startswith("-----BEGIN"):
        return _PEM
    if len(names := column_names(head.encode())) > 1 and _fits(names, needed):
        return "CSV: give its name the ending .csv, or read records with --read-as csv"
    if b"\x00" in octets[:4096]:
        return "binary data: records in JSON Lines or CSV were expected"
    return _BARS if _is_between_bars(head, needed) else None


def _text(first: Block) -> str | None:
    refused = sum(line.reason in ("not-json", "not-utf8", "not-an-object") for line in lines(first))
    if refused < _LEAST_LINES:
        return None
    return "text: a JSON object on each line was expected, or CSV in a file whose name ends in .csv"


def _is_object_over_lines(octets: bytes) -> bool:
    try:
        found, end = json.JSONDecoder().raw_decode(text := octets.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "\n" in text[:end]


# The reverse, for `ecpure explain`: whether a file has records


class Kind(NamedTuple):
    """What lines of JSON or rows of CSV are, singular and plural, and the command that reads them."""

    one: str
    several: str
    command: str


_RECORDS = Kind("record", "records", "ecpure verify-many FILE verifies each, ecpure audit FILE compares them")
_PUBLIC_KEYS = Kind("public key with its id", "public keys by their ids", "ecpure verify-many --keys FILE takes them")
_SIGNED_OF = (
    *[frozenset(["signature", name]) for name in ("message", "text", "digest")],
    frozenset(["message", "server_nonce"]),
    frozenset(["message", "profile"]),
)


def kind_of_record(names: object) -> Kind | None:
    """Return the kind of record that has fields with these names, or None."""
    if not isinstance(names, Collection) or isinstance(names, str):
        return None
    if any(fields <= {*names} for fields in _SIGNED_OF):
        return _RECORDS
    return _PUBLIC_KEYS if _fits([*names], KEYS) else None


class Records(NamedTuple):
    """Records in a file: on how many lines, of what form ("JSON Lines" or "CSV") and kind."""

    lines: int
    form: str
    kind: Kind


def records_in(octets: bytes) -> Records | None:
    """Return what records the octets are, judged only by their first line, or None for anything else."""
    head, _, rest = octets.lstrip().partition(b"\n")
    count = sum(1 for line in rest.split(b"\n") if line.strip())
    first = next(lines(Block(0, 1, head, None, False, 0)), None)
    if first is not None and first.reason is None:
        kind = kind_of_record(first.fields)
        return None if kind is None else Records(1 + count, "JSON Lines", kind)
    kind = kind_of_record(column_names(head))
    return None if kind is None else Records(count, "CSV", kind)
