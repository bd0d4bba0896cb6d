"""A server that people log in to as to the exchanges, on the library websockets: ecpure.login judges, this carries.

    python login_server.py --certificate cert.pem --key key.pem users.json

users.json: {"1": {"cookie": "HGRE…", "public_key": "-----BEGIN PUBLIC KEY-----…"}, …}, the names being user ids.
It prints its address, then a line for each login. After a login it answers commands with "Not offered here.".
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import sys
import time
from pathlib import Path

try:
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed
except ImportError:
    sys.exit("login_server: the library websockets is needed: pip install websockets")

from ecpure import PublicKey
from ecpure.login.server import Admitted, AttemptLimit, Command, LoginServer, User
from ecpure.login.wire import LARGEST, reply


def read_users(path: str) -> dict[int, User]:
    """Return the users of the file, by user id."""
    records = json.loads(Path(path).read_text(encoding="utf-8"))
    return {
        int(user_id): User(record["cookie"], PublicKey.from_pem(record["public_key"]))
        for user_id, record in records.items()
    }


async def welcome(connection: ServerConnection, server: LoginServer) -> int | None:
    """Carry one login, and return the user id of who logged in. One attempt a connection: its nonce is spent then."""
    session = server.session(now=time.monotonic())
    await connection.send(session.welcome)
    async for text in connection:
        event = session.receive(text, now=time.monotonic())
        if isinstance(event, Command):
            await connection.send(reply(7, "You are not authenticated.", tag=event.tag))
            continue
        await connection.send(event.reply)
        if isinstance(event, Admitted):
            print(f"user {event.user_id}: logged in", flush=True)
            return event.user_id
        print(f"user {event.user_id}: {event.reason.name}", flush=True)
        break
    return None


async def converse(connection: ServerConnection, server: LoginServer, seconds: float) -> None:
    """Serve one connection; who has not logged in after so many seconds is hung up on."""
    try:
        async with asyncio.timeout(seconds):
            user_id = await welcome(connection, server)
        while user_id is not None:
            command = json.loads(await connection.recv())  # a real server has its own strictness here
            await connection.send(reply(8, "Not offered here.", tag=command.get("tag")))
    except (TimeoutError, ConnectionClosed, ValueError, AttributeError):
        pass  # leaving this function closes the connection


async def run(arguments: argparse.Namespace) -> None:
    """Serve until the process ends."""
    users = read_users(arguments.users)
    limit = AttemptLimit(attempts=arguments.attempts, seconds=3600)
    server = LoginServer(users=users.get, policy=limit.allow, nonce_seconds=arguments.nonce_seconds)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(arguments.certificate, arguments.key)

    async def handler(connection: ServerConnection) -> None:
        await converse(connection, server, arguments.patience)

    # Compression would only give hostile clients more to try; the backlog is for many who come at once.
    async with serve(
        handler,
        arguments.host,
        arguments.port,
        ssl=tls,
        max_size=LARGEST,
        compression=None,
        backlog=512,
    ) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        print(f"wss://{arguments.host}:{port}", flush=True)
        await listening.serve_forever()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description="Log people in as the exchanges did.")
    parser.add_argument("users", metavar="USERS")
    parser.add_argument("--certificate", required=True, metavar="PEM")
    parser.add_argument("--key", required=True, metavar="PEM")
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--attempts", type=int, default=1000, help="for each user in an hour (default: 1000)")
    parser.add_argument("--nonce-seconds", type=float, default=60, help="a Welcome can be answered (default: 60)")
    parser.add_argument("--patience", type=float, default=60, help="seconds to log in (default: 60)")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
