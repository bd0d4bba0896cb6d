"""The login message ("Authenticate") of the CoinFLEX and Coinfloor exchanges, built and verified.

Both exchanges have closed. The facts are from the section "Authenticate" of their WebSocket API documentation.
One recorded message lets anyone try passphrases offline: the private key is a single fast hash of the passphrase.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from .curve import SECP224K1, Curve
from .errors import InvalidEncoding, InvalidKey
from .hashes import digest
from .privatekey import PrivateKey
from .publickey import PublicKey
from .rfc4648 import decode_base64, encode_base64
from .signature import Signature
from .values import require_int, require_octets, require_text

METHOD = "Authenticate"
NONCE_OCTETS = 16
COOKIE_OCTETS = 20
INTEGER_OCTETS = 28
_TAG_LIMIT = 1 << 63


def derive_private_key(user_id: int, passphrase: str) -> PrivateKey:
    """Return d = SHA-224(user_id as 8 octets ‖ passphrase in UTF-8), on secp224k1.

    user_id: in [0, 2⁶⁴ − 1]. Raises `InvalidEncoding` for a user id out of range, or a passphrase that cannot be
    encoded as UTF-8 (a lone surrogate). d is below 2²²⁴ and hence below n. Time depends on the passphrase's length and
    kinds of characters, and on d as in `PrivateKey.from_int`.
    """
    return PrivateKey.from_bytes(digest("sha224", _user_id_octets(user_id) + _passphrase_octets(passphrase)))


def _signed_octets(user_id: int, server_nonce: bytes, client_nonce: bytes) -> bytes:
    """Return what the login signs, 40 octets: user_id (8, big-endian) ‖ server nonce (16) ‖ client nonce (16)."""
    return _user_id_octets(user_id) + server_nonce + client_nonce


def build_authenticate(
    *,
    user_id: int,
    cookie: str,
    private_key: PrivateKey,
    server_nonce: str,
    client_nonce: bytes | None = None,
    tag: int | None = None,
) -> dict[str, object]:
    """Return the message that answers the server's Welcome, ready for `json.dumps`.

    user_id: in [0, 2⁶⁴ − 1]; cookie: base64 of 20 octets; server_nonce: base64 of 16 octets, from the Welcome;
    client_nonce: 16 octets, by default from the system's generator; tag: in [0, 2⁶³ − 1], sent if given, and echoed by
    the server if not 0. Raises `InvalidEncoding` for any other value, `InvalidKey` for a key on another curve,
    `FaultDetected` as `PrivateKey.sign` does, `TypeError` for a wrong type.

    The signature has low s, so that r and s always fit in 28 octets each. Time depends on the private key as in
    `PrivateKey.sign_digest`.
    """
    user_id = require_int(user_id, "user_id")
    require_credentials(user_id=user_id, cookie=cookie, private_key=private_key, tag=tag)
    octets = os.urandom(NONCE_OCTETS) if client_nonce is None else require_octets(client_nonce, "client_nonce")
    if len(octets) != NONCE_OCTETS:
        raise InvalidEncoding(f"client_nonce: {NONCE_OCTETS} octets were expected")
    message = _signed_octets(user_id, decode_nonce(server_nonce, "server_nonce"), octets)
    pair = private_key.sign(message, hash="sha224", low_s=True).to_compact()
    authenticate: dict[str, object] = {
        "method": METHOD,
        "user_id": user_id,
        "cookie": encode_base64(decode_cookie(cookie, "cookie")),
        "nonce": encode_base64(octets),
        "signature": [encode_base64(pair[:INTEGER_OCTETS]), encode_base64(pair[INTEGER_OCTETS:])],
    }
    if tag is not None:
        authenticate["tag"] = require_tag(tag)
    return authenticate


def require_credentials(*, user_id: int, cookie: str, private_key: PrivateKey, tag: int | None = None) -> None:
    """Check these arguments before the server's nonce is known. Raises what `build_authenticate` raises for them."""
    if not isinstance(private_key, PrivateKey):
        raise TypeError(f"private_key: a PrivateKey was expected, not {type(private_key).__name__}")
    require_secp224k1(private_key.curve)
    _user_id_octets(user_id)
    decode_cookie(cookie, "cookie")
    if tag is not None:
        require_tag(tag)


def verify_authenticate(message: Mapping[str, object], *, server_nonce: str, public_key: PublicKey) -> bool:
    """Whether the message's signature is valid under the key, for the server nonce of that connection.

    message: as `json.loads` returns it, with exactly the fields method, user_id, cookie, nonce, signature, and
    optionally tag. Raises `InvalidEncoding` if a field is missing, unknown or malformed, for example if r or s is 0 or
    not 28 octets long; `InvalidKey` for a key on another curve; `TypeError` for arguments of wrong types.
    Whether the cookie is the user's is not checked here.
    """
    if not isinstance(public_key, PublicKey):
        raise TypeError(f"public_key: a PublicKey was expected, not {type(public_key).__name__}")
    require_secp224k1(public_key.curve)
    signature, octets = read_authenticate(message, server_nonce=server_nonce)
    return public_key.verify(signature, octets, hash="sha224")


def read_authenticate(message: Mapping[str, object], *, server_nonce: str) -> tuple[Signature, bytes]:
    """Return the message's signature, and the 40 octets that it signs (with SHA-224).

    message, server_nonce and exceptions: as in `verify_authenticate`.
    """
    if not isinstance(message, Mapping):
        raise TypeError(f"message: a mapping was expected, not {type(message).__name__}")
    server_octets = decode_nonce(server_nonce, "server_nonce")
    fields = {"method", "user_id", "cookie", "nonce", "signature"}
    if not fields <= message.keys() <= fields | {"tag"}:
        raise InvalidEncoding(
            f"message: exactly the fields {', '.join(sorted(fields))}, and optionally tag, were expected"
        )
    if message["method"] != METHOD:
        raise InvalidEncoding(f"method: {METHOD} was expected")
    try:
        decode_cookie(message["cookie"], "cookie")
        client_octets = decode_nonce(message["nonce"], "nonce")
        octets = _signed_octets(require_int(message["user_id"], "user_id"), server_octets, client_octets)
        if "tag" in message:
            require_tag(message["tag"])
        pair = message["signature"]
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise InvalidEncoding("signature: a list of r and s was expected")
        r, s = (_decode_base64(text, INTEGER_OCTETS, name) for text, name in zip(pair, ("r", "s"), strict=True))
    except TypeError as error:
        raise InvalidEncoding(str(error)) from None  # the field came over the wire: not the caller's mistake
    return Signature.from_compact(r + s), octets


def basic_authorization(
    *, user_id: int, cookie: str, passphrase: str | None = None, private_key: PrivateKey | None = None
) -> str:
    """Return the value of the header `Authorization` for the exchange's REST API: Basic (RFC 7617 §2), with the user-id
    `<user_id>/<cookie>`, and as the password either the passphrase or the base64 of the private key's 28 octets.

    Raises `TypeError` unless exactly one of the two is given; `InvalidEncoding` for a user id or cookie that
    `build_authenticate` refuses, or a passphrase that cannot be encoded as UTF-8 or has control characters;
    `InvalidKey` for a key on another curve, or of 2²²⁴ or above. The value contains the secret: send it only to the
    server. Time depends on the passphrase's length and kinds of characters, or on whether the key is below 2²²⁴; and
    base64 looks the secret's bits up in a table.
    """
    if (passphrase is None) == (private_key is None):
        raise TypeError("basic_authorization: either passphrase or private_key was expected, not both or neither")
    user_id = int.from_bytes(_user_id_octets(user_id), "big")  # a plain int, which prints as digits
    cookie = encode_base64(decode_cookie(cookie, "cookie"))
    if private_key is not None:
        password = encode_base64(_short_octets(private_key)).encode("ascii")
    else:
        password = _passphrase_octets(passphrase)
        if any(octet < 0x20 or octet == 0x7F for octet in password):
            raise InvalidEncoding("passphrase: it has control characters, which Basic does not allow (RFC 7617 §2)")
    return "Basic " + encode_base64(f"{user_id}/{cookie}:".encode("ascii") + password)


def decode_nonce(text: object, name: str) -> bytes:
    """Return the 16 octets of a base64 nonce. Raises `InvalidEncoding`; `TypeError` if not a str. Both say `name`."""
    return _decode_base64(text, NONCE_OCTETS, name)


def decode_cookie(text: object, name: str) -> bytes:
    """Return the 20 octets of a base64 cookie. Raises `InvalidEncoding`; `TypeError` if not a str. Both say `name`."""
    return _decode_base64(text, COOKIE_OCTETS, name)


def require_tag(tag: object) -> int:
    """Return the tag, in [0, 2⁶³ − 1]. Raises `InvalidEncoding`; `TypeError` if not an int."""
    value = require_int(tag, "tag")
    if not 0 <= value < _TAG_LIMIT:
        raise InvalidEncoding("tag: an integer in [0, 2⁶³ − 1] was expected")
    return value


def require_secp224k1(curve: Curve) -> None:
    """Raise `InvalidKey` unless this is secp224k1."""
    if curve != SECP224K1:
        raise InvalidKey("key: a key on secp224k1 was expected")


def _short_octets(private_key: PrivateKey) -> bytes:
    """Return d as 28 octets. Raises `InvalidKey` for d ≥ 2²²⁴, which `derive_private_key` never returns."""
    if not isinstance(private_key, PrivateKey):
        raise TypeError(f"private_key: a PrivateKey was expected, not {type(private_key).__name__}")
    require_secp224k1(private_key.curve)
    octets = private_key.to_bytes()
    if octets[0]:
        raise InvalidKey("private key: a key below 2²²⁴ was expected")
    return octets[1:]


def _passphrase_octets(passphrase: object) -> bytes:
    text = require_text(passphrase, "passphrase")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidEncoding("passphrase: it cannot be encoded as UTF-8 (a lone surrogate)")
    return text.encode("utf-8")


def _user_id_octets(user_id: int) -> bytes:
    value = require_int(user_id, "user_id")
    if not 0 <= value < 1 << 64:
        raise InvalidEncoding("user_id: an integer in [0, 2⁶⁴ − 1] was expected")
    return value.to_bytes(8, "big")


def _decode_base64(text: object, length: int, name: str) -> bytes:
    """Return the `length` octets whose base64 is `text` (RFC 4648 §4). Raises `InvalidEncoding`, `TypeError`."""
    try:
        octets = decode_base64(require_text(text, name))
    except ValueError:
        octets = b""
    if len(octets) != length:
        raise InvalidEncoding(f"{name}: base64 of {length} octets was expected")
    return octets
