"""`ecpure sign`: sign a file."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from .arguments import REFUSED_STATUS
from .options import (
    add_curve,
    add_message,
    add_output,
    add_private_key,
    add_signature_form,
    curve,
    digest_of_file,
    private_key,
    write_signature,
)
from .verdict import VALID

EXAMPLES = [
    "ecpure sign --key own.pem order -o order.sig",
    "ecpure sign --key own.pem --hash sha256 --encoding base64 order",
]
STATUSES = {
    0: "the signature was written",
    2: REFUSED_STATUS,
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_curve(parser)
    add_private_key(parser)
    add_message(parser, to_verify=False)
    add_signature_form(parser)
    parser.add_argument("--low-s", action="store_true", help="write the smaller of s and n - s")
    text = "mix random bytes into the nonce (RFC 6979 section 3.6): each signature of a file is then different"
    parser.add_argument("--hedged", action="store_true", help=text)
    text = "verify the signature in full before writing it"
    parser.add_argument("--self-verify", action="store_true", help=text)
    add_output(parser)


def run(arguments: Namespace) -> int:
    """Write the signature of the file."""
    key = private_key(arguments)
    name = curve(arguments).hash_name(arguments.hash)
    signature = key.sign_digest(
        digest_of_file(arguments, name),
        hash=name,
        low_s=arguments.low_s,
        extra_entropy=os.urandom(key.curve.scalar_octets) if arguments.hedged else None,
        self_verify=arguments.self_verify,
    )
    write_signature(arguments.output, signature, arguments.format, arguments.encoding, key.curve)
    return VALID
