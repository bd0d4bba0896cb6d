"""Both ends of the login together, without a socket, and what they have in common: values that never change."""

from __future__ import annotations

import inspect
import json
import pickle
import traceback
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from loginsamples import (
    DOCUMENTED,
    NO_SUCH_USER,
    USERS,
    WRONG_COOKIE,
    WRONG_SIGNATURE,
    client,
    rejected,
    server,
)

from ecpure import PrivateKey, auth, login
from ecpure.login.client import Accepted, Notice, Refused, Welcomed
from ecpure.login.server import Admitted, Command, Reason, Rejected


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


EVENTS = [
    Welcomed("text"),
    Notice("name"),
    Accepted("reply"),
    Refused(7, "words", "reply"),
    Admitted(1, "reply"),
    Rejected(Reason.LATE, None, "reply", "discreet"),
    Command("method", 5, {"method": "method"}),
    Command(None, 5, {"tag": 5}),
    USERS[1],
    Reason.MALFORMED,
]


def test_the_package_has_both_ends() -> None:
    """Every name of its list is there, with a docstring, and its classes say of themselves that they are of it."""
    for name in login.__all__:
        value = getattr(login, name)
        if inspect.isclass(value):
            assert (value.__module__, value.__qualname__) == ("ecpure.login", name)
        assert inspect.getdoc(value)
    assert {type(event).__name__ for event in EVENTS} <= set(login.__all__)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_values_are_pickled_by_the_names_of_the_package(event: object, protocol: int) -> None:
    """A pickle names `ecpure.login`, not the module in which a class happens to be, and is read back as an equal."""
    octets = pickle.dumps(event, protocol)
    assert b"ecpure.login" in octets
    assert b"ecpure.login." not in octets
    assert pickle.loads(octets) == event


def test_tracebacks_name_the_package() -> None:
    """An exception is printed by the name that users import it by."""
    with pytest.raises(login.OutOfTurn) as refusal:
        client().receive('{"error_code": 0}')
    (line,) = traceback.format_exception_only(refusal.value)
    assert line.startswith("ecpure.login.OutOfTurn: reply: ")
