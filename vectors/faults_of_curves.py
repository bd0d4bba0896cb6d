"""Programs that are wrong on the second curve: they pass over the request's, or know only half of another one.

On secp224k1 each is right: what goes wrong is what it does with a request that names secp256k1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from faults import add_programs
from right import OnCurve, Program, require, times

# isort: split
from reference import SECP224K1 as FIRST
from reference import SECP256K1, Point

from ecpure.vectors.schemas import Message

Elsewhere = Callable[[Program, Message], Program]


def curve_with(**parameters: Any) -> Elsewhere:
    """Return what answers on secp256k1 with these of its parameters changed."""
    program = OnCurve(SECP256K1._replace(**parameters))
    return lambda _, request: program


def program_with(**steps: Callable[..., object]) -> Elsewhere:
    """Return what answers on secp256k1 with these steps."""
    program = type("Broken", (OnCurve,), dict(steps))()
    return lambda _, request: program


def only(*operations: str) -> Elsewhere:
    """Return what heeds the curve in these operations."""
    return lambda self, request: (Program.elsewhere if request["operation"] in operations else itself)(self, request)


def itself(self: Program, _: Message) -> Program:
    """Return the program for secp224k1."""
    return self


def by_length(self: Program, request: Message) -> Program:
    """Return the program for the curve whose keys or points have the length of the request's."""
    point = str(request.get("public_key", request.get("point", "")))
    return self if len(point) in (58, 114) else Program.elsewhere(self, request)


def root_as_here(_: Program, a: int) -> int | None:
    """Return the even square root by the method for p ≡ 5 (mod 8), unless its square is another number."""
    p = SECP256K1.p
    b = pow(2 * a, (p - 5) // 8, p)
    root = a * b * (2 * a * b * b - 1) % p
    return min(root, p - root, key=lambda r: r % 2) if (root * root - a) % p == 0 else None


def either(_: Program, oid: bytes) -> None:
    """Take both names of curves."""
    require(oid in (FIRST.oid[2:], SECP256K1.oid[2:]))


def equals(_: Program, r: int, R: Point) -> bool:
    """Compare as where n is above p."""
    return R is not None and R[0] == r


def reduced(_: Program, k: int, R: Point) -> Point:
    """Return (k mod n)·R with the other n."""
    return times(k % FIRST.n, R, SECP256K1)


add_programs(
    Program.elsewhere,
    {
        "request_curve_ignored": ("The request's curve is passed over: all is computed on secp224k1.", itself),
        "request_curve_for_verify_alone": ("Only verify heeds the request's curve.", only("verify")),
        "request_curve_but_in_batches": (
            "Batches are verified on secp224k1, whatever curve is asked for.",
            only(
                *("verify", "verify_digest", "sign", "sign_digest", "multiply", "decode_point", "square_root"),
                *("recover", "recover_digest", "decode_key"),
            ),
        ),
        "request_curve_by_length": ("The length of the key or point decides on the curve.", by_length),
        "second_lengths_of_first": (
            "secp256k1's p, n and b are used with the lengths of secp224k1.",
            curve_with(field_octets=FIRST.field_octets, scalar_octets=FIRST.scalar_octets),
        ),
        "second_scalars_of_29": (
            "On secp256k1, r, s and d have 29 octets.",
            curve_with(scalar_octets=FIRST.scalar_octets),
        ),
        "second_b_of_first": ("On secp256k1, b is that of secp224k1.", curve_with(b=FIRST.b)),
        "second_n_of_first": ("On secp256k1, n is that of secp224k1.", curve_with(n=FIRST.n, qlen=FIRST.qlen)),
        "second_digests_of_225_bits": ("On secp256k1, digests are cut to 225 bits.", curve_with(qlen=FIRST.qlen)),
        "second_range_of_first": (
            "On secp256k1, r and s are below n of secp224k1.",
            program_with(in_range=lambda _, r, s: 1 <= r < FIRST.n and 1 <= s < FIRST.n),
        ),
        "second_range_above_n": (
            "On secp256k1, r may be n and above, and is compared mod n.",
            program_with(
                in_range=lambda _, r, s: r >= 1 and 1 <= s < SECP256K1.n,
                is_x=lambda _, r, R: R is not None and (R[0] - r) % SECP256K1.n == 0,
            ),
        ),
        "second_low_s_of_first": (
            "On secp256k1, a low s is at most n/2 of secp224k1.",
            program_with(is_low=lambda _, s: s <= FIRST.n // 2),
        ),
        "second_x_not_reduced": (
            "On secp256k1, x_R is compared with r as it is, not mod n.",
            program_with(is_x=equals),
        ),
        "second_one_x": (
            "On secp256k1, keys are recovered from x = r alone, not from r + n.",
            program_with(nonce_xs=lambda _, r: [r]),
        ),
        "second_root_of_first": (
            "On secp256k1, roots are computed as for p ≡ 5 (mod 8).",
            program_with(root=root_as_here),
        ),
        "second_scalars_mod_n_of_first": (
            "On secp256k1, scalars are reduced mod n of secp224k1.",
            program_with(product=reduced),
        ),
        "second_curve_unchecked": (
            "On secp256k1, nobody looks whether a point is on the curve.",
            program_with(on_curve=lambda _, x, y: True),
        ),
        "second_private_key_of_first": (
            "On secp256k1, a private key is below n of secp224k1.",
            program_with(is_private=lambda _, d: 1 <= d < FIRST.n),
        ),
        "second_key_of_either": ("On secp256k1, a key file may name secp224k1.", program_with(curve=either)),
    },
)
