"""The example server of the login in a process of its own, and certificates made by OpenSSL's command."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from childpython import UNTRACED

from ecpure import auth

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
COOKIE = "HGREqcILTz8blHa/jsUTVTNBJlg="
PATIENCE = 60  # seconds after which a test gives up, so that none hangs; no result depends on it
ENVIRONMENT = UNTRACED | {"PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}


class Tls(NamedTuple):
    """A certificate for 127.0.0.1 and its key, and a certificate for another host."""

    certificate: Path
    key: Path
    other: Path


def make_tls(folder: Path) -> Tls:
    """Return certificates that were made in the folder just now."""
    for name, host in (("certificate", "127.0.0.1"), ("other", "127.0.0.2")):
        command = (
            f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 2 -subj /CN=test "
            f"-addext subjectAltName=IP:{host} -addext keyUsage=critical,digitalSignature,keyCertSign "
            f"-keyout {name}.key -out {name}.pem"
        )
        subprocess.run(command.split(), cwd=folder, capture_output=True, check=True, timeout=PATIENCE)
    return Tls(folder / "certificate.pem", folder / "certificate.key", folder / "other.pem")


@contextlib.contextmanager
def example_server(tls: Tls, folder: Path, options: str = "", *, count: int = 2) -> Iterator[str]:
    """Run the example server for users 1 to `count`, all with the same passphrase, and yield its address.

    It lets more connections in than by default. Its standard error is in the file `errors` of the folder.
    """
    users = folder / "users.json"
    pem = {n: auth.derive_private_key(n, "opensesame").public_key.to_pem() for n in range(1, count + 1)}
    users.write_text(json.dumps({str(n): {"cookie": COOKIE, "public_key": key} for n, key in pem.items()}))
    command = [sys.executable, str(EXAMPLES / "login_server.py"), str(users), "--host", "127.0.0.1", "--port", "0"]
    command += ["--certificate", str(tls.certificate), "--key", str(tls.key)]
    command += ["--connections", "1000", "--per-address", "1000", *options.split()]
    with (
        (folder / "errors").open("wb") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=ENVIRONMENT) as child,
    ):
        timer = threading.Timer(20 * PATIENCE, child.kill)  # it serves many tests
        timer.start()
        try:
            assert child.stdout is not None
            address = child.stdout.readline().strip()
            assert address.startswith("wss://")
            yield address
        finally:
            timer.cancel()
            child.kill()
