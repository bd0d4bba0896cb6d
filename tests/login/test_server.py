"""The server's end of the login, without a socket: every event, every refusal, and what each costs."""

from __future__ import annotations

import dataclasses
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from hmac import compare_digest
from typing import Any

import pytest
from loginsamples import (
    COOKIE,
    DOCUMENTED,
    KEY,
    SERVER_NONCE,
    TOO_RAPID,
    USERS,
    WELCOME,
    answer,
    nobody_asks,
    rejected,
    server,
)

from ecpure import SECP256K1, InvalidEncoding, InvalidKey, PrivateKey, PublicKey
from ecpure.login.server import Admitted, AttemptLimit, Command, LoginServer, Reason, Rejected, ServerSession, User
from ecpure.login.wire import LARGEST, reply


@pytest.fixture
def documented(monkeypatch: pytest.MonkeyPatch) -> ServerSession:
    """Return a session whose Welcome is that of the document."""
    made = server()
    with monkeypatch.context() as context:
        context.setattr(os, "urandom", lambda count: b64decode(SERVER_NONCE)[:count])
        return made.session(now=0)


def test_the_documents_message_is_admitted(documented: ServerSession) -> None:
    """Welcome and Authenticate of the document's worked example."""
    assert json.loads(documented.welcome) == json.loads(WELCOME)
    event = documented.receive(json.dumps(DOCUMENTED), now=0)
    assert isinstance(event, Admitted)
    assert json.loads(event.reply) == {"error_code": 0}


def test_every_welcome_has_a_nonce_of_its_own() -> None:
    """16 octets each, and no two the same."""
    one = server()
    nonces = {json.loads(one.session(now=0).welcome)["nonce"] for _ in range(100)}
    assert len(nonces) == 100
    assert {len(b64decode(nonce)) for nonce in nonces} == {16}


def test_white_space_is_json(documented: ServerSession) -> None:
    """A text may be as long as it may be, and no longer."""
    text = json.dumps(DOCUMENTED).ljust(LARGEST)
    assert rejected(server().session(now=0), text + " ").reason is Reason.MALFORMED
    assert isinstance(documented.receive(text, now=0), Admitted)


@pytest.mark.parametrize("first", ["right", "wrong cookie", "garbage", "malformed"])
def test_a_nonce_serves_once(first: str) -> None:
    """Whatever came before, an answer to the same Welcome is no longer taken, be it the right one."""
    session = server().session(now=0)
    right = answer(session)
    texts = {"right": right, "wrong cookie": answer(session, cookie=b64encode(bytes(20)).decode())}
    session.receive(texts.get(first, "{" if first == "garbage" else '{"method": "Authenticate"}'), now=0)
    for tag in (None, 9):
        event = rejected(session, json.dumps(json.loads(right) | ({"tag": tag} if tag else {})))
        assert event.reason is Reason.SPENT
        assert json.loads(event.reply).get("tag") == tag
        assert json.loads(event.reply)["error_code"] == 8
        assert event.discreet_reply == event.reply


def test_a_message_replayed_to_another_session_is_a_wrong_signature() -> None:
    """The nonce of the other Welcome is not what was signed."""
    one = server()
    assert rejected(one.session(now=0), answer(one.session(now=0))).reason is Reason.WRONG_SIGNATURE


@pytest.mark.parametrize(("seconds", "now", "late"), [(60, 160, False), (60, 160.1, True), (5, 106, True)])
def test_late_nonces(seconds: float, now: float, late: bool) -> None:
    """A Welcome can be answered for so many seconds; after them nothing is looked up or counted."""
    asked: list[object] = []

    def policy(*of: object) -> bool:
        asked.append(of)
        return True

    session = server(policy, nonce_seconds=seconds).session(now=100)
    event = session.receive(answer(session), now=now)
    assert isinstance(event, Rejected) == late
    assert asked == ([] if late else [(1, now)])
    if isinstance(event, Rejected):
        assert event.reason is Reason.LATE
        assert json.loads(event.reply)["error_code"] == 8


def test_other_commands_are_the_callers() -> None:
    """They are handed over with their tag, and the login can still follow."""
    session = server().session(now=0)
    for text, tag in (
        ('{"method": "GetBalances"}', None),
        ('{"method": "GetBalances", "tag": 0}', 0),
        ('{"method": "GetBalances", "tag": 5}', 5),
        ('{"method": "GetBalances", "tag": -5}', None),
        ('{"method": "GetBalances", "tag": "5"}', None),
    ):
        event = session.receive(text, now=0)
        assert isinstance(event, Command)
        assert (event.method, event.tag, event.message) == ("GetBalances", tag, json.loads(text))
    assert json.loads(reply(7, "You are not authenticated.", tag=0)) == {
        "error_code": 7,
        "error_msg": "You are not authenticated.",
    }
    assert isinstance(session.receive(answer(session), now=0), Admitted)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ('{"tag": 7}', 7),
        ("{}", None),
        ('{"tag": 0}', 0),
        ('{"tag": -7}', None),
        ('{"tag": "7"}', None),
        ('{"a": 1}', None),
    ],
)
@pytest.mark.parametrize("encode", [str, str.encode])
def test_a_message_without_a_method_is_the_callers(
    text: str, tag: int | None, encode: Callable[[str], str | bytes]
) -> None:
    """So the exchange's JavaScript library keeps connections alive: at any time, before the login and after it."""
    session = LoginServer(users=USERS.get, policy=lambda *_: True).session(now=0)
    for now in (0, 45, 45.1, 3600):
        event = session.receive(encode(text), now=now)
        assert event == Command(None, tag, json.loads(text))
    assert isinstance(session.receive(answer(session), now=60), Admitted)
    assert session.receive(encode(text), now=61) == event
    assert rejected(session, answer(session)).reason is Reason.SPENT
    assert session.receive(encode(text), now=62) == event


def test_a_login_without_its_method_is_asked_of_nobody() -> None:
    """A message is no Authenticate for its other fields; with its method, it still logs in."""
    made = LoginServer(users=nobody_asks, policy=nobody_asks)
    session = made.session(now=0)
    right = json.loads(answer(session, tag=3))
    event = session.receive(json.dumps({name: value for name, value in right.items() if name != "method"}), now=0)
    assert isinstance(event, Command)
    assert (event.method, event.tag) == (None, 3)
    made._users, made._policy = USERS.get, lambda *_: True
    assert isinstance(session.receive(json.dumps(right), now=0), Admitted)


CHANGES: list[dict[str, object]] = [
    {"method": None},
    {"method": 5},
    {"method": ["Authenticate"]},
    {"user_id": "1"},
    {"user_id": 1.0},
    {"user_id": True},
    {"user_id": -1},
    {"user_id": 2**64},
    {"user_id": 10**4000},
    {"user_id": None},
    {"cookie": 5},
    {"cookie": COOKIE[:-1]},
    {"cookie": "HGREqcILTz8blHa/jsUTVTNBJlh="},
    {"cookie": SERVER_NONCE},
    {"nonce": []},
    {"nonce": COOKIE},
    {"nonce": "\ud800"},
    {"signature": DOCUMENTED["signature"][:1]},
    {"signature": [*DOCUMENTED["signature"], ""]},
    {"signature": "".join(DOCUMENTED["signature"])},
    {"signature": [b64encode(bytes(28)).decode()] * 2},
    {"signature": [b64encode(bytes(27)).decode()] * 2},
    {"signature": {}},
    {"extra": 1},
    {"passphrase": "opensesame"},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: str(change)[:40])
def test_an_authenticate_of_another_form_is_malformed(change: dict[str, object], documented: ServerSession) -> None:
    """Types, ranges, base64, unknown fields: code 8 with what was expected, and the tag that came with it."""
    event = rejected(documented, json.dumps(DOCUMENTED | {"tag": 3} | change))
    assert event.reason is Reason.MALFORMED
    reply = json.loads(event.reply)
    assert (reply["tag"], reply["error_code"]) == (3, 8)
    assert "expected" in reply["error_msg"] or "range" in reply["error_msg"]
    assert "opensesame" not in event.reply


@pytest.mark.parametrize("tag", [-1, 2**63, "1", 1.0, True, None, [1]])
def test_tags_of_another_form_are_malformed_and_not_echoed(tag: object, documented: ServerSession) -> None:
    """A tag that could not be echoed as it is documented is not."""
    event = rejected(documented, json.dumps(DOCUMENTED | {"tag": tag}))
    assert event.reason is Reason.MALFORMED
    assert "tag" not in json.loads(event.reply)


@pytest.mark.parametrize("field", [name for name in DOCUMENTED if name != "method"])
def test_an_authenticate_without_a_field_is_malformed(field: str, documented: ServerSession) -> None:
    """All are required."""
    text = json.dumps({name: value for name, value in DOCUMENTED.items() if name != field})
    assert rejected(documented, text).reason is Reason.MALFORMED


@pytest.mark.parametrize("wrong", ["nothing", "user", "cookie", "signature", "cookie and signature", "all"])
def test_every_judgement_costs_the_same(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One policy call, one look-up, one comparison of 20 octets, one verification without a table, always."""
    calls: list[object] = []
    users = {1: User(COOKIE, KEY.public_key.prepare())}
    verify = PublicKey.verify

    def counted_users(user_id: int) -> User | None:
        calls.append("users")
        return users.get(user_id)

    def counted_policy(*_: object) -> bool:
        calls.append("policy")
        return True

    def counted_verify(key: PublicKey, signature: Any, message: bytes, *, hash: str | None = None) -> bool:
        calls.append(("verify", key.comb is None, len(message), hash))
        return verify(key, signature, message, hash=hash)

    def counted_compare(one: bytes, other: bytes) -> bool:
        calls.append(("compare", len(one), len(other)))
        return compare_digest(one, other)

    monkeypatch.setattr(PublicKey, "verify", counted_verify)
    monkeypatch.setattr("ecpure.login.server.compare_digest", counted_compare)
    changes: dict[str, Any] = {}
    if wrong in ("user", "all"):
        changes["user_id"] = 2
    if "cookie" in wrong or wrong == "all":
        changes["cookie"] = b64encode(bytes(20)).decode()
    if "signature" in wrong or wrong == "all":
        changes["private_key"] = PrivateKey.from_int(5)
    session = LoginServer(users=counted_users, policy=counted_policy).session(now=0)
    event = session.receive(answer(session, **changes), now=0)
    assert isinstance(event, Admitted) == (wrong == "nothing")
    assert calls == ["policy", "users", ("compare", 20, 20), ("verify", True, 40, "sha224")]


def test_the_decoy_is_nobodys() -> None:
    """Each server draws its own, and someone with its key and cookie would still be no such user."""
    one, other = server(), server()
    assert one._decoy.cookie != other._decoy.cookie
    assert one._decoy.public_key.point != other._decoy.public_key.point
    one._decoy = USERS[1]
    session = one.session(now=0)
    assert rejected(session, answer(session, user_id=2)).reason is Reason.NO_SUCH_USER


def test_attempts_beyond_the_policy_are_too_rapid() -> None:
    """They are answered with code 6 without a look-up; a discreet reply says so as well."""
    made = LoginServer(users=nobody_asks, policy=lambda *_: False)
    session = made.session(now=0)
    event = rejected(session, answer(session, tag=4))
    assert (event.reason, event.user_id) == (Reason.TOO_RAPID, 1)
    assert json.loads(event.reply) == json.loads(event.discreet_reply) == {"tag": 4} | TOO_RAPID


def test_the_attempts_of_a_user_are_limited() -> None:
    """So many at once, then one a step; a refused attempt costs nothing; another user id has its own."""
    limit = AttemptLimit(attempts=10, seconds=100)
    assert [limit.allow(1, 1000) for _ in range(12)] == [True] * 10 + [False] * 2
    assert [limit.allow(2, 1000) for _ in range(12)] == [True] * 10 + [False] * 2
    assert [limit.allow(1, 1000 + seconds) for seconds in (9, 10, 10, 19, 20)] == [False, True, False, False, True]
    assert [limit.allow(1, 1120) for _ in range(12)] == [True] * 10 + [False] * 2


def test_the_default_limit_is_the_documented_one() -> None:
    """1,000 in an hour: rounding gives no more and no fewer."""
    limit = AttemptLimit()
    assert [limit.allow(1, 12345.678) for _ in range(1001)] == [True] * 1000 + [False]
    assert limit.allow(1, 12345.678 + 3.6) is True
    assert limit.allow(1, 12345.678 + 3.6) is False


def test_the_limit_remembers_a_bounded_number_of_user_ids() -> None:
    """The one seen longest ago is forgotten, however many come."""
    limit = AttemptLimit(attempts=1, user_ids=2)
    assert [limit.allow(user_id, 0) for user_id in (1, 2, 1, 3, 3, 2, 1)] == [
        True,
        True,
        False,
        True,
        False,
        False,
        True,
    ]
    for user_id in range(1000):
        limit.allow(user_id, 0)
    assert len(limit._free_at) == 2
    limit = AttemptLimit(attempts=2, user_ids=2)
    assert [limit.allow(user_id, 0) for user_id in (1, 2, 1, 3, 1)] == [True, True, True, True, False]


@pytest.mark.parametrize(
    "change",
    [
        {"attempts": 0},
        {"attempts": 10**400},
        {"seconds": 0},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"seconds": 10**400},
        {"seconds": 10**308},
        {"user_ids": 0},
    ],
)
def test_invalid_limits_are_refused(change: dict[str, Any]) -> None:
    """Numbers above 0, in a float's range: with steps without end, nobody would ever be limited."""
    with pytest.raises(ValueError, match="above 0"):
        AttemptLimit(**change)


def test_the_longest_limit_is_one() -> None:
    """Its sums are numbers still."""
    limit = AttemptLimit(attempts=1, seconds=4 * 10**307)
    assert [limit.allow(1, now) for now in (1e9, 1e9, 2e9)] == [True, False, False]


def test_a_user_of_wrong_values_is_refused() -> None:
    """A cookie of 20 octets, a public key on secp224k1."""
    with pytest.raises(InvalidEncoding, match="cookie"):
        User("x", KEY.public_key)
    with pytest.raises(TypeError, match="a PublicKey was expected, not PrivateKey"):
        User(COOKIE, KEY)  # type: ignore[arg-type]
    with pytest.raises(InvalidKey):
        User(COOKIE, PrivateKey.from_int(5, curve=SECP256K1).public_key)


def test_a_users_repr_shows_no_cookie() -> None:
    """What is printed of a user, by itself or among others, has the public key and nothing of the cookie."""
    user = USERS[1]
    text = f"{user} {user!r} {USERS} {Exception(user)!r}"
    assert repr(user) == f"User(public_key={user.public_key!r})"
    octets = b64decode(COOKIE)
    for cookie in (COOKIE, octets.hex(), repr(octets), str(octets[:4])[2:-1], "cookie"):
        assert cookie not in text


def test_a_users_cookie_is_its_octets() -> None:
    """As the docstring says: they show where all fields are asked for, and are not what a user is made from."""
    user = USERS[1]
    assert dataclasses.asdict(user)["cookie"] == user.cookie == b64decode(COOKIE)
    with pytest.raises(TypeError, match="cookie: a str was expected, not bytes"):
        dataclasses.replace(user, public_key=KEY.public_key)
    for words in ("20 octets", "`dataclasses.asdict`", "`dataclasses.replace`"):
        assert words in (User.__doc__ or "")


def test_a_user_is_a_value() -> None:
    """Users of the same cookie and key are equal, whatever table the key came with, and never change."""
    user = User(COOKIE, KEY.public_key.prepare())
    assert (user, hash(user), user.cookie) == (USERS[1], hash(USERS[1]), b64decode(COOKIE))
    assert user != User(b64encode(bytes(20)).decode(), KEY.public_key)
    assert user != User(COOKIE, PrivateKey.from_int(5).public_key)
    with pytest.raises(AttributeError):
        user.cookie = bytes(20)  # type: ignore[misc]


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_a_code_and_words(reason: Reason) -> None:
    """Each reason has the error_code and error_msg that are sent; the code is one of the document's."""
    code, words = reason.value
    assert code in (1, 6, 7, 8)
    assert words.endswith(".")
