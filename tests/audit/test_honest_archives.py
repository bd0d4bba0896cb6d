"""Archives of honest signers, ours and others: nothing is found in them but what half of all signatures have."""

from __future__ import annotations

import hashlib
import random
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ecdsa
import pytest
from auditing import Audit
from ecdsa.util import sigencode_der

from ecpure import PrivateKey
from ecpure.audit import conclusions, samples
from ecpure.measure.peers import python_ecdsa_curve

Sign = Callable[[bytes], bytes]
SECONDS, MOST_KEYS = samples.SECONDS, conclusions._MOST_KEYS


def by_rfc6979(key: PrivateKey, _folder: Path) -> Sign:
    """Sign with the nonces of RFC 6979."""
    return lambda message: key.sign(message).to_der()


def by_openssl(key: PrivateKey, folder: Path) -> Sign:
    """Sign with OpenSSL's command, a process for each message."""
    pem = folder / "key.pem"
    pem.write_text(key.to_pem())
    words = ["openssl", "dgst", "-sha224", "-sign", str(pem)]
    return lambda message: subprocess.run(words, input=message, capture_output=True, check=True).stdout


def by_python_ecdsa(key: PrivateKey, _folder: Path) -> Sign:
    """Sign with python-ecdsa's random nonces."""
    d = int.from_bytes(key.to_bytes(), "big")
    signer = ecdsa.SigningKey.from_secret_exponent(d, python_ecdsa_curve(), hashlib.sha224)
    return lambda message: bytes(signer.sign(message, sigencode=sigencode_der))


@pytest.mark.parametrize("count", [10, *(pytest.param(count, marks=pytest.mark.long) for count in (100, 10_000))])
@pytest.mark.parametrize(
    "signer",
    [
        by_rfc6979,
        pytest.param(by_openssl, marks=pytest.mark.openssl),
        pytest.param(by_python_ecdsa, marks=pytest.mark.long),
    ],
)
def test_nothing_is_found(
    signer: Callable[[PrivateKey, Path], Sign],
    count: int,
    audit: Audit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With all that is looked for, as long as the command does."""
    monkeypatch.setattr(samples, "SECONDS", SECONDS)
    monkeypatch.setattr(conclusions, "_MOST_KEYS", MOST_KEYS)
    key = PrivateKey.generate()
    sign = signer(key, tmp_path)
    messages = [b"%d %d" % (number, random.getrandbits(64)) for number in range(count)]
    with ThreadPoolExecutor(2) as executor:
        signatures = [*executor.map(sign, messages)]
    records = [
        {"public_key": key.public_key.to_bytes().hex(), "message": message.hex(), "signature": signature.hex()}
        for message, signature in zip(messages, signatures, strict=True)
    ]
    assert {*audit(records).found()} <= {"high-s"}
