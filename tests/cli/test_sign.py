"""`ecpure sign`: what its options make of a signature, and where it goes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commandline import FILES, KEY, MESSAGE, SIGNATURE, N, Run, assert_done, assert_refused, verifies

from ecpure import PublicKey, Signature


def test_low_s_is_written_where_asked_for(run: Run, folder: Path) -> None:
    """--low-s turns a high s into n − s and leaves a low one; without it s stays; both verify."""
    seen = set()
    for i in range(6):
        (folder / "m").write_bytes(b"%d" % i)
        plain = Signature.from_der(assert_done(run("sign --key key.pem m")))
        low = Signature.from_der(assert_done(run("sign --low-s --key key.pem m")))
        assert (low.r, low.s) == (plain.r, min(plain.s, N - plain.s))
        seen.add(low == plain)
    assert seen == {True, False}
    for each in (plain, low):
        (folder / "s").write_bytes(each.to_der())
        assert verifies(run, signature="s").status == 0


def test_hedged_signatures_differ_and_verify(run: Run, folder: Path) -> None:
    """--hedged puts random octets into the nonce, each time others."""
    signatures = {assert_done(run("sign --hedged --key key.pem m")) for _ in range(3)} | {SIGNATURE.to_der()}
    assert len(signatures) == 4
    for octets in signatures:
        (folder / "s").write_bytes(octets)
        assert verifies(run, signature="s").status == 0


def test_as_many_octets_as_n_has_go_into_a_hedged_nonce(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are the additional data of RFC 6979 §3.6."""
    monkeypatch.setattr(os, "urandom", lambda count: bytes([count]) * count)
    expected = KEY.sign(MESSAGE, extra_entropy=bytes([29]) * 29).to_der()
    assert assert_done(run("sign --hedged --key key.pem m")) == expected


def test_self_verify_verifies_before_the_signature_is_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signature is the same; only with the option, an invalid one is not written."""
    assert assert_done(run("sign --self-verify --key key.pem m")) == SIGNATURE.to_der()
    monkeypatch.setattr(PublicKey, "verify_digest", lambda *_: False)
    assert assert_done(run("sign --key key.pem m")) == SIGNATURE.to_der()
    assert_refused(run("sign --self-verify --key key.pem m"), "fault")


def test_a_message_may_be_larger_than_what_a_key_may_be(run: Run, folder: Path) -> None:
    """3 MiB, from a file and from standard input, are signed and verified as the library does."""
    message = bytes(range(256)) * (3 << 12)
    (folder / "m").write_bytes(message)
    octets = KEY.sign(message).to_der()
    (folder / "s").write_bytes(octets)
    assert run("sign --key key.pem m") == run("sign --key key.pem -", stdin=message) == (0, octets, "")
    assert verifies(run, signature="s").status == 0


@pytest.mark.parametrize("output", ["", "-o -", "--output -"])
def test_output_is_standard_output_by_default(run: Run, output: str) -> None:
    """-o - is the default."""
    assert assert_done(run(f"sign --key key.pem m {output}")) == FILES["m.sig"]
