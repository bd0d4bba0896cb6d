"""Options of several commands: curve, hash and digest, forms of keys and signatures, the login, records."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import (
    AUTH_VERIFY,
    BUILD,
    COOKIE,
    FORMATS,
    HASHES,
    KEY,
    KOBLITZ,
    LOGIN_KEY,
    MESSAGE,
    SERVER_NONCE,
    SIGNATURE,
    VERIFY,
    N,
    Run,
    assert_done,
    assert_refused,
    verifies,
)

from ecpure import SECP224K1, SECP256K1, Curve, UnknownHash, auth, der
from ecpure.archives.records import Settings
from ecpure.cli import options
from ecpure.cli.arguments import Parser, files_read
from ecpure.hashes import FOR_VERIFYING, WEAK, is_available

FIPS_NAMES = ["SHA-224", "SHA-256", "SHA-384", "SHA-512", "SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512"]


@pytest.mark.parametrize("curve", [SECP224K1, SECP256K1], ids=lambda curve: curve.name)
@pytest.mark.parametrize(
    ("name", "spelling"), [*zip(HASHES, HASHES, strict=True), *zip(HASHES, FIPS_NAMES, strict=True)]
)
def test_sign_and_verify_with_every_hash_in_both_spellings(
    run: Run, folder: Path, curve: Curve, name: str, spelling: str
) -> None:
    """What is signed is the library's deterministic signature under that hash, and verifies under that hash only."""
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


def test_the_help_names_every_hash(run: Run) -> None:
    """The help of sign and verify has the eight names of --hash."""
    for command in ("sign", "verify"):
        words = re.findall(r"\w+", assert_done(run(f"{command} --help")).decode())
        assert set(HASHES) <= set(words)


@pytest.mark.parametrize("name", ["md5", "", "SHAKE128", "sha224 "])
@pytest.mark.parametrize("command", ["sign --key key.pem", "verify --public-key public.pem --signature m.sig"])
def test_unknown_hashes_are_refused(run: Run, command: str, name: str) -> None:
    """The refusal lists the names there are."""
    names = HASHES if command.startswith("sign") else (*HASHES, *FOR_VERIFYING)
    assert_refused(run(f"{command} --hash '{name}' m"), f"^ecpure: hash: one of {', '.join(names)} was expected")


@pytest.mark.parametrize("name", FOR_VERIFYING)
def test_old_hashes_verify_and_do_not_sign(run: Run, folder: Path, name: str) -> None:
    """Of those of 160 bits one sentence on standard error warns; the verdict is the same as of any."""
    assert_refused(
        run(f"sign --key key.pem --hash {name} m"), f"^ecpure: hash: {name} is for verifying only; to sign, "
    )
    if not is_available(name):
        pytest.skip(f"this Python's hashlib has no {name}")
    digest = hashlib.new(name, MESSAGE).digest()
    (folder / "s").write_bytes(KEY.sign_digest(digest).to_der())
    (folder / "d").write_bytes(digest)
    warning = f"ecpure: warning: {name} is for old signatures only: " if name in WEAK else ""
    for words, message in ((f"--hash {name.upper()}", "m"), (f"--hash {name} --digest", "d")):
        status, out, err = verifies(run, words, "s", message)
        assert (status, out) == (0, b"valid\n")
        assert err.startswith(warning)
        assert err.count("\n") == (name in WEAK)


def test_a_digest_of_any_length(run: Run, folder: Path) -> None:
    """--any-digest takes what no --hash makes; what is longer than n is cut as ever, and an empty one is refused."""
    for octets in (b"d", hashlib.sha1(MESSAGE).digest(), bytes(range(100))):
        (folder / "d").write_bytes(octets)
        (folder / "s").write_bytes(KEY.sign_digest(octets).to_der())
        assert verifies(run, "--any-digest", "s", "d") == (0, b"valid\n", "")
        assert_refused(verifies(run, "--digest", "s", "d"), rf"for sha224, not {len(octets)}: .*; --any-digest accepts")
    assert verifies(run, "--any-digest", message="d") == (1, b"invalid\n", "")
    assert_refused(verifies(run, "--any-digest", message="empty"), "^ecpure: empty: it is empty: a digest")
    for option in ("--digest", "--hash sha256"):
        assert_refused(
            verifies(run, f"--any-digest {option}", message="d"), "^ecpure: --any-digest: cannot be combined with "
        )
    assert "any-digest" not in run("sign --key key.pem --digest m").err


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
        assert_refused(run(f"sign --key key.pem {options} --digest d"), rf"--digest: .*\b{length} bytes")
        assert_refused(verifies(run, f"{options} --digest", message="d"), rf"--digest: .*\b{length} bytes")


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
        ("sign --key k1.pem m", "secp256k1, not on secp224k1: use --curve secp256k1\n"),
        ("sign --curve secp256k1 --key key.pem m", "secp224k1, not on secp256k1: use --curve secp224k1\n"),
        (VERIFY.replace("public.pem", "k1.public.pem"), "secp256k1, not on secp224k1: use --curve secp256k1\n"),
        (f"{VERIFY} --curve secp256k1", "secp224k1, not on secp256k1"),
        (BUILD.replace("login.pem", "k1.pem"), "secp256k1, not on secp224k1\n"),
        ("sign --key empty m", "empty: private key: it is empty: write the private key again"),
        ("sign --key m m", "m: private key: PEM or DER was expected"),
        ("sign --key binary m", "binary: private key: PEM or DER was expected"),
        ("sign --key key.raw m", "key.raw: private key: .* --key-format raw"),
        ("sign --key key.pem --key-format der m", "private key: "),
        ("sign --key key.pem --key-format raw m", "private key: .* format: use --key-format pem"),
        ("sign --key empty --key-format der m", "private key: "),
        ("sign --key empty --key-format raw m", "private key: it is empty"),
        ("sign --key key.der --key-format pem m", "use --key-format der"),
        (VERIFY.replace("public.pem", "empty"), "empty: public key: it is empty: write the public key again"),
        (VERIFY.replace("public.pem", "binary"), "binary: public key: PEM, DER"),
        (VERIFY.replace("public.pem", "public.der --key-format pem"), "public.der: .*use --key-format der"),
        (VERIFY.replace("public.pem", "public.pem --key-format der"), "public key: "),
        (f"{AUTH_VERIFY} binary", "UTF-8"),
        ("auth key --user-id 1 --passphrase-from file:binary", "UTF-8"),
    ],
)
def test_keys_and_texts_of_another_kind_are_refused(run: Run, line: str, pattern: str) -> None:
    """A refusal says what the file is, or what was expected in its place."""
    assert_refused(run(line), pattern)


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "binary": bytes,
    "hex": lambda octets: octets.hex().encode() + b"\n",
    "base64": lambda octets: b64encode(octets) + b"\n",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("format", FORMATS)
def test_signatures_are_written_and_read_in_every_form(run: Run, folder: Path, format: str, encoding: str) -> None:
    """--format and --encoding say what the file holds, both ways."""
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


def test_compact_is_refused_for_integers_that_do_not_fit(run: Run) -> None:
    """On secp256k1 r and s have up to 32 octets, which 28 cannot hold; nothing is cut."""
    refusal = "^ecpure: signature: it does not fit into compact, on secp256k1: use der or p1363$"
    assert_refused(run("sign --curve secp256k1 --key k1.pem --format compact m"), refusal)


@pytest.mark.parametrize("written", FORMATS)
@pytest.mark.parametrize("read", FORMATS)
def test_formats_are_never_guessed(run: Run, folder: Path, written: str, read: str) -> None:
    """A signature in one format is unreadable as another."""
    (folder / "s").write_bytes(FORMATS[written](SIGNATURE))
    assert verifies(run, f"--format {read}", "s").status == (0 if read == written else 2)


def test_white_space_around_a_signature_in_text_is_ignored(run: Run, folder: Path) -> None:
    """Hex in capitals or not, and base64, may have blanks and line ends of any kind around them."""
    text = SIGNATURE.to_der().hex()
    for octets in (text.encode(), text.upper().encode(), f" \t{text}\r\n\n".encode()):
        (folder / "s").write_bytes(octets)
        assert verifies(run, "--encoding hex", "s").status == 0
    for octets in (b64encode(SIGNATURE.to_der()), b"\n" + b64encode(SIGNATURE.to_der()) + b" \r\n"):
        (folder / "s").write_bytes(octets)
        assert verifies(run, "--encoding base64", "s").status == 0


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
        ("hex", f"0x0x{HEX}"),
        ("hex", SIGNATURE.to_der().hex("-", 2)),
        ("hex", f"{HEX[:7]}:{HEX[7:]}"),
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
        ("base64", "-_" + BASE64[2:]),
        ("base64", HEX),
    ],
)
def test_hex_and_base64_are_strict(run: Run, folder: Path, encoding: str, text: str) -> None:
    """Other letters, wrong lengths, separators inside of octets, padding that is no end."""
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


LIKENESSES = [
    ("", SIGNATURE.to_der().hex(":").encode(), "der in hex: use --encoding hex"),
    ("", b64encode(SIGNATURE.to_der()), "der in base64: use --encoding base64"),
    ("", SIGNATURE.to_p1363(), "p1363 in binary: use --format p1363"),
    ("", b64encode(SIGNATURE.low_s().to_compact()), "compact in base64: use --format compact --encoding base64"),
    ("--format p1363", SIGNATURE.to_der(), "der in binary: use --format der"),
    ("--encoding hex", SIGNATURE.to_der(), "der in binary: use --encoding binary"),
    ("--encoding hex", b64encode(SIGNATURE.to_der()), "der in base64: use --encoding base64"),
    ("--encoding base64 --format p1363", HEX.encode(), "der in hex: use --format der --encoding hex"),
]


@pytest.mark.parametrize(("options", "octets", "words"), LIKENESSES)
def test_a_signature_of_another_form_is_named(run: Run, folder: Path, options: str, octets: bytes, words: str) -> None:
    """It is refused, by a sentence that names the file and the options that take it; with these it is valid."""
    (folder / "s").write_bytes(octets)
    refused = verifies(run, options, "s")
    assert_refused(refused, rf"^ecpure: s: signature: .*; it looks like {words}\n$")
    better = words.partition(": use ")[2]
    assert verifies(run, f"{options} {better}", "s") == (0, b"valid\n", "")
    piped = run(f"verify --public-key public.pem --signature - {options} m", stdin=octets)
    assert piped.err == refused.err.replace("ecpure: s: ", "ecpure: standard input: ")


def test_what_is_no_signature_is_likened_to_none(run: Run, folder: Path) -> None:
    """No option is named for what none takes."""
    for octets in (b"", b"30", HEX[:-2].encode(), bytes(58), b"\xff" * 58, MESSAGE):
        (folder / "s").write_bytes(octets)
        refused = verifies(run, signature="s")
        assert_refused(refused, "^ecpure: s: signature: ")
        assert "looks like" not in refused.err


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


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("stdin", ["-"]),
        ("file:p", ["p"]),
        ("file:-", ["-"]),
        ("file:a:b", ["a:b"]),
        ("file:", []),
        ("env:p", []),
        ("p", []),
    ],
)
def test_a_source_of_a_passphrase_may_name_a_file(source: str, read: list[str]) -> None:
    """The file, or standard input, that a passphrase comes from counts as a file that the command reads."""
    parser = Parser()
    options.add_passphrase(parser)
    assert files_read(parser, parser.parse_args(["--passphrase-from", source])) == read


def test_a_login_is_signed_by_the_key_or_by_the_passphrase(desk: Path) -> None:
    """The file of a key takes the place of user id and passphrase."""
    parser = Parser()
    options.add_credentials(parser)
    words = ["--user-id", "1", "--cookie", COOKIE]
    for source, key in (
        (["--key", str(desk / "key.pem")], KEY),
        (["--passphrase-from", f"file:{desk / 'passphrase'}"], LOGIN_KEY),
    ):
        assert options.login_key(parser.parse_args([*words, *source])).to_bytes() == key.to_bytes()


def settings(*words: str) -> Settings:
    parser = Parser()
    options.add_records(parser)
    return options.settings(parser.parse_args([*words, "records"]))


def test_records_take_what_the_options_say() -> None:
    """The settings for records that do not say otherwise are those of the options, each by its name in the package."""
    assert settings() == Settings({})
    words = "--curve secp256k1 --hash SHA3-256 --format compact --encoding base64 --profile rpcn --ignore a --ignore b"
    assert settings(*words.split()) == Settings(
        {},
        curve="secp256k1",
        hash="sha3_256",
        format="compact",
        encoding="base64",
        profile="rpcn",
        ignored=frozenset({"a", "b"}),
    )
    with pytest.raises(UnknownHash, match=r"^hash: one of "):
        settings("--hash", "md5")


def test_records_have_keys_from_a_file_or_a_folder(tmp_path: Path) -> None:
    """The keys are known by their ids, and what is read is every key's file in a folder, or the one file."""
    (tmp_path / "a.pem").write_text(KEY.public_key.to_pem(), encoding="ascii")
    (tmp_path / "b").write_text("no key", encoding="ascii")
    record = {"id": "a", "public_key": KEY.public_key.to_bytes().hex()}
    file = tmp_path / "keys"
    file.write_text(json.dumps(record), encoding="ascii")
    parser = Parser()
    options.add_records(parser)
    for path, read in ((tmp_path, tmp_path / "a.pem"), (file, file)):
        arguments = parser.parse_args(["x", "y", "--keys", str(path)])
        assert files_read(parser, arguments) == ["x", "y", str(read)]
        assert list(options.settings(arguments).keys) == ["a"]


@pytest.mark.parametrize("jobs", [1, 1000])
def test_jobs_are_a_number_of_processes(jobs: int) -> None:
    """--jobs takes 1 to 1000, and by default leaves the number to the machine."""
    parser = Parser()
    options.add_jobs(parser)
    assert parser.parse_args(["--jobs", str(jobs)]).jobs == jobs
    assert parser.parse_args([]).jobs is None


def test_a_command_without_curve_is_on_secp224k1() -> None:
    """The curve is that of --curve where the command has it, else secp224k1."""
    parser = Parser()
    assert options.curve(parser.parse_args([])) is SECP224K1
    options.add_curve(parser)
    assert options.curve(parser.parse_args([])) is SECP224K1
    assert options.curve(parser.parse_args(["--curve", "secp256k1"])) is SECP256K1
