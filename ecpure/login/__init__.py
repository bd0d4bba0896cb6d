"""Both ends of the exchange's login without I/O: texts in, events out. The caller provides connection and clock.

The facts are from Coinfloor's WebSocket API document ("Message Flow", "Authenticate"), AUTH.md and LIMITS.md.
docs/login.md says what they leave open, and what is done then. One session is one Welcome and its one answer.
"""

from .client import Accepted, ClientSession, Notice, Refused, Welcomed
from .server import Admitted, AttemptLimit, Command, LoginServer, Reason, Rejected, ServerSession, User
from .wire import LARGEST, WELCOME, OutOfTurn, reply

__all__ = [
    "LARGEST",
    "WELCOME",
    "Accepted",
    "Admitted",
    "AttemptLimit",
    "ClientSession",
    "Command",
    "LoginServer",
    "Notice",
    "OutOfTurn",
    "Reason",
    "Refused",
    "Rejected",
    "ServerSession",
    "User",
    "Welcomed",
    "reply",
]
