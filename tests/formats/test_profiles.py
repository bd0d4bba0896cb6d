"""The profiles: each under its name, with its files."""

from __future__ import annotations

import json

import pytest
from signeddocuments import FLAT, SOME
from tickets import body, ticket

from ecpure import InvalidEncoding, Signature
from ecpure.formats import rpcn
from ecpure.formats.profiles import PROFILES, Profile


def test_the_profiles() -> None:
    """Each is under its own name, and the module of that name reads it."""
    assert {name: profile.suffix for name, profile in PROFILES.items()} == {"chargepoint": ".sign", "rpcn": None}
    assert all(name == profile.name and profile.title for name, profile in PROFILES.items())
    assert {name: profile.reader.__module__ for name, profile in PROFILES.items()} == {
        name: f"ecpure.formats.{name}" for name in PROFILES
    }


def test_the_hash_that_a_signer_chose() -> None:
    """It is asked for where the format leaves it open, and is the format's own where it is not given."""
    octets = ticket(body(), SOME)
    assert [PROFILES["rpcn"].read(octets, hash=name).hash for name in (None, "sha256")] == ["sha224", "sha256"]
    assert [name for name, profile in PROFILES.items() if profile.hash_varies] == ["rpcn"]


def test_a_profile_wants_its_files() -> None:
    """A signature beside what has it inside, and no signature where it is beside, are refused; profiles are values."""
    with pytest.raises(InvalidEncoding, match=r"^rpcn: the signature is inside$"):
        PROFILES["rpcn"].read(b"", b"")
    with pytest.raises(InvalidEncoding, match=r"^chargepoint: the signature is a file of its own \(\.sign\)$"):
        PROFILES["chargepoint"].read(b"")
    text = json.dumps(FLAT).encode()
    assert PROFILES["chargepoint"].read(text, SOME).signature == Signature.from_der(SOME)
    with pytest.raises(AttributeError):
        PROFILES["rpcn"].name = "other"  # type: ignore[misc]
    assert PROFILES["chargepoint"].read(text, SOME, hash="sha512").hash == "sha256"
    assert Profile("rpcn", "", None, rpcn.read).read(ticket(body(), SOME)).fields["serial"] == "1"
