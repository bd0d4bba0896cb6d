"""Public keys by their ids, for records that do not bring their keys: a folder of PEM files, or a file of keys."""

from __future__ import annotations

import os

from . import files
from .errors import EcpureError
from .inputs import blocks
from .records import CURVES, decode_key, lines
from .streams import Refused


def read(path: str, curve: str) -> dict[str, str]:
    """Return the keys, in hex or PEM as they were found, by their ids.

    path: a folder, where each NAME.pem has the key of the id NAME; or a file of records in JSON Lines or, by its
    ending, CSV, with the fields `id` (text, or a whole number) and `public_key`. Raises `OSError`; `Refused` for an id
    without a key of the curve, or that comes twice.
    """
    found: dict[str, str] = {}
    if os.path.isdir(path):
        for file in sorted(os.listdir(path)):
            if file.endswith(".pem"):
                _add(found, file.removesuffix(".pem"), files.read_text(os.path.join(path, file)), curve, file)
    else:
        for block in blocks([path], None):
            for line in lines(block):
                where = f"{path}: line {line.number}"
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
        decode_key(text, CURVES[curve])
    except EcpureError as error:
        raise Refused(f"{where}: {error}") from None
    found[id] = text
