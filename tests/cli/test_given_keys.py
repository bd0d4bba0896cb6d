"""--keys and --trust-record-keys: whose signatures count, and how results and counts name the keys."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from archiveruns import in_small_blocks, interrupt_now, refused
from archives import login
from recordsamples import CHARGED, KEY, LOGIN, LOGIN_KEY, MESSAGE, PUBLIC, RECEIPT, RECORD, TICKET, without

from ecpure import PrivateKey, PublicKey, auth
from ecpure.archives.verdicts import REASONS
from ecpure.cli import main

STRANGER = PrivateKey.from_int(0xFACADE)
OTHER_LOGIN = auth.derive_private_key(2, "opensesame").public_key

Record = dict[str, Any]

GIVEN: dict[str, tuple[Record, str, str]] = {
    "an id": (RECORD | {"public_key": "Ann"}, "valid", "Ann"),
    "a key that has an id": (RECORD, "valid", "Ann"),
    "in capitals": (RECORD | {"public_key": PUBLIC.upper()}, "valid", "Ann"),
    "uncompressed": (RECORD | {"public_key": KEY.public_key.to_bytes(compressed=False).hex()}, "valid", "Ann"),
    "in PEM": (RECORD | {"public_key": KEY.public_key.to_pem()}, "valid", "Ann"),
    "a login by its user's id": (LOGIN, "valid", "1"),
    "a login with that key": (LOGIN | {"public_key": LOGIN_KEY.to_bytes().hex()}, "valid", "1"),
    "a profile": (TICKET, "valid", "Ann"),
    "a profile with an id": (CHARGED | {"public_key": "Ann"}, "valid", "Ann"),
    "another's id": (RECORD | {"public_key": "1"}, "does-not-hold", "1"),
    "a false one": (RECORD | {"message": "00"}, "does-not-hold", "Ann"),
}
"""Records, and what is said of each where Ann and user 1 have keys, whether those of records are trusted or not."""


def own(record: Record, key: PublicKey, **changes: str) -> Record:
    return record | changes | {"public_key": key.to_bytes().hex()}


OWN: dict[str, Record] = {
    "a record": own(RECORD, STRANGER.public_key, signature=STRANGER.sign(MESSAGE).to_der().hex()),
    "a profile": own(CHARGED, STRANGER.public_key, signature=STRANGER.sign(RECEIPT, hash="sha256").to_der().hex()),
    "a login": own(login(5, user_id=2), OTHER_LOGIN),
}
"""Valid records that bring a key of their own, which nobody gave."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with keys of Ann and user 1."""
    monkeypatch.chdir(tmp_path)
    give({"Ann": KEY.public_key, "1": LOGIN_KEY})
    return tmp_path


def give(keys: dict[str, PublicKey]) -> None:
    rows = [{"id": name, "public_key": key.to_bytes().hex()} for name, key in keys.items()]
    Path("keys").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="ascii")


def written(records: list[Record], form: str) -> str:
    """Write the records, and return the name of their file."""
    octets = "".join(json.dumps(record) + "\n" for record in records)
    if form == "csv":
        rows = io.StringIO()
        writer = csv.DictWriter(rows, sorted({name for record in records for name in record}))
        writer.writeheader()
        writer.writerows(records)
        octets = rows.getvalue()
    name = f"records.{form}"
    Path(name).write_text(octets, encoding="ascii", newline="")
    return name


def fits_csv(record: Record) -> bool:
    """Whether each field is text in one line."""
    return all(isinstance(value, str) and "\n" not in value for value in record.values())


def verified(capsys: pytest.CaptureFixture[str], *words: str) -> list[tuple[str, str, str | None]]:
    """Return verdict, reason or "valid", and key of each record; check that all is counted, by `audit` as well."""
    status = main(["verify-many", *words, "--summary", "summary"])
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    summary = json.loads(Path("summary").read_bytes())
    assert main(["audit", "--json", *words]) in (0, 1)
    report = json.loads(capsys.readouterr().out)
    for counts in (summary, report):
        for verdict in ("valid", "invalid", "unknown-key", "unreadable"):
            assert counts[verdict] == [one["verdict"] for one in found].count(verdict)
        for reason, count in counts["reasons"].items():
            assert count == [one.get("reason") for one in found].count(reason)
    assert status == (0 if all(one["verdict"] == "valid" for one in found) else 1)
    return [(one["verdict"], one.get("reason", "valid"), one.get("key")) for one in found]


VERDICTS = {"valid": "valid", "does-not-hold": "invalid"}


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("trust", [[], ["--trust-record-keys"]], ids=["given", "all"])
def test_a_result_names_the_key_that_was_given(form: str, trust: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """By its id, however the record has the key; a signature that is false under it is invalid."""
    cases = [case for case in GIVEN.values() if form == "jsonl" or fits_csv(case[0])]
    name = written([record for record, _, _ in cases], form)
    expected = [(VERDICTS[reason], reason, key) for _, reason, key in cases]
    assert verified(capsys, name, "--keys", "keys", *trust) == expected


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_key_that_nobody_gave(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its valid records count only where no key was given, or where it is said; results name it by its point."""
    cases = [record for record in OWN.values() if form == "jsonl" or fits_csv(record)]
    name = written(cases, form)
    keys = [record["public_key"] for record in cases]
    for words, reason in (
        ([], "valid"),
        (["--trust-record-keys"], "valid"),
        (["--keys", "keys"], "unknown-key"),
        (["--keys", "keys", "--trust-record-keys"], "valid"),
    ):
        assert verified(capsys, name, *words) == [(reason, reason, key) for key in keys]


def test_what_was_not_signed_is_invalid_under_any_key(capsys: pytest.CaptureFixture[str]) -> None:
    """A false signature is not excused by its unknown key, and what has no key is not called unknown."""
    records = [OWN["a record"] | {"message": "00"}, without("public_key"), login(5, user_id=2)]
    name = written(records, "jsonl")
    assert verified(capsys, name, "--keys", "keys") == [
        ("invalid", "does-not-hold", records[0]["public_key"]),
        ("unreadable", "no-public-key", None),
        ("unreadable", "no-public-key", None),
    ]


def test_it_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """How many there were, and what that means; the exit status is that of records that are not all valid."""
    name = written([RECORD, *OWN.values()], "jsonl")
    assert main(["verify-many", name, "--keys", "keys", "-o", "out"]) == 1
    assert capsys.readouterr().err == (
        "ecpure: 4 records: 1 valid, 0 invalid, 3 unknown-key, 0 unreadable\n"
        f"           3 unknown-key, unknown-key: {REASONS['unknown-key']}\n"
    )


def test_a_run_is_resumed_with_the_same_keys_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another key, another id, one key more, or trust in those of records would be other results."""
    in_small_blocks(monkeypatch)
    records = folder / written([RECORD, *OWN.values()] * 20, "jsonl")
    resume = interrupt_now(folder, records, monkeypatch, "--keys", "keys")
    same = {"Ann": KEY.public_key, "1": LOGIN_KEY}
    for changed in (
        {"Ann": KEY.public_key, "1": STRANGER.public_key},
        {"Ann": KEY.public_key, "2": LOGIN_KEY},
        {**same, "Bob": STRANGER.public_key},
        {"Ann": KEY.public_key},
    ):
        give(changed)
        refused(resume, "the unfinished run had other files or settings", capsys)
    give(same)
    refused([*resume, "--trust-record-keys"], "the unfinished run had other files or settings", capsys)
    give({"1": LOGIN_KEY, "Ann": KEY.public_key})  # in another order
    assert main(resume) == 1
    assert [json.loads(line)["verdict"] for line in Path("out").read_bytes().splitlines()] == [
        *("valid", "unknown-key", "unknown-key", "unknown-key"),
    ] * 20
