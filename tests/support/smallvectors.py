"""A small file of test vectors, and programs that answer its requests."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ecpure import PrivateKey, vectors
from ecpure.vectors import Program

KEY = PrivateKey.from_int(0xC0FFEE)
SIGNATURE = KEY.sign(b"m")

ECHO = """
import sys, json
for line in sys.stdin:
    print(json.dumps({"id": json.loads(line)["id"], "result": "%s"}), flush=True)
"""
"""A program in Python that answers every request with one result."""

PYTHON = [sys.executable, "-I", "-S"]
"""An interpreter that starts quickly, for a program of the standard library."""


def content() -> dict[str, Any]:
    """Return a small file of three cases: valid, invalid, acceptable."""
    test = {"comment": "", "flags": ["Basic"], "msg": b"m".hex(), "sig": SIGNATURE.to_der().hex()}
    return {
        "algorithm": "ECDSA",
        "schema": "ecdsa_verify_schema_v1.json",
        "numberOfTests": 3,
        "header": [],
        "notes": {"Basic": {"bugType": "BASIC", "description": "It must work.", "effect": "Nothing works."}},
        "testGroups": [
            {
                "type": "EcdsaVerify",
                "publicKey": {
                    "curve": "secp224k1",
                    "uncompressed": KEY.public_key.to_bytes(compressed=False).hex(),
                },
                "sha": "SHA-224",
                "tests": [
                    {"tcId": 1, "result": "valid", **test},
                    {"tcId": 2, "result": "invalid", **test, "msg": "", "comment": "another <message> \x00"},
                    {"tcId": 3, "result": "acceptable", **test},
                ],
            }
        ],
    }


def written(folder: Path) -> Path:
    """Return the path of the small file, written into the folder."""
    path = folder / "small_test.json"
    path.write_text(json.dumps(content()))
    return path


def verdicts(path: Path, program: Program) -> list[str]:
    """Return what comes of each case of the file."""
    return [outcome.verdict for outcome in vectors.run(vectors.read(str(path)).cases, program)]


def says(result: str) -> Program:
    """Return a program that answers everything with this result."""
    return lambda _: {"result": result}
