"""`ecpure explain`: identify unknown bytes, or find out why a signature is rejected."""

from __future__ import annotations

import contextlib
import json
import os
import re
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..formats.dumps import DUMPS
from ..formats.keys import holds_private_key
from ..formats.texts import TEXTS
from ..io import files
from ..io.streams import Refused, say, write_lines, write_standard_output
from .arguments import reads
from .options import read_key, warn_of_weak
from .verdict import INVALID, REFUSED, VALID

if TYPE_CHECKING:
    from ..explain.attempts import Digest

_WARNING = (
    "others can read a command line, and the shell's history keeps it: if this is a private key, treat it as exposed, "
    "and make another"
)


_DIGESTS = (20, 28, 32, 48, 64)  # lengths of all hashes' digests, in octets
_SAVE = "save it as UTF-8 without this mark"
EXAMPLES = [
    "ecpure explain order.sig",
    "ecpure explain order.sig --public-key public.pem --message order",
]
STATUSES = {
    0: "recognised, and verified if asked",
    1: "recognised, but nothing verifies",
    2: "not recognised, wrong usage, or input that cannot be read",
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    text = "file, - for standard input, or the text itself (hex, base64, PEM, JSON, hex dump), unless it is secret"
    reads(parser.add_argument("blob", metavar="FILE|TEXT", help=text), _files)
    text = "file of the public key, in any format, to verify the signature with"
    reads(parser.add_argument("--public-key", metavar="P", help=text))
    signed = parser.add_mutually_exclusive_group()
    reads(
        signed.add_argument("--message", metavar="FILE", help="message that may have been signed; every hash is tried")
    )
    reads(signed.add_argument("--digest", metavar="FILE", help="digest that may have been signed"))
    parser.add_argument("--json", action="store_true", help="print the readings as JSON")


def _files(blob: str) -> list[str]:
    return [blob] if blob == "-" or os.path.exists(blob) else []


def run(arguments: Namespace) -> int:
    """Print everything that the octets can be, and with which hash a signature among them is valid."""
    from ..explain.attempts import public_key, tried, verifications, weak_hashes
    from ..explain.containers import byte_order_mark, guess
    from ..explain.readings import Guess, Miss
    from ..explain.report import Explanation

    octets, given = _octets(arguments.blob)
    key = None
    if arguments.public_key is not None:
        key = read_key(lambda octets, **_: public_key(octets), arguments.public_key, arguments, "public")
    digests = _digests(arguments)
    if digests and key is None:
        raise Refused("--public-key: name the public key to verify the signature with")
    found = guess(octets)
    guesses = [one for one in found if isinstance(one, Guess)]
    if key is not None and not digests and not any(one.reading for one in guesses):
        raise Refused("--message or --digest: name the file that was signed, or its digest")
    if given and (any(one.secret for one in guesses) or holds_private_key(octets)):  # also if damaged
        say(f"ecpure: {_WARNING}")
    verified = None if key is None else [list(verifications(one, key, digests)) for one in guesses]
    attempts = [] if key is None else [tried(one, key, digests) for one in guesses]
    warn_of_weak(weak_hashes([words for held in verified or [] for words in held]))
    misses = [one for one in found if isinstance(one, Miss)]
    explanation = Explanation(len(octets), guesses, misses, verified, attempts)
    if arguments.json:
        write_standard_output(json.dumps(explanation.as_json()).encode("ascii") + b"\n")
    else:
        write_lines(explanation.as_lines())
    if guesses and (encoding := byte_order_mark(octets)):
        name = files.shown_name(arguments.blob)
        say(f"ecpure: {name}: it begins with a byte-order mark, of {encoding}: if a command refuses it, {_SAVE}")
    if not guesses:
        say(f"ecpure: {_not_recognised(arguments.blob, octets, given=given, nearly=bool(misses))}")
        return REFUSED
    return VALID if verified is None or any(verified) else INVALID


def _not_recognised(blob: str, octets: bytes, *, given: bool, nearly: bool) -> str:
    """Return the message for octets that are not recognised. given: as text, which is not shown: it may be secret."""
    name = files.shown_name(blob)
    if not octets:
        return f"{name}: it is empty: name another file, or write it again"
    advice = "a key, a certificate, a signature or a signed document was expected; give what was signed with --message"
    if nearly:
        advice = "the output says what it nearly is, and what is wrong with it"
    if given:
        return f"not recognised (read as text, since there is no file with this name): {advice}"
    return f"{name}: not recognised: {advice}"


def _octets(blob: str) -> tuple[bytes, bool]:
    """Return the octets of a file or a text, and whether it was a text. Raises `OSError`, `Refused`."""
    if blob == "-" or os.path.exists(blob):
        return _read(blob), False
    octets = _in_text(blob)
    if octets is None:
        if _may_be_secret(blob):
            raise Refused(f"explain: there is no file with this name, and {_NO_TEXT}")  # not shown: it may be secret
        raise Refused(f"{blob or repr('')}: there is no such file, and {_NO_TEXT}")
    return octets, True


def _read(path: str) -> bytes:
    """Return the octets of the file. Raises `OSError`; `Refused` if it is too large, as archives of records are."""
    try:
        return files.read(path)
    except Refused as error:
        refusal = error
    from ..archives.shape import records_in  # slow to import

    found = None if path == "-" else records_in(files.beginning(path))
    if found is not None:
        raise Refused(f"{path}: this is a file of {found.kind.several}, in {found.form}: {found.kind.command}")
    raise refusal


_NO_TEXT = "it is not hex, base64, PEM, JSON or a hex dump"
_LONG = re.compile(r"[0-9A-Za-z+/=_: -]{24,}")
"""Characters of hex or base64, as many as may be much of a private key."""
_SAYS_WHAT_IT_IS = re.compile(r"\s*[{\[]|.*-----BEGIN |(?:ssh|ecdsa|sk)-[^ /]+ [A-Za-z0-9+/]")
"""JSON, PEM on one line, and a key of OpenSSH."""
_BASE64 = 36  # characters for 27 octets, fewer than a private key has


def _may_be_secret(name: str) -> bool:
    """Whether a file's name may be a mistyped private key in hex or base64: it is not shown then."""
    return any(any(map(str.isdigit, run)) for run in _LONG.findall(name))


def _in_text(text: str) -> bytes | None:
    """Return the octets of hex or a dump, or other text as it is; None for what may be a file name.

    Base64 without padding is told from a name by its length, and by having upper case, lower case and digits.
    """
    if not text.strip() or not text.isascii():
        return None
    for decode in (*DUMPS.values(), TEXTS["hex"].decode):  # in this order, so that no offset is read as an octet
        with contextlib.suppress(ValueError):
            return decode(text.encode("ascii"))
    if "\n" in text or _SAYS_WHAT_IT_IS.match(text):
        return text.encode("ascii")
    with contextlib.suppress(ValueError):
        TEXTS["base64"].decode(text)
        kinds = [any(map(kind, text)) for kind in (str.isupper, str.islower, str.isdigit)]
        if text.rstrip().endswith("=") or (len(text) >= _BASE64 and all(kinds)):
            return text.encode("ascii")
    return None


def _digests(arguments: Namespace) -> list[Digest]:
    """Return the digests that may have been signed. Raises `OSError`, `Refused`."""
    from ..explain.attempts import digest_itself, digests_of
    from .likeness import of_digest

    if arguments.digest is not None:
        octets = files.read(arguments.digest)
        digests = digest_itself(octets)
        advice = of_digest(octets, _DIGESTS)
        if advice or not digests:
            name = files.shown_name(arguments.digest)
            raise Refused(f"--digest: {name}: {advice or 'a file of 20, 28, 32, 48 or 64 bytes was expected'}")
        return digests
    try:
        return [] if arguments.message is None else digests_of(files.read(arguments.message))
    except Refused as error:
        raise Refused(f"--message: {error}: give its digest with --digest") from None
