"""ecpure's own answers: what is valid, invalid, unknown, no request at all, or a fault."""

from __future__ import annotations

from typing import Any

import pytest
from smallvectors import KEY, SIGNATURE

from ecpure import SECP224K1, FaultDetected, PrivateKey, PublicKey, __version__, backend, hashes, vectors
from ecpure.basepoint import BasePoint
from ecpure.vectors.operations import OPERATIONS, InvalidRequest, answer

PUBLIC_LONG = KEY.public_key.to_bytes(compressed=False).hex()
PUBLIC = KEY.public_key.to_bytes().hex()

UNKNOWN: list[dict[str, Any]] = [
    {"operation": "encrypt"},
    {"operation": "verify", "curve": "P-256"},
    {"operation": "verify", "hash": "sha1", "format": "der"},
    {"operation": "verify", "hash": "sha256", "format": "jose", "public_key": ""},
    {"operation": "sign", "hash": "sha1", "private_key": ""},
    {"operation": "recover", "hash": "sha1"},
    {"operation": "decode_key", "key": "", "format": "jwk", "kind": "public"},
    {"operation": "decode_key", "key": "", "format": "der", "kind": "secret"},
]


@pytest.mark.parametrize("request_", UNKNOWN, ids=str)
def test_unknown_requests_are_unsupported(request_: dict[str, Any]) -> None:
    """An operation, curve, hash, format or kind that ecpure does not know is no invalid answer, whatever else is."""
    assert answer({"curve": "secp224k1", **request_}) == {"result": "unsupported"}


def test_a_fault_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computation that went wrong says nothing of the input: it is raised, and is a crash in a run."""
    sign: dict[str, Any] = {"operation": "sign", "curve": "secp224k1", "hash": "sha224", "low_s": False}
    sign |= {"private_key": KEY.to_bytes().hex(), "message": "", "extra_entropy": ""}
    assert answer(sign)["result"] == "valid"
    monkeypatch.setattr(BasePoint, "multiply_secret", lambda *_: (1, 1))
    with pytest.raises(FaultDetected):
        answer(sign)
    case = vectors.Case("a", 1, (), "", sign, ({"result": "invalid"},))
    [outcome] = vectors.run([case], answer)
    assert outcome.verdict == "crashed"
    assert outcome.detail.startswith("FaultDetected")


@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - {"generate"}))
def test_every_operation_needs_its_fields(operation: str) -> None:
    """A request of only an operation and a curve is refused, in a sentence that names the field."""
    with pytest.raises(InvalidRequest, match=r"^request: \w+: [\w ]+ was expected$"):
        answer({"operation": operation, "curve": "secp224k1"})


def test_signatures_are_judged() -> None:
    """A message, a digest, and a high s where a low one is asked for."""
    high = type(SIGNATURE)(SIGNATURE.r, max(SIGNATURE.s, SECP224K1.n - SIGNATURE.s))
    verify = {"operation": "verify", "curve": "secp224k1", "hash": "sha224", "format": "p1363", "public_key": PUBLIC}
    verify |= {"message": b"m".hex(), "signature": high.to_p1363().hex()}
    assert answer(verify) == {"result": "valid"}
    assert answer(verify | {"low_s": True}) == answer(verify | {"message": ""}) == {"result": "invalid"}
    assert answer(verify | {"signature": "00"}) == answer(verify | {"public_key": "00"}) == {"result": "invalid"}
    digest = {"operation": "verify_digest", "curve": "secp224k1", "public_key": PUBLIC, "digest": "00" * 28}
    digest |= {"signature": KEY.sign_digest(bytes(28)).to_p1363().hex()}
    assert answer(digest) == {"result": "valid"}
    assert answer(digest | {"digest": "01" * 28}) == {"result": "invalid"}


def test_items_of_a_batch_have_verdicts_of_their_own() -> None:
    """What is not valid, and what does not decode, is false; its neighbours are true."""
    good = {"public_key": PUBLIC, "message": b"m".hex(), "signature": SIGNATURE.to_p1363().hex()}
    batch: dict[str, Any] = {"operation": "batch", "curve": "secp224k1", "hash": "sha224"}
    items = [good, good | {"message": ""}, good, good | {"signature": "00"}, good | {"public_key": "00"}, good]
    assert answer(batch | {"items": items})["verdicts"] == [True, False, True, False, False, True]
    assert answer(batch | {"items": []}) == {"result": "valid", "verdicts": []}
    for bad in (1, {"public_key": PUBLIC}, good | {"message": "0"}):
        with pytest.raises(InvalidRequest):
            answer(batch | {"items": [bad]})


def test_digests_are_signed_and_recovered_from() -> None:
    """A digest stands for the message that it is of; none of no octet, and the hash is HMAC's."""
    digest = hashes.digest("sha224", b"m").hex()
    sign: dict[str, Any] = {"operation": "sign_digest", "curve": "secp224k1", "hash": "sha224", "low_s": False}
    sign |= {"private_key": KEY.to_bytes().hex(), "extra_entropy": ""}
    assert answer(sign | {"digest": digest}) == {"result": "valid", "signature": SIGNATURE.to_p1363().hex()}
    assert answer(sign | {"digest": digest, "hash": "sha256"})["signature"] != SIGNATURE.to_p1363().hex()
    assert answer(sign | {"digest": ""}) == {"result": "invalid"}
    recover: dict[str, Any] = {"curve": "secp224k1", "signature": SIGNATURE.to_p1363().hex()}
    by_digest = answer(recover | {"operation": "recover_digest", "digest": digest})
    assert by_digest == answer(recover | {"operation": "recover", "hash": "sha224", "message": b"m".hex()})
    assert PUBLIC_LONG in by_digest["public_keys"]


def test_points_and_roots_are_computed() -> None:
    """The results are hex; infinity is one octet, and what has no root is invalid."""
    point = {"operation": "multiply", "curve": "secp224k1", "point": SECP224K1.G.to_bytes().hex()}
    assert answer(point | {"scalar": "c0ffee"})["point"] == KEY.public_key.to_bytes(compressed=False).hex()
    assert answer(point | {"scalar": SECP224K1.n.to_bytes(29, "big").hex()}) == {"result": "valid", "point": "00"}
    root = {"operation": "square_root", "curve": "secp224k1"}
    assert answer(root | {"value": "04"}) == {"result": "valid", "root": "00" * 27 + "02"}
    assert {answer(root | {"value": f"{value:02x}"})["result"] for value in range(2, 20)} == {"valid", "invalid"}


def test_new_keys_are_made_and_the_version_is_told() -> None:
    """Both need nothing else; the public key is that of the private one."""
    made, other = (answer({"operation": "generate", "curve": "secp224k1"}) for _ in range(2))
    key = PrivateKey.from_bytes(bytes.fromhex(made["private_key"]))
    assert made["public_key"] == key.public_key.to_bytes(compressed=False).hex()
    assert other != made
    told = answer({"operation": "version", "curve": "secp224k1"})
    assert told == {"result": "valid", "version": f"ecpure {__version__} ({backend()})"}


def test_recovery_gives_all_keys_in_order() -> None:
    """Of a signature in the range the keys that it verifies under; of another nothing."""
    request = {"operation": "recover", "curve": "secp224k1", "hash": "sha224", "message": b"m".hex()}
    found = answer(request | {"signature": SIGNATURE.to_p1363().hex()})["public_keys"]
    assert found == sorted(found)
    assert KEY.public_key in [PublicKey.from_bytes(bytes.fromhex(key)) for key in found]
    assert answer(request | {"signature": "00" * 58}) == {"result": "invalid"}
