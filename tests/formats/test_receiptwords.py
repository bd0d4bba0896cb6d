"""The words for people: complete in both languages, with times as dates and readings with their units."""

from __future__ import annotations

import json

import pytest
from signeddocuments import BILL, FLAT, SOME

from ecpure.formats import chargepoint
from ecpure.formats.receiptwords import WORDS, language, lines, rows

TIMED = BILL | {
    "energy": [
        {"start_time": 1543841508, "start_time_utc": 1543837908, "end_time": 1543841929, "end_time_utc": 1543838329},
        {"seq_num": "SUBTOTAL"},
    ],
    "additional_info": {"meter_endreading": 3137, "energy_units": "Wh", "currency_code": "EUR", "outlet": 1},
}


def shown(receipt: dict[str, object], name: str = "en") -> list[str]:
    return lines(chargepoint.read(json.dumps(receipt).encode(), SOME), WORDS[name])


def test_each_language_has_each_word() -> None:
    """In one order, and no two fields of a language are called alike."""
    assert list(WORDS["en"]) == list(WORDS["de"])
    for words in WORDS.values():
        assert len(set(words.values())) == len(words)


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de"}, "de"),
        ({"LANG": "den_CA"}, "en"),
        ({"LANG": "de_AT.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "de_CH"}, "de"),
        ({"LANG": "de_DE", "LC_ALL": ""}, "de"),
        ({"LANG": "fr_FR"}, "en"),
    ],
)
def test_the_locale_chooses(environment: dict[str, str], name: str) -> None:
    """LC_ALL before LC_MESSAGES before LANG, as POSIX has it, an empty one not counted."""
    assert language(environment) == name


def test_a_bill_has_the_stations_clock() -> None:
    """Its offset is what the receipt says: the difference of the two times of an item."""
    assert shown(TIMED) == [
        "  outlet: 1",
        "  meter at end: 3137 Wh",
        "  start: 2018-12-03 11:51:48 UTC (2018-12-03 12:51:48 +01:00)",
        "  end: 2018-12-03 11:58:49 UTC (2018-12-03 12:58:49 +01:00)",
        "  total: 0.08 EUR",
    ]
    assert shown(TIMED, "de") == [
        "  Ladepunkt: 1",
        "  Zählerstand am Ende: 3137 Wh",
        "  Beginn: 03.12.2018 11:51:48 UTC (03.12.2018 12:51:48 +01:00)",
        "  Ende: 03.12.2018 11:58:49 UTC (03.12.2018 12:58:49 +01:00)",
        "  Summe: 0.08 EUR",
    ]


def test_what_is_no_number_unit_or_time_is_in_quotes() -> None:
    """So that nothing in a receipt can pretend to be a line, or a reading; digits without a point are text."""
    receipt = FLAT | {"total_energy": "1\n2", "energy_units": "kWh, all valid", "start_time": "now", "outlet": "2"}
    assert shown(receipt) == [
        '  station: "0024b1000000beef"',
        '  outlet: "2"',
        "  session: 55",
        '  driver: "00112233445566778899aabbccddeeff"',
        '  meter: "1234567"',
        '  meter at start: 74.6 "kWh, all valid"',
        '  meter at end: 86.6 "kWh, all valid"',
        '  energy: "1\\n2" "kWh, all valid"',
        '  start: "now"',
        "  end: 2020-02-15 13:20:02 UTC",
    ]


def test_rows_take_text_as_they_are_told() -> None:
    """Where nothing can pretend to be a line, text needs no quotes."""
    octets = json.dumps(FLAT | {"energy_units": "kWh or so"}).encode()
    shown = dict(rows(octets, chargepoint.fields(octets), WORDS["en"], str))
    assert shown["station"] == "0024b1000000beef"
    assert shown["meter at start"] == "74.6 kWh or so"
    assert shown["outlet"] == "2"
