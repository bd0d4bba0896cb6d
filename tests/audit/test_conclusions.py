"""Conclusions: what each kind of finding takes, and what is not a finding."""

from __future__ import annotations

import contextlib
import hashlib
import random
from collections import Counter
from pathlib import Path

import pytest
from archives import with_nonce, written
from auditing import KEYS, Audit, D, K, N, Record, keyless, logged_in, signed

from ecpure import PublicKey, Signature
from ecpure.archives.records import Settings
from ecpure.audit.collect import Noted, Seen
from ecpure.audit.conclusions import Conclusions
from ecpure.audit.exposure import SMALL, Signed
from ecpure.audit.findings import KINDS, MOST_RECORDS
from ecpure.audit.rows import Rows

E = int.from_bytes(hashlib.sha224(b"digest").digest(), "big") % N


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
        [with_nonce(D[0], 200, b"a"), with_nonce(D[0], N - 2, b"b"), with_nonce(D[1], 77, b"b")],
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
    "nonces in common, and one with other keys, too": (
        [with_nonce(D[key], K[nonce], b"%d" % (key + 2 * nonce)) for nonce in (0, 1) for key in (0, 1)]
        + [with_nonce(d, K[0], b"c") for d in D[2:]],
        {
            "nonces-common": [[1, 2, 3, 4]],
            "nonce-shared": [[1, 2, 5, 6, 7, 8], [3, 4]],
            "key-follows": [[1, 5], [1, 6], [1, 7], [1, 8]],
        },
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
def test_what_exposes_a_key(records: list[Record], expected: dict[str, list[list[int]]], audit: Audit) -> None:
    """Each is a finding with its records, exit status 1, and what is said has neither the key nor the nonce."""
    audited = audit(records)
    found = audited.found()
    found.pop("high-s", None)
    assert {kind: sorted(lines) for kind, lines in found.items()} == expected
    assert audited.status == 1
    assert audited.report["valid"] == len(records)


@pytest.mark.usefixtures("all_nonces")
def test_the_largest_nonce_that_is_small(audit: Audit) -> None:
    """It and its negative are found, and the next nonce is not."""
    records = [with_nonce(D[0], SMALL, b"a"), with_nonce(D[1], N - SMALL, b"b"), with_nonce(D[2], SMALL + 1, b"c")]
    assert audit(records).found()["nonce-small"] == [[1], [2]]


def test_the_keys_of_a_finding_are_those_of_its_records(audit: Audit) -> None:
    """Of two where one follows from the other, the one that follows comes first."""
    report = audit(EXPOSING["a chain of keys"][0]).report
    keys = {finding["kind"]: finding["keys"] for finding in reversed(report["findings"])}
    assert keys["nonce-reused"] == [KEYS[0]]
    assert keys["key-follows"] == [KEYS[1], KEYS[0]]
    assert sorted(keys["nonce-shared"]) in (sorted(KEYS[:2]), sorted(KEYS[1:3]))


def test_one_nonce_of_many_keys_and_one_of_them_exposed(audit: Audit) -> None:
    """All other keys follow from the exposed one."""
    records = [with_nonce(D[0], K[0], b"a"), with_nonce(D[0], K[0], b"b")]
    records += [with_nonce(D[1] + number, K[0], b"a") for number in range(30)]
    audited = audit(records)
    assert audited.report["totals"]["key-follows"] == 30
    exposed = {finding["keys"][0] for finding in audited.report["findings"] if finding["kind"] == "key-follows"}
    assert exposed == {record["public_key"] for record in records[2:]}


def test_a_signature_that_is_there_twice_is_no_reuse(audit: Audit) -> None:
    """It, or its twin, is a note: a signer that is deterministic gives it, and anyone can copy it."""
    records = [with_nonce(D[0], K[0], b"a"), with_nonce(D[0], K[0], b"a"), with_nonce(D[0], K[0], b"a", is_twin=True)]
    audited = audit([*records, with_nonce(D[0], K[1], b"a")])
    assert audited.status == 0
    assert audited.found()["signature-repeated"] == [[1, 2, 3]]
    assert set(audited.found()) <= {"signature-repeated", "high-s"}
    audited = audit([*records, with_nonce(D[0], K[0], b"b")])
    assert audited.status == 1
    assert audited.found()["nonce-reused"] == [[1, 2, 3, 4]]


def test_what_does_not_verify_proves_nothing(audit: Audit) -> None:
    """Anyone can write another's r into a record: it is invalid, and no finding."""
    honest = with_nonce(D[0], K[0], b"a")
    audited = audit(written([honest, honest | {"message": b"b".hex()}]) + b"{\n")
    assert audited.status == 1
    assert set(audited.found()) <= {"high-s"}
    assert audited.report["reasons"] == {"does-not-hold": 1, "not-json": 1}


def test_a_key_that_was_made_up_to_fit(audit: Audit) -> None:
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
def test_nonces_of_logins(nonces: list[tuple[int, int]], expected: dict[str, list[list[int]]], audit: Audit) -> None:
    """A nonce of either side that comes again is a finding, and so is a login that does."""
    audited = audit([logged_in(*pair) for pair in nonces])
    assert audited.found() == expected
    assert audited.status == bool(expected)


# Keys that records do not name


def test_keys_are_recovered_where_they_recur(audit: Audit) -> None:
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


def test_a_known_key_is_recovered_from_one_record(tmp_path: Path, audit: Audit) -> None:
    """A key that another record has, or the user, needs no second record without one."""
    record = keyless(with_nonce(D[0], K[0], b"a"))
    assert audit([record, with_nonce(D[0], K[1], b"b")], "--recover").found()["key-recovered"] == [[1]]
    (tmp_path / "Ann.pem").write_text(PublicKey.from_bytes(bytes.fromhex(KEYS[0])).to_pem(), encoding="ascii")
    audited = audit([record], "--recover", "--keys", str(tmp_path))
    assert (audited.status, audited.found()["key-recovered"]) == (0, [[1]])


def test_findings_of_keys_that_were_recovered(audit: Audit) -> None:
    """A reused nonce, and one that is known, once the key has its name; before that nothing is said of any."""
    message = int.from_bytes(b"message", "big")
    records = [keyless(with_nonce(D[0], K[0], b"a")), keyless(with_nonce(D[0], K[0], b"b"))]
    records += [keyless(with_nonce(D[1], message, b"message")), keyless(with_nonce(D[1], E, b"digest"))]
    found = audit(records, "--recover").found()
    assert (found["nonce-reused"], found["key-recovered"]) == ([[1, 2]], [[1, 2], [3, 4]])
    assert (found["nonce-is-message"], found["nonce-is-digest"]) == ([[3]], [[4]])
    assert "nonce-is-message" not in audit(records[:3], "--recover").found()


def test_a_record_that_fits_two_named_keys_stays_without(audit: Audit) -> None:
    """Which of its two keys signed it, it does not tell, when both are named by others."""
    record = with_nonce(D[0], K[0], b"a")
    signature = Signature.from_der(bytes.fromhex(record["signature"]))
    digest = hashlib.sha224(b"a").digest()
    both = PublicKey.recover(signature, digest)
    named = [record | {"public_key": key.to_bytes().hex()} for key in both]
    audited = audit([*named, keyless(record)], "--recover")
    assert audited.report["reasons"] == {"no-public-key": 1}
    assert "key-recovered" not in audited.found()


def test_each_kind_is_met_in_these_tests() -> None:
    """No kind is left without a test; some have files of their own."""
    met = {kind for _, expected in EXPOSING.values() for kind in expected}
    met |= {"nonce-generator", "client-nonce-generator"}  # in the tests of generators
    met |= {"server-nonce-repeated", "client-nonce-repeated", "login-repeated", "dropped-zeros", "short-signature"}
    met |= {"loose-encoding", "own-nonces", "own-nonce-short", "own-nonce-alike", "own-nonce-stray", "nonce-biased"}
    assert met | {"r-uneven", "key-recovered", "signature-repeated", "high-s"} == set(KINDS)


# The spread of r


def rows(key: bytes, values: list[bytes]) -> list[Signed]:
    """Return signatures of a key, with these r."""
    one = (1).to_bytes(29, "big")
    return [Signed(r, key, one, one, 0, line) for line, r in enumerate(values, 1)]


def concluded(signed: list[Signed], noted: list[Noted]) -> Conclusions:
    """Return what rows come to."""
    with contextlib.closing(Rows(None, {})) as kept:
        kept.add(Seen(Counter(), signed, [], [], noted, 0), "")
        return Conclusions(Settings({}), kept)


def kinds(*chunks: list[Signed]) -> Counter[str]:
    """Return the kinds of findings on rows."""
    return concluded([row for chunk in chunks for row in chunk], []).findings.totals


def values(count: int, below: int = 1 << 224, seed: int = 1) -> list[bytes]:
    """Return so many random r."""
    rng = random.Random(seed)
    return [rng.randrange(below).to_bytes(29, "big") for _ in range(count)]


def test_uneven_r_are_found_and_even_ones_are_not() -> None:
    """r that were made until their first bit was 0 are uneven; below 2,560 of them nothing is said."""
    key, other = bytes.fromhex(KEYS[0]), bytes.fromhex(KEYS[1])
    assert kinds(rows(key, values(2560)), rows(other, values(4000, seed=2))) == {}
    assert kinds(rows(key, values(2560, 1 << 223)), rows(other, values(4000, seed=2))) == {"r-uneven": 1}
    assert kinds(rows(key, values(2559, 1 << 223))) == {}


def test_copies_of_a_signature_make_no_r_uneven() -> None:
    """Each r of a key counts once, however often it is there."""
    key = bytes.fromhex(KEYS[0])
    assert "r-uneven" not in kinds(rows(key, values(2600) + values(5) * 1000))
    assert "r-uneven" not in kinds(rows(key, values(1300) * 3))


def test_uneven_r_are_shown_with_some_of_their_records() -> None:
    """The finding counts the different r, and has the first records."""
    (found,) = concluded(rows(bytes.fromhex(KEYS[0]), values(2560, 1 << 223)), []).findings
    assert (found.count, len(found.records)) == (2560, MOST_RECORDS)
    assert all(record.r is not None for record in found.records)


def test_a_guess_that_proves_wrong_is_no_finding() -> None:
    """Only what was computed is said of a key."""
    wrong = signed(b"a", K[0], E)
    k = K[1].to_bytes(29, "big")
    noted = [
        Noted("nonce-is-digest", wrong, wrong.e),
        Noted("nonce-is-message", wrong, k),
        Noted("nonce-is-key", wrong),
    ]
    assert concluded([], noted).findings.totals == {}
    assert concluded([signed(b"a", 7, E)], []).findings.of_kind("nonce-small") == []
    right = signed(b"a", K[0], int.from_bytes(hashlib.sha224(b"a").digest(), "big") % N)
    noted = [Noted("nonce-is-message", right, K[0].to_bytes(29, "big"))]
    assert concluded([], noted).findings.totals == {"nonce-is-message": 1}
