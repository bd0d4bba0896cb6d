"""Files as other programs write them, from a folder beside the project: each behaves as its README says is right.

The folder is not part of the project; each kind in it has tests of its own, with inputs made here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ecpure import PublicKey
from ecpure.cli import main
from ecpure.hashes import is_available

FOLDER = Path(os.environ.get("ECPURE_CASES", Path(__file__).parents[3] / "shared" / "cases"))
ELSEWHERE = {"explain-misreads-text", "vectors-folder-with-other-schemas"}
"""Held by the tests of `explain` and of `vectors`."""

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no cases of other programs' files: neither beside the project nor in ECPURE_CASES"
)


class Done(NamedTuple):
    """What the command did."""

    status: int
    out: str
    err: str


Run = Callable[[str], Done]
Use = Callable[[str], Path]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Return what makes a case's folder the current one."""

    def use(name: str) -> Path:
        monkeypatch.chdir(FOLDER / name)
        return FOLDER / name

    return use


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command, in this process and in English."""
    monkeypatch.setenv("LC_ALL", "C")

    def run(line: str) -> Done:
        return Done(main(shlex.split(line)), *capfd.readouterr())

    return run


def key_in(path: str) -> PublicKey:
    return PublicKey.from_pem(Path(path).read_bytes())


def follow(refused: Done, tmp_path: Path, name: str, *more: str) -> Path:
    """Check that the refusal is one sentence about the file; run OpenSSL's command in it, and return its output."""
    assert (refused.status, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert refused.err.startswith(f"ecpure: {name}: ")
    new = tmp_path / "new"
    words = refused.err.rpartition(": openssl ")[2].split()
    line = ["openssl", *({"KEY": name, "NEW": str(new)}.get(word, word) for word in words), *more]
    subprocess.run(line, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return new


def test_every_case_is_tested() -> None:
    """A folder that is added needs a test here."""
    used = set(re.findall(r"use\(\"([\w-]+)\"\)", Path(__file__).read_text(encoding="utf-8")))
    assert used == {path.name for path in FOLDER.iterdir() if path.is_dir()} - ELSEWHERE


# Audits


def test_the_same_nonce_under_a_mislabelled_key(use: Use, run: Run) -> None:
    """The key of the record that is valid is exposed, though the other is not valid under the key that it names."""
    folder = use("audit-same-nonce-mislabelled-key")
    first, second = map(json.loads, (folder / "mislabelled.jsonl").read_text().splitlines())
    done = run("audit mislabelled.jsonl")
    assert done.status == 1
    assert "1 invalid, does-not-hold" in done.out
    finding = done.out.partition("critical: nonce-reused")[2]
    assert first["public_key"] in finding
    assert second["public_key"] not in finding
    assert "2 records: line 1, line 2" in finding
    assert "nothing found" not in done.out


LOOSE = ["indefinite", "long-length", "raw-instead", "sighash-octet", "superfluous-zero", "trailing-octet"]


@pytest.mark.parametrize("name", ["strict", *LOOSE])
def test_the_second_signature_is_not_der(name: str, use: Use, run: Run, tmp_path: Path) -> None:
    """The audit compares its r, and finds the nonce; `verify-many` and `verify` go on refusing it."""
    folder = use("audit-second-signature-not-der")
    done = run(f"audit {name}.jsonl")
    assert done.status == 1
    assert "critical: nonce-reused" in done.out
    assert "nothing found" not in done.out
    results = [json.loads(line) for line in run(f"verify-many {name}.jsonl").out.splitlines()]
    assert [one.get("reason", one["verdict"]) for one in results] == [
        "valid",
        "valid" if name == "strict" else "bad-signature",
    ]
    record = json.loads((folder / f"{name}.jsonl").read_text().splitlines()[1])
    for file, octets in (("text", record["text"].encode()), ("signature", bytes.fromhex(record["signature"]))):
        (tmp_path / file).write_bytes(octets)
    (tmp_path / "key").write_text(record["public_key"])
    where = f"--public-key {tmp_path}/key --signature {tmp_path}/signature --hash sha256 {tmp_path}/text"
    assert run(f"verify {where}").status == (0 if name == "strict" else 2)


# Keys


READ_KEYS = [
    "ec-public-key-label.pem",
    "expected-public.pem",
    "literal-backslash-n.pem",
    "new-certificate-request.pem",
    "one-line.pem",
    "point.colons",
    "point.hex",
    "spki.base64",
    "spki.hex",
    "trusted.pem",
]


@pytest.mark.parametrize("name", READ_KEYS)
def test_a_public_key_as_text(name: str, use: Use, run: Run) -> None:
    """It is read without an option, and is the expected key."""
    use("keys-as-text")
    assert run(f"verify --public-key {name} --signature signature.der --hash sha256 message") == (0, "valid\n", "")
    assert run(f"convert public-key {name}").out.split() == Path("expected-public.pem").read_text().split()


@pytest.mark.openssl
def test_a_hybrid_key_as_text(use: Use, run: Run, tmp_path: Path) -> None:
    """Refused, with the command that makes a key of it that is read."""
    use("keys-as-text")
    refused = run("verify --public-key hybrid.pem --signature signature.der --hash sha256 message")
    assert "RFC 5480 §2.2" in refused.err
    new = follow(refused, tmp_path, "hybrid.pem")
    assert run(f"verify --public-key {new} --signature signature.der --hash sha256 message").status == 0


def test_a_private_key_in_base64(use: Use, run: Run, tmp_path: Path) -> None:
    """PKCS#8 without its armour."""
    use("keys-as-text")
    assert run(f"pubkey --key private.base64 -o {tmp_path}/new").status == 0
    assert key_in(f"{tmp_path}/new") == key_in("expected-public.pem")


@pytest.mark.parametrize(
    "name", ["certificate-then-key.pem", "from-pkcs12.pem", "key-and-public-key.pem", "key-then-certificate.pem"]
)
def test_a_key_beside_a_certificate(name: str, use: Use, run: Run, tmp_path: Path) -> None:
    """The one private key in the file is taken."""
    use("pem-key-and-certificate")
    assert run(f"pubkey --key {name} -o {tmp_path}/new") == (0, "", "")
    assert key_in(f"{tmp_path}/new") == key_in("expected-public.pem")


@pytest.mark.openssl
def test_the_container_beside_them(use: Use, run: Run, tmp_path: Path) -> None:
    """PKCS#12 is refused with the command, which gives what is read."""
    use("pem-key-and-certificate")
    new = follow(run("pubkey container.p12"), tmp_path, "container.p12", "-passin", "pass:test")
    assert run(f"pubkey {new} -o {tmp_path}/public").status == 0
    assert key_in(f"{tmp_path}/public") == key_in("expected-public.pem")


def test_pem_of_other_systems(use: Use, run: Run) -> None:
    """Line ends, white space in base64 and a byte-order mark make no other key of it, for `explain` neither."""
    folder = use("pem-line-ends-and-white-space")
    files = sorted(folder.glob("*.pem"))
    assert len(files) == 8
    expected = key_in("lf.pem").to_pem()
    for path in files:
        assert run(f"convert public-key {path.name}") == (0, expected, "")
        done = run(f"explain {path.name}")
        assert done.status == 0
        assert "a public key, SubjectPublicKeyInfo" in done.out


@pytest.mark.parametrize("name", ["python-ecdsa", "v0_attr_ku", "v1_nopub", "v1_pub"])
def test_pkcs8_with_version_1_or_attributes(name: str, use: Use, run: Run, tmp_path: Path) -> None:
    """The key, as OpenSSL or its writer says it."""
    use("pkcs8-version-1")
    assert run(f"pubkey --key {name}.pem -o {tmp_path}/new") == (0, "", "")
    of_its_own = Path(f"{name}.expected-public.pem")
    assert key_in(f"{tmp_path}/new") == key_in(str(of_its_own) if of_its_own.exists() else "expected-public.pem")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("minimal.sec1.pem", "minimal.pub.pem"),
        ("named.pkcs8.pem", "named.pub.pem"),
        ("named.sec1.compressed.pem", "named.pub.pem"),
        ("named.sec1.pem", "named.pub.pem"),
    ],
)
def test_a_private_key_without_leading_zeros(name: str, expected: str, use: Use, run: Run, tmp_path: Path) -> None:
    """Inside of a container they are not needed."""
    use("short-private-key")
    assert run(f"pubkey --key {name} -o {tmp_path}/new") == (0, "", "")
    assert key_in(f"{tmp_path}/new") == key_in(expected)


def test_a_raw_private_key_without_leading_zeros(use: Use, run: Run, tmp_path: Path) -> None:
    """It is refused with the advice to put zeros before it, which works."""
    use("short-private-key")
    refused = run("pubkey --key-format raw --key raw27.bin")
    assert refused.status == 2
    assert re.fullmatch(r"ecpure: raw27\.bin: .*pad a shorter key with leading zeros\n", refused.err)
    (tmp_path / "raw").write_bytes(Path("raw27.bin").read_bytes().rjust(29, b"\0"))
    assert run(f"pubkey --key-format raw --key {tmp_path}/raw -o {tmp_path}/new").status == 0
    assert key_in(f"{tmp_path}/new") == key_in("raw27.pub.pem")


# Receipts and tickets


@pytest.mark.parametrize("name", ["receipt.tar.bz2", "receipt.zip"])
def test_a_receipt_in_its_archive(name: str, use: Use, run: Run) -> None:
    """It is verified as it is, and `explain` says what it is."""
    use("receipt-archive")
    done = run(f"verify --profile chargepoint --public-key station.pem {name}")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("valid: secrrct\n")
    explained = run(f"explain {name}")
    assert explained.status == 0
    assert "archive" in explained.out


@pytest.mark.parametrize(
    ("name", "options", "verdict"),
    [
        ("sha224.ticket", "", "valid"),
        ("sha224.hex", "", "valid"),
        ("sha224.dollar-hex", "", "valid"),
        ("sha256.ticket", "", "invalid"),
        ("sha256.ticket", "--hash sha256", "valid"),
    ],
)
def test_a_ticket(name: str, options: str, verdict: str, use: Use, run: Run) -> None:
    """As octets or in hex, and with the digest that the server's configuration chose."""
    use("rpcn-tickets")
    done = run(f"verify --profile rpcn --public-key server.pem {options} {name}")
    assert (done.status, done.err) == (0 if verdict == "valid" else 1, "")
    assert done.out.startswith(f"{verdict}\n")


@pytest.mark.parametrize(
    ("name", "words"),
    [("concatenated-28-28.ticket", r"byte \d+: a SEQUENCE"), ("trailing-zero.ticket", "byte 4: the length")],
)
def test_what_is_no_ticket(name: str, words: str, use: Use, run: Run) -> None:
    """A signature of another form than the server writes, and an octet too many."""
    use("rpcn-tickets")
    refused = run(f"verify --profile rpcn --public-key server.pem {name}")
    assert (refused.status, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert re.search(words, refused.err)


# Records


@pytest.mark.parametrize(
    "name",
    [
        "hash-names.jsonl",
        "key-0x.jsonl",
        "key-spki-base64.jsonl",
        "key-spki-hex.jsonl",
        "key-xy-hex.jsonl",
        "semicolon.csv",
    ],
)
def test_records_as_other_software_writes_them(name: str, use: Use, run: Run) -> None:
    """Each is valid."""
    use("records-as-other-software-writes-them")
    done = run(f"verify-many {name}")
    assert done.status == 0
    assert {json.loads(line)["verdict"] for line in done.out.splitlines()} == {"valid"}


def refused_once(done: Done, name: str) -> None:
    """Check that the whole file is refused, in one sentence."""
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith(f"ecpure: {name}: ")


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
@pytest.mark.parametrize("name", ["array.json", "message-base64-signature-hex.jsonl"])
def test_records_that_need_a_change_which_jq_makes(name: str, use: Use, run: Run, tmp_path: Path) -> None:
    """The command in the sentence makes a file of it in which every record is valid."""
    use("records-as-other-software-writes-them")
    refused = run(f"verify-many {name}")
    refused_once(refused, name)
    command = re.search(r"(jq -c '[^']+')", refused.err)
    assert command is not None
    made = subprocess.run([*shlex.split(command[1]), name], check=True, capture_output=True).stdout
    (tmp_path / "records.jsonl").write_bytes(made)
    assert run(f"verify-many {tmp_path}/records.jsonl").status == 0


def test_records_that_need_a_change(use: Use, run: Run, tmp_path: Path) -> None:
    """The same without jq."""
    use("records-as-other-software-writes-them")
    for name in ("array.json", "message-base64-signature-hex.jsonl"):
        refused_once(run(f"verify-many {name}"), name)
    records: list[dict[str, Any]] = json.loads(Path("array.json").read_text())
    records += [json.loads(line) | {"signature_encoding": "hex"} for line in Path(name).read_text().splitlines()]
    (tmp_path / "records.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in records))
    assert run(f"verify-many {tmp_path}/records.jsonl").status == 0


# Signatures


OLD = {"sha1.der": "sha1", "ripemd160.der": "ripemd160", "sha512-256.der": "sha512_256"}


@pytest.mark.parametrize("name", OLD)
def test_an_old_signature(name: str, use: Use, run: Run) -> None:
    """It is verified under the name of its hash, and found by `explain`."""
    use("sha1-archive")
    digest = OLD[name]
    if not is_available(digest):
        pytest.skip(f"{digest} is not in this Python's hashlib")
    done = run(f"verify --public-key public.pem --signature {name} --hash {digest} message")
    assert (done.status, done.out) == (0, "valid\n")
    assert done.err.startswith(f"ecpure: warning: {digest} ") == (digest != "sha512_256")
    explained = run(f"explain --public-key public.pem --message message {name}")
    assert explained.status == 0
    assert f"verifies: {digest} of the message" in explained.out


def test_a_digest_of_any_length(use: Use, run: Run) -> None:
    """With the name of its hash, or without; the refusal of a length names both ways."""
    use("sha1-archive")
    assert Path("sha1.digest").read_bytes() == hashlib.sha1(Path("message").read_bytes()).digest()
    beginning = "verify --public-key public.pem --signature sha1.der"
    refused = run(f"{beginning} --digest sha1.digest")
    assert refused.status == 2
    assert "--hash" in refused.err
    assert "--any-digest" in refused.err
    assert run(f"{beginning} --digest --hash sha1 sha1.digest")[:2] == (0, "valid\n")
    assert run(f"{beginning} --any-digest sha1.digest") == (0, "valid\n", "")


SIGNATURES = {
    "signature.0x": "hex",
    "signature.base64": "base64",
    "signature.base64url": "base64",
    "signature.colons": "hex",
    "signature.der": "binary",
    "signature.od": "hex",
    "signature.openssl-base64": "base64",
    "signature.xxd": "hex",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_in_text(name: str, use: Use, run: Run) -> None:
    """What programs put between its letters is no part of it; without --encoding, the refusal names the right one."""
    use("wrapped-text-signature")
    line = f"verify --public-key public.pem --hash sha256 --signature {name} message"
    assert run(f"{line} --encoding {SIGNATURES[name]}") == (0, "valid\n", "")
    if SIGNATURES[name] != "binary":
        refused = run(line)
        assert refused.status == 2
        assert refused.err.endswith(f": use --encoding {SIGNATURES[name]}\n")
    explained = run(f"explain {name}")
    assert explained.status == 0
    assert "a signature in DER" in explained.out


def test_a_wrapped_signature_in_a_record(use: Use, run: Run) -> None:
    """The same is true in archives."""
    use("wrapped-text-signature")
    done = run("verify-many records.jsonl")
    assert done.status == 0
    assert json.loads(done.out)["verdict"] == "valid"
