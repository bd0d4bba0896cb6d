"""OpenSSL's command, which Fedora, RHEL and openSUSE build without secp224k1: what needs the curve is skipped there."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache

WITHOUT = "this OpenSSL lacks secp224k1"


@cache
def lacks_the_curve() -> bool:
    """Whether the command is there, and does not list the curve."""
    if shutil.which("openssl") is None:
        return False
    listed = subprocess.run(["openssl", "ecparam", "-list_curves"], capture_output=True, text=True, check=False)
    return "secp224k1" not in listed.stdout
