"""Files that the `ecpure` command is run on, and what is said of a run: done, refused, or wrong usage."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ecpure import SECP224K1, SECP256K1, PrivateKey, Signature

D = 0xC0FFEE_0123456789ABCDEF_0123456789ABCDEF_0123456789ABCDEF
KEY = PrivateKey.from_int(D)
PUBLIC = KEY.public_key
KOBLITZ = PrivateKey.from_int(D, curve=SECP256K1)
N = SECP224K1.n
MESSAGE = b"pay 5 to Ann\n"
SIGNATURE = KEY.sign(MESSAGE)

# The worked example of the exchange's document.
COOKIE = "HGREqcILTz8blHa/jsUTVTNBJlg="
SERVER_NONCE = "azRzAi5rm1ry/l0drnz1vw=="
CLIENT_NONCE = "8IyYyvH9gujOqYJdv/BP0A=="
LOGIN_KEY = PrivateKey.from_int(0xB89EA7FCD22CC059C2673DC24FF40B978307464686560D0AD7561B83)
LOGIN = {
    "method": "Authenticate",
    "user_id": 1,
    "cookie": COOKIE,
    "nonce": CLIENT_NONCE,
    "signature": ["P7d6nXtbKmggnnb2hyB4xXkTQNWYmFSto6tzXg==", "NLhDQS8YqRDxin1M4dNZeGDmNFsiv3iUz2d4Cg=="],
}

FILES = {
    "m": MESSAGE,
    "key.pem": KEY.to_pem().encode(),
    "sec1.pem": KEY.to_pem("sec1").encode(),
    "key.der": KEY.to_der(),
    "sec1.der": KEY.to_der("sec1"),
    "key.raw": KEY.to_bytes(),
    "key28.raw": KEY.to_bytes()[1:],
    "public.pem": PUBLIC.to_pem().encode(),
    "public.der": PUBLIC.to_der(),
    "public.raw": PUBLIC.to_bytes(),
    "public57.raw": PUBLIC.to_bytes(compressed=False),
    "other.pem": PrivateKey.from_int(D + 1).public_key.to_pem().encode(),
    "k1.pem": KOBLITZ.to_pem().encode(),
    "k1.point": KOBLITZ.public_key.to_bytes(),
    "k1.public.pem": KOBLITZ.public_key.to_pem().encode(),
    "m.sig": SIGNATURE.to_der(),
    "digest": hashlib.sha224(MESSAGE).digest(),
    "empty": b"",
    "binary": bytes(range(256)),
    "large": bytes((1 << 20) + 1),
    "login.json": json.dumps(LOGIN).encode(),
    "login.pem": LOGIN_KEY.to_pem().encode(),
    "login.public.pem": LOGIN_KEY.public_key.to_pem().encode(),
    "passphrase": b"opensesame\n",
}
VERIFY = "verify --public-key public.pem --signature m.sig m"
BUILD = f"auth build --user-id 1 --key login.pem --cookie {COOKIE} --server-nonce {SERVER_NONCE}"
AUTH_VERIFY = f"auth verify --public-key login.public.pem --server-nonce {SERVER_NONCE}"
SMALL = [
    "pubkey --key {}",
    "sign --key {} m",
    "sign --key key.pem --digest {}",
    "verify --public-key {} --signature m.sig m",
    "verify --public-key public.pem --signature {} m",
    "verify --public-key public.pem --signature m.sig --digest {}",
    "auth key --user-id 1 --passphrase-from file:{}",
    BUILD.replace("login.pem", "{}"),
    f"auth verify --public-key {{}} --server-nonce {SERVER_NONCE} login.json",
    f"{AUTH_VERIFY} {{}}",
]
"""Each place of a file that is read whole."""

HASHES = ["sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512"]
FORMATS: dict[str, Callable[[Signature], bytes]] = {
    "der": Signature.to_der,
    "p1363": Signature.to_p1363,
    "compact": Signature.to_compact,
}


class Result(NamedTuple):
    """What one run of the command came to."""

    status: int
    out: bytes
    err: str


Run = Callable[..., Result]


def fill(folder: Path) -> Path:
    """Write the files above into the folder, and an empty folder `folder`."""
    for name, octets in FILES.items():
        (folder / name).write_bytes(octets)
    (folder / "folder").mkdir()
    return folder


def bring(folder: Path, line: str) -> None:
    """Write those of the files into the folder that the line names, and that are not there yet."""
    for name in FILES.keys() & set(re.split(r"[\s:]", line)):
        if not (folder / name).exists():
            (folder / name).write_bytes(FILES[name])


def assert_done(result: Result) -> bytes:
    assert (result.status, result.err) == (0, "")
    return result.out


def assert_refused(result: Result, pattern: str = "") -> None:
    """Status 2, nothing on standard output, one sentence on standard error."""
    assert (result.status, result.out) == (2, b"")
    assert re.fullmatch(r"ecpure: [^\n]+\n", result.err)
    assert re.search(pattern, result.err), result.err


def assert_usage(result: Result, pattern: str = "") -> None:
    """Status 2, nothing on standard output, the usage and argparse's one sentence on standard error."""
    assert (result.status, result.out) == (2, b"")
    assert result.err.startswith("usage: ecpure")
    last = result.err.splitlines()[-1]
    assert re.match(r"ecpure[a-z -]*: error: ", last)
    assert re.search(pattern, last), last


def verifies(
    run: Run, options: str = "", signature: str = "m.sig", message: str = "m", key: str = "public.pem"
) -> Result:
    return run(f"verify --public-key {key} --signature {signature} {options} {message}")
