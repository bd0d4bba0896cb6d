"""The login message of the CoinFLEX and Coinfloor exchanges, and every way in which published clients broke it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import offcurve
import reference
from files import File, Group, Note, Test
from pairs import Messages
from reference import N

_NOTES = {
    "Ordinary": Note("BASIC", "What a client should derive, build and verify."),
    "Documented": Note("BASIC", "The worked example of the exchange's own document."),
    "Passphrase": Note(
        "EDGE_CASE", "A passphrase that is empty, long, or not ASCII: its UTF-8 octets are hashed as they are."
    ),
    "UserId": Note(
        "EDGE_CASE", "A user id at an end of 32, 53 or 64 bits.", "A client that overflows logs another user in."
    ),
    "LeadingZero": Note(
        "LEGACY",
        "r or s begins with zero octets; it is 28 octets all the same.",
        "A client that drops them fails once in 128 logins.",
    ),
    "DroppedZero": Note("LEGACY", "Leading zero octets of r or s were dropped, as several published clients did."),
    "Tag": Note("BASIC", "With a tag, which the server echoes."),
    "HighS": Note("BASIC", "s above n/2, which holds as well, as long as it fits 28 octets."),
    "Altered": Note("AUTH_BYPASS", "A message that was signed, of which a part was then altered, or by another key."),
    "Replay": Note("AUTH_BYPASS", "A message that belongs to the Welcome of another connection."),
    "WrongOctets": Note("MISSING_STEP", "The signature covers the right parts in a wrong order, form or length."),
    "WrongField": Note("CAN_OF_WORMS", "A field is missing, unknown, or of a wrong type."),
    "WrongBase64": Note(
        "MALLEABILITY", "Base64 without its padding, in another alphabet, with spare bits or line ends."
    ),
    "WrongLength": Note("CAN_OF_WORMS", "A nonce, cookie or number of too few or too many octets."),
    "WrongKey": Note("MISSING_STEP", "A private key out of its range.", "Signing with it tells its nonces."),
    "WrongUser": Note(
        "MISSING_STEP",
        "A user id that is no number of 64 bits, signed as the number that a careless program makes of it.",
        "A client is logged in as another user.",
    ),
    "OffCurve": Note(
        "MISSING_STEP",
        "The server holds a public key off the curve, and the signature holds where nobody looks.",
        "Whoever registers such a key can log in without a private one.",
    ),
}

_COOKIE = "HGREqcILTz8blHa/jsUTVTNBJlg="
_SERVER = base64.b64decode("azRzAi5rm1ry/l0drnz1vw==")
_DOCUMENTED = {
    "method": "Authenticate",
    "user_id": 1,
    "cookie": _COOKIE,
    "nonce": "8IyYyvH9gujOqYJdv/BP0A==",
    "signature": ["P7d6nXtbKmggnnb2hyB4xXkTQNWYmFSto6tzXg==", "NLhDQS8YqRDxin1M4dNZeGDmNFsiv3iUz2d4Cg=="],
}

Message = dict[str, Any]


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _key(user_id: int, passphrase: str) -> int:
    return int.from_bytes(hashlib.sha224(user_id.to_bytes(8, "big") + passphrase.encode("utf-8")).digest(), "big")


def _pair(d: int, octets: bytes) -> tuple[int, int]:
    hashed = hashlib.sha224(octets).digest()
    k, _ = reference.nonce(d, "SHA-224", hashed)
    r, s = reference.sign_with(d, reference.bits2int(hashed), k)
    return r, min(s, N - s)


def _signature(r: int, s: int) -> list[str]:
    return [_text(r.to_bytes(28, "big")), _text(s.to_bytes(28, "big"))]


def _message(user_id: int, d: int, server: bytes, client: bytes, tag: int | None = None) -> Message:
    pair = _pair(d, user_id.to_bytes(8, "big") + server + client)
    message: Message = {
        "method": "Authenticate",
        "user_id": user_id,
        "cookie": _COOKIE,
        "nonce": _text(client),
        "signature": _signature(*pair),
    }
    return message if tag is None else message | {"tag": tag}


def _nonce(label: str) -> bytes:
    return hashlib.sha256(label.encode("ascii")).digest()[:16]


def _key_tests() -> Iterator[Test]:
    passphrases = [
        "opensesame",
        "",
        " ",
        "x" * 1000,
        "pässwörd",
        "p\u00e4ss",
        "pa\u0308ss",
        "密码",
        "🔑",
        "a\x00b",
        "a\n",
    ]
    passphrases += ["OpenSesame", "OPENSESAME", "opensesame ", " opensesame", "opensesame\n", "opensesame\r\n", "\t"]
    passphrases += [
        "\ufeffopensesame",
        "\ufb01",
        "\u2126",
        "\u212b",
        "\u00c5",
        "A\u030a",
        "\u0130",
        "\u00df",
        "SS",
        "\u1e9e",
    ]
    passphrases += [
        "\x00",
        "\x7f",
        "\u0080",
        "\u07ff",
        "\u0800",
        "\uffff",
        "\U00010000",
        "\U0010ffff",
        "%20",
        "+",
        '"',
        "\\",
    ]
    passphrases += ["y" * size for size in (47, 48, 55, 56, 63, 64, 71, 72, 73, 127, 128, 255, 256, 4096)]
    for passphrase in passphrases:
        flag = "Ordinary" if passphrase == "opensesame" else "Passphrase"
        yield _derived(1, passphrase, flag, f"a passphrase of {len(passphrase)} characters")
    for bits in (8, 16, 31, 32, 53, 63, 64):
        for user_id in (2**bits - 1, 2**bits):
            if user_id < 2**64:
                yield _derived(user_id, "opensesame", "UserId", f"user {user_id}")
    yield _derived(0, "opensesame", "UserId", "user 0")
    yield _derived(2**53 + 1, "opensesame", "UserId", f"user {2**53 + 1}, which no double holds")
    for user_id in (-1, -(2**63), 2**64, 2**64 + 1, 2**72):
        yield _refused_key(user_id, "opensesame", "UserId", f"user {user_id}, out of 64 bits")
    for passphrase in ("\ud800", "\udc00", "a\udfffb", "\udc00\ud800"):
        yield _refused_key(1, passphrase, "Passphrase", "a lone surrogate, which has no UTF-8")


def _refused_key(user_id: int, passphrase: str, flag: str, comment: str) -> Test:
    test = {"comment": comment, "flags": [flag], "userId": user_id, "passphrase": passphrase}
    return test | {"result": "invalid"}


def _derived(user_id: int, passphrase: str, flag: str, comment: str) -> Test:
    key = _key(user_id, passphrase).to_bytes(29, "big").hex()
    return {
        "comment": comment,
        "flags": [flag],
        "userId": user_id,
        "passphrase": passphrase,
        "privateKey": key,
        "result": "valid",
    }


def _build_tests() -> Iterator[Test]:
    def built(
        user_id: int, client: bytes, flag: str, comment: str, tag: int | None = None, server: bytes = _SERVER
    ) -> Test:
        d = _key(user_id, "opensesame")
        test: Test = {
            "comment": comment,
            "flags": [flag],
            "userId": user_id,
            "cookie": _COOKIE,
            "privateKey": d.to_bytes(29, "big").hex(),
            "serverNonce": _text(server),
            "clientNonce": _text(client),
        }
        message = {"message": _message(user_id, d, server, client, tag), "result": "valid"}
        return test | ({} if tag is None else {"tag": tag}) | message

    for place in range(10):
        yield built(
            place + 1, _nonce(f"client {place}"), "Ordinary", f"user {place + 1}", server=_nonce(f"server {place}")
        )
    for user_id in (0, 2**32 - 1, 2**32, 2**53, 2**63, 2**64 - 1):
        yield built(user_id, _nonce("client"), "UserId", f"user {user_id}")
    for octets in (bytes(16), b"\xff" * 16):
        yield built(1, octets, "Ordinary", "both nonces of equal octets", server=octets)
    for tag in (0, 1, 2**31, 2**53, 2**63 - 1):
        yield built(1, _nonce("client"), "Tag", f"tag {tag}", tag)
    for place, message in enumerate(_with_leading_zeros()):
        client = base64.b64decode(message["nonce"])
        yield built(1, client, "LeadingZero", f"r or s with a leading zero octet, {place + 1}")
    yield from _refused_requests(built(1, _nonce("client"), "Ordinary", "a request that is then altered"))


def _refused_requests(good: Test) -> Iterator[Test]:
    """Yield requests for a message with one part that it cannot have."""
    refused: dict[str, list[tuple[str, str, Any]]] = {
        "UserId": [("userId", f"user {user_id}", user_id) for user_id in (-1, 2**64, 2**64 + 1)],
        "Tag": [("tag", f"tag {tag}", tag) for tag in (-1, 2**63, 2**64, 2**64 + 1)],
        "WrongLength": [
            (name, f"{name} of {size} octets", _text(bytes(size)))
            for name, right in (("cookie", 20), ("serverNonce", 16), ("clientNonce", 16))
            for size in (0, 1, right - 1, right + 1, 2 * right)
        ],
        "WrongBase64": [
            (name, f"{name} {what}", change(good[name]))
            for name in ("cookie", "serverNonce", "clientNonce")
            for what, change in (
                ("without padding", lambda text: text.rstrip("=")),
                ("with a line end", lambda text: text + "\n"),
                ("with a space", lambda text: " " + text),
                ("in hex", lambda text: base64.b64decode(text).hex()),
                ("with a character that is not base64", lambda text: "!" + text[1:]),
                ("with spare bits", lambda text: text.rstrip("=")[:-1] + "B" + "=" * text.count("=")),
            )
        ],
        "WrongKey": [
            ("privateKey", f"d = {name}", d.to_bytes(29, "big").hex())
            for name, d in (("0", 0), ("n", N), ("n + 1", N + 1), ("2^232 - 1", 2**232 - 1))
        ],
    }
    parts = {name: value for name, value in good.items() if name not in ("message", "result")}
    for flag, changes in refused.items():
        for name, comment, value in changes:
            yield parts | {"flags": [flag], "comment": comment, name: value, "result": "invalid"}


def _with_leading_zeros() -> list[Message]:
    """Return messages of user 1 whose r or s begins with a zero octet: three of each, found by counting."""
    d, found = _key(1, "opensesame"), {0: [], 1: []}  # type: tuple[int, dict[int, list[Message]]]
    for number in count():
        message = _message(1, d, _SERVER, number.to_bytes(16, "big"))
        for half, messages in found.items():
            if base64.b64decode(message["signature"][half])[0] == 0 and len(messages) < 3:
                messages.append(message)
        if all(len(messages) == 3 for messages in found.values()):
            return found[0] + found[1]
    raise AssertionError


def _checked(message: Message, result: str, flag: str, comment: str, server: str | None = None) -> Test:
    nonce = _text(_SERVER) if server is None else server
    return {"comment": comment, "flags": [flag], "message": message, "serverNonce": nonce, "result": result}


def _verify_tests() -> Iterator[Test]:
    d, client = _key(1, "opensesame"), base64.b64decode(str(_DOCUMENTED["nonce"]))
    good = _message(1, d, _SERVER, client)
    yield _checked(_DOCUMENTED, "valid", "Documented", "as the document has it")
    yield _checked(good, "valid", "Ordinary", "the same login, its nonce by RFC 6979")
    yield _checked(good | {"tag": 5}, "valid", "Tag", "with a tag")
    r, s = _pair(d, (1).to_bytes(8, "big") + _SERVER + client)
    yield _checked(good | {"signature": _signature(r, N - s)}, "valid", "HighS", "n - s in place of s")
    for message in _with_leading_zeros():
        yield _checked(message, "valid", "LeadingZero", "r or s with a leading zero octet")
        halves = [base64.b64decode(half) for half in message["signature"]]
        dropped = [_text(half.lstrip(b"\x00")) for half in halves]
        yield _checked(message | {"signature": dropped}, "invalid", "DroppedZero", "its leading zero octet dropped")
    for place in range(10):
        yield _checked(_message(1, d, _SERVER, _nonce(f"v{place}")), "valid", "Ordinary", f"a login {place}")
    yield from _altered_tests(good, d, client)
    yield from _signed_otherwise(d, client)
    yield from _field_tests(good)
    yield from _base64_tests(good)
    yield from _wrong_users(good, d, client)
    for user_id in (0, 2**32 - 1, 2**32, 2**53 + 1, 2**63, 2**64 - 1):
        other = _message(1, d, _SERVER, client)
        signature = _signature(*_pair(d, user_id.to_bytes(8, "big") + _SERVER + client))
        yield _checked(other | {"user_id": user_id, "signature": signature}, "valid", "UserId", f"user {user_id}")


def _wrong_users(good: Message, d: int, client: bytes) -> Iterator[Test]:
    """Yield invalid user ids, signed as the number that a careless program makes of them."""
    signed_as: list[tuple[Any, bytes]] = [
        (-1, b"\xff" * 8),
        (-2, b"\xff" * 7 + b"\xfe"),
        (-(2**63), b"\x80" + bytes(7)),
        (2**64, bytes(8)),
        (2**64 + 1, bytes(7) + b"\1"),
        (2**64, b"\1" + bytes(8)),
        (2**72 + 5, bytes(7) + b"\5"),
        (None, bytes(8)),
        ("", bytes(8)),
        ("7", bytes(7) + b"\7"),
        ("0x7", bytes(7) + b"\7"),
        (False, bytes(8)),
        (True, bytes(7) + b"\1"),
        (7.0, bytes(7) + b"\7"),
        (7.5, bytes(7) + b"\7"),
        ([], bytes(8)),
        ([7], bytes(7) + b"\7"),
        ({}, bytes(8)),
    ]
    for user_id, octets in signed_as:
        message = good | {"user_id": user_id, "signature": _signature(*_pair(d, octets + _SERVER + client))}
        yield _checked(message, "invalid", "WrongUser", f"user_id {json.dumps(user_id)}, signed as {octets.hex()}")
    absent = {name: value for name, value in good.items() if name != "user_id"}
    absent["signature"] = _signature(*_pair(d, bytes(8) + _SERVER + client))
    yield _checked(absent, "invalid", "WrongUser", "no user_id, signed as 0")


def _altered_tests(good: Message, d: int, client: bytes) -> Iterator[Test]:
    r, s = good["signature"]
    altered = {
        "user id": good | {"user_id": 2},
        "client nonce": good | {"nonce": _text(_nonce("another"))},
        "r and s swapped": good | {"signature": [s, r]},
        "r twice": good | {"signature": [r, r]},
        "a key of another passphrase": _message(1, _key(1, "opensesame "), _SERVER, client),
        "a key of another user": _message(1, _key(2, "opensesame"), _SERVER, client),
        "r of 0": good | {"signature": [_text(bytes(28)), s]},
        "s of 0": good | {"signature": [r, _text(bytes(28))]},
        "r of 2^224 - 1": good | {"signature": [_text(b"\xff" * 28), s]},
    }
    for name, message in altered.items():
        yield _checked(message, "invalid", "Altered", name)
    for name, nonce in {"another": _nonce("other"), "the client's": client, "zeros": bytes(16)}.items():
        yield _checked(good, "invalid", "Replay", f"server nonce: {name}", _text(nonce))
    yield _checked(_message(1, d, client, _SERVER), "invalid", "Replay", "both nonces swapped")


def _signed_otherwise(d: int, client: bytes) -> Iterator[Test]:
    """Yield messages whose signature covers other octets than the document says."""
    good = _message(1, d, _SERVER, client)
    user = (1).to_bytes(8, "big")
    octets = {
        "the user id in 4 octets": (1).to_bytes(4, "big") + _SERVER + client,
        "the user id little-endian": (1).to_bytes(8, "little") + _SERVER + client,
        "the user id as text": b"1" + _SERVER + client,
        "the nonces swapped": user + client + _SERVER,
        "the user id last": _SERVER + client + user,
        "the nonces as base64": user + _text(_SERVER).encode("ascii") + _text(client).encode("ascii"),
        "no server nonce": user + client,
        "no client nonce": user + _SERVER,
        "no user id": _SERVER + client,
        "a line end after it": user + _SERVER + client + b"\n",
        "the cookie as well": user + _SERVER + client + base64.b64decode(_COOKIE),
    }
    for name, covered in octets.items():
        yield _checked(good | {"signature": _signature(*_pair(d, covered))}, "invalid", "WrongOctets", name)
    twice = hashlib.sha224(user + _SERVER + client).digest()
    yield _checked(
        good | {"signature": _signature(*_pair(d, twice))}, "invalid", "WrongOctets", "the digest, hashed again"
    )
    hashed = hashlib.sha256(user + _SERVER + client).digest()
    k, _ = reference.nonce(d, "SHA-256", hashed)
    r, s = reference.sign_with(d, reference.bits2int(hashed), k)
    pair = _signature(r, min(s, N - s))
    yield _checked(good | {"signature": pair}, "invalid", "WrongOctets", "SHA-256 in place of SHA-224")


def _field_tests(good: Message) -> Iterator[Test]:  # noqa: C901  # a list of cases, no logic
    for name in good:
        yield _checked({k: v for k, v in good.items() if k != name}, "invalid", "WrongField", f"without {name}")
        yield _checked(good | {name: None}, "invalid", "WrongField", f"{name} null")
        for other in sorted({name.upper(), name.title(), name.replace("_", "")} - {name}):
            renamed = {other if k == name else k: v for k, v in good.items()}
            yield _checked(renamed, "invalid", "WrongField", f"{other} for {name}")
    for value in ("1", True, 1.0, -1, 2**64, [1]):
        yield _checked(
            good | {"user_id": value}, "invalid", "WrongField", f"user_id of the type {type(value).__name__}: {value}"
        )
    methods = ("authenticate", "AUTHENTICATE", "Authenticate2", "Authenticate\0", "Authenticate ", " Authenticate")
    for method in (*methods, "Authenticat", "Welcome", "", 1, True, None, ["Authenticate"], {"Authenticate": 1}):
        yield _checked(good | {"method": method}, "invalid", "WrongField", f"method {method!r}")
    for name in ("note", "Method", "passphrase", ""):
        yield _checked(good | {name: "x"}, "invalid", "WrongField", f"one field more: {name!r}")
    octets = _SERVER + base64.b64decode(good["nonce"])
    for cut in (15, 17, 0, 32):
        moved = good | {"nonce": _text(octets[cut:])}
        comment = f"{cut} octets of the nonces as the server's, the rest as the client's"
        yield _checked(moved, "invalid", "WrongField", comment, _text(octets[:cut]))
    r, s = good["signature"]
    for name, value in {
        "r alone": [r],
        "three": [r, s, s],
        "text": r + s,
        "none": [],
        "numbers": [1, 2],
        "object": {"r": r, "s": s},
    }.items():
        yield _checked(good | {"signature": value}, "invalid", "WrongField", f"signature: {name}")
    tags: tuple[Any, ...] = ("1", 1.5, 1.0, True, False, None, [1], {}, "", -1, 2**63, 2**64, 2**64 + 1, -(2**63))
    for tag in tags:
        yield _checked(good | {"tag": tag}, "invalid", "WrongField", f"tag {json.dumps(tag)}")
    for tag in (0, 2**53, 2**63 - 1):
        yield _checked(good | {"tag": tag}, "valid", "Tag", f"tag {tag}")
    cookies: tuple[Any, ...] = (1, True, [], {}, [good["cookie"]])
    for cookie in cookies:
        yield _checked(good | {"cookie": cookie}, "invalid", "WrongField", f"cookie {json.dumps(cookie)}")


def _base64_tests(good: Message) -> Iterator[Test]:
    r, s = good["signature"]
    raw = base64.b64decode(r)
    spare = r[:-3] + chr(ord(r[-3]) + 1) + "=="
    forms = {
        "without padding": r.rstrip("="),
        "with a line end": r + "\n",
        "with a line end inside": r[:20] + "\n" + r[20:],
        "with a space": " " + r,
        "with spare bits": spare if base64.b64decode(spare) == raw else r[:-3] + "B==",
        "in hex": raw.hex(),
        "empty": "",
    }
    for name, text in forms.items():
        yield _checked(good | {"signature": [text, s]}, "invalid", "WrongBase64", f"r {name}")
    for name, octets in {"29 octets": b"\x00" + raw, "27 octets": raw[1:], "56 octets": raw + raw}.items():
        yield _checked(good | {"signature": [_text(octets), s]}, "invalid", "WrongLength", f"r of {name}")
    url = _message(1, _key(1, "opensesame"), _SERVER, b"\xfb\xff" * 8)
    urlsafe = url["nonce"].replace("+", "-").replace("/", "_")
    yield _checked(url | {"nonce": urlsafe}, "invalid", "WrongBase64", "the nonce in the alphabet for file names")
    for length in (0, 1, 19, 21, 40):
        yield _checked(
            good | {"cookie": _text(bytes(length))}, "invalid", "WrongLength", f"a cookie of {length} octets"
        )
    cookie = good["cookie"]
    for what, text in {
        "without padding": cookie.rstrip("="),
        "with a line end": cookie + "\n",
        "in hex": base64.b64decode(cookie).hex(),
        "with spare bits": cookie[:-2] + "h=",
        "with a character that is not base64": "!" + cookie[1:],
    }.items():
        yield _checked(good | {"cookie": text}, "invalid", "WrongBase64", f"the cookie {what}")
    for length in (0, 15, 17):
        yield _checked(
            good | {"nonce": _text(bytes(length))}, "invalid", "WrongLength", f"a client nonce of {length} octets"
        )
        yield _checked(good, "invalid", "WrongLength", f"a server nonce of {length} octets", _text(bytes(length)))


def _off_curve_groups() -> Iterator[Group]:
    """Yield keys off the curve, each with a message whose signature holds unless the key is checked."""
    of, user = Messages("SHA-224"), (1).to_bytes(8, "big")
    for place in (0, 1, 20):
        clients = (_nonce(f"off the curve {place} {attempt}") for attempt in count())
        pairs = ((client, offcurve.of_octets(of, place, user + _SERVER + client)) for client in clients)
        client, pair = next((client, pair) for client, pair in pairs if pair is not None)
        message = _message(1, 1, _SERVER, client) | {"signature": _signature(pair.r, pair.s)}
        test = _checked(message, "invalid", "OffCurve", pair.comment)
        yield {"type": "LoginVerify", "publicKey": reference.uncompressed(pair.Q).hex(), "tests": [test]}


def files() -> list[File]:
    """Return the file of logins."""
    Q = reference.uncompressed(reference.multiply(_key(1, "opensesame"))).hex()
    groups: list[Group] = [
        {"type": "LoginKey", "tests": list(_key_tests())},
        {"type": "LoginBuild", "tests": list(_build_tests())},
        {"type": "LoginVerify", "publicKey": Q, "tests": list(_verify_tests())},
        *_off_curve_groups(),
    ]
    header = [
        "The exchange's login: the key of a passphrase, the message that a client builds, and messages to be verified.",
        "Built signatures have low s. Both exchanges have closed.",
    ]
    return [File("secp224k1_login_test.json", "Login", "ecpure_login_schema_v1.json", header, _NOTES, groups)]
