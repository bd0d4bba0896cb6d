"""`ecpure convert`: write a signature or a key in another format."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Collection

from ..curve import Curve
from ..formats.encodings import KEYS, SIGNATURES
from ..formats.keys import hybrid_point
from ..formats.texts import TEXTS
from ..io import files
from ..io.streams import Refused
from ..privatekey import PrivateKey
from ..publickey import PublicKey
from .arguments import REFUSED_STATUS, reads, writes
from .options import (
    BINARY,
    add_curve,
    curve,
    in_encoding,
    out_of_encoding,
    read_key,
    read_signature,
    write_signature,
)
from .verdict import VALID

_PUBLIC: dict[str, Callable[[PublicKey], bytes]] = {
    "pem": lambda key: key.to_pem().encode("ascii"),
    "der": lambda key: key.to_der(),
    "raw": lambda key: key.to_bytes(),
    "uncompressed": lambda key: key.to_bytes(compressed=False),
}
_PRIVATE: dict[str, Callable[[PrivateKey], bytes]] = {
    "pem": lambda key: key.to_pem().encode("ascii"),
    "der": lambda key: key.to_der(),
    "raw": lambda key: key.to_bytes(),
    "sec1": lambda key: key.to_pem("sec1").encode("ascii"),
    "sec1-der": lambda key: key.to_der("sec1"),
}
_PUBLIC_READERS: dict[str, Callable[..., PublicKey]] = {
    **{name: form.public for name, form in KEYS.items()},
    "hybrid": hybrid_point,  # accepted by no other command, and never by auto
}
_READ: dict[str, Collection[str]] = {"signature": SIGNATURES, "public-key": _PUBLIC_READERS, "private-key": KEYS}
_WRITTEN: dict[str, Collection[str]] = {"signature": SIGNATURES, "public-key": _PUBLIC, "private-key": _PRIVATE}


EXAMPLES = [
    "ecpure convert signature order.sig --to-encoding hex",
    "ecpure convert public-key public.pem --to-format der -o public.der",
    "ecpure convert private-key own.pem --to-format sec1 -o own.sec1.pem",
]
STATUSES = {
    0: "the signature or key was written",
    2: REFUSED_STATUS,
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    text = f"kind of FILE: {', '.join(_READ)}; to get a public key from a private key, use pubkey"
    parser.add_argument("kind", metavar="KIND", choices=[*_READ], help=text)
    reads(parser.add_argument("file", metavar="FILE", help="file to convert; - is standard input"))
    add_curve(parser)
    text = (
        "format of FILE: for a signature der, p1363 or compact (default: der); for a key auto, pem, der or raw "
        "(default: auto); for a public key also hybrid, a point that begins with 06 or 07, which only convert accepts"
    )
    choices = sorted({*SIGNATURES, *_PUBLIC_READERS})
    parser.add_argument("--from-format", choices=choices, metavar="F", help=text)
    text = (
        "format to write: for a signature der, p1363 or compact (default: that of FILE); for a public key pem, der, or "
        "the point's bytes, raw (compressed) or uncompressed; for a private key pem or der (PKCS#8), sec1 or sec1-der, "
        "or raw (default: pem)"
    )
    parser.add_argument("--to-format", choices=sorted({*SIGNATURES, *_PUBLIC, *_PRIVATE}), metavar="F", help=text)
    encodings = [BINARY, *TEXTS]
    text = "encoding of FILE, for a signature or public key: binary, hex or base64 (default: binary)"
    parser.add_argument("--from-encoding", choices=encodings, default=BINARY, metavar="E", help=text)
    text = "encoding to write, for a signature or public key: binary, hex or base64 (default: binary)"
    parser.add_argument("--to-encoding", choices=encodings, default=BINARY, metavar="E", help=text)
    text = "output file (default: -, standard output); for a private key, a new file that only its owner can read"
    writes(parser.add_argument("-o", "--output", default="-", metavar="FILE", help=text))


def run(arguments: Namespace) -> int:
    """Write the signature or key."""
    kind = arguments.kind
    _require(arguments, "from_format", _READ[kind])
    _require(arguments, "to_format", _WRITTEN[kind])
    {"signature": _signature, "public-key": _public_key, "private-key": _private_key}[kind](arguments)
    return VALID


def _require(arguments: Namespace, option: str, forms: Collection[str]) -> None:
    """Raise `Refused` for a format that is not one of `forms`, those for this kind."""
    form = getattr(arguments, option)
    if form is not None and form not in forms:
        raise Refused(f"--{option.replace('_', '-')}: one of {', '.join(forms)} was expected for a {arguments.kind}")


def _signature(arguments: Namespace) -> None:
    form, on = arguments.from_format or "der", curve(arguments)
    signature = read_signature(arguments.file, form, arguments.from_encoding, on, "--from-")
    write_signature(arguments.output, signature, arguments.to_format or form, arguments.to_encoding, on)


def _public_key(arguments: Namespace) -> None:
    read_as, written_as = arguments.from_format or "auto", arguments.to_format or "pem"
    for way, form in (("from", read_as), ("to", written_as)):
        if form in ("auto", "pem") and getattr(arguments, f"{way}_encoding") != BINARY:
            raise Refused(f"--{way}-encoding: PEM is already text: use it only with --{way}-format raw or der")

    def read(octets: bytes, *, curve: Curve) -> PublicKey:
        found = out_of_encoding(octets, arguments.from_encoding, "public key")
        return _PUBLIC_READERS[read_as](found, curve=curve)

    option = "--from-format" if arguments.from_encoding == BINARY else "--from-encoding binary --from-format"
    octets = _PUBLIC[written_as](read_key(read, arguments.file, arguments, "public", option))
    files.write(arguments.output, in_encoding(octets, arguments.to_encoding))


def _private_key(arguments: Namespace) -> None:
    """Write the private key, as text only in PEM: a conversion to other text may keep copies of it."""
    if (arguments.from_encoding, arguments.to_encoding) != (BINARY, BINARY):
        raise Refused(
            "--from-encoding, --to-encoding: a private key is read and written only in binary or as PEM: omit them"
        )
    if arguments.output == "-":
        raise Refused("-o: name a new file for the private key; only its owner will be able to read it")
    key = read_key(KEYS[arguments.from_format or "auto"].private, arguments.file, arguments, "private", "--from-format")
    files.write_secret(arguments.output, _PRIVATE[arguments.to_format or "pem"](key))
