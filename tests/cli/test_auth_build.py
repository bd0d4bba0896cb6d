"""`ecpure auth build`: the answer to a Welcome."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import (
    AUTH_VERIFY,
    BUILD,
    CLIENT_NONCE,
    COOKIE,
    LOGIN,
    LOGIN_KEY,
    SERVER_NONCE,
    Run,
    assert_done,
    assert_refused,
)

from ecpure import auth


@pytest.mark.parametrize(
    "source",
    [
        "--key login.pem",
        "--key login.der --key-format der",
        "--key login.raw --key-format raw",
        "--passphrase-from file:passphrase",
    ],
)
def test_auth_build_answers_as_the_library_does(run: Run, folder: Path, source: str) -> None:
    """A key's file in each form and the passphrase give one message, one line of JSON."""
    key = LOGIN_KEY
    (folder / "login.der").write_bytes(key.to_der())
    (folder / "login.raw").write_bytes(key.to_bytes()[1:])
    line = f"{BUILD.replace('--key login.pem', source)} --client-nonce {CLIENT_NONCE}"
    out = assert_done(run(line))
    assert out.count(b"\n") == 1
    assert out.endswith(b"\n")
    message = json.loads(out)
    assert list(message) == ["method", "user_id", "cookie", "nonce", "signature"]
    assert {**message, "signature": None} == {**LOGIN, "signature": None}
    assert auth.verify_authenticate(message, server_nonce=SERVER_NONCE, public_key=key.public_key)
    assert assert_done(run(line)) == out


def test_auth_build_draws_a_client_nonce_of_its_own(run: Run) -> None:
    """Two messages without --client-nonce have two nonces of 16 octets."""
    nonces = {json.loads(assert_done(run(BUILD)))["nonce"] for _ in range(2)}
    assert len(nonces) == 2
    assert {len(nonce) for nonce in nonces} == {24}


@pytest.mark.parametrize("tag", [0, 1, 2**63 - 1])
def test_auth_build_sends_the_tag(run: Run, tag: int) -> None:
    """--tag is in the message as a number, 0 too; without it there is no tag."""
    assert json.loads(assert_done(run(f"{BUILD} --tag {tag}")))["tag"] == tag
    assert "tag" not in json.loads(assert_done(run(BUILD)))


BAD_COOKIES = ["", "=", "not base64!", COOKIE[:-1], f"{COOKIE} ", SERVER_NONCE, "é", COOKIE[:-2] + "h="]

BAD_NONCES = ["", "=", "not base64!", SERVER_NONCE[:-1], f"{SERVER_NONCE} ", COOKIE, "é", SERVER_NONCE[:-3] + "x=="]


@pytest.mark.parametrize("text", BAD_COOKIES)
def test_cookies_are_base64_of_20_octets(run: Run, text: str) -> None:
    """Another length, another alphabet, spare bits: refused by name."""
    assert_refused(run(BUILD.replace(COOKIE, f"'{text}'")), "^ecpure: --cookie: base64 of 20 octets")


@pytest.mark.parametrize("text", BAD_NONCES)
def test_nonces_are_base64_of_16_octets(run: Run, text: str) -> None:
    """The server's for build and verify, and the client's, each refused by its name."""
    for line in (BUILD, f"{AUTH_VERIFY} login.json"):
        assert_refused(run(line.replace(SERVER_NONCE, f"'{text}'")), "^ecpure: --server-nonce: base64 of 16 octets")
    assert_refused(run(f"{BUILD} --client-nonce '{text}'"), "^ecpure: --client-nonce: base64 of 16 octets")
