"""A client that logs in as to the exchanges, on the library websockets: ecpure.login says what to send, this carries.

    PASSPHRASE=… python login_client.py wss://localhost:8443 1 HGREqcILTz8blHa/jsUTVTNBJlg= ca.pem

From a shell, `ecpure login` does the same; take this where the connection is to be used afterwards.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import sys

try:
    from websockets.asyncio.client import ClientConnection, connect
    from websockets.exceptions import WebSocketException
except ImportError:
    sys.exit("login_client: the library websockets is needed: pip install websockets")

from ecpure import auth
from ecpure.login.client import Accepted, ClientSession, Notice, Refused, Welcomed
from ecpure.login.wire import LARGEST


async def login(connection: ClientConnection, session: ClientSession) -> Accepted | Refused:
    """Log in on an open connection, and return what the server said.

    Raises `ConnectionClosed` (websockets) if the server hangs up, `InvalidEncoding` or `OutOfTurn` (ecpure) if it
    sends what it should not.
    """
    while True:
        match session.receive(await connection.recv()):
            case Welcomed() as welcomed:
                await connection.send(welcomed.authenticate)
            case Notice():
                pass
            case end:
                return end


async def run(url: str, session: ClientSession, trust: ssl.SSLContext) -> Accepted | Refused:
    """Connect, log in, and leave again."""
    async with asyncio.timeout(30), connect(url, ssl=trust, max_size=LARGEST) as connection:
        return await login(connection, session)


def main() -> int:
    """Return the exit status: 0 if the server accepts, 1 if it refuses, 2 if it could not be asked or gave no reply."""
    if len(sys.argv) != 5 or not sys.argv[2].isdecimal() or "PASSPHRASE" not in os.environ:
        print("usage: PASSPHRASE=... python login_client.py URL USER_ID COOKIE CA", file=sys.stderr)
        return 2
    url, user_id, cookie, ca = sys.argv[1:]
    try:
        trust = ssl.create_default_context(cafile=ca)
    except OSError as error:  # ssl.SSLError is one
        print(f"login_client: {ca}: certificates in PEM were expected: {error.strerror}", file=sys.stderr)
        return 2
    try:
        key = auth.derive_private_key(int(user_id), os.environ["PASSPHRASE"])
        session = ClientSession(user_id=int(user_id), cookie=cookie, private_key=key, tag=1)
        event = asyncio.run(run(url, session, trust))
    except (OSError, ValueError, WebSocketException) as error:  # what ecpure raises is a ValueError
        words = "".join(one if one.isprintable() else "\ufffd" for one in str(error))  # some are the server's
        print(f"login_client: {words or 'no reply in 30 seconds'}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(event.reply)
    return 0 if isinstance(event, Accepted) else 1


if __name__ == "__main__":
    sys.exit(main())
