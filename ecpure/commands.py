"""The commands of keys, signatures, login messages, completion: each takes its arguments, returns its exit status."""

from __future__ import annotations

import json
import os
from binascii import a2b_hex, b2a_base64

from . import auth, files, strictbase64, strictjson
from .curves import NAMES, named
from .errors import InvalidEncoding, InvalidKey
from .hashes import digest_octets
from .privatekeys import PrivateKey
from .profiles import PROFILES
from .publickeys import PublicKey
from .signature import Signature
from .streams import INVALID, VALID, Refused, write_standard_output

TYPE_CHECKING = False  # typing itself is slow to import, and needed by type checkers alone
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from typing import TypeVar

    from .curve import Curve
    from .profiles import Fields

    Key = TypeVar("Key", PrivateKey, PublicKey)


# Keys, digests and signatures, as the arguments say


def _curve(arguments: Namespace) -> Curve:
    return named(getattr(arguments, "curve", NAMES[0]))  # not all commands have the option


def _private_key(arguments: Namespace) -> PrivateKey:
    read = {"pem": PrivateKey.from_pem, "der": PrivateKey.from_der, "raw": PrivateKey.from_bytes}[arguments.key_format]
    return _read_key(read, arguments.key, arguments)


def _public_key(arguments: Namespace) -> PublicKey:
    read = {"pem": PublicKey.from_pem, "der": PublicKey.from_der, "raw": PublicKey.from_bytes}[arguments.key_format]
    return _read_key(read, arguments.public_key, arguments)


def _read_key(read: Callable[..., Key], path: str, arguments: Namespace) -> Key:
    """Return the key. Raises as `read` does, and says the option that a key on another curve takes."""
    try:
        return read(files.read(path), curve=_curve(arguments))
    except InvalidKey as error:
        reason = str(error)
        options = [f"--curve {name}" for name in NAMES if "curve" in arguments and f" on {name}, not on " in reason]
        if not options:
            raise
    raise InvalidKey(f"{reason}: {options[0]} takes it")


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
        decoded = a2b_hex(text) if encoding == "hex" else strictbase64.decode(text)
    except ValueError:
        decoded = b""
    if not decoded:
        raise InvalidEncoding(f"signature: {encoding} was expected")
    return decoded


def _say(valid: bool, arguments: Namespace, fields: Fields | None = None) -> int:
    """Write the verdict, then what was signed where that is known, each value as JSON has it."""
    if arguments.json:
        text = json.dumps({"valid": valid} if fields is None else {"valid": valid, "fields": fields})
    else:
        rows = [f"  {name}: {json.dumps(value)}" for name, value in (fields or {}).items()]
        text = "\n".join(["valid" if valid else "invalid", *rows])
    write_standard_output(text.encode("ascii") + b"\n")
    return VALID if valid else INVALID


# The commands


def keygen(arguments: Namespace) -> int:
    """Write a new private key."""
    _write_private_key(PrivateKey.generate(curve=_curve(arguments)), arguments)
    return VALID


def pubkey(arguments: Namespace) -> int:
    """Write the public key of a private key."""
    key = _private_key(arguments).public_key
    files.write(arguments.output, key.to_bytes() if arguments.to == "raw" else key.to_pem().encode("ascii"))
    return VALID


def sign(arguments: Namespace) -> int:
    """Write the signature of a file."""
    key = _private_key(arguments)
    name, digest = _hash_and_digest(arguments)
    signature = key.sign_digest(
        digest,
        hash=name,
        low_s=arguments.low_s,
        extra_entropy=os.urandom(key.curve.scalar_octets) if arguments.hedged else None,
        self_verify=arguments.self_verify,
    )
    files.write(arguments.output, _encode_signature(signature, arguments))
    return VALID


def verify(arguments: Namespace) -> int:
    """Say whether a file's signature holds."""
    if arguments.profile is not None:
        return _verify_profile(arguments)
    if arguments.signature is None:
        raise Refused("--signature: the file of the signature was expected")
    key = _public_key(arguments)
    signature = _decode_signature(files.read(arguments.signature), arguments)
    _, digest = _hash_and_digest(arguments)
    return _say(key.verify_digest(signature, digest), arguments)


# What a profile settles, with the value that each has where nobody gives it.
_SETTLED = {"curve": NAMES[0], "hash": None, "digest": False, "format": "der", "encoding": "binary"}


def _verify_profile(arguments: Namespace) -> int:
    """Say whether the signature of a file of a known kind holds, and then what it is that was signed."""
    profile = PROFILES[arguments.profile]
    for option, value in _SETTLED.items():
        if getattr(arguments, option) != value:
            raise Refused(f"--{option}: --profile {profile.name} settles that")
    beside = arguments.signature
    if profile.suffix is None and beside is not None:
        raise Refused(f"--signature: with --profile {profile.name} it is inside of FILE")
    if profile.suffix is not None and beside is None:
        if arguments.file == "-":
            raise Refused("--signature: the file of the signature was expected, since FILE is standard input")
        beside = arguments.file + profile.suffix
    key = _public_key(arguments)
    reading = profile.read(files.read(arguments.file), None if beside is None else files.read(beside))
    return _say(key.verify_digest(reading.signature, reading.digest()), arguments, reading.fields)


def auth_key(arguments: Namespace) -> int:
    """Write the private key of a user id and passphrase."""
    key = auth.derive_private_key(arguments.user_id, files.passphrase(arguments.passphrase_from))
    _write_private_key(key, arguments)
    return VALID


def login_key(arguments: Namespace) -> PrivateKey:
    """Return the private key of a login: that of --key, or of the user id and passphrase."""
    if arguments.key is None:
        return auth.derive_private_key(arguments.user_id, files.passphrase(arguments.passphrase_from))
    return _private_key(arguments)


def auth_build(arguments: Namespace) -> int:
    """Write the login message that answers a Welcome."""
    key = login_key(arguments)
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


def auth_verify(arguments: Namespace) -> int:
    """Say whether the signature of a login message holds."""
    key = _public_key(arguments)
    message = strictjson.decode_object(files.read_text(arguments.file), "message")
    return _say(auth.verify_authenticate(message, server_nonce=arguments.server_nonce, public_key=key), arguments)


def completion(arguments: Namespace) -> int:
    """Write the script with which a shell completes the words of the command."""
    name = {"bash": "ecpure.bash", "zsh": "_ecpure", "fish": "ecpure.fish"}[arguments.shell]
    write_standard_output(files.read(os.path.join(os.path.dirname(__file__), "completion", name)))
    return VALID
