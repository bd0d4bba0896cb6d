"""Chargy's JSON: what is signed is `original`, and nothing else in the file counts."""

from __future__ import annotations

import contextlib
import json
from base64 import b64encode
from typing import Any

import pytest
from certificates import certificate
from hypothesis import given
from hypothesis import strategies as st
from signeddocuments import BILL, FLAT, SOME

from ecpure import SECP256K1, InvalidEncoding, InvalidKey, PrivateKey, Signature
from ecpure.formats import chargy

KEY = PrivateKey.from_int(0xC0FFEE << 190)
POINT = KEY.public_key.to_bytes(compressed=False).hex()
CONTEXTS = "https://open.charging.cloud/contexts/"
RECEIPT = json.dumps(FLAT, indent=1).encode()
SESSION: dict[str, Any] = {"original": b64encode(RECEIPT).decode(), "signature": SOME.hex()}
CONTEXT = {"@context": f"{CONTEXTS}SessionSignatureFormats/ChargePointCrypt01+json"}
RECORD: dict[str, Any] = {"@context": f"{CONTEXTS}CTR+json", "chargingSessions": [SESSION | CONTEXT]}
PUBLIC: dict[str, Any] = {
    "@context": f"{CONTEXTS}publicKey+json",
    "algorithm": {"oid": "1.3.132.0.32", "description": "secp224k1"},
    "value": POINT,
}


def octets_of(value: object) -> bytes:
    return json.dumps(value).encode()


def first_of(octets: bytes) -> Any:
    document = chargy.document(octets)
    return chargy.sessions(document or {})[0]


@pytest.mark.parametrize("receipt", [FLAT, BILL], ids=["flat", "bill"])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\n "], ids=["plain", "BOM", "space"])
def test_both_layouts(receipt: dict[str, object], before: bytes) -> None:
    """A record of sessions, and the receipt's own object with the two fields: the message is `original`'s octets."""
    original = json.dumps(receipt, indent=1).encode()
    session = SESSION | {"original": b64encode(original).decode()}
    small_p = {"@context": CONTEXT["@context"].replace("ChargePoint", "Chargepoint")}
    for document in (RECORD | {"chargingSessions": [session | small_p]}, receipt | session):
        reading = chargy.read(first_of(before + octets_of(document)))
        assert (reading.message, reading.hash) == (original, "sha256")
        assert reading.signature == Signature.from_der(SOME)


def test_what_is_beside_the_original_is_not_shown() -> None:
    """It is unsigned: another meter reading there changes nothing."""
    document = FLAT | SESSION | {"meter_endreading": 1}
    assert chargy.read(first_of(octets_of(document))).fields["meter_endreading"] == "86.6"


def test_a_signature_of_r_and_s() -> None:
    """Hex of each, as its source has it besides."""
    pair = Signature.from_der(SOME)
    session = SESSION | {"signature": {"r": f"{pair.r:058x}", "s": f"{pair.s:056X}"}}
    assert chargy.read(session).signature == pair


def test_what_is_no_document() -> None:
    """A receipt as it was signed, and anything but a JSON object, are of another kind."""
    for octets in (RECEIPT, b"", b"[1]", b"{", b'{"@context": 1, "@context": 2}', b"\xff", SOME):
        assert chargy.document(octets) is None
    assert chargy.is_json(b" {")
    assert not chargy.is_json(b"-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"@context": "x"}, r"a record of charging sessions \(CTR\+json\)"),
        ({"@context": 1}, r"a record of charging sessions \(CTR\+json\)"),
        (RECORD | {"chargingSessions": []}, "chargingSessions: a list of them"),
        (RECORD | {"chargingSessions": {}}, "chargingSessions: a list of them"),
        (RECORD | {"chargingSessions": [1]}, "an object was expected"),
        (RECORD | {"chargingSessions": [SESSION | {"@context": "x"}]}, "one of ChargePoint's"),
        (SESSION | {"original": 1}, "original: text was expected"),
        (SESSION | {"original": "e30"}, "original: base64 was expected"),
        (SESSION | {"original": "é"}, "original: base64 was expected"),
        (SESSION | {"original": "e30="}, "receipt: one of the fields"),
        (SESSION | {"signature": None}, "signature: text was expected"),
        (SESSION | {"signature": "3"}, "signature: hex was expected"),
        (SESSION | {"signature": "30 06"}, "signature: hex was expected"),
        (SESSION | {"signature": "3006"}, r"signature: byte \d"),
        (SESSION | {"signature": {"r": "01"}}, "s: text was expected"),
        (SESSION | {"signature": {"r": "00", "s": "01"}}, "signature: "),
    ],
)
def test_what_is_refused(document: object, words: str) -> None:
    """One sentence says what was expected."""
    with pytest.raises(InvalidEncoding, match=words):
        chargy.read(first_of(octets_of(document)))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"algorithm": "secp224k1"},
        {"format": "DER", "encoding": "HEX"},
        {"algorithm": {"name": "secp224k1"}},
        {"value": KEY.public_key.to_der().hex()},
        {"value": certificate(KEY.public_key).hex()},
        {"value": POINT[2:], "format": "XY"},
        {"value": b64encode(KEY.public_key.to_der()).decode(), "encoding": "base64"},
        {"value": b64encode(bytes.fromhex(POINT)).decode(), "encoding": "Base64"},
    ],
    ids=["oid", "minimal", "old", "name", "DER", "certificate", "XY", "DER in base64", "point in base64"],
)
def test_a_public_key(changes: dict[str, object]) -> None:
    """The point, or a container of it, in hex or base64, as the several ages of the format have them; the curve by its
    name or OID.
    """
    assert chargy.public_key(octets_of(PUBLIC | changes)) == KEY.public_key
    document = chargy.document(octets_of(PUBLIC | changes))
    assert document is not None
    assert chargy.is_key(document)
    assert not chargy.is_key(RECORD)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"@context": RECORD["@context"]}, r"the @context publicKey\+json was expected"),
        ({"algorithm": "secp256r1"}, r"algorithm: secp224k1 \(1\.3\.132\.0\.32\) was expected"),
        ({"algorithm": [1]}, "algorithm: secp224k1"),
        ({"algorithm": {"oid": {}}}, "algorithm: secp224k1"),
        ({"value": 4}, "value: text was expected"),
        ({"value": "zz"}, "value: hex was expected"),
        ({"value": POINT[:-2]}, "point"),
        ({"value": b64encode(bytes.fromhex(POINT)).decode()}, "value: hex was expected"),
        ({"encoding": "base64", "value": "é"}, "value: base64 was expected"),
        ({"encoding": "base32"}, "encoding: hex or base64 was expected"),
        ({"encoding": ["hex"]}, "encoding: hex or base64 was expected"),
        ({"value": KEY.to_der().hex()}, "this is a private key"),
        ({"value": PrivateKey.from_int(1, curve=SECP256K1).public_key.to_bytes().hex()}, "point: "),
    ],
)
def test_what_is_no_public_key(changes: dict[str, object], words: str) -> None:
    """One sentence says what was expected."""
    with pytest.raises((InvalidEncoding, InvalidKey), match=words):
        chargy.public_key(octets_of(PUBLIC | changes))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([SOME.hex(), "e30=", POINT, "secp224k1"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from([*SESSION, *RECORD, "r", "s", "oid"]) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([*SESSION, *RECORD, *PUBLIC]), st.sampled_from([SESSION, RECORD, PUBLIC]))
def test_any_json_is_read_or_refused(value: object, name: str, base: dict[str, object]) -> None:
    """There is no other exception."""
    octets = octets_of(base | {name: value})
    with contextlib.suppress(InvalidEncoding):
        assert chargy.read(first_of(octets)).message
    with contextlib.suppress(InvalidEncoding, InvalidKey):
        assert chargy.public_key(octets) == KEY.public_key


def test_its_name_is_its_context() -> None:
    """Where there is one; else the two names are. Another context is another program's."""
    assert all(map(chargy.is_named, (RECORD, PUBLIC, SESSION, SESSION | CONTEXT)))
    others: list[dict[str, Any]] = [{}, {"original": ""}, SESSION | {"@context": "https://example.org/"}]
    assert not any(map(chargy.is_named, [*others, SESSION | {"@context": None}, SESSION | {"@context": [CONTEXTS]}]))
