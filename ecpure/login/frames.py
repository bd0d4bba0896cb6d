"""The client's end of a WebSocket; the library websockets (extra `ws`) reads and writes the frames."""

from __future__ import annotations

import contextlib
import logging
from collections import deque

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import WebSocketURI

from ..io.streams import Refused as CannotRun
from .connection import Tls
from .wire import LARGEST

_REDIRECTS = {300, 301, 302, 303, 307, 308}
_DATA = {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}
_SILENT = logging.getLogger(__name__)
_SILENT.disabled = True  # otherwise websockets would log what is sent


class WebSocket:
    """A WebSocket on a connection to the URI's host. Call `open` first; do not use it after an exception."""

    def __init__(self, connection: Tls, uri: WebSocketURI) -> None:
        self._connection, self._frames, self._is_over = connection, deque[Frame](), False
        self._protocol = ClientProtocol(uri, max_size=LARGEST, logger=_SILENT)

    def open(self) -> str | None:
        """Return None once it is open, or the URL that the server redirects to. Raises `CannotRun`, `OSError`."""
        self._protocol.send_request(self._protocol.connect())
        while self._protocol.state is State.CONNECTING and self._protocol.handshake_exc is None:
            self._exchange()
        refusal = self._protocol.handshake_exc
        if refusal is None:
            return None
        if not isinstance(refusal, InvalidStatus):
            raise CannotRun("the server, or a proxy before it, did not open a WebSocket")
        status, locations = refusal.response.status_code, refusal.response.headers.get_all("Location")
        if status in _REDIRECTS and len(locations) == 1:
            return locations[0]
        raise CannotRun(f"the server did not open a WebSocket: it answered with HTTP status {status}")

    def receive(self) -> bytes:
        """Return the server's next message. Raises `CannotRun` if the server hangs up, or breaks the rules."""
        message = bytearray()
        while True:
            while not self._frames and self._protocol.state is State.OPEN:
                self._exchange()
            frame = self._frames.popleft() if self._frames else None
            if frame is None or frame.opcode is Opcode.CLOSE:
                break
            if frame.opcode in _DATA:
                message += frame.data
                if frame.fin:
                    return bytes(message)
        with contextlib.suppress(OSError):
            self._flush()
        if frame is None and not self._is_over:
            raise CannotRun("the server sent something other than a WebSocket message of up to 64 KiB")
        raise CannotRun("the server hung up before it replied")

    def send(self, text: str) -> None:
        """Queue a message, to be sent before more is received, unless the server has closed the WebSocket."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_text(text.encode("utf-8"))

    def close(self) -> None:
        """Close the WebSocket, and wait until the server has hung up. Raises `OSError`."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(1000)
        self._flush()
        while self._connection.receive():
            pass

    def _exchange(self) -> None:
        """Send everything that is waiting, and receive something."""
        self._flush()
        octets = self._connection.receive()
        if octets:
            self._protocol.receive_data(octets)
        else:
            self._protocol.receive_eof()
            self._is_over = True
        self._frames += (event for event in self._protocol.events_received() if isinstance(event, Frame))

    def _flush(self) -> None:
        octets = b"".join(self._protocol.data_to_send())
        if octets:
            self._connection.send(octets)
