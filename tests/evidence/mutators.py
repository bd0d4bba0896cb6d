"""Inputs that nearly are right: valid samples changed where their structure is, and then anywhere."""

from __future__ import annotations

import json
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from ecpure import SECP224K1

P, N = SECP224K1.p, SECP224K1.n
EDGES = [0, 1, 2, 127, 128, 255, P - 1, P, P + 1, N - 1, N, N + 1, N >> 1, (N >> 1) + 1]
EDGES += [(1 << bits) + delta for bits in (223, 224, 225, 231, 232, 256, 1024) for delta in (-1, 0, 1)]

_TAGS = (0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C, 0x13, 0x24, 0x30, 0x31, 0x80, 0xA0, 0xA1, 0xA2, 0x00, 0xFF)
_OIDS = tuple(
    bytes.fromhex(text)
    for text in ("2b81040020", "2b8104000a", "2a8648ce3d0201", "2a8648ce3d030107", "2a864886f70d010101", "80", "2b81")
)
_NESTING = 24


def octets(data: bytes, random: Random) -> bytes:
    """Change octets: bits, runs, ends, or the whole number at a place, to an edge of a range."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        at = random.randrange(len(changed) + 1)
        match random.randrange(8):
            case 0 if at < len(changed):
                changed[at] ^= 1 << random.randrange(8)
            case 1 if at < len(changed):
                changed[at] = random.choice((0, 1, 2, 3, 4, 0x7F, 0x80, 0xFF, random.randrange(256)))
            case 2:
                del changed[at : at + random.choice((1, 1, 2, 28, 29))]
            case 3:
                changed[at:at] = random.randbytes(random.choice((1, 1, 2, 4)))
            case 4:
                changed += random.choice((b"\x00", b"\n", b"\xff", changed[:29]))
            case 5:
                length = random.choice((28, 29))
                at = random.choice((0, 1, length))
                changed[at : at + length] = (random.choice(EDGES) % (1 << 8 * length)).to_bytes(length, "big")
            case 6 if at < len(changed):
                start = random.randrange(len(changed))
                changed[at : at + 4] = changed[start : start + 4]
            case _:
                changed[:1] = bytes([random.choice((0, 2, 3, 4, 5, 6, 7, 0x30))])
    return bytes(changed)


def der(data: bytes, random: Random) -> bytes:
    """Change an element of DER: its tag, contents or length's form, or drop or double it; lengths stay consistent."""
    tree = _parse(data, 0)
    if not tree:
        return octets(data, random)
    _change(tree, random)
    return b"".join(_written(node, random) for node in tree)


Node = list[Any]
"""[tag, contents: octets or nodes, form of the length]."""


def _parse(data: bytes, depth: int) -> list[Node] | None:
    """Return the elements that `data` consists of, or None where it does not."""
    nodes, at = [], 0
    while at < len(data):
        if at + 2 > len(data) or depth > _NESTING:
            return None
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[at : at + count], "big")
            at += count
        if at + length > len(data):
            return None
        contents = data[at : at + length]
        inner = _parse(contents, depth + 1) if tag in (0x04, 0x30, 0xA0, 0xA1) and contents else None
        nodes.append([tag, contents if inner is None else inner, 0])
        at += length
    return nodes


def _change(nodes: list[Node], random: Random) -> None:  # noqa: C901  # nine ways to change an element
    """Change one of the elements, or one inside of it."""
    if not nodes:
        nodes.append([0x02, b"\x01", 0])
        return
    at = random.randrange(len(nodes))
    node = nodes[at]
    if isinstance(node[1], list) and random.random() < 0.75:
        _change(node[1], random)
        return
    match random.randrange(9):
        case 0:
            node[0] = random.choice(_TAGS)
        case 1:
            node[2] = random.randrange(1, 6)
        case 2:
            del nodes[at]
        case 3:
            nodes.insert(random.randrange(len(nodes) + 1), list(node))
        case 4:
            nodes.insert(at, [random.choice(_TAGS), random.choice((*_OIDS, b"", b"\x00")), 0])
        case 5:
            node[1] = random.choice(_OIDS)
        case 6:
            value = random.choice(EDGES)
            least, signed = (value.bit_length() + 7) // 8, value.bit_length() // 8 + 1
            node[1] = value.to_bytes(random.choice((least, signed, signed, signed + 1)), "big")
        case 7:
            random.shuffle(nodes)
        case _:
            if isinstance(node[1], bytes):
                node[1] = octets(node[1], random)


def _written(node: Node, random: Random) -> bytes:
    tag, contents, form = node
    body = contents if isinstance(contents, bytes) else b"".join(_written(inner, random) for inner in contents)
    length = len(body)
    shortest = length.to_bytes((length.bit_length() + 7) // 8 or 1, "big")
    match form:
        case 0:
            head = bytes([length]) if length < 0x80 else bytes([0x80 | len(shortest)]) + shortest
        case 1:
            head = bytes([0x80 | len(shortest)]) + shortest
        case 2:
            head = bytes([0x81 + len(shortest)]) + b"\x00" + shortest
        case 3:
            head, body = b"\x80", body + b"\x00\x00"
        case 4:
            head = bytes([max(0, length + random.choice((-1, 1))) & 0x7F])
        case _:
            head = bytes([0x88]) + random.choice((b"\xff" * 8, length.to_bytes(8, "big")))
    return bytes([tag]) + head + body


_LABELS = (
    b"PRIVATE KEY",
    b"EC PRIVATE KEY",
    b"PUBLIC KEY",
    b"EC PARAMETERS",
    b"ENCRYPTED PRIVATE KEY",
    b"CERTIFICATE",
    b"",
)
_LINES = (b"", b" ", b"\r", b"\t", b"=", b"-----", b"Proc-Type: 4,ENCRYPTED", b"words", b"-----BEGIN ", b"\xff\xfe")


def pem(data: bytes, random: Random) -> bytes:
    """Change the DER of a PEM block, or its label, lines, padding or what stands around it."""
    lines = data.split(b"\n")
    marks = [place for place, line in enumerate(lines) if line.startswith(b"-----")]
    if len(marks) < 2 or random.random() < 0.2:
        return octets(data, random)
    first, last = marks[0], marks[1]
    match random.randrange(6):
        case 0 | 1:
            try:
                inner = a2b_base64(b"".join(lines[first + 1 : last]))
            except Error:
                inner = b""
            text = b2a_base64(der(inner, random), newline=False)
            lines[first + 1 : last] = [text[start : start + 64] for start in range(0, len(text), 64)]
        case 2:
            label = random.choice(_LABELS)
            lines[first] = b"-----BEGIN " + label + b"-----"
            if random.random() < 0.8:
                lines[last] = b"-----END " + label + b"-----"
        case 3:
            lines.insert(random.randrange(len(lines) + 1), random.choice(_LINES))
        case 4:
            lines += lines if random.random() < 0.3 else lines[first : last + 1]
        case _:
            at = random.randrange(len(lines))
            lines[at] = random.choice((octets(lines[at], random), lines[at] + b" ", lines[at].lower(), b""))
    return random.choice((b"\n", b"\n", b"\n", b"\r\n")).join(lines)


ODD: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2**53,
    2**63,
    2**64,
    1.0,
    1e300,
    "",
    "A",
    "=",
    "é",
    "\x00",
    "\ud800",
    "AAAA",
]
ODD += [
    "A" * 37 + "=",
    [],
    [[]],
    {},
    {"": {}},
    [1, 2],
    ["", ""],
    "secp256k1",
    "secp224k1",
    "sha256",
    "SHA-1",
    "der",
    "00",
]
ODD += [
    "valid",
    "invalid",
    "acceptable",
    "verify",
    "sign",
    "multiply",
    "decode_key",
    "recover",
    "private",
    "pem",
    "0" * 58,
]
_NAMES = ("", "id", "curve", "sha", "result", "tcId", "tests", "tag", "message", "text", "digest", "hash", "public_key")
_TEXTS = (
    b"NaN",
    b"-0",
    b"1e999",
    b'"\\ud800"',
    b"[" * 60,
    b'{"":' * 40,
    b"9" * 5000,
    b"\xef\xbb\xbf",
    b"\xff",
    b"//",
    b",",
)


def lines_of_json(data: bytes, random: Random) -> bytes:
    """Change a line: a value in it or a name; or its text."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    try:
        value = json.loads(lines[at]) if random.random() < 0.75 else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, (dict, list)) or not value:
        lines[at] = _text(lines[at], random)
    else:
        for _ in range(random.choice((1, 1, 1, 2))):
            _change_value(value, random)
        lines[at] = json.dumps(value, ensure_ascii=random.random() < 0.9).encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


def _text(line: bytes, random: Random) -> bytes:
    at = random.randrange(len(line) + 1)
    match random.randrange(5):
        case 0:
            return line[:at] + random.choice(_TEXTS) + line[at:]
        case 1:
            return line.replace(b'": ', b'": ' + random.choice(_TEXTS) + b', "tag": ', 1)
        case 2:  # a name twice
            return line.replace(b"{", line[:at].rpartition(b"{")[1] + b'"id": 1, "id": 1,', 1)
        case _:
            return octets(line, random)


def _change_value(value: dict[str, Any] | list[Any], random: Random) -> None:
    """Change one of the values inside, or inside of it."""
    if not value:
        return
    key: Any = random.choice(list(value)) if isinstance(value, dict) else random.randrange(len(value))
    places: Any = value
    inner = places[key]
    if isinstance(inner, (dict, list)) and inner and random.random() < 0.8:
        _change_value(inner, random)
        return
    match random.randrange(7):
        case 0 | 1:
            places[key] = deepcopy(random.choice(ODD))
        case 2:
            del places[key]
        case 3 if isinstance(value, dict):
            value[random.choice(_NAMES)] = places.pop(key)
        case 4:
            places[key] = [inner] if random.random() < 0.5 else {"": inner}
        case _:
            places[key] = _changed_leaf(inner, random)


def _changed_leaf(leaf: Any, random: Random) -> Any:
    """Return a text whose octets in hex or base64 are changed, or a number beside the one that was there."""
    if isinstance(leaf, int):
        return leaf + random.choice((-1, 1, 1 << 64))
    if not isinstance(leaf, str):
        return deepcopy(random.choice(ODD))
    try:
        changed = random.choice((octets, der, pem))(bytes.fromhex(leaf), random)
    except ValueError:
        return random.choice(
            (
                leaf[:-1],
                leaf + "=",
                leaf.upper(),
                leaf + leaf,
                octets(leaf.encode("utf-8", "replace"), random).decode("latin-1"),
            )
        )
    text = changed.hex()
    return random.choice((text, text, text, text.upper(), text[:-1]))


SHAPES: dict[str, Callable[[bytes, Random], bytes]] = {
    "octets": octets,
    "der": der,
    "pem": pem,
    "json": lines_of_json,
}


def mutate(data: bytes, shape: str, longest: int, random: Random) -> bytes:
    """Return `data` changed according to its shape, or at times without regard to it, of at most `longest` octets."""
    change = SHAPES[shape] if random.random() < 0.85 else octets
    return change(data, random)[:longest]
