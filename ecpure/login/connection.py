"""A connection to a server: TCP, optionally through a proxy, and TLS.

It blocks one thread, at most until its deadline; only looking up a name may take longer, if the system's
resolver does.

Neither asyncio nor websockets.sync is used. asyncio logs tracebacks if the other end hangs up at unexpected moments,
and misses deadlines in a flood of pings. websockets.sync uses one TLS session in two threads, which OpenSSL
forbids (CPython issue 143756).
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar
from urllib.parse import unquote, urlsplit

from ..io.streams import Refused as CannotRun
from ..rfc4648 import encode_base64

_T = TypeVar("_T")

_PIECE = 4096  # octets received at a time: few, so that the clock is checked often
_HEAD = 1 << 16  # octets of a proxy's answer, at most
_PORTS = {"http": 80, "https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080}


class Deadline:
    """A moment some seconds from now."""

    def __init__(self, seconds: float) -> None:
        self.restart(seconds)

    def restart(self, seconds: float) -> None:
        """Set the deadline to so many seconds from now."""
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, above 0. Raises `TimeoutError`."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class Tcp:
    """A connected socket. After the deadline, both methods raise `TimeoutError`."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket, self._deadline = connected, deadline

    def receive(self) -> bytes:
        """Return some octets, or b"" if the other end has hung up."""
        self._socket.settimeout(self._deadline.left())
        try:
            return self._socket.recv(_PIECE)
        except ConnectionError:
            return b""

    def send(self, octets: bytes) -> None:
        """Send all the octets; do nothing if the other end has hung up."""
        self._socket.settimeout(self._deadline.left())
        with contextlib.suppress(ConnectionError):  # there may still be something to receive
            self._socket.sendall(octets)


class Tls:
    """TLS over another connection, with the same two methods. Raises `ssl.SSLError` if the handshake fails."""

    def __init__(self, below: Tcp | Tls, context: ssl.SSLContext, host: str) -> None:
        self._below, self._incoming, self._outgoing = below, ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._run(self._tls.do_handshake)

    def receive(self) -> bytes:
        """Return some octets, or b"" if the other end has hung up, or has broken the rules of TLS."""
        try:
            return self._run(lambda: self._tls.read(_PIECE))
        except ssl.SSLError:
            return b""

    def send(self, octets: bytes) -> None:
        """Send all the octets."""
        self._run(lambda: self._tls.write(octets))

    def _run(self, operation: Callable[[], _T]) -> _T:
        """Return the result of the operation, receiving what it needs to read."""
        while True:
            try:
                return operation()
            except ssl.SSLWantReadError:
                pass
            finally:  # after a failure, too: the alert says why
                self._below.send(self._outgoing.read())
            octets = self._below.receive()
            if octets:
                self._incoming.write(octets)
            else:
                self._incoming.write_eof()


@contextlib.contextmanager
def connected(host: str, port: int, trust: ssl.SSLContext, deadline: Deadline) -> Iterator[Tls]:
    """Connect to the server, through a proxy if the system or its environment names one; hang up at the end.

    Raises `CannotRun` if the proxy fails; `ssl.SSLError`, `TimeoutError` and other `OSError`.
    """
    with contextlib.ExitStack() as stack:
        yield Tls(_way(host, port, deadline, stack), trust, host)


def sentence(error: OSError, end: str = "the server") -> str:
    """Return a message for a failed connection to that end, without addresses."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{end}'s certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLEOFError):
        return f"{end} hung up before it replied"
    if isinstance(error, ssl.SSLError):
        return f"TLS with {end} failed"
    if error.errno is None or isinstance(error, socket.gaierror):  # gaierror has its own numbers
        return f"{end} cannot be reached: {error.strerror or 'the connection failed'}"
    return f"{end} cannot be reached: {os.strerror(error.errno)}"


def _way(host: str, port: int, deadline: Deadline, stack: contextlib.ExitStack) -> Tcp | Tls:
    """Return a connection whose other end is the server."""
    proxy = _proxy_for(host, port)
    if proxy is None:
        return Tcp(stack.enter_context(_dial(host, port, deadline)), deadline)
    if proxy.scheme.startswith("socks"):
        return Tcp(stack.enter_context(_dial_by_socks(proxy, host, port, deadline)), deadline)
    try:
        way: Tcp | Tls = Tcp(stack.enter_context(_dial(proxy.host, proxy.port, deadline)), deadline)
        if proxy.scheme == "https":
            way = Tls(way, ssl.create_default_context(), proxy.host)
        _ask(proxy, way, host, port)
    except TimeoutError:
        raise
    except OSError as error:
        reason = sentence(error, "the proxy")
    else:
        return way
    raise CannotRun(reason)


def _dial(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Return a socket that is connected to one of the host's addresses."""
    *others, last = [str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in others:
        with contextlib.suppress(OSError):
            return socket.create_connection((address, port), deadline.left() / 2)
    return socket.create_connection((last, port), deadline.left())


class _Proxy(NamedTuple):
    scheme: str
    host: str
    port: int
    user: str
    password: str


def _proxy_for(host: str, port: int) -> _Proxy | None:
    """Return the proxy to use for the server, or None. Raises `CannotRun` if its URL is not supported."""
    from urllib.request import getproxies, proxy_bypass  # slow to import

    proxies = {} if proxy_bypass(f"{host}:{port}") else getproxies()
    socks = proxies.get("socks", "").replace("http://", "socks5h://")  # as macOS writes them
    url = proxies.get("wss") or socks or proxies.get("https")
    if not url:
        return None
    try:
        parts = urlsplit(url)
        name = (parts.hostname or "").encode("idna").decode()
        number = parts.port or _PORTS.get(parts.scheme)
        if name and number and parts.scheme in _PORTS and parts.path in {"", "/"} and not parts.query + parts.fragment:
            return _Proxy(parts.scheme, name, number, unquote(parts.username or ""), unquote(parts.password or ""))
    except ValueError:  # of the port, of brackets, or of a label of the host's name
        pass
    raise CannotRun("proxy: the setting was expected to be http://HOST:PORT, https://HOST:PORT or socks5h://HOST:PORT")


def _ask(proxy: _Proxy, way: Tcp | Tls, host: str, port: int) -> None:
    """Ask an HTTP proxy to connect to the server (RFC 9110 §9.3.6). Raises `CannotRun` if it does not."""
    server = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    request = f"CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n"
    if proxy.user or proxy.password:
        request += f"Proxy-Authorization: Basic {encode_base64(f'{proxy.user}:{proxy.password}'.encode())}\r\n"
    way.send(f"{request}\r\n".encode("ascii"))
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < _HEAD and answer.startswith(b"HTTP/1."[: len(answer)]):
        octets = way.receive()
        if not octets:
            raise CannotRun("the proxy hung up before it replied")
        answer += octets
    head, end, rest = answer.partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1\.[01] (\d{3})[ \r]", head + end)
    if status is not None and not status[1].startswith(b"2"):
        raise CannotRun(f"the proxy did not open a connection: it answered with HTTP status {status[1].decode()}")
    if status is None or not end or rest:
        raise CannotRun("the proxy's answer is not HTTP")


def _dial_by_socks(proxy: _Proxy, host: str, port: int, deadline: Deadline) -> socket.socket:
    """Return a socket that a SOCKS proxy has connected to the server."""
    try:
        socks = importlib.import_module("python_socks")
        dialler = importlib.import_module("python_socks.sync").Proxy
    except ImportError:
        raise CannotRun("a SOCKS proxy is set, which needs the library python-socks") from None
    kind = socks.ProxyType.SOCKS5 if proxy.scheme.startswith("socks5") else socks.ProxyType.SOCKS4
    by_name = proxy.scheme in {"socks4a", "socks5h"}
    try:
        dial = dialler(kind, proxy.host, proxy.port, proxy.user or None, proxy.password or None, by_name).connect
        dialled: socket.socket = dial(host, port, deadline.left())
    except TimeoutError:
        raise
    except (socks.ProxyError, OSError, ValueError):
        pass
    else:
        return dialled
    raise CannotRun("the SOCKS proxy did not open a connection")
