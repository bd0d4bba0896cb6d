"""The client's end of the exchange's login without I/O: texts in, events out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from .. import auth
from ..errors import InvalidEncoding
from ..privatekey import PrivateKey
from ..rfc4648 import encode_base64
from ..values import public, require_int, require_text
from .wire import WELCOME, OutOfTurn, decode, read_field, reply

_ERROR_CODES = 1 << 31


@public("ecpure.login")
@dataclass(frozen=True, slots=True)
class Welcomed:
    """The server's Welcome has arrived. authenticate: the text to send now."""

    authenticate: str = field(repr=False)  # it contains the cookie


@public("ecpure.login")
@dataclass(frozen=True, slots=True)
class Notice:
    """A notice unrelated to the login; no answer is needed. name: the server's name for it."""

    name: str


@public("ecpure.login")
@dataclass(frozen=True, slots=True)
class Accepted:
    """The server has logged the user in. reply: only the documented fields of its reply, as JSON in ASCII."""

    reply: str


@public("ecpure.login")
@dataclass(frozen=True, slots=True)
class Refused:
    """The server has refused the login. error_code: above 0; error_msg: untrusted text; reply: as in `Accepted`."""

    error_code: int
    error_msg: str
    reply: str


class _State(Enum):
    WAITS_FOR_WELCOME = auto()
    WAITS_FOR_REPLY = auto()
    OVER = auto()


@public("ecpure.login")
class ClientSession:
    """The client's end of one login: give each text of the server to `receive`, until it is accepted or refused.

    =================  ================================  ==============  ===========================
    state              a Welcome comes                   another notice  a reply comes
    =================  ================================  ==============  ===========================
    WAITS_FOR_WELCOME  `Welcomed`, then WAITS_FOR_REPLY  `Notice`        `OutOfTurn`
    WAITS_FOR_REPLY    `OutOfTurn`                       `Notice`        `Accepted`, `Refused`: OVER
    OVER               `OutOfTurn`                       `OutOfTurn`     `OutOfTurn`
    =================  ================================  ==============  ===========================

    After an exception the state is OVER.
    user_id, cookie, private_key, tag: as in `auth.build_authenticate`, with the same exceptions, raised immediately.
    """

    def __init__(self, *, user_id: int, cookie: str, private_key: PrivateKey, tag: int | None = None) -> None:
        auth.require_credentials(user_id=user_id, cookie=cookie, private_key=private_key, tag=tag)
        self._user_id, self._cookie, self._private_key, self._tag = user_id, cookie, private_key, tag
        self._state = _State.WAITS_FOR_WELCOME

    def receive(self, text: str | bytes) -> Welcomed | Notice | Accepted | Refused:
        """Return what the server's text means. bytes are UTF-8.

        Raises `InvalidEncoding` unless it is a notice or a reply as documented, `OutOfTurn` as the table says.
        Undocumented fields are ignored.
        """
        if self._state is _State.OVER:
            raise OutOfTurn("login: it is over; no further message was expected")
        state, self._state = self._state, _State.OVER  # unless everything below succeeds
        message = decode(text)
        if ("notice" in message) == ("error_code" in message):
            raise InvalidEncoding("message: either a notice or an error_code was expected")
        if "error_code" in message:
            return self._reply(message, state)
        event = self._notice(message, state)
        self._state = _State.WAITS_FOR_REPLY if isinstance(event, Welcomed) else state
        return event

    def _notice(self, message: dict[str, Any], state: _State) -> Welcomed | Notice:
        name = read_field(require_text, message, "notice")
        if name != WELCOME:
            return Notice(name)
        if state is not _State.WAITS_FOR_WELCOME:
            raise OutOfTurn("Welcome: only one was expected, and this is the second")
        nonce = encode_base64(read_field(auth.decode_nonce, message, "nonce"))
        authenticate = auth.build_authenticate(
            user_id=self._user_id,
            cookie=self._cookie,
            private_key=self._private_key,
            server_nonce=nonce,
            tag=self._tag,
        )
        return Welcomed(json.dumps(authenticate))

    def _reply(self, message: dict[str, Any], state: _State) -> Accepted | Refused:
        if state is not _State.WAITS_FOR_REPLY:
            raise OutOfTurn("reply: a Welcome was expected before it")
        if ("tag" in message) != bool(self._tag) or (
            self._tag and read_field(require_int, message, "tag") != self._tag
        ):
            raise InvalidEncoding("reply: the tag that was sent was expected, or none if that was 0 or missing")
        code = read_field(require_int, message, "error_code")
        if not 0 <= code < _ERROR_CODES:
            raise InvalidEncoding("error_code: an integer in [0, 2³¹ − 1] was expected")
        if code == 0:
            return Accepted(reply(0, tag=self._tag))
        words = read_field(require_text, message, "error_msg")
        return Refused(code, words, reply(code, words, tag=self._tag))
