"""`ecpure keygen`: make a private key."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..privatekey import PrivateKey
from .arguments import REFUSED_STATUS
from .options import add_curve, add_private_output, curve, write_private_key
from .verdict import VALID

EXAMPLES = [
    "ecpure keygen -o own.pem",
    "ecpure keygen --curve secp256k1 --to sec1 -o other.pem",
]
STATUSES = {
    0: "the key was written",
    2: REFUSED_STATUS,
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_curve(parser)
    add_private_output(parser)


def run(arguments: Namespace) -> int:
    """Write a new private key."""
    write_private_key(PrivateKey.generate(curve=curve(arguments)), arguments)
    return VALID
