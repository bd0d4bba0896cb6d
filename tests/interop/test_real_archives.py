"""`verify-many` and `audit` on what others write: OpenSSL's and python-ecdsa's signers, clients with faults that were
published, and files as they come out of copying, editing and failing disks.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import Any

import ecdsa
import pytest
from archives import archive, written
from ecdsa.ellipticcurve import CurveFp, PointJacobi
from ecdsa.util import sigencode_der, sigencode_string

from ecpure import SECP224K1
from ecpure.cli import main

P, N, B = SECP224K1.p, SECP224K1.n, SECP224K1.b
FIELD = CurveFp(P, 0, B, 1)
BASE = PointJacobi(FIELD, SECP224K1.gx, SECP224K1.gy, 1, N, generator=True)
CURVE = ecdsa.curves.Curve("secp224k1", FIELD, BASE, (1, 3, 132, 0, 32))
MESSAGES = [b"order %d: pay %d to Ann" % (number, number * 7) for number in range(12)]

Record = dict[str, Any]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def verdicts(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Return the reason of every record, or its verdict where there is no reason, as `verify-many` gives them."""
    status = main(["verify-many", *arguments])
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert status == (0 if all(one["verdict"] == "valid" for one in found) else 1)
    return [one.get("reason", one["verdict"]) for one in found]


def audited(
    capsys: pytest.CaptureFixture[str], *arguments: str, reasons: list[str] | None = None
) -> dict[str, list[list[int]]]:
    """Return the lines of what `audit` finds, notes of high s aside; check that it counts as `verify-many` does.

    reasons: what `verdicts` returns for the same files, where that is known.
    """
    reasons = reasons or verdicts(capsys, *[argument for argument in arguments if argument != "--recover"])
    assert main(["audit", "--json", *arguments]) in (0, 1)
    report = json.loads(capsys.readouterr().out)
    if "--recover" not in arguments:
        assert report["records"] == len(reasons)
        assert report["valid"] == reasons.count("valid")
        assert report["reasons"] == {reason: reasons.count(reason) for reason in set(reasons) - {"valid"}}
    found: dict[str, list[list[int]]] = {}
    for finding in report["findings"]:
        if finding["kind"] != "high-s":
            found.setdefault(finding["kind"], []).append([record["line"] for record in finding["records"]])
    return found


# OpenSSL's signer


def openssl(line: str) -> bytes:
    """Run `openssl LINE` and return what it printed."""
    return subprocess.run(["openssl", *line.split()], capture_output=True, stdin=subprocess.DEVNULL, check=True).stdout


def openssl_records(name: str, hash: str) -> list[Record]:
    """Return records that OpenSSL signed under a key of its own, the key in PEM as OpenSSL writes it."""
    openssl(f"ecparam -name secp224k1 -genkey -noout -out {name}.key")
    openssl(f"pkey -in {name}.key -pubout -out {name}.pem")
    records = []
    for message in MESSAGES:
        Path("message").write_bytes(message)
        signature = openssl(f"dgst -{hash} -sign {name}.key message")
        key = Path(f"{name}.pem").read_text(encoding="ascii")
        records.append({"public_key": key, "hash": hash, "text": message.decode("ascii"), "signature": signature.hex()})
    return records


@pytest.mark.parametrize(
    "hash", ["sha224", *(pytest.param(name, marks=pytest.mark.long) for name in ("sha256", "sha512"))]
)
@pytest.mark.openssl
def test_an_archive_that_openssl_signed(hash: str, capsys: pytest.CaptureFixture[str]) -> None:
    """All records are valid, nothing is found, and the keys are found again where no record names one."""
    records = openssl_records("a", hash) + openssl_records("b", hash)
    Path("r").write_bytes(written(records))
    assert verdicts(capsys, "r") == ["valid"] * 24
    assert audited(capsys, "r") == {}
    for record in records:
        del record["public_key"]
    Path("r").write_bytes(written(records))
    assert verdicts(capsys, "r") == ["no-public-key"] * 24
    lines = audited(capsys, "r", "--recover")
    assert sorted(lines.pop("key-recovered")) == [list(range(1, 11)), list(range(13, 23))]
    assert lines == {}


@pytest.mark.openssl
def test_openssls_keys_in_a_folder_and_its_signatures_in_csv(capsys: pytest.CaptureFixture[str]) -> None:
    """CSV is read as a spreadsheet writes it, with a byte-order mark and Windows' line ends; keys, by their files."""
    records = openssl_records("Ann", "sha256") + openssl_records("Bob", "sha256")
    Path("Ann.key").unlink()
    rows = io.StringIO()
    writer = csv.writer(rows, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["id", "public_key", "text", "signature"])
    for number, record in enumerate(records):
        writer.writerow([number, "Ann" if number < 12 else "Bob", record["text"], record["signature"]])
    Path("r.csv").write_bytes(b"\xef\xbb\xbf" + rows.getvalue().encode("ascii"))
    assert verdicts(capsys, "r.csv", "--keys", ".", "--hash", "sha256") == ["valid"] * 24
    assert audited(capsys, "r.csv", "--keys", ".", "--hash", "sha256") == {}
    assert verdicts(capsys, "r.csv", "--keys", ".") == ["does-not-hold"] * 24


# python-ecdsa's signer


def python_ecdsa(key: Any, message: bytes, **others: Any) -> Record:
    """Return a record that python-ecdsa signed, with a random nonce unless there is another."""
    signature = key.sign(message, hashfunc=hashlib.sha256, sigencode=sigencode_der, allow_truncate=True, **others)
    public = key.verifying_key.to_string("compressed").hex()
    return {"public_key": public, "hash": "sha256", "message": message.hex(), "signature": signature.hex()}


def key_of(d: int) -> Any:
    return ecdsa.SigningKey.from_secret_exponent(d, curve=CURVE)


def test_an_archive_that_python_ecdsa_signed(capsys: pytest.CaptureFixture[str]) -> None:
    """With random nonces and with those of RFC 6979, in DER and as r ‖ s, all are valid, and nothing is found."""
    key = key_of(0xC0FFEE << 190)
    records = [python_ecdsa(key, message) for message in MESSAGES]
    for message in MESSAGES:
        signature = key.sign_deterministic(message, hashfunc=hashlib.sha224, sigencode=sigencode_string)
        other = {"hash": "sha224", "format": "p1363", "message": message.hex(), "signature": signature.hex()}
        records.append(records[0] | other)
    Path("r").write_bytes(written(records))
    assert verdicts(capsys, "r") == ["valid"] * 24
    assert audited(capsys, "r") == {}


@pytest.mark.usefixtures("all_nonces")
def test_its_nonces_when_a_program_chooses_them(capsys: pytest.CaptureFixture[str]) -> None:
    """A nonce that stays the same is found, and small ones, and a generator that begins alike for every key."""
    one, other = key_of(0xC0FFEE << 190), key_of(0xFACADE << 190)
    records = [python_ecdsa(one, MESSAGES[0], k=1 << 200), python_ecdsa(one, MESSAGES[1])]
    records += [python_ecdsa(one, MESSAGES[2], k=1 << 200), python_ecdsa(other, MESSAGES[3], k=12345)]
    Path("r").write_bytes(written(records))
    assert audited(capsys, "r") == {"nonce-reused": [[1, 3]], "nonce-small": [[4]]}
    records = []
    for key in (one, other):
        rng = random.Random(2018)  # seeded alike at each start
        records += [python_ecdsa(key, message + key.to_string(), k=rng.randrange(1, N)) for message in MESSAGES[:3]]
    Path("r").write_bytes(written(records))
    found = audited(capsys, "r")
    assert sorted(found.pop("nonce-shared")) == [[1, 4], [2, 5], [3, 6]]
    assert len(found.pop("nonces-common")) == 1
    assert found == {}


# Clients of the exchange


def client_login(number: int, key: Any, *, fault: str = "", k: int | None = None) -> Record:
    """Return a login as a client in Python made it, which loses zeros if that is its fault."""
    server, client = (hashlib.sha256(b"%b %d" % (side, number)).digest()[:16] for side in (b"server", b"client"))
    signed = (1).to_bytes(8, "big") + server + client
    pair = key.sign(signed, hashfunc=hashlib.sha224, sigencode=lambda r, s, _: (r, min(s, N - s)), k=k)
    length = (lambda value: (value.bit_length() + 7) // 8) if fault == "zeros" else lambda _: 28
    message = {
        "method": "Authenticate",
        "user_id": 1,
        "cookie": b64encode(bytes(20)).decode("ascii"),
        "nonce": b64encode(client).decode("ascii"),
        "signature": [b64encode(value.to_bytes(length(value), "big")).decode("ascii") for value in pair],
    }
    return {"server_nonce": b64encode(server).decode("ascii"), "message": message}


def login_key(passphrase: bytes) -> Any:
    return key_of(int.from_bytes(hashlib.sha224((1).to_bytes(8, "big") + passphrase).digest(), "big"))


def test_a_client_that_drops_zeros(capsys: pytest.CaptureFixture[str]) -> None:
    """About one login in 128 cannot be read; the audit says why, and that it would be valid."""
    key, rng = login_key(b"opensesame"), random.Random(128)
    Path("keys").mkdir()
    Path("keys/1.pem").write_bytes(key.verifying_key.to_pem())
    records = [client_login(number, key, fault="zeros", k=rng.randrange(1, N)) for number in range(300)]
    short = [
        line
        for line, record in enumerate(records, 1)
        if any(len(part) != 40 for part in record["message"]["signature"])
    ]
    assert short
    Path("r").write_bytes(written(records))
    reasons = verdicts(capsys, "r", "--keys", "keys")
    assert [line for line, reason in enumerate(reasons, 1) if reason == "bad-login"] == short
    assert reasons.count("valid") == 300 - len(short)
    assert audited(capsys, "r", "--keys", "keys") == {"dropped-zeros": [short[:10]]}


def test_a_client_whose_generator_repeats(capsys: pytest.CaptureFixture[str]) -> None:
    """Two logins with one ECDSA nonce, without any key in the archive: the key is recovered, and is exposed."""
    key = login_key(b"opensesame")
    Path("r").write_bytes(written([client_login(1, key, k=99 << 99), client_login(2, key, k=99 << 99)]))
    assert audited(capsys, "r") == {}
    assert audited(capsys, "r", "--recover") == {"nonce-reused": [[1, 2]], "key-recovered": [[1, 2]]}


def test_a_client_that_does_not_write_its_passphrase_in_utf8(capsys: pytest.CaptureFixture[str]) -> None:
    """It signs with another key than the one that is known: invalid, and that key is found."""
    Path("keys").mkdir()
    Path("keys/1.pem").write_bytes(login_key("sésame".encode()).verifying_key.to_pem())
    key = login_key("sésame".encode("latin-1"))
    records = [client_login(number, key) for number in range(2)]
    Path("r").write_bytes(written(records))
    assert verdicts(capsys, "r", "--keys", "keys") == ["does-not-hold"] * 2
    assert audited(capsys, "r", "--recover") == {"key-recovered": [[1, 2]]}


# Files as they come


@pytest.fixture(scope="module")
def honest() -> bytes:
    """Forty records, every tenth one invalid."""
    return archive(40)


def test_windows_line_ends_and_a_byte_order_mark(honest: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """They change nothing."""
    expected = (["valid"] * 9 + ["does-not-hold"]) * 4
    for octets in (honest, honest.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + honest, honest[:-1]):
        Path("r").write_bytes(octets)
        assert verdicts(capsys, "r") == expected
        assert audited(capsys, "r") == {}


@pytest.mark.parametrize("every", [2700, pytest.param(517, marks=pytest.mark.long)])
def test_a_file_that_was_cut_off(honest: bytes, every: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Wherever it was, the records before the cut keep their verdicts, and what is left of one is named as that."""
    for cut in range(1, len(honest), every):
        Path("r").write_bytes(honest[:cut])
        whole = honest[:cut].count(b"\n")
        expected = (["valid"] * 9 + ["does-not-hold"]) * 4
        left = [] if honest[:cut].endswith(b"\n") else ["not-json"]
        reasons = verdicts(capsys, "r")
        assert reasons == expected[:whole] + left
        assert audited(capsys, "r", reasons=reasons) == {}


@pytest.mark.parametrize("times", [4, pytest.param(40, marks=pytest.mark.long)])
def test_a_file_in_which_bits_fell_over(honest: bytes, times: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Of one bit, wherever it is, no more than the records that it touches become invalid or unreadable."""
    rng = random.Random(1)
    for _ in range(times):
        octets = bytearray(honest)
        octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
        Path("r").write_bytes(octets)
        reasons = verdicts(capsys, "r")
        assert 34 <= reasons.count("valid") <= 36
        assert set(audited(capsys, "r", reasons=reasons)) <= {"short-signature"}


TEN_THOUSAND = {
    "id": ("not-json", b'{"id": ' + b"9" * 10_000 + b"}"),
    "exponent": ("wrong-type", b'{"id": 9e' + b"0" * 10_000 + b"}"),
    "user id": (
        "not-json",
        b'{"server_nonce": "' + b64encode(bytes(16)) + b'", "message": {"user_id": ' + b"9" * 10_000 + b"}}",
    ),
    "signature": ("not-json", b'{"signature": ' + b"9" * 10_000 + b"}"),
    "hex": ("bad-signature", b'{"public_key": "x", "text": "", "signature": "' + b"9" * 10_000 + b'"}'),
    "DER": (
        "out-of-range",
        json.dumps(
            {
                "public_key": key_of(5).verifying_key.to_string("compressed").hex(),
                "text": "",
                "signature": "30821390028203e8" + "11" * 1000 + "02820fa0" + "11" * 4000,
            }
        ).encode("ascii"),
    ),
}


@pytest.mark.parametrize(("expected", "line"), TEN_THOUSAND.values(), ids=TEN_THOUSAND)
def test_numbers_of_ten_thousand_digits(expected: str, line: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is one record that is refused, and those after it are read."""
    Path("r").write_bytes(line + b"\n" + archive(1))
    assert verdicts(capsys, "r") == [expected, "valid"]
    assert audited(capsys, "r") == {}
    assert audited(capsys, "r", "--recover") == {}


def test_nul_octets(honest: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """Among records, and where a disk left a hole, they make a line unreadable; in a message they are octets."""
    lines = honest.splitlines(keepends=True)
    key = key_of(0xC0FFEE << 190)
    inside = python_ecdsa(key, b"a\0b")
    del inside["message"]
    inside["text"] = "a\0b"
    octets = b"".join([lines[0], bytes(5), b"\n", lines[1], bytes(3), lines[2], written([inside]), bytes(4096)])
    Path("r").write_bytes(octets)
    assert verdicts(capsys, "r") == ["valid", "not-json", "valid", "not-json", "valid", "not-json"]
    assert audited(capsys, "r") == {}
    Path("r.csv").write_bytes(b"id,text,signature\n\0,\0\n" + bytes(100))
    assert set(verdicts(capsys, "r.csv")) <= {"not-csv", "missing-field"}
    assert audited(capsys, "r.csv") == {}
