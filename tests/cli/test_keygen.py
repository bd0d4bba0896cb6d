"""`ecpure keygen`: a new private key in each form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import Run, assert_done

from ecpure import SECP224K1, SECP256K1, Curve, PrivateKey


@pytest.mark.parametrize("curve", [SECP224K1, SECP256K1], ids=lambda curve: curve.name)
@pytest.mark.parametrize(
    ("to", "read"),
    [("pkcs8", PrivateKey.from_pem), ("sec1", PrivateKey.from_pem), ("raw", PrivateKey.from_bytes)],
    ids=["pkcs8", "sec1", "raw"],
)
def test_keygen_writes_a_new_key_in_the_form_asked_for(
    run: Run, curve: Curve, to: str, read: Callable[..., PrivateKey]
) -> None:
    """Each run makes another key, of the curve and in the form that were named."""
    octets = [assert_done(run(f"keygen --curve {curve.name} --to {to}")) for _ in range(2)]
    keys = [read(each, curve=curve) for each in octets]
    assert keys[0] != keys[1]
    again = keys[0].to_bytes() if to == "raw" else keys[0].to_pem("sec1" if to == "sec1" else "pkcs8").encode()
    assert again == octets[0]


def test_keygen_without_options_is_pkcs8_on_secp224k1(run: Run) -> None:
    """The defaults are secp224k1 and PKCS#8."""
    out = assert_done(run("keygen"))
    assert out.startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert PrivateKey.from_pem(out).curve is SECP224K1


def test_keygen_into_a_file_says_nothing(run: Run, folder: Path) -> None:
    """With -o the key is in the file and nowhere else."""
    assert assert_done(run("keygen -o new.pem")) == b""
    PrivateKey.from_pem((folder / "new.pem").read_bytes())
