"""One login over a WebSocket in TLS, with the library websockets (extra `ws`)."""

from __future__ import annotations

import contextlib
import ssl
from urllib.parse import urljoin, urlsplit

from ..io import files
from ..io.streams import Refused as CannotRun
from .client import Accepted, ClientSession, Refused, Welcomed
from .connection import Deadline, connected, sentence

_CLOSING = 1  # seconds that the server has to close the WebSocket after its reply
_LONGEST_HOST = 253  # octets of a name (RFC 1035 §2.3.4, without the length of the first label and the root)
_SERVERS = 11  # in a chain of redirects


def require_url(url: str) -> None:
    """Raise `CannotRun` unless this is the URL of a WebSocket in TLS (RFC 6455 §3), without a password in it."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")
        plain = url.isprintable() and " " not in url and "@" not in parts.netloc and parts.port != 0
        if parts.scheme == "wss" and 0 < len(host) <= _LONGEST_HOST and plain and not parts.fragment:
            return
    except ValueError:  # of the port, of brackets, or of a label of the host's name
        pass
    raise CannotRun("URL: wss://HOST was expected, optionally with port and path")


def trusted(path: str | None) -> ssl.SSLContext:
    """Return a context that trusts the certificates in the file, or the system's. Raises `CannotRun`, `OSError`."""
    if path is None:
        return ssl.create_default_context()
    text = files.read_text(path).encode("ascii", "replace").decode("ascii")  # comments are often not ASCII
    try:
        return ssl.create_default_context(cadata=text + "\n")  # an empty text would mean the system's
    except (ssl.SSLError, ValueError):
        reason = f"--ca: {files.shown_name(path)}: certificates in PEM (-----BEGIN CERTIFICATE-----) were expected"
    raise CannotRun(reason)


def log_in(session: ClientSession, url: str, trust: ssl.SSLContext, timeout: float) -> Accepted | Refused:
    """Return the server's reply within `timeout` seconds. Raises `CannotRun` without a reply, `EcpureError` for a
    malformed one.
    """
    deadline = Deadline(timeout)
    try:
        for _ in range(_SERVERS):
            event = _exchange(session, url, trust, deadline)
            if not isinstance(event, str):
                return event
            url = event
        reason = f"the server redirected {_SERVERS} times"
    except TimeoutError:
        reason = f"the server did not reply within {timeout} s"
    except OSError as error:
        reason = sentence(error)
    raise CannotRun(reason)


def _exchange(session: ClientSession, url: str, trust: ssl.SSLContext, deadline: Deadline) -> Accepted | Refused | str:
    """Return the server's reply, or the URL that it redirects to."""
    try:
        from websockets.uri import parse_uri

        from .frames import WebSocket
    except ImportError:
        raise CannotRun("login needs the extra ws (in a clone: pip install '.[ws]')") from None
    uri = parse_uri(url)
    with connected(uri.host, uri.port, trust, deadline) as connection:
        socket = WebSocket(connection, uri)
        location = socket.open()
        if location is not None:
            return _redirected(url, location)
        while True:
            event = session.receive(socket.receive())
            if isinstance(event, Welcomed):
                socket.send(event.authenticate)
            elif isinstance(event, (Accepted, Refused)):
                deadline.restart(_CLOSING)
                with contextlib.suppress(OSError):
                    socket.close()
                return event


def _redirected(url: str, location: str) -> str:
    """Return the URL that a server redirects to. Raises `CannotRun` unless `require_url` accepts it."""
    try:
        target = urljoin(url, location)
        require_url(target)
    except (ValueError, CannotRun):
        pass
    else:
        return target
    raise CannotRun("the server redirects to a URL that is not wss://HOST")
