"""`ecpure sign`: sign a file."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from ..io import files
from .options import (
    add_curve,
    add_message,
    add_output,
    add_private_key,
    add_signature_form,
    encode_signature,
    hash_and_digest,
    private_key,
)
from .verdict import VALID


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_curve(parser)
    add_private_key(parser)
    add_message(parser)
    add_signature_form(parser)
    parser.add_argument("--low-s", action="store_true", help="write the smaller of s and n - s")
    text = "random octets go into the nonce (RFC 6979 section 3.6): the same file is signed differently each time"
    parser.add_argument("--hedged", action="store_true", help=text)
    text = "verify the signature in full before it is written"
    parser.add_argument("--self-verify", action="store_true", help=text)
    add_output(parser)


def run(arguments: Namespace) -> int:
    """Write the signature of the file."""
    key = private_key(arguments)
    name, digest = hash_and_digest(arguments)
    signature = key.sign_digest(
        digest,
        hash=name,
        low_s=arguments.low_s,
        extra_entropy=os.urandom(key.curve.scalar_octets) if arguments.hedged else None,
        self_verify=arguments.self_verify,
    )
    files.write(arguments.output, encode_signature(signature, arguments))
    return VALID
