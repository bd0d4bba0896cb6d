"""What is said of octets, in lines and in JSON."""

from __future__ import annotations

import json

from blobs import KEY, SIGNATURE

from ecpure.explain.readings import Guess, Miss
from ecpure.explain.report import Explanation

SIGNED = Guess("a signature", ("r: bytes 4 to 32",), SIGNATURE)
NUMBER = Guess("perhaps a private key", ("its number is not shown",), secret=True)
MISS = Miss("a point", "point: its x is not below p", 1)


def lines(explanation: Explanation) -> list[str]:
    return list(explanation.as_lines())


def test_octets_are_counted() -> None:
    """One octet is one, and no octets or several are so many."""
    assert [lines(Explanation(count, [], [], None)) for count in (0, 1, 2)] == [["0 bytes"], ["1 byte"], ["2 bytes"]]


def test_readings_and_misses_are_lines() -> None:
    """First what fits, with its details indented, then what nearly fits, with its reason and the octet before that."""
    assert lines(Explanation(70, [SIGNED, NUMBER], [MISS], None)) == [
        "70 bytes",
        "is a signature",
        "  r: bytes 4 to 32",
        "is perhaps a private key",
        "  its number is not shown",
        "is not quite a point",
        "  byte 1: point: its x is not below p",
    ]


def test_an_octet_is_said_once() -> None:
    """Where the reason names it already, it is not put before; where there is none, nothing is."""
    for reason, octet in (("byte 1: x", 1), ("x", None)):
        assert lines(Explanation(2, [], [Miss("a point", reason, octet)], None))[-1] == f"  {reason}"


def test_what_verifies_is_said_of_signatures() -> None:
    """Of each what it verifies under, or that nothing did; of what has no signature nothing; and what that was."""
    found = Explanation(70, [SIGNED, SIGNED, NUMBER], [], [["verifies: x"], [], []], [["tried: y"], ["tried: z"], []])
    assert lines(found) == [
        "70 bytes",
        "is a signature",
        "  r: bytes 4 to 32",
        "  verifies: x",
        "is a signature",
        "  r: bytes 4 to 32",
        "  verifies under nothing that was tried",
        "  tried: z",
        "is perhaps a private key",
        "  its number is not shown",
    ]
    readings = found.as_json()["readings"]
    assert [one["verifies"] for one in readings] == [["verifies: x"], [], []]
    assert [one["tried"] for one in readings] == [["tried: y"], ["tried: z"], []]


def test_json_has_all_and_no_more() -> None:
    """The readings, the refusals with their octets, and no "verifies" where nothing was asked."""
    value = json.loads(json.dumps(Explanation(70, [NUMBER], [MISS], None).as_json()))
    assert value == {
        "octets": 70,
        "readings": [{"what": "perhaps a private key", "details": ["its number is not shown"]}],
        "refusals": [{"what": "a point", "octet": 1, "reason": "point: its x is not below p"}],
    }
    assert KEY.to_bytes().hex() not in json.dumps(value)
