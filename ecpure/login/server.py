"""The server's end of the exchange's login without I/O: texts in, events out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from hmac import compare_digest
from sys import float_info
from typing import Any

from .. import auth
from ..errors import InvalidEncoding
from ..privatekey import PrivateKey
from ..publickey import PublicKey
from ..rfc4648 import encode_base64
from ..signature import Signature
from ..values import public, require_int
from .wire import WELCOME, decode, reply, tag_of


@public("ecpure.login")
@dataclass(frozen=True, slots=True, init=False)
class User:
    """What the server knows of a user, made from cookie: base64 of 20 octets; and public_key: on secp224k1.

    Raises `InvalidEncoding`, `InvalidKey`, `TypeError`. The attribute `cookie` holds the 20 octets: `repr` does not
    show them, but `dataclasses.asdict` does; `dataclasses.replace` passes them on and raises `TypeError`: make a new
    `User`. The table of a prepared key is not used: a user whose signature is verified faster could be told from the
    others.
    """

    cookie: bytes = field(repr=False)
    public_key: PublicKey

    def __init__(self, cookie: str, public_key: PublicKey) -> None:
        if not isinstance(public_key, PublicKey):
            raise TypeError(f"public_key: a PublicKey was expected, not {type(public_key).__name__}")
        auth.require_secp224k1(public_key.curve)
        object.__setattr__(self, "cookie", auth.decode_cookie(cookie, "cookie"))
        object.__setattr__(self, "public_key", PublicKey(public_key.point))


@public("ecpure.login")
class Reason(Enum):
    """Why a login was refused, with error_code and error_msg: documented, except for code 8, whose text varies."""

    NO_SUCH_USER = (1, "There is no such user.")
    TOO_RAPID = (6, "You are making authentication attempts too rapidly.")
    WRONG_COOKIE = (7, "You sent an incorrect login cookie.")
    WRONG_SIGNATURE = (7, "You sent an incorrect signature. This probably means you used a wrong passphrase.")
    MALFORMED = (8, "The message was malformed.")
    LATE = (8, "The nonce was too old: connect again for a fresh one.")
    SPENT = (8, "The nonce had been used: connect again for a fresh one.")


_TELLING = (Reason.NO_SUCH_USER, Reason.WRONG_COOKIE, Reason.WRONG_SIGNATURE)


@public("ecpure.login")
@dataclass(frozen=True, slots=True)
class Admitted:
    """A valid login: the user is the one with this user id. reply: the text to send."""

    user_id: int
    reply: str


@public("ecpure.login")
@dataclass(frozen=True, slots=True)
class Rejected:
    """An invalid login.

    reason: for the server's own log. user_id: the claimed user id, None if it was not read. reply: the documented text
    to send. discreet_reply: the same, unless that would reveal whether the user exists, or whether cookie or signature
    was wrong: then it is always the reply to a wrong signature.
    """

    reason: Reason
    user_id: int | None
    reply: str
    discreet_reply: str


def _rejected(
    reason: Reason, *, user_id: int | None = None, tag: int | None = None, words: str | None = None
) -> Rejected:
    """Return the rejection. words: replace the documented text."""
    code, documented = reason.value
    text = reply(code, words or documented, tag=tag)
    discreet = reply(*Reason.WRONG_SIGNATURE.value, tag=tag) if reason in _TELLING else text
    return Rejected(reason, user_id, text, discreet)


@public("ecpure.login")
@dataclass(frozen=True, slots=True)
class Command:
    """A command other than Authenticate, or a message without a method, for the caller to answer.

    It does not change the login. method: its name, or None: the exchange's JavaScript library keeps a connection alive
    with such messages, and error_code 8 is the answer. tag: to be echoed in the answer, or None. message: all of it,
    not checked further.
    """

    method: str | None
    tag: int | None
    message: dict[str, Any]


_LARGEST = float_info.max / 4  # so that sums of attempts and seconds are in a float's range, too


@public("ecpure.login")
class AttemptLimit:
    """A policy: for each user id a burst of `attempts`, and then one in every `seconds / attempts`.

    The default is that of Coinfloor's LIMITS.md, 1,000 in an hour. Unknown user ids are counted as well, so that the
    limit does not reveal which exist; at most `user_ids` are remembered, and the one seen longest ago is forgotten.
    Raises `ValueError` unless all three are above 0, and `attempts` and `seconds` not beyond a float's range.
    """

    def __init__(self, *, attempts: int = 1000, seconds: float = 3600, user_ids: int = 100_000) -> None:
        if not (
            1 <= require_int(attempts, "attempts") <= _LARGEST
            and require_int(user_ids, "user_ids") >= 1
            and 0 < seconds <= _LARGEST
        ):
            raise ValueError("attempts, seconds, user_ids: numbers above 0, and in a float's range, were expected")
        self._seconds, self._step, self._user_ids = seconds, seconds / attempts, user_ids
        self._slack = self._step / 100  # sums of steps are rounded
        self._free_at: dict[int, float] = {}  # when each will have all attempts again; last seen, last in order

    def allow(self, user_id: int, now: float) -> bool:
        """Whether the user may try at `now`, in seconds of a clock that never goes back; if so, it is counted."""
        free_at = max(self._free_at.get(user_id, now), now) + self._step
        if free_at - now > self._seconds + self._slack:
            return False
        self._free_at.pop(user_id, None)
        self._free_at[user_id] = free_at
        if len(self._free_at) > self._user_ids:
            del self._free_at[next(iter(self._free_at))]
        return True


@public("ecpure.login")
class LoginServer:
    """What all connections of a server share.

    users: returns the `User` of a user id, or None; the caller sees to it that its time reveals nothing. policy: called
    once with user id and `now` for each well-formed attempt, returns whether that user may try; for example
    `AttemptLimit().allow`. nonce_seconds: how long a Welcome can be answered, above 0; by default 60, after which
    Coinfloor's server closed idle connections. Raises `ValueError`.
    """

    def __init__(
        self,
        *,
        users: Callable[[int], User | None],
        policy: Callable[[int, float], bool],
        nonce_seconds: float = 60,
    ) -> None:
        if not nonce_seconds > 0:
            raise ValueError("nonce_seconds: a number above 0 was expected")
        self._users, self._policy, self._nonce_seconds = users, policy, nonce_seconds
        self._decoy = User(encode_base64(os.urandom(auth.COOKIE_OCTETS)), PrivateKey.generate().public_key)

    def session(self, *, now: float) -> ServerSession:
        """Return the server's end of one login, its Welcome made at `now`, in seconds of the policy's clock."""
        return ServerSession(self, now)

    def _judge(self, message: dict[str, Any], signed: tuple[Signature, bytes], now: float) -> Reason | None:
        """Return why a well-formed Authenticate is invalid, or None. signed: the result of `auth.read_authenticate`.

        If the policy allows it, one cookie is compared and one signature verified, whatever is wrong; if the user does
        not exist, a decoy's.
        """
        user_id = message["user_id"]
        if not self._policy(user_id, now):
            return Reason.TOO_RAPID
        user = self._users(user_id)
        on_record = self._decoy if user is None else user
        signature, octets = signed
        cookie_holds = compare_digest(auth.decode_cookie(message["cookie"], "cookie"), on_record.cookie)
        signature_holds = on_record.public_key.verify(signature, octets, hash="sha224")
        if user is None:
            return Reason.NO_SUCH_USER
        if not cookie_holds:
            return Reason.WRONG_COOKIE
        return None if signature_holds else Reason.WRONG_SIGNATURE

    def _is_late(self, since: float, now: float) -> bool:
        """Whether a Welcome made at `since` can no longer be answered."""
        return now - since > self._nonce_seconds


@public("ecpure.login")
class ServerSession:
    """The server's end of one login, made by `LoginServer.session`.

    welcome: the text to send. Its nonce, 16 octets of the system's generator, can be used once: an Authenticate uses it
    up, and so does a text that cannot be read; a `Command` does not. For another attempt, on the same connection or a
    new one, make another session. After the login, the session still reads commands.
    """

    def __init__(self, server: LoginServer, now: float) -> None:
        self._server, self._since = server, now
        self._nonce: str | None = encode_base64(os.urandom(auth.NONCE_OCTETS))
        self.welcome = json.dumps({"notice": WELCOME, "nonce": self._nonce})

    def receive(self, text: str | bytes, *, now: float) -> Admitted | Rejected | Command:
        """Return the result of the client's text at `now`, with the reply to send. bytes are UTF-8.

        No input from a client raises an exception: a malformed text is `Rejected`, with what was expected.
        """
        nonce, self._nonce = self._nonce, None
        try:
            message = decode(text)
        except InvalidEncoding as error:
            return _rejected(Reason.MALFORMED, words=str(error))
        tag = tag_of(message)
        method = message.get("method")
        if "method" not in message or (isinstance(method, str) and method != auth.METHOD):
            self._nonce = nonce
            return Command(method, tag, message)
        if nonce is None:
            return _rejected(Reason.SPENT, tag=tag)
        try:
            signed = auth.read_authenticate(message, server_nonce=nonce)
        except InvalidEncoding as error:
            return _rejected(Reason.MALFORMED, tag=tag, words=str(error))
        user_id = message["user_id"]
        late = self._server._is_late(self._since, now)
        reason = Reason.LATE if late else self._server._judge(message, signed, now)
        if reason is not None:
            return _rejected(reason, user_id=user_id, tag=tag)
        return Admitted(user_id, reply(0, tag=tag))
