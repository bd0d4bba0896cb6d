"""The login over TLS on loopback: the examples and `ecpure login`, beside servers and clients that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib.util
import json
import os
import shlex
import socket
import ssl
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from queue import Queue
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from loginserver import COOKIE, ENVIRONMENT, EXAMPLES, PATIENCE, Tls, example_server, make_tls
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from ecpure import auth
from ecpure.cli import main
from ecpure.login import LARGEST, Accepted, ClientSession, Refused

NO_COOKIE = b64encode(bytes(20)).decode()
WELCOME = '{"notice": "Welcome", "nonce": "azRzAi5rm1ry/l0drnz1vw=="}'
CROWD = 200


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """Return certificates that OpenSSL's command made for this run."""
    return make_tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy stands between two ends on one machine."""
    monkeypatch.setenv("no_proxy", "*")


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def client(user_id: int = 1, **changes: Any) -> ClientSession:
    key = auth.derive_private_key(user_id, changes.pop("passphrase", "opensesame"))
    arguments: dict[str, Any] = {"user_id": user_id, "cookie": COOKIE, "private_key": key}
    return ClientSession(**arguments | changes)


# The example server, a process of its own


@pytest.fixture(scope="module")
def address(tls: Tls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of an example server that runs for all of the module's tests."""
    with example_server(tls, tmp_path_factory.mktemp("server"), count=CROWD) as address:
        yield address


def logged_in(tls: Tls, address: str, session: ClientSession) -> Accepted | Refused:
    """Log in by the example client, and return what came of it."""

    async def run() -> Accepted | Refused:
        trust = ssl.create_default_context(cafile=tls.certificate)
        async with asyncio.timeout(PATIENCE), connect(address, ssl=trust) as connection:
            event: Accepted | Refused = await example("login_client").login(connection, session)
            return event

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({}, 0, ""),
        ({"tag": 5}, 0, ""),
        ({"passphrase": "opensesam"}, 7, "incorrect signature"),
        ({"cookie": NO_COOKIE}, 7, "incorrect login cookie"),
        ({"user_id": CROWD + 1}, 1, "no such user"),
    ],
)
def test_the_examples_log_in(changes: dict[str, Any], code: int, words: str, tls: Tls, address: str) -> None:
    """Right, wrong passphrase, wrong cookie, nobody: the documented replies over TLS."""
    event = logged_in(tls, address, client(**changes))
    assert json.loads(event.reply).get("tag") == changes.get("tag")
    assert json.loads(event.reply)["error_code"] == code
    assert isinstance(event, Accepted) if code == 0 else isinstance(event, Refused) and words in event.error_msg


def test_a_replayed_message_does_not_log_in(tls: Tls, address: str) -> None:
    """What logged one connection in is a wrong signature on another, whose Welcome has another nonce."""

    async def run() -> list[Any]:
        trust = ssl.create_default_context(cafile=tls.certificate)
        async with asyncio.timeout(PATIENCE), connect(address, ssl=trust) as one, connect(address, ssl=trust) as two:
            welcomed: Any = client().receive(await one.recv())
            await two.recv()
            replies = []
            for connection in (one, two):
                await connection.send(welcomed.authenticate)
                replies.append(json.loads(await connection.recv()))
            with pytest.raises(ConnectionClosed):
                await two.recv()
            return replies

    assert [reply["error_code"] for reply in asyncio.run(run())] == [0, 7]


def test_a_late_nonce_does_not_log_in(tls: Tls, tmp_path: Path) -> None:
    """A server whose Welcome can be answered for a billionth of a second says so to the right answer."""
    with example_server(tls, tmp_path, "--nonce-seconds 1e-9") as address:
        event = logged_in(tls, address, client())
    assert isinstance(event, Refused)
    assert (event.error_code, event.error_msg) == (8, "The nonce was too old: connect again for a fresh one.")


def test_attempts_are_limited_over_all_connections(tls: Tls, tmp_path: Path) -> None:
    """Two in an hour: the third is too rapid, another user's first is not."""
    with example_server(tls, tmp_path, "--attempts 2") as address:
        codes = [json.loads(logged_in(tls, address, client(n)).reply)["error_code"] for n in (1, 1, 1, 2)]
    assert codes == [0, 0, 6, 0]


def test_who_says_nothing_is_hung_up_on(tls: Tls, tmp_path: Path) -> None:
    """A server's patience ends."""

    async def run(address: str) -> int | None:
        trust = ssl.create_default_context(cafile=tls.certificate)
        async with asyncio.timeout(PATIENCE), connect(address, ssl=trust) as connection:
            try:
                while True:
                    await connection.recv()
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None

    with example_server(tls, tmp_path, "--patience 0.01") as address:
        assert asyncio.run(run(address)) == 1000  # RFC 6455 §7.4.1: a normal closure


def test_a_crowd_logs_in_at_once(tls: Tls, address: str) -> None:
    """200 clients, all connected before the first answers, every tenth with a wrong passphrase: each has its reply."""
    trust = ssl.create_default_context(cafile=tls.certificate)
    login = example("login_client").login
    sessions = [client(n, tag=n, passphrase="opensesame" if n % 10 else "wrong") for n in range(1, CROWD + 1)]

    async def run() -> list[Any]:
        there = asyncio.Barrier(CROWD)
        few = asyncio.Semaphore(20)  # handshakes at a time: all of the machine's cores are busy with them as it is

        async def one(session: ClientSession) -> Accepted | Refused:
            async with contextlib.AsyncExitStack() as stack:
                async with few:
                    connection = await stack.enter_async_context(connect(address, ssl=trust, open_timeout=PATIENCE))
                await there.wait()
                event: Accepted | Refused = await login(connection, session)
                return event

        async with asyncio.timeout(PATIENCE):
            return await asyncio.gather(*map(one, sessions))

    replies = [json.loads(event.reply) for event in asyncio.run(run())]
    assert [(reply["tag"], reply["error_code"]) for reply in replies] == [
        (n, 0 if n % 10 else 7) for n in range(1, CROWD + 1)
    ]


GARBAGE: list[str | bytes] = [
    "",
    "{",
    "null",
    b"\xff\x00",
    "[" * 5000,
    '{"method": "Authenticate"}',
    "x" * (LARGEST + 1),
]


def test_clients_that_send_garbage_disturb_nobody(tls: Tls, address: str) -> None:
    """On the wire, within TLS and within WebSocket: each is refused or hung up on, and the next logs in."""
    host, _, port = address.removeprefix("wss://").partition(":")
    trust = ssl.create_default_context(cafile=tls.certificate)
    for wrap in (lambda raw: raw, lambda raw: trust.wrap_socket(raw, server_hostname=host)):
        raw = socket.create_connection((host, int(port)), timeout=PATIENCE)
        with raw, wrap(raw) as wire, contextlib.suppress(ConnectionError, ssl.SSLError):
            wire.sendall(bytes(range(256)) * 300)
            while wire.recv(4096):
                pass

    async def say(text: str | bytes) -> int | None:
        async with asyncio.timeout(PATIENCE), connect(address, ssl=trust) as connection:
            await connection.recv()
            try:
                await connection.send(text)
                return int(json.loads(await connection.recv())["error_code"])
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None

    codes = [asyncio.run(say(text)) for text in GARBAGE]
    assert codes[:-1] == [8] * (len(GARBAGE) - 1)
    assert codes[-1] == 1009  # RFC 6455 §7.4.1: a message too big
    assert isinstance(logged_in(tls, address, client()), Accepted)


def test_commands_before_and_after_the_login(tls: Tls, address: str) -> None:
    """The example has an answer to them, with their tag; the login is not disturbed."""

    async def run() -> list[Any]:
        trust = ssl.create_default_context(cafile=tls.certificate)
        async with asyncio.timeout(PATIENCE), connect(address, ssl=trust) as connection:
            welcomed: Any = client().receive(await connection.recv())
            replies = []
            for text in ('{"method": "GetBalances", "tag": 4}', welcomed.authenticate, '{"method": "GetBalances"}'):
                await connection.send(text)
                replies.append(json.loads(await connection.recv()))
            return replies

    first, second, third = asyncio.run(run())
    assert first == {"tag": 4, "error_code": 7, "error_msg": "You are not authenticated."}
    assert second == {"error_code": 0}
    assert third == {"error_code": 8, "error_msg": "Not offered here."}


def test_the_example_client_is_a_program(tls: Tls, address: str) -> None:
    """It prints the reply, and its exit status says what it was."""
    command = [sys.executable, str(EXAMPLES / "login_client.py"), address, "1", COOKIE, str(tls.certificate)]
    for passphrase, code in (("opensesame", 0), ("wrong", 7)):
        result = subprocess.run(
            command,
            env=ENVIRONMENT | {"no_proxy": "*", "PASSPHRASE": passphrase},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert (result.returncode, json.loads(result.stdout)["error_code"]) == (bool(code), code), result.stderr


@pytest.mark.parametrize("words", ["", "wss://localhost one cookie ca.pem", "wss://localhost 1 cookie ca.pem more"])
def test_the_example_client_says_how_it_is_called(words: str) -> None:
    """Where its arguments are not of that form."""
    command = [sys.executable, str(EXAMPLES / "login_client.py"), *words.split()]
    environment = ENVIRONMENT | {"PASSPHRASE": "opensesame"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "usage: PASSPHRASE=... python login_client.py URL USER_ID COOKIE CA\n"


@pytest.mark.parametrize("name", ["login_client", "login_server"])
def test_the_examples_say_which_library_they_need(name: str) -> None:
    """In one line, where it is not there."""
    code = f"import sys, runpy; sys.modules['websockets'] = None; runpy.run_path({str(EXAMPLES / name)!r} + '.py')"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"{name}: the library websockets is needed: pip install websockets\n"


# The command


class Result(NamedTuple):
    """What one run of the command came to."""

    status: int
    out: str
    err: str


Run = Callable[..., Result]
Handler = Callable[[ServerConnection], Awaitable[None]]


@pytest.fixture
def run(tls: Tls, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return the command's runner: user 1, cookie, passphrase and trust are right unless the options say otherwise."""
    (tmp_path / "passphrase").write_text("opensesame\n")

    def run(url: str, options: str = "", ca: Path | None = tls.certificate) -> Result:
        words = f"login {url} --user-id 1 --cookie {COOKIE} --timeout {PATIENCE}"
        if ca is not None:
            words += f" --ca {ca}"
        if "--key" not in options:
            words += f" --passphrase-from file:{tmp_path / 'passphrase'}"
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
            await asyncio.to_thread(done.wait, PATIENCE)

    thread = threading.Thread(target=asyncio.run, args=(serve_until_done(),))
    thread.start()
    try:
        yield addresses.get(timeout=PATIENCE)
    finally:
        done.set()
        thread.join(PATIENCE)


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


def test_the_command_logs_in(run: Run, address: str, tmp_path: Path) -> None:
    """By passphrase or key, with or without tag: the reply, exit 0."""
    (tmp_path / "key.pem").write_text(auth.derive_private_key(1, "opensesame").to_pem())
    assert run(address) == (0, '{"error_code": 0}\n', "")
    assert run(address, f"--key {tmp_path / 'key.pem'} --tag 5") == (0, '{"tag": 5, "error_code": 0}\n', "")


def test_the_command_is_refused(run: Run, address: str) -> None:
    """Wrong cookie, another user's passphrase, nobody: the reply, exit 1, and no words beside it."""
    for options, code in ((f"--cookie {NO_COOKIE}", 7), ("--user-id 999", 1)):
        result = run(address, options)
        assert (result.status, result.err) == (1, "")
        assert json.loads(result.out)["error_code"] == code
    assert run(address, "--passphrase-from env:HOME")[0] == 1


def test_neither_passphrase_nor_key_is_sent(run: Run, tls: Tls) -> None:
    """All that reaches a server is an ordinary opening, and one Authenticate of the documented fields."""
    seen: list[Any] = []

    async def handler(connection: ServerConnection) -> None:
        await connection.send('{"notice": "Hello"}')
        await connection.send(WELCOME)
        assert connection.request is not None
        seen.append(f"{connection.request.path} {connection.request.headers}")
        seen.append(await connection.recv())
        await connection.send('{"error_code": 0, "motd": "hello"}')
        seen.extend([text async for text in connection])

    with serving(tls, handler) as address:
        assert run(address + "/api") == (0, '{"error_code": 0}\n', "")
    opening, message = seen
    key = auth.derive_private_key(1, "opensesame").to_bytes()[1:]
    assert opening.startswith("/api ")
    assert list(json.loads(message)) == ["method", "user_id", "cookie", "nonce", "signature"]
    for secret in ("opensesame", key.hex(), b64encode(key).decode(), b64encode(b"opensesame").decode()):
        assert secret not in opening + message


def test_certificates_that_do_not_hold(run: Run, tls: Tls, address: str) -> None:
    """One that the system does not know, one that is not the server's, one for another host."""
    assert "certificate is not trusted" in refusal(run(address, f"--ca {tls.other}"))
    host = address.replace("127.0.0.1", "localhost")
    assert "certificate is not trusted: Hostname mismatch" in refusal(run(host))
    assert "certificate is not trusted" in refusal(run(address, ca=None))


def test_files_that_are_no_certificates(run: Run, tmp_path: Path) -> None:
    """Empty, other text, a private key, octets, none at all: said before anything is connected to."""
    for name, octets in (
        ("empty", b""),
        ("text", b"hello"),
        ("key", b"-----BEGIN PRIVATE KEY-----\n"),
        ("e", "é".encode()),
    ):
        (tmp_path / name).write_bytes(octets)
        assert refusal(run("wss://127.0.0.1:1", f"--ca {tmp_path / name}")) == "--ca: certificates in PEM were expected"
    (tmp_path / "octets").write_bytes(b"\xff")
    assert "UTF-8" in refusal(run("wss://127.0.0.1:1", f"--ca {tmp_path / 'octets'}"))
    assert refusal(run("wss://127.0.0.1:1", f"--ca {tmp_path / 'none'}")).endswith("none: No such file or directory")


@pytest.mark.parametrize(
    "url",
    [
        "ws://127.0.0.1:1",
        "https://127.0.0.1:1",
        "127.0.0.1:1",
        "''",
        "wss://",
        "wss://:1",
        "wss://127.0.0.1:0",
        "wss://127.0.0.1:99999",
        "wss://127.0.0.1:x",
        "wss://[::1",
        "wss://opensesame@127.0.0.1:1",
        "wss://me:opensesame@127.0.0.1:1",
        "wss://127.0.0.1:1/#part",
        "'wss://127.0.0.1:1/a b'",
        "wss://a..b",
        f"wss://{'a' * 64}",
    ],
)
def test_urls_that_are_refused(url: str, run: Run) -> None:
    """Without TLS, without a host, with a password, with what no URL has: one sentence, which does not repeat it."""
    assert refusal(run(url)) == "URL: wss://HOST, perhaps with port and path, was expected"


def test_credentials_that_cannot_be_sent(run: Run) -> None:
    """They are refused before anything is connected to."""
    assert "cookie: base64 of 20 octets" in refusal(run("wss://127.0.0.1:1", "--cookie x"))
    assert "tag: an integer in" in refusal(run("wss://127.0.0.1:1", f"--tag {2**63}"))


def test_no_server(run: Run) -> None:
    """Nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert refusal(run(f"wss://127.0.0.1:{port}")) == "the server cannot be reached: Connection refused"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service not known"),
        (OSError("Multiple exceptions: one of IPv6, one of IPv4"), "the connection failed"),
        (OSError(errno.ENETUNREACH, "Connect call failed ('192.0.2.1', 1)"), os.strerror(errno.ENETUNREACH)),
    ],
)
def test_errors_of_the_network(error: OSError, words: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are told in the system's words, without addresses."""

    def connect(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("websockets.asyncio.client.connect", connect)
    assert refusal(run("wss://127.0.0.1:1")) == f"the server cannot be reached: {words}"


def test_certificates_with_remarks_of_any_language(run: Run, tls: Tls, address: str, tmp_path: Path) -> None:
    """Bundles have names beside the certificates, in UTF-8."""
    (tmp_path / "bundle").write_text("# für Łódź\n" + tls.certificate.read_text(), encoding="utf-8")
    assert run(address, ca=tmp_path / "bundle").status == 0


def test_without_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says what to install."""
    monkeypatch.setitem(sys.modules, "websockets.exceptions", None)
    assert refusal(run("wss://127.0.0.1:1")) == "login takes the extra ws (in a clone: pip install '.[ws]')"


def test_a_socks_proxy_without_its_library(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What websockets needs for it is said, and nothing is sent past the proxy."""
    for name in ("python_socks", "python_socks.sync", "python_socks.sync.v2"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY", raising=False)
    for name in ("all_proxy", "wss_proxy", "socks_proxy", "https_proxy"):
        monkeypatch.setenv(name, "socks5h://127.0.0.1:1")
    assert "python-socks" in refusal(run("wss://nobody.invalid:1"))


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:notaport", "http://[::1", "http://127.0.0.1:99999"])
def test_a_proxy_that_is_none(proxy: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A malformed address of it is one sentence."""
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("https_proxy", proxy)
    assert "proxy" in refusal(run("wss://nobody.invalid:1"))


HANGS_UP = "the server hung up before it replied"


async def close_at_once(connection: ServerConnection) -> None:
    await connection.close()


async def close_after_the_welcome(connection: ServerConnection) -> None:
    await connection.send(WELCOME)


async def close_after_the_answer(connection: ServerConnection) -> None:
    await connection.send(WELCOME)
    await connection.recv()


async def cut_after_the_answer(connection: ServerConnection) -> None:
    await connection.send(WELCOME)
    await connection.recv()
    connection.transport.abort()


def send(*texts: str | bytes) -> Handler:
    async def handler(connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            for text in texts:
                await connection.send(text)
            async for _ in connection:
                pass

    return handler


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (close_at_once, HANGS_UP),
        (close_after_the_welcome, HANGS_UP),
        (close_after_the_answer, HANGS_UP),
        (cut_after_the_answer, HANGS_UP),
        (send(WELCOME, "x" * (LARGEST + 1)), "the server sent what is no message"),
        (send("hello"), "message: JSON with distinct names was expected"),
        (send(b"\xff"), "message: JSON with distinct names was expected"),
        (send(WELCOME, WELCOME), "Welcome: one was expected, and this is the second"),
        (send('{"error_code": 0}'), "reply: a Welcome was expected before it"),
        (
            send(WELCOME, '{"error_code": 0, "tag": 9}'),
            "reply: the tag that was sent was expected, if not 0, and no other",
        ),
    ],
)
def test_servers_that_hang_up_or_send_garbage(handler: Handler, words: str, run: Run, tls: Tls) -> None:
    """At any moment of the login: one sentence, exit 2."""
    with serving(tls, handler) as address:
        assert refusal(run(address)) == words


async def babble(connection: ServerConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            await connection.send('{"notice": "Hello"}')
            await asyncio.sleep(0)  # what is sent may not have to wait, and then nothing else would have its turn


@pytest.mark.parametrize("handler", [send(), send(WELCOME), babble])
def test_servers_that_never_reply(handler: Handler, run: Run, tls: Tls) -> None:
    """Silent from the start, silent after the answer, or speaking of other things for ever: the time is up."""
    with serving(tls, handler) as address:
        assert refusal(run(address, "--timeout 1")) == "the server did not reply within 1 s"


def test_a_server_that_takes_the_connection_and_no_more(run: Run) -> None:
    """The time is up in the TLS handshake too."""

    def answer(connection: socket.socket) -> None:
        while connection.recv(65536):  # until the client has hung up
            pass

    with listening(answer) as address:
        assert refusal(run(address, "--timeout 1")) == "the server did not reply within 1 s"


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "the server and this machine found no TLS in common"),
        (b"", "the server "),
    ],
)
def test_a_server_without_tls(octets: bytes, words: str, run: Run) -> None:
    """One that speaks something else, and one that hangs up in the handshake."""

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(octets)

    with listening(answer) as address:
        assert refusal(run(address)).startswith(words)


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "the server opened no WebSocket: it answered with HTTP status 404",
        ),
        (b"220 mail at your service\r\n", "the server, or a proxy before it, opened no WebSocket"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "the server, or a proxy before it, opened no WebSocket"),
        (b"", "the server, or a proxy before it, opened no WebSocket"),
    ],
)
def test_a_server_without_websocket(octets: bytes, words: str, run: Run, tls: Tls) -> None:
    """TLS, and then another protocol."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls.certificate, tls.key)

    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wire:
            wire.recv(65536)
            wire.sendall(octets)
            wire.unwrap()

    with listening(answer) as address:
        assert refusal(run(address)) == words
