"""What the page says of files: which belong together, and whether they are valid; whatever they are, it answers."""

from __future__ import annotations

import itertools
import json
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any

import pagefiles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packed import zip_of
from pagefiles import MESSAGE, RECEIPT, STATION, Files, chargy_key, sign_p256
from signeddocuments import BILL, openssl, sign
from tickets import body, ticket

from ecpure import SECP256K1, PrivateKey, PublicKey, hashes
from ecpure.formats import unpack
from page import p256
from page.check import check

KINDS = ["archive", "pair", "chargy", "ticket", "message", "p256"]
TEXTS = json.loads((Path(__file__).parents[2] / "page" / "texts.json").read_text(encoding="utf-8"))


def checked(files: Files, folder: Path | None = None) -> dict[str, Any]:
    """What is said of the files; with a folder of keys, OpenSSL takes WebCrypto's place."""
    answers: dict[str, bool | None] = {}
    while True:
        said = check(list(files.items()), answers)
        json.dumps(said)
        sentences(said)
        if not said["asked"]:
            return said
        for name, asked in said["asked"].items():
            octets = {what: b64decode(asked[what]) for what in ("key", "signature", "message")}
            answers[name] = None
            if folder is not None:
                name_of_hash = asked["hash"].lower().replace("-", "")
                answers[name] = pagefiles.verify_p256(**octets, hash=name_of_hash, folder=folder)


def sentences(said: dict[str, Any]) -> None:
    """Everything that is said has words in both languages."""
    for words in TEXTS.values():
        for one in said["verdicts"]:
            assert {f"kind.{one['kind']}", *(f"note.{note}" for note in one["notes"])} <= words.keys()
            assert one["verdict"] == "asking" or one["verdict"] in words
            assert one["why"] == "" or f"why.{one['why']}" in words
        assert {f"said.{one['code']}" for one in said["said"]} <= words.keys()
        assert {f"what.{one['what']}" for one in said["files"]} <= words.keys()


def verdicts(files: Files, folder: Path | None = None) -> list[tuple[str, str]]:
    return [(one["verdict"], one["why"]) for one in checked(files, folder)["verdicts"]]


def test_the_languages_have_the_same_texts() -> None:
    """With the same places to fill in, and in one order."""
    english, german = TEXTS["en"], TEXTS["de"]
    assert list(english) == list(german)
    for name, text in english.items():
        assert sorted(part.split("}")[0] for part in text.split("{")[1:]) == sorted(
            part.split("}")[0] for part in german[name].split("{")[1:]
        )


@pytest.mark.parametrize("kind", KINDS)
def test_what_openssl_signed_is_valid(kind: str, keys: Path) -> None:
    """Whatever the order of the files is; with one octet changed it is invalid, without the key nothing is said."""
    about, files = pagefiles.valid(keys)[kind]
    for order in itertools.permutations(files.items()):
        (one,) = checked(dict(order), keys)["verdicts"]
        assert (one["verdict"], one["kind"], one["why"]) == ("valid", about, "")
        assert one["key"]["name"] == list(files)[-1]
    assert verdicts(pagefiles.wrong(keys)[kind], keys) == [("invalid", "")]
    *others, _ = files
    assert verdicts({name: files[name] for name in others}, keys) == [("unknown", "no-key")]


def test_what_is_shown_of_a_receipt(keys: Path) -> None:
    """Its fields in both languages, the key with its fingerprint as OpenSSL has it, the hashes of the files."""
    _, files = pagefiles.valid(keys)["pair"]
    said = checked(files)
    (one,) = said["verdicts"]
    assert ("meter at end", "86.6 kWh") in one["rows"]["en"]
    assert ("Zählerstand am Ende", "86.6 kWh") in one["rows"]["de"]
    assert ("station", "0024b1000000beef") in one["rows"]["en"]
    spki = openssl("pkey", "-pubin", "-in", str(keys / "public.pem"), "-outform", "DER")
    (digest,) = openssl("dgst", "-sha256", "-r", stdin=spki).split()[:1]
    assert one["key"]["fingerprint"] == digest.decode("ascii")
    assert spki.endswith(bytes.fromhex(one["key"]["point"])[-56:])
    for file in said["files"]:
        (digest,) = openssl("dgst", "-sha256", "-r", stdin=files[file["name"]]).split()[:1]
        assert (file["sha256"], file["octets"]) == (digest.decode("ascii"), len(files[file["name"]]))
    assert [file["what"] for file in said["files"]] == ["receipt", "signature", "key"]


def test_what_is_missing_is_said(keys: Path) -> None:
    """A receipt alone, a signature alone, a key alone, a message alone."""
    _, files = pagefiles.valid(keys)["pair"]
    assert verdicts({"secrrct": files["secrrct"]}) == [("unknown", "no-signature")]
    assert verdicts({"secrrct.sign": files["secrrct.sign"]}) == [("unknown", "no-message")]
    assert verdicts({STATION: files[STATION]}) == []
    assert verdicts({"a.txt": MESSAGE}) == [("unknown", "not-recognised")]
    assert verdicts({"a.txt": MESSAGE, STATION: files[STATION]}) == [("unknown", "no-signature")]
    assert verdicts({"a.sign": b"no signature"}) == [("unknown", "unreadable-signature")]


def test_several_of_each(keys: Path) -> None:
    """Signatures find their messages by name, with the numbers that browsers put into names, and by being valid."""
    public = (keys / "public.pem").read_bytes()
    messages = [b"one", b"two", b"three"]
    signatures = [sign(keys, "sha256", message) for message in messages]
    files = {"b.txt": messages[0], "b (1).txt": messages[1], "x": messages[2], "k.pem": public}
    files |= {"b.txt.sig": signatures[0], "b.txt (1).sig": signatures[1], "y.sig": signatures[2]}
    said = checked(files)
    assert [(one["name"], one["verdict"]) for one in said["verdicts"]] == [
        ("b.txt", "valid"),
        ("b (1).txt", "valid"),
        ("x", "valid"),
    ]
    by_validity = dict(zip(["1", "2", "p.sig", "q.sig"], [*messages[:2], *signatures[1::-1]], strict=True))
    assert verdicts(by_validity | {"k.pem": public}) == [("valid", "")] * 2
    assert verdicts(by_validity | {"k.pem": (keys / "other.pem").read_bytes()}) == [
        ("unknown", "no-signature"),
        ("unknown", "no-signature"),
        ("unknown", "no-message"),
        ("unknown", "no-message"),
    ]


def test_which_key_counts(keys: Path) -> None:
    """Any of several, but of those for a station only its own; a key that is there twice is one."""
    public, other = ((keys / name).read_bytes() for name in ("public.pem", "other.pem"))
    _, files = pagefiles.valid(keys)["archive"]
    both = {"a.pem": other, **files}
    (one,) = checked(both)["verdicts"]
    assert (one["verdict"], one["key"]["name"], one["others"]) == ("valid", "station.pem", 0)
    (one,) = checked({"b.pem": other, "a.pem": other, "receipt.tar.bz2": files["receipt.tar.bz2"]})["verdicts"]
    assert (one["verdict"], one["others"]) == ("invalid", 0)
    third = PrivateKey.from_int(7).public_key.to_pem().encode("ascii")
    (one,) = checked({"b.pem": other, "c.pem": third, "receipt.tar.bz2": files["receipt.tar.bz2"]})["verdicts"]
    assert (one["verdict"], one["others"]) == ("invalid", 1)
    point = PublicKey.from_pem(other).to_bytes(compressed=False)
    for name, octets in ((STATION, other), ("0024B1000000BEEF_2-publicKey.chargy", chargy_key(point, "secp224k1"))):
        (one,) = checked({"right.pem": public, name: octets, "receipt.tar.bz2": files["receipt.tar.bz2"]})["verdicts"]
        assert (one["verdict"], one["key"]["name"]) == ("invalid", name)


def test_a_key_on_another_curve(keys: Path) -> None:
    """It is said that the key does not go with the signature, in either direction."""
    public, p256_key = ((keys / name).read_bytes() for name in ("public.pem", "p256.pem"))
    of = {name: files for name, (_, files) in pagefiles.valid(keys).items()}
    assert verdicts({"receipt.tar.bz2": of["archive"]["receipt.tar.bz2"], "k.pem": p256_key}, keys) == [
        ("unknown", "other-curve")
    ]
    assert verdicts({"p256.tar.bz2": of["p256"]["p256.tar.bz2"], "k.pem": public}, keys) == [("unknown", "other-curve")]
    both = {"k.pem": public, **of["p256"]}
    assert verdicts(both, keys) == [("valid", "")]


def test_p256_in_every_form(keys: Path) -> None:
    """A key as a compressed point, in hex, in Chargy's JSON; receipts in Chargy's JSON; messages of other hashes."""
    signature = sign_p256(keys, RECEIPT)
    point = p256.public_key((keys / "p256.pem").read_bytes())
    files = {"bill.chargy": pagefiles.chargy(RECEIPT, signature)}
    algorithms: list[object] = ["secp256r1", {"oid": "1.2.840.10045.3.1.7"}]
    forms = [chargy_key(point, algorithm) for algorithm in algorithms]
    for key in (*forms, point, point.hex().encode("ascii"), (keys / "p256c.pem").read_bytes()):
        assert verdicts(files | {"key": key}, keys) == [("valid", "")]
    for algorithm in ("secp384r1", None, {"name": 1}):
        said = checked(files | {"key.chargy": chargy_key(point, algorithm)}, keys)
        assert [one["code"] for one in said["said"]] == ["unreadable-key"]
    message = {"m": MESSAGE, "m.sig": sign_p256(keys, MESSAGE, "sha512"), "p256.pem": point}
    (one,) = checked(message, keys)["verdicts"]
    assert (one["verdict"], one["hash"], one["key"]["curve"]) == ("valid", "sha512", "P-256")
    assert verdicts(files | {"key": point}) == [("unknown", "no-webcrypto")]


def test_secp256k1_and_old_hashes() -> None:
    """The other curve of ecpure; and a signature of SHA-1 is valid, with what that means."""
    key = PrivateKey.from_int(5, curve=SECP256K1)
    pem = key.public_key.to_pem().encode("ascii")
    (one,) = checked({"m": MESSAGE, "m.sig": key.sign(MESSAGE).to_der(), "k": pem})["verdicts"]
    assert (one["verdict"], one["key"]["curve"], one["notes"]) == ("valid", "secp256k1", [])
    old = key.sign_digest(hashes.digest("sha1", MESSAGE)).to_der()
    (one,) = checked({"m": MESSAGE, "m.sig": old, "k": pem})["verdicts"]
    assert (one["verdict"], one["hash"], one["notes"]) == ("valid", "sha1", ["weak-hash"])


@pytest.mark.parametrize("signed", [MESSAGE, MESSAGE.rstrip()])
def test_a_line_feed_more_or_less(signed: bytes, keys: Path) -> None:
    """It is invalid all the same, and it is said why."""
    sent = MESSAGE.rstrip() if signed == MESSAGE else MESSAGE
    files = {"m": sent, "m.sig": sign(keys, "sha256", signed), "k": (keys / "public.pem").read_bytes()}
    (one,) = checked(files)["verdicts"]
    assert (one["verdict"], one["notes"]) == ("invalid", ["line-feed"])


def test_tickets(keys: Path) -> None:
    """One that has expired says so, and so does one that cannot be read."""
    _, files = pagefiles.valid(keys)["ticket"]
    (one,) = checked(files)["verdicts"]
    assert one["notes"] == ["expired"]
    assert ("field.online_name", "player") in one["rows"]["en"]
    assert verdicts({"t": ticket(body(), b"")}) == [("unknown", "unreadable")]


def test_a_file_that_is_not_a_receipt(keys: Path) -> None:
    """Pairs in an archive, one with a malformed signature, one with a malformed receipt."""
    signature = sign(keys, "sha256", RECEIPT)
    files = {"a": RECEIPT, "a.sign": b"x", "b": b"x", "b.sign": signature, "secrrct": RECEIPT, "notes.txt": b"hello"}
    files["station.pem"] = (keys / "public.pem").read_bytes()
    said = checked({"all.zip": zip_of(files)})
    assert [(one["name"], one["why"]) for one in said["verdicts"]] == [
        ("all.zip: a", "unreadable"),
        ("all.zip: b", "unreadable"),
        ("all.zip: secrrct", "unreadable"),
    ]
    assert all(one["detail"] for one in said["verdicts"])
    assert {one["name"]: one["code"] for one in said["said"]} == {
        "all.zip: notes.txt": "passed",
        "all.zip: station.pem": "passed-key",
    }


def test_a_key_alone_is_told_that_the_receipt_is_missing(keys: Path) -> None:
    """There is no verdict without it; with one, a key is not worth a word."""
    key = {"station.pem": (keys / "public.pem").read_bytes()}
    assert [(one["name"], one["code"]) for one in checked(key)["said"]] == [("station.pem", "only-key")]
    receipt = b'{"outlet": 2}'
    said = checked(key | {"r": receipt, "r.sign": sign(keys, "sha256", receipt)})
    assert (len(said["verdicts"]), said["said"]) == (1, [])


def test_a_private_key_is_not_used(keys: Path) -> None:
    """In any form it is said what it is, and nothing of it is shown but its name and size."""
    path = str(keys / "key.pem")
    forms = {
        "key.pem": (keys / "key.pem").read_bytes(),
        "key.der": openssl("pkey", "-in", path, "-outform", "DER"),
        "locked.pem": openssl("pkey", "-in", path, "-aes256", "-passout", "pass:x"),
        "printed": openssl("pkey", "-in", path, "-noout", "-text"),
        "key.jwk": b'{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "AA"}',
    }
    said = checked(forms)
    assert [one["code"] for one in said["said"]] == ["private"] * len(forms)
    assert said["keys"] == said["verdicts"] == []
    assert {file["sha256"] for file in said["files"]} == {""}


def test_texts_are_not_taken_for_signatures() -> None:
    """Text of 56 or 64 octets, which r ‖ s could be, is a signature only where its name says so."""
    for length in (56, 64):
        assert [one["what"] for one in checked({"m": b"a" * length})["files"]] == ["message"]
    assert [one["what"] for one in checked({"m.sig": b"a" * 56})["files"]] == ["signature"]
    assert [one["what"] for one in checked({"login": b'{"method": "Authenticate"}'})["files"]] == ["message"]


@pytest.mark.parametrize("name", pagefiles.hostile())
def test_hostile_files(name: str, keys: Path) -> None:
    """Each gets a sentence, and what is beside it its verdict."""
    _, files = pagefiles.valid(keys)["archive"]
    said = checked({name: pagefiles.hostile()[name], **files})
    assert [one["verdict"] for one in said["verdicts"] if one["name"] == "receipt.tar.bz2: secrrct"] == ["valid"]
    assert len(said["verdicts"]) + len(said["said"]) >= 2


def test_a_large_archive_is_not_opened() -> None:
    """More than 4 MiB are refused before anything is unpacked."""
    assert verdicts({"a.zip": b"PK\x03\x04" + bytes(unpack.LARGEST)}) == [("unknown", "large-archive")]


KEY = PrivateKey.from_int(0x5EED << 200)
PARTS: Files = {
    "secrrct": RECEIPT,
    "secrrct.sign": KEY.sign(RECEIPT, hash="sha256").to_der(),
    "bill.chargy": pagefiles.chargy(json.dumps(BILL).encode(), KEY.sign(MESSAGE).to_der()),
    "ticket": ticket(body(), KEY.sign(body()).to_der()),
    "key.pem": KEY.public_key.to_pem().encode("ascii"),
    "a.zip": zip_of({"secrrct": RECEIPT}),
}


@settings(max_examples=150)
@given(st.data())
def test_whatever_the_files_are_there_is_an_answer(data: st.DataObject) -> None:
    """Parts of files, with octets changed, and octets alone, under any names: no exception, and JSON."""
    files = {}
    for name in data.draw(st.lists(st.sampled_from([*PARTS, "x", "x.sig", "x.tar"]), max_size=4, unique=True)):
        octets = bytearray(PARTS.get(name, b"") or data.draw(st.binary(max_size=80)))
        for place in data.draw(st.lists(st.integers(0, max(0, len(octets) - 1)), max_size=3)) if octets else ():
            octets[place] = data.draw(st.integers(0, 255))
        files[name] = bytes(octets[: data.draw(st.integers(0, len(octets)))] if data.draw(st.booleans()) else octets)
    checked(files)


def test_openssl_is_asked_rightly(keys: Path) -> None:
    """What stands in for WebCrypto tells valid from invalid."""
    with pytest.raises(subprocess.CalledProcessError):
        openssl("dgst", "-nonsense")
    point = p256.spki(p256.public_key((keys / "p256.pem").read_bytes()))
    assert not pagefiles.verify_p256(key=point, signature=b"\x01" * 64, message=MESSAGE, hash="sha256", folder=keys)
