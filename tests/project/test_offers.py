"""What is offered to other collections of vectors: in their form, past their checks, and true."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import offers
import pytest

from ecpure import SECP224K1, PrivateKey, hashes, vectors

PAGE = (Path(__file__).parents[2] / "docs" / "offering.md").read_text(encoding="utf-8")
FILES = dict(offers.wycheproof())
N = SECP224K1.n


@pytest.mark.parametrize("name", FILES)
def test_a_file_for_wycheproof_passes_its_checks(name: str, tmp_path: Path) -> None:
    """It has a name that is not taken, no fault, and the suite's cases, which the runner reads."""
    assert name.endswith("_ecpure_test.json")
    assert list(offers.lint(name, FILES[name])) == []
    (tmp_path / name).write_bytes(FILES[name])
    ours = next(path for path in vectors.shipped() if path.endswith(name.replace("_ecpure_test", "_test")))
    found, expected = (vectors.read(path).cases for path in (str(tmp_path / name), ours))
    assert [(case.request, case.expected) for case in found] == [(case.request, case.expected) for case in expected]


def small() -> dict[str, Any]:
    """Return a file for Wycheproof with one case."""
    content: dict[str, Any] = json.loads(next(iter(FILES.values())))
    content["testGroups"] = content["testGroups"][:1]
    content["testGroups"][0]["tests"] = content["testGroups"][0]["tests"][:1]
    content["numberOfTests"] = 1
    return content


def group(content: dict[str, Any]) -> dict[str, Any]:
    first: dict[str, Any] = content["testGroups"][0]
    return first


FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "tcId": lambda content: content.update(numberOfTests=2),
    "field": lambda content: content.update(more=1),
    "field ": lambda content: group(content)["tests"][0].update(k="00"),
    "result": lambda content: group(content)["tests"][0].update(result="perhaps"),
    "source": lambda content: group(content).update(source={"name": "ecpure", "version": ""}),
    "hex": lambda content: group(content)["tests"][0].update(sig="0"),
    "PEM": lambda content: group(content).update(publicKeyPem=group(content)["publicKeyPem"] + "x"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_check_finds_what_it_is_for(fault: str) -> None:
    """A file without a fault has none."""

    def found(content: dict[str, Any], indent: int = 2) -> list[str]:
        return list(offers.lint("f", (json.dumps(content, indent=indent, ensure_ascii=False) + "\n").encode()))

    content = small()
    assert found(content) == []
    assert ["laid out" in said for said in found(content, 1)] == [True]
    FAULTS[fault](content)
    [said] = found(content)
    assert fault.strip() in said


def refused(d: bytes, e: bytes, name: str) -> tuple[int, int]:
    """Return how many candidates RFC 6979 §3.2 refuses, and the nonce that it takes. e: as bits2octets gives it."""
    size = hashlib.new(name).digest_size
    K, V = bytes(size), b"\x01" * size
    for octet in (b"\x00", b"\x01"):
        K = hmac.digest(K, V + octet + d + e, name)
        V = hmac.digest(K, V, name)
    count = 0
    while True:
        T = b""
        while len(T) < 29:
            V = hmac.digest(K, V, name)
            T += V
        k = int.from_bytes(T[:29], "big") >> 7
        if 0 < k < N:
            return count, k
        count += 1
        K = hmac.digest(K, V + b"\x00", name)
        V = hmac.digest(K, V, name)


def test_the_nonces_for_cctv_are_right() -> None:
    """Key, nonce, signature, and how many candidates are refused before, computed again from what the text says."""
    text, count = offers.cctv(), 0
    for block in re.findall("^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        d = bytes.fromhex(re.findall("^x = (.*)$", block, re.MULTILINE)[0])
        key = PrivateKey.from_bytes(d)
        x, y = (int(value, 16) for value in re.findall("^U[xy] = (.*)$", block, re.MULTILINE))
        assert (key.public_key.x, key.public_key.y) == (x, y)
        assert f"q = {N:058X}" in block
        pattern = r"With (\S+), message = 0x(\S*) \((\d+) candidates refused before\):\nk = (.*)\nr = (.*)\ns = (.*)\n"
        for sha, message, before, k, r, s in re.findall(pattern, block):
            name, octets = hashes.canonical(sha), bytes.fromhex(message)
            digest = hashlib.new(name, octets).digest()
            e = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - 225)
            assert refused(d, (e % N).to_bytes(29, "big"), name) == (int(before), int(k, 16))
            assert int(before) >= offers.REFUSED
            signature = key.sign(octets, hash=name)
            assert (signature.r, signature.s) == (int(r, 16), int(s, 16))
            count += 1
    assert count == text.count("\nk = ") >= 100


def test_the_command_writes_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the places where the two have them, as the page says; a file with a fault is told, and status 1."""
    monkeypatch.setattr(offers, "OFFERS", tmp_path / "offers")
    monkeypatch.setattr(offers, "ROOT", tmp_path)
    assert offers.main() == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert len(out.splitlines()) == len(FILES) + 1
    for place in ("wycheproof/testvectors_v1", "cctv/RFC6979/secp224k1"):
        assert (tmp_path / "offers" / place).is_dir()
        assert place in PAGE
    monkeypatch.setattr(offers, "lint", lambda name, _: [f"{name}: bad"])
    assert offers.main() == 1
    assert capsys.readouterr().err.splitlines() == [f"{name}: bad" for name in FILES]
