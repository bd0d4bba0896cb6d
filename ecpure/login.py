"""Both ends of the exchange's login without input or output: texts in, events out. The caller has connection and clock.

Facts are those of Coinfloor's WebSocket API document ("Message Flow", "Authenticate") and of its AUTH.md and LIMITS.md.
What they leave open, and what is done here then, is in docs/login.md. One session is one Welcome and its one answer.
"""

from __future__ import annotations

import json
import os
from enum import Enum
from hmac import compare_digest

from . import auth, strictjson
from .errors import EcpureError, InvalidEncoding
from .privatekeys import PrivateKey
from .publickeys import PublicKey
from .values import Value, require_int, require_text

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from .signature import Signature

    _T = TypeVar("_T")

WELCOME = "Welcome"
LARGEST = 1 << 16
"""Characters, or octets, of the longest text that either end reads."""
_ERROR_CODES = 1 << 31


class OutOfTurn(EcpureError, ValueError):
    """A message that the login has no place for at that moment, or one more after its end."""


# The client's end


class Welcomed(Value):
    """The server's Welcome has come. authenticate: the text to send now."""

    __slots__ = ("authenticate",)

    authenticate: str

    def __init__(self, authenticate: str) -> None:
        self._set(authenticate=authenticate)


class Notice(Value):
    """A notice that has to do with no login: nothing is to be done. name: as the server calls it."""

    __slots__ = ("name",)

    name: str

    def __init__(self, name: str) -> None:
        self._set(name=name)


class Accepted(Value):
    """The server has logged the user in. reply: what it said, the documented fields alone, JSON in ASCII."""

    __slots__ = ("reply",)

    reply: str

    def __init__(self, reply: str) -> None:
        self._set(reply=reply)


class Refused(Value):
    """The server has refused. reply: as in `Accepted`; error_code: above 0; error_msg: its words, perhaps hostile."""

    __slots__ = ("error_code", "error_msg", "reply")

    error_code: int
    error_msg: str
    reply: str

    def __init__(self, error_code: int, error_msg: str, reply: str) -> None:
        self._set(error_code=error_code, error_msg=error_msg, reply=reply)


class ClientSession:
    """The client's end of one login: give each text of the server to `receive`, until it is accepted or refused.

    user_id, cookie, private_key, tag: as `auth.build_authenticate` has them, and refused as there, at once.
    """

    def __init__(self, *, user_id: int, cookie: str, private_key: PrivateKey, tag: int | None = None) -> None:
        auth.require_credentials(user_id=user_id, cookie=cookie, private_key=private_key, tag=tag)
        self._user_id, self._cookie, self._private_key, self._tag = user_id, cookie, private_key, tag
        self._answered = self._over = False

    def receive(self, text: str | bytes) -> Welcomed | Notice | Accepted | Refused:
        """Return what the server's text means. bytes are UTF-8. After an exception the login is over.

        Raises `InvalidEncoding` for what is no notice and no reply as documented; `OutOfTurn` for a reply before the
        Welcome, a second Welcome, and anything after the end. Fields that the documents do not have are passed over.
        """
        if self._over:
            raise OutOfTurn("login: it is over, and nothing more was expected")
        self._over = True  # unless all that follows goes well
        message = _decode(text)
        if ("notice" in message) == ("error_code" in message):
            raise InvalidEncoding("message: either a notice or an error_code was expected")
        event = self._notice(message) if "notice" in message else self._reply(message)
        self._over = isinstance(event, (Accepted, Refused))
        return event

    def _notice(self, message: dict[str, Any]) -> Welcomed | Notice:
        name = _field(require_text, message, "notice")
        if name != WELCOME:
            return Notice(name)
        if self._answered:
            raise OutOfTurn("Welcome: one was expected, and this is the second")
        nonce = auth.encode_base64(_field(auth.decode_nonce, message, "nonce"))
        authenticate = auth.build_authenticate(
            user_id=self._user_id,
            cookie=self._cookie,
            private_key=self._private_key,
            server_nonce=nonce,
            tag=self._tag,
        )
        self._answered = True
        return Welcomed(json.dumps(authenticate))

    def _reply(self, message: dict[str, Any]) -> Accepted | Refused:
        if not self._answered:
            raise OutOfTurn("reply: a Welcome was expected before it")
        if ("tag" in message) != bool(self._tag) or (self._tag and _field(require_int, message, "tag") != self._tag):
            raise InvalidEncoding("reply: the tag that was sent was expected, if not 0, and no other")
        code = _field(require_int, message, "error_code")
        if not 0 <= code < _ERROR_CODES:
            raise InvalidEncoding("error_code: an integer in [0, 2³¹ − 1] was expected")
        if code == 0:
            return Accepted(reply(0, tag=self._tag))
        words = _field(require_text, message, "error_msg")
        return Refused(code, words, reply(code, words, tag=self._tag))


# The server's end


class User(Value):
    """What the server knows of a user: the cookie, base64 of 20 octets, and the public key, on secp224k1.

    Raises as `auth.build_authenticate` does. A prepared key is taken without its table, since a user whose signature is
    verified faster than that of others could be told from them.
    """

    __slots__ = ("cookie", "public_key")

    cookie: bytes
    public_key: PublicKey

    def __init__(self, cookie: str, public_key: PublicKey) -> None:
        if not isinstance(public_key, PublicKey):
            raise TypeError(f"public_key: a PublicKey was expected, not {type(public_key).__name__}")
        auth.require_secp224k1(public_key.curve)
        self._set(cookie=auth.decode_cookie(cookie, "cookie"), public_key=PublicKey(public_key.point))


class Reason(Enum):
    """Why a login was refused: the error_code and error_msg of each, documented but for code 8, whose words vary."""

    NO_SUCH_USER = (1, "There is no such user.")
    TOO_RAPID = (6, "You are making authentication attempts too rapidly.")
    WRONG_COOKIE = (7, "You sent an incorrect login cookie.")
    WRONG_SIGNATURE = (7, "You sent an incorrect signature. This probably means you used a wrong passphrase.")
    MALFORMED = (8, "The message was malformed.")
    LATE = (8, "The nonce was too old: connect again for a fresh one.")
    SPENT = (8, "The nonce had been used: connect again for a fresh one.")


_TELLING = (Reason.NO_SUCH_USER, Reason.WRONG_COOKIE, Reason.WRONG_SIGNATURE)


class Admitted(Value):
    """A login that holds: the user is who the user id says. reply: the text to send."""

    __slots__ = ("reply", "user_id")

    reply: str
    user_id: int

    def __init__(self, user_id: int, reply: str) -> None:
        self._set(user_id=user_id, reply=reply)


class Rejected(Value):
    """A login that does not hold.

    reason: for the server's own record. user_id: whom it was said to be from, None if that was not read. reply: the
    documented text to send. discreet_reply: the same, but for what would tell whether the user exists and which of
    cookie and signature was wrong: then it is always that of a wrong signature.
    """

    __slots__ = ("discreet_reply", "reason", "reply", "user_id")

    discreet_reply: str
    reason: Reason
    reply: str
    user_id: int | None

    def __init__(
        self, reason: Reason, *, user_id: int | None = None, tag: int | None = None, words: str | None = None
    ) -> None:
        code, documented = reason.value
        text = reply(code, words or documented, tag=tag)
        discreet = reply(*Reason.WRONG_SIGNATURE.value, tag=tag) if reason in _TELLING else text
        self._set(reason=reason, user_id=user_id, reply=text, discreet_reply=discreet)


class Command(Value):
    """A command that is no Authenticate, for the caller to answer. It leaves the login as it was.

    method: its name. tag: what the answer has to echo, None for nothing. message: all of it, not checked further.
    """

    __slots__ = ("message", "method", "tag")

    message: dict[str, Any]
    method: str
    tag: int | None

    def __init__(self, method: str, tag: int | None, message: dict[str, Any]) -> None:
        self._set(method=method, tag=tag, message=message)


class AttemptLimit:
    """A policy: `attempts` at once for each user id, and from then on one in every `seconds / attempts`.

    By default as Coinfloor's LIMITS.md has it, 1,000 in an hour. User ids that nobody has are counted as well, so that
    being limited tells nothing of them; at most `user_ids` are remembered, and the one seen longest ago is forgotten.
    """

    def __init__(self, *, attempts: int = 1000, seconds: float = 3600, user_ids: int = 100_000) -> None:
        if require_int(attempts, "attempts") < 1 or require_int(user_ids, "user_ids") < 1 or not seconds > 0:
            raise ValueError("attempts, seconds, user_ids: numbers above 0 were expected")
        self._seconds, self._step, self._user_ids = seconds, seconds / attempts, user_ids
        self._slack = self._step / 100  # sums of steps are rounded
        self._free_at: dict[int, float] = {}  # when each will have all attempts again; the one seen last is the last

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


class LoginServer:
    """What all connections of a server share.

    users: gives the `User` of a user id, or None; how long it takes is the caller's care. policy: called with user id
    and `now` once for each well-formed attempt, whether that user may try, such as `AttemptLimit().allow`.
    nonce_seconds: for how long a Welcome can be answered; 60, after which Coinfloor's server closed idle connections.
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
        self._decoy = User(auth.encode_base64(os.urandom(auth.COOKIE_OCTETS)), PrivateKey.generate().public_key)

    def session(self, *, now: float) -> ServerSession:
        """Return the server's end of one login, its Welcome made at `now`, in seconds of the policy's clock."""
        return ServerSession(self, now)

    def _judge(self, message: dict[str, Any], signed: tuple[Signature, bytes], now: float) -> Reason | None:
        """Return why a well-formed Authenticate does not hold, or None. signed: what `auth.read_authenticate` gives.

        Whatever is wrong, one cookie is compared and one signature verified: for a user who does not exist, a decoy's.
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


class ServerSession:
    """The server's end of one login, made by `LoginServer.session`.

    welcome: the text to send. Its nonce, 16 octets of the system's generator, serves once: whatever comes but another
    command spends it. For another attempt, on the same connection or a new one, make another session.
    """

    def __init__(self, server: LoginServer, now: float) -> None:
        self._server, self._since = server, now
        self._nonce: str | None = auth.encode_base64(os.urandom(auth.NONCE_OCTETS))
        self.welcome = json.dumps({"notice": WELCOME, "nonce": self._nonce})

    def receive(self, text: str | bytes, *, now: float) -> Admitted | Rejected | Command:
        """Return what the client's text comes to at `now`, and with it the reply to send. bytes are UTF-8.

        Nothing that a client sends is an exception: what is malformed is `Rejected`, with what was expected.
        """
        nonce, self._nonce = self._nonce, None
        try:
            message = _decode(text)
        except InvalidEncoding as error:
            return Rejected(Reason.MALFORMED, words=str(error))
        tag = _tag(message)
        method = message.get("method")
        if isinstance(method, str) and method != auth.METHOD:
            self._nonce = nonce
            return Command(method, tag, message)
        if nonce is None:
            return Rejected(Reason.SPENT, tag=tag)
        try:
            signed = auth.read_authenticate(message, server_nonce=nonce)
        except InvalidEncoding as error:
            return Rejected(Reason.MALFORMED, tag=tag, words=str(error))
        user_id = message["user_id"]
        late = self._server._is_late(self._since, now)
        reason = Reason.LATE if late else self._server._judge(message, signed, now)
        if reason is not None:
            return Rejected(reason, user_id=user_id, tag=tag)
        return Admitted(user_id, reply(0, tag=tag))


def reply(error_code: int, error_msg: str | None = None, *, tag: int | None = None) -> str:
    """Return a reply's text, JSON in ASCII: the tag if there is one and it is not 0, error_code, error_msg if given."""
    fields: dict[str, object] = {"tag": tag} if tag else {}
    fields["error_code"] = error_code
    if error_msg is not None:
        fields["error_msg"] = error_msg
    return json.dumps(fields)


def _decode(text: str | bytes) -> dict[str, Any]:
    """Return the JSON object of a message. Raises `InvalidEncoding`; `TypeError` for what is neither str nor bytes."""
    if not isinstance(text, (str, bytes)):
        raise TypeError(f"text: a str or bytes were expected, not {type(text).__name__}")
    if len(text) > LARGEST:
        raise InvalidEncoding("message: at most 64 KiB were expected")
    return strictjson.decode_object(text, "message")


def _field(read: Callable[[object, str], _T], message: dict[str, Any], name: str) -> _T:
    """Return what `read` makes of a field. Raises `InvalidEncoding`, also for a missing one or a wrong type."""
    try:
        return read(message.get(name), name)
    except TypeError as error:
        raise InvalidEncoding(str(error)) from None  # it came over the wire, and is no mistake of the caller's


def _tag(message: dict[str, Any]) -> int | None:
    """Return the tag of a command, None where there is none that could be echoed."""
    try:
        return auth.require_tag(message.get("tag"))
    except (InvalidEncoding, TypeError):
        return None
