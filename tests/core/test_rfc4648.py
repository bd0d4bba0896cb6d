"""Base64, strict: the octets and their one text."""

from __future__ import annotations

import base64
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecpure.rfc4648 import decode_base64, encode_base64

# RFC 4648 §10.
VECTORS = {
    b"": "",
    b"f": "Zg==",
    b"fo": "Zm8=",
    b"foo": "Zm9v",
    b"foob": "Zm9vYg==",
    b"fooba": "Zm9vYmE=",
    b"foobar": "Zm9vYmFy",
}


@pytest.mark.parametrize(("octets", "text"), VECTORS.items())
def test_examples_of_the_rfc(octets: bytes, text: str) -> None:
    """Each is written so, and read from text and from octets."""
    assert encode_base64(octets) == text
    assert decode_base64(text) == decode_base64(text.encode("ascii")) == octets


@given(octets=st.binary(max_size=200))
def test_octets_come_back(octets: bytes) -> None:
    """Whatever they are, they are read as they were written, which is as the standard library writes them."""
    text = encode_base64(octets)
    assert text == base64.b64encode(octets).decode("ascii")
    assert decode_base64(text) == octets


@pytest.mark.parametrize(
    "text",
    [
        *("Zg", "Zg=", "Zg===", "Zm8", "Zm8==", "Zm9", "Z", "Z===", "=", "====", "Zm9v=", "Zm9vZg"),  # padding
        *("Zh==", "Zm9=", "Zv==", "//9="),  # spare bits
        *(" Zg==", "Zg==\n", "Zm\n9v", "Zm 9v", "Zg= =", "\tZm9v", "Zm9v\x00"),  # space
        *("Z-==", "_m9v", "Zm9!", "Zé==", "Z\ud800==", "Ｚm9v"),  # other alphabets
        *("Zg==Zg==", "Zm8=Zm8="),  # two in one
    ],
)
def test_any_other_text_is_refused(text: str) -> None:
    """By a sentence that does not have the text, and without another exception that might."""
    for given_text in (text, text.encode("utf-8", errors="surrogatepass")):
        with pytest.raises(ValueError, match=r"^base64 was expected \(RFC 4648 §4\)$") as refusal:
            decode_base64(given_text)
        assert refusal.value.__context__ is None


@pytest.mark.parametrize("text", ["Zg==", "Zm8=", "Zm9v"])
def test_octets_have_one_text(text: str) -> None:
    """With any two characters made others, a text is refused or is that of other octets, whose own it is."""
    octets = decode_base64(text)
    for (i, first), (j, second) in product(product(range(4), "AZgh8+/=- \n"), repeat=2):
        changed = list(text)
        changed[i], changed[j] = first, second
        other = "".join(changed)
        try:
            found = decode_base64(other)
        except ValueError:
            continue
        assert (found == octets) == (other == text)
        assert encode_base64(found) == other
