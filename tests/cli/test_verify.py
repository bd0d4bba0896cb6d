"""`ecpure verify`: the forms of a public key, and which files it has to be given."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from commandline import KEY, MESSAGE, Run, assert_done, assert_refused, verifies
from tickets import body, ticket

from ecpure.formats.profiles import PROFILES


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
