"""Both ends of the login, without a socket: every event, every refusal, and what each costs."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from hmac import compare_digest
from typing import Any, NoReturn

import pytest

from ecpure import SECP256K1, InvalidEncoding, InvalidKey, PrivateKey, PublicKey, auth, login
from ecpure.login import (
    Accepted,
    Admitted,
    AttemptLimit,
    ClientSession,
    Command,
    LoginServer,
    Notice,
    OutOfTurn,
    Reason,
    Refused,
    Rejected,
    ServerSession,
    User,
    Welcomed,
)

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


@pytest.fixture
def documented(monkeypatch: pytest.MonkeyPatch) -> ServerSession:
    """Return a session whose Welcome is that of the document."""
    made = server()
    with monkeypatch.context() as context:
        context.setattr(os, "urandom", lambda count: b64decode(SERVER_NONCE)[:count])
        return made.session(now=0)


def rejected(session: ServerSession, text: str | bytes, now: float = 0) -> Rejected:
    event = session.receive(text, now=now)
    assert isinstance(event, Rejected)
    return event


def nobody_asks(*_: object) -> NoReturn:
    pytest.fail("nobody was to be asked")


# Both ends together


@pytest.mark.parametrize("tag", [None, 0, 1, 2**63 - 1])
@pytest.mark.parametrize("encode", [str, str.encode])
def test_a_right_login(tag: int | None, encode: Callable[[str], str | bytes]) -> None:
    """Welcome, Authenticate, reply: the user is admitted and told so; the tag comes back iff given and not 0."""
    there, here = server().session(now=5), client(tag=tag)
    welcomed = here.receive(encode(there.welcome))
    assert isinstance(welcomed, Welcomed)
    admitted = there.receive(encode(welcomed.authenticate), now=6)
    assert isinstance(admitted, Admitted)
    assert admitted.user_id == 1
    assert json.loads(admitted.reply) == ({"tag": tag} if tag else {}) | {"error_code": 0}
    accepted = here.receive(encode(admitted.reply))
    assert isinstance(accepted, Accepted)
    assert accepted.reply == admitted.reply


@pytest.mark.parametrize(
    ("changes", "reason", "reply"),
    [
        ({"user_id": 2}, Reason.NO_SUCH_USER, NO_SUCH_USER),
        ({"cookie": b64encode(bytes(20)).decode()}, Reason.WRONG_COOKIE, WRONG_COOKIE),
        ({"private_key": auth.derive_private_key(1, "opensesam")}, Reason.WRONG_SIGNATURE, WRONG_SIGNATURE),
        ({"cookie": b64encode(bytes(20)).decode(), "private_key": PrivateKey.from_int(5)}, Reason.WRONG_COOKIE, None),
    ],
)
@pytest.mark.parametrize("tag", [None, 77])
def test_a_wrong_login(changes: dict[str, Any], reason: Reason, reply: dict[str, Any] | None, tag: int | None) -> None:
    """The documented code and words, to the client's end as well; the discreet reply is one and the same for all."""
    there, here = server().session(now=0), client(**changes, tag=tag)
    welcomed = here.receive(there.welcome)
    assert isinstance(welcomed, Welcomed)
    event = rejected(there, welcomed.authenticate)
    echo = {"tag": tag} if tag else {}
    assert (event.reason, event.user_id) == (reason, changes.get("user_id", 1))
    assert json.loads(event.reply) == echo | (WRONG_COOKIE if reply is None else reply)
    assert json.loads(event.discreet_reply) == echo | WRONG_SIGNATURE
    refused = here.receive(event.reply)
    assert isinstance(refused, Refused)
    assert {"error_code": refused.error_code, "error_msg": refused.error_msg} == (reply or WRONG_COOKIE)
    assert refused.reply == event.reply


# The server's end


def test_the_documents_message_is_admitted(documented: ServerSession) -> None:
    """Welcome and Authenticate of the document's worked example."""
    assert json.loads(documented.welcome) == json.loads(WELCOME)
    event = documented.receive(json.dumps(DOCUMENTED), now=0)
    assert isinstance(event, Admitted)
    assert json.loads(event.reply) == {"error_code": 0}


def test_every_welcome_has_a_nonce_of_its_own() -> None:
    """16 octets each, none twice."""
    one = server()
    nonces = {json.loads(one.session(now=0).welcome)["nonce"] for _ in range(100)}
    assert len(nonces) == 100
    assert {len(b64decode(nonce)) for nonce in nonces} == {16}


def test_white_space_is_json(documented: ServerSession) -> None:
    """A text may be as long as it may be, and no longer."""
    text = json.dumps(DOCUMENTED).ljust(login.LARGEST)
    assert rejected(server().session(now=0), text + " ").reason is Reason.MALFORMED
    assert isinstance(documented.receive(text, now=0), Admitted)


@pytest.mark.parametrize("first", ["right", "wrong cookie", "garbage", "malformed"])
def test_a_nonce_serves_once(first: str) -> None:
    """Whatever came before, an answer to the same Welcome is no longer taken, be it the right one."""
    session = server().session(now=0)
    right = answer(session)
    texts = {"right": right, "wrong cookie": answer(session, cookie=b64encode(bytes(20)).decode())}
    session.receive(texts.get(first, "{" if first == "garbage" else "{}"), now=0)
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
    assert json.loads(login.reply(7, "You are not authenticated.", tag=0)) == {
        "error_code": 7,
        "error_msg": "You are not authenticated.",
    }
    assert isinstance(session.receive(answer(session), now=0), Admitted)


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
    " " * (login.LARGEST + 1),
    b" " * (login.LARGEST + 1),
]


@pytest.mark.parametrize("text", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_malformed(text: str | bytes) -> None:
    """What is no JSON object of distinct names gets code 8 and one sentence, and is asked of nobody."""
    event = rejected(LoginServer(users=nobody_asks, policy=nobody_asks).session(now=0), text)
    assert (event.reason, event.user_id) == (Reason.MALFORMED, None)
    assert json.loads(event.reply)["error_code"] == 8
    assert json.loads(event.reply)["error_msg"].startswith("message: ")


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


@pytest.mark.parametrize("field", DOCUMENTED)
def test_an_authenticate_without_a_field_is_malformed(field: str, documented: ServerSession) -> None:
    """All five are required; without a method it is no command either."""
    text = json.dumps({name: value for name, value in DOCUMENTED.items() if name != field})
    assert rejected(documented, text).reason is Reason.MALFORMED


# What a login costs


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
    monkeypatch.setattr(login, "compare_digest", counted_compare)
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
    """Each server draws its own, and whoever held its key and cookie would still be no such user."""
    one, other = server(), server()
    assert one._decoy.cookie != other._decoy.cookie
    assert one._decoy.public_key.point != other._decoy.public_key.point
    one._decoy = USERS[1]
    session = one.session(now=0)
    assert rejected(session, answer(session, user_id=2)).reason is Reason.NO_SUCH_USER


# Limits


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
    """1,000 in an hour: rounding gives none more and none fewer."""
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


@pytest.mark.parametrize("change", [{"attempts": 0}, {"seconds": 0}, {"seconds": float("nan")}, {"user_ids": 0}])
def test_limits_that_are_none_are_refused(change: dict[str, Any]) -> None:
    """Numbers above 0."""
    with pytest.raises(ValueError, match="above 0"):
        AttemptLimit(**change)


# The client's end


def test_other_notices_are_passed_over() -> None:
    """Notices may come at any time: before the Welcome, and before the reply. Nothing is to be sent."""
    here = client()
    for text in ('{"notice": "OrderOpened", "id": 5}', WELCOME, '{"notice": "OrderClosed", "tag": 5}'):
        event = here.receive(text)
        assert isinstance(event, Welcomed if text == WELCOME else Notice)
        assert not isinstance(event, Notice) or event.name == json.loads(text)["notice"]
    assert isinstance(here.receive('{"error_code": 0}'), Accepted)


def test_a_servers_further_fields_are_passed_over() -> None:
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


@pytest.mark.parametrize("text", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_from_a_server_is_refused(text: str | bytes) -> None:
    """One sentence, which does not repeat it."""
    with pytest.raises(InvalidEncoding, match=r"^message: ") as refusal:
        client().receive(text)
    assert refusal.value.__context__ is None


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


# Arguments


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


def test_a_user_of_wrong_values_is_refused() -> None:
    """A cookie of 20 octets, a public key on secp224k1."""
    with pytest.raises(InvalidEncoding, match="cookie"):
        User("x", KEY.public_key)
    with pytest.raises(TypeError, match="a PublicKey was expected, not PrivateKey"):
        User(COOKIE, KEY)  # type: ignore[arg-type]
    with pytest.raises(InvalidKey):
        User(COOKIE, PrivateKey.from_int(5, curve=SECP256K1).public_key)


def test_arguments_of_wrong_type_are_type_errors() -> None:
    """The caller's own mistakes are told from the other end's."""
    with pytest.raises(TypeError, match="a str or bytes were expected, not dict"):
        client().receive(DOCUMENTED)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a str or bytes were expected, not bytearray"):
        server().session(now=0).receive(bytearray(), now=0)  # type: ignore[arg-type]
    for seconds in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="nonce_seconds"):
            server(nonce_seconds=seconds)


def test_events_never_change() -> None:
    """They are values, as elsewhere."""
    session = server().session(now=0)
    for event, name in ((Welcomed(""), "authenticate"), (Notice(""), "name"), (rejected(session, ""), "reason")):
        with pytest.raises(AttributeError):
            setattr(event, name, None)
