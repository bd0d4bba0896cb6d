"""Keys in files and texts of other programs: one reading is read, two are refused."""

from __future__ import annotations

import contextlib
import inspect
from base64 import b64encode
from collections.abc import Callable

import pytest
from ber import indefinite
from certificates import certificate, request
from hypothesis import given
from hypothesis import strategies as st

from ecpure import SECP224K1, SECP256K1, EcpureError, InvalidEncoding, InvalidKey, PrivateKey, PublicKey, Signature, der
from ecpure.formats import keys
from ecpure.keyfile import encode_pem

KEY = PrivateKey.from_int(0xC0FFEE << 190)
OTHER = PrivateKey.from_int(0xFACADE)
KOBLITZ = PrivateKey.from_int(5, curve=SECP256K1)
PUBLIC = KEY.public_key
PEM, SEC1, SPKI = KEY.to_pem(), KEY.to_pem("sec1"), PUBLIC.to_pem()
CERTIFICATE = encode_pem("CERTIFICATE", certificate(PUBLIC))
ANOTHERS = encode_pem("CERTIFICATE", certificate(OTHER.public_key))
PARAMETERS = "-----BEGIN EC PARAMETERS-----\nBgUrgQQAIA==\n-----END EC PARAMETERS-----\n"
ENCRYPTED = encode_pem("ENCRYPTED PRIVATE KEY", b"\x30\x00")
BAG = "Bag Attributes\n    localKeyID: F8 68\nKey Attributes: <No Attributes>\n"
UNCOMPRESSED = PUBLIC.to_bytes(compressed=False)


def private(given: str | bytes) -> PrivateKey:
    return keys.private_key(given if isinstance(given, bytes) else given.encode("utf-8"), curve=SECP224K1)


def public(given: str | bytes) -> PublicKey:
    return keys.public_key(given if isinstance(given, bytes) else given.encode("utf-8"), curve=SECP224K1)


def base64(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")


def colons(octets: bytes) -> str:
    """Return hex as `openssl pkey -text` has it."""
    rows = [octets[at : at + 15].hex(":") for at in range(0, len(octets), 15)]
    return ":\n    ".join(rows) + "\n"


def printed(key: PrivateKey | PublicKey, curve: str) -> str:
    """Return what `openssl pkey -text -noout` prints."""
    public_key = key.public_key if isinstance(key, PrivateKey) else key
    private_part = f"priv:\n    {colons(key.to_bytes())}" if isinstance(key, PrivateKey) else ""
    point = colons(public_key.to_bytes(compressed=False))
    return f"Key: (225 bit)\n{private_part}pub:\n    {point}ASN1 OID: {curve}\nNIST CURVE: none\n"


TEXTS: dict[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "capitals": lambda octets: octets.hex().upper(),
    "0x": lambda octets: f"0x{octets.hex()}\n",
    "0X": lambda octets: f"0X{octets.hex()}",
    "colons": colons,
    "spaces": lambda octets: f" {octets.hex(' ')} \r\n",
    "base64": base64,
    "base64 in lines": lambda octets: "\r\n".join([base64(octets)[:64], base64(octets)[64:]]) + "\n",
}


def one_line(pem: str) -> str:
    return pem.replace("\n", "")


def literal(pem: str) -> str:
    return pem.replace("\n", "\\n")


SHAPES: dict[str, Callable[[str], str | bytes]] = {
    "as it is": lambda pem: pem,
    "one line": one_line,
    "one line, spaces": lambda pem: pem.replace("\n", " "),
    "literal": literal,
    "literal, CR": lambda pem: pem.replace("\n", "\\r\\n"),
    "a variable": lambda pem: f'KEY="{literal(pem)}"\n',
    "CR": lambda pem: pem.replace("\n", "\r"),
    "byte-order mark": lambda pem: "\ufeff" + pem,
    "UTF-16, little": lambda pem: b"\xff\xfe" + pem.encode("utf-16-le"),
    "UTF-16, big": lambda pem: b"\xfe\xff" + pem.encode("utf-16-be"),
    "attributes": lambda pem: BAG + CERTIFICATE + BAG + pem,
    "before certificates": lambda pem: pem + CERTIFICATE + ANOTHERS,
    "between": lambda pem: ANOTHERS + PARAMETERS + pem + CERTIFICATE,
    "twice": lambda pem: pem + pem,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_pem_in_every_shape(shape: str) -> None:
    """The key in the only block that has one, private or public; other blocks are ignored."""
    for pem in (PEM, SEC1):
        assert private(SHAPES[shape](pem)) == KEY
    for pem in (SPKI, SPKI.replace("PUBLIC", "EC PUBLIC")):
        assert public(SHAPES[shape](pem)) == PUBLIC


@pytest.mark.parametrize("text", TEXTS)
def test_octets_in_text(text: str) -> None:
    """DER of either key, certificates, and points, in hex and base64 of every shape."""
    write = TEXTS[text]
    for octets in (KEY.to_der(), KEY.to_der("sec1")):
        assert private(octets) == private(write(octets)) == KEY
    forms = [PUBLIC.to_der(), certificate(PUBLIC), request(PUBLIC), PUBLIC.to_bytes(), UNCOMPRESSED, UNCOMPRESSED[1:]]
    for octets in forms:
        assert public(octets) == public(write(octets)) == PUBLIC


def test_the_curve_goes_by_name() -> None:
    """A call has to name the curve that it says."""
    for function in (keys.private_key, keys.public_key, keys.hybrid_point):
        parameters = inspect.signature(function).parameters
        assert parameters["curve"].kind == inspect.Parameter.KEYWORD_ONLY


def test_coordinates_that_begin_as_der_does() -> None:
    """x ‖ y is a point where it is on the curve, whatever its first octet; else it is what its first octet says."""
    d = next(d for d in range(1, 5000) if (d * SECP224K1.G).to_bytes()[1] == der.SEQUENCE)
    key = PrivateKey.from_int(d).public_key
    assert public(key.to_bytes(compressed=False)[1:]) == key
    compressed = KOBLITZ.public_key.to_der().replace(
        der.bit_string(KOBLITZ.public_key.to_bytes(compressed=False)), der.bit_string(KOBLITZ.public_key.to_bytes())
    )
    compressed = bytes([compressed[0], len(compressed) - 2]) + compressed[2:]
    assert len(compressed) == 56
    with pytest.raises(InvalidKey, match="a key on secp256k1, not on secp224k1"):
        public(compressed)
    with pytest.raises(InvalidEncoding, match="not on the curve"):
        public(b"\x01" + UNCOMPRESSED[2:])


@pytest.mark.parametrize(
    "label",
    [
        "CERTIFICATE",
        "X509 CERTIFICATE",
        "TRUSTED CERTIFICATE",
        "CERTIFICATE REQUEST",
        "NEW CERTIFICATE REQUEST",
    ],
)
def test_certificates_and_requests_have_a_public_key(label: str) -> None:
    """Under each label; OpenSSL's trust settings may follow in the one that is for them."""
    octets = request(PUBLIC) if label.endswith("REQUEST") else certificate(PUBLIC)
    assert public(encode_pem(label, octets)) == PUBLIC
    assert public(encode_pem(label, octets) + CERTIFICATE + PARAMETERS) == PUBLIC
    more = encode_pem(label, octets + der.element(der.SEQUENCE))
    if label == "TRUSTED CERTIFICATE":
        assert public(more) == PUBLIC
    else:
        with pytest.raises(InvalidEncoding, match="follow"):
            public(more)


def test_a_private_key_beside_its_public_one() -> None:
    """Each reader takes its own; a certificate counts where there is no block PUBLIC KEY."""
    for text in (PEM + SPKI, SPKI + PEM, PEM + CERTIFICATE):
        assert private(text) == KEY
        assert public(text) == PUBLIC
    assert public(SPKI + ANOTHERS) == PUBLIC


REFUSED: list[tuple[Callable[[str | bytes], object], str | bytes, str]] = [
    (
        private,
        PEM + OTHER.to_pem("sec1"),
        r"block 1 \(PRIVATE KEY\) and block 2 \(EC PRIVATE KEY\) have different priv",
    ),
    (
        private,
        CERTIFICATE + PEM + PEM + OTHER.to_pem(),
        r"block 2 \(PRIVATE KEY\) and block 4 \(PRIVATE KEY\) have diff",
    ),
    (private, PEM + KOBLITZ.to_pem(), r"block 2 \(PRIVATE KEY\), one of several: .* on secp256k1, not on secp224k1"),
    (private, PEM + ENCRYPTED, r"block 2 \(ENCRYPTED PRIVATE KEY\), one of several: .*encrypted"),
    (private, ENCRYPTED + CERTIFICATE, "^private key: it is encrypted.* openssl pkey -in KEY -out NEW$"),
    (
        private,
        SEC1.replace("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n", 1) + CERTIFICATE,
        "encrypted",
    ),
    (private, one_line(SEC1.replace("\n", "Proc-Type: 4,ENCRYPTEDDEK-Info: AES-256-CBC,00", 1)), "encrypted"),
    (private, CERTIFICATE + SPKI, "there is no private key in it"),
    (private, PARAMETERS, "there is no private key in it"),
    (private, SPKI, "this is a public key"),
    (private, CERTIFICATE, "this is a certificate"),
    (private, certificate(PUBLIC), "this is a certificate"),
    (private, PEM[:100], "no end"),
    (private, "see -----BEGIN here", "there is no block in it"),
    (private, PEM.replace("M", "!", 1), "base64"),
    (private, KEY.to_bytes(), "PEM or DER was expected"),
    (private, KEY.to_bytes().hex(), "PEM or DER was expected"),
    (private, "", "PEM or DER was expected"),
    (private, b"\x31" + KEY.to_der()[1:], "PEM or DER was expected"),
    (
        public,
        SPKI + OTHER.public_key.to_pem(),
        r"block 1 \(PUBLIC KEY\) and block 2 \(PUBLIC KEY\) have different publ",
    ),
    (public, CERTIFICATE + ANOTHERS, r"block 1 \(CERTIFICATE\) and block 2 \(CERTIFICATE\) have different public keys"),
    (public, PEM, "this is a private key"),
    (public, PEM + OTHER.to_pem(), "there is no public key in it"),
    (public, PARAMETERS, "there is no public key in it"),
    (public, encode_pem("RSA PUBLIC KEY", b"\x30\x00"), "an RSA key"),
    (public, encode_pem("CERTIFICATE", PUBLIC.to_der()), "the algorithm of the signature"),
    (public, KEY.to_der(), "this is a private key"),
    (public, "", "PEM, DER, or a point"),
    (public, "Ann", "PEM, DER, or a point"),
    (public, b"\x31" + PUBLIC.to_der()[1:], "PEM, DER, or a point"),
    (public, encode_pem("DH PARAMETERS", PUBLIC.to_der()), "^key: a PEM block PUBLIC KEY was expected$"),
    (public, KEY.to_bytes(), "PEM, DER, or a point"),
    (public, UNCOMPRESSED[:-2], "04 and 56 octets"),
    (private, PEM.splitlines()[1] + "!", "PEM or DER was expected"),
    (public, SPKI.splitlines()[1], "PEM, DER, or a point|the octets end inside"),
    (public, UNCOMPRESSED.hex()[:-1], "PEM, DER, or a point"),
    (public, b"\x06" + UNCOMPRESSED[1:], "hybrid"),
    (public, b"\x06" + UNCOMPRESSED[1:-2], "04 and 56 octets"),
    (public, b"\x06" + UNCOMPRESSED[1:] + b"\0", "04 and 56 octets"),
]


@pytest.mark.parametrize(("read", "given_", "words"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused(read: Callable[[str | bytes], object], given_: str | bytes, words: str) -> None:
    """Two keys, other kinds, and what has no key in it; nothing that was read stays behind the refusal."""
    with pytest.raises((InvalidKey, InvalidEncoding), match=words) as refusal:
        read(given_)
    assert refusal.value.__context__ is None or isinstance(refusal.value.__context__, EcpureError)
    assert refusal.value.__cause__ is None


def test_a_label_that_is_not_known_is_not_shown() -> None:
    """It may be a secret that got there by mistake."""
    secret = KEY.to_bytes().hex()
    for text in (encode_pem(secret, KEY.to_der()), encode_pem(f"{secret} PRIVATE KEY", KEY.to_der()) + PARAMETERS):
        for read in (private, public):
            with pytest.raises((InvalidKey, InvalidEncoding)) as refusal:
                read(text)
            assert secret not in str(refusal.value)


PFX = der.element(
    der.SEQUENCE, der.integer(3), der.element(der.SEQUENCE, der.object_identifier("1.2.840.113549.1.7.1"))
)
HYBRID = bytes([6 + PUBLIC.y % 2]) + UNCOMPRESSED[1:]


@pytest.mark.parametrize("octets", [PFX, indefinite(PFX)], ids=["DER", "BER"])
def test_pkcs12_is_named_whatever_its_lengths_are(octets: bytes) -> None:
    """With the command that takes out what was asked for."""
    with pytest.raises(InvalidKey, match=r"private key: this is PKCS#12; .* -nocerts -out NEW$"):
        private(octets)
    with pytest.raises(InvalidKey, match=r"public key: this is PKCS#12; .* -nokeys -clcerts -out NEW$"):
        public(octets)


@pytest.mark.parametrize("text", ["octets", *TEXTS])
def test_a_hybrid_point_is_read_by_its_name_only(text: str) -> None:
    """Elsewhere it is refused with the command that takes it; its first octet has to agree with y."""
    wrong = bytes([HYBRID[0] ^ 1]) + HYBRID[1:]
    octets, wrong = (TEXTS[text](one).encode() if text in TEXTS else one for one in (HYBRID, wrong))
    with pytest.raises(InvalidEncoding, match=r"hybrid form .* ecpure convert public-key KEY --from-format hybrid"):
        public(octets)
    assert keys.hybrid_point(octets, curve=SECP224K1) == PUBLIC
    with pytest.raises(
        InvalidEncoding, match=r"06 for an even y, or 07 for an odd one, was expected \(X9\.62 §4\.3\.6\)"
    ):
        keys.hybrid_point(wrong, curve=SECP224K1)


def test_a_hybrid_point_says_its_parity() -> None:
    """06 and an even y, or 07 and an odd one, of a point and its negative; not the other way round."""
    x, y = UNCOMPRESSED[1:29], PUBLIC.y
    for ordinate in (y, SECP224K1.p - y):
        point = x + ordinate.to_bytes(28, "big")
        right, wrong = bytes([6 + ordinate % 2]), bytes([7 - ordinate % 2])
        assert keys.hybrid_point(right + point, curve=SECP224K1).y == ordinate
        with pytest.raises(InvalidEncoding, match="06 for an even y, or 07 for an odd one"):
            keys.hybrid_point(wrong + point, curve=SECP224K1)


@pytest.mark.parametrize("octets", [b"", UNCOMPRESSED, HYBRID[:-1], HYBRID + b"\0", PUBLIC.to_bytes(), PUBLIC.to_der()])
def test_what_is_no_hybrid_point(octets: bytes) -> None:
    """No other form is taken in its place, and none off the curve."""
    with pytest.raises(InvalidEncoding, match="06 or 07 and 56 octets were expected"):
        keys.hybrid_point(octets, curve=SECP224K1)
    with pytest.raises(InvalidEncoding, match="not on the curve"):
        keys.hybrid_point(b"\x06" + bytes(56), curve=SECP224K1)


HOLDING: dict[str, str | bytes] = {
    "PKCS#8": PEM,
    "SEC 1": SEC1,
    "encrypted": ENCRYPTED,
    "beside a certificate": CERTIFICATE + PEM,
    "on one line": one_line(PEM),
    "UTF-16": PEM.encode("utf-16"),
    "cut off": PEM[:60],
    "another kind": encode_pem("RSA PRIVATE KEY", b"\x30\x00"),
    "DER": KEY.to_der(),
    "DER, SEC 1": KEY.to_der("sec1"),
    "DER, encrypted": der.element(der.SEQUENCE, der.element(der.SEQUENCE), der.element(der.OCTET_STRING)),
    "DER, RSA": der.element(der.SEQUENCE, *[der.integer(7)] * 9),
    "DER, a number": der.element(der.SEQUENCE, der.integer(7)),
    "PKCS#12": PFX,
    "PKCS#12 in BER": indefinite(PFX),
    "PKCS#12 in base64": base64(indefinite(PFX)),
    "hex": KEY.to_der().hex(),
    "base64": base64(KEY.to_der()) + "\n",
    "29 octets": KEY.to_bytes(),
    "28 octets": KEY.to_bytes()[1:],
    "32 octets": KOBLITZ.to_bytes(),
}
NOT_HOLDING: dict[str, str | bytes] = {
    "nothing": "",
    "words": "pay 5 to Ann\n",
    "a public key": SPKI,
    "a certificate": CERTIFICATE,
    "DER": PUBLIC.to_der(),
    "DER, a certificate": certificate(PUBLIC),
    "DER, empty": der.element(der.SEQUENCE),
    "DER, cut off": KEY.to_der()[:40],
    "a point": PUBLIC.to_bytes(),
    "a signature": KEY.sign(b"m").to_der(),
    "a signature in p1363": KEY.sign(b"m").to_p1363(),
    "the smallest signature": Signature(1, 1).to_der(),
    "records": '{"line": 1}\n',
    "zeros": bytes(29),
}


@pytest.mark.parametrize("what", [*HOLDING, *NOT_HOLDING])
def test_what_may_be_a_private_key(what: str) -> None:
    """In every form, encrypted or not, of any kind; and nothing that a command writes besides is taken for one."""
    content = {**NOT_HOLDING, **HOLDING}[what] if what in HOLDING else NOT_HOLDING[what]
    octets = content if isinstance(content, bytes) else content.encode("utf-8")
    assert keys.holds_private_key(octets) == (what in HOLDING)


@given(
    data=st.binary(max_size=100)
    | st.text("-BEGIN PRIVATEKY\nM=\\n0x:").map(lambda text: f"-----BEGIN {text}".encode())
    | st.sampled_from([PEM, SPKI, CERTIFICATE, PEM + CERTIFICATE, colons(PUBLIC.to_der())]).flatmap(
        lambda text: st.builds(
            lambda at, new: text[:at].encode() + new + text[at + 1 :].encode(),
            st.integers(0, len(text)),
            st.binary(max_size=2),
        )
    )
)
def test_any_octets_are_a_key_or_refused(data: bytes) -> None:
    """There is no exception but the package's own, and a key that is read is one that was written."""
    for read, ours in ((private, KEY), (public, PUBLIC)):
        with contextlib.suppress(EcpureError):
            key = read(data)
            assert key == ours or isinstance(key, PublicKey)  # of a few octets, a point is one by chance
    with contextlib.suppress(EcpureError):
        assert keys.hybrid_point(data, curve=SECP224K1).to_bytes(compressed=False)[1:] == data[1:]
    assert isinstance(keys.holds_private_key(data), bool)


def test_what_openssl_prints_is_read() -> None:
    """The numbers are under their headings, and the curve is named; without its name, nothing says what they are."""
    text = printed(KEY, "secp224k1")
    assert private(text) == KEY
    assert public(text) == public(text.replace("\n", "\r\n")) == public(printed(PUBLIC, "secp224k1")) == PUBLIC
    assert keys.private_key(printed(KOBLITZ, "secp256k1").encode(), curve=SECP256K1) == KOBLITZ
    assert keys.holds_private_key(text.encode())
    assert not keys.holds_private_key(printed(PUBLIC, "secp224k1").encode())
    for read in (private, public):
        for other in ("secp256k1", "prime256v1"):
            with pytest.raises(InvalidKey, match=rf"^key: this is a key on {other}, not on secp224k1$"):
                read(text.replace("secp224k1", other))
        numbers, curve = text.split("ASN1")
        for broken in (
            text.replace("ASN1 OID", "Curve"),
            numbers + text,
            f"{text}ASN1{curve}",
            text.replace("    ", ""),
            text.replace(":", ""),
        ):
            with pytest.raises(InvalidEncoding):
                read(broken)


def test_what_is_printed_is_found_in_linear_time() -> None:
    """Headings without end, and digits that are not octets, are no key: each is looked at once."""
    headings = b"pub:\n a1\n" * 50_000 + b"priv:\n a1\n" * 50_000
    assert not keys.holds_private_key(headings)
    assert not keys.holds_private_key(b"priv:\n a:1\nASN1 OID: secp224k1\n")


@pytest.mark.parametrize("write", [bytes.hex, base64])
def test_pem_inside_of_text_is_read(write: Callable[[bytes], str]) -> None:
    """As in a secret of Kubernetes."""
    assert private(write(PEM.encode())) == KEY
    assert public(write(SPKI.encode()) + "\n") == PUBLIC
    assert keys.holds_private_key(write(PEM.encode()).encode())
