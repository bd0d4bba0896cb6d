"""More programs that are wrong on purpose, in verifying, signing, recovering keys and in reading points."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from faults import add_program, add_programs, only_if
from right import Pair, Program, require, times, total

# isort: split
import reference
from offcurve import in_order
from reference import QLEN, B, G, N, P, Point, add, bits2int, inverse, p1363
from sums import LAMBDA, ORDERS, Order, short_basis


def number(octets: bytes) -> int:
    """Return big-endian octets as a number."""
    return int.from_bytes(octets, "big")


# Public keys, where they are used.


def unchecked(_: Program, octets: bytes) -> Point:
    """Read 04 ‖ x ‖ y of coordinates below p, on the curve or not."""
    require(octets[:1] == b"\x04" and len(octets) == 57)
    x, y = number(octets[1:29]), number(octets[29:])
    require(x < P and y < P)
    return x, y


def reduced(self: Program, octets: bytes) -> Point:
    """Read 04 ‖ x ‖ y, taken mod p."""
    require(octets[:1] == b"\x04" and len(octets) == 57)
    x, y = number(octets[1:29]) % P, number(octets[29:]) % P
    require(self.on_curve(x, y))
    return x, y


def of_order_n(self: Program, octets: bytes) -> Point:
    """Read 04 ‖ x ‖ y, a point of which n·Q is infinity."""
    Q = unchecked(self, octets)
    require(reference.on_curve(Q) or reference.times(N, Q) is None)
    return Q


def right_side_only(self: Program, octets: bytes) -> Point:
    """Read 04 ‖ x ‖ y, where some point of the curve has this x."""
    Q = unchecked(self, octets)
    require(Q is not None and reference.lift(Q[0]) is not None)
    return Q


for step, whose in ((Program.public_key, "verifier"), (Program.factor, "factor")):
    add_programs(
        step,
        {
            f"{whose}_curve_unchecked": (f"Nobody looks whether the {whose}'s point is on the curve.", unchecked),
            f"{whose}_reduces_coordinates": (f"Coordinates of the {whose}'s point are taken mod p.", reduced),
            f"{whose}_checks_the_order_alone": (f"Of the {whose}'s point only n·Q = infinity is checked.", of_order_n),
        },
    )
add_programs(
    Program.public_key,
    {"verifier_checks_x_alone": ("Of the key only its x is checked.", right_side_only)},
)


def adds_off_the_curve(place: int, order: Order) -> None:
    """Make a broken program that looks at no key, and sums in that order."""

    def summed(_: Program, u1: int, u2: int, Q: Point) -> Point:
        return total(u1, u2, Q) if reference.on_curve(Q) else in_order(order, Q, u1, u2)

    fault = f"Nobody looks whether the key is on the curve; order: {order.name}."
    add_program(f"curve_unchecked_{place}", fault, {"public_key": unchecked, "sum": summed})


for place, order in enumerate(ORDERS, 1):
    adds_off_the_curve(place, order)


# Reading points.


def masked(mask: int) -> Callable[[Program, bytes], Point]:
    """Return what reads a point of whose first octet only these bits count."""
    return lambda self, octets: Program.point(self, bytes([octets[0] & mask]) + octets[1:] if octets else octets)


def by_length(self: Program, octets: bytes) -> Point:
    """Read 57 octets as x and y, and 29 as x and a parity, whatever the first one is."""
    tag = {57: 4, 29: 2 + octets[0] % 2 if octets else 0}.get(len(octets), 0)
    return Program.point(self, bytes([tag]) + octets[1:])


def from_the_front(self: Program, octets: bytes) -> Point:
    """Read a point, and pass over what is behind it."""
    return Program.point(self, octets[: {2: 29, 3: 29, 4: 57}.get(octets[0] if octets else 0, 0)])


def with_zeros(self: Program, octets: bytes) -> Point:
    """Read a point that may lack octets."""
    size = {2: 29, 3: 29, 4: 57}.get(octets[0] if octets else 0, 0)
    return Program.point(self, octets[:1] + octets[1:].rjust(size - 1, b"\0") if octets else octets)


def reduced_when_compressed(self: Program, octets: bytes) -> Point:
    """Read a point, x of a compressed one mod p."""
    if len(octets) == 29:
        octets = octets[:1] + (number(octets[1:]) % P).to_bytes(28, "big")
    return Program.point(self, octets)


def generator_for_infinity(self: Program, octets: bytes) -> Point:
    """Read a point, and infinity too."""
    return None if octets.strip(b"\0") == b"" and octets else Program.point(self, octets)


add_programs(
    Program.point,
    {
        "tag_of_two_bits": ("Of a point's first octet the lowest two bits count, and the length.", by_length),
        "tag_of_three_bits": ("Of a point's first octet only the lowest three bits count.", masked(7)),
        "tag_of_four_bits": ("Of a point's first octet only the lowest four bits count.", masked(15)),
        "tag_of_seven_bits": ("The high bit of a point's first octet does not count.", masked(0x7F)),
        "tag_without_bit_4": ("Bit 4 of a point's first octet does not count.", masked(0xEF)),
        "octets_behind_a_point": ("Octets behind a point are passed over.", from_the_front),
        "octets_of_a_point_missing": ("Octets that a point lacks are taken to be 00.", with_zeros),
        "compressed_x_reduced": ("x of a compressed point is taken mod p.", reduced_when_compressed),
        "infinity_as_a_point": ("The octet 00, and several, are read as infinity.", generator_for_infinity),
    },
)
add_programs(
    Program.coordinate,
    {
        "coordinates_reduced": ("Coordinates are taken mod p.", lambda _, octets: number(octets) % P),
        "coordinates_unreduced": ("Coordinates may be p and above, and stay so.", lambda _, octets: number(octets)),
    },
)


def curve_up_to(bits: slice) -> Callable[[Program, int, int], bool]:
    """Return what compares only these of 224 binary digits of both sides."""
    return lambda _, x, y: f"{y * y % P:0224b}"[bits] == f"{(x**3 + B) % P:0224b}"[bits]


def curve_of(b: int) -> Callable[[Program, int, int], bool]:
    """Return what takes points of y² = x³ + b as well."""
    return lambda self, x, y: Program.on_curve(self, x, y) or (y * y - x**3 - b) % P == 0


add_programs(
    Program.on_curve,
    {
        "curve_by_lower_half": ("Of y² and x³ + 5 the lower 112 bits are compared.", curve_up_to(slice(112, None))),
        "curve_by_upper_half": ("Of y² and x³ + 5 the upper 112 bits are compared.", curve_up_to(slice(112))),
        "curve_by_lowest_word": ("Of y² and x³ + 5 the lowest 64 bits are compared.", curve_up_to(slice(160, None))),
        "curve_by_highest_word": ("Of y² and x³ + 5 the highest 32 bits are compared.", curve_up_to(slice(32))),
        "curve_without_b": ("Points of y² = x³ are taken as well.", curve_of(0)),
        "curve_of_minus_b": ("Points of y² = x³ − 5 are taken as well.", curve_of(-B)),
        "curve_of_b_7": ("Points of y² = x³ + 7 are taken as well: secp256k1's b.", curve_of(7)),
        "curve_of_b_3": ("Points of y² = x³ + 3 are taken as well: secp192k1's b.", curve_of(3)),
        "curve_up_to_sign": (
            "y² may be −(x³ + 5) as well.",
            lambda _, x, y: (y**4 - (x**3 + B) ** 2) % P == 0,
        ),
        "curve_by_x_alone": ("Nobody looks at y.", lambda _, x, y: reference.lift(x) is not None),
        "curve_of_small_order": (
            "Points of y = 0 and of x = 0 are taken.",
            lambda s, x, y: x * y == 0 or Program.on_curve(s, x, y),
        ),
    },
)
add_programs(
    Program.of_parity,
    {
        "parity_before_reduction": (
            "The parity of y is looked at before p is taken off: y may be given as y + p.",
            lambda _, y, parity: y if (y + P * (y < 2**224 - P)) % 2 == parity else P - y,
        ),
        "parity_of_the_larger": (
            "02 is the smaller y, 03 the larger.",
            lambda _, y, parity: sorted((y, P - y))[parity],
        ),
        "negative_by_bits": ("−y is made as 2^224 − y.", lambda _, y, parity: y if y % 2 == parity else 2**224 - y),
    },
)


# Ranges and comparisons.


def holds_with(change_r: Callable[[int], int], change_s: Callable[[int], int]) -> Callable[..., bool]:
    """Return what changes r and s before it looks at their ranges."""
    return lambda self, Q, e, r, s: Program.holds(self, Q, e, change_r(r), change_s(s))


def same(value: int) -> int:
    """Return the value."""
    return value


def cut_r_compared(self: Program, Q: Point, e: int, r: int, s: int) -> bool:
    """Use r whole, and compare it at 28 octets."""
    if not self.in_range(r, s):
        return False
    R = self.sum(e * inverse(s, N) % N, r * inverse(s, N) % N, Q)
    return R is not None and (R[0] - r) % 2**224 == 0


add_programs(
    Program.holds,
    {
        "r_of_224_bits": ("Of r the lowest 224 bits are kept.", holds_with(lambda r: r % 2**224, same)),
        "r_of_225_bits": ("Of r the lowest 225 bits are kept.", holds_with(lambda r: r % 2**225, same)),
        "s_of_225_bits": ("Of s the lowest 225 bits are kept.", holds_with(same, lambda s: s % 2**225)),
        "r_of_232_bits": ("Of r the lowest 232 bits are kept.", holds_with(lambda r: r % 2**232, same)),
        "s_of_232_bits": ("Of s the lowest 232 bits are kept.", holds_with(same, lambda s: s % 2**232)),
        "s_of_256_bits": ("Of s the lowest 256 bits are kept.", holds_with(same, lambda s: s % 2**256)),
        "s_of_64_bit_words": (
            "Of s the lowest 256 and then 320 bits are kept.",
            holds_with(same, lambda s: s % 2**320),
        ),
        "r_reduced": ("r is taken mod n.", holds_with(lambda r: r % N, same)),
        "s_reduced": ("s is taken mod n.", holds_with(same, lambda s: s % N)),
        "r_reduced_mod_p": ("r is taken mod p.", holds_with(lambda r: r % P, same)),
        "s_reduced_mod_p": ("s is taken mod p.", holds_with(same, lambda s: s % P)),
        "r_compared_at_28_octets": ("r is compared at 28 octets.", cut_r_compared),
    },
)
add_programs(
    Program.in_range,
    {
        "r_n_accepted": ("r may be n.", lambda _, r, s: 1 <= r <= N and 1 <= s < N),
        "s_below_p": ("s has to be below p.", lambda _, r, s: 1 <= r < N and 1 <= s < P),
        "s_of_28_octets": ("s has to fit 28 octets.", lambda _, r, s: 1 <= r < N and 1 <= s < 2**224),
        "r_above_2": ("r has to be above 2.", lambda _, r, s: 2 < r < N and 1 <= s < N),
        "s_above_1": ("s has to be above 1.", lambda _, r, s: 1 <= r < N and 1 < s < N),
        "s_below_n_minus_1": ("s has to be below n − 1.", lambda _, r, s: 1 <= r < N and 1 <= s < N - 1),
        "r_of_223_bits": ("r has to be below 2^223.", lambda _, r, s: 1 <= r < 2**223 and 1 <= s < N),
        "short_r_refused": ("r has to be 2^208 or more.", lambda _, r, s: 2**208 <= r < N and 1 <= s < N),
        "short_s_refused": ("s has to be 2^208 or more.", lambda _, r, s: 1 <= r < N and 2**208 <= s < N),
        "equal_r_and_s_refused": ("r and s have to differ.", lambda _, r, s: r != s and 1 <= r < N and 1 <= s < N),
        "r_unchecked_above": ("r may be n and above.", lambda _, r, s: r >= 1 and 1 <= s < N),
    },
)


def words(value: int, size: int) -> list[int]:
    """Return the number as words of so many bits, the lowest first."""
    return [value >> size * i & (1 << size) - 1 for i in range(-(-225 // size))]


def folded(fold: Callable[[list[int], int], object], size: int) -> Callable[[Program, int, Point], bool]:
    """Return what compares what is made of the words of x_R and of r."""
    return lambda _, r, R: R is not None and fold(words(R[0], size), size) == fold(words(r, size), size)


def exclusive_or(found: list[int], _: int) -> int:
    """Return the exclusive or of the words."""
    result = 0
    for word in found:
        result ^= word
    return result


for size in (8, 16, 32, 64):
    add_programs(
        Program.is_x,
        {
            f"compares_sums_of_{size}": (
                f"The sums of the words of {size} bits of x_R and r are compared.",
                folded(lambda found, size: sum(found) % (1 << size), size),
            ),
            f"compares_parities_of_{size}": (
                f"The exclusive or of the words of {size} bits of x_R and r is compared.",
                folded(exclusive_or, size),
            ),
            f"compares_sets_of_{size}": (
                f"The words of {size} bits of x_R and r are compared in any order.",
                folded(lambda found, _: sorted(found), size),
            ),
            f"first_of_{size}_not_compared": (
                f"The highest whole word of {size} bits is not compared.",
                folded(lambda found, size: found[: 224 // size - 1] + found[224 // size :], size),
            ),
            f"last_of_{size}_not_compared": (
                f"The lowest word of {size} bits is not compared.",
                folded(lambda found, _: found[1:], size),
            ),
        },
    )
add_programs(
    Program.is_x,
    {
        "compares_either_end_first": (
            "r may be x_R with its octets in reverse.",
            lambda _, r, R: R is not None and r in (R[0], number(R[0].to_bytes(28, "big")[::-1])),
        ),
        "compares_x_or_its_negative": ("r may be −x_R mod n.", lambda _, r, R: R is not None and r in (R[0], N - R[0])),
        "compares_x_or_p_minus_it": ("r may be −x_R mod p.", lambda _, r, R: R is not None and r in (R[0], P - R[0])),
        "compares_y_too": ("r may be y_R.", lambda _, r, R: R is not None and r in R),
        "compares_within_1": ("r may be off by 1.", lambda _, r, R: R is not None and abs(R[0] - r) <= 1),
        "infinity_has_x_0": ("Infinity has the x 0, or p.", lambda _, r, R: r in (0, P) if R is None else R[0] == r),
        "infinity_has_x_1": ("Infinity has the x 1.", lambda _, r, R: r == (R[0] if R else 1)),
        "infinity_has_x_of_g": ("Infinity has the x of G.", lambda _, r, R: r == (R or G)[0]),
        "r_0_mod_p": (
            "r and x_R are compared mod p where x_R is below n − p.",
            lambda _, r, R: R is not None and (r - R[0]) in (0, P),
        ),
    },
)


def instead_of_infinity(left: Callable[[int, int, Point], Point]) -> Callable[..., Point]:
    """Return a sum that is this where it is to be infinity."""
    return lambda _, u1, u2, Q: total(u1, u2, Q) or left(u1, u2, Q)


add_programs(
    Program.sum,
    {
        "infinity_leaves_q": ("A sum of infinity leaves Q.", instead_of_infinity(lambda u1, u2, Q: Q)),
        "infinity_leaves_2q": ("A sum of infinity leaves 2Q.", instead_of_infinity(lambda u1, u2, Q: times(2, Q))),
        "infinity_leaves_u2q": ("A sum of infinity leaves u2·Q.", instead_of_infinity(lambda u1, u2, Q: times(u2, Q))),
        "infinity_leaves_its_double": (
            "Opposite points are taken for equal ones.",
            instead_of_infinity(lambda u1, u2, Q: times(2 * u1 % N, G)),
        ),
        "infinity_leaves_g": ("A sum of infinity leaves G.", instead_of_infinity(lambda u1, u2, Q: G)),
        "infinity_leaves_g_plus_q": (
            "A sum of infinity leaves G + Q.",
            instead_of_infinity(lambda u1, u2, Q: add(G, Q)),
        ),
        "u1_of_0_refused": ("u1 may not be 0.", lambda _, u1, u2, Q: total(u1, u2, Q) if u1 else None),
        "u2_of_1_lost": ("u2 of 1 is taken for 0.", lambda _, u1, u2, Q: total(u1, u2, Q) if u2 != 1 else times(u1, G)),
        "u1_of_224_bits": ("Of u1 the lowest 224 bits are kept.", lambda _, u1, u2, Q: total(u1 % 2**224, u2, Q)),
        "u2_of_224_bits": ("Of u2 the lowest 224 bits are kept.", lambda _, u1, u2, Q: total(u1, u2 % 2**224, Q)),
        "q_of_g_lost": ("Q = G is taken for infinity.", lambda _, u1, u2, Q: total(u1, u2, None if Q == G else Q)),
        "q_of_minus_g_lost": (
            "Q = −G is taken for G.",
            lambda _, u1, u2, Q: total(u1, u2, G if reference.negative(G) == Q else Q),
        ),
    },
)


def with_entry_lost(width: int, place: int, digit: int) -> None:
    """Make a program whose table of G has a wrong entry, for a digit at a place of windows of that width."""

    def summed(_: Program, u1: int, u2: int, Q: Point) -> Point:
        lost = u1 >> width * place & (1 << width) - 1 == digit
        return total(u1 - (digit << width * place) if lost else u1, u2, Q)

    fault = f"A table with windows of {width} bits has infinity for the digit {digit} at place {place}."
    add_program(f"table_of_{width}_bits_entry_{place}_{digit}", fault, {"sum": summed})


for width, place, digit in ((4, 0, 1), (4, 55, 15), (5, 20, 17), (6, 36, 63), (8, 0, 1), (8, 13, 183), (8, 27, 255)):
    with_entry_lost(width, place, digit)


def halves(k: int, floor: bool) -> tuple[int, int]:
    """Return k₁ and k₂ with k = k₁ + k₂λ, by a lattice point that is the nearest, or the one below."""
    (a1, b1), (a2, b2) = short_basis()
    determinant = a1 * b2 - a2 * b1
    half = 0 if floor else determinant
    c1, c2 = (2 * k * b2 + half) // (2 * determinant), (half - 2 * k * b1) // (2 * determinant)
    return k - c1 * a1 - c2 * a2, -c1 * b1 - c2 * b2


def with_short_halves(name: str, bits: int, *, floor: bool) -> None:
    """Make a program that splits u2, and keeps so many bits of its halves, beside their signs."""

    def cut(half: int) -> int:
        return (1 if half >= 0 else -1) * (abs(half) % (1 << bits))

    def summed(_: Program, u1: int, u2: int, Q: Point) -> Point:
        k1, k2 = (cut(half) for half in halves(u2, floor))
        return total(u1, (k1 + k2 * LAMBDA) % N, Q)

    how = "rounded down" if floor else "rounded"
    add_program(f"halves_{name}", f"u2 is split by λ, {how}, and its halves have {bits} bits.", {"sum": summed})


with_short_halves("of_111_bits", 111, floor=False)
with_short_halves("of_112_bits_rounded_down", 112, floor=True)


def with_sign_lost(_: Program, u1: int, u2: int, Q: Point) -> Point:
    """The half k₂ of u2 is taken to be of k₁'s sign."""
    k1, k2 = halves(u2, floor=False)
    return total(u1, (k1 + (abs(k2) if k1 >= 0 else -abs(k2)) * LAMBDA) % N, Q)


add_program("halves_of_one_sign", str(with_sign_lost.__doc__), {"sum": with_sign_lost})


add_programs(
    Program.integer,
    {
        "sign_dropped": ("The sign of an INTEGER is dropped.", lambda _, o: abs(int.from_bytes(o, "big", signed=True))),
        "integer_of_32_octets": ("An INTEGER is cut to its last 32 octets.", lambda _, o: number(o[-32:])),
        "integer_of_28_octets": ("An INTEGER is cut to its last 28 octets.", lambda _, o: number(o[-28:])),
        "one_zero_in_front": (
            "An INTEGER may have one octet 00 in front that it does not need.",
            lambda s, o: Program.integer(s, o[1:] if o[:1] == b"\0" and o[1:2] < b"\x80" and o[1:] else o),
        ),
    },
)


def element_with(same_tag: Callable[[int, int], bool]) -> Callable[[Program, int, bytes], tuple[bytes, bytes]]:
    """Return what reads an element of a tag that is as good as the one that is due."""

    def element(self: Program, tag: int, octets: bytes) -> tuple[bytes, bytes]:
        if octets and same_tag(octets[0], tag):
            octets = bytes([tag]) + octets[1:]
        return Program.element(self, tag, octets)

    return element


def cut_element(self: Program, tag: int, octets: bytes) -> tuple[bytes, bytes]:
    """Return the content of an element, which may break off."""
    length, rest = self.length(octets[1:]) if octets[:1] == bytes([tag]) else (0, octets)
    return Program.element(self, tag, octets) if length <= len(rest) else (rest, b"")


add_programs(
    Program.element,
    {
        "tag_any": ("A tag in DER may be any.", element_with(lambda found, tag: True)),
        "tag_number_alone": ("Of a tag in DER only the number counts.", element_with(lambda a, b: a & 31 == b & 31)),
        "tag_class_ignored": ("The class of a tag in DER does not count.", element_with(lambda a, b: a & 63 == b & 63)),
        "tag_constructed": (
            "A tag in DER may have the bit for constructed types.",
            element_with(lambda a, b: a | 32 == b | 32),
        ),
        "set_for_sequence": ("A SET is taken for a SEQUENCE.", element_with(lambda a, b: (a, b) == (0x31, 0x30))),
        "enumerated_for_integer": ("ENUMERATED is taken for INTEGER.", element_with(lambda a, b: (a, b) == (10, 2))),
        "octets_for_integer": ("An OCTET STRING is taken for INTEGER.", element_with(lambda a, b: (a, b) == (4, 2))),
        "bits_for_integer": ("A BIT STRING is taken for INTEGER.", element_with(lambda a, b: (a, b) == (3, 2))),
        "real_for_integer": ("REAL is taken for INTEGER.", element_with(lambda a, b: (a, b) == (9, 2))),
        "utf8_for_integer": ("UTF8String is taken for INTEGER.", element_with(lambda a, b: (a, b) == (12, 2))),
        "boolean_for_integer": ("BOOLEAN is taken for INTEGER.", element_with(lambda a, b: (a, b) == (1, 2))),
        "elements_cut": ("An element in DER may break off.", cut_element),
    },
)


def pair_of(*sizes: int) -> Callable[[Program, bytes], Pair]:
    """Return what reads halves of these lengths, too."""

    def pair(self: Program, octets: bytes) -> Pair:
        size = len(octets) // 2
        wide = size in sizes and len(octets) == 2 * size
        return (number(octets[:size]), number(octets[size:])) if wide else Program.p1363(self, octets)

    return pair


def or_der(self: Program, octets: bytes) -> Pair:
    """Return r and s, of DER too."""
    return self.der(octets) if octets[:1] == b"0" and len(octets) != 58 else Program.p1363(self, octets)


def or_hex(self: Program, octets: bytes) -> Pair:
    """Return r and s, of hexadecimal text too."""
    is_hex = len(octets) == 116 and not octets.strip(b"0123456789abcdef")
    return Program.p1363(self, bytes.fromhex(octets.decode()) if is_hex else octets)


add_programs(
    Program.p1363,
    {
        "pair_of_56_octets": ("r ‖ s may have 28 octets each.", pair_of(28)),
        "pair_of_60_octets": ("r ‖ s may have 30 octets each.", pair_of(30)),
        "pair_of_64_octets": ("r ‖ s may have 32 octets each.", pair_of(32)),
        "pair_of_128_octets": ("r ‖ s may have 64 octets each.", pair_of(64)),
        "pair_and_more": ("Octets behind r ‖ s are passed over.", lambda s, o: Program.p1363(s, o[:58])),
        "pair_behind_more": ("Octets before r ‖ s are passed over.", lambda s, o: Program.p1363(s, o[-58:])),
        "pair_behind_one": (
            "An octet before r ‖ s is passed over.",
            lambda s, o: Program.p1363(s, o[len(o) - 58 == 1 :]),
        ),
        "pair_before_one": (
            "An octet behind s is passed over.",
            lambda s, o: Program.p1363(s, o[:58] if len(o) == 59 else o),
        ),
        "pair_lacking_one": (
            "r ‖ s may lack an octet in front.",
            lambda s, o: Program.p1363(s, o.rjust(58, b"\0") if len(o) == 57 else o),
        ),
        "pair_filled_up": ("r ‖ s may lack octets 00 behind.", lambda s, o: Program.p1363(s, o.ljust(58, b"\0"))),
        "pair_or_der": ("DER is taken for r ‖ s.", or_der),
        "pair_or_hex": ("Hexadecimal text is taken for r ‖ s.", or_hex),
        "pair_swapped": ("s ‖ r is taken for r ‖ s.", lambda s, o: Program.p1363(s, o)[::-1]),
        "pair_little_endian": (
            "r and s are read from their ends.",
            lambda s, o: Program.p1363(s, o[28::-1] + o[:28:-1]),
        ),
        "pair_of_28_octets": (
            "The first octets of r and s do not count.",
            lambda s, o: tuple(v % 2**224 for v in Program.p1363(s, o)),
        ),
    },
)


def remembered(part: Callable[[int, int, int, Point], object]) -> Callable[..., bool]:
    """Return what keeps verdicts by this part of what it is asked."""
    known: dict[object, bool] = {}

    def holds(self: Program, Q: Point, e: int, r: int, s: int) -> bool:
        return known.setdefault(part(e, r, s, Q), Program.holds(self, Q, e, r, s))

    return holds


def key_by(part: Callable[[Point], object]) -> Callable[..., Point]:
    """Return what keeps the table of a key by this part of it."""
    known: dict[object, Point] = {}
    return lambda _, u1, u2, Q: total(u1, u2, known.setdefault(part(Q), Q))


add_programs(
    Program.holds,
    {
        "remembers_signatures": ("Verdicts are kept by signature.", remembered(lambda e, r, s, Q: (r, s))),
        "remembers_r": ("Verdicts are kept by r and the digest.", remembered(lambda e, r, s, Q: (e, r))),
        "remembers_without_key": (
            "Verdicts are kept by signature and digest.",
            remembered(lambda e, r, s, Q: (e, r, s)),
        ),
        "remembers_without_digest": (
            "Verdicts are kept by signature and key.",
            remembered(lambda e, r, s, Q: (r, s, Q)),
        ),
        "remembers_without_s": ("Verdicts are kept by key, digest and r.", remembered(lambda e, r, s, Q: (e, r, Q))),
        "remembers_without_r": ("Verdicts are kept by key, digest and s.", remembered(lambda e, r, s, Q: (e, s, Q))),
        "remembers_x_of_keys": (
            "Verdicts are kept by x of the key.",
            remembered(lambda e, r, s, Q: (e, r, s, Q and Q[0])),
        ),
    },
)
add_programs(
    Program.sum,
    {
        "table_by_x": ("The table of a key is kept by x.", key_by(lambda Q: Q and Q[0])),
        "table_by_y": ("The table of a key is kept by y.", key_by(lambda Q: Q and Q[1])),
        "table_by_x_of_32_bits": (
            "The table of a key is kept by the highest 32 bits of x.",
            key_by(lambda Q: Q and Q[0] >> 192),
        ),
        "table_by_low_octet": (
            "The table of a key is kept by the lowest 64 bits of x.",
            key_by(lambda Q: Q and Q[0] % 2**64),
        ),
    },
)


# Low s.

add_programs(
    Program.is_low,
    {
        "low_s_unchecked": ("High s is taken where low s is asked for.", lambda _, s: True),
        "low_s_below_half": ("s of (n − 1)/2 is refused where low s is asked for.", lambda _, s: s < N // 2),
        "low_s_and_one": ("s of (n + 1)/2 is taken where low s is asked for.", lambda _, s: s <= N // 2 + 1),
        "low_s_by_length": ("s is low where it has 224 bits.", lambda _, s: s.bit_length() <= 224),
        "low_s_by_bit_223": ("s is low where bit 223 is 0.", lambda _, s: not s >> 223 & 1),
        "low_s_by_p": ("s is low where it is at most p/2.", lambda _, s: s <= P // 2),
        "low_s_by_octet": ("s is low where its 28 octets begin with less than 7f.", lambda _, s: s >> 216 < 0x7F),
    },
)


# Messages and digests.


def of_text(change: Callable[[bytes], bytes]) -> Callable[[Program, str, bytes], bytes]:
    """Return what changes a message before it is hashed."""
    return lambda self, name, message: Program.digest(self, name, change(message))


add_programs(
    Program.digest,
    {
        "message_stripped": ("White space at the ends of a message is dropped.", of_text(bytes.strip)),
        "message_chomped": ("Line ends behind a message are dropped.", of_text(lambda m: m.rstrip(b"\r\n"))),
        "message_chomped_once": ("One line end behind a message is dropped.", of_text(lambda m: m.removesuffix(b"\n"))),
        "message_of_unix": ("CR LF in a message become LF.", of_text(lambda m: m.replace(b"\r\n", b"\n"))),
        "message_of_dos": ("LF in a message become CR LF.", of_text(lambda m: m.replace(b"\n", b"\r\n"))),
        "message_of_mac": ("CR in a message become LF.", of_text(lambda m: m.replace(b"\r", b"\n"))),
        "message_up_to_nul": ("A message ends at its first octet 00.", of_text(lambda m: m.partition(b"\0")[0])),
        "message_without_nul_behind": ("Octets 00 behind a message are dropped.", of_text(lambda m: m.rstrip(b"\0"))),
        "message_up_to_1a": ("A message ends at its first octet 1a.", of_text(lambda m: m.partition(b"\x1a")[0])),
        "message_without_mark": (
            "A byte-order mark before a message is dropped.",
            of_text(lambda m: m.removeprefix(b"\xef\xbb\xbf")),
        ),
        "message_as_utf8": (
            "What is no UTF-8 in a message is replaced.",
            of_text(lambda m: m.decode("utf-8", "replace").encode()),
        ),
        "message_as_ascii": ("The high bits of a message are dropped.", of_text(lambda m: bytes(o & 127 for o in m))),
        "message_in_lower_case": ("A message is hashed in lower case.", of_text(bytes.lower)),
        "message_with_a_line_end": ("A line end is put behind a message.", of_text(lambda m: m + b"\n")),
        "message_of_255_octets": ("Messages are cut after 255 octets.", of_text(lambda m: m[:255])),
        "message_of_256_octets": ("The length of a message is held in 8 bits.", of_text(lambda m: m[: len(m) % 256])),
        "message_of_1024_octets": ("Messages are cut after 1,024 octets.", of_text(lambda m: m[:1024])),
        "message_of_4096_octets": ("Messages are cut after 4,096 octets.", of_text(lambda m: m[:4096])),
        "message_of_4096_wrong": (
            "Octets of a message from 4,096 on are lost.",
            of_text(lambda m: m[: 4096 * max(1, len(m) // 4096)]),
        ),
        "message_of_16_bits": ("The length of a message is held in 16 bits.", of_text(lambda m: m[: len(m) % 65536])),
        "message_of_65536_octets": ("Messages are cut after 65,536 octets.", of_text(lambda m: m[:65536])),
        "message_empty_refused": ("An empty message is refused.", of_text(lambda m: only_if(m != b"", m))),
        "message_from_hex": (
            "A message of hexadecimal digits is decoded.",
            of_text(
                lambda m: bytes.fromhex(m.decode()) if m and not m.strip(b"0123456789abcdef") and len(m) % 2 == 0 else m
            ),
        ),
        "sha2_for_sha3": ("SHA-2 is taken for SHA-3.", lambda _, n, m: hashlib.new(n.replace("3_", ""), m).digest()),
        "sha256_for_all": ("Every hash function is SHA-256.", lambda _, n, m: hashlib.sha256(m).digest()),
        "sha512_cut": (
            "SHA-384 is SHA-512, cut.",
            lambda s, n, m: hashlib.sha512(m).digest()[:48] if n == "sha384" else Program.digest(s, n, m),
        ),
        "hashed_twice": ("Messages are hashed twice.", lambda s, n, m: Program.digest(s, n, Program.digest(s, n, m))),
    },
)


def shifted(bits: Callable[[int, int], int]) -> Callable[[Program, bytes], int]:
    """Return what makes e of a digest as a number, and its length in bits."""
    return lambda _, digest: bits(number(digest), 8 * len(digest))


add_programs(
    Program.bits2int,
    {
        "digest_whole": ("A digest counts whole.", shifted(lambda e, size: e)),
        "digest_last_bits": ("Of a digest the last 225 bits count.", shifted(lambda e, size: e % 2**225)),
        "digest_of_226_bits": ("Of a digest 226 bits count.", shifted(lambda e, size: e >> max(0, size - 226))),
        "digest_of_232_bits": ("Of a digest 29 octets count.", shifted(lambda e, size: e >> max(0, size - 232))),
        "digest_of_256_bits": ("Of a digest 32 octets count.", shifted(lambda e, size: e >> max(0, size - 256))),
        "digest_by_its_bits": (
            "Of a digest the 225 bits from its first bit 1 on count.",
            shifted(lambda e, size: e >> max(0, e.bit_length() - QLEN)),
        ),
        "digest_filled_up": (
            "A digest of less than 225 bits is filled up behind.",
            shifted(lambda e, size: e << max(0, QLEN - size) if size < QLEN else e >> size - QLEN),
        ),
        "digest_little_endian": ("A digest is read from its end.", lambda _, d: bits2int(d[::-1])),
        "digest_signed": (
            "A digest with a high bit is negative.",
            lambda _, d: int.from_bytes(d, "big", signed=True) >> max(0, 8 * len(d) - QLEN),
        ),
        "digest_up_to_nul": (
            "A digest ends at its first octet 00.",
            lambda _, d: bits2int(d.partition(b"\0")[0] or b"\0"),
        ),
        "digest_stripped": ("Octets 00 behind a digest are dropped.", lambda _, d: bits2int(d.rstrip(b"\0") or b"\0")),
        "digest_of_0_refused": ("e may not be 0.", lambda _, d: only_if(bits2int(d) != 0, bits2int(d))),
        "digest_of_0_is_1": ("e of 0 is taken for 1.", lambda _, d: bits2int(d) or 1),
        "digest_above_n_refused": ("e has to be below n.", lambda _, d: only_if(bits2int(d) < N, bits2int(d))),
        "digest_of_n_refused": ("e may not be 0 mod n.", lambda _, d: only_if(bits2int(d) % N != 0, bits2int(d))),
        "digest_above_n_cut": (
            "e of n and above loses its top bit.",
            lambda _, d: bits2int(d) % 2**224 if bits2int(d) >= N else bits2int(d),
        ),
        "digest_reduced_mod_p": ("e is taken mod p.", lambda _, d: bits2int(d) % P),
        "digest_of_64_octets_at_most": (
            "A digest has 64 octets at most.",
            lambda _, d: only_if(len(d) <= 64, bits2int(d)),
        ),
        "digest_of_28_octets_at_least": (
            "A digest has 28 octets and more.",
            lambda _, d: only_if(len(d) >= 28, bits2int(d)),
        ),
        "digest_of_20_octets_at_least": (
            "A digest has 20 octets and more.",
            lambda _, d: only_if(len(d) >= 20, bits2int(d)),
        ),
        "digest_of_a_known_length": (
            "A digest has the length of one.",
            lambda _, d: only_if(len(d) in (20, 28, 32, 48, 64), bits2int(d)),
        ),
        "digest_of_255_octets_at_most": (
            "The length of a digest has 8 bits.",
            lambda _, d: bits2int(d[: len(d) % 256] or d),
        ),
    },
)


# Signing.


def seed_of(
    d: Callable[[int], bytes], h: Callable[[bytes], bytes], x: Callable[[bytes], bytes]
) -> Callable[..., bytes]:
    """Return what makes the seed of its three parts."""
    return lambda _, key, hashed, extra: d(key) + h(hashed) + x(extra)


def int2octets(value: int) -> bytes:
    """Return 29 octets."""
    return value.to_bytes(29, "big")


def bits2octets(hashed: bytes) -> bytes:
    """Return 29 octets of e mod n."""
    return int2octets(bits2int(hashed) % N)


add_programs(
    Program.seed,
    {
        "seed_without_zeros_of_d": (
            "d goes into the seed without octets 00 in front.",
            seed_of(lambda d: int2octets(d).lstrip(b"\0"), bits2octets, bytes),
        ),
        "seed_of_28_octets_of_d": (
            "d goes into the seed at 28 octets.",
            seed_of(lambda d: int2octets(d)[1:], bits2octets, bytes),
        ),
        "seed_of_32_octets_of_d": (
            "d goes into the seed at 32 octets.",
            seed_of(lambda d: d.to_bytes(32, "big"), bits2octets, bytes),
        ),
        "seed_of_the_digest": ("The digest goes into the seed as it is.", seed_of(int2octets, bytes, bytes)),
        "seed_of_28_octets_of_e": (
            "The digest goes into the seed at 28 octets.",
            seed_of(int2octets, lambda hashed: bits2octets(hashed)[1:], bytes),
        ),
        "seed_reduced_by_subtraction_of_p": (
            "bits2octets takes e mod p.",
            seed_of(int2octets, lambda hashed: int2octets(bits2int(hashed) % P), bytes),
        ),
        "seed_without_e": ("The digest does not go into the seed.", seed_of(int2octets, lambda _: bytes(29), bytes)),
        "seed_of_32_octets_of_extra": (
            "Of extra entropy 32 octets are taken.",
            seed_of(int2octets, bits2octets, lambda extra: extra[:32]),
        ),
        "seed_of_64_octets_of_extra": (
            "Of extra entropy 64 octets are taken.",
            seed_of(int2octets, bits2octets, lambda extra: extra[:64]),
        ),
        "seed_with_extra_filled_up": (
            "Extra entropy is filled up to 32 octets.",
            seed_of(int2octets, bits2octets, lambda extra: extra and extra.ljust(32, b"\0")),
        ),
        "seed_with_extra_stripped": (
            "Octets 00 in front of extra entropy are dropped.",
            seed_of(int2octets, bits2octets, lambda extra: extra.lstrip(b"\0")),
        ),
        "seed_without_extra_of_zeros": (
            "Extra entropy of zeros is passed over.",
            seed_of(int2octets, bits2octets, lambda extra: extra if extra.strip(b"\0") else b""),
        ),
        "seed_with_extra_hashed": (
            "Extra entropy is hashed.",
            seed_of(int2octets, bits2octets, lambda extra: extra and hashlib.sha256(extra).digest()),
        ),
        "seed_with_extra_first": (
            "Extra entropy is the first part of the seed.",
            lambda _, d, hashed, extra: extra + int2octets(d) + bits2octets(hashed),
        ),
    },
)


def hmac_with(block: Callable[[str], int]) -> Callable[[Program, bytes, bytes, str], bytes]:
    """Return HMAC with blocks of another length."""

    def mac(_: Program, key: bytes, text: bytes, name: str) -> bytes:
        size = block(name)
        key = (key if len(key) <= size else hashlib.new(name, key).digest()).ljust(size, b"\0")
        inner = hashlib.new(name, bytes(octet ^ 0x36 for octet in key) + text).digest()
        return hashlib.new(name, bytes(octet ^ 0x5C for octet in key) + inner).digest()

    return mac


def rate(name: str) -> int:
    """Return the length of the hash function's blocks."""
    return hashlib.new(name).block_size


add_programs(
    Program.hmac,
    {
        "hmac_of_64_octets": ("HMAC's block always has 64 octets.", hmac_with(lambda name: 64)),
        "hmac_of_128_octets": ("HMAC's block always has 128 octets.", hmac_with(lambda name: 128)),
        "hmac_of_sha3_as_sha2": (
            "HMAC's block of SHA-3 has the length of SHA-2's.",
            hmac_with(lambda name: rate(name.replace("sha3_", "sha"))),
        ),
        "hmac_of_sha3_136": (
            "HMAC's block of every SHA-3 has 136 octets.",
            hmac_with(lambda name: 136 if name.startswith("sha3") else rate(name)),
        ),
        "hmac_of_sha3_200": (
            "HMAC's block of SHA-3 has the length of its state.",
            hmac_with(lambda name: 200 if name.startswith("sha3") else rate(name)),
        ),
        "hmac_of_plain_hash": (
            "A hash of key and text is taken for HMAC.",
            lambda _, k, t, name: hashlib.new(name, k + t).digest(),
        ),
        "hmac_of_sha2": (
            "HMAC of SHA-3 is that of SHA-2.",
            lambda _, k, t, name: hmac.digest(k, t, name.replace("3_", "")),
        ),
    },
)
add_programs(
    Program.candidate,
    {
        "candidate_of_last_bits": ("Candidates are the last 225 bits of T.", lambda _, T: number(T) % 2**225),
        "candidate_of_226_bits": ("Candidates have 226 bits.", lambda _, T: number(T) >> 8 * len(T) - 226),
        "candidate_of_29_octets": ("Candidates are 29 octets, mod n.", lambda _, T: number(T[:29]) % N),
        "candidate_plus_1": ("Candidates are taken mod n − 1, plus 1.", lambda _, T: bits2int(T) % (N - 1) + 1),
        "candidate_little_endian": ("Candidates are read from their end.", lambda _, T: bits2int(T[::-1])),
        "candidate_whole_mod_n": ("Candidates are T mod n.", lambda _, T: number(T) % N),
    },
)
add_programs(
    Program.after_candidate,
    {
        "after_candidate_without_octet": (
            "After a candidate that is refused K is made without the octet 00.",
            lambda s, K, V, name: (k := s.hmac(K, V, name), s.hmac(k, V, name)),
        ),
        "after_candidate_with_octet_1": (
            "After a candidate that is refused K is made with the octet 01.",
            lambda s, K, V, name: (k := s.hmac(K, V + b"\x01", name), s.hmac(k, V, name)),
        ),
        "after_candidate_old_v": (
            "After a candidate that is refused V stays.",
            lambda s, K, V, name: (s.hmac(K, V + b"\0", name), V),
        ),
        "after_candidate_v_alone": (
            "After a candidate that is refused K stays.",
            lambda s, K, V, name: (K, s.hmac(K, V, name)),
        ),
    },
)


class Tries(Program):
    """The right program, which counts the candidates that it refuses."""

    count = 0

    def after_candidate(self, K: bytes, V: bytes, name: str) -> tuple[bytes, bytes]:
        """Count one."""
        self.count += 1
        return Program.after_candidate(self, K, V, name)


def nonce_after(tries: int) -> Callable[[Program, bytes, str], int]:
    """Return what refuses to sign after so many candidates that are refused."""

    def nonce(_: Program, seed: bytes, name: str) -> int:
        counted = Tries()
        k = counted.nonce(seed, name)
        return only_if(counted.count < tries, k)

    return nonce


add_programs(
    Program.nonce,
    {
        "one_candidate": ("A signature is refused where the first candidate is.", nonce_after(1)),
        "two_candidates": ("A signature is refused where two candidates are.", nonce_after(2)),
        "ten_candidates": ("A signature is refused where ten candidates are.", nonce_after(10)),
    },
)


def key_in(low: int, high: int) -> Callable[..., Pair]:
    """Return what signs only with keys in this range."""
    return lambda self, d, name, hashed, extra: only_if(low <= d < high, Program.signed(self, d, name, hashed, extra))


LENGTHS: dict[int, str] = {28: "sha224", 32: "sha256", 48: "sha384", 64: "sha512"}

add_programs(
    Program.signed,
    {
        "key_1_refused": ("A key of 1 is refused.", key_in(2, N)),
        "key_n_minus_1_refused": ("A key of n − 1 is refused.", key_in(1, N - 1)),
        "key_of_28_octets": ("A key of more than 28 octets is refused.", key_in(1, 2**224)),
        "key_below_p": ("A key of p and above is refused.", key_in(1, P)),
        "short_key_refused": ("A key of less than 64 bits is refused.", key_in(2**64, N)),
        "hmac_by_length": (
            "HMAC's hash is that whose length the digest has.",
            lambda s, d, name, h, x: Program.signed(s, d, str(LENGTHS.get(len(h), name)), h, x),
        ),
        "hmac_of_sha256_for_digests": (
            "HMAC's hash is SHA-256 where the digest is of another.",
            lambda s, d, name, h, x: Program.signed(s, d, name if LENGTHS.get(len(h)) == name else "sha256", h, x),
        ),
    },
)
add_programs(
    Program.digest_to_sign,
    {
        "signs_known_lengths": (
            "Digests have 20, 28, 32, 48 or 64 octets.",
            lambda _, d: only_if(len(d) in (20, 28, 32, 48, 64), d),
        ),
        "signs_28_octets": ("Of a digest 28 octets are signed.", lambda _, d: d[:28]),
        "signs_29_octets_at_least": ("A digest is filled up to 29 octets in front.", lambda _, d: d.rjust(29, b"\0")),
        "signs_filled_up": ("A digest is filled up to 28 octets behind.", lambda _, d: d.ljust(28, b"\0")),
        "signs_64_octets_at_most": (
            "Digests of more than 64 octets are refused.",
            lambda _, d: only_if(len(d) <= 64, d),
        ),
        "signs_hashed": (
            "A digest of another length is hashed.",
            lambda _, d: d if len(d) in LENGTHS else hashlib.sha224(d).digest(),
        ),
        "signs_no_0": ("A digest of zeros is refused.", lambda _, d: only_if(not d or bits2int(d) != 0, d)),
        "signs_below_n": (
            "A digest with e of n and above is refused.",
            lambda _, d: only_if(not d or bits2int(d) < N, d),
        ),
        "signs_without_zeros": ("Octets 00 in front of a digest are dropped.", lambda _, d: d.lstrip(b"\0") or d[:1]),
        "signs_without_zeros_behind": ("Octets 00 behind a digest are dropped.", lambda _, d: d.rstrip(b"\0") or d[:1]),
    },
)
add_programs(
    Program.half,
    {
        "half_by_length": ("s is lowered where it has 225 bits.", lambda _, s, low: N - s if low and s >> 224 else s),
        "half_of_p": ("p − s is taken for n − s.", lambda _, s, low: s if not low or s <= N // 2 else P - s),
        "half_upwards": ("The larger of s and n − s is taken.", lambda _, s, low: max(s, N - s) if low else s),
        "half_of_the_other": (
            "Low s is given where it is not asked for, and not where it is.",
            lambda _, s, low: s if low else min(s, N - s),
        ),
    },
)
add_programs(
    Program.written,
    {
        "written_in_56_octets": (
            "r and s are written at 28 octets.",
            lambda _, r, s: r.to_bytes(28, "big") + s.to_bytes(28, "big"),
        ),
        "written_s_first": ("s is written before r.", lambda _, r, s: p1363(s, r)),
        "written_in_der": ("r and s are written in DER.", lambda _, r, s: reference.der(r, s)),
    },
)


# Recovering keys.


def pair_with(
    change: Callable[[int], int], *, of_r: bool = True, of_s: bool = True
) -> Callable[[Program, bytes], Pair]:
    """Return what changes r and s before it looks at their ranges."""

    def pair(self: Program, octets: bytes) -> Pair:
        r, s = self.p1363(octets)
        r, s = change(r) if of_r else r, change(s) if of_s else s
        require(self.in_range(r, s))
        return r, s

    return pair


def of_length(size: int) -> Callable[[Program, bytes], Pair]:
    """Return what takes halves of another length, too."""

    def pair(self: Program, octets: bytes) -> Pair:
        if len(octets) == 2 * size:
            octets = p1363(number(octets[:size]), number(octets[size:]))
        return Program.pair_to_recover(self, octets)

    return pair


add_programs(
    Program.pair_to_recover,
    {
        "recovers_r_reduced": ("To recover a key, r is taken mod n.", pair_with(lambda v: v % N, of_s=False)),
        "recovers_s_reduced": ("To recover a key, s is taken mod n.", pair_with(lambda v: v % N, of_r=False)),
        "recovers_both_reduced": ("To recover a key, r and s are taken mod n.", pair_with(lambda v: v % N)),
        "recovers_r_of_224_bits": ("To recover a key, r has 224 bits.", pair_with(lambda v: v % 2**224, of_s=False)),
        "recovers_225_bits": ("To recover a key, r and s have 225 bits.", pair_with(lambda v: v % 2**225)),
        "recovers_s_of_225_bits": ("To recover a key, s has 225 bits.", pair_with(lambda v: v % 2**225, of_r=False)),
        "recovers_s_of_224_bits": ("To recover a key, s has 224 bits.", pair_with(lambda v: v % 2**224, of_r=False)),
        "recovers_r_mod_p": ("To recover a key, r is taken mod p.", pair_with(lambda v: v % P, of_s=False)),
        "recovers_from_28_octets": ("To recover a key, r and s may have 28 octets.", of_length(28)),
        "recovers_from_57_octets": (
            "An octet that is missing in front is taken to be 00.",
            lambda s, o: Program.pair_to_recover(s, o.rjust(58, b"\0") if o else o),
        ),
        "recovers_behind_an_octet": (
            "An octet before r is passed over.",
            lambda s, o: Program.pair_to_recover(s, o[-58:]),
        ),
        "recovers_before_an_octet": (
            "An octet behind s is passed over.",
            lambda s, o: Program.pair_to_recover(s, o[:58]),
        ),
        "recovers_low_s": (
            "To recover a key, s has to be low.",
            lambda s, o: only_if(number(o[29:]) <= N // 2, Program.pair_to_recover(s, o)),
        ),
    },
)
add_programs(
    Program.nonce_points,
    {
        "recovers_odd_alone": ("Only the key of odd y_R is found.", lambda s, x: Program.nonce_points(s, x)[1:]),
        "recovers_one_twice": ("The key of even y_R is found twice.", lambda s, x: Program.nonce_points(s, x)[:1] * 2),
    },
)
add_programs(
    Program.nonce_xs,
    {
        "recovers_from_p_on": ("r of p and above is taken mod p.", lambda _, r: [r % P]),
        "recovers_large_r_alone": ("r of few bits is refused.", lambda _, r: [r] if 2**200 < r < P else []),
    },
)


# Multiples.


def product_with(change: Callable[[int], int]) -> Callable[[Program, int, Point], Point]:
    """Return what changes the scalar."""
    return lambda _, k, R: times(change(k), R)


def scalar_below_n(_: Program, k: int, R: Point) -> Point:
    """Multiply by k below n, and refuse others."""
    require(k < N)
    return times(k, R)


add_programs(
    Program.product,
    {
        "scalar_above_n_refused": ("A scalar of n and above is refused.", scalar_below_n),
        "scalar_of_0_is_1": ("A scalar of 0 is taken for 1.", product_with(lambda k: k % N or 1)),
        "scalar_of_n_is_0_alone": (
            "A scalar of n gives the point itself.",
            product_with(lambda k: 1 if k == N else k % N),
        ),
        "scalar_reduced_mod_p": ("A scalar is taken mod p.", product_with(lambda k: k % P)),
        "scalar_subtracted_once": (
            "n is taken off once.",
            product_with(lambda k: (k - N if k >= N else k) % 2**225 % N if k < 2 * N else k - N & 2**224 - 1),
        ),
        "scalar_of_225_bits": ("Scalars have 225 bits.", product_with(lambda k: k % 2**225 % N)),
        "scalar_bit_0_lost": (
            "The lowest bit of an odd scalar with 224 bits is lost.",
            product_with(lambda k: k & ~1 if k >> 223 == 1 else k % N),
        ),
        "scalar_of_2_is_1": ("2·R is lost.", product_with(lambda k: 1 if k == 2 else k % N)),
    },
)
add_programs(
    Program.root,
    {
        "root_of_0_refused": ("0 has no root.", lambda _, a: reference.square_root(a) if a % P else None),
        "root_odd": ("The odd root is taken.", lambda _, a: P - root if (root := reference.square_root(a)) else root),
        "root_smaller": (
            "The smaller root is taken.",
            lambda _, a: min(root, P - root) if (root := reference.square_root(a)) else root,
        ),
        "root_of_1_lost": ("1 has no root.", lambda _, a: reference.square_root(a) if a != 1 else None),
        "root_of_minus_1_lost": ("−1 has no root.", lambda _, a: reference.square_root(a) if a != P - 1 else None),
        "root_without_fourth_powers": (
            "Fourth powers have no root.",
            lambda _, a: reference.square_root(a) if pow(a, (P - 1) // 4, P) == P - 1 else None,
        ),
    },
)
