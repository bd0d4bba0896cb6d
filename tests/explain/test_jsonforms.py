"""JSON: what an object is, by its names; and that no private number of a JWK is said."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from blobs import KEY, KOBLITZ, LOGIN, RECEIPT, WELCOME
from hypothesis import given
from hypothesis import strategies as st
from recordsamples import RECORD

from ecpure import PublicKey
from ecpure.explain.jsonforms import in_json
from ecpure.explain.readings import HIDDEN, Guess, Miss


def read(value: object) -> Guess | Miss:
    [found] = in_json(json.dumps(value, indent=1).encode())
    return found


def guess(value: object) -> Guess:
    found = read(value)
    assert isinstance(found, Guess)
    return found


def base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode("ascii").rstrip("=")


def jwk(key: PublicKey, crv: str = "secp224k1", **more: object) -> dict[str, Any]:
    """Return the key as RFC 7518 §6.2.1 has it."""
    octets = key.to_bytes(compressed=False)[1:]
    half = len(octets) // 2
    return {"kty": "EC", "crv": crv, "x": base64url(octets[:half]), "y": base64url(octets[half:]), **more}


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (LOGIN, "the exchange's login message, Authenticate"),
        (WELCOME, "the exchange's Welcome"),
        (json.loads(RECEIPT), "a ChargePoint receipt"),
        ({"additional_info": {"a": 1}}, "a ChargePoint receipt"),
        ({"original": "", "signature": ""}, "Chargy's JSON"),
        ({"@context": "https://open.charging.cloud/contexts/CTR+json"}, "Chargy's JSON"),
        ({"@context": "https://open.charging.cloud/contexts/publicKey+json"}, "Chargy's JSON"),
        ({"@context": "https://example.org/"}, "JSON: an object of an unknown kind"),
        ({}, "JSON: an object of an unknown kind"),
        (
            {"method": "GetBalances", "notice": "Else", "kty": 5, "keys": 5},
            "JSON: an object of an unknown kind",
        ),
        ([{"a": 1}], "JSON: a list of an unknown kind"),
        (RECORD, "a record, in JSON on several lines"),
        ([RECORD, RECORD], "records, in a JSON list of 2"),
        ([{"id": "a", "public_key": "02"}], "public keys by their ids, in a JSON list of 1"),
        ({"keys": [jwk(KEY.public_key), 5]}, "a JWK Set (RFC 7517 §5) of 2"),
    ],
)
def test_the_kind_is_that_of_the_names(value: object, what: str) -> None:
    """What has the names of no kind is JSON, and not nearly one of them."""
    assert guess(value).what == what


@pytest.mark.parametrize(
    ("value", "what", "words"),
    [
        ({"method": "Authenticate"}, "the exchange's login message, Authenticate", "the fields cookie"),
        ({"notice": "Welcome", "nonce": 5}, "the exchange's Welcome", "a str was expected"),
        ({"outlet": True}, "a ChargePoint receipt", "text or a number was expected"),
    ],
)
def test_what_has_only_the_names_is_missed(value: object, what: str, words: str) -> None:
    """It is not quite that, and the refusal says why."""
    miss = read(value)
    assert isinstance(miss, Miss)
    assert miss.what == what
    assert words in miss.reason


def test_records_have_the_command_that_puts_them_on_lines() -> None:
    """As verify-many takes them."""
    assert "jq -c . OBJECT > FILE; then ecpure verify-many FILE" in guess(RECORD).details[0]
    assert "jq -c '.[]' LIST > FILE; then ecpure verify-many FILE" in guess([RECORD]).details[0]


@pytest.mark.parametrize("octets", [b"", b"{", b"{x", b"[1] see below", b"[]", b"text {", b"\x7b\x00", b"5"])
def test_what_does_not_begin_as_json(octets: bytes) -> None:
    """It is ignored."""
    assert list(in_json(octets)) == []


def test_broken_json_is_missed() -> None:
    """What begins as an object or a list of them, but is not one."""
    for octets in (b'{"a": 1, "a": 2}', b'{"a": ', b'[{"a": 1}', b'{"\xff": 1}'):
        assert list(in_json(octets)) == [Miss("JSON", "JSON: JSON, with each name once, was expected")]


@pytest.mark.parametrize("key", [KEY.public_key, KOBLITZ.public_key], ids=["secp224k1", "secp256k1"])
def test_a_public_jwk(key: PublicKey) -> None:
    """Its point is shown as another option reads it, on the curve that it is on, whatever its name says."""
    found = guess(jwk(key, key.curve.name, use="sig"))
    assert (found.what, found.secret) == (f"a JWK (RFC 7517): a public key, on {key.curve.name}", False)
    assert found.details[1].endswith(key.to_bytes(compressed=False).hex())


@pytest.mark.parametrize(
    ("crv", "words"),
    [
        ("secp224k1", "crv: secp224k1; RFC 7518 §7.6: secp224k1 has no registered name"),
        ("secp256k1", "crv: secp256k1"),
        ("P-256", "crv: P-256"),
        ("K-224", "crv: a name that is not registered; RFC 7518 §7.6: secp224k1 has no registered name"),
        (None, "crv: a name that is not registered;"),
        (["x"], "crv: a name that is not registered;"),
    ],
)
def test_the_name_of_the_curve(crv: Any, words: str) -> None:
    """A registered one is repeated, and secp224k1; of another it is said that it is not registered."""
    assert guess(jwk(KEY.public_key, crv)).details[0].startswith(words)


@pytest.mark.parametrize(
    "change",
    [{"x": 5}, {"y": None}, {"x": "!"}, {"x": "AAAA"}, {"x": base64url(bytes(28))}, {"y": base64url(bytes(32))}],
)
def test_coordinates_that_are_no_point(change: dict[str, object]) -> None:
    """It stays a JWK, on no curve."""
    found = guess(jwk(KEY.public_key) | change)
    assert found.what == "a JWK (RFC 7517): a public key"
    assert "not a point on secp224k1 or secp256k1" in found.details[1]


D = base64url(KEY.to_bytes())


@pytest.mark.parametrize(
    "value",
    [
        jwk(KEY.public_key, d=D),
        jwk(KEY.public_key, d=D) | {"x": D},
        {"kty": "oct", "k": D},
        {"kty": D, "k": D},
        {"kty": "EC", "crv": D, "d": D},
        {"keys": [{"kty": "EC", "d": D}]},
    ],
    ids=["EC", "d for x", "oct", "kty", "crv", "set"],
)
def test_a_private_jwk_is_secret(value: dict[str, object]) -> None:
    """Nothing of d, or of what stands in a wrong place, is repeated."""
    found = guess(value)
    assert found.secret
    shown = " ".join([found.what, *found.details])
    assert D not in shown
    assert KEY.to_bytes()[1:].hex() not in shown
    assert "keys" in value or HIDDEN in found.details


@pytest.mark.parametrize(("kty", "words"), [("RSA", "kty: RSA"), ("OKP", "kty: OKP"), ("X", "one of RFC 7518 §6.1")])
def test_another_type_of_jwk(kty: str, words: str) -> None:
    """It is one, but there are none of it on these curves."""
    found = guess({"kty": kty, "n": "AQAB"})
    assert (found.what, found.secret) == ("a JWK (RFC 7517): a public key", False)
    assert words in found.details[0]


_NAMES = st.sampled_from(
    ["kty", "crv", "x", "y", "d", "keys", "method", "notice", "nonce", "outlet", "id", "public_key"]
)
_NAMES |= st.sampled_from(["message", "signature", "server_nonce", "@context", "original", "additional_info"])
_VALUES = st.recursive(
    st.none()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["EC", "secp224k1", D, "Welcome", "Authenticate"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(_NAMES, _VALUES, max_size=6) | st.lists(st.dictionaries(_NAMES, _VALUES, max_size=3), min_size=1)
)
def test_any_object_is_read_or_missed(value: object) -> None:
    """There is one reading or none, no exception, and what is secret is not shown."""
    for found in in_json(json.dumps(value).encode()):
        assert found.what
        if isinstance(found, Guess) and found.secret:
            assert D not in str(found)
