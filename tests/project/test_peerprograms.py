"""The three libraries that `make peers` asks besides: each that is installed answers right where it is right."""

from __future__ import annotations

import importlib.util
from typing import Any

import peerprograms
import pytest
from smallvectors import KEY

from ecpure import SECP224K1

PUBLIC = KEY.public_key.to_bytes(compressed=False).hex()
SIGNED = {"public_key": PUBLIC, "message": b"m".hex(), "hash": "sha224"}
P1363, DER = KEY.sign(b"m").to_p1363().hex(), KEY.sign(b"m").to_der().hex()
G = SECP224K1.G.to_bytes(compressed=False).hex()
VALID, INVALID, UNSUPPORTED = ({"result": word} for word in ("valid", "invalid", "unsupported"))
SIGN = {"private_key": KEY.to_bytes().hex(), "message": b"m".hex(), "hash": "sha224", "low_s": False}

CASES: dict[str, list[tuple[str, dict[str, Any], dict[str, Any]]]] = {
    "ECPy": [
        ("verify", SIGNED | {"format": "p1363", "signature": P1363}, VALID),
        ("verify", SIGNED | {"format": "der", "signature": DER}, VALID),
        ("verify", SIGNED | {"format": "p1363", "signature": P1363, "message": ""}, INVALID),
        ("verify", SIGNED | {"format": "p1363", "signature": "00"}, UNSUPPORTED),
        ("verify", SIGNED | {"format": "p1363", "signature": P1363, "low_s": True}, UNSUPPORTED),
        ("verify_digest", {"public_key": "04" + "01" * 56, "digest": "00" * 28, "signature": P1363}, INVALID),
        ("sign", SIGN | {"extra_entropy": ""}, VALID | {"signature": P1363}),
        ("sign", SIGN | {"extra_entropy": "00"}, UNSUPPORTED),
        ("multiply", {"point": G, "scalar": KEY.to_bytes().hex()}, VALID | {"point": PUBLIC}),
    ],
    "ecutils": [
        ("verify", SIGNED | {"format": "p1363", "signature": P1363}, VALID),
        ("verify", SIGNED | {"format": "der", "signature": DER}, UNSUPPORTED),
        ("verify", SIGNED | {"format": "p1363", "signature": "00" * 58}, INVALID),
        ("multiply", {"point": G, "scalar": KEY.to_bytes().hex()}, VALID | {"point": PUBLIC}),
        ("decode_point", {"point": KEY.public_key.to_bytes().hex()}, VALID | {"point": PUBLIC}),
    ],
    "LightECC": [
        ("multiply", {"point": G, "scalar": KEY.to_bytes().hex()}, VALID | {"point": PUBLIC}),
        ("multiply", {"point": "04" + "01" * 56, "scalar": "02"}, INVALID),
        ("verify", {}, UNSUPPORTED),
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_a_library_answers(name: str) -> None:
    """What it does, what it refuses, and what it does not do."""
    if importlib.util.find_spec(name.lower()) is None:
        pytest.skip(f"there is no {name}")
    answer = peerprograms.LIBRARIES[name]()
    assert answer({"operation": "version"})["version"].startswith(f"{name} ")
    for operation, request, expected in CASES[name]:
        assert answer({"operation": operation, **request}) == expected
