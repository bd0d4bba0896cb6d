"""Public keys by id, from a folder of PEM files or a file of records."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from ..curve import named
from ..errors import EcpureError
from ..formats.encodings import public_key_in_text
from ..formats.keys import public_key
from ..io import files
from ..io.streams import Refused
from ..publickey import PublicKey
from . import shape
from .blocks import Block, blocks
from .records import lines
from .verdicts import REASONS


def read(path: str, curve: str) -> dict[str, bytes]:
    """Return the keys by id, as compressed points.

    path: a folder in which NAME.pem has the key with the id NAME, in any form that `formats.keys` reads; or a file of
    records, in CSV if its name says so, else in JSON Lines, with the fields `id` (text, or a whole number) and
    `public_key`. Raises `OSError`; `Refused` for a duplicate id, or one without a key of the curve.
    """
    found: dict[str, bytes] = {}
    if os.path.isdir(path):
        for file in files.inside(path):
            files.require_regular(os.path.realpath(file))
            octets = files.read(file)
            _add(found, os.path.basename(file)[: -len(".pem")], partial(public_key, octets), curve, file)
    else:
        for block in blocks([path], None):
            if not found:
                _require_keys(path, block)
            for line in lines(block):
                where = f"{'standard input' if path == '-' else path}: line {line.number}"
                if line.reason is not None:
                    raise Refused(f"{where}: {REASONS[line.reason]}")
                name, text = line.fields.get("id"), line.fields.get("public_key")
                if not isinstance(text, str) or not (isinstance(name, str) or type(name) is int):
                    raise Refused(f"{where}: an id and a public_key were expected")
                _add(found, str(name), partial(public_key_in_text, text), curve, where)
    if not found:
        raise Refused(f"{path}: no key in it: give a folder of ID.pem files, or records with id and public_key")
    return found


def _require_keys(path: str, first: Block) -> None:
    """Raise `Refused` if the file is something else."""
    if first.octets.lstrip().startswith(b"-----BEGIN"):
        raise Refused(f"{path}: it looks like a key in PEM: put it into a folder as ID.pem, and give the folder")
    shape.require(path, first, shape.KEYS)


def _add(found: dict[str, bytes], id: str, read: Callable[..., PublicKey], curve: str, where: str) -> None:
    if id in found:
        raise Refused(f"{where}: duplicate id: give each key its own id")
    try:
        found[id] = read(curve=named(curve)).to_bytes()
    except EcpureError as error:
        raise Refused(f"{where}: {error}") from None
