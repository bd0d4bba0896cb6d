"""The exceptions: how they are caught, and what they carry."""

from __future__ import annotations

import pickle

import pytest

import ecpure
from ecpure import errors
from ecpure.errors import (
    BackendUnavailable,
    EcpureError,
    FaultDetected,
    InvalidCurve,
    InvalidEncoding,
    InvalidKey,
    InvalidPoint,
    InvalidSignature,
    UnknownHash,
)

BASES: dict[type[EcpureError], set[type[Exception]]] = {
    EcpureError: set(),
    BackendUnavailable: {ImportError},
    FaultDetected: set(),
    InvalidCurve: {ValueError},
    InvalidPoint: {ValueError},
    InvalidEncoding: {ValueError},
    InvalidSignature: {ValueError, InvalidEncoding},
    InvalidKey: {ValueError},
    UnknownHash: {ValueError},
}


def test_every_exception_is_public() -> None:
    """What the module defines is what the table here has, and each is the package's name of that name."""
    defined = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)}
    assert defined == BASES.keys()
    for error in BASES:
        assert getattr(ecpure, error.__name__) is error


@pytest.mark.parametrize("error", BASES)
def test_an_exception_is_caught_as_what_it_is(error: type[EcpureError]) -> None:
    """All by `EcpureError`; a refused value by `ValueError` too, a backend by `ImportError`, a fault by neither."""
    assert issubclass(error, EcpureError)
    others = {ValueError, ImportError, InvalidEncoding, TypeError} - {error}
    assert {other for other in others if issubclass(error, other)} == BASES[error]


@pytest.mark.parametrize("error", BASES)
def test_an_exception_comes_out_of_a_pickle(error: type[EcpureError]) -> None:
    """As it goes from one process to another: of the same type, with the same sentence."""
    again = pickle.loads(pickle.dumps(error("a sentence")))
    assert type(again) is error
    assert str(again) == "a sentence"


@pytest.mark.parametrize("error", [InvalidEncoding, InvalidSignature])
def test_an_encoding_is_refused_at_an_octet_or_as_a_whole(error: type[InvalidEncoding]) -> None:
    """The octet is None unless it is given, is no part of the sentence, and is kept in a pickle."""
    assert error("a sentence").octet is None
    refusal = error("a sentence", octet=0)
    for same in (refusal, pickle.loads(pickle.dumps(refusal))):
        assert (same.octet, str(same), same.args) == (0, "a sentence", ("a sentence",))
