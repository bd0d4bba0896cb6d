"""`ecpure auth key`: the private key of a user id and passphrase."""

from __future__ import annotations

import pytest
from commandline import LOGIN_KEY, Run, assert_done


@pytest.mark.parametrize("to", ["pkcs8", "sec1", "raw"])
def test_auth_key_writes_the_key_of_the_document(run: Run, to: str) -> None:
    """User 1 with `opensesame` has the documented private key."""
    key = LOGIN_KEY
    expected = {"pkcs8": key.to_pem().encode(), "sec1": key.to_pem("sec1").encode(), "raw": key.to_bytes()}[to]
    line = f"auth key --user-id 1 --passphrase-from file:passphrase --to {to}"
    assert assert_done(run(line)) == expected
