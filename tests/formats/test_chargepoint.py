"""ChargePoint's receipts: what is signed, as it is written, and no other signature than DER."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from signeddocuments import BILL, FLAT, RECEIPTS, as_compact, make_keys, public_key, sign

from ecpure import InvalidEncoding
from ecpure.formats import chargepoint
from ecpure.formats.documents import decode_signature


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with key.pem and public.pem, made by OpenSSL on secp224k1, and other.pem, of another key."""
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.mark.parametrize("receipt", [FLAT, BILL], ids=["flat", "bill"])
def test_a_receipt_signed_by_openssl(keys: Path, receipt: dict[str, object]) -> None:
    """The signature is of its octets as they are, and its fields have the digits that it has."""
    octets = json.dumps(receipt).replace("74.6", "74.600000000000000").encode()
    reading = chargepoint.read(octets, sign(keys, "sha256", octets))
    assert (reading.message, reading.hash) == (octets, "sha256")
    assert public_key(keys).verify_digest(reading.signature, reading.digest())
    shown = {"meter_startreading": "74.600000000000000", "meter_endreading": "86.6", "total_energy": "12.0"}
    assert reading.fields == (
        FLAT | shown
        if receipt is FLAT
        else {
            "outlet": 1,
            "meter_startreading": 3078,
            "meter_endreading": 3137,
            "totalAmount": "0.08",
            "currency_code": "EUR",
        }
    )
    assert list(reading.fields) == [name for name in chargepoint.SHOWN if name in reading.fields]


@pytest.mark.parametrize("what", RECEIPTS)
def test_what_is_no_receipt_is_refused(keys: Path, what: str) -> None:
    """A signature that holds does not help, and it is said what is wrong."""
    octets, words = RECEIPTS[what]
    signature = sign(keys, "sha256", octets)
    with pytest.raises(InvalidEncoding, match=words):
        chargepoint.read(octets, signature)


def test_a_receipts_signature_is_der_alone(keys: Path) -> None:
    """Any other encoding is refused, and the octet is said."""
    text = json.dumps(FLAT).encode()
    der = sign(keys, "sha256", text)
    for octets in (as_compact(der), der + b"\n", der.hex().encode(), b""):
        with pytest.raises(InvalidEncoding, match=r"^signature: octet \d+: [a-z0-9]") as refusal:
            chargepoint.read(text, octets)
        assert refusal.value.octet is not None
    assert public_key(keys).verify_digest(decode_signature(der, "der", "x"), chargepoint.read(text, der).digest())
