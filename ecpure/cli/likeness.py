"""For a file that was refused: what it is instead, and the next step. Both end the error message."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Callable, Container, Iterator

from ..curve import NAMES, SECP224K1, Curve, named
from ..errors import EcpureError, InvalidEncoding
from ..explain.containers import byte_order_mark, in_utf8
from ..explain.readings import BYTES_OF_TEXT
from ..formats import keys
from ..formats.encodings import SIGNATURES
from ..formats.texts import TEXTS, Text, spelling
from ..io import files

_SWAPPED = "perhaps --public-key and --signature are swapped"


def explain(path: str) -> str:
    """Return advice to run `ecpure explain` on a file."""
    return f"`ecpure explain {'- < FILE' if path == '-' else shlex.quote(path)}` says what it is"


def of_key(
    octets: bytes, path: str, wanted: str, option: str, curve: Curve, *, as_raw: bool, is_signature: bool | None
) -> str:
    """Return what octets are that were refused as a `wanted` key ("public" or "private"), or an empty text.

    option: the option for a key's format. as_raw: whether it was raw. is_signature: whether the octets are a signature
    as the command reads it, or None for a command without --signature.
    """
    found, on = ("", curve) if not octets else ("signature", curve) if is_signature else _recognised(octets)
    if found == f"{wanted} key" and on is not curve:
        return f"it is on {on.name}, not on {curve.name}"
    if found == f"{wanted} key":
        form = "pem" if b"-----BEGIN " in octets else "auto" if octets.isascii() or octets[:1] != b"\x30" else "der"
        return f"it looks like a {wanted} key in another format: use {option} {form}"
    file = "FILE" if path == "-" else shlex.quote(path)
    this = {
        "": f"it is empty: write the {wanted} key again",
        "signature": "this is a signature: "
        + (f"name the file of the {wanted} key" if is_signature is None else _SWAPPED),
        "private key": f"this is a private key; make its public key with `ecpure pubkey {file} -o NEW`",
        "public key": "this is a public key: name the file of the private key",
    }
    if found == "public key" and keys.holds_private_key(octets):
        return ""  # the reader has said what is wrong with the private key beside it
    if found is not None:
        return this[found]
    return _raw(octets, option, curve, as_raw=as_raw) if wanted == "private" else ""


def of_signature(octets: bytes, *, converted: bool) -> str:
    """Return what octets are that were refused as a signature, or an empty text."""
    if not octets:
        return "it is empty: write the signature again"
    found = kind(octets)
    if found not in ("public key", "private key"):
        return ""
    if converted:
        return f"this is a {found}: use `ecpure convert {found.replace(' ', '-')}`"
    return f"this is a {found}: {_SWAPPED if found == 'public key' else 'name the file of the signature'}"


def of_digest(octets: bytes, expected: Container[int]) -> str:
    """Return advice for a file that is text for a digest of one of these lengths, in octets, or an empty text."""
    for name, form in TEXTS.items():
        with contextlib.suppress(ValueError):
            if len(form.decode(octets)) in expected:
                return f"it looks like {name}: decode it with `{BYTES_OF_TEXT[name]}`"
    return ""


def bytes_for_openssl(octets: bytes, path: str, advice: str) -> str:
    """Return the command that makes of a text the file that OpenSSL reads in the advice, such as KEY; or an empty text
    if the octets are no text. Its output is named after the text, and so can never be the same file.
    """
    if byte_order_mark(octets) == "UTF-16":
        command = "iconv -f UTF-16 -t UTF-8 FILE > NEW" if b"-----BEGIN " in in_utf8(octets) else ""
    elif b"-----BEGIN " in octets:
        command = "printf '%b' \"$(cat FILE)\" > NEW" if b"\\n" in octets else ""
    else:
        text = octets.strip()
        names = (spelling(name, text).partition(" ")[0] for name, form in TEXTS.items() if _decodes(form, text))
        command = next(filter(None, map(BYTES_OF_TEXT.get, names)), "")
    file = "FILE" if path == "-" else shlex.quote(path)
    made = match[1] if (match := re.search(" -in ([A-Z]+) ", advice)) else "KEY"
    names_of = {"FILE": file, "NEW": "FILE.bytes" if path == "-" else shlex.quote(f"{path}.bytes")}
    filled = re.sub("FILE|NEW", lambda place: names_of[place[0]], command)
    return f"; {made} is {names_of['NEW']}, made by: {filled}" if command else ""


def _decodes(form: Text, text: bytes) -> bool:
    with contextlib.suppress(ValueError):
        return bool(form.decode(text))
    return False


def kind(octets: bytes) -> str | None:
    """Return "signature", "public key" or "private key" for what is recognised as one, on a supported curve."""
    return _recognised(octets)[0]


def _recognised(octets: bytes) -> tuple[str | None, Curve]:
    """Return the same, and the curve on which it was recognised."""
    for curve in map(named, NAMES):
        for name, read in _READERS.items():
            with contextlib.suppress(EcpureError):
                read(octets, curve)
                return name, curve
    return None, SECP224K1


def _signature(octets: bytes, curve: Curve) -> None:
    """Read a signature in DER, in octets or text. Raises `InvalidEncoding`."""
    for found in _octets(octets):
        with contextlib.suppress(InvalidEncoding):
            SIGNATURES["der"].decode(found, curve)
            return
    raise InvalidEncoding("signature: DER was expected")


def _octets(octets: bytes) -> Iterator[bytes]:
    yield octets
    for form in TEXTS.values():
        with contextlib.suppress(ValueError):
            yield form.decode(octets)


_READERS: dict[str, Callable[[bytes, Curve], object]] = {
    "signature": _signature,
    "public key": lambda octets, curve: keys.public_key(octets, curve=curve),
    "private key": lambda octets, curve: keys.private_key(octets, curve=curve),
}


_MISSING_ZEROS = 2
"""Octets by which programs that leave leading zeros out make a key shorter: more in one of 2^24 keys."""


def _raw(octets: bytes, option: str, curve: Curve, *, as_raw: bool) -> str:
    """Return advice for octets that may be a raw private key, or an empty text."""
    lengths = (curve.scalar_octets, curve.field_octets)  # the second as the exchange writes it
    if len(octets) in lengths:
        return "" if as_raw else f"it has {len(octets)} bytes, as a raw private key: use {option} raw if it is one"
    short = range(curve.field_octets - _MISSING_ZEROS, curve.field_octets)
    if len(octets) in short and not as_raw:
        return (
            f"it has {len(octets)} bytes: if it is a raw private key, put zero bytes before it to make "
            f"{curve.scalar_octets}, and use {option} raw"
        )
    if any(len(found) in (*lengths, *short) for found in _octets(octets) if found is not octets):
        return (
            f"it may be a private key in hex or base64: decode it with `xxd -r -p` or `base64 -d`, and use {option} raw"
        )
    return ""


_KEY_OCTETS = (28, 29, 32)  # on secp224k1 at the exchange and here, and on secp256k1
_LONGEST_NAME = 255  # octets of a file's name, in the file systems of today
_DECIMAL = 60  # digits of a number below n, if not one in a thousand million


def is_private_key(name: str) -> bool:
    """Whether what was given as the name of a file is the text of a private key in PEM or DER, or is too long."""
    text = name.encode("utf-8", "replace")
    is_der = any(octets.startswith(b"\x30") and keys.holds_private_key(octets) for octets in _texts_in(text))
    return is_der or b"-----BEGIN " in text or any(len(part) > _LONGEST_NAME for part in text.split(b"/"))


def may_be_a_private_key(name: str) -> bool:
    """Whether it is one, or a part of it may be one's number, in hex, base64 or decimal digits."""
    parts = {name, *name.split("/")}  # base64 may have a slash
    return is_private_key(name) or any(_may_be_a_number(part.encode("utf-8", "replace")) for part in parts)


def _may_be_a_number(part: bytes) -> bool:
    if part.isdigit() and len(part) >= _DECIMAL:
        return True
    has_digit = any(bytes([octet]).isdigit() for octet in part)
    return has_digit and any(len(octets) in _KEY_OCTETS for octets in _texts_in(part))


def _texts_in(text: bytes) -> Iterator[bytes]:
    for form in TEXTS.values():
        with contextlib.suppress(ValueError):
            yield form.decode(text)


def refusal(error: EcpureError, path: str, advice: str = "") -> EcpureError:
    """Return the error with the file's name before it, and after it the advice or, without any, `ecpure explain`."""
    return type(error)(f"{files.shown_name(path)}: {error}; {advice or explain(path)}")
