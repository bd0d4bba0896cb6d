"""Keys in other programs' files and texts: each of these says what it is, so that no option is needed.

PEM, also with other blocks beside the key, or on one line; DER; points; X.509 for its public key; and DER and points
in hex or base64. The bare octets of a private key do not say what they are, and are not read here.
"""

from __future__ import annotations

import contextlib
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Collection
from typing import TypeVar

from .. import der, keyfile
from ..curve import NAMES, Curve, named
from ..errors import EcpureError, InvalidEncoding, InvalidKey
from ..privatekey import PrivateKey
from ..publickey import PublicKey
from . import x509
from .texts import TEXTS

Block = tuple[str, list[str]]
"""A block of PEM: its label and its lines."""

Key = TypeVar("Key", PrivateKey, PublicKey)

_BEGIN = "-----BEGIN "
_SEQUENCE = bytes([der.SEQUENCE])
_PRIVATE_LABELS = (
    "PRIVATE KEY",
    "EC PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "DSA PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
)
_PUBLIC_LABELS = ("PUBLIC KEY", "EC PUBLIC KEY", "RSA PUBLIC KEY")

_HYBRID = (b"\x06", b"\x07")  # X9.62 §4.3.6: 06 or 07, by y's parity, ‖ x ‖ y
_UNCOMPRESS = (
    "a point in hybrid form (06 or 07), which SEC 1 §2.3.4 does not define; uncompressed: "
    "ecpure convert public-key KEY --from-format hybrid -o NEW"
)

_BOUNDARY = re.compile(r"-----(?:BEGIN|END) [^-\r\n]+-----")
_WRITTEN_LINE_END = re.compile(r"(?:\\r)?\\n")


def private_key(octets: bytes, *, curve: Curve) -> PrivateKey:
    """Return the one private key in PEM, in DER, or as `openssl pkey -text` prints it; as it is, or in hex or base64.

    Raises `InvalidEncoding`; `InvalidKey` for a key of another kind or curve, encrypted, or one of several.
    """
    text, octets = _text_or_octets(octets)
    if _BEGIN in text:
        return _in_pem(text, curve)
    if number := _printed_on(text, "priv", curve):
        return PrivateKey.from_int(int.from_bytes(number, "big"), curve=curve)
    if not _is_der(octets):
        raise InvalidEncoding("private key: PEM or DER was expected")
    return PrivateKey.from_der(octets, curve=curve)


def _in_pem(text: str, curve: Curve) -> PrivateKey:
    def read(block: Block) -> PrivateKey:
        return PrivateKey.from_pem(block_text(block), curve=curve)

    blocks = pem_blocks(text)
    return _the_one(blocks, _PRIVATE_LABELS, read, "private") or read(_only(blocks, "private"))


def public_key(octets: bytes, *, curve: Curve) -> PublicKey:
    """Return the one public key in PEM, in DER, in X.509 (nothing in it is verified), in a point's octets, also as
    x ‖ y without the 04 before it, or as `openssl pkey -text` prints it; as it is, or in hex or base64.

    In PEM, a block PUBLIC KEY takes precedence over certificates. Raises as `private_key` does.
    """
    text, octets = _text_or_octets(octets)
    if _BEGIN in text:
        return _public_in_pem(text, curve)
    if point := _printed_on(text, "pub", curve):
        return PublicKey.from_bytes(point, curve=curve)
    point = b"\x04" + octets if len(octets) == 2 * curve.field_octets else octets
    if not _is_der(octets):
        if point[:1] in _HYBRID and len(point) == 1 + 2 * curve.field_octets:
            raise InvalidEncoding(f"public key: {_UNCOMPRESS}")
        if point[:1] not in (b"\x02", b"\x03", b"\x04", *_HYBRID):
            raise InvalidEncoding("public key: PEM, DER, or a point, raw, in hex or in base64, was expected")
        return PublicKey.from_bytes(point, curve=curve)
    if point is not octets:
        with contextlib.suppress(InvalidEncoding):  # an x that begins like DER
            return PublicKey.from_bytes(point, curve=curve)
    return (x509.public_key if x509.is_one(octets) else PublicKey.from_der)(octets, curve=curve)


def hybrid_point(octets: bytes, *, curve: Curve) -> PublicKey:
    """Return the key of a point in X9.62's hybrid form, in octets, hex or base64: 06 or 07 ‖ x ‖ y.

    It is only read if asked for by name. Raises `InvalidEncoding` for any other form, and unless 06 says that y is
    even, 07 that it is odd.
    """
    point = _octets_of(_text(octets), octets)
    if point[:1] not in _HYBRID or len(point) != 1 + 2 * curve.field_octets:
        raise InvalidEncoding(f"public key: 06 or 07 and {2 * curve.field_octets} octets were expected (X9.62 §4.3.6)")
    if point[0] & 1 != point[-1] & 1:
        raise InvalidEncoding("public key: 06 for an even y, or 07 for an odd one, was expected (X9.62 §4.3.6)")
    return PublicKey.from_bytes(b"\x04" + point[1:], curve=curve)


def _public_in_pem(text: str, curve: Curve) -> PublicKey:
    def read(block: Block) -> PublicKey:
        label, lines = block
        if label not in x509.LABELS:
            label = "PUBLIC KEY" if label == "EC PUBLIC KEY" else label
            return PublicKey.from_pem(block_text((label, lines)), curve=curve)
        _, octets = keyfile.decode_pem(block_text(block), x509.LABELS)
        return x509.public_key(octets, curve=curve, auxiliary=label == "TRUSTED CERTIFICATE")

    blocks = pem_blocks(text)
    for labels in (_PUBLIC_LABELS, x509.LABELS):
        key = _the_one(blocks, labels, read, "public")
        if key is not None:
            return key
    return read(_only(blocks, "public"))


def _the_one(blocks: list[Block], labels: Collection[str], read: Callable[[Block], Key], kind: str) -> Key | None:
    """Return the key in the blocks with one of these labels, or None if there is no such block.

    Raises `InvalidKey` for two keys, and as `read` does, with the number of the block if there are several.
    """
    candidates = {f"block {n} ({block[0]})": block for n, block in enumerate(blocks, 1) if block[0] in labels}
    if len(candidates) <= 1:
        return read(*candidates.values()) if candidates else None
    keys = {name: _read_named(read, block, name) for name, block in candidates.items()}
    (first, key), *others = keys.items()
    for name, other in others:
        if other != key:
            raise InvalidKey(f"PEM: {first} and {name} have different {kind} keys: keep one of them")
    return key


def _read_named(read: Callable[[Block], Key], block: Block, name: str) -> Key:
    try:
        return read(block)
    except (InvalidEncoding, InvalidKey) as error:
        reason, kind = str(error), type(error)
    raise kind(f"PEM: {name}, one of several: {reason}")


def _only(blocks: list[Block], kind: str) -> Block:
    """Return the only block, which is of another kind. Raises `InvalidEncoding` if there is not exactly one."""
    others = [block for block in blocks if block[0] != "EC PARAMETERS"]
    if len(others) != 1:
        raise InvalidEncoding(f"PEM: there is no {kind} key in it")
    return others[0]


def _text(octets: bytes) -> str:
    """Return the text: UTF-16 if a byte-order mark says so, as Windows' consoles write it, else UTF-8."""
    is_wide = octets[:2] in (BOM_UTF16_LE, BOM_UTF16_BE)
    return octets.decode("utf-16" if is_wide else "utf-8-sig", errors="replace")


def _text_or_octets(octets: bytes) -> tuple[str, bytes]:
    """Return the octets, out of hex or base64 if they are written so, and the text that they are."""
    text = _text(octets)
    if _BEGIN not in text and (inside := _octets_of(text, octets)) != octets:
        return _text(inside), inside
    return text, octets


_PRINTED = r"^{}:[ \t]*\r?\n((?:[ \t]+[0-9a-f:]+[ \t]*\r?\n)+)"
_PRINTED_CURVE = re.compile(r"^ASN1 OID: (\S+)", re.MULTILINE)


def printed(text: str, name: str) -> tuple[bytes, str] | None:
    """Return the octets under the heading `name`, "priv" or "pub", and the curve's name, of what `openssl pkey -text`
    prints of a key on a named curve; None for any other text.
    """
    found, curves = re.findall(_PRINTED.format(name), text, re.MULTILINE), _PRINTED_CURVE.findall(text)
    if len(found) != 1 or len(curves) != 1:
        return None
    with contextlib.suppress(ValueError):
        return TEXTS["hex"].decode(found[0].strip()), curves[0]
    return None


def _printed_on(text: str, name: str, curve: Curve) -> bytes:
    """Return the octets that are printed, or none for any other text. Raises `InvalidKey` for another curve."""
    octets, found = printed(text, name) or (b"", curve.name)
    if found != curve.name:
        raise InvalidKey(f"key: this is a key on {found}, not on {curve.name}")
    return octets


def _octets_of(text: str, octets: bytes) -> bytes:
    """Return the octets in a text of hex or base64, or else the octets themselves: DER and points are not text."""
    for form in TEXTS.values():
        with contextlib.suppress(ValueError):
            return form.decode(text.strip())
    return octets


def _is_der(octets: bytes) -> bool:
    """Whether it begins like DER, and is not text that begins with 0: keys' OIDs are not all ASCII."""
    return octets[:1] == _SEQUENCE and not octets.isascii()


def pem_blocks(text: str) -> list[Block]:
    r"""Return the blocks of PEM, also if line ends were lost or are written as \n. Raises `InvalidEncoding`."""
    try:
        if blocks := list(keyfile.pem_blocks(text)):
            return blocks
        refusal = InvalidEncoding("PEM: there is no block in it")
    except InvalidEncoding as error:
        refusal = error
    with contextlib.suppress(InvalidEncoding):
        lines = _BOUNDARY.sub(r"\n\g<0>\n", _WRITTEN_LINE_END.sub("\n", text))
        if blocks := list(keyfile.pem_blocks(lines)):
            return blocks
    raise refusal


def block_text(block: Block) -> str:
    """Return a block as PEM text."""
    label, lines = block
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])


def holds_private_key(octets: bytes) -> bool:
    """Whether the octets are, or may be, a private key of any kind and form, encrypted or not: never lose it."""
    text, octets = _text_or_octets(octets)
    if _BEGIN in text:
        return "PRIVATE KEY-----" in text
    if printed(text, "priv"):
        return True
    if keyfile.is_pkcs12(octets):
        return True
    if octets[:1] == _SEQUENCE:
        with contextlib.suppress(InvalidEncoding):
            shape = der.Reader(octets, "key").inside(der.SEQUENCE, "key").tags()
            is_signature = shape == [der.INTEGER, der.INTEGER]
            return (shape[:1] == [der.INTEGER] and not is_signature) or shape == [der.SEQUENCE, der.OCTET_STRING]
    return any(_is_number(octets, named(name)) for name in NAMES)


def _is_number(octets: bytes, curve: Curve) -> bool:
    try:
        PrivateKey.from_bytes(octets, curve=curve)
    except EcpureError:
        return False
    return True
