"""Signatures in loose encodings: they are refused, looked at all the same, and prove what they prove."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest
from archives import with_nonce
from auditing import KEYS, Audit, D, K, N, Record, keyless, logged_in
from hypothesis import given
from hypothesis import strategies as st

from ecpure import SECP224K1, Signature, der
from ecpure.archives.records import Settings
from ecpure.audit.loosely import loosely

FIRST = with_nonce(D[0], K[0], b"a")
SECOND = with_nonce(D[0], K[0], b"b")
PAIR = Signature.from_der(bytes.fromhex(SECOND["signature"]))
DER = PAIR.to_der()
SETTINGS = Settings({})


def integers(*contents: bytes) -> bytes:
    return b"".join(bytes([der.INTEGER, len(octets)]) + octets for octets in contents)


def least(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


R, S = (value.to_bytes(29, "big") for value in (PAIR.r, PAIR.s))
LOOSE = {
    "superfluous zeros": der.element(der.SEQUENCE, integers(b"\0" * 3 + R, b"\0" + S)),
    "a long length": b"\x30\x81" + DER[1:],
    "a length of many octets": b"\x30\x84\0\0\0" + DER[1:],
    "long lengths of integers": der.element(der.SEQUENCE, b"\x02\x81\x1d" + R, b"\x02\x82\0\x1d" + S),
    "an indefinite length": b"\x30\x80" + DER[2:] + b"\0\0",
    "a wrong length of the whole": b"\x30\x05" + DER[2:],
    "an octet behind": DER + b"\0",
    "the type of a hash behind": DER + b"\x01",
    "much behind": DER + b"\xff" * 40,
    "no zero before a first bit of 1, and an octet behind": der.element(
        der.SEQUENCE, integers(least(PAIR.r), least(PAIR.s))
    )
    + b"\x01",
    "halves of n's length": R + S,
    "halves of 32": R.rjust(32, b"\0") + S.rjust(32, b"\0"),
    "halves and an octet behind": R + S + b"\x01",
    "an octet before halves": b"\x1b" + R + S,
}


@pytest.mark.parametrize("octets", LOOSE.values(), ids=LOOSE)
def test_a_loose_encoding_is_a_finding_and_can_prove_a_reuse(octets: bytes, audit: Audit) -> None:
    """It stays unreadable, as for `verify-many`, and what exposes a key is found."""
    audited = audit([FIRST, SECOND | {"signature": octets.hex()}])
    found = audited.found()
    assert (found["nonce-reused"], found["loose-encoding"]) == ([[1, 2]], [[2]])
    assert audited.report["reasons"] == {"bad-signature": 1}
    assert "fully examined" not in audited.said
    assert audited.status == 1


@pytest.mark.parametrize(
    ("form", "octets"),
    [("p1363", DER), ("compact", DER), ("compact", R + S), ("p1363", R + S + b"\x01"), ("p1363", b"\0" + R + S)],
)
def test_other_formats_than_the_one_that_is_stated(form: str, octets: bytes, audit: Audit) -> None:
    """Also in base64, which stays as strict as it was."""
    text = b64encode(octets).decode("ascii")
    record = SECOND | {"format": form, "encoding": "base64", "signature": text, "message": b64encode(b"b").decode()}
    assert audit([record]).found()["loose-encoding"] == [[1]]
    assert "loose-encoding" not in audit([record | {"signature": f"{text}\n"}]).found()


def test_what_is_out_of_range_as_it_is_stated(audit: Audit) -> None:
    """Of p1363, 58 octets that are DER: their r is beyond n, and they are read as what they are."""
    record = with_nonce(D[0], (N + 1) // 2, b"a")
    pair = Signature.from_der(bytes.fromhex(record["signature"]))
    s = least(pair.s)
    octets = der.element(der.SEQUENCE, integers(least(pair.r).rjust(52 - len(s), b"\0"), s))
    assert len(octets) == 58
    audited = audit([record | {"format": "p1363", "signature": octets.hex()}])
    assert audited.report["reasons"] == {"out-of-range": 1}
    assert audited.found()["loose-encoding"] == [[1]]
    record = SECOND | {"format": "p1363", "signature": (b"\xff" * 29 + S).hex()}
    audited = audit([record])
    assert audited.report["reasons"] == {"out-of-range": 1}
    assert "loose-encoding" not in audited.found()


def test_a_login_with_superfluous_zeros(audit: Audit) -> None:
    """Its halves have 28 octets; where they had more, and the rest is zeros, it is looked at."""
    made = logged_in(1, 1)

    def with_pair(pair: object) -> Record:
        return made | {"message": made["message"] | {"signature": pair}}

    texts = [b64encode(b"\0" + b64decode(text)).decode("ascii") for text in made["message"]["signature"]]
    audited = audit([with_pair(texts)])
    assert audited.found() == {"loose-encoding": [[1]]}
    assert audited.report["reasons"] == {"bad-login": 1}
    long = b64encode(b"\1" * 29).decode("ascii")
    for pair in ([texts[0], long], [texts[0], 5], texts[:1], "x", [texts[0], ""]):
        assert audit([with_pair(pair)]).found() == {}
    assert not list(loosely({"server_nonce": "", "message": 5}, SETTINGS))
    assert not list(loosely(made, SETTINGS))


def test_what_does_not_verify_is_no_finding(audit: Audit) -> None:
    """Of another message, cut off, out of range or without a key to try."""
    loose = SECOND | {"signature": (DER + b"\x01").hex()}
    others = [
        loose | {"message": "00"},
        loose | {"signature": DER[:-2].hex()},
        loose | {"signature": "3001"},
        loose | {"signature": "30"},
        loose | {"signature": "3080020201"},
        loose | {"signature": "308001"},
        loose | {"signature": der.element(der.SEQUENCE, integers(b"\0\0", S)).hex()},
        loose | {"signature": der.element(der.SEQUENCE, integers(R, least(N))).hex() + "00"},
        keyless(loose),
    ]
    audited = audit(others)
    assert audited.found() == {}
    unseen = f"{len(others)} of {len(others)} records"
    assert f"nothing found; not fully examined: {unseen}, without a valid signature" in audited.said


def test_profiles_are_left_alone() -> None:
    """The signature of a profile has the form of its document; a value that is not text is not a signature."""
    fields = {"signature": (DER + b"\0").hex(), "message": ""}
    assert len(list(loosely(fields, SETTINGS))) == 1
    assert not list(loosely(fields | {"profile": "rpcn"}, SETTINGS))
    assert not list(loosely(fields, Settings({}, profile="rpcn")))
    assert not list(loosely({"signature": 5}, SETTINGS))
    assert not list(loosely({}, SETTINGS))


@given(st.one_of(st.binary(max_size=80), st.sampled_from([*LOOSE.values()])), st.binary(max_size=3), st.integers(0, 60))
def test_any_octets(octets: bytes, inserted: bytes, at: int) -> None:
    """What is read is a few signatures in range, whose r and s are in the octets."""
    octets = octets[:at] + inserted + octets[at:]
    found = list(loosely({"signature": octets.hex()}, SETTINGS))
    assert len(found) <= 3
    for fields in found:
        signature = Signature.from_der(bytes.fromhex(fields["signature"]))
        assert signature.in_range(curve=SECP224K1)
        assert least(signature.r) in octets
        assert least(signature.s) in octets


# Records that are filed under another's key


def test_a_record_under_anothers_key_proves_a_reuse(audit: Audit) -> None:
    """It is not valid; but with the r of a valid one, it gives that one's key away, whatever signs were taken."""
    for twin in (False, True):
        misfiled = with_nonce(D[0], K[0], b"b", is_twin=twin) | {"public_key": KEYS[1]}
        audited = audit([misfiled, FIRST, misfiled | {"public_key": KEYS[2]}])
        found = audited.found()
        assert found["nonce-reused"] == [[1, 2, 3]]
        (finding,) = [one for one in audited.report["findings"] if one["kind"] == "nonce-reused"]
        assert finding["keys"] == [KEYS[0]]
        assert finding["proof"][-1] == f"d·G = {KEYS[0]}"
        assert audited.report["reasons"] == {"does-not-hold": 2}
        assert audited.status == 1


UNNAMED: dict[str, tuple[Record, str]] = {
    "an unknown id": (SECOND | {"public_key": "station-9"}, "unknown-key-id"),
    "a key that was cut off": (SECOND | {"public_key": KEYS[0][:-2]}, "bad-public-key"),
    "no key": (keyless(SECOND), "no-public-key"),
}


@pytest.mark.parametrize(("record", "reason"), UNNAMED.values(), ids=UNNAMED)
def test_a_record_without_a_key_proves_a_reuse(record: Record, reason: str, audit: Audit) -> None:
    """It is counted as before; its r and digest are compared with those of what verifies."""
    audited = audit([FIRST, record, record | {"message": b"x".hex()}])
    assert audited.found()["nonce-reused"] == [[1, 2]]
    (finding,) = [one for one in audited.report["findings"] if one["kind"] == "nonce-reused"]
    assert (finding["keys"], finding["proof"][-1]) == ([KEYS[0]], f"d·G = {KEYS[0]}")
    assert audited.report["reasons"] == {reason: 2}
    assert "nonce-reused" not in audit([FIRST, record | {"signature": Signature(N, 1).to_der().hex()}]).found()
    assert "nonce-reused" in audit([FIRST, record], "--recover").found()


def test_a_key_that_such_a_record_exposes_exposes_others(audit: Audit) -> None:
    """Those that share another nonce with it."""
    records = [FIRST, SECOND | {"public_key": KEYS[5]}, with_nonce(D[0], K[1], b"c"), with_nonce(D[1], K[1], b"d")]
    found = audit(records).found()
    assert (found["nonce-reused"], found["key-follows"]) == ([[1, 2]], [[3, 4]])


def test_what_was_made_up_exposes_nobody(audit: Audit) -> None:
    """Any s and message with another's r, under any key; a copy of a valid one; and what another key signed."""
    r = Signature.from_der(bytes.fromhex(FIRST["signature"])).r
    made_up = [
        {"public_key": KEYS[number % 3], "message": f"0{number}", "signature": Signature(r, s).to_der().hex()}
        for number, s in enumerate((1, 5, N - 1, N // 2))
    ]
    made_up.append(FIRST | {"public_key": KEYS[1]})
    made_up.append(FIRST | {"message": b"x".hex()})
    made_up.append(with_nonce(D[1], K[0], b"b") | {"public_key": KEYS[2]})
    audited = audit([FIRST, *made_up])
    assert "critical" not in audited.said
    assert "nonce-shared" not in audited.found()
