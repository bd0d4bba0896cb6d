"""`ecpure bench`: time every operation on this machine."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from ..io.streams import say, write_standard_output, write_table
from .arguments import up_to
from .verdict import INVALID, REFUSED, VALID

EXAMPLES = [
    "ecpure bench",
    "ecpure bench --peers --rounds 3 --json",
]
STATUSES = {
    0: "the times were printed",
    1: "another program gave a wrong answer",
    2: "nothing could be measured, or wrong usage",
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    text = "also time fastecdsa, OpenSSL, python-ecdsa, btclib-ecc and coincurve, if installed"
    parser.add_argument("--peers", action="store_true", help=text + ": exit 1 if one of them gives a wrong answer")
    text = "number of rounds, in which all programs take turns; the shortest time counts (default: 25)"
    parser.add_argument("--rounds", type=up_to(1_000_000), default=25, metavar="N", help=text)
    parser.add_argument("--json", action="store_true", help="print the times as JSON")


def run(arguments: Namespace) -> int:
    """Print a table for each backend. Return 2 if none could be measured, 1 if another program was wrong."""
    from ..measure.bench import notes, table, title
    from ..measure.bench import run as measure

    report = measure(rounds=arguments.rounds, with_peers=arguments.peers)
    results = report["backends"]
    if arguments.json:
        write_standard_output(json.dumps(report, indent=2).encode("ascii") + b"\n")
    else:
        for name, result in results.items():
            if "error" not in result:
                write_table(title(name, report), table(result))
    for name, result in results.items():
        for note in notes(result):
            say(f"ecpure: {name}: {note}")
    if all("error" in result for result in results.values()):
        return REFUSED
    return INVALID if any(result.get("faults") for result in results.values()) else VALID
