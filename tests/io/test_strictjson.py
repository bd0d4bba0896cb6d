"""JSON, no looser than RFC 8259: what is read, what is refused, and that no refusal shows the text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ecpure import InvalidEncoding
from ecpure.io import strictjson


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "b": [true, null, "\\u00e9"]}', {"a": 1, "b": [True, None, "é"]}),
        (" [1.5, -2e3] ", [1.5, -2000.0]),
        ("é".join('""'), "é"),
        ("12", 12),
        ('{"a": {"a": 1}}', {"a": {"a": 1}}),
    ],
)
def test_json_is_read(text: str, value: Any) -> None:
    """As text and as its octets in UTF-8."""
    assert strictjson.decode(text, "x") == strictjson.decode(text.encode("utf-8"), "x") == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"secret": 1, "secret": 1}',
        '[{"secret": {"a": 1, "a": 2}}]',
        "NaN",
        "[Infinity]",
        "-Infinity",
        "1e999",
        '{"secret": -1e999}',
        "[" * 100_000,
        "1" * 5000,
        b"\xff",
        '"secret"'.encode("utf-16"),
        '"\udcff"'.encode("utf-8", "surrogatepass"),
        "'secret'",
        '{"secret": 1,}',
        '"secret" // comment',
        "01",
    ],
    ids=lambda text: str(text[:20]),
)
def test_what_is_no_json_is_refused_and_not_shown(text: str | bytes) -> None:
    """A name twice, an infinite number or no number, nesting without end, octets that are no UTF-8; no context."""
    with pytest.raises(InvalidEncoding) as refusal:
        strictjson.decode(text, "message")
    assert str(refusal.value) == "message: JSON, with each name once, was expected"
    assert refusal.value.__context__ is None


def test_an_object_is_expected() -> None:
    """Another value is refused in a sentence of its own."""
    assert strictjson.decode_object("{}", "x") == {}
    for text in ("[]", "1", '"{}"', "null"):
        with pytest.raises(InvalidEncoding, match=r"^x: a JSON object was expected$"):
            strictjson.decode_object(text, "x")


def test_numbers_are_made_as_they_are_wanted() -> None:
    """Those with a point or an exponent, from their text; then they may be of any size. Whole ones are ints."""
    text = '{"a": 86.60, "b": 1e999, "c": 7}'
    assert strictjson.decode_object(text, "x", number=str) == {"a": "86.60", "b": "1e999", "c": 7}
    assert strictjson.decode(text, "x", number=Decimal)["a"] == Decimal("86.60")
    for constant in ("NaN", "Infinity"):
        with pytest.raises(InvalidEncoding):
            strictjson.decode(constant, "x", number=str)
