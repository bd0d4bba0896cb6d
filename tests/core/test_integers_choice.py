"""Which integers a process computes with, and what is imported where those are not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from childpython import REFUSALS, child, hide_gmpy2

import ecpure


@pytest.fixture
def without_gmpy2(tmp_path: Path) -> str:
    """Return a folder to put before the others, in which gmpy2 cannot be imported."""
    return hide_gmpy2(tmp_path)


@pytest.mark.parametrize("choice", REFUSALS)
def test_importing_with_a_backend_that_is_not_there(without_gmpy2: str, choice: str) -> None:
    """The package and its exceptions import; what computes raises `BackendUnavailable`, an ImportError, each time."""
    code = """
import ecpure
from ecpure import BackendUnavailable, EcpureError
print(ecpure.__version__, issubclass(BackendUnavailable, (EcpureError, ImportError)))
for name in "PrivateKey", "PublicKey", "Curve", "Signature", "auth", "backend", "PrivateKey":
    try:
        getattr(ecpure, name)
    except BackendUnavailable as refusal:
        print(refusal)
"""
    result = child("-c", code, first=without_gmpy2, ECPURE_BACKEND=choice)
    assert result.stderr == ""
    assert result.stdout.splitlines() == [f"{ecpure.__version__} True", *7 * [REFUSALS[choice]]]


@pytest.mark.parametrize("choice", ["auto", None])
def test_without_gmpy2_the_integers_are_pythons(
    without_gmpy2: str, monkeypatch: pytest.MonkeyPatch, choice: str | None
) -> None:
    """By default gmpy2 is taken where it is, and is not missed where it is not."""
    monkeypatch.delenv("ECPURE_BACKEND", raising=False)
    changes = {} if choice is None else {"ECPURE_BACKEND": choice}
    assert "(backend python, " in child("-m", "ecpure", "--version", first=without_gmpy2, **changes).stdout
    assert "(backend gmpy2 " in child("-m", "ecpure", "--version", **changes).stdout


def test_the_choice_of_python_does_not_import_gmpy2(without_gmpy2: str) -> None:
    """ECPURE_BACKEND=python leaves gmpy2 alone, there or not."""
    code = "import sys, ecpure; print(ecpure.backend(), 'gmpy2' in sys.modules)"
    for first in ("", without_gmpy2):
        assert child("-c", code, first=first, ECPURE_BACKEND="python").stdout == "python False\n"


def test_a_name_that_the_package_lacks_is_an_import_error() -> None:
    """`from ecpure import nothing` fails as it does for any module."""
    with pytest.raises(ImportError, match="nothing"):
        exec("from ecpure import nothing")
