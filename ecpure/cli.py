"""The `ecpure` command. Data on standard output, words on standard error; a secret is never an argument.

Exit status: 0 valid or done, 1 a signature does not hold, 2 usage, or input that cannot be read.
"""

from __future__ import annotations

import argparse
import json
import platform
from binascii import a2b_base64, a2b_hex, b2a_base64

from . import __version__, auth, files
from .curve import SECP224K1, SECP256K1, Curve
from .errors import EcpureError, InvalidEncoding
from .hashes import HASHES, digest_octets
from .integers import backend_version
from .keys import PrivateKey, PublicKey
from .signature import Signature
from .streams import Refused, say, write_standard_output, write_table

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable
    from typing import NoReturn

VALID, INVALID, REFUSED = 0, 1, 2

_CURVES = {curve.name: curve for curve in (SECP224K1, SECP256K1)}


def main(argv: list[str]) -> int:
    """Run the command on `argv`, without the program's name, and return its exit status."""
    try:
        try:
            arguments = _parser().parse_args(argv)
        except SystemExit as done:  # argparse has spoken; what it printed may still have to reach its reader
            if not done.code:
                write_standard_output(b"")
            return REFUSED if done.code else VALID
        run: Callable[[Namespace], int] = arguments.run
        return run(arguments)
    except OSError as error:
        name = f"{error.filename}: " if isinstance(error.filename, str) else ""
        return _refuse(f"{name}{error.strerror or 'cannot be read or written'}")
    except EcpureError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return _refuse("interrupted")


def _refuse(reason: str) -> int:
    say(f"ecpure: {reason}")
    return REFUSED


# Keys, digests and signatures, as the arguments say


def _curve(arguments: Namespace) -> Curve:
    return _CURVES[arguments.curve]


def _private_key(arguments: Namespace) -> PrivateKey:
    read = {"pem": PrivateKey.from_pem, "der": PrivateKey.from_der, "raw": PrivateKey.from_bytes}[arguments.key_format]
    return read(files.read(arguments.key), curve=_curve(arguments))


def _public_key(arguments: Namespace) -> PublicKey:
    read = {"pem": PublicKey.from_pem, "der": PublicKey.from_der, "raw": PublicKey.from_bytes}[arguments.key_format]
    return read(files.read(arguments.public_key), curve=_curve(arguments))


def _write_private_key(key: PrivateKey, arguments: Namespace) -> None:
    octets = key.to_bytes() if arguments.to == "raw" else key.to_pem(arguments.to).encode("ascii")
    files.write_secret(arguments.output, octets)


def _hash_and_digest(arguments: Namespace) -> tuple[str, bytes]:
    """Return the hash's name, and the digest of FILE or, with --digest, the digest in it."""
    name = _curve(arguments).hash_name(arguments.hash)
    if not arguments.digest:
        return name, files.digest(arguments.file, name)
    digest = files.read(arguments.file)
    if len(digest) != digest_octets(name):
        raise Refused(f"--digest: a file of {digest_octets(name)} octets was expected for {name}")
    return name, digest


def _encode_signature(signature: Signature, arguments: Namespace) -> bytes:
    match arguments.format:
        case "der":
            octets = signature.to_der()
        case "p1363":
            octets = signature.to_p1363(curve=_curve(arguments))
        case _:
            octets = signature.to_compact()
    match arguments.encoding:
        case "hex":
            return octets.hex().encode("ascii") + b"\n"
        case "base64":
            return b2a_base64(octets)
        case _:
            return octets


def _decode_signature(octets: bytes, arguments: Namespace) -> Signature:
    """Return the signature. Raises `InvalidEncoding`, also for r or s out of the curve's range."""
    curve = _curve(arguments)
    if arguments.encoding != "binary":
        octets = _decode_text(octets, arguments.encoding)
    match arguments.format:
        case "der":
            signature = Signature.from_der(octets)
        case "p1363":
            signature = Signature.from_p1363(octets, curve=curve)
        case _:
            signature = Signature.from_compact(octets)
    signature.require_range(curve=curve)
    return signature


def _decode_text(octets: bytes, encoding: str) -> bytes:
    """Return the octets written in hex or padded base64, white space around it aside. Raises `InvalidEncoding`."""
    text = octets.strip()
    try:
        decoded = a2b_hex(text) if encoding == "hex" else a2b_base64(text, strict_mode=True)
    except ValueError:
        decoded = b""
    if not decoded or (encoding == "base64" and b2a_base64(decoded, newline=False) != text):
        raise InvalidEncoding(f"signature: {encoding} was expected")
    return decoded


def _say(valid: bool, arguments: Namespace) -> int:
    text = json.dumps({"valid": valid}) if arguments.json else "valid" if valid else "invalid"
    write_standard_output(text.encode("ascii") + b"\n")
    return VALID if valid else INVALID


# The commands


def _keygen(arguments: Namespace) -> int:
    _write_private_key(PrivateKey.generate(curve=_curve(arguments)), arguments)
    return VALID


def _pubkey(arguments: Namespace) -> int:
    key = _private_key(arguments).public_key
    files.write(arguments.output, key.to_bytes() if arguments.to == "raw" else key.to_pem().encode("ascii"))
    return VALID


def _sign(arguments: Namespace) -> int:
    _one_stdin(arguments.key, arguments.file)
    key = _private_key(arguments)
    name, digest = _hash_and_digest(arguments)
    signature = key.sign_digest(digest, hash=name, low_s=arguments.low_s)
    files.write(arguments.output, _encode_signature(signature, arguments))
    return VALID


def _verify(arguments: Namespace) -> int:
    _one_stdin(arguments.public_key, arguments.signature, arguments.file)
    key = _public_key(arguments)
    signature = _decode_signature(files.read(arguments.signature), arguments)
    _, digest = _hash_and_digest(arguments)
    return _say(key.verify_digest(signature, digest), arguments)


def _auth_key(arguments: Namespace) -> int:
    key = auth.derive_private_key(arguments.user_id, files.passphrase(arguments.passphrase_from))
    _write_private_key(key, arguments)
    return VALID


def _auth_build(arguments: Namespace) -> int:
    if arguments.key is None:
        key = auth.derive_private_key(arguments.user_id, files.passphrase(arguments.passphrase_from))
    else:
        key = _private_key(arguments)
    nonce = arguments.client_nonce
    message = auth.build_authenticate(
        user_id=arguments.user_id,
        cookie=arguments.cookie,
        private_key=key,
        server_nonce=arguments.server_nonce,
        client_nonce=None if nonce is None else auth.decode_nonce(nonce, "--client-nonce"),
        tag=arguments.tag,
    )
    files.write(arguments.output, json.dumps(message).encode("ascii") + b"\n")
    return VALID


def _auth_verify(arguments: Namespace) -> int:
    _one_stdin(arguments.public_key, arguments.file)
    key = _public_key(arguments)
    message = _json_object(files.read_text(arguments.file))
    return _say(auth.verify_authenticate(message, server_nonce=arguments.server_nonce, public_key=key), arguments)


def _bench(arguments: Namespace) -> int:
    from . import bench  # slow to import, and seldom needed

    report = bench.run(rounds=arguments.rounds, with_peers=arguments.peers)
    results = report["backends"]
    if arguments.json:
        write_standard_output(json.dumps(report, indent=2).encode("ascii") + b"\n")
    else:
        for name, result in results.items():
            if "error" not in result:
                write_table(bench.title(name, report), bench.table(result))
    for name, result in results.items():
        for note in bench.notes(result):
            say(f"ecpure: {name}: {note}")
    if all("error" in result for result in results.values()):
        return REFUSED
    return INVALID if any(result.get("faults") for result in results.values()) else VALID


def _json_object(text: str) -> dict[str, object]:
    """Return the JSON object that `text` is. Raises `InvalidEncoding`, also where a name stands twice."""
    try:
        value = json.loads(text, object_pairs_hook=_distinct)
    except (ValueError, RecursionError):
        raise InvalidEncoding("message: JSON with distinct names was expected") from None
    if not isinstance(value, dict):
        raise InvalidEncoding("message: a JSON object was expected")
    return value


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError
    return value


def _one_stdin(*paths: str | None) -> None:
    if paths.count("-") > 1:
        raise Refused("standard input (-) can be only one of the files")


# The parser


class _Parser(argparse.ArgumentParser):
    """A parser that does not repeat a stray word, which may be a secret that was meant for the prompt."""

    def error(self, message: str) -> NoReturn:
        super().error("unrecognized arguments" if message.startswith("unrecognized arguments") else message)


def _parser() -> ArgumentParser:
    parser = _Parser(prog="ecpure", description="ECDSA on secp224k1: keys, signatures, login message.")
    runtime = f"{platform.python_implementation()} {platform.python_version()}"
    version = f"ecpure {__version__} (backend {backend_version()}, {runtime})"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    keygen = _command(commands, "keygen", _keygen, "make a private key")
    _add_curve(keygen)
    _add_private_output(keygen)

    pubkey = _command(commands, "pubkey", _pubkey, "write the public key of a private key")
    _add_curve(pubkey)
    _add_private_key(pubkey)
    text = "SPKI in PEM, or the compressed point's octets (default: pem)"
    pubkey.add_argument("--to", choices=["pem", "raw"], default="pem", help=text)
    _add_output(pubkey)

    sign = _command(commands, "sign", _sign, "sign a file")
    _add_curve(sign)
    _add_private_key(sign)
    _add_message(sign)
    _add_signature_form(sign)
    sign.add_argument("--low-s", action="store_true", help="of s and n - s, write the lower one")
    _add_output(sign)

    verify = _command(commands, "verify", _verify, "verify a file's signature: exit 0 valid, 1 invalid, 2 unreadable")
    _add_curve(verify)
    _add_public_key(verify)
    verify.add_argument("--signature", required=True, metavar="S", help="file of the signature")
    _add_message(verify)
    _add_signature_form(verify)
    _add_json(verify)

    _add_auth(commands)
    _add_bench(commands)
    return parser


def _add_auth(commands: argparse._SubParsersAction[_Parser]) -> None:
    text = "the login message of the CoinFLEX and Coinfloor exchanges (both have closed)"
    parts = commands.add_parser("auth", help=text, description=text).add_subparsers(metavar="PART", required=True)

    key = _command(parts, "key", _auth_key, "write the private key of a user id and passphrase")
    _add_user_id(key)
    _add_passphrase(key)
    _add_private_output(key)

    build = _command(parts, "build", _auth_build, "answer the server's Welcome")
    _add_user_id(build)
    source = build.add_mutually_exclusive_group()
    _add_passphrase(source)
    source.add_argument("--key", metavar="K", help="file of the private key, in place of the passphrase")
    _add_key_format(build)
    build.add_argument("--cookie", required=True, metavar="BASE64", help="the user's cookie, 20 octets")
    build.add_argument("--server-nonce", required=True, metavar="BASE64", help="nonce of the Welcome, 16 octets")
    build.add_argument("--client-nonce", metavar="BASE64", help="16 octets (default: from the system's generator)")
    build.add_argument("--tag", type=_integer, metavar="N", help="number that the server echoes")
    build.set_defaults(curve="secp224k1")
    _add_output(build)

    verify = _command(parts, "verify", _auth_verify, "verify a login message: exit 0 valid, 1 invalid, 2 unreadable")
    _add_public_key(verify)
    verify.add_argument("--server-nonce", required=True, metavar="BASE64", help="nonce of that connection's Welcome")
    verify.add_argument("file", metavar="FILE", help="the message, JSON")
    verify.set_defaults(curve="secp224k1")
    _add_json(verify)


def _add_bench(commands: argparse._SubParsersAction[_Parser]) -> None:
    bench = _command(commands, "bench", _bench, "time every operation here, with Python's integers and with gmpy2")
    text = "time fastecdsa, OpenSSL, python-ecdsa, btclib-ecc and coincurve too, as far as they are installed"
    bench.add_argument("--peers", action="store_true", help=text + ": exit 1 if one gives a wrong answer")
    bench.add_argument("--rounds", type=_positive, default=11, metavar="N", help="take medians of N (default: 11)")
    bench.add_argument("--json", action="store_true", help="print the times as JSON")


def _command(
    commands: argparse._SubParsersAction[_Parser], name: str, run: Callable[[Namespace], int], text: str
) -> ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.set_defaults(run=run)
    return parser


def _add_curve(parser: ArgumentParser) -> None:
    parser.add_argument("--curve", choices=list(_CURVES), default="secp224k1", help="(default: secp224k1)")


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


def _add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help='print {"valid": true} or {"valid": false}')


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


def _positive(text: str) -> int:
    number = _integer(text)
    if number == 0:
        raise argparse.ArgumentTypeError("a number above 0 was expected")
    return number
