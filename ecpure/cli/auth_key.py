"""`ecpure auth key`: write the private key derived from a user id and passphrase."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from .. import auth
from .arguments import REFUSED_STATUS
from .options import add_passphrase, add_private_output, add_user_id, passphrase, write_private_key
from .verdict import VALID

EXAMPLES = [
    "ecpure auth key --user-id 1 --passphrase-from file:passphrase -o login.pem",
]
STATUSES = {
    0: "the key was written",
    2: REFUSED_STATUS,
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_user_id(parser)
    add_passphrase(parser)
    add_private_output(parser)


def run(arguments: Namespace) -> int:
    """Write the private key."""
    key = auth.derive_private_key(arguments.user_id, passphrase(arguments))
    write_private_key(key, arguments)
    return VALID
