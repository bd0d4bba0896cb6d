"""ChargePoint's receipts under German calibration law: the file `secrrct`, with `secrrct.sign` beside it.

The signature is in DER, of the SHA-256 digest of the receipt's octets as they are. The receipt is JSON: either flat, or
a bill with the flat one's fields in `additional_info`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidEncoding
from ..io import strictjson
from .documents import Fields, Reading, decode_signature

FILE = "secrrct"
"""The station's file name for a receipt."""

SHOWN = (
    "station_mac",
    "outlet",
    "session_id",
    "driver_info",
    "meter_serial",
    "meter_startreading",
    "meter_endreading",
    "total_energy",
    "energy_units",
    "start_time",
    "end_time",
    "totalAmount",
    "currency_code",
)


def read(octets: bytes, signature: bytes) -> Reading:
    """Return the reading of a receipt and its signature.

    Raises `InvalidEncoding` for a receipt that `fields` refuses, and for a signature that is not DER.
    """
    return Reading(decode_signature(signature, "der", "signature"), octets, "sha256", fields(octets))


def fields(octets: bytes) -> Fields:
    """Return the fields of a receipt that are in `SHOWN`: text, whole numbers, and any other number as text, with the
    receipt's digits.

    Raises `InvalidEncoding` unless it is a JSON object with at least one of them, each once, as text or number; or a
    bill whose `additional_info` has other names.
    """
    return fields_of(strictjson.decode_object(octets, "receipt", number=str))


def fields_of(receipt: dict[str, Any]) -> Fields:
    """As `fields`, for the object, with the text of numbers that have a point. Raises `InvalidEncoding` as it does."""
    more = receipt.get("additional_info", {})
    if not isinstance(more, dict):
        raise InvalidEncoding("receipt: additional_info: an object was expected")
    shown: Fields = {}
    for name in SHOWN:
        values = [part[name] for part in (receipt, more) if name in part]
        if len(values) > 1:
            raise InvalidEncoding(f"receipt: {name}: duplicate field")
        for value in values:
            if type(value) not in (str, int):  # true and false are not numbers
                raise InvalidEncoding(f"receipt: {name}: text or a number was expected")
            shown[name] = value
    if not shown and not more:
        raise InvalidEncoding(f"receipt: one of the fields {', '.join(SHOWN)} was expected")
    return shown


def is_named(receipt: dict[str, Any]) -> bool:
    """Whether an object has at least one name of a receipt or a bill."""
    return "additional_info" in receipt or not receipt.keys().isdisjoint(SHOWN)


_STATION = re.compile(r"[0-9a-f]{12}(?:[0-9a-f]{4})?")  # an EUI-48 or EUI-64
_OUTLET = re.compile(r"[0-9]{1,4}")


def key_name(shown: Fields) -> str:
    """Return `<mac>_<outlet>`, the name of the file of a station's key, from the fields of a receipt.

    Raises `InvalidEncoding` for a receipt without both, so that no text in it becomes a path.
    """
    station = str(shown.get("station_mac", "")).replace(":", "").lower()
    outlet = str(shown.get("outlet", ""))
    if not _STATION.fullmatch(station) or not _OUTLET.fullmatch(outlet):
        raise InvalidEncoding("receipt: station_mac and outlet, which name the file of the key, were expected")
    return f"{station}_{outlet}"


_LATEST = 253402300800  # seconds to the year 10000, which has no date of four digits


@dataclass(frozen=True, slots=True)
class Moment:
    """A time: seconds since 1970 in UTC, in [0, 253402300800), and the minutes by which the station's clock was ahead,
    if the receipt says so.
    """

    seconds: int
    offset: int | None = None


def times(octets: bytes) -> tuple[Moment | None, Moment | None]:
    """Return when the session of a receipt that `fields` accepts began and ended, if it says so.

    A flat receipt has `start_time` and `end_time`. A bill has items of energy and parking, each of them with
    `start_time_utc` and `end_time_utc`, and with `start_time` and `end_time` by the station's clock: the first begins
    the session, and the last ends it.
    """
    receipt = strictjson.decode_object(octets, "receipt", number=str)
    flat = [_moment(receipt.get(name)) for name in ("start_time", "end_time")]
    begun, ended = ([*_moments(receipt, edge)] for edge in ("start_time", "end_time"))
    begin = flat[0] or min(begun, key=lambda moment: moment.seconds, default=None)
    return begin, flat[1] or max(ended, key=lambda moment: moment.seconds, default=None)


def _moments(receipt: dict[str, object], edge: str) -> Iterator[Moment]:
    for part in (receipt.get("energy"), receipt.get("parking")):
        for item in part if isinstance(part, list) else []:
            if isinstance(item, dict) and (moment := _moment(item.get(f"{edge}_utc"), item.get(edge))):
                yield moment


def _moment(utc: object, local: object = None) -> Moment | None:
    """Return the moment, with its offset if the two differ by whole minutes, and less than a day."""
    if type(utc) is not int or not 0 <= utc < _LATEST:
        return None
    if type(local) is not int or abs(local - utc) >= 86400 or (local - utc) % 60 or not 0 <= local < _LATEST:
        return Moment(utc)
    return Moment(utc, (local - utc) // 60)
