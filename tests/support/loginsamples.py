"""Both ends of the login with the values of the exchange's document, and texts that are no message."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from ecpure import auth
from ecpure.login.client import ClientSession, Welcomed
from ecpure.login.server import LoginServer, Rejected, ServerSession, User
from ecpure.login.wire import LARGEST

# The worked example of the exchange's document.
COOKIE = "HGREqcILTz8blHa/jsUTVTNBJlg="
SERVER_NONCE = "azRzAi5rm1ry/l0drnz1vw=="
KEY = auth.derive_private_key(1, "opensesame")
DOCUMENTED: dict[str, Any] = {
    "method": "Authenticate",
    "user_id": 1,
    "cookie": COOKIE,
    "nonce": "8IyYyvH9gujOqYJdv/BP0A==",
    "signature": ["P7d6nXtbKmggnnb2hyB4xXkTQNWYmFSto6tzXg==", "NLhDQS8YqRDxin1M4dNZeGDmNFsiv3iUz2d4Cg=="],
}
WELCOME = json.dumps({"notice": "Welcome", "nonce": SERVER_NONCE})
USERS = {1: User(COOKIE, KEY.public_key)}

# Messages of the same document's table.
NO_SUCH_USER = {"error_code": 1, "error_msg": "There is no such user."}
TOO_RAPID = {"error_code": 6, "error_msg": "You are making authentication attempts too rapidly."}
WRONG_COOKIE = {"error_code": 7, "error_msg": "You sent an incorrect login cookie."}
WRONG_SIGNATURE = {
    "error_code": 7,
    "error_msg": "You sent an incorrect signature. This probably means you used a wrong passphrase.",
}

GARBAGE: list[str | bytes] = [
    "",
    "null",
    "5",
    "[]",
    '"Authenticate"',
    "{",
    "\x00",
    b"\xff\xfe",
    b"\x80",
    "[" * 5000,
    '{"a":' * 5000,
    '{"method": "Authenticate", "method": "Authenticate"}',
    '{"user_id": NaN}',
    '{"user_id": Infinity}',
    '{"user_id": 1e999}',
    '{"user_id": 1' + "0" * 5000 + "}",
    " " * (LARGEST + 1),
    b" " * (LARGEST + 1),
]


def server(policy: Callable[[int, float], bool] = lambda *_: True, **options: Any) -> LoginServer:
    return LoginServer(users=USERS.get, policy=policy, **options)


def client(**changes: Any) -> ClientSession:
    arguments: dict[str, Any] = {"user_id": 1, "cookie": COOKIE, "private_key": KEY}
    return ClientSession(**arguments | changes)


def answer(session: ServerSession, **changes: Any) -> str:
    """Return the text with which a client of these values answers the session's Welcome."""
    event = client(**changes).receive(session.welcome)
    assert isinstance(event, Welcomed)
    return event.authenticate


def rejected(session: ServerSession, text: str | bytes, now: float = 0) -> Rejected:
    event = session.receive(text, now=now)
    assert isinstance(event, Rejected)
    return event


def nobody_asks(*_: object) -> NoReturn:
    pytest.fail("nobody was to be asked")
