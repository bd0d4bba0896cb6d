"""Every command, with each kind of wrong file in each place: one sentence that names the file and the next step."""

from __future__ import annotations

import builtins
import contextlib
import errno
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import AUTH_VERIFY, BUILD, COOKIE, SERVER_NONCE, Run

KINDS = [
    *("empty", "folder", "missing", "denied", "fifo"),
    *("key.pem", "key.der", "key.raw", "key.hex", "public.pem", "public.der", "public.raw", "public.hex"),
    *("m.sig", "m.sig.hex", "digest", "digest.hex", "m", "binary"),
]
PRIVATE, PUBLIC = {"key.pem", "key.der"}, {"public.pem", "public.der", "public.raw", "public.hex"}
TEXTS = {"key.hex", "public.hex", "m.sig.hex", "digest.hex", "m"}
VERIFY = "verify --public-key public.pem"
CHARGEPOINT = "verify --profile chargepoint"
LOGIN = f"login wss://127.0.0.1:1 --user-id 1 --cookie {COOKIE}"

PLACES: dict[str, set[str]] = {
    "pubkey {}": PRIVATE,
    "pubkey --key-format der {}": {"key.der"},
    "pubkey --key-format pem {}": {"key.pem"},
    "pubkey --key-format raw {}": {"key.raw", "digest"},
    "pubkey --curve secp256k1 {}": set(),
    "sign --key {} m": PRIVATE,
    "sign --key key.pem --digest {}": {"digest"},
    "verify --public-key {} --signature m.sig m": PUBLIC,
    "verify --public-key {} --key-format der --signature m.sig m": {"public.der"},
    "verify --public-key {} --key-format pem --signature m.sig m": {"public.pem"},
    "verify --public-key {} --key-format raw --signature m.sig m": {"public.raw"},
    f"{VERIFY} --signature {{}} m": {"m.sig"},
    f"{VERIFY} --encoding hex --signature {{}} m": {"m.sig.hex"},
    f"{VERIFY} --format p1363 --signature {{}} m": set(),
    f"{VERIFY} --signature m.sig --digest {{}}": {"digest"},
    f"{VERIFY} --profile rpcn {{}}": set(),
    "verify --profile rpcn --public-key {} m": PUBLIC,
    f"{CHARGEPOINT} --public-key public.pem --signature m.sig {{}}": set(),
    f"{CHARGEPOINT} --public-key public.pem --signature {{}} receipt": {"m.sig", "m.sig.hex"},
    f"{CHARGEPOINT} --public-key {{}} --signature m.sig receipt": PUBLIC,
    f"{CHARGEPOINT} --keys {{}} --signature m.sig receipt": set(),
    "verify-many {}": TEXTS,  # lines that are no records have a result each
    "verify-many --keys {} records": set(),
    "audit {}": TEXTS,
    "audit --keys {} records": set(),
    "audit --private-key {} records": PRIVATE,
    "convert signature {}": {"m.sig"},
    "convert signature --from-encoding hex {}": {"m.sig.hex"},
    "convert public-key {}": PUBLIC,
    "convert public-key --from-format der {}": {"public.der"},
    "convert public-key --from-format raw --from-encoding hex {}": {"public.hex"},
    "convert private-key {} -o new": PRIVATE,
    "convert private-key --from-format der {} -o new": {"key.der"},
    "auth key --user-id 1 --passphrase-from file:{}": TEXTS | {"empty", "key.pem", "public.pem"},
    BUILD.replace("login.pem", "{}"): PRIVATE,
    f"auth verify --public-key {{}} --server-nonce {SERVER_NONCE} login.json": PUBLIC,
    f"{AUTH_VERIFY} {{}}": set(),
    f"{LOGIN} --key {{}}": PRIVATE,
    f"{LOGIN} --key key.pem --ca {{}}": set(),
    "explain --public-key {} --message m m.sig": PUBLIC,
    "vectors {}": set(),
}
"""Where a command reads a file, and the kinds that are not wrong there."""

NEXT_STEP = re.compile(
    r"(check its name|(name|give) (a|another) (file|folder)|ls -ld|: use --|use `ecpure|"
    r"`ecpure (explain|pubkey|auth build)|name the file of|write the \w+ key again|write the signature again|"
    r"are swapped|use --curve|save it as UTF-8|name its hash|decode it with|put it into a folder|there is no \w+\.pem|"
    r"is for verify and explain|(was|were) expected( \(RFC 7468 §3\)|,)?|pad a shorter key|put zero bytes before it|"
    r"not valid JSON, or has)"
)


@contextlib.contextmanager
def written_into(path: Path) -> Iterator[None]:
    """A FIFO into which a thread writes what is no text, once it is read; or in the end, where nobody has read it."""
    os.mkfifo(path)

    def write() -> None:
        with contextlib.suppress(BrokenPipeError):
            path.write_bytes(b"\xff\x00")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        writer.join(timeout=60)
        os.close(descriptor)
        path.unlink()


def refusing(name: str) -> Callable[..., Any]:
    """Return an `open` that the system does not allow for one name; to root it would allow everything."""
    opened = builtins.open

    def refuse(path: Any, *args: Any, **options: Any) -> Any:
        if path == name:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return opened(path, *args, **options)

    return refuse


@pytest.mark.parametrize("place", PLACES)
def test_a_wrong_file_is_named_with_the_next_step(
    run: Run, shelf: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Status 2, nothing on standard output, one sentence with the file as it was given, and what to do."""
    monkeypatch.chdir(shelf)
    monkeypatch.setattr(builtins, "open", refusing("denied"))
    for name in KINDS:
        with written_into(shelf / name) if name == "fifo" else contextlib.nullcontext():
            result = run(place.format(name))
        (shelf / "new").unlink(missing_ok=True)
        if name in PLACES[place]:
            assert not re.search(rf"\b{re.escape(name)}: ", result.err), result.err
            continue
        assert (result.status, result.out) == (2, b""), (name, result)
        assert re.fullmatch(r"ecpure: [^\n]+\n", result.err), (name, result.err)
        assert name in result.err, (name, result.err)
        assert NEXT_STEP.search(result.err), (name, result.err)
        assert "Traceback" not in result.err


@pytest.mark.parametrize("place", PLACES)
def test_an_empty_name_is_no_file(run: Run, shelf: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """It is refused as any file that is not there, and not taken for an argument that was not given."""
    monkeypatch.chdir(shelf)
    result = run(place.format("''"))
    assert (result.status, result.out) == (2, b"")
    words = r"ecpure: (--keys: )?'': [^\n]+\n" if "file:" not in place else r"ecpure: --passphrase-from: [^\n]+\n"
    assert re.fullmatch(words, result.err)
    assert NEXT_STEP.search(result.err) or "was expected" in result.err
