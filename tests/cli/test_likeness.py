"""What a refused file is said to be in place of what was expected, and what to do about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commandline import FILES, Run
from hypothesis import given, settings
from hypothesis import strategies as st

from ecpure import SECP224K1
from ecpure.cli.likeness import kind, of_digest, of_key, of_signature

VERIFY = "verify --public-key public.pem"
SAID = [
    ("sign --key key.raw m", "key.raw: private key: it has 29 bytes, as a raw private key: use --key-format raw if"),
    (
        "convert private-key key.raw -o new",
        "key.raw: private key: it has 29 bytes, .*: use --from-format raw if it is",
    ),
    (
        "sign --key key.hex m",
        "key.hex: private key: it may be a private key in hex or base64: decode it with `xxd -r -p` or",
    ),
    (
        "pubkey key.pem --key-format der",
        "key.pem: private key: it looks like a private key in another format: use --key-f",
    ),
    (
        "verify --public-key k1.point --signature m.sig m",
        "k1.point: public key: it is on secp256k1, not on secp224k1: use --curve secp256k1$",
    ),
    ("pubkey k1.pem --key-format der", "k1.pem: private key: .*on secp256k1, not on secp224k1: use --curve secp256k1$"),
    (
        "auth verify --public-key k1.point --server-nonce azRzAi5rm1ry/l0drnz1vw== m",
        "k1.point: public key: it is on secp256k1, not on secp224k1$",
    ),
    ("sign --key m.sig m", "m.sig: private key: this is a signature: name the file of the private key"),
    (
        f"{VERIFY} --signature public.pem m",
        "public.pem: signature: this is a public key: perhaps --public-key and --sig",
    ),
    (
        "verify --public-key m.sig --signature public.pem m",
        "m.sig: public key: this is a signature: perhaps --public-k",
    ),
    (
        "verify --format p1363 --public-key p1363 --signature public.pem m",
        "p1363: public key: this is a signature: perhaps",
    ),
    (f"{VERIFY} --signature key.pem m", "key.pem: signature: this is a private key: name the file of the signature"),
    ("convert signature public.pem", "public.pem: signature: this is a public key: use `ecpure convert public-key`"),
    (
        "convert public-key public.der --from-format raw --from-encoding hex",
        "use --from-encoding binary --from-format der",
    ),
    ("convert public-key m.sig", "m.sig: public key: this is a signature: name the file of the public key"),
    (
        "verify --public-key key.pem --signature m.sig m",
        "key.pem: .*make its public key with `ecpure pubkey key.pem -o NEW`",
    ),
    (
        "verify --public-key - --signature m.sig m",
        "standard input: .*make its public key with `ecpure pubkey FILE -o NEW`",
    ),
    (
        "sign --key key.pem --digest digest.hex",
        "digest.hex: --digest: .*: it looks like hex: decode it with `xxd -r -p FILE NEW`",
    ),
    ("sign --key binary m", "binary: private key: PEM or DER was expected; `ecpure explain binary` says what it is"),
    (f"{VERIFY} --signature - m", "standard input: .*use --|standard input: signature: this is a private key"),
]


@pytest.mark.parametrize(("line", "said"), SAID)
def test_what_it_is_in_its_place_is_said(
    run: Run, shelf: Path, monkeypatch: pytest.MonkeyPatch, line: str, said: str
) -> None:
    """A key of the other kind, another form or another encoding, and a signature for a key, each with its way out."""
    monkeypatch.chdir(shelf)
    result = run(line, stdin=FILES["key.pem"])
    assert (result.status, result.out) == (2, b"")
    assert re.search(said, result.err), result.err


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("key.pem", "private key"),
        ("k1.pem", "private key"),
        ("public.raw", "public key"),
        ("k1.public.pem", "public key"),
        ("m.sig", "signature"),
        ("key.raw", None),
        ("empty", None),
        ("binary", None),
    ],
)
def test_a_kind_is_known_on_every_curve(name: str, expected: str | None) -> None:
    """What says by itself that it is a key or a signature; the octets of a private key alone do not."""
    assert kind(FILES[name]) == expected


@settings(max_examples=100)
@given(data=st.one_of(st.binary(max_size=120), st.sampled_from([*FILES.values()]).map(lambda octets: octets[:-1])))
def test_of_any_octets_a_kind_is_found_or_none(data: bytes) -> None:
    """Whatever a file holds, it is likened to something or to nothing, and nothing is raised."""
    assert kind(data) in ("signature", "public key", "private key", None)
    for wanted in ("public", "private"):
        for is_raw in (True, False):
            said = of_key(data, "k", wanted, "--o", SECP224K1, as_raw=is_raw, is_signature=False)
            assert said or data
            assert len(data) < 4 or data.hex() not in said
    assert of_signature(data, converted=False) or data
    assert not of_digest(data, {28}) or len(data) > 28
