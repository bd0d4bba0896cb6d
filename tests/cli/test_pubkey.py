"""`ecpure pubkey`: the public key of a private key in any form."""

from __future__ import annotations

import pytest
from commandline import FILES, Run, assert_done


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
    ],
)
def test_pubkey_reads_every_form_of_a_private_key(run: Run, key: str) -> None:
    """PEM, DER and octets, SEC 1 and PKCS#8, all give the same public key, as SPKI or as the compressed point."""
    assert assert_done(run(f"pubkey --key {key}")) == FILES["public.pem"]
    assert assert_done(run(f"pubkey --key {key} --to pem")) == FILES["public.pem"]
    assert assert_done(run(f"pubkey --key {key} --to raw")) == FILES["public.raw"]


def test_pubkey_on_the_other_curve(run: Run) -> None:
    """--curve secp256k1 reads a key of that curve."""
    assert assert_done(run("pubkey --curve secp256k1 --key k1.pem")) == FILES["k1.public.pem"]
