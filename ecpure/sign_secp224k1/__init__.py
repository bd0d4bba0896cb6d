"""`sign_secp224k1`, a drop-in for the exchange's C utility of that name.

Standard input: 28 octets of private key ‖ 28 octets of digest; anything after that is not read. Standard output: 28
octets of r ‖ 28 octets of s. Exit status 0; 1 if the input is short, or the key is 0; 2 if the output cannot be
written. It signs by RFC 6979 with SHA-224, and with low s, so that r and s always fit. Unless ECPURE_BACKEND says
otherwise, it uses Python's integers: one signature takes less time than importing gmpy2.
"""

from __future__ import annotations

import os
import sys

from ..errors import EcpureError, InvalidEncoding
from ..io.streams import Refused, say, standard_input, write_standard_output

_OCTETS = 28


def main() -> int:
    """Sign the digest on standard input and return the exit status."""
    try:
        signature = _sign(standard_input("sign_secp224k1").read(2 * _OCTETS))
    except (EcpureError, OSError) as error:
        say(f"sign_secp224k1: {error}")
        return 1
    except KeyboardInterrupt:
        say("sign_secp224k1: interrupted")
        return 1
    try:
        write_standard_output(signature)
    except Refused as error:
        say(f"sign_secp224k1: {error}")
        return 2
    return 0


def _sign(octets: bytes) -> bytes:
    """Return r ‖ s for private key ‖ digest. Raises `InvalidEncoding`, `InvalidKey`, `BackendUnavailable`."""
    if len(octets) < 2 * _OCTETS:
        raise InvalidEncoding("standard input: 28 bytes of private key and 28 bytes of digest were expected")
    if "ecpure.integers" not in sys.modules:  # otherwise the backend is already chosen
        os.environ.setdefault("ECPURE_BACKEND", "python")
    from ..privatekey import PrivateKey  # here, because this import raises if the backend is missing

    return PrivateKey.from_bytes(octets[:_OCTETS]).sign_digest(octets[_OCTETS:], low_s=True).to_compact()
