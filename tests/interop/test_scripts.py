"""Scripts of the kind that logged in at the exchange, on the drop-in for its utility; OpenSSL judges what they send."""

from __future__ import annotations

import base64
import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ecpure
from ecpure import auth

SCRIPTS = Path(__file__).parent / "scripts"
USER_ID, PASSPHRASE = 1, "opensesame"
COOKIE, SERVER_NONCE = "HGREqcILTz8blHa/jsUTVTNBJlg=", "azRzAi5rm1ry/l0drnz1vw=="

INTERPRETERS = {"authenticate.py": [sys.executable, "-W", "error"], "authenticate.php": ["php"]}


@pytest.fixture(params=INTERPRETERS)
def script(request: pytest.FixtureRequest) -> list[str]:
    """Return the words that start the script."""
    words = INTERPRETERS[request.param]
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed: the package php-cli of Debian has it")
    return [*words, str(SCRIPTS / request.param)]


@pytest.fixture
def utility(tmp_path: Path) -> Path:
    """Put an executable `sign_secp224k1` into a folder, which is the drop-in as it is installed."""
    package = str(Path(ecpure.__file__).parents[1])
    utility = tmp_path / "sign_secp224k1"
    utility.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {package!r})\n"
        "from ecpure.sign_secp224k1 import main\nsys.exit(main())\n"
    )
    utility.chmod(0o755)
    return utility


def run(script: list[str], folder: Path, **login: object) -> subprocess.CompletedProcess[bytes]:
    login = {"user_id": USER_ID, "cookie": COOKIE, "passphrase": PASSPHRASE, "server_nonce": SERVER_NONCE} | login
    text = json.dumps(login).encode("ascii")
    return subprocess.run(script, cwd=folder, input=text, capture_output=True, check=False)


def sent(script: list[str], folder: Path, **login: object) -> dict[str, Any]:
    result = run(script, folder, **login)
    assert (result.returncode, result.stderr) == (0, b"")
    message: dict[str, Any] = json.loads(result.stdout)
    return message


def openssl_verifies(message: dict[str, Any], passphrase: str, folder: Path) -> bool:
    """Return what OpenSSL's command says of the message's signature, under the user's key."""
    key = auth.derive_private_key(message["user_id"], passphrase).public_key
    nonces = base64.b64decode(SERVER_NONCE) + base64.b64decode(message["nonce"])
    integers = []
    for text in message["signature"]:
        octets = base64.b64decode(text, validate=True)
        assert len(octets) == 28
        octets = (b"\0" + octets).lstrip(b"\0") or b"\0"
        octets = b"\0" + octets if octets[0] >= 0x80 else octets
        integers.append(bytes([2, len(octets)]) + octets)
    pair = b"".join(integers)
    (folder / "signed").write_bytes(struct.pack(">Q", message["user_id"]) + nonces)
    (folder / "signature").write_bytes(bytes([0x30, len(pair)]) + pair)
    (folder / "public.pem").write_text(key.to_pem())
    words = ["openssl", "dgst", "-sha224", "-verify", "public.pem", "-signature", "signature", "signed"]
    result = subprocess.run(words, cwd=folder, capture_output=True, check=False)
    assert result.stdout in (b"Verified OK\n", b"Verification failure\n", b"Verification Failure\n")
    return result.returncode == 0


@pytest.mark.parametrize(
    ("user_id", "passphrase"),
    [
        (1, "opensesame"),
        pytest.param(0, "", marks=pytest.mark.long),
        (0x1_0000_0001, "päss:wörd 密码"),
        pytest.param((1 << 63) - 1, "x" * 1000, marks=pytest.mark.long),
    ],
    ids=["document", "empty", "above 32 bits", "63 bits"],
)
@pytest.mark.openssl
def test_what_a_script_sends_is_valid(script: list[str], utility: Path, user_id: int, passphrase: str) -> None:
    """OpenSSL and ecpure accept it under the user's key, and not under another user's."""
    message = sent(script, utility.parent, user_id=user_id, passphrase=passphrase)
    assert set(message) == {"method", "user_id", "cookie", "nonce", "signature"}
    assert (message["user_id"], message["cookie"]) == (user_id, COOKIE)
    assert openssl_verifies(message, passphrase, utility.parent)
    assert not openssl_verifies(message | {"user_id": user_id ^ 1}, passphrase, utility.parent)
    key = auth.derive_private_key(user_id, passphrase).public_key
    assert auth.verify_authenticate(message, server_nonce=SERVER_NONCE, public_key=key)
    assert not auth.verify_authenticate(message, server_nonce=message["nonce"], public_key=key)


def test_a_script_sends_something_new_each_time(script: list[str], utility: Path) -> None:
    """The client's nonce is fresh, and the signature with it."""
    messages = [sent(script, utility.parent) for _ in range(3)]
    assert len({message["nonce"] for message in messages}) == 3
    assert len({message["signature"][0] for message in messages}) == 3


def test_a_script_notices_that_the_utility_fails(script: list[str], utility: Path) -> None:
    """The statuses that scripts look at are there: with a backend that does not exist, nothing is sent."""
    first = "import os, sys\nos.environ['ECPURE_BACKEND'] = 'x'\n"
    utility.write_text(utility.read_text().replace("import sys\n", first, 1))
    result = run(script, utility.parent)
    assert (result.returncode, result.stdout) == (4, b"")
    assert result.stderr.startswith(b"sign_secp224k1: ECPURE_BACKEND: ")


NEEDED = {
    "basepoint", "comb", "curve", "der", "endomorphism", "errors", "field", "group", "hashes", "integers", "io",
    "io.streams", "keyfile", "masks", "primality", "privatekey", "publickey", "rfc4648", "rfc6979", "sec1",
    "sign_secp224k1", "signature", "signing", "values", "verifying",
}  # fmt: skip
SLOW = {
    "argparse",
    "typing",
    "json",
    "subprocess",
    "secrets",
    "random",
    "tempfile",
    "socket",
    "ssl",
    "asyncio",
    "rich",
    "gmpy2",
}


def test_the_utility_imports_little() -> None:
    """It starts nearly as fast as the interpreter: of the package it imports what signs, and nothing slow."""
    code = """
import io, sys
before = set(sys.modules)
from ecpure.sign_secp224k1 import main
sys.stdin = io.TextIOWrapper(io.BytesIO(bytes(range(1, 57))))
status = main()
print(file=sys.stderr)
print(status, *sorted(set(sys.modules) - before), file=sys.stderr)
"""
    package = str(Path(ecpure.__file__).parents[1])
    folders = [package, *(folder for folder in sys.path if folder.endswith("site-packages"))]
    environment = {name: value for name, value in os.environ.items() if name != "ECPURE_BACKEND"}
    environment["PYTHONPATH"] = os.pathsep.join(folders)  # gmpy2 is there, and is left alone
    words = [sys.executable, "-S", "-c", code]  # without site, whose additions may have imported anything
    result = subprocess.run(words, env=environment, capture_output=True, check=True)
    assert len(result.stdout) == 56
    status, *modules = result.stderr.decode().splitlines()[-1].split()
    assert status == "0"
    ours = {name.removeprefix("ecpure.") for name in modules if name.startswith("ecpure.")}
    assert ours <= NEEDED
    assert not SLOW & set(modules)
