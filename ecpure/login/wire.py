"""Shared by both ends of the login: replies, the limit on the length of a text, and reading of fields."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from .. import auth
from ..errors import EcpureError, InvalidEncoding
from ..io import strictjson
from ..values import public

_T = TypeVar("_T")

WELCOME = "Welcome"
LARGEST = 1 << 16
"""Characters, or octets, of the longest text that either end reads. An Authenticate has about 250."""


@public("ecpure.login")
class OutOfTurn(EcpureError, ValueError):
    """A message that is not allowed in this state of the login, or comes after its end."""


def reply(error_code: int, error_msg: str | None = None, *, tag: int | None = None) -> str:
    """Return a reply's text, JSON in ASCII: the tag unless it is None or 0, error_code, and error_msg if given."""
    fields: dict[str, object] = {"tag": tag} if tag else {}
    fields["error_code"] = error_code
    if error_msg is not None:
        fields["error_msg"] = error_msg
    return json.dumps(fields)


def decode(text: str | bytes) -> dict[str, Any]:
    """Return the JSON object of a message. Raises `InvalidEncoding`; `TypeError` unless it is a str or bytes."""
    if not isinstance(text, (str, bytes)):
        raise TypeError(f"text: a str or bytes were expected, not {type(text).__name__}")
    if len(text) > LARGEST:
        raise InvalidEncoding("message: at most 64 KiB were expected")
    return strictjson.decode_object(text, "message")


def read_field(read: Callable[[object, str], _T], message: dict[str, Any], name: str) -> _T:
    """Return what `read` makes of a field. Raises `InvalidEncoding`, also for a missing one or a wrong type."""
    try:
        return read(message.get(name), name)
    except TypeError as error:
        raise InvalidEncoding(str(error)) from None  # it came over the wire: not the caller's mistake


def tag_of(message: dict[str, Any]) -> int | None:
    """Return the tag of a command, or None if it has no valid tag to echo."""
    try:
        return auth.require_tag(message.get("tag"))
    except (InvalidEncoding, TypeError):
        return None
