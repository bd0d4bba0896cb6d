"""`ecpure pubkey`: write the public key of a private key."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..io import files
from .arguments import REFUSED_STATUS, reads
from .options import add_curve, add_key_format, add_output, private_key
from .verdict import VALID

EXAMPLES = [
    "ecpure pubkey own.pem -o public.pem",
    "ecpure pubkey own.pem --to raw -o public.raw",
]
STATUSES = {
    0: "the key was written",
    2: REFUSED_STATUS,
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_curve(parser)
    key = parser.add_mutually_exclusive_group(required=True)
    reads(key.add_argument("--key", metavar="K", help="private key file"))
    reads(key.add_argument("file", nargs="?", metavar="KEY", help="private key file, instead of --key"))
    add_key_format(parser)
    text = "format to write: SPKI in PEM, or the compressed point's bytes (default: pem)"
    parser.add_argument("--to", choices=["pem", "raw"], default="pem", help=text)
    add_output(parser)


def run(arguments: Namespace) -> int:
    """Write the public key."""
    key = private_key(arguments, arguments.file).public_key
    files.write(arguments.output, key.to_bytes() if arguments.to == "raw" else key.to_pem().encode("ascii"))
    return VALID
