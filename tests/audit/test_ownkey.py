"""The owner's own key: what is said of its nonces, and that neither it nor one of them is in anything that is left."""

from __future__ import annotations

import hashlib
import pickle
import random
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from archives import login, with_nonce, written
from auditing import KEYS, Audit, Audited, D, N, Record

from ecpure import SECP224K1, SECP256K1, Curve, PrivateKey, Signature, auth
from ecpure.archives import blocks, workers
from ecpure.audit import ownkey, rows
from ecpure.audit.conclusions import Conclusions
from ecpure.audit.findings import Shown
from ecpure.audit.ownkey import OwnNonces
from ecpure.cli import main
from ecpure.hashes import HASHES
from ecpure.rfc6979 import nonces
from ecpure.sec1 import encode_integer
from ecpure.verifying import digest_to_int

RNG = random.Random(6979)
KEY = PrivateKey.from_int(D[0])


@pytest.fixture
def own(tmp_path: Path) -> list[str]:
    """Return the options that give the key of the first records."""
    path = tmp_path / "own.pem"
    path.write_text(KEY.to_pem(), encoding="ascii")
    return ["--private-key", str(path)]


def deterministic(number: int, hash: str = "sha224", *, low_s: bool = False) -> Record:
    message = b"%d" % number
    signature = KEY.sign(message, hash=hash, low_s=low_s)
    return {"public_key": KEYS[0], "message": message.hex(), "hash": hash, "signature": signature.to_der().hex()}


def drawn(*ks: int, twins: bool = True) -> list[Record]:
    """Return records with these nonces, every second one negative."""
    return [with_nonce(D[0], k, b"%d" % number, is_twin=twins and number % 2 > 0) for number, k in enumerate(ks)]


def details(audited: Audited, kind: str) -> list[str]:
    (finding,) = [finding for finding in audited.report["findings"] if finding["kind"] == kind]
    assert finding["keys"] == [KEYS[0]]
    assert finding["proof"] == []
    assert not any(name in record for record in finding["records"] for name in "rse")
    assert all(f"  {line}\n" in audited.said for line in finding.get("details", []))
    return list(finding.get("details", []))


def kinds(audited: Audited) -> list[str]:
    return [kind for kind in audited.found() if kind.startswith("own-")]


# RFC 6979


@pytest.mark.parametrize("name", HASHES)
def test_the_hash_of_each_deterministic_nonce_is_found(name: str, own: list[str], audit: Audit) -> None:
    """Whether its digest is shorter or longer than n, and whether n − s was written for s."""
    audited = audit([deterministic(number, name, low_s=number % 2 > 0) for number in range(6)], *own)
    assert details(audited, "own-nonces")[0] == f"6 of 6 nonces are RFC 6979's with {name}"
    assert kinds(audited) == ["own-nonces"]
    assert audited.status == 0


@pytest.mark.parametrize("curve", [SECP224K1, SECP256K1])
@pytest.mark.parametrize("name", HASHES)
@pytest.mark.parametrize("digest", [b"\xff" * 64, b"\xff" * 28, b"\x01", bytes(20), b"\x80" * 33])
def test_the_integer_is_enough_to_make_the_nonce_again(curve: Curve, name: str, digest: bytes) -> None:
    """Of digests of any length, among them those that are above n when they are cut to its length."""
    key = PrivateKey.from_int(D[1], curve=curve)
    e = digest_to_int(curve, digest) % curve.n
    k = next(nonces(key.to_bytes(), digest, curve.n, name))
    for value in (k, curve.n - k):
        assert OwnNonces(curve, key)._hash_of(value, e) == name
    assert OwnNonces(curve, key)._hash_of(k + 1, e) is None


def test_what_is_signed_of_several_hashes_and_what_is_not(own: list[str], audit: Audit) -> None:
    """Each hash is counted; and what is of none is told, record by record."""
    records = [deterministic(number, name) for number, name in enumerate(("sha224", "sha512", "sha224"))]
    records += [with_nonce(D[0], RNG.randrange(1, N), b"x", id="stray"), with_nonce(D[1], 12345678, b"y")]
    audited = audit(records, *own)
    assert details(audited, "own-nonces")[:3] == [
        "2 of 4 nonces are RFC 6979's with sha224",
        "1 of 4 nonces are RFC 6979's with sha512",
        "1 of 4 nonces are not RFC 6979's with any supported hash",
    ]
    details(audited, "own-nonce-stray")
    (stray,) = [one["records"] for one in audited.report["findings"] if one["kind"] == "own-nonce-stray"]
    assert stray == [{"line": 4, "id": "stray"}]
    assert audited.status == 1


def test_random_nonces_are_no_reason_to_worry(own: list[str], audit: Audit) -> None:
    """Nor are copies of a record, however often they say the same of chance."""
    records = drawn(*(RNG.randrange(1, N) for _ in range(40)))
    audited = audit(records + records[:1] * 60, *own)
    assert kinds(audited) == ["own-nonces"]
    assert details(audited, "own-nonces")[0] == "100 of 100 nonces are not RFC 6979's with any supported hash"
    assert audited.status == 0


def test_a_login_and_its_passphrase(tmp_path: Path, audit: Audit) -> None:
    """The key is made as the login makes it."""
    (tmp_path / "passphrase").write_text("opensesame\n", encoding="utf-8")
    key = auth.derive_private_key(1, "opensesame").public_key
    records = [login(number) | {"public_key": key.to_bytes().hex()} for number in range(3)]
    found = audit(records, "--user-id", "1", "--passphrase-from", f"file:{tmp_path / 'passphrase'}")
    (finding,) = found.report["findings"]
    assert finding["details"][0] == "3 of 3 nonces are RFC 6979's with sha224"
    assert finding["keys"] == [key.to_bytes().hex()]


def test_another_curve_and_form(tmp_path: Path, audit: Audit) -> None:
    """The key's file may be in each format."""
    key = PrivateKey.from_int(D[0], curve=SECP256K1)
    (tmp_path / "key").write_bytes(key.to_der())
    record = {"public_key": key.public_key.to_bytes().hex(), "message": "00"}
    record["signature"] = key.sign(b"\0", low_s=True).to_der().hex()
    options = ["--curve", "secp256k1", "--private-key", str(tmp_path / "key"), "--key-format", "der"]
    (finding,) = audit([record], *options).report["findings"]
    assert finding["details"][0] == "1 of 1 nonces are RFC 6979's with sha256"


# Nonces together


def alike(count: int = 9) -> dict[str, tuple[list[Record], dict[str, str]]]:
    """Return archives of weak nonces, with the kinds that they come to, and words of their details."""
    some = [RNG.randrange(1, 1 << 224) for _ in range(40)]
    texts = [int.from_bytes(bytes(RNG.choices(b"0123456789", k=28)), "big") for _ in range(3)]
    byte = [k & ~(255 << 104) | 0x5A << 104 for k in some]
    near = [(some[0] >> 20 << 20) + number for number in (9, 3, 4)]
    return {
        "short": (drawn(*(k >> 34 for k in some[:count])), {"own-nonce-short": f"{count} of {count} nonces, or"}),
        "one short": (drawn(*some[:2], some[2] >> 80), {"own-nonce-short": "1 of 3 nonces, or"}),
        "a bit short": (drawn(*(k >> 4 for k in some)), {"own-nonce-short": "40 of 40 nonces, or"}),
        "begin alike": (
            drawn(*(k >> 64 | 0x923456789ABCDEF1 << 160 for k in some[:4])),
            {"own-nonce-alike": "4 of the first 4 nonces are close to each other"},
        ),
        "end alike": (
            drawn(*(k >> 48 << 48 | 0x123456789ABC for k in some[:3])),
            {"own-nonce-alike": "3 of the first 3 nonces end alike"},
        ),
        "near": (drawn(*near, twins=False), {"own-nonce-alike": "3 of the first 3 nonces are close to each other"}),
        "digits": (drawn(*texts), {"own-nonce-alike": "3 of 3 nonces have few different bytes"}),
        "equal bytes": (drawn(int("5a" * 28, 16)), {"own-nonce-alike": "1 of 1 nonces have few different bytes"}),
        "one byte": (
            drawn(*byte, twins=False),
            {"own-nonce-alike": "40 of 40 nonces have the same byte at the same"},
        ),
        "short and end alike": (
            drawn(*(k >> 64 << 16 | 0xFFFF for k in some)),
            {"own-nonce-short": "40 of 40", "own-nonce-alike": "nonces have the same byte at the same place"},
        ),
    }


ALIKE = alike()


@pytest.mark.parametrize(("records", "expected"), ALIKE.values(), ids=ALIKE)
def test_weak_nonces(records: list[Record], expected: dict[str, str], own: list[str], audit: Audit) -> None:
    """They are critical, whichever of k and −k the signature shows; without the key, nothing of them is."""
    audited = audit(records, *own)
    assert kinds(audited) == [*expected, "own-nonces"]
    for kind, words in expected.items():
        assert any(words in line for line in details(audited, kind))
        (finding,) = [one for one in audited.report["findings"] if one["kind"] == kind]
        assert finding["records"]
        assert finding["weight"] == "critical"
    assert audited.status == 1
    assert kinds(audit(records)) == []


def test_chance_is_no_finding() -> None:
    """Of 300 honest keys with a few signatures each, and one with many, none has weak nonces."""
    rng = random.Random(1)
    for count in [3] * 200 + [30] * 100 + [4000]:
        found = OwnNonces(SECP224K1, KEY)
        for number in range(count):
            found._measured.take(rng.randrange(1, N), Shown(0, number))
        assert [one.kind for one in found.findings(0, 0)] == ["own-nonces"]


def test_only_the_first_nonces_are_compared_and_all_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with them."""
    monkeypatch.setattr(ownkey, "_SAMPLE", 2)
    found = OwnNonces(SECP224K1, KEY)
    for number in range(4):
        found._measured.take((0xFFFF << 200) + (number << 150), Shown(0, number))
    (words,) = [line for one in found.findings(0, 0) for line in one.details if "close" in line]
    assert words.startswith("2 of the first 2 nonces")


def test_nonces_of_any_keys_are_measured_together() -> None:
    """Drawn ones show nothing; short ones, and those that begin or end alike, are each told in a sentence."""
    rng = random.Random(2)
    drawn_ones = [rng.randrange(1, N) for _ in range(600)]
    assert list(ownkey.patterns(SECP224K1, drawn_ones)) == []
    assert list(ownkey.patterns(SECP224K1, [])) == []
    short = list(ownkey.patterns(SECP224K1, [k >> 16 for k in drawn_ones]))
    assert any("lack" in words and "bits or more" in words for words in short)
    for alike in ([k % (1 << 200) + (5 << 200) for k in drawn_ones], [k >> 64 << 64 | 7 for k in drawn_ones]):
        assert list(ownkey.patterns(SECP224K1, alike))


def test_nonces_met_again_and_low_s(own: list[str], audit: Audit) -> None:
    """Of several messages, with other keys; and whether s is always the lower one."""
    k = RNG.randrange(1, N)
    records = [*drawn(k, k), with_nonce(D[1], k, b"z")]
    assert details(audit(records, *own), "own-nonces")[1:3] == [
        "nonces that were used for several messages: 1, see nonce-reused",
        "nonces that other keys used too: 1, see nonce-shared",
    ]
    low = [deterministic(number, low_s=True) for number in range(30)]
    few = details(audit(low[:3], *own), "own-nonces")
    assert few[1:] == [
        "nonces that were used for several messages: 0",
        "nonces that other keys used too: 0",
        "s is at most n/2 in all 3, which is too few to tell",
    ]
    assert details(audit(low, *own), "own-nonces")[-1] == "s is at most n/2 in all 30: low s is applied"
    signature = Signature.from_der(bytes.fromhex(low[0]["signature"]))
    low[0]["signature"] = Signature(signature.r, N - signature.s).to_der().hex()
    assert details(audit(low, *own), "own-nonces")[-1] == "s is at most n/2 in 29 of 30: low s is not applied"


def test_a_key_that_signed_nothing_here(own: list[str], audit: Audit) -> None:
    """It is said."""
    audited = audit([with_nonce(D[1], RNG.randrange(1, N), b"a")], *own)
    assert details(audited, "own-nonces") == ["no signature of this key is in the archive"]
    assert "0 records" not in audited.said


# Secrets


def test_neither_the_key_nor_a_nonce_is_left_anywhere(
    tmp_path: Path, own: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in what is said, the page, JSON, the file of rows, a temporary file, or what a worker is told."""
    asked: list[bytes] = []
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for name in ("SQLITE_TMPDIR", "TMPDIR"):
        monkeypatch.setenv(name, str(temporary))
    popen = subprocess.Popen

    def started(*arguments: Any, **named: Any) -> subprocess.Popen[bytes]:
        asked.append(repr((arguments, named)).encode())
        return popen(*arguments, **named)

    monkeypatch.setattr(subprocess, "Popen", started)
    dump = pickle.dump

    def heard(value: object, stream: IO[bytes]) -> None:
        asked.append(pickle.dumps(value))
        dump(value, stream)

    monkeypatch.setattr(pickle, "dump", heard)
    records = ALIKE["short and end alike"][0] + ALIKE["digits"][0] + [deterministic(number) for number in range(9)]
    path, page = tmp_path / "records", tmp_path / "page.html"
    path.write_bytes(written(records))
    left: list[bytes] = []
    monkeypatch.setattr(rows, "_CACHE", 1)
    for module in (blocks, workers):
        monkeypatch.setattr(module, "BLOCK", 1 << 12)
    for number, more in enumerate(([], ["--json"])):
        store = tmp_path / f"store {number}"
        command = ["audit", str(path), *own, "--jobs", "2", "--html", str(page), "--store", str(store)]
        assert main([*command, *more]) == 1
        said = capsys.readouterr()
        left += [said.out.encode(), said.err.encode(), page.read_bytes(), store.read_bytes()]
    left += [found.read_bytes() for found in temporary.rglob("*") if found.is_file()] + asked
    assert len(asked) > 4
    assert b"own-nonce-short" in left[0]
    ks = [D[0]]
    for record in records:
        pair = Signature.from_der(bytes.fromhex(record["signature"]))
        e = digest_to_int(SECP224K1, hashlib.sha224(bytes.fromhex(record["message"])).digest())
        ks.append((e + pair.r * D[0]) * pow(pair.s, -1, N) % N)
    assert hold(left, ks) == []


def hold(left: list[bytes], secrets: list[int]) -> list[str]:
    """Return which part of a secret is in what is left: eight octets of it or more, in any notation."""
    everything = b"\n".join(left)
    lowered = everything.lower()
    return [text for secret in secrets for text, octets in traces(secret) if octets in everything or octets in lowered]


def traces(secret: int) -> Iterator[tuple[str, bytes]]:
    """Yield parts of a number, and of its negative, as octets from either end, in hex, decimal and base64."""
    for value in (secret, N - secret):
        octets = encode_integer(value, 29)[1:]
        yield "decimal", b"%d" % value
        for start in range(0, 21, 4):
            part = octets[start : start + 8]
            if len({*part}) > 4:  # what is padding is no secret
                yield from (("octets", part), ("reversed", part[::-1]), ("hex", part.hex().encode()))
        yield from (("base64", b64encode(bytes(shift) + octets)[8:24]) for shift in range(3))


def test_the_search_finds_what_it_is_for() -> None:
    """A part of a key, or of a nonce's negative, in each notation."""
    for value in (D[0], N - D[0]):
        octets = encode_integer(value, 29)[1:]
        for text in (
            octets[4:12],
            octets.hex().encode(),
            octets.hex().upper().encode(),
            b"%d" % value,
            b64encode(octets),
        ):
            assert hold([b"x" + text + b"x"], [D[0]])
    assert hold([b"nothing"], [D[0]]) == []


def test_an_exception_shows_no_secret(
    tmp_path: Path, own: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What looks at nonces has no repr that tells them, and an interrupt is one sentence."""
    found = OwnNonces(SECP224K1, KEY)
    found._measured.take(D[1], Shown(0, 1))
    assert hold([repr(found).encode()], [D[0], D[1]]) == []

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "records"
    path.write_bytes(written(drawn(5)))
    monkeypatch.setattr(Conclusions, "_look_at_own", interrupted)
    assert main(["audit", str(path), *own, "--jobs", "1"]) == 2
    assert capsys.readouterr().err == "ecpure: interrupted\n"


# Options


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--passphrase-from env:X", "--passphrase-from needs --user-id"),
        ("--private-key K --user-id 1", "--user-id: cannot be combined with --private-key"),
        ("--user-id 1 --curve secp256k1", "--user-id: login keys are on secp224k1"),
        ("--user-id 1 --passphrase-from env:X", "--passphrase-from: there is no such environment variable"),
        ("--private-key missing", "missing: No such file"),
        ("--private-key K --curve secp256k1", "use --curve secp224k1"),
        ("--private-key K --passphrase-from stdin", "not allowed with argument"),
        ("--private-key -", "for only one file"),
    ],
)
def test_what_is_refused(
    line: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one sentence, before the records are read; nothing of the key is in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "K").write_text(KEY.to_pem(), encoding="ascii")
    try:
        status: int | str | None = main(["audit", "-", *line.split()])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    said = capsys.readouterr()
    assert not said.out
    assert words in said.err
    assert hold([said.err.encode()], [D[0]]) == []
