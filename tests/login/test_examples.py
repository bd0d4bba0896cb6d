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
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from loginserver import COOKIE, ENVIRONMENT, EXAMPLES, PATIENCE, Tls, example_server, make_tls
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedError
from websockets.frames import Close

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


async def goodbye(connection: ClientConnection) -> int | None:
    """Return the code with which the server closes the connection, whatever comes before."""
    try:
        while True:
            await connection.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


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
            return await goodbye(connection)

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


AFTER_LOGIN: list[tuple[str | bytes, dict[str, Any]]] = [
    ("[" * 60_000, {}),
    ('{"method":' * 6000, {}),
    ('{"method": "GetBalances", "tag": NaN}', {}),
    ('{"method": "GetBalances", "tag": 1e999}', {}),
    ('{"method": "GetBalances", "tag": 1, "tag": 2}', {}),
    (b"\xff", {}),
    ("null", {}),
    ('{"method": 5, "tag": 6}', {"tag": 6}),
    ('{"method": "Authenticate", "tag": 7}', {"tag": 7}),
]


def test_what_is_no_command_after_the_login(tls: Tls, tmp_path: Path) -> None:
    """It gets code 8, with only a tag that the login would echo, and a normal goodbye; the server logs nothing."""

    async def run(address: str, text: str | bytes) -> tuple[Any, int | None]:
        trust = ssl.create_default_context(cafile=tls.certificate)
        async with asyncio.timeout(PATIENCE), connect(address, ssl=trust) as connection:
            await example("login_client").login(connection, client())
            await connection.send(text)
            return json.loads(await connection.recv()), await goodbye(connection)

    with example_server(tls, tmp_path) as address:
        for text, tag in AFTER_LOGIN:
            reply, code = asyncio.run(run(address, text))
            assert (reply | {"error_msg": ""}, code) == (tag | {"error_code": 8, "error_msg": ""}, 1000)
    assert (tmp_path / "errors").read_bytes() == b""


@pytest.mark.parametrize("tag", ["5", 1.5, -1, True, None, [1], 2**63])
def test_only_tags_that_the_login_would_echo_are_echoed(tag: object, tls: Tls, address: str) -> None:
    """Before the login and after it, others are left out of the reply, which comes all the same."""

    async def run() -> list[Any]:
        trust = ssl.create_default_context(cafile=tls.certificate)
        async with asyncio.timeout(PATIENCE), connect(address, ssl=trust) as connection:
            welcomed: Any = client().receive(await connection.recv())
            replies = []
            for text in (json.dumps({"method": "x", "tag": tag}), welcomed.authenticate, json.dumps({"tag": tag})):
                await connection.send(text)
                replies.append(json.loads(await connection.recv()))
            return replies

    assert [list(reply) for reply in asyncio.run(run())] == [
        ["error_code", "error_msg"],
        ["error_code"],
        ["error_code", "error_msg"],
    ]


def test_keep_alives_before_and_after_the_login(tls: Tls, address: str) -> None:
    """The exchange's JavaScript library sends a tag and no method: it gets that tag back, and stays connected."""

    async def run() -> list[Any]:
        trust = ssl.create_default_context(cafile=tls.certificate)
        async with asyncio.timeout(PATIENCE), connect(address, ssl=trust) as connection:
            welcomed: Any = client().receive(await connection.recv())
            replies = []
            for text in ('{"tag": 1}', "{}", welcomed.authenticate, '{"tag": 2}', '{"tag": 3}', '{"method": "x"}'):
                await connection.send(text)
                replies.append(json.loads(await connection.recv()))
            return replies

    replies = asyncio.run(run())
    assert [reply.get("tag") for reply in replies] == [1, None, None, 2, 3, None]
    assert [reply["error_code"] for reply in replies] == [8, 8, 0, 8, 8, 8]
    assert {reply.get("error_msg") for reply in replies} == {"A method was expected.", None, "Not offered here."}


def test_the_number_of_connections_is_limited(tls: Tls, tmp_path: Path) -> None:
    """In all, and from each address: one more is told to come again later, and does so when another has gone."""

    async def run(address: str) -> None:
        trust = ssl.create_default_context(cafile=tls.certificate)

        async def enter(stack: contextlib.AsyncExitStack, host: str) -> int | None:
            connection = await stack.enter_async_context(connect(address, ssl=trust, local_addr=(host, 0)))
            try:
                assert "Welcome" in str(await connection.recv())
            except ConnectionClosed:
                return await goodbye(connection)
            return 0

        async with asyncio.timeout(PATIENCE), contextlib.AsyncExitStack() as stack:
            assert await enter(stack, "127.0.0.1") == 0
            async with contextlib.AsyncExitStack() as guest:
                assert [await enter(guest, host) for host in ("127.0.0.1",) * 2 + ("127.0.0.2",) * 2] == [
                    0,
                    1013,  # of the registry of RFC 6455 §11.7: try again later
                    0,
                    1013,
                ]
            while await enter(stack, "127.0.0.1"):  # the server may not have seen yet that the others have gone
                pass

    with example_server(tls, tmp_path, "--connections 3 --per-address 2") as address:
        asyncio.run(run(address))


def test_the_door_counts_who_is_inside() -> None:
    """So many in all and from each IPv4 address or IPv6 network; who leaves makes room, and is forgotten."""
    door = example("login_server").Door(4, 2)
    with contextlib.ExitStack() as inside:
        for address, may_stay in (
            ("192.0.2.1", True),
            ("2001:db8::1", True),
            ("2001:db8::1:2:3:4", True),
            ("2001:db8::5%lo", False),  # the third of its network
            ("2001:db8:0:1::1", True),
            ("192.0.2.1", False),  # the fifth in all
        ):
            assert inside.enter_context(door.open(address)) is may_stay
        assert door._inside.total() == 4
    assert door._inside == {}
    with door.open("192.0.2.1") as one, door.open("192.0.2.1") as two, door.open("192.0.2.1") as three:
        assert (one, two, three) == (True, True, False)


@pytest.mark.parametrize("is_logged_in", [False, True])
def test_idle_connections_are_hung_up_on(is_logged_in: bool, tls: Tls, tmp_path: Path) -> None:
    """With a normal goodbye, before the login and after it."""

    async def run(address: str) -> int | None:
        trust = ssl.create_default_context(cafile=tls.certificate)
        async with asyncio.timeout(PATIENCE), connect(address, ssl=trust) as connection:
            if is_logged_in:
                with contextlib.suppress(ConnectionClosed):  # where a machine is so slow that this was idle
                    await example("login_client").login(connection, client())
            return await goodbye(connection)

    with example_server(tls, tmp_path, "--idle 0.2") as address:
        assert asyncio.run(run(address)) == 1000


@pytest.mark.long
def test_a_client_that_does_not_read_is_hung_up_on(tls: Tls, tmp_path: Path) -> None:
    """Replies pile up no further than in the buffers of both ends; then the server waits, and not for ever."""
    trust = ssl.create_default_context(cafile=tls.certificate)
    opening = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    opening += "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    command = b"\x81\x8f" + bytes(4) + b'{"method": "x"}'  # masked by zeros
    with example_server(tls, tmp_path, "--idle 0.5") as address:
        host, _, port = address.removeprefix("wss://").partition(":")
        raw = socket.socket()
        raw.settimeout(PATIENCE)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # little piles up, and soon
        raw.connect((host, int(port)))
        with raw, trust.wrap_socket(raw, server_hostname=host) as wire:
            wire.sendall(opening.encode())
            with pytest.raises((ConnectionError, ssl.SSLError)):
                wire.sendall(command * 1_000_000)
    assert (tmp_path / "errors").read_bytes() == b""


def test_a_close_frame_that_cannot_be_sent_holds_up_nothing() -> None:
    """As when a client does not read what was sent before it: the connection is broken off."""
    server, broken_off = example("login_server"), list[bool]()

    class Connection(server.Connection):  # type: ignore[misc, name-defined]
        transport = SimpleNamespace(abort=lambda: broken_off.append(True))

        def __init__(self, seconds: float) -> None:
            self.seconds = seconds

        async def close(self, *_: object) -> None:
            await asyncio.sleep(self.seconds)

    asyncio.run(Connection(0).hang_up())
    assert broken_off == []
    asyncio.run(Connection(PATIENCE).hang_up())
    assert broken_off == [True]


def test_a_connection_is_idle_when_nothing_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Ping frame, which is no message, puts the end off; a message is returned."""
    server = example("login_server")
    now = 0.0
    monkeypatch.setattr(server, "time", SimpleNamespace(monotonic=lambda: now))

    class Connection(server.Connection):  # type: ignore[misc, name-defined]
        def __init__(self, pings: int, message: str | None = None) -> None:
            self.pings, self.message = pings, message

        async def recv(self) -> str:
            nonlocal now
            if not self.pings and self.message:
                return self.message
            if self.pings:
                self.pings, self.heard = self.pings - 1, now
                now += 59.99
            else:
                now += 60
            await asyncio.sleep(PATIENCE)
            pytest.fail("somebody was to look at the clock before")

    for pings, message in ((0, "hello"), (3, "hello"), (3, None)):
        now = 59.99
        if message:
            assert asyncio.run(Connection(pings, message).next(60)) == message
        else:
            with pytest.raises(TimeoutError):
                asyncio.run(Connection(pings).next(60))


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


@pytest.mark.parametrize(
    ("place", "text", "sentence"),
    [
        (1, "wss://127.0.0.1:1", ""),  # the system's own words
        (1, "http://127.0.0.1", "http://127.0.0.1 isn't a valid URI"),
        (2, "18446744073709551616", "user_id: an integer in [0, 2⁶⁴ − 1] was expected"),
        (3, "short", "cookie: base64 of 20 octets was expected"),
        (4, "absent", "absent: certificates in PEM were expected: No such file or directory"),
        (4, str(EXAMPLES / "files" / "station.pem"), "station.pem: certificates in PEM were expected: "),
    ],
)
def test_the_example_client_says_what_is_wrong(
    place: int, text: str, sentence: str, tls: Tls, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, without the passphrase, and with status 2."""
    module = example("login_client")
    words = [module.__file__, "wss://127.0.0.1:1", "1", COOKIE, str(tls.certificate)]
    words[place] = text
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setenv("PASSPHRASE", "opensesame")
    assert module.main() == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), err.startswith("login_client: ")) == ("", 1, True)
    assert sentence in err
    assert "opensesame" not in err


CLOSED = "login_client: received 1008 (policy violation) \ufffd[2J\ufffd\ufffdvalid; no close frame sent\n"


def test_the_example_client_says_that_nothing_came(
    tls: Tls, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or what the server said when it hung up, without control characters. An interrupt ends it with status 130."""
    module = example("login_client")
    monkeypatch.setattr(sys, "argv", [module.__file__, "wss://127.0.0.1:1", "1", COOKIE, str(tls.certificate)])
    monkeypatch.setenv("PASSPHRASE", "opensesame")
    for error, status, said in (
        (TimeoutError(), 2, "login_client: no reply in 30 seconds\n"),
        (ConnectionClosedError(Close(1008, "\x1b[2J\u202e\nvalid"), None), 2, CLOSED),
        (KeyboardInterrupt(), 130, ""),
    ):

        async def run(*_: object, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr(module, "run", run)
        assert (module.main(), capsys.readouterr()) == (status, ("", said))


@pytest.mark.parametrize(
    ("users", "sentence"),
    [
        ('{"1": ', "users.json: Expecting value: line 1 column 7 (char 6)"),
        ("[]", 'users.json: expected as JSON: {"1": {"cookie": TEXT, "public_key": PEM}, …}, the names being user ids'),
        ('{"1": {"cookie": "HGRE"}}', "users.json: expected as JSON: "),
        (
            '{"1": {"cookie": "HGRE", "public_key": "no"}}',
            "users.json: PEM: exactly one block was expected, PUBLIC KEY",
        ),
        (None, "users.json: No such file or directory"),
    ],
)
def test_the_example_server_says_what_is_wrong_with_its_users(
    users: str | None, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line that names the file."""
    path = tmp_path / "users.json"
    if users is not None:
        path.write_text(users, encoding="utf-8")
    with pytest.raises(SystemExit) as done:
        example("login_server").read_users(str(path))
    out, err = capsys.readouterr()
    assert (done.value.code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"login_server: {tmp_path}")
    assert sentence in err


def test_the_example_server_says_why_it_cannot_begin(
    tls: Tls, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has no certificate or key, or no port that it can take. An interrupt ends it with status 130."""
    module = example("login_server")
    (tmp_path / "users.json").write_text("{}", encoding="ascii")

    def said(certificate: object, port: str) -> str:
        words = f"login_server users.json --host 127.0.0.1 --certificate {certificate} --key {tls.key} --port {port}"
        monkeypatch.setattr(sys, "argv", words.split())
        with pytest.raises(SystemExit) as done:
            module.main()
        out, err = capsys.readouterr()
        assert (done.value.code, out) == (2, "")
        return err.splitlines()[-1]

    monkeypatch.chdir(tmp_path)
    expected = "a certificate and its key, both in PEM, were expected: "
    assert said("absent", "0") == f"login_server: absent and {tls.key}: {expected}No such file or directory"
    assert said(tls.key, "0").startswith(f"login_server: {tls.key} and {tls.key}: {expected}")
    assert said(tls.certificate, "65536").endswith("error: --port: 0 to 65535 was expected")
    port = address.rpartition(":")[2]
    assert said(tls.certificate, port).startswith(f"login_server: 127.0.0.1:{port}: ")

    async def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "run", interrupted)
    with pytest.raises(SystemExit) as done:
        module.main()
    assert (done.value.code, capsys.readouterr()) == (130, ("", ""))


@pytest.mark.parametrize("name", ["login_client", "login_server"])
def test_the_examples_say_which_library_they_need(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not there, in one line that is exited with: on standard error, and with status 1."""
    for module in ("asyncio.client", "asyncio.server", "exceptions"):
        monkeypatch.setitem(sys.modules, f"websockets.{module}", None)
    with pytest.raises(SystemExit) as done:
        runpy.run_path(str(EXAMPLES / f"{name}.py"))
    assert done.value.code == f"{name}: the library websockets is needed: pip install websockets"
