"""The login message, and every way in which published clients broke it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ecpure import SECP256K1, Curve, InvalidEncoding, InvalidKey, PrivateKey, Signature, auth

# The worked example of the exchange's document.
USER_ID, PASSPHRASE = 1, "opensesame"
COOKIE = "HGREqcILTz8blHa/jsUTVTNBJlg="
SERVER_NONCE = "azRzAi5rm1ry/l0drnz1vw=="
CLIENT_NONCE = "8IyYyvH9gujOqYJdv/BP0A=="
D = 0xB89EA7FCD22CC059C2673DC24FF40B978307464686560D0AD7561B83
SIGNATURE = ["P7d6nXtbKmggnnb2hyB4xXkTQNWYmFSto6tzXg==", "NLhDQS8YqRDxin1M4dNZeGDmNFsiv3iUz2d4Cg=="]

KEY = auth.derive_private_key(USER_ID, PASSPHRASE)
DOCUMENTED: dict[str, Any] = {
    "method": "Authenticate",
    "user_id": USER_ID,
    "cookie": COOKIE,
    "nonce": CLIENT_NONCE,
    "signature": SIGNATURE,
}


def build(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "user_id": USER_ID,
        "cookie": COOKIE,
        "private_key": KEY,
        "server_nonce": SERVER_NONCE,
        "client_nonce": base64.b64decode(CLIENT_NONCE),
    }
    return auth.build_authenticate(**arguments | changes)


def verify(message: object, server_nonce: Any = SERVER_NONCE, public_key: Any = KEY.public_key) -> bool:
    return auth.verify_authenticate(message, server_nonce=server_nonce, public_key=public_key)  # type: ignore[arg-type]


def test_the_documents_private_key() -> None:
    """User 1 with `opensesame` has the documented d."""
    assert KEY == PrivateKey.from_int(D)


def test_the_documents_signature_verifies() -> None:
    """The documented message is valid under the documented key, and not under another nonce, user or key."""
    assert verify(DOCUMENTED) is True
    assert verify(DOCUMENTED, public_key=KEY.public_key.prepare()) is True
    assert verify(DOCUMENTED | {"user_id": 2}) is False
    assert verify(DOCUMENTED | {"nonce": SERVER_NONCE}) is False
    assert verify(DOCUMENTED, server_nonce=CLIENT_NONCE) is False
    assert verify(DOCUMENTED, public_key=PrivateKey.from_int(5).public_key) is False
    assert verify(DOCUMENTED | {"signature": SIGNATURE[::-1]}) is False


def test_the_built_message_is_what_the_document_describes() -> None:
    """Fields, order, types and base64 are the documented ones; the same input gives the same message; it verifies."""
    message = build()
    assert list(message) == ["method", "user_id", "cookie", "nonce", "signature"]
    assert {**message, "signature": None} == {**DOCUMENTED, "signature": None}
    assert [len(base64.b64decode(part)) for part in message["signature"]] == [28, 28]
    assert build() == message
    assert verify(json.loads(json.dumps(message))) is True


def test_the_tag_is_sent_if_given() -> None:
    """None is left out; 0 and others are there; neither changes the signature."""
    assert "tag" not in build()
    for tag in (0, 1, 2**63 - 1):
        assert build(tag=tag) == build() | {"tag": tag}
        assert verify(build(tag=tag)) is True


def test_r_and_s_always_have_28_octets() -> None:
    """Over 600 messages some r and s begin with zero octets, and all are written in full, with s low."""
    short = 0
    for i in range(600):
        message = build(client_nonce=i.to_bytes(16, "big"))
        pair = [base64.b64decode(part) for part in message["signature"]]
        assert [len(octets) for octets in pair] == [28, 28]
        short += any(octets[0] == 0 for octets in pair)
        assert 2 * int.from_bytes(pair[1], "big") < KEY.curve.n
    assert short > 0
    assert verify(message)


def test_the_client_nonce_is_from_the_system_unless_given() -> None:
    """Two messages have two nonces of 16 octets, and both verify."""
    messages = [build(client_nonce=None) for _ in range(2)]
    assert messages[0]["nonce"] != messages[1]["nonce"]
    assert all(len(base64.b64decode(message["nonce"])) == 16 for message in messages)
    assert all(verify(message) for message in messages)


def test_user_ids_of_64_bits() -> None:
    """0, 2³² and 2⁶⁴ − 1 are signed in full: nothing is cut at 32 bits."""
    keys = {auth.derive_private_key(user_id, PASSPHRASE).to_bytes() for user_id in (0, 1, 2**32, 2**32 + 1, 2**64 - 1)}
    assert len(keys) == 5
    for user_id in (0, 2**32 + 1, 2**64 - 1):
        message = build(user_id=user_id)
        assert verify(message) is True
        assert verify(message | {"user_id": user_id ^ 1 << 32}) is False


def test_passphrases_are_utf8() -> None:
    """Umlauts, emoji and NUL are encoded as UTF-8, not cut and not normalised; a lone surrogate is refused unseen."""
    passphrases = ["", "pässword", "pa\u0308ssword", "🔑", "a\x00b", "a", "x" * 10000]
    assert len({auth.derive_private_key(1, text).to_bytes() for text in passphrases}) == len(passphrases)
    for surrogate in "\ud800\ud801\udbff\udc00\udffe\udfff":
        with pytest.raises(InvalidEncoding) as refusal:
            auth.derive_private_key(1, "secret" + surrogate)
        assert "secret" not in str(refusal.value)
        assert refusal.value.__context__ is None
    assert auth.derive_private_key(1, "\ud7ff") != auth.derive_private_key(1, "\ue000")


@pytest.mark.parametrize("user_id", [-1, 2**64, 10**30])
def test_user_ids_out_of_range_are_refused(user_id: int) -> None:
    """Below 0 and above 2⁶⁴ − 1 is no user id, here and in a message."""
    for call in (
        lambda: auth.derive_private_key(user_id, "x"),
        lambda: build(user_id=user_id),
        lambda: verify(DOCUMENTED | {"user_id": user_id}),
    ):
        with pytest.raises(InvalidEncoding, match="user_id"):
            call()


BAD_BASE64 = [
    "",
    "=",
    "not base64!",
    COOKIE[:-1],
    COOKIE + "\n",
    " " + COOKIE,
    COOKIE.replace("=", ""),
    "é" * 28,
    "AAAA",
    "A" * 400,
]
LOOSE_BITS = {
    COOKIE: "HGREqcILTz8blHa/jsUTVTNBJlh=",
    SERVER_NONCE: "azRzAi5rm1ry/l0drnz1vx==",
    SIGNATURE[0]: SIGNATURE[0][:-3] + "h==",
}


@pytest.mark.parametrize("text", [*BAD_BASE64, LOOSE_BITS[COOKIE], SERVER_NONCE])
def test_cookies_that_are_no_base64_of_20_octets_are_refused(text: str) -> None:
    """Other lengths, other alphabets, white space, missing padding, spare bits that are not 0."""
    with pytest.raises(InvalidEncoding, match="cookie"):
        build(cookie=text)
    with pytest.raises(InvalidEncoding, match="cookie"):
        verify(DOCUMENTED | {"cookie": text})


@pytest.mark.parametrize("text", [*BAD_BASE64, LOOSE_BITS[SERVER_NONCE], SERVER_NONCE.replace("w==", "0=="), COOKIE])
def test_nonces_that_are_no_base64_of_16_octets_are_refused(text: str) -> None:
    """The server's nonce on both sides, and the client's in a message."""
    with pytest.raises(InvalidEncoding, match="server_nonce"):
        build(server_nonce=text)
    with pytest.raises(InvalidEncoding, match="server_nonce"):
        verify(DOCUMENTED, server_nonce=text)
    with pytest.raises(InvalidEncoding, match="nonce"):
        verify(DOCUMENTED | {"nonce": text})


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_client_nonces_of_another_length_are_refused(length: int) -> None:
    """16 octets, no other number."""
    with pytest.raises(InvalidEncoding, match="client_nonce"):
        build(client_nonce=bytes(length))


def dropped_zeros() -> list[str]:
    """Return r and s of a signature whose r begins with a zero octet, written without it, as broken clients did."""
    for i in range(2000):
        r, s = (base64.b64decode(part) for part in build(client_nonce=i.to_bytes(16, "big"))["signature"])
        if r[0] == 0:
            return [base64.b64encode(r.lstrip(b"\x00")).decode(), base64.b64encode(s).decode()]
    raise AssertionError


@pytest.mark.parametrize(
    "signature",
    [
        dropped_zeros(),
        [SIGNATURE[0]],
        [*SIGNATURE, SIGNATURE[0]],
        [],
        SIGNATURE[0] + SIGNATURE[1],
        {"r": SIGNATURE[0], "s": SIGNATURE[1]},
        None,
        [1, 2],
        [SIGNATURE[0], None],
        [base64.b64encode(bytes(28)).decode(), SIGNATURE[1]],
        [SIGNATURE[0], base64.b64encode(bytes(28)).decode()],
        [base64.b64encode(bytes(29)).decode(), SIGNATURE[1]],
        [LOOSE_BITS[SIGNATURE[0]], SIGNATURE[1]],
        [base64.b64encode(Signature(5, 6).to_der()).decode()],
    ],
    ids=range(14),
)
def test_signatures_of_another_form_are_refused(signature: object) -> None:
    """r and s are two base64 texts of exactly 28 octets, neither 0; leading zeros dropped are an error, not a guess."""
    with pytest.raises(InvalidEncoding):
        verify(DOCUMENTED | {"signature": signature})


@pytest.mark.parametrize(
    "change",
    [
        {"method": "authenticate"},
        {"method": None},
        {"user_id": "1"},
        {"user_id": 1.0},
        {"user_id": True},
        {"user_id": None},
        {"cookie": 5},
        {"nonce": None},
        {"nonce": b"x"},
        {"tag": -1},
        {"tag": 2**63},
        {"tag": 2**63 + 1},
        {"tag": "1"},
        {"tag": None},
        {"extra": 1},
    ],
    ids=str,
)
def test_messages_with_wrong_fields_are_refused(change: dict[str, object]) -> None:
    """A wrong method or type, a tag out of range, an unknown field: malformed, not invalid."""
    with pytest.raises(InvalidEncoding):
        verify(DOCUMENTED | change)


@pytest.mark.parametrize("field", DOCUMENTED)
def test_messages_without_a_field_are_refused(field: str) -> None:
    """Each of the five fields is required."""
    with pytest.raises(InvalidEncoding):
        verify({name: value for name, value in DOCUMENTED.items() if name != field})


def test_arguments_of_wrong_type_are_type_errors() -> None:
    """The caller's own mistakes are TypeErrors, told from a malformed message."""
    for wrong in (
        lambda: verify([1]),
        lambda: verify("{}"),
        lambda: verify(DOCUMENTED, public_key=KEY),
        lambda: verify(DOCUMENTED, server_nonce=b"x" * 16),
        lambda: build(private_key=D),
        lambda: build(user_id="1"),
        lambda: build(cookie=b"x"),
        lambda: build(client_nonce=CLIENT_NONCE),
        lambda: build(tag="1"),
        lambda: auth.derive_private_key(1, b"x"),  # type: ignore[arg-type]
        lambda: auth.derive_private_key("1", "x"),  # type: ignore[arg-type]
    ):
        with pytest.raises(TypeError):
            wrong()
    for tag in (-1, 2**63):
        with pytest.raises(InvalidEncoding, match="tag"):
            build(tag=tag)


def test_high_s_is_accepted() -> None:
    """Other clients sent either s: n − s in place of the document's s is valid too."""
    high = KEY.curve.n - int.from_bytes(base64.b64decode(SIGNATURE[1]), "big")
    octets = base64.b64encode(high.to_bytes(28, "big")).decode()
    assert verify(DOCUMENTED | {"signature": [SIGNATURE[0], octets]}) is True


def test_a_key_of_another_curve_is_refused() -> None:
    """The scheme is secp224k1's: a key of secp256k1 neither builds nor verifies."""
    from ecpure import SECP256K1

    key = PrivateKey.from_int(5, curve=SECP256K1)
    with pytest.raises(InvalidKey):
        build(private_key=key)
    with pytest.raises(InvalidKey):
        verify(DOCUMENTED, public_key=key.public_key)
    parameters = {name: getattr(KEY.curve, name) for name in ("p", "b", "n", "gx", "gy")}
    equal = PrivateKey.from_int(D, curve=Curve(name="of the same parameters", **parameters))
    assert build(private_key=equal) == build()
    assert verify(DOCUMENTED, public_key=equal.public_key) is True


# The REST API's header


def basic(**changes: Any) -> str:
    arguments: dict[str, Any] = {"user_id": USER_ID, "cookie": COOKIE, "passphrase": PASSPHRASE}
    return auth.basic_authorization(**arguments | changes)


def decoded(header: str) -> bytes:
    scheme, _, credentials = header.partition(" ")
    assert scheme == "Basic"
    return base64.b64decode(credentials, validate=True)


@pytest.mark.parametrize("passphrase", ["opensesame", "", "a:b", "päss wörd", "密码", "x" * 500])
def test_basic_with_the_passphrase(passphrase: str) -> None:
    """The user-id is user id / cookie; the password is the passphrase in UTF-8, colons and all."""
    assert decoded(basic(passphrase=passphrase)) == f"1/{COOKIE}:{passphrase}".encode()


def test_basic_with_the_private_key() -> None:
    """The password is the base64 of the 28 octets of d, leading zeros included."""
    header = basic(passphrase=None, private_key=KEY)
    assert decoded(header) == f"1/{COOKIE}:".encode() + base64.b64encode(D.to_bytes(28, "big"))
    small = decoded(basic(passphrase=None, private_key=PrivateKey.from_int(1)))
    assert base64.b64decode(small.rpartition(b":")[2]) == (1).to_bytes(28, "big")
    assert decoded(basic(user_id=(1 << 64) - 1)).startswith(b"18446744073709551615/")


def test_basic_is_what_httplib_clients_send() -> None:
    """It is the header that Python's own client makes of the same user and password."""
    from urllib.request import HTTPBasicAuthHandler, HTTPPasswordMgrWithDefaultRealm, Request

    passwords = HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, "http://localhost/", f"1/{COOKIE}", PASSPHRASE)

    class Handler(HTTPBasicAuthHandler):
        parent: Any = type("Opener", (), {"open": staticmethod(lambda request, **_: request)})

    request = Request("http://localhost/")
    request.timeout = 1
    sent: Any = Handler(passwords).retry_http_basic_auth("http://localhost/", request, "realm")
    assert sent.get_header("Authorization") == basic()


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"private_key": KEY}, TypeError, "not both or neither"),
        ({"passphrase": None}, TypeError, "either passphrase or private_key was expected"),
        ({"passphrase": b"opensesame"}, TypeError, "passphrase: a str was expected, not bytes"),
        ({"passphrase": None, "private_key": b"key"}, TypeError, "private_key: a PrivateKey was expected, not bytes"),
        ({"user_id": "1"}, TypeError, "user_id: an int was expected"),
        ({"user_id": -1}, InvalidEncoding, "user_id: "),
        ({"cookie": "1:2"}, InvalidEncoding, "cookie: base64 of 20 octets"),
        ({"passphrase": "a\ud800"}, InvalidEncoding, r"passphrase: it cannot be encoded as UTF-8 \(a lone surrogate\)"),
        ({"passphrase": "a\n"}, InvalidEncoding, r"control characters, which Basic does not allow \(RFC 7617 §2\)"),
        ({"passphrase": "a\x7f"}, InvalidEncoding, "control characters"),
        ({"passphrase": "a\x1f"}, InvalidEncoding, "control characters"),
        ({"passphrase": None, "private_key": PrivateKey.from_int(1 << 224)}, InvalidKey, "below 2²²⁴"),
        ({"passphrase": None, "private_key": PrivateKey.from_int(5, curve=SECP256K1)}, InvalidKey, "on secp224k1"),
    ],
)
def test_basic_refuses(changes: dict[str, Any], error: type[Exception], words: str) -> None:
    """Neither or both secrets, wrong types, and what the header cannot carry; no secret is in the sentence."""
    with pytest.raises(error, match=words) as refusal:
        basic(**changes)
    assert PASSPHRASE not in str(refusal.value)
