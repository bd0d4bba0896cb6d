"""Judging answers: they are compared with what is expected or, if several answers would be right, verified.

A signature may have a nonce of the program's own, and a new key is any number: such answers are verified, and problems
that only show in several of them, such as a nonce that is used twice, are looked for over the run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..curve import Curve, named
from ..errors import EcpureError
from ..hashes import digest
from ..integers import invert
from ..io.streams import printable
from ..privatekey import PrivateKey
from ..signature import Signature
from ..values import public
from ..verifying import digest_to_int
from .schemas import Case, Message

AGREED, WRONG, OTHER_NONCE, CRASHED, TIMED_OUT, UNSUPPORTED, NOT_RUN = VERDICTS = (
    "agreed",
    "wrong",
    "other nonce",
    "crashed",
    "timed out",
    "unsupported",
    "not run",
)

INTERRUPTED = "interrupted"
"""The detail of a case that was not run since the run was interrupted."""

SIGNING = ("sign", "sign_digest")
"""Operations whose answer is a signature."""

_OPTION = "a valid signature, but not RFC 6979's: use --nonces any for a program with nonces of its own"
_NEGATED = "RFC 6979's r, but n − s in place of s, which the request did not ask for: --nonces any accepts both"
_BEGINNING = 60  # characters that are shown of what a program wrote
_DEVIATIONS = 7
"""Standard deviations: by chance, a result exceeds this many once in 10¹¹."""


@public("ecpure.vectors")
class NotRun(Exception):
    """Raised by a program instead of an answer, if it will not be asked again."""


class NoAnswer(Exception):
    """Raised by a program instead of an answer, if what it wrote does not answer the request."""


@public("ecpure.vectors")
@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a case: a verdict, the answer if there was one, and details for the report."""

    case: Case
    verdict: str
    answer: Message | None = None
    detail: str = ""


class _Flaw(EcpureError):
    """What is wrong with an answer."""


@public("ecpure.vectors")
class Judge:
    """Judges the answers of one program in one run. any_nonces: whether a signature may have any nonce.

    nonces: for each curve, by r, the nonces of valid signatures. keys: for each curve, the new private keys. Both have
    the id of the case, for checks of all of them at the end.
    """

    def __init__(self, *, any_nonces: bool = False) -> None:
        self._any_nonces = any_nonces
        self.nonces: dict[str, dict[int, tuple[int, str]]] = {}
        self.keys: dict[str, dict[int, str]] = {}
        self._signed: dict[tuple[str, int], tuple[int, int]] = {}

    def outcome(self, case: Case, ask: Callable[[], Message]) -> Outcome:
        """Return the outcome of a case. ask: returns the answer, or raises as a program does."""
        try:
            answer = ask()
        except TimeoutError as error:
            return Outcome(case, TIMED_OUT, detail=str(error))
        except NotRun as error:
            return Outcome(case, NOT_RUN, detail=str(error))
        except NoAnswer as error:
            return Outcome(case, WRONG, detail=str(error))
        except Exception as error:  # noqa: BLE001  # the program under test may raise anything
            return Outcome(case, CRASHED, detail=f"{type(error).__name__}: {error}")
        return self._judged(case, answer)

    def _judged(self, case: Case, answer: Any) -> Outcome:
        if not isinstance(answer, dict):
            return Outcome(case, WRONG, detail=f"an answer that is not an object, but {type(answer).__name__}")
        if answer.get("result") not in ("valid", "invalid", "unsupported"):
            return Outcome(case, WRONG, answer, "its result is not valid, invalid or unsupported")
        if answer["result"] == "unsupported":
            return Outcome(case, UNSUPPORTED, answer)
        agrees = any(
            all(name in answer and same(answer[name], value) for name, value in expected.items())
            for expected in case.expected
        )
        operation = case.request.get("operation")
        try:
            if operation == "generate" and agrees:
                self._take_key(case, answer)
            elif operation in SIGNING and answer["result"] == case.expected[0]["result"] == "valid":
                if self._any_nonces:
                    self._take_signature(case, answer)
                elif not agrees:
                    _nonce(case.request, answer)
                    half = len(answer["signature"]) // 2  # of r, with which only s and n − s are valid
                    has_its_r = answer["signature"][:half] == str(case.expected[0].get("signature"))[:half]
                    return Outcome(case, OTHER_NONCE, answer, _NEGATED if has_its_r else _OPTION)
                agrees = True
        except _Flaw as flaw:
            return Outcome(case, WRONG, answer, str(flaw))
        return Outcome(case, AGREED if agrees else WRONG, answer)

    def _take_signature(self, case: Case, answer: Message) -> None:
        """Verify a signature, and compare its nonce with those before. Raises `_Flaw`."""
        r, k, d, e = _nonce(case.request, answer)
        curve = case.request["curve"]
        of_curve = self.nonces.setdefault(curve, {})
        before = self._signed.setdefault((curve, r), (d, e))
        _, where = of_curve.setdefault(r, (k, case.id))
        if before != (d, e):
            raise _Flaw(f"the nonce of {where} was used again, for another message or key")

    def _take_key(self, case: Case, answer: Message) -> None:
        """Check a new key, and compare it with those before. Raises `_Flaw`."""
        curve = named(case.request["curve"])
        octets = _octets(answer, "private_key")
        if len(octets) != curve.scalar_octets:
            raise _Flaw(f"private_key: {curve.scalar_octets} bytes were expected, not {len(octets)}")
        d = int.from_bytes(octets, "big")
        if not 0 < d < curve.n:
            raise _Flaw("private_key: it is not from 1 to n − 1")
        where = self.keys.setdefault(curve.name, {}).setdefault(d, case.id)
        if where != case.id:
            raise _Flaw(f"private_key: the same as that of {where}")
        bits = round(math.log2(curve.n))
        if abs(d.bit_count() - bits / 2) > _DEVIATIONS * math.sqrt(bits) / 2:
            raise _Flaw(f"private_key: {d.bit_count()} of its bits are 1, where chance gives about {bits // 2}")
        point = PrivateKey.from_bytes(octets, curve=curve).public_key.to_bytes(compressed=False).hex()
        if answer.get("public_key", point) != point:
            raise _Flaw("public_key: it is not private_key's, as 04 ‖ x ‖ y")


def beginning(octets: bytes) -> str:
    """Return the beginning of what a program wrote, in quotes and without unprintable characters."""
    shown = printable(octets[: 4 * _BEGINNING + 1].decode("utf-8", "backslashreplace"))
    return f"'{shown[:_BEGINNING]}{'…' * (len(shown) > _BEGINNING)}'"


def same(answered: Any, expected: Any) -> bool:
    """Whether two values of JSON are the same: true is not 1, and 1.0 is not 1, at any depth."""
    if type(answered) is not type(expected):
        return False
    if isinstance(expected, dict):
        return answered.keys() == expected.keys() and all(same(answered[name], expected[name]) for name in expected)
    if isinstance(expected, list):
        return len(answered) == len(expected) and all(map(same, answered, expected))
    return bool(answered == expected)


def uneven(keys: Mapping[int, str], curve: Curve) -> Iterator[str]:
    """Yield a sentence if bits of the private keys are 0, or 1, more often than by chance; for 50 keys or more."""
    bits, count = round(math.log2(curve.n)), len(keys)
    ones = [sum(d >> place & 1 for d in keys) for place in range(bits)]
    far = [abs(one - count / 2) > _DEVIATIONS * math.sqrt(count) / 2 for one in ones]
    if any(far):
        place = far.index(True)
        yield (
            f"{sum(far)} of {bits} bits are not drawn uniformly: bit {place}, counted from the lowest as 0, is 1 in "
            f"{ones[place]} of {count} keys"
        )


def _octets(answer: Message, name: str) -> bytes:
    text = answer.get(name)
    try:
        octets = bytes.fromhex(text) if isinstance(text, str) else None
    except ValueError:
        octets = None
    if octets is None or octets.hex() != text:
        raise _Flaw(f"{name}: bytes in lower-case hex were expected")
    return octets


def _nonce(request: Message, answer: Message) -> tuple[int, int, int, int]:
    """Return r, k, d and e of a valid signature, r ‖ s. Raises `_Flaw`, also for a request that makes no sense."""
    octets = _octets(answer, "signature")
    try:
        curve = named(request["curve"])
        size = curve.scalar_octets
        key = PrivateKey.from_bytes(bytes.fromhex(request["private_key"]), curve=curve)
        signed = bytes.fromhex(request["digest"] if "digest" in request else request["message"])
        hashed = signed if "digest" in request else digest(request["hash"], signed)
        e = digest_to_int(curve, hashed) % curve.n  # digests that are equal mod n have the same signature, and nonce
    except (EcpureError, KeyError, ValueError):
        raise _Flaw("the request has no key, or nothing to sign") from None

    def verifies(r: int, s: int) -> bool:
        return 0 < r < curve.n and 0 < s < curve.n and key.public_key.verify_digest(Signature(r, s), hashed)

    if len(octets) != 2 * size:
        raise _Flaw(f"r ‖ s of {2 * size} bytes was expected, not {len(octets)}{_instead(octets, size, verifies)}")
    r, s = (int.from_bytes(half, "big") for half in (octets[:size], octets[size:]))
    for name, value in (("r", r), ("s", s)):
        if not 0 < value < curve.n:
            raise _Flaw(f"{name} is out of range: it is not from 1 to n − 1")
    if not verifies(r, s):
        raise _Flaw("the signature does not verify under the key")
    if request.get("low_s") and s > curve.n // 2:
        raise _Flaw("s is above n/2, and the lower one was asked for")
    d = int.from_bytes(key.to_bytes(), "big")
    return r, int((e + r * d) * invert(s, curve.order) % curve.n), d, e


def _instead(octets: bytes, size: int, verifies: Callable[[int, int], bool]) -> str:
    """Return what a signature of another length is, if it is valid."""
    for split in range(max(0, len(octets) - size), min(size, len(octets)) + 1):
        if verifies(int.from_bytes(octets[:split], "big"), int.from_bytes(octets[split:], "big")):
            return ": leading zeros of r or s were dropped"
    try:
        signature = Signature.from_der(octets)
    except EcpureError:
        return ""
    return ": it is in DER" if verifies(signature.r, signature.s) else ""
