"""Words about a receipt for people, in English and German. Output for programs is only in English."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone

from . import chargepoint
from .chargepoint import Moment
from .documents import Fields, Reading

WORDS = {
    "en": {
        "valid": "valid",
        "invalid": "invalid",
        "unreadable": "not verified",
        "key": "key",
        "station_mac": "station",
        "outlet": "outlet",
        "session_id": "session",
        "driver_info": "driver",
        "meter_serial": "meter",
        "meter_startreading": "meter at start",
        "meter_endreading": "meter at end",
        "total_energy": "energy",
        "start_time": "start",
        "end_time": "end",
        "totalAmount": "total",
        "date": "%Y-%m-%d %H:%M:%S",
    },
    "de": {
        "valid": "gültig",
        "invalid": "ungültig",
        "unreadable": "nicht geprüft",
        "key": "Schlüssel",
        "station_mac": "Ladestation",
        "outlet": "Ladepunkt",
        "session_id": "Ladevorgang",
        "driver_info": "Kunde",
        "meter_serial": "Zähler",
        "meter_startreading": "Zählerstand am Anfang",
        "meter_endreading": "Zählerstand am Ende",
        "total_energy": "Energie",
        "start_time": "Beginn",
        "end_time": "Ende",
        "totalAmount": "Summe",
        "date": "%d.%m.%Y %H:%M:%S",
    },
}
"""Words by language and name: verdicts, a receipt's fields in the order in which they are shown, and the format of a
time.
"""

_UNITS = {
    "meter_startreading": "energy_units",
    "meter_endreading": "energy_units",
    "total_energy": "energy_units",
    "totalAmount": "currency_code",
}
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)")  # whole numbers are int
_UNIT = re.compile(r"[A-Za-z]{1,8}")


def language(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language of the environment's locale: "de", or "en" for any other."""
    names = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    name = next(filter(None, names), "")
    return "de" if re.match(r"de(?![a-z])", name) else "en"


def lines(reading: Reading, words: Mapping[str, str]) -> list[str]:
    """Return a line for each field of a receipt: digits as they were signed, and text as in JSON."""
    return [f"  {name}: {value}" for name, value in rows(reading.message, reading.fields, words)]


def rows(
    octets: bytes, fields: Fields, words: Mapping[str, str], text: Callable[[object], str] = json.dumps
) -> list[tuple[str, str]]:
    """As `lines`, in pairs of a field's name and value. fields: those of `chargepoint.fields(octets)`; text: writes a
    value that is neither a number nor a unit.
    """
    times = zip(("start_time", "end_time"), chargepoint.times(octets), strict=True)
    shown = {name: _time(moment, words["date"]) for name, moment in times if moment is not None}
    for name, value in fields.items():
        unit = fields.get(_UNITS.get(name, ""))
        shown.setdefault(name, _value(value, text) if unit is None else f"{_value(value, text)} {_unit(unit, text)}")
    return [(words[name], shown[name]) for name in words if name in shown]


def _value(value: object, text: Callable[[object], str]) -> str:
    """Return a number with its digits, and text in quotes or as `text` writes it."""
    return value if isinstance(value, str) and _NUMBER.fullmatch(value) else text(value)


def _unit(value: object, text: Callable[[object], str]) -> str:
    return str(value) if _UNIT.fullmatch(str(value)) else text(value)


def _time(moment: Moment, form: str) -> str:
    """Return the time in UTC, and by the station's clock if the receipt gives its offset."""
    utc = datetime.fromtimestamp(moment.seconds, UTC)
    text = f"{utc.strftime(form)} UTC"
    if moment.offset is None:
        return text
    local = utc.astimezone(timezone(timedelta(minutes=moment.offset)))
    return f"{text} ({local.strftime(form)} {local.isoformat()[-6:]})"
