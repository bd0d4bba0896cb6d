"""`ecpure auth build`: write the login message that answers the server's Welcome."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from .. import auth
from ..io import files
from .arguments import REFUSED_STATUS
from .options import add_credentials, add_output, login_key
from .verdict import VALID

EXAMPLES = [
    'ecpure auth build --user-id 1 --key login.pem --cookie "$COOKIE" \\\n  --server-nonce "$NONCE" -o login.json',
]
STATUSES = {
    0: "the message was written",
    2: REFUSED_STATUS,
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_credentials(parser)
    parser.add_argument("--server-nonce", required=True, metavar="BASE64", help="nonce of the Welcome, 16 bytes")
    parser.add_argument("--client-nonce", metavar="BASE64", help="the client's nonce, 16 bytes (default: random)")
    add_output(parser)


def run(arguments: Namespace) -> int:
    """Write the login message."""
    auth.decode_cookie(arguments.cookie, "--cookie")
    auth.decode_nonce(arguments.server_nonce, "--server-nonce")
    key = login_key(arguments)
    nonce = arguments.client_nonce
    message = auth.build_authenticate(
        user_id=arguments.user_id,
        cookie=arguments.cookie,
        private_key=key,
        server_nonce=arguments.server_nonce,
        client_nonce=None if nonce is None else auth.decode_nonce(nonce, "--client-nonce"),
        tag=arguments.tag,
    )
    files.write(arguments.output, json.dumps(message).encode("ascii") + b"\n")
    return VALID
