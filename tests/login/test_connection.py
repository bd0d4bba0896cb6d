"""TCP, proxies and TLS beneath a login: what is received, what is asked of a proxy, and when the time is up."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import ssl
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from itertools import count
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn

import pytest
from loginserver import PATIENCE, Tls, make_tls
from loginsocket import Peer, playing, server_context

from ecpure.io.streams import Refused as CannotRun
from ecpure.login.connection import Deadline, Tcp, connected, sentence
from ecpure.login.connection import Tls as Secure

NOBODY = ("nobody.invalid", 8443)  # no look-up finds it, so that only a proxy can be dialled


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """Return certificates that OpenSSL's command made for this run."""
    return make_tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trust(tls: Tls) -> ssl.SSLContext:
    """Return what trusts the certificate, for whichever host it is: proxies are asked for names."""
    context = ssl.create_default_context(cafile=tls.certificate)
    context.check_hostname = False
    return context


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the proxies of the machine that the tests run on."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Yield both ends of a connection."""
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def echo(peer: Peer) -> None:
    """Speak TLS, and return the first words."""
    peer.start_tls()
    peer.send(peer.receive())
    peer.end_tls()


def address_of(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("wss://").partition(":")
    return host, int(port)


def echoed(address: tuple[str, int], trust: ssl.SSLContext) -> bytes:
    """Say hello over a connection, and return all that comes back."""
    with connected(*address, trust, Deadline(PATIENCE)) as connection:
        connection.send(b"hello")
        heard = b""
        while octets := connection.receive():
            heard += octets
        return heard


# the clock


def test_a_deadline_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of it shrinks, is never 0, and can be set anew."""
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    deadline = Deadline(5)
    assert deadline.left() == 5
    now = 104.5
    assert deadline.left() == 0.5
    now = 105
    with pytest.raises(TimeoutError):
        deadline.left()
    deadline.restart(1)
    assert deadline.left() == 1


@pytest.mark.parametrize("seconds", [0, 0.01])
def test_the_time_is_up(seconds: float, pair: tuple[socket.socket, socket.socket]) -> None:
    """Before something is received from an end that is silent, or sent to one that does not read; but not before."""
    one, other = pair
    other.sendall(b"hello")
    tcp = Tcp(one, Deadline(PATIENCE))
    assert tcp.receive() == b"hello"
    tcp = Tcp(one, Deadline(seconds))
    with pytest.raises(TimeoutError):
        tcp.receive()
    tcp = Tcp(one, Deadline(seconds))
    with pytest.raises(TimeoutError):
        tcp.send(bytes(1 << 24))


def test_a_flood_ends_with_the_time(pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    """Octets that never cease are taken in small pieces, and the clock is looked at before each."""
    one, other = pair
    other.sendall(bytes(20_000))
    seconds = count()
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))
    tcp = Tcp(one, Deadline(3))
    assert [len(tcp.receive()), len(tcp.receive())] == [4096, 4096]
    with pytest.raises(TimeoutError):
        tcp.receive()


# TCP


def test_an_end_that_has_gone(pair: tuple[socket.socket, socket.socket]) -> None:
    """Nothing is received from it, and what is sent to it is lost; neither is an exception."""
    one, other = pair
    other.sendall(b"bye")
    other.close()
    tcp = Tcp(one, Deadline(PATIENCE))
    tcp.send(b"hello")
    assert [tcp.receive(), tcp.receive()] == [b"bye", b""]


def test_a_reset_is_an_end(tls: Tls) -> None:
    """A connection that was reset gives nothing more, as one that was closed."""
    with playing(Peer.reset, tls) as url, socket.create_connection(address_of(url)) as dialled:
        tcp = Tcp(dialled, Deadline(PATIENCE))
        assert tcp.receive() == b""
        tcp.send(b"hello")
        assert tcp.receive() == b""


def test_every_address_of_a_host_is_tried(trust: ssl.SSLContext, tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, with half of the time for each but the last."""
    seen: list[tuple[object, float | None]] = []
    dial = socket.create_connection

    def create_connection(address: tuple[str, int], timeout: float) -> socket.socket:
        seen.append((address[0], timeout))
        if address[0].startswith("192.0.2."):
            raise OSError(errno.ENETUNREACH, "unreachable")
        return dial(address, timeout)

    def look_up(host: str, port: int, *more: int, **options: int) -> list[Any]:
        hosts = ["192.0.2.1", "192.0.2.2", *last] if host == NOBODY[0] else [host]
        return [entry for host in hosts for entry in known(host, port, *more, **options)]

    known = socket.getaddrinfo
    monkeypatch.setattr(time, "monotonic", lambda: 0)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    for last in (["127.0.0.1"], ["127.0.0.1", "192.0.2.3"]):
        seen.clear()
        with playing(echo, tls) as url:
            assert echoed((NOBODY[0], address_of(url)[1]), trust) == b"hello"
        assert seen[:2] == [("192.0.2.1", PATIENCE / 2), ("192.0.2.2", PATIENCE / 2)]
        assert seen[2:] == [("127.0.0.1", PATIENCE / len(last))]


def test_the_last_addresss_error_is_told(trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no address can be reached, and no time is taken for them beyond what there is."""
    errors = iter([OSError(errno.ENETUNREACH, ""), TimeoutError(), ConnectionRefusedError(errno.ECONNREFUSED, "")])

    def create_connection(*_: object) -> NoReturn:
        raise next(errors)

    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 1))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry] * 3)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(ConnectionRefusedError), connected(*NOBODY, trust, Deadline(PATIENCE)):
        pass


# TLS


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_octets_go_both_ways(version: ssl.TLSVersion, trust: ssl.SSLContext, tls: Tls) -> None:
    """In either version of TLS; a goodbye of TLS is the end."""
    context = server_context(tls)
    context.minimum_version = context.maximum_version = version
    with playing(echo, context) as url:
        assert echoed(address_of(url), trust) == b"hello"


def test_another_hosts_certificate_is_refused(trust: ssl.SSLContext, tls: Tls) -> None:
    """The name is that of the server that was asked for; the server is told why, by an alert."""
    heard: list[bytes] = []

    def play(peer: Peer) -> None:
        peer.hear_hello()
        peer.say_piece()
        peer.say_piece()
        try:
            peer.handshake()
        except ssl.SSLError as error:
            heard.append(str(error.reason).encode())

    trust.check_hostname = True
    with playing(play, tls) as url:
        port = address_of(url)[1]
        with (
            pytest.raises(ssl.SSLCertVerificationError, match="localhost"),
            connected("localhost", port, trust, Deadline(PATIENCE)),
        ):
            pass
    assert heard
    assert b"ALERT" in heard[0]


@pytest.mark.parametrize("last", [Peer.hang_up, Peer.rave, Peer.reset, Peer.end_tls])
def test_an_end_of_tls_is_an_end(last: Callable[[Peer], None], trust: ssl.SSLContext, tls: Tls) -> None:
    """Without a goodbye, by octets that are not TLS, by a reset, by a goodbye."""

    def play(peer: Peer) -> None:
        peer.start_tls()
        peer.receive()
        last(peer)

    with playing(play, tls) as url:
        assert echoed(address_of(url), trust) == b""


def test_a_handshake_that_is_cut_off_is_an_error_of_tls(
    trust: ssl.SSLContext, pair: tuple[socket.socket, socket.socket]
) -> None:
    """So that it can be told from a connection that was never made."""
    one, other = pair
    other.close()
    with pytest.raises(ssl.SSLEOFError):
        Secure(Tcp(one, Deadline(PATIENCE)), trust, "localhost")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ssl.SSLEOFError(8, "EOF"), "the proxy hung up before it replied"),
        (ssl.SSLError(1, "WRONG_VERSION_NUMBER"), "TLS with the proxy failed"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "secret"), "the proxy cannot be reached: Connection refused"),
        (socket.gaierror(socket.EAI_NONAME, "Name unknown"), "the proxy cannot be reached: Name unknown"),
        (OSError("secret"), "the proxy cannot be reached: the connection failed"),
    ],
)
def test_an_error_is_one_sentence(error: OSError, words: str) -> None:
    """It says which end it is about, and shows no address."""
    assert sentence(error, "the proxy") == words
    assert sentence(error) == words.replace("the proxy", "the server")


# proxies


def proxied(requests: list[str], answer: str = "HTTP/1.1 200 OK\r\n\r\n") -> Callable[[Peer], None]:
    """Return a proxy that keeps what it was asked, and is the server as well."""

    def play(peer: Peer) -> None:
        requests.append(peer.hear_request().decode())
        peer.say(answer.encode())
        echo(peer)

    return play


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "wss_proxy"])
@pytest.mark.parametrize(
    "answer", ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 299 OK\r\nA: b\r\n\r\n", "HTTP/1.1 200\r\n\r\n"]
)
def test_a_proxy_is_asked_for_the_server(
    name: str, answer: str, trust: ssl.SSLContext, tls: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name, which is for the proxy to look up; any answer of success is one."""
    requests: list[str] = []
    with playing(proxied(requests, answer), tls) as url:
        monkeypatch.setenv(name, url.replace("wss", "http"))
        assert echoed(NOBODY, trust) == b"hello"
    assert requests == ["CONNECT nobody.invalid:8443 HTTP/1.1\r\nHost: nobody.invalid:8443\r\n\r\n"]


@pytest.mark.parametrize(
    ("user", "credentials"), [("me:p%40ss@", "me:p@ss"), ("me@", "me:"), (":x@", ":x"), ("m%C3%A9:@", "mé:")]
)
def test_a_proxy_is_told_the_credentials_of_its_url(
    user: str, credentials: str, trust: ssl.SSLContext, tls: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Basic authentication (RFC 7617), with %-codes decoded, in UTF-8; an IPv6 address has its brackets."""
    requests: list[str] = []
    with playing(proxied(requests), tls) as url:
        monkeypatch.setenv("https_proxy", url.replace("wss://", f"http://{user}"))
        assert echoed(("2001:db8::1", 443), trust) == b"hello"
    first, _, third, *_ = requests[0].split("\r\n")
    assert first == "CONNECT [2001:db8::1]:443 HTTP/1.1"
    assert third == f"Proxy-Authorization: Basic {b64encode(credentials.encode()).decode()}"


def test_a_proxy_over_tls(trust: ssl.SSLContext, tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS with the server is within TLS with the proxy, whose certificate the system has to trust."""
    requests: list[bytes] = []

    def play(peer: Peer) -> None:
        peer.start_tls()
        requests.append(peer.receive())
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        inner = Peer(SimpleNamespace(sendall=peer.send, recv=lambda _: peer.receive()), server_context(tls))  # type: ignore[arg-type]
        inner.start_tls()
        inner.send(inner.receive())
        peer.hang_up()

    monkeypatch.setenv("SSL_CERT_FILE", str(tls.certificate))
    with playing(play, tls) as url:
        monkeypatch.setenv("https_proxy", url.replace("wss", "https"))
        assert echoed(NOBODY, trust) == b"hello"
    assert requests[0].startswith(b"CONNECT nobody.invalid:8443 ")


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (Peer.start_tls, "the proxy's certificate is not trusted: .*"),
        (Peer.hang_up, "the proxy hung up before it replied"),
        (Peer.rave, "TLS with the proxy failed"),
    ],
)
def test_a_proxy_without_valid_tls(
    last: Callable[[Peer], None], words: str, trust: ssl.SSLContext, tls: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its certificate is verified by the system's store, whatever the server's is verified by."""

    def play(peer: Peer) -> None:
        with contextlib.suppress(ssl.SSLError):
            last(peer)

    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with playing(play, tls) as url:
        monkeypatch.setenv("https_proxy", url.replace("wss", "https"))
        with pytest.raises(CannotRun, match=f"^{words}$"), connected(*NOBODY, trust, Deadline(PATIENCE)):
            pass


def test_a_proxy_that_is_not_there(trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said to be the proxy that cannot be reached."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
    with (
        pytest.raises(CannotRun, match=r"^the proxy cannot be reached: Connection refused$"),
        connected(*NOBODY, trust, Deadline(PATIENCE)),
    ):
        pass


def test_the_time_is_up_at_a_proxy(trust: ssl.SSLContext, tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    """No sentence about the proxy takes the place of that."""
    with playing(Peer.silence, tls) as url:
        monkeypatch.setenv("https_proxy", url.replace("wss", "http"))
        with pytest.raises(TimeoutError), connected(*NOBODY, trust, Deadline(0.05)):
            pass
    _install_socks(monkeypatch, TimeoutError())
    monkeypatch.setenv("socks_proxy", "socks5h://127.0.0.2")
    with pytest.raises(TimeoutError), connected(*NOBODY, trust, Deadline(PATIENCE)):
        pass


@pytest.mark.parametrize("hosts", ["127.0.0.1", "localhost,127.0.0.1", "*"])
def test_servers_that_need_no_proxy(
    hosts: str, trust: ssl.SSLContext, tls: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`no_proxy` names them, and they are dialled."""
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", hosts)
    with playing(echo, tls) as url:
        assert echoed(address_of(url), trust) == b"hello"


@pytest.mark.parametrize(
    "url",
    [
        "proxy.example:3128",
        "ftp://proxy.example",
        "http://",
        "http://:3128",
        "http://proxy.example:port",
        "http://proxy.example:99999",
        "http://[::1",
        f"http://{'a' * 64}",
        "http://proxy.example/path",
        "http://proxy.example?query",
        "http://proxy.example#fragment",
    ],
)
def test_settings_that_name_no_proxy(url: str, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are refused before anything is dialled, by a sentence that says what was expected."""
    monkeypatch.setenv("https_proxy", url)
    with (
        pytest.raises(CannotRun, match=r"^proxy: the setting was expected to be http://HOST:PORT, "),
        connected(*NOBODY, trust, Deadline(PATIENCE)),
    ):
        pass


class ProxyError(Exception):
    """As python-socks has it."""


def _install_socks(monkeypatch: pytest.MonkeyPatch, result: Exception | tuple[str, int]) -> list[tuple[object, ...]]:
    """Put a library in the place of python-socks whose proxies fail, or lead to an address; return how it is called."""
    calls: list[tuple[object, ...]] = []

    class Proxy:
        def __init__(self, *arguments: object) -> None:
            calls.append(arguments)

        def connect(self, host: str, port: int, timeout: float) -> socket.socket:
            calls.append((host, port))
            if isinstance(result, Exception):
                raise result
            return socket.create_connection(result, timeout)

    library, below = ModuleType("python_socks"), ModuleType("python_socks.sync")
    library.__dict__.update(ProxyError=ProxyError, ProxyType=SimpleNamespace(SOCKS4="4", SOCKS5="5"))
    below.__dict__.update(Proxy=Proxy)
    monkeypatch.setitem(sys.modules, "python_socks", library)
    monkeypatch.setitem(sys.modules, "python_socks.sync", below)
    return calls


@pytest.mark.parametrize(
    ("url", "called"),
    [
        ("socks5h://127.0.0.2", ("5", "127.0.0.2", 1080, None, None, True)),
        ("socks5://127.0.0.2:99", ("5", "127.0.0.2", 99, None, None, False)),
        ("socks4a://me@127.0.0.2:99", ("4", "127.0.0.2", 99, "me", None, True)),
        ("socks4://me:p%40ss@127.0.0.2:99", ("4", "127.0.0.2", 99, "me", "p@ss", False)),
        ("http://127.0.0.2:99", ("5", "127.0.0.2", 99, None, None, True)),  # as macOS has it
    ],
)
def test_a_socks_proxy(
    url: str, called: tuple[object, ...], trust: ssl.SSLContext, tls: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library python-socks dials; the last argument is whether the proxy looks the server's name up."""
    monkeypatch.setenv("socks_proxy", url)
    with playing(echo, tls) as server:
        calls = _install_socks(monkeypatch, address_of(server))
        assert echoed(NOBODY, trust) == b"hello"
    assert calls == [called, NOBODY]


@pytest.mark.parametrize("error", [ProxyError("secret"), ConnectionRefusedError(errno.ECONNREFUSED, ""), ValueError()])
def test_a_socks_proxy_that_opens_no_connection(
    error: Exception, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the reason, it is one sentence."""
    _install_socks(monkeypatch, error)
    monkeypatch.setenv("socks_proxy", "socks5h://127.0.0.2")
    with (
        pytest.raises(CannotRun, match=r"^the SOCKS proxy did not open a connection$") as refused,
        connected(*NOBODY, trust, Deadline(PATIENCE)),
    ):
        pass
    assert refused.value.__context__ is None
