"""Verify an archive by partitions, of Dask or of Spark: `verdicts` takes the lines of one."""

import json
from collections.abc import Iterable

from ecpure import PublicKey, Signature, bulk


def verdicts(lines: Iterable[str]) -> list[bool]:
    """Return the verdicts on records in JSON: public_key and message in hex, and signature in hex of DER."""
    return list(bulk.verify_many(map(item, lines)))  # a list, which goes from one process to another


def item(line: str) -> tuple[PublicKey, Signature, bytes]:
    """Return what verify_many takes. Raises an exception for a line that is no such record: here that ends the run."""
    octets = {name: bytes.fromhex(value) for name, value in json.loads(line).items() if name != "id"}
    return PublicKey.from_bytes(octets["public_key"]), Signature.from_der(octets["signature"]), octets["message"]
