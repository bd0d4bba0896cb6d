"""The commands: what each writes, what each refuses, and what no refusal ever shows."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shlex
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import ecpure
from ecpure import SECP224K1, SECP256K1, Curve, PrivateKey, PublicKey, Signature, auth, der
from ecpure.cli import main

D = 0xC0FFEE_0123456789ABCDEF_0123456789ABCDEF_0123456789ABCDEF
KEY = PrivateKey.from_int(D)
PUBLIC = KEY.public_key
OTHER = PrivateKey.from_int(D + 1)
KOBLITZ = PrivateKey.from_int(D, curve=SECP256K1)
N = SECP224K1.n
MESSAGE = b"pay 5 to Ann\n"
SIGNATURE = KEY.sign(MESSAGE)
HASHES = ["sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512"]
FIPS_NAMES = ["SHA-224", "SHA-256", "SHA-384", "SHA-512", "SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512"]

# The worked example of the exchange's document.
COOKIE = "HGREqcILTz8blHa/jsUTVTNBJlg="
SERVER_NONCE = "azRzAi5rm1ry/l0drnz1vw=="
CLIENT_NONCE = "8IyYyvH9gujOqYJdv/BP0A=="
LOGIN_D = 0xB89EA7FCD22CC059C2673DC24FF40B978307464686560D0AD7561B83
LOGIN = {
    "method": "Authenticate",
    "user_id": 1,
    "cookie": COOKIE,
    "nonce": CLIENT_NONCE,
    "signature": ["P7d6nXtbKmggnnb2hyB4xXkTQNWYmFSto6tzXg==", "NLhDQS8YqRDxin1M4dNZeGDmNFsiv3iUz2d4Cg=="],
}

FILES = {
    "m": MESSAGE,
    "key.pem": KEY.to_pem().encode(),
    "sec1.pem": KEY.to_pem("sec1").encode(),
    "key.der": KEY.to_der(),
    "sec1.der": KEY.to_der("sec1"),
    "key.raw": KEY.to_bytes(),
    "key28.raw": KEY.to_bytes()[1:],
    "public.pem": PUBLIC.to_pem().encode(),
    "public.der": PUBLIC.to_der(),
    "public.raw": PUBLIC.to_bytes(),
    "public57.raw": PUBLIC.to_bytes(compressed=False),
    "other.pem": OTHER.public_key.to_pem().encode(),
    "k1.pem": KOBLITZ.to_pem().encode(),
    "k1.public.pem": KOBLITZ.public_key.to_pem().encode(),
    "m.sig": SIGNATURE.to_der(),
    "digest": hashlib.sha224(MESSAGE).digest(),
    "empty": b"",
    "binary": bytes(range(256)),
    "large": bytes((1 << 20) + 1),
    "login.json": json.dumps(LOGIN).encode(),
    "login.pem": PrivateKey.from_int(LOGIN_D).to_pem().encode(),
    "login.public.pem": PrivateKey.from_int(LOGIN_D).public_key.to_pem().encode(),
    "passphrase": b"opensesame\n",
}
VERIFY = "verify --public-key public.pem --signature m.sig m"
BUILD = f"auth build --user-id 1 --key login.pem --cookie {COOKIE} --server-nonce {SERVER_NONCE}"
AUTH_VERIFY = f"auth verify --public-key login.public.pem --server-nonce {SERVER_NONCE}"


class Result(NamedTuple):
    """What one run of the command came to."""

    status: int
    out: bytes
    err: str


Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, octets in FILES.items():
        (tmp_path / name).write_bytes(octets)
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    assert folder.is_dir()

    def run(line: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main(shlex.split(line))
        out, err = capsysbinary.readouterr()
        return Result(status, out, err.decode())

    return run


def assert_done(result: Result) -> bytes:
    assert (result.status, result.err) == (0, "")
    return result.out


def assert_refused(result: Result, pattern: str = "") -> None:
    """Status 2, nothing on standard output, one sentence on standard error."""
    assert (result.status, result.out) == (2, b"")
    assert re.fullmatch(r"ecpure: [^\n]+\n", result.err)
    assert re.search(pattern, result.err), result.err


def assert_usage(result: Result, pattern: str = "") -> None:
    """Status 2, nothing on standard output, the usage and argparse's one sentence on standard error."""
    assert (result.status, result.out) == (2, b"")
    assert result.err.startswith("usage: ecpure")
    last = result.err.splitlines()[-1]
    assert re.match(r"ecpure[a-z -]*: error: ", last)
    assert re.search(pattern, last), last


def verifies(
    run: Run, options: str = "", signature: str = "m.sig", message: str = "m", key: str = "public.pem"
) -> Result:
    return run(f"verify --public-key {key} --signature {signature} {options} {message}")


# keygen, pubkey


@pytest.mark.parametrize("curve", [SECP224K1, SECP256K1], ids=lambda curve: curve.name)
@pytest.mark.parametrize(
    ("to", "read"),
    [("pkcs8", PrivateKey.from_pem), ("sec1", PrivateKey.from_pem), ("raw", PrivateKey.from_bytes)],
    ids=["pkcs8", "sec1", "raw"],
)
def test_keygen_writes_a_new_key_in_the_form_asked_for(
    run: Run, curve: Curve, to: str, read: Callable[..., PrivateKey]
) -> None:
    """Each run makes another key, of the curve and in the form that were named."""
    octets = [assert_done(run(f"keygen --curve {curve.name} --to {to}")) for _ in range(2)]
    keys = [read(each, curve=curve) for each in octets]
    assert keys[0] != keys[1]
    again = keys[0].to_bytes() if to == "raw" else keys[0].to_pem("sec1" if to == "sec1" else "pkcs8").encode()
    assert again == octets[0]


def test_keygen_without_options_is_pkcs8_on_secp224k1(run: Run) -> None:
    """The defaults are secp224k1 and PKCS#8."""
    out = assert_done(run("keygen"))
    assert out.startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert PrivateKey.from_pem(out).curve is SECP224K1


def test_keygen_into_a_file_says_nothing(run: Run, folder: Path) -> None:
    """With -o the key is in the file and nowhere else."""
    assert assert_done(run("keygen -o new.pem")) == b""
    PrivateKey.from_pem((folder / "new.pem").read_bytes())


@pytest.mark.parametrize(
    "key",
    [
        "key.pem",
        "sec1.pem",
        "key.pem --key-format pem",
        "key.der --key-format der",
        "sec1.der --key-format der",
        "key.raw --key-format raw",
        "key28.raw --key-format raw",
        "key.pem --curve secp224k1",
    ],
)
def test_pubkey_reads_every_form_of_a_private_key(run: Run, key: str) -> None:
    """PEM, DER and octets, SEC 1 and PKCS#8, all give the same public key, as SPKI or as the compressed point."""
    assert assert_done(run(f"pubkey --key {key}")) == FILES["public.pem"]
    assert assert_done(run(f"pubkey --key {key} --to pem")) == FILES["public.pem"]
    assert assert_done(run(f"pubkey --key {key} --to raw")) == FILES["public.raw"]


def test_pubkey_on_the_other_curve(run: Run) -> None:
    """--curve secp256k1 reads a key of that curve."""
    assert assert_done(run("pubkey --curve secp256k1 --key k1.pem")) == FILES["k1.public.pem"]


# sign, verify


@pytest.mark.parametrize("curve", [SECP224K1, SECP256K1], ids=lambda curve: curve.name)
@pytest.mark.parametrize(
    ("name", "spelling"), [*zip(HASHES, HASHES, strict=True), *zip(HASHES, FIPS_NAMES, strict=True)]
)
def test_sign_and_verify_with_every_hash_in_both_spellings(
    run: Run, folder: Path, curve: Curve, name: str, spelling: str
) -> None:
    """What is signed is the library's deterministic signature under that hash, and verifies under that hash alone."""
    private, public, key = (
        ("key.pem", "public.pem", KEY) if curve is SECP224K1 else ("k1.pem", "k1.public.pem", KOBLITZ)
    )
    options = f"--curve {curve.name} --hash {spelling}"
    octets = assert_done(run(f"sign {options} --key {private} m"))
    assert octets == key.sign(MESSAGE, hash=name).to_der()
    (folder / "s").write_bytes(octets)
    assert verifies(run, options, "s", key=public) == (0, b"valid\n", "")
    other = "sha256" if name == "sha512" else "sha512"
    assert verifies(run, f"--curve {curve.name} --hash {other}", "s", key=public) == (1, b"invalid\n", "")


@pytest.mark.parametrize(
    ("options", "name"),
    [("--key key.pem", "sha224"), ("--curve secp256k1 --key k1.pem", "sha256")],
    ids=["secp224k1", "secp256k1"],
)
def test_the_default_hash_is_the_curves_own(run: Run, options: str, name: str) -> None:
    """SHA-224 on secp224k1, SHA-256 on secp256k1."""
    assert run(f"sign {options} m") == run(f"sign {options} --hash {name} m")
    assert run(f"sign {options} m") != run(f"sign {options} --hash sha384 m")


FORMATS: dict[str, Callable[[Signature], bytes]] = {
    "der": Signature.to_der,
    "p1363": Signature.to_p1363,
    "compact": Signature.to_compact,
}
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "binary": bytes,
    "hex": lambda octets: octets.hex().encode() + b"\n",
    "base64": lambda octets: b64encode(octets) + b"\n",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("format", FORMATS)
def test_signatures_are_written_and_read_in_every_form(run: Run, folder: Path, format: str, encoding: str) -> None:
    """--format and --encoding say what stands in the file, both ways."""
    options = f"--format {format} --encoding {encoding}"
    assert assert_done(run(f"sign {options} --key key.pem m -o s")) == b""
    assert (folder / "s").read_bytes() == ENCODINGS[encoding](FORMATS[format](SIGNATURE))
    assert verifies(run, options, "s") == (0, b"valid\n", "")


def test_p1363_on_the_other_curve_has_32_octets_each(run: Run, folder: Path) -> None:
    """r ‖ s is at the octet length of the curve's order."""
    options = "--curve secp256k1 --format p1363"
    (folder / "s").write_bytes(assert_done(run(f"sign {options} --key k1.pem m")))
    assert (folder / "s").read_bytes() == KOBLITZ.sign(MESSAGE).to_p1363(curve=SECP256K1)
    assert (folder / "s").stat().st_size == 64
    assert verifies(run, options, "s", key="k1.public.pem").status == 0


def test_white_space_around_a_signature_in_text_is_passed_over(run: Run, folder: Path) -> None:
    """Hex in capitals or not, and base64, may have blanks and line ends of any kind around them, or none."""
    text = SIGNATURE.to_der().hex()
    for octets in (text.encode(), text.upper().encode(), f" \t{text}\r\n\n".encode()):
        (folder / "s").write_bytes(octets)
        assert verifies(run, "--encoding hex", "s").status == 0
    for octets in (b64encode(SIGNATURE.to_der()), b"\n" + b64encode(SIGNATURE.to_der()) + b" \r\n"):
        (folder / "s").write_bytes(octets)
        assert verifies(run, "--encoding base64", "s").status == 0


def test_low_s_is_written_where_asked_for(run: Run, folder: Path) -> None:
    """--low-s turns a high s into n − s and leaves a low one; without it s stays; both verify."""
    seen = set()
    for i in range(20):
        (folder / "m").write_bytes(b"%d" % i)
        plain = Signature.from_der(assert_done(run("sign --key key.pem m")))
        low = Signature.from_der(assert_done(run("sign --low-s --key key.pem m")))
        assert (low.r, low.s) == (plain.r, min(plain.s, N - plain.s))
        seen.add(low == plain)
    assert seen == {True, False}
    for each in (plain, low):
        (folder / "s").write_bytes(each.to_der())
        assert verifies(run, signature="s").status == 0


def test_hedged_signatures_differ_and_verify(run: Run, folder: Path) -> None:
    """--hedged puts random octets into the nonce, each time others."""
    signatures = {assert_done(run("sign --hedged --key key.pem m")) for _ in range(3)} | {SIGNATURE.to_der()}
    assert len(signatures) == 4
    for octets in signatures:
        (folder / "s").write_bytes(octets)
        assert verifies(run, signature="s").status == 0


def test_as_many_octets_as_n_has_go_into_a_hedged_nonce(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are the additional data of RFC 6979 §3.6."""
    monkeypatch.setattr(os, "urandom", lambda count: bytes([count]) * count)
    expected = KEY.sign(MESSAGE, extra_entropy=bytes([29]) * 29).to_der()
    assert assert_done(run("sign --hedged --key key.pem m")) == expected


def test_self_verify_verifies_before_the_signature_is_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signature is the same; one that does not hold is not written, which is asked for with the option alone."""
    assert assert_done(run("sign --self-verify --key key.pem m")) == SIGNATURE.to_der()
    monkeypatch.setattr(PublicKey, "verify_digest", lambda *_: False)
    assert assert_done(run("sign --key key.pem m")) == SIGNATURE.to_der()
    assert_refused(run("sign --self-verify --key key.pem m"), "fault")


@pytest.mark.parametrize("name", HASHES)
def test_a_digest_stands_for_its_message(run: Run, folder: Path, name: str) -> None:
    """With --digest the file is the digest itself: the same signature is made of it, and it verifies."""
    (folder / "d").write_bytes(hashlib.new(name, MESSAGE).digest())
    assert run(f"sign --key key.pem --hash {name} --digest d") == run(f"sign --key key.pem --hash {name} m")
    (folder / "s").write_bytes(KEY.sign(MESSAGE, hash=name).to_der())
    assert verifies(run, f"--hash {name} --digest", "s", "d") == (0, b"valid\n", "")


@pytest.mark.parametrize(
    ("options", "length"), [("", 28), ("--hash sha256", 32), ("--hash SHA3-384", 48), ("--hash sha512", 64)]
)
def test_a_digest_of_another_length_is_refused(run: Run, folder: Path, options: str, length: int) -> None:
    """--digest takes exactly as many octets as --hash makes."""
    for wrong in {0, 1, 28, 29, 32, length - 1, length + 1} - {length}:
        (folder / "d").write_bytes(bytes(wrong))
        assert_refused(run(f"sign --key key.pem {options} --digest d"), rf"--digest: .*\b{length} octets")
        assert_refused(verifies(run, f"{options} --digest", message="d"), rf"--digest: .*\b{length} octets")


@pytest.mark.parametrize(
    "key",
    [
        "public.pem",
        "public.der --key-format der",
        "public.raw --key-format raw",
        "public57.raw --key-format raw",
        "public.pem --key-format pem",
    ],
)
def test_verify_reads_every_form_of_a_public_key(run: Run, key: str) -> None:
    """SPKI in PEM and DER, and the point's octets in both forms."""
    assert verifies(run, key=key) == (0, b"valid\n", "")


def test_a_signature_that_does_not_hold_is_status_1(run: Run, folder: Path) -> None:
    """Another message, another key, another s: `invalid` on standard output, nothing on standard error."""
    (folder / "s").write_bytes(Signature(SIGNATURE.r, SIGNATURE.s % (N - 1) + 1).to_der())
    for result in (verifies(run, message="empty"), verifies(run, key="other.pem"), verifies(run, signature="s")):
        assert result == (1, b"invalid\n", "")


def test_json_says_the_same_as_the_words(run: Run) -> None:
    """--json prints one object on one line, and the status is unchanged."""
    assert verifies(run, "--json") == (0, b'{"valid": true}\n', "")
    assert verifies(run, "--json", message="empty") == (1, b'{"valid": false}\n', "")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("pubkey --key -", "key.pem"),
        ("pubkey --key - --key-format raw", "key.raw"),
        ("sign --key - m", "key.pem"),
        ("sign --key key.pem -", "m"),
        ("sign --key key.pem --digest -", "digest"),
        ("verify --public-key - --signature m.sig m", "public.pem"),
        ("verify --public-key public.pem --signature - m", "m.sig"),
        ("verify --public-key public.pem --signature m.sig -", "m"),
        (f"auth verify --public-key - --server-nonce {SERVER_NONCE} login.json", "login.public.pem"),
        (f"{AUTH_VERIFY} -", "login.json"),
        (f"{BUILD.replace('login.pem', '-')} --client-nonce {CLIENT_NONCE}", "login.pem"),
    ],
)
def test_a_dash_is_standard_input(run: Run, line: str, name: str) -> None:
    """Where a file is named, `-` reads the same from standard input."""
    result = run(line, stdin=FILES[name])
    assert result == run(re.sub(r"(?<= )-(?= |$)", name, line))
    assert result.status == 0
    assert result.out


@pytest.mark.parametrize(
    "line",
    [
        "sign --key - -",
        "verify --public-key - --signature - m",
        "verify --public-key - --signature m.sig -",
        "verify --public-key public.pem --signature - -",
        "verify --public-key - --signature - -",
        f"auth verify --public-key - --server-nonce {SERVER_NONCE} -",
        "explain - --public-key -",
        "explain m --public-key - --message -",
        "explain - --public-key public.pem --digest -",
        f"login wss://h --user-id 1 --cookie {COOKIE} --passphrase-from stdin --ca -",
        f"login wss://h --user-id 1 --cookie {COOKIE} --key - --ca -",
        f"login wss://h --user-id 1 --cookie {COOKIE} --passphrase-from file:- --ca -",
        "verify-many - --keys -",
        "audit m - -",
        "vectors - -",
    ],
)
def test_standard_input_is_one_file_only(run: Run, line: str) -> None:
    """Two files named `-` are refused before anything is read."""
    assert_refused(run(line, stdin=FILES["key.pem"]), "standard input")


def test_a_message_may_be_larger_than_what_a_key_may_be(run: Run, folder: Path) -> None:
    """3 MiB, from a file and from standard input, are signed and verified as the library does."""
    message = bytes(range(256)) * (3 << 12)
    (folder / "m").write_bytes(message)
    octets = KEY.sign(message).to_der()
    (folder / "s").write_bytes(octets)
    assert run("sign --key key.pem m") == run("sign --key key.pem -", stdin=message) == (0, octets, "")
    assert verifies(run, signature="s").status == 0


@pytest.mark.parametrize("output", ["", "-o -", "--output -"])
def test_output_is_standard_output_by_default(run: Run, output: str) -> None:
    """-o - is the default."""
    assert assert_done(run(f"sign --key key.pem m {output}")) == FILES["m.sig"]


# auth


@pytest.mark.parametrize("to", ["pkcs8", "sec1", "raw"])
def test_auth_key_writes_the_key_of_the_document(run: Run, to: str) -> None:
    """User 1 with `opensesame` has the documented private key."""
    key = PrivateKey.from_int(LOGIN_D)
    expected = {"pkcs8": key.to_pem().encode(), "sec1": key.to_pem("sec1").encode(), "raw": key.to_bytes()}[to]
    line = f"auth key --user-id 1 --passphrase-from file:passphrase --to {to}"
    assert assert_done(run(line)) == expected


@pytest.mark.parametrize("user_id", [0, 1, 2**32, 2**64 - 1])
def test_auth_takes_every_user_id_of_64_bits(run: Run, folder: Path, user_id: int) -> None:
    """0 to 2⁶⁴ − 1, and the message that is built says that number and verifies."""
    source = f"--user-id {user_id} --passphrase-from file:passphrase"
    key = auth.derive_private_key(user_id, "opensesame")
    assert assert_done(run(f"auth key {source} --to raw")) == key.to_bytes()
    line = f"auth build {source} --cookie {COOKIE} --server-nonce {SERVER_NONCE} -o login.json"
    assert assert_done(run(line)) == b""
    assert json.loads((folder / "login.json").read_bytes())["user_id"] == user_id
    (folder / "login.public.pem").write_text(key.public_key.to_pem(), encoding="ascii")
    assert run(f"{AUTH_VERIFY} login.json") == (0, b"valid\n", "")


@pytest.mark.parametrize(
    "source",
    [
        "--key login.pem",
        "--key login.der --key-format der",
        "--key login.raw --key-format raw",
        "--passphrase-from file:passphrase",
    ],
)
def test_auth_build_answers_as_the_library_does(run: Run, folder: Path, source: str) -> None:
    """A key's file in each form and the passphrase give one message, one line of JSON."""
    key = PrivateKey.from_int(LOGIN_D)
    (folder / "login.der").write_bytes(key.to_der())
    (folder / "login.raw").write_bytes(key.to_bytes()[1:])
    line = f"{BUILD.replace('--key login.pem', source)} --client-nonce {CLIENT_NONCE}"
    out = assert_done(run(line))
    assert out.count(b"\n") == 1
    assert out.endswith(b"\n")
    message = json.loads(out)
    assert list(message) == ["method", "user_id", "cookie", "nonce", "signature"]
    assert {**message, "signature": None} == {**LOGIN, "signature": None}
    assert auth.verify_authenticate(message, server_nonce=SERVER_NONCE, public_key=key.public_key)
    assert assert_done(run(line)) == out


def test_auth_build_draws_a_client_nonce_of_its_own(run: Run) -> None:
    """Two messages without --client-nonce have two nonces of 16 octets."""
    nonces = {json.loads(assert_done(run(BUILD)))["nonce"] for _ in range(2)}
    assert len(nonces) == 2
    assert {len(nonce) for nonce in nonces} == {24}


@pytest.mark.parametrize("tag", [0, 1, 2**63 - 1])
def test_auth_build_sends_the_tag(run: Run, tag: int) -> None:
    """--tag stands in the message as a number, 0 too; without it there is none."""
    assert json.loads(assert_done(run(f"{BUILD} --tag {tag}")))["tag"] == tag
    assert "tag" not in json.loads(assert_done(run(BUILD)))


def test_auth_verify_judges_the_documents_message(run: Run, folder: Path) -> None:
    """Valid under its nonce and key; another nonce, key or field is `invalid` and status 1; --json says the same."""
    assert run(f"{AUTH_VERIFY} login.json") == (0, b"valid\n", "")
    assert run(f"{AUTH_VERIFY} --json login.json") == (0, b'{"valid": true}\n', "")
    another_nonce = f"auth verify --public-key login.public.pem --server-nonce {CLIENT_NONCE} login.json"
    assert run(another_nonce) == (1, b"invalid\n", "")
    another_key = (
        f"auth verify --public-key public.raw --key-format raw --server-nonce {SERVER_NONCE} --json login.json"
    )
    assert run(another_key) == (1, b'{"valid": false}\n', "")
    (folder / "login.json").write_text(json.dumps(LOGIN | {"user_id": 2}), encoding="ascii")
    assert run(f"{AUTH_VERIFY} login.json") == (1, b"invalid\n", "")


# --version, --help, usage


def test_version_says_the_backend_and_the_runtime(run: Run) -> None:
    """One line: the package's version, the integers at work, the interpreter."""
    out = assert_done(run("--version")).decode()
    version = re.escape(ecpure.__version__)
    assert re.fullmatch(rf"ecpure {version} \(backend {ecpure.backend()}[ 0-9.a-z]*, \S+ 3\.\d+\.\S+\)\n", out)


COMMANDS = ["", "keygen", "pubkey", "sign", "verify", "auth", "auth key", "auth build", "auth verify", "login"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["auth", "key", "--user-id", "1", "open sesame"], "unrecognized arguments"),
        (["auth", "open sesame"], "PART: invalid choice (choose from "),
        (["open sesame (choose from none)"], "COMMAND: invalid choice (choose from "),
        (["auth", "key", "--user-id", "1", "--to", "open\nsesame"], "--to: invalid choice (choose from "),
        (["auth", "build", "--c=open sesame"], "ambiguous option"),
        (["verify", "--json=open sesame"], "--json: ignored explicit argument"),
        (["auth", "key", "--user-id", "open sesame"], "--user-id: a number of up to 20 decimal digits was expected"),
    ],
)
def test_a_wrong_word_is_not_repeated(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A passphrase given as an argument by mistake is refused, and not shown, wherever it stands."""
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"error: {said}" in err or f"error: argument {said}" in err
    assert "open" not in err
    assert "sesame" not in err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run: Run, command: str) -> None:
    """--help and -h print the same usage on standard output, and nothing else happens."""
    out = assert_done(run(f"{command} --help"))
    assert out.decode().startswith(f"usage: ecpure {command}".rstrip())
    assert assert_done(run(f"{command} -h")) == out


def test_the_help_says_what_may_be_left_out_and_what_statuses_mean(run: Run) -> None:
    """A profile may find the signature; both commands print JSON, one with fields; a test may be too weak."""
    text = " ".join(assert_done(run("verify --help")).decode().split())
    assert "[--signature S]" in text
    assert '"fields"' in text
    assert '"fields"' not in assert_done(run("auth verify --help")).decode()
    text = " ".join(assert_done(run("leak --help")).decode().split())
    assert "exit 0 if nothing was found, 1 if something was, 2 if the signatures were too few to tell" in text


def test_the_help_names_every_hash(run: Run) -> None:
    """The eight names of --hash stand in the help of sign and verify."""
    for command in ("sign", "verify"):
        words = re.findall(r"\w+", assert_done(run(f"{command} --help")).decode())
        assert set(HASHES) <= set(words)


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("", "required: COMMAND"),
        ("auth", "required: PART"),
        ("frobnicate", "invalid choice"),
        ("auth frobnicate", "invalid choice"),
        ("keygen --curve secp224r1", "--curve: invalid choice"),
        ("keygen --to der", "--to: invalid choice"),
        ("keygen extra", "unrecognized arguments"),
        ("pubkey", "required: --key"),
        ("pubkey --key key.pem --to sec1", "--to: invalid choice"),
        ("pubkey --key key.pem --key-format jwk", "--key-format: invalid choice"),
        ("sign --key key.pem", "required: FILE"),
        ("sign m", "required: --key"),
        ("sign --key key.pem m m", "unrecognized arguments"),
        ("sign --key key.pem --format raw m", "--format: invalid choice"),
        ("sign --key key.pem --encoding text m", "--encoding: invalid choice"),
        ("sign --key", "expected one argument"),
        ("verify --signature m.sig m", "required: --public-key"),
        ("verify --public-key public.pem --signature m.sig", "required: FILE"),
        (f"{VERIFY} --low-s", "unrecognized arguments"),
        ("auth key", "required: --user-id"),
        (f"auth build --user-id 1 --server-nonce {SERVER_NONCE}", "required: --cookie"),
        (f"auth build --user-id 1 --cookie {COOKIE}", "required: --server-nonce"),
        ("auth verify --public-key login.public.pem login.json", "required: --server-nonce"),
        (f"{BUILD} --curve secp256k1", "unrecognized arguments"),
        (f"{BUILD} --key key.pem --passphrase-from file:m", "not allowed with argument"),
        *((f"verify-many m --jobs {n}", "--jobs: a number from 1 to 1000 was expected") for n in (0, 1001)),
        *((f"vectors --timeout {n}", "--timeout: a number from 1 to 1000000 was expected") for n in (0, 9999999)),
    ],
)
def test_wrong_usage_is_status_2(run: Run, line: str, pattern: str) -> None:
    """Unknown commands, options and choices, and missing ones, get the usage and one sentence."""
    assert_usage(run(line), pattern)


@pytest.mark.parametrize("number", ["-1", "1.5", "1e3", "one", "", "0x10", "1_000", " 1", "+1", "٣", "²", "9" * 21])
@pytest.mark.parametrize("option", ["--user-id", "--tag"])
def test_numbers_are_decimal_digits(run: Run, option: str, number: str) -> None:
    """A user id or a tag with a sign, a point, other digits or too many of them is a mistake of usage."""
    line = f"{BUILD.replace(' --user-id 1', '')} --user-id=1 --tag=1".replace(f"{option}=1", f"{option}='{number}'")
    assert_usage(run(line), f"argument {option}: a number of up to 20 decimal digits was expected")


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        (f"auth key --user-id {2**64} --passphrase-from file:passphrase", "user_id"),
        (BUILD.replace("--user-id 1", f"--user-id {2**64}"), "user_id"),
        (f"{BUILD} --tag {2**63}", "tag"),
    ],
)
def test_numbers_out_of_range_are_refused(run: Run, line: str, pattern: str) -> None:
    """A user id of 2⁶⁴ and a tag of 2⁶³ are one too many."""
    assert_refused(run(line), f"^ecpure: {pattern}: ")


# What is refused


def encoded(r: int, s: int, format: str) -> bytes:
    """Return r and s in the format, whatever their size."""
    if format == "der":
        return der.element(der.SEQUENCE, der.integer(r), der.integer(s))
    length = 29 if format == "p1363" else 28
    return r.to_bytes(length, "big") + s.to_bytes(length, "big")


OUT_OF_RANGE = [
    *[("der", bad) for bad in (0, N, N + 1, 2**225, 2**2000)],
    *[("p1363", bad) for bad in (0, N, N + 1, 2**232 - 1)],
    ("compact", 0),
]


@pytest.mark.parametrize(("format", "bad"), OUT_OF_RANGE)
def test_r_and_s_out_of_range_are_unreadable(run: Run, folder: Path, format: str, bad: int) -> None:
    """r or s of 0, n and above is no signature: status 2, not 1."""
    for r, s in ((bad, 5), (5, bad), (bad, bad)):
        (folder / "s").write_bytes(encoded(r, s, format))
        assert_refused(verifies(run, f"--format {format}", "s"), "signature: r and s")


@pytest.mark.parametrize("format", FORMATS)
def test_cut_and_lengthened_signatures_are_unreadable(run: Run, folder: Path, format: str) -> None:
    """Every proper prefix of a signature, and it with an octet before or after, is status 2."""
    octets = FORMATS[format](SIGNATURE)
    for bad in (*(octets[:i] for i in range(len(octets))), octets + b"\x00", octets + b"\n", b"\x00" + octets):
        (folder / "s").write_bytes(bad)
        assert_refused(verifies(run, f"--format {format}", "s"), "signature: ")


@pytest.mark.parametrize("written", FORMATS)
@pytest.mark.parametrize("read", FORMATS)
def test_formats_are_never_guessed(run: Run, folder: Path, written: str, read: str) -> None:
    """A signature in one format is unreadable as another."""
    (folder / "s").write_bytes(FORMATS[written](SIGNATURE))
    assert verifies(run, f"--format {read}", "s").status == (0 if read == written else 2)


HEX = SIGNATURE.to_der().hex()
BASE64 = b64encode(SIGNATURE.to_der()).decode()


def with_spare_bits(octets: bytes) -> str:
    """Return base64 that decodes to the octets but for one of the bits that the last character has to spare."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    text = b64encode(octets).decode()
    end = text.rstrip("=")
    assert end != text
    return end[:-1] + alphabet[alphabet.index(end[-1]) + 1] + text[len(end) :]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("hex", ""),
        ("hex", HEX[:-1]),
        ("hex", HEX + "0"),
        ("hex", f"0x{HEX}"),
        ("hex", f"{HEX[:8]} {HEX[8:]}"),
        ("hex", HEX[:-2] + "gg"),
        ("hex", HEX[:-1] + "é"),
        ("hex", BASE64),
        ("base64", ""),
        ("base64", "="),
        ("base64", "===="),
        ("base64", BASE64[:-1]),
        ("base64", BASE64 + "="),
        ("base64", BASE64 + BASE64),
        ("base64", BASE64[:-4] + "é==="),
        ("base64", f"{BASE64[:8]} {BASE64[8:]}"),
        ("base64", "-_" + BASE64[2:]),
        ("base64", HEX),
    ],
)
def test_hex_and_base64_are_strict(run: Run, folder: Path, encoding: str, text: str) -> None:
    """Other alphabets, wrong lengths, white space inside, missing padding."""
    (folder / "s").write_text(text, encoding="utf-8")
    assert_refused(verifies(run, f"--encoding {encoding}", "s"), "signature: ")


@pytest.mark.parametrize("format", ["p1363", "compact"])
def test_base64_of_a_signature_has_one_form(run: Run, folder: Path, format: str) -> None:
    """Spare bits that are not 0 are refused."""
    octets = FORMATS[format](SIGNATURE)
    (folder / "s").write_text(with_spare_bits(octets), encoding="ascii")
    assert_refused(verifies(run, f"--format {format} --encoding base64", "s"), "signature: ")


def test_text_read_as_binary_is_unreadable(run: Run, folder: Path) -> None:
    """Hex and base64 are read only where --encoding says so, and binary only where it does not."""
    for text in (HEX, BASE64):
        (folder / "s").write_text(text, encoding="ascii")
        assert_refused(verifies(run, signature="s"), "signature: ")
    for encoding in ("hex", "base64"):
        assert_refused(verifies(run, f"--encoding {encoding}"), f"signature: {encoding} was expected")


SMALL = [
    "pubkey --key {}",
    "sign --key {} m",
    "sign --key key.pem --digest {}",
    "verify --public-key {} --signature m.sig m",
    "verify --public-key public.pem --signature {} m",
    "verify --public-key public.pem --signature m.sig --digest {}",
    "auth key --user-id 1 --passphrase-from file:{}",
    BUILD.replace("login.pem", "{}"),
    f"auth verify --public-key {{}} --server-nonce {SERVER_NONCE} login.json",
    f"{AUTH_VERIFY} {{}}",
]
MESSAGES = ["sign --key key.pem {}", "verify --public-key public.pem --signature m.sig {}"]


@pytest.mark.parametrize("place", [*SMALL, *MESSAGES])
def test_files_that_cannot_be_opened_are_named(run: Run, place: str) -> None:
    """A missing file, a folder, a path through a file: the file's name and the system's words."""
    assert_refused(run(place.format("missing")), "^ecpure: missing: No such file")
    assert_refused(run(place.format("folder")), "^ecpure: folder: Is a directory")
    assert_refused(run(place.format("m/inside")), "^ecpure: m/inside: Not a directory")


@pytest.mark.parametrize(
    "place",
    [
        *SMALL,
        *MESSAGES,
        "keygen -o {}",
        "pubkey --key key.pem -o {}",
        "vectors {}",
        "vectors --junit {}",
        "verify-many {}",
    ],
)
def test_arguments_with_a_nul_are_refused(run: Run, place: str) -> None:
    """No system passes one on, and no file has such a name; a caller of `main` may have it all the same."""
    assert_refused(run(place.format("m\0")), "NUL")


@pytest.mark.parametrize("place", SMALL)
def test_files_but_messages_are_at_most_1_mib(run: Run, place: str) -> None:
    """Keys, signatures, digests, passphrases and logins above 1 MiB are refused, from a file and standard input."""
    assert_refused(run(place.format("large")), "at most 1 MiB")
    assert_refused(run(place.format("-"), stdin=FILES["large"]), "at most 1 MiB")


def test_a_file_of_1_mib_is_read(run: Run, folder: Path) -> None:
    """The bound itself is allowed: a key with words before it, 1 MiB in all."""
    words = FILES["key.pem"].rjust(1 << 20, b"\n")
    (folder / "words.pem").write_bytes(words)
    assert assert_done(run("pubkey --key words.pem")) == FILES["public.pem"]
    (folder / "words.pem").write_bytes(b"\n" + words)
    assert_refused(run("pubkey --key words.pem"), "at most 1 MiB")


@pytest.mark.parametrize("form", ["key.der", "sec1.der", "key.raw"])
def test_cut_and_lengthened_private_keys_are_refused(run: Run, folder: Path, form: str) -> None:
    """Every proper prefix, and an octet before or after; 28 octets of 29 begin another key, so those are not a cut."""
    octets = FILES[form]
    key_format = form.partition(".")[2]
    for bad in (*(octets[:i] for i in range(len(octets))), octets + b"\x00", b"\x00" + octets):
        if key_format == "der" or len(bad) != 28:
            (folder / "k").write_bytes(bad)
            assert_refused(run(f"sign --key k --key-format {key_format} m"), "private key: ")


@pytest.mark.parametrize("form", ["public.der", "public.raw", "public57.raw"])
def test_cut_and_lengthened_public_keys_are_refused(run: Run, folder: Path, form: str) -> None:
    """Every proper prefix, and an octet before or after."""
    octets = FILES[form]
    key_format = form.partition(".")[2]
    for bad in (*(octets[:i] for i in range(len(octets))), octets + b"\x00", b"\x00" + octets):
        (folder / "k").write_bytes(bad)
        assert_refused(verifies(run, f"--key-format {key_format}", key="k"), "(public key|point): ")


@pytest.mark.parametrize("bad", [0, N, N + 1, 2**232 - 1], ids=["0", "n", "n+1", "2^232-1"])
def test_private_keys_out_of_range_are_refused(run: Run, folder: Path, bad: int) -> None:
    """0, n and above are no key, raw or in DER or PEM."""
    octets = bad.to_bytes(29, "big")
    (folder / "k.raw").write_bytes(octets)
    (folder / "k.der").write_bytes(FILES["key.der"].replace(KEY.to_bytes(), octets))
    (folder / "k.pem").write_bytes(
        b"-----BEGIN PRIVATE KEY-----\n" + b64encode((folder / "k.der").read_bytes()) + b"\n-----END PRIVATE KEY-----\n"
    )
    for form in ("raw", "der", "pem"):
        assert_refused(run(f"sign --key k.{form} --key-format {form} m"), r"private key: .*\[1, n − 1\]")
        assert_refused(run(f"pubkey --key k.{form} --key-format {form}"), r"private key: .*\[1, n − 1\]")
    (folder / "k.raw").write_bytes(bytes(28))
    assert_refused(run("sign --key k.raw --key-format raw m"), r"private key: .*\[1, n − 1\]")


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("pubkey --key public.pem", "this is a public key"),
        ("pubkey --key public.der --key-format der", "this is a public key"),
        ("pubkey --key public.raw --key-format raw", "private key: "),
        ("sign --key public.pem m", "this is a public key"),
        (VERIFY.replace("public.pem", "key.pem"), "this is a private key"),
        (VERIFY.replace("public.pem", "sec1.pem"), "this is a private key"),
        (VERIFY.replace("public.pem", "key.der --key-format der"), "this is a private key"),
        (VERIFY.replace("public.pem", "sec1.der --key-format der"), "this is a private key"),
        (VERIFY.replace("public.pem", "key.raw --key-format raw"), "point: "),
        (f"auth verify --public-key login.pem --server-nonce {SERVER_NONCE} login.json", "this is a private key"),
        (BUILD.replace("login.pem", "login.public.pem"), "this is a public key"),
        ("sign --key k1.pem m", "secp256k1, not on secp224k1: --curve secp256k1 takes it\n"),
        ("sign --curve secp256k1 --key key.pem m", "secp224k1, not on secp256k1: --curve secp224k1 takes it\n"),
        (VERIFY.replace("public.pem", "k1.public.pem"), "secp256k1, not on secp224k1: --curve secp256k1 takes it\n"),
        (f"{VERIFY} --curve secp256k1", "secp224k1, not on secp256k1"),
        (BUILD.replace("login.pem", "k1.pem"), "secp256k1, not on secp224k1\n"),
        ("sign --key empty m", "PEM: "),
        ("sign --key m m", "PEM: "),
        ("sign --key binary m", "PEM: "),
        ("sign --key key.der m", "PEM: "),
        ("sign --key key.pem --key-format der m", "private key: "),
        ("sign --key key.pem --key-format raw m", "private key: 28 or 29 octets"),
        ("sign --key empty --key-format der m", "private key: "),
        ("sign --key empty --key-format raw m", "private key: 28 or 29 octets"),
        (VERIFY.replace("public.pem", "empty"), "PEM: "),
        (VERIFY.replace("public.pem", "binary"), "PEM: "),
        (VERIFY.replace("public.pem", "public.der"), "PEM: "),
        (VERIFY.replace("public.pem", "public.pem --key-format der"), "public key: "),
        (f"{AUTH_VERIFY} binary", "UTF-8"),
        ("auth key --user-id 1 --passphrase-from file:binary", "UTF-8"),
    ],
)
def test_keys_and_texts_of_another_kind_are_refused(run: Run, line: str, pattern: str) -> None:
    """A refusal says what the file is, or what was expected in its place."""
    assert_refused(run(line), pattern)


@pytest.mark.parametrize("length", [2100, 1 << 19], ids=["2100", "512k"])
def test_object_identifiers_of_any_length_are_refused_at_once(run: Run, folder: Path, length: int) -> None:
    """An arc of thousands of digits, or of megabytes, is a refusal and not a traceback or a wait."""
    oid = der.element(der.OBJECT_IDENTIFIER, b"\x2a" + b"\xff" * length + b"\x01")
    algorithm = der.element(der.SEQUENCE, oid)
    (folder / "k").write_bytes(der.element(der.SEQUENCE, algorithm, der.bit_string(b"\x00")))
    assert_refused(verifies(run, "--key-format der", key="k"), "key: ")


@pytest.mark.parametrize("name", ["md5", "sha1", "SHA224", "sha-224", "sha512_256", "", "sha3-224", "SHAKE128"])
@pytest.mark.parametrize("command", ["sign --key key.pem", "verify --public-key public.pem --signature m.sig"])
def test_unknown_hashes_are_refused(run: Run, command: str, name: str) -> None:
    """Eight names, each in two spellings, and no other; the refusal lists them."""
    assert_refused(run(f"{command} --hash '{name}' m"), f"^ecpure: hash: one of {', '.join(HASHES)} was expected")


BAD_COOKIES = ["", "=", "not base64!", COOKIE[:-1], f"{COOKIE} ", SERVER_NONCE, "é", COOKIE[:-2] + "h="]
BAD_NONCES = ["", "=", "not base64!", SERVER_NONCE[:-1], f"{SERVER_NONCE} ", COOKIE, "é", SERVER_NONCE[:-3] + "x=="]


@pytest.mark.parametrize("text", BAD_COOKIES)
def test_cookies_are_base64_of_20_octets(run: Run, text: str) -> None:
    """Another length, another alphabet, spare bits: refused by name."""
    assert_refused(run(BUILD.replace(COOKIE, f"'{text}'")), "^ecpure: cookie: base64 of 20 octets")


@pytest.mark.parametrize("text", BAD_NONCES)
def test_nonces_are_base64_of_16_octets(run: Run, text: str) -> None:
    """The server's for build and verify, and the client's, each refused by its name."""
    for line in (BUILD, f"{AUTH_VERIFY} login.json"):
        assert_refused(run(line.replace(SERVER_NONCE, f"'{text}'")), "^ecpure: server_nonce: base64 of 16 octets")
    assert_refused(run(f"{BUILD} --client-nonce '{text}'"), "^ecpure: --client-nonce: base64 of 16 octets")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("", "JSON"),
        ("{", "JSON"),
        ("{}{}", "JSON"),
        ("not JSON", "JSON"),
        ("\ufeff{}", "JSON"),
        (json.dumps(LOGIN)[:-1] + ', "user_id": 1}', "JSON with distinct names"),
        (json.dumps(LOGIN)[:-1] + ', "x": {"a": 1, "a": 1}}', "JSON with distinct names"),
        ("[" * 100_000, "JSON"),
        ("[" * 100_000 + "]" * 100_000, "JSON"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "JSON"),
        (json.dumps(LOGIN).replace('"user_id": 1', '"user_id": ' + "9" * 10_000), "message: JSON|user_id"),
        ("null", "a JSON object"),
        ("5", "a JSON object"),
        ('"Authenticate"', "a JSON object"),
        (json.dumps([LOGIN]), "a JSON object"),
        ("{}", "the fields"),
        (json.dumps(LOGIN | {"extra": 1}), "the fields"),
        (json.dumps(LOGIN | {"method": "Welcome"}), "method"),
        (json.dumps(LOGIN | {"user_id": "1"}), "user_id"),
        (json.dumps(LOGIN | {"user_id": True}), "user_id"),
        (json.dumps(LOGIN | {"user_id": 1.0}), "user_id"),
        (json.dumps(LOGIN | {"user_id": float("nan")}), "message: JSON"),
        (json.dumps(LOGIN | {"user_id": float("inf")}), "message: JSON"),
        (json.dumps(LOGIN | {"user_id": -1}), "user_id"),
        (json.dumps(LOGIN | {"user_id": 2**64}), "user_id"),
        (json.dumps(LOGIN | {"cookie": SERVER_NONCE}), "cookie"),
        (json.dumps(LOGIN | {"cookie": "\ud800"}), "cookie"),
        (json.dumps(LOGIN | {"nonce": None}), "nonce"),
        (json.dumps(LOGIN | {"tag": -1}), "tag"),
        (json.dumps(LOGIN | {"tag": {}}), "tag"),
        (json.dumps(LOGIN | {"signature": "x"}), "signature"),
        (json.dumps(LOGIN | {"signature": ["AAAA", "AAAA"]}), "^ecpure: r: "),
        (json.dumps(LOGIN | {"signature": [b64encode(bytes(28)).decode()] * 2}), "signature: r and s"),
    ],
    ids=range(33),
)
def test_what_is_no_login_message_is_unreadable(run: Run, folder: Path, text: str, pattern: str) -> None:
    """No JSON, no object, a name twice, any depth, any number, a wrong field: status 2, not 1."""
    (folder / "login.json").write_text(text, encoding="utf-8")
    assert_refused(run(f"{AUTH_VERIFY} login.json"), pattern)


def test_compact_is_refused_for_integers_that_do_not_fit(run: Run) -> None:
    """On secp256k1 r and s have up to 32 octets, which 28 cannot hold; nothing is cut."""
    assert_refused(run("sign --curve secp256k1 --key k1.pem --format compact m"), "28 octets")


def test_a_refusal_leaves_the_output_file_alone(run: Run, folder: Path) -> None:
    """Where the command is refused, what stood at -o still stands, and no new file is made."""
    for line in ("sign --key m m", "sign --key key.pem missing", "pubkey --key public.pem", f"{BUILD} --tag {2**63}"):
        assert_refused(run(f"{line} -o m.sig"))
        assert_refused(run(f"{line} -o new"))
    assert (folder / "m.sig").read_bytes() == FILES["m.sig"]
    assert {path.name for path in folder.iterdir()} == {*FILES, "folder"}


# What interrupts


class FailingStdin:
    """Standard input whose reading raises."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.buffer = self

    def read(self, size: int) -> bytes:
        assert size > 0
        raise self.error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (OSError(), "cannot be read or written"),
        (OSError(5, "Input/output error", 7), "Input/output error"),
    ],
    ids=["interrupt", "named", "wordless", "descriptor"],
)
@pytest.mark.parametrize(
    "line", ["pubkey --key -", "sign --key key.pem -", "auth key --user-id 1 --passphrase-from stdin"]
)
def test_interrupts_and_failing_reads_are_one_sentence(
    run: Run,
    capsysbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    error: BaseException,
    sentence: str,
) -> None:
    """Ctrl-C, and a stream that fails under way, are status 2 without a traceback."""
    assert run("--version").status == 0
    monkeypatch.setattr(sys, "stdin", FailingStdin(error))
    status = main(shlex.split(line))
    assert (status, *capsysbinary.readouterr()) == (2, b"", f"ecpure: {sentence}\n".encode())


# What no refusal shows

SECRET = b"hunter2-correct-horse-staple"
SECRET_KEY = PrivateKey.from_bytes(SECRET)
SECRET_PEM = SECRET_KEY.to_pem()
SECRET_FILES = {
    "secret.pem": SECRET_PEM.encode(),
    "secret.sec1": SECRET_KEY.to_pem("sec1").encode(),
    "secret.der": SECRET_KEY.to_der(),
    "secret.raw": SECRET,
    "secret.29": b"\x00" + SECRET,
    "secret.hex": SECRET.hex().encode(),
    "secret.b64": b64encode(SECRET),
    "twice.pem": 2 * SECRET_PEM.encode(),
    "endless.pem": SECRET_PEM.partition("-----END")[0].encode(),
    "damaged.pem": SECRET_PEM.replace("M", "*", 1).encode(),
    "mislabelled.pem": SECRET_PEM.replace("PRIVATE KEY", SECRET.decode()).encode(),
    "long.der": SECRET_KEY.to_der() + SECRET,
    "long.raw": SECRET + SECRET,
    "range.raw": b"\x02" + SECRET,
    "stranger.der": SECRET_KEY.to_der().replace(
        SECRET_KEY.public_key.to_bytes(compressed=False), FILES["public57.raw"]
    ),
    "no.utf8": SECRET + b"\xff",
    "secret.json": json.dumps({SECRET.decode(): SECRET.decode()}).encode(),
    "twice.json": b'{"%s": 1, "%s": 2}' % (SECRET, SECRET),
}


def traces(octets: bytes) -> set[str]:
    """Return texts that would give the octets away: themselves, hex, base64 at each offset, and decimal."""
    texts = {octets.decode("latin-1"), octets.hex(), octets.hex().upper(), str(int.from_bytes(octets, "big"))}
    texts |= {b64encode(bytes(shift) + octets).decode()[4:-4] for shift in range(3)}
    return {text[start : start + 8] for text in texts for start in range(len(text) - 7)}


@pytest.mark.parametrize(
    "line",
    [
        *(f"sign --key {name} m" for name in SECRET_FILES if name not in ("secret.pem", "secret.sec1")),
        *(f"sign --key {name} --key-format der m" for name in SECRET_FILES if name != "secret.der"),
        *(f"sign --key {name} --key-format raw m" for name in SECRET_FILES if name not in ("secret.raw", "secret.29")),
        *(f"verify --public-key {name} --signature m.sig m" for name in SECRET_FILES),
        *(f"verify --public-key {name} --key-format der --signature m.sig m" for name in SECRET_FILES),
        *(f"verify --public-key {name} --key-format raw --signature m.sig m" for name in SECRET_FILES),
        *(f"verify --public-key public.pem --signature {name} m" for name in SECRET_FILES),
        *(f"verify --public-key public.pem --signature {name} --encoding hex m" for name in SECRET_FILES),
        *(f"verify --public-key public.pem --signature {name} --encoding base64 m" for name in SECRET_FILES),
        *(f"{AUTH_VERIFY} {name}" for name in SECRET_FILES),
        "sign --curve secp256k1 --key secret.pem m",
        "sign --curve secp256k1 --key secret.raw --key-format raw m",
        "sign --key key.pem --digest long.raw",
        "sign --key key.pem --digest secret.pem",
        "auth key --user-id 1 --passphrase-from file:no.utf8",
        f"auth key --user-id 1 --passphrase-from {SECRET.decode()}",
        f"auth key --user-id 1 --passphrase-from {SECRET.decode()}:x",
        f"auth key --user-id 1 --passphrase-from env:{SECRET.decode()}",
        f"auth key --user-id {2**64} --passphrase-from file:secret.raw",
        f"auth key --user-id {SECRET.decode()}",
        BUILD.replace(COOKIE, SECRET.decode()),
        BUILD.replace(COOKIE, b64encode(SECRET).decode()),
        BUILD.replace("--key login.pem", "--passphrase-from file:secret.raw").replace(COOKIE, "x"),
        f"{BUILD} --client-nonce {SECRET.decode()}",
        f"{BUILD} --tag {SECRET.decode()}",
        BUILD.replace(SERVER_NONCE, SECRET.decode()),
    ],
)
def test_no_refusal_shows_a_secret(run: Run, folder: Path, line: str) -> None:
    """A key or passphrase, wherever it was put by mistake, stands in no refusal, in no notation."""
    for name, octets in SECRET_FILES.items():
        (folder / name).write_bytes(octets)
    result = run(line)
    assert (result.status, result.out) == (2, b"")
    assert not {trace for trace in traces(SECRET) if trace in result.err}
    pem_lines = SECRET_PEM.splitlines()[1:-1]
    assert not [text for text in pem_lines if text[:16] in result.err]


def test_a_passphrase_in_the_environment_that_is_no_utf8_is_not_shown(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Octets of the environment that are no text are refused unseen."""
    monkeypatch.setenv("PASSPHRASE", SECRET.decode() + "\udcff")
    result = run("auth key --user-id 1 --passphrase-from env:PASSPHRASE")
    assert_refused(result, "passphrase: ")
    assert not {trace for trace in traces(SECRET) if trace in result.err}


def test_the_secrets_of_these_tests_are_what_they_seem(folder: Path) -> None:
    """The files above do hold the secret, in notations that the search finds."""
    assert folder.is_dir()
    assert PrivateKey.from_pem(SECRET_PEM).to_bytes()[1:] == SECRET
    assert {trace for trace in traces(SECRET) if trace in SECRET_PEM.replace("\n", "")}
    assert PublicKey.from_bytes(FILES["public57.raw"]).to_der() == FILES["public.der"]


# Completion


@pytest.mark.parametrize(("shell", "name"), [("bash", "ecpure.bash"), ("zsh", "_ecpure"), ("fish", "ecpure.fish")])
def test_each_shells_completion_is_printed(run: Run, shell: str, name: str) -> None:
    """`ecpure completion SHELL` prints the file that is shipped, and nothing else."""
    shipped = Path(ecpure.__file__).parent / "completion" / name
    assert assert_done(run(f"completion {shell}")) == shipped.read_bytes()
    assert b"verify-many" in shipped.read_bytes()


@pytest.mark.parametrize("shell", ["tcsh", "../bash", "''"])
def test_another_shell_is_refused(run: Run, shell: str) -> None:
    """A shell that there is no script for is a usage error."""
    assert_usage(run(f"completion {shell}"), "argument shell: invalid choice")
