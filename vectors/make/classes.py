"""The classes of verification cases, by the flags that name them: what is in each, and why."""

from __future__ import annotations

from files import Note

_FORGERY = "Whoever accepts such a pair may accept signatures that the key's owner never made."
_REJECTED = (
    "Whoever refuses such a signature refuses one in a great many genuine ones, or fails where an attacker wishes."
)
_SECOND_FORM = "One signature then has many encodings: whatever takes the octets for its name can be led astray."

NOTES = {
    "Ordinary": Note("BASIC", "A signature made as RFC 6979 has it. It holds."),
    "OtherHalf": Note(
        "BASIC",
        "n - s in place of s. By SEC 1 and FIPS 186-5 it holds as well; only protocols that demand s of at most n/2 "
        "refuse one of the two.",
    ),
    "Altered": Note(
        "AUTH_BYPASS",
        "A signature that held before one of r, s, the message or the key was altered.",
        _FORGERY,
    ),
    "Range": Note(
        "MISSING_STEP",
        "r or s outside of [1, n - 1] that is right mod n or mod p: the first step of verifying was left out.",
        _SECOND_FORM,
    ),
    "Overflow": Note(
        "MISSING_STEP",
        "r or s plus a power of two, which is right again where high bits are dropped without a look.",
        _SECOND_FORM,
    ),
    "SpecialPair": Note(
        "AUTH_BYPASS",
        "r and s of 0, 1, -1, or about n, p and the powers of two. With r = 0 or s = 0, a verifier without a check of "
        "ranges computes infinity or an inverse of 0, and may find what it compares to be equal.",
        "One such pair may pass for a signature of every message under every key (CVE-2022-21449).",
    ),
    "BetweenPAndN": Note(
        "AUTH_BYPASS",
        "Here n is above p. An r in [p, n) passes the check of ranges, but is the x of no point: where r - p is the x "
        "of R, a comparison mod p, or an r reduced mod p first, finds them equal. Also r that are -x of R mod n or "
        "mod p, or off by n - p.",
        _FORGERY,
    ),
    "NearMiss": Note(
        "AUTH_BYPASS",
        "An r that differs from the x of R by one bit, or by 1: where half of the number is compared, or what stands "
        "before an octet 00, they are equal.",
        _FORGERY,
    ),
    "Bits225": Note(
        "EDGE_CASE",
        "s about and above 2^224, of 29 octets, the first being 01. Chance shows such an s once in 2^111 signatures; "
        "a buffer of 28 octets drops the top bit. Beside each valid signature stands what dropping it gives.",
        _REJECTED,
    ),
    "SignOctet": Note(
        "EDGE_CASE",
        "r and s about 2^223, on either side of where an INTEGER in DER takes an octet 00 before its high bit.",
        _REJECTED,
    ),
    "Boundary": Note(
        "EDGE_CASE",
        "r and s at the ends of their ranges, at n/2 and about p. A check of ranges with the wrong bound, or with < "
        "for <=, refuses some.",
        _REJECTED,
    ),
    "Short": Note(
        "EDGE_CASE",
        "r and s of few bits. Octets 00 in front are to be written where the length is fixed, and not to be in DER.",
        _REJECTED,
    ),
    "Inverse": Note(
        "EDGE_CASE",
        "s for which inverting mod n takes very many or very few steps, or has an extreme result.",
        _REJECTED,
    ),
    "Nonce": Note(
        "EDGE_CASE",
        "Valid signatures with nonces that give R away: the sum comes out as G, -G or a small multiple.",
        _REJECTED,
    ),
    "Scalars": Note(
        "EDGE_CASE",
        "u1 and u2 that are 0, 1, n - 1, powers of two, patterns of bits, equal, opposite, or multiples of each other.",
        _REJECTED,
    ),
    "Endomorphism": Note(
        "EDGE_CASE",
        "The curve has an endomorphism, by which scalars are split in two halves. Here a half is 0, the halves are as "
        "long as they get, or additions on the way meet equal or opposite points.",
        "A wrong sum refuses genuine signatures, and may accept others.",
    ),
    "Comb": Note(
        "EDGE_CASE",
        "Sums of entries from a table of multiples, in which one addition meets equal or opposite points.",
        "A wrong sum refuses genuine signatures, and may accept others.",
    ),
    "JointBits": Note(
        "EDGE_CASE",
        "u1·G + u2·Q over one chain of doublings (Shamir's and Straus's way), in which one addition meets equal or "
        "opposite points. The key is chosen for it.",
        "A wrong sum refuses genuine signatures, and may accept others.",
    ),
    "InterleavedNaf": Note(
        "EDGE_CASE",
        "u1·G + u2·Q with digits of both signs, no two of them near, in which one addition meets equal or opposite "
        "points. The key is chosen for it.",
        "A wrong sum refuses genuine signatures, and may accept others.",
    ),
    "RightToLeft": Note(
        "EDGE_CASE",
        "u1·G + u2·Q from the lowest bit up, in which one addition meets equal or opposite points. The key is chosen "
        "for it.",
        "A wrong sum refuses genuine signatures, and may accept others.",
    ),
    "LastDoubling": Note(
        "EDGE_CASE",
        "u1·G and u2·Q are equal or opposite, so that the last addition is a doubling, or gives infinity. Beside valid "
        "signatures stand the answers of formulas that do not know it.",
        _FORGERY,
    ),
    "Infinity": Note(
        "AUTH_BYPASS",
        "u1·G + u2·Q is infinity, which has no x: whatever r is, the signature does not hold.",
        "A verifier that reads some x out of infinity accepts forgeries under a key made for it.",
    ),
    "KeyNearG": Note(
        "EDGE_CASE",
        "Q is G, -G, 2G, shares x or y with G, or is a multiple of G that tables hold: tables of G and Q then have "
        "equal or opposite entries.",
        _REJECTED,
    ),
    "KeyCoordinates": Note(
        "EDGE_CASE",
        "The coordinates of Q are short, or begin or end in many equal bits.",
        _REJECTED,
    ),
    "DigestCut": Note(
        "MISSING_STEP",
        "Of a digest the leftmost 225 bits count, for n has 225: not 224, not the last ones, not all. Signatures for "
        "other cuts do not hold.",
        "Programs that cut at another bit refuse everyone else's signatures, and accept some that nobody else does.",
    ),
    "DigestAboveN": Note(
        "EDGE_CASE",
        "The leftmost 225 bits of the digest are n or more, as for nearly half of all digests of 32 octets and longer.",
        _REJECTED,
    ),
    "SpecialDigest": Note(
        "EDGE_CASE",
        "Digests with octets 00 or ff in a row.",
        _REJECTED,
    ),
    "DigestLength": Note(
        "EDGE_CASE",
        "Digests of 1 octet and more, with e about 0, n and the powers of two. Bits beyond the 225th do not count, an "
        "octet 00 behind a short digest does nothing only if e stays the same.",
        _REJECTED,
    ),
    "OffCurve": Note(
        "MISSING_STEP",
        "A public key off the curve. The formulas of addition do not know b: the key is multiplied on another curve, "
        "of the same order or with points of order 2 or 3, and the signature holds there.",
        _FORGERY,
    ),
    "KeyNotReduced": Note(
        "MALLEABILITY",
        "A public key with p added to a coordinate, beside the key as it should be. Few points have one that small.",
        "One key then has several encodings: what takes the octets for its name can be led astray.",
    ),
    "Table": Note(
        "EDGE_CASE",
        "u1 or u2 of 28 equal octets, each octet in turn: every entry of a fixed table with windows of up to 8 bits is "
        "read by a signature that holds.",
        _REJECTED,
    ),
    "MessageText": Note(
        "CAN_OF_WORMS",
        "Messages with line ends, spaces, octets 00, a byte-order mark, or octets that are no UTF-8. Beside each is "
        "what it is for a program that takes it for text.",
        "What is verified is then not what was signed, and one signature is of two messages.",
    ),
    "MessageLength": Note(
        "EDGE_CASE",
        "Messages about the lengths of blocks and buffers, up to 66,000 octets.",
        _REJECTED,
    ),
    "LowS": Note("BASIC", "s is at most n/2, as is asked for."),
    "HighS": Note("MALLEABILITY", "s is above n/2, though the lower of s and n - s is asked for.", _SECOND_FORM),
    "WrongLength": Note(
        "AUTH_BYPASS",
        "A length in the DER that is not that of the content: off by a little, too long for a machine word, reserved.",
        "Reading on behind the end of what was given, or integers that were never signed.",
    ),
    "BerEncoding": Note(
        "BER_ENCODING",
        "The right integers in a form that BER allows or nearly allows, and DER does not: long or indefinite lengths.",
        _SECOND_FORM,
    ),
    "WrongTag": Note("BER_ENCODING", "An element of the DER under another tag.", _SECOND_FORM),
    "AlteredTree": Note("BER_ENCODING", "Elements in pieces, wrapped in others, or one level off.", _SECOND_FORM),
    "Addition": Note(
        "MALLEABILITY", "Octets or elements that do not belong there, beside or in the signature.", _SECOND_FORM
    ),
    "Omission": Note("BER_ENCODING", "An element, its content, or its first or last octet is not there.", _FORGERY),
    "Truncation": Note("AUTH_BYPASS", "The signature breaks off, or begins late.", "Reading what was never given."),
    "LongInteger": Note("BER_ENCODING", "An INTEGER with octets 00 or ff in front that DER forbids.", _SECOND_FORM),
    "MissingSignOctet": Note(
        "LEGACY",
        "The octet 00 before a high bit is missing, so that the INTEGER is negative. Old programs write such.",
        _SECOND_FORM,
    ),
    "NegativeInteger": Note(
        "MISSING_STEP",
        "r or s negative, often right mod n or once its sign is dropped.",
        _SECOND_FORM,
    ),
    "WrongOctets": Note("AUTH_BYPASS", "r or s with other octets: altered, in reverse, or written as text.", _FORGERY),
    "WrongType": Note(
        "AUTH_BYPASS",
        "r or s is no INTEGER, but of a type that may be taken for 0 or 1, or compare equal to anything.",
        _FORGERY,
    ),
    "ForeignForm": Note("MALLEABILITY", "The signature in an encoding other than the one that is due.", _SECOND_FORM),
    "WrongHalves": Note(
        "MALLEABILITY",
        "r and s of other lengths than 29 octets each (28, as p suggests; or 32), swapped, or in reverse.",
        _SECOND_FORM,
    ),
}
