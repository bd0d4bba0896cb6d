"""Keys, signatures and other files that are cut, lengthened, out of range or too large: never read as another."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import (
    FILES,
    FORMATS,
    KEY,
    SIGNATURE,
    SMALL,
    N,
    Run,
    assert_done,
    assert_refused,
    verifies,
)

from ecpure import der

every_step = pytest.mark.parametrize("step", [12, pytest.param(1, marks=pytest.mark.long)])


def damaged(octets: bytes, step: int) -> Iterator[bytes]:
    """Yield proper prefixes of the octets, the longest among them, and the octets with one before or after them."""
    yield from (octets[:length] for length in range(len(octets) - 1, -1, -step))
    yield from (b"", octets + b"\x00", octets + b"\n", b"\x00" + octets)


@every_step
@pytest.mark.parametrize("format", FORMATS)
def test_cut_and_lengthened_signatures_are_unreadable(run: Run, folder: Path, format: str, step: int) -> None:
    """A proper prefix of a signature, and it with an octet before or after, is status 2."""
    for bad in damaged(FORMATS[format](SIGNATURE), step):
        (folder / "s").write_bytes(bad)
        assert_refused(verifies(run, f"--format {format}", "s"), "signature: ")


@every_step
@pytest.mark.parametrize("form", ["key.der", "sec1.der", "key.raw"])
def test_cut_and_lengthened_private_keys_are_refused(run: Run, folder: Path, form: str, step: int) -> None:
    """A proper prefix, and an octet before or after; 28 octets of 29 begin another key, so those are not a cut."""
    key_format = form.partition(".")[2]
    for bad in damaged(FILES[form], step):
        if key_format == "der" or len(bad) != 28:
            (folder / "k").write_bytes(bad)
            assert_refused(run(f"sign --key k --key-format {key_format} m"), "private key: ")


@every_step
@pytest.mark.parametrize("form", ["public.der", "public.raw", "public57.raw"])
def test_cut_and_lengthened_public_keys_are_refused(run: Run, folder: Path, form: str, step: int) -> None:
    """A proper prefix, and an octet before or after."""
    key_format = form.partition(".")[2]
    for bad in damaged(FILES[form], step):
        (folder / "k").write_bytes(bad)
        assert_refused(verifies(run, f"--key-format {key_format}", key="k"), "(public key|point): ")


@pytest.mark.parametrize("bad", [0, N, N + 1, 2**232 - 1], ids=["0", "n", "n+1", "2^232-1"])
def test_private_keys_out_of_range_are_refused(run: Run, folder: Path, bad: int) -> None:
    """0, n and above are no key, raw or in DER or PEM."""
    octets = bad.to_bytes(29, "big")
    (folder / "k.raw").write_bytes(octets)
    (folder / "k.der").write_bytes(FILES["key.der"].replace(KEY.to_bytes(), octets))
    (folder / "k.pem").write_bytes(
        b"-----BEGIN PRIVATE KEY-----\n" + b64encode((folder / "k.der").read_bytes()) + b"\n-----END PRIVATE KEY-----\n"
    )
    for form in ("raw", "der", "pem"):
        assert_refused(run(f"sign --key k.{form} --key-format {form} m"), r"private key: .*\[1, n − 1\]")
        assert_refused(run(f"pubkey --key k.{form} --key-format {form}"), r"private key: .*\[1, n − 1\]")
    (folder / "k.raw").write_bytes(bytes(28))
    assert_refused(run("sign --key k.raw --key-format raw m"), r"private key: .*\[1, n − 1\]")


@pytest.mark.parametrize("length", [2100, 1 << 19], ids=["2100", "512k"])
def test_object_identifiers_of_any_length_are_refused_at_once(run: Run, folder: Path, length: int) -> None:
    """An arc of thousands of digits, or of megabytes, is a refusal and not a traceback or a wait."""
    oid = der.element(der.OBJECT_IDENTIFIER, b"\x2a" + b"\xff" * length + b"\x01")
    algorithm = der.element(der.SEQUENCE, oid)
    (folder / "k").write_bytes(der.element(der.SEQUENCE, algorithm, der.bit_string(b"\x00")))
    assert_refused(verifies(run, "--key-format der", key="k"), "key: ")


@pytest.mark.parametrize("place", SMALL)
def test_files_but_messages_are_at_most_1_mib(run: Run, place: str) -> None:
    """Keys, signatures, digests, passphrases and logins above 1 MiB are refused, from a file and standard input."""
    assert_refused(run(place.format("large")), "at most 1 MiB")
    assert_refused(run(place.format("-"), stdin=FILES["large"]), "at most 1 MiB")


def test_a_file_of_1_mib_is_read(run: Run, folder: Path) -> None:
    """The bound itself is allowed: a key with words before it, 1 MiB in all."""
    words = FILES["key.pem"].rjust(1 << 20, b"\n")
    (folder / "words.pem").write_bytes(words)
    assert assert_done(run("pubkey --key words.pem")) == FILES["public.pem"]
    (folder / "words.pem").write_bytes(b"\n" + words)
    assert_refused(run("pubkey --key words.pem"), "at most 1 MiB")
