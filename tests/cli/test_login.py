"""`ecpure login`: what it prints, what it sends, and what it refuses before it connects."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loginserver import Tls, make_tls
from loginsocket import Run, judging, refusal, runner, serving
from websockets.asyncio.server import ServerConnection

from ecpure import auth

NO_COOKIE = b64encode(bytes(20)).decode()
WELCOME = '{"notice": "Welcome", "nonce": "azRzAi5rm1ry/l0drnz1vw=="}'


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """Return certificates that OpenSSL's command made for this run."""
    return make_tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def address(tls: Tls) -> Iterator[str]:
    """Yield the address of a server that judges logins for all of the module's tests."""
    with judging(tls) as address:
        yield address


@pytest.fixture
def run(tls: Tls, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command's runner. Two ends on one machine have no proxy between them."""
    monkeypatch.setenv("no_proxy", "*")
    return runner(tls, tmp_path, capsys)


def test_the_command_logs_in(run: Run, address: str, tmp_path: Path) -> None:
    """By passphrase or key, with or without tag: the reply, exit 0."""
    (tmp_path / "key.pem").write_text(auth.derive_private_key(1, "opensesame").to_pem())
    assert run(address) == (0, '{"error_code": 0}\n', "")
    assert run(address, f"--key {tmp_path / 'key.pem'} --tag 5") == (0, '{"tag": 5, "error_code": 0}\n', "")


def test_the_command_is_refused(run: Run, address: str) -> None:
    """Wrong cookie, another user's passphrase, nobody: the reply, exit 1, and no words beside it."""
    for options, code in ((f"--cookie {NO_COOKIE}", 7), ("--user-id 999", 1)):
        result = run(address, options)
        assert (result.status, result.err) == (1, "")
        assert json.loads(result.out)["error_code"] == code
    assert run(address, "--passphrase-from env:HOME")[0] == 1


def test_neither_passphrase_nor_key_is_sent(run: Run, tls: Tls) -> None:
    """All that reaches a server is an ordinary opening, and one Authenticate of the documented fields."""
    seen: list[Any] = []

    async def handler(connection: ServerConnection) -> None:
        await connection.send('{"notice": "Hello"}')
        await connection.send(WELCOME)
        assert connection.request is not None
        seen.append(f"{connection.request.path} {connection.request.headers}")
        seen.append(await connection.recv())
        await connection.send('{"error_code": 0, "motd": "hello"}')
        seen.extend([text async for text in connection])

    with serving(tls, handler) as address:
        assert run(address + "/api") == (0, '{"error_code": 0}\n', "")
    opening, message = seen
    key = auth.derive_private_key(1, "opensesame").to_bytes()[1:]
    assert opening.startswith("/api ")
    assert list(json.loads(message)) == ["method", "user_id", "cookie", "nonce", "signature"]
    for secret in ("opensesame", key.hex(), b64encode(key).decode(), b64encode(b"opensesame").decode()):
        assert secret not in opening + message


def test_credentials_that_cannot_be_sent(run: Run) -> None:
    """They are refused before anything is connected to."""
    assert "--cookie: base64 of 20 octets" in refusal(run("wss://127.0.0.1:1", "--cookie x"))
    assert "tag: an integer in" in refusal(run("wss://127.0.0.1:1", f"--tag {2**63}"))
