"""`ecpure convert`: signatures between formats and encodings, keys between containers."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest
from commandline import FILES, FORMATS, KEY, KOBLITZ, PUBLIC, SIGNATURE, Run, assert_done, assert_refused, assert_usage
from outputs import mode, umask

from ecpure import SECP256K1, Signature
from ecpure.formats.texts import TEXTS

LOW = SIGNATURE.low_s()
ENCODINGS = ["binary", *TEXTS]


def written(octets: bytes, encoding: str) -> bytes:
    """Return the octets as a file has them."""
    return octets if encoding == "binary" else TEXTS[encoding].encode(octets).encode() + b"\n"


@pytest.mark.parametrize("from_encoding", ENCODINGS)
@pytest.mark.parametrize("to_encoding", ENCODINGS)
@pytest.mark.parametrize("from_format", FORMATS)
@pytest.mark.parametrize("to_format", FORMATS)
def test_signatures_between_all_forms(
    run: Run, folder: Path, from_format: str, to_format: str, from_encoding: str, to_encoding: str
) -> None:
    """What is written is what `sign` writes in that form, to a file or standard output."""
    octets = written(FORMATS[from_format](LOW), from_encoding)
    (folder / "s").write_bytes(octets)
    line = (
        f"convert signature s --from-format {from_format} --from-encoding {from_encoding} "
        f"--to-format {to_format} --to-encoding {to_encoding}"
    )
    expected = written(FORMATS[to_format](LOW), to_encoding)
    assert assert_done(run(line)) == assert_done(run(line.replace(" s ", " - "), stdin=octets)) == expected
    assert assert_done(run(f"{line} -o new")) == b""
    assert (folder / "new").read_bytes() == expected


def test_a_signature_is_der_unless_said_otherwise(run: Run) -> None:
    """And stays in its format where only the encoding is changed."""
    assert assert_done(run("convert signature m.sig --to-encoding base64")) == b64encode(SIGNATURE.to_der()) + b"\n"
    p1363 = SIGNATURE.to_p1363()
    line = "convert signature - --from-format p1363 --to-encoding hex"
    assert assert_done(run(line, stdin=p1363)) == p1363.hex().encode() + b"\n"


def test_what_does_not_fit_is_refused(run: Run) -> None:
    """28 octets hold no s of 2²²⁴ or above: the signature is not exchanged for another."""
    line = "convert signature - --to-format compact"
    assert_refused(run(line, stdin=Signature(LOW.r, KEY.curve.n - 1).to_der()), "at most 28 octets were expected")


def test_signatures_of_the_other_curve(run: Run) -> None:
    """r and s of its length."""
    octets = KOBLITZ.sign(b"m").to_p1363(curve=SECP256K1)
    line = "convert signature - --curve secp256k1 --from-format p1363 --to-format der"
    assert assert_done(run(line, stdin=octets)) == KOBLITZ.sign(b"m").to_der()


def test_what_is_no_signature_is_refused(run: Run) -> None:
    """By a sentence with the options of this command that take it, if there are any; r and s are in range."""
    words = "^ecpure: standard input: signature: .*; it looks like p1363 in hex: use "
    refused = run("convert signature -", stdin=SIGNATURE.to_p1363().hex().encode())
    assert_refused(refused, words + "--from-format p1363 --from-encoding hex\n$")
    assert_refused(run("convert signature m"), "^ecpure: m: signature: ")
    assert_refused(run("convert signature -", stdin=Signature(KEY.curve.n, 1).to_der()), r"r and s in \[1, n − 1\]")
    spare = b64encode(LOW.to_compact()).replace(b"=", b"")[:-1] + b"_="
    assert_refused(run("convert signature - --from-format compact --from-encoding base64", stdin=spare), "base64 was")


PUBLIC_FORMS = {"pem": "public.pem", "der": "public.der", "raw": "public.raw", "uncompressed": "public57.raw"}


@pytest.mark.parametrize("to_format", PUBLIC_FORMS)
@pytest.mark.parametrize("from_format", PUBLIC_FORMS)
def test_public_keys_between_all_forms(run: Run, from_format: str, to_format: str) -> None:
    """SPKI in PEM and DER, and the point's octets; these in text as well."""
    read_as = from_format.replace("uncompressed", "raw")
    line = f"convert public-key --from-format {read_as} --to-format {to_format}"
    expected = FILES[PUBLIC_FORMS[to_format]]
    assert assert_done(run(f"{line} {PUBLIC_FORMS[from_format]}")) == expected
    for encoding in TEXTS if "pem" not in (from_format, to_format) else ():
        text = written(FILES[PUBLIC_FORMS[from_format]], encoding)
        made = assert_done(run(f"{line} --from-encoding {encoding} --to-encoding {encoding} -", stdin=text))
        assert made == written(expected, encoding)


def test_a_point_in_hex_and_pem(run: Run) -> None:
    """PEM is what is read and written unless said otherwise."""
    point = PUBLIC.to_bytes().hex()
    assert assert_done(run("convert public-key public.pem --to-format raw --to-encoding hex")) == f"{point}\n".encode()
    line = "convert public-key - --from-format raw --from-encoding hex"
    assert assert_done(run(line, stdin=f"0x{point}".encode())) == FILES["public.pem"]
    assert assert_done(run(line, stdin=point.encode("utf-16"))) == FILES["public.pem"]
    assert_refused(run(line, stdin=b"no point"), "^ecpure: standard input: public key: hex was expected")


def test_a_hybrid_point_becomes_one_that_every_command_reads(run: Run, folder: Path) -> None:
    """By the command that its refusal names, whether it is octets or text; no form of it is written."""
    octets = bytes([6 + PUBLIC.y % 2]) + PUBLIC.to_bytes(compressed=False)[1:]
    for number, content in enumerate((octets, octets.hex().encode(), b64encode(octets))):
        (folder / "h").write_bytes(content)
        refused = run("verify --public-key h --signature m.sig m")
        assert_refused(refused, "^ecpure: h: public key: a point in hybrid form .*; uncompressed: ecpure convert ")
        line = refused.err.rpartition(": ecpure ")[2]
        assert assert_done(run(line.replace("KEY", "h").replace("NEW", f"new{number}"))) == b""
        assert assert_done(run(f"verify --public-key new{number} --signature m.sig m")) == b"valid\n"
    line = "convert public-key - --from-format hybrid --from-encoding hex --to-format uncompressed"
    assert assert_done(run(line, stdin=octets.hex(":").encode())) == FILES["public57.raw"]
    assert_usage(run("convert public-key h --to-format hybrid"), "--to-format: invalid choice")


PRIVATE_FORMS = {"pem": "key.pem", "der": "key.der", "raw": "key.raw", "sec1": "sec1.pem", "sec1-der": "sec1.der"}


@pytest.mark.parametrize("to_format", PRIVATE_FORMS)
@pytest.mark.parametrize("name", PRIVATE_FORMS.values())
def test_private_keys_go_into_a_new_file(run: Run, folder: Path, name: str, to_format: str) -> None:
    """PKCS#8 and SEC 1, in PEM and DER, and the number's octets; only the owner can read the file."""
    read_as = name.partition(".")[2]
    with umask(0):
        line = f"convert private-key {name} --from-format {read_as} --to-format {to_format} -o new"
        assert assert_done(run(line)) == b""
    assert (folder / "new").read_bytes() == FILES[PRIVATE_FORMS[to_format]]
    assert mode("new") == 0o600
    assert_refused(run(line), "^ecpure: -o: refusing to overwrite new, which contains, or may contain, a private key")
    assert (folder / "new").read_bytes() == FILES[PRIVATE_FORMS[to_format]]


@pytest.mark.parametrize(
    "kept",
    [
        json.dumps({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA", "d": "AA"}),
        f"Private-Key: (225 bit)\npriv:\n    {KEY.to_bytes().hex(':')}\nASN1 OID: secp224k1\n",
    ],
    ids=["JWK", "printed by OpenSSL"],
)
def test_private_keys_of_any_kind_are_kept(run: Run, folder: Path, kept: str) -> None:
    """Also in forms that are only recognised."""
    (folder / "kept").write_text(kept)
    refusal = "^ecpure: -o: refusing to overwrite kept, which contains, or may contain, a private key"
    assert_refused(run("pubkey --key key.pem -o kept"), refusal)
    assert (folder / "kept").read_text() == kept


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("private-key key.pem", "-o: name a new file for the private key; only its owner will be able to read it"),
        ("private-key key.pem -o -", "-o: name a new file"),
        ("private-key key.pem -o key.pem", "-o: refusing to overwrite key.pem"),
        ("private-key public.pem -o new", "public.pem: private key: this is a public key"),
        (
            "private-key k1.pem -o new",
            "k1.pem: key: this is a key on secp256k1, not on secp224k1: use --curve secp256k1",
        ),
        ("private-key key.pem --to-encoding hex -o new", "--from-encoding, --to-encoding: a private key is read and"),
        ("private-key key.pem --from-encoding hex -o new", "--from-encoding, --to-encoding: a private key is read and"),
        (
            "private-key key.pem --to-format uncompressed -o new",
            "--to-format: one of pem, der, raw, sec1, sec1-der was expected",
        ),
        (
            "private-key key.pem --from-format p1363 -o new",
            "--from-format: one of auto, pem, der, raw was expected for a private-key",
        ),
        ("public-key key.pem", "key.pem: public key: this is a private key; make its public key with"),
        ("public-key key.der --from-format der", "key.der: public key: this is a private key"),
        ("public-key key.raw --from-format raw", "key.raw: point: "),
        ("public-key public57.raw --from-format hybrid", "public57.raw: public key: it looks like a public key in an"),
        ("public-key m.sig --from-format hybrid", "m.sig: public key: this is a signature: name the file of"),
        (
            "private-key key.pem --from-format hybrid -o new",
            "--from-format: one of auto, pem, der, raw was expected for a",
        ),
        ("public-key public.pem --to-format sec1", "--to-format: one of pem, der, raw, uncompressed was expected"),
        ("public-key public.pem --to-encoding hex", "--to-encoding: PEM is already text: use it only with --to-format"),
        (
            "public-key public.pem --from-encoding hex",
            "--from-encoding: PEM is already text: use it only with --from-format",
        ),
        ("signature m.sig --to-format pem", "--to-format: one of der, p1363, compact was expected for a signature"),
        ("signature m.sig --from-format raw", "--from-format: one of der, p1363, compact was expected for a signature"),
    ],
)
def test_what_cannot_be_converted(run: Run, folder: Path, line: str, words: str) -> None:
    """One sentence says why, and nothing is written; a public key is never made of a private one."""
    assert_refused(run(f"convert {line}"), f"^ecpure: {words}")
    assert not (folder / "new").exists()


def test_an_unknown_kind_or_format_is_a_matter_of_usage(run: Run) -> None:
    """argparse names the choices."""
    assert_usage(run("convert certificate m.sig"), "invalid choice")
    assert_usage(run("convert signature m.sig --to-format asn1"), "--to-format: invalid choice")
    assert_usage(run("convert signature"), "FILE")
