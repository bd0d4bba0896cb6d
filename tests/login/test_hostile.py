"""Servers and proxies that misbehave, at every step of a login: one sentence, exit 2, and no traceback."""

from __future__ import annotations

import contextlib
import gc
import logging
import re
import ssl
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from loginserver import COOKIE, ENVIRONMENT, PATIENCE, Tls, make_tls
from loginsocket import Peer, Result, Run, frame, playing, refusal, runner, server_context

from ecpure.login.connection import Deadline
from ecpure.login.wire import LARGEST

WELCOME = b'{"notice": "Welcome", "nonce": "azRzAi5rm1ry/l0drnz1vw=="}'
REPLY = b'{"error_code": 0}'
SECONDS = 3  # that the command is given

NO_ANSWER = f"the server did not reply within {SECONDS} s"
NO_TLS = "TLS with the server failed"
NO_WEBSOCKET = "the server, or a proxy before it, did not open a WebSocket"
NO_MESSAGE = "the server sent something other than a WebSocket message of up to 64 KiB"
NO_JSON = "message: JSON, with each name once, was expected"
NO_HTTP = "the proxy's answer is not HTTP"
HANGS_UP = "the server hung up before it replied"
PROXY_HANGS_UP = "the proxy hung up before it replied"
RESET = "the (server|proxy) cannot be reached: (Connection reset by peer|Broken pipe)"
REDIRECT = "the server redirects to a URL that is not wss://HOST"
SECOND_WELCOME = "Welcome: only one was expected, and this is the second"

Play = Callable[[Peer], object]


class Case(NamedTuple):
    """What the other end does, and what the command says of it, as a regular expression."""

    play: Play
    words: str
    is_proxy: bool = False
    context: Callable[[Tls], ssl.SSLContext] = server_context


CASES: dict[str, Case] = {}


def course(*steps: Play) -> Play:
    def play(peer: Peer) -> None:
        for step in steps:
            step(peer)

    return play


# A login step by step, and all the ways to end it after each.


def keep_response(peer: Peer) -> None:
    peer.receive_request()
    response = peer.response()
    peer.pieces = [response[:40], response[40:]]


def send_piece(peer: Peer) -> None:
    peer.send(peer.pieces.pop(0))


PROXY: dict[str, Play] = {
    "dialled": lambda _: None,
    "CONNECT": Peer.hear_request,
    "half an answer": lambda peer: peer.say(b"HTTP/1.1 200 Conn"),
    "answer": lambda peer: peer.say(b"ection established\r\n\r\n"),
}
SERVER: dict[str, Play] = {
    "connected": lambda _: None,
    "hello": Peer.hear_hello,
    "half a flight": Peer.say_piece,
    "flight": Peer.say_piece,
    "TLS": Peer.handshake,
    "request": keep_response,
    "half a response": send_piece,
    "response": send_piece,
    "half a Welcome": lambda peer: peer.send(frame(WELCOME)[:9]),
    "Welcome": lambda peer: peer.send(frame(WELCOME)[9:]),
    "Authenticate": Peer.receive,
    "half a reply": lambda peer: peer.send(frame(REPLY)[:5]),
}
ENDS: dict[str, Play] = {
    "silence": Peer.silence,
    "hanging up": Peer.hang_up,
    "leaving": Peer.leave,
    "reset": Peer.reset,
    "raving": Peer.rave,
    "end of TLS": Peer.end_tls,
}
ORDER = list(SERVER)


def ended(step: str, end: str) -> str:
    """Return what is said of this end after this step."""
    if end == "silence":
        return NO_ANSWER
    if end == "reset":  # what was sent before it may be lost
        return f"{RESET}|{PROXY_HANGS_UP}|{HANGS_UP}|{NO_WEBSOCKET}"
    if step in {"dialled", "CONNECT", "half an answer"}:
        return NO_HTTP if end == "raving" and step != "half an answer" else PROXY_HANGS_UP
    if step == "answer":
        return f"{NO_HTTP}|{NO_TLS}" if end == "raving" else HANGS_UP  # together with the answer, or after it
    if ORDER.index(step) < ORDER.index("flight"):
        return NO_TLS if end == "raving" else HANGS_UP
    return NO_WEBSOCKET if ORDER.index(step) < ORDER.index("response") else HANGS_UP


for way, before in (("", {}), (" by proxy", PROXY)):
    after = {name: step for name, step in SERVER.items() if not (before and name == "connected")}
    whole = before | after
    for count, step in enumerate(whole, 1):
        for end, last in ENDS.items():
            if end != "end of TLS" or (step in SERVER and ORDER.index(step) >= ORDER.index("TLS")):
                play = course(*list(whole.values())[:count], last)
                CASES[f"{step}, {end}{way}"] = Case(play, ended(step, end), bool(before))


# Octets instead of TLS, of HTTP, of frames, of messages, of a proxy's answer.


def once(hear: Play, octets: bytes | Callable[[Peer], bytes], last: Play, *, in_tls: bool = True) -> Play:
    def play(peer: Peer) -> None:
        hear(peer)
        with contextlib.suppress(OSError):
            (peer.send if in_tls else peer.say)(octets if isinstance(octets, bytes) else octets(peer))
        last(peer)

    return play


def for_ever(hear: Play, octets: bytes, *, first: bytes = b"", in_tls: bool = True, pause: float = 0) -> Play:
    def play(peer: Peer) -> None:
        hear(peer)
        send = peer.send if in_tls else peer.say
        if first:
            send(first)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:  # or until the client has gone, which is an exception
            send(octets)
            time.sleep(pause)

    return play


def requested(peer: Peer) -> None:
    peer.start_tls()
    peer.receive_request()


def opened(peer: Peer) -> None:
    requested(peer)
    peer.send(peer.response())


def answered(peer: Peer) -> None:
    opened(peer)
    peer.send(frame(WELCOME))
    peer.receive()


HALTS = {"hanging up": Peer.hang_up, "silence": Peer.silence}

NO_TLS_AT_ALL = {
    "HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "an alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "a goodbye": b"\x15\x03\x03\x00\x02\x01\x00",
    "a record too large": b"\x16\x03\x03\xff\xff" + bytes(70000),
    "data before the handshake": b"\x17\x03\x03\x00\x05hello",
    "SSL 2": b"\x80\x2e\x01\x00\x02",
    "zeros": bytes(1000),
}
for name, octets in NO_TLS_AT_ALL.items():
    for halt, last in HALTS.items():
        CASES[f"{name} for TLS, {halt}"] = Case(once(Peer.hear, octets, last, in_tls=False), f"{NO_TLS}|{HANGS_UP}")
CASES["a hello without end"] = Case(
    for_ever(Peer.hear, b"\x16\x03\x03\x40\x00" + bytes(0x4000), in_tls=False), f"{NO_TLS}|{NO_ANSWER}"
)


def old_tls(tls: Tls) -> ssl.SSLContext:
    context = server_context(tls)
    context.set_ciphers("AES128-SHA:@SECLEVEL=0")  # RSA, for which there is no certificate
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def tls_for_the_known(tls: Tls) -> ssl.SSLContext:
    context = server_context(tls)
    context.load_verify_locations(tls.other)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def other_certificate(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls.other, tls.other.with_suffix(".key"))
    return context


def alert(peer: Peer) -> None:
    with contextlib.suppress(ssl.SSLError):
        peer.start_tls()
    peer.end_tls()


CASES["no cipher in common"] = Case(alert, f"{NO_TLS}|{HANGS_UP}", context=old_tls)
CASES["a client's certificate wanted"] = Case(alert, f"{NO_WEBSOCKET}|{HANGS_UP}|{NO_TLS}", context=tls_for_the_known)
CASES["another certificate"] = Case(
    alert, "the server's certificate is not trusted: .*self.signed certificate", context=other_certificate
)


def http(status: str, *fields: bytes, body: bytes = b"") -> bytes:
    head = b"".join(field + b"\r\n" for field in fields)
    return f"HTTP/1.1 {status} Words\r\n".encode() + head + b"\r\n" + body


for status in ("100", "199", "200", "204", "304", "400", "401", "403", "404", "407", "426", "500", "503", "599"):
    words = f"the server did not open a WebSocket: it answered with HTTP status {status}"
    CASES[f"status {status}"] = Case(once(requested, http(status, b"Content-Length: 0"), Peer.silence), words)

NO_RESPONSES = {
    "a status too high": http("999"),
    "a status too low": http("099"),
    "a status of letters": http("abc"),
    "no reason": b"HTTP/1.1 101\r\n\r\n",
    "HTTP/1.0": b"HTTP/1.0 101 Words\r\n\r\n",
    "HTTP/2": b"HTTP/2 200 Words\r\n\r\n",
    "line feeds": b"HTTP/1.1 200 Words\n\n",
    "terminal commands": b"HTTP/1.1 404 \x1b[31m\x00\r\n\r\n",
    "a field without a colon": http("200", b"field"),
    "a folded field": http("200", b"A: b", b" c"),
    "many fields": http("200", *[b"A: b"] * 200),
    "a long field": http("200", b"A: " + b"b" * 100_000),
    "a long status": b"HTTP/1.1 200 " + b"x" * 100_000,
    "gzip": http("200", b"Transfer-Encoding: gzip"),
    "a chunk of no size": http("200", b"Transfer-Encoding: chunked", body=b"zz\r\n"),
    "a huge chunk": http("200", b"Transfer-Encoding: chunked", body=b"fffffffffffffff\r\n"),
    "a chunk without end": http("200", b"Transfer-Encoding: chunked", body=b"1\r\nxyz"),
    "a negative length": http("200", b"Content-Length: -1"),
    "two lengths": http("200", b"Content-Length: 1", b"Content-Length: 2", body=b"ab"),
    "a huge length": http("200", b"Content-Length: 99999999999999999999"),
    "a body too short": http("200", b"Content-Length: 10", body=b"abc"),
    "SMTP": b"220 mail at your service\r\n",
    "nothing but a line": b"\r\n\r\n",
    "zeros": bytes(100),
}
for name, octets in NO_RESPONSES.items():
    CASES[f"{name} for a response"] = Case(once(requested, octets, Peer.end_tls), NO_WEBSOCKET)
FIELDS: dict[str, list[bytes]] = {
    "no Upgrade": [b"Connection: Upgrade"],
    "no Connection": [b"Upgrade: websocket"],
    "another Upgrade": [b"Upgrade: h2c", b"Connection: Upgrade"],
    "two Upgrades": [b"Upgrade: websocket, websocket", b"Connection: Upgrade"],
    "a malformed Upgrade": [b"Upgrade: \xff/", b"Connection: Upgrade"],
    "a malformed Connection": [b"Upgrade: websocket", b"Connection: ,;="],
    "no Accept": [b"Upgrade: websocket", b"Connection: Upgrade"],
    "a wrong Accept": [b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Accept: AAAA"],
    "octets for Accept": [b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Accept: \xff"],
}
for name, fields in FIELDS.items():
    CASES[name] = Case(once(requested, http("101", *fields), Peer.silence), NO_WEBSOCKET)
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
for name, more in {
    "two Accepts": "Sec-WebSocket-Accept: AAAA\r\n",
    "an extension": "Sec-WebSocket-Extensions: foo\r\n",
    "a malformed extension": "Sec-WebSocket-Extensions: ;;\r\n",
    "compression that was not offered": DEFLATE,
    "a protocol": "Sec-WebSocket-Protocol: chat\r\n",
    "a malformed protocol": "Sec-WebSocket-Protocol: ;\r\n",
}.items():
    CASES[name] = Case(once(requested, partial(Peer.response, fields=more), Peer.silence), NO_WEBSOCKET)


def bomb(peer: Peer) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    octets = deflate.compress(bytes(50_000_000)) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return peer.response(DEFLATE) + frame(octets[:-4], rsv=4)


CASES["a compression bomb"] = Case(once(requested, bomb, Peer.silence), NO_WEBSOCKET)
CASES["a compressed frame"] = Case(once(opened, frame(b"x", rsv=4), Peer.silence), NO_MESSAGE)

for name, octets, first, words in (
    ("fields", b"A: b\r\n" * 1000, b"HTTP/1.1 200 Words\r\n", NO_WEBSOCKET),
    ("a line", b"x" * 16000, b"", NO_WEBSOCKET),
    ("a body", b"x" * 16000, b"HTTP/1.1 200 Words\r\n\r\n", NO_WEBSOCKET),
    ("chunks", b"1\r\nx\r\n" * 1000, http("200", b"Transfer-Encoding: chunked"), f"{NO_WEBSOCKET}|{NO_ANSWER}"),
):
    CASES[f"{name} without end"] = Case(for_ever(requested, octets, first=first), words)
CASES["a response octet by octet"] = Case(for_ever(requested, b"x", first=b"HTTP/1.1 ", pause=0.02), NO_ANSWER)

for name, location in {
    "ws://": b"ws://127.0.0.1:1/",
    "https://": b"https://127.0.0.1:1/",
    "a script": b"javascript:alert(1)",
    "half an address": b"wss://[::1",
    "no address": b"wss://[zz]/",
    "slashes": b"//[",
    "a high port": b"wss://127.0.0.1:99999/",
    "port 0": b"wss://127.0.0.1:0/",
    "a port of letters": b"wss://127.0.0.1:x/",
    "a password": b"wss://me:pw@127.0.0.1:1/",
    "a user": b"wss://me@127.0.0.1:1/",
    "a long label": b"wss://" + b"a" * 64 + b"/",
    "a long name": b"wss://" + b"a." * 200 + b"a/",
    "an empty label": b"wss://a..b/",
    "a space": b"wss://a b/",
    "no host": b"wss://:1",
    "a fragment": b"#part",
}.items():
    for status in ("301", "308"):
        redirect = http(status, b"Location: " + location, b"Content-Length: 0")
        CASES[f"{status} to {name}"] = Case(once(requested, redirect, Peer.silence), REDIRECT)
for name, locations, words in (
    ("nowhere", [], "the server did not open a WebSocket: it answered with HTTP status 302"),
    ("two places", [b"Location: /a", b"Location: /b"], "the server did not open a WebSocket: it answered with .* 302"),
    ("a closed port", [b"Location: wss://127.0.0.1:1/"], "the server cannot be reached: Connection refused"),
):
    play = once(requested, http("302", *locations, b"Content-Length: 0"), Peer.silence)
    CASES[f"302 to {name}"] = Case(play, words)


def goodbye(code: int) -> bytes:
    return frame(struct.pack(">H", code), 8)


NO_FRAMES = {
    "a reserved bit": frame(b"x", rsv=2),
    "an unknown opcode": frame(b"x", 3),
    "an unknown control": frame(b"x", 11),
    "a mask": b"\x81\x81maskx",
    "a ping in fragments": frame(b"x", 9, fin=0),
    "a long ping": frame(bytes(126), 9),
    "a length of 2^63": frame(length=1 << 63),
    "a length of 2^62": frame(length=1 << 62),
    "a length of 64 KiB and 1": frame(length=LARGEST + 1),
    "fragments of 64 KiB and 1": frame(bytes(LARGEST), fin=0) + frame(b"x", 0),
    "a fragment without a first": frame(b"x", 0),
    "a message within another": frame(b"x", fin=0) + frame(b"x"),
    "HTML": b"<html>" * 100,
    "a goodbye of one octet": frame(b"\x03", 8),
    "a goodbye in Latin 1": frame(b"\x03\xe8\xff", 8),
    "a long goodbye": frame(b"\x03\xe8" + bytes(124), 8),
    "a goodbye within a message": frame(b"x", fin=0) + goodbye(1000),
    **{f"a goodbye of code {code}": goodbye(code) for code in (0, 999, 1005, 1006, 1015, 1016, 5000)},
}
GOODBYES = {
    "a goodbye without words": frame(b"", 8),
    "two goodbyes": goodbye(1000) * 2,
    "a goodbye, and more": goodbye(1000) + frame(REPLY) * 3,
    **{f"a goodbye of code {code}": goodbye(code) for code in (1000, 1001, 1011, 3000, 4999)},
}
NO_MESSAGES = {
    "no UTF-8": frame(b"\xff\xfe"),
    "no UTF-8 in fragments": frame(b"\xc3", fin=0) + frame(b"\x28", 0),
    "UTF-8 cut off": frame(b'{"a": "\xc3'),
    "octets": frame(b"\x00\xff", 2),
    "nothing": frame(b""),
    "a length of eight octets": b"\x81\x7f" + bytes(7) + b"\x05hello",
    "lists within lists": frame(b"[" * 60_000),
    "objects within objects": frame(b'{"a":' * 10_000),
    "NaN": frame(b'{"error_code": NaN}'),
    "a tag of NaN": frame(b'{"error_code": 0, "tag": NaN}'),
    "1e999": frame(b'{"error_code": 1e999}'),
    "a huge number": frame(b'{"error_code": 1' + b"0" * 6000 + b"}"),
    "a name twice": frame(b'{"error_code": 0, "error_code": 1}'),
    "a byte order mark": frame("\ufeff{}".encode()),
    "64 KiB of spaces": frame(b" " * LARGEST),
}
for name, octets in NO_FRAMES.items():
    CASES[f"{name} for a Welcome"] = Case(once(opened, octets, Peer.silence), NO_MESSAGE)
    CASES[f"{name} for a reply"] = Case(once(answered, octets, Peer.end_tls), NO_MESSAGE)
for name, octets in GOODBYES.items():
    CASES[f"{name} for a Welcome"] = Case(once(opened, octets, Peer.silence), HANGS_UP)
    CASES[f"{name} for a reply"] = Case(once(answered, octets, Peer.end_tls), HANGS_UP)
    CASES[f"{name} with the Welcome"] = Case(once(opened, frame(WELCOME) + octets, Peer.silence), HANGS_UP)
for name, octets in NO_MESSAGES.items():
    CASES[f"{name} for a Welcome"] = Case(once(opened, octets, Peer.silence), NO_JSON)
    CASES[f"{name} for a reply"] = Case(once(answered, octets, Peer.end_tls), NO_JSON)
for text, words in {
    "null": "message: a JSON object was expected",
    "{}": "message: either a notice or an error_code was expected",
    '{"notice": "x", "error_code": 0}': "message: either a notice or an error_code was expected",
    '{"notice": 5}': "notice: a str was expected, not int",
    '{"error_code": true}': "error_code: an int was expected, not bool",
    '{"error_code": -1}': "error_code: an integer in .* was expected",
    '{"error_code": 7}': "error_msg: a str was expected, not NoneType",
    '{"error_code": 0, "tag": 5}': "reply: the tag that was sent was expected, .*",
    WELCOME.decode(): SECOND_WELCOME,
}.items():
    CASES[f"{text} for a reply"] = Case(once(answered, frame(text.encode()), Peer.silence), words)
for text, words in {
    REPLY.decode(): "reply: a Welcome was expected before it",
    '{"notice": "Welcome"}': "nonce: a str was expected, not NoneType",
    '{"notice": "Welcome", "nonce": "\\ud800"}': "nonce: base64 of 16 octets was expected",
}.items():
    CASES[f"{text} for a Welcome"] = Case(once(opened, frame(text.encode()), Peer.silence), words)

for name, octets, first in (
    ("pings", frame(bytes(125), 9) * 100, b""),
    ("empty pings", frame(b"", 9) * 8000, b""),
    ("pongs", frame(b"x", 10) * 1000, b""),
    ("notices", frame(b'{"notice": "x"}') * 500, b""),
    ("fragments", frame(b"", 0, fin=0) * 8000, frame(b"x", fin=0)),
):
    for stage, hear in (("Welcome", opened), ("reply", answered)):
        CASES[f"{name} without end for a {stage}"] = Case(for_ever(hear, octets, first=first), NO_ANSWER)
        for end, last in ENDS.items():
            if end != "silence":
                flood = course(hear, partial(Peer.send, octets=first + octets), last)
                words = f"{HANGS_UP}|{NO_WEBSOCKET}" if end == "reset" else HANGS_UP
                CASES[f"{name} for a {stage}, {end}"] = Case(flood, words)
CASES["a Welcome octet by octet"] = Case(for_ever(opened, b"\0", first=frame(length=60_000), pause=0.02), NO_ANSWER)


def refused(status: str) -> str:
    return f"the proxy did not open a connection: it answered with HTTP status {status}"


for name, octets, words in (
    ("nothing", b"", PROXY_HANGS_UP),
    ("nonsense", b"hello\r\n", NO_HTTP),
    ("SSH", b"SSH-2.0-OpenSSH_9.6\r\n", NO_HTTP),
    ("a TLS alert", b"\x15\x03\x03\x00\x02\x02\x28", NO_HTTP),
    ("HTTP/2", b"HTTP/2 200 OK\r\n\r\n", NO_HTTP),
    ("a status of letters", b"HTTP/1.1 abc\r\n\r\n", NO_HTTP),
    ("line feeds", b"HTTP/1.1 200 OK\n\n", PROXY_HANGS_UP),
    ("half a field", b"HTTP/1.1 200 OK\r\nA: ", PROXY_HANGS_UP),
    ("a long status", b"HTTP/1.1 200 " + b"x" * 100_000, NO_HTTP),
    ("a long field", b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000, NO_HTTP),
    ("a body", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", NO_HTTP),
    ("two answers", b"HTTP/1.1 200 OK\r\n\r\n" * 2, NO_HTTP),
    ("no reason", b"HTTP/1.1 200\r\n\r\n", HANGS_UP),
    ("HTTP/1.0", b"HTTP/1.0 200 OK\r\n\r\n", HANGS_UP),
    ("many fields", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", HANGS_UP),
    ("status 100", http("100"), refused("100")),
    ("status 302", http("302", b"Location: wss://127.0.0.1:1/"), refused("302")),
    ("status 403", http("403", b"Content-Length: 100000", body=bytes(100_000)), refused("403")),
    ("status 407", http("407", b"Proxy-Authenticate: Basic"), refused("407")),
    ("status 502", http("502"), refused("502")),
    ("status 999", http("999"), refused("999")),
    ("terminal commands", b"HTTP/1.1 403 \x1b[31m\xff\r\n\r\n", refused("403")),
):
    for end in ("hanging up", "leaving", "reset", "silence"):
        play = once(Peer.hear_request, octets, ENDS[end], in_tls=False)
        expected = NO_ANSWER if end == "silence" and words in {PROXY_HANGS_UP, HANGS_UP} else words
        if end == "reset":
            expected = f"{RESET}|{PROXY_HANGS_UP}|{HANGS_UP}|{words}"
        CASES[f"{name} of a proxy, {end}"] = Case(play, expected, is_proxy=True)
for name, octets, first, words in (
    ("a line", b"x" * 1000, b"HTTP/1.1 200 ", NO_HTTP),
    ("fields", b"A: b\r\n" * 100, b"HTTP/1.1 200 OK\r\n", NO_HTTP),
    ("a refusal", b"x" * 1000, http("403"), refused("403")),
):
    play = for_ever(Peer.hear_request, octets, first=first, in_tls=False)
    CASES[f"{name} without end of a proxy"] = Case(play, words, is_proxy=True)
slow = for_ever(Peer.hear_request, b"x", first=b"HTTP/1.1 200 ", in_tls=False, pause=0.02)
CASES["an answer of a proxy octet by octet"] = Case(slow, NO_ANSWER, is_proxy=True)

QUICK = """
    connected, leaving
    hello, hanging up
    half a flight, raving
    TLS, end of TLS
    half a response, reset
    half a Welcome, hanging up
    Authenticate, silence
    half a reply, raving
    dialled, hanging up by proxy
    CONNECT, leaving by proxy
    answer, hanging up by proxy
    hello, leaving by proxy
    half a flight, raving by proxy
    HTTP for TLS, hanging up
    a client's certificate wanted
    status 503
    many fields for a response
    a compression bomb
    chunks without end
    301 to a long label
    302 to two places
    a mask for a Welcome
    fragments of 64 KiB and 1 for a reply
    a goodbye, and more with the Welcome
    a goodbye of code 1000 for a reply
    no UTF-8 in fragments for a Welcome
    objects within objects for a reply
    empty pings without end for a reply
    empty pings for a Welcome, reset
    fragments without end for a Welcome
    a Welcome octet by octet
    status 407 of a proxy, silence
    nonsense of a proxy, silence
    two answers of a proxy, hanging up
    fields without end of a proxy
"""
"""One of each kind, and what once gave a traceback."""


CLOSED = "wss://127.0.0.1:1"  # where a proxy is asked to connect to


def named(text: str) -> list[str]:
    names = [line.strip() for line in text.strip().splitlines()]
    assert set(names) <= CASES.keys()
    return names


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """Return certificates that OpenSSL's command made for this run."""
    return make_tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def run(tls: Tls, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return the command's runner."""
    return runner(tls, tmp_path, capsys)


@pytest.mark.parametrize(
    "name", [name if name in named(QUICK) else pytest.param(name, marks=pytest.mark.long) for name in CASES]
)
def test_hostile_ends_get_one_sentence(
    name: str, run: Run, tls: Tls, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is the right one, with exit 2, and nothing besides: nothing is logged, and nothing is left open."""
    case = CASES[name]
    time_is_up = NO_ANSWER in case.words
    monkeypatch.setattr("ecpure.login.websocket.Deadline", lambda _: Deadline(0.5 if time_is_up else PATIENCE))
    with caplog.at_level(logging.DEBUG), playing(case.play, case.context(tls)) as address:
        monkeypatch.setenv("no_proxy", "" if case.is_proxy else "*")
        monkeypatch.setenv("https_proxy", address.replace("wss", "http"))
        words = refusal(run(CLOSED if case.is_proxy else address, f"--timeout {SECONDS}"))
    assert re.fullmatch(case.words, words)
    assert caplog.records == []
    gc.collect()  # what was left open would say so now


@pytest.mark.parametrize(
    "name",
    [
        "CONNECT, hanging up by proxy",
        *(
            pytest.param(name, marks=pytest.mark.long)
            for name in named("""
                half a flight, leaving by proxy
                302 to two places
                empty pings for a reply, reset
                half a reply, leaving
            """)
        ),
    ],
)
def test_a_process_says_no_more(name: str, tls: Tls, tmp_path: Path) -> None:
    """A process of its own, for which warnings are errors, prints that sentence and nothing else."""
    case = CASES[name]
    (tmp_path / "passphrase").write_text("opensesame\n")
    with playing(case.play, tls) as address:
        url, environment = (CLOSED, {"https_proxy": address.replace("wss", "http")}) if case.is_proxy else (address, {})
        words = f"-W error -m ecpure login {url} --user-id 1 --cookie {COOKIE} --ca {tls.certificate}"
        result = subprocess.run(
            [sys.executable, *words.split(), "--passphrase-from", f"file:{tmp_path / 'passphrase'}"],
            env=ENVIRONMENT | {"no_proxy": "" if case.is_proxy else "*"} | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    assert re.fullmatch(case.words, refusal(Result(result.returncode, result.stdout, result.stderr)))
