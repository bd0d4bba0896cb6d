"""Signatures that lost zeros: they are named, tried with zeros put back, and never called valid."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode

import pytest
from archives import with_nonce
from auditing import KEYS, Audit, D, N, Record, keyless, logged_in

from ecpure import PrivateKey, Signature
from ecpure.archives.records import Settings
from ecpure.audit.repairs import with_zeros

KEY = PrivateKey.from_int(D[0])
SHORT = {"r": b"34", "s": b"410"}
"""Messages whose signature, with s low, has an r or s of fewer than 28 octets."""
SHORT_LOGIN = {"r": 1236, "s": 532}
"""Client nonces whose login has."""


def short(which: str) -> tuple[bytes, Signature]:
    """Return a message whose signature, with s low, has an r or s of fewer than 28 octets."""
    signature = KEY.sign(SHORT[which], low_s=True)
    assert getattr(signature, which) >> 8 * 27 == 0
    return SHORT[which], signature


def record_of(message: bytes, digits: str, form: str, encoding: str = "hex") -> Record:
    text = digits if encoding == "hex" else b64encode(bytes.fromhex(digits)).decode("ascii")
    octets = message.hex() if encoding == "hex" else b64encode(message).decode("ascii")
    return {"public_key": KEYS[0], "message": octets, "signature": text, "format": form, "encoding": encoding}


def dropped() -> dict[str, Record]:
    """Return records of signatures that lost zeros as programs lose them."""
    records = {}
    for which in ("r", "s"):
        message, signature = short(which)
        r, s = (value.to_bytes((value.bit_length() + 7) // 8, "big").hex() for value in (signature.r, signature.s))
        records[f"compact, {which}"] = record_of(message, r + s, "compact")
        records[f"compact, {which}, base64"] = record_of(message, r + s, "compact", "base64")
        records[f"p1363, {which}"] = record_of(message, r + s, "p1363")
        records[f"digits, {which}"] = record_of(message, f"{signature.r:x}{signature.s:x}", "compact")
        made = logged_in(0, SHORT_LOGIN[which])
        pair = made["message"]["signature"]
        assert pair["rs".index(which)].startswith("AA")
        texts = [b64encode(b64decode(text).lstrip(b"\0")).decode("ascii") for text in pair]
        records[f"login, {which}"] = made | {"message": made["message"] | {"signature": texts}}
    message, signature = short("r")
    octets = signature.r.to_bytes(28, "big") + signature.s.to_bytes(28, "big")
    records["p1363 of 28 + 28"] = record_of(message, octets.hex(), "p1363")
    message = b"0"
    signature = KEY.sign(message, low_s=True)
    assert signature.r >> 223
    octets = signature.to_der()
    place = octets.index(b"\x00")
    octets = bytes([0x30, len(octets) - 3, 2, octets[3] - 1]) + octets[place + 1 :]
    records["DER"] = record_of(message, octets.hex(), "der")
    return records


DROPPED = dropped()


@pytest.mark.parametrize("record", DROPPED.values(), ids=DROPPED)
def test_dropped_zeros_are_named(record: Record, audit: Audit) -> None:
    """What cannot be read, and verifies with zeros put back, is a finding, which is no reason to call it valid."""
    audited = audit([record])
    assert audited.found() == {"dropped-zeros": [[1]]}
    assert audited.report["unreadable"] == 1
    assert audited.status == 1


def test_what_is_short_for_another_reason(audit: Audit) -> None:
    """What is cut off, of another message, or without a key to try is a finding of another kind, or no finding."""
    record = DROPPED["compact, r"]
    cut = record | {"signature": record["signature"][:-2]}
    der = DROPPED["DER"]
    cases = [cut, record | {"message": "00"}, keyless(record), der | {"message": "00"}]
    assert audit(cases).found() == {"short-signature": [[1, 2, 3, 4]]}
    assert audit([DROPPED["DER"] | {"format": "DER"}]).found() == {"dropped-zeros": [[1]]}
    odd: list[object] = [[], {}, 5]
    assert audit([record | {"format": form} for form in odd]).report["reasons"] == {"wrong-type": 3}
    whole = DROPPED["login, r"]
    pair = whole["message"]["signature"]

    def with_pair(pair: object) -> Record:
        return whole | {"message": whole["message"] | {"signature": pair}}

    none = [
        record | {"signature_encoding": "base64"},
        record | {"signature": "0x0x"},
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


def test_a_repaired_signature_can_prove_a_reuse(audit: Audit) -> None:
    """It verifies, whatever its form has lost."""
    message, signature = short("s")
    octets = bytes.fromhex(DROPPED["compact, s"]["signature"])
    assert len(octets) == 55
    k = (int.from_bytes(hashlib.sha224(message).digest(), "big") + signature.r * D[0]) * pow(signature.s, -1, N)
    audited = audit([DROPPED["compact, s"], with_nonce(D[0], k % N, b"another")])
    assert audited.found()["nonce-reused"] == [[1, 2]]


def test_zeros_are_put_back_within_bounds() -> None:
    """They are never put into what is whole, nor where more than six octets are missing."""
    settings = Settings({}, format="compact")
    assert len(list(with_zeros({"signature": "1" * 111}, settings))) == 2
    assert len(list(with_zeros({"signature": "1" * 100}, settings))) == 13
    for digits in ("1" * 99, "1" * 112, "1" * 113):
        assert not list(with_zeros({"signature": digits}, settings))


def test_digits_that_have_two_readings_have_no_zeros_put_back() -> None:
    """Between colons, and in base64 of two alphabets, nobody can tell where they were."""
    for encoding, text in (("hex", "3:d"), ("base64", "+_8=")):
        assert not [*with_zeros({"signature": text, "encoding": encoding}, Settings(keys={}))]
