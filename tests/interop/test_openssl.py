"""OpenSSL's command, both ways: its keys and signatures are read here, and ours there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ber import indefinite

from ecpure import (
    SECP224K1,
    SECP256K1,
    Curve,
    InvalidEncoding,
    InvalidKey,
    PrivateKey,
    PublicKey,
    Signature,
    der,
    keyfile,
)
from ecpure.formats import keys

MESSAGE = b"a message that both programs sign\n"
HASHES = {
    "sha224": "sha224",
    "sha256": "sha256",
    "sha384": "sha384",
    "sha512": "sha512",
    "sha3-224": "sha3_224",
    "sha3-256": "sha3_256",
    "sha3-384": "sha3_384",
    "sha3-512": "sha3_512",
}


pytestmark = [pytest.mark.usefixtures("command"), pytest.mark.openssl]


def on_both_curves(*values: Any) -> list[Any]:
    """Return as parameters each curve with each value, those of secp256k1 for long runs, but for the first one."""
    return [
        pytest.param(curve, value, marks=[pytest.mark.long] if curve is SECP256K1 and value is not values[0] else [])
        for curve in (SECP224K1, SECP256K1)
        for value in values
    ]


@pytest.fixture(scope="session")
def command() -> None:
    """Fail in one sentence where OpenSSL's command is missing or too old."""
    found = shutil.which("openssl") is not None
    version = re.match(r"OpenSSL (\d+)", openssl("version")) if found else None
    if version is None or int(version[1]) < 3:
        pytest.fail("these tests need OpenSSL's command, 3.0 or later: install the package openssl", pytrace=False)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of its own, with the message in it."""
    monkeypatch.chdir(tmp_path)
    Path("message").write_bytes(MESSAGE)


def openssl(line: str, *, fails: bool = False) -> str:
    """Run `openssl LINE` and return what it printed on either stream."""
    result = subprocess.run(
        ["openssl", *line.split()], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert (result.returncode != 0) == fails, result.stderr
    return result.stdout + result.stderr


def text_of_key(line: str) -> tuple[int, str]:
    """Return the private integer and the public octets (hex) that `openssl pkey -text` shows."""
    fields: dict[str, str] = {}
    name = ""
    for row in openssl(line).splitlines():
        if row.startswith("    "):
            fields[name] = fields.get(name, "") + row.strip().replace(":", "")
        else:
            name = row.strip().removesuffix(":")
    return int(fields.get("priv", "0"), 16), fields["pub"]


def read(owner: type[PrivateKey | PublicKey], name: str, curve: Curve = SECP224K1) -> PrivateKey | PublicKey:
    """Return the key in the file: PEM or DER, as its name ends."""
    octets = Path(name).read_bytes()
    return owner.from_pem(octets, curve=curve) if name.endswith(".pem") else owner.from_der(octets, curve=curve)


def refused(owner: type[PrivateKey | PublicKey], name: str, words: str | None = None) -> str:
    """Check that the file is refused in these words, as a key of this kind, and return all of the reason."""
    with pytest.raises(InvalidKey, match=words) as refusal:
        read(owner, name)
    return str(refusal.value)


def follow(reason: str, name: str, *, and_say: str = "") -> None:
    """Run the OpenSSL command that a refusal names, on the file, and have it write new.pem."""
    line = re.fullmatch(r".*: openssl (.+)", reason)
    assert line, reason
    words = [{"KEY": name, "CERTIFICATE": name, "REQUEST": name, "NEW": "new.pem"}.get(w, w) for w in line[1].split()]
    assert name in words
    assert "new.pem" in words
    openssl(f"{' '.join(words)} {and_say}")


def make_key(curve: str = "secp224k1") -> None:
    """Have OpenSSL make key.pem, in SEC 1."""
    openssl(f"ecparam -name {curve} -genkey -noout -out key.pem")


PRIVATE_FILES = {
    "ec -in key.pem -out new.pem": "EC PRIVATE KEY",
    "ec -in key.pem -outform DER -out new.der": "",
    "ec -in key.pem -conv_form compressed -out new.pem": "EC PRIVATE KEY",
    "ec -in key.pem -conv_form compressed -outform DER -out new.der": "",
    "ec -in key.pem -no_public -out new.pem": "EC PRIVATE KEY",
    "ec -in key.pem -no_public -outform DER -out new.der": "",
    "pkey -in key.pem -out new.pem": "PRIVATE KEY",
    "pkey -in key.pem -outform DER -out new.der": "",
    "pkey -in key.pem -traditional -out new.pem": "EC PRIVATE KEY",
    "pkey -in key.pem -ec_conv_form compressed -out new.pem": "PRIVATE KEY",
    "pkey -in key.pem -text -out new.pem": "PRIVATE KEY",
    "pkcs8 -topk8 -nocrypt -in key.pem -out new.pem": "PRIVATE KEY",
    "pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out new.der": "",
}
PUBLIC_FILES = [
    "pkey -in key.pem -pubout -out new.pem",
    "pkey -in key.pem -pubout -outform DER -out new.der",
    "pkey -in key.pem -pubout -ec_conv_form compressed -out new.pem",
    "pkey -in key.pem -pubout -ec_conv_form compressed -outform DER -out new.der",
    "ec -in key.pem -pubout -out new.pem",
    "ec -in key.pem -pubout -conv_form compressed -out new.pem",
]


@pytest.mark.parametrize(("curve", "make"), on_both_curves(*PRIVATE_FILES), ids=str)
def test_private_keys_that_openssl_writes_are_read(curve: Curve, make: str) -> None:
    """Every form, PEM and DER, SEC 1 and PKCS#8, compressed and not, without a public key: the key OpenSSL shows."""
    make_key(curve.name)
    openssl(make)
    name = make.rsplit(maxsplit=1)[-1]
    d, octets = text_of_key(f"pkey -in {name} -noout -text")
    key = read(PrivateKey, name, curve)
    assert isinstance(key, PrivateKey)
    assert key == PrivateKey.from_int(d, curve=curve)
    assert key == read(PrivateKey, "key.pem", curve)
    assert octets in (key.public_key.to_bytes().hex(), key.public_key.to_bytes(compressed=False).hex())
    assert f"-----BEGIN {PRIVATE_FILES[make]}-----".encode() in Path(name).read_bytes() or name == "new.der"


@pytest.mark.parametrize(
    ("curve", "make"),
    on_both_curves(
        "ecparam -name CURVE -genkey -out key.pem",
        "ecparam -name CURVE -genkey -noout -out key.pem",
        "ecparam -name CURVE -genkey -conv_form compressed -out key.pem",
        "ecparam -name CURVE -genkey -noout -outform DER -out key.der",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:CURVE -out key.pem",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:CURVE -outform DER -out key.der",
    ),
    ids=str,
)
def test_new_keys_of_openssl_are_read(curve: Curve, make: str) -> None:
    """Either command that makes keys, with the block EC PARAMETERS before them and without it."""
    openssl(make.replace("CURVE", curve.name))
    name = make.rsplit(maxsplit=1)[-1]
    parameters = b"EC PARAMETERS" in Path(name).read_bytes()
    assert parameters == (make.startswith("ecparam") and "-noout" not in make)
    d, _ = text_of_key(f"pkey -in {name} -noout -text")
    assert read(PrivateKey, name, curve) == PrivateKey.from_int(d, curve=curve)


@pytest.mark.parametrize(("curve", "make"), on_both_curves(*PUBLIC_FILES), ids=str)
def test_public_keys_that_openssl_writes_are_read(curve: Curve, make: str) -> None:
    """PEM and DER, the point compressed and not, give the public key of the private one."""
    make_key(curve.name)
    openssl(make)
    name = make.rsplit(maxsplit=1)[-1]
    key, owner = read(PublicKey, name, curve), read(PrivateKey, "key.pem", curve)
    assert isinstance(key, PublicKey)
    assert isinstance(owner, PrivateKey)
    assert key == owner.public_key
    _, octets = text_of_key(f"pkey -pubin -in {name} -noout -text")
    assert key.to_bytes(compressed="compressed" in make).hex() == octets


@pytest.mark.parametrize(("curve", "d"), on_both_curves(0xABCDEF, 1, 1 << 223, -2, -1), ids=str)
def test_keys_made_here_are_openssl_s_octet_for_octet(curve: Curve, d: int) -> None:
    """OpenSSL reads what is written here, finds it consistent, and writes the same octets itself."""
    key = PrivateKey.from_int(d % curve.n, curve=curve)
    Path("sec1.pem").write_text(key.to_pem("sec1"), encoding="ascii")
    Path("sec1.der").write_bytes(key.to_der("sec1"))
    Path("pkcs8.pem").write_text(key.to_pem("pkcs8"), encoding="ascii")
    Path("pkcs8.der").write_bytes(key.to_der("pkcs8"))
    Path("spki.pem").write_text(key.public_key.to_pem(), encoding="ascii")
    Path("spki.der").write_bytes(key.public_key.to_der())
    public = key.public_key.to_bytes(compressed=False).hex()
    for form in ("sec1.pem", "sec1.der", "pkcs8.pem", "pkcs8.der"):
        assert text_of_key(f"pkey -in {form} -noout -text") == (d % curve.n, public)
        assert "Key is valid" in openssl(f"pkey -in {form} -check -noout")
        rewrite = "ec" if form.startswith("sec1") else "pkcs8 -topk8 -nocrypt"
        openssl(f"{rewrite} -in {form} -out again-{form} -outform {form[-3:]}")
        assert Path(f"again-{form}").read_bytes() == Path(form).read_bytes()
    assert "EC Key valid" in openssl("ec -in sec1.pem -check -noout")
    for form in ("spki.pem", "spki.der"):
        assert text_of_key(f"pkey -pubin -in {form} -noout -text") == (0, public)
        assert "Key is valid" in openssl(f"pkey -pubin -in {form} -pubcheck -noout")
        openssl(f"pkey -in sec1.pem -pubout -out again-{form} -outform {form[-3:]}")
        assert Path(f"again-{form}").read_bytes() == Path(form).read_bytes()


@pytest.mark.parametrize(("curve", "hash"), on_both_curves(*HASHES), ids=str)
def test_signatures_both_ways(curve: Curve, hash: str) -> None:
    """Each verifies what the other signed, and refuses it over another message."""
    openssl(f"ecparam -name {curve.name} -genkey -noout -out key.pem")
    openssl(f"dgst -{hash} -sign key.pem -out theirs message")
    key = PrivateKey.from_pem(Path("key.pem").read_bytes(), curve=curve)
    theirs = Signature.from_der(Path("theirs").read_bytes())
    assert key.public_key.verify(theirs, MESSAGE, hash=HASHES[hash])
    assert not key.public_key.verify(theirs, MESSAGE + b"!", hash=HASHES[hash])

    Path("ours").write_bytes(key.sign(MESSAGE, hash=HASHES[hash]).to_der())
    Path("spki.pem").write_text(key.public_key.to_pem(), encoding="ascii")
    Path("other").write_bytes(MESSAGE + b"!")
    verify = f"dgst -{hash} -verify spki.pem -signature ours"
    assert "Verified OK" in openssl(f"{verify} message")
    assert "erification failure" in openssl(f"{verify} other", fails=True)


DIGESTS = {
    "longer than n": bytes(range(64)),
    "short": b"\x01",
    "0": b"\x00" * 28,
    "ones, 20 octets": b"\xff" * 20,
    "ones, 28 octets": b"\xff" * 28,
    "ones, 29 octets": b"\xff" * 29,
    "ones, 32 octets": b"\xff" * 32,
    "ones, 64 octets": b"\xff" * 64,
}


@pytest.mark.parametrize(("curve", "kind"), on_both_curves(*DIGESTS), ids=str)
def test_bare_digests_both_ways(curve: Curve, kind: str) -> None:
    """Digests of any length, cut to the leftmost bits of n's length, and those of n and above, count alike in both."""
    digest = DIGESTS[kind]
    make_key(curve.name)
    Path("digest").write_bytes(digest)
    key = PrivateKey.from_pem(Path("key.pem").read_bytes(), curve=curve)
    openssl("pkeyutl -sign -inkey key.pem -in digest -out theirs")
    theirs = Signature.from_der(Path("theirs").read_bytes())
    assert key.public_key.verify_digest(theirs, digest)
    assert not key.public_key.verify_digest(theirs, bytes([digest[0] ^ 1]) + digest[1:])
    assert key.public_key in PublicKey.recover(theirs, digest, curve=curve)
    Path("other-digest").write_bytes(bytes([digest[0] ^ 1]) + digest[1:])
    for low_s in (False, True):
        Path("ours").write_bytes(key.sign_digest(digest, low_s=low_s).to_der())
        assert "Verified Success" in openssl("pkeyutl -verify -inkey key.pem -in digest -sigfile ours")
        assert "Failure" in openssl("pkeyutl -verify -inkey key.pem -in other-digest -sigfile ours", fails=True)


def make_explicit(extra: str = "") -> None:
    """Have OpenSSL write a key with its curve's parameters in full, in every form."""
    openssl(f"ecparam -name secp224k1 -genkey -noout -param_enc explicit {extra} -out sec1.pem")
    openssl("ec -in sec1.pem -outform DER -out sec1.der")
    openssl("pkey -in sec1.pem -out pkcs8.pem")
    openssl("pkcs8 -topk8 -nocrypt -in sec1.pem -outform DER -out pkcs8.der")
    openssl("pkey -in sec1.pem -pubout -out spki.pem")
    openssl("pkey -in sec1.pem -pubout -outform DER -out spki.der")


@pytest.mark.parametrize(
    "extra", ["", pytest.param("-conv_form compressed", marks=pytest.mark.long)], ids=["uncompressed", "compressed"]
)
@pytest.mark.parametrize("form", ["sec1.pem", "sec1.der", "pkcs8.pem", "pkcs8.der", "spki.pem", "spki.der"])
def test_explicit_parameters_are_refused_and_the_advice_mends_them(form: str, extra: str) -> None:
    """The refusal names the conversion; run as it is, it gives a file that is read, and is the same key."""
    make_explicit(extra)
    owner = PublicKey if form.startswith("spki") else PrivateKey
    follow(refused(owner, form, "explicit parameters"), form)
    key = read(owner, "new.pem")
    d, octets = text_of_key("pkey -in pkcs8.pem -noout -text")
    public = key.public_key if isinstance(key, PrivateKey) else key
    assert isinstance(public, PublicKey)
    assert octets in (public.to_bytes().hex(), public.to_bytes(compressed=False).hex())
    assert owner is PublicKey or key == PrivateKey.from_int(d)


@pytest.mark.parametrize(
    ("make", "mark"),
    [
        ("ec -in key.pem -aes256 -passout pass:word -out locked.pem", "Proc-Type: 4,ENCRYPTED"),
        ("ec -in key.pem -des3 -passout pass:word -out locked.pem", "Proc-Type: 4,ENCRYPTED"),
        ("pkey -in key.pem -aes256 -passout pass:word -out locked.pem", "BEGIN ENCRYPTED PRIVATE KEY"),
        ("pkcs8 -topk8 -in key.pem -passout pass:word -out locked.pem", "BEGIN ENCRYPTED PRIVATE KEY"),
        ("pkcs8 -topk8 -scrypt -in key.pem -passout pass:word -out locked.pem", "BEGIN ENCRYPTED PRIVATE KEY"),
        ("pkcs8 -topk8 -v1 PBE-SHA1-3DES -in key.pem -passout pass:word -out locked.pem", "BEGIN ENCRYPTED PRIVATE"),
        ("pkcs8 -topk8 -in key.pem -passout pass:word -outform DER -out locked.der", ""),
        ("pkcs8 -topk8 -v1 PBE-SHA1-3DES -in key.pem -passout pass:word -outform DER -out locked.der", ""),
    ],
)
def test_encrypted_keys_are_refused_and_the_advice_mends_them(make: str, mark: str) -> None:
    """An encrypted key is called so, and the named command, given the password, makes one that is read."""
    make_key()
    openssl(make)
    name = make.rsplit(maxsplit=1)[-1]
    assert mark.encode() in Path(name).read_bytes()
    follow(refused(PrivateKey, name, "encrypted"), name, and_say="-passin pass:word")
    assert read(PrivateKey, "new.pem") == read(PrivateKey, "key.pem")


@pytest.mark.parametrize("how", ["", "-scrypt", "-v1 PBE-SHA1-3DES"])
def test_encrypted_der_where_a_public_key_is_wanted(how: str) -> None:
    """An encrypted private key in DER is called encrypted, or a private key, by `PublicKey` as well."""
    make_key()
    openssl(f"pkcs8 -topk8 {how} -in key.pem -passout pass:word -outform DER -out locked.der")
    assert re.search("encrypted|private key", refused(PublicKey, "locked.der"))


@pytest.mark.parametrize("version", [0, 1])
def test_attributes_are_ignored(version: int) -> None:
    """PKCS#8 with attributes, as Windows writes it, is the key that OpenSSL reads in it."""
    make_key()
    key = read(PrivateKey, "key.pem")
    assert isinstance(key, PrivateKey)
    values = der.element(0x31, der.element(0x1E, b"\x00a"))
    attribute = der.element(der.SEQUENCE, der.object_identifier("1.3.6.1.4.1.311.17.2"), values)
    fields = bytearray(der.Reader(key.to_der(), "key").contents(der.SEQUENCE, "key"))
    fields[2] = version
    Path("attributes.der").write_bytes(der.element(der.SEQUENCE, bytes(fields), der.element(0xA0, attribute)))
    openssl("pkey -in attributes.der -out new.pem")
    assert read(PrivateKey, "attributes.der") == read(PrivateKey, "new.pem") == key


@pytest.mark.parametrize("form", ["pem", "der"])
def test_pkcs_8_of_version_1_is_read(form: str) -> None:
    """OneAsymmetricKey of RFC 5958 without a second public key is the key that OpenSSL reads in it."""
    make_key()
    openssl("pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out pkcs8.der")
    octets = bytearray(Path("pkcs8.der").read_bytes())
    assert octets[2:5] == der.integer(0)
    octets[4] = 1
    Path("v1.der").write_bytes(octets)
    Path("v1.pem").write_text(keyfile.encode_pem("PRIVATE KEY", bytes(octets)), encoding="ascii")
    openssl(f"pkey -in v1.{form} -out new.pem")
    assert read(PrivateKey, f"v1.{form}") == read(PrivateKey, "new.pem") == read(PrivateKey, "key.pem")


@pytest.mark.parametrize("count", [1, 20, 27, 28])
def test_short_private_octets_are_the_key_that_openssl_reads(count: int) -> None:
    """In fewer octets than n has, as OpenSSL 1.0.2 wrote them; written at 29."""
    d = int.from_bytes(bytes(range(0x81, 0x81 + count)), "big")
    private = der.element(der.OCTET_STRING, d.to_bytes(count, "big"))
    curve = der.element(0xA0, der.object_identifier("1.3.132.0.32"))
    Path("short.der").write_bytes(der.element(der.SEQUENCE, der.integer(1), private, curve))
    key = read(PrivateKey, "short.der")
    assert key == PrivateKey.from_int(d)
    openssl("pkey -in short.der -out new.pem")
    assert read(PrivateKey, "new.pem") == key
    assert isinstance(key, PrivateKey)
    assert d.to_bytes(29, "big") in key.to_der()


KINDS = [
    ("ecparam -name prime256v1 -genkey -noout -out key.pem", "P-256"),
    ("ecparam -name secp224r1 -genkey -noout -out key.pem", "P-224"),
    ("ecparam -name secp384r1 -genkey -noout -out key.pem", "P-384"),
    ("ecparam -name secp521r1 -genkey -noout -out key.pem", "P-521"),
    ("ecparam -name secp160k1 -genkey -noout -out key.pem", "secp160k1"),
    ("ecparam -name secp192k1 -genkey -noout -out key.pem", "secp192k1"),
    ("ecparam -name secp256k1 -genkey -noout -out key.pem", "secp256k1"),
    ("ecparam -name brainpoolP256r1 -genkey -noout -out key.pem", "brainpoolP256r1"),
    ("ecparam -name sect233k1 -genkey -noout -out key.pem", r"another curve \(1\.3\.132\.0\.26\)"),
    ("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out key.pem", "an RSA key"),
    ("genrsa -traditional -out key.pem 1024", "an RSA key"),
    ("dsaparam -genkey -noout -out key.pem 1024", "a DSA key"),
    ("genpkey -algorithm ED25519 -out key.pem", "an Ed25519 key"),
    ("genpkey -algorithm X25519 -out key.pem", "an X25519 key"),
    ("genpkey -algorithm ED448 -out key.pem", "another algorithm"),
]


@pytest.mark.parametrize(("make", "words"), KINDS)
def test_keys_of_other_kinds_are_refused_by_name(make: str, words: str) -> None:
    """Another curve or algorithm is named in the refusal, of the private key and of the public one, PEM and DER."""
    openssl(make)
    openssl("pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der")
    openssl("pkey -in key.pem -pubout -out public.pem")
    openssl("pkey -in key.pem -pubout -outform DER -out public.der")
    for form in ("pem", "der"):
        refused(PrivateKey, f"key.{form}", words)
        refused(PublicKey, f"public.{form}", words)
        refused(PublicKey, f"key.{form}", "private key|RSA")
        refused(PrivateKey, f"public.{form}", "public key")


def make_certificate(kind: str, form: str) -> str:
    """Have OpenSSL make a certificate or request of key.pem, and return the file's name."""
    make_key()
    option = "-x509" if kind == "certificate" else "-new"
    openssl(f"req {option} -subj /CN=test -key key.pem -outform {form} -out other.{form}")
    return f"other.{form}"


@pytest.mark.parametrize("owner", [PublicKey, PrivateKey])
@pytest.mark.parametrize("kind", ["certificate", "request"])
def test_certificates_are_refused_and_the_advice_gives_their_key(
    kind: str, owner: type[PrivateKey | PublicKey]
) -> None:
    """A certificate or request is called so, and the named command takes the public key out of it."""
    name = make_certificate(kind, "pem")
    follow(refused(owner, name, f"this is a {kind}"), name)
    key = read(PrivateKey, "key.pem")
    assert isinstance(key, PrivateKey)
    assert read(PublicKey, "new.pem") == key.public_key


@pytest.mark.parametrize("owner", [PublicKey, PrivateKey])
@pytest.mark.parametrize("kind", ["certificate", "request"])
def test_certificates_in_der_are_refused(kind: str, owner: type[PrivateKey | PublicKey]) -> None:
    """In DER a certificate or request is no key either."""
    name = make_certificate(kind, "der")
    with pytest.raises((InvalidKey, InvalidEncoding)):
        read(owner, name)


@pytest.mark.parametrize("owner", [PublicKey, PrivateKey])
@pytest.mark.parametrize("kind", ["certificate", "request"])
def test_certificates_in_der_are_refused_by_name(kind: str, owner: type[PrivateKey | PublicKey]) -> None:
    """In DER too a certificate or request is called so."""
    name = make_certificate(kind, "der")
    with pytest.raises((InvalidKey, InvalidEncoding)) as refusal:
        read(owner, name)
    assert re.search("certificate|request", str(refusal.value))


@pytest.mark.parametrize("form", ["pem", "der"])
def test_public_where_private_is_wanted_and_the_reverse(form: str) -> None:
    """Each is refused by name, in PEM and in DER, SEC 1 and PKCS#8."""
    make_key()
    openssl(f"pkey -in key.pem -pubout -outform {form} -out public.{form}")
    openssl(f"ec -in key.pem -outform {form} -out sec1.{form}")
    openssl(f"pkcs8 -topk8 -nocrypt -in key.pem -outform {form} -out pkcs8.{form}")
    refused(PrivateKey, f"public.{form}", "this is a public key")
    refused(PublicKey, f"sec1.{form}", "this is a private key")
    refused(PublicKey, f"pkcs8.{form}", "this is a private key")


def test_parameters_alone_are_no_key() -> None:
    """The block EC PARAMETERS is ignored before a key, and is not a key itself."""
    openssl("ecparam -name secp224k1 -out parameters.pem")
    for owner in (PrivateKey, PublicKey):
        with pytest.raises(InvalidEncoding, match="one block"):
            read(owner, "parameters.pem")


def test_two_keys_in_one_file_are_refused() -> None:
    """Of two keys that OpenSSL wrote into one file neither is chosen."""
    make_key()
    openssl("pkey -in key.pem -pubout -out public.pem")
    Path("both.pem").write_bytes(Path("key.pem").read_bytes() + Path("public.pem").read_bytes())
    for owner in (PrivateKey, PublicKey):
        with pytest.raises(InvalidEncoding, match="one block"):
            read(owner, "both.pem")


@pytest.mark.parametrize("form", ["pem", "der"])
def test_hybrid_points_are_refused_and_the_advice_mends_them(form: str) -> None:
    """OpenSSL can write the hybrid form of a point; SEC 1 does not have it, and the named command takes it out."""
    make_key()
    openssl(f"ec -in key.pem -pubout -conv_form hybrid -outform {form} -out public.{form}")
    openssl(f"ec -in key.pem -conv_form hybrid -outform {form} -out private.{form}")
    key = read(PrivateKey, "key.pem")
    assert isinstance(key, PrivateKey)
    for owner, name in ((PublicKey, "public"), (PrivateKey, "private")):
        with pytest.raises(InvalidEncoding, match="hybrid") as refusal:
            read(owner, f"{name}.{form}")
        follow(str(refusal.value), f"{name}.{form}")
        assert read(owner, "new.pem") == (key if owner is PrivateKey else key.public_key)


@pytest.mark.parametrize("curve", ["prime256v1", "secp384r1", "brainpoolP256r1"])
def test_keys_on_other_curves_get_the_command_that_uses_them(curve: str) -> None:
    """Run as they are, the commands sign and verify; of a certificate, after the one that takes its key out."""
    make_key(curve)
    openssl("pkey -in key.pem -pubout -out public.pem")
    openssl("req -x509 -subj /CN=test -key key.pem -out certificate.pem")
    names = {"KEY": "key.pem", "SIGNATURE": "theirs", "FILE": "message", "CERTIFICATE": "certificate.pem"}

    def run(line: str, **others: str) -> str:
        return openssl(" ".join((names | others).get(word, word) for word in line.split()))

    run(refused(PrivateKey, "key.pem", curve).partition(": openssl ")[2])
    assert "OK" in run(refused(PublicKey, "public.pem", curve).partition(": openssl ")[2], KEY="public.pem")
    with pytest.raises(InvalidKey, match=curve) as refusal:
        keys.public_key(Path("certificate.pem").read_bytes(), curve=SECP224K1)
    use, make = re.findall(r": openssl ([^;]+)", str(refusal.value))
    run(make, KEY="taken.pem")
    assert "OK" in run(use, KEY="taken.pem")


@pytest.mark.parametrize("kind", ["certificate", "request"])
def test_explicit_parameters_in_certificates(kind: str) -> None:
    """Both commands of the refusal, one after the other, give a key that is read."""
    option = "-x509" if kind == "certificate" else "-new"
    make_explicit()
    openssl(f"req {option} -subj /CN=test -key sec1.pem -out other.pem")
    with pytest.raises(InvalidKey, match="explicit") as refusal:
        keys.public_key(Path("other.pem").read_bytes(), curve=SECP224K1)
    change, make = re.findall(r": openssl ([^;]+)", str(refusal.value))
    openssl(make.replace("CERTIFICATE", "other.pem").replace("-out KEY", "-out taken.pem"))
    openssl(change.replace("KEY", "taken.pem").replace("NEW", "new.pem"))
    _, octets = text_of_key("pkey -in sec1.pem -noout -text")
    key = read(PublicKey, "new.pem")
    assert isinstance(key, PublicKey)
    assert key.to_bytes(compressed=False).hex() == octets


@pytest.mark.parametrize("form", ["pem", "der"])
@pytest.mark.parametrize("kind", ["certificate", "request"])
def test_public_keys_of_certificates_and_requests(kind: str, form: str) -> None:
    """What a reader that is told nothing takes out of them is the key that OpenSSL takes out."""
    name = make_certificate(kind, form)
    key = keys.public_key(Path(name).read_bytes(), curve=SECP224K1)
    command = "x509" if kind == "certificate" else "req"
    openssl(f"{command} -in {name} -inform {form} -pubkey -noout -out new.pem")
    assert read(PublicKey, "new.pem") == key


def test_certificates_with_openssls_trust_settings() -> None:
    """TRUSTED CERTIFICATE, with what follows the certificate in it."""
    openssl(f"x509 -in {make_certificate('certificate', 'pem')} -trustout -addtrust serverAuth -out trusted.pem")
    octets = Path("trusted.pem").read_bytes()
    assert b"BEGIN TRUSTED CERTIFICATE" in octets
    key = read(PrivateKey, "key.pem")
    assert isinstance(key, PrivateKey)
    assert keys.public_key(octets, curve=SECP224K1) == key.public_key


PBE = {
    "as OpenSSL 3 does": "",
    "3DES": "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1",
    "RC2, as Windows and Java did": "-legacy",
    "RC4": "-legacy -keypbe PBE-SHA1-RC4-128 -certpbe PBE-SHA1-RC4-40",
}


@pytest.mark.parametrize("is_ber", [False, True], ids=["DER", "BER"])
@pytest.mark.parametrize("encryption", PBE)
def test_pkcs_12_is_refused_and_the_advice_opens_it(encryption: str, is_ber: bool) -> None:
    """The commands, given the password, write the private key and the certificate, with attributes before them; also of
    a file with indefinite lengths, and of one in ciphers that OpenSSL 3 has only with -legacy.
    """
    name = make_certificate("certificate", "pem")
    openssl(f"pkcs12 -export -inkey key.pem -in {name} {PBE[encryption]} -passout pass:word -out key.p12")
    octets = Path("key.p12").read_bytes()
    if is_ber:
        octets = indefinite(octets)
        Path("key.p12").write_bytes(octets)
    key = read(PrivateKey, "key.pem")
    assert isinstance(key, PrivateKey)
    for reader, ours in ((keys.private_key, key), (keys.public_key, key.public_key)):
        with pytest.raises(InvalidKey, match="PKCS#12") as refusal:
            reader(octets, curve=SECP224K1)
        assert ("-legacy" in str(refusal.value)) == ("RC" in encryption)
        follow(str(refusal.value), "key.p12", and_say="-passin pass:word")
        assert b"Bag Attributes" in Path("new.pem").read_bytes()
        assert reader(Path("new.pem").read_bytes(), curve=SECP224K1) == ours
    legacy = "-legacy" if "RC" in encryption else ""
    openssl(f"pkcs12 {legacy} -in key.p12 -nodes -passin pass:word -out all.pem")
    both = Path("all.pem").read_bytes()
    assert keys.private_key(both, curve=SECP224K1) == key
    assert keys.public_key(both, curve=SECP224K1) == key.public_key
