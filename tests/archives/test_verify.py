"""Verifying an archive: what is said of each record, and what a resumed run is compared with."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from archives import archive
from recordsamples import CHARGED, KEY, LOGIN, LOGIN_KEY, PUBLIC, RECORD, TICKET, reason, results, without
from tickets import body, ticket

from ecpure import SECP224K1, Signature
from ecpure.archives import blocks
from ecpure.archives.blocks import Block
from ecpure.archives.checkpoint import Results
from ecpure.archives.records import Settings
from ecpure.archives.verify import Verifier, described, verify

OCTETS = archive(20)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an archive of several blocks."""
    monkeypatch.setattr(blocks, "BLOCK", 1 << 10)
    path = tmp_path / "records"
    path.write_bytes(OCTETS)
    return path


def test_what_was_signed_stands_beside_the_verdict() -> None:
    """Those of a profile's record, valid or not; the profile may be named once for all. A login has no such fields."""
    of_another = CHARGED | {"public_key": LOGIN_KEY.to_bytes().hex()}
    written = [json.dumps(record) for record in (TICKET, CHARGED, of_another, RECORD)]
    ticket, receipt, forged, plain = results("\n".join(written).encode("ascii"))
    assert ticket["verdict"] == receipt["verdict"] == plain["verdict"] == "valid"
    assert ticket["signed"]["online_name"] == "player"
    assert receipt["signed"] == forged["signed"] == {"outlet": 2, "meter_endreading": "86.6"}
    assert (forged["verdict"], forged["reason"]) == ("invalid", "does-not-hold")
    assert "signed" not in plain
    settings = Settings({"1": LOGIN_KEY.to_bytes()}, trust_record_keys=True, profile="chargepoint")
    assert reason(without("profile", CHARGED), settings) == "valid"
    assert reason(TICKET, settings) == "valid"
    assert reason(LOGIN, settings) == "valid"
    assert reason(TICKET, Settings({}, curve="secp256k1")) == "unknown-profile"


def test_a_tickets_hash_is_its_servers_choice() -> None:
    """The record's, or that of the settings, which a receipt has no use for; SHA-1 is noted as weak."""
    of_sha256 = TICKET | {"message": ticket(body(), KEY.sign(body(), hash="sha256").to_der()).hex()}
    assert reason(of_sha256) == "does-not-hold"
    assert reason(of_sha256 | {"hash": "SHA-256"}) == "valid"
    assert reason(of_sha256, Settings({}, hash="sha256")) == "valid"
    assert reason(TICKET | {"hash": "sha224"}, Settings({}, hash="sha256")) == "valid"
    assert reason(CHARGED, Settings({}, hash="sha512")) == "valid"
    pair = KEY.sign_digest(hashlib.sha1(body()).digest())
    old = TICKET | {"hash": "sha1", "message": ticket(body(), pair.to_der()).hex()}
    block = Block(0, 1, json.dumps(old).encode("ascii"), None, damaged=False, position=0)
    answer = Verifier(Settings({}), [b""], 1 << 20)(block)
    assert answer.verdicts == {"valid": 1}
    assert answer.weak_hashes == {"sha1"}


def test_an_answer_counts_what_its_results_say() -> None:
    """A result begins with what is given for its file."""
    block = Block(1, 7, b'\n[]\n{"public_key": 5}\n' + OCTETS, None, damaged=True, position=0)
    answer = Verifier(Settings({}), [b"", b'"file": "b", '], 1 << 20)(block)
    found = [json.loads(line) for line in answer.results.splitlines()]
    assert all(line.startswith(b'{"file": "b", "line": ') for line in answer.results.splitlines())
    assert [one["line"] for one in found] == list(range(8, 8 + 23))
    assert answer.verdicts == {
        "not-an-object": 1,
        "missing-field": 1,
        "valid": 18,
        "does-not-hold": 2,
        "damaged-input": 1,
    }


def test_a_verdict_names_its_key() -> None:
    """By its id if it was given, else as it is; one that was not given counts only if keys of records are trusted."""
    forged = RECORD | {"message": "00"}
    large = RECORD | {"signature": Signature(SECP224K1.n, 1).to_der().hex()}
    written = "\n".join(json.dumps(record) for record in (RECORD, LOGIN, forged, large)).encode("ascii")
    given = {"1": LOGIN_KEY.to_bytes()}
    for settings, expected in (
        (Settings(given), ["unknown-key", "valid"]),
        (Settings(given, trust_record_keys=True), ["valid", "valid"]),
    ):
        found = results(written, settings)
        assert [one["key"] for one in found] == [PUBLIC, "1", PUBLIC, PUBLIC]
        assert [one.get("reason", "valid") for one in found] == [*expected, "does-not-hold", "out-of-range"]
        assert [one["verdict"] for one in found] == [*expected, "invalid", "invalid"]


def test_a_file_is_verified_into_its_results(path: Path) -> None:
    """The results have a line for each record, and the state says how many blocks and octets there are, and of what."""
    out = path.with_name("out")
    with Results(str(out), {}, resume=False) as written:
        verify([str(path)], None, Settings({}), written, 1)
        state = written.state
        written.finish()
    assert out.read_bytes().count(b"\n") == 20
    assert state.octets == out.stat().st_size
    assert state.blocks == len(list(blocks.blocks([str(path)], None))) > 3
    assert state.verdicts == {"valid": 18, "does-not-hold": 2}
    assert state.weak_hashes == ()
    assert len(bytes.fromhex(state.fingerprint)) == hashlib.sha256().digest_size


def test_weak_hashes_of_records_are_noted(path: Path) -> None:
    """Those that records were verified with, in all blocks together."""
    with_sha1 = RECORD | {"hash": "SHA-1"}
    path.write_text("".join(json.dumps(record) + "\n" for record in (RECORD, with_sha1)), encoding="ascii")
    with Results("-", {}, resume=False) as written:
        verify([str(path)], None, Settings({}), written, 1)
        assert written.state.weak_hashes == ("sha1",)


def test_what_results_depend_on() -> None:
    """Every setting is part of the description, which is ready for JSON; the keys are there as their hash."""
    settings: list[dict[str, Any]] = [
        {"keys": {"Ann": bytes.fromhex(PUBLIC)}},
        {"trust_record_keys": True},
        {"curve": "secp256k1"},
        {"hash": "sha256"},
        {"format": "compact"},
        {"encoding": "base64"},
        {"profile": "rpcn"},
        {"ignored": frozenset(["b", "a"])},
    ]
    assert [name for one in settings for name in one] == [field.name for field in fields(Settings)]
    descriptions = [
        *(described(["a"], None, replace(Settings({}), **one)) for one in [{}, *settings]),
        described(["a", "b"], None, Settings({})),
        described(["a"], "csv", Settings({})),
    ]
    texts = {json.dumps(one, sort_keys=True) for one in descriptions}
    assert len(texts) == len(descriptions)
    assert not any(PUBLIC in text for text in texts)
    assert descriptions[len(settings)]["ignored"] == ["a", "b"]
    one, other = Settings({"1": b"x", "2": b"y"}), Settings({"2": b"y", "1": b"x"})
    assert described(["a"], None, one) == described(["a"], None, other)
