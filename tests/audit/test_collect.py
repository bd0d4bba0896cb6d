"""What is taken from records: whatever form and curve they are of, and nothing of what was not signed."""

from __future__ import annotations

import hashlib

from archives import with_nonce, written
from auditing import KEYS, Audit, D, K, N, Record, keyless, logged_in
from tickets import body, ticket

from ecpure import SECP256K1, Signature
from ecpure.archives.blocks import Block
from ecpure.archives.records import Settings
from ecpure.audit.collect import Collector, Login, Noted, Seen
from ecpure.audit.exposure import Signed


def test_what_a_profile_reads(audit: Audit) -> None:
    """Of a document, the part that is signed is the message."""
    signed = [body(), body(cookie=b"cookie")]
    records = []
    for octets, k in ((signed[0], K[0]), (signed[1], K[0]), (signed[0], int.from_bytes(signed[0], "big") % N)):
        record = with_nonce(D[0], k, octets)
        whole = ticket(octets, bytes.fromhex(record["signature"]))
        records.append({"public_key": KEYS[0], "profile": "rpcn", "message": whole.hex()})
    found = audit(records).found()
    found.pop("high-s", None)
    assert found == {"nonce-reused": [[1, 2]], "nonce-is-message": [[3]]}


def test_on_secp256k1(audit: Audit) -> None:
    """What exposes a key on secp224k1 exposes one on secp256k1."""
    records = [with_nonce(D[0], K[0], message, curve=SECP256K1) for message in (b"a", b"b")]
    records.append(with_nonce(D[1], SECP256K1.n - 5, b"c", curve=SECP256K1))
    records.append(with_nonce(D[2], D[2], b"d", curve=SECP256K1))
    audited = audit(records, "--curve", "secp256k1")
    found = audited.found()
    found.pop("high-s", None)
    assert found == {"nonce-reused": [[1, 2]], "nonce-small": [[3]], "nonce-is-key": [[4]]}


def test_logins_without_a_key_and_false_ones(audit: Audit) -> None:
    """Nonces are compared where no key is known, too; where the signature is known to be false, they are not."""
    audited = audit([keyless(logged_in(1, 1)), keyless(logged_in(1, 2))])
    assert audited.found() == {"server-nonce-repeated": [[1, 2]]}
    assert audited.report["reasons"] == {"no-public-key": 2}
    audited = audit([logged_in(1, 1), logged_in(1, 2, public_key=KEYS[0])])
    assert audited.found() == {}
    assert audited.status == 1


def test_without_a_key_and_out_of_range(audit: Audit) -> None:
    """A signature with r of n has no key to recover, and is out of range where a key is named."""
    record = keyless(with_nonce(D[0], K[0], b"a")) | {"signature": Signature(N, 1).to_der().hex()}
    audited = audit([record, record | {"public_key": KEYS[0]}, record | {"signature": "3006020100020101"}], "--recover")
    assert audited.report["reasons"] == {"out-of-range": 2, "no-public-key": 1}


SETTINGS = Settings({})


def collected(records: list[Record], settings: Settings = SETTINGS, *, recover: bool = False) -> Seen:
    """Return what there is to see in a block of records, which begins with line 5 of the fourth file."""
    block = Block(3, 5, written(records), None, damaged=False, position=99)
    return Collector(settings, 1 << 20, recover=recover)(block)


def test_what_verifies_makes_a_row() -> None:
    """It has the signature, its key and digest, and its place; what does not verify makes no row."""
    records = [with_nonce(D[0], K[0], b"a") | {"id": "a"}, with_nonce(D[1], K[0], b"b") | {"message": "00"}]
    seen = collected(records)
    (row,) = seen.signed
    signature = Signature.from_der(bytes.fromhex(records[0]["signature"]))
    assert (int.from_bytes(row.r, "big"), int.from_bytes(row.s, "big")) == (signature.r, signature.s)
    assert (row.key.hex(), row.e) == (KEYS[0], b"\0" + hashlib.sha224(b"a").digest())
    assert (row.source, row.line, row.id, seen.position) == (3, 5, '"a"', 99)
    assert seen.verdicts == {"valid": 1, "does-not-hold": 1}
    assert (seen.candidates, seen.logins, seen.noted) == ([], [], [])


def test_a_key_that_is_not_trusted_is_unknown() -> None:
    """Its record is counted as `verify-many` counts it, and makes a row all the same."""
    trusted = {"other": bytes.fromhex(KEYS[1])}
    for settings, verdict in (
        (Settings(trusted), "unknown-key"),
        (Settings(trusted, trust_record_keys=True), "valid"),
        (Settings({"own": bytes.fromhex(KEYS[0])}), "valid"),
    ):
        seen = collected([with_nonce(D[0], K[0], b"a")], settings)
        assert (seen.verdicts, len(seen.signed)) == ({verdict: 1}, 1)


def test_a_record_without_a_key_makes_a_row_for_each_that_it_may_have() -> None:
    """Only where recovery is asked for."""
    record = keyless(with_nonce(D[0], K[0], b"a"))
    assert collected([record]).candidates == []
    seen = collected([record], recover=True)
    keys = {row.key.hex() for row in seen.candidates}
    assert KEYS[0] in keys
    assert len(keys) == 2
    assert (seen.signed, seen.verdicts) == ([], {"no-public-key": 1})


def test_a_record_whose_key_cannot_be_read_is_kept_for_comparing() -> None:
    """Also a login; but nothing of it where its user's key is none, or its hash is unknown."""
    record = with_nonce(D[0], K[0], b"a") | {"public_key": "Ann"}
    login = logged_in(1, 2, public_key="Ann")
    (row,) = collected([with_nonce(D[0], K[0], b"a")]).signed
    seen = collected([record, login])
    assert [(one.r, one.e, one.s) for one in seen.failed[:1]] == [(row.r, row.e, row.s)]
    assert [one.line for one in seen.failed] == [5, 6]
    assert (seen.signed, seen.logins, seen.verdicts) == ([], [], {"unknown-key-id": 2})
    assert collected([record | {"hash": "md5"}]).failed == []
    assert collected([keyless(logged_in(1, 2))], Settings({"1": b"\2"})).failed == []
    assert collected([keyless(record)], recover=True).failed == []


def test_a_login_makes_a_row_of_its_nonces() -> None:
    """With its digest and its place, whether its key is known or not."""
    seen = collected([logged_in(1, 2), keyless(logged_in(3, 4)) | {"id": 7}])
    assert [login._replace(e=b"") for login in seen.logins] == [
        Login(bytes(15) + b"\1", bytes(15) + b"\2", b"", 3, 5, "null"),
        Login(bytes(15) + b"\3", bytes(15) + b"\4", b"", 3, 6, "7"),
    ]
    assert [len(login.e) for login in seen.logins] == [28, 28]


def test_what_is_a_finding_by_itself_is_noted() -> None:
    """A nonce that its r shows to be the key, the digest or the message; and a signature that lost zeros."""
    e = int.from_bytes(hashlib.sha224(b"digest").digest(), "big") % N
    records = [with_nonce(D[0], D[0], b"a"), with_nonce(D[0], e, b"digest")]
    records.append(with_nonce(D[0], int.from_bytes(b"message", "big"), b"message"))
    seen = collected(records)
    assert sorted((kind, signed.line, int.from_bytes(k, "big")) for kind, signed, k in seen.noted) == [
        *(
            ("nonce-is-digest", 6, e),
            ("nonce-is-key", 5, 0),
            ("nonce-is-message", 7, int.from_bytes(b"message", "big")),
        ),
    ]
    assert {signed for _, signed, _ in seen.noted} == set(seen.signed)
    short = with_nonce(D[0], K[0], b"a") | {"format": "p1363", "signature": "00" * 57, "id": "x"}
    assert collected([short]).noted == [Noted("short-signature", Signed(b"", b"", b"", b"", 3, 5, '"x"'))]
