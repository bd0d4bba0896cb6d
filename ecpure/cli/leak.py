"""`ecpure leak`: test whether signing time leaks information about the key or the nonce."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from ..io import files
from ..io.streams import say, write_standard_output, write_table
from .arguments import up_to, writes
from .verdict import INVALID, REFUSED, VALID

EXAMPLES = [
    "ecpure leak",
    "ecpure leak --signatures 1000 --svg leak.svg",
]
STATUSES = {
    0: "nothing was found",
    1: "something was found",
    2: "the signatures were too few to tell, or wrong usage",
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    text = "for each pair of classes (default: 100000)"
    parser.add_argument("--signatures", type=up_to(100_000_000), default=100_000, metavar="N", help=text)
    writes(parser.add_argument("--svg", metavar="FILE", help="draw the curves of t, and the histograms"))
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(arguments: Namespace) -> int:
    """Print the table of t. Return 0 if nothing was found, 1 if something was, 2 if the test saw nothing."""
    from ..measure import leakplot
    from ..measure.leak import BOUND, CROPS, worst
    from ..measure.leak import run as measure

    report = measure(arguments.signatures)
    if arguments.svg:
        files.write(arguments.svg, leakplot.draw(report, BOUND))
    results = report["results"]
    if arguments.json:
        write_standard_output(json.dumps(report).encode("ascii") + b"\n")
    else:
        rows = [["signer, and classes", "signatures", *(f"{crop:g}%" for crop in CROPS)]]
        for result in results:
            name = f"{result['signer']}: {result['pair']}".replace("·", "*")
            rows.append([name, str(result["signatures"]), *(f"{t:.1f}" for t in result["t"].values())])
        write_table(f"Welch's t by crop, backend {report['backend']}, {report['runtime']}", rows)
    found = [result for result in results if result["signer"] == "ecpure" and worst(result) >= BOUND]
    seen = any(worst(result) >= BOUND for result in results if result["signer"] == "naive")
    for result in found:
        say(f"ecpure: the time depends on this: {result['pair']}: |t| = {worst(result):.1f}")
    if not seen:
        say("ecpure: too few signatures: not even the naive signer was seen to leak")
    return REFUSED if not seen else INVALID if found else VALID
