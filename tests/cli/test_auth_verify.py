"""`ecpure auth verify`: the verdict on a login message, and what is not a login message."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest
from commandline import AUTH_VERIFY, CLIENT_NONCE, LOGIN, SERVER_NONCE, Run, assert_refused


def test_auth_verify_judges_the_documents_message(run: Run, folder: Path) -> None:
    """Valid under its nonce and key; another nonce, key or field is `invalid` and status 1; --json says the same."""
    assert run(f"{AUTH_VERIFY} login.json") == (0, b"valid\n", "")
    assert run(f"{AUTH_VERIFY} --json login.json") == (0, b'{"valid": true}\n', "")
    another_nonce = f"auth verify --public-key login.public.pem --server-nonce {CLIENT_NONCE} login.json"
    assert run(another_nonce) == (1, b"invalid\n", "")
    another_key = (
        f"auth verify --public-key public.raw --key-format raw --server-nonce {SERVER_NONCE} --json login.json"
    )
    assert run(another_key) == (1, b'{"valid": false}\n', "")
    (folder / "login.json").write_text(json.dumps(LOGIN | {"user_id": 2}), encoding="ascii")
    assert run(f"{AUTH_VERIFY} login.json") == (1, b"invalid\n", "")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("", "JSON"),
        ("{", "JSON"),
        ("{}{}", "JSON"),
        ("not JSON", "JSON"),
        ("\ufeff{}", "JSON"),
        (json.dumps(LOGIN)[:-1] + ', "user_id": 1}', "JSON, with each name once"),
        (json.dumps(LOGIN)[:-1] + ', "x": {"a": 1, "a": 1}}', "JSON, with each name once"),
        ("[" * 100_000, "JSON"),
        ("[" * 100_000 + "]" * 100_000, "JSON"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "JSON"),
        (json.dumps(LOGIN).replace('"user_id": 1', '"user_id": ' + "9" * 10_000), "message: JSON|user_id"),
        ("null", "a JSON object"),
        ("5", "a JSON object"),
        ('"Authenticate"', "a JSON object"),
        (json.dumps([LOGIN]), "a JSON object"),
        ("{}", "message: exactly "),
        (json.dumps(LOGIN | {"extra": 1}), "message: exactly "),
        (json.dumps(LOGIN | {"method": "Welcome"}), "method"),
        (json.dumps(LOGIN | {"user_id": "1"}), "user_id"),
        (json.dumps(LOGIN | {"user_id": True}), "user_id"),
        (json.dumps(LOGIN | {"user_id": 1.0}), "user_id"),
        (json.dumps(LOGIN | {"user_id": float("nan")}), "message: JSON"),
        (json.dumps(LOGIN | {"user_id": float("inf")}), "message: JSON"),
        (json.dumps(LOGIN | {"user_id": -1}), "user_id"),
        (json.dumps(LOGIN | {"user_id": 2**64}), "user_id"),
        (json.dumps(LOGIN | {"cookie": SERVER_NONCE}), "cookie"),
        (json.dumps(LOGIN | {"cookie": "\ud800"}), "cookie"),
        (json.dumps(LOGIN | {"nonce": None}), "nonce"),
        (json.dumps(LOGIN | {"tag": -1}), "tag"),
        (json.dumps(LOGIN | {"tag": {}}), "tag"),
        (json.dumps(LOGIN | {"signature": "x"}), "signature"),
        (json.dumps(LOGIN | {"signature": ["AAAA", "AAAA"]}), "^ecpure: login.json: r: "),
        (json.dumps(LOGIN | {"signature": [b64encode(bytes(28)).decode()] * 2}), "signature: r and s"),
    ],
    ids=range(33),
)
def test_what_is_no_login_message_is_unreadable(run: Run, folder: Path, text: str, pattern: str) -> None:
    """No JSON, no object, a name twice, any depth, any number, a wrong field: status 2, not 1."""
    (folder / "login.json").write_text(text, encoding="utf-8")
    assert_refused(run(f"{AUTH_VERIFY} login.json"), pattern)
