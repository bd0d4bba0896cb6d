"""Strict JSON (RFC 8259): distinct names, no NaN or infinity, limited nesting and numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import isinf
from typing import Any

from ..errors import InvalidEncoding


def decode(text: str | bytes, what: str, *, number: Callable[[str], object] = float) -> Any:
    """Return the value of a JSON text; `bytes` are UTF-8. Raises `InvalidEncoding`, which names it as `what`.

    number: converts the text of a number with a point or an exponent.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        return (_DECODER if number is float else _decoder(number)).decode(text)
    except (ValueError, RecursionError):
        pass  # the exception shows the text, which may be secret
    raise InvalidEncoding(f"{what}: JSON, with each name once, was expected")


def decode_object(text: str | bytes, what: str, *, number: Callable[[str], object] = float) -> dict[str, Any]:
    """Return the object of a JSON text, as `decode` does. Raises `InvalidEncoding`."""
    value = decode(text, what, number=number)
    if not isinstance(value, dict):
        raise InvalidEncoding(f"{what}: a JSON object was expected")
    return value


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError
    return value


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _finite(text: str) -> float:
    value = float(text)
    if isinf(value):  # 1e999: JSON cannot write infinity
        raise ValueError
    return value


def _decoder(number: Callable[[str], object]) -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=_distinct, parse_float=number, parse_constant=_refuse)


_DECODER = _decoder(_finite)
