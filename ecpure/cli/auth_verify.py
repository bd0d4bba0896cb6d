"""`ecpure auth verify`: verify a login message."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from .. import auth
from ..errors import InvalidEncoding
from ..io import files, strictjson
from .arguments import REFUSED_STATUS, reads
from .options import add_public_key, public_key
from .verdict import add_json, say_verdict

EXAMPLES = [
    'ecpure auth verify --public-key login.public.pem --server-nonce "$NONCE" \\\n  login.json',
]
STATUSES = {
    0: "the signature is valid",
    1: "the signature is invalid",
    2: REFUSED_STATUS,
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_public_key(parser)
    parser.add_argument(
        "--server-nonce", required=True, metavar="BASE64", help="nonce of that connection's Welcome, 16 bytes"
    )
    reads(parser.add_argument("file", metavar="FILE", help="login message, JSON; - is standard input"))
    add_json(parser)


def run(arguments: Namespace) -> int:
    """Say whether the signature of the message is valid."""
    key = public_key(arguments)
    auth.decode_nonce(arguments.server_nonce, "--server-nonce")
    text = files.read_text(arguments.file)
    try:
        message = strictjson.decode_object(text, "message")
        valid = auth.verify_authenticate(message, server_nonce=arguments.server_nonce, public_key=key)
    except InvalidEncoding as error:
        name = files.shown_name(arguments.file)
        raise InvalidEncoding(f"{name}: {error}; `ecpure auth build` writes such a message") from None
    return say_verdict(valid, arguments)
