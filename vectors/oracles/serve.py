"""What every oracle in Python shares: the loop over the line protocol, and nothing that judges."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection
from typing import Any

Message = dict[str, Any]
Answer = Callable[[Message], Message]

UNSUPPORTED: Message = {"result": "unsupported"}
INVALID: Message = {"result": "invalid"}

FIRST = "secp224k1"
SCALAR_OCTETS = {FIRST: 29, "secp256k1": 32}
FIELD_OCTETS = {FIRST: 28, "secp256k1": 32}


def serve(answer: Answer, curves: Collection[str] = (FIRST,)) -> None:
    """Answer each request on standard input by a line on standard output; an exception is answered too."""
    for line in sys.stdin:
        request: Message = {}
        try:
            request = json.loads(line)
            found = answer(request) if request.get("curve", FIRST) in curves else UNSUPPORTED
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
        common = {"hash": request["hash"], "curve": request["curve"], "format": "p1363"}
        answers = [verify({**common, **item}) for item in request["items"]]
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


def halves(signature: bytes, curve: str = FIRST) -> tuple[int, int] | None:
    """Return r and s of r ‖ s, or None for any other length than the curve's: for programs that do not read this."""
    size = SCALAR_OCTETS[curve]
    if len(signature) != 2 * size:
        return None
    return int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")


def p1363(r: int, s: int, curve: str = FIRST) -> str:
    """Return the hex of r ‖ s."""
    return b"".join(int(number).to_bytes(SCALAR_OCTETS[curve], "big") for number in (r, s)).hex()


def uncompressed(x: int, y: int, curve: str = FIRST) -> str:
    """Return the hex of 04 ‖ x ‖ y."""
    return "04" + b"".join(int(number).to_bytes(FIELD_OCTETS[curve], "big") for number in (x, y)).hex()


def coordinates(point: bytes, curve: str = FIRST) -> tuple[int, int]:
    """Return x and y of 04 ‖ x ‖ y, unchecked: the program that gets them checks them."""
    end = 1 + FIELD_OCTETS[curve]
    return int.from_bytes(point[1:end], "big"), int.from_bytes(point[end:], "big")


def even_root(root: int, p: int) -> Message:
    """Return the answer with the even one of root and p − root, as long as p."""
    even = int(root) if root % 2 == 0 else p - int(root)
    return valid(root=even.to_bytes(-(-int(p).bit_length() // 8), "big").hex())
