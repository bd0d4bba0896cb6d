"""Key files: SEC 1 `EC PRIVATE KEY`, PKCS#8 and SPKI, in DER and PEM, the curve named by OID.

Written as OpenSSL 3 writes them. Read as strict DER, also in forms that are not written but can be read in only one
way: private octets without leading zeros; a compressed point, or none; PKCS#8 of version 1, with the point beside the
key; the curve named once more inside PKCS#8; and attributes in PKCS#8, which are skipped. Errors say what the octets
are, and how OpenSSL converts them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from . import der
from .curve import NAMES, Curve, Point
from .errors import InvalidCurve, InvalidEncoding, InvalidKey
from .rfc4648 import decode_base64, encode_base64
from .values import require_octets

_VERSIONS = {"pkcs8": (0, 1), "sec1": (1,)}
_FORM_NAMES = {"pkcs8": "version 0 or 1 of PKCS#8 (RFC 5958 §2)", "sec1": "version 1 of EC PRIVATE KEY (SEC 1 §C.4)"}
PRIVATE_FORMS = tuple(_VERSIONS)

_EC_PUBLIC_KEY = "1.2.840.10045.2.1"  # RFC 5480 §2.1.1
_PARAMETERS, _PUBLIC_KEY = 0xA0, 0xA1  # [0] and [1] of ECPrivateKey, which are explicit
_ATTRIBUTES, _PUBLIC_KEY_BESIDE = 0xA0, 0x81  # [0] and [1] of OneAsymmetricKey, which are implicit

_KINDS = {
    "1.2.840.113549.1.1.1": "an RSA key",
    "1.2.840.10040.4.1": "a DSA key",
    "1.3.101.110": "an X25519 key",
    "1.3.101.112": "an Ed25519 key",
}
_CURVES = {
    "1.2.840.10045.3.1.1": "prime192v1 (P-192)",
    "1.2.840.10045.3.1.7": "prime256v1 (P-256)",
    "1.3.132.0.9": "secp160k1",
    "1.3.132.0.10": "secp256k1",
    "1.3.132.0.31": "secp192k1",
    "1.3.132.0.32": "secp224k1",
    "1.3.132.0.33": "secp224r1 (P-224)",
    "1.3.132.0.34": "secp384r1 (P-384)",
    "1.3.132.0.35": "secp521r1 (P-521)",
    "1.3.36.3.3.2.8.1.1.5": "brainpoolP224r1",
    "1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1",
    "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
    "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
}
_LONGEST_SHOWN = 32  # characters of an unknown OID: the digits of a private key would be more
_NAME_CURVE = {
    "private": "openssl pkey -in KEY -ec_param_enc named_curve -out NEW",
    "public": "openssl pkey -pubin -in KEY -pubout -ec_param_enc named_curve -out NEW",
}
_UNCOMPRESS = {
    "private": "openssl pkey -in KEY -ec_conv_form uncompressed -out NEW",
    "public": "openssl pkey -pubin -in KEY -pubout -ec_conv_form uncompressed -out NEW",
}
_USE = {
    "private": "OpenSSL{doubt} signs with it: openssl dgst -sha256 -sign KEY -out SIGNATURE FILE",
    "public": "OpenSSL{doubt} verifies with it: openssl dgst -sha256 -verify KEY -signature SIGNATURE FILE",
}
_ENCRYPTED = "private key: it is encrypted; to decrypt it: openssl pkey -in KEY -out NEW"
_PKCS12 = {
    "private": "private key: this is PKCS#12; its private key: openssl pkcs12 {legacy}-in KEY -nodes -nocerts -out NEW",
    "public": "public key: this is PKCS#12; its certificate: openssl pkcs12 {legacy}-in KEY -nokeys -clcerts -out NEW",
}
_VERSION_3 = b"\x02\x01\x03"
_PKCS7_DATA = (b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")
_PKCS12_PBE = b"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01"  # RFC 7292 §C, without the last octet
_LEGACY_CIPHERS = (1, 2, 5, 6)  # RC4 and RC2, which OpenSSL 3 keeps in its legacy provider


def encode_sec1(curve: Curve, d: bytes, Q: Point) -> bytes:
    """Return ECPrivateKey with the curve's OID and the public key (SEC 1 §C.4, RFC 5915 §3).

    d: octets of n's length; they are copied, and time does not depend on them. Raises `InvalidCurve` for a curve
    without OID.
    """
    return _ec_private_key(d, Q, der.element(_PARAMETERS, der.object_identifier(_oid(curve))))


def encode_pkcs8(curve: Curve, d: bytes, Q: Point) -> bytes:
    """Return PrivateKeyInfo, version 0, without attributes (RFC 5208 §5), around ECPrivateKey without parameters.

    d, time and exceptions: as in `encode_sec1`.
    """
    inner = der.element(der.OCTET_STRING, _ec_private_key(d, Q, b""))
    return der.element(der.SEQUENCE, der.integer(0), _algorithm(curve), inner)


def encode_spki(Q: Point) -> bytes:
    """Return SubjectPublicKeyInfo with the point uncompressed (RFC 5480 §2)."""
    return der.element(der.SEQUENCE, _algorithm(Q.curve), der.bit_string(Q.to_bytes(compressed=False)))


def _oid(curve: Curve) -> str:
    if curve.oid is None:
        raise InvalidCurve(f"{curve.name} has no object identifier, and key files name the curve by it")
    return curve.oid


def _algorithm(curve: Curve) -> bytes:
    oids = der.object_identifier(_EC_PUBLIC_KEY) + der.object_identifier(_oid(curve))
    return der.element(der.SEQUENCE, oids)


def _ec_private_key(d: bytes, Q: Point, parameters: bytes) -> bytes:
    octets = der.element(der.OCTET_STRING, d)
    public = der.element(_PUBLIC_KEY, der.bit_string(Q.to_bytes(compressed=False)))
    return der.element(der.SEQUENCE, der.integer(1), octets, parameters, public)


def decode_spki(octets: bytes, curve: Curve) -> Point:
    """Return the point of a SubjectPublicKeyInfo on `curve`, compressed or not.

    Raises `InvalidEncoding` unless it is one, `InvalidKey` for a key of another kind or on another curve.
    """
    _refuse_pkcs12(octets, "public")
    outer = der.Reader(octets, "public key")
    spki = outer.inside(der.SEQUENCE, "a SEQUENCE")
    outer.end()
    shape = spki.tags()
    _refuse_other_kinds(shape)
    if shape[:1] == [der.INTEGER]:
        raise InvalidKey("public key: this is a private key; make its public key with `ecpure pubkey`")
    _read_algorithm(spki, curve, "public")
    point = _point(spki.bit_string("the point"), curve, "public")
    spki.end()
    return point


def decode_private(octets: bytes, curve: Curve, forms: Collection[str] = PRIVATE_FORMS) -> tuple[bytes, Point | None]:
    """Return the private octets (at n's length), and the public point if there is one, of an ECPrivateKey ("sec1") or a
    OneAsymmetricKey ("pkcs8"; its version 0 is PrivateKeyInfo). forms: those that are accepted; their second elements
    tell them apart.

    In the file, the private octets may be fewer than n's length: OpenSSL 1.0.2 wrote p's length, others drop leading
    zeros. Attributes are skipped. Raises as `decode_spki` does. Time depends on how many they are, not on their values.
    """
    _refuse_pkcs12(octets, "private")
    outer = der.Reader(octets, "private key")
    body = outer.inside(der.SEQUENCE, "a SEQUENCE")
    outer.end()
    shape = body.tags()
    _refuse_other_kinds(shape)
    if shape[:2] == [der.SEQUENCE, der.BIT_STRING]:
        raise InvalidKey("private key: this is a public key")
    form = {der.OCTET_STRING: "sec1", der.SEQUENCE: "pkcs8"}.get(shape[1], "") if len(shape) > 1 else ""
    if form not in forms or (version := body.integer("the version")) not in _VERSIONS[form]:
        named = [_FORM_NAMES[name] for name in forms if form not in forms or name == form]
        raise InvalidEncoding(f"private key: {' or '.join(named)} was expected")
    if form == "sec1":
        return _read_ec_private_key(body, curve, named=False)
    _read_algorithm(body, curve, "private")
    wrapped = body.inside(der.OCTET_STRING, "ECPrivateKey")
    if body.next_tag() == _ATTRIBUTES:
        body.contents(_ATTRIBUTES, "the attributes")
    beside = None
    if version == 1 and body.next_tag() == _PUBLIC_KEY_BESIDE:
        beside = _point(body.bit_string("the public key", _PUBLIC_KEY_BESIDE), curve, "private")
    body.end()
    inner = wrapped.inside(der.SEQUENCE, "ECPrivateKey")
    wrapped.end()
    if inner.integer("the version") != 1:
        raise InvalidEncoding("private key: version 1 of ECPrivateKey was expected (SEC 1 §C.4)")
    private, point = _read_ec_private_key(inner, curve, named=True)
    if point is not None and beside is not None and point != beside:
        raise InvalidKey("private key: the file contains two different public keys")
    return private, beside if point is None else point


def is_pkcs12(octets: bytes) -> bool:
    """Whether the octets begin as PFX does (RFC 7292 §4): version 3, and a ContentInfo of PKCS#7's data or signedData.

    It may be BER, with indefinite lengths, as programs for Windows and Java write it: only its beginning is read.
    """
    version = _contents_of_sequence(octets)
    if not version.startswith(_VERSION_3):
        return False
    return _contents_of_sequence(version[len(_VERSION_3) :]).startswith(_PKCS7_DATA)


def _contents_of_sequence(octets: bytes) -> bytes:
    """Return what follows the tag and length of a SEQUENCE in BER (X.690 §8.1.3), or b"" if there is none."""
    if len(octets) < 2 or octets[0] != der.SEQUENCE:
        return b""
    long_form = octets[1] & 0x7F if octets[1] & 0x80 else 0  # 0 is also right for the indefinite length
    return octets[2 + long_form :]


def _refuse_pkcs12(octets: bytes, kind: str) -> None:
    if not is_pkcs12(octets):
        return
    ciphers = {rest[0] for rest in octets.split(_PKCS12_PBE)[1:] if rest}
    legacy = "-legacy " if ciphers.intersection(_LEGACY_CIPHERS) else ""  # OpenSSL before 3 does not have this option
    raise InvalidKey(_PKCS12[kind].format(legacy=legacy))


def _refuse_other_kinds(shape: list[int]) -> None:
    """Raise `InvalidKey` for the elements of EncryptedPrivateKeyInfo (RFC 5208 §6), X.509 or PKCS#1."""
    if shape[:2] == [der.SEQUENCE, der.OCTET_STRING]:
        raise InvalidKey(_ENCRYPTED)
    if shape[:2] == [der.SEQUENCE, der.SEQUENCE]:
        raise InvalidKey(
            "key: this is a certificate or a certificate request; extract its key with openssl x509 or req"
        )
    if shape[:2] == [der.INTEGER, der.INTEGER]:
        raise InvalidKey("key: this is an RSA or DSA key")


def _read_ec_private_key(body: der.Reader, curve: Curve, *, named: bool) -> tuple[bytes, Point | None]:
    """Read ECPrivateKey after its version. named: whether PKCS#8 has already named the curve."""
    private = body.contents(der.OCTET_STRING, "the private key")
    if body.next_tag() == _PARAMETERS:
        parameters = body.inside(_PARAMETERS, "the parameters")
        _read_named_curve(parameters, curve, "private")
        parameters.end()
    elif not named:
        raise InvalidKey(f"private key: it does not name its curve, and {curve.name} is not guessed")
    if not 1 <= len(private) <= curve.scalar_octets:  # RFC 5915 §3 requires all of them: fewer are the same number
        raise InvalidEncoding(f"private key: 1 to {curve.scalar_octets} octets were expected inside (RFC 5915 §3)")
    point = None
    if body.next_tag() is not None:
        public = body.inside(_PUBLIC_KEY, "the public key")
        point = _point(public.bit_string("the public key"), curve, "private")
        public.end()
    body.end()
    return private.rjust(curve.scalar_octets, b"\x00"), point


def _point(octets: bytes, curve: Curve, kind: str) -> Point:
    """Return the point. Raises `InvalidEncoding`; for the hybrid form, with OpenSSL's command that converts it."""
    if octets[:1] in (b"\x06", b"\x07"):
        raise InvalidEncoding(f"{kind} key: a point in hybrid form (RFC 5480 §2.2); uncompressed: {_UNCOMPRESS[kind]}")
    return Point.from_bytes(octets, curve=curve)


def _read_algorithm(body: der.Reader, curve: Curve, kind: str) -> None:
    """Read AlgorithmIdentifier, and check that it is id-ecPublicKey with the OID of `curve` (RFC 5480 §2.1.1)."""
    algorithm = body.inside(der.SEQUENCE, "AlgorithmIdentifier")
    oid = algorithm.object_identifier("the algorithm")
    if oid != _EC_PUBLIC_KEY:
        raise InvalidKey(f"key: this is {_KINDS.get(oid, 'a key for another algorithm')}, not one on {curve.name}")
    _read_named_curve(algorithm, curve, kind)
    algorithm.end()


def _read_named_curve(body: der.Reader, curve: Curve, kind: str) -> None:
    """Read ECParameters, and check that they are the OID of `curve` (RFC 5480 §2.1.1: only namedCurve)."""
    if body.next_tag() == der.SEQUENCE:
        raise InvalidKey(f"key: its curve is given by explicit parameters; to name it instead: {_NAME_CURVE[kind]}")
    oid = body.object_identifier("the curve")
    if oid == _oid(curve):
        return
    other = _CURVES.get(oid, f"another curve ({oid})" if len(oid) <= _LONGEST_SHOWN else "another curve")
    doubt = "" if oid in _CURVES else ", if it has that curve,"
    advice = "" if other in NAMES else f"; {_USE[kind].format(doubt=doubt)}"
    raise InvalidKey(f"key: this is a key on {other}, not on {curve.name}{advice}")


_OTHER_LABELS = {
    "ENCRYPTED PRIVATE KEY": _ENCRYPTED,
    "CERTIFICATE": "key: this is a certificate; its public key: openssl x509 -in CERTIFICATE -pubkey -noout -out NEW",
    "CERTIFICATE REQUEST": "key: this is a request; its public key: openssl req -in REQUEST -pubkey -noout -out NEW",
    "RSA PRIVATE KEY": "key: this is an RSA key",
    "RSA PUBLIC KEY": "key: this is an RSA key",
    "DSA PRIVATE KEY": "key: this is a DSA key",
    "OPENSSH PRIVATE KEY": "key: this is an OpenSSH key",
    "PUBLIC KEY": "private key: this is a public key",
    "PRIVATE KEY": "public key: this is a private key; make its public key with `ecpure pubkey`",
    "EC PRIVATE KEY": "public key: this is a private key; make its public key with `ecpure pubkey`",
}


def encode_pem(label: str, octets: bytes) -> str:
    """Return the PEM text of `octets` in lines of 64 characters (RFC 7468 §2).

    Time depends on their number, and base64 looks their bits up in a table, those of a private key, too.
    """
    text = encode_base64(octets)
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def decode_pem(text: str | bytes, labels: Collection[str]) -> tuple[str, bytes]:
    """Return the label and the octets of the one block in `text` that has one of `labels` (RFC 7468 §3).

    Text outside the block is skipped, and so is the block EC PARAMETERS that OpenSSL writes before a key: the key names
    its curve itself. Raises `InvalidEncoding` for no block, more than one, or a damaged block; `InvalidKey` for a block
    of another kind; `TypeError` unless `text` is str or bytes.

    Time depends on the lengths of lines and text, and base64 looks letters up in a table, those of a private key, too.
    """
    if not isinstance(text, str):
        text = require_octets(text, "PEM").decode("utf-8", errors="replace")
    blocks = [block for block in pem_blocks(text) if block[0] != "EC PARAMETERS"]
    if len(blocks) != 1:
        raise InvalidEncoding(f"PEM: exactly one block was expected, {' or '.join(labels)}")
    label, lines = blocks[0]
    if label not in labels:
        raise InvalidKey(_OTHER_LABELS.get(label, f"key: a PEM block {' or '.join(labels)} was expected"))
    if lines and lines[0].startswith("Proc-Type: 4,ENCRYPTED"):
        raise InvalidKey(_ENCRYPTED)
    try:
        octets = decode_base64("".join(lines).translate(_NO_WHITE_SPACE))
    except ValueError:
        octets = b""
    if not octets:
        raise InvalidEncoding("PEM: base64 was expected in the block (RFC 7468 §3)")
    return label, octets


_WHITE_SPACE = " \t\v\f"  # RFC 7468 §3, besides line ends
_NO_WHITE_SPACE = dict.fromkeys(map(ord, _WHITE_SPACE))


def pem_blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the label and the lines of each block of a PEM text, whose lines end in CR LF, CR or LF (RFC 7468 §3).

    A byte-order mark before the text is skipped. Raises `InvalidEncoding` for a block without an end, or inside
    another.
    """
    begin, end, dashes = "-----BEGIN ", "-----END ", "-----"
    label: str | None = None
    lines: list[str] = []
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for line in (line.strip(_WHITE_SPACE) for line in text.split("\n")):
        if label is None and line.startswith(begin) and line.endswith(dashes):
            label, lines = line.removeprefix(begin).removesuffix(dashes), []
            if dashes in label:
                raise InvalidEncoding("PEM: BEGIN and END were expected on lines of their own (RFC 7468 §3)")
        elif label is not None and line == end + label + dashes:
            yield label, lines
            label = None
        elif line.startswith((begin, end)):
            raise InvalidEncoding("PEM: blocks are nested or cut off (RFC 7468 §2)")
        elif label is not None:
            lines.append(line)
    if label is not None:
        raise InvalidEncoding("PEM: a block has no end (RFC 7468 §2)")
