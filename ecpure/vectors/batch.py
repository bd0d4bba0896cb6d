"""Many files of vectors put to several programs, with progress, as `ecpure vectors` does it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from ..errors import BackendUnavailable
from ..integers import backend, installed_backends
from ..io import strictjson
from ..io.files import reason
from ..io.progress import Progress
from ..io.streams import standard_input, write_standard_output
from . import NOT_RUN, Case, InvalidVectors, Outcome, Program, VectorFile, read, run
from .operations import answer
from .process import Command
from .reports import Result, Run


def read_all(paths: Iterable[str], operations: Sequence[str] = ()) -> tuple[list[VectorFile], list[str]]:
    """Return what the files hold, of the given operations or of all, and a sentence for each that can't be read."""
    files, errors = [], []
    for path in paths:
        try:
            file = read(path)
        except InvalidVectors as error:
            errors.append(str(error))
        except OSError as error:
            errors.append(f"{path}: {reason(error)}")
        else:
            kept = [case for case in file.cases if not operations or case.request["operation"] in operations]
            files.append(replace(file, cases=kept))
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
    ours = [file for file in files if not file.foreign]
    total = sum(len(file.cases) for file in ours) * len(programs)
    interrupted = False
    with Progress(total, "test vectors") as progress:
        for name, program in programs.items():
            for file in ours:
                outcomes: list[Outcome] = []
                try:
                    for outcome in () if interrupted else run(file.cases, program):
                        outcomes.append(outcome)
                        progress.advance()
                except KeyboardInterrupt:
                    interrupted = True
                outcomes += [_interrupted(case) for case in file.cases[len(outcomes) :]]
                results.append(Result(name, file, outcomes))
    return Run(results, errors, interrupted, [file for file in files if file.foreign])


def _interrupted(case: Case) -> Outcome:
    return Outcome(case, NOT_RUN, detail="interrupted")


def serve() -> None:
    """Answer requests from standard input, line by line, until it ends. Raises `InvalidEncoding`, `Refused`."""
    for line in standard_input():
        request = strictjson.decode_object(line, "request")
        answered = {"id": request.get("id")} | answer(request)
        write_standard_output(json.dumps(answered).encode("ascii") + b"\n")
