"""A server that people log in to as to the exchanges, on the library websockets: ecpure.login judges, this carries.

    python login_server.py --certificate cert.pem --key key.pem users.json

users.json: {"1": {"cookie": "HGRE…", "public_key": "-----BEGIN PUBLIC KEY-----…"}, …}, the names being user ids.
It prints its address, then a line for each login. After a login it answers commands with "Not offered here.".
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress
import json
import ssl
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

try:
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed
except ImportError:
    sys.exit("login_server: the library websockets is needed: pip install websockets")

from ecpure import PublicKey
from ecpure.login.server import Admitted, AttemptLimit, Command, LoginServer, Rejected, User
from ecpure.login.wire import LARGEST, reply


def give_up(sentence: str) -> NoReturn:
    """Say why the server cannot begin, and end with status 2."""
    print(f"login_server: {sentence}", file=sys.stderr)
    sys.exit(2)


def read_users(path: str) -> dict[int, User]:
    """Return the users of the file, by user id."""
    try:
        records = json.loads(Path(path).read_text(encoding="utf-8"))
        return {
            int(user_id): User(record["cookie"], PublicKey.from_pem(record["public_key"]))
            for user_id, record in records.items()
        }
    except OSError as error:
        give_up(f"{path}: {error.strerror}")
    except ValueError as error:  # not JSON, or a value that ecpure refuses
        give_up(f"{path}: {error}")
    except (AttributeError, LookupError, TypeError):
        give_up(
            f'{path}: expected as JSON: {{"1": {{"cookie": TEXT, "public_key": PEM}}, …}}, the names being user ids'
        )


def read_certificate(certificate: str, key: str) -> ssl.SSLContext:
    """Return what TLS needs to know."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        tls.load_cert_chain(certificate, key)
    except OSError as error:  # ssl.SSLError is one
        give_up(f"{certificate} and {key}: a certificate and its key, both in PEM, were expected: {error.strerror}")
    return tls


class Door:
    """Lets in so many connections at a time, and so many of them from one address."""

    def __init__(self, connections: int, per_address: int) -> None:
        self._connections, self._per_address = connections, per_address
        self._inside: Counter[int] = Counter()

    @contextlib.contextmanager
    def open(self, address: str) -> Iterator[bool]:
        """Say whether a connection from this address may stay, and count it until the end of the block."""
        peer = ipaddress.ip_address(address)
        network = int(peer) >> (64 if peer.version == 6 else 0)  # a subscriber has a whole network of IPv6 addresses
        may_stay = self._inside.total() < self._connections and self._inside[network] < self._per_address
        self._inside[network] += may_stay
        try:
            yield may_stay
        finally:
            self._inside[network] -= may_stay
            self._inside += Counter()  # forgets networks without connections


class Connection(ServerConnection):
    """A connection that knows when it last received something. A Ping frame counts: documented clients send them."""

    heard = 0.0

    def data_received(self, data: bytes) -> None:
        """Note the time."""
        self.heard = time.monotonic()
        super().data_received(data)

    async def next(self, idle: float) -> str | bytes:
        """Return the next message. Raises `TimeoutError` once nothing has been received for `idle` seconds."""
        while (left := self.heard + idle - time.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    return await self.recv()
        raise TimeoutError

    async def hang_up(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection, by force if the Close frame cannot be sent for two seconds: the client may not read."""
        try:
            async with asyncio.timeout(2):
                await self.close(code, reason)
        except TimeoutError:
            self.transport.abort()


def answer(command: Command, user_id: int | None) -> str:
    """Return the reply to a command. This is where a real server begins."""
    if command.method is None:
        return reply(8, "A method was expected.", tag=command.tag)
    if user_id is None:
        return reply(7, "You are not authenticated.", tag=command.tag)
    return reply(8, "Not offered here.", tag=command.tag)


async def converse(connection: Connection, server: LoginServer, patience: float, idle: float) -> None:
    """Serve one connection: one attempt to log in, within `patience` seconds, and commands before it and after it."""
    session, user_id = server.session(now=time.monotonic()), None
    async with asyncio.timeout(patience) as until_login:
        await connection.send(session.welcome)
        while True:
            event = session.receive(await connection.next(idle), now=time.monotonic())
            async with asyncio.timeout(idle):  # a client that does not read lets replies pile up
                await connection.send(answer(event, user_id) if isinstance(event, Command) else event.reply)
            if isinstance(event, Rejected):
                print(f"user {event.user_id}: {event.reason.name}", flush=True)
                return
            if isinstance(event, Admitted):
                print(f"user {event.user_id}: logged in", flush=True)
                user_id = event.user_id
                until_login.reschedule(None)


async def run(arguments: argparse.Namespace, users: dict[int, User], tls: ssl.SSLContext) -> None:
    """Serve until the process ends."""
    limit = AttemptLimit(attempts=arguments.attempts, seconds=3600)
    server = LoginServer(users=users.get, policy=limit.allow, nonce_seconds=arguments.nonce_seconds)
    door = Door(arguments.connections, arguments.per_address)

    async def handler(connection: ServerConnection) -> None:
        assert isinstance(connection, Connection)
        with door.open(connection.remote_address[0]) as may_stay:
            if not may_stay:
                await connection.hang_up(1013, "Too many connections.")
                return
            with contextlib.suppress(TimeoutError, ConnectionClosed):  # the connection is closed either way
                await converse(connection, server, arguments.patience, arguments.idle)
            await connection.hang_up()

    # Compression would only give hostile clients more to try, and pings of our own would keep idle clients here. The
    # backlog is for many who come at once. TLS and HTTP have 10 seconds each to get as far as the handler.
    async with serve(
        handler,
        arguments.host,
        arguments.port,
        ssl=tls,
        max_size=LARGEST,
        compression=None,
        ping_interval=None,
        close_timeout=1,
        backlog=512,
        create_connection=Connection,
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
    parser.add_argument("--idle", type=float, default=60, help="seconds without a word or a ping (default: 60)")
    parser.add_argument("--connections", type=int, default=500, help="at a time (default: 500)")
    parser.add_argument("--per-address", type=int, default=20, help="of these from one address (default: 20)")
    arguments = parser.parse_args()
    if not 0 <= arguments.port < 65536:  # the system would take another one
        parser.error("--port: 0 to 65535 was expected")
    users, tls = read_users(arguments.users), read_certificate(arguments.certificate, arguments.key)
    try:
        asyncio.run(run(arguments, users, tls))
    except OSError as error:  # the port is in use, or there is no such host
        give_up(f"{arguments.host}:{arguments.port}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
