"""What an answer is worth: types of JSON are told apart, and what has no one right answer is verified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from smallvectors import KEY

from ecpure import SECP224K1, PrivateKey, Signature, hashes, vectors
from ecpure.vectors import Case, Judge, Outcome
from ecpure.vectors.judging import same, uneven
from ecpure.vectors.schemas import Message

N = SECP224K1.n
D = KEY.to_bytes().hex()


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (1, True),
        (True, 1),
        (1.0, 1),
        (0, False),
        ("1", 1),
        (None, False),
        ([1], [True]),
        ([1, 2], [1]),
        ({"tag": 1.0}, {"tag": 1}),
        ({"tag": 1, "more": 2}, {"tag": 1}),
        ({}, {"tag": None}),
    ],
)
def test_values_of_other_types_are_other_values(answered: Any, expected: Any) -> None:
    """As JSON has them: true is not 1, and 1.0 is not 1, also inside of objects and lists."""
    assert not same(answered, expected)
    case = Case("f", 1, ("x",), "", {"operation": "x"}, ({"result": "valid", "field": expected},))
    [outcome] = vectors.run([case], lambda _: {"result": "valid", "field": answered})
    assert outcome.verdict == "wrong"
    assert same(expected, expected)


def case_of(number: int = 1, *, message: bytes = b"m", low_s: bool = False, **fields: Any) -> Case:
    """Return a case that asks for a signature of the message, RFC 6979's."""
    request = {"operation": "sign", "curve": "secp224k1", "hash": "sha224", "private_key": D, "low_s": low_s}
    request |= {"message": message.hex(), "extra_entropy": ""} | fields
    signature = KEY.sign(message, low_s=low_s).to_p1363().hex()
    return Case("f", number, ("x",), "", request, ({"result": "valid", "signature": signature},))


def with_nonce(k: int, message: bytes = b"m", *, low_s: bool = False) -> Signature:
    """Return the signature that has this nonce."""
    e = int.from_bytes(hashes.digest("sha224", message), "big")
    r = (k * SECP224K1.G).x % N
    signature = Signature(r, pow(k, -1, N) * (e + r * int(D, 16)) % N)
    return signature.low_s() if low_s else signature


def judged(case: Case, signature: Any, *, any_nonces: bool = True) -> Outcome:
    return Judge(any_nonces=any_nonces).outcome(case, lambda: {"result": "valid", "signature": signature})


def test_a_valid_signature_with_another_nonce_has_a_verdict_of_its_own() -> None:
    """It names the option that accepts it; with that it agrees, as RFC 6979's does with and without it."""
    other = with_nonce(3**100).to_p1363().hex()
    outcome = judged(case_of(), other, any_nonces=False)
    assert outcome.verdict == "other nonce"
    assert "--nonces any" in outcome.detail
    assert judged(case_of(), other).verdict == "agreed"
    for any_nonces in (False, True):
        own = KEY.sign(b"m").to_p1363().hex()
        assert judged(case_of(), own, any_nonces=any_nonces).verdict == "agreed"


def test_a_signer_that_lowers_s_unasked_has_the_nonces_of_rfc_6979() -> None:
    """It is told what differs, not that its nonces are its own; the verdict is the same."""
    message = next(bytes([i]) for i in range(256) if KEY.sign(bytes([i])).s > N // 2)
    low = KEY.sign(message, low_s=True).to_p1363().hex()
    outcome = judged(case_of(message=message), low, any_nonces=False)
    assert outcome.verdict == "other nonce"
    assert outcome.detail.startswith("RFC 6979's r, but n − s in place of s, which the request did not ask for")
    assert judged(case_of(message=message), low).verdict == "agreed"


def shortened() -> str:
    """Return a signature whose r and s lack the leading zero that each of them has."""
    octets = KEY.sign(b"m").to_p1363()
    assert octets[0] == octets[29] == 0
    return (octets[1:29] + octets[30:]).hex()


@pytest.mark.parametrize("any_nonces", [False, True])
@pytest.mark.parametrize(
    ("signature", "words"),
    [
        (with_nonce(3**100, b"another").to_p1363().hex(), "does not verify"),
        ((0).to_bytes(29, "big").hex() + "00" * 28 + "01", "r is out of range"),
        ("00" * 28 + "01" + N.to_bytes(29, "big").hex(), "s is out of range"),
        (shortened(), "leading zeros of r or s were dropped"),
        (KEY.sign(b"m").to_der().hex(), "it is in DER"),
        (KEY.sign(b"another").to_der().hex(), "58 bytes was expected, not"),
        ("00" * 57, "58 bytes was expected, not 57"),
        ("", "not 0"),
        ("0x", "lower-case hex"),
        (KEY.sign(b"m").to_p1363().hex().upper(), "lower-case hex"),
        (5, "lower-case hex"),
        (None, "lower-case hex"),
    ],
)
def test_a_wrong_signature_is_wrong_for_a_reason(signature: Any, words: str, any_nonces: bool) -> None:
    """Out of range, not of its length, of other octets, or just not valid."""
    outcome = judged(case_of(), signature, any_nonces=any_nonces)
    assert outcome.verdict == "wrong"
    assert words in outcome.detail


def test_the_lower_s_is_required_of_the_signer() -> None:
    """If it was asked for, with whatever nonce."""
    k = next(k for k in range(3**100, 3**101) if with_nonce(k).s > N // 2)
    outcome = judged(case_of(low_s=True), with_nonce(k).to_p1363().hex())
    assert (outcome.verdict, "s is above n/2" in outcome.detail) == ("wrong", True)
    assert judged(case_of(low_s=True), with_nonce(k, low_s=True).to_p1363().hex()).verdict == "agreed"


def test_digests_are_signed_too() -> None:
    """Where the request has a digest in place of a message."""
    digest = bytes(range(28))
    request = {"operation": "sign_digest", "curve": "secp224k1", "private_key": D, "digest": digest.hex()}
    case = Case("f", 1, ("x",), "", request, ({"result": "valid", "signature": "00"},))
    assert judged(case, KEY.sign_digest(digest).to_p1363().hex()).verdict == "agreed"
    assert judged(case, KEY.sign(b"m").to_p1363().hex()).verdict == "wrong"


@pytest.mark.parametrize(
    "fields",
    [{"private_key": "00"}, {"private_key": "x"}, {"private_key": "00" * 29}, {"hash": "md55"}, {"digest": ""}],
)
def test_a_case_without_sense_is_no_crash(fields: Message) -> None:
    """A file may ask for a signature with no key, or of nothing, and say it is valid."""
    expected = ("wrong", "the request has no key, or nothing to sign")
    outcome = judged(case_of(**fields), "00" * 58)
    assert (outcome.verdict, outcome.detail) == expected
    outcome = judged(replace(case_of(), request={"operation": "sign"}), "00" * 58)
    assert (outcome.verdict, outcome.detail) == expected


def test_a_nonce_that_comes_again_is_named() -> None:
    """With the case that had it before; the same message again is no new one. Its negative is the same nonce."""
    judge = Judge(any_nonces=True)

    def verdict(case: Case, signature: Signature) -> tuple[str, str]:
        outcome = judge.outcome(case, lambda: {"result": "valid", "signature": signature.to_p1363().hex()})
        return outcome.verdict, outcome.detail

    assert verdict(case_of(1), with_nonce(77)) == ("agreed", "")
    assert verdict(case_of(2), with_nonce(77)) == ("agreed", "")
    assert verdict(case_of(3, message=b"n"), with_nonce(77, b"n"))[1] == (
        "the nonce of f#1 was used again, for another message or key"
    )
    assert verdict(case_of(4, message=b"n"), with_nonce(N - 77, b"n"))[0] == "wrong"
    assert judge.nonces == {"secp224k1": {(77 * SECP224K1.G).x % N: (77, "f#1")}}


def test_digests_that_are_equal_mod_n_may_have_one_nonce() -> None:
    """They have one signature: RFC 6979 takes e mod n, and its nonce tells no more the second time."""
    judge = Judge(any_nonces=True)
    for number, e in enumerate((1, N + 1), 1):
        octets = (e << 7).to_bytes(29, "big")
        signature = KEY.sign_digest(octets, hash="sha224").to_p1363().hex()
        case = case_of(number, operation="sign_digest", digest=octets.hex())
        assert judge.outcome(case, partial(dict, result="valid", signature=signature)).verdict == "agreed"


def test_where_valid_is_wrong_no_signature_is_right() -> None:
    """A case that is to be refused is not judged by verifying."""
    case = Case("f", 1, ("x",), "", case_of().request, ({"result": "invalid"},))
    assert judged(case, KEY.sign(b"m").to_p1363().hex()).verdict == "wrong"


# New keys

NEW = {"operation": "generate", "curve": "secp224k1"}


def key_case(number: int) -> Case:
    return Case("generate", number, ("NewKey",), "", NEW, ({"result": "valid"},))


def key_verdict(judge: Judge, number: int, answer: Message) -> tuple[str, str]:
    outcome = judge.outcome(key_case(number), lambda: {"result": "valid", **answer})
    return outcome.verdict, outcome.detail


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({}, "lower-case hex"),
        ({"private_key": "01"}, "29 bytes were expected, not 1"),
        ({"private_key": "00" * 29}, "from 1 to n − 1"),
        ({"private_key": N.to_bytes(29, "big").hex()}, "from 1 to n − 1"),
        ({"private_key": "00" * 28 + "07"}, "3 of its bits are 1, where chance gives about 112"),
        ({"private_key": "00" + "ff" * 28}, "224 of its bits are 1"),
        ({"private_key": "00" + "5a" * 28, "public_key": "04"}, "not private_key's"),
    ],
)
def test_an_invalid_or_weak_key_is_wrong(answer: Message, words: str) -> None:
    """Not in range, not of its length, of few ones or few zeros, or with another public key."""
    verdict, detail = key_verdict(Judge(), 1, answer)
    assert verdict == "wrong"
    assert words in detail


def test_a_key_that_comes_again_is_named() -> None:
    """With the case that had it before."""
    judge, new = Judge(), PrivateKey.generate()
    answer = {"private_key": new.to_bytes().hex(), "public_key": new.public_key.to_bytes(compressed=False).hex()}
    assert key_verdict(judge, 1, answer) == ("agreed", "")
    assert key_verdict(judge, 2, answer) == ("wrong", "private_key: the same as that of generate#1")


def test_no_new_key_is_an_answer_like_any() -> None:
    """A program that says invalid is wrong."""
    [outcome] = vectors.run([key_case(1)], lambda _: {"result": "invalid"})
    assert outcome.verdict == "wrong"


def keys(make: Callable[[int], int], count: int = 200) -> dict[int, str]:
    return {make(number_of()): str(place) for place in range(count)}


def number_of() -> int:
    """Return a new private key as a number."""
    return int.from_bytes(PrivateKey.generate().to_bytes(), "big")


def test_bits_that_are_not_drawn_show_over_the_run() -> None:
    """A key with a bit that is always 0, or more often than chance has it; good keys show nothing."""
    assert list(uneven(keys(lambda d: d), SECP224K1)) == []
    [said] = uneven(keys(lambda d: d & ~(1 << 5)), SECP224K1)
    assert said == ("1 of 224 bits are not drawn uniformly: bit 5, counted from the lowest as 0, is 1 in 0 of 200 keys")
    [said] = uneven(keys(lambda d: d >> 32), SECP224K1)
    assert said.startswith("32 of 224 bits are not drawn uniformly: bit 192")
    assert list(uneven(keys(lambda d: d >> 32, 20), SECP224K1)) == []  # too few to tell
