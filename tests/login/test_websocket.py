"""One login over TLS on loopback, beside servers, proxies and certificates that are not what they should be."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from loginserver import COOKIE, PATIENCE, Tls, make_tls
from loginsocket import Handler, Peer, Run, frame, judging, listening, playing, refusal, runner, serving
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ecpure import auth
from ecpure.io.streams import Refused as CannotRun
from ecpure.login.client import Accepted, ClientSession, Refused
from ecpure.login.connection import Deadline
from ecpure.login.websocket import log_in, require_url, trusted
from ecpure.login.wire import LARGEST, OutOfTurn

WELCOME = '{"notice": "Welcome", "nonce": "azRzAi5rm1ry/l0drnz1vw=="}'


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """Return certificates that OpenSSL's command made for this run."""
    return make_tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def address(tls: Tls) -> Iterator[str]:
    """Yield the address of a server that judges logins for all of the module's tests."""
    with judging(tls) as address:
        yield address


@pytest.fixture
def run(tls: Tls, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command's runner. Two ends on one machine have no proxy between them."""
    monkeypatch.setenv("no_proxy", "*")
    return runner(tls, tmp_path, capsys)


def test_certificates_that_are_not_valid(run: Run, tls: Tls, address: str) -> None:
    """One that the system does not know, one that is not the server's, one for another host."""
    assert "certificate is not trusted" in refusal(run(address, f"--ca {tls.other}"))
    host = address.replace("127.0.0.1", "localhost")
    assert "certificate is not trusted: Hostname mismatch" in refusal(run(host))
    assert "certificate is not trusted" in refusal(run(address, ca=None))


def test_files_that_are_no_certificates(run: Run, tmp_path: Path) -> None:
    """Empty, other text, a private key, octets, no file at all: said before anything is connected to."""
    for name, octets in (
        ("empty", b""),
        ("text", b"hello"),
        ("key", b"-----BEGIN PRIVATE KEY-----\n"),
        ("e", "é".encode()),
    ):
        (tmp_path / name).write_bytes(octets)
        refused = refusal(run("wss://127.0.0.1:1", f"--ca {tmp_path / name}"))
        expected = "certificates in PEM (-----BEGIN CERTIFICATE-----) were expected"
        assert refused == f"--ca: {tmp_path / name}: {expected}"
    (tmp_path / "octets").write_bytes(b"\xff")
    assert "UTF-8" in refusal(run("wss://127.0.0.1:1", f"--ca {tmp_path / 'octets'}"))
    assert refusal(run("wss://127.0.0.1:1", f"--ca {tmp_path / 'none'}")).endswith(
        "none: No such file or directory: check its name"
    )


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
        f"wss://{'a.' * 126}aa",
    ],
)
def test_urls_that_are_refused(url: str, run: Run) -> None:
    """Without TLS, without a host, with a password, with what no URL has: one sentence, which does not repeat it."""
    assert refusal(run(url)) == "URL: wss://HOST was expected, optionally with port and path"


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

    def look_up(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert refusal(run("wss://127.0.0.1:1")) == f"the server cannot be reached: {words}"


def test_certificates_with_remarks_of_any_language(run: Run, tls: Tls, address: str, tmp_path: Path) -> None:
    """Bundles have names beside the certificates, in UTF-8."""
    (tmp_path / "bundle").write_text("# für Łódź\n" + tls.certificate.read_text(), encoding="utf-8")
    assert run(address, ca=tmp_path / "bundle").status == 0


def test_without_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says what to install."""
    monkeypatch.delitem(sys.modules, "ecpure.login.frames", raising=False)
    monkeypatch.setitem(sys.modules, "websockets.client", None)
    assert refusal(run("wss://127.0.0.1:1")) == "login needs the extra ws (in a clone: pip install '.[ws]')"


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
def test_a_malformed_proxy_address(proxy: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
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
        (
            send(WELCOME, "x" * (LARGEST + 1)),
            "the server sent something other than a WebSocket message of up to 64 KiB",
        ),
        (send("hello"), "message: JSON, with each name once, was expected"),
        (send(b"\xff"), "message: JSON, with each name once, was expected"),
        (send(WELCOME, WELCOME), "Welcome: only one was expected, and this is the second"),
        (send('{"error_code": 0}'), "reply: a Welcome was expected before it"),
        (
            send(WELCOME, '{"error_code": 0, "tag": 9}'),
            "reply: the tag that was sent was expected, or none if that was 0 or missing",
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


@pytest.fixture(params=[20, pytest.param(1, marks=pytest.mark.long)])
def _haste(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let seconds of the client pass so many times faster."""
    monkeypatch.setattr("ecpure.login.websocket.Deadline", lambda seconds: Deadline(seconds / request.param))


@pytest.mark.usefixtures("_haste")
@pytest.mark.parametrize("handler", [send(), send(WELCOME), babble], ids=["silent", "welcoming", "babbling"])
def test_servers_that_never_reply(handler: Handler, run: Run, tls: Tls) -> None:
    """Silent from the start, silent after the answer, or speaking of other things for ever: the time is up."""
    with serving(tls, handler) as address:
        assert refusal(run(address, "--timeout 1")) == "the server did not reply within 1 s"


@pytest.mark.usefixtures("_haste")
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
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "TLS with the server failed"),
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
            "the server did not open a WebSocket: it answered with HTTP status 404",
        ),
        (b"220 mail at your service\r\n", "the server, or a proxy before it, did not open a WebSocket"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "the server, or a proxy before it, did not open a WebSocket"),
        (b"", "the server, or a proxy before it, did not open a WebSocket"),
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


@pytest.mark.parametrize(
    "url",
    [
        "wss://h",
        "wss://127.0.0.1:1",
        "wss://[::1]:65535/api?v=1",
        "wss://münchen.example/",
        "WSS://h",
        f"wss://{'a.' * 126}a",
    ],
)
def test_urls_that_are_taken(url: str) -> None:
    """A host's name or address, perhaps with port, path and query."""
    require_url(url)


def test_a_file_of_certificates_takes_the_place_of_the_systems(tls: Tls) -> None:
    """Only the certificates in the file are trusted, else the system's; host and certificate are checked either way."""
    for trust in (trusted(None), trusted(str(tls.certificate))):
        assert trust.check_hostname
        assert trust.verify_mode is ssl.CERT_REQUIRED
    (certificate,) = trust.get_ca_certs()
    assert certificate["subjectAltName"] == (("IP Address", "127.0.0.1"),)


@pytest.mark.parametrize(("passphrase", "kind"), [("opensesame", Accepted), ("wrong", Refused)])
def test_a_login_is_what_the_server_said(
    passphrase: str, kind: type, address: str, tls: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It returns the event of the reply, and the session is over then."""
    monkeypatch.setenv("no_proxy", "*")
    key = auth.derive_private_key(2, passphrase)
    session = ClientSession(user_id=2, cookie=COOKIE, private_key=key, tag=5)
    event = log_in(session, address, trusted(str(tls.certificate)), PATIENCE)
    assert isinstance(event, kind)
    assert json.loads(event.reply)["tag"] == 5
    with pytest.raises(OutOfTurn):
        session.receive(event.reply)


def test_what_came_to_nothing_has_no_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors of other libraries, which may hold what was sent, do not stay behind the refusal."""

    def look_up(*_: object, **__: object) -> None:
        raise OSError(errno.ENETUNREACH, "secret")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    session = ClientSession(user_id=1, cookie=COOKIE, private_key=auth.derive_private_key(1, "opensesame"))
    with pytest.raises(CannotRun, match=r"^the server cannot be reached: ") as refused:
        log_in(session, "wss://127.0.0.1:1", trusted(None), PATIENCE)
    assert refused.value.__context__ is None


@pytest.mark.parametrize(("locations", "paths"), [([], ["/a"]), (["/b?c=1", "d", ""], ["/a", "/b?c=1", "/d", "/d"])])
def test_redirects_are_followed(locations: list[str], paths: list[str], run: Run, tls: Tls) -> None:
    """Each Location is read as relative to the URL before it, and the last server is the one that is logged in to."""
    left, seen = [*locations], []

    def play(peer: Peer) -> None:
        peer.start_tls()
        peer.receive_request()
        seen.append(peer.request.split()[1])
        if left:
            peer.send(f"HTTP/1.1 307 Words\r\nLocation: {left.pop(0)}\r\nContent-Length: 0\r\n\r\n".encode())
        else:
            peer.send(peer.response() + frame(WELCOME.encode()))
            peer.receive()
            peer.send(frame(b'{"error_code": 0}'))
        peer.hang_up()

    with playing(play, tls, connections=len(paths)) as address:
        assert run(f"{address}/a") == (0, '{"error_code": 0}\n', "")
    assert seen == paths


def test_redirects_come_to_an_end(run: Run, tls: Tls) -> None:
    """A server that redirects to itself is asked eleven times."""

    def play(peer: Peer) -> None:
        peer.start_tls()
        peer.receive_request()
        peer.send(b"HTTP/1.1 301 Words\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")
        peer.silence()

    with playing(play, tls, connections=11) as address:
        assert refusal(run(address)) == "the server redirected 11 times"


def test_a_server_that_does_not_hang_up_is_left(run: Run, tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reply is what was asked for: one that comes without a goodbye, or is followed by more, is printed as well."""
    monkeypatch.setattr("ecpure.login.websocket._CLOSING", 0.05)
    reply = frame(b'{"error_code": 0}')
    for more, last in (
        (b"", Peer.silence),
        (b"", Peer.rave),
        (frame(b"", 8), Peer.reset),
        (frame(b"", 9) * 10_000, Peer.silence),
        (b"\xff" * 100, Peer.hang_up),
    ):

        def play(peer: Peer, octets: bytes = reply + more, last: Callable[[Peer], None] = last) -> None:
            peer.start_tls()
            peer.receive_request()
            peer.send(peer.response() + frame(WELCOME.encode()))
            peer.receive()
            peer.send(octets)
            peer.receive() if last == Peer.reset else None
            last(peer)

        with playing(play, tls) as address:
            assert run(address) == (0, '{"error_code": 0}\n', "")
