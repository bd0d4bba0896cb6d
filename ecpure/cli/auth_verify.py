"""`ecpure auth verify`: verify a login message."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from .. import auth
from ..io import files, strictjson
from .arguments import reads
from .options import add_public_key, public_key
from .verdict import add_json, say_verdict


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_public_key(parser)
    parser.add_argument("--server-nonce", required=True, metavar="BASE64", help="nonce of that connection's Welcome")
    reads(parser.add_argument("file", metavar="FILE", help="the message, JSON"))
    add_json(parser)


def run(arguments: Namespace) -> int:
    """Say whether the signature of the message is valid."""
    key = public_key(arguments)
    message = strictjson.decode_object(files.read_text(arguments.file), "message")
    valid = auth.verify_authenticate(message, server_nonce=arguments.server_nonce, public_key=key)
    return say_verdict(valid, arguments)
