"""`ecpure audit`: what each kind of finding takes, and what is no finding; and no private key in anything it says."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import struct
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from archives import archive, hexes, login, with_nonce, written
from tickets import body, ticket

from ecpure import SECP224K1, SECP256K1, Curve, PrivateKey, PublicKey, Signature, auth, inputs, workers
from ecpure.affine import sum_columns
from ecpure.chisquare import probability
from ecpure.cli import main
from ecpure.conclusions import Conclusions
from ecpure.examine import Examiner, Guessed, Seen, signed_form
from ecpure.exposure import SMALL, Exposed, Signed, known_nonces, r_of_each
from ecpure.findings import KINDS, MOST_FINDINGS, MOST_RECORDS
from ecpure.records import Settings
from ecpure.repairs import with_zeros
from ecpure.tables import Table

N = SECP224K1.n
RNG = random.Random(224)
D = [RNG.randrange(1, N) for _ in range(6)]
K = [RNG.randrange(1, N) for _ in range(6)]
KEYS = [PrivateKey.from_int(d).public_key.to_bytes().hex() for d in D]
E = int.from_bytes(hashlib.sha224(b"digest").digest(), "big") % N

Record = dict[str, Any]


def keyless(record: Record) -> Record:
    return {name: value for name, value in record.items() if name != "public_key"}


class Audited(NamedTuple):
    """What a run said."""

    status: int
    report: dict[str, Any]
    said: str

    def found(self) -> dict[str, list[list[int]]]:
        """Return the lines of every finding, by its kind."""
        lines: dict[str, list[list[int]]] = {}
        for finding in self.report["findings"]:
            lines.setdefault(finding["kind"], []).append([record["line"] for record in finding["records"]])
        return lines


@pytest.fixture
def audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Run the command on records, in words and as JSON; hold that both say the same, and no secret of these tests."""
    said: list[str] = []

    def run(records: list[Record] | bytes, *options: str) -> Audited:
        path = tmp_path / "records.jsonl"
        path.write_bytes(records if isinstance(records, bytes) else written(records))
        status = main(["audit", str(path), *options])
        words = capsys.readouterr()
        assert main(["audit", str(path), "--json", *options]) == status
        report = capsys.readouterr()
        content = json.loads(report.out)
        named = re.findall(r"^(?:critical|warning|note): ([\w-]+): (?:(\S+) more findings)?", words.out, re.MULTILINE)
        counted: Counter[str] = Counter()
        for kind, more in named:
            counted[kind] += int(more or 1)
        assert counted == content["totals"]
        said.extend([*words, *report])
        return Audited(status, content, words.out)

    yield run
    for secret in D + K:
        for text in (
            f"{secret:x}",
            str(secret),
            *(b64encode(secret.to_bytes(length, "big")).decode() for length in (29, 32)),
        ):
            assert not any(text in words.lower() or text in words for words in said)


EXPOSING: dict[str, tuple[list[Record], dict[str, list[list[int]]]]] = {
    "one nonce": ([with_nonce(D[0], K[0], b"a"), with_nonce(D[0], K[0], b"b")], {"nonce-reused": [[1, 2]]}),
    "a nonce and its negative": (
        [with_nonce(D[0], K[0], b"a"), with_nonce(D[0], N - K[0], b"b")],
        {"nonce-reused": [[1, 2]]},
    ),
    "low s of one nonce": (
        [with_nonce(D[0], K[0], b"a"), with_nonce(D[0], K[0], b"b", is_twin=True)],
        {"nonce-reused": [[1, 2]]},
    ),
    "two nonces, and another key": (
        [with_nonce(D[n % 2], K[n % 3], b"%d" % n) for n in (0, 2, 4, 6, 8)] + [with_nonce(D[1], K[3], b"b")],
        {"nonce-reused": [[1, 4], [2, 5]]},
    ),
    "nonce of 1": ([with_nonce(D[0], 1, b"a")], {"nonce-small": [[1]]}),
    "small and negative": (
        [with_nonce(D[0], SMALL, b"a"), with_nonce(D[0], N - 2, b"b"), with_nonce(D[1], 77, b"b")],
        {"nonce-small": [[1, 2], [3]]},
    ),
    "half": (
        [with_nonce(D[0], (N + 1) // 2, b"a"), with_nonce(D[0], N // 2, b"b")],
        {"nonce-half": [[1, 2]], "nonce-reused": [[1, 2]]},
    ),
    "key": ([with_nonce(D[0], D[0], b"a")], {"nonce-is-key": [[1]]}),
    "negative key": ([with_nonce(D[0], N - D[0], b"a")], {"nonce-is-key": [[1]]}),
    "digest": ([with_nonce(D[0], E, b"digest"), with_nonce(D[0], K[0], b"a")], {"nonce-is-digest": [[1]]}),
    "negative digest": ([with_nonce(D[0], N - E, b"digest")], {"nonce-is-digest": [[1]]}),
    "message": ([with_nonce(D[0], int.from_bytes(b"message", "big"), b"message")], {"nonce-is-message": [[1]]}),
    "nonces in common": (
        [with_nonce(D[key], K[nonce], b"%d" % (key + 2 * nonce)) for nonce in (0, 1) for key in (0, 1)],
        {"nonces-common": [[1, 2, 3, 4]], "nonce-shared": [[1, 2], [3, 4]]},
    ),
    "a chain of keys": (
        [
            with_nonce(D[0], K[0], b"a"),
            with_nonce(D[0], K[0], b"b"),
            with_nonce(D[0], K[1], b"c"),
            with_nonce(D[1], N - K[1], b"d"),
            with_nonce(D[1], K[2], b"e"),
            with_nonce(D[2], K[2], b"f", is_twin=True),
        ],
        {"nonce-reused": [[1, 2]], "key-follows": [[3, 4], [5, 6]], "nonce-shared": [[3, 4], [5, 6]]},
    ),
}


@pytest.mark.parametrize(("records", "expected"), EXPOSING.values(), ids=EXPOSING)
def test_what_exposes_a_key(records: list[Record], expected: dict[str, list[list[int]]], audit: Any) -> None:
    """Each is a finding with its records, exit status 1, and what is said has neither the key nor the nonce."""
    audited = audit(records)
    found = audited.found()
    found.pop("high-s", None)
    assert {kind: sorted(lines) for kind, lines in found.items()} == expected
    assert audited.status == 1
    assert audited.report["valid"] == len(records)


def test_the_keys_of_a_finding_are_those_of_its_records(audit: Any) -> None:
    """Of two where one follows from the other, the one that follows comes first."""
    report = audit(EXPOSING["a chain of keys"][0]).report
    keys = {finding["kind"]: finding["keys"] for finding in reversed(report["findings"])}
    assert keys["nonce-reused"] == [KEYS[0]]
    assert keys["key-follows"] == [KEYS[1], KEYS[0]]
    assert sorted(keys["nonce-shared"]) in (sorted(KEYS[:2]), sorted(KEYS[1:3]))


def test_one_nonce_of_many_keys_and_one_of_them_exposed(audit: Any) -> None:
    """All of them follow."""
    records = [with_nonce(D[0], K[0], b"a"), with_nonce(D[0], K[0], b"b")]
    records += [with_nonce(D[1] + number, K[0], b"a") for number in range(30)]
    audited = audit(records)
    assert audited.report["totals"]["key-follows"] == 30
    exposed = {finding["keys"][0] for finding in audited.report["findings"] if finding["kind"] == "key-follows"}
    assert exposed == {record["public_key"] for record in records[2:]}


def test_what_a_profile_reads(audit: Any) -> None:
    """The signed part of it is the message."""
    signed = [body(), body(cookie=b"cookie")]
    records = []
    for octets, k in ((signed[0], K[0]), (signed[1], K[0]), (signed[0], int.from_bytes(signed[0], "big") % N)):
        record = with_nonce(D[0], k, octets)
        whole = ticket(octets, bytes.fromhex(record["signature"]))
        records.append({"public_key": KEYS[0], "profile": "rpcn", "message": whole.hex()})
    found = audit(records).found()
    found.pop("high-s", None)
    assert found == {"nonce-reused": [[1, 2]], "nonce-is-message": [[3]]}


def test_on_secp256k1(audit: Any) -> None:
    """The same there."""
    records = [with_nonce(D[0], K[0], message, curve=SECP256K1) for message in (b"a", b"b")]
    records.append(with_nonce(D[1], SECP256K1.n - 5, b"c", curve=SECP256K1))
    records.append(with_nonce(D[2], D[2], b"d", curve=SECP256K1))
    audited = audit(records, "--curve", "secp256k1")
    found = audited.found()
    found.pop("high-s", None)
    assert found == {"nonce-reused": [[1, 2]], "nonce-small": [[3]], "nonce-is-key": [[4]]}


def test_an_honest_archive(audit: Any) -> None:
    """Nothing found, exit status 0; high s is a note."""
    rng = random.Random(3)
    records = [hexes(rng, number) for number in range(60)]
    low = [
        record | {"signature": Signature.from_der(bytes.fromhex(record["signature"])).low_s().to_der().hex()}
        for record in records
    ]
    audited = audit(low)
    assert (audited.status, audited.found()) == (0, {})
    assert audited.said == "60 records: 60 valid, 0 invalid, 0 unreadable\nnothing found\n"
    audited = audit(records)
    assert (audited.status, list(audited.found())) == (0, ["high-s"])
    high = sum(record != other for record, other in zip(records, low, strict=True))
    assert audited.report["findings"][0]["count"] == high > MOST_RECORDS
    assert f"{high} records: " in audited.said
    assert f" and {high - MOST_RECORDS} more\n" in audited.said


def test_a_signature_that_is_there_twice_is_no_reuse(audit: Any) -> None:
    """It, or its twin, is a note: a signer that is deterministic gives it, and anyone can copy it."""
    records = [with_nonce(D[0], K[0], b"a"), with_nonce(D[0], K[0], b"a"), with_nonce(D[0], K[0], b"a", is_twin=True)]
    audited = audit([*records, with_nonce(D[0], K[1], b"a")])
    assert audited.status == 0
    assert audited.found()["signature-repeated"] == [[1, 2, 3]]
    assert set(audited.found()) <= {"signature-repeated", "high-s"}
    audited = audit([*records, with_nonce(D[0], K[0], b"b")])
    assert audited.status == 1
    assert audited.found()["nonce-reused"] == [[1, 2, 3, 4]]


def test_what_does_not_verify_proves_nothing(audit: Any) -> None:
    """Anyone can write another's r into a record: it is invalid, and no finding."""
    honest = with_nonce(D[0], K[0], b"a")
    audited = audit(written([honest, honest | {"message": b"b".hex()}]) + b"{\n")
    assert audited.status == 1
    assert set(audited.found()) <= {"high-s"}
    assert audited.report["reasons"] == {"does-not-hold": 1, "not-json": 1}


def test_a_key_that_was_made_up_to_fit(audit: Any) -> None:
    """To any r, anyone finds a key under which it signs a message: that exposes nobody, and the words say so."""
    honest = with_nonce(D[0], K[0], b"a")
    r = Signature.from_der(bytes.fromhex(honest["signature"])).r
    digest = b"\x11" * 28
    made_up = PublicKey.recover(Signature(r, 12345), digest)[0].to_bytes().hex()
    other = {"public_key": made_up, "digest": digest.hex(), "signature": Signature(r, 12345).to_der().hex()}
    audited = audit([honest, other])
    found = audited.found()
    found.pop("high-s", None)
    assert found.pop("nonce-shared") == [[1, 2]]
    assert not found
    assert "made up to look so" in audited.said
    assert "critical" not in audited.said


# Logins

LOGIN_KEY = auth.derive_private_key(1, "opensesame").public_key.to_bytes().hex()


def logged_in(server: int, client: int, **others: Any) -> Record:
    """Return a login with these nonces, with its key."""
    record = {"public_key": LOGIN_KEY, **login(server, client=client), **others}
    del record["id"]
    return record


@pytest.mark.parametrize(
    ("nonces", "expected"),
    [
        ([(1, 1), (2, 2), (3, 3)], {}),
        ([(1, 1), (2, 2), (1, 3)], {"server-nonce-repeated": [[1, 3]]}),
        ([(1, 1), (2, 2), (3, 1)], {"client-nonce-repeated": [[1, 3]]}),
        ([(1, 1), (2, 2), (1, 1)], {"login-repeated": [[1, 3]], "signature-repeated": [[1, 3]]}),
        (
            [(1, 1), (1, 1), (1, 2), (2, 1)],
            {
                "server-nonce-repeated": [[1, 2, 3]],
                "client-nonce-repeated": [[1, 2, 4]],
                "login-repeated": [[1, 2]],
                "signature-repeated": [[1, 2]],
            },
        ),
    ],
)
def test_nonces_of_logins(nonces: list[tuple[int, int]], expected: dict[str, list[list[int]]], audit: Any) -> None:
    """A nonce of either side that comes again, and a login that does."""
    audited = audit([logged_in(*pair) for pair in nonces])
    assert audited.found() == expected
    assert audited.status == bool(expected)


def test_logins_without_a_key_and_false_ones(audit: Any) -> None:
    """Nonces are compared where no key is known, too; where the signature is known to be false, they are not."""
    audited = audit([keyless(logged_in(1, 1)), keyless(logged_in(1, 2))])
    assert audited.found() == {"server-nonce-repeated": [[1, 2]]}
    assert audited.report["reasons"] == {"no-public-key": 2}
    audited = audit([logged_in(1, 1), logged_in(1, 2, public_key=KEYS[0])])
    assert audited.found() == {}
    assert audited.status == 1


# Zeros that were dropped


def short(length: int, which: str) -> tuple[bytes, Signature]:
    """Return a message whose signature, with s low, has an r or s of fewer than so many octets."""
    for number in range(100_000):
        message = b"%d" % number
        signature = PrivateKey.from_int(D[0]).sign(message, low_s=True)
        if getattr(signature, which) >> 8 * (length - 1) == 0:
            return message, signature
    raise AssertionError


def record_of(message: bytes, digits: str, form: str, encoding: str = "hex") -> Record:
    text = digits if encoding == "hex" else b64encode(bytes.fromhex(digits)).decode("ascii")
    octets = message.hex() if encoding == "hex" else b64encode(message).decode("ascii")
    return {"public_key": KEYS[0], "message": octets, "signature": text, "format": form, "encoding": encoding}


def dropped() -> dict[str, Record]:
    """Return records of signatures that lost zeros as programs lose them."""
    records = {}
    for which in ("r", "s"):
        message, signature = short(28, which)
        r, s = (value.to_bytes((value.bit_length() + 7) // 8, "big").hex() for value in (signature.r, signature.s))
        records[f"compact, {which}"] = record_of(message, r + s, "compact")
        records[f"compact, {which}, base64"] = record_of(message, r + s, "compact", "base64")
        records[f"p1363, {which}"] = record_of(message, r + s, "p1363")
        records[f"digits, {which}"] = record_of(message, f"{signature.r:x}{signature.s:x}", "compact")
        for client in range(100_000):
            made = logged_in(0, client)
            pair = made["message"]["signature"]
            if pair["rs".index(which)].startswith("AA"):
                texts = [b64encode(b64decode(text).lstrip(b"\0")).decode("ascii") for text in pair]
                records[f"login, {which}"] = made | {"message": made["message"] | {"signature": texts}}
                break
    message, signature = short(28, "r")
    octets = signature.r.to_bytes(28, "big") + signature.s.to_bytes(28, "big")
    records["p1363 of 28 + 28"] = record_of(message, octets.hex(), "p1363")
    message = next(b"%d" % n for n in range(99) if PrivateKey.from_int(D[0]).sign(b"%d" % n, low_s=True).r >> 223)
    octets = PrivateKey.from_int(D[0]).sign(message, low_s=True).to_der()
    place = octets.index(b"\x00")
    octets = bytes([0x30, len(octets) - 3, 2, octets[3] - 1]) + octets[place + 1 :]
    records["DER"] = record_of(message, octets.hex(), "der")
    return records


DROPPED = dropped()


@pytest.mark.parametrize("record", DROPPED.values(), ids=DROPPED)
def test_dropped_zeros_are_named(record: Record, audit: Any) -> None:
    """It cannot be read; with the zeros put back it verifies, which is a finding; it is no reason to call it valid."""
    audited = audit([record])
    assert audited.found() == {"dropped-zeros": [[1]]}
    assert audited.report["unreadable"] == 1
    assert audited.status == 1


def test_what_is_short_for_another_reason(audit: Any) -> None:
    """Cut off, of another message, or without a key to try: a finding of another kind; and not for all."""
    record = DROPPED["compact, r"]
    cut = record | {"signature": record["signature"][:-2]}
    der = DROPPED["DER"]
    cases = [cut, record | {"message": "00"}, keyless(record), der | {"message": "00"}]
    assert audit(cases).found() == {"short-signature": [[1, 2, 3, 4]]}
    whole = DROPPED["login, r"]
    pair = whole["message"]["signature"]

    def with_pair(pair: object) -> Record:
        return whole | {"message": whole["message"] | {"signature": pair}}

    none = [
        record | {"signature": "00"},
        record | {"signature": 5},
        record | {"signature": "g" * 111},
        record | {"signature": record["signature"] + "00" * 9},
        record | {"encoding": "base64"},
        record | {"format": "raw"},
        record | {"encoding": "raw"},
        der | {"signature": der["signature"][:-2]},
        der | {"signature": "zz"},
        der | {"signature": "300802020005020200ff"},
        record | {"signature": "xy", "format": 5},
        with_pair(pair[:1]),
        with_pair([5, pair[1]]),
        with_pair(["!", pair[1]]),
        with_pair("x"),
        whole | {"message": "x"},
        with_pair([b64encode(b"\1" * 29).decode("ascii"), pair[1]]),
    ]
    audited = audit(none)
    assert audited.found() == {}
    assert audited.report["unreadable"] == len(none)
    zero = b64encode(b"\0").decode("ascii")
    assert audit([with_pair([zero, pair[1]]), whole | {"public_key": KEYS[0]}]).found() == {"short-signature": [[1, 2]]}
    out_of_range = record_of(b"", "ff" * 57, "p1363")
    assert audit([out_of_range]).found() == {"short-signature": [[1]]}
    beyond = record_of(b"", "303e021d8" + "0" * 57 + "021d8" + "0" * 57, "der")
    assert audit([beyond]).found() == {"short-signature": [[1]]}


def test_a_repaired_signature_can_prove_a_reuse(audit: Any) -> None:
    """It verifies, whatever its form has lost."""
    message, signature = short(28, "s")
    octets = bytes.fromhex(DROPPED["compact, s"]["signature"])
    assert len(octets) == 55
    k = (int.from_bytes(hashlib.sha224(message).digest(), "big") + signature.r * D[0]) * pow(signature.s, -1, N)
    audited = audit([DROPPED["compact, s"], with_nonce(D[0], k % N, b"another")])
    assert audited.found()["nonce-reused"] == [[1, 2]]


# Keys that records do not name


def test_keys_are_recovered_where_they_recur(audit: Any) -> None:
    """Two records of one signer name its key; a copy of a record, or its twin, does not make two."""
    records = [keyless(with_nonce(D[0], k, b"%d" % k)) for k in K[:3]]
    records += [keyless(with_nonce(D[1], K[3], b"a")), keyless(with_nonce(D[1], K[3], b"a", is_twin=True))]
    audited = audit(records)
    assert (audited.status, audited.found()) == (1, {})
    audited = audit(records, "--recover")
    assert audited.found()["key-recovered"] == [[1, 2, 3]]
    assert audited.report["reasons"] == {"no-public-key": 2}
    assert [finding["keys"] for finding in audited.report["findings"] if finding["kind"] == "key-recovered"] == [
        [KEYS[0]]
    ]
    audited = audit(records[:3], "--recover")
    assert (audited.status, audited.report["valid"]) == (0, 3)


def test_a_known_key_is_recovered_from_one_record(tmp_path: Path, audit: Any) -> None:
    """Known by another record, or by the user."""
    record = keyless(with_nonce(D[0], K[0], b"a"))
    assert audit([record, with_nonce(D[0], K[1], b"b")], "--recover").found()["key-recovered"] == [[1]]
    (tmp_path / "Ann.pem").write_text(PublicKey.from_bytes(bytes.fromhex(KEYS[0])).to_pem(), encoding="ascii")
    audited = audit([record], "--recover", "--keys", str(tmp_path))
    assert (audited.status, audited.found()["key-recovered"]) == (0, [[1]])


def test_findings_of_keys_that_were_recovered(audit: Any) -> None:
    """A reused nonce, and one that is known, once the key has its name; before that nothing is said of any."""
    message = int.from_bytes(b"message", "big")
    records = [keyless(with_nonce(D[0], K[0], b"a")), keyless(with_nonce(D[0], K[0], b"b"))]
    records += [keyless(with_nonce(D[1], message, b"message")), keyless(with_nonce(D[1], E, b"digest"))]
    found = audit(records, "--recover").found()
    assert (found["nonce-reused"], found["key-recovered"]) == ([[1, 2]], [[1, 2], [3, 4]])
    assert (found["nonce-is-message"], found["nonce-is-digest"]) == ([[3]], [[4]])
    assert "nonce-is-message" not in audit(records[:3], "--recover").found()


def test_a_record_that_fits_two_named_keys_stays_without(audit: Any) -> None:
    """Which of its two keys signed it, it does not tell, when both are named by others."""
    record = with_nonce(D[0], K[0], b"a")
    signature = Signature.from_der(bytes.fromhex(record["signature"]))
    digest = hashlib.sha224(b"a").digest()
    both = PublicKey.recover(signature, digest)
    named = [record | {"public_key": key.to_bytes().hex()} for key in both]
    audited = audit([*named, keyless(record)], "--recover")
    assert audited.report["reasons"] == {"no-public-key": 1}
    assert "key-recovered" not in audited.found()


def test_without_a_key_and_out_of_range(audit: Any) -> None:
    """r of n has no key to recover."""
    record = keyless(with_nonce(D[0], K[0], b"a")) | {"signature": Signature(N, 1).to_der().hex()}
    audited = audit([record, record | {"public_key": KEYS[0]}, record | {"signature": "3006020100020101"}], "--recover")
    assert audited.report["reasons"] == {"out-of-range": 2, "no-public-key": 1}


# The whole


def test_findings_of_a_kind_and_their_records_are_bounded(audit: Any) -> None:
    """Of more, only the number is told."""
    records = []
    for number in range(MOST_FINDINGS + 5):
        records += [with_nonce(D[0], K[0] + number, message) for message in (b"a", b"b")]
    audited = audit(records)
    assert audited.report["totals"]["nonce-reused"] == MOST_FINDINGS + 5
    assert sum(finding["kind"] == "nonce-reused" for finding in audited.report["findings"]) == MOST_FINDINGS
    assert "critical: nonce-reused: 5 more findings of this kind\n" in audited.said


def test_many_keys_with_one_nonce(audit: Any) -> None:
    """The keys that are shown are bounded as well."""
    records = [with_nonce(number, K[0], b"a") for number in range(70_000, 70_000 + MOST_RECORDS + 3)]
    (finding,) = [one for one in audit(records).report["findings"] if one["kind"] == "nonce-shared"]
    assert finding["count"] == MOST_RECORDS + 3
    assert len(finding["keys"]) == len(finding["records"]) == MOST_RECORDS


def test_several_files_and_processes_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Records are compared across files and blocks, whoever examined them."""
    rng = random.Random(9)
    first = [with_nonce(D[0], K[0], b"a"), *(hexes(rng, number) for number in range(30))]
    second = [*(hexes(rng, number) for number in range(30)), with_nonce(D[0], K[0], b"b")]
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for path, records in zip(paths, (first, second), strict=True):
        path.write_bytes(written(records))
    monkeypatch.setattr(inputs, "BLOCK", 1 << 12)
    monkeypatch.setattr("ecpure.workers.BLOCK", 1 << 12)
    said = []
    for jobs in ("1", "2"):
        assert main(["audit", *map(str, paths), "--json", "--jobs", jobs]) == 1
        said.append(json.loads(capsys.readouterr().out))
    assert said[0] == said[1]
    assert said[0]["findings"][0]["records"] == [
        {"file": str(paths[0]), "line": 1},
        {"file": str(paths[1]), "line": 31},
    ]
    assert main(["audit", *map(str, paths), "--jobs", "1"]) == 1
    assert f'  2 records: "{paths[0]}" line 1, "{paths[1]}" line 31\n' in capsys.readouterr().out


def test_what_cannot_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, and exit status 2."""
    path = tmp_path / "records"
    path.write_bytes(archive(3))
    for words, arguments in {
        "only one of the files": ["-", "-"],
        "No such file": [str(tmp_path / "none")],
        "Is a directory": [str(tmp_path)],
        "hash: one of": [str(path), "--hash", "md5"],
    }.items():
        assert main(["audit", *arguments]) == 2
        said = capsys.readouterr()
        assert words in said.err
        assert not said.out

    def ended(*_: object) -> None:
        raise BrokenExecutor

    monkeypatch.setattr(workers, "answers", ended)
    assert main(["audit", str(path)]) == 2
    assert capsys.readouterr().err == "ecpure: a worker process came to its end\n"


def test_a_request_to_end_is_an_interrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As Ctrl-C is: the workers end, and one sentence says it."""
    path = tmp_path / "records"
    path.write_bytes(archive(3))
    monkeypatch.setattr(Examiner, "__call__", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        assert main(["audit", str(path)]) == 2
    finally:
        signal.signal(signal.SIGTERM, before)
    assert capsys.readouterr() == ("", "ecpure: interrupted\n")


def test_an_empty_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused: that all of none are valid would be misread."""
    (tmp_path / "none").touch()
    assert main(["audit", str(tmp_path / "none")]) == 2
    assert capsys.readouterr() == ("", "ecpure: there is no record to verify\n")


def test_each_kind_is_met_in_these_tests() -> None:
    """All but those of one key's many r, which have a test of their own below."""
    met = {kind for _, expected in EXPOSING.values() for kind in expected}
    met |= {"server-nonce-repeated", "client-nonce-repeated", "login-repeated", "dropped-zeros", "short-signature"}
    assert met | {"r-uneven", "key-recovered", "signature-repeated", "high-s"} == set(KINDS)


# The spread of r


def rows(key: bytes, values: list[bytes]) -> bytes:
    form = signed_form(SECP224K1)
    return b"".join(form.pack(r, key, bytes(29), bytes(29), 0, line) for line, r in enumerate(values, 1))


def kinds(*chunks: bytes) -> Counter[str]:
    """Return the kinds of findings on rows."""
    conclusions = Conclusions(Settings({}))
    for chunk in chunks:
        conclusions.take(Seen(Counter(), chunk, b"", b"", [], [], 0, 0, [], []))
    conclusions.conclude()
    return conclusions.findings.totals


def values(count: int, below: int = 1 << 224, seed: int = 1) -> list[bytes]:
    rng = random.Random(seed)
    return [rng.randrange(below).to_bytes(29, "big") for _ in range(count)]


def test_uneven_r_are_found_and_even_ones_are_not() -> None:
    """r that were made until their first bit was 0; below 2,560 of them nothing is said."""
    key, other = bytes.fromhex(KEYS[0]), bytes.fromhex(KEYS[1])
    assert kinds(rows(key, values(2560)), rows(other, values(4000, seed=2))) == {}
    assert kinds(rows(key, values(2560, 1 << 223)), rows(other, values(4000, seed=2))) == {"r-uneven": 1}
    assert kinds(rows(key, values(2559, 1 << 223))) == {}


def test_copies_of_a_signature_make_no_r_uneven() -> None:
    """Each r of a key counts once, however often it is there."""
    key = bytes.fromhex(KEYS[0])
    assert "r-uneven" not in kinds(rows(key, values(2600) + values(5) * 1000))
    assert "r-uneven" not in kinds(rows(key, values(1300) * 3))


@pytest.mark.parametrize(
    ("cells", "chi_square", "expected"),
    [
        (2, 3.841459, 0.05),
        (2, 10.827566, 0.001),
        (4, 7.814728, 0.05),
        (256, 293.247835, 0.05),
        (256, 330.519739, 0.001),
    ],
)
def test_the_probability_is_the_tables_own(cells: int, chi_square: float, expected: float) -> None:
    """Quantiles of χ² as tables print them."""
    side = (chi_square * 50_000 / 2) ** 0.5  # one cell so much above, one so much below its 50,000
    counts: list[float] = [50_000] * cells
    counts[0] += side
    counts[1] -= side
    assert probability(counts) == pytest.approx(expected, rel=1e-4)


def test_the_probability_at_its_ends() -> None:
    """Even counts are no surprise; all in one cell are."""
    assert probability([10] * 256) == 1.0
    assert probability([2560] + [0] * 255) == 0.0


def test_how_often_chance_looks_uneven() -> None:
    """Of 2,000 even archives of the least size, about one in a hundred has a probability below 0.01."""
    rng = random.Random(7)
    below = 0
    for _ in range(2000):
        counts = Counter(rng.choices(range(256), k=2560))
        below += probability([counts[cell] for cell in range(256)]) < 0.01
    assert 8 <= below <= 36


# Parts


def test_a_table_gives_what_recurs() -> None:
    """By any field, in order, from several chunks."""

    class Pair(NamedTuple):
        a: bytes
        b: int

    table = Table(struct.Struct(">2sI"), Pair)
    table.add(b"")
    table.add(b"bb\0\0\0\2" + b"aa\0\0\0\1")
    table.add(b"bb\0\0\0\1" + b"cc\0\0\0\3")
    assert list(table) == [Pair(b"bb", 2), Pair(b"aa", 1), Pair(b"bb", 1), Pair(b"cc", 3)]
    assert len(table) == 4
    assert {value: list(found) for value, found in table.groups(0, table.frequent(0))} == {
        b"bb": [(b"bb", 1), (b"bb", 2)]
    }
    assert [value for value, _ in table.groups(1, table.frequent(1))] == [b"\0\0\0\1"]
    assert table.frequent(0, 3) == set()
    assert list(table.groups(0, set())) == []


def test_nonces_that_the_comb_cannot_sum_in_lockstep() -> None:
    """Where the last step of a sum meets equal points, all are computed one by one, and are as right."""
    c = N - (1 << 224)
    parameters = {name: getattr(SECP224K1, name) for name in ("name", "p", "b", "n", "gx", "gy")}
    for uses, k in ((0, N - 4 * c), (300, N - 2 * c)):  # on a comb of few uses, and on one of many
        curve = Curve(**parameters)
        curve.base.for_uses(uses)
        with pytest.raises(ZeroDivisionError):
            sum_columns(curve.base.for_uses(1).rows([k]), curve.field)
        assert r_of_each(curve, [5, k]) == [(k * SECP224K1.G).x.to_bytes(29, "big") for k in (5, k)]


def test_known_nonces_are_what_they_are_said_to_be() -> None:
    """Some of the table, and its size."""
    table = known_nonces(SECP224K1)
    assert len(table) == SMALL + 1
    for k in (1, 2, 3, 1000, SMALL):
        assert table[(k * SECP224K1.G).x.to_bytes(29, "big")] == ("nonce-small", k)


def test_what_is_not_exposed_is_not() -> None:
    """Wrong guesses prove nothing, those of 0 and those that cannot be computed among them; and nothing is shown."""
    form, exposed = signed_form(SECP224K1), Exposed(SECP224K1)
    record = with_nonce(D[0], K[0], b"a")
    signature = Signature.from_der(bytes.fromhex(record["signature"]))
    r, s = (value.to_bytes(29, "big") for value in (signature.r, signature.s))
    signed = Signed(r, bytes.fromhex(KEYS[0]), bytes(29), s, 0, 1)
    assert len(form.pack(*signed)) == form.size == 128
    assert not exposed.by_nonce(signed, K[1])
    assert not exposed.by_nonce(signed, 0)
    assert not exposed.by_own_key(signed)
    assert not exposed.by_reuse(signed, signed)
    assert not exposed.by_common_nonces([(signed, signed)] * 2)
    assert signed.key not in exposed
    assert list(exposed.spread([[signed]])) == []


def test_what_is_exposed_is_not_shown() -> None:
    """Neither by the object that holds it, nor by what that holds."""
    exposed = Exposed(SECP224K1)
    record = with_nonce(D[0], K[0], b"a")
    signature = Signature.from_der(bytes.fromhex(record["signature"]))
    e = hashlib.sha224(b"a").digest()
    r, s, e = (int(value).to_bytes(29, "big") for value in (signature.r, signature.s, int.from_bytes(e, "big") % N))
    assert exposed.by_nonce(Signed(r, bytes.fromhex(KEYS[0]), e, s, 0, 1), N - K[0])
    assert bytes.fromhex(KEYS[0]) in exposed
    shown = repr(exposed) + repr(vars(exposed))
    assert "redacted" in shown
    assert not any(text in shown for text in (f"{D[0]:x}", str(D[0]), f"{K[0]:x}", str(K[0])))


def test_a_guess_that_proves_wrong_is_no_finding() -> None:
    """What is said of a key is what was computed."""
    conclusions = Conclusions(Settings({}))
    record = with_nonce(D[0], K[0], b"a")
    signature = Signature.from_der(bytes.fromhex(record["signature"]))
    r, s, e = (value.to_bytes(29, "big") for value in (signature.r, signature.s, E))
    guessed = Guessed(Signed(r, bytes.fromhex(KEYS[0]), e, s, 0, 1), E, "nonce-is-digest")
    conclusions.take(Seen(Counter(), b"", b"", b"", [guessed], [], 0, 0, [], []))
    conclusions.conclude()
    assert conclusions.findings.totals == {}


def test_zeros_are_put_back_within_bounds() -> None:
    """Never into what is whole, nor where more than six octets are missing."""
    settings = Settings({}, format="compact")
    assert len(list(with_zeros({"signature": "1" * 111}, settings))) == 2
    assert len(list(with_zeros({"signature": "1" * 100}, settings))) == 13
    for digits in ("1" * 99, "1" * 112, "1" * 113):
        assert not list(with_zeros({"signature": digits}, settings))
