"""The `ecpure` command. Data on standard output, words on standard error; a secret is never an argument.

A module here is a command: its arguments, its function, its output. Exit status: 0 valid or done, 1 a signature is
invalid, 2 usage, or input that cannot be read.
"""

from __future__ import annotations

import os
import platform
from argparse import ArgumentParser, Namespace

from .. import __version__
from ..errors import EcpureError
from ..integers import backend_version
from ..io import files
from ..io.ending import interruptible
from ..io.streams import Refused, say, write_standard_output
from .arguments import Parser, files_read, files_written
from .verdict import REFUSED, VALID

COMMANDS = {
    "keygen": "make a private key",
    "pubkey": "write the public key of a private key",
    "sign": "sign a file",
    "verify": "verify a file's signature: exit 0 valid, 1 invalid, 2 unreadable",
    "verify-many": "verify every record of an archive: exit 0 if all are valid, 1 if some are not, or cannot be read",
    "audit": "check an archive for reused nonces and other problems across records: exit 0 if all are valid, and no "
    "finding weighs more than a note",
    "explain": "say what bytes are, and what is wrong with them: exit 0 if a reading fits and verifies as far as asked",
    "convert": "write a signature or a key in another format",
    "auth": "the login message of the CoinFLEX and Coinfloor exchanges (both have closed)",
    "auth key": "write the private key of a user id and passphrase",
    "auth build": "answer the server's Welcome",
    "auth verify": "verify a login message: exit 0 valid, 1 invalid, 2 unreadable",
    "login": "log in to a server of the exchange's kind, and print its reply: exit 0 if logged in, 1 if refused",
    "vectors": "run test vectors against ecpure or another program: exit 0 only if every case ran and agreed",
    "bench": "time every operation here, with Python's integers and with gmpy2",
    "leak": "test whether signing time leaks information about the key or the nonce: exit 0 if nothing was found, 1 if "
    "something was, 2 if the signatures were too few to tell",
    "completion": "print the script with which a shell completes the words of this command",
    "help": "show the help of this command, or of one of its commands",
}
"""Each command is the module of its name here, but for a group, whose commands follow it."""


def parser() -> ArgumentParser:
    """Return the parser. What it parses has in `command` the module of the command, and in `parser` its parser; or,
    where the words end before a command, None, and the parser of the group.
    """
    top = Parser(prog="ecpure", description="ECDSA on secp224k1: keys, signatures, login message.")
    runtime = f"{platform.python_implementation()} {platform.python_version()}"
    version = f"ecpure {__version__} (backend {backend_version()}, {runtime})"
    top.add_argument("-V", "--version", action="version", version=version)
    subparsers = {"": top.add_subparsers(title="commands", metavar="COMMAND")}
    top.set_defaults(command=None, parser=top)
    for words, text in COMMANDS.items():
        group, _, name = words.rpartition(" ")
        if any(other.startswith(f"{words} ") for other in COMMANDS):
            below = subparsers[group].add_parser(name, help=text, description=text)
            subparsers[words] = below.add_subparsers(metavar="PART")
            below.set_defaults(command=None, parser=below)
        else:
            below = subparsers[group].add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
            below.module = f"{__name__}.{words.replace(' ', '_').replace('-', '_')}"
    return top


def main(argv: list[str], *, is_last: bool = False) -> int:
    """Run the command on `argv`, without the program's name, and return its exit status.

    is_last: the process ends after it.
    """
    try:
        with interruptible(is_last=is_last):
            return run(argv)
    except (OSError, EcpureError, ImportError, KeyboardInterrupt, MemoryError) as error:
        say(f"ecpure: {_sentence(error)}")
        return REFUSED


def run(argv: list[str]) -> int:
    """Run the command on `argv`, and return its exit status. Raises what `main` says in words."""
    if any("\0" in word for word in argv):  # which no system passes on, but a caller of this function may
        raise Refused("an argument has a NUL in it")
    try:
        arguments = parser().parse_args(argv)
    except SystemExit as done:  # argparse has spoken; what it printed may still have to reach its reader
        if not done.code:
            write_standard_output(b"")
        return REFUSED if done.code else VALID
    if arguments.command is None:
        for line in arguments.parser.format_help().splitlines():
            say(line)
        return REFUSED  # not 0: a script whose variable for the command is empty has verified nothing
    _check_files(arguments)
    status: int = arguments.command.run(arguments)
    return status


def _sentence(error: BaseException) -> str:
    """Return what to say of an error."""
    match error:
        case OSError():
            name = f"{error.filename or repr('')}: " if isinstance(error.filename, str) else ""
            return f"{name}{files.reason(error)}"
        case KeyboardInterrupt():
            return "interrupted"
        case MemoryError():
            return "out of memory"
        case _:
            return str(error)


def _check_files(arguments: Namespace) -> None:
    """Refuse, before the work begins, what would write over a file that is read, or where nothing can be written, and
    one standard stream for two files.
    """
    read, written = files_read(arguments.parser, arguments), files_written(arguments.parser, arguments)
    if read.count("-") > 1:
        raise Refused("standard input (-) can be only one of the files")
    on_stdout = [option for option, (path, _) in written.items() if path == "-"]
    if len(on_stdout) > ("-o" in written):  # without -o, there is a report on it
        raise Refused(f"{on_stdout[-1]}: the name of a file was expected: standard output (-) has something else on it")
    paths: dict[str, str] = {}
    for option, (path, beside) in written.items():
        if path != "-":
            paths[option] = path
            paths |= {f"{option} with {ending}": os.path.realpath(path) + ending for ending in beside}
    if paths:
        files.check_written(paths, read)
        _keep_private_keys(paths)


def _keep_private_keys(written: dict[str, str]) -> None:
    """Refuse to write over what may be the only copy of a private key. Raises `OSError`, `Refused`."""
    from ..formats.keys import holds_private_key  # slow to import

    for option, path in written.items():
        if os.path.isfile(path) and holds_private_key(files.beginning(path)):
            raise Refused(f"{option}: refusing to overwrite {path}, which holds, or may hold, a private key")
