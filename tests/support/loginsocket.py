"""`ecpure login` in this process, and servers in threads of it that do as they should, or do not."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any, NamedTuple

import pytest
from loginserver import COOKIE, PATIENCE, Tls
from websockets.asyncio.server import ServerConnection, serve

from ecpure import auth
from ecpure.cli import main
from ecpure.login.server import Command, LoginServer, User


class Result(NamedTuple):
    """What one run of the command came to."""

    status: int
    out: str
    err: str


Run = Callable[..., Result]
Handler = Callable[[ServerConnection], Awaitable[None]]


def runner(tls: Tls, folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return the command's runner: user 1, cookie, passphrase and trust are right unless the options say otherwise."""
    (folder / "passphrase").write_text("opensesame\n")

    def run(url: str, options: str = "", ca: Path | None = tls.certificate) -> Result:
        words = f"login {url} --user-id 1 --cookie {COOKIE} --timeout {PATIENCE}"
        if ca is not None:
            words += f" --ca {ca}"
        if "--key" not in options:
            words += f" --passphrase-from file:{folder / 'passphrase'}"
        status = main(shlex.split(f"{words} {options}"))
        return Result(status, *capsys.readouterr())

    return run


def refusal(result: Result) -> str:
    """Return the one sentence of a run that came to nothing."""
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("ecpure: ")
    assert result.err.count("\n") == 1
    assert "opensesame" not in result.err
    return result.err.removeprefix("ecpure: ").strip()


@contextlib.contextmanager
def serving(tls: Tls, handler: Handler, **options: Any) -> Iterator[str]:
    """Serve WebSockets by `handler` in a thread, and yield the address."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls.certificate, tls.key)
    addresses: Queue[str] = Queue()
    done = threading.Event()

    async def serve_until_done() -> None:
        async with serve(handler, "127.0.0.1", 0, ssl=context, **options) as server:
            addresses.put(f"wss://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}")
            await asyncio.to_thread(done.wait, 20 * PATIENCE)  # it may serve many tests

    thread = threading.Thread(target=asyncio.run, args=(serve_until_done(),))
    thread.start()
    try:
        yield addresses.get(timeout=PATIENCE)
    finally:
        done.set()
        thread.join(PATIENCE)


@contextlib.contextmanager
def judging(tls: Tls) -> Iterator[str]:
    """Serve logins of the users 1 and 2, both with the same passphrase, and yield the address."""
    users = {n: User(COOKIE, auth.derive_private_key(n, "opensesame").public_key) for n in (1, 2)}
    server = LoginServer(users=users.get, policy=lambda *_: True)

    async def handler(connection: ServerConnection) -> None:
        session = server.session(now=0)
        await connection.send(session.welcome)
        event = session.receive(await connection.recv(), now=0)
        assert not isinstance(event, Command)
        await connection.send(event.reply)

    with serving(tls, handler) as address:
        yield address


@contextlib.contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Take one connection in a thread, deal with it by `answer`, and yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)

        def accept() -> None:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                connection.settimeout(PATIENCE)
                answer(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"wss://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            thread.join(PATIENCE)
