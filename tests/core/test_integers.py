"""The integers: which backend is chosen, and that either computes the same."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import gmpy2
import pytest

import ecpure
from ecpure import BackendUnavailable, integers
from ecpure.integers import invert, modulus


def chosen(choice: str | None, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a second `integers`, imported while ECPURE_BACKEND is this, or is not set for None."""
    if choice is None:
        monkeypatch.delenv("ECPURE_BACKEND", raising=False)
    else:
        monkeypatch.setenv("ECPURE_BACKEND", choice)
    spec = importlib.util.spec_from_file_location("ecpure.integers_again", integers.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def _without_gmpy2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gmpy2", None)


def test_a_number_takes_the_type_of_what_reduces_it() -> None:
    """What is reduced mod p is of the backend's type, so that formulas are written once."""
    p = modulus(23)
    assert type(p) is type(40 % p) is {"python": int, "gmpy2": gmpy2.mpz}[ecpure.backend()]
    assert 40 % p == 17


def test_inverses_are_inverses() -> None:
    """a·a⁻¹ ≡ 1 for all that have one, of either sign and beyond m; the others raise `ZeroDivisionError`."""
    for m in (2, 19, 21, 2**89 - 1):
        for a in (*range(-30, 50), m**3 + 1):
            if gmpy2.gcd(a, m) == 1:
                inverse = invert(a, modulus(m))
                assert 0 <= inverse < m
                assert a * inverse % m == 1
            else:
                with pytest.raises(ZeroDivisionError):
                    invert(a, modulus(m))


@pytest.mark.parametrize("choice", ["python", "gmpy2", "auto", None])
def test_the_environment_chooses(choice: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The word names the backend; `auto`, and no word, take gmpy2 where it is installed."""
    found = chosen(choice, monkeypatch)
    assert found.backend() == ("python" if choice == "python" else "gmpy2")
    assert type(found.modulus(5)) is (int if choice == "python" else gmpy2.mpz)
    assert found.backend_version().startswith(found.backend())
    assert found.INVERSION_COST == (40 if choice == "python" else 10)
    assert found.invert(3, found.modulus(7)) == 5
    with pytest.raises(ZeroDivisionError):
        found.invert(7, found.modulus(7))


@pytest.mark.usefixtures("_without_gmpy2")
@pytest.mark.parametrize("choice", ["python", "auto", None])
def test_without_gmpy2_python_s_integers_are_chosen(choice: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not missed where it is not asked for."""
    found = chosen(choice, monkeypatch)
    assert (found.backend(), found.modulus) == ("python", int)


@pytest.mark.usefixtures("_without_gmpy2")
@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ("gmpy2", r"^ECPURE_BACKEND=gmpy2, but gmpy2 is not installed \(extra: fast\)$"),
        ("", "^ECPURE_BACKEND: one of auto, gmpy2, python was expected$"),
        ("GMPY2", "^ECPURE_BACKEND: one of auto, gmpy2, python was expected$"),
        ("rust", "^ECPURE_BACKEND: one of auto, gmpy2, python was expected$"),
    ],
)
def test_a_backend_that_is_not_there_is_refused(choice: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """gmpy2 that is not installed, and any other word: one sentence, and no other exception behind it."""
    with pytest.raises(BackendUnavailable, match=words) as refusal:
        chosen(choice, monkeypatch)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_the_backend_of_this_process_is_one_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are here; where gmpy2 is not found, Python's integers are."""
    assert ecpure.backend() in integers.installed_backends()
    assert integers.installed_backends() == list(integers.BACKENDS) == ["python", "gmpy2"]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert integers.installed_backends() == ["python"]


def test_gmpy2_is_hidden_from_what_is_imported_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import of it fails, as where it is not installed; this module computes with it as before."""
    monkeypatch.setitem(sys.modules, "gmpy2", gmpy2)  # put back at the end
    integers.hide_gmpy2()
    with pytest.raises(ImportError):
        importlib.import_module("gmpy2")
    assert invert(3, modulus(7)) == 5
