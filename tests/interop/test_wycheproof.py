"""Wycheproof's vectors for secp224k1, from a checkout beside the project or where ECPURE_WYCHEPROOF says."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ecpure import InvalidEncoding, PublicKey, Signature

FOLDER = Path(os.environ.get("ECPURE_WYCHEPROOF", Path(__file__).parents[3] / "shared" / "wycheproof"))
DECODERS = {
    "ecdsa_verify_schema_v1.json": Signature.from_der,
    "ecdsa_p1363_verify_schema_v1.json": Signature.from_p1363,
}
FILES = sorted(FOLDER.glob("ecdsa_secp224k1_*_test.json"))


@pytest.mark.skipif(not FILES, reason="no Wycheproof vectors: neither beside the project nor in ECPURE_WYCHEPROOF")
@pytest.mark.parametrize(
    "every",
    [0, 20, pytest.param(1, marks=pytest.mark.long)],
    ids=["plain", "the key of every 20th group prepared", "prepared"],
)
@pytest.mark.parametrize("file", FILES or [Path("none")], ids=lambda file: file.stem)
def test_every_case_has_the_expected_result(file: Path, every: int) -> None:
    """Every case of the file is accepted or refused as it says, and no case is left out."""
    suite: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    decode = DECODERS[suite["schema"]]
    wrong, count = [], 0
    for place, group in enumerate(suite["testGroups"]):
        key = PublicKey.from_bytes(bytes.fromhex(group["publicKey"]["uncompressed"]))
        assert key == PublicKey.from_pem(group["publicKeyPem"])
        assert key == PublicKey.from_der(bytes.fromhex(group["publicKeyDer"]))
        key = key.prepare() if every and place % every == 0 else key
        for case in group["tests"]:
            try:
                signature = decode(bytes.fromhex(case["sig"]))
                held = key.verify(signature, bytes.fromhex(case["msg"]), hash=group["sha"])
            except InvalidEncoding:
                held = False
            count += 1
            if held != {"valid": True, "invalid": False}[case["result"]]:
                wrong.append((case["tcId"], case["comment"], case["result"]))
    assert wrong == []
    assert count == suite["numberOfTests"] > 0
