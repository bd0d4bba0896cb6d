"""The drop-in for the exchange's utility: 56 octets in, 56 octets out, and its exit statuses."""

from __future__ import annotations

import io
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ecpure import PrivateKey, Signature, sign_secp224k1

KEY = bytes.fromhex("b89ea7fcd22cc059c2673dc24ff40b978307464686560d0ad7561b83")
DIGEST = bytes(range(28))
PUBLIC_KEY = PrivateKey.from_bytes(KEY).public_key
SIGNED = PrivateKey.from_bytes(KEY).sign_digest(DIGEST, low_s=True).to_compact()

needs_full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment, its streams buffered as they usually are, in which the package is found."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    package = str(Path(sign_secp224k1.__file__).parents[1])
    paths = os.pathsep.join(filter(None, [package, inherited.get("PYTHONPATH")]))
    return inherited | {"PYTHONPATH": paths} | changes


COMMAND = [sys.executable, "-m", "ecpure.sign_secp224k1"]


def child(octets: bytes, **changes: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(COMMAND, input=octets, env=environment(**changes), capture_output=True, check=False)


def assert_one_sentence(err: bytes) -> None:
    assert re.fullmatch(rb"sign_secp224k1: [^\n]+\n", err), err


class Streams:
    """Standard streams in memory, for many runs in one process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def sign(self, octets: bytes) -> tuple[int, bytes, str]:
        """Return the exit status, standard output and standard error of one run."""
        out, err = io.BytesIO(), io.StringIO()
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))
        self.monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out))
        self.monkeypatch.setattr(sys, "stderr", err)
        status = sign_secp224k1.main()
        written = out.getvalue()
        self.monkeypatch.undo()
        return status, written, err.getvalue()


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> Streams:
    return Streams(monkeypatch)


def test_56_octets_in_56_octets_out() -> None:
    """As a child process: the output is r ‖ s, valid under the key, and nothing is said."""
    result = child(KEY + DIGEST)
    assert (result.returncode, len(result.stdout), result.stderr) == (0, 56, b"")
    assert PUBLIC_KEY.verify_digest(Signature.from_compact(result.stdout), DIGEST)


def test_the_same_input_gives_the_same_output() -> None:
    """Two processes sign alike, and as the library does with low s."""
    assert [child(KEY + DIGEST).stdout for _ in range(2)] == [SIGNED, SIGNED]


@pytest.mark.parametrize("extra", [b"\n", b"\x00", KEY, bytes(1 << 20)], ids=["line end", "zero", "key", "1 MiB"])
def test_what_follows_is_ignored(extra: bytes) -> None:
    """Octets after the first 56 change nothing."""
    result = child(KEY + DIGEST + extra)
    assert (result.returncode, result.stdout, result.stderr) == (0, SIGNED, b"")


def test_it_does_not_wait_for_the_end_of_the_input() -> None:
    """56 octets are enough: the signature comes while the input is still open."""
    with subprocess.Popen(COMMAND, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(KEY)
        process.stdin.flush()
        process.stdin.write(DIGEST)
        process.stdin.flush()
        assert len(process.stdout.read()) == 56
        assert process.wait(timeout=20) == 0


@pytest.mark.parametrize(("seed", "inputs"), [(3, 20), pytest.param(1, 600, marks=pytest.mark.long)])
def test_r_and_s_are_always_written_in_full(streams: Streams, seed: int, inputs: int) -> None:
    """Over many inputs the output has 56 octets, leading zeros among them; s is low; every signature is valid."""
    source = random.Random(seed)
    zeros = 0
    for _ in range(inputs):
        octets = source.randbytes(56)
        status, written, words = streams.sign(octets)
        assert (status, len(written), words) == (0, 56, "")
        signature = Signature.from_compact(written)
        public_key = PrivateKey.from_bytes(octets[:28]).public_key
        assert 2 * signature.s < public_key.curve.n
        assert public_key.verify_digest(signature, octets[28:])
        zeros += 0 in (written[0], written[28])
    assert zeros > 0


@pytest.mark.parametrize(
    "key", [bytes(27) + b"\x01", b"\xff" * 28, bytes(20) + b"\xff" * 8, KEY], ids=["1", "2^224-1", "small", "document"]
)
@pytest.mark.parametrize("digest", [bytes(28), b"\xff" * 28, DIGEST], ids=["zeros", "ones", "other"])
def test_extreme_keys_and_digests_are_signed(streams: Streams, key: bytes, digest: bytes) -> None:
    """Every key from 1 to 2²²⁴ − 1 and every digest, 0 too, has a valid signature."""
    status, written, words = streams.sign(key + digest)
    assert (status, words) == (0, "")
    assert PrivateKey.from_bytes(key).public_key.verify_digest(Signature.from_compact(written), digest)


@pytest.mark.parametrize("length", range(56))
def test_short_input_is_status_1(streams: Streams, length: int) -> None:
    """With fewer than 56 octets nothing is written, and the sentence does not show them."""
    status, written, words = streams.sign((KEY + DIGEST)[:length])
    assert (status, written) == (1, b"")
    assert_one_sentence(words.encode())
    assert KEY.hex()[:8] not in words


@pytest.mark.parametrize("octets", [b"", KEY, (KEY + DIGEST)[:55]], ids=["none", "key", "55"])
def test_short_input_of_a_process_is_status_1(octets: bytes) -> None:
    """The same as a child process."""
    result = child(octets)
    assert (result.returncode, result.stdout) == (1, b"")
    assert_one_sentence(result.stderr)


def test_the_key_0_is_status_1(streams: Streams) -> None:
    """0 is no private key."""
    status, written, words = streams.sign(bytes(28) + DIGEST)
    assert (status, written) == (1, b"")
    assert_one_sentence(words.encode())


def test_input_that_fails_is_status_1(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """A stream that cannot be read is one sentence, as short input is."""

    class Failing:
        def read(self, size: int) -> bytes:
            raise OSError(5, f"failed at {size}")

    class Stdin:
        buffer = Failing()

        def isatty(self) -> bool:
            return False

    monkeypatch.setattr(sys, "stdin", Stdin())
    assert sign_secp224k1.main() == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert_one_sentence(err.encode())


@needs_full
def test_a_full_output_is_status_2() -> None:
    """What cannot be written is status 2 and one sentence."""
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            COMMAND, input=KEY + DIGEST, env=environment(), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert result.returncode == 2
    assert_one_sentence(result.stderr)


def test_a_broken_pipe_is_status_2() -> None:
    """A reader that has gone away is the same."""
    ours, theirs = os.pipe()
    os.close(ours)
    result = subprocess.run(
        COMMAND, input=KEY + DIGEST, env=environment(), stdout=theirs, stderr=subprocess.PIPE, check=False
    )
    os.close(theirs)
    assert result.returncode == 2
    assert_one_sentence(result.stderr)


@pytest.mark.parametrize(("redirection", "status"), [("<&-", 1), (">&-", 2)], ids=["input", "output"])
def test_closed_streams_have_the_same_statuses(redirection: str, status: int) -> None:
    """Started without a standard input it is status 1, without a standard output 2; no traceback."""
    result = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *COMMAND],
        input=KEY + DIGEST,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (status, b"")
    assert_one_sentence(result.stderr)


def test_an_unknown_backend_is_status_1() -> None:
    """ECPURE_BACKEND of another word is one sentence, and nothing is signed."""
    result = child(KEY + DIGEST, ECPURE_BACKEND="bogus")
    assert (result.returncode, result.stdout) == (1, b"")
    assert_one_sentence(result.stderr)
    assert b"ECPURE_BACKEND" in result.stderr


@pytest.mark.parametrize("backend", ["python", "gmpy2"])
def test_both_backends_sign_alike(backend: str) -> None:
    """The output does not depend on the integers at work."""
    assert child(KEY + DIGEST, ECPURE_BACKEND=backend).stdout == SIGNED


def test_interrupted_while_it_waits(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Ctrl-C before the input is there is status 1, one sentence, and nothing written."""

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sign_secp224k1, "standard_input", interrupt)
    assert sign_secp224k1.main() == 1
    assert capsysbinary.readouterr() == (b"", b"sign_secp224k1: interrupted\n")
