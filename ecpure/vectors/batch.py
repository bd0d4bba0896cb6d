"""Run many files of vectors against several programs, with progress, for `ecpure vectors`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from queue import SimpleQueue

from ..curve import Curve, named
from ..errors import BackendUnavailable
from ..integers import backend, installed_backends
from ..io import strictjson
from ..io.files import reason, shown_name
from ..io.progress import Progress
from ..io.streams import Refused, standard_input, write_standard_output
from . import Case, InvalidVectors, Judge, Message, Outcome, Program, VectorFile, ask, read, run
from .judging import AGREED, INTERRUPTED, NOT_RUN, WRONG, uneven
from .operations import answer
from .process import Command
from .reports import Result, Run

KEYS = 200
"""Number of new keys that a program is asked for."""

Patterns = Callable[[Curve, Iterable[int]], Iterable[str]]
"""Returns a sentence for each way in which nonces are short or have parts in common."""

_LONGEST_VERSION = 200  # characters of a program's version


def read_all(paths: Iterable[str], operations: Sequence[str] = ()) -> tuple[list[VectorFile], list[str]]:
    """Return the files with their cases, of the given operations or of all, and a sentence for each unreadable file.

    No file has cases for new keys: these are added if `generate` is among the operations.
    """
    files, errors = [], []
    for path in paths:
        try:
            file = read(path)
        except (InvalidVectors, Refused) as error:
            errors.append(str(error))
        except OSError as error:
            errors.append(f"{shown_name(path)}: {reason(error)}")
        else:
            kept = [case for case in file.cases if not operations or case.request["operation"] in operations]
            files.append(replace(file, cases=kept))
    if "generate" in operations:
        files.append(new_keys())
    return files, errors


def new_keys() -> VectorFile:
    """Return the cases that ask a program for new keys of secp224k1."""
    request, expected = {"operation": "generate", "curve": "secp224k1"}, ({"result": "valid"},)
    cases = [Case("generate", number, ("NewKey",), "a new key", request, expected) for number in range(1, KEYS + 1)]
    note = "A new key is a number from 1 to n − 1, each equally likely; otherwise others may find or share it."
    return VectorFile("generate", cases, {"NewKey": note}, Counter())


def backends(names: Sequence[str], stack: ExitStack, *, timeout: float, jobs: int = 1) -> dict[str, list[Program]]:
    """Return ecpure on each backend as programs: this process, or `jobs` processes that speak the protocol.

    Raises `BackendUnavailable`.
    """
    programs: dict[str, list[Program]] = {}
    for name in names:
        if name not in installed_backends():
            raise BackendUnavailable(f"--backend {name}: gmpy2 is not installed (extra: fast)")
        if name == backend() and jobs == 1:
            programs[f"ecpure ({name})"] = [answer]
        else:
            words = [sys.executable, "-P", "-m", "ecpure", "vectors", "--serve"]
            environment = {"ECPURE_BACKEND": name}
            programs[f"ecpure ({name})"] = commands(words, stack, timeout=timeout, jobs=jobs, environment=environment)
    return programs


def commands(
    words: Sequence[str], stack: ExitStack, *, timeout: float, jobs: int = 1, environment: dict[str, str] | None = None
) -> list[Program]:
    """Return `jobs` child processes of one program, which end with the stack; each starts with its first request."""
    made = [Command(words, timeout=timeout, environment=environment) for _ in range(jobs)]
    return [stack.enter_context(command) for command in made]


def run_all(
    files: Sequence[VectorFile],
    errors: list[str],
    programs: Mapping[str, Sequence[Program]],
    *,
    any_nonces: bool = False,
    patterns: Patterns = lambda _, __: (),
    options: Sequence[str] = (),
) -> Run:
    """Run every case of every file against every program, each of which may have several processes.

    After an interrupt, the remaining cases are reported as not run. any_nonces: as for `Judge`; `patterns` then checks
    all nonces of a run. options: those of the run, for the report.
    """
    results: list[Result] = []
    versions: dict[str, str] = {}
    ours = [file for file in files if not file.foreign]
    total = sum(len(file.cases) for file in ours) * len(programs)
    interrupted = False
    with Progress(total, "test vectors") as progress:
        for name, processes in programs.items():
            judge = Judge(any_nonces=any_nonces)
            try:
                versions[name] = "" if interrupted or not total else _version(processes[0])
            except KeyboardInterrupt:
                interrupted = True
            for file in ours:
                outcomes: list[Outcome] = []
                try:
                    for outcome in () if interrupted else _outcomes(file.cases, processes, judge):
                        outcomes.append(outcome)
                        progress.advance()
                except KeyboardInterrupt:
                    interrupted = True
                outcomes += [_interrupted(case) for case in file.cases[len(outcomes) :]]
                results.append(Result(name, file, outcomes))
            results += [Result(name, file, outcomes) for file, outcomes in _over_the_run(judge, patterns)]
    return Run(results, errors, interrupted, [file for file in files if file.foreign], options, versions)


def _outcomes(cases: Sequence[Case], programs: Sequence[Program], judge: Judge) -> Iterator[Outcome]:
    """Yield the outcome of each case, in order; each process answers one request at a time."""
    if len(programs) == 1:
        yield from run(cases, programs[0], judge)
        return
    free: SimpleQueue[Program] = SimpleQueue()
    for program in programs:
        free.put(program)

    def ask_next(case: Case) -> Message:
        program = free.get()
        try:
            return ask(program, case)
        finally:
            free.put(program)

    with ThreadPoolExecutor(len(programs)) as pool:
        try:
            for case, future in [(case, pool.submit(ask_next, case)) for case in cases]:
                yield judge.outcome(case, future.result)
        except BaseException:
            for program in programs:
                if isinstance(program, Command):
                    program.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _version(program: Program) -> str:
    """Return the version that the program reports, or an empty text if it reports none."""
    try:
        version = program({"id": "version", "operation": "version", "curve": "secp224k1"}).get("version")
    except Exception:  # noqa: BLE001  # the program under test may raise anything
        return ""
    return version[:_LONGEST_VERSION] if isinstance(version, str) else ""


def _over_the_run(judge: Judge, patterns: Patterns) -> Iterator[tuple[VectorFile, list[Outcome]]]:
    """Yield, as the cases of a file, what only all nonces or all new keys together show."""
    looks = {
        "nonces of the run": [
            (name, [*patterns(named(name), [k for k, _ in of_curve.values()])])
            for name, of_curve in judge.nonces.items()
        ],
        "new keys of the run": [(name, [*uneven(keys, named(name))]) for name, keys in judge.keys.items()],
    }
    for title, found in looks.items():
        outcomes = []
        for number, (curve, sentences) in enumerate(found, 1):
            comment = f"{curve}: neither short nor alike, beyond chance"
            case = Case(title, number, ("Distribution",), comment, {}, ({"result": "valid"},))
            outcomes.append(Outcome(case, WRONG if sentences else AGREED, None, "; ".join(sentences)))
        if outcomes:
            note = "Secret numbers that are not drawn uniformly from all possible ones can be found by others."
            yield VectorFile(title, [one.case for one in outcomes], {"Distribution": note}, Counter()), outcomes


def _interrupted(case: Case) -> Outcome:
    return Outcome(case, NOT_RUN, detail=INTERRUPTED)


def serve() -> None:
    """Answer requests from standard input, line by line, until it ends. Raises `InvalidEncoding`, `Refused`."""
    for line in standard_input():
        request = strictjson.decode_object(line, "request")
        answered = {"id": request.get("id")} | answer(request)
        write_standard_output(json.dumps(answered).encode("ascii") + b"\n")
