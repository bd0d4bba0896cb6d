"""One login over a WebSocket in TLS, with the library websockets from the extra `ws`."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from urllib.parse import urlsplit

from ..errors import EcpureError
from ..io import files
from ..io.streams import Refused as CannotRun
from .client import Accepted, ClientSession, Refused, Welcomed
from .wire import LARGEST

_CLOSING = 1  # seconds that the server has to say goodbye, when its reply is here already


def require_url(url: str) -> None:
    """Raise `CannotRun` unless this is the URL of a WebSocket in TLS (RFC 6455 §3), without a password in it."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")
        plain = url.isprintable() and " " not in url and "@" not in parts.netloc and parts.port != 0
        if parts.scheme == "wss" and host and plain and not parts.fragment:
            return
    except ValueError:  # of the port, of brackets, or of a label of the host's name
        pass
    raise CannotRun("URL: wss://HOST, perhaps with port and path, was expected")


def trusted(path: str | None) -> ssl.SSLContext:
    """Return a context that trusts the certificates in the file, or the system's. Raises `CannotRun`, `OSError`."""
    if path is None:
        return ssl.create_default_context()
    text = files.read_text(path).encode("ascii", "replace").decode("ascii")  # comments are often not in ASCII
    try:
        return ssl.create_default_context(cadata=text + "\n")  # an empty text would mean the system's
    except (ssl.SSLError, ValueError):
        reason = "--ca: certificates in PEM were expected"
    raise CannotRun(reason)


def log_in(session: ClientSession, url: str, trust: ssl.SSLContext, timeout: int) -> Accepted | Refused:
    """Return what the server said within `timeout` seconds. Raises `CannotRun` without a reply, `EcpureError` for a
    reply that is malformed.
    """
    try:
        from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
    except ImportError:
        raise CannotRun("login takes the extra ws (in a clone: pip install '.[ws]')") from None
    try:
        return _run(session, url, trust, timeout)
    except TimeoutError:
        reason = f"the server did not reply within {timeout} s"
    except ssl.SSLCertVerificationError as error:
        reason = f"the server's certificate is not trusted: {error.verify_message}"
    except ssl.SSLError:
        reason = "the server and this machine found no TLS in common"
    except OSError as error:
        reason = f"the server cannot be reached: {_words(error)}"
    except ConnectionClosed as error:
        ours = error.sent is not None and not error.rcvd_then_sent
        reason = "the server sent what is no message" if ours else "the server hung up before it replied"
    except InvalidStatus as error:
        reason = f"the server opened no WebSocket: it answered with HTTP status {error.response.status_code}"
    except (WebSocketException, EOFError):
        reason = "the server, or a proxy before it, opened no WebSocket"
    except ImportError:
        reason = "a SOCKS proxy is set, which takes the library python-socks"
    raise CannotRun(reason)


def _run(session: ClientSession, url: str, trust: ssl.SSLContext, timeout: int) -> Accepted | Refused:
    try:
        return asyncio.run(_exchange(session, url, trust, timeout))
    except (EcpureError, OSError):  # some of them are ValueErrors, too
        raise
    except ValueError:
        reason = "the proxy that is set is no URL of one"
    raise CannotRun(reason)


def _words(error: OSError) -> str:
    """Return the system's words for an error: those of asyncio have an address in them."""
    if error.errno is None or isinstance(error, socket.gaierror):  # several addresses, each with its error; a name
        return error.strerror or "the connection failed"
    return os.strerror(error.errno)


async def _exchange(session: ClientSession, url: str, trust: ssl.SSLContext, timeout: int) -> Accepted | Refused:
    # Not websockets.sync: it reads and writes one TLS session in two threads, which OpenSSL forbids, and which fails
    # now and then (CPython issue 143756).
    from websockets.asyncio.client import connect

    async with asyncio.timeout(timeout) as limit:
        async with connect(url, ssl=trust, max_size=LARGEST, open_timeout=None, close_timeout=_CLOSING) as connection:
            while True:
                event = session.receive(await connection.recv())
                if isinstance(event, Welcomed):
                    await connection.send(event.authenticate)
                elif isinstance(event, (Accepted, Refused)):
                    limit.reschedule(None)
                    return event
