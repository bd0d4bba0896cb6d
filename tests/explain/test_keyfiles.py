"""Files of keys: each kind is known by its frame, with the next command; what another program keeps is not read on."""

from __future__ import annotations

import shutil
import struct
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from blobs import KEY, KOBLITZ, PUBLIC, SIGNATURE
from certificates import certificate, request
from hypothesis import given
from hypothesis import strategies as st

from ecpure import der
from ecpure.explain import keyfiles
from ecpure.explain.readings import HIDDEN, Guess, Miss
from ecpure.keyfile import encode_pem

P256 = PUBLIC.to_der().replace(b"\x06\x05\x2b\x81\x04\x00\x20", b"\x06\x05\x2b\x81\x04\x00\x22")  # secp384r1's OID
RSA = der.element(
    der.SEQUENCE,
    der.element(der.SEQUENCE, der.object_identifier("1.2.840.113549.1.1.1"), b"\x05\x00"),
    der.bit_string(b"\x30\x00"),
)


def pkcs12(*, indefinite: bool = False) -> bytes:
    """Return the beginning of a PFX (RFC 7292 §4), in DER, or in BER as Java writes it."""
    oid = der.object_identifier("1.2.840.113549.1.7.1")
    if indefinite:
        return b"\x30\x80\x02\x01\x03\x30\x80" + oid + b"\xa0\x80\x24\x80" + bytes(8)
    return der.element(der.SEQUENCE, der.integer(3), der.element(der.SEQUENCE, oid, bytes([0xA0, 0])))


def encrypted(oid: str) -> bytes:
    """Return EncryptedPrivateKeyInfo (RFC 5958 §3)."""
    algorithm = der.element(der.SEQUENCE, der.object_identifier(oid), der.element(der.SEQUENCE))
    return der.element(der.SEQUENCE, algorithm, der.element(der.OCTET_STRING, bytes(64)))


def string(octets: bytes) -> bytes:
    return struct.pack(">I", len(octets)) + octets


def openssh(kind: bytes, cipher: bytes = b"none") -> bytes:
    """Return a private key as OpenSSH keeps it, in PEM."""
    key = string(kind) + string(bytes(32))
    octets = b"openssh-key-v1\x00" + string(cipher) + string(b"none") + string(b"") + struct.pack(">I", 1) + string(key)
    return encode_pem("OPENSSH PRIVATE KEY", octets + string(bytes(64))).encode()


def one(found: list[Guess | Miss]) -> tuple[str, tuple[str, ...], bool]:
    [guess] = found
    assert isinstance(guess, Guess)
    return guess.what, guess.details, guess.secret


IN_DER = {
    "PKCS#12": (pkcs12(), "PKCS#12 (RFC 7292 §4)", "openssl pkcs12 -in FILE -nodes -nocerts -out NEW", True),
    "PKCS#12, BER": (pkcs12(indefinite=True), "PKCS#12 (RFC 7292 §4)", "openssl pkcs12 -in FILE -nokeys", True),
    "PBES2": (
        encrypted("1.2.840.113549.1.5.13"),
        "an encrypted private key, PKCS#8 (RFC 5958 §3) in DER",
        "openssl pkey -inform DER -in KEY -out NEW",
        True,
    ),
    "PBES1": (encrypted("1.2.840.113549.1.5.3"), "an encrypted private key", "openssl pkey", True),
    "PKCS#12's encryption": (encrypted("1.2.840.113549.1.12.1.6"), "an encrypted private key", "openssl pkey", True),
    "PKCS#7": (
        der.element(der.SEQUENCE, der.object_identifier("1.2.840.113549.1.7.2"), bytes([0xA0, 0])),
        "PKCS#7 (CMS, RFC 5652 §3) in DER",
        "openssl pkcs7 -inform DER -in FILE -print_certs -out NEW",
        False,
    ),
    "RSA": (RSA, "a public key, SubjectPublicKeyInfo (RFC 5480 §2) in DER", "this is an RSA key", False),
    "another curve": (P256, "a public key, SubjectPublicKeyInfo", "this is a key on secp384r1 (P-384)", False),
    "RSA, private": (
        der.element(der.SEQUENCE, *[der.integer(n) for n in range(9)]),
        "a private key for RSA (RFC 8017 §A.1.2) in DER: not a key on these curves",
        "",
        True,
    ),
    "certificate for RSA": (certificate(RSA), "a certificate (RFC 5280 §4.1) in DER", "this is an RSA key", False),
    "request": (
        request(KOBLITZ.public_key),
        "a certificate request (RFC 2986 §4.1) in DER, with a public key on secp256k1",
        "--public-key reads its key",
        False,
    ),
}


@pytest.mark.parametrize("what", IN_DER)
def test_what_der_is(what: str) -> None:
    """Each kind by its first elements, with the command that helps, and whether it may be secret; in PEM alike."""
    octets, name, words, secret = IN_DER[what]
    found = one([*keyfiles.in_der(octets)])
    assert found[0].startswith(name)
    assert words in " ".join(found[1])
    assert found[2] == secret


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"0",
        b"0123456789 is text",
        b"030d of a hex text\n",
        der.element(der.SEQUENCE),
        der.element(der.SEQUENCE, b"\x05\x00"),
        der.element(der.SEQUENCE, der.integer(3), der.element(der.SEQUENCE, der.object_identifier("1.2.3.4"))),
        der.element(der.SEQUENCE, der.object_identifier("1.2.840.113549.1.9.1")),
        der.element(der.SEQUENCE, der.element(der.SEQUENCE, der.integer(1))),
        SIGNATURE.to_der()[2:],
    ],
)
def test_what_lacks_the_magic_is_ignored(octets: bytes) -> None:
    """Text that begins with 0, which is SEQUENCE's tag, and structures of no kind are not even nearly one."""
    for read in (keyfiles.pem, keyfiles.in_der, keyfiles.openssh_public):
        assert list(read(octets)) == []


@pytest.mark.parametrize(
    ("octets", "name", "words"),
    [
        (certificate(PUBLIC)[:-1], "a certificate or request", "X.690 §8.1.1"),
        (
            certificate(PUBLIC.to_der()[:-1] + bytes([PUBLIC.to_der()[-1] ^ 1])),
            "a certificate (RFC 5280 §4.1) in DER",
            "SEC 1 §2.3.4",
        ),
        (KEY.to_der()[:-1], "a private key, PKCS#8", "X.690 §8.1.1"),
    ],
    ids=["cut certificate", "off the curve", "cut key"],
)
def test_what_has_the_magic_and_fails(octets: bytes, name: str, words: str) -> None:
    """It is not quite that, with the clause."""
    [miss] = keyfiles.in_der(octets)
    assert isinstance(miss, Miss)
    assert miss.what.startswith(name)
    assert words in miss.reason


def test_a_private_number_out_of_range_is_no_key_of_another_kind() -> None:
    """What one curve alone refuses is wrong; what each refuses is another kind, such as explicit parameters."""
    wrong = KEY.to_der("sec1").replace(KEY.to_bytes(), b"\xff" * 29)
    [miss] = keyfiles.in_der(wrong)
    assert isinstance(miss, Miss)
    nameless = der.element(der.SEQUENCE, der.integer(1), der.element(der.OCTET_STRING, KEY.to_bytes()))
    assert one([*keyfiles.in_der(nameless)])[::2] == ("a private key, SEC 1 (§C.4) in DER", True)


def block(label: str, octets: bytes = b"\x00") -> bytes:
    return encode_pem(label, octets).encode()


IN_PEM = {
    "ENCRYPTED PRIVATE KEY": ("an encrypted private key, PKCS#8", True),
    "RSA PRIVATE KEY": ("a private key for RSA (RFC 8017 §A.1.2) in PEM", True),
    "DSA PRIVATE KEY": ("a private key for DSA in PEM", True),
    "RSA PUBLIC KEY": ("a public key for RSA", False),
    "EC PARAMETERS": ("parameters of a curve in PEM, without a key", False),
    "PKCS7": ("PKCS#7 (CMS, RFC 5652 §3) in PEM", False),
    "X509 CRL": ("a list of revoked certificates", False),
    "PGP SIGNATURE": ("PEM of a kind that ecpure does not know", False),
    "ANY PRIVATE KEY": ("PEM of a kind that ecpure does not know", True),
}


@pytest.mark.parametrize("label", IN_PEM)
def test_labels_that_are_not_read(label: str) -> None:
    """Each is known by its label alone, and a label that is not known is not repeated."""
    name, secret = IN_PEM[label]
    found = one([*keyfiles.pem(b"words before\n" + block(label))])
    assert (found[0].startswith(name), found[2]) == (True, secret)


def test_every_block_of_pem_is_said() -> None:
    """In their order, but for the parameters that OpenSSL writes before a key; each with its own refusal."""
    text = block("EC PARAMETERS") + KEY.to_pem("sec1").encode() + block("CERTIFICATE", certificate(PUBLIC))
    text += block("TRUSTED CERTIFICATE", certificate(PUBLIC) + der.element(der.SEQUENCE))
    text += block("EC PUBLIC KEY", PUBLIC.to_der())
    found = [guess.what for guess in keyfiles.pem(text)]
    x509 = "a certificate (RFC 5280 §4.1) in PEM, with a public key on secp224k1"
    assert found == [
        "a private key, SEC 1 (§C.4) in PEM, on secp224k1",
        x509,
        x509,
        "a public key, SubjectPublicKeyInfo (RFC 5480 §2) in PEM, on secp224k1",
    ]
    locked = b"-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END EC PRIVATE KEY-----\n"
    empty = b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"
    first, second = keyfiles.pem(locked + empty)
    assert isinstance(first, Guess)
    assert first.what.startswith("an encrypted private key in PEM")
    assert "openssl pkey -in KEY -out NEW" in first.details[0]
    assert second == Miss("PEM (RFC 7468)", "PEM: base64 was expected in the block (RFC 7468 §3)")


@pytest.mark.parametrize("kind", [b"ecdsa-sha2-nistp256", b"ssh-ed25519"])
@pytest.mark.parametrize("cipher", [b"none", b"aes256-ctr"])
def test_openssh_keys(kind: bytes, cipher: bytes) -> None:
    """Private and public, encrypted or not: its type, that it is of no use here, and what ssh-keygen makes of it."""
    what, details, secret = one([*keyfiles.pem(openssh(kind, cipher))])
    assert (what, secret) == (f"a private key of OpenSSH: {kind.decode()}", True)
    assert any("encrypted" in detail for detail in details) == (cipher != b"none")
    assert ("ssh-keygen -e -m PKCS8" in details[-1]) == kind.startswith(b"ecdsa")
    line = kind + b" " + b64encode(string(kind) + string(bytes(32))) + b" me@home\n"
    found = one([*keyfiles.openssh_public(line)])
    assert found == (f"a public key of OpenSSH: {kind.decode()}", details[:1] + details[-1:], False)


def test_what_is_no_openssh_key() -> None:
    """Its magic is `openssh-key-v1`, and for a line the type twice; a type that is not known is not repeated."""
    assert list(keyfiles.pem(block("OPENSSH PRIVATE KEY", b"other"))) == [
        Miss("a private key of OpenSSH", "openssh-key-v1 was expected at its beginning")
    ]
    assert one([*keyfiles.pem(openssh(b"secret-kind"))])[0] == "a private key of OpenSSH"
    for line in (b"ssh-rsa AAAA", b"ssh-rsa AAA", b"one two", b"ssh-rsa " + b64encode(string(b"ssh-dss"))):
        assert list(keyfiles.openssh_public(line)) == []


def test_keys_that_programs_make(tmp_path: Path) -> None:
    """ssh-keygen's and OpenSSL's own files are known."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    words = ["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", str(tmp_path / "key")]
    subprocess.run(words, check=True)
    assert one([*keyfiles.pem((tmp_path / "key").read_bytes())])[0].endswith(": ecdsa-sha2-nistp256")
    assert one([*keyfiles.openssh_public((tmp_path / "key.pub").read_bytes())])[0].endswith(": ecdsa-sha2-nistp256")


@pytest.mark.openssl
def test_pkcs12_that_openssl_makes(tmp_path: Path) -> None:
    """A container with a key and its certificate, under a password."""
    (tmp_path / "key").write_text(KEY.to_pem(), encoding="ascii")
    for words in (
        "req -x509 -key key -subj /CN=till -out certificate",
        "pkcs12 -export -inkey key -in certificate -passout pass:x -out container",
        "pkcs8 -topk8 -in key -passout pass:x -outform DER -out locked",
    ):
        subprocess.run(["openssl", *words.split()], check=True, cwd=tmp_path)
    assert one([*keyfiles.in_der((tmp_path / "container").read_bytes())])[0].startswith("PKCS#12")
    assert one([*keyfiles.in_der((tmp_path / "locked").read_bytes())])[0].startswith("an encrypted private key")
    assert one([*keyfiles.pem((tmp_path / "certificate").read_bytes())])[0].startswith("a certificate")


@given(st.sampled_from([octets for octets, *_ in IN_DER.values()]), st.integers(0, 400), st.integers(0, 255))
def test_any_change_is_read_or_missed(octets: bytes, place: int, value: int) -> None:
    """There is no exception, and a reason never holds what was refused."""
    place %= len(octets)
    changed = octets[:place] + bytes([value]) + octets[place + 1 :]
    for found in (
        *keyfiles.in_der(changed),
        *keyfiles.pem(block("CERTIFICATE", changed)),
        *keyfiles.in_der(octets[:place]),
    ):
        assert found.what
        assert octets.hex() not in str(found)


@given(st.binary(max_size=100))
def test_any_openssh_key_is_read_or_missed(tail: bytes) -> None:
    """Whatever follows its magic, cut off or not, it is one."""
    text = block("OPENSSH PRIVATE KEY", b"openssh-key-v1\x00" + tail)
    what, details, secret = one([*keyfiles.pem(text)])
    assert what.startswith("a private key of OpenSSH")
    assert details
    assert secret
    list(keyfiles.openssh_public(b"ssh-rsa " + b64encode(tail)))


def test_the_number_is_not_shown() -> None:
    """Of a private key there is one detail."""
    for octets in (KEY.to_der(), KEY.to_der("sec1")):
        assert one([*keyfiles.in_der(octets)])[1] == (HIDDEN,)
