"""More programs that are wrong on purpose, in batches, in key files and in the login message."""

from __future__ import annotations

import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import faults_of_signatures  # noqa: F401  # whose programs are broken in batches, too
from faults import BROKEN, add_program, add_programs, only_if
from right import Program, Refused, require, total

# isort: split
from reference import N, Point, add, inverse, lift, multiply, negative

from ecpure.vectors.schemas import Message

# Batches.


def each(self: Program, name: str, items: list[Message]) -> list[bool]:
    """Return the right verdicts."""
    return Program.verdicts(self, name, items)


def after_first_bad(self: Program, name: str, items: list[Message]) -> list[bool]:
    """Return verdicts up to the first bad item, and False for all after it."""
    right = each(self, name, items)
    first = right.index(False) if False in right else len(right)
    return [place < first for place in range(len(right))]


def neighbours(step: int) -> Callable[..., list[bool]]:
    """Return verdicts of which a bad item spoils the one so many places on."""

    def verdicts(self: Program, name: str, items: list[Message]) -> list[bool]:
        right = each(self, name, items)
        return [
            holds and (not 0 <= place - step < len(right) or right[place - step]) for place, holds in enumerate(right)
        ]

    return verdicts


def known_by(*parts: str) -> Callable[..., list[bool]]:
    """Return verdicts that are kept by these parts of an item."""

    def verdicts(self: Program, name: str, items: list[Message]) -> list[bool]:
        known: dict[tuple[str, ...], bool] = {}
        for item in items:
            known.setdefault(tuple(item[part] for part in parts), self.verdict(name, item))
        return [known[tuple(item[part] for part in parts)] for item in items]

    return verdicts


def with_first(part: str) -> Callable[..., list[bool]]:
    """Return verdicts in which all items have this part of the first."""
    return lambda self, name, items: each(self, name, [item | {part: items[0][part]} for item in items])


def up_to(size: int) -> Callable[..., list[bool]]:
    """Return verdicts on so many items; those after them hold."""
    return lambda self, name, items: each(self, name, items[:size]) + [True] * len(items[size:])


def zero_spoils(self: Program, name: str, items: list[Message]) -> list[bool]:
    """Return verdicts by one inversion for all s, of which one may be 0 mod n."""
    spoilt = any(int(item["signature"][58:] or "1", 16) % N == 0 for item in items)
    return [not spoilt and holds for holds in each(self, name, items)]


def added_up(self: Program, name: str, items: list[Message]) -> list[bool]:
    """Return verdicts by one equation for all items, the sum of u1·G + u2·Q − R, and one by one where it is wrong."""
    left: Point = None
    for item in items:
        try:
            r, s = self.p1363(bytes.fromhex(item["signature"]))
            Q = self.point(bytes.fromhex(item["public_key"]))
            require(self.in_range(r, s))
            R = lift(r)
            require(R is not None)
        except Refused:
            return each(self, name, items)
        e, w = self.bits2int(self.digest(name, bytes.fromhex(item["message"]))), inverse(s, N)
        left = add(left, add(total(e * w % N, r * w % N, Q), negative(R)))
    return [True] * len(items) if items and left is None else each(self, name, items)


add_programs(
    Program.verdicts,
    {
        "batch_all_or_none": ("One bad item makes all bad.", lambda s, n, i: [all(each(s, n, i))] * len(i)),
        "batch_any": ("One good item makes all good.", lambda s, n, i: [any(each(s, n, i))] * len(i)),
        "batch_stops": ("After a bad item all are bad.", after_first_bad),
        "batch_spoils_the_next": ("A bad item makes the next one bad.", neighbours(1)),
        "batch_spoils_the_one_before": ("A bad item makes the one before it bad.", neighbours(-1)),
        "batch_drops": ("Bad items have no verdict.", lambda s, n, i: [holds for holds in each(s, n, i) if holds]),
        "batch_good_first": (
            "Verdicts stand with the good ones first.",
            lambda s, n, i: sorted(each(s, n, i), reverse=True),
        ),
        "batch_reversed": ("Verdicts stand in reverse.", lambda s, n, i: each(s, n, i)[::-1]),
        "batch_rotated": ("Verdicts are off by one item.", lambda s, n, i: each(s, n, i)[1:] + each(s, n, i)[:1]),
        "batch_empty_refused": ("A batch of no item is refused.", lambda s, n, i: only_if(i != [], each(s, n, i))),
        "batch_of_one_refused": (
            "A batch of one item is valid whatever its signature.",
            lambda s, n, i: each(s, n, i) if len(i) != 1 else [True],
        ),
        "batch_by_message": ("Verdicts are kept by message.", known_by("message")),
        "batch_by_key": ("Verdicts are kept by key.", known_by("public_key")),
        "batch_by_signature": ("Verdicts are kept by signature.", known_by("signature")),
        "batch_by_key_and_message": ("Verdicts are kept by key and message.", known_by("public_key", "message")),
        "batch_by_signature_and_message": (
            "Verdicts are kept by signature and message.",
            known_by("signature", "message"),
        ),
        "batch_by_signature_and_key": ("Verdicts are kept by signature and key.", known_by("signature", "public_key")),
        "batch_of_one_key": (
            "All items have the first one's key.",
            lambda s, n, i: with_first("public_key")(s, n, i) if i else [],
        ),
        "batch_of_one_message": (
            "All items have the first one's message.",
            lambda s, n, i: with_first("message")(s, n, i) if i else [],
        ),
        "batch_of_16": ("Of a batch 16 items are looked at.", up_to(16)),
        "batch_of_32": ("Of a batch 32 items are looked at.", up_to(32)),
        "batch_of_64": ("Of a batch 64 items are looked at.", up_to(64)),
        "batch_of_128": ("Of a batch 128 items are looked at.", up_to(128)),
        "batch_first_alone": ("Of a batch the first item is looked at.", up_to(1)),
        "batch_one_inverse": ("An s of 0 makes the one inverse of all 0.", zero_spoils),
        "batch_added_up": ("All items are checked by one sum without weights.", added_up),
        "batch_repeated": (
            "An item that occurs twice is called invalid.",
            lambda s, n, i: [h and i.count(x) == 1 for h, x in zip(each(s, n, i), i, strict=True)],
        ),
    },
)


def verdict_without(check: str) -> Callable[[Program, str, Message], bool]:
    """Return the verdict of a broken program of this name."""
    return lambda _, name, item: Program.verdict(BROKEN[check], name, item)


add_programs(
    Program.verdict,
    {
        f"batch_{check}": (f"In batches: {BROKEN[check].__doc__}", verdict_without(check))
        for check in ("verifier_curve_unchecked", "s_reduced", "r_reduced", "pair_of_any_length", "infinity_accepted")
    },
)

# Key files.


def passed_over(_: Program, behind: bytes) -> None:
    """Pass over what follows."""


def null_passed_over(self: Program, behind: bytes) -> None:
    """Pass over a NULL."""
    Program.end_of_algorithm(self, behind.removeprefix(b"\5\0"))


add_programs(
    Program.end_of_algorithm,
    {
        "algorithm_null": ("A NULL after the curve's OID is passed over.", null_passed_over),
        "algorithm_anything": ("What follows the curve's OID is passed over.", passed_over),
    },
)
add_programs(
    Program.end_of_key,
    {
        "octets_behind_key": ("What follows ECPrivateKey in PKCS#8 is passed over.", passed_over),
        "zeros_behind_key": (
            "Octets 00 that follow ECPrivateKey in PKCS#8 are passed over.",
            lambda _, o: require(o.strip(b"\0") == b""),
        ),
    },
)
add_programs(
    Program.end_of_pkcs8, {"elements_behind_pkcs8": ("What follows the key in PKCS#8 is passed over.", passed_over)}
)
add_programs(
    Program.private_octets,
    {
        "private_29_alone": (
            "Private octets are 29.",
            lambda _, o: only_if(len(o) == 29, int.from_bytes(o, "big")),
        ),
        "private_28_alone": (
            "Private octets are 28 or 29.",
            lambda _, o: only_if(len(o) in (28, 29), int.from_bytes(o, "big")),
        ),
        "private_any_length": (
            "Private octets may be more than 29.",
            lambda _, o: only_if(o != b"", int.from_bytes(o, "big")),
        ),
        "private_empty": ("There may be no private octets, which is 0.", lambda s, o: int.from_bytes(o, "big")),
        "private_from_the_left": (
            "Private octets that lack some are filled up behind.",
            lambda _, o: int.from_bytes(o.ljust(29, b"\0")[:29], "big"),
        ),
        "private_last_28": ("Of private octets the last 28 count.", lambda s, o: Program.private_octets(s, o) % 2**224),
        "private_first_29": ("Of private octets the first 29 count.", lambda s, o: Program.private_octets(s, o[:29])),
        "private_last_29": ("Of private octets the last 29 count.", lambda s, o: Program.private_octets(s, o[-29:])),
    },
)
add_programs(
    Program.is_private,
    {
        "private_key_below_p": ("A private key of p and above is refused.", lambda _, d: 1 <= d < 2**224),
        "private_key_1_refused": ("A private key of 1 is refused.", lambda _, d: 2 <= d < N),
        "private_key_n_minus_1_refused": ("A private key of n − 1 is refused.", lambda _, d: 1 <= d < N - 1),
        "private_key_n_itself": ("A private key may be n.", lambda _, d: 1 <= d <= N),
        "private_key_mod_n": ("A private key is taken mod n.", lambda _, d: d % N != 0),
        "private_key_of_few_bits_refused": ("A private key has 208 bits and more.", lambda _, d: 2**207 <= d < N),
    },
)
add_programs(
    Program.is_version_of_sec1,
    {
        "inner_version_ignored": ("The version of ECPrivateKey does not count.", lambda _, version: True),
        "inner_version_0_too": ("ECPrivateKey may have version 0.", lambda _, version: version in (b"\0", b"\1")),
        "inner_version_2_too": ("ECPrivateKey may have version 2.", lambda _, version: version in (b"\1", b"\2")),
        "inner_version_low_octet": (
            "Of ECPrivateKey's version the lowest bit counts.",
            lambda _, version: version[-1] & 1 == 1,
        ),
    },
)
add_programs(
    Program.belongs_beside,
    {"public_key_beside_ignored": ("The public key in [1] of PKCS#8 may be another's.", lambda _, Q, d: True)},
)
add_programs(
    Program.belongs,
    {
        "public_key_by_x": (
            "Of the public key beside a private one x counts.",
            lambda _, Q, d: Q is not None and Q[0] == (multiply(d) or Q)[0],
        )
    },
)
add_programs(
    Program.point_in_bits,
    {
        "unused_bits_ignored": (
            "The count of unused bits does not count.",
            lambda s, bits: only_if(bits != b"", s.point(bits[1:])),
        ),
        "unused_bits_missing": (
            "The count of unused bits may be missing.",
            lambda s, bits: s.point(bits if len(bits) in (29, 57) else bits[1:]),
        ),
    },
)
add_programs(
    Program.algorithm,
    {
        "algorithm_ignored": (
            "The algorithm may be any; the curve counts.",
            lambda s, body, _: s.curve(s.element(6, s.element(6, body)[1])[0]),
        ),
        "algorithm_unread": ("Nobody reads the algorithm and its curve.", lambda s, body, _: None),
        "algorithm_without_curve": (
            "The curve may be missing where PKCS#8 or SPKI is to name it.",
            lambda s, body, _: None if s.element(6, body)[1] == b"" else Program.algorithm(s, body, b""),
        ),
    },
)
add_programs(
    Program.curve,
    {
        "curve_by_prefix": (
            "Of the curve's OID the first octets count.",
            lambda _, oid: require(oid.hex().startswith("2b81040020")),
        ),
        "curve_by_arc": (
            "Of the curve's OID 1.3.132.0 counts.",
            lambda _, oid: require(oid.hex().startswith("2b810400")),
        ),
        "curve_p224_too": (
            "The curve may be secp224r1.",
            lambda _, oid: require(oid.hex() in ("2b81040020", "2b81040021")),
        ),
        "curve_secp256k1_too": (
            "The curve may be secp256k1.",
            lambda _, oid: require(oid.hex() in ("2b81040020", "2b8104000a")),
        ),
    },
)


def pem_with(change: Callable[[str], str]) -> Callable[[Program, str], tuple[str, bytes]]:
    """Return what changes the text before it reads PEM."""
    return lambda self, text: Program.pem(self, change(text))


def strict_lines(self: Program, text: str) -> tuple[str, bytes]:
    """Read PEM whose lines have 64 characters."""
    lines = [line for line in text.splitlines() if not line.startswith("-----")]
    require(all(len(line) == 64 for line in lines[:-1]) and text.startswith("-----") and text.endswith("-----\n"))
    return Program.pem(self, text)


def first_block(text: str) -> str:
    """Return the text up to the end of its first block."""
    head, end, rest = text.partition("-----END ")
    return head + end + rest.partition("\n")[0] + "\n"


add_programs(
    Program.pem,
    {
        "pem_of_64": ("PEM has lines of 64 characters, and nothing else.", strict_lines),
        "pem_lf_alone": (
            "CR LF in PEM are refused.",
            lambda s, text: only_if("\r" not in text, Program.pem(s, text)),
        ),
        "pem_first": ("Of several blocks of PEM the first counts.", pem_with(first_block)),
        "pem_words_refused": (
            "Words before PEM are refused.",
            lambda s, text: only_if(text.startswith("-----"), Program.pem(s, text)),
        ),
        "pem_words_behind_refused": (
            "Words behind PEM are refused.",
            lambda s, text: only_if(text.rstrip().endswith("-----"), Program.pem(s, text)),
        ),
        "pem_last_line_end": (
            "PEM has to end with a line end.",
            lambda s, text: only_if(text.endswith("\n"), Program.pem(s, text)),
        ),
        "pem_in_capitals": (
            "Labels of PEM may be in lower case.",
            pem_with(
                lambda text: (
                    text.replace("ec private key", "EC PRIVATE KEY")
                    .replace("private key", "PRIVATE KEY")
                    .replace("public key", "PUBLIC KEY")
                )
            ),
        ),
        "pem_end_ignored": (
            "The label at the end of PEM does not count.",
            pem_with(lambda text: text.replace("END KEY", "END " + text.partition("BEGIN ")[2].partition("-----")[0])),
        ),
        "pem_without_end": (
            "PEM may lack its last line.",
            pem_with(
                lambda text: (
                    text
                    if "-----END" in text
                    else text + "-----END " + text.partition("BEGIN ")[2].partition("-----")[0] + "-----\n"
                )
            ),
        ),
        "pem_headers": (
            "Headers in PEM are passed over, encryption or not.",
            pem_with(lambda text: "\n".join(line for line in text.split("\n") if ": " not in line and line)),
        ),
    },
)


def padded(self: Program, text: str) -> bytes:
    """Read base64 with or without its padding."""
    bare = text.rstrip("=")
    return Program.base64(self, bare + "=" * (-len(bare) % 4))


def spare(self: Program, text: str) -> bytes:
    """Read base64 whose spare bits may be 1."""
    try:
        octets = b64decode(text, validate=True)
    except ValueError:
        raise Refused from None
    require(octets != b"")
    return octets


add_programs(
    Program.base64,
    {
        "base64_unpadded": ("Base64 may lack its padding, or have more.", padded),
        "base64_spare_bits": ("Spare bits of base64 may be 1.", spare),
        "base64_for_names": (
            "Base64 may be in the alphabet for file names.",
            lambda s, text: Program.base64(s, text.replace("-", "+").replace("_", "/")),
        ),
        "base64_of_lines": (
            "White space in base64 is passed over.",
            lambda s, text: Program.base64(s, "".join(text.split())),
        ),
        "base64_or_hex": (
            "Hex is taken for base64.",
            lambda s, text: (
                bytes.fromhex(text)
                if len(text) > 8 and not text.strip("0123456789abcdef") and len(text) % 2 == 0
                else Program.base64(s, text)
            ),
        ),
    },
)

# The login message.


def is_user(value: Any) -> bool:
    """Whether the value is a user id."""
    return type(value) is int and 0 <= value < 1 << 64


def user_if(takes: Callable[[Any], bool], number: Callable[[Any], int]) -> dict[str, Callable[..., object]]:
    """Return steps that make numbers of such user ids."""

    def user(_: Program, user_id: Any) -> bytes:
        require(takes(user_id))
        return (number(user_id) % (1 << 64)).to_bytes(8, "big")

    return {"is_user": lambda _, user_id: takes(user_id), "user": user}


def or_of(*kinds: type) -> Callable[[Any], bool]:
    """Return what takes user ids, and values of these types that make a number."""

    def takes(value: Any) -> bool:
        if type(value) in kinds and type(value) in (str, list):
            return bool(value) and str(value[0]).isdigit() and len(value) == 1
        return is_user(value) or type(value) in kinds

    return takes


for name, fault, takes, number in (
    ("user_of_64_bits", "A user id is taken mod 2^64, below 0 as well.", lambda value: type(value) is int, int),
    ("user_as_signed", "A user id below 0 is taken mod 2^64.", lambda value: is_user(value) or value in (-1, -2), int),
    ("user_true", "true is the user 1, false the user 0.", or_of(bool), int),
    ("user_none", "null is the user 0.", or_of(type(None)), lambda value: value or 0),
    ("user_as_text", "Digits in quotes are a user id.", or_of(str), int),
    ("user_as_float", "A user id may have a decimal point.", or_of(float), int),
    ("user_as_whole_float", "A user id may end in .0.", lambda v: is_user(v) or (type(v) is float and v % 1 == 0), int),
    ("user_as_double", "A user id is held as a double.", is_user, lambda value: int(float(value))),
    ("user_in_a_list", "A list of one is its item.", or_of(list), lambda v: v[0] if type(v) is list else v),
    ("user_falsy", "What is empty is the user 0.", lambda v: not v or is_user(v), lambda value: int(value or 0)),
    ("user_signed", "A user id has 63 bits.", lambda value: is_user(value) and value < 1 << 63, int),
    ("user_of_53_bits", "A user id has 53 bits.", lambda value: is_user(value) and value < 1 << 53, int),
    ("user_of_31_bits", "A user id has 31 bits.", lambda value: is_user(value) and value < 1 << 31, int),
    ("user_above_0", "A user id is above 0.", lambda value: is_user(value) and value > 0, int),
):
    add_program(name, fault, user_if(takes, number))


def in_ucs_2(self: Program, text: str) -> bytes:
    """Return the octets of a passphrase of units of 16 bits, each as if it were a character."""
    Program.passphrase(self, text)
    units = text.encode("utf-16-be")
    characters = (chr(int.from_bytes(units[i : i + 2], "big")) for i in range(0, len(units), 2))
    return "".join(characters).encode("utf-8", "surrogatepass")


add_programs(
    Program.passphrase,
    {
        "passphrase_lower": (
            "A passphrase is hashed in lower case.",
            lambda s, text: Program.passphrase(s, text.lower()),
        ),
        "passphrase_stripped": (
            "White space at the ends of a passphrase is dropped.",
            lambda s, text: Program.passphrase(s, text.strip()),
        ),
        "passphrase_chomped": (
            "A line end behind a passphrase is dropped.",
            lambda s, text: Program.passphrase(s, text.rstrip("\r\n")),
        ),
        "passphrase_nfc": (
            "A passphrase is brought into form C.",
            lambda s, text: Program.passphrase(s, unicodedata.normalize("NFC", text)),
        ),
        "passphrase_nfd": (
            "A passphrase is brought into form D.",
            lambda s, text: Program.passphrase(s, unicodedata.normalize("NFD", text)),
        ),
        "passphrase_nfkc": (
            "A passphrase is brought into form KC.",
            lambda s, text: Program.passphrase(s, unicodedata.normalize("NFKC", text)),
        ),
        "passphrase_folded": (
            "A passphrase is hashed without regard to capitals.",
            lambda s, text: Program.passphrase(s, text.casefold()),
        ),
        "passphrase_without_mark": (
            "A byte-order mark before a passphrase is dropped.",
            lambda s, text: Program.passphrase(s, text.removeprefix("\ufeff")),
        ),
        "passphrase_up_to_nul": (
            "A passphrase ends at its first octet 00.",
            lambda s, text: Program.passphrase(s, text.partition("\0")[0]),
        ),
        "passphrase_latin_1": (
            "A passphrase is hashed in Latin-1 where it can be.",
            lambda s, text: text.encode("latin-1") if max(text, default="") < "\u0100" else Program.passphrase(s, text),
        ),
        "passphrase_utf_16": (
            "A passphrase is hashed in UTF-16.",
            lambda s, text: (Program.passphrase(s, text), text.encode("utf-16-be"))[1],
        ),
        "passphrase_of_ucs_2": ("Characters above ffff are hashed as two surrogates.", in_ucs_2),
        "passphrase_surrogates": (
            "A lone surrogate is hashed as three octets.",
            lambda _, text: text.encode("utf-8", "surrogatepass"),
        ),
        "passphrase_replaced": (
            "A lone surrogate is hashed as a question mark.",
            lambda _, text: text.encode("utf-8", "replace"),
        ),
        "passphrase_replaced_by_fffd": (
            "A lone surrogate is hashed as U+FFFD.",
            lambda _, text: "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text).encode(),
        ),
        "passphrase_dropped": ("A lone surrogate is passed over.", lambda _, text: text.encode("utf-8", "ignore")),
        "passphrase_of_64": ("A passphrase is cut after 64 octets.", lambda s, text: Program.passphrase(s, text)[:64]),
        "passphrase_of_72": ("A passphrase is cut after 72 octets.", lambda s, text: Program.passphrase(s, text)[:72]),
        "passphrase_of_255": (
            "A passphrase is cut after 255 octets.",
            lambda s, text: Program.passphrase(s, text)[:255],
        ),
        "passphrase_of_1024": (
            "A passphrase is cut after 1,024 octets.",
            lambda s, text: Program.passphrase(s, text)[:1024],
        ),
        "passphrase_empty_refused": (
            "An empty passphrase is refused.",
            lambda s, text: only_if(text != "", Program.passphrase(s, text)),
        ),
        "passphrase_ascii": (
            "A passphrase has to be ASCII.",
            lambda s, text: only_if(text.isascii(), Program.passphrase(s, text)),
        ),
        "passphrase_printable": (
            "A passphrase has no control characters.",
            lambda s, text: only_if(min(text, default=" ") >= " ", Program.passphrase(s, text)),
        ),
        "passphrase_unquoted": (
            "%20 in a passphrase is a space.",
            lambda s, text: Program.passphrase(s, text.replace("%20", " ")),
        ),
        "passphrase_plus": (
            "+ in a passphrase is a space.",
            lambda s, text: Program.passphrase(s, text.replace("+", " ")),
        ),
        "passphrase_escaped": (
            "A passphrase is hashed as it stands in JSON.",
            lambda s, text: Program.passphrase(s, text.replace("\\", "\\\\").replace('"', '\\"')),
        ),
    },
)


def cookie_of(*lengths: int) -> Callable[[Program, object], None]:
    """Return what takes cookies of these lengths."""

    def cookie(self: Program, text: object) -> None:
        found = self.base64(text) if isinstance(text, str) and text else b""
        require(isinstance(text, str) and len(found) in lengths)

    return cookie


add_programs(
    Program.cookie,
    {
        "cookie_unchecked": ("Nobody looks at the cookie.", lambda _, text: None),
        "cookie_text": ("A cookie is any text.", lambda _, text: require(isinstance(text, str))),
        "cookie_any_length": ("A cookie is base64 of any length.", cookie_of(*range(1, 99))),
        "cookie_empty": ("A cookie may be empty.", cookie_of(0, 20)),
        "cookie_of_19": ("A cookie may have 19 octets.", cookie_of(19, 20)),
        "cookie_of_21": ("A cookie may have 21 octets.", cookie_of(20, 21)),
        "cookie_of_20_and_more": ("A cookie may have more than 20 octets.", cookie_of(*range(20, 99))),
        "cookie_of_28_characters": (
            "A cookie is a text of 28 characters.",
            lambda _, text: require(isinstance(text, str) and len(text) == 28),
        ),
        "cookie_spare_bits": (
            "Spare bits of a cookie may be 1.",
            lambda s, text: require(isinstance(text, str) and len(spare(s, str(text))) == 20),
        ),
    },
)


def tag_with(takes: Callable[[Any], bool]) -> Callable[[Program, object], bool]:
    """Return what takes such tags besides."""
    return lambda self, tag: Program.is_tag(self, tag) or takes(tag)


add_programs(
    Program.is_tag,
    {
        "tag_unchecked": ("Nobody looks at the tag.", lambda _, tag: True),
        "tag_null": ("A tag may be null.", tag_with(lambda tag: tag is None)),
        "tag_minus_1": ("A tag may be −1.", tag_with(lambda tag: tag == -1)),
        "tag_negative": ("A tag may be below 0.", tag_with(lambda tag: type(tag) is int and -(1 << 63) <= tag < 0)),
        "tag_2_63": ("A tag may be 2^63.", tag_with(lambda tag: type(tag) is int and tag == 1 << 63)),
        "tag_of_64_bits": ("A tag has 64 bits.", tag_with(lambda tag: type(tag) is int and 0 <= tag < 1 << 64)),
        "tag_mod_2_64": ("A tag is taken mod 2^64.", tag_with(lambda tag: type(tag) is int)),
        "tag_true": ("A tag may be true.", tag_with(lambda tag: isinstance(tag, bool))),
        "tag_text": ("A tag may be text.", tag_with(lambda tag: isinstance(tag, str))),
        "tag_empty_text": ("A tag may be an empty text.", tag_with(lambda tag: tag == "")),
        "tag_float": ("A tag may have a decimal point.", tag_with(lambda tag: isinstance(tag, float))),
        "tag_list": ("A tag may be a list.", tag_with(lambda tag: isinstance(tag, list))),
        "tag_object": ("A tag may be an object.", tag_with(lambda tag: isinstance(tag, dict))),
        "tag_of_53_bits": ("A tag has 53 bits.", lambda _, tag: type(tag) is int and 0 <= tag < 1 << 53),
        "tag_of_32_bits": ("A tag has 32 bits.", lambda _, tag: type(tag) is int and 0 <= tag < 1 << 32),
    },
)
add_programs(
    Program.is_method,
    {
        "method_unchecked": ("Nobody looks at the method.", lambda _, method: True),
        "method_text": ("The method is any text.", lambda _, method: isinstance(method, str)),
        "method_by_prefix": (
            "The method begins with Authenticate.",
            lambda _, m: isinstance(m, str) and m.startswith("Authenticate"),
        ),
        "method_up_to_nul": (
            "The method ends at its first octet 00.",
            lambda _, m: isinstance(m, str) and m.partition("\0")[0] == "Authenticate",
        ),
        "method_in_lower_case": (
            "The method may be in lower case.",
            lambda _, m: isinstance(m, str) and m.lower() == "authenticate",
        ),
        "method_stripped": (
            "The method may have spaces at its ends.",
            lambda _, m: isinstance(m, str) and m.strip() == "Authenticate",
        ),
        "method_chomped": (
            "The method may have spaces behind it.",
            lambda _, m: isinstance(m, str) and m.rstrip() == "Authenticate",
        ),
        "method_in_a_list": ("The method may be in a list.", lambda _, m: m in ("Authenticate", ["Authenticate"])),
        "method_in_an_object": (
            "The method may be the name of a field.",
            lambda _, m: isinstance(m, (str, dict)) and "Authenticate" in ([m] if isinstance(m, str) else m),
        ),
        "method_of_11_characters": (
            "Of the method 11 characters count.",
            lambda _, m: isinstance(m, str) and m[:11] == "Authenticat",
        ),
        "method_null": ("The method may be null.", lambda _, m: m in ("Authenticate", None)),
        "method_true": ("The method may be true.", lambda _, m: (m in ("Authenticate", True) and m != 1) or m is True),
    },
)


def three(self: Program, request: Message, octets: dict[str, bytes]) -> Message:
    """Verify a login of whose signature the first two count."""
    pair = request["message"].get("signature")
    if isinstance(pair, list):
        request = request | {"message": request["message"] | {"signature": pair[:2]}}
    return Program.login_verify(self, request, octets)


def object_pair(self: Program, request: Message, octets: dict[str, bytes]) -> Message:
    """Verify a login whose signature may be an object of r and s."""
    pair = request["message"].get("signature")
    if isinstance(pair, dict):
        request = request | {"message": request["message"] | {"signature": [*pair.values()]}}
    return Program.login_verify(self, request, octets)


def low_s_alone(self: Program, request: Message, octets: dict[str, bytes]) -> Message:
    """Verify a login whose s is low."""
    answer = Program.login_verify(self, request, octets)
    return only_if(int.from_bytes(self.base64(request["message"]["signature"][1]), "big") <= N // 2, answer)


def nonce_from_the_message(self: Program, request: Message, octets: dict[str, bytes]) -> Message:
    """Verify a login for the server nonce that makes it hold."""
    for nonce in (request["server_nonce"], "azRzAi5rm1ry/l0drnz1vw=="):
        try:
            return Program.login_verify(self, request | {"server_nonce": nonce}, octets)
        except Refused:
            continue
    raise Refused


add_programs(
    Program.login_verify,
    {
        "login_first_two": ("Of a signature of three parts the first two count.", three),
        "login_signature_object": ("A signature may be an object of r and s.", object_pair),
        "login_any_server_nonce": ("The server's nonce of another connection is taken.", nonce_from_the_message),
        "login_low_s_alone": ("High s is refused.", low_s_alone),
    },
)
add_programs(
    Program.fields,
    {
        "fields_may_be_missing": (
            "A cookie may be missing.",
            lambda s, m: Program.fields(s, {"cookie": "HGREqcILTz8blHa/jsUTVTNBJlg="} | m),
        ),
        "method_may_be_missing": (
            "The method may be missing.",
            lambda s, m: Program.fields(s, {"method": "Authenticate"} | m),
        ),
        "fields_in_any_case": (
            "Names of fields may be in capitals.",
            lambda s, m: Program.fields(s, {k.lower(): v for k, v in m.items()}),
        ),
        "fields_without_names": (
            "A field without a name is passed over.",
            lambda s, m: Program.fields(s, {k: v for k, v in m.items() if k}),
        ),
        "fields_known_and_passphrase": (
            "A passphrase may be sent as well.",
            lambda s, m: Program.fields(s, {k: v for k, v in m.items() if k != "passphrase"}),
        ),
    },
)


def nonces_of(*lengths: int) -> Callable[[Program, str], bytes]:
    """Return what takes nonces of these lengths."""

    def octets(self: Program, text: str) -> bytes:
        found = self.base64(text) if text else b""
        return only_if(len(found) in lengths, found)

    return octets


add_programs(
    Program.nonce_octets,
    {
        "nonces_of_15_too": ("Nonces may have 15 octets.", nonces_of(15, 16)),
        "nonces_of_17_too": ("Nonces may have 17 octets.", nonces_of(16, 17)),
        "nonces_empty_too": ("Nonces may be empty.", nonces_of(0, 16)),
        "nonces_cut": (
            "Of longer nonces 16 octets count.",
            lambda s, text: nonces_of(*range(16, 99))(s, text)[:16],
        ),
        "nonces_as_text": (
            "Nonces are signed as they are written.",
            lambda s, text: (Program.nonce_octets(s, text), text.encode())[1],
        ),
    },
)
add_programs(
    Program.login_octets,
    {
        "user_little_endian": (
            "The user id is signed from its end.",
            lambda s, u, a, b: s.user(u)[::-1] + s.nonce_octets(a) + s.nonce_octets(b),
        ),
        "user_last": (
            "The user id is signed last.",
            lambda s, u, a, b: s.nonce_octets(a) + s.nonce_octets(b) + s.user(u),
        ),
        "server_nonce_unsigned": (
            "The server's nonce is not signed.",
            lambda s, u, a, b: s.user(u) + s.nonce_octets(b) + s.nonce_octets(a)[:0],
        ),
        "user_as_digits": (
            "The user id is signed as text.",
            lambda s, u, a, b: (s.user(u), str(u).encode() + s.nonce_octets(a) + s.nonce_octets(b))[1],
        ),
        "line_end_signed": (
            "A line end is signed as well.",
            lambda s, u, a, b: Program.login_octets(s, u, a, b) + b"\n",
        ),
    },
)


def built_with(change: Callable[[Message], Message]) -> Callable[[Program, Message, dict[str, bytes]], Message]:
    """Return what changes the message that is built."""
    return lambda self, request, octets: {"message": change(Program.login_build(self, request, octets)["message"])}


def changed(name: str, change: Callable[[Any], Any]) -> Callable[[Program, Message, dict[str, bytes]], Message]:
    """Return what changes one field of the message that is built."""
    return built_with(lambda message: {k: change(v) if k == name else v for k, v in message.items()})


add_programs(
    Program.login_build,
    {
        "built_without_tag_0": (
            "A tag of 0 is left out.",
            built_with(lambda m: {k: v for k, v in m.items() if k != "tag" or v}),
        ),
        "built_with_tag": ("A tag of 0 is put in where none is given.", built_with(lambda m: {"tag": 0} | m)),
        "built_with_tag_of_53_bits": ("A tag is held as a double.", changed("tag", lambda v: int(float(v)))),
        "built_with_tag_of_32_bits": ("Of a tag 32 bits are kept.", changed("tag", lambda v: v % 2**32)),
        "built_with_user_as_double": (
            "The user id in the message is held as a double.",
            changed("user_id", lambda v: int(float(v))),
        ),
        "built_with_user_as_text": ("The user id in the message is text.", changed("user_id", str)),
        "built_with_signed_user": (
            "The user id in the message has a sign.",
            changed("user_id", lambda v: v - (v >> 63 << 64)),
        ),
        "built_with_s_first": ("s stands before r.", changed("signature", lambda v: v[::-1])),
        "built_with_other_base64": (
            "Signatures are in the alphabet for file names.",
            changed("signature", lambda v: [h.replace("+", "-").replace("/", "_") for h in v]),
        ),
        "built_unpadded": (
            "Signatures lack their padding.",
            changed("signature", lambda v: [h.rstrip("=") for h in v]),
        ),
        "built_with_29_octets": (
            "r and s have 29 octets.",
            changed("signature", lambda v: [b64encode(b"\0" + b64decode(h)).decode() for h in v]),
        ),
        "built_with_passphrase": ("A field more is sent.", built_with(lambda m: m | {"server_nonce": ""})),
    },
)
add_programs(
    Program.pem,
    {
        "pem_parameters_refused": (
            "EC PARAMETERS before a key are refused.",
            lambda s, text: only_if("EC PARAMETERS" not in text, Program.pem(s, text)),
        ),
    },
)
