"""`ecpure vectors`: run test vectors."""

from __future__ import annotations

import json
import shlex
import shutil
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from typing import TYPE_CHECKING

from ..integers import BACKENDS, backend
from ..io import files
from ..io.streams import Refused, say, write_lines, write_standard_output, write_table
from .arguments import reads, up_to, writes
from .verdict import INVALID, REFUSED, VALID

if TYPE_CHECKING:
    from ..vectors import Program, VectorFile


EXAMPLES = [
    "ecpure vectors --only sign",
    "ecpure vectors wycheproof/testvectors_v1 --html report.html",
    "ecpure vectors --template python",
    "ecpure vectors wycheproof/testvectors_v1 --command './my-verifier'",
]
STATUSES = {
    0: "every case ran and agreed, except cases on secp256k1 that are unsupported",
    1: "a case did not agree or was not run, or none agreed",
    2: "a file cannot be read, there is no case to run, or it was interrupted",
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    from ..vectors.operations import OPERATIONS
    from ..vectors.templates import TEMPLATES

    text = "files in schemas of Wycheproof or ecpure, or folders of *_test.json; - is standard input"
    text += " (default: the suite that comes with ecpure)"
    reads(parser.add_argument("paths", nargs="*", metavar="PATH", help=text), lambda paths: paths)
    program = parser.add_mutually_exclusive_group()
    text = "run ecpure with these integers (default: those in use)"
    program.add_argument("--backend", choices=[*BACKENDS, "both"], help=text)
    text = "program to test and its arguments, quoted as one argument: it answers requests in JSON, one on each "
    text += "line; it is not run by a shell"
    program.add_argument("--command", dest="program", metavar="PROGRAM", help=text)
    text = "act as such a program: read requests from standard input"
    program.add_argument("--serve", action="store_true", help=text)
    text = "print such a program, with comments, as an example in this language"
    program.add_argument("--template", choices=TEMPLATES, metavar="LANGUAGE", help=f"{text}: {', '.join(TEMPLATES)}")
    text = "seconds to wait for an answer of another process: --command, or another backend (default: 10)"
    parser.add_argument("--timeout", type=up_to(1_000_000), default=10, metavar="S", help=text)
    text = "number of processes of the program, which share its cases (default: 1)"
    parser.add_argument("--jobs", type=up_to(1000), default=1, metavar="N", help=text)
    text = (
        "any: accept a valid signature with any nonce, for programs that draw their own, and check all nonces together"
    )
    text += " (default: rfc6979)"
    parser.add_argument("--nonces", choices=["rfc6979", "any"], default="rfc6979", help=text)
    text = "run only the cases of this operation: " + ", ".join(OPERATIONS) + "; may be repeated; generate, which asks"
    text += " for new keys and checks them together, runs only if it is named"
    parser.add_argument("--only", action="append", choices=OPERATIONS, default=[], metavar="OPERATION", help=text)
    parser.add_argument("--verbose", action="store_true", help="print a table by class for each file")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    writes(parser.add_argument("--junit", metavar="FILE", help="also write the report as JUnit XML"))
    writes(parser.add_argument("--html", metavar="FILE", help="also write a one-page HTML report"))


def run(arguments: Namespace) -> int:
    """Run the cases, and print and write the reports; or serve, or print a template."""
    if arguments.serve or arguments.template:
        return _instead(arguments)
    from ..audit.ownkey import patterns  # slow to import, like the following
    from ..vectors import find, shipped
    from ..vectors.batch import read_all, run_all
    from ..vectors.page import as_html
    from ..vectors.reports import as_json, as_junit, brief, lines, tables

    paths = find(arguments.paths) if arguments.paths else shipped()
    found, errors = read_all(paths, arguments.only)
    if not errors and not any(file.cases for file in found):
        errors.append(_why_nothing(found, arguments))
    with ExitStack() as stack:
        programs = _programs(arguments, stack)
        any_nonces = arguments.nonces == "any"
        done = run_all(found, errors, programs, any_nonces=any_nonces, patterns=patterns, options=_options(arguments))
    if arguments.json:
        write_standard_output(json.dumps(as_json(done), indent=1).encode("ascii") + b"\n")
    elif arguments.verbose:
        for title, rows in tables(done):
            write_table(title, rows)
    else:
        write_lines(lines(done))
    for sentence in [*brief(done), *errors, *done.verdicts(), *["interrupted"] * done.interrupted]:
        say(f"ecpure: {sentence}")
    if arguments.junit:
        files.write(arguments.junit, as_junit(done))
    if arguments.html:
        files.write(arguments.html, as_html(done))
    return REFUSED if errors or done.interrupted else VALID if done.agreed() else INVALID


def _instead(arguments: Namespace) -> int:
    """Serve, or print a template. Raises `Refused` if files or reports are asked for as well."""
    from ..vectors.batch import serve
    from ..vectors.templates import template

    option, does = ("--serve", "answers requests") if arguments.serve else ("--template", "prints a program")
    if arguments.paths or arguments.only or arguments.json or arguments.junit or arguments.html:
        raise Refused(f"{option}: cannot be combined with files or reports: it {does}")
    if arguments.serve:
        serve()
    else:
        write_standard_output(template(arguments.template))
    return VALID


def _options(arguments: Namespace) -> list[str]:
    """Return, for the report, the options that decide what is run and how it is judged."""
    options = [f"--nonces {arguments.nonces}", f"--timeout {arguments.timeout}", f"--jobs {arguments.jobs}"]
    return [*options, *(f"--only {operation}" for operation in arguments.only)]


def _why_nothing(found: list[VectorFile], arguments: Namespace) -> str:
    """Return why there is no case to run, and what to name instead."""
    if not found:
        return f"{', '.join(arguments.paths)}: no *_test.json found there: name another folder, or a file"
    foreign = [file for file in found if file.foreign]
    if len(foreign) == len(found):
        reason = foreign[0].foreign if len(foreign) == 1 else f"none of {len(foreign)} files is"
        names = ", ".join(map(files.shown_name, arguments.paths))
        return f"{names}: not for us ({reason}): test vectors in a schema of Wycheproof or ecpure were expected"
    wanted = f" of --only {', '.join(arguments.only)}" if arguments.only else ""
    return f"there is no case{wanted} to run: name other files or operations"


def _programs(arguments: Namespace, stack: ExitStack) -> dict[str, list[Program]]:
    """Return the programs under test by name; they end with `stack`. Raises `Refused`, `BackendUnavailable`."""
    from ..vectors.batch import backends, commands

    if arguments.program is None:
        names = BACKENDS if arguments.backend == "both" else [arguments.backend or backend()]
        return backends(names, stack, timeout=arguments.timeout, jobs=arguments.jobs)
    try:
        words = shlex.split(arguments.program)
    except ValueError:
        words = []
    if not words or shutil.which(words[0]) is None:
        missing = f": {words[0]} was not found" if words else ""
        raise Refused(f"--command: a program and its arguments were expected{missing}")
    return {arguments.program: commands(words, stack, timeout=arguments.timeout, jobs=arguments.jobs)}
