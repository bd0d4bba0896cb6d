"""`ecpure pubkey`: the public key of a private key in any form."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import FILES, Run, assert_done, assert_refused


@pytest.mark.parametrize(
    "key",
    [
        "key.pem",
        "sec1.pem",
        "key.pem --key-format pem",
        "key.der --key-format der",
        "sec1.der --key-format der",
        "key.raw --key-format raw",
        "key28.raw --key-format raw",
        "key.pem --curve secp224k1",
        "key.der",
        "sec1.der",
    ],
)
def test_pubkey_reads_every_form_of_a_private_key(run: Run, key: str) -> None:
    """PEM, DER and octets, SEC 1 and PKCS#8, all give the same public key, as SPKI or as the compressed point."""
    assert assert_done(run(f"pubkey --key {key}")) == FILES["public.pem"]
    assert assert_done(run(f"pubkey {key}")) == FILES["public.pem"]
    assert assert_done(run("pubkey -", stdin=FILES["key.pem"])) == FILES["public.pem"]
    assert assert_done(run(f"pubkey --key {key} --to pem")) == FILES["public.pem"]
    assert assert_done(run(f"pubkey --key {key} --to raw")) == FILES["public.raw"]


def test_pubkey_on_the_other_curve(run: Run) -> None:
    """--curve secp256k1 reads a key of that curve."""
    assert assert_done(run("pubkey --curve secp256k1 --key k1.pem")) == FILES["k1.public.pem"]


@pytest.mark.parametrize("name", ["key.pem", "sec1.der", "key.raw", "key28.raw", "k1.pem"])
@pytest.mark.parametrize(
    "line",
    [
        "pubkey login.pem -o",
        "sign --key login.pem m -o",
        "verify-many m -o",
        "verify-many m --summary",
        "keygen -o",
    ],
)
def test_a_private_key_is_not_written_over(run: Run, folder: Path, name: str, line: str) -> None:
    """Whatever would be written over it, and whatever its form, it stays, and the refusal names it."""
    (folder / "b").write_bytes(FILES[name])
    option = line.rpartition(" ")[2]
    assert_refused(
        run(f"{line} b"), f"^ecpure: {option}: refusing to overwrite b, which contains, or may contain, a private key"
    )
    assert (folder / "b").read_bytes() == FILES[name]


@pytest.mark.parametrize("name", ["public.pem", "public.raw", "public57.raw", "m.sig", "m", "large", "empty"])
def test_all_else_is_written_over(run: Run, folder: Path, name: str) -> None:
    """A public key, a signature, a text: as any program does that is told to."""
    (folder / "b").write_bytes(FILES[name])
    assert assert_done(run("pubkey key.pem -o b")) == b""
    assert (folder / "b").read_bytes() == FILES["public.pem"]
