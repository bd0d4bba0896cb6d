"""Recognising files of keys and certificates by their frame: PEM, DER, OpenSSH's; for `ecpure explain`."""

from __future__ import annotations

import contextlib
import re
from binascii import a2b_base64
from collections.abc import Callable, Iterator

from .. import der, keyfile
from ..curve import Curve
from ..errors import EcpureError, InvalidEncoding, InvalidKey
from ..formats import keys, x509
from ..privatekey import PrivateKey
from ..publickey import PublicKey
from .readings import CURVES, HIDDEN, Guess, Miss, missed, signature_in_der

_FORMS = {"PUBLIC KEY": "spki", "EC PUBLIC KEY": "spki", "EC PRIVATE KEY": "sec1", "PRIVATE KEY": "pkcs8"}
_PRIVATE_NAMES = {"sec1": "SEC 1 (§C.4)", "pkcs8": "PKCS#8 (RFC 5958 §2)"}

_PKCS12 = Guess(
    "PKCS#12 (RFC 7292 §4), a container of keys and certificates",
    (
        "its private key: openssl pkcs12 -in FILE -nodes -nocerts -out NEW",
        "its certificate: openssl pkcs12 -in FILE -nokeys -clcerts -out NEW",
    ),
    secret=True,
)
_PKCS7_IN_DER = Guess(
    "PKCS#7 (CMS, RFC 5652 §3) in DER",
    ("the certificates in it, if any: openssl pkcs7 -inform DER -in FILE -print_certs -out NEW",),
)
_RSA_IN_DER = Guess("a private key for RSA (RFC 8017 §A.1.2) in DER: not a key on these curves", secret=True)
_INTEGERS_OF_RSA = 9
_OTHER_LABELS = {
    "ENCRYPTED PRIVATE KEY": Guess(
        "an encrypted private key, PKCS#8 (RFC 5958 §3) in PEM",
        ("without encryption: openssl pkey -in KEY -out NEW",),
        secret=True,
    ),
    "RSA PRIVATE KEY": Guess("a private key for RSA (RFC 8017 §A.1.2) in PEM: not a key on these curves", secret=True),
    "DSA PRIVATE KEY": Guess("a private key for DSA in PEM: not a key on these curves", secret=True),
    "RSA PUBLIC KEY": Guess("a public key for RSA (RFC 8017 §A.1.1) in PEM: not a key on these curves"),
    "EC PARAMETERS": Guess("parameters of a curve in PEM, without a key"),
    "PKCS7": Guess(
        "PKCS#7 (CMS, RFC 5652 §3) in PEM",
        ("the certificates in it, if any: openssl pkcs7 -in FILE -print_certs -out NEW",),
    ),
    "X509 CRL": Guess("a list of revoked certificates (RFC 5280 §5) in PEM, without a key"),
}
"""The readings of PEM blocks that ecpure does not read."""

_ENCRYPTED_BLOCK = Guess(
    "an encrypted private key in PEM (RFC 1421 §4.6.1.1)",
    ("without encryption: openssl pkey -in KEY -out NEW",),
    secret=True,
)
_ENCRYPTED_IN_DER = Guess(
    "an encrypted private key, PKCS#8 (RFC 5958 §3) in DER",
    ("without encryption: openssl pkey -inform DER -in KEY -out NEW",),
    secret=True,
)


def _family(dotted: str) -> bytes:
    """Return the contents of an OID's element without its last arc, which is below 128."""
    return der.object_identifier(dotted)[2:-1]


_AS_PRINTED = ", as openssl pkey -text prints it"
_PKCS7_TYPES = _family("1.2.840.113549.1.7.1")  # RFC 5652 §4, §5
_CERTIFICATE = bytes([0xA0, 3, der.INTEGER, 1])  # [0], the version: how TBSCertificate begins (RFC 5280 §4.1)
_ENCRYPTIONS = (_family("1.2.840.113549.1.5.13"), _family("1.2.840.113549.1.12.1.3"))  # RFC 8018 §A, RFC 7292 §C


def pem(octets: bytes) -> Iterator[Guess | Miss]:
    """Read every block of PEM, even if line ends were lost."""
    if b"-----BEGIN " not in octets:
        return
    try:
        blocks = keys.pem_blocks(octets.decode("utf-8", errors="replace"))
    except InvalidEncoding as error:
        yield missed("PEM (RFC 7468)", error)
        return
    is_beside = len(blocks) > 1
    for label, lines in blocks:
        if not (is_beside and label == "EC PARAMETERS"):  # which OpenSSL writes before a key
            yield _block(label, lines)


def _block(label: str, lines: list[str]) -> Guess | Miss:
    is_encrypted = bool(lines) and lines[0].startswith("Proc-Type: 4,ENCRYPTED")
    if is_encrypted or label in _OTHER_LABELS:
        return _ENCRYPTED_BLOCK if is_encrypted else _OTHER_LABELS[label]
    try:
        _, inner = keyfile.decode_pem(keys.block_text((label, lines)), (label,))
    except InvalidEncoding as error:
        return missed("PEM (RFC 7468)", error)
    if label == _OPENSSH_LABEL:
        return _openssh_private(inner)
    if label in x509.LABELS:
        return _x509(inner, "PEM", auxiliary=label == "TRUSTED CERTIFICATE")
    if label in _FORMS:
        return _key(inner, _FORMS[label], "PEM")
    return Guess("PEM of a kind that ecpure does not know", secret="PRIVATE KEY" in label)


def printed(octets: bytes) -> Iterator[Guess | Miss]:
    """Read a key on a named curve as `openssl pkey -text` prints it."""
    text = octets.decode("utf-8", errors="replace")
    if keys.printed(text, "priv"):
        what = f"a private key{_AS_PRINTED}"
        yield _on_a_curve(what, lambda curve: keys.private_key(octets, curve=curve), HIDDEN, secret=True)
    elif found := keys.printed(text, "pub"):
        detail = f"the curve is named: {found[1]}"
        yield _on_a_curve(f"a public key{_AS_PRINTED}", lambda curve: keys.public_key(octets, curve=curve), detail)


def in_der(octets: bytes) -> Iterator[Guess | Miss]:
    """Read a SEQUENCE, identified by its first elements; also PKCS#12 and PKCS#7 in BER, as many write them."""
    inside = _inside(octets)
    if inside[:1] == bytes([der.INTEGER]):
        yield from _after_an_integer(octets, inside)
    elif inside[:1] == bytes([der.SEQUENCE]):
        yield from _after_a_sequence(octets, _inside(inside))
    elif _begins_with_oid(inside, _PKCS7_TYPES):
        yield _PKCS7_IN_DER


def _after_an_integer(octets: bytes, inside: bytes) -> Iterator[Guess | Miss]:
    version, second = inside[:3], inside[3:4]
    if second == bytes([der.SEQUENCE]) and version == der.integer(3):
        if _begins_with_oid(_inside(inside[3:]), _PKCS7_TYPES):
            yield _PKCS12
    elif second == bytes([der.SEQUENCE]) and version in (der.integer(0), der.integer(1)):
        yield _key(octets, "pkcs8", "DER")
    elif second == bytes([der.OCTET_STRING]) and version == der.integer(1):
        yield _key(octets, "sec1", "DER")
    elif _tags(octets) == [der.INTEGER] * _INTEGERS_OF_RSA:
        yield _RSA_IN_DER
    else:
        yield from signature_in_der(octets)


def _after_a_sequence(octets: bytes, first: bytes) -> Iterator[Guess | Miss]:
    """Read what begins with a SEQUENCE whose contents begin as `first` does."""
    if _begins_with_oid(first, *_ENCRYPTIONS):
        yield _ENCRYPTED_IN_DER
    elif x509.is_one(octets) or first[:4] == _CERTIFICATE:
        yield _x509(octets, "DER")
    elif _begins_with_oid(first, b""):
        yield _key(octets, "spki", "DER")


def _begins_with_oid(octets: bytes, *beginnings: bytes) -> bool:
    return octets[:1] == bytes([der.OBJECT_IDENTIFIER]) and octets[2:].startswith(beginnings)


def _tags(octets: bytes) -> list[int]:
    """Return the tags inside a SEQUENCE in DER, or an empty list if it is not one."""
    with contextlib.suppress(InvalidEncoding):
        return der.Reader(octets, "DER").inside(der.SEQUENCE, "a SEQUENCE").tags()
    return []


def _inside(octets: bytes) -> bytes:
    """Return what follows the tag and the length of a SEQUENCE; nothing if it is not one."""
    if octets[:1] != bytes([der.SEQUENCE]) or len(octets) < 2:
        return b""
    return octets[2 + (octets[1] & 0x7F if octets[1] >= 0x80 else 0) :]


def _key(octets: bytes, form: str, container: str) -> Guess | Miss:
    """Return the reading of a key in DER; form: "spki", "sec1" or "pkcs8"; container: DER or PEM."""
    if form == "spki":
        what = f"a public key, SubjectPublicKeyInfo (RFC 5480 §2) in {container}"
        return _on_a_curve(what, lambda curve: PublicKey.from_der(octets, curve=curve), "the curve is named by its OID")
    return _on_a_curve(
        f"a private key, {_PRIVATE_NAMES[form]} in {container}",
        lambda curve: PrivateKey.from_der(octets, curve=curve),
        HIDDEN,
        secret=True,
    )


def _on_a_curve(what: str, read: Callable[[Curve], object], detail: str, *, secret: bool = False) -> Guess | Miss:
    """Return the reading on the first curve that `read` accepts, or its refusal on the first curve. A key that every
    curve refuses alike is of another kind.
    """
    refusals: list[EcpureError] = []
    for curve in CURVES:
        try:
            read(curve)
        except EcpureError as error:
            refusals.append(error)
        else:
            return Guess(f"{what}, on {curve.name}", (detail,), secret=secret)
    reasons = {str(error).replace(curve.name, "") for error, curve in zip(refusals, CURVES, strict=True)}
    if len(reasons) == 1 and isinstance(refusals[0], InvalidKey):
        return Guess(what, (str(refusals[0]),), secret=secret)
    return missed(what, refusals[0])


def _x509(octets: bytes, container: str, *, auxiliary: bool = False) -> Guess | Miss:
    """Return the reading of a certificate or a request, whatever its key is for."""
    what = f"a certificate or request (RFC 5280 §4.1, RFC 2986 §4.1) in {container}"
    refusals = []
    for curve in CURVES:
        try:
            what = f"{x509.title(octets, auxiliary=auxiliary)} in {container}"
            x509.public_key(octets, curve=curve, auxiliary=auxiliary)
        except InvalidKey as error:
            refusals.append(str(error))
        except InvalidEncoding as error:
            return missed(what, error)
        else:
            advice = "--public-key reads its key; nothing around the key is verified"
            return Guess(f"{what}, with a public key on {curve.name}", (advice,))
    return Guess(what, (refusals[0],))


# OpenSSH: PROTOCOL.key, RFC 4253 §6.6, RFC 5656 §3.1

_OPENSSH_LABEL = "OPENSSH PRIVATE KEY"
_OPENSSH = b"openssh-key-v1\x00"
_OPENSSH_TYPES = (
    "ssh-ed25519",
    "ssh-rsa",
    "ssh-dss",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
)
_OPENSSH_LINE = re.compile(rb"([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?: [^\r\n]*)?")
_NO_SUCH_CURVE = "OpenSSH has no keys on secp224k1 or secp256k1"
_AS_PEM = "its public key in PEM: ssh-keygen -e -m PKCS8 -f KEY > NEW"
_FINGERPRINT = "whose it is: ssh-keygen -l -f KEY"


def _openssh_private(octets: bytes) -> Guess | Miss:
    what = "a private key of OpenSSH"
    if not octets.startswith(_OPENSSH):
        return Miss(what, "openssh-key-v1 was expected at its beginning")
    cipher, rest = _string(octets[len(_OPENSSH) :])
    _, rest = _string(rest)  # the key derivation
    _, rest = _string(rest)  # its options
    kind, _ = _string(_string(rest[4:])[0])
    encrypted = () if cipher == b"none" else ("it is encrypted: ssh-keygen asks for its passphrase",)
    return Guess(f"{what}{_named(kind)}", (_NO_SUCH_CURVE, *encrypted, _command(kind)), secret=True)


def openssh_public(octets: bytes) -> Iterator[Guess | Miss]:
    """Read a line of `id_*.pub` or `authorized_keys`, which has its type twice."""
    match = _OPENSSH_LINE.fullmatch(octets.strip())
    if match is None:
        return
    try:
        kind, _ = _string(a2b_base64(match[2], strict_mode=True))
    except ValueError:
        return
    if kind == match[1]:
        yield Guess(f"a public key of OpenSSH{_named(kind)}", (_NO_SUCH_CURVE, _command(kind)))


def _string(octets: bytes) -> tuple[bytes, bytes]:
    """Return a string (RFC 4251 §5), and what follows it; both may be cut off."""
    end = 4 + int.from_bytes(octets[:4], "big")
    return octets[4:end], octets[end:]


def _named(kind: bytes) -> str:
    """Return the words for a key's type if it is known: anything else is not repeated."""
    return next((f": {name}" for name in _OPENSSH_TYPES if name.encode("ascii") == kind), "")


def _command(kind: bytes) -> str:
    return _AS_PEM if kind.startswith((b"ecdsa-", b"ssh-rsa")) else _FINGERPRINT  # ssh-keygen converts no others
