"""The client's end of a WebSocket, on a connection that is a list of octets."""

from __future__ import annotations

import logging
import re
from typing import NoReturn, cast

import pytest
from loginsocket import frame
from websockets.uri import parse_uri
from websockets.utils import accept_key

from ecpure.io.streams import Refused as CannotRun
from ecpure.login.connection import Tls
from ecpure.login.frames import WebSocket
from ecpure.login.wire import LARGEST


class Wire:
    """A connection that receives the pieces, one at a time and then nothing more, and keeps what is sent.

    opens: before the pieces it receives the response that opens a WebSocket.
    """

    def __init__(self, *pieces: bytes, opens: bool = False) -> None:
        self.pieces, self.opens, self.sent = list(pieces), opens, b""

    def receive(self) -> bytes:
        if self.opens:
            self.opens = False
            (key,) = re.findall(r"Sec-WebSocket-Key: (.+)\r\n", self.sent.decode())
            fields = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept_key(key)}\r\n"
            return f"HTTP/1.1 101 Words\r\n{fields}\r\n".encode()
        return self.pieces.pop(0) if self.pieces else b""

    def send(self, octets: bytes) -> None:
        assert octets
        self.sent += octets


def socket_on(wire: Wire) -> WebSocket:
    return WebSocket(cast("Tls", wire), parse_uri("wss://localhost:8443/api?v=1"))


def opened(*pieces: bytes) -> tuple[WebSocket, Wire]:
    """Return a WebSocket that is open, and its connection, on which the pieces are still to come."""
    wire = Wire(*pieces, opens=True)
    socket = socket_on(wire)
    assert socket.open() is None
    wire.sent = b""
    return socket, wire


def unmasked(sent: bytes) -> bytes:
    """Return the payload of the only frame that was sent."""
    assert sent[1] == 0x80 + len(sent) - 6
    return bytes(octet ^ sent[2 + index % 4] for index, octet in enumerate(sent[6:]))


def test_the_request_is_a_plain_one() -> None:
    """It asks for the URL's path on its host, and offers no extension: a login has nothing to compress."""
    wire = Wire()
    with pytest.raises(CannotRun):
        socket_on(wire).open()
    lines = wire.sent.decode().split("\r\n")
    assert lines[0] == "GET /api?v=1 HTTP/1.1"
    assert "Host: localhost:8443" in lines
    assert "Sec-WebSocket-Extensions" not in wire.sent.decode()


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_a_redirect_is_returned(status: int) -> None:
    """With one Location it is that, as it is written; with none or two the status is the refusal."""
    for locations, expected in ((["a"], "a"), ([], None), (["a", "b"], None)):
        fields = "".join(f"Location: {location}\r\n" for location in locations)
        socket = socket_on(Wire(f"HTTP/1.1 {status} Words\r\n{fields}Content-Length: 0\r\n\r\n".encode()))
        if expected:
            assert socket.open() == expected
        else:
            with pytest.raises(CannotRun, match=rf"^the server did not open a WebSocket: .* HTTP status {status}$"):
                socket.open()


@pytest.mark.parametrize("status", [200, 304, 399, 404])
def test_another_status_is_a_refusal(status: int) -> None:
    """A Location does not matter then."""
    with pytest.raises(CannotRun, match=rf" HTTP status {status}$"):
        socket_on(Wire(f"HTTP/1.1 {status} Words\r\nLocation: a\r\nContent-Length: 0\r\n\r\n".encode())).open()


def test_messages_come_whole() -> None:
    """In one frame or several, with pings between, in any pieces: text and octets alike."""
    octets = frame(b"one") + frame(b"t", 2, fin=0) + frame(b"?", 9) + frame(b"w", 0, fin=0) + frame(b"o", 0)
    for size in (1, 2, 7, len(octets)):
        socket, _ = opened(*(octets[start : start + size] for start in range(0, len(octets), size)))
        assert [socket.receive(), socket.receive()] == [b"one", b"two"]


def test_a_message_may_have_64_kib() -> None:
    """In fragments as well, even those of nothing; one octet more is refused as soon as it is announced."""
    piece = frame(bytes(LARGEST // 2), fin=0)
    socket, _ = opened(piece, *[frame(b"", 0, fin=0)] * 1000, frame(bytes(LARGEST // 2), 0))
    assert socket.receive() == bytes(LARGEST)
    for pieces in ([frame(length=LARGEST + 1)], [piece, frame(length=LARGEST // 2 + 1, opcode=0)]):
        socket, wire = opened(*pieces, frame(b"more"))
        with pytest.raises(CannotRun, match="64 KiB"):
            socket.receive()
        assert wire.pieces == [frame(b"more")]
        assert unmasked(wire.sent)[:2] == (1009).to_bytes(2)


def test_a_ping_is_answered() -> None:
    """The pong has the ping's octets."""
    socket, wire = opened(frame(b"hello", 9), frame(b"x"))
    assert socket.receive() == b"x"
    assert unmasked(wire.sent) == b"hello"


def test_what_is_sent_goes_out_before_the_next_is_received() -> None:
    """In one masked frame of text; but not once the server has said goodbye."""
    socket, wire = opened(frame(b"x") + frame(b"", 8))
    socket.send("before")
    assert socket.receive() == b"x"
    assert unmasked(wire.sent) == b"before"
    socket.send("after")
    with pytest.raises(CannotRun, match=r"^the server hung up before it replied$"):
        socket.receive()
    assert len(wire.sent) == 6 + len("before") + 6  # the goodbye is answered, and nothing else is sent


def test_what_came_before_a_fault_is_received() -> None:
    """A message, and then what breaks the rules: the message first."""
    socket, wire = opened(frame(b"x") + frame(b"y", rsv=1))
    assert socket.receive() == b"x"
    with pytest.raises(CannotRun, match=r"^the server sent something other than a WebSocket message of up to 64 KiB$"):
        socket.receive()
    assert unmasked(wire.sent)[:2] == (1002).to_bytes(2)  # RFC 6455 §7.4.1: a protocol error


@pytest.mark.parametrize("pieces", [[], [frame(b"x", fin=0)], [frame(b"xyz")[:3]]])
def test_a_server_that_hangs_up(pieces: list[bytes]) -> None:
    """Between messages, between fragments, within a frame."""
    socket, _ = opened(*pieces)
    with pytest.raises(CannotRun, match=r"^the server hung up before it replied$"):
        socket.receive()


def test_a_fault_is_told_though_nothing_can_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence is that of the fault."""
    socket, wire = opened(frame(b"x", rsv=1))

    def send(_: bytes) -> NoReturn:
        raise TimeoutError

    monkeypatch.setattr(wire, "send", send)
    with pytest.raises(CannotRun, match="64 KiB"):
        socket.receive()


@pytest.mark.parametrize("last", [[], [frame(b"", 8)], [b"\xff" * 100, frame(b"x")]])
def test_closing_waits_for_the_end(last: list[bytes]) -> None:
    """It says goodbye once, as a normal one, and takes whatever comes until the server hangs up."""
    socket, wire = opened(frame(b"x"), *last)
    assert socket.receive() == b"x"
    socket.close()
    assert unmasked(wire.sent) == (1000).to_bytes(2)
    assert wire.pieces == []


def test_closing_answers_a_goodbye() -> None:
    """One that came together with the last message is answered, and no other is said."""
    socket, wire = opened(frame(b"x") + frame(b"\x03\xe9", 8))
    assert socket.receive() == b"x"
    socket.close()
    assert unmasked(wire.sent) == b"\x03\xe9"


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Not even where everything is: what is sent has the cookie in it."""
    with caplog.at_level(logging.DEBUG):
        socket, _ = opened(frame(b"x", 11))
        socket.send("secret")
        with pytest.raises(CannotRun):
            socket.receive()
    assert caplog.records == []
