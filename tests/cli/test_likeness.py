"""What a refused file is said to be in place of what was expected, and what to do about it."""

from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from commandline import FILES, Run
from hypothesis import given, settings
from hypothesis import strategies as st
from opensslcommand import WITHOUT, lacks_the_curve

from ecpure import SECP224K1, SECP256K1, Curve
from ecpure.cli.likeness import bytes_for_openssl, kind, of_digest, of_key, of_signature

VERIFY = "verify --public-key public.pem"
SAID = [
    ("sign --key key.raw m", "key.raw: private key: it has 29 bytes, as a raw private key: use --key-format raw if"),
    (
        "convert private-key key.raw -o new",
        "key.raw: private key: it has 29 bytes, .*: use --from-format raw if it is",
    ),
    (
        "sign --key key.hex m",
        "key.hex: private key: it may be a private key in hex or base64: decode it with `xxd -r -p` or",
    ),
    (
        "pubkey key.pem --key-format der",
        "key.pem: private key: it looks like a private key in another format: use --key-f",
    ),
    (
        "verify --public-key k1.point --signature m.sig m",
        "k1.point: public key: it is on secp256k1, not on secp224k1: use --curve secp256k1$",
    ),
    ("pubkey k1.pem --key-format der", "k1.pem: private key: .*on secp256k1, not on secp224k1: use --curve secp256k1$"),
    (
        "auth verify --public-key k1.point --server-nonce azRzAi5rm1ry/l0drnz1vw== m",
        "k1.point: public key: it is on secp256k1, not on secp224k1$",
    ),
    ("sign --key m.sig m", "m.sig: private key: this is a signature: name the file of the private key"),
    (
        f"{VERIFY} --signature public.pem m",
        "public.pem: signature: this is a public key: perhaps --public-key and --sig",
    ),
    (
        "verify --public-key m.sig --signature public.pem m",
        "m.sig: public key: this is a signature: perhaps --public-k",
    ),
    (
        "verify --format p1363 --public-key p1363 --signature public.pem m",
        "p1363: public key: this is a signature: perhaps",
    ),
    (f"{VERIFY} --signature key.pem m", "key.pem: signature: this is a private key: name the file of the signature"),
    ("convert signature public.pem", "public.pem: signature: this is a public key: use `ecpure convert public-key`"),
    (
        "convert public-key public.der --from-format raw --from-encoding hex",
        "use --from-encoding binary --from-format der",
    ),
    ("convert public-key m.sig", "m.sig: public key: this is a signature: name the file of the public key"),
    (
        "verify --public-key key.pem --signature m.sig m",
        "key.pem: .*make its public key with `ecpure pubkey key.pem -o NEW`",
    ),
    (
        "verify --public-key - --signature m.sig m",
        "standard input: .*make its public key with `ecpure pubkey FILE -o NEW`",
    ),
    (
        "sign --key key.pem --digest digest.hex",
        "digest.hex: --digest: .*: it looks like hex: decode it with `xxd -r -p FILE NEW`",
    ),
    ("sign --key binary m", "binary: private key: PEM or DER was expected; `ecpure explain binary` says what it is"),
    (f"{VERIFY} --signature - m", "standard input: .*use --|standard input: signature: this is a private key"),
]


@pytest.mark.parametrize(("line", "said"), SAID)
def test_what_it_is_in_its_place_is_said(
    run: Run, shelf: Path, monkeypatch: pytest.MonkeyPatch, line: str, said: str
) -> None:
    """A key of the other kind, another form or another encoding, and a signature for a key, each with its way out."""
    monkeypatch.chdir(shelf)
    result = run(line, stdin=FILES["key.pem"])
    assert (result.status, result.out) == (2, b"")
    assert re.search(said, result.err), result.err


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("key.pem", "private key"),
        ("k1.pem", "private key"),
        ("public.raw", "public key"),
        ("k1.public.pem", "public key"),
        ("m.sig", "signature"),
        ("key.raw", None),
        ("empty", None),
        ("binary", None),
    ],
)
def test_a_kind_is_known_on_every_curve(name: str, expected: str | None) -> None:
    """What says by itself that it is a key or a signature; the octets of a private key alone do not."""
    assert kind(FILES[name]) == expected


@settings(max_examples=100)
@given(data=st.one_of(st.binary(max_size=120), st.sampled_from([*FILES.values()]).map(lambda octets: octets[:-1])))
def test_of_any_octets_a_kind_is_found_or_none(data: bytes) -> None:
    """Whatever a file holds, it is likened to something or to nothing, and nothing is raised."""
    assert kind(data) in ("signature", "public key", "private key", None)
    for wanted in ("public", "private"):
        for is_raw in (True, False):
            said = of_key(data, "k", wanted, "--o", SECP224K1, as_raw=is_raw, is_signature=False)
            assert said or data
            assert len(data) < 4 or data.hex() not in said
    assert of_signature(data, converted=False) or data
    assert not of_digest(data, {28}) or len(data) > 28


def openssl(line: str) -> bytes:
    """Return what OpenSSL's command writes."""
    done = subprocess.run(["openssl", *line.split()], check=True, capture_output=True)
    return done.stdout


@pytest.fixture
def ciphered(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which key.pem is also encrypted.pem, written by OpenSSL."""
    if lacks_the_curve():
        pytest.skip(WITHOUT)
    monkeypatch.chdir(shelf)
    (shelf / "encrypted.pem").write_bytes(openssl("pkey -in key.pem -aes128 -passout pass:x"))
    return shelf


@pytest.mark.parametrize("beside", ["public.pem", "k1.public.pem", "certificate.pem"])
@pytest.mark.parametrize("line", ["pubkey {}", "sign --key {} m", "convert private-key {} -o new"])
def test_what_is_wrong_with_a_private_key_is_said_beside_a_public_one(
    run: Run, ciphered: Path, line: str, beside: str
) -> None:
    """As `openssl pkcs12` writes them into one file."""
    if beside == "certificate.pem":
        (ciphered / beside).write_bytes(openssl("req -x509 -new -key key.pem -subj /CN=a"))
    both = [(ciphered / name).read_bytes() for name in (beside, "encrypted.pem")]
    for octets in (b"".join(both), b"".join(both[::-1])):
        (ciphered / "both.pem").write_bytes(octets)
        result = run(line.format("both.pem"))
        assert (result.status, result.out) == (2, b"")
        assert "both.pem: private key: it is encrypted; to decrypt it: openssl pkey -in KEY -out NEW" in result.err


@pytest.mark.parametrize("form", ["der.hex", "der.base64", "der.colons", "escaped.pem", "wide.pem"])
def test_openssl_gets_the_bytes_of_a_text(run: Run, ciphered: Path, form: str) -> None:
    """The two commands that are named, run one after the other, write a key that is read; explain names them, too."""
    octets = openssl("pkcs12 -export -nocerts -inkey key.pem -passout pass:x")
    forms = {
        "der.hex": octets.hex().encode(),
        "der.base64": b64encode(octets),
        "der.colons": octets.hex(":").encode(),
        "escaped.pem": (ciphered / "encrypted.pem").read_bytes().replace(b"\n", b"\\n"),
        "wide.pem": (ciphered / "encrypted.pem").read_text().encode("utf-16"),
    }
    command = {"der.base64": "base64", "escaped.pem": "printf", "wide.pem": "iconv"}.get(form, "xxd")
    if shutil.which(command) is None:
        pytest.skip(f"{command} is not installed")
    (ciphered / form).write_bytes(forms[form])
    refused = run(f"pubkey {form}").err
    said = rf"ecpure: {form}: private key: .*: (openssl .*); KEY is {form}\.bytes, made by: (.*)\n"
    made = re.fullmatch(said, refused)
    assert made is not None, refused
    reading = made[1].replace("KEY", f"{form}.bytes").replace("NEW", "NEW.pem")
    for command in (made[2], f"{reading} -passin pass:x"):
        subprocess.run(command, shell=True, check=True, capture_output=True)
    assert run("pubkey NEW.pem").out == FILES["public.pem"]
    if form.startswith("der."):
        assert f"OpenSSL needs the bytes of this text: {made[2].split()[0]} " in run(f"explain {form}").out.decode()


@pytest.mark.parametrize(
    ("octets", "path", "expected"),
    [
        (b"30 03 02 01 01", "k", "; KEY is k.bytes, made by: xxd -r -p k k.bytes"),
        (b"3003 020101\n", "-", "; KEY is FILE.bytes, made by: xxd -r -p FILE FILE.bytes"),
        (b"MAMCAQE=", "a NEW", "; KEY is 'a NEW.bytes', made by: base64 -d 'a NEW' > 'a NEW.bytes'"),
        (b"MAMCAQE=", "KEY", "; KEY is KEY.bytes, made by: base64 -d KEY > KEY.bytes"),
        (b"-----BEGIN A-----\\n-----END A-----", "k", "; KEY is k.bytes, made by: printf '%b' \"$(cat k)\" > k.bytes"),
        (b"-----BEGIN A-----\n-----END A-----", "k", ""),
        ("-----BEGIN A-----".encode("utf-16"), "k", "; KEY is k.bytes, made by: iconv -f UTF-16 -t UTF-8 k > k.bytes"),
        ("MAMCAQE=".encode("utf-16"), "k", ""),
        (b"MAMC-QE_", "k", ""),
        (b"\x30\x03\x02\x01\x01", "k", ""),
        (b"", "k", ""),
    ],
)
def test_the_command_that_makes_bytes_of_a_text(octets: bytes, path: str, expected: str) -> None:
    """Of hex, base64 in the first alphabet, and PEM with written line ends or in UTF-16; nothing else. It never names
    the file itself as its output, whatever this is called: the shell would empty it first.
    """
    assert bytes_for_openssl(octets, path, "sign: openssl dgst -sign KEY") == expected
    certificate = "KEY is made by: openssl x509 -in CERTIFICATE -pubkey -out KEY"
    assert bytes_for_openssl(octets, path, certificate) == expected.replace("; KEY", "; CERTIFICATE")


@pytest.mark.parametrize(
    ("octets", "curve", "expected"),
    [
        (bytes(27), SECP224K1, "it has 27 bytes: .* put zero bytes before it to make 29, and use --o raw"),
        (bytes(26), SECP224K1, "it has 26 bytes: .* put zero bytes before it to make 29, and use --o raw"),
        (bytes(25), SECP224K1, ""),
        (bytes(31), SECP256K1, "it has 31 bytes: .* put zero bytes before it to make 32, and use --o raw"),
        (bytes(29), SECP256K1, ""),
        (bytes(27).hex().encode(), SECP224K1, "it may be a private key in hex or base64"),
        (b64encode(bytes(30)), SECP256K1, "it may be a private key in hex or base64"),
        (b64encode(bytes(24)), SECP224K1, ""),
    ],
)
def test_a_raw_key_without_its_leading_zeros(octets: bytes, curve: Curve, expected: str) -> None:
    """Up to two are missing in all but one of 2^24 keys; nothing shorter is taken for a key."""
    said = of_key(octets, "k", "private", "--o", curve, as_raw=False, is_signature=False)
    assert re.match(expected, said) if expected else not said
    assert not of_key(bytes(27), "k", "private", "--o", curve, as_raw=True, is_signature=False)
