"""`ecpure leak`: test whether signing time leaks information about the key or the nonce."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from ..io import files
from ..io.streams import say, write_lines, write_standard_output, write_table
from .arguments import up_to, writes
from .verdict import INVALID, REFUSED, VALID

EXAMPLES = [
    "ecpure leak",
    "ecpure leak --signatures 1000 --svg leak.svg",
]
STATUSES = {
    0: "no leak was found",
    1: "a leak was found",
    2: "there were too few signatures to tell, or wrong usage",
}
_LARGE = 100  # from this t on, tenths are left out, so that the table fits in 80 columns


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    text = "number of signatures for each pair of classes, 100 or more (default: 100000)"
    parser.add_argument("--signatures", type=up_to(100_000_000, least=100), default=100_000, metavar="N", help=text)
    writes(parser.add_argument("--svg", metavar="FILE", help="draw the curves of t and the histograms, as SVG"))
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(arguments: Namespace) -> int:
    """Print the table of t, and the verdict. Return 0 if no leak was found, 1 if one was, 2 if undecided."""
    from ..measure import leakplot
    from ..measure.leak import BOUND, CROPS, verdict, worst
    from ..measure.leak import run as measure

    report = measure(arguments.signatures)
    if arguments.svg:
        files.write(arguments.svg, leakplot.draw(report, BOUND))
    end = verdict(report)
    if arguments.json:
        write_standard_output(json.dumps(report).encode("ascii") + b"\n")
    else:
        rows = [["signer: classes", *(f"{crop:g}%" for crop in CROPS)]]
        for result in report["results"]:
            cells = [f"{t:.1f}" if abs(t) < _LARGE else f"{t:.0f}" for t in result["t"].values()]
            rows.append([f"{result['signer']}: {result['label']}", *cells])
        write_table(f"Welch's t by crop, backend {report['backend']}, {report['runtime']}", rows)
    for result in end.found:
        say(f"ecpure: the time depends on: {result['pair']}: |t| = {worst(result):.1f}")
    for result in end.unseen:
        say(f"ecpure: too few signatures: the leak of the naive signer was not detected: {result['pair']}")
    if arguments.json:
        say(f"ecpure: {end}")
    else:
        write_lines([str(end)])
    return INVALID if end.found else REFUSED if end.unseen else VALID
