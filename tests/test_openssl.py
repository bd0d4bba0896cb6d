"""OpenSSL's command, both ways: its keys and signatures are read here, and ours there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ecpure import (
    SECP224K1,
    SECP256K1,
    Curve,
    EcpureError,
    InvalidEncoding,
    InvalidKey,
    PrivateKey,
    PublicKey,
    Signature,
)

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


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of its own, with the message in it; fail in one sentence where OpenSSL is missing."""
    if not shutil.which("openssl"):
        pytest.fail("these tests need OpenSSL's command: install the package openssl")
    monkeypatch.chdir(tmp_path)
    Path("message").write_bytes(MESSAGE)
    return tmp_path


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


@pytest.mark.parametrize("curve", [SECP224K1, SECP256K1], ids=repr)
def test_keys_that_openssl_makes_are_read(curve: Curve) -> None:
    """Every form, PEM and DER, SEC 1 and PKCS#8, compressed and not, gives the key that OpenSSL shows."""
    openssl(f"ecparam -name {curve.name} -genkey -out with-parameters.pem")
    openssl("ec -in with-parameters.pem -out sec1.pem")
    openssl("ec -in sec1.pem -outform DER -out sec1.der")
    openssl("ec -in sec1.pem -conv_form compressed -out sec1-compressed.pem")
    openssl("ec -in sec1.pem -no_public -out sec1-alone.pem")
    openssl("pkey -in sec1.pem -out pkcs8.pem")
    openssl("pkcs8 -topk8 -nocrypt -in sec1.pem -outform DER -out pkcs8.der")
    openssl("pkey -in sec1.pem -pubout -out spki.pem")
    openssl("pkey -in sec1.pem -pubout -outform DER -out spki.der")
    openssl("ec -in sec1.pem -pubout -conv_form compressed -out spki-compressed.pem")
    d, octets = text_of_key("pkey -in pkcs8.pem -noout -text")
    key = PrivateKey.from_int(d, curve=curve)
    for name in ("with-parameters.pem", "sec1.pem", "sec1-compressed.pem", "sec1-alone.pem", "pkcs8.pem"):
        assert PrivateKey.from_pem(Path(name).read_bytes(), curve=curve) == key
    for name in ("sec1.der", "pkcs8.der"):
        assert PrivateKey.from_der(Path(name).read_bytes(), curve=curve) == key
    assert key.public_key.to_bytes(compressed=False).hex() == octets
    for name in ("spki.pem", "spki-compressed.pem"):
        assert PublicKey.from_pem(Path(name).read_bytes(), curve=curve) == key.public_key
    assert PublicKey.from_der(Path("spki.der").read_bytes(), curve=curve) == key.public_key


@pytest.mark.parametrize("curve", [SECP224K1, SECP256K1], ids=repr)
@pytest.mark.parametrize("d", [1, 0xABCDEF, -1], ids=["1", "short", "n - 1"])
def test_keys_made_here_are_openssl_s_octet_for_octet(curve: Curve, d: int) -> None:
    """OpenSSL reads what is written here, finds it consistent, and writes the same octets itself."""
    key = PrivateKey.from_int(d % curve.n, curve=curve)
    Path("sec1.pem").write_text(key.to_pem("sec1"), encoding="ascii")
    Path("pkcs8.der").write_bytes(key.to_der("pkcs8"))
    Path("spki.pem").write_text(key.public_key.to_pem(), encoding="ascii")
    assert "Key is valid" in openssl("pkey -in sec1.pem -check -noout")
    assert "Key is valid" in openssl("pkey -pubin -in spki.pem -pubcheck -noout")
    assert text_of_key("pkey -inform DER -in pkcs8.der -noout -text") == (
        d % curve.n,
        key.public_key.to_bytes(compressed=False).hex(),
    )
    openssl("ec -in sec1.pem -out sec1-again.pem")
    openssl("pkcs8 -topk8 -nocrypt -inform DER -in pkcs8.der -outform DER -out pkcs8-again.der")
    openssl("pkey -in sec1.pem -pubout -out spki-again.pem")
    assert Path("sec1-again.pem").read_text(encoding="ascii") == key.to_pem("sec1")
    assert Path("pkcs8-again.der").read_bytes() == key.to_der("pkcs8")
    assert Path("spki-again.pem").read_text(encoding="ascii") == key.public_key.to_pem()


@pytest.mark.parametrize("hash", HASHES)
@pytest.mark.parametrize("curve", [SECP224K1, SECP256K1], ids=repr)
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


def advice(refusal: pytest.ExceptionInfo[EcpureError]) -> str:
    """Return the OpenSSL command that a refusal names, without the word `openssl`."""
    return str(refusal.value).rpartition("openssl ")[2]


@pytest.mark.parametrize("form", ["sec1.pem", "pkcs8.pem", "sec1.der", "pkcs8.der", "spki.pem", "spki.der"])
def test_explicit_parameters_are_refused_and_the_advice_mends_them(form: str) -> None:
    """The refusal names the conversion; run as it stands, it gives a file that is read."""
    openssl("ecparam -name secp224k1 -genkey -noout -param_enc explicit -out sec1.pem")
    openssl("ec -in sec1.pem -outform DER -out sec1.der")
    openssl("pkey -in sec1.pem -out pkcs8.pem")
    openssl("pkcs8 -topk8 -nocrypt -in sec1.pem -outform DER -out pkcs8.der")
    openssl("pkey -in sec1.pem -pubout -out spki.pem")
    openssl("pkey -in sec1.pem -pubout -outform DER -out spki.der")
    owner = PublicKey if form.startswith("spki") else PrivateKey
    read = owner.from_pem if form.endswith("pem") else owner.from_der
    with pytest.raises(InvalidKey, match="explicit parameters") as refusal:
        read(Path(form).read_bytes())
    openssl(advice(refusal).replace("KEY", form).replace("NEW", "new.pem"))
    key = owner.from_pem(Path("new.pem").read_bytes())
    _, octets = text_of_key("pkey -in pkcs8.pem -noout -text")
    public = key.public_key if isinstance(key, PrivateKey) else key
    assert public.to_bytes(compressed=False).hex() == octets


@pytest.mark.parametrize(
    ("make", "form"),
    [
        ("ec -in key.pem -aes256 -passout pass:word -out locked", "pem"),
        ("pkcs8 -topk8 -in key.pem -passout pass:word -out locked", "pem"),
        ("pkcs8 -topk8 -in key.pem -passout pass:word -outform DER -out locked", "der"),
    ],
    ids=["traditional", "pkcs8", "pkcs8-der"],
)
def test_encrypted_keys_are_refused_and_the_advice_mends_them(make: str, form: str) -> None:
    """An encrypted key is called so, and the named command, given the password, makes one that is read."""
    openssl("ecparam -name secp224k1 -genkey -noout -out key.pem")
    openssl(make)
    read = PrivateKey.from_pem if form == "pem" else PrivateKey.from_der
    with pytest.raises(InvalidKey, match="encrypted") as refusal:
        read(Path("locked").read_bytes())
    openssl(advice(refusal).replace("KEY", "locked").replace("NEW", "new.pem") + " -passin pass:word")
    assert PrivateKey.from_pem(Path("new.pem").read_bytes()) == PrivateKey.from_pem(Path("key.pem").read_bytes())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        ("ecparam -name prime256v1 -genkey -noout -out key.pem", "P-256"),
        ("ecparam -name secp224r1 -genkey -noout -out key.pem", "P-224"),
        ("ecparam -name secp256k1 -genkey -noout -out key.pem", "secp256k1"),
        ("ecparam -name brainpoolP256r1 -genkey -noout -out key.pem", "another curve"),
        ("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out key.pem", "RSA"),
        ("genrsa -traditional -out key.pem 1024", "RSA"),
        ("genpkey -algorithm ED25519 -out key.pem", "Ed25519"),
        ("genpkey -algorithm X25519 -out key.pem", "X25519"),
    ],
)
def test_keys_of_other_kinds_are_refused_by_name(make: str, words: str) -> None:
    """Another curve or algorithm is named in the refusal, of the private key and of the public one."""
    openssl(make)
    openssl("pkey -in key.pem -pubout -out public.pem")
    with pytest.raises(InvalidKey, match=words):
        PrivateKey.from_pem(Path("key.pem").read_bytes())
    with pytest.raises(InvalidKey, match=words):
        PublicKey.from_pem(Path("public.pem").read_bytes())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        ("req -x509 -subj /CN=test -key key.pem -out other.pem", "certificate"),
        ("req -new -subj /CN=test -key key.pem -out other.pem", "request"),
    ],
    ids=["certificate", "request"],
)
def test_certificates_are_refused_and_the_advice_gives_their_key(make: str, words: str) -> None:
    """A certificate or request is called so, and the named command takes the public key out of it."""
    openssl("ecparam -name secp224k1 -genkey -noout -out key.pem")
    openssl(make)
    with pytest.raises(InvalidKey, match=words) as refusal:
        PublicKey.from_pem(Path("other.pem").read_bytes())
    openssl(
        advice(refusal).replace("CERTIFICATE", "other.pem").replace("REQUEST", "other.pem").replace("NEW", "new.pem")
    )
    key = PrivateKey.from_pem(Path("key.pem").read_bytes())
    assert PublicKey.from_pem(Path("new.pem").read_bytes()) == key.public_key


def test_public_where_private_is_wanted_and_the_reverse() -> None:
    """Each is refused by name, in PEM and in DER."""
    openssl("ecparam -name secp224k1 -genkey -noout -out key.pem")
    openssl("pkey -in key.pem -pubout -out public.pem")
    openssl("pkey -in key.pem -pubout -outform DER -out public.der")
    openssl("pkey -in key.pem -outform DER -out key.der")
    with pytest.raises(InvalidKey, match="public key"):
        PrivateKey.from_pem(Path("public.pem").read_bytes())
    with pytest.raises(InvalidKey, match="public key"):
        PrivateKey.from_der(Path("public.der").read_bytes())
    with pytest.raises(InvalidKey, match="private key"):
        PublicKey.from_pem(Path("key.pem").read_bytes())
    with pytest.raises(InvalidKey, match="private key"):
        PublicKey.from_der(Path("key.der").read_bytes())


def test_hybrid_points_are_refused() -> None:
    """OpenSSL can write the hybrid form of a point; SEC 1 does not have it."""
    openssl("ecparam -name secp224k1 -genkey -noout -out key.pem")
    openssl("ec -in key.pem -pubout -conv_form hybrid -out public.pem")
    with pytest.raises(InvalidEncoding, match="hybrid"):
        PublicKey.from_pem(Path("public.pem").read_bytes())
