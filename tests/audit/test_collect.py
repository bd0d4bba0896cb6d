"""What is taken from records: whatever form and curve they are of, and nothing of what was not signed."""

from __future__ import annotations

import hashlib

from archives import with_nonce, written
from auditing import KEYS, Audit, D, K, N, Record, keyless, logged_in
from tickets import body, ticket

from ecpure import SECP224K1, SECP256K1, Signature
from ecpure.archives.blocks import Block
from ecpure.archives.records import Settings
from ecpure.audit.collect import LOGIN, Collector, Seen, signed_form


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


def collected(records: list[Record], *, recover: bool = False) -> Seen:
    """Return what there is to see in a block of records, which begins with line 5 of the fourth file."""
    return Collector(Settings({}), recover=recover)(Block(3, 5, written(records), None, damaged=False, position=99))


def test_what_verifies_makes_a_row() -> None:
    """It has the signature, its key and digest, and its place; what does not verify makes no row."""
    records = [with_nonce(D[0], K[0], b"a"), with_nonce(D[1], K[0], b"b") | {"message": "00"}]
    seen = collected(records)
    r, key, e, s, source, line = signed_form(SECP224K1).unpack(seen.signed)
    signature = Signature.from_der(bytes.fromhex(records[0]["signature"]))
    assert (int.from_bytes(r, "big"), int.from_bytes(s, "big")) == (signature.r, signature.s)
    assert (key.hex(), e) == (KEYS[0], b"\0" + hashlib.sha224(b"a").digest())
    assert (source, line, seen.source, seen.position) == (3, 5, 3, 99)
    assert seen.verdicts == {"valid": 1, "does-not-hold": 1}
    assert (seen.candidates, seen.logins, seen.guessed, seen.unnamed, seen.dropped, seen.short) == (
        *(b"", b"", [], [], [], []),
    )


def test_a_record_without_a_key_makes_a_row_for_each_that_it_may_have() -> None:
    """Only where recovery is asked for."""
    record = keyless(with_nonce(D[0], K[0], b"a"))
    assert collected([record]).candidates == b""
    seen = collected([record], recover=True)
    keys = {row[1].hex() for row in signed_form(SECP224K1).iter_unpack(seen.candidates)}
    assert KEYS[0] in keys
    assert len(keys) == 2
    assert (seen.signed, seen.verdicts) == (b"", {"no-public-key": 1})


def test_a_login_makes_a_row_of_its_nonces() -> None:
    """With its digest and its place, whether its key is known or not."""
    seen = collected([logged_in(1, 2), keyless(logged_in(3, 4))])
    found = [(server, client, line) for server, client, _, _, line in LOGIN.iter_unpack(seen.logins)]
    assert found == [(bytes(15) + b"\1", bytes(15) + b"\2", 5), (bytes(15) + b"\3", bytes(15) + b"\4", 6)]
