"""What no refusal shows: a key or passphrase, wherever it was put by mistake."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest
from commandline import AUTH_VERIFY, BUILD, COOKIE, FILES, SERVER_NONCE, Run, assert_refused, fill

from ecpure import PrivateKey, PublicKey

SECRET = b"hunter2-correct-horse-staple"

SECRET_KEY = PrivateKey.from_bytes(SECRET)

SECRET_PEM = SECRET_KEY.to_pem()

SECRET_FILES = {
    "secret.pem": SECRET_PEM.encode(),
    "secret.sec1": SECRET_KEY.to_pem("sec1").encode(),
    "secret.der": SECRET_KEY.to_der(),
    "secret.raw": SECRET,
    "secret.29": b"\x00" + SECRET,
    "secret.hex": SECRET.hex().encode(),
    "secret.b64": b64encode(SECRET),
    "twice.pem": 2 * SECRET_PEM.encode(),
    "endless.pem": SECRET_PEM.partition("-----END")[0].encode(),
    "damaged.pem": SECRET_PEM.replace("M", "*", 1).encode(),
    "mislabelled.pem": SECRET_PEM.replace("PRIVATE KEY", SECRET.decode()).encode(),
    "long.der": SECRET_KEY.to_der() + SECRET,
    "long.raw": SECRET + SECRET,
    "range.raw": b"\x02" + SECRET,
    "stranger.der": SECRET_KEY.to_der().replace(
        SECRET_KEY.public_key.to_bytes(compressed=False), FILES["public57.raw"]
    ),
    "no.utf8": SECRET + b"\xff",
    "secret.json": json.dumps({SECRET.decode(): SECRET.decode()}).encode(),
    "twice.json": b'{"%s": 1, "%s": 2}' % (SECRET, SECRET),
}

READ = ("secret.pem", "secret.sec1", "secret.der", "twice.pem")
"""Those that are keys which say so."""


def traces(octets: bytes) -> set[str]:
    """Return texts that would give the octets away: themselves, hex, base64 at each offset, and decimal."""
    texts = {octets.decode("latin-1"), octets.hex(), octets.hex().upper(), str(int.from_bytes(octets, "big"))}
    texts |= {b64encode(bytes(shift) + octets).decode()[4:-4] for shift in range(3)}
    return {text[start : start + 8] for text in texts for start in range(len(text) - 7)}


TRACES = traces(SECRET)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of the known files and of those that hold the secret."""
    folder = fill(tmp_path_factory.mktemp("secrets"))
    for name, octets in SECRET_FILES.items():
        (folder / name).write_bytes(octets)
    return folder


@pytest.mark.parametrize(
    "line",
    [
        *(f"sign --key {name} m" for name in SECRET_FILES if name not in READ),
        *(f"sign --key {name} --key-format der m" for name in SECRET_FILES if name != "secret.der"),
        *(f"sign --key {name} --key-format raw m" for name in SECRET_FILES if name not in ("secret.raw", "secret.29")),
        *(f"verify --public-key {name} --signature m.sig m" for name in SECRET_FILES),
        *(f"verify --public-key {name} --key-format der --signature m.sig m" for name in SECRET_FILES),
        *(f"verify --public-key {name} --key-format raw --signature m.sig m" for name in SECRET_FILES),
        *(f"verify --public-key public.pem --signature {name} m" for name in SECRET_FILES),
        *(f"verify --public-key public.pem --signature {name} --encoding hex m" for name in SECRET_FILES),
        *(f"verify --public-key public.pem --signature {name} --encoding base64 m" for name in SECRET_FILES),
        *(f"{AUTH_VERIFY} {name}" for name in SECRET_FILES),
        "sign --curve secp256k1 --key secret.pem m",
        "sign --curve secp256k1 --key secret.raw --key-format raw m",
        "sign --key key.pem --digest long.raw",
        "sign --key key.pem --digest secret.pem",
        "auth key --user-id 1 --passphrase-from file:no.utf8",
        f"auth key --user-id 1 --passphrase-from {SECRET.decode()}",
        f"auth key --user-id 1 --passphrase-from {SECRET.decode()}:x",
        f"auth key --user-id 1 --passphrase-from env:{SECRET.decode()}",
        f"auth key --user-id {2**64} --passphrase-from file:secret.raw",
        f"auth key --user-id {SECRET.decode()}",
        BUILD.replace(COOKIE, SECRET.decode()),
        BUILD.replace(COOKIE, b64encode(SECRET).decode()),
        BUILD.replace("--key login.pem", "--passphrase-from file:secret.raw").replace(COOKIE, "x"),
        f"{BUILD} --client-nonce {SECRET.decode()}",
        f"{BUILD} --tag {SECRET.decode()}",
        BUILD.replace(SERVER_NONCE, SECRET.decode()),
    ],
)
def test_no_refusal_shows_a_secret(run: Run, secrets: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """No refusal shows a key or passphrase, wherever it was put by mistake, in any notation."""
    monkeypatch.chdir(secrets)
    result = run(line)
    assert (result.status, result.out) == (2, b"")
    assert not {trace for trace in TRACES if trace in result.err}
    pem_lines = SECRET_PEM.splitlines()[1:-1]
    assert not [text for text in pem_lines if text[:16] in result.err]


def test_a_passphrase_in_the_environment_that_is_no_utf8_is_not_shown(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Octets of the environment that are no text are refused unseen."""
    monkeypatch.setenv("PASSPHRASE", SECRET.decode() + "\udcff")
    result = run("auth key --user-id 1 --passphrase-from env:PASSPHRASE")
    assert_refused(result, "passphrase: ")
    assert not {trace for trace in TRACES if trace in result.err}


def test_the_secrets_of_these_tests_are_what_they_seem() -> None:
    """The files above do hold the secret, in notations that the search finds."""
    assert PrivateKey.from_pem(SECRET_PEM).to_bytes()[1:] == SECRET
    assert {trace for trace in TRACES if trace in SECRET_PEM.replace("\n", "")}
    assert PublicKey.from_bytes(FILES["public57.raw"]).to_der() == FILES["public.der"]
