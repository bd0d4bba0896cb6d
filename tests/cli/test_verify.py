"""`ecpure verify`: the forms of a public key, and which files it has to be given."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from commandline import KEY, MESSAGE, Run, assert_done, assert_refused, verifies
from tickets import body, ticket

from ecpure.formats.profiles import PROFILES
from ecpure.formats.texts import TEXTS


@pytest.mark.parametrize(
    "key",
    [
        "public.pem",
        "public.der --key-format der",
        "public.raw --key-format raw",
        "public57.raw --key-format raw",
        "public.pem --key-format pem",
    ],
)
def test_verify_reads_every_form_of_a_public_key(run: Run, key: str) -> None:
    """SPKI in PEM and DER, and the point's octets in both forms."""
    assert verifies(run, key=key) == (0, b"valid\n", "")


@pytest.mark.parametrize("encoding", TEXTS)
@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_signature_in_text_as_windows_writes_it(run: Run, folder: Path, encoding: str, codec: str) -> None:
    """A byte-order mark is no part of it; any other octet that is not ASCII is refused, and so is a second mark."""
    mark = "\ufeff" * (codec == "utf-16-be")
    text = mark + TEXTS[encoding].encode(KEY.sign(MESSAGE).to_der()) + "\r\n"
    line = f"verify --public-key public.pem --signature s m --encoding {encoding}"
    (folder / "s").write_bytes(text.encode(codec))
    assert run(line) == (0, b"valid\n", "")
    assert_refused(run(line.replace(f" --encoding {encoding}", "")), f"looks like der in {encoding}: use --encoding ")
    for other in (f"\ufeff{text}", f"{text}é"):
        (folder / "s").write_bytes(other.encode(codec))
        assert_refused(run(line), f"^ecpure: s: signature: {encoding} was expected; ")


def test_the_signatures_file_is_required_without_a_profile(run: Run) -> None:
    """Neither a usage message nor a verdict: one sentence says which file is missing."""
    assert_refused(run("verify --public-key public.pem m"), "^ecpure: --signature: name the signature file")


RECEIPT = b'{"outlet": 2, "meter_endreading": 86.6}'
RECEIPT_SIGNATURE = KEY.sign(RECEIPT, hash="sha256").to_der()


def test_a_profile_finds_the_signature_beside_the_file(run: Run, folder: Path) -> None:
    """With a profile the signature's file has the name of the file and its ending, or the name that was given."""
    (folder / "r").write_bytes(RECEIPT)
    suffix = PROFILES["chargepoint"].suffix
    for name in (f"r{suffix}", "elsewhere"):
        (folder / name).write_bytes(RECEIPT_SIGNATURE)
    line = "verify --profile chargepoint --public-key public.pem"
    expected = {"valid": True, "fields": {"outlet": 2, "meter_endreading": "86.6"}}
    for result in (run(f"{line} --json r"), run(f"{line} --json --signature elsewhere -", stdin=RECEIPT)):
        assert json.loads(assert_done(result)) == expected
    assert_refused(run(f"{line} -", stdin=RECEIPT), "^ecpure: --signature: .*, since FILE is standard input")


def test_a_profile_whose_files_hold_the_signature_takes_no_other(run: Run, folder: Path) -> None:
    """A ticket has its signature inside: an option for another is refused, and so is what the profile settles."""
    (folder / "t").write_bytes(ticket(body(), KEY.sign(body()).to_der()))
    line = "verify --profile rpcn --public-key public.pem"
    assert run(f"{line} t").out.startswith(b"valid\n")
    assert_refused(run(f"{line} --signature m.sig t"), "^ecpure: --signature: omit it; .* in FILE")
    for option in ("--curve secp256k1", "--digest", "--any-digest", "--format compact", "--encoding hex"):
        assert_refused(
            run(f"{line} {option} t"), f"^ecpure: {option.split()[0]}: omit it; --profile rpcn determines it"
        )


def test_a_digest_in_hex_gets_advice_where_any_length_is_taken(run: Run, folder: Path) -> None:
    """It is what it is, and may have been signed so; if it is invalid, the likely reason is said."""
    digest = sha256(MESSAGE).digest()
    (folder / "d").write_text(digest.hex())
    (folder / "s").write_bytes(KEY.sign_digest(digest, hash="sha256").to_der())
    line = "verify --any-digest --public-key public.pem --signature s d"
    result = run(line)
    assert (result.status, result.out) == (1, b"invalid\n")
    assert result.err == "ecpure: d: it looks like hex: decode it with `xxd -r -p FILE NEW`\n"
    (folder / "s").write_bytes(KEY.sign_digest(digest.hex().encode(), hash="sha256").to_der())
    assert assert_done(run(line)) == b"valid\n"
    (folder / "d").write_bytes(digest + b"0")
    assert run(line).err == ""
