"""`ecpure explain`: identify unknown bytes, or find out why a signature is rejected."""

from __future__ import annotations

import json
import os
import string
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..io import files
from ..io.streams import Refused, say, write_lines, write_standard_output
from .arguments import reads
from .options import warn_of_weak
from .verdict import INVALID, REFUSED, VALID

if TYPE_CHECKING:
    from ..explain.attempts import Digest

_WARNING = (
    "others can read a command line, and the shell's history keeps it: if this is a private key, treat it as exposed, "
    "and make another"
)


EXAMPLES = [
    "ecpure explain order.sig",
    "ecpure explain order.sig --public-key public.pem --message order",
]
STATUSES = {
    0: "a reading fits, and verifies as far as asked",
    1: "a reading fits, and none verifies",
    2: "not recognised, wrong usage, or input that cannot be read",
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    text = "a file, - for standard input, or the hex digits themselves, unless they are secret"
    reads(parser.add_argument("blob", metavar="FILE|HEX", help=text))
    text = "file of a public key, in any form: try the signature under it"
    reads(parser.add_argument("--public-key", metavar="P", help=text))
    signed = parser.add_mutually_exclusive_group()
    reads(signed.add_argument("--message", metavar="FILE", help="message that the signature may be of: try every hash"))
    reads(signed.add_argument("--digest", metavar="FILE", help="digest that the signature may be of"))
    parser.add_argument("--json", action="store_true", help="print the readings as JSON")


def run(arguments: Namespace) -> int:
    """Print every reading of the octets, and under which hash a signature among them verifies."""
    from ..explain.attempts import public_key, verifications, weak_hashes
    from ..explain.containers import guess
    from ..explain.readings import Guess, Miss
    from ..explain.report import Explanation

    octets, given = _octets(arguments.blob)
    key = None if arguments.public_key is None else public_key(files.read(arguments.public_key))
    digests = _digests(arguments)
    if digests and key is None:
        raise Refused("--public-key: the key that the signature is to verify under was expected")
    found = guess(octets)
    guesses = [one for one in found if isinstance(one, Guess)]
    if key is not None and not digests and not any(one.reading for one in guesses):
        raise Refused("--message or --digest: what the signature is of was expected")
    if given and any(one.secret for one in guesses):
        say(f"ecpure: {_WARNING}")
    verified = None if key is None else [list(verifications(one, key, digests)) for one in guesses]
    warn_of_weak(weak_hashes([words for held in verified or [] for words in held]))
    misses = [one for one in found if isinstance(one, Miss)]
    explanation = Explanation(len(octets), guesses, misses, verified)
    if arguments.json:
        write_standard_output(json.dumps(explanation.as_json()).encode("ascii") + b"\n")
    else:
        write_lines(explanation.as_lines())
    if not guesses:
        say("ecpure: not recognised")
        return REFUSED
    return VALID if verified is None or any(verified) else INVALID


def _octets(blob: str) -> tuple[bytes, bool]:
    """Return the octets of a file, or of hex digits, and whether they were given as such. Raises `Refused`."""
    if blob == "-" or os.path.exists(blob):
        return files.read(blob), False
    if not blob or len(blob) % 2 or not set(blob) <= set(string.hexdigits):
        raise Refused("explain: a file, or hex digits in pairs, was expected")  # not shown: it may be secret
    return bytes.fromhex(blob), True


def _digests(arguments: Namespace) -> list[Digest]:
    """Return what the signature may be of. Raises `Refused`."""
    from ..explain.attempts import digest_itself, digests_of

    if arguments.digest is not None:
        digests = digest_itself(files.read(arguments.digest))
        if not digests:
            raise Refused("--digest: a file of 20, 28, 32, 48 or 64 octets was expected")
        return digests
    return [] if arguments.message is None else digests_of(files.read(arguments.message))
