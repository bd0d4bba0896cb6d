"""Archives for the tests: records under a few keys and under many, and what is said of each."""

from __future__ import annotations

import hashlib
import json
import random
from base64 import b64encode
from typing import Any

from ecpure import SECP224K1, Curve, PrivateKey, Signature, auth
from ecpure.signing import sign_with_nonce
from ecpure.verifying import digest_to_int

RECURRING = [PrivateKey.from_int(0xC0FFEE + number) for number in range(3)]


def hexes(rng: random.Random, number: int) -> dict[str, Any]:
    """Return a generic record: every second one under a key that recurs."""
    key = rng.choice(RECURRING) if number % 2 else PrivateKey.from_int(rng.randrange(1, 1 << 224))
    message = b"order %d" % number
    return {
        "id": number,
        "public_key": key.public_key.to_bytes().hex(),
        "message": message.hex(),
        "signature": key.sign(message).to_der().hex(),
    }


def login(
    number: int, *, user_id: int = 1, passphrase: str = "opensesame", client: int | None = None
) -> dict[str, Any]:
    """Return a login record, which names its key by the user's id alone. client: its nonce, else made of the number."""
    server_nonce = b64encode(number.to_bytes(16, "big")).decode("ascii")
    message = auth.build_authenticate(
        user_id=user_id,
        cookie=b64encode(bytes(20)).decode("ascii"),
        private_key=auth.derive_private_key(user_id, passphrase),
        server_nonce=server_nonce,
        client_nonce=(number + 7 if client is None else client).to_bytes(16, "big"),
    )
    return {"id": f"login {number}", "server_nonce": server_nonce, "message": message}


def archive(count: int, seed: int = 1) -> bytes:
    """Return so many records in JSON Lines, every tenth one with a signature of something else."""
    rng = random.Random(seed)
    lines = []
    for number in range(count):
        record = hexes(rng, number)
        if number % 10 == 9:
            record["message"] += "00"
        lines.append(json.dumps(record))
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def with_nonce(
    d: int, k: int, message: bytes, *, is_twin: bool = False, curve: Curve = SECP224K1, **others: Any
) -> dict[str, Any]:
    """Return a record of a message signed with this nonce; its twin has n − s for s, as −k gives it."""
    e = digest_to_int(curve, hashlib.new(str(curve.hash), message).digest())
    signature = sign_with_nonce(curve, d, e, k)
    assert signature is not None
    if is_twin:
        signature = Signature(signature.r, curve.n - signature.s)
    key = PrivateKey.from_int(d, curve=curve).public_key.to_bytes().hex()
    return {"public_key": key, "message": message.hex(), "signature": signature.to_der().hex()} | others


def written(records: list[dict[str, Any]]) -> bytes:
    """Return the records as JSON Lines."""
    return "".join(f"{json.dumps(record)}\n" for record in records).encode("ascii")
