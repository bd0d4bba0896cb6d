"""A record of each kind, and what is said of records that are put to the reader as one block."""

from __future__ import annotations

import json
from typing import Any

from archives import RECURRING, login
from tickets import body, ticket

from ecpure import auth
from ecpure.archives.blocks import Block
from ecpure.archives.records import Settings
from ecpure.archives.verify import Verifier

KEY = RECURRING[0]
PUBLIC = KEY.public_key.to_bytes().hex()
MESSAGE = b"pay 5 to Ann"
SIGNATURE = KEY.sign(MESSAGE)
RECORD = {"id": "a", "public_key": PUBLIC, "message": MESSAGE.hex(), "signature": SIGNATURE.to_der().hex()}
LOGIN = login(5)
LOGIN_KEY = auth.derive_private_key(1, "opensesame").public_key
TICKET = {"public_key": PUBLIC, "profile": "rpcn", "message": ticket(body(), KEY.sign(body()).to_der()).hex()}
RECEIPT = json.dumps({"outlet": 2, "meter_endreading": 86.6}).encode("ascii")
CHARGED = {
    "public_key": PUBLIC,
    "profile": "chargepoint",
    "message": RECEIPT.hex(),
    "signature": KEY.sign(RECEIPT, hash="sha256").to_der().hex(),
}


def without(name: str, record: dict[str, Any] = RECORD) -> dict[str, Any]:
    """Return the record with one field less."""
    return {field: value for field, value in record.items() if field != name}


def results(octets: bytes, settings: Settings | None = None, columns: bytes | None = None) -> list[dict[str, Any]]:
    """Return the results on the lines of one block."""
    block = Block(0, 1, octets, columns, damaged=False, position=0)
    return [json.loads(line) for line in Verifier(settings or Settings({}), [b""], 1 << 20)(block).results.splitlines()]


def reason(record: object, settings: Settings | None = None) -> str:
    """Return the reason of the one result on a record, or its verdict where there is no reason."""
    octets = record if isinstance(record, bytes) else json.dumps(record).encode("ascii")
    (result,) = results(octets + b"\n", settings)
    assert ("reason" in result) == (result["verdict"] != "valid")
    return str(result.get("reason", result["verdict"]))
