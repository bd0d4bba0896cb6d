"""The `ecpure` command. Data go to standard output, messages to standard error; a secret is never an argument.

Each module of a command has its arguments, its function and its output. Exit status: 0 valid or done, 1 a signature is
invalid, 2 usage, or input that cannot be read.
"""

from __future__ import annotations

import errno
import os
import platform
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable

from .. import __version__
from ..errors import EcpureError
from ..integers import backend_version
from ..io import files
from ..io.ending import interruptible
from ..io.streams import Refused, say, write_standard_output
from .arguments import REFUSED_STATUS, Parser, ending, files_read, files_written
from .verdict import INVALID, REFUSED, VALID, of_system

COMMANDS = {
    "keygen": "make a private key",
    "pubkey": "write the public key of a private key",
    "sign": "sign a file",
    "verify": "verify a file's signature: exit 0 valid, 1 invalid, 2 unreadable",
    "verify-many": "verify every record of an archive: exit 0 if all are valid, 1 if some are not or cannot be read",
    "audit": "check an archive for reused nonces and other problems across records: exit 0 if all are valid and no "
    "finding is worse than a note",
    "explain": "identify unknown bytes, or find out why a signature is rejected: exit 0 if recognised, and verified if "
    "asked",
    "convert": "write a signature or a key in another format",
    "auth": "make or verify the login message of the CoinFLEX and Coinfloor exchanges (both have closed)",
    "auth key": "write the private key derived from a user id and passphrase",
    "auth build": "write the login message that answers the server's Welcome",
    "auth verify": "verify a login message: exit 0 valid, 1 invalid, 2 unreadable",
    "login": "log in to a server with the exchange's protocol, and print its reply: exit 0 if logged in, 1 if refused",
    "vectors": "run test vectors against ecpure or another program: exit 0 only if every case ran and agreed",
    "bench": "time every operation on this machine, with Python's integers and with gmpy2",
    "leak": "test whether signing time leaks information about the key or the nonce: exit 0 if no leak was found, 1 if "
    "one was found, 2 if there were too few signatures to tell",
    "completion": "print a shell completion script",
    "help": "show the help of ecpure or of one of its commands",
}
"""Each command is in the module of its name; a group has no module, and is followed by its commands."""

STATUSES = {
    VALID: "valid or done",
    INVALID: "invalid signature (or as described for the command)",
    REFUSED: REFUSED_STATUS,
}
"""What exit statuses mean, except where a command's own say otherwise."""


def parser() -> ArgumentParser:
    """Return the parser. Its result has the command's module as `command` and its parser as `parser`; if no command is
    given, None and the parser of the group.
    """
    text = "ECDSA on secp224k1: keys, signatures, login message."
    top = Parser(prog="ecpure", description=text, epilog=_each("COMMAND", ["sign", "auth verify"]))
    runtime = f"{platform.python_implementation()} {platform.python_version()}"
    version = f"ecpure {__version__} (backend {backend_version()}, {runtime})"
    top.add_argument("-V", "--version", action="version", version=version)
    subparsers = {"": top.add_subparsers(title="commands", metavar="COMMAND")}
    top.set_defaults(command=None, parser=top)
    for words, text in COMMANDS.items():
        group, _, name = words.rpartition(" ")
        if parts := [other for other in COMMANDS if other.startswith(f"{words} ")]:
            below = subparsers[group].add_parser(
                name, help=text, description=text, epilog=_each(f"{words} PART", parts)
            )
            subparsers[words] = below.add_subparsers(metavar="PART")
            below.set_defaults(command=None, parser=below)
        else:
            below = subparsers[group].add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
            below.module = f"{__name__}.{words.replace(' ', '_').replace('-', '_')}"
    return top


def _each(one: str, examples: Iterable[str]) -> str:
    """Return the end of the help of a group. one: how one of its commands is named, and examples of that."""
    shows = f"`ecpure help {one}` shows one command, with its exit statuses and examples."
    return f"{shows}\n\n{ending(STATUSES, [f'ecpure help {words}' for words in examples])}"


def main(argv: list[str], *, is_last: bool = False) -> int:
    """Run the command on `argv`, without the program's name, and return its exit status.

    is_last: whether the process ends after it.
    """
    try:
        with interruptible(is_last=is_last):
            return run(argv)
    except (OSError, EcpureError, ImportError, KeyboardInterrupt, MemoryError) as error:
        say(f"ecpure: {_sentence(error)}")
        return REFUSED


def run(argv: list[str]) -> int:
    """Run the command on `argv`, and return its exit status. Raises what `main` turns into messages."""
    if any("\0" in word for word in argv):  # no system passes one, but a caller of this function may
        raise Refused("an argument contains a NUL character")
    try:
        arguments = parser().parse_args(argv)
    except SystemExit as done:  # argparse has printed its message; flush it
        if not done.code:
            write_standard_output(b"")
        return REFUSED if done.code else VALID
    if arguments.command is None:
        for line in arguments.parser.format_help().splitlines():
            say(line)
        return REFUSED  # not 0: a script in which the variable for the command is empty has verified nothing
    _check_files(arguments)
    status: int = arguments.command.run(arguments)
    return status


def _sentence(error: BaseException) -> str:
    """Return the message for an error."""
    match error:
        case OSError():
            return of_system(error)
        case KeyboardInterrupt():
            return "interrupted"
        case MemoryError():
            return "out of memory"
        case _:
            return str(error)


def _check_files(arguments: Namespace) -> None:
    """Check, before the work begins, that no output overwrites an input, that all outputs can be written, and that no
    standard stream is used twice. Raises `OSError`, `Refused`.
    """
    read, written = files_read(arguments.parser, arguments), files_written(arguments.parser, arguments)
    for path in [*read, *(path for path, _ in written.values())]:
        _require_no_secret(path, is_new=path not in read)
    if read.count("-") > 1:
        raise Refused("standard input (-) can be used for only one file")
    on_stdout = [option for option, (path, _) in written.items() if path == "-"]
    if len(on_stdout) > ("-o" in written):  # without -o, there is a report on it
        raise Refused(f"{on_stdout[-1]}: name a file: standard output (-) is already in use")
    paths: dict[str, str] = {}
    for option, (path, beside) in written.items():
        if path != "-":
            paths[option] = path
            paths |= {f"{option} with {ending}": os.path.realpath(path) + ending for ending in beside}
    if paths:
        files.check_written(paths, read)
        for path, _ in written.values():
            if os.path.isdir(path):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        _keep_private_keys(paths)


_SHORTEST_KEY = 28  # characters of a private key in any text


def _require_no_secret(path: str, *, is_new: bool) -> None:
    """Raise `Refused` if a file that is not there, or the folder for a new one, has a name that may be a private key:
    messages would show it. A new file may have any name that only looks like a number, such as a digest.
    """
    if len(path) < _SHORTEST_KEY or os.path.lexists(path):
        return
    from .likeness import is_private_key, may_be_a_private_key  # slow to import

    there = os.path.dirname(path)
    can_be_made = is_new and os.path.isdir(there or ".")
    while there and not os.path.lexists(there):
        there = os.path.dirname(there)
    if (is_private_key if can_be_made else may_be_a_private_key)(path[len(there) :].lstrip("/")):
        raise Refused(
            "a file that is not there was named; its name may be a private key, and is not shown: name a file"
        )


def _keep_private_keys(written: dict[str, str]) -> None:
    """Refuse to overwrite what may be the only copy of a private key. Raises `OSError`, `Refused`."""
    from ..explain.containers import holds_secret  # slow to import

    for option, path in written.items():
        if os.path.isfile(path) and holds_secret(files.beginning(path)):
            holds = "which contains, or may contain, a private key"
            raise Refused(f"{option}: refusing to overwrite {path}, {holds}: choose another name")
