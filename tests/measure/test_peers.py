"""Other programs' ECDSA: each answers as ecpure does, and what is not installed is named and left out."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest

from ecpure import SECP224K1, PrivateKey, Signature
from ecpure.measure import bench, peers
from ecpure.measure.peers import Peer

D = bench._D
MAKERS = [peers._fastecdsa, peers._openssl, peers._python_ecdsa, peers._btclib_ecc, peers._coincurve]


@pytest.mark.parametrize("make", MAKERS)
def test_a_peer_answers_as_ecpure_does(make: Callable[[int], Peer]) -> None:
    """Its public key is ours, each verifies what the other signed, and it refuses another message."""
    try:
        peer = make(D)
    except ImportError as error:  # coincurve has no wheel for every interpreter
        pytest.skip(str(error))
    key = PrivateKey.from_int(D, curve=peer.curve)
    assert peer.x_and_y(peer.public_key()) == (key.public_key.point.x, key.public_key.point.y)
    r, s = peer.r_and_s(peer.sign(b"message"))
    assert key.public_key.verify(Signature(r, s), b"message", hash=peer.hash)
    signature = peer.signature(key.sign(b"message", hash=peer.hash))
    assert peer.verify(b"message", signature)
    assert not peer.verify(b"another", signature)


class Library:
    """A library whose functions all return 0, or NULL."""

    def __getattr__(self, name: str) -> Any:
        function = Mock(return_value=0)
        setattr(self, name, function)
        return function


@pytest.mark.parametrize("library", [None, Library()], ids=["absent", "without the curve"])
def test_peers_that_are_missing(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not installed, or an OpenSSL without the curve, is named and left out."""

    def absent(name: str) -> Any:
        raise ImportError(name)

    def load(name: str) -> Any:
        if library is None:
            raise OSError(name)
        return library

    monkeypatch.setattr(peers, "hide_gmpy2", lambda: None)
    monkeypatch.setattr(peers, "import_module", absent)
    monkeypatch.setattr(ctypes, "CDLL", load)
    found, missing = peers.installed(D)
    assert found == []
    assert missing == ["fastecdsa", "openssl", "python-ecdsa", "btclib-ecc", "coincurve"]


def test_peers_refuse_and_accept_as_they_should(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-ecdsa raises for an invalid signature, which its peer turns into False."""
    monkeypatch.setattr(peers, "hide_gmpy2", lambda: None)
    found, _ = peers.installed(D)
    [peer] = [peer for peer in found if peer.name.startswith("python-ecdsa ")]
    assert not peer.verify(b"m", peer.signature(Signature(1, 1)))


def test_python_ecdsas_curve_is_secp224k1() -> None:
    """Its base point is of the order n, and is ours."""
    curve = peers.python_ecdsa_curve()
    G = curve.generator
    assert (int(G.x()), int(G.y()), int(G.order())) == (SECP224K1.gx, SECP224K1.gy, SECP224K1.n)
    assert (curve.baselen, curve.verifying_key_length) == (29, 56)


def test_openssls_functions_are_declared() -> None:
    """What they take and return is set, so that no pointer is cut to an int."""
    crypto = peers.openssl()
    assert crypto.BN_new.restype is ctypes.c_void_p
    assert crypto.ECDSA_SIG_free.restype is None
    assert crypto.BN_new()
    assert all(getattr(crypto, name).argtypes is not None for name in peers._OPENSSL)
