"""What `ecpure vectors` does: files to cases, cases to each program under test, outcomes to a report."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from contextlib import ExitStack

from . import files, strictjson
from .answers import answer
from .errors import BackendUnavailable
from .integers import BACKENDS, backend, installed_backends
from .programs import Command
from .reports import Result, Run, as_html, as_json, as_junit, brief, tables
from .streams import INVALID, REFUSED, VALID, Progress, Refused, say, standard_input, write_standard_output, write_table
from .vectors import NOT_RUN, Case, InvalidVectors, Outcome, Program, VectorFile, find, read, run, shipped


def read_all(paths: Iterable[str], operations: Sequence[str] = ()) -> tuple[list[VectorFile], list[str]]:
    """Return what the files hold, of the given operations or of all, and a sentence for each that can't be read."""
    files, errors = [], []
    for path in paths:
        try:
            file = read(path)
        except InvalidVectors as error:
            errors.append(str(error))
        except OSError as error:
            errors.append(f"{path}: {error.strerror}")
        else:
            kept = [case for case in file.cases if not operations or case.request["operation"] in operations]
            files.append(file._replace(cases=kept))
    return files, errors


def backends(names: Sequence[str], stack: ExitStack, *, timeout: float) -> dict[str, Program]:
    """Return ecpure on each backend as a program: this process, or another that speaks the protocol.

    Raises `BackendUnavailable`.
    """
    programs: dict[str, Program] = {}
    for name in names:
        if name not in installed_backends():
            raise BackendUnavailable(f"--backend {name}: gmpy2 is not installed (extra: fast)")
        if name == backend():
            programs[f"ecpure ({name})"] = answer
        else:
            words = [sys.executable, "-P", "-m", "ecpure", "vectors", "--serve"]
            command = Command(words, timeout=timeout, environment={"ECPURE_BACKEND": name})
            programs[f"ecpure ({name})"] = stack.enter_context(command)
    return programs


def run_all(files: list[VectorFile], errors: list[str], programs: dict[str, Program]) -> Run:
    """Put every case of every file to every program. An interrupt ends it: what is left is then reported as not run."""
    results = []
    total = sum(len(file.cases) for file in files) * len(programs)
    interrupted = False
    with Progress(total, "test vectors") as progress:
        for name, program in programs.items():
            for file in files:
                outcomes: list[Outcome] = []
                try:
                    for outcome in () if interrupted else run(file.cases, program):
                        outcomes.append(outcome)
                        progress.advance()
                except KeyboardInterrupt:
                    interrupted = True
                outcomes += [_interrupted(case) for case in file.cases[len(outcomes) :]]
                results.append(Result(name, file, outcomes))
    return Run(results, errors, interrupted)


def _interrupted(case: Case) -> Outcome:
    return Outcome(case, NOT_RUN, detail="interrupted")


def serve() -> None:
    """Answer requests from standard input, line by line, until it ends. Raises `InvalidEncoding`, `Refused`."""
    for line in standard_input():
        request = strictjson.decode_object(line, "request")
        answered = {"id": request.get("id")} | answer(request)
        write_standard_output(json.dumps(answered).encode("ascii") + b"\n")


def command(arguments: Namespace) -> int:
    """Do what `ecpure vectors` is asked for. Raises `Refused`, `BackendUnavailable`, `OSError`."""
    if arguments.serve:
        if arguments.paths or arguments.only or arguments.json or arguments.junit or arguments.html:
            raise Refused("--serve: neither files nor reports were expected: it answers requests")
        serve()
        return VALID
    found, errors = read_all(find(arguments.paths) if arguments.paths else shipped(), arguments.only)
    if not any(file.cases for file in found):
        errors.append("there is no case to run")
    with ExitStack() as stack:
        programs = _programs(arguments, stack)
        done = run_all(found, errors, programs)
    if arguments.json:
        write_standard_output(json.dumps(as_json(done), indent=1).encode("ascii") + b"\n")
    else:
        for title, rows in tables(done):
            write_table(title, rows)
    for sentence in [*brief(done), *errors, *done.verdict().splitlines(), *["interrupted"] * done.interrupted]:
        say(f"ecpure: {sentence}")
    if arguments.junit:
        files.write(arguments.junit, as_junit(done))
    if arguments.html:
        files.write(arguments.html, as_html(done))
    return REFUSED if errors or done.interrupted else VALID if done.agreed() else INVALID


def _programs(arguments: Namespace, stack: ExitStack) -> dict[str, Program]:
    if arguments.command is None:
        names = BACKENDS if arguments.backend == "both" else [arguments.backend or backend()]
        return backends(names, stack, timeout=arguments.timeout)
    try:
        words = shlex.split(arguments.command)
    except ValueError:
        words = []
    if not words or shutil.which(words[0]) is None:
        named = f", and {words[0]} is none" if words else ""
        raise Refused(f"--command: a program that can be run was expected, with its arguments{named}")
    return {arguments.command: stack.enter_context(Command(words, timeout=arguments.timeout))}
