"""`ecpure verify --profile chargepoint` of archives and Chargy's JSON, with keys found by their names."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from packed import entry, tar, tar_of, zip_of
from signeddocuments import FLAT

from ecpure import SECP256K1, PrivateKey
from ecpure.cli import main

STATION, OTHER = PrivateKey.from_int(0xC0FFEE << 190), PrivateKey.from_int(0xBEEF << 190)
RECEIPT = json.dumps(FLAT).encode()
NAME = "0024b1000000beef_2"
Run = Callable[..., tuple[int, str, str]]


def signed(receipt: dict[str, object], key: PrivateKey = STATION) -> tuple[bytes, bytes]:
    octets = json.dumps(receipt).encode()
    return octets, key.sign(octets, hash="sha256").to_der()


def pair(name: str, receipt: dict[str, object] | None = None, key: PrivateKey = STATION) -> dict[str, bytes]:
    octets, signature = signed(receipt or FLAT, key)
    return {name: octets, f"{name}.sign": signature}


def chargy_key(key: PrivateKey) -> bytes:
    value = key.public_key.to_bytes(compressed=False).hex()
    context = "https://open.charging.cloud/contexts/publicKey+json"
    return json.dumps({"@context": context, "algorithm": "secp224k1", "value": value}).encode()


@pytest.fixture
def verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the command on a file of these octets, in a folder with keys."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C")
    Path("keys").mkdir()
    Path("keys", f"{NAME}.pem").write_text(STATION.public_key.to_pem())
    Path("station.pem").write_text(STATION.public_key.to_pem())

    def verify(octets: bytes, *words: str, file: str = "receipt") -> tuple[int, str, str]:
        Path(file).write_bytes(octets)
        key = () if {"--keys", "--public-key"} & {*words} else ("--public-key", "station.pem")
        status = main(["verify", "--profile", "chargepoint", *key, *words, file])
        return status, *capfd.readouterr()

    return verify


def test_the_key_of_each_receipt_is_found_by_its_name(verify: Run) -> None:
    """In the folder of --keys, whatever way the receipt writes its station; the output names the file."""
    colons = FLAT | {"station_mac": "0024:B100:0000:BEEF", "outlet": "1"}
    Path("keys", "0024b1000000beef_1-publicKey.chargy").write_bytes(chargy_key(OTHER))
    octets = zip_of(pair("a") | pair("b", colons, OTHER))
    status, out, err = verify(octets, "--keys", "keys")
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert [lines[0], lines[1]] == ["valid: a", f"  key: {NAME}.pem"]
    assert lines[lines.index("valid: b") + 1] == "  key: 0024b1000000beef_1-publicKey.chargy"
    status, out, err = verify(octets, "--keys", "keys", "--json")
    report = json.loads(out)
    assert (status, report["valid"], [one["name"] for one in report["receipts"]]) == (0, True, ["a", "b"])
    assert report["receipts"][0]["key"] == f"{NAME}.pem"
    assert report["receipts"][0]["fields"]["outlet"] == 2


def test_a_single_receipt_takes_a_key_of_the_folder(verify: Run) -> None:
    """As with --public-key, with the file beside the verdict."""
    octets, signature = signed(FLAT)
    Path("receipt.sign").write_bytes(signature)
    status, out, err = verify(octets, "--keys", "keys")
    assert (status, out.splitlines()[:2], err) == (0, ["valid", f"  key: {NAME}.pem"], "")
    status, out, err = verify(octets, "--keys", "keys", "--json")
    assert json.loads(out) == {"valid": True, "key": f"{NAME}.pem", "fields": json.loads(out)["fields"]}


def test_each_receipt_has_its_own_verdict(verify: Run) -> None:
    """Status 1 where one is invalid, 2 where none is but some cannot be verified, 0 only if all are valid."""
    unknown = FLAT | {"outlet": 7}
    good, bad, keyless = pair("good"), pair("bad", key=OTHER), pair("keyless", unknown)
    status, out, err = verify(tar_of(good | bad | keyless), "--keys", "keys")
    heads = [line for line in out.splitlines() if not line.startswith("  ")]
    assert (status, heads, err) == (1, ["valid: good", "invalid: bad", "not verified: keyless"], "")
    reason = (
        "keys: 0024b1000000beef_7.pem is missing: put the station's key there, or name another folder, or give the key "
        "with --public-key"
    )
    assert out.endswith(f"not verified: keyless\n  {reason}\n")
    status, out, err = verify(tar_of(good | keyless), "--keys", "keys", "--json")
    assert (status, json.loads(out)["valid"], err) == (2, False, "")
    assert json.loads(out)["receipts"][1] == {"name": "keyless", "valid": None, "reason": reason}
    assert verify(tar_of(good | bad))[0] == 1
    assert verify(tar_of(good))[0] == 0


@pytest.mark.parametrize("station", ["../../etc/passwd", "", "0024b1000000bee", "0024b1000000beef\n", 5])
def test_no_text_in_a_receipt_becomes_a_path(verify: Run, station: object) -> None:
    """What names no station names no key."""
    status, out, err = verify(zip_of(pair("a", FLAT | {"station_mac": station})), "--keys", "keys")
    words = "receipt: station_mac and outlet, which name the file of the key, were expected"
    assert (status, out, err) == (2, f"not verified: a\n  {words}\n", "")


def test_what_is_wrong_with_the_keys(verify: Run) -> None:
    """Two files for one station, a file without a key or of another curve, a pipe, and a path that is not a folder."""
    octets = zip_of(pair("a"))
    other = Path("keys", f"{NAME}-publicKey.chargy")
    other.write_bytes(chargy_key(STATION))
    assert f"expected: remove one of {NAME}.pem and {NAME}-publicKey.chargy\n" in verify(octets, "--keys", "keys")[1]
    other.unlink()
    file = Path("keys", f"{NAME}.pem")
    for text, words in (
        ("hello", f"  keys/{NAME}.pem: public key: PEM, DER, or a point"),
        (PrivateKey.from_int(1, curve=SECP256K1).public_key.to_pem(), "a key on secp256k1, not on secp224k1"),
    ):
        file.write_text(text)
        status, out, _ = verify(octets, "--keys", "keys")
        assert status == 2
        assert words in out
    file.unlink()
    file.symlink_to("/dev/zero")
    assert "a regular file was expected there" in verify(octets, "--keys", "keys")[1]
    file.unlink()
    file.symlink_to("nowhere")
    two = zip_of(pair("a") | pair("b", FLAT | {"outlet": 3}))
    Path("keys", NAME.replace("_2", "_3") + ".pem").write_text(STATION.public_key.to_pem())
    status, out, err = verify(two, "--keys", "keys")
    assert (status, err) == (2, "")
    assert f"not verified: a\n  keys/{NAME}.pem: No such file or directory: check its name\n" in out
    assert "valid: b\n" in out
    file.unlink()
    file.write_bytes(bytes((1 << 20) + 1))
    assert f"  keys/{NAME}.pem: a file of at most 1 MiB was expected\n" in verify(two, "--keys", "keys")[1]
    expected = "ecpure: --keys: station.pem: a folder with the keys of stations was expected\n"
    assert verify(octets, "--keys", "station.pem") == (2, "", expected)


def test_chargys_json_under_chargys_key(verify: Run) -> None:
    """--public-key takes the key's file in Chargy's JSON, too; in DER, as --key-format says."""
    Path("k.chargy").write_bytes(chargy_key(STATION))
    Path("k.der").write_bytes(STATION.public_key.to_der())
    octets, signature = signed(FLAT)
    document = json.dumps(FLAT | {"original": b64encode(octets).decode(), "signature": signature.hex()}).encode()
    for words in (["--public-key", "k.chargy"], ["--public-key", "k.der", "--key-format", "der"]):
        status, out, err = verify(document, *words)
        assert (status, out.splitlines()[0], err) == (0, "valid: session 1", "")
    assert verify(document.replace(b"86.6", b"1.0"))[0] == 0  # unsigned, and not shown
    assert "1.0" not in verify(document.replace(b"86.6", b"1.0"))[1]


def test_a_session_is_called_so_in_german(verify: Run) -> None:
    """In an archive, too; a file of such a name keeps it."""
    octets, signature = signed(FLAT)
    document = json.dumps(FLAT | {"original": b64encode(octets).decode(), "signature": signature.hex()}).encode()
    for file, words in ((document, "Ladevorgang 1"), (zip_of({"a": document}), "a, Ladevorgang 1")):
        assert verify(file, "--lang", "de")[1].splitlines()[0] == f"gültig: {words}"
    assert verify(zip_of(pair("session 1")), "--lang", "de")[1].splitlines()[0] == "gültig: session 1"


def test_an_archive_takes_no_other_signature(verify: Run) -> None:
    """It has its own inside."""
    expected = "ecpure: --signature: omit it; receipt contains the signatures of its receipts\n"
    assert verify(zip_of(pair("a")), "--signature", "station.pem") == (2, "", expected)


def test_what_is_skipped_is_reported(verify: Run) -> None:
    """On standard error, with the archive's name and the member's, whose line ends are escaped."""
    members = [entry(name, octets) for name, octets in pair("a").items()]
    link = entry("l\nvalid: b", type=b"2", linkname="/etc/passwd")
    status, out, err = verify(tar(*members, link), file="receipt.tar")
    assert (status, out.splitlines()[0]) == (0, "valid: a")
    assert err == "ecpure: receipt.tar: l\\nvalid: b: skipped: it is a link\n"


def test_a_damaged_archive_is_one_sentence(verify: Run) -> None:
    """It names the file, and so it does of one that only is called an archive."""
    expected = "ecpure: r.zip: a ZIP archive that is damaged: download it again\n"
    assert verify(zip_of(pair("a"))[:100], file="r.zip") == (2, "", expected)
    expected = "ecpure: r.tar.bz2: not an archive, or a damaged one: download it again\n"
    assert verify(b"hello", file="r.tar.bz2") == (2, "", expected)


def test_german(verify: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """--lang before the locale; JSON is the same in both."""
    octets = zip_of(pair("a") | pair("b", key=OTHER) | {"secrrct": b""})
    status, out, err = verify(octets, "--lang", "de")
    assert (status, err) == (1, "")
    heads = [line for line in out.splitlines() if not line.startswith("  ")]
    assert heads == ["gültig: a", "ungültig: b", "nicht geprüft: secrrct"]
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert verify(octets) == (status, out, err)
    assert verify(octets, "--json") == verify(octets, "--json", "--lang", "en")
    assert "invalid: b" in verify(octets, "--lang", "en")[1]


@pytest.mark.parametrize("write", [bytes.hex, lambda octets: b64encode(octets).decode() + "\n"])
def test_a_signature_in_text_is_read(verify: Run, write: Callable[[bytes], str]) -> None:
    """Hex or base64 of DER has one reading; text of anything else is refused."""
    octets, signature = signed(FLAT)
    Path("receipt.sign").write_text(write(signature))
    assert verify(octets)[0] == 0
    assert verify(octets + b" ")[0] == 1
    Path("receipt.sign").write_text(write(signature), encoding="utf-16")
    assert verify(octets)[0] == 0
    Path("receipt.sign").write_text(write(b"0" + signature))
    status, _, err = verify(octets)
    assert (status, err.startswith("ecpure: receipt.sign: signature: ")) == (2, True)


def test_a_signature_without_its_receipt_is_said(verify: Run) -> None:
    """Not every receipt was verified then; what is no receipt is only named, also in JSON."""
    whole = pair("a/secrrct")
    status, out, _ = verify(tar_of(whole | {"b/secrrct.sign": whole["a/secrrct.sign"]}))
    assert (status, out.splitlines()[-1]) == (2, "  the receipt, secrrct, is not beside this signature")
    status, out, _ = verify(tar_of(whole | {"notes": b"hello"}), "--json")
    assert status == 0
    assert json.loads(out)["skipped"] == {"notes": "skipped: it is not a receipt with its signature"}


def test_an_empty_receipt_is_said_to_be_empty(verify: Run) -> None:
    """Its signature is not what is missing."""
    assert verify(b"") == (2, "", "ecpure: receipt: it is empty: write it again\n")
