"""`ecpure login`: log in to a server with the exchange's protocol."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..auth import decode_cookie
from ..io.streams import write_standard_output
from .arguments import reads, up_to
from .options import add_credentials, login_key
from .verdict import INVALID, VALID

EXAMPLES = [
    'ecpure login "$URL" --ca server.pem --user-id 1 --key login.pem \\\n  --cookie "$COOKIE"',
]
STATUSES = {
    0: "logged in",
    1: "the server refused the login",
    2: "wrong usage, input that cannot be read, or no reply",
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("url", metavar="URL", help="URL of the server's WebSocket, wss://...")
    add_credentials(parser)
    text = "file of trusted certificates in PEM, instead of the system's"
    reads(parser.add_argument("--ca", metavar="FILE", help=text))
    text = "overall timeout in seconds (default: 30)"
    parser.add_argument("--timeout", type=up_to(1_000_000), default=30, metavar="S", help=text)


def run(arguments: Namespace) -> int:
    """Print the server's reply. Neither passphrase nor private key is sent."""
    from ..login import Accepted, ClientSession  # slow to import, like the following
    from ..login.websocket import log_in, require_url, trusted

    require_url(arguments.url)
    decode_cookie(arguments.cookie, "--cookie")
    trust = trusted(arguments.ca)
    session = ClientSession(
        user_id=arguments.user_id,
        cookie=arguments.cookie,
        private_key=login_key(arguments),
        tag=arguments.tag,
    )
    event = log_in(session, arguments.url, trust, arguments.timeout)
    write_standard_output(event.reply.encode("ascii") + b"\n")
    return VALID if isinstance(event, Accepted) else INVALID
