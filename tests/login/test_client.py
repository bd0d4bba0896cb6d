"""The client's end of the login, without a socket: every event, and what a server may not send."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from loginsamples import COOKIE, KEY, SERVER_NONCE, WELCOME, client

from ecpure import SECP256K1, InvalidEncoding, InvalidKey, PrivateKey, auth
from ecpure.login.client import Accepted, Notice, Refused, Welcomed
from ecpure.login.wire import OutOfTurn


def test_other_notices_are_ignored() -> None:
    """Notices may come at any time: before the Welcome, and before the reply. Nothing is to be sent."""
    here = client()
    for text in ('{"notice": "OrderOpened", "id": 5}', WELCOME, '{"notice": "OrderClosed", "tag": 5}'):
        event = here.receive(text)
        assert isinstance(event, Welcomed if text == WELCOME else Notice)
        assert not isinstance(event, Notice) or event.name == json.loads(text)["notice"]
    assert isinstance(here.receive('{"error_code": 0}'), Accepted)


def test_a_servers_further_fields_are_ignored() -> None:
    """Welcome and reply may have more than is documented; what is shown of the reply has not."""
    here = client(tag=5)
    assert isinstance(here.receive(json.dumps(json.loads(WELCOME) | {"version": 2})), Welcomed)
    event = here.receive('{"tag": 5, "error_code": 9, "error_msg": "\\u001b[2J\x9b", "more": [1]}')
    assert isinstance(event, Refused)
    assert (event.error_code, event.error_msg) == (9, "\x1b[2J\x9b")
    assert event.reply == r'{"tag": 5, "error_code": 9, "error_msg": "\u001b[2J\u009b"}'


def test_the_answer_is_that_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is what `build_authenticate` makes of the same values, and holds nothing of the passphrase or key."""
    monkeypatch.setattr(os, "urandom", bytes)
    event = client(tag=5).receive(WELCOME)
    assert isinstance(event, Welcomed)
    assert json.loads(event.authenticate) == auth.build_authenticate(
        user_id=1, cookie=COOKIE, private_key=KEY, server_nonce=SERVER_NONCE, client_nonce=bytes(16), tag=5
    )


OUT_OF_FORM = [
    (None, "{}", "either a notice or an error_code"),
    (None, '{"notice": "Welcome", "error_code": 0}', "either a notice or an error_code"),
    (None, '{"notice": 5}', "notice: a str"),
    (None, '{"notice": "Welcome"}', "nonce: a str"),
    (None, '{"notice": "Welcome", "nonce": 5}', "nonce: a str"),
    (None, '{"notice": "Welcome", "nonce": "AAAA"}', "nonce: base64 of 16 octets"),
    (None, json.dumps({"notice": "Welcome", "nonce": COOKIE}), "nonce: base64 of 16 octets"),
    (None, '{"error_code": "0"}', "error_code: an int"),
    (None, '{"error_code": 0.0}', "error_code: an int"),
    (None, '{"error_code": false}', "error_code: an int"),
    (None, '{"error_code": null}', "error_code: an int"),
    (None, '{"error_code": -1}', "error_code: an integer in"),
    (None, f'{{"error_code": {2**31}, "error_msg": ""}}', "error_code: an integer in"),
    (None, '{"error_code": 1}', "error_msg: a str"),
    (None, '{"error_code": 1, "error_msg": 5}', "error_msg: a str"),
    (None, '{"tag": 5, "error_code": 0}', "the tag that was sent"),
    (0, '{"tag": 0, "error_code": 0}', "the tag that was sent"),
    (5, '{"error_code": 0}', "the tag that was sent"),
    (5, '{"tag": 6, "error_code": 0}', "the tag that was sent"),
    (5, '{"tag": "5", "error_code": 0}', "tag: an int"),
    (1, '{"tag": true, "error_code": 0}', "tag: an int"),
]


@pytest.mark.parametrize(("tag", "text", "words"), OUT_OF_FORM)
def test_what_a_server_may_not_send(tag: int | None, text: str, words: str) -> None:
    """Neither notice nor reply, wrong types, another tag: refused without showing it, and then the login is over."""
    here = client(tag=tag)
    if "error_code" in text:
        here.receive(WELCOME)
    with pytest.raises(InvalidEncoding, match=words):
        here.receive(text)
    with pytest.raises(OutOfTurn, match="it is over"):
        here.receive(WELCOME)


def test_messages_out_of_turn() -> None:
    """A reply before the Welcome, a second Welcome, and anything after the end."""
    with pytest.raises(OutOfTurn, match="a Welcome was expected before"):
        client().receive('{"error_code": 0}')
    here = client()
    here.receive(WELCOME)
    with pytest.raises(OutOfTurn, match="the second"):
        here.receive(WELCOME)
    for end in ('{"error_code": 0}', '{"error_code": 8, "error_msg": ""}'):
        here = client()
        here.receive(WELCOME)
        here.receive(end)
        for text in (end, WELCOME, '{"notice": "OrderOpened"}'):
            with pytest.raises(OutOfTurn, match="it is over"):
                here.receive(text)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"user_id": "1"}, TypeError),
        ({"user_id": 2**64}, InvalidEncoding),
        ({"cookie": 5}, TypeError),
        ({"cookie": "x"}, InvalidEncoding),
        ({"private_key": KEY.public_key}, TypeError),
        ({"private_key": PrivateKey.from_int(5, curve=SECP256K1)}, InvalidKey),
        ({"tag": "1"}, TypeError),
        ({"tag": -1}, InvalidEncoding),
    ],
)
def test_a_client_of_wrong_values_is_refused_before_there_is_a_server(
    changes: dict[str, Any], error: type[Exception]
) -> None:
    """What could not be sent later is said at once."""
    with pytest.raises(error):
        client(**changes)


def test_the_repr_of_an_answer_shows_no_cookie() -> None:
    """What is printed of the answer to a Welcome has neither the cookie nor the rest of the message."""
    event = client(tag=5).receive(WELCOME)
    assert isinstance(event, Welcomed)
    assert COOKIE in event.authenticate
    assert repr(event) == str(event) == "Welcomed()"
