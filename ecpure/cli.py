"""The `ecpure` command. Data on standard output, words on standard error; a secret is never an argument.

Exit status: 0 valid or done, 1 a signature does not hold, 2 usage, or input that cannot be read.
"""

from __future__ import annotations

import os
from importlib import import_module

from .errors import EcpureError
from .parser import parser
from .streams import REFUSED, VALID, Refused, say, write_standard_output

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from typing import Any

# What arguments are called that name files, and the options of those that name files to write.
_READ = ("blob", "ca", "digest", "file", "key", "keys", "message", "paths", "public_key", "records", "signature")
_BESIDE = (".part", ".state")  # what the -o of verify-many has beside it while it runs
_WRITTEN = {"output": "-o", "summary": "--summary", "junit": "--junit", "html": "--html", "svg": "--svg"}


def main(argv: list[str]) -> int:
    """Run the command on `argv`, without the program's name, and return its exit status."""
    if any("\0" in word for word in argv):  # which no system passes on, but a caller of this function may
        return _refuse("an argument has a NUL in it")
    try:
        try:
            arguments = parser().parse_args(argv)
        except SystemExit as done:  # argparse has spoken; what it printed may still have to reach its reader
            if not done.code:
                write_standard_output(b"")
            return REFUSED if done.code else VALID
        _check_files(arguments)
        module, _, function = arguments.run.partition(".")
        run: Callable[[Namespace], int] = getattr(import_module(f".{module}", __package__), function)
        return run(arguments)
    except OSError as error:
        name = f"{error.filename or repr('')}: " if isinstance(error.filename, str) else ""
        return _refuse(f"{name}{error.strerror or 'cannot be read or written'}")
    except EcpureError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return _refuse("interrupted")


def _check_files(arguments: Namespace) -> None:
    """Refuse, before the work begins, what would write over a file that is read, or where nothing can be written, and
    one standard stream for two files.
    """
    given = vars(arguments)
    read = _read(given)
    if read.count("-") > 1:
        raise Refused("standard input (-) can be only one of the files")
    written = {option: given[name] for name, option in _WRITTEN.items() if given.get(name) is not None}
    on_stdout = [option for option, path in written.items() if path == "-"]
    if len(on_stdout) > ("output" in given):  # without -o, there is a report on it
        raise Refused(f"{on_stdout[-1]}: the name of a file was expected: standard output (-) has something else on it")
    written = {option: path for option, path in written.items() if path != "-"}
    if written:
        from .files import check_written, inside  # slow to import, and not needed by most

        if "resume" in given and "-o" in written:
            written |= {f"-o with {ending}": os.path.realpath(written["-o"]) + ending for ending in _BESIDE}
        read += inside(given["keys"]) if os.path.isdir(given.get("keys") or "") else []
        check_written(written, read)


def _read(given: dict[str, Any]) -> list[str]:
    """Return the files that the arguments name to be read."""
    kind, _, path = (given.get("passphrase_from") or "").partition(":")
    values = [given.get(name) for name in _READ] + [{"stdin": "-", "file": path}.get(kind)]
    paths = [path for value in values for path in (value if isinstance(value, list) else [value])]
    return [path for path in paths if isinstance(path, str) and path]


def _refuse(reason: str) -> int:
    say(f"ecpure: {reason}")
    return REFUSED
