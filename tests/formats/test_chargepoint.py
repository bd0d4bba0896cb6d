"""ChargePoint's receipts: what is signed, as it is written, and no other signature than DER."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from signeddocuments import BILL, FLAT, RECEIPTS, as_compact, make_keys, public_key, sign

from ecpure import InvalidEncoding
from ecpure.formats import chargepoint
from ecpure.formats.chargepoint import Moment
from ecpure.formats.documents import Fields, decode_signature


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
    """A valid signature does not help; the message says what is wrong."""
    octets, words = RECEIPTS[what]
    signature = sign(keys, "sha256", octets)
    with pytest.raises(InvalidEncoding, match=words):
        chargepoint.read(octets, signature)


def test_a_receipts_signature_is_der_alone(keys: Path) -> None:
    """Any other encoding is refused, and the octet is said."""
    text = json.dumps(FLAT).encode()
    der = sign(keys, "sha256", text)
    for octets in (as_compact(der), der + b"\n", der.hex().encode(), b""):
        with pytest.raises(InvalidEncoding, match=r"^signature: byte \d+: [a-z0-9]") as refusal:
            chargepoint.read(text, octets)
        assert refusal.value.octet is not None
    assert public_key(keys).verify_digest(decode_signature(der, "der", "x"), chargepoint.read(text, der).digest())


def test_what_a_stations_key_is_called() -> None:
    """Its MAC address without colons, in small letters, and the outlet, which are all that is taken from a receipt."""
    for station, outlet in (("0024:b100:0002:e300", 2), ("0024B1000002E300", "2")):
        assert chargepoint.key_name({"station_mac": station, "outlet": outlet}) == "0024b1000002e300_2"
    assert chargepoint.key_name({"station_mac": "00:24:b1:00:00:02", "outlet": 10}) == "0024b1000002_10"
    missing: list[Fields] = [{}, {"station_mac": "0024b1000002e300"}, {"station_mac": "/tmp", "outlet": 1}]
    for shown in missing:
        with pytest.raises(InvalidEncoding, match="station_mac and outlet"):
            chargepoint.key_name(shown)
    for outlet in ("../1", "١", -1, 10000):
        with pytest.raises(InvalidEncoding, match="station_mac and outlet"):
            chargepoint.key_name({"station_mac": "0024b1000002e300", "outlet": outlet})


LATEST = 253402300799
"""The last second of the year 9999."""


def item(begin: object, end: object, ahead: int = 3600) -> dict[str, object]:
    local = {f"{edge}_time": utc + ahead for edge, utc in (("start", begin), ("end", end)) if isinstance(utc, int)}
    return {"start_time_utc": begin, "end_time_utc": end, **local}


@pytest.mark.parametrize(
    ("receipt", "expected"),
    [
        ({"start_time": 5, "end_time": 9}, (Moment(5), Moment(9))),
        ({"start_time": 5}, (Moment(5), None)),
        ({"start_time": 0, "end_time": LATEST}, (Moment(0), Moment(LATEST))),
        ({"start_time": -1, "end_time": LATEST + 1}, (None, None)),
        ({"start_time": -60, "end_time": LATEST + 2}, (None, None)),
        ({"start_time": "5", "end_time": 9.5}, (None, None)),
        ({"energy": [item(50, 60), item(20, 30)], "parking": [item(10, 90)]}, (Moment(10, 60), Moment(90, 60))),
        ({"parking": [item(90000, 90001, -7200)]}, (Moment(90000, -120), Moment(90001, -120))),
        ({"energy": [item(5, 9, 1)]}, (Moment(5), Moment(9))),
        ({"energy": [item(5, 9, 86400)]}, (Moment(5), Moment(9))),
        ({"energy": [item(5, 9, 2 * 86400)]}, (Moment(5), Moment(9))),
        ({"energy": [item(5, 9, 86340)]}, (Moment(5, 1439), Moment(9, 1439))),
        ({"energy": [item(131000, 131071)]}, (Moment(131000, 60), Moment(131071, 60))),
        ({"energy": [item(5, 9, -60)]}, (Moment(5), Moment(9))),
        ({"energy": [item(59, 60, -60)]}, (Moment(59), Moment(60, -1))),
        ({"energy": [item(60, 61, -60)]}, (Moment(60, -1), Moment(61, -1))),
        ({"energy": [item(LATEST - 60, LATEST - 59, 60)]}, (Moment(LATEST - 60, 1), Moment(LATEST - 59))),
        ({"energy": [item(LATEST - 58, LATEST, 60)]}, (Moment(LATEST - 58), Moment(LATEST))),
        ({"energy": [item(True, None), 5, {}], "parking": {}}, (None, None)),
    ],
)
def test_when_a_session_began_and_ended(
    receipt: dict[str, object], expected: tuple[Moment | None, Moment | None]
) -> None:
    """A flat receipt says it; of a bill it is the first beginning and the last end, with the clock's offset, where both
    clocks are within the calendar and differ by whole minutes and less than a day.
    """
    found = chargepoint.times(json.dumps(receipt).encode())
    assert found == expected
    assert {type(moment.offset) for moment in found if moment} <= {int, type(None)}


def test_moments_are_values() -> None:
    """Equal if what they say is, and never changed."""
    assert {Moment(5, 60), Moment(5, 60)} == {Moment(5, 60)}
    with pytest.raises(FrozenInstanceError):
        Moment(5).seconds = 6  # type: ignore[misc]


def test_a_bill_of_other_names_is_read() -> None:
    """It shows nothing, and its signature can be verified."""
    assert chargepoint.fields(b'{"additional_info": {"station": "example"}}') == {}


def test_its_name_is_one_of_its_fields() -> None:
    """A receipt is told from other JSON by any field that is shown, or a bill's own."""
    assert chargepoint.is_named(FLAT)
    assert chargepoint.is_named(BILL)
    assert chargepoint.is_named({"outlet": None})
    assert chargepoint.is_named({"additional_info": {}})
    assert not chargepoint.is_named({"signature": "", "message": ""})
