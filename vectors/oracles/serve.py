"""What every oracle in Python shares: the loop over the line protocol, and nothing that judges."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]
Answer = Callable[[Message], Message]

UNSUPPORTED: Message = {"result": "unsupported"}
INVALID: Message = {"result": "invalid"}

SCALAR_OCTETS = 29
FIELD_OCTETS = 28


def serve(answer: Answer) -> None:
    """Answer each request on standard input by a line on standard output; an exception is answered too."""
    for line in sys.stdin:
        request: Message = {}
        try:
            request = json.loads(line)
            found = answer(request) if request.get("curve", "secp224k1") == "secp224k1" else UNSUPPORTED
        except Exception as error:  # noqa: BLE001  # that the program fails is what has to be told
            found = {"result": "error", "detail": type(error).__name__}
        print(json.dumps({"id": request.get("id"), **found}), flush=True)


def by_operation(operations: dict[str, Answer], version: str) -> Answer:
    """Return the function that answers each operation by its entry; `version` by the text."""

    def answer(request: Message) -> Message:
        if request["operation"] == "version":
            return valid(version=version)
        operation = operations.get(request["operation"])
        return UNSUPPORTED if operation is None else operation(request)

    return answer


def each_verified(verify: Answer) -> Answer:
    """Return the operation `batch` of a program: its `verify` of each item, r ‖ s."""

    def batch(request: Message) -> Message:
        answers = [verify({"hash": request["hash"], "format": "p1363", **item}) for item in request["items"]]
        if UNSUPPORTED in answers:
            return UNSUPPORTED
        return valid(verdicts=[answer["result"] == "valid" for answer in answers])

    return batch


def refused(verify: Answer, refusals: tuple[type[Exception], ...]) -> Answer:
    """Return `verify` with "invalid" for the exceptions by which the library says that its input is wrong."""

    def judge(request: Message) -> Message:
        try:
            return verify(request)
        except refusals:
            return INVALID

    return judge


def valid(**fields: Any) -> Message:
    """Return the answer "valid" with these fields."""
    return {"result": "valid", **fields}


def judged(holds: bool) -> Message:
    """Return the answer "valid" or "invalid"."""
    return {"result": "valid" if holds else "invalid"}


def octets(request: Message, name: str) -> bytes:
    """Return the octets of a field in hex."""
    return bytes.fromhex(request[name])


def number(request: Message, name: str) -> int:
    """Return the integer of a field in hex."""
    return int(request[name], 16)


def halves(signature: bytes) -> tuple[int, int] | None:
    """Return r and s of r ‖ s, 29 octets each, or None for any other length: for programs that do not read this."""
    if len(signature) != 2 * SCALAR_OCTETS:
        return None
    return int.from_bytes(signature[:SCALAR_OCTETS], "big"), int.from_bytes(signature[SCALAR_OCTETS:], "big")


def p1363(r: int, s: int) -> str:
    """Return the hex of r ‖ s, 29 octets each."""
    return (int(r).to_bytes(SCALAR_OCTETS, "big") + int(s).to_bytes(SCALAR_OCTETS, "big")).hex()


def uncompressed(x: int, y: int) -> str:
    """Return the hex of 04 ‖ x ‖ y."""
    return "04" + (int(x).to_bytes(FIELD_OCTETS, "big") + int(y).to_bytes(FIELD_OCTETS, "big")).hex()


def coordinates(point: bytes) -> tuple[int, int]:
    """Return x and y of 04 ‖ x ‖ y, unchecked: the program that gets them checks them."""
    return int.from_bytes(point[1 : 1 + FIELD_OCTETS], "big"), int.from_bytes(point[1 + FIELD_OCTETS :], "big")


def even_root(root: int, p: int) -> Message:
    """Return the answer with the even one of root and p − root."""
    even = int(root) if root % 2 == 0 else p - int(root)
    return valid(root=even.to_bytes(FIELD_OCTETS, "big").hex())
