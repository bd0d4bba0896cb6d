"""What both ends of the login read and write: texts that are no message, replies, tags and other fields."""

from __future__ import annotations

import json

import pytest
from loginsamples import GARBAGE, client, nobody_asks, rejected

from ecpure import InvalidEncoding
from ecpure.login.server import LoginServer, Reason
from ecpure.login.wire import LARGEST, decode, read_field, reply, tag_of
from ecpure.values import require_int


@pytest.mark.parametrize("text", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_malformed(text: str | bytes) -> None:
    """What is no JSON object of distinct names gets code 8 and one sentence, and is asked of nobody."""
    event = rejected(LoginServer(users=nobody_asks, policy=nobody_asks).session(now=0), text)
    assert (event.reason, event.user_id) == (Reason.MALFORMED, None)
    assert json.loads(event.reply)["error_code"] == 8
    assert json.loads(event.reply)["error_msg"].startswith("message: ")


@pytest.mark.parametrize("text", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_from_a_server_is_refused(text: str | bytes) -> None:
    """One sentence, which does not repeat it."""
    with pytest.raises(InvalidEncoding, match=r"^message: ") as refusal:
        client().receive(text)
    assert refusal.value.__context__ is None


@pytest.mark.parametrize("text", ["{}", " {\n} ", b"{}", '{"a": {"b": [1, "\\u00e9"]}}', '{"a": "é"}'.encode()])
def test_a_message_is_a_json_object(text: str | bytes) -> None:
    """Text, or octets in UTF-8, of an object are read; white space around it is JSON's."""
    assert decode(text) == json.loads(text)


def test_a_message_is_of_limited_length() -> None:
    """The limit is read, and what is longer is not decoded at all."""
    assert decode("{}".ljust(LARGEST)) == {}
    assert decode(b"{}".ljust(LARGEST)) == {}
    for text in ("{}".ljust(LARGEST + 1), b"\xff" * (LARGEST + 1)):
        with pytest.raises(InvalidEncoding, match=r"^message: at most 64 KiB were expected$"):
            decode(text)


def test_a_reply_has_the_fields_that_are_given() -> None:
    """error_code always, error_msg if given, the tag if there is one and it is not 0; all of it is ASCII."""
    assert reply(0) == reply(0, tag=None) == reply(0, tag=0) == '{"error_code": 0}'
    assert reply(0, tag=5) == '{"tag": 5, "error_code": 0}'
    assert reply(8, "") == '{"error_code": 8, "error_msg": ""}'
    assert reply(8, "ż\x1b", tag=1) == '{"tag": 1, "error_code": 8, "error_msg": "\\u017c\\u001b"}'


def test_a_field_of_another_type_is_the_other_ends_mistake() -> None:
    """What is missing or of a wrong type is no `TypeError`, which would be the caller's, but `InvalidEncoding`."""
    assert read_field(require_int, {"n": 5}, "n") == 5
    for message in ({}, {"n": "5"}, {"n": None}, {"n": True}):
        with pytest.raises(InvalidEncoding, match=r"^n: an int was expected, not ") as refusal:
            read_field(require_int, message, "n")
        assert refusal.value.__cause__ is None


@pytest.mark.parametrize("tag", [0, 1, 2**63 - 1])
def test_a_tag_that_can_be_echoed_is_read(tag: int) -> None:
    """Tags are integers from 0 below 2⁶³; anything else counts as no tag."""
    assert tag_of({"tag": tag}) == tag
    for wrong in ({}, {"tag": None}, {"tag": -1 - tag}, {"tag": 2**63 + tag}, {"tag": str(tag)}, {"tag": True}):
        assert tag_of(wrong) is None
