"""`ecpure verify`: verify a file's signature."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime

from ..errors import InvalidEncoding
from ..formats import rpcn
from ..formats.profiles import PROFILES
from ..hashes import canonical_to_verify
from ..io import files
from ..io.streams import Refused, say
from .arguments import REFUSED_STATUS, reads
from .options import (
    add_curve,
    add_message,
    add_public_key_or_keys,
    add_signature_form,
    curve,
    digest_of_file,
    public_key,
    read_signature,
    warn_of_weak,
)
from .verdict import INVALID, add_json, say_verdict

EXAMPLES = [
    "ecpure verify --public-key public.pem --signature order.sig order",
    "ecpure verify --profile chargepoint --public-key public.pem secrrct",
]
STATUSES = {
    0: "the signature is valid",
    1: "a signature is invalid, or with --at, the ticket has expired",
    2: REFUSED_STATUS,
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_curve(parser)
    add_public_key_or_keys(parser)
    text = "signature file (required unless --profile finds it)"
    reads(parser.add_argument("--signature", metavar="S", help=text))
    titles = ", ".join(f"{profile.name} ({profile.title})" for profile in PROFILES.values())
    text = f"kind of FILE, which determines everything except the key and, for rpcn, the hash: {titles}"
    parser.add_argument("--profile", choices=PROFILES, help=text)
    text = "language for a receipt (default: that of the locale)"
    parser.add_argument("--lang", choices=["en", "de"], help=text)
    text = "with --profile rpcn, exit 1 also if the ticket has expired at this time, in ISO 8601 with an offset"
    parser.add_argument("--at", type=_time, metavar="TIME", help=text)
    add_message(parser, to_verify=True)
    text = "FILE contains the digest, of any length, made with any hash"
    parser.add_argument("--any-digest", action="store_true", help=text)
    add_signature_form(parser)
    add_json(parser, '; with --profile also "fields", what was signed, and "receipts" or "expired"')


def run(arguments: Namespace) -> int:
    """Say whether the signature is valid, and with a profile also what was signed."""
    _check_options(arguments)
    if arguments.profile == "chargepoint":
        from . import receipts  # slow to import

        return receipts.verify(arguments)
    if arguments.profile == "rpcn":
        return _verify_ticket(arguments)
    if arguments.signature is None:
        raise Refused("--signature: name the signature file")
    key = public_key(arguments)
    signature = read_signature(arguments.signature, arguments.format, arguments.encoding, key.curve)
    digest = _digest(arguments)
    valid = key.verify_digest(signature, digest)
    if arguments.any_digest and not valid:
        from .likeness import of_digest  # slow to import, and needed only here

        if advice := of_digest(digest, range(16, 65)):
            say(f"ecpure: {files.shown_name(arguments.file)}: {advice}")
    return say_verdict(valid, arguments)


def _digest(arguments: Namespace) -> bytes:
    """Return the digest that is to be verified. Raises `OSError`, `EcpureError`."""
    if arguments.any_digest:
        if arguments.digest or arguments.hash is not None:
            raise Refused("--any-digest: cannot be combined with --hash or --digest")
        octets = files.read(arguments.file)
        if not octets:
            raise Refused(
                f"{files.shown_name(arguments.file)}: it is empty: a digest of at least one byte was expected"
            )
        return octets
    name = curve(arguments).hash_to_verify(arguments.hash)
    digest = digest_of_file(arguments, name)
    warn_of_weak([name])
    return digest


# With a profile

_SETTLED = {
    "chargepoint": ("curve", "hash", "digest", "any_digest", "format", "encoding"),
    "rpcn": ("curve", "digest", "any_digest", "format", "encoding"),  # the hash is the server's choice
}
"""Options whose values a profile determines."""
_OF_PROFILES = {"keys": "chargepoint", "lang": "chargepoint", "at": "rpcn"}
"""Options that have a meaning only with one profile."""


def _check_options(arguments: Namespace) -> None:
    """Raise `Refused` for an option that has no meaning with the profile, or without one."""
    profile = arguments.profile
    for option, of in _OF_PROFILES.items():
        if getattr(arguments, option) is not None and profile != of:
            raise Refused(f"--{option}: use it only with --profile {of}")
    for option in _SETTLED.get(profile, ()):
        if getattr(arguments, option) != arguments.parser.get_default(option):
            raise Refused(f"--{option.replace('_', '-')}: omit it; --profile {profile} determines it")


def _verify_ticket(arguments: Namespace) -> int:
    """Say whether the ticket is valid, what it says, and whether it has expired: now, or at the time of --at."""
    if arguments.signature is not None:
        raise Refused("--signature: omit it; with --profile rpcn the signature is in FILE")
    name = rpcn.HASH if arguments.hash is None else canonical_to_verify(arguments.hash)
    warn_of_weak([name])
    key = public_key(arguments)
    octets = files.read(arguments.file)
    try:
        reading = rpcn.read(rpcn.unwrapped(octets), hash=name)
    except InvalidEncoding as error:
        from .likeness import refusal  # slow to import, and needed only for errors

        raise refusal(error, arguments.file) from None
    valid = key.verify_digest(reading.signature, reading.digest())
    is_expired = rpcn.is_expired(reading.fields, arguments.at or datetime.now(UTC))
    status = say_verdict(valid, arguments, reading.fields, {"expired": is_expired})
    return INVALID if is_expired and arguments.at is not None else status


def _time(text: str) -> datetime:
    """Return the time that the text means in ISO 8601. Raises `ArgumentTypeError`, for argparse."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        if time.tzinfo is not None:
            return time
    raise ArgumentTypeError("a time with its offset was expected, like 2026-03-01T12:00:00Z")
