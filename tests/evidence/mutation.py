"""Mutation testing: put small mistakes into the modules that decide, one at a time, and see whether a test turns red.

cosmic-ray makes the mutants (`mutants.py`); here each is tested in a child process that has pytest loaded already: by a
few tests chosen for its module (`mutationplan.py`), and if these let it through, by more, on the other backend. Those
that survive are equivalent, as `equivalent.toml` says with the reason, or a gap in the tests.

    make mutation                              go on where it was stopped, and write the record and docs/mutation.md
    python tests/evidence/mutation.py field    only this module
    python tests/evidence/mutation.py --check  test again that the mutants of equivalent.toml exist and survive
"""

from __future__ import annotations

import argparse
import compileall
import gc
import json
import os
import platform
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from ledger import Record, path_of, say
from mutants import Mutant, mutants
from mutationpage import PACKAGE, ROOT, digest_of, equivalents, load, outdated, save, source_of
from mutationplan import FULL, QUICK
from nursery import PATIENCE, Nursery, children, limit, sprout

CACHE = ROOT / ".cache" / "mutation"

WORKERS = 2

UNCHANGED = "unchanged"
KILLED, ENDLESS, SURVIVED = "killed", "endless", "survived"


class Job(NamedTuple):
    """A mutant to be put to a test list."""

    module: str
    mutant: Mutant
    tests: list[str]
    backend: str
    seconds: int
    """Processor time after which it is taken for endless."""


# Running tests on a mutant


class Copy:
    """A folder with a copy of the package, in which one module is a mutant."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = folder / "said"
        self._mutated: Path | None = None
        shutil.copytree(PACKAGE, folder / "ecpure", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "vectors").symlink_to(ROOT / "vectors")
        compileall.compile_dir(folder / "ecpure", quiet=1)

    def put(self, module: str, source: str) -> None:
        """Let the package have this source as this module, and every other module as it is."""
        place = path_of(module)
        path = self.folder / "ecpure" / place
        if self._mutated and self._mutated != place:
            before = self.folder / "ecpure" / self._mutated
            shutil.copy(PACKAGE / self._mutated, before)
            compileall.compile_file(before, quiet=1)
        self._mutated = place
        path.write_text(source, encoding="utf-8")
        Path(cache_from_source(str(path))).unlink(missing_ok=True)  # children leave none: two mutants may look as old


OURS = ("ecpure", "ledger", "mutants", "mutation", "mutationpage", "mutationplan", "nursery")
_LOADED = "ignore::pytest.PytestAssertRewriteWarning"  # some plug-ins are loaded already


class _Settings:
    """A plug-in of pytest: Hypothesis draws the same examples every time, and does not make failing ones shorter; and a
    test that is marked `long` runs only if the plan names it, and not just its file.
    """

    def __init__(self, tests: list[str]) -> None:
        self._named = [test for test in tests if "::" in test]

    def pytest_sessionstart(self) -> None:
        from hypothesis import Phase, settings

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutation", settings.default, phases=phases, derandomize=True, database=None)
        settings.load_profile("mutation")

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = [item for item in items if not item.get_closest_marker("long") or self._is_named(item.nodeid)]

    def _is_named(self, test: str) -> bool:
        return any(test == name or test.startswith(f"{name}[") for name in self._named)


def _environment(copy: Copy, backend: str) -> None:
    """Let this process, and those that it starts, import this copy of the package, and nothing loaded before."""
    said = os.open(copy.said, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    for descriptor in range(3):
        os.dup2(said, descriptor)
    os.chdir(ROOT)
    paths = [str(copy.folder), str(ROOT / "tests" / "evidence")]  # pytest's settings name the others
    sys.path[:0] = paths
    os.environ |= {"PYTHONPATH": paths[0], "PYTHONDONTWRITEBYTECODE": "1", "ECPURE_BACKEND": backend}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ["PYTHONSAFEPATH"] = "1"  # what tests start would find the package of this folder, which is no mutant
    for name in [*sys.modules]:
        if name.partition(".")[0] in OURS:
            del sys.modules[name]


def _leave(tests: list[str], *plugins: object) -> NoReturn:
    """Run tests, and end this process with pytest's status."""
    import pytest

    options = ["-x", "-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", _LOADED]
    status = 70
    try:
        status = int(pytest.main([*options, *tests], plugins=[_Settings(tests), *plugins]))
    except BaseException:  # noqa: BLE001  # whatever it is, this process goes no further
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def run(jobs: list[Job], copies: list[Copy]) -> Iterator[tuple[Job, str, float]]:
    """Yield for each job, as they end, what became of its mutant, and the processor time that took."""
    patience = PATIENCE * max((job.seconds for job in jobs), default=0)
    forked = children(
        iter(jobs), len(copies), patience, lambda job, worker: copies[worker].put(job.module, job.mutant.source)
    )
    for job, worker, status, seconds in forked:
        if status is None:
            limit(job.seconds)
            sys.dont_write_bytecode = job.mutant.name != UNCHANGED  # so that tests are compiled once
            _environment(copies[worker], job.backend)
            _leave(job.tests)
        yield job, _outcome(status), seconds


def run_in_nursery(jobs: list[Job], copies: list[Copy]) -> Iterator[tuple[Job, str]]:
    """Yield for each job that changes one function, as they end, what became of its mutant in the nursery."""
    source = source_of(jobs[0].module)
    by_name = {job.mutant.name: job for job in jobs}
    sprouts = [found for job in jobs if (found := sprout(job.mutant.name, source, job.mutant.source))]
    copies[0].put(jobs[0].module, source)
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        _environment(copies[0], jobs[0].backend)
        sys.dont_write_bytecode = True
        module = f"ecpure.{jobs[0].module}"
        _leave(jobs[0].tests, Nursery(module, sprouts, len(copies), jobs[0].seconds, writing))
    os.close(writing)
    with os.fdopen(reading, encoding="ascii") as lines:
        for line in lines:
            name, status = json.loads(line)
            yield by_name[name], _outcome(status)
    os.waitpid(pid, 0)


def _outcome(status: int) -> str:
    if os.WIFSIGNALED(status):
        return ENDLESS if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) else KILLED
    return KILLED if os.WEXITSTATUS(status) else SURVIVED


def baseline(module: str, tests: list[str], backend: str, copies: list[Copy]) -> int:
    """Return the seconds of processor time that are enough for these tests. Raises if they fail on no mutant."""
    source = source_of(module)
    ((_, outcome, seconds),) = run([Job(module, Mutant(UNCHANGED, source), tests, backend, 600)], copies[:1])
    if outcome != SURVIVED:
        say(copies[0].said.read_text(encoding="utf-8", errors="replace"))
        raise RuntimeError(f"{module}: the tests fail on the module as it is: {' '.join(tests)} ({backend})")
    return int(2 * seconds) + 2


# A module's campaign


def stages(module: str) -> list[tuple[list[str], str]]:
    """Return tests and backend of each stage that a module's mutants go through, as long as they survive."""
    quick = QUICK[module]
    return [(quick, "gmpy2"), (quick + FULL[module], "python")]


def tests_of(module: str) -> str:
    """Return the sources of the tests that are put to a module's mutants: a kill is of the tests that there are now."""
    files = sorted({test.partition("::")[0] for tests, _ in stages(module) for test in tests})
    return "".join((ROOT / path).read_text(encoding="utf-8") for path in files)


class Campaign:
    """The mutants of a module, what became of each so far, and the notes by which it goes on where it was stopped.

    outcomes: KILLED, ENDLESS, or the number of stages that the mutant survived.
    """

    def __init__(self, module: str, copies: list[Copy], known: dict[str, str]) -> None:
        self.module = module
        self._copies = copies
        source = source_of(module)
        self._notes = CACHE / f"{module}-{digest_of(source + tests_of(module))[:16]}.jsonl"
        self.mutants = {mutant.name: mutant for mutant in mutants(source)}
        self.outcomes: dict[str, str | int] = dict.fromkeys(self.mutants, 0)
        if self._notes.exists():
            self.outcomes |= map(json.loads, self._notes.read_text(encoding="utf-8").splitlines())
        # What survived, and is no known survivor, meets whatever tests there are now.
        again = [name for name, found in self.outcomes.items() if isinstance(found, int) and name not in known]
        self.outcomes |= dict.fromkeys(again, 0)

    def go_on(self, stop: int | None = None) -> None:
        """Put every mutant that is not killed to the tests that it has not survived yet, up to stage `stop`."""
        CACHE.mkdir(parents=True, exist_ok=True)
        for stage, (tests, backend) in enumerate(stages(self.module)[:stop]):
            left = [mutant for name, mutant in self.mutants.items() if self.outcomes[name] == stage]
            if not left:
                continue
            seconds = baseline(self.module, tests, backend, self._copies)
            say(f"{self.module}: {len(left)} mutants, stage {stage + 1}, {backend}, up to {seconds} s each")
            jobs = [Job(self.module, mutant, tests, backend, seconds) for mutant in left]
            if stage == 0:
                for job, outcome in run_in_nursery(jobs, self._copies):
                    if outcome != SURVIVED:
                        self._note(job, outcome)
                jobs = [job for job in jobs if self.outcomes[job.mutant.name] == stage]
                say(f"{self.module}: {len(jobs)} of them one by one")
            for job, outcome, _ in run(jobs, self._copies):
                self._note(job, stage + 1 if outcome == SURVIVED else outcome)

    def _note(self, job: Job, found: str | int) -> None:
        self.outcomes[job.mutant.name] = found
        with self._notes.open("a", encoding="utf-8") as notes:
            notes.write(json.dumps([job.mutant.name, found]) + "\n")

    def survivors(self) -> list[str]:
        """Return the names of the mutants that are not killed."""
        return [name for name, found in self.outcomes.items() if isinstance(found, int)]

    def record(self) -> Record:
        """Return what became of the mutants, for the record."""
        counts = Counter(found for found in self.outcomes.values() if isinstance(found, str))
        return {
            "source": digest_of(source_of(self.module)),
            "mutants": len(self.outcomes),
            "killed": counts[KILLED],
            "endless": counts[ENDLESS],
            "survivors": sorted(self.survivors()),
        }


def check(module: str, copies: list[Copy], listed: list[str]) -> list[str]:
    """Return what is wrong with the list: mutants that do not exist any more, or that the module's tests kill."""
    made = {mutant.name: mutant for mutant in mutants(source_of(module))}
    wrong = [f"{module}: {name}: there is no such mutant" for name in listed if name not in made]
    tests, backend = stages(module)[-1]
    seconds = baseline(module, tests, backend, copies)
    jobs = [Job(module, made[name], tests, backend, seconds) for name in listed if name in made]
    found = [f"{module}: {job.mutant.name}: {what}" for job, what, _ in run(jobs, copies) if what != SURVIVED]
    return wrong + found


def main(arguments: list[str]) -> int:
    """Run what is left to run, and write what was found. Return 1 if a mutant survives that is not on the list."""
    parser = argparse.ArgumentParser(description="Mutation testing, module after module.")
    parser.add_argument("modules", nargs="*", help="these modules (default: those whose record is of another source)")
    parser.add_argument("--check", action="store_true", help="test that the listed mutants exist and survive")
    parser.add_argument("--page", action="store_true", help="write the page anew from the record and the list")
    parser.add_argument("--quick", action="store_true", help="print what survives the quick tests, and record nothing")
    options = parser.parse_args(arguments)
    if unknown := set(options.modules) - QUICK.keys():
        parser.error(f"one of {', '.join(QUICK)} was expected, not {', '.join(sorted(unknown))}")
    record, listed = load(), equivalents()
    if options.page:
        save(record)
        return 0
    from importlib.metadata import version

    import ecdsa  # noqa: F401  # every child has then loaded what is slow to load
    import hypothesis  # noqa: F401
    import pytest  # noqa: F401

    gc.freeze()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        copies = [Copy(Path(folder, str(i))) for i in range(WORKERS)]
        for module in options.modules or QUICK:
            known = listed.get(module, {})
            if options.check:
                wrong += check(module, copies, list(known))
                continue
            is_run = module not in outdated(record)
            if is_run and known.keys() >= {*record["modules"][module]["survivors"]} and not options.modules:
                continue
            campaign = Campaign(module, copies, known)
            campaign.go_on(1 if options.quick else None)
            left = [f"{module}: {name}" for name in campaign.survivors() if name not in known]
            say(f"{module}: {len(campaign.mutants)} mutants, {len(left)} survive that are not on the list")
            wrong += left
            if not options.quick:
                record["tools"] = {"cosmic_ray": version("cosmic-ray"), "python": platform.python_version()}
                record["modules"][module] = campaign.record()
                save(record)
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
