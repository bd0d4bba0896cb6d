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


async def run(url: str, user_id: int, cookie: str, ca: str, passphrase: str) -> Accepted | Refused:
    """Connect, log in, and leave again."""
    session = ClientSession(
        user_id=user_id, cookie=cookie, private_key=auth.derive_private_key(user_id, passphrase), tag=1
    )
    trust = ssl.create_default_context(cafile=ca)
    async with asyncio.timeout(30), connect(url, ssl=trust, max_size=LARGEST) as connection:
        return await login(connection, session)


if __name__ == "__main__":
    if len(sys.argv) != 5 or not sys.argv[2].isdecimal() or "PASSPHRASE" not in os.environ:
        print("usage: PASSPHRASE=... python login_client.py URL USER_ID COOKIE CA", file=sys.stderr)
        sys.exit(2)
    url, user_id, cookie, ca = sys.argv[1:]
    event = asyncio.run(run(url, int(user_id), cookie, ca, os.environ["PASSPHRASE"]))
    print(event.reply)
    sys.exit(0 if isinstance(event, Accepted) else 1)
