"""The arguments of the `ecpure` command: what they are called, and which function of which module they run."""

from __future__ import annotations

import argparse
import platform
import re

from . import __version__
from .curves import NAMES
from .hashes import HASHES
from .integers import BACKENDS, backend_version
from .profiles import PROFILES

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable
    from typing import NoReturn


OPERATIONS = (
    "verify",
    "verify_digest",
    "sign",
    "multiply",
    "decode_point",
    "square_root",
    "recover",
    "decode_key",
    "login_key",
    "login_build",
    "login_verify",
)
"""What a case of the vectors asks for: those of `answers`, which is slow to import."""

# What argparse says, up to the word that it repeats; and after that the choices there are, which may stay.
_REPEATING = re.compile(
    r"(unrecognized arguments|ambiguous option|ignored explicit argument|invalid choice).*?( \(choose from [^()]*\))?$",
    re.DOTALL,
)


class _Parser(argparse.ArgumentParser):
    """A parser that does not repeat a wrong word, which may be a secret that was meant for the prompt."""

    def error(self, message: str) -> NoReturn:
        super().error(_REPEATING.sub(r"\1\2", message))


def parser() -> ArgumentParser:
    """Return the parser. What it parses has in `run` the module and the function of the command."""
    top = _Parser(prog="ecpure", description="ECDSA on secp224k1: keys, signatures, login message.")
    runtime = f"{platform.python_implementation()} {platform.python_version()}"
    version = f"ecpure {__version__} (backend {backend_version()}, {runtime})"
    top.add_argument("--version", action="version", version=version)
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    keygen = _command(commands, "keygen", "commands.keygen", "make a private key")
    _add_curve(keygen)
    _add_private_output(keygen)

    pubkey = _command(commands, "pubkey", "commands.pubkey", "write the public key of a private key")
    _add_curve(pubkey)
    _add_private_key(pubkey)
    text = "SPKI in PEM, or the compressed point's octets (default: pem)"
    pubkey.add_argument("--to", choices=["pem", "raw"], default="pem", help=text)
    _add_output(pubkey)

    sign = _command(commands, "sign", "commands.sign", "sign a file")
    _add_curve(sign)
    _add_private_key(sign)
    _add_message(sign)
    _add_signature_form(sign)
    sign.add_argument("--low-s", action="store_true", help="of s and n - s, write the lower one")
    text = "random octets go into the nonce (RFC 6979 section 3.6): the same file is signed differently each time"
    sign.add_argument("--hedged", action="store_true", help=text)
    text = "verify the signature in full before it is written"
    sign.add_argument("--self-verify", action="store_true", help=text)
    _add_output(sign)

    verify = _command(
        commands, "verify", "commands.verify", "verify a file's signature: exit 0 valid, 1 invalid, 2 unreadable"
    )
    _add_curve(verify)
    _add_public_key(verify)
    text = "file of the signature; needed, but with a profile, which may find it itself"
    verify.add_argument("--signature", metavar="S", help=text)
    titles = ", ".join(f"{profile.name} ({profile.title})" for profile in PROFILES.values())
    text = f"FILE is of this kind, which says all but the key: {titles}"
    verify.add_argument("--profile", choices=PROFILES, help=text)
    _add_message(verify)
    _add_signature_form(verify)
    _add_json(verify, '; with --profile also "fields", what was signed')

    _add_verify_many(commands)
    _add_audit(commands)
    _add_explain(commands)
    _add_auth(commands)
    _add_login(commands)
    _add_vectors(commands)
    _add_bench(commands)
    _add_leak(commands)
    _add_completion(commands)
    return top


def _add_explain(commands: argparse._SubParsersAction[_Parser]) -> None:
    text = "say what octets are, and what is wrong with them: exit 0 if a reading fits and verifies as far as asked"
    explain = _command(commands, "explain", "explain.command", text)
    text = "a file, - for standard input, or the hex digits themselves of what is no secret"
    explain.add_argument("blob", metavar="FILE|HEX", help=text)
    text = "file of a public key, in any form: try the signature under it"
    explain.add_argument("--public-key", metavar="P", help=text)
    signed = explain.add_mutually_exclusive_group()
    signed.add_argument("--message", metavar="FILE", help="what the signature may be of: try every hash")
    signed.add_argument("--digest", metavar="FILE", help="the digest that the signature may be of")
    explain.add_argument("--json", action="store_true", help="print the readings as JSON")


def _add_verify_many(commands: argparse._SubParsersAction[_Parser]) -> None:
    text = "verify every record of an archive: exit 0 if all are valid, 1 if some are not, or cannot be read"
    many = _command(commands, "verify-many", "archive.command", text)
    _add_records(many)
    _add_output(many)
    many.add_argument("--resume", action="store_true", help="go on where a run with the same -o was stopped")
    _add_jobs(many)
    many.add_argument("--summary", metavar="FILE", help="write how many records had which verdict and reason, as JSON")


def _add_audit(commands: argparse._SubParsersAction[_Parser]) -> None:
    text = (
        "look across the signatures of an archive, for what none shows alone: exit 0 if all are valid, and no finding"
    )
    audit = _command(commands, "audit", "audit.command", text + " weighs more than a note")
    _add_records(audit)
    text = "find the keys of records that name none, where they signed more than one record"
    audit.add_argument("--recover", action="store_true", help=text)
    _add_jobs(audit)
    audit.add_argument("--json", action="store_true", help="print the findings as JSON")


def _add_jobs(parser: ArgumentParser) -> None:
    text = "processes that verify (default: one for each core)"
    parser.add_argument("--jobs", type=_up_to(1000), metavar="N", help=text)


def _add_records(parser: ArgumentParser) -> None:
    text = "files of records in JSON Lines or CSV, also as .gz, .bz2, .xz or .zst; - is standard input"
    parser.add_argument("records", nargs="+", metavar="RECORDS", help=text)
    text = "what the files hold (default: CSV where the name says .csv, else JSON Lines)"
    parser.add_argument("--read-as", choices=["jsonl", "csv"], help=text)
    text = "public keys by their ids: a folder of ID.pem, or records with id and public_key"
    parser.add_argument("--keys", metavar="KEYS", help=text)
    _add_curve(parser)
    text = "of records that name no hash: " + ", ".join(HASHES) + " (default: the curve's own, sha224 or sha256)"
    parser.add_argument("--hash", metavar="H", help=text)
    text = "of records that name no format (default: der)"
    parser.add_argument("--format", choices=["der", "p1363", "compact"], default="der", help=text)
    text = "of the message, digest and signature of records that name no encoding (default: hex)"
    parser.add_argument("--encoding", choices=["hex", "base64"], default="hex", help=text)
    text = "what the message of records is that name no profile: " + ", ".join(PROFILES)
    parser.add_argument("--profile", choices=PROFILES, help=text)
    text = "a field that may be there and means nothing; may be repeated"
    parser.add_argument("--ignore", action="append", default=[], metavar="FIELD", help=text)


def _add_auth(commands: argparse._SubParsersAction[_Parser]) -> None:
    text = "the login message of the CoinFLEX and Coinfloor exchanges (both have closed)"
    parts = commands.add_parser("auth", help=text, description=text).add_subparsers(metavar="PART", required=True)

    key = _command(parts, "key", "commands.auth_key", "write the private key of a user id and passphrase")
    _add_user_id(key)
    _add_passphrase(key)
    _add_private_output(key)

    build = _command(parts, "build", "commands.auth_build", "answer the server's Welcome")
    _add_credentials(build)
    build.add_argument("--server-nonce", required=True, metavar="BASE64", help="nonce of the Welcome, 16 octets")
    build.add_argument("--client-nonce", metavar="BASE64", help="16 octets (default: from the system's generator)")
    _add_output(build)

    verify = _command(
        parts, "verify", "commands.auth_verify", "verify a login message: exit 0 valid, 1 invalid, 2 unreadable"
    )
    _add_public_key(verify)
    verify.add_argument("--server-nonce", required=True, metavar="BASE64", help="nonce of that connection's Welcome")
    verify.add_argument("file", metavar="FILE", help="the message, JSON")
    _add_json(verify)


def _add_login(commands: argparse._SubParsersAction[_Parser]) -> None:
    text = "log in to a server of the exchange's kind, and print its reply: exit 0 if logged in, 1 if refused"
    login = _command(commands, "login", "connect.command", text)
    login.add_argument("url", metavar="URL", help="of the server's WebSocket: wss://...")
    _add_credentials(login)
    text = "file of the certificates to trust, PEM, in place of the system's"
    login.add_argument("--ca", metavar="FILE", help=text)
    text = "seconds that all of it may take (default: 30)"
    login.add_argument("--timeout", type=_up_to(1_000_000), default=30, metavar="S", help=text)


def _add_credentials(parser: ArgumentParser) -> None:
    _add_user_id(parser)
    source = parser.add_mutually_exclusive_group()
    _add_passphrase(source)
    source.add_argument("--key", metavar="K", help="file of the private key, in place of the passphrase")
    _add_key_format(parser)
    parser.add_argument("--cookie", required=True, metavar="BASE64", help="the user's cookie, 20 octets")
    parser.add_argument("--tag", type=_integer, metavar="N", help="number that the server echoes")


def _add_bench(commands: argparse._SubParsersAction[_Parser]) -> None:
    bench = _command(
        commands, "bench", "bench.command", "time every operation here, with Python's integers and with gmpy2"
    )
    text = "time fastecdsa, OpenSSL, python-ecdsa, btclib-ecc and coincurve too, as far as they are installed"
    bench.add_argument("--peers", action="store_true", help=text + ": exit 1 if one gives a wrong answer")
    bench.add_argument(
        "--rounds", type=_up_to(1_000_000), default=11, metavar="N", help="take medians of N (default: 11)"
    )
    bench.add_argument("--json", action="store_true", help="print the times as JSON")


def _add_vectors(commands: argparse._SubParsersAction[_Parser]) -> None:
    text = "run test vectors against ecpure or another program: exit 0 only if every case ran and agreed"
    vectors = _command(commands, "vectors", "suite.command", text)
    text = "files in Wycheproof's or ecpure's schemas, or folders of *_test.json; - is standard input"
    text += " (default: the suite that comes along)"
    vectors.add_argument("paths", nargs="*", metavar="PATH", help=text)
    program = vectors.add_mutually_exclusive_group()
    text = "ecpure on these integers (default: those at work)"
    program.add_argument("--backend", choices=[*BACKENDS, "both"], help=text)
    text = "a program that answers requests line by line in JSON, with its arguments, as one word; no shell reads it"
    program.add_argument("--command", metavar="PROGRAM", help=text)
    text = "answer such requests from standard input, in place of asking"
    program.add_argument("--serve", action="store_true", help=text)
    text = "seconds that another process, of --command or of another backend, has for an answer (default: 10)"
    vectors.add_argument("--timeout", type=_up_to(1_000_000), default=10, metavar="S", help=text)
    text = "run only the cases of this operation: " + ", ".join(OPERATIONS) + "; may be repeated"
    vectors.add_argument("--only", action="append", choices=OPERATIONS, default=[], metavar="OPERATION", help=text)
    vectors.add_argument("--json", action="store_true", help="print the report as JSON")
    vectors.add_argument("--junit", metavar="FILE", help="write the report as JUnit XML too")
    vectors.add_argument("--html", metavar="FILE", help="write the report as one page of HTML too")


def _add_leak(commands: argparse._SubParsersAction[_Parser]) -> None:
    text = "test whether the time of signing tells something of the key or the nonce"
    text += ": exit 0 if nothing was found, 1 if something was, 2 if the signatures were too few to tell"
    leak = _command(commands, "leak", "leak.command", text)
    text = "for each pair of classes (default: 100000)"
    leak.add_argument("--signatures", type=_up_to(100_000_000), default=100_000, metavar="N", help=text)
    leak.add_argument("--svg", metavar="FILE", help="draw the curves of t, and the histograms")
    leak.add_argument("--json", action="store_true", help="print the report as JSON")


def _add_completion(commands: argparse._SubParsersAction[_Parser]) -> None:
    text = "print the script with which a shell completes the words of this command"
    completion = _command(commands, "completion", "commands.completion", text)
    text = "the shell that is to read it: bash and zsh by eval, fish by source"
    completion.add_argument("shell", choices=["bash", "zsh", "fish"], help=text)


def _command(commands: argparse._SubParsersAction[_Parser], name: str, run: str, text: str) -> ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.set_defaults(run=run)
    return parser


def _add_curve(parser: ArgumentParser) -> None:
    parser.add_argument("--curve", choices=NAMES, default=NAMES[0], help=f"(default: {NAMES[0]})")


def _add_private_key(parser: ArgumentParser) -> None:
    parser.add_argument("--key", required=True, metavar="K", help="file of the private key")
    _add_key_format(parser)


def _add_public_key(parser: ArgumentParser) -> None:
    parser.add_argument("--public-key", required=True, metavar="P", help="file of the public key")
    _add_key_format(parser)


def _add_key_format(parser: ArgumentParser) -> None:
    text = "what the key's file holds: PEM, DER, or the octets themselves (default: pem)"
    parser.add_argument("--key-format", choices=["pem", "der", "raw"], default="pem", help=text)


def _add_private_output(parser: ArgumentParser) -> None:
    text = "PKCS#8 or SEC 1 in PEM, or the octets themselves (default: pkcs8)"
    parser.add_argument("--to", choices=["pkcs8", "sec1", "raw"], default="pkcs8", help=text)
    text = "a new file that only its owner can read (default: -, standard output)"
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help=text)


def _add_output(parser: ArgumentParser) -> None:
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help="(default: -, standard output)")


def _add_message(parser: ArgumentParser) -> None:
    names = ", ".join(HASHES)
    parser.add_argument("--hash", metavar="H", help=f"{names} (default: the curve's own, sha224 or sha256)")
    parser.add_argument("--digest", action="store_true", help="FILE holds the digest itself, made with --hash")
    parser.add_argument("file", metavar="FILE", help="the message; - is standard input")


def _add_signature_form(parser: ArgumentParser) -> None:
    text = "DER, r || s at the order's length, or r || s at 28 + 28 octets (default: der)"
    parser.add_argument("--format", choices=["der", "p1363", "compact"], default="der", help=text)
    text = "how its file holds the signature's octets; base64 is one line (default: binary)"
    parser.add_argument("--encoding", choices=["binary", "hex", "base64"], default="binary", help=text)


def _add_json(parser: ArgumentParser, more: str = "") -> None:
    parser.add_argument("--json", action="store_true", help='print {"valid": true} or {"valid": false}' + more)


def _add_user_id(parser: ArgumentParser) -> None:
    parser.add_argument("--user-id", required=True, type=_integer, metavar="N", help="0 to 2^64 - 1")


def _add_passphrase(parser: argparse._ActionsContainer) -> None:
    text = "env:NAME, file:PATH or stdin (default: ask on the terminal)"
    parser.add_argument("--passphrase-from", metavar="SOURCE", help=text)


def _integer(text: str) -> int:
    """Return the int of decimal digits. Raises `ArgumentTypeError`, which argparse turns into its usage message."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise argparse.ArgumentTypeError("a number of up to 20 decimal digits was expected")
    return int(text)


def _up_to(most: int) -> Callable[[str], int]:
    """Return what reads a number from 1 to `most`; so that none is too large for what counts with it."""

    def number(text: str) -> int:
        value = _integer(text)
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"a number from 1 to {most} was expected")
        return value

    return number
