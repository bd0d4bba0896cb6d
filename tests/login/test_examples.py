"""The examples of the login over TLS on loopback: the client, and the server in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import runpy
import socket
import ssl
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from loginserver import COOKIE, ENVIRONMENT, EXAMPLES, PATIENCE, Tls, example_server, make_tls
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from ecpure import auth
from ecpure.login.client import Accepted, ClientSession, Refused
from ecpure.login.wire import LARGEST

NO_COOKIE = b64encode(bytes(20)).decode()
FEW, CROWD = 20, 200


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """Return certificates that OpenSSL's command made for this run."""
    return make_tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ends on one machine have no proxy between them."""
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


@pytest.fixture(scope="module")
def address(tls: Tls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of an example server that runs for all of the module's tests."""
    with example_server(tls, tmp_path_factory.mktemp("server"), count=FEW) as address:
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
        ({"user_id": FEW + 1}, 1, "no such user"),
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


@pytest.mark.parametrize("crowd", [FEW, pytest.param(CROWD, marks=pytest.mark.long)])
def test_a_crowd_logs_in_at_once(crowd: int, tls: Tls, address: str, tmp_path: Path) -> None:
    """All are connected before the first answers, every tenth with a wrong passphrase: each has its reply."""
    trust = ssl.create_default_context(cafile=tls.certificate)
    login = example("login_client").login
    sessions = [client(n, tag=n, passphrase="opensesame" if n % 10 else "wrong") for n in range(1, crowd + 1)]

    async def run() -> list[Any]:
        there = asyncio.Barrier(crowd)
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

    with contextlib.ExitStack() as stack:
        if crowd > FEW:
            address = stack.enter_context(example_server(tls, tmp_path, count=crowd))
        replies = [json.loads(event.reply) for event in asyncio.run(run())]
    assert [(reply["tag"], reply["error_code"]) for reply in replies] == [
        (n, 0 if n % 10 else 7) for n in range(1, crowd + 1)
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
def test_the_example_client_says_how_it_is_called(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where its arguments are not of that form."""
    path = str(EXAMPLES / "login_client.py")
    monkeypatch.setattr(sys, "argv", [path, *words.split()])
    monkeypatch.setenv("PASSPHRASE", "opensesame")
    with pytest.raises(SystemExit) as done:
        runpy.run_path(path, run_name="__main__")
    assert done.value.code == 2
    usage = "usage: PASSPHRASE=... python login_client.py URL USER_ID COOKIE CA\n"
    assert capsys.readouterr() == ("", usage)


@pytest.mark.parametrize("name", ["login_client", "login_server"])
def test_the_examples_say_which_library_they_need(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not there, in one line that is exited with: on standard error, and with status 1."""
    for module in ("asyncio.client", "asyncio.server", "exceptions"):
        monkeypatch.setitem(sys.modules, f"websockets.{module}", None)
    with pytest.raises(SystemExit) as done:
        runpy.run_path(str(EXAMPLES / f"{name}.py"))
    assert done.value.code == f"{name}: the library websockets is needed: pip install websockets"
