"""Programs that are wrong on purpose: each is the right one with one step replaced by a function, whose docstring is
the fault and whose name is the program's.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from right import FIELDS, Pair, Program, Refused, require, times, total

# isort: split
import reference
from reference import G, N, P, Point, add, bits2int, inverse, negative
from sums import LAMBDA, ORDERS, Order

from ecpure.vectors.schemas import Message

Step = TypeVar("Step", bound=Callable[..., object])
Value = TypeVar("Value")

BROKEN: dict[str, Program] = {}
"""The broken programs by name. `__doc__` of each is its fault."""

STEPS: dict[str, str] = {}
"""The step in which each of them goes wrong."""


def instead_of(step: Step) -> Callable[[Step], Step]:
    """Make a broken program of the function's name: the right one, with the function in place of the step."""

    def enter(function: Step) -> Step:
        add_program(function.__name__, str(function.__doc__), {step.__name__: function})
        return function

    return enter


def only_if(holds: bool, value: Value) -> Value:
    """Return the value. Raises `Refused` where it does not hold."""
    require(holds)
    return value


def add_program(name: str, fault: str, steps: dict[str, Callable[..., object]]) -> None:
    """Make a broken program of this name: the right one with these steps, of which the first is where it goes wrong."""
    BROKEN[name], STEPS[name] = type(name, (Program,), {**steps, "__doc__": fault})(), next(iter(steps))


def add_programs(step: Callable[..., object], programs: dict[str, tuple[str, Callable[..., object]]]) -> None:
    """Make broken programs of one step, by name: the fault, and what stands in place of the step."""
    for name, (fault, function) in programs.items():
        add_program(name, fault, {step.__name__: function})


# Verifying: ranges, and what is compared.


@instead_of(Program.holds)
def accepts_all(self: Program, Q: Point, e: int, r: int, s: int) -> bool:
    """Every pair (r, s) is accepted."""
    return True


@instead_of(Program.holds)
def refuses_all(self: Program, Q: Point, e: int, r: int, s: int) -> bool:
    """No pair (r, s) is accepted."""
    return False


@instead_of(Program.holds)
def range_unchecked(self: Program, Q: Point, e: int, r: int, s: int) -> bool:
    """No range of r and s is checked: 0 is the inverse of 0, infinity has the x 0, and both sides are taken mod n."""
    R = total(e * pow(s, -1 if s % N else 1, N) % N, r * pow(s, -1 if s % N else 1, N) % N, Q)
    return ((R[0] if R else 0) - r) % N == 0


@instead_of(Program.holds)
def r_zero_accepted(self: Program, Q: Point, e: int, r: int, s: int) -> bool:
    """An r of 0 is let through, and infinity has the x 0."""
    R = total(e * inverse(s, N) % N, r * inverse(s, N) % N, Q) if 0 <= r < N and 1 <= s < N else (-1, -1)
    return r == (R[0] if R else 0)


@instead_of(Program.in_range)
def n_accepted(self: Program, r: int, s: int) -> bool:
    """Only above n are r and s refused, not at n itself, which has no inverse."""
    return 1 <= r <= N and 1 <= s <= N


@instead_of(Program.holds)
def s_of_224_bits(self: Program, Q: Point, e: int, r: int, s: int) -> bool:
    """Of s the lowest 224 bits are kept, as if n were no longer than p."""
    return Program.holds(self, Q, e, r, s % (1 << 224))


@instead_of(Program.in_range)
def high_s_refused(self: Program, r: int, s: int) -> bool:
    """An s above n/2 is refused, though nobody asked for that."""
    return 1 <= r < N and 1 <= s <= N // 2


@instead_of(Program.is_x)
def compares_mod_p(self: Program, r: int, R: Point) -> bool:
    """x_R and r are compared mod p, not mod n."""
    return R is not None and (R[0] - r) % P == 0


@instead_of(Program.is_x)
def tries_r_plus_n(self: Program, r: int, R: Point) -> bool:
    """x_R may be r + n mod p as well, as if n were below p."""
    return R is not None and R[0] in (r, (r + N) % P)


@instead_of(Program.is_x)
def compares_upper_half(self: Program, r: int, R: Point) -> bool:
    """Only the upper 112 bits of x_R and r are compared."""
    return R is not None and R[0] >> 112 == r >> 112


@instead_of(Program.is_x)
def compares_lower_half(self: Program, r: int, R: Point) -> bool:
    """Only the lower 112 bits of x_R and r are compared."""
    return R is not None and (R[0] - r) % (1 << 112) == 0


@instead_of(Program.is_x)
def compares_as_text(self: Program, r: int, R: Point) -> bool:
    """x_R and r are compared as strings that end at the first octet 00."""
    if R is None or r >= 1 << 224:
        return False
    return R[0].to_bytes(28, "big").partition(b"\0")[0] == r.to_bytes(28, "big").partition(b"\0")[0]


# Digests.


@instead_of(Program.bits2int)
def digest_of_224_bits(self: Program, digest: bytes) -> int:
    """Digests are cut to 224 bits, the length of p."""
    return int.from_bytes(digest[:28], "big")


# The sum u1·G + u2·Q.


@instead_of(Program.is_x)
def infinity_accepted(self: Program, r: int, R: Point) -> bool:
    """A sum of infinity, held as (0 : 0 : 0), makes r·Z² = X true."""
    return R is None or R[0] == r


@instead_of(Program.sum)
def equal_is_infinity(self: Program, u1: int, u2: int, Q: Point) -> Point:
    """The last addition takes equal points for opposite ones."""
    return None if times(u1, G) == times(u2, Q) else total(u1, u2, Q)


Jacobian = tuple[int, int, int]
"""(X, Y, Z) is (X/Z², Y/Z³), or infinity for Z = 0."""


def doubled(R: Jacobian) -> Jacobian:
    """Return 2R."""
    X, Y, Z = R
    S, M = 4 * X * Y * Y, 3 * X * X
    X3 = (M * M - 2 * S) % P
    return X3, (M * (S - X3) - 8 * Y**4) % P, 2 * Y * Z % P


def plus(R: Jacobian, S: Point) -> Jacobian:
    """Return R + S, but infinity where R = S: the formula of the sum, with no look at whether it applies."""
    X, Y, Z = R
    if S is None or Z == 0:
        return R if S is None else (*S, 1)
    ZZ = Z * Z % P
    H, slope = (S[0] * ZZ - X) % P, (S[1] * ZZ * Z - Y) % P
    HH = H * H % P
    X3 = (slope * slope - HH * (H + 2 * X)) % P
    return X3, (slope * (X * HH - X3) - Y * HH * H) % P, Z * H % P


@cache
def term(k: int, R: Point) -> Point:
    """Return k·R, soon for a small k, a small multiple of λ, and a power of two."""
    if k < 0:
        return negative(term(-k, R))
    if k and k % LAMBDA == 0:
        S = reference.multiply(k // LAMBDA, R)
        return S and (reference.x_of(times(LAMBDA, G)) * inverse(G[0], P) * S[0] % P, S[1])
    return reference.multiply(k, R) if k < 256 or k.bit_count() == 1 else times(k % N, R)


@cache
def unchecked(order: Order, u1: int, u2: int, Q: Point) -> Point:
    """Return the sum in that order, where no addition looks whether its points are equal."""
    R = (1, 1, 0)
    for step in order.steps(u1, u2):
        R = plus(R, add(term(step[0], G), term(step[1], Q))) if step else doubled(R)
    w = inverse(R[2], P) if R[2] else 0
    return (R[0] * w * w % P, R[1] * w**3 % P) if w else None


def never_doubles(order: Order) -> None:
    """Make a broken program that sums in that order."""

    def sum_in_order(self: Program, u1: int, u2: int, Q: Point) -> Point:
        return unchecked(order, u1, u2, Q) if u1 and u2 else total(u1, u2, Q)

    sum_in_order.__name__ = f"never_doubles_{order.flag}"
    sum_in_order.__doc__ = f"Equal points are added as if they differed; order: {order.name}."
    instead_of(Program.sum)(sum_in_order)


for first_of_its_class in {order.flag: order for order in reversed(ORDERS)}.values():
    never_doubles(first_of_its_class)


# Signatures as octets.


@instead_of(Program.length)
def long_lengths(self: Program, octets: bytes) -> tuple[int, bytes]:
    """A length in DER may have more octets than it needs, as in BER."""
    count = octets[0] - 0x80 if octets else 0
    if 0 < count < len(octets):
        return int.from_bytes(octets[1 : 1 + count], "big"), octets[1 + count :]
    return Program.length(self, octets)


@instead_of(Program.integer)
def leading_zeros(self: Program, content: bytes) -> int:
    """An INTEGER may have more octets 00 in front than it needs."""
    return int.from_bytes(content, "big") if content[:1] == b"\0" else Program.integer(self, content)


@instead_of(Program.integer)
def sign_octet_missing(self: Program, content: bytes) -> int:
    """An INTEGER without the octet 00 before its high bit is taken to be positive."""
    return Program.integer(self, b"\0" + content if content[:1] >= b"\x80" else content)


@instead_of(Program.integer)
def negative_reduced(self: Program, content: bytes) -> int:
    """A negative INTEGER is reduced mod n."""
    value = int.from_bytes(content, "big", signed=True)
    return value % N if value < 0 else Program.integer(self, content)


@instead_of(Program.end)
def trailing_octets(self: Program, behind: bytes) -> None:
    """Octets after the outermost SEQUENCE are passed over."""


@instead_of(Program.end_inside)
def trailing_elements(self: Program, behind: bytes) -> None:
    """Octets after the last element that is due are passed over."""


@instead_of(Program.p1363)
def pair_of_any_length(self: Program, octets: bytes) -> Pair:
    """The halves of any even number of octets are r and s, so that zeros in front may be dropped."""
    require(len(octets) % 2 == 0)
    return int.from_bytes(octets[: len(octets) // 2], "big"), int.from_bytes(octets[len(octets) // 2 :], "big")


# Signing.


@instead_of(Program.seed)
def bits2octets_unreduced(self: Program, d: int, hashed: bytes, extra: bytes) -> bytes:
    """bits2octets does not reduce mod n."""
    return d.to_bytes(29, "big") + bits2int(hashed).to_bytes(29, "big") + extra


@instead_of(Program.seed)
def extra_entropy_ignored(self: Program, d: int, hashed: bytes, extra: bytes) -> bytes:
    """Extra entropy is passed over."""
    return Program.seed(self, d, hashed, b"")


@instead_of(Program.hmac_name)
def hmac_of_sha256(self: Program, name: str) -> str:
    """HMAC is always that of SHA-256."""
    return "sha256"


@instead_of(Program.candidate)
def first_candidate_reduced(self: Program, T: bytes) -> int:
    """The first candidate for k is taken mod n, in place of another try."""
    return bits2int(T) % N


@instead_of(Program.candidate)
def candidate_of_224_bits(self: Program, T: bytes) -> int:
    """Candidates for k have 224 bits."""
    return int.from_bytes(T[:28], "big")


@instead_of(Program.after_candidate)
def old_key_for_candidates(self: Program, K: bytes, V: bytes, name: str) -> tuple[bytes, bytes]:
    """After a candidate that is refused the next is made without a new K and V."""
    return K, V


@instead_of(Program.half)
def low_s_ignored(self: Program, s: int, low: bool) -> int:
    """An s above n/2 is left so, though low s was asked for."""
    return s


@instead_of(Program.half)
def low_s_always(self: Program, s: int, low: bool) -> int:
    """An s above n/2 is brought below, though that was not asked for."""
    return min(s, N - s)


@instead_of(Program.written)
def written_without_zeros(self: Program, r: int, s: int) -> bytes:
    """Octets 00 in front of r ‖ s are left out, but for one each."""
    return b"".join(b"\0" + value.to_bytes(29, "big").lstrip(b"\0") for value in (r, s))


# Points, square roots, multiples, recovered keys.


@instead_of(Program.on_curve)
def curve_unchecked(self: Program, x: int, y: int) -> bool:
    """Nobody looks whether a point is on the curve."""
    return True


@instead_of(Program.of_parity)
def wrong_parity(self: Program, y: int, parity: int) -> int:
    """Of a compressed point the other y is taken."""
    return P - y if y % 2 == parity else y


@instead_of(Program.point)
def hybrid_accepted(self: Program, octets: bytes) -> Point:
    """The hybrid form, 06 or 07 ‖ x ‖ y, is read as well."""
    return Program.point(self, b"\x04" + octets[1:] if octets[:1] in (b"\x06", b"\x07") else octets)


def even(root: int) -> int:
    """Return the even one of ±root."""
    return root % P if root % P % 2 == 0 else -root % P


@instead_of(Program.root)
def root_without_second_step(self: Program, a: int) -> int | None:
    """For p ≡ 5 (mod 8), a^((p + 3)/8) is the only candidate: its product with √−1 is never tried."""
    root = pow(a, (P + 3) // 8, P)
    return even(root) if (root * root - a) % P == 0 else None


@instead_of(Program.root)
def root_unchecked(self: Program, a: int) -> int | None:
    """Nobody looks whether what Atkin's method gives is a root."""
    b = pow(2 * a, (P - 5) // 8, P)
    return even(a * b * (2 * a * b * b - 1))


@instead_of(Program.product)
def last_multiple_wrong(self: Program, k: int, R: Point) -> Point:
    """A ladder of k·P and (k + 1)·P says infinity where either is: n − 1 times a point is lost."""
    return times(k, R) if (k + 1) % N else None


@instead_of(Program.product)
def long_scalars_cut(self: Program, k: int, R: Point) -> Point:
    """Scalars, which may be n and above, are held in 224 bits."""
    return times(k % (1 << 224), R)


@instead_of(Program.nonce_points)
def one_key_recovered(self: Program, x: int) -> list[Point]:
    """Only the key of even y_R is found."""
    return Program.nonce_points(self, x)[:1]


@instead_of(Program.nonce_xs)
def four_keys_recovered(self: Program, r: int) -> list[int]:
    """x_R = r + n is tried as well, mod p, as if n were below p."""
    return [*Program.nonce_xs(self, r), (r + N) % P]


# Key files.


@instead_of(Program.is_private)
def private_key_0(self: Program, d: int) -> bool:
    """A private key d may be 0."""
    return 0 <= d < N


@instead_of(Program.is_private)
def private_key_n(self: Program, d: int) -> bool:
    """A private key d may be n and above."""
    return d >= 1


@instead_of(Program.belongs)
def public_key_ignored(self: Program, Q: Point, d: int) -> bool:
    """The public key beside a private one may be another's."""
    return True


@instead_of(Program.curve)
def curve_ignored(self: Program, oid: bytes) -> None:
    """Nobody looks at the curve that a key names."""


@instead_of(Program.base64)
def base64_lax(self: Program, text: str) -> bytes:
    """Characters that are not base64's are passed over."""
    try:
        return b64decode(text)
    except ValueError:
        raise Refused from None


# The login message.


@instead_of(Program.login_octets)
def nonces_swapped(self: Program, user_id: int, server: str, client: str) -> bytes:
    """The client's nonce is signed before the server's."""
    return Program.login_octets(self, user_id, client, server)


@instead_of(Program.user)
def user_id_of_32_bits(self: Program, user_id: int) -> bytes:
    """Of the user id the lowest 32 bits are kept."""
    return (user_id % (1 << 32)).to_bytes(8, "big")


@instead_of(Program.compact)
def compact_without_zeros(self: Program, r: int, s: int) -> tuple[bytes, bytes]:
    """Octets 00 in front of r and of s are left out of the message."""
    return r.to_bytes(28, "big").lstrip(b"\0"), s.to_bytes(28, "big").lstrip(b"\0")


@instead_of(Program.half_octets)
def compact_of_any_length(self: Program, text: object) -> bytes:
    """In the message r and s may have dropped their octets 00 in front."""
    return self.base64(text) if isinstance(text, str) else b""


@instead_of(Program.nonce_octets)
def nonces_of_any_length(self: Program, text: str) -> bytes:
    """Nonces may be of any length, so that octets may move from one to the other."""
    return self.base64(text) if isinstance(text, str) else b""


@instead_of(Program.fields)
def other_fields(self: Program, message: Message) -> None:
    """The message may have fields that are not known."""
    Program.fields(self, {name: value for name, value in message.items() if name in FIELDS | {"tag"}})
