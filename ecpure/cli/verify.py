"""`ecpure verify`: verify a file's signature."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..formats.profiles import PROFILES
from ..io import files
from ..io.streams import Refused
from .arguments import reads
from .options import (
    add_curve,
    add_message,
    add_public_key,
    add_signature_form,
    decode_signature,
    hash_and_digest,
    public_key,
)
from .verdict import add_json, say_verdict


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_curve(parser)
    add_public_key(parser)
    text = "signature file (required unless --profile finds it)"
    reads(parser.add_argument("--signature", metavar="S", help=text))
    titles = ", ".join(f"{profile.name} ({profile.title})" for profile in PROFILES.values())
    text = f"FILE is of this kind, which settles everything but the key: {titles}"
    parser.add_argument("--profile", choices=PROFILES, help=text)
    add_message(parser)
    add_signature_form(parser)
    add_json(parser, '; with --profile also "fields", what was signed')


def run(arguments: Namespace) -> int:
    """Say whether the signature is valid, and with a profile also what was signed."""
    if arguments.profile is not None:
        return _verify_profile(arguments)
    if arguments.signature is None:
        raise Refused("--signature: the file of the signature was expected")
    key = public_key(arguments)
    signature = decode_signature(files.read(arguments.signature), arguments)
    _, digest = hash_and_digest(arguments)
    return say_verdict(key.verify_digest(signature, digest), arguments)


_SETTLED = ("curve", "hash", "digest", "format", "encoding")
"""Options that a profile leaves no choice of."""


def _verify_profile(arguments: Namespace) -> int:
    profile = PROFILES[arguments.profile]
    for option in _SETTLED:
        if getattr(arguments, option) != arguments.parser.get_default(option):
            raise Refused(f"--{option}: --profile {profile.name} settles that")
    beside = arguments.signature
    if profile.suffix is None and beside is not None:
        raise Refused(f"--signature: with --profile {profile.name} it is inside of FILE")
    if profile.suffix is not None and beside is None:
        if arguments.file == "-":
            raise Refused("--signature: the file of the signature was expected, since FILE is standard input")
        beside = arguments.file + profile.suffix
    key = public_key(arguments)
    reading = profile.read(files.read(arguments.file), None if beside is None else files.read(beside))
    return say_verdict(key.verify_digest(reading.signature, reading.digest()), arguments, reading.fields)
