"""Options that several commands share, and what their values mean."""

from __future__ import annotations

import contextlib
import os
from argparse import ArgumentParser, Namespace, _ActionsContainer
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from .. import auth
from ..curve import NAMES, SECP224K1, Curve, named
from ..errors import InvalidEncoding, InvalidKey
from ..formats.encodings import KEYS, SIGNATURES
from ..formats.profiles import PROFILES
from ..formats.texts import TEXTS
from ..hashes import FOR_VERIFYING, HASHES, WEAK, canonical_to_verify, digest_octets
from ..io import files
from ..io.streams import Refused, say
from ..privatekey import PrivateKey
from ..publickey import PublicKey
from ..signature import Signature
from .arguments import integer, reads, up_to, writes

if TYPE_CHECKING:
    from ..archives.records import Settings

Key = TypeVar("Key", PrivateKey, PublicKey)

# Curve, hash and message


def add_curve(parser: ArgumentParser) -> None:
    """Add --curve."""
    parser.add_argument("--curve", choices=NAMES, default=NAMES[0], help=f"curve (default: {NAMES[0]})")


def curve(arguments: Namespace) -> Curve:
    """Return the curve of --curve, or the default of a command without it."""
    return named(getattr(arguments, "curve", NAMES[0]))


_OLD = f"; for old signatures also {', '.join(FOR_VERIFYING)}"


def add_message(parser: ArgumentParser, *, to_verify: bool) -> None:
    """Add FILE, --hash and --digest."""
    names = ", ".join(HASHES) + _OLD * to_verify
    parser.add_argument("--hash", metavar="H", help=f"hash: {names} (default: the curve's own, sha224 or sha256)")
    parser.add_argument("--digest", action="store_true", help="FILE contains the digest, made with --hash")
    reads(parser.add_argument("file", metavar="FILE", help="message; - is standard input"))


def digest_of_file(arguments: Namespace, hash: str) -> bytes:
    """Return the digest of FILE or, with --digest, the digest in it."""
    if not arguments.digest:
        return files.digest(arguments.file, hash)
    digest, expected = files.read(arguments.file), digest_octets(hash)
    if len(digest) != expected:
        from .likeness import of_digest  # slow to import, and needed only for errors

        otherwise = "; --any-digest accepts a digest of any length" if "any_digest" in arguments else ""
        advice = (
            of_digest(digest, {expected})
            or f"name its hash with --hash, or omit --digest if FILE is the message{otherwise}"
        )
        name = files.shown_name(arguments.file)
        reason = f"--digest: {expected} bytes were expected for {hash}, not {len(digest)}"
        raise Refused(f"{name}: {reason}: {advice}")
    return digest


def warn_of_weak(hashes: Iterable[str]) -> None:
    """Warn of each weak hash, and say why its signatures prove less."""
    for name in sorted({*hashes} & {*WEAK}):
        say(f"ecpure: warning: {name} is for old signatures only: {WEAK[name]}")


# Keys


def add_private_key(parser: ArgumentParser) -> None:
    """Add --key and --key-format."""
    reads(parser.add_argument("--key", required=True, metavar="K", help="private key file"))
    add_key_format(parser)


def private_key(arguments: Namespace, path: str | None = None) -> PrivateKey:
    """Return the key of --key, or the key in the file at `path`. Raises `OSError`, `EcpureError`."""
    read = KEYS[arguments.key_format].private
    return read_key(read, arguments.key if path is None else path, arguments, "private")


def add_public_key(parser: ArgumentParser) -> None:
    """Add --public-key and --key-format."""
    text = "public key file, or a certificate or certificate request for the key (nothing in it is verified)"
    reads(parser.add_argument("--public-key", required=True, metavar="P", help=text))
    add_key_format(parser)


def add_public_key_or_keys(parser: ArgumentParser) -> None:
    """Add --public-key, --keys in place of it, and --key-format."""
    source = parser.add_mutually_exclusive_group(required=True)
    text = "public key file, or a certificate or certificate request for the key (nothing in it is verified)"
    reads(source.add_argument("--public-key", metavar="P", help=text))
    text = "folder of the public keys of charging stations, MAC_OUTLET.pem (with --profile chargepoint)"
    reads(source.add_argument("--keys", metavar="FOLDER", help=text), _key_files)
    add_key_format(parser)


def public_key(arguments: Namespace, by_itself: Callable[..., PublicKey] = KEYS["auto"].public) -> PublicKey:
    """Return the key of --public-key. by_itself: reader for --key-format auto. Raises `OSError`, `EcpureError`."""
    read = by_itself if arguments.key_format == "auto" else KEYS[arguments.key_format].public
    return read_key(read, arguments.public_key, arguments, "public")


def add_key_format(parser: ArgumentParser) -> None:
    """Add --key-format."""
    text = "format of the key file; auto recognises everything except a private key's raw bytes (default: auto)"
    parser.add_argument("--key-format", choices=KEYS, default="auto", help=text)


def read_key(
    read: Callable[..., Key], path: str, arguments: Namespace, wanted: str, option: str = "--key-format"
) -> Key:
    """Return the key. wanted: "public" or "private". option: the option for the key's format.

    Raises as `read` does, with the file's name, what the file is instead, and the next step.
    """
    octets = files.read(path)
    try:
        return read(octets, curve=curve(arguments))
    except (InvalidKey, InvalidEncoding) as error:
        reason, kind = str(error), type(error)
    name = files.shown_name(path)
    if words := _on_another_curve(reason, arguments):
        raise kind(f"{name}: {words}")
    from .likeness import bytes_for_openssl, explain, of_key  # slow to import, and needed only for errors

    as_raw = "raw" in (getattr(arguments, "key_format", None), getattr(arguments, "from_format", None))
    is_signature = _is_signature(octets, arguments) if "signature" in arguments else None
    if likeness := of_key(octets, path, wanted, option, curve(arguments), as_raw=as_raw, is_signature=is_signature):
        words = f"{wanted} key: {likeness}"
        raise kind(f"{name}: {_on_another_curve(words, arguments) or words}")
    if ": openssl " in reason:
        raise kind(f"{name}: {reason}{bytes_for_openssl(octets, path, reason)}")
    has_advice = kind is InvalidKey or ": ecpure " in reason
    raise kind(f"{name}: {reason}" if has_advice else f"{name}: {reason}; {explain(path)}")


def _on_another_curve(reason: str, arguments: Namespace) -> str:
    """Return the reason, with the option to use, if it is that the key is on another curve; else an empty text."""
    for other in NAMES:
        if f" on {other}, not" in reason:
            return reason + (f": use --curve {other}" if "curve" in arguments else "")
    return ""


def _is_signature(octets: bytes, arguments: Namespace) -> bool:
    """Whether the octets are a signature in the format and encoding of the arguments."""
    with contextlib.suppress(InvalidEncoding):
        _signature(octets, arguments.format, arguments.encoding, curve(arguments))
        return True
    return False


def add_private_output(parser: ArgumentParser) -> None:
    """Add --to and -o for a private key."""
    text = "format to write: PKCS#8 or SEC 1 in PEM, or the raw bytes (default: pkcs8)"
    parser.add_argument("--to", choices=["pkcs8", "sec1", "raw"], default="pkcs8", help=text)
    text = "new file, which only its owner can read (default: -, standard output)"
    writes(parser.add_argument("-o", "--output", default="-", metavar="FILE", help=text))


def write_private_key(key: PrivateKey, arguments: Namespace) -> None:
    """Write the key as the arguments say. Raises `OSError`, `EcpureError`."""
    octets = key.to_bytes() if arguments.to == "raw" else key.to_pem(arguments.to).encode("ascii")
    files.write_secret(arguments.output, octets)


# Signatures and other output


def add_signature_form(parser: ArgumentParser) -> None:
    """Add --format and --encoding."""
    text = "signature format: DER; r || s, each as long as n (29 + 29 bytes); or r || s in 28 + 28 bytes (default: der)"
    parser.add_argument("--format", choices=SIGNATURES, default="der", help=text)
    text = "encoding of the signature file (default: binary)"
    parser.add_argument("--encoding", choices=["binary", *TEXTS], default="binary", help=text)


BINARY = "binary"


def write_signature(path: str, signature: Signature, form: str, encoding: str, curve: Curve) -> None:
    """Write the signature, in text with a line end. Raises `OSError`, `EcpureError`."""
    try:
        octets = SIGNATURES[form].encode(signature, curve)
    except InvalidEncoding:
        if curve is SECP224K1:
            raise  # with low_s, it fits
        raise InvalidEncoding(f"signature: it does not fit into compact, on {curve.name}: use der or p1363") from None
    files.write(path, in_encoding(octets, encoding))


def in_encoding(octets: bytes, encoding: str) -> bytes:
    """Return the octets as they are written to a file: text with a line end."""
    return octets if encoding == BINARY else TEXTS[encoding].encode(octets).encode("ascii") + b"\n"


def out_of_encoding(octets: bytes, encoding: str, what: str) -> bytes:
    """Return the octets that a file contains; text may have a byte-order mark. Raises `InvalidEncoding`."""
    if encoding == BINARY:
        return octets
    if not octets.isascii():
        from ..explain.containers import in_utf8  # slow to import, and rarely needed

        octets = in_utf8(octets)
    try:
        found = TEXTS[encoding].decode(octets)
    except ValueError:
        found = b""
    if not found:
        raise InvalidEncoding(f"{what}: {encoding} was expected")
    return found


def read_signature(path: str, form: str, encoding: str, curve: Curve, prefix: str = "--") -> Signature:
    """Return the signature in a file. prefix: of the options for its format and encoding.

    Raises `OSError`; `InvalidEncoding`, also for r or s out of the curve's range, with the name of the file. If it is a
    signature in another format or encoding, the error names the options for it; it is never accepted without them.
    """
    octets = files.read(path)
    try:
        return _signature(octets, form, encoding, curve)
    except InvalidEncoding as error:
        reason = str(error).removeprefix("signature: ")
    from .likeness import explain, of_signature  # slow to import, and needed only for errors

    name = files.shown_name(path)
    if likeness := of_signature(octets, converted=prefix != "--"):
        raise InvalidEncoding(f"{name}: signature: {likeness}")
    looks = next(_fitting(octets, form, encoding, curve, prefix), explain(path))
    raise InvalidEncoding(f"{name}: signature: {reason}; {looks}")


def _signature(octets: bytes, form: str, encoding: str, curve: Curve) -> Signature:
    signature = SIGNATURES[form].decode(out_of_encoding(octets, encoding, "signature"), curve)
    signature.require_range(curve=curve)
    return signature


def _fitting(octets: bytes, form: str, encoding: str, curve: Curve, prefix: str) -> Iterator[str]:
    """Yield, for each format and encoding that fits, what the octets look like, and the options for it."""
    for other_encoding in (BINARY, *TEXTS):
        for other_form in SIGNATURES:
            with contextlib.suppress(InvalidEncoding):
                _signature(octets, other_form, other_encoding, curve)
                words = [f"{prefix}format {other_form}"] * (other_form != form)
                words += [f"{prefix}encoding {other_encoding}"] * (other_encoding != encoding)
                yield f"it looks like {other_form} in {other_encoding}: use {' '.join(words)}"


def add_output(parser: ArgumentParser, *, beside: tuple[str, ...] = ()) -> None:
    """Add -o. beside: suffixes of further files that are written."""
    action = parser.add_argument(
        "-o", "--output", default="-", metavar="FILE", help="output file (default: -, standard output)"
    )
    writes(action, beside=beside)


# The exchange's login


def add_user_id(parser: ArgumentParser) -> None:
    """Add --user-id."""
    parser.add_argument("--user-id", required=True, type=integer, metavar="N", help="user id, 0 to 2^64 - 1")


def add_passphrase(parser: _ActionsContainer) -> None:
    """Add --passphrase-from."""
    text = "where the passphrase is: env:NAME, file:PATH or stdin (default: ask on the terminal)"
    reads(parser.add_argument("--passphrase-from", metavar="SOURCE", help=text), _passphrase_file)


def passphrase(arguments: Namespace) -> str:
    """Return the passphrase of --passphrase-from, and warn of what is hardly meant. Raises as `files.passphrase`."""
    found = files.passphrase(arguments.passphrase_from)
    if not found:
        say("ecpure: warning: the passphrase is empty")
    elif found.startswith("\ufeff"):
        say("ecpure: warning: the passphrase begins with a byte-order mark, which counts: save the file without it")
    elif found != found.strip():
        say("ecpure: warning: the passphrase begins or ends with a space or a line end, which counts")
    return found


def _passphrase_file(source: str) -> list[str]:
    kind, _, path = source.partition(":")
    return ["-"] if source == "stdin" else [path] if kind == "file" and path else []


def add_credentials(parser: ArgumentParser) -> None:
    """Add the options of a login message: user id, passphrase or key, cookie, tag."""
    add_user_id(parser)
    source = parser.add_mutually_exclusive_group()
    add_passphrase(source)
    reads(source.add_argument("--key", metavar="K", help="private key file, instead of the passphrase"))
    add_key_format(parser)
    parser.add_argument("--cookie", required=True, metavar="BASE64", help="the user's cookie, 20 bytes")
    parser.add_argument("--tag", type=integer, metavar="N", help="number for the server to echo, 0 to 2^63 - 1")


def add_own_key(parser: ArgumentParser) -> None:
    """Add --private-key, --key-format, --passphrase-from and --user-id, for the user's own private key."""
    source = parser.add_mutually_exclusive_group()
    text = "your private key file: report on the nonces of its signatures (neither key nor nonces are shown)"
    reads(source.add_argument("--private-key", metavar="FILE", help=text))
    add_passphrase(source)
    add_key_format(parser)
    text = "user id, 0 to 2^64 - 1: do the same for the login key of this user id and a passphrase"
    parser.add_argument("--user-id", type=integer, metavar="N", help=text)


def own_key(arguments: Namespace) -> PrivateKey | None:
    """Return the key of --private-key, or of --user-id and a passphrase, or None. Raises `OSError`, `EcpureError`."""
    user_id, path = arguments.user_id, arguments.private_key
    if user_id is None and arguments.passphrase_from is not None:
        raise Refused("--passphrase-from needs --user-id")
    if path is not None:
        if user_id is not None:
            raise Refused("--user-id: cannot be combined with --private-key")
        return read_key(KEYS[arguments.key_format].private, path, arguments, "private")
    if user_id is None:
        return None
    if curve(arguments) != SECP224K1:
        raise Refused("--user-id: login keys are on secp224k1: for another curve, use --private-key")
    return auth.derive_private_key(user_id, passphrase(arguments))


def login_key(arguments: Namespace) -> PrivateKey:
    """Return the private key of a login: that of --key, or of the user id and passphrase."""
    if arguments.key is None:
        return auth.derive_private_key(arguments.user_id, passphrase(arguments))
    return private_key(arguments)


# Archives


def add_records(parser: ArgumentParser) -> None:
    """Add RECORDS, and the options that apply to records that do not say otherwise."""
    text = "files of records in JSON Lines or CSV, also compressed (.gz, .bz2, .xz or .zst); - is standard input"
    reads(parser.add_argument("records", nargs="+", metavar="RECORDS", help=text), lambda paths: paths)
    text = "format of the files (default: CSV if the name says .csv, otherwise JSON Lines)"
    parser.add_argument("--read-as", choices=["jsonl", "csv"], help=text)
    text = "public keys by id: a folder of files ID.pem, or records with id and public_key"
    reads(parser.add_argument("--keys", metavar="KEYS", help=text), _key_files)
    text = "with --keys, also trust the public keys inside records"
    parser.add_argument("--trust-record-keys", action="store_true", help=text)
    add_curve(parser)
    text = f"hash for records that name none: {', '.join(HASHES)}{_OLD} (default: the curve's own, sha224 or sha256)"
    parser.add_argument("--hash", metavar="H", help=text)
    text = "signature format for records that name none (default: der)"
    parser.add_argument("--format", choices=SIGNATURES, default="der", help=text)
    text = "encoding of message, digest and signature for records that name none (default: hex)"
    parser.add_argument("--encoding", choices=TEXTS, default="hex", help=text)
    text = f"profile for records that name none: {', '.join(PROFILES)}"
    parser.add_argument("--profile", choices=PROFILES, help=text)
    text = "ignore this field; may be repeated"
    parser.add_argument("--ignore", action="append", default=[], metavar="FIELD", help=text)


def _key_files(path: str) -> list[str]:
    return files.inside(path) if os.path.isdir(path) else [path]


def settings(arguments: Namespace) -> Settings:
    """Return the settings for records that do not say otherwise. Raises `OSError`, `UnknownHash`, `Refused`."""
    from ..archives import keyring  # slow to import, like the following
    from ..archives.records import Settings

    return Settings(
        keys={} if arguments.keys is None else keyring.read(arguments.keys, arguments.curve),
        curve=arguments.curve,
        hash=None if arguments.hash is None else canonical_to_verify(arguments.hash),
        format=arguments.format,
        encoding=arguments.encoding,
        profile=arguments.profile,
        ignored=frozenset(arguments.ignore),
        trust_record_keys=arguments.trust_record_keys,
    )


def add_jobs(parser: ArgumentParser) -> None:
    """Add --jobs."""
    text = "number of processes (default: one for each core)"
    parser.add_argument("--jobs", type=up_to(1000), metavar="N", help=text)
