"""`ecpure login` in this process, and servers in threads of it that do as they should, or do not."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shlex
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any, NamedTuple

import pytest
from loginserver import COOKIE, PATIENCE, Tls
from websockets.asyncio.server import ServerConnection, serve
from websockets.utils import accept_key

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
    context = server_context(tls)
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
def listening(answer: Callable[[socket.socket], None], connections: int = 1) -> Iterator[str]:
    """Take connections in a thread, deal with each by `answer`, and yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)

        def accept() -> None:
            for _ in range(connections):
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


def server_context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls.certificate, tls.key)
    return context


def frame(payload: bytes = b"", opcode: int = 1, *, fin: int = 1, rsv: int = 0, length: int | None = None) -> bytes:
    """Return a server's frame (RFC 6455 §5.2). opcode: 0 more of a message, 1 text, 2 octets, 8 close, 9 ping, 10 pong.

    length: what it says that its length is.
    """
    count = len(payload) if length is None else length
    first = bytes([fin << 7 | rsv << 4 | opcode])
    if count < 126:
        return first + bytes([count]) + payload
    return first + (struct.pack(">BH", 126, count) if count < 1 << 16 else struct.pack(">BQ", 127, count)) + payload


class Peer:
    """The other end of a connection, which can say any octets, in TLS or not, and stop anywhere."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        self._connection, self._context = connection, context
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.pieces: list[bytes] = []  # to be sent one after the other

    # in TCP

    def say(self, octets: bytes) -> None:
        self._connection.sendall(octets)

    def hear(self) -> bytes:
        octets = self._connection.recv(65536)
        if not octets:
            raise ConnectionError("the client has hung up")
        return octets

    def hear_request(self) -> bytes:
        """Return what an HTTP client says in the clear, up to the blank line."""
        heard = b""
        while not heard.endswith(b"\r\n\r\n"):
            heard += self.hear()
        return heard

    # in TLS

    def hear_hello(self) -> None:
        """Take the client's first flight, and keep the answer back."""
        self._tls = self._context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._incoming.write(self.hear())
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
        flight = self._outgoing.read()
        self.pieces = [flight[: len(flight) // 2], flight[len(flight) // 2 :]]

    def say_piece(self) -> None:
        self.say(self.pieces.pop(0))

    def handshake(self) -> None:
        """Finish the handshake."""
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.say(self._outgoing.read())
                self._incoming.write(self.hear())
        self.say(self._outgoing.read())

    def start_tls(self) -> None:
        for step in (self.hear_hello, self.say_piece, self.say_piece, self.handshake):
            step()

    def send(self, octets: bytes) -> None:
        for start in range(0, len(octets), 1 << 14):
            self._tls.write(octets[start : start + (1 << 14)])
        self.say(self._outgoing.read())

    def receive(self) -> bytes:
        while True:
            try:
                octets = self._tls.read(65536)
            except ssl.SSLWantReadError:
                self._incoming.write(self.hear())
                continue
            if not octets:
                raise ConnectionError("the client has ended TLS")
            return octets

    # in HTTP

    def receive_request(self) -> None:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            request += self.receive()
        self.request = request.decode()
        (key,) = re.findall("(?i)sec-websocket-key: (.+)\r\n", self.request)
        self.accept = accept_key(key)

    def response(self, fields: str = "") -> bytes:
        """Return the answer that opens a WebSocket."""
        start = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        return f"{start}Sec-WebSocket-Accept: {self.accept}\r\n{fields}\r\n".encode()

    # ways to end

    def silence(self) -> None:
        """Say nothing until the client hangs up."""
        with contextlib.suppress(OSError):
            while self._connection.recv(65536):
                pass

    def hang_up(self) -> None:
        """Say that nothing more will come."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)
        self.silence()

    def leave(self) -> None:
        """Close the socket, whatever may be in it that was not read."""
        self._connection.close()

    def reset(self) -> None:
        """Close it so that the client's next octets meet nobody."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def rave(self) -> None:
        """Say what is nothing in any protocol."""
        with contextlib.suppress(OSError):
            self.say(bytes(range(256)) * 20)
        self.hang_up()

    def end_tls(self) -> None:
        """Say goodbye in TLS, and hang up."""
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        with contextlib.suppress(OSError):
            self.say(self._outgoing.read())
        self.hang_up()


@contextlib.contextmanager
def playing(play: Callable[[Peer], object], tls: Tls | ssl.SSLContext, connections: int = 1) -> Iterator[str]:
    """Play the other end of connections in a thread, and yield the address."""
    context = tls if isinstance(tls, ssl.SSLContext) else server_context(tls)

    def answer(connection: socket.socket) -> None:
        play(Peer(connection, context))

    with listening(answer, connections) as address:
        yield address
