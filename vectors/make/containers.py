"""Key files: SEC 1's ECPrivateKey, PKCS#8 and SubjectPublicKeyInfo, in DER and PEM, and what is none of them."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import offcurve
import reference
from files import File, Group, Note, Test
from points import number
from reference import ID_EC_PUBLIC_KEY as _EC
from reference import SECP224K1, SECP256K1, N, compressed, der_integer, multiply, tlv, uncompressed

_CURVE = SECP224K1.oid
_OTHERS = {
    "secp224r1": bytes.fromhex("06052b81040021"),
    "secp256k1": SECP256K1.oid,
    "secp192k1": bytes.fromhex("06052b8104001f"),
    "prime256v1": bytes.fromhex("06082a8648ce3d030107"),
    "1.3.132.0.32.0": bytes.fromhex("06062b8104002000"),
    "1.3.132.0": bytes.fromhex("06042b810400"),
}

_NOTES = {
    "Ordinary": Note("BASIC", "A key as OpenSSL and others write it."),
    "EdgeKey": Note("EDGE_CASE", "A private key at an end of the range, with leading zero octets, or without them."),
    "Optional": Note("BASIC", "Parts that the form leaves open are there or not."),
    "ShortKey": Note(
        "LEGACY",
        "A private key in 28 octets, as OpenSSL 1.0.2 wrote it, or without octets 00 in front. RFC 5915 section 3 has "
        "29; there is one number that it can be.",
    ),
    "OneAsymmetricKey": Note(
        "BASIC", "PKCS#8 of version 1, with the public key beside or without, and attributes (RFC 5958 section 2)."
    ),
    "WrongParameters": Note(
        "BER_ENCODING", "The parameters of the algorithm are the curve's OID, and nothing beside it (RFC 5480)."
    ),
    "OutOfRange": Note("MISSING_STEP", "A private key of 0, or of n or above.", "Signing with it tells its nonces."),
    "WrongCurve": Note("MISSING_STEP", "The curve, or the algorithm, is another one.", "Computing on the wrong curve."),
    "NotNamed": Note("MISSING_STEP", "The curve is not named, or given by parameters (RFC 5480 section 2.1.1)."),
    "WrongPoint": Note(
        "MISSING_STEP", "A public key that is off the curve, infinity, or in a form that RFC 5480 has not."
    ),
    "Mismatch": Note("MISSING_STEP", "The public key beside the private one belongs to another."),
    "WrongDer": Note("BER_ENCODING", "An encoding that DER does not allow, or octets missing or left over."),
    "WrongVersion": Note("CAN_OF_WORMS", "A version that the form does not have."),
    "WrongKind": Note("CAN_OF_WORMS", "A public key where a private one is asked for, or the other way round."),
    "WrongPem": Note("CAN_OF_WORMS", "PEM that is cut off, doubled, mislabelled or not base64 (RFC 7468)."),
    "LaxPem": Note("BASIC", "PEM with what RFC 7468 section 2 lets a parser pass over."),
}

_D = number("a key in a file")


def sec1(d: bytes, parameters: bytes | None = _CURVE, point: bytes | None = b"", version: int = 1) -> bytes:
    """Return ECPrivateKey (SEC 1 §C.4); point: octets, none for the key's own on secp224k1, or None to leave it out."""
    parts = der_integer(version) + tlv(4, d)
    parts += tlv(0xA0, parameters) if parameters is not None else b""
    if point is not None:
        parts += tlv(0xA1, tlv(3, b"\x00" + (point or uncompressed(multiply(int.from_bytes(d, "big"))))))
    return tlv(0x30, parts)


def pkcs8(inner: bytes, algorithm: bytes = _EC + _CURVE, version: int = 0, more: bytes = b"") -> bytes:
    """Return PrivateKeyInfo (RFC 5208 §5) of an ECPrivateKey."""
    return tlv(0x30, der_integer(version) + tlv(0x30, algorithm) + tlv(4, inner) + more)


def _spki(point: bytes, algorithm: bytes = _EC + _CURVE, unused: int = 0) -> bytes:
    return tlv(0x30, tlv(0x30, algorithm) + tlv(3, bytes([unused]) + point))


def _octets(d: int) -> bytes:
    return d.to_bytes(29, "big")


def _test(encoded: bytes, key: bytes | None, flag: str, comment: str) -> Test:
    test: Test = {"comment": comment, "flags": [flag], "encoded": encoded.hex()}
    return test | ({"result": "invalid"} if key is None else {"key": key.hex(), "result": "valid"})


def _private_der() -> Iterator[Test]:  # noqa: C901  # a list of cases, no logic
    keys = {
        "a number": _D,
        "1": 1,
        "2": 2,
        "n - 1": N - 1,
        "2^224": 2**224,
        "2^224 - 1": 2**224 - 1,
        "200 bits": _D >> 24,
    }
    for name, d in keys.items():
        flag = "Ordinary" if d == _D else "EdgeKey"
        yield _test(sec1(_octets(d)), _octets(d), flag, f"ECPrivateKey, d = {name}")
        yield _test(pkcs8(sec1(_octets(d), None)), _octets(d), flag, f"PrivateKeyInfo, d = {name}")
    own = _octets(_D)
    yield _test(sec1(own, point=None), own, "Optional", "ECPrivateKey without the public key")
    yield _test(sec1(own, point=compressed(multiply(_D))), own, "Optional", "ECPrivateKey with a compressed public key")
    yield _test(pkcs8(sec1(own, None, None)), own, "Optional", "PrivateKeyInfo without the public key")
    yield _test(pkcs8(sec1(own)), own, "Optional", "PrivateKeyInfo, the curve named inside as well")
    for name, d in {"0": 0, "n": N, "n + 1": N + 1, "2^232 - 1": 2**232 - 1}.items():
        yield _test(sec1(_octets(d), point=None), None, "OutOfRange", f"ECPrivateKey, d = {name}")
        yield _test(pkcs8(sec1(_octets(d), None, None)), None, "OutOfRange", f"PrivateKeyInfo, d = {name}")
    for length in (0, 1, 26, 28, 30, 32, 56):
        octets = own.rjust(length, b"\x00")[-length:] if length else b""
        key = octets.rjust(29, b"\x00") if 1 <= length <= 29 else None
        flag = "WrongDer" if key is None else "ShortKey"
        yield _test(sec1(octets, point=None), key, flag, f"ECPrivateKey, d in {length} octets")
        yield _test(pkcs8(sec1(octets, None, None)), key, flag, f"PrivateKeyInfo, d in {length} octets")
    for name, d in {"1": 1, "200 bits": _D >> 24, "2^224 - 1": 2**224 - 1}.items():
        octets = d.to_bytes(-(-d.bit_length() // 8), "big")
        yield _test(sec1(octets), _octets(d), "ShortKey", f"ECPrivateKey with its public key, d = {name}, no octet 00")
        yield _test(pkcs8(sec1(octets, None)), _octets(d), "ShortKey", f"PrivateKeyInfo, d = {name}, no octet 00")
    for length in (1, 28):
        yield _test(sec1(bytes(length), point=None), None, "OutOfRange", f"ECPrivateKey, d = 0 in {length} octets")
    yield from _one_asymmetric(own)
    for name, oid in _OTHERS.items():
        yield _test(sec1(own, oid), None, "WrongCurve", f"ECPrivateKey that names {name}")
        yield _test(pkcs8(sec1(own, None), _EC + oid), None, "WrongCurve", f"PrivateKeyInfo that names {name}")
        yield _test(pkcs8(sec1(own, oid)), None, "WrongCurve", f"PrivateKeyInfo that names {name} inside")
    yield _test(sec1(own, None), None, "NotNamed", "ECPrivateKey without the curve")
    yield _test(sec1(own, _explicit()), None, "NotNamed", "ECPrivateKey with explicit parameters")
    yield _test(sec1(own, b"\x05\x00"), None, "NotNamed", "ECPrivateKey with implicit parameters")
    yield _test(pkcs8(sec1(own, None), _EC + _explicit()), None, "NotNamed", "PrivateKeyInfo with explicit parameters")
    yield _test(pkcs8(sec1(own, None), _EC), None, "NotNamed", "PrivateKeyInfo without parameters")
    rsa = bytes.fromhex("06092a864886f70d010101")
    yield _test(pkcs8(sec1(own, None), rsa + _CURVE), None, "WrongCurve", "PrivateKeyInfo of rsaEncryption")
    for name, Q in {"2G": multiply(2), "-Q": reference.negative(multiply(_D))}.items():
        yield _test(sec1(own, point=uncompressed(Q)), None, "Mismatch", f"ECPrivateKey with the public key {name}")
        yield _test(
            pkcs8(sec1(own, None, compressed(Q))), None, "Mismatch", f"PrivateKeyInfo with the public key {name}"
        )
    yield _test(sec1(own, point=_off_curve()), None, "WrongPoint", "ECPrivateKey with a public key off the curve")
    yield _test(sec1(own, point=b"\x00"), None, "WrongPoint", "ECPrivateKey with infinity as public key")
    for version in (0, 2, -1, 256):
        yield _test(sec1(own, version=version), None, "WrongVersion", f"ECPrivateKey of version {version}")
    for version in (2, -1):
        yield _test(
            pkcs8(sec1(own, None), version=version), None, "WrongVersion", f"PrivateKeyInfo of version {version}"
        )
    yield _test(_spki(uncompressed(multiply(_D))), None, "WrongKind", "SubjectPublicKeyInfo")
    yield _test(own, None, "WrongKind", "the octets of d themselves")
    for name, encoded in {"ECPrivateKey": sec1(own), "PrivateKeyInfo": pkcs8(sec1(own, None))}.items():
        yield from _damaged(encoded, name)


def _one_asymmetric(own: bytes) -> Iterator[Test]:
    """Yield PKCS#8 of version 1 and of version 0, with and without what may and may not follow the key (RFC 5958)."""
    inner, Q = sec1(own, None), uncompressed(multiply(_D))
    short = sec1(own, None, None)
    beside, other = tlv(0x81, b"\0" + Q), tlv(0x81, b"\0" + uncompressed(multiply(2)))
    # An attribute as Windows writes it: key usage, digitalSignature.
    attributes = tlv(0xA0, tlv(0x30, bytes.fromhex("0603551d0f") + tlv(0x31, bytes.fromhex("03020780"))))
    for name, encoded in {
        "version 1": pkcs8(inner, version=1),
        "version 1, no public key": pkcs8(short, version=1),
        "version 1, the public key in [1]": pkcs8(short, version=1, more=beside),
        "version 1, the public key in [1] and inside": pkcs8(inner, version=1, more=beside),
        "version 0, with attributes": pkcs8(inner, more=attributes),
        "version 1, with attributes": pkcs8(inner, version=1, more=attributes),
        "version 1, with attributes and the public key": pkcs8(short, version=1, more=attributes + beside),
    }.items():
        yield _test(encoded, own, "OneAsymmetricKey", name)
    wrong = {
        "Mismatch": {
            "version 1, another public key in [1]": pkcs8(short, version=1, more=other),
            "version 1, another public key in [1], the right one inside": pkcs8(inner, version=1, more=other),
        },
        "WrongDer": {
            "version 0, the public key in [1]": pkcs8(short, more=beside),
            "version 1, attributes after the public key": pkcs8(short, version=1, more=beside + attributes),
            "version 1, the public key twice": pkcs8(short, version=1, more=beside + beside),
            "version 1, an element after the public key": pkcs8(short, version=1, more=beside + b"\5\0"),
            "version 1, [1] explicit": pkcs8(short, version=1, more=tlv(0xA1, tlv(3, b"\0" + Q))),
            "an octet 00 behind ECPrivateKey": pkcs8(inner + b"\0"),
            "a NULL behind ECPrivateKey": pkcs8(inner + b"\5\0"),
            "ECPrivateKey twice": pkcs8(inner + inner),
            "an element after the public key inside": pkcs8(tlv(0x30, inner[2:] + b"\5\0")),
            "d alone inside": pkcs8(own),
            "d in an OCTET STRING inside": pkcs8(tlv(4, own)),
            "nothing inside": pkcs8(b""),
        },
        "WrongVersion": {
            f"ECPrivateKey of version {version} inside": pkcs8(sec1(own, None, version=version)) for version in (0, 2)
        },
        "WrongPoint": {
            "version 1, a point off the curve in [1]": pkcs8(short, version=1, more=tlv(0x81, b"\0" + _off_curve())),
            "version 1, infinity in [1]": pkcs8(short, version=1, more=tlv(0x81, b"\0\0")),
        },
        "WrongParameters": {
            "a NULL after the curve": pkcs8(inner, _EC + _CURVE + b"\5\0"),
            "the curve twice": pkcs8(inner, _EC + _CURVE + _CURVE),
            "a NULL before the curve": pkcs8(inner, _EC + b"\5\0" + _CURVE),
            "the curve alone": pkcs8(inner, _CURVE),
            "nothing": pkcs8(inner, b""),
        },
    }
    for flag, encodings in wrong.items():
        for name, encoded in encodings.items():
            yield _test(encoded, None, flag, f"PrivateKeyInfo: {name}")
    for name, parameters in {"a NULL after the curve": _CURVE + b"\5\0", "the curve twice": _CURVE + _CURVE}.items():
        yield _test(sec1(own, parameters), None, "WrongParameters", f"ECPrivateKey: {name}")


def _explicit() -> bytes:
    field = tlv(0x30, bytes.fromhex("06072a8648ce3d0101") + der_integer(reference.P))
    equation = tlv(0x30, tlv(4, bytes(28)) + tlv(4, bytes(27) + b"\x05"))
    base = tlv(4, uncompressed(reference.G))
    return tlv(0x30, der_integer(1) + field + equation + base + der_integer(N) + der_integer(1))


def _off_curve() -> bytes:
    Q = bytearray(uncompressed(multiply(_D)))
    Q[-1] ^= 1
    return bytes(Q)


def _damaged(encoded: bytes, name: str) -> Iterator[Test]:
    """Yield an encoding cut off, gone on, retagged, or with its length in another form."""
    for cut in (1, 2, 10, len(encoded) - 2, len(encoded) - 1, len(encoded)):
        yield _test(encoded[:-cut], None, "WrongDer", f"{name} without its last {cut} octets")
    for more in (b"\x00", b"\x05\x00", encoded):
        yield _test(encoded + more, None, "WrongDer", f"{name} with {len(more)} octets after it")
    length, body = encoded[1], encoded[2:]
    if length >= 128:
        raise ValueError("a short length was expected")
    yield _test(bytes([0x30, 0x81, length]) + body, None, "WrongDer", f"{name}, the length in the long form")
    yield _test(bytes([0x30, 0x82, 0, length]) + body, None, "WrongDer", f"{name}, the length in two octets")
    yield _test(b"\x30\x80" + body + b"\x00\x00", None, "WrongDer", f"{name}, the length indefinite")
    for step in (-1, 1):
        yield _test(bytes([0x30, length + step]) + body, None, "WrongDer", f"{name}, the length {step:+d}")
    for tag in (0x31, 0x10, 0x02, 0xA0):
        yield _test(bytes([tag]) + encoded[1:], None, "WrongDer", f"{name} with the tag {tag:02x}")
    inside = body + b"\x05\x00"
    yield _test(tlv(0x30, inside), None, "WrongDer", f"{name} with an element after the last")


def _public_der() -> Iterator[Test]:
    for name, d in {"a number": _D, "1": 1, "n - 1": N - 1, "2": 2}.items():
        Q = multiply(d)
        yield _test(_spki(uncompressed(Q)), uncompressed(Q), "Ordinary", f"the public key of d = {name}")
        yield _test(_spki(compressed(Q)), uncompressed(Q), "Optional", f"the public key of d = {name}, compressed")
    Q = multiply(_D)
    for name, oid in _OTHERS.items():
        yield _test(_spki(uncompressed(Q), _EC + oid), None, "WrongCurve", f"the curve {name}")
    dh = bytes.fromhex("06052b8104010c")  # id-ecDH: restricted to key agreement, RFC 5480 §2.1.2
    yield _test(_spki(uncompressed(Q), dh + _CURVE), None, "WrongCurve", "the algorithm id-ecDH")
    yield _test(_spki(uncompressed(Q), _EC), None, "NotNamed", "without parameters")
    yield _test(_spki(uncompressed(Q), _EC + b"\x05\x00"), None, "NotNamed", "with implicit parameters")
    yield _test(_spki(uncompressed(Q), _EC + _explicit()), None, "NotNamed", "with explicit parameters")
    hybrid = bytes([6 + uncompressed(Q)[-1] % 2]) + uncompressed(Q)[1:]
    wrong = {
        "off the curve": _off_curve(),
        "infinity": b"\x00",
        "hybrid": hybrid,
        "empty": b"",
        "cut": uncompressed(Q)[:-1],
    }
    for name, point in wrong.items():
        yield _test(_spki(point), None, "WrongPoint", f"a point: {name}")
    for unused in (1, 7, 8):
        yield _test(_spki(uncompressed(Q), unused=unused), None, "WrongDer", f"{unused} unused bits")
    for name, algorithm in {
        "a NULL after the curve": _EC + _CURVE + b"\5\0",
        "the curve twice": _EC + _CURVE + _CURVE,
        "the curve alone": _CURVE,
        "nothing": b"",
    }.items():
        yield _test(_spki(uncompressed(Q), algorithm), None, "WrongParameters", f"SubjectPublicKeyInfo: {name}")
    for name, S in {
        "on another curve": offcurve.isomorphic("spki"),
        "of order 3": (0, 7),
        "of order 2": (7, 0),
    }.items():
        yield _test(_spki(uncompressed(S)), None, "WrongPoint", f"a point {name}")
    for comment, S, other in offcurve.not_reduced():
        yield _test(_spki(uncompressed(S)), uncompressed(S), "Ordinary", f"the key of {comment}")
        yield _test(_spki(uncompressed(other)), None, "WrongPoint", f"the key of {comment}, p added to it")
    for tag in (0x05, 0x0A, 0x0C, 0x12, 0x82, 0x84):
        for octets in (compressed(Q), uncompressed(Q)):
            yield _test(_spki(bytes([tag]) + octets[1:]), None, "WrongPoint", f"{len(octets)} octets, tag {tag:02x}")
    yield _test(_spki(compressed(Q)[1:]), None, "WrongPoint", "x alone")
    yield _test(_spki(uncompressed(Q)[1:]), None, "WrongPoint", "x and y without the tag")
    yield _test(sec1(_octets(_D)), None, "WrongKind", "ECPrivateKey")
    yield _test(pkcs8(sec1(_octets(_D), None)), None, "WrongKind", "PrivateKeyInfo")
    yield from _damaged(_spki(uncompressed(Q)), "SubjectPublicKeyInfo")


def pem(label: str, octets: bytes, end: str = "\n", width: int = 64) -> str:
    """Return the octets in PEM (RFC 7468)."""
    text = base64.b64encode(octets).decode("ascii")
    lines = [text[start : start + width] for start in range(0, len(text), width)]
    return end.join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def _pem_tests(label: str, octets: bytes, key: bytes, other: str) -> Iterator[Test]:
    good = pem(label, octets)
    lines = good.splitlines()
    lax = {
        "as it should be": good,
        "with CR LF": pem(label, octets, "\r\n"),
        "without the last line end": good.rstrip("\n"),
        "with words before it": "Key of the till\n\n" + good,
        "with words after it": good + "Key of the till\n",
        "with spaces after its lines": good.replace("\n", " \n"),
        "in lines of 76": pem(label, octets, width=76),
        "in one line": pem(label, octets, width=1000),
        "in lines of 4": pem(label, octets, width=4),
    }
    if label == "EC PRIVATE KEY":  # as `openssl ecparam -genkey` writes it
        lax["with EC PARAMETERS before it"] = pem("EC PARAMETERS", _CURVE) + good
    for name, text in lax.items():
        yield _test(text.encode("ascii"), key, "Ordinary" if text == good else "LaxPem", f"{label}: {name}")
    wrong = {
        "without its end": "\n".join(lines[:-1]) + "\n",
        "without its beginning": "\n".join(lines[1:]) + "\n",
        "without a line": "\n".join([lines[0], *lines[2:]]) + "\n",
        "empty": "\n".join([lines[0], lines[-1]]) + "\n",
        "twice": good + good,
        "with another label at its end": good.replace(f"END {label}", "END KEY"),
        "with an unknown label": good.replace(label, "KEY"),
        "with a character that is not base64": "\n".join([lines[0], "!" + lines[1][1:], *lines[2:]]) + "\n",
        "with a character too many": "\n".join([lines[0], "A" + lines[1], *lines[2:]]) + "\n",
        "without dashes": good.replace("-----", "----"),
        "in lower case": good.replace(label, label.lower()),
        f"labelled {other}": good.replace(label, other),
        "labelled CERTIFICATE": good.replace(label, "CERTIFICATE"),
        "without its padding or with more": good.replace("\n-----END", "=\n-----END"),
        "with one octet behind the key": pem(label, octets + b"\0"),
        "with one octet less": pem(label, octets[:-1]),
        "with a colon in its base64": "\n".join([lines[0], lines[1][:9] + ":" + lines[1][10:], *lines[2:]]) + "\n",
        "in the alphabet for file names": "\n".join([lines[0], lines[1][:9] + "-_" + lines[1][11:], *lines[2:]]) + "\n",
        "encrypted, as its header says": good.replace(
            "\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1
        ),
        "nothing": "",
        "DER, not PEM": octets.decode("latin-1"),
    }
    for name, text in wrong.items():
        yield _test(text.encode("latin-1"), None, "WrongPem", f"{label}: {name}")


def _group(kind: str, form: str, tests: Iterator[Test]) -> Group:
    return {"type": "EcKeyDecode", "curve": "secp224k1", "kind": kind, "format": form, "tests": list(tests)}


def files() -> list[File]:
    """Return the file of key files."""
    own, Q = _octets(_D), uncompressed(multiply(_D))
    groups = [
        _group("private", "der", _private_der()),
        _group("public", "der", _public_der()),
        _group("private", "pem", _pem_tests("EC PRIVATE KEY", sec1(own), own, "PUBLIC KEY")),
        _group("private", "pem", _pem_tests("PRIVATE KEY", pkcs8(sec1(own, None)), own, "EC PRIVATE KEY")),
        _group("public", "pem", _pem_tests("PUBLIC KEY", _spki(Q), Q, "PRIVATE KEY")),
    ]
    header = ["Key files, read strictly: DER, a named curve, a public key that belongs to the private one."]
    return [File("secp224k1_key_test.json", "EC", "ecpure_key_schema_v1.json", header, _NOTES, groups)]
