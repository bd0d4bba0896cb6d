"""What the arguments say of records: their public keys above all, from a folder of PEM files, or a file of keys."""

from __future__ import annotations

import os

from . import files
from .curves import named
from .errors import EcpureError
from .hashes import canonical
from .inputs import blocks
from .records import REASONS, Settings, decode_key, lines
from .streams import Refused

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from argparse import Namespace


def settings(arguments: Namespace) -> Settings:
    """Return what holds for all records that do not say otherwise. Raises `OSError`, `UnknownHash`, `Refused`."""
    return Settings(
        keys={} if arguments.keys is None else read(arguments.keys, arguments.curve),
        curve=arguments.curve,
        hash=None if arguments.hash is None else canonical(arguments.hash),
        format=arguments.format,
        encoding=arguments.encoding,
        profile=arguments.profile,
        ignored=frozenset(arguments.ignore),
    )


def read(path: str, curve: str) -> dict[str, str]:
    """Return the keys, in hex or PEM as they were found, by their ids.

    path: a folder, where each NAME.pem has the key of the id NAME; or a file of records in JSON Lines or, by its
    ending, CSV, with the fields `id` (text, or a whole number) and `public_key`. Raises `OSError`; `Refused` for an id
    without a key of the curve, or that comes twice.
    """
    found: dict[str, str] = {}
    if os.path.isdir(path):
        for file in files.inside(path):
            _add(found, os.path.basename(file).removesuffix(".pem"), files.read_text(file), curve, file)
    else:
        for block in blocks([path], None):
            for line in lines(block):
                where = f"{'standard input' if path == '-' else path}: line {line.number}"
                if line.reason is not None:
                    raise Refused(f"{where}: {REASONS[line.reason]}")
                name, text = line.fields.get("id"), line.fields.get("public_key")
                if not isinstance(text, str) or not (isinstance(name, str) or type(name) is int):
                    raise Refused(f"{where}: an id and a public_key were expected")
                _add(found, str(name), text, curve, where)
    if not found:
        raise Refused(f"{path}: there is no key in it")
    return found


def _add(found: dict[str, str], id: str, text: str, curve: str, where: str) -> None:
    if id in found:
        raise Refused(f"{where}: its id comes twice")
    try:
        decode_key(text, named(curve))
    except EcpureError as error:
        raise Refused(f"{where}: {error}") from None
    found[id] = text
