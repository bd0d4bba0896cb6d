"""What ecpure is for, on real input: the exchange's documented login, and a file that OpenSSL signed.

Run by `make demo`, once on each backend. Every line it prints was computed here; it ends with an error if one is wrong.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ecpure import PrivateKey, PublicKey, Signature, auth, backend

# From the exchange's document of its WebSocket API, "Authenticate".
USER_ID, PASSPHRASE = 1, "opensesame"
COOKIE = "HGREqcILTz8blHa/jsUTVTNBJlg="
SERVER_NONCE, CLIENT_NONCE = "azRzAi5rm1ry/l0drnz1vw==", "8IyYyvH9gujOqYJdv/BP0A=="
DOCUMENTED_D = "b89ea7fcd22cc059c2673dc24ff40b978307464686560d0ad7561b83"
DOCUMENTED_SIGNATURE = ["P7d6nXtbKmggnnb2hyB4xXkTQNWYmFSto6tzXg==", "NLhDQS8YqRDxin1M4dNZeGDmNFsiv3iUz2d4Cg=="]


def check(what: str, holds: bool) -> None:
    """Print the line, or end the program."""
    print(f"  {'yes' if holds else 'NO '}  {what}")
    if not holds:
        sys.exit(1)


def login() -> None:
    """Build the documented login message and verify the document's own."""
    print("The login message of CoinFLEX and Coinfloor, with the numbers of their document:")
    key = auth.derive_private_key(USER_ID, PASSPHRASE)
    check(
        "user 1 with the passphrase `opensesame` has the documented private key",
        key.to_bytes().hex() == "00" + DOCUMENTED_D,
    )
    message = auth.build_authenticate(
        user_id=USER_ID,
        cookie=COOKIE,
        private_key=key,
        server_nonce=SERVER_NONCE,
        client_nonce=auth.decode_nonce(CLIENT_NONCE, "client nonce"),
    )
    print(json.dumps(message, indent=2).replace("\n", "\n       ").join(["       ", ""]))
    public = key.public_key
    check("this message verifies", auth.verify_authenticate(message, server_nonce=SERVER_NONCE, public_key=public))
    documented = {**message, "signature": DOCUMENTED_SIGNATURE}
    check(
        "the document's own signature verifies",
        auth.verify_authenticate(documented, server_nonce=SERVER_NONCE, public_key=public),
    )
    other = {**documented, "user_id": 2}
    check("for user 2 it does not", not auth.verify_authenticate(other, server_nonce=SERVER_NONCE, public_key=public))


# Made by OpenSSL 3.0.19: openssl ecparam -name secp224k1 -genkey -noout, openssl dgst -sha256 -sign, over MESSAGE.
MESSAGE = b"ecpure verifies what OpenSSL signs\n"
OPENSSL_PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
ME4wEAYHKoZIzj0CAQYFK4EEACADOgAETFRsad88jbRGw/ZVtHI10owRA3UJnG5s
vOgIUjxYzf0rXvTE3hy6h2jouMiKU0pp/AqrGn7lgxE=
-----END PUBLIC KEY-----
"""
OPENSSL_SIGNATURE = (
    "303d021d009f2a152434195454a9c690ead39f7a8c7b7c29b51d01f33ccb9f9"
    "eb0021c25badc4927fc8453dea693cee44278bf2420993acb24bf575d11edf4"
)


def openssl() -> None:
    """Verify a signature that OpenSSL made, and where its command is at hand, exchange fresh ones both ways."""
    print("OpenSSL:")
    key = PublicKey.from_pem(OPENSSL_PUBLIC_KEY)
    signature = Signature.from_der(bytes.fromhex(OPENSSL_SIGNATURE))
    check("a recorded signature by OpenSSL 3.0 verifies", key.verify(signature, MESSAGE, hash="sha256"))
    check("over another message it does not", not key.verify(signature, MESSAGE + b".", hash="sha256"))
    if not shutil.which("openssl"):
        print("  --   the openssl command is not installed: no fresh signatures")
        return
    listed = subprocess.run(["openssl", "ecparam", "-list_curves"], capture_output=True, text=True, check=False)
    if "secp224k1" not in listed.stdout:
        print("  --   this OpenSSL lacks secp224k1, as Fedora's, RHEL's and openSUSE's do: no fresh signatures")
        return
    with tempfile.TemporaryDirectory() as folder:
        exchange(Path(folder))


def exchange(folder: Path) -> None:
    """Let OpenSSL and ecpure each make a key and a signature for the other."""

    def command(*arguments: str) -> str:
        result = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False)
        return result.stdout.strip() or result.stderr.strip()

    (folder / "message").write_bytes(MESSAGE)
    command("ecparam", "-name", "secp224k1", "-genkey", "-noout", "-out", "key.pem")
    command("dgst", "-sha256", "-sign", "key.pem", "-out", "signature", "message")
    theirs = PrivateKey.from_pem((folder / "key.pem").read_bytes())
    signature = Signature.from_der((folder / "signature").read_bytes())
    check(
        "a key and signature that OpenSSL made just now verify",
        theirs.public_key.verify(signature, MESSAGE, hash="sha256"),
    )

    ours = PrivateKey.generate()
    (folder / "public.pem").write_text(ours.public_key.to_pem(), encoding="ascii")
    (folder / "signature").write_bytes(ours.sign(MESSAGE, hash="sha256").to_der())
    verdict = command("dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "message")
    check(f"OpenSSL says of a key and signature made here: {verdict}", verdict == "Verified OK")


print(f"ecpure on the backend {backend()}")
login()
openssl()
print()
