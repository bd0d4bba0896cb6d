"""Public keys by their ids: from a folder, or from a file of records."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from recordsamples import KEY, LOGIN, LOGIN_KEY, PUBLIC, RECORD

from ecpure import SECP256K1, PrivateKey
from ecpure.archives import keyring
from ecpure.cli import main
from ecpure.io.streams import Refused

PUBLIC_KEY = KEY.public_key


def test_a_folder_of_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each NAME.pem is the key of that id, and other files are no keys."""
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "1.pem").write_text(LOGIN_KEY.to_pem(), encoding="ascii")
    (keys / "notes.txt").write_text("none", encoding="ascii")
    (tmp_path / "a.jsonl").write_text(json.dumps(LOGIN), encoding="ascii")
    assert main(["verify-many", str(tmp_path / "a.jsonl"), "--keys", str(keys)]) == 0
    (keys / "2.pem").write_text("none", encoding="ascii")
    assert main(["verify-many", str(tmp_path / "a.jsonl"), "--keys", str(keys)]) == 2
    assert f"ecpure: {keys / '2.pem'}: public key: PEM, DER, or a point" in capsys.readouterr().err


@pytest.mark.parametrize(
    "octets",
    [PUBLIC_KEY.to_der(), PUBLIC_KEY.to_bytes(), PUBLIC_KEY.to_bytes().hex().encode(), PUBLIC_KEY.to_pem().encode()],
    ids=["DER", "point", "hex", "PEM"],
)
def test_a_key_of_a_folder_is_in_any_form(tmp_path: Path, octets: bytes) -> None:
    """As --public-key reads it, whatever the name of the file ends in."""
    (tmp_path / "a.pem").write_bytes(octets)
    assert keyring.read(str(tmp_path), "secp224k1") == {"a": PUBLIC_KEY.to_bytes()}


def test_pem_in_capitals_is_an_ending(tmp_path: Path) -> None:
    """A key is not left out for the case of its file's ending; the id keeps its case."""
    (tmp_path / "Ann.PEM").write_text(LOGIN_KEY.to_pem(), encoding="ascii")
    (tmp_path / "b.Pem").write_text(PUBLIC_KEY.to_pem(), encoding="ascii")
    found = {"Ann": LOGIN_KEY.to_bytes(), "b": PUBLIC_KEY.to_bytes()}
    assert keyring.read(str(tmp_path), "secp224k1") == found


def test_two_files_that_differ_in_the_case_of_their_ending(tmp_path: Path) -> None:
    """They have one id, so they are refused."""
    (tmp_path / "b.pem").write_text(PUBLIC_KEY.to_pem(), encoding="ascii")
    (tmp_path / "b.PEM").write_text(LOGIN_KEY.to_pem(), encoding="ascii")
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("the file system does not tell the two names apart")
    with pytest.raises(Refused, match=r"b\.pem: duplicate id: give each key its own id$"):
        keyring.read(str(tmp_path), "secp224k1")


@pytest.mark.parametrize("name", ["keys.jsonl", "keys.csv"])
def test_a_file_of_keys(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In JSON Lines or CSV, an id comes once, and has its key."""
    path = tmp_path / name
    rows = [("Ann", PUBLIC), ("1", LOGIN_KEY.to_bytes().hex())]

    def write() -> None:
        if name.endswith(".csv"):
            text = "id,public_key\n" + "".join(f"{id_},{key}\n" for id_, key in rows)
        else:
            ids = [int(id_) if id_ == "1" else id_ for id_, _ in rows]
            pairs = zip(ids, rows, strict=True)
            text = "".join(json.dumps({"id": id_, "public_key": key}) + "\n" for id_, (_, key) in pairs)
        path.write_text(text, encoding="ascii")

    write()
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(LOGIN)}\n{json.dumps(RECORD | {'public_key': 'Ann'})}\n")
    command = ["verify-many", str(tmp_path / "a.jsonl"), "--keys", str(path)]
    assert main(command) == 0
    wrong = {
        "duplicate id: give each key its own id": ("Ann", PUBLIC),
        "public key: PEM": ("Bob", "05"),
        "line 3": ("Bob", ""),
    }
    for words, row in wrong.items():
        rows[1:] = [row]
        write()
        capsys.readouterr()
        assert main(command) == 2
        refusal = capsys.readouterr().err
        assert refusal.startswith(f"ecpure: {path}: line ")
        assert words.replace("3", "3" if name.endswith(".csv") else "2") in refusal
        assert refusal.count("\n") == 1
    (path if name.endswith(".jsonl") else tmp_path / "keys.jsonl").write_text('{"id": "Ann"}\n', encoding="ascii")
    assert main([*command[:-1], str(tmp_path / "keys.jsonl")]) == 2
    assert "an id and a public_key were expected" in capsys.readouterr().err
    rows[:] = []
    write()
    assert main(command) == 2
    assert "no key in it" in capsys.readouterr().err


def test_keys_are_kept_as_compressed_points(tmp_path: Path) -> None:
    """In whatever form a key comes, it is one of the curve that is asked for."""
    koblitz = PrivateKey.from_int(7, curve=SECP256K1).public_key
    (tmp_path / "Ann.pem").write_text(koblitz.to_pem(), encoding="ascii")
    assert keyring.read(str(tmp_path), "secp256k1") == {"Ann": koblitz.to_bytes()}
    with pytest.raises(Refused, match=r"Ann\.pem: .*secp224k1"):
        keyring.read(str(tmp_path), "secp224k1")
    path = tmp_path / "keys"
    for text in (PUBLIC.upper(), KEY.public_key.to_bytes(compressed=False).hex(), KEY.public_key.to_pem()):
        path.write_text(json.dumps({"id": 5, "public_key": text}), encoding="ascii")
        assert keyring.read(str(path), "secp224k1") == {"5": bytes.fromhex(PUBLIC)}


def test_a_folder_of_keys_has_regular_files_only(tmp_path: Path) -> None:
    """A pipe in it is refused, and not waited for."""
    os.mkfifo(tmp_path / "Ann.pem")
    with pytest.raises(Refused, match=r"Ann\.pem: "):
        keyring.read(str(tmp_path), "secp224k1")


def test_a_line_of_keys_that_cannot_be_read(tmp_path: Path) -> None:
    """It is said in the words that a record's line has."""
    path = tmp_path / "keys"
    path.write_text("{\n", encoding="ascii")
    with pytest.raises(Refused, match=r"keys: line 1: the line is not valid JSON"):
        keyring.read(str(path), "secp224k1")
